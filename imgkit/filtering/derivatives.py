"""How steeply the brightness rises, and how it bends."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from typing import Literal

import numpy as np

from imgkit.capabilities import routine
from imgkit.filtering.borders import Mode
from imgkit.filtering.engine import engine
from imgkit.images import AnyImage, is_tensor, require_image


@routine(float32=1e-6, float64=1e-14)
def sobel(
    image: AnyImage, *, axis: Literal[0, 1] | None = None, mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """How steeply the brightness rises, per pixel.

    Along its axis the kernel is a central difference, ``(-1, 0, 1) / 2``; across, it smooths with
    ``(1, 2, 1) / 4``. A ramp that rises by 0.1 from pixel to pixel has the derivative 0.1.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    axis : 0 for the derivative down the rows, 1 along the columns (to the right), None for the
        magnitude ``sqrt(rows² + columns²)`` of the gradient
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape; float32 in fractions of full scale per pixel for uint8, else the dtype of the image.
    Derivatives have a sign: positive where it gets brighter with growing row or column.

    Raises
    ------
    ValueError
        If axis is something else.
    TypeError
        If the image has another dtype.

    Notes
    -----
    The kernel divided by 8: OpenCV's and SciPy's Sobel are 8 times as large, scikit-image's
    magnitude is ``sqrt(2)`` times. Within 1e-6 of the float64 definition in float32, 1e-14 in
    float64 (of the largest magnitude).

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 10.2. Szeliski, Computer Vision,
    2nd ed., section 3.2.3.

    Examples
    --------
    >>> ramp = np.float32([[0, 1, 2, 3, 4]]) / 8  # (1, 5)
    >>> sobel(ramp, axis=1)
    array([[0.   , 0.125, 0.125, 0.125, 0.   ]], dtype=float32)
    """
    require_image(image, tensor=True)
    if isinstance(axis, bool) or axis not in (None, 0, 1):
        raise ValueError(f"axis must be 0 (rows), 1 (columns) or None (magnitude), got {axis!r}")
    return _gradient(image, np.array([1, 2, 1]) / 4, axis, mode, cval)


@routine(float32=2e-6, float64=1e-14)
def laplacian(image: AnyImage, *, mode: Mode = "mirror", cval: float = 0.0) -> AnyImage:
    """The second derivatives' sum: what the four neighbours have more than the pixel.

    ``out = up + down + left + right - 4 * centre``

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape; float32 in fractions of full scale for uint8, else the dtype of the image. Negative
    on a bright spot, positive in a dark one, zero on a ramp.

    Raises
    ------
    TypeError
        If the image has another dtype.

    Notes
    -----
    As SciPy and OpenCV; scikit-image's has the other sign. Within 2e-6 of the float64 definition
    in float32, 1e-14 in float64 (of the largest magnitude).

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.6.

    Examples
    --------
    >>> laplacian(np.float32([[0, 0, 1, 0, 0]]), mode="nearest")
    array([[ 0.,  1., -2.,  1.,  0.]], dtype=float32)
    """
    require_image(image, tensor=True)
    cross = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], float)
    return engine(image).correlate(image, cross, (1, 1), mode=mode, cval=cval, signed=True)


def _gradient(
    image: AnyImage, across: np.ndarray, axis: Literal[0, 1] | None, mode: Mode, cval: float
) -> AnyImage:
    """A central difference along one axis, smoothed across it; or the magnitude of both."""
    along, options = np.array([-1, 0, 1]) / 2, {"mode": mode, "cval": cval, "signed": True}
    separable = engine(image).separable
    if axis == 0:
        return separable(image, along, across, (1, 1), **options)
    if axis == 1:
        return separable(image, across, along, (1, 1), **options)
    rows = separable(image, along, across, (1, 1), **options)
    columns = separable(image, across, along, (1, 1), **options)
    if is_tensor(image):
        return (rows * rows + columns * columns).sqrt()
    # cv2.magnitude is quicker, but its last bit depends on where the array lies in memory
    rows *= rows
    columns *= columns
    rows += columns
    return np.sqrt(rows, out=rows)
