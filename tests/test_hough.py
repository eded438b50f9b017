"""Lines, segments, circles and ellipses: their definitions, pictures of known truth, refusals."""

import cv2
import numpy as np
import pytest
import skimage.transform
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import LAYOUTS

from imgkit import data
from imgkit.features import canny, hough_circles, hough_ellipses, hough_lines, hough_segments
from imgkit.features.circles import _by_fourier, _by_shifts, _ring

masks = st.builds(
    lambda shape, seed, share: np.random.default_rng(seed).random(shape) < share,
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.02, 0.2, 1.0]),
)
ROUTINES = {
    "lines": hough_lines,
    "segments": hough_segments,
    "circles": lambda mask: hough_circles(mask, radii=[1]),
    "ellipses": hough_ellipses,
}


def drawn(draw, *args, shape=(200, 300)):
    picture = np.zeros(shape, np.uint8)
    draw(picture, *args)
    return picture > 0


def line_mask(angle, distance, shape=(120, 170)):
    """All pixels within half a pixel of the line."""
    rows, columns = np.indices(shape)
    return np.abs(columns * np.cos(angle) + rows * np.sin(angle) - distance) <= 0.5


# --- lines ----------------------------------------------------------------------------------------


@given(angle=st.floats(0, np.pi - 1e-3), offset=st.floats(-30, 30))
@settings(max_examples=40)
def test_a_line_is_found_at_its_angle_and_distance(angle, offset):
    middle = 84.5 * np.cos(angle) + 59.5 * np.sin(angle)
    mask = line_mask(angle, middle + offset)
    found = hough_lines(mask, angles=360, count=1)
    turn = (found.angles[0] - angle + np.pi / 2) % np.pi - np.pi / 2
    assert abs(turn) < np.radians(1)
    rows, columns = np.nonzero(mask)
    a, d = found.angles[0], found.distances[0]
    away = np.abs(columns * np.cos(a) + rows * np.sin(a) - d)
    assert away.max() < 2.5
    assert found.votes[0] >= 0.45 * np.count_nonzero(mask)


@given(mask=masks)
@settings(max_examples=40)
def test_votes_are_the_pixels_within_half_a_pixel(mask):
    found = hough_lines(mask, min_distance=0, min_angle=0, threshold=1)
    rows, columns = np.nonzero(mask)
    for a, d, votes in zip(found.angles[:20], found.distances[:20], found.votes[:20], strict=True):
        away = np.abs(columns * np.cos(a) + rows * np.sin(a) - d)
        inner, outer = np.count_nonzero(away < 0.4999), np.count_nonzero(away < 0.5001)
        assert inner <= votes <= outer
    assert np.all(found.votes[1:] <= found.votes[:-1])
    assert len(found) == 0 or mask.any()


def test_angle_zero_is_upright_and_half_pi_level():
    mask = np.zeros((50, 80), bool)
    mask[:, 33] = True
    upright = hough_lines(mask, count=1)
    assert (upright.angles[0], upright.distances[0], upright.votes[0]) == (0, 33, 50)
    level = hough_lines(mask.T, count=1)
    assert (level.angles[0], level.distances[0], level.votes[0]) == (np.pi / 2, 33, 50)
    assert level.angles.dtype == level.distances.dtype == np.float64
    assert level.votes.dtype == np.int64


def test_ends_lie_on_the_border_and_on_the_line():
    mask = data.load("brick") > 150
    found = hough_lines(canny(data.load("brick"), low=0.03, high=0.06), count=30, threshold=40)
    ends = found.ends(mask.shape)
    assert ends.shape == (len(found), 2, 2)
    normal = np.stack([np.sin(found.angles), np.cos(found.angles)], 1)
    np.testing.assert_allclose(
        (ends * normal[:, None]).sum(-1), np.repeat(found.distances[:, None], 2, 1), atol=1e-6
    )
    on_border = (ends < 1e-6) | (ends > np.subtract(mask.shape, 1) - 1e-6)
    assert on_border.any(axis=2).all()
    assert (ends[:, 0, 0] <= ends[:, 1, 0] + 1e-6).all()


