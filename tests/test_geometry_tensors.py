"""Resizing and warps of tensors: as arrays, for any batch, with true gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from imgkit.geometry import log_polar, polar, remap, resize, rotate, warp_affine, warp_perspective

MODES = ["mirror", "reflect", "nearest", "wrap", "constant"]
RESIZE = ["nearest", "linear", "cubic", "area", "lanczos"]
METHODS = ["nearest", "linear", "cubic"]
TILT = np.array([[0.9, 0.3, 2.0], [-0.25, 1.1, -1.5], [0, 0, 1]])
VIEW = np.array([[1.0, 0.1, 2.0], [0.05, 0.9, -1.0], [2e-3, -3e-3, 1]])
sides = st.one_of(st.integers(1, 4), st.sampled_from([7, 16, 33, 70]))
WARPS = {
    "rotate": lambda x, **o: rotate(x, 0.4, **o),
    "rotate expand": lambda x, **o: rotate(x, 0.4, expand=True, **o),
    "affine": lambda x, **o: warp_affine(x, TILT, (6, 9), **o),
    "perspective": lambda x, **o: warp_perspective(x, VIEW, **o),
    "remap": lambda x, **o: remap(x, [[-9.3, 0.2], [3.3, 40.1]], [[0.1, 33.8], [-0.4, 5.2]], **o),
    "polar": lambda x, **o: polar(x, (8, 6), **o),
    "log_polar": lambda x, **o: log_polar(x, (8, 6), **o),
}
warps = pytest.mark.parametrize("warp", WARPS.values(), ids=WARPS.keys())


def noise(*shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).random(shape).astype(dtype)


@settings(max_examples=60)
@given(
    old=st.tuples(sides, sides),
    new=st.tuples(sides, sides),
    method=st.sampled_from(RESIZE),
    antialias=st.booleans(),
)
def test_resize_is_the_arrays(old, new, method, antialias):
    image = noise(*old)
    out = resize(torch.from_numpy(image), new, method=method, antialias=antialias)
    expected = resize(image, new, method=method, antialias=antialias)
    assert np.abs(out.numpy() - expected).max() < 1e-13


@pytest.mark.parametrize("method", ["linear", "cubic"])
@pytest.mark.parametrize("shape", [(20, 31), (61, 90), (20, 90)])
def test_resize_is_torchs_antialiased(method, shape):
    image = torch.from_numpy(noise(2, 3, 41, 57))
    name = {"linear": "bilinear", "cubic": "bicubic"}[method]
    theirs = torch.nn.functional.interpolate(image, shape, mode=name, antialias=True)
    assert (resize(image, shape, method=method) - theirs).abs().max() < 1e-12


@warps
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(12, 10), (1, 1), (1, 7), (5, 2)])
def test_warps_are_the_arrays(warp, method, mode, shape):
    for dtype, limit in (("float64", 1e-12), ("float32", 1e-5)):
        image = noise(*shape, dtype=dtype)
        out = warp(torch.from_numpy(image), method=method, mode=mode, cval=0.3)
        expected = warp(image, method=method, mode=mode, cval=0.3)
        assert out.dtype == getattr(torch, dtype)
        assert out.shape == expected.shape
        assert np.abs(out.numpy() - expected).max() < limit


@warps
def test_a_batch_is_its_images(warp):
    batch = torch.from_numpy(noise(2, 3, 9, 8))
    out = warp(batch)
    assert out.shape[:2] == (2, 3)
    for i in np.ndindex(2, 3):
        assert torch.equal(out[i], warp(batch[i]))
    assert torch.equal(warp(batch.transpose(0, 1)), out.transpose(0, 1))


def test_each_image_may_have_its_own_matrix_and_places():
    batch = torch.from_numpy(noise(2, 3, 9, 8))
    both = torch.tensor(np.stack([TILT, VIEW]))
    for image in (batch, batch[0, 0]):
        out = warp_perspective(image, both[:, None], (5, 6))
        for i, c in np.ndindex(2, 3 if image.ndim == 4 else 1):
            one = image[i, c] if image.ndim == 4 else image
            assert torch.allclose(out[i, c], warp_perspective(one, both[i], (5, 6)))
    rows, columns = torch.rand(2, 2, 1, 4, 5, generator=torch.Generator().manual_seed(0)) * 8
    out = remap(batch, rows, columns)
    assert torch.allclose(out[1, 2], remap(batch[1, 2], rows[1, 0], columns[1, 0]))


@pytest.mark.parametrize("method", RESIZE)
@pytest.mark.parametrize("shape", [(3, 4), (8, 9), (3, 9)])
def test_gradients_of_resize(method, shape):
    image = torch.from_numpy(noise(2, 5, 6)).requires_grad_()
    assert gradcheck(lambda x: resize(x, shape, method=method), image)


@warps
@pytest.mark.parametrize("method", METHODS)
def test_gradients_to_the_image(warp, method):
    image = torch.from_numpy(noise(4, 5)).requires_grad_()
    assert gradcheck(lambda x: warp(x, method=method, mode="mirror"), image)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_gradients_to_matrix_and_places(method, mode):
    image = torch.from_numpy(noise(4, 5)).requires_grad_()
    options = {"method": method, "mode": mode}
    affine = torch.tensor(TILT[:2], requires_grad=True)
    assert gradcheck(lambda x, m: warp_affine(x, m, (2, 3), **options), (image, affine))
    view = torch.tensor(VIEW, requires_grad=True)
    assert gradcheck(lambda x, m: warp_perspective(x, m, (2, 3), **options), (image, view))
    rows = torch.from_numpy(6 * noise(2, 2, seed=1) - 1).requires_grad_()
    columns = torch.from_numpy(7 * noise(2, 2, seed=2) - 1).requires_grad_()
    assert gradcheck(lambda x, r, c: remap(x, r, c, **options), (image, rows, columns))


@pytest.mark.parametrize("mode", MODES)
def test_a_vanishing_line_is_no_trouble(mode):
    matrix = np.linalg.inv([[1, 0, 0], [0, 1, 0], [0.1, 0, -0.5]])  # row 5 lies infinitely far
    for dtype in ("float32", "float64"):
        image = torch.from_numpy(noise(9, 9, dtype=dtype)).requires_grad_()
        out = warp_perspective(image, matrix, (12, 12), mode=mode)
        assert torch.isfinite(out).all()
        out.sum().backward()
        assert torch.isfinite(image.grad).all()
        assert mode != "constant" or (out[5] == 0).all()


def test_a_shift_is_found_by_its_gradient():
    r, c = np.indices((32, 32))
    image = torch.from_numpy(np.exp(-((r - 15) ** 2 + (c - 16) ** 2) / 40))
    true = torch.tensor([[1, 0, 1.7], [0, 1, -2.2]], dtype=torch.float64)
    target, shift = (
        warp_affine(image, true),
        torch.zeros(2, dtype=torch.float64, requires_grad=True),
    )
    optimizer = torch.optim.LBFGS([shift], max_iter=15)
    turn = torch.eye(2, dtype=torch.float64)

    def closure():
        optimizer.zero_grad()
        moved = warp_affine(image, torch.cat([turn, shift[:, None]], 1))
        loss = ((moved - target) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert torch.allclose(shift.detach(), true[:, 2], atol=0.01)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda x: warp_affine(x, torch.zeros(2, 3)), ValueError, "cannot be inverted"),
        (lambda x: warp_affine(x, torch.eye(2)), ValueError, "matrix has shape"),
        (lambda x: warp_affine(x, torch.full((2, 3), torch.nan)), ValueError, "matrix has values"),
        (lambda x: warp_affine(x, torch.tensor(VIEW)), ValueError, "use warp_perspective"),
        (lambda x: warp_affine(x.numpy(), torch.eye(3)), TypeError, "matrix is a torch tensor"),
        (lambda x: remap(x, torch.zeros(2, 3), torch.zeros(3, 2)), ValueError, "rows has shape"),
        (lambda x: remap(x, torch.zeros(3), torch.zeros(3)), ValueError, "rows and columns have"),
        (lambda x: remap(x, torch.full((2, 3), torch.nan), torch.zeros(2, 3)), ValueError, "rows"),
        (lambda x: remap(x.numpy(), torch.zeros(2, 3), torch.zeros(2, 3)), TypeError, "rows is a"),
        (lambda x: resize(x, 0), ValueError, "shape"),
        (lambda x: resize(x.to(torch.uint8), 5), TypeError, "image"),
        (lambda x: polar(x[0]), ValueError, "image"),
    ],
)
def test_what_makes_no_sense_is_named(call, error, says):
    with pytest.raises(error, match=says):
        call(torch.zeros(6, 6))
