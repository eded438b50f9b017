"""One threshold for the whole image, found from its histogram."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.contrast.counting import count_bytes
from imgkit.images import AnyImage, Image, is_tensor, require_gray, require_whole
from imgkit.segmentation.bins import (
    BINS,
    Counts,
    best_splits,
    bins_of,
    gray_range,
    planes_and_range,
    split,
    value_of,
)

if TYPE_CHECKING:
    import torch

OPENCV_UP_TO = 1 << 23  # pixels: in larger images its Otsu leaves out classes of a few pixels
ROUNDS = 1000  # of Li's iteration; photographs need about ten


@routine(float32=1e-6, float64=1e-13, uint8=0.5, differentiable=False)
def otsu(image: AnyImage) -> float | torch.Tensor:
    """The threshold that parts dark and bright so that each class varies least in itself.

    With ``w`` the shares of the two classes and ``m`` their means, it is where
    ``w1 w2 (m1 - m2)²``, the variance between the classes, is largest.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W), each image of which has its own threshold; floats
        may have any finite values

    Returns
    -------
    The threshold on the image's own scale: a whole number 0..255 for uint8, a float for floats, a
    tensor (..., 1, 1) for tensors. ``image > otsu(image)`` is the mask of the bright class. Of a
    flat image it is the one value.

    Raises
    ------
    ValueError
        If the image has colours, or is empty or not finite.
    TypeError
        If the image has another dtype.

    Notes
    -----
    uint8 has its 256 levels, and the threshold is the brightest level of the dark class. Floats are
    counted in 256 bins between their darkest and brightest value, and the threshold is the middle
    of the dark class's last bin, as in scikit-image: it is up to half a bin (1/512 of the range)
    off the last dark value, and pixels of that one bin may fall on either side. Of equals the
    darkest is taken. Both engines choose the same bin.

    References
    ----------
    N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on
    Systems, Man, and Cybernetics 9(1), 1979. Gonzalez and Woods, Digital Image Processing, 4th ed.,
    section 10.3.

    Examples
    --------
    >>> image = np.array([[10, 12, 12], [200, 210, 220]], np.uint8)
    >>> otsu(image)
    12
    >>> (image > otsu(image)).sum()
    np.int64(3)
    """
    if is_tensor(image) or getattr(image, "size", 0) > OPENCV_UP_TO:
        return split(image, _best_level)
    if getattr(image, "dtype", None) == np.uint8:
        require_gray(image)
        return _last_dark(image) or int(image.min())  # all are of one level
    low, high = gray_range(image)
    if low == high:
        return low
    return value_of(_last_dark(bins_of(image, low, high)), image, low, high)


@routine(float32=1e-6, float64=1e-13, uint8=0.5, differentiable=False)
def multi_otsu(image: AnyImage, *, classes: int = 3) -> npt.NDArray | torch.Tensor:
    """Otsu's thresholds for several classes: each class varies least in itself.

    They make ``sum(w_c m_c²)`` largest over all ways to cut the histogram, where ``w`` are the
    shares of the classes and ``m`` their means.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W), each image of which has its own thresholds; floats
        may have any finite values
    classes : how many, 2..256

    Returns
    -------
    The thresholds from dark to bright, on the image's own scale: an array (classes - 1,) of int64
    for uint8, else of the image's dtype; for tensors (classes - 1, ..., 1, 1).
    ``np.digitize(image, multi_otsu(image), right=True)`` numbers the classes.

    Raises
    ------
    ValueError
        If classes is out of range, the image fills fewer bins than classes, or has colours.
    TypeError
        If classes is not whole, or the image has another dtype.

    Notes
    -----
    Bins and thresholds as for :func:`otsu`. The best of all cuts is found by dynamic programming,
    in classes × 256² steps; scikit-image tries all of them, millions for five classes, in float32
    sums, which now and then settle for another cut.

    References
    ----------
    P.-S. Liao, T.-S. Chen and P.-C. Chung, "A fast algorithm for multilevel thresholding", Journal
    of Information Science and Engineering 17(5), 2001. W. D. Fisher, "On grouping for maximum
    homogeneity", Journal of the American Statistical Association 53, 1958.

    Examples
    --------
    >>> multi_otsu(np.array([[10, 11, 90], [91, 200, 201]], np.uint8))
    array([11, 91])
    """
    require_whole(2, BINS, classes=classes)

    def pick(counts: Counts) -> npt.NDArray[np.intp]:
        occupied = np.count_nonzero(counts)
        if occupied < classes:
            raise ValueError(
                f"classes={classes} are more than the image has: "
                f"its values fill only {occupied} of {BINS} bins"
            )
        return best_splits(counts, int(classes))

    thresholds = split(image, pick)
    if is_tensor(image):
        return thresholds
    return thresholds.astype(np.int64 if image.dtype == np.uint8 else image.dtype)


@routine(float32=1e-6, float64=1e-12, uint8=1e-3, differentiable=False)
def li(image: AnyImage) -> float | torch.Tensor:
    """The threshold of least cross-entropy: the picture of two means is nearest to the image.

    With ``d`` and ``b`` the means of the dark and the bright class, measured from the darkest
    pixel, the threshold ``t`` is where ``t = (b - d) / (ln b - ln d)``: between the two means, and
    nearer to the darker one than Otsu's.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W), each image of which has its own threshold; floats
        may have any finite values

    Returns
    -------
    The threshold on the image's own scale, a float; a tensor (..., 1, 1) for tensors. Of a flat
    image it is the one value.

    Raises
    ------
    ValueError
        If the image has colours, or is empty or not finite.
    TypeError
        If the image has another dtype.

    Notes
    -----
    The iteration starts at the image's mean and goes on until the classes no longer change, on the
    values themselves, not on bins. scikit-image stops when a step is below half the smallest
    difference between two values (half a level for uint8), so it may be that much off. If only the
    darkest value is left in the dark class, its logarithm does not exist, and the last threshold
    stands. Within 1e-6 of the definition in float32, 1e-12 in float64.

    References
    ----------
    C. H. Li and P. K. S. Tam, "An iterative algorithm for minimum cross entropy thresholding",
    Pattern Recognition Letters 18(8), 1998.

    Examples
    --------
    >>> f"{li(np.array([[0, 10, 12], [14, 200, 210]], np.uint8)):.1f}"
    '62.7'
    """
    if is_tensor(image):
        return _li_tensor(image)
    low, high = gray_range(image)
    if low == high:
        return float(low)
    if image.dtype == np.uint8:
        above = _counter(count_bytes(image)[low : high + 1])
    else:
        above = _adder(image, low, high)
    return low + (high - low) * _least_cross_entropy(image.size, above)


Above = Callable[[float], tuple[int, float]]  # threshold -> pixels above it, and their sum


def _least_cross_entropy(pixels: int, above: Above) -> float:
    """Li's threshold of values in 0..1, both of which occur."""
    not_darkest, total = above(0.0)
    threshold, before = total / pixels, None
    for _ in range(ROUNDS):
        bright, their_sum = above(threshold)
        if bright in (before, not_darkest, 0):
            break
        before = bright
        b, d = their_sum / bright, (total - their_sum) / (pixels - bright)
        threshold = (b - d) / (math.log(b) - math.log(d))
    return threshold


