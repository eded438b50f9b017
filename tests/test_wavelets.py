"""Wavelet denoising and the estimate of noise, against plain PyWavelets in float64."""

import numpy as np
import pytest
import pywt
import skimage.restoration
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, LAYOUTS, assert_close, images, run, to_float64

from imgkit.restoration import estimate_sigma, wavelet

WAVELETS = ["haar", "db2", "sym4", "coif1", "db7"]
floats = st.sampled_from(["float32", "float64"])


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def as_tensor(image):
    """Channels first."""
    return torch.tensor(np.ascontiguousarray(np.moveaxis(np.atleast_3d(image), 2, 0)))


def as_array(tensor, shape):
    return tensor.movedim(0, -1).numpy().reshape(shape)


def sigma64(detail, plane):
    sizes = np.abs(detail)
    sizes = sizes[sizes > 1e-6 * np.abs(plane).max()]
    return np.median(sizes) / 0.6744897501960817 if sizes.size else 0.0


def estimate64(values):
    """Of each channel, (C,)."""
    planes = np.moveaxis(np.atleast_3d(values), 2, 0)
    return np.array([sigma64(pywt.dwt2(p, "db2", mode="symmetric")[1][2], p) for p in planes])


def wavelet64(values, sigma, name, levels):
    """Each channel taken apart, its details shrunk, put together again."""
    out = np.empty_like(np.atleast_3d(values))
    for c, plane in enumerate(np.moveaxis(np.atleast_3d(values), 2, 0)):
        coarse, *scales = pywt.wavedec2(plane, name, mode="symmetric", level=levels)
        strength = sigma64(scales[-1][2], plane) if sigma is None else sigma
        shrunk = [tuple(shrink64(detail, strength) for detail in scale) for scale in scales]
        whole = pywt.waverec2([coarse, *shrunk], name, mode="symmetric")
        out[..., c] = whole[: plane.shape[0], : plane.shape[1]]
    return out.reshape(values.shape)


def shrink64(detail, sigma):
    picture = np.mean(detail**2) - sigma**2
    if picture <= 0:
        return np.zeros_like(detail)
    return np.sign(detail) * np.maximum(np.abs(detail) - sigma**2 / np.sqrt(picture), 0)


# --- estimate_sigma -------------------------------------------------------------------------------


@given(image=images(signed=True))
def test_the_estimate_is_its_definition(image):
    before = image.copy()
    found = estimate_sigma(image)
    assert np.array_equal(image, before)
    values = to_float64(image)
    tolerance = (1e-12 if image.dtype == "float64" else 1e-6) * np.abs(values).max()
    assert np.shape(found) == image.shape[2:]
    assert np.allclose(found, estimate64(values).reshape(image.shape[2:]), rtol=0, atol=tolerance)


@given(image=images(dtypes=floats, signed=True))
def test_both_engines_see_the_same_noise(image):
    found = estimate_sigma(as_tensor(image)).numpy()
    tolerance = (1e-12 if image.dtype == "float64" else 1e-6) * np.abs(image).max()
    assert found.dtype == image.dtype
    assert np.allclose(found, np.atleast_1d(estimate_sigma(image)), rtol=0, atol=tolerance)


@pytest.mark.parametrize("shape", [(64, 65), (33, 20), (5, 9)])
def test_the_estimate_is_that_of_scikit_image(shape):
    image = noise(*shape)
    assert estimate_sigma(image) == pytest.approx(
        skimage.restoration.estimate_sigma(image), rel=1e-12
    )


@pytest.mark.parametrize("sigma", [0.001, 0.02, 0.3])
def test_the_estimate_finds_the_noise_under_a_picture(sigma):
    row, column = np.mgrid[:256, :256] / 256
    picture = np.sin(5 * row) * np.cos(3 * column) + (row > column)
    noisy = picture + np.random.default_rng(1).normal(0, sigma, picture.shape)
    assert estimate_sigma(noisy) == pytest.approx(sigma, rel=0.03)


