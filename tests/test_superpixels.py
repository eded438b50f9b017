"""Superpixels: scikit-image's, numbered from 1, and what they promise."""

import numpy as np
import pytest
import skimage.segmentation
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, images, run, to_float64

from benchmarks.routines.superpixels import slic64
from imgkit import color, data
from imgkit.segmentation import felzenszwalb, label, slic
from imgkit.segmentation.superpixels import connected

COLORS = (None, 1, 3)
STEP = np.zeros((30, 40), np.uint8)
STEP[:, 17:] = 255


def photograph(dtype="uint8"):
    image = data.load("astronaut")[:128, 100:260]
    return image if dtype == "uint8" else (image / 255).astype(dtype)


def numbered(labels):
    return np.array_equal(np.unique(labels), np.arange(1, labels.max() + 1))


# --- SLIC -----------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    image=images(channels=COLORS),
    n=st.sampled_from([1, 2, 7, 50, 10**12]),
    compactness=st.sampled_from([1e-3, 1.0, 10, 1e6]),
)
def test_slic_covers_everything_with_connected_regions(image, n, compactness):
    labels = run(slic, image, n=n, compactness=compactness)
    assert labels.dtype == np.int32
    assert labels.shape == image.shape[:2]
    assert numbered(labels)
    for number in np.unique(labels):
        assert label(labels == number, connectivity=1).max() == 1


@settings(max_examples=40)
@given(
    image=images(channels=(None, 3)),
    n=st.sampled_from([1, 4, 20, 300]),
    iterations=st.sampled_from([1, 3]),
)
def test_slic_of_a_small_image_is_its_definition(image, n, iterations):
    if image.dtype == np.uint8 or np.ptp(image) == 0 or len(np.unique(image)) == 2:
        return  # many distances tie
    ours = slic(image, n=n, compactness=30, iterations=iterations)
    assert np.array_equal(ours, slic64(image, n, 30, iterations))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("gray", [True, False])
def test_slic_of_a_photograph_is_its_definition(dtype, gray):
    image = photograph(dtype)
    image = color.to_gray(image) if gray else image
    assert (slic(image, n=60) != slic64(to_float64(image), 60)).mean() < 0.002


def test_slic_is_at_least_as_good_as_that_of_scikit_image():
    def deviation(labels):
        masks = (labels == k for k in np.unique(labels))
        return sum(lab[mask].var(axis=0).sum() * mask.sum() for mask in masks)

    image = photograph()
    lab = color.rgb_to_lab(image)
    ours = slic(image, n=85)
    theirs = skimage.segmentation.slic(image, n_segments=110, compactness=10)
    assert ours.max() <= theirs.max()
    assert deviation(ours) < deviation(theirs)


def test_compactness_means_the_same_in_a_pale_image():
    image = photograph("float64")
    lab = color.rgb_to_lab(image)
    pale = color.lab_to_rgb(np.dstack([50 + (lab[..., 0] - 50) / 10, lab[..., 1:] / 10]))
    assert (slic(pale, n=60, compactness=1) != slic(image, n=60, compactness=10)).mean() < 0.01


def test_grey_is_taken_as_colour_is():
    gray = color.to_gray(photograph())
    assert (slic(gray, n=60) != slic(np.dstack([gray] * 3), n=60)).mean() < 0.02


def test_compact_regions_are_squares_and_loose_ones_follow_edges():
    squares = slic(STEP, n=12, compactness=1e6)
    sides = [np.ptp(np.argwhere(squares == k), axis=0) + 1 for k in range(1, 13)]
    assert np.abs(np.array(sides) - 10).max() <= 1
    loose = slic(STEP, n=12, compactness=5)
    assert all(np.ptp(STEP[loose == k]) == 0 for k in range(1, loose.max() + 1))


def test_bits_join_their_largest_neighbour():
    labels = np.array([[1, 1, 1, 1, 7, 2, 2, 2, 2, 2, 1]])
    assert connected(labels, 2).tolist() == [[1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2]]
    assert connected(labels, 1).tolist() == [[1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 4]]
    assert connected(labels, 100).tolist() == [[1] * 11]


