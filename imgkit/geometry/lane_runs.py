"""How lane markings are found in a mask: its runs of pixels, straightened, counted and fitted.

A curve is a start a, its column in the last row, and a shape (b, c): ``a + b t + c t²``.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from imgkit.images import Mask

Numbers: TypeAlias = npt.NDArray[np.float64]

THICKEST = 2.5  # marking widths: what is longer along a row is no marking
STEEPEST = 0.6  # of the rows: columns that a line may run aside, and as many by bending
ROUNDS = 20  # of fitting to the pixels near the curve, and asking anew which are near
STEPS = 12  # to each side, of slope and bend, in the first search
SURVIVORS = 5  # of the search, which are looked at more closely
ENOUGH = 3000  # runs to search with
AT_ONCE = 1 << 18  # runs and shapes at once


class Runs(NamedTuple):
    """Pixels side by side in a row, as one: of a marking there is one in each row."""

    rows: npt.NDArray[np.intp]
    along: Numbers
    "0 in the last row, 1 in the first"
    middles: Numbers
    weights: Numbers
    "length in marking widths, 1 at most"
    shape: tuple[int, int]


def found(mask: Mask, width: float) -> Runs:
    """All that are not too long for a marking."""
    h, w = mask.shape
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).view(np.int8), axis=1)
    rows, start = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[1]
    length = end - start
    short = length <= THICKEST * width
    return Runs(
        rows[short],
        (h - 1 - rows[short]) / max(h - 1, 1),
        ((start + end - 1) / 2)[short],
        np.minimum(length[short] / width, 1),
        (h, w),
    )


def straightening(runs: Runs, width: float) -> Numbers:
    """The slope and bend (b, c) that make the histogram of columns sharpest."""
    h = runs.shape[0]
    every = -(-len(runs.rows) // ENOUGH)
    some = Runs(*(part[runs.rows % every == 0] for part in runs[:4]), runs.shape)
    reach = STEEPEST * h
    cell = max(4 * width, reach / STEPS)
    steps = np.arange(-np.ceil(reach / cell), np.ceil(reach / cell) + 1) * cell
    best = np.array([[b, c] for b in steps for c in steps])
    while True:
        sharp = _sharpness(some, best, cell)
        sharp *= 1 - 1e-3 * np.abs(best).sum(axis=1) / reach  # of equals the straightest
        order = np.argsort(-sharp, kind="stable")[:SURVIVORS]
        if cell <= width:
            return best[order[0]]
        cell /= 2
        near = cell * np.arange(-2, 3)
        grid = np.stack(np.meshgrid(near, near, indexing="ij"), axis=-1).reshape(-1, 2)
        best = np.unique((best[order][:, None] + grid).reshape(-1, 2), axis=0)


def _sharpness(runs: Runs, shapes: Numbers, cell: float) -> Numbers:
    """For each (b, c): the sum of squares of the histogram of columns, straightened by it."""
    sharp = []
    for part in np.array_split(shapes, -(-len(shapes) * len(runs.rows) // AT_ONCE)):
        columns = runs.middles - part @ np.stack([runs.along, runs.along**2])  # (K, N)
        cells = np.floor((columns - columns.min()) / cell).astype(np.intp)
        count = cells.max() + 2
        cells += np.arange(len(part))[:, None] * count
        weights = np.broadcast_to(runs.weights, cells.shape).ravel()
        table = np.bincount(cells.ravel(), weights, len(part) * count).reshape(-1, count)
        sharp.append(((table[:, 1:] + table[:, :-1]) ** 2).sum(axis=1))
    return np.concatenate(sharp)


def peaks(
    runs: Runs, shape: Numbers, lines: int, width: float, spacing: float, least: float
) -> Numbers:
    """The columns of the straightened lines in the last row, the strongest first."""
    columns = runs.middles - _moved(runs.along, shape)
    order = np.argsort(columns)
    columns, total = columns[order], np.append(0, np.cumsum(runs.weights[order]))
    first = np.searchsorted(columns, columns - width, "left")
    last = np.searchsorted(columns, columns + width, "right")
    power = total[last] - total[first]  # of all within a marking's width
    starts = []
    while len(starts) < lines and power.max(initial=0) >= least / 2:
        best = columns[power.argmax()]
        starts.append(best)
        power[np.abs(columns - best) < spacing] = 0
    return np.array(starts)


def settled(
    runs: Runs, starts: Numbers, shape: Numbers, width: float, reach: float
) -> tuple[Numbers, Numbers]:
    """Curves of one shape through the runs near them: starts (L,) and shape (b, c)."""
    count = len(starts)
    if not count:
        return starts, shape
    guess = np.column_stack([np.zeros((2, count)), np.eye(2) / width])  # a run errs by 1 column
    wanted = shape / width
    basis = np.column_stack([runs.along, runs.along**2])
    for away in np.append(np.linspace(reach, reach / 2, ROUNDS // 2), [reach / 2] * ROUNDS):
        misses = (runs.middles - _moved(runs.along, shape))[:, None] - starts  # (N, L)
        line = np.abs(misses).argmin(axis=1)
        miss = misses[np.arange(len(line)), line] / away
        near = np.flatnonzero(np.abs(miss) < 1)
        trust = (np.sqrt(runs.weights[near]) * (1 - miss[near] ** 2))[:, None]  # Tukey's
        ones = line[near, None] == np.arange(count)
        rows = np.vstack([trust * np.column_stack([ones, basis[near]]), guess])
        right = np.append(trust[:, 0] * runs.middles[near], wanted)
        answer = np.linalg.lstsq(rows, right, rcond=None)[0]
        settled = np.abs(answer[:count] - starts).max() < 1e-9 and away == reach / 2
        starts, shape = answer[:count], answer[count:]
        if settled:
            break
    return starts, shape


def _moved(along: Numbers, shape: Numbers) -> Numbers:
    """How far aside a line of that shape is from where it starts."""
    return along * (shape[0] + along * shape[1])


def seen(runs: Runs, curve: Numbers, width: float) -> npt.NDArray[np.intp]:
    """The rows that have at least half a marking beside the curve."""
    away = np.abs(runs.middles - curve[0] - _moved(runs.along, curve[1:]))
    return np.unique(runs.rows[(away < width) & (runs.weights >= 0.5)])


def chance(runs: Runs, curve: Numbers, width: float) -> float:
    """In how many rows such a curve would be seen where there is no line: the median beside it."""
    beside = 2 * width * np.array([-5, -4, -3, -2, 2, 3, 4, 5])
    return float(
        np.median([len(seen(runs, curve + np.array([away, 0, 0]), width)) for away in beside])
    )
