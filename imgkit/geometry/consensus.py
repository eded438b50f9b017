"""Many small problems at once: maps from few pairs, and how far all pairs are off them.

What :func:`imgkit.geometry.ransac` does in its innermost loop. B draws at a time; points are about
0 and of size 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgkit.geometry.points import Matrix, Points

Arrays = npt.NDArray[np.float64]

THIN = 1e-9  # an area this small is a line


def homographies(p: Arrays, q: Arrays) -> Arrays:
    """From four pairs each: (B, 4, 2) twice -> (n, 3, 3), without draws that no camera could see.

    The fourth point is a sum of the other three with weights; a homography takes the three to the
    three, each times the ratio of its weights in target and source. A ratio below 0 means that a
    triangle is turned over.
    """
    (sides, p_weights), (_, q_weights) = _triangle(p), _triangle(q)
    p_area, q_area = p_weights.sum(axis=1), q_weights.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratios = q_weights / p_weights * (p_area / q_area)[:, None]
    thin = np.minimum(np.abs(p_weights), np.abs(q_weights)).min(axis=1) < THIN
    good = (ratios > 0).all(axis=1) & ~thin & (np.abs(p_area) > THIN) & (np.abs(q_area) > THIN)
    corners = _homogeneous(q[good, :3]) * ratios[good][:, :, None]
    return corners.transpose(0, 2, 1) @ (sides[good] / p_area[good][:, None, None])


def affine_maps(p: Arrays, q: Arrays) -> Arrays:
    """From three pairs each: (B, 3, 2) twice -> (n, 3, 3)."""
    sides, _ = _triangle(p)
    areas = (sides[:, 0] * _homogeneous(p[:, 0])).sum(axis=1)
    good = np.abs(areas) > THIN
    corners = _homogeneous(q[good])
    return corners.transpose(0, 2, 1) @ (sides[good] / areas[good][:, None, None])


def similarities(p: Arrays, q: Arrays) -> Arrays:
    """From two pairs each: (B, 2, 2) twice -> (n, 3, 3)."""
    a, b, good = _sticks(p, q)
    return _turned(b / a, p[good], q[good])


def rigid_maps(p: Arrays, q: Arrays) -> Arrays:
    """From two pairs each: (B, 2, 2) twice -> (n, 3, 3), whose distances stay."""
    a, b, good = _sticks(p, q)
    turn = b / a
    return _turned(turn / np.abs(turn), p[good], q[good])


def fundamental_matrices(p: Arrays, q: Arrays) -> Arrays:
    """From eight pairs each: (B, 8, 2) twice -> (n, 3, 3), of full rank."""
    equations = _homogeneous(q)[..., None] * _homogeneous(p)[..., None, :]
    columns = equations.reshape(len(p), 8, 9).transpose(0, 2, 1)
    turns, triangles = np.linalg.qr(columns, mode="complete")
    independent = np.abs(np.diagonal(triangles, axis1=1, axis2=2)).min(axis=1) > THIN
    return turns[independent, :, 8].reshape(-1, 3, 3)


def transfer_errors(maps: Arrays, p: Points, q: Points) -> Arrays:
    """(B, N) squared distances in the target between q and where the maps take p."""
    row, column, depth = _products(maps, p)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        np.divide(1, depth, out=depth)
        for place, wanted in ((row, q[:, 0]), (column, q[:, 1])):
            place *= depth
            place -= wanted
            place *= place
        row += column
    return row


def epipolar_errors(maps: Arrays, p: Points, q: Points) -> Arrays:
    """(B, N) squared Sampson distances: to first order, how far both points are to be moved."""
    a, b, c = _products(maps, p)  # a line in the target for each point of the source
    u, v, _ = _products(maps.transpose(0, 2, 1), q)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return (a * q[:, 0] + b * q[:, 1] + c) ** 2 / (a * a + b * b + u * u + v * v)


def nearer(matrix: Matrix, p: Points, q: Points) -> Matrix:
    """A homography one step of Gauss and Newton on, to the least sum of squared distances.

    With s = (row, column, 1) / w of a point of p, and t the first two of s, the place of the point
    moves with the matrix's eight numbers by (s, 0, -row' t) and (0, s, -column' t).
    """
    matrix, normal, ones = matrix / matrix[2, 2], np.zeros((8, 8)), _homogeneous(p)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        moved = ones @ matrix.T
        s, place = ones / moved[:, 2:], moved[:, :2] / moved[:, 2:]
        t, away = s[:, :2], q - place
        normal[:3, :3] = normal[3:6, 3:6] = s.T @ s
        normal[:3, 6:], normal[3:6, 6:] = -s.T @ (place[:, :1] * t), -s.T @ (place[:, 1:] * t)
        normal[6:, :6] = normal[:6, 6:].T
        normal[6:, 6:] = t.T @ ((place**2).sum(axis=1)[:, None] * t)
        right = [*(away.T @ s).ravel(), *(-t.T @ (place * away).sum(axis=1))]
    try:
        step = np.linalg.solve(normal, right)
    except np.linalg.LinAlgError:
        raise ValueError("the points leave a choice") from None
    return matrix + np.append(step, 0).reshape(3, 3)


def _homogeneous(points: Arrays) -> Arrays:
    return np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1)


def _triangle(points: Arrays) -> tuple[Arrays, Arrays]:
    """The three sides of the first three points as lines, and twice the areas they make with the
    last point."""
    (r1, c1), (r2, c2) = (points[:, order].transpose(2, 0, 1) for order in ([1, 2, 0], [2, 0, 1]))
    sides = np.stack([c1 - c2, r2 - r1, r1 * c2 - c1 * r2], axis=-1)  # cross products
    return sides, (sides @ _homogeneous(points[:, -1])[:, :, None])[:, :, 0]


def _sticks(p: Arrays, q: Arrays) -> tuple[Arrays, Arrays, npt.NDArray[np.bool_]]:
    """From the first point to the second as complex numbers, where both have a length."""
    a, b = (np.diff(x, axis=1)[:, 0] @ [1, 1j] for x in (p, q))
    good = np.minimum(np.abs(a), np.abs(b)) > THIN
    return a[good], b[good], good


def _turned(turn: npt.NDArray[np.complex128], p: Arrays, q: Arrays) -> Arrays:
    """Turn about the middle of p, and put it on the middle of q."""
    maps = np.zeros((len(turn), 3, 3))
    maps[:, 0, 0] = maps[:, 1, 1] = turn.real
    maps[:, 1, 0], maps[:, 0, 1] = turn.imag, -turn.imag
    middle = p.mean(axis=1)[:, :, None]
    maps[:, :2, 2] = q.mean(axis=1) - (maps[:, :2, :2] @ middle)[:, :, 0]
    maps[:, 2, 2] = 1
    return maps


def _products(maps: Arrays, points: Points) -> Arrays:
    """(3, B, N): each map times each point, as one matrix product."""
    flat = maps.transpose(1, 0, 2).reshape(-1, 3) @ _homogeneous(points).T
    return flat.reshape(3, len(maps), len(points))
