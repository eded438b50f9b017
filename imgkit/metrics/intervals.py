"""How sure a number is: confidence intervals for proportions, means and any other statistic.

A score on a test set is one draw; another test set would have given another. An interval of 95 %
confidence is made by a rule that catches the true value in 95 % of all test sets.

Which rule, :func:`interval` decides: right or wrong is a proportion (Wilson); of fewer than 50
values the mean has Student's t; from there on the bootstrap, which also bends to lopsided values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from imgkit.images import require_choice, require_number, require_seed, require_whole
from imgkit.metrics.gates import as_numbers
from imgkit.metrics.resampling import (
    RESAMPLES,
    corrected,
    of_resamples,
    one_number,
    require_resamples,
)

FEW = 50  # below, a bootstrap is too narrow
MANY = 10_000  # above, it says what Student's t says, and takes seconds
LARGEST_COUNT = 2**53  # that float64 has exactly


@dataclass(frozen=True)
class Interval:
    """A number and how sure it is; ``print`` it for a line to quote."""

    value: float
    "what was measured"
    low: float
    high: float
    confidence: float = 0.95
    "how often such intervals catch the true value"
    method: str = ""
    n: int = 0
    "how many values it rests on"

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        numbers = figures(self.value, self.low, self.high)
        return f"{numbers} ({100 * self.confidence:g} % {self.method}, n={self.n})"


def wilson(successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Wilson's interval of a proportion: the values that a score test would not reject.

    With p = successes / n and z the normal quantile, ``(p + z²/2n ± z sqrt(p (1 - p) / n +
    z²/4n²)) / (1 + z²/n)``. It never leaves 0..1 and has a width at 0 and at n, where the
    textbook's ``p ± z sqrt(p (1 - p) / n)`` has none.

    Parameters
    ----------
    successes : how many of the n, 0..n
    n : how many there are, at least 1
    confidence : how often such intervals catch the true proportion, 0..1

    Returns
    -------
    Interval

    Raises
    ------
    TypeError
        If successes or n is no whole number.
    ValueError
        If n is below 1, successes outside 0..n, or confidence outside 0..1.

    Notes
    -----
    Its coverage is near the confidence on average over p, now above, now below; it is SciPy's
    ``binomtest(successes, n).proportion_ci(method="wilson")``.

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22, 1927. Brown, Cai and DasGupta, "Interval estimation for a
    binomial proportion", Statistical Science 16, 2001.

    Examples
    --------
    >>> print(wilson(45, 50))
    0.90 [0.79, 0.96] (95 % Wilson, n=50)
    >>> print(wilson(20, 20))  # perfect so far
    1.00 [0.84, 1.00] (95 % Wilson, n=20)
    """
    _require_counts(successes, n)
    require_confidence(confidence)
    low, high = wilson_limits(successes, n, confidence)
    return Interval(successes / n, low, high, confidence, "Wilson", int(n))


