"""Channels mixed by a matrix: what grey, YCbCr and the middle of Lab have in common."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.images import AnyImage, Image, is_tensor
from imgkit.images.pointwise import in_bands

Matrix = npt.NDArray[np.float64]


def mix(
    image: AnyImage, matrix: Matrix, offset: Matrix | float = 0.0, out: Image | None = None
) -> AnyImage:
    """``matrix @ pixel + offset`` for every pixel; a matrix of one row drops the channel axis.

    uint8 is rounded and saturates, so its offset counts levels. The answer of float arrays can be
    had in a given array.
    """
    if is_tensor(image):
        return _mix_tensor(image, matrix, offset)
    full = np.column_stack([matrix, np.broadcast_to(offset, len(matrix))])
    if image.dtype == np.uint8 and len(matrix) == 3:
        return _mix_bytes(image, full)
    return cv2.transform(image, full, dst=out)


def _mix_bytes(image: Image, full: Matrix) -> Image:
    """OpenCV has 10 bits for the weights of three bytes, which is up to 0.16 levels too coarse."""

    def work(out: Image, band: Image) -> None:
        values = cv2.transform(band.astype(np.float32), full)
        np.rint(values, out=values)
        np.clip(values, 0, 255, out=values)
        out[...] = values

    return in_bands(work, np.empty(image.shape, np.uint8), image)


def _mix_tensor(image, matrix: Matrix, offset: Matrix | float):
    import torch

    like = {"dtype": image.dtype, "device": image.device}
    weights = torch.as_tensor(matrix, **like)
    shift = torch.as_tensor(np.broadcast_to(offset, len(matrix)).copy(), **like)
    planes = image.flatten(-2)  # (..., 3, H * W)
    mixed = (weights @ planes + shift[:, None]).unflatten(-1, image.shape[-2:])
    return mixed.squeeze(-3) if len(matrix) == 1 else mixed
