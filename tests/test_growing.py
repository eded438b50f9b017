"""Flood and region growing: their definitions, their laws, what they refuse."""

import numpy as np
import pytest
import skimage.segmentation
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import images, run

from imgkit.segmentation import flood, grow

tolerances = st.one_of(st.sampled_from([0.0, 0.2, 3 / 255, 1.0]), st.floats(0, 0.7))
RAMP = np.arange(12)[None] / 20
ROUTINES = {
    "flood": lambda image, at=(0, 0), tolerance=0.1, **o: flood(
        image, seed=at, tolerance=tolerance, **o
    ),
    "grow": lambda image, at=(0, 0), tolerance=0.1, **o: grow(
        image, seeds=at, tolerance=tolerance, **o
    ),
}
each = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES)


def on_scale(image, tolerance):
    return 255 * tolerance + 1e-9 if image.dtype == np.uint8 else tolerance


def flood64(image, seed, tolerance, connectivity):
    x = np.atleast_3d(image).astype(np.float64)
    reach = on_scale(image, tolerance)
    alike = ((x >= x[seed] - reach) & (x <= x[seed] + reach)).all(2)
    labels, _ = ndimage.label(alike, ndimage.generate_binary_structure(2, connectivity))
    return labels == labels[seed]


def grow64(image, seeds, tolerance, connectivity):
    """Whole masks, and the mean anew in each round."""
    x = np.atleast_3d(image).astype(np.float64)
    first = x[seeds[0]]
    structure = ndimage.generate_binary_structure(2, connectivity)
    region = np.zeros(x.shape[:2], bool)
    region[tuple(np.transpose(seeds))] = True
    while True:
        mean = first + (x[region] - first).mean(0)
        ring = ndimage.binary_dilation(region, structure) & ~region
        ring &= (np.abs(x - mean) <= on_scale(image, tolerance)).all(2)
        if not ring.any():
            return region
        region |= ring


@given(data=st.data(), image=images(signed=True), tolerance=tolerances)
def test_flood_is_its_definition(data, image, tolerance):
    seed = tuple(data.draw(st.integers(0, n - 1)) for n in image.shape[:2])
    for connectivity in (1, 2):
        out = run(flood, image, seed=seed, tolerance=tolerance, connectivity=connectivity)
        assert out.dtype == bool
        assert np.array_equal(out, flood64(image, seed, tolerance, connectivity))


@settings(max_examples=60)
@given(data=st.data(), image=images(), tolerance=tolerances)
def test_grow_is_its_definition(data, image, tolerance):
    point = st.tuples(*[st.integers(0, n - 1) for n in image.shape[:2]])
    seeds = data.draw(st.lists(point, min_size=1, max_size=3, unique=True))
    for connectivity in (1, 2):
        out = run(grow, image, seeds=seeds, tolerance=tolerance, connectivity=connectivity)
        assert out.dtype == bool
        assert np.array_equal(out, grow64(image, sorted(seeds), tolerance, connectivity))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_flood_is_scikit_images(dtype):
    noise = ndimage.gaussian_filter(np.random.default_rng(0).random((60, 70)), 1.5)
    image = noise / noise.max()
    image = np.rint(255 * image).astype(dtype) if dtype == "uint8" else image.astype(dtype)
    tolerance = 20 / 255
    theirs = 20 if dtype == "uint8" else tolerance
    for connectivity in (1, 2):
        expected = skimage.segmentation.flood(
            image, (30, 30), tolerance=theirs, connectivity=connectivity
        )
        out = flood(image, seed=(30, 30), tolerance=tolerance, connectivity=connectivity)
        assert np.array_equal(out, expected)


def test_flood_sees_colours_as_wholes():
    """A channel apart is another colour; scikit-image would run from channel to channel."""
    image = np.zeros((1, 3, 3), np.uint8)
    image[0, 1] = 0, 0, 200
    assert flood(image, seed=(0, 0), tolerance=0.1).tolist() == [[True, False, False]]


