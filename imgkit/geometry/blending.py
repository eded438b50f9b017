"""Many layers to one image: their brightness made equal, their seams made invisible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

DARK, BRIGHT = 0.02, 0.98  # beyond, a camera cuts off, and brightness tells no exposure
Values = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Layer:
    """An image where it lies on the canvas."""

    corner: tuple[int, int]
    "row and column of its first pixel on the canvas"
    values: Values
    "(h, w, C); beyond the image its edge goes on"
    weights: Values
    "(h, w): 1 in the middle of the image, falling to 0 at its edge and beyond"

    @property
    def place(self) -> tuple[slice, slice]:
        """Its window of the canvas."""
        (row, column), (h, w) = self.corner, self.weights.shape
        return slice(row, row + h), slice(column, column + w)


def gains(layers: Sequence[Layer], reference: int) -> npt.NDArray[np.float64]:
    """What to multiply each layer with, so that where two overlap they are equally bright.

    If g is the logarithm of a gain and m that of a mean over an overlap, ``g_i + m_ij = g_j +
    m_ji`` for each pair, by least squares weighted with the overlap's area; the reference keeps
    its brightness.
    """
    count = len(layers)
    equations, sides = [], []
    for i in range(count):
        for j in range(i + 1, count):
            area, means = _overlap(layers[i], layers[j])
            if area:
                row = np.zeros(count)
                row[i], row[j] = area**0.5, -(area**0.5)
                equations.append(row)
                sides.append(area**0.5 * np.log(means[1] / means[0]))
    anchor = np.zeros(count)
    anchor[reference] = 1
    scale = max((np.abs(row).max() for row in equations), default=1.0)
    system = np.vstack([*equations, scale * anchor])
    logarithms = np.linalg.lstsq(system, np.array([*sides, 0.0]), rcond=None)[0]
    return np.exp(logarithms)


def _overlap(a: Layer, b: Layer) -> tuple[int, tuple[float, float]]:
    """How many pixels two layers share that neither cuts off, and the mean of each there."""
    windows = _common(a, b)
    if windows is None:
        return 0, (1.0, 1.0)
    (x, u), (y, v) = (
        (part.values[window], part.weights[window])
        for part, window in zip((a, b), windows, strict=True)
    )
    both = (u > 0) & (v > 0)
    for values in (x, y):
        both &= (values > DARK).all(axis=2) & (values < BRIGHT).all(axis=2)
    if not both.any():
        return 0, (1.0, 1.0)
    return int(both.sum()), (float(x[both].mean()), float(y[both].mean()))


def _common(a: Layer, b: Layer) -> list[tuple[slice, slice]] | None:
    """The windows of two layers that lie over each other."""
    spans = []
    for one, other in zip(a.place, b.place, strict=True):
        start, stop = max(one.start, other.start), min(one.stop, other.stop)
        if start >= stop:
            return None
        spans.append((start, stop))
    return [
        tuple(
            slice(start - from_, stop - from_)
            for (start, stop), from_ in zip(spans, part.corner, strict=True)
        )
        for part in (a, b)
    ]


def feather(layers: Sequence[Layer], shape: tuple[int, int]) -> Values:
    """The mean of all layers, each with its weights: a slow crossing from one to the next."""
    channels = layers[0].values.shape[2]
    total = np.zeros((*shape, channels), np.float32)
    weight = np.zeros((*shape, 1), np.float32)
    for layer in layers:
        weights = layer.weights[..., None]
        total[layer.place] += layer.values * weights
        weight[layer.place] += weights
    return np.divide(total, weight, out=total, where=weight > 0)


def multiband(layers: Sequence[Layer], shape: tuple[int, int], bands: int) -> Values:
    """Each pixel from the layer with the largest weight; only coarse detail crosses seams slowly.

    Each layer is taken apart into bands, from fine to coarse (a Laplacian pyramid). Each band is
    joined along the seam with a crossing as wide as its own detail, then the bands are added up.
    """
    step = 2**bands  # a pyramid's windows start and end at whole pixels of its coarsest level
    height, width = (-(-n // step) * step for n in shape)
    channels = layers[0].values.shape[2]
    sizes = [(height >> k, width >> k) for k in range(bands + 1)]
    totals = [np.zeros((*size, channels), np.float32) for size in sizes]
    weights = [np.zeros((*size, 1), np.float32) for size in sizes]
    for layer, mask in zip(layers, _owned(layers, shape), strict=True):
        if not mask.any():
            continue
        values, mask, corner = _widened(layer, mask, (height, width), step)
        for k, (band, share) in enumerate(
            zip(_laplacian(values, bands), _gaussian(mask, bands), strict=True)
        ):
            row, column = (n >> k for n in corner)
            window = (slice(row, row + share.shape[0]), slice(column, column + share.shape[1]))
            share = share[..., None]
            totals[k][window] += band * share
            weights[k][window] += share
    parts = [
        np.divide(total, weight, out=total, where=weight > 1e-6)
        for total, weight in zip(totals, weights, strict=True)
    ]
    joined = parts[-1]
    for part in reversed(parts[:-1]):
        joined = part + _up(joined, part.shape)
    joined = joined[: shape[0], : shape[1]]
    covered = np.zeros(shape, bool)
    for layer in layers:
        covered[layer.place] |= layer.weights > 0
    return joined * covered[..., None]


def _owned(layers: Sequence[Layer], shape: tuple[int, int]) -> list[Values]:
    """Masks (h, w) of where each layer has the largest weight."""
    most, owner = np.zeros(shape, np.float32), np.full(shape, -1, np.int32)
    for number, layer in enumerate(layers):
        best, who = most[layer.place], owner[layer.place]
        more = layer.weights > best
        best[more], who[more] = layer.weights[more], number
    return [(owner[layer.place] == k).astype(np.float32) for k, layer in enumerate(layers)]


def _widened(
    layer: Layer, mask: Values, size: tuple[int, int], step: int
) -> tuple[Values, Values, tuple[int, int]]:
    """A layer and its mask on a window of whole steps, wide enough for the widest crossing."""
    starts = [max(0, (at // step - 2) * step) for at in layer.corner]
    stops = [
        min(n, (-(-(at + side) // step) + 2) * step)
        for at, side, n in zip(layer.corner, mask.shape, size, strict=True)
    ]
    top, left = (at - start for at, start in zip(layer.corner, starts, strict=True))
    bottom, right = (
        stop - at - side for stop, at, side in zip(stops, layer.corner, mask.shape, strict=True)
    )
    values = cv2.copyMakeBorder(layer.values, top, bottom, left, right, cv2.BORDER_REPLICATE)
    mask = cv2.copyMakeBorder(mask, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0)
    return values.reshape(*mask.shape, -1), mask, (starts[0], starts[1])


def _gaussian(values: Values, bands: int) -> list[Values]:
    levels = [values]
    for _ in range(bands):
        levels.append(_down(levels[-1]))
    return levels


def _laplacian(values: Values, bands: int) -> list[Values]:
    levels = _gaussian(values, bands)
    fine = [one - _up(other, one.shape) for one, other in pairwise(levels)]
    return [*fine, levels[-1]]


def _down(values: Values) -> Values:
    small = cv2.pyrDown(values)
    return small.reshape(*small.shape[:2], *values.shape[2:])  # OpenCV drops an axis of length 1


def _up(values: Values, shape: tuple[int, ...]) -> Values:
    return cv2.pyrUp(values, dstsize=shape[1::-1]).reshape(shape)
