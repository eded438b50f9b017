"""Thresholds on both engines: their definitions, their laws, what they refuse."""

from itertools import combinations

import numpy as np
import pytest
import skimage.filters
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import LAYOUTS, MODES, images, padded, run, to_float64

from imgkit.segmentation import (
    adaptive,
    hysteresis,
    li,
    multi_otsu,
    niblack,
    otsu,
    sauvola,
    triangle,
)
from imgkit.segmentation.bins import best_splits

GLOBAL = {
    "otsu": otsu,
    "multi_otsu": lambda image: multi_otsu(image, classes=2),
    "li": li,
    "triangle": triangle,
}
LOCAL = {
    "gaussian": lambda image, size=5, **o: adaptive(image, size=size, **o),
    "mean": lambda image, size=5, **o: adaptive(image, size=size, method="mean", **o),
    "sauvola": lambda image, size=5, **o: sauvola(image, size=size, **o),
    "niblack": lambda image, size=5, **o: niblack(image, size=size, **o),
}
each_global = pytest.mark.parametrize("routine", GLOBAL.values(), ids=GLOBAL)
each_local = pytest.mark.parametrize("routine", LOCAL.values(), ids=LOCAL)
grays = images(channels=(None,), signed=True)
GREY = np.random.default_rng(0).random((20, 30))


