"""Filled holes: the systems they solve, in dense float64 algebra, and their laws."""

import inspect

import numpy as np
import pytest
import skimage.restoration
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, LAYOUTS, images, run, to_float64

from imgkit import data
from imgkit.restoration import inpaint

METHODS = ["biharmonic", "harmonic"]
methods = pytest.mark.parametrize("method", METHODS)


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def laplacian64(h, w):
    """The matrix of the sum of differences to up to four neighbours."""
    matrix = np.zeros((h * w, h * w))
    for r in range(h):
        for c in range(w):
            for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if 0 <= i < h and 0 <= j < w:
                    matrix[r * w + c, r * w + c] += 1
                    matrix[r * w + c, i * w + j] -= 1
    return matrix


def inpaint64(values, hole, method):
    matrix = laplacian64(*hole.shape)
    if method == "biharmonic":
        matrix = matrix @ matrix
    hole, planes = hole.ravel(), values.reshape(hole.size, -1)
    out = planes.copy()
    right = -matrix[hole][:, ~hole] @ planes[~hole]
    out[hole] = np.linalg.solve(matrix[hole][:, hole], right)
    return np.clip(out, planes[~hole].min(0), planes[~hole].max(0)).reshape(values.shape)


@settings(max_examples=60)
@given(
    image=images(signed=True),
    share=st.sampled_from([0.1, 0.5, 0.8]),
    seed=st.integers(0, 99),
    method=st.sampled_from(METHODS),
)
def test_inpaint_is_its_definition(image, share, seed, method):
    hole = np.random.default_rng(seed).random(image.shape[:2]) < share
    hole[0, 0] = False
    values = to_float64(image)
    expected = inpaint64(values, hole, method)
    out = run(inpaint, image, hole, method=method)
    assert out.shape == image.shape
    assert out.dtype == image.dtype
    assert np.array_equal(out[~hole], image[~hole])
    if image.dtype == np.uint8:
        assert np.abs(out - 255 * expected).max() <= 0.5 + 1e-3
    else:
        tolerance = 1e-6 if image.dtype == np.float32 else 1e-9
        assert np.abs(out - expected).max() <= tolerance * np.abs(values).max()


def holes(kind):
    mask = np.zeros((60, 70), bool)
    if kind == "scratches":
        mask[:, 30:33] = mask[20, :] = True
    elif kind == "corner":
        mask[:20, 50:] = True
    else:
        mask = np.random.default_rng(0).random((60, 70)) < 0.4
    return mask


@pytest.mark.parametrize("kind", ["scratches", "corner", "random"])
@pytest.mark.parametrize("shape", [(60, 70), (60, 70, 3)])
def test_biharmonic_is_scikit_images(kind, shape):
    image, mask = noise(*shape), holes(kind)
    theirs = skimage.restoration.inpaint_biharmonic(
        image, mask, channel_axis=2 if len(shape) == 3 else None
    )
    assert np.allclose(inpaint(image, mask), theirs, atol=1e-10)


# --- laws -----------------------------------------------------------------------------------------


@methods
def test_a_slope_is_continued(method):
    row, column = np.mgrid[:20, :25]
    slope = (row + 2 * column) / 100
    mask = np.zeros((20, 25), bool)
    mask[5:12, 8:20] = True
    assert np.allclose(inpaint(np.where(mask, 9, slope), mask, method=method), slope, atol=1e-12)


@methods
@pytest.mark.parametrize("level", [0, 1, 100, 255])
def test_a_flat_image_is_flat_again(method, level):
    image = np.full((9, 8, 3), level, np.uint8)
    mask = noise(9, 8) < 0.5
    broken = np.where(mask[..., None], 255 - image, image)
    assert np.array_equal(inpaint(broken, mask, method=method), image)


@methods
@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e300])
def test_any_unit_will_do(method, scale):
    image, mask = noise(9, 8) - 0.5, noise(9, 8, seed=1) < 0.5
    expected = inpaint(image, mask, method=method)
    assert np.allclose(inpaint(scale * image, mask, method=method) / scale, expected, atol=1e-12)


