"""Moving an image by a matrix: turning, stretching, shearing, perspective."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.borders import Mode
from imgkit.geometry import positions
from imgkit.geometry.sampling import Between, engine, require_reading, require_shape, shape_of
from imgkit.images import AnyImage, require_image, require_number

if TYPE_CHECKING:
    import torch


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def rotate(
    image: AnyImage,
    angle: float,
    *,
    centre: Sequence[float] | None = None,
    expand: bool = False,
    method: Between = "linear",
    mode: Mode = "constant",
    cval: float = 0.0,
) -> AnyImage:
    """Turn an image about a point.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    angle : in radians, clockwise on the screen: pi/2 takes what is right of the centre below it
    centre : the (row, column) that stays; if None the middle, ``((H - 1) / 2, (W - 1) / 2)``
    expand : make the result as large as the turned image, its middle in the middle
    method : how pixels are read between their places: "nearest", "linear" or "cubic", see
        :func:`warp_affine`
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same kind, shape (unless expanded) and dtype; uint8 rounded and clipped.

    Raises
    ------
    ValueError
        If the angle is not finite, or centre, method or mode make no sense.
    TypeError
        If they are no numbers or words, or the image has another dtype.

    Notes
    -----
    ``warp_affine`` with the matrix ``[[cos, sin, .], [-sin, cos, .], [0, 0, 1]]``, and as exact.
    OpenCV, Pillow, scikit-image and torchvision turn the other way, by degrees.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., sections 2.1.1 and 3.6.

    Examples
    --------
    >>> arrow = np.uint8([[0, 0, 0], [0, 1, 2], [0, 0, 0]])  # points right
    >>> rotate(arrow, np.pi / 2)
    array([[0, 0, 0],
           [0, 1, 0],
           [0, 2, 0]], dtype=uint8)
    """
    require_image(image, tensor=True)
    require_number(angle=angle)
    h, w = shape_of(image)
    middle = (h - 1) / 2, (w - 1) / 2
    if not expand:
        old = middle if centre is None else positions.as_point(centre, "centre")
        return warp_affine(
            image, positions.rotation(angle, old, old), method=method, mode=mode, cval=cval
        )
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    shape = tuple(int(np.ceil(n - 1e-6)) for n in (h * cos + w * sin, h * sin + w * cos))
    new = (shape[0] - 1) / 2, (shape[1] - 1) / 2
    matrix = positions.rotation(angle, middle, new)
    return warp_affine(image, matrix, shape, method=method, mode=mode, cval=cval)


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def warp_affine(
    image: AnyImage,
    matrix: npt.ArrayLike | torch.Tensor,
    shape: int | tuple[int, int] | None = None,
    *,
    method: Between = "linear",
    mode: Mode = "constant",
    cval: float = 0.0,
) -> AnyImage:
    """Turn, stretch, shear and shift an image: parallel lines stay parallel.

    What is at (row, column) p in the image is at ``matrix @ (row, column, 1)`` in the result. To
    fill a new pixel, the inverse matrix says where it comes from, and the image is read there,
    between its pixels.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    matrix : (2, 3), or (3, 3) with the last row (0, 0, 1); from the input to the output, of
        (row, column). For a tensor image it may be a tensor too, (..., 2, 3) or (..., 3, 3), whose
        leading axes stand beside the image's: (B, 1, 2, 3) for images (B, C, H, W).
    shape : (rows, columns) of the result, or one number for both; if None the image's own
    method : how the image is read between its pixels

        - "nearest": the nearest pixel; of two the one below or to the right. For labels.
        - "linear": from the 4 around, by distance
        - "cubic": from 16, Keys' cubic with a = -3/4: sharper; floats may leave 0..1 beside edges

    mode : what lies beyond the edge, see :mod:`imgkit.filtering`. Just outside, the image and what
        lies beyond are blended as neighbouring pixels are.
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Array (rows, columns) or (rows, columns, C), or tensor (..., rows, columns), same dtype; uint8
    rounded and clipped. Gradients flow to the image and, but for "nearest", to the matrix.

    Raises
    ------
    ValueError
        If the matrix is not affine or cannot be inverted, the shape is below 1 or above 2^28
        pixels, or method, mode or cval make no sense.
    TypeError
        If they are no numbers or words, or the image has another dtype.

    Notes
    -----
    Within 1e-11 of the float64 definition in float64. In float32 a position is exact to about 1e-7
    of the image's side, and the value by that times the slope: within 2e-4 for sides up to 2000,
    and uint8 within 0.55 levels. The same with OpenCV 4 and 5: version 4 itself rounds positions
    to 1/32 of a pixel (errors to 0.02 and 4 levels), version 5 does so for float64 and for 2 or
    more than 4 channels. There the kit goes around that, which takes 2 to 6 times as long.

    Where the image shrinks, pixels are skipped, as in every other library: blur it first, or use
    :func:`resize`. The cubic is OpenCV's and torch's; that of :func:`resize` has a = -1/2.
    OpenCV and scikit-image have x first, and the latter takes the inverse.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 3.6. Keys, "Cubic convolution interpolation for
    digital image processing", IEEE Transactions on Acoustics, Speech, and Signal Processing 29(6),
    1981.

    Examples
    --------
    >>> image = np.float32([[1, 2, 3], [4, 5, 6]])
    >>> warp_affine(image, [[1, 0, 0], [0, 1, 1]])  # one column to the right
    array([[0., 1., 2.],
           [0., 4., 5.]], dtype=float32)
    """
    return _warped(image, matrix, shape, method, mode, cval, affine=True)


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def warp_perspective(
    image: AnyImage,
    matrix: npt.ArrayLike | torch.Tensor,
    shape: int | tuple[int, int] | None = None,
    *,
    method: Between = "linear",
    mode: Mode = "constant",
    cval: float = 0.0,
) -> AnyImage:
    """See a flat image from elsewhere: straight lines stay straight.

    What is at (row, column) p is moved to ``(a / c, b / c)`` where
    ``(a, b, c) = matrix @ (row, column, 1)``.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    matrix : a homography (3, 3), from the input to the output, of (row, column); its scale does
        not matter. For a tensor image it may be a tensor too, (..., 3, 3), see :func:`warp_affine`.
    shape : (rows, columns) of the result, or one number for both; if None the image's own
    method : "nearest", "linear" or "cubic", see :func:`warp_affine`
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Array (rows, columns) or (rows, columns, C), or tensor (..., rows, columns), same dtype; uint8
    rounded and clipped. Gradients flow to the image and, but for "nearest", to the matrix.

    Raises
    ------
    ValueError
        If the matrix cannot be inverted, the shape is below 1 or above 2^28 pixels, or method,
        mode or cval make no sense.
    TypeError
        If they are no numbers or words, or the image has another dtype.

    Notes
    -----
    As exact as :func:`warp_affine`, where the plane is not seen too obliquely. Beyond the horizon
    of the plane the formula shows its other side, as in every other library: choose a shape that
    ends before.

    References
    ----------
    Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 2.3. Szeliski, Computer Vision,
    2nd ed., section 3.6.

    Examples
    --------
    >>> image = np.float32([[1, 2, 3, 4]])
    >>> warp_perspective(image, [[2, 0, 0], [0, 2, 2], [0, 0, 2]])  # (column + 1), over and over 2
    array([[0., 1., 2., 3.]], dtype=float32)
    """
    return _warped(image, matrix, shape, method, mode, cval, affine=False)


def _warped(
    image: AnyImage,
    matrix: npt.ArrayLike | torch.Tensor,
    shape: int | tuple[int, int] | None,
    method: Between,
    mode: Mode,
    cval: float,
    *,
    affine: bool,
) -> AnyImage:
    """Both warps by a matrix."""
    require_image(image, tensor=True)
    back = positions.inverse(matrix, image, affine=affine)
    size = shape_of(image) if shape is None else require_shape(shape)
    require_reading(method, mode)
    return engine(image).warp(image, back, size, method, mode, cval)
