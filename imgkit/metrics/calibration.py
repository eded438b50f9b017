"""Whether a classifier is as sure as it is right: reliability, calibration error, temperature.

Probabilities are ``(N, C)``, one row for each case, one column for each class, or ``(N,)``, that of
class 1 of two classes. The truth is ``(N,)``: class numbers from 0 on; bool for two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from imgkit.images import require_choice, require_positive, require_whole
from imgkit.metrics import gates

MOST_BINS = 10_000
SLACK = 1e-3  # how far the sum of a row of probabilities may be from 1: float16 ends there
# 1 / T of a fitted temperature, in units of 1 / the largest difference of two logits
LOG_BETAS = (math.log(1e-4), math.log(1e4))


@dataclass(frozen=True, eq=False, repr=False)
class Reliability:
    """What :func:`reliability` gives: a line for each bin of predicted probability."""

    edges: npt.NDArray[np.float64]
    "(bins + 1,) from 0 to 1; a bin has its upper edge, not its lower"
    confidence: npt.NDArray[np.float64]
    "(bins,) mean predicted probability; nan in an empty bin"
    accuracy: npt.NDArray[np.float64]
    "(bins,) the fraction that came true; nan in an empty bin"
    count: npt.NDArray[np.int64]
    "(bins,) cases"

    @property
    def expected_error(self) -> float:
        """The mean over all cases of a bin's ``|accuracy - confidence|``."""
        return float(np.average(self._gaps, weights=self.count[self.count > 0]))

    @property
    def maximum_error(self) -> float:
        """The largest ``|accuracy - confidence|`` of any bin that has cases."""
        return float(self._gaps.max())

    @property
    def _gaps(self) -> npt.NDArray[np.float64]:
        return np.abs(self.accuracy - self.confidence)[self.count > 0]

    def __repr__(self) -> str:
        used = np.count_nonzero(self.count)
        return (
            f"Reliability(expected_error={self.expected_error:.4g}, {self.count.sum()} cases "
            f"in {used} of {len(self.count)} bins)"
        )


def softmax(logits: npt.ArrayLike, *, temperature: float = 1.0) -> npt.NDArray[np.floating]:
    """Logits as probabilities: ``exp(z / T)``, divided by its sum over the last axis.

    A temperature above 1 makes them less sure, one below 1 surer; the order stays.

    Parameters
    ----------
    logits : (..., C) finite real numbers
    temperature : above 0; see :func:`fit_temperature`

    Returns
    -------
    Of the same shape, in 0..1, rows sum to 1; float32 for float32, else float64.

    Raises
    ------
    TypeError
        If logits or the temperature are no real numbers.
    ValueError
        If logits are a single number, empty or not finite, or the temperature is not positive.

    Notes
    -----
    Safe for any finite logits: the largest of a row is taken away first. Computed in float64.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> softmax([[0, 0], [1000, 0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    >>> softmax([2, 0], temperature=2).round(3)
    array([0.731, 0.269])
    """
    require_positive(temperature=temperature)
    numbers = gates.as_numbers(logits, "logits")
    if numbers.ndim == 0 or numbers.size == 0:
        raise ValueError(f"logits has shape {numbers.shape}; this takes (..., C)")
    z = numbers.astype(np.float64)
    with np.errstate(over="ignore", under="ignore"):  # to exp(-inf), which is 0
        weights = np.exp((z - z.max(-1, keepdims=True)) / temperature)
    return (weights / weights.sum(-1, keepdims=True)).astype(numbers.dtype, copy=False)


