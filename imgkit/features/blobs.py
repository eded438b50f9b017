"""Spots of any size: extremes in place and scale."""

from __future__ import annotations  # help() says Image, not what it stands for

from collections.abc import Iterable, Iterator
from itertools import chain, combinations_with_replacement, pairwise
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from imgkit.capabilities import routine
from imgkit.filtering import gaussian, laplacian_of_gaussian
from imgkit.images import (
    Image,
    as_float,
    require_gray,
    require_positive,
    require_whole,
    require_within,
)

SQUARE = np.ones((3, 3), np.uint8)


class Blobs(NamedTuple):
    """N bright spots, the strongest first."""

    points: npt.NDArray[np.float64]
    "(N, 2): row, column of the middle"
    sigmas: npt.NDArray[np.float64]
    "(N,): size, as the standard deviation of the bell that fits best"
    strengths: npt.NDArray[np.float64]
    "(N,): what the filter answers there, in fractions of full scale"

    @property
    def radii(self) -> npt.NDArray[np.float64]:
        """(N,): of the disc that fits best, ``sqrt(2) * sigma``."""
        return np.sqrt(2) * self.sigmas


@routine(float32=1e-5, float64=1e-12, uint8=1e-2, tensor=False)
def blobs_log(
    image: Image,
    *,
    min_sigma: float = 1.0,
    max_sigma: float = 30.0,
    scales: int = 10,
    threshold: float = 0.1,
    overlap: float = 0.5,
) -> Blobs:
    """Find bright spots: the Laplacian of Gaussian at many scales, and its extremes.

    ``-sigma² * laplacian_of_gaussian(image, sigma)`` answers strongest where a spot has the size of
    the filter. A blob is a pixel and a scale where the answer is above the threshold and nowhere
    larger among the 26 neighbours in row, column and scale.

    Parameters
    ----------
    image : array (H, W); floats may have any finite values. For dark spots hand in ``1 - image``
        (``255 - image``).
    min_sigma, max_sigma : smallest and largest scale in pixels, 0.5 <= min_sigma <= max_sigma. A
        disc of radius r answers at ``r / sqrt(2)``.
    scales : how many, 1..100, each larger than the last by the same factor
    threshold : what the answer has to exceed, in fractions of full scale, > 0; a disc that is
        brighter than its surroundings by c answers with 0.74 c, a bell with 0.5 c
    overlap : of two discs of which the smaller is covered by more than this share, 0..1, only the
        stronger stays

    Returns
    -------
    Blobs by falling strength, of equal ones by row, column and size: points, sigmas, strengths, and
    radii.

    Raises
    ------
    TypeError
        If the image has another dtype.
    ValueError
        If it has colours, or a parameter is out of range.

    Notes
    -----
    The border is mirrored; nothing beyond it, or beyond the first and last scale, can be larger.
    Strengths within 1e-5 of the float64 definition in float32, 1e-12 in float64. scikit-image's
    ``blob_log`` has scales at equal distances unless told, and of two overlapping blobs it keeps
    the larger, however weak.

    References
    ----------
    Lindeberg, Feature detection with automatic scale selection, International Journal of Computer
    Vision, 1998. Szeliski, Computer Vision, 2nd ed., section 7.1.1.

    Examples
    --------
    >>> sky = np.zeros((40, 60))
    >>> sky[10:13, 20:23] = 1  # a small star
    >>> sky[np.hypot(*np.ogrid[-28:12, -45:15]) <= 7] = 0.5  # a dim moon
    >>> blobs = blobs_log(sky)
    >>> blobs.points
    array([[11., 21.],
           [28., 45.]])
    >>> blobs.radii.round(1)
    array([2.1, 6.4])
    """
    require_gray(image)
    _require_options(min_sigma, max_sigma, threshold, overlap)
    require_whole(1, 100, scales=scales)
    sigmas = np.geomspace(min_sigma, max_sigma, scales)
    answers = (-(s**2) * laplacian_of_gaussian(image, sigma=float(s)) for s in sigmas)
    return _pruned(_extremes(answers, sigmas, threshold), overlap)


@routine(float32=1e-5, float64=1e-12, uint8=1e-2, tensor=False)
def blobs_dog(
    image: Image,
    *,
    min_sigma: float = 1.0,
    max_sigma: float = 30.0,
    ratio: float = 1.6,
    threshold: float = 0.1,
    overlap: float = 0.5,
) -> Blobs:
    """Find bright spots: differences of Gaussians at many scales, and their extremes.

    As :func:`blobs_log`, with a difference that looks much like the Laplacian and costs half:
    ``gaussian(image, s / sqrt(ratio)) - gaussian(image, s * sqrt(ratio))``, divided by
    ``(ratio - 1 / ratio) / 2`` so that its answers are those of the Laplacian.

    Parameters
    ----------
    image : array (H, W); floats may have any finite values. For dark spots hand in ``1 - image``
        (``255 - image``).
    min_sigma, max_sigma : smallest scale in pixels and where to stop, 0.5 <= min_sigma <= max_sigma
    ratio : from scale to scale, 1.05..4
    threshold : what the answer has to exceed, in fractions of full scale, > 0
    overlap : of two discs of which the smaller is covered by more than this share, 0..1, only the
        stronger stays

    Returns
    -------
    Blobs by falling strength, of equal ones by row, column and size: points, sigmas, strengths, and
    radii. The sigmas are ``min_sigma * ratio ** i``.

    Raises
    ------
    TypeError
        If the image has another dtype.
    ValueError
        If it has colours, or a parameter is out of range.

    Notes
    -----
    The size of a blob lies between the two bells; scikit-image's ``blob_dog`` reports the narrower
    and so finds everything too small, by 1.26 with the usual ratio. Strengths within 1e-5 of the
    float64 definition in float32, 1e-12 in float64.

    References
    ----------
    Lowe, Distinctive image features from scale-invariant keypoints, International Journal of
    Computer Vision, 2004, section 3.

    Examples
    --------
    >>> rows, columns = np.mgrid[:40, :40]
    >>> bell = np.exp(-((rows - 12) ** 2 + (columns - 20) ** 2) / (2 * 4.1**2))
    >>> blobs_dog(bell)
    Blobs(points=array([[12., 20.]]), sigmas=array([4.096]), strengths=array([0.47...]))
    """
    require_gray(image)
    _require_options(min_sigma, max_sigma, threshold, overlap)
    require_within(1.05, 4, ratio=ratio)
    count = 1 + int(np.log(max_sigma / min_sigma) / np.log(ratio) + 1e-9)
    sigmas = min_sigma * ratio ** np.arange(count)
    answers = _differences(as_float(image), min_sigma, ratio, count)
    return _pruned(_extremes(answers, sigmas, threshold), overlap)


