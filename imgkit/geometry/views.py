"""Which images overlap, and where each lies in the view of one of them.

What :func:`imgkit.geometry.panorama` does before it touches a pixel. A **pair** is two images and
the points that they share; images are known by their place in the list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.color.grey import to_gray
from imgkit.geometry.points import Matrix, Points
from imgkit.geometry.ransac import ransac
from imgkit.geometry.transforms import scaled, transform_points
from imgkit.images import Image, as_uint8

if TYPE_CHECKING:
    from imgkit.features import Keypoints

KEYPOINTS = 3000  # of each image, at most
CONTRAST = 0.02  # half of SIFT's usual: faint keypoints are worth having where RANSAC follows
PIXELS = 1_500_000  # that keypoints are looked for in; a larger image is made smaller for it
TOLERANCE = 3.0  # pixels of the smaller image
SHARED = 200  # points of a pair that the adjustment looks at
NO_TURN = 1e-4  # squared angle, of a camera whose focal length is the larger side
STEPS = 20  # of Gauss and Newton, at most


@dataclass(frozen=True, eq=False)
class Pair:
    """Two images that show the same, and the points that say so."""

    first: int
    second: int
    matrix: Matrix
    "from the first to the second"
    points: tuple[Points, Points]
    "(N, 2) in the first, and where they are in the second"


def arrange(
    images: list[Image], *, reference: int | None, rng: np.random.Generator
) -> tuple[int, list[Matrix], list[Pair]]:
    """The image whose view all are brought to, a matrix for each that does it, and the pairs.

    Each image goes to the reference along the pairs that share most; then all matrices are moved
    together until the shared points of all pairs fall together as well as they can.
    """
    pairs = find_pairs(images, rng)
    neighbours = _tree(len(images), pairs)
    if reference is None:
        reference = _middle(neighbours)
    chained = _chained(reference, neighbours, len(images))
    return reference, _adjusted(chained, pairs, reference, images[reference].shape), pairs


def find_pairs(images: list[Image], rng: np.random.Generator) -> list[Pair]:
    """Every two images against each other: their SIFT keypoints, matched, and RANSAC.

    Two images are a pair if more than ``8 + 0.3 N`` of N matches agree on a homography: by chance
    that hardly happens (Brown and Lowe, 2007).
    """
    from imgkit import features  # here, for features resizes its images by geometry

    found = [_keypoints(image) for image in images]
    pairs, agreeing = [], np.zeros((len(images), len(images)), int)
    wanted = np.zeros_like(agreeing)
    for i, j in combinations(range(len(images)), 2):
        (a, scale_a), (b, scale_b) = found[i], found[j]
        rows = features.match(a.descriptors, b.descriptors)
        p, q = a.points[rows[:, 0]], b.points[rows[:, 1]]
        wanted[i, j] = wanted[j, i] = np.floor(8 + 0.3 * len(rows)) + 1
        tolerance = TOLERANCE * max(scale_a, scale_b)
        try:
            matrix, inliers = ransac("homography", p, q, tolerance=tolerance, seed=rng)
        except ValueError:  # too few, or all on a line
            continue
        p, q = p[inliers], q[inliers]
        agreeing[i, j] = agreeing[j, i] = len(p)
        ahead = (p @ matrix[2, :2] + matrix[2, 2]).mean()
        mirrored = ahead * np.linalg.det(matrix) < 0
        if len(p) >= wanted[i, j] and not mirrored:
            pairs.append(Pair(i, j, matrix, (p, q)))
    _require_connected(len(images), pairs, agreeing, wanted)
    return pairs


def _keypoints(image: Image) -> tuple[Keypoints, float]:
    """Keypoints in the image's own pixels, and how much smaller it was made to find them."""
    from imgkit import features

    gray = as_uint8(to_gray(image))
    scale = max(1.0, (gray.size / PIXELS) ** 0.5)
    if scale == 1:
        return features.sift(gray, count=KEYPOINTS, contrast=CONTRAST), scale
    h, w = (max(1, round(n / scale)) for n in gray.shape)
    small = cv2.resize(gray, (w, h), interpolation=cv2.INTER_AREA)
    found = features.sift(small, count=KEYPOINTS, contrast=CONTRAST)
    ratio = np.array(gray.shape) / small.shape
    points = (found.points + 0.5) * ratio - 0.5
    return replace(found, points=points), scale


