"""Hue, saturation and value: colour as people name it."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.images import AnyImage, Image, is_tensor, require_image
from imgkit.images.pointwise import in_bands, library

# OpenCV adds 1e-7 to what it divides by, so dark colours get a wrong hue. Hue and saturation do
# not depend on the scale, so these see a scale where 1e-7 is nothing.
LARGE = np.float32(2.0**112)


@routine(float32=1e-6, float64=1e-15, uint8=1e-6)
def rgb_to_hsv(image: AnyImage) -> AnyImage:
    """Hue, saturation and value of each pixel.

    With the largest channel ``V`` and the smallest ``m``: ``S = (V - m) / V``, and the hue is the
    place on the colour circle, from red (0) over green (1/3) and blue (2/3) back to red (1):
    ``(G - B) / (V - m) / 6`` where red is largest, ``1/3 + (B - R) / (V - m) / 6`` where green is,
    ``2/3 + (R - G) / (V - m) / 6`` where blue is.

    Parameters
    ----------
    image : array (H, W, 3) or tensor (..., 3, H, W), RGB; floats in 0..1

    Returns
    -------
    Same shape; H, S and V in 0..1. float32 for uint8, as bytes would keep only 256 hues; else the
    dtype of the image. Grey has hue 0, black has saturation 0.

    Raises
    ------
    ValueError
        If it has other channels than 3, or a float image leaves 0..1.
    TypeError
        If the image has another dtype.

    Notes
    -----
    As scikit-image and ``colorsys``; OpenCV counts hues in degrees, halved for uint8. Within 1e-6
    of the definition in float32, for the darkest colours too, where OpenCV's own call is up to 0.1
    off; 1e-15 in float64. Hue is a circle: 0 and 1 are the same red, and rounding may give either.
    Gradients are those of the formula; of grey, which has no hue, the hue's gradient is 0.

    References
    ----------
    A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978. Gonzalez and Woods, Digital Image
    Processing, 4th ed., section 7.2.

    Examples
    --------
    >>> orange_and_grey = np.array([[[1, 0.5, 0], [0.4, 0.4, 0.4]]])
    >>> rgb_to_hsv(orange_and_grey).round(3)
    array([[[0.083, 1.   , 1.   ], [0.   , 0.   , 0.4  ]]])
    """
    require_image(image, intensities=True, channels=(3,), tensor=True)
    if is_tensor(image):
        torch = library(image)
        return torch.stack(_hsv(*image.clip(0, 1).unbind(-3), torch), -3)
    if image.dtype == np.float64:
        return in_bands(_hsv_exact, np.empty_like(image, order="C"), image)
    return in_bands(_hsv_quick, np.empty(image.shape, np.float32), image)


@routine(float32=1e-6, float64=1e-15)
def hsv_to_rgb(image: AnyImage) -> AnyImage:
    """The way back from hue, saturation and value.

    Each channel is ``V - V * S * w``, where ``w`` goes between 0 and 1 with the distance of the hue
    from that channel's own: red's is 0, green's 1/3, blue's 2/3.

    Parameters
    ----------
    image : array (H, W, 3) or tensor (..., 3, H, W) of H, S, V; floats in 0..1. After a turn of the
        hue, ``h + 0.3``, come back to the circle by ``% 1``.

    Returns
    -------
    RGB, same shape and dtype.

    Raises
    ------
    ValueError
        If it has other channels than 3, or leaves 0..1.
    TypeError
        If the image is not floats: bytes do not tell whether 255 or 180 is the full circle.

    Notes
    -----
    As scikit-image and ``colorsys``. Within 1e-6 of the definition in float32, 1e-15 in float64.

    References
    ----------
    As :func:`rgb_to_hsv`.

    Examples
    --------
    >>> hsv_to_rgb(np.array([[[1 / 3, 1, 0.8], [0, 0.5, 1]]]))
    array([[[0. , 0.8, 0. ], [1. , 0.5, 0.5]]])
    """
    require_image(image, intensities=True, channels=(3,), tensor=True)
    if is_tensor(image):
        torch = library(image)
        return torch.stack(_rgb(*image.clip(0, 1).unbind(-3), torch), -3)
    if image.dtype == np.uint8:
        raise TypeError(
            "image has dtype uint8; HSV images are float32 or float64, H, S and V in 0..1: "
            "use images.as_float(image) if 255 is the full circle"
        )
    work = _rgb_exact if image.dtype == np.float64 else _rgb_quick
    return in_bands(work, np.empty_like(image, order="C"), image)


# --- the formulas, for planes of either engine (xp is numpy or torch) -----------------------------


def _hsv(red, green, blue, xp):
    value = xp.maximum(xp.maximum(red, green), blue)
    span = value - xp.minimum(xp.minimum(red, green), blue)
    coloured = span > 0
    unit = xp.where(coloured, span, 1.0)
    hue = xp.where(
        value == red,
        (green - blue) / unit,
        xp.where(value == green, 2 + (blue - red) / unit, 4 + (red - green) / unit),
    )
    hue = xp.where(coloured, xp.where(hue < 0, hue + 6, hue) / 6, 0.0)
    return hue, span / xp.where(value > 0, value, 1.0), value


def _rgb(hue, saturation, value, xp):
    chroma = value * saturation

    def channel(shift: int):
        place = shift + 6 * hue  # 1..11
        place = xp.where(place >= 6, place - 6, place)
        away = xp.minimum(place, 4 - place)
        return value - chroma * xp.clip(away, 0, 1)

    return channel(5), channel(3), channel(1)


def _hsv_exact(out: Image, band: Image) -> None:
    planes = np.moveaxis(np.clip(band, 0, 1), -1, 0)
    for channel, plane in enumerate(_hsv(*planes, np)):
        out[..., channel] = plane


def _rgb_exact(out: Image, band: Image) -> None:
    planes = np.moveaxis(np.clip(band, 0, 1), -1, 0)
    for channel, plane in enumerate(_rgb(*planes, np)):
        out[..., channel] = plane


# --- the quick way: OpenCV, in float32 ------------------------------------------------------------


def _hsv_quick(out: Image, band: Image) -> None:
    white = 255 if band.dtype == np.uint8 else 1
    np.clip(band, 0, white, out=out)
    out *= LARGE
    hsv = cv2.cvtColor(out, cv2.COLOR_RGB2HSV)
    _scale(hsv, (1 / 360, 1, 1 / (white * float(LARGE))), out)


def _rgb_quick(out: Image, band: Image) -> None:
    np.clip(band, 0, 1, out=out)
    _scale(out, (360, 1, 1), out)
    out[...] = cv2.cvtColor(out, cv2.COLOR_HSV2RGB)


def _scale(band: Image, factors: tuple[float, float, float], out: Image) -> None:
    """Channel times factor, a whole row at a time: short inner loops are what NumPy is slow at."""
    rows, columns = band.shape[:2]
    row = np.tile(np.float32(factors), columns)
    np.multiply(band.reshape(rows, -1), row, out=out.reshape(rows, -1))
