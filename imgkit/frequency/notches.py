"""Notches: taking single waves away."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.frequency.engine import PERIODS, Period, bell, engine, rounded
from imgkit.images import AnyImage, as_float, require_choice, require_image, require_positive

FAR = 10**9  # pixels


@dataclass(frozen=True)
class Notches:
    """The factor of each wave: 0 at the given frequencies, 1 away from them."""

    at: npt.NDArray[np.float64]
    width: float

    def __call__(self, rows: np.ndarray, columns: np.ndarray, own: Callable[[np.ndarray], Any]):
        factors = own(np.ones((len(rows), len(columns))))
        for row, column in np.concatenate([self.at, -self.at]):  # a real wave has both signs
            down, across = (bell(_around(d), self.width) for d in (rows - row, columns - column))
            factors = factors * (1 - own(down)[:, None] * own(across))
        return factors

    @property
    def reach(self) -> int:
        """How many pixels away the filter still looks."""
        if self.width > 0.06:  # a bell is not over where frequencies repeat: it has no end in space
            return FAR
        # in space a notch is a bell of 1 / (2 pi width) pixels, and overlapping ones are wider
        return int(8.5 * np.sqrt(2 * len(self.at)) / (2 * np.pi * max(self.width, 1e-9)))


@routine(float32=2e-6, float64=3e-14)
def notch(
    image: AnyImage,
    *,
    at: Sequence[tuple[float, float]] | npt.ArrayLike,
    width: float = 0.01,
    mode: Period = "mirror",
) -> AnyImage:
    """Take away the waves at some frequencies: stripes, a grid, the pattern of a screen.

    Each frequency f multiplies the others by ``1 - exp(-d² / (2 width²))``, where d is the distance
    from f; and the same about -f, since a real wave has both.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    at : the frequencies ``[(rows, columns), ...]`` in cycles per pixel, each in -0.5..0.5; one pair
        will do. Stripes that repeat every 8 pixels from top to bottom have (0.125, 0).
    width : of a notch in cycles per pixel, 0..0.5 without 0: the distance at which 0.39 stays. Half
        of a wave is gone ``1 / (4 width)`` pixels around where it begins, so a wider notch follows
        stripes that change, and a narrow one spares the picture. Far below 1 / side it hits nothing
        but waves that repeat exactly.
    mode : what the image is one period of, see :mod:`imgkit.frequency`

    Returns
    -------
    Same shape and dtype; uint8 rounded and clipped.

    Raises
    ------
    ValueError
        If a frequency is outside -0.5..0.5, at is no list of pairs, or width not in 0..0.5.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Within 2e-6 of the float64 definition in float32, 1e-14 in float64; uint8 to the nearest level.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., sections 4.10 and 5.4.

    Examples
    --------
    >>> rows = np.arange(64)[:, None] * np.ones(64)
    >>> stripes = 0.5 + 0.25 * np.cos(2 * np.pi * rows / 8)
    >>> out = notch(stripes, at=[(0.125, 0)], width=0.02)
    >>> f"{np.ptp(stripes):.2f} {np.ptp(out[24:-24]):.2f}"
    '0.50 0.00'
    """
    require_image(image, tensor=True)
    require_positive(width=width)
    if width > 0.5:
        raise ValueError(f"width must be at most 0.5 cycles per pixel, got {width!r}")
    require_choice(PERIODS, mode=mode)
    notches = Notches(_frequencies(at), float(width))
    values = as_float(image)
    return rounded(
        engine(values).filtered_oblique(values, notches, mode, notches.reach), like=image
    )


def _around(distances: np.ndarray) -> np.ndarray:
    """Distances of frequencies, which repeat after 1 cycle per pixel."""
    return distances - np.rint(distances)


def _frequencies(at: object) -> npt.NDArray[np.float64]:
    """Pairs (N, 2), or an error."""
    try:
        pairs = np.asarray(at, dtype=np.float64)
    except (TypeError, ValueError):
        pairs = np.zeros(())
    if pairs.shape == (2,):
        pairs = pairs[None]
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(f"at must be a list of pairs (rows, columns), got {at!r}")
    if not (np.abs(pairs) <= 0.5).all():
        raise ValueError(
            f"at must be in cycles per pixel, -0.5..0.5, got {at!r}; "
            "divide by the image's side if it counts cycles per image"
        )
    return pairs
