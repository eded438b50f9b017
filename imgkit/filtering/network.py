"""Selection networks: the k-th smallest of every window by minimum and maximum alone.

A comparator turns two values into the smaller and the greater. It needs no branch, so one call does
it for every pixel of an image at once. The networks here share what neighbouring windows share:

- Windows are taken by tiles. Those of a tile have a *core* of pixels in common, which is sorted
  once. The tile is halved, and the core of each half is the tile's and some rows or columns more:
  they are sorted, and merged into it. In the end a tile is a pixel and its core the window.
- Lists are merged by Batcher's odd-even network.
- A value with so many below it or above it that it cannot be the k-th is forgotten at once, and
  comparators whose answer nobody asks for are never run.

References
----------
Knuth, The Art of Computer Programming, vol. 3, section 5.3.4. A. Adams, Fast Median Filters Using
Separable Sorting Networks, ACM Transactions on Graphics 40(4), 2021. L. Sugy, A Fast Median Filter
with Hierarchical Tiling, SIGGRAPH 2025.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

LARGEST_TILE = 8
LARGEST_AREA = 33 * 33  # a program of that size is written in half a second

Plane = TypeVar("Plane")
Value = int  # a value that a network computes, by its number


class Span(NamedTuple):
    """Rows, or columns, of the pixels that a tile of windows sees."""

    start: int
    stop: int
    tile: int = 0
    "common to so many windows in a row; 0 if that is not what it is"

    @property
    def length(self) -> int:
        return self.stop - self.start


class Sorted(NamedTuple):
    """A sorted list, and how many smaller and greater values have been forgotten."""

    values: list[Value]
    below: int
    above: int


@dataclass(frozen=True)
class Program:
    """A network made ready to run: planes stand in numbered places, the pixels' first."""

    tile: tuple[int, int]
    pixels: list[tuple[int, int]]
    "(row, column) in the tile's windows, for the first places"
    places: int
    steps: array[int]
    "by fours: minimum (0) or maximum (1), of the places a and b, into the place c"
    results: list[int]
    "the places of the tile's windows, row by row"

    def run(
        self,
        pixels: list[Plane],
        minimum: Callable[[Plane, Plane, Plane], object],
        maximum: Callable[[Plane, Plane, Plane], object],
        empty: Callable[[], Plane],
    ) -> list[Plane]:
        """The wanted value of each window of the tile, a plane each."""
        planes = pixels + [empty() for _ in range(self.places - len(pixels))]
        steps = iter(self.steps)
        for greater, a, b, c in zip(steps, steps, steps, steps, strict=True):
            (maximum if greater else minimum)(planes[a], planes[b], planes[c])
        return [planes[place] for place in self.results]


