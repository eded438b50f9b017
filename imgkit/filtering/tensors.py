"""The tensor engine: the same filters in plain torch, for any batch, device and gradient.

Each function has its twin of the same name in :mod:`imgkit.filtering.arrays`. A kernel is applied
by shifting and adding: one multiply-add of the whole image for each weight, many times quicker on a
CPU than ``conv2d``, and as exact. From a certain size on a Fourier transform takes over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgkit.filtering.borders import NUMPY_NAMES, Mode, Reach, border_value

if TYPE_CHECKING:
    import torch

FOURIER_FROM = 97  # taps along one axis
FOURIER_AREA = 225  # weights of a kernel that is not separable
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
    if np.count_nonzero(weights) > FOURIER_AREA:
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
    reach = (centre[0], len(column) - 1 - centre[0]), (centre[1], len(row) - 1 - centre[1])
    wide = pad(image, reach, mode=mode, cval=cval)
    if max(len(column), len(row)) >= FOURIER_FROM:
        return _fourier(wide, image.shape, np.outer(column, row))
    return _slide(_slide(wide, column, axis=-2), row, axis=-1)


def _slide(wide: torch.Tensor, weights: Weights, *, axis: int) -> torch.Tensor:
    """One weight after the other along an axis; taps that share a weight are added first."""
    n = wide.shape[axis] - len(weights) + 1
    taps = [wide.narrow(axis, i, n) for i in range(len(weights))]
    if len(weights) > 1 and np.array_equal(weights, weights[::-1]):
        half = len(weights) // 2
        pairs = [(taps[i] + taps[-1 - i], weights[i]) for i in range(half)]
        pairs += [(taps[half], weights[half])] * (len(weights) % 2)
    else:
        pairs = [(tap, weight) for tap, weight in zip(taps, weights, strict=True) if weight]
    if not pairs:
        return 0 * taps[0]
    out = pairs[0][0] * float(pairs[0][1])
    for tap, weight in pairs[1:]:
        out.add_(tap, alpha=float(weight))
    return out


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
    """The mean of a window, by differences of running sums in float64."""
    import torch

    wide = pad(image, reach, mode=mode, cval=cval).double()
    for axis, n in zip((-2, -1), size, strict=True):
        sums = wide.cumsum(axis)
        sums = torch.cat([sums.narrow(axis, 0, 1) * 0, sums], axis)
        count = wide.shape[axis] - n + 1
        wide = (sums.narrow(axis, n, count) - sums.narrow(axis, 0, count)) / n
    return wide.to(image.dtype)


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
