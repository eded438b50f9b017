"""How much of each old pixel goes into each new one, along one axis.

The weights form a band: a new pixel sees a few neighbours in the old row, the next new pixel those
a little further on. Cut into blocks, the band is a stack of small dense matrices, and resizing an
axis is one matrix product for each (see :mod:`imgkit.filtering.bands` for the same idea).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Method: TypeAlias = Literal["nearest", "linear", "cubic", "area", "lanczos"]
METHODS = ("nearest", "linear", "cubic", "area", "lanczos")
CUBIC = -0.5  # Keys' own choice, the only one that keeps a ramp a ramp


class Bands(NamedTuple):
    """The matrix (m, n) of one axis, in blocks of rows."""

    starts: npt.NDArray[np.intp]
    "the first old pixel that each block sees, (blocks,)"
    weights: npt.NDArray[np.float64]
    "(blocks, new pixels, old pixels); the last block is filled up with zeros"


def sources(n: int, m: int) -> npt.NDArray[np.intp]:
    """The old pixel in which the centre of each new one lies; on an edge the later of the two.

    Examples
    --------
    >>> sources(3, 6)
    array([0, 0, 1, 1, 2, 2])
    >>> sources(6, 3)
    array([1, 3, 5])
    """
    return (2 * np.arange(m) + 1) * n // (2 * m)


def bands(n: int, m: int, method: Method, antialias: bool) -> Bands:
    """The weights that make ``m`` pixels of ``n``; those of a new pixel sum to 1.

    Examples
    --------
    >>> bands(4, 2, "area", True).weights[0, :2]
    array([[0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0.5, 0.5]])
    """
    first, weights = _overlaps(n, m) if method == "area" else _taps(n, m, method, antialias)
    block = min(m, 16 if m < n else 64)  # a block sees block * n / m + taps: small where that grows
    filler = -m % block
    taps = weights.shape[1]
    taps = weights.shape[1]
    first = np.pad(first, (0, filler), mode="edge").reshape(-1, block)
    span = min(n, int((first[:, -1] - first[:, 0]).max()) + taps)
    starts = np.clip(first[:, 0], 0, n - span)
    dense = np.zeros((first.size, taps + span + taps))  # what falls into the margins weighs nothing
    places = (first - starts[:, None]).ravel()[:m] + taps
    dense[np.arange(m)[:, None], places[:, None] + np.arange(taps)] = weights
    return Bands(starts, dense[:, taps : taps + span].reshape(*first.shape, span))


def _taps(
    n: int, m: int, method: Method, antialias: bool
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The first tap of each new pixel (m,), and the weights of all (m, taps), by a kernel.

    Where the axis shrinks the kernel is stretched over the old pixels that a new one covers.
    """
    kernel, radius = KERNELS[method]
    stretch = max(1.0, n / m) if antialias else 1.0
    taps = int(2 * radius * stretch) + 2
    doubled = (2 * np.arange(m) + 1) * n - m  # 2 * m times the centre: whole, and so exact
    first = np.floor(doubled / (2 * m) - radius * stretch).astype(np.intp)
    places = first[:, None] + np.arange(taps)
    weights = kernel((2 * m * places - doubled[:, None]) / (2 * m * stretch))
    weights[(places < 0) | (places >= n)] = 0
    return first, weights / weights.sum(axis=1, keepdims=True)


def _overlaps(n: int, m: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The same for the mean of what a new pixel covers; lengths are in m-ths of an old pixel."""
    new = np.arange(m)[:, None]
    first = new[:, 0] * n // m
    old = first[:, None] + np.arange(-(-n // m) + 1)
    overlap = np.minimum((new + 1) * n, (old + 1) * m) - np.maximum(new * n, old * m)
    return first, np.maximum(overlap, 0) / n


def _linear(x: np.ndarray) -> np.ndarray:
    return np.maximum(0, 1 - np.abs(x))


def _cubic(x: np.ndarray) -> np.ndarray:
    x = np.abs(x)
    near = ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1
    far = CUBIC * (((x - 5) * x + 8) * x - 4)
    return np.where(x <= 1, near, np.where(x < 2, far, 0))


def _lanczos(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)


KERNELS = {"linear": (_linear, 1), "cubic": (_cubic, 2), "lanczos": (_lanczos, 3)}  # and radius
