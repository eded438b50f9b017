"""Erosion, dilation and what comes of them: exact on both engines, for every footprint; laws."""

import cv2
import numpy as np
import pytest
import skimage.morphology
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import composite
from scipy import ndimage
from strategies import BAD_IMAGES, LAYOUTS, images, run

from imgkit import segmentation
from imgkit.segmentation import (
    black_hat,
    close,
    diamond,
    dilate,
    disk,
    erode,
    extremes,
    footprints,
    gradient,
    morphology_arrays,
    rectangle,
    top_hat,
)
from imgkit.segmentation import open as opened

ROUTINES = {
    "erode": erode,
    "dilate": dilate,
    "open": opened,
    "close": close,
    "top_hat": top_hat,
    "black_hat": black_hat,
    "gradient": gradient,
}
every = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES.keys())
FLOATS = st.sampled_from(["float32", "float64"])


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    if dtype == "bool":
        return values > 0.5
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


@composite
def any_footprint(draw):
    """Even, asymmetric, with holes, without its centre, larger than the image."""
    shape = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    kind = draw(st.sampled_from(["noise", "full", "disk", "far"]))
    if kind == "full":
        return np.ones(shape, bool)
    if kind == "disk":
        return disk(draw(st.integers(0, 19)))
    if kind == "far":  # one pixel, perhaps beyond every image
        far = np.zeros((41, 41), bool)
        far[draw(st.integers(0, 40)), draw(st.integers(0, 40))] = True
        return far
    seed = draw(st.integers(0, 2**32 - 1))
    pixels = np.random.default_rng(seed).random(shape) < draw(st.sampled_from([0.2, 0.5, 0.9]))
    pixels[draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))] = True
    return pixels


@composite
def masks(draw):
    image = draw(images(channels=(None,), dtypes=st.just("float64")))
    return image > 0.5


def limits(image):
    """The least and the greatest value there is."""
    return {"bool": (0, 1), "uint8": (0, 255)}.get(image.dtype.name, (-np.inf, np.inf))