@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1), (3, 500)])
def test_thin_images_are_cut_along_their_length(shape):
    assert slic(np.full(shape, 0.5), n=10).max() == 10
    assert slic(np.full(shape, 0.5), n=1).max() == 1


def test_about_n_regions_come():
    for n in (10, 100, 1000):
        assert 0.7 * n < slic(photograph(), n=n).max() < 1.3 * n


# --- Felzenszwalb ---------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    image=images(channels=COLORS),
    scale=st.sampled_from([1e-9, 1, 100, 1e12]),
    sigma=st.sampled_from([0, 0.8, 1000]),
    min_size=st.sampled_from([1, 20, 10**12]),
)
def test_felzenszwalb_is_that_of_scikit_image(image, scale, sigma, min_size):
    labels = run(felzenszwalb, image, scale=scale, sigma=sigma, min_size=min_size)
    theirs = skimage.segmentation.felzenszwalb(
        np.ascontiguousarray(np.atleast_3d(to_float64(image))),
        scale=scale,
        sigma=sigma,
        min_size=min(min_size, image.size),
    )
    assert labels.dtype == np.int32
    assert np.array_equal(labels, theirs + 1)
    assert numbered(labels)


def test_felzenszwalb_parts_a_photograph_as_scikit_image_does():
    image = photograph("float64")
    theirs = skimage.segmentation.felzenszwalb(image, scale=100)
    assert np.array_equal(felzenszwalb(image) - 1, theirs)


def test_larger_scales_give_fewer_regions_and_small_ones_are_merged():
    image = photograph()
    counts = [felzenszwalb(image, scale=s).max() for s in (10, 100, 1000)]
    assert counts == sorted(counts, reverse=True)
    labels = felzenszwalb(image, scale=10, min_size=50)
    assert np.bincount(labels.ravel())[1:].min() >= 50


def test_a_slow_ramp_is_one_region_and_a_step_parts_two():
    ramp = np.repeat(np.linspace(0, 0.5, 60)[None], 20, axis=0)
    assert felzenszwalb(ramp, sigma=0).max() == 1
    assert np.array_equal(felzenszwalb(STEP, sigma=0), 1 + (STEP > 0))


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: slic(STEP, n=0), ValueError, "n must be at least 1"),
        (lambda: slic(STEP, n=2.5), TypeError, "n must be a whole number"),
        (lambda: slic(STEP, compactness=0), ValueError, "compactness must be a positive"),
        (lambda: slic(STEP, compactness=1e300), ValueError, "compactness must lie in"),
        (lambda: slic(STEP, iterations=0), ValueError, "iterations must be at least 1"),
        (lambda: slic(STEP, iterations=10**9), ValueError, "iterations must lie in"),
        (lambda: slic(np.zeros((4, 4, 5))), ValueError, r"this takes \(H, W\) or \(H, W, 3\)"),
        (lambda: slic(np.full((4, 4), 9.0)), ValueError, "needs 0..1"),
        (lambda: slic(torch.zeros(4, 4)), TypeError, r"np\.asarray"),
        (lambda: felzenszwalb(STEP, scale=0), ValueError, "scale must be a positive"),
        (lambda: felzenszwalb(STEP, scale=1e300), ValueError, "scale must be at most"),
        (lambda: felzenszwalb(STEP, sigma=-1), ValueError, "sigma must lie in"),
        (lambda: felzenszwalb(STEP, sigma=1e9), ValueError, "sigma must lie in"),
        (lambda: felzenszwalb(STEP, sigma=None), TypeError, "sigma must be a number"),
        (lambda: felzenszwalb(STEP, min_size=0), ValueError, "min_size must be at least 1"),
        (lambda: felzenszwalb(STEP, min_size=2.0), TypeError, "min_size must be a whole number"),
        (lambda: felzenszwalb(torch.zeros(4, 4)), TypeError, r"np\.asarray"),
    ],
)
def test_what_does_not_fit_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("routine", [slic, felzenszwalb])
@pytest.mark.parametrize("name", BAD_IMAGES)
def test_what_is_no_image_is_refused(routine, name):
    bad, error = BAD_IMAGES[name]
    with pytest.raises(error):
        routine(bad)
