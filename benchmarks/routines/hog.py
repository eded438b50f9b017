"""Histograms of oriented gradients."""

import numpy as np
import skimage.feature

from benchmarks.routines.case import Case
from imgkit import features


def _gradient64(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Central differences down and right, of the channel where they are largest."""
    x = x[..., None] if x.ndim == 2 else x
    down, right = np.zeros(x.shape), np.zeros(x.shape)
    down[1:-1], right[:, 1:-1] = x[2:] - x[:-2], x[:, 2:] - x[:, :-2]
    best = down[..., 0], right[..., 0]
    for c in range(1, x.shape[2]):
        found = down[..., c], right[..., c]
        larger = np.hypot(*found) > (1 + 5e-5) * np.hypot(*best)  # of equals the first
        best = tuple(np.where(larger, *pair) for pair in zip(found, best, strict=True))
    return best


def _cells64(x: np.ndarray, cell: int) -> np.ndarray:
    """The mean vote for each of 9 bins; what lies 1e-6 before an edge counts as on it."""
    down, right = _gradient64(x)
    sign = np.where(down < 0, -1, 1)
    angle = np.arctan2(sign * down, sign * right - 1e-6)
    bins = np.where(np.abs(down) <= 1e-6, 0, np.minimum(angle / np.pi * 9, 8)).astype(int)
    rows, columns = (n // cell for n in x.shape[:2])
    votes = np.hypot(down, right) * (bins == np.arange(9)[:, None, None])
    votes = votes[:, : rows * cell, : columns * cell].reshape(9, rows, cell, columns, cell)
    return np.moveaxis(votes.mean((2, 4)), 0, 2)


def _hog64(x: np.ndarray, cell: int, block: int) -> np.ndarray:
    cells = _cells64(x, cell)
    blocks = np.lib.stride_tricks.sliding_window_view(cells, (block, block), (0, 1))
    blocks = np.moveaxis(blocks, 2, 4)  # (rows, columns, block, block, 9)
    for limit in (0.2, 1):
        squares = (blocks**2).sum((2, 3, 4), keepdims=True)
        blocks = np.minimum(blocks / np.sqrt(squares + 1e-10), limit)
    return blocks


def _picture64(x: np.ndarray) -> np.ndarray:
    cells = np.sqrt(_cells64(x, 8))
    rows, columns = cells.shape[:2]
    out = np.zeros(x.shape[:2])
    down, right = np.mgrid[:8, :8] - 3.5
    for k in range(9):
        angle = (k + 0.5) * np.pi / 9
        stroke = np.clip(1 - np.abs(np.sin(angle) * down + np.cos(angle) * right), 0, 1)
        stroke[np.hypot(down, right) > 4] = 0
        out[: 8 * rows, : 8 * columns] += np.kron(cells[..., k], stroke)
    return out / out.max()


def _scikit(x: np.ndarray, *, visualize: bool = False):
    axis = 2 if x.ndim == 3 else None
    found = skimage.feature.hog(x, cells_per_block=(2, 2), visualize=visualize, channel_axis=axis)
    return found[1] if visualize else found


CASES = [
    Case(
        "features.hog",
        "edges down, cells of 4 pixels, as a picture",
        ours=lambda x: features.hog(x, cell=4, block=1, vector=False)[..., 0, 0, 0],
        reference=lambda x: _hog64(x, 4, 1)[..., 0, 0, 0],
    ),
    Case(
        "features.hog",
        ours=features.hog,
        same={"scikit-image": _scikit},
        reference=lambda x: _hog64(x, 8, 2).ravel(),
        goals=(("imgkit", "scikit-image", 8),),
        note="scikit-image lets rounding choose between channels of equal gradients, and adds an "
        "epsilon that is 255 times as large for floats as for bytes",
    ),
    Case(
        "features.hog_picture",
        ours=features.hog_picture,
        like={"scikit-image": lambda x: _scikit(x, visualize=True)},
        reference=_picture64,
        tensor=False,
    ),
]
