"""Brightness in 256 bins, and thresholds that follow from how many pixels each bin holds.

The bins of uint8 are its levels; those of floats divide the range between the darkest and the
brightest pixel equally. A batch of tensors is counted where it lies; only the 256 counts of each
image travel to the host, so that both engines decide by the same few lines of NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.contrast.counting import count_bytes, count_tensor
from imgkit.images import AnyImage, Image, is_tensor, require_image, require_kind
from imgkit.images.arrays import require_plane
from imgkit.images.pointwise import in_bands

if TYPE_CHECKING:
    import torch

BINS = 256
NUDGE = 2.0**-13  # of a bin: so that at an edge rounding does not decide
Counts = npt.NDArray[np.int64]  # (256,)


def gray_range(image: Image) -> tuple[float, float]:
    """The darkest and the brightest value of a grey array, and its gate: NaN would win both."""
    require_kind(image)
    require_plane(image)
    low, high = image.min().item(), image.max().item()
    if not np.isfinite([low, high]).all():
        require_image(image)  # refuses, and says where to look
    _require_span(image, low, high)
    return low, high


def planes_and_range(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The images of a batch as rows (N, pixels), their darkest and brightest values (N, 1)."""
    require_image(image, tensor=True)
    planes = image.detach().reshape(-1, image.shape[-2] * image.shape[-1])
    low, high = planes.aminmax(dim=1, keepdim=True)
    _require_span(image, float(low.min()), float(high.max()))
    return planes, low, high


def _require_span(image: AnyImage, low: float, high: float) -> None:
    kind = str(image.dtype).removeprefix("torch.")
    if kind != "uint8" and high - low > float(np.finfo(kind).max):
        raise ValueError(
            f"image has values from {low:.4g} to {high:.4g}, and {kind} cannot hold the difference"
        )


def split(image: AnyImage, pick: Callable[[Counts], object]) -> AnyImage:
    """The thresholds after the bins that ``pick`` chooses by their counts.

    ``pick`` gives one bin or, along an axis, several; the result has that axis first. Thresholds of
    tensors are (..., 1, 1).
    """
    if is_tensor(image):
        return _split_tensor(image, pick)
    low, high = gray_range(image)
    counts = count_bytes(image if image.dtype == np.uint8 else bins_of(image, low, high))
    return value_of(pick(counts), image, low, high)


def _split_tensor(image: torch.Tensor, pick: Callable[[Counts], object]) -> torch.Tensor:
    import torch

    planes, low, high = planes_and_range(image)
    span = high - low
    places = (planes - low) / torch.where(span > 0, span, 1) * BINS + NUDGE
    counts = count_tensor(places.clip(0, BINS - 1).long(), BINS).numpy(force=True)
    chosen = np.stack([pick(each) for each in counts], axis=-1)  # ([thresholds,] N)
    chosen = torch.as_tensor(chosen, device=image.device).to(image.dtype)
    values = low[:, 0] + (chosen + 0.5) / BINS * span[:, 0]
    return values.reshape(*values.shape[:-1], *image.shape[:-2], 1, 1)


def bins_of(image: Image, low: float, high: float) -> npt.NDArray[np.uint8]:
    """The bin of each float, ``floor(256 (v - low) / (high - low))``; the brightest is in the last.

    A value less than 1/8192 of a bin below an edge counts as on it.
    """
    if low == high:
        return np.zeros(image.shape, np.uint8)
    low, span = image.dtype.type(low), image.dtype.type(high) - image.dtype.type(low)

    def work(out: np.ndarray, band: Image) -> None:
        along = band - low
        along /= span
        # this rounds to the nearest and saturates, and is four times as quick as NumPy's floor
        cv2.convertScaleAbs(along, out, BINS, NUDGE - 0.5)

    return in_bands(work, np.empty(image.shape, np.uint8), image)


def value_of(place: object, image: Image, low: float, high: float) -> object:
    """What a bin stands for: uint8 its level, a whole number; floats the middle of the bin."""
    if image.dtype == np.uint8:
        return place
    return low + (place + 0.5) / BINS * (high - low)


def best_splits(counts: npt.NDArray, classes: int) -> npt.NDArray[np.intp]:
    """The last bin of each class but the brightest, so that the classes' variances are least.

    The variance within classes is least where ``sum(S² / W)`` is largest, with W the pixels of a
    class and S the sum of their values. Of all ways to cut, the best is found by dynamic
    programming: the best cut of the bins from i on into c classes is, for some j, the bins i..j-1
    as one class and the best cut of those from j on into c - 1. Of equals the darkest is taken.
    """
    occupied = np.flatnonzero(counts)
    weights = counts[occupied].astype(np.float64)
    values = occupied - np.average(occupied, weights=weights)
    W = np.concatenate([[0], weights.cumsum()])
    S = np.concatenate([[0], (weights * values).cumsum()])
    size = W - W[:, None]  # (M + 1, M + 1): of the class i..j-1
    gain = np.full(size.shape, -np.inf)
    np.divide((S - S[:, None]) ** 2, size, out=gain, where=size > 0)
    best, choices = gain[:, -1], []
    for _ in range(classes - 1):
        total = gain + best  # the first class is i..j-1
        choices.append(total.argmax(1))
        best = total.max(1)
    start, ends = 0, []
    for choice in reversed(choices):
        start = choice[start]
        ends.append(start - 1)
    return occupied[ends]
