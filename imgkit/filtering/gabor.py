"""Gabor filters: how much of one wave, of one direction and size, lies around each pixel."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.borders import LARGEST_WINDOW, Mode
from imgkit.filtering.engine import engine
from imgkit.images import AnyImage, require_image, require_number, require_positive

CUT = 3.0  # standard deviations


def gabor_kernel(
    *, frequency: float, angle: float = 0.0, bandwidth: float = 1.0
) -> npt.NDArray[np.complex128]:
    """A wave under a bell: the pattern that a Gabor filter looks for.

    ``exp(-(r² + c²) / (2 sigma²)) / (2 pi sigma²) * exp(2j pi frequency (c cos + r sin of angle))``

    Parameters
    ----------
    frequency : of the wave, in cycles per pixel, > 0 and at most 0.5
    angle : the way the wave runs, in radians: 0 to the right, pi/2 downwards; crests lie across it
    bandwidth : width of the band of frequencies it answers to, in octaves, > 0; a narrow band
        needs a wide bell

    Returns
    -------
    Complex array (n, n), n odd: an even (real) and an odd (imaginary) pattern. The bell is cut at 3
    standard deviations.

    Raises
    ------
    ValueError
        If frequency or bandwidth is out of range, or the kernel over 4097 a side.

    Notes
    -----
    As scikit-image's for angle 0; at other angles that one cuts the bell closer. The real pattern
    does not quite sum to 0, so flat brightness leaks in, the more the wider the band.

    References
    ----------
    Daugman, Uncertainty relation for resolution in space, spatial frequency, and orientation
    optimized by two-dimensional visual cortical filters, 1985.

    Examples
    --------
    >>> gabor_kernel(frequency=0.25).shape
    (15, 15)
    """
    return np.outer(*_factors(frequency, angle, bandwidth))


@routine(float32=2e-6, float64=1e-13)
def gabor(
    image: AnyImage,
    *,
    frequency: float,
    angle: float = 0.0,
    bandwidth: float = 1.0,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> tuple[AnyImage, AnyImage]:
    """Convolve with a Gabor kernel: an even and an odd answer.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    frequency, angle, bandwidth : of the wave, see :func:`gabor_kernel`
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    real, imaginary : same shape; float32 in fractions of full scale for uint8, else the dtype of
        the image. Their magnitude tells how much of the wave there is, wherever its crests lie.

    Raises
    ------
    ValueError
        As :func:`gabor_kernel`.
    TypeError
        If the image has another dtype.

    Notes
    -----
    The kernel is a column times a row of complex numbers, so each axis is filtered for itself.
    Within 2e-6 of the float64 definition in float32, 1e-13 in float64 (of the largest magnitude).

    References
    ----------
    As :func:`gabor_kernel`.

    Examples
    --------
    >>> stripes = np.tile(np.cos(np.pi / 2 * np.arange(32)), (8, 1))  # 0.25 cycles per pixel
    >>> real, imaginary = gabor(stripes, frequency=0.25)
    >>> f"{np.hypot(real, imaginary)[4, 16]:.2f}"
    '0.50'
    """
    require_image(image, tensor=True)
    column, row = _factors(frequency, angle, bandwidth)
    return _answers(image, column[::-1], row[::-1], mode, cval)


@routine(float32=2e-6, float64=1e-13)
def gabor_bank(
    image: AnyImage,
    *,
    frequencies: Sequence[float],
    angles: Sequence[float],
    bandwidth: float = 1.0,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """How much of each of several waves lies around each pixel: a description of texture.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    frequencies : of the waves, in cycles per pixel, each > 0 and at most 0.5
    angles : the ways they run, in radians, see :func:`gabor_kernel`
    bandwidth : in octaves, > 0
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Magnitudes ``sqrt(real² + imaginary²)``, one for each frequency and angle along a new first
    axis: (frequencies * angles, ...the image's shape), all angles of the first frequency first.
    float32 in fractions of full scale for uint8, else the dtype of the image.

    Raises
    ------
    ValueError
        If there are no frequencies or angles, or as :func:`gabor_kernel`.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Within 2e-6 of the float64 definition in float32, 1e-13 in float64 (of the largest magnitude).

    References
    ----------
    Jain and Farrokhnia, Unsupervised texture segmentation using Gabor filters, 1991.

    Examples
    --------
    >>> stripes = np.tile(np.cos(np.pi / 2 * np.arange(32)), (32, 1))  # they run to the right
    >>> bank = gabor_bank(stripes, frequencies=[0.25], angles=[0, np.pi / 2])  # (2, 32, 32)
    >>> bank[:, 16, 16].round(2)
    array([0.5, 0. ])
    """
    require_image(image, tensor=True)
    waves = [(frequency, angle) for frequency in frequencies for angle in angles]
    if not waves:
        raise ValueError("frequencies and angles must each hold at least one number")
    own = engine(image)
    found = []
    for frequency, angle in waves:
        column, row = _factors(frequency, angle, bandwidth)
        found.append(own.magnitude(*_answers(image, column[::-1], row[::-1], mode, cval)))
    return own.stack(found)


def _factors(frequency: float, angle: float, bandwidth: float) -> tuple[np.ndarray, np.ndarray]:
    """The column (n,) and the row (n,) whose outer product is the kernel."""
    require_positive(frequency=frequency, bandwidth=bandwidth)
    require_number(angle=angle)
    if frequency > 0.5:
        raise ValueError(f"frequency must be at most 0.5 cycles per pixel, got {frequency!r}")
    octave = 2.0 ** min(bandwidth, 100)
    sigma = np.sqrt(np.log(2) / 2) / np.pi * (octave + 1) / (octave - 1) / frequency
    reach = int(np.ceil(max(CUT * sigma, 1)))
    if 2 * reach + 1 > LARGEST_WINDOW:
        raise ValueError(
            f"frequency={frequency!r} with bandwidth={bandwidth!r} needs a kernel of "
            f"{2 * reach + 1:.4g} pixels; the limit is {LARGEST_WINDOW}"
        )
    offsets = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 * (offsets / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)
    turn = 2j * np.pi * frequency * offsets
    return bell * np.exp(turn * np.sin(angle)), bell * np.exp(turn * np.cos(angle))


def _answers(
    image: AnyImage, column: np.ndarray, row: np.ndarray, mode: Mode, cval: float
) -> tuple[AnyImage, AnyImage]:
    """Correlate with a complex column, then with a complex row."""
    own, one, reach = engine(image), np.ones(1), len(row) // 2

    def down(weights: np.ndarray) -> AnyImage:
        return own.separable(image, weights, one, (reach, 0), mode=mode, cval=cval, signed=True)

    def along(part: AnyImage, weights: np.ndarray, beyond: float) -> AnyImage:
        return own.separable(part, one, weights, (0, reach), mode=mode, cval=beyond)

    even, odd = down(column.real), down(column.imag)
    beyond = cval * column.real.sum(), cval * column.imag.sum()
    real = own.blend(along(even, row.real, beyond[0]), 1.0, along(odd, row.imag, beyond[1]), -1.0)
    imaginary = own.blend(
        along(even, row.imag, beyond[0]), 1.0, along(odd, row.real, beyond[1]), 1.0
    )
    return real, imaginary