def eroded(image, footprint):
    """The definition: one shifted copy of the image for each pixel of the footprint."""
    (h, w), top = footprint.shape, limits(image)[1]
    reach = [(h // 2, h - 1 - h // 2), (w // 2, w - 1 - w // 2)] + [(0, 0)] * (image.ndim - 2)
    wide = np.pad(image, reach, constant_values=top)
    out = np.full(image.shape, top, image.dtype)
    for i, j in np.argwhere(footprint):
        out = np.minimum(out, wide[i : i + image.shape[0], j : j + image.shape[1]])
    return out


def turned(footprint):
    """By 180 degrees about h // 2, w // 2: an even side gets a line more, to have a middle."""
    return np.pad(footprint[::-1, ::-1], [(1 - n % 2, 0) for n in footprint.shape])


def negative(image):
    if image.dtype == bool:
        return ~image
    return 255 - image if image.dtype == np.uint8 else -image


def dilated(image, footprint):
    """The greatest is the least of the negative, under the footprint turned around."""
    return negative(eroded(negative(image), turned(footprint)))


def minus(one, other):
    if one.dtype == bool:
        return one & ~other
    if one.dtype == np.uint8:
        return np.maximum(one.astype(int) - other, 0).astype(np.uint8)
    return np.maximum(one - other, 0)


DEFINITIONS = {
    "erode": eroded,
    "dilate": dilated,
    "open": lambda x, f: dilated(eroded(x, f), f),
    "close": lambda x, f: eroded(dilated(x, f), f),
    "top_hat": lambda x, f: minus(x, dilated(eroded(x, f), f)),
    "black_hat": lambda x, f: minus(eroded(dilated(x, f), f), x),
    "gradient": lambda x, f: minus(dilated(x, f), eroded(x, f)),
}


def assert_is(out, expected):
    assert out.dtype == expected.dtype
    assert np.array_equal(out, expected)


def tensor_twin(image):
    values = np.ascontiguousarray(image)
    return torch.from_numpy(values.copy() if values.ndim == 2 else np.moveaxis(values, 2, 0).copy())


def array_twin(tensor):
    values = tensor.detach().numpy()
    return values if values.ndim == 2 else np.moveaxis(values, 0, 2)


# --- definitions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROUTINES)
@settings(max_examples=40)
@given(image=st.one_of(images(signed=True), masks()), footprint=any_footprint())
def test_they_are_their_definitions(name, image, footprint):
    assert_is(run(ROUTINES[name], image, footprint), DEFINITIONS[name](image, footprint))


@pytest.mark.parametrize("name", ROUTINES)
@settings(max_examples=15)
@given(image=st.one_of(images(dtypes=FLOATS, signed=True), masks()), footprint=any_footprint())
def test_a_tensor_gives_the_same(name, image, footprint):
    tensor = tensor_twin(image)
    out = ROUTINES[name](tensor, footprint)
    assert out.dtype == tensor.dtype
    assert out.is_contiguous()
    assert out.data_ptr() != tensor.data_ptr()
    assert np.array_equal(array_twin(out), ROUTINES[name](image, footprint))


@settings(max_examples=30)
@given(image=images(signed=True), footprint=any_footprint())
def test_opencv_and_blocks_give_the_same(image, footprint):
    window = footprints.require_footprint(footprint, image.shape[:2])
    if image.ndim == 3 and image.shape[2] > 4:
        image = image[..., :4]
    if window.pixels.any():
        by_opencv = morphology_arrays._by_opencv(image, window, limits(image)[1], False)
        by_blocks = morphology_arrays._by_blocks(image, window, limits(image)[1], cv2.min)
        assert_is(by_opencv, by_blocks)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float32", "float64"])
@pytest.mark.parametrize("footprint", [disk(15), rectangle(63), rectangle((1, 90)), diamond(9)])
def test_blocks_cross_their_bands_and_threads(dtype, footprint, monkeypatch):
    monkeypatch.setattr(morphology_arrays, "BAND", 1 << 12)
    monkeypatch.setattr(morphology_arrays, "PIXELS_A_STEP", dict.fromkeys(["uint8", dtype], 0))
    image = noise(150, 61, dtype=dtype)
    assert_is(erode(image, footprint), eroded(image, footprint))
    assert_is(dilate(image, footprint), dilated(image, footprint))


@pytest.mark.parametrize("footprint", [disk(4), diamond(3), rectangle((3, 6)), rectangle((4, 1))])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_they_are_scipys_where_mirroring_makes_no_difference(dtype, footprint):
    image = noise(30, 41, dtype=dtype)
    inner = slice(8, -8)
    scipys = ndimage.grey_erosion(image, footprint=footprint)
    assert_is(erode(image, footprint)[inner, inner], scipys[inner, inner])
    scipys = ndimage.grey_dilation(image, footprint=footprint)
    assert_is(dilate(image, footprint)[inner, inner], scipys[inner, inner])
    if all(n % 2 for n in footprint.shape):
        assert_is(erode(image, footprint), ndimage.grey_erosion(image, footprint=footprint))
        assert_is(opened(image, footprint), ndimage.grey_opening(image, footprint=footprint))


@settings(max_examples=30)
@given(image=images(channels=(None,)), footprint=any_footprint())
def test_erosion_is_scikit_images_without_what_lies_beyond(image, footprint):
    if (
        not all(n % 2 for n in footprint.shape)
        or not footprint[tuple(n // 2 for n in footprint.shape)]
    ):
        return
    theirs = skimage.morphology.erosion(image, footprint, mode="ignore")
    assert_is(erode(image, footprint), theirs)


def test_a_tensor_takes_any_batch():
    batch = torch.from_numpy(noise(2, 3, 9, 8))
    for routine in ROUTINES.values():
        each = torch.stack([routine(plane, disk(2)) for plane in batch.flatten(0, 1)])
        assert torch.equal(routine(batch, disk(2)).flatten(0, 1), each)
        mask = routine(batch > 0.5, disk(2))
        assert mask.dtype == torch.bool
        assert mask.shape == batch.shape


@every
@pytest.mark.parametrize("footprint", [3, (4, 2), disk(2)], ids=["square", "even", "disk"])
def test_gradients_are_right(routine, footprint):
    footprint = rectangle(footprint) if isinstance(footprint, tuple) else footprint
    values = np.random.default_rng(0).permutation(42).reshape(1, 6, 7) / 42  # no two are equal
    image = torch.from_numpy(values).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: routine(x, footprint), (image,))


def test_a_gradient_goes_to_the_pixel_that_was_taken():
    image = torch.tensor([[5.0, 1.0, 7.0, 3.0]], requires_grad=True)
    dilate(image, disk(1)).sum().backward()
    assert image.grad.tolist() == [[1.0, 0.0, 3.0, 0.0]]


# --- laws -----------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(image=st.one_of(images(), masks()), footprint=any_footprint(), seed=st.integers(0, 99))
def test_erosion_and_dilation_are_an_adjunction(image, footprint, seed):
    """dilate(a) <= b just where a <= erode(b): the law from which all others come."""
    other = np.random.default_rng(seed).permutation(image.ravel()).reshape(image.shape)
    for a, b in (
        (image, other),
        (image, dilate(image, footprint)),
        (erode(image, footprint), image),
    ):
        if np.isfinite(a).all() and np.isfinite(b).all():
            below = (dilate(a, footprint) <= b).all()
            assert below == (a <= erode(b, footprint)).all()
    assert (opened(image, footprint) <= image).all()
    assert (close(image, footprint) >= image).all()


@settings(max_examples=40)
@given(image=st.one_of(images(), masks()), footprint=any_footprint())
def test_what_is_opened_or_closed_stays_so(image, footprint):
    for routine in (opened, close):
        once = routine(image, footprint)
        if np.isfinite(once).all():  # or some pixel is out of the footprint's reach
            assert_is(routine(once, footprint), once)
        else:
            assert not footprint[tuple(n // 2 for n in footprint.shape)]


@settings(max_examples=30)
@given(image=st.one_of(images(signed=True), masks()), footprint=any_footprint())
def test_what_is_bright_is_dark_in_the_negative(image, footprint):
    dark = dilate(negative(image), turned(footprint))
    assert_is(erode(image, footprint), negative(dark))
    assert_is(close(image, footprint), negative(opened(negative(image), turned(footprint))))


@settings(max_examples=30)
@given(image=images(), footprint=any_footprint())
def test_brighter_images_have_brighter_results(image, footprint):
    brighter = np.maximum(image, image[::-1])
    for routine in (erode, dilate, opened, close):
        assert (routine(image, footprint) <= routine(brighter, footprint)).all()


@settings(max_examples=20)
@given(image=images(), a=st.integers(1, 5), b=st.integers(1, 5))
def test_two_footprints_in_turn_are_one(image, a, b):
    square = dilate(dilate(image, rectangle((2 * a - 1, 1))), rectangle((1, 2 * b - 1)))
    assert_is(square, dilate(image, rectangle((2 * a - 1, 2 * b - 1))))
    assert_is(erode(image, 2 * a - 1), erode(image, rectangle((2 * a - 1, 2 * a - 1))))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float32", "float64"])
def test_a_flat_image_stays(dtype):
    flat = np.full((9, 7), 1, dtype)
    for footprint in (2, disk(3), rectangle((4, 3)), 100):
        for routine in (erode, dilate, opened, close):
            assert_is(routine(flat, footprint), flat)
        for routine in (top_hat, black_hat, gradient):
            assert not routine(flat, footprint).any()


def test_a_mask_is_its_image_of_zeros_and_ones():
    mask = noise(40, 50, dtype="bool")
    for routine in ROUTINES.values():
        for footprint in (disk(1), disk(6), rectangle((3, 2))):
            assert np.array_equal(
                routine(mask, footprint), routine(255 * mask.astype(np.uint8), footprint) > 0
            )


def test_the_top_hat_finds_specks_on_uneven_ground():
    ground = np.linspace(0, 0.8, 60)[:, None] + np.zeros(60)
    specks = np.zeros((60, 60))
    specks[5::10, 5::10] = 0.1
    assert np.array_equal(top_hat(ground + specks, disk(3)) > 0.05, specks > 0)
    assert np.array_equal(black_hat(ground - specks, disk(3)) > 0.05, specks > 0)


def test_where_the_footprint_sees_nothing_the_value_is_the_extreme():
    left = np.array([[True, False, False]])  # only the pixel one to the left
    for image, top in ((np.uint8([[1, 2]]), 255), (np.array([[0.1, 0.2]]), np.inf)):
        assert erode(image, left)[0, 0] == top
        assert dilate(image, left)[0, 1] == (0 if top == 255 else -np.inf)
        assert not gradient(image, left).any()
        assert opened(image, left)[0, 1] == (0 if top == 255 else -np.inf)  # out of its reach
    assert erode(np.array([[False, False]]), left).tolist() == [[True, False]]


# --- footprints -----------------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [0, 1, 2, 3, 5, 8, 15, 31])
def test_footprints_are_scikit_images(radius):
    assert np.array_equal(disk(radius), skimage.morphology.disk(radius))
    assert np.array_equal(diamond(radius), skimage.morphology.diamond(radius))
    assert rectangle((radius + 1, 2)).shape == (radius + 1, 2)
    assert disk(radius).dtype == diamond(radius).dtype == rectangle(3).dtype == bool


def test_a_radius_may_be_a_fraction():
    assert disk(1.5).sum() == 9
    assert disk(2.3).shape == (5, 5)
    assert np.array_equal(diamond(1.9), diamond(1))


def test_opencvs_ellipse_is_no_disk():
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (31, 31))
    assert ellipse.sum() == 729
    assert disk(15).sum() == 709


@settings(max_examples=60)
@given(pixels=any_footprint())
def test_blocks_cover_a_footprint_once(pixels):
    covered = np.zeros(pixels.shape, int)
    for row, column, height, width in footprints.blocks(pixels):
        covered[row : row + height, column : column + width] += 1
    assert np.array_equal(covered, pixels)


def test_blocks_are_few():
    assert footprints.blocks(rectangle((31, 20))) == [(0, 0, 31, 20)]
    assert len(footprints.blocks(disk(15))) == 19
    assert extremes.steps(footprints.blocks(rectangle(31))) <= 11


@pytest.mark.parametrize(
    ("footprint", "error", "says"),
    [
        (0, ValueError, "footprint must be at least 1, got 0"),
        (-3, ValueError, "footprint must be at least 1"),
        (2.5, TypeError, "footprint must be a whole number"),
        (True, TypeError, "footprint must be a whole number"),
        ((3, 3), TypeError, r"disk\(5\).*got \(3, 3\)"),
        ([(np.ones((3, 1)), 1)], TypeError, "footprint must be"),
        ("disk", TypeError, "footprint must be"),
        (None, TypeError, "footprint must be"),
        (np.zeros((3, 3), bool), ValueError, "footprint has no pixel set"),
        (np.zeros((0, 3), bool), ValueError, "footprint has no pixel set"),
        (np.full((3, 3), 2), ValueError, "footprint has values from 2 to 2"),
        (np.array([[1, -1]]), ValueError, "footprint has values from -1 to 1"),
        (np.ones((3, 3)), TypeError, "footprint has dtype float64.*footprint > 0"),
        (np.ones(3, bool), ValueError, r"footprint has shape \(3,\)"),
        (np.ones((1, 3, 3), bool), ValueError, "footprint has shape"),
    ],
)
@every
def test_a_bad_footprint_is_named(routine, footprint, error, says):
    for image in (noise(5, 5), noise(5, 5, dtype="bool"), torch.zeros(5, 5)):
        with pytest.raises(error, match=says):
            routine(image, footprint)


@pytest.mark.parametrize("bad", [-1, 5000, np.nan, np.inf, "3", None, True])
def test_a_bad_radius_is_named(bad):
    for shape in (disk, diamond):
        with pytest.raises((TypeError, ValueError), match="radius"):
            shape(bad)


@pytest.mark.parametrize("bad", [0, 5000, (3, 0), 2.5, "3", (1, 2, 3)])
def test_a_bad_size_is_named(bad):
    with pytest.raises((TypeError, ValueError), match="size"):
        rectangle(bad)


# --- any input ------------------------------------------------------------------------------------


@every
def test_huge_footprints_see_the_whole_image(routine):
    small = noise(4, 6, dtype="float32")
    for footprint in (10**12, rectangle(400), disk(300)):
        assert_is(routine(small, footprint), routine(small, 13))
        assert np.array_equal(
            array_twin(routine(tensor_twin(small), footprint)), routine(small, 13)
        )


@every
@pytest.mark.parametrize("channels", [1, 2, 4, 5, 7])
@pytest.mark.parametrize("footprint", [3, 40, disk(2), disk(9)])
def test_channels_are_treated_alike(routine, channels, footprint):
    image = noise(12, 13, channels, dtype="uint8")
    each = [routine(np.ascontiguousarray(image[..., c]), footprint) for c in range(channels)]
    assert_is(routine(image, footprint), np.stack(each, axis=2))


@every
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["bool", "uint8", "float64"])
def test_the_memory_layout_does_not_matter(routine, layout, dtype):
    image = noise(17, 12, dtype=dtype)
    for footprint in (3, disk(8)):
        out = run(routine, layout(image), footprint)
        assert_is(out, routine(image, footprint))
        assert out.flags.c_contiguous
        assert out.flags.writeable


def test_integers_may_be_a_footprint():
    image = noise(8, 9)
    assert_is(erode(image, disk(2).astype(np.uint8)), erode(image, disk(2)))
    assert_is(erode(image, np.int64(3)), erode(image, 3))


@every
def test_huge_and_tiny_values_neither_warn_nor_wrap(routine):
    extremes = np.float32([[3e38, -3e38, 0, 1e-45]])
    with np.errstate(all="raise"):
        out = routine(extremes, 3)
    assert out.shape == extremes.shape
    assert np.array_equal(tensor_twin(out), routine(tensor_twin(extremes), 3))


@every
@pytest.mark.parametrize("name", [name for name in BAD_IMAGES if name != "bool"])
def test_what_is_no_image_is_refused(routine, name):
    bad, error = BAD_IMAGES[name]
    with pytest.raises(error):
        routine(bad, 3)


def test_a_mask_has_two_axes():
    with pytest.raises(ValueError, match="a mask is"):
        erode(np.zeros((3, 3, 2), bool), 3)
    with pytest.raises(ValueError, match="image is empty"):
        erode(np.zeros((0, 3), bool), 3)


def test_the_names_are_flat():
    assert segmentation.open is opened
