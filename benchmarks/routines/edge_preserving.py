"""The bilateral and the guided filter."""

import cv2
import kornia
import numpy as np
import skimage.restoration

from benchmarks.routines.case import Case
from imgkit import filtering

DISC = [(i, j) for i in range(9) for j in range(9) if (i - 4) ** 2 + (j - 4) ** 2 <= 16]


def _wide(x: np.ndarray, reach: int) -> np.ndarray:
    x = np.atleast_3d(x)
    return np.pad(x, [(reach, reach), (reach, reach), (0, 0)], mode="reflect")


def _bilateral64(x: np.ndarray) -> np.ndarray:
    wide, pixels = _wide(x, 4), np.atleast_3d(x)
    total, weights = 0, 0
    for i, j in DISC:
        other = wide[i : i + x.shape[0], j : j + x.shape[1]]
        difference = np.abs(other - pixels).sum(axis=2, keepdims=True)
        distance2 = (i - 4) ** 2 + (j - 4) ** 2
        weight = np.exp(-distance2 / 8 - difference**2 / 0.02)
        total, weights = total + weight * other, weights + weight
    return (total / weights).reshape(x.shape)


def _guided64(x: np.ndarray) -> np.ndarray:
    """Guided by itself, the covariance of all channels inverted."""

    def mean(values: np.ndarray) -> np.ndarray:
        flat = np.ascontiguousarray(values.reshape(*values.shape[:2], -1))
        planes = [cv2.blur(plane, (9, 9)) for plane in np.moveaxis(flat, 2, 0)]
        return np.stack(planes, axis=-1).reshape(values.shape)

    wide = _wide(x, 8)
    centre = mean(wide)
    products = mean(wide[..., None] * wide[..., None, :])
    own = products - centre[..., None] * centre[..., None, :]
    slopes = np.linalg.solve(own + 0.01 * np.eye(own.shape[-1]), own)
    offset = mean(centre - np.einsum("rcik,rci->rck", slopes, centre))
    out = np.einsum("rcik,rci->rck", mean(slopes), wide) + offset
    return out[8:-8, 8:-8].reshape(x.shape)


def _softened(photo: np.ndarray) -> np.ndarray:
    """Within a quarter and three quarters, so that what overshoots is not cut off in uint8."""
    return photo // 2 + 64 if photo.dtype == np.uint8 else photo / 2 + 0.25


CASES = [
    Case(
        "filtering.bilateral",
        "9 pixels",
        ours=lambda x: filtering.bilateral(x, sigma_color=0.1, sigma_space=2, size=9),
        same={
            "opencv": lambda x: cv2.bilateralFilter(x, 9, 25.5 if x.dtype == np.uint8 else 0.1, 2),
        },
        like={  # a square window; scikit-image's colour difference is Euclidean
            "scikit-image": lambda x: skimage.restoration.denoise_bilateral(
                x,
                win_size=9,
                sigma_color=0.1,
                sigma_spatial=2,
                mode="symmetric",
                channel_axis=2 if x.ndim == 3 else None,
            ),
            "kornia": lambda x: kornia.filters.bilateral_blur(x, (9, 9), 0.1, (2, 2)),
        },
        reference=_bilateral64,
    ),
    Case(
        "filtering.guided",
        "radius 4",
        ours=lambda x: filtering.guided(x, radius=4, epsilon=0.01),
        like={
            "kornia": lambda x: kornia.filters.guided_blur(x, x, 9, 0.01),
        },
        reference=_guided64,
        prepare=lambda photo: (_softened(photo),),
        note="In float64 inside: variances of float32 lose their digits.",
    ),
]
