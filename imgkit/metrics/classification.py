"""How often a classifier is right: the confusion matrix, accuracy, precision, recall and F1.

Labels are whole numbers, bool or text, one for each case, in arrays of any shape: a segmentation
is a case for each pixel. What was predicted comes first and the truth second; in scikit-learn the
truth comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from imgkit.images import require_choice
from imgkit.metrics import gates
from imgkit.metrics.gates import Label

Average: TypeAlias = Literal["binary", "macro", "micro", "weighted"]
AVERAGES = ("binary", "macro", "micro", "weighted")
MOST_CLASSES = 5000  # of a confusion matrix: 200 MB


def confusion(
    predicted: npt.ArrayLike, truth: npt.ArrayLike, *, classes: Sequence[Label] | None = None
) -> npt.NDArray[np.int64]:
    """Count what was taken for what: ``counts[i, j]`` cases of class i were predicted to be j.

    The diagonal holds what is right. A row says what became of the cases of one class, a column
    what hides behind one answer.

    Parameters
    ----------
    predicted : labels, an array of any shape: whole numbers, bool or text
    truth : the true labels, of the same shape
    classes : the labels in the order of rows and columns; where it is not given, those that occur
        in either array, sorted

    Returns
    -------
    (C, C) int64; rows are the truth, columns the predictions, as in scikit-learn. Divided by
    ``counts.sum(1, keepdims=True)`` each row gives the fractions of its class.

    Raises
    ------
    TypeError
        If labels are no labels (scores, say), or one array holds text and the other numbers.
    ValueError
        If the shapes differ, there is nothing to count, a label is not in ``classes``, or there
        are more than 5000 classes.

    Notes
    -----
    scikit-learn leaves out, silently, the cases whose label is not listed.

    References
    ----------
    Murphy, Probabilistic Machine Learning: An Introduction, section 5.1.3.

    Examples
    --------
    >>> confusion(["cat", "dog", "dog"], ["cat", "cat", "dog"])
    array([[1, 1],
           [0, 1]])
    >>> confusion([0, 1], [0, 0], classes=[0, 1, 2])
    array([[1, 1, 0],
           [0, 0, 0],
           [0, 0, 0]])
    """
    names, (said, true) = _encoded(*_pair(predicted, truth), classes)
    n = len(names)
    if n > MOST_CLASSES:
        raise ValueError(f"there are {n} classes; confusion takes at most {MOST_CLASSES}")
    return np.bincount(true * n + said, minlength=n * n).reshape(n, n)


def accuracy(predicted: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """The fraction of cases that are right: ``mean(predicted == truth)``.

    Where one class is frequent, always answering it looks good: compare with the fraction of the
    most frequent class.

    Parameters
    ----------
    predicted : labels, an array of any shape: whole numbers, bool or text
    truth : the true labels, of the same shape

    Returns
    -------
    A number in 0..1.

    Raises
    ------
    TypeError
        If labels are no labels (scores, say), or one array holds text and the other numbers.
    ValueError
        If the shapes differ, or there is nothing to count.

    References
    ----------
    Murphy, Probabilistic Machine Learning: An Introduction, section 5.1.3.

    Examples
    --------
    >>> accuracy([0, 1, 1, 0], [0, 1, 0, 0])
    0.75
    """
    said, true = _pair(predicted, truth)
    return float(np.mean(said == true))


def precision(
    predicted: npt.ArrayLike,
    truth: npt.ArrayLike,
    *,
    average: Average | None = "binary",
    positive: Label = 1,
    classes: Sequence[Label] | None = None,
) -> float | npt.NDArray[np.float64]:
    """Of the cases predicted to be positive, the fraction that is: ``TP / (TP + FP)``.

    Parameters
    ----------
    predicted : labels, an array of any shape: whole numbers, bool or text
    truth : the true labels, of the same shape
    average : ``binary``: of the class ``positive``, where there are two classes. None: of each
        class against the rest. ``macro``: the mean over the classes, each counts the same.
        ``weighted``: weighted by how often a class is true. ``micro``: of the counts of all
        classes together, which is the accuracy.
    positive : the class that ``binary`` speaks of
    classes : all classes, in the order of the result; where it is not given, those that occur in
        either array, sorted

    Returns
    -------
    A number in 0..1, or (C,) float64 with ``average=None``. Without a positive prediction it is
    nan, for 0 of 0 is no number; a mean over such a class is nan too.

    Raises
    ------
    TypeError
        If labels are no labels (scores, say), or one array holds text and the other numbers.
    ValueError
        If the shapes differ, there is nothing to count, a label is not in ``classes``, or with
        ``binary`` there are more than two classes or ``positive`` is none of them.

    Notes
    -----
    scikit-learn gives 0 and a warning for 0 of 0, so a class that was never answered looks as bad
    as one that was always wrong. ``np.nanmean(precision(..., average=None))`` leaves it out.

    References
    ----------
    van Rijsbergen, Information Retrieval, 2nd ed., chapter 7.

    Examples
    --------
    >>> precision([1, 1, 1, 0], [1, 0, 1, 1])
    0.6666666666666666
    >>> precision(["cat", "dog", "dog"], ["cat", "cat", "dog"], average=None)
    array([1. , 0.5])
    >>> precision([0, 0], [0, 1])
    nan
    """
    hits, said, true = _tallies(predicted, truth, average, positive, classes)
    return _averaged(hits, said, true, average)


def recall(
    predicted: npt.ArrayLike,
    truth: npt.ArrayLike,
    *,
    average: Average | None = "binary",
    positive: Label = 1,
    classes: Sequence[Label] | None = None,
) -> float | npt.NDArray[np.float64]:
    """Of the cases that are positive, the fraction that was found: ``TP / (TP + FN)``.

    Also called sensitivity, and true positive rate. The specificity is the recall of the other
    class: ``recall(predicted, truth, positive=0)``.

    Parameters
    ----------
    predicted : labels, an array of any shape: whole numbers, bool or text
    truth : the true labels, of the same shape
    average : as for :func:`precision`; the mean over the classes, ``macro``, is also called
        balanced accuracy
    positive : the class that ``binary`` speaks of
    classes : all classes, in the order of the result; where it is not given, those that occur in
        either array, sorted

    Returns
    -------
    A number in 0..1, or (C,) float64 with ``average=None``. Where no case is positive it is nan,
    for 0 of 0 is no number; a mean over such a class is nan too.

    Raises
    ------
    TypeError, ValueError
        As :func:`precision`.

    Notes
    -----
    scikit-learn gives 0 and a warning for 0 of 0.

    References
    ----------
    van Rijsbergen, Information Retrieval, 2nd ed., chapter 7.

    Examples
    --------
    >>> recall([1, 1, 0, 0], [1, 0, 1, 1])
    0.3333333333333333
    >>> recall([0, 1, 2, 2], [0, 1, 1, 2], average="macro")
    0.8333333333333334
    """
    hits, _, true = _tallies(predicted, truth, average, positive, classes)
    return _averaged(hits, true, true, average)


def f1(
    predicted: npt.ArrayLike,
    truth: npt.ArrayLike,
    *,
    average: Average | None = "binary",
    positive: Label = 1,
    classes: Sequence[Label] | None = None,
) -> float | npt.NDArray[np.float64]:
    """The harmonic mean of precision and recall: ``2 TP / (2 TP + FP + FN)``.

    It is high only where both are. Of two masks it is the Dice coefficient.

    Parameters
    ----------
    predicted : labels, an array of any shape: whole numbers, bool or text
    truth : the true labels, of the same shape
    average : as for :func:`precision`; ``macro`` is the mean of the classes' F1, not the F1 of
        mean precision and mean recall
    positive : the class that ``binary`` speaks of
    classes : all classes, in the order of the result; where it is not given, those that occur in
        either array, sorted

    Returns
    -------
    A number in 0..1, or (C,) float64 with ``average=None``. It is nan only where a class neither
    occurs nor was predicted; 0 where precision is 0 of 0 and recall is 0.

    Raises
    ------
    TypeError, ValueError
        As :func:`precision`.

    Notes
    -----
    scikit-learn gives 0 and a warning for 0 of 0.

    References
    ----------
    van Rijsbergen, Information Retrieval, 2nd ed., chapter 7.

    Examples
    --------
    >>> f1([1, 1, 0, 0], [1, 0, 1, 1])
    0.4
    """
    hits, said, true = _tallies(predicted, truth, average, positive, classes)
    return _averaged(2 * hits, said + true, true, average)


def _pair(predicted: npt.ArrayLike, truth: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    said, true = gates.as_array(predicted, "predicted"), gates.as_array(truth, "truth")
    gates.require_equal_shapes(predicted=said, truth=true)  # first: it knows scores per class
    said, true = gates.as_labels(said, "predicted"), gates.as_labels(true, "truth")
    gates.require_same_kind(predicted=said, truth=true)
    return said, true


def _encoded(
    said: np.ndarray, true: np.ndarray, classes: Sequence[Label] | None
) -> tuple[np.ndarray, list[np.ndarray]]:
    """The classes in order, and both arrays, flat, as places in that order."""
    found = gates.labels_found(said, true)
    names = found if classes is None else _listed(classes, found)
    order = np.argsort(names)
    if names.dtype.kind != "U" and (low := int(names[order[0]])) + gates.CODES > names[order[-1]]:
        places = np.empty(int(names[order[-1]]) - low + 1, np.intp)
        places[names - low] = np.arange(len(names))
        return names, [places[gates.shifted(labels, low).ravel()] for labels in (said, true)]
    places = [np.searchsorted(names, labels.ravel(), sorter=order) for labels in (said, true)]
    return names, [order[place] for place in places]


def _listed(classes: Sequence[Label], found: np.ndarray) -> np.ndarray:
    """The classes as an array, once it is clear that they are all there are."""
    names = gates.as_labels(classes, "classes")
    gates.require_same_kind(classes=names, truth=found)
    if names.ndim != 1 or len(np.unique(names)) < names.size:
        raise ValueError(f"classes must be a list with each label once, got {classes!r}")
    unknown = np.setdiff1d(found, names)
    if unknown.size:
        raise ValueError(f"there are labels that classes does not list: {unknown[:6].tolist()}")
    return names.astype(np.int64) if names.dtype.kind != "U" else names


def _tallies(
    predicted: npt.ArrayLike,
    truth: npt.ArrayLike,
    average: Average | None,
    positive: Label,
    classes: Sequence[Label] | None,
) -> list[npt.NDArray[np.int64]]:
    """How many right answers, answers and cases each class has; ``binary``: the positive one."""
    if average is not None:
        require_choice(AVERAGES, average=average)
    names, (said, true) = _encoded(*_pair(predicted, truth), classes)
    hits = true[said == true]
    counts = [np.bincount(places, minlength=len(names)) for places in (hits, said, true)]
    if average == "binary":
        gates.require_positive_class(names, positive)
        counts = [count[names == positive] for count in counts]  # none, where there is no such case
    return counts


def _averaged(
    part: np.ndarray, whole: np.ndarray, true: np.ndarray, average: Average | None
) -> float | npt.NDArray[np.float64]:
    """``part / whole`` of each class, and what the average makes of it; nan where whole is 0."""
    if average in ("binary", "micro"):
        part, whole = np.array([part.sum()]), np.array([whole.sum()])
    ratio = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    if average is None:
        return ratio
    if average == "weighted":
        occurs = true > 0
        return float(np.average(ratio[occurs], weights=true[occurs]))
    return float(ratio.mean())
