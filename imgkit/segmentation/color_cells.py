"""The histogram of an image's colours, as a stand-in for its pixels.

A photograph has a million pixels, but of the 32³ cells that colours with 32 steps a channel make,
only a few thousand are occupied. What looks for clusters can look at these cells, each standing
where the mean of its pixels is, as heavy as they are many.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.images import Image, Labels

STEPS = {1: 256, 3: 32}  # of a channel, for grey and for colour
NUDGE = 2.0**-13  # of a step: so that at an edge rounding does not decide
SLACK = 1e-4  # how far beyond its cell rounding may put a value
AT_ONCE = 1 << 20  # distances held in memory together
Colors = npt.NDArray[np.float64]  # (n, C), fractions of full scale


class Cells:
    """The M occupied cells of an image's colours.

    ``places`` (M, C) counts their steps from black, ``weights`` (M,) their pixels, ``colors``
    (M, C) is the mean of these; ``index`` (H, W) says in which cell each pixel is.
    """

    def __init__(self, image: Image) -> None:
        flat = np.ascontiguousarray(image)
        self.planes = [flat] if flat.ndim == 2 else list(cv2.split(flat))
        self.full_scale = 255 if image.dtype == np.uint8 else 1
        self.steps = STEPS[len(self.planes)]
        cell = np.zeros(flat.shape[:2], np.uint16)
        for plane in self.planes:
            cell <<= np.uint16(5)  # of 32 steps; a single plane finds nothing to move
            cell += self._steps_of(plane)
        shape = (self.steps,) * len(self.planes)
        counts = np.bincount(cell.ravel(), minlength=self.steps ** len(self.planes))
        occupied = np.flatnonzero(counts)
        self.places = np.stack(np.unravel_index(occupied, shape), axis=1)
        self.weights = counts[occupied].astype(np.float64)
        table = np.zeros(len(counts), np.int32)
        table[occupied] = np.arange(len(occupied))
        self.index = np.take(table, cell)
        self.colors = self.means(self.index, np.zeros(self.places.shape))

    def _steps_of(self, plane: Image) -> npt.NDArray[np.uint8]:
        if plane.dtype == np.uint8:
            return plane // (256 // self.steps) if self.steps < 256 else plane
        steps = cv2.convertScaleAbs(plane, None, self.steps, NUDGE - 0.5)  # rounds, saturates
        return np.minimum(steps, self.steps - 1, out=steps).reshape(plane.shape)

    def means(self, labels: Labels, before: Colors) -> Colors:
        """The mean colour of the pixels of each label; where there are none, the one ``before``."""
        n, labels = len(before), labels.ravel()
        counts = np.bincount(labels, minlength=n)[:, None]
        sums = [np.bincount(labels, plane.ravel(), n) for plane in self.planes]
        means = np.stack(sums, axis=1) / (self.full_scale * np.maximum(counts, 1))
        return np.where(counts > 0, means, before)

    def of_pixels(self, labels: npt.NDArray) -> Labels:
        """Give each pixel the label of its cell."""
        return np.take(labels.astype(np.int32), self.index)

    def nearest(self, colors: Colors) -> Labels:
        """Which of the colours is nearest to each pixel.

        Between two colours runs a plane. If the box of a cell lies on one side of all planes, its
        pixels need not be measured one by one.
        """
        middles = (self.places + 0.5) / self.steps
        distances = squared_distances(middles, colors)  # (k, M)
        closest = distances.argmin(0)
        half_side = 0.5 / self.steps + SLACK
        apart = np.abs(colors[:, None] - colors).sum(2)  # (k, k)
        lead = distances - distances[closest, np.arange(len(closest))]
        unsure = (lead < 2 * half_side * apart[:, closest]).any(0)
        labels = self.of_pixels(closest)
        pixels = np.take(unsure, self.index)
        values = np.stack([plane[pixels] for plane in self.planes], axis=1) / self.full_scale
        labels[pixels] = nearest(values, colors)
        return labels


def nearest(values: Colors, colors: Colors) -> npt.NDArray[np.intp]:
    """Which of the k colours is nearest to each of the n values."""
    step = max(1, AT_ONCE // len(colors))
    parts = [
        squared_distances(values[start : start + step], colors).argmin(0)
        for start in range(0, len(values), step)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.intp)


def squared_distances(values: Colors, colors: Colors) -> npt.NDArray[np.float64]:
    """(k, n): of each of the n values from each of the k colours."""
    values = values.T.astype(np.float64)  # (C, n)
    return sum((values[c] - colors[:, c, None]) ** 2 for c in range(len(values)))
