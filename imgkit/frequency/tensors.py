"""The tensor engine: the same transforms of (..., H, W) in plain torch, for any batch and device.

Each function has its twin of the same name in :mod:`imgkit.frequency.arrays`. torch has no cosine
transform; it is the Fourier transform of a row and its mirror image.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from imgkit.frequency.arrays import half_waves, surroundings

if TYPE_CHECKING:
    import torch

    from imgkit.frequency.engine import Period, Response

AXES = (-2, -1)


def filtered(values: torch.Tensor, response: Response, mode: Period) -> torch.Tensor:
    """Multiply each wave by a factor that is even along both axes."""
    if mode == "wrap":
        return _fourier(values, response)
    there, back = (_dct1, _idct1) if mode == "mirror" else (_dct2, _idct2)
    waves = there(there(values, -2), -1)
    rows, columns = (half_waves(values.shape[axis], mode) for axis in AXES)
    waves = waves * response(rows, columns, like(values))
    return back(back(waves, -2), -1)


def filtered_oblique(
    values: torch.Tensor, response: Response, mode: Period, reach: int
) -> torch.Tensor:
    """Multiply each wave by a factor, real and the same for f and -f.

    What is more than ``reach`` pixels away makes no difference.
    """
    import torch

    h, w = values.shape[-2:]
    if mode != "wrap":
        for axis in AXES:
            pixels = surroundings(values.shape[axis], mode, reach)
            values = values.index_select(axis, torch.as_tensor(pixels, device=values.device))
    return _fourier(values, response)[..., :h, :w].contiguous()


def resampled(values: torch.Tensor, n: int, axis: int) -> torch.Tensor:
    """The same cosines, or as many as there can be, on n pixels along an axis."""
    import torch

    old = values.shape[axis]
    waves = _dct2(values, axis).narrow(axis, 0, min(n, old))
    if n > old:
        more = list(values.shape)
        more[axis] = n - old
        waves = torch.cat([waves, waves.new_zeros(more)], axis)
    return _idct2(waves, axis).contiguous() * (n / old) ** 0.5


def spectrum(values: torch.Tensor) -> torch.Tensor:
    """The logarithm of the Fourier transform's magnitude, 0..1, frequency 0 in the middle."""
    import torch

    h, w = values.shape[-2:]
    half = magnitudes(values.double()).log1p()
    half = (half / half.amax(AXES, keepdim=True).clamp(min=1e-300)).to(values.dtype)
    right = half.roll(h // 2, -2).narrow(-1, 0, (w + 1) // 2)
    # of a real image, F(-f) = conj F(f)
    left = half.flip(-2).roll(h // 2 + 1, -2).narrow(-1, 1, w // 2).flip(-1)
    return torch.cat([left, right], -1)


def magnitudes(values: torch.Tensor) -> torch.Tensor:
    """Of the Fourier transform, columns 0 to W // 2."""
    import torch

    return torch.fft.rfft2(values).abs()


def unfolded(half: torch.Tensor, w: int, reach: tuple[int, int]) -> torch.Tensor:
    """Magnitudes of columns 0 to W // 2, with what follows on each side: F(-f) has that of F(f)."""
    import torch

    (up, aside), opposite = reach, half.flip(0).roll(1, 0)
    beyond = opposite[:, w - w // 2 - aside : w - w // 2].flip(1)
    wide = torch.cat([opposite[:, 1 : aside + 1].flip(1), half, beyond], 1)
    return torch.cat([wide[len(wide) - up :], wide, wide[:up]])


def largest(values: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """The largest value of each window of (rows, columns) that lies inside."""
    from torch.nn.functional import max_pool2d

    columns = max_pool2d(values[None], (size[0], 1), stride=1)
    return max_pool2d(columns, (1, size[1]), stride=1)[0]


def like(values: torch.Tensor) -> Callable[[Any], torch.Tensor]:
    """What gives numbers the precision and device of an image."""
    import torch

    return partial(torch.as_tensor, dtype=values.dtype, device=values.device)


def precise(values: torch.Tensor) -> Callable[[Any], torch.Tensor]:
    """What makes numbers float64, on the device of an image."""
    import torch

    return partial(torch.as_tensor, dtype=torch.float64, device=values.device)


def _dct2(values: torch.Tensor, axis: int) -> torch.Tensor:
    """The cosine transform II along an axis, orthonormal."""
    import torch

    n = values.shape[axis]
    doubled = torch.cat([values, values.flip(axis)], axis)
    waves = torch.fft.rfft(doubled, dim=axis).narrow(axis, 0, n)
    return (waves * _twist(values, axis)).real


def _idct2(waves: torch.Tensor, axis: int) -> torch.Tensor:
    """Its inverse."""
    import torch

    n = waves.shape[axis]
    waves = waves / _twist(waves, axis)
    waves = torch.cat([waves, 0 * waves.narrow(axis, 0, 1)], axis)
    return torch.fft.irfft(waves, n=2 * n, dim=axis).narrow(axis, 0, n)


def _dct1(values: torch.Tensor, axis: int) -> torch.Tensor:
    """The cosine transform I along an axis."""
    import torch

    n = values.shape[axis]
    inner = values.narrow(axis, 1, max(n - 2, 0)) if n > 1 else values.narrow(axis, 0, 0)
    return torch.fft.rfft(torch.cat([values, inner.flip(axis)], axis), dim=axis).real


def _idct1(waves: torch.Tensor, axis: int) -> torch.Tensor:
    """Its inverse: the same transform, but for a factor."""
    return _dct1(waves, axis) / (2 * (waves.shape[axis] - 1) or 1)


def _twist(values: torch.Tensor, axis: int) -> torch.Tensor:
    """The phases that half a pixel makes, and the factors that make the transform orthonormal."""
    import torch

    n = values.shape[axis]
    factors = np.exp(-1j * np.pi * np.arange(n) / (2 * n)) / np.sqrt(2 * n)
    factors[0] /= np.sqrt(2)
    precision = torch.complex128 if values.dtype == torch.float64 else torch.complex64
    factors = torch.as_tensor(factors, dtype=precision, device=values.device)
    return factors if axis == -1 else factors[:, None]


def _fourier(values: torch.Tensor, response: Response) -> torch.Tensor:
    import torch

    h, w = values.shape[-2:]
    factors = response(np.fft.fftfreq(h), np.fft.rfftfreq(w), like(values))
    return torch.fft.irfft2(torch.fft.rfft2(values) * factors, s=(h, w))
