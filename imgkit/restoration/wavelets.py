"""Denoising in the wavelet domain, and how strong noise is as the finest wavelets see it.

A wavelet transform says what an image is at each scale and place. Edges become a few large
coefficients; white noise stays what it was, spread over all of them and equally strong. So a small
coefficient is noise, mostly.

One level splits the rows into a smooth and a detail half, then the columns. Between the two passes
the image is turned, so that both run along memory: steps from line to line are slow, and very slow
where lines are a power of two long.
"""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import pywt

from imgkit.capabilities import routine
from imgkit.filtering import tensors
from imgkit.filtering.engine import engine
from imgkit.images import AnyImage, is_tensor, require_image, require_positive, require_whole
from imgkit.restoration.scale import OVERWHELMING, from_unit, to_unit

if TYPE_CHECKING:
    import torch

NORMAL_MEDIAN = 0.6744897501960817  # of abs(x), for x of standard deviation 1
BLANK = 1e-6  # of the largest magnitude: rounding leaves less, noise leaves more
MOST_LEVELS = 16
Sigma: TypeAlias = "float | npt.NDArray[np.float64] | torch.Tensor"


# --- how strong the noise is ----------------------------------------------------------------------


@routine(float32=1e-6, float64=1e-13, uint8=1e-3)
def estimate_sigma(image: AnyImage) -> Sigma:
    """How strong white Gaussian noise is, judged from the noisy image alone.

    ``sigma = median(abs(d)) / 0.6745`` where d are the finest diagonal wavelet coefficients:
    detail across both rows and columns, which noise has everywhere and pictures in few places. The
    median does not mind those few.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values

    Returns
    -------
    The standard deviation in fractions of full scale: a float for (H, W), an array (C,) of float64
    for (H, W, C), a tensor (...) for a tensor.

    Raises
    ------
    TypeError, ValueError
        If it is not an image.

    Notes
    -----
    Coefficients that are zero up to rounding (1e-6 of the largest magnitude) are left out: they lie
    where the image is blank or clipped and say nothing about noise. If none is left, the answer is
    0. Fine texture counts as noise; noise that was clipped, smoothed or compressed is
    underestimated.

    The wavelet is Daubechies' with four taps ("db2") and the border ``reflect``, as in
    ``skimage.restoration.estimate_sigma``, which gives the same for floats and counts uint8 in grey
    levels. Within 1e-6 of the largest magnitude of the float64 definition in float32, 1e-13 in
    float64; for uint8 within 1e-3 of a level.

    References
    ----------
    Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81 (1994).

    Examples
    --------
    >>> noisy = np.random.default_rng(0).normal(0.5, 0.1, (200, 200))
    >>> f"{estimate_sigma(noisy):.2f}"
    '0.10'
    """
    require_image(image, tensor=True)
    values, unit = to_unit(image)
    if is_tensor(image) or image.ndim == 2:
        return _estimate(_finest_diagonal(values), values) * unit
    planes = np.ascontiguousarray(np.moveaxis(values, 2, 0))
    return np.array([_estimate(_finest_diagonal(plane), plane) for plane in planes]) * unit


def _finest_diagonal(values: AnyImage) -> AnyImage:
    """Detail across both axes at every second pixel: ``d[k] = sum(h[j] * x[2k + 1 - j])``."""
    high = np.array(pywt.Wavelet("db2").dec_hi[::-1])
    wide = engine(values).pad(values, ((2, 3), (2, 3)), mode="reflect")
    detail = engine(values).separable(wide, high, high, (2, 2), mode="constant", cval=0.0)
    return detail[..., 2:-1:2, 2:-1:2]


def _estimate(detail: AnyImage, image: AnyImage) -> float | torch.Tensor:
    """From the finest diagonal coefficients (..., h, w) of (..., H, W), blank ones left out."""
    if is_tensor(detail):
        blank = BLANK * image.detach().abs().amax((-2, -1))
        return _median(detail.abs().flatten(-2), blank[..., None]) / NORMAL_MEDIAN
    sizes = np.abs(detail).ravel()
    sizes = sizes[sizes > BLANK * max(-float(image.min()), float(image.max()))]
    if not sizes.size:
        return 0.0
    half = sizes.size // 2
    sizes.partition(half)
    below = sizes[half] if sizes.size % 2 else sizes[:half].max()
    return (float(below) + float(sizes[half])) / 2 / NORMAL_MEDIAN


