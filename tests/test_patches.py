"""Non-local means and non-local Bayes against loops in float64, their laws, what they refuse."""

from itertools import product

import cv2
import numpy as np
import pytest
import skimage.restoration
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, LAYOUTS, assert_close, images, padded, run, to_float64

from imgkit.filtering import box
from imgkit.restoration import bayes, estimate_sigma, wavelet
from imgkit.restoration.patches import nl_bayes, non_local_means

floats = st.sampled_from(["float32", "float64"])


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def as_tensor(image):
    """Channels first."""
    return torch.tensor(np.ascontiguousarray(np.moveaxis(np.atleast_3d(image), 2, 0)))


def as_array(tensor, shape):
    return np.ascontiguousarray(tensor.movedim(0, -1).numpy()).reshape(shape)


def scene(*shape, sigma=0.1, seed=0):
    """Waves and an edge, clean and noisy."""
    row, column = np.mgrid[: shape[0], : shape[1]] / 40
    clean = 0.5 + 0.25 * np.sin(9 * row + 3 * column) + 0.2 * (row > column)
    if len(shape) == 3:
        clean = clean[..., None] * np.linspace(0.4, 1, shape[2])
    return clean, clean + np.random.default_rng(seed).normal(0, sigma, shape)


def windows(values, patch):
    return np.lib.stride_tricks.sliding_window_view(values, (patch, patch), axis=(0, 1))


ROUTINES = {
    "non_local_means": lambda image, **o: non_local_means(image, window=5, **o),
    "nl_bayes": nl_bayes,
}

# --- non-local means ------------------------------------------------------------------------------


def means64(values, sigma, h, patch, window):
    """One shift of the window after the other; patches as they are."""
    image = np.atleast_3d(values)
    rows, columns, _ = image.shape
    half, reach = window // 2, patch // 2
    wide = padded(image, [half + reach] * 2, [half + reach] * 2, "mirror")
    patches = windows(wide, patch)  # (rows + 2 half, columns + 2 half, C, patch, patch)
    here = patches[half : half + rows, half : half + columns]
    sums, total = 0, 0
    for i, j in product(range(window), repeat=2):
        there = patches[i : i + rows, j : j + columns]
        distance = ((here - there) ** 2).mean(axis=(2, 3, 4))[..., None]
        weight = np.exp(-np.maximum(distance - 2 * sigma**2, 0) / h**2)
        sums = sums + weight * there[..., reach, reach]
        total = total + weight
    return (sums / total).reshape(values.shape)


@settings(max_examples=25)
@given(
    image=images(signed=True),
    sigma=st.sampled_from([0.01, 0.2, 3.0]),
    h=st.sampled_from([0.03, 0.2, 2.0]),
    patch=st.sampled_from([1, 3, 7]),
    window=st.sampled_from([1, 3, 9]),
)
def test_non_local_means_is_its_definition(image, sigma, h, patch, window):
    values = to_float64(image)
    top = np.abs(values).max() or 1.0
    options = {"sigma": sigma * top, "h": h * top, "patch": patch, "window": window}
    expected = means64(values, **options)
    assert_close(run(non_local_means, image, **options), expected, image, scale=10)
    if image.dtype != np.uint8:
        twin = non_local_means(as_tensor(image), **options)
        assert_close(as_array(twin, image.shape), expected, image, scale=10)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("shape", [(5, 300), (210, 4), (101, 260, 3)])
def test_tiles_do_not_show(dtype, shape):
    image = noise(*shape, dtype=dtype)
    options = {"sigma": 0.1, "h": 0.3, "patch": 5, "window": 7}
    expected = means64(to_float64(image), **options)
    assert_close(non_local_means(image, **options), expected, image, scale=10)


def test_the_number_of_threads_changes_nothing():
    image, before = noise(200, 300), cv2.getNumThreads()
    one_by_one = []
    try:
        for count in (1, 2):
            cv2.setNumThreads(count)
            one_by_one.append(non_local_means(image, sigma=0.1, window=5))
            one_by_one.append(nl_bayes(image[:60, :50], sigma=0.1))
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(one_by_one[0], one_by_one[2])
    assert np.array_equal(one_by_one[1], one_by_one[3])


