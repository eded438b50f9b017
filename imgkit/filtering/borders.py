"""What lies beyond the edge: the five modes, and their names elsewhere."""

from __future__ import annotations

from typing import Literal, TypeAlias

import cv2
import numpy as np

from imgkit.images import AnyImage, is_tensor, require_choice, require_number, require_size

Mode: TypeAlias = Literal["mirror", "reflect", "nearest", "wrap", "constant"]
Reach: TypeAlias = tuple[tuple[int, int], tuple[int, int]]  # (top, bottom), (left, right)

# the one place where our names meet OpenCV's and NumPy's
MODES = {
    "mirror": cv2.BORDER_REFLECT_101,
    "reflect": cv2.BORDER_REFLECT,
    "nearest": cv2.BORDER_REPLICATE,
    "wrap": cv2.BORDER_WRAP,
    "constant": cv2.BORDER_CONSTANT,
}
LARGEST_WINDOW = 4097  # pixels a side: a Gaussian of sigma 512

NUMPY_NAMES = {
    "mirror": "reflect",
    "reflect": "symmetric",
    "nearest": "edge",
    "wrap": "wrap",
    "constant": "constant",
}


def border_value(image: AnyImage, mode: Mode, cval: float) -> float:
    """Check mode and cval; the constant beyond the edge, on the scale of the image's values."""
    require_choice(MODES, mode=mode)
    require_number(cval=cval)
    if not is_tensor(image) and image.dtype == np.uint8:
        if not 0 <= cval <= 1:
            raise ValueError(f"cval must be a fraction of full scale, 0..1, got {cval!r}")
        return float(np.rint(255 * cval))
    if abs(cval) > largest_value(image):
        raise ValueError(f"cval must fit into {image.dtype}, got {cval!r}")
    return float(cval)


def window_reach(h: int, w: int) -> Reach:
    """What a window of (h, w) sees before and after its centre, the later middle if even."""
    return (h // 2, (h - 1) // 2), (w // 2, (w - 1) // 2)


def largest_value(image: AnyImage) -> float:
    """The largest number that a float image can hold."""
    return float(np.finfo(str(image.dtype).removeprefix("torch.")).max)


def require_window(size: int | tuple[int, int], limit: int = LARGEST_WINDOW) -> tuple[int, int]:
    """A window's (rows, columns), or an error."""
    h, w = require_size(size=size)
    if max(h, w) > limit:
        raise ValueError(f"size must be at most {limit}, got {size!r}")
    return h, w
