"""Cameras: projection, checkerboards, calibration, undistortion, rectification.

Boards are rendered by casting a ray through every pixel, with formulas of their own, in OpenCV's
(x, y, z) order.
"""

from functools import cache

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES, to_float64

from imgkit import data, geometry
from imgkit.geometry import Camera, Rig

SHAPE, CORNERS = (240, 320), (5, 8)
LENS = (-0.2, 0.05, 0.001, -0.0007, 0.0)
TRUTH = Camera([[310, 0, 118], [0, 300, 163], [0, 0, 1]], SHAPE, LENS)
OTHER = Camera([[305, 0, 121], [0, 309, 158], [0, 0, 1]], SHAPE, (-0.15, 0.02, 0, 0.0005, 0))
SWAP = [1, 0, 2]
RIG = Rig(TRUTH, OTHER, np.zeros((3, 4)) + np.eye(3, 4) + [[0, 0, 0, 0], [0, 0, 0, -2], [0] * 4])


def bent(x, y, k1, k2, p1, p2, k3):
    """OpenCV's documentation, line by line."""
    r = x**2 + y**2
    radial = 1 + k1 * r + k2 * r**2 + k3 * r**3
    return (
        x * radial + 2 * p1 * x * y + p2 * (r + 2 * x**2),
        y * radial + p1 * (r + 2 * y**2) + 2 * p2 * x * y,
    )


def opencv_matrix(camera):
    return np.ascontiguousarray(camera.matrix[SWAP][:, SWAP])


def turn(axis, angle):
    """A rotation about (row, column, depth)."""
    return cv2.Rodrigues(np.float64(axis) / np.linalg.norm(axis) * angle)[0][SWAP][:, SWAP]


def pose(tilt, spin=0.0, place=(0, 0, 13), corners=CORNERS):
    """A board whose middle is at a place, tilted about axes in its plane, turned in it."""
    rotation = turn((0, 0, 1), spin) @ turn((tilt[0], tilt[1], 1e-9), np.hypot(*tilt))
    middle = [(corners[0] - 1) / 2, (corners[1] - 1) / 2, 0]
    return np.column_stack([rotation, np.array(place) - rotation @ middle])


def poses(count, seed=1):
    rng = np.random.default_rng(seed)
    return [
        pose(rng.uniform(-0.5, 0.5, 2), rng.uniform(-0.3, 0.3), (*rng.uniform(-1, 1, 2), d))
        for d in rng.uniform(12, 15, count)
    ]


def places(corners=CORNERS):
    rows, columns = np.indices(corners)
    return np.stack([rows, columns, 0 * rows], axis=-1).reshape(-1, 3).astype(float)


def seen(camera, where, corners=CORNERS):
    """Corners of a board in OpenCV's words."""
    x, y, z = (places(corners) @ where[:, :3].T + where[:, 3])[:, SWAP].T
    u, v = bent(x / z, y / z, *camera.distortion)
    (f, g), (row, column) = camera.focal, camera.centre
    return np.column_stack([f * v + row, g * u + column])


@cache
def rays(camera, fine=3):
    """Rays (x, y) through fine x fine places in each pixel, by fixed-point iteration."""
    offsets = (np.arange(fine) + 0.5) / fine - 0.5
    rows, columns = (np.add.outer(np.arange(n), offsets).ravel() for n in camera.shape)
    y, x = (
        (rows - camera.centre[0]) / camera.focal[0],
        (columns - camera.centre[1]) / camera.focal[1],
    )
    x, y = np.broadcast_to(x, (len(y), len(x))), y[:, None] + 0 * x
    u, v = x, y
    for _ in range(12):
        a, b = bent(u, v, *camera.distortion)
        u, v = u - (a - x), v - (b - y)
    return u, v


def render(camera, where, corners=CORNERS, fine=3):
    """The picture of a board: black and white squares on a white wall."""
    x, y = rays(camera, fine)
    to_board = np.linalg.inv(where[:, [0, 1, 3]])  # a homography of (row, column, 1)
    row, column, one = (line[0] * y + line[1] * x + line[2] for line in to_board)
    row, column = np.floor(row / one), np.floor(column / one)
    inside = (row >= -1) & (row < corners[0]) & (column >= -1) & (column < corners[1])
    values = np.where(inside & ((row + column) % 2 == 0), 0.1, 0.9)
    h, w = camera.shape
    return values.reshape(h, fine, w, fine).mean(axis=(1, 3))


