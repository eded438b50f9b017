"""The frequency domain against its float64 definitions, its laws, and what it refuses."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.filters import butterworth
from strategies import BAD_IMAGES, HALF_LEVEL, images, run, sides, to_float64

from imgkit import data, filtering, frequency
from imgkit.frequency import (
    band_pass,
    high_pass,
    low_pass,
    notch,
    remove_periodic_noise,
    resample,
    spectrum,
)
from imgkit.metrics import psnr

MODES = ["mirror", "reflect", "wrap"]
KINDS = ["gaussian", "butterworth", "ideal"]
ROUTINES = {
    "low_pass": lambda image, **o: low_pass(image, cutoff=0.1, kind="butterworth", **o),
    "high_pass": lambda image, **o: high_pass(image, cutoff=0.2, **o),
    "band_pass": lambda image, **o: band_pass(image, low=0.1, high=0.3, kind="butterworth", **o),
    "notch": lambda image, **o: notch(image, at=[(0.2, -0.1), (0.5, 0)], width=0.05, **o),
}
OTHERS = {
    "remove_periodic_noise": remove_periodic_noise,
    "resample": lambda image: resample(image, shape=(5, 9)),
    "spectrum": spectrum,
}
SIGNED = {"high_pass", "band_pass", "spectrum"}  # of uint8 they make float32
TOLERANCE = {"float32": 2e-6, "float64": 3e-14}  # of the largest magnitude
CAMERA = to_float64(data.load("camera"))

every_filter = pytest.mark.parametrize("name", ROUTINES)
every = pytest.mark.parametrize("name", [*ROUTINES, *OTHERS])
cutoffs = st.sampled_from(
    [1e-320, 1e-300, 0.004, 0.02, 0.05, 0.0599, 0.0601, 0.084, 0.1, 0.25, 0.5, 1.0]
)
modes = st.sampled_from(MODES)
kinds = st.sampled_from(KINDS)
frequencies = st.floats(-0.5, 0.5, width=16)


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def wave(shape, row, column, phase=0.7):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.cos(2 * np.pi * (row * rows + column * columns) + phase)


def tensor(array):
    """Channels first."""
    planes = np.moveaxis(array, 2, 0) if array.ndim == 3 else array
    return torch.from_numpy(np.array(planes, order="C"))


def array(planes):
    values = planes.numpy()
    return np.moveaxis(values, 0, -1) if values.ndim == 3 else values


def filter64(values, response, mode):
    """One period of the endless pattern, its Fourier transform, the factors, and back."""
    h, w = values.shape[:2]
    if mode == "mirror":
        more, how = (max(h - 2, 0), max(w - 2, 0)), "reflect"
    else:
        more, how = ((h, w) if mode == "reflect" else (0, 0)), "symmetric"
    reach = [(0, n) for n in more] + [(0, 0)] * (values.ndim - 2)
    period = np.pad(values, reach, mode=how)
    rows, columns = np.fft.fftfreq(period.shape[0])[:, None], np.fft.fftfreq(period.shape[1])
    factors = response(rows, columns).reshape(period.shape[:2] + (1,) * (values.ndim - 2))
    waves = np.fft.fft2(period, axes=(0, 1)) * factors
    return np.fft.ifft2(waves, axes=(0, 1)).real[:h, :w]


def low64(cutoff, kind, order=2.0):
    def factors(rows, columns):
        f = np.hypot(rows, columns)
        if kind == "gaussian":
            return np.exp(-((f / cutoff) ** 2) / 2)
        if kind == "ideal":
            return (f <= cutoff * (1 + 1e-9)).astype(float)
        return 1 / (1 + (f / cutoff) ** (2 * order))

    return factors


def band64(low, high, *shape):
    return lambda *f: low64(high, *shape)(*f) * (1 - low64(low, *shape)(*f))


def notch64(at, width):
    def factors(rows, columns):
        out = np.ones((rows.size, columns.size))
        for r, c in [*at, *[(-r, -c) for r, c in at]]:
            near = [(x + 0.5) % 1 - 0.5 for x in (rows - r, columns - c)]
            with np.errstate(over="ignore"):
                out *= 1 - np.exp(-((near[0] / width) ** 2 + (near[1] / width) ** 2) / 2)
        return out

    return factors


def cosines64(values, n, axis):
    """The cosines that both sizes can hold, each with its amplitude, drawn on n pixels."""
    values = np.moveaxis(values, axis, -1)
    old = values.shape[-1]
    k = np.arange(min(n, old))
    here = np.cos(np.pi * np.outer(k, np.arange(old) + 0.5) / old)
    there = np.cos(np.pi * np.outer(k, np.arange(n) + 0.5) / n)
    amplitudes = values @ here.T * np.where(k == 0, 1, 2) / old
    return np.moveaxis(amplitudes @ there, -1, axis)


def assert_close(out, expected, image, *, signed=False, scale=1.0):
    assert out.shape == expected.shape
    if image.dtype == np.uint8 and not signed:
        assert out.dtype == np.uint8
        assert np.abs(out - np.clip(255 * expected, 0, 255)).max() <= HALF_LEVEL
        return
    assert out.dtype == ("float32" if image.dtype == np.uint8 else image.dtype)
    magnitude = np.abs(to_float64(image)).max()
    assert np.abs(out - expected).max() <= TOLERANCE[out.dtype.name] * scale * magnitude


def assert_both(routine, image, expected, **options):
    """Both engines do what is expected; the input stays as it was."""
    assert_close(run(routine, image), expected, image, **options)
    if image.dtype != np.uint8:
        planes = tensor(image)
        before = planes.clone()
        assert_close(array(routine(planes)), expected, image, **options)
        assert torch.equal(planes, before)


# --- definitions ----------------------------------------------------------------------------------


@given(
    image=images(signed=True),
    cutoff=cutoffs,
    kind=kinds,
    order=st.sampled_from([0.5, 1, 2.0, 7, 1e6]),
    mode=modes,
)
def test_low_and_high_pass_are_their_definitions(image, cutoff, kind, order, mode):
    options = {"cutoff": cutoff, "kind": kind, "order": order, "mode": mode}
    values = to_float64(image)
    with np.errstate(over="ignore"):
        expected = filter64(values, low64(cutoff, kind, order), mode)
    assert_both(lambda x: low_pass(x, **options), image, expected)
    assert_both(lambda x: high_pass(x, **options), image, values - expected, signed=True)


@given(
    image=images(signed=True),
    cuts=st.tuples(cutoffs, cutoffs).filter(lambda c: c[0] != c[1]),
    kind=kinds,
    mode=modes,
)
def test_band_pass_is_its_definition(image, cuts, kind, mode):
    low, high = sorted(cuts)
    with np.errstate(over="ignore"):
        expected = filter64(to_float64(image), band64(low, high, kind), mode)
    band = {"low": low, "high": high, "kind": kind, "mode": mode}
    assert_both(lambda x: band_pass(x, **band), image, expected, signed=True)


@given(
    image=images(signed=True),
    at=st.lists(st.tuples(frequencies, frequencies), min_size=1, max_size=3),
    width=st.sampled_from([1e-320, 1e-9, 0.01, 0.05, 0.5]),
    mode=modes,
)
def test_notch_is_its_definition(image, at, width, mode):
    expected = filter64(to_float64(image), notch64(at, width), mode)
    assert_both(lambda x: notch(x, at=at, width=width, mode=mode), image, expected)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "at", [[(0.02, 0.01)], [(0.2, 0.1)], [(0.2, 0.1), (0.21, 0.1), (0.2, 0.09)]]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_notch_that_looks_not_far_is_the_same(at, mode, dtype):
    image = noise(180, 131, dtype=dtype)
    expected = filter64(to_float64(image), notch64(at, 0.04), mode)
    assert_both(lambda x: notch(x, at=at, width=0.04, mode=mode), image, expected)


@given(image=images(signed=True), shape=st.tuples(sides, sides))
def test_resample_is_its_definition(image, shape):
    expected = cosines64(cosines64(to_float64(image), shape[0], 0), shape[1], 1)
    out = resample(image, shape=shape)
    scale = 10 if image.dtype == np.float64 else 1
    assert_close(out, expected, image, scale=scale)
    assert not np.shares_memory(out, image)
    if image.dtype != np.uint8:
        assert_close(array(resample(tensor(image), shape=shape)), expected, image, scale=scale)


@given(image=images())
def test_spectrum_is_its_definition(image):
    shown = np.log1p(np.abs(np.fft.fft2(to_float64(image), axes=(0, 1))))
    expected = np.fft.fftshift(shown, axes=(0, 1))
    expected /= np.maximum(expected.max((0, 1)), 1e-300)
    kinds = [image] if image.dtype == np.uint8 else [image, tensor(image)]
    for kind in kinds:
        out = spectrum(kind) if kind is image else array(spectrum(kind))
        assert out.dtype == (np.float32 if image.dtype == np.uint8 else image.dtype)
        assert np.abs(out - expected).max() <= (1e-13 if out.dtype == np.float64 else 1e-6)


@pytest.mark.parametrize("shape", [(64, 64), (61, 47), (30, 31, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("high", [False, True])
def test_wrap_is_scikit_images_butterworth(shape, dtype, high):
    image = noise(*shape, dtype=dtype)
    axis = 2 if len(shape) == 3 else None
    theirs = butterworth(image.astype(float), 0.07, high, 3, channel_axis=axis)
    ours = (high_pass if high else low_pass)(
        image, cutoff=0.07, kind="butterworth", order=3, mode="wrap"
    )
    assert_close(ours, theirs, image)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("shape", [(97, 101), (1, 211), (128, 3), (64, 50, 3)])
def test_large_images_hold_the_tolerance(shape, dtype, mode):
    image = noise(*shape, dtype=dtype)
    for cutoff in (0.003, 0.016, 0.04, 0.3):
        expected = filter64(to_float64(image), low64(cutoff, "gaussian"), mode)
        assert_both(lambda x: low_pass(x, cutoff=cutoff, mode=mode), image, expected)  # noqa: B023


@pytest.mark.parametrize("mode", MODES)
def test_the_gaussian_low_pass_is_a_gaussian_blur(mode):
    image = noise(60, 70)
    blurred = filtering.gaussian(image, sigma=1 / (2 * np.pi * 0.05), truncate=9, mode=mode)
    assert np.allclose(low_pass(image, cutoff=0.05, mode=mode), blurred, atol=1e-14)
    by_waves = low_pass(image, cutoff=0.0601, mode=mode)  # too high for the blur in float64
    blurred = filtering.gaussian(image, sigma=1 / (2 * np.pi * 0.0601), truncate=9, mode=mode)
    assert np.allclose(by_waves, blurred, atol=1e-14)


# --- laws -----------------------------------------------------------------------------------------


@given(level=st.floats(0, 1), shape=st.tuples(sides, sides), kind=kinds, mode=modes)
def test_a_flat_image_is_all_low(level, shape, kind, mode):
    flat = np.full(shape, level)
    options = {"kind": kind, "mode": mode}
    assert np.allclose(low_pass(flat, cutoff=0.01, **options), level, atol=1e-14)
    assert np.allclose(high_pass(flat, cutoff=0.01, **options), 0, atol=1e-14)
    assert np.allclose(band_pass(flat, low=0.01, high=0.3, **options), 0, atol=1e-14)
    assert np.allclose(notch(flat, at=[(0.2, 0.1)], width=0.02, mode=mode), level, atol=1e-14)


@every_filter
@given(image=images(dtypes=st.just("float64"), signed=True), mode=modes)
@settings(max_examples=25)
def test_filters_are_linear(name, image, mode):
    other = noise(*image.shape, seed=1)
    routine = ROUTINES[name]
    together = routine(2 * image - 3 * other, mode=mode)
    apart = 2 * routine(image, mode=mode) - 3 * routine(other, mode=mode)
    assert np.allclose(together, apart, atol=1e-13 * max(np.abs(image).max(), 1))


@every_filter
def test_wrap_moves_with_the_image(name):
    image = noise(23, 30)
    moved = ROUTINES[name](np.roll(image, (5, -7), (0, 1)), mode="wrap")
    assert np.allclose(moved, np.roll(ROUTINES[name](image, mode="wrap"), (5, -7), (0, 1)))


@every_filter
@pytest.mark.parametrize("mode", MODES)
def test_filters_turn_with_the_image(name, mode):
    image = noise(12, 17)
    turned = ROUTINES[name](image[::-1, ::-1], mode=mode)[::-1, ::-1]
    assert np.allclose(turned, ROUTINES[name](image, mode=mode))


@pytest.mark.parametrize("mode", MODES)
def test_an_ideal_filter_twice_is_once(mode):
    once = low_pass(noise(31, 40), cutoff=0.2, kind="ideal", mode=mode)
    assert np.allclose(low_pass(once, cutoff=0.2, kind="ideal", mode=mode), once)


@pytest.mark.parametrize("kind", KINDS)
def test_a_wave_is_multiplied_by_the_response(kind):
    for k in (2, 8, 20):
        image = 0.5 + 0.4 * wave((64, 64), k / 64, 0)
        factor = low64(0.125, kind)(k / 64, 0)
        out = low_pass(image, cutoff=0.125, kind=kind, mode="wrap")
        assert np.allclose(out - 0.5, factor * (image - 0.5))
    assert low64(0.1, "butterworth", 5)(0.1, 0) == 0.5


def test_only_wrap_leaks_across_the_border():
    image = np.zeros((64, 64))
    image[32:] = 1  # the top is far from all white, unless it touches the bottom
    for mode, largest in {"mirror": 1e-3, "reflect": 1e-3, "wrap": 1}.items():
        top = low_pass(image, cutoff=0.02, mode=mode)[0].max()
        assert top <= largest
    assert top > 0.4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_bands_add_up_to_the_image(kind, dtype):
    image = noise(40, 41, dtype=dtype)
    low = low_pass(to_float64(image), cutoff=0.07, kind=kind)
    assert np.allclose(low + high_pass(image, cutoff=0.07, kind=kind), to_float64(image), atol=1e-6)


def test_uint8_is_rounded_and_saturates():
    edges = np.kron([[0, 255], [255, 0]], np.ones((8, 8))).astype(np.uint8)
    expected = filter64(to_float64(edges), low64(0.2, "ideal"), "mirror")
    assert expected.min() < -0.02  # it rings
    assert expected.max() > 1.02
    out = low_pass(edges, cutoff=0.2, kind="ideal")
    assert np.array_equal(out, np.clip(np.rint(255 * expected), 0, 255))


def test_a_notch_takes_its_wave_and_leaves_the_others():
    shape = (128, 130)
    stripes, others = wave(shape, 0.125, 0.2), 0.5 + 0.3 * wave(shape, 0.125, -0.2, phase=2)
    out = notch(others + stripes, at=[(0.125, 0.2)], width=0.02)
    assert np.abs(out - others)[40:-40, 40:-40].max() < 1e-3
    once = notch(others, at=(0.125, 0.2), width=0.02)
    assert np.array_equal(once, notch(others, at=np.array([[0.125, 0.2]]), width=0.02))
    assert np.array_equal(notch(others, at=[(-0.125, -0.2)], width=0.02), once)


def test_a_notch_at_the_highest_frequency_takes_it_whole():
    image = 0.5 + 0.5 * np.cos(np.pi * np.arange(32))[:, None] * np.ones(9)
    for row in (0.5, -0.5):
        assert np.allclose(notch(image, at=[(row, 0)], width=0.02), 0.5)


def test_the_spectrum_of_a_wave_is_a_pair_of_dots():
    shown = spectrum(0.5 + 0.4 * wave((40, 60), 0.25, -0.1))
    dots = {(20, 30), (30, 24), (10, 36)}  # the mean in the middle
    assert {tuple(place) for place in np.argwhere(shown > 0.3).tolist()} == dots
    assert shown.max() == 1
    assert np.allclose(np.delete(shown.ravel(), [60 * r + c for r, c in dots]), 0, atol=1e-12)


def test_the_spectrum_of_black_is_black():
    assert not spectrum(np.zeros((4, 5), np.uint8)).any()
    assert not spectrum(torch.zeros(2, 4, 5)).any()


# --- resampling -----------------------------------------------------------------------------------


@given(image=images(dtypes=st.just("float64")), more=st.tuples(sides, sides))
def test_enlarging_and_shrinking_back_is_the_identity(image, more):
    larger = image.shape[0] + more[0], image.shape[1] + more[1]
    back = resample(resample(image, shape=larger), shape=image.shape[:2])
    assert np.allclose(back, image, atol=1e-13)


@given(level=st.floats(0, 1), old=st.tuples(sides, sides), new=st.tuples(sides, sides))
def test_a_flat_image_stays_flat(level, old, new):
    assert np.allclose(resample(np.full(old, level), shape=new), level, atol=1e-14)


@given(image=images(dtypes=st.just("float64")), shape=st.tuples(sides, sides))
def test_the_mean_stays(image, shape):
    assert np.allclose(resample(image, shape=shape).mean((0, 1)), image.mean((0, 1)), atol=1e-13)


def test_shrinking_leaves_no_wave_that_the_new_pixels_cannot_hold():
    # A zone plate: frequency grows from 0 at the corner to 0.5 at the sides. OpenCV turns what
    # 64 pixels cannot hold into false rings.
    import cv2

    n, small = 256, 64
    rows, columns = np.mgrid[:n, :n]
    plate = 0.5 + 0.5 * np.cos(np.pi * (rows**2 + columns**2) / (2 * n))
    fine = np.maximum(*np.mgrid[:small, :small]) > 1.2 * small / 4  # beyond 0.5 of the new pixels
    ours = resample(plate, shape=small)
    opencvs = cv2.resize(plate, (small, small), interpolation=cv2.INTER_CUBIC)
    assert np.abs(ours - 0.5)[fine].std() < 0.02
    assert np.abs(opencvs - 0.5)[fine].std() > 0.1
    # exactly: the cosines beyond are gone, the others untouched
    for k in (5, 63, 64, 200):
        fast = np.cos(np.pi * k * (columns + 0.5) / n)
        kept = np.cos(np.pi * k * (np.arange(small) + 0.5) / small) if k < small else 0
        assert np.allclose(resample(fast, shape=small), kept, atol=1e-12)


def test_resample_keeps_places():
    # Pixels are areas: a slow wave has its crests where they were.
    centres = (np.arange(90) + 0.5) / 90
    slow = np.cos(3 * np.pi * centres)[None]
    for n in (30, 61, 200):
        assert np.allclose(
            resample(slow, shape=(1, n)), np.cos(3 * np.pi * (np.arange(n) + 0.5) / n)
        )


def test_resample_follows_scipys_on_what_repeats():
    image = np.random.default_rng(0).random((1, 40))
    period = np.concatenate([image, image[:, ::-1]], axis=1)
    theirs = scipy.signal.resample(period, 100, axis=1)
    # theirs starts at the first pixel's centre, ours at its edge: apart by half a pixel's change
    waves = np.fft.rfft(theirs) * np.exp(2j * np.pi * np.arange(51) * (0.5 - 0.5 * 0.8) / 80 * -1)
    assert np.allclose(resample(image, shape=(1, 50)), np.fft.irfft(waves, 100)[:, :50], atol=1e-12)


# --- periodic noise -------------------------------------------------------------------------------

STRIPES = [(0.1, 0.03), (0.07, 0), (0, 0.25), (0.213, -0.11), (0.5, 0), (0.4991, 0.2)]


@pytest.mark.parametrize("frequency", STRIPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_stripes_of_unknown_frequency_go(frequency, dtype):
    striped = (CAMERA + 0.1 * wave(CAMERA.shape, *frequency)).astype(dtype)
    mended = run(remove_periodic_noise, striped)
    assert psnr(striped.astype(float), CAMERA) < 24
    assert psnr(mended.astype(float), CAMERA) > 48
    if dtype == "float64":
        out = remove_periodic_noise(torch.from_numpy(striped))
        assert np.allclose(out, mended, atol=1e-12)


def test_stripes_go_from_bytes_that_were_clipped():
    stripes = 0.1 * wave(CAMERA.shape, 0.1, 0.03) + 0.05 * wave(CAMERA.shape, 0, 0.31)
    striped = np.clip(np.rint(255 * (CAMERA + stripes)), 0, 255).astype(np.uint8)
    clean = data.load("camera")
    mended = run(remove_periodic_noise, striped)
    assert mended.dtype == np.uint8
    assert psnr(mended, clean) > psnr(striped, clean) + 15


def test_stripes_go_from_each_channel_by_itself():
    clean = to_float64(data.load("astronaut"))[:200, :300]
    striped = clean.copy()
    striped[..., 0] += 0.1 * wave(clean.shape, 0.2, 0.1)
    striped[..., 2] += 0.1 * wave(clean.shape, 0, 0.3)
    mended = remove_periodic_noise(striped)
    assert psnr(mended, clean) > psnr(striped, clean) + 15
    assert np.array_equal(mended[..., 1], striped[..., 1])
    batch = remove_periodic_noise(tensor(striped)[None])
    assert np.allclose(array(batch[0]), mended, atol=1e-12)


@pytest.mark.parametrize("name", ["camera", "coins", "moon", "astronaut", "coffee"])
def test_a_clean_photograph_stays_as_it_is(name):
    photograph = data.load(name)
    assert psnr(remove_periodic_noise(photograph), photograph) > 55


@given(image=images(signed=True))
@settings(max_examples=30)
def test_small_images_have_no_periodic_noise(image):
    assert np.array_equal(run(remove_periodic_noise, image), image)


@pytest.mark.parametrize("shape", [(1, 200), (200, 1), (37, 64), (101, 103)])
def test_waves_are_found_in_any_shape(shape):
    rows, columns = shape
    frequency = (0.23 if rows > 1 else 0, 0.31 if columns > 1 else 0)
    picture = 0.1 * noise(*shape)
    mended = remove_periodic_noise(picture + 0.3 * wave(shape, *frequency))
    assert np.std(mended - picture) < 0.1 * 0.3


@pytest.mark.parametrize("image", [
    np.zeros((64, 64)), np.full((64, 70), 0.3), np.eye(64), np.indices((64, 64)).sum(0) % 2 / 2,
    np.pad([[1.0]], 40), np.tile([0.0, 1.0, 1.0], (48, 16)),
])  # fmt: skip
def test_strange_images_do_no_harm(image):
    mended = remove_periodic_noise(image)
    assert np.isfinite(mended).all()
    assert np.std(mended) <= np.std(image) * (1 + 1e-9)
    assert np.mean(mended) == pytest.approx(np.mean(image), abs=0.01)


# --- tensors --------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(2, 3, 9, 14), (4, 1, 20), (7, 16)])
def test_leading_axes_are_a_batch(name, shape, dtype):
    routine = {**ROUTINES, **OTHERS}[name]
    batch = torch.from_numpy(noise(*shape, dtype=dtype))
    out = routine(batch)
    assert out.dtype == batch.dtype
    assert out.is_contiguous()
    planes = batch.reshape(-1, *shape[-2:])
    for plane, result in zip(planes, out.reshape(len(planes), *out.shape[-2:]), strict=True):
        assert np.allclose(routine(plane.numpy()), result, atol=2e-6)


@every_filter
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(2, 4, 5), (1, 6)])
def test_gradients_of_filters(name, mode, shape):
    image = torch.from_numpy(noise(*shape)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: ROUTINES[name](x, mode=mode), image)


@pytest.mark.parametrize("name", ["resample", "spectrum"])
def test_gradients_of_the_others(name):
    image = torch.from_numpy(noise(2, 7, 6)).requires_grad_()
    assert torch.autograd.gradcheck(OTHERS[name], image)


def test_gradients_flow_through_measured_waves():
    shape = (40, 44)
    striped = 0.05 * noise(*shape) + 0.5 * wave(shape, 0.21, 0.28)
    image = torch.from_numpy(striped).requires_grad_()
    out = remove_periodic_noise(image)
    assert not torch.equal(out, image)
    assert torch.autograd.gradcheck(remove_periodic_noise, image, fast_mode=True)


# --- errors ---------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("bad", BAD_IMAGES)
def test_what_is_no_image_is_refused(name, bad):
    image, error = BAD_IMAGES[bad]
    with pytest.raises(error, match="image"):
        {**ROUTINES, **OTHERS}[name](image)


@every
def test_what_is_no_tensor_image_is_refused(name):
    routine = {**ROUTINES, **OTHERS}[name]
    with pytest.raises(TypeError, match="uint8"):
        routine(torch.zeros(4, 4, dtype=torch.uint8))
    with pytest.raises(ValueError, match="NaN"):
        routine(torch.full((4, 4), torch.nan))
    with pytest.raises(ValueError, match="shape"):
        routine(torch.zeros(4))


@pytest.mark.parametrize("kind", [np.zeros, torch.zeros])
def test_parameters_are_named(kind):
    image = kind((8, 8))
    for cutoff in (0, -0.1, np.nan, np.inf):
        with pytest.raises(ValueError, match="cutoff must be a positive number"):
            low_pass(image, cutoff=cutoff)
    with pytest.raises(
        ValueError, match="cutoff must be at most 1 cycle per pixel, got 30; divide"
    ):
        high_pass(image, cutoff=30)
    with pytest.raises(TypeError, match="cutoff"):
        low_pass(image, cutoff="0.1")
    with pytest.raises(ValueError, match="order"):
        low_pass(image, cutoff=0.1, kind="butterworth", order=0)
    with pytest.raises(ValueError, match="kind must be one of gaussian, butterworth, ideal"):
        low_pass(image, cutoff=0.1, kind="box")
    with pytest.raises(
        ValueError, match="mode must be one of mirror, reflect, wrap; got 'nearest'"
    ):
        high_pass(image, cutoff=0.1, mode="nearest")
    with pytest.raises(ValueError, match=r"low must be below high, got low=0.2 and high=0.2"):
        band_pass(image, low=0.2, high=0.2)
    with pytest.raises(ValueError, match="mode"):
        notch(image, at=[(0.1, 0.1)], mode="constant")
    for width in (0, -1, 0.6):
        with pytest.raises(ValueError, match="width"):
            notch(image, at=[(0.1, 0.1)], width=width)
    for at in (0.1, [0.1], [(0.1, 0.2, 0.3)], "ab", None, [[(0.1, 0.2)]], [(0.1,), (0.1, 0.2)]):
        with pytest.raises(ValueError, match="at must be a list of pairs"):
            notch(image, at=at)
    for at in ([(0.1, 0.51)], [(64, 0)], [(np.nan, 0)]):
        with pytest.raises(ValueError, match="at must be in cycles per pixel"):
            notch(image, at=at)
    with pytest.raises(ValueError, match="threshold must be above 1"):
        remove_periodic_noise(image, threshold=1)
    for shape in ((0, 4), (4, -1), (2**20, 2**20)):
        with pytest.raises(ValueError, match="shape"):
            resample(image, shape=shape)
    for shape in (2.5, (1, 2, 3), "ab", None):
        with pytest.raises(TypeError, match="shape"):
            resample(image, shape=shape)


def test_the_subject_is_flat():
    assert set(frequency.__all__) == {*ROUTINES, *OTHERS}