def _median(sizes: torch.Tensor, blank: torch.Tensor) -> torch.Tensor:
    """Of the values above ``blank``, for each row of (..., N); 0 if there is none."""
    ordered = sizes.sort(dim=-1).values  # what is left out comes first
    kept = (ordered > blank).sum(-1, keepdim=True)
    first, last = sizes.shape[-1] - kept, sizes.shape[-1] - 1
    low, high = first + (kept - 1).clamp(min=0) // 2, first + kept // 2
    middle = ordered.gather(-1, low.clamp(max=last)) + ordered.gather(-1, high.clamp(max=last))
    return (middle * (kept > 0) / 2).squeeze(-1)


# --- denoising ------------------------------------------------------------------------------------


@routine(float32=5e-6, float64=1e-11, uint8=0.51)
def wavelet(
    image: AnyImage,
    *,
    sigma: float | None = None,
    wavelet: str = "db2",
    levels: int | None = None,
) -> AnyImage:
    """Denoise by shrinking wavelet coefficients: the small ones to nothing, all of them a little.

    ``c -> sign(c) * max(abs(c) - t, 0)`` with ``t = sigma² / s`` for each scale and direction,
    where ``s² = mean(c²) - sigma²`` is how strong the picture itself is there (BayesShrink). Where
    there is nothing but noise, nothing is kept.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values.
        Channels are denoised one by one, each with its own thresholds.
    sigma : standard deviation of the noise, in fractions of full scale, > 0. If not given, it is
        estimated for each channel as in :func:`estimate_sigma`, from the wavelet at hand.
    wavelet : name of an orthogonal wavelet: "haar", "db2" .. "db38", "sym2" .. "sym20", "coif1" ..
        "coif17". Longer ones are smoother, and ring further from edges.
    levels : how many scales, 1..16. If not given, all that the wavelet fits into but the three
        coarsest, where noise is not seen.

    Returns
    -------
    Same shape and dtype; uint8 rounded and clipped, floats neither.

    Raises
    ------
    ValueError
        If sigma is not positive, the wavelet is unknown or not orthogonal, or levels lie outside
        1..16.
    TypeError
        If levels is not whole, or the image has another dtype.

    Notes
    -----
    The border is ``reflect``. The same as ``skimage.restoration.denoise_wavelet`` (BayesShrink,
    soft, each channel for itself) to 1e-10 in float64, and quicker. Within 5e-6 of
    the float64 definition in float32 (of the largest magnitude), 1e-11 in float64. Gradients flow
    through the thresholds too, and through an estimated sigma.

    References
    ----------
    Chang, Yu and Vetterli, Adaptive wavelet thresholding for image denoising and compression, IEEE
    Transactions on Image Processing 9 (2000). Mallat, A Wavelet Tour of Signal Processing, 3rd ed.,
    sections 7.3 and 11.2.

    Examples
    --------
    >>> noisy = np.random.default_rng(0).normal(0.5, 0.1, (64, 64))
    >>> f"{noisy.std():.2f} {wavelet(noisy, sigma=0.1, levels=3).std():.2f}"
    '0.10 0.02'
    """
    require_image(image, tensor=True)
    if sigma is not None:
        require_positive(sigma=sigma)
    filters = _orthogonal(wavelet)
    values, unit = to_unit(image)
    sigma = None if sigma is None else min(float(sigma) / unit, OVERWHELMING)
    if is_tensor(image):
        depth = _levels(levels, image.shape[-2:], filters)
        return from_unit(_denoised(values, sigma, filters, depth), unit, like=image)
    depth = _levels(levels, image.shape[:2], filters)
    planes = np.ascontiguousarray(np.moveaxis(np.atleast_3d(values), 2, 0))
    out = np.stack([_denoised(plane, sigma, filters, depth) for plane in planes], axis=-1)
    return from_unit(out.reshape(image.shape), unit, like=image)


def _orthogonal(name: str) -> pywt.Wavelet:
    """The filters of a wavelet under which white noise stays white."""
    if not isinstance(name, str):
        raise TypeError(f"wavelet must be a name such as 'db2', got {name!r}")
    if not any(name in pywt.wavelist(family) for family in ("haar", "db", "sym", "coif")):
        raise ValueError(
            f"wavelet must be 'haar', 'db2' .. 'db38', 'sym2' .. 'sym20' or 'coif1' .. 'coif17', "
            f"got {name!r}"
        )
    return pywt.Wavelet(name)


