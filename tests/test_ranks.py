"""Median, percentile, minimum and maximum: exact on both engines, their laws, what they refuse."""

from itertools import pairwise, product

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import (
    BAD_IMAGES,
    LAYOUTS,
    MODES,
    borders,
    dtypes,
    images,
    padded,
    run,
)

from imgkit.filtering import (
    convolve,
    maximum,
    median,
    minimum,
    network,
    percentile,
    rank_arrays,
    rank_tensors,
)

ROUTINES = {
    "median": lambda image, size=3, **o: median(image, size=size, **o),
    "percentile": lambda image, size=3, q=30, **o: percentile(image, size=size, q=q, **o),
    "minimum": lambda image, size=3, **o: minimum(image, size=size, **o),
    "maximum": lambda image, size=3, **o: maximum(image, size=size, **o),
}
every = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES.keys())
sizes = st.one_of(
    st.sampled_from([3, 5, 7, 9, 15, 33]), st.tuples(st.integers(1, 9), st.integers(1, 9))
)


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def ranked(image, size, rank, *, mode="mirror", cval=0.0):
    """The definition: all values of a window in order, and one of them."""
    h, w = size if isinstance(size, tuple) else (size, size)
    cval = image.dtype.type(np.rint(255 * cval) if image.dtype == np.uint8 else cval)
    wide = padded(image, (h // 2, w // 2), ((h - 1) // 2, (w - 1) // 2), mode, cval)
    windows = np.lib.stride_tricks.sliding_window_view(wide, (h, w), axis=(0, 1))
    values = windows.reshape(*image.shape, h * w)
    return np.partition(values, rank, axis=-1)[..., rank]


def area(size):
    return size[0] * size[1] if isinstance(size, tuple) else size * size


def assert_is(out, expected, image):
    assert out.dtype == image.dtype
    assert np.array_equal(out, expected)


def tensor_twin(image):
    """A float image as a tensor, channels first; and a result back."""
    values = np.ascontiguousarray(image)
    return torch.from_numpy(values.copy() if values.ndim == 2 else np.moveaxis(values, 2, 0).copy())


def array_twin(tensor):
    values = tensor.detach().numpy()
    return values if values.ndim == 2 else np.moveaxis(values, 0, 2)


# --- definitions ----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(image=images(signed=True), size=sizes, border=borders)
def test_median_is_the_middle_of_the_window(image, size, border):
    out = run(median, image, size=size, **border)
    assert_is(out, ranked(image, size, area(size) // 2, **border), image)


@settings(max_examples=40)
@given(image=images(signed=True), size=sizes, q=st.floats(0, 100), border=borders)
def test_percentile_is_its_definition(image, size, q, border):
    out = run(percentile, image, size=size, q=q, **border)
    rank = min(area(size) - 1, int(area(size) * q / 100))
    assert_is(out, ranked(image, size, rank, **border), image)


@settings(max_examples=40)
@given(image=images(signed=True), size=sizes, border=borders)
def test_minimum_and_maximum_are_their_definitions(image, size, border):
    assert_is(run(minimum, image, size=size, **border), ranked(image, size, 0, **border), image)
    expected = ranked(image, size, area(size) - 1, **border)
    assert_is(run(maximum, image, size=size, **border), expected, image)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(3, 3), (4, 5), (1, 6), (7, 2)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_they_are_scipys(dtype, size, mode):
    image = noise(23, 31, dtype=dtype)
    border = {"mode": mode, "cval": 0.2}
    scipys = {"mode": mode, "cval": 51 if dtype == "uint8" else np.dtype(dtype).type(0.2)}
    for ours, theirs in (
        (median(image, size=size, **border), ndimage.median_filter),
        (minimum(image, size=size, **border), ndimage.minimum_filter),
        (maximum(image, size=size, **border), ndimage.maximum_filter),
    ):
        assert_is(ours, theirs(image, size=size, **scipys), image)
    for q in (0, 10, 33.3, 56, 99.9, 100):
        expected = ndimage.percentile_filter(image, q, size=size, **scipys)
        assert_is(percentile(image, size=size, q=q, **border), expected, image)


@settings(max_examples=20)
@given(
    image=images(dtypes=st.sampled_from(["float32", "float64"]), signed=True),
    size=sizes,
    q=st.sampled_from([0, 12.5, 50, 81, 100]),
    border=borders,
)
def test_a_tensor_gives_the_same(image, size, q, border):
    tensor = tensor_twin(image)
    for routine, options in ((percentile, {"q": q}), (median, {}), (minimum, {}), (maximum, {})):
        out = routine(tensor, size=size, **options, **border)
        assert out.dtype == tensor.dtype
        assert out.is_contiguous()
        assert np.array_equal(array_twin(out), routine(image, size=size, **options, **border))


@pytest.mark.parametrize("size", [(35, 40), (1, 255), (255, 1)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_large_windows_go_another_way_to_the_same(dtype, size):
    image = noise(41, 150, dtype=dtype)
    ties = np.round(4 * image) / 4 if dtype != "uint8" else image // 64
    for each in (image, ties.astype(dtype)):
        for q in (3, 50):
            rank = int(size[0] * size[1] * q / 100)
            out = percentile(each, size=size, q=q)
            assert_is(out, ranked(each, size, rank), each)
    if dtype != "uint8":
        out = percentile(tensor_twin(image[:9]), size=size, q=50)
        assert np.array_equal(array_twin(out), percentile(image[:9], size=size, q=50))


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_counting_crosses_its_tiles_and_threads(dtype):
    image = noise(*{"uint8": (20, 270), "float32": (140, 20)}[dtype], dtype=dtype)
    expected = ndimage.percentile_filter(image, 40, size=(36, 34), mode="mirror")
    assert_is(percentile(image, size=(36, 34), q=40), expected, image)


@pytest.mark.parametrize("shape", [(300, 700), (64, 65, 4)])
def test_a_network_crosses_its_bands_and_threads(shape):
    image = noise(*shape, dtype="float32")
    assert_is(median(image, size=(4, 5)), ranked(image, (4, 5), 10), image)
    batch = torch.from_numpy(noise(40, 30, 40, dtype="float32"))
    each = torch.stack([median(one, size=7) for one in batch])
    assert torch.equal(median(batch.reshape(2, 20, 30, 40), size=7).flatten(0, 1), each)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("size", [(300, 2), (1, 129), (4097, 2)])
def test_minimum_and_maximum_take_any_size(dtype, size):
    image = noise(20, 31, dtype=dtype)
    scipys = {"size": size, "mode": "reflect"}
    assert_is(
        minimum(image, size=size, mode="reflect"), ndimage.minimum_filter(image, **scipys), image
    )
    assert_is(
        maximum(image, size=size, mode="reflect"), ndimage.maximum_filter(image, **scipys), image
    )


# --- the network ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 2), (2, 2), (3, 3), (2, 4), (1, 9), (4, 3)])
def test_a_network_orders_every_zero_and_one(size):
    """By the zero-one principle it orders everything then: all windows there are, all ranks."""
    tile = network.tile_for(size, (64, 64))
    rows, columns = size[0] + tile[0] - 1, size[1] + tile[1] - 1
    count = rows * columns
    some = np.random.default_rng(0).integers(0, 2**count, 4096) if count > 16 else None
    numbers = np.arange(2**count) if some is None else some
    bits = (numbers >> np.arange(count)[:, None] & 1).astype(np.uint8)
    pixels = bits.reshape(rows, columns, 1, -1)
    for rank in range(size[0] * size[1]):
        program = network.program(size, rank, tile)
        found = program.run(
            [pixels[place] for place in program.pixels],
            cv2.min,
            cv2.max,
            lambda: np.empty_like(pixels[0, 0]),
        )
        for (i, j), plane in zip(product(range(tile[0]), range(tile[1])), found, strict=True):
            window = pixels[i : i + size[0], j : j + size[1]].reshape(-1, 1, pixels.shape[-1])
            assert np.array_equal(plane, np.sort(window, axis=0)[rank])


@pytest.mark.parametrize("size", [(3, 3), (4, 7), (15, 15), (1, 20), (31, 3)])
@pytest.mark.parametrize("tile", [(1, 1), (1, 2), (4, 2), (8, 8)])
def test_every_tile_gives_the_same(size, tile):
    tile = tuple(min(t, 1 << n.bit_length() - 1) for t, n in zip(tile, size, strict=True))
    image = noise(size[0] + tile[0] - 1, size[1] + tile[1] - 1)
    rank = size[0] * size[1] // 3
    program = network.program(size, rank, tile)
    pixels = [image[place].reshape(1, 1) for place in program.pixels]
    found = program.run(pixels, cv2.min, cv2.max, lambda: np.empty((1, 1)))
    for (i, j), value in zip(product(range(tile[0]), range(tile[1])), found, strict=True):
        window = image[i : i + size[0], j : j + size[1]]
        assert value == np.sort(window, axis=None)[rank]


def test_neighbouring_windows_share_comparators():
    alone = len(network.program((9, 9), 40, (1, 1)).steps)
    shared = len(network.program((9, 9), 40, (4, 4)).steps)
    assert shared < alone * 16 / 5


# --- laws -----------------------------------------------------------------------------------------


@every
@settings(max_examples=15)
@given(image=images(dtypes=st.just("float64")), rows=st.integers(-9, 9), columns=st.integers(-9, 9))
def test_on_a_wrapped_image_filters_do_not_know_where_they_are(routine, image, rows, columns):
    shifted = np.roll(image, (rows, columns), axis=(0, 1))
    expected = np.roll(routine(image, mode="wrap"), (rows, columns), axis=(0, 1))
    assert np.array_equal(routine(shifted, mode="wrap"), expected)


@every
@settings(max_examples=15)
@given(image=images(), border=st.sampled_from(MODES[:4]), size=sizes)
def test_a_rising_change_of_tone_may_come_before_or_after(routine, image, border, size):
    def tone(values):
        return values // 3 if values.dtype == np.uint8 else np.sqrt(values)

    out = routine(tone(image), size=size, mode=border)
    assert np.array_equal(out, tone(routine(image, size=size, mode=border)))


@every
@pytest.mark.parametrize("mode", MODES[:4])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_flat_image_stays(routine, dtype, mode):
    flat = np.full((6, 5, 3), 200, np.uint8) if dtype == "uint8" else np.full((6, 5), 0.4, dtype)
    for size in (2, 3, (4, 7), 35):
        assert_is(routine(flat, size=size, mode=mode), flat, flat)


@settings(max_examples=15)
@given(image=images(signed=True), size=sizes, border=borders)
def test_percentiles_rise_from_minimum_to_maximum_through_the_median(image, size, border):
    steps = [percentile(image, size=size, q=q, **border) for q in (0, 30, 50, 70, 100)]
    assert all((low <= high).all() for low, high in pairwise(steps))
    assert np.array_equal(steps[0], minimum(image, size=size, **border))
    assert np.array_equal(steps[2], median(image, size=size, **border))
    assert np.array_equal(steps[-1], maximum(image, size=size, **border))


@settings(max_examples=15)
@given(image=images(), rows=st.integers(1, 9), columns=st.integers(1, 9))
def test_minima_add_up(image, rows, columns):
    twice = minimum(minimum(image, size=(rows, 1)), size=(1, columns))
    assert np.array_equal(twice, minimum(image, size=(rows, columns)))


@settings(max_examples=15)
@given(image=images(dtypes=st.just("float64"), signed=True), size=sizes)
def test_the_least_of_the_negative_is_the_greatest(image, size):
    assert np.array_equal(-minimum(-image, size=size), maximum(image, size=size))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_median_takes_specks_away_and_keeps_edges(dtype):
    edge = np.zeros((20, 20), dtype)
    edge[:, 10:] = 1
    specks = edge.copy()
    specks[3::6, 4::6] = 1
    specks[5::6, 13::5] = 0
    assert np.array_equal(median(specks, size=3), edge)
    blurred = convolve(edge.astype(float), np.full((1, 3), 1 / 3))
    assert not np.array_equal(blurred, edge)


@every
@pytest.mark.parametrize("channels", [1, 2, 5, 150])
@pytest.mark.parametrize("size", [3, (2, 5), 33])
@pytest.mark.parametrize("border", [{"mode": "mirror"}, {"mode": "constant", "cval": 0.6}])
def test_channels_are_treated_alike(routine, channels, size, border):
    image = noise(4, 6, channels, dtype="uint8")
    each = [
        routine(np.ascontiguousarray(image[..., c]), size=size, **border) for c in range(channels)
    ]
    assert_is(routine(image, size=size, **border), np.stack(each, axis=2), image)


@pytest.mark.parametrize("size", [3, 5, 7, 9, 33])  # OpenCV changes its way, and what it takes
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_the_median_takes_any_channels_at_any_size(dtype, channels, size):
    image = noise(8, 9, channels, dtype=dtype)
    assert_is(median(image, size=size), ranked(image, size, size * size // 2), image)


@every
@pytest.mark.parametrize("layout", LAYOUTS)
@given(dtype=dtypes, size=st.sampled_from([2, 3, 7, 40]))
@settings(max_examples=8)
def test_the_memory_layout_does_not_matter(routine, layout, dtype, size):
    image = noise(7, 12, 3, dtype=dtype)
    out = routine(layout(image), size=size)
    assert_is(out, routine(image, size=size), image)
    assert out.flags.c_contiguous
    assert out.flags.writeable


def test_the_ways_agree_where_they_meet():
    image = noise(70, 80, dtype="float32")
    options = {"mode": "mirror", "cval": 0.0}
    by_network = rank_arrays._by_network(image, (6, 7), 11, **options)
    wide = rank_arrays.arrays.pad(image, ((3, 2), (3, 3)), mode="mirror")
    assert np.array_equal(by_network, rank_arrays._by_counting(wide, (6, 7), 11))
    tensor = torch.from_numpy(wide)[None]
    for way in (rank_tensors._by_network, rank_tensors._by_sorting):
        assert np.array_equal(by_network, way(tensor, (1, 70, 80), (6, 7), 11)[0].numpy())


# --- gradients ------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [1, 3, (2, 5)])
def test_gradients_are_right(routine, mode, size):
    image = torch.from_numpy(noise(2, 4, 5)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: routine(x, size=size, mode=mode, cval=0.3), image)


def test_gradients_of_large_windows_are_right():
    image = torch.from_numpy(noise(3, 4)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: percentile(x, size=(34, 33), q=20), image)


@every
def test_gradients_go_to_the_pixel_that_was_taken(routine):
    image = torch.arange(25.0).reshape(5, 5).requires_grad_()
    out = routine(image, mode="nearest")
    out[2, 2].backward()
    taken = image.grad.nonzero().tolist()
    assert len(taken) == 1
    assert image[tuple(taken[0])] == out[2, 2]


def test_of_equal_pixels_the_first_gets_the_gradient():
    image = torch.ones(3, 3, requires_grad=True)
    median(image, size=3)[1, 1].backward()
    assert image.grad.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


@every
def test_a_tensor_stays_as_it_was(routine):
    image = torch.from_numpy(noise(5, 6))
    for size in (1, 3, 35):
        before = image.clone()
        out = routine(image, size=size)
        out += 1
        assert torch.equal(image, before)


# --- what is refused ------------------------------------------------------------------------------


@every
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image)


GREY = noise(6, 5, dtype="float32")
NOT_A_SIZE = ["2", None, True, [1], 1j, np.ones(2), 2.5, (3,), (1, 2, 3), "33"]
TOO_LARGE = {"median": 256, "percentile": (1, 256), "minimum": 4098, "maximum": (4098, 1)}


@pytest.mark.parametrize("name", ROUTINES)
def test_a_bad_size_is_named(name):
    for size in NOT_A_SIZE:
        with pytest.raises(TypeError, match=r"^size must be"):
            ROUTINES[name](GREY, size=size)
    for size in (0, -3, (3, 0), 10**6, 2**80, TOO_LARGE[name]):
        with pytest.raises(ValueError, match=r"^size must be"):
            ROUTINES[name](GREY, size=size)


def test_a_bad_q_is_named():
    for q in ("2", None, True, [1], 1j):
        with pytest.raises(TypeError, match=r"^q must be a number"):
            percentile(GREY, size=3, q=q)
    for q in (-0.1, 100.1, 1e300, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"^q must"):
            percentile(GREY, size=3, q=q)


@every
@pytest.mark.parametrize("image", [GREY, torch.from_numpy(GREY)], ids=["array", "tensor"])
@pytest.mark.parametrize("size", [1, 3, (2, 3), 40])
def test_a_bad_border_is_named(routine, image, size):
    for mode in ("reflect_101", "Mirror", ""):
        with pytest.raises(ValueError, match="mode must be one of mirror, reflect, nearest"):
            routine(image, size=size, mode=mode)
    with pytest.raises(TypeError, match="mode must be one of"):
        routine(image, size=size, mode=None)
    for cval in (float("nan"), float("inf"), 1e300):
        with pytest.raises(ValueError, match="cval must"):
            routine(image, size=size, mode="constant", cval=cval)
    with pytest.raises(TypeError, match="cval must"):
        routine(image, size=size, mode="constant", cval="0")
