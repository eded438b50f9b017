"""Confusion, accuracy, precision, recall, F1, ROC and PR against scikit-learn, and their laws."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics as sk

from imgkit.metrics import (
    accuracy,
    average_precision,
    confusion,
    f1,
    pr,
    precision,
    recall,
    roc,
    roc_auc,
)

RATES = {"precision": precision, "recall": recall, "f1": f1}
THEIRS = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}
every_rate = pytest.mark.parametrize("name", RATES)
few = settings(max_examples=40)

KINDS = {
    "uint8": lambda codes: codes.astype(np.uint8),
    "int64": lambda codes: codes - 2,
    "far apart": lambda codes: codes * 10**12 - 5,  # too far for a table
    "text": lambda codes: np.array(["ant", "bee", "cat", "dog", "elk"])[codes],
}


@st.composite
def labels(draw, classes=5):
    """Two arrays of labels that mostly agree, of any kind and shape."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.sampled_from([(1,), (2,), (7,), (40,), (5, 8), (2, 3, 5)]))
    truth = rng.integers(0, classes, shape)
    predicted = np.where(rng.random(shape) < 0.6, truth, rng.integers(0, classes, shape))
    kind = KINDS[draw(st.sampled_from(list(KINDS)))]
    return kind(predicted), kind(truth)