def test_patches_are_as_large_as_they_are_said_to_be():
    # scikit-image's fast mode sums 4x4 pixels for a patch of 5 and divides by 25
    image = noise(40, 33)
    expected = means64(image, 0.1, 0.3, 5, 9)
    theirs = skimage.restoration.denoise_nl_means(
        image, patch_size=5, patch_distance=4, h=0.3, sigma=0.1, fast_mode=True
    )
    assert np.abs(theirs - expected).max() > 0.02
    ours = non_local_means(image, sigma=0.1, h=0.3, patch=5, window=9)
    assert np.abs(ours - expected).max() < 1e-12


def test_not_told_it_estimates():
    _, noisy = scene(40, 37, 3)
    sigma = np.mean(estimate_sigma(noisy))
    expected = non_local_means(noisy, sigma=sigma, h=0.6 * sigma, window=9)
    assert np.allclose(non_local_means(noisy, window=9), expected, rtol=0, atol=1e-13)
    batch = torch.stack([as_tensor(noisy), 2 * as_tensor(noisy)])
    out = non_local_means(batch, window=9)
    assert np.allclose(as_array(out[0], noisy.shape), expected, rtol=0, atol=1e-13)
    assert torch.allclose(out[1], 2 * out[0], rtol=0, atol=1e-12)


def test_when_all_is_alike_it_is_a_box():
    image = noise(20, 23, 3)
    out = non_local_means(image, sigma=1, h=1e6, patch=3, window=5)
    assert np.allclose(out, box(image, size=5), atol=1e-10)


@given(image=images(), h=st.sampled_from([0.1, 1.0]))
def test_a_window_of_one_changes_nothing(image, h):
    assert np.allclose(non_local_means(image, sigma=0.1, h=h, window=1), image, atol=1e-7)


@pytest.mark.parametrize("shift", [(3, 5), (-4, 2)])
def test_inside_it_does_not_know_where_it_is(shift):
    image = noise(40, 44)
    options = {"sigma": 0.1, "h": 0.2, "patch": 3, "window": 7}
    moved = non_local_means(np.roll(image, shift, axis=(0, 1)), **options)
    expected = np.roll(non_local_means(image, **options), shift, axis=(0, 1))
    inside = slice(12, -12), slice(12, -12)
    assert np.allclose(moved[inside], expected[inside], atol=1e-13)


def test_gray_as_color_stays_gray():
    image = noise(20, 17)
    color = np.repeat(image[..., None], 3, axis=2)
    for routine in (non_local_means, nl_bayes):
        expected = routine(image, sigma=0.1)
        if routine is non_local_means:
            assert np.allclose(routine(color, sigma=0.1), expected[..., None], atol=1e-13)
        assert np.ptp(routine(color, sigma=0.1), axis=2).max() < 1e-6


def test_gradients_of_non_local_means():
    image = torch.rand(2, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    image.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x: non_local_means(x, sigma=0.1, h=0.5, patch=3, window=3), image
    )


def test_a_batch_is_its_images():
    batch = torch.tensor(noise(2, 1, 3, 9, 8))
    for routine in ROUTINES.values():
        out = routine(batch, sigma=0.1)
        assert out.shape == batch.shape
        assert torch.allclose(out[1, 0], routine(batch[1, 0], sigma=0.1), rtol=0, atol=1e-12)


def test_a_tensor_of_rank_two_is_gray():
    gray = torch.tensor(noise(20, 19))
    for routine in ROUTINES.values():
        assert torch.equal(routine(gray, sigma=0.1), routine(gray[None], sigma=0.1)[0])


def test_no_gradient_flows_through_nl_bayes():
    gray = torch.rand(20, 19, requires_grad=True)
    assert not nl_bayes(gray, sigma=0.1).requires_grad


# --- non-local Bayes ------------------------------------------------------------------------------


def bayes64(image, sigma):
    """One reference patch after the other, groups by sorting, both steps as they are written."""
    basic = bayes_pass64(image, image, sigma, side=5, alike=60)
    return bayes_pass64(image, basic, sigma, side=7, alike=45)


