"""Kernels of blur and what undoes them, against plain float64 definitions and their laws."""

import inspect
from functools import partial

import cv2
import numpy as np
import pytest
import skimage.restoration
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal
from strategies import BAD_IMAGES, LAYOUTS, images, run, to_float64

from imgkit import data
from imgkit.filtering import convolve
from imgkit.restoration import defocus_kernel, motion_kernel, richardson_lucy, wiener
from imgkit.restoration.kernels import transfer

ROUTINES = {"wiener": wiener, "richardson_lucy": richardson_lucy}
every = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES.keys())
DISC = defocus_kernel(radius=2.4)
UNEVEN = np.array([[0, 1, 2, 0], [4, 3, 0, 1]])  # even sides, not symmetric


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape)


def as_tensor(image):
    """Channels first."""
    return torch.tensor(np.ascontiguousarray(np.moveaxis(np.atleast_3d(image), 2, 0)))


def as_array(tensor, shape):
    return tensor.movedim(0, -1).numpy().reshape(shape)


def each_plane(function, values):
    planes = np.moveaxis(np.atleast_3d(values), 2, 0)
    return np.stack([function(plane) for plane in planes], axis=2).reshape(values.shape)


@st.composite
def psfs(draw):
    """Small and large, even and odd sides, some a column times a row, some with zeros."""
    h, w = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["any", "product", "sparse"]))
    psf = np.outer(rng.random(h), rng.random(w)) if kind == "product" else rng.random((h, w))
    if kind == "sparse":
        psf *= rng.random((h, w)) < 0.3
    psf[h // 2, w // 2] += 0.5
    return psf


# --- definitions ----------------------------------------------------------------------------------


def fast(n):
    """The least length that the Fourier transform likes: 2, 3 and 5 are its only factors."""
    while True:
        rest = n
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
        n += 1


def continued(plane, total):
    """Rows added below: mirrored there, faded into those mirrored above the first."""
    n, extra = len(plane), total - len(plane)
    wide = np.pad(plane, [(extra, extra), (0, 0)], mode="reflect")
    fade = (np.arange(1, extra + 1) / (extra + 1))[:, None]
    return np.vstack([plane, (1 - fade) * wide[n + extra :] + fade * wide[:extra]])


def wiener64(plane, psf, balance, regularizer):
    (h, w), psf = psf.shape, psf / psf.sum()
    wide = continued(plane, fast(plane.shape[0] + 3 * h))
    wide = continued(wide.T, fast(plane.shape[1] + 3 * w)).T
    at_origin = np.zeros(wide.shape)
    at_origin[:h, :w] = psf
    blur = np.fft.fft2(np.roll(at_origin, (-(h // 2), -(w // 2)), (0, 1)))
    if regularizer == "laplacian":
        laplace = np.zeros(wide.shape)
        for place, weight in {(0, 0): 4, (0, 1): -1, (1, 0): -1, (0, -1): -1, (-1, 0): -1}.items():
            laplace[place] += weight
        weight = np.abs(np.fft.fft2(laplace)) ** 2
    else:
        weight = np.ones(wide.shape)
        weight[0, 0] = 0
    inverse = blur.conj() / (np.abs(blur) ** 2 + balance * weight)
    out = np.fft.ifft2(inverse * np.fft.fft2(wide)).real
    return out[: plane.shape[0], : plane.shape[1]]


def lucy64(plane, psf, iterations):
    """The canvas whole: (H + h - 1, W + w - 1)."""
    psf = psf / psf.sum()
    top, left = (psf.shape[0] - 1) // 2, (psf.shape[1] - 1) // 2
    share = signal.correlate(np.ones(plane.shape), psf, "full", "direct")
    gain = np.where(share > 1e-3, 1 / np.maximum(share, 1e-3), 0)
    scene = np.full(share.shape, plane.mean())
    for _ in range(iterations):
        seen = signal.convolve(scene, psf, "valid", "direct")
        ratio = plane / np.maximum(seen, max(1e-6 * plane.mean(), 1e-300))
        scene = scene * gain * signal.correlate(ratio, psf, "full", "direct")
    inside = slice(top, top + plane.shape[0]), slice(left, left + plane.shape[1])
    return scene[inside], scene, share


def assert_is(out, expected, image, tolerance):
    """As float64 says, clipped, in the image's kind."""
    assert out.shape == image.shape
    assert out.dtype == image.dtype
    expected = np.clip(expected, 0, 1)
    if image.dtype == np.uint8:
        assert np.abs(out - 255 * expected).max() <= 0.5 + 255 * tolerance["float32"]
    else:
        assert np.abs(out - expected).max() <= tolerance[image.dtype.name]


@settings(max_examples=60)
@given(
    image=images(),
    psf=psfs(),
    balance=st.sampled_from([1e-3, 0.01, 0.3, 20]),
    regularizer=st.sampled_from(["laplacian", "constant"]),
)
def test_wiener_is_its_definition(image, psf, balance, regularizer):
    options = {"balance": balance, "regularizer": regularizer}
    values = to_float64(image)
    expected = each_plane(lambda plane: wiener64(plane, psf, **options), values)
    out = run(wiener, image, psf, **options)
    tolerance = {"float32": 2e-7 / min(balance, 0.02), "float64": 1e-15 / min(balance, 0.02)}
    assert_is(out, expected, image, tolerance)
    if image.dtype != np.uint8:
        out = as_array(wiener(as_tensor(image), psf, **options), image.shape)
        assert_is(out, expected, image, tolerance)


@settings(max_examples=40)
@given(image=images(), psf=psfs(), iterations=st.sampled_from([1, 2, 7, 20]))
def test_richardson_lucy_is_its_definition(image, psf, iterations):
    values = to_float64(image) * 0.9 + 0.05 if image.dtype != np.uint8 else to_float64(image)
    image = values.astype(image.dtype) if image.dtype != np.uint8 else image
    expected = each_plane(lambda plane: lucy64(plane, psf, iterations)[0], to_float64(image))
    tolerance = {"float32": 1e-4, "float64": 1e-12}
    if image.dtype == np.uint8:
        tolerance = {"float32": 4e-3}  # black pixels beside white ones: a level
    assert_is(run(richardson_lucy, image, psf, iterations=iterations), expected, image, tolerance)
    if image.dtype != np.uint8:
        out = richardson_lucy(as_tensor(image), psf, iterations=iterations)
        assert_is(as_array(out, image.shape), expected, image, tolerance)


@pytest.mark.parametrize("psf", [np.ones((5, 5)), np.outer([1, 2, 1], [3, 1]), DISC, UNEVEN])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_ways_to_convolve_give_the_same(psf, dtype, monkeypatch):
    image = noise(40, 33).astype(dtype)
    quick = richardson_lucy(image, psf, iterations=8)
    for name in ("DIRECT_AREA", "DIRECT_SIDES"):
        monkeypatch.setattr(f"imgkit.restoration.lucy.{name}", 0)
    slow = richardson_lucy(image, psf, iterations=8)
    assert np.allclose(quick, slow, atol=1e-5 if dtype == "float32" else 1e-13)


@pytest.mark.parametrize("tile", [40, 64, 320])
@pytest.mark.parametrize("psf", [noise(8, 11), defocus_kernel(radius=6)])
def test_tiles_meet(psf, tile, monkeypatch):
    monkeypatch.setattr("imgkit.restoration.lucy.TILE", tile)
    image = noise(101, 70)
    expected = lucy64(image, psf, 4)[0]
    assert np.allclose(richardson_lucy(image, psf, iterations=4, clip=False), expected, atol=1e-12)


# --- kernels --------------------------------------------------------------------------------------


@given(length=st.floats(0.01, 40), angle=st.floats(-7, 7))
def test_a_motion_kernel_is_the_time_spent_in_each_pixel(length, angle):
    kernel = motion_kernel(length=length, angle=angle)
    times = (np.arange(20000) + 0.5) / 20000 - 0.5
    path = np.rint(np.outer(times * length, [np.sin(angle), np.cos(angle)])).astype(int)
    expected = np.zeros(kernel.shape)
    np.add.at(expected, tuple((path + np.array(kernel.shape) // 2).T), 1 / 20000)
    assert np.abs(kernel - expected).max() < 5e-4
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert np.array_equal(kernel, kernel[::-1, ::-1])


def test_motion_along_an_axis_is_a_box():
    assert np.allclose(motion_kernel(length=5), np.full((1, 5), 0.2))
    assert np.allclose(motion_kernel(length=7, angle=np.pi / 2), np.full((7, 1), 1 / 7))
    assert motion_kernel(length=0.7, angle=1).tolist() == [[1]]


def test_a_positive_angle_goes_right_and_down():
    kernel = motion_kernel(length=9, angle=np.pi / 6)
    assert kernel[0, 0] > 0
    assert kernel[0, -1] == 0
    assert np.allclose(motion_kernel(length=9, angle=-np.pi / 6), kernel[::-1], atol=1e-12)


@given(radius=st.floats(0.01, 12))
def test_a_defocus_kernel_is_the_area_of_a_disc_in_each_pixel(radius):
    kernel = defocus_kernel(radius=radius)
    reach = len(kernel) // 2
    fine = (np.arange(50 * len(kernel)) + 0.5) / 50 - 0.5 - reach
    inside = (fine[:, None] ** 2 + fine**2 <= radius**2).astype(float)
    expected = inside.reshape(len(kernel), 50, len(kernel), 50).sum((1, 3))
    if expected.sum() > 5000:
        assert np.abs(kernel - expected / expected.sum()).max() < 0.02 / radius**2
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert kernel.min() >= 0
    assert np.allclose(kernel, kernel.T, atol=1e-15)
    assert np.allclose(kernel, kernel[::-1], atol=1e-15)


@pytest.mark.parametrize("psf", [UNEVEN, DISC, np.ones((1, 4)), np.ones((6, 1))])
def test_the_centre_is_where_convolve_has_it(psf):
    psf = psf / psf.sum()
    image = noise(24, 30)
    by_spectrum = np.fft.irfft2(np.fft.rfft2(image) * transfer(psf, image.shape), image.shape)
    assert np.allclose(by_spectrum, convolve(image, psf, mode="wrap"), atol=1e-14)


# --- laws -----------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("psf", [DISC, UNEVEN, np.ones((3, 3)), np.ones((40, 1))])
@pytest.mark.parametrize("level", [0, 1, 100, 255])
def test_a_flat_image_stays(routine, psf, level):
    grey = np.full((20, 31, 3), level, np.uint8)
    assert np.array_equal(routine(grey, psf), grey)
    assert np.allclose(routine(grey / 255, psf), grey / 255, atol=1e-13)


def test_without_blur_richardson_lucy_is_there_at_once():
    image = noise(9, 8)
    assert np.allclose(richardson_lucy(image, [[3.0]], iterations=1), image, atol=1e-14)


def test_without_blur_and_noise_wiener_changes_nothing():
    image = noise(9, 8)
    assert np.allclose(wiener(image, [[3.0]], balance=1e-9), image, atol=1e-7)


def test_wiener_is_linear():
    a, b = noise(15, 12), noise(15, 12, seed=1)
    together = wiener(2 * a - 30 * b, DISC, clip=False)
    apart = 2 * wiener(a, DISC, clip=False) - 30 * wiener(b, DISC, clip=False)
    assert np.allclose(together, apart, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e30, 1e200])
@every
def test_without_clipping_any_unit_will_do(routine, scale):
    image = noise(12, 10)
    expected = routine(image, DISC, clip=False)
    assert np.allclose(routine(scale * image, DISC, clip=False) / scale, expected, rtol=1e-9)


@pytest.mark.parametrize("iterations", [1, 2, 30])
def test_every_step_keeps_the_flux_and_stays_positive(iterations):
    image = noise(20, 17)
    inside, scene, share = lucy64(image, UNEVEN, iterations)
    assert (scene * share).sum() == pytest.approx(image.sum(), rel=1e-12)  # the canvas's law
    out = richardson_lucy(image, UNEVEN, iterations=iterations, clip=False)
    assert np.allclose(out, inside, atol=1e-11)
    assert out.min() >= 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_star_in_the_dark_keeps_its_light(dtype):
    sky = np.zeros((60, 60), dtype)
    sky[30, 28] = 1
    blurred = convolve(sky, DISC)
    out = richardson_lucy(blurred, DISC, iterations=30, clip=False)
    assert out.sum() == pytest.approx(1, rel=1e-4)
    assert out[30, 28] > 5 * blurred[30, 28]
    assert out.min() >= 0


def test_clip_is_a_choice():
    star = np.zeros((21, 21))
    star[10, 10] = 1
    blurred = np.minimum(12 * convolve(star, DISC), 1)
    for routine in (wiener, richardson_lucy):
        free = routine(blurred, DISC, clip=False)
        assert free.max() > 1.2
        assert np.array_equal(routine(blurred, DISC), np.clip(free, 0, 1))


def test_steps_come_nearer_to_the_scene():
    scene = data.load("camera")[100:228, 150:278] / 255
    psf = defocus_kernel(radius=3)
    blurred = signal.convolve(scene, psf, "valid")
    error = [
        np.abs(richardson_lucy(blurred, psf, iterations=n) - scene[3:-3, 3:-3]).mean()
        for n in (1, 5, 20, 80)
    ]
    assert error == sorted(error, reverse=True)


# --- right where others are loose -----------------------------------------------------------------


@pytest.mark.parametrize("psf", [defocus_kernel(radius=5), motion_kernel(length=13, angle=0.5)])
def test_borders_do_not_ring(psf):
    photo = data.load("camera") / 255
    h, w = psf.shape
    blurred = signal.convolve(photo, psf, "valid")
    scene = photo[h // 2 : -(h // 2), w // 2 : -(w // 2)]
    frame = np.ones(scene.shape, bool)
    frame[20:-20, 20:-20] = False

    def decibels(out):
        return -10 * np.log10(np.mean((np.clip(out, 0, 1) - scene)[frame] ** 2))

    theirs = decibels(skimage.restoration.richardson_lucy(blurred, psf, 20))
    assert decibels(richardson_lucy(blurred, psf)) > decibels(blurred) + 1
    assert decibels(richardson_lucy(blurred, psf)) > theirs + 10
    theirs = decibels(skimage.restoration.wiener(blurred, psf, 0.01))
    assert decibels(wiener(blurred, psf)) > theirs + 5


def test_inside_richardson_lucy_is_scikit_images():
    photo, psf = data.load("camera") / 255, defocus_kernel(radius=3)
    blurred = ndimage.convolve(photo, psf)
    inside = slice(150, -150), slice(150, -150)
    theirs = skimage.restoration.richardson_lucy(blurred, psf, 5)
    assert np.allclose(
        richardson_lucy(blurred, psf, iterations=5)[inside], theirs[inside], atol=1e-6
    )


def test_far_from_the_edges_wiener_is_scikit_images():
    image = np.zeros((128, 128))
    image[50:78, 44:90] = noise(28, 46)
    blurred = ndimage.convolve(image, DISC)
    theirs = skimage.restoration.wiener(blurred, DISC, 0.1, clip=False)
    ours = wiener(blurred, DISC, balance=0.1, clip=False)
    assert np.abs(ours - theirs)[40:-40, 40:-40].max() < 2e-3


# --- gradients ------------------------------------------------------------------------------------


@pytest.mark.parametrize("psf", [UNEVEN, DISC])
@pytest.mark.parametrize(
    ("routine", "options"),
    [
        (wiener, {"regularizer": "laplacian"}),
        (wiener, {"regularizer": "constant"}),
        (richardson_lucy, {"iterations": 3}),
    ],
)
def test_gradients_flow(routine, options, psf):
    image = (torch.rand(2, 3, 4, dtype=torch.float64) * 0.8 + 0.1).requires_grad_()
    free = partial(routine, psf=psf, clip=False, **options)
    assert torch.autograd.gradcheck(free, (image,), fast_mode=True)


def test_a_batch_is_its_images():
    batch = torch.rand(2, 3, 12, 10, dtype=torch.float64)
    for routine in ROUTINES.values():
        out = routine(batch, DISC)
        for i in range(2):
            for j in range(3):
                assert torch.allclose(out[i, j], routine(batch[i, j], DISC), atol=1e-13)


# --- memory, and what is refused ------------------------------------------------------------------


@every
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_memory_layout_does_not_matter(routine, layout, dtype):
    image = np.rint(255 * noise(9, 7, 3)) if dtype == "uint8" else noise(9, 7, 3)
    image = image.astype(dtype)
    out = routine(layout(image), DISC)
    assert np.array_equal(out, routine(image, DISC))
    assert out.flags.c_contiguous
    assert out.flags.writeable


@every
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 200)])
def test_psfs_may_be_larger_than_the_image(routine, shape):
    for psf in (np.ones((21, 31)), defocus_kernel(radius=10), np.ones((1, 100))):
        for dtype in (np.float32, np.float64):
            out = routine(noise(*shape).astype(dtype), psf)
            assert np.isfinite(out).all()
        assert np.isfinite(routine(torch.from_numpy(noise(*shape)), psf).numpy()).all()


@every
def test_black_stays_black(routine):
    for black in (np.zeros((6, 5, 2), np.uint8), np.zeros((6, 5)), np.zeros((6, 5), np.float32)):
        assert not routine(black, DISC).any()
    assert not routine(torch.zeros(6, 5), DISC).any()


@every
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image, DISC)


@every
def test_intensities_are_needed_where_floats_are_clipped(routine):
    bright = 200 * noise(4, 4)
    with pytest.raises(ValueError, match=r"image has values from .* divide by 255"):
        routine(bright, DISC)
    assert routine(bright, DISC, clip=False).max() > 1


BAD_PSFS = [
    (np.ones(3), ValueError),
    (np.ones((1, 3, 3)), ValueError),
    (np.ones((0, 3)), ValueError),
    (3, ValueError),
    (None, TypeError),
    ("disc", TypeError),
    ([[1, 2], [3]], ValueError),
    ([[1j]], TypeError),
    ([[np.nan]], ValueError),
    ([[np.inf, 1]], ValueError),
    ([[1, -0.1]], ValueError),
    (np.zeros((3, 3)), ValueError),
    (np.ones((1, 2000)), ValueError),
]


@every
@pytest.mark.parametrize(("psf", "error"), BAD_PSFS)
def test_a_bad_psf_is_named(routine, psf, error):
    with pytest.raises(error, match=r"^psf "):
        routine(noise(4, 4), psf)


@every
def test_a_psf_may_have_any_unit(routine):
    image = noise(9, 9)
    for unit in (1e-300, 1e300, 255):
        assert np.allclose(routine(image, unit * DISC), routine(image, DISC), atol=1e-12)


NAN = float("nan")
BAD_OPTIONS = [
    *[(wiener, {"balance": b}) for b in (0, -1, NAN, 1e-20, 1e20, "1", None, True)],
    *[(wiener, {"regularizer": r}) for r in ("tikhonov", "", None, 1)],
    *[(richardson_lucy, {"iterations": i}) for i in (0, -1, 2.5, 10**6, "1", None, True)],
]


@pytest.mark.parametrize(("routine", "options"), BAD_OPTIONS)
def test_a_bad_option_is_named(routine, options):
    with pytest.raises((TypeError, ValueError), match=f"^{next(iter(options))} must "):
        routine(noise(4, 4), DISC, **options)


@pytest.mark.parametrize("kernel", [motion_kernel, defocus_kernel])
@pytest.mark.parametrize("size", [0, -1, NAN, float("inf"), 1e4, "3", None, True])
def test_a_bad_size_is_named(kernel, size):
    name = "length" if kernel is motion_kernel else "radius"
    with pytest.raises((TypeError, ValueError), match=f"^{name} must "):
        kernel(**{name: size})


@pytest.mark.parametrize("angle", [NAN, float("inf"), "0", None])
def test_a_bad_angle_is_named(angle):
    with pytest.raises((TypeError, ValueError), match=r"^angle must "):
        motion_kernel(length=3, angle=angle)


@every
def test_options_are_keyword_only(routine):
    _, _, *options = inspect.signature(routine).parameters.values()
    assert all(option.kind is option.KEYWORD_ONLY for option in options)


@every
def test_threads_change_nothing(routine):
    image, before = noise(200, 150), cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = routine(image, DISC)
        cv2.setNumThreads(2)
        assert np.allclose(routine(image, DISC), alone, atol=1e-14)
    finally:
        cv2.setNumThreads(before)
