"""Descriptors of two images, paired."""

import cv2
import numpy as np
import skimage.feature

from benchmarks.routines.case import Case
from imgkit import features

COUNT = 4000


def _numbers(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Descriptors like SIFT's, whole numbers of norm 512; half of them have a partner."""
    rng = np.random.default_rng(0)
    count = COUNT if photo.shape[0] > 100 else 100
    a = rng.gamma(0.7, size=(count, 128))
    b = np.where(np.arange(count)[:, None] % 2, rng.gamma(0.7, size=a.shape), a)[::-1]
    b = b * rng.uniform(0.7, 1.3, b.shape)
    kind = np.float64 if photo.dtype == np.float64 else np.float32
    return tuple(
        np.rint(512 * x / np.linalg.norm(x, axis=1, keepdims=True)).astype(kind) for x in (a, b)
    )


def _bits(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Descriptors like ORB's: half of them have a partner, of whose bits a tenth differ."""
    rng = np.random.default_rng(0)
    count = COUNT if photo.shape[0] > 100 else 100
    a, other = (rng.random((count, 256)) < 0.5 for _ in range(2))
    b = np.where(np.arange(count)[:, None] % 2, other, a)[::-1] ^ (rng.random(a.shape) < 0.1)
    return tuple(np.packbits(x, axis=1) for x in (a, b))


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Row by row, without a formula; the test's bits come as fractions of 255."""
    if a.shape[1] == 32:
        a, b = (np.unpackbits(np.rint(255 * x).astype(np.uint8), axis=1) for x in (a, b))
        return np.stack([(row != b).sum(axis=1) for row in a]).astype(float)
    return np.stack([np.sqrt(((row - b) ** 2).sum(axis=1)) for row in a])


def _definition(a: np.ndarray, b: np.ndarray, ratio: float | None) -> np.ndarray:
    distance = _distances(a, b)
    nearest, back = distance.argmin(axis=1), distance.argmin(axis=0)
    keep = back[nearest] == np.arange(len(a))
    if ratio is not None:
        ordered = np.sort(distance, axis=1)
        keep &= ordered[:, 0] < ratio * ordered[:, 1]
    return np.column_stack([np.flatnonzero(keep), nearest[keep]])


def _crossed(norm: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    found = cv2.BFMatcher(norm, True).match(_narrow(a), _narrow(b))
    return np.array([(m.queryIdx, m.trainIdx) for m in found])


def _ratio_and_cross(norm: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    matcher = cv2.BFMatcher(norm)
    a, b = _narrow(a), _narrow(b)
    back = [m.trainIdx for m in matcher.match(b, a)]
    two = matcher.knnMatch(a, b, 2)
    return np.array(
        [
            (m.queryIdx, m.trainIdx)
            for m, n in two
            if m.distance < 0.8 * n.distance and back[m.trainIdx] == m.queryIdx
        ]
    )


def _narrow(descriptors: np.ndarray) -> np.ndarray:
    return descriptors if descriptors.dtype == np.uint8 else descriptors.astype(np.float32)


CASES = [
    Case(
        "features.match",
        "ratio and cross-check, 4000 x 4000",
        ours=features.match,
        show=lambda *_: None,
        same={
            "opencv": lambda a, b: _ratio_and_cross(cv2.NORM_L2, a, b),
            "scikit-image": lambda a, b: skimage.feature.match_descriptors(a, b, max_ratio=0.8),
        },
        reference=lambda a, b: _definition(a, b, 0.8),
        prepare=_numbers,
        kinds=("gray float32",),
        tensor=False,
        goals=(("imgkit", "opencv", 4),),
    ),
    Case(
        "features.match",
        "cross-check, 4000 x 4000",
        ours=lambda a, b: features.match(a, b, ratio=None),
        same={
            "opencv": lambda a, b: _crossed(cv2.NORM_L2, a, b),
            "scikit-image": skimage.feature.match_descriptors,
        },
        reference=lambda a, b: _definition(a, b, None),
        prepare=_numbers,
        kinds=("gray float32",),
        tensor=False,
        goals=(("imgkit", "opencv", 4),),
    ),
    Case(
        "features.match",
        "bits, ratio and cross-check, 4000 x 4000",
        ours=features.match,
        same={
            "opencv": lambda a, b: _ratio_and_cross(cv2.NORM_HAMMING, a, b),
            "scikit-image": lambda a, b: skimage.feature.match_descriptors(
                np.unpackbits(a, axis=1), np.unpackbits(b, axis=1), "hamming", max_ratio=0.8
            ),
        },
        reference=lambda a, b: _definition(a, b, 0.8),
        prepare=_bits,
        kinds=("gray uint8",),
        tensor=False,
    ),
]
