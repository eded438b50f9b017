"""Matching descriptors against the plain definition and OpenCV's brute force."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from imgkit.features import match, matching, sift

KINDS = ["uint8", "float32", "float64"]


def descriptors(n, d, kind="float64", seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.integers(0, 256, (n, d), np.uint8)
        if kind == "uint8"
        else rng.random((n, d)).astype(kind)
    )


def distances(a, b):
    """One by one; bits count where they differ."""
    if a.dtype == np.uint8:
        return np.array([[np.unpackbits(x ^ y).sum() for y in b] for x in a], float)
    return np.array([[np.linalg.norm(x.astype(float) - y) for y in b] for x in a])


def match64(a, b, ratio=0.8, cross_check=True):
    """The definition: of equally near ones the first."""
    far = distances(a, b).reshape(len(a), len(b))
    pairs = []
    for i in range(len(a) if len(b) else 0):
        j = int(far[i].argmin())
        others = np.delete(far[i], j)
        if cross_check and far[:, j].argmin() != i:
            continue
        if ratio is not None and len(others) and not far[i, j] < ratio * others.min():
            continue
        pairs.append((i, j))
    return np.array(pairs, int).reshape(-1, 2)


@given(
    n=st.integers(0, 12),
    m=st.integers(0, 12),
    d=st.integers(1, 9),
    kind=st.sampled_from(KINDS),
    ratio=st.sampled_from([None, 0.5, 0.8, 1.0]),
    cross_check=st.booleans(),
    seed=st.integers(0, 999),
)
def test_match_is_its_definition(n, m, d, kind, ratio, cross_check, seed):
    rng = np.random.default_rng(seed)
    a, b = (rng.integers(0, 5, (count, d)).astype(kind) for count in (n, m))  # with many ties
    before = a.copy(), b.copy()
    out = match(a, b, ratio=ratio, cross_check=cross_check)
    assert out.dtype == np.int64
    assert np.array_equal(a, before[0])
    assert np.array_equal(b, before[1])
    assert np.array_equal(out, match64(a, b, ratio, cross_check))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"ratio": None}, {"cross_check": False}])
def test_match_of_any_numbers_is_its_definition(kind, options):
    a, b = descriptors(60, 9, kind), descriptors(50, 9, kind, seed=1)
    b[::3] = a[:17]  # perfect partners
    assert np.array_equal(match(a, b, **options), match64(a, b, **options))


@settings(max_examples=40)
@given(seed=st.integers(0, 999), kind=st.sampled_from(KINDS), block=st.sampled_from([1, 2, 5]))
def test_blocks_make_no_difference_and_ties_go_to_the_first(seed, kind, block):
    rng = np.random.default_rng(seed)
    few = rng.integers(0, 9, (4, 1)).astype(kind)
    a, b = few[rng.integers(0, 4, 13)], few[rng.integers(0, 4, 9)]
    least, matching.LEAST_ROWS = matching.LEAST_ROWS, block
    at_once, matching.AT_ONCE = matching.AT_ONCE, 1
    try:
        out = match(a, b, ratio=None)
    finally:
        matching.LEAST_ROWS, matching.AT_ONCE = least, at_once
    assert np.array_equal(out, match64(a, b, None))


@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("n", [3, 700])
def test_the_pairs_are_those_of_brute_force(kind, n):
    a, b = descriptors(n, 32, kind), descriptors(n + 40, 32, kind, seed=1)
    norm = cv2.NORM_HAMMING if kind == "uint8" else cv2.NORM_L2
    theirs = [(m.queryIdx, m.trainIdx) for m in cv2.BFMatcher(norm, crossCheck=True).match(a, b)]
    assert np.array_equal(match(a, b, ratio=None), theirs)


def test_whole_numbers_are_exact():
    rows = np.random.default_rng(0).integers(0, 256, (60, 128)).astype(np.float32)
    near = rows.copy()
    near[:, 5] += 1  # a distance of 1 among squares of a million
    assert np.array_equal(match(rows, near), np.column_stack([np.arange(60)] * 2))


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_what_all_descriptors_share_costs_no_digits(kind):
    rows = descriptors(50, 8, kind)
    far = (rows + 1000).astype(kind)
    near = far[::-1] + np.asarray(1e-3, kind)
    assert np.array_equal(match(far, near), np.column_stack([np.arange(50), np.arange(50)[::-1]]))


@pytest.mark.parametrize("scale", [1e-30, 1e30, 1e-300, 1e300])
def test_tiny_and_huge_descriptors(scale):
    a, b = descriptors(20, 8), descriptors(20, 8, seed=1)
    assert np.array_equal(match(scale * a, scale * b, ratio=None), match(a, b, ratio=None))
    if 1e-30 <= scale <= 1e30:
        small = (scale * a).astype("float32"), (scale * b).astype("float32")
        assert np.array_equal(match(*small, ratio=None), match(a, b, ratio=None))


def test_there_and_back_are_the_same_pairs():
    a, b = descriptors(80, 16), descriptors(90, 16, seed=1)
    back = match(b, a, ratio=None)[:, ::-1]
    assert np.array_equal(match(a, b, ratio=None), back[np.argsort(back[:, 0])])


def test_what_occurs_twice_has_no_clear_partner():
    a = np.array([[0.0, 1], [5, 5]])
    assert match(a, np.array([[0.0, 1], [0, 1], [5, 5]])).tolist() == [[1, 2]]


def test_a_single_candidate_raises_no_doubt():
    assert match(np.zeros((1, 3)), np.ones((1, 3))).tolist() == [[0, 0]]


def test_a_shifted_photograph_matches_itself():
    rng = np.random.default_rng(0)
    scene = cv2.GaussianBlur(rng.random((160, 180)).astype(np.float32), (0, 0), 2)
    scene = (scene - scene.min()) / np.ptp(scene)
    one, other = sift(scene[:140, :150]), sift(scene[8:, 20:])
    pairs = match(one.descriptors, other.descriptors)
    moved = one.points[pairs[:, 0]] - other.points[pairs[:, 1]]
    assert len(pairs) > 50
    assert np.abs(np.median(moved, axis=0) - [8, 20]).max() < 0.05


@pytest.mark.parametrize(
    ("a", "b", "options", "error", "words"),
    [
        ([[1.0]], np.ones((1, 1)), {}, TypeError, "a is of type list"),
        (None, np.ones((1, 1)), {}, TypeError, "a is"),
        (np.ones((1, 1)), torch.ones(1, 1), {}, TypeError, "b is of type Tensor"),
        (np.ones((2, 3), int), np.ones((2, 3)), {}, TypeError, "a has dtype int64"),
        (np.ones((2, 3), np.float16), np.ones((2, 3)), {}, TypeError, "float16"),
        (np.ones((2, 3), np.uint8), np.ones((2, 3)), {}, TypeError, "bits"),
        (np.ones(3), np.ones((2, 3)), {}, ValueError, "a has shape"),
        (np.ones((2, 0)), np.ones((2, 0)), {}, ValueError, "a has shape"),
        (np.ones((2, 3)), np.ones((2, 4)), {}, ValueError, "3 numbers and b of 4"),
        (np.ones((2, 3)), np.full((2, 3), np.nan), {}, ValueError, "b has 6 values"),
        (np.full((2, 3), np.inf), np.ones((2, 3)), {}, ValueError, "a has"),
        (np.ones((2, 3)), np.ones((2, 3)), {"ratio": 0}, ValueError, "ratio"),
        (np.ones((2, 3)), np.ones((2, 3)), {"ratio": 1.1}, ValueError, "ratio"),
        (np.ones((2, 3)), np.ones((2, 3)), {"ratio": "0.8"}, TypeError, "ratio"),
    ],
)
def test_match_says_what_is_wrong(a, b, options, error, words):
    with pytest.raises(error, match=words):
        match(a, b, **options)
