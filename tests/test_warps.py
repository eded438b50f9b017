"""Warps against their float64 definitions, their laws, and what they refuse.

All of it holds with OpenCV 4 and with OpenCV 5: the tolerances are the same.
"""

import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, LAYOUTS, MODES, images, run, to_float64

from imgkit.geometry import log_polar, polar, remap, rotate, warp_affine, warp_perspective

METHODS = ["nearest", "linear", "cubic"]
TILT = np.array([[0.9, 0.3, 2.0], [-0.25, 1.1, -1.5], [0, 0, 1]])
VIEW = np.array([[1.0, 0.1, 2.0], [0.05, 0.9, -1.0], [2e-3, -3e-3, 1]])
borders = st.sampled_from(
    [{"mode": mode} for mode in MODES] + [{"mode": "constant", "cval": c} for c in (0.2, 1.0)]
)
methods = st.sampled_from(METHODS)
ROUTINES = {
    "rotate": lambda x, **o: rotate(x, 0.4, **o),
    "warp_affine": lambda x, **o: warp_affine(x, TILT, **o),
    "warp_perspective": lambda x, **o: warp_perspective(x, VIEW, **o),
    "remap": lambda x, **o: remap(x, [[0.5, 1]], [[0, 0.25]], **o),
    "polar": polar,
    "log_polar": log_polar,
}
every = pytest.mark.parametrize("routine", ROUTINES.values(), ids=ROUTINES.keys())


def noise(*shape, dtype="float64", seed=0):
    values = np.random.default_rng(seed).random(shape)
    return np.rint(255 * values).astype(dtype) if dtype == "uint8" else values.astype(dtype)


# --- the definition -------------------------------------------------------------------------------


def index_beyond(i, n, mode):
    """Which pixel stands at i, in words: walk until inside; -1 is the constant."""
    while not 0 <= i < n:
        if mode == "constant":
            return -1
        if mode == "nearest":
            return min(max(i, 0), n - 1)
        if mode == "wrap":
            return i % n
        turn = 1 if mode == "reflect" else 0
        i = -i - turn if i < 0 else 2 * (n - 1) - i + turn
        if n == 1:
            return 0
    return i


def cubic(x):
    x, a = abs(x), -0.75
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0


def taps(x, method):
    """The pixels that a position sees, and their weights."""
    if method == "nearest":
        return [(int(np.floor(x + 0.5)), 1.0)]
    low = int(np.floor(x))
    if method == "linear":
        return [(low, low + 1 - x), (low + 1, x - low)]
    return [(i, cubic(x - i)) for i in range(low - 1, low + 3)]


def read64(values, rows, columns, method, mode="constant", cval=0.0):
    h, w = values.shape[:2]
    out = np.zeros((*rows.shape, *values.shape[2:]))
    for place in np.ndindex(rows.shape):
        for i, a in taps(rows[place], method):
            for j, b in taps(columns[place], method):
                r, c = index_beyond(i, h, mode), index_beyond(j, w, mode)
                out[place] += a * b * (cval if min(r, c) < 0 else values[r, c])
    return out


def warped64(values, matrix, shape, method, mode="constant", cval=0.0):
    rows, columns = np.indices(shape)
    new = np.stack([rows.ravel(), columns.ravel(), np.ones(rows.size)])
    a, b, c = np.linalg.inv(matrix) @ new
    return read64(values, (a / c).reshape(shape), (b / c).reshape(shape), method, mode, cval)


def assert_warped(out, expected, image, cval=0.0, scale=1.0):
    assert out.shape == expected.shape
    assert out.dtype == image.dtype
    if image.dtype == np.uint8:
        assert np.abs(out - np.clip(255 * expected, 0, 255)).max() <= 0.51 * scale
        return
    magnitude = max(np.abs(to_float64(image)).max(), cval)
    tolerance = 2e-5 if image.dtype == np.float32 else 1e-12
    assert np.abs(out - expected).max() <= scale * tolerance * magnitude