def test_two_lines_that_are_nearly_the_same_count_once_across_the_turn_too():
    mask = line_mask(0.004, 80)  # its twin has an angle of almost pi and a negative distance
    assert len(hough_lines(mask, threshold=30)) == 1
    assert len(hough_lines(mask, threshold=30, min_distance=0, min_angle=0)) > 1
    both = line_mask(0.3, 50) | line_mask(0.3, 90) | line_mask(1.8, 60)
    found = hough_lines(both)
    assert len(found) == 3
    assert len(hough_lines(both, min_distance=60)) == 2
    assert len(hough_lines(both, count=2)) == 2


def test_lines_are_those_of_scikit_image():
    mask = line_mask(0.3, 50) | line_mask(1.2, 90)
    angles = np.linspace(-np.pi / 2, np.pi / 2, 180, endpoint=False)
    table = skimage.transform.hough_line(mask, angles)
    _, theirs, distances = skimage.transform.hough_line_peaks(*table, num_peaks=2)
    ours = hough_lines(mask, count=2)
    np.testing.assert_allclose(np.sort(ours.angles), np.sort(theirs), atol=0.02)
    np.testing.assert_allclose(np.sort(ours.distances), np.sort(distances), atol=1.5)


# --- segments -------------------------------------------------------------------------------------


def test_more_segments_are_found_than_opencv_finds():
    def share(found, truth):
        both = np.stack([truth, truth[:, ::-1]])[:, :, None]  # (2, truth, 1, 2, 2)
        away = np.abs(found - both).max(axis=(-1, -2)).min(axis=0)
        return (away.min(axis=1) <= 4).mean() if len(found) else 0

    ours, theirs, count = [], [], 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = np.stack([rng.integers(5, 195, (5, 2)), rng.integers(5, 295, (5, 2))], axis=-1)
        truth = truth[np.hypot(*(truth[:, 1] - truth[:, 0]).T) > 45]
        mask = np.zeros((200, 300), np.uint8)
        for (r0, c0), (r1, c1) in truth.tolist():
            cv2.line(mask, (c0, r0), (c1, r1), 1)
        found = hough_segments(mask > 0)
        raw = cv2.HoughLinesP(mask, 1, np.pi / 180, 20, minLineLength=21, maxLineGap=3)
        ours.append(share(found, truth))
        theirs.append(share(np.reshape(raw, (-1, 2, 2))[..., ::-1], truth))
        count += len(found) - len(truth)
    assert np.mean(ours) > 0.9
    assert np.mean(theirs) < 0.65
    assert abs(count) < 10


def test_segments_have_the_ends_of_what_was_drawn():
    ends = [((20, 30), (150, 60)), ((40, 280), (120, 100)), ((190, 10), (190, 290))]
    mask = np.zeros((200, 300), np.uint8)
    for (r0, c0), (r1, c1) in ends:
        cv2.line(mask, (c0, r0), (c1, r1), 1)
    found = hough_segments(mask > 0, length=50, gap=4)
    assert found.dtype == np.int64
    assert len(found) == 3
    lengths = np.hypot(*(found[:, 1] - found[:, 0]).T)
    assert (lengths[1:] <= lengths[:-1]).all()
    for wanted in ends:
        assert np.abs(found - np.array(wanted)).max(axis=(1, 2)).min() <= 3


@given(mask=masks)
@settings(max_examples=40)
def test_segments_begin_and_end_in_the_mask_and_are_long_enough(mask):
    found = hough_segments(mask, length=5, threshold=3)
    assert found.shape[1:] == (2, 2)
    for first, last in found.reshape(-1, 2, 2):
        assert mask[tuple(first)]
        assert mask[tuple(last)]
        assert np.hypot(*(last - first)) >= 5
        assert tuple(first) <= tuple(last)
    assert np.array_equal(found, hough_segments(mask, length=5, threshold=3))


