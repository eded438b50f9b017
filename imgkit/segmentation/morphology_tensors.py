"""Erosion and dilation of torch tensors: by the same blocks, for any batch and device.

Each function has its twin of the same name in :mod:`imgkit.segmentation.morphology_arrays`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from imgkit.segmentation.extremes import under_blocks
from imgkit.segmentation.footprints import Window, blocks

if TYPE_CHECKING:
    import torch


def extreme(
    image: torch.Tensor, window: Window, *, greatest: bool, spent: bool = False
) -> torch.Tensor:
    """The least or greatest value under a footprint; what lies beyond the edge is never taken.

    That an image is spent makes no difference here: gradients may need it.
    """
    import torch

    call = torch.maximum if greatest else torch.minimum
    limit, parts = -math.inf if greatest else math.inf, blocks(window.pixels)
    if image.dtype == torch.bool:
        limit = not greatest
    if not parts:
        return torch.full_like(image, limit)
    rows, columns = window.reach
    wide = torch.nn.functional.pad(image, (*columns, *rows), value=limit)

    def put(a: torch.Tensor, b: torch.Tensor, place: int) -> torch.Tensor:
        return a.clone(memory_format=torch.contiguous_format) if a is b else call(a, b)

    return under_blocks(wide, image.shape[-2:], parts, put)


def less(one: torch.Tensor, other: torch.Tensor, *, clip: bool = False) -> torch.Tensor:
    """``one - other``, if asked not below 0; of masks, what is in one only."""
    if not one.is_floating_point():
        return one & ~other
    return (one - other).clamp(min=0) if clip else one - other
