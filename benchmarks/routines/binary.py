"""What is done to masks."""

from __future__ import annotations

import numpy as np
import skimage.morphology
from scipy import ndimage

from benchmarks.routines.case import LABELS, MASKS, Case
from imgkit import segmentation

ONCE = ("gray uint8",)  # a mask has no dtype to vary


def _mask(photo: np.ndarray) -> tuple[np.ndarray]:
    return (photo > photo.mean(),)


def _labels(photo: np.ndarray) -> tuple[np.ndarray]:
    return (segmentation.label(photo > photo.mean()),)


def _blots(photo: np.ndarray) -> tuple[np.ndarray]:
    """A mask with fewer parts, for peers that take seconds for many."""
    return (segmentation.open(photo > photo.mean(), segmentation.disk(4)),)


def _hull_of_each(mask: np.ndarray) -> np.ndarray:
    return segmentation.convex_hull(segmentation.label(mask)) > 0


CASES = [
    Case(
        "segmentation.fill_holes",
        ours=segmentation.fill_holes,
        same={"scipy": ndimage.binary_fill_holes},
        like={
            "scikit-image": lambda x: skimage.morphology.remove_small_holes(x, max_size=x.size),
        },
        reference=ndimage.binary_fill_holes,
        prepare=_mask,
        kinds=ONCE,
        takes=MASKS,
        tensor=False,
    ),
    Case(
        "segmentation.remove_small",
        "mask, area 64",
        ours=lambda x: segmentation.remove_small(x, area=64),
        same={"scikit-image": lambda x: _without_small(x)},
        reference=lambda x: _without_small(x),
        prepare=_mask,
        kinds=ONCE,
        takes=MASKS + LABELS,
        tensor=False,
    ),
    Case(
        "segmentation.remove_small",
        "labels, area 64",
        ours=lambda x: segmentation.remove_small(x, area=64),
        same={"scikit-image": lambda x: _without_small(x)},
        reference=lambda x: _without_small(x),
        prepare=_labels,
        kinds=ONCE,
        takes=MASKS + LABELS,
        tensor=False,
    ),
    Case(
        "segmentation.convex_hull",
        "of a mask",
        ours=segmentation.convex_hull,
        same={"scikit-image": skimage.morphology.convex_hull_image},
        reference=skimage.morphology.convex_hull_image,
        prepare=_mask,
        kinds=ONCE,
        takes=MASKS + LABELS,
        tensor=False,
    ),
    Case(
        "segmentation.convex_hull",
        "of each part",
        ours=_hull_of_each,
        same={"scikit-image": skimage.morphology.convex_hull_object},
        reference=skimage.morphology.convex_hull_object,
        prepare=_blots,
        kinds=ONCE,
        size=512,
        takes=MASKS,
        tensor=False,
    ),
    Case(
        "segmentation.skeletonize",
        ours=segmentation.skeletonize,
        same={"scikit-image": skimage.morphology.skeletonize},
        reference=skimage.morphology.skeletonize,
        prepare=_mask,
        kinds=ONCE,
        takes=MASKS,
        tensor=False,
        note="It is scikit-image's, behind a gate.",
    ),
]


def _without_small(x: np.ndarray) -> np.ndarray:
    return skimage.morphology.remove_small_objects(x, max_size=63, connectivity=2)
