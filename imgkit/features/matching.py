"""Which descriptor of one image belongs to which of another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.bands import blas
from imgkit.images import require_positive
from imgkit.images.pointwise import in_parallel

AT_ONCE = 1 << 19  # distances in a block: 2 MB, which stay in the cache
LEAST_ROWS = 64  # of a block, however long they are
Descriptors = npt.NDArray[np.float32] | npt.NDArray[np.float64] | npt.NDArray[np.uint8]


@routine(float32=0, float64=0, uint8=0, tensor=False)
def match(
    a: Descriptors, b: Descriptors, *, ratio: float | None = 0.8, cross_check: bool = True
) -> npt.NDArray[np.int64]:
    """Pair each descriptor of one image with the nearest of another, if there is no doubt.

    Two doubts are allowed for. **Ratio**: the nearest has to be clearly nearer than the second,
    ``d1 < ratio * d2``; what occurs twice, a window of a facade, has no clear partner.
    **Cross-check**: each has to be the other's nearest.

    Parameters
    ----------
    a, b : (N, D) and (M, D), one descriptor a row. float32 or float64, then distances are
        Euclidean, or uint8, then they are strings of bits (as ORB's) and the distance is how many
        differ. Bytes that are numbers: hand them in as float32.
    ratio : how near the first has to be compared with the second, 0 < ratio <= 1; None does not ask
    cross_check : whether to insist that a's descriptor is the nearest of b's too

    Returns
    -------
    int64 (K, 2), pairs (row of a, row of b) in the order of a. None, (0, 2), where a or b is empty.

    Raises
    ------
    TypeError
        If a and b are no arrays of these dtypes, or one has bits and the other numbers.
    ValueError
        If they have different lengths of descriptors, other ranks than 2, or NaN; if ratio is out
        of range.

    Notes
    -----
    Of equally near ones the first counts; with a ratio a tie is doubt, and no pair. Where b has one
    row there is no second, and no doubt.

    All distances at once by one matrix product, ``|a|² - 2 a·b + |b|²``; for bits, 0 and 1, the
    same formula says how many differ. Whole numbers (OpenCV's SIFT) and bits are exact, and the
    pairs are those of OpenCV's ``BFMatcher``. Of other numbers rounding decides which is nearest
    where two squared distances are within 1e-6 (float32) of the squares of the lengths.

    References
    ----------
    Lowe, Distinctive image features from scale-invariant keypoints, International Journal of
    Computer Vision, 2004, section 7.1. Szeliski, Computer Vision, 2nd ed., section 7.1.3.

    Examples
    --------
    >>> a = np.array([[0.0, 0], [5, 5], [9, 0]])
    >>> b = np.array([[9.0, 1], [0, 1], [5, 9], [5, 1]])
    >>> match(a, b)
    array([[0, 1],
           [2, 0]])
    >>> match(a, b, ratio=None, cross_check=False)
    array([[0, 1],
           [1, 2],
           [2, 0]])
    """
    _require_descriptors(a, "a")
    _require_descriptors(b, "b")
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"a has descriptors of {a.shape[1]} numbers and b of {b.shape[1]}: they cannot be "
            "compared"
        )
    if (a.dtype == np.uint8) != (b.dtype == np.uint8):
        raise TypeError(f"a has dtype {a.dtype} and b {b.dtype}: bits and numbers do not compare")
    if ratio is not None:
        require_positive(ratio=ratio)
        if ratio > 1:
            raise ValueError(f"ratio must be at most 1, got {ratio!r}")
    if not len(a) or not len(b):
        return np.zeros((0, 2), np.int64)
    bits = a.dtype == np.uint8
    a, b = (_as_bits(a), _as_bits(b)) if bits else _comparable(a, b)
    first, second, mutual = _nearest(a, b)
    keep = mutual if cross_check else np.ones(len(a), bool)
    if ratio is not None and len(b) > 1:
        share = ratio if bits else ratio**2  # the squared distance of bits is how many differ
        rows = np.flatnonzero(keep)
        d1, d2 = (_squared(a[rows], b[chosen[rows]]) for chosen in (first, second))
        keep[rows] = d1 < share * d2
    return np.column_stack([np.flatnonzero(keep), first[keep]])


def _require_descriptors(values: object, name: str) -> None:
    if not isinstance(values, np.ndarray) or isinstance(values, np.ma.MaskedArray):
        raise TypeError(
            f"{name} is of type {type(values).__name__}; descriptors are an array (N, D)"
        )
    if values.dtype not in (np.dtype(np.uint8), np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(
            f"{name} has dtype {values.dtype}; descriptors are float32, float64, or uint8 for bits"
        )
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError(f"{name} has shape {values.shape}; descriptors are (N, D), one a row")
    if values.dtype != np.uint8 and not np.isfinite(values).all():
        bad = int(np.count_nonzero(~np.isfinite(values)))
        raise ValueError(f"{name} has {bad} values that are NaN or infinite")


def _as_bits(packed: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.unpackbits(packed, axis=1).astype(np.float32)


def _comparable(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both in one precision, about 0 and below 1, so that no digits and no squares are lost.

    The centre is whole and the scale a power of 2: whole numbers stay exact.
    """
    centre = np.rint(b.mean(axis=0, dtype=np.float64)).astype(b.dtype)
    a, b = a - centre, b - centre
    largest = max(np.abs(a).max(), np.abs(b).max())
    exponent = -np.frexp(largest)[1]
    return np.ldexp(a, exponent, dtype=a.dtype), np.ldexp(b, exponent, dtype=a.dtype)


def _nearest(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row of a the nearest and the second of b, and whether it is the nearest of b's."""
    left = np.column_stack([-2 * a, _norms(a), np.ones(len(a), a.dtype)])
    right = np.column_stack([b, np.ones(len(b), b.dtype), _norms(b)]).T
    first, second = np.empty((2, len(a)), np.int64)
    rows = min(max(LEAST_ROWS, AT_ONCE // len(b)), len(a))
    least = np.empty((-(-len(a) // rows), len(b)), a.dtype)  # of each block, for each of b
    mutual = np.empty(len(a), bool)

    def look(block: int) -> None:
        part = slice(block * rows, (block + 1) * rows)
        squared = left[part] @ right  # (rows, M)
        each, chosen = np.arange(len(squared)), squared.argmin(axis=1)
        squared.min(axis=0, out=least[block])
        mutual[part] = squared[:, chosen].argmin(axis=0) == each
        squared[each, chosen] = np.inf
        first[part], second[part] = chosen, squared.argmin(axis=1)

    with blas().limit(limits=1):  # the blocks share the threads
        in_parallel(look, range(len(least)))
    mutual &= least.argmin(axis=0)[first] == np.arange(len(a)) // rows
    return first, second, mutual


def _norms(rows: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", rows, rows)


def _squared(a: np.ndarray, b: np.ndarray) -> npt.NDArray[np.float64]:
    difference = a.astype(np.float64) - b
    return _norms(difference)
