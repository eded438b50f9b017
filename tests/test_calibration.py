"""Reliability, calibration error, scores of probabilities and temperature: definitions and laws."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special
from scipy.optimize import minimize_scalar
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from imgkit.metrics import (
    accuracy,
    brier_score,
    calibration_error,
    fit_temperature,
    log_loss,
    reliability,
    softmax,
)

few = settings(max_examples=40)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def forecasts(draw, binary=None):
    """Probabilities (N, C) or (N,), and a truth."""
    rng = np.random.default_rng(draw(seeds))
    n, classes = draw(st.integers(1, 60)), draw(st.integers(2, 5))
    if draw(st.booleans()) if binary is None else binary:
        return np.round(rng.random(n), draw(st.integers(1, 5))), rng.integers(0, 2, n)
    return rng.dirichlet(np.full(classes, 0.5), n), rng.integers(0, classes, n)


def reliability64(probabilities, truth, bins):
    """(confidence, accuracy, count), case by case."""
    rows = [[] for _ in range(bins)]
    edges = np.linspace(0, 1, bins + 1)
    for p, true in zip(probabilities, truth, strict=True):
        if np.ndim(p):
            true, p = np.argmax(p) == true, np.max(p)
        rows[next(k for k in range(bins) if p <= edges[k + 1])].append((p, true))
    means = [np.mean(row, axis=0) if row else (np.nan, np.nan) for row in rows]
    return *np.transpose(means), np.array([len(row) for row in rows])


# --- reliability ----------------------------------------------------------------------------------


@few
@given(case=forecasts(), bins=st.sampled_from([1, 2, 10, 15]))
def test_reliability_is_its_definition(case, bins):
    before = [values.copy() for values in case]
    diagram = reliability(*case, bins=bins)
    confidence, right, count = reliability64(*case, bins)
    assert_allclose(diagram.confidence, confidence, rtol=1e-12)
    assert_allclose(diagram.accuracy, right, rtol=1e-12)
    assert_array_equal(diagram.count, count)
    assert_array_equal(diagram.edges, np.linspace(0, 1, bins + 1))
    gaps = np.abs(right - confidence)
    assert calibration_error(*case, bins=bins) == pytest.approx(
        np.nansum(gaps * count) / count.sum(), abs=1e-12
    )
    assert calibration_error(*case, bins=bins, kind="maximum") == pytest.approx(
        np.nanmax(gaps), abs=1e-12
    )
    assert_array_equal(case[0], before[0])
    assert_array_equal(case[1], before[1])


@few
@given(case=forecasts(binary=True))
def test_reliability_of_two_classes_is_scikit_learns(case):
    p, truth = case
    diagram = reliability(p, truth, bins=7)
    shares, means = calibration_curve(truth, p, n_bins=7)
    used = diagram.count > 0
    assert_allclose(diagram.accuracy[used], shares, rtol=1e-12)
    assert_allclose(diagram.confidence[used], means, rtol=1e-12)


@few
@given(case=forecasts())
def test_one_bin_compares_the_means(case):
    p, truth = case
    if p.ndim == 2:
        expected = abs(p.max(1).mean() - accuracy(p.argmax(1), truth))
    else:
        expected = abs(p.mean() - truth.mean())
    assert calibration_error(p, truth, bins=1) == pytest.approx(expected, abs=1e-12)


def test_a_bin_has_its_upper_edge():
    diagram = reliability([0.0, 0.5, 0.5 + 1e-9, 1.0], [0, 1, 1, 1], bins=2)
    assert_array_equal(diagram.count, [2, 2])


def test_an_empty_bin_has_no_mean():
    diagram = reliability([0.9, 0.95], [1, 0], bins=3)
    assert np.isnan(diagram.accuracy[:2]).all()
    assert np.isnan(diagram.confidence[:2]).all()
    assert diagram.maximum_error == pytest.approx(0.425)
    assert repr(diagram) == "Reliability(expected_error=0.425, 2 cases in 1 of 3 bins)"


def test_honest_probabilities_are_calibrated_and_boasting_ones_are_not():
    rng = np.random.default_rng(0)
    p = rng.random(40_000)
    truth = rng.random(40_000) < p
    assert calibration_error(p, truth) < 0.01
    boasting = np.where(p > 0.5, 1 - (1 - p) / 3, p / 3)
    assert calibration_error(boasting, truth) > 0.08


def test_the_answer_and_class_1_make_different_diagrams():
    p, truth = np.array([0.2, 0.2, 0.9]), np.array([0, 1, 1])
    both = np.stack([1 - p, p], axis=1)
    assert calibration_error(p, truth, bins=2) == pytest.approx((2 * 0.3 + 0.1) / 3)
    assert calibration_error(both, truth, bins=2) == pytest.approx(abs(2.5 / 3 - 2 / 3))


# --- scores of probabilities ----------------------------------------------------------------------


@few
@given(case=forecasts(binary=True))
def test_scores_of_two_classes_are_scikit_learns_and_their_definitions(case):
    p, truth = case
    assert brier_score(p, truth) == pytest.approx(sk.brier_score_loss(truth, p), abs=1e-14)
    inner = np.clip(p, 1e-3, 1 - 1e-3)
    assert log_loss(inner, truth) == pytest.approx(
        sk.log_loss(truth, inner, labels=[0, 1]), rel=1e-12
    )


@few
@given(case=forecasts(binary=False))
def test_scores_of_many_classes_are_their_definitions(case):
    p, truth = case
    right = np.eye(p.shape[1])[truth]
    assert brier_score(p, truth) == pytest.approx(((p - right) ** 2).sum(1).mean(), abs=1e-14)
    with np.errstate(divide="ignore"):
        assert log_loss(p, truth) == pytest.approx(-np.log(p[right == 1]).mean(), rel=1e-12)


@few
@given(case=forecasts(binary=True))
def test_two_columns_say_what_one_says(case):
    p, truth = case
    both = np.stack([1 - p, p], axis=1)
    assert brier_score(both, truth) == pytest.approx(2 * brier_score(p, truth), abs=1e-14)
    assert log_loss(both, truth) == pytest.approx(log_loss(p, truth), rel=1e-12)


@few
@given(rate=st.floats(0.05, 0.95), guess=st.floats(0.05, 0.95))
def test_saying_how_often_it_happens_is_best(rate, guess):
    p, often = np.array([guess]), np.array([rate])
    for score in (brier_score, log_loss):

        def expected(said, score=score):
            return rate * score(said, [1]) + (1 - rate) * score(said, [0])

        assert expected(often) <= expected(p) + 1e-12


def test_what_was_given_no_chance_and_happens_is_an_infinite_surprise():
    assert log_loss([0.0, 1.0], [1, 1]) == np.inf
    assert log_loss([0.0, 1.0], [0, 1]) == 0
    assert log_loss([[0.0, 1.0]], [0]) == np.inf
    assert log_loss(np.full((4, 3), 1 / 3), [0, 1, 2, 0]) == pytest.approx(np.log(3))


# --- softmax and temperature ----------------------------------------------------------------------


@few
@given(
    seed=seeds,
    shape=st.sampled_from([(3,), (5, 2), (2, 3, 4), (1, 1)]),
    dtype=st.sampled_from(["float32", "float64", "int64"]),
    temperature=st.sampled_from([0.1, 1.0, 30.0]),
)
def test_softmax_is_scipys_at_every_temperature(seed, shape, dtype, temperature):
    logits = (np.random.default_rng(seed).normal(0, 20, shape)).astype(dtype)
    p = softmax(logits, temperature=temperature)
    assert p.dtype == ("float32" if dtype == "float32" else "float64")
    expected = special.softmax(logits.astype(float) / temperature, axis=-1)
    assert_allclose(p, expected, rtol=1e-6 if dtype == "float32" else 1e-12, atol=1e-38)
    assert_allclose(p.sum(-1), 1, rtol=1e-6)


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e300])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_takes_any_logits_and_any_temperature(temperature, dtype):
    logits = np.array([[1e30, -1e30], [3, 3], [0, 1e-30]], dtype)
    p = softmax(logits, temperature=temperature)
    assert np.isfinite(p).all()
    assert_allclose(p.sum(1), 1)
    assert_array_equal(p[1], 0.5)
    if temperature == 1e300:
        assert_allclose(p, 0.5, atol=1e-6)


def overconfident(rng, n=400, classes=4, scale=3.0):
    """Logits, and a truth that is drawn with the probabilities of logits / scale."""
    honest = rng.normal(0, 1.5, (n, classes))
    truth = np.array([rng.choice(classes, p=p) for p in special.softmax(honest, axis=1)])
    return honest * scale, truth


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scale", [1 / 20, 1.0, 3.0])
def test_the_temperature_has_the_least_log_loss(seed, scale):
    logits, truth = overconfident(np.random.default_rng(seed), scale=scale)
    before = logits.copy()
    temperature = fit_temperature(logits, truth)
    assert_array_equal(logits, before)

    def loss(log_t):
        z = special.log_softmax(logits / np.exp(log_t), axis=1)
        return -z[np.arange(len(z)), truth].mean()

    best = minimize_scalar(loss, bounds=(-6, 6), method="bounded", options={"xatol": 1e-9})
    assert temperature == pytest.approx(np.exp(best.x), rel=1e-5)
    assert temperature == pytest.approx(scale, rel=0.3)
    assert log_loss(softmax(logits, temperature=temperature), truth) == pytest.approx(best.fun)


def test_a_temperature_calibrates_and_keeps_every_answer():
    logits, truth = overconfident(np.random.default_rng(1), n=3000)
    fit, judge = slice(0, 1500), slice(1500, None)
    temperature = fit_temperature(logits[fit], truth[fit])
    cold = softmax(logits[judge])
    warm = softmax(logits[judge], temperature=temperature)
    assert_array_equal(cold.argmax(1), warm.argmax(1))
    assert calibration_error(cold, truth[judge]) > 0.15
    assert calibration_error(warm, truth[judge]) < 0.04


@few
@given(seed=seeds, factor=st.sampled_from([1e-200, 1e-3, 7.0, 1e200]))
def test_the_temperature_grows_with_the_logits(seed, factor):
    logits, truth = overconfident(np.random.default_rng(seed), n=40)
    shifted = logits - 5 * truth[:, None]  # a number for each row: softmax does not see it
    once = fit_temperature(logits, truth)
    assert fit_temperature(factor * logits, truth) == pytest.approx(factor * once, rel=1e-7)
    assert fit_temperature(shifted, truth) == pytest.approx(once, rel=1e-7)


def test_log_odds_are_logits_of_two_classes():
    rng = np.random.default_rng(2)
    z = rng.normal(0, 2, 300)
    truth = rng.random(300) < special.expit(z)
    both = np.stack([np.zeros(300), 4 * z], axis=1)
    temperature = fit_temperature(4 * z, truth)
    assert temperature == pytest.approx(fit_temperature(both, truth), rel=1e-9)
    assert temperature == pytest.approx(4, rel=0.2)
    assert_allclose(
        softmax(both, temperature=temperature)[:, 1], special.expit(4 * z / temperature)
    )


def test_where_no_temperature_is_best_it_is_an_end_of_the_range():
    logits = np.array([[4.0, 0.0], [0.0, 2.0]])
    assert fit_temperature(logits, [0, 1]) == pytest.approx(4e-4)  # all right: surer is better
    assert fit_temperature(logits, [1, 0]) == pytest.approx(4e4)  # all wrong: surer is worse
    assert fit_temperature(logits[:1], [0]) == pytest.approx(4e-4)
    assert fit_temperature(np.full((3, 2), 7.0), [0, 1, 1]) == 1  # nothing depends on it
    assert fit_temperature(np.zeros((3, 2)), [0, 1, 1]) == 1


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1e300, 9e307])
def test_the_smallest_and_largest_logits_have_a_temperature(size):
    logits = size * np.array([[1, -1], [1, -1], [1, -1], [-1, 1.0]])
    temperature = fit_temperature(logits, [0, 0, 1, 1])  # three quarters of the answers are right
    assert temperature == pytest.approx(2 / np.log(3) * size, rel=0.2 if size < 1e-320 else 1e-9)


# --- what is refused ------------------------------------------------------------------------------

WRONG = {
    "logits": ([[3.0, -2.0]], [0], ValueError, r"from -2 to 3.*use softmax\(logits\)"),
    "percent": ([90.0, 20.0], [1, 0], ValueError, "from 20 to 90"),
    "rows": ([[0.5, 0.5], [0.5, 0.6]], [0, 1], ValueError, r"probabilities\[1\] sums to 1.1"),
    "one column": ([[0.5], [0.5]], [0, 1], ValueError, r"shape \(2, 1\).*\(N, C\)"),
    "rank 3": (np.full((2, 2, 2), 0.5), [0, 1], ValueError, "shape"),
    "nothing": (np.zeros((0, 2)), [], ValueError, "truth is empty"),
    "nan": ([0.5, np.nan], [0, 1], ValueError, "probabilities has 1 values that are NaN"),
    "text": (["a"], [0], TypeError, "probabilities has dtype"),
    "a tensor": (torch.full((2,), 0.5), [0, 1], TypeError, "probabilities is a torch tensor"),
    "lengths": ([0.5, 0.5], [0], ValueError, r"truth has shape \(1,\)"),
    "one-hot": ([[0.5, 0.5]], [[0, 1]], ValueError, "the class of each row"),
    "class 2 of 2": ([[0.5, 0.5]], [2], ValueError, "classes 2 to 2.*0 to 1"),
    "class -1": ([0.5, 0.5], [-1, 1], ValueError, "classes -1 to 1.*0 to 1"),
    "names": ([0.5, 0.5], ["a", "b"], TypeError, "truth is text"),
    "real truth": ([0.5, 0.5], [0.0, 1.0], TypeError, "truth has dtype float64"),
}


@pytest.mark.parametrize("function", [reliability, calibration_error, brier_score, log_loss])
@pytest.mark.parametrize("wrong", WRONG)
def test_probabilities_that_are_none_are_named(function, wrong):
    probabilities, truth, error, message = WRONG[wrong]
    with pytest.raises(error, match=message):
        function(probabilities, truth)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: reliability([0.5], [1], bins=0), ValueError, "bins must lie in 1..10000, got 0"),
        (lambda: reliability([0.5], [1], bins=10**9), ValueError, "bins"),
        (lambda: calibration_error([0.5], [1], bins=2.5), TypeError, "bins must be a whole number"),
        (lambda: calibration_error([0.5], [1], kind="mean"), ValueError, "kind must be one of"),
        (lambda: softmax([1, 2], temperature=0), ValueError, "temperature must be a positive"),
        (lambda: softmax(3.0), ValueError, r"logits has shape \(\)"),
        (lambda: softmax(np.zeros((3, 0))), ValueError, r"logits has shape \(3, 0\)"),
        (lambda: softmax([np.inf, 0]), ValueError, "logits has 1 values"),
        (lambda: fit_temperature([[1.0, np.nan]], [0]), ValueError, "logits has 1 values"),
        (lambda: fit_temperature([[1.0, 2.0]], [2]), ValueError, "0 to 1"),
        (lambda: fit_temperature([[1.0], [2.0]], [0, 1]), ValueError, r"logits has shape \(2, 1\)"),
        (lambda: fit_temperature([], []), ValueError, "truth is empty"),
    ],
)
def test_options_and_logits_that_do_not_fit_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
