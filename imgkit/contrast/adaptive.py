"""Equalization that changes over the image: CLAHE."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.contrast.counting import bins_of, bins_of_tensor, count_bytes, count_tensor
from imgkit.contrast.luminance import gray_of, with_gray
from imgkit.images import (
    AnyImage,
    Image,
    is_tensor,
    require_image,
    require_positive,
    require_size,
)
from imgkit.images.pointwise import in_parallel

if TYPE_CHECKING:
    import torch

BINS = 256
MOST_TILES = 64  # a side


@routine(float32=4e-6, float64=1e-12, differentiable=False)
def clahe(
    image: AnyImage, *, tiles: int | tuple[int, int] = 8, clip: float = 0.01
) -> AnyImage:  # fmt: skip
    """Equalize each neighbourhood for itself, but nowhere too steeply.

    Contrast-limited adaptive histogram equalization. The image is cut into tiles. In each, the
    share of pixels in each of 256 bins is counted and cut off at ``clip``; what was cut off is
    spread over all bins. The running sum of that is the tile's curve, from black to white, a line
    within each bin. A pixel gets the value of the four nearest tiles' curves, interpolated between
    their centres.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3), or tensor (H, W) or (..., C, H, W) with 1 or 3 channels;
        floats in 0..1
    tiles : how many down and across, or (rows, columns); 1..64, and at most one per pixel. Sides
        that do not divide give tiles that differ by one pixel.
    clip : the largest share of a tile's pixels that may count in one bin, above 0 and up to 1. It
        limits the steepness: contrast grows at most ``256 * clip + 1`` times. Towards 0 nothing
        changes, 1 is no limit.

    Returns
    -------
    Same kind, shape, dtype and device; uint8 rounded.

    Raises
    ------
    ValueError
        If tiles or clip is out of range, the channels are not 1 or 3, or a float image leaves 0..1.
    TypeError
        If tiles is not whole, or the image has another dtype.

    Notes
    -----
    One definition for all dtypes: curves are continuous, so floats are not sorted into 8 or 16 bits
    as elsewhere. OpenCV's ``clipLimit`` is ``256 * clip``; there a pixel's own bin counts in full,
    here as far as its line has risen, so that black, white and even surfaces stay. OpenCV also
    rounds the curves to whole levels: on photographs the two are one or two levels apart, at most
    four at the default. scikit-image has other tiles and spreads repeatedly.

    Colour is treated as in :func:`equalize`, by its brightness. Within
    ``1e-6 * (256 * clip + 1)`` of the definition in float32, 1e-13 times that in float64; uint8 to
    the nearest level.

    References
    ----------
    K. Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV, 1994.
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.3 ("local histogram
    processing"). Szeliski, Computer Vision, 2nd ed., section 3.1.4.

    Examples
    --------
    >>> fog = np.linspace(0.6, 0.65, 64).reshape(1, 64)
    >>> bool(np.ptp(clahe(fog, tiles=1, clip=0.05)) > 8 * np.ptp(fog))
    True
    >>> clahe(np.full((4, 4), 200, np.uint8))[0]
    array([200, 200, 200, 200], dtype=uint8)
    """
    if is_tensor(image) and image.ndim == 2:
        return clahe(image[None], tiles=tiles, clip=clip)[0]
    require_image(image, intensities=True, channels=(1, 3), tensor=True)
    rows, columns = require_size(tiles=tiles)
    if max(rows, columns) > MOST_TILES:
        raise ValueError(f"tiles must be at most {MOST_TILES} a side, got {tiles!r}")
    require_positive(clip=clip)
    if clip > 1:
        raise ValueError(f"clip must be a share of a tile's pixels, up to 1, got {clip!r}")
    h, w = image.shape[-2:] if is_tensor(image) else image.shape[:2]
    down, across = _Axis.of(h, rows), _Axis.of(w, columns)
    image = image.detach() if is_tensor(image) else image
    gray = gray_of(image)
    change = _changed_tensor if is_tensor(image) else _changed
    return with_gray(image, gray, change(gray, down, across, float(clip)))


@dataclass(frozen=True)
class _Axis:
    """The tiles along one axis, and between which two each pixel lies."""

    edges: np.ndarray
    "(tiles + 1,) first pixel of each tile, and the end"
    before: np.ndarray
    "(pixels,) the tile whose centre comes before; the first, before all centres"
    after: np.ndarray
    weight: np.ndarray
    "(pixels,) how far from the one centre to the other, 0..1"

    @classmethod
    def of(cls, pixels: int, tiles: int) -> _Axis:
        tiles = min(tiles, pixels)
        edges = np.arange(tiles + 1) * pixels // tiles
        centres = (edges[:-1] + edges[1:] - 1) / 2
        place = np.arange(pixels)
        before = np.searchsorted(centres, place, side="right").clip(1, max(tiles - 1, 1)) - 1
        after = np.minimum(before + 1, tiles - 1)
        span = np.where(after > before, centres[after] - centres[before], 1)
        return cls(
            edges, before, after, ((place - centres[before]) / span).clip(0, 1) * (after > before)
        )

    def runs(self) -> list[tuple[slice, int, int]]:
        """Stretches of pixels between the same two tiles."""
        starts = np.flatnonzero(np.diff(self.before, prepend=-1))
        ends = [*starts[1:], len(self.before)]
        return [
            (slice(start, end), self.before[start], self.after[start])
            for start, end in zip(starts, ends, strict=True)
        ]


def _curves(shares: AnyImage, clip: float) -> tuple[AnyImage, AnyImage]:
    """From the shares (..., 256) of the bins: where the line of each begins, and its rise."""
    rise = shares.clip(None, clip)
    rise = rise + (1 - rise.sum(-1)[..., None]) / BINS
    return rise.cumsum(-1) - rise, rise


# --- arrays ---------------------------------------------------------------------------------------


def _changed(gray: Image, down: _Axis, across: _Axis, clip: float) -> Image:
    whole = gray.dtype == np.uint8
    levels = np.ascontiguousarray(gray) if whole else bins_of(gray, BINS)
    start, rise = _curves(_shares(levels, down, across), clip)
    if whole:  # byte v lies v / 255 along its bin
        start = 255 * start + np.arange(BINS) * rise
    tables = [
        t.astype(gray.dtype if gray.dtype == np.float64 else np.float32) for t in (start, rise)
    ]
    out = np.empty_like(gray, order="C")

    def work(run: tuple[slice, int, int]) -> None:
        rows = run[0]
        values = _interpolated(levels, tables[0], run, down, across)
        if whole:
            np.rint(values, out=values)
        else:
            along = gray[rows].clip(0, 1) * BINS
            along -= levels[rows]
            along *= _interpolated(levels, tables[1], run, down, across)
            values += along
        out[rows] = values

    in_parallel(work, down.runs())
    return out


def _shares(levels: Image, down: _Axis, across: _Axis) -> np.ndarray:
    rows = [slice(*pair) for pair in zip(down.edges, down.edges[1:], strict=False)]
    columns = [slice(*pair) for pair in zip(across.edges, across.edges[1:], strict=False)]
    tiles = [[levels[r, c] for c in columns] for r in rows]
    return np.array([[count_bytes(tile) / tile.size for tile in row] for row in tiles])


def _interpolated(
    levels: Image, tables: np.ndarray, run: tuple[slice, int, int], down: _Axis, across: _Axis
) -> Image:
    """The tiles' ``tables`` (rows, columns, 256) of each level, between the four nearest tiles."""
    rows, above, below = run
    levels, top, bottom = levels[rows], tables[above], tables[below]
    corner, dx, dy, dxy = planes = np.empty((4, *levels.shape), tables.dtype)
    for columns, left, right in across.runs():
        x, y = top[right] - top[left], bottom[left] - top[left]
        for plane, step in zip(
            planes, (top[left], x, y, bottom[right] - bottom[left] - x), strict=True
        ):
            cv2.LUT(levels[:, columns], step[None], dst=plane[:, columns])
    # corner + weight across * dx + weight down * (dy + weight across * dxy)
    weight = across.weight.astype(tables.dtype)
    dxy *= weight
    dxy += dy
    dxy *= down.weight[rows, None].astype(tables.dtype)
    dx *= weight
    dx += corner
    return np.add(dx, dxy, out=corner)


# --- tensors --------------------------------------------------------------------------------------


def _changed_tensor(gray: torch.Tensor, down: _Axis, across: _Axis, clip: float) -> torch.Tensor:
    import torch

    planes = gray.reshape(-1, *gray.shape[-2:])
    levels = bins_of_tensor(planes, BINS)
    rows, columns = len(down.edges) - 1, len(across.edges) - 1
    tensor = {"device": gray.device}

    def tile_of(axis: _Axis) -> torch.Tensor:
        return torch.as_tensor(
            np.repeat(np.arange(len(axis.edges) - 1), np.diff(axis.edges)), **tensor
        )

    tile = tile_of(down)[:, None] * columns + tile_of(across)
    counts = count_tensor((tile * BINS + levels).flatten(1), rows * columns * BINS)
    shares = counts.reshape(-1, rows * columns, BINS).double()
    start, rise = _curves(shares / shares.sum(-1, keepdim=True), clip)
    along = planes.clip(0, 1) * BINS - levels
    first = rows * columns * torch.arange(len(planes), **tensor)[:, None, None]

    def curve(rows_at: np.ndarray, columns_at: np.ndarray) -> torch.Tensor:
        r, c = (torch.as_tensor(x, **tensor) for x in (rows_at, columns_at))
        place = (first + r[:, None] * columns + c) * BINS + levels
        return start.to(gray.dtype).take(place) + along * rise.to(gray.dtype).take(place)

    x = torch.as_tensor(across.weight, dtype=gray.dtype, **tensor)
    y = torch.as_tensor(down.weight, dtype=gray.dtype, **tensor)[:, None]
    top = torch.lerp(curve(down.before, across.before), curve(down.before, across.after), x)
    bottom = torch.lerp(curve(down.after, across.before), curve(down.after, across.after), x)
    return torch.lerp(top, bottom, y).reshape(gray.shape)
