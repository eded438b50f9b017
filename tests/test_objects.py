"""Objects of label images: pairs by brute force, known scores, scikit-image, empty cases."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from skimage.metrics import adapted_rand_error
from strategies import BAD_IMAGES, LAYOUTS, sides

from imgkit import metrics
from imgkit.images import require_labels
from imgkit.metrics import adapted_rand, match_objects, object_ap, object_f1, panoptic_quality

METRICS = {
    "match_objects": match_objects,
    "object_f1": object_f1,
    "object_ap": object_ap,
    "panoptic_quality": panoptic_quality,
    "adapted_rand": adapted_rand,
}
every = pytest.mark.parametrize("name", METRICS)
integers = st.sampled_from([np.uint8, np.int16, np.int32, np.int64, np.uint64])
thresholds = st.sampled_from([0.0, 0.05, 0.1, 0.25, 1 / 3, 0.49, 0.5, 0.6, 0.75, 0.95, 0.999])


@st.composite
def label_pairs(draw):
    """A few objects against the same, some of them changed; numbers in any order, with gaps."""
    shape = draw(st.tuples(sides, sides))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    coarse = rng.integers(0, 6, (shape[0] // 3 + 1, shape[1] // 3 + 1))
    truth = np.kron(coarse, np.ones((3, 3), int))[: shape[0], : shape[1]]
    predicted = np.where(rng.random(shape) < draw(st.sampled_from([0, 0.1, 0.5])), 0, truth)
    predicted = np.roll(predicted, draw(st.integers(0, 2)), 1)
    if draw(st.booleans()):
        predicted = rng.permutation(np.arange(1, 60))[predicted] * (predicted > 0)
    pair = predicted.astype(draw(integers)), truth.astype(draw(integers))
    return tuple(draw(st.sampled_from(LAYOUTS))(labels) for labels in pair)


def objects(labels):
    return [int(label) for label in np.unique(labels) if label > 0]


def iou64(predicted, truth):
    """(N, M): every object with every other, mask by mask."""
    table = np.zeros((len(objects(predicted)), len(objects(truth))))
    for i, a in enumerate(objects(predicted)):
        for j, b in enumerate(objects(truth)):
            p, t = predicted == a, truth == b
            table[i, j] = (p & t).sum() / (p | t).sum()
    return table


def best_pairs(table, threshold):
    """The most pairs, then the largest sum of IoU, by SciPy's dense assignment."""
    good = table > threshold
    gain = good * (1 + table / (1 + table.size))
    rows, columns = optimize.linear_sum_assignment(gain, maximize=True)
    kept = good[rows, columns]
    return rows[kept], columns[kept]


def score64(predicted, truth, threshold, weight):
    table = iou64(predicted, truth)
    if sum(table.shape) == 0:
        return 1.0
    found = len(best_pairs(table, threshold)[0])
    return found / (found + weight * (sum(table.shape) - 2 * found))


def rand64(predicted, truth):
    """Pair of pixels by pair of pixels."""
    ours, theirs = predicted[truth > 0], truth[truth > 0]
    off = ~np.eye(len(ours), dtype=bool)
    a, b = (ours[:, None] == ours) & off, (theirs[:, None] == theirs) & off
    both, of_ours, of_theirs = (a & b).sum(), a.sum(), b.sum()
    return [
        1 - 2 * both / (of_ours + of_theirs) if of_ours + of_theirs else math.nan,
        both / of_ours if of_ours else math.nan,
        both / of_theirs if of_theirs else math.nan,
    ]


# --- definitions ----------------------------------------------------------------------------------


@given(label_pairs(), thresholds)
def test_pairs_are_the_best_assignment(pair, threshold):
    predicted, truth = pair
    before = [labels.copy() for labels in pair]
    found = match_objects(predicted, truth, iou=threshold)
    table = iou64(predicted, truth)
    rows, columns = best_pairs(table, threshold)
    assert len(found.truth) == len(rows)
    assert found.iou.sum() == pytest.approx(table[rows, columns].sum())
    place = {label: i for i, label in enumerate(objects(predicted))}
    true_place = {label: i for i, label in enumerate(objects(truth))}
    named = [
        table[place[a], true_place[b]] for a, b in zip(found.predicted, found.truth, strict=True)
    ]
    assert np.array_equal(found.iou, named)
    assert (found.iou > threshold).all()
    assert sorted([*found.predicted, *found.extra]) == objects(predicted)
    assert sorted([*found.truth, *found.missed]) == objects(truth)
    assert all(np.array_equal(a, b) for a, b in zip(pair, before, strict=True))


