"""The array engine: what the filters do to NumPy arrays, mostly one or two OpenCV calls.

Each function has its twin of the same name in :mod:`imgkit.filtering.tensors`. Arguments have been
checked: these see images, weights and modes that make sense.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from imgkit.filtering.bands import band_matrix, multiply_stacks
from imgkit.filtering.borders import MODES, Mode, Reach, border_value
from imgkit.images import Image

AT_ONCE = 4  # channels that every OpenCV filter and border takes
BANDS_FROM = 81  # taps of a separable kernel from which matrix products are quicker than OpenCV
BLOCK = 64  # pixels that one of these products makes at once
Weights = np.ndarray  # float64


def correlate(
    image: Image,
    weights: Weights,
    centre: tuple[int, int],
    *,
    mode: Mode,
    cval: float,
    signed: bool = False,
) -> Image:
    """Sum of products under a kernel (h, w) whose pixel ``centre`` lies on the result's."""
    (h, w), (row, column) = weights.shape, centre
    depth, unit = depth_of(image, signed)
    return run(
        image,
        lambda block, border: cv2.filter2D(
            block, depth, weights * unit, anchor=(column, row), borderType=border
        ),
        reach=((row, h - 1 - row), (column, w - 1 - column)),
        mode=mode,
        cval=cval,
    )


def separable(
    image: Image,
    column: Weights,
    row: Weights,
    centre: tuple[int, int],
    *,
    mode: Mode,
    cval: float,
    signed: bool = False,
) -> Image:
    """Correlate with ``outer(column, row)``, one axis after the other."""
    if max(len(column), len(row)) >= BANDS_FROM:
        return _separable_by_bands(image, column, row, centre, mode, cval, signed)
    depth, unit = depth_of(image, signed)
    (h, w), (r, c) = (len(column), len(row)), centre
    return run(
        image,
        lambda block, border: cv2.sepFilter2D(
            block, depth, row * unit, column, anchor=(c, r), borderType=border
        ),
        reach=((r, h - 1 - r), (c, w - 1 - c)),
        mode=mode,
        cval=cval,
    )


def _separable_by_bands(
    image: Image,
    column: Weights,
    row: Weights,
    centre: tuple[int, int],
    mode: Mode,
    cval: float,
    signed: bool,
) -> Image:
    """The same by matrix products, each channel for itself."""
    value = border_value(image, mode, cval)
    row = row * depth_of(image, signed)[1]
    precision = np.float64 if image.dtype == np.float64 else np.float32

    def filtered(block: Image) -> Image:
        planes = []
        for plane in cv2.split(block):
            out = _slide(plane.astype(precision, copy=False), column, centre[0], 0, mode, value)
            out = _slide(out, row, centre[1], 1, mode, value * column.sum())
            planes.append(out if signed or image.dtype != np.uint8 else to_bytes(out))
        return cv2.merge(planes)

    return by_channels(image, filtered)