def test_blank_regions_say_nothing():
    noisy = np.random.default_rng(0).normal(0.5, 0.05, (128, 128))
    noisy[:, 40:] = 1.0
    for image in (noisy, noisy.astype(np.float32)):
        assert estimate_sigma(image) == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_flat_image_has_no_noise(dtype, level):
    flat = np.full((19, 32), level, dtype)
    assert estimate_sigma(flat) == 0
    assert estimate_sigma(torch.tensor(flat)) == 0


def test_uint8_is_in_fractions_of_full_scale():
    image = noise(60, 50, dtype="uint8")
    assert estimate_sigma(image) == pytest.approx(estimate_sigma(image / 255), abs=1e-6)


def test_kinds_of_answer():
    assert type(estimate_sigma(noise(9, 8))) is float
    assert estimate_sigma(noise(9, 8, 3)).shape == (3,)
    assert estimate_sigma(torch.rand(2, 3, 9, 8)).shape == (2, 3)
    assert estimate_sigma(torch.rand(9, 8)).shape == ()


# --- wavelet --------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    image=images(signed=True),
    share=st.sampled_from([None, 0.003, 0.1, 2.0]),
    name=st.sampled_from(WAVELETS),
    levels=st.integers(1, 4),
)
@pytest.mark.filterwarnings("ignore:Level value")
def test_wavelet_is_its_definition(image, share, name, levels):
    values = to_float64(image)
    top = np.abs(values).max()
    sigma = None if share is None or top == 0 else share * top
    expected = wavelet64(values, sigma, name, levels)
    out = run(wavelet, image, sigma=sigma, wavelet=name, levels=levels)
    assert_close(out, expected, image, scale=5)
    if image.dtype != np.uint8:
        twin = wavelet(as_tensor(image), sigma=sigma, wavelet=name, levels=levels)
        assert_close(as_array(twin, image.shape), expected, image, scale=5)


@pytest.mark.parametrize("name", WAVELETS)
@pytest.mark.parametrize("sigma", [None, 0.1])
@pytest.mark.parametrize("shape", [(64, 64), (37, 101)])
def test_wavelet_is_that_of_scikit_image(shape, sigma, name):
    image = noise(*shape)
    expected = skimage.restoration.denoise_wavelet(image, sigma=sigma, wavelet=name)
    assert np.allclose(wavelet(image, sigma=sigma, wavelet=name), expected, rtol=0, atol=1e-12)
    tensor = wavelet(torch.tensor(image), sigma=sigma, wavelet=name)
    assert np.allclose(tensor, expected, rtol=0, atol=1e-12)


@given(image=images(dtypes=floats), name=st.sampled_from(WAVELETS))
def test_hardly_any_noise_changes_hardly_anything(image, name):
    out = wavelet(image, sigma=1e-9, wavelet=name)
    assert np.allclose(out, image, atol=3e-6 if image.dtype == "float32" else 1e-9)


@given(image=images(dtypes=st.just("float64")), power=st.integers(-300, 300))
def test_contrast_does_not_matter(image, power):
    expected = 2.0**power * wavelet(image, sigma=0.1)
    out = wavelet(2.0**power * image, sigma=0.1 * 2.0**power)
    assert np.allclose(out, expected, rtol=0, atol=1e-13 * 2.0**power)


@pytest.mark.parametrize("level", [0, 100, 255])
def test_a_flat_image_stays(level):
    flat = np.full((13, 30, 3), level, np.uint8)
    for sigma in (None, 0.1):
        assert np.array_equal(wavelet(flat, sigma=sigma), flat)


def test_turning_an_image_turns_the_result():
    image = noise(40, 31)
    assert np.allclose(wavelet(image.T), wavelet(image).T, atol=1e-14)


def test_channels_are_denoised_one_by_one():
    image = noise(24, 31, 5)
    each = [wavelet(np.ascontiguousarray(image[..., c])) for c in range(5)]
    assert np.allclose(wavelet(image), np.stack(each, axis=2), rtol=0, atol=1e-15)
    batch = wavelet(torch.tensor(image).movedim(2, 0)[:, None])
    assert np.allclose(batch[:, 0].movedim(0, 2), wavelet(image), rtol=0, atol=1e-14)


