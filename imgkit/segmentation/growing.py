"""Regions that grow from a pixel: all that is like the pixel, or like the region so far."""

from __future__ import annotations  # help() says Image, not what it stands for

from numbers import Real

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.images import Image, Mask, require_image
from imgkit.segmentation.labels import require_connectivity

AT_ONCE = 4  # channels that OpenCV compares in one go
Points = npt.NDArray[np.intp]  # (N, 2), row and column


@routine(float32=0, float64=0, uint8=0, tensor=False)
def flood(
    image: Image, *, seed: tuple[int, int], tolerance: float = 0.0, connectivity: int = 2
) -> Mask:
    """The connected region around a pixel whose values differ from that pixel's by so much at most.

    The paint bucket of a drawing program: a pixel belongs if in every channel its value lies
    between ``v - tolerance`` and ``v + tolerance``, where ``v`` is the seed's, and if a path of
    such pixels leads to the seed.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values
    seed : (row, column) of the pixel
    tolerance : >= 0; a fraction of full scale for uint8, for floats on their own scale
    connectivity : 1 joins the four nearest neighbours, 2 the diagonal ones too

    Returns
    -------
    bool (H, W); the seed always belongs.

    Raises
    ------
    ValueError
        If the seed lies outside, tolerance is negative, or connectivity is not 1 or 2.
    TypeError
        If the seed is not two whole numbers, or the image has another dtype.

    Notes
    -----
    As scikit-image's ``flood``, which takes grey images and a tolerance on the image's own scale.
    Exact: for uint8 the tolerance is ``floor(255 tolerance)`` whole levels, for floats the bounds
    are taken in float64.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 9.5 (connected components) and
    10.4 (region growing).

    Examples
    --------
    >>> image = np.array([[0.5, 0.6, 0.7], [0.0, 0.0, 0.5]])
    >>> flood(image, seed=(0, 1), tolerance=0.11).astype(int)
    array([[1, 1, 1],
           [0, 0, 1]])
    """
    require_image(image)
    ((row, column),) = _require_points(seed, "seed", image.shape, one=True)
    require_connectivity(connectivity)
    tolerance = _require_tolerance(tolerance, image)
    alike = _between(image, *_bounds(image[row, column], tolerance))
    filled = np.zeros((image.shape[0] + 2, image.shape[1] + 2), np.uint8)
    flags = (4 if connectivity == 1 else 8) | cv2.FLOODFILL_MASK_ONLY | 1 << 8  # 1 is painted
    cv2.floodFill(alike, filled, (int(column), int(row)), 0, 0, 0, flags)
    return np.ascontiguousarray(filled[1:-1, 1:-1]).view(bool)


@routine(float32=0, float64=0, uint8=0, tensor=False)
def grow(
    image: Image,
    *,
    seeds: tuple[int, int] | npt.ArrayLike,
    tolerance: float,
    connectivity: int = 2,
) -> Mask:
    """Region growing: rings of neighbours join as long as they are like the region's mean.

    The region starts as the seeds. Then, again and again, all pixels that touch it and differ from
    its mean by at most ``tolerance`` in every channel join at once, and the mean is taken anew;
    until none joins.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values
    seeds : (row, column), or several as (N, 2); they are one region, connected or not
    tolerance : >= 0; a fraction of full scale for uint8, for floats on their own scale
    connectivity : 1 joins the four nearest neighbours, 2 the diagonal ones too

    Returns
    -------
    bool (H, W); the seeds always belong.

    Raises
    ------
    ValueError
        If a seed lies outside, tolerance is negative, or connectivity is not 1 or 2.
    TypeError
        If seeds are not whole numbers, or the image has another dtype.

    Notes
    -----
    Unlike :func:`flood`, whose yardstick is the seed alone, the region may drift: along a slow
    shade the mean follows. A pixel once refused is asked again when the mean has moved. Each pixel
    is looked at when the region reaches it and as long as it waits at the edge, a ring at a time in
    NumPy; the mean is kept in float64. Neither OpenCV nor scikit-image has it.

    References
    ----------
    R. Adams and L. Bischof, "Seeded region growing", IEEE Transactions on Pattern Analysis and
    Machine Intelligence 16(6), 1994. Gonzalez and Woods, Digital Image Processing, 4th ed., section
    10.4.

    Examples
    --------
    >>> ramp = np.arange(8)[None] / 10  # (1, 8)
    >>> flood(ramp, seed=(0, 0), tolerance=0.25).astype(int)
    array([[1, 1, 1, 0, 0, 0, 0, 0]])
    >>> grow(ramp, seeds=(0, 0), tolerance=0.25).astype(int)
    array([[1, 1, 1, 1, 1, 0, 0, 0]])
    """
    require_image(image)
    points = _require_points(seeds, "seeds", image.shape)
    steps = 1 if require_connectivity(connectivity) == 1 else 2
    tolerance = _require_tolerance(tolerance, image)
    h, w = image.shape[:2]
    width = w + 2  # a frame around all, so that every pixel has its neighbours
    values = np.pad(np.atleast_3d(image), ((1, 1), (1, 1), (0, 0))).reshape((h + 2) * width, -1)
    around = np.array(
        [i * width + j for i in (-1, 0, 1) for j in (-1, 0, 1) if 0 < abs(i) + abs(j) <= steps]
    )
    free = np.zeros((h + 2, width), bool)
    free[1:-1, 1:-1] = True
    free = free.ravel()
    joining = np.unique((points[:, 0] + 1) * width + points[:, 1] + 1)
    return _grown(values, joining, free, around, tolerance).reshape(h + 2, width)[1:-1, 1:-1].copy()


