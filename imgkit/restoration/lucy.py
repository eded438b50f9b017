"""Richardson's and Lucy's iteration on both engines: what is behind ``richardson_lucy``.

The scene is reconstructed on a canvas larger than the image by what the blur reaches beyond its
edges; the camera saw the part in the middle. Arguments have been checked.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np
import scipy.fft

from imgkit.images.pointwise import in_parallel
from imgkit.restoration.kernels import Kernel, transfer

if TYPE_CHECKING:
    import torch

DARKEST = 1e-6  # of the mean: what is divided by is at least that
UNSEEN = 1e-3  # a point that sends less of its light onto the image is left black
DIRECT_AREA = 49  # weights up to which OpenCV sums products; beyond it transforms, slower than here
DIRECT_SIDES = 80  # height + width up to which two one-dimensional passes are quicker
TILE = 360  # pixels a side that are transformed at once and stay in the cache


def on_arrays(image: np.ndarray, psf: Kernel, iterations: int) -> np.ndarray:
    """Float array (H, W) or (H, W, C) -> the same."""
    planes = image[..., None] if image.ndim == 2 else image
    out = np.empty(planes.shape, image.dtype)
    blurs = _direct_blurs(psf, image.dtype)
    for c in range(planes.shape[2]):
        plane = np.maximum(planes[..., c], 0, order="C")
        if blurs is None:
            scene = _by_fourier(plane, psf, iterations)
        else:
            scene = _directly(plane, psf, iterations, *blurs)
        out[..., c] = np.maximum(scene, 0)  # a transform's rounding may leave it just below
    return out.reshape(image.shape)


def on_tensors(image: torch.Tensor, psf: Kernel, iterations: int) -> torch.Tensor:
    """Float tensor (..., H, W) -> the same."""
    import torch

    like = {"device": image.device, "dtype": image.dtype}
    (h, w), (rows, columns) = psf.shape, image.shape[-2:]
    shape = tuple(scipy.fft.next_fast_len(n, real=True) for n in (rows + h - 1, columns + w - 1))
    frame = (h - 1) // 2, (w - 1) // 2
    frame = (frame[1], shape[1] - columns - frame[1], frame[0], shape[0] - rows - frame[0])
    blur = torch.as_tensor(transfer(psf, shape)).to(image.device, image.dtype.to_complex())
    gain = np.zeros(shape)
    gain[: rows + h - 1, : columns + w - 1] = _gain(psf, rows, columns)
    gain = torch.as_tensor(gain).to(**like)

    mean = image.mean((-2, -1), keepdim=True)
    floor = (DARKEST * mean).clamp(min=torch.finfo(image.dtype).tiny)
    scene = mean * torch.ones(shape, **like)
    for _ in range(iterations):
        seen = torch.fft.irfft2(torch.fft.rfft2(scene) * blur, s=shape)
        seen = seen[..., frame[2] :, frame[0] :][..., :rows, :columns]
        ratio = image.clamp(min=0) / torch.maximum(seen, floor)
        ratio = torch.nn.functional.pad(ratio, frame)
        factor = torch.fft.irfft2(torch.fft.rfft2(ratio) * blur.conj(), s=shape)
        scene = scene * (factor * gain)
    return scene[..., frame[2] :, frame[0] :][..., :rows, :columns].clamp(min=0)


# --- the array engine -----------------------------------------------------------------------------

Blur = Callable[[np.ndarray, np.ndarray], None]  # from, into
Part = tuple[slice, slice]


def _direct_blurs(psf: Kernel, dtype: np.dtype) -> tuple[Blur, Blur] | None:
    """The blur and its adjoint as OpenCV calls, where that is quicker than by transforms."""
    (h, w), options = psf.shape, {"borderType": cv2.BORDER_CONSTANT}
    here, there = (w // 2, h // 2), ((w - 1) // 2, (h - 1) // 2)  # (x, y)
    if h + w <= DIRECT_SIDES:
        left, sizes, right = np.linalg.svd(psf)
        if min(h, w) == 1 or sizes[1] <= np.finfo(dtype).eps * sizes[0]:
            column, row = np.abs(left[:, 0]) * sizes[0], np.abs(right[0])  # psf is their product
            flipped = column[::-1].copy(), row[::-1].copy()
            return (
                lambda x, y: cv2.sepFilter2D(x, -1, *flipped[::-1], dst=y, anchor=there, **options),
                lambda x, y: cv2.sepFilter2D(x, -1, row, column, dst=y, anchor=here, **options),
            )
    if h * w <= DIRECT_AREA:
        flipped = psf[::-1, ::-1].copy()
        return (
            lambda x, y: cv2.filter2D(x, -1, flipped, dst=y, anchor=there, **options),
            lambda x, y: cv2.filter2D(x, -1, psf, dst=y, anchor=here, **options),
        )
    return None


def _directly(
    plane: np.ndarray, psf: Kernel, iterations: int, blur: Blur, adjoint: Blur
) -> np.ndarray:
    (rows, columns), dtype = plane.shape, plane.dtype
    top, left = (np.array(psf.shape) - 1) // 2
    mean, floor = _levels(plane)
    gain = _gain(psf, rows, columns).astype(dtype)
    scene = np.full(gain.shape, mean, dtype)
    ratio, work = np.zeros_like(scene), np.empty_like(scene)
    inside = slice(top, top + rows), slice(left, left + columns)
    for _ in range(iterations):
        blur(scene, work)
        seen = np.maximum(work[inside], floor, out=work[inside])
        np.divide(plane, seen, out=ratio[inside])
        adjoint(ratio, work)
        work *= gain
        scene *= work
    return scene[inside]


def _by_fourier(plane: np.ndarray, psf: Kernel, iterations: int) -> np.ndarray:
    (rows, columns), (h, w), dtype = plane.shape, psf.shape, plane.dtype
    top, left = (h - 1) // 2, (w - 1) // 2
    mean, floor = _levels(plane)
    gain = _gain(psf, rows, columns).astype(dtype)
    scene = np.full(gain.shape, mean, dtype)
    ratio = np.zeros((rows + 2 * (h - 1), columns + 2 * (w - 1)), dtype)
    inside = ratio[h - 1 :, w - 1 :][:rows, :columns]

    def compare(part: Part, seen: np.ndarray) -> None:
        np.divide(plane[part], np.maximum(seen, floor, out=seen), out=inside[part])

    def correct(part: Part, factor: np.ndarray) -> None:
        factor *= gain[part]
        scene[part] *= factor

    blur = _Convolution(psf, scene.shape, dtype)
    adjoint = _Convolution(psf[::-1, ::-1], ratio.shape, dtype)
    for _ in range(iterations):
        blur.each(scene, compare)
        adjoint.each(ratio, correct)
    return scene[top : top + rows, left : left + columns]


class _Convolution:
    """Convolution of a large image tile by tile, where the kernel lies inside the image.

    A tile's transforms, and what is done with the result, stay in the cache, which takes about half
    as long as transforming the whole.
    """

    def __init__(self, kernel: Kernel, shape: tuple[int, int], dtype: np.dtype) -> None:
        self.reach = tuple(n - 1 for n in kernel.shape)
        self.out = tuple(n - k for n, k in zip(shape, self.reach, strict=True))
        self.tile = tuple(_tile(n, k) for n, k in zip(self.out, self.reach, strict=True))
        spectrum = scipy.fft.rfft2(kernel, self.tile)
        self.spectrum = spectrum.astype(np.result_type(dtype, np.complex64))

    def each(self, image: np.ndarray, use: Callable[[Part, np.ndarray], None]) -> None:
        """Hand ``use`` each tile of the result, and where it lies."""
        (h, w), (rows, columns), (down, along) = self.reach, self.out, self.tile

        def one(corner: tuple[int, int]) -> None:
            r, c = corner
            spectrum = scipy.fft.rfft(image[r : r + down, c : c + along], along)
            spectrum = scipy.fft.fft(spectrum, down, axis=0, overwrite_x=True)
            spectrum *= self.spectrum
            spectrum = scipy.fft.ifft(spectrum, axis=0, overwrite_x=True)
            # the first rows and columns came round from the other end
            back = scipy.fft.irfft(spectrum[h : h + rows - r], along)
            back = back[:, w : w + columns - c]
            use((slice(r, r + back.shape[0]), slice(c, c + back.shape[1])), back)

        in_parallel(one, [*product(range(0, rows, down - h), range(0, columns, along - w))])


def _tile(n: int, reach: int) -> int:
    """The side of equal tiles that together give n pixels."""
    count = -(-n // max(TILE - reach, 3 * reach))
    return scipy.fft.next_fast_len(-(-n // count) + reach, real=True)


def _levels(plane: np.ndarray) -> tuple[float, float]:
    """The mean, where the scene begins, and the least that is divided by."""
    mean = float(plane.mean(dtype=np.float64))
    return mean, max(DARKEST * mean, float(np.finfo(plane.dtype).tiny))


# --- both engines ---------------------------------------------------------------------------------


def _gain(psf: Kernel, rows: int, columns: int) -> np.ndarray:
    """1 / the share of a point's light that lands on the image, (rows + h - 1, columns + w - 1)."""
    share = psf
    for axis, n in ((0, rows), (1, columns)):
        side = psf.shape[axis]
        sums = np.insert(np.cumsum(share, axis), 0, 0, axis)
        first = side - 1 - np.arange(side + n - 1)  # the first of its weights that do
        share = sums.take(np.clip(first + n, 0, side), axis) - sums.take(
            np.clip(first, 0, side), axis
        )
    return np.divide(1, share, out=np.zeros_like(share), where=share > UNSEEN)