def test_flood_does_not_wrap_around():
    image = np.array([[250, 2]], np.uint8)
    assert flood(image, seed=(0, 0), tolerance=10 / 255).tolist() == [[True, False]]


@pytest.mark.parametrize("levels", range(0, 256, 5))
def test_a_tolerance_of_whole_levels_takes_the_last_level_in(levels):
    image = np.array([[0, levels, min(levels + 1, 255)]], np.uint8)
    assert flood(image, seed=(0, 0), tolerance=levels / 255).sum() == (2 if levels < 255 else 3)


def test_grow_drifts_along_a_shade_and_flood_does_not():
    grown = grow(RAMP, seeds=(0, 0), tolerance=0.22)
    flooded = flood(RAMP, seed=(0, 0), tolerance=0.22)
    assert flooded.sum() == 5
    assert grown.sum() > flooded.sum()
    assert (grown >= flooded).all()


def test_grow_asks_again_when_the_mean_has_moved():
    """The pixel beside the seed is too bright at first; the others bring the mean to it."""
    image = np.array([[0.62, 0.2, 0.4, 0.55, 0.6, 0.6, 0.6, 0.6]])
    grown = grow(image, seeds=(0, 1), tolerance=0.25)
    assert grown.all()
    assert not grow(image[:, :3], seeds=(0, 1), tolerance=0.25)[0, 0]


@each
def test_a_flat_image_belongs_whatever_the_tolerance(routine):
    for image in (np.full((7, 9), 0.3), np.full((7, 9, 3), 77, np.uint8)):
        assert routine(image, tolerance=0).all()


@each
def test_the_other_side_of_a_wall_does_not_belong(routine):
    image = np.zeros((9, 9))
    image[4] = 1
    assert routine(image).sum() == 36


@each
def test_diagonal_steps_need_eight_neighbours(routine):
    image = 1 - np.eye(6)
    assert routine(image, connectivity=2).sum() == 6
    assert routine(image, connectivity=1).sum() == 1


@each
def test_a_mirrored_image_has_the_mirrored_region(routine):
    image = ndimage.gaussian_filter(np.random.default_rng(1).random((30, 40)), 2)
    out = routine(image, at=(5, 6), tolerance=0.03)
    mirrored = routine(image[::-1, ::-1], at=(24, 33), tolerance=0.03)
    assert 1 < out.sum() < out.size
    assert np.array_equal(mirrored[::-1, ::-1], out)


def test_grow_takes_seeds_in_any_form_and_order():
    image = np.random.default_rng(0).random((8, 8))
    points = [(1, 2), (6, 5), (1, 2)]
    expected = grow(image, seeds=points, tolerance=0.3)
    assert np.array_equal(grow(image, seeds=np.array(points[::-1]), tolerance=0.3), expected)


@each
@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"at": (4, 0)}, ValueError, r"\(4, 0\) lies outside the image of 4 by 5 pixels"),
        ({"at": (0, -1)}, ValueError, "lies outside"),
        ({"at": (0.5, 1)}, TypeError, "whole numbers"),
        ({"at": "ab"}, TypeError, "seed"),
        ({"at": None}, TypeError, "seed"),
        ({"at": (1, 2, 3)}, ValueError, "seed"),
        ({"at": ()}, ValueError, "seed"),
        ({"tolerance": -0.1}, ValueError, "tolerance must be at least 0"),
        ({"tolerance": np.nan}, ValueError, "tolerance"),
        ({"tolerance": "much"}, TypeError, "tolerance"),
        ({"connectivity": 8}, ValueError, "connectivity"),
    ],
)
def test_errors_name_their_argument(routine, options, error, words):
    with pytest.raises(error, match=words):
        routine(np.zeros((4, 5)), **options)


@each
def test_extreme_values_are_right_or_refused(routine):
    far = np.array([[1.0, 1e308, -1e308]])
    assert routine(far, tolerance=2).tolist() == [[True, False, False]]
    assert routine(np.array([[0, 255]], np.uint8), tolerance=1e308).all()
    assert routine(np.zeros((1, 1)), tolerance=np.inf).all()
