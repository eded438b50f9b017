"""Maps from points: their definitions, their laws, and what wrong pairs do not change."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from imgkit import data, geometry
from imgkit.geometry import affine, fundamental, homography, ransac, similarity, transform_points

SWAP = [1, 0, 2]  # row and column to x and y, and back
CAMERA = data.load("camera")
seeds = st.integers(0, 2**32 - 1)
FAMILIES = {"homography": 4, "affine": 3, "similarity": 2, "rigid": 2, "fundamental": 8}
FITS = {
    "homography": homography,
    "affine": affine,
    "similarity": similarity,
    "rigid": lambda p, q: similarity(p, q, scale=False),
    "fundamental": fundamental,
}
each_fit = pytest.mark.parametrize("name", FITS)


def draw_map(name, rng):
    """A map of the family, gentle enough that 0..100 stays in front of the horizon."""
    angle, size = rng.uniform(-3, 3), 1.0 if name == "rigid" else rng.uniform(0.3, 3)
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    if name in ("affine", "homography"):
        matrix[:2, :2] += rng.uniform(-0.1, 0.1, (2, 2))
    if name == "homography":
        matrix[2, :2] = rng.uniform(-2e-3, 2e-3, 2)
    matrix[:2, 2] = rng.uniform(-500, 500, 2)
    return matrix


def draw_points(count, rng):
    return rng.uniform(0, 100, (count, 2))


def two_views(count, rng, noise=0.0):
    """A scene in depth seen by two cameras: points in both, and the fundamental matrix."""
    scene = rng.uniform(-1, 1, (count, 3)) * (2, 1.5, 1.5) + (0, 0, 6)
    camera = np.array([[800, 0, 320], [0, 800, 240], [0, 0, 1.0]])  # of (x, y, 1)
    turn, step = cv2.Rodrigues(rng.uniform(-0.15, 0.15, 3))[0], np.array([1, 0.1, 0.05])
    first, second = scene @ camera.T, (scene @ turn.T + step) @ camera.T
    across = np.cross(np.eye(3), step) @ turn
    back = np.linalg.inv(camera)
    truth = (back.T @ across @ back)[SWAP][:, SWAP]
    points = [(x[:, :2] / x[:, 2:])[:, ::-1] for x in (first, second)]
    points = [x + rng.normal(0, noise, x.shape) for x in points]
    return *points, truth / np.linalg.norm(truth)


def pairs_of(name, count, rng, noise=0.0):
    if name == "fundamental":
        return two_views(count, rng, noise)
    matrix, source = draw_map(name, rng), draw_points(count, rng)
    return source, transform_points(source, matrix) + rng.normal(0, noise, (count, 2)), matrix


def off_lines(matrix, source, target):
    """Distances of target from the lines of source, in pixels."""
    p, q = (np.column_stack([x, np.ones(len(x))]) for x in (source, target))
    lines = p @ matrix.T
    return np.abs((q * lines).sum(1)) / np.hypot(lines[:, 0], lines[:, 1])


# --- transform_points


@given(seed=seeds)
def test_points_go_where_opencv_takes_them(seed):
    rng = np.random.default_rng(seed)
    points, matrix = draw_points(5, rng), draw_map("homography", rng)
    theirs = cv2.perspectiveTransform(points[:, None, ::-1], matrix[SWAP][:, SWAP])[:, 0, ::-1]
    assert np.allclose(transform_points(points, matrix), theirs, rtol=1e-12)


@given(seed=seeds)
def test_a_product_of_matrices_is_one_after_the_other(seed):
    rng = np.random.default_rng(seed)
    points, a, b = draw_points(4, rng), draw_map("affine", rng), draw_map("homography", rng)
    there = transform_points(transform_points(points, b), a)
    assert np.allclose(transform_points(points, a @ b), there, rtol=1e-9)
    assert np.allclose(transform_points(there, np.linalg.inv(a @ b)), points, atol=1e-7)


def test_the_horizon_is_infinitely_far():
    horizon = [[1, 0, 0], [0, 1, 0], [0, 1, -5]]
    assert np.isinf(transform_points([(3, 5)], horizon)).all()
    assert transform_points(np.zeros((0, 2)), np.eye(3)).shape == (0, 2)


# --- least squares


@each_fit
@given(seed=seeds, extra=st.integers(0, 20))
@settings(max_examples=40)
def test_exact_pairs_give_the_map_back(name, seed, extra):
    source, target, truth = pairs_of(name, FAMILIES[name] + extra, np.random.default_rng(seed))
    try:
        found = FITS[name](source, target)
    except ValueError:  # drawn almost on a line
        assert extra == 0
        return
    if name == "fundamental":
        assert min(np.abs(found - truth).max(), np.abs(found + truth).max()) < 1e-4
        assert abs(np.linalg.det(found)) < 1e-12
        assert np.linalg.norm(found) == pytest.approx(1)
        assert off_lines(found, source, target).max() < 1e-5
        return
    assert found[2, 2] == 1
    spread = np.abs(target - target.mean(0)).max()
    assert np.abs(transform_points(source, found) - target).max() < 1e-6 * spread
    if name != "homography" or extra > 4:
        assert np.allclose(found, truth, rtol=1e-5, atol=1e-5 * np.abs(truth).max())


@pytest.mark.parametrize("name", ["affine", "similarity", "rigid"])
@given(seed=seeds)
@settings(max_examples=20)
def test_no_other_map_of_the_family_is_nearer(name, seed):
    rng = np.random.default_rng(seed)
    source, target, truth = pairs_of(name, 9, rng, noise=3)

    def matrix(x):
        if name == "affine":
            return np.vstack([x.reshape(2, 3), (0, 0, 1)])
        a, b = (np.cos(x[0]), np.sin(x[0])) if name == "rigid" else x[:2]
        return np.array([[a, -b, x[-2]], [b, a, x[-1]], [0, 0, 1]])

    start = truth[:2].ravel() if name == "affine" else [*truth[:2, 0], *truth[:2, 2]]
    if name == "rigid":
        start = [np.arctan2(truth[1, 0], truth[0, 0]), *truth[:2, 2]]
    wanted = least_squares(
        lambda x: (transform_points(source, matrix(x)) - target).ravel(), start, xtol=1e-14
    )
    ours = transform_points(source, FITS[name](source, target)) - target
    assert (ours**2).sum() <= 2 * wanted.cost * (1 + 1e-9)


@given(seed=seeds)
@settings(max_examples=20)
def test_the_algebraic_homography_is_almost_the_nearest(seed):
    source, target, _ = pairs_of("homography", 12, np.random.default_rng(seed), noise=0.2)

    def away(x):
        return (transform_points(source, np.append(x, 1).reshape(3, 3)) - target).ravel()

    found = homography(source, target).ravel()[:8]
    best = least_squares(away, found, x_scale="jac", xtol=1e-14)
    assert (away(found) ** 2).sum() < 1.1 * 2 * best.cost


@each_fit
def test_units_and_origin_do_not_matter(name):
    """What Hartley's normalisation is for: pixels in the millions, or millionths."""
    source, target, _ = pairs_of(name, 20, np.random.default_rng(5), noise=0.3)
    plain = FITS[name](source, target)
    for unit, origin in ((1e6, 0), (1e-6, 0), (1, 1e5)):
        move = np.array([[unit, 0, origin], [0, unit, origin], [0, 0, 1]])
        moved = FITS[name](transform_points(source, move), transform_points(target, move))
        if name == "fundamental":
            wanted = np.linalg.inv(move).T @ plain @ np.linalg.inv(move)
            wanted /= np.linalg.norm(wanted)
            moved = moved * np.sign((moved * wanted).sum())
        else:
            wanted = move @ plain @ np.linalg.inv(move)
            wanted /= wanted[2, 2]
        assert np.allclose(moved, wanted, rtol=1e-5, atol=1e-7 * np.abs(wanted).max())


