"""Connected parts, distances, and pictures of labels."""

import cv2
import numpy as np
import skimage.color
import skimage.measure
import skimage.segmentation
from scipy import ndimage

from benchmarks.routines.case import LABELS, MASKS, Case
from imgkit import segmentation

GRAY = ("gray uint8",)


def _mask(photo: np.ndarray) -> tuple[np.ndarray]:
    return (photo > 120 / (1 if photo.dtype == np.uint8 else 255),)


def _labels(photo: np.ndarray) -> tuple[np.ndarray]:
    return (segmentation.label(*_mask(photo)),)


def _basins(photo: np.ndarray) -> tuple[np.ndarray]:
    """Regions that touch: each pixel belongs to the nearest of some points."""
    points = np.zeros(photo.shape[:2], bool)
    rng = np.random.default_rng(0)
    points.flat[rng.choice(points.size, max(4, points.size // 700), replace=False)] = True
    nearest = ndimage.distance_transform_edt(~points, return_distances=False, return_indices=True)
    return (segmentation.label(points)[tuple(nearest)],)


def _outlined(photo: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return skimage.segmentation.mark_boundaries(photo, labels, color=(1, 0.6, 0), mode="inner")


CASES = [
    Case(
        "segmentation.label",
        ours=segmentation.label,
        same={
            "scikit-image": lambda m: skimage.measure.label(m, connectivity=2),
            "scipy": lambda m: ndimage.label(m, np.ones((3, 3)))[0],
            "opencv": lambda m: cv2.connectedComponentsWithAlgorithm(
                m.view(np.uint8), 8, cv2.CV_32S, cv2.CCL_SAUF
            )[1],
        },
        like={"opencv connectedComponents": lambda m: cv2.connectedComponents(m.view(np.uint8))[1]},
        reference=lambda m: ndimage.label(m, np.ones((3, 3)))[0],
        prepare=_mask,
        kinds=GRAY,
        takes=MASKS,
        tensor=False,
        note="OpenCV's default numbers in another order",
    ),
    Case(
        "segmentation.distance_transform",
        ours=segmentation.distance_transform,
        same={
            "opencv": lambda m: cv2.distanceTransform(
                m.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
            ),
            "scipy": ndimage.distance_transform_edt,
        },
        like={"opencv 5x5": lambda m: cv2.distanceTransform(m.view(np.uint8), cv2.DIST_L2, 5)},
        reference=ndimage.distance_transform_edt,
        prepare=_mask,
        kinds=GRAY,
        takes=MASKS,
        tensor=False,
        goals=(("imgkit", "scipy", 3),),
        note="OpenCV's 5x5 mask is quicker and up to 2 % off; its exact one is slow where rows are "
        "a multiple of 64 long, which ours sees to; scikit-image has none of its own",
    ),
    Case(
        "segmentation.relabel",
        ours=segmentation.relabel,
        same={"scikit-image": lambda x: skimage.segmentation.relabel_sequential(x)[0]},
        reference=lambda x: np.unique(x, return_inverse=True)[1].reshape(x.shape),
        prepare=lambda photo: (3 * _labels(photo)[0],),
        kinds=GRAY,
        takes=LABELS,
        tensor=False,
    ),
    Case(
        "segmentation.paint",
        ours=segmentation.paint,
        like={"scikit-image": skimage.color.label2rgb},
        prepare=_basins,
        kinds=GRAY,
        takes=LABELS,
        tensor=False,
        note="label2rgb takes ten colours in turn, whoever lies side by side",
    ),
    Case(
        "segmentation.outline",
        ours=segmentation.outline,
        same={"scikit-image": _outlined},
        reference=_outlined,
        prepare=lambda photo: (photo, *_basins(photo)),
        tensor=False,
    ),
]
