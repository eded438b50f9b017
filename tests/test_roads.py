"""The road from above, and the lane lines in it."""

import math

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, images, run

from imgkit import color, geometry
from imgkit.data.scenes import road_scene
from imgkit.geometry import LaneLine, birds_eye, birds_eye_matrix, fit_lane

CORNERS = [(3, 4), (3, 9), (9, 13), (9, 0)]
seeds = st.integers(0, 2**32 - 1)

# --- the view from above ---


@settings(max_examples=40)
@given(seed=seeds, rows=st.integers(2, 40), columns=st.integers(2, 40))
def test_the_corners_go_to_the_corner_pixels_and_lines_stay_lines(seed, rows, columns):
    rng = np.random.default_rng(seed)
    near, far = sorted(rng.uniform(20, 200, 2))[::-1]
    left, right = rng.uniform(-50, 0), rng.uniform(1, 50)
    corners = [(far, left / 3), (far, right / 3), (near + 5, right), (near + 5, left)]
    M = birds_eye_matrix(corners, (rows, columns))
    ends = [(0, 0), (0, columns - 1), (rows - 1, columns - 1), (rows - 1, 0)]
    np.testing.assert_allclose(geometry.transform_points(corners, M), ends, atol=1e-6)
    middle = (np.array(corners[0]) + corners[3]) / 2
    np.testing.assert_allclose(geometry.transform_points([middle], M)[0, 1], 0, atol=1e-6)


@settings(max_examples=40)
@given(image=images(), shape=st.tuples(st.integers(2, 9), st.integers(2, 9)))
def test_it_is_the_warp_by_its_matrix(image, shape):
    h, w = image.shape[:2]
    corners = [(0, 0.3 * w), (0, 0.6 * w), (h, w), (h, -0.5)]
    out = run(birds_eye, image, corners, shape)
    assert out.shape == (*shape, *image.shape[2:])
    wanted = geometry.warp_perspective(image, birds_eye_matrix(corners, shape), shape)
    assert np.array_equal(out, wanted)


def test_a_rectangle_that_lies_straight_is_cut_out():
    image = np.arange(48, dtype=np.uint8).reshape(6, 8)
    corners = [(1, 2), (1, 6), (4, 6), (4, 2)]
    assert np.array_equal(birds_eye(image, corners, (4, 5)), image[1:5, 2:7])


def test_both_engines_see_the_same_and_gradients_flow():
    image = np.random.default_rng(0).random((12, 15, 3))
    tensor = torch.tensor(image).movedim(-1, 0).requires_grad_()
    out = birds_eye(tensor, CORNERS, (6, 7))
    wanted = birds_eye(image, CORNERS, (6, 7))
    np.testing.assert_allclose(out.detach().movedim(0, -1), wanted, atol=1e-12)
    small = torch.rand(2, 5, 6, dtype=torch.float64, requires_grad=True)
    corners = [(1, 2), (1, 3), (4, 5), (4, 0)]
    assert torch.autograd.gradcheck(lambda x: birds_eye(x, corners, (4, 5)), small)


def test_parallels_on_the_road_are_parallel_from_above():
    scene = road_scene(0, curve=0, lanes=1, noise=0, shadows=False, vehicles=0)
    above = birds_eye(color.to_gray(scene[0].image), scene.corners, scene.birds_eye_shape)
    left, right = above[:200, :100].argmax(axis=1), 100 + above[:200, 100:].argmax(axis=1)
    apart = (right - left) * scene.pixel[1]
    assert abs(np.median(apart) - 3.5) < 0.06
    assert np.abs(apart - 3.5).max() < 0.3
    in_image = np.diff(scene[0].lines[:, :200, 1], axis=0)
    assert in_image.max() > 2 * in_image.min()


@pytest.mark.parametrize(
    ("corners", "shape", "error", "says"),
    [
        (CORNERS[::-1], (5, 5), ValueError, "clockwise"),
        ([CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]], (5, 5), ValueError, "convex"),
        ([(0, 0), (0, 1), (0, 2), (5, 0)], (5, 5), ValueError, "convex"),
        ([(0, 0)] * 4, (5, 5), ValueError, "convex"),
        (CORNERS[:3], (5, 5), ValueError, "four points, got 3"),
        (np.zeros((4, 3)), (5, 5), ValueError, "corners has shape"),
        ([(np.nan, 0), *CORNERS[1:]], (5, 5), ValueError, "corners has 1 values"),
        ("abcd", (5, 5), TypeError, "corners"),
        (CORNERS, (1, 5), ValueError, "shape must have at least 2"),
        (CORNERS, (5, 5.5), TypeError, "shape"),
        (CORNERS, (5, 2**30), ValueError, "shape"),
    ],
)
def test_bad_corners_and_shapes_are_named(corners, shape, error, says):
    with pytest.raises(error, match=says):
        birds_eye(np.zeros((10, 14)), corners, shape)


# --- the lane ---