def _slide(
    plane: np.ndarray, weights: Weights, centre: int, axis: int, mode: Mode, value: float
) -> np.ndarray:
    """Correlate along one axis: overlapping stretches of the plane times one band matrix."""
    n, taps = plane.shape[axis], len(weights)
    blocks = -(-n // BLOCK)
    reach = [(0, 0), (0, 0)]
    reach[axis] = centre, taps - 1 - centre + blocks * BLOCK - n
    wide = cv2.copyMakeBorder(plane, *reach[0], *reach[1], MODES[mode], value=value)
    band = band_matrix(weights, BLOCK).astype(plane.dtype)
    stretches = np.lib.stride_tricks.sliding_window_view(wide, BLOCK + taps - 1, axis)
    if axis == 0:  # (blocks, BLOCK, rows of a stretch) @ (blocks, rows of a stretch, columns)
        stretches, band = stretches[::BLOCK].swapaxes(1, 2), np.ascontiguousarray(band.T)
        out = np.empty((blocks, BLOCK, plane.shape[1]), plane.dtype)
        multiply_stacks(np.broadcast_to(band, (blocks, *band.shape)), stretches, out)
        return out.reshape(-1, plane.shape[1])[:n]
    out = np.empty((plane.shape[0], blocks, BLOCK), plane.dtype)
    stretches = stretches[:, ::BLOCK].swapaxes(0, 1)  # (blocks, rows, columns of a stretch)
    multiply_stacks(stretches, np.broadcast_to(band, (blocks, *band.shape)), out.swapaxes(0, 1))
    return np.ascontiguousarray(out.reshape(plane.shape[0], -1)[:, :n])


def box(image: Image, size: tuple[int, int], reach: Reach, *, mode: Mode, cval: float) -> Image:
    """The mean of a window, by running sums."""
    h, w = size

    def mean(block: Image, border: int) -> Image:
        if block.dtype == np.uint8 and h * w % 2 == 0:  # OpenCV rounds half of these wrongly
            exact = cv2.boxFilter(block, cv2.CV_32F, (w, h), borderType=border)
            return np.rint(exact).astype(np.uint8)
        return cv2.blur(block, (w, h), borderType=border)

    return run(image, mean, reach=reach, mode=mode, cval=cval)


def magnitude(rows: Image, columns: Image) -> Image:
    """``sqrt(rows² + columns²)``, written into ``rows``, in stretches that stay in the cache.

    cv2.magnitude is quicker, but its last bit depends on where the array lies in memory.
    """
    for start in range(0, len(rows), 64):
        down, right = rows[start : start + 64], columns[start : start + 64]
        down *= down
        down += right * right
        np.sqrt(down, out=down)
    return rows


def direction(rows: Image, columns: Image) -> Image:
    """The angle ``atan2(rows, columns)``."""
    return np.arctan2(rows, columns)


def blend(one: Image, a: float, other: Image, b: float) -> Image:
    """``a * one + b * other``, of floats."""
    return cv2.addWeighted(one, a, other, b, 0).reshape(one.shape)


def levels_of(image: Image) -> Image:
    """Floats to compute with, on the image's own scale: 0..255 for uint8."""
    return image.astype(np.float32) if image.dtype == np.uint8 else image


def saturated(values: Image, *, like: Image) -> Image:
    """Computed values as an image again, clipped to full scale; uint8 rounded."""
    return to_bytes(values) if like.dtype == np.uint8 else np.clip(values, 0, 1, out=values)


def stack(images: list[Image]) -> Image:
    """Results side by side along a new first axis."""
    return np.stack(images)


def pad(image: Image, reach: Reach, *, mode: Mode, cval: float = 0.0) -> Image:
    """The image with what the mode says lies beyond its edges, however far."""
    value, (rows, columns) = border_value(image, mode, cval), reach
    frame = (*rows, *columns, MODES[mode])
    if image.ndim == 2 or image.shape[2] <= AT_ONCE:
        wide = cv2.copyMakeBorder(image, *frame, value=[value] * AT_ONCE)
        return wide.reshape(*wide.shape[:2], *image.shape[2:])
    planes = [cv2.copyMakeBorder(plane, *frame, value=value) for plane in np.moveaxis(image, 2, 0)]
    return np.stack(planes, axis=2)


# --- how an OpenCV filter is run ------------------------------------------------------------------


def run(
    image: Image,
    call: Callable[[Image, int], Image],
    *,
    reach: Reach,
    mode: Mode,
    cval: float,
    ready_made: bool = False,
    at_once: int = AT_ONCE,
) -> Image:
    """Run ``call(block, border)``, one or two OpenCV calls, over an image of any shape.

    OpenCV's filters know neither wrap nor a constant other than 0. There, and where ``ready_made``
    asks for it, the image gets its border first: ``reach`` pixels at (top, bottom), (left, right).
    """
    value = border_value(image, mode, cval)
    (top, bottom), (left, right) = reach

    def framed(block: Image) -> Image:
        frame = (top, bottom, left, right, MODES[mode])
        out = call(cv2.copyMakeBorder(block, *frame, value=[value] * AT_ONCE), cv2.BORDER_CONSTANT)
        return out[top : top + image.shape[0], left : left + image.shape[1]]

    if ready_made or mode == "wrap" or (mode == "constant" and value != 0):
        return by_channels(image, framed, at_once)
    return by_channels(image, lambda block: call(block, MODES[mode]), at_once)


def by_channels(image: Image, call: Callable[[Image], Image], at_once: int = AT_ONCE) -> Image:
    """``call`` on as many channels at a time as OpenCV takes, in the shape of the image."""
    if image.ndim == 3 and image.shape[2] > at_once:
        starts = range(0, image.shape[2], at_once)
        parts = [by_channels(image[..., c : c + at_once], call, at_once) for c in starts]
        return np.concatenate(parts, axis=2)
    # OpenCV drops the axis of a single channel
    return np.ascontiguousarray(call(image)).reshape(image.shape)


def depth_of(image: Image, signed: bool) -> tuple[int, float]:
    """OpenCV's type for the result, and the unit that makes signed ones fractions."""
    if signed and image.dtype == np.uint8:
        return cv2.CV_32F, 1 / 255
    return -1, 1.0


def to_bytes(values: np.ndarray) -> np.ndarray:
    """Grey levels as uint8: rounded, and saturated where they leave 0..255."""
    # of OpenCV's ways to convert, one that takes any shape: with a scalar (N, 1) is misread
    return cv2.addWeighted(values, 1, values, 0, 0, dtype=cv2.CV_8U).reshape(values.shape)