def distances(one, other):
    return np.hypot(*(one - other).T)


# --- the camera -----------------------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_projection_is_opencvs_in_row_and_column(seed):
    rng = np.random.default_rng(seed)
    where = pose(rng.uniform(-0.6, 0.6, 2), rng.uniform(-3, 3))
    vector = cv2.Rodrigues(where[SWAP][:, SWAP])[0]
    wanted, _ = cv2.projectPoints(
        places()[:, SWAP], vector, where[SWAP, 3], opencv_matrix(TRUTH), TRUTH.distortion
    )
    found = TRUTH.project(places(), where)
    assert np.abs(found - wanted.reshape(-1, 2)[:, ::-1]).max() < 1e-9
    assert np.abs(found - seen(TRUTH, where)).max() < 1e-9


@given(st.integers(0, 2**32 - 1), st.sampled_from([LENS, (0.3, 0.1, 0.01, -0.01, 0.05), (0,) * 5]))
@settings(max_examples=25)
def test_rays_undo_the_lens_exactly(seed, lens):
    camera = Camera(TRUTH.matrix, SHAPE, lens)
    points = np.random.default_rng(seed).uniform(0, SHAPE, (20, 2))
    back = camera.project(np.column_stack([camera.rays(points), np.ones(20)]))
    assert np.abs(back - points).max() < 1e-9


def test_rays_are_exact_where_opencv_stops_early():
    camera = Camera([[150, 0, 120], [0, 150, 160], [0, 0, 1]], SHAPE, (-0.25, 0.04, 0, 0, 0))
    point = np.array([[0.0, 0.0]])
    quick = cv2.undistortPoints(
        np.float64([[[0, 0]]]), opencv_matrix(camera), camera.distortion
    ).reshape(1, 2)[:, ::-1]
    errors = [
        np.abs(camera.project(np.column_stack([ray, [[1]]])) - point).max()
        for ray in (camera.rays(point), quick)
    ]
    assert errors[0] < 1e-9
    assert errors[1] > 1e-2


def test_what_no_ray_reaches_is_nan():
    camera = Camera([[100, 0, 50], [0, 100, 50], [0, 0, 1]], (100, 100), (-0.3, 0, 0, 0, 0))
    assert np.isnan(camera.rays([(50, 500)])).all()  # the lens bends nothing that far
    assert np.isnan(camera.project([(0, 0, -1), (0, 0, 0), (0, 30, 1)])).all()


def test_homographies_of_a_flat_board_are_the_cameras_matrix_times_its_pose():
    camera = Camera(TRUTH.matrix, SHAPE)
    where = poses(1)[0]
    found = geometry.homography(places()[:, :2], camera.project(places(), where))
    wanted = camera.matrix @ where[:, [0, 1, 3]]
    assert np.abs(found - wanted / wanted[2, 2]).max() < 1e-8


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (([[9, 1, 4], [0, 9, 4], [0, 0, 1]], (9, 9)), ValueError, "matrix"),
        (([[-9, 0, 4], [0, 9, 4], [0, 0, 1]], (9, 9)), ValueError, "matrix"),
        (([[9, 0, np.nan], [0, 9, 4], [0, 0, 1]], (9, 9)), ValueError, "matrix"),
        ((np.eye(4), (9, 9)), ValueError, "matrix"),
        ((np.eye(3), (9.5, 9)), TypeError, "shape"),
        ((np.eye(3), (9, 9), (1, 2)), ValueError, "distortion"),
        ((np.eye(3), (9, 9), (np.inf,) * 5), ValueError, "distortion"),
    ],
)
def test_a_camera_that_makes_no_sense_is_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        Camera(*arguments)


def test_places_and_poses_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="places"):
        TRUTH.project([(1, 2)])
    with pytest.raises(ValueError, match="pose"):
        TRUTH.project([(1, 2, 3)], np.eye(3))
    with pytest.raises(ValueError, match="rotation"):
        TRUTH.project([(1, 2, 3)], np.ones((3, 4)))
    with pytest.raises(ValueError, match="points"):
        TRUTH.rays([(1, 2, 3)])


