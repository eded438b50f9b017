"""The array engine of HOG: the histogram of gradient directions of each cell."""

from __future__ import annotations

import cv2
import numpy as np

from imgkit.images import Image
from imgkit.images.pointwise import BAND, in_parallel

TIE = 1e-6  # of full scale: a gradient this little before a bin's edge counts as on it
FIRST = 1 + 5e-5  # a later channel's gradient has to be larger by this factor
Plane = np.ndarray  # (H, W) of floats


def cells(image: Image, size: tuple[int, int], bins: int) -> np.ndarray:
    """The mean vote of each cell's pixels for each bin, (rows, columns, bins).

    In bands of cells, so that what one step leaves the next finds in the processor's cache.
    """
    high, wide = size
    rows, columns = image.shape[0] // high, image.shape[1] // wide
    precision = np.float64 if image.dtype == np.float64 else np.float32
    out = np.empty((rows, columns, bins), precision)
    step = min(max(1, BAND // (image[0].size * high)), rows)
    # where in a band's histograms the first bin of each pixel's cell stands
    cell = np.arange(step * high)[:, None] // high * columns + np.arange(columns * wide) // wide
    first = cell * bins

    def band(start: int) -> None:
        stop = min(start + step, rows)
        down, right, votes = _gradient(image, start * high, stop * high)
        bin_of = _bins(down, right, bins)[:, : columns * wide]
        places, votes = first[: len(bin_of)] + bin_of, votes[:, : columns * wide]
        target = out[start:stop]
        total = np.bincount(places.ravel(), weights=votes.ravel(), minlength=target.size)
        target[...] = total.reshape(target.shape) / (high * wide)

    in_parallel(band, range(0, rows, step))
    return out


def _gradient(image: Image, top: int, bottom: int) -> tuple[Plane, Plane, Plane]:
    """Central differences of the rows top..bottom-1, down and to the right, and the magnitude.

    They are 0 at the edges, and of several channels those of the largest.
    """
    above, below = max(top - 1, 0), min(bottom + 1, image.shape[0])
    values = image[above:below]
    if image.dtype == np.uint8:
        values = np.divide(values, 255, dtype=np.float32)
    if image.ndim == 2:
        return _differences(values, above, top, bottom)
    planes = map(np.ascontiguousarray, np.moveaxis(values, 2, 0))
    best = _differences(next(planes), above, top, bottom)
    for plane in planes:
        found = _differences(plane, above, top, bottom)
        larger = (found[2] > best[2] * values.dtype.type(FIRST)).view(np.uint8)
        for one, other in zip(found, best, strict=True):
            cv2.copyTo(one, larger, other)  # other[larger] = one[larger], many times as quick
    return best


def _differences(plane: Plane, above: int, top: int, bottom: int) -> tuple[Plane, Plane, Plane]:
    """The same of one channel, whose first row is the image's row ``above``."""
    down = np.zeros((bottom - top, plane.shape[1]), plane.dtype)
    right = np.zeros_like(down)
    first, last = above + 1 - top, above + len(plane) - 1 - top  # rows with both neighbours
    np.subtract(plane[2:], plane[:-2], out=down[first:last])
    inner = plane[top - above : bottom - above]
    np.subtract(inner[:, 2:], inner[:, :-2], out=right[:, 1:-1])
    square = down * down
    square += right * right
    return down, right, np.sqrt(square, out=square)


def _bins(down: Plane, right: Plane, bins: int) -> np.ndarray:
    """The bin of each gradient's direction, uint8.

    Turned so that it points down, a gradient is past the edge at angle t if ``right / down`` is at
    most ``cot t``: comparing is quicker than an arc tangent, and exact.
    """
    along = np.abs(down) <= TIE
    with np.errstate(all="ignore"):
        slope = right / down
        slope -= down.dtype.type(TIE) / np.abs(down)
    edges = 1 / np.tan(np.pi * np.arange(1, bins) / bins)
    found = np.zeros(down.shape, np.uint8)
    for edge in edges.astype(down.dtype):
        found += (slope <= edge).view(np.uint8)
    found *= ~along
    return found
