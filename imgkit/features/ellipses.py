"""Ellipses in a mask of edges: five pixels propose one, all others vote for it or not."""

from __future__ import annotations  # help() says Mask, not what it stands for

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.features.hough import require_edges
from imgkit.images import Mask, require_number, require_seed, require_whole

PROBES = 64  # places on a proposed ellipse that are looked at
BEST = 5  # proposals of a round that are worth a closer look
NEAR = 1.5  # pixels: what lies as close to an ellipse is on it
ENOUGH = 20_000  # pixels for a fit
FITS = 4  # rounds of least squares, each with what is near the last ellipse
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ellipses:
    """Ellipses, the one of which most is seen first."""

    centres: Array
    "(N, 2) row and column"
    axes: Array
    "(N, 2) half of the longer and of the shorter diameter, in pixels"
    angles: Array
    "(N,) of the longer axis, radians in -pi/2..pi/2: 0 points right, pi/2 down"
    support: Array
    "(N,) the share of the way around that runs beside a pixel of the mask, 0..1"

    def __len__(self) -> int:
        return len(self.angles)


@routine(float32=0, float64=0, uint8=0, tensor=False)
def hough_ellipses(
    mask: Mask,
    *,
    axes: tuple[float, float] | None = None,
    threshold: float = 0.6,
    count: int = 10,
    trials: int = 20_000,
    seed: int | np.random.Generator = 0,
) -> Ellipses:
    """The ellipses of which most lies in a mask, whatever their place, size and angle.

    An ellipse has five unknowns, too many for a table of votes. So five pixels are drawn by chance,
    half of the time from edges that hang together, and the ellipse through them is tried: how much
    of the way around runs beside a pixel of the mask? Of ``trials`` such the best are fitted to all
    pixels near them. The best of these is taken, its pixels are taken out, and so on.

    Parameters
    ----------
    mask : bool (H, W): edges, from :func:`canny` say
    axes : the least and the greatest half axis that counts, in pixels; if not given 4 and half of
        the longer side of the mask
    threshold : the least share of the way around that has to be seen, above 0 up to 1
    count : the most ellipses wanted, 0..1000
    trials : draws for each ellipse, 1..1000000. One in a few hundred has to hit five pixels of the
        same: more for pictures full of other edges.
    seed : of the draws, or a NumPy generator; the same seed gives the same ellipses

    Returns
    -------
    Ellipses by falling support: ``centres`` (N, 2), ``axes`` (N, 2), ``angles`` and ``support``
    (N,).

    Raises
    ------
    ValueError
        If a number is out of range, or mask is not (H, W).
    TypeError
        If mask is not bool, or a number is none.

    Notes
    -----
    Least squares on Sampson's distance, within about 0.3 pixels of an ellipse drawn to whole
    pixels. scikit-image's ``hough_ellipse`` tries every two pixels as the ends of the longer axis
    and lets each third one vote, which takes minutes for a thousand pixels, and finds axes in whole
    steps.

    References
    ----------
    Xu, Oja and Kultanen, A new curve detection method: randomized Hough transform, Pattern
    Recognition Letters 11, 1990. McLaughlin, Randomized Hough transform: improved ellipse detection
    with comparison, Pattern Recognition Letters 19, 1998. Sampson, Fitting conic sections to very
    scattered data, Computer Graphics and Image Processing 18, 1982.

    Examples
    --------
    >>> import cv2
    >>> picture = cv2.ellipse(np.zeros((80, 120), np.uint8), (70, 40), (40, 20), 30, 0, 360, 1)
    >>> found = hough_ellipses(picture > 0)
    >>> found.centres.round(), found.axes.round(), np.degrees(found.angles).round()
    (array([[40., 70.]]), array([[40., 20.]]), array([30.]))
    """
    require_edges(mask)
    limits = _require_axes(axes, mask.shape)
    require_number(threshold=threshold)
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be a share above 0 up to 1, got {threshold!r}")
    require_whole(0, 1000, count=count)
    require_whole(1, 1_000_000, trials=trials)
    rng = require_seed(seed)
    left, found = mask.copy(), []  # (support, conic)
    while len(found) < count:
        best = _best(left, limits, trials, rng)
        if best is None or best[0] < threshold:
            break
        found.append(best)
        points = np.argwhere(left)
        gone = points[_distance(points[None], best[1]) < NEAR + 1]
        left[tuple(gone.T)] = False
    found.sort(key=lambda one: -one[0])
    return _as_ellipses(found)