@given(label_pairs(), thresholds)
def test_object_f1_is_its_definition(pair, threshold):
    value = object_f1(*pair, iou=threshold)
    assert type(value) is float
    assert value == pytest.approx(score64(*pair, threshold, 0.5), abs=1e-15)
    assert match_objects(*pair, iou=threshold).f1 == value


@given(label_pairs())
@settings(max_examples=50)
def test_object_ap_is_its_definition(pair):
    wanted = np.mean([score64(*pair, percent / 100, 1) for percent in range(50, 100, 5)])
    assert object_ap(*pair) == pytest.approx(wanted, abs=1e-15)


@given(label_pairs(), st.lists(thresholds, min_size=1, max_size=4))
@settings(max_examples=50)
def test_object_ap_takes_other_thresholds(pair, limits):
    wanted = np.mean([score64(*pair, limit, 1) for limit in limits])
    assert object_ap(*pair, thresholds=limits) == pytest.approx(wanted, abs=1e-15)
    assert object_ap(*pair, thresholds=np.array(limits)) == pytest.approx(wanted, abs=1e-15)


@given(label_pairs())
def test_panoptic_quality_is_its_definition(pair):
    table = iou64(*pair)
    pairs, total = table[table > 0.5], sum(table.shape)
    if total == 0:
        assert panoptic_quality(*pair) == (1, 1, 1)
        return
    pq, sq, rq = panoptic_quality(*pair)
    assert pq == pytest.approx(2 * pairs.sum() / total, abs=1e-14)
    assert rq == pytest.approx(2 * len(pairs) / total, abs=1e-14)
    if len(pairs):
        assert sq == pytest.approx(pairs.mean(), abs=1e-14)
        assert pq == pytest.approx(sq * rq)
    else:
        assert math.isnan(sq)


@given(label_pairs())
def test_adapted_rand_counts_pairs_of_pixels(pair):
    assert adapted_rand(*pair) == pytest.approx(rand64(*pair), abs=1e-14, nan_ok=True)


@given(label_pairs())
def test_adapted_rand_is_scikit_images_but_for_the_names(pair):
    predicted, truth = (labels.astype(np.int64) for labels in pair)
    with np.errstate(all="ignore"):
        error, one, other = adapted_rand_error(truth, predicted)
    assert adapted_rand(*pair) == pytest.approx((error, other, one), abs=1e-14, nan_ok=True)


def test_merging_costs_precision_and_splitting_costs_recall():
    # scikit-image says the opposite of its own description, see its issue 6485.
    two, one = np.array([[1, 1, 2, 2]]), np.array([[1, 1, 1, 1]])
    merged, split = adapted_rand(one, two), adapted_rand(two, one)
    assert merged.recall == split.precision == 1
    assert merged.precision == split.recall == pytest.approx(1 / 3)
    assert adapted_rand_error(two, one)[1] == 1  # its "precision" of a merger


# --- known answers --------------------------------------------------------------------------------


def test_the_bowls_score_on_a_case_by_hand():
    truth = np.zeros((10, 40), int)
    truth[:, :10], truth[:, 15:25], truth[:, 30:] = 1, 2, 3
    predicted = np.zeros_like(truth)
    predicted[:, :8] = 4  # IoU 0.8
    predicted[:, 15:25] = 9  # IoU 1
    predicted[:6, 30:] = 2  # IoU 0.6, not above 0.6
    by_threshold = [3 / 3] * 2 + [2 / 4] * 4 + [1 / 5] * 4
    assert object_ap(predicted, truth) == pytest.approx(np.mean(by_threshold), abs=1e-15)


def test_an_overlap_of_exactly_the_threshold_is_no_match():
    truth, predicted = np.zeros((2, 1, 100), int)
    truth[0, :] = 1
    for percent in range(50, 100, 5):
        predicted[0] = np.arange(100) < percent
        assert object_f1(predicted, truth, iou=percent / 100) == 0
        predicted[0, percent] = 1
        assert object_f1(predicted, truth, iou=percent / 100) == 1


