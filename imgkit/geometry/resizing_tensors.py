"""Resizing torch tensors: the same matrix products, for any batch, device and gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgkit.geometry.resizing_weights import Bands, Method, bands, sources

if TYPE_CHECKING:
    import torch


def resize(
    image: torch.Tensor, shape: tuple[int, int], method: Method, antialias: bool
) -> torch.Tensor:
    """The image on new pixels; the twin of :func:`imgkit.geometry.resizing_arrays.resize`."""
    import torch

    axes = [(m / image.shape[axis], axis, m) for axis, m in zip((-2, -1), shape, strict=True)]
    for _, axis, m in sorted(axes):  # shrink first
        n = image.shape[axis]
        if method == "nearest":
            places = torch.as_tensor(sources(n, m), device=image.device)
            image = image.index_select(axis, places)
        else:
            image = _along(image, bands(n, m, method, antialias), m, axis)
    return image


def _along(image: torch.Tensor, band: Bands, m: int, axis: int) -> torch.Tensor:
    """One axis: the stretch that each block sees, times that block's weights."""
    import torch

    weights = torch.as_tensor(band.weights, dtype=image.dtype, device=image.device)
    starts = torch.as_tensor(band.starts, device=image.device)
    blocks, _, span = weights.shape
    places = (starts[:, None] + torch.arange(span, device=image.device)).flatten()
    stretches = image.index_select(axis, places).unflatten(axis, (blocks, span))
    if axis == -2:  # (blocks, new, span) @ (..., blocks, span, columns)
        return (weights @ stretches).flatten(-3, -2)[..., :m, :].contiguous()
    lines = stretches.flatten(0, -3)  # (rows of all images, blocks, span)
    out = lines.transpose(0, 1) @ weights.mT  # (blocks, rows, new)
    return out.transpose(0, 1).flatten(1)[:, :m].reshape(*image.shape[:-1], m)
