"""Reconstruction and the peaks it finds: what they are, their laws, what they refuse."""

import cv2
import numpy as np
import pytest
import skimage.morphology
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES, LAYOUTS, images, run

from imgkit.segmentation import (
    dilate,
    disk,
    erode,
    floods,
    h_maxima,
    h_minima,
    label,
    reconstruct,
)
from imgkit.segmentation import open as opened

NEAR = {1: disk(1), 2: np.ones((3, 3), bool)}
both_ways = pytest.mark.parametrize("connectivity", [1, 2])
grey = images(channels=(None,), signed=True)


def by_definition(marker, mask, connectivity=2):
    """Dilate, and stay below the mask, until nothing changes."""
    while True:
        grown = np.minimum(dilate(marker, NEAR[connectivity]), mask)
        if np.array_equal(grown, marker):
            return grown
        marker = grown


def darker(image, seed):
    """A marker nowhere brighter than an image."""
    rng = np.random.default_rng(seed)
    marker = np.minimum(image, rng.permutation(image.ravel()).reshape(image.shape))
    return np.where(rng.random(image.shape) < 0.7, image.min(), marker)


def maxima(image, connectivity=2):
    """Connected pixels of one value whose neighbours are all darker: one flood for each value."""
    out = np.zeros(image.shape, bool)
    for value in np.unique(image):
        parts, count = ndimage.label(image == value, NEAR[connectivity])
        for number in range(1, count + 1):
            rim = dilate(parts == number, NEAR[connectivity])
            if (image[rim] <= value).all():
                out |= parts == number
    return out


def assert_is(out, expected):
    assert out.dtype == expected.dtype
    assert np.array_equal(out, expected)


@pytest.fixture(params=["scikit-image", "sweeps", "one sweep", "gives up"])
def way(request, monkeypatch):
    """Every way through the code, also for small images."""
    if request.param != "scikit-image":
        monkeypatch.setattr(floods, "SMALL", 0)
    if request.param == "one sweep":
        monkeypatch.setattr(floods, "FEW", 2)
    if request.param == "gives up":
        monkeypatch.setattr(floods, "_finish", lambda *_: False)


# --- reconstruct ----------------------------------------------------------------------------------


@both_ways
@settings(max_examples=30)
@given(image=grey, seed=st.integers(0, 99))
def test_it_is_dilation_without_end(connectivity, image, seed):
    marker = darker(image, seed)
    before = marker.copy()
    out = run(lambda mask: reconstruct(marker, mask, connectivity=connectivity), image)
    assert np.array_equal(marker, before)
    assert_is(out, by_definition(marker, image, connectivity))
    theirs = skimage.morphology.reconstruction(marker, image, footprint=NEAR[connectivity])
    assert np.array_equal(out, theirs)


@both_ways
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_every_way_gives_the_same(way, connectivity, dtype):
    rng = np.random.default_rng(1)
    for shape in ((40, 53), (1, 30), (30, 1), (2, 2), (1, 1)):
        image = rng.integers(0, 256, shape).astype(dtype)
        for smooth in (image, cv2.blur(image, (5, 5)).reshape(shape)):
            for marker in (darker(smooth, 3), smooth // 2, erode(smooth, 7), smooth):
                out = reconstruct(marker, smooth, connectivity=connectivity)
                assert_is(out, by_definition(marker, smooth, connectivity))
                assert out.flags.c_contiguous


@both_ways
def test_a_long_way_is_followed_to_its_end(way, connectivity):
    maze = np.zeros((41, 40), np.float32)
    maze[::2] = 0.9
    maze[1::4, -1] = maze[3::4, 0] = 0.8  # a snake
    marker = np.zeros_like(maze)
    marker[0, 0] = 0.9
    out = reconstruct(marker, maze, connectivity=connectivity)
    assert_is(out, np.minimum(np.where(np.arange(41)[:, None] < 1, 0.9, 0.8).astype("f4"), maze))


def test_a_large_image_is_scikit_images():
    rng = np.random.default_rng(0)
    image = np.rint(255 * rng.random((450, 420))).astype(np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), 3)
    for marker in (erode(image, 9), cv2.subtract(image, np.full_like(image, 5))):
        theirs = skimage.morphology.reconstruction(marker, image)
        assert np.array_equal(reconstruct(marker, image), theirs)