def _counter(counts: Counts) -> Above:
    steps = len(counts) - 1
    bright = counts.sum() - counts.cumsum()
    sums = counts * np.arange(steps + 1)
    sums = sums.sum() - sums.cumsum()

    def above(threshold: float) -> tuple[int, float]:
        level = int(threshold * steps)
        return int(bright[level]), float(sums[level] / steps)

    return above


def _adder(image: Image, low: float, high: float) -> Above:
    values = np.subtract(image, image.dtype.type(low), order="C")
    values /= image.dtype.type(high - low)
    kept = np.empty_like(values)

    def above(threshold: float) -> tuple[int, float]:
        rounded = values.dtype.type(threshold)
        if rounded > threshold:  # OpenCV compares in the image's precision
            rounded = np.nextafter(rounded, values.dtype.type(0))
        cv2.threshold(values, float(rounded), 0, cv2.THRESH_TOZERO, kept)
        return cv2.countNonZero(kept), cv2.sumElems(kept)[0]

    return above


def _li_tensor(image: torch.Tensor) -> torch.Tensor:
    """The same iteration for all images of a batch, until the last has come to rest."""
    import torch

    planes, low, high = planes_and_range(image)
    span = high - low
    values = (planes - low).double() / torch.where(span > 0, span, 1)

    def above(threshold: torch.Tensor | float) -> tuple[torch.Tensor, torch.Tensor]:
        mask = values > threshold
        return mask.sum(1, keepdim=True), (values * mask).sum(1, keepdim=True)

    not_darkest, total = above(0.0)
    threshold, before = total / values.shape[1], torch.full_like(not_darkest, -1)
    for _ in range(ROUNDS):
        bright, sums = above(threshold)
        rests = (bright == before) | (bright == not_darkest) | (bright == 0)
        if rests.all():
            break
        before = bright
        b, d = sums / bright, (total - sums) / (values.shape[1] - bright)
        threshold = torch.where(rests, threshold, (b - d) / (b.log() - d.log()))
    return (low + span * threshold).to(image.dtype).reshape(*image.shape[:-2], 1, 1)


