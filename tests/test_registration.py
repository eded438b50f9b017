"""Phase correlation and ECC: their definitions, their laws, what they refuse."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.registration import phase_cross_correlation
from strategies import BAD_IMAGES, images, run

from benchmarks.routines.registration import summit_of_waves
from imgkit import data
from imgkit.geometry import (
    affine,
    ecc,
    homography,
    phase_correlation,
    similarity,
    transform_points,
    warp_perspective,
)

CAMERA = data.load("camera")
CHINA = cv2.cvtColor(data.load("china"), cv2.COLOR_RGB2GRAY)
SWAP = [1, 0, 2]
MODELS = ["translation", "rigid", "affine", "homography"]
seeds = st.integers(0, 2**32 - 1)
PLAIN = {"window": False, "sigma": 0}
gray = images(channels=(None, 1), signed=True)


def noise(shape, seed=0):
    return np.random.default_rng(seed).random(shape)


def shifted(image, shift):
    """By so much, between pixels, as if periodic: each wave turned."""
    rows, columns = (np.fft.fftfreq(n) for n in image.shape)
    turn = np.exp(-2j * np.pi * (rows[:, None] * shift[0] + columns * shift[1]))
    waves = np.fft.fft2(image) * turn
    for axis, n in enumerate(image.shape):
        if n % 2 == 0:  # the wave of two pixels has no fraction of a shift
            waves[(slice(None),) * axis + (n // 2,)] = 0
    return np.fft.ifft2(waves).real


# --- phase correlation


@pytest.mark.parametrize("shape", [(16, 16), (17, 13), (1, 31), (29, 1), (2, 9), (64, 33)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_roll_is_found_exactly(shape, dtype):
    image = noise(shape)
    image = np.rint(255 * image).astype(dtype) if dtype == "uint8" else image.astype(dtype)
    for roll in ((0, 0), (3, -2), (-5, 4)):
        wanted = [(r + (n - 1) // 2) % n - (n - 1) // 2 for r, n in zip(roll, shape, strict=True)]
        found = phase_correlation(image, np.roll(image, roll, (0, 1)), **PLAIN)
        wanted = [w if n > 1 else 0 for w, n in zip(wanted, shape, strict=True)]
        off = np.abs(found.shift - wanted) % shape
        assert np.minimum(off, np.array(shape) - off).max() < 1e-4
        assert found.response == pytest.approx(1, abs=1e-4)


@given(seed=seeds, shift=st.tuples(st.floats(-6, 6), st.floats(-6, 6)))
@settings(max_examples=30)
def test_a_shift_between_pixels_is_found(seed, shift):
    image = shifted(noise((23, 32), seed), (0, 0))
    found, response = phase_correlation(image, shifted(image, shift), **PLAIN)
    assert np.abs(found - shift).max() < 1e-5
    assert response > 0.9


@given(seed=seeds)
@settings(max_examples=25)
def test_it_is_the_summit_of_the_sum_of_waves(seed):
    """Noisy views of one scene: no shift makes all waves agree."""
    rng = np.random.default_rng(seed)
    image = rng.random((20, 15))
    reference = np.roll(image, (2, -3), (0, 1)) + rng.normal(0, 0.1, image.shape)
    found, response = phase_correlation(image, reference, **PLAIN)
    assert np.abs(found - summit_of_waves(image, reference)).max() < 1e-4
    assert 0.1 < response < 1


def test_it_agrees_with_scikit_image_to_its_hundredth():
    first, second = CAMERA[100:300, 100:300], CAMERA[103:303, 95:295]
    theirs = phase_cross_correlation(second / 255, first / 255, upsample_factor=100)[0]
    assert np.abs(phase_correlation(first, second, **PLAIN).shift - theirs).max() <= 0.0051


@given(image=gray, other=gray, window=st.booleans(), sigma=st.sampled_from([0, 0.5, 3]))
@settings(max_examples=60)
def test_any_images_give_a_shift_within_half_their_size(image, other, window, sigma):
    options = {"window": window, "sigma": sigma}
    if image.shape[:2] != other.shape[:2]:
        with pytest.raises(ValueError, match="of one size"):
            phase_correlation(image, other, **options)
        return
    if image.min() == image.max() or other.min() == other.max():
        with pytest.raises(ValueError, match="one value"):
            phase_correlation(image, other, **options)
        return
    found = run_both(image, other, **options)
    assert found.shift.dtype == np.float64
    assert (np.abs(found.shift) <= np.array(image.shape[:2]) / 2 + 1).all()
    assert -1 - 1e-6 <= found.response <= 1 + 1e-6


def run_both(image, other, **options):
    before = image.copy(), other.copy()
    found = phase_correlation(image, other, **options)
    assert np.array_equal(image, before[0])
    assert np.array_equal(other, before[1])
    return found


@given(seed=seeds, scale=st.sampled_from([1e-300, 1e-30, 0.3, 1e30, 1e300]))
@settings(max_examples=20)
def test_brightness_and_order_make_no_difference(seed, scale):
    rng = np.random.default_rng(seed)
    image = rng.random((16, 21))
    reference = np.roll(image, (2, 5), (0, 1)) + rng.normal(0, 0.02, image.shape)
    found, response = phase_correlation(image, reference)
    other, other_response = phase_correlation(scale * image, reference)
    assert np.abs(other - found).max() < 1e-6
    assert other_response == pytest.approx(response)
    back, _ = phase_correlation(reference, image)
    assert np.abs(back + found).max() < 1e-6


def test_unrelated_images_have_a_low_response():
    assert phase_correlation(noise((64, 64), 1), noise((64, 64), 2), **PLAIN).response < 0.15


def test_photographs_are_placed_three_times_as_exactly_as_by_scikit_image():
    """A quarter-size view of a photograph, moved by whole pixels of the large one: edges do not
    meet, light differs, fine detail is aliased, as in any two photographs."""
    ours, theirs = [], []
    rng = np.random.default_rng(0)
    for _ in range(8):
        row, column = rng.integers(-38, 39, 2)
        first, second = (
            cv2.resize(CHINA[r : r + 320, c : c + 540], (135, 80), interpolation=cv2.INTER_AREA)
            for r, c in ((50, 50), (50 + row, 50 + column))
        )
        truth = np.array([row, column]) / 4
        darker = np.rint(0.8 * second).astype(np.uint8)
        ours.append(np.hypot(*(phase_correlation(darker, first).shift - truth)))
        found = phase_cross_correlation(first / 255, darker / 255, upsample_factor=100)[0]
        theirs.append(np.hypot(*(found - truth)))
    assert np.median(ours) < 0.05
    assert np.median(ours) < np.median(theirs) / 2


@pytest.mark.parametrize(("bad", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES)
@pytest.mark.parametrize("routine", [phase_correlation, ecc])
def test_what_is_no_image_is_refused(routine, bad, error):
    good = noise((4, 4))
    with pytest.raises(error, match="image"):
        routine(bad, good)
    with pytest.raises(error, match="reference"):
        routine(good, bad)


@pytest.mark.parametrize("routine", [phase_correlation, ecc])
def test_colour_and_flat_images_are_told_what_to_do(routine):
    with pytest.raises(ValueError, match="to_gray"):
        routine(noise((8, 8, 3)), noise((8, 8, 3)))
    with pytest.raises(ValueError, match="reference has one value"):
        routine(noise((8, 8)), np.ones((8, 8)))


def test_options_are_named():
    x = noise((8, 8))
    with pytest.raises(ValueError, match="sigma"):
        phase_correlation(x, x, sigma=-1)
    with pytest.raises(TypeError, match="window"):
        phase_correlation(x, x, window="hann")
    with pytest.raises(ValueError, match="of one size"):
        phase_correlation(x, noise((8, 9)))
    assert np.isfinite(phase_correlation(x, x, sigma=1e6).shift).all()


# --- ECC


def known(model, rng, size=(160, 200), reach=4.0):
    """A map of the model that moves corners by some pixels."""
    corners = np.array([(0, 0), (0, size[1]), (size[0], size[1]), (size[0], 0)], float)
    moved = corners + rng.uniform(-reach, reach, 2)
    moved += 0 if model == "translation" else rng.uniform(-reach, reach, (4, 2)) / 2
    fit = {
        "translation": lambda p, q: similarity(p, q, scale=False),
        "rigid": lambda p, q: similarity(p, q, scale=False),
        "affine": affine,
        "homography": homography,
    }[model]
    return fit(corners, moved), corners


def seen_through(matrix, size=(160, 200), gain=0.7, offset=20):
    """A window of the photograph, and the same through a matrix, darker and noisy."""
    at = np.eye(3)
    at[:2, 2] = 150, 120
    image = CAMERA[150 : 150 + size[0], 120 : 120 + size[1]]
    whole = (matrix @ np.linalg.inv(at))[SWAP][:, SWAP]
    seen = cv2.warpPerspective(CAMERA, whole, size[::-1], flags=cv2.INTER_CUBIC)
    rng = np.random.default_rng(0)
    seen = gain * seen + offset + rng.normal(0, 1, seen.shape)
    return image, np.clip(np.rint(seen), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(3))
def test_ecc_finds_a_known_map(model, seed):
    truth, corners = known(model, np.random.default_rng(seed))
    image, reference = seen_through(truth)
    found = run(ecc, image, reference, model=model)
    assert found.shape == (3, 3)
    assert found[2, 2] == 1
    off = transform_points(corners, found) - transform_points(corners, truth)
    assert np.hypot(*off.T).mean() < 0.2
    as_floats = ecc(image / 255, (reference / 255).astype(np.float32), model=model)
    off = transform_points(corners, found) - transform_points(corners, as_floats)
    assert np.abs(off).max() < 0.02


def test_the_matrix_of_ecc_lays_the_image_over_the_reference():
    truth, _ = known("affine", np.random.default_rng(5), reach=8)
    image, reference = seen_through(truth, gain=1, offset=0)
    over = warp_perspective(image, ecc(image, reference), mode="nearest")
    inner = (slice(20, -20), slice(20, -20))
    before = np.abs(image[inner].astype(float) - reference[inner]).mean()
    after = np.abs(over[inner].astype(float) - reference[inner]).mean()
    assert after < before / 4


def test_a_pyramid_or_a_start_reaches_farther():
    truth = np.array([[1, 0, 25], [0, 1, -30], [0, 0, 1.0]])
    image, reference = seen_through(truth)
    options = {"model": "translation", "iterations": 30}

    def off(**more):
        try:
            return np.abs(ecc(image, reference, **options, **more) - truth).max()
        except ValueError:
            return np.inf

    assert off(levels=1) > 1
    assert off(levels=3) < 0.2
    shift = np.eye(3)
    shift[:2, 2] = phase_correlation(image, reference).shift
    assert off(levels=1, start=shift) < 0.2


def test_images_of_two_sizes_are_fine():
    found = ecc(CAMERA[100:260, 80:300], CAMERA[104:240, 90:280], model="translation")
    assert np.abs(found[:2, 2] - (-4, -10)).max() < 0.05


def test_nothing_in_common_is_an_error():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="does not converge"):
        ecc(rng.random((40, 40)), np.eye(40)[::-1] * 0.5, model="homography")


@given(image=gray, other=gray, model=st.sampled_from(MODELS))
@settings(max_examples=60)
def test_ecc_answers_or_says_why_not(image, other, model):
    try:
        found = ecc(image, other, model=model, iterations=10)
    except ValueError:
        return
    assert found.shape == (3, 3)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"model": "euclidean"}, ValueError),
        ({"levels": 0}, ValueError),
        ({"smooth": 4}, ValueError),
        ({"smooth": 10**9 + 1}, ValueError),
        ({"iterations": 0}, ValueError),
        ({"iterations": 1.5}, TypeError),
        ({"tolerance": 0}, ValueError),
        ({"start": np.zeros((3, 3))}, ValueError),
        ({"start": np.eye(2)}, ValueError),
    ],
)
def test_options_of_ecc_are_named(options, error):
    with pytest.raises(error, match=next(iter(options))):
        ecc(CAMERA[:40, :40], CAMERA[:40, :40], **options)


def test_huge_levels_and_windows_are_fine():
    image, reference = CAMERA[100:200, 100:200], CAMERA[101:201, 102:202]
    found = ecc(image, reference, model="translation", levels=10**6, smooth=101)
    assert np.isfinite(found).all()
