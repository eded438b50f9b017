"""Brightness and two colour differences, as JPEG stores them."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import numpy as np

from imgkit.capabilities import routine
from imgkit.color.grey import WEIGHTS
from imgkit.color.mixing import mix
from imgkit.images import AnyImage, is_tensor, require_image

RED, GREEN, BLUE = WEIGHTS["bt601"]
TO_YCBCR = np.array(
    [
        [RED, GREEN, BLUE],
        np.array([-RED, -GREEN, 1 - BLUE]) / (2 * (1 - BLUE)),  # (B - Y) / 1.772
        np.array([1 - RED, -GREEN, -BLUE]) / (2 * (1 - RED)),  # (R - Y) / 1.402
    ]
)
TO_RGB = np.linalg.inv(TO_YCBCR)


@routine(float32=1e-6, float64=2e-15, uint8=1)  # of which half is from 0.5 to 128
def rgb_to_ycbcr(image: AnyImage) -> AnyImage:
    """Take brightness and colour apart.

    ``Y = 0.299 R + 0.587 G + 0.114 B``, ``Cb = 0.5 + (B - Y) / 1.772``, ``Cr = 0.5 + (R - Y) /
    1.402``: how much bluer, and how much redder than grey a pixel is.

    Parameters
    ----------
    image : array (H, W, 3) or tensor (..., 3, H, W), RGB; floats in 0..1

    Returns
    -------
    Same shape and dtype; Y, Cb, Cr in 0..1, where Cb = Cr = 0.5 is grey. For uint8 0..255 with
    grey at 128, rounded.

    Raises
    ------
    ValueError
        If it has other channels than 3, or a float image leaves 0..1.
    TypeError
        If the image has another dtype.

    Notes
    -----
    BT.601 over the full range, as in JPEG. Mind the others: scikit-image's ``rgb2ycbcr`` has the
    range of television, Y 16..235; OpenCV has the order Y, Cr, Cb and rounds 1/1.402 to 0.713,
    up to 0.9 levels off. Within 1e-6 of the definition in float32, 2e-15 in float64; uint8 to the
    nearest level. Back by :func:`ycbcr_to_rgb`, a uint8 image differs by at most 1 level.

    References
    ----------
    ITU-T T.871 (JFIF), section 7. Gonzalez and Woods, Digital Image Processing, 4th ed., section
    7.2.

    Examples
    --------
    >>> rgb_to_ycbcr(np.array([[[255, 0, 0], [128, 128, 128]]], np.uint8))
    array([[[ 76,  85, 255], [128, 128, 128]]], dtype=uint8)
    """
    require_image(image, intensities=True, channels=(3,), tensor=True)
    return mix(image, TO_YCBCR, _neutral(image))


@routine(float32=1e-6, float64=4e-15, uint8=1.5)  # of which 0.9 is from 128 to 0.5
def ycbcr_to_rgb(image: AnyImage) -> AnyImage:
    """The way back: ``R = Y + 1.402 (Cr - 0.5)``, ``B = Y + 1.772 (Cb - 0.5)``, G from Y.

    Parameters
    ----------
    image : array (H, W, 3) or tensor (..., 3, H, W) of Y, Cb, Cr; floats in 0..1

    Returns
    -------
    RGB, same shape and dtype. Not every Y, Cb, Cr is a colour that RGB can hold: the result is
    clipped to 0..1. uint8 rounded.

    Raises
    ------
    ValueError, TypeError
        As :func:`rgb_to_ycbcr`.

    Notes
    -----
    As :func:`rgb_to_ycbcr`; 4e-15 in float64.

    References
    ----------
    ITU-T T.871 (JFIF), section 7.

    Examples
    --------
    >>> grey_or_red = np.array([[[0.5, 0.5, 0.5], [0.5, 0.5, 0.75]]])
    >>> ycbcr_to_rgb(grey_or_red).round(2)
    array([[[0.5 , 0.5 , 0.5 ], [0.85, 0.32, 0.5 ]]])
    """
    require_image(image, intensities=True, channels=(3,), tensor=True)
    rgb = mix(image, TO_RGB, -TO_RGB @ _neutral(image))
    if is_tensor(rgb):
        return rgb.clip(0, 1)
    return rgb if rgb.dtype == np.uint8 else np.clip(rgb, 0, 1, out=rgb)


def _neutral(image: AnyImage) -> np.ndarray:
    """Black in Y, Cb, Cr."""
    grey = 128.0 if not is_tensor(image) and image.dtype == np.uint8 else 0.5
    return np.array([0, grey, grey])
