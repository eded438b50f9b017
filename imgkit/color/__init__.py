"""Colour as numbers: grey, hue, differences that the eye sees, and what JPEG stores.

An image here is RGB as cameras and files give it: gamma-encoded sRGB in 0..1, or 0..255 for uint8.
Arrays are ``(H, W, 3)``, tensors ``(..., 3, H, W)``; both engines give the same numbers.

=========  =====================================  ===============================================
space      channels and ranges                    good for
=========  =====================================  ===============================================
grey       brightness 0..1                        all that needs one channel
HSV        hue, saturation, value, 0..1           picking things out by their colour
Lab        L 0..100, a and b about -128..128      differences as large as they look
YCbCr      Y 0..1; Cb, Cr 0..1, 0.5 is neutral    treating brightness and colour apart
=========  =====================================  ===============================================
"""

from imgkit.color.grey import to_gray
from imgkit.color.hsv import hsv_to_rgb, rgb_to_hsv
from imgkit.color.lab import lab_to_rgb, rgb_to_lab
from imgkit.color.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb

__all__ = [
    "hsv_to_rgb",
    "lab_to_rgb",
    "rgb_to_hsv",
    "rgb_to_lab",
    "rgb_to_ycbcr",
    "to_gray",
    "ycbcr_to_rgb",
]
