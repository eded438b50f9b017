"""Point spread functions: what a blur makes of a single bright point."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft

from imgkit.images import require_number, require_positive, require_within

LARGEST = 1025  # pixels a side

Kernel = npt.NDArray[np.float64]


def motion_kernel(*, length: float, angle: float = 0.0) -> Kernel:
    """The blur of a camera that moves along a line at an even speed while it exposes.

    A weight is the share of the exposure that a point spends over a pixel: the length of the line
    inside the pixel's square, divided by the whole.

    Parameters
    ----------
    length : of the line in pixels, above 0 and up to 1000; an odd whole number along an axis gives
        that many equal weights
    angle : of the line in radians, 0 along the columns, pi / 2 along the rows, so that a small
        positive angle goes right and down

    Returns
    -------
    Array (h, w), float64, odd sides, the centre in the middle; sums to 1.

    Raises
    ------
    ValueError
        If length is out of range or angle is not finite.
    TypeError
        If one of them is not a number.

    Notes
    -----
    To blur with it use :func:`imgkit.filtering.convolve`. The weights are exact to rounding.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 5.6. The lengths inside pixels:
    Siddon, Fast calculation of the exact radiological path, Medical Physics 12, 1985.

    Examples
    --------
    >>> motion_kernel(length=4)
    array([[0.125, 0.25 , 0.25 , 0.25 , 0.125]])
    >>> motion_kernel(length=3, angle=np.pi / 4).round(2)
    array([[0.26, 0.  , 0.  ],
           [0.  , 0.47, 0.  ],
           [0.  , 0.  , 0.26]])
    """
    require_positive(length=length)
    require_within(0, 1000, length=length)
    require_number(angle=angle)
    end = 0.5 * float(length) * np.array([np.sin(angle), np.cos(angle)])  # (row, column)
    reach = _reach(np.abs(end))
    # where the line, from -end at time -1 to end at time 1, goes from one pixel into the next
    crossings = [[-1.0, 1.0]]
    for stop, n in zip(end, reach, strict=True):
        if n:
            crossings.append((np.arange(-n, n) + 0.5) / stop)
    times = np.unique(np.clip(np.concatenate(crossings), -1, 1))
    middles = (times[1:] + times[:-1]) / 2
    pixels = np.rint(np.outer(middles, end)).astype(int)
    kernel = np.zeros(2 * reach + 1)
    np.add.at(kernel, tuple((np.clip(pixels, -reach, reach) + reach).T), np.diff(times) / 2)
    return (kernel + kernel[::-1, ::-1]) / 2  # to the last bit symmetric


def defocus_kernel(*, radius: float) -> Kernel:
    """The blur of a lens out of focus: a point becomes an even disc.

    A weight is the share of the pixel's square that the disc covers, divided by the disc's area.

    Parameters
    ----------
    radius : of the disc in pixels, above 0 and up to 500; up to 0.5 there is no blur

    Returns
    -------
    Array (n, n), float64, n odd, the centre in the middle; sums to 1.

    Raises
    ------
    ValueError
        If radius is out of range.
    TypeError
        If it is not a number.

    Notes
    -----
    The areas are exact to rounding, so a kernel grows evenly with its radius;
    scikit-image's ``disk`` and OpenCV's ellipses take whole pixels.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 2.2.3.

    Examples
    --------
    >>> defocus_kernel(radius=1).round(3)
    array([[0.025, 0.145, 0.025],
           [0.145, 0.318, 0.145],
           [0.025, 0.145, 0.025]])
    """
    require_positive(radius=radius)
    require_within(0, 500, radius=radius)
    radius, reach = float(radius), int(_reach(np.array(radius)))
    edge = np.arange(-reach, reach + 2) - 0.5  # between the pixels
    side = np.minimum(np.abs(edge), radius)
    y, x = side[:, None], side[None, :]
    # the disc's area over the rectangle from its centre to (y, x): beyond `bend` the arc cuts it
    bend = np.minimum(np.sqrt(radius**2 - y**2), x)
    area = y * bend + _under_arc(x, radius) - _under_arc(bend, radius)
    area *= np.sign(edge)[:, None] * np.sign(edge)
    kernel = np.maximum(np.diff(np.diff(area, axis=0), axis=1), 0)
    return kernel / kernel.sum()


def _under_arc(x: np.ndarray, radius: float) -> np.ndarray:
    """The area under a circle from its centre to x."""
    return (x * np.sqrt(radius**2 - x**2) + radius**2 * np.arcsin(x / radius)) / 2


def _reach(ends: np.ndarray) -> np.ndarray:
    """How many pixels after its own a distance from a pixel's centre reaches into."""
    return np.ceil(np.maximum(ends - 0.5 - 1e-9, 0)).astype(int)


# --- for the routines that undo a blur ------------------------------------------------------------


def require_psf(psf: npt.ArrayLike) -> Kernel:
    """A point spread function in float64, its sum made 1, or an error that says what it must be."""
    try:
        weights = np.asarray(psf)
    except ValueError as error:  # nested lists of different lengths
        raise ValueError(f"psf must be an array (h, w): {error}") from None
    if weights.dtype.kind not in "biuf":
        raise TypeError(f"psf has dtype {weights.dtype}; it takes real numbers")
    if weights.ndim != 2 or weights.size == 0:
        raise ValueError(f"psf has shape {weights.shape}; it takes (h, w)")
    if max(weights.shape) > LARGEST:
        raise ValueError(f"psf has shape {weights.shape}; the limit is {LARGEST} a side")
    weights = weights.astype(np.float64)
    if not np.isfinite(weights).all():
        raise ValueError("psf has values that are NaN or infinite")
    if weights.min() < 0:
        raise ValueError(f"psf has negative values, down to {weights.min():.3g}: no blur has them")
    if weights.max() == 0:
        raise ValueError("psf is zero everywhere")
    weights /= weights.max()  # so that no sum overflows
    return weights / weights.sum()


def transfer(psf: Kernel, shape: tuple[int, int]) -> npt.NDArray[np.complex128]:
    """What a blur does to each frequency of a periodic image (h, w): array (h, w // 2 + 1).

    The PSF's centre, the later of the two middle ones of an even side, lies on pixel (0, 0).
    """
    (h, w), (rows, columns) = psf.shape, shape
    wide = np.zeros((h, columns))
    wide[:, np.arange(w) - w // 2] = psf
    out = np.zeros((rows, columns // 2 + 1), np.complex128)
    out[np.arange(h) - h // 2] = scipy.fft.rfft(wide)
    return scipy.fft.fft(out, axis=0, overwrite_x=True)
