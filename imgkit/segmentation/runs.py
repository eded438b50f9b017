"""A label image as runs, and what can be summed over them: what is behind ``regions``.

A run is a stretch of pixels of one region in one row. There are far fewer of them than pixels, a
sum over a run has a closed form, and runs sorted by region make every measurement a sum, or a
least, or a largest value over a stretch of an array: no loop over regions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imgkit.images import Labels


@dataclass(frozen=True)
class Runs:
    """All runs, region after region, each region's from top to bottom and left to right."""

    row: np.ndarray
    start: np.ndarray
    "first column"
    stop: np.ndarray
    "column after the last"
    region: np.ndarray
    "place of the run's region among the numbers"
    first: np.ndarray
    "place of each region's first run"
    numbers: np.ndarray
    "the regions' numbers, ascending"

    @property
    def length(self) -> np.ndarray:
        return self.stop - self.start

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum of a value for each run, region by region."""
        return np.add.reduceat(values, self.first)

    def pixels(self, width: int) -> np.ndarray:
        """Places of all pixels in the flat image, in the order of the runs."""
        length = self.length
        before = np.cumsum(length) - length
        return np.repeat(self.row * width + self.start - before, length) + np.arange(length.sum())


def runs(labels: Labels) -> Runs:
    """The runs of a label image."""
    height, width = labels.shape
    ends = np.ones((height, width + 1), bool)  # where a run ends and another may start
    np.not_equal(labels[:, 1:], labels[:, :-1], out=ends[:, 1:-1])
    row, column = np.divmod(np.flatnonzero(ends), width + 1)
    inside = column[:-1] < width  # not from one row's end to the next row's start
    row, start, stop = row[:-1][inside], column[:-1][inside], column[1:][inside]
    number = labels[row, start]
    found = np.flatnonzero(number)
    order = found[np.argsort(number[found], kind="stable")]
    number = number[order]
    new = np.diff(number, prepend=0) > 0  # labels are positive
    first = np.flatnonzero(new)
    return Runs(row[order], start[order], stop[order], np.cumsum(new) - 1, first, number[first])


@dataclass(frozen=True)
class Sums:
    """Area, centroid and covariance of each region, in pixels."""

    area: np.ndarray
    row: np.ndarray
    column: np.ndarray
    rows: np.ndarray
    "variance of the rows"
    columns: np.ndarray
    both: np.ndarray
    "covariance of rows and columns"


def sums(parts: Runs) -> Sums:
    """The moments of order 0, 1 and 2.

    Coordinates are counted from the whole pixel nearest to the centroid: the sums stay small, and
    with them exact, so that a straight line is no wider than 0.
    """
    length = parts.length
    area = parts.sums(length)
    row0 = _nearest(parts.sums(length * parts.row), area)
    column0 = _nearest(parts.sums(_line(parts.start, parts.stop)), area)
    row = parts.row - row0[parts.region]
    start, stop = parts.start - column0[parts.region], parts.stop - column0[parts.region]
    line = _line(start, stop)
    n, r, c, rr, cc, rc = (
        values.astype(np.float64)
        for values in (
            area,
            parts.sums(length * row),
            parts.sums(line),
            parts.sums(length * row**2),
            parts.sums(_squares(stop) - _squares(start)),
            parts.sums(row * line),
        )
    )
    rows, columns, both = (n * rr - r * r) / n**2, (n * cc - c * c) / n**2, (n * rc - r * c) / n**2
    return Sums(area, row0 + r / n, column0 + c / n, rows, columns, both)


def _nearest(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    return (2 * total + count) // (2 * count)


def _line(start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """start + ... + (stop - 1)"""
    return (stop - start) * (start + stop - 1) // 2


def _squares(stop: np.ndarray) -> np.ndarray:
    """0 + 1 + 4 + ... + (stop - 1)², as a polynomial that holds below 0 too."""
    return (stop - 1) * stop * (2 * stop - 1) // 6


def euler_numbers(parts: Runs) -> np.ndarray:
    """Pieces minus holes of each region, where pixels that share a corner hang together.

    Runs minus contacts of runs in neighbouring rows: each run is a piece, each contact joins two
    pieces or closes a hole.
    """
    rows, columns = (int(values.max(initial=0)) + 2 for values in (parts.row, parts.stop))
    line = (parts.region * rows + parts.row) * columns
    below = line + columns
    starts = np.searchsorted(line + parts.start, below + parts.stop, side="right")
    stops = np.searchsorted(line + parts.stop, below + parts.start, side="left")
    return parts.sums(1 - (starts - stops))
