"""How well the objects of two label images agree: which were found, missed, split or merged.

An object is found if one of the result's objects overlaps it well enough, by intersection over
union. Above 0.5 no object can have two such partners, so nothing has to be chosen.
"""

from __future__ import annotations  # help() says Labels, not what it stands for

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.images import Labels, require_number
from imgkit.metrics.pairing import (
    EMPTY_MEANS,
    checked,
    found_at,
    joint,
    overlaps_of,
    ratio,
    score,
    sums,
    taken,
)

THRESHOLDS = tuple(percent / 100 for percent in range(50, 100, 5))  # 0.5, 0.55, ..., 0.95


@dataclass(frozen=True, eq=False)
class Matching:
    """Which objects belong together, K pairs, and which have no partner."""

    predicted: npt.NDArray[np.int64]
    "(K,) labels of the result's objects that have a partner"
    truth: npt.NDArray[np.int64]
    "(K,) labels of their partners"
    iou: npt.NDArray[np.float64]
    "(K,) how well they overlap"
    extra: npt.NDArray[np.int64]
    "labels of the result's objects without a partner, the false positives"
    missed: npt.NDArray[np.int64]
    "labels of the true objects without a partner, the false negatives"

    @property
    def precision(self) -> float:
        """The share of the result's objects that are right; nan if there are none."""
        return ratio(len(self.predicted), len(self.predicted) + len(self.extra), np.nan)

    @property
    def recall(self) -> float:
        """The share of the true objects that were found; nan if there are none."""
        return ratio(len(self.truth), len(self.truth) + len(self.missed), np.nan)

    @property
    def f1(self) -> float:
        """``2 TP / (2 TP + FP + FN)``; 1 if there are no objects at all."""
        return score(len(self.truth), len(self.extra), len(self.missed), 0.5)

    def __str__(self) -> str:
        found, total = len(self.truth), len(self.truth) + len(self.missed)
        return (
            f"{found} of {total} objects found, {len(self.missed)} missed, {len(self.extra)} extra"
        )


class PanopticQuality(NamedTuple):
    """``pq = sq * rq``."""

    pq: float
    "panoptic quality"
    sq: float
    "segmentation quality: the mean IoU of the pairs; nan if there are objects but no pair"
    rq: float
    "recognition quality: F1 of the objects"


class AdaptedRand(NamedTuple):
    """Of pairs of pixels: are those together that belong together?"""

    error: float
    "1 less F1 of pairs, 0 at best"
    precision: float
    "of the pairs that are together in the result, the share that is so in truth"
    recall: float
    "of the pairs that are together in truth, the share that is so in the result"


@routine(float32=1e-15, float64=1e-15, uint8=1e-15, tensor=False)
def match_objects(predicted: Labels, truth: Labels, *, iou: float = 0.5) -> Matching:
    """Find the partner of each object: the one it overlaps well enough.

    Two objects may be partners if their intersection over union is above ``iou``, and each has one
    partner at most.

    Parameters
    ----------
    predicted : labels (H, W), whole numbers, 0 is background
    truth : the true labels, of the same size
    iou : the overlap above which two objects may be partners, 0 <= iou < 1

    Returns
    -------
    The pairs in order of the truth's labels, those without a partner, and precision, recall and F1.

    Raises
    ------
    TypeError
        If one is no label image, or iou is no number.
    ValueError
        If the sizes differ, or iou is outside 0..1.

    Notes
    -----
    From 0.5 on the pairs are unique. Below, of all ways to pair the objects the one with the most
    pairs is taken, and among those the one with the largest sum of IoU (linear assignment, exact).
    Labels may be any whole numbers, in any order; an object need not be connected.

    References
    ----------
    Kirillov et al., "Panoptic segmentation", CVPR 2019, section 4.1 (why pairs are unique). Kuhn,
    "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2, 1955.

    Examples
    --------
    >>> truth = np.array([[1, 1, 1, 0, 2, 2, 0, 3, 3]])
    >>> predicted = np.array([[7, 7, 0, 0, 4, 4, 5, 5, 0]])
    >>> found = match_objects(predicted, truth)
    >>> print(found)
    2 of 3 objects found, 1 missed, 1 extra
    >>> found.predicted, found.truth, found.extra, found.missed
    (array([7, 4]), array([1, 2]), array([5]), array([3]))
    """
    _require_iou(iou)
    overlaps = overlaps_of(predicted, truth)
    paired = taken(overlaps, iou)
    ours, theirs = overlaps.predicted[paired], overlaps.truth[paired]
    order = np.argsort(theirs)
    return Matching(
        ours[order],
        theirs[order],
        overlaps.iou[paired][order],
        np.setdiff1d(overlaps.predicted_objects, ours, assume_unique=True),
        np.setdiff1d(overlaps.true_objects, theirs, assume_unique=True),
    )


