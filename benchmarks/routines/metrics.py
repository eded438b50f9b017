"""How good a result is: an image against the true one."""

import cv2
import kornia
import numpy as np
import skimage.metrics
import torch

from benchmarks.routines.case import Case
from imgkit import metrics

GATE = "OpenCV subtracts at once; the rest is the gate, which looks for NaN and for 0..255 first"


def _noisy_and_true(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    white = 255 if photo.dtype == np.uint8 else 1
    noise = np.random.default_rng(0).normal(0, 0.1 * white, photo.shape)
    noisy = np.clip(photo + noise, 0, white)
    return np.rint(noisy).astype(np.uint8) if white == 255 else noisy.astype(photo.dtype), photo


def _large(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At least 192 pixels a side, for five scales."""
    times = [-(-192 // n) for n in photo.shape[:2]] + [1] * (photo.ndim - 2)
    return _noisy_and_true(np.tile(photo, times))


def _full_scale(image: np.ndarray) -> float:
    return 255 if image.dtype == np.uint8 else 1


def _whole(metric):
    """A colour tensor has a number for each channel; an array, and this, one for all."""
    return lambda a, b: metric(a, b).mean() if isinstance(a, torch.Tensor) else metric(a, b)


def _psnr(a, b):
    if isinstance(a, torch.Tensor):
        return -10 * metrics.mse(a, b).mean().log10()
    return metrics.psnr(a, b)


def _ssim_scikit_image(a: np.ndarray, b: np.ndarray) -> float:
    return skimage.metrics.structural_similarity(
        a,
        b,
        data_range=_full_scale(a),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=2 if a.ndim == 3 else None,
    )


def _ms_ssim_by_hand(a: np.ndarray, b: np.ndarray) -> float:
    """The definition by scikit-image's maps: SSIM is luminance times contrast on each scale."""
    if a.ndim == 3:
        return np.mean([_ms_ssim_by_hand(a[..., c], b[..., c]) for c in range(a.shape[2])])
    value = 1.0
    for weight in (0.0448, 0.2856, 0.3001, 0.2363):
        m1, m2 = (cv2.GaussianBlur(x, (11, 11), 1.5) for x in (a, b))
        luminance = (2 * m1 * m2 + 1e-4) / (m1**2 + m2**2 + 1e-4)
        whole = skimage.metrics.structural_similarity(
            a,
            b,
            data_range=1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
        )[1]
        value *= (whole / luminance)[5:-5, 5:-5].mean() ** weight
        a, b = (x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2).mean((1, 3)) for x in (a, b))
    return value * _ssim_scikit_image(a, b) ** 0.1333


CASES = [
    Case(
        "metrics.mse",
        ours=_whole(metrics.mse),
        same={
            "opencv": lambda a, b: cv2.norm(a, b, cv2.NORM_L2SQR) / a.size / _full_scale(a) ** 2,
            "scikit-image": lambda a, b: (
                skimage.metrics.mean_squared_error(a, b) / _full_scale(a) ** 2
            ),
            "torch mse_loss": torch.nn.functional.mse_loss,
        },
        reference=lambda a, b: np.mean((a - b) ** 2),
        prepare=_noisy_and_true,
        note=GATE,
    ),
    Case(
        "metrics.psnr",
        ours=_psnr,
        same={
            "opencv": lambda a, b: cv2.PSNR(a, b, _full_scale(a)),
            "scikit-image": lambda a, b: skimage.metrics.peak_signal_noise_ratio(
                b, a, data_range=_full_scale(a)
            ),
            "kornia": lambda a, b: kornia.metrics.psnr(a, b, 1.0),
        },
        reference=lambda a, b: -10 * np.log10(np.mean((a - b) ** 2)),
        prepare=_noisy_and_true,
        note=GATE,
    ),
    Case(
        "metrics.ssim",
        ours=_whole(metrics.ssim),
        same={
            "scikit-image": _ssim_scikit_image,
            "kornia": lambda a, b: kornia.metrics.ssim(a, b, 11, padding="valid").mean(),
        },
        reference=_ssim_scikit_image,
        prepare=_noisy_and_true,
        goals=(("imgkit", "scikit-image", 5),),
    ),
    Case(
        "metrics.ms_ssim",
        ours=_whole(metrics.ms_ssim),
        reference=_ms_ssim_by_hand,
        prepare=_large,
        note="no library on the list has it",
    ),
]