def _require_options(min_sigma: float, max_sigma: float, threshold: float, overlap: float) -> None:
    require_positive(min_sigma=min_sigma, max_sigma=max_sigma, threshold=threshold)
    if not 0.5 <= min_sigma <= max_sigma:
        raise ValueError(
            f"min_sigma must be at least 0.5 and at most max_sigma={max_sigma!r}, got {min_sigma!r}"
        )
    require_within(0, 1, overlap=overlap)


def _differences(image: Image, sigma: float, ratio: float, count: int) -> Iterator[Image]:
    """Each bell less the next, whose scale lies between the two; in the Laplacian's units."""
    narrow = gaussian(image, sigma=sigma / ratio**0.5)
    for i in range(count):
        wide = gaussian(image, sigma=sigma * ratio ** (i + 0.5))
        yield (narrow - wide) * (2 / (ratio - 1 / ratio))
        narrow = wide


def _extremes(
    answers: Iterable[Image], sigmas: npt.NDArray[np.float64], threshold: float
) -> npt.NDArray[np.float64]:
    """Where no neighbour in row, column and scale is higher: (N, 4) row, column, sigma, answer."""
    found = []
    before = here = around = None
    for i, after in enumerate(chain(answers, [None])):
        next_around = None if after is None else cv2.dilate(after, SQUARE)
        if here is not None:
            peaks = here > threshold
            for highest in (before, around, next_around):
                if highest is not None:
                    peaks &= here >= highest
            rows, columns = np.nonzero(peaks)
            scale = np.full(len(rows), sigmas[i - 1])
            found.append(np.column_stack([rows, columns, scale, here[peaks]]))
        before, here, around = around, after, next_around
    return np.concatenate(found)


def _pruned(found: npt.NDArray[np.float64], overlap: float) -> Blobs:
    """Go from strong to weak, and drop what a stronger one that stayed covers."""
    order = np.lexsort((found[:, 2], found[:, 1], found[:, 0], -found[:, 3]))
    found = found[order]
    strong, weak = _covering(found[:, :2], np.sqrt(2) * found[:, 2], overlap)
    stays = np.ones(len(found), bool)
    starts = np.flatnonzero(np.diff(strong, prepend=-1))
    for start, stop in pairwise([*starts, len(strong)]):
        if stays[strong[start]]:
            stays[weak[start:stop]] = False
    kept = found[stays]
    return Blobs(kept[:, :2], kept[:, 2], kept[:, 3])


def _covering(
    points: npt.NDArray[np.float64], radii: npt.NDArray[np.float64], overlap: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pairs of discs that cover too much of the smaller: the earlier ones, sorted, and the later.

    Size by size, so that large discs do not make small ones look far for their neighbours.
    """
    sizes = [np.flatnonzero(radii == radius) for radius in np.unique(radii)]
    trees = [cKDTree(points[members]) for members in sizes]
    pairs = [np.empty((0, 2), np.intp)]
    for one, other in combinations_with_replacement(range(len(sizes)), 2):
        small, large = radii[sizes[one][0]], radii[sizes[other][0]]
        # more than half is covered only if the centre is
        reach = large if overlap >= 0.5 else small + large
        near = trees[one].sparse_distance_matrix(trees[other], reach, output_type="ndarray")
        near = near[_covered(near["v"], small, large) > overlap]
        pairs.append(np.column_stack([sizes[one][near["i"]], sizes[other][near["j"]]]))
    both = np.sort(np.concatenate(pairs), axis=1)
    both = both[both[:, 0] < both[:, 1]]
    both = both[np.argsort(both[:, 0], kind="stable")]
    return both[:, 0], both[:, 1]


def _covered(
    distance: npt.NDArray[np.float64], small: float, large: float
) -> npt.NDArray[np.float64]:
    """The share of a disc that another, not smaller, covers: a lens of two segments."""
    d = np.clip(distance, max(large - small, 1e-9), small + large)
    x, y = (d**2 + small**2 - large**2) / (2 * d), (d**2 - small**2 + large**2) / (2 * d)
    lens = small**2 * np.arccos(np.clip(x / small, -1, 1))
    lens += large**2 * np.arccos(np.clip(y / large, -1, 1))
    lens -= d * np.sqrt(np.maximum(small**2 - x**2, 0))
    lens[distance >= (small + large) * (1 - 1e-12)] = 0  # they touch, whatever the last bit says
    return lens / (np.pi * small**2)
