"""The least or the greatest value under a footprint of any shape, in few steps.

A footprint is cut into rectangles, and windows of 1, 2, 4, ... pixels are made each from two of
those before. So a square of 31 x 31 takes 10 comparisons of whole images in place of 961, and a
disk as many as it has rows, about. The steps are the same on both engines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, groupby
from typing import TypeVar

from imgkit.segmentation.footprints import Block

Array = TypeVar("Array")  # a NumPy array or a torch tensor (..., rows, columns)
Call = Callable[[Array, Array, int], Array]

PLACES = 5  # where results of ``call`` may be kept: two for each axis, one for the result
RESULT = 4


def under_blocks(
    wide: Array, shape: tuple[int, int], blocks: list[Block], call: Call, step: int = 1
) -> Array:
    """The extreme of the pixels under all blocks, one or more.

    ``wide`` is the image with its border, ``shape`` the result's rows and columns. Pixels that are
    neighbours in a row lie ``step`` columns apart: as many as there are channels.

    ``call(a, b, place)`` is the minimum of two, or the maximum, and what it gives is needed until
    it is called for that place again; so it may use the memory of each place over and over. Two
    that are the same ask for a copy.
    """
    rows, columns = shape
    out, across, width = None, wide, 1
    across_places, down_places = cycle((0, 1)), cycle((2, 3))
    for w, same_width in groupby(sorted(blocks, key=_width), _width):
        across = _widened(across, width * step, w * step, -1, call, across_places)
        width, down, height = w, across, 1
        for i, j, h, _ in sorted(same_width, key=_height):
            down, height = _widened(down, height, h, -2, call, down_places), h
            seen = down[..., i : i + rows, j * step : j * step + columns]
            out = call(seen if out is None else out, seen, RESULT)
    return out


def steps(blocks: list[Block]) -> int:
    """About how many calls that takes."""
    heights = {(w, h) for _, _, h, w in blocks}
    widest = max(w for *_, w in blocks)
    return len(blocks) + widest.bit_length() + sum(h.bit_length() - 1 for _, h in heights)


def _widened(
    image: Array, done: int, wanted: int, axis: int, call: Call, places: Iterator[int]
) -> Array:
    """From windows of ``done`` pixels along an axis to windows of ``wanted``."""
    while done < wanted:
        by = min(done, wanted - done)
        count = image.shape[axis] - by
        first, second = slice(count), slice(by, by + count)
        if axis == -1:
            image = call(image[..., first], image[..., second], next(places))
        else:
            image = call(image[..., first, :], image[..., second, :], next(places))
        done += by
    return image


def _height(block: Block) -> int:
    return block[2]


def _width(block: Block) -> int:
    return block[3]
