"""Counting values: which of so many equal bins between black and white holds a pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.images import Image
from imgkit.images.pointwise import in_bands

if TYPE_CHECKING:
    import torch

FINE = 1 << 16  # levels that floats are equalized by; those of uint8 are every 257th
MIDDLE = 0.5 + 1e-6  # so that in the middle between two levels rounding does not decide
AT_ONCE = 4  # channels that OpenCV surely takes
MOST = 1 << 24  # OpenCV's counts are float32, and whole only so far


def bins_of(image: Image, bins: int) -> np.ndarray:
    """The bin of each float, ``floor(bins * value)``; white belongs to the last. uint8 up to 256.

    A float32 value times a whole number is exact in float64, and in float32 too if the number is a
    power of two: no value falls on the wrong side of an edge.
    """
    precision = image.dtype if bins & (bins - 1) == 0 else np.float64

    def work(out: np.ndarray, band: Image) -> None:
        places = np.multiply(band, bins, dtype=precision)
        np.clip(places, 0, bins - 1, out=places)
        out[...] = places

    return in_bands(work, np.empty(image.shape, np.uint8 if bins <= 256 else np.int64), image)


def bins_of_tensor(image: torch.Tensor, bins: int) -> torch.Tensor:
    """The same for a tensor; int64."""
    places = image.detach() * bins if bins & (bins - 1) == 0 else image.detach().double() * bins
    return places.clip(0, bins - 1).long()


def count_bytes(levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """How often each of the 256 levels occurs: (256,) of (H, W), (256, C) of (H, W, C)."""
    if levels.ndim == 3 and levels.shape[2] > AT_ONCE:
        return np.stack([count_bytes(plane) for plane in np.moveaxis(levels, 2, 0)], axis=1)
    levels = np.ascontiguousarray(levels)
    rows = max(1, MOST // levels.shape[1])
    channels = 1 if levels.ndim == 2 else levels.shape[2]
    counts = np.zeros((256, channels), np.int64)
    for start in range(0, len(levels), rows):
        for c in range(channels):
            part = cv2.calcHist([levels[start : start + rows]], [c], None, [256], [0, 256])
            counts[:, c] += part.ravel().astype(np.int64)
    return counts[:, 0] if levels.ndim == 2 else counts


def count(image: Image, bins: int) -> npt.NDArray[np.int64]:
    """How many values are in each bin: (bins,) of (H, W), (bins, C) of (H, W, C)."""
    if image.dtype == np.uint8:
        bin_of_level = np.minimum(np.arange(256) * bins // 255, bins - 1)
        levels = count_bytes(image)
        counts = np.zeros((bins, *levels.shape[1:]), np.int64)
        np.add.at(counts, bin_of_level, levels)
        return counts
    places = bins_of(image, bins)
    if bins <= 256:
        return count_bytes(places)[:bins]
    planes = places.reshape(-1, *image.shape[2:])  # (pixels,) or (pixels, C)
    return np.apply_along_axis(np.bincount, 0, planes, minlength=bins)


def nearest_levels(image: Image) -> npt.NDArray[np.intp]:
    """The nearest of the ``FINE`` levels to each float."""

    def work(out: np.ndarray, band: Image) -> None:
        place = np.multiply(band, FINE - 1, dtype=np.float64)
        place += MIDDLE
        np.clip(place, 0, FINE - 1, out=place)
        out[...] = place

    return in_bands(work, np.empty(image.shape, np.intp), image)


def nearest_levels_tensor(image: torch.Tensor) -> torch.Tensor:
    """The same for a tensor; int64."""
    return (image.double() * (FINE - 1) + MIDDLE).clip(0, FINE - 1).long()


def count_tensor(places: torch.Tensor, bins: int) -> torch.Tensor:
    """How often each bin occurs in each plane: (..., N) to (..., bins)."""
    import torch

    planes = places.reshape(-1, places.shape[-1])
    first = bins * torch.arange(len(planes), device=places.device)[:, None]
    counts = torch.bincount((planes + first).flatten(), minlength=bins * len(planes))
    return counts.reshape(*places.shape[:-1], bins)
