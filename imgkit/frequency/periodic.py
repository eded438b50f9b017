"""Periodic noise: waves that stick out of the spectrum are found, measured and subtracted."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from types import ModuleType
from typing import Any

import numpy as np

from imgkit.capabilities import routine
from imgkit.frequency import waves
from imgkit.frequency.engine import engine, rounded
from imgkit.images import AnyImage, as_float, is_tensor, require_image, require_number

OUTER, INNER = 12, 3  # a peak's surroundings: at most and more than so many steps of frequency
SLOWEST = 4  # steps from frequency 0: the mean
FAINTEST = 1e-5  # of the largest value: what could be rounding
ROUNDS = 5


@routine(float32=2e-6, float64=1e-12)
def remove_periodic_noise(image: AnyImage, *, threshold: float = 4.0) -> AnyImage:
    """Find regular stripes, whatever their frequencies, and take them away.

    In the spectrum of a photograph stripes are dots that stand alone. A dot that is ``threshold``
    times as strong as all around it, 4 to 12 steps of 1 / side away, is a wave; its exact
    frequency, amplitude and phase are measured and the wave is subtracted. Then the rest is looked
    at again, up to five times.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    threshold : how far a wave has to stick out, > 1. A lower one finds fainter stripes, and
        regular texture of the picture itself.

    Returns
    -------
    Same shape and dtype; uint8 rounded and clipped. Each channel by itself. An image in which no
    wave sticks out comes back as it is.

    Raises
    ------
    ValueError
        If the threshold is not above 1.
    TypeError
        If the image has another dtype.

    Notes
    -----
    The waves have to go on over the whole image with one strength; for stripes that change use
    :func:`notch`. Two waves within 12 steps of frequency hide each other, and one of fewer than 7
    periods, or of nearly but not quite 0.5, is hidden by its own opposite. Subtracting, unlike a
    notch, leaves neither gaps in the spectrum nor traces at the border. Frequencies are measured
    under a Hann window, by the slope of the phase. Gradients flow through the measured waves; which
    dots are waves has none. On both engines within 2e-6 of the same steps in float64 for float32,
    1e-12 in float64.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 5.4. Högbom, "Aperture synthesis
    with a non-regular distribution of interferometer baselines", Astronomy and Astrophysics
    Supplement 15, 1974 (subtracting the strongest, and looking again).

    Examples
    --------
    >>> picture = np.random.default_rng(0).random((64, 64))
    >>> stripes = 0.3 * np.cos(2 * np.pi * 0.17 * np.arange(64))
    >>> mended = remove_periodic_noise(picture + stripes)
    >>> f"{np.std(stripes):.2f} {np.std(mended - picture):.2f}"
    '0.21 0.02'
    """
    require_image(image, tensor=True)
    require_number(threshold=threshold)
    if threshold <= 1:
        raise ValueError(f"threshold must be above 1, got {threshold!r}")
    values = as_float(image)
    if is_tensor(values):
        import torch

        planes = values.reshape(-1, *values.shape[-2:])
        mended = torch.stack([_mended(plane, threshold, torch) for plane in planes])
        return mended.reshape(values.shape)
    planes = np.moveaxis(np.atleast_3d(values), 2, 0)
    mended = np.stack([_mended(plane, threshold, np) for plane in planes], axis=2)
    return rounded(mended.reshape(values.shape), like=image)


def _mended(plane: Any, threshold: float, xp: ModuleType) -> Any:
    """A plane (H, W) without the waves that stick out; ``xp`` is NumPy or torch."""
    window = waves.hann(plane)
    faintest = FAINTEST * abs(plane).max().item() * window.sum().item() / 2
    for _ in range(ROUNDS):
        mean = (window * plane).sum() / window.sum()
        weighted = window * (plane - mean)
        peaks = _peaks(weighted, threshold, faintest, xp)
        if not peaks:
            break
        found = [waves.measured(weighted, peak, xp) for peak in peaks]
        mended = plane - waves.drawn(found, plane, xp)
        if mended.var() >= plane.var():  # not one wave over the whole image
            break
        plane = mended
    return plane


def _peaks(
    weighted: Any, threshold: float, faintest: float, xp: ModuleType
) -> list[tuple[float, float]]:
    """The frequencies of what stands alone in the spectrum, to the nearest step."""
    h, w = weighted.shape
    reach = min(OUTER, (h - 1) // 2), min(OUTER, (w - 1) // 2)
    if max(reach) <= 2 * INNER:  # too small to tell
        return []
    strengths = engine(weighted).magnitudes(weighted if xp is np else weighted.detach())
    limit = (threshold * _around(strengths, w, reach, xp)).clip(faintest)
    places = xp.where(strengths > limit)
    table = (x.tolist() for x in (strengths[places], *places))
    found = []
    for _, *place in sorted(zip(*table, strict=True), reverse=True):
        # a dot is a few steps wide, and each wave has a second one at the opposite frequency
        known = any(
            max(_apart(place, (sign * r, sign * c), (h, w))) <= INNER
            for r, c in found
            for sign in (1, -1)
        )
        if not known and np.hypot(*_apart(place, (0, 0), (h, w))) >= SLOWEST:
            found.append(place)
    return [(row / h - (row > h // 2), column / w) for row, column in found]


def _apart(
    place: tuple[int, int], other: tuple[int, int], shape: tuple[int, int]
) -> tuple[int, ...]:
    """How many steps lie between two frequencies, which repeat after ``shape``."""
    around = [(k - o) % n for k, o, n in zip(place, other, shape, strict=True)]
    return tuple(min(step, n - step) for step, n in zip(around, shape, strict=True))


def _around(strengths: Any, w: int, reach: tuple[int, int], xp: ModuleType) -> Any:
    """The largest in a window about each wave of a spectrum, the innermost left out."""
    ours, (h, half) = engine(strengths), strengths.shape
    wide, around = ours.unfolded(strengths, w, reach), 0 * strengths
    for axis in (0, 1):
        thick = reach[axis] - INNER  # of a strip before, and of one behind
        if thick > 0:
            size = [2 * n + 1 for n in reach]
            size[axis] = thick
            strip = ours.largest(wide, size)
            start = [0, 0]
            start[axis] = reach[axis] + INNER + 1
            behind = strip[start[0] :, start[1] :]
            around = xp.maximum(around, xp.maximum(strip[:h, :half], behind[:h, :half]))
    return around
