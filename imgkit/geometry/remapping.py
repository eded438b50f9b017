"""Reading an image at any places: remap, and circles made straight."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.borders import Mode
from imgkit.geometry import positions
from imgkit.geometry.sampling import Between, engine, require_reading, require_shape, shape_of
from imgkit.images import AnyImage, is_tensor, require_image, require_positive
from imgkit.images.pointwise import library

if TYPE_CHECKING:
    import torch

LARGEST_POSITION = 1e30


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def remap(
    image: AnyImage,
    rows: npt.ArrayLike | torch.Tensor,
    columns: npt.ArrayLike | torch.Tensor,
    *,
    method: Between = "linear",
    mode: Mode = "constant",
    cval: float = 0.0,
) -> AnyImage:
    """Read an image at any places: ``out[i, j] = image[rows[i, j], columns[i, j]]``.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    rows, columns : where each new pixel comes from, in old pixels, need not be whole; arrays
        (h, w). For a tensor image tensors (..., h, w), whose leading axes stand beside the image's:
        (B, 1, h, w) for images (B, C, H, W).
    method : "nearest", "linear" or "cubic", see :func:`warp_affine`
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Array (h, w) or (h, w, C), or tensor (..., h, w), same dtype as the image; uint8 rounded and
    clipped. Gradients flow to the image and, but for "nearest", to the positions.

    Raises
    ------
    ValueError
        If rows and columns differ in shape, are not (h, w), or have values that are not finite.
    TypeError
        If they are no real numbers, or the image has another dtype.

    Notes
    -----
    As exact as :func:`warp_affine`: positions of float64 count in full where the image is float64,
    elsewhere as float32.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 3.6.

    Examples
    --------
    >>> image = np.float32([[0, 10, 20]])
    >>> remap(image, [[0, 0]], [[0.5, 1.75]])
    array([[ 5. , 17.5]], dtype=float32)
    """
    require_image(image, tensor=True)
    rows, columns = _maps(image, rows, columns)
    require_reading(method, mode)
    return engine(image).remap(image, rows, columns, method, mode, cval)


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def polar(
    image: AnyImage,
    shape: int | tuple[int, int] | None = None,
    *,
    centre: Sequence[float] | None = None,
    radius: float | None = None,
    method: Between = "linear",
    mode: Mode = "constant",
    cval: float = 0.0,
) -> AnyImage:
    """Roll circles about a point out into straight lines: a turn becomes a shift.

    Row i of m is the ray at the angle ``2 pi i / m``, column j of n the circle of radius
    ``radius * j / n``.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    shape : (rows, columns) of the result, or one number for both; if None, 360 rows, one a degree,
        and a column for each pixel of the radius
    centre : (row, column) of the circles; if None the middle, ``((H - 1) / 2, (W - 1) / 2)``
    radius : where the columns end, in pixels; if None the distance to the farthest corner
    method : "nearest", "linear" or "cubic", see :func:`warp_affine`
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Array (rows, columns) or (rows, columns, C), or tensor (..., rows, columns), same dtype; uint8
    rounded and clipped.

    Raises
    ------
    ValueError
        If the radius is not positive, the shape is below 1 or above 2^28 pixels, or centre, method,
        mode or cval make no sense.
    TypeError
        If they are no numbers or words, or the image has another dtype.

    Notes
    -----
    Angle 0 points right, pi/2 down, as everywhere in the kit. As exact as :func:`warp_affine`.
    Rows and columns are those of ``cv2.warpPolar`` and scikit-image's ``warp_polar``.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 8.1.2.

    Examples
    --------
    >>> row, column = np.indices((9, 9)) - 4
    >>> rings = np.hypot(row, column).astype(np.float32)
    >>> polar(rings, (4, 4), radius=4)
    array([[0., 1., 2., 3.],
           [0., 1., 2., 3.],
           [0., 1., 2., 3.],
           [0., 1., 2., 3.]], dtype=float32)
    """
    return _circles(image, shape, centre, radius, method, mode, cval, logarithmic=False)


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def log_polar(
    image: AnyImage,
    shape: int | tuple[int, int] | None = None,
    *,
    centre: Sequence[float] | None = None,
    radius: float | None = None,
    method: Between = "linear",
    mode: Mode = "constant",
    cval: float = 0.0,
) -> AnyImage:
    """Circles made straight, their radii by the logarithm: turn and zoom become shifts.

    Row i of m is the ray at the angle ``2 pi i / m``, column j of n the circle of radius
    ``radius ** (j / n)``, from 1 pixel on. An image enlarged about the centre by
    ``radius ** (k / n)`` is moved k columns to the right.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    shape : (rows, columns) of the result, or one number for both; if None, 360 rows, one a degree,
        and a column for each pixel of the radius
    centre : (row, column) of the circles; if None the middle, ``((H - 1) / 2, (W - 1) / 2)``
    radius : where the columns end, in pixels, > 1; if None the distance to the farthest corner, or
        2 if that is more
    method : "nearest", "linear" or "cubic", see :func:`warp_affine`
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Array (rows, columns) or (rows, columns, C), or tensor (..., rows, columns), same dtype; uint8
    rounded and clipped.

    Raises
    ------
    ValueError
        If the radius is not above 1, the shape is below 1 or above 2^28 pixels, or centre, method,
        mode or cval make no sense.
    TypeError
        If they are no numbers or words, or the image has another dtype.

    Notes
    -----
    Angle 0 points right, pi/2 down. As exact as :func:`warp_affine`. Rows and columns are those of
    scikit-image's ``warp_polar``; ``cv2.warpPolar`` takes ``radius ** (j / n) - 1``, for which a
    zoom is no shift.

    References
    ----------
    Reddy and Chatterji, "An FFT-based technique for translation, rotation, and scale-invariant
    image registration", IEEE Transactions on Image Processing 5(8), 1996.

    Examples
    --------
    >>> row, column = np.indices((33, 33)) - 16
    >>> rings = np.log2(np.maximum(1, np.hypot(row, column))).astype(np.float32)
    >>> log_polar(rings, (1, 4), radius=16)
    array([[0., 1., 2., 3.]], dtype=float32)
    """
    return _circles(image, shape, centre, radius, method, mode, cval, logarithmic=True)


def _circles(
    image: AnyImage,
    shape: int | tuple[int, int] | None,
    centre: Sequence[float] | None,
    radius: float | None,
    method: Between,
    mode: Mode,
    cval: float,
    *,
    logarithmic: bool,
) -> AnyImage:
    """Both ways to make circles straight."""
    require_image(image, tensor=True)
    h, w = shape_of(image)
    middle = (h - 1) / 2, (w - 1) / 2
    y, x = middle if centre is None else positions.as_point(centre, "centre")
    if radius is None:
        least = 2.0 if logarithmic else 1.0
        radius = max(least, float(np.hypot(max(y, h - 1 - y), max(x, w - 1 - x))))
    require_positive(radius=radius)
    if radius > 1e9 or (logarithmic and radius <= 1):
        raise ValueError(
            f"radius must be {'above 1 and ' * logarithmic}at most 1e9, got {radius!r}"
        )
    size = require_shape((360, int(np.ceil(radius))) if shape is None else shape)
    rows, columns = positions.circles(size, (y, x), radius, logarithmic)
    if is_tensor(image):
        as_tensor = library(image).as_tensor
        rows, columns = (as_tensor(place, device=image.device) for place in (rows, columns))
    return remap(image, rows, columns, method=method, mode=mode, cval=cval)


def _maps(image: AnyImage, rows: object, columns: object) -> tuple[AnyImage, AnyImage]:
    """Positions that make sense, as arrays or as tensors of float64."""
    if is_tensor(image):
        maps = tuple(_tensor_map(image, *named) for named in (("rows", rows), ("columns", columns)))
    else:
        maps = _array_map("rows", rows), _array_map("columns", columns)
    one, other = (tuple(place.shape) for place in maps)
    if one != other:
        raise ValueError(f"rows has shape {one} and columns {other}; both are the result's")
    if len(one) < 2 or 0 in one or (not is_tensor(image) and len(one) > 2):
        raise ValueError(f"rows and columns have shape {one}; they are (h, w), the result's")
    return maps


def _array_map(name: str, places: object) -> npt.NDArray[np.floating]:
    if is_tensor(places):
        raise TypeError(f"{name} is a tensor and the image is not: use np.asarray({name})")
    found = np.asarray(places)
    if found.dtype.kind not in "iuf" or found.dtype.itemsize > 8:
        raise TypeError(f"{name} has dtype {found.dtype}; this takes real numbers")
    if found.dtype != np.float32:
        found = found.astype(np.float64, copy=False)
    if found.size and not (np.abs([found.min(), found.max()]) < LARGEST_POSITION).all():
        raise ValueError(f"{name} has values that are NaN, infinite or above {LARGEST_POSITION:g}")
    return found


def _tensor_map(image: torch.Tensor, name: str, places: object) -> torch.Tensor:
    torch = library(image)
    if not is_tensor(places):
        places = torch.as_tensor(_array_map(name, places))
    if places.is_complex() or places.dtype == torch.bool:
        raise TypeError(f"{name} is a tensor of {places.dtype}; this takes real numbers")
    places = places.to(image.device, torch.float64)
    if not (places.detach().abs() < LARGEST_POSITION).all():
        raise ValueError(f"{name} has values that are NaN, infinite or above {LARGEST_POSITION:g}")
    return places
