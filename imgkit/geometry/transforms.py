"""The map that takes points to points: least squares for each family of maps.

A matrix (3, 3) acts on homogeneous (row, column, 1), whose result is divided by its third number.
It is estimated from **pairs** that are all right; :func:`ransac` does it where some are wrong.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgkit.geometry.points import Matrix, Points, as_matches, as_matrix, as_points

FLAT = 1e-10  # a singular value this small beside the largest is 0 but for rounding


def transform_points(points: npt.ArrayLike, matrix: npt.ArrayLike) -> Points:
    """Where a matrix takes points: ``(r, c, w) = M (row, column, 1)``, then ``(r / w, c / w)``.

    Parameters
    ----------
    points : (N, 2), rows and columns
    matrix : (3, 3); of an affine map (2, 3) will do

    Returns
    -------
    float64 (N, 2). What goes to infinity (w = 0, the horizon of a perspective) is infinite or NaN.

    Raises
    ------
    TypeError
        If either holds no real numbers.
    ValueError
        If points are not (N, 2), matrix not (3, 3) or (2, 3), or a value is not finite.

    Notes
    -----
    In row and column, not OpenCV's x and y: of an OpenCV matrix ``M`` take
    ``M[[1, 0, 2]][:, [1, 0, 2]]``.

    References
    ----------
    Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 2.3.

    Examples
    --------
    >>> transform_points([(1, 2), (0, 0)], [[1, 0, 10], [0, 2, 0]])
    array([[11.,  4.],
           [10.,  0.]])
    """
    points, matrix = as_points(points), as_matrix(matrix)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        moved = points @ matrix[:, :2].T + matrix[:, 2]  # (N, 3)
        return moved[:, :2] / moved[:, 2:]


def homography(source: npt.ArrayLike, target: npt.ArrayLike) -> Matrix:
    """The perspective map that takes points to points, from four pairs or more.

    Each pair gives two equations that are linear in the nine numbers of the matrix; the answer is
    the singular vector that breaks them least: the direct linear transform (DLT). Both sets of
    points are first moved to mean 0 and mean distance sqrt 2, without which pixels in the thousands
    would drown the rest.

    Parameters
    ----------
    source : (N, 2), rows and columns, N at least 4
    target : (N, 2), where each of them is seen in the other image

    Returns
    -------
    float64 (3, 3), so scaled that its last number is 1 (its length is 1 if that number is 0).

    Raises
    ------
    TypeError
        If either holds no real numbers.
    ValueError
        If shapes differ, pairs are too few, or points lie on a line (all, or three of four), so
        that no one map is best.

    Notes
    -----
    Four pairs are met exactly. With more the algebraic error is least, not the distance in pixels;
    the two differ little, and :func:`ransac` goes on to the least distance.

    References
    ----------
    Hartley and Zisserman, Multiple View Geometry, 2nd ed., algorithm 4.2. Hartley, In defense of
    the eight-point algorithm, IEEE Transactions on Pattern Analysis and Machine Intelligence, 1997.

    Examples
    --------
    >>> square = np.array([(0, 0), (0, 2), (2, 2), (2, 0)])
    >>> M = homography(square, [(0, 0), (0, 2), (2, 3), (2, -1)])
    >>> transform_points([(1, 1)], M).round(3)  # the middle, where the diagonals cross
    array([[0.667, 1.   ]])
    """
    source, target = as_matches(source, target, least=4, what="a homography")
    p, to_p = normalised(source, "source")
    q, to_q = normalised(target, "target")
    row, column = _ones(p) * q[:, :1], _ones(p) * q[:, 1:]
    nothing = np.zeros_like(row)
    equations = np.vstack(
        [np.hstack([_ones(p), nothing, -row]), np.hstack([nothing, _ones(p), -column])]
    )
    matrix = _null_vector(equations, "homography").reshape(3, 3)
    strengths = np.linalg.svd(matrix, compute_uv=False)
    if strengths[2] < FLAT * strengths[0]:
        raise ValueError("no homography: three of the points lie on a line here but not there")
    return scaled(np.linalg.inv(to_q) @ matrix @ to_p)


def affine(source: npt.ArrayLike, target: npt.ArrayLike) -> Matrix:
    """The affine map that takes points to points with the least squared distance.

    ``target = A source + t``: it keeps lines and parallels; three pairs are met exactly.

    Parameters
    ----------
    source : (N, 2), rows and columns, N at least 3
    target : (N, 2), where each of them is seen in the other image

    Returns
    -------
    float64 (3, 3), last row 0, 0, 1.

    Raises
    ------
    TypeError
        If either holds no real numbers.
    ValueError
        If shapes differ, pairs are too few, or all points of source lie on a line.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 8.1.1.

    Examples
    --------
    >>> affine([(0, 0), (0, 1), (1, 0)], [(5, 5), (5, 7), (6, 5)]).round(6) + 0
    array([[1., 0., 5.],
           [0., 2., 5.],
           [0., 0., 1.]])
    """
    source, target = as_matches(source, target, least=3, what="an affine map")
    p, to_p = normalised(source, "source")
    middle = target.mean(axis=0)
    strengths = np.linalg.svd(p, compute_uv=False)
    if strengths[1] < FLAT * strengths[0]:
        raise ValueError("no affine map: all points of source lie on a line")
    turned = np.linalg.lstsq(p, target - middle, rcond=None)[0].T  # p is centred: t is the mean
    return np.vstack([np.column_stack([turned, middle]), (0.0, 0.0, 1.0)]) @ to_p


def similarity(source: npt.ArrayLike, target: npt.ArrayLike, *, scale: bool = True) -> Matrix:
    """The turn, shift and change of size that take points to points, by least squares.

    Points are complex numbers p and q about their means; then ``q = z p`` with
    ``z = sum(conj(p) q) / sum(|p|²)``, whose length is the scale and whose angle is the turn.

    Parameters
    ----------
    source : (N, 2), rows and columns, N at least 2
    target : (N, 2), where each of them is seen in the other image
    scale : False for a rigid map, which keeps distances

    Returns
    -------
    float64 (3, 3), last row 0, 0, 1; no mirror image.

    Raises
    ------
    TypeError
        If either holds no real numbers.
    ValueError
        If shapes differ, pairs are too few, all points of one set are the same, or no turn is
        better than another.

    Notes
    -----
    As Umeyama's method gives it in the plane.

    References
    ----------
    Umeyama, Least-squares estimation of transformation parameters between two point patterns, IEEE
    Transactions on Pattern Analysis and Machine Intelligence, 1991.

    Examples
    --------
    >>> similarity([(0, 0), (0, 1)], [(5, 5), (3, 5)]).round(3) + 0  # a quarter turn, doubled
    array([[ 0., -2.,  5.],
           [ 2.,  0.,  5.],
           [ 0.,  0.,  1.]])
    """
    source, target = as_matches(source, target, least=2, what="a similarity")
    p, to_p = normalised(source, "source")
    q, to_q = normalised(target, "target")
    z = np.vdot(p[:, 0] + 1j * p[:, 1], q[:, 0] + 1j * q[:, 1])
    power = (p**2).sum()
    if abs(z) < FLAT * power:
        raise ValueError("no similarity: target is no turned source, no turn fits best")
    # where distances are kept, the unit of p is the unit of q
    z = z / power if scale else z / abs(z) * to_q[0, 0] / to_p[0, 0]
    turn = np.array([[z.real, -z.imag, 0], [z.imag, z.real, 0], [0, 0, 1]])
    return np.linalg.inv(to_q) @ turn @ to_p


def fundamental(source: npt.ArrayLike, target: npt.ArrayLike) -> Matrix:
    """The fundamental matrix of two views of a scene in depth, from eight pairs or more.

    Where a point of one image is seen in the other is not certain, its depth being unknown; but it
    is seen on a line: ``q F p = 0`` for homogeneous p in source and q in target. Each pair gives an
    equation that is linear in F; the answer is the singular vector that breaks them least, made
    singular as such a matrix has to be.

    Parameters
    ----------
    source : (N, 2), rows and columns, N at least 8
    target : (N, 2), where each of them is seen in the other image

    Returns
    -------
    float64 (3, 3) of rank 2 and length 1, positive where first a number is not small. ``F @ (row,
    column, 1)`` is a line (a, b, c) in target: the points with ``a row + b column + c = 0``.

    Raises
    ------
    TypeError
        If either holds no real numbers.
    ValueError
        If shapes differ, pairs are too few, or several matrices fit: all points on a plane of the
        scene, or two views from one place.

    Notes
    -----
    Of an OpenCV matrix take ``F[[1, 0, 2]][:, [1, 0, 2]]``: its points are (x, y). What is refused
    is what fits several matrices to 1e-10; points measured on a plane, each a little off, pass, and
    their matrix means nothing.

    References
    ----------
    Hartley and Zisserman, Multiple View Geometry, 2nd ed., algorithm 11.1. Hartley, In defense of
    the eight-point algorithm, IEEE Transactions on Pattern Analysis and Machine Intelligence, 1997.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> left, depth = rng.uniform(0, 100, (9, 2)), rng.uniform(1, 5, 9)
    >>> right = left - np.column_stack([np.zeros(9), 30 / depth])  # a stereo pair: rows stay
    >>> (fundamental(left, right) * 2**0.5).round(6) + 0
    array([[ 0.,  0.,  1.],
           [ 0.,  0.,  0.],
           [-1.,  0.,  0.]])
    """
    source, target = as_matches(source, target, least=8, what="a fundamental matrix")
    p, to_p = normalised(source, "source")
    q, to_q = normalised(target, "target")
    equations = (_ones(q)[:, :, None] * _ones(p)[:, None]).reshape(-1, 9)
    matrix = to_q.T @ rank_two(_null_vector(equations, "fundamental matrix").reshape(3, 3)) @ to_p
    matrix = rank_two(matrix)  # again, for what rounding did
    sizes = np.abs(matrix).ravel()
    first = (sizes > 0.5 * sizes.max()).argmax()
    return matrix * np.sign(matrix.flat[first]) / np.linalg.norm(matrix)


def normalised(points: Points, name: str) -> tuple[Points, Matrix]:
    """Points moved to mean 0 and mean distance sqrt 2, and the matrix that does it."""
    middle = points.mean(axis=0)
    centred = points - middle
    distance = np.hypot(*centred.T).mean()
    if distance <= max(1e-12 * np.abs(middle).max(), 1e-100):
        raise ValueError(f"all points of {name} are the same")
    unit = 2**0.5 / distance
    matrix = np.array([[unit, 0, -unit * middle[0]], [0, unit, -unit * middle[1]], [0, 0, 1]])
    return centred * unit, matrix


def scaled(matrix: Matrix) -> Matrix:
    """A homography with its last number 1, or of length 1 if the origin goes to infinity."""
    length = np.linalg.norm(matrix)
    return matrix / (matrix[2, 2] if abs(matrix[2, 2]) > 1e-14 * length else length)


def rank_two(matrix: Matrix) -> Matrix:
    """The nearest singular matrix."""
    left, strengths, right = np.linalg.svd(matrix)
    return (left[:, :2] * strengths[:2]) @ right[:2]


def _ones(points: Points) -> npt.NDArray[np.float64]:
    return np.column_stack([points, np.ones(len(points))])


def _null_vector(equations: npt.NDArray[np.float64], what: str) -> npt.NDArray[np.float64]:
    """The unit vector that the equations' products are smallest with, if there is but one."""
    if len(equations) > 9:  # as many as unknowns say the same
        equations = np.linalg.qr(equations, mode="r")
    _, strengths, right = np.linalg.svd(equations)
    if strengths[7] < FLAT * strengths[0]:
        raise ValueError(
            f"no one {what}: several fit as well, for points lie on a line, or are the same"
            if what == "homography"
            else f"no one {what}: several fit as well, for points lie on a plane of the scene, "
            "or are the same, or the camera only turned"
        )
    return right[8]
