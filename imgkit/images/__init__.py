"""What an image is; read, write, convert, show, compare.

An image is a NumPy array ``(H, W)`` or ``(H, W, C)``, rows first, colours in RGB order, either
``uint8`` in 0..255 or ``float32``/``float64`` in 0..1. Every routine of imgkit takes and returns
such arrays, and asks :func:`require_image` first, so that a wrong array is named here and not deep
inside OpenCV.

- ``images.arrays``: the gate, and the conversions :func:`as_float`, :func:`as_uint8`,
  :func:`as_dtype`
- ``images.arguments``: the gates for numbers, sizes, words and seeds
- ``images.tensors``: the same gate for torch tensors, ``(..., H, W)``
- ``images.masks``: what a mask and a label image are, and their gates
- ``images.pointwise``: what routines share that treat every pixel by itself
- ``images.files``: :func:`read` and :func:`write`
- ``images.pictures``: :func:`show`, :func:`compare` and :func:`plot_rows`
"""

from imgkit.images.arguments import (
    require_choice,
    require_number,
    require_positive,
    require_seed,
    require_size,
    require_whole,
    require_within,
)
from imgkit.images.arrays import (
    AnyImage,
    Image,
    as_dtype,
    as_float,
    as_uint8,
    require_gray,
    require_image,
    require_kind,
)
from imgkit.images.files import read, write
from imgkit.images.masks import (
    Labels,
    Mask,
    require_labels,
    require_mask,
    require_same_shape,
)
from imgkit.images.pictures import Picture, compare, plot_rows, show
from imgkit.images.tensors import is_tensor

__all__ = [
    "AnyImage",
    "Image",
    "Labels",
    "Mask",
    "Picture",
    "as_dtype",
    "as_float",
    "as_uint8",
    "compare",
    "is_tensor",
    "plot_rows",
    "read",
    "require_choice",
    "require_gray",
    "require_image",
    "require_kind",
    "require_labels",
    "require_mask",
    "require_number",
    "require_positive",
    "require_same_shape",
    "require_seed",
    "require_size",
    "require_whole",
    "require_within",
    "show",
    "write",
]
