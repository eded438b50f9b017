"""Disparity of a stereo pair."""

import cv2
import numpy as np

from benchmarks.routines.case import Case
from imgkit import color, data, geometry, images

COUNT = 64


def _motorcycle(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pair = data.load("stereo_motorcycle")
    sides = [color.to_gray(side) for side in (pair.left, pair.right)]
    if photo.shape[0] < 100:
        sides = [np.ascontiguousarray(side[200:248, 100:300]) for side in sides]
    return tuple(images.as_dtype(side / 255, like=photo) for side in sides)


def _matcher(method: str) -> cv2.StereoMatcher:
    if method == "block":
        return cv2.StereoBM_create(COUNT, 9)
    mode = cv2.STEREO_SGBM_MODE_SGBM_3WAY
    return cv2.StereoSGBM_create(0, COUNT, 5, 200, 800, preFilterCap=31, mode=mode)


def _raw(method: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    matcher = _matcher(method)
    matcher.setUniquenessRatio(10)
    matcher.setDisp12MaxDiff(1)
    return matcher.compute(images.as_uint8(left), images.as_uint8(right)) / np.float32(16)


def _by_hand(method: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """With room for every disparity, and what has no partner left out."""
    wide = [
        np.pad(x, ((0, 0), (COUNT, 9 if method == "block" else 5)), "edge") for x in (left, right)
    ]
    found = _raw(method, *wide)[:, COUNT : COUNT + left.shape[1]]
    known = (found >= 0) & (found <= COUNT - 1) & (found <= np.arange(left.shape[1]))
    return np.where(known, found, -1)


def _case(method: str) -> Case:
    return Case(
        "geometry.disparity",
        method,
        ours=lambda x, y: np.nan_to_num(geometry.disparity(x, y, method=method), nan=-1),
        like={"opencv": lambda x, y: _raw(method, x, y)},
        reference=lambda x, y: _by_hand(method, x, y),
        prepare=_motorcycle,
        kinds=("gray uint8", "gray float32"),
        tensor=False,
        note="OpenCV does the work; it leaves the first 64 columns empty, which are found here. "
        "Unknown is written as -1",
    )


CASES = [_case("semiglobal"), _case("block")]
