"""The tensor engine of HOG: the histogram of gradient directions of each cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from imgkit.features.hog_arrays import FIRST, TIE
from imgkit.filtering.tensors import magnitude

if TYPE_CHECKING:
    import torch


def cells(image: torch.Tensor, size: tuple[int, int], bins: int) -> torch.Tensor:
    """The mean vote of each cell's pixels for each bin, (..., rows, columns, bins)."""
    import torch

    down, right, votes = _gradient(image)  # (..., H, W)
    level = down.detach().abs()
    slope = right.detach() / down.detach() - TIE / level
    slope = torch.where(level <= TIE, torch.inf, slope)  # along the row: bin 0
    before = torch.ones_like(slope, dtype=torch.bool)
    parts = []
    for k in range(bins):
        if k < bins - 1:
            beyond = slope <= 1 / math.tan(math.pi * (k + 1) / bins)
        else:
            beyond = torch.zeros_like(before)
        parts.append(_mean_of_cells(votes * (before ^ beyond), size))
        before = beyond
    return torch.stack(parts, -1)


def _gradient(image: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Central differences down and right, and the magnitude, of the channel where it is largest."""
    import torch

    pad = torch.nn.functional.pad
    rows, columns = image.shape[-2:]
    down = pad(image[..., 2:, :] - image[..., :-2, :], (0, 0, 1, 1))[..., :rows, :]
    right = pad(image[..., 2:] - image[..., :-2], (1, 1))[..., :columns]
    found = down, right, magnitude(down, right)
    if image.ndim == 2:
        return found
    best, *others = zip(*(part.unbind(-3) for part in found), strict=True)
    for other in others:
        larger = other[2] > best[2] * FIRST
        best = [torch.where(larger, a, b) for a, b in zip(other, best, strict=True)]
    return best


def _mean_of_cells(votes: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """(..., H, W) to (..., rows, columns)."""
    high, wide = size
    rows, columns = votes.shape[-2] // high, votes.shape[-1] // wide
    whole = votes[..., : rows * high, : columns * wide]
    return whole.unflatten(-1, (columns, wide)).sum(-1).unflatten(-2, (rows, high)).mean(-2) / wide
