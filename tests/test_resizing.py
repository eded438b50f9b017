"""Resizing against its float64 definition, its laws, and what it refuses."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from strategies import BAD_IMAGES, LAYOUTS, images, run, to_float64

from imgkit.geometry import resize

METHODS = ["nearest", "linear", "cubic", "area", "lanczos"]
SMOOTH = ["linear", "cubic", "lanczos"]
LEVEL = {"linear": 0.52}
FLOAT32 = {"linear": 1e-4}
KERNELS = {
    "linear": (lambda x: max(0, 1 - abs(x)), 1),
    "cubic": (
        lambda x: (
            1.5 * abs(x) ** 3 - 2.5 * x**2 + 1
            if abs(x) <= 1
            else -0.5 * abs(x) ** 3 + 2.5 * x**2 - 4 * abs(x) + 2
        ),
        2,
    ),
    "lanczos": (lambda x: np.sinc(x) * np.sinc(x / 3), 3),
}
shapes = st.tuples(*[st.one_of(st.integers(1, 4), st.sampled_from([7, 16, 17, 31, 64]))] * 2)


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def weights(n, m, method, antialias=True):
    """The matrix (m, n), written as the docstring says it."""
    out = np.zeros((m, n))
    for i in range(m):
        for j in range(n):
            if method == "nearest":
                out[i, j] = j == int((i + 0.5) * n / m + 1e-9)
            elif method == "area":
                out[i, j] = max(0, min((i + 1) * n / m, j + 1) - max(i * n / m, j))
            else:
                kernel, radius = KERNELS[method]
                stretch = max(1, n / m) if antialias else 1
                x = (j - ((i + 0.5) * n / m - 0.5)) / stretch
                out[i, j] = kernel(x) if abs(x) < radius else 0
    return out / out.sum(axis=1, keepdims=True)


def resized64(values, shape, method, antialias=True):
    down, across = (
        weights(n, m, method, antialias) for n, m in zip(values.shape[:2], shape, strict=True)
    )
    return np.einsum("ai,ij...,bj->ab...", down, values, across, optimize=True)


def assert_resized(out, expected, image, method):
    assert out.shape == expected.shape
    assert out.dtype == image.dtype
    if image.dtype == np.uint8:
        error = np.abs(out - np.clip(255 * expected, 0, 255)).max()
        assert error <= LEVEL.get(method, 0.501)
    else:
        tolerance = FLOAT32.get(method, 2e-6) if image.dtype == np.float32 else 1e-13
        assert np.abs(out - expected).max() <= tolerance * max(np.abs(image).max(), 1e-300)


@settings(max_examples=150)
@given(
    image=images(signed=True),
    shape=shapes,
    method=st.sampled_from(METHODS),
    antialias=st.booleans(),
)
def test_resize_is_its_definition(image, shape, method, antialias):
    out = run(resize, image, shape, method=method, antialias=antialias)
    assert_resized(out, resized64(to_float64(image), shape, method, antialias), image, method)


@pytest.mark.parametrize("shape", [(70, 33), (199, 260), (64, 300), (250, 40), (50, 75)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("method", METHODS)
def test_many_blocks_are_the_same(method, dtype, shape):
    image = noise(150, 75, 3, dtype=dtype)
    expected = resized64(to_float64(image), shape, method)
    assert_resized(resize(image, shape, method=method), expected, image, method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("channels", [2, 4, 5, 9])
def test_any_memory_and_number_of_channels(method, layout, channels):
    image = layout(noise(12, 10, channels, dtype="uint8"))
    out = run(resize, image, (6, 20), method=method)
    assert_resized(out, resized64(to_float64(image), (6, 20), method), image, method)


@pytest.mark.parametrize("shape", [(13, 40), (61, 80), (20, 90), (100, 17)])
@pytest.mark.parametrize("method", SMOOTH)
def test_it_is_pillows(method, shape):
    image = noise(41, 57, dtype="float32")
    filters = {"linear": Image.BILINEAR, "cubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
    pillows = np.asarray(Image.fromarray(image).resize(shape[::-1], filters[method]))
    assert np.abs(resize(image, shape, method=method) - pillows).max() < 2e-6


@pytest.mark.parametrize("m", [1, 4, 7, 13, 15, 29, 31, 60])
def test_nearest_takes_the_pixel_in_which_the_centre_lies(m):
    row = np.arange(30, dtype=np.uint8)[None]
    centres = (np.arange(m) + 0.5) * 30 / m
    assert np.array_equal(resize(row, (1, m), method="nearest")[0], (centres + 1e-9).astype(int))
    assert np.array_equal(np.unique(resize(row, (1, 90), method="nearest"), return_counts=True)[1],
                          np.full(30, 3))  # fmt: skip


# --- laws -----------------------------------------------------------------------------------------


@given(shape=shapes, method=st.sampled_from(METHODS), value=st.floats(0, 1), old=shapes)
def test_a_flat_image_stays_flat(shape, method, value, old):
    out = resize(np.full(old, value), shape, method=method)
    assert np.allclose(out, value, rtol=1e-14)


@given(image=images(signed=True), method=st.sampled_from(METHODS), antialias=st.booleans())
def test_the_same_size_is_the_same_image(image, method, antialias):
    out = run(resize, image, image.shape[:2], method=method, antialias=antialias)
    scale = 1e-6 if image.dtype == np.float32 else 1e-15
    assert np.allclose(out, image, rtol=0, atol=scale * np.abs(image).max())


@given(image=images(), shape=shapes, method=st.sampled_from(METHODS))
def test_axes_may_be_exchanged(image, shape, method):
    image = to_float64(image)
    one = resize(image, shape, method=method)
    other = resize(np.swapaxes(image, 0, 1), shape[::-1], method=method)
    assert np.allclose(one, np.swapaxes(other, 0, 1), atol=1e-13)


@given(image=images(), shape=shapes, method=st.sampled_from(METHODS))
def test_the_mirror_image_gives_the_mirror_image(image, shape, method):
    if method == "nearest":  # where a centre lies on an edge, the later pixel is taken
        shape = tuple(3 * n for n in image.shape[:2])
    image = to_float64(image)
    one = resize(image[::-1, ::-1], shape, method=method)
    assert np.allclose(one, resize(image, shape, method=method)[::-1, ::-1], atol=1e-13)


@given(image=images(), shape=shapes)
def test_area_keeps_the_mean(image, shape):
    image = to_float64(image)
    out = resize(image, shape, method="area")
    assert np.allclose(out.mean(axis=(0, 1)), image.mean(axis=(0, 1)), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("m", [31, 57, 90])
@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_a_ramp_stays_a_ramp(method, m):
    ramp = np.arange(30.0)[None] / 30
    out = resize(ramp, (1, m), method=method)[0]
    inner = slice(m // 6, -m // 6)  # away from the ends, where half the weights are missing
    expected = ((np.arange(m) + 0.5) * 30 / m - 0.5) / 30
    assert np.abs(out - expected)[inner].max() < 1e-13


def test_opencvs_cubic_bends_a_ramp():
    ramp = np.arange(30.0)[None] / 30
    theirs = cv2.resize(ramp, (57, 1), interpolation=cv2.INTER_CUBIC)[0]
    expected = ((np.arange(57) + 0.5) * 30 / 57 - 0.5) / 30
    assert np.abs(theirs - expected)[10:-10].max() > 1e-3


@pytest.mark.parametrize("method", ["linear", "cubic", "area", "lanczos"])
def test_shrinking_leaves_no_false_pattern(method):
    stripes = np.tile(np.float32([0, 1]), (8, 64))  # (8, 128), finer than 50 pixels can show
    calm = resize(stripes, (8, 50), method=method)[:, 5:-5]
    wild = cv2.resize(stripes, (50, 8), interpolation=cv2.INTER_CUBIC)[:, 5:-5]
    assert np.ptp(calm) < 0.25 < 0.8 < np.ptp(wild)


def test_area_counts_parts_of_pixels():
    image = noise(1, 1237, dtype="float32")
    exact = resized64(image.astype(float), (1, 1011), "area")
    theirs = cv2.resize(image, (1011, 1), interpolation=cv2.INTER_AREA)
    assert np.abs(resize(image, (1, 1011), method="area") - exact).max() < 1e-6
    assert np.abs(theirs - exact).max() > 1e-4


def test_bytes_are_rounded_to_the_nearest_level():
    image = noise(40, 40, dtype="uint8")
    exact = 255 * resized64(to_float64(image), (63, 71), "linear")
    assert np.abs(resize(image, (63, 71)) - exact).max() < 0.52
    assert np.abs(cv2.resize(image, (71, 63)) - exact).max() > 0.6


@pytest.mark.parametrize("method", METHODS)
def test_one_number_means_a_square(method):
    image = noise(9, 12)
    assert np.array_equal(resize(image, 5, method=method), resize(image, (5, 5), method=method))


@pytest.mark.parametrize("method", METHODS)
def test_sides_may_be_long(method):
    image = noise(2, 70_001, dtype="float32")
    out = resize(image, (1, 3), method=method)
    assert out.shape == (1, 3)
    assert np.abs(out - 0.5).max() < (0.02 if method != "nearest" else 0.51)
    assert resize(image[:, :40], (1, 70_001), method=method).shape == (1, 70_001)


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"shape": 0}, ValueError, "shape must be at least 1"),
        ({"shape": (3, -1)}, ValueError, "shape"),
        ({"shape": 2.5}, TypeError, "shape must be a whole number"),
        ({"shape": (1, 2, 3)}, TypeError, "shape"),
        ({"shape": None}, TypeError, "shape"),
        ({"shape": 10**9}, ValueError, "shape must have at most"),
        ({"shape": (2**19, 2**19)}, ValueError, "shape must have at most"),
        ({"shape": 5, "method": "bicubic"}, ValueError, "method must be one of nearest, linear"),
        ({"shape": 5, "method": 3}, TypeError, "method"),
    ],
)
def test_what_makes_no_sense_is_named(options, error, says):
    with pytest.raises(error, match=says):
        resize(noise(4, 4), **options)


@pytest.mark.parametrize("name", BAD_IMAGES)
@pytest.mark.parametrize("method", ["nearest", "cubic"])
def test_bad_images_are_refused(name, method):
    image, error = BAD_IMAGES[name]
    with pytest.raises(error, match="image"):
        resize(image, 4, method=method)
