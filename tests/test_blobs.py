"""Blobs against a plain search for extremes, and against spots whose size is known."""

import numpy as np
import pytest
import skimage.feature
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.feature.blob import _blob_overlap
from strategies import BAD_IMAGES, images, to_float64

from imgkit.features import Blobs, blobs_dog, blobs_log

FINDERS = {"log": blobs_log, "dog": blobs_dog}
both = pytest.mark.parametrize("finder", FINDERS.values(), ids=FINDERS)


def scene(*spots, shape=(70, 90)):
    """Bells (row, column, sigma, height) on black."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    out = np.zeros(shape)
    for r, c, sigma, height in spots:
        out += height * np.exp(-((rows - r) ** 2 + (columns - c) ** 2) / (2 * sigma**2))
    return out


def bell(sigma):
    reach = int(4 * sigma + 0.5)
    x = np.arange(-reach, reach + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    return x, weights / weights.sum()


def one_axis(image, weights, axis):
    return ndimage.correlate1d(image, weights, axis, mode="mirror")


def laplacians64(image, sigmas):
    out = []
    for sigma in sigmas:
        x, weights = bell(sigma)
        bend = (x**2 / sigma**4 - 1 / sigma**2) * weights
        bend -= bend.sum() * weights
        down = one_axis(one_axis(image, bend, 0), weights, 1)
        out.append(-(sigma**2) * (down + one_axis(one_axis(image, weights, 0), bend, 1)))
    return np.stack(out)


def differences64(image, sigmas, ratio):
    def blur(sigma):
        return one_axis(one_axis(image, bell(sigma)[1], 0), bell(sigma)[1], 1)

    gain = (ratio - 1 / ratio) / 2
    return np.stack([(blur(s / ratio**0.5) - blur(s * ratio**0.5)) / gain for s in sigmas])


def blobs64(answers, sigmas, threshold, overlap):
    """Each extreme against all that were kept before it."""
    highest = ndimage.maximum_filter(answers, size=3, mode="constant", cval=-np.inf)
    scale, row, column = np.nonzero((answers == highest) & (answers > threshold))
    found = np.column_stack([row, column, sigmas[scale], answers[scale, row, column]])
    kept = []
    for blob in found[np.lexsort((found[:, 2], found[:, 1], found[:, 0], -found[:, 3]))]:
        if all(shared(blob, other) <= overlap for other in kept):
            kept.append(blob)
    return np.array(kept).reshape(-1, 4)


def shared(blob, other):
    """The share of the smaller disc; scikit-image's own, but for discs that only touch."""
    apart = np.hypot(*(blob[:2] - other[:2])) - np.sqrt(2) * (blob[2] + other[2])
    return 0 if apart > -1e-9 else _blob_overlap(blob[:3], other[:3])


def rows_of(blobs):
    return np.column_stack([blobs.points, blobs.sigmas, blobs.strengths])


def noise(dtype, seed, shape=(33, 47)):
    values = ndimage.gaussian_filter(np.random.default_rng(seed).random(shape), 1.2)
    values = (values - values.min()) / np.ptp(values)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def check_definition(image, overlap, near):
    before = image.copy()
    options = {"min_sigma": 1.0, "max_sigma": 6.0, "threshold": 0.05, "overlap": overlap}
    log, dog = blobs_log(image, scales=5, **options), blobs_dog(image, ratio=1.5, **options)
    assert np.array_equal(image, before)
    sigmas, ladder = np.geomspace(1, 6, 5), 1.5 ** np.arange(5)
    values = to_float64(image)
    for out, answers, scale in (
        (log, laplacians64(values, sigmas), sigmas),
        (dog, differences64(values, ladder, 1.5), ladder),
    ):
        wanted = blobs64(answers, scale, 0.05, overlap)
        assert out.points.shape == (len(wanted), 2)
        assert np.abs(rows_of(out) - wanted).max(initial=0) < near


@settings(max_examples=25)
@given(seed=st.integers(0, 999), overlap=st.sampled_from([0.0, 0.3, 0.5, 0.8]))
def test_blobs_are_their_definition(seed, overlap):
    check_definition(noise("float64", seed), overlap, near=1e-10)


@pytest.mark.parametrize("seed", range(4))  # of which no two strengths are equal but for rounding
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_blobs_of_fewer_digits_are_their_definition(seed, dtype):
    check_definition(noise(dtype, seed), 0.5, near=1e-5)


@both
@pytest.mark.parametrize("sigma", [2, 3.5, 5, 8])
def test_a_bell_is_found_where_and_as_large_as_it_is(finder, sigma):
    options = {"scales": 40} if finder is blobs_log else {"ratio": 1.1}
    out = finder(scene((30, 50, sigma, 0.8), shape=(80, 110)), max_sigma=12, **options)
    assert out.points.tolist() == [[30, 50]]
    assert out.sigmas[0] == pytest.approx(sigma, rel=0.06)
    assert out.strengths[0] == pytest.approx(0.4, rel=0.02)  # half of its height


