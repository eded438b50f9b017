"""Spots of any size."""

from itertools import pairwise

import numpy as np
import skimage.feature
from scipy import ndimage

from benchmarks.routines.case import Case
from benchmarks.routines.sketches import points_on
from imgkit import features

GRAY = ("gray float32", "gray uint8")
SIGMAS = np.geomspace(1, 30, 10)
LADDER = 1.6 ** np.arange(8)  # up to 26.8


def _rows(blobs: features.Blobs) -> np.ndarray:
    return np.column_stack([blobs.points, blobs.sigmas, blobs.strengths])


def _rings(rows: np.ndarray, image: np.ndarray) -> np.ndarray:
    return points_on(image, rows[:, :2], np.sqrt(2) * rows[:, 2])


def _laplacians(image: np.ndarray) -> np.ndarray:
    """By the kernel in the plane, mended to sum to 0; mirrored."""
    return np.stack([-(s**2) * _bend(image, s) for s in SIGMAS])


def _bend(image: np.ndarray, sigma: float) -> np.ndarray:
    reach = int(4 * sigma + 0.5)
    x = np.arange(-reach, reach + 1)
    bell = np.exp(-(x**2) / (2 * sigma**2))
    bell /= bell.sum()
    bend = (x**2 / sigma**4 - 1 / sigma**2) * bell
    bend -= bend.sum() * bell
    passes = ((bend, bell), (bell, bend))
    return sum(_pass(_pass(image, column, 0), row, 1) for column, row in passes)


def _pass(image: np.ndarray, weights: np.ndarray, axis: int) -> np.ndarray:
    return ndimage.correlate1d(image, weights, axis, mode="mirror")


def _differences(image: np.ndarray) -> np.ndarray:
    blur = [ndimage.gaussian_filter(image, s, mode="mirror") for s in 1.6 ** (np.arange(9) - 0.5)]
    return np.stack([(a - b) / ((1.6 - 1 / 1.6) / 2) for a, b in pairwise(blur)])


def _definition(answers: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """The extremes, the strongest first, each against all that were kept before it."""
    highest = ndimage.maximum_filter(answers, size=3, mode="constant", cval=-np.inf)
    scale, row, column = np.nonzero((answers == highest) & (answers > 0.1))
    found = np.column_stack([row, column, sigmas[scale], answers[scale, row, column]])
    found = found[np.lexsort((found[:, 2], found[:, 1], found[:, 0], -found[:, 3]))]
    kept: list[np.ndarray] = []
    for blob in found:
        if all(_overlap(blob, other) <= 0.5 for other in kept):
            kept.append(blob)
    return np.array(kept).reshape(-1, 4)


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    from skimage.feature.blob import _blob_overlap

    return _blob_overlap(one[:3], other[:3])


CASES = [
    Case(
        "features.blobs_log",
        ours=lambda x: _rows(features.blobs_log(x)),
        show=_rings,
        like={
            "scikit-image": lambda x: skimage.feature.blob_log(
                x, min_sigma=1, max_sigma=30, num_sigma=10, log_scale=True, threshold=0.1
            )
        },
        reference=lambda x: _definition(_laplacians(x), SIGMAS),
        kinds=GRAY,
        size=256,
        tensor=False,
        note="of two blobs that overlap scikit-image keeps the larger, imgkit the stronger",
    ),
    Case(
        "features.blobs_dog",
        ours=lambda x: _rows(features.blobs_dog(x)),
        show=_rings,
        like={
            "scikit-image": lambda x: skimage.feature.blob_dog(
                x, min_sigma=1, max_sigma=30, threshold=0.1
            )
        },
        reference=lambda x: _definition(_differences(x), LADDER),
        kinds=GRAY,
        size=256,
        tensor=False,
        note="of two blobs that overlap scikit-image keeps the larger, imgkit the stronger",
    ),
]
