"""Snakes and landscapes: scikit-image's steps, and shapes whose outline is known."""

import cv2
import numpy as np
import pytest
import skimage.segmentation
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, images, run, to_float64

from imgkit import data
from imgkit.segmentation import active_contour, chan_vese

ROWS, COLUMNS = np.indices((60, 80))
DISK = np.clip(20.5 - np.hypot(ROWS - 30, COLUMNS - 40), 0, 1)
SOFT = cv2.GaussianBlur(DISK, (0, 0), 3)
ANGLE = np.linspace(0, 2 * np.pi, 90, endpoint=False)
CIRCLE = np.array([30, 40]) + 26 * np.stack([np.sin(ANGLE), np.cos(ANGLE)], axis=1)


# --- snake ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("iterations", [1, 30, 2500])
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("dtype", ["uint8", "float64"])
@pytest.mark.parametrize("gray", [True, False])
def test_a_snake_goes_where_that_of_scikit_image_goes(iterations, closed, dtype, gray):
    photo = data.load("astronaut")[:120, 150:270]
    photo = cv2.GaussianBlur(photo[..., 1] if gray else photo, (0, 0), 2)
    image = photo if dtype == "uint8" else photo / 255
    circle = 60 + 30 * np.stack([np.sin(ANGLE), np.cos(ANGLE)], axis=1)
    weights = {"alpha": 0.02, "beta": 0.3, "gamma": 0.02}
    options = {"line": 0.1, "closed": closed, "iterations": iterations}
    out = run(active_contour, image, circle, **options, **weights)
    theirs = skimage.segmentation.active_contour(
        photo / 255,
        circle,
        w_line=0.1,
        max_num_iter=iterations,
        boundary_condition="periodic" if closed else "fixed",
        **weights,
    )
    assert out.dtype == np.float64
    assert np.abs(out - theirs).max() < 1e-3


def test_a_snake_finds_a_disk():
    out = active_contour(SOFT, CIRCLE, alpha=0.001, tolerance=0.01)
    radius = np.hypot(*(out - [30, 40]).T)
    assert np.abs(radius - 20).max() < 0.5
    assert np.ptp(radius) < 0.1


def test_without_an_image_a_band_shrinks_to_its_middle():
    flat = np.full((60, 80), 0.5)
    out = active_contour(flat, CIRCLE, alpha=1, beta=0, tolerance=1e-6)
    assert np.abs(out - [30, 40]).max() < 0.1
    assert np.allclose(active_contour(flat, CIRCLE, alpha=0, beta=0), CIRCLE)


def test_ends_that_are_fixed_stay():
    line = np.stack([np.full(40, 10.0), np.linspace(5, 75, 40)], axis=1)
    out = active_contour(SOFT, line, closed=False)
    assert np.array_equal(out[[0, -1]], line[[0, -1]])
    assert np.abs(out - line).max() > 0.5


def test_a_turned_image_turns_the_snake():
    out = active_contour(SOFT, CIRCLE, iterations=50)
    turned = active_contour(np.ascontiguousarray(SOFT.T), CIRCLE[:, ::-1], iterations=50)
    assert np.abs(out - turned[:, ::-1]).max() < 1e-9


def test_no_step_is_longer_than_said():
    out = active_contour(SOFT, CIRCLE, alpha=1e3, iterations=4, max_step=0.3)
    assert np.abs(out - CIRCLE).max() <= 4 * 0.3 + 1e-9


@settings(max_examples=50)
@given(
    image=images(channels=(None, 1, 3)),
    alpha=st.sampled_from([0, 0.01, 1e6]),
    beta=st.sampled_from([0, 0.1, 1e6]),
    gamma=st.sampled_from([1e-6, 0.01, 1e6]),
    edge=st.sampled_from([-1e6, 0, 1]),
    closed=st.booleans(),
    far=st.sampled_from([1, 1e9]),
    n=st.sampled_from([5, 6, 17]),
)
def test_every_snake_ends_somewhere(image, alpha, beta, gamma, edge, closed, far, n):
    snake = far * np.random.default_rng(n).random((n, 2))
    before = snake.copy()
    options = {"alpha": alpha, "beta": beta, "gamma": gamma, "edge": edge, "closed": closed}
    out = active_contour(image, snake, iterations=15, **options)
    assert np.array_equal(snake, before)
    assert out.shape == (n, 2)
    assert np.isfinite(out).all()


# --- landscape ------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    image=images(channels=(None,), dtypes=st.sampled_from(["uint8", "float64"]), signed=True),
    mu=st.sampled_from([0, 0.25, 3.0]),
    lambda1=st.sampled_from([1.0, 2.0]),
    iterations=st.sampled_from([1, 2, 10]),
)
def test_chan_vese_takes_the_steps_of_scikit_image(image, mu, lambda1, iterations):
    if np.ptp(image) == 0:
        return  # theirs divides by 0 where the image is not 0 itself
    options = {"mu": mu, "lambda1": lambda1}
    out = run(chan_vese, image, iterations=iterations, tolerance=0, **options)
    values = to_float64(image)
    _, phi, _ = skimage.segmentation.chan_vese(
        values, max_num_iter=iterations, tol=0, extended_output=True, **options
    )
    sure = np.abs(phi) > (1e-3 if image.dtype == np.uint8 else 1e-9)
    assert out.dtype == bool
    assert np.array_equal(out[sure], phi[sure] > 0)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_on_a_photograph_it_comes_to_rest_where_scikit_image_does(dtype):
    image = data.load("coins")[:120, :150]
    image = image if dtype == "uint8" else (image / 255).astype(dtype)
    theirs = skimage.segmentation.chan_vese(to_float64(image), mu=0.1)
    assert (chan_vese(image) != theirs).mean() < 1e-3


