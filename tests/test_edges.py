"""Canny's edges on both engines: the definition, its laws, what it refuses."""

import numpy as np
import pytest
import skimage.feature
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES, LAYOUTS, MODES, images, padded, run, to_float64

from imgkit import data, filtering
from imgkit.features.edges import canny

STEP = 2.0**-15  # slopes are rounded to these
grays = images(channels=(None,))
NORMS = ["l2", "l1"]


def canny64(x, sigma=1.0, low=0.05, high=0.1, norm="l2", mode="mirror", cval=0.0, rounded=True):
    """The four steps in float64; without rounding it is the textbook's."""
    bell = np.exp(-0.5 * (np.arange(-int(4 * sigma + 0.5), int(4 * sigma + 0.5) + 1) / sigma) ** 2)
    bell /= bell.sum()
    soft = separable64(x, bell, bell, mode, cval)
    central, smooth = np.array([-1, 0, 1]) / 2, np.array([1, 2, 1]) / 4
    rows = separable64(soft, central, smooth, mode, cval)
    columns = separable64(soft, smooth, central, mode, cval)
    if rounded:
        rows, columns, low, high = (
            np.rint(rows / STEP), np.rint(columns / STEP), low / STEP, high / STEP
        )  # fmt: skip
    # squares of whole numbers are exact, their roots are not
    size = rows**2 + columns**2 if norm == "l2" else abs(rows) + abs(columns)
    low, high = (low**2, high**2) if norm == "l2" else (low, high)
    (h, w), around = size.shape, np.pad(size, 1)

    def beside(i, j):
        return around[1 + i : 1 + i + h, 1 + j : 1 + j + w]

    tangent = 13573 / 2**15  # of 22.5 degrees
    flat = abs(rows) < tangent * abs(columns)
    steep = abs(rows) > (2 + tangent) * abs(columns)
    falling = (size > beside(-1, -1)) & (size > beside(1, 1))
    rising = (size > beside(-1, 1)) & (size > beside(1, -1))
    ridge = np.where((rows < 0) == (columns < 0), falling, rising)
    ridge = np.where(flat, (size > beside(0, -1)) & (size >= beside(0, 1)), ridge)
    ridge = np.where(steep, (size > beside(-1, 0)) & (size >= beside(1, 0)), ridge)
    labels, _ = ndimage.label(ridge & (size > low), np.ones((3, 3)))
    strong = np.unique(labels[ridge & (size > high)])
    return np.isin(labels, strong[strong > 0])


def separable64(x, column, row, mode, cval):
    before = len(column) // 2, len(row) // 2
    wide = padded(x, before, before, mode, cval)
    out = sum(c * wide[i : i + len(x)] for i, c in enumerate(column))
    return sum(c * out[:, i : i + x.shape[1]] for i, c in enumerate(row))


@settings(max_examples=80)
@given(
    image=grays,
    mode=st.sampled_from(MODES),
    norm=st.sampled_from(NORMS),
    sigma=st.sampled_from([0.5, 1.0, 2.3]),
    thresholds=st.tuples(st.floats(0, 0.2), st.floats(0, 0.2)),
)
def test_canny_is_its_definition(image, mode, norm, sigma, thresholds):
    low, high = sorted(thresholds)
    options = {"sigma": sigma, "low": low, "high": high, "norm": norm, "mode": mode}
    expected = canny64(to_float64(image), **options)
    out = run(canny, image, **options)
    assert out.dtype == bool
    assert out.shape == image.shape
    # what float32 rounds to another step may be another pixel
    allowed = 0 if image.dtype == np.float64 else 2
    assert np.count_nonzero(out != expected) <= allowed
    if image.dtype != np.uint8:
        tensor = canny(torch.tensor(image.copy(order="C")), **options)
        assert tensor.dtype == torch.bool
        assert np.count_nonzero(tensor.numpy() != expected) <= allowed


@pytest.mark.parametrize("cval", [0.2, 1.0])
def test_a_constant_beyond_the_edge_makes_an_edge_or_none(cval):
    image = np.full((9, 12), 0.2)
    options = {"mode": "constant", "cval": cval}
    out = canny(image, **options)
    assert out.any() == (cval == 1)
    assert np.array_equal(out, canny64(image, **options))
    assert np.array_equal(canny(torch.from_numpy(image), **options).numpy(), out)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sigma", [3.0, 12.0])