def test_scikit_images_dog_finds_everything_too_small():
    image = scene((40, 50, 4, 1.0))
    theirs = skimage.feature.blob_dog(image, min_sigma=1, max_sigma=20, threshold=0.1)
    assert theirs[0, 2] == pytest.approx(2.56)
    assert blobs_dog(image, max_sigma=20).sigmas == pytest.approx([4.096])


@both
@pytest.mark.parametrize("radius", [4, 7, 11])
def test_a_disc_has_its_radius(finder, radius):
    rows, columns = np.ogrid[-40:41, -45:46]
    out = finder((rows**2 + columns**2 <= radius**2).astype(np.float32))
    assert out.points[0].tolist() == [40, 45]
    assert out.radii[0] == pytest.approx(radius, rel=0.25)
    assert np.array_equal(out.radii, np.sqrt(2) * out.sigmas)


def test_well_separated_blobs_are_scikit_images():
    image = scene((15, 20, 2, 1.0), (40, 60, 4, 0.7), (55, 20, 3, 0.5))
    theirs = skimage.feature.blob_log(
        image, min_sigma=1, max_sigma=8, num_sigma=10, log_scale=True, threshold=0.1
    )
    out = blobs_log(image, max_sigma=8)
    mine = np.column_stack([out.points, out.sigmas])
    assert np.allclose(sorted(mine.tolist()), sorted(theirs.tolist()))


def test_of_two_that_overlap_the_stronger_stays():
    image = scene((30, 30, 2, 1.0), (30, 40, 9, 0.5))
    theirs = skimage.feature.blob_log(
        image, min_sigma=1, max_sigma=30, num_sigma=10, log_scale=True, threshold=0.1
    )
    assert len(theirs) == 1
    assert theirs[0, 2] > 9  # the larger, half as strong
    assert blobs_log(image).sigmas == pytest.approx([2.13], abs=0.01)
    assert len(blobs_log(image, overlap=1.0).points) == 2


@both
def test_the_strongest_come_first_and_scale_with_the_image(finder):
    image = scene((15, 20, 2, 0.9), (40, 60, 2, 0.5), (55, 20, 2, 0.7))
    out, half = finder(image), finder(image / 2, threshold=0.05)
    assert out.points.tolist() == [[15, 20], [55, 20], [40, 60]]
    assert np.array_equal(out.points, half.points)
    assert np.allclose(out.strengths, 2 * half.strengths)


@both
def test_a_turned_image_has_turned_blobs(finder):
    image = noise("float64", 3)
    out, turned = finder(image), finder(image[::-1, ::-1])
    mirrored = np.array(image.shape) - 1 - turned.points
    assert sorted(map(tuple, out.points)) == sorted(map(tuple, mirrored))


@both
def test_flat_images_and_a_high_threshold_have_none(finder):
    for out in (finder(np.full((20, 30), 0.7)), finder(scene((9, 9, 2, 1.0)), threshold=2)):
        assert isinstance(out, Blobs)
        assert out.points.shape == (0, 2)
        assert out.sigmas.shape == out.strengths.shape == out.radii.shape == (0,)


@both
def test_many_blobs_take_no_time(finder):
    image = np.zeros((600, 600), np.uint8)
    image[::4, ::4] = 255  # 22 500 of them, and large scales that see them all
    out = finder(image, max_sigma=20, threshold=0.01)
    assert len(out.points) >= 22_000


@settings(max_examples=25)
@given(
    image=images(channels=(None, 1), signed=True), finder=st.sampled_from([blobs_log, blobs_dog])
)
def test_tiny_images_of_every_kind(image, finder):
    if image.ndim == 3:
        with pytest.raises(ValueError, match="to_gray"):
            finder(image)
    else:
        out = finder(image, max_sigma=5)
        assert np.all(out.points < image.shape)


@both
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_bad_images_are_refused(finder, image, error):
    with pytest.raises(error, match="image"):
        finder(image)


@pytest.mark.parametrize(
    ("finder", "options", "error"),
    [
        (blobs_log, {"min_sigma": 0.1}, ValueError),
        (blobs_log, {"min_sigma": 40}, ValueError),
        (blobs_log, {"max_sigma": np.inf}, ValueError),
        (blobs_log, {"max_sigma": 1e6}, ValueError),
        (blobs_log, {"scales": 0}, ValueError),
        (blobs_log, {"scales": 2.5}, TypeError),
        (blobs_log, {"threshold": 0}, ValueError),
        (blobs_log, {"overlap": 2}, ValueError),
        (blobs_dog, {"min_sigma": "1"}, TypeError),
        (blobs_dog, {"max_sigma": 1e6}, ValueError),
        (blobs_dog, {"ratio": 1.0}, ValueError),
        (blobs_dog, {"ratio": np.nan}, ValueError),
        (blobs_dog, {"threshold": -1}, ValueError),
        (blobs_dog, {"overlap": -0.1}, ValueError),
    ],
)
def test_bad_parameters_are_named(finder, options, error):
    with pytest.raises(error, match=next(iter(options)) + "|sigma"):
        finder(np.zeros((8, 8)), **options)
