"""The map that most pairs of points agree on, where some of the pairs are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.geometry.consensus import (
    affine_maps,
    epipolar_errors,
    fundamental_matrices,
    homographies,
    nearer,
    rigid_maps,
    similarities,
    transfer_errors,
)
from imgkit.geometry.points import Matrix, Points, as_matches
from imgkit.geometry.transforms import affine, fundamental, scaled, similarity
from imgkit.images import (
    require_choice,
    require_number,
    require_positive,
    require_seed,
    require_whole,
)

Model = Literal["homography", "affine", "similarity", "rigid", "fundamental"]
Errors = npt.NDArray[np.float64]  # squared distances; NaN where there is none

FIRST = 32  # samples of the first batch
AT_ONCE = 1 << 16  # distances in a batch: half a megabyte, which stays in the cache
ROUNDS = 20  # of fitting to those that agree, and asking anew who agrees, at most


class Consensus(NamedTuple):
    """What most pairs agree on, and which pairs do."""

    matrix: Matrix
    "float64 (3, 3), source to target"
    inliers: npt.NDArray[np.bool_]
    "(N,): the pairs that the matrix is right about, to within the tolerance"


@dataclass(frozen=True)
class _Family:
    least: int
    "pairs that settle a map"
    maps: Callable[[Errors, Errors], Errors]
    "(B, least, 2) source and target -> (n, 3, 3), one map for each sample that settles one"
    errors: Callable[[Errors, Points, Points], Errors]
    "(B, 3, 3), source, target -> (B, N) squared distances"
    fit: Callable[[Matrix, Points, Points], Matrix]
    "a map that is near, source, target -> one with smaller squared distances, or the smallest"


FAMILIES = {
    "homography": _Family(4, homographies, transfer_errors, nearer),
    "affine": _Family(3, affine_maps, transfer_errors, lambda _, p, q: affine(p, q)),
    "similarity": _Family(2, similarities, transfer_errors, lambda _, p, q: similarity(p, q)),
    "rigid": _Family(2, rigid_maps, transfer_errors, lambda _, p, q: similarity(p, q, scale=False)),
    "fundamental": _Family(
        8, fundamental_matrices, epipolar_errors, lambda _, p, q: fundamental(p, q)
    ),
}


@routine(float32=1e-6, float64=1e-6, uint8=0, tensor=False)
def ransac(
    model: Model,
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    tolerance: float = 3.0,
    confidence: float = 0.999,
    iterations: int = 10_000,
    seed: int | np.random.Generator = 0,
) -> Consensus:
    """The map that most pairs of points agree on, though some pairs are wrong: random consensus.

    Few pairs settle a map. Draw so many at random, ask all others whether they agree, and keep the
    map with which most do; one wrong pair in the draw spoils it, but some draw will have none. Then
    fit the map to all that agree, and ask again.

    Parameters
    ----------
    model : "homography", "affine", "similarity", "rigid" (a similarity that keeps distances), or
        "fundamental"
    source : (N, 2), rows and columns
    target : (N, 2), where each of them is perhaps seen in the other image
    tolerance : how far in pixels a pair may be off and still agree, > 0
    confidence : chance that a draw without a wrong pair was among those tried, 0 < confidence < 1;
        draws end when it is reached
    iterations : draws at most
    seed : of the draws, or a NumPy generator

    Returns
    -------
    Consensus : ``matrix``, float64 (3, 3) as :func:`homography`, :func:`affine`, :func:`similarity`
        and :func:`fundamental` give it, and ``inliers``, bool (N,); a tuple of the two as well.

    Raises
    ------
    TypeError
        If points are no real numbers, or an option is of another type.
    ValueError
        If pairs are too few, or no draw settles a map because points lie on a line; if an option is
        out of range.

    Notes
    -----
    How far a pair is off: the distance in the target between its point and where the map takes the
    source; for a fundamental matrix Sampson's distance to the line. A draw for a homography is
    refused before it is tried if it would turn a triangle over, which no camera does. Among maps
    the one with the least sum of squared distances wins, each at most the tolerance squared; so
    near agreement counts more than just enough.

    Unrelated images agree by chance too. Brown and Lowe trust two images if more than
    ``8 + 0.3 N`` of N pairs agree.

    The draws are solved and asked in batches, in NumPy; the last fit of a homography minimises the
    distance itself, not the algebraic error. Same seed, same answer.

    References
    ----------
    Fischler and Bolles, Random sample consensus, Communications of the ACM, 1981. Torr and
    Zisserman, MLESAC, Computer Vision and Image Understanding, 2000. Chum, Matas and Kittler,
    Locally optimized RANSAC, DAGM, 2003. Hartley and Zisserman, Multiple View Geometry, 2nd ed.,
    section 4.7.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> source = rng.uniform(0, 100, (40, 2))
    >>> target = source @ [[0, -1], [1, 0]] + (5, 100)  # a quarter turn
    >>> target[:15] = rng.uniform(0, 100, (15, 2))  # these are wrong
    >>> matrix, inliers = ransac("similarity", source, target, tolerance=1)
    >>> matrix.round(3) + 0
    array([[  0.,   1.,   5.],
           [ -1.,   0., 100.],
           [  0.,   0.,   1.]])
    >>> inliers.sum()
    np.int64(25)
    """
    require_choice(FAMILIES, model=model)
    family = FAMILIES[model]
    source, target = as_matches(source, target, least=family.least, what=f"ransac of {model!r}")
    require_positive(tolerance=tolerance)
    require_number(confidence=confidence)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence!r}")
    require_whole(1, iterations=iterations)
    rng = require_seed(seed)
    # one unit for both, about 1 in size, in which equations keep their digits
    (p, to_p), (q, to_q), unit = _about_one(source, target)
    limit = (tolerance * unit) ** 2
    matrix, errors = _search(family, p, q, limit, confidence, int(iterations), rng)
    if matrix is None:
        raise ValueError(
            f"no {model} in {iterations} draws: points lie on a line, or are the same, or hardly "
            "any four keep their order"
        )
    if model == "fundamental":
        matrix = to_q.T @ matrix @ to_p
        matrix /= np.linalg.norm(matrix)
    else:
        matrix = scaled(np.linalg.inv(to_q) @ matrix @ to_p)
    return Consensus(matrix, errors <= limit)


def _about_one(
    source: Points, target: Points
) -> tuple[tuple[Points, Matrix], tuple[Points, Matrix], float]:
    """Both sets about 0 and of size 1, and the matrices that do it; and the unit.

    By medians, which no wild point moves.
    """
    both = np.stack([source, target])  # (2, N, 2)
    middles = np.median(both, axis=1)
    p, q = both - middles[:, None]
    size = np.median(np.abs([p, q]), axis=(1, 2)).max()
    unit = 1 / size if size > 1e-30 else 1.0
    moves = (
        np.array([[unit, 0, -unit * row], [0, unit, -unit * column], [0, 0, 1]])
        for row, column in middles
    )
    return (p * unit, next(moves)), (q * unit, next(moves)), unit


def _search(
    family: _Family,
    p: Points,
    q: Points,
    limit: float,
    confidence: float,
    iterations: int,
    rng: np.random.Generator,
) -> tuple[Matrix | None, Errors]:
    """The best map of the draws, refined whenever a better one is found, and its errors."""
    best, least, lowest = None, np.empty(0), np.inf
    tried, needed, batch = 0, iterations, FIRST
    while tried < needed:
        batch = min(batch, needed - tried)
        tried += batch
        rows = _draws(len(p), family.least, batch, rng)
        maps = family.maps(p[rows], q[rows])
        batch = max(FIRST, AT_ONCE // len(p))
        if not len(maps):
            continue
        errors = family.errors(maps, p, q)
        costs = np.fmin(errors, limit).sum(axis=1)
        first = costs.argmin()
        if not costs[first] < lowest:
            continue
        best, least, lowest = _refined(family, maps[first], errors[first], p, q, limit)
        share = np.count_nonzero(least <= limit) / len(p)
        needed = min(iterations, _needed(share**family.least, confidence))
    return best, least


def _needed(chance: float, confidence: float) -> int:
    """Draws until one of this chance has come with this confidence."""
    if chance >= 1:
        return 1
    with np.errstate(divide="ignore"):
        return int(min(np.ceil(np.log1p(-confidence) / np.log1p(-chance)), 1e18))


def _draws(count: int, least: int, batch: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """(batch, least) rows out of ``count``, different ones in each draw, by Floyd's method."""
    rows = np.empty((batch, least), np.int64)
    for i, last in enumerate(range(count - least, count)):
        drawn = rng.integers(0, last + 1, batch)
        taken = (rows[:, :i] == drawn[:, None]).any(axis=1)
        rows[:, i] = np.where(taken, last, drawn)
    return rows


def _refined(
    family: _Family, matrix: Matrix, errors: Errors, p: Points, q: Points, limit: float
) -> tuple[Matrix, Errors, float]:
    """Fit to those that agree, ask anew who agrees, as long as the cost falls."""
    cost = np.fmin(errors, limit).sum()
    for _ in range(ROUNDS):
        agree = errors <= limit
        if np.count_nonzero(agree) <= family.least:
            break  # the draw itself
        try:
            fitted = family.fit(matrix, p[agree], q[agree])
        except ValueError:  # on a line, say: the draw is as good as it gets
            break
        found = family.errors(fitted[None], p, q)[0]
        lower = np.fmin(found, limit).sum()
        if not lower < cost:
            break
        done = lower > cost * (1 - 1e-8)
        matrix, errors, cost = fitted, found, lower
        if done:
            break
    return matrix, errors, cost
