"""Is one method better than another? Both are tried on the same items, and the pairs decide.

A difference of two scores says little by itself. Here it comes with an interval and a p-value,
from the differences item by item: what makes an item hard is hard for both, and cancels.

Which test, :func:`compare` decides: right or wrong has McNemar's; of fewer than 50 items the mean
difference has the paired t; from there on the two are exchanged at random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from imgkit.images import require_seed
from imgkit.metrics.intervals import (
    FEW,
    MANY,
    Interval,
    as_values,
    figures,
    is_binary,
    mean_interval,
    require_confidence,
    student_t,
    wilson_limits,
)
from imgkit.metrics.resampling import BLOCK, RESAMPLES, require_resamples

TIE = 1e-12  # sums of the same values in another order differ by less, of their size


@dataclass(frozen=True)
class Comparison:
    """A difference, how sure it is, and whether chance explains it; ``print`` it to quote."""

    effect: float
    "the mean of ``a`` less the mean of ``b``: above 0, ``a`` has more"
    low: float
    high: float
    p: float
    "how often chance alone would make a difference as large, either way"
    method: str
    n: int
    "how many items both were tried on"
    confidence: float = 0.95
    seed: int | None = None
    "of the random numbers; None if there were none, or their generator was handed in"

    @property
    def interval(self) -> Interval:
        """The difference with its interval alone."""
        return Interval(self.effect, self.low, self.high, self.confidence, self.method, self.n)

    @property
    def measurable(self) -> bool:
        """Whether the interval leaves 0 out, and p agrees."""
        return not self.low <= 0 <= self.high and self.p <= 1 - self.confidence + TIE

    def __str__(self) -> str:
        what = "Measurable difference" if self.measurable else "No measurable difference"
        p = "p<0.001" if self.p < 0.001 else f"p={self.p:.2g}"
        numbers = figures(self.effect, self.low, self.high, sign="+")
        return f"{what}: {numbers} ({100 * self.confidence:g} % {self.method}, n={self.n}, {p})"


def mcnemar(a: npt.ArrayLike, b: npt.ArrayLike, *, confidence: float = 0.95) -> Comparison:
    """Compare two classifiers on the same items: only those count where one of them is wrong.

    If both were equally good, an item that just one gets right would be a coin's toss between
    them. p is the exact binomial probability of a division as uneven, either way.

    Parameters
    ----------
    a, b : (n,) bool, or 0 and 1: which items each got right
    confidence : how often such intervals catch the true difference, 0..1

    Returns
    -------
    Comparison; the effect is the difference of the accuracies.

    Raises
    ------
    TypeError
        If they are no numbers.
    ValueError
        If their lengths differ, there are none, or they hold more than 0 and 1.

    Notes
    -----
    p is doubled from one side, and 1 if the two never differ. The interval is Newcombe's
    (his method 10): the Wilson intervals of both accuracies, joined with the correlation that the
    pairs show. Test and interval are of different kinds and may disagree where it is close; then
    the difference does not count as measurable.

    References
    ----------
    McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12, 1947. Newcombe, "Improved confidence intervals for the
    difference between binomial proportions based on paired data", Statistics in Medicine 17, 1998.

    Examples
    --------
    >>> a = np.repeat([True, True, False, False], [70, 20, 4, 6])  # 90 of 100
    >>> b = np.repeat([True, False, True, False], [70, 20, 4, 6])  # 74 of 100
    >>> print(mcnemar(a, b))
    Measurable difference: +0.16 [+0.07, +0.25] (95 % McNemar, Newcombe, n=100, p=0.0015)
    """
    a, b = _pair(a, b)
    for name, values in {"a": a, "b": b}.items():
        if not is_binary(values):
            raise ValueError(f"{name} has other values than 0 and 1: it says which items are right")
    require_confidence(confidence)
    both, only_a = int((a * b).sum()), int((a * (1 - b)).sum())
    only_b, n = int(((1 - a) * b).sum()), len(a)
    fewer, differ = min(only_a, only_b), only_a + only_b
    p = min(1.0, 2 * float(special.bdtr(fewer, differ, 0.5)))
    low, high = _newcombe(both, only_a, only_b, n, confidence)
    return Comparison((only_a - only_b) / n, low, high, p, "McNemar, Newcombe", n, confidence)


def paired_t(a: npt.ArrayLike, b: npt.ArrayLike, *, confidence: float = 0.95) -> Comparison:
    """Compare the means of two lists of scores by Student's t of the differences.

    ``t = mean(a - b) / (s / sqrt(n))``, s the standard deviation of the differences.

    Parameters
    ----------
    a, b : (n,) scores of the same items in the same order, n >= 2
    confidence : how often such intervals catch the true difference, 0..1

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError
        If the scores are no real numbers.
    ValueError
        If their lengths differ, there are fewer than 2, or one is not finite.

    Notes
    -----
    Exact for normal differences, however few. Test and interval always agree. If all differences
    are equal, p is 1 for 0 and else 0. It is SciPy's ``ttest_rel``.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 6, 1908.

    Examples
    --------
    >>> print(paired_t([0.81, 0.84, 0.79, 0.86, 0.80], [0.80, 0.82, 0.79, 0.83, 0.78]))
    Measurable difference: +0.016 [+0.002, +0.030] (95 % paired t, n=5, p=0.035)
    """
    a, b = _pair(a, b, least=2)
    difference = a - b
    span = student_t(difference, confidence=confidence)
    error = float(difference.std(ddof=1)) / math.sqrt(len(a))
    t = abs(span.value) / error if error else math.inf * bool(span.value)
    p = 2 * float(special.stdtr(len(a) - 1, -t)) if span.value else 1.0
    return Comparison(span.value, span.low, span.high, p, "paired t", span.n, confidence)


def permutation(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> Comparison:
    """Compare the means of two lists of scores by exchanging the two, item by item.

    If the two were equal, exchanging them in any item would change nothing but the sign of its
    difference. p is the share of all such exchanges whose mean difference is as large, either way.

    Parameters
    ----------
    a, b : (n,) scores of the same items in the same order, n >= 2
    resamples : how many exchanges are drawn, and resamples of the bootstrap, 100..1,000,000. If
        there are no more exchanges in all, up to 13 items for 9999, each is tried once.
    confidence : how often such intervals catch the true difference, 0..1
    seed : a whole number, for the same answer each time, or a NumPy Generator

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError
        If the scores are no real numbers, or an option is of another type.
    ValueError
        If their lengths differ, there are fewer than 2, one is not finite, or an option is out of
        its range.

    Notes
    -----
    p assumes nothing but that a difference is as likely as its negative. A drawn p counts the
    exchange that was seen and is never 0; fewer than 6 items cannot come below 0.05. It is SciPy's
    ``permutation_test(..., permutation_type="samples")``. The interval is the one of
    :func:`~imgkit.metrics.interval` for a mean: Student's t below 50 items, the bootstrap from
    there on, which catches a lopsided difference more often than the permutations do. The two may
    disagree where it is close; then the difference does not count as measurable.

    References
    ----------
    Fisher, The Design of Experiments, 1935, section 21. Phipson and Smyth, "Permutation p-values
    should never be zero", Statistical Applications in Genetics and Molecular Biology 9, 2010.

    Examples
    --------
    >>> a = np.array([0.81, 0.84, 0.79, 0.86, 0.80, 0.91, 0.75])
    >>> b = np.array([0.80, 0.82, 0.79, 0.83, 0.78, 0.87, 0.75])
    >>> print(permutation(a, b))
    No measurable difference: +0.017 [+0.003, +0.031] (95 % permutation, Student t, n=7, p=0.062)
    """
    a, b = _pair(a, b, least=2)
    require_resamples(resamples, len(a))
    difference, rng = a - b, require_seed(seed)
    span = mean_interval(difference, confidence=confidence, seed=rng, resamples=resamples)
    seen = abs(span.value) - TIE * float(np.abs(difference).mean())
    extreme = total = 0
    for exchanged in _exchanges(len(a), resamples, rng):
        means = (difference.sum() - 2 * (exchanged @ difference)) / len(a)
        extreme += int(np.count_nonzero(np.abs(means) >= seen))
        total += len(means)
    return Comparison(
        span.value,
        span.low,
        span.high,
        extreme / total,
        f"permutation, {span.method}",
        span.n,
        confidence,
        None if rng is seed else int(seed),
    )


def compare(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    confidence: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> Comparison:
    """Compare two methods on the same items by the kit's rule.

    ==================== ===================================================
    scores               test
    ==================== ===================================================
    only 0 and 1 (bool)  :func:`mcnemar`
    fewer than 50        :func:`paired_t`
    50 to 10,000         :func:`permutation`, with a bootstrap interval
    more                 :func:`paired_t` again: it says the same, at once
    ==================== ===================================================

    Parameters
    ----------
    a, b : (n,) scores of the same items in the same order, or which items each got right
    confidence : how often such intervals catch the true difference, 0..1
    seed : of what is drawn: a whole number, for the same answer each time, or a NumPy Generator

    Returns
    -------
    Comparison; the effect is the mean of a less the mean of b.

    Raises
    ------
    TypeError
        If the scores are no real numbers.
    ValueError
        If their lengths differ, there are too few, or one is not finite.

    Notes
    -----
    One comparison was planned, one test is made. Whoever makes many and reports the best has to
    correct for it: :func:`holm`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> baseline = rng.uniform(0.7, 0.9, 80)
    >>> print(compare(baseline + rng.normal(0.01, 0.02, 80), baseline))
    Measurable difference: +0.0098 [+0.0055, +0.0137]
    (95 % permutation, bootstrap BCa, n=80, p<0.001)
    >>> print(compare(baseline + rng.normal(0, 0.02, 80), baseline))
    No measurable difference: -0.0019 [-0.0064, +0.0030]
    (95 % permutation, bootstrap BCa, n=80, p=0.43)
    """
    first, second = _pair(a, b)
    if is_binary(first) and is_binary(second):
        return mcnemar(first, second, confidence=confidence)
    if FEW <= len(first) <= MANY:
        return permutation(first, second, confidence=confidence, seed=seed)
    return paired_t(first, second, confidence=confidence)


def holm(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Correct the p-values of several tests, so that chance seldom gives any false alarm.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none may end below one
    that was smaller, nor above 1. Comparing them with 0.05 keeps the chance of one false alarm or
    more below 5 %, however the tests depend on each other.

    Parameters
    ----------
    p_values : (m,) numbers in 0..1

    Returns
    -------
    float64 (m,), in the same order.

    Raises
    ------
    TypeError
        If they are no real numbers.
    ValueError
        If one is outside 0..1, or there is another rank than 1.

    Notes
    -----
    Rejects all that Bonferroni's ``m p`` rejects, and more. R's ``p.adjust(p, "holm")``.

    References
    ----------
    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p = as_values(p_values, "p_values")
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"p_values lie from {p.min():g} to {p.max():g}; they are 0 to 1")
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(raised, 1)
    return adjusted


# --- parts ----------------------------------------------------------------------------------------


def _newcombe(
    both: int, only_a: int, only_b: int, n: int, confidence: float
) -> tuple[float, float]:
    """Newcombe's limits of a difference of paired proportions, his method 10."""
    right_a, right_b = both + only_a, both + only_b
    p_a, p_b = right_a / n, right_b / n
    (low_a, high_a), (low_b, high_b) = (
        wilson_limits(right, n, confidence) for right in (right_a, right_b)
    )
    excess = both * (n - both - only_a - only_b) - only_a * only_b
    if excess > 0:
        excess = max(excess - n / 2, 0)  # his correction for continuity
    margins = right_a * (n - right_a) * right_b * (n - right_b)
    phi = excess / math.sqrt(margins) if margins else 0.0

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(one**2 - 2 * phi * one * other + other**2, 0))

    return (
        p_a - p_b - reach(p_a - low_a, high_b - p_b),
        p_a - p_b + reach(high_a - p_a, p_b - low_b),
    )


def _exchanges(n: int, resamples: int, rng: np.random.Generator):
    """Which items are exchanged, blocks (rows, n) of 0 and 1; one row has none, what was seen."""
    if 2**n <= resamples + 1:
        yield (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(np.float64)
        return
    yield np.zeros((1, n))
    rows = max(1, BLOCK // n)
    for first in range(0, resamples, rows):
        shape = min(rows, resamples - first), n
        yield rng.integers(0, 2, shape, dtype=np.int8).astype(np.float64)


def _pair(
    a: npt.ArrayLike, b: npt.ArrayLike, *, least: int = 1
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    a, b = as_values(a, "a", least=least), as_values(b, "b", least=least)
    if len(a) != len(b):
        raise ValueError(f"a has {len(a)} values and b {len(b)}: both have to be of the same items")
    return a, b
