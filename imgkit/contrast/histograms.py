"""Histograms: how often each value occurs, and curves that follow from it."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.contrast import ranks
from imgkit.contrast.counting import (
    AT_ONCE,
    FINE,
    bins_of_tensor,
    count,
    count_bytes,
    count_tensor,
    nearest_levels,
    nearest_levels_tensor,
)
from imgkit.contrast.luminance import gray_of, with_gray
from imgkit.images import AnyImage, Image, as_uint8, is_tensor, require_image, require_whole
from imgkit.images.pointwise import LEVELS, in_bands, lookup

if TYPE_CHECKING:
    import torch

MOST_BINS = 1 << 16


@routine(float32=0, float64=0, uint8=0, differentiable=False)
def histogram(
    image: AnyImage, *, bins: int = 256
) -> npt.NDArray[np.int64] | torch.Tensor:  # fmt: skip
    """How many pixels have each brightness, in equal bins from black to white.

    Bin ``k`` holds the values from ``k / bins`` to just below ``(k + 1) / bins``; white is in the
    last. With 256 bins the levels of uint8 are the bins.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1
    bins : how many, 1..65536

    Returns
    -------
    Counts, int64: an array (bins,) of (H, W), (bins, C) of (H, W, C), a tensor (..., bins).

    Raises
    ------
    ValueError
        If bins is out of range, or a float image leaves 0..1.
    TypeError
        If bins is not whole, or the image has another dtype.

    Notes
    -----
    As ``np.histogram(image, bins, range=(0, 1))``. Exact for uint8 and float32, however near a
    value lies to an edge; in float64 to the rounding of ``bins * value``. (OpenCV leaves out white,
    and its counts are float32: exact up to 16 million.) A count does not change with small changes
    of the image, so no gradient comes back.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.3.

    Examples
    --------
    >>> histogram(np.array([[0, 0.2, 0.5], [0.7, 0.9, 1]]), bins=4)
    array([2, 0, 2, 2])
    """
    require_image(image, intensities=True, tensor=True)
    require_whole(1, MOST_BINS, bins=bins)
    bins = int(bins)
    if is_tensor(image):
        return count_tensor(bins_of_tensor(image, bins).flatten(-2), bins)
    return count(image, bins)


@routine(float32=2e-6, float64=1e-13, differentiable=False)
def equalize(image: AnyImage) -> AnyImage:
    """Use all brightnesses alike: every pixel becomes its place among the sorted ones.

    With ``F(v)`` the share of pixels that are at most ``v``, the cumulative histogram:
    ``out = (F(v) - F(darkest)) / (1 - F(darkest))``. The darkest pixels become black, the brightest
    white, and equally many lie between any two brightnesses equally far apart.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3), or tensor (H, W) or (..., C, H, W) with 1 or 3 channels;
        floats in 0..1. Each image of a batch has its own histogram.

    Returns
    -------
    Same kind, shape, dtype and device; uint8 rounded. A flat image stays as it is.

    Raises
    ------
    ValueError
        If it has other channels than 1 or 3, or a float image leaves 0..1.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Gonzalez and Woods have ``F(v)`` alone, which turns a black background grey; subtracting the
    share of the darkest, as OpenCV does, keeps it black. Grey uint8 is OpenCV's to the last bit.
    Floats count as equal if they are the same in 16 bits, ``round(65535 v)``; scikit-image counts
    them in 256 bins.

    Colour: the grey image (BT.601, :func:`imgkit.color.to_gray`) is equalized, and each pixel then
    darkened by a factor or lightened towards white by one, whichever leads to its new brightness.
    So hues stay and nothing is clipped; equalizing the channels separately would shift colours.

    Within 2e-6 of the definition in float32, 1e-13 in float64; uint8 to the nearest level. There is
    no gradient: what a pixel becomes depends on all.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.3. For the colours: S. K. Naik
    and C. A. Murthy, "Hue-preserving color image enhancement without gamut problem", IEEE
    Transactions on Image Processing 12(12), 2003.

    Examples
    --------
    >>> equalize(np.array([[0.1, 0.11, 0.12], [0.13, 0.13, 0.9]]))
    array([[0. , 0.2, 0.4], [0.8, 0.8, 1. ]])
    """
    if is_tensor(image) and image.ndim == 2:
        return equalize(image[None])[0]
    require_image(image, intensities=True, channels=(1, 3), tensor=True)
    image = image.detach() if is_tensor(image) else image
    gray = gray_of(image, exact=True)
    return with_gray(image, gray, _equalized_tensor(gray) if is_tensor(gray) else _equalized(gray))


def _equalized(gray: Image) -> Image:
    if gray.dtype == np.uint8:
        return cv2.equalizeHist(gray)
    levels = nearest_levels(gray)
    curve = _curve(np.bincount(levels.ravel(), minlength=FINE))
    if curve is None:
        return gray.copy(order="C")
    table = curve.astype(gray.dtype)

    def work(out: Image, band: np.ndarray) -> None:
        out[...] = table[band]

    return in_bands(work, np.empty(gray.shape, gray.dtype), levels)


def _equalized_tensor(gray: torch.Tensor) -> torch.Tensor:
    import torch

    planes = gray.reshape(-1, *gray.shape[-2:]).clone()
    for plane in planes:
        levels = nearest_levels_tensor(plane)
        curve = _curve(torch.bincount(levels.flatten(), minlength=FINE).numpy(force=True))
        if curve is not None:
            plane.copy_(torch.as_tensor(curve, device=gray.device)[levels])
    return planes.reshape(gray.shape)


def _curve(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64] | None:
    """What becomes of each level; None if only one occurs."""
    sums = counts.cumsum()
    darkest = sums[np.flatnonzero(counts)[0]]
    return None if darkest == sums[-1] else (sums - darkest).clip(0) / (sums[-1] - darkest)


@routine(float32=1e-6, float64=1e-13, differentiable=False)
def match_histogram(image: AnyImage, reference: AnyImage) -> AnyImage:
    """Give an image the histogram of another: each pixel the value of the same rank there.

    With ``F`` and ``G`` the shares of pixels that are at most a value, of the image and of the
    reference: ``out = G⁻¹(F(v))``, where ``G`` goes straight between the values that occur.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    reference : the same kind and dtype, and as many channels; any height and width. The leading
        axes of tensors broadcast.

    Returns
    -------
    Same kind, shape, dtype and device as the image; uint8 rounded.

    Raises
    ------
    ValueError
        If the channels differ.
    TypeError
        If the dtypes differ, or are others.

    Notes
    -----
    As scikit-image. Each channel has its own histogram. Within 1e-6 of the largest magnitude in the
    reference in float32, 1e-13 in float64; uint8 to the nearest level.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.3 ("histogram matching").

    Examples
    --------
    >>> match_histogram(np.array([[1.0, 2, 3, 4]]), np.array([[0.1, 0.5, 0.7, 0.8]]))
    array([[0.1, 0.5, 0.7, 0.8]])
    """
    require_image(image, tensor=True)
    require_image(reference, "reference", tensor=True)
    if is_tensor(image) != is_tensor(reference) or image.dtype != reference.dtype:
        kinds = [
            f"{'a tensor' if is_tensor(x) else 'an array'} of {x.dtype}" for x in (reference, image)
        ]
        raise TypeError(f"reference is {kinds[0]} and image {kinds[1]}: both must be the same")
    if is_tensor(image):
        return _matched_tensor(image.detach(), reference.detach())
    if image.shape[2:] != reference.shape[2:]:
        raise ValueError(f"reference has shape {reference.shape} and image {image.shape}: channels")
    if image.dtype == np.uint8 and (image.ndim == 2 or image.shape[2] <= AT_ONCE):
        return _matched_bytes(image, reference)
    if image.ndim == 2:
        return _matched(image, reference)
    pairs = zip(np.moveaxis(image, 2, 0), np.moveaxis(reference, 2, 0), strict=True)
    return np.stack([match_histogram(*pair) for pair in pairs], axis=2)


def _matched_bytes(image: Image, reference: Image) -> Image:
    tables = [
        np.interp(share, theirs[occurs], LEVELS[occurs])
        for share, theirs in zip(_shares(image), _shares(reference), strict=True)
        for occurs in [np.diff(theirs, prepend=0) > 0]
    ]
    table = as_uint8(np.stack(tables, axis=1))
    return lookup(image, table[:, 0] if len(tables) == 1 else table)


def _shares(image: Image) -> np.ndarray:
    """For each channel the shares up to each level: (C, 256)."""
    sums = count_bytes(image).reshape(256, -1).cumsum(0)
    return (sums / sums[-1]).T


def _matched(plane: Image, reference: Image) -> Image:
    values, counts = np.unique(reference, return_counts=True)
    shares = counts.cumsum() / reference.size
    return ranks.replace(plane, lambda share: np.interp(share, shares, values))


def _matched_tensor(image: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    import torch

    order, share = ranks.ranked_tensor(image.flatten(-2))
    theirs, their_share = ranks.ranked_tensor(reference.flatten(-2))
    values = reference.flatten(-2).gather(-1, theirs).double()
    try:
        batch = torch.broadcast_shapes(image.shape[:-2], reference.shape[:-2])
    except RuntimeError:
        shapes = tuple(reference.shape), tuple(image.shape)
        raise ValueError("reference has shape {} and image {}: channels".format(*shapes)) from None
    order, share, values, their_share = (
        x.expand(*batch, x.shape[-1]).contiguous() for x in (order, share, values, their_share)
    )
    # between the last value of a smaller share and the first of one at least as large
    above = torch.searchsorted(their_share, share).clip(max=values.shape[-1] - 1)
    below = (above - 1).clip(min=0)
    low, high = their_share.gather(-1, below), their_share.gather(-1, above)
    span = high - low
    along = ((share - low) / torch.where(span > 0, span, 1)).clip(0, 1)
    along = torch.where(span > 0, along, 1)
    start, end = values.gather(-1, below), values.gather(-1, above)
    new = start + along * (end - start)
    out = torch.empty_like(new).scatter_(-1, order, new).to(image.dtype)
    return out.reshape(*batch, *image.shape[-2:])
