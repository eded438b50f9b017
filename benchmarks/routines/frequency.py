"""Filters, notches and resampling in the frequency domain."""

import cv2
import numpy as np
import scipy.fft
import skimage.filters
import skimage.transform
import torch
from PIL import Image
from torchvision.transforms.v2 import functional as tv

from benchmarks.routines.case import Case
from imgkit import frequency

LOW = {"cutoff": 0.05, "kind": "butterworth"}
FREQUENCY = (0.11, 0.07)


def _factors(h: int, w: int, cutoff: float = 0.05) -> np.ndarray:
    """A Butterworth filter of order 2 for half a spectrum."""
    rows, columns = np.fft.fftfreq(h)[:, None], np.fft.rfftfreq(w)
    return 1 / (1 + ((rows / cutoff) ** 2 + (columns / cutoff) ** 2) ** 2)


def _by_planes(filtered):
    """A function of one channel, for all of them."""

    def run(x: np.ndarray) -> np.ndarray:
        if x.ndim == 2:
            return filtered(x)
        return np.stack([filtered(np.ascontiguousarray(p)) for p in np.moveaxis(x, 2, 0)], axis=2)

    return run


@_by_planes
def _opencv(x: np.ndarray) -> np.ndarray:
    """As OpenCV's own tutorial does it: complex output, all of the spectrum."""
    x = x.astype(np.float32) / 255 if x.dtype == np.uint8 else x
    rows, columns = (np.fft.fftfreq(n).astype(np.float32) / 0.05 for n in x.shape)
    factors = 1 / (1 + (rows[:, None] ** 2 + columns**2) ** 2)
    waves = cv2.dft(x, flags=cv2.DFT_COMPLEX_OUTPUT) * factors[..., None]
    return cv2.dft(waves, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)


@_by_planes
def _numpy(x: np.ndarray) -> np.ndarray:
    x = x / np.float32(255) if x.dtype == np.uint8 else x
    return np.fft.irfft2(np.fft.rfft2(x) * _factors(*x.shape).astype(x.dtype), x.shape)


@_by_planes
def _scipy(x: np.ndarray) -> np.ndarray:
    x = x / np.float32(255) if x.dtype == np.uint8 else x
    waves = scipy.fft.rfft2(x, workers=cv2.getNumThreads())
    return scipy.fft.irfft2(
        waves * _factors(*x.shape).astype(x.dtype), x.shape, workers=cv2.getNumThreads()
    )


def _torch(x: torch.Tensor) -> torch.Tensor:
    rows = torch.fft.fftfreq(x.shape[-2], device=x.device)[:, None] / 0.05
    columns = torch.fft.rfftfreq(x.shape[-1], device=x.device) / 0.05
    factors = 1 / (1 + (rows**2 + columns**2) ** 2)
    return torch.fft.irfft2(torch.fft.rfft2(x) * factors, s=x.shape[-2:])


def _scikit_image(x: np.ndarray) -> np.ndarray:
    out = skimage.filters.butterworth(x, 0.05, False, 2, channel_axis=2 if x.ndim == 3 else None)
    return out / 255 if x.dtype == np.uint8 else out


def _mirrored(filtered):
    """Without leaks: one period of the mirrored pattern, filtered, and its first part."""

    def run(x: np.ndarray) -> np.ndarray:
        h, w = x.shape[:2]
        wide = np.pad(x, [(0, h - 2), (0, w - 2)] + [(0, 0)] * (x.ndim - 2), mode="reflect")
        return filtered(wide)[:h, :w]

    return run


def _notched(x: np.ndarray) -> np.ndarray:
    """One notch by the full Fourier transform."""
    rows, columns = np.fft.fftfreq(x.shape[0])[:, None], np.fft.rfftfreq(x.shape[1])
    factors = 1.0
    for sign in (1, -1):
        dr, dc = rows - sign * FREQUENCY[0], columns - sign * FREQUENCY[1]
        dr, dc = dr - np.rint(dr), dc - np.rint(dc)
        factors = factors * (1 - np.exp(-(dr**2 + dc**2) / (2 * 0.01**2)))
    factors = factors.astype(np.float32 if x.dtype == np.uint8 else x.dtype)
    x = x / np.float32(255) if x.dtype == np.uint8 else x
    factors = factors if x.ndim == 2 else factors[..., None]
    waves = scipy.fft.rfft2(x, axes=(0, 1), workers=cv2.getNumThreads()) * factors
    return scipy.fft.irfft2(waves, x.shape[:2], axes=(0, 1), workers=cv2.getNumThreads())


def _softened(photo: np.ndarray) -> tuple[np.ndarray]:
    """Away from black and white: what rings beyond them is cut off in uint8."""
    if photo.dtype == np.uint8:
        return (np.rint(51 + 0.6 * photo).astype(np.uint8),)
    return (0.2 + np.float32(0.6) * photo,)


def _striped(photo: np.ndarray) -> tuple[np.ndarray]:
    (photo,) = _softened(photo)
    white = 255 if photo.dtype == np.uint8 else 1
    rows, columns = np.mgrid[: photo.shape[0], : photo.shape[1]]
    stripes = 0.1 * np.cos(2 * np.pi * (FREQUENCY[0] * rows + FREQUENCY[1] * columns) + 0.7)
    stripes = stripes if photo.ndim == 2 else stripes[..., None]
    if white == 1:
        return ((photo + stripes).astype(photo.dtype),)
    return (np.clip(np.rint(photo + white * stripes), 0, white).astype(np.uint8),)


