"""Reconstruction, and the peaks it finds."""

from __future__ import annotations

import numpy as np
import skimage.morphology

from benchmarks.routines.case import IMAGES, MASKS, Case
from imgkit import segmentation

GRAY = ("gray float32", "gray uint8")


def _eroded(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Small bright things gone from the marker: opening by reconstruction."""
    return segmentation.erode(photo, 15), photo


def _framed(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The marker is what touches the edge."""
    marker = np.zeros_like(photo)
    marker[0], marker[-1], marker[:, 0], marker[:, -1] = (
        photo[0],
        photo[-1],
        photo[:, 0],
        photo[:, -1],
    )
    return marker, photo


def _extended(photo: np.ndarray, h: float, sign: int) -> np.ndarray:
    """The definition, from scikit-image's parts; the image in float64, fractions of full scale."""
    levels = np.rint(255 * sign * photo) if np.allclose(255 * photo, np.rint(255 * photo)) else None
    image, h = (sign * photo, h) if levels is None else (levels, 255 * h)
    lowered = skimage.morphology.reconstruction(image - h, image)
    return skimage.morphology.local_maxima(lowered)


def _reconstruct(setting: str, prepare) -> Case:
    return Case(
        "segmentation.reconstruct",
        setting,
        ours=segmentation.reconstruct,
        same={"scikit-image": lambda m, x: skimage.morphology.reconstruction(m, x).astype(x.dtype)},
        reference=skimage.morphology.reconstruction,
        prepare=prepare,
        kinds=GRAY,
        tensor=False,
        takes=IMAGES + MASKS,
    )


def _peaks(name: str, sign: int) -> Case:
    theirs = getattr(skimage.morphology, name)
    return Case(
        f"segmentation.{name}",
        "h 0.1",
        ours=lambda x: getattr(segmentation, name)(x, h=0.1),
        like={  # the top of each peak only
            "scikit-image": lambda x: theirs(x, 26 if x.dtype == np.uint8 else x.dtype.type(0.1))
        },
        reference=lambda x: _extended(x, 0.1, sign),
        kinds=GRAY,
        tensor=False,
    )


CASES = [
    _reconstruct("after erosion 15x15", _eroded),
    _reconstruct("from the edge", _framed),
    _peaks("h_maxima", 1),
    _peaks("h_minima", -1),
]
