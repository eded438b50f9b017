"""Texture in numbers: how often which brightness lies beside which, and what Haralick reads off."""

from __future__ import annotations  # help() says Image, not what it stands for

import math
from collections.abc import Collection
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from scipy.special import entr

from imgkit.capabilities import routine
from imgkit.contrast.counting import MOST
from imgkit.images import (
    Image,
    require_gray,
    require_number,
    require_positive,
    require_whole,
)
from imgkit.images.pointwise import in_bands, lookup
from imgkit.segmentation.bins import NUDGE

Codes = npt.NDArray[np.uint8]  # (H, W) of levels
Values = npt.NDArray[np.float64]


@routine(float32=0, float64=0, tensor=False)
def glcm(
    image: Image,
    *,
    distances: float | Collection[float] = (1,),
    angles: float | Collection[float] = (0.0,),
    levels: int = 256,
    symmetric: bool = False,
    normed: bool = False,
) -> npt.NDArray[np.int64] | Values:
    """Grey-level co-occurrence matrices: how often level j lies beside level i.

    ``out[i, j, d, a]`` counts the pixels of level i whose neighbour, ``distances[d]`` away in the
    direction ``angles[a]``, has level j.

    Parameters
    ----------
    image : array (H, W); floats in 0..1
    distances : to the neighbour in pixels, one or several, > 0
    angles : its direction in radians, one or several: 0 is to the right, pi/4 right and down, pi/2
        down. The place is rounded to a whole pixel, so the diagonal neighbour is at distance 1 too.
    levels : 2..256. The range from black to white is cut into so many equal parts, of uint8 too;
        16 or 32 tell textures apart as well as 256 and leave fewer cells empty.
    symmetric : whether each pair counts both ways, as (i, j) and as (j, i)
    normed : whether each matrix is divided by its sum, so that it holds shares

    Returns
    -------
    (levels, levels, distances, angles): int64, with ``normed`` float64.

    Raises
    ------
    ValueError
        If levels is out of range, a distance is not positive or leads out of the image everywhere,
        or the image has colours.
    TypeError
        If levels is not whole, or the image has another dtype.

    Notes
    -----
    Exact; a float less than 1/8192 of a part below an edge counts as on it.

    Equal to scikit-image's ``graycomatrix``, which takes whole numbers below ``levels`` instead of
    an image: ``graycomatrix(image // 32, ..., levels=8)`` is ``glcm(image, levels=8)`` here. Its
    documentation has the angles upwards, its matrices have them downwards, as here.

    References
    ----------
    Haralick, Shanmugam and Dinstein, Textural features for image classification, IEEE Transactions
    on Systems, Man, and Cybernetics 3(6), 1973.

    Examples
    --------
    >>> image = np.array([[0, 0, 255], [0, 255, 255]], np.uint8)
    >>> glcm(image, levels=2)[:, :, 0, 0]
    array([[1, 2],
           [0, 1]])
    """
    require_gray(image, intensities=True)
    require_whole(2, 256, levels=levels)
    far, ways = _numbers(distances=distances), _numbers(angles=angles)
    offsets = [_offset(distance, angle, image.shape) for distance in far for angle in ways]
    codes = _levels_of(image, levels)
    # The same pair again and again would have to wait for its last count to be written: where there
    # is room, neighbouring columns count into tables of their own.
    tables = 256 // levels
    turns = np.arange(image.shape[1]) % tables * levels
    spread = codes + turns.astype(np.uint8) if tables > 1 else codes
    counts = np.stack([_count(spread, codes, tables, levels, *offset) for offset in offsets])
    if symmetric:
        counts = counts + counts.swapaxes(1, 2)
    if normed:
        counts = counts / counts.sum((1, 2), keepdims=True)
    counts = counts.reshape(len(far), len(ways), levels, levels)
    return np.moveaxis(counts, (0, 1), (2, 3))


def _numbers(**values: object) -> list[float]:
    """One number or several, as a list."""
    ((name, value),) = values.items()
    several = list(value) if np.iterable(value) and not isinstance(value, str) else [value]
    if not several:
        raise ValueError(f"{name} is empty: give at least one number")
    check = require_positive if name == "distances" else require_number
    for each in several:
        check(**{name: each})
    return [float(each) for each in several]