def clopper_pearson(successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Clopper and Pearson's exact interval of a proportion: never less sure than it says.

    Its ends are the proportions at which so few, or so many, successes have a probability of half
    of what the confidence leaves: quantiles of beta distributions.

    Parameters
    ----------
    successes : how many of the n, 0..n
    n : how many there are, at least 1
    confidence : how often such intervals catch the true proportion at least, 0..1

    Returns
    -------
    Interval

    Raises
    ------
    TypeError
        If successes or n is no whole number.
    ValueError
        If n is below 1, successes outside 0..n, or confidence outside 0..1.

    Notes
    -----
    Wider than Wilson's: the coverage is at least the confidence at every proportion, mostly more.
    It is SciPy's ``binomtest(successes, n).proportion_ci(method="exact")``.

    References
    ----------
    Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26, 1934.

    Examples
    --------
    >>> print(clopper_pearson(45, 50))
    0.90 [0.78, 0.97] (95 % Clopper-Pearson, n=50)
    """
    _require_counts(successes, n)
    require_confidence(confidence)
    tail = (1 - confidence) / 2
    low = special.betaincinv(successes, n - successes + 1, tail) if successes else 0.0
    high = special.betaincinv(successes + 1, n - successes, 1 - tail) if successes < n else 1.0
    return Interval(successes / n, float(low), float(high), confidence, "Clopper-Pearson", int(n))


def student_t(values: npt.ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Student's interval of a mean: ``mean ± t s / sqrt(n)``.

    s is the standard deviation with n - 1, t the quantile of Student's distribution with n - 1
    degrees of freedom: 2.78 for 5 values, 1.98 for 100.

    Parameters
    ----------
    values : (n,) numbers, one for each independent item, n >= 2
    confidence : how often such intervals catch the true mean, 0..1

    Returns
    -------
    Interval

    Raises
    ------
    TypeError
        If the values are no real numbers.
    ValueError
        If there are fewer than 2, one is not finite, or confidence is outside 0..1.

    Notes
    -----
    Exact for values from a normal distribution, however few. Few lopsided values are caught less
    often: about 90 % of the time for 10 of them. Equal values give an interval without width.
    Values have to be independent: the pixels of one image are not.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 6, 1908.

    Examples
    --------
    >>> print(student_t([0.81, 0.84, 0.79, 0.86, 0.80]))
    0.820 [0.784, 0.856] (95 % Student t, n=5)
    """
    values = as_values(values, least=2)
    require_confidence(confidence)
    n, mean = len(values), float(values.mean())
    t = -special.stdtrit(n - 1, (1 - confidence) / 2)
    reach = float(t * values.std(ddof=1) / math.sqrt(n))
    return Interval(mean, mean - reach, mean + reach, confidence, "Student t", n)


def bootstrap(
    values: npt.ArrayLike,
    *,
    statistic: Callable[..., float] = np.mean,
    method: str = "bca",
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> Interval:
    """An interval of any statistic, by drawing new test sets from the one there is.

    Each resample draws n of the n values with replacement; the statistics of all resamples show
    how much the figure depends on which values there happened to be. "percentile" takes their
    quantiles. "bca" shifts these quantiles for bias and for a spread that grows with the value
    (bias-corrected and accelerated).

    Parameters
    ----------
    values : (n,) numbers, one for each independent item, or (n, k) with k numbers for each, whose
        rows are drawn; n >= 2
    statistic : what is asked of the values; of (n,) or (n, k) it gives one number. If it has an
        argument ``axis``, as NumPy's have, all resamples of (n,) values are given to it at once.
    method : "bca" or "percentile"
    resamples : how many test sets are drawn, 100..1,000,000
    confidence : how often such intervals catch the true statistic, 0..1
    seed : a whole number, for the same interval each time, or a NumPy Generator

    Returns
    -------
    Interval

    Raises
    ------
    TypeError
        If the values are no real numbers, or an option is of another type.
    ValueError
        If there are fewer than 2 values, one is not finite, an option is out of its range, the
        statistic is not finite, or bca is asked of a statistic that it cannot correct.

    Notes
    -----
    For a mean of few values it is too narrow, 95 % intervals catch 83 % for 5 normal values by
    percentiles: below 50 use :func:`student_t`. It is SciPy's ``stats.bootstrap`` with other
    random numbers. Ends move by about a hundredth of the width from seed to seed.

    References
    ----------
    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 and 14.

    Examples
    --------
    >>> scores = np.linspace(0, 1, 60) ** 2
    >>> print(bootstrap(scores))
    0.34 [0.27, 0.42] (95 % bootstrap BCa, n=60)
    >>> print(bootstrap(scores, statistic=np.median, method="percentile"))
    0.25 [0.15, 0.39] (95 % bootstrap percentile, n=60)
    """
    values = as_values(values, least=2, columns=True)
    require_choice(("bca", "percentile"), method=method)
    require_confidence(confidence)
    require_resamples(resamples, len(values))
    if not callable(statistic):
        raise TypeError(f"statistic must be a function such as np.median, got {statistic!r}")
    value = one_number(statistic(values))
    drawn = of_resamples(values, statistic, resamples, require_seed(seed))
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    if method == "bca":
        tails = corrected(tails, value, drawn, values, statistic)
    low, high = np.quantile(drawn, tails)
    name = {"bca": "bootstrap BCa", "percentile": "bootstrap percentile"}[method]
    return Interval(value, float(low), float(high), confidence, name, len(values))


def interval(
    values: npt.ArrayLike,
    *,
    exact: bool = False,
    confidence: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> Interval:
    """The interval of a mean by the kit's rule.

    ==================== ===================================================
    values               method
    ==================== ===================================================
    only 0 and 1 (bool)  Wilson; Clopper and Pearson if ``exact``
    fewer than 50        Student's t
    50 to 10,000         bootstrap BCa, 9999 resamples
    more                 Student's t again: it says the same, at once
    ==================== ===================================================

    Parameters
    ----------
    values : (n,) numbers, one for each independent item (right or wrong, a Dice score)
    exact : whether a proportion's interval may never be less sure than it says
    confidence : how often such intervals catch the true mean, 0..1
    seed : of the bootstrap: a whole number, for the same interval each time, or a NumPy Generator

    Returns
    -------
    Interval; it says which method was used.

    Raises
    ------
    TypeError
        If the values are no real numbers.
    ValueError
        If there are none, or only one that is neither 0 nor 1, one is not finite, or confidence is
        outside 0..1.

    Notes
    -----
    The bootstrap is too narrow below 50 values. BCa was taken for its worst case: of 50 values that
    are mostly 0 it catches about 90 %, where percentiles and Student's t catch 87 %; of normal ones
    94 %, of symmetric ones with far outliers 91 %, where Student's t catches 95 %. Five scores that
    are all exactly 1 count as five successes of five, not as a mean without any doubt.

    Examples
    --------
    >>> print(interval([True] * 132 + [False] * 20))
    0.87 [0.81, 0.91] (95 % Wilson, n=152)
    >>> print(interval([0.81, 0.84, 0.79, 0.86, 0.80]))
    0.820 [0.784, 0.856] (95 % Student t, n=5)
    """
    values = as_values(values)
    if is_binary(values):
        method = clopper_pearson if exact else wilson
        return method(int(values.sum()), len(values), confidence=confidence)
    return mean_interval(values, confidence=confidence, seed=seed)


def mean_interval(
    values: np.ndarray,
    *,
    confidence: float,
    seed: int | np.random.Generator,
    resamples: int = RESAMPLES,
) -> Interval:
    """The rule for a mean whose values are more than right or wrong."""
    if FEW <= len(values) <= MANY:
        return bootstrap(values, resamples=resamples, confidence=confidence, seed=seed)
    return student_t(values, confidence=confidence)


# --- what comparisons use too ---------------------------------------------------------------------


def wilson_limits(successes: int, n: int, confidence: float) -> tuple[float, float]:
    """The ends of :func:`wilson`."""
    z2 = float(special.ndtri((1 - confidence) / 2)) ** 2
    p = successes / n
    centre = p + z2 / (2 * n)
    reach = math.sqrt(z2 * (p * (1 - p) + z2 / (4 * n)) / n)
    low = (centre - reach) / (1 + z2 / n) if successes else 0.0  # exact, where rounding is not
    high = (centre + reach) / (1 + z2 / n) if successes < n else 1.0
    return low, high


def is_binary(values: np.ndarray) -> bool:
    """Whether there is nothing but 0 and 1."""
    return bool(((values == 0) | (values == 1)).all())


def as_values(
    values: npt.ArrayLike, name: str = "values", *, least: int = 1, columns: bool = False
) -> npt.NDArray[np.float64]:
    """Numbers as float64 (n,), with ``columns`` perhaps (n, k), or an error that says why not."""
    array = as_numbers(values, name).astype(np.float64)
    if array.ndim != 1 and not (columns and array.ndim == 2):
        wanted = "(n,) or (n, k)" if columns else "(n,), one number for each item"
        raise ValueError(f"{name} has shape {array.shape}; this takes {wanted}")
    if len(array) < least or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; this needs at least {least} values")
    return array


def require_confidence(confidence: object) -> None:
    """Refuse what is not a number between 0 and 1."""
    require_number(confidence=confidence)
    if not 0 < confidence < 1:
        hint = f": use {confidence / 100:g}" if 1 < confidence < 100 else ""
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence!r}{hint}")


def figures(value: float, low: float, high: float, sign: str = "") -> str:
    """``0.865 [0.842, 0.886]``: with two digits of the width."""
    width = high - low
    places = 3
    if 0 < width < math.inf:
        places = min(max(math.ceil(-math.log10(width)) + 1, 0), 12)
    value, low, high = (f"{round(x, places) + 0.0:{sign}.{places}f}" for x in (value, low, high))
    return f"{value} [{low}, {high}]"


def _require_counts(successes: object, n: object) -> None:
    require_whole(1, LARGEST_COUNT, n=n)
    require_whole(0, int(n), successes=successes)
