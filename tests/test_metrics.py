"""Metrics against their float64 definitions, their laws, and what they refuse."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from skimage.metrics import structural_similarity
from strategies import BAD_IMAGES, LAYOUTS, to_float64

from imgkit import data, metrics
from imgkit.metrics import ms_ssim, mse, psnr, ssim

METRICS = {"mse": mse, "psnr": psnr, "ssim": ssim, "ms_ssim": ms_ssim}
SMALLEST = {"mse": 1, "psnr": 1, "ssim": 11, "ms_ssim": 161}
SIMILAR = {"uint8": 2e-6, "float32": 2e-6, "float64": 1e-12}
TOLERANCE = {  # of mse relative, of the others a difference
    "mse": {"uint8": 1e-14, "float32": 1e-6, "float64": 1e-14},
    "psnr": {"uint8": 1e-12, "float32": 2e-5, "float64": 1e-12},
    "ssim": SIMILAR,
    "ms_ssim": SIMILAR,
}
every = pytest.mark.parametrize("name", METRICS)
CAMERA = to_float64(data.load("camera"))


def pair(shape, dtype="float64", seed=0, spread=0.1):
    """A smooth picture with noise on it, and without."""
    rng = np.random.default_rng(seed)
    reach = [2] * 2 + [0] * (len(shape) - 2)
    true = np.clip(0.5 + 3 * (ndimage.gaussian_filter(rng.random(shape), reach) - 0.5), 0, 1)
    noisy = np.clip(true + rng.normal(0, spread, shape), 0, 1)
    if dtype == "uint8":
        return tuple(np.rint(255 * x).astype(dtype) for x in (noisy, true))
    return noisy.astype(dtype), true.astype(dtype)


def planes64(image):
    values = to_float64(image)
    return [values] if values.ndim == 2 else list(np.moveaxis(values, 2, 0))


def mse64(image, reference):
    return np.mean((to_float64(image) - to_float64(reference)) ** 2)


def psnr64(image, reference):
    error = mse64(image, reference)
    return -10 * np.log10(error) if error else np.inf


def factors64(a, b):
    """SSIM's maps of luminance and contrast, from the formulas of the paper."""
    bell = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    weights = np.outer(bell, bell) / bell.sum() ** 2
    m1, m2, squares1, squares2, product = (
        ndimage.correlate(x, weights)[5:-5, 5:-5] for x in (a, b, a * a, b * b, a * b)
    )
    v1, v2, c = squares1 - m1**2, squares2 - m2**2, product - m1 * m2
    luminance = (2 * m1 * m2 + 1e-4) / (m1**2 + m2**2 + 1e-4)
    return luminance, (2 * c + 9e-4) / (v1 + v2 + 9e-4)


def ssim64(image, reference):
    pairs = zip(planes64(image), planes64(reference), strict=True)
    return np.mean([np.mean(np.prod(factors64(a, b), axis=0)) for a, b in pairs])


def halved64(x):
    x = np.pad(x, [(0, n % 2) for n in x.shape], mode="edge")
    return x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2).mean((1, 3))


def ms_ssim64(image, reference):
    values = []
    for a, b in zip(planes64(image), planes64(reference), strict=True):
        value = 1.0
        for weight in (0.0448, 0.2856, 0.3001, 0.2363):
            value *= max(np.mean(factors64(a, b)[1]), 0) ** weight
            a, b = halved64(a), halved64(b)
        values.append(value * max(np.mean(np.prod(factors64(a, b), axis=0)), 0) ** 0.1333)
    return np.mean(values)


def assert_near(value, expected, name, dtype):
    scale = expected if name == "mse" else 1
    if math.isinf(expected):
        assert value == expected
    else:
        assert abs(value - expected) <= TOLERANCE[name][dtype] * scale


# --- definitions ----------------------------------------------------------------------------------


@given(
    shape=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    channels=st.sampled_from([(), (1,), (3,), (5,)]),
    dtype=st.sampled_from(["uint8", "float32", "float64"]),
    layout=st.sampled_from(LAYOUTS),
    seed=st.integers(0, 999),
)
def test_errors_and_ssim_are_their_definitions(shape, channels, dtype, layout, seed):
    images = [layout(x) for x in pair(shape + channels, dtype, seed)]
    before = [x.copy() for x in images]
    for name, expected in {"mse": mse64, "psnr": psnr64, "ssim": ssim64}.items():
        if min(shape) >= SMALLEST[name]:
            value = METRICS[name](*images)
            assert type(value) is float
            assert_near(value, expected(*images), name, dtype)
    assert all(np.array_equal(x, y) for x, y in zip(images, before, strict=True))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("shape", [(161, 161), (177, 190), (163, 162, 3)])
