"""Filters that sort."""

import cv2
import kornia
import numpy as np
import skimage.filters
import skimage.morphology
import torch
from PIL import ImageFilter
from scipy import ndimage

from benchmarks.routines.case import Case
from imgkit import filtering

GRAY = ("gray float32", "gray uint8")


def _window(x: np.ndarray, n: int) -> np.ndarray:
    return np.ones((n, n) if x.ndim == 2 else (n, n, 1), np.uint8)


def _median(n: int, size: int = 1024, note: str = "") -> Case:
    peers = {
        "opencv": lambda x: cv2.medianBlur(x, n),
        "scikit-image": lambda x: skimage.filters.median(x, _window(x, n), mode="nearest"),
        "scipy": lambda x: ndimage.median_filter(x, size=_window(x, n).shape, mode="nearest"),
    }
    near = {  # other borders
        "scikit-image rank": lambda x: skimage.filters.rank.median(_bytes(x), np.ones((n, n))),
        "pillow": lambda x: x.filter(ImageFilter.MedianFilter(n)),
    }
    if n <= 7:
        near["kornia"] = lambda x: kornia.filters.median_blur(x, n)
        near["torch unfold"] = lambda x: _unfolded(x, n)
    return Case(
        "filtering.median",
        f"{n}x{n}",
        ours=lambda x: filtering.median(x, size=n, mode="nearest"),
        same=peers,
        like=near,
        reference=lambda x: ndimage.median_filter(x, size=_window(x, n).shape, mode="nearest"),
        kinds=Case.kinds if n <= 7 else GRAY,
        size=size,
        note=note,
    )


def _bytes(x: np.ndarray) -> np.ndarray:
    """``rank`` would turn floats into bytes, and take one channel only."""
    if x.dtype != np.uint8 or x.ndim != 2:
        raise TypeError("takes grey uint8 only")
    return x


def _unfolded(x: torch.Tensor, n: int) -> torch.Tensor:
    planes = x.reshape(-1, 1, *x.shape[-2:])
    wide = torch.nn.functional.pad(planes, [n // 2] * 4, mode="replicate")
    return wide.unfold(2, n, 1).unfold(3, n, 1).flatten(-2).median(-1).values.reshape(x.shape)


def _percentile(n: int, size: int = 1024) -> Case:
    return Case(
        "filtering.percentile",
        f"{n}x{n}, q 25",
        ours=lambda x: filtering.percentile(x, size=n, q=25),
        same={
            "scipy": lambda x: ndimage.percentile_filter(
                x, 25, size=_window(x, n).shape, mode="mirror"
            ),
        },
        like={
            "scikit-image rank": lambda x: skimage.filters.rank.percentile(
                _bytes(x), np.ones((n, n)), p0=0.25
            )
        },
        reference=lambda x: ndimage.percentile_filter(
            x, 25, size=_window(x, n).shape, mode="mirror"
        ),
        kinds=Case.kinds if n <= 7 else GRAY,
        size=size,
    )


def _extreme(name: str, n: int) -> Case:
    least = name == "minimum"
    opencv = cv2.erode if least else cv2.dilate
    scikit = skimage.morphology.erosion if least else skimage.morphology.dilation
    scipy = ndimage.minimum_filter if least else ndimage.maximum_filter
    pillow = ImageFilter.MinFilter if least else ImageFilter.MaxFilter
    return Case(
        f"filtering.{name}",
        f"{n}x{n}",
        ours=lambda x: getattr(filtering, name)(x, size=n),
        same={
            "opencv": lambda x: opencv(
                x, np.ones((n, n), np.uint8), borderType=cv2.BORDER_REFLECT_101
            ),
            "scikit-image": lambda x: scikit(x, _window(x, n), mode="mirror"),
            "scipy": lambda x: scipy(x, size=_window(x, n).shape, mode="mirror"),
            "torch max_pool2d": lambda x: _pooled(x, n, -1 if least else 1),
        },
        like={"pillow": lambda x: x.filter(pillow(n))},
        reference=lambda x: scipy(x, size=_window(x, n).shape, mode="mirror"),
    )


def _pooled(x: torch.Tensor, n: int, sign: int) -> torch.Tensor:
    planes = x.reshape(-1, 1, *x.shape[-2:])
    wide = torch.nn.functional.pad(sign * planes, [n // 2] * 4, mode="reflect")
    return sign * torch.nn.functional.max_pool2d(wide, n, stride=1).reshape(x.shape)


CASES = [
    _median(5),
    _median(3),
    _median(7),
    _median(15, size=512),
    _median(31, size=256),
    _median(51, size=256, note="Beyond 33x33 floats are counted, not sorted."),
    _percentile(5),
    _percentile(15, size=512),
    _percentile(51, size=256),
    _extreme("minimum", 7),
    _extreme("minimum", 31),
    _extreme("maximum", 7),
    _extreme("maximum", 31),
]
