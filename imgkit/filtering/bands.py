"""A long filter along one axis as a matrix product.

One product turns a stretch of ``block + taps - 1`` pixels into ``block`` filtered ones. Its matrix
is a band: every column holds the weights, one pixel further down. More multiplications than the sum
itself needs, but matrix products are what processors do best: they win from about 40 taps on, at
any boundary mode, and as exact.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from imgkit.images.pointwise import in_parallel


def band_matrix(weights: npt.NDArray[np.float64], block: int) -> npt.NDArray[np.float64]:
    """The matrix (block + taps - 1, block) whose column j holds the weights from row j on.

    Examples
    --------
    >>> band_matrix(np.array([1.0, 2.0]), 3)
    array([[1., 0., 0.],
           [2., 1., 0.],
           [0., 2., 1.],
           [0., 0., 2.]])
    """
    band = np.zeros((block + len(weights) - 1, block))
    for j in range(block):
        band[j : j + len(weights), j] = weights
    return band


def multiply_stacks(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
    """``out[i] = left[i] @ right[i]``, the stack shared among as many threads as OpenCV uses.

    BLAS would share each small product instead, and on a busy machine wait at every one of them.
    """
    with blas().limit(limits=1):
        in_parallel(lambda i: np.matmul(left[i], right[i], out=out[i]), range(len(out)))


@cache
def blas() -> ThreadpoolController:
    """NumPy's BLAS, found once: the search takes milliseconds."""
    return ThreadpoolController().select(user_api="blas")
