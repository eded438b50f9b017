"""Solving for potentials on a grid of pixels: conjugate gradients helped by ever coarser graphs.

A random walk between pixels, or a current through a net of resistors, leads to ``A x = b``, where
``A`` has one row for each free pixel: the sum of its edges' weights on the diagonal, each weight
once more, negative, at the neighbour. The weights span ten orders of magnitude, and the gradients
alone would take thousands of rounds. So each round is helped by a guess from coarser graphs: pixels
that hang together most strongly become one node, those nodes again, and so on down to a graph that
is solved at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

SMALL = 300  # nodes of a graph that is solved at once
DAMPING = 2 / 3  # of Jacobi's iteration
ROUNDS = 500  # of conjugate gradients; photographs need 10 to 20


class Multigrid:
    """A matrix of potentials, and coarser ones that approximate it."""

    def __init__(self, matrix: sparse.csr_array) -> None:
        self.matrix = matrix
        self.levels = []
        while matrix.shape[0] > SMALL:
            count, group = _grouped(matrix)
            if count > 0.9 * matrix.shape[0]:  # nearly all are alone: then it is easy to solve
                break
            self.levels.append((matrix, DAMPING / matrix.diagonal(), group, count))
            entries = matrix.tocoo()
            places = group[entries.row], group[entries.col]
            coarse = sparse.coo_array((entries.data, places), shape=(count + 1, count + 1))
            matrix = coarse.tocsr()[:count, :count]
        self.coarsest = splu(matrix.tocsc()) if matrix.shape[0] else None

    def solve(self, b: npt.NDArray[np.float64], tolerance: float) -> npt.NDArray[np.float64]:
        """Conjugate gradients, until a guess at the error is nowhere above the tolerance."""
        x, left = np.zeros_like(b), b.copy()
        step = self._guess(left)
        direction, energy = step, left @ step
        for _ in range(ROUNDS):
            if np.abs(step).max() <= tolerance:
                break
            along = self.matrix @ direction
            length = energy / (direction @ along)
            x += length * direction
            left -= length * along
            step = self._guess(left)
            energy, before = left @ step, energy
            direction = step + energy / before * direction
        return x

    def _guess(self, b: npt.NDArray[np.float64], level: int = 0) -> npt.NDArray[np.float64]:
        """About the solution: smooth, solve twice what is left on the next coarser graph, smooth.

        Smoothing alike before and after keeps the guess symmetric, which the gradients need. Single
        precision would not do: what ties of 1e-10 carry would drown in rounding.
        """
        if level == len(self.levels):
            return self.coarsest.solve(b) if len(b) else b
        matrix, smooth, group, count = self.levels[level]
        x = smooth * b
        left = np.bincount(group, b - matrix @ x, count + 1)[:count]
        coarse = self._guess(left, level + 1)
        if level + 1 < len(self.levels):
            coarse += self._guess(left - self.levels[level + 1][0] @ coarse, level + 1)
        x += np.append(coarse, 0)[group]
        x += smooth * (b - matrix @ x)
        return x


def _grouped(matrix: sparse.csr_array) -> tuple[int, npt.NDArray[np.intp]]:
    """Put each node together with the neighbour that it hangs on most: how many groups, and which.

    Equal weights are told apart by a quarter, arbitrarily but the same from both sides; else a flat
    region would fall into one long chain. A node that hangs on seeds more than on all neighbours is
    left out, in a group behind the last: smoothing settles it.
    """
    n = matrix.shape[0]
    entries = matrix.tocoo()
    row, column = entries.row.astype(np.int64), entries.col.astype(np.int64)
    low, high = np.minimum(row, column), np.maximum(row, column)
    pull = -entries.data * (1 + (low * 7919 + high * 104729) % 1009 / 4036)
    most = np.maximum.reduceat(pull, matrix.indptr[:-1])  # below 0 only where there is no neighbour
    friend = np.arange(n)
    chosen = np.flatnonzero((pull == most[row]) & (row != column))
    friend[row[chosen]] = column[chosen]
    pairs = sparse.csr_array((np.ones(n, np.int8), friend, np.arange(n + 1)), shape=(n, n))
    count, group = connected_components(pairs, directed=False)
    free = matrix.sum(1) <= matrix.diagonal() / 2
    used = np.bincount(group[free], minlength=count) > 0
    kept = np.count_nonzero(used)
    return kept, np.where(free, (used.cumsum() - 1)[group], kept)
