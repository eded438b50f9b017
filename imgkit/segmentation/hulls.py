"""Convex hulls of all regions at once: what is behind ``regions``.

A pixel stands for the midpoints of its square's four sides, as in scikit-image. With coordinates
doubled these are whole numbers, and every answer is exact. A hull has a left and a right chain;
mirrored, the right one is a left one too, so there are two chains for each region.
"""

from __future__ import annotations

import numpy as np

from imgkit.segmentation.runs import Runs


def convex_areas(parts: Runs) -> np.ndarray:
    """How many pixel centres lie in each region's convex hull, on its edge or inside."""
    count = len(parts.numbers)
    if count == 0:
        return np.zeros(0, np.int64)
    region, row, left, right = _rows(parts)
    chains = _points(region, row, left), _points(region + count, row, -right)
    chain, y, x = _pruned(*map(np.concatenate, zip(*chains, strict=True)))

    # where a chain crosses the middle of each row that the region spans
    first = np.searchsorted(chain, np.arange(2 * count))
    top, bottom = (y[first] + 1) // 2, (np.append(y[first[1:] - 1], y[-1]) - 1) // 2
    height = bottom - top + 1
    asked = np.repeat(np.arange(2 * count), height)
    before = np.repeat(np.cumsum(height) - height - top, height)
    level = 2 * (np.arange(len(asked)) - before)
    span = int(y.max()) + 2
    after = np.searchsorted(chain * span + y, asked * span + level, side="right")
    y0, x0, y1, x1 = y[after - 1], x[after - 1], y[after], x[after]
    crossing = x0 * (y1 - y0) + (level - y0) * (x1 - x0)  # times y1 - y0
    column = -(-crossing // (2 * (y1 - y0)))  # the first that is not left of the chain
    left, right = np.split(column, 2)
    inside = np.maximum(1 - right - left, 0)
    return np.bincount(asked[: len(inside)], weights=inside, minlength=count).astype(np.int64)


def _rows(parts: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Region, row, first and last column of each row of each region."""
    new = np.diff(parts.row, prepend=-1) != 0
    new[parts.first] = True
    first = np.flatnonzero(new)
    right = np.maximum.reduceat(parts.stop, first) - 1
    return parts.region[first], parts.row[first], parts.start[first], right


def _points(
    chain: np.ndarray, row: np.ndarray, column: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chain, y and x of the points that a hull's left chain may have, downwards.

    Each row has the midpoints of its first pixel's upper, left and lower side. Where the row below
    is the next one, the lower and its upper lie at one height, and the leftmost of them counts.
    """
    joined = np.zeros(len(row), bool)  # to the row below
    joined[:-1] = (chain[1:] == chain[:-1]) & (row[1:] == row[:-1] + 1)
    lower = 2 * column
    lower[:-1] = np.where(joined[:-1], np.minimum(lower[:-1], lower[1:]), lower[:-1])
    y = np.stack([2 * row - 1, 2 * row, 2 * row + 1], axis=1)
    x = np.stack([2 * column, 2 * column - 1, lower], axis=1)
    keep = np.ones(y.shape, bool)
    keep[1:, 0] = ~joined[:-1]
    return np.repeat(chain, 3).reshape(-1, 3)[keep], y[keep], x[keep]


def _pruned(chain: np.ndarray, y: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    """The corners of the hulls: what is left when no point lies right of its neighbours' line.

    A corner never does, whatever else is there, so all that do may go at once. Chains that lost
    nothing in a round are done.
    """
    busy, done = [chain, y, x], []
    while len(busy[0]):
        chain, y, x = busy
        inner = np.zeros(len(chain), bool)
        inner[1:-1] = chain[2:] == chain[:-2]
        i = np.flatnonzero(inner)
        y0, x0 = y[i - 1], x[i - 1]
        idle = i[(x[i] - x0) * (y[i + 1] - y0) >= (x[i + 1] - x0) * (y[i] - y0)]
        keep = np.ones(len(chain), bool)
        keep[idle] = False
        lost = np.zeros(chain[-1] + 1, bool)
        lost[chain[idle]] = True
        lost = lost[chain]
        done.append([values[~lost] for values in busy])
        busy = [values[keep & lost] for values in busy]
    corners = [np.concatenate(values) for values in zip(*done, strict=True)]
    order = np.argsort(corners[0], kind="stable")
    return [values[order] for values in corners]