@st.composite
def matrices(draw, perspective=False):
    """Turn, stretch and shift by numbers that lead to no ties."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = np.vstack([np.eye(2, 3), [0, 0, 1]])
    matrix[:2, :2] += rng.uniform(-0.6, 0.6, (2, 2))
    matrix[:2, 2] = rng.uniform(-6, 6, 2)
    if perspective:
        matrix[2, :2] = rng.uniform(-0.01, 0.01, 2)
    return matrix


def sound(matrix):
    return abs(np.linalg.det(matrix[:2, :2])) > 0.2


shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@settings(max_examples=80)
@given(
    image=images(signed=True),
    matrix=matrices().filter(sound),
    shape=shapes,
    method=methods,
    border=borders,
)
def test_warp_affine_is_its_definition(image, matrix, shape, method, border):
    out = run(warp_affine, image, matrix, shape, method=method, **border)
    expected = warped64(to_float64(image), matrix, shape, method, **border)
    assert_warped(out, expected, image, border.get("cval", 0))


@settings(max_examples=60)
@given(
    image=images(signed=True),
    matrix=matrices(perspective=True).filter(sound),
    shape=shapes,
    method=methods,
    border=borders,
)
def test_warp_perspective_is_its_definition(image, matrix, shape, method, border):
    out = run(warp_perspective, image, 3 * matrix, shape, method=method, **border)
    expected = warped64(to_float64(image), matrix, shape, method, **border)
    assert_warped(out, expected, image, border.get("cval", 0))


@settings(max_examples=80)
@given(
    image=images(signed=True),
    seed=st.integers(0, 2**32 - 1),
    shape=shapes,
    method=methods,
    border=borders,
    far=st.sampled_from([0, 1, 5]),
)
def test_remap_is_its_definition(image, seed, shape, method, border, far):
    rng, sides = np.random.default_rng(seed), image.shape[:2]
    rows, columns = (rng.uniform(-far * n - 0.4, (far + 1) * n, shape) for n in sides)
    rows, columns = (np.float32(place).astype(float) for place in (rows, columns))
    out = run(remap, image, rows, columns, method=method, **border)
    expected = read64(to_float64(image), rows, columns, method, **border)
    assert_warped(out, expected, image, border.get("cval", 0))


@given(image=images(), angle=st.floats(-7, 7), method=st.sampled_from(["linear", "cubic"]))
@settings(max_examples=40)
def test_rotate_turns_clockwise_about_the_middle(image, angle, method):
    cos, sin = np.cos(angle), np.sin(angle)
    middle = (np.array(image.shape[:2]) - 1) / 2
    turn = np.eye(3)
    turn[:2, :2] = [[cos, sin], [-sin, cos]]
    turn[:2, 2] = middle - turn[:2, :2] @ middle
    out = run(rotate, image, angle, method=method, mode="reflect")
    expected = warped64(to_float64(image), turn, image.shape[:2], method, "reflect")
    assert_warped(out, expected, image)


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_polar_is_its_definition(method, dtype, logarithmic):
    image, centre, radius = noise(21, 30, 3, dtype=dtype), (9.3, 14.2), 13.0
    angle = 2 * np.pi * np.arange(16)[:, None] / 16
    part = np.arange(11) / 11
    distance = radius**part if logarithmic else radius * part
    rows, columns = 9.3 + distance * np.sin(angle), 14.2 + distance * np.cos(angle)
    routine = log_polar if logarithmic else polar
    out = run(routine, image, (16, 11), centre=centre, radius=radius, method=method)
    assert_warped(out, read64(to_float64(image), rows, columns, method), image)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("channels", [1, 2, 4, 5, 9])
def test_any_number_of_channels(channels, method, mode):
    image = noise(8, 9, channels, dtype="float32")
    out = warp_affine(image, TILT, (7, 6), method=method, mode=mode)
    assert_warped(out, warped64(to_float64(image), TILT, (7, 6), method, mode), image)


@every
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_any_memory(routine, layout, dtype):
    image = noise(12, 10, 3, dtype=dtype)
    assert np.array_equal(run(routine, layout(image)), routine(image))


# --- what OpenCV does otherwise -------------------------------------------------------------------


@pytest.mark.parametrize("method", ["linear", "cubic"])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("channels", [1, 5])
def test_positions_are_not_rounded_to_a_32nd_of_a_pixel(channels, dtype, method):
    image = noise(40, 50, channels, dtype=dtype)
    for shift in (1 / 64, 1 / 100, 0.49):
        matrix = [[1, 0, 0], [0, 1, shift]]
        out = warp_affine(image, matrix, method=method, mode="mirror")
        expected = warped64(to_float64(image), [*matrix, [0, 0, 1]], (40, 50), method, "mirror")
        assert_warped(out, expected, image)


def test_opencv_rounds_them_in_float64():
    image, matrix = noise(40, 50), np.array([[1, 0, 1 / 64], [0, 1, 0]])
    theirs = cv2.warpAffine(image, matrix, (50, 40), borderMode=cv2.BORDER_REFLECT_101)
    expected = warped64(image, [[1, 0, 0], [0, 1, 1 / 64], [0, 0, 1]], (40, 50), "linear", "mirror")
    assert np.abs(theirs - expected).max() > 0.01


def test_half_a_pixel_takes_every_pixel_once():
    row = np.arange(8.0, dtype=np.float32)[None]
    ours = warp_affine(row, [[1, 0, 0], [0, 1, 0.5]], method="nearest", mode="nearest")
    assert ours[0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    if cv2.__version__ >= "5":  # of two as near it takes the even one
        places = np.float32([np.arange(8) - 0.5]), np.zeros((1, 8), np.float32)
        assert len(np.unique(cv2.remap(row, *places, cv2.INTER_NEAREST))) < 8


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_far_outside_takes_no_time(dtype, method, mode):
    image = noise(3, 4, dtype=dtype)
    start = time.process_time()
    for shift in (1e6, -1e9, 1e15, 1e29):
        out = warp_affine(image, [[1, 0, shift], [0, 1, shift]], (50, 60), method=method, mode=mode)
        assert np.isfinite(out).all()
        place = np.full((20, 20), shift)
        assert np.isfinite(remap(image, place, -place, method=method, mode=mode)).all()
    assert time.process_time() - start < 2


@pytest.mark.parametrize("mode", ["mirror", "reflect", "wrap"])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_pattern_that_repeats_is_the_same_one_period_on(dtype, mode):
    image = noise(5, 7, dtype=dtype)
    period = {"mirror": (8, 12), "reflect": (10, 14), "wrap": (5, 7)}[mode]
    for times in (3, 1000):
        shift = np.eye(3)
        shift[:2, 2] = times * np.array(period)
        far = warp_affine(image, TILT @ shift, (6, 6), mode=mode)
        near = warp_affine(image, TILT, (6, 6), mode=mode)
        assert np.abs(far - near.astype(float)).max() <= (1 if dtype == "uint8" else 1e-3)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_sides_may_be_longer_than_32767(dtype):
    image = noise(2, 40_000, dtype=dtype)
    out = warp_affine(image, [[1, 0, 0], [0, 1, -39_990.25]], (2, 8))
    right = to_float64(image)[:, 39_990:39_999]
    expected = 0.75 * right[:, :-1] + 0.25 * right[:, 1:]
    assert_warped(out, expected, image)
    wide = warp_affine(image[:, :30_000], [[1, 0, 0], [0, 1, 9999]], (2, 40_000), method="nearest")
    assert np.array_equal(wide[:, 9999:39_999], image[:, :30_000])


def test_a_zoom_is_a_shift_in_log_polar_and_none_in_opencvs():
    r, c = np.indices((129, 129)) - 64.0
    angle = np.arctan2(r, c)

    def blobs(zoom):
        distance = np.log(np.hypot(r, c) / zoom + 1e-9)
        return np.exp(-((distance - 3.0) ** 2) / 0.05) * (0.5 + 0.5 * np.cos(3 * angle))

    radius, columns, shift = 60.0, 64, 5
    small, large = blobs(1.0), blobs(radius ** (shift / columns))
    ours = [log_polar(x, (90, columns), radius=radius) for x in (small, large)]
    flags = cv2.WARP_POLAR_LOG | cv2.INTER_LINEAR
    theirs = [
        cv2.warpPolar(x.astype(np.float32), (columns, 90), (64, 64), radius, flags)
        for x in (small, large)
    ]
    assert np.abs(ours[0][:, 20:-shift] - ours[1][:, 20 + shift :]).max() < 0.03
    assert np.abs(theirs[0][:, 20:-shift] - theirs[1][:, 20 + shift :]).max() > 0.03


# --- laws -----------------------------------------------------------------------------------------


@given(image=images(signed=True), method=methods, border=borders)
def test_the_identity_changes_nothing(image, method, border):
    for out in (
        run(warp_affine, image, np.eye(3), method=method, **border),
        run(warp_perspective, image, -2 * np.eye(3), method=method, **border),
        run(remap, image, *np.indices(image.shape[:2]), method=method, **border),
        run(rotate, image, 0, method=method, **border),
    ):
        scale = 1e-6 if image.dtype == np.float32 else 1e-13
        assert np.allclose(out, image, rtol=0, atol=scale * np.abs(image).max())


@given(image=images(), method=methods)
def test_quarter_turns_are_exact(image, method):
    for turns in (1, 2, 3, -1):
        out = run(rotate, image, turns * np.pi / 2, expand=True, method=method)
        scale = 1e-5 if image.dtype == np.float32 else 1e-13
        assert np.allclose(out, np.rot90(image, -turns), rtol=0, atol=scale)


def test_a_feature_goes_where_the_matrix_says():
    image = np.zeros((40, 50))
    image[12, 30] = 1
    matrix = np.array([[0.8, 0.2, 5], [-0.1, 1.2, -3], [1e-3, 2e-3, 1]])
    a, b, c = matrix @ (12, 30, 1)
    out = warp_perspective(image, matrix, (60, 60))
    centre = (np.indices(out.shape) * out).sum(axis=(1, 2)) / out.sum()
    assert np.abs(centre - (a / c, b / c)).max() < 0.5


@settings(max_examples=30)
@given(matrix=matrices(perspective=True).filter(sound), method=st.sampled_from(["linear", "cubic"]))
def test_there_and_back_again(matrix, method):
    r, c = np.indices((60, 70))
    smooth = 0.5 + 0.25 * np.sin(r / 9) + 0.25 * np.cos(c / 8)
    there = warp_perspective(smooth, matrix, (90, 110), method=method, mode="nearest")
    back = warp_perspective(there, np.linalg.inv(matrix), (60, 70), method=method)
    seen = warp_perspective(np.ones((60, 70)), matrix, (90, 110))
    inner = warp_perspective(seen, np.linalg.inv(matrix), (60, 70)) > 0.999
    inner = cv2.erode(inner.astype(np.uint8), np.ones((7, 7)), borderValue=0) > 0
    assert np.abs(back - smooth)[inner].max(initial=0) < 0.08


@settings(max_examples=50)
@given(
    image=images(signed=True, dtypes=st.just("float64")),
    matrix=matrices().filter(sound),
    method=methods,
    border=st.sampled_from(MODES),
)
def test_warps_are_linear_in_the_image(image, matrix, method, border):
    other = np.random.default_rng(0).random(image.shape)
    warp = lambda x: warp_affine(x, matrix, (6, 7), method=method, mode=border)  # noqa: E731
    total = 2 * warp(image) - 3 * warp(other)
    limit = 1e-13 * (np.abs(image).max() + 1)
    assert np.abs(warp(2 * image - 3 * other) - total).max() < 30 * limit


@every
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mode", ["mirror", "reflect", "nearest", "wrap"])
def test_a_flat_image_stays_flat(routine, method, mode):
    for value in (0.0, 0.3, 1.0):
        assert np.allclose(routine(np.full((9, 11), value), method=method, mode=mode), value)
    grey = np.full((9, 11, 3), 77, np.uint8)
    assert (routine(grey, method=method, mode=mode) == 77).all()


def test_what_lies_beyond_is_cval():
    image = np.full((4, 4), 255, np.uint8)
    out = warp_affine(image, [[1, 0, 10], [0, 1, 0]], (20, 4), cval=0.2)
    assert out[:9].tolist() == [[51] * 4] * 9
    assert out[10:14].tolist() == [[255] * 4] * 4
    half = warp_affine(image, [[1, 0, 10.5], [0, 1, 0]], (20, 4), cval=0.2)
    assert half[10].tolist() == [153] * 4  # the two are blended


def test_expand_shows_the_whole_image():
    image = np.ones((30, 50))
    out = rotate(image, np.pi / 6, expand=True)
    assert out.shape == (51, 59)
    assert abs(out.sum() - image.sum()) < 3
    assert rotate(image, np.pi / 6).shape == image.shape


def test_a_turn_is_a_shift_in_polar():
    r, c = np.indices((65, 65)) - 32.0
    image = np.exp(-((r - 9) ** 2 + (c - 12) ** 2) / 30)
    turned = rotate(image, 2 * np.pi / 12, method="cubic")
    one, other = (polar(x, (36, 30), radius=30, method="cubic") for x in (image, turned))
    assert np.abs(np.roll(one, 3, axis=0) - other).max() < 0.03


def test_polar_begins_at_the_right_and_goes_down():
    r, c = np.indices((21, 21)) - 10
    quarters = polar((r > 2 * abs(c)).astype(np.float32), (4, 10), radius=10)[:, 5]
    assert quarters.tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("routine", [polar, log_polar])
def test_polar_has_a_row_for_each_degree(routine):
    assert routine(noise(30, 40, 3)).shape == (360, 25, 3)
    assert routine(noise(1, 1)).shape[0] == 360


def test_nearest_keeps_labels():
    labels = np.random.default_rng(0).choice(np.uint8([3, 90, 200]), (30, 30))
    for out in (rotate(labels, 0.7, method="nearest", mode="mirror"),
                warp_perspective(labels, VIEW, method="nearest", mode="wrap")):  # fmt: skip
        assert set(np.unique(out)) == {3, 90, 200}


def test_a_vanishing_line_is_no_trouble():
    matrix = np.linalg.inv([[1, 0, 0], [0, 1, 0], [0.1, 0, -0.5]])  # row 5 lies infinitely far
    for dtype in ("uint8", "float32", "float64"):
        for mode in MODES:
            out = warp_perspective(noise(9, 9, dtype=dtype), matrix, (12, 12), mode=mode)
            assert np.isfinite(out).all()
        assert (warp_perspective(noise(9, 9, dtype=dtype), matrix, (12, 12))[5] == 0).all()


# --- errors ---------------------------------------------------------------------------------------

GREY = noise(6, 6)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: warp_affine(GREY, np.zeros((2, 3))), ValueError, "cannot be inverted"),
        (lambda: warp_affine(GREY, [[1, 2, 0], [2, 4, 0]]), ValueError, "cannot be inverted"),
        (lambda: warp_affine(GREY, [[1, 0.1, 0], [3, 0.3, 0]]), ValueError, "cannot be inverted"),
        (lambda: warp_perspective(GREY, np.ones((3, 3))), ValueError, "cannot be inverted"),
        (lambda: warp_perspective(GREY, np.diag([1, 1, 0])), ValueError, "cannot be inverted"),
        (lambda: warp_affine(GREY, VIEW), ValueError, "use warp_perspective"),
        (lambda: warp_affine(GREY, np.eye(2)), ValueError, "matrix has shape"),
        (lambda: warp_affine(GREY, np.full((2, 3), np.nan)), ValueError, "matrix has 6"),
        (lambda: warp_affine(GREY, "turn"), TypeError, "matrix"),
        (lambda: warp_affine(GREY, np.eye(3), 0), ValueError, "shape must be at least 1"),
        (lambda: warp_affine(GREY, np.eye(3), (10**6, 10**6)), ValueError, "shape must have"),
        (lambda: warp_affine(GREY, np.eye(3), 2.5), TypeError, "shape"),
        (lambda: warp_affine(GREY, np.eye(3), method="area"), ValueError, "method must be one of"),
        (lambda: warp_affine(GREY, np.eye(3), mode="edge"), ValueError, "mode must be one of"),
        (lambda: warp_affine(GREY, np.eye(3), cval=np.inf), ValueError, "cval"),
        (lambda: rotate(np.uint8([[1]]), 1, cval=51), ValueError, "cval must be a fraction"),
        (lambda: rotate(GREY, np.nan), ValueError, "angle"),
        (lambda: rotate(GREY, "left"), TypeError, "angle"),
        (lambda: rotate(GREY, 1, centre=3), ValueError, "centre must be"),
        (lambda: rotate(GREY, 1, centre="middle"), TypeError, "centre must be"),
        (lambda: polar(GREY, radius=0), ValueError, "radius"),
        (lambda: polar(GREY, radius=1e12), ValueError, "radius"),
        (lambda: log_polar(GREY, radius=1), ValueError, "radius must be above 1"),
        (lambda: polar(GREY, centre=(np.nan, 0)), ValueError, "centre"),
        (lambda: polar(GREY, shape=(0, 4)), ValueError, "shape"),
        (lambda: remap(GREY, [[0, 1]], [[0]]), ValueError, "rows has shape"),
        (lambda: remap(GREY, [0, 1], [0, 1]), ValueError, "rows and columns have shape"),
        (lambda: remap(GREY, [[np.nan]], [[0]]), ValueError, "rows has values"),
        (lambda: remap(GREY, [[0]], [[np.inf]]), ValueError, "columns has values"),
        (lambda: remap(GREY, [["a"]], [[0]]), TypeError, "rows has dtype"),
        (lambda: remap(GREY, np.zeros((0, 3)), np.zeros((0, 3))), ValueError, "shape"),
    ],
)
def test_what_makes_no_sense_is_named(call, error, says):
    with pytest.raises(error, match=says):
        call()


@every
@pytest.mark.parametrize("name", BAD_IMAGES)
def test_bad_images_are_refused(routine, name):
    image, error = BAD_IMAGES[name]
    with pytest.raises(error, match="image"):
        routine(image)
