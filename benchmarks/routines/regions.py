"""Measurements of many regions at once."""

import cv2
import numpy as np
import skimage.measure

from benchmarks.routines.case import LABELS, MASKS, Case
from imgkit import segmentation
from imgkit.segmentation import Table

COLUMNS = {  # theirs: ours
    "label": "label",
    "area": "area",
    "centroid-0": "centroid_row",
    "centroid-1": "centroid_column",
    "bbox-0": "row0",
    "bbox-1": "column0",
    "bbox-2": "row1",
    "bbox-3": "column1",
    "axis_major_length": "major_axis",
    "axis_minor_length": "minor_axis",
    "eccentricity": "eccentricity",
    "perimeter": "perimeter",
    "intensity_mean": "mean",
}
BRIGHTNESS = ("mean", "std", "min", "max", "median")
EVERYTHING = {
    "equivalent_diameter_area": "equivalent_diameter",
    "extent": "extent",
    "area_convex": "convex_area",
    "solidity": "solidity",
    "euler_number": "euler",
    **{f"moments_hu-{i}": f"hu{i + 1}" for i in range(7)},
    **{f"intensity_{name}": name for name in BRIGHTNESS},
}


def _white(image: np.ndarray) -> float:
    return 255 if image.dtype == np.uint8 else 1


def _ours(table: Table, names: list[str], white: float) -> np.ndarray:
    return np.stack([table[n] / (white if n in BRIGHTNESS else 1) for n in names])


def _theirs(labels: np.ndarray, image: np.ndarray, names: list[str]) -> np.ndarray:
    asked = dict.fromkeys(name.split("-")[0] for name in names)
    table = skimage.measure.regionprops_table(labels, image, properties=tuple(asked))
    return np.stack([table[n] / (_white(image) if "intensity" in n else 1) for n in names])


def _labels(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return segmentation.label(photo > 0.47 * _white(photo)), photo


def _blobs(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An ellipse in every square of 20 pixels: 10 000 of them in 2000 x 2000."""
    rng = np.random.default_rng(0)
    mask = np.zeros(photo.shape, np.uint8)
    for row in range(0, photo.shape[0] - 19, 20):
        for column in range(0, photo.shape[1] - 19, 20):
            axes = int(rng.integers(3, 9)), int(rng.integers(3, 7))
            cv2.ellipse(mask, (column + 9, row + 9), axes, rng.integers(180), 0, 360, 1, -1)
    return mask.astype(bool), photo


CASES = [
    Case(
        "segmentation.regions",
        ours=lambda labels, x: _ours(
            segmentation.regions(labels, x), [*COLUMNS.values(), *EVERYTHING.values()], _white(x)
        ),
        same={"scikit-image": lambda labels, x: _theirs(labels, x, [*COLUMNS, *EVERYTHING])},
        reference=lambda labels, x: _theirs(labels, x, [*COLUMNS, *EVERYTHING]),
        show=lambda table, labels, x: segmentation.outline(x, labels),
        prepare=_labels,
        kinds=("gray float32", "gray uint8"),
        takes=LABELS,
        tensor=False,
        goals=(("imgkit", "scikit-image", 4),),
    ),
    Case(
        "segmentation.regions",
        "10,000 of them, labelled too",
        ours=lambda mask, x: _ours(
            segmentation.regions(segmentation.label(mask), x), list(COLUMNS.values()), _white(x)
        ),
        same={
            "scikit-image": lambda mask, x: _theirs(skimage.measure.label(mask), x, list(COLUMNS))
        },
        reference=lambda mask, x: _theirs(skimage.measure.label(mask), x, list(COLUMNS)),
        prepare=_blobs,
        kinds=("gray float32", "gray uint8"),
        size=2000,
        takes=MASKS,
        tensor=False,
        goals=(("imgkit", "scikit-image", 4),),
        note="scikit-image is asked for the columns compared; ours has all of them at any time",
    ),
]
