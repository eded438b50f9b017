"""What points and matrices have to be: the gates of the routines that take no images."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from imgkit.images import is_tensor

Points: TypeAlias = npt.NDArray[np.float64]  # (N, 2), row and column
Matrix: TypeAlias = npt.NDArray[np.float64]  # (3, 3)

LARGEST = 1e30  # products of several such numbers are still finite


def as_points(points: npt.ArrayLike, name: str = "points") -> Points:
    """Points as float64 (N, 2), or an error that says what is wrong with them.

    Examples
    --------
    >>> as_points([(1, 2)])
    array([[1., 2.]])
    >>> as_points([1, 2, 3])
    Traceback (most recent call last):
    ValueError: points has shape (3,); points are (N, 2), a row and a column each
    """
    found = _as_numbers(points, name)
    if found.ndim != 2 or found.shape[1] != 2:
        hint = ""
        if found.ndim == 3 and found.shape[1:] == (1, 2):
            hint = f"; OpenCV's have x first: use {name}[:, 0, ::-1]"
        elif found.ndim == 2 and found.shape[0] == 2:
            hint = f": use {name}.T"
        raise ValueError(
            f"{name} has shape {found.shape}; points are (N, 2), a row and a column each{hint}"
        )
    return found


def as_matches(
    source: npt.ArrayLike, target: npt.ArrayLike, *, least: int, what: str
) -> tuple[Points, Points]:
    """Points and where they went, as many of each, and enough of them.

    Examples
    --------
    >>> as_matches([(0, 0)], [(1, 1)], least=3, what="an affine map")
    Traceback (most recent call last):
    ValueError: an affine map takes at least 3 pairs of points, got 1
    """
    source, target = as_points(source, "source"), as_points(target, "target")
    if len(source) != len(target):
        raise ValueError(
            f"source has {len(source)} points and target {len(target)}: each point of source goes "
            "to the point of target in the same row"
        )
    if len(source) < least:
        raise ValueError(f"{what} takes at least {least} pairs of points, got {len(source)}")
    return source, target


def as_matrix(matrix: npt.ArrayLike, name: str = "matrix") -> Matrix:
    """A matrix (3, 3) as float64; of an affine one (2, 3) will do.

    Examples
    --------
    >>> as_matrix([[1, 0, 5], [0, 1, 0]])
    array([[1., 0., 5.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    found = _as_numbers(matrix, name)
    if found.shape == (2, 3):
        return np.vstack([found, (0.0, 0.0, 1.0)])
    if found.shape != (3, 3):
        raise ValueError(f"{name} has shape {found.shape}; this takes (3, 3), or (2, 3) if affine")
    return found


def _as_numbers(values: npt.ArrayLike, name: str) -> npt.NDArray[np.float64]:
    if is_tensor(values):
        raise TypeError(f"{name} is a torch tensor: use {name}.detach().cpu().numpy()")
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array: use np.asarray({name}) of the rows you trust")
    try:
        found = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is no array: its rows differ in length") from None
    if found.dtype.kind not in "iuf" or found.dtype.itemsize > 8:
        raise TypeError(f"{name} has dtype {found.dtype}; this takes real numbers")
    found = found.astype(np.float64)
    if not (np.abs(found) < LARGEST).all():
        bad = int(np.count_nonzero(~(np.abs(found) < LARGEST)))
        raise ValueError(f"{name} has {bad} values that are NaN, infinite or above {LARGEST:g}")
    return found
