"""Erosion and dilation of NumPy arrays: OpenCV where it is quickest, else by blocks.

Each function has its twin of the same name in :mod:`imgkit.segmentation.morphology_tensors`.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from imgkit.images import Image, Mask
from imgkit.images.pointwise import in_parallel
from imgkit.segmentation.extremes import PLACES, RESULT, steps, under_blocks
from imgkit.segmentation.footprints import Window, blocks

# How many pixels OpenCV looks at in the time of one step, measured from 5 to 2800 pixels. It does
# a rectangle by a row and a column, and there it looks at three in the time of two.
PIXELS_A_STEP = {"uint8": 7, "float32": 7, "float64": 3.5}
AT_ONCE = 4  # channels that OpenCV takes
BAND = 1 << 18  # bytes of an image at once, so that all steps find it in the cache


def extreme(
    image: Image | Mask, window: Window, *, greatest: bool, spent: bool = False
) -> Image | Mask:
    """The least or greatest value under a footprint; what lies beyond the edge is never taken.

    An image that is spent, because nobody needs it any more, may be overwritten: new memory can
    cost as much as the work.
    """
    values = image.view(np.uint8) if image.dtype == bool else image
    limit, parts = _limit(image.dtype, greatest), blocks(window.pixels)
    if not parts:
        return np.full(image.shape, limit, image.dtype)
    if _opencv_is_quicker(values, window, len(parts) == 1, steps(parts)):
        out = _by_opencv(values, window, limit, greatest, values if spent else None)
    else:
        out = _by_blocks(values, window, limit, cv2.max if greatest else cv2.min)
    return out.view(image.dtype)


def less(one: Image | Mask, other: Image | Mask, *, clip: bool = False) -> Image | Mask:
    """``one - other``, if asked not below 0; of masks, what is in one only."""
    if one.dtype == bool:
        return one & ~other
    flat = one.shape[0], -1
    out = cv2.subtract(one.reshape(flat), other.reshape(flat))  # of bytes it stops at 0
    if clip:
        np.maximum(out, 0, out=out)
    return out.reshape(one.shape)


def _limit(dtype: np.dtype, greatest: bool) -> float:
    """The extreme of no values at all."""
    top = {"bool": 1, "uint8": 255}.get(dtype.name, np.inf)
    return (0 if top < np.inf else -np.inf) if greatest else top


def _opencv_is_quicker(values: np.ndarray, window: Window, full: bool, count: int) -> bool:
    if values.ndim == 3 and values.shape[2] > AT_ONCE:
        return False
    h, w = window.pixels.shape
    seen = (h + w) / 1.5 if full else np.count_nonzero(window.pixels)
    return seen <= PIXELS_A_STEP[values.dtype.name] * count


def _by_opencv(
    values: np.ndarray, window: Window, limit: float, greatest: bool, out: np.ndarray | None = None
) -> np.ndarray:
    call, (row, column) = cv2.dilate if greatest else cv2.erode, window.centre
    return call(
        values,
        np.ascontiguousarray(window.pixels).view(np.uint8),
        dst=out,
        anchor=(column, row),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=[limit] * AT_ONCE,
    ).reshape(values.shape)


def _by_blocks(
    values: np.ndarray, window: Window, limit: float, call: Callable[..., np.ndarray]
) -> np.ndarray:
    """Band by band, channels side by side."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    flat = np.ascontiguousarray(values).reshape(len(values), -1)  # (H, W * C)
    parts, ((above, below), (left, right)) = blocks(window.pixels), window.reach
    out, spare = np.empty_like(flat), []
    height = min(len(flat), max(above + below, BAND // flat[0].nbytes, 1))
    width = flat.shape[1] + (left + right) * channels
    largest = PLACES, height + above + below, width

    def do(start: int) -> None:
        stop = min(start + height, len(flat))
        first, last = max(0, start - above), min(len(flat), stop + below)
        frame = first - (start - above), stop + below - last, left * channels, right * channels
        memory = spare.pop() if spare else np.empty(largest, flat.dtype)  # another band's, if done
        wide = memory[RESULT, : stop - start + above + below]
        cv2.copyMakeBorder(flat[first:last], *frame, cv2.BORDER_CONSTANT, dst=wide, value=limit)

        def put(a: np.ndarray, b: np.ndarray, place: int) -> np.ndarray:
            if place == RESULT:
                return call(a, b, dst=out[start:stop])
            return call(a, b, dst=memory[place, : a.shape[0], : a.shape[1]])

        under_blocks(wide, (stop - start, flat.shape[1]), parts, put, channels)
        spare.append(memory)

    in_parallel(do, range(0, len(flat), height))
    return out.reshape(values.shape)
