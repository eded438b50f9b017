"""Which engine does the work: the one that the image belongs to."""

from __future__ import annotations

from types import ModuleType

from imgkit.filtering import arrays, tensors
from imgkit.images import AnyImage, is_tensor


def engine(image: AnyImage) -> ModuleType:
    """:mod:`~imgkit.filtering.tensors` for a torch tensor, else :mod:`~imgkit.filtering.arrays`."""
    return tensors if is_tensor(image) else arrays
