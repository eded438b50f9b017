"""How good detected boxes are: overlap, non-maximum suppression, average precision.

A box is ``(row0, column0, row1, column1)``, half open: its height is ``row1 - row0``, so the pixels
``image[row0:row1, column0:column1]`` are in it. Coordinates may be any real numbers. A box without
area is allowed and overlaps nothing, not even itself; one that ends before it starts is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imgkit.metrics import gates
from imgkit.metrics.curves import sweep

Boxes = npt.NDArray[np.float64]  # (N, 4)
LARGEST = 1e100  # of a coordinate: squares stay far from overflow


def box_iou(a: npt.ArrayLike, b: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The overlap of each box of a with each of b: area shared over area covered.

    Parameters
    ----------
    a : (N, 4) boxes, each (row0, column0, row1, column1), half open; N may be 0
    b : (M, 4) boxes

    Returns
    -------
    (N, M) float64 in 0..1; exactly 1 for equal boxes, 0 where one of them has no area.

    Raises
    ------
    TypeError
        If boxes are no real numbers.
    ValueError
        If they have another shape, are not finite, or one ends before it starts.

    Notes
    -----
    Computed in float64. torchvision's ``box_iou`` gives nan for two boxes without area.

    References
    ----------
    Everingham et al., "The Pascal visual object classes (VOC) challenge", International Journal of
    Computer Vision 88, 2010.

    Examples
    --------
    >>> box_iou([[0, 0, 2, 2]], [[0, 0, 2, 2], [1, 1, 3, 3], [2, 0, 4, 2]]).round(3)
    array([[1.   , 0.143, 0.   ]])
    """
    return _overlaps(_boxes(a, "a"), _boxes(b, "b"))


def nms(boxes: npt.ArrayLike, scores: npt.ArrayLike, *, iou: float = 0.5) -> npt.NDArray[np.int64]:
    """Non-maximum suppression: of boxes that overlap, keep the one with the highest score.

    Greedy: the best box stays, boxes that overlap it by more than ``iou`` go, then the same with
    the best of the rest.

    Parameters
    ----------
    boxes : (N, 4), each (row0, column0, row1, column1), half open
    scores : (N,) finite real numbers
    iou : above 0 and at most 1; boxes go that overlap by more

    Returns
    -------
    (K,) int64, the places of the boxes that stay, from the highest score to the lowest. Of equal
    scores the earlier box comes first.

    Raises
    ------
    TypeError
        If boxes, scores or iou are no real numbers.
    ValueError
        If shapes do not fit, values are not finite, a box ends before it starts, or iou is out of
        range.

    Notes
    -----
    The same places, in the same order, as ``torchvision.ops.nms`` of float64 boxes; of float32
    ones torchvision rounds, which may decide an overlap of nearly ``iou`` otherwise. For several
    classes call it for each.

    References
    ----------
    Felzenszwalb, Girshick, McAllester and Ramanan, "Object detection with discriminatively trained
    part-based models", IEEE Transactions on Pattern Analysis and Machine Intelligence 32, 2010.

    Examples
    --------
    >>> nms([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30]], [0.8, 0.9, 0.7])
    array([1, 2])
    """
    corners = _boxes(boxes, "boxes")
    numbers = _scores(scores, "scores", corners, "boxes")
    gates.require_fraction(iou=iou)
    order, first, end = min((_stretches(corners, axis) for axis in (0, 1)), key=_work)
    columns = _columns(corners[order])
    place = np.argsort(order)
    alive = np.ones(len(corners), bool)
    kept = []
    for box in np.argsort(-numbers, kind="stable"):
        i = place[box]
        if alive[i]:
            kept.append(box)
            near = slice(first[i], end[i])
            alive[near] &= _iou(columns[:, near], columns[:, i]) <= iou
    return np.array(kept, np.int64)


def detection_ap(
    boxes: Sequence[npt.ArrayLike],
    scores: Sequence[npt.ArrayLike],
    truths: Sequence[npt.ArrayLike],
    *,
    iou: float | Sequence[float] = 0.5,
) -> float:
    """The average precision of a detector of one class, over all images together.

    From the highest score on, a detection is right if it overlaps a true box of its image that no
    better detection has taken, by at least ``iou``; it takes the one it overlaps most. Then
    ``AP = sum((R[k] - R[k-1]) * P[k])`` over falling thresholds, where P[k] is the best precision
    at recall R[k] or more.

    Parameters
    ----------
    boxes : one array (N, 4) for each image, boxes (row0, column0, row1, column1), half open; N may
        be 0
    scores : one array (N,) for each image
    truths : one array (M, 4) for each image; M may be 0
    iou : above 0 and at most 1; several give the mean of their average precisions, as
        ``np.linspace(0.5, 0.95, 10)`` in COCO

    Returns
    -------
    A number in 0..1. Without a true box in any image it is nan; without a detection 0.

    Raises
    ------
    TypeError
        If there is no list with an array for each image, or values are no real numbers.
    ValueError
        If the lists differ in length, shapes do not fit, values are not finite, a box ends before
        it starts, or iou is out of range.

    Notes
    -----
    The area below all points of the curve with precision made to fall, as PASCAL VOC from 2010 on;
    COCO reads that curve at 101 recalls, which differs by up to about 0.01. Free boxes only are
    matched, as in COCO; VOC counts a detection as wrong if the box it overlaps most is taken.
    Equal scores make one point, so the order of images does not matter; within an image the
    earlier one chooses first. For several classes take the mean of each class's AP.

    References
    ----------
    Everingham et al., "The Pascal visual object classes challenge: a retrospective", International
    Journal of Computer Vision 111, 2015. Lin et al., "Microsoft COCO: common objects in context",
    ECCV 2014.

    Examples
    --------
    >>> truth = [[0, 0, 10, 10], [20, 20, 30, 30]]
    >>> found = [[1, 0, 10, 10], [50, 50, 60, 60], [20, 20, 30, 29]]
    >>> round(detection_ap([found], [[0.9, 0.8, 0.7]], [truth]), 4)
    0.8333
    """
    thresholds = _thresholds(iou)
    images = _images(boxes, scores, truths)
    total = sum(len(truth) for _, _, truth in images)
    if total == 0:
        return math.nan
    points = np.concatenate([numbers for _, numbers, _ in images])
    if len(points) == 0:
        return 0.0
    overlaps = [_overlaps(found, truth) for found, _, truth in images]
    orders = [np.argsort(-numbers, kind="stable") for _, numbers, _ in images]
    values = []
    for threshold in thresholds:
        right = [_matched(*pair, threshold) for pair in zip(overlaps, orders, strict=True)]
        _, hits, alarms = sweep(points, np.concatenate(right))
        precision = np.maximum.accumulate((hits / (hits + alarms))[::-1])[::-1]
        values.append(np.sum(np.diff(hits, prepend=0) * precision) / total)
    return float(np.mean(values))