def blobs(shape=(64, 64), levels=256, seed=0, dtype="uint8"):
    """Smooth noise over the whole range: a histogram without ties."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random(shape), 2)
    values = np.floor((noise - noise.min()) / np.ptp(noise) * (levels - 1e-6)) / (levels - 1)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def bins64(image):
    """Counts and what each bin stands for, as both are documented."""
    if image.dtype == np.uint8:
        return np.bincount(image.ravel(), minlength=256), np.arange(256)
    x = image.astype(np.float64)
    low, high = x.min(), x.max()
    span = high - low if high > low else 1
    places = np.clip(np.floor((x - low) / span * 256 + 2**-13), 0, 255).astype(int)
    return np.bincount(places.ravel(), minlength=256), low + (np.arange(256) + 0.5) / 256 * (
        high - low
    )


def between(counts, cuts):
    """The variance between classes that end after the bins ``cuts``, by its definition."""
    bins = np.arange(256)
    mean = np.average(bins, weights=counts)
    classes = np.searchsorted(cuts, bins)
    total = 0.0
    for c in range(len(cuts) + 1):
        weights = np.where(classes == c, counts, 0)
        if weights.sum():
            total += weights.sum() * (np.average(bins, weights=weights) - mean) ** 2
    return total / counts.sum()


def bin_of(threshold, middles):
    found = np.abs(np.asarray(middles) - threshold).argmin()
    assert abs(middles[found] - threshold) <= 1e-6 * max(1e-300, np.abs(middles).max())
    return found


# --- global ---------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(image=grays)
def test_otsu_parts_the_histogram_best(image):
    counts, middles = bins64(image)
    threshold = run_number(otsu, image)
    if np.count_nonzero(counts) == 1:
        assert threshold == image.flat[0]
        return
    cut = bin_of(threshold, middles)
    best = max(between(counts, [c]) for c in np.flatnonzero(counts)[:-1])
    assert counts[cut] > 0
    assert between(counts, [cut]) >= best * (1 - 1e-9)


def run_number(routine, image):
    before = image.copy()
    out = routine(image)
    assert np.array_equal(image, before)
    assert isinstance(out, int if image.dtype == np.uint8 and routine is not li else float)
    return out


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("seed", range(4))
def test_global_thresholds_are_scikit_images(dtype, seed):
    image = blobs(dtype=dtype, seed=seed)
    near = {"rtol": 1e-6}
    np.testing.assert_allclose(otsu(image), skimage.filters.threshold_otsu(image), **near)
    np.testing.assert_allclose(triangle(image), skimage.filters.threshold_triangle(image), **near)
    for classes in (3, 4):
        theirs = skimage.filters.threshold_multiotsu(image, classes)
        np.testing.assert_allclose(multi_otsu(image, classes=classes), theirs, **near)
    step = 1 if dtype == "uint8" else 1 / 255  # theirs stops half a step early
    assert abs(li(image) - skimage.filters.threshold_li(image)) <= step / 2


@settings(max_examples=40)
@given(counts=st.lists(st.integers(0, 5), min_size=5, max_size=14), classes=st.integers(2, 5))
def test_multi_otsu_finds_the_best_of_all_cuts(counts, classes):
    counts = np.array(counts + [0] * (256 - len(counts)))
    occupied = np.flatnonzero(counts)
    if len(occupied) < classes:
        return
    cuts = best_splits(counts, classes)
    assert len(cuts) == classes - 1
    assert (np.diff(cuts) > 0).all()
    best = max(between(counts, c) for c in combinations(occupied[:-1], classes - 1))
    assert between(counts, cuts) >= best - 1e-9


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_multi_otsu_gives_one_threshold_fewer_than_classes(dtype, classes):
    image = blobs(dtype=dtype)
    thresholds = multi_otsu(image, classes=classes)
    assert thresholds.shape == (classes - 1,)
    assert thresholds.dtype == ("int64" if dtype == "uint8" else dtype)
    labels = np.digitize(image, thresholds, right=True)
    assert np.array_equal(np.unique(labels), np.arange(classes))


def test_multi_otsu_of_two_is_otsu():
    for dtype in ("uint8", "float64"):
        image = blobs(dtype=dtype)
        assert multi_otsu(image, classes=2)[0] == otsu(image)


def test_multi_otsu_keeps_its_sums_in_float64():
    """scikit-image adds up in float32, and settles for a worse cut of this histogram."""
    worse = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        image = rng.integers(100, 156, (200, 200)).astype(np.uint8)
        counts, _ = bins64(image)
        ours = between(counts, multi_otsu(image))
        theirs = between(counts, skimage.filters.threshold_multiotsu(image))
        assert ours >= theirs * (1 - 1e-12)
        worse += theirs < ours * (1 - 1e-9)
    assert worse


def li64(image):
    x = image.astype(np.float64) - float(image.min())
    t, dark = x.mean(), None
    while not np.array_equal(dark, x <= t):
        dark = x <= t
        if not x[dark].any():
            break
        d, b = x[dark].mean(), x[~dark].mean()
        t = (b - d) / (np.log(b) - np.log(d))
    return t + float(image.min())


@given(image=grays)
def test_li_is_its_definition(image):
    if image.min() == image.max():
        assert run_number(li, image) == image.flat[0]
        return
    scale = np.abs(image.astype(np.float64)).max()
    assert (
        abs(run_number(li, image) - li64(image)) <= (1e-6 if image.itemsize < 8 else 1e-12) * scale
    )


def test_li_rests_where_its_equation_holds():
    """scikit-image stops up to half a level before."""
    image = blobs((200, 200)).astype(np.float64)
    t = li(image)
    dark, bright = image[image <= t].mean(), image[image > t].mean()
    assert t == pytest.approx((bright - dark) / np.log(bright / dark), abs=1e-9)


@pytest.mark.parametrize("routine", [otsu, li, triangle], ids=["otsu", "li", "triangle"])
def test_a_brighter_image_has_a_threshold_brighter_by_as_much(routine):
    image = blobs() // 2
    assert routine(image + np.uint8(20)) == pytest.approx(routine(image) + 20, abs=1e-9)
    values = image.astype(np.float64)
    assert routine(3 * values + 7) == pytest.approx(3 * routine(values) + 7, rel=1e-9)


@pytest.mark.parametrize("routine", [otsu, li], ids=["otsu", "li"])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_two_values_are_parted(routine, dtype):
    image = np.array([[10, 10, 200], [10, 200, 200]]).astype(dtype)
    assert np.array_equal(image > routine(image), image == 200)


def test_otsu_ignores_where_empty_levels_are():
    """Anywhere between two values parts them alike; the threshold is the darker of the two."""
    assert otsu(np.array([[3, 3, 3, 250]], np.uint8)) == 3
    assert otsu(np.array([[3, 250, 250, 250]], np.uint8)) == 3


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_flat_image_has_its_value(value):
    flat = np.full((4, 5), value, np.uint8)
    for routine in (otsu, li, triangle):
        assert routine(flat) == value
        assert routine(flat.astype(np.float32)) == value
        assert routine(torch.full((4, 5), float(value))) == value


def test_triangle_takes_the_longer_tail():
    bright_tail = np.repeat(np.arange(10, dtype=np.uint8), [90, 9, 8, 7, 6, 5, 4, 3, 2, 1])[None]
    assert triangle(bright_tail) == 1
    assert triangle(9 - bright_tail) == 8


@each_global
@given(image=images(channels=(None,), dtypes=st.sampled_from(["float32", "float64"]), signed=True))
@settings(max_examples=30)
def test_both_engines_find_the_same_threshold(routine, image):
    values = torch.tensor(image.copy(order="C"))
    if routine is GLOBAL["multi_otsu"] and image.min() == image.max():
        return
    array, tensor = routine(image), routine(values)
    assert tensor.dtype == values.dtype
    assert tensor.shape[-2:] == (1, 1)
    scale = np.abs(image.astype(np.float64)).max()
    close = 1e-6 if image.dtype == np.float32 else 1e-12
    assert abs(float(tensor.squeeze()) - float(np.squeeze(array))) <= close * scale


@each_global
def test_each_image_of_a_batch_has_its_own_threshold(routine):
    batch = np.stack([blobs(seed=s, dtype="float64") * (s + 1) for s in range(6)])
    batch = batch.reshape(2, 3, 64, 64)
    found = routine(torch.from_numpy(batch))
    assert found.shape[-4:] == (2, 3, 1, 1)
    single = [float(np.squeeze(routine(image))) for image in batch.reshape(6, 64, 64)]
    np.testing.assert_allclose(found.flatten(), single, rtol=1e-12)
    assert (torch.from_numpy(batch) > found).any((-1, -2)).all()


def test_multi_otsu_of_a_batch_has_the_thresholds_first():
    batch = torch.from_numpy(np.stack([blobs(seed=s, dtype="float32") for s in range(2)]))
    dark, bright = multi_otsu(batch, classes=3)
    assert dark.shape == bright.shape == (2, 1, 1)
    assert (dark < bright).all()


def test_otsu_of_a_large_image_counts_classes_of_single_pixels():
    """OpenCV leaves out classes below 1.2e-7 of the pixels."""
    image = np.full((3000, 3000), 9, np.uint8)
    image[0, 0] = 200
    assert otsu(image) == 9


@pytest.mark.parametrize("layout", LAYOUTS)
def test_global_thresholds_take_any_memory_layout(layout):
    for dtype in ("uint8", "float32"):
        image = blobs(dtype=dtype)
        for routine in GLOBAL.values():
            assert np.array_equal(routine(layout(image)), routine(image))


# --- local ----------------------------------------------------------------------------------------


def windows64(image, size, mode):
    """All windows, as an array (H, W, h * w), on the image's own scale."""
    h, w = size
    wide = padded(image.astype(np.float64), (h // 2, w // 2), (h // 2, w // 2), mode)
    return np.lib.stride_tricks.sliding_window_view(wide, size).reshape(*image.shape, -1)


odd_sizes = st.tuples(*[st.sampled_from([1, 3, 5, 9, 21])] * 2)


def assert_surface(out, expected, image, scale=1.0):
    assert out.shape == image.shape
    assert out.dtype == ("float32" if image.dtype == np.uint8 else image.dtype)
    largest = 255 if image.dtype == np.uint8 else np.abs(image.astype(np.float64)).max()
    close = {"uint8": 1e-3 / 255, "float32": 1e-4, "float64": 1e-7}[image.dtype.name]
    assert np.abs(out - expected).max() <= close * scale * max(largest, 1e-300)


@settings(max_examples=60)
@given(image=grays, size=odd_sizes, mode=st.sampled_from(MODES))
def test_sauvola_and_niblack_are_their_definitions(image, size, mode):
    windows = windows64(image, size, mode)
    mean, deviation = windows.mean(-1), windows.std(-1)
    out = run(niblack, image, size=size, k=0.3, mode=mode)
    assert_surface(out, mean - 0.3 * deviation, image, scale=3)
    r = 0.5 * (255 if image.dtype == np.uint8 else 1)
    scale = 1 + np.abs(image.astype(float)).max() / r
    out = run(sauvola, image, size=size, k=0.3, mode=mode)
    assert_surface(out, mean * (1 + 0.3 * (deviation / r - 1)), image, scale=scale)


@settings(max_examples=60)
@given(image=grays, size=odd_sizes, mode=st.sampled_from(MODES), offset=st.floats(-0.5, 0.5))
def test_adaptive_is_the_local_mean_less_the_offset(image, size, mode, offset):
    white = 255 if image.dtype == np.uint8 else 1
    x = image.astype(np.float64)
    scipys = {"mode": {"wrap": "grid-wrap"}.get(mode, mode)}
    bell = ndimage.gaussian_filter(x, [(n - 1) / 6 for n in size], **scipys) - offset * white
    mean = windows64(image, size, mode).mean(-1) - offset * white
    scale = 1 + abs(offset) / max(np.abs(x).max(), 1e-6)
    out = run(adaptive, image, size=size, offset=offset, mode=mode)
    assert_surface(out, bell, image, scale=scale)
    out = run(adaptive, image, size=size, method="mean", offset=offset, mode=mode)
    assert_surface(out, mean, image, scale=scale)


@pytest.mark.parametrize("size", [3, 15, (5, 31)])
def test_local_thresholds_are_scikit_images(size):
    image = blobs((50, 70), dtype="float64")
    theirs = skimage.filters.threshold_local(image, size, mode="mirror")
    np.testing.assert_allclose(adaptive(image, size=size), theirs, atol=1e-12)
    theirs = skimage.filters.threshold_sauvola(image, size, r=0.5)
    np.testing.assert_allclose(sauvola(image, size=size), theirs, atol=1e-7)
    theirs = skimage.filters.threshold_niblack(image, size)
    np.testing.assert_allclose(niblack(image, size=size), theirs, atol=1e-7)
    bytes_ = blobs((50, 70))
    theirs = skimage.filters.threshold_sauvola(bytes_, size)
    np.testing.assert_allclose(sauvola(bytes_, size=size), theirs, atol=1e-3)


def test_sauvola_means_the_same_in_uint8_and_floats():
    """scikit-image's range of the deviation is half of full scale in uint8, all of it in floats."""
    image = blobs()
    ours = 255 * sauvola(image / 255, size=15)
    np.testing.assert_allclose(sauvola(image, size=15), ours, atol=1e-3)
    theirs = 255 * skimage.filters.threshold_sauvola(image / 255, 15)
    assert np.abs(theirs - skimage.filters.threshold_sauvola(image, 15)).max() > 5


def test_adaptive_does_not_round_the_mean():
    """OpenCV compares with a mean rounded to a whole level."""
    row = np.array([[100, 100, 101, 101, 101]], np.uint8)
    surface = adaptive(row, size=(1, 5), method="mean")
    assert surface[0, 2] == pytest.approx(100.6)


@pytest.mark.parametrize("value", [0.7, 1e4])
def test_where_nothing_varies_the_deviation_is_nothing(value):
    """A float32 mean of squares less a squared mean leaves a hundredth of a percent, or NaN."""
    flat = np.full((60, 60), value, np.float32)
    assert np.abs(niblack(flat, size=15, k=1) - flat).max() <= 2e-7 * value
    assert np.array_equal(niblack(np.full((60, 60), 201, np.uint8), size=15, k=1), 201 + 0 * flat)


@each_local
def test_windows_far_larger_than_the_image_are_fine(routine):
    for dtype in ("uint8", "float32"):
        out = routine(blobs((7, 9), dtype=dtype), size=301)
        assert np.isfinite(out).all()


def test_whole_sums_give_way_to_floats_where_they_would_overflow():
    image = np.full((9, 10), 255, np.uint8)
    image[::7] = 0
    for size in (181, 183):  # 181² · 255² is just below 2³¹
        windows = windows64(image, (size, size), "mirror")
        expected = windows.mean(-1) - 0.2 * windows.std(-1)
        np.testing.assert_allclose(niblack(image, size=size), expected, atol=2e-2)


@each_local
@given(image=images(channels=(None,), dtypes=st.sampled_from(["float32", "float64"])))
@settings(max_examples=20)
def test_both_engines_make_the_same_surface(routine, image):
    for mode in MODES:
        array = routine(image, mode=mode)
        tensor = routine(torch.tensor(image.copy(order="C")), mode=mode).numpy()
        assert tensor.dtype == image.dtype
        np.testing.assert_allclose(tensor, array, atol=4e-4 if image.dtype == np.float32 else 2e-7)


@each_local
def test_a_batch_is_its_images_one_by_one(routine):
    batch = torch.rand(2, 3, 12, 9, dtype=torch.float64)
    out = routine(batch)
    assert out.shape == batch.shape
    torch.testing.assert_close(out[1, 2], routine(batch[1, 2]), atol=1e-9, rtol=0)


@each_local
def test_gradients_of_local_thresholds_are_right(routine):
    torch.manual_seed(0)
    image = torch.rand(1, 4, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: routine(x, size=3), image)


def test_the_gradient_knows_no_border_of_black():
    torch.manual_seed(0)
    image = torch.rand(3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: sauvola(x, size=3, mode="constant"), image)


def test_gradients_are_finite_where_nothing_varies():
    flat = torch.full((9, 9), 0.5, requires_grad=True)
    sauvola(flat, size=3).sum().backward()
    assert torch.isfinite(flat.grad).all()


# --- hysteresis -----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(image=grays, fractions=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_hysteresis_keeps_weak_regions_with_a_strong_pixel(image, fractions):
    low, high = sorted(fractions)
    x = to_float64(image)
    if image.dtype != np.uint8:
        low, high = (x.min() + f * np.ptp(x) + 1e-3 * np.abs(x).max() for f in (low, high))
        low, high = float(image.dtype.type(low)), float(image.dtype.type(high))
    slack = 1e-9 if image.dtype == np.uint8 else 0
    for connectivity in (1, 2):
        structure = ndimage.generate_binary_structure(2, connectivity)
        labels, _ = ndimage.label(x > low + slack, structure)
        strong = np.unique(labels[x > high + slack])
        expected = np.isin(labels, strong[strong > 0])
        out = run(hysteresis, image, low=low, high=high, connectivity=connectivity)
        assert out.dtype == bool
        assert np.array_equal(out, expected)
        if image.dtype != np.uint8:
            tensor = torch.tensor(image.copy(order="C"))
            out = hysteresis(tensor, low=low, high=high, connectivity=connectivity)
            assert np.array_equal(out.numpy(), expected)


@pytest.mark.parametrize("connectivity", [1, 2])
def test_hysteresis_on_tensors_follows_long_winding_ways(connectivity):
    n = 41
    snake = np.zeros((n, n))
    snake[::2] = 0.5
    snake[1::4, -1] = snake[3::4, 0] = 0.5
    diagonal = np.eye(n) * 0.5
    for way in (snake, diagonal):
        way[0, 0] = 1
        expected = hysteresis(way, low=0.4, high=0.9, connectivity=connectivity)
        out = hysteresis(torch.from_numpy(way), low=0.4, high=0.9, connectivity=connectivity)
        assert np.array_equal(out.numpy(), expected)
        if connectivity == 2:
            assert np.array_equal(expected, way > 0.4)


def test_hysteresis_does_not_leak_from_one_image_of_a_batch_to_the_next():
    batch = torch.zeros(3, 4, 4)
    batch[:, :, 1] = 0.5
    batch[1, 3, 1] = 1
    kept = hysteresis(batch, low=0.4, high=0.9)
    assert kept[1].sum() == 4
    assert not kept[[0, 2]].any()


def test_hysteresis_is_scikit_images_with_four_neighbours():
    image = blobs((90, 80), dtype="float64")
    theirs = skimage.filters.apply_hysteresis_threshold(image, 0.4, 0.8)
    assert np.array_equal(hysteresis(image, low=0.4, high=0.8, connectivity=1), theirs)


def test_hysteresis_takes_fractions_for_bytes_and_hits_levels_exactly():
    image = np.array([[178, 179, 0, 179]], np.uint8)
    assert hysteresis(image, low=178 / 255, high=178 / 255).tolist() == [[False, True, False, True]]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("routine", [*GLOBAL.values(), *LOCAL.values()])
def test_colour_is_refused_with_the_way_out(routine):
    with pytest.raises(ValueError, match=r"color\.to_gray"):
        routine(np.zeros((4, 5, 3)))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: multi_otsu(GREY, classes=1), ValueError, "classes must lie in 2..256, got 1"),
        (lambda: multi_otsu(GREY, classes=2.5), TypeError, "classes must be a whole number"),
        (lambda: multi_otsu(GREY, classes=True), TypeError, "classes"),
        (lambda: multi_otsu(np.zeros((3, 3)), classes=2), ValueError, "fill only 1 of 256"),
        (lambda: multi_otsu(torch.zeros(2, 3, 3), classes=3), ValueError, "fill only 1 of 256"),
        (lambda: adaptive(GREY, size=4), ValueError, "size must be odd"),
        (lambda: sauvola(GREY, size=(3, 2)), ValueError, "size must be odd"),
        (lambda: niblack(GREY, size=0), ValueError, "size"),
        (lambda: niblack(GREY, size=99999), ValueError, "size must be at most"),
        (lambda: niblack(GREY, size=2.5), TypeError, "size"),
        (lambda: adaptive(GREY, size=3, method="median"), ValueError, "method must be one of"),
        (lambda: adaptive(GREY, size=3, offset=np.nan), ValueError, "offset"),
        (lambda: adaptive(GREY, size=3, mode="edge"), ValueError, "mode"),
        (lambda: sauvola(GREY, size=3, r=0), ValueError, "r must be a positive"),
        (lambda: sauvola(GREY, size=3, k="a"), TypeError, "k must be a number"),
        (lambda: hysteresis(GREY, low=0.5, high=0.4), ValueError, "low must be at most high"),
        (lambda: hysteresis(GREY, low=0.5, high=np.inf), ValueError, "high"),
        (lambda: hysteresis(GREY, low=0, high=1, connectivity=8), ValueError, "connectivity"),
    ],
)
def test_errors_name_their_argument(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_values_are_right_or_refused(dtype):
    top = np.finfo(dtype).max
    far = np.array([[-top, top, 0, 1]], dtype)
    for routine in GLOBAL.values():
        for image in (far, torch.from_numpy(far)):
            with pytest.raises(ValueError, match="cannot hold the difference"):
                routine(image)
    with pytest.raises(ValueError, match="too large"):
        sauvola(far, size=3)
    with pytest.raises(ValueError, match="too large"):
        adaptive(np.zeros((3, 3), np.float32), size=3, offset=1e300)
    tiny = np.array([[0, 1, 1, 3]], dtype) * np.finfo(dtype).tiny
    assert np.array_equal(tiny > otsu(tiny), tiny > 2 * np.finfo(dtype).tiny)
    assert hysteresis(far, low=-1e300, high=0).tolist() == [[False, True, True, True]]


def test_bytes_take_thresholds_out_of_range():
    image = np.array([[0, 255]], np.uint8)
    assert hysteresis(image, low=-1e308, high=0.5).all()
    assert not hysteresis(image, low=0.5, high=1e308).any()
    assert np.isfinite(sauvola(image, size=3, k=1e30)).all()