def test_a_similarity_is_never_a_mirror_image():
    source = np.array([(0, 0), (0, 3), (1, 1), (4, 2.0)])
    found = similarity(source, source * (1, -1))
    assert np.linalg.det(found) > 0
    assert found[0, 0] == pytest.approx(found[1, 1])
    assert found[0, 1] == pytest.approx(-found[1, 0])


def test_a_homography_that_sends_the_origin_away_has_length_1():
    inverse = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0.0]])  # column to 1 / column
    source = np.array([(1, 1), (2, 1), (1, 3), (5, 4), (2, 2.0)])
    found = homography(source, transform_points(source, inverse))
    assert np.linalg.norm(found) == pytest.approx(1)
    assert abs(found[2, 2]) < 1e-12
    assert np.allclose(transform_points(source, found), transform_points(source, inverse))


SQUARE = [(0, 0), (0, 1), (1, 0), (1, 1)]
THREE_ON_A_LINE = [(0, 0), (0, 1), (0, 2), (1, 0)]
LINE = np.array([(i, 2 * i + 1) for i in range(10)], float)
CLOUD = np.random.default_rng(3).uniform(0, 9, (10, 2))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: homography(LINE, CLOUD), "line"),
        (lambda: homography(CLOUD, LINE), "line"),
        (lambda: homography(THREE_ON_A_LINE, THREE_ON_A_LINE), "line"),
        (lambda: homography(THREE_ON_A_LINE, CLOUD[:4]), "line"),
        (lambda: homography(CLOUD[[0, 1, 2, 2]], CLOUD[[0, 1, 2, 2]]), "same"),
        (lambda: homography(CLOUD[:3], CLOUD[:3]), "at least 4"),
        (lambda: affine(LINE, CLOUD), "line"),
        (lambda: affine(CLOUD[:2], CLOUD[:2]), "at least 3"),
        (lambda: similarity(CLOUD[[0, 0]], CLOUD[:2]), "source are the same"),
        (lambda: similarity(CLOUD[:2], CLOUD[[0, 0]]), "target are the same"),
        (lambda: similarity(SQUARE, [(0, 1), (0, 0), (1, 1), (1, 0)]), "turn"),
        (lambda: fundamental(CLOUD, CLOUD @ [[1, 0.1], [0.2, 1]]), "plane"),
        (lambda: fundamental(CLOUD[:7], CLOUD[:7]), "at least 8"),
    ],
)
def test_pairs_that_leave_a_choice_are_refused_by_name(call, words):
    with pytest.raises(ValueError, match=words):
        call()


