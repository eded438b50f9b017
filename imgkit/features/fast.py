"""FAST corners: a test on a circle of 16 pixels."""

from __future__ import annotations  # help() says Image, not what it stands for

from collections.abc import Callable

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.features.peaks import Points, local_maxima
from imgkit.images import (
    Image,
    as_uint8,
    require_gray,
    require_number,
    require_whole,
)
from imgkit.images.pointwise import in_parallel

REACH = 3  # the circle's radius
CIRCLE = [(-3, 0), (-3, 1), (-2, 2), (-1, 3), (0, 3), (1, 3), (2, 2), (3, 1)]
CIRCLE += [(-row, -column) for row, column in CIRCLE]
BAND = 32  # rows at once, so that the 32 pictures of them stay in the cache


@routine(float32=0, float64=0, uint8=0, tensor=False)
def fast(image: Image, *, threshold: float = 0.1, n: int = 9, count: int | None = None) -> Points:
    """FAST corners: most of a circle around them is brighter, or most of it darker.

    A pixel is a corner if ``n`` neighbours in a row, of the 16 on a circle of radius 3, are all
    brighter than it by more than ``threshold``, or all darker. The largest threshold for which that
    holds is its strength, and of adjacent corners only the strongest counts.

    Parameters
    ----------
    image : array (H, W); floats in 0..1, which are rounded to the 256 levels of uint8
    threshold : difference in brightness, a fraction of full scale, 0..1
    n : 9..16; more is stricter. 9 finds the same corners again most reliably, from 12 on right
        angles are none.
    count : the most corners wanted; None for all

    Returns
    -------
    int64 (N, 2): rows and columns, strongest first, equal ones in reading order. None lies within
    3 pixels of the border.

    Raises
    ------
    ValueError
        If the image has colours (``color.to_gray`` helps) or a float image leaves 0..1, threshold
        leaves 0..1, n leaves 9..16, or count is below 0.
    TypeError
        If the image has another dtype, or n or count is not whole.

    Notes
    -----
    Exact on levels. Of adjacent corners that are equally strong the first in reading order counts;
    OpenCV's ``FastFeatureDetector`` (n = 9) drops them all, so of a square on a flat ground it
    finds no corner. scikit-image's ``corner_fast`` (n = 12 if not told otherwise) returns a
    response, the sum of differences. There is no smoothing: noise makes corners.

    References
    ----------
    Rosten and Drummond, Machine learning for high-speed corner detection, ECCV 2006. Szeliski,
    Computer Vision, 2nd ed., section 7.1.1.

    Examples
    --------
    >>> square = np.zeros((16, 16), np.uint8)
    >>> square[5:11, 5:11] = 200
    >>> fast(square, n=11)
    array([[ 5,  5],
           [ 5, 10],
           [10,  5],
           [10, 10]])
    """
    require_gray(image, intensities=True)
    require_number(threshold=threshold)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must be a fraction of full scale, 0..1, got {threshold!r}")
    require_whole(9, 16, n=n)
    if count is not None:
        require_whole(0, count=count)
    level = int(255 * threshold + 1e-9)  # 255 * (26 / 255) may be a hair below 26
    return local_maxima(_strength(as_uint8(image), n), 1, level)[:count]


def _strength(image: Image, n: int) -> Image:
    """How much brighter the best n in a row are at least, or darker; in levels, 0 if neither."""
    (h, w), out = image.shape, np.zeros_like(image)
    if min(h, w) <= 2 * REACH:
        return out

    def do(start: int) -> None:
        stop, columns = min(start + BAND, h - REACH), slice(REACH, w - REACH)
        around = [
            image[start + i : stop + i, REACH + j : w - REACH + j] for i, j in CIRCLE
        ]  # 16 of (rows, W - 6)
        middle = image[start:stop, columns]
        darkest, brightest = _in_a_row(around, n, cv2.min), _in_a_row(around, n, cv2.max)
        above = cv2.subtract(_of_all(darkest, cv2.max), middle)  # of bytes it stops at 0
        below = cv2.subtract(middle, _of_all(brightest, cv2.min))
        out[start:stop, columns] = cv2.max(above, below)

    in_parallel(do, range(REACH, h - REACH, BAND))
    return out


def _in_a_row(parts: list[Image], n: int, call: Callable[..., Image]) -> list[Image]:
    """The extreme of n neighbours from each of the 16 on: of 2, of 4, ... each from two before."""
    done = 1
    while done < n:
        by = min(done, n - done)
        parts = [call(part, parts[(i + by) % len(parts)]) for i, part in enumerate(parts)]
        done += by
    return parts


def _of_all(parts: list[Image], call: Callable[..., Image]) -> Image:
    out = parts[0]
    for part in parts[1:]:
        out = call(out, part)
    return out
