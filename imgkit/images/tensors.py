"""What a tensor image is: torch's own convention, and the gate for it.

A tensor is ``(..., H, W)``, or ``(..., C, H, W)`` where a routine speaks of colour; float32 or
float64 with 0 black and 1 white, on any device. torch is never imported here: who hands in a tensor
has imported it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def is_tensor(value: object) -> bool:
    """Whether a value is a torch tensor.

    Examples
    --------
    >>> is_tensor([0.5])
    False
    """
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def require_tensor(image: torch.Tensor, name: str, *, channels: Collection[int] | None) -> None:
    """The gate for tensors: dtype, rank, size, channels, finiteness."""
    kind = str(image.dtype).removeprefix("torch.")
    if kind not in ("float32", "float64"):
        hint = f": use {name} / 255" if kind == "uint8" else f": use {name}.float()"
        raise TypeError(
            f"{name} is a tensor of {kind}; imgkit tensors are float32 or float64 in 0..1{hint}"
        )
    shape = tuple(image.shape)
    needed = 2 if channels is None else 3
    if len(shape) < needed:
        wanted = "(..., H, W)" if channels is None else "(..., C, H, W)"
        raise ValueError(f"{name} is a tensor of shape {shape}; this takes {wanted}")
    if 0 in shape:
        raise ValueError(f"{name} is empty: its shape is {shape}")
    if channels is not None and shape[-3] not in channels:
        wanted = " or ".join(f"(..., {c}, H, W)" for c in sorted(channels))
        hint = ""
        if shape[-1] in channels:
            hint = f"; if its channels stand last, use {name}.movedim(-1, -3)"
        raise ValueError(f"{name} is a tensor of shape {shape}; this takes {wanted}{hint}")
    values = image.detach()
    # the sum is finite if every value is; only "no" needs a second look, for huge ones overflow
    if not (values.sum().isfinite() or values.isfinite().all()):
        raise ValueError(f"{name} has values that are NaN or infinite: see torch.isfinite({name})")


def extremes(image: torch.Tensor) -> tuple[float, float]:
    """The smallest and the largest value."""
    low, high = image.detach().aminmax()
    return float(low), float(high)
