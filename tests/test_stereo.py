"""Disparity and depth, on scenes whose depth is known."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES

from imgkit import color, data, geometry

METHODS = ["semiglobal", "block"]
both = pytest.mark.parametrize("method", METHODS)


def texture(shape, seed=0, sigma=0.8):
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random(shape), sigma, mode="wrap")
    return (noise - noise.min()) / np.ptp(noise)


def shifted(right, shift):
    """The left image of a scene: ``left[r, c] = right[r, c - shift]``, by a cubic spline."""
    rows, columns = np.indices(right.shape, np.float64)
    left = ndimage.map_coordinates(right, [rows, columns - shift], order=3, mode="nearest")
    return np.clip(left, 0, 1)


def as_kind(image, kind):
    return np.rint(255 * image).astype(np.uint8) if kind == "uint8" else image.astype(kind)


@both
@given(
    shift=st.integers(0, 15),
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["uint8", "float32", "float64"]),
)
@settings(max_examples=20)
def test_a_shift_by_whole_pixels_is_found(method, shift, seed, kind):
    scene = as_kind(texture((40, 90), seed), kind)
    left, right = scene[:, :70], scene[:, shift : 70 + shift]
    before = left.copy(), right.copy()
    found = geometry.disparity(left, right, method=method, largest=20)
    assert np.array_equal(left, before[0])
    assert np.array_equal(right, before[1])
    assert found.dtype == np.float32
    assert found.shape == left.shape
    inner = found[6:-6, 20:-6]
    assert (np.abs(inner - shift) <= 0.25).mean() > 0.98  # nan is not


@both
@pytest.mark.parametrize("shift", [3.25, 7.5, 10.7])
def test_parts_of_a_pixel_are_found(method, shift):
    right = texture((60, 120), sigma=1.5)
    found = geometry.disparity(shifted(right, shift), right, method=method, largest=16)
    inner = found[8:-8, 24:-8]
    assert np.isfinite(inner).mean() > 0.95
    assert np.nanmean(np.abs(inner - shift)) < 0.25
    assert np.array_equal(16 * inner[np.isfinite(inner)] % 1, 0 * inner[np.isfinite(inner)])


@both
def test_a_slanted_plane_and_a_step(method):
    right = texture((80, 160), 1, 1.0)
    ramp = np.linspace(4, 12, 80)[:, None] + np.zeros((1, 160))
    found = geometry.disparity(shifted(right, ramp), right, method=method, largest=20)
    inner = np.abs(found - ramp)[8:-8, 24:-8]
    assert (inner < 0.5).mean() > 0.95

    step = np.where(np.arange(80)[:, None] < 40, 4.0, 12.0) + np.zeros((1, 160))
    found = geometry.disparity(shifted(right, step), right, method=method, largest=20)
    away = np.abs(np.arange(80) - 39.5) > 6
    inner = np.abs(found - step)[away][6:-6, 24:-8]
    assert (inner < 0.5).mean() > 0.95


@both
def test_a_negative_range_finds_what_lies_farther_right(method):
    scene = texture((40, 90))
    left, right = scene[:, 6:76], scene[:, :70]
    found = geometry.disparity(left, right, method=method, smallest=-10, largest=4)
    assert (np.abs(found[6:-6, 6:-20] + 6) <= 0.25).mean() > 0.98
    assert np.nanmin(found) >= -10
    assert np.nanmax(found) <= 4


@both
@given(seed=st.integers(0, 2**32 - 1), low=st.integers(-30, 30), span=st.integers(0, 50))
@settings(max_examples=25)
def test_whatever_is_found_is_in_range_and_has_a_partner(method, seed, low, span):
    left, right = np.random.default_rng(seed).random((2, 20, 50))
    found = geometry.disparity(
        left, right, method=method, smallest=low, largest=low + span, uniqueness=0
    )
    rows, columns = np.nonzero(np.isfinite(found))
    values = found[rows, columns]
    assert ((values >= low) & (values <= low + span)).all()
    assert ((columns - values >= 0) & (columns - values <= 49)).all()


def test_the_first_columns_are_found_where_opencv_leaves_them_empty():
    scene = texture((40, 160))
    left, right = scene[:, :150], scene[:, 3:153]
    found = geometry.disparity(left, right, largest=63)
    assert (np.abs(found[6:-6, 8:60] - 3) <= 0.25).mean() > 0.95


@cache
def motorcycle():
    pair = data.load("stereo_motorcycle")
    return color.to_gray(pair.left), color.to_gray(pair.right), pair.disparity


def bad(found, truth, by=2.0):
    """The part of the pixels with known truth that are unknown or too far off."""
    known = np.isfinite(truth)
    return 1 - (np.abs(found - truth)[known] <= by).mean()


@pytest.mark.parametrize(("method", "most"), [("semiglobal", 0.145), ("block", 0.21)])
def test_the_motorcycle(method, most):
    left, right, truth = motorcycle()
    found = geometry.disparity(left, right, method=method)
    assert bad(found, truth) < most
    known = np.isfinite(truth) & np.isfinite(found)
    assert (np.abs(found - truth)[known] > 2).mean() < 0.075


def test_semiglobal_beats_blocks_on_the_motorcycle():
    left, right, truth = motorcycle()
    off = [bad(geometry.disparity(left, right, method=method), truth) for method in METHODS]
    assert off[0] < 0.8 * off[1]


def test_depth_of_the_motorcycle_is_right_where_the_disparity_is():
    left, right, truth = motorcycle()
    camera = {"focal": 994.978, "baseline": 0.193001, "offset": 31.086}  # Middlebury's
    wanted = geometry.depth(truth, **camera)
    found = geometry.depth(geometry.disparity(left, right), **camera)
    assert 1.5 < np.nanmin(wanted) < np.nanmax(wanted) < 6  # metres
    assert np.nanmedian(np.abs(found - wanted)) < 0.01


@both
def test_the_consistency_check_removes_what_one_eye_only_sees(method):
    scene, front = texture((60, 120)), texture((60, 120), 5)
    left, right = scene.copy(), scene.copy()
    left[20:40, 50:80], right[20:40, 38:68] = front[20:40, 50:80], front[20:40, 50:80]
    hidden = np.s_[26:34, 41:48]  # behind the square, as the right eye sees it
    strict = geometry.disparity(left, right, method=method, largest=20, uniqueness=0)
    loose = geometry.disparity(
        left, right, method=method, largest=20, uniqueness=0, consistency=None
    )
    assert np.isnan(strict[hidden]).mean() >= np.isnan(loose[hidden]).mean()
    assert np.isnan(strict[hidden]).mean() > 0.5


@both
def test_a_flat_pair_has_nothing_to_go_by(method):
    found = geometry.disparity(np.full((30, 60), 0.5), np.full((30, 60), 0.5), method=method)
    assert np.isnan(found[:, 40:]).all() or (found[np.isfinite(found)] == 0).all()


@both
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 3), (5, 5), (7, 200), (13, 16)])
@pytest.mark.parametrize("span", [(0, 0), (0, 63), (-300, 5), (500, 501), (-4096, -4090)])
def test_small_images_and_silly_ranges_do_no_harm(method, shape, span):
    left, right = np.random.default_rng(0).random((2, *shape))
    options = {"smallest": span[0], "largest": span[1], "method": method}
    if method == "block" and min(shape) <= 5:
        with pytest.raises(ValueError, match="window is 5"):
            geometry.disparity(left, right, window=5, **options)
        return
    window = {"semiglobal": (1, 11), "block": (5, min(shape) - 1 - min(shape) % 2)}[method]
    for size in window:
        assert geometry.disparity(left, right, window=size, **options).shape == shape


@pytest.mark.parametrize("name", BAD_IMAGES)
@pytest.mark.parametrize("side", ["left", "right"])
def test_what_is_no_image_is_refused(name, side):
    image, error = BAD_IMAGES[name]
    fine = {"left": np.zeros((4, 4)), "right": np.zeros((4, 4))}
    with pytest.raises(error, match=side):
        geometry.disparity(**(fine | {side: image}))


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"method": "best"}, ValueError, "method"),
        ({"smallest": 0.5}, TypeError, "smallest"),
        ({"largest": -1}, ValueError, "largest"),
        ({"largest": 5000}, ValueError, "largest"),
        ({"window": 4}, ValueError, "odd"),
        ({"window": 13}, ValueError, "window"),
        ({"window": 0}, ValueError, "window"),
        ({"method": "block", "window": 3}, ValueError, "window"),
        ({"method": "block", "window": 31}, ValueError, "30 by 40"),
        ({"uniqueness": 1.5}, ValueError, "uniqueness"),
        ({"uniqueness": "high"}, TypeError, "uniqueness"),
        ({"consistency": 0}, ValueError, "consistency"),
        ({"consistency": 0.5}, TypeError, "consistency"),
    ],
)
def test_options_that_make_no_sense_are_named(options, error, says):
    with pytest.raises(error, match=says):
        geometry.disparity(np.zeros((30, 40)), np.zeros((30, 40)), **options)


def test_pairs_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="one size"):
        geometry.disparity(np.zeros((30, 40)), np.zeros((30, 41)))
    with pytest.raises(ValueError, match=r"to_gray\(right\)"):
        geometry.disparity(np.zeros((30, 40)), np.zeros((30, 40, 3)))
    with pytest.raises(ValueError, match="left has values"):
        geometry.disparity(np.full((30, 40), 2.0), np.zeros((30, 40)))


# --- depth ----------------------------------------------------------------------------------------


@given(st.floats(0.1, 1e3), st.floats(1, 1e4), st.floats(0.01, 10))
@settings(max_examples=50)
def test_depth_is_focal_times_baseline_over_disparity(value, focal, baseline):
    found = geometry.depth(np.array([value]), focal=focal, baseline=baseline)
    assert found == pytest.approx(focal * baseline / value)
    moved = geometry.depth(np.array([value - 0.05]), focal=focal, baseline=baseline, offset=0.05)
    assert moved == pytest.approx(found)


def test_depth_keeps_what_is_unknown_or_endless():
    values = np.array([[np.nan, 0.0, -1.0, np.inf]], np.float32)
    found = geometry.depth(values, focal=10, baseline=1)
    assert found.dtype == np.float32
    assert np.array_equal(found, [[np.nan, np.inf, np.nan, 0]], equal_nan=True)
    assert geometry.depth(5, focal=10, baseline=1) == 2


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"focal": 0}, ValueError, "focal"),
        ({"baseline": -1}, ValueError, "baseline"),
        ({"focal": "long"}, TypeError, "focal"),
        ({"offset": np.nan}, ValueError, "offset"),
        ({"disparity": ["a"]}, TypeError, "disparity"),
        ({"disparity": None}, TypeError, "disparity"),
    ],
)
def test_depth_names_what_is_wrong(options, error, says):
    fine = {"disparity": [1.0], "focal": 10, "baseline": 1}
    with pytest.raises(error, match=says):
        geometry.depth(**(fine | options))
