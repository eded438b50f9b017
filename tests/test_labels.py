"""Connected parts, distances, consecutive numbers, and pictures of labels."""

import numpy as np
import pytest
import skimage.measure
import skimage.segmentation
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES, LAYOUTS, images, run, sides

from imgkit import data
from imgkit.segmentation import (
    distance_transform,
    label,
    outline,
    paint,
    regions,
    relabel,
    watershed,
)

EIGHT = np.ones((3, 3))
DOT = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], bool)


@st.composite
def masks(draw):
    shape = draw(st.tuples(sides, sides))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mask = rng.random(shape) < draw(st.sampled_from([0, 0.2, 0.5, 0.6, 0.9, 1]))
    return draw(st.sampled_from(LAYOUTS))(mask)


@st.composite
def label_images(draw):
    """Few numbers or many, with gaps, in any dtype; regions may lie in pieces."""
    shape = draw(st.tuples(sides, sides))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(["uint8", "int16", "int32", "uint32", "int64"]))
    highest = min(draw(st.sampled_from([1, 3, 100, 10**6, 2**31 - 1])), np.iinfo(dtype).max)
    numbers = rng.integers(0, highest, 1 + shape[0] * shape[1] // 3, endpoint=True)
    numbers[0] = 0
    return draw(st.sampled_from(LAYOUTS))(rng.choice(numbers, shape).astype(dtype))


@given(mask=masks(), connectivity=st.sampled_from([1, 2]))
def test_label_numbers_parts_as_scipy_and_scikit_image_do(mask, connectivity):
    labels = run(label, mask, connectivity=connectivity)
    assert labels.dtype == np.int32
    expected, count = ndimage.label(mask, EIGHT if connectivity == 2 else None)
    assert np.array_equal(labels, expected)
    assert labels.max() == count
    assert np.array_equal(labels, skimage.measure.label(mask, connectivity=connectivity))


@pytest.mark.parametrize("seed", range(5))
def test_numbers_are_in_reading_order_on_large_images_too(seed):
    """There OpenCV shares the work among threads, and its other algorithms count in blocks."""
    rng = np.random.default_rng(seed)
    mask = rng.random((400, 301)) < rng.choice([0.3, 0.45, 0.6])
    for connectivity in (1, 2):
        labels = label(mask, connectivity=connectivity)
        _, first = np.unique(labels[mask], return_index=True)
        assert (np.diff(first) > 0).all()
        assert np.array_equal(labels, skimage.measure.label(mask, connectivity=connectivity))


def test_corners_join_by_default():
    diagonal = np.eye(4, dtype=bool)
    assert label(diagonal).max() == 1
    assert label(diagonal, connectivity=1).max() == 4


@pytest.mark.parametrize(
    ("connectivity", "error"),
    [(0, ValueError), (4, ValueError), (8, ValueError), (True, TypeError), (1.0, TypeError)],
)
def test_a_bad_connectivity_is_named(connectivity, error):
    with pytest.raises(error, match="connectivity must be 1"):
        label(DOT, connectivity=connectivity)


def distance64(mask, height=1.0, width=1.0):
    """To each pixel outside, the least of all."""
    places = np.argwhere(~mask) * [height, width]
    if not len(places):
        return np.full(mask.shape, np.inf)
    here = np.moveaxis(np.indices(mask.shape), 0, -1)[:, :, None] * [height, width]
    return np.sqrt(((here - places) ** 2).sum(-1).min(-1))


@given(mask=masks(), size=st.sampled_from([1.0, 0.25, 3, (2, 2), (2.0, 0.5), (1, 3)]))
def test_distance_is_to_the_nearest_pixel_outside(mask, size):
    distance = run(distance_transform, mask, pixel_size=size)
    assert distance.dtype == np.float32
    expected = distance64(mask, *(size if isinstance(size, tuple) else (size, size)))
    np.testing.assert_allclose(distance, expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(64, 64), (256, 1024), (257, 1023), (3000, 2), (1, 5000)])