def test_it_takes_noise_away():
    row, column = np.mgrid[:128, :128] / 128
    picture = 0.5 + 0.3 * np.sin(5 * row) * np.cos(3 * column) + 0.2 * (row > column)
    noisy = picture + np.random.default_rng(0).normal(0, 0.1, picture.shape)
    assert np.mean((wavelet(noisy, levels=4) - picture) ** 2) < 0.15 * 0.1**2


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_memory_layout_does_not_matter(layout, dtype):
    image = noise(17, 12, 3, dtype=dtype)
    assert np.array_equal(wavelet(layout(image)), wavelet(image))
    assert np.array_equal(estimate_sigma(layout(image)), estimate_sigma(image))


def test_floats_are_not_clipped_and_uint8_saturates():
    image = np.random.default_rng(0).normal(0, 1, (32, 32))
    assert wavelet(image, sigma=0.01).min() < 0
    checks = np.kron([[0, 255], [255, 0]], np.ones((8, 8))).astype(np.uint8)
    assert set(np.unique(wavelet(checks, sigma=1e-4))) == {0, 255}


# --- gradients ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [None, 0.1])
def test_gradients_of_wavelet(sigma):
    image = torch.rand(2, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    image.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: wavelet(x, sigma=sigma, levels=2), image)


def test_gradients_of_the_estimate():
    image = torch.rand(2, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(estimate_sigma, image.requires_grad_())


def test_where_nothing_is_left_the_gradient_is_finite():
    image = torch.full((6, 6), 0.5, dtype=torch.float64, requires_grad=True)
    (wavelet(image, sigma=1.0).sum() + wavelet(image).sum() + estimate_sigma(image)).backward()
    assert torch.isfinite(image.grad).all()


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("routine", [wavelet, estimate_sigma])
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        *[({"sigma": s}, ValueError) for s in (0, -1, float("nan"), float("inf"))],
        *[({"sigma": s}, TypeError) for s in ("1", True, [1])],
        *[({"wavelet": w}, ValueError) for w in ("", "db", "db39", "bior2.2", "mexh", "dmey")],
        *[({"wavelet": w}, TypeError) for w in (None, 2, ["db2"])],
        *[({"levels": n}, ValueError) for n in (0, -1, 17, 10**30)],
        *[({"levels": n}, TypeError) for n in (1.5, "2", True)],
    ],
)
def test_a_bad_option_is_named(options, error):
    for image in (noise(8, 8), torch.rand(8, 8)):
        with pytest.raises(error, match=f"^{next(iter(options))} must"):
            wavelet(image, **options)


@pytest.mark.parametrize("sigma", [1e-300, 1e-30, 1e30, 1e300])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_any_sigma_gives_a_finite_image(dtype, sigma):
    image = noise(9, 8, dtype=dtype)
    assert np.isfinite(wavelet(image, sigma=sigma)).all()
    if dtype != "uint8":
        assert torch.isfinite(wavelet(torch.tensor(image), sigma=sigma)).all()


@pytest.mark.parametrize("top", [1e-300, 1e-37, 1e37, 1e300])
def test_any_values_give_the_same_picture(top):
    dtype = np.float64 if abs(np.log10(top)) > 37 else np.float32
    image = noise(9, 8, dtype=dtype)
    huge = image * dtype(top)
    assert np.allclose(wavelet(huge) / huge.max(), wavelet(image) / image.max(), atol=1e-5)
    assert estimate_sigma(huge) / top == pytest.approx(estimate_sigma(image), rel=1e-5)


def test_many_levels_and_long_filters_on_one_pixel():
    assert np.allclose(wavelet(np.array([[0.25]]), wavelet="db38", levels=16), 0.25)
    assert np.allclose(wavelet(torch.tensor([[0.25]]), wavelet="db38", levels=16), 0.25, atol=1e-5)
