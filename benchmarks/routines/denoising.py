"""Denoisers that look for what is alike, and those that look at wavelets."""

import cv2
import numpy as np
import pywt
import skimage.restoration
from scipy import ndimage

from benchmarks.routines.case import Case
from imgkit import restoration

SIGMA = 0.05  # of the noise, in fractions of full scale


def _noisy(photo: np.ndarray) -> tuple[np.ndarray]:
    """With less contrast, so that noise and what denoising makes of it stay within 0..1."""
    full = 255 if photo.dtype == np.uint8 else 1
    faint = (photo * 0.4 + full * 0.3).astype(photo.dtype)
    return (restoration.gaussian_noise(faint, sigma=SIGMA, seed=0),)


def _options(image: np.ndarray) -> dict:
    return {"channel_axis": 2 if image.ndim == 3 else None}


def _in_levels(image: np.ndarray) -> float:
    """scikit-image counts the noise of bytes in grey levels."""
    return 255 if image.dtype == np.uint8 else 1


def _estimate(image: np.ndarray) -> np.ndarray:
    found = skimage.restoration.estimate_sigma(image, **_options(image))
    return np.asarray(found) / _in_levels(image)


def _median_of_details(image: np.ndarray) -> np.ndarray:
    """The definition, blank places left out."""
    planes = [image] if image.ndim == 2 else list(np.moveaxis(image, 2, 0))
    details = [np.abs(pywt.dwt2(plane, "db2")[1][2]) for plane in planes]
    pairs = zip(details, planes, strict=True)
    sigmas = [np.median(d[d > 1e-6 * np.abs(p).max()]) / 0.6744897501960817 for d, p in pairs]
    return np.asarray(sigmas if image.ndim == 3 else sigmas[0])


def _wavelet(image: np.ndarray) -> np.ndarray:
    return skimage.restoration.denoise_wavelet(
        image, sigma=SIGMA * _in_levels(image), wavelet="db2", **_options(image)
    )


def _means(image: np.ndarray) -> np.ndarray:
    """Patches of 7, a window of 21, h = 0.6 sigma."""
    wide = np.pad(np.atleast_3d(image), ((13, 13), (13, 13), (0, 0)), mode="reflect")
    rows, columns = image.shape[:2]
    inner = slice(3, 3 + rows), slice(3, 3 + columns)
    here, sums, total = wide[10:-10, 10:-10], 0, 0
    for i in range(21):
        for j in range(21):
            there = wide[i : i + rows + 6, j : j + columns + 6]
            square = ((here - there) ** 2).mean(axis=2)
            distance = ndimage.uniform_filter(square, 7)[inner]
            excess = np.maximum(distance - 2 * SIGMA**2, 0)
            weight = np.exp(-excess / (0.6 * SIGMA) ** 2)[..., None]
            sums, total = sums + weight * there[inner], total + weight
    return (sums / total).reshape(image.shape)


CASES = [
    Case(
        "restoration.estimate_sigma",
        ours=restoration.estimate_sigma,
        same={"scikit-image": _estimate},
        reference=_median_of_details,
        prepare=_noisy,
    ),
    Case(
        "restoration.wavelet",
        "db2",
        ours=lambda x: restoration.wavelet(x, sigma=SIGMA),
        same={"scikit-image": _wavelet},
        reference=_wavelet,
        prepare=_noisy,
    ),
    Case(
        "restoration.non_local_means",
        "patch 7, window 21",
        ours=lambda x: restoration.non_local_means(x, sigma=SIGMA),
        like={
            "scikit-image": lambda x: skimage.restoration.denoise_nl_means(
                x, 7, 10, 0.6 * SIGMA, True, SIGMA, **_options(x)
            ),
            "opencv": lambda x: cv2.fastNlMeansDenoising(x, None, 255 * 0.6 * SIGMA, 7, 21),
        },
        reference=_means,
        prepare=_noisy,
        size=256,
        note="scikit-image's fast mode; it sums 6x6 pixels for a patch of 7. OpenCV takes 8 bits "
        "only and does not subtract the noise from distances.",
    ),
    Case(
        "restoration.nl_bayes",
        ours=lambda x: restoration.nl_bayes(x, sigma=SIGMA),
        prepare=_noisy,
        size=256,
        note="No peer here has it; for quality see benchmarks/denoising.py.",
    ),
]