BAD_POINTS = {
    "three columns": (np.zeros((8, 3)), ValueError),
    "two rows": (np.zeros((2, 8)), ValueError),
    "OpenCV's": (np.zeros((8, 1, 2)), ValueError),
    "nan": (np.full((8, 2), np.nan), ValueError),
    "infinite": (np.full((8, 2), np.inf), ValueError),
    "too large": (np.full((8, 2), 1e200), ValueError),
    "text": (np.full((8, 2), "a"), TypeError),
    "bool": (np.zeros((8, 2), bool), TypeError),
    "complex": (np.zeros((8, 2), complex), TypeError),
    "None": (None, TypeError),
    "masked": (np.ma.masked_array(np.zeros((8, 2)), True), TypeError),
    "tensor": (torch.zeros(8, 2), TypeError),
    "ragged": ([(1, 2), (3,)], ValueError),
    "another number": (np.zeros((7, 2)), ValueError),
}


@each_fit
@pytest.mark.parametrize(("bad", "error"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_what_are_no_points_is_refused(name, bad, error):
    points = np.random.default_rng(0).uniform(0, 9, (8, 2))
    for call in (FITS[name], lambda p, q: ransac(name, p, q)):
        with pytest.raises(error, match="source"):
            call(bad, points)
        with pytest.raises(error, match="target"):
            call(points, bad)


def test_what_is_no_matrix_is_refused():
    for bad in (np.eye(2), np.eye(4), np.full((3, 3), np.nan)):
        with pytest.raises(ValueError, match="matrix"):
            transform_points([(1, 2)], bad)
    with pytest.raises(TypeError, match="matrix"):
        transform_points([(1, 2)], "eye")


# --- ransac


def spoilt(source, target, share, rng):
    """So many pairs made wrong, at least 10 pixels off."""
    target = target.copy()
    wrong = rng.permutation(len(target))[: round(share * len(target))]
    angle = rng.uniform(0, 2 * np.pi, len(wrong))
    off = rng.uniform(10, 300, len(wrong))
    target[wrong] += np.column_stack([off * np.sin(angle), off * np.cos(angle)])
    right = np.ones(len(target), bool)
    right[wrong] = False
    return target, right


@each_fit
@given(seed=seeds)
@settings(max_examples=15)
def test_wrong_pairs_change_nothing(name, seed):
    rng = np.random.default_rng(seed)
    source, target, truth = pairs_of(name, 80, rng)
    target, right = spoilt(source, target, 0.4, rng)
    matrix, inliers = ransac(name, source, target, tolerance=0.5, seed=seed % 1000)
    assert inliers[right].all()
    if name == "fundamental":  # a wrong point may happen to lie near its line, and pull a little
        assert np.median(off_lines(matrix, source[right], target[right])) < 0.1
        return
    assert not inliers[~right].any()
    assert np.allclose(matrix, truth, rtol=1e-5, atol=1e-5 * np.abs(truth).max())


@pytest.mark.parametrize("name", ["homography", "affine", "similarity", "rigid"])
def test_inliers_are_the_pairs_within_the_tolerance(name):
    rng = np.random.default_rng(1)
    source, target, _ = pairs_of(name, 200, rng, noise=1)
    target, _ = spoilt(source, target, 0.3, rng)
    for tolerance in (0.7, 2.0):
        matrix, inliers = ransac(name, source, target, tolerance=tolerance)
        away = np.hypot(*(transform_points(source, matrix) - target).T)
        assert np.array_equal(inliers, away <= tolerance)


def test_the_answer_is_the_least_distance_of_the_inliers():
    rng = np.random.default_rng(2)
    source, target, _ = pairs_of("homography", 100, rng, noise=0.4)
    target, _ = spoilt(source, target, 0.3, rng)
    matrix, inliers = ransac("homography", source, target)
    p, q = source[inliers], target[inliers]

    def away(x):
        return (transform_points(p, np.append(x, 1).reshape(3, 3)) - q).ravel()

    best = least_squares(away, matrix.ravel()[:8], x_scale="jac", xtol=1e-15)
    assert (away(matrix.ravel()[:8]) ** 2).sum() <= 2 * best.cost * (1 + 1e-8)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.7])