def reliability(
    probabilities: npt.ArrayLike, truth: npt.ArrayLike, *, bins: int = 15
) -> Reliability:
    """The reliability diagram: of the answers given with 80 %, do 80 % come true?

    Cases are sorted into bins of equal width by their probability; in each bin the mean
    probability stands beside the fraction that came true.

    Parameters
    ----------
    probabilities : (N, C), rows that sum to 1: the answer is the class of the highest one. Or
        (N,), the probability of class 1.
    truth : (N,) class numbers 0..C-1; for (N,) probabilities 0 and 1, or bool
    bins : how many, 1 to 10000

    Returns
    -------
    A record with ``confidence``, ``accuracy`` and ``count``, (bins,) each, ``edges``, (bins + 1,),
    ``expected_error`` and ``maximum_error``. The accuracy is the fraction of right answers for
    (N, C), the fraction of ones for (N,).

    Raises
    ------
    TypeError
        If probabilities are no real numbers, the truth no whole numbers or bool.
    ValueError
        If shapes do not fit, probabilities leave 0..1 or rows do not sum to 1, or the truth has a
        class that there is not.

    Notes
    -----
    A bin has its upper edge, as in the paper and in scikit-learn's ``calibration_curve``, which
    leaves empty bins out. For two classes (N, 2) speaks of the answer, so of 0.5..1, and (N,) of
    class 1: two different diagrams of the same classifier.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017.

    Examples
    --------
    >>> diagram = reliability([0.1, 0.3, 0.9, 0.9], [0, 0, 1, 0], bins=2)
    >>> diagram.confidence, diagram.accuracy, diagram.count
    (array([0.2, 0.9]), array([0. , 0.5]), array([2, 2]))
    >>> diagram
    Reliability(expected_error=0.3, 4 cases in 2 of 2 bins)
    """
    require_whole(1, MOST_BINS, bins=bins)
    p, classes = _probabilities(probabilities, truth)
    if p.ndim == 2:
        classes = p.argmax(1) == classes
        p = p.max(1)
    edges = np.linspace(0, 1, bins + 1)
    bin_of = np.searchsorted(edges[1:-1], p)
    count = np.bincount(bin_of, minlength=bins)
    means = []
    for values in (p, classes):
        sums = np.bincount(bin_of, values, minlength=bins)
        means.append(np.divide(sums, count, out=np.full(bins, np.nan), where=count > 0))
    return Reliability(edges, *means, count)


def calibration_error(
    probabilities: npt.ArrayLike,
    truth: npt.ArrayLike,
    *,
    bins: int = 15,
    kind: Literal["expected", "maximum"] = "expected",
) -> float:
    """How far confidence and accuracy lie apart: ``sum(count / N * |accuracy - confidence|)``.

    Parameters
    ----------
    probabilities, truth, bins : as for :func:`reliability`
    kind : ``expected``: the mean over the cases, ECE. ``maximum``: that of the worst bin, MCE.

    Returns
    -------
    A number in 0..1, 0 for a calibrated classifier.

    Raises
    ------
    TypeError, ValueError
        As :func:`reliability`.

    Notes
    -----
    Chance alone makes it larger than 0, the more so the fewer cases a bin has: compare numbers of
    the same N and the same bins only, and read the maximum with the counts beside it.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017.

    Examples
    --------
    >>> calibration_error([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]], [0, 1, 1]).__round__(4)
    0.3333
    """
    require_choice(("expected", "maximum"), kind=kind)
    diagram = reliability(probabilities, truth, bins=bins)
    return diagram.expected_error if kind == "expected" else diagram.maximum_error


