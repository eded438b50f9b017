"""Optical flow: where each pixel, or each of some points, went from one frame to the next."""

from __future__ import annotations  # help() says Image, not what it stands for

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.geometry.pairs import as_bytes
from imgkit.geometry.points import Points, as_points
from imgkit.images import Image, require_positive, require_whole

ENOUGH = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-3)  # rounds, or pixels a round
FAR = 1e6  # pixels: whatever starts there is lost
SMALLEST = 16  # pixels a side, or OpenCV's DIS fails, or takes the interpreter with it


class Tracked(NamedTuple):
    """Where points went, and which of them could be followed."""

    points: Points
    "float64 (N, 2): row and column in the second frame; nan for those that were lost"
    found: npt.NDArray[np.bool_]
    "(N,): whether a point could be followed"


@routine(float32=1e-6, float64=1e-6, uint8=1e-3, tensor=False)
def lucas_kanade(
    first: Image,
    second: Image,
    points: npt.ArrayLike,
    *,
    window: int = 21,
    levels: int = 3,
    check: float | None = 1.0,
) -> Tracked:
    """Follow points from one frame to the next: Lucas and Kanade's method, coarse to fine.

    In a window around a point all pixels are taken to move by the same d. The best d solves
    ``sum(g gᵀ) d = sum(g (first - second))``, with g the slopes of the brightness: least squares
    for the change that the motion explains. That holds for small d, so it is solved first in
    frames of 1/8 size, where motions are small, then refined from size to size, a few rounds each.

    Parameters
    ----------
    first, second : arrays (H, W), two frames of one size; floats in 0..1
    points : (N, 2), rows and columns in the first frame, need not be whole
    window : side in pixels, 3..255; a small one keeps what moves differently apart, a large one
        averages noise away
    levels : how many times the frames are halved, 0..10; motions up to about
        ``window / 2 * 2**levels`` can be followed
    check : a point that, tracked back from where it went, lands farther than so many pixels from
        its start is lost; None asks for nothing

    Returns
    -------
    Tracked : ``points``, float64 (N, 2), and ``found``, bool (N,); a tuple of the two as well. A
        point is also lost if it lies outside or leaves the frame, and where the first frame is
        flat.

    Raises
    ------
    TypeError
        If a frame has another dtype, points are no real numbers, or window or levels is not whole.
    ValueError
        If frames differ in size or have colours, floats leave 0..1, or an option is out of range.

    Notes
    -----
    By OpenCV, which takes bytes: floats are rounded to 256 levels first. On a photograph shifted by
    a known part of a pixel the median error is 0.02 pixels, the largest with the check 0.2; turned
    by 3 degrees, where no window moves as one, the median is 0.2.

    Along an edge only the motion across it shows (the aperture problem), so take corners:
    ``features.peaks(features.shi_tomasi(first))``.

    References
    ----------
    Lucas and Kanade, An iterative image registration technique, IJCAI, 1981. Bouguet, Pyramidal
    implementation of the Lucas Kanade feature tracker, Intel, 2000. Szeliski, Computer Vision, 2nd
    ed., section 9.1.3.

    Examples
    --------
    >>> blocks = np.kron(np.random.default_rng(0).random((10, 10)), np.ones((8, 8)))
    >>> first, second = blocks[4:, 6:], blocks[:-4, :-6]  # 4 rows down, 6 columns right
    >>> points, found = lucas_kanade(first, second, [(26, 34), (500, 500)])
    >>> points.round(2), found
    (array([[30., 40.],
           [nan, nan]]), array([ True, False]))
    """
    first, second = as_bytes(first=first, second=second)
    points = as_points(points)
    require_whole(3, 255, window=window)
    require_whole(0, 10, levels=levels)
    if check is not None:
        require_positive(check=check)
    goal, found = _follow(first, second, points, window, levels)
    if check is not None:
        back, again = _follow(second, first, goal, window, levels)
        found &= again & (np.hypot(*(back - points).T) <= check)
    goal[~found] = np.nan
    return Tracked(goal, found)


