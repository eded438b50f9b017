"""Filling holes from what surrounds them: the smoothest surface through the known pixels."""

from __future__ import annotations  # help() says Image, not what it stands for

from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import splu

from imgkit.capabilities import routine
from imgkit.images import Image, require_choice, require_image
from imgkit.restoration.scale import from_unit, to_unit

Method: TypeAlias = Literal["biharmonic", "harmonic"]
LARGEST = 500_000  # pixels to fill
NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1))


@routine(float32=1e-6, float64=1e-9, tensor=False)
def inpaint(image: Image, mask: npt.NDArray[np.bool_], *, method: Method = "biharmonic") -> Image:
    """Fill holes with the smoothest surface that fits what is known.

    With L x, the sum of a pixel's differences to its neighbours, the unknown pixels are those with

    - ``"biharmonic"``: the least ``sum((L x)²)``, like a thin plate of steel. It goes on with the
      slopes it finds at the edge: best for scratches, text, single pixels.
    - ``"harmonic"``: ``L x = 0``, like a soap film; each is the mean of its neighbours. It never
      leaves the range of the hole's edge: better for large holes.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats may have any finite values. What it holds where the
        mask is set does not matter, so long as it is finite.
    mask : array (H, W), bool, or uint8 where all but 0 is set: what to fill, up to 500 000 pixels,
        not all of them
    method : "biharmonic" or "harmonic"

    Returns
    -------
    Same shape and dtype. Known pixels are as they were; filled ones lie between the least and the
    largest known value of their channel, uint8 rounded.

    Raises
    ------
    ValueError
        If mask has another shape, leaves nothing known, or is too large, or method is not offered.
    TypeError
        If image or mask has another dtype.

    Notes
    -----
    A pixel has up to four neighbours, those inside the image. "biharmonic" solves what
    scikit-image's ``inpaint_biharmonic`` solves, and gives the same. OpenCV's ``inpaint`` (Telea,
    Navier-Stokes) is quicker, for uint8 only. The system is solved directly, in float64: within
    1e-9 of its solution (of the largest magnitude) if not nearly everything is unknown. 200 000
    pixels of text take about half a second; one hole of 640 x 640 takes ten, and a gigabyte.

    References
    ----------
    Damelin and Hoang, On surface completion and image inpainting by biharmonic functions,
    International Journal of Mathematics and Mathematical Sciences, 2018. Szeliski, Computer Vision,
    2nd ed., section 4.2.

    Examples
    --------
    >>> row = np.array([[0.0, 0.1, 9, 9, 0.4, 0.5]])
    >>> inpaint(row, row == 9).round(3)
    array([[0. , 0.1, 0.2, 0.3, 0.4, 0.5]])
    """
    require_image(image)
    hole = _require_mask(mask, image)
    require_choice(("biharmonic", "harmonic"), method=method)
    out = np.array(image, order="C")
    if not hole.any():
        return out
    values, unit = to_unit(image)
    planes = values.reshape(*hole.shape, -1).astype(np.float64)  # (H, W, C)
    known = planes[~hole]
    filled = np.clip(_solve(planes, hole, method), known.min(0), known.max(0))  # (unknown, C)
    filled = filled.astype(values.dtype, copy=False)
    out[hole] = from_unit(filled, unit, like=image).reshape(-1, *image.shape[2:])
    return out


def _require_mask(mask: object, image: Image) -> npt.NDArray[np.bool_]:
    if not isinstance(mask, np.ndarray) or mask.dtype not in (np.bool_, np.uint8):
        kind = f"dtype {mask.dtype}" if hasattr(mask, "dtype") else type(mask).__name__
        raise TypeError(f"mask must be a NumPy array (H, W) of bool or uint8, got {kind}")
    if mask.shape != image.shape[:2]:
        raise ValueError(f"mask has shape {mask.shape}; the image needs {image.shape[:2]}")
    hole = np.ascontiguousarray(mask != 0)
    count = np.count_nonzero(hole)
    if count == hole.size:
        raise ValueError("mask covers the whole image: nothing is known to fill it from")
    if count > LARGEST:
        raise ValueError(
            f"mask covers {count} pixels; the limit is {LARGEST}: shrink the image, or fill parts"
        )
    return hole


def _solve(planes: np.ndarray, hole: np.ndarray, method: Method) -> np.ndarray:
    """The unknown values, (unknown, C)."""
    bent = _laplacian(np.where(hole[..., None], 0, planes))
    if method == "harmonic":
        # L x = 0 at the unknown pixels, what is known brought to the right
        system, right = _equations(hole, hole), -bent[hole]
    else:
        # the least squares of L x over all pixels that feel an unknown one
        near = cv2.dilate(hole.view(np.uint8), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
        near = near.astype(bool)
        system = _equations(hole, near)
        system, right = (system.T @ system).tocsc(), -(system.T @ bent[near])
    # symmetric and positive: no pivoting, and an ordering that keeps the factors thin
    factors = splu(
        system,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        panel_size=1,
        options={"SymmetricMode": True, "Equil": False},
    )
    return factors.solve(right)


def _laplacian(planes: np.ndarray) -> np.ndarray:
    """The sum of each pixel's differences to its neighbours, (H, W, C)."""
    # with the edge pixel repeated, what lies outside makes no difference
    options = {"ddepth": cv2.CV_64F, "ksize": 1, "borderType": cv2.BORDER_REPLICATE}
    return np.stack(
        [-cv2.Laplacian(planes[..., c], **options) for c in range(planes.shape[2])], axis=2
    )


def _equations(hole: np.ndarray, near: np.ndarray) -> sparse.csc_array:
    """The Laplacian as a matrix, from the unknown pixels (columns) to those near them (rows)."""
    height, width = hole.shape
    number = np.full(hole.size, -1, np.int32)  # of a pixel among those near
    number[np.flatnonzero(near)] = np.arange(np.count_nonzero(near), dtype=np.int32)
    place = np.flatnonzero(hole)
    row, column = np.divmod(place, width)
    unknown = np.arange(len(place), dtype=np.int32)
    degree = np.zeros(len(place))
    rows, columns = [number[place]], [unknown]
    for down, right in NEIGHBOURS:
        r, c = row + down, column + right
        inside = (r >= 0) & (r < height) & (c >= 0) & (c < width)
        degree += inside
        there = number[(r * width + c)[inside]]
        rows.append(there[there >= 0])
        columns.append(unknown[inside][there >= 0])
    values = np.concatenate([degree, *(np.full(len(part), -1.0) for part in rows[1:])])
    shape = np.count_nonzero(near), len(place)
    return sparse.csc_array((values, (np.concatenate(rows), np.concatenate(columns))), shape=shape)