def tile_for(size: tuple[int, int], shape: tuple[int, int]) -> tuple[int, int]:
    """How many windows to take together: as many as share half of their pixels and more.

    Fewer in a small image, where calls count and not pixels.
    """
    sides = []
    for n, side in zip(size, shape, strict=True):
        most = max(1, min(LARGEST_TILE, (n + 1) // 2, side // 8))
        sides.append(1 << most.bit_length() - 1)
    return sides[0], sides[1]


@lru_cache(maxsize=32)
def program(size: tuple[int, int], rank: int, tile: tuple[int, int]) -> Program:
    """What computes the value of that rank (0 the smallest) in each window of a tile."""
    network = Network(size, rank, tile)
    wanted = [network.window(i, j) for i in range(tile[0]) for j in range(tile[1])]
    return _in_places(network.origin, wanted, tile)


class Network:
    """Values and where they come from: a pixel, or the lesser or greater of two others."""

    def __init__(self, size: tuple[int, int], rank: int, tile: tuple[int, int]):
        self.size, self.rank, self.tile = size, rank, tile
        self.origin: list[tuple] = []  # (row, column), or (greater, a, b)
        self.known: dict[tuple, Value] = {}
        self.blocks: dict[tuple[Span, Span], Sorted] = {}

    def window(self, row: int, column: int) -> Value:
        """The wanted value of one window: all but this one are forgotten."""
        (value,) = self.block(self.core(row, 1, 0), self.core(column, 1, 1)).values
        return value

    def core(self, first: int, tile: int, axis: int) -> Span:
        """What ``tile`` windows in a row have in common."""
        return Span(first + tile - 1, first + self.size[axis], tile)

    def block(self, rows: Span, columns: Span) -> Sorted:
        """The pixels of a rectangle, sorted, as far as they can be of the wanted rank."""
        key = rows, columns
        if key not in self.blocks:
            if rows.length == columns.length == 1:
                self.blocks[key] = Sorted([self.value(rows.start, columns.start)], 0, 0)
            elif self.rows_first(rows, columns):
                parts = [self.block(part, columns) for part in self.parts(rows, 0)]
                self.blocks[key] = self.joined(*parts)
            else:
                parts = [self.block(rows, part) for part in self.parts(columns, 1)]
                self.blocks[key] = self.joined(*parts)
        return self.blocks[key]

    def rows_first(self, rows: Span, columns: Span) -> bool:
        """Whether to part the rows: cores before the rest, what fewest share first, then length."""
        growing = 0 < rows.tile < self.tile[0], 0 < columns.tile < self.tile[1]
        if all(growing):
            return rows.tile <= columns.tile
        return growing[0] if any(growing) else rows.length > columns.length

    def parts(self, span: Span, axis: int) -> tuple[Span, Span]:
        """A core is that of the next larger tile and the rest; anything else is halved."""
        if 0 < span.tile < self.tile[axis]:
            first, double = span.start - span.tile + 1, 2 * span.tile
            inner = self.core(first - first % double, double, axis)
            before = Span(span.start, inner.start)
            return inner, before if before.length else Span(inner.stop, span.stop)
        middle = (span.start + span.stop) // 2
        return Span(span.start, middle), Span(middle, span.stop)

    def joined(self, a: Sorted, b: Sorted) -> Sorted:
        """Two lists merged; values that cannot be of the wanted rank any more are forgotten."""
        values = self.merged(a.values, b.values)
        below, above = a.below + b.below, a.above + b.above
        rank = self.rank - below
        to_come = self.size[0] * self.size[1] - below - above - len(values)
        first, last = max(0, rank - to_come), min(len(values) - 1, rank)
        return Sorted(values[first : last + 1], below + first, above + len(values) - 1 - last)

    def merged(self, a: list[Value], b: list[Value]) -> list[Value]:
        """Batcher's odd-even merge: the evens, the odds, and a comparator for each neighbours."""
        if not a or not b:
            return a or b
        if len(a) == len(b) == 1:
            return self.compared(a[0], b[0])
        evens, odds = self.merged(a[::2], b[::2]), self.merged(a[1::2], b[1::2])
        pairs = min(len(evens) - 1, len(odds))
        out = evens[:1]
        for even, odd in zip(evens[1:], odds, strict=False):
            out += self.compared(even, odd)
        return out + evens[1 + pairs :] + odds[pairs:]

    def compared(self, a: Value, b: Value) -> list[Value]:
        low, high = min(a, b), max(a, b)  # so that the same question has one name
        return [self.value(False, low, high), self.value(True, low, high)]

    def value(self, *origin: int) -> Value:
        if origin not in self.known:
            self.known[origin] = len(self.origin)
            self.origin.append(origin)
        return self.known[origin]


def _in_places(origin: list[tuple], wanted: list[Value], tile: tuple[int, int]) -> Program:
    """Leave out what nobody asks for, and let values take the places of those no longer needed."""
    last = dict.fromkeys(wanted, len(origin))  # value -> the last that is computed from it
    for value in range(len(origin) - 1, -1, -1):
        if value in last and len(origin[value]) == 3:
            for source in origin[value][1:]:
                last.setdefault(source, value)
    needed = sorted(last)
    pixels = [value for value in needed if len(origin[value]) == 2]
    place = {value: number for number, value in enumerate(pixels)}
    places, free, steps = len(pixels), [], array("i")
    for value in needed:
        if len(origin[value]) == 2:
            continue
        greater, a, b = origin[value]
        free += [place[s] for s in (a, b) if last[s] == value and place[s] >= len(pixels)]
        if not free:
            free.append(places)
            places += 1
        place[value] = free.pop()
        steps.extend((greater, place[a], place[b], place[value]))
    return Program(tile, [origin[p] for p in pixels], places, steps, [place[v] for v in wanted])