def test_homographies_are_nearer_to_the_truth_than_opencv_s(share):
    ours, theirs = [], []
    corners = np.array([(0, 0), (0, 100), (100, 0), (100, 100.0)])
    for seed in range(8):
        rng = np.random.default_rng(seed)
        source, target, truth = pairs_of("homography", 200, rng, noise=0.5)
        target, _ = spoilt(source, target, share, rng)
        found, _ = cv2.findHomography(
            source[:, ::-1], target[:, ::-1], cv2.RANSAC, 3.0, None, 10_000, 0.999
        )
        wanted = transform_points(corners, truth)
        for matrix, errors in (
            (ransac("homography", source, target).matrix, ours),
            (found[SWAP][:, SWAP], theirs),
        ):
            errors.append(np.hypot(*(transform_points(corners, matrix) - wanted).T).mean())
    assert np.mean(ours) < 1.001 * np.mean(theirs)


def test_fundamental_matrices_are_nearer_to_the_truth_than_opencv_s():
    ours, theirs = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        source, target, _ = two_views(200, rng)
        p, q = (x + rng.normal(0, 0.5, x.shape) for x in (source, target))
        q, _ = spoilt(p, q, 0.3, rng)
        found, _ = cv2.findFundamentalMat(p[:, ::-1], q[:, ::-1], cv2.FM_RANSAC, 1.5, 0.999, 10_000)
        theirs.append(off_lines(found[SWAP][:, SWAP], source, target).mean())
        found = ransac("fundamental", p, q, tolerance=1.5).matrix
        ours.append(off_lines(found, source, target).mean())
    assert np.mean(ours) < 0.7 * np.mean(theirs)


