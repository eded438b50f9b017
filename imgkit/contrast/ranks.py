"""Ranks: the share of an image's pixels that are at most as bright, exactly, ties together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from imgkit.images import Image

if TYPE_CHECKING:
    import torch


def replace(plane: Image, rule: Callable[[np.ndarray], np.ndarray]) -> Image:
    """Each pixel by ``rule(share)``, called once with the growing shares of all values."""
    values = np.ascontiguousarray(plane).ravel()
    order, last = _order(values)
    ends = np.flatnonzero(last) + 1
    answers = rule(ends / values.size).astype(plane.dtype)
    out = np.empty_like(values)
    out[order] = np.repeat(answers, np.diff(ends, prepend=0))
    return out.reshape(plane.shape)


def _order(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order that sorts, and where in it a run of equal values ends.

    Sorting numbers is three times as fast as sorting places by number. So where both fit into 64
    bits they are sorted as one: float32 above, made integers of the same order, the place below.
    """
    last = np.ones(values.size, bool)
    if values.dtype == np.float32 and values.size < 1 << 32:
        bits = (values + 0.0).view(np.int32)  # -0.0 becomes 0.0
        keys = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64)
        keys <<= 32
        keys |= np.arange(values.size)
        keys.sort()
        order = keys & 0xFFFFFFFF
        keys >>= 32
        np.not_equal(keys[1:], keys[:-1], out=last[:-1])
        return order, last
    order = np.argsort(values)
    grown = values[order]
    np.not_equal(grown[1:], grown[:-1], out=last[:-1])
    return order, last


def ranked_tensor(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Of (..., N): the order that sorts, and the shares in this order, float64."""
    import torch

    grown, order = values.sort(-1)
    n = values.shape[-1]
    place = torch.arange(1, n + 1, device=values.device, dtype=torch.float64).expand(values.shape)
    ends = place.where(
        torch.cat([grown[..., 1:] != grown[..., :-1], grown[..., :1] == grown[..., :1]], -1), n + 1
    )
    share = ends.flip(-1).cummin(-1).values.flip(-1) / n
    return order, share
