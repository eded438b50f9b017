"""The array engine: transforms of NumPy arrays (H, W) or (H, W, C), by SciPy.

Each function has its twin of the same name in :mod:`imgkit.frequency.tensors`. Arguments have been
checked: these see floats, and modes that make sense. Never ``cv2.dft``: it takes 60 times as long
for sides that are prime numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np
import scipy.fft

if TYPE_CHECKING:
    from imgkit.frequency.engine import Period, Response

AXES = (0, 1)
COSINES = {"mirror": 1, "reflect": 2}  # the types of the cosine transforms


def filtered(values: np.ndarray, response: Response, mode: Period) -> np.ndarray:
    """Multiply each wave by a factor that is even along both axes."""
    h, w = values.shape[:2]
    if mode == "wrap" or h == w == 1:  # a cosine transform I takes two pixels at least
        return _fourier(values, response)
    options = {"type": COSINES[mode], "axes": [axis for axis in AXES if values.shape[axis] > 1]}
    options["workers"] = cv2.getNumThreads()  # one knob for all that runs in parallel
    waves = scipy.fft.dctn(values, **options)
    waves *= _factors(values, response, half_waves(h, mode), half_waves(w, mode))
    return scipy.fft.idctn(waves, overwrite_x=True, **options)


def filtered_oblique(
    values: np.ndarray, response: Response, mode: Period, reach: int
) -> np.ndarray:
    """Multiply each wave by a factor, real and the same for f and -f.

    What is more than ``reach`` pixels away makes no difference.
    """
    h, w = values.shape[:2]
    if mode != "wrap":
        for axis in AXES:
            values = values.take(surroundings(values.shape[axis], mode, reach), axis)
    return np.ascontiguousarray(_fourier(values, response)[:h, :w])


def resampled(values: np.ndarray, n: int, axis: int) -> np.ndarray:
    """The same cosines, or as many as there can be, on n pixels along an axis."""
    options = {"type": 2, "axis": axis, "norm": "ortho", "workers": cv2.getNumThreads()}
    waves = scipy.fft.dct(values, **options)
    waves *= (n / values.shape[axis]) ** 0.5
    return scipy.fft.idct(waves, n=n, overwrite_x=True, **options)  # cuts off, or adds zeros


def spectrum(values: np.ndarray) -> np.ndarray:
    """The logarithm of the Fourier transform's magnitude, 0..1, frequency 0 in the middle."""
    h, w = values.shape[:2]
    half = np.log1p(
        magnitudes(values.astype(np.float64))
    )  # a logarithm would show float32's errors
    half /= np.maximum(half.max(AXES), 1e-300)  # a black image is black
    half = half.astype(values.dtype)
    rows = np.arange(h) - h // 2
    right = half.take(rows, 0, mode="wrap")[:, : (w + 1) // 2]
    left = half.take(-rows, 0, mode="wrap")[
        :, w // 2 : 0 : -1
    ]  # of a real image, F(-f) = conj F(f)
    return np.concatenate([left, right], axis=1)


def magnitudes(values: np.ndarray) -> np.ndarray:
    """Of the Fourier transform, columns 0 to W // 2."""
    return np.abs(scipy.fft.rfft2(values, axes=AXES, workers=cv2.getNumThreads()))


def unfolded(half: np.ndarray, w: int, reach: tuple[int, int]) -> np.ndarray:
    """Magnitudes of columns 0 to W // 2, with what follows on each side: F(-f) has that of F(f)."""
    (up, aside), opposite = reach, half.take(-np.arange(len(half)), 0, mode="wrap")
    beyond = w - np.arange(w // 2 + 1, w // 2 + 1 + aside)
    wide = np.concatenate([opposite[:, aside:0:-1], half, opposite[:, beyond]], axis=1)
    return np.pad(wide, ((up, up), (0, 0)), mode="wrap")


def largest(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The largest value of each window of (rows, columns) that lies inside."""
    tall = cv2.dilate(values, np.ones(size, np.uint8), anchor=(0, 0))
    return tall[: values.shape[0] - size[0] + 1, : values.shape[1] - size[1] + 1]


def like(values: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What gives numbers the precision of an image."""
    return lambda numbers: numbers.astype(values.dtype)


def precise(values: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What makes numbers float64."""
    return partial(np.asarray, dtype=np.float64)


def half_waves(n: int, mode: Period) -> np.ndarray:
    """The frequencies of a cosine transform of n pixels."""
    return np.arange(n) / (2 * max(n - 1, 1) if mode == "mirror" else 2 * n)


def surroundings(n: int, mode: Period, reach: int) -> np.ndarray:
    """Which pixels follow in the endless pattern, and which stand before the first, at the end.

    One period, 0 1 2 3 2 1 for mirror and 0 1 2 3 3 2 1 0 for reflect, unless less is enough.
    """
    there = np.arange(n)
    period = np.concatenate([there, there[-2:0:-1] if mode == "mirror" else there[::-1]])
    if n + 2 * reach >= len(period):
        return period
    length = scipy.fft.next_fast_len(n + 2 * reach, real=True)
    places = np.concatenate([np.arange(length - reach), np.arange(-reach, 0)])
    return period[places % len(period)]


def _fourier(values: np.ndarray, response: Response) -> np.ndarray:
    h, w = values.shape[:2]
    options = {"axes": AXES, "workers": cv2.getNumThreads()}
    waves = scipy.fft.rfft2(values, **options)
    waves *= _factors(values, response, scipy.fft.fftfreq(h), scipy.fft.rfftfreq(w))
    return scipy.fft.irfft2(waves, (h, w), overwrite_x=True, **options)


def _factors(
    values: np.ndarray, response: Response, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    with np.errstate(over="ignore"):  # far beyond a cutoff
        factors = response(rows, columns, like(values))
    return factors if values.ndim == 2 else factors[..., None]