def _require_connected(
    count: int, pairs: list[Pair], agreeing: npt.NDArray[np.int_], wanted: npt.NDArray[np.int_]
) -> None:
    """Refuse images that do not hang together, and say where they came nearest to it."""
    group = np.arange(count)
    for pair in pairs:
        group[group == group[pair.second]] = group[pair.first]
    largest = group == np.bincount(group).argmax()
    if largest.all():
        return
    inside, outside = np.flatnonzero(largest), np.flatnonzero(~largest)
    nearest = agreeing[np.ix_(inside, outside)]
    i, j = np.unravel_index(nearest.argmax(), nearest.shape)
    i, j = inside[i], outside[j]
    others = ", ".join(f"images[{k}]" for k in outside)
    raise ValueError(
        f"{others} cannot be joined to the rest: the best pair is images[{i}] and images[{j}], "
        f"where {agreeing[i, j]} matches agree and {wanted[i, j]} are needed; neighbours have to "
        "share about a third of their view, with detail in it"
    )


def _tree(count: int, pairs: list[Pair]) -> dict[int, list[tuple[int, Pair]]]:
    """For each image its neighbours in the tree of the pairs that share most, by Kruskal's rule."""
    neighbours: dict[int, list[tuple[int, Pair]]] = {k: [] for k in range(count)}
    group = list(range(count))
    for pair in sorted(pairs, key=lambda pair: -len(pair.points[0])):
        a, b = group[pair.first], group[pair.second]
        if a != b:
            group = [a if g == b else g for g in group]
            neighbours[pair.first].append((pair.second, pair))
            neighbours[pair.second].append((pair.first, pair))
    return neighbours


def _order(root: int, neighbours: dict[int, list[tuple[int, Pair]]]) -> list[tuple[int, int, Pair]]:
    """(image, its parent, their pair), parents first."""
    found, seen = [], {root}
    waiting = [root]
    for parent in waiting:
        for image, pair in neighbours[parent]:
            if image not in seen:
                seen.add(image)
                waiting.append(image)
                found.append((image, parent, pair))
    return found


def _middle(neighbours: dict[int, list[tuple[int, Pair]]]) -> int:
    """The image from which the farthest of the others is the fewest steps away."""

    def reach(root: int) -> int:
        steps = {root: 0}
        for image, parent, _ in _order(root, neighbours):
            steps[image] = steps[parent] + 1
        return max(steps.values())

    return min(neighbours, key=reach)


def _chained(root: int, neighbours: dict[int, list[tuple[int, Pair]]], count: int) -> list[Matrix]:
    """From each image to the root, from neighbour to neighbour."""
    matrices = [np.eye(3)] * count
    for image, parent, pair in _order(root, neighbours):
        step = pair.matrix if pair.first == image else np.linalg.inv(pair.matrix)
        step = step / np.cbrt(np.linalg.det(step))  # so that w > 0 is in front of every camera
        matrices[image] = matrices[parent] @ step
    return matrices


