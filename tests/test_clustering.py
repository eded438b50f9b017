"""k-means and mean shift of colours: their laws, their quality, what they refuse."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from strategies import LAYOUTS, images

from benchmarks.routines.forms import photograph
from imgkit.segmentation import kmeans, mean_shift
from imgkit.segmentation.color_cells import Cells, nearest

COLORS = np.array([[0.1, 0.2, 0.1], [0.8, 0.2, 0.2], [0.3, 0.9, 0.4], [0.9, 0.9, 0.95]])


def patches(colors=COLORS, noise=0.02, dtype="float64", seed=0, shape=(40, 50)):
    """An image of few colours with noise, and which pixel has which."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(colors), shape)
    image = np.clip(colors[truth] + rng.normal(0, noise, (*shape, *colors.shape[1:])), 0, 1)
    return (np.rint(255 * image) if dtype == "uint8" else image).astype(dtype), truth


def fractions(image):
    return image.astype(np.float64) / (255 if image.dtype == np.uint8 else 1)


def squared_error(image, labels, colors):
    return np.mean((fractions(image) - fractions(colors)[labels]) ** 2)


def agreement(labels, truth):
    """The share of pixels on which two clusterings agree, under the best naming."""
    counts = np.zeros((labels.max() + 1, truth.max() + 1), int)
    np.add.at(counts, (labels, truth), 1)
    return counts[linear_sum_assignment(-counts)].sum() / labels.size


def assert_clusters(image, labels, colors):
    """What both promise: each colour is the mean of its pixels, the darkest first."""
    assert labels.dtype == np.int32
    assert labels.shape == image.shape[:2]
    assert colors.dtype == image.dtype
    assert colors.shape == (len(colors), *image.shape[2:])
    close = 0.51 / 255 if image.dtype == np.uint8 else 1e-6
    for label in range(len(colors)):
        pixels = fractions(image)[labels == label]
        if len(pixels):
            assert np.abs(pixels.mean(0) - fractions(colors)[label]).max() <= close
    brightness = fractions(colors).reshape(len(colors), -1).mean(1)
    assert (np.diff(brightness) >= -2 * close).all()


dtypes = pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])


# --- k-means --------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(image=images(channels=(None, 1, 3)), k=st.integers(1, 6), seed=st.integers(0, 3))
def test_kmeans_gives_means_from_dark_to_bright(image, k, seed):
    if len(Cells(image).weights) < k:
        with pytest.raises(ValueError, match="different colours"):
            kmeans(image, k=k)
        return
    before = image.copy()
    labels, colors = kmeans(image, k=k, seed=seed)
    assert np.array_equal(image, before)
    assert len(colors) == k
    assert labels.max() < k
    assert_clusters(image, labels, colors)


@dtypes
def test_kmeans_finds_the_patches(dtype):
    image, truth = patches(dtype=dtype)
    labels, colors = kmeans(image, k=4)
    assert agreement(labels, truth) == 1
    assert np.abs(fractions(colors)[:, None] - COLORS).sum(2).min(0).max() < 0.01


@dtypes
@pytest.mark.parametrize("k", [3, 8])
def test_kmeans_is_nearly_as_good_as_opencvs_on_all_pixels(dtype, k):
    image = photograph(f"color {dtype}", 128)
    pixels = fractions(image).reshape(-1, 3).astype(np.float32)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-5)
    error, *_ = cv2.kmeans(pixels, k, None, stop, 5, cv2.KMEANS_PP_CENTERS)
    assert squared_error(image, *kmeans(image, k=k)) <= 1.02 * error / pixels.size


@dtypes
def test_kmeans_leaves_hardly_a_pixel_with_another_colour_than_the_nearest(dtype):
    image = photograph(f"color {dtype}", 96)
    labels, colors = kmeans(image, k=6)
    closest = nearest(fractions(image).reshape(-1, 3), fractions(colors)).reshape(labels.shape)
    assert (labels == closest).mean() > 0.99


@dtypes
def test_the_cells_shortcut_finds_the_nearest_of_each_pixel(dtype):
    image = photograph(f"color {dtype}", 64)
    colors = np.random.default_rng(0).random((9, 3))
    expected = nearest(fractions(image).reshape(-1, 3), colors).reshape(64, 64)
    assert np.array_equal(Cells(image).nearest(colors), expected)


def test_kmeans_of_grey_levels_is_the_best_there_is():
    image = np.random.default_rng(3).integers(0, 30, (6, 7)).astype(np.uint8)
    levels = np.unique(image)
    best = min(
        sum(np.sum((part - part.mean()) ** 2.0) for part in parts)
        for i in range(1, len(levels) - 1)
        for j in range(i + 1, len(levels))
        for parts in [
            (
                image[image < levels[i]].astype(float),
                image[(image >= levels[i]) & (image < levels[j])].astype(float),
                image[image >= levels[j]].astype(float),
            )
        ]
    )
    labels, _ = kmeans(image, k=3)
    found = sum(np.sum((image[labels == c] - image[labels == c].mean()) ** 2) for c in range(3))
    assert found == pytest.approx(best)


def test_one_cluster_is_the_mean():
    image, _ = patches()
    labels, colors = kmeans(image, k=1)
    assert not labels.any()
    np.testing.assert_allclose(colors, image.mean((0, 1))[None])