# --- the board ------------------------------------------------------------------------------------


@cache
def views():
    return [(where, render(TRUTH, where)) for where in poses(6, seed=4)]


def test_corners_are_found_to_hundredths_of_a_pixel():
    errors = [
        distances(geometry.find_checkerboard(image, CORNERS), seen(TRUTH, where))
        for where, image in views()
    ]
    assert np.mean(errors) < 0.04
    assert np.max(errors) < 0.3


def test_corners_are_finer_than_opencvs_own():
    ours, theirs = [], []
    for where, image in views():
        truth = seen(TRUTH, where)
        found = geometry.find_checkerboard(image, CORNERS)
        ours.append(distances(found, truth).mean())
        flags = cv2.CALIB_CB_ACCURACY
        ok, other = cv2.findChessboardCornersSB(
            np.rint(255 * image).astype(np.uint8), CORNERS[::-1], flags=flags
        )
        if ok:
            other = other.reshape(-1, 2)[:, ::-1]
            theirs.append(min(distances(o, truth).mean() for o in (other, other[::-1])))
    assert np.mean(ours) < 0.6 * np.mean(theirs)


@pytest.mark.parametrize("kind", ["float64", "float32", "uint8"])
def test_every_dtype_a_dim_board_and_noise(kind):
    where, image = views()[0]
    noise = np.random.default_rng(0).normal(0, 0.004, image.shape)
    dim = np.clip(0.1 + 0.15 * ndimage.gaussian_filter(image, 0.7) + noise, 0, 1)
    dim = np.rint(255 * dim).astype(np.uint8) if kind == "uint8" else dim.astype(kind)
    before = dim.copy()
    found = geometry.find_checkerboard(dim, CORNERS)
    assert found.dtype == np.float64
    assert np.array_equal(dim, before)
    assert distances(found, seen(TRUTH, where)).mean() < 0.15


@pytest.mark.parametrize("corners", [(5, 8), (4, 4), (6, 5)])
@pytest.mark.parametrize("spin", [0.0, 0.7, -0.7, np.pi])
def test_corners_are_in_the_order_that_runs_to_the_right(corners, spin):
    where = pose((0.1, 0.2), spin, corners=corners)
    found = geometry.find_checkerboard(render(TRUTH, where, corners), corners)
    grid = found.reshape(*corners, 2)
    right = np.diff(grid, axis=1).mean(axis=(0, 1))
    down = np.diff(grid, axis=0).mean(axis=(0, 1))
    assert right[1] > abs(right[0]) - 1e-9
    assert down[0] > 0
    truth = seen(TRUTH, where, corners)
    assert min(distances(found, t).max() for t in (truth, truth[::-1])) < 0.3


def test_no_board_is_none():
    assert geometry.find_checkerboard(data.load("camera"), (5, 8)) is None
    assert geometry.find_checkerboard(np.full((50, 50), 0.5), (5, 8)) is None
    _, image = views()[0]
    assert geometry.find_checkerboard(image, (4, 7)) is None
    for shape in [(1, 1), (1, 40), (40, 1), (5, 7), (8, 8), (17, 30)]:
        noise = np.random.default_rng(0).random(shape)
        assert geometry.find_checkerboard(noise, (3, 4)) is None


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_the_finder_refuses_what_is_no_image(name):
    image, error = BAD_IMAGES[name]
    with pytest.raises(error, match="image"):
        geometry.find_checkerboard(image, (5, 8))


@pytest.mark.parametrize(
    ("corners", "error"),
    [((2, 5), ValueError), ((5, 101), ValueError), (5, TypeError), ((5, 8.0), TypeError),
     ((5, 8, 3), TypeError), (None, TypeError), ((-5, 8), ValueError)],
)  # fmt: skip
def test_boards_that_make_no_sense_are_refused(corners, error):
    with pytest.raises(error, match="corners"):
        geometry.find_checkerboard(np.zeros((9, 9)), corners)
    with pytest.raises(error, match="corners"):
        geometry.calibrate([], corners, shape=SHAPE)


def test_a_colour_image_is_told_what_to_do():
    with pytest.raises(ValueError, match="to_gray"):
        geometry.find_checkerboard(np.zeros((9, 9, 3)), (5, 8))