def _require_axes(axes: tuple[float, float] | None, shape: tuple[int, int]) -> tuple[float, float]:
    if axes is None:
        return 4.0, max(4.0, max(shape) / 2)
    if not isinstance(axes, tuple | list) or len(axes) != 2:
        raise TypeError(f"axes must be (least, greatest) in pixels, got {axes!r}")
    low, high = axes
    require_number(axes=low)
    require_number(axes=high)
    if not 1 <= low <= high:
        raise ValueError(f"axes must be 1 <= least <= greatest, got {axes!r}")
    return float(low), float(high)


def _best(
    mask: Mask, limits: tuple[float, float], trials: int, rng: np.random.Generator
) -> tuple[float, Array] | None:
    """The ellipse of which most is seen, among those that five pixels propose: support, conic."""
    points, groups = _grouped(mask)
    if len(points) < 5:
        return None
    draws = points[_draws(groups, trials, rng)]  # (trials, 5, 2)
    narrow = np.ptp(draws, axis=1).max(axis=1) <= 2 * limits[1] + 2
    draws = draws[narrow] + rng.normal(0, 1e-6, draws[narrow].shape)  # never quite in a line
    conics = _sized(_through(draws), limits)
    seen = cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
    order = np.argsort(-_support(seen, conics, PROBES), kind="stable")[:BEST]
    fitted = _sized(
        np.concatenate([conics[:0], *(_fitted(points, conics[i]) for i in order)]), limits
    )
    if not len(fitted):
        return None
    around = int(2 * np.pi * limits[1]) + 1
    support = _support(seen, fitted, min(around, 2000))
    return float(support.max()), fitted[support.argmax()]


def _grouped(mask: Mask) -> tuple[Array, Array]:
    """The pixels (N, 2), those that hang together side by side, and each one's (first, size)."""
    labels = cv2.connectedComponents(mask.view(np.uint8))[1]
    points = np.argwhere(mask)
    number = labels[tuple(points.T)]
    order = np.argsort(number, kind="stable")
    _, first, place, size = np.unique(
        number[order], return_index=True, return_inverse=True, return_counts=True
    )
    return points[order].astype(np.float64), np.stack([first, size], axis=1)[place]


