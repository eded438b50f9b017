"""How near an image is to the true one: error, signal-to-noise ratio, structural similarity."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.images import AnyImage, is_tensor, require_image
from imgkit.metrics import similarity
from imgkit.metrics.similarity import SCALE_WEIGHTS, WINDOW

if TYPE_CHECKING:
    import torch

SMALLEST = 2 ** (len(SCALE_WEIGHTS) - 1) * (WINDOW - 1) + 1  # 161: halved four times, 11 are left


@routine(float32=1e-6, float64=1e-14, uint8=1e-14)
def mse(image: AnyImage, reference: AnyImage) -> float | torch.Tensor:
    """The mean squared error: ``mean((image - reference)²)``.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    reference : the true image, of the same kind, shape and dtype

    Returns
    -------
    A number for arrays, over all pixels and channels, in squared fractions of full scale: uint8
    counts as value / 255. For tensors a tensor (...), the mean of each plane.

    Raises
    ------
    ValueError
        If the shapes differ.
    TypeError
        If the dtypes differ, or one is an array and the other a tensor.

    Notes
    -----
    Differences of uint8 never wrap around. Within 1e-6 of the float64 definition, relative, in
    float32; 1e-14 in float64 and uint8. OpenCV, scikit-image and torch give 255² times as much
    for uint8.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 8.1.

    Examples
    --------
    >>> mse(np.array([[0, 255]], np.uint8), np.array([[0, 0]], np.uint8))
    0.5
    """
    _require_pair(image, reference)
    return _mse(image, reference)


@routine(float32=2e-5, float64=1e-12, uint8=1e-12)
def psnr(image: AnyImage, reference: AnyImage) -> float | torch.Tensor:
    """The peak signal-to-noise ratio in decibels: ``-10 log10(mse(image, reference))``.

    Ten times less error power is 10 dB more. An error of one grey level in 255 everywhere is
    48 dB, noise of a tenth of full scale is 20 dB.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W)
    reference : the true image, of the same kind, shape and dtype; floats in 0..1. The image may
        leave that range, as a filter's overshoot does.

    Returns
    -------
    A number for arrays, over all pixels and channels. For tensors a tensor (...), one for each
    plane; of a colour image as a whole it is ``-10 * mse(image, reference).mean(-1).log10()``.
    Equal images have infinity.

    Raises
    ------
    ValueError
        If the shapes differ, or a float reference leaves 0..1.
    TypeError
        If the dtypes differ, or one is an array and the other a tensor.

    Notes
    -----
    The peak is full scale, 1 or 255, and never guessed from the values; scikit-image takes 2 for
    floats with a negative value unless told. Within 2e-5 dB of the float64 definition in float32,
    1e-12 in float64 and uint8.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 2.3.3.

    Examples
    --------
    >>> round(psnr(np.full((8, 8), 0.6), np.full((8, 8), 0.5)), 6)
    20.0
    """
    _require_pair(image, reference, intensities=True)
    error = _mse(image, reference)
    if is_tensor(image):
        return -10 * error.log10()
    return -10 * math.log10(error) if error else math.inf


@routine(float32=2e-6, float64=1e-12, uint8=2e-6)
def ssim(image: AnyImage, reference: AnyImage) -> float | torch.Tensor:
    """The structural similarity: are mean, contrast and pattern the same, window by window?

    In each window, with means m, variances v and the covariance c of the two images,
    ``(2 m1 m2 + C1) (2 c + C2) / ((m1² + m2² + C1) (v1 + v2 + C2))``, then the mean over all
    windows. Equal images have 1, unrelated ones about 0; a negative picture is below 0.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W), at least 11 x 11 pixels
    reference : the true image, of the same kind, shape and dtype; floats in 0..1. The image may
        leave that range, as a filter's overshoot does.

    Returns
    -------
    A number for arrays, the mean over the channels. For tensors a tensor (...), one for each plane.

    Raises
    ------
    ValueError
        If the shapes differ, the images are below 11 x 11, or a float reference leaves 0..1.
    TypeError
        If the dtypes differ, or one is an array and the other a tensor.

    Notes
    -----
    As published: a Gaussian window of 11 x 11 with sigma 1.5 that lies inside the image,
    C1 = 0.01², C2 = 0.03², variances divided by the weights' sum. This is scikit-image's
    ``structural_similarity(..., gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
    data_range=1)``; without those options scikit-image takes a 7 x 7 box. Within 2e-6 of the
    float64 definition in float32 and uint8, 1e-12 in float64.

    References
    ----------
    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE Transactions on Image Processing 13, 2004.

    Examples
    --------
    >>> ramp = np.tile(np.linspace(0, 1, 16), (16, 1))
    >>> ssim(ramp, ramp)
    1.0
    >>> ssim(1 - ramp, ramp) < 0
    True
    """
    _require_pair(image, reference, intensities=True, smallest=WINDOW)
    if is_tensor(image):
        return similarity.of_tensors(image, reference)[0]
    return _mean(similarity.of_planes(a, b)[0] for a, b in _planes(image, reference))


@routine(float32=2e-6, float64=1e-12, uint8=2e-6)
def ms_ssim(image: AnyImage, reference: AnyImage) -> float | torch.Tensor:
    """The structural similarity on five scales, each half the size of the one before.

    Contrast and pattern are compared on every scale, the means only on the coarsest:
    ``ssim5 ** w5 * cs1 ** w1 * cs2 ** w2 * cs3 ** w3 * cs4 ** w4``, where cs is the mean of SSIM's
    factor ``(2 c + C2) / (v1 + v2 + C2)`` and the weights are 0.0448, 0.2856, 0.3001, 0.2363 and
    0.1333. Nearer than SSIM to what people see, who look at no fixed scale.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W), at least 161 x 161 pixels
    reference : the true image, of the same kind, shape and dtype; floats in 0..1

    Returns
    -------
    A number for arrays, the mean over the channels. For tensors a tensor (...), one for each plane.

    Raises
    ------
    ValueError
        If the shapes differ, the images are below 161 x 161, or a float reference leaves 0..1.
    TypeError
        If the dtypes differ, or one is an array and the other a tensor.

    Notes
    -----
    Halving takes the mean of 2 x 2 pixels; an odd side gets its last pixel twice, as in the
    authors' program. A scale whose mean is negative counts as 0, where the power is not defined.
    Within 2e-6 of the float64 definition in float32 and uint8, 1e-12 in float64.

    References
    ----------
    Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image quality assessment",
    Asilomar Conference on Signals, Systems and Computers, 2003.

    Examples
    --------
    >>> flat = np.full((161, 161), 0.5, np.float32)
    >>> ms_ssim(flat, flat)
    1.0
    """
    _require_pair(image, reference, intensities=True, smallest=SMALLEST)
    if is_tensor(image):
        return similarity.of_tensors_on_scales(image, reference)
    return _mean(similarity.of_planes_on_scales(a, b) for a, b in _planes(image, reference))


def _mse(image: AnyImage, reference: AnyImage) -> float | torch.Tensor:
    if is_tensor(image):
        return (image - reference).square().mean((-2, -1))
    flat = image.reshape(len(image), -1), reference.reshape(len(image), -1)
    total = cv2.norm(*flat, cv2.NORM_L2SQR)  # sums up in float64
    return total / image.size / (255**2 if image.dtype == np.uint8 else 1)


def _planes(image: np.ndarray, reference: np.ndarray):
    """The channels of both, pair by pair."""
    stacks = (np.atleast_3d(values) for values in (image, reference))
    return zip(*(np.moveaxis(stack, 2, 0) for stack in stacks), strict=True)


def _mean(values) -> float:
    values = list(values)
    return sum(values) / len(values)


def _require_pair(
    image: object, reference: object, *, intensities: bool = False, smallest: int = 1
) -> None:
    """The gate for two images that are to be compared pixel by pixel."""
    require_image(image, tensor=True)
    require_image(reference, "reference", tensor=True, intensities=intensities)
    if is_tensor(image) != is_tensor(reference):
        kinds = ["a tensor" if is_tensor(x) else "an array" for x in (image, reference)]
        raise TypeError(f"image is {kinds[0]} and reference {kinds[1]}; both must be of one kind")
    if image.shape != reference.shape:
        raise ValueError(
            f"image has shape {tuple(image.shape)} and reference {tuple(reference.shape)}; "
            "they must be the same"
        )
    if image.dtype != reference.dtype:
        raise TypeError(
            f"image is {image.dtype} and reference {reference.dtype}; they must be the same: "
            "use images.as_float or images.as_uint8"
        )
    h, w = image.shape[-2:] if is_tensor(image) else image.shape[:2]
    if min(h, w) < smallest:
        raise ValueError(
            f"image has {h} x {w} pixels; this needs at least {smallest} x {smallest}, "
            "for its window must fit"
        )