def _spectrum(transform):
    def run(x: np.ndarray) -> np.ndarray:
        x = x / 255 if x.dtype == np.uint8 else x
        shown = np.log1p(np.abs(np.fft.fftshift(transform(x, axes=(0, 1)), axes=(0, 1))))
        return shown / shown.max((0, 1))

    return run


def _cosines(x: np.ndarray, n: int) -> np.ndarray:
    for axis in (0, 1):
        waves = scipy.fft.dct(x, axis=axis, norm="ortho")
        x = scipy.fft.idct(waves, n=n, axis=axis, norm="ortho") * (n / x.shape[axis]) ** 0.5
    return x


def _resample(n: int) -> Case:
    return Case(
        "frequency.resample",
        f"to {n}",
        ours=lambda x: frequency.resample(x, shape=(n, n)),
        like={
            "scikit-image": lambda x: skimage.transform.resize(x, (n, n), order=3),
            "torchvision": lambda x: tv.resize(
                x, [n, n], interpolation=tv.InterpolationMode.BICUBIC
            ),
            "opencv": lambda x: cv2.resize(
                x, (n, n), interpolation=cv2.INTER_AREA if n < len(x) else cv2.INTER_CUBIC
            ),
            "pillow": lambda x: x.resize((n, n), Image.Resampling.LANCZOS),
        },
        reference=lambda x: _cosines(x, n),
        prepare=_softened,
        note="the peers' kernels only come near to a sharp limit: "
        "they let some aliasing through and blur some of what could stay",
    )


CASES = [
    Case(
        "frequency.low_pass",
        "butterworth 0.05",
        ours=lambda x: frequency.low_pass(x, **LOW),
        same={"scikit-image": _mirrored(_scikit_image), "scipy": _mirrored(_scipy)},
        reference=_mirrored(_scikit_image),
        prepare=_softened,
        note="mirrored, so that nothing leaks across the border, by a cosine transform; the peers "
        "wrap around unless they are given a mirrored image. Wrapping takes a third of the time: "
        "see the next case",
    ),
    Case(
        "frequency.low_pass",
        "butterworth 0.05 wrap",
        ours=lambda x: frequency.low_pass(x, **LOW, mode="wrap"),
        same={
            "opencv": _opencv,
            "scikit-image": _scikit_image,
            "scipy": _scipy,
            "numpy": _numpy,
            "torch": _torch,
        },
        reference=_numpy,
        prepare=_softened,
        goals=(("imgkit", "opencv", 2),),
        note="the two transforms are the work, and scikit-image has the same ones, on one thread",
    ),
    Case(
        "frequency.low_pass",
        "gaussian 0.05",
        ours=lambda x: frequency.low_pass(x, cutoff=0.05),
        reference=_mirrored(
            lambda x: (
                scipy.fft.ifft2(
                    scipy.fft.fft2(x, axes=(0, 1))
                    * _bell(x.shape[:2]).reshape(x.shape[:2] + (1,) * (x.ndim - 2)),
                    axes=(0, 1),
                ).real
            )
        ),
        note="computed as a Gaussian blur of sigma 1 / (2 pi cutoff), which is the same",
    ),
    Case(
        "frequency.high_pass",
        "butterworth 0.05 wrap",
        ours=lambda x: frequency.high_pass(x, **LOW, mode="wrap"),
        same={"scikit-image": lambda x: _scikit_image_high(x)},
        reference=lambda x: x - _numpy(x),
    ),
    Case(
        "frequency.band_pass",
        "butterworth 0.05 to 0.2 wrap",
        ours=lambda x: frequency.band_pass(x, low=0.05, high=0.2, kind="butterworth", mode="wrap"),
        same={"scikit-image": lambda x: _scikit_image_band(x)},
        reference=lambda x: _scikit_image_band(x),
    ),
    Case(
        "frequency.notch",
        ours=lambda x: frequency.notch(x, at=[FREQUENCY]),
        same={"scipy": _mirrored(_notched)},
        like={"scipy wrap": _notched},
        reference=_mirrored(_notched),
        prepare=_striped,
    ),
    Case(
        "frequency.remove_periodic_noise",
        ours=frequency.remove_periodic_noise,
        reference=frequency.remove_periodic_noise,
        prepare=_striped,
        note="no library on the list has it; the reference is the same in float64",
    ),
    Case(
        "frequency.spectrum",
        ours=frequency.spectrum,
        same={"numpy": _spectrum(np.fft.fft2), "scipy": _spectrum(scipy.fft.fft2)},
        reference=_spectrum(np.fft.fft2),
    ),
    _resample(384),
    _resample(1536),
]


def _bell(shape: tuple[int, int]) -> np.ndarray:
    return np.outer(*(np.exp(-0.5 * (np.fft.fftfreq(n) / 0.05) ** 2) for n in shape))


def _scikit_image_high(x: np.ndarray) -> np.ndarray:
    out = skimage.filters.butterworth(x, 0.05, True, 2, channel_axis=2 if x.ndim == 3 else None)
    return out / 255 if x.dtype == np.uint8 else out


def _scikit_image_band(x: np.ndarray) -> np.ndarray:
    axis = 2 if x.ndim == 3 else None
    low = skimage.filters.butterworth(x, 0.2, False, 2, channel_axis=axis)
    out = skimage.filters.butterworth(low, 0.05, True, 2, channel_axis=axis)
    return out / 255 if x.dtype == np.uint8 else out