@settings(max_examples=30)
@given(image=grey, seed=st.integers(0, 99), connectivity=st.sampled_from([1, 2]))
def test_erosion_is_dilation_of_the_negative(image, seed, connectivity):
    def negative(values):
        return 255 - values if values.dtype == np.uint8 else -values

    marker = darker(negative(image), seed)
    out = reconstruct(negative(marker), image, method="erosion", connectivity=connectivity)
    assert_is(out, negative(reconstruct(marker, negative(image), connectivity=connectivity)))


@settings(max_examples=30)
@given(image=grey, seed=st.integers(0, 99))
def test_it_lies_between_marker_and_mask_and_stays(image, seed):
    marker = darker(image, seed)
    out = reconstruct(marker, image)
    assert (marker <= out).all()
    assert (out <= image).all()
    assert_is(reconstruct(out, image), out)
    assert_is(reconstruct(image, image), image)
    assert (out <= reconstruct(np.maximum(marker, darker(image, seed + 1)), image)).all()


@settings(max_examples=30)
@given(image=grey, seed=st.integers(0, 99), connectivity=st.sampled_from([1, 2]))
def test_of_masks_it_is_the_parts_with_a_seed(image, seed, connectivity):
    mask = image > np.median(image)
    seeds = mask & (np.random.default_rng(seed).random(mask.shape) < 0.1)
    out = reconstruct(seeds, mask, connectivity=connectivity)
    assert_is(out, by_definition(seeds, mask, connectivity))
    holes = reconstruct(~seeds, ~mask, method="erosion", connectivity=connectivity)
    assert_is(holes, ~out)


def test_opening_by_reconstruction_keeps_shapes_to_the_pixel():
    image = np.zeros((40, 40), np.uint8)
    cv2.rectangle(image, (5, 5), (25, 20), 200, -1)  # a block with corners that a disk cannot fill
    block = image.copy()
    image[32, 32] = 255
    assert_is(reconstruct(opened(image, disk(3)), image), block)
    assert not np.array_equal(opened(image, disk(3)), block)


# --- peaks ----------------------------------------------------------------------------------------


@both_ways
@settings(max_examples=30)
@given(image=grey, height=st.sampled_from([0, 0.1, 0.25, 0.9, 3, 1e300]))
def test_peaks_are_the_maxima_of_the_lowered_image_reconstructed(connectivity, image, height):
    if image.dtype == np.uint8:
        exact, h = image.astype(np.float64), height
        lowered = exact - 255 * height
    else:
        h = min(height, 10) * float(np.ptp(image))
        exact, lowered = image, image - image.dtype.type(h)
    expected = maxima(by_definition(lowered, exact, connectivity), connectivity)
    assert_is(run(h_maxima, image, h=h, connectivity=connectivity), expected)


@settings(max_examples=20)
@given(image=grey, h=st.sampled_from([0, 0.1, 0.4]))
def test_hollows_are_the_peaks_of_the_negative(image, h):
    negative = 255 - image if image.dtype == np.uint8 else -image
    assert_is(h_minima(image, h=h), h_maxima(negative, h=h))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_peak_counts_if_it_rises_more_than_h(dtype):
    row = np.array([[0, 51, 0, 102, 0, 255, 204, 229, 0]]) / (1 if dtype == "uint8" else 255)
    row = row.astype(dtype)

    def peaks(h):
        return label(h_maxima(row, h=h)).max()

    assert [peaks(h) for h in (0, 0.05, 0.15, 0.3, 0.5, 2)] == [4, 4, 3, 2, 1, 1]


def test_floats_near_each_other_are_told_apart():
    """Where scikit-image's rounding of floats has lost or made up peaks."""
    row = np.array([[0.3, 0.1, 0.3, 0.1, 0.3 + 1e-9, 0.0]])
    assert label(h_maxima(row, h=0.15)).max() == 3
    assert label(h_maxima(row, h=0.25)).max() == 1
    tiny = 1e-30 * np.array([[0.0, 3, 0, 5, 0]])
    assert_is(h_maxima(tiny, h=4e-30), tiny == tiny.max())
    large = 1e8 + np.array([[0.0, 3, 0, 5, 0]])
    assert_is(h_maxima(large, h=4), large == large.max())
    assert_is(h_maxima(large, h=1), large > 1e8 + 1)


