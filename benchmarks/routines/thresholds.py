"""Thresholds: one or several for the whole image, one for every pixel, two with hysteresis."""

from itertools import combinations

import cv2
import numpy as np
import skimage.filters
from scipy import ndimage

from benchmarks.routines.case import KINDS, Case
from imgkit import segmentation

GRAYS = KINDS[:2]
THRESHOLD = {"kinds": GRAYS, "own_scale": True}
PICTURE = {"kinds": ("gray uint8",), "tensor": False}  # a case for the eye
FASTER = ("imgkit", "scikit-image")


def _as_mask(threshold: np.ndarray, image: np.ndarray) -> np.ndarray:
    return image > threshold


def _full_range(photo: np.ndarray) -> tuple[np.ndarray]:
    """With a black and a white pixel, so that the bins of floats are the levels of uint8."""
    photo = photo.copy()
    photo.flat[:2] = 0, _full_scale(photo)
    return (photo,)


def _full_scale(image: np.ndarray) -> float:
    return 255 if image.dtype == np.uint8 else 1


def _bins64(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts and middles of 256 bins; a value a hair below an edge counts as on it."""
    low, high = x.min(), x.max()
    places = np.minimum(np.floor((x - low) / (high - low) * 256 + 2**-13), 255).astype(int)
    return np.bincount(places.ravel(), minlength=256), low + (np.arange(256) + 0.5) / 256 * (
        high - low
    )


def _multi_otsu64(x: np.ndarray, classes: int) -> np.ndarray:
    """All ways to cut, for few classes, on the bins that are not empty."""
    counts, middles = _bins64(x)
    counts, middles = counts[counts > 0], middles[counts > 0]
    share = np.concatenate([[0], counts.cumsum()])
    total = np.concatenate([[0], (counts * (middles - middles.mean())).cumsum()])
    if classes == 2:
        cuts = np.arange(1, len(counts))[:, None]
    else:
        cuts = np.array(list(combinations(range(1, len(counts)), classes - 1)))
    edges = np.column_stack([np.zeros(len(cuts), int), cuts, np.full(len(cuts), len(counts))])
    between = np.diff(total[edges]) ** 2 / np.diff(share[edges])
    return middles[cuts[between.sum(1).argmax()] - 1]


def _li64(x: np.ndarray) -> float:
    values, t = x - x.min(), np.mean(x - x.min())
    for _ in range(200):
        dark, bright = values[values <= t].mean(), values[values > t].mean()
        if dark == 0:
            break
        t = (bright - dark) / np.log(bright / dark)
    return t + x.min()


def _moments64(x: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    mean = ndimage.uniform_filter(x, size, mode="mirror")
    square = ndimage.uniform_filter(x * x, size, mode="mirror")
    return mean, np.sqrt(np.maximum(square - mean * mean, 0))


def _sauvola64(x: np.ndarray) -> np.ndarray:
    mean, deviation = _moments64(x, 31)
    return mean * (1 + 0.2 * (deviation / 0.5 - 1))


def _niblack64(x: np.ndarray) -> np.ndarray:
    mean, deviation = _moments64(x, 31)
    return mean - 0.2 * deviation


def _held(x, low=0.42, high=0.83):
    return segmentation.hysteresis(x, low=low, high=high, connectivity=1)


def _scikit_held(x: np.ndarray) -> np.ndarray:
    white = _full_scale(x)
    return skimage.filters.apply_hysteresis_threshold(x, 0.42 * white, 0.83 * white)


CASES = [
    Case("segmentation.otsu", "as a mask", ours=lambda x: x > segmentation.otsu(x), **PICTURE),
    Case(
        "segmentation.otsu",
        ours=segmentation.otsu,
        same={
            "opencv": lambda x: cv2.threshold(x, 0, 255, cv2.THRESH_OTSU)[0],
            "scikit-image": skimage.filters.threshold_otsu,
        },
        reference=lambda x: _multi_otsu64(x, 2)[0],
        prepare=_full_range,
        **THRESHOLD,
        goals=((*FASTER, 4),),
        note="for uint8 the reference has bins where this has levels: half a level apart. "
        "OpenCV takes uint8 only",
    ),
    Case(
        "segmentation.multi_otsu",
        "4 classes, as a picture",
        ours=lambda x: (
            np.digitize(x, segmentation.multi_otsu(x, classes=4), right=True) * 85
        ).astype(np.uint8),
        **PICTURE,
    ),
    Case(
        "segmentation.multi_otsu",
        "3 classes",
        ours=segmentation.multi_otsu,
        same={"scikit-image": skimage.filters.threshold_multiotsu},
        reference=lambda x: _multi_otsu64(x, 3),
        prepare=_full_range,
        **THRESHOLD,
    ),
    Case(
        "segmentation.multi_otsu",
        "4 classes",
        ours=lambda x: segmentation.multi_otsu(x, classes=4),
        same={"scikit-image": lambda x: skimage.filters.threshold_multiotsu(x, 4)},
        **THRESHOLD,
        note="five classes take scikit-image seconds",
    ),
    Case("segmentation.li", "as a mask", ours=lambda x: x > segmentation.li(x), **PICTURE),
    Case(
        "segmentation.li",
        ours=segmentation.li,
        same={"scikit-image": skimage.filters.threshold_li},
        reference=_li64,
        **THRESHOLD,
    ),
    Case(
        "segmentation.triangle",
        "as a mask",
        ours=lambda x: x > segmentation.triangle(x),
        **PICTURE,
    ),
    Case(
        "segmentation.triangle",
        ours=segmentation.triangle,
        same={"scikit-image": skimage.filters.threshold_triangle},
        like={"opencv": lambda x: cv2.threshold(x, 0, 255, cv2.THRESH_TRIANGLE)[0]},
        reference=skimage.filters.threshold_triangle,
        prepare=_full_range,
        **THRESHOLD,
    ),
    Case(
        "segmentation.adaptive",
        "gaussian 31",
        ours=lambda x: segmentation.adaptive(x, size=31),
        show=_as_mask,
        same={"scikit-image": lambda x: skimage.filters.threshold_local(x, 31, mode="mirror")},
        reference=lambda x: ndimage.gaussian_filter(x, 5, mode="mirror"),
        **THRESHOLD,
    ),
    Case(
        "segmentation.adaptive",
        "gaussian 31, as a mask",
        ours=lambda x: x > segmentation.adaptive(x, size=31),
        tensor=False,
        kinds=("gray uint8",),
        like={
            "opencv": lambda x: cv2.adaptiveThreshold(
                x, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 31, 0
            )
        },
        note="OpenCV rounds the mean to a level, and its bell is another",
    ),
    Case(
        "segmentation.adaptive",
        "mean 31",
        ours=lambda x: segmentation.adaptive(x, size=31, method="mean"),
        same={
            "scikit-image": lambda x: skimage.filters.threshold_local(x, 31, "mean", mode="mirror")
        },
        like={
            "opencv": lambda x: cv2.adaptiveThreshold(
                x, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 31, 0
            )
        },
        reference=lambda x: ndimage.uniform_filter(x, 31, mode="mirror"),
        **THRESHOLD,
    ),
    Case(
        "segmentation.sauvola",
        "31",
        ours=lambda x: segmentation.sauvola(x, size=31),
        show=_as_mask,
        same={
            "scikit-image": lambda x: skimage.filters.threshold_sauvola(
                x, 31, r=0.5 * _full_scale(x)
            )
        },
        reference=_sauvola64,
        **THRESHOLD,
        goals=((*FASTER, 9),),
        note="of floats, OpenCV's two box filters alone take a twelfth of scikit-image's time; the "
        "gate, a root and the formula are as much again",
    ),
    Case(
        "segmentation.niblack",
        "31",
        ours=lambda x: segmentation.niblack(x, size=31),
        show=_as_mask,
        same={"scikit-image": lambda x: skimage.filters.threshold_niblack(x, 31)},
        reference=_niblack64,
        **THRESHOLD,
    ),
    Case(
        "segmentation.hysteresis",
        ours=_held,
        same={"scikit-image": _scikit_held},
        reference=_scikit_held,
        kinds=GRAYS,
        note="a tensor stays on its device, which on a CPU costs more than OpenCV's labelling",
    ),
]