# --- calibration ----------------------------------------------------------------------------------


def noisy(count, sigma, seed=0, camera=TRUTH):
    rng = np.random.default_rng(seed)
    return [seen(camera, where) + rng.normal(0, sigma, (40, 2)) for where in poses(count)]


def test_exact_corners_give_the_camera_and_the_poses():
    camera = geometry.calibrate(noisy(6, 0), CORNERS, shape=SHAPE)
    assert np.abs(camera.matrix - TRUTH.matrix).max() < 1e-2
    assert np.abs(camera.distortion - TRUTH.distortion).max() < 1e-3
    assert np.abs(camera.poses - poses(6)).max() < 1e-3
    assert camera.rms < 1e-4
    assert camera.shape == SHAPE


def test_rms_and_errors_are_distances_between_found_and_predicted():
    found = noisy(6, 0.2)
    camera = geometry.calibrate(found, CORNERS, shape=SHAPE)
    off = [
        distances(camera.project(places(), p), q) for p, q in zip(camera.poses, found, strict=True)
    ]
    assert np.sqrt(np.mean(np.square(off))) == pytest.approx(camera.rms, rel=1e-3)
    assert np.sqrt(np.mean(np.square(off), axis=1)) == pytest.approx(camera.errors, rel=1e-3)


def test_deviations_say_how_far_off_the_camera_is():
    wanted = np.array([*TRUTH.focal, *TRUTH.centre])
    off = []
    for seed in range(12):
        camera = geometry.calibrate(noisy(8, 0.2, seed), CORNERS, shape=SHAPE)
        off.append((np.array([*camera.focal, *camera.centre]) - wanted) / camera.deviations)
    assert 0.5 < np.sqrt(np.mean(np.square(off))) < 1.6


def test_squares_set_the_unit_of_the_poses():
    one = geometry.calibrate(noisy(5, 0), CORNERS, shape=SHAPE)
    small = geometry.calibrate(noisy(5, 0), CORNERS, shape=SHAPE, square=0.03)
    assert np.abs(small.poses[:, :, 3] - 0.03 * one.poses[:, :, 3]).max() < 1e-4
    assert np.abs(small.poses[:, :, :3] - one.poses[:, :, :3]).max() < 1e-4


@pytest.mark.parametrize(("radial", "tangential"), [(0, False), (1, False), (3, True), (0, True)])
def test_what_is_not_fitted_is_zero(radial, tangential):
    camera = geometry.calibrate(
        noisy(5, 0), CORNERS, shape=SHAPE, radial=radial, tangential=tangential
    )
    k1, k2, p1, p2, k3 = camera.distortion != 0
    assert [k1, k2, k3] == [radial > n for n in range(3)]
    assert [p1, p2] == [tangential] * 2


def test_rendered_boards_give_the_camera_back():
    found = [geometry.find_checkerboard(image, CORNERS) for _, image in views()]
    camera = geometry.calibrate(found, CORNERS, shape=SHAPE)
    assert camera.rms < 0.06
    assert np.abs(np.subtract(camera.focal, TRUTH.focal)).max() < 1.5  # half a per cent
    assert np.abs(np.subtract(camera.centre, TRUTH.centre)).max() < 1.5
    middle = np.array([[20.0, 20], [120, 160], [220, 300]])
    assert np.abs(camera.rays(middle) - TRUTH.rays(middle)).max() < 2 / 300  # of an angle


def test_views_that_do_not_settle_a_camera_are_refused():
    flat = [seen(TRUTH, pose((0, 0), 0, (0, 0, d))) for d in (12, 13, 14, 15)]
    noise = np.random.default_rng(0).normal(0, 0.1, (4, 40, 2))
    tilted = [seen(TRUTH, pose((0.3, 0.2), 0, (0, d / 9, d))) for d in (12, 13, 14, 15)]
    for parallel in (flat, tilted, flat + noise, tilted + noise):
        with pytest.raises(ValueError, match="tilt"):
            geometry.calibrate(list(parallel), CORNERS, shape=SHAPE)
    with pytest.raises(ValueError, match="tilt"):
        geometry.calibrate([np.zeros((40, 2))] * 3, CORNERS, shape=SHAPE)