def test_more_height_leaves_fewer_peaks():
    noise = ndimage.gaussian_filter(np.random.default_rng(0).random((50, 60)), 2)
    counts = [label(h_maxima(noise, h=h)).max() for h in (0, 0.02, 0.05, 0.1, 1)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[2] > counts[-1] == 1
    best = np.unravel_index(noise.argmax(), noise.shape)
    assert h_maxima(noise, h=0.1)[best]


def test_without_height_they_are_scikit_images_regional_maxima():
    image = np.random.default_rng(0).integers(0, 6, (60, 70)).astype(np.uint8)
    for connectivity in (1, 2):
        theirs = skimage.morphology.local_maxima(image, connectivity=connectivity)
        assert_is(h_maxima(image, h=0, connectivity=connectivity), theirs)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_flat_image_is_one_peak(dtype):
    for h in (0, 0.5):
        assert h_maxima(np.full((5, 4), 1, dtype), h=h).all()
        assert h_minima(np.full((5, 4), 1, dtype), h=h).all()


def test_huge_values_are_right_or_refused():
    row = np.float32([[-1e38, 2e38, 0, 1, -1e38]])
    assert_is(h_maxima(row, h=1e39), np.ones((1, 5), bool))
    assert_is(h_maxima(row, h=1e38), row == row.max())
    with pytest.raises(ValueError, match="cannot hold the difference"):
        h_maxima(np.float32([[-2e38, 2e38]]), h=1)


# --- any input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_memory_layout_does_not_matter(layout, way):
    image = np.random.default_rng(0).random((20, 31))
    marker = erode(image, 3)
    assert_is(reconstruct(layout(marker), layout(image)), by_definition(marker, image))
    assert_is(run(h_maxima, layout(image), h=0.2), h_maxima(image, h=0.2))


@pytest.mark.parametrize("name", [name for name in BAD_IMAGES if name != "bool"])
def test_what_is_no_image_is_refused(name):
    bad, error = BAD_IMAGES[name]
    for routine in (h_maxima, h_minima):
        with pytest.raises(error, match="image"):
            routine(bad, h=0.1)
    with pytest.raises(error, match="marker"):
        reconstruct(bad, np.zeros((4, 4)))
    with pytest.raises(error, match="mask"):
        reconstruct(np.zeros((4, 4)), bad)


def test_colour_is_refused():
    color = np.zeros((4, 4, 3))
    for call in (
        lambda: reconstruct(color, color),
        lambda: h_maxima(color, h=0.1),
        lambda: h_minima(color, h=0.1),
    ):
        with pytest.raises(ValueError, match=r"use color\.to_gray"):
            call()


def test_marker_and_mask_have_to_fit():
    image = np.zeros((4, 4))
    with pytest.raises(ValueError, match="marker is 3 by 4 pixels and mask 4 by 4"):
        reconstruct(image[1:], image)
    with pytest.raises(TypeError, match="marker has dtype float32 and mask float64"):
        reconstruct(image.astype(np.float32), image)
    with pytest.raises(TypeError, match="marker has dtype bool and mask float64"):
        reconstruct(image > 0, image)
    with pytest.raises(ValueError, match=r"marker is brighter than mask at 16 pixels.*np.minimum"):
        reconstruct(image + 1, image)
    with pytest.raises(ValueError, match=r"marker is darker than mask at 16 pixels.*np.maximum"):
        reconstruct(image - 1, image, method="erosion")


@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf, "3", None, True])
def test_a_bad_height_is_named(bad):
    for routine in (h_maxima, h_minima):
        with pytest.raises((TypeError, ValueError), match="h must"):
            routine(np.zeros((3, 3)), h=bad)


@pytest.mark.parametrize("bad", [0, 8, 1.5, None])
def test_a_bad_connectivity_is_named(bad):
    image = np.zeros((3, 3))
    for routine in (
        lambda **o: reconstruct(image, image, **o),
        lambda **o: h_maxima(image, h=1, **o),
    ):
        with pytest.raises((TypeError, ValueError), match="connectivity"):
            routine(connectivity=bad)


def test_a_bad_method_is_named():
    with pytest.raises(ValueError, match="method must be one of dilation, erosion"):
        reconstruct(np.zeros((3, 3)), np.zeros((3, 3)), method="opening")
