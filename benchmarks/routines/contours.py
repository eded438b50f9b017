"""Outlines that move."""

import numpy as np
import skimage.draw
import skimage.segmentation

from benchmarks.routines.case import Case
from imgkit import filtering, segmentation

STEPS = 50


def _with_circle(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A smooth photograph and a circle in its middle."""
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return filtering.gaussian(photo, sigma=3), len(photo) * (0.5 + 0.25 * circle)


def _fit(call):
    """The mean squared deviation from the means inside and outside, in fractions of full scale."""

    def fit(x: np.ndarray) -> float:
        inside = call(x)
        values = x.astype(np.float64) / (255 if x.dtype == np.uint8 else 1)
        return sum(part.var() * part.size for part in (values[inside], values[~inside])) / x.size

    return fit


def _ours(x: np.ndarray) -> np.ndarray:
    return segmentation.chan_vese(x, iterations=STEPS, tolerance=0)


def _scikit_image(x: np.ndarray) -> np.ndarray:
    return skimage.segmentation.chan_vese(x, mu=0.1, max_num_iter=STEPS, tol=0)


CASES = [
    Case(
        "segmentation.active_contour",
        "400 points",
        ours=segmentation.active_contour,
        same={"scikit-image": skimage.segmentation.active_contour},
        reference=skimage.segmentation.active_contour,
        show=lambda points, image, *_: segmentation.outline(
            image, skimage.draw.polygon2mask(image.shape[:2], points)
        ),
        prepare=_with_circle,
        kinds=("gray float32", "gray uint8", "color float32"),
        size=512,
        tensor=False,
    ),
    Case(
        "segmentation.chan_vese",
        f"{STEPS} steps",
        ours=_ours,
        same={"scikit-image": _scikit_image},
        kinds=("gray float32", "gray uint8"),
        size=512,
        tensor=False,
    ),
    Case(
        "segmentation.chan_vese",
        f"{STEPS} steps, deviation",
        ours=_fit(_ours),
        reference=_fit(_scikit_image),
        kinds=("gray float32", "gray uint8"),
        size=512,
        tensor=False,
    ),
]
