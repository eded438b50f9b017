"""Noise: its law by large samples, its seed, and what is refused."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from strategies import BAD_IMAGES, LAYOUTS, images, run, to_float64

from imgkit import restoration
from imgkit.restoration import gaussian_noise, poisson_noise, salt_and_pepper, speckle, stripes

NOISE = {
    "gaussian_noise": lambda image, seed=0: gaussian_noise(image, sigma=0.1, seed=seed),
    "speckle": lambda image, seed=0: speckle(image, sigma=0.3, seed=seed),
    "poisson_noise": lambda image, seed=0: poisson_noise(image, photons=50, seed=seed),
    "salt_and_pepper": lambda image, seed=0: salt_and_pepper(image, fraction=0.2, seed=seed),
}
STRIPES = {"stripes": lambda image: stripes(image, amplitude=0.2, frequency=(0.1, -0.3), phase=1)}
random = pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())
every = pytest.mark.parametrize("noise", (NOISE | STRIPES).values(), ids=(NOISE | STRIPES).keys())


def flat(level, engine, shape=(500, 400)):
    image = np.full(shape, level)
    return torch.from_numpy(image) if engine == "tensor" else image


def numbers(values):
    return values.numpy() if isinstance(values, torch.Tensor) else values


# --- laws -----------------------------------------------------------------------------------------

engines = pytest.mark.parametrize("engine", ["array", "tensor"])


@engines
@pytest.mark.parametrize(("level", "sigma"), [(0.5, 0.1), (0.4, 0.01)])
def test_gaussian_noise_has_its_law(engine, level, sigma):
    noise = numbers(gaussian_noise(flat(level, engine), sigma=sigma, seed=1)) - level
    assert stats.kstest(noise.ravel() / sigma, "norm").pvalue > 1e-3


@engines
def test_speckle_is_in_proportion_to_brightness(engine):
    for level in (0.1, 0.5):
        noise = numbers(speckle(flat(level, engine), sigma=0.15, seed=1)) - level
        assert stats.kstest(noise.ravel() / (0.15 * level), "norm").pvalue > 1e-3


@engines
@pytest.mark.parametrize(("level", "photons"), [(0.5, 10), (0.2, 3), (0.3, 1000)])
def test_poisson_noise_counts_photons(engine, level, photons):
    counts = numbers(poisson_noise(flat(level, engine), photons=photons, seed=1)) * photons
    assert np.allclose(counts, np.rint(counts), atol=1e-9 * photons)
    mean = level * photons
    most = min(int(mean + 3 * np.sqrt(mean)), photons)  # from there on counts are clipped
    seen = np.array([np.mean(np.rint(counts) == k) for k in range(most)])
    assert np.allclose(seen, stats.poisson.pmf(np.arange(most), mean), atol=5e-3)
    assert counts.mean() == pytest.approx(mean, rel=0.02)


@engines
@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 1.0])
def test_salt_and_pepper_hits_its_fraction(engine, fraction):
    out = numbers(salt_and_pepper(flat(0.5, engine), fraction=fraction, seed=1))
    for value, share in ((0, fraction / 2), (1, fraction / 2), (0.5, 1 - fraction)):
        assert np.mean(out == value) == pytest.approx(share, abs=5e-3)


@engines
@random
def test_neighbours_and_channels_are_hit_independently(engine, noise):
    out = numbers(noise(flat(0.5, engine, (3, 300, 300)))) - 0.5
    for axis in range(3):
        pairs = np.take(out, range(1, out.shape[axis]), axis) * np.take(
            out, range(out.shape[axis] - 1), axis
        )
        assert abs(pairs.mean()) < 5 * out.var() / np.sqrt(pairs.size)


@given(
    image=images(),
    amplitude=st.floats(-1.5, 1.5),
    frequency=st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)),
    phase=st.floats(-7, 7),
)
def test_stripes_are_their_definition(image, amplitude, frequency, phase):
    row, column = np.mgrid[: image.shape[0], : image.shape[1]]
    wave = np.sin(2 * np.pi * (frequency[0] * row + frequency[1] * column) + phase)
    wave = wave if image.ndim == 2 else wave[..., None]
    expected = np.clip(to_float64(image) + amplitude * wave, 0, 1)
    out = run(stripes, image, amplitude=amplitude, frequency=frequency, phase=phase)
    assert out.dtype == image.dtype
    if image.dtype == np.uint8:
        assert np.abs(out - 255 * expected).max() <= 0.5 + 1e-3
    else:
        tolerance = 2e-6 if image.dtype == np.float32 else 1e-12
        assert np.abs(out - expected).max() <= tolerance
        planes = torch.from_numpy(np.moveaxis(np.atleast_3d(image), 2, 0).copy())
        tensor = stripes(planes, amplitude=amplitude, frequency=frequency, phase=phase)
        expected = np.moveaxis(np.atleast_3d(expected), 2, 0)
        assert np.abs(tensor.numpy() - expected).max() <= tolerance


# --- the same again -------------------------------------------------------------------------------


@every
@settings(max_examples=40)
@given(image=images())
def test_noise_leaves_its_image_alone_and_gives_its_kind(noise, image):
    out = run(noise, image)
    assert out.shape == image.shape
    assert out.dtype == image.dtype
    assert out.flags.c_contiguous
    assert out.min() >= 0
    assert out.max() <= (255 if image.dtype == np.uint8 else 1)


@random
@engines
def test_a_seed_gives_the_same_noise_and_another_another(noise, engine):
    image = flat(0.5, engine, (20, 30))
    assert (noise(image, seed=7) == noise(image, seed=7)).all()
    assert (noise(image, seed=7) == noise(image, seed=np.int64(7))).all()
    assert (noise(image, seed=7) != noise(image, seed=8)).any()


@random
@engines
def test_a_generator_goes_on(noise, engine):
    image, draws = flat(0.5, engine, (20, 30)), np.random.default_rng(3)
    first, second = noise(image, seed=draws), noise(image, seed=draws)
    assert (first != second).any()
    again = np.random.default_rng(3)
    assert (noise(image, seed=again) == first).all()
    assert (noise(image, seed=again) == second).all()


@every
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_memory_layout_does_not_matter(noise, layout):
    image = np.random.default_rng(0).random((7, 5, 3))
    assert np.array_equal(noise(layout(image)), noise(image))


@pytest.mark.parametrize("name", [name for name in NOISE if name != "poisson_noise"])
def test_all_dtypes_get_the_same_noise(name):
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    exact = NOISE[name](image / 255)
    assert np.abs(NOISE[name]((image / 255).astype(np.float32)) - exact).max() < 1e-6
    assert np.abs(NOISE[name](image) - 255 * exact).max() <= 0.5 + 1e-3


def test_uint8_noise_is_rounded_and_not_truncated():
    grey = np.full((500, 500), 100, np.uint8)
    for noise in NOISE.values():
        assert noise(grey).mean() == pytest.approx(255 * noise(grey / 255).mean(), abs=0.02)


# --- gradients ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gaussian_noise", "speckle", "salt_and_pepper", "stripes"])
def test_gradients_flow_through_what_is_not_clipped(name):
    noise = (NOISE | STRIPES)[name]
    image = (0.2 * torch.rand(2, 4, 3, dtype=torch.float64) + 0.4).requires_grad_()
    assert torch.autograd.gradcheck(noise, (image,))


# --- what is refused ------------------------------------------------------------------------------


@every
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(noise, image, error):
    with pytest.raises(error, match=r"^image "):
        noise(image)


@every
def test_noise_needs_intensities(noise):
    with pytest.raises(ValueError, match="image has values from"):
        noise(np.full((3, 3), 200.0))


@random
@pytest.mark.parametrize("seed", ["1", None, 1.5, True, -1, 2**63, [1], np.random.RandomState(0)])
def test_a_bad_seed_is_named(noise, seed):
    for image in (flat(0.5, "array", (2, 2)), flat(0.5, "tensor", (2, 2))):
        with pytest.raises((TypeError, ValueError), match=r"^seed must"):
            noise(image, seed=seed)


NAN = float("nan")
BAD_OPTIONS = [
    *[(r, {"sigma": s}) for r in (gaussian_noise, speckle) for s in (-1, NAN, 1e300, "1", None)],
    *[(poisson_noise, {"photons": p}) for p in (0, -1, NAN, 1e10, 1e-300, "1", None, True)],
    *[(salt_and_pepper, {"fraction": f}) for f in (-0.1, 1.1, NAN, "1", None)],
    *[(stripes, {"frequency": f, "amplitude": 1}) for f in ((0, 0.6), 0.1, (0, "1"), (1, 2, 3))],
    *[(stripes, {"amplitude": a, "frequency": (0, 0)}) for a in (NAN, 1e300, "1", None)],
    (stripes, {"phase": NAN, "amplitude": 1, "frequency": (0, 0)}),
]


@pytest.mark.parametrize(("routine", "options"), BAD_OPTIONS)
def test_a_bad_option_is_named(routine, options):
    seed = {} if routine is stripes else {"seed": 0}
    with pytest.raises((TypeError, ValueError), match=f"^{next(iter(options))}.* must "):
        routine(np.full((3, 3), 0.5), **options, **seed)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_extreme_options_give_images(dtype):
    image = np.full((9, 9), 100 if dtype == "uint8" else 0.4, dtype)
    for out in (
        gaussian_noise(image, sigma=1000, seed=0),
        speckle(image, sigma=1000, seed=0),
        poisson_noise(image, photons=1e-6, seed=0),
        poisson_noise(image, photons=1e9, seed=0),
        stripes(image, amplitude=1000, frequency=(0.5, -0.5), phase=1000),
    ):
        assert np.isfinite(out).all()
    for sigma in (0, 1e-300):
        assert np.array_equal(gaussian_noise(image, sigma=sigma, seed=0), image)


@pytest.mark.parametrize("name", [*NOISE, "stripes"])
def test_options_are_keyword_only(name):
    _, *options = inspect.signature(getattr(restoration, name)).parameters.values()
    assert all(option.kind is option.KEYWORD_ONLY for option in options)
