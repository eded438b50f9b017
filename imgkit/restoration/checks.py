"""What options of restoration have to be: numbers within bounds."""

from __future__ import annotations

from numbers import Integral

import numpy as np

from imgkit.images import require_number

MOST_ITERATIONS = 10_000


def require_within(low: float, high: float, **values: object) -> None:
    """Refuse what is not a number in low..high: ``require_within(0, 1, fraction=fraction)``.

    Examples
    --------
    >>> require_within(0, 1, fraction=2)
    Traceback (most recent call last):
    ValueError: fraction must lie in 0..1, got 2
    """
    require_number(**values)
    for name, value in values.items():
        if not low <= value <= high:
            raise ValueError(f"{name} must lie in {low:g}..{high:g}, got {value!r}")


def require_iterations(iterations: object) -> None:
    """Refuse what is not a sensible number of repetitions."""
    if isinstance(iterations, bool | np.bool_) or not isinstance(iterations, Integral):
        raise TypeError(f"iterations must be a whole number, got {iterations!r}")
    if not 1 <= iterations <= MOST_ITERATIONS:
        raise ValueError(f"iterations must lie in 1..{MOST_ITERATIONS}, got {iterations!r}")