def drawn(shape, lines, *, width=5, gaps=(), noise=0.0, seed=0):
    """A mask with the lines (start, slope, bend) in it, and the lines' columns in each row."""
    h, w = shape
    rows, columns = np.mgrid[:h, :w]
    t = (h - 1 - rows) / (h - 1)
    mask = np.zeros(shape, bool)
    for i, (a, b, c) in enumerate(lines):
        at = a + b * t + c * t * t
        band = np.abs(columns - at) <= width / 2
        if i in gaps:
            band &= rows % 60 < 20
        mask |= band
    mask |= np.random.default_rng(seed).random(shape) < noise
    along = t[:, 0]
    return mask, [a + b * along + c * along**2 for a, b, c in lines]


def assert_follows(lines, truth, atol):
    assert len(lines) == len(truth)
    for line, columns in zip(lines, truth, strict=True):
        np.testing.assert_allclose(line.points()[:, 1], columns, atol=atol)


@settings(max_examples=30)
@given(
    slope=st.floats(-90, 90),
    bend=st.floats(-90, 90),
    start=st.floats(40, 90),
    gaps=st.sampled_from([(), (0,), (1,), (0, 1)]),
    seed=seeds,
)
def test_lines_are_found_however_they_bend_through_gaps_and_noise(slope, bend, start, gaps, seed):
    aside = max(0, -(slope + bend), bend and -(slope**2) / (4 * bend))
    lines = [(start + min(aside, 60), slope, bend), (start + min(aside, 60) + 70, slope, bend)]
    mask, truth = drawn((300, 260), lines, gaps=gaps, noise=0.01, seed=seed)
    inside = [((at > 0) & (at < 260)).mean() for at in truth]
    if min(inside) > 0.9:
        assert_follows(fit_lane(mask, width=5), truth, 1.5)


@settings(max_examples=30)
@given(seed=seeds, count=st.integers(1, 4))
def test_clean_lines_are_found_to_a_pixel_at_their_ends_too(seed, count):
    rng = np.random.default_rng(seed)
    slope, bend = rng.uniform(-20, 20, 2)
    lines = [(60 + 50 * i, slope, bend) for i in range(count)]
    mask, truth = drawn((200, 320), lines, width=6)
    assert_follows(fit_lane(mask, lines=4, width=6, spacing=30), truth, 1.0)


def test_lines_need_not_be_quite_parallel():
    mask, truth = drawn((300, 200), [(60, 0, 10), (140, 6, 12)])
    assert_follows(fit_lane(mask, width=5), truth, 0.5)


def test_a_line_with_one_dash_takes_its_bend_from_the_other():
    mask, truth = drawn((300, 200), [(60, 10, 40), (130, 10, 40)])
    mask[:240, 100:] = False
    mask[280:, 100:] = False
    assert_follows(fit_lane(mask, width=5), truth, 3)


def test_sliding_windows_would_lose_this_one():
    """Its lower half is a gap, and above it bends away."""
    mask, truth = drawn((300, 260), [(60, 20, 80), (130, 20, 80)])
    mask[150:, 100:] = False
    assert_follows(fit_lane(mask, width=5), truth, 3)


@settings(max_examples=15)
@given(seed=seeds)
def test_wide_things_are_no_lines(seed):
    rng = np.random.default_rng(seed)
    mask, truth = drawn((200, 200), [(50, 5, 10), (120, 5, 10)])
    row, column = rng.integers(0, 120, 2)
    mask[row : row + 60, column : column + 70] = True
    kept = fit_lane(mask, width=5)
    for line in kept:
        away = [np.abs(line.points()[:, 1] - at).max() for at in truth]
        assert min(away) < 1
    assert len(kept) >= 1


def test_mirrored_masks_have_mirrored_lines():
    mask, _ = drawn((150, 201), [(60, 10, -20), (120, 10, -20)], noise=0.005)
    for line, other in zip(fit_lane(mask), fit_lane(mask[:, ::-1])[::-1], strict=True):
        np.testing.assert_allclose(line.points()[:, 1], 200 - other.points()[:, 1], atol=0.3)
        np.testing.assert_allclose(line.curvature(), -other.curvature(), atol=1e-4)


@pytest.mark.parametrize("fill", [0.0, 0.01, 0.1, 0.5, 1.0])
def test_where_no_line_is_none_is_found(fill):
    mask = np.random.default_rng(0).random((200, 200)) < fill
    assert fit_lane(mask, width=4, support=0.3) == []


def test_support_is_the_part_of_the_rows():
    mask = np.zeros((100, 100), bool)
    mask[:30, 50] = True
    assert len(fit_lane(mask, support=0.3)) == 1
    assert fit_lane(mask, support=0.31) == []
    (line,) = fit_lane(mask, support=0.3)
    assert line.rows.tolist() == list(range(30))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2), (3, 500), (900, 3)])
@pytest.mark.parametrize("value", [False, True])
def test_thin_masks_are_fine(shape, value):
    for line in fit_lane(np.full(shape, value), lines=3):
        assert np.isfinite(line.points()).all()
        assert line.points().shape == (shape[0], 2)