def _matched(overlaps: np.ndarray, order: np.ndarray, threshold: float) -> npt.NDArray[np.bool_]:
    """Which detections, best first, overlap a true box that is still free."""
    right = np.zeros(len(overlaps), bool)
    free = np.where(overlaps >= threshold, overlaps, 0)
    for i in order[free.any(axis=1)[order]]:
        j = free[i].argmax()
        if free[i, j] > 0:
            right[i] = True
            free[:, j] = 0
    return right


def _overlaps(a: Boxes, b: Boxes) -> npt.NDArray[np.float64]:
    return _iou(_columns(a)[:, :, None], _columns(b)[:, None, :])


def _columns(boxes: Boxes) -> npt.NDArray[np.float64]:
    """(5, N): the four coordinates, and the areas."""
    row0, column0, row1, column1 = boxes.T
    return np.stack([row0, column0, row1, column1, (row1 - row0) * (column1 - column0)])


def _iou(a: np.ndarray, b: np.ndarray) -> npt.NDArray[np.float64]:
    """The overlap of boxes given as columns, whatever their shapes broadcast to."""
    height = np.minimum(a[2], b[2]) - np.maximum(a[0], b[0])
    width = np.minimum(a[3], b[3]) - np.maximum(a[1], b[1])
    shared = np.maximum(height, 0) * np.maximum(width, 0)
    covered = a[4] + b[4] - shared
    return shared / np.maximum(covered, np.finfo(np.float64).tiny)  # 0 where nothing is covered


def _stretches(boxes: Boxes, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The order of boxes along an axis; in it, where those begin and end that one may overlap."""
    order = np.argsort(boxes[:, axis])
    start, end = boxes[order, axis], boxes[order, axis + 2]
    first = np.searchsorted(np.maximum.accumulate(end), start, side="right")
    return order, first, np.searchsorted(start, end)


def _work(stretches: tuple[np.ndarray, np.ndarray, np.ndarray]) -> int:
    _, first, end = stretches
    return (end - first).sum()


def _boxes(values: npt.ArrayLike, name: str) -> Boxes:
    boxes = gates.as_numbers(values, name).astype(np.float64, copy=False)
    if boxes.shape == (0,):
        return boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f"{name} has shape {boxes.shape}; boxes are (N, 4): row0, column0, row1, column1"
        )
    wrong = (boxes[:, 2:] < boxes[:, :2]).any(axis=1)
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(
            f"{name}[{i}] is {boxes[i].tolist()}, which ends before it starts; "
            "a box is (row0, column0, row1, column1)"
        )
    if np.abs(boxes).max(initial=0) > LARGEST:
        raise ValueError(f"{name} has coordinates beyond {LARGEST:g}")
    return boxes


def _scores(values: npt.ArrayLike, name: str, boxes: Boxes, boxes_name: str) -> np.ndarray:
    scores = gates.as_numbers(values, name)
    if scores.shape != (len(boxes),):
        raise ValueError(
            f"{name} has shape {scores.shape} and {boxes_name} {boxes.shape}; "
            "there must be one score for each box"
        )
    return scores


def _images(boxes: object, scores: object, truths: object) -> list[tuple[Boxes, np.ndarray, Boxes]]:
    """What each image has, checked."""
    lists = {"boxes": boxes, "scores": scores, "truths": truths}
    for name, given in lists.items():
        if not isinstance(given, list | tuple):
            raise TypeError(
                f"{name} is of type {type(given).__name__}; this takes a list with an array for "
                f"each image: use [{name}] for one image"
            )
    if not len(boxes) == len(scores) == len(truths):
        lengths = ", ".join(f"{name} {len(given)}" for name, given in lists.items())
        raise ValueError(f"the lists are for different numbers of images: {lengths}")
    images = []
    for i in range(len(boxes)):
        found = _boxes(boxes[i], f"boxes[{i}]")
        numbers = _scores(scores[i], f"scores[{i}]", found, f"boxes[{i}]")
        images.append((found, numbers, _boxes(truths[i], f"truths[{i}]")))
    return images


def _thresholds(iou: float | Sequence[float]) -> list[float]:
    thresholds = list(iou) if isinstance(iou, list | tuple | np.ndarray) else [iou]
    if not thresholds:
        raise ValueError("iou is empty; it takes at least one threshold")
    for threshold in thresholds:
        gates.require_fraction(iou=threshold)
    return thresholds
