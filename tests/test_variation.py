"""Total variation against its steps in plain float64, the energy it lessens, and its laws."""

import inspect

import numpy as np
import pytest
import skimage.restoration
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, LAYOUTS, images, run, to_float64

from imgkit import data
from imgkit.restoration import total_variation

FLOAT = {"float32": 2e-6, "float64": 1e-14}


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def as_tensor(image):
    """Channels first."""
    return torch.tensor(np.ascontiguousarray(np.moveaxis(np.atleast_3d(image), 2, 0)))


def as_array(tensor, shape):
    return tensor.movedim(0, -1).numpy().reshape(shape)


def gradient(u):
    """(2, ..., H, W): to the next row, to the next column, 0 at the last."""
    out = np.zeros((2, *u.shape))
    out[0, ..., :-1, :] = np.diff(u, axis=-2)
    out[1, ..., :-1] = np.diff(u, axis=-1)
    return out


def divergence(p):
    """The negative of the gradient's adjoint."""
    out = p[0] + p[1]
    out[..., 1:, :] -= p[0, ..., :-1, :]
    out[..., 1:] -= p[1, ..., :-1]
    return out


def lengths(p, joint):
    """Of the arrows at each pixel, for each plane or for all."""
    return np.sqrt((p**2).sum(axis=(0, 1) if joint else 0, keepdims=True))


def variation64(values, weight, iterations, joint=False):
    """Fast gradient projection, as Beck and Teboulle write it."""
    f = np.moveaxis(np.atleast_3d(values), 2, 0)
    p, ahead, t = np.zeros((2, *f.shape)), np.zeros((2, *f.shape)), 1.0
    for _ in range(iterations):
        q = ahead + gradient(f + weight * divergence(ahead)) / (8 * weight)
        q /= np.maximum(1, lengths(q, joint))
        s = (1 + np.sqrt(1 + 4 * t * t)) / 2
        p, ahead, t = q, q + (t - 1) / s * (q - p), s
    return np.moveaxis(f + weight * divergence(p), 0, 2).reshape(values.shape)


def energy(u, values, weight, joint=False):
    u, f = (np.moveaxis(np.atleast_3d(x), 2, 0) for x in (u, values))
    return ((u - f) ** 2).sum() / 2 + weight * lengths(gradient(u), joint).sum()


@settings(max_examples=80)
@given(
    image=images(signed=True),
    weight=st.sampled_from([1e-4, 0.05, 0.3, 5.0]),
    iterations=st.sampled_from([1, 2, 3, 20]),
    joint=st.booleans(),
)
def test_total_variation_is_its_definition(image, weight, iterations, joint):
    options = {"weight": weight, "iterations": iterations, "joint": joint}
    values = to_float64(image)
    expected = variation64(values, **options)
    out = run(total_variation, image, **options)
    assert out.shape == image.shape
    assert out.dtype == image.dtype
    if image.dtype == np.uint8:
        assert np.abs(out - 255 * expected).max() <= 0.5 + 1e-3
        return
    tolerance = FLOAT[image.dtype.name] * np.abs(values).max()
    assert np.abs(out - expected).max() <= tolerance
    out = as_array(total_variation(as_tensor(image), **options), image.shape)
    assert out.dtype == image.dtype
    assert np.abs(out - expected).max() <= tolerance


@pytest.mark.parametrize("strip", [1, 100, 700, 1 << 15])
@pytest.mark.parametrize("joint", [False, True])
def test_strips_meet(strip, joint, monkeypatch):
    monkeypatch.setattr("imgkit.restoration.variation.STRIP", strip)
    image = noise(37, 50, 2)
    expected = variation64(image, 0.1, 30, joint)
    assert np.allclose(
        total_variation(image, weight=0.1, iterations=30, joint=joint), expected, atol=1e-14
    )


# --- the least energy -----------------------------------------------------------------------------


def test_the_definition_here_is_the_minimum_that_scikit_image_goes_to():
    image = noise(12, 15)
    theirs = skimage.restoration.denoise_tv_chambolle(image, 0.1, eps=0, max_num_iter=20000)
    assert np.allclose(variation64(image, 0.1, 2000), theirs, atol=1e-5)


@pytest.mark.parametrize("joint", [False, True])
def test_no_change_lessens_the_energy(joint):
    image = noise(8, 9, 3)
    options = {"weight": 0.2, "joint": joint}
    best = total_variation(image, iterations=5000, **options)
    least = energy(best, image, **options)
    for seed in range(30):
        change = 10.0 ** -(seed % 4) * (noise(8, 9, 3, seed=seed + 1) - 0.5)
        assert energy(best + change, image, **options) > least
    assert energy(image, image, **options) > least


def test_two_levels_move_towards_each_other_by_the_weight():
    row = np.array([[0.2] * 4 + [0.8] * 5])
    out = total_variation(row, weight=0.1, iterations=5000)
    assert np.allclose(out, [[0.2 + 0.1 / 4] * 4 + [0.8 - 0.1 / 5] * 5], atol=1e-6)