def test_a_wide_blur_is_right_across_bands_and_borders(mode, sigma):
    rng = np.random.default_rng(1)
    image = np.clip(5 * ndimage.gaussian_filter(rng.random((90, 3001)) - 0.5, 4) + 0.5, 0, 1)
    options = {"sigma": sigma, "mode": mode, "cval": 0.6, "low": 1e-3, "high": 2e-3}
    expected = canny64(image, **options)
    assert expected.any()
    assert np.array_equal(canny(image, **options), expected)


@pytest.mark.parametrize("name", ["camera", "coins", "brick"])
@pytest.mark.parametrize("norm", NORMS)
def test_on_photographs_every_dtype_and_engine_finds_the_same_edges(name, norm):
    photo = data.load(name)
    x = photo / 255
    expected = canny64(x, norm=norm)
    assert np.array_equal(canny(x, norm=norm), expected)
    small = x.astype(np.float32)
    for out in (canny(photo, norm=norm), canny(small, norm=norm)):
        assert np.mean(out != expected) < 1e-4
    for tensor in (torch.from_numpy(x), torch.from_numpy(small)):
        assert np.mean(canny(tensor, norm=norm).numpy() != expected) < 1e-4
    plain = canny64(x, norm=norm, rounded=False)
    assert np.count_nonzero(plain != expected) <= 0.01 * plain.sum()


def test_edges_are_those_of_scikit_image_to_a_pixel():
    """It interpolates between neighbours and has thresholds of 8 times the size."""
    photo = data.load("camera") / 255
    ours = canny(photo, sigma=2, low=0.02, high=0.04)
    theirs = skimage.feature.canny(photo, 2, 0.16, 0.32, mode="mirror")
    near = np.ones((3, 3))
    assert np.mean(ndimage.binary_dilation(theirs, near)[ours]) > 0.97
    assert np.mean(ndimage.binary_dilation(ours, near)[theirs]) > 0.97


def test_thresholds_are_slopes_of_sobel_per_pixel():
    x = data.load("coins")
    slope = filtering.sobel(filtering.gaussian(x / 255, sigma=1))
    edges = canny(x, low=0.08, high=0.08)
    assert slope[edges].min() > 0.08 - 1e-4
    assert not canny(x, low=0.0, high=slope.max() + 1e-4).any()
    assert canny(x, low=0.0, high=slope.max() - 1e-4).any()


@pytest.mark.parametrize("sigma", [0.7, 1.0, 2.0])
def test_a_step_of_known_height_is_found_up_to_its_slope(sigma):
    row = np.zeros((1, 60))
    row[:, 30:] = 0.6
    slope = filtering.sobel(filtering.gaussian(row, sigma=sigma), axis=1).max()
    for high, found in ((slope * 0.999, 1), (slope * 1.001, 0)):
        assert canny(row, sigma=sigma, low=0.01, high=high).sum() == found


def test_an_edge_between_two_pixels_is_one_pixel_wide_whichever_way_it_runs():
    """Both pixels are equally steep: in plain floats it is rounding that decides, line by line."""
    for value in (0.3, 0.7, 1.0):
        for dtype in ("float32", "float64"):
            step = np.zeros((40, 41), dtype)
            step[:, 20:] = value
            for image, line in (
                (step, np.s_[:, 19]),
                (step.T, np.s_[19]),
                (step[:, ::-1], np.s_[:, 20]),
            ):
                expected = np.zeros(image.shape, bool)
                expected[line] = True
                found = [canny(image, high=0.06), canny(torch.tensor(image.copy()), high=0.06)]
                for out in map(np.asarray, found):
                    assert np.array_equal(out, expected)


def test_edges_are_thin():
    edges = canny(data.load("camera"), sigma=1.5)
    blocks = edges[:-1, :-1] & edges[1:, :-1] & edges[:-1, 1:] & edges[1:, 1:]
    assert blocks.sum() < 0.01 * edges.sum()


def test_a_weak_edge_counts_where_it_goes_on_from_a_strong_one():
    height = np.linspace(0.2, 0.8, 60)
    image = np.repeat(height[:, None], 40, axis=1) * (np.arange(40) >= 20)
    image[:, :5] = 0.35 * (np.arange(60) % 60 > -1)[:, None]  # a weak edge of its own
    edges = canny(image, low=0.05, high=0.2)
    assert edges[:, 18:21].any(axis=1).all()
    assert not edges[5:-5, :10].any()


