"""The tensor engine: the same filters in plain torch, for any batch, device and gradient.

Each function has its twin of the same name in :mod:`imgkit.filtering.arrays`. A separable kernel is
a matrix product along each axis (see :mod:`~imgkit.filtering.bands`), which even on a CPU is many
times quicker than ``conv2d``; a small kernel of another kind is one multiply-add of the shifted
image for each weight, a large one a Fourier transform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgkit.filtering.bands import band_matrix
from imgkit.filtering.borders import NUMPY_NAMES, Mode, Reach, border_value

if TYPE_CHECKING:
    import torch

BANDS_FROM = 41  # taps from which larger blocks pay
FOURIER_FROM = 225  # weights of a kernel that is not separable
Weights = np.ndarray  # float64


def correlate(
    image: torch.Tensor,
    weights: Weights,
    centre: tuple[int, int],
    *,
    mode: Mode,
    cval: float,
    signed: bool = False,
) -> torch.Tensor:
    """Sum of products under a kernel (h, w) whose pixel ``centre`` lies on the result's."""
    h, w = weights.shape
    reach = (centre[0], h - 1 - centre[0]), (centre[1], w - 1 - centre[1])
    wide = pad(image, reach, mode=mode, cval=cval)
    if np.count_nonzero(weights) > FOURIER_FROM:
        return _fourier(wide, image.shape, weights)
    rows, columns = image.shape[-2:]
    out = 0 * image
    for i, j in np.argwhere(weights):
        tap = wide.narrow(-2, i, rows).narrow(-1, j, columns)
        out.add_(tap, alpha=float(weights[i, j]))
    return out


def separable(
    image: torch.Tensor,
    column: Weights,
    row: Weights,
    centre: tuple[int, int],
    *,
    mode: Mode,
    cval: float,
    signed: bool = False,
) -> torch.Tensor:
    """Correlate with ``outer(column, row)``, one axis after the other."""
    value = border_value(image, mode, cval)
    out = _slide(image, column, centre[0], -2, mode, value)
    return _slide(out, row, centre[1], -1, mode, value * float(column.sum()))


def _slide(
    image: torch.Tensor, weights: Weights, centre: int, axis: int, mode: Mode, value: float
) -> torch.Tensor:
    """Correlate along one axis: overlapping stretches of the image times one band matrix."""
    import torch

    n, taps = image.shape[axis], len(weights)
    block = 16 if taps < BANDS_FROM else 64
    filler = -n % block
    reach = [(0, 0), (0, 0)]
    reach[axis] = centre, taps - 1 - centre + filler
    wide = pad(image, tuple(reach), mode=mode, cval=value)
    band = torch.as_tensor(band_matrix(weights, block), dtype=image.dtype, device=image.device)
    stretches = wide.unfold(axis, block + taps - 1, block)
    if axis == -2:  # (..., blocks, block + taps - 1, columns)
        return (band.T @ stretches.transpose(-1, -2)).flatten(-3, -2)[..., :n, :]
    out = stretches.transpose(-3, -2) @ band  # (..., blocks, rows, block)
    return out.transpose(-3, -2).flatten(-2, -1)[..., :n]


def _fourier(wide: torch.Tensor, shape: tuple[int, ...], weights: Weights) -> torch.Tensor:
    """Correlate what has its border already, by the convolution theorem."""
    import torch

    kernel = torch.as_tensor(weights[::-1, ::-1].copy(), dtype=wide.dtype, device=wide.device)
    size = wide.shape[-2:]
    spectrum = torch.fft.rfft2(wide) * torch.fft.rfft2(kernel, s=size)
    back = torch.fft.irfft2(spectrum, s=size)
    h, w = weights.shape
    return back[..., h - 1 :, w - 1 :][..., : shape[-2], : shape[-1]].contiguous()


def box(
    image: torch.Tensor, size: tuple[int, int], reach: Reach, *, mode: Mode, cval: float
) -> torch.Tensor:
    """The mean of a window, one axis after the other."""
    column, row = (np.full(n, 1 / n) for n in size)
    centre = reach[0][0], reach[1][0]
    return separable(image, column, row, centre, mode=mode, cval=cval)


def magnitude(rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """``sqrt(rows² + columns²)``; where it is 0, the root has no slope, and the gradient is 0."""
    import torch

    square = rows * rows + columns * columns
    return square.clamp(min=torch.finfo(square.dtype).tiny).sqrt()


def direction(rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """The angle ``atan2(rows, columns)``."""
    return rows.atan2(columns)


def blend(one: torch.Tensor, a: float, other: torch.Tensor, b: float) -> torch.Tensor:
    """``a * one + b * other``."""
    return a * one + b * other


def levels_of(image: torch.Tensor) -> torch.Tensor:
    """Floats to compute with, on the image's own scale."""
    return image


def saturated(values: torch.Tensor, *, like: torch.Tensor) -> torch.Tensor:
    """Computed values as an image again, clipped to full scale."""
    return values.clamp(0, 1)


def stack(images: list[torch.Tensor]) -> torch.Tensor:
    """Results side by side along a new first axis."""
    import torch

    return torch.stack(images)


def pad(image: torch.Tensor, reach: Reach, *, mode: Mode, cval: float = 0.0) -> torch.Tensor:
    """The image with what the mode says lies beyond its edges, however far."""
    import torch

    value = border_value(image, mode, cval)
    if mode == "constant":
        (top, bottom), (left, right) = reach
        return torch.nn.functional.pad(image, (left, right, top, bottom), value=value)
    for axis, (before, after) in zip((-2, -1), reach, strict=True):
        n = image.shape[axis]
        place = np.pad(np.arange(n), (before, after), mode=NUMPY_NAMES[mode])
        place = torch.as_tensor(place, device=image.device)
        parts = [
            image.index_select(axis, place[:before]),
            image,
            image.index_select(axis, place[before + n :]),
        ]
        image = torch.cat([part for part in parts if part.shape[axis]], axis)
    return image