def test_a_pixel_score_hides_what_object_scores_show():
    truth = np.zeros((20, 41), int)
    truth[:, :20], truth[:, 21:] = 1, 2
    merged = np.ones_like(truth)
    assert metrics.dice(merged > 0, truth > 0) > 0.98
    assert object_f1(merged, truth) == 0
    assert adapted_rand(merged, truth).error > 0.3


def test_below_one_half_the_most_pairs_win_not_the_greediest():
    # The result's 1 overlaps both true objects, its 2 only the first: greed would leave one out.
    truth = np.array([[1, 1, 1, 1, 1, 1, 2, 2, 2]])
    predicted = np.array([[2, 2, 1, 1, 1, 1, 1, 0, 0]])
    found = match_objects(predicted, truth, iou=0.1)
    assert dict(zip(found.truth, found.predicted, strict=True)) == {1: 2, 2: 1}
    assert object_f1(predicted, truth, iou=0.1) == 1
    assert object_f1(predicted, truth) == 0.5


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_an_assignment_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    truth, predicted = rng.integers(0, 5, (2, 4, 6))
    table = iou64(predicted, truth)
    if table.shape[0] > table.shape[1]:
        table = table.T
    if 0 in table.shape:
        return
    choices = itertools.permutations(range(table.shape[1]), table.shape[0])
    chosen = [table[range(table.shape[0]), choice] for choice in choices]
    best = max(((picked > 0.1).sum(), picked[picked > 0.1].sum()) for picked in chosen)
    found = match_objects(predicted, truth, iou=0.1)
    assert len(found.iou) == best[0]
    assert found.iou.sum() == pytest.approx(best[1])


def test_the_matching_tells_who_was_missed():
    truth = np.array([[5, 5, 5, 0, 2, 2, 0, 9, 9]])
    predicted = np.array([[3, 3, 3, 0, 8, 8, 1, 1, 0]])
    found = match_objects(predicted, truth)
    assert found.truth.tolist() == [2, 5]
    assert found.predicted.tolist() == [8, 3]
    assert found.missed.tolist() == [9]
    assert found.extra.tolist() == [1]
    assert found.precision == found.recall == found.f1 == pytest.approx(2 / 3)
    assert str(found) == "2 of 3 objects found, 1 missed, 1 extra"


# --- laws -----------------------------------------------------------------------------------------


@given(label_pairs(), thresholds)
def test_numbers_of_objects_mean_nothing(pair, threshold):
    predicted, truth = (labels.astype(np.int64) for labels in pair)
    others = predicted * 7919, truth * 1_000_003 * 17  # large ones, beyond any table
    for labels in others:
        require_labels(labels)
    assert object_f1(*others, iou=threshold) == object_f1(predicted, truth, iou=threshold)
    assert object_ap(*others) == object_ap(predicted, truth)
    assert panoptic_quality(*others) == pytest.approx(panoptic_quality(*pair), nan_ok=True)
    assert adapted_rand(*others) == pytest.approx(adapted_rand(*pair), nan_ok=True)


@given(label_pairs())
def test_the_truth_itself_is_perfect(pair):
    _, truth = pair
    assert object_f1(truth, truth, iou=0.99) == object_ap(truth, truth) == 1
    assert panoptic_quality(truth, truth) == (1, 1, 1)
    assert adapted_rand(truth, truth).error in (0, pytest.approx(math.nan, nan_ok=True))


@given(label_pairs(), thresholds)
def test_exchanging_the_two_exchanges_precision_and_recall(pair, threshold):
    one, other = match_objects(*pair, iou=threshold), match_objects(*pair[::-1], iou=threshold)
    assert one.precision == pytest.approx(other.recall, nan_ok=True)
    assert one.f1 == other.f1


@given(label_pairs(), st.lists(thresholds, min_size=2, max_size=5))
def test_a_stricter_threshold_never_finds_more(pair, limits):
    scores = [object_f1(*pair, iou=limit) for limit in sorted(limits)]
    assert scores == sorted(scores, reverse=True)


