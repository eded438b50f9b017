"""Smoothing, sharpening and derivatives: what a pixel becomes from its neighbours.

All routines take an image as :mod:`imgkit.images` defines it, treat its channels alike, and return
a new array. At the border a filter needs pixels that are not there; ``mode`` says what they are,
here for a row ``a b c d``:

========  =========================  ====================================================
mode      beyond the edges           in words
========  =========================  ====================================================
mirror    d c b | a b c d | c b a    reflected about the edge pixel (the default)
reflect   c b a | a b c d | d c b    reflected about the edge itself, the edge pixel twice
nearest   a a a | a b c d | d d d    the edge pixel goes on
wrap      b c d | a b c d | a b c    the image begins again
constant  v v v | a b c d | v v v    one value ``cval``, a fraction of full scale
========  =========================  ====================================================

The names are SciPy's. Mind that PyTorch and NumPy say "reflect" for what is called mirror here.
"""

from __future__ import annotations  # help() says Image, not what it stands for

from collections.abc import Callable
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imgkit.images import (
    Image,
    as_dtype,
    as_float,
    require_choice,
    require_image,
    require_number,
    require_positive,
    require_size,
)

Mode: TypeAlias = Literal["mirror", "reflect", "nearest", "wrap", "constant"]

# the one place where our names meet OpenCV's
MODES = {
    "mirror": cv2.BORDER_REFLECT_101,
    "reflect": cv2.BORDER_REFLECT,
    "nearest": cv2.BORDER_REPLICATE,
    "wrap": cv2.BORDER_WRAP,
    "constant": cv2.BORDER_CONSTANT,
}

LARGEST_WINDOW = 4097  # pixels a side: a Gaussian of sigma 512
LARGEST_MEDIAN = 255
AT_ONCE = 4  # channels that every OpenCV filter and border takes