def test_as_many_clusters_as_colours_give_the_image_back():
    image = np.uint8([[[0, 0, 0], [90, 10, 10]], [[255, 255, 0], [10, 200, 90]]])
    labels, colors = kmeans(image, k=4)
    assert np.array_equal(colors[labels], image)


def test_kmeans_is_repeatable_and_numbers_do_not_depend_on_the_seed():
    image, _ = patches()
    first = kmeans(image, k=4, seed=1)
    for seed in (1, 2, np.random.default_rng(5)):
        again = kmeans(image, k=4, seed=seed)
        assert np.array_equal(again[0], first[0])
        np.testing.assert_allclose(again[1], first[1], atol=1e-12)


def test_more_attempts_are_not_worse():
    image = photograph("color float32", 96)
    few, many = (squared_error(image, *kmeans(image, k=12, attempts=n)) for n in (1, 12))
    assert many <= few * (1 + 1e-3)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("call", [lambda x: kmeans(x, k=3), mean_shift], ids=["kmeans", "shift"])
def test_memory_layouts_do_not_matter(layout, call):
    for image in (patches(dtype="uint8")[0], patches()[0], patches()[0][..., 1]):
        for found, expected in zip(call(layout(image)), call(image), strict=True):
            assert np.array_equal(found, expected)


# --- mean shift -----------------------------------------------------------------------------------


def climb64(colors, bandwidth):
    """The definition: from each colour to the weighted mean of all, until it rests."""
    at = colors.copy()
    for _ in range(1000):
        square = ((at[:, None] - colors) ** 2).sum(2)
        weights = np.exp(-square / (2 * bandwidth**2))
        new = weights @ colors / weights.sum(1, keepdims=True)
        if np.abs(new - at).max() < 1e-6:
            break
        at = new
    return at


@settings(max_examples=40)
@given(image=images(channels=(None, 1, 3)), bandwidth=st.floats(1 / 32, 1))
def test_mean_shift_gives_means_from_dark_to_bright(image, bandwidth):
    before = image.copy()
    labels, colors = mean_shift(image, bandwidth=bandwidth)
    assert np.array_equal(image, before)
    assert np.array_equal(np.unique(labels), np.arange(len(colors)))
    assert_clusters(image, labels, colors)


@dtypes
def test_mean_shift_finds_how_many_patches_there_are(dtype):
    image, truth = patches(dtype=dtype)
    labels, colors = mean_shift(image, bandwidth=0.08)
    assert len(colors) == 4
    assert agreement(labels, truth) == 1
    gray, truth = patches(np.array([0.1, 0.5, 0.9]), dtype=dtype)
    labels, colors = mean_shift(gray, bandwidth=0.05)
    assert agreement(labels, truth) > 0.99


@pytest.mark.parametrize("bandwidth", [0.06, 0.1, 0.2])
def test_mean_shift_climbs_to_the_peaks_of_the_definition(bandwidth):
    colors = np.array([[0.2, 0.3, 0.3], [0.7, 0.3, 0.4], [0.4, 0.8, 0.6]])
    image, _ = patches(colors, noise=0.08, shape=(18, 20), seed=2)
    at = climb64(image.reshape(-1, 3), bandwidth)
    peaks, truth = [], np.zeros(len(at), int)
    for i, place in enumerate(at):
        same = [p for p, peak in enumerate(peaks) if np.abs(place - peak).max() < bandwidth / 4]
        if not same:
            peaks.append(place)
        truth[i] = same[0] if same else len(peaks) - 1
    labels, _ = mean_shift(image, bandwidth=bandwidth)
    assert labels.max() + 1 == pytest.approx(len(peaks), abs=len(peaks) // 10)
    assert agreement(labels.ravel(), truth) > 0.97


def test_a_wider_bell_finds_no_more_clusters():
    image = photograph("color uint8", 96)
    found = [len(mean_shift(image, bandwidth=b)[1]) for b in (0.04, 0.08, 0.16, 0.5)]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1] == 1


def test_a_flat_image_is_one_cluster():
    labels, colors = mean_shift(np.full((4, 5, 3), 99, np.uint8))
    assert not labels.any()
    assert colors.tolist() == [[99, 99, 99]]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: kmeans(x, k=0), ValueError, "k must lie in 1..256"),
        (lambda x: kmeans(x, k=10**9), ValueError, "k must lie in"),
        (lambda x: kmeans(x, k=2.0), TypeError, "k must be a whole number"),
        (lambda x: kmeans(x, k=3, attempts=0), ValueError, "attempts"),
        (lambda x: kmeans(x, k=3, seed=-1), ValueError, "seed must lie in 0"),
        (lambda x: kmeans(x, k=3, seed="a"), TypeError, "seed must be"),
        (lambda x: kmeans(np.zeros((3, 3)), k=2), ValueError, "only 1 different colours"),
        (lambda x: kmeans(10 * x, k=2), ValueError, "0..1"),
        (lambda x: kmeans(x[..., :2], k=2), ValueError, "this takes"),
        (lambda x: mean_shift(x, bandwidth=0), ValueError, "bandwidth must lie in"),
        (lambda x: mean_shift(x, bandwidth=1e300), ValueError, "bandwidth"),
        (lambda x: mean_shift(x, bandwidth=None), TypeError, "bandwidth"),
        (lambda x: mean_shift(10 * x), ValueError, "0..1"),
    ],
)
def test_errors_name_their_argument(call, error, words):
    with pytest.raises(error, match=words):
        call(patches()[0])
