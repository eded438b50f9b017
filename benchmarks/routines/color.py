"""Colour spaces."""

import cv2
import kornia
import numpy as np
import skimage.color
from torchvision.transforms.v2 import functional as tv

from benchmarks.routines.case import Case
from imgkit import color

COLORS = ("color float32", "color uint8")
FLOATS = ("color float32",)
DARK = (
    "OpenCV adds 1e-7 to what it divides by: up to 0.1 off in dark colours; its hue is in degrees"
)


def _gray64(weights: tuple[float, float, float]):
    return lambda x: x @ np.array(weights)


def _in_xyz_of_white(rgb: np.ndarray) -> np.ndarray:
    """From sRGB in 0..1 to X, Y, Z, each 1 for D65 white."""
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = [
        [506752 / 1228815, 87881 / 245763, 12673 / 70218],
        [87098 / 409605, 175762 / 245763, 12673 / 175545],
        [7918 / 409605, 87881 / 737289, 1001167 / 1053270],
    ]
    return light @ np.transpose(matrix) / (np.array([0.3127, 0.3290, 0.3583]) / 0.3290)


def _lab64(rgb: np.ndarray) -> np.ndarray:
    xyz = _in_xyz_of_white(rgb)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def _ycbcr64(rgb: np.ndarray) -> np.ndarray:
    y = rgb @ np.array([0.299, 0.587, 0.114])
    return np.stack([y, 0.5 + (rgb[..., 2] - y) / 1.772, 0.5 + (rgb[..., 0] - y) / 1.402], -1)


CASES = [
    Case(
        "color.to_gray",
        ours=color.to_gray,
        same={
            "opencv": lambda x: cv2.cvtColor(x, cv2.COLOR_RGB2GRAY),
            "pillow": lambda x: x.convert("L"),
            "kornia": kornia.color.rgb_to_grayscale,
        },
        like={
            "scikit-image": skimage.color.rgb2gray,
            "torchvision": lambda x: tv.rgb_to_grayscale(x),
        },
        reference=_gray64((0.299, 0.587, 0.114)),
        kinds=COLORS,
        note="scikit-image weighs by BT.709 and checks nothing; imgkit looks for NaN in the "
        "result, which is what it takes more than OpenCV",
    ),
    Case(
        "color.to_gray",
        "bt709",
        ours=lambda x: color.to_gray(x, weights="bt709"),
        like={"scikit-image": skimage.color.rgb2gray},
        reference=_gray64((0.2126, 0.7152, 0.0722)),
        kinds=COLORS,
    ),
    Case(
        "color.rgb_to_hsv",
        ours=color.rgb_to_hsv,
        same={"scikit-image": skimage.color.rgb2hsv},
        like={
            "opencv": lambda x: cv2.cvtColor(x, cv2.COLOR_RGB2HSV),
            "kornia": kornia.color.rgb_to_hsv,
        },
        reference=skimage.color.rgb2hsv,
        kinds=COLORS,
        note=DARK,
    ),
    Case(
        "color.hsv_to_rgb",
        ours=color.hsv_to_rgb,
        same={"scikit-image": skimage.color.hsv2rgb},
        like={
            "opencv": lambda x: cv2.cvtColor(x, cv2.COLOR_HSV2RGB),
            "kornia": kornia.color.hsv_to_rgb,
        },
        reference=skimage.color.hsv2rgb,
        prepare=lambda photo: (color.rgb_to_hsv(photo),),
        kinds=FLOATS,
    ),
    Case(
        "color.rgb_to_lab",
        ours=color.rgb_to_lab,
        same={"scikit-image": skimage.color.rgb2lab},
        like={
            "opencv": lambda x: cv2.cvtColor(x, cv2.COLOR_RGB2LAB),
            "kornia": kornia.color.rgb_to_lab,
        },
        reference=_lab64,
        kinds=COLORS,
        note="OpenCV interpolates in a table, up to 0.4 off, and its answer to uint8 is uint8; "
        "exactly, float32 takes a power and a cube root for each of three channels",
    ),
    Case(
        "color.lab_to_rgb",
        ours=color.lab_to_rgb,
        same={"scikit-image": skimage.color.lab2rgb},
        like={
            "opencv": lambda x: cv2.cvtColor(x, cv2.COLOR_LAB2RGB),
            "kornia": kornia.color.lab_to_rgb,
        },
        reference=lambda x: color.lab_to_rgb(x),
        prepare=lambda photo: (color.rgb_to_lab(photo),),
        kinds=FLOATS,
        note="three exact powers a pixel, as the way there; the reference is float64 of the same "
        "routine, which the tests hold to the definition",
    ),
    Case(
        "color.rgb_to_ycbcr",
        ours=color.rgb_to_ycbcr,
        like={
            "opencv": lambda x: cv2.cvtColor(x, cv2.COLOR_RGB2YCrCb),
            "pillow": lambda x: x.convert("YCbCr"),
            "scikit-image": skimage.color.rgb2ycbcr,
            "kornia": kornia.color.rgb_to_ycbcr,
        },
        reference=_ycbcr64,
        kinds=COLORS,
        note="OpenCV rounds the factors and has Cr before Cb; scikit-image has television's range; "
        "for uint8 grey is at 128, which is 0.5 of a level from 0.5",
    ),
    Case(
        "color.ycbcr_to_rgb",
        ours=color.ycbcr_to_rgb,
        like={
            "opencv": lambda x: cv2.cvtColor(x, cv2.COLOR_YCrCb2RGB),
            "scikit-image": skimage.color.ycbcr2rgb,
            "kornia": kornia.color.ycbcr_to_rgb,
        },
        reference=lambda x: color.ycbcr_to_rgb(x),
        prepare=lambda photo: (color.rgb_to_ycbcr(photo),),
        kinds=FLOATS,
        note="the reference is float64 of the same routine, which the tests hold to the definition",
    ),
]
