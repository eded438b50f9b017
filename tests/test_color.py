"""Colour spaces against their float64 definitions, on both engines, and what they refuse."""

import colorsys
import inspect

import cv2
import numpy as np
import pytest
import skimage.color
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import BAD_IMAGES, HALF_LEVEL, LAYOUTS, images, run, to_float64

from imgkit import color
from imgkit.color import (
    hsv_to_rgb,
    lab_to_rgb,
    rgb_to_hsv,
    rgb_to_lab,
    rgb_to_ycbcr,
    to_gray,
    ycbcr_to_rgb,
)
from imgkit.images import as_uint8, pointwise

# linear sRGB to XYZ, worked out in fractions: W3C, CSS Color Module Level 4
XYZ_OF_RGB = np.array(
    [
        [506752 / 1228815, 87881 / 245763, 12673 / 70218],
        [87098 / 409605, 175762 / 245763, 12673 / 175545],
        [7918 / 409605, 87881 / 737289, 1001167 / 1053270],
    ]
)
D65 = np.array([0.3127, 0.3290, 1 - 0.3127 - 0.3290]) / 0.3290

colour = images(channels=(3,))
float_colour = images(channels=(3,), dtypes=st.sampled_from(["float32", "float64"]))


# --- definitions ----------------------------------------------------------------------------------


def pixelwise(convert):
    def whole(rgb):
        return np.array([convert(*p) for p in rgb.reshape(-1, 3).tolist()]).reshape(rgb.shape)

    return whole


