"""Straight lines in a mask of edges: every pixel votes for all lines through it."""

from __future__ import annotations  # help() says Mask, not what it stands for

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.images import Mask, require_mask, require_number, require_whole

LARGEST_ANGLES = 10_000


@dataclass(frozen=True)
class Lines:
    """Lines that go on for ever, strongest first: ``column * cos(a) + row * sin(a) = d``."""

    angles: npt.NDArray[np.float64]
    "(N,) of the line's normal, radians in 0..pi: 0 an upright line, pi/2 a level one"
    distances: npt.NDArray[np.float64]
    "(N,) along the normal from the pixel (0, 0), in pixels; may be negative"
    votes: npt.NDArray[np.int64]
    "(N,) pixels of the mask that lie on it, to half a pixel"

    def __len__(self) -> int:
        return len(self.votes)

    def ends(self, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
        """Where each line enters and leaves an image, (N, 2, 2): two points (row, column) each."""
        normal = np.stack([np.sin(self.angles), np.cos(self.angles)], axis=1)  # (N, 2)
        along = np.stack([-normal[:, 1], normal[:, 0]], axis=1)
        foot = normal * self.distances[:, None]
        steep = np.where(np.abs(along) < 1e-9, 1e-9, along)
        first, last = -foot / steep, (np.subtract(shape[:2], 1) - foot) / steep
        start = np.minimum(first, last).max(axis=1)
        stop = np.maximum(first, last).min(axis=1)
        where = np.stack([start, stop], axis=1)[:, :, None]  # (N, 2, 1)
        points = foot[:, None] + where * along[:, None]
        return upper_first(np.clip(points, 0, np.subtract(shape[:2], 1)))


@routine(float32=0, float64=0, uint8=0, tensor=False)
def hough_lines(
    mask: Mask,
    *,
    angles: int = 180,
    threshold: int | None = None,
    min_distance: float = 10.0,
    min_angle: float = np.pi / 18,
    count: int | None = None,
) -> Lines:
    """The straight lines on which most pixels of a mask lie.

    A line is ``column * cos(a) + row * sin(a) = d``: a is the angle of its normal, d its distance
    from the pixel (0, 0). Through each pixel goes one line of every angle; it votes for all of
    them, in a table of angles and whole distances, and the lines of the picture are the peaks of
    this table.

    Parameters
    ----------
    mask : bool (H, W): edges, from :func:`canny` say
    angles : how many in 0..pi, 1..10000: 180 are a degree each
    threshold : the least votes of a line; None for half of the most that one has
    min_distance, min_angle : of two lines that differ less in both, in pixels and radians, the
        weaker one does not count. Distances are then measured from the middle of the image. 0 and 0
        keep all local maxima of the table.
    count : the most lines wanted; None for all

    Returns
    -------
    Lines by falling votes: ``angles`` in 0..pi, ``distances`` and ``votes``, each (N,).
    ``lines.ends(mask.shape)`` are the two points where each crosses the border.

    Raises
    ------
    ValueError
        If a number is out of range, or mask is not (H, W).
    TypeError
        If mask is not bool, or a whole number is none.

    Notes
    -----
    OpenCV's ``HoughLines`` with its convention: x is the column, y the row, rho and theta are
    distance and angle. scikit-image's angles run from -pi/2 to pi/2. Angles are exact to half a
    step, distances to half a pixel; votes to what rounding does to pixels between two distances.
    Wide bands of pixels are a line for each of many angles: make them thin first.

    References
    ----------
    Duda and Hart, Use of the Hough transformation to detect lines and curves in pictures,
    Communications of the ACM 15, 1972. Gonzalez and Woods, Digital Image Processing, 4th ed.,
    section 10.2. Szeliski, Computer Vision, 2nd ed., section 7.4.2.

    Examples
    --------
    >>> mask = np.zeros((40, 60), bool)
    >>> mask[12] = True  # a level line
    >>> hough_lines(mask)
    Lines(angles=array([1.57079633]), distances=array([12.]), votes=array([60]))
    >>> hough_lines(mask).ends(mask.shape)
    array([[[12.,  0.],
            [12., 59.]]])
    """
    require_edges(mask)
    require_whole(1, LARGEST_ANGLES, angles=angles)
    require_number(min_distance=min_distance, min_angle=min_angle)
    if min_distance < 0 or min_angle < 0:
        raise ValueError(
            f"min_distance and min_angle must be at least 0, got {min_distance!r}, {min_angle!r}"
        )
    least = require_threshold(threshold)
    require_count(count)
    found = cv2.HoughLinesWithAccumulator(mask.view(np.uint8), 1, np.pi / angles, least - 1)
    found = np.reshape([] if found is None else found, (-1, 3)).astype(np.float64)
    if threshold is None and len(found):
        found = found[found[:, 2] >= found[0, 2] / 2]
    distance, angle, votes = found.T
    angle = np.rint(angle * angles / np.pi) * (np.pi / angles)  # OpenCV's are float32
    kept = _apart(distance, angle, mask.shape, min_distance, min_angle, count)
    return Lines(angle[kept], distance[kept], votes[kept].astype(np.int64))


def _apart(
    distance: np.ndarray,
    angle: np.ndarray,
    shape: tuple[int, int],
    min_distance: float,
    min_angle: float,
    count: int | None,
) -> list[int]:
    """The lines that are far enough from all stronger ones; they come strongest first."""
    row, column = (np.array(shape) - 1) / 2
    offset = distance - column * np.cos(angle) - row * np.sin(angle)  # from the middle
    alive, kept = np.ones(len(angle), bool), []
    for i in range(len(angle)):
        if len(kept) == count:
            break
        if alive[i]:
            kept.append(i)
            turn = np.abs(angle - angle[i])
            over = turn > np.pi / 2  # the normal points the other way: so does the distance
            gap = np.where(over, np.abs(offset + offset[i]), np.abs(offset - offset[i]))
            turn = np.where(over, np.pi - turn, turn)
            alive &= (turn >= min_angle) | (gap >= min_distance)
    return kept


def upper_first(ends: np.ndarray) -> np.ndarray:
    """Segments (N, 2, 2) with the upper end first, of a level one the left."""
    down, right = np.moveaxis(ends[:, 1] - ends[:, 0], 1, 0)
    turned = (down < -1e-9) | ((np.abs(down) <= 1e-9) & (right < 0))
    return np.where(turned[:, None, None], ends[:, ::-1], ends)


def require_edges(mask: object) -> None:
    """The gate for a mask of edges; who has an image is told where edges come from."""
    if isinstance(mask, np.ndarray) and mask.dtype in (np.uint8, np.float32, np.float64):
        raise TypeError(f"mask has dtype {mask.dtype}; a mask is bool: use features.canny(image)")
    require_mask(mask)


def require_threshold(threshold: int | None) -> int:
    """The least votes, 1 if nothing is said."""
    if threshold is None:
        return 1
    require_whole(1, threshold=threshold)
    return min(int(threshold), 2**31 - 1)


def require_count(count: int | None) -> None:
    """The most results wanted: a whole number, or None for all."""
    if count is not None:
        require_whole(0, count=count)