def test_fifty_steps_are_near():
    photo = data.load("camera")[::2, ::2] / 255
    noisy = photo + 0.1 * np.random.default_rng(0).standard_normal(photo.shape)
    best = variation64(noisy, 0.1, 1000)
    error = np.sqrt(np.mean((total_variation(noisy) - best) ** 2))
    assert error < 0.003
    theirs = skimage.restoration.denoise_tv_chambolle(noisy, 0.1, eps=0, max_num_iter=150)
    assert error < np.sqrt(np.mean((theirs - best) ** 2))


def test_colour_is_denoised_better_together():
    photo = data.load("astronaut")[:160, 120:320] / 255
    noisy = photo + 0.1 * np.random.default_rng(0).standard_normal(photo.shape)
    each = total_variation(noisy, weight=0.07) - photo
    together = total_variation(noisy, weight=0.07 * np.sqrt(3), joint=True) - photo
    assert np.mean(together**2) < 0.9 * np.mean(each**2)


# --- laws -----------------------------------------------------------------------------------------


@given(image=images(), weight=st.sampled_from([0.01, 0.3]), joint=st.booleans())
def test_the_mean_is_kept_and_the_extremes_bound(image, weight, joint):
    values = to_float64(image)
    out = total_variation(values, weight=weight, iterations=200, joint=joint)
    assert np.allclose(out.mean((0, 1)), values.mean((0, 1)), atol=1e-13)
    assert out.min() >= values.min() - 0.02
    assert out.max() <= values.max() + 0.02


@pytest.mark.parametrize("level", [0, 1, 100, 255])
def test_a_flat_image_stays(level):
    flat = np.full((6, 5, 3), level, np.uint8)
    assert np.array_equal(total_variation(flat), flat)
    assert np.array_equal(total_variation(flat / 255), flat / 255)


def test_a_grey_image_does_not_care_about_joint():
    image = noise(9, 8)
    assert np.array_equal(total_variation(image, joint=True), total_variation(image))
    alone = total_variation(as_tensor(image)[0], joint=True)
    assert torch.equal(alone, total_variation(as_tensor(image)[0]))


@pytest.mark.parametrize("channels", [1, 2, 5, 7])
def test_channels_alike_are_denoised_alike(channels):
    image = noise(9, 8)
    many = np.repeat(image[..., None], channels, axis=2)
    each = total_variation(many)
    assert np.array_equal(each, np.repeat(total_variation(image)[..., None], channels, axis=2))
    together = total_variation(many, weight=0.1 * np.sqrt(channels), joint=True)
    assert np.allclose(together, each, atol=1e-14)


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e30, 1e200])
def test_any_unit_will_do(scale):
    image = noise(7, 6) - 0.5
    out = total_variation(scale * image, weight=min(0.1 * scale, 1e6))
    if scale < 1e6:
        assert np.allclose(out / scale, total_variation(image), rtol=1e-9, atol=1e-12)
    else:
        assert np.allclose(out / scale, image, atol=1e-12)  # next to it no weight counts


def test_a_huge_weight_leaves_the_mean():
    image = noise(6, 5)
    out = total_variation(image, weight=1e6, iterations=3000)
    assert np.allclose(out, image.mean(), atol=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_tiny_weight_leaves_the_image(dtype):
    image = noise(6, 5, dtype=dtype)
    for weight in (1e-30, 1e-300, 5e-324):
        assert np.allclose(total_variation(image, weight=weight), image, atol=1e-6)
        tensor = total_variation(as_tensor(image), weight=weight)
        assert np.allclose(as_array(tensor, image.shape), image, atol=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_memory_layout_does_not_matter(layout, dtype):
    image = noise(7, 5, 3, dtype=dtype)
    out = total_variation(layout(image))
    assert np.array_equal(out, total_variation(image))
    assert out.flags.c_contiguous
    assert out.flags.writeable


# --- tensors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("joint", [False, True])
def test_gradients_flow(joint):
    image = torch.rand(2, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: total_variation(x, weight=0.1, iterations=4, joint=joint), (image,)
    )


def test_gradients_of_a_flat_image_are_finite():
    image = torch.full((1, 4, 4), 0.5, requires_grad=True)
    total_variation(image).sum().backward()
    assert torch.allclose(image.grad, torch.ones(1, 4, 4))


@pytest.mark.parametrize("joint", [False, True])
def test_a_batch_is_its_images(joint):
    batch = torch.rand(2, 3, 6, 5)
    out = total_variation(batch, joint=joint)
    for i in range(2):
        assert torch.allclose(out[i], total_variation(batch[i], joint=joint), atol=1e-6)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(image, error):
    with pytest.raises(error, match=r"^image "):
        total_variation(image)


NAN = float("nan")
BAD_OPTIONS = [
    *[{"weight": w} for w in (0, -1, NAN, float("inf"), 1e7, "1", None, True)],
    *[{"iterations": i} for i in (0, -1, 2.5, 10**6, "1", None, True)],
    *[{"joint": j} for j in (1, "yes", None)],
]


@pytest.mark.parametrize("options", BAD_OPTIONS)
def test_a_bad_option_is_named(options):
    with pytest.raises((TypeError, ValueError), match=f"^{next(iter(options))} must "):
        total_variation(noise(4, 4), **options)


def test_options_are_keyword_only():
    _, *options = inspect.signature(total_variation).parameters.values()
    assert all(option.kind is option.KEYWORD_ONLY for option in options)
