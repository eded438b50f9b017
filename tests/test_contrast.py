"""Curves and histograms against their float64 definitions, on both engines, and their laws."""

import inspect
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
import skimage.exposure
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import BAD_IMAGES, HALF_LEVEL, LAYOUTS, images, run, to_float64

from imgkit import contrast
from imgkit.color import rgb_to_hsv, to_gray
from imgkit.contrast import clahe, equalize, gamma, histogram, match_histogram, rescale
from imgkit.images import as_float, pointwise

seen = images(channels=(None, 1, 3))  # where colour is one thing


# --- definitions ----------------------------------------------------------------------------------


def rescale64(values, low, high):
    if low == high:
        return (values > low).astype(float)
    return np.clip((values - low) / (high - low), 0, 1)


def histogram64(plane, bins):
    counts = np.zeros(bins, int)
    for value in plane.ravel().tolist():
        exact = Fraction(value, 255) if plane.dtype == np.uint8 else Fraction(value)
        counts[min(int(exact * bins), bins - 1)] += 1
    return counts


def equalize64(gray):
    """Of (H, W) floats."""
    levels = np.floor(65535 * gray + 0.500001)
    share = np.searchsorted(np.sort(levels.ravel()), levels, side="right") / levels.size
    darkest = share.min()
    return gray if darkest == 1 else (share - darkest) / (1 - darkest)