@pytest.mark.parametrize(
    ("points", "options", "error", "says"),
    [
        (noisy(2, 0), {}, ValueError, "2 views"),
        ([*noisy(3, 0), None], {}, TypeError, r"points\[3\] is None"),
        ([*noisy(3, 0), np.zeros((39, 2))], {}, ValueError, r"points\[3\] has 39"),
        ([*noisy(3, 0), np.zeros((40, 3))], {}, ValueError, r"points\[3\]"),
        ([*noisy(3, 0), np.full((40, 2), np.nan)], {}, ValueError, r"points\[3\]"),
        (noisy(3, 0)[0], {}, TypeError, "list"),
        (None, {}, TypeError, "list"),
        (noisy(3, 0), {"square": 0}, ValueError, "square"),
        (noisy(3, 0), {"radial": 4}, ValueError, "radial"),
        (noisy(3, 0), {"radial": 1.5}, TypeError, "radial"),
        (noisy(3, 0), {"tangential": 1}, TypeError, "tangential"),
        (noisy(3, 0), {"shape": (0, 9)}, ValueError, "shape"),
    ],
)
def test_calibrate_names_what_is_wrong(points, options, error, says):
    with pytest.raises(error, match=says):
        geometry.calibrate(points, CORNERS, **({"shape": SHAPE} | options))


# --- undistortion ---------------------------------------------------------------------------------


def small_camera(shape, lens=LENS):
    h, w = shape
    focal = 1.2 * max(shape)
    return Camera([[focal, 0, h / 2 - 0.7], [0, 1.1 * focal, w / 2], [0, 0, 1]], shape, lens)


def undistorted64(image, camera, order=1):
    """SciPy reads between the pixels, at OpenCV's documented places."""
    rows, columns = np.indices(image.shape[:2])
    (f, g), (row, column) = camera.focal, camera.centre
    u, v = bent((columns - column) / g, (rows - row) / f, *camera.distortion)
    where = [f * v + row, g * u + column]
    values = to_float64(np.atleast_3d(image))
    planes = [
        ndimage.map_coordinates(plane, where, order=order, mode="grid-constant")
        for plane in np.moveaxis(values, 2, 0)
    ]
    return np.stack(planes, axis=-1).reshape(image.shape)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (13, 1), (17, 23), (40, 31)])
@pytest.mark.parametrize("channels", [None, 1, 3, 5])
@pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
def test_undistort_is_its_definition_on_both_engines(shape, channels, kind):
    rng = np.random.default_rng(0)
    image = rng.random(shape if channels is None else (*shape, channels))
    image = np.rint(255 * image).astype(np.uint8) if kind == "uint8" else image.astype(kind)
    camera, before = small_camera(shape), image.copy()
    out = geometry.undistort(image, camera)
    wanted = undistorted64(image, camera)
    assert np.array_equal(image, before)
    assert (out.dtype, out.shape) == (image.dtype, image.shape)
    if kind == "uint8":
        assert np.abs(out - 255 * wanted).max() <= 0.56
        return
    tolerance = 1e-5 if kind == "float32" else 1e-12
    assert np.abs(out - wanted).max() < tolerance
    planes = image if channels is None else np.moveaxis(image, 2, 0)
    tensor = geometry.undistort(torch.from_numpy(planes.copy()), camera).numpy()
    tensor = tensor if channels is None else np.moveaxis(tensor, 0, 2)
    assert np.abs(tensor - wanted).max() < tolerance


def test_undistort_is_exact_where_opencv_rounds_to_a_thirty_second_of_a_pixel():
    image = data.load("camera")[:240, :320].astype(np.float32) / 255
    wanted = undistorted64(image, TRUTH)
    ours = geometry.undistort(image, TRUTH)
    theirs = cv2.undistort(image, opencv_matrix(TRUTH), TRUTH.distortion)
    assert np.abs(ours - wanted).max() < 2e-5
    assert np.abs(theirs - wanted).max() > 20 * np.abs(ours - wanted).max()


def test_no_distortion_changes_nothing():
    image = np.random.default_rng(0).random((20, 30, 3))
    assert np.abs(geometry.undistort(image, small_camera((20, 30), (0,) * 5)) - image).max() < 1e-12