def lab64(rgb):
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = light @ XYZ_OF_RGB.T / D65
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def rgb_of_lab64(lab):
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], -1)
    xyz = np.where(f > 6 / 29, f**3, (116 * f - 16) * 27 / 24389)
    light = np.clip(xyz * D65 @ np.linalg.inv(XYZ_OF_RGB).T, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def ycbcr64(rgb):
    y = rgb @ [0.299, 0.587, 0.114]
    return np.stack([y, 0.5 + (rgb[..., 2] - y) / 1.772, 0.5 + (rgb[..., 0] - y) / 1.402], -1)


def rgb_of_ycbcr64(ycc):
    y, cb, cr = np.moveaxis(ycc - [0, 0.5, 0.5], -1, 0)
    r, b = y + 1.402 * cr, y + 1.772 * cb
    return np.clip(np.stack([r, (y - 0.299 * r - 0.114 * b) / 0.587, b], -1), 0, 1)


def to_tensor(image):
    return torch.from_numpy(np.moveaxis(image, 2, 0).copy())


def to_array(tensor):
    return np.moveaxis(tensor.numpy(), 0, -1)


def on_both(routine, image, **options):
    """The answers of the array engine and, for floats, of the tensor engine."""
    yield run(routine, image, **options)
    if image.dtype != np.uint8:
        before = to_tensor(image)
        out = routine(tensor := before.clone(), **options)
        assert torch.equal(tensor, before)
        assert str(out.dtype) == f"torch.{image.dtype}"
        yield out.numpy() if out.ndim == 2 else to_array(out)


def hue_apart(first, second):
    """Hue is a circle."""
    apart = np.abs(first - second)
    return np.minimum(apart, 1 - apart)


# The dtype decides what is exact; uint8 becomes float32 in HSV and Lab.
TOLERANCE = {"uint8": 1e-6, "float32": 1e-6, "float64": 1e-15}


@pytest.mark.parametrize(
    ("name", "weights"), [("bt601", [0.299, 0.587, 0.114]), ("bt709", [0.2126, 0.7152, 0.0722])]
)
@given(image=images(channels=(3,), signed=True))
def test_to_gray_is_its_weights(name, weights, image):
    expected = image.astype(np.float64) @ np.array(weights)
    tolerance = {"uint8": 0.51, "float32": 3e-7, "float64": 1e-15}[image.dtype.name]
    scale = 1 if image.dtype == np.uint8 else np.abs(image).max()
    for gray in on_both(to_gray, image, weights=name):
        assert gray.dtype == image.dtype
        assert gray.shape == image.shape[:2]
        assert np.abs(gray - expected).max() <= tolerance * scale
    if name == "bt601":
        assert np.array_equal(to_gray(image), to_gray(image, weights="bt601"))


@given(image=colour, dark=st.sampled_from([1, 1e-3, 1e-30]))
def test_rgb_to_hsv_is_colorsys(image, dark):
    if image.dtype != np.uint8:
        image = (image * dark).astype(image.dtype)  # OpenCV's hue is 0.1 off in the dark
    expected = pixelwise(colorsys.rgb_to_hsv)(to_float64(image))
    tolerance = TOLERANCE[image.dtype.name]
    for out in on_both(rgb_to_hsv, image):
        assert out.dtype == (np.float32 if image.dtype == np.uint8 else image.dtype)
        assert hue_apart(out[..., 0], expected[..., 0]).max() <= tolerance
        assert np.abs(out[..., 1] - expected[..., 1]).max() <= tolerance
        assert np.abs(out[..., 2] - expected[..., 2]).max() <= tolerance * np.abs(expected).max()
        assert out.min() >= 0
        assert out.max() <= 1


@given(image=float_colour)
def test_hsv_to_rgb_is_colorsys(image):
    expected = pixelwise(colorsys.hsv_to_rgb)(to_float64(image))
    for out in on_both(hsv_to_rgb, image):
        assert out.dtype == image.dtype
        assert np.abs(out - expected).max() <= TOLERANCE[image.dtype.name]


@given(image=colour)
def test_rgb_to_lab_is_its_definition(image):
    expected = lab64(to_float64(image))
    tolerance = {"uint8": 1e-6, "float32": 2e-6, "float64": 1e-14}[image.dtype.name]
    for out in on_both(rgb_to_lab, image):
        assert out.dtype == (np.float32 if image.dtype == np.uint8 else image.dtype)
        assert np.abs(out - expected).max() <= 100 * tolerance


@given(image=float_colour)
def test_lab_to_rgb_is_its_definition(image):
    lab = lab64(to_float64(image)).astype(image.dtype)
    expected = rgb_of_lab64(lab.astype(np.float64))
    tolerance = {"float32": 1e-5, "float64": 2e-14}[image.dtype.name]
    for out in on_both(lab_to_rgb, lab):
        assert out.dtype == image.dtype
        assert np.abs(out - expected).max() <= tolerance


@given(image=float_colour)
def test_lab_clips_what_a_screen_cannot_show(image):
    lab = (image - [0, 0.5, 0.5]).astype(image.dtype) * 300  # far outside
    expected = rgb_of_lab64(lab.astype(np.float64))
    for out in on_both(lab_to_rgb, lab):
        assert out.min() >= 0
        assert out.max() <= 1
        assert np.abs(out - expected).max() <= 1e-4  # the cubes are large here


@given(image=colour)
def test_rgb_to_ycbcr_is_its_definition(image):
    expected = ycbcr64(to_float64(image))
    for out in on_both(rgb_to_ycbcr, image):
        assert out.dtype == image.dtype
        if image.dtype == np.uint8:
            levels = 255 * (expected - [0, 0.5, 0.5]) + [0, 128, 128]
            assert np.abs(out - np.clip(levels, 0, 255)).max() <= HALF_LEVEL
        else:
            assert (
                np.abs(out - expected).max() <= {"float32": 1e-6, "float64": 2e-15}[out.dtype.name]
            )


@given(image=colour)
def test_ycbcr_to_rgb_is_its_definition(image):
    values = to_float64(image)
    if image.dtype == np.uint8:
        values = values - [0, 128 / 255 - 0.5, 128 / 255 - 0.5]
    expected = rgb_of_ycbcr64(values)
    for out in on_both(ycbcr_to_rgb, image):
        assert out.dtype == image.dtype
        if image.dtype == np.uint8:
            assert np.abs(out - 255 * expected).max() <= HALF_LEVEL
        else:
            assert (
                np.abs(out - expected).max() <= {"float32": 1e-6, "float64": 4e-15}[out.dtype.name]
            )


def photograph(*shape, dtype="float64", seed=0):
    """Smooth colours with noise."""
    values = np.random.default_rng(seed).random((*shape, 3))
    values = np.clip(cv2.GaussianBlur(values, (5, 5), 1) * 2 - 0.5, 0, 1)
    return as_uint8(values) if dtype == "uint8" else values.astype(dtype)


def test_scikit_image_agrees():
    rgb = photograph(40, 50)
    assert np.allclose(rgb_to_hsv(rgb), skimage.color.rgb2hsv(rgb), rtol=0, atol=1e-14)
    assert np.allclose(hsv_to_rgb(rgb), skimage.color.hsv2rgb(rgb), rtol=0, atol=1e-14)
    assert np.allclose(rgb_to_lab(rgb), skimage.color.rgb2lab(rgb), rtol=0, atol=0.02)
    studio = skimage.color.rgb2ycbcr(rgb)  # Y in 16..235
    full = (studio - [16, 128, 128]) / [219, 224, 224] + [0, 0.5, 0.5]
    assert np.allclose(rgb_to_ycbcr(rgb), full, rtol=0, atol=1e-5)
    gray = to_gray(rgb, weights="bt709")
    assert np.allclose(gray, skimage.color.rgb2gray(rgb), rtol=0, atol=2e-4)


def test_lab_is_exact_where_opencv_is_not():
    rgb = photograph(64, 64, dtype="float32")
    expected = lab64(rgb.astype(np.float64))
    assert np.abs(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB) - expected).max() > 0.1
    assert np.abs(rgb_to_lab(rgb) - expected).max() < 2e-4