def test_a_noisy_disk_is_found_and_smooth():
    truth = DISK > 0.5
    image = 0.3 + 0.4 * truth + np.random.default_rng(0).normal(0, 0.15, truth.shape)
    mask = chan_vese(image)
    mask = mask if mask[30, 40] else ~mask
    assert (mask != truth).mean() < 0.005
    assert ((image > 0.5) != truth).mean() > 0.09  # what a threshold makes of it


@given(scale=st.sampled_from([1e-30, 1e-3, 5, 1e300]), shift=st.sampled_from([0, -1, 3]))
def test_brightness_and_contrast_do_not_count(scale, shift):
    image = SOFT[::3, ::3]
    out = chan_vese(image, iterations=20)
    assert np.array_equal(chan_vese((image + shift) * scale, iterations=20), out)


def test_a_longer_border_must_pay():
    def length(mu):
        mask = chan_vese(image, mu=mu, start=image > 90)
        return sum(np.count_nonzero(np.diff(mask, axis=axis)) for axis in (0, 1))

    image = data.load("coins")[:100, :100]
    lengths = [length(mu) for mu in (0, 0.02, 0.2)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[2] < 0.7 * lengths[0]


def test_the_start_says_which_side_is_inside():
    start = DISK > 0.5
    for image in (SOFT, 1 - SOFT):
        mask = chan_vese(image, mu=0.1, start=start)
        assert mask[30, 40]
        assert not mask[0, 0]
        assert not chan_vese(image, mu=0.1, start=~start)[30, 40]


def test_a_flat_image_is_no_trouble():
    for value in (0.0, 0.5, -3e300):
        assert chan_vese(np.full((9, 7), value), iterations=5).shape == (9, 7)


@given(
    mu=st.sampled_from([0, 1e-300, 1e6]),
    lambdas=st.sampled_from([0, 1e6]),
    step=st.sampled_from([1e-300, 1000]),
)
def test_silly_options_end(mu, lambdas, step):
    image = SOFT[::4, ::4].astype(np.float32)
    out = chan_vese(image, mu=mu, lambda1=lambdas, lambda2=lambdas, step=step, iterations=30)
    assert out.shape == image.shape


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: active_contour(SOFT, CIRCLE[:4]), ValueError, "at least 5 points"),
        (lambda: active_contour(SOFT, CIRCLE.T), ValueError, r"\(N, 2\)"),
        (lambda: active_contour(SOFT, "snake"), TypeError, "snake must be"),
        (lambda: active_contour(SOFT, CIRCLE * np.nan), ValueError, "snake has values"),
        (lambda: active_contour(SOFT, CIRCLE, alpha=-1), ValueError, "alpha must lie in"),
        (lambda: active_contour(SOFT, CIRCLE, beta="x"), TypeError, "beta must be a number"),
        (lambda: active_contour(SOFT, CIRCLE, gamma=0), ValueError, "gamma must lie in"),
        (lambda: active_contour(SOFT, CIRCLE, edge=1e9), ValueError, "edge must lie in"),
        (lambda: active_contour(SOFT, CIRCLE, max_step=0), ValueError, "max_step must be"),
        (lambda: active_contour(SOFT, CIRCLE, closed=1), TypeError, "closed must be True"),
        (lambda: active_contour(SOFT, CIRCLE, iterations=0), ValueError, "iterations must lie"),
        (lambda: active_contour(SOFT, CIRCLE, iterations=1.0), TypeError, "iterations must be"),
        (lambda: active_contour(9 * SOFT, CIRCLE), ValueError, "needs 0..1"),
        (lambda: active_contour(torch.zeros(4, 4), CIRCLE), TypeError, r"np\.asarray"),
        (lambda: chan_vese(np.zeros((4, 4, 3))), ValueError, r"use color\.to_gray"),
        (lambda: chan_vese(SOFT, mu=-1), ValueError, "mu must lie in"),
        (lambda: chan_vese(SOFT, lambda2=np.inf), ValueError, "lambda2 must be a finite"),
        (lambda: chan_vese(SOFT, step=0), ValueError, "step must be a positive"),
        (lambda: chan_vese(SOFT, step=1e9), ValueError, "step must lie in"),
        (lambda: chan_vese(SOFT, iterations=0), ValueError, "iterations must lie"),
        (lambda: chan_vese(SOFT, start=SOFT), TypeError, "start has dtype float64"),
        (lambda: chan_vese(SOFT, start=SOFT.T > 0), ValueError, "start 80 by 60"),
        (lambda: chan_vese(torch.zeros(4, 4)), TypeError, r"np\.asarray"),
    ],
)
def test_what_does_not_fit_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_what_is_no_image_is_refused(name):
    bad, error = BAD_IMAGES[name]
    with pytest.raises(error):
        active_contour(bad, CIRCLE)
    with pytest.raises(error):
        chan_vese(bad)
