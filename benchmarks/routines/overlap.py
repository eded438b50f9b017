"""How well masks, and the objects of label images, agree with the true ones."""

import math

import cv2
import numpy as np
import skimage.metrics
from scipy import ndimage, optimize
from scipy.spatial import distance
from skimage.metrics import contingency_table

from benchmarks.routines.case import LABELS, MASKS, Case
from imgkit import metrics

GRAY = ("gray uint8",)  # masks and labels have no other kinds
FAR = 20.0


def _bright(photo: np.ndarray, reach: int) -> np.ndarray:
    """What is brighter than its surroundings, in a photograph that was softened."""
    soft = cv2.GaussianBlur(photo.astype(np.float32), (0, 0), reach)
    return soft > cv2.blur(soft, (21, 21))


def masks(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _bright(photo, 2), np.roll(_bright(photo, 3), 1, axis=0)


def labels(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return tuple(cv2.connectedComponents(mask.astype(np.uint8))[1] for mask in masks(photo))


def _outline(mask: np.ndarray) -> np.ndarray:
    return mask & ~ndimage.binary_erosion(mask, border_value=1)


def _boundary_f1_by_hand(predicted: np.ndarray, truth: np.ndarray, tolerance: float) -> float:
    ours, theirs = _outline(predicted), _outline(truth)
    right = ndimage.distance_transform_edt(~theirs)[ours] <= tolerance
    found = ndimage.distance_transform_edt(~ours)[theirs] <= tolerance
    p, r = right.mean(), found.mean()
    return 2 * p * r / (p + r)


def _iou_of_objects(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(N, M), every object with every other."""
    table = contingency_table(predicted, truth, sparse_type="array").toarray()
    areas, true_areas = table.sum(1, keepdims=True), table.sum(0, keepdims=True)
    return (table / (areas + true_areas - table))[1:, 1:]


def _pairs_by_hand(predicted: np.ndarray, truth: np.ndarray, iou: float) -> np.ndarray:
    overlap = _iou_of_objects(predicted, truth)
    good = overlap > iou
    rows, columns = optimize.linear_sum_assignment(
        good + overlap / (1 + len(overlap)) * good, maximize=True
    )
    chosen = good[rows, columns]
    return overlap[rows[chosen], columns[chosen]]


def _f1_by_hand(predicted: np.ndarray, truth: np.ndarray, iou: float) -> float:
    found = len(_pairs_by_hand(predicted, truth, iou))
    return 2 * found / (predicted.max() + truth.max())


def _ap_by_hand(predicted: np.ndarray, truth: np.ndarray) -> float:
    overlap, total = _iou_of_objects(predicted, truth), predicted.max() + truth.max()
    found = [(overlap > t / 100).sum() for t in range(50, 100, 5)]
    return np.mean([n / (total - n) for n in found])


def _panoptic_by_hand(predicted: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    overlap = _iou_of_objects(predicted, truth)
    pairs = overlap[overlap > 0.5]
    rq = 2 * len(pairs) / (predicted.max() + truth.max())
    sq = pairs.mean() if len(pairs) else math.nan
    return (sq * rq if len(pairs) else 0.0), sq, rq


def _rand_scikit_image(predicted: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    error, recall, precision = skimage.metrics.adapted_rand_error(truth, predicted)
    return error, precision, recall  # in the order that its description says


def _rand_by_hand(predicted: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    table = contingency_table(predicted, truth, sparse_type="array").toarray()[:, 1:]
    both, ours, theirs = ((n * (n - 1)).sum() for n in (table, table.sum(1), table.sum(0)))
    return 1 - 2 * both / (ours + theirs), both / ours, both / theirs


CASES = [
    Case(
        "metrics.dice",
        ours=metrics.dice,
        same={"scipy": lambda a, b: 1 - distance.dice(a.ravel(), b.ravel())},
        reference=lambda a, b: 2 * np.sum(a & b) / (a.sum() + b.sum()),
        prepare=masks,
        kinds=GRAY,
        takes=MASKS,
        goals=(("imgkit", "scipy", 2),),
    ),
    Case(
        "metrics.iou",
        ours=metrics.iou,
        same={"scipy": lambda a, b: 1 - distance.jaccard(a.ravel(), b.ravel())},
        reference=lambda a, b: np.sum(a & b) / np.sum(a | b),
        prepare=masks,
        kinds=GRAY,
        takes=MASKS,
        goals=(("imgkit", "scipy", 2),),
    ),
    *(
        Case(
            "metrics.boundary_f1",
            f"tolerance {tolerance:g}",
            ours=lambda a, b, t=tolerance: metrics.boundary_f1(a, b, tolerance=t),
            same={"scipy edt": lambda a, b, t=tolerance: _boundary_f1_by_hand(a, b, t)},
            reference=lambda a, b, t=tolerance: _boundary_f1_by_hand(a, b, t),
            prepare=masks,
            kinds=GRAY,
            takes=MASKS,
            goals=(("imgkit", "scipy edt", 5),),
        )
        for tolerance in (2.0, FAR)
    ),
    Case(
        "metrics.match_objects",
        ours=lambda a, b: np.sort(metrics.match_objects(a, b).iou),
        same={"scikit-image + scipy": lambda a, b: np.sort(_pairs_by_hand(a, b, 0.5))},
        reference=lambda a, b: np.sort(_pairs_by_hand(a, b, 0.5)),
        prepare=labels,
        kinds=GRAY,
        takes=LABELS,
        tensor=False,
        note="scikit-image has no pairing; its table of overlaps and SciPy's assignment make one",
    ),
    *(
        Case(
            "metrics.object_f1",
            f"IoU {iou:g}",
            ours=lambda a, b, t=iou: metrics.object_f1(a, b, iou=t),
            same={"scikit-image + scipy": lambda a, b, t=iou: _f1_by_hand(a, b, t)},
            reference=lambda a, b, t=iou: _f1_by_hand(a, b, t),
            prepare=labels,
            kinds=GRAY,
            takes=LABELS,
            tensor=False,
        )
        for iou in (0.5, 0.1)
    ),
    Case(
        "metrics.object_ap",
        ours=metrics.object_ap,
        same={"scikit-image, by hand": _ap_by_hand},
        reference=_ap_by_hand,
        prepare=labels,
        kinds=GRAY,
        takes=LABELS,
        tensor=False,
    ),
    Case(
        "metrics.panoptic_quality",
        ours=lambda a, b: np.nan_to_num(metrics.panoptic_quality(a, b)),
        same={"scikit-image, by hand": lambda a, b: np.nan_to_num(_panoptic_by_hand(a, b))},
        reference=lambda a, b: np.nan_to_num(_panoptic_by_hand(a, b)),
        prepare=labels,
        kinds=GRAY,
        takes=LABELS,
        tensor=False,
    ),
    Case(
        "metrics.adapted_rand",
        ours=metrics.adapted_rand,
        same={"scikit-image": _rand_scikit_image},
        reference=_rand_by_hand,
        prepare=labels,
        kinds=GRAY,
        takes=LABELS,
        tensor=False,
        goals=(("imgkit", "scikit-image", 5),),
    ),
]
