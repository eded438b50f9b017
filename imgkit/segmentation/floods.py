"""How a marker spreads under a mask: what is behind :func:`reconstruct`."""

from __future__ import annotations

import cv2
import numpy as np

from imgkit.images import Image, Mask

SMALL = 1 << 17  # pixels up to which scikit-image's one loop is the quickest
SWEEPS = 4  # at most, down, up, right and left,
FEW = 1 / 128  # or until so few pixels spread any further


def touched(marker: Mask, mask: Mask, connectivity: int) -> Mask:
    """The connected parts of a mask that have a marker."""
    count, parts = cv2.connectedComponents(mask.view(np.uint8), connectivity=4 * connectivity)
    chosen = np.zeros(count, bool)
    chosen[parts[marker]] = True
    return chosen[parts]


def flooded(marker: Image, mask: Image, connectivity: int) -> Image:
    """The marker spread by dilation under the mask."""
    if mask.size > SMALL:
        low = 0 if mask.dtype == np.uint8 else -np.inf
        water, bed = (_framed(image, low) for image in (marker, mask))
        bed_turned = np.ascontiguousarray(bed.T)
        for _ in range(SWEEPS):
            _sweep(water, bed, connectivity)
            turned = np.ascontiguousarray(water.T)
            _sweep(turned, bed_turned, connectivity)
            water = np.ascontiguousarray(turned.T)
            front = _spreading(water, bed, connectivity)
            if front.size < FEW * mask.size:
                break
        done = _finish(front, water, bed, connectivity)
        marker = water[1:-1, 1:-1]
        if done:
            return np.ascontiguousarray(marker)
    return _by_scikit_image(marker, mask, connectivity)


def _framed(image: Image, value: float) -> Image:
    """With a frame of pixels to which nothing spreads."""
    return cv2.copyMakeBorder(image, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=value)


def _sweep(water: Image, bed: Image, connectivity: int) -> None:
    """Down, then up: each row takes what the one before it has."""
    near = np.empty_like(water[0, 1:-1])
    for step in (1, -1):
        for i in range(1, len(water) - 1)[::step]:
            before, row = water[i - step], water[i, 1:-1]
            if connectivity == 2:
                np.maximum(before[:-2], before[2:], out=near)
                np.maximum(near, row, out=row)
            np.maximum(row, before[1:-1], out=row)
            np.minimum(row, bed[i, 1:-1], out=row)


def _finish(front: np.ndarray, water: Image, bed: Image, connectivity: int) -> bool:
    """Follow the pixels that still spread, step by step; False if that takes too long."""
    height, width = water.shape
    around = [-1, 1, -width, width]
    if connectivity == 2:
        around += [-width - 1, -width + 1, width - 1, width + 1]
    offsets = np.array(around)[:, None]
    flat, limit = water.reshape(-1), bed.reshape(-1)
    for _ in range(height + width):
        if not front.size:
            return True
        there = front + offsets  # (4 or 8, N)
        level = np.minimum(flat[front], limit[there])
        rises = level > flat[there]
        there = there[rises]
        np.maximum.at(flat, there, level[rises])
        there.sort()
        front = there[np.diff(there, prepend=-1) > 0]
    return False


def _spreading(water: Image, bed: Image, connectivity: int) -> np.ndarray:
    """The pixels with a neighbour that is lower and has room above it."""
    top = water.dtype.type(255 if water.dtype == np.uint8 else np.inf)
    shape = cv2.MORPH_CROSS if connectivity == 1 else cv2.MORPH_RECT
    near = cv2.getStructuringElement(shape, (3, 3))
    lowest = cv2.erode(np.where(water < bed, water, top), near)
    return np.flatnonzero(lowest < water)


def _by_scikit_image(marker: Image, mask: Image, connectivity: int) -> Image:
    from scipy.ndimage import generate_binary_structure
    from skimage.morphology import reconstruction

    near = generate_binary_structure(2, connectivity)
    return reconstruction(marker, mask, footprint=near).astype(mask.dtype)