def _offset(distance: float, angle: float, shape: tuple[int, int]) -> tuple[int, int]:
    """The neighbour's place (rows down, columns right), halves rounded away from the centre."""
    down, right = (
        int(part) + int(math.copysign(abs(part - int(part)) >= 0.5, part))
        for part in (math.sin(angle) * distance, math.cos(angle) * distance)
    )
    if abs(down) >= shape[0] or abs(right) >= shape[1]:
        raise ValueError(
            f"distances: in an image of shape {shape} no pixel has a neighbour {distance:g} away "
            f"in the direction {angle:.4g}, {down} rows down and {right} columns right"
        )
    return down, right


def _levels_of(image: Image, levels: int) -> Codes:
    if image.dtype == np.uint8:
        if levels == 256:
            return image
        table = np.minimum(np.arange(256) * levels // 255, levels - 1)
        return lookup(image, table.astype(np.uint8))

    def work(out: Codes, band: Image) -> None:
        # rounds to the nearest and saturates, several times as quick as NumPy's way to a byte
        found = cv2.addWeighted(band, levels, band, 0, NUDGE - 0.5, dtype=cv2.CV_8U)
        np.minimum(found.reshape(out.shape), levels - 1, out=out)

    return in_bands(work, np.empty(image.shape, np.uint8), image)


def _count(
    spread: Codes, codes: Codes, tables: int, levels: int, down: int, right: int
) -> npt.NDArray[np.int64]:
    (h, w), top, left = codes.shape, max(-down, 0), max(-right, 0)
    bottom, end = h - max(down, 0), w - max(right, 0)
    here = spread[top:bottom, left:end]
    there = codes[top + down : bottom + down, left + right : end + right]
    rows = max(1, MOST // w)  # OpenCV's counts are float32, whole only so far
    size = [tables * levels, levels]
    total = np.zeros(size, np.int64)
    for start in range(0, len(here), rows):
        pair = [here[start : start + rows], there[start : start + rows]]
        part = cv2.calcHist(pair, [0, 1], None, size, [0, size[0], 0, size[1]])
        total += part.reshape(size).astype(np.int64)
    return total.reshape(tables, levels, levels).sum(0)


# --- what Haralick reads off ----------------------------------------------------------------------


class Haralick(NamedTuple):
    """Properties of co-occurrence matrices, each of their shape: (distances, angles) say.

    p is the matrix divided by its sum; i and j are the two levels, counted from 0; logarithms are
    natural.
    """

    contrast: Values
    "``sum(p (i - j)²)``: 0 for a flat image, large where neighbours differ much"
    dissimilarity: Values
    "``sum(p |i - j|)``"
    homogeneity: Values
    "``sum(p / (1 + (i - j)²))``, Haralick's inverse difference moment: 1 for a flat image"
    asm: Values
    "angular second moment, ``sum(p²)``: 1 if one pair is all there is"
    energy: Values
    "``sqrt(asm)``"
    correlation: Values
    "of i and j, -1..1; 1 where one level is all there is"
    entropy: Values
    "``-sum(p log p)``: 0 if one pair is all there is"
    mean: Values
    "of i"
    variance: Values
    "of i, Haralick's sum of squares"
    std: Values
    "``sqrt(variance)``"
    sum_average: Values
    "mean of i + j"
    sum_variance: Values
    "variance of i + j"
    sum_entropy: Values
    "entropy of i + j"
    difference_variance: Values
    "variance of |i - j|"
    difference_entropy: Values
    "entropy of |i - j|"
    information_1: Values
    "-(mutual information of i and j) / (the larger of their entropies), -1..0"
    information_2: Values
    "``sqrt(1 - exp(-2 (mutual information)))``, 0..1"


def haralick(matrices: npt.NDArray) -> Haralick:
    """Haralick's properties of co-occurrence matrices: a texture as a handful of numbers.

    Parameters
    ----------
    matrices : array (levels, levels, ...), as :func:`glcm` gives them; counts or shares

    Returns
    -------
    :class:`Haralick`, a named tuple of float64 arrays; each has the shape of the matrices' further
    axes, (distances, angles) after ``glcm``. ``np.stack(haralick(matrices))`` is one array of all.

    Raises
    ------
    ValueError
        If a matrix is not square, is empty, or has values that are negative or not finite.
    TypeError
        If it is not an array of numbers.

    Notes
    -----
    Within 1e-10 of the definitions. The first ten are those of scikit-image's ``graycoprops``; the
    others are Haralick's f6 to f13 (f14, an eigenvalue, is left out). Haralick counts levels from
    1, which makes his sum average greater by 2, and centres the sum variance on the sum entropy, a
    slip: here it is a variance. Other programs take logarithms to base 2.

    References
    ----------
    Haralick, Shanmugam and Dinstein, Textural features for image classification, IEEE Transactions
    on Systems, Man, and Cybernetics 3(6), 1973.

    Examples
    --------
    >>> stripes = np.tile([0, 255], (4, 4)).astype(np.uint8)
    >>> across = haralick(glcm(stripes, levels=2, angles=(0, np.pi / 2)))
    >>> across.contrast.tolist()  # along a row every neighbour differs, down a column none
    [[1.0, 0.0]]
    """
    p = _shares(matrices)  # (K, levels, levels)
    shape, i = matrices.shape[2:], np.arange(p.shape[1])
    sums, differences = _sums(p), _sums(p[:, :, ::-1])  # i - j = 1 - levels stands first
    gaps = differences[:, len(i) - 1 :].copy()  # |i - j|
    gaps[:, 1:] += differences[:, : len(i) - 1][:, ::-1]
    mean, variance = _moments(p.sum(2))
    mean_j, variance_j = _moments(p.sum(1))
    covariance = np.einsum("kij,ki,kj->k", p, i - mean[:, None], i - mean_j[:, None], optimize=True)
    flat = np.minimum(variance, variance_j) < 1e-20
    spread = np.sqrt(np.where(flat, 1, variance * variance_j))
    entropy = entr(p).sum((1, 2))
    entropy_i, entropy_j = entr(p.sum(2)).sum(1), entr(p.sum(1)).sum(1)
    mutual = np.maximum(entropy_i + entropy_j - entropy, 0)
    larger = np.maximum(entropy_i, entropy_j)
    asm = np.einsum("kij,kij->k", p, p)
    found = Haralick(
        contrast=gaps @ i**2,
        dissimilarity=gaps @ i,
        homogeneity=gaps @ (1 / (1 + i**2)),
        asm=asm,
        energy=np.sqrt(asm),
        correlation=np.where(flat, 1, covariance / spread),
        entropy=entropy,
        mean=mean,
        variance=variance,
        std=np.sqrt(variance),
        sum_average=mean + mean_j,
        sum_variance=_moments(sums)[1],
        sum_entropy=entr(sums).sum(1),
        difference_variance=_moments(gaps)[1],
        difference_entropy=entr(gaps).sum(1),
        information_1=-mutual / np.where(larger > 0, larger, 1),
        information_2=np.sqrt(-np.expm1(-2 * mutual)),
    )
    return Haralick(*(values.reshape(shape) for values in found))


def _shares(matrices: npt.NDArray) -> Values:
    """The matrices in a row (K, levels, levels), each divided by its sum."""
    if not isinstance(matrices, np.ndarray) or matrices.dtype.kind not in "biuf":
        kind = getattr(matrices, "dtype", type(matrices).__name__)
        raise TypeError(f"matrices must be an array of numbers, as glcm gives it; got {kind}")
    shape = matrices.shape
    if len(shape) < 2 or shape[0] != shape[1] or 0 in shape:
        raise ValueError(f"matrices must have shape (levels, levels, ...), got {shape}")
    if not np.isfinite(matrices).all() or matrices.min() < 0:
        raise ValueError("matrices must hold counts or shares: finite and not negative")
    p = np.moveaxis(matrices.reshape(*shape[:2], -1), 2, 0).astype(np.float64)
    total = p.sum((1, 2), keepdims=True)
    if not total.all():
        raise ValueError("matrices: at least one is all zeros, with no pair to tell of")
    return p / total


def _sums(p: Values) -> Values:
    """How large a share each sum i + j has: (K, levels, levels) to (K, 2 levels - 1).

    With as many zeros after each row, read in rows one shorter, equal sums stand below each other.
    """
    k, n, _ = p.shape
    wide = np.pad(p, ((0, 0), (0, 0), (0, n))).reshape(k, -1)
    return wide[:, : n * (2 * n - 1)].reshape(k, n, 2 * n - 1).sum(1)


def _moments(shares: Values) -> tuple[Values, Values]:
    """Mean and variance of 0, 1, 2, ... with these shares, (K, N) to (K,) each."""
    values = np.arange(shares.shape[1])
    mean = shares @ values
    return mean, (shares * (values - mean[:, None]) ** 2).sum(1)