def brier_score(probabilities: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """The mean squared error of probabilities: calibrated and decided answers have little.

    ``mean((p - y)²)`` for (N,), with y 0 or 1; for (N, C) the sum over the classes of it.

    Parameters
    ----------
    probabilities, truth : as for :func:`reliability`

    Returns
    -------
    A number in 0..1 for (N,) and in 0..2 for (N, C), as Brier wrote it: with two classes, the
    second is twice the first. 0 is perfect.

    Raises
    ------
    TypeError, ValueError
        As :func:`reliability`.

    References
    ----------
    Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review
    78, 1950.

    Examples
    --------
    >>> brier_score([0.5, 1.0], [0, 1])
    0.125
    >>> brier_score([[0.5, 0.5], [0.0, 1.0]], [0, 1])
    0.25
    """
    p, classes = _probabilities(probabilities, truth)
    if p.ndim == 1:
        return float(np.mean((p - classes) ** 2))
    errors = p.copy()
    errors[np.arange(len(p)), classes] -= 1
    return float(np.square(errors).sum() / len(p))


def log_loss(probabilities: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """The mean surprise at what is true: ``-mean(log(p of the true class))``, in nats.

    Also called cross-entropy, and negative log-likelihood: what networks are trained on.

    Parameters
    ----------
    probabilities, truth : as for :func:`reliability`

    Returns
    -------
    A number from 0, perfect, to infinity: there something true was given no chance at all. Equal
    chances for C classes are ``log(C)``.

    Raises
    ------
    TypeError, ValueError
        As :func:`reliability`.

    Notes
    -----
    scikit-learn clips probabilities, so there one of 0 costs 36 at most.

    References
    ----------
    Murphy, Probabilistic Machine Learning: An Introduction, section 5.1.6.

    Examples
    --------
    >>> round(log_loss([0.5, 1.0], [0, 1]), 4)
    0.3466
    """
    p, classes = _probabilities(probabilities, truth)
    true = _of_truth(p, classes) if p.ndim == 2 else np.where(classes == 1, p, 1 - p)
    with np.errstate(divide="ignore"):
        return float(np.mean(-np.log(true)))


def fit_temperature(logits: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """The temperature T with which ``softmax(logits, temperature=T)`` explains the truth best.

    It minimises :func:`log_loss`. One number for all classes, so every answer stays what it is;
    only how sure it is changes. Fit on cases that training has not seen, then judge on others.

    Parameters
    ----------
    logits : (N, C) finite real numbers, C at least 2, or (N,) log-odds of class 1, for which the
        probability is ``1 / (1 + exp(-logits / T))``
    truth : (N,) class numbers 0..C-1; for (N,) logits 0 and 1, or bool

    Returns
    -------
    T; above 1 where the classifier was too sure. It lies within 1e-4 and 1e4 times the largest
    difference of logits in a row, and at an end of that where no temperature is best: at the lower
    one if every answer is right, for then surer is always better; at the upper one if the logits
    are no better than chance. It is 1 if all logits are equal, for then nothing depends on it.

    Raises
    ------
    TypeError
        If logits are no real numbers, the truth no whole numbers or bool.
    ValueError
        If shapes do not fit, logits are not finite, or the truth has a class that there is not.

    Notes
    -----
    The log loss is convex in 1 / T, so its slope has one zero, which is found to 1e-10 of T.
    ``fit_temperature(c * logits, truth)`` is c times as large.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017.

    Examples
    --------
    >>> logits = [[4, 0], [4, 0], [4, 0], [0, 4]]  # 98 % sure, and 75 % right
    >>> T = fit_temperature(logits, [0, 0, 1, 1])
    >>> softmax(logits, temperature=T)[0].round(4)
    array([0.75, 0.25])
    """
    z, classes = _logits(logits, truth)
    unit = np.abs(z).max() or 1.0  # so that no difference overflows
    z /= unit
    z -= z.max(axis=1, keepdims=True)
    widest = -z.min()
    if widest == 0:
        return 1.0
    z /= widest
    excess = z - _of_truth(z, classes)[:, None]

    def slope(log_beta: float) -> float:
        """Of the log loss along 1 / T: the logit to be expected, less the true class's."""
        weights = np.exp(z * math.exp(log_beta))
        return float(np.mean((weights * excess).sum(axis=1) / weights.sum(axis=1)))

    return math.exp(-_zero(slope, *LOG_BETAS)) * float(widest) * float(unit)


def _zero(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function is 0, or the end of low..high that is nearest to it."""
    from scipy.optimize import brentq

    if rising(low) >= 0:
        return low
    return brentq(rising, low, high, xtol=1e-11) if rising(high) > 0 else high


def _of_truth(rows: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """(N,): in each row the value of the true class."""
    return rows[np.arange(len(rows)), classes]


def _probabilities(
    probabilities: npt.ArrayLike, truth: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    p = gates.as_numbers(probabilities, "probabilities").astype(np.float64)
    classes = gates.as_classes(truth, p, "probabilities")
    low, high = p.min(), p.max()
    if low < -SLACK or high > 1 + SLACK:
        raise ValueError(
            f"probabilities has values from {low:.4g} to {high:.4g}; this needs 0..1: "
            "use softmax(logits) if these are logits"
        )
    if p.ndim == 2:
        off = np.abs(p.sum(axis=1) - 1)
        if off.max() > SLACK:
            i = int(off.argmax())
            raise ValueError(
                f"probabilities[{i}] sums to {p[i].sum():.4g}; every row has to sum to 1"
            )
    return np.clip(p, 0, 1), classes


def _logits(
    logits: npt.ArrayLike, truth: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """(N, C), a copy; the log-odds z of class 1 are the same as logits 0 and z."""
    z = gates.as_numbers(logits, "logits").astype(np.float64)
    classes = gates.as_classes(truth, z, "logits")
    return (np.stack([np.zeros_like(z), z], axis=1) if z.ndim == 1 else z), classes