def _draws(groups: Array, trials: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Which five pixels each trial takes, (trials, 5); every other trial of one group."""
    count = len(groups)
    chosen = rng.integers(0, count, (trials, 5))
    first, size = groups[chosen[::2, 0]].T
    chosen[::2] = first[:, None] + (rng.random((len(first), 5)) * size[:, None]).astype(np.int64)
    return chosen


# --- conics: a, b, d, e, f of a c² + b c r + (1 - a) r² + d c + e r + f = 0, row r and column c ---


def _through(points: Array) -> Array:
    """The conics (K, 5) through five points each, (K, 5, 2)."""
    middle = points.mean(axis=1, keepdims=True)
    terms, value = _terms(points - middle)
    return _moved(np.linalg.solve(terms, value[..., None])[..., 0], middle[:, 0])


def _fitted(points: Array, conic: Array) -> Array:
    """The conic (1, 5) that fits best to the pixels near one; none if these are too few."""
    centres, axes, _ = _geometry(conic[None])
    points = points[(np.abs(points - centres) <= axes[:, :1] + 2 * NEAR).all(axis=1)]
    points = points[:: 1 + len(points) // ENOUGH]
    for _ in range(FITS):
        near = points[_distance(points[None], conic) < NEAR]
        if len(near) < 6:
            return np.empty((0, 5))
        middle = near.mean(axis=0)
        terms, value = _terms(near - middle)
        weight = 1 / np.maximum(_gradient(near[None], conic), 1e-9)
        solved = np.linalg.lstsq(terms * weight[:, None], value * weight, rcond=None)[0]
        conic = _moved(solved[None], middle[None])[0]
    return conic[None]


def _terms(points: Array) -> tuple[Array, Array]:
    """What is multiplied by the five unknowns, and what has to come out."""
    r, c = points[..., 0], points[..., 1]
    return np.stack([c * c - r * r, c * r, c, r, np.ones_like(r)], axis=-1), -r * r


def _moved(conics: Array, by: Array) -> Array:
    """Conics (K, 5) about the points ``by`` (K, 2) as conics about (0, 0)."""
    (a, b, d, e, f), (r, c) = conics.T, by.T
    moved_d = d - 2 * a * c - b * r
    moved_e = e - 2 * (1 - a) * r - b * c
    moved_f = f + a * c * c + b * c * r + (1 - a) * r * r - d * c - e * r
    return np.stack([a, b, moved_d, moved_e, moved_f], axis=1)


def _distance(points: Array, conic: Array) -> Array:
    """About how far points (1, N, 2) are from a conic: its value over its slope."""
    terms, value = _terms(points[0])
    return np.abs(terms @ conic - value) / np.maximum(_gradient(points, conic), 1e-9)


def _gradient(points: Array, conic: Array) -> Array:
    a, b, d, e, _ = conic
    r, c = points[0].T
    return np.hypot(2 * a * c + b * r + d, b * c + 2 * (1 - a) * r + e)


def _geometry(conics: Array) -> tuple[Array, Array, Array]:
    """Centres (K, 2), half axes (K, 2), angles (K,); NaN for what is no ellipse."""
    a, b, d, e, f = conics.T
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        area = 4 * a * (1 - a) - b * b  # above 0 for an ellipse
        column, row = (b * e - 2 * (1 - a) * d) / area, (b * d - 2 * a * e) / area
        depth = -(f + (d * column + e * row) / 2)
        spread = np.hypot(2 * a - 1, b)  # the eigenvalues are (1 ± spread) / 2
        flat = area / (2 * (1 + spread))  # the smaller one, by the product of both
        longer, shorter = np.sqrt(depth / flat), np.sqrt(2 * depth / (1 + spread))
    angle = np.arctan2(b, 2 * a - 1) / 2 + np.pi / 2
    angle = np.where(angle > np.pi / 2, angle - np.pi, angle)
    centres, axes = np.stack([row, column], axis=1), np.stack([longer, shorter], axis=1)
    axes[~(area > 0)] = np.nan
    return centres, axes, angle


def _sized(conics: Array, limits: tuple[float, float]) -> Array:
    """The ellipses among conics whose axes are within limits."""
    _, axes, _ = _geometry(conics)
    return conics[(axes[:, 1] >= limits[0]) & (axes[:, 0] <= limits[1])]


def _support(seen: Mask, conics: Array, probes: int) -> Array:
    """The share of places around each ellipse that are seen; (K,)."""
    centres, axes, angles = (part[..., None] for part in _geometry(conics))
    turn = (np.arange(probes) + 0.5) * (2 * np.pi / probes)
    along, across = axes[:, 0] * np.cos(turn), axes[:, 1] * np.sin(turn)  # (K, probes)
    rows = centres[:, 0] + along * np.sin(angles) + across * np.cos(angles)
    columns = centres[:, 1] + along * np.cos(angles) - across * np.sin(angles)
    rows, columns = np.rint(rows).astype(np.int64), np.rint(columns).astype(np.int64)
    (h, w), inside = seen.shape, (rows >= 0) & (columns >= 0)
    inside &= (rows < h) & (columns < w)
    hit = np.zeros(rows.shape, bool)
    hit[inside] = seen[rows[inside], columns[inside]]
    pace = np.hypot(axes[:, 0] * np.sin(turn), axes[:, 1] * np.cos(turn))  # way from probe to probe
    return (hit * pace).sum(axis=1) / np.maximum(pace.sum(axis=1), 1e-9)


def _as_ellipses(found: list[tuple[float, Array]]) -> Ellipses:
    centres, axes, angles = _geometry(np.array([conic for _, conic in found]).reshape(-1, 5))
    return Ellipses(centres, axes, angles, np.array([support for support, _ in found]))