def test_straight_lines_are_straight_again():
    where, image = views()[1]
    found = geometry.find_checkerboard(geometry.undistort(image, TRUTH), CORNERS)
    pinhole = Camera(TRUTH.matrix, SHAPE)
    assert distances(found, pinhole.project(places(), where)).mean() < 0.06


def test_undistort_has_gradients():
    image = torch.rand(2, 5, 6, dtype=torch.float64, requires_grad=True)
    camera = small_camera((5, 6))
    assert torch.autograd.gradcheck(lambda x: geometry.undistort(x, camera), image)


def test_a_camera_and_what_it_remembers_cannot_be_changed():
    image = np.random.default_rng(0).random((20, 30))
    camera = small_camera((20, 30))
    first = geometry.undistort(image, camera)
    for array in (camera.matrix, camera.distortion):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    assert np.array_equal(geometry.undistort(image, camera), first)
    other = small_camera((20, 30), (0.1, 0, 0, 0, 0))
    assert not np.allclose(geometry.undistort(image, other), first)
    assert np.array_equal(geometry.undistort(image, camera), first)


def test_a_lens_beyond_all_sense_does_no_harm():
    image = np.random.default_rng(0).random((20, 30))
    camera = small_camera((20, 30), (1e300, -1e300, 1e200, 0, 1e300))
    for kind in (np.float64, np.float32):
        for mode in ("constant", "mirror", "wrap"):
            out = geometry.undistort(image.astype(kind), camera, mode=mode)
            assert np.isfinite(out).all()


def test_undistort_passes_its_options_on():
    image = np.random.default_rng(0).random((12, 15))
    camera = small_camera((12, 15), (0.5, 0, 0, 0, 0))
    white = geometry.undistort(image, camera, cval=1.0)
    black = geometry.undistort(image, camera)
    assert white[0, 0] > black[0, 0]
    assert set(geometry.undistort(image, camera, method="nearest", mode="mirror").ravel()) <= set(
        image.ravel()
    )


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_undistort_refuses_what_is_no_image(name):
    image, error = BAD_IMAGES[name]
    with pytest.raises(error, match="image"):
        geometry.undistort(image, small_camera((4, 4)))


def test_undistort_names_what_is_wrong():
    image = np.zeros((12, 15))
    with pytest.raises(TypeError, match="camera"):
        geometry.undistort(image, np.eye(3))
    with pytest.raises(ValueError, match=r"12 by 15.*24 by 30"):
        geometry.undistort(image, small_camera((24, 30)))
    with pytest.raises(ValueError, match="method"):
        geometry.undistort(image, small_camera((12, 15)), method="best")


# --- two cameras ----------------------------------------------------------------------------------


TILTED = Rig(
    TRUTH, OTHER, np.column_stack([turn((0.3, 1, 0.5), 0.06), (0.15, -2.0, 0.1)])
)  # looks aside, stands a little lower and ahead


def places_in_depth(count=60, seed=0):
    rng = np.random.default_rng(seed)
    rays = rng.uniform((-0.3, -0.35), (0.3, 0.4), (count, 2))
    depth = rng.uniform(8, 40, (count, 1))
    return np.column_stack([rays * depth, depth])


@pytest.mark.parametrize("rig", [RIG, TILTED], ids=["side by side", "tilted"])
def test_rectified_places_are_on_one_row_and_shift_by_focal_baseline_over_depth(rig):
    pair = geometry.rectify(np.zeros(SHAPE), np.zeros(SHAPE), rig)
    world = places_in_depth()
    turns = geometry.rectification.rectifying_turns(rig.pose)
    left = pair.camera.project(world @ turns[0].T)
    beside = world @ rig.pose[:, :3].T + rig.pose[:, 3]
    right = pair.camera.project(beside @ turns[1].T)
    assert np.abs(left[:, 0] - right[:, 0]).max() < 1e-9
    depth = (world @ turns[0].T)[:, 2]
    shift = left[:, 1] - right[:, 1]
    assert (
        np.abs(geometry.depth(shift, focal=pair.focal, baseline=pair.baseline) - depth).max() < 1e-9
    )
    for one in turns:
        assert np.abs(one @ one.T - np.eye(3)).max() < 1e-12
        assert np.linalg.det(one) == pytest.approx(1)


