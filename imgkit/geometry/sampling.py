"""How an image is read between its pixels: the words for it, and the engine that does it."""

from __future__ import annotations

from types import ModuleType
from typing import Literal, TypeAlias

from imgkit.filtering.borders import MODES, Mode
from imgkit.geometry import sampling_arrays, sampling_tensors
from imgkit.images import AnyImage, is_tensor, require_choice, require_size

Between: TypeAlias = Literal["nearest", "linear", "cubic"]
METHODS = ("nearest", "linear", "cubic")
LARGEST = 2**28  # pixels of the result: a GiB of float32


def engine(image: AnyImage) -> ModuleType:
    """The one that the image belongs to."""
    return sampling_tensors if is_tensor(image) else sampling_arrays


def shape_of(image: AnyImage) -> tuple[int, int]:
    """Rows and columns of an array (H, W), (H, W, C) or a tensor (..., H, W)."""
    h, w = image.shape[-2:] if is_tensor(image) else image.shape[:2]
    return int(h), int(w)


def require_shape(shape: int | tuple[int, int]) -> tuple[int, int]:
    """The (rows, columns) of a result, or an error."""
    rows, columns = require_size(shape=shape)
    if rows * columns > LARGEST:
        raise ValueError(f"shape must have at most {LARGEST} pixels, got {shape!r}")
    return rows, columns


def require_reading(method: Between, mode: Mode) -> None:
    """Refuse words that are not offered."""
    require_choice(METHODS, method=method)
    require_choice(MODES, mode=mode)
