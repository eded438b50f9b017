"""The photographs, and the form of image that each library takes."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from benchmarks.routines.case import IMAGES
from imgkit import data

TENSORS = ("imgkit tensor", "torch", "torchvision", "kornia")


@cache
def photograph(kind: str, size: int = 1024) -> np.ndarray:
    """A mosaic of photographs, (size, size) or (size, size, 3), full of detail."""
    color, dtype = kind.split()
    if color == "gray":
        tiles = [data.load(name) for name in ("camera", "brick", "gravel", "moon")]
    else:
        astronaut = data.load("astronaut")
        tiles = [astronaut, astronaut[:, ::-1], astronaut[::-1], np.rot90(astronaut)]
    mosaic = np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])])
    if size != 1024:
        mosaic = cv2.resize(mosaic, (size, size), interpolation=cv2.INTER_AREA)
    return mosaic if dtype == "uint8" else (mosaic / 255).astype(dtype)


def to_form(image: np.ndarray, who: str, device: str = "cpu"):
    """An array as a contender wants it; None if it takes no such image."""
    if not isinstance(image, np.ndarray):
        return image
    library = who.split()[0]
    is_bytes = image.dtype == np.uint8
    if library == "pillow":
        from PIL import Image

        return Image.fromarray(image) if is_bytes else None
    if who.startswith(TENSORS):
        if is_bytes and library != "torchvision":
            return None
        import torch

        planes = np.moveaxis(image, 2, 0) if image.ndim == 3 else image
        tensor = torch.from_numpy(np.ascontiguousarray(planes)).to(device)
        if library == "torchvision" and tensor.ndim == 2:
            return tensor[None]
        if library == "kornia":
            return tensor[None] if tensor.ndim == 3 else tensor[None, None]
        return tensor
    return image


def to_float64(image: object) -> object:
    """An image in float64 and fractions of full scale, as references get it; the rest as it is."""
    if not isinstance(image, np.ndarray) or image.dtype.name not in IMAGES:
        return image
    return image.astype(np.float64) / (255 if image.dtype == np.uint8 else 1)


def to_array(result, like: np.ndarray, own_scale: bool = False) -> np.ndarray:
    """A contender's answer as a float64 array, images in fractions of full scale, channels last.

    ``own_scale`` says that it is on the scale of the image ``like``, whatever its own dtype; such
    thresholds lose the axes that make a tensor's broadcast.
    """
    if isinstance(result, tuple | list):
        return np.stack([to_array(part, like, own_scale) for part in result])
    if hasattr(result, "detach"):
        result = result.detach().cpu().numpy()
        result = result.squeeze() if own_scale else result
        planes = like.shape[2] if like.ndim == 3 else 1
        if result.ndim > like.ndim and result.shape[0] == 1:
            result = result[0]
        if like.ndim == 3 and result.ndim == 3 and result.shape[0] == planes:
            result = np.moveaxis(result, 0, -1)
    values = np.asarray(result)
    of_bytes = (like if own_scale else values).dtype == np.uint8
    return values.astype(np.float64) / (255 if of_bytes else 1)
