"""Undoing a blur that is known: in one step by Wiener's filter, or step by step.

A blurred image shows a scene that goes on beyond its edges, and what lies there was blurred into
it. Whoever takes the image for periodic, or for black outside, gets ringing that starts at the
edges and runs far into the image. Here neither is assumed.
"""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from typing import TYPE_CHECKING, Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft

from imgkit.capabilities import routine
from imgkit.images import (
    AnyImage,
    as_dtype,
    is_tensor,
    require_choice,
    require_image,
    require_whole,
    require_within,
)
from imgkit.restoration import lucy
from imgkit.restoration.kernels import Kernel, require_psf, transfer
from imgkit.restoration.scale import from_unit, to_unit

if TYPE_CHECKING:
    import torch

Regularizer: TypeAlias = Literal["laplacian", "constant"]
MOST_ITERATIONS = 10_000
BEYOND = 3  # how many sides of the PSF the image is continued for Wiener's filter
ROWS = 64  # of the filter computed at once, so that they stay in the cache


@routine(float32=2e-5, float64=1e-13)
def wiener(
    image: AnyImage,
    psf: npt.ArrayLike,
    *,
    balance: float = 0.01,
    regularizer: Regularizer = "laplacian",
    clip: bool = True,
) -> AnyImage:
    """Undo a blur in one step: divide spectra, but not where noise would win.

    ``OUT = conj(H) / (abs(H)² + balance * R) * IMAGE`` for each frequency, H being the PSF's
    transform. Where H is strong this divides by it; where H is weak it lets nothing through.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1, or any finite values
        if ``clip`` is false
    psf : array or nested lists (h, w), the image of a point, not negative, up to 1025 a side; it is
        divided by its sum. As in :func:`imgkit.filtering.convolve`, the centre of an even side is
        the later of the two middle ones.
    balance : weight of R, 1e-9..1e9: the more noise, the more of it
    regularizer : ``"laplacian"`` takes the squared transform of ``4 * x - neighbours`` for R: fine
        detail is mistrusted most (Hunt's filter, for noisy images). ``"constant"`` takes R = 1, and
        ``balance`` is the power of the noise over that of the scene (the textbook's Wiener filter
        with its K, for little noise). Either way the mean is kept.
    clip : whether floats are clipped to full scale; uint8 always is

    Returns
    -------
    Same shape and dtype; uint8 rounded.

    Raises
    ------
    ValueError
        If psf is not a blur, or an option or a float image is out of range.
    TypeError
        If psf, an option or the image has another type.

    Notes
    -----
    Spectra belong to periodic images. So the image is continued by three sides of the PSF (and on
    to a quick length), mirrored at both edges and faded from one into the other. scikit-image's
    ``wiener`` (R: the same Laplacian) takes the image itself for periodic, and rings: up to 3 dB
    worse on blurred photographs, each at its best ``balance``. Within ``2e-7 / balance`` of the
    float64 definition in float32 (of the largest magnitude), ``1e-15 / balance`` in float64.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., sections 5.8 and 5.9. Hunt, The
    application of constrained least squares estimation to image restoration by digital computer,
    IEEE Transactions on Computers 22, 1973.

    Examples
    --------
    >>> from imgkit import filtering, restoration
    >>> square = np.zeros((32, 32))
    >>> square[12:20, 12:20] = 1
    >>> psf = restoration.motion_kernel(length=7)
    >>> blurred = filtering.convolve(square, psf)
    >>> sharp = wiener(blurred, psf, balance=1e-4)
    >>> f"{abs(blurred - square).max():.2f} {abs(sharp - square).max():.2f}"
    '0.43 0.10'
    """
    require_image(image, intensities=clip, tensor=True)
    psf = require_psf(psf)
    require_within(1e-9, 1e9, balance=balance)
    require_choice(("laplacian", "constant"), regularizer=regularizer)
    values, unit = to_unit(image)
    apply = _wiener_tensor if is_tensor(image) else _wiener_array
    out = apply(values, psf, float(balance), regularizer)
    return _finished(out, unit, image, clip)


@routine(float32=1e-4, float64=1e-12)
def richardson_lucy(
    image: AnyImage, psf: npt.ArrayLike, *, iterations: int = 20, clip: bool = True
) -> AnyImage:
    """Undo a blur step by step: blur the guess, compare, correct.

    ``x = x * correlate(image / convolve(x, psf), psf) / share``, starting with an even grey

    Each step makes the guess x a likelier scene for photons that were counted. Edges come back
    first, noise later: stop before it does.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1. If ``clip`` is false
        floats may be larger than 1, and what is negative counts as 0.
    psf : array or nested lists (h, w), the image of a point, as for :func:`wiener`
    iterations : number of steps, 1..10000
    clip : whether floats are clipped to full scale; uint8 always is. A star sharpened may well be
        brighter than white.

    Returns
    -------
    Same shape and dtype; nowhere negative; uint8 rounded.

    Raises
    ------
    ValueError
        If psf is not a blur, iterations or a float image is out of range.
    TypeError
        If psf, iterations or the image has another type.

    Notes
    -----
    The guess covers a canvas larger than the image by what the PSF reaches; only pixels that the
    camera saw are compared, and ``share`` is how much of a point's light lands on those (points
    that send under a thousandth are left black). No border has to be invented, and every step keeps
    the flux: the guess's light that lands on the image sums to the image. scikit-image's
    ``richardson_lucy`` takes the outside for black, which costs 5 dB and more on photographs, most
    of it in a wide frame along the edges; inside both agree. Blurred guesses below a millionth of
    the mean count as that.

    After 20 steps within 1e-5 of the float64 definition in float32 (of the largest magnitude) and
    1e-13 in float64; rounding grows with the number of steps as noise does, and in float32 it shows
    where the image is black. A PSF that is a column times a row, or has under 50 weights, goes
    through OpenCV's filters, others through Fourier transforms. Gradients of tensors keep every
    step in memory.

    References
    ----------
    Richardson, Bayesian-based iterative method of image restoration, Journal of the Optical
    Society of America 62, 1972. Lucy, An iterative technique for the rectification of observed
    distributions, Astronomical Journal 79, 1974. The canvas: Bertero and Boccacci, A simple method
    for the reduction of boundary effects in the Richardson-Lucy approach to image deconvolution,
    Astronomy and Astrophysics 437, 2005.

    Examples
    --------
    >>> from imgkit import filtering, restoration
    >>> square = np.zeros((32, 32))
    >>> square[12:20, 12:20] = 1
    >>> psf = restoration.motion_kernel(length=7)
    >>> blurred = filtering.convolve(square, psf)
    >>> sharp = richardson_lucy(blurred, psf, iterations=50)
    >>> f"{abs(blurred - square).max():.2f} {abs(sharp - square).max():.2f}"
    '0.43 0.01'
    """
    require_image(image, intensities=clip, tensor=True)
    psf = require_psf(psf)
    require_whole(1, MOST_ITERATIONS, iterations=iterations)
    values, unit = to_unit(image)
    run = lucy.on_tensors if is_tensor(image) else lucy.on_arrays
    out = run(values, psf, int(iterations))
    return _finished(out, unit, image, clip)