@methods
def test_what_stood_in_the_hole_does_not_matter(method):
    image, mask = noise(9, 8), noise(9, 8, seed=1) < 0.5
    expected = inpaint(image, mask, method=method)
    other = inpaint(np.where(mask, 1e6, image), mask, method=method)
    assert np.allclose(other, expected, atol=1e-9)


def test_harmonic_pixels_are_the_mean_of_their_neighbours():
    image, mask = noise(12, 13), np.zeros((12, 13), bool)
    mask[3:9, 4:10] = True
    out = inpaint(image, mask, method="harmonic")
    mean = (out[2:8, 4:10] + out[4:10, 4:10] + out[3:9, 3:9] + out[3:9, 5:11]) / 4
    assert np.allclose(out[3:9, 4:10], mean, atol=1e-14)


@methods
def test_one_known_pixel_is_everywhere(method):
    image, mask = noise(8, 7), np.ones((8, 7), bool)
    mask[3, 2] = False
    assert np.allclose(inpaint(image, mask, method=method), image[3, 2], atol=1e-9)


@methods
def test_nothing_to_fill_gives_a_copy(method):
    image = noise(5, 4, dtype="uint8")
    out = inpaint(image, np.zeros((5, 4), bool), method=method)
    assert np.array_equal(out, image)
    assert not np.shares_memory(out, image)


def test_uint8_masks_count_all_but_zero():
    image, mask = noise(9, 8), noise(9, 8, seed=1) < 0.5
    for white in (1, 255):
        assert np.array_equal(inpaint(image, np.uint8(white * mask)), inpaint(image, mask))


def test_scratches_in_a_photograph_vanish():
    photo = data.load("camera")[100:228, 150:278]
    mask = np.zeros(photo.shape, bool)
    mask[np.arange(128), np.arange(128)] = mask[:, 40:42] = mask[77] = True
    error = np.abs(inpaint(photo, mask).astype(float) - photo)[mask]
    assert np.median(error) <= 4


@methods
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_memory_layout_does_not_matter(method, layout, dtype):
    image, mask = noise(7, 5, 3, dtype=dtype), noise(7, 5, seed=1) < 0.4
    out = inpaint(layout(image), layout(mask), method=method)
    assert np.array_equal(out, inpaint(image, mask, method=method))
    assert out.flags.c_contiguous
    assert out.flags.writeable


# --- what is refused ------------------------------------------------------------------------------

MASK = np.eye(4, dtype=bool)


@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(image, error):
    with pytest.raises(error, match=r"^image "):
        inpaint(image, MASK)


@pytest.mark.parametrize(
    ("mask", "error"),
    [
        (None, TypeError),
        (MASK.tolist(), TypeError),
        (MASK.astype(float), TypeError),
        (MASK.astype(int), TypeError),
        (MASK[:3], ValueError),
        (MASK[..., None], ValueError),
        (np.ones((4, 4), bool), ValueError),
    ],
)
def test_a_bad_mask_is_named(mask, error):
    with pytest.raises(error, match=r"^mask "):
        inpaint(noise(4, 4), mask)


def test_too_large_a_hole_is_refused_at_once():
    mask = np.ones((1000, 1000), bool)
    mask[0] = False
    with pytest.raises(ValueError, match="mask covers 999000 pixels; the limit is 500000"):
        inpaint(np.zeros((1000, 1000), np.uint8), mask)


@pytest.mark.parametrize("method", ["telea", "", None, 3])
def test_a_bad_method_is_named(method):
    with pytest.raises((TypeError, ValueError), match=r"^method must be one of biharmonic, harm"):
        inpaint(noise(4, 4), MASK, method=method)


def test_options_are_keyword_only():
    _, _, *options = inspect.signature(inpaint).parameters.values()
    assert all(option.kind is option.KEYWORD_ONLY for option in options)
