"""Optical flow, on motions that are known."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES
from torchvision.utils import flow_to_image

from imgkit import data, features, geometry

PHOTO = ndimage.gaussian_filter(data.load("camera") / 255, 0.8)


def as_kind(image, kind):
    return np.rint(255 * image).astype(np.uint8) if kind == "uint8" else image.astype(kind)


def moved(image, matrix):
    """The second frame and the true motion, for a matrix of (row, column)."""
    rows, columns = np.indices(image.shape, np.float64)
    back = np.linalg.inv(matrix)
    source = [line[0] * rows + line[1] * columns + line[2] for line in back[:2]]
    second = np.clip(ndimage.map_coordinates(image, source, order=3, mode="mirror"), 0, 1)
    goal = [line[0] * rows + line[1] * columns + line[2] for line in np.asarray(matrix)[:2]]
    return second, np.stack([goal[0] - rows, goal[1] - columns], axis=-1)


def shift(rows, columns):
    return np.array([[1, 0, rows], [0, 1, columns], [0, 0, 1.0]])


def turned(angle, scale=1.0, centre=128):
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    to = centre - np.array([[cos, sin], [-sin, cos]]) @ [centre, centre]
    return np.array([[cos, sin, to[0]], [-sin, cos, to[1]], [0, 0, 1]])


MOTIONS = {
    "whole": shift(3, -2),
    "part": shift(0.4, -0.3),
    "far": shift(12, -9),
    "turn": turned(0.05, 1.02),
}
motions = pytest.mark.parametrize("matrix", MOTIONS.values(), ids=MOTIONS)


def corners(image, count=80):
    found = features.peaks(features.shi_tomasi(image), distance=5, threshold=1e-4, count=count)
    inner = ((found >= 30) & (found < np.subtract(image.shape, 30))).all(axis=1)
    return found[inner]


# --- points ---------------------------------------------------------------------------------------


@motions
@pytest.mark.parametrize("kind", ["uint8", "float64"])
def test_points_are_followed_to_hundredths_of_a_pixel(matrix, kind):
    first = PHOTO[100:356, 100:356]
    second, _ = moved(first, matrix)
    points = corners(first)
    frames = as_kind(first, kind), as_kind(second, kind)
    goal, found = geometry.lucas_kanade(*frames, points)
    wanted = geometry.transform_points(points, matrix)
    off = np.hypot(*(goal - wanted).T)[found]
    assert found.mean() > 0.9
    one_motion = matrix[0, 0] == 1  # in each window; where the frame turns there are several
    assert np.median(off) < (0.04 if one_motion else 0.25)
    assert off.max() < (0.3 if one_motion else 1)
    assert goal.dtype == np.float64


def test_the_check_removes_points_that_went_astray():
    first = PHOTO[100:356, 100:356]
    second, _ = moved(first, shift(25, -18))
    second = second.copy()
    second[60:180, 60:180] = np.random.default_rng(0).random((120, 120))  # something in the way
    points = corners(first)
    wanted = np.add(points, (25, -18))
    loose, some = geometry.lucas_kanade(first, second, points, check=None)
    strict, few = geometry.lucas_kanade(first, second, points, check=0.5)
    wrong = [
        (np.hypot(*(goal - wanted).T)[found] > 1).sum()
        for goal, found in ((loose, some), (strict, few))
    ]
    assert not (few & ~some).any()
    assert wrong[1] < 0.3 * wrong[0]


def test_without_a_check_it_is_opencv():
    first, second = (as_kind(x, "uint8") for x in (PHOTO, moved(PHOTO, shift(2, 3))[0]))
    points = corners(PHOTO)
    goal, found = geometry.lucas_kanade(first, second, points, check=None)
    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-3)
    start = np.ascontiguousarray(points[:, None, ::-1], np.float32)
    raw, status, _ = cv2.calcOpticalFlowPyrLK(first, second, start, None, criteria=ends)
    assert np.array_equal(goal[found], raw.reshape(-1, 2)[found][:, ::-1])
    assert (status.ravel()[found] == 1).all()


def test_nothing_moves_between_the_same_frames():
    points = corners(PHOTO)
    goal, found = geometry.lucas_kanade(PHOTO, PHOTO, points)
    assert found.all()
    assert np.abs(goal - points).max() < 1e-3


def test_what_is_lost_is_nan():
    flat = np.full((60, 60), 0.5)
    goal, found = geometry.lucas_kanade(flat, flat, [(30, 30)])
    assert not found.any()
    assert np.isnan(goal).all()
    outside = [(-5, 3), (1e29, 1e29), (-1e9, 4), (3, 512), (511.5, 3)]
    goal, found = geometry.lucas_kanade(PHOTO, PHOTO, outside)
    assert not found.any()
    assert np.isnan(goal).all()


def test_no_points_are_no_points():
    goal, found = geometry.lucas_kanade(PHOTO, PHOTO, np.zeros((0, 2)))
    assert goal.shape == (0, 2)
    assert found.shape == (0,)


def test_more_levels_follow_farther():
    first = PHOTO[100:356, 100:356]
    second, _ = moved(first, shift(20, 15))
    points = corners(first)
    right = []
    for levels in (0, 3):
        goal, _ = geometry.lucas_kanade(first, second, points, levels=levels)
        right.append((np.hypot(*(goal - points - (20, 15)).T) < 0.5).mean())
    assert right[0] < 0.3
    assert right[1] > 0.8


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (16, 17)])
@pytest.mark.parametrize("options", [{"window": 3}, {"window": 255}, {"levels": 10}])
def test_small_frames_do_no_harm(shape, options):
    first, second = np.random.default_rng(0).random((2, *shape))
    points = [(0, 0), (shape[0] - 1, shape[1] - 1), (-3, 900)]
    goal, found = geometry.lucas_kanade(first, second, points, **options)
    assert goal.shape == (3, 2)
    assert not found[2]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"points": [1, 2, 3]}, ValueError, "points"),
        ({"points": [(np.nan, 1)]}, ValueError, "points"),
        ({"points": "here"}, (TypeError, ValueError), "points"),
        ({"window": 2}, ValueError, "window"),
        ({"window": 5.5}, TypeError, "window"),
        ({"levels": 11}, ValueError, "levels"),
        ({"check": 0}, ValueError, "check"),
        ({"check": "yes"}, TypeError, "check"),
        ({"second": np.zeros((9, 10))}, ValueError, "one size"),
        ({"second": np.zeros((9, 9, 3))}, ValueError, r"to_gray\(second\)"),
        ({"first": np.full((9, 9), 9.0)}, ValueError, "first"),
    ],
)
def test_lucas_kanade_names_what_is_wrong(options, error, says):
    fine = {"first": np.zeros((9, 9)), "second": np.zeros((9, 9)), "points": [(4, 4)]}
    with pytest.raises(error, match=says):
        geometry.lucas_kanade(**(fine | options))


# --- every pixel ----------------------------------------------------------------------------------


@motions
@pytest.mark.parametrize("kind", ["uint8", "float32"])
def test_every_pixels_motion_is_found(matrix, kind):
    first = PHOTO[100:356, 100:356]
    second, truth = moved(first, matrix)
    frames = as_kind(first, kind), as_kind(second, kind)
    before = [frame.copy() for frame in frames]
    flow = geometry.dense_flow(*frames)
    off = np.hypot(*np.moveaxis(flow - truth, 2, 0))[20:-20, 20:-20]
    assert all(np.array_equal(a, b) for a, b in zip(frames, before, strict=True))
    assert (flow.dtype, flow.shape) == (np.float32, (256, 256, 2))
    assert flow.flags.c_contiguous
    assert np.median(off) < 0.1
    assert off.mean() < 0.25


def test_the_flow_leads_from_the_first_frame_to_the_second():
    first = PHOTO[100:356, 100:356]
    second, _ = moved(first, turned(0.05))
    flow = geometry.dense_flow(first, second)
    rows, columns = np.indices(first.shape)
    back = geometry.remap(second, rows + flow[..., 0], columns + flow[..., 1])
    inner = np.s_[20:-20, 20:-20]
    assert np.abs(back - first)[inner].mean() < 0.15 * np.abs(second - first)[inner].mean()


def test_the_finest_level_beats_farneback_and_opencvs_default():
    first = PHOTO[100:356, 100:356]
    second, truth = moved(first, MOTIONS["turn"])
    small = [as_kind(x, "uint8") for x in (first, second)]
    farneback = cv2.calcOpticalFlowFarneback(*small, None, 0.5, 5, 15, 3, 5, 1.2, 0)[..., ::-1]

    def mean(flow):
        return np.hypot(*np.moveaxis(flow - truth, 2, 0)).mean()

    ours = mean(geometry.dense_flow(*small))
    assert ours < 0.7 * mean(geometry.dense_flow(*small, finest=1))
    assert ours < 0.2 * mean(farneback)


def test_still_frames_have_no_motion():
    assert np.abs(geometry.dense_flow(PHOTO, PHOTO)).max() < 1e-3
    flat = np.full((40, 50), 0.3)
    assert np.abs(geometry.dense_flow(flat, flat)).max() < 1e-3


def test_transposed_frames_have_a_transposed_flow():
    first = PHOTO[100:228, 100:228]
    second, _ = moved(first, shift(2, -1))
    flow = geometry.dense_flow(first, second)
    other = geometry.dense_flow(np.ascontiguousarray(first.T), np.ascontiguousarray(second.T))
    assert np.abs(np.median(other.transpose(1, 0, 2)[..., ::-1] - flow)) < 0.02
    assert np.median(flow[..., 0]) == pytest.approx(2, abs=0.02)
    assert np.median(flow[..., 1]) == pytest.approx(-1, abs=0.02)


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 9), (9, 1), (2, 300), (8, 100), (100, 8), (11, 12), (15, 16), (16, 17)]
)
@pytest.mark.parametrize("finest", [0, 1, 2, 10])
def test_small_frames_do_no_harm_where_opencv_crashes(shape, finest):
    first, second = np.random.default_rng(0).random((2, *shape))
    flow = geometry.dense_flow(first, second, finest=finest)
    assert flow.shape == (*shape, 2)
    assert np.isfinite(flow).all()


@pytest.mark.parametrize("name", BAD_IMAGES)
@pytest.mark.parametrize("which", ["first", "second"])
def test_what_is_no_frame_is_refused(name, which):
    image, error = BAD_IMAGES[name]
    frames = {"first": np.zeros((4, 4)), "second": np.zeros((4, 4))} | {which: image}
    with pytest.raises(error, match=which):
        geometry.dense_flow(**frames)
    with pytest.raises(error, match=which):
        geometry.lucas_kanade(**frames, points=[(1, 1)])


@pytest.mark.parametrize(
    ("finest", "error"), [(-1, ValueError), (11, ValueError), (0.5, TypeError)]
)
def test_dense_flow_names_a_bad_level(finest, error):
    with pytest.raises(error, match="finest"):
        geometry.dense_flow(PHOTO, PHOTO, finest=finest)


# --- the picture ----------------------------------------------------------------------------------


def picture64(flow, largest):
    """Baker et al., with whole pixels and loops."""
    wheel, legs = [], (15, 6, 4, 11, 13, 6)
    pure = [(1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1), (1, 0, 1), (1, 0, 0)]
    for leg, steps in enumerate(legs):
        start, stop = np.array(pure[leg], float), np.array(pure[leg + 1], float)
        wheel += [start + (stop - start) * i / steps for i in range(steps)]
    out = np.zeros((*flow.shape[:2], 3))
    for place in np.ndindex(flow.shape[:2]):
        down, right = flow[place].astype(float)
        at = (np.arctan2(-down, -right) / np.pi + 1) / 2 * 54
        low = int(at)
        hue = wheel[low] + (at - low) * (wheel[(low + 1) % 55] - wheel[low])
        depth = np.hypot(down, right) / largest
        out[place] = 1 - depth * (1 - hue) if depth <= 1 + 1e-6 else 0.75 * hue
    return out


shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@given(shapes, st.integers(0, 2**32 - 1), st.sampled_from(["float32", "float64"]))
@settings(max_examples=40)
def test_flow_picture_is_its_definition(shape, seed, kind):
    rng = np.random.default_rng(seed)
    flow = (rng.normal(size=(*shape, 2)) * 10.0 ** rng.integers(-3, 4)).astype(kind)
    before = flow.copy()
    largest = np.hypot(*np.moveaxis(flow.astype(float), 2, 0)).max()
    tolerance = 1e-5 if kind == "float32" else 1e-12
    found = geometry.flow_picture(flow)
    assert np.array_equal(flow, before)
    assert found.dtype == kind
    assert np.abs(found - picture64(flow, largest)).max() < tolerance
    given_largest = geometry.flow_picture(flow, largest=0.61 * largest)
    assert np.abs(given_largest - picture64(flow, 0.61 * largest)).max() < tolerance


def test_flow_picture_is_torchvisions_to_a_level_or_two():
    flow = np.random.default_rng(0).normal(size=(30, 40, 2)).astype(np.float32)
    planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(flow[..., ::-1], 2, 0)))
    wanted = np.moveaxis(flow_to_image(planes).numpy(), 0, 2)
    assert np.abs(255 * geometry.flow_picture(flow) - wanted).max() < 2.1


def test_directions_have_the_colours_that_are_promised():
    still, right, down, left, up = geometry.flow_picture(
        np.array([[(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]], float)
    )[0]
    assert still.tolist() == [1, 1, 1]
    assert right.tolist() == [1, 0, 0]
    assert np.abs(down - (1, 0.9, 0)).max() < 0.01
    assert np.abs(left - (0, 0.82, 1)).max() < 0.01
    assert np.abs(up - (0.35, 0, 1)).max() < 0.01


def test_a_still_flow_is_white_and_huge_ones_do_no_harm():
    assert (geometry.flow_picture(np.zeros((3, 4, 2), np.float32)) == 1).all()
    one = np.zeros((1, 1, 2), np.float32)
    one[0, 0, 1] = 1e38
    assert geometry.flow_picture(one).tolist() == [[[1, 0, 0]]]
    for largest in (1e-300, 1e300):
        assert np.isfinite(geometry.flow_picture(one / 1e38, largest=largest)).all()
    with pytest.raises(ValueError, match="too large"):
        geometry.flow_picture(np.full((1, 1, 2), 3e38, np.float32))


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_flow_picture_refuses_what_is_no_flow(name):
    flow, error = BAD_IMAGES[name]
    with pytest.raises(error, match="flow"):
        geometry.flow_picture(flow)


def test_flow_picture_names_what_is_wrong():
    with pytest.raises(TypeError, match="uint8"):
        geometry.flow_picture(np.zeros((4, 4, 2), np.uint8))
    with pytest.raises(ValueError, match=r"\(H, W, 2\)"):
        geometry.flow_picture(np.zeros((4, 4, 3)))
    with pytest.raises(ValueError, match="largest"):
        geometry.flow_picture(np.zeros((4, 4, 2)), largest=0)