@st.composite
def scored(draw):
    """Scores with ties, and a truth that has both classes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(2, 60))
    truth = rng.random(n) < draw(st.sampled_from([0.1, 0.5, 0.9]))
    truth[:2] = [True, False]
    scores = np.round(rng.normal(truth, 1.0), draw(st.integers(0, 3)))
    return scores.astype(draw(st.sampled_from(["float32", "float64"]))), truth


# --- labels ---------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:A single label was found")
@few
@given(pair=labels())
def test_confusion_and_accuracy_are_scikit_learns(pair):
    predicted, truth = pair
    copies = predicted.copy(), truth.copy()
    counts = confusion(predicted, truth)
    names = np.unique([*predicted.flat, *truth.flat])
    theirs = sk.confusion_matrix(truth.ravel(), predicted.ravel(), labels=names)
    assert_array_equal(counts, theirs)
    assert counts.sum() == truth.size
    assert accuracy(predicted, truth) == pytest.approx(np.trace(counts) / truth.size)
    assert_array_equal(predicted, copies[0])
    assert_array_equal(truth, copies[1])


@every_rate
@few
@given(pair=labels(), average=st.sampled_from([None, "macro", "micro", "weighted"]))
def test_rates_are_scikit_learns_where_those_are_defined(name, pair, average):
    predicted, truth = pair
    ours = RATES[name](predicted, truth, average=average)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        each, theirs = (
            THEIRS[name](truth.ravel(), predicted.ravel(), average=how, zero_division=np.nan)
            for how in (None, average)
        )
    names = np.unique([*predicted.flat, *truth.flat])
    counted = np.isin(names, truth) | (average == "macro")
    if average in ("macro", "weighted") and np.isnan(each[counted]).any():
        assert np.isnan(ours)  # scikit-learn leaves such a class out
    else:
        assert_allclose(ours, theirs, rtol=1e-14)


@every_rate
@few
@given(pair=labels(classes=2))
def test_a_rate_of_two_classes_is_that_of_the_positive_one(name, pair):
    predicted, truth = pair
    found = np.unique([*predicted.flat, *truth.flat])
    for positive, expected in zip(
        found.tolist(), RATES[name](predicted, truth, average=None), strict=True
    ):
        value = RATES[name](predicted, truth, positive=positive)
        assert type(value) is float
        assert_array_equal(value, expected)


@few
@given(pair=labels())
def test_micro_averages_are_the_accuracy(pair):
    for rate in RATES.values():
        assert rate(*pair, average="micro") == pytest.approx(accuracy(*pair))


@few
@given(pair=labels())
def test_precision_is_recall_with_predictions_and_truth_exchanged(pair):
    predicted, truth = pair
    assert_array_equal(
        precision(predicted, truth, average=None), recall(truth, predicted, average=None)
    )
    assert_array_equal(confusion(predicted, truth), confusion(truth, predicted).T)


def test_classes_give_the_order_and_may_be_absent():
    predicted, truth = ["dog", "cat", "dog"], ["cat", "cat", "dog"]
    counts = confusion(predicted, truth, classes=["dog", "cat", "elk"])
    assert_array_equal(counts, [[1, 0, 0], [1, 1, 0], [0, 0, 0]])
    assert_array_equal(
        recall(predicted, truth, average=None, classes=["dog", "cat", "elk"]), [1, 0.5, np.nan]
    )
    far = confusion([10**12, 3], [3, 3], classes=[10**12, 3])
    assert_array_equal(far, [[0, 0], [1, 1]])


def test_nothing_over_nothing_is_nan_and_never_0():
    assert np.isnan(precision([0, 0], [0, 1]))  # nothing was predicted positive
    assert recall([0, 0], [0, 1]) == 0  # a positive was missed: that is a zero
    assert np.isnan(recall([0, 1], [0, 0]))
    assert precision([0, 1], [0, 0]) == 0
    assert f1([0, 0], [0, 1]) == 0
    assert np.isnan(f1([0, 0], [0, 0]))
    assert np.isnan(precision([0, 0, 0], [0, 1, 2], average="macro"))
    assert_array_equal(precision([0, 0, 0], [0, 1, 2], average=None), [1 / 3, np.nan, np.nan])
    assert f1([0, 0, 0], [0, 1, 2], average="macro") == pytest.approx(0.5 / 3)


def test_masks_may_be_compared_pixel_by_pixel():
    rng = np.random.default_rng(3)
    truth, predicted = rng.random((2, 31, 17)) < 0.3
    overlap = np.count_nonzero(truth & predicted)
    assert f1(predicted, truth) == pytest.approx(2 * overlap / (truth.sum() + predicted.sum()))
    assert accuracy(predicted[::-1, ::2], truth[::-1, ::2]) == pytest.approx(
        np.mean(predicted[:, ::2] == truth[:, ::2])
    )


def test_bool_and_numbers_go_together():
    assert_array_equal(confusion(np.array([True, False]), [1, 1]), [[0, 0], [1, 1]])


def test_a_column_of_text_may_come_as_objects():
    truth = np.array(["cat", "dog"], object)
    assert accuracy(np.array(["cat", "cat"]), truth) == 0.5


def test_the_largest_labels_are_told_apart():
    most = np.iinfo(np.int64).max
    assert_array_equal(confusion([most, most - 1], [most, most]), [[0, 0], [1, 1]])
    low = np.iinfo(np.int64).min
    assert accuracy([low, most], [low, low]) == 0.5


WRONG_LABELS = {
    "probabilities": (([0.2, 0.7], [0, 1]), TypeError, "predicted > 0.5"),
    "scores for each class": (([[0.2, 0.8], [0.9, 0.1]], [1, 0]), ValueError, "argmax"),
    "text and numbers": ((["a", "b"], [0, 1]), TypeError, "both must be text"),
    "lengths": (([0, 1, 1], [0, 1]), ValueError, r"\(3,\).*\(2,\)"),
    "nothing": (([], []), ValueError, "predicted is empty"),
    "None": (([None, 1], [0, 1]), TypeError, "predicted has dtype object"),
    "ragged": (([[0], [1, 1]], [0, 1]), ValueError, "predicted is no array"),
    "a tensor": ((torch.tensor([0, 1]), [0, 1]), TypeError, "predicted is a torch tensor"),
    "masked": (([0, 1], np.ma.masked_equal([0, 1], 1)), TypeError, "truth is a masked array"),
    "complex": (([0, 1], [0j, 1j]), TypeError, "truth has dtype complex128"),
    "too large": ((np.array([2**63], np.uint64), [0]), ValueError, "64-bit"),
}


@pytest.mark.parametrize("function", [confusion, accuracy, precision, recall, f1])
@pytest.mark.parametrize("wrong", WRONG_LABELS)
def test_what_are_no_labels_is_named(function, wrong):
    arguments, error, message = WRONG_LABELS[wrong]
    with pytest.raises(error, match=message):
        function(*arguments)


WRONG_OPTIONS = {
    "three classes": ({}, [0, 1, 2], ValueError, "3 classes.*truth == 3"),
    "no such class": ({}, [0, 255, 0], ValueError, "positive is 1, but the labels are 0, 255"),
    "text": ({}, ["a", "b", "b"], ValueError, "positive is 1, but the labels are 'a', 'b'"),
    "no such text": ({"positive": "c"}, ["a", "a", "a"], ValueError, "positive is 'c'"),
    "a float": ({"positive": 0.5}, [0, 1, 1], TypeError, "positive must be a label"),
    "an average": ({"average": "mean"}, [0, 1, 1], ValueError, "average must be one of"),
    "classes": ({"average": None, "classes": [0, 2]}, [0, 1, 1], ValueError, r"not list: \[1\]"),
    "a class twice": ({"average": None, "classes": [0, 1, 0]}, [0, 1, 1], ValueError, "once"),
    "text for numbers": ({"average": None, "classes": ["0"]}, [0, 1, 1], TypeError, "classes has"),
}


@every_rate
@pytest.mark.parametrize("wrong", WRONG_OPTIONS)
def test_an_option_that_does_not_fit_is_named(name, wrong):
    options, values, error, message = WRONG_OPTIONS[wrong]
    with pytest.raises(error, match=message):
        RATES[name](values, values, **options)


def test_a_confusion_matrix_that_would_not_fit_is_refused():
    many = np.arange(5001)
    with pytest.raises(ValueError, match="5001 classes"):
        confusion(many, many)
    assert f1(many, many, average="macro") == 1


# --- scores ---------------------------------------------------------------------------------------


@few
@given(case=scored())
def test_roc_is_scikit_learns(case):
    scores, truth = case
    before = scores.copy(), truth.copy()
    curve = roc(scores, truth)
    false, true, thresholds = sk.roc_curve(truth, scores, drop_intermediate=False)
    assert_allclose(curve.false_positive_rate, false, rtol=1e-14)
    assert_allclose(curve.true_positive_rate, true, rtol=1e-14)
    assert_array_equal(curve.thresholds, thresholds)
    assert curve.area == pytest.approx(sk.roc_auc_score(truth, scores), rel=1e-13)
    assert roc_auc(scores, truth) == curve.area
    assert_array_equal(scores, before[0])
    assert_array_equal(truth, before[1])


@few
@given(case=scored())
def test_pr_is_scikit_learns_without_its_added_point(case):
    scores, truth = case
    curve = pr(scores, truth)
    shares, found, thresholds = sk.precision_recall_curve(truth, scores)
    assert_allclose(curve.precision, shares[-2::-1], rtol=1e-14)
    assert_allclose(curve.recall, found[-2::-1], rtol=1e-14)
    assert_array_equal(curve.thresholds, thresholds[::-1])
    assert curve.area == pytest.approx(sk.average_precision_score(truth, scores), rel=1e-13)
    assert average_precision(scores, truth) == curve.area


@few
@given(case=scored())
def test_the_roc_area_is_the_chance_that_a_positive_scores_higher(case):
    scores, truth = case
    pairs = np.sign(scores[truth][:, None] - scores[~truth]).astype(float)
    assert roc_auc(scores, truth) == pytest.approx((pairs.mean() + 1) / 2, abs=1e-12)
    assert roc_auc(-scores, truth) == pytest.approx(1 - roc_auc(scores, truth), abs=1e-12)


@few
@given(case=scored(), seed=st.integers(0, 99))
def test_areas_depend_on_the_order_of_scores_alone(case, seed):
    scores, truth = case
    shuffle = np.random.default_rng(seed).permutation(len(scores))
    for area in (roc_auc, average_precision):
        assert area(np.exp(scores.astype(float) / 4), truth) == area(scores, truth)
        assert area(scores[shuffle], truth[shuffle]) == area(scores, truth)


@few
@given(case=scored(), place=st.integers(0, 99))
def test_a_point_of_a_curve_is_the_rate_of_scores_at_or_above_its_threshold(case, place):
    scores, truth = case
    curve = pr(scores, truth)
    k = place % len(curve.thresholds)
    predicted = scores >= curve.thresholds[k]
    assert curve.precision[k] == pytest.approx(precision(predicted, truth))
    assert curve.recall[k] == pytest.approx(recall(predicted, truth))


def test_a_perfect_order_has_area_1_exactly():
    truth = np.arange(1003) % 7 == 0
    scores = truth + np.linspace(0, 0.5, 1003)
    assert roc_auc(scores, truth) == 1
    assert average_precision(scores, truth) == pytest.approx(1, rel=1e-12)
    assert roc_auc(-scores, truth) == 0


def test_equal_scores_tell_nothing():
    truth = [True, False, False, False]
    assert roc_auc(np.full(4, 0.3), truth) == 0.5
    assert average_precision(np.full(4, 0.3), truth) == 0.25


def test_the_trapezoid_below_a_pr_curve_promises_more_than_the_steps():
    rng = np.random.default_rng(0)
    truth = np.arange(400) < 20
    curve = pr(rng.random(400), truth)  # chance, and few points at low recall
    coarse = pr(np.round(rng.normal(truth, 1)), truth)
    trapezoid = (
        np.trapezoid(coarse.precision, coarse.recall) + coarse.precision[0] * coarse.recall[0]
    )
    assert trapezoid > 1.1 * coarse.area
    assert curve.area == pytest.approx(0.05, abs=0.03)


def test_one_class_alone_has_no_area():
    assert np.isnan(roc_auc([0.1, 0.9], [0, 0]))
    assert np.isnan(roc_auc([0.1, 0.9], [1, 1]))
    assert np.isnan(average_precision([0.1, 0.9], [0, 0]))
    assert average_precision([0.1, 0.9], [1, 1]) == 1
    curve = roc([0.1, 0.9], [0, 0])
    assert np.isnan(curve.true_positive_rate).all()
    assert_array_equal(curve.false_positive_rate, [0, 0.5, 1])


def test_scores_may_be_pictures_and_labels_text():
    scores = np.array([[0, 128], [200, 255]], np.uint8)
    truth = np.array([["sick", "well"], ["sick", "sick"]])
    assert roc_auc(scores, truth, positive="sick") == pytest.approx(2 / 3)
    assert roc_auc(scores, truth, positive="well") == pytest.approx(1 / 3)


def test_a_curve_says_what_it_is_in_a_line():
    assert repr(roc([0.9, 0.1], [1, 0])) == "RocCurve(area=1, 3 points)"
    assert repr(pr([0.9, 0.1], [1, 0])) == "PrecisionRecallCurve(area=1, 2 points)"


WRONG_SCORES = {
    "nan": (([0.1, np.nan], [0, 1]), ValueError, "scores has 1 values that are NaN"),
    "infinite": (([0.1, np.inf], [0, 1]), ValueError, "scores has 1 values"),
    "text": ((["a", "b"], [0, 1]), TypeError, "scores has dtype"),
    "complex": (([1j, 2], [0, 1]), TypeError, "scores has dtype"),
    "None": ((None, [0, 1]), TypeError, "scores has dtype object"),
    "lengths": (([0.1, 0.2, 0.3], [0, 1]), ValueError, r"scores has shape \(3,\)"),
    "for each class": ((np.ones((2, 3)), [0, 1]), ValueError, "scores has shape"),
    "nothing": (([], []), ValueError, "truth is empty"),
    "three classes": (([0.1, 0.2, 0.3], [0, 1, 2]), ValueError, "3 classes"),
    "another class": (([0.1, 0.2], [-1, 0]), ValueError, "positive is 1, but the labels are -1, 0"),
    "real truth": (([0.1, 0.2], [0.0, 1.0]), TypeError, "truth has dtype float64"),
    "a tensor": ((torch.zeros(2), [0, 1]), TypeError, "scores is a torch tensor"),
}


@pytest.mark.parametrize("function", [roc, roc_auc, pr, average_precision])
@pytest.mark.parametrize("wrong", WRONG_SCORES)
def test_scores_that_do_not_fit_are_named(function, wrong):
    arguments, error, message = WRONG_SCORES[wrong]
    with pytest.raises(error, match=message):
        function(*arguments)