@routine(float32=1e-15, float64=1e-15, uint8=1e-15, tensor=False)
def object_f1(predicted: Labels, truth: Labels, *, iou: float = 0.5) -> float:
    """F1 of whole objects: ``2 TP / (2 TP + FP + FN)``, an object found or not.

    A pixel score hardly notices two cells that grew together or a small one that was lost; this
    counts them.

    Parameters
    ----------
    predicted : labels (H, W), whole numbers, 0 is background
    truth : the true labels, of the same size
    iou : the overlap above which an object counts as found, 0 <= iou < 1

    Returns
    -------
    A number in 0..1; 1 if there are no objects in either, 0 if there are in one only.

    Raises
    ------
    TypeError
        If one is no label image, or iou is no number.
    ValueError
        If the sizes differ, or iou is outside 0..1.

    Notes
    -----
    Exact. Which objects were found, and precision and recall, say :func:`match_objects`.

    References
    ----------
    Caicedo et al., "Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl",
    Nature Methods 16, 2019.

    Examples
    --------
    >>> truth = np.array([[1, 1, 0, 2, 2, 0, 3, 3]])
    >>> object_f1(np.array([[1, 1, 0, 2, 2, 2, 2, 2]]), truth)  # two have grown together
    0.4
    """
    _require_iou(iou)
    overlaps = overlaps_of(predicted, truth)
    return overlaps.score(found_at(overlaps, iou), weight=0.5)


@routine(float32=1e-15, float64=1e-15, uint8=1e-15, tensor=False)
def object_ap(
    predicted: Labels, truth: Labels, *, thresholds: Sequence[float] = THRESHOLDS
) -> float:
    """The Data Science Bowl's score: TP / (TP + FP + FN), averaged over IoU thresholds.

    The stricter thresholds ask for good outlines, so a score of 1 needs every object, and each
    exactly.

    Parameters
    ----------
    predicted : labels (H, W), whole numbers, 0 is background
    truth : the true labels, of the same size
    thresholds : the overlaps above which an object counts as found, each 0 <= t < 1

    Returns
    -------
    A number in 0..1; 1 if there are no objects in either, 0 if there are in one only. The Bowl's
    own figure is the mean of this over all images.

    Raises
    ------
    TypeError
        If one is no label image, or a threshold is no number.
    ValueError
        If the sizes differ, or a threshold is outside 0..1, or there is none.

    Notes
    -----
    Exact. The Bowl called it average precision; it is not the area under a precision-recall curve,
    for there are no scores to rank by.

    References
    ----------
    Caicedo et al., "Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl",
    Nature Methods 16, 2019.

    Examples
    --------
    >>> truth = np.array([[1, 1, 1, 1, 1, 0, 2, 2]])
    >>> object_ap(truth, truth)
    1.0
    >>> round(object_ap(np.array([[1, 1, 1, 1, 0, 0, 2, 2]]), truth), 3)  # IoU 0.8 and 1
    0.733
    """
    thresholds = np.atleast_1d(thresholds).tolist()
    if not thresholds:
        raise ValueError("thresholds is empty; give at least one, as (0.5, 0.75)")
    for threshold in thresholds:
        _require_iou(threshold, "thresholds")
    overlaps = overlaps_of(predicted, truth)
    scores = [overlaps.score(found_at(overlaps, t), weight=1) for t in thresholds]
    return sum(scores) / len(scores)


