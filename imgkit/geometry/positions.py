"""Where the new pixels of a warp lie in the old image, for both engines.

A warp asks for each new pixel: where does it come from? A matrix leads from the input to the
output, so it is inverted first. The formulas read the same for arrays and tensors; positions are
float64 in both, because float32 places a pixel a thousand columns from the origin only to 6e-5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from imgkit.filtering.borders import Mode
from imgkit.geometry.points import LARGEST, as_matrix
from imgkit.images import is_tensor
from imgkit.images.pointwise import library

if TYPE_CHECKING:
    import torch

Values = TypeVar("Values", npt.NDArray[np.float64], "torch.Tensor")

BEFORE, AFTER = 3, 4  # pixels around the image that a cubic may see once positions are folded
FLAT = 1e-12  # area of the image of a square of area 1, with matrix and square freed of their scale


def inverse(matrix: object, image: object, *, affine: bool) -> Values:
    """What leads back: (..., 3, 3), or (..., 2, 3) if affine; a tensor if the image is one."""
    if is_tensor(image) and is_tensor(matrix):
        return _tensor_inverse(matrix, image, affine)
    found = as_matrix(matrix)
    _require_invertible(found, affine)
    found = np.linalg.inv(found)[: 2 if affine else 3]
    return library(image).as_tensor(found, device=image.device) if is_tensor(image) else found


def _tensor_inverse(matrix: Values, image: Values, affine: bool) -> Values:
    torch = library(image)
    if matrix.ndim < 2 or matrix.shape[-2:] not in ((2, 3), (3, 3)) or matrix.is_complex():
        raise ValueError(
            f"matrix has shape {tuple(matrix.shape)}; this takes (..., 3, 3), or (..., 2, 3) if "
            "affine"
        )
    matrix = matrix.to(image.device, torch.float64)
    if matrix.shape[-2] == 2:
        last = matrix.new_tensor([0.0, 0.0, 1.0]).expand(*matrix.shape[:-2], 1, 3)
        matrix = torch.cat([matrix, last], -2)
    _require_invertible(matrix.detach().cpu().numpy(), affine)
    return torch.linalg.inv(matrix)[..., : 2 if affine else 3, :]


def _require_invertible(matrix: npt.NDArray[np.float64], affine: bool) -> None:
    if not (np.abs(matrix) < LARGEST).all():
        raise ValueError(f"matrix has values that are NaN, infinite or above {LARGEST:g}")
    flat = not matrix[..., 2, :2].any()
    if affine and not (flat and (matrix[..., 2, 2] == 1).all()):
        raise ValueError(
            f"matrix has the last row {matrix[..., 2, :].tolist()}; an affine one has [0, 0, 1]: "
            "use warp_perspective"
        )
    part = matrix[..., :2, :2] if flat else matrix  # how far it moves does not matter
    with np.errstate(all="ignore"):
        part = part / np.linalg.norm(part, axis=-2, keepdims=True)
        part = part / np.linalg.norm(part, axis=-1, keepdims=True)
        area = np.abs(np.linalg.det(part))
    if not ((area > FLAT) & (matrix[..., 2, 2] != 0 if flat else True)).all():
        raise ValueError(f"matrix cannot be inverted: it flattens the image; got {matrix.tolist()}")


def through(back: Values, rows: Values, columns: Values) -> tuple[Values, Values]:
    """Where new pixels come from: the matrix that leads back, times (row, column, 1)."""
    entry = back[..., None, None]  # (..., 3, 3, 1, 1), to stand beside (h, 1) and (1, w)

    def line(i: int) -> Values:
        one, other, shift = (entry[..., i, j, :, :] for j in range(3))
        return one * rows + (other * columns + shift)

    if back.shape[-2] == 2:
        return line(0), line(1)
    depth = line(2)
    depth = library(depth).where(depth == 0, 1e-100, depth)  # infinitely far is far outside
    return line(0) / depth, line(1) / depth


def rotation(angle: float, centre: tuple[float, float], new: tuple[float, float]) -> np.ndarray:
    """The matrix that turns about ``centre`` and moves it to ``new``; pi/2 takes right to down."""
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    shift = np.subtract(new, turn @ centre)
    return np.vstack([np.column_stack([turn, shift]), [0, 0, 1]])


def circles(
    shape: tuple[int, int], centre: tuple[float, float], radius: float, logarithmic: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Rows are angles, a full turn; columns are distances, up to ``radius``."""
    angle = np.arange(shape[0])[:, None] * (2 * np.pi / shape[0])
    part = np.arange(shape[1]) / shape[1]
    distance = radius**part if logarithmic else radius * part
    return centre[0] + np.sin(angle) * distance, centre[1] + np.cos(angle) * distance


def as_point(point: object, name: str) -> tuple[float, float]:
    """One (row, column), or an error."""
    try:
        found = np.asarray(point, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be (row, column), got {point!r}") from None
    if found.shape != (2,) or not (np.abs(found) < 1e9).all():
        raise ValueError(f"{name} must be (row, column), two finite numbers, got {point!r}")
    return float(found[0]), float(found[1])


def folded(x: Values, n: int, mode: Mode) -> Values:
    """Positions along an axis of n pixels, moved to where the same value lies near the image.

    A pattern that goes on for ever is the same one period on. Results lie in -2..n + 1.
    """
    if mode == "mirror":
        return n - 1 - abs(x % (2 * (n - 1)) - (n - 1)) if n > 1 else 0 * x
    if mode == "reflect":
        return n - abs((x + 0.5) % (2 * n) - n) - 0.5
    if mode == "wrap":
        return x % n
    return x.clip(-2, n + 1)  # from there on it is always the same


def cubic_weights(t: Values) -> tuple[Values, Values, Values, Values]:
    """Of the pixels at -1, 0, 1 and 2, for a position t in 0..1; a = -3/4."""
    a, u = -0.75, 1 - t
    return (
        a * t * u * u,
        ((a + 2) * t - (a + 3)) * t * t + 1,
        ((a + 2) * u - (a + 3)) * u * u + 1,
        a * u * t * t,
    )