@settings(max_examples=25)
@given(
    seed=seeds,
    width=st.sampled_from([1, 1.5, 7, 1e6]),
    spacing=st.sampled_from([1e-3, 2, 50, 1e9]),
    lines=st.sampled_from([1, 5, 1000]),
)
def test_silly_sizes_give_lines_or_none(seed, width, spacing, lines):
    rng = np.random.default_rng(seed)
    mask = rng.random(tuple(rng.integers(1, 40, 2))) < rng.random()
    before = mask.copy()
    found = fit_lane(mask, width=width, spacing=spacing, lines=lines)
    assert len(found) <= lines
    assert np.array_equal(mask, before)
    starts = [line.coefficients[0] for line in found]
    assert starts == sorted(starts)
    assert all(np.isfinite(line.coefficients).all() for line in found)


def test_memory_layout_does_not_matter():
    mask, _ = drawn((90, 120), [(30, 5, 5), (80, 5, 5)])
    wanted = [line.coefficients for line in fit_lane(mask)]
    wide = np.zeros((180, 240), bool)
    wide[::2, ::2] = mask
    locked = mask.copy()
    locked.flags.writeable = False
    for same in (np.asfortranarray(mask), wide[::2, ::2], locked, mask[::-1].copy()[::-1]):
        found = [line.coefficients for line in fit_lane(same)]
        assert np.array_equal(found, wanted)


def test_lanes_of_a_drive_are_found_to_centimetres():
    """Half a dozen drives, with shadows, noise, dashes and bends; the mask is a plain top-hat."""
    misses, bends = [], []
    for seed in range(6):
        scene = road_scene(seed, vehicles=0, lanes=1 + seed % 3)
        frame = scene[10 * seed]
        above = birds_eye(color.to_gray(frame.image), scene.corners, scene.birds_eye_shape)
        soft = cv2.GaussianBlur(above, (3, 3), 0)
        mask = cv2.morphologyEx(soft, cv2.MORPH_TOPHAT, np.ones((1, 11), np.uint8)) > 18
        lines = fit_lane(mask, lines=3)
        for true in frame.birds_eye_lines:
            if ((true[:, 1] > 5) & (true[:, 1] < 195)).mean() < 0.9:
                continue
            away = [np.abs(line.columns(true[:, 0]) - true[:, 1]).max() for line in lines]
            misses.append(min(away))
            line = lines[int(np.argmin(away))]
            bends.append(line.curvature(pixel=scene.pixel) - frame.curvature)
    assert len(misses) >= 10
    assert np.median(misses) * scene.pixel[1] < 0.02
    assert max(misses) * scene.pixel[1] < 0.15
    assert np.median(np.abs(bends)) < 3e-4


# --- the radius ---


@settings(max_examples=40)
@given(
    radius=st.floats(60, 5000),
    right=st.booleans(),
    high=st.floats(0.05, 0.3),
    wide=st.floats(0.01, 0.1),
)
def test_a_circle_has_its_radius(radius, right, high, wide):
    """Near its foot a parabola is a circle."""
    height = 200
    ahead = (height - 1) * high
    c = (1 if right else -1) * ahead**2 / (2 * radius) / wide
    line = LaneLine(np.array([40.0, 0.0, c]), height, np.arange(height))
    assert math.isclose(line.radius(pixel=(high, wide)), radius, rel_tol=1e-9)
    assert (line.curvature(pixel=(high, wide)) > 0) == right


def test_the_curvature_is_that_of_the_points():
    line = LaneLine(np.array([30.0, 25.0, -60.0]), 101, np.arange(101))
    y, x = -0.2 * line.points()[:, 0], 0.1 * line.points()[:, 1]
    slope = np.gradient(x, y)
    wanted = np.gradient(slope, y) / (1 + slope**2) ** 1.5
    for row in (10, 50, 90):
        assert math.isclose(line.curvature(row, pixel=(0.2, 0.1)), wanted[row], rel_tol=1e-3)


def test_a_straight_line_has_no_radius():
    line = LaneLine(np.array([30.0, 5.0, 0.0]), 50, np.arange(50))
    assert line.curvature() == 0
    assert line.radius() == math.inf


# --- errors ---


@pytest.mark.parametrize("name", [name for name in BAD_IMAGES if name != "bool"])
def test_what_is_no_mask_is_refused(name):
    with pytest.raises((TypeError, ValueError), match="mask"):
        fit_lane(BAD_IMAGES[name][0])


@pytest.mark.parametrize(
    "options",
    [
        {"lines": 0},
        {"lines": 1.5},
        {"width": 0.5},
        {"width": np.nan},
        {"spacing": 0},
        {"spacing": "wide"},
        {"support": 0},
        {"support": 1.1},
    ],
)
def test_a_bad_option_is_named(options):
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        fit_lane(np.ones((20, 20), bool), **options)


@pytest.mark.parametrize("pixel", [1, (1,), (0, 1), (1, "a"), (1, 2, 3), (1, np.inf)])
def test_a_bad_pixel_is_named(pixel):
    line = LaneLine(np.array([30.0, 5.0, 1.0]), 50, np.arange(50))
    with pytest.raises((TypeError, ValueError), match="pixel"):
        line.radius(pixel=pixel)
    with pytest.raises((TypeError, ValueError), match="row"):
        line.radius(np.nan)
