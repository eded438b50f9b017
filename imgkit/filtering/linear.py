"""Correlation and convolution with any kernel, and with kernels that are a column times a row."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.borders import LARGEST_WINDOW, Mode, largest_value
from imgkit.filtering.engine import engine
from imgkit.images import AnyImage, is_tensor, require_image


@routine(float32=1e-6, float64=1e-14)
def correlate(
    image: AnyImage, kernel: npt.ArrayLike, *, mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """Slide a kernel over the image and sum the products.

    ``out[r, c] = sum over i, j of kernel[i, j] * image[r + i - h // 2, c + j - w // 2]``

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    kernel : array or nested lists (h, w) of real numbers; may be larger than the image. It is not
        flipped: see :func:`convolve` for that. The centre of an even side is the later of the two
        middle ones, as in SciPy.
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape and dtype. A uint8 result is rounded and *saturates*: what is below 0 becomes 0.
    Where signs matter, as in a derivative, convert first: ``correlate(as_float(image), ...)``.

    Raises
    ------
    ValueError
        If the kernel is not two-dimensional, is empty, not finite, over 4097 a side, or so large in
        value that the dtype cannot hold the sums.
    TypeError
        If image or kernel have another dtype.

    Notes
    -----
    Within ``1e-6 * sum(abs(kernel)) * max(abs(image))`` of the float64 definition in float32,
    ``1e-14`` times that in float64; uint8 to the nearest level. Kernels beyond 11x11 go through a
    Fourier transform, where the same holds.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.4. Szeliski, Computer Vision,
    2nd ed., section 3.2.

    Examples
    --------
    >>> row = np.float32([[0, 0, 1, 0, 0]])  # (1, 5)
    >>> correlate(row, [[1, 2, 3]])  # an impulse gives the kernel, turned around
    array([[0., 3., 2., 1., 0.]], dtype=float32)
    """
    require_image(image, tensor=True)
    weights = _kernel(kernel, image)
    h, w = weights.shape
    return engine(image).correlate(image, weights, (h // 2, w // 2), mode=mode, cval=cval)


@routine(float32=1e-6, float64=1e-14)
def convolve(
    image: AnyImage, kernel: npt.ArrayLike, *, mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """Correlate with the kernel turned by 180 degrees.

    ``out[r, c] = sum over i, j of kernel[i, j] * image[r - i + h // 2, c - j + w // 2]``

    The turn is what makes an impulse give the kernel itself, the order of two filters not matter,
    and the Fourier transform turn it into a product. For a symmetric kernel nothing changes.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    kernel : array or nested lists (h, w) of real numbers; may be larger than the image
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape and dtype; uint8 is rounded and saturates, as in :func:`correlate`.

    Raises
    ------
    ValueError, TypeError
        As :func:`correlate`.

    Notes
    -----
    The tolerance is that of :func:`correlate`. Even sides have their centre where SciPy has it.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.4.

    Examples
    --------
    >>> row = np.float32([[0, 0, 1, 0, 0]])  # (1, 5)
    >>> convolve(row, [[1, 2, 3]])
    array([[0., 1., 2., 3., 0.]], dtype=float32)
    """
    require_image(image, tensor=True)
    weights = _kernel(kernel, image)[::-1, ::-1]
    h, w = weights.shape
    centre = (h - 1) // 2, (w - 1) // 2
    return engine(image).correlate(image, weights, centre, mode=mode, cval=cval)


@routine(float32=1e-6, float64=1e-14)
def separable(
    image: AnyImage,
    column: npt.ArrayLike,
    row: npt.ArrayLike,
    *,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """Correlate with a kernel that is a column times a row, at the price of the two.

    ``separable(image, column, row) = correlate(image, outer(column, row))``

    A kernel of h times w weights costs ``h * w`` products for each pixel; two passes, one along
    each axis, cost ``h + w``.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    column : weights (h,) down the rows, real numbers
    row : weights (w,) along the columns
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape and dtype; uint8 is rounded once, at the end, and saturates.

    Raises
    ------
    ValueError, TypeError
        As :func:`correlate`, for column and row.

    Notes
    -----
    The tolerance is that of :func:`correlate`, with the sum of the magnitudes of the outer product.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.4. Szeliski, Computer Vision,
    2nd ed., section 3.2.1.

    Examples
    --------
    >>> dot = np.zeros((3, 3))
    >>> dot[1, 1] = 1
    >>> separable(dot, [1, 2, 1], [1, 0, -1], mode="constant")  # the kernel, turned around
    array([[-1.,  0.,  1.],
           [-2.,  0.,  2.],
           [-1.,  0.,  1.]])
    """
    require_image(image, tensor=True)
    down, along = _line(image, column=column), _line(image, row=row)
    if np.abs(down).sum() * np.abs(along).sum() > _limit(image):
        raise ValueError(f"column and row have weights too large for a {image.dtype} image")
    centre = len(down) // 2, len(along) // 2
    return engine(image).separable(image, down, along, centre, mode=mode, cval=cval)


def _line(image: AnyImage, **weights: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """One of the two factors, by the rules of kernels."""
    ((name, values),) = weights.items()
    line = np.asarray(values)
    if line.ndim != 1:
        raise ValueError(f"{name} has shape {line.shape}; it takes a row of weights (n,)")
    return _kernel(line[None], image, name)[0]


def _kernel(
    kernel: npt.ArrayLike, image: AnyImage, name: str = "kernel"
) -> npt.NDArray[np.float64]:
    """The kernel in float64, or an error that says what it has to be."""
    try:
        weights = np.asarray(kernel)
    except ValueError as error:  # nested lists of different lengths
        raise ValueError(f"{name} must be an array (h, w): {error}") from None
    if weights.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {weights.dtype}; it takes real numbers")
    if weights.ndim != 2 or weights.size == 0:
        hint = ": use kernel[None, :] for a row or kernel[:, None] for a column"
        raise ValueError(
            f"{name} has shape {weights.shape}; it takes (h, w){hint if weights.ndim == 1 else ''}"
        )
    if max(weights.shape) > LARGEST_WINDOW:
        raise ValueError(f"{name} has shape {weights.shape}; the limit is {LARGEST_WINDOW} a side")
    weights = weights.astype(np.float64)
    if not np.isfinite(weights).all():
        raise ValueError(f"{name} has values that are NaN or infinite")
    total = np.abs(weights / weights.size).sum() * weights.size
    if total > _limit(image):
        raise ValueError(
            f"{name} has magnitudes that sum to {total:.3g}; "
            f"a {image.dtype} image takes up to {_limit(image):.3g}"
        )
    return weights


def _limit(image: AnyImage) -> float:
    """Weights may sum to this: beyond, OpenCV's arithmetic overflows, and 255 comes out as 0."""
    is_bytes = not is_tensor(image) and image.dtype == np.uint8
    return 1e6 if is_bytes else largest_value(image)
