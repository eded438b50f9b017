"""Graph cuts and random walkers: OpenCV's cut, the exact potentials, and the laws of both."""

import cv2
import numpy as np
import pytest
import skimage.segmentation
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.linalg import spsolve
from strategies import BAD_IMAGES, images, run

from imgkit import data
from imgkit.segmentation import grabcut, random_walker
from imgkit.segmentation.multigrid import Multigrid

SQUARE = np.zeros((24, 30), np.uint8)
SQUARE[6:15, 8:20] = 180
BOX = (3, 4, 19, 25)
ROW = np.array([[0.1, 0.1, 0.2, 0.1, 0.8, 0.9]])
ENDS = np.array([[1, 0, 0, 0, 0, 2]])
rngs = st.integers(0, 2**32 - 1)


def scatter(shape, seed, numbers=(1, 2, 5), share=0.1):
    rng = np.random.default_rng(seed)
    seeds = np.where(rng.random(shape) < share, rng.choice(numbers, shape), 0)
    seeds.flat[0] = numbers[0]
    return seeds


def portrait():
    return np.ascontiguousarray(data.load("astronaut")[:256:2, 100:356:2])


# --- graph cut ------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(image=images(channels=(None, 1, 3)), seed=st.integers(0, 1000))
def test_grabcut_is_that_of_opencv(image, seed):
    marks = scatter(image.shape[:2], seed, (1, 2), 0.5)
    marks.flat[-1] = 2
    if image.shape[0] * image.shape[1] == 1:
        return
    box = (0, 0, *image.shape[:2])
    out = run(grabcut, image, box=box, marks=marks, iterations=2, seed=seed)
    white = 1 if image.dtype == np.uint8 else 255
    bytes_ = np.rint(np.atleast_3d(image) * white).astype(np.uint8)
    bytes_ = np.ascontiguousarray(np.broadcast_to(bytes_, (*image.shape[:2], 3)))
    state = np.array([3, 0, 1], np.uint8)[marks]
    cv2.setRNGSeed(seed)
    cv2.grabCut(bytes_, state, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, 1)
    assert out.dtype == bool
    assert np.array_equal(out, (state == 1) | (state == 3))


