"""Corners: how much the brightness around a pixel changes in two directions."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Callable

import numpy as np

from imgkit.capabilities import routine
from imgkit.filtering.borders import Mode, largest_value
from imgkit.filtering.derivatives import SMOOTHING
from imgkit.filtering.engine import engine
from imgkit.filtering.smoothing import bell_weights
from imgkit.images import AnyImage, is_tensor, require_gray, require_number
from imgkit.images.pointwise import in_bands
from imgkit.images.tensors import extremes


@routine(float32=1e-6, float64=1e-14, uint8=1e-4)
def harris(
    image: AnyImage, *, sigma: float = 1.0, k: float = 0.05, mode: Mode = "mirror"
) -> AnyImage:
    """Harris' response: high on corners, negative on edges, about 0 where nothing happens.

    ``out = det(M) - k * trace(M)²``, with ``M = [[a, b], [b, c]]`` the mean of ``rows²``,
    ``rows * columns`` and ``columns²`` of the slopes around each pixel. Along an edge all slopes
    point one way, and M has one eigenvalue that is about 0; at a corner both are large.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W); floats may have any finite values, of moderate size
    sigma : standard deviation in pixels of the Gaussian window that takes the mean, > 0
    k : how much an edge is held against a corner, 0.04 to 0.06 as a rule; a response above 0 takes
        eigenvalues whose ratio is at least about k
    mode : what lies beyond the edge of the image, see :mod:`imgkit.filtering`; a constant is black

    Returns
    -------
    Same shape; float32 for uint8, else the dtype of the image. In fractions of full scale per pixel
    to the fourth power: responses are small, 0.001 is a strong corner.

    Raises
    ------
    ValueError
        If sigma is not positive, the image has colours (``color.to_gray`` helps), or values so
        large that their fourth power is not a number.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Slopes are those of :func:`~imgkit.filtering.sobel`, per pixel. OpenCV's ``cornerHarris`` has a
    box for a window and another scale; scikit-image takes ``mode="constant"`` and slopes 8 times as
    large. Within 1e-6 of the float64 definition in float32 and uint8 (of the largest
    ``trace(M)²``), 1e-14 in float64.

    References
    ----------
    Harris and Stephens, A combined corner and edge detector, Alvey Vision Conference, 1988.
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 11.6. Szeliski, Computer Vision,
    2nd ed., section 7.1.

    Examples
    --------
    >>> square = np.zeros((12, 12))
    >>> square[4:, 4:] = 1
    >>> response = harris(square)
    >>> [int(i) for i in np.unravel_index(response.argmax(), response.shape)]
    [4, 4]
    """
    a, b, c = _structure(image, sigma, mode)
    require_number(k=k)
    return _pixelwise(lambda a, b, c: a * c - b * b - k * (a + c) ** 2, a, b, c)


@routine(float32=1e-6, float64=1e-14, uint8=1e-4)
def shi_tomasi(image: AnyImage, *, sigma: float = 1.0, mode: Mode = "mirror") -> AnyImage:
    """Shi and Tomasi's response: how steep it is in the direction in which it is least steep.

    ``out = (a + c) / 2 - sqrt(((a - c) / 2)² + b²)``, the smaller eigenvalue of the matrix
    ``M = [[a, b], [b, c]]`` of :func:`harris`. No k has to be chosen, and the root of the response
    is a slope.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W); floats may have any finite values, of moderate size
    sigma : standard deviation in pixels of the Gaussian window that takes the mean, > 0
    mode : what lies beyond the edge of the image, see :mod:`imgkit.filtering`; a constant is black

    Returns
    -------
    Same shape, never below 0 but for rounding; float32 for uint8, else the dtype of the image. In
    fractions of full scale per pixel, squared.

    Raises
    ------
    ValueError, TypeError
        As :func:`harris`.

    Notes
    -----
    OpenCV's ``cornerMinEigenVal`` has a box for a window and another scale. Within 1e-6 of the
    float64 definition in float32 and uint8 (of the largest ``trace(M)``), 1e-14 in float64.

    References
    ----------
    Shi and Tomasi, Good features to track, CVPR 1994. Szeliski, Computer Vision, 2nd ed., section
    7.1.

    Examples
    --------
    >>> square = np.zeros((12, 12))
    >>> square[4:, 4:] = 1
    >>> response = shi_tomasi(square)
    >>> [int(i) for i in np.unravel_index(response.argmax(), response.shape)]
    [4, 4]
    """
    a, b, c = _structure(image, sigma, mode)
    size = engine(a).magnitude
    return _pixelwise(lambda a, b, c: (a + c) / 2 - size((a - c) / 2, b), a, b, c)


def _structure(image: AnyImage, sigma: float, mode: Mode) -> tuple[AnyImage, ...]:
    """The mean of rows², rows * columns and columns² under a Gaussian window."""
    require_gray(image, tensor=True)
    bell = bell_weights(sigma, truncate=4.0)
    _require_moderate(image)
    own, centre = engine(image), (len(bell) // 2, len(bell) // 2)
    along, across, options = np.array([-1, 0, 1]) / 2, SMOOTHING["sobel"], {"mode": mode, "cval": 0}
    rows = own.separable(image, along, across, (1, 1), signed=True, **options)
    columns = own.separable(image, across, along, (1, 1), signed=True, **options)
    products = (rows * rows, rows * columns, columns * columns)
    return tuple(own.separable(x, bell, bell, centre, **options) for x in products)


def _require_moderate(image: AnyImage) -> None:
    """Values whose fourth power, summed up, is still a number."""
    if not is_tensor(image) and image.dtype == np.uint8:
        return
    low, high = extremes(image) if is_tensor(image) else (image.min(), image.max())
    limit = largest_value(image) ** 0.25 / 16
    if max(-low, high) > limit:
        raise ValueError(
            f"image has values from {low:.4g} to {high:.4g}; "
            f"in {image.dtype} this takes up to {limit:.2g}: divide it by its range"
        )


def _pixelwise(formula: Callable[..., AnyImage], *images: AnyImage) -> AnyImage:
    """A formula of several images; arrays into the memory of the first, band by band."""
    if is_tensor(images[0]):
        return formula(*images)
    return in_bands(lambda out, *rest: np.copyto(out, formula(out, *rest)), *images)