def test_distance_is_exact_to_the_last_digit_and_the_same_every_time(shape):
    """Up to 500 pixels; OpenCV's own root is off by a digit, here and there, now and then."""
    mask = np.random.default_rng(0).random(shape) > 3 / (shape[0] * shape[1])
    mask[shape[0] // 2, -1] = False
    expected = ndimage.distance_transform_edt(mask).astype(np.float32)
    near = expected < 500
    for _ in range(3):
        distance = distance_transform(mask.copy())
        assert np.array_equal(distance[near], expected[near])
        assert (np.abs(distance - expected) <= 1e-6 * expected).all()


def test_nothing_is_infinitely_far():
    assert np.isposinf(distance_transform(np.ones((3, 5), bool))).all()
    assert np.isposinf(distance_transform(np.ones((3, 5), bool), pixel_size=(1, 2))).all()


@given(mask=masks(), times=st.sampled_from([0.5, 2, 4]))
def test_distance_is_in_the_unit_of_the_pixel_size(mask, times):
    one, other = distance_transform(mask), distance_transform(mask, pixel_size=times)
    assert np.array_equal(other, times * one)


@pytest.mark.parametrize(
    ("size", "error"),
    [
        (0, ValueError),
        (-1, ValueError),
        (np.nan, ValueError),
        (np.inf, ValueError),
        ((1, 0), ValueError),
        ((1, 2, 3), ValueError),
        ("1", TypeError),
        (True, TypeError),
    ],
)
def test_a_bad_pixel_size_is_named(size, error):
    with pytest.raises(error, match="pixel_size"):
        distance_transform(DOT, pixel_size=size)


@given(labels=label_images())
def test_relabel_leaves_no_gaps_and_keeps_the_order(labels):
    out = run(relabel, labels)
    assert out.dtype == np.int32
    numbers = np.unique(labels[labels > 0])
    expected = np.where(labels > 0, np.searchsorted(numbers, labels) + 1, 0)
    assert np.array_equal(out, expected)
    assert np.array_equal(relabel(out), out)
    assert np.array_equal(out, skimage.segmentation.relabel_sequential(labels.astype(int))[0])


@given(labels=label_images())
def test_paint_gives_each_region_one_colour_and_the_background_black(labels):
    picture = run(paint, labels)
    assert picture.shape == (*labels.shape, 3)
    assert picture.dtype == np.uint8
    assert (picture[labels == 0] == 0).all()
    assert picture[labels > 0].any(axis=1).all()
    for number in np.unique(labels):
        assert len(np.unique(picture[labels == number], axis=0)) == 1
    assert np.array_equal(picture, paint(labels))


def pairs(labels):
    """Regions side by side, or with a pixel between."""
    found = set()
    for down, right in [(0, 1), (1, 0), (0, 2), (2, 0)]:
        a = labels[: labels.shape[0] - down, : labels.shape[1] - right]
        b = labels[down:, right:]
        touch = (a != b) & (a > 0) & (b > 0)
        found |= set(zip(a[touch].tolist(), b[touch].tolist(), strict=True))
    return found


@pytest.mark.parametrize("lines", [False, True])
def test_neighbours_have_different_colours(lines):
    rng = np.random.default_rng(0)
    points = np.zeros((200, 200), np.int32)
    points[rng.integers(0, 200, 150), rng.integers(0, 200, 150)] = 1 + rng.permutation(150)
    labels = watershed(np.zeros(points.shape), points, lines=lines)
    picture = paint(labels)
    colour = {number: tuple(picture[labels == number][0]) for number in np.unique(labels)}
    touching = pairs(labels)
    assert len(touching) > 300
    alike = sum(colour[a] == colour[b] for a, b in touching)
    assert alike <= 0.005 * len(touching)


@given(image=images(channels=(None, 1, 3)), opacity=st.sampled_from([0, 0.3, 1]))
def test_paint_lays_its_colours_over_the_grey_image(image, opacity):
    mask = np.random.default_rng(0).random(image.shape[:2]) < 0.5
    labels = label(mask, connectivity=1)
    picture = paint(labels, image, opacity=opacity).astype(float)
    grey = paint(labels, image, opacity=0).astype(float)
    assert (grey == grey[..., :1]).all()
    expected = np.where(mask[..., None], opacity * paint(labels) + (1 - opacity) * grey, grey)
    assert np.abs(picture - expected).max() <= 0.5 + 1e-3


@given(image=images(channels=(None, 1, 3)))
def test_outline_draws_what_scikit_image_calls_inner_boundaries(image):
    labels = label(np.random.default_rng(0).random(image.shape[:2]) < 0.6, connectivity=1)
    picture = run(outline, image, labels, color=(1, 0, 0.2))
    edge = skimage.segmentation.find_boundaries(labels, mode="inner")
    assert (picture[edge] == [255, 0, 51]).all()
    values = image.reshape(*image.shape[:2], -1)
    levels = values if image.dtype == np.uint8 else np.rint(255 * values)
    rest = np.broadcast_to(levels, picture.shape)[~edge]
    assert np.array_equal(picture[~edge], rest)


def test_outline_of_a_mask_is_that_of_its_one_region():
    camera = data.load("camera")
    mask = camera < 60
    assert np.array_equal(outline(camera, mask), outline(camera, mask.astype(int)))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: paint(DOT), TypeError, "use segmentation.label"),
        (lambda: paint(DOT.astype(int), np.zeros((3, 4))), ValueError, "labels is 3 by 3"),
        (lambda: paint(DOT.astype(int), np.full((3, 3), 7.0)), ValueError, "0..1"),
        (lambda: paint(DOT.astype(int), opacity=1.5), ValueError, "opacity must lie in 0..1"),
        (lambda: paint(DOT.astype(int), opacity="1"), TypeError, "opacity must be a number"),
        (lambda: paint(-DOT.astype(int)), ValueError, "labels has values from -1"),
        (lambda: relabel(DOT.astype(float)), TypeError, "labels has dtype float64"),
        (lambda: outline(np.zeros((3, 4)), DOT), ValueError, "image is 3 by 4"),
        (lambda: outline(np.zeros((3, 3)), DOT.astype(float)), TypeError, "labels has dtype"),
        (lambda: outline(np.zeros((3, 3)), DOT, color=(255, 0, 0)), ValueError, "color must be"),
        (lambda: outline(np.zeros((3, 3)), DOT, color="red"), TypeError, "color must be"),
        (lambda: outline(np.zeros((3, 3)), DOT, color=(1, 0)), ValueError, "color must be"),
        (lambda: outline(np.zeros((3, 3, 2)), DOT), ValueError, "this takes"),
    ],
)
def test_what_does_not_fit_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


TAKERS = {
    "label": label,
    "distance_transform": distance_transform,
    "relabel": relabel,
    "paint": paint,
    "regions": regions,
}


@pytest.mark.parametrize("taker", TAKERS)
def test_tensors_are_refused(taker):
    with pytest.raises(TypeError, match=r"np\.asarray"):
        TAKERS[taker](torch.zeros(4, 4, dtype=torch.bool))


@pytest.mark.parametrize("name", BAD_IMAGES)
@pytest.mark.parametrize("taker", TAKERS)
def test_what_is_neither_mask_nor_labels_is_refused(taker, name):
    bad, _ = BAD_IMAGES[name]
    takes = "b" if taker in ("label", "distance_transform") else "iu"
    if type(bad) is np.ndarray and bad.shape == (4, 4) and bad.dtype.kind in takes:
        TAKERS[taker](bad)  # no image, but what this one takes
        return
    with pytest.raises((TypeError, ValueError)):
        TAKERS[taker](bad)
