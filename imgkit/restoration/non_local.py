"""The engines of non-local means: the same sums on arrays and on tensors.

For one shift t of the window, the distances of all pixels to their neighbours at t are one image:
the squared difference of the image and itself shifted, averaged over the patch. So the window is
the outer loop. The distance of p to p + t is also that of p + t to its neighbour at -t, so half of
the shifts do.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np

from imgkit.filtering import arrays, tensors
from imgkit.images import is_tensor

if TYPE_CHECKING:
    import torch

TILE = 96, 512  # pixels: what is computed on stays in the cache
FAINTEST = -60.0  # logarithm of a weight: smaller ones change nothing, and are slow to multiply
LEAST, MOST = 1e-12, 1e12  # of h: beyond, only equal patches count, or all alike


def half_window(half: int) -> Iterator[tuple[int, int]]:
    """The shifts (rows, columns) that come after (0, 0): with their opposites, all but itself."""
    yield from ((0, column) for column in range(1, half + 1))
    yield from product(range(1, half + 1), range(-half, half + 1))


# --- arrays ---------------------------------------------------------------------------------------


def array_means(
    image: np.ndarray, *, sigma: float, h: float, patch: int, window: int
) -> np.ndarray:
    """Weighted means of (H, W, C) floats, tile by tile, tiles in parallel."""
    h = min(max(h, LEAST), MOST)
    margin = window // 2 + patch // 2
    wide = arrays.pad(image, ((margin, margin), (margin, margin)), mode="mirror")
    planes = [np.ascontiguousarray(wide[..., c]) for c in range(image.shape[2])]
    scaled = [plane / float(h * np.sqrt(len(planes))) for plane in planes]
    allowed = min(2 * (sigma / h) ** 2, 1e30)  # what noise alone makes of a distance
    out = np.empty_like(image)

    def work(corner: tuple[int, int]) -> None:
        tile = tuple(
            slice(a, min(a + n, end)) for a, n, end in zip(corner, TILE, out.shape, strict=False)
        )
        out[tile] = _tile(planes, scaled, tile, allowed, patch, window)

    corners = product(*(range(0, end, n) for end, n in zip(out.shape, TILE, strict=False)))
    with ThreadPoolExecutor(cv2.getNumThreads()) as pool:
        list(pool.map(work, corners))
    return out


def _tile(
    planes: list[np.ndarray],
    scaled: list[np.ndarray],
    tile: tuple[slice, slice],
    allowed: float,
    patch: int,
    window: int,
) -> np.ndarray:
    half, reach = window // 2, patch // 2
    (h, w), (top, left) = (s.stop - s.start for s in tile), (s.start + half + reach for s in tile)
    mean = np.full((patch, 1), 1 / patch)
    sums = [plane[top : top + h, left : left + w].copy() for plane in planes]  # itself: weight 1
    total = np.ones_like(sums[0])
    for down, across in half_window(half):
        # pairs (p, p + t) with either end in the tile: p in a block that much larger
        before, after = max(across, 0), max(-across, 0)
        rows = slice(top - down - reach, top + h + reach)
        columns = slice(left - before - reach, left + w + after + reach)
        there = _moved(rows, down), _moved(columns, across)
        distance = None
        for plane in scaled:
            difference = cv2.subtract(plane[rows, columns], plane[there])
            if distance is None:
                distance = cv2.multiply(difference, difference)
            else:
                cv2.accumulateSquare(difference, distance)
        # allowed - distance, averaged over the patch
        weight = cv2.sepFilter2D(distance, -1, mean, -mean, delta=allowed)
        weight = weight[reach : weight.shape[0] - reach, reach : weight.shape[1] - reach]
        np.clip(weight, FAINTEST, 0, out=weight)
        cv2.exp(weight, weight)
        forth = weight[down:, before : before + w]  # p in the tile
        back = weight[:h, after : after + w]  # p + t in the tile
        cv2.accumulate(forth, total)
        cv2.accumulate(back, total)
        for plane, weighted in zip(planes, sums, strict=True):
            y, x = top + down, left + across
            cv2.accumulateProduct(forth, plane[y : y + h, x : x + w], weighted)
            y, x = top - down, left - across
            cv2.accumulateProduct(back, plane[y : y + h, x : x + w], weighted)
    return np.stack([weighted / total for weighted in sums], axis=-1)


def _moved(span: slice, by: int) -> slice:
    return slice(span.start + by, span.stop + by)


# --- tensors --------------------------------------------------------------------------------------


def tensor_means(
    image: torch.Tensor,
    *,
    sigma: float | torch.Tensor,
    h: float | torch.Tensor,
    patch: int,
    window: int,
) -> torch.Tensor:
    """The same for (..., C, H, W), all at once; sigma and h may differ from image to image."""
    half, reach = window // 2, patch // 2
    margin, (rows, columns) = half + reach, image.shape[-2:]
    h = h.clamp(LEAST, MOST) if is_tensor(h) else min(max(h, LEAST), MOST)
    allowed = 2 * (sigma / h) ** 2
    wide = tensors.pad(image, ((margin, margin), (margin, margin)), mode="mirror")
    scaled = wide / h

    def block(of: torch.Tensor, top: int, left: int, h: int, w: int) -> torch.Tensor:
        return of.narrow(-2, margin + top, h).narrow(-1, margin + left, w)

    sums, total = image, 1.0  # itself, with weight 1
    for down, across in half_window(half):
        before, after = max(across, 0), max(-across, 0)
        size = rows + down + 2 * reach, columns + abs(across) + 2 * reach
        here = block(scaled, -down - reach, -before - reach, *size)
        there = block(scaled, -reach, across - before - reach, *size)
        distance = patch_means((here - there).square().mean(-3, keepdim=True), patch)
        weight = (
            (allowed - distance).clamp(FAINTEST, 0).exp()
        )  # (..., 1, rows + down, columns + ...)
        forth = weight.narrow(-2, down, rows).narrow(-1, before, columns)
        back = weight.narrow(-2, 0, rows).narrow(-1, after, columns)
        sums = sums + forth * block(wide, down, across, rows, columns)
        sums = sums + back * block(wide, -down, -across, rows, columns)
        total = total + forth + back
    return sums / total


def patch_means(image: torch.Tensor, patch: int) -> torch.Tensor:
    """Means of the patches that lie inside, (..., H - patch + 1, W - patch + 1)."""
    for axis in (-2, -1):
        count = image.shape[axis] - patch + 1
        image = sum(image.narrow(axis, i, count) for i in range(patch)) / patch
    return image
