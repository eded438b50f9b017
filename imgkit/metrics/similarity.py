"""What SSIM and MS-SSIM measure, for planes (H, W) of NumPy arrays and for tensors (..., H, W).

Both factors of SSIM are 1 less what the images do not share, so they are computed that way; equal
images have exactly 1::

    (2 m1 m2 + C1) / (m1² + m2² + C1) = 1 - (m1 - m2)² / (m1² + m2² + C1)
    (2 c + C2) / (v1 + v2 + C2)       = 1 - v / (v1 + v2 + C2),  v the variance of the difference

Four blurs are enough: of either image, of the sum of squares, since the two variances are only ever
added, and of the squared difference. A variance is a small difference of two large numbers, so 0.5
is taken away first: that changes no variance, and makes the numbers small. Arguments have been
checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from imgkit import filtering

if TYPE_CHECKING:
    import torch

WINDOW, SIGMA = 11, 1.5
C1, C2 = 0.01**2, 0.03**2
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
EDGE = WINDOW // 2  # where a window would reach beyond the image
TILE = 64  # rows at once: everything stays in the cache, half the time of whole images
Values = TypeVar("Values", np.ndarray, "torch.Tensor")


def _factors(
    means: tuple[Values, Values], squares: Values, difference: Values
) -> tuple[Values, Values]:
    """SSIM's factors of luminance and of contrast, from the blurs of images that lie about 0."""
    first, second = means
    apart = (first - second) ** 2
    variances = squares - first**2 - second**2
    contrast = 1 - (difference - apart) / (variances + C2)
    luminance = 1 - apart / ((first + 0.5) ** 2 + (second + 0.5) ** 2 + C1)
    return luminance, contrast


# --- arrays ---------------------------------------------------------------------------------------


def of_planes(image: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """SSIM of two planes, and the mean of its factor of contrast."""
    rows, columns = image.shape[0] - 2 * EDGE, image.shape[1] - 2 * EDGE
    sums = np.zeros(2)
    for top in range(0, rows, TILE):
        tile = slice(top, top + TILE + 2 * EDGE)
        sums += _sums(_unit(image[tile]) - 0.5, _unit(reference[tile]) - 0.5)
    ssim, contrast = sums / (rows * columns)
    return float(ssim), float(contrast)


def of_planes_on_scales(image: np.ndarray, reference: np.ndarray) -> float:
    """MS-SSIM of two planes."""
    pair = [_unit(image), _unit(reference)]
    value = 1.0
    for weight in SCALE_WEIGHTS[:-1]:
        value *= max(of_planes(*pair)[1], 0.0) ** weight
        pair = [_halved(plane) for plane in pair]
    return value * max(of_planes(*pair)[0], 0.0) ** SCALE_WEIGHTS[-1]


def _sums(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    means = _blurred(a), _blurred(b)
    squares, difference = _blurred(a * a + b * b), _blurred((a - b) ** 2)
    luminance, contrast = _factors(means, squares, difference)
    luminance *= contrast
    return luminance.sum(dtype=np.float64), contrast.sum(dtype=np.float64)


def _blurred(plane: np.ndarray) -> np.ndarray:
    wide = cv2.GaussianBlur(plane, (WINDOW, WINDOW), SIGMA)
    return wide[EDGE:-EDGE, EDGE:-EDGE]


def _unit(plane: np.ndarray) -> np.ndarray:
    """As contiguous floats in 0..1."""
    if plane.dtype == np.uint8:
        return plane.astype(np.float32) / 255
    return np.ascontiguousarray(plane)


def _halved(plane: np.ndarray) -> np.ndarray:
    """The means of 2 x 2 pixels; of an odd side the last pixel counts twice."""
    h, w = plane.shape
    even = cv2.copyMakeBorder(plane, 0, h % 2, 0, w % 2, cv2.BORDER_REPLICATE)
    return cv2.resize(even, ((w + 1) // 2, (h + 1) // 2), interpolation=cv2.INTER_AREA)


# --- tensors --------------------------------------------------------------------------------------


def of_tensors(image: torch.Tensor, reference: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """SSIM (...) of two tensors (..., H, W), and the mean of its factor of contrast."""
    a, b = image - 0.5, reference - 0.5
    means = _blurred_tensor(a), _blurred_tensor(b)
    squares, difference = _blurred_tensor(a * a + b * b), _blurred_tensor((a - b) ** 2)
    luminance, contrast = _factors(means, squares, difference)
    return (luminance * contrast).mean((-2, -1)), contrast.mean((-2, -1))


def of_tensors_on_scales(image: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """MS-SSIM (...) of two tensors (..., H, W)."""
    pair = [image, reference]
    value = 1.0
    for weight in SCALE_WEIGHTS[:-1]:
        value = value * _power(of_tensors(*pair)[1], weight)
        pair = [_halved_tensor(planes) for planes in pair]
    return value * _power(of_tensors(*pair)[0], SCALE_WEIGHTS[-1])


def _blurred_tensor(planes: torch.Tensor) -> torch.Tensor:
    wide = filtering.gaussian(planes, sigma=SIGMA, truncate=3.5)  # 11 pixels
    return wide[..., EDGE:-EDGE, EDGE:-EDGE]


def _power(base: torch.Tensor, exponent: float) -> torch.Tensor:
    """``base ** exponent``, 0 for a negative base, and a gradient of 0 there."""
    positive = base > 0
    return base.where(positive, 1.0) ** exponent * positive


def _halved_tensor(planes: torch.Tensor) -> torch.Tensor:
    import torch

    for axis in (-2, -1):
        n = planes.shape[axis]
        if n % 2:
            planes = torch.cat([planes, planes.narrow(axis, n - 1, 1)], axis)
        planes = planes.unflatten(axis, (-1, 2)).mean(axis)
    return planes