@pytest.mark.parametrize("value", [0, 0.3, 1])
def test_a_flat_image_has_no_edges(value):
    for image in (np.full((7, 9), value, np.float32), torch.full((2, 7, 9), float(value))):
        assert not canny(image, low=0, high=0).any()


@given(turns=st.integers(1, 3), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_a_negative_has_the_same_edges(turns, seed):
    image = ndimage.gaussian_filter(np.random.default_rng(seed).random((30, 31)), 1)
    image = np.rot90(image, turns)
    edges = canny(image, low=0.01, high=0.02)
    assert edges.any()
    assert np.mean(canny(1 - image, low=0.01, high=0.02) != edges) < 0.01


@given(shift=st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
@settings(max_examples=20)
def test_a_shift_shifts_the_edges(shift):
    image = data.load("coins")[:64, :70] / 255
    edges = canny(image, mode="wrap")
    moved = canny(np.roll(image, shift, (0, 1)), mode="wrap")
    inner = np.roll(edges, shift, (0, 1))[12:-12, 12:-12] != moved[12:-12, 12:-12]
    assert np.mean(inner) < 0.01  # hysteresis may reach in from the border


def test_more_is_found_with_lower_thresholds():
    image = data.load("camera")[100:300, 100:300]
    wide, narrow = canny(image, low=0.02, high=0.1), canny(image, low=0.04, high=0.12)
    assert narrow.any()
    assert not (narrow & ~wide).any()


def test_a_batch_is_its_images_one_by_one():
    batch = torch.rand(2, 3, 17, 12, dtype=torch.float64)
    out = canny(batch)
    assert out.shape == batch.shape
    for i in range(2):
        for j in range(3):
            assert torch.equal(out[i, j], canny(batch[i, j]))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_memory_layout_will_do(layout):
    photo = data.load("coins")[:50, :61]
    for image in (photo, photo / 255, (photo / 255).astype(np.float32)):
        assert np.array_equal(canny(layout(image)), canny(image))


def test_an_image_of_many_bands_is_the_same_as_in_one():
    image = np.random.default_rng(0).random((3, 70_000)).astype(np.float32)
    assert np.array_equal(canny(image), canny64(image.astype(float)))
    assert np.array_equal(canny(image.T.copy()), canny64(image.T.astype(float)))


@pytest.mark.parametrize("image", [*BAD_IMAGES.values()], ids=[*BAD_IMAGES])
def test_what_is_no_image_is_refused(image):
    bad, error = image
    with pytest.raises(error, match="image"):
        canny(bad)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: canny(np.zeros((4, 4, 3))), ValueError, r"color\.to_gray"),
        (lambda x: canny(x * 255), ValueError, "divide by 255"),
        (lambda x: canny(x - 1), ValueError, "this needs 0..1"),
        (lambda x: canny(torch.from_numpy(x) * 3), ValueError, "this needs 0..1"),
        (lambda x: canny(x, sigma=0), ValueError, "sigma must be a positive number"),
        (lambda x: canny(x, sigma=1e9), ValueError, "sigma"),
        (lambda x: canny(x, low=0.3, high=0.2), ValueError, "low <= high, got low=0.3, high=0.2"),
        (lambda x: canny(x, low=-0.1), ValueError, "low"),
        (lambda x: canny(x, high=np.nan), ValueError, "high"),
        (lambda x: canny(x, low="a"), TypeError, "low must be a number"),
        (lambda x: canny(x, norm="l3"), ValueError, "norm must be one of l1, l2"),
        (lambda x: canny(x, mode="edge"), ValueError, "mode must be one of"),
    ],
)
def test_errors_name_their_argument(call, error, words):
    with pytest.raises(error, match=words):
        call(np.random.default_rng(0).random((8, 9)))


def test_silly_parameters_are_right():
    image = data.load("coins")[:40, :40]
    assert not canny(image, low=1e300, high=1e308).any()
    assert not canny(torch.from_numpy(image / 255), low=1e300, high=1e308).any()
    for norm in NORMS:
        assert canny(image, low=0, high=0, norm=norm).any()
    checks = np.indices((40, 40)).sum(0) % 2 * 1.0
    assert canny(checks, sigma=1e-9, low=0.4, high=0.4).shape == (40, 40)
    tiny = canny(image, sigma=1e-9)
    assert np.array_equal(tiny, canny64(image / 255, sigma=1e-3))
