"""Footprints: which neighbours of a pixel a morphological routine looks at.

A footprint is a bool array ``(h, w)``; its centre ``(h // 2, w // 2)`` lies on the pixel. For odd
sides that is the middle, for even ones the later of the two middle pixels, as in SciPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from imgkit.images import require_number, require_size
from imgkit.images.arrays import require_array

Footprint: TypeAlias = int | npt.NDArray[np.bool_]
Block: TypeAlias = tuple[int, int, int, int]  # row, column, height, width

LARGEST_SIDE = 4097  # pixels: a disk of radius 2048


def disk(radius: float) -> npt.NDArray[np.bool_]:
    """The pixels whose centres lie within ``radius``: ``rows² + columns² <= radius²``.

    Parameters
    ----------
    radius : in pixels, 0..2048; it may be a fraction

    Returns
    -------
    bool (n, n) with ``n = 2 * floor(radius) + 1``.

    Raises
    ------
    ValueError
        If radius is negative or over 2048.

    Notes
    -----
    The pixels of ``skimage.morphology.disk``. OpenCV's ``MORPH_ELLIPSE`` is another shape: at 31
    pixels across it has 729 of them where the disk has 709.

    Examples
    --------
    >>> disk(2).astype(int)
    array([[0, 0, 1, 0, 0],
           [0, 1, 1, 1, 0],
           [1, 1, 1, 1, 1],
           [0, 1, 1, 1, 0],
           [0, 0, 1, 0, 0]])
    """
    rows, columns = _offsets(radius)
    return rows**2 + columns**2 <= radius**2


def diamond(radius: float) -> npt.NDArray[np.bool_]:
    """The pixels that are ``radius`` steps away at most: ``|rows| + |columns| <= radius``.

    Parameters
    ----------
    radius : in pixels, 0..2048; 1 is the cross of the four neighbours

    Returns
    -------
    bool (n, n) with ``n = 2 * floor(radius) + 1``.

    Raises
    ------
    ValueError
        If radius is negative or over 2048.

    Examples
    --------
    >>> diamond(1).astype(int)
    array([[0, 1, 0],
           [1, 1, 1],
           [0, 1, 0]])
    """
    rows, columns = _offsets(radius)
    return np.abs(rows) + np.abs(columns) <= radius


def rectangle(size: int | tuple[int, int]) -> npt.NDArray[np.bool_]:
    """All pixels of a window.

    Parameters
    ----------
    size : of the window in pixels, or (rows, columns), up to 4097

    Returns
    -------
    bool (rows, columns).

    Raises
    ------
    ValueError
        If size is below 1 or above 4097.
    TypeError
        If size is not whole.

    Examples
    --------
    >>> rectangle((1, 3))
    array([[ True,  True,  True]])
    """
    h, w = require_size(size=size)
    if max(h, w) > LARGEST_SIDE:
        raise ValueError(f"size must be at most {LARGEST_SIDE}, got {size!r}")
    return np.ones((h, w), bool)


def _offsets(radius: float) -> tuple[np.ndarray, np.ndarray]:
    """How many rows and columns each pixel lies from the centre: (n, 1) and (1, n)."""
    require_number(radius=radius)
    if not 0 <= radius <= LARGEST_SIDE // 2:
        raise ValueError(f"radius must lie in 0..{LARGEST_SIDE // 2}, got {radius!r}")
    reach = int(radius)
    offsets = np.arange(-reach, reach + 1)
    return offsets[:, None], offsets[None]


@dataclass(frozen=True)
class Window:
    """A footprint cut to what it can see of an image, so that no size is too large."""

    pixels: npt.NDArray[np.bool_]
    "(h, w)"
    centre: tuple[int, int]
    "the pixel that lies on the result's; after cutting it need not be the middle"

    @property
    def reach(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The rows it sees (before, after) its centre, and the columns."""
        (h, w), (row, column) = self.pixels.shape, self.centre
        return (row, h - 1 - row), (column, w - 1 - column)

    @property
    def has_centre(self) -> bool:
        """Whether a pixel is among its own neighbours."""
        return bool(self.pixels[self.centre])

    def turned(self) -> Window:
        """Turned by 180 degrees about its centre."""
        (_, below), (_, right) = self.reach
        return Window(self.pixels[::-1, ::-1], (below, right))


def require_footprint(footprint: Footprint, shape: tuple[int, int]) -> Window:
    """What a footprint sees of an image with that many rows and columns, or an error."""
    rows, columns = shape
    if isinstance(footprint, Integral) and not isinstance(footprint, bool | np.bool_):
        if footprint < 1:
            raise ValueError(f"footprint must be at least 1, got {footprint!r}")
        up, left = (min(footprint // 2, n - 1) for n in shape)
        down, right = (min((footprint - 1) // 2, n - 1) for n in shape)
        return Window(np.ones((up + down + 1, left + right + 1), bool), (up, left))
    pixels = _pixels(footprint)
    (h, w), (row, column) = pixels.shape, (pixels.shape[0] // 2, pixels.shape[1] // 2)
    top, left = max(0, row - rows + 1), max(0, column - columns + 1)
    seen = pixels[top : min(h, row + rows), left : min(w, column + columns)]
    return Window(seen, (row - top, column - left))


def _pixels(footprint: object) -> npt.NDArray[np.bool_]:
    if not isinstance(footprint, np.ndarray):
        raise TypeError(
            "footprint must be a whole number (a square of that side) or a bool array (h, w), "
            f"such as disk(5); got {footprint!r}"
        )
    require_array(footprint, "footprint")
    if footprint.dtype.kind not in "biu":
        raise TypeError(f"footprint has dtype {footprint.dtype}; it is bool: use footprint > 0")
    if footprint.ndim != 2:
        raise ValueError(f"footprint has shape {footprint.shape}; it is (h, w)")
    if (
        footprint.dtype != bool
        and footprint.size
        and not 0 <= footprint.min() <= footprint.max() <= 1
    ):
        raise ValueError(
            f"footprint has values from {footprint.min()} to {footprint.max()}; it is bool, or of "
            "zeros and ones: use footprint > 0"
        )
    pixels = footprint.astype(bool)
    if not pixels.any():
        raise ValueError(f"footprint has no pixel set; its shape is {footprint.shape}")
    return pixels


def blocks(pixels: npt.NDArray[np.bool_]) -> list[Block]:
    """A footprint as rectangles side by side: equal runs of pixels in rows that follow each other.

    A disk of 709 pixels is 19 of them.
    """
    if pixels.all():
        return [(0, 0, *pixels.shape)]
    edges = np.diff(np.pad(pixels.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    (rows, starts), stops = np.nonzero(edges == 1), np.nonzero(edges == -1)[1]
    growing, found = {}, []
    for row, *run in zip(rows.tolist(), starts.tolist(), stops.tolist(), strict=True):
        first, last = growing.get(tuple(run), (row, row - 1))
        if last < row - 1:  # a gap: that one is whole
            found.append((first, last, *run))
            first = row
        growing[tuple(run)] = first, row
    found += [(*place, *run) for run, place in growing.items()]
    return [(first, start, last + 1 - first, stop - start) for first, last, start, stop in found]