def test_corners_of_known_homographies_are_found_to_a_fifth_of_a_pixel():
    from imgkit import features

    first, errors = features.sift(CAMERA), []
    h, w = CAMERA.shape
    corners = np.array([(0, 0), (0, w), (h, w), (h, 0)], float)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        truth = homography(corners, corners + rng.uniform(-0.12, 0.12, (4, 2)) * (h, w))
        seen = cv2.warpPerspective(CAMERA, truth[SWAP][:, SWAP], (w, h), flags=cv2.INTER_CUBIC)
        seen = np.clip(0.9 * seen + rng.normal(0, 2, seen.shape), 0, 255).astype(np.uint8)
        second = features.sift(seen)
        pairs = features.match(first.descriptors, second.descriptors)
        source, target = first.points[pairs[:, 0]], second.points[pairs[:, 1]]
        found = ransac("homography", source, target, tolerance=2).matrix
        off = transform_points(corners, found) - transform_points(corners, truth)
        errors.append(np.hypot(*off.T).mean())
    assert np.median(errors) < 0.2


def test_the_same_seed_gives_the_same_answer():
    rng = np.random.default_rng(4)
    source, target, _ = pairs_of("homography", 60, rng, noise=1)
    target, _ = spoilt(source, target, 0.6, rng)
    a, b = (ransac("homography", source, target, seed=7) for _ in range(2))
    c = ransac("homography", source, target, seed=np.random.default_rng(7))
    assert np.array_equal(a.matrix, b.matrix)
    assert np.array_equal(a.matrix, c.matrix)
    assert np.array_equal(a.inliers, c.inliers)


@each_fit
def test_as_few_pairs_as_settle_it_are_enough(name):
    source, target, _ = pairs_of(name, FAMILIES[name], np.random.default_rng(6))
    assert ransac(name, source, target).inliers.all()


def test_one_wild_point_does_not_spoil_the_units():
    source, target, truth = pairs_of("homography", 50, np.random.default_rng(8))
    source[0], target[1] = 1e29, -1e25
    matrix, inliers = ransac("homography", source, target)
    assert inliers[2:].all()
    assert not inliers[:2].any()
    assert np.allclose(matrix, truth, rtol=1e-5, atol=1e-5 * np.abs(truth).max())


def test_no_homography_turns_a_triangle_over():
    """Half of the pairs see the scene in a mirror: only the others agree on what a camera sees."""
    rng = np.random.default_rng(9)
    source = draw_points(40, rng)
    target = source + 50
    target[20:, 1] = np.where(rng.random(20) < 0.5, 100, 101) - source[20:, 1]
    inliers = ransac("homography", source, target, tolerance=0.5).inliers
    assert inliers[:20].all()


@each_fit
def test_points_on_a_line_are_refused(name):
    line = np.array([(i, 3 * i) for i in range(20)], float)
    if name in ("similarity", "rigid"):
        line[:] = 5.0
    with pytest.raises(ValueError, match=r"line|same"):
        ransac(name, line, line, iterations=50)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"tolerance": 0}, ValueError),
        ({"tolerance": "3"}, TypeError),
        ({"confidence": 1}, ValueError),
        ({"confidence": 0}, ValueError),
        ({"confidence": None}, TypeError),
        ({"iterations": 0}, ValueError),
        ({"iterations": 10.5}, TypeError),
        ({"seed": -1}, ValueError),
        ({"seed": "lucky"}, TypeError),
    ],
)
def test_options_are_named(options, error):
    source, target, _ = pairs_of("affine", 9, np.random.default_rng(0))
    with pytest.raises(error, match=next(iter(options))):
        ransac("affine", source, target, **options)
    with pytest.raises(ValueError, match="model"):
        ransac("euclidean", source, target)


def test_extreme_options_end_and_answer():
    rng = np.random.default_rng(10)
    source, target, _ = pairs_of("affine", 30, rng)
    for options in (
        {"tolerance": 1e-300},
        {"tolerance": 1e30},
        {"confidence": 1e-12},
        {"confidence": 1 - 1e-16},
        {"iterations": 1},
    ):
        try:
            matrix = ransac("affine", source, target, **options).matrix
        except ValueError:
            continue
        assert np.isfinite(matrix).all()
    unrelated = ransac("homography", draw_points(30, rng), draw_points(30, rng), iterations=500)
    assert np.isfinite(unrelated.matrix).all()


def test_names_are_flat():
    assert geometry.ransac is ransac
