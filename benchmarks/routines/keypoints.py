"""Keypoints with their descriptors, and faces."""

import cv2
import numpy as np
import skimage.feature

from benchmarks.routines.case import Case
from benchmarks.routines.sketches import boxes_on, points_on
from imgkit import features, images

GRAY = ("gray uint8", "gray float32")


def _bytes(image: np.ndarray) -> np.ndarray:
    return images.as_uint8(image)


def _precise_sift() -> cv2.SIFT:
    return cv2.SIFT_create(enable_precise_upscale=True)


def _by_hand(finder: cv2.Feature2D, image: np.ndarray) -> np.ndarray:
    """OpenCV's points as (row, column), sorted as ours."""
    found = finder.detect(_bytes(image))
    rows = sorted((-k.response, k.pt[1], k.pt[0], k.size, k.angle) for k in found)
    return np.array([row[1:3] for row in rows]).reshape(-1, 2)


def _skimage(finder: object, image: np.ndarray) -> np.ndarray:
    finder.detect_and_extract(image)
    return finder.keypoints


def _cascade(image: np.ndarray) -> np.ndarray:
    finder = skimage.feature.Cascade(skimage.data.lbp_frontal_face_cascade_filename())
    sizes = {"min_size": (24, 24), "max_size": image.shape[:2]}
    found = finder.detect_multi_scale(image, scale_factor=1.2, step_ratio=1, **sizes)
    return np.array([list(face.values()) for face in found]).reshape(-1, 4)


CASES = [
    Case(
        "features.sift",
        ours=lambda x: features.sift(x).points,
        show=lambda points, image: points_on(image, points),
        same={"opencv": lambda x: _precise_sift().detectAndCompute(_bytes(x), None)[1]},
        like={"scikit-image": lambda x: _skimage(skimage.feature.SIFT(), x)},
        reference=lambda x: _by_hand(_precise_sift(), x),
        kinds=GRAY,
        size=512,
        tensor=False,
        goals=(("imgkit", "scikit-image", 10),),
        note="OpenCV does the work, the same for both dtypes; scikit-image takes two thirds of its "
        "time for float32. The error compares places only",
    ),
    Case(
        "features.orb",
        ours=lambda x: features.orb(x).points,
        show=lambda points, image: points_on(image, points),
        same={"opencv": lambda x: cv2.ORB_create(500).detectAndCompute(_bytes(x), None)[1]},
        like={"scikit-image": lambda x: _skimage(skimage.feature.ORB(n_keypoints=500), x)},
        reference=lambda x: _by_hand(cv2.ORB_create(500), x),
        prepare=lambda photo: (np.tile(photo, [-(-96 // n) for n in photo.shape]),),
        kinds=GRAY,
        tensor=False,
        goals=(("imgkit", "scikit-image", 15),),
        note="OpenCV does the work; the error compares places only",
    ),
    Case(
        "features.faces",
        ours=lambda x: features.faces(x, smallest=24),
        show=lambda boxes, image: boxes_on(image, boxes),
        same={"scikit-image": _cascade},
        kinds=("color uint8", "gray float32"),
        size=256,
        tensor=False,
        note="scikit-image does the work",
    ),
]
