"""Where a response is highest, to the pixel and to a fraction of it."""

from __future__ import annotations  # help() says Image, not what it stands for

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.images import Image, as_float, require_gray, require_number, require_whole
from imgkit.segmentation import dilate

Points = npt.NDArray[np.int64]  # (N, 2)
LARGEST_DISTANCE = 2048  # pixels
AT_ONCE = 1024  # points of which those that are out already are dropped together


@routine(float32=0, float64=0, uint8=0, tensor=False)
def peaks(
    response: Image,
    *,
    distance: int = 1,
    threshold: float = 0.0,
    relative: float = 0.0,
    count: int | None = None,
) -> Points:
    """The local maxima of a response, strongest first.

    A pixel is a peak if it is above the thresholds and no pixel within ``distance`` rows and
    ``distance`` columns is higher. Where several of these are equally high, as on a plateau, it is
    the first in reading order that counts.

    Parameters
    ----------
    response : array (H, W), any finite values: corners, a correlation, an accumulator
    distance : 1..2048 pixels. No two peaks lie within it in both rows and columns.
    threshold : what a peak has to exceed, on the scale of the response (a fraction for uint8). So
        the default finds nothing in a flat image of zeros.
    relative : the same as a fraction of the largest response, 0..1; 0 for no such limit
    count : the most peaks wanted; None for all

    Returns
    -------
    int64 (N, 2): rows and columns, by falling response, equal ones in reading order.

    Raises
    ------
    ValueError
        If the response has colours, distance or relative is out of range, or count below 0.
    TypeError
        If the response has another dtype, or distance or count is not whole.

    Notes
    -----
    Exact. A peak may lie on the border; scikit-image's ``peak_local_max`` leaves out all that are
    within ``min_distance`` of it, and measures distances anew for every norm.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 7.1.1.

    Examples
    --------
    >>> response = np.array([[0, 3, 0, 0], [0, 0, 0, 5], [2, 0, 0, 0.]])
    >>> peaks(response)
    array([[1, 3],
           [0, 1],
           [2, 0]])
    >>> peaks(response, distance=2)
    array([[1, 3]])
    """
    require_gray(response)
    require_whole(1, LARGEST_DISTANCE, distance=distance)
    require_number(threshold=threshold, relative=relative)
    if not 0 <= relative <= 1:
        raise ValueError(f"relative must lie in 0..1, got {relative!r}")
    if count is not None:
        require_whole(0, count=count)
    response = as_float(response)
    level = max(threshold, relative * float(response.max())) if relative else threshold
    return local_maxima(response, int(distance), level)[:count]


def local_maxima(response: Image, distance: int, level: float) -> Points:
    """The peaks above a level on the response's own scale."""
    tops = (response == dilate(response, 2 * distance + 1)) & (response > level)
    found = np.flatnonzero(tops)
    heights = response.ravel()[found].astype(np.float64)
    order = np.argsort(-heights, kind="stable")
    points = np.stack(np.divmod(found[order], response.shape[1]), axis=1)
    heights = heights[order]
    if (heights[1:] == heights[:-1]).any():
        points = points[_first_of_equals(points, tops, distance)]
    return points


def _first_of_equals(
    points: Points, tops: npt.NDArray[np.bool_], distance: int
) -> npt.NDArray[np.bool_]:
    """Which to keep: of those that lie within the distance, which are equals, the first."""
    window = 2 * distance + 1, 2 * distance + 1
    crowd = cv2.boxFilter(
        tops.view(np.uint8), cv2.CV_32F, window, normalize=False, borderType=cv2.BORDER_CONSTANT
    ).reshape(tops.shape)
    crowded = np.flatnonzero(crowd[tuple(points.T)] > 1.5)
    keep, taken = np.ones(len(points), bool), np.zeros(tops.shape, bool)
    for start in range(0, len(crowded), AT_ONCE):
        some = crowded[start : start + AT_ONCE]
        keep[some] = False
        some = some[~taken[tuple(points[some].T)]]  # on a plateau few are left
        for i, (row, column) in zip(some.tolist(), points[some].tolist(), strict=True):
            if not taken[row, column]:
                keep[i] = True
                above, left = max(0, row - distance), max(0, column - distance)
                taken[above : row + distance + 1, left : column + distance + 1] = True
    return keep


