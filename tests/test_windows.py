"""Sliding windows, pyramids and the faces that are found with them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES, images, to_float64

from imgkit import data, features
from imgkit.features import faces, pyramid, sliding_windows


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def as_tensor(image):
    planes = np.moveaxis(image, 2, 0) if image.ndim == 3 else image
    return torch.from_numpy(np.array(planes))


# --- windows --------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(image=images(signed=True), data=st.data())
def test_windows_are_slices_of_the_image(image, data):
    h, w = size = tuple(data.draw(st.integers(1, n)) for n in image.shape[:2])
    rows, columns = step = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    out = sliding_windows(image, size=size, step=step)
    assert out.dtype == image.dtype
    assert np.shares_memory(out, image)
    assert not out.flags.writeable
    count = [(n - m) // s + 1 for n, m, s in zip(image.shape, size, step, strict=False)]
    assert out.shape == (*count, *size, *image.shape[2:])
    for i, j in np.ndindex(*count):
        top, left = i * rows, j * columns
        assert np.array_equal(out[i, j], image[top : top + h, left : left + w])
    if image.dtype != np.uint8:
        tensor = sliding_windows(as_tensor(image), size=size, step=step)
        wanted = np.moveaxis(out, -1, 0) if image.ndim == 3 else out
        assert np.array_equal(tensor.numpy(), wanted)


def test_windows_of_a_tensor_are_views_with_gradients():
    image = torch.rand(2, 3, 9, 8, requires_grad=True)
    out = sliding_windows(image, size=(4, 3), step=2)
    assert out.shape == (2, 3, 3, 3, 4, 3)
    assert out.untyped_storage().data_ptr() == image.untyped_storage().data_ptr()
    out.sum().backward()
    assert image.grad[0, 0, 4, 4] == 2 * 2  # in how many windows it lies


def test_all_windows_of_a_large_image_cost_nothing():
    out = sliding_windows(np.zeros((3000, 3000), np.uint8), size=64)  # 35 GB if it were copied
    assert out.shape == (2937, 2937, 64, 64)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"size": 9}, ValueError),
        ({"size": (4, 9)}, ValueError),
        ({"size": 0}, ValueError),
        ({"size": 2.5}, TypeError),
        ({"size": 10**12}, ValueError),
        ({"size": 2, "step": 0}, ValueError),
        ({"size": 2, "step": (1, 2, 3)}, TypeError),
    ],
)
@pytest.mark.parametrize("image", [np.zeros((8, 8)), torch.zeros(8, 8)], ids=["array", "tensor"])
def test_bad_windows_are_named(image, options, error):
    with pytest.raises(error, match=list(options)[-1]):
        sliding_windows(image, **options)


# --- pyramids -------------------------------------------------------------------------------------


def pyramid64(image, factor, count):
    """Blur, then look between the pixels; unrounded from level to level."""
    levels, shape = [to_float64(image)], image.shape[:2]
    while len(levels) < count:
        blurred = ndimage.gaussian_filter(
            levels[-1], (factor**2 - 1) ** 0.5 / 2, mode="mirror", axes=(0, 1)
        )
        new = [max(1, round(n / factor ** len(levels))) for n in shape]
        if tuple(new) == levels[-1].shape[:2]:
            break
        where = [
            (np.arange(m) + 0.5) * n / m - 0.5 for m, n in zip(new, blurred.shape, strict=False)
        ]
        grid = np.meshgrid(*where, indexing="ij")
        planes = [
            ndimage.map_coordinates(plane.T, grid, order=1, mode="nearest")
            for plane in np.atleast_3d(blurred).T
        ]
        levels.append(np.stack(planes, axis=2).reshape(*new, *image.shape[2:]))
    return levels


@settings(max_examples=60)
@given(image=images(), factor=st.sampled_from([1.2, 1.5, 2.0, 3.7]))
def test_pyramid_is_its_definition_on_both_engines(image, factor):
    before = image.copy()
    out, wanted = pyramid(image, factor=factor), pyramid64(image, factor, 99)
    assert np.array_equal(image, before)
    assert out[0] is image
    assert [level.shape for level in out] == [level.shape for level in wanted]
    near = {"uint8": 0.5 / 255 + 1e-5, "float32": 1e-6, "float64": 1e-13}[image.dtype.name]
    for level, expected in zip(out, wanted, strict=True):
        assert level.dtype == image.dtype
        assert np.abs(to_float64(level) - expected).max() <= near
    if image.dtype != np.uint8:
        for level, expected in zip(pyramid(as_tensor(image), factor=factor), wanted, strict=True):
            planes = np.moveaxis(expected, 2, 0) if image.ndim == 3 else expected
            assert np.abs(level.numpy() - planes).max() <= near


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_levels_may_have_any_values(scale):
    image = noise(20, 30)
    level = pyramid(scale * image - scale, levels=2)[1]
    assert np.allclose(level / scale, pyramid(image, levels=2)[1] - 1, rtol=0, atol=1e-12)


def test_a_flat_image_stays_flat():
    for level in pyramid(np.full((33, 47, 3), 77, np.uint8)):
        assert np.all(level == 77)


def test_stripes_that_no_level_can_show_become_grey():
    stripes = np.tile([0.0, 1.0, 1.0], (60, 40))
    plain = stripes[::2, ::2]
    assert np.ptp(plain) == 1  # every second pixel: false stripes
    assert np.ptp(pyramid(stripes, levels=3)[2][4:-4, 4:-4]) < 0.05


def test_a_spot_lies_where_the_docstring_says():
    rows, columns = np.mgrid[:90, :120]
    image = np.exp(-((rows - 37) ** 2 + (columns - 64) ** 2) / (2 * 6**2))
    level = pyramid(image, factor=1.7, levels=2)[1]
    h, w = level.shape
    grid = np.mgrid[:h, :w]
    centre = [(axis * level).sum() / level.sum() for axis in grid]
    assert centre == pytest.approx([37.5 * h / 90 - 0.5, 64.5 * w / 120 - 0.5], abs=0.02)


def test_levels_end_where_they_are_asked_to():
    image = np.zeros((100, 60))
    shapes = [level.shape for level in pyramid(image)]
    assert shapes == [(100, 60), (50, 30), (25, 15), (12, 8), (6, 4), (3, 2), (2, 1), (1, 1)]
    assert len(pyramid(image, levels=3)) == 3
    assert [level.shape for level in pyramid(image, smallest=(25, 15))] == shapes[:3]
    assert len(pyramid(image, smallest=500)) == len(pyramid(image, levels=1)) == 1


def test_gradients_of_a_pyramid_are_right():
    image = torch.rand(2, 7, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: pyramid(x, levels=3)[2], image)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"factor": 1.0}, ValueError),
        ({"factor": 1e9}, ValueError),
        ({"factor": "2"}, TypeError),
        ({"levels": 0}, ValueError),
        ({"levels": 2.0}, TypeError),
        ({"smallest": 0}, ValueError),
    ],
)
def test_bad_pyramids_are_named(options, error):
    with pytest.raises(error, match=next(iter(options))):
        pyramid(np.zeros((8, 8)), **options)


# --- faces ----------------------------------------------------------------------------------------


def test_the_astronaut_has_one_face():
    astronaut = data.load("astronaut")
    assert faces(astronaut, largest=123).tolist() == [[74, 178, 161, 265]]
    (box,) = faces(astronaut)
    row0, column0, row1, column1 = box
    assert row0 < 115 < row1  # her eyes
    assert column0 < 220 < column1


def test_floats_and_a_grey_copy_have_that_face_too():
    astronaut = data.load("astronaut")[:250, 100:350]
    for image in (astronaut / 255, (astronaut / 255).astype("float32"), astronaut[..., :1]):
        before = image.copy()
        boxes = faces(image)
        assert np.array_equal(image, before)
        assert boxes.dtype == np.int64
        assert len(boxes) == 1
        assert np.abs(boxes[0] - [74, 78, 161, 165]).max() < 15


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (59, 200), (60, 60), (80, 70, 3)])
@pytest.mark.parametrize("value", [0, 255])
def test_where_there_is_none_there_is_none(shape, value):
    assert faces(np.full(shape, value, np.uint8)).shape == (0, 4)


def test_boxes_lie_in_the_image_and_the_largest_comes_first():
    astronaut = data.load("astronaut")
    boxes = faces(astronaut, smallest=24, neighbours=2)
    sides = boxes[:, 2] - boxes[:, 0]
    assert len(boxes) > 1
    assert np.all(np.diff(sides) <= 0)
    assert np.all((boxes >= 0) & (boxes <= 512))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"smallest": 10}, ValueError),
        ({"smallest": 60.5}, TypeError),
        ({"largest": 50}, ValueError),
        ({"scale": 1.0}, ValueError),
        ({"scale": np.nan}, ValueError),
        ({"step": 0.01}, ValueError),
        ({"step": 1e9}, ValueError),
        ({"neighbours": 0}, ValueError),
    ],
)
def test_bad_parameters_of_faces_are_named(options, error):
    with pytest.raises(error, match=next(iter(options))):
        faces(np.zeros((70, 70)), **options)


# --- all ------------------------------------------------------------------------------------------

CALLS = {
    "sliding_windows": lambda image: sliding_windows(image, size=1),
    "pyramid": features.pyramid,
    "faces": features.faces,
}


@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_bad_images_are_refused(call, image, error):
    with pytest.raises(error, match="image"):
        call(image)