def _levels(levels: int | None, shape: tuple[int, int], filters: pywt.Wavelet) -> int:
    if levels is None:
        return max(pywt.dwt_max_level(min(shape), filters) - 3, 1)
    require_whole(1, MOST_LEVELS, levels=levels)
    return int(levels)


def _denoised(image: AnyImage, sigma: float | None, filters: pywt.Wavelet, levels: int) -> AnyImage:
    """Take (..., H, W) apart, level by level; shrink the details; put it together again."""
    smooth, scales = image, []
    for _ in range(levels):
        shape = smooth.shape[-2:]
        smooth, *details = _split(smooth, filters)
        scales.append((shape, details))
    if sigma is None:
        sigma = _estimate(scales[0][1][-1], image)
    for shape, details in reversed(scales):
        details = [_shrunk(detail, sigma) for detail in details]
        smooth = _join(smooth, *details, filters=filters, shape=shape)
    return smooth


def _shrunk(detail: AnyImage, sigma: float | torch.Tensor) -> AnyImage:
    """Towards 0 by the threshold of BayesShrink, and not beyond."""
    if is_tensor(detail):
        noise = sigma**2 if not is_tensor(sigma) else (sigma**2)[..., None, None]
        picture = detail.square().mean((-2, -1), keepdim=True) - noise
        seen = picture > 0
        threshold = noise / picture.where(seen, picture.new_ones(())).sqrt()
        return (detail - detail.clamp(-threshold, threshold)) * seen
    picture = cv2.norm(detail, cv2.NORM_L2SQR) / detail.size - sigma**2
    if picture <= 0:
        return np.zeros_like(detail)
    threshold = sigma**2 / sqrt(picture)
    return detail - np.clip(detail, -threshold, threshold)


# --- one level of the transform -------------------------------------------------------------------


def _split(image: AnyImage, filters: pywt.Wavelet) -> list[AnyImage]:
    """(..., H, W) into its smooth part and three of details, the diagonal last, each turned."""
    return [part for half in _halves(image, filters) for part in _halves(_turned(half), filters)]


def _join(
    smooth: AnyImage,
    *details: AnyImage,
    filters: pywt.Wavelet,
    shape: tuple[int, int],
) -> AnyImage:
    """The way back, to (..., *shape)."""
    low = _turned(_whole(smooth, details[0], filters, shape[0]))
    high = _turned(_whole(details[1], details[2], filters, shape[0]))
    return _whole(low, high, filters, shape[1])


def _turned(image: AnyImage) -> AnyImage:
    return image.mT if is_tensor(image) else cv2.transpose(image)


def _halves(image: AnyImage, filters: pywt.Wavelet) -> tuple[AnyImage, AnyImage]:
    """Smooth and detail along each row: ``low[k] = sum(h[j] * x[2k + 1 - j])``, x reflected."""
    if not is_tensor(image):
        return pywt.dwt(image, filters, mode="symmetric", axis=-1)
    taps, n = filters.dec_len, image.shape[-1]
    wide = tensors.pad(image, ((0, 0), (taps - 2, taps - 1)), mode="reflect")
    count = (n + taps - 1) // 2
    views = [wide[..., taps - 1 - j :: 2][..., :count] for j in range(taps)]
    return _weighted(views, filters.dec_lo), _weighted(views, filters.dec_hi)


def _whole(low: AnyImage, high: AnyImage, filters: pywt.Wavelet, n: int) -> AnyImage:
    """Rows of n pixels from their smooth and their detail half."""
    if not is_tensor(low):
        return pywt.idwt(low, high, filters, mode="symmetric", axis=-1)[..., :n]
    pairs = filters.rec_len // 2
    count = low.shape[-1] - pairs + 1
    views = [half.narrow(-1, s, count) for half in (low, high) for s in range(pairs)]
    phases = [  # even pixels, then odd ones: every second tap, from the last
        _weighted(views, filters.rec_lo[last::-2] + filters.rec_hi[last::-2]) for last in (-2, -1)
    ]
    import torch

    return torch.stack(phases, dim=-1).flatten(-2)[..., :n]


def _weighted(views: list[torch.Tensor], weights: list[float]) -> torch.Tensor:
    out = views[0] * weights[0]
    for view, weight in zip(views[1:], weights[1:], strict=True):
        out.add_(view, alpha=weight)
    return out