@routine(float32=1e-4, float64=1e-4, uint8=0.03, tensor=False)
def subpixel(image: Image, points: npt.ArrayLike, *, radius: int = 5) -> npt.NDArray[np.float64]:
    """Corners to a fraction of a pixel: where the lines of all edges nearby meet.

    At an ideal corner p every slope g around it, at x, is perpendicular to ``x - p``: either x lies
    on an edge through p, or g is 0. So p solves ``sum(w g gᵀ) p = sum(w g gᵀ x)``, with weights w
    that fade from the middle of the window; the window then moves to p, until that changes nothing.

    Parameters
    ----------
    image : array (H, W); floats may have any finite values
    points : (N, 2) rows and columns inside of the image, whole or not, as from :func:`peaks`
    radius : of the window in pixels, 1..127: it sees ``2 * radius + 1`` pixels a side. It should
        hold one corner and a good piece of its edges.

    Returns
    -------
    float64 (N, 2). A point that would leave its window, for there is no corner, stays where it was.

    Raises
    ------
    ValueError
        If the image has colours (``color.to_gray`` helps), points are not (N, 2), not finite or
        outside of the image, or radius is out of range.
    TypeError
        If the image has another dtype, or radius is not whole.

    Notes
    -----
    OpenCV's ``cornerSubPix`` on float32, up to 100 steps until one is below 1e-4 pixels; beyond its
    edge the image goes on as ``nearest``. The corner of a checkerboard is found within 0.02 pixels.
    The tip of a single corner that a lens has rounded lies up to a quarter of a pixel inside of it.

    References
    ----------
    Förstner and Gülch, A fast operator for detection and precise location of distinct points,
    corners and centres of circular features, ISPRS 1987. Szeliski, Computer Vision, 2nd ed.,
    section 7.1.

    Examples
    --------
    >>> square = np.zeros((24, 24), np.float32)
    >>> square[12:, 12:] = 1  # its corner lies between the pixels 11 and 12
    >>> subpixel(square, [[12, 13]]).round(1)
    array([[11.6, 11.6]])
    """
    require_gray(image)
    require_whole(1, 127, radius=radius)
    places = _require_inside(points, image.shape)
    if not len(places):
        return places
    values = image if image.dtype == np.uint8 else image.astype(np.float32, copy=False)
    shift = radius + 3 if min(image.shape) < 2 * radius + 5 else 0  # OpenCV wants it that large
    if shift:
        values = cv2.copyMakeBorder(values, *[shift] * 4, cv2.BORDER_REPLICATE)
    corners = np.ascontiguousarray(places[:, ::-1] + shift, np.float32).reshape(-1, 1, 2)
    stop = cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 100, 1e-4
    cv2.cornerSubPix(values, corners, (radius, radius), (-1, -1), stop)
    return corners.reshape(-1, 2)[:, ::-1].astype(np.float64) - shift


def _require_inside(points: npt.ArrayLike, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Points (N, 2) inside of an image, as float64."""
    try:
        places = np.array(points, np.float64)
    except (TypeError, ValueError):
        raise TypeError("points must be numbers (N, 2), rows and columns") from None
    if places.size == 0:
        return np.empty((0, 2))
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(f"points has shape {places.shape}; it takes (N, 2), rows and columns")
    inside = ((places >= 0) & (places <= np.subtract(shape, 1))).all(axis=1)
    if not inside.all():  # NaN is not inside either
        bad = places[~inside][0]
        raise ValueError(f"points has ({bad[0]:g}, {bad[1]:g}), outside of an image {shape}")
    return places
