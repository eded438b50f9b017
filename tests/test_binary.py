"""Holes, specks, hulls and skeletons of masks: what they are, their laws, what they refuse."""

import numpy as np
import pytest
import skimage.measure
import skimage.morphology
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import composite
from scipy import ndimage
from strategies import BAD_IMAGES, LAYOUTS, run, sides

from imgkit.segmentation import (
    convex_hull,
    fill_holes,
    label,
    remove_small,
    skeletonize,
)

ROUTINES = {
    "fill_holes": fill_holes,
    "remove_small": lambda mask: remove_small(mask, area=3),
    "convex_hull": convex_hull,
    "skeletonize": skeletonize,
}
every = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES.keys())
both_ways = pytest.mark.parametrize("connectivity", [1, 2])
NEAR = {1: ndimage.generate_binary_structure(2, 1), 2: np.ones((3, 3))}


@composite
def masks(draw):
    """Noise, blots, empty and full; any memory layout."""
    shape = draw(st.tuples(sides, sides))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mask = rng.random(shape) < draw(st.sampled_from([0, 0.05, 0.3, 0.6, 0.95, 1.1]))
    if draw(st.booleans()):
        mask = ndimage.binary_dilation(mask, iterations=2)
    return draw(st.sampled_from(LAYOUTS))(mask)


def assert_is(out, expected):
    assert out.dtype == expected.dtype
    assert np.array_equal(out, expected)


# --- holes ----------------------------------------------------------------------------------------


@both_ways
@settings(max_examples=50)
@given(mask=masks())
def test_holes_are_filled_as_scipy_does(connectivity, mask):
    out = run(fill_holes, mask, connectivity=connectivity)
    assert_is(out, ndimage.binary_fill_holes(mask, NEAR[connectivity]))
    assert (out >= mask).all()
    assert_is(fill_holes(out, connectivity=connectivity), out)


def test_a_ring_that_touches_at_corners_is_closed_for_four_neighbours_only():
    ring = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) > 0
    assert fill_holes(ring)[1, 1]
    assert not fill_holes(ring, connectivity=2)[1, 1]


def test_what_is_open_at_the_edge_of_the_image_is_no_hole():
    cup = np.ones((4, 5), bool)
    cup[:3, 2] = False
    assert_is(fill_holes(cup), cup)


# --- specks ---------------------------------------------------------------------------------------


@both_ways
@settings(max_examples=50)
@given(mask=masks(), area=st.sampled_from([0, 1, 2, 3.5, 5, 40, 10**9]))
def test_small_parts_are_removed_and_no_others(connectivity, mask, area):
    out = run(remove_small, mask, area=area, connectivity=connectivity)
    parts, count = ndimage.label(mask, NEAR[connectivity])
    expected = np.zeros(mask.shape, bool)
    for number in range(1, count + 1):
        if np.count_nonzero(parts == number) >= area:
            expected |= parts == number
    assert_is(out, expected)


@settings(max_examples=50)
@given(
    mask=masks(),
    area=st.sampled_from([0, 1, 2, 5, 10**9]),
    scale=st.sampled_from([1, 7, 10**8]),
    dtype=st.sampled_from(["uint8", "int32", "int64"]),
)
def test_small_regions_are_removed_and_the_others_keep_their_numbers(mask, area, scale, dtype):
    labels = (label(mask).astype(np.int64) % 5).astype(dtype)  # regions in pieces
    if dtype != "uint8":
        labels *= np.dtype(dtype).type(scale)
    out = run(remove_small, labels, area=area)
    expected = labels.astype(np.int32)
    for number in np.unique(labels):
        if np.count_nonzero(labels == number) < area:
            expected[labels == number] = 0
    assert_is(out, expected)


def test_what_has_just_the_area_stays():
    mask = np.zeros((9, 9), bool)
    mask[1:3, 1:3] = mask[5:8, 5:8] = True
    assert remove_small(mask, area=4).sum() == 13
    assert remove_small(mask, area=5).sum() == 9
    assert_is(remove_small(mask, area=5), skimage.morphology.remove_small_objects(mask, max_size=4))


def test_small_holes_are_small_parts_of_the_background():
    mask = np.ones((9, 9), bool)
    mask[2, 2] = False
    mask[5:8, 5:8] = False
    assert (~remove_small(~mask, area=4, connectivity=1)).sum() == 72


# --- hulls ----------------------------------------------------------------------------------------