def _adjusted(
    matrices: list[Matrix], pairs: list[Pair], fixed: int, shape: tuple[int, ...]
) -> list[Matrix]:
    """All matrices together, so that shared points fall together: bundle adjustment.

    Image i's matrix becomes ``H_i (I + D_i)``. A point p of image i lies in image j at
    ``x = H_j⁻¹ H_i p``, and to first order moves by ``H_j⁻¹ H_i D_i p - D_j x``: linear in the
    eight numbers of each D. Gauss-Newton steps on the squared distances in pixels, as long as they
    fall.
    """
    if len(pairs) < len(matrices):  # a tree: each pair's own homography is the best there is
        return matrices
    unit = 2 / max(shape[:2])
    own = np.array([[unit, 0, -1], [0, unit, -1], [0, 0, 1]])  # pixels to about -1..1
    back = np.linalg.inv(own)
    shared = [tuple(_spread(x) for x in pair.points) for pair in pairs]
    points = [tuple(transform_points(x, own) for x in both) for both in shared]
    lowest, best = np.inf, matrices
    current = [own @ matrix @ back for matrix in matrices]
    free = [k for k in range(len(matrices)) if k != fixed]
    place = {k: slice(8 * n, 8 * n + 8) for n, k in enumerate(free)}
    for _ in range(STEPS):
        normal, right, cost = np.zeros((8 * len(free),) * 2), np.zeros(8 * len(free)), 0.0
        for pair, (p, q) in zip(pairs, points, strict=True):
            between = np.linalg.solve(current[pair.second], current[pair.first])
            away, slopes = _residuals(between, p, q)
            cost += away @ away
            blocks = [
                (place[k], part)
                for k, part in zip((pair.first, pair.second), slopes, strict=True)
                if k != fixed
            ]
            for rows, a in blocks:
                right[rows] -= a.T @ away
                for columns, b in blocks:
                    normal[rows, columns] += a.T @ b
        if not cost < lowest * (1 - 1e-6):
            break
        lowest, best = cost, [back @ matrix @ own for matrix in current]
        step = np.linalg.lstsq(normal, right, rcond=1e-12)[0]
        current = list(current)
        for k in free:
            change = np.append(step[place[k]], 0).reshape(3, 3)
            current[k] = current[k] @ (np.eye(3) + change)
    return best


def _residuals(
    between: Matrix, p: Points, q: Points
) -> tuple[npt.NDArray[np.float64], tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """How far p is from q in the second image, (2 N,), and how D of either image moves it."""
    p = np.column_stack([p, np.ones(len(p))])
    x = p @ between.T  # (N, 3)
    place = x[:, :2] / x[:, 2:]
    # of a projection: how row and column move with x
    slope = np.zeros((len(p), 2, 3))
    slope[:, 0, 0] = slope[:, 1, 1] = 1 / x[:, 2]
    slope[:, :, 2] = -place / x[:, 2:]
    first = (slope @ between)[..., None] * p[:, None, None]  # (N, 2, 3, 3)
    second = -slope[..., None] * x[:, None, None]
    parts = tuple(part.reshape(-1, 9)[:, :8] for part in (first, second))
    return (place - q).ravel(), parts


def _spread(points: Points) -> Points:
    return points[:: max(1, len(points) // SHARED)]


def focal_length(pairs: list[Pair], shapes: list[tuple[int, ...]]) -> float:
    """In pixels, from homographies of a camera that only turned; the larger side if they say none.

    Of such a camera ``H = K R K⁻¹``: the columns of R are at right angles and equally long, which
    gives two equations for the square of the focal length in K. The more H makes lines meet, the
    more they say; that is their weight.
    """
    found = []
    for pair in pairs:
        middles = [(np.array(shapes[k][:2]) - 1) / 2 for k in (pair.first, pair.second)]
        for matrix, (start, end) in (
            (pair.matrix, middles),
            (np.linalg.inv(pair.matrix), middles[::-1]),
        ):
            there, back = np.eye(3), np.eye(3)
            there[:2, 2], back[:2, 2] = start, -end
            h = scaled(back @ matrix @ there)
            u, v = h[:, 0], h[:, 1]
            square = -(u[:2] @ v[:2]) / (u[2] * v[2] or np.inf)  # at right angles
            equal = (u[:2] @ u[:2] - v[:2] @ v[:2]) / (v[2] ** 2 - u[2] ** 2 or np.inf)
            found += [(square, abs(u[2] * v[2])), (equal, abs(v[2] ** 2 - u[2] ** 2))]
    fallback = float(max(max(shape[:2]) for shape in shapes))
    least = NO_TURN / fallback**2
    told = sorted(one for one in found if one[0] > 0 and one[1] > least)
    if not told:
        return fallback
    squares, weights = np.array(told).T
    share = weights.cumsum() / weights.sum()
    middle = squares[np.searchsorted(share, 0.5)] ** 0.5  # the weighted median
    return float(np.clip(middle, fallback / 4, fallback * 10))
