"""How well scores separate two classes, at every threshold: ROC and precision-recall curves.

A case counts as positive where its score is at or above the threshold. Cases of equal score cannot
be told apart by any threshold, so they make one point of a curve. The scores come first and the
truth second; in scikit-learn the truth comes first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgkit.metrics import gates
from imgkit.metrics.gates import Label

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False, repr=False)
class RocCurve:
    """What :func:`roc` gives: a point for each threshold, from the strictest to the laxest."""

    false_positive_rate: Floats
    "(K,) of the negatives, the fraction at or above the threshold; rises from 0 to 1"
    true_positive_rate: Floats
    "(K,) of the positives, the fraction at or above the threshold; rises from 0 to 1"
    thresholds: Floats
    "(K,) falling: infinity, where nothing is positive, then every score that occurs"
    area: float
    "below the curve: the chance that a positive case has the higher score of two, ties halved"

    def __repr__(self) -> str:
        return f"RocCurve(area={self.area:.4g}, {len(self.thresholds)} points)"


@dataclass(frozen=True, eq=False, repr=False)
class PrecisionRecallCurve:
    """What :func:`pr` gives: a point for each threshold, from the strictest to the laxest."""

    precision: Floats
    "(K,) of the cases at or above the threshold, the fraction that is positive"
    recall: Floats
    "(K,) of the positives, the fraction at or above the threshold; rises to 1"
    thresholds: Floats
    "(K,) falling: every score that occurs"
    area: float
    "the average precision, ``sum((recall[k] - recall[k-1]) * precision[k])``"

    def __repr__(self) -> str:
        return f"PrecisionRecallCurve(area={self.area:.4g}, {len(self.thresholds)} points)"


def roc(scores: npt.ArrayLike, truth: npt.ArrayLike, *, positive: Label = 1) -> RocCurve:
    """The receiver operating characteristic: positives found against negatives mistaken.

    Parameters
    ----------
    scores : finite real numbers, an array of any shape; higher means more likely positive
    truth : the true labels, of the same shape: bool, or labels of two classes
    positive : the label that counts as positive

    Returns
    -------
    A record with ``false_positive_rate``, ``true_positive_rate``, ``thresholds``, (K,) each, and
    ``area``. Without a positive, or without a negative, its rate and the area are nan.

    Raises
    ------
    TypeError
        If scores are no real numbers, or the truth is no labels.
    ValueError
        If the shapes differ, scores are not finite, or the truth has more than two classes or two
        of which none is ``positive``.

    Notes
    -----
    Every threshold is a point; scikit-learn leaves out those on a straight line unless
    ``drop_intermediate=False``. The area is counted in whole numbers, so a perfect order has
    exactly 1. The curve does not change with the share of positives, so where they are rare it
    looks better than the answers are: see :func:`pr`. For several classes take one against the
    rest, ``roc(probabilities[:, k], truth == k)``.

    References
    ----------
    Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006.

    Examples
    --------
    >>> curve = roc([0.9, 0.6, 0.6, 0.2], [1, 1, 0, 0])
    >>> curve.true_positive_rate
    array([0. , 0.5, 1. , 1. ])
    >>> curve.false_positive_rate
    array([0. , 0. , 0.5, 1. ])
    >>> curve
    RocCurve(area=0.875, 4 points)
    """
    thresholds, hits, alarms = sweep(*_checked(scores, truth, positive))
    hits, alarms = np.append(0, hits), np.append(0, alarms)
    return RocCurve(
        false_positive_rate=_fractions(alarms),
        true_positive_rate=_fractions(hits),
        thresholds=np.append(np.inf, thresholds).astype(thresholds.dtype),
        area=_roc_area(hits, alarms),
    )


def roc_auc(scores: npt.ArrayLike, truth: npt.ArrayLike, *, positive: Label = 1) -> float:
    """The area under the ROC curve: 1 for a perfect order, 0.5 for chance, 0 for a reversed one.

    It is the chance that of a positive and a negative case, drawn at random, the positive one has
    the higher score; a tie counts as half: the Mann-Whitney statistic.

    Parameters
    ----------
    scores, truth, positive : as for :func:`roc`

    Returns
    -------
    A number in 0..1; nan without a positive or without a negative.

    Raises
    ------
    TypeError, ValueError
        As :func:`roc`.

    References
    ----------
    Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic
    (ROC) curve", Radiology 143, 1982.

    Examples
    --------
    >>> roc_auc([0.9, 0.6, 0.6, 0.2], [1, 1, 0, 0])
    0.875
    """
    _, hits, alarms = sweep(*_checked(scores, truth, positive))
    return _roc_area(np.append(0, hits), np.append(0, alarms))


def pr(scores: npt.ArrayLike, truth: npt.ArrayLike, *, positive: Label = 1) -> PrecisionRecallCurve:
    """Precision against recall: what finding more of the positives costs.

    Parameters
    ----------
    scores : finite real numbers, an array of any shape; higher means more likely positive
    truth : the true labels, of the same shape: bool, or labels of two classes
    positive : the label that counts as positive

    Returns
    -------
    A record with ``precision``, ``recall``, ``thresholds``, (K,) each, and ``area``, the average
    precision. Without a positive, recall and area are nan.

    Raises
    ------
    TypeError, ValueError
        As :func:`roc`.

    Notes
    -----
    The area is a sum of steps. The trapezoid between the points promises too much, for precision
    does not change in a straight line from one threshold to the next. A curve starts at its first
    threshold; the point of precision 1 and recall 0 that scikit-learn adds belongs to no
    threshold. Chance has the share of the positives, at every recall.

    References
    ----------
    Davis and Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006.

    Examples
    --------
    >>> curve = pr([0.9, 0.6, 0.6, 0.2], [1, 1, 0, 0])
    >>> curve.precision.round(3), curve.recall
    (array([1.   , 0.667, 0.5  ]), array([0.5, 1. , 1. ]))
    >>> curve
    PrecisionRecallCurve(area=0.8333, 3 points)
    """
    thresholds, hits, alarms = sweep(*_checked(scores, truth, positive))
    precision, recall = hits / (hits + alarms), _fractions(hits)
    area = float(np.sum(np.diff(recall, prepend=0) * precision))
    return PrecisionRecallCurve(precision, recall, thresholds, area)


def average_precision(scores: npt.ArrayLike, truth: npt.ArrayLike, *, positive: Label = 1) -> float:
    """The area under the precision-recall curve, in steps: ``sum((R[k] - R[k-1]) * P[k])``.

    Parameters
    ----------
    scores, truth, positive : as for :func:`pr`

    Returns
    -------
    A number in 0..1; nan without a positive. Chance has about the share of the positives.

    Raises
    ------
    TypeError, ValueError
        As :func:`roc`.

    Notes
    -----
    As scikit-learn's ``average_precision_score``, which gives 0 and a warning without a positive.
    No interpolation: see :func:`detection_ap` for what is usual where objects are detected.

    References
    ----------
    Manning, Raghavan and Schütze, Introduction to Information Retrieval, section 8.4.

    Examples
    --------
    >>> round(average_precision([0.9, 0.6, 0.6, 0.2], [1, 1, 0, 0]), 4)
    0.8333
    """
    return pr(scores, truth, positive=positive).area


def sweep(scores: Floats, positive: npt.NDArray[np.bool_]) -> tuple[Floats, np.ndarray, np.ndarray]:
    """Each score that occurs, falling, and how many positives and negatives lie at or above it."""
    order = np.argsort(scores)[::-1]
    scores = scores[order]
    last = np.append(np.flatnonzero(scores[1:] != scores[:-1]), len(scores) - 1)  # of equal scores
    hits = np.cumsum(positive[order])[last]
    return scores[last], hits, last + 1 - hits


def _checked(
    scores: npt.ArrayLike, truth: npt.ArrayLike, positive: Label
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    numbers, labels = gates.as_numbers(scores, "scores"), gates.as_array(truth, "truth")
    gates.require_equal_shapes(scores=numbers, truth=labels)
    return numbers.ravel(), gates.are_positive(labels, positive).ravel()


def _roc_area(hits: np.ndarray, alarms: np.ndarray) -> float:
    """Of the counts, from 0 on: trapezoids, in whole numbers of half pairs."""
    pairs = int(hits[-1]) * int(alarms[-1])
    halves = int(np.sum((hits[1:] + hits[:-1]) * np.diff(alarms)))
    return halves / (2 * pairs) if pairs else math.nan


def _fractions(counts: np.ndarray) -> Floats:
    """Of the last count, which is all."""
    return counts / counts[-1] if counts[-1] else np.full(len(counts), np.nan)
