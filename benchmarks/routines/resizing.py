"""Resizing."""

import cv2
import kornia
import numpy as np
import skimage.transform
import torch
from PIL import Image
from torchvision.transforms.v2 import functional as tv

from benchmarks.routines.case import Case
from imgkit import geometry

PILLOW = {
    "nearest": Image.NEAREST,
    "linear": Image.BILINEAR,
    "cubic": Image.BICUBIC,
    "area": Image.BOX,
    "lanczos": Image.LANCZOS,
}
OPENCV = {
    "nearest": cv2.INTER_NEAREST_EXACT,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
    "lanczos": cv2.INTER_LANCZOS4,
}
TORCH = {"linear": "bilinear", "cubic": "bicubic"}
ORDERS = {"nearest": 0, "linear": 1, "cubic": 3}


def _kernel(x: np.ndarray, method: str) -> np.ndarray:
    x = np.abs(x)
    if method == "linear":
        return np.maximum(0, 1 - x)
    if method == "cubic":
        near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
        return np.where(x <= 1, near, np.where(x < 2, far, 0))
    return np.where(x < 3, np.sinc(x) * np.sinc(x / 3), 0)


def _weights(n: int, m: int, method: str) -> np.ndarray:
    """The matrix of one axis, dense."""
    edges, old = np.arange(m + 1)[:, None] * (n / m), np.arange(n)
    if method == "nearest":
        return (old == np.floor((edges[:-1] + edges[1:]) / 2 + 1e-9)).astype(float)
    if method == "area":
        overlap = np.minimum(edges[1:], old + 1) - np.maximum(edges[:-1], old)
        return np.maximum(overlap, 0) * m / n
    centres = (edges[:-1] + edges[1:]) / 2 - 0.5
    weights = _kernel((old - centres) / max(1, n / m), method)
    return weights / weights.sum(axis=1, keepdims=True)


def _shape(x: object, times: float) -> tuple[int, int]:
    """The new one; what is no image is the routine's to refuse."""
    shape = tuple(getattr(x, "shape", ()))
    if len(shape) < 2:
        return 1, 1
    sides = shape[-2:] if isinstance(x, torch.Tensor) else shape[:2]
    return round(sides[0] * times), round(sides[1] * times)


def _greyish(photo: np.ndarray) -> tuple[np.ndarray]:
    """Within a quarter and three quarters, so that what overshoots is not cut off in uint8."""
    return (photo // 2 + 64 if photo.dtype == np.uint8 else photo / 2 + photo.dtype.type(0.25),)


def _resize(method: str, times: float, same: tuple[str, ...], goal: float = 0, note: str = ""):
    smooth = method in TORCH
    peers = {
        "opencv": lambda x: cv2.resize(x, _shape(x, times)[::-1], interpolation=OPENCV[method]),
        "pillow": lambda x: x.resize(_shape(np.asarray(x), times)[::-1], PILLOW[method]),
    }
    if method in ORDERS:
        peers["scikit-image"] = lambda x: skimage.transform.resize(
            x,
            _shape(x, times) + x.shape[2:],
            order=ORDERS[method],
            anti_aliasing=times < 1 and method != "nearest",
        )
    if method == "area" and times < 1:
        peers["scikit-image"] = lambda x: skimage.transform.resize_local_mean(
            x, _shape(x, times), channel_axis=2 if x.ndim == 3 else None
        )
    if smooth:
        peers["torchvision"] = lambda x: tv.resize(
            x, _shape(x, times), getattr(tv.InterpolationMode, TORCH[method].upper())
        )
        peers["kornia"] = lambda x: kornia.geometry.resize(
            x, _shape(x, times), TORCH[method], antialias=times < 1
        )
    return Case(
        "geometry.resize",
        f"{method}, {times:g} times",
        ours=lambda x: geometry.resize(x, _shape(x, times), method=method),
        same={name: peer for name, peer in peers.items() if name in same},
        like={name: peer for name, peer in peers.items() if name not in same},
        reference=lambda x: np.einsum(
            "ai,ij...,bj->ab...",
            _weights(x.shape[0], _shape(x, times)[0], method),
            x,
            _weights(x.shape[1], _shape(x, times)[1], method),
            optimize=True,
        ),
        prepare=_greyish,
        goals=(("imgkit", "scikit-image", goal),) if goal else (),
        note=note,
    )


CASES = [
    _resize(
        "cubic",
        0.375,
        ("pillow", "torchvision"),
        15,
        "OpenCV skips most pixels and aliases; scikit-image blurs, then draws a B-spline",
    ),
    _resize("cubic", 1.5, ("pillow", "torchvision"), 15, "OpenCV's cubic has a = -3/4"),
    _resize(
        "linear", 0.375, ("pillow", "torchvision"), note="OpenCV skips most pixels and aliases"
    ),
    _resize(
        "linear",
        1.5,
        ("opencv", "pillow", "torchvision"),
        note="bytes are computed as float32: OpenCV's own way is up to 0.8 levels off",
    ),
    _resize(
        "area",
        0.375,
        ("opencv", "scikit-image"),
        note="by matrix products where the ratio is no whole number: there OpenCV drops slivers, "
        "which costs up to 7e-4 at other sizes",
    ),
    _resize("area", 0.25, ("opencv", "pillow", "scikit-image")),
    _resize("lanczos", 0.375, ("pillow",)),
    _resize("nearest", 0.375, ()),
]