def clahe64(gray, rows, columns, clip):
    """Of (H, W) floats: for each pixel the curves of the nearest tiles, one by one."""
    h, w = gray.shape
    rows, columns = min(rows, h), min(columns, w)
    tops = [i * h // rows for i in range(rows + 1)]
    lefts = [j * w // columns for j in range(columns + 1)]

    def curve(i, j):
        tile = gray[tops[i] : tops[i + 1], lefts[j] : lefts[j + 1]]
        share = np.histogram(np.clip(tile, 0, 1), 256, (0, 1))[0] / tile.size
        rise = np.minimum(share, clip)
        rise += (1 - rise.sum()) / 256
        return np.concatenate([[0], rise.cumsum()])

    curves = {(i, j): curve(i, j) for i in range(rows) for j in range(columns)}

    def near(place, edges):
        """The tiles before and after, and the weight of the one after."""
        centres = [(a + b - 1) / 2 for a, b in pairwise(edges)]
        if place <= centres[0]:
            return 0, 0, 0.0
        if place >= centres[-1]:
            return len(centres) - 1, len(centres) - 1, 0.0
        k = max(k for k, centre in enumerate(centres) if centre <= place)
        return k, k + 1, (place - centres[k]) / (centres[k + 1] - centres[k])

    out = np.empty(gray.shape)
    edges = np.arange(257) / 256
    for r in range(h):
        for c in range(w):
            i0, i1, y = near(r, tops)
            j0, j1, x = near(c, lefts)
            corners = [(i0, j0), (i0, j1), (i1, j0), (i1, j1)]
            a, b, d, e = (np.interp(gray[r, c], edges, curves[k]) for k in corners)
            out[r, c] = (1 - y) * ((1 - x) * a + x * b) + y * ((1 - x) * d + x * e)
    return out


def with_gray64(values, old, new):
    old, new = old[..., None], new[..., None]
    darker = values * new / np.where(old > 0, old, 1)
    lighter = 1 - (1 - values) * (1 - new) / np.where(old < 1, 1 - old, 1)
    return np.where(new <= old, darker, lighter)


def on_gray64(image, change):
    """A change of the grey image carried over to the colours."""
    values = to_float64(image)
    if image.ndim == 2:
        return change(values)
    if image.shape[2] == 1:
        return change(values[..., 0])[..., None]
    gray = np.clip(values @ [0.299, 0.587, 0.114], 0, 1)
    return with_gray64(values, gray, change(gray))


def to_tensor(image):
    """Channels first; grey as one channel."""
    image = image[..., None] if image.ndim == 2 else image
    return torch.from_numpy(np.moveaxis(image, 2, 0).copy())


def to_array(tensor, like):
    out = np.moveaxis(tensor.numpy(), 0, 2)
    return out[..., 0] if like.ndim == 2 else out


def on_both(routine, image, **options):
    """The answers of the array engine and, for floats, of the tensor engine."""
    yield run(routine, image, **options)
    if image.dtype != np.uint8:
        tensor = to_tensor(image)
        out = routine(tensor, **options)
        assert torch.equal(tensor, to_tensor(image))
        assert out.dtype == tensor.dtype
        yield to_array(out, image)


def assert_near(out, expected, image, *, float32, float64, scale=1.0):
    assert out.shape == image.shape
    assert out.dtype == image.dtype
    if image.dtype == np.uint8:
        assert np.abs(out - np.clip(255 * expected, 0, 255)).max() <= HALF_LEVEL
    else:
        tolerance = {"float32": float32, "float64": float64}[image.dtype.name]
        assert np.abs(out - expected).max() <= tolerance * scale


@given(
    image=images(),
    exponent=st.sampled_from([1e-3, 0.4, 1, 2.2, 10, 1000]),
    gain=st.sampled_from([0.5, 1, 3, 1e300]),
)
def test_gamma_is_its_definition(image, exponent, gain):
    expected = np.clip(np.minimum(gain, 1e30) * to_float64(image) ** exponent, 0, 1)
    options = {"gamma": exponent, "gain": gain}
    for out in on_both(gamma, image, **options):
        if gain <= 3:
            assert_near(out, expected, image, float32=1e-6, float64=1e-15, scale=max(gain, 1))


@given(
    image=images(signed=True),
    low=st.one_of(st.none(), st.floats(-2, 0.4)),
    high=st.one_of(st.none(), st.floats(0.6, 2)),
    percentiles=st.sampled_from([(2, 98), (0, 100), (10, 55.5), [50, 50.01]]),
)
def test_rescale_is_its_definition(image, low, high, percentiles):
    values = to_float64(image)
    black, white = np.percentile(values, percentiles)
    black, white = black if low is None else low, white if high is None else high
    options = {"low": low, "high": high, "percentiles": percentiles}
    if black > white:
        with pytest.raises(ValueError, match="low must be below high"):
            rescale(image, **options)
        return
    if 0 < white - black < 1e-9 * np.abs(values).max():
        return  # a step, as rounding decides
    expected = rescale64(values, black, white)
    scale = max(np.abs(values).max(), abs(black)) / (white - black) if white > black else 1
    for out in on_both(rescale, image, **options):
        assert_near(out, expected, image, float32=1e-6, float64=1e-14, scale=max(scale, 1))


@given(image=images(), bins=st.sampled_from([1, 2, 7, 100, 255, 256, 257, 1000]))
def test_histogram_counts(image, bins):
    out = run(histogram, image, bins=bins)
    planes = [image] if image.ndim == 2 else list(np.moveaxis(image, 2, 0))
    expected = np.stack([histogram64(plane, bins) for plane in planes], axis=1)
    assert out.dtype == np.int64
    assert np.array_equal(out, expected[:, 0] if image.ndim == 2 else expected)
    if image.dtype != np.uint8:
        counts = histogram(to_tensor(image), bins=bins)
        assert counts.dtype == torch.int64
        assert np.array_equal(counts.numpy().T, expected)


@given(image=seen)
def test_equalize_is_its_definition(image):
    expected = on_gray64(image, equalize64)
    for out in on_both(equalize, image):
        assert_near(out, expected, image, float32=2e-6, float64=1e-13)


@given(
    image=seen,
    tiles=st.sampled_from([1, 2, 3, 8, (1, 4), (5, 2)]),
    clip=st.sampled_from([1e-6, 0.01, 0.05, 1]),
)
def test_clahe_is_its_definition(image, tiles, clip):
    grid = tiles if isinstance(tiles, tuple) else (tiles, tiles)
    expected = on_gray64(image, lambda gray: clahe64(gray, *grid, clip))
    for out in on_both(clahe, image, tiles=tiles, clip=clip):
        steep = 256 * clip + 1
        assert_near(out, expected, image, float32=1e-6, float64=1e-13, scale=steep)


@given(image=images(signed=True), reference=images(signed=True))
def test_match_histogram_is_scikit_images(image, reference):
    kind = image.dtype
    channels = 1 if image.ndim == 2 else image.shape[2]
    plane = reference if reference.ndim == 2 else reference[..., 0]
    if kind == np.uint8:
        plane = np.uint8(255 * (to_float64(plane) - plane.min()) / max(np.ptp(plane), 1e-9) % 256)
    plane = plane.astype(kind)
    target = plane if image.ndim == 2 else np.stack([plane] * channels, axis=2)
    expected = skimage.exposure.match_histograms(
        to_float64(image), to_float64(target), channel_axis=None if image.ndim == 2 else 2
    )
    out = run(match_histogram, image, target)
    scale = np.abs(to_float64(target)).max()
    assert_near(out, expected, image, float32=1e-6, float64=1e-13, scale=scale)
    if kind != np.uint8:
        tensor = match_histogram(to_tensor(image), to_tensor(target))
        assert_near(
            to_array(tensor, image), expected, image, float32=1e-6, float64=1e-13, scale=scale
        )


# --- laws -----------------------------------------------------------------------------------------


def photograph(*shape, dtype="float64", seed=0):
    """Smooth, with noise."""
    values = np.random.default_rng(seed).random(shape)
    values = np.clip(cv2.GaussianBlur(values, (5, 5), 1) * 2 - 0.4, 0, 1).reshape(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def test_grey_bytes_are_equalized_as_by_opencv():
    for image in (
        photograph(40, 50, dtype="uint8"),
        np.zeros((3, 3), np.uint8),
        np.uint8([[7, 9]]),
    ):
        assert np.array_equal(equalize(image), cv2.equalizeHist(image))


def test_clahe_is_near_opencvs():
    image = photograph(128, 128, dtype="uint8")
    theirs = cv2.createCLAHE(clipLimit=2.56, tileGridSize=(4, 4)).apply(image)
    assert np.abs(clahe(image, tiles=4, clip=0.01) - theirs.astype(float)).max() <= 6
    assert np.abs(image - theirs.astype(float)).max() > 30


@pytest.mark.parametrize("routine", [equalize, clahe, rescale])
@pytest.mark.parametrize("shape", [(33, 40), (33, 40, 3)])
def test_bytes_and_their_fractions_become_the_same(routine, shape):
    image = photograph(*shape, dtype="uint8")
    apart = np.abs(routine(image) - 255 * routine(as_float(image)))
    # where float32 moves a colour's brightness over the middle of two levels, a pixel changes place
    assert apart.max() <= (0.51 if len(shape) == 2 or routine is not equalize else 1)


def test_equalized_greys_are_used_alike():
    dim = 0.3 + 0.6 * np.random.default_rng(0).random((50, 60)) ** 2
    out = equalize(dim)
    quarters = [0, 0.25, 0.5, 0.75, 1]
    assert np.allclose(np.quantile(out, quarters), quarters, atol=0.02)
    assert (np.diff(out.ravel()[np.argsort(dim, axis=None)]) >= 0).all()


def test_equalize_sees_more_than_bytes_do():
    faint = np.linspace(0.5, 0.503, 200).reshape(10, 20)  # less than one level of uint8
    assert len(np.unique(equalize(faint))) > 150


def test_clahe_keeps_the_precision_of_floats():
    ramp = np.linspace(0.2, 0.6, 4096).reshape(64, 64)
    out = clahe(ramp, tiles=1)
    assert len(np.unique(out)) == 4096  # peers leave 256 or 16384 levels
    assert (np.diff(out.ravel()) > 0).all()


@pytest.mark.parametrize("routine", [equalize, lambda image: clahe(image, tiles=3)])
@pytest.mark.parametrize("level", [0, 1, 100, 254, 255])
def test_a_flat_image_stays(routine, level):
    for shape in [(6, 5), (6, 5, 3)]:
        flat = np.full(shape, level, np.uint8)
        assert np.array_equal(routine(flat), flat)
        assert np.allclose(routine(flat / 255), flat / 255, atol=1e-14)


@pytest.mark.parametrize("routine", [equalize, clahe])
def test_hues_stay_and_the_grey_image_is_what_changes(routine):
    rgb = photograph(40, 50, 3) * 0.5 + 0.1
    out = routine(rgb)
    coloured = np.ptp(out, axis=2) > 1e-3
    before, after = (rgb_to_hsv(x)[..., 0][coloured] for x in (rgb, out))
    apart = np.abs(before - after)
    assert np.minimum(apart, 1 - apart).max() < 1e-9
    assert np.allclose(to_gray(out), routine(to_gray(rgb)), atol=1e-12)
    assert np.abs(out - rgb).max() > 0.1


def test_equalizing_twice_is_once():
    image = photograph(40, 50)
    once = equalize(image)
    assert np.allclose(equalize(once), once, atol=3e-3)


@pytest.mark.parametrize("clip", [0.004, 0.01, 0.05])
def test_clahe_is_nowhere_steeper_than_it_says(clip):
    values = np.sort(photograph(60, 60).ravel() ** 4).reshape(60, 60)
    out = clahe(values, tiles=1, clip=clip)
    steps = np.diff(values.ravel())
    steep = np.diff(out.ravel()) / np.where(steps > 1e-9, steps, np.inf)
    assert steep.max() <= (256 * clip + 1) * (1 + 1e-6)


def test_without_a_clip_to_speak_of_clahe_changes_nothing():
    image = photograph(30, 30)
    assert np.allclose(clahe(image, clip=1e-9), image, atol=1e-6)


def test_matching_an_image_with_its_own_pixels_gives_them_back():
    image = photograph(20, 30)
    shuffled = np.random.default_rng(1).permutation(image.ravel()).reshape(30, 20)
    assert np.array_equal(match_histogram(image, shuffled), image)
    brighter = match_histogram(image, np.sqrt(shuffled))
    assert np.allclose(brighter, np.sqrt(image))


def test_matched_bytes_are_rounded_not_cut():
    image, reference = np.uint8([[0, 1, 2, 3, 4]]), np.uint8([[10, 19]])
    exact = [10, 10, 11.8, 15.4, 19]
    assert match_histogram(image, reference).tolist() == [np.rint(exact).tolist()]
    assert np.allclose(255 * match_histogram(image / 255, reference / 255), exact)


def test_gamma_rounds_and_comes_back():
    ramp = np.arange(256, dtype=np.uint8)[None]
    exact = 255 * (ramp / 255) ** 0.45
    assert np.abs(gamma(ramp, gamma=0.45) - exact).max() <= 0.5
    image = photograph(20, 20)
    assert np.allclose(gamma(gamma(image, gamma=0.45), gamma=1 / 0.45), image, atol=1e-14)
    assert np.array_equal(gamma(ramp, gamma=1), ramp)


@given(low=st.floats(-1e3, 1e3), width=st.floats(1e-3, 1e3))
def test_rescale_undoes_any_stretch(low, width):
    image = photograph(6, 7)
    image.flat[:2] = 0, 1
    assert np.allclose(rescale(low + width * image, percentiles=(0, 100)), image, atol=1e-9)


def test_percentiles_are_exact_however_the_values_lie():
    rng = np.random.default_rng(0)
    for values in (
        rng.random((200, 301)),
        rng.standard_cauchy((200, 301)),  # a few far out
        rng.integers(0, 3, (200, 301)).astype(float),
        rng.random((200, 301)) * 1e-300,
        np.where(rng.random((200, 301)) < 0.5, 1e308, -1e308),
    ):
        for percentiles in [(2, 98), (0, 100), (49.9, 50.1), (12.3, 99.99)]:
            low, high = np.percentile(values, percentiles)
            if high < 1e300:
                expected = rescale64(values, low, high)
                out = rescale(values, percentiles=percentiles)
                assert np.allclose(out, expected, rtol=0, atol=1e-9)


def test_a_flat_image_is_black_and_a_mask_stays():
    assert (rescale(np.full((4, 4), 0.7)) == 0).all()
    mask = np.zeros((20, 20))
    mask[3, 4] = 5
    assert np.array_equal(rescale(mask), mask > 0)
    assert np.array_equal(rescale(torch.from_numpy(mask)).numpy(), mask > 0)


def test_colours_keep_their_balance_when_rescaled():
    rgb = photograph(20, 30, 3) * [0.2, 0.4, 0.6]
    out = rescale(rgb, percentiles=(0, 100))
    assert np.allclose(out, (rgb - rgb.min()) / np.ptp(rgb))


def test_large_values_do_not_overflow():
    for dtype in (np.float32, np.float64):
        top = np.finfo(dtype).max
        image = np.array([[-top, 0, 1, top]], dtype)
        assert rescale(image, low=0, high=2).tolist() == [[0, 0, 0.5, 1]]
        with pytest.raises(ValueError, match="too far apart"):
            rescale(image, percentiles=(0, 100))


CALLS = {
    "gamma": lambda image: gamma(image, gamma=0.7),
    "rescale": rescale,
    "histogram": histogram,
    "equalize": equalize,
    "clahe": clahe,
    "match_histogram": lambda image: match_histogram(image, image),
}
every = pytest.mark.parametrize("routine", CALLS.values(), ids=CALLS.keys())


@every
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_memory_layout_does_not_matter(routine, layout, dtype):
    image = photograph(7, 5, 3, dtype=dtype)
    out = routine(layout(image))
    assert np.array_equal(out, routine(image))
    assert out.flags.c_contiguous
    assert out.flags.writeable


@every
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("shape", [(40, 3), (300, 1), (90, 61, 3)])
def test_bands_and_threads_leave_no_seams(routine, shape, dtype, monkeypatch):
    image = photograph(*shape, dtype=dtype)
    whole = routine(image)
    monkeypatch.setattr(pointwise, "BAND", 400)  # some rows, and far more than 32 bands
    before = cv2.getNumThreads()
    try:
        for threads in (1, 3):
            cv2.setNumThreads(threads)
            assert np.array_equal(routine(image), whole)
    finally:
        cv2.setNumThreads(before)


@pytest.mark.parametrize("name", ["gamma", "rescale", "equalize", "clahe"])
def test_each_image_of_a_batch_is_for_itself(name):
    batch = torch.rand(2, 4, 3, 9, 8, generator=torch.Generator().manual_seed(0))
    batch = batch * torch.linspace(0.2, 1, 8).reshape(2, 4, 1, 1, 1)
    out = CALLS[name](batch)
    assert out.shape == batch.shape
    for i, j in [(0, 0), (1, 3)]:
        assert torch.allclose(out[i, j], CALLS[name](batch[i, j]), atol=1e-6)
        expected = CALLS[name](batch[i, j].movedim(0, -1).numpy())
        assert np.allclose(out[i, j].movedim(0, -1).numpy(), expected, atol=1e-5)


def test_planes_of_a_batch_are_counted_and_matched_for_themselves():
    batch = torch.rand(2, 3, 9, 8, generator=torch.Generator().manual_seed(0))
    counts = histogram(batch, bins=10)
    assert counts.shape == (2, 3, 10)
    assert torch.equal(counts[1, 2], histogram(batch[1, 2], bins=10))
    reference = batch[:1, :, :5, :5] ** 2  # broadcasts over the batch
    matched = match_histogram(batch, reference)
    assert matched.shape == batch.shape
    assert torch.equal(matched[1, 2], match_histogram(batch[1, 2], reference[0, 2]))
    assert matched[1, 2].max() == reference[0, 2].max()


def test_gradients_flow_through_curves():
    image = torch.from_numpy(photograph(5, 6) * 0.8 + 0.1).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: gamma(x, gamma=0.6, gain=0.9), image)
    assert torch.autograd.gradcheck(lambda x: rescale(x, low=-0.1, high=1.2), image)
    assert torch.autograd.gradcheck(lambda x: rescale(x, percentiles=(0, 100)), image, eps=1e-8)


@pytest.mark.parametrize("name", ["histogram", "equalize", "clahe", "match_histogram"])
def test_no_gradient_is_pretended(name):
    image = torch.rand(3, 8, 9, requires_grad=True)
    assert not CALLS[name](image).requires_grad


# --- what is refused ------------------------------------------------------------------------------


@every
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image)


@pytest.mark.parametrize("name", ["gamma", "histogram", "equalize", "clahe"])
def test_intensities_are_needed(name):
    for image in (np.full((3, 3), 200.0), torch.full((1, 3, 3), 200.0)):
        with pytest.raises(ValueError, match=r"image has values .* 0\.\.255: divide by 255"):
            CALLS[name](image)
    nearly = np.float32([[-5e-5, 0.5, 1 + 5e-5]])
    assert np.isfinite(CALLS[name](nearly)).all()
    if name != "histogram":
        assert 0 <= CALLS[name](nearly).min() <= CALLS[name](nearly).max() <= 1


@pytest.mark.parametrize("routine", [equalize, clahe])
def test_other_channels_are_refused(routine):
    for image in (np.zeros((4, 5, 2)), np.zeros((3, 4, 5))):
        with pytest.raises(ValueError, match=r"^image has shape"):
            routine(image)
    for image in (torch.zeros(2, 4, 5), torch.zeros(3, 4, 4, 5)):
        with pytest.raises(ValueError, match=r"^image is a tensor of shape"):
            routine(image)
    gray = torch.rand(4, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(routine(gray), routine(gray[None])[0])


GREY = photograph(6, 5)
NOT_A_NUMBER = ["2", True, [1], 1j, np.ones(2)]
NOT_POSITIVE = [0, -1, float("nan"), float("inf")]
BAD_OPTIONS = [
    *[(gamma, {"gamma": g}, TypeError) for g in [*NOT_A_NUMBER, None]],
    *[(gamma, {"gamma": g}, ValueError) for g in [*NOT_POSITIVE, 1e-4, 1e4, 1e300]],
    *[(gamma, {"gain": g, "gamma": 1}, ValueError) for g in NOT_POSITIVE],
    *[(rescale, {"low": v}, TypeError) for v in NOT_A_NUMBER],
    *[(rescale, {"high": v}, TypeError) for v in NOT_A_NUMBER],
    *[(rescale, {"low": v}, ValueError) for v in [float("nan"), float("inf"), 2, 1e300]],
    *[(rescale, {"low": 1, "high": h}, ValueError) for h in (1, 0, -1e300)],
    *[(rescale, {"percentiles": p}, TypeError) for p in (5, None, (1, 2, 3), ("a", "b"), "ab")],
    *[(rescale, {"percentiles": p}, ValueError) for p in [(98, 2), (5, 5), (-1, 50), (1, 101)]],
    *[(rescale, {"percentiles": (0, p)}, ValueError) for p in (float("nan"), 1e300)],
    *[(histogram, {"bins": b}, TypeError) for b in [*NOT_A_NUMBER, None, 2.0]],
    *[(histogram, {"bins": b}, ValueError) for b in (0, -3, 2**20, 2**80)],
    *[(clahe, {"tiles": t}, TypeError) for t in [*NOT_A_NUMBER, None, 2.5, (1, 2, 3)]],
    *[(clahe, {"tiles": t}, ValueError) for t in (0, -1, 65, (1, 10**9), 2**80)],
    *[(clahe, {"clip": c}, TypeError) for c in [*NOT_A_NUMBER, None]],
    *[(clahe, {"clip": c}, ValueError) for c in [*NOT_POSITIVE, 1.5, 40]],
]


@pytest.mark.parametrize(("routine", "options", "error"), BAD_OPTIONS)
def test_a_bad_option_is_named(routine, options, error):
    with pytest.raises(error, match=f"{next(iter(options))}"):
        routine(GREY, **options)
    with pytest.raises(error, match=f"{next(iter(options))}"):
        routine(torch.from_numpy(GREY)[None], **options)


def test_a_reference_has_to_be_of_the_same_kind():
    tensor = torch.from_numpy(GREY)
    for image, reference, error in [
        (GREY, GREY.astype(np.float32), TypeError),
        (GREY, np.zeros((3, 3), np.uint8), TypeError),
        (GREY, tensor, TypeError),
        (tensor, GREY, TypeError),
        (tensor, tensor.float(), TypeError),
        (GREY, [[1.0]], TypeError),
        (GREY, np.zeros((3, 3, 3)), ValueError),
        (np.zeros((3, 3, 3)), np.zeros((3, 3, 4)), ValueError),
        (torch.zeros(2, 3, 3), torch.zeros(3, 3, 3), ValueError),
    ]:
        with pytest.raises(error, match=r"^reference "):
            match_histogram(image, reference)


@pytest.mark.parametrize("name", contrast.__all__)
def test_options_are_keyword_only(name):
    parameters = inspect.signature(getattr(contrast, name)).parameters
    options = [p for n, p in parameters.items() if n not in ("image", "reference")]
    assert all(p.kind is p.KEYWORD_ONLY for p in options)
