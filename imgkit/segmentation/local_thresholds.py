"""A threshold for every pixel, from its neighbourhood: for uneven light, and for pages of text."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.filtering import arrays, tensors
from imgkit.filtering.borders import MODES, Mode, require_window, window_reach
from imgkit.filtering.engine import engine
from imgkit.filtering.smoothing import bell_weights
from imgkit.images import (
    AnyImage,
    Image,
    is_tensor,
    require_choice,
    require_gray,
    require_number,
    require_positive,
)
from imgkit.images.pointwise import in_parallel, library, shares

if TYPE_CHECKING:
    import torch

METHODS = ("gaussian", "mean")
WHOLE_UP_TO = (2**31 - 1) // 255**2  # pixels of a window whose squares add up in 32 bits
BAND_ROWS = 256
STRIP_ROWS = 32  # whose sums become thresholds at once
TOO_LARGE = "the image's squares, or k"
Moments = Callable[[Image, slice], Iterator[tuple[Image, Image]]]  # band, inner rows -> strips
Formula = Callable[..., AnyImage]  # mean, deviation, out=None -> threshold


@routine(float32=2e-6, float64=1e-13, uint8=1e-3)
def adaptive(
    image: AnyImage,
    *,
    size: int | tuple[int, int],
    method: Literal["gaussian", "mean"] = "gaussian",
    offset: float = 0.0,
    mode: Mode = "mirror",
) -> AnyImage:
    """The local mean as threshold: bright is what is brighter than its surroundings.

    ``mean of the window - offset``

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W); floats may have any finite values
    size : of the window in pixels, or (rows, columns); odd. Larger than the objects.
    method : "gaussian" weighs near pixels more, with ``sigma = (size - 1) / 6``; "mean" weighs the
        whole window alike
    offset : what is subtracted from the mean, so that noise on a flat ground stays below the
        threshold (negative) or above; a fraction of full scale for uint8
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`; "constant" is black

    Returns
    -------
    The threshold of each pixel on the image's own scale, same shape: float32 in 0..255 for uint8,
    not rounded; else the image's dtype. ``image > adaptive(image, size=31)`` is a mask.

    Raises
    ------
    ValueError
        If size is even or above 4097, method is unknown, or the image has colours.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    As scikit-image's ``threshold_local``, whose default border is "reflect" and whose offset is not
    scaled; the bell reaches 4 sigma, a little beyond the window. OpenCV's ``adaptiveThreshold``
    rounds the mean to a whole level, which turns about one pixel in a hundred, repeats the edge
    pixel, and takes another sigma. Within 2e-6 of the definition in float32, 1e-13 in float64, 1e-3
    levels for uint8.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 10.3.

    Examples
    --------
    >>> ramp = np.arange(6, dtype=np.float32)[None] / 10
    >>> ramp[0, 3] += 0.2
    >>> (ramp > adaptive(ramp, size=(1, 3), method="mean", offset=-0.1)).astype(int)
    array([[0, 0, 0, 1, 0, 0]])
    """
    require_gray(image, tensor=True)
    h, w = _require_odd(size)
    require_choice(METHODS, method=method)
    require_number(offset=offset)
    values = engine(image).levels_of(image)
    border = {"mode": mode, "cval": 0.0}
    if method == "mean":
        mean = engine(image).box(values, (h, w), window_reach(h, w), **border)
    else:
        column, row = (bell_weights(max(n - 1, 1e-3) / 6, 4.0) for n in (h, w))
        centre = len(column) // 2, len(row) // 2
        mean = engine(image).separable(values, column, row, centre, **border)
    with np.errstate(over="ignore"):
        return _finite(mean - offset * _full_scale(image), "the image, or offset")


@routine(float32=1e-4, float64=1e-7, uint8=1e-3)
def sauvola(
    image: AnyImage,
    *,
    size: int | tuple[int, int],
    k: float = 0.2,
    r: float = 0.5,
    mode: Mode = "mirror",
) -> AnyImage:
    """A threshold below the local mean, and farther below where the window has little contrast.

    ``m (1 + k (s / r - 1))``, with ``m`` the mean and ``s`` the standard deviation in the window.
    Made for dark text: on empty paper, where ``s`` is small, the threshold sinks and stains stay
    paper.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W); floats meant to be 0..1, but any finite values do
    size : of the window in pixels, or (rows, columns); odd. About as large as a letter.
    k : how far the threshold sinks where nothing varies, 0.2 to 0.5 for text; any number
    r : the largest standard deviation there can be, > 0; a fraction of full scale. Half of full
        scale is what half black and half white has.
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`; "constant" is black

    Returns
    -------
    The threshold of each pixel on the image's own scale, same shape: float32 in 0..255 for uint8,
    not rounded; else the image's dtype. ``image < sauvola(image, size=25)`` is the mask of the ink.

    Raises
    ------
    ValueError
        If size is even or above 4097, r is not positive, or the image has colours.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    scikit-image takes ``r = 1`` for floats and 127.5 for uint8, so that there the same picture has
    two thresholds; here it is half of full scale for both. Its border is the same.

    The variance is the mean of the squares less the square of the mean, for which a mean
    is subtracted first; uint8 is added up in whole numbers. Of a window in which nothing varies the
    deviation is within 2e-4 of 0 in float32, which makes 1e-4 in the threshold for ``k`` up to 0.2,
    and far less where there is contrast; 1e-7 in float64, 1e-3 levels for uint8. Arrays take the
    same time for every size.

    References
    ----------
    J. Sauvola and M. Pietikäinen, "Adaptive document image binarization", Pattern Recognition
    33(2), 2000.

    Examples
    --------
    >>> paper = np.full((7, 7), 0.8)
    >>> paper[3, 2:5] = 0.1
    >>> (paper < sauvola(paper, size=5)).sum(), sauvola(paper, size=5)[0, 0].round(3)
    (np.int64(3), np.float64(0.64))
    """
    require_gray(image, tensor=True)
    require_number(k=k)
    require_positive(r=r)
    steepness = k / (r * _full_scale(image))

    def formula(mean: AnyImage, deviation: AnyImage, out: Image | None = None) -> AnyImage:
        own = library(mean)
        factor = own.add(own.multiply(deviation, steepness, out=out), 1 - k, out=out)
        return own.multiply(mean, factor, out=out)

    return _surface(image, _require_odd(size), mode, formula)


@routine(float32=1e-4, float64=1e-7, uint8=1e-3)
def niblack(
    image: AnyImage, *, size: int | tuple[int, int], k: float = 0.2, mode: Mode = "mirror"
) -> AnyImage:
    """A threshold so many standard deviations below the local mean.

    ``m - k s``, with ``m`` the mean and ``s`` the standard deviation in the window.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W); floats may have any finite values
    size : of the window in pixels, or (rows, columns); odd
    k : how many standard deviations; negative for bright objects
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`; "constant" is black

    Returns
    -------
    The threshold of each pixel on the image's own scale, same shape: float32 in 0..255 for uint8,
    not rounded; else the image's dtype.

    Raises
    ------
    ValueError
        If size is even or above 4097, or the image has colours.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    As in scikit-image, border included. On empty paper it follows the noise, which is what
    :func:`sauvola` mends. How exact: see there.

    References
    ----------
    W. Niblack, An Introduction to Digital Image Processing, Prentice Hall, 1986, section 5.1.

    Examples
    --------
    >>> niblack(np.float32([[0, 0, 1, 1]]), size=(1, 3), k=0.5).round(3)
    array([[0.   , 0.098, 0.431, 1.   ]], dtype=float32)
    """
    require_gray(image, tensor=True)
    require_number(k=k)

    def formula(mean: AnyImage, deviation: AnyImage, out: Image | None = None) -> AnyImage:
        own = library(mean)
        return own.add(mean, own.multiply(deviation, -k, out=out), out=out)

    return _surface(image, _require_odd(size), mode, formula)


def _require_odd(size: int | tuple[int, int]) -> tuple[int, int]:
    h, w = require_window(size)
    if h % 2 == 0 or w % 2 == 0:
        raise ValueError(f"size must be odd, so that the window has a middle, got {size!r}")
    return h, w


def _full_scale(image: AnyImage) -> int:
    return 255 if not is_tensor(image) and image.dtype == np.uint8 else 1


def _finite(surface: AnyImage, what: str) -> AnyImage:
    with np.errstate(over="ignore", invalid="ignore"):
        if library(surface).isfinite(surface.sum()):
            return surface
    raise ValueError(f"{what}, are too large for {surface.dtype}: divide the image by its range")


def _surface(image: AnyImage, size: tuple[int, int], mode: Mode, formula: Formula) -> AnyImage:
    """The formula of the mean and the standard deviation in the window around each pixel."""
    if is_tensor(image):
        return _finite(_of_tensor(image, size, mode, formula), TOO_LARGE)
    return _of_array(image, size, mode, formula)


def _of_array(image: Image, size: tuple[int, int], mode: Mode, formula: Formula) -> Image:
    if mode in ("wrap", "constant"):  # OpenCV's running sums know neither
        (top, _), (left, _) = reach = window_reach(*size)
        wide = _of_array(arrays.pad(image, reach, mode=mode), size, "mirror", formula)
        inside = wide[top : top + image.shape[0], left : left + image.shape[1]]
        return np.ascontiguousarray(inside)
    bytes_ = image.dtype == np.uint8
    make = _moments_of_bytes if bytes_ and size[0] * size[1] <= WHOLE_UP_TO else _moments_of_floats
    out = np.empty(image.shape, np.float32 if bytes_ else image.dtype)
    rows, reach = max(BAND_ROWS, 2 * size[0]), size[0] // 2

    def work(starts: Sequence[int]) -> None:
        moments = make((rows + 2 * reach, image.shape[1]), out.dtype, size, MODES[mode])
        for start in starts:
            first, stop = max(0, start - reach), min(start + rows, len(out))
            band = image[first : stop + reach]  # with the rows that its windows reach
            with np.errstate(over="ignore", invalid="ignore"):
                strips = moments(band, slice(start - first, stop - first))
                for top, strip in zip(range(start, stop, STRIP_ROWS), strips, strict=True):
                    _finite(formula(*strip, out=out[top : top + len(strip[0])]), TOO_LARGE)

    # a band stays in the cache from step to step, which is worth adding up some rows twice
    in_parallel(work, shares(range(0, len(out), rows)))
    return out


def _moments_of_floats(
    shape: tuple[int, int], dtype: np.dtype, size: tuple[int, int], border: int
) -> Moments:
    """Gives the mean and the standard deviation in the windows around the inner rows of a band."""
    memory = np.empty((3, *shape), dtype)
    depth = cv2.CV_32F if dtype == np.float32 else cv2.CV_64F  # -1 would double the precision

    def moments(band: Image, inner: slice) -> Iterator[tuple[Image, Image]]:
        rest, means, squares = memory[:, : len(band)]
        centre = band[::4, ::8].mean(dtype=dtype)
        np.subtract(band, centre, out=rest)
        cv2.boxFilter(rest, depth, size[::-1], dst=means, borderType=border)
        cv2.sqrBoxFilter(rest, depth, size[::-1], dst=squares, borderType=border)
        for mean, square, spare in _strips(inner, means, squares, rest):
            square -= np.multiply(mean, mean, out=spare)
            np.maximum(square, 0, out=square)
            mean += centre
            yield mean, np.sqrt(square, out=square)

    return moments


def _moments_of_bytes(
    shape: tuple[int, int], dtype: np.dtype, size: tuple[int, int], border: int
) -> Moments:
    """The same from whole numbers: with n pixels, ``n s = sqrt(n sum(x²) - sum(x)²)``."""
    memory, strip = np.empty((2, *shape), np.int32), (2, STRIP_ROWS, shape[1])
    exact, results = np.empty(strip), np.empty(strip, dtype)
    n, options = size[0] * size[1], {"normalize": False, "borderType": border}

    def moments(band: Image, inner: slice) -> Iterator[tuple[Image, Image]]:
        totals, totals_of_squares = memory[:, : len(band)]
        cv2.boxFilter(band, cv2.CV_32S, size[::-1], dst=totals, **options)
        cv2.sqrBoxFilter(band, cv2.CV_32S, size[::-1], dst=totals_of_squares, **options)
        for total, total_of_squares in _strips(inner, totals, totals_of_squares):
            (squares, means), (mean, deviation) = exact[:, : len(total)], results[:, : len(total)]
            np.multiply(total_of_squares, float(n), out=squares)
            means[...] = total
            squares -= np.multiply(means, means, out=means)
            mean[...], deviation[...] = total, squares
            np.sqrt(deviation, out=deviation)
            results[:, : len(total)] *= 1 / n
            yield mean, deviation

    return moments


def _strips(rows: slice, *parts: Image) -> Iterator[list[Image]]:
    """The rows of each, a few at a time: doubles of a whole band would not stay in the cache."""
    for top in range(rows.start, rows.stop, STRIP_ROWS):
        yield [part[top : min(top + STRIP_ROWS, rows.stop)] for part in parts]


def _of_tensor(
    image: torch.Tensor, size: tuple[int, int], mode: Mode, formula: Formula
) -> torch.Tensor:
    import torch

    centre = 0.0 if mode == "constant" else image.detach().mean((-2, -1), keepdim=True)
    rest, reach = image - centre, window_reach(*size)
    mean = tensors.box(rest, size, reach, mode=mode, cval=0.0)
    square = tensors.box(rest * rest, size, reach, mode=mode, cval=0.0)
    # where nothing varies the root has no slope, and the gradient is 0
    variance = (square - mean * mean).clamp(min=torch.finfo(image.dtype).tiny)
    return formula(mean + centre, variance.sqrt())
