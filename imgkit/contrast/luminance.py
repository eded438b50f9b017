"""Changing the brightness of colours without changing their hue or leaving what can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from imgkit.color.grey import WEIGHTS, to_gray
from imgkit.color.mixing import mix
from imgkit.images import AnyImage, Image, is_tensor
from imgkit.images.pointwise import LEVELS, in_bands, lookup

if TYPE_CHECKING:
    import torch


def gray_of(image: AnyImage, *, exact: bool = False) -> AnyImage:
    """The grey image; of colours in floats, ``exact`` in float64, lest rounding make a difference.

    A grey tensor loses its channel axis, a grey array may lack it.
    """
    if is_tensor(image):
        return to_gray(image.double() if exact and image.shape[-3] == 3 else image)
    if image.ndim == 2 or image.shape[2] == 1:
        return to_gray(image)
    precision = np.float64 if exact or image.dtype == np.float64 else np.float32
    weights = np.array([WEIGHTS["bt601"]])

    def work(out: Image, band: Image) -> None:
        out[...] = mix(_fractions(band, precision), weights)

    return in_bands(work, np.empty(image.shape[:2], precision), image)


def with_gray(image: AnyImage, gray: AnyImage, new: AnyImage) -> AnyImage:
    """The image with another brightness: grey images become ``new``, colours keep their hue.

    A colour is scaled towards black where it gets darker, towards white where it gets brighter.
    Either is the same line for all channels, which keeps the hue, and stays within 0..1.
    """
    if is_tensor(image):
        return new.unsqueeze(-3) if image.shape[-3] == 1 else _moved_tensor(image, gray, new)
    if image.ndim == 2 or image.shape[2] == 1:
        return new.reshape(image.shape)
    return in_bands(_moved, np.empty_like(image, order="C"), image, gray, new)


def _moved(out: Image, image: Image, gray: Image, new: Image) -> None:
    top = 255 if image.dtype == np.uint8 else 1
    precision = np.float64 if image.dtype == np.float64 else np.float32
    old, aim = (plane.clip(0, 1).astype(precision, copy=False) for plane in (gray, new))
    darker = aim <= old
    gain = np.where(darker, aim, 1 - aim)
    gain /= np.maximum(np.where(darker, old, 1 - old), 1e-30)  # black stays black
    shift = top - top * gain
    shift[darker] = 0
    values = image.astype(precision)
    values *= cv2.merge([gain] * 3)
    values += cv2.merge([shift] * 3)
    if top == 255:
        np.rint(values, out=values)
    out[...] = np.clip(values, 0, top, out=values)


def _fractions(band: Image, precision: type) -> Image:
    if band.dtype == np.uint8:
        return lookup(band, LEVELS.astype(precision))
    return band.astype(precision, copy=False)


def _moved_tensor(image: torch.Tensor, gray: torch.Tensor, new: torch.Tensor) -> torch.Tensor:
    import torch

    old, aim = (plane.clip(0, 1).to(image.dtype).unsqueeze(-3) for plane in (gray, new))
    darker = aim <= old
    gain = torch.where(darker, aim, 1 - aim)
    gain = gain / torch.where(darker, old, 1 - old).clip(min=1e-30)
    return (image * gain + torch.where(darker, 0, 1 - gain)).clip(0, 1)
