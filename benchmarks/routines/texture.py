"""Texture: local binary patterns, co-occurrence matrices."""

import numpy as np
import skimage.feature

from benchmarks.routines.case import KINDS, Case
from imgkit import features

GRAYS = KINDS[:2]
FOUR = (0, np.pi / 4, np.pi / 2, 3 * np.pi / 4)
SHARED = ("contrast", "dissimilarity", "homogeneity", "ASM", "energy", "correlation", "mean")
SHARED += ("variance", "std", "entropy")  # properties that scikit-image has too


def _bits64(x: np.ndarray, points: int, radius: int) -> np.ndarray:
    """Whether each neighbour is as bright, black beyond the edge: (points, H, W)."""
    (h, w), reach = x.shape, radius + 1
    wide = np.pad(x, reach)
    bits = np.empty((points, h, w), int)
    for i, angle in enumerate(2 * np.pi * np.arange(points) / points):
        down, right = np.round(-radius * np.sin(angle), 5), np.round(radius * np.cos(angle), 5)
        r, c = int(np.floor(down)), int(np.floor(right))
        value = sum(
            (1 - abs(down - y)) * (1 - abs(right - z)) * wide[reach + y :, reach + z :][:h, :w]
            for y in (r, r + 1)
            for z in (c, c + 1)
        )
        bits[i] = value - x >= -1e-6 * np.abs(x).max()
    return bits


def _plain64(x: np.ndarray) -> np.ndarray:
    return np.tensordot(1 << np.arange(8), _bits64(x, 8, 1), 1) / 255


def _uniform64(x: np.ndarray, points: int = 8, radius: int = 1) -> np.ndarray:
    bits = _bits64(x, points, radius)
    changes = (bits != np.roll(bits, 1, axis=0)).sum(0)
    return np.where(changes <= 2, bits.sum(0), points + 1) / 255


def _lbp(points=8, radius=1, method="plain"):
    return lambda x: features.lbp(x, points=points, radius=radius, method=method, mode="constant")


def _scikit_lbp(points=8, radius=1, method="default"):
    """As bytes, which the error is told in."""
    find = skimage.feature.local_binary_pattern
    return {"scikit-image": lambda x: find(x, points, radius, method).astype(np.uint8)}


def _levels(x: np.ndarray, levels: int) -> np.ndarray:
    """What scikit-image counts: whole numbers below ``levels``."""
    if x.dtype == np.uint8:
        return x // (256 // levels)
    return np.minimum(x * levels, levels - 1).astype(np.uint8)


def _scikit_glcm(x: np.ndarray, angles: tuple, levels: int) -> np.ndarray:
    return skimage.feature.graycomatrix(_levels(x, levels), [1], angles, levels=levels)


def _scikit_properties(x: np.ndarray) -> np.ndarray:
    counts = _scikit_glcm(x, FOUR, 32)
    return np.stack([skimage.feature.graycoprops(counts, name) for name in SHARED])


def _properties(x: np.ndarray) -> np.ndarray:
    found = features.haralick(features.glcm(x, angles=FOUR, levels=32))
    return np.stack([getattr(found, name.lower()) for name in SHARED])


CASES = [
    Case(
        "features.lbp",
        "8 points",
        ours=_lbp(),
        same=_scikit_lbp(),
        reference=_plain64,
        kinds=GRAYS,
        goals=(("imgkit", "scikit-image", 15),),
        note="black beyond the edge, as in scikit-image, which lets rounding decide about ties; of "
        "floats the padding and the gate read four times the memory",
    ),
    Case(
        "features.lbp",
        "8 points, uniform",
        ours=_lbp(method="uniform"),
        same=_scikit_lbp(method="uniform"),
        reference=_uniform64,
        kinds=GRAYS,
        goals=(("imgkit", "scikit-image", 15),),
    ),
    Case(
        "features.lbp",
        "16 points, radius 2, uniform",
        ours=_lbp(16, 2, "uniform"),
        same=_scikit_lbp(16, 2, "uniform"),
        reference=lambda x: _uniform64(x, 16, 2),
        kinds=GRAYS,
    ),
    Case(
        "features.glcm",
        "64 levels, as a picture",
        ours=lambda x: np.log1p(features.glcm(x, levels=64)[..., 0, 0]),
        tensor=False,
        kinds=GRAYS[1:],
    ),
    Case(
        "features.glcm",
        "256 levels",
        ours=features.glcm,
        same={"scikit-image": lambda x: _scikit_glcm(x, (0,), 256)},
        reference=lambda x: _scikit_glcm(x, (0,), 256),
        tensor=False,
        kinds=GRAYS,
        note="one table look-up for each pair of pixels, there and here: of 256 levels a tie; of "
        "fewer levels neighbouring columns count into tables of their own, which is quicker",
    ),
    Case(
        "features.glcm",
        "32 levels, 4 angles",
        ours=lambda x: features.glcm(x, angles=FOUR, levels=32),
        same={"scikit-image": lambda x: _scikit_glcm(x, FOUR, 32)},
        reference=lambda x: _scikit_glcm(x, FOUR, 32),
        tensor=False,
        kinds=GRAYS,
    ),
    Case(
        "features.glcm",
        "32 levels, 4 angles, and its properties",
        ours=_properties,
        same={"scikit-image": _scikit_properties},
        tensor=False,
        kinds=GRAYS[1:],
        note="features.haralick has seven properties more than scikit-image",
    ),
]
