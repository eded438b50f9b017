"""Paired comparisons: published values, SciPy, how often they raise a false alarm, refusals."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from imgkit import metrics
from imgkit.metrics import Comparison, compare, holm, mcnemar, paired_t, permutation

TESTS = {"mcnemar": mcnemar, "paired_t": paired_t, "permutation": permutation, "compare": compare}
every = pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)


def judged(both, only_a, only_b, neither):
    """Which items were right, from the four counts."""
    counts = [both, only_a, only_b, neither]
    return np.repeat([True, True, False, False], counts), np.repeat(
        [True, False, True, False], counts
    )


four_counts = st.tuples(*[st.integers(0, 40)] * 4).filter(sum)


# --- McNemar --------------------------------------------------------------------------------------


@given(four_counts)
def test_mcnemars_p_is_the_binomial_tests(counts):
    found = mcnemar(*judged(*counts))
    _, only_a, only_b, _ = counts
    wanted = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1
    assert found.p == pytest.approx(wanted, rel=1e-9)
    assert found.effect == pytest.approx((only_a - only_b) / sum(counts))
    assert -1 <= found.low <= found.effect <= found.high <= 1
    assert found.n == sum(counts)


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ((14, 5, 0, 22), (0.011, 0.226)),  # Altman et al., Statistics with Confidence, table 6.2
        ((1, 1, 7, 12), (-0.507, -0.026)),  # Fagerland et al., Statistics in Medicine 33, 2014
    ],
)
def test_the_interval_of_mcnemar_is_newcombes(counts, limits):
    found = mcnemar(*judged(*counts))
    assert (found.low, found.high) == pytest.approx(limits, abs=6e-4)


def test_mcnemar_is_statsmodels():
    # mcnemar([[101, 121], [59, 33]], exact=True) in its tests
    found = mcnemar(*judged(101, 121, 59, 33))
    assert found.p == pytest.approx(4.4344492637555101e-06, rel=1e-9)


def test_the_approval_of_a_prime_minister():
    # Agresti, Categorical Data Analysis, section 10.1: 944 and 880 of 1600, Wald (0.02, 0.06).
    found = mcnemar(*judged(794, 150, 86, 570))
    assert found.effect == pytest.approx(0.04)
    assert (found.low, found.high) == pytest.approx((0.021, 0.059), abs=1e-3)
    assert found.p < 1e-4


def test_mcnemar_of_two_that_never_differ_is_certain_of_nothing():
    found = mcnemar(*judged(30, 0, 0, 10))
    assert (found.effect, found.p) == (0, 1)
    assert found.low < 0 < found.high
    assert not found.measurable


def test_newcombes_interval_catches_the_difference():
    rng, trials = np.random.default_rng(0), 2000
    shares = [0.6, 0.2, 0.1, 0.1]
    inside = [0.1 in mcnemar(*judged(*rng.multinomial(60, shares))).interval for _ in range(trials)]
    assert stats.binom.cdf(sum(inside), trials, 0.95) > 1e-4


# --- means ----------------------------------------------------------------------------------------


def test_paired_t_on_students_own_data():
    # Student, Biometrika 6, 1908: hours of sleep gained by two drugs; R's t.test(paired = TRUE)
    a = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    b = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = paired_t(a, b)
    assert found.effect == pytest.approx(-1.58)
    assert found.p == pytest.approx(0.00283289, rel=1e-5)
    assert (found.low, found.high) == pytest.approx((-2.4598858, -0.7001142), abs=1e-7)


@given(st.integers(0, 2**32 - 1), st.integers(2, 80), st.sampled_from([0.9, 0.95, 0.99]))
@settings(max_examples=50)
def test_paired_t_is_scipys(seed, n, confidence):
    a, b = np.random.default_rng(seed).normal(size=(2, n))
    found, wanted = paired_t(a, b, confidence=confidence), stats.ttest_rel(a, b)
    assert found.p == pytest.approx(wanted.pvalue, rel=1e-9)
    limits = wanted.confidence_interval(confidence)
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))
    assert found.measurable == (found.p <= 1 - confidence)


def test_fishers_permutations_of_darwins_maize():
    # The Design of Experiments, section 21: of 32,768 exchanges 1726 have a mean as large.
    taller = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    found = permutation(taller, np.zeros(15), resamples=32_768)
    assert found.p * 2**15 == 1726
    drawn = permutation(taller, np.zeros(15), resamples=20_000)
    assert drawn.p == pytest.approx(1726 / 2**15, abs=4 * math.sqrt(0.05 * 0.95 / 20_000))


@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.booleans())
@settings(max_examples=30)
def test_few_items_are_permuted_exactly_as_in_scipy(seed, n, whole):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 4, (2, n)) if whole else rng.normal(size=(2, n))
    exact = stats.permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=math.inf,
    )  # fmt: skip
    share = np.mean([
        abs(np.dot(signs, a - b)) >= abs((a - b).sum()) - 1e-12
        for signs in itertools.product([-1, 1], repeat=n)
    ])  # fmt: skip
    found = permutation(a, b)
    assert found.p == pytest.approx(share)
    assert found.p == pytest.approx(exact.pvalue)
    assert permutation(a / 10, b / 10).p == found.p  # ties survive the rounding of tenths


def test_many_items_are_permuted_as_in_scipy_but_for_the_draws():
    rng = np.random.default_rng(0)
    a = rng.normal(0.2, 1, 100)
    wanted = stats.ttest_1samp(a, 0).pvalue  # the limit for many
    found = permutation(a, np.zeros(100))
    assert found.p == pytest.approx(wanted, abs=0.02)
    assert found.p * 10_000 == pytest.approx(round(found.p * 10_000))  # what was seen is counted


def test_a_drawn_p_is_never_zero():
    a = np.random.default_rng(0).normal(5, 1, 60)
    assert permutation(a, np.zeros(60), resamples=999).p == 1 / 1000


def test_fewer_than_6_items_cannot_come_below_5_percent():
    assert permutation([1, 2, 3, 4, 5.5], np.zeros(5)).p == 2 / 32
    assert permutation([1, 2, 3, 4, 5.5, 6], np.zeros(6)).p == 2 / 64


@pytest.mark.parametrize("n", [8, 60])
def test_the_permutation_raises_a_false_alarm_as_seldom_as_it_says(n):
    rng, trials = np.random.default_rng(0), 300
    alarms = sum(
        permutation(rng.standard_t(3, n), np.zeros(n), resamples=199).p <= 0.05
        for _ in range(trials)
    )
    assert stats.binom.sf(alarms - 1, trials, 0.05) > 1e-3


def test_pairs_find_what_two_lists_apart_hide():
    rng = np.random.default_rng(0)
    hard = rng.uniform(0.3, 0.95, 40)  # images differ far more than the methods do
    a, b = hard + rng.normal(0.01, 0.01, 40), hard + rng.normal(0, 0.01, 40)
    assert stats.ttest_ind(a, b).pvalue > 0.5
    assert compare(a, b).measurable


# --- laws -----------------------------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1), st.integers(2, 70), st.booleans())
@settings(max_examples=40)
def test_exchanging_the_two_turns_the_sign(seed, n, binary):
    rng = np.random.default_rng(seed)
    a, b = rng.random((2, n)) < 0.7 if binary else rng.random((2, n))
    for test in [mcnemar] if binary else [paired_t, compare]:
        one, other = test(a, b), test(b, a)
        assert one.effect == pytest.approx(-other.effect)
        assert one.p == pytest.approx(other.p)
        if one.method != "permutation, bootstrap BCa":
            assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@every
def test_equal_scores_show_no_difference(test):
    for n in (3, 30, 60):
        scores = np.arange(n) % 2
        found = test(scores, scores)
        assert (found.effect, found.p) == (0, 1)
        assert not found.measurable
        assert str(found).startswith("No measurable difference: +0.0")


def test_a_constant_difference_is_certain():
    scores = np.arange(8) / 8
    found = paired_t(scores + 0.25, scores)
    assert (found.effect, found.p) == (0.25, 0)
    assert found.measurable


def test_the_seed_decides():
    a, b = np.random.default_rng(0).random((2, 60))
    assert permutation(a, b, seed=3) == permutation(a, b, seed=3)
    assert permutation(a, b, seed=3) != permutation(a, b, seed=4)
    assert permutation(a, b, seed=3).seed == compare(a, b, seed=3).seed == 3
    assert permutation(a, b, seed=np.random.default_rng(3)).seed is None
    assert paired_t(a, b).seed is None


def test_inputs_stay_as_they_were():
    a, b = np.random.default_rng(0).random((2, 60))
    before = a.copy(), b.copy()
    for test in (paired_t, permutation, compare):
        test(a, b)
    p = np.array([0.03, 0.01])
    holm(p)
    assert np.array_equal(a, before[0])
    assert np.array_equal(b, before[1])
    assert p.tolist() == [0.03, 0.01]


# --- the rule -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "binary", "method"),
    [
        (10, True, "McNemar, Newcombe"),
        (500, True, "McNemar, Newcombe"),
        (49, False, "paired t"),
        (50, False, "permutation, bootstrap BCa"),
        (200_000, False, "paired t"),
    ],
)
def test_the_rule(n, binary, method):
    a, b = np.random.default_rng(0).random((2, n))
    if binary:
        a, b = a > 0.3, b > 0.4
    found = compare(a, b)
    assert found.method == method
    assert found.n == n
    assert found.effect == pytest.approx(np.mean(a * 1.0) - np.mean(b * 1.0))


def test_right_or_wrong_against_a_probability_is_a_mean():
    assert compare([0, 1, 1], [0.2, 0.9, 0.4]).method == "paired t"


# --- how it reads ---------------------------------------------------------------------------------


def test_a_comparison_is_a_sentence():
    better = Comparison(0.034, 0.0121, 0.0562, 0.0031, "paired t", 30)
    assert str(better) == (
        "Measurable difference: +0.034 [+0.012, +0.056] (95 % paired t, n=30, p=0.0031)"
    )
    unclear = Comparison(0.004, -0.012, 0.02, 0.61, "paired t", 30)
    assert str(unclear) == (
        "No measurable difference: +0.004 [-0.012, +0.020] (95 % paired t, n=30, p=0.61)"
    )
    assert "p<0.001" in str(Comparison(1, 0.5, 1.5, 1e-9, "paired t", 30))
    assert better.interval.value == 0.034
    assert 0.05 in better.interval


def test_a_difference_needs_both_its_interval_and_its_p():
    assert Comparison(1, 0.1, 2, 0.04, "x", 9).measurable
    assert not Comparison(1, 0.1, 2, 0.06, "x", 9).measurable
    assert not Comparison(1, -0.1, 2, 0.04, "x", 9).measurable
    assert not Comparison(1, 0.0, 2, 0.04, "x", 9).measurable
    assert Comparison(-1, -2, -0.1, 0.04, "x", 9).measurable


# --- Holm -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([0.01, 0.02, 0.03, 0.04], [0.04, 0.06, 0.06, 0.06]),  # R: p.adjust(p, "holm")
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # a common textbook case
        ([0.5, 0.9], [1.0, 1.0]),
        ([0.2], [0.2]),
    ],
)
def test_holm_is_as_published(p, adjusted):
    assert holm(p) == pytest.approx(adjusted)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_its_step_down(p):
    adjusted = holm(p)
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= np.minimum(1, len(p) * np.array(p)) + 1e-15).all()  # never above Bonferroni
    for level in (0.01, 0.05, 0.3):
        rejected, order = set(), sorted(range(len(p)), key=lambda i: p[i])
        for step, i in enumerate(order):
            if p[i] * (len(p) - step) > level:
                break
            rejected.add(i)
        assert {i for i in range(len(p)) if adjusted[i] <= level} == rejected


def test_many_tests_without_a_correction_find_what_is_not_there():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=(400, 20))  # 20 comparisons of methods that are equal
    plain, corrected = (p < 0.05).any(1), np.array([(holm(x) < 0.05).any() for x in p])
    assert plain.mean() > 0.5
    assert stats.binom.sf(corrected.sum() - 1, 400, 0.05) > 1e-3


# --- refusals -------------------------------------------------------------------------------------


@every
def test_bad_scores_are_named(test):
    good = [0, 1, 1]
    for bad, error in [
        ([0, 1, math.nan], ValueError),
        ([0, 1, math.inf], ValueError),
        ([[0, 1, 1]], ValueError),
        ([], ValueError),
        (["a", "b", "c"], TypeError),
        (None, TypeError),
        ([1j, 1, 0], TypeError),
    ]:
        with pytest.raises(error, match=r"^a (has|is)"):
            test(bad, good)
        with pytest.raises(error, match=r"^b (has|is)"):
            test(good, bad)


@every
def test_lists_of_other_items_cannot_be_paired(test):
    with pytest.raises(ValueError, match="a has 3 values and b 2"):
        test([0, 1, 1], [0, 1])


@pytest.mark.parametrize("test", [paired_t, permutation, compare])
def test_one_item_is_no_comparison(test):
    with pytest.raises(ValueError, match="at least 2"):
        test([0.5], [0.7])


def test_scores_are_no_answers():
    with pytest.raises(ValueError, match="b has other values than 0 and 1"):
        mcnemar([0, 1, 1], [0.2, 0.9, 0.8])


@every
@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan, "0.95", None])
def test_a_bad_confidence_is_named(test, confidence):
    with pytest.raises((TypeError, ValueError), match="confidence"):
        test([0, 1, 1], [0, 1, 0], confidence=confidence)


@pytest.mark.parametrize(
    ("options", "error"),
    [({"resamples": 3}, ValueError), ({"resamples": 10**7}, ValueError),
     ({"resamples": "many"}, TypeError), ({"seed": -1}, ValueError), ({"seed": 1.5}, TypeError)],
)  # fmt: skip
def test_bad_options_of_the_permutation_are_named(options, error):
    with pytest.raises(error, match=next(iter(options))):
        permutation([0.1, 0.2, 0.3], [0.3, 0.1, 0.4], **options)


@pytest.mark.parametrize(
    ("p", "error"),
    [([], ValueError), ([0.5, 1.2], ValueError), ([-0.1], ValueError), ([math.nan], ValueError),
     ([[0.1, 0.2]], ValueError), (["0.1"], TypeError), (None, TypeError)],
)  # fmt: skip
def test_bad_p_values_are_named(p, error):
    with pytest.raises(error, match="p_values"):
        holm(p)


def test_the_names_are_flat():
    assert set(metrics.__all__) >= {*TESTS, "Comparison", "holm"}
