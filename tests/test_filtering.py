"""Filters against their float64 definitions, their laws, and what they refuse."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from strategies import (
    BAD_IMAGES,
    LAYOUTS,
    MODES,
    TOLERANCE,
    assert_close,
    borders,
    correlate64,
    images,
    run,
    sides,
    to_float64,
)

from imgkit import filtering
from imgkit.filtering import (
    box,
    convolve,
    correlate,
    difference_of_gaussians,
    gabor,
    gabor_bank,
    gabor_kernel,
    gaussian,
    gradient,
    laplacian,
    laplacian_of_gaussian,
    prewitt,
    scharr,
    separable,
    sobel,
    unsharp_mask,
)

KERNEL = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) / 45
ROUTINES = {
    "correlate": lambda image, **o: correlate(image, KERNEL, **o),
    "convolve": lambda image, **o: convolve(image, KERNEL, **o),
    "gaussian": lambda image, **o: gaussian(image, sigma=1, **o),
    "box": lambda image, **o: box(image, size=3, **o),
    "box even": lambda image, **o: box(image, size=(2, 5), **o),
    "separable": lambda image, **o: separable(image, [1 / 4, 1 / 2, 1 / 4], [0.3, 0.7], **o),
    "sobel rows": lambda image, **o: sobel(image, axis=0, **o),
    "sobel": sobel,
    "scharr columns": lambda image, **o: scharr(image, axis=1, **o),
    "prewitt": prewitt,
    "laplacian": laplacian,
    "laplacian_of_gaussian": lambda image, **o: laplacian_of_gaussian(image, sigma=1, **o),
    "difference_of_gaussians": lambda image, **o: difference_of_gaussians(image, low_sigma=1, **o),
    "gabor even": lambda image, **o: gabor(image, frequency=0.3, angle=1, **o)[0],
    "unsharp_mask": lambda image, **o: unsharp_mask(image, sigma=1, **o),
}
SMOOTHING = ["gaussian", "separable", "box", "box even", "unsharp_mask"]
LINEAR = ["correlate", "convolve", "gaussian", "box", "box even", "sobel rows", "laplacian"]
LINEAR += ["separable", "scharr columns", "laplacian_of_gaussian", "difference_of_gaussians"]
LINEAR += ["gabor even"]
FLAT_IS_ZERO = ["sobel rows", "sobel", "scharr columns", "prewitt", "laplacian"]
FLAT_IS_ZERO += ["laplacian_of_gaussian", "difference_of_gaussians"]
every = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES.keys())


def these(names):
    return pytest.mark.parametrize("routine", [ROUTINES[n] for n in names], ids=names)


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


def bell(sigma, truncate=4.0):
    reach = int(truncate * sigma + 0.5)
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    return weights / weights.sum()


def gaussian64(values, sigma, truncate=4.0, **border):
    weights = bell(sigma, truncate)
    rows = correlate64(values, weights[:, None], **border)
    return correlate64(rows, weights[None, :], **border)


@st.composite
def kernels(draw, largest=9):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.tuples(st.integers(1, largest), st.integers(1, largest)))
    kernel = rng.random(shape) - draw(st.sampled_from([0.0, 0.5]))
    return kernel / np.abs(kernel).sum()


# --- definitions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(3, 3), (4, 5), (1, 2), (5, 7)])
def test_the_definition_here_is_scipys(mode, shape):
    # Where the kernel fits, that is: beyond 8 times the side SciPy's "reflect" is wrong.
    image, kernel = noise(5, 7), noise(*shape, seed=1)
    expected = ndimage.correlate(image, kernel, mode=mode, cval=0.3)
    assert np.allclose(correlate64(image, kernel, mode=mode, cval=0.3), expected, rtol=1e-13)


@given(image=images(signed=True), kernel=kernels(), border=borders)
def test_correlate_is_its_definition(image, kernel, border):
    out = run(correlate, image, kernel, **border)
    expected = correlate64(to_float64(image), kernel, **border)
    assert_close(out, expected, image, cval=border.get("cval", 0))


@given(image=images(signed=True), kernel=kernels(), border=borders)
def test_convolve_is_its_definition(image, kernel, border):
    out = run(convolve, image, kernel, **border)
    h, w = kernel.shape
    centre = (h - 1) // 2, (w - 1) // 2
    expected = correlate64(to_float64(image), kernel[::-1, ::-1], centre=centre, **border)
    assert_close(out, expected, image, cval=border.get("cval", 0))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (1, 6), (5, 5)])
@pytest.mark.parametrize(("ours", "scipys"), [(correlate, "correlate"), (convolve, "convolve")])
def test_even_kernels_have_scipys_centre(ours, scipys, shape, mode):
    image, kernel = noise(9, 11), noise(*shape, seed=1)
    expected = getattr(ndimage, scipys)(image, kernel, mode=mode)
    assert np.allclose(ours(image, kernel, mode=mode), expected, rtol=1e-12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(2, 3), (9, 1), (31, 33)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_large_kernels_go_another_way_to_the_same(dtype, shape, mode):
    image, kernel = noise(*shape, dtype=dtype), noise(21, 15, seed=1)
    kernel /= kernel.sum()  # OpenCV takes a Fourier transform for it
    expected = correlate64(to_float64(image), kernel, mode=mode)
    assert_close(correlate(image, kernel, mode=mode), expected, image)


@given(
    image=images(signed=True),
    sigma=st.sampled_from([1e-3, 0.2, 0.5, 1.0, 2.3, 6.0]),
    truncate=st.sampled_from([0.1, 1.0, 3.0, 4.0]),
    border=borders,
)
def test_gaussian_is_its_definition(image, sigma, truncate, border):
    out = run(gaussian, image, sigma=sigma, truncate=truncate, **border)
    expected = gaussian64(to_float64(image), sigma, truncate, **border)
    assert_close(out, expected, image, cval=border.get("cval", 0))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_gaussian_is_scipys(dtype, mode):
    image = noise(64, 50, 3, dtype=dtype)
    expected = ndimage.gaussian_filter(to_float64(image), 3, mode=mode, axes=(0, 1))
    assert_close(gaussian(image, sigma=3, mode=mode), expected, image)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_gaussian_holds_its_tolerance_when_wide(dtype):
    image = noise(40, 30, dtype=dtype)
    assert_close(gaussian(image, sigma=100), gaussian64(to_float64(image), 100), image, scale=2)


@given(image=images(signed=True), size=st.tuples(sides, sides), border=borders)
def test_box_is_its_definition(image, size, border):
    out = run(box, image, size=size, **border)
    expected = correlate64(to_float64(image), np.full(size, 1 / np.prod(size)), **border)
    assert_close(out, expected, image, cval=border.get("cval", 0))


@given(image=images(signed=True), column=kernels(), row=kernels(), border=borders)
def test_separable_is_a_column_times_a_row(image, column, row, border):
    column, row = column[:, 0], row[0]
    out = run(separable, image, column, row, **border)
    expected = correlate64(to_float64(image), np.outer(column, row), **border)
    assert_close(out, expected, image, cval=border.get("cval", 0))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 70), (130, 64), (65, 63, 3), (20, 30, 6)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_long_filters_are_matrix_products_with_the_same_result(dtype, shape, mode):
    image = noise(*shape, dtype=dtype)
    column, row = noise(90, seed=1), noise(7, seed=2) - 0.3
    column, row = column / column.sum(), row / np.abs(row).sum()
    out = separable(image, column, row, mode=mode, cval=0.2)
    expected = correlate64(to_float64(image), column[:, None], mode=mode, cval=0.2)
    expected = correlate64(expected, row[None], mode=mode, cval=0.2)
    assert_close(out, expected, image, cval=0.2)


SLOPES = {sobel: [1, 2, 1], scharr: [3, 10, 3], prewitt: [1, 1, 1]}


@pytest.mark.parametrize("routine", SLOPES, ids=lambda routine: routine.__name__)
@given(image=images(signed=True), border=borders)
def test_a_slope_is_its_definition(routine, image, border):
    values, across = to_float64(image), np.array(SLOPES[routine])
    kernel = np.outer(across / across.sum(), [-1, 0, 1]) / 2
    columns = correlate64(values, kernel, **border)
    rows = correlate64(values, kernel.T, **border)
    for axis, expected in {0: rows, 1: columns, None: np.hypot(rows, columns)}.items():
        out = run(routine, image, axis=axis, **border)
        assert_close(out, expected, image, signed=True, cval=border.get("cval", 0))


@pytest.mark.parametrize("operator", ["sobel", "scharr", "prewitt"])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_gradient_is_magnitude_and_direction_of_the_slopes(dtype, operator):
    image, slope = noise(9, 8, 3, dtype=dtype), getattr(filtering, operator)
    magnitude, direction = gradient(image, operator=operator)
    rows, columns = slope(image, axis=0), slope(image, axis=1)
    assert np.array_equal(magnitude, slope(image))
    assert np.allclose(magnitude * np.sin(direction), rows, atol=1e-6)
    assert np.allclose(magnitude * np.cos(direction), columns, atol=1e-6)
    assert direction.dtype == magnitude.dtype == rows.dtype


def test_scharr_knows_the_angle_of_a_wave_best():
    row, column = np.mgrid[:64, :64]
    angle = np.radians(30)
    wave = np.sin(0.6 * (np.sin(angle) * row + np.cos(angle) * column))
    off = {}
    for operator in ("sobel", "scharr", "prewitt"):
        magnitude, direction = gradient(wave, operator=operator, mode="wrap")
        steep = magnitude[2:-2, 2:-2] > 0.3
        turned = np.abs(np.mod(direction[2:-2, 2:-2], np.pi) - angle)
        off[operator] = np.minimum(turned, np.pi - turned)[steep].max()
    assert off["scharr"] < off["sobel"] / 3 < off["prewitt"] / 6


def bend64(sigma):
    i = np.arange(len(bell(sigma))) - len(bell(sigma)) // 2
    weights = (i**2 / sigma**4 - 1 / sigma**2) * bell(sigma)
    return weights - weights.sum() * bell(sigma)


@given(image=images(signed=True), sigma=st.sampled_from([0.5, 1.0, 2.3]), border=borders)
def test_laplacian_of_gaussian_is_its_definition(image, sigma, border):
    out = run(laplacian_of_gaussian, image, sigma=sigma, **border)
    kernel = np.outer(bend64(sigma), bell(sigma))
    expected = correlate64(to_float64(image), kernel + kernel.T, **border)
    cval = border.get("cval", 0)
    assert_close(out, expected, image, signed=True, cval=cval, scale=2 / sigma**2)


def test_laplacian_of_gaussian_is_scipys_but_for_the_sum_of_its_kernel():
    image = noise(40, 41)
    ours = laplacian_of_gaussian(image, sigma=2)
    scipys = ndimage.gaussian_laplace(image, 2, mode="mirror")
    assert np.abs(ours - scipys).max() < 1e-3
    assert np.abs(ndimage.gaussian_laplace(np.ones((9, 9)), 2)).max() > 1e-4  # flat, and not 0


@given(image=images(signed=True), low=st.sampled_from([0.5, 1.0, 2.3]), border=borders)
def test_difference_of_gaussians_is_its_definition(image, low, border):
    values = to_float64(image)
    for high in (1.6 * low, 3.0):
        out = run(difference_of_gaussians, image, low_sigma=low, high_sigma=high, **border)
        expected = gaussian64(values, low, **border) - gaussian64(values, high, **border)
        assert_close(out, expected, image, signed=True, cval=border.get("cval", 0), scale=2)
    default = difference_of_gaussians(image, low_sigma=low, **border)
    given_ = difference_of_gaussians(image, low_sigma=low, high_sigma=1.6 * low, **border)
    assert np.array_equal(default, given_)


@given(
    image=images(signed=True),
    frequency=st.sampled_from([0.1, 0.25, 0.5]),
    angle=st.sampled_from([0, 0.3, np.pi / 2, -2.0]),
    border=borders,
)
def test_gabor_is_its_definition(image, frequency, angle, border):
    kernel = gabor_kernel(frequency=frequency, angle=angle)[::-1, ::-1]
    for part, out in zip(
        ("real", "imag"), gabor(image, frequency=frequency, angle=angle, **border), strict=True
    ):
        expected = correlate64(to_float64(image), getattr(kernel, part), **border)
        assert_close(out, expected, image, signed=True, cval=border.get("cval", 0), scale=2)


def test_the_gabor_kernel_is_scikit_images_along_the_rows():
    from skimage.filters import gabor_kernel as theirs

    for frequency, bandwidth in [(0.1, 1), (0.2, 1.5), (0.4, 0.5)]:
        ours = gabor_kernel(frequency=frequency, bandwidth=bandwidth)
        assert np.allclose(ours, theirs(frequency, bandwidth=bandwidth), atol=1e-12)


def test_a_gabor_bank_finds_each_wave_in_its_place():
    image = np.zeros((64, 128))
    row, column = np.mgrid[:64, :64]
    image[:, :64] = np.cos(2 * np.pi * 0.2 * column)
    image[:, 64:] = np.cos(2 * np.pi * 0.1 * row)
    bank = gabor_bank(image, frequencies=[0.1, 0.2], angles=[0, np.pi / 2])
    assert bank.shape == (4, 64, 128)
    assert bank[:, 32, 32].argmax() == 2  # 0.2, to the right
    assert bank[:, 32, 96].argmax() == 1  # 0.1, downwards
    each = [
        np.hypot(*gabor(image, frequency=f, angle=a)) for f in (0.1, 0.2) for a in (0, np.pi / 2)
    ]
    assert np.allclose(bank, each, atol=1e-14)


@given(image=images(signed=True), border=borders)
def test_laplacian_is_its_definition(image, border):
    out = run(laplacian, image, **border)
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    expected = correlate64(to_float64(image), kernel, **border)
    assert_close(out, expected, image, signed=True, cval=border.get("cval", 0), scale=2)


@given(
    image=images(),
    sigma=st.sampled_from([0.3, 1.5, 4.0]),
    amount=st.sampled_from([-1.0, 0.0, 0.5, 2, 20]),
    border=borders,
)
def test_unsharp_mask_is_its_definition(image, sigma, amount, border):
    out = run(unsharp_mask, image, sigma=sigma, amount=amount, **border)
    values = to_float64(image)
    expected = values + amount * (values - gaussian64(values, sigma, **border))
    assert_close(out, np.clip(expected, 0, 1), image, cval=1, scale=1 + abs(amount))


# --- laws -----------------------------------------------------------------------------------------


@given(kernel=kernels(largest=7), dtype=st.sampled_from(["float32", "float64"]))
def test_an_impulse_gives_the_kernel(kernel, dtype):
    impulse = np.zeros((15, 15), dtype)
    impulse[7, 7] = 1
    h, w = kernel.shape
    top, left = 7 - h // 2, 7 - w // 2
    expected = np.zeros((15, 15))
    expected[top : top + h, left : left + w] = kernel
    assert np.allclose(convolve(impulse, kernel), expected, atol=TOLERANCE[dtype])


@these(LINEAR)
@pytest.mark.parametrize("mode", MODES)
def test_linear_filters_are_linear(routine, mode):
    a, b = noise(9, 8), noise(9, 8, seed=1)
    together = routine(2 * a - 3 * b, mode=mode)
    assert np.allclose(together, 2 * routine(a, mode=mode) - 3 * routine(b, mode=mode), atol=1e-13)


@every
@given(image=images(dtypes=st.just("float64")), rows=st.integers(-9, 9), columns=st.integers(-9, 9))
def test_on_a_wrapped_image_filters_do_not_know_where_they_are(routine, image, rows, columns):
    shifted = np.roll(image, (rows, columns), axis=(0, 1))
    expected = np.roll(routine(image, mode="wrap"), (rows, columns), axis=(0, 1))
    assert np.allclose(routine(shifted, mode="wrap"), expected, atol=1e-13)


@these(SMOOTHING)
@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "constant"])
@pytest.mark.parametrize("level", [0, 1, 100, 254, 255])
def test_smoothing_keeps_a_flat_image(routine, mode, level):
    flat = np.full((6, 5, 3), level, np.uint8)
    assert np.array_equal(routine(flat, mode=mode), flat)
    assert np.allclose(routine(flat / 255, mode=mode), flat / 255, rtol=1e-14)


@these(FLAT_IS_ZERO)
def test_derivatives_of_a_flat_image_are_zero(routine):
    for flat in (np.full((6, 5), 100, np.uint8), np.full((6, 5), 0.4)):
        assert np.allclose(routine(flat), 0, atol=1e-7)


@given(slope=st.floats(-0.1, 0.1), across=st.floats(-0.1, 0.1))
def test_a_ramp_has_its_slope_and_no_curvature(slope, across):
    row, column = np.mgrid[:7, :9]
    ramp = slope * row + across * column
    inside = slice(1, -1), slice(1, -1)
    assert np.allclose(sobel(ramp, axis=0)[inside], slope, atol=1e-14)
    assert np.allclose(sobel(ramp, axis=1)[inside], across, atol=1e-14)
    assert np.allclose(sobel(ramp)[inside], np.hypot(slope, across), atol=1e-14)
    assert np.allclose(laplacian(ramp)[inside], 0, atol=1e-14)


@given(a=kernels(largest=5), b=kernels(largest=5))
def test_the_order_of_convolutions_does_not_matter(a, b):
    image = noise(11, 13)
    ab = convolve(convolve(image, a, mode="wrap"), b, mode="wrap")
    ba = convolve(convolve(image, b, mode="wrap"), a, mode="wrap")
    assert np.allclose(ab, ba, atol=1e-14)


def test_a_gaussian_is_separable_and_blurs_add_up():
    image = noise(40, 40)
    column = bell(1.5)[:, None]
    assert np.allclose(
        gaussian(image, sigma=1.5), convolve(convolve(image, column), column.T), atol=1e-14
    )
    twice = gaussian(gaussian(image, sigma=3, truncate=8), sigma=4, truncate=8)
    assert np.allclose(twice, gaussian(image, sigma=5, truncate=8), atol=1e-4)


@every
@pytest.mark.parametrize(
    "channels", [1, 2, 3, 4, 5, 7, 150, 600]
)  # OpenCV 5 takes 128, 4 takes 512
@pytest.mark.parametrize("border", [{"mode": "mirror"}, {"mode": "constant", "cval": 0.6}])
def test_channels_are_treated_alike(routine, channels, border):
    image = noise(4, 6, channels, dtype="uint8")
    each = [routine(np.ascontiguousarray(image[..., c]), **border) for c in range(channels)]
    out = routine(image, **border)
    assert out.dtype == each[0].dtype
    assert np.allclose(out, np.stack(each, axis=2), rtol=0, atol=1e-6)  # of bytes: equal


@every
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_memory_layout_does_not_matter(routine, layout, dtype):
    image = noise(7, 5, 3, dtype=dtype)
    assert np.array_equal(routine(layout(image)), routine(image))


@every
def test_results_are_contiguous_and_writeable(routine):
    for mode in MODES:
        out = routine(noise(7, 5, 3)[::-1], mode=mode)
        assert out.flags.c_contiguous
        assert out.flags.writeable


@these(LINEAR)
def test_floats_need_not_be_intensities(routine):
    image = noise(6, 5)
    large = routine(1e6 * (image - 0.5))
    assert np.allclose(large, 1e6 * (routine(image) - routine(np.full((6, 5), 0.5))), rtol=1e-9)


def test_uint8_saturates_and_rounds():
    image = np.uint8([[100, 200], [10, 15]])
    assert np.array_equal(correlate(image, [[2]]), np.uint8([[200, 255], [20, 30]]))
    assert np.array_equal(correlate(image, [[-1]]), np.zeros((2, 2), np.uint8))
    assert np.array_equal(correlate(image, [[0.26]]), np.uint8([[26, 52], [3, 4]]))
    assert np.array_equal(correlate(image, [[1e6]]), np.full((2, 2), 255, np.uint8))
    assert np.array_equal(correlate(image, [[-1e6]]), np.zeros((2, 2), np.uint8))


def test_cval_is_a_fraction_of_full_scale():
    black = np.zeros((1, 3), np.uint8)
    assert box(black, size=(1, 3), mode="constant", cval=1).tolist() == [[85, 0, 85]]
    assert box(black / 255, size=(1, 3), mode="constant", cval=0.5)[0, 0] == pytest.approx(1 / 6)
    beyond = correlate(black, [[1, 0, 0]], mode="constant", cval=0.304)  # 77.52 levels
    assert beyond.tolist() == [[78, 0, 0]]


def test_a_kernel_may_be_nested_lists_of_anything_real():
    image = noise(5, 5)
    for kernel in ([[0, 1, 0]], [[False, True, False]], np.float16([[0, 1, 0]]), ((0, 1, 0),)):
        assert np.array_equal(correlate(image, kernel), image)


def test_amount_zero_changes_nothing():
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(unsharp_mask(image, amount=0), image)


# --- what is refused ------------------------------------------------------------------------------


@every
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image)


def test_unsharp_mask_needs_intensities():
    with pytest.raises(ValueError, match=r"image has values from .* 0\.\.255: divide by 255"):
        unsharp_mask(np.full((3, 3), 200.0))


GREY = noise(6, 5, dtype="float32")
NOT_A_NUMBER = ["2", None, True, [1], 1j, np.ones(2)]
NOT_POSITIVE = [0, -1, float("nan"), float("inf"), -1e-300]
BAD_OPTIONS = [
    *[(gaussian, {"sigma": s}, TypeError) for s in NOT_A_NUMBER],
    *[(gaussian, {"sigma": s}, ValueError) for s in [*NOT_POSITIVE, 1e4, 1e300]],
    *[(unsharp_mask, {"sigma": s}, ValueError) for s in [*NOT_POSITIVE, 1e300]],
    *[(gaussian, {"truncate": t, "sigma": 1}, ValueError) for t in [*NOT_POSITIVE, 1e5]],
    *[(unsharp_mask, {"amount": a}, TypeError) for a in NOT_A_NUMBER],
    *[(unsharp_mask, {"amount": a}, ValueError) for a in [float("nan"), float("inf"), 1e4]],
    *[(box, {"size": s}, ValueError) for s in (0, -3, (3, 0), 10**6, 2**80)],
    *[(box, {"size": s}, TypeError) for s in NOT_A_NUMBER],
    *[(box, {"size": s}, TypeError) for s in (2.5, (3,), (1, 2, 3), "33")],
    *[(r, {"axis": a}, ValueError) for r in SLOPES for a in (2, -1, True, "rows", 0.5)],
    *[(gradient, {"operator": o}, ValueError) for o in ("canny", "")],
    (gradient, {"operator": None}, TypeError),
    *[(laplacian_of_gaussian, {"sigma": s}, ValueError) for s in [*NOT_POSITIVE, 0.1, 1e4]],
    *[(difference_of_gaussians, {"low_sigma": s}, ValueError) for s in [*NOT_POSITIVE, 1e4]],
    (difference_of_gaussians, {"high_sigma": 1, "low_sigma": 2}, ValueError),
    *[(gabor, {"frequency": f}, ValueError) for f in [*NOT_POSITIVE, 0.6, 1e-6]],
    *[(gabor, {"bandwidth": b, "frequency": 0.2}, ValueError) for b in [*NOT_POSITIVE, 1e-9]],
    (gabor, {"angle": "0", "frequency": 0.2}, TypeError),
    (gabor_bank, {"frequencies": [], "angles": [0]}, ValueError),
]


@pytest.mark.parametrize(("routine", "options", "error"), BAD_OPTIONS)
def test_a_bad_option_is_named(routine, options, error):
    with pytest.raises(error, match=f"{next(iter(options))}"):
        routine(GREY, **options)


@every
def test_a_bad_border_is_named(routine):
    for mode in ("reflect_101", "Mirror", ""):
        with pytest.raises(ValueError, match="mode must be one of mirror, reflect, nearest"):
            routine(GREY, mode=mode)
    for mode in (None, 4, ["mirror"]):
        with pytest.raises(TypeError, match="mode must be one of"):
            routine(GREY, mode=mode)
    for cval in (float("nan"), float("inf"), 1e300):
        with pytest.raises(ValueError, match="cval must"):
            routine(GREY, mode="constant", cval=cval)
    for cval in ("0", None):
        with pytest.raises(TypeError, match="cval must"):
            routine(GREY, mode="constant", cval=cval)


@these(["correlate", "gaussian", "laplacian"])
def test_for_uint8_cval_is_not_a_level(routine):
    for cval in (-0.1, 1.5, 128):
        with pytest.raises(ValueError, match=r"cval must be a fraction of full scale, 0\.\.1"):
            routine(np.zeros((3, 3), np.uint8), mode="constant", cval=cval)


BAD_KERNELS = [
    (np.ones(3), ValueError),
    (np.ones((1, 3, 3)), ValueError),
    (np.ones((0, 3)), ValueError),
    (3, ValueError),
    (None, TypeError),
    ("ones", TypeError),
    ([["a"]], TypeError),
    ([[1, 2], [3]], ValueError),
    ([[1j]], TypeError),
    ([[np.nan]], ValueError),
    ([[np.inf, 1]], ValueError),
    ([[1e300]], ValueError),
    (np.full((3, 3), 3e38), ValueError),
    (np.ones((1, 5000)), ValueError),
    ([[None]], TypeError),
]


@pytest.mark.parametrize("routine", [correlate, convolve])
@pytest.mark.parametrize(("kernel", "error"), BAD_KERNELS)
def test_a_bad_kernel_is_named(routine, kernel, error):
    with pytest.raises(error, match=r"^kernel "):
        routine(GREY, kernel)


@pytest.mark.parametrize(("weights", "error"), [
    (np.ones((2, 2)), ValueError), ([], ValueError), (3, ValueError), ("ones", ValueError),
    ([1j], TypeError), ([np.nan], ValueError), ([1e300], ValueError), (np.ones(5000), ValueError),
])  # fmt: skip
def test_a_bad_column_or_row_is_named(weights, error):
    with pytest.raises(error, match=r"^column"):
        separable(GREY, weights, [1])
    with pytest.raises(error, match=r"^row|^column and row"):
        separable(GREY, [1], weights)


def test_a_kernel_that_uint8_cannot_sum_is_refused():
    with pytest.raises(ValueError, match="kernel has magnitudes that sum to 9e"):
        correlate(np.zeros((3, 3), np.uint8), np.full((3, 3), 1e9))


@pytest.mark.parametrize("name", [n for n in ROUTINES if " " not in n])
def test_options_are_keyword_only_and_the_border_is_mirror(name):
    parameters = inspect.signature(getattr(filtering, name)).parameters
    options = [p for n, p in parameters.items() if n not in ("image", "kernel", "column", "row")]
    assert all(p.kind is p.KEYWORD_ONLY for p in options)
    assert parameters["mode"].default == "mirror"
    assert parameters["cval"].default == 0
