"""Overlap and outlines of masks: definitions, laws, both engines, and what they refuse."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from sklearn.metrics import f1_score, jaccard_score
from strategies import BAD_IMAGES, LAYOUTS, sides

from imgkit import metrics
from imgkit.metrics import boundary_f1, dice, iou

METRICS = {"dice": dice, "iou": iou, "boundary_f1": boundary_f1}
every = pytest.mark.parametrize("name", METRICS)
tolerances = st.sampled_from([0, 1, 1.4, 1.5, math.sqrt(2), 2, 2.5, math.sqrt(13), 3, 7, 40, 1e9])


@st.composite
def mask_pairs(draw):
    """Noise, blobs, full and empty masks; any shape and memory layout."""
    shape = draw(st.tuples(sides, sides))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = {
        "noise": lambda: rng.random(shape) < rng.random(),
        "blobs": lambda: ndimage.uniform_filter(rng.random(shape), 5) > 0.5,
        "full": lambda: np.ones(shape, bool),
        "empty": lambda: np.zeros(shape, bool),
        "one pixel": lambda: np.arange(shape[0] * shape[1]).reshape(shape) == rng.integers(4),
    }
    drawn = [kinds[draw(st.sampled_from(list(kinds)))]() for _ in range(2)]
    return tuple(draw(st.sampled_from(LAYOUTS))(mask) for mask in drawn)


def outline64(mask):
    """A pixel of the mask with one of its four neighbours in the image and outside the mask."""
    out = np.zeros_like(mask)
    for i, j in np.argwhere(mask):
        for row, column in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            inside = 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]
            out[i, j] |= inside and not mask[row, column]
    return out


def boundary_f1_64(predicted, truth, tolerance):
    ours, theirs = np.argwhere(outline64(predicted)), np.argwhere(outline64(truth))
    if len(ours) == 0 and len(theirs) == 0:
        return float(np.array_equal(predicted, truth))
    if len(ours) == 0 or len(theirs) == 0:
        return 0.0
    apart = np.sqrt(((ours[:, None] - theirs) ** 2).sum(-1)) <= tolerance + 1e-9
    p, r = apart.any(1).mean(), apart.any(0).mean()
    return 2 * p * r / (p + r) if p + r else 0.0


# --- definitions ----------------------------------------------------------------------------------


@given(mask_pairs())
def test_dice_and_iou_are_scikit_learns(pair):
    predicted, truth = pair
    before = [mask.copy() for mask in pair]
    flat = truth.ravel(), predicted.ravel()
    assert dice(*pair) == pytest.approx(f1_score(*flat, zero_division=1), abs=1e-15)
    assert iou(*pair) == pytest.approx(jaccard_score(*flat, zero_division=1), abs=1e-15)
    assert type(dice(*pair)) is float
    assert all(np.array_equal(a, b) for a, b in zip(pair, before, strict=True))


@given(mask_pairs(), tolerances)
def test_boundary_f1_is_its_definition(pair, tolerance):
    before = [mask.copy() for mask in pair]
    value = boundary_f1(*pair, tolerance=tolerance)
    assert type(value) is float
    assert value == pytest.approx(boundary_f1_64(*pair, tolerance), abs=1e-15)
    assert all(np.array_equal(a, b) for a, b in zip(pair, before, strict=True))


@given(mask_pairs(), tolerances)
def test_tensors_say_what_arrays_say(pair, tolerance):
    tensors = [torch.from_numpy(mask.copy()) for mask in pair]
    for name, metric in METRICS.items():
        options = {"tolerance": tolerance} if name == "boundary_f1" else {}
        out = metric(*tensors, **options)
        assert out.shape == ()
        assert out.dtype == torch.float32
        assert float(out) == pytest.approx(metric(*pair, **options), abs=2e-7)


@every
def test_tensors_have_one_number_for_each_plane(name):
    rng = np.random.default_rng(0)
    masks = rng.random((2, 3, 2, 17, 13)) < rng.random((2, 3, 2, 1, 1))
    masks[:, 0, 0] = False  # both empty
    out = METRICS[name](*map(torch.from_numpy, masks))
    assert out.shape == (3, 2)
    wanted = [
        [METRICS[name](*pair) for pair in zip(*row, strict=True)]
        for row in zip(*masks, strict=True)
    ]
    assert np.allclose(out, wanted, atol=2e-7)


def test_an_outline_off_a_disc_is_found_exactly_at_its_distance():
    # Whole squared distances: a pixel (3, 4) away lies within 5, not within 4.999.
    truth, predicted = np.zeros((2, 20, 20), bool)
    truth[5, 5] = predicted[8, 9] = True
    for kind in (np.asarray, torch.from_numpy):
        pair = kind(predicted), kind(truth)
        assert boundary_f1(*pair, tolerance=5) == 1
        assert boundary_f1(*pair, tolerance=4.999) == 0


# --- laws -----------------------------------------------------------------------------------------


@given(mask_pairs(), tolerances)
def test_the_masks_may_change_places_and_equal_masks_are_perfect(pair, tolerance):
    a, b = pair
    assert dice(a, b) == dice(b, a)
    assert iou(a, b) == iou(b, a)
    assert boundary_f1(a, b, tolerance=tolerance) == boundary_f1(b, a, tolerance=tolerance)
    assert dice(a, a) == iou(a, a) == boundary_f1(a, a, tolerance=tolerance) == 1


@given(mask_pairs())
def test_dice_is_a_function_of_iou(pair):
    overlap = iou(*pair)
    assert dice(*pair) == pytest.approx(2 * overlap / (1 + overlap))


@given(mask_pairs(), st.lists(st.floats(0, 30), min_size=2, max_size=5))
@settings(max_examples=40)
def test_more_tolerance_never_lowers_the_score(pair, tolerances):
    scores = [boundary_f1(*pair, tolerance=t) for t in sorted(tolerances)]
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(scores))


@given(mask_pairs(), tolerances)
def test_turning_and_mirroring_change_nothing(pair, tolerance):
    turned = [np.rot90(mask) for mask in pair]
    flipped = [mask[:, ::-1] for mask in pair]
    score = boundary_f1(*pair, tolerance=tolerance)
    assert boundary_f1(*turned, tolerance=tolerance) == score
    assert boundary_f1(*flipped, tolerance=tolerance) == score


def test_a_shift_within_the_tolerance_is_forgiven_and_beyond_it_not():
    truth = np.zeros((60, 60), bool)
    truth[20:40, 20:40] = True
    shifted = np.roll(truth, (3, 4), (0, 1))  # 5 pixels
    assert boundary_f1(shifted, truth, tolerance=5) == 1
    assert boundary_f1(shifted, truth, tolerance=3) < 1
    assert dice(shifted, truth) < 0.7


def test_a_ragged_edge_costs_the_outline_more_than_the_overlap():
    rows, columns = np.mgrid[-100:101, -100:101]
    angle = np.arctan2(rows, columns)
    truth = np.hypot(rows, columns) < 80
    ragged = np.hypot(rows, columns) < 80 + 5 * np.sin(20 * angle)
    assert dice(ragged, truth) > 0.95
    assert boundary_f1(ragged, truth) < 0.7


def test_the_edge_of_the_image_is_no_outline():
    left = np.zeros((10, 10), bool)
    left[:, :5] = True
    taller = np.zeros((10, 10), bool)
    taller[:, :4] = True
    assert boundary_f1(taller, left, tolerance=0) == 0  # columns 3 and 4, nothing else
    assert boundary_f1(taller, left, tolerance=1) == 1


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_empty_and_full_masks(kind):
    some = np.zeros((6, 6), bool)
    some[2:4, 2:4] = True
    empty, full, some = kind(np.zeros((6, 6), bool)), kind(np.ones((6, 6), bool)), kind(some)
    for metric in METRICS.values():
        assert metric(empty, empty) == metric(full, full) == 1
        assert metric(empty, full) == metric(full, empty) == 0
        assert metric(empty, some) == metric(some, empty) == 0
    assert boundary_f1(full, some) == 0  # where no outline was drawn none can be right
    assert dice(full, some) == pytest.approx(8 / 40)


# --- refusals -------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("bad", [name for name in BAD_IMAGES if name != "bool"])
def test_what_is_no_mask_is_refused(name, bad):
    mask = np.ones((4, 4), bool)
    with pytest.raises((TypeError, ValueError), match="predicted"):
        METRICS[name](BAD_IMAGES[bad][0], mask)
    with pytest.raises((TypeError, ValueError), match="truth"):
        METRICS[name](mask, BAD_IMAGES[bad][0])


@every
def test_masks_must_match(name):
    mask = np.ones((4, 4), bool)
    with pytest.raises(
        TypeError, match="predicted has dtype uint8; a mask is bool: use predicted > 0"
    ):
        METRICS[name](mask.astype(np.uint8), mask)
    with pytest.raises(TypeError, match="truth has dtype float32; a mask is bool"):
        METRICS[name](torch.ones(4, 4, dtype=torch.bool), torch.ones(4, 4))
    with pytest.raises(ValueError, match=r"predicted has shape \(4, 4\) and truth \(4, 5\)"):
        METRICS[name](mask, np.ones((4, 5), bool))
    with pytest.raises(ValueError, match=r"predicted has shape \(1, 4, 4\) and truth \(4, 4\)"):
        METRICS[name](torch.ones(1, 4, 4, dtype=torch.bool), torch.ones(4, 4, dtype=torch.bool))
    with pytest.raises(TypeError, match="predicted is an array and truth a tensor"):
        METRICS[name](mask, torch.from_numpy(mask))


@pytest.mark.parametrize(
    ("tolerance", "error"),
    [(-1, ValueError), (math.nan, ValueError), (math.inf, ValueError), ("2", TypeError),
     (None, TypeError), (True, TypeError)],
)  # fmt: skip
def test_a_bad_tolerance_is_named(tolerance, error):
    with pytest.raises(error, match="tolerance"):
        boundary_f1(np.ones((4, 4), bool), np.ones((4, 4), bool), tolerance=tolerance)


def test_the_names_are_flat():
    assert set(metrics.__all__) >= set(METRICS)
