"""Two pictures of one thing, brought over each other without looking for points."""

from __future__ import annotations

from typing import Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft

from imgkit.capabilities import routine
from imgkit.geometry.points import Matrix, as_matrix
from imgkit.images import (
    Image,
    as_float,
    require_choice,
    require_image,
    require_number,
    require_positive,
    require_same_shape,
    require_whole,
)

Motion = Literal["translation", "rigid", "affine", "homography"]
MOTIONS = {
    "translation": cv2.MOTION_TRANSLATION,
    "rigid": cv2.MOTION_EUCLIDEAN,
    "affine": cv2.MOTION_AFFINE,
    "homography": cv2.MOTION_HOMOGRAPHY,
}
SWAP = np.array([1, 0, 2])  # row and column to x and y, and back
NEWTON = 8  # steps, of which the third is rarely needed
COARSEST = 32  # pixels that a level of ECC's pyramid has at least


class Shift(NamedTuple):
    """How far one image lies from another, and how sure that is."""

    shift: npt.NDArray[np.float64]
    "(row, column) in pixels: what is at p in the image is at p + shift in the reference"
    response: float
    "height of the peak: 1 if every wave agrees on the shift, near 0 if they do not"


@routine(float32=1e-4, float64=1e-6, uint8=0.02, tensor=False)
def phase_correlation(
    image: Image, reference: Image, *, window: bool = True, sigma: float = 1.0
) -> Shift:
    """How far to move an image so that it lies over another, to a fraction of a pixel.

    A shift by s turns the wave of frequency f by ``2 pi f s`` and leaves its strength alone. So
    take from both spectra the phases only, ``R = F conj(G) / |F conj(G)|``, and go back: where all
    waves agree stands a peak. It is looked up between pixels as well, for the sum of waves can be
    evaluated anywhere.

    Parameters
    ----------
    image, reference : arrays (H, W) of one size; any finite values, each on its own scale
    window : whether to fade both to their mean towards the edges (Hann). The Fourier transform
        takes an image for periodic; where opposite edges do not meet, the jump stays in place and
        speaks for a shift of 0. False for images that are periodic.
    sigma : Gaussian smoothing of the correlation in pixels, >= 0: trusts coarse waves more than
        fine ones, in which noise and aliasing live. 0 trusts all alike.

    Returns
    -------
    Shift : ``shift``, float64 (row, column), and ``response``; a tuple of the two as well.
        ``reference[p + shift]`` is ``image[p]``.

    Raises
    ------
    ValueError
        If sizes differ, an image has colours (use ``color.to_gray``) or only one value, or sigma is
        negative.
    TypeError
        If an image has another dtype.

    Notes
    -----
    The shift is within half the size either way; a larger one comes out as if the image were
    periodic. It is the maximum of the trigonometric sum itself, by Newton's method, what
    scikit-image's ``phase_cross_correlation`` tells to ``1 / upsample_factor`` (with
    ``window=False, sigma=0``), and its sign is theirs; OpenCV's ``phaseCorrelate`` has (x, y), the
    other sign, and takes a centroid of pixels.

    References
    ----------
    Kuglin and Hines, The phase correlation image alignment method, IEEE Conference on Cybernetics
    and Society, 1975. Guizar-Sicairos, Thurman and Fienup, Efficient subpixel image registration
    algorithms, Optics Letters, 2008. Stone et al., A fast direct Fourier-based algorithm for
    subpixel registration of images, IEEE Transactions on Geoscience and Remote Sensing, 2001.

    Examples
    --------
    >>> image = np.random.default_rng(0).random((32, 32))
    >>> shift, response = phase_correlation(image, np.roll(image, (3, -5), (0, 1)), window=False)
    >>> shift.round(3), round(response, 3)
    (array([ 3., -5.]), 1.0)
    """
    planes = {"image": _plane(image, "image"), "reference": _plane(reference, "reference")}
    require_same_shape(**planes)
    _require_contrast(**planes)
    values = [as_float(plane) for plane in planes.values()]
    require_number(sigma=sigma)
    if sigma < 0:
        raise ValueError(f"sigma must be at least 0, got {sigma!r}")
    if not isinstance(window, bool | np.bool_):
        raise TypeError(f"window must be True or False, got {window!r}")
    precision = np.result_type(*values)
    shape = values[0].shape
    f, g = (
        scipy.fft.rfft2(_faded(x.astype(precision), window), workers=cv2.getNumThreads())
        for x in values
    )
    g *= f.conj()
    strength = np.abs(g)
    # what is weaker is rounding, and has no phase
    floor = (100 * np.finfo(precision).eps) ** 2 * strength.max()
    waves = np.divide(g, strength, out=np.zeros_like(g), where=strength > floor)
    waves *= _weights(shape, sigma).astype(precision)
    start = _highest_pixel(waves, shape)
    shift, height = _peak(waves, shape, start)
    return Shift(shift, float(height))


