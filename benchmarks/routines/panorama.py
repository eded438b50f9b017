"""Photographs joined."""

import cv2
import numpy as np

from benchmarks.routines.case import Case
from imgkit import geometry


def _windows(photo: np.ndarray) -> tuple[np.ndarray, ...]:
    """Three windows of a photograph, a third of each shared with the next, the last one darker."""
    w = photo.shape[1]
    side = w // 2
    starts = (0, w // 4, w - side)
    parts = [photo[:, start : start + side] for start in starts]
    dark = parts[2] * 0.8
    parts[2] = np.rint(dark).astype(photo.dtype) if photo.dtype == np.uint8 else dark
    return tuple(np.ascontiguousarray(part) for part in parts)


def _stitcher(*images: np.ndarray) -> np.ndarray:
    if images[0].dtype != np.uint8:
        raise TypeError("takes uint8 only")
    stitcher = cv2.Stitcher.create(cv2.Stitcher_SCANS)
    status, out = stitcher.stitch([image[..., ::-1] for image in images])
    if status != cv2.Stitcher_OK:
        raise ValueError(f"no panorama: status {status}")
    return out[..., ::-1]


CASES = [
    Case(
        "geometry.panorama",
        ours=lambda *images: geometry.panorama(images),
        like={"opencv Stitcher": _stitcher},
        prepare=_windows,
        kinds=("color uint8", "color float32"),
        tensor=False,
        note="tested against the photograph that its images were cut from; OpenCV's Stitcher finds "
        "ORB keypoints in a smaller image, and seeks its seams in one as well",
    ),
    Case(
        "geometry.panorama",
        "feather",
        ours=lambda *images: geometry.panorama(images, blend="feather"),
        prepare=_windows,
        kinds=("color uint8",),
        tensor=False,
    ),
]
