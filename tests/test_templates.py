"""Template matching and integral images against plain definitions, on both engines."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, images, run, to_float64

from imgkit import features
from imgkit.features import box_sums, integral, match_template

FEW = settings(max_examples=60)
# windows that are flat but for rounding, and windows of some contrast; nothing lies between
CORRELATION = {"uint8": 1e-5, "float32": 1e-5, "float64": 1e-10}


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def correlation64(image, template):
    """Each window by itself, and how much it varies."""
    image, template = np.atleast_3d(to_float64(image)), np.atleast_3d(to_float64(template))
    h, w = template.shape[:2]
    pattern = template - template.mean(axis=(0, 1))
    out = np.zeros((image.shape[0] - h + 1, image.shape[1] - w + 1))
    contrast = np.zeros(out.shape)
    for r, c in np.ndindex(out.shape):
        window = image[r : r + h, c : c + w]
        window = window - window.mean(axis=(0, 1))
        energy = (window**2).sum() * (pattern**2).sum()
        out[r, c] = (window * pattern).sum() / np.sqrt(energy) if energy > 1e-18 else 0
        contrast[r, c] = window.std()
    return out, contrast


def as_tensor(image):
    planes = np.moveaxis(image, 2, 0) if image.ndim == 3 else image
    return torch.from_numpy(np.array(planes))


@st.composite
def pairs(draw, **options):
    """An image and a piece of it, or of its mirror image, at least a pixel."""
    image = draw(images(**options))
    h, w = (draw(st.integers(1, n)) for n in image.shape[:2])
    flipped = image[::-1] if draw(st.booleans()) else image
    r, c = (draw(st.integers(0, n - m)) for n, m in zip(image.shape, (h, w), strict=False))
    return image, flipped[r : r + h, c : c + w].copy()


# --- match_template -------------------------------------------------------------------------------


@given(pair=pairs())
def test_match_template_is_its_definition(pair):
    image, template = pair
    out = run(match_template, image, template)
    expected, contrast = correlation64(image, template)
    assert out.shape == expected.shape
    assert out.dtype == ("float64" if image.dtype == np.float64 else "float32")
    # a window's variance is a difference of sums: the fainter, the fewer of its digits are right
    faint = np.clip((0.01 / np.maximum(contrast, 1e-9)) ** 2, 1, 1e4)
    assert (np.abs(out - expected) <= CORRELATION[image.dtype.name] * faint).all()


@FEW
@given(pair=pairs(dtypes=st.sampled_from(["float32", "float64"])))
def test_both_engines_correlate_alike(pair):
    image, template = pair
    out = match_template(*map(as_tensor, pair))
    expected = match_template(image, template)
    assert str(out.dtype) == f"torch.{image.dtype}"
    assert np.abs(out.numpy() - expected).max() <= CORRELATION[image.dtype.name]


@pytest.mark.parametrize("side", [3, 9, 10, 31, 64])  # sums of products, then Fourier transforms
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_template_is_found_where_it_was_cut(side, dtype):
    image = noise(97, 131, dtype=dtype)
    out = match_template(image, image[20 : 20 + side, 50 : 50 + side])
    assert np.unravel_index(out.argmax(), out.shape) == (20, 50)
    assert out.max() == pytest.approx(1, abs=1e-5)
    assert out.min() >= -1
    assert np.abs(out - correlation64(image, image[20 : 20 + side, 50 : 50 + side])[0]).max() < 1e-5


@FEW
@given(
    gain=st.floats(0.01, 100),
    offset=st.floats(-10, 10),
    engine=st.sampled_from(["array", "tensor"]),
)
def test_brightness_and_contrast_make_no_difference(gain, offset, engine):
    image, template = noise(20, 23), noise(5, 4, seed=1)
    form = as_tensor if engine == "tensor" else np.asarray
    out = match_template(form(gain * image + offset), form(template))
    expected = match_template(form(image), form(gain * template - offset))
    assert np.abs(np.asarray(out) - np.asarray(expected)).max() < 1e-7


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e300])
def test_correlation_of_tiny_and_huge_values(scale):
    image, template = noise(12, 15), noise(4, 3, seed=1)
    expected = match_template(image, template)
    assert np.abs(match_template(scale * image, template / scale) - expected).max() < 1e-9


def test_the_negative_has_minus_one():
    image = noise(16, 16)
    assert match_template(image, 1 - image[3:9, 4:12])[3, 4] == pytest.approx(-1)


@pytest.mark.parametrize("form", [np.asarray, torch.from_numpy], ids=["array", "tensor"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_flat_looks_like_nothing(form, dtype):
    image = np.full((40, 50), 0.7, dtype)
    image[:, 30:] = noise(40, 20)
    out = np.asarray(match_template(form(image), form(noise(8, 8, dtype=dtype, seed=1))))
    assert np.all(out[:, :23] == 0)  # scikit-image has 0.1 here in float32
    assert np.all(np.asarray(match_template(form(image), form(image[:5, :5]))) == 0)


def test_a_flat_image_of_bytes_correlates_with_nothing():
    assert not match_template(np.full((30, 30), 200, np.uint8), noise(4, 4, dtype="uint8")).any()


def test_nearly_flat_windows_are_right_where_opencvs_are_not():
    image = noise(80, 90, dtype="float32")
    image[:, 40:] = 0.7 + 1e-3 * image[:, 40:]
    template = image[:8, :8].copy()
    expected, _ = correlation64(image, template)
    theirs = cv2.matchTemplate(image, template, cv2.TM_CCOEFF_NORMED)
    assert np.abs(theirs - expected).max() > 0.01
    assert np.abs(match_template(image, template) - expected).max() < 2e-4


def test_one_pixel_a_level_brighter_is_no_flat_window():
    image = np.full((40, 40), 100, np.uint8)
    image[20, 20] = 101
    template = np.zeros((31, 31), np.uint8)
    template[15, 15] = 255
    out = match_template(image, template)
    assert out[5, 5] == pytest.approx(1, abs=1e-5)
    assert np.all(np.delete(out.ravel(), 5 * out.shape[1] + 5) < 0.1)


def test_a_grey_template_goes_over_every_plane_of_a_batch():
    batch, template = torch.from_numpy(noise(2, 3, 12, 14)), torch.from_numpy(noise(5, 4, seed=1))
    out = match_template(batch, template)
    assert out.shape == (2, 3, 8, 11)
    for i, j in np.ndindex(2, 3):
        assert np.allclose(out[i, j], match_template(batch[i, j].numpy(), template.numpy()))


def test_a_batch_of_colour_has_one_map_each():
    batch, template = (
        torch.from_numpy(noise(2, 3, 12, 14)),
        torch.from_numpy(noise(3, 5, 4, seed=1)),
    )
    out = match_template(batch, template)
    assert out.shape == (2, 8, 11)
    assert np.allclose(out[1], match_template(batch[1], template))


def test_gradients_of_the_correlation_are_right():
    image, template = (torch.from_numpy(noise(*s, seed=i)) for i, s in enumerate([(6, 7), (3, 2)]))
    inputs = image.requires_grad_(), template.requires_grad_()
    assert torch.autograd.gradcheck(match_template, inputs)


def test_gradients_stay_finite_where_it_is_flat():
    image = torch.full((9, 9), 0.5, requires_grad=True)
    match_template(image, torch.eye(3)).sum().backward()
    assert torch.all(image.grad == 0)


@pytest.mark.parametrize(
    ("image", "template", "error", "words"),
    [
        (noise(4, 5), noise(5, 4), ValueError, "larger"),
        (noise(9, 9, 3), noise(3, 3), ValueError, "to_gray"),
        (noise(9, 9), noise(3, 3, 3), ValueError, "channels"),
        (torch.ones(3, 9, 9), torch.ones(2, 3, 3), ValueError, "channels"),
        (torch.ones(9, 9), torch.ones(2, 3, 3), ValueError, "channels"),
        (torch.ones(9, 9), torch.ones(2, 2, 3, 3), ValueError, "channels"),
        (noise(9, 9), torch.ones(3, 3), TypeError, "both"),
        (noise(9, 9), noise(3, 3) > 0, TypeError, "template"),
        (noise(9, 9), np.full((3, 3), np.nan), ValueError, "template"),
    ],
)
def test_match_template_says_what_is_wrong(image, template, error, words):
    with pytest.raises(error, match=words):
        match_template(image, template)


# --- integral -------------------------------------------------------------------------------------


@given(image=images(signed=True))
def test_integral_is_its_definition(image):
    out = run(integral, image)
    values = to_float64(image)
    assert out.dtype == np.float64
    assert out.shape == (image.shape[0] + 1, image.shape[1] + 1, *image.shape[2:])
    scale = np.abs(values).sum()
    for r, c in [(0, 0), (1, 1), image.shape[:2], (image.shape[0] // 2, image.shape[1])]:
        assert np.allclose(out[r, c], values[:r, :c].sum(axis=(0, 1)), rtol=0, atol=1e-13 * scale)


@FEW
@given(image=images(signed=True, dtypes=st.sampled_from(["float32", "float64"])), data=st.data())
def test_box_sums_are_sums_of_boxes_on_both_engines(image, data):
    (h, w), rng = image.shape[:2], np.random.default_rng(data.draw(st.integers(0, 99)))
    rows, columns = (np.sort(rng.integers(0, n + 1, (2, 7)), axis=0) for n in (h, w))
    boxes = np.stack([rows[0], columns[0], rows[1], columns[1]], axis=1)
    expected = np.stack([image[a:b, c:d].sum(axis=(0, 1), dtype=float)
                         for a, c, b, d in boxes])  # fmt: skip
    atol = 1e-13 * np.abs(image).sum(dtype=float)
    assert np.allclose(box_sums(integral(image), boxes), expected, rtol=0, atol=atol)
    found = box_sums(integral(as_tensor(image)), boxes).numpy()
    assert np.allclose(found.T, expected, rtol=0, atol=atol)


def test_a_large_bright_image_does_not_overflow():
    image = np.broadcast_to(np.uint8(255), (3000, 3000))
    assert integral(image)[-1, -1] == 9e6  # in 32 bits of whole levels it would be negative


def test_a_small_box_far_down_keeps_its_digits():
    image = noise(2000, 500, dtype="float32")
    assert box_sums(integral(image), (1998, 498, 1999, 499)) == pytest.approx(
        float(image[1998, 498]), abs=1e-9
    )


def test_many_channels_have_integrals_too():
    image = noise(5, 4, 200)  # OpenCV 5 stops at 128
    assert np.allclose(integral(image)[-1, -1], image.sum(axis=(0, 1)))


def test_gradients_of_an_integral_are_right():
    image = torch.from_numpy(noise(2, 3, 4)).requires_grad_()
    assert torch.autograd.gradcheck(integral, image)


@pytest.mark.parametrize(
    ("boxes", "error"),
    [
        ([[0, 0, 5, 4]], ValueError),
        ([[-1, 0, 2, 2]], ValueError),
        ([[3, 0, 2, 2]], ValueError),
        ([[0, 0, 2]], ValueError),
        (3, ValueError),
        ([[0, 0, 1.5, 2]], TypeError),
    ],
)
def test_bad_boxes_are_named(boxes, error):
    with pytest.raises(error, match="boxes"):
        box_sums(integral(noise(4, 4)), boxes)


def test_no_boxes_have_no_sums():
    assert box_sums(integral(noise(4, 4)), np.zeros((0, 4), int)).shape == (0,)


@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES)
@pytest.mark.parametrize("name", ["integral", "match_template"])
def test_bad_images_are_refused(name, image, error):
    others = [noise(1, 1)] if name == "match_template" else []
    with pytest.raises(error, match="image"):
        getattr(features, name)(image, *others)