@routine(float32=1e-14, float64=1e-14, uint8=1e-14, tensor=False)
def panoptic_quality(predicted: Labels, truth: Labels) -> PanopticQuality:
    """Panoptic quality: how many objects were found, times how well.

    ``PQ = SQ * RQ``; SQ is the mean IoU of the pairs that overlap by more than 0.5, and
    ``RQ = TP / (TP + FP / 2 + FN / 2)``, the F1 of the objects.

    Parameters
    ----------
    predicted : labels (H, W), whole numbers, 0 is background
    truth : the true labels, of the same size

    Returns
    -------
    ``(pq, sq, rq)``, each in 0..1. All three are 1 if there are no objects in either; if there are
    objects but no pair, pq and rq are 0 and sq is nan.

    Raises
    ------
    TypeError
        If one is no label image.
    ValueError
        If the sizes differ.

    Notes
    -----
    For one class of objects; of several, the mean of each class's PQ is usual. Within 1e-14 of
    the definition.

    References
    ----------
    Kirillov, He, Girshick, Rother and Dollár, "Panoptic segmentation", CVPR 2019.

    Examples
    --------
    >>> truth = np.array([[1, 1, 1, 1, 0, 2, 2]])
    >>> quality = panoptic_quality(np.array([[1, 1, 1, 0, 0, 0, 0]]), truth)
    >>> quality.sq, round(quality.rq, 3), quality.pq
    (0.75, 0.667, 0.5)
    """
    overlaps = overlaps_of(predicted, truth)
    pairs = overlaps.iou[overlaps.iou > 0.5]
    if overlaps.total == 0:
        return PanopticQuality(EMPTY_MEANS, EMPTY_MEANS, EMPTY_MEANS)
    sq = ratio(float(pairs.sum()), len(pairs), np.nan)
    return PanopticQuality(
        float(pairs.sum()) * 2 / overlaps.total, sq, overlaps.score(len(pairs), weight=0.5)
    )


@routine(float32=1e-14, float64=1e-14, uint8=1e-14, tensor=False)
def adapted_rand(predicted: Labels, truth: Labels) -> AdaptedRand:
    """The adapted Rand error: 1 less F1 of pairs of pixels, together or apart.

    Two pixels are together if they have one label. Precision falls where objects were merged,
    recall where they were split. Only pixels that have an object in the truth count.

    Parameters
    ----------
    predicted : labels (H, W), whole numbers; 0 is one more segment
    truth : the true labels, of the same size; where it is 0 nothing is compared

    Returns
    -------
    ``(error, precision, recall)``; nan where there are no pairs to count, as in an empty truth.

    Raises
    ------
    TypeError
        If one is no label image.
    ValueError
        If the sizes differ.

    Notes
    -----
    Within 1e-14 of the definition. The error is that of scikit-image's ``adapted_rand_error``,
    which takes the truth first; it hands out precision as recall and recall as precision, against
    its own description (its issue 6485).

    References
    ----------
    Arganda-Carreras et al., "Crowdsourcing the creation of image segmentation algorithms for
    connectomics", Frontiers in Neuroanatomy 9, 2015.

    Examples
    --------
    >>> truth = np.array([[1, 1, 1, 2, 2, 2]])
    >>> merged = adapted_rand(np.ones((1, 6), int), truth)
    >>> merged.precision, merged.recall, round(merged.error, 3)
    (0.4, 1.0, 0.429)
    """
    ours, theirs, pixels = joint(*checked(predicted, truth))
    counted = theirs > 0
    ours, theirs, pixels = ours[counted], theirs[counted], pixels[counted]
    both = _pairs(pixels)
    of_ours, of_theirs = _pairs(sums(ours, pixels)[1]), _pairs(sums(theirs, pixels)[1])
    return AdaptedRand(
        1 - ratio(2 * both, of_ours + of_theirs, np.nan),
        ratio(both, of_ours, np.nan),
        ratio(both, of_theirs, np.nan),
    )


def _pairs(pixels: np.ndarray) -> int:
    """Twice the number of pairs within groups of so many pixels."""
    return int((pixels * (pixels - 1)).sum())


def _require_iou(iou: object, name: str = "iou") -> None:
    require_number(**{name: iou})
    if not 0 <= iou < 1:
        raise ValueError(f"{name} must be at least 0 and below 1, got {iou!r}")