def test_length_is_measured_along_the_segment():
    """OpenCV's is the larger of the differences in x and y, on a diagonal 1.4 times less."""
    diagonal = np.eye(60, dtype=bool)  # 83 pixels long, 59 of rows
    assert len(hough_segments(diagonal, length=70)) == 1
    assert not len(hough_segments(diagonal, length=85))


def test_a_gap_parts_a_segment_or_does_not():
    mask = np.zeros((30, 100), bool)
    mask[12, 5:45] = mask[12, 51:95] = True  # 6 pixels are missing
    assert len(hough_segments(mask, gap=3)) == 2
    assert hough_segments(mask, gap=8).tolist() == [[[12, 5], [12, 94]]]
    assert len(hough_segments(mask, gap=3, count=1)) == 1


def test_random_numbers_elsewhere_change_nothing():
    mask = canny(data.load("brick"), low=0.03, high=0.06)
    cv2.setRNGSeed(1)
    one = hough_segments(mask)
    cv2.setRNGSeed(2)
    assert np.array_equal(hough_segments(mask), one)
    assert len(one) > 20


# --- circles --------------------------------------------------------------------------------------


def votes64(mask, radius):
    """For each pixel, count the mask on the circle about it."""
    rows, columns = np.nonzero(mask)
    r, c = np.indices(mask.shape)
    away = np.hypot(r[..., None] - rows, c[..., None] - columns)
    return ((away >= radius - 0.5) & (away < radius + 0.5)).sum(axis=-1)


@given(mask=masks, radius=st.sampled_from([1, 2, 3.5, 8, 30]))
@settings(max_examples=40)
def test_votes_for_a_circle_are_their_definition_in_both_ways(mask, radius):
    expected, ring = votes64(mask, radius), _ring(radius)
    assert np.array_equal(_by_shifts(mask, ring), expected)
    assert np.array_equal(_by_fourier(mask, ring), expected)


def test_a_large_circle_is_added_up_in_portions_and_bands():
    mask = np.ones((300, 1500), bool)
    ring = _ring(60)
    assert len(ring) > 255
    assert _by_shifts(mask, ring)[150, 700] == len(ring)
    assert np.array_equal(_by_shifts(mask, ring), _by_fourier(mask, ring))


def test_circles_are_found_where_they_are():
    truth = [(60, 70, 25), (120, 200, 40), (100, 240, 12)]
    rows, columns = np.indices((200, 300))
    mask = np.zeros((200, 300), bool)
    for row, column, radius in truth:
        mask |= np.abs(np.hypot(rows - row, columns - column) - radius) < 0.5
    mask |= np.random.default_rng(0).random(mask.shape) < 0.02
    found = hough_circles(mask, radii=range(10, 50), threshold=0.8)
    got = sorted((row, column, radius) for (row, column), radius in
                 zip(found.centres.tolist(), found.radii.tolist(), strict=True))  # fmt: skip
    assert got == sorted(truth)
    assert found.support.tolist() == [1, 1, 1]
    assert found.centres.dtype == np.int64


def test_circles_about_one_middle_are_told_apart():
    rows, columns = np.indices((90, 90))
    away = np.hypot(rows - 44, columns - 45)
    mask = (np.abs(away - 15) < 0.5) | (np.abs(away - 35) < 0.5)
    found = hough_circles(mask, radii=range(8, 40), threshold=0.9)
    assert found.radii.tolist() == [15, 35]
    assert found.centres.tolist() == [[44, 45]] * 2
    assert len(hough_circles(mask, radii=range(8, 40), threshold=0.9, min_distance=25)) == 1


def test_all_coins_are_found():
    mask = canny(data.load("coins"), sigma=2, low=0.02, high=0.05)
    found = hough_circles(mask, radii=range(15, 35))
    assert len(found) == 24
    ellipses = hough_ellipses(mask, axes=(12, 35), count=30)
    assert len(ellipses) == 24
    away = np.hypot(*np.moveaxis(ellipses.centres[:, None] - found.centres, -1, 0))
    assert away.min(axis=1).max() < 6


