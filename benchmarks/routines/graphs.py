"""Graph cuts and random walkers."""

import cv2
import numpy as np
import skimage.segmentation

from benchmarks.routines.case import Case
from imgkit import segmentation


def _boxed(photo: np.ndarray) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    h, w = photo.shape[:2]
    return photo, (h // 8, w // 8, h - h // 8, w - w // 8)


def _grabcut_opencv(x: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    x = x if x.dtype == np.uint8 else np.rint(x * 255).astype(np.uint8)
    x = cv2.cvtColor(x, cv2.COLOR_GRAY2RGB) if x.ndim == 2 else x
    row0, column0, row1, column1 = box
    rectangle = column0, row0, column1 - column0, row1 - row0
    state = np.zeros(x.shape[:2], np.uint8)
    cv2.setRNGSeed(0)
    cv2.grabCut(x, state, rectangle, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    return (state & 1).astype(bool)


def _seeded(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two numbers, at every 32nd pixel in turns."""
    seeds = np.zeros(photo.shape[:2], np.int32)
    seeds[::32, ::32], seeds[16::32, 16::32] = 1, 2
    return photo, seeds


def _walk_scikit_image(mode: str):
    def walk(x: np.ndarray, seeds: np.ndarray) -> np.ndarray:
        axis = None if x.ndim == 2 else 2
        return skimage.segmentation.random_walker(x, seeds, mode=mode, channel_axis=axis)

    return walk


CASES = [
    Case(
        "segmentation.grabcut",
        "box",
        ours=lambda x, box: segmentation.grabcut(x, box=box),
        same={"opencv": _grabcut_opencv},
        reference=_grabcut_opencv,
        prepare=_boxed,
        kinds=("color uint8", "color float32"),
        size=256,
        tensor=False,
        note="a tie: OpenCV does the work",
    ),
    Case(
        "segmentation.random_walker",
        "2 numbers",
        ours=segmentation.random_walker,
        same={
            "scikit-image": _walk_scikit_image("cg_j"),
            "scikit-image, exact": _walk_scikit_image("bf"),
        },
        reference=_walk_scikit_image("bf"),
        prepare=_seeded,
        kinds=("gray float32", "color uint8"),
        size=256,
        tensor=False,
        note="an error of 0.5 or 1 means that a pixel or more have another number; of 65,536, ours "
        "has about ten, scikit-image's usual solver about two hundred",
    ),
]