@routine(float32=5e-3, float64=5e-3, uint8=1, tensor=False)
def ecc(
    image: Image,
    reference: Image,
    *,
    model: Motion = "affine",
    start: npt.ArrayLike | None = None,
    levels: int = 3,
    smooth: int = 5,
    iterations: int = 100,
    tolerance: float = 1e-6,
) -> Matrix:
    """The matrix that takes an image onto another so that they correlate best: direct alignment.

    Enhanced correlation coefficient: the correlation of the two, each less its mean and divided by
    its length, does not see brightness and contrast. Gauss-Newton steps climb it, from the coarse
    level of a pyramid to the fine one.

    Parameters
    ----------
    image, reference : arrays (H, W), of one size or not; floats of any finite values
    model : "translation", "rigid" (turn and shift), "affine" or "homography"
    start : (3, 3) to start from, image to reference; None where they lie
    levels : of the pyramid, each half as large as the last; none has a side below 32 pixels
    smooth : side in pixels of the Gaussian window that both are smoothed with, odd; 1 does not
    iterations : Gauss-Newton steps at most on each level
    tolerance : steps end where the correlation gains less, > 0

    Returns
    -------
    float64 (3, 3): what is at p in image is at M p in reference; ``warp_perspective(image, M)``
    lies over it.

    Raises
    ------
    ValueError
        If it does not converge: too far apart, nothing in common, or nothing to see; if an image
        has colours (use ``color.to_gray``) or an option is out of range.
    TypeError
        If an image has another dtype, or an option is of another type.

    Notes
    -----
    It finds the nearest summit: displacements of about ``5 * 2 ** levels`` pixels are safe, others
    want a ``start``, from :func:`phase_correlation` or :func:`ransac`. By OpenCV's
    ``findTransformECC``, whose matrix is in (x, y) and leads from reference to image, and which has
    no pyramid. It ends within 0.005 pixel of the summit; with OpenCV 4, which reads images at whole
    32nds of a pixel, within 0.02.

    References
    ----------
    Evangelidis and Psarakis, Parametric image alignment using enhanced correlation coefficient
    maximization, IEEE Transactions on Pattern Analysis and Machine Intelligence, 2008.

    Examples
    --------
    >>> rows, columns = np.mgrid[:64, :64]
    >>> image = np.exp(-((rows - 30) ** 2 + (columns - 30) ** 2) / 200)
    >>> darker = 0.5 * np.exp(-((rows - 32) ** 2 + (columns - 27) ** 2) / 200)
    >>> ecc(image, darker, model="translation").round(1)
    array([[ 1.,  0.,  2.],
           [ 0.,  1., -3.],
           [ 0.,  0.,  1.]])
    """
    planes = [_stretched(image, "image"), _stretched(reference, "reference")]
    require_choice(MOTIONS, model=model)
    require_whole(1, levels=levels)
    require_whole(1, 101, smooth=smooth)
    if smooth % 2 == 0:
        raise ValueError(f"smooth must be odd, got {smooth!r}")
    require_whole(1, 100_000, iterations=iterations)
    require_positive(tolerance=tolerance)
    matrix = np.eye(3) if start is None else as_matrix(start, "start")
    pyramid = [planes]
    while len(pyramid) < levels and min(min(x.shape) for x in pyramid[-1]) >= 2 * COARSEST:
        pyramid.append([cv2.pyrDown(x) for x in pyramid[-1]])
    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, int(iterations), float(tolerance))
    for level in reversed(range(len(pyramid))):
        size = np.array([2.0**level, 2.0**level, 1])  # pixel i of a level is pixel 2 i below it
        near = matrix * size / size[:, None]
        found = _climb(*pyramid[level], near, model, smooth, ends)
        matrix = found * size[:, None] / size
    return matrix


def _plane(image: Image, name: str) -> Image:
    require_image(image, name)
    if image.ndim == 3 and image.shape[2] != 1:
        raise ValueError(f"{name} has shape {image.shape}; this takes (H, W): use color.to_gray")
    return image.reshape(image.shape[:2])


def _require_contrast(**planes: Image) -> None:
    for name, plane in planes.items():
        if plane.min() == plane.max():
            raise ValueError(f"{name} has one value only: there is nothing to register by")


def _stretched(image: Image, name: str) -> npt.NDArray[np.float32]:
    """An image in 0..1: ECC does not see scale, but float32 does."""
    plane = _plane(image, name)
    _require_contrast(**{name: plane})
    low, high = plane.min().astype(np.float64), plane.max().astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        values = ((plane - low) / (high - low)).astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError(f"{name} has values too large to compare: divide it by its range")
    return values