def test_a_circle_beyond_the_border_counts_with_what_is_seen():
    rows, columns = np.indices((100, 100))
    mask = np.abs(np.hypot(rows - 5, columns - 50) - 30) < 0.5
    found = hough_circles(mask, radii=[30], threshold=0.4)
    assert found.centres.tolist() == [[5, 50]]
    assert 0.5 < found.support[0] < 0.65


# --- ellipses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_ellipses_are_found_to_a_third_of_a_pixel(seed):
    rng = np.random.default_rng(seed)
    angle = int(rng.integers(-89, 90))
    row, column = (int(n) for n in rng.integers(80, 120, 2))
    long, short = int(rng.integers(40, 70)), int(rng.integers(12, 35))
    mask = drawn(cv2.ellipse, (column, row), (long, short), angle, 0, 360, 1)
    mask |= rng.random(mask.shape) < 0.01
    found = hough_ellipses(mask, count=1)
    np.testing.assert_allclose(found.centres, [[row, column]], atol=0.35)
    np.testing.assert_allclose(found.axes, [[long, short]], atol=0.6)
    turn = (found.angles[0] - np.radians(angle) + np.pi / 2) % np.pi - np.pi / 2
    assert abs(turn) < 0.02
    assert found.support[0] > 0.95


def test_several_ellipses_among_lines():
    mask = drawn(cv2.ellipse, (80, 70), (50, 25), 20, 0, 360, 1)
    mask |= drawn(cv2.ellipse, (210, 120), (60, 40), 100, 0, 360, 1)
    mask |= drawn(cv2.ellipse, (110, 150), (30, 28), 0, 0, 360, 1)
    for ends in (((0, 0), (299, 199)), ((0, 180), (299, 20)), ((150, 0), (150, 199))):
        mask |= drawn(cv2.line, *ends, 1)
    found = hough_ellipses(mask)
    assert len(found) == 3
    order = np.argsort(found.centres[:, 0])
    np.testing.assert_allclose(found.centres[order], [[70, 80], [120, 210], [150, 110]], atol=0.5)
    assert (found.support[1:] <= found.support[:-1]).all()
    assert (found.axes[:, 0] >= found.axes[:, 1]).all()


def test_an_arc_is_enough_and_its_share_is_told():
    mask = drawn(cv2.ellipse, (150, 100), (70, 40), 30, 0, 250, 1)
    found = hough_ellipses(mask, count=1, threshold=0.5)
    np.testing.assert_allclose(found.axes, [[70, 40]], atol=1)
    assert 0.6 < found.support[0] < 0.8
    assert not len(hough_ellipses(mask, threshold=0.9))


def test_the_seed_decides():
    mask = canny(data.load("coins"), sigma=2, low=0.02, high=0.05)
    options = {"axes": (12, 35), "count": 3, "trials": 3000}
    one = hough_ellipses(mask, seed=1, **options)
    same = hough_ellipses(mask, seed=np.random.default_rng(1), **options)
    other = hough_ellipses(mask, seed=2, **options)
    assert np.array_equal(one.centres, same.centres)
    assert not np.array_equal(one.centres, other.centres)


def test_only_ellipses_of_the_sizes_asked_for():
    mask = drawn(cv2.ellipse, (80, 100), (50, 25), 20, 0, 360, 1)
    mask |= drawn(cv2.ellipse, (220, 100), (30, 12), 90, 0, 360, 1)
    for axes, wanted in (((20, 60), [50, 25]), ((5, 40), [30, 12])):
        np.testing.assert_allclose(hough_ellipses(mask, axes=axes).axes, [wanted], atol=0.6)


# --- what all have in common ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ROUTINES)
@pytest.mark.parametrize("shape", [(1, 1), (1, 60), (60, 1), (2, 3), (5, 5)])
def test_small_full_and_empty_masks_are_fine(name, shape):
    assert len(ROUTINES[name](np.zeros(shape, bool))) == 0
    ROUTINES[name](np.ones(shape, bool))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ROUTINES)