def test_many_objects_need_no_time_and_no_memory():
    rng = np.random.default_rng(0)
    truth = np.zeros((1000, 1000), np.int32)
    truth.reshape(100, 10, 100, 10)[:, 1:9, :, 1:9] = np.arange(1, 10_001).reshape(100, 1, 100, 1)
    predicted = np.roll(truth, 2, 1)
    predicted[rng.random(truth.shape) < 0.01] = 0
    assert object_f1(predicted, truth) == pytest.approx(1, abs=0.05)
    assert object_f1(predicted, truth, iou=0.01) == 1
    predicted[0, 0] = truth[0, 0] = 2**31 - 1
    assert object_f1(predicted, truth, iou=0.01) == 1


# --- empty cases ----------------------------------------------------------------------------------


def test_nothing_to_find_and_nothing_found_is_perfect():
    empty = np.zeros((5, 6), np.uint8)
    assert object_f1(empty, empty) == object_ap(empty, empty) == 1
    assert panoptic_quality(empty, empty) == (1, 1, 1)
    found = match_objects(empty, empty, iou=0.2)
    assert math.isnan(found.precision)
    assert math.isnan(found.recall)
    assert found.f1 == 1
    assert all(math.isnan(value) for value in adapted_rand(empty, empty))


def test_objects_in_one_only_score_zero():
    empty, some = np.zeros((5, 6), int), np.eye(5, 6, dtype=int)
    for pair in ((empty, some), (some, empty)):
        assert object_f1(*pair, iou=0) == object_f1(*pair) == object_ap(*pair) == 0
        pq, sq, rq = panoptic_quality(*pair)
        assert (pq, rq) == (0, 0)
        assert math.isnan(sq)
    assert math.isnan(match_objects(empty, some).precision)
    assert match_objects(empty, some).recall == 0
    assert match_objects(some, empty).precision == 0
    assert math.isnan(match_objects(some, empty).recall)


def test_adapted_rand_of_lone_pixels_has_no_recall():
    lone = np.arange(1, 7).reshape(2, 3)
    error, precision, recall = adapted_rand(np.ones((2, 3), int), lone)
    assert (error, precision) == (1, 0)
    assert math.isnan(recall)


# --- refusals -------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("bad", [n for n, (x, _) in BAD_IMAGES.items()
                                 if not (isinstance(x, np.ndarray) and x.dtype.kind in "iu"
                                         and x.shape == (4, 4))])  # fmt: skip
def test_what_is_no_label_image_is_refused(name, bad):
    labels = np.ones((4, 4), int)
    with pytest.raises((TypeError, ValueError), match="predicted"):
        METRICS[name](BAD_IMAGES[bad][0], labels)
    with pytest.raises((TypeError, ValueError), match="truth"):
        METRICS[name](labels, BAD_IMAGES[bad][0])


@every
def test_label_images_must_match(name):
    labels = np.ones((4, 4), int)
    with pytest.raises(ValueError, match="predicted is 4 by 4 pixels and truth 4 by 5"):
        METRICS[name](labels, np.ones((4, 5), int))
    with pytest.raises(TypeError, match=r"predicted has dtype bool.*segmentation.label"):
        METRICS[name](labels > 0, labels)
    with pytest.raises(ValueError, match="truth has values from -1"):
        METRICS[name](labels, -labels)
    with pytest.raises(TypeError, match="predicted"):
        METRICS[name](torch.ones(4, 4, dtype=torch.int32), labels)


@pytest.mark.parametrize(
    ("limit", "error"),
    [(-0.1, ValueError), (1, ValueError), (50, ValueError), (math.nan, ValueError),
     ("0.5", TypeError), (None, TypeError), (True, TypeError)],
)  # fmt: skip
def test_a_bad_threshold_is_named(limit, error):
    labels = np.ones((4, 4), int)
    for metric in (match_objects, object_f1):
        with pytest.raises(error, match="iou"):
            metric(labels, labels, iou=limit)
    with pytest.raises((TypeError, ValueError), match="thresholds"):
        object_ap(labels, labels, thresholds=[0.5, limit])


def test_no_threshold_is_no_score():
    with pytest.raises(ValueError, match="thresholds is empty"):
        object_ap(np.ones((4, 4), int), np.ones((4, 4), int), thresholds=[])


def test_the_names_are_flat():
    assert set(metrics.__all__) >= {*METRICS, "Matching", "PanopticQuality", "AdaptedRand"}
