"""Which engine does the work, and what a filter is to both."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal, TypeAlias

import numpy as np

from imgkit.frequency import arrays, tensors
from imgkit.images import AnyImage, as_dtype, is_tensor

Period: TypeAlias = Literal["mirror", "reflect", "wrap"]
PERIODS = ("mirror", "reflect", "wrap")

# Frequencies of the rows and columns, and what turns a row of numbers into the engine's own kind
# -> the factor of each wave, (rows, columns)
Response: TypeAlias = Callable[[np.ndarray, np.ndarray, Callable[[np.ndarray], Any]], Any]


def engine(image: AnyImage) -> ModuleType:
    """:mod:`~imgkit.frequency.tensors` for a torch tensor, else :mod:`~imgkit.frequency.arrays`."""
    return tensors if is_tensor(image) else arrays


def bell(distances: np.ndarray, width: float) -> np.ndarray:
    """``exp(-distances² / (2 width²))``, and 0 where that makes no difference.

    Numbers near the smallest that a float can hold take ten times as long to multiply.
    """
    with np.errstate(over="ignore"):  # a tiny width
        values = np.exp(-0.5 * (distances / width) ** 2)
    return np.where(values > 1e-16, values, 0.0)


def rounded(values: AnyImage, *, like: AnyImage) -> AnyImage:
    """Filtered values as the kind of image they came from; floats may leave 0..1."""
    if is_tensor(like) or like.dtype != np.uint8:
        return values
    return as_dtype(values, like=like)
