"""Edges as thin lines."""

import cv2
import numpy as np
import skimage.feature
from scipy import ndimage

from benchmarks.routines.case import KINDS, Case
from imgkit import features

GRAYS = KINDS[:2]
STEP = 2.0**-15  # slopes are rounded to these
LOW, HIGH = 0.05, 0.1


def _canny64(x: np.ndarray) -> np.ndarray:
    """The definition: slopes, ridges, hysteresis."""
    soft = ndimage.gaussian_filter(x, 1, mode="mirror")
    rows, columns = (
        np.rint(ndimage.sobel(soft, axis, mode="mirror") / 8 / STEP) for axis in (0, 1)
    )
    size = rows**2 + columns**2
    (h, w), around = size.shape, np.pad(size, 1)

    def beside(i: int, j: int) -> np.ndarray:
        return around[1 + i : 1 + i + h, 1 + j : 1 + j + w]

    tangent = np.tan(np.pi / 8)
    falling = (size > beside(-1, -1)) & (size > beside(1, 1))
    rising = (size > beside(-1, 1)) & (size > beside(1, -1))
    ridge = np.where((rows < 0) == (columns < 0), falling, rising)
    flat, steep = abs(rows) < tangent * abs(columns), abs(rows) > (2 + tangent) * abs(columns)
    ridge = np.where(flat, (size > beside(0, -1)) & (size >= beside(0, 1)), ridge)
    ridge = np.where(steep, (size > beside(-1, 0)) & (size >= beside(1, 0)), ridge)
    labels, _ = ndimage.label(ridge & (size > (LOW / STEP) ** 2), np.ones((3, 3)))
    return np.isin(labels, np.setdiff1d(labels[ridge & (size > (HIGH / STEP) ** 2)], 0))


def _opencv(x: np.ndarray) -> np.ndarray:
    soft = cv2.GaussianBlur(x, (9, 9), 1)
    return cv2.Canny(soft, 8 * 255 * LOW, 8 * 255 * HIGH, L2gradient=True) > 0


CASES = [
    Case(
        "features.canny",
        "sigma 1",
        ours=lambda x: features.canny(x, sigma=1, low=LOW, high=HIGH),
        like={
            "scikit-image": lambda x: skimage.feature.canny(x, 1, 8 * LOW, 8 * HIGH, mode="mirror"),
            "opencv": _opencv,
        },
        reference=_canny64,
        kinds=GRAYS,
        goals=(("imgkit", "scikit-image", 10),),
        note="scikit-image is slower on bytes, ours takes the same time for both, a third of it in "
        "cv2.Canny. OpenCV's takes 8 bits only; each rounds, and chooses between neighbours, in "
        "its own way. kornia's is left out: it takes a minute",
    ),
]