def bayes_pass64(noisy, guide, sigma, side, alike):
    rows, columns = (n - side + 1 for n in noisy.shape)
    patches, looks = (windows(x, side).reshape(rows, columns, -1) for x in (noisy, guide))
    sums, counts = np.zeros_like(noisy), np.zeros_like(noisy)
    for r, c in product(*({*range(0, n - 1, 4), n - 1} for n in (rows, columns))):
        near = [
            (((looks[i, j] - looks[r, c]) ** 2).sum(), i, j)
            for i in range(max(0, r - 12), min(rows, r + 13))
            for j in range(max(0, c - 12), min(columns, c + 13))
        ]
        places = [(i, j) for _, i, j in sorted(near)[:alike]]
        group = np.array([patches[place] for place in places])
        guides = np.array([looks[place] for place in places])
        mean, covariance = guides.mean(0), np.cov(guides.T)
        if guide is noisy:
            strength, axes = np.linalg.eigh(covariance)
            keep = np.where(strength > 2 * sigma**2, (strength - sigma**2) / strength, 0)
            estimates = mean + (group - mean) @ (axes * keep) @ axes.T
        else:
            ridge = (sigma**2 + 1e-5 * np.trace(covariance) / side**2) * np.eye(side**2)
            estimates = group - sigma**2 * np.linalg.solve(covariance + ridge, (group - mean).T).T
        for (i, j), estimate in zip(places, estimates, strict=True):
            sums[i : i + side, j : j + side] += estimate.reshape(side, side)
            counts[i : i + side, j : j + side] += 1
    return sums / counts


@pytest.mark.parametrize("shape", [(19, 19), (26, 41), (45, 20)])
@pytest.mark.parametrize("sigma", [0.02, 0.4])
def test_nl_bayes_is_its_definition(shape, sigma):
    _, noisy = scene(*shape, sigma=sigma, seed=shape[1])
    expected = bayes64(noisy, sigma)
    assert np.allclose(nl_bayes(noisy, sigma=sigma), expected, rtol=0, atol=1e-10)
    twin = nl_bayes(torch.tensor(noisy), sigma=sigma)
    assert np.allclose(twin, expected, rtol=0, atol=1e-10)
    for single in (noisy.astype(np.float32), torch.tensor(noisy, dtype=torch.float32)):
        assert np.allclose(nl_bayes(single, sigma=sigma), expected, rtol=0, atol=1e-4)


def test_bands_do_not_show(monkeypatch):
    _, noisy = scene(70, 30)
    expected = nl_bayes(noisy, sigma=0.1)
    monkeypatch.setattr(bayes, "AT_ONCE", 1)
    assert np.allclose(nl_bayes(noisy, sigma=0.1), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_colors_are_the_same_on_both_engines(channels):
    _, noisy = scene(24, 27, channels)
    out = nl_bayes(noisy, sigma=0.1)
    assert np.allclose(as_array(nl_bayes(as_tensor(noisy), sigma=0.1), out.shape), out, atol=1e-10)
    single = nl_bayes(noisy.astype(np.float32), sigma=0.1)
    assert single.dtype == np.float32
    assert np.allclose(single, out, atol=1e-4)


def test_it_beats_the_others():
    clean, noisy = scene(96, 90)
    error = {f.__name__: np.mean((f(noisy, sigma=0.1) - clean) ** 2)
             for f in (nl_bayes, non_local_means, wavelet)}  # fmt: skip
    assert error["nl_bayes"] < 0.9 * error["non_local_means"]
    assert error["non_local_means"] < 0.5 * error["wavelet"]
    assert error["nl_bayes"] < 0.06 * 0.1**2


@settings(max_examples=25)
@given(image=images())
def test_any_small_image_comes_back(image):
    out = run(nl_bayes, image, sigma=0.05)
    assert out.shape == image.shape
    assert out.dtype == image.dtype
    slack = 0.1 * np.ptp(image) + 4e-6  # sums of some hundred float32 in 0..1, also on a flat one
    assert out.min() >= image.min() - slack
    assert out.max() <= image.max() + slack
    assert out.flags.c_contiguous


def test_uint8_is_rounded():
    _, noisy = scene(30, 25, 3)
    levels = np.clip(np.rint(255 * noisy), 0, 255).astype(np.uint8)
    for routine in (non_local_means, nl_bayes):
        expected = 255 * routine(levels / 255, sigma=0.1).clip(0, 1)
        assert np.abs(routine(levels, sigma=0.1) - expected).max() <= 0.51


# --- both -----------------------------------------------------------------------------------------

both = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES.keys())


