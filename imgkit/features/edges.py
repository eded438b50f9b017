"""Edges: where the brightness changes most steeply, as lines one pixel wide."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering import tensors
from imgkit.filtering.arrays import BANDS_FROM, pad
from imgkit.filtering.borders import MODES, Mode, border_value
from imgkit.filtering.derivatives import SMOOTHING
from imgkit.filtering.smoothing import bell_weights, gaussian
from imgkit.images import (
    AnyImage,
    Image,
    Mask,
    as_float,
    is_tensor,
    require_choice,
    require_gray,
    require_number,
)
from imgkit.images.pointwise import in_parallel, shares
from imgkit.segmentation.hysteresis import hysteresis

if TYPE_CHECKING:
    import torch

UNIT = 2**15  # steps of a slope of 1 per pixel; the steepest there is, 1/2, has 16384
TOP = 40_000  # steps that no slope reaches, whatever the norm
KERNELS = (  # a column and a row each: the slope down the rows, and along the columns
    (UNIT * np.array([-1, 0, 1]) / 2, SMOOTHING["sobel"]),
    (SMOOTHING["sobel"], UNIT * np.array([-1, 0, 1]) / 2),
)
BAND = 1 << 17  # pixels at once, so that they stay in the cache
TG22 = 13573  # tan(22.5°) in units of 2⁻¹⁵: between two of the four directions


@routine(float32=0, float64=0, uint8=0, differentiable=False)
def canny(
    image: AnyImage,
    *,
    sigma: float = 1.0,
    low: float = 0.05,
    high: float = 0.1,
    norm: Literal["l1", "l2"] = "l2",
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> Mask:
    """Canny's edges: thin, and unbroken where the contrast fades.

    1. Blur with :func:`~imgkit.filtering.gaussian`, for noise has slopes too.
    2. Take the slopes along rows and columns as :func:`~imgkit.filtering.sobel` does, and their
       magnitude.
    3. Keep a pixel if its two neighbours up and down the slope, to the nearest of four directions,
       are not steeper: the ridge of the slope, one pixel wide.
    4. Of these keep what is steeper than ``low`` and hangs together with something steeper than
       ``high``: :func:`~imgkit.segmentation.hysteresis`.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W); floats in 0..1
    sigma : of the blur in pixels, > 0; larger finds fewer and smoother edges
    low, high : the two thresholds, 0 <= low <= high, in fractions of full scale per pixel. A sharp
        step of height h has a slope of 0.31 h after a blur of sigma 1, of 0.19 h after sigma 2.
    norm : the magnitude of a slope: "l2" is ``sqrt(rows² + columns²)``, the same in all
        directions; "l1" is ``|rows| + |columns|``, up to 1.4 times as much on a diagonal
    mode : what lies beyond the edge of the image, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    bool, the shape of the image; on the tensor's device.

    Raises
    ------
    ValueError
        If low is above high or below 0, sigma is not positive, the image has colours
        (``color.to_gray`` helps), or a float image leaves 0..1.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Slopes are rounded to steps of ``2**-15`` before they are compared, so that an edge between two
    pixels, where both slopes are equal, is a tie and not a matter of rounding errors: the left or
    upper one is the edge (on a diagonal, neither). Beyond the image's border nothing is steep.
    That is the definition; float64 meets it exactly, in float32 and uint8 fewer than one pixel
    in 1000 differs, where a slope lies between two steps. Without the rounding 99 % of the edge
    pixels of a photograph are the same.

    OpenCV's ``Canny`` takes 8 bits only, does not blur, has thresholds 8 * 255 times as large (its
    tutorial's 100 and 200 are our 0.05 and 0.1), and adds up to "l1" if not told otherwise.
    scikit-image's thresholds are 8 times as large; it interpolates between neighbours in step 3 and
    takes what is beyond the border for black.

    References
    ----------
    J. Canny, "A computational approach to edge detection", IEEE Transactions on Pattern Analysis
    and Machine Intelligence 8(6), 1986. Gonzalez and Woods, Digital Image Processing, 4th ed.,
    section 10.2. Szeliski, Computer Vision, 2nd ed., section 7.2.

    Examples
    --------
    >>> step = np.repeat(np.float32([[0.2, 0.8]]), 4, axis=1)  # (1, 8)
    >>> canny(step, sigma=1).astype(int)
    array([[0, 0, 0, 1, 0, 0, 0, 0]])
    """
    require_gray(image, intensities=True, tensor=True)
    bell = bell_weights(sigma, truncate=4.0)
    require_choice(("l1", "l2"), norm=norm)
    require_number(low=low, high=high)
    if not 0 <= low <= high:
        raise ValueError(f"low and high must be 0 <= low <= high, got low={low!r}, high={high!r}")
    border_value(image, mode, cval)
    steps = [min(UNIT * threshold, TOP) for threshold in (low, high)]
    if is_tensor(image):
        return _edges_of_tensors(image, bell, mode, cval, *steps, norm)
    if len(bell) >= BANDS_FROM:
        image = gaussian(as_float(image), sigma=sigma, mode=mode, cval=cval)
        bell = np.ones(1)  # done
    down, right = _slopes(image, bell, mode, cval)
    edges = cv2.Canny(right, down, *steps, L2gradient=norm == "l2")
    return np.bitwise_and(edges, 1, out=edges).view(bool)


def _slopes(
    image: Image, bell: np.ndarray, mode: Mode, cval: float
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Steps 1 and 2 in whole steps, band by band, in memory that is filled again and again."""
    reach, dark = len(bell) // 2 + 1, cval if mode == "constant" else 0
    border, frame = MODES[mode], 0
    if mode == "wrap":  # OpenCV's filters do not
        image, border, frame = pad(image, ((reach,) * 2,) * 2, mode=mode), MODES["constant"], reach
    h, w = image.shape
    slopes = np.empty((2, h, w), np.int16)
    height = max(BAND // w, 4 * reach)

    def do(starts: Sequence[int]) -> None:
        shape = height + 2 * reach, w
        soft = np.empty(shape, np.float64 if image.dtype == np.float64 else np.float32)
        steps = np.empty(shape, np.int16)
        for start in starts:
            stop, first = min(start + height, h), max(0, start - reach)
            band = image[first : stop + reach]
            if band.dtype == np.uint8:
                band = as_float(band)
            if dark:  # slopes do not see a constant, and OpenCV's constant is 0
                band = band - band.dtype.type(dark)
            part, rounded = soft[: len(band)], steps[: len(band)]
            cv2.sepFilter2D(band, -1, bell, bell, dst=part, borderType=border)
            for out, (column, row) in zip(slopes, KERNELS, strict=True):
                cv2.sepFilter2D(part, cv2.CV_16S, row, column, dst=rounded, borderType=border)
                out[start:stop] = rounded[start - first :][: stop - start]

    in_parallel(do, shares(range(0, h, height)))
    down, right = slopes[:, frame : h - frame, frame : w - frame]
    return down, right


def _edges_of_tensors(
    image: torch.Tensor,
    bell: np.ndarray,
    mode: Mode,
    cval: float,
    low: float,
    high: float,
    norm: str,
) -> torch.Tensor:
    """All steps; what follows the slopes in whole numbers, as OpenCV does it."""
    import torch

    centre, options = (len(bell) // 2, len(bell) // 2), {"mode": mode, "cval": cval}
    soft = tensors.separable(image.detach(), bell, bell, centre, **options)
    slopes = (tensors.separable(soft, *kernel, (1, 1), **options) for kernel in KERNELS)
    rows, columns = (slope.round().int() for slope in slopes)
    down, right = rows.abs(), columns.abs()
    size = rows * rows + columns * columns if norm == "l2" else down + right
    if norm == "l2":
        low, high = low**2, high**2
    around = torch.nn.functional.pad(size, (1, 1, 1, 1))
    h, w = size.shape[-2:]

    def neighbour(i: int, j: int) -> torch.Tensor:
        return around[..., 1 + i : 1 + i + h, 1 + j : 1 + j + w]

    across = (size > neighbour(0, -1)) & (size >= neighbour(0, 1))
    upright = (size > neighbour(-1, 0)) & (size >= neighbour(1, 0))
    falling = (size > neighbour(-1, -1)) & (size > neighbour(1, 1))  # to the lower right
    rising = (size > neighbour(-1, 1)) & (size > neighbour(1, -1))
    slanting = torch.where((rows < 0) == (columns < 0), falling, rising)
    flat = (down << 15) < right * TG22
    steep = (down << 15) > right * (TG22 + 2**16)
    ridge = torch.where(flat, across, torch.where(steep, upright, slanting))
    weak, strong = (ridge & (size > math.floor(limit)) for limit in (low, high))
    return hysteresis(weak.float() + strong.float(), low=0.5, high=1.5, connectivity=2)