def correlate(
    image: Image, kernel: npt.ArrayLike, *, mode: Mode = "mirror", cval: float = 0.0
) -> Image:
    """Slide a kernel over the image and sum the products.

    ``out[r, c] = sum over i, j of kernel[i, j] * image[r + i - h // 2, c + j - w // 2]``

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values
    kernel : array or nested lists (h, w) of real numbers; may be larger than the image. It is not
        flipped: see :func:`convolve` for that. The centre of an even side is the later of the two
        middle ones, as in SciPy.
    mode : what lies beyond the edge, see the table above
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
    require_image(image)
    weights = _kernel(kernel, image)
    h, w = weights.shape
    return _correlate(image, weights, (h // 2, w // 2), mode, cval)


def convolve(
    image: Image, kernel: npt.ArrayLike, *, mode: Mode = "mirror", cval: float = 0.0
) -> Image:
    """Correlate with the kernel turned by 180 degrees.

    ``out[r, c] = sum over i, j of kernel[i, j] * image[r - i + h // 2, c - j + w // 2]``

    The turn is what makes an impulse give the kernel itself, the order of two filters not matter,
    and the Fourier transform turn it into a product. For a symmetric kernel nothing changes.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values
    kernel : array or nested lists (h, w) of real numbers; may be larger than the image
    mode : what lies beyond the edge, see the table above
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
    require_image(image)
    weights = _kernel(kernel, image)[::-1, ::-1]
    h, w = weights.shape
    return _correlate(image, weights, ((h - 1) // 2, (w - 1) // 2), mode, cval)


def gaussian(
    image: Image,
    *,
    sigma: float,
    truncate: float = 4.0,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> Image:
    """Blur with a bell: near neighbours count more than far ones.

    The weights are ``exp(-(i² + j²) / (2 sigma²))``, cut off beyond ``truncate * sigma`` and
    divided by their sum, so a flat image stays as it is.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values
    sigma : standard deviation in pixels, > 0
    truncate : where the bell is cut, in standard deviations, > 0
    mode : what lies beyond the edge, see the table above
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape and dtype; uint8 rounded.

    Raises
    ------
    ValueError
        If sigma or truncate is not positive, or the window would be over 4097 pixels a side
        (sigma 512): shrink the image first.
    TypeError
        If the image has another dtype.

    Notes
    -----
    The window is SciPy's, ``2 * int(truncate * sigma + 0.5) + 1``. Within 2e-6 of the float64
    definition in float32 (of the largest magnitude; 5e-7 up to sigma 20), 1e-14 in float64; uint8
    to the nearest level, where OpenCV's own ``GaussianBlur`` is up to one off and slower.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.5. Szeliski, Computer Vision,
    2nd ed., section 3.2.1.

    Examples
    --------
    >>> row = np.zeros((1, 5), np.float32)
    >>> row[0, 2] = 1
    >>> gaussian(row, sigma=0.5).round(3)
    array([[0.001, 0.106, 0.787, 0.106, 0.001]], dtype=float32)
    """
    require_image(image)
    bell = _bell(sigma, truncate)
    reach = len(bell) // 2
    return _filter(
        image,
        lambda block, border: cv2.sepFilter2D(block, -1, bell, bell, borderType=border),
        reach=((reach, reach), (reach, reach)),
        mode=mode,
        cval=cval,
    )


def box(
    image: Image, *, size: int | tuple[int, int], mode: Mode = "mirror", cval: float = 0.0
) -> Image:
    """Blur with a box: the mean of the pixels in a window.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values
    size : of the window in pixels, or (rows, columns). The centre of an even side is the later of
        the two middle ones, as in SciPy.
    mode : what lies beyond the edge, see the table above
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape and dtype; uint8 rounded.

    Raises
    ------
    ValueError
        If size is below 1 or above 4097.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    Takes the same time for every size, by running sums. Within 1e-6 of the float64 definition in
    float32 and 1e-13 in float64 (of the largest magnitude); uint8 to the nearest level.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.5.

    Examples
    --------
    >>> box(np.float32([[0, 0, 3, 0, 0]]), size=(1, 3))
    array([[0., 1., 1., 1., 0.]], dtype=float32)
    """
    require_image(image)
    h, w = _window(size, LARGEST_WINDOW)

    def mean(block: Image, border: int) -> Image:
        if block.dtype == np.uint8 and h * w % 2 == 0:  # OpenCV rounds half of these wrongly
            exact = cv2.boxFilter(block, cv2.CV_32F, (w, h), borderType=border)
            return np.rint(exact).astype(np.uint8)
        return cv2.blur(block, (w, h), borderType=border)

    return _filter(image, mean, reach=_reach(h, w), mode=mode, cval=cval)


def median(
    image: Image, *, size: int | tuple[int, int], mode: Mode = "mirror", cval: float = 0.0
) -> Image:
    """The middle value of the pixels in a window: takes away specks, keeps edges.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); each channel by itself. Floats may have any finite values.
    size : of the window in pixels, or (rows, columns). Of an even number of pixels the upper of the
        two middle values is taken, and the centre of an even side is the later of the two middle
        ones, as in SciPy.
    mode : what lies beyond the edge, see the table above
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape and dtype. Every value is one of the image's (or cval).

    Raises
    ------
    ValueError
        If size is below 1 or above 255.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    Exact. Fast for uint8 with an odd square window, and for float32 with 3 and 5; the others go
    through SciPy, about a hundred times slower.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., sections 3.5 and 5.3.

    Examples
    --------
    >>> median(np.float32([[0, 0, 9, 0, 1, 1]]), size=(1, 3))  # the speck goes, the step stays
    array([[0., 0., 0., 1., 1., 1.]], dtype=float32)
    """
    require_image(image)
    h, w = _window(size, LARGEST_MEDIAN)
    odd_square = h == w and h % 2 == 1
    fast = (
        odd_square and h <= {"uint8": LARGEST_MEDIAN, "float32": 5, "float64": 0}[image.dtype.name]
    )

    def middle(block: Image, border: int) -> Image:
        if fast:
            return cv2.medianBlur(block, h)
        window = (h, w) if block.ndim == 2 else (h, w, 1)
        return ndimage.median_filter(block, size=window, mode="nearest")

    # medianBlur knows one border only and no pairs of channels; SciPy is off where a window is
    # much larger than the image: both get their border ready made
    channels = 1 if image.ndim == 2 else image.shape[2]
    return _filter(
        image,
        middle,
        reach=_reach(h, w),
        mode=mode,
        cval=cval,
        ready_made=True,
        at_once=channels if channels in (1, 3, 4) else 1,
    )


def sobel(
    image: Image, *, axis: Literal[0, 1] | None = None, mode: Mode = "mirror", cval: float = 0.0
) -> Image:
    """How steeply the brightness rises, per pixel.

    Along its axis the kernel is a central difference, ``(-1, 0, 1) / 2``; across, it smooths with
    ``(1, 2, 1) / 4``. A ramp that rises by 0.1 from pixel to pixel has the derivative 0.1.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values
    axis : 0 for the derivative down the rows, 1 along the columns (to the right), None for the
        magnitude ``sqrt(rows² + columns²)`` of the gradient
    mode : what lies beyond the edge, see the table above
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
    require_image(image)
    if isinstance(axis, bool) or axis not in (None, 0, 1):
        raise ValueError(f"axis must be 0 (rows), 1 (columns) or None (magnitude), got {axis!r}")
    if axis is not None:
        return _slope(image, axis, mode, cval)
    rows, columns = _slope(image, 0, mode, cval), _slope(image, 1, mode, cval)
    # cv2.magnitude is quicker, but its last bit depends on where the array lies in memory
    rows *= rows
    columns *= columns
    rows += columns
    return np.sqrt(rows, out=rows)


def laplacian(image: Image, *, mode: Mode = "mirror", cval: float = 0.0) -> Image:
    """The second derivatives' sum: what the four neighbours have more than the pixel.

    ``out = up + down + left + right - 4 * centre``

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values
    mode : what lies beyond the edge, see the table above
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
    require_image(image)
    depth, unit = _derivative(image)
    return _filter(
        image,
        lambda block, border: cv2.Laplacian(block, depth, ksize=1, scale=unit, borderType=border),
        reach=_reach(3, 3),
        mode=mode,
        cval=cval,
    )


def unsharp_mask(
    image: Image,
    *,
    sigma: float = 2.0,
    amount: float = 1.0,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> Image:
    """Sharpen: add back what a Gaussian blur takes away.

    ``out = image + amount * (image - gaussian(image, sigma))``

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats in 0..1
    sigma : standard deviation of the blur in pixels, > 0
    amount : strength, -1000..1000; 0 changes nothing, -1 is the blur
    mode : what lies beyond the edge, see the table above
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape and dtype; clipped to full scale, uint8 rounded.

    Raises
    ------
    ValueError
        If sigma is not positive, or a float image leaves 0..1.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Within ``1e-6 * (1 + abs(amount))`` of the float64 definition in float32, 1e-14 times that in
    float64; uint8 to the nearest level.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.6.

    Examples
    --------
    >>> step = np.repeat(np.float32([[0.25, 0.75]]), 8, axis=1)  # (1, 16)
    >>> f"{unsharp_mask(step, sigma=1).max():.2f}"
    '0.90'
    """
    require_image(image, intensities=True)
    require_number(amount=amount)
    if abs(amount) > 1000:
        raise ValueError(f"amount must lie in -1000..1000, got {amount!r}")
    values = as_float(image)
    sharp = values - gaussian(values, sigma=sigma, mode=mode, cval=cval)  # the detail
    sharp *= float(amount)
    sharp += values
    return as_dtype(sharp, like=image)


# --- how a filter is run --------------------------------------------------------------------------


def _filter(
    image: Image,
    call: Callable[[Image, int], Image],
    *,
    reach: tuple[tuple[int, int], tuple[int, int]],
    mode: Mode,
    cval: float,
    ready_made: bool = False,
    at_once: int = AT_ONCE,
) -> Image:
    """Run ``call(block, border)``, one or two OpenCV calls, over an image of any shape.

    OpenCV's filters know neither wrap nor a constant other than 0. There, and where ``ready_made``
    asks for it, the image gets its border first: ``reach`` pixels at (top, bottom), (left, right).
    """
    require_choice(MODES, mode=mode)
    value = _border_value(image, cval)
    if image.ndim == 3 and image.shape[2] > at_once:
        parts = [image[..., c : c + at_once] for c in range(0, image.shape[2], at_once)]
        parts = [
            _filter(part, call, reach=reach, mode=mode, cval=cval, ready_made=ready_made)
            for part in parts
        ]
        return np.concatenate(parts, axis=2)
    if ready_made or mode == "wrap" or (mode == "constant" and value != 0):
        (top, bottom), (left, right) = reach
        frame = (top, bottom, left, right, MODES[mode])
        out = call(cv2.copyMakeBorder(image, *frame, value=[value] * AT_ONCE), cv2.BORDER_CONSTANT)
        out = out[top : top + image.shape[0], left : left + image.shape[1]]
    else:
        out = call(image, MODES[mode])
    # OpenCV drops the axis of a single channel
    return np.ascontiguousarray(out).reshape(image.shape)


def _border_value(image: Image, cval: float) -> float:
    require_number(cval=cval)
    if image.dtype == np.uint8:
        if not 0 <= cval <= 1:
            raise ValueError(f"cval must be a fraction of full scale, 0..1, got {cval!r}")
        return float(np.rint(255 * cval))
    if abs(cval) > float(np.finfo(image.dtype).max):
        raise ValueError(f"cval must fit into {image.dtype}, got {cval!r}")
    return float(cval)


def _correlate(
    image: Image, weights: np.ndarray, centre: tuple[int, int], mode: Mode, cval: float
) -> Image:
    (h, w), (row, column) = weights.shape, centre
    return _filter(
        image,
        lambda block, border: cv2.filter2D(
            block, -1, weights, anchor=(column, row), borderType=border
        ),
        reach=((row, h - 1 - row), (column, w - 1 - column)),
        mode=mode,
        cval=cval,
    )


def _slope(image: Image, axis: int, mode: Mode, cval: float) -> Image:
    """Sobel's derivative along one axis."""
    depth, unit = _derivative(image)
    order = (0, 1) if axis == 0 else (1, 0)  # OpenCV's x, y
    return _filter(
        image,
        lambda block, border: cv2.Sobel(block, depth, *order, scale=unit / 8, borderType=border),
        reach=_reach(3, 3),
        mode=mode,
        cval=cval,
    )


def _reach(h: int, w: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """What a window of (h, w) sees before and after its centre."""
    return (h // 2, (h - 1) // 2), (w // 2, (w - 1) // 2)


def _kernel(kernel: npt.ArrayLike, image: Image) -> npt.NDArray[np.float64]:
    """The kernel in float64, or an error that says what it has to be."""
    try:
        weights = np.asarray(kernel)
    except ValueError as error:  # nested lists of different lengths
        raise ValueError(f"kernel must be an array (h, w): {error}") from None
    if weights.dtype.kind not in "biuf":
        raise TypeError(f"kernel has dtype {weights.dtype}; it takes real numbers")
    if weights.ndim != 2 or weights.size == 0:
        hint = ": use kernel[None, :] for a row or kernel[:, None] for a column"
        raise ValueError(
            f"kernel has shape {weights.shape}; it takes (h, w){hint if weights.ndim == 1 else ''}"
        )
    if max(weights.shape) > LARGEST_WINDOW:
        raise ValueError(f"kernel has shape {weights.shape}; the limit is {LARGEST_WINDOW} a side")
    weights = weights.astype(np.float64)
    if not np.isfinite(weights).all():
        raise ValueError("kernel has values that are NaN or infinite")
    # beyond these sums OpenCV's arithmetic overflows, and 255 comes out as 0
    limit = 1e6 if image.dtype == np.uint8 else float(np.finfo(image.dtype).max)
    total = np.abs(weights / weights.size).sum() * weights.size
    if total > limit:
        raise ValueError(
            f"kernel has magnitudes that sum to {total:.3g}; "
            f"a {image.dtype} image takes up to {limit:.3g}"
        )
    return weights


def _bell(sigma: float, truncate: float) -> npt.NDArray[np.float64]:
    """The weights of a Gaussian along one axis, (2 * reach + 1,)."""
    require_positive(sigma=sigma, truncate=truncate)
    reach = int(min(truncate * sigma, 1e9) + 0.5)
    if 2 * reach + 1 > LARGEST_WINDOW:
        raise ValueError(
            f"sigma={sigma!r} with truncate={truncate!r} needs a window of {2 * reach + 1:.4g} "
            f"pixels; the limit is {LARGEST_WINDOW}: shrink the image first"
        )
    if sigma < 0.01:  # the neighbours' weights are below the smallest float
        return np.ones(1)
    offsets = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 * (offsets / sigma) ** 2)
    return bell / bell.sum()


def _window(size: int | tuple[int, int], limit: int) -> tuple[int, int]:
    h, w = require_size(size=size)
    if max(h, w) > limit:
        raise ValueError(f"size must be at most {limit}, got {size!r}")
    return h, w


def _derivative(image: Image) -> tuple[int, float]:
    """OpenCV's result type for a signed result, and the unit that makes it fractions."""
    if image.dtype == np.float64:
        return cv2.CV_64F, 1.0
    return cv2.CV_32F, 1 / 255 if image.dtype == np.uint8 else 1.0
