"""How good tracks are: what was found, and whether each thing kept its number."""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from imgkit.metrics import gates
from imgkit.metrics.boxes import box_iou

Frame: TypeAlias = tuple[npt.ArrayLike, npt.ArrayLike]  # ids (N,) and boxes (N, 4)


class TrackingQuality(NamedTuple):
    """Tracks against true ones, over all frames."""

    mota: float
    "1 - (misses + alarms + switches) / true boxes; at most 1, and it may be below 0"
    motp: float
    "mean IoU of the pairs"
    idf1: float
    "F1 of the boxes, where each true thing has only the one number that fits it most often"
    misses: int
    "true boxes that no track is at"
    alarms: int
    "boxes of tracks at which there is nothing"
    switches: int
    "how often a true thing was taken over by another number"


def tracking_quality(
    found: list[Frame], truth: list[Frame], *, iou: float = 0.5
) -> TrackingQuality:
    """The CLEAR MOT measures and the identity F1 of tracks, against true ones.

    In each frame a thing stays with the number it was last paired with, if the two overlap enough;
    then of the free boxes as many are paired as can be, and of all ways to do so the one with the
    largest sum of IoU. A thing that is paired with another number than last time has switched.

    Parameters
    ----------
    found : for each frame a pair: the tracks' numbers (N,) and their boxes (N, 4), each (row0,
        column0, row1, column1), half open
    truth : the same of the true things, as many frames
    iou : above 0 and at most 1; boxes that overlap at least so much are at one place

    Returns
    -------
    TrackingQuality. Where there is no true box, mota is nan; without a pair motp is; without any
    box at all idf1 is.

    Raises
    ------
    TypeError
        If there is no list with a pair for each frame, or values are no numbers.
    ValueError
        If the lists differ in length, shapes do not fit, a number occurs twice in a frame, a box
        ends before it starts, or iou is out of range.

    Notes
    -----
    ``idf1 = 2 IDTP / (true boxes + boxes of tracks)``: true things and numbers are paired once for
    all frames, so that IDTP, the frames in which such a pair overlaps enough, is largest.

    The same numbers as py-motmetrics gives. TrackEval holds on to a pair of the frame before only,
    so after a gap it may count a switch more or less.

    References
    ----------
    Bernardin and Stiefelhagen, Evaluating multiple object tracking performance: the CLEAR MOT
    metrics, EURASIP Journal on Image and Video Processing, 2008. Ristani et al., Performance
    measures and a data set for multi-target, multi-camera tracking, ECCV Workshops 2016.

    Examples
    --------
    >>> car = [[0, 0, 10, 10]]
    >>> quality = tracking_quality([([1], car), ([2], car), ([2], car)], [([7], car)] * 3)
    >>> quality.switches, round(quality.mota, 3), round(quality.idf1, 3)
    (1, 0.667, 0.667)
    """
    gates.require_fraction(iou=iou)
    found, truth = _frames(found, "found"), _frames(truth, "truth")
    if len(found) != len(truth):
        raise ValueError(f"found has {len(found)} frames and truth {len(truth)}")
    boxes, true_boxes = (sum(len(ids) for ids, _ in frames) for frames in (found, truth))
    last: dict[int, int] = {}  # true thing -> the number it was last paired with
    overlaps, switches = [], 0
    together: dict[tuple[int, int], int] = {}  # (true thing, number) -> frames
    for (ids, places), (true_ids, true_places) in zip(found, truth, strict=True):
        table = box_iou(true_places, places)
        for i, j in np.argwhere(table >= iou):
            pair = int(true_ids[i]), int(ids[j])
            together[pair] = together.get(pair, 0) + 1
        pairs = _paired(table, true_ids, ids, last, iou)
        now = {int(true_ids[i]): int(ids[j]) for i, j in pairs}
        switches += sum(last.get(thing, number) != number for thing, number in now.items())
        last |= now
        overlaps += [table[i, j] for i, j in pairs]
    errors = true_boxes + boxes - 2 * len(overlaps) + switches
    return TrackingQuality(
        1 - errors / true_boxes if true_boxes else math.nan,
        float(np.mean(overlaps)) if overlaps else math.nan,
        2 * _most_together(together) / (boxes + true_boxes) if boxes + true_boxes else math.nan,
        true_boxes - len(overlaps),
        boxes - len(overlaps),
        switches,
    )


def _paired(
    table: np.ndarray, true_ids: np.ndarray, ids: np.ndarray, last: dict[int, int], iou: float
) -> list[tuple[int, int]]:
    """The pairs of a frame: old ones first, then the most, then those that overlap most."""
    worth = np.where(table >= iou, 1 + table / (1 + min(table.shape)), 0)
    place = {int(number): j for j, number in enumerate(ids)}
    for i, thing in enumerate(true_ids):
        j = place.get(last.get(int(thing)))
        if j is not None and worth[i, j] > 0:
            worth[i], worth[:, j], worth[i, j] = 0, 0, 1
    return _assigned(worth)


def _most_together(together: dict[tuple[int, int], int]) -> int:
    """The most frames that things and numbers share, if each has only one partner."""
    if not together:
        return 0
    things, numbers = np.array(list(together)).T
    rows, columns = (np.unique(names, return_inverse=True)[1] for names in (things, numbers))
    frames = np.zeros((rows.max() + 1, columns.max() + 1))
    frames[rows, columns] = list(together.values())
    return int(sum(frames[pair] for pair in _assigned(frames)))


def _assigned(worth: np.ndarray) -> list[tuple[int, int]]:
    """Rows and columns in pairs, with the largest sum; none that is worth nothing."""
    from scipy.optimize import linear_sum_assignment

    pairs = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    return [pair for pair in pairs if worth[pair] > 0]


def _frames(frames: object, name: str) -> list[tuple[np.ndarray, np.ndarray]]:
    if not isinstance(frames, list | tuple):
        raise TypeError(
            f"{name} is of type {type(frames).__name__}; this takes a list with a pair (ids, "
            "boxes) for each frame"
        )
    return [_frame(frame, f"{name}[{i}]") for i, frame in enumerate(frames)]


def _frame(frame: object, name: str) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(frame, list | tuple) or len(frame) != 2:
        raise TypeError(f"{name} must be a pair (ids, boxes), got {frame!r}")
    ids, boxes = (
        gates.as_array(frame[0], f"{name} ids"),
        gates.as_numbers(frame[1], f"{name} boxes"),
    )
    if ids.shape == (0,):
        ids = ids.astype(np.int64)
    if ids.dtype.kind not in "iu":
        raise TypeError(f"the ids of {name} have dtype {ids.dtype}; they are whole numbers")
    boxes = boxes.reshape(0, 4) if boxes.shape == (0,) else boxes
    if ids.ndim != 1 or boxes.shape != (len(ids), 4):
        raise ValueError(
            f"{name} has ids of shape {ids.shape} and boxes of shape {boxes.shape}; "
            "they are (N,) and (N, 4)"
        )
    if len(np.unique(ids)) < len(ids):
        raise ValueError(f"{name} has a number twice: {ids.tolist()}")
    return ids, boxes