def _grown(
    values: np.ndarray,
    joining: Points,
    free: npt.NDArray[np.bool_],
    around: Points,
    tolerance: float,
) -> npt.NDArray[np.bool_]:
    """Ring after ring, in an image laid out as one row with a frame; ``free`` are still unseen."""
    region = np.zeros(len(values), bool)
    first = values[joining[0]].astype(np.float64)  # of a flat region the mean is exactly this
    total, waiting = np.zeros_like(first), np.empty(0, np.intp)
    free[joining] = False
    while len(joining):
        region[joining] = True
        total += (values[joining] - first).sum(0)
        mean = first + total / np.count_nonzero(region)
        near = (joining[:, None] + around).ravel()
        near = np.unique(near[free[near]])
        free[near] = False
        waiting = np.concatenate([waiting, near])
        fits = (np.abs(values[waiting] - mean) <= tolerance).all(1)
        joining, waiting = waiting[fits], waiting[~fits]
    if not np.isfinite(total).all():
        raise ValueError("image has values too large to take their mean: divide it by its range")
    return region


def _bounds(value: npt.NDArray, tolerance: float) -> tuple[npt.NDArray, npt.NDArray]:
    """The least and the greatest value that are alike, as values that an image can have."""
    value = np.atleast_1d(value)
    middle = value.astype(np.float64)
    if value.dtype == np.uint8:
        return middle - np.floor(tolerance), middle + np.floor(tolerance)
    top = np.finfo(value.dtype).max
    found = []
    with np.errstate(over="ignore"):
        for bound in (middle - tolerance, middle + tolerance):
            edge = np.clip(bound, -top, top).astype(value.dtype)
            beyond = np.abs(edge - middle) > np.abs(bound - middle)  # by rounding to float32
            found.append(np.where(beyond, np.nextafter(edge, value), edge).astype(np.float64))
    return tuple(found)


def _between(image: Image, low: npt.NDArray, high: npt.NDArray) -> npt.NDArray[np.uint8]:
    """Where all channels lie within their bounds, 255, else 0."""
    if image.ndim == 3 and image.shape[2] > AT_ONCE:
        parts = [slice(c, c + AT_ONCE) for c in range(0, image.shape[2], AT_ONCE)]
        inside = [_between(image[..., part], low[part], high[part]) for part in parts]
        return np.bitwise_and.reduce(inside)
    return cv2.inRange(image, low, high).reshape(image.shape[:2])


def _require_tolerance(tolerance: float, image: Image) -> float:
    if isinstance(tolerance, bool | np.bool_) or not isinstance(tolerance, Real):
        raise TypeError(f"tolerance must be a number, at least 0, got {tolerance!r}")
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be at least 0, got {tolerance!r}")
    # so much more that 255 * (3 / 255), a hair below 3, is 3 levels
    return 255 * min(tolerance, 1) + 1e-9 if image.dtype == np.uint8 else tolerance


def _require_points(points: object, name: str, shape: tuple[int, ...], one: bool = False) -> Points:
    """Points as an array (N, 2) of rows and columns, counted from the start."""
    found = np.asarray(points)
    wanted = "(row, column)" if one else "(row, column) or an array (N, 2) of them"
    if found.size and found.dtype.kind not in "iu":
        raise TypeError(f"{name} must be {wanted}, whole numbers, got {points!r}")
    if found.shape != (2,) and (one or found.ndim != 2 or found.shape[1] != 2 or not found.size):
        raise ValueError(f"{name} must be {wanted}, got an array of shape {found.shape}")
    found = found.reshape(-1, 2).astype(np.intp)
    size = np.array(shape[:2])
    outside = ((found < 0) | (found >= size)).any(1)
    if outside.any():
        row, column = found[outside][0]
        raise ValueError(
            f"{name}: ({row}, {column}) lies outside the image of {size[0]} by {size[1]} pixels"
        )
    return found