def _faded(values: npt.NDArray[np.floating], window: bool) -> npt.NDArray[np.floating]:
    """About 0, of size 1; with a window nothing at the edges."""
    low, high = values.min(), values.max()
    values = values / max(abs(low), abs(high))  # squares of huge values are no numbers
    values -= values.mean()
    if window:
        h, w = values.shape
        rows, columns = (np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2 for n in (h, w))
        values *= np.outer(rows, columns).astype(values.dtype)
    return values


def _frequencies(shape: tuple[int, int]) -> tuple[npt.NDArray, npt.NDArray]:
    """Of the rows and columns of half a spectrum, in radians for each pixel."""
    h, w = shape
    return 2 * np.pi * scipy.fft.fftfreq(h), 2 * np.pi * scipy.fft.rfftfreq(w)


def _weights(shape: tuple[int, int], sigma: float) -> npt.NDArray[np.float64]:
    """A Gaussian's transform, twice where the other half of the spectrum has a wave's twin.

    Together they are 1. The mean tells no shift and has no weight.
    """
    rows, columns = (-((sigma * f) ** 2) / 2 for f in _frequencies(shape))
    powers = rows[:, None] + columns
    powers[0, 0] = -np.inf
    weights = np.exp(powers - powers.max())  # of the coarsest wave 1, however small it is
    weights[:, 1 : (shape[1] + 1) // 2] *= 2
    return weights / weights.sum()


def _highest_pixel(waves: npt.NDArray, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    halves = waves.copy()
    halves[:, 1 : (shape[1] + 1) // 2] /= 2  # irfft2 counts twins itself
    correlation = scipy.fft.irfft2(halves, shape, workers=cv2.getNumThreads())
    place = np.array(np.unravel_index(correlation.argmax(), shape))
    return np.where(place > (np.array(shape) - 1) // 2, place - shape, place).astype(np.float64)


def _peak(
    waves: npt.NDArray, shape: tuple[int, int], start: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], float]:
    """The summit near a pixel: the best of a grid of quarter pixels, then Newton's method."""
    rows, columns = _frequencies(shape)
    steps = np.array([0, -1, 1, -2, 2, -3, 3]) / 4  # of equals the first: an axis of length 1
    up, across = (
        _with_real_last(np.exp(1j * np.outer(at + steps, f)), n)
        for at, f, n in zip(start, (rows, columns), shape, strict=True)
    )
    grid = _product(up, waves, across.T).real
    best = start + steps[list(np.unravel_index(grid.argmax(), grid.shape))]
    place, height = best, -np.inf
    for _ in range(NEWTON):
        # derivatives 0, 1 and 2 along rows and columns, all from one product
        up, across = (
            _with_real_last(np.exp(1j * at * f) * np.array([f**0, 1j * f, -(f**2)]), n)
            for at, f, n in zip(place, (rows, columns), shape, strict=True)
        )
        d = _product(up, waves, across.T).real
        if not d[0, 0] > height:
            break
        best, height = place, d[0, 0]
        curvature = np.array([[d[2, 0], d[1, 1]], [d[1, 1], d[0, 2]]])
        step = np.linalg.lstsq(curvature, -np.array([d[1, 0], d[0, 1]]), rcond=1e-12)[0]
        if not 1e-7 < np.abs(step).max() < 1:
            break
        place = place + step
    return best, height


def _with_real_last(turns: npt.NDArray, n: int) -> npt.NDArray:
    """The wave of two pixels, if there is one, goes both ways: a cosine."""
    if n % 2 == 0:
        turns[:, n // 2] = turns[:, n // 2].real
    return turns


def _product(up: npt.NDArray, waves: npt.NDArray, across: npt.NDArray) -> npt.NDArray:
    """The two factors are small: in the precision of the waves first, then in float64."""
    return (up.astype(waves.dtype) @ waves).astype(np.complex128) @ across


def _climb(
    image: npt.NDArray,
    reference: npt.NDArray,
    matrix: Matrix,
    model: Motion,
    smooth: int,
    ends: tuple[int, int, float],
) -> Matrix:
    """OpenCV's ascent, and its matrix, in (x, y) and from reference to image, the kit's way."""
    try:
        warp = np.linalg.inv(matrix)[SWAP][:, SWAP]
    except np.linalg.LinAlgError:
        raise ValueError("start has no inverse: it takes the image to a line") from None
    warp = np.ascontiguousarray(warp / warp[2, 2], np.float32)
    try:
        _, warp = cv2.findTransformECC(
            reference,
            image,
            warp if model == "homography" else warp[:2],
            MOTIONS[model],
            ends,
            None,
            smooth,
        )
    except cv2.error:
        raise ValueError(
            "ecc does not converge: the images have too little in common where they lie; hand in a "
            "start that is nearer, from phase_correlation or ransac"
        ) from None
    whole = np.eye(3)
    whole[: len(warp)] = warp
    found = np.linalg.inv(whole)[SWAP][:, SWAP]
    return found / found[2, 2]