def test_a_bright_square_is_cut_out_of_its_box():
    for image in (SQUARE, SQUARE / np.float32(255), np.dstack([SQUARE, SQUARE // 2, SQUARE])):
        assert np.array_equal(grabcut(image, box=BOX), SQUARE > 0)


def test_marks_are_obeyed_and_nothing_outside_the_box_is_taken():
    image = portrait()
    marks = np.zeros(image.shape[:2], int)
    marks[60:63, 60:63], marks[20:23, 30:33] = 1, 2  # against what the eye sees
    mask = grabcut(image, box=(2, 20, 125, 108), marks=marks)
    assert mask[marks == 2].all()
    assert not mask[marks == 1].any()
    assert not mask[:2].any()
    assert not mask[:, 108:].any()


def test_a_few_strokes_do_not_make_everything_object():
    image = portrait()
    marks = np.zeros(image.shape[:2], int)
    for row, column in ((50, 60), (62, 70), (120, 40)):  # hair, face, suit
        marks[row - 2 : row + 2, column - 2 : column + 2] = 2
    marks[8:12, 8:12], marks[8:12, 108:112] = 1, 1
    mask = grabcut(image, marks=marks)
    assert 0.3 < mask.mean() < 0.75
    assert not mask[:8].any()
    state = np.array([cv2.GC_PR_FGD, cv2.GC_BGD, cv2.GC_FGD], np.uint8)[marks]
    cv2.setRNGSeed(0)
    cv2.grabCut(image, state, None, np.zeros((1, 65)), np.zeros((1, 65)), 5, 1)
    assert (state & 1).mean() > 0.9  # OpenCV's usual start


def test_the_same_call_gives_the_same_mask():
    image = portrait()
    first = grabcut(image, box=(4, 20, 125, 108), seed=3)
    cv2.kmeans(np.random.default_rng(0).random((50, 2), np.float32), 3, None, (1, 5, 0), 2, 0)
    assert np.array_equal(first, grabcut(image, box=(4, 20, 125, 108), seed=3))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({}, ValueError, "needs a box"),
        ({"box": (3, 4, 19)}, ValueError, "box must be"),
        ({"box": (3.5, 4, 19, 25)}, TypeError, "box must be"),
        ({"box": "here"}, ValueError, "box must be"),
        ({"box": (5, 5, 5, 9)}, ValueError, "is empty or leaves the 24 by 30 image"),
        ({"box": (5, 5, 9, 31)}, ValueError, "is empty or leaves"),
        ({"box": (-1, 5, 9, 20)}, ValueError, "is empty or leaves"),
        ({"box": (0, 0, 24, 30)}, ValueError, "background: make the box smaller"),
        ({"marks": np.zeros((24, 30), int)}, ValueError, "object: mark some pixels"),
        ({"marks": np.ones((24, 30), int)}, ValueError, "object: mark some pixels"),
        ({"marks": np.full((24, 30), 2)}, ValueError, "background: mark some pixels"),
        ({"marks": np.full((24, 30), 3)}, ValueError, "values up to 3; 0 is not known"),
        ({"marks": np.ones((24, 31), int)}, ValueError, "marks 24 by 31"),
        ({"marks": np.ones((24, 30))}, TypeError, "marks has dtype float64"),
        ({"box": BOX, "iterations": 0}, ValueError, "iterations must lie in 1..100"),
        ({"box": BOX, "iterations": 2.0}, TypeError, "iterations must be a whole number"),
        ({"box": BOX, "seed": -1}, ValueError, "seed must lie in"),
        ({"box": BOX, "seed": 2**40}, ValueError, "seed must lie in"),
    ],
)
def test_grabcut_names_what_does_not_fit(options, error, words):
    with pytest.raises(error, match=words):
        grabcut(SQUARE, **options)


@pytest.mark.parametrize("image", [np.zeros((24, 30), np.uint8), SQUARE * 0 + 255])
def test_grabcut_ends_on_a_flat_image(image):
    assert grabcut(image, box=BOX, iterations=100).shape == image.shape


# --- random walker --------------------------------------------------------------------------------


def potentials(image, seeds, beta):
    """The definition: a dense system, row by row. (K, H, W), what the walker's chances are."""
    x = image.astype(np.float64) / (255 if image.dtype == np.uint8 else 1)
    x = np.atleast_3d(x)
    h, w = seeds.shape
    deviation = x.std() * np.sqrt(x.shape[2])
    A = np.zeros((h * w, h * w))
    for i in range(h):
        for j in range(w):
            for k, m in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                if 0 <= k < h and 0 <= m < w:
                    square = ((x[i, j] - x[k, m]) ** 2).sum()
                    tie = np.exp(-beta * square / (10 * deviation)) if deviation else 1.0
                    A[i * w + j, k * w + m] = -(tie + 1e-10)
    A[np.diag_indices(h * w)] = -A.sum(1)
    fixed = seeds.ravel() > 0
    A[fixed] = np.eye(h * w)[fixed]
    names = np.unique(seeds[seeds > 0])
    b = (seeds.ravel()[:, None] == names).astype(float)
    return names, np.linalg.solve(A, b).T.reshape(len(names), h, w)


@settings(max_examples=60)
@given(image=images(), seed=rngs, beta=st.sampled_from([0, 1, 130, 1e4]))
def test_each_pixel_goes_to_the_likeliest_seed(image, seed, beta):
    seeds = scatter(image.shape[:2], seed)
    out = run(random_walker, image, seeds, beta=beta)
    names, chances = potentials(image, seeds, beta)
    assert out.dtype == np.int32
    assert np.array_equal(out[seeds > 0], seeds[seeds > 0])
    of_out = np.take_along_axis(chances, np.searchsorted(names, out)[None], 0)[0]
    assert (of_out >= chances.max(0) - 1e-3).all()


@pytest.mark.filterwarnings("ignore:The probability range")  # theirs, of its usual solver
@pytest.mark.parametrize("name", ["camera", "astronaut"])
@pytest.mark.parametrize("beta", [0, 130, 5000])
def test_on_photographs_it_is_nearer_to_the_truth_than_scikit_image(name, beta):
    image = data.load(name)[100:196, 200:300]
    seeds = scatter(image.shape[:2], 0, (1, 2, 3), 0.004)
    color = None if image.ndim == 2 else -1
    ask = {"beta": beta, "channel_axis": color}
    truth = skimage.segmentation.random_walker(image, seeds, mode="bf", **ask)
    usual = skimage.segmentation.random_walker(image, seeds, **ask)
    wrong = np.count_nonzero(random_walker(image, seeds, beta=beta) != truth)
    assert wrong <= 4  # of 9600
    assert wrong <= np.count_nonzero(usual != truth)


@pytest.mark.parametrize("beta", [0.0, 130, 3e3, 1e6])
@pytest.mark.parametrize("share", [1e-3, 0.02, 0.6])
def test_the_multigrid_finds_the_potentials_in_a_few_rounds(beta, share, monkeypatch):
    rng = np.random.default_rng(int(beta))
    image = cv2.GaussianBlur(rng.random((60, 70)), (0, 0), 1)
    n = image.size
    pixels = np.arange(n).reshape(image.shape)
    pairs = [(pixels[:, :-1], pixels[:, 1:]), (pixels[:-1], pixels[1:])]
    a, b = (np.concatenate([pair[k].ravel() for pair in pairs]) for k in (0, 1))
    w = np.exp(-beta * (image.ravel()[a] - image.ravel()[b]) ** 2) + 1e-10
    half = sparse.coo_array((-w, (a, b)), shape=(n, n))
    A = (half + half.T).tocsr()
    A = (A - sparse.diags_array(A.sum(1))).tocsr()
    free = rng.random(n) >= share
    free[:2] = False
    inner = A[free][:, free]
    rhs = -A[free][:, [0]].toarray()[:, 0]
    monkeypatch.setattr("imgkit.segmentation.multigrid.ROUNDS", 40)
    out = Multigrid(inner).solve(rhs, 1e-6)
    assert np.abs(out - spsolve(inner.tocsc(), rhs)).max() < 1e-4


def test_the_walker_stays_on_his_side_of_a_step():
    image = np.zeros((20, 30))
    image[:, 12:] = 0.5
    seeds = np.zeros(image.shape, int)
    seeds[3, 11], seeds[17, 29] = 4, 9
    assert np.array_equal(random_walker(image, seeds), np.where(image > 0, 9, 4))


def test_in_a_flat_image_the_nearer_seed_wins():
    seeds = np.array([[1, 0, 0, 0, 0, 0, 0, 2]])
    assert random_walker(np.full((1, 8), 0.3), seeds).tolist() == [[1, 1, 1, 1, 2, 2, 2, 2]]


def test_one_number_takes_all_and_full_seeds_stay():
    assert (random_walker(ROW, np.array([[0, 0, 7, 0, 0, 0]])) == 7).all()
    seeds = np.array([[1, 2, 3, 4, 5, 6]], np.uint8)
    assert np.array_equal(random_walker(ROW, seeds), seeds)


def test_the_numbers_of_seeds_are_kept():
    out = random_walker(ROW, 1000 * ENDS)
    assert out.tolist() == [[1000, 1000, 1000, 1000, 2000, 2000]]
    theirs = skimage.segmentation.random_walker(ROW, 1000 * ENDS)
    assert theirs.max() == 2


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: random_walker(ROW, 0 * ENDS), ValueError, "seeds has none"),
        (lambda: random_walker(ROW, -ENDS), ValueError, "seeds has values from -2"),
        (lambda: random_walker(ROW, ENDS > 0), TypeError, "seeds has dtype bool"),
        (lambda: random_walker(ROW, ENDS.T), ValueError, "seeds 6 by 1"),
        (lambda: random_walker(ROW, ENDS, beta=-1), ValueError, "beta must lie in"),
        (lambda: random_walker(ROW, ENDS, beta=1e300), ValueError, "beta must lie in"),
        (lambda: random_walker(ROW, ENDS, beta="x"), TypeError, "beta must be a number"),
        (lambda: random_walker(9 * ROW, ENDS), ValueError, "needs 0..1"),
        (lambda: random_walker(torch.zeros(4, 4), ENDS), TypeError, r"np\.asarray"),
        (lambda: grabcut(torch.zeros(4, 4), box=BOX), TypeError, r"np\.asarray"),
    ],
)
def test_what_does_not_fit_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_what_is_no_image_is_refused(name):
    bad, error = BAD_IMAGES[name]
    with pytest.raises(error):
        random_walker(bad, np.ones((4, 4), int))
    with pytest.raises(error):
        grabcut(bad, box=(1, 1, 3, 3))