@routine(float32=1e-6, float64=1e-13, uint8=0.5, differentiable=False)
def triangle(image: AnyImage) -> float | torch.Tensor:
    """The threshold for one high peak and a long tail: the bin farthest below their line.

    A straight line goes from the histogram's peak to the end of its longer tail. The bin whose
    count lies farthest below it is the corner between peak and tail. Good for few bright objects on
    a dark ground, where Otsu's classes are too unequal.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W), each image of which has its own threshold; floats
        may have any finite values

    Returns
    -------
    The threshold on the image's own scale: a whole number 0..255 for uint8, a float for floats, a
    tensor (..., 1, 1) for tensors. Of a flat image it is the one value.

    Raises
    ------
    ValueError
        If the image has colours, or is empty or not finite.
    TypeError
        If the image has another dtype.

    Notes
    -----
    Bins and thresholds as for :func:`otsu`, and as in scikit-image. The peak is the darkest of
    equals, the tail the bright one if it is longer, and of equally far bins the one nearest to the
    tail's end is taken, counted in whole numbers. OpenCV's ``THRESH_TRIANGLE`` goes one bin further
    into the tail.

    References
    ----------
    G. W. Zack, W. E. Rogers and S. A. Latt, "Automatic measurement of sister chromatid exchange
    frequency", Journal of Histochemistry and Cytochemistry 25(7), 1977.

    Examples
    --------
    >>> image = np.repeat(np.uint8([0, 1, 2, 3, 4]), [90, 10, 9, 8, 7])[None]
    >>> triangle(image)
    1
    """
    return split(image, _corner_level)


def _last_dark(bins: npt.NDArray[np.uint8]) -> int:
    """The brightest level that is not above OpenCV's threshold, which turns what is to 0."""
    return int(cv2.threshold(bins, 0, 255, cv2.THRESH_TOZERO_INV | cv2.THRESH_OTSU)[1].max())


def _best_level(counts: Counts) -> int:
    occupied = np.flatnonzero(counts)
    return int(occupied[0] if len(occupied) == 1 else best_splits(counts, 2)[0])


def _corner_level(counts: Counts) -> int:
    occupied = np.flatnonzero(counts)
    dark, peak, bright = int(occupied[0]), int(counts.argmax()), int(occupied[-1])
    if dark == bright:
        return dark
    tail_is_bright = peak - dark < bright - peak
    end, step = (bright, -1) if tail_is_bright else (dark, 1)
    steps = np.arange(abs(peak - end))
    below_line = counts[peak] * steps - len(steps) * counts[end + step * steps]
    return end + step * int(below_line.argmax())
