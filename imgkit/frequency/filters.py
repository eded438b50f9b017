"""Low, high and band pass: which sizes of detail stay."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np

from imgkit import filtering
from imgkit.capabilities import routine
from imgkit.frequency.engine import PERIODS, Period, bell, engine, rounded
from imgkit.images import AnyImage, as_float, require_choice, require_image, require_positive

Kind: TypeAlias = Literal["gaussian", "butterworth", "ideal"]
KINDS = ("gaussian", "butterworth", "ideal")
HIGHEST = 1.0  # cycles per pixel; no wave of pixels has more than sqrt(0.5)
SLOWEST = 0.007  # from here on a Gaussian is quicker as a blur
TIE = 1e-6  # a wave this little beyond an ideal cutoff lies on it, for float32 cannot tell


@dataclass(frozen=True)
class LowPass:
    """The factor of each wave: 1 for slow ones, 0 for fast ones."""

    cutoff: float
    kind: Kind
    order: float

    def __call__(self, rows: np.ndarray, columns: np.ndarray, own: Callable[[np.ndarray], Any]):
        if self.kind == "gaussian":
            return own(bell(rows, self.cutoff))[:, None] * own(bell(columns, self.cutoff))
        with np.errstate(over="ignore"):  # a tiny cutoff
            rows, columns = (own((f / self.cutoff) ** 2) for f in (rows, columns))
        square = rows[:, None] + columns
        if self.kind == "ideal":
            return 1.0 * (square <= 1 + TIE)
        return 1 / (1 + square**self.order)


@routine(float32=2e-6, float64=1e-14)
def low_pass(
    image: AnyImage,
    *,
    cutoff: float,
    kind: Kind = "gaussian",
    order: float = 2.0,
    mode: Period = "mirror",
) -> AnyImage:
    """Keep slow waves, take away fast ones: the coarse picture without detail.

    A wave of radial frequency f is multiplied by

    - gaussian: ``exp(-f² / (2 cutoff²))``, at the cutoff 0.61; no ringing
    - butterworth: ``1 / (1 + (f / cutoff)^(2 order))``, at the cutoff 0.5; the higher the order,
      the steeper, and the more it rings
    - ideal: 1 up to the cutoff, 0 beyond; rings at every edge

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    cutoff : in cycles per pixel, 0..1 without 0. 0.1 keeps what is larger than about 10 pixels;
        pixels hold up to 0.5 along an axis and 0.71 along a diagonal.
    kind : how the factor falls
    order : of the Butterworth filter, > 0; the others do not look at it
    mode : what the image is one period of, see :mod:`imgkit.frequency`

    Returns
    -------
    Same shape and dtype; uint8 rounded and clipped. Floats may leave 0..1 where a filter rings.

    Raises
    ------
    ValueError
        If the cutoff is not in 0..1, the order not positive, or kind or mode another word.
    TypeError
        If the image has another dtype.

    Notes
    -----
    The gaussian one is a Gaussian blur with sigma = ``1 / (2 pi cutoff)``; where the two agree in
    every digit, it is computed by blurring, which is quicker. Within 2e-6 of the float64 definition
    in float32, 1e-14 in float64; uint8 to the nearest level. scikit-image's ``butterworth`` wraps
    around, as ``mode="wrap"`` does here; else it is the same.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 4.8.

    Examples
    --------
    >>> fast = np.float32([[0, 1, 0, 1, 0, 1, 0]])
    >>> low_pass(fast, cutoff=0.1, kind="ideal").round(3)
    array([[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]], dtype=float32)
    """
    require_image(image, tensor=True)
    response = _low_pass(cutoff, kind, order, mode)
    return rounded(_passed(as_float(image), response, mode), like=image)


@routine(float32=2e-6, float64=1e-14, uint8=5e-4)
def high_pass(
    image: AnyImage,
    *,
    cutoff: float,
    kind: Kind = "gaussian",
    order: float = 2.0,
    mode: Period = "mirror",
) -> AnyImage:
    """Keep fast waves, take away slow ones: detail without the coarse picture.

    ``out = image - low_pass(image)``, so each wave is multiplied by 1 less its factor there.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    cutoff : in cycles per pixel, 0..1 without 0. 0.1 keeps what is smaller than about 10 pixels.
    kind : how the factor falls, see :func:`low_pass`
    order : of the Butterworth filter, > 0; the others do not look at it
    mode : what the image is one period of, see :mod:`imgkit.frequency`

    Returns
    -------
    Same shape; float32 in fractions of full scale for uint8, else the dtype of the image. It has
    both signs and a mean of about 0.

    Raises
    ------
    ValueError
        If the cutoff is not in 0..1, the order not positive, or kind or mode another word.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Within 2e-6 of the float64 definition in float32, 1e-14 in float64 (of the image's largest
    magnitude).

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 4.9.

    Examples
    --------
    >>> fast = np.float32([[0, 1, 0, 1, 0, 1, 0]])
    >>> high_pass(fast, cutoff=0.1, kind="ideal").round(3)
    array([[-0.5,  0.5, -0.5,  0.5, -0.5,  0.5, -0.5]], dtype=float32)
    """
    require_image(image, tensor=True)
    response = _low_pass(cutoff, kind, order, mode)
    values = as_float(image)
    if kind == "gaussian":
        return values - _passed(values, response, mode)
    return engine(values).filtered(values, partial(_rest, response), mode)


@routine(float32=2e-6, float64=1e-14, uint8=5e-4)
def band_pass(
    image: AnyImage,
    *,
    low: float,
    high: float,
    kind: Kind = "gaussian",
    order: float = 2.0,
    mode: Period = "mirror",
) -> AnyImage:
    """Keep the waves between two frequencies: detail of one size.

    What :func:`low_pass` with the cutoff ``high`` keeps and :func:`high_pass` with ``low`` too;
    the two factors are multiplied.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    low, high : the cutoffs in cycles per pixel, 0 < low < high <= 1
    kind : how the factors fall, see :func:`low_pass`
    order : of the Butterworth filters, > 0; the others do not look at it
    mode : what the image is one period of, see :mod:`imgkit.frequency`

    Returns
    -------
    Same shape; float32 in fractions of full scale for uint8, else the dtype of the image. It has
    both signs and a mean of about 0.

    Raises
    ------
    ValueError
        If the cutoffs are not in order, the order not positive, or kind or mode another word.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Within 2e-6 of the float64 definition in float32, 1e-14 in float64 (of the image's largest
    magnitude).

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 4.10.

    Examples
    --------
    >>> row = np.cos(2 * np.pi * np.arange(33) / 8)[None] + 0.5  # a wave of 0.125, a mean
    >>> out = band_pass(row, low=0.1, high=0.15, kind="ideal")
    >>> bool(np.allclose(out, row - 0.5))
    True
    """
    require_image(image, tensor=True)
    fast, slow = (_low_pass(cutoff, kind, order, mode) for cutoff in (high, low))
    if low >= high:
        raise ValueError(f"low must be below high, got low={low!r} and high={high!r}")
    values = as_float(image)
    if kind == "gaussian":
        values = _passed(values, fast, mode)
        return values - _passed(values, slow, mode)
    return engine(values).filtered(values, partial(_between, slow, fast), mode)


def _rest(slow: LowPass, *waves: Any) -> Any:
    return 1 - slow(*waves)


def _between(slow: LowPass, fast: LowPass, *waves: Any) -> Any:
    return fast(*waves) * (1 - slow(*waves))


def _low_pass(cutoff: float, kind: Kind, order: float, mode: Period) -> LowPass:
    """The filter, if its parameters make sense."""
    require_positive(cutoff=cutoff, order=order)
    if cutoff > HIGHEST:
        raise ValueError(
            f"cutoff must be at most {HIGHEST:g} cycle per pixel, got {cutoff!r}; "
            "divide by the image's side if it counts cycles per image"
        )
    require_choice(KINDS, kind=kind)
    require_choice(PERIODS, mode=mode)
    return LowPass(float(cutoff), kind, float(order))


def _passed(values: AnyImage, response: LowPass, mode: Period) -> AnyImage:
    """What a low pass keeps, by blurring where that is the same."""
    fine = str(values.dtype).endswith("float64")
    # Beyond this cutoff the bell is not over at 0.5 cycles per pixel, so a sampled one differs by
    # more than rounding; below the other the blur is slower than a transform.
    if response.kind == "gaussian" and SLOWEST <= response.cutoff <= (0.06 if fine else 0.085):
        sigma = 1 / (2 * np.pi * response.cutoff)
        return filtering.gaussian(values, sigma=sigma, truncate=8.5 if fine else 5.5, mode=mode)
    return engine(values).filtered(values, response, mode)
