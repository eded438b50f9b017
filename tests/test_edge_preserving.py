"""The bilateral and the guided filter against their float64 definitions, their laws, their gate."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    BAD_IMAGES,
    HALF_LEVEL,
    LAYOUTS,
    MODES,
    borders,
    images,
    padded,
    run,
    to_float64,
)

from imgkit.filtering import bilateral, gaussian, guided

ROUTINES = {"bilateral": bilateral, "guided": guided}
TOLERANCE = {"bilateral": {"float32": 2e-6, "float64": 1e-14}}
TOLERANCE["guided"] = {"float32": 1e-6, "float64": 1e-12}
every = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES.keys())
floats = st.sampled_from(["float32", "float64"])


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def bilateral64(values, sigma_color, sigma_space, size, *, mode="mirror", cval=0.0):
    """The definition, over a disc."""
    r, (height, width) = size // 2, values.shape[:2]
    pixels = np.atleast_3d(values)
    wide = padded(pixels, (r, r), (r, r), mode, cval)
    total, weights = np.zeros(pixels.shape), np.zeros((height, width, 1))
    for i, j in np.ndindex(size, size):
        distance2 = (i - r) ** 2 + (j - r) ** 2
        if distance2 <= r * r:
            other = wide[i : i + height, j : j + width]
            difference = np.abs(other - pixels).sum(axis=2, keepdims=True)
            weight = np.exp(-distance2 / (2 * sigma_space**2))
            weight = weight * np.exp(-((difference / sigma_color) ** 2) / 2)
            total += weight * other
            weights += weight
    return (total / weights).reshape(values.shape)


def guided64(values, guide, radius, epsilon, *, mode="mirror", cval=0.0):
    """The definition: a ridge regression in every window, with its covariance as it stands."""
    reach, side = (2 * radius, 2 * radius), 2 * radius + 1
    image, guide = np.atleast_3d(values), np.atleast_3d(guide)

    def windows(pixels):  # (rows, columns, channels, pixels of a window)
        seen = np.lib.stride_tricks.sliding_window_view(pixels, (side, side), axis=(0, 1))
        return seen.reshape(*seen.shape[:3], -1)

    p = windows(padded(image, reach, reach, mode, cval))
    g = windows(padded(guide, reach, reach, mode, cval))
    p_mean, g_mean = p.mean(-1, keepdims=True), g.mean(-1, keepdims=True)
    own = np.einsum("rcin,rcjn->rcij", g - g_mean, g - g_mean) / side**2
    both = np.einsum("rcin,rckn->rcik", g - g_mean, p - p_mean) / side**2
    slopes = np.linalg.solve(own + epsilon * np.eye(guide.shape[2]), both)
    offsets = p_mean[..., 0] - np.einsum("rcik,rci->rck", slopes, g_mean[..., 0])
    offset = windows(offsets).mean(-1)
    slope = windows(slopes.reshape(*slopes.shape[:2], -1)).mean(-1)
    slope = slope.reshape(*slope.shape[:2], *slopes.shape[2:])
    return (np.einsum("rcik,rci->rck", slope, guide) + offset).reshape(values.shape)


def assert_close(out, expected, image, name, *, cval=0.0):
    """Within what the docstring says, in the kind of the image."""
    assert out.shape == image.shape
    assert out.dtype == image.dtype
    if image.dtype == np.uint8:
        assert np.abs(out - np.clip(255 * expected, 0, 255)).max() <= HALF_LEVEL
    else:
        magnitude = max(np.abs(image).max(), cval)
        assert np.abs(out - expected).max() <= TOLERANCE[name][out.dtype.name] * magnitude


def as_tensor(image):
    values = np.ascontiguousarray(image)
    return torch.from_numpy(values.copy() if values.ndim == 2 else np.moveaxis(values, 2, 0).copy())


def as_array(tensor):
    values = tensor.detach().numpy()
    return values if values.ndim == 2 else np.moveaxis(values, 0, 2)


# --- definitions ----------------------------------------------------------------------------------


@settings(max_examples=80)
@given(
    image=images(),
    sigma_color=st.sampled_from([1e-6, 0.02, 0.1, 0.5, 1e6]),
    sigma_space=st.sampled_from([0.1, 1.0, 3.0, 1e6]),
    size=st.sampled_from([1, 3, 5, 7, 9]),
    border=borders,
)
def test_bilateral_is_its_definition(image, sigma_color, sigma_space, size, border):
    options = {"sigma_color": sigma_color, "sigma_space": sigma_space, "size": size, **border}
    expected = bilateral64(to_float64(image), **options)
    cval = border.get("cval", 0)
    assert_close(run(bilateral, image, **options), expected, image, "bilateral", cval=cval)
    if image.dtype != np.uint8:
        out = as_array(bilateral(as_tensor(image), **options))
        assert_close(out, expected, image, "bilateral", cval=cval)


@st.composite
def image_and_guide(draw):
    image = draw(images(dtypes=st.sampled_from(["uint8", "float32", "float64"])))
    if draw(st.booleans()):
        return image, None
    channels = draw(st.sampled_from([(), (1,), (2,), (3,)]))
    seed = draw(st.integers(0, 2**32 - 1))
    # a float32 guide holds a float32 of cval beyond its edge
    dtype = "float64" if image.dtype == np.float64 else draw(floats)
    return image, noise(*image.shape[:2], *channels, dtype=dtype, seed=seed)


@settings(max_examples=80)
@given(
    pair=image_and_guide(),
    radius=st.integers(1, 4),
    epsilon=st.sampled_from([1e-4, 0.01, 1.0, 1e300]),
    border=borders,
)
def test_guided_is_its_definition(pair, radius, epsilon, border):
    image, guide = pair
    options = {"radius": radius, "epsilon": epsilon, **border}
    values = to_float64(image)
    expected = guided64(values, values if guide is None else to_float64(guide), **options)
    cval = border.get("cval", 0)
    out = run(guided, image, guide, **options)
    assert_close(out, expected, image, "guided", cval=cval)
    if image.dtype != np.uint8:
        other = None if guide is None else as_tensor(guide)
        out = as_array(guided(as_tensor(image), other, **options))
        assert_close(out, expected, image, "guided", cval=cval)


def test_guided_is_stable_in_float32():
    image = 0.9 + 1e-3 * noise(30, 31, dtype="float32")  # a variance of 1e-7 on a square of 0.8
    expected = guided64(image.astype(float), image.astype(float), 3, 1e-7)
    assert np.abs(guided(image, radius=3, epsilon=1e-7) - expected).max() <= 1e-7
    tensor = guided(torch.from_numpy(image), radius=3, epsilon=1e-7)
    assert np.abs(tensor.numpy() - expected).max() <= 1e-7
    exact = cv2.blur(image.astype(float) ** 2, (7, 7)) - cv2.blur(image.astype(float), (7, 7)) ** 2
    naive = cv2.blur(image * image, (7, 7)) - cv2.blur(image, (7, 7)) ** 2
    assert np.abs(naive - exact).max() > 0.3 * exact.max()  # what float32 makes of the variance


@pytest.mark.parametrize("shape", [(300, 310), (70, 400, 5)])
def test_bilateral_crosses_its_bands_and_threads(shape):
    image = noise(*shape)
    out = bilateral(image, sigma_color=0.2, size=5)
    assert_close(out, bilateral64(image, 0.2, 2.0, 5), image, "bilateral")


@pytest.mark.parametrize("size", [3, 5, 7])
def test_bilateral_rounds_where_opencv_truncates(size):
    image = noise(40, 50, dtype="uint8")
    out = bilateral(image, sigma_color=0.1, size=size)
    exact = 255 * bilateral64(image / 255, 0.1, 2.0, size)
    assert abs((out - exact).mean()) < 0.02
    if size < 7:
        assert (cv2.bilateralFilter(image, size, 25.5, 2.0) - exact).mean() < -0.4


def test_bilateral_minds_a_border_beyond_the_range_of_the_image():
    image = 0.8 + 0.1 * noise(9, 8, dtype="float32")
    for cval in (0.0, 1.0):
        out = bilateral(image, sigma_color=0.5, size=5, mode="constant", cval=cval)
        expected = bilateral64(image.astype(float), 0.5, 2.0, 5, mode="constant", cval=cval)
        assert_close(out, expected, image, "bilateral", cval=cval)


def test_faint_images_are_filtered_too():
    image = 1e-8 * noise(9, 8, dtype="float32")  # OpenCV hands these back as they are
    expected = bilateral64(image.astype(float), 0.1, 2.0, 5)
    assert_close(bilateral(image, size=5), expected, image, "bilateral")


def test_the_size_follows_sigma_space():
    image = noise(20, 21)
    for sigma, size in ((0.2, 1), (1, 5), (2, 9), (2.3, 11)):
        assert np.array_equal(
            bilateral(image, sigma_space=sigma), bilateral(image, sigma_space=sigma, size=size)
        )


# --- laws -----------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("mode", MODES[:4])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_flat_image_stays(routine, dtype, mode):
    flat = np.full((6, 5, 3), 200, np.uint8) if dtype == "uint8" else np.full((6, 5), 0.4, dtype)
    assert np.allclose(routine(flat, mode=mode), flat, rtol=1e-6 if dtype == "float32" else 1e-14)


@every
@settings(max_examples=20)
@given(image=images(dtypes=st.just("float64")), rows=st.integers(-9, 9), columns=st.integers(-9, 9))
def test_on_a_wrapped_image_filters_do_not_know_where_they_are(routine, image, rows, columns):
    shifted = np.roll(image, (rows, columns), axis=(0, 1))
    expected = np.roll(routine(image, mode="wrap"), (rows, columns), axis=(0, 1))
    assert np.allclose(routine(shifted, mode="wrap"), expected, atol=1e-12)


@settings(max_examples=30)
@given(image=images(dtypes=floats), size=st.sampled_from([3, 5, 9]))
def test_bilateral_stays_within_what_it_sees(image, size):
    out = bilateral(image, sigma_color=0.2, size=size)
    assert out.min() >= image.min() - 1e-6
    assert out.max() <= image.max() + 1e-6


def test_bilateral_with_any_colour_alike_is_a_gaussian_over_a_disc():
    image = noise(30, 31)
    blurred = gaussian(image, sigma=1.0, truncate=6)
    out = bilateral(image, sigma_color=1e6, sigma_space=1.0, size=13)
    assert np.allclose(out, blurred, atol=1e-8)


def test_bilateral_with_no_colour_alike_changes_nothing():
    image = noise(12, 13, 3)
    assert np.allclose(bilateral(image, sigma_color=1e-6), image, rtol=1e-15)


def test_bilateral_takes_the_channels_as_one_colour():
    image = np.zeros((9, 9, 3))
    image[:, 5:, 0] = 1  # an edge in red
    image[..., 1] = 0.5
    other = image.copy()
    other[:, 5:, 1] = 0.6  # green changes beyond it
    change = bilateral(other, sigma_color=0.2) - bilateral(image, sigma_color=0.2)
    assert np.abs(change[:, :5]).max() < 1e-4
    alone = [
        bilateral(np.ascontiguousarray(each[..., 1]), sigma_color=0.2) for each in (other, image)
    ]
    assert np.abs(alone[0] - alone[1])[:, :5].max() > 0.01


def test_a_rough_step_becomes_smooth_and_stays_a_step():
    step = np.where(np.arange(40) < 20, 0.2, 0.8) * np.ones((40, 1))
    rough = step + 0.02 * (noise(40, 40) - 0.5)
    for out in (bilateral(rough, sigma_color=0.1), guided(rough, epsilon=1e-3)):
        assert (out - step).std() < 0.5 * (rough - step).std()
        assert np.abs(out - step).max() < 0.02
    assert np.abs(gaussian(rough, sigma=2) - step).max() > 0.2


@given(scale=st.floats(-5, 5), offset=st.floats(-5, 5))
@settings(max_examples=20)
def test_guided_is_linear_in_the_image(scale, offset):
    image, guide = noise(8, 9), noise(8, 9, 3, seed=1)
    out = guided(scale * image + offset, guide, radius=2)
    assert np.allclose(out, scale * guided(image, guide, radius=2) + offset, atol=1e-12)


def test_guided_gives_what_the_guide_can_explain():
    guide = noise(20, 21, 3)
    image = guide @ [0.2, -0.5, 0.7] + 0.1
    assert np.allclose(guided(image, guide, epsilon=1e-9), image, atol=1e-6)


def test_guided_without_trust_is_a_mean_of_means():
    image = noise(20, 21)
    blurred = guided(image, radius=2, epsilon=1e12)
    mean = cv2.blur(image, (5, 5), borderType=cv2.BORDER_REFLECT_101)
    assert np.allclose(blurred, cv2.blur(mean, (5, 5), borderType=cv2.BORDER_REFLECT_101))


def test_guided_brings_the_edges_of_the_guide():
    guide = np.where(np.arange(30) < 15, 0.1, 0.9) * np.ones((30, 1))
    blurred = gaussian(guide, sigma=3)
    sharp = guided(blurred, guide, radius=4, epsilon=1e-4)
    assert np.diff(sharp[15]).max() > 2 * np.diff(blurred[15]).max()


def test_guided_treats_the_channels_of_the_image_alike():
    image, guide = noise(9, 8, 4), noise(9, 8)
    each = [guided(np.ascontiguousarray(image[..., c]), guide) for c in range(4)]
    assert np.array_equal(guided(image, guide), np.stack(each, axis=2))


@every
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_memory_layout_does_not_matter(routine, layout, dtype):
    image = noise(7, 5, 3, dtype=dtype)
    out = routine(layout(image))
    assert np.array_equal(out, routine(image))
    assert out.flags.c_contiguous
    assert out.flags.writeable


# --- tensors --------------------------------------------------------------------------------------


def test_a_batch_is_filtered_one_by_one():
    batch = torch.from_numpy(noise(2, 3, 3, 8, 7))
    for routine in (bilateral, guided):
        each = [routine(image) for image in batch.flatten(0, 1)]
        assert torch.equal(routine(batch).flatten(0, 1), torch.stack(each))


def test_one_guide_may_serve_a_batch():
    batch, guide = torch.from_numpy(noise(4, 2, 8, 7)), torch.from_numpy(noise(3, 8, 7))
    each = torch.stack([guided(image, guide) for image in batch])
    assert torch.equal(guided(batch, guide), each)
    assert torch.equal(guided(batch, guide.expand(4, 3, 8, 7)), each)
    assert torch.equal(guided(batch[:1, 0], guide[0])[0], guided(batch[0, 0], guide[0]))


@every
@pytest.mark.parametrize("mode", ["mirror", "wrap", "constant"])
@pytest.mark.parametrize("shape", [(3, 4), (2, 2, 3, 2)])
def test_gradients_are_right(routine, mode, shape):
    image = torch.from_numpy(0.1 + 0.8 * noise(*shape)).requires_grad_()
    options = {"size": 3, "sigma_color": 0.5} if routine is bilateral else {"radius": 1}
    assert torch.autograd.gradcheck(lambda x: routine(x, mode=mode, cval=0.3, **options), image)


def test_gradients_flow_to_the_guide_too():
    image = torch.from_numpy(noise(3, 4)).requires_grad_()
    guide = torch.from_numpy(0.1 + 0.8 * noise(3, 3, 4, seed=1)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x, g: guided(x, g, radius=1), (image, guide))


@every
def test_a_tensor_stays_as_it_was(routine):
    image = torch.from_numpy(noise(5, 6))
    before = image.clone()
    out = routine(image)
    out += 1
    assert torch.equal(image, before)


# --- what is refused ------------------------------------------------------------------------------


@every
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image)


@pytest.mark.parametrize(
    ("guide", "error"),
    [case for name, case in BAD_IMAGES.items() if name != "None"],
    ids=[name for name in BAD_IMAGES if name != "None"],
)
def test_a_bad_guide_is_named(guide, error):
    with pytest.raises(error, match=r"^guide "):
        guided(np.zeros((4, 4)), guide)


GREY = noise(6, 5, dtype="float32")


@every
def test_intensities_are_needed(routine):
    with pytest.raises(ValueError, match=r"image has values from .* 0\.\.255: divide by 255"):
        routine(np.full((3, 3), 200.0))
    with pytest.raises(ValueError, match="guide has values from"):
        guided(GREY, 2 * GREY + 1)
    assert np.isfinite(guided(1e6 * GREY, GREY)).all()  # the image may have any


def test_a_guide_that_does_not_fit_is_named():
    tensor = torch.from_numpy(GREY)
    with pytest.raises(ValueError, match=r"guide has shape \(5, 6\); it must fit the image's"):
        guided(GREY, np.ascontiguousarray(GREY.T))
    with pytest.raises(TypeError, match="both be arrays or both be tensors"):
        guided(GREY, tensor)
    with pytest.raises(TypeError, match="both be arrays or both be tensors"):
        guided(tensor, GREY)
    for guide in (tensor.T, tensor.expand(3, 1, 6, 5), tensor.expand(2, 1, 1, 6, 5)):
        with pytest.raises(ValueError, match=r"guide has shape .* must fit the image's"):
            guided(tensor.expand(2, 1, 6, 5), guide)


NOT_A_NUMBER = ["2", None, True, [1], 1j, np.ones(2)]
NOT_POSITIVE = [0, -1, float("nan"), float("inf"), -1e-300]
BAD_OPTIONS = [
    *[(bilateral, {n: v}, TypeError) for n in ("sigma_color", "sigma_space") for v in NOT_A_NUMBER],
    *[
        (bilateral, {n: v}, ValueError)
        for n in ("sigma_color", "sigma_space")
        for v in NOT_POSITIVE
    ],
    (bilateral, {"sigma_color": 1e-7}, ValueError),
    *[(bilateral, {"sigma_space": s}, ValueError) for s in (100, 1e300)],
    *[(bilateral, {"size": s}, TypeError) for s in ("3", True, [3], (3, 3), 3.0)],
    *[(bilateral, {"size": s}, ValueError) for s in (0, -3, 2, 4, 257, 2**80 + 1)],
    *[(guided, {"radius": r}, TypeError) for r in ("3", None, True, [3], (3, 3), 3.0)],
    *[(guided, {"radius": r}, ValueError) for r in (0, -3, 513, 2**80)],
    *[(guided, {"epsilon": e}, TypeError) for e in NOT_A_NUMBER],
    *[(guided, {"epsilon": e}, ValueError) for e in [*NOT_POSITIVE, 1e-10]],
]


@pytest.mark.parametrize(("routine", "options", "error"), BAD_OPTIONS)
def test_a_bad_option_is_named(routine, options, error):
    with pytest.raises(error, match=f"^{next(iter(options))}"):
        routine(GREY, **options)


@every
@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy], ids=["array", "tensor"])
def test_a_bad_border_is_named(routine, kind):
    image = kind(GREY)
    for mode in ("reflect_101", "Mirror", ""):
        with pytest.raises(ValueError, match="mode must be one of mirror, reflect, nearest"):
            routine(image, mode=mode)
    with pytest.raises(TypeError, match="mode must be one of"):
        routine(image, mode=None)
    for cval in (float("nan"), float("inf"), 1e300):
        with pytest.raises(ValueError, match="cval must"):
            routine(image, mode="constant", cval=cval)


@every
def test_huge_and_tiny_options_are_taken(routine):
    for dtype in ("uint8", "float32", "float64"):
        image = noise(6, 5, dtype=dtype)
        if routine is bilateral:
            many = [{"sigma_color": 1e300}, {"sigma_space": 1e300, "size": 5}]
            many += [{"sigma_space": 1e-300}, {"size": 255}, {"sigma_color": 1e-6}]
        else:
            many = [{"epsilon": 1e300}, {"radius": 100}, {"epsilon": 1e-9}]
        for options in many:
            assert np.isfinite(routine(image, **options)).all()
    assert np.isfinite(routine(noise(6, 5), mode="constant", cval=1e150)).all()
