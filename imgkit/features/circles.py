"""Circles in a mask of edges: every pixel votes for the middles of all circles through it."""

from __future__ import annotations  # help() says Mask, not what it stands for

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft

from imgkit.capabilities import routine
from imgkit.features.hough import require_count, require_edges
from imgkit.features.peaks import LARGEST_DISTANCE, local_maxima
from imgkit.images import Mask, require_number, require_whole
from imgkit.images.pointwise import in_parallel

SHIFTS = 330  # pixels of a circle up to which adding shifted masks is quicker than Fourier
BAND = 1 << 18  # pixels at once, so that mask and votes stay in the cache
AT_ONCE = 255  # votes that a byte holds


@dataclass(frozen=True)
class Circles:
    """Circles, the one of which most is seen first."""

    centres: npt.NDArray[np.int64]
    "(N, 2) row and column"
    radii: npt.NDArray[np.float64]
    "(N,) in pixels"
    support: npt.NDArray[np.float64]
    "(N,) the share of the circle's pixels that are in the mask, 0..1"

    def __len__(self) -> int:
        return len(self.radii)


@routine(float32=0, float64=0, uint8=0, tensor=False)
def hough_circles(
    mask: Mask,
    *,
    radii: npt.ArrayLike,
    threshold: float = 0.4,
    min_distance: int = 10,
    count: int | None = None,
) -> Circles:
    """The circles of given radii of which most pixels lie in a mask.

    The circle of radius r about a pixel consists of the pixels whose distance from it lies within
    half a pixel of r. For each pixel and radius count how many of these are in the mask; the
    circles are the peaks, as a share of the whole circle.

    Parameters
    ----------
    mask : bool (H, W): edges, from :func:`canny` say
    radii : in pixels, one or more, at least 1 and at most the diagonal of the mask; steps of 1 or 2
        miss nothing
    threshold : the least share of a circle that has to be seen, above 0 up to 1. Edges are never
        quite round: on photographs even a whole circle has about 0.6.
    min_distance : 1..2048 pixels. Of two circles whose middles lie within it in both rows and
        columns, and whose radii differ by no more than it, the weaker one does not count.
    count : the most circles wanted; None for all

    Returns
    -------
    Circles by falling support: ``centres`` (N, 2), inside of the image, ``radii`` and ``support``
    (N,). Equal ones by radius, then in reading order.

    Raises
    ------
    ValueError
        If a number is out of range, or mask is not (H, W).
    TypeError
        If mask is not bool, or a number is none.

    Notes
    -----
    Exact by this definition. Small circles are added up mask by shifted mask, large ones by a
    Fourier transform, so the time does not depend on how many edges there are. scikit-image's
    ``hough_circle`` counts on Bresenham's circle, which is thinner (and so misses more of a circle
    whose radius lies between two). OpenCV's ``HoughCircles`` takes an image, and lets edges vote
    along their slope only: quicker, and lost where edges are short.

    References
    ----------
    Duda and Hart, Use of the Hough transformation to detect lines and curves in pictures,
    Communications of the ACM 15, 1972. Szeliski, Computer Vision, 2nd ed., section 7.4.2.

    Examples
    --------
    >>> rows, columns = np.mgrid[:40, :60]
    >>> mask = np.abs(np.hypot(rows - 20, columns - 33) - 9) < 0.5
    >>> hough_circles(mask, radii=range(5, 15))
    Circles(centres=array([[20, 33]]), radii=array([9.]), support=array([1.]))
    """
    require_edges(mask)
    sizes = _require_radii(radii, mask.shape)
    require_number(threshold=threshold)
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be a share above 0 up to 1, got {threshold!r}")
    require_whole(1, LARGEST_DISTANCE, min_distance=min_distance)
    require_count(count)
    found = []  # (support, radius, row, column)
    for radius in sizes:
        ring = _ring(radius)
        votes = (_by_shifts if len(ring) <= SHIFTS else _by_fourier)(mask, ring)
        least = np.ceil(threshold * len(ring) - 1e-9)
        if votes.max() >= least:
            points = local_maxima(votes, int(min_distance), least - 1)
            support = votes[tuple(points.T)] / len(ring)
            found += zip(support.tolist(), [radius] * len(points), *points.T.tolist(), strict=True)
    table = np.array(sorted(found, key=lambda one: (-one[0], *one[1:]))).reshape(-1, 4)
    table = table[_apart(table[:, 1:], min_distance, count)]
    return Circles(table[:, 2:].astype(np.int64), table[:, 1], table[:, 0])


def _require_radii(radii: npt.ArrayLike, shape: tuple[int, int]) -> list[float]:
    try:
        sizes = np.unique(np.asarray(list(radii) if isinstance(radii, range) else radii, float))
    except (TypeError, ValueError):
        raise TypeError(f"radii must be numbers of pixels, got {radii!r}") from None
    most = np.hypot(*shape)
    if not len(sizes) or not (sizes[0] >= 1 and sizes[-1] <= most):  # NaN is sorted last
        raise ValueError(f"radii must be one or more in 1..{most:.0f}, the diagonal; got {radii!r}")
    return sizes.tolist()


def _ring(radius: float) -> npt.NDArray[np.int64]:
    """The pixels (N, 2) whose distance from (0, 0) is the radius, to half a pixel."""
    reach = int(radius + 0.5)
    offsets = np.arange(-reach, reach + 1)
    distance = np.hypot(offsets[:, None], offsets)
    return np.argwhere((distance >= radius - 0.5) & (distance < radius + 0.5)) - reach


def _by_shifts(mask: Mask, ring: npt.NDArray[np.int64]) -> np.ndarray:
    """The votes in each pixel: the sum of the mask, shifted to each pixel of the ring."""
    (h, w), reach = mask.shape, int(ring.max())
    wide = cv2.copyMakeBorder(mask.view(np.uint8), *[reach] * 4, cv2.BORDER_CONSTANT, value=0)
    votes = np.zeros((h, w), np.float32)
    height = max(1, BAND // w)

    def do(start: int) -> None:
        band = votes[start : start + height]
        for first in range(0, len(ring), AT_ONCE):
            some = np.zeros(band.shape, np.uint8)
            for row, column in (ring[first : first + AT_ONCE] + reach).tolist():
                shifted = wide[start + row : start + row + len(band), column : column + w]
                cv2.add(some, shifted, dst=some)
            band += some

    in_parallel(do, range(0, h, height))
    return votes


def _by_fourier(mask: Mask, ring: npt.NDArray[np.int64]) -> np.ndarray:
    """The same by the convolution theorem; votes are whole, so rounding makes them exact."""
    (h, w), room = mask.shape, int(ring.max())
    size = [scipy.fft.next_fast_len(n + room, real=True) for n in (h, w)]
    both = np.zeros((2, *size), np.float32)
    both[0, :h, :w] = mask
    both[1, ring[:, 0] % size[0], ring[:, 1] % size[1]] = 1
    workers = {"workers": cv2.getNumThreads()}
    waves, other = scipy.fft.rfft2(both, **workers)
    waves *= other
    return np.rint(scipy.fft.irfft2(waves, s=size, **workers)[:h, :w])


def _apart(circles: np.ndarray, min_distance: int, count: int | None) -> list[int]:
    """Which circles (radius, row, column) are far enough from all better ones."""
    alive, kept = np.ones(len(circles), bool), []
    for i in range(len(circles)):
        if len(kept) == count:
            break
        if alive[i]:
            kept.append(i)
            alive &= (np.abs(circles - circles[i]) > min_distance).any(axis=1)
    return kept
