"""Regions that grow from a pixel."""

import cv2
import numpy as np
import skimage.segmentation

from benchmarks.routines.case import KINDS, Case
from imgkit import segmentation

SEED = (20, 30)


def _grown64(x: np.ndarray) -> np.ndarray:
    """Region growing with whole masks: a ring, the mean, a ring."""
    x = np.atleast_3d(x)
    region = np.zeros(x.shape[:2], np.uint8)
    region[SEED] = 1
    while True:
        mean = x[region > 0].mean(0)
        ring = cv2.dilate(region, np.ones((3, 3), np.uint8)) & (region == 0)
        ring &= (np.abs(x - mean) <= 0.15 + 1e-9).all(2)
        if not ring.any():
            return region > 0
        region |= ring


def _flood_by_opencv(x: np.ndarray) -> np.ndarray:
    reach = 0.15 * (255 if x.dtype == np.uint8 else 1)
    filled = np.zeros((x.shape[0] + 2, x.shape[1] + 2), np.uint8)
    flags = 8 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | 1 << 8
    cv2.floodFill(x, filled, SEED[::-1], 0, (reach,) * 4, (reach,) * 4, flags)
    return filled[1:-1, 1:-1] > 0


def _flood_by_scikit_image(x: np.ndarray) -> np.ndarray:
    reach = 38 if x.dtype == np.uint8 else 0.15
    return skimage.segmentation.flood(x, SEED, tolerance=reach)


def _flood64(x: np.ndarray) -> np.ndarray:
    alike = (np.abs(np.atleast_3d(x) - x[SEED]) <= 0.15).all(2)
    return skimage.segmentation.flood(alike.astype(np.uint8), SEED)


CASES = [
    Case(
        "segmentation.flood",
        ours=lambda x: segmentation.flood(x, seed=SEED, tolerance=0.15),
        same={"opencv": _flood_by_opencv, "scikit-image": _flood_by_scikit_image},
        reference=_flood64,
        tensor=False,
        note="the region here is small, and OpenCV looks at no more than that; the gate and the "
        "comparison look at all pixels. Its differences are float32, ours exact. scikit-image "
        "takes grey only",
    ),
    Case(
        "segmentation.grow",
        ours=lambda x: segmentation.grow(x, seeds=SEED, tolerance=0.15),
        same={"opencv, numpy": _grown64},
        reference=_grown64,
        kinds=KINDS[:1] + KINDS[2:3],
        tensor=False,
        note="no library has it; beside it the plain way, with whole masks",
    ),
]
