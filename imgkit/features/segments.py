"""Pieces of straight lines in a mask of edges, with their ends."""

from __future__ import annotations  # help() says Mask, not what it stands for

import math

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.features.hough import (
    LARGEST_ANGLES,
    require_count,
    require_edges,
    require_threshold,
    upper_first,
)
from imgkit.images import Mask, require_number, require_whole

FAR = 2  # pixels to either side that a line is fitted to
TWINS = 2.5  # pixels: a segment as near to a longer one, from end to end, is the same
SIDES = np.array([0, -1, 1, -2, 2])[:, None]  # of a line, as far as FAR, the nearest first
AT_ONCE = 64  # segments held against the longer ones
Point = np.ndarray  # (2,) row and column


@routine(float32=0, float64=0, uint8=0, tensor=False)
def hough_segments(
    mask: Mask,
    *,
    length: float = 30.0,
    gap: float = 3.0,
    threshold: int = 20,
    angles: int = 180,
    count: int | None = None,
) -> npt.NDArray[np.int64]:
    """Straight pieces of lines, with their ends: the probabilistic Hough transform.

    Pixels vote one after the other, in random order. As soon as a line has ``threshold`` votes it
    is followed both ways through the mask; what lies on it is taken out, so that few pixels ever
    have to vote. Then a line is fitted to the pixels of each segment and followed once more, and
    of segments side by side only the longest is kept.

    Parameters
    ----------
    mask : bool (H, W): edges, from :func:`canny` say
    length : the least distance of the two ends, in pixels
    gap : pixels in a row that may be missing in a segment
    threshold : votes that make a line worth following
    angles : how many in 0..pi, 1..10000: 180 are a degree each
    count : the most segments wanted; None for all

    Returns
    -------
    int64 (N, 2, 2): of each segment its two ends (row, column), the upper one first, of a level one
    the left. The longest comes first.

    Raises
    ------
    ValueError
        If a number is out of range, or mask is not (H, W).
    TypeError
        If mask is not bool, or a whole number is none.

    Notes
    -----
    The first part is OpenCV's ``HoughLinesP``, whose random order is always the same, so the result
    is too. On its own it follows a line at one of the angles of the table, and so loses it: of
    segments drawn at random it finds half with both ends within 4 pixels, and others twice or in
    pieces; with the second part it is over 90 %. Its length is the larger of the differences in x
    and y; here it is the distance.

    References
    ----------
    Matas, Galambos and Kittler, Robust detection of lines using the progressive probabilistic Hough
    transform, Computer Vision and Image Understanding 78, 2000.

    Examples
    --------
    >>> mask = np.zeros((40, 60), bool)
    >>> mask[12, 5:50] = True
    >>> hough_segments(mask)
    array([[[12,  5],
            [12, 49]]])
    """
    require_edges(mask)
    require_number(length=length, gap=gap)
    if not (0 <= length <= 1e6 and 0 <= gap <= 1e6):
        raise ValueError(f"length and gap must lie in 0..1e6, got {length!r} and {gap!r}")
    require_whole(1, LARGEST_ANGLES, angles=angles)
    require_count(count)
    found = cv2.HoughLinesP(
        mask.view(np.uint8),
        1,
        np.pi / angles,
        require_threshold(threshold),
        minLineLength=np.floor(length / np.sqrt(2)),
        maxLineGap=gap,
    )
    rough = np.reshape([] if found is None else found, (-1, 2, 2))[..., ::-1].astype(np.float64)
    ends, framed = np.empty((0, 2, 2), np.int64), np.pad(mask, 1)
    for pair in rough[np.argsort(-_lengths(rough), kind="stable")]:
        if not _beside(pair[None], ends).any():
            ends = np.append(ends, [_followed(framed, *pair, gap)], axis=0)
    ends = upper_first(ends[_lengths(ends) >= length])
    ends = ends[np.argsort(-_lengths(ends), kind="stable")]
    twins = [np.empty(0, bool)]
    for i in range(0, len(ends), AT_ONCE):  # each beside the longer ones, which stand before it
        beside = _beside(ends[i : i + AT_ONCE], ends[: i + AT_ONCE])
        twins.append(np.tril(beside, i - 1).any(axis=1))
    return ends[~np.concatenate(twins)][:count]


def _lengths(ends: np.ndarray) -> np.ndarray:
    return np.hypot(*(ends[:, 1] - ends[:, 0]).T)


def _beside(pairs: np.ndarray, others: np.ndarray) -> npt.NDArray[np.bool_]:
    """(M, N): whether a segment lies beside another one from end to end."""
    first, way = others[:, 0], others[:, 1] - others[:, 0]  # (N, 2)
    apart = pairs[:, :, None] - first  # (M, 2, N, 2)
    share = (apart * way).sum(axis=-1) / np.maximum((way * way).sum(axis=1), 1)
    apart = apart - np.minimum(np.maximum(share, 0), 1)[..., None] * way
    return ((apart * apart).sum(axis=-1) <= TWINS**2).all(axis=1)


def _followed(framed: Mask, first: Point, last: Point, gap: float) -> np.ndarray:
    """The ends of a segment after its line was fitted to its pixels and followed both ways."""
    pixels = _near(framed, first, last, 0, FAR)[1]
    if len(pixels) < 2:
        return np.stack([first, last])
    middle = pixels.mean(axis=0)
    apart = pixels - middle
    (rr, rc), (_, cc) = (apart.T @ apart).tolist()
    turn = math.atan2(2 * rc, cc - rr) / 2  # of the longer axis
    along = np.array([math.sin(turn), math.cos(turn)])
    places = apart @ along
    first, last = middle + places.min() * along, middle + places.max() * along
    length, whole, beyond = math.hypot(*(last - first)), sum(framed.shape), 64
    while True:
        steps, pixels = _near(framed, first, last, beyond, 1)
        if not len(steps):
            return np.stack([first, last])
        breaks = np.flatnonzero(np.diff(steps) > gap + 1) + 1
        starts, stops = np.append(0, breaks), np.append(breaks, len(steps))
        best = np.add.reduceat((steps >= 0) & (steps <= length), starts).argmax()
        start, stop = starts[best], stops[best] - 1
        cut = steps[start] - gap <= 1 - beyond or steps[stop] + gap >= length + beyond - 1
        if not cut or beyond > whole:
            return pixels[[start, stop]]
        beyond *= 4


def _near(
    framed: Mask, first: Point, last: Point, beyond: int, reach: int
) -> tuple[np.ndarray, np.ndarray]:
    """The pixels (N, 2) of the mask beside a line, and how many steps from ``first`` each is."""
    way = last - first
    length = math.hypot(*way)
    along = way / max(length, 1e-9)
    steps = np.arange(-beyond, int(length + 0.5) + beyond + 1)
    middle, right = first[:, None], np.array([along[1], -along[0]])[:, None]
    line = middle + along[:, None] * steps
    places = line[:, None] + right[:, None] * SIDES[: 2 * reach + 1]  # (2, sides, steps)
    places = np.rint(places, out=places).astype(np.int64)
    places += 1  # for there is a frame of 0 around the mask
    np.maximum(places, 0, out=places)
    np.minimum(places, np.subtract(framed.shape, 1)[:, None, None], out=places)
    hit = framed.ravel()[places[0] * framed.shape[1] + places[1]]
    nearest = hit.argmax(axis=0)
    seen = np.flatnonzero(hit[nearest, np.arange(len(steps))])
    return steps[seen], places[:, nearest[seen], seen].T - 1