def test_rectify_is_near_opencvs():
    rig = TILTED
    arguments = [opencv_matrix(rig.left), rig.left.distortion, opencv_matrix(rig.right)]
    between = np.ascontiguousarray(rig.pose[SWAP][:, SWAP])
    arguments += [rig.right.distortion, SHAPE[::-1], between, rig.pose[SWAP, 3:]]
    one, other, *_ = cv2.stereoRectify(*arguments, alpha=-1)
    ours = [turn[SWAP][:, SWAP] for turn in geometry.rectification.rectifying_turns(rig.pose)]
    assert np.abs(ours[0] - one).max() < 5e-3
    assert np.abs(ours[1] - other).max() < 5e-3


@cache
def stereo_views():
    found = []
    for where in poses(7, seed=3):
        where = where + np.column_stack([np.zeros((3, 3)), (0, 1, 3)])  # both see all of it
        beside = np.column_stack(
            [
                TILTED.pose[:, :3] @ where[:, :3],
                TILTED.pose[:, :3] @ where[:, 3] + TILTED.pose[:, 3],
            ]
        )
        found.append((where, render(TRUTH, where), render(OTHER, beside)))
    return found


def test_a_rig_is_calibrated_rectified_and_measures_depth():
    found = [
        [geometry.find_checkerboard(view[side], CORNERS) for view in stereo_views()]
        for side in (1, 2)
    ]
    rig = geometry.calibrate_stereo(*found, CORNERS, shape=SHAPE, square=0.5)
    assert rig.rms < 0.1
    assert rig.baseline == pytest.approx(0.5 * TILTED.baseline, rel=0.01)
    assert np.abs(rig.pose[:, :3] - TILTED.pose[:, :3]).max() < 0.01

    where, *images = stereo_views()[0]
    pair = geometry.rectify(*images, rig)
    left, right = (geometry.find_checkerboard(image, CORNERS) for image in pair[:2])
    assert np.abs(left[:, 0] - right[:, 0]).mean() < 0.1
    measured = geometry.depth(left[:, 1] - right[:, 1], focal=pair.focal, baseline=pair.baseline)
    turns = geometry.rectification.rectifying_turns(TILTED.pose)
    truth = 0.5 * ((places() @ where[:, :3].T + where[:, 3]) @ turns[0].T)[:, 2]
    assert np.abs(measured / truth - 1).mean() < 0.01


def test_rectify_is_the_same_on_both_engines_and_dtypes():
    rng = np.random.default_rng(0)
    left, right = rng.random((2, *SHAPE))
    exact = geometry.rectify(left, right, TILTED)
    single = geometry.rectify(left.astype(np.float32), right.astype(np.float32), TILTED)
    tensor = geometry.rectify(torch.from_numpy(left)[None], torch.from_numpy(right)[None], TILTED)
    for side in ("left", "right"):
        wanted = getattr(exact, side)
        assert np.abs(getattr(single, side) - wanted).max() < 2e-4
        assert np.abs(getattr(tensor, side)[0].numpy() - wanted).max() < 1e-11


def test_rigs_that_cannot_see_depth_are_refused():
    image = np.zeros(SHAPE)
    for shift in ((0, 2, 0), (2, 0, 0), (0, 0, 2)):  # exchanged, one above the other, behind
        rig = Rig(TRUTH, OTHER, np.column_stack([np.eye(3), shift]))
        with pytest.raises(ValueError, match="to the right"):
            geometry.rectify(image, image, rig)
    with pytest.raises(ValueError, match="one place"):
        Rig(TRUTH, OTHER, np.eye(3, 4))
    with pytest.raises(TypeError, match="right must be a Camera"):
        Rig(TRUTH, None, RIG.pose)
    with pytest.raises(TypeError, match="rig"):
        geometry.rectify(image, image, TRUTH)
    with pytest.raises(ValueError, match="right is 9 by 9"):
        geometry.rectify(image, np.zeros((9, 9)), RIG)
    with pytest.raises(ValueError, match="6 views and right 5"):
        geometry.calibrate_stereo(noisy(6, 0), noisy(5, 0), CORNERS, shape=SHAPE)
