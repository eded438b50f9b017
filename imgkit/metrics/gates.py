"""What labels, scores and options have to be: the gates of the metrics that take no images."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from imgkit.images import is_tensor

Label: TypeAlias = int | str
CODES = 1 << 16  # whole numbers that span less than this are looked up, others are sorted


def as_array(values: object, name: str) -> np.ndarray:
    """Anything array-like as an array; no tensor, no masked array, no ragged list."""
    if is_tensor(values):
        raise TypeError(f"{name} is a torch tensor: use {name}.detach().cpu().numpy()")
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array: use {name}.compressed()")
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is no array: its rows differ in length") from None


def as_numbers(values: object, name: str) -> npt.NDArray[np.floating]:
    """Finite real numbers as floats: float32 and float64 stay, whole numbers become float64.

    Examples
    --------
    >>> as_numbers([1, 2], "scores")
    array([1., 2.])
    >>> as_numbers(["a"], "scores")
    Traceback (most recent call last):
    TypeError: scores has dtype <U1; this takes real numbers
    """
    array = as_array(values, name)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise TypeError(f"{name} has dtype {array.dtype}; this takes real numbers")
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float32 if array.dtype == np.float16 else np.float64)
    if not np.isfinite(array).all():
        bad = int(np.count_nonzero(~np.isfinite(array)))
        raise ValueError(
            f"{name} has {bad} values that are NaN or infinite: see np.isfinite({name})"
        )
    return array


def as_labels(values: object, name: str) -> np.ndarray:
    """Class labels, one for each case: whole numbers, bool or text.

    Examples
    --------
    >>> as_labels(["cat", "dog"], "truth")
    array(['cat', 'dog'], dtype='<U3')
    >>> as_labels([0.2, 0.9], "predicted")
    Traceback (most recent call last):
    TypeError: predicted has dtype float64; labels are whole numbers, bool or text: \
use predicted > 0.5 for probabilities, predicted.astype(int) for whole numbers
    """
    labels = as_array(values, name)
    if labels.size == 0:
        raise ValueError(f"{name} is empty: its shape is {labels.shape}")
    if labels.dtype.kind in "OT" and all(isinstance(label, str) for label in labels.flat):
        labels = labels.astype(str)  # what a column of text comes as
    if labels.dtype.kind not in "biuU":
        hint = ""
        if labels.dtype.kind == "f":
            hint = f": use {name} > 0.5 for probabilities, {name}.astype(int) for whole numbers"
        raise TypeError(
            f"{name} has dtype {labels.dtype}; labels are whole numbers, bool or text{hint}"
        )
    if labels.dtype == np.uint64 and labels.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} has labels up to {labels.max()}; this takes 64-bit integers")
    return labels


def require_same_kind(**labels: np.ndarray) -> None:
    """Refuse two arrays of labels of which one holds text and the other numbers."""
    (first, one), (second, other) = labels.items()
    if (one.dtype.kind == "U") != (other.dtype.kind == "U"):
        raise TypeError(
            f"{first} has labels such as {one.flat[0]!s} ({one.dtype}) and {second} such as "
            f"{other.flat[0]!s} ({other.dtype}); both must be text, or both numbers"
        )


def require_equal_shapes(**arrays: np.ndarray) -> None:
    """Refuse two arrays that do not go together, value by value."""
    (first, one), (second, other) = arrays.items()
    if one.shape != other.shape:
        hint = ""
        if one.shape[:-1] == other.shape:
            hint = f"; if {first} has a value for each class, use {first}.argmax(-1)"
        raise ValueError(
            f"{first} has shape {one.shape} and {second} {other.shape}; they must be the same{hint}"
        )


def labels_found(*arrays: np.ndarray) -> np.ndarray:
    """The labels that occur, each once, sorted."""
    if arrays[0].dtype.kind != "U":
        low = min(int(labels.min()) for labels in arrays)
        high = max(int(labels.max()) for labels in arrays)
        if high - low < CODES:
            seen = sum(
                np.bincount(shifted(a, low).ravel(), minlength=high - low + 1) for a in arrays
            )
            return np.flatnonzero(seen) + low
        arrays = tuple(labels.astype(np.int64) for labels in arrays)
    return np.unique(np.concatenate([labels.ravel() for labels in arrays]))


def shifted(labels: np.ndarray, low: int) -> np.ndarray:
    """Whole numbers less their smallest, as indices."""
    return labels.astype(np.intp) - low


def require_positive_class(names: np.ndarray, positive: object) -> None:
    """Refuse labels of which one cannot tell that one class is positive and another negative.

    Examples
    --------
    >>> require_positive_class(np.array([0, 1]), 1)
    >>> require_positive_class(np.array(["cat", "dog"]), 1)
    Traceback (most recent call last):
    ValueError: positive is 1, but the labels are 'cat', 'dog': say which of them counts
    """
    if not isinstance(positive, Integral | np.bool_ | str):
        raise TypeError(f"positive must be a label, a whole number or text, got {positive!r}")
    text = names.dtype.kind == "U"
    listed = ", ".join(repr(name) for name in names[:6].tolist()) + ", …" * (len(names) > 6)
    known = isinstance(positive, str) == text and positive in names
    if len(names) > 2:
        raise ValueError(
            f"there are {len(names)} classes ({listed}), this takes two: compare one with the "
            "rest, as truth == 3; precision, recall and f1 have averages too"
        )
    if not known and (len(names) == 2 or text or isinstance(positive, str)):
        raise ValueError(
            f"positive is {positive!r}, but the labels are {listed}: say which of them counts"
        )


def are_positive(truth: object, positive: Label) -> npt.NDArray[np.bool_]:
    """Which cases belong to the positive class, of labels of two classes."""
    labels = as_labels(truth, "truth")
    if labels.dtype == bool and isinstance(positive, int) and positive == 1:
        return labels
    require_positive_class(labels_found(labels), positive)
    return labels == positive


def as_classes(truth: object, rows: np.ndarray, name: str) -> npt.NDArray[np.intp]:
    """The true classes as indices, where they fit the rows of numbers."""
    labels = as_labels(truth, "truth")
    if rows.ndim not in (1, 2) or 0 in rows.shape or rows.shape[1:] == (1,):
        raise ValueError(
            f"{name} has shape {rows.shape}; this takes (N, C) with C at least 2, "
            "or (N,) for class 1 of two"
        )
    if labels.shape != rows.shape[:1]:
        raise ValueError(
            f"truth has shape {labels.shape} and {name} {rows.shape}; truth is ({len(rows)},), "
            "the class of each row"
        )
    if labels.dtype.kind == "U":
        raise TypeError(f"truth is text; this takes the numbers of the columns of {name}, from 0")
    count = 2 if rows.ndim == 1 else rows.shape[1]
    if labels.min() < 0 or labels.max() >= count:
        raise ValueError(
            f"truth has classes {labels.min()} to {labels.max()}; with {name} of shape "
            f"{rows.shape} they are 0 to {count - 1}"
        )
    return labels.astype(np.intp)


def require_fraction(**values: object) -> None:
    """Refuse what is not a number above 0 and at most 1: ``require_fraction(iou=iou)``."""
    for name, value in values.items():
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            raise TypeError(f"{name} must be a number, got {value!r}")
        if not 0 < value <= 1:
            raise ValueError(f"{name} must lie above 0 and at most at 1, got {value!r}")
