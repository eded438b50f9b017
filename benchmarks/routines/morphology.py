"""Erosion, dilation and what comes of them."""

from __future__ import annotations

import cv2
import kornia
import numpy as np
import skimage.morphology
import torch
from PIL import ImageFilter
from scipy import ndimage

from benchmarks.routines.case import IMAGES, MASKS, Case
from imgkit import segmentation

GRAY = ("gray float32", "gray uint8")
MEMORY = (
    "Called alone, float32 takes 0.3 ms more than OpenCV: the look at the values. What is more is "
    "fresh memory for the result, 1 ms for 4 MB, which the system asks of one and spares another."
)
OPENCV = {
    "erode": cv2.MORPH_ERODE,
    "dilate": cv2.MORPH_DILATE,
    "open": cv2.MORPH_OPEN,
    "close": cv2.MORPH_CLOSE,
    "top_hat": cv2.MORPH_TOPHAT,
    "black_hat": cv2.MORPH_BLACKHAT,
    "gradient": cv2.MORPH_GRADIENT,
}
SCIKIT = {
    "erode": skimage.morphology.erosion,
    "dilate": skimage.morphology.dilation,
    "open": skimage.morphology.opening,
    "close": skimage.morphology.closing,
    "top_hat": skimage.morphology.white_tophat,
    "black_hat": skimage.morphology.black_tophat,
}
SCIPY = {
    "erode": ndimage.grey_erosion,
    "dilate": ndimage.grey_dilation,
    "open": ndimage.grey_opening,
    "close": ndimage.grey_closing,
    "top_hat": ndimage.white_tophat,
    "black_hat": ndimage.black_tophat,
    "gradient": ndimage.morphological_gradient,
}
KORNIA = {
    "erode": kornia.morphology.erosion,
    "dilate": kornia.morphology.dilation,
    "open": kornia.morphology.opening,
    "close": kornia.morphology.closing,
    "top_hat": kornia.morphology.top_hat,
    "black_hat": kornia.morphology.bottom_hat,
    "gradient": kornia.morphology.gradient,
}


def _spread(footprint: np.ndarray, x: np.ndarray) -> np.ndarray:
    """For libraries that take a third axis as one more to look along."""
    return footprint if x.ndim == 2 else footprint[..., None]


def _square(name: str, n: int, kinds: tuple[str, ...] = Case.kinds, **options) -> Case:
    full = np.ones((n, n), np.uint8)
    same = {
        "opencv": lambda x: cv2.morphologyEx(x, OPENCV[name], full),
        "scipy": lambda x: SCIPY[name](x, footprint=_spread(full, x)),
    }
    if name in SCIKIT:
        same["scikit-image"] = lambda x: SCIKIT[name](x, _spread(full, x))
    if n <= 7:
        kernel = torch.ones(n, n)
        same["kornia"] = lambda x: KORNIA[name](x, kernel.to(x.dtype))
    if name in ("erode", "dilate"):
        sign = -1 if name == "erode" else 1
        same["torch max_pool2d"] = lambda x: _pooled(x, n, sign)
    return Case(
        f"segmentation.{name}",
        f"{n}x{n}",
        ours=lambda x: getattr(segmentation, name)(x, n),
        same=same,
        like={"pillow": lambda x: x.filter(ImageFilter.MinFilter(n))} if name == "erode" else {},
        reference=lambda x: SCIPY[name](x, footprint=_spread(full, x)),
        kinds=kinds,
        takes=IMAGES + MASKS,
        **options,
    )


def _pooled(x: torch.Tensor, n: int, sign: int) -> torch.Tensor:
    planes = x.reshape(-1, 1, *x.shape[-2:])
    pooled = torch.nn.functional.max_pool2d(sign * planes, n, stride=1, padding=n // 2)
    return sign * pooled.reshape(x.shape)


def _disk(name: str, radius: int) -> Case:
    disk = segmentation.disk(radius)
    kernel = disk.astype(np.uint8)
    return Case(
        f"segmentation.{name}",
        f"disk {radius}",
        ours=lambda x: getattr(segmentation, name)(x, disk),
        same={
            "opencv": lambda x: cv2.morphologyEx(x, OPENCV[name], kernel),
            "scikit-image": lambda x: SCIKIT[name](x, kernel),
        },
        like={  # a few small footprints in turn: another shape, nearly
            "scikit-image sequence": lambda x: SCIKIT[name](
                x, skimage.morphology.disk(radius, decomposition="sequence")
            )
        },
        reference=lambda x: SCIPY[name](x, footprint=kernel),
        kinds=GRAY,
        takes=IMAGES + MASKS,
    )


def _mask(name: str, radius: int) -> Case:
    disk = segmentation.disk(radius)
    kernel = disk.astype(np.uint8)
    return Case(
        f"segmentation.{name}",
        f"mask, disk {radius}",
        ours=lambda x: getattr(segmentation, name)(x, disk),
        same={
            "opencv": lambda x: cv2.morphologyEx(x.view(np.uint8), OPENCV[name], kernel) > 0,
            "scikit-image": lambda x: SCIKIT[name](x, disk),
        },
        like={
            "scikit-image binary": lambda x: {
                "erode": skimage.morphology.isotropic_erosion,
                "open": skimage.morphology.isotropic_opening,
            }[name](x, radius)
        },
        reference=lambda x: SCIPY[name](x.view(np.uint8), footprint=kernel) > 0,
        prepare=lambda photo: (photo > photo.mean(),),
        kinds=("gray uint8",),
        takes=MASKS,
    )


CASES = [
    _square("erode", 7, note=MEMORY),
    _disk("erode", 3),
    _disk("erode", 15),
    _mask("erode", 5),
    _square("dilate", 7),
    _square("open", 7, note=MEMORY),
    _square("open", 31, ("gray uint8",), goals=(("imgkit", "scikit-image", 20),)),
    _square("open", 31, ("gray float32",), goals=(("imgkit", "scikit-image", 7),)),
    _disk("open", 15),
    _mask("open", 15),
    _square("close", 7),
    _square("top_hat", 31),
    _square("black_hat", 31),
    _square("gradient", 3),
]
