"""Drawing new test sets from the one there is: what the bootstrap and the permutations are made of.

Values have been checked.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np
from scipy import special

from imgkit.images import require_whole

RESAMPLES = 9999
BLOCK = 2**21  # values drawn at once
MOST_DRAWS = 2 * 10**9  # values times resamples: a minute


def require_resamples(resamples: object, n: int) -> None:
    """Refuse a number of resamples that is too small to tell, or takes for ever."""
    require_whole(100, 1_000_000, resamples=resamples)
    if n * int(resamples) > MOST_DRAWS:
        raise ValueError(
            f"resamples={resamples!r} of {n} values are {n * int(resamples):.2g} draws; the limit "
            f"is {MOST_DRAWS:.0e}: for the mean of so many values take student_t or paired_t"
        )


def of_resamples(
    values: np.ndarray, statistic: Callable, resamples: int, rng: np.random.Generator
) -> np.ndarray:
    """The statistic of each resample, (resamples,)."""
    n, at_once = len(values), values.ndim == 1 and _takes_axis(statistic)
    rows = max(1, BLOCK // values.size)
    parts = []
    for first in range(0, resamples, rows):
        drawn = values[rng.integers(0, n, (min(rows, resamples - first), n), dtype=np.int32)]
        part = statistic(drawn, axis=1) if at_once else [one_number(statistic(x)) for x in drawn]
        parts.append(np.asarray(part, dtype=np.float64))
    result = np.concatenate(parts)
    if result.shape != (resamples,) or not np.isfinite(result).all():
        raise ValueError("statistic must give one finite number for every resample")
    return result


def _takes_axis(statistic: Callable) -> bool:
    try:
        return "axis" in inspect.signature(statistic).parameters
    except ValueError:  # some built-in functions have none
        return False


def one_number(value: object) -> float:
    """What a statistic gave, or an error that says what it should have."""
    if np.ndim(value) != 0 or not np.isfinite(value):
        raise ValueError(f"statistic must give one finite number, got {value!r}")
    return float(value)


def corrected(
    tails: np.ndarray,
    value: float,
    drawn: np.ndarray,
    values: np.ndarray,
    statistic: Callable,
) -> np.ndarray:
    """Where BCa looks instead of at the tails (2,)."""
    spread = float(np.ptp(drawn))
    if spread <= 1e-12 * abs(value):  # all values are equal: nothing to correct
        return tails
    below = (np.count_nonzero(drawn < value) + np.count_nonzero(drawn <= value)) / 2 / len(drawn)
    if not 0 < below < 1:
        raise ValueError(
            "bca cannot correct this statistic: every resample lies on one side of it; "
            "use method='percentile'"
        )
    bias = special.ndtri(below)
    z = bias + special.ndtri(tails)
    slower = np.maximum(1 - _acceleration(values, statistic) * z, 1e-9)  # 0 beyond 6 deviations
    return special.ndtr(bias + z / slower)


def _acceleration(values: np.ndarray, statistic: Callable) -> float:
    """A sixth of the skewness of what each value contributes, seen by leaving it out."""
    if statistic is np.mean and values.ndim == 1:
        pull = values - values.mean()
    else:
        without = [one_number(statistic(np.delete(values, i, axis=0))) for i in range(len(values))]
        pull = np.mean(without) - np.array(without)
    size = float((pull**2).sum())
    return float((pull**3).sum()) / (6 * size**1.5) if size > 0 else 0.0
