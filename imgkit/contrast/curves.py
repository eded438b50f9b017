"""Point operations: one curve for all pixels."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imgkit.capabilities import routine
from imgkit.contrast.counting import count_bytes
from imgkit.images import (
    AnyImage,
    Image,
    as_uint8,
    is_tensor,
    require_image,
    require_number,
    require_positive,
)
from imgkit.images.pointwise import LEVELS, in_bands, lookup, power

if TYPE_CHECKING:
    import torch

LARGEST_GAMMA = 1000  # and its inverse is the smallest


@routine(float32=1e-6, float64=1e-15)
def gamma(image: AnyImage, *, gamma: float, gain: float = 1.0) -> AnyImage:
    """Lift or lower the middle tones: ``gain * image ** gamma``. Black and white stay.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1
    gamma : the exponent, 0.001..1000; below 1 brightens, above 1 darkens, 1 changes nothing
    gain : what the result is multiplied by, > 0

    Returns
    -------
    Same kind, shape, dtype and device; clipped to full scale, uint8 rounded.

    Raises
    ------
    ValueError
        If gamma or gain is out of range, or a float image leaves 0..1.
    TypeError
        If the image has another dtype.

    Notes
    -----
    As scikit-image and torchvision; where a file or a screen has "a gamma of 2.2", this is the
    exponent 1 / 2.2 on the way in. Within 1e-6 of the definition in float32, 1e-15 in float64, both
    times ``gain`` if that is above 1; uint8 to the nearest level. For a gamma below 1 the curve is
    vertical at black, and its gradient there infinite.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.2.

    Examples
    --------
    >>> gamma(np.array([[0, 64, 255]], np.uint8), gamma=0.5)
    array([[  0, 128, 255]], dtype=uint8)
    """
    require_image(image, intensities=True, tensor=True)
    require_positive(gamma=gamma, gain=gain)
    if not 1 / LARGEST_GAMMA <= gamma <= LARGEST_GAMMA:
        raise ValueError(f"gamma must lie in {1 / LARGEST_GAMMA}..{LARGEST_GAMMA}, got {gamma!r}")
    exponent, gain = float(gamma), min(float(gain), 1e30)  # more would be infinite in float32
    if is_tensor(image):
        return (gain * power(image.clip(0, 1), exponent)).clip(0, 1)
    if image.dtype == np.uint8:
        return lookup(image, as_uint8(np.minimum(gain * LEVELS[None] ** exponent, 1)))

    def work(out: Image, band: Image) -> None:
        power(np.clip(band, 0, 1, out=out), exponent, out=out)
        if gain != 1:
            out *= gain
            np.minimum(out, 1, out=out)

    return in_bands(work, np.empty_like(image, order="C"), image)


@routine(float32=1e-6, float64=1e-14)
def rescale(
    image: AnyImage,
    *,
    low: float | None = None,
    high: float | None = None,
    percentiles: Sequence[float] = (2, 98),
) -> AnyImage:
    """Stretch a range of values to black and white: ``(image - low) / (high - low)``, clipped.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., C, H, W); floats may have any finite values,
        so this is also how measurements become an image
    low, high : what becomes black and what becomes white, in fractions of full scale for uint8 too.
        What is not given is taken from the image:
    percentiles : the share of values, 0..100 %, that are at most black and at most white: (2, 98)
        leaves out a few glints and dead pixels, (0, 100) are the extremes. They are those of all
        channels together, so that the colours keep their balance; each image of a batch has its
        own.

    Returns
    -------
    Same kind, shape, dtype and device; in 0..1, uint8 rounded. Where black and white coincide, as
    in a flat image, what is above becomes white and the rest black.

    Raises
    ------
    ValueError
        If low is not below high, or the percentiles are not two growing numbers in 0..100.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Percentiles are exact, interpolated linearly as in NumPy. Of a tensor with three or more axes
    the third from the end holds the channels. Within ``1e-6 * max(abs(image)) / (high - low)`` of
    the definition in float32, 1e-14 times that in float64; uint8 to the nearest level.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.2.

    Examples
    --------
    >>> rescale(np.array([[-3.0, 0, 1, 2, 9]]), low=0, high=2)
    array([[0. , 0. , 0.5, 1. , 1. ]])
    >>> rescale(np.arange(11, dtype=np.uint8)[None], percentiles=(0, 100))
    array([[  0,  26,  51,  76, 102, 128, 153, 178, 204, 230, 255]], dtype=uint8)
    """
    require_image(image, tensor=True)
    if low is None or high is None:
        found = _percentiles_tensor if is_tensor(image) else _percentiles_array
        black, white = found(image, _require_percentiles(percentiles))
    if low is not None:
        require_number(low=low)
        black = float(low)
    if high is not None:
        require_number(high=high)
        white = float(high)
    given = low is not None and high is not None
    crossed = black >= white if given else black > white
    if bool(crossed.any() if is_tensor(crossed) else crossed):
        raise ValueError(f"low must be below high, got {black!r} and {white!r}")
    if is_tensor(image):
        return _stretched_tensor(image, black, white)
    if image.dtype == np.uint8:
        return lookup(image, as_uint8(_stretched(LEVELS[None], black, white)))
    return _stretched(image, black, white)


def _stretched(image: Image, black: float, white: float) -> Image:
    with np.errstate(over="ignore"):  # far beyond white is white
        low, span = image.dtype.type(black), image.dtype.type(white - black)
    if not np.isfinite(span):
        raise ValueError(f"low and high are too far apart for {image.dtype}: {black!r}, {white!r}")

    def work(out: Image, band: Image) -> None:
        with np.errstate(over="ignore"):
            np.subtract(band, low, out=out)
            if span == 0:
                out[...] = out > 0
                return
            out /= span
        np.clip(out, 0, 1, out=out)

    return in_bands(work, np.empty_like(image, order="C"), image)


def _stretched_tensor(
    image: torch.Tensor, black: torch.Tensor | float, white: torch.Tensor | float
) -> torch.Tensor:
    import torch

    above = image - black
    span = torch.as_tensor(white - black, dtype=image.dtype, device=image.device)
    flat = span == 0
    step = (above > 0).to(image.dtype)
    return torch.where(flat, step, above / torch.where(flat, 1, span)).clip(0, 1)


# --- percentiles ----------------------------------------------------------------------------------


def _require_percentiles(percentiles: Sequence[float]) -> tuple[float, float]:
    try:
        low, high = percentiles
    except (TypeError, ValueError):
        raise TypeError(f"percentiles must be two numbers, got {percentiles!r}") from None
    require_number(percentiles=low)
    require_number(percentiles=high)
    if not 0 <= low < high <= 100:
        raise ValueError(f"percentiles must be two growing numbers in 0..100, got {percentiles!r}")
    return float(low), float(high)


def _places(percent: float, count: int) -> tuple[int, int, float]:
    """Between which two of ``count`` sorted values a percentile lies, and how far along."""
    place = percent / 100 * (count - 1)
    below = min(int(place), count - 1)
    return below, min(below + 1, count - 1), place - below


def _percentiles_array(image: Image, percentiles: tuple[float, float]) -> list[float]:
    places = [_places(percent, image.size) for percent in percentiles]
    wanted = sorted({k for below, above, _ in places for k in (below, above)})
    value = dict(zip(wanted, _order_statistics(image, wanted), strict=True))
    return [
        value[below] + along * (value[above] - value[below]) if along else value[below]
        for below, above, along in places
    ]


def _order_statistics(image: Image, wanted: list[int]) -> list[float]:
    """The values at these places of the sorted image, without sorting it.

    Values are counted by coarse levels; then only the level that holds the place is looked into.
    """
    if image.dtype == np.uint8:
        levels = image.reshape(len(image), -1)
        sums = count_bytes(levels).cumsum()
        return [float(LEVELS[np.searchsorted(sums, k, side="right")]) for k in wanted]
    values = np.ascontiguousarray(image).reshape(len(image), -1)
    low, high = values.min(), values.max()
    with np.errstate(over="ignore", divide="ignore"):
        unit = values.dtype.type(255.99) / (high - low)
    if not (0 < unit < np.inf):  # flat, or with a range that the dtype cannot hold
        flat = np.partition(values.ravel(), wanted)
        return [float(flat[k]) for k in wanted]

    def work(out: Image, band: Image) -> None:
        out[...] = (band - low) * unit

    levels = in_bands(work, np.empty(values.shape, np.uint8), values)
    sums = count_bytes(levels).cumsum()
    level_of = [int(np.searchsorted(sums, k, side="right")) for k in wanted]
    inside = {level: np.sort(values[levels == level]) for level in set(level_of)}
    return [
        float(inside[level][k - (sums[level - 1] if level else 0)])
        for k, level in zip(wanted, level_of, strict=True)
    ]


def _percentiles_tensor(
    image: torch.Tensor, percentiles: tuple[float, float]
) -> list[torch.Tensor]:
    axes = min(image.ndim, 3)
    values = image.flatten(-axes).sort(-1).values
    found = []
    for percent in percentiles:
        below, above, along = _places(percent, values.shape[-1])
        value = values[..., below].lerp(values[..., above], along)
        found.append(value.reshape(*value.shape, *[1] * axes))
    return found
