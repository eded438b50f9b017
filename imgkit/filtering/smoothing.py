"""Blurring with a bell or a box, and sharpening by what a blur takes away."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.borders import (
    LARGEST_WINDOW,
    Mode,
    border_value,
    require_window,
    window_reach,
)
from imgkit.filtering.engine import engine
from imgkit.images import (
    AnyImage,
    require_image,
    require_number,
    require_positive,
)


@routine(float32=2e-6, float64=1e-14)
def gaussian(
    image: AnyImage,
    *,
    sigma: float,
    truncate: float = 4.0,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """Blur with a bell: near neighbours count more than far ones.

    The weights are ``exp(-(i² + j²) / (2 sigma²))``, cut off beyond ``truncate * sigma`` and
    divided by their sum, so a flat image stays as it is.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    sigma : standard deviation in pixels, > 0
    truncate : where the bell is cut, in standard deviations, > 0
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
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
    The window is SciPy's, ``2 * int(truncate * sigma + 0.5) + 1``, one pass along each axis. A wide
    one is done by matrix products: the same weights, quicker. Within 2e-6 of the float64
    definition in float32 (of the largest magnitude; 5e-7 up to sigma 20), 1e-14 in float64; uint8
    to the nearest level, where OpenCV's own ``GaussianBlur`` is up to one off.

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
    require_image(image, tensor=True)
    bell = bell_weights(sigma, truncate)
    reach = len(bell) // 2
    return engine(image).separable(image, bell, bell, (reach, reach), mode=mode, cval=cval)


@routine(float32=1e-6, float64=1e-13)
def box(
    image: AnyImage, *, size: int | tuple[int, int], mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """Blur with a box: the mean of the pixels in a window.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    size : of the window in pixels, or (rows, columns). The centre of an even side is the later of
        the two middle ones, as in SciPy.
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
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
    Arrays take the same time for every size, by running sums. Within 1e-6 of the float64 definition
    in float32 and 1e-13 in float64 (of the largest magnitude); uint8 to the nearest level.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.5.

    Examples
    --------
    >>> box(np.float32([[0, 0, 3, 0, 0]]), size=(1, 3))
    array([[0., 1., 1., 1., 0.]], dtype=float32)
    """
    require_image(image, tensor=True)
    h, w = require_window(size)
    return engine(image).box(image, (h, w), window_reach(h, w), mode=mode, cval=cval)


@routine(float32=2e-6, float64=1e-14)
def unsharp_mask(
    image: AnyImage,
    *,
    sigma: float = 2.0,
    amount: float = 1.0,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """Sharpen: add back what a Gaussian blur takes away.

    ``out = image + amount * (image - gaussian(image, sigma))``

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1
    sigma : standard deviation of the blur in pixels, > 0
    amount : strength, -1000..1000; 0 changes nothing, -1 is the blur
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
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
    require_image(image, intensities=True, tensor=True)
    require_number(amount=amount)
    if abs(amount) > 1000:
        raise ValueError(f"amount must lie in -1000..1000, got {amount!r}")
    bell, own = bell_weights(sigma, truncate=4.0), engine(image)
    centre = len(bell) // 2, len(bell) // 2
    levels, beyond = own.levels_of(image), border_value(image, mode, cval)
    soft = own.separable(levels, bell, bell, centre, mode=mode, cval=beyond)
    return own.saturated(own.blend(levels, 1 + amount, soft, -amount), like=image)


def bell_weights(sigma: float, truncate: float, name: str = "sigma") -> npt.NDArray[np.float64]:
    """The weights of a Gaussian along one axis, (2 * reach + 1,), or an error."""
    require_positive(**{name: sigma, "truncate": truncate})
    reach = int(min(truncate * sigma, 1e9) + 0.5)
    if 2 * reach + 1 > LARGEST_WINDOW:
        raise ValueError(
            f"{name}={sigma!r} with truncate={truncate!r} needs a window of {2 * reach + 1:.4g} "
            f"pixels; the limit is {LARGEST_WINDOW}: shrink the image first"
        )
    if sigma < 0.01:  # the neighbours' weights are below the smallest float
        return np.ones(1)
    offsets = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 * (offsets / sigma) ** 2)
    return bell / bell.sum()