def test_the_weights_of_grey_are_stated():
    green = np.array([[[0.0, 1, 0]]])
    assert to_gray(green) == 0.587
    assert to_gray(green, weights="bt709") == 0.7152


# --- laws -----------------------------------------------------------------------------------------


def test_to_gray_of_grey():
    gray = photograph(6, 5)[..., 0].copy()
    assert to_gray(gray) is gray
    assert np.array_equal(to_gray(gray[..., None]), gray)
    assert torch.equal(to_gray(torch.from_numpy(gray)[None]), torch.from_numpy(gray))
    for weights in ("bt601", "bt709"):
        for level in range(256):
            assert to_gray(np.full((1, 1, 3), level, np.uint8), weights=weights) == level


@given(level=st.floats(0, 1), dtype=st.sampled_from(["float32", "float64"]))
def test_grey_has_no_colour(level, dtype):
    gray = np.full((2, 3, 3), level, dtype)
    tolerance = {"float32": 1e-6, "float64": 1e-14}[dtype]
    for hsv in on_both(rgb_to_hsv, gray):
        assert (hsv[..., :2] == 0).all()
        assert np.allclose(hsv[..., 2], gray[..., 0], rtol=tolerance)
    for lab in on_both(rgb_to_lab, gray):
        assert np.abs(lab[..., 1:]).max() <= 100 * tolerance
    for ycc in on_both(rgb_to_ycbcr, gray):
        assert np.abs(ycc - [gray[0, 0, 0], 0.5, 0.5]).max() <= tolerance


def test_black_white_and_the_primaries():
    colours = np.array([[[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]], np.float64)
    lab = rgb_to_lab(colours)[0]
    expected = [[0, 0, 0], [100, 0, 0], [53.24, 80.09, 67.20], [87.73, -86.18, 83.18]]
    expected.append([32.30, 79.19, -107.86])
    assert np.allclose(lab, expected, atol=0.02)
    assert np.allclose(rgb_to_hsv(colours)[0, 2:, 0], [0, 1 / 3, 2 / 3])


@given(image=float_colour)
def test_there_and_back(image):
    tolerance = {"float32": 2e-5, "float64": 1e-13}[image.dtype.name]
    pairs = [(rgb_to_hsv, hsv_to_rgb), (rgb_to_lab, lab_to_rgb), (rgb_to_ycbcr, ycbcr_to_rgb)]
    for there, back in pairs:
        assert np.abs(back(there(image)) - image).max() <= tolerance
        tensor = to_tensor(image)
        assert (back(there(tensor)) - tensor).abs().max() <= tolerance


def test_all_bytes_come_back():
    levels = np.arange(0, 256, 3, dtype=np.uint8)  # every third of each channel, and white
    cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(len(levels), -1, 3)
    there = rgb_to_ycbcr(cube)
    assert there.dtype == np.uint8
    assert np.abs(ycbcr_to_rgb(there).astype(int) - cube).max() == 1
    assert np.array_equal(as_uint8(hsv_to_rgb(rgb_to_hsv(cube))), cube)
    assert np.array_equal(as_uint8(lab_to_rgb(rgb_to_lab(cube))), cube)


@given(turn=st.floats(0, 1))
def test_a_full_turn_of_the_hue_is_none(turn):
    hsv = np.full((1, 1, 3), 0.8)
    hsv[..., 0] = turn
    rgb = hsv_to_rgb(hsv)
    assert hue_apart(rgb_to_hsv(rgb)[..., 0], turn).max() < 1e-14
    assert np.allclose(np.roll(rgb, 1, axis=2), hsv_to_rgb(np.add(hsv, [1 / 3, 0, 0]) % [1, 9, 9]))


ROUTINES = [to_gray, rgb_to_hsv, hsv_to_rgb, rgb_to_lab, lab_to_rgb, rgb_to_ycbcr, ycbcr_to_rgb]
every = pytest.mark.parametrize("routine", ROUTINES)
NO_BYTES = [hsv_to_rgb, lab_to_rgb]
KINDS = [
    pytest.param(routine, dtype, id=f"{routine.__name__}, {dtype}")
    for routine in ROUTINES
    for dtype in ("uint8", "float32", "float64")
    if dtype != "uint8" or routine not in NO_BYTES
]
every_kind = pytest.mark.parametrize(("routine", "dtype"), KINDS)


@every_kind
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_memory_layout_does_not_matter(routine, layout, dtype):
    image = photograph(7, 5, dtype=dtype)
    out = routine(layout(image))
    assert np.array_equal(out, routine(image))
    assert out.flags.c_contiguous
    assert out.flags.writeable


@every_kind
@pytest.mark.parametrize("shape", [(40, 3), (200, 1), (90, 61)])
def test_bands_and_threads_leave_no_seams(routine, shape, dtype, monkeypatch):
    image = photograph(*shape, dtype=dtype)
    whole = routine(image)
    monkeypatch.setattr(pointwise, "BAND", 400)  # some rows, and far more than 32 bands
    before = cv2.getNumThreads()
    try:
        for threads in (1, 3):
            cv2.setNumThreads(threads)
            # the ends of rows are computed otherwise than their middles, to the last bit
            limit = TOLERANCE[dtype] * (1000 if routine is rgb_to_lab else 10)
            assert np.abs(routine(image).astype(float) - whole).max() <= limit
    finally:
        cv2.setNumThreads(before)


@every
def test_tensors_have_any_batch(routine):
    batch = torch.rand(2, 4, 3, 5, 6, generator=torch.Generator().manual_seed(0))
    out = routine(batch)
    assert out.shape == ((2, 4, 5, 6) if routine is to_gray else batch.shape)
    assert torch.allclose(out[1, 2], routine(batch[1, 2]), atol=1e-5)
    turned = batch.transpose(-1, -2)  # another memory layout
    assert torch.allclose(routine(turned), out.transpose(-1, -2), atol=1e-5)


@every
def test_gradients_flow(routine):
    rgb = to_tensor(photograph(3, 4, seed=1) * 0.8 + 0.1)
    values = lab64(to_array(rgb)) if routine is lab_to_rgb else to_array(rgb)
    if routine is ycbcr_to_rgb:
        values = 0.5 + 0.2 * (values - 0.5)  # within the gamut: what is clipped has no slope
    tensor = to_tensor(values).requires_grad_()
    assert torch.autograd.gradcheck(routine, tensor, eps=1e-6, atol=1e-4)


@every
@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_gradients_are_finite_where_a_formula_bends(routine, level):
    tensor = torch.full((3, 2, 2), level, requires_grad=True)
    routine(tensor).sum().backward()
    assert torch.isfinite(tensor.grad).all()


# --- what is refused ------------------------------------------------------------------------------


@every
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image)


