"""The tensor engine of the filters: the same meaning, any batch, gradients."""

import numpy as np
import pytest
import torch
from strategies import MODES
from test_filtering import LINEAR, ROUTINES, noise, these

from imgkit.filtering import gaussian, gradient, sobel, unsharp_mask

SHAPES = [(1, 1), (1, 9), (7, 1), (5, 6), (13, 17), (40, 33)]


@these(ROUTINES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_tensor_gives_what_an_array_gives(routine, shape, mode):
    image = noise(*shape)
    expected = routine(image, mode=mode, cval=0.3)
    out = routine(torch.from_numpy(image), mode=mode, cval=0.3)
    assert out.dtype == torch.float64
    assert np.allclose(out.numpy(), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("sigma", [0.005, 3, 15, 60])
@pytest.mark.parametrize("mode", MODES)
def test_any_sigma(sigma, mode):
    image = noise(70, 45)
    out = gaussian(torch.from_numpy(image), sigma=sigma, mode=mode)
    assert np.allclose(out.numpy(), gaussian(image, sigma=sigma, mode=mode), rtol=0, atol=1e-13)


@these(ROUTINES)
def test_leading_axes_are_a_batch(routine):
    batch = torch.from_numpy(noise(2, 3, 9, 8))
    out = routine(batch)
    each = [routine(batch[i, j]) for i in range(2) for j in range(3)]
    assert out.shape == batch.shape
    assert torch.allclose(out.reshape(6, 9, 8), torch.stack(each), rtol=0, atol=1e-14)


@these(ROUTINES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_input_stays_and_its_precision_is_kept(routine, dtype):
    image = torch.from_numpy(noise(3, 9, 8)).to(dtype)
    before = image.clone()
    out = routine(image.transpose(-1, -2))
    assert out.dtype == dtype
    assert torch.equal(image, before)


@these(LINEAR)
@pytest.mark.parametrize("mode", MODES)
def test_gradients_of_linear_filters_are_right(routine, mode):
    image = torch.from_numpy(noise(5, 6)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: routine(x, mode=mode), image)


def test_gradients_of_the_others_are_right():
    image = torch.from_numpy(noise(5, 6) * 0.5 + 0.25).requires_grad_()
    assert torch.autograd.gradcheck(sobel, image)
    assert torch.autograd.gradcheck(gradient, image)
    assert torch.autograd.gradcheck(lambda x: unsharp_mask(x, sigma=1, amount=0.2), image)


def test_a_flat_image_has_a_gradient_too():
    flat = torch.full((6, 6), 0.5, requires_grad=True)
    sobel(flat).sum().backward()  # the root of 0 has no slope of its own
    assert torch.isfinite(flat.grad).all()


def test_a_large_kernel_goes_another_way_to_the_same():
    from imgkit.filtering import convolve

    image, kernel = noise(40, 37), noise(21, 16, seed=1) / 336
    for mode in MODES:
        out = convolve(torch.from_numpy(image), kernel, mode=mode, cval=0.2)
        expected = convolve(image, kernel, mode=mode, cval=0.2)
        assert np.allclose(out.numpy(), expected, rtol=0, atol=1e-13)
