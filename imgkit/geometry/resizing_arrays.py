"""Resizing NumPy arrays: matrix products, and OpenCV where it computes the same."""

from __future__ import annotations

import cv2
import numpy as np

from imgkit.filtering.arrays import AT_ONCE, to_bytes
from imgkit.filtering.bands import blas
from imgkit.geometry.resizing_weights import Bands, Method, bands, sources
from imgkit.images import Image
from imgkit.images.pointwise import in_parallel


def resize(image: Image, shape: tuple[int, int], method: Method, antialias: bool) -> Image:
    """The image on new pixels; the twin of :func:`imgkit.geometry.resizing_tensors.resize`."""
    (h, w), (rows, columns) = image.shape[:2], shape
    if method == "nearest":
        return image.take(sources(h, rows), axis=0).take(sources(w, columns), axis=1)
    if image.dtype != np.float64:  # there OpenCV's weights are float32 all the same
        if method == "linear" and (not antialias or (rows >= h and columns >= w)):
            return _linear(image, shape)
        if method == "area" and h % rows == 0 and w % columns == 0:  # else it drops slivers
            return _by_opencv(image, shape, cv2.INTER_AREA)
    return _by_products(
        image, bands(h, rows, method, antialias), bands(w, columns, method, antialias), shape
    )


def _linear(image: Image, shape: tuple[int, int]) -> Image:
    """Between the four nearest pixels; OpenCV's own way with bytes is up to 0.8 levels off."""
    if image.dtype == np.uint8:
        return to_bytes(_by_opencv(image.astype(np.float32), shape, cv2.INTER_LINEAR))
    return _by_opencv(image, shape, cv2.INTER_LINEAR)


def _by_opencv(image: Image, shape: tuple[int, int], interpolation: int) -> Image:
    if image.ndim == 3 and image.shape[2] > AT_ONCE:
        starts = range(0, image.shape[2], AT_ONCE)
        parts = [_by_opencv(image[..., c : c + AT_ONCE], shape, interpolation) for c in starts]
        return np.concatenate(parts, axis=2)
    out = cv2.resize(image, shape[::-1], interpolation=interpolation)
    return out.reshape(*shape, *image.shape[2:])  # OpenCV drops the axis of a single channel


def _by_products(image: Image, down: Bands, across: Bands, shape: tuple[int, int]) -> Image:
    """A matrix product along each axis, for a few new rows at a time, which stay in the cache."""
    kind = np.float64 if image.dtype == np.float64 else np.float32
    width, channels = image.shape[1], image.size // (image.shape[0] * image.shape[1])
    lines = image.reshape(image.shape[0], -1)  # (rows, columns * channels)
    column, row = down.weights.astype(kind), across.weights.astype(kind)
    _, block, span = column.shape
    out = np.empty((*shape, channels), image.dtype)

    def fill(k: int) -> None:
        part = out[k * block : (k + 1) * block]
        seen = lines[down.starts[k] : down.starts[k] + span].astype(kind, copy=False)
        tall = column[k, : len(part)] @ seen  # (new rows, columns * channels)
        planes = tall.reshape(-1, width, channels).transpose(2, 0, 1).reshape(-1, width)
        if channels == 1 and part.dtype == kind:
            _across(planes, row, across.starts, part[..., 0])
            return
        made = np.empty((len(planes), shape[1]), kind)
        _across(planes, row, across.starts, made)
        if part.dtype == np.uint8:
            made = to_bytes(made)
        part[...] = made.reshape(channels, len(part), -1).transpose(1, 2, 0)

    with blas().limit(limits=1):
        in_parallel(fill, range(len(column)))
    return out.reshape(*shape, *image.shape[2:])


def _across(planes: np.ndarray, weights: np.ndarray, starts: np.ndarray, out: np.ndarray) -> None:
    """(rows, columns) times the bands of the columns' axis."""
    _, block, span = weights.shape
    for start, band, first in zip(starts, weights, range(0, out.shape[1], block), strict=True):
        part = out[:, first : first + block]
        np.matmul(planes[:, start : start + span], band[: part.shape[1]].T, out=part)