def _follow(
    first: Image, second: Image, points: Points, window: int, levels: int
) -> tuple[Points, npt.NDArray[np.bool_]]:
    """OpenCV's tracker, without the check; what is lost may be anywhere."""
    if len(points) == 0:
        return np.zeros((0, 2)), np.zeros(0, bool)
    start = np.float32(np.clip(points[:, ::-1], -FAR, FAR))
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        first,
        second,
        np.ascontiguousarray(start)[:, None],
        None,
        winSize=(window, window),
        maxLevel=levels,
        criteria=ENOUGH,
    )
    goal = found.reshape(-1, 2)[:, ::-1].astype(np.float64)
    last = np.subtract(first.shape, 1)
    inside = [((p >= 0) & (p <= last)).all(axis=1) for p in (points, goal)]
    return goal, (status.ravel() > 0) & inside[0] & inside[1]


@routine(float32=1e-6, float64=1e-6, uint8=1e-3, tensor=False)
def dense_flow(first: Image, second: Image, *, finest: int = 0) -> npt.NDArray[np.float32]:
    """How every pixel moved from one frame to the next: dense inverse search.

    What is at p in the first frame is at ``p + flow[p]`` in the second. From coarse to fine, small
    patches are matched by Lucas and Kanade's method, their motions blended, and the whole made to
    vary smoothly where the brightness allows it.

    Parameters
    ----------
    first, second : arrays (H, W), two frames of one size; floats in 0..1
    finest : how many times the frames are halved on the finest level that is matched, 0..10. 0 is
        the most exact; 1 takes a quarter, 2 a tenth of the time

    Returns
    -------
    float32 (H, W, 2): the motion in pixels down and to the right.

    Raises
    ------
    TypeError
        If a frame has another dtype, or finest is not whole.
    ValueError
        If frames differ in size or have colours, floats leave 0..1, or finest is out of range.

    Notes
    -----
    By OpenCV's DIS, medium preset, which takes bytes: floats are rounded to 256 levels first. On a
    photograph shifted by up to 23 pixels, or turned by 3 degrees, the mean error was 0.006 to 0.17
    pixels, the median 0.00 to 0.06. OpenCV's own default, ``finest=1``, had means of 0.07 to 0.34,
    its Farneback 0.2 to 8.8, scikit-image's ``optical_flow_ilk`` 0.01 to 1.1 in ten times the time
    and ``optical_flow_tvl1`` 0.03 to 1.3 in 20 times.

    What appears in the second frame, or is hidden in it, has no motion; the answer there is a
    guess. Frames below 16 pixels a side are continued by their edge pixels first.

    References
    ----------
    Kroeger, Timofte, Dai and Van Gool, Fast optical flow using dense inverse search, ECCV, 2016.
    Szeliski, Computer Vision, 2nd ed., section 9.3.

    Examples
    --------
    >>> blocks = np.kron(np.random.default_rng(0).random((10, 10)), np.ones((8, 8)))
    >>> first, second = blocks[4:, 6:], blocks[:-4, :-6]  # 4 rows down, 6 columns right
    >>> np.median(dense_flow(first, second), axis=(0, 1)).round(1)
    array([4., 6.], dtype=float32)
    """
    frames = as_bytes(first=first, second=second)
    require_whole(0, 10, finest=finest)
    h, w = frames[0].shape
    missing = [(0, max(0, SMALLEST - n)) for n in (h, w)]
    if h < SMALLEST or w < SMALLEST:
        frames = [np.pad(frame, missing, mode="edge") for frame in frames]
    finder = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    halvings = int(np.log2(max(SMALLEST, min(h, w)) / SMALLEST))  # none below the smallest
    finder.setFinestScale(min(finest, halvings))
    flow = finder.calc(*frames, None)
    return np.ascontiguousarray(flow[:h, :w, ::-1])