def test_ms_ssim_is_its_definition(shape, dtype):
    images = pair(shape, dtype)
    assert_near(ms_ssim(*images), ms_ssim64(*images), "ms_ssim", dtype)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("shape", [(11, 11), (64, 75), (140, 40, 3)])
def test_ssim_is_scikit_images_with_the_papers_options(shape, dtype):
    images = pair(shape, dtype)
    theirs = structural_similarity(
        *map(to_float64, images),
        data_range=1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=2 if len(shape) == 3 else None,
    )
    assert_near(ssim(*images), theirs, "ssim", dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("level", [0.0, 0.02, 0.5, 1.0])
def test_ssim_is_exact_on_flat_pictures(level, dtype):
    # Variances are differences there: rounding would show.
    flat = np.full((40, 40), level, dtype)
    noise = np.clip(flat + np.random.default_rng(0).normal(0, 1e-3, flat.shape), 0, 1).astype(dtype)
    assert_near(ssim(noise, flat), ssim64(noise, flat), "ssim", dtype)


@every
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tensors_have_one_number_for_each_plane(name, dtype):
    images = pair((164, 175, 6), dtype)
    tensors = [torch.from_numpy(np.moveaxis(x, 2, 0).reshape(2, 3, 164, 175)) for x in images]
    out = METRICS[name](*tensors)
    assert out.shape == (2, 3)
    assert out.dtype == tensors[0].dtype
    for value, (a, b) in zip(out.flatten(), zip(*map(planes64, images), strict=True), strict=True):
        assert_near(float(value), globals()[f"{name}64"](a, b), name, dtype)


@every
def test_one_pair_of_tensors_has_one_number(name):
    image, reference = map(torch.from_numpy, pair((161, 161)))
    out = METRICS[name](image, reference)
    assert out.shape == ()
    assert float(out) == pytest.approx(METRICS[name](image.numpy(), reference.numpy()), rel=1e-12)


def test_psnr_of_a_colour_tensor_as_a_whole_is_that_of_the_array():
    image, reference = pair((20, 30, 3))
    a, b = (torch.from_numpy(x).movedim(2, 0) for x in (image, reference))
    assert float(-10 * mse(a, b).mean(-1).log10()) == pytest.approx(psnr(image, reference))


# --- laws -----------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("shape", [(161, 163), (170, 161, 4)])
def test_equal_images_are_perfect(name, shape, dtype):
    image = pair(shape, dtype)[0]
    perfect = {"mse": 0.0, "psnr": math.inf, "ssim": 1.0, "ms_ssim": 1.0}[name]
    assert METRICS[name](image, image.copy()) == perfect
    if dtype != "uint8":
        tensor = torch.from_numpy(image if len(shape) == 2 else image[..., 0].copy())
        assert METRICS[name](tensor, tensor.clone()) == perfect


@every
def test_the_two_images_may_change_places(name):
    a, b = pair((161, 170), "float32")
    assert METRICS[name](a, b) == pytest.approx(METRICS[name](b, a), abs=1e-6)


@every
def test_more_noise_is_worse(name):
    values = [METRICS[name](*pair((180, 180), spread=s)) for s in (0.02, 0.05, 0.1, 0.2)]
    assert values == sorted(values, reverse=name != "mse")


@every
def test_uint8_is_scaled_and_never_wraps(name):
    images = pair((161, 161), "uint8")
    fractions = [to_float64(x) for x in images]
    assert METRICS[name](*images) == pytest.approx(METRICS[name](*fractions), rel=1e-5)
    black, white = np.zeros((200, 300), np.uint8), np.full((200, 300), 255, np.uint8)
    assert mse(black, white) == mse(white, black) == 1


@given(st.floats(1e-3, 0.4), st.floats(1e-3, 0.5))
def test_psnr_counts_decibels(error, level):
    flat = np.full((5, 7), level)
    assert psnr(flat + error, flat) == pytest.approx(-20 * np.log10(error), rel=1e-6)


def test_ssim_forgives_brightness_more_than_noise_of_the_same_error():
    # The point of the paper: equal errors, unlike pictures.
    rng = np.random.default_rng(0)
    reference = 0.1 + 0.8 * CAMERA
    brighter = reference + 0.08
    noisy = reference + 0.08 * rng.choice([-1, 1], reference.shape)
    assert psnr(brighter, reference) == pytest.approx(psnr(noisy, reference))
    assert ssim(brighter, reference) > 0.9
    assert ssim(noisy, reference) < 0.5


def test_a_negative_is_below_zero_and_on_scales_zero():
    assert ssim(1 - CAMERA, CAMERA) < 0
    assert ms_ssim(1 - CAMERA, CAMERA) == 0
    both = (torch.from_numpy(x.copy()).requires_grad_() for x in (1 - CAMERA, CAMERA))
    image, reference = both
    out = ms_ssim(image, reference)
    assert out == 0
    out.backward()
    assert torch.isfinite(image.grad).all()


def test_an_image_may_overshoot():
    image, reference = pair((161, 161))
    for metric in METRICS.values():
        assert np.isfinite(metric(3 * image - 1, reference))


def test_a_wide_image_and_a_tall_one_are_the_same():
    a, b = pair((30, 300))
    assert ssim(a, b) == pytest.approx(ssim(a.T, b.T), rel=1e-12)


# --- gradients ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mse", "psnr", "ssim"])
def test_gradients(name):
    image, reference = (torch.from_numpy(x)[None] for x in pair((13, 12)))
    image.requires_grad_()
    reference.mul_(0.9).add_(0.05).requires_grad_()  # inside 0..1 when nudged
    assert torch.autograd.gradcheck(METRICS[name], (image, reference), fast_mode=True)


def test_ms_ssim_has_gradients():
    image, reference = map(torch.from_numpy, pair((161, 162)))
    image.requires_grad_()
    direction = torch.from_numpy(np.random.default_rng(1).normal(size=image.shape))
    ms_ssim(image, reference).backward()
    with torch.no_grad():
        step = 1e-6 * direction
        slope = (ms_ssim(image + step, reference) - ms_ssim(image - step, reference)) / 2e-6
    assert float((image.grad * direction).sum()) == pytest.approx(float(slope), rel=1e-5)


def test_gradients_mend_an_image():
    image, reference = map(torch.from_numpy, pair((40, 40)))
    image.requires_grad_()
    before = ssim(image, reference)
    before.backward()
    assert ssim((image + 2 * image.grad).detach(), reference) > before


# --- errors ---------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("bad", BAD_IMAGES)
def test_what_is_no_image_is_refused(name, bad):
    image, error = BAD_IMAGES[bad]
    good = np.zeros((4, 4), np.float32)
    with pytest.raises(error, match="image"):
        METRICS[name](image, good)
    with pytest.raises(error, match="reference"):
        METRICS[name](good, image)


@every
def test_two_images_must_match(name):
    image = np.zeros((200, 200), np.float32)
    metric = METRICS[name]
    with pytest.raises(
        ValueError, match=r"image has shape \(200, 200\) and reference \(200, 201\)"
    ):
        metric(image, np.zeros((200, 201), np.float32))
    with pytest.raises(TypeError, match="image is float32 and reference float64"):
        metric(image, np.zeros((200, 200)))
    with pytest.raises(TypeError, match="image is an array and reference a tensor"):
        metric(image, torch.zeros(200, 200))
    with pytest.raises(TypeError, match="image is a tensor and reference an array"):
        metric(torch.zeros(200, 200), image)
    with pytest.raises(ValueError, match="image has shape"):
        metric(torch.zeros(1, 200, 200), torch.zeros(200, 200))


@pytest.mark.parametrize("name", ["psnr", "ssim", "ms_ssim"])
@pytest.mark.parametrize("kind", [np.full, torch.full])
def test_a_reference_in_0_to_255_is_refused(name, kind):
    image = kind((200, 200), 200.0)
    with pytest.raises(ValueError, match=r"reference has values from 200 to 200.*divide by 255"):
        METRICS[name](image, image)


@pytest.mark.parametrize(("name", "side"), [("ssim", 11), ("ms_ssim", 161)])
@pytest.mark.parametrize("kind", [np.zeros, torch.zeros])
def test_small_images_are_refused_by_size(name, side, kind):
    metric = METRICS[name]
    assert metric(kind((side, side)), kind((side, side))) == 1
    for shape in ((side - 1, 300), (300, side - 1)):
        with pytest.raises(ValueError, match=f"at least {side} x {side}"):
            metric(kind(shape), kind(shape))


def test_the_subject_is_flat():
    assert set(metrics.__all__) >= set(METRICS)
