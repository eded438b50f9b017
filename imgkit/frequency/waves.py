"""A wave in a plane: how it is measured, and drawn. ``xp`` is NumPy or torch, the plane's own."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from imgkit.frequency.engine import engine

REFINEMENTS = 6


def hann(plane: Any) -> Any:
    """Weights (H, W) that fall to 0 at the edges, or those would make a cross in the spectrum."""
    rows, columns = map(engine(plane).like(plane), _hann(plane.shape))
    return rows[:, None] * columns


def measured(weighted: Any, peak: tuple[float, float], xp: ModuleType) -> tuple[Any, Any, Any]:
    """The exact frequencies of the wave at a peak, and its complex amplitude.

    ``weighted`` is the plane less its mean, times :func:`hann`.
    """
    precise, weights = engine(weighted).precise(weighted), _hann(weighted.shape)
    row, column = precise(peak)
    for _ in range(REFINEMENTS):  # a wave a little faster has a phase that goes on turning
        (own, across), (down, _) = _projected(weighted, row, column, xp)
        row = row + (down / own).imag / _spread(weights[0])
        column = column + (across / own).imag / _spread(weights[1])
    found = _projected(weighted, row, column, xp)[0, 0]
    # A real wave is two, of opposite frequencies: found = own * total + conj(own) * overlap.
    total = weights[0].sum() * weights[1].sum()
    overlap = 1.0
    for n, frequency, weight in zip(weighted.shape, (row, column), weights, strict=True):
        overlap = overlap * (precise(weight) * _wave(n, -2 * frequency, precise, xp)).sum()
    own = found / (total + abs(overlap))
    for _ in range(REFINEMENTS):
        own = (found - own.conj() * overlap) / total
    return row, column, own


def drawn(waves: list[tuple[Any, Any, Any]], plane: Any, xp: ModuleType) -> Any:
    """The sum of waves on the pixels of a plane: one product of matrices."""
    like, precise = engine(plane).like(plane), engine(plane).precise(plane)
    h, w = plane.shape
    left, right = [], []
    for row, column, amplitude in waves:
        down = 2 * amplitude * _wave(h, row, precise, xp)
        across = _wave(w, column, precise, xp)
        left += [down.real, -down.imag]
        right += [across.real, across.imag]
    return like(xp.stack(left, 1)) @ like(xp.stack(right))


def _projected(weighted: Any, row: Any, column: Any, xp: ModuleType) -> Any:
    """Sums of a plane times a wave, (2, 2): as they are, and times the row and the column."""
    like, precise = engine(weighted).like(weighted), engine(weighted).precise(weighted)
    h, w = weighted.shape
    down, across = _wave(h, -row, precise, xp), _wave(w, -column, precise, xp)
    down = xp.stack([down, precise(_places(h)) * down])  # (2, H)
    across = xp.stack([across, precise(_places(w)) * across], 1)  # (W, 2)
    parts = precise(weighted @ like(xp.concatenate([across.real, across.imag], 1)))  # (H, 4)
    return down @ (parts[:, :2] + 1j * parts[:, 2:])


def _wave(n: int, frequency: Any, precise: Callable, xp: ModuleType) -> Any:
    """A complex wave on n pixels, its phase 0 in their middle."""
    return xp.exp(2j * np.pi * frequency * precise(_places(n)))


def _places(n: int) -> np.ndarray:
    """n pixels, counted from their middle."""
    return np.arange(n) - (n - 1) / 2


def _hann(shape: tuple[int, int]) -> list[np.ndarray]:
    """Hann's window for the rows and for the columns."""
    return [np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2 for n in shape]


def _spread(weights: np.ndarray) -> float:
    """What turns the slope of a phase into a frequency: 2 pi times the window's variance."""
    variance = (weights * _places(len(weights)) ** 2).sum() / weights.sum()
    return 2 * np.pi * max(variance, 1e-9)  # a single pixel has none
