"""What the routines share that treat every pixel by itself: bands, tables, powers.

A chain of NumPy steps over a large image is slow because each step fetches the image from memory
again. Done a few rows at a time, what one step leaves the next finds in the processor's cache; and
NumPy lets other threads work meanwhile, so the bands share the cores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.images.arrays import AnyImage, Image
from imgkit.images.tensors import is_tensor

Item = TypeVar("Item")

BAND = 1 << 16  # values in a band: small enough for the cache, large enough to be worth a call
BANDS_TO_SHARE = 32  # before that, waking a thread costs what it gains
LEVELS = np.arange(256) / 255  # what each byte means, as a fraction of full scale


def in_parallel(work: Callable[[Item], object], items: Sequence[Item]) -> None:
    """Call ``work`` with each item, on as many threads as OpenCV has: one knob for all."""
    threads = min(cv2.getNumThreads(), len(items))
    if threads <= 1:
        for item in items:
            work(item)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, items))  # the list hands on what was raised


def shares(items: Sequence[Item]) -> list[Sequence[Item]]:
    """The items dealt to as many hands as :func:`in_parallel` has.

    So that each can set memory aside once and fill it again for every item: the system hands out
    new memory slowly, often more slowly than a step over it takes.
    """
    hands = max(1, min(cv2.getNumThreads(), len(items)))
    return [items[hand::hands] for hand in range(hands)]


def in_bands(work: Callable[..., None], out: Image, *images: Image) -> Image:
    """Run ``work(band of out, band of each image)`` band by band, in parallel if they are many.

    All have the same height; ``work`` fills its band of ``out``, which is handed back.
    """
    height = out.shape[0]
    rows = max(1, BAND * height // max(image.size for image in (out, *images)))
    starts = range(0, height, rows)

    def do(start: int) -> None:
        work(*[image[start : start + rows] for image in (out, *images)])

    if len(starts) >= BANDS_TO_SHARE:
        in_parallel(do, starts)
    else:
        for start in starts:
            do(start)
    return out


def lookup(image: Image, table: np.ndarray) -> np.ndarray:
    """``table[image]`` for a uint8 image and 256 entries; has the dtype of the table.

    A table (256, C) has a column for each channel, of up to four.
    """
    if table.shape[0] == 256 and table.ndim == 2:
        return cv2.LUT(image, table[None])
    rows = np.ascontiguousarray(image).reshape(image.shape[0], -1)
    return cv2.LUT(rows, table.reshape(1, 256)).reshape(image.shape)


def fractions(image: Image) -> npt.NDArray[np.float64]:
    """float64 in fractions of full scale, for what is computed in float64 whatever comes in."""
    return image / 255 if image.dtype == np.uint8 else image.astype(np.float64)


def library(image: AnyImage) -> ModuleType:
    """numpy or torch, for a formula that reads the same in both: ``library(x).where``."""
    return import_module("torch") if is_tensor(image) else np


def power(values: AnyImage, exponent: float, out: Image | None = None) -> AnyImage:
    """``values ** exponent`` for values in 0..1 and exponents above 0, of a band or a tensor.

    In float32 arrays by way of the logarithm, which NumPy computes several times as fast as a
    power; within 2e-7, for where the logarithm is inexact the power is small. ``out`` is for arrays
    and may be ``values``.
    """
    if is_tensor(values):
        return values**exponent
    if values.dtype != np.float32:
        return np.power(values, exponent, out=out)
    with np.errstate(divide="ignore"):  # the logarithm of 0 is -inf, and its exponential 0 again
        out = np.log(values, out=out)
    out *= np.float32(exponent)
    return np.exp(out, out=out)


def choose(mask: AnyImage, yes: AnyImage, no: AnyImage) -> AnyImage:
    """``where(mask, yes, no)``, into the memory of ``no`` if these are arrays: twice as fast."""
    if is_tensor(no):
        return library(no).where(mask, yes, no)
    np.copyto(no, yes, where=mask)
    return no
