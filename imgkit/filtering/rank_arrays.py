"""Order statistics of windows, on NumPy arrays: a network for small windows, counting for large.

Each function has its twin of the same name in :mod:`imgkit.filtering.rank_tensors`.
"""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np

from imgkit.filtering import arrays, network
from imgkit.filtering.borders import Mode, border_value, window_reach
from imgkit.images import Image
from imgkit.images.pointwise import in_parallel

PLANE_BYTES = 1 << 16  # so much of each value at once: the calls are few, and caches hold it
ERODE_UP_TO = {"uint8": 255, "float32": 127, "float64": 1}  # pixels a side; then by doubling
COUNTED_TILE = {"uint8": 256, "float32": 128, "float64": 128}  # pixels a side


def extreme(
    image: Image, size: tuple[int, int], *, greatest: bool, mode: Mode, cval: float
) -> Image:
    """The smallest or greatest value of a window."""
    h, w = size
    reach = window_reach(h, w)
    if max(h, w) > ERODE_UP_TO[image.dtype.name]:
        wide = arrays.pad(image, reach, mode=mode, cval=cval)
        call = np.maximum if greatest else np.minimum
        return _doubling(_doubling(wide, h, 0, call), w, 1, call)
    call = cv2.dilate if greatest else cv2.erode
    value, window = border_value(image, mode, cval), np.ones(size, np.uint8)
    return arrays.run(
        image,
        lambda block, border: call(
            block, window, anchor=(w // 2, h // 2), borderType=border, borderValue=[value] * 4
        ),
        reach=reach,
        mode=mode,
        cval=cval,
    )


def _doubling(wide: np.ndarray, n: int, axis: int, call: np.ufunc) -> np.ndarray:
    """Windows of 1, 2, 4, ... pixels along an axis, at last of n: each from two of those before."""
    done = 1
    while done < n:
        step = min(done, n - done)
        count = wide.shape[axis] - step
        first, second = (slice(None),) * axis, slice(step, step + count)
        wide = call(wide[(*first, slice(count))], wide[(*first, second)])
        done += step
    return wide


def select(image: Image, size: tuple[int, int], rank: int, *, mode: Mode, cval: float) -> Image:
    """The value of a rank, 0 the smallest, among those of a window."""
    h, w = size
    if h == w and rank == h * w // 2 and _opencv_is_quicker(h, image.dtype.name):
        # medianBlur knows one border only, the nearest, and no pairs of channels
        channels = 1 if image.ndim == 2 else image.shape[2]
        return arrays.run(
            image,
            lambda block, border: cv2.medianBlur(block, h),
            reach=window_reach(h, w),
            mode=mode,
            cval=cval,
            ready_made=mode != "nearest",
            at_once=channels if channels in (1, 3, 4) else 1,
        )
    if h * w <= min(network.LARGEST_AREA, image.shape[0] * image.shape[1] // 16):
        return _by_network(image, size, rank, mode, cval)
    wide = arrays.pad(image, window_reach(h, w), mode=mode, cval=cval)
    if image.ndim == 2:
        return _by_counting(wide, size, rank)
    planes = [_by_counting(plane, size, rank) for plane in np.moveaxis(wide, 2, 0)]
    return np.stack(planes, axis=2)


def _opencv_is_quicker(n: int, dtype: str) -> bool:
    """Where ``medianBlur`` can do it, and does it quicker than a network."""
    if dtype == "uint8":
        return n in (1, 3, 5) or (n >= 11 and n % 2 == 1)
    return dtype == "float32" and n in (1, 3, 5)


def _by_network(
    image: Image, size: tuple[int, int], rank: int, mode: Mode, cval: float
) -> np.ndarray:
    """All windows of a tile at once, in planes of every ``tile``-th pixel."""
    tile = rows, columns = network.tile_for(size, image.shape[:2])
    program = network.program(size, rank, tile)
    (top, bottom), (left, right) = window_reach(*size)
    height, width = -(-image.shape[0] // rows), -(-image.shape[1] // columns)
    right += width * columns - image.shape[1]  # whole tiles
    bottom += height * rows - image.shape[0]
    wide = arrays.pad(image, ((top, bottom), (left, right)), mode=mode, cval=cval)
    planes = [[_flat(wide[r::rows, c::columns]) for c in range(columns)] for r in range(rows)]
    depth = 1 if image.ndim == 2 else image.shape[2]
    out = np.empty((height, rows, width, columns, depth), image.dtype)
    step = max(1, PLANE_BYTES // (width * depth * image.itemsize))

    def some(start: int) -> None:
        stop = min(height, start + step)
        pixels = [
            planes[i % rows][j % columns][
                start + i // rows : stop + i // rows,
                j // columns * depth : (j // columns + width) * depth,
            ]
            for i, j in program.pixels
        ]
        found = program.run(pixels, cv2.min, cv2.max, lambda: np.empty_like(pixels[0]))
        for k, plane in enumerate(found):
            out[start:stop, k // columns, :, k % columns] = plane.reshape(-1, width, depth)

    in_parallel(some, range(0, height, step))
    out = out.reshape(height * rows, width * columns, depth)
    out = out[: image.shape[0], : image.shape[1]]
    return np.ascontiguousarray(out).reshape(image.shape)


def _flat(image: Image) -> np.ndarray:
    """Channels side by side, in memory of its own."""
    return np.ascontiguousarray(image).reshape(len(image), -1)


# --- counting -------------------------------------------------------------------------------------


def _by_counting(wide: np.ndarray, size: tuple[int, int], rank: int) -> np.ndarray:
    """Tile by tile, in the same time for every size; ``wide`` is one channel with its border."""
    h, w = size
    out = np.empty((wide.shape[0] - h + 1, wide.shape[1] - w + 1), wide.dtype)
    tile = COUNTED_TILE[wide.dtype.name]

    def some(corner: tuple[int, int]) -> None:
        i, j = corner
        part = out[i : i + tile, j : j + tile]
        seen = wide[i : i + part.shape[0] + h - 1, j : j + part.shape[1] + w - 1]
        part[...] = (
            _level(seen, size, rank)[0]
            if wide.dtype == np.uint8
            else _among_floats(seen, size, rank)
        )

    in_parallel(some, [*product(range(0, out.shape[0], tile), range(0, out.shape[1], tile))])
    return out


def _level(seen: np.ndarray, size: tuple[int, int], rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Of bytes: the value of that rank in each window, and how many there are below it.

    Bit by bit, from the highest: the value has a bit if no more than ``rank`` values of the window
    lie below what it is with that bit. Counting is a box filter, one for each value so far.
    """
    h, w = size
    level = np.zeros((seen.shape[0] - h + 1, seen.shape[1] - w + 1), np.uint8)
    below = np.zeros(level.shape, np.uint16)  # 255 x 255 fit
    for bit in 1 << np.arange(8, dtype=np.uint8)[::-1]:
        for value in np.flatnonzero(np.bincount(level.ravel())).astype(np.uint8):
            here = level == value
            x, y, columns, rows = cv2.boundingRect(here.view(np.uint8))
            near = seen[y : y + rows + h - 1, x : x + columns + w - 1]
            smaller = (near < value + bit).view(np.uint8)
            count = cv2.boxFilter(smaller, cv2.CV_16U, (w, h), normalize=False)
            count = count[h // 2 :, w // 2 :][:rows, :columns]
            part = slice(y, y + rows), slice(x, x + columns)
            up = here[part] & (count <= rank)
            np.copyto(below[part], count, where=up)
            level[part] |= up * bit
    return level, below


def _among_floats(seen: np.ndarray, size: tuple[int, int], rank: int) -> np.ndarray:
    """Of floats: first the level among 256 of equally many values, then the value in the level."""
    (h, w), n = size, seen.size
    order = np.argsort(seen, axis=None, kind="stable")
    levels = np.empty(n, np.uint8)
    levels[order] = np.arange(n) * 256 // n
    level, below = _level(levels.reshape(seen.shape), size, rank)
    out = np.empty(level.shape, seen.dtype)
    for value in np.unique(level):
        members = order[-(-int(value) * n // 256) : -(-(int(value) + 1) * n // 256)]
        row, column = np.divmod(members, seen.shape[1])
        top, left = (at[:, None] for at in np.nonzero(level == value))
        inside = (top <= row) & (row < top + h) & (left <= column) & (column < left + w)
        place = np.cumsum(inside, axis=1, dtype=np.int32)
        wanted = rank - below[top, left] + 1
        out[top[:, 0], left[:, 0]] = seen.ravel()[members[np.argmax(place == wanted, axis=1)]]
    return out