def test_any_memory_layout_will_do(name, layout):
    mask = drawn(cv2.ellipse, (30, 30), (20, 12), 20, 0, 360, 1, shape=(60, 70))
    mask |= drawn(cv2.line, (3, 50), (65, 55), 1, shape=(60, 70))
    before = layout(mask)
    one, other = ROUTINES[name](before), ROUTINES[name](mask)
    assert np.array_equal(before, mask)
    for field in getattr(other, "__dataclass_fields__", {}):
        assert np.array_equal(getattr(one, field), getattr(other, field))
    assert len(one) == len(other)


@pytest.mark.parametrize("name", ROUTINES)
@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (np.zeros((4, 4), np.uint8), TypeError, r"features\.canny"),
        (np.zeros((4, 4)), TypeError, r"features\.canny"),
        (np.zeros((4, 4), int), TypeError, "a mask is bool"),
        (np.zeros((4, 4, 3), bool), ValueError, "mask has shape"),
        (np.zeros((0, 4), bool), ValueError, "mask is empty"),
        ([[True]], TypeError, "mask"),
        (None, TypeError, "mask"),
    ],
)
def test_what_is_no_mask_is_refused(name, bad, error, words):
    with pytest.raises(error, match=words):
        ROUTINES[name](bad)


MASK = np.eye(20, dtype=bool)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: hough_lines(MASK, angles=0), ValueError, "angles must lie in 1"),
        (lambda: hough_lines(MASK, angles=1.5), TypeError, "angles must be a whole number"),
        (lambda: hough_lines(MASK, threshold=0), ValueError, "threshold must be at least 1"),
        (lambda: hough_lines(MASK, min_angle=-1), ValueError, "min_angle"),
        (lambda: hough_lines(MASK, min_distance=np.nan), ValueError, "min_distance"),
        (lambda: hough_lines(MASK, count=-1), ValueError, "count must be at least 0"),
        (lambda: hough_segments(MASK, length=-1), ValueError, "length and gap"),
        (lambda: hough_segments(MASK, gap="a"), TypeError, "gap must be a number"),
        (lambda: hough_segments(MASK, threshold=1.5), TypeError, "threshold must be a whole"),
        (lambda: hough_circles(MASK, radii=[]), ValueError, "radii must be one or more"),
        (lambda: hough_circles(MASK, radii=0), ValueError, r"radii must be one or more in 1\.\.28"),
        (lambda: hough_circles(MASK, radii=[5, np.nan]), ValueError, "radii"),
        (lambda: hough_circles(MASK, radii="ab"), TypeError, "radii must be numbers"),
        (lambda: hough_circles(MASK, radii=1e9), ValueError, "radii"),
        (lambda: hough_circles(MASK, radii=5, threshold=0), ValueError, "threshold must be a sha"),
        (lambda: hough_circles(MASK, radii=5, min_distance=0), ValueError, "min_distance"),
        (lambda: hough_ellipses(MASK, axes=(9, 5)), ValueError, "axes must be 1 <= least"),
        (lambda: hough_ellipses(MASK, axes=9), TypeError, "axes must be"),
        (lambda: hough_ellipses(MASK, axes=(0.1, 9)), ValueError, "axes"),
        (lambda: hough_ellipses(MASK, threshold=2), ValueError, "threshold must be a share"),
        (lambda: hough_ellipses(MASK, trials=0), ValueError, "trials"),
        (lambda: hough_ellipses(MASK, count=10**9), ValueError, "count"),
        (lambda: hough_ellipses(MASK, seed="a"), TypeError, "seed"),
    ],
)
def test_errors_name_their_argument(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_silly_parameters_are_fine():
    assert len(hough_lines(MASK, threshold=10**18)) == 0
    assert len(hough_lines(MASK, angles=1)) <= 1
    assert len(hough_lines(MASK, min_distance=1e300, min_angle=1e300)) == 1
    assert len(hough_segments(MASK, length=1e6, gap=1e6, threshold=10**18)) == 0
    assert len(hough_circles(MASK, radii=28)) == 0
    assert hough_lines(MASK, count=0).ends(MASK.shape).shape == (0, 2, 2)
    assert len(hough_ellipses(np.ones((60, 60), bool), count=2, trials=1)) <= 2