def hull_by_definition(mask):
    """The corners by Andrew's chains in whole numbers, then which centres lie left of no side."""
    points = sorted(
        (2 * r + dr, 2 * c + dc)
        for r, c in np.argwhere(mask).tolist()
        for dr, dc in ((-1, 0), (1, 0), (0, -1), (0, 1))
    )
    if not points:
        return np.zeros(mask.shape, bool)

    def chain(points):
        kept = []
        for p in points:
            while len(kept) > 1 and cross(kept[-2], kept[-1], p) <= 0:
                kept.pop()
            kept.append(p)
        return kept[:-1]

    corners = chain(points) + chain(points[::-1])
    at = np.moveaxis(2 * np.indices(mask.shape), 0, -1)
    inside = np.ones(mask.shape, bool)
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        inside &= cross(a, b, (at[..., 0], at[..., 1])) >= 0
    return inside


def cross(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@settings(max_examples=60)
@given(mask=masks())
def test_the_hull_is_its_definition(mask):
    out = run(convex_hull, mask)
    assert_is(out, hull_by_definition(mask))
    assert (out >= mask).all()
    if mask.any():
        assert_is(out, skimage.morphology.convex_hull_image(mask))


@settings(max_examples=20)
@given(mask=masks())
def test_hulls_turn_with_the_mask(mask):
    for turn in (np.flipud, np.fliplr, np.transpose, np.rot90):
        assert_is(convex_hull(turn(mask)), turn(convex_hull(mask)))


@settings(max_examples=30)
@given(mask=masks())
def test_regions_have_hulls_of_their_own(mask):
    labels = label(mask) * 3
    out = run(convex_hull, labels)
    expected = labels.copy()
    for number in np.unique(labels)[1:]:
        expected[convex_hull(labels == number) & (labels == 0)] = number
    assert_is(out, expected)


def test_hulls_of_a_large_image_are_scikit_images():
    mask = np.random.default_rng(0).random((300, 411)) > 0.9
    mask &= np.hypot(*np.indices(mask.shape) - np.array([150, 200])[:, None, None]) < 140
    assert_is(convex_hull(mask), skimage.morphology.convex_hull_image(mask))


def test_a_label_may_be_huge():
    labels = np.zeros((3, 3), np.int64)
    labels[0, 0] = labels[2, 0] = 2**31 - 1
    assert convex_hull(labels)[1, 0] == 2**31 - 1
    assert remove_small(labels, area=3).max() == 0


# --- skeletons ------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(mask=masks())
def test_the_skeleton_is_scikit_images_and_keeps_the_number_of_parts(mask):
    out = run(skeletonize, mask)
    assert_is(out, skimage.morphology.skeletonize(mask.copy()))
    assert (out <= mask).all()
    assert_is(skeletonize(out), out)
    assert label(out).max() == label(mask).max()


def test_a_ring_becomes_a_ring():
    distance = np.hypot(*np.indices((41, 41)) - 20)
    ring = skeletonize((distance < 19) & (distance > 9))
    assert skimage.measure.euler_number(ring, connectivity=2) == 0
    assert ring.sum() < 100


# --- any input ------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_memory_layout_does_not_matter(routine, layout):
    mask = np.random.default_rng(0).random((13, 20)) > 0.6
    out = run(routine, layout(mask))
    assert_is(out, routine(mask))
    assert out.flags.writeable


@every
@pytest.mark.parametrize("name", [name for name in BAD_IMAGES if "int" not in name])
def test_what_is_no_mask_is_refused(routine, name):
    bad, error = BAD_IMAGES[name]
    if name == "bool":  # is one
        assert routine(bad).shape == bad.shape
    else:
        with pytest.raises((error, TypeError), match="mask"):
            routine(bad)


@pytest.mark.parametrize("routine", [fill_holes, skeletonize])
def test_labels_are_no_mask(routine):
    with pytest.raises(TypeError, match="a mask is bool: use mask > 0"):
        routine(np.zeros((3, 3), int))


@pytest.mark.parametrize("bad", [-1, np.nan, np.inf, "3", None, True])
def test_a_bad_area_is_named(bad):
    with pytest.raises((TypeError, ValueError), match="area"):
        remove_small(np.ones((3, 3), bool), area=bad)


@pytest.mark.parametrize("bad", [0, 4, 8, 1.5, "2", None, True])
def test_a_bad_connectivity_is_named(bad):
    for routine in (fill_holes, lambda mask, **o: remove_small(mask, area=1, **o)):
        with pytest.raises((TypeError, ValueError), match="connectivity"):
            routine(np.ones((3, 3), bool), connectivity=bad)
