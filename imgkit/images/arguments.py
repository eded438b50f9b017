"""What parameters are: the gates for numbers, sizes, words and seeds.

Each takes the values by name, so that the error can say which it was.
"""

from __future__ import annotations

from collections.abc import Collection
from numbers import Integral, Real

import numpy as np


def require_number(**values: object) -> None:
    """Refuse what is not a finite real number: ``require_number(amount=amount)``."""
    for name, value in values.items():
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            raise TypeError(f"{name} must be a number, got {value!r}")
        if not np.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value!r}")


def require_positive(**values: object) -> None:
    """Refuse what is not a positive, finite number: ``require_positive(sigma=sigma)``.

    Examples
    --------
    >>> require_positive(sigma=-1)
    Traceback (most recent call last):
    ValueError: sigma must be a positive number, got -1
    """
    for name, value in values.items():
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            raise TypeError(f"{name} must be a positive number, got {value!r}")
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be a positive number, got {value!r}")


def require_size(**values: object) -> tuple[int, int]:
    """A window's size as ``(rows, columns)``, from one whole number or two, each at least 1.

    Examples
    --------
    >>> require_size(size=3)
    (3, 3)
    >>> require_size(size=(1, 2.5))
    Traceback (most recent call last):
    TypeError: size must be a whole number or two (rows, columns), got (1, 2.5)
    """
    ((name, value),) = values.items()
    pair = tuple(value) if isinstance(value, tuple | list) else (value, value)
    whole = all(isinstance(n, Integral) and not isinstance(n, bool | np.bool_) for n in pair)
    if len(pair) != 2 or not whole:
        raise TypeError(f"{name} must be a whole number or two (rows, columns), got {value!r}")
    if min(pair) < 1:
        raise ValueError(f"{name} must be at least 1, got {value!r}")
    return int(pair[0]), int(pair[1])


def require_choice(choices: Collection[str], **values: object) -> None:
    """Refuse a word that is not offered: ``require_choice(BORDERS, mode=mode)``."""
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} must be one of {', '.join(choices)}; got {value!r}")
        if value not in choices:
            raise ValueError(f"{name} must be one of {', '.join(choices)}; got {value!r}")


def require_within(low: float, high: float, /, **values: object) -> None:
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


def require_whole(low: int, high: int | None = None, /, **values: object) -> None:
    """Refuse what is not a whole number in low..high: ``require_whole(1, 100, bins=bins)``.

    Examples
    --------
    >>> require_whole(1, 100, bins=0)
    Traceback (most recent call last):
    ValueError: bins must lie in 1..100, got 0
    >>> require_whole(1, k=2.5)
    Traceback (most recent call last):
    TypeError: k must be a whole number, got 2.5
    """
    for name, value in values.items():
        if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
        if value < low or (high is not None and value > high):
            wanted = f"be at least {low}" if high is None else f"lie in {low}..{high}"
            raise ValueError(f"{name} must {wanted}, got {value!r}")


def require_seed(seed: int | np.random.Generator) -> np.random.Generator:
    """A random generator from a whole number; a generator is handed back itself.

    Examples
    --------
    >>> float(require_seed(0).random()) == float(require_seed(0).random())
    True
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, Integral):
        raise TypeError(f"seed must be a whole number or a NumPy generator, got {seed!r}")
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed must lie in 0..2**63 - 1, got {seed!r}")
    return np.random.default_rng(int(seed))
