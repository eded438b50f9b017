"""Denoising by averaging what looks alike, wherever in the picture it lies."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from numbers import Integral

import numpy as np
import scipy.fft

from imgkit.capabilities import routine
from imgkit.filtering import tensors
from imgkit.images import AnyImage, is_tensor, require_image, require_positive
from imgkit.restoration import bayes, non_local
from imgkit.restoration.scale import OVERWHELMING, from_unit, to_unit
from imgkit.restoration.wavelets import estimate_sigma

LARGEST = {"patch": 51, "window": 101}  # beyond, minutes pass
BY_DEFAULT = 0.6  # h in units of sigma


@routine(float32=1e-5, float64=1e-11, uint8=0.51)
def non_local_means(
    image: AnyImage,
    *,
    sigma: float | None = None,
    h: float | None = None,
    patch: int = 7,
    window: int = 21,
) -> AnyImage:
    """Denoise: the mean of the pixels around whose surroundings look like this one's.

    ``out(p) = sum over q of w(p, q) * image(q) / sum of w(p, q)``, where
    ``w(p, q) = exp(-max(d² - 2 sigma², 0) / h²)`` and d² is the mean squared difference of the
    patches around p and q. Of two patches that show the same thing, noise alone makes d² about
    2 sigma²: that much is forgiven.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (H, W) or (..., C, H, W); floats may have any
        finite values. Channels share their weights: patches are compared in all of them.
    sigma : standard deviation of the noise, in fractions of full scale, > 0. If not given, the mean
        of :func:`estimate_sigma` over the channels, for each image of a batch.
    h : how different patches may look, in fractions of full scale, > 0: small keeps noise, large
        blurs. If not given, 0.6 sigma.
    patch : side of a patch in pixels, odd, up to 51
    window : side of the square in which patches are compared, odd, up to 101

    Returns
    -------
    Same shape and dtype; uint8 rounded and clipped, floats neither.

    Raises
    ------
    ValueError
        If sigma or h is not positive, or patch or window is even or too large.
    TypeError
        If patch or window is not whole, or the image has another dtype.

    Notes
    -----
    The border is ``mirror``; all pixels of a patch count alike; a pixel is its own neighbour, with
    weight 1. scikit-image's ``denoise_nl_means`` means the same with ``fast_mode=True``, but sums
    over one row and column less than it divides by and drops weights below exp(-5): some 0.02 off.
    OpenCV's ``fastNlMeansDenoising`` takes 8 bits only and reads weights from a table: up to 0.05
    off. Within 1e-5 of the float64 definition in float32 (of the largest magnitude), 1e-11 in
    float64.

    References
    ----------
    Buades, Coll and Morel, A non-local algorithm for image denoising, CVPR 2005; Non-local means
    denoising, Image Processing On Line 1 (2011). Darbon et al., Fast nonlocal filtering, ISBI 2008.

    Examples
    --------
    >>> noisy = np.random.default_rng(0).normal(0.5, 0.1, (32, 32))
    >>> f"{noisy.std():.2f} {non_local_means(noisy, sigma=0.1).std():.3f}"
    '0.10 0.008'
    """
    require_image(image, tensor=True)
    for name, value in (("sigma", sigma), ("h", h)):
        if value is not None:
            require_positive(**{name: value})
    sizes = {"patch": _odd(patch=patch), "window": _odd(window=window)}
    values, unit = to_unit(image)
    planes = values if values.ndim > 2 else values[None] if is_tensor(image) else values[..., None]
    if sigma is None:
        sigma = estimate_sigma(planes)
        sigma = sigma.mean(-1)[..., None, None, None] if is_tensor(image) else float(sigma.mean())
    else:
        sigma = min(float(sigma) / unit, OVERWHELMING)
    h = BY_DEFAULT * sigma if h is None else float(h) / unit
    means = non_local.tensor_means if is_tensor(image) else non_local.array_means
    out = means(planes, sigma=sigma, h=h, **sizes)
    return from_unit(out.reshape(image.shape), unit, like=image)


def _odd(**values: int) -> int:
    ((name, value),) = values.items()
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number of pixels, got {value!r}")
    if value % 2 == 0 or not 1 <= value <= LARGEST[name]:
        raise ValueError(f"{name} must be odd and lie in 1..{LARGEST[name]}, got {value!r}")
    return int(value)


@routine(float32=2e-2, float64=2e-2, uint8=5, differentiable=False)
def nl_bayes(image: AnyImage, *, sigma: float | None = None) -> AnyImage:
    """Denoise by what similar patches have in common (non-local Bayes): the best here, and slow.

    The patches most like a given one are samples of one Gaussian: their mean says what they show,
    their covariance C how they vary. The likeliest patch without noise is then
    ``mean + C (C + sigma² I)^-1 (noisy - mean)``. Each pixel lies in many patches of many groups;
    the result is the mean of all estimates of it. This runs twice: first with C learnt from the
    noisy patches (less sigma², and nothing along axes where little else is seen), then with groups
    and C learnt from that first result.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (H, W) or (..., C, H, W); floats may have any
        finite values
    sigma : standard deviation of the noise, in fractions of full scale, > 0. If not given, the mean
        of :func:`estimate_sigma` over the channels.

    Returns
    -------
    Same shape and dtype; uint8 rounded and clipped, floats neither.

    Raises
    ------
    ValueError
        If sigma is not positive.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Patches are 5x5, then 7x7; 60, then 45 of them make a group, out of 25x25 around every fourth
    pixel. Colours are turned first into brightness and differences (an orthonormal cosine transform
    of the channels), which leaves the noise as it is; each has its own covariance, the groups are
    shared. The authors look for constant areas by a test of their own; here the axes do it.

    In quality a match for BM3D, see ``benchmarks/denoising.py``. Which patches are the most similar
    is a choice that rounding can tip: both engines and float32 are within 1e-10 and 1e-4 of the
    float64 definition where the choice is clear, and up to 0.02 off at single pixels where patches
    are equally similar, as in drawings. No gradients flow.

    References
    ----------
    Lebrun, Buades and Morel, A nonlocal Bayesian image denoising algorithm, SIAM Journal on Imaging
    Sciences 6 (2013).

    Examples
    --------
    >>> noisy = np.random.default_rng(0).normal(0.5, 0.1, (32, 32))
    >>> f"{noisy.std():.2f} {nl_bayes(noisy, sigma=0.1).std():.3f}"
    '0.10 0.005'
    """
    require_image(image, tensor=True)
    if sigma is not None:
        require_positive(sigma=sigma)
    values, unit = to_unit(image)
    if is_tensor(image):
        import torch

        gray_or_color = (1, *image.shape) if image.ndim == 2 else image.shape[-3:]
        batch = values.detach().reshape(-1, *gray_or_color)
        out = torch.stack([_bayes(one, sigma, unit) for one in batch])
        return from_unit(out.reshape(image.shape), unit, like=image)
    planes = np.ascontiguousarray(np.moveaxis(np.atleast_3d(values), 2, 0))
    out = np.moveaxis(_bayes(planes, sigma, unit), 0, 2)
    return from_unit(np.ascontiguousarray(out).reshape(image.shape), unit, like=image)


def _bayes(planes: AnyImage, sigma: float | None, unit: float) -> AnyImage:
    """Planes (C, H, W) made large enough, colours taken apart, denoised, and the way back."""
    (count, rows, columns), tensor = planes.shape, is_tensor(planes)
    sigma = _mean_sigma(planes) if sigma is None else min(float(sigma) / unit, OVERWHELMING)
    below, right = ((0, max(0, bayes.SMALLEST_SIDE - side)) for side in (rows, columns))
    turn = scipy.fft.dct(np.eye(count), norm="ortho", axis=0)
    if tensor:
        wide = tensors.pad(planes, (below, right), mode="mirror")
        turn = wide.new_tensor(turn)
    else:
        wide = np.pad(planes, ((0, 0), below, right), mode="reflect")
        turn = turn.astype(wide.dtype)
    turned = (turn @ wide.reshape(count, -1)).reshape(wide.shape)
    clean = bayes.denoised(turned, sigma)
    out = (turn.T @ clean.reshape(count, -1)).reshape(wide.shape)
    return out[:, :rows, :columns]


def _mean_sigma(planes: AnyImage) -> float:
    """Over the channels of (C, H, W)."""
    channels_last = planes if is_tensor(planes) else np.moveaxis(planes, 0, 2)
    return float(estimate_sigma(channels_last).mean())
