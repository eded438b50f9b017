"""Watersheds: the very labels of scikit-image, and the laws of flooding."""

import numpy as np
import pytest
import skimage.segmentation
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES, images, run

from imgkit import data
from imgkit.segmentation import distance_transform, label, watershed

seeds = st.integers(0, 2**32 - 1)
options = st.fixed_dictionaries({"connectivity": st.sampled_from([1, 2]), "lines": st.booleans()})
ROW = np.array([[0.0, 1, 2, 3, 2, 1, 0]])
ENDS = np.array([[1, 0, 0, 0, 0, 0, 2]])


def scatter(shape, seed, share=0.15, dtype=np.int32):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < share, rng.integers(1, 5, shape), 0).astype(dtype)


@given(
    image=images(channels=(None,), signed=True),
    seed=seeds,
    dtype=st.sampled_from(["uint8", "int32", "int64"]),
    masked=st.sampled_from([None, 0.0, 0.3, 0.8]),
    options=options,
)
def test_watershed_is_that_of_scikit_image(image, seed, dtype, masked, options):
    markers = scatter(image.shape, seed, dtype=dtype)
    mask = None if masked is None else np.random.default_rng(seed).random(image.shape) < masked
    out = run(watershed, image, markers, mask=mask, **options)
    assert out.dtype == np.int32
    expected = skimage.segmentation.watershed(
        image,
        markers.astype(np.int32),
        mask=mask,
        connectivity=options["connectivity"],
        watershed_line=options["lines"],
    )
    assert np.array_equal(out, expected)


@given(image=images(channels=(None,)), seed=seeds, options=options)
def test_only_the_order_of_heights_counts(image, seed, options):
    markers = scatter(image.shape, seed)
    out = watershed(image, markers, **options)
    values = image.astype(np.float64)
    assert np.array_equal(out, watershed(values**3 - 2, markers, **options))


@given(image=images(channels=(None,)), seed=seeds, connectivity=st.sampled_from([1, 2]))
def test_basins_cover_everything_and_hang_together(image, seed, connectivity):
    markers = label(np.random.default_rng(seed).random(image.shape) < 0.15)
    out = watershed(image, markers, connectivity=connectivity)
    assert (out > 0).all() or not markers.any()
    assert np.array_equal(out[markers > 0], markers[markers > 0])
    structure = ndimage.generate_binary_structure(2, 2)  # a marker may hang together by a corner
    for number in np.unique(markers[markers > 0]):
        assert ndimage.label(out == number, structure)[1] == 1


def test_waters_meet_on_the_ridge():
    assert watershed(ROW, ENDS, lines=True).tolist() == [[1, 1, 1, 0, 2, 2, 2]]


def test_a_plain_is_shared_by_distance():
    out = watershed(np.zeros((1, 8)), np.array([[1, 0, 0, 0, 0, 0, 0, 2]]))
    assert out.tolist() == [[1, 1, 1, 1, 2, 2, 2, 2]]


def test_a_lake_behind_a_ridge_belongs_to_the_first_that_gets_over_it():
    lake = np.array([[0.0, 3, 0, 0, 0, 5, 0]])
    markers = np.array([[1, 0, 0, 0, 0, 0, 2]])
    assert watershed(lake, markers).tolist() == [[1, 1, 1, 1, 1, 2, 2]]
    assert watershed(lake, markers, lines=True).tolist() == [[1, 1, 1, 1, 1, 0, 2]]


def test_nothing_flows_around_a_mask():
    mask = ROW < 3
    out = watershed(ROW, np.array([[1, 0, 0, 0, 0, 0, 0]]), mask=mask)
    assert out.tolist() == [[1, 1, 1, 0, 0, 0, 0]]
    assert not watershed(ROW, ENDS, mask=np.zeros(ROW.shape, bool)).any()
    assert not watershed(ROW, 0 * ENDS).any()


def test_touching_coins_part_at_their_waists():
    rows, columns = np.indices((80, 120))
    coins = [(rows - 40) ** 2 + (columns - c) ** 2 < 900 for c in (35, 85)]
    mask = coins[0] | coins[1]
    distance = distance_transform(mask)
    markers = label(distance > 25)
    assert (label(mask).max(), markers.max()) == (1, 2)
    out = watershed(-distance, markers, mask=mask)
    for number, coin in zip((1, 2), coins, strict=True):
        assert ((out == number) != coin).sum() < 0.05 * coin.sum()


def test_a_photograph_in_bytes_and_in_floats_is_flooded_alike():
    camera = data.load("camera")[:128, :128]
    markers = scatter(camera.shape, 0, share=0.01)
    out = watershed(camera, markers)
    assert np.array_equal(out, watershed((camera / 255).astype(np.float32), markers))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: watershed(np.zeros((1, 7, 3)), ENDS), ValueError, r"use color\.to_gray"),
        (lambda: watershed(ROW, ENDS > 0), TypeError, r"use segmentation\.label\(markers\)"),
        (lambda: watershed(ROW, -ENDS), ValueError, "markers has values from -2"),
        (lambda: watershed(ROW, ENDS.astype(float)), TypeError, "markers has dtype float64"),
        (lambda: watershed(ROW, ENDS.T), ValueError, "image is 1 by 7 pixels and markers 7 by 1"),
        (lambda: watershed(ROW, 5), TypeError, "markers is of type int"),
        (lambda: watershed(ROW, ENDS, mask=ENDS), TypeError, "mask has dtype int64"),
        (lambda: watershed(ROW, ENDS, mask=ENDS.T > 0), ValueError, "mask 7 by 1"),
        (lambda: watershed(ROW, ENDS, connectivity=4), ValueError, "connectivity must be 1"),
        (lambda: watershed(torch.zeros(4, 4), ENDS), TypeError, r"np\.asarray"),
    ],
)
def test_what_does_not_fit_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_what_is_no_image_is_refused(name):
    bad, error = BAD_IMAGES[name]
    with pytest.raises(error):
        watershed(bad, np.ones((4, 4), int))