@both
@pytest.mark.parametrize("level", [0, 100, 255])
def test_a_flat_image_stays(routine, level):
    flat = np.full((13, 30, 3), level, np.uint8)
    for options in ({}, {"sigma": 0.1}):
        assert np.array_equal(routine(flat, **options), flat)
    single = as_tensor(flat).float() / 255
    assert torch.allclose(routine(single, sigma=0.1), single, atol=1e-6)


@both
@pytest.mark.parametrize("power", [-1000, -120, 3, 120, 1000])
def test_contrast_does_not_matter(routine, power):
    unit = 2.0**power
    for dtype in (np.float32, np.float64)[abs(power) > 120 :]:
        image = noise(20, 21).astype(dtype)
        expected = routine(image, sigma=0.1)
        out = routine(image * dtype(unit), sigma=0.1 * unit)
        assert np.allclose(out / dtype(unit), expected, rtol=0, atol=1e-5)


@both
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_memory_layout_does_not_matter(routine, layout, dtype):
    image = noise(17, 12, 3, dtype=dtype)
    assert np.array_equal(routine(layout(image), sigma=0.1), routine(image, sigma=0.1))


@both
@pytest.mark.parametrize("sigma", [1e-300, 1e-30, 1e-4, 1e30, 1e300])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_any_sigma_gives_a_finite_image(routine, dtype, sigma):
    image = noise(9, 8, dtype=dtype)
    out = routine(image, sigma=sigma)
    assert np.isfinite(out).all()
    if sigma <= 1e-4:
        assert np.allclose(out, image, atol=1e-3)
    if dtype != "uint8":
        assert torch.isfinite(routine(torch.tensor(image), sigma=sigma)).all()


@pytest.mark.parametrize("h", [1e-300, 1e-30, 1e30, 1e300])
def test_any_h_gives_a_finite_image(h):
    for dtype in ("uint8", "float32", "float64"):
        image = noise(9, 8, dtype=dtype)
        for sigma in (1e-300, 0.1, 1e300):
            assert np.isfinite(non_local_means(image, sigma=sigma, h=h)).all()
            if dtype != "uint8":
                out = non_local_means(torch.tensor(image), sigma=sigma, h=h)
                assert torch.isfinite(out).all()


@both
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image)


@both
@pytest.mark.parametrize("sigma", [0, -1, float("nan"), float("inf"), "1", True, [1]])
def test_a_bad_sigma_is_named(routine, sigma):
    error = ValueError if isinstance(sigma, int | float) and sigma is not True else TypeError
    with pytest.raises(error, match=r"^sigma must"):
        routine(noise(8, 8), sigma=sigma)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        *[({"h": h}, ValueError) for h in (0, -1, float("nan"))],
        *[({n: 4}, ValueError) for n in ("patch", "window")],
        *[({n: 0}, ValueError) for n in ("patch", "window")],
        *[({n: -3}, ValueError) for n in ("patch", "window")],
        *[({n: 10**30 + 1}, ValueError) for n in ("patch", "window")],
        *[({n: 3.0}, TypeError) for n in ("patch", "window")],
        *[({n: (3, 3)}, TypeError) for n in ("patch", "window")],
        *[({n: True}, TypeError) for n in ("patch", "window")],
    ],
)
def test_a_bad_option_is_named(options, error):
    for image in (noise(8, 8), torch.rand(8, 8)):
        with pytest.raises(error, match=f"^{next(iter(options))} must"):
            non_local_means(image, **options)
