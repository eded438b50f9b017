"""Intervals: published values, SciPy, how often they catch the truth, and what they refuse."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from imgkit import metrics
from imgkit.metrics import Interval, bootstrap, clopper_pearson, interval, student_t, wilson

PROPORTIONS = {"wilson": wilson, "clopper_pearson": clopper_pearson}
counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])


def ends(found):
    return found.low, found.high


# --- how often the truth is caught ----------------------------------------------------------------


def caught(make, draw, truth, *, trials=1000, seed=0):
    """Of so many test sets, how many have an interval with the truth in it."""
    rng = np.random.default_rng(seed)
    return sum(truth in make(draw(rng)) for _ in range(trials))


def reaches(count, trials, nominal):
    """Whether so many are no surprise (one in 10,000) if the nominal share is caught."""
    return stats.binom.cdf(count, trials, nominal) > 1e-4


def quick(values, method):
    return bootstrap(values, method=method, resamples=499)


def test_students_t_catches_95_percent_of_5_normal_values_a_percentile_bootstrap_does_not():
    def five(rng):
        return rng.normal(1, 2, 5)

    assert reaches(caught(student_t, five, 1, trials=2000), 2000, 0.95)
    count = caught(lambda x: quick(x, "percentile"), five, 1)
    assert not reaches(count, 1000, 0.95)
    assert 790 < count < 870  # 83 %


def test_from_50_values_on_the_rule_catches_the_mean_of_scores_and_of_differences():
    shapes = {
        "normal": (lambda rng: rng.normal(0, 1, 60), 0),
        "Dice scores": (lambda rng: rng.beta(8, 1.2, 60), 8 / 9.2),
        "differences of accuracies": (
            lambda rng: rng.choice([-1, 0, 1], 60, p=[0.1, 0.7, 0.2]),
            0.1,
        ),
    }
    for draw, truth in shapes.values():
        count = caught(lambda x: quick(x, "bca"), draw, truth, trials=500)
        assert reaches(count, 500, 0.94)  # BCa of 50 values is a point below its name


def test_bca_catches_lopsided_values_more_often_than_the_others():
    # Why the rule takes BCa: mostly no change, now and then a large one.
    def sparse(rng):
        return np.where(rng.random(50) < 0.15, rng.exponential(1, 50), 0)

    bca, percentile, t = (
        caught(make, sparse, 0.15, trials=1000)
        for make in (lambda x: quick(x, "bca"), lambda x: quick(x, "percentile"), student_t)
    )
    assert reaches(bca, 1000, 0.9)
    assert bca > max(percentile, t) + 15  # the same 1000 test sets


def coverage(method, n, p):
    """Exactly: the probability of all counts whose interval has p in it."""
    inside = np.array([p in method(k, n) for k in range(n + 1)])
    return stats.binom.pmf(np.arange(n + 1), n, p)[inside].sum()


@pytest.mark.parametrize("n", [5, 20, 50])
def test_clopper_pearson_catches_every_proportion_and_wilson_95_percent_on_average(n):
    proportions = np.linspace(0.005, 0.995, 100)
    exact = [coverage(clopper_pearson, n, p) for p in proportions]
    near = [coverage(wilson, n, p) for p in proportions]
    assert min(exact) >= 0.95
    assert 0.945 < np.mean(near) < 0.97
    assert np.mean(exact) > np.mean(near)


# --- proportions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "n", "score", "exact"),
    [  # Newcombe, Statistics in Medicine 17, 1998, pages 857-872, table I, methods 3 and 5
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0000, 0.1611), (0.0000, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_proportions_are_as_published(successes, n, score, exact):
    assert ends(wilson(successes, n)) == pytest.approx(score, abs=5e-5)
    assert ends(clopper_pearson(successes, n)) == pytest.approx(exact, abs=5e-5)


@given(counts, confidences)
def test_proportions_are_scipys(pair, confidence):
    test = stats.binomtest(*pair)
    for method, name in ((wilson, "wilson"), (clopper_pearson, "exact")):
        found = method(*pair, confidence=confidence)
        wanted = test.proportion_ci(confidence, method=name)
        assert ends(found) == pytest.approx((wanted.low, wanted.high), abs=1e-12)
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.value == pair[0] / pair[1]


@given(counts)
def test_successes_and_failures_mirror_each_other(pair):
    successes, n = pair
    for method in PROPORTIONS.values():
        one, other = method(successes, n), method(n - successes, n)
        assert ends(one) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-12)


@given(counts)
def test_more_confidence_takes_more_room(pair):
    for method in PROPORTIONS.values():
        found = [method(*pair, confidence=c) for c in (0.5, 0.9, 0.99)]
        widths = [one.high - one.low for one in found]
        assert widths == sorted(widths)


@pytest.mark.parametrize("method", PROPORTIONS.values())
def test_nothing_and_all_have_exact_ends_and_still_a_width(method):
    none, every = method(0, 30), method(30, 30)
    assert none.low == 0 < none.high < 0.2
    assert every.high == 1 > every.low > 0.8


@pytest.mark.parametrize("method", PROPORTIONS.values())
def test_huge_counts_are_fine(method):
    found = method(10**15, 2 * 10**15)
    assert found.low < 0.5 < found.high
    assert found.high - found.low < 1e-6


# --- means ----------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), confidences)
def test_student_t_is_scipys(values, confidence):
    found = student_t(values, confidence=confidence)
    if np.ptp(values) == 0:
        assert found.low == pytest.approx(found.high)
        return
    wanted = stats.ttest_1samp(values, 0).confidence_interval(confidence)
    scale = max(map(abs, values))
    assert ends(found) == pytest.approx((wanted.low, wanted.high), rel=1e-9, abs=1e-9 * scale)


SPATIAL = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6,
           0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]  # fmt: skip


def test_bca_is_efrons_and_tibshiranis():
    # An Introduction to the Bootstrap, chapter 14, test A: variance 171.5, BCa (115.8, 259.6).
    found = bootstrap(SPATIAL, statistic=np.var, confidence=0.9, resamples=20_000)
    assert found.value == pytest.approx(171.5, abs=0.05)
    assert ends(found) == pytest.approx((115.8, 259.6), rel=0.015)
    plain = bootstrap(
        SPATIAL, statistic=np.var, confidence=0.9, resamples=20_000, method="percentile"
    )
    assert ends(plain) == pytest.approx((100.8, 233.9), rel=0.04)  # of 2000


def trimmed(x):
    return np.sort(x)[5:-5].mean()


@pytest.mark.parametrize("method", ["bca", "percentile"])
@pytest.mark.parametrize("statistic", [np.mean, np.median, np.std, trimmed])
def test_bootstrap_is_scipys_but_for_the_draws(method, statistic):
    values = np.random.default_rng(0).gamma(2, size=80)
    found = bootstrap(values, statistic=statistic, method=method, resamples=2000)
    wanted = stats.bootstrap(
        (values,), statistic, vectorized=statistic is not trimmed, n_resamples=2000, method=method,
        rng=1,
    ).confidence_interval  # fmt: skip
    width = wanted.high - wanted.low
    assert ends(found) == pytest.approx(tuple(wanted), abs=0.08 * width)


def test_a_function_with_an_axis_and_one_without_give_the_same():
    values = np.random.default_rng(3).random(30)
    for named in (np.mean, np.median):
        assert bootstrap(values, statistic=named) == bootstrap(
            values, statistic=lambda x, f=named: f(x)
        )


def test_rows_are_drawn_whole():
    # A ratio of sums over images: Dice of the whole test set, each row its areas.
    rng = np.random.default_rng(0)
    both = rng.uniform(50, 100, 60)
    rows = np.stack([both * rng.uniform(0.8, 1, 60), both], axis=1)
    found = bootstrap(rows, statistic=lambda x: x[:, 0].sum() / x[:, 1].sum(), resamples=999)
    assert found.n == 60
    assert 0.85 < found.low < found.value < found.high < 0.95
    swapped = bootstrap(rows, statistic=lambda x: (x[:, 0] / x[:, 1]).max() <= 1, resamples=100,
                        method="percentile")  # fmt: skip
    assert ends(swapped) == (1, 1)  # no row was ever mixed


def test_the_seed_decides():
    values = np.random.default_rng(0).random(60)
    assert (
        bootstrap(values, seed=5) == bootstrap(values, seed=5) == bootstrap(values.tolist(), seed=5)
    )
    assert bootstrap(values, seed=5) != bootstrap(values, seed=6)
    generator = np.random.default_rng(5)
    assert bootstrap(values, seed=generator) == bootstrap(values, seed=5)
    assert bootstrap(values, seed=generator) != bootstrap(values, seed=5)  # it has moved on


@given(st.integers(0, 2**32 - 1), st.floats(-10, 10), st.floats(0.1, 10))
@settings(max_examples=20)
def test_intervals_move_with_their_values(seed, shift, scale):
    values = np.random.default_rng(seed).normal(size=55)
    for make in (student_t, lambda x: bootstrap(x, resamples=200)):
        one, other = make(values), make(scale * values + shift)
        assert ends(other) == pytest.approx([scale * x + shift for x in ends(one)], abs=1e-9)


@pytest.mark.parametrize("level", [0.0, 0.1, -3.7, 1e-300])
def test_equal_values_leave_no_doubt(level):
    values = [level] * 60
    assert ends(bootstrap(values)) == pytest.approx((level, level), rel=1e-12)
    assert ends(student_t(values)) == pytest.approx((level, level), rel=1e-12)


# --- the rule -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "method"),
    [
        ([True, False, True], "Wilson"),
        (np.ones(500), "Wilson"),
        ([0, 1, 1, 0], "Wilson"),
        (np.linspace(0, 1, 49), "Student t"),
        (np.linspace(0, 1, 50), "bootstrap BCa"),
        (np.linspace(0, 1, 20_000), "Student t"),
        ([-1, 0, 1], "Student t"),
    ],
)
def test_the_rule(values, method):
    found = interval(values)
    assert found.method == method
    assert found.n == len(values)
    assert found.value == pytest.approx(np.mean(values))


def test_exact_when_asked():
    right = np.arange(40) < 31
    assert interval(right, exact=True) == clopper_pearson(31, 40)
    assert interval(right) == wilson(31, 40)
    assert interval(right, confidence=0.9) == wilson(31, 40, confidence=0.9)


def test_where_the_rule_changes_the_methods_agree():
    values = np.random.default_rng(0).random(10_001)
    assert interval(values).method == "Student t"
    both = np.array([ends(interval(values)), ends(bootstrap(values, resamples=2000))])
    width = both[0, 1] - both[0, 0]
    assert np.abs(both[0] - both[1]).max() < 0.05 * width


# --- how it reads ---------------------------------------------------------------------------------


def test_an_interval_is_a_line_to_quote():
    line = "0.865 [0.842, 0.886] (95 % Wilson, n=900)"
    assert str(Interval(0.865, 0.8415, 0.8861, 0.95, "Wilson", 900)) == line
    assert str(Interval(152.34, 148.02, 156.9, 0.9, "Student t", 7)).startswith(
        "152.3 [148.0, 156.9] (90 %"
    )
    assert str(Interval(0.1, 0.1, 0.1, 0.99, "x", 3)).startswith("0.100 [0.100, 0.100]")
    assert str(Interval(-1e-9, -0.5, 0.5)).startswith("0.0 [-0.5, 0.5]")  # no minus zero
    assert 0.85 in Interval(0.865, 0.842, 0.886)
    assert 0.9 not in Interval(0.865, 0.842, 0.886)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", PROPORTIONS.values())
@pytest.mark.parametrize(
    ("successes", "n", "error", "name"),
    [(1.0, 2, TypeError, "successes"), (1, 2.0, TypeError, "n"), (True, 2, TypeError, "successes"),
     (3, 2, ValueError, "successes"), (-1, 2, ValueError, "successes"), (0, 0, ValueError, "n"),
     ("1", 2, TypeError, "successes"), (None, 2, TypeError, "successes")],
)  # fmt: skip
def test_bad_counts_are_named(method, successes, n, error, name):
    with pytest.raises(error, match=f"^{name} must"):
        method(successes, n)


BAD_VALUES = [
    ([], ValueError),
    ([0.5, math.nan], ValueError),
    ([0.5, -math.inf], ValueError),
    (["a", "b"], TypeError),
    ([1j, 2], TypeError),
    (None, TypeError),
    ([[[0.5]]], ValueError),
    (0.5, ValueError),
    ([[1, 2], [3]], ValueError),
    (np.ma.masked_array([0.1, 0.2], [True, False]), TypeError),
]


@pytest.mark.parametrize("make", [student_t, bootstrap, interval])
@pytest.mark.parametrize(("values", "error"), BAD_VALUES)
def test_bad_values_are_named(make, values, error):
    with pytest.raises(error, match="values"):
        make(values)


@pytest.mark.parametrize("make", [student_t, bootstrap, interval])
def test_one_value_has_no_interval(make):
    with pytest.raises(ValueError, match="at least 2"):
        make([0.7])


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, math.nan, "0.95", None, True])
def test_a_bad_confidence_is_named(confidence):
    error = (
        ValueError if isinstance(confidence, int | float) and confidence is not True else TypeError
    )
    values = [0.1, 0.5, 0.9]
    for make in (student_t, bootstrap, interval):
        with pytest.raises(error, match="confidence"):
            make(values, confidence=confidence)
    for method in PROPORTIONS.values():
        with pytest.raises(error, match="confidence"):
            method(1, 2, confidence=confidence)


def test_95_is_taken_for_a_percentage():
    with pytest.raises(ValueError, match=r"use 0\.95"):
        wilson(1, 2, confidence=95)


@pytest.mark.parametrize(
    ("options", "error", "name"),
    [
        ({"method": "normal"}, ValueError, "method"),
        ({"method": None}, TypeError, "method"),
        ({"resamples": 10}, ValueError, "resamples"),
        ({"resamples": 10**9}, ValueError, "resamples"),
        ({"resamples": 999.0}, TypeError, "resamples"),
        ({"seed": -1}, ValueError, "seed"),
        ({"seed": 0.5}, TypeError, "seed"),
        ({"seed": None}, TypeError, "seed"),
        ({"statistic": "mean"}, TypeError, "statistic"),
        ({"statistic": lambda x: math.nan}, ValueError, "statistic"),
        ({"statistic": lambda x: x}, ValueError, "statistic"),
        ({"statistic": lambda x: len(set(x))}, ValueError, "bca"),
    ],
)
def test_bad_options_of_the_bootstrap_are_named(options, error, name):
    with pytest.raises(error, match=name):
        bootstrap(np.arange(200) / 7, **options)


def test_a_statistic_that_breaks_down_in_a_resample_is_named():
    with pytest.raises(ValueError, match="statistic must give one finite number"):
        bootstrap([0.0, 1.0, 1.0], statistic=lambda x: math.inf if x.sum() == 0 else 1 / x.sum())


def test_bca_of_extreme_confidence_ends_at_the_extremes():
    values = np.concatenate([np.zeros(49), [100.0]])
    found = bootstrap(values, confidence=1 - 1e-12, resamples=500)
    assert 0 <= found.low < found.value < found.high <= 20


def test_too_much_work_is_refused_at_once():
    with pytest.raises(ValueError, match="student_t"):
        bootstrap(np.arange(1_000_000.0))


def test_the_names_are_flat():
    names = {"Interval", "interval", "bootstrap", "student_t", *PROPORTIONS}
    assert set(metrics.__all__) >= names