@every
def test_other_channels_are_refused(routine):
    for shape in [(4, 5, 2), (4, 5, 4), (3, 4, 5)]:
        with pytest.raises(ValueError, match=r"^image has shape"):
            routine(np.zeros(shape))
    for shape in [(4, 5), (4, 4, 5), (4, 5, 3)]:
        with pytest.raises(ValueError, match=r"^image is a tensor of shape"):
            routine(torch.zeros(shape))


@pytest.mark.parametrize("routine", [r for r in ROUTINES if r not in (to_gray, lab_to_rgb)])
def test_intensities_are_needed(routine):
    for image in (np.full((2, 2, 3), 200.0), torch.full((3, 2, 2), 200.0)):
        with pytest.raises(ValueError, match=r"image has values .* 0\.\.255: divide by 255"):
            routine(image)
    nearly = np.float32([[[-5e-5, 0.5, 1 + 5e-5]]])  # rounding
    for out in on_both(routine, nearly):
        assert np.isfinite(out).all()


@pytest.mark.parametrize("routine", NO_BYTES)
def test_bytes_do_not_tell_their_scale(routine):
    with pytest.raises(TypeError, match=r"^image has dtype uint8; .* are float32 or float64"):
        routine(np.zeros((2, 2, 3), np.uint8))


@pytest.mark.parametrize("value", [1e30, -1e6, 2000.0])
def test_lab_has_bounds(value):
    for image in (np.full((1, 1, 3), value), torch.full((3, 1, 1), value)):
        with pytest.raises(ValueError, match=r"image has values from .* Lab has L in 0\.\.100"):
            lab_to_rgb(image)


def test_bad_weights_are_named():
    with pytest.raises(ValueError, match="weights must be one of bt601, bt709; got 'mean'"):
        to_gray(np.zeros((2, 2, 3)), weights="mean")
    with pytest.raises(TypeError, match="weights must be one of"):
        to_gray(np.zeros((2, 2)), weights=(0.3, 0.6, 0.1))


def test_names_are_flat_and_options_keyword_only():
    assert {routine.__name__ for routine in ROUTINES} == set(color.__all__)
    option = inspect.signature(to_gray).parameters["weights"]
    assert option.kind is option.KEYWORD_ONLY