def _finished(out: AnyImage, unit: float, image: AnyImage, clip: bool) -> AnyImage:
    if clip:
        return as_dtype(out if unit == 1 else out * unit, like=image)
    return from_unit(out, unit, like=image)


# --- Wiener's filter ------------------------------------------------------------------------------


def _wiener_array(
    image: np.ndarray, psf: Kernel, balance: float, regularizer: Regularizer
) -> np.ndarray:
    planes = image[..., None] if image.ndim == 2 else image
    rows, columns = image.shape[:2]
    shape = _canvas(psf, rows, columns)
    inverse = _inverse(psf, shape, balance, regularizer, np.result_type(image, np.complex64))
    out = np.empty(planes.shape, image.dtype)
    workers = cv2.getNumThreads()
    wide = np.empty(shape, image.dtype)
    for c in range(planes.shape[2]):
        wide[:rows, :columns] = planes[..., c]
        for view, n in ((wide[:, :columns], rows), (wide.T, columns)):
            first, second, fade = _continuation(n, len(view))
            fade = fade.astype(image.dtype)[:, None]
            view[n:] = view[first] + fade * (view[second] - view[first])
        spectrum = scipy.fft.rfft2(wide, workers=workers)
        spectrum *= inverse
        spectrum = scipy.fft.ifft(spectrum, axis=0, overwrite_x=True, workers=workers)
        out[..., c] = scipy.fft.irfft(spectrum[:rows], shape[1], workers=workers)[:, :columns]
    return out.reshape(image.shape)


def _wiener_tensor(
    image: torch.Tensor, psf: Kernel, balance: float, regularizer: Regularizer
) -> torch.Tensor:
    import torch

    rows, columns = image.shape[-2:]
    shape = _canvas(psf, rows, columns)
    precision = np.complex128 if image.dtype == torch.float64 else np.complex64
    inverse = _inverse(psf, shape, balance, regularizer, precision)
    wide = image
    for axis, n, total in ((-2, rows, shape[0]), (-1, columns, shape[1])):
        first, second, fade = (
            torch.as_tensor(part, device=image.device) for part in _continuation(n, total)
        )
        fade = fade.to(image.dtype).reshape(-1, *[1] * (-1 - axis))
        first, second = wide.index_select(axis, first), wide.index_select(axis, second)
        wide = torch.cat([wide, first + fade * (second - first)], axis)
    spectrum = torch.fft.rfft2(wide) * torch.as_tensor(inverse, device=image.device)
    return torch.fft.irfft2(spectrum, s=shape)[..., :rows, :columns].contiguous()


def _canvas(psf: Kernel, rows: int, columns: int) -> tuple[int, int]:
    (h, w), fast = psf.shape, scipy.fft.next_fast_len
    return fast(rows + BEYOND * h, real=True), fast(columns + BEYOND * w, real=True)


def _continuation(n: int, total: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How a row of n is continued to a period of total: two places and how far from one to other.

    The one goes on after the end, the other leads up to the beginning; both are mirrored.
    """
    extra = total - n
    mirrored = np.pad(np.arange(n), extra, mode="reflect")
    fade = np.arange(1, extra + 1) / (extra + 1)
    return mirrored[n + extra :], mirrored[:extra], fade


def _inverse(
    psf: Kernel, shape: tuple[int, int], balance: float, regularizer: Regularizer, dtype: np.dtype
) -> np.ndarray:
    """Wiener's filter for each frequency, (shape[0], shape[1] // 2 + 1)."""
    out = transfer(psf, shape).astype(dtype)  # in float64 until here: a weak H is a difference
    across = (2 - 2 * np.cos(2 * np.pi * scipy.fft.rfftfreq(shape[1]))).astype(out.real.dtype)
    down = (2 - 2 * np.cos(2 * np.pi * scipy.fft.fftfreq(shape[0]))).astype(out.real.dtype)
    for row in range(0, shape[0], ROWS):
        part = slice(row, row + ROWS)
        real, imaginary = out.real[part], out.imag[part]
        weights = down[part, None] + across
        if regularizer == "laplacian":
            weights *= weights
        else:
            np.sign(weights, out=weights)  # 1, and 0 for the mean
        weights *= balance
        weights += real * real
        weights += imaginary * imaginary
        real /= weights
        imaginary /= -weights
    return out
