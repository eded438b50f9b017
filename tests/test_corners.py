"""Corners: responses on both engines, their peaks, FAST, and fractions of a pixel."""

import cv2
import numpy as np
import pytest
import skimage.feature
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from strategies import BAD_IMAGES, LAYOUTS, MODES, images, run, to_float64

from imgkit import data
from imgkit.features import fast, harris, peaks, shi_tomasi, subpixel

RESPONSES = {"harris": harris, "shi_tomasi": shi_tomasi}
each_response = pytest.mark.parametrize("routine", RESPONSES.values(), ids=RESPONSES)
GREY = np.random.default_rng(0).random((20, 30))
SQUARE = np.zeros((24, 24))
SQUARE[8:17, 6:15] = 1


def structure64(x, sigma, mode):
    """a, b, c by SciPy."""
    options = {"mode": {"wrap": "grid-wrap"}.get(mode, mode)}
    rows, columns = (ndimage.sobel(x, axis, **options) / 8 for axis in (0, 1))
    products = rows * rows, rows * columns, columns * columns
    return [ndimage.gaussian_filter(p, sigma, **options) for p in products]


def response64(routine, x, sigma, mode, k=0.05):
    """From the eigenvalues of M; and what float32 errors are measured by."""
    a, b, c = structure64(x, sigma, mode)
    matrix = np.stack([np.stack([a, b], -1), np.stack([b, c], -1)], -1)
    small, large = np.moveaxis(np.linalg.eigvalsh(matrix), -1, 0)
    trace = (small + large).max()
    if routine is shi_tomasi:
        return small, trace
    return small * large - k * (small + large) ** 2, trace**2


# --- harris and shi_tomasi ------------------------------------------------------------------------


@each_response
@settings(max_examples=40)
@given(
    image=images(channels=(None,), signed=True),
    mode=st.sampled_from(MODES),
    sigma=st.sampled_from([0.4, 1.0, 2.5]),
)
def test_responses_are_their_definitions(routine, image, mode, sigma):
    expected, scale = response64(routine, to_float64(image), sigma, mode)
    close = 1e-13 if image.dtype == np.float64 else 3e-6
    flat = np.abs(to_float64(image)).max() ** (2 if routine is shi_tomasi else 4)
    allowed = close * scale + (1e-28 if image.dtype == np.float64 else 1e-12) * flat + 1e-18
    out = run(routine, image, sigma=sigma, mode=mode)
    assert out.shape == image.shape
    assert out.dtype == ("float32" if image.dtype == np.uint8 else image.dtype)
    assert np.abs(out - expected).max() <= allowed
    if image.dtype != np.uint8:
        tensor = routine(torch.tensor(image.copy(order="C")), sigma=sigma, mode=mode).numpy()
        assert tensor.dtype == image.dtype
        assert np.abs(tensor - expected).max() <= allowed


def test_k_is_what_harris_takes_off():
    small, large = harris(GREY, k=0.04), harris(GREY, k=0.06)
    a, _, c = structure64(GREY, 1.0, "mirror")
    np.testing.assert_allclose(small - large, 0.02 * (a + c) ** 2, atol=1e-15)


def test_a_corner_an_edge_and_a_flat_place():
    response = harris(SQUARE)
    assert response[8, 6] > 1e-3
    assert response[12, 6] < -1e-4
    assert response[12, 22] == 0
    least = shi_tomasi(SQUARE)
    assert least[8, 6] > 0.01
    assert abs(least[12, 22]) < 1e-12


@each_response
def test_the_corners_of_a_square_are_its_peaks(routine):
    found = peaks(routine(SQUARE), distance=3, relative=0.5)
    assert sorted(map(tuple, found.tolist())) == [(8, 6), (8, 14), (16, 6), (16, 14)]


@each_response
@given(turns=st.integers(1, 3), seed=st.integers(0, 99))
@settings(max_examples=10)
def test_a_turned_or_negative_image_has_the_turned_response(routine, turns, seed):
    image = np.random.default_rng(seed).random((12, 15))
    out = routine(image)
    np.testing.assert_allclose(routine(np.rot90(image, turns)), np.rot90(out, turns), atol=1e-14)
    np.testing.assert_allclose(routine(1 - image), out, atol=1e-14)


def test_contrast_enters_by_its_fourth_power_or_its_square():
    np.testing.assert_allclose(harris(GREY / 2) * 16, harris(GREY), atol=1e-14)
    np.testing.assert_allclose(shi_tomasi(GREY / 2) * 4, shi_tomasi(GREY), atol=1e-14)


def test_harris_is_scikit_images_but_for_scale_and_border():
    """Its slopes are 8 times ours; beyond the edge is black. The interior is the same."""
    theirs = skimage.feature.corner_harris(GREY, k=0.05, sigma=1)
    np.testing.assert_allclose(harris(GREY)[6:-6, 6:-6], theirs[6:-6, 6:-6] / 8**4, atol=1e-14)


@each_response
def test_a_batch_is_its_images_one_by_one(routine):
    batch = torch.rand(2, 3, 12, 9, dtype=torch.float64)
    out = routine(batch)
    assert out.shape == batch.shape
    torch.testing.assert_close(out[1, 2], routine(batch[1, 2]), atol=1e-15, rtol=0)


@each_response
def test_gradients_are_right(routine):
    torch.manual_seed(0)
    image = torch.rand(1, 5, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: 100 * routine(x), image, atol=1e-6)


@each_response
def test_gradients_are_finite_where_nothing_happens(routine):
    flat = torch.full((9, 9), 0.5, requires_grad=True)
    routine(flat).sum().backward()
    assert torch.isfinite(flat.grad).all()


@each_response
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_memory_layout_will_do(routine, layout):
    for image in (GREY, GREY.astype(np.float32), np.rint(255 * GREY).astype(np.uint8)):
        assert np.array_equal(routine(layout(image)), routine(image))


@each_response
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_values_are_right_or_refused(routine, dtype):
    top = float(np.finfo(dtype).max) ** 0.25 / 16
    image = (GREY * top * 0.99).astype(dtype)
    for fine in (image, torch.from_numpy(image)):
        assert np.isfinite(np.asarray(routine(fine))).all()
    for bad in (image * 2, torch.from_numpy(image * 2), -image * 2):
        with pytest.raises(ValueError, match="divide it by its range"):
            routine(bad)


# --- peaks ----------------------------------------------------------------------------------------


def peaks64(response, distance, level):
    """Pixel by pixel, from the highest down, in reading order."""
    kept = []
    for i in np.argsort(-response.ravel(), kind="stable"):
        row, column = divmod(int(i), response.shape[1])
        window = response[
            max(0, row - distance) : row + distance + 1,
            max(0, column - distance) : column + distance + 1,
        ]
        value = response[row, column]
        alone = all(max(abs(row - r), abs(column - c)) > distance for r, c in kept)
        if value > level and value == window.max() and alone:
            kept.append((row, column))
    return np.array(kept, np.int64).reshape(-1, 2)


@settings(max_examples=60)
@given(
    image=images(channels=(None,), signed=True),
    distance=st.sampled_from([1, 2, 3, 7, 50]),
    coarse=st.booleans(),
    relative=st.sampled_from([0.0, 0.5]),
)
def test_peaks_are_their_definition(image, distance, coarse, relative):
    if coarse and image.dtype != np.uint8:
        image = np.round(image * 3) if np.abs(image).max() > 1e-3 else np.sign(image)
    response = to_float64(image)
    level = max(0, relative * response.max())
    if image.dtype == np.float32:
        level = float(np.float32(level))
    found = run(peaks, image, distance=distance, relative=relative)
    assert found.dtype == np.int64
    if image.dtype == np.uint8 and relative:  # a level in between may be rounded either way
        level = np.nextafter(np.float32(level), 1) if level in response else level
    expected = peaks64(response, distance, level)
    assert np.array_equal(found, expected)


def test_a_plateau_has_one_peak_in_each_window():
    plateau = np.ones((1, 10))
    assert peaks(plateau, distance=2).tolist() == [[0, 0], [0, 3], [0, 6], [0, 9]]
    assert len(peaks(np.ones((1500, 1000), np.uint8), distance=300)) == 20
    assert not len(peaks(np.zeros((5, 5))))


def test_thresholds_have_to_be_exceeded_and_the_strongest_come_first():
    response = np.array([[0, 3, 0, 0], [0, 0, 0, 5], [2, 0, 0, 0.0]])
    assert peaks(response, threshold=2).tolist() == [[1, 3], [0, 1]]
    assert peaks(response, relative=0.6).tolist() == [[1, 3]]
    assert peaks(response, count=2).tolist() == [[1, 3], [0, 1]]
    assert peaks(response, count=0).shape == (0, 2)
    assert peaks(-response - 1, threshold=-2).tolist() == [[0, 0], [0, 2], [2, 1], [2, 3]]


def test_peaks_of_bytes_take_fractions():
    response = np.array([[0, 128, 0, 127, 0]], np.uint8)
    assert peaks(response, threshold=127.5 / 255).tolist() == [[0, 1]]
    assert peaks(response / 255, threshold=127.5 / 255).tolist() == [[0, 1]]


def test_peaks_are_those_of_scikit_image():
    response = harris(data.load("camera"))
    theirs = skimage.feature.peak_local_max(
        response, min_distance=4, threshold_rel=0.01, exclude_border=False
    )
    ours = peaks(response, distance=4, relative=0.01)
    assert set(map(tuple, ours)) == set(map(tuple, theirs))


# --- fast -----------------------------------------------------------------------------------------

CIRCLE = [(-3, 0), (-3, 1), (-2, 2), (-1, 3), (0, 3), (1, 3), (2, 2), (3, 1), (3, 0), (3, -1)]
CIRCLE += [(2, -2), (1, -3), (0, -3), (-1, -3), (-2, -2), (-3, -1)]


def fast_strength64(image, n):
    """The largest threshold below which n in a row are brighter, or darker; by trying each arc."""
    x, out = image.astype(int), np.zeros(image.shape)
    for row in range(3, len(x) - 3):
        for column in range(3, x.shape[1] - 3):
            around = np.array([x[row + i, column + j] for i, j in CIRCLE]) - x[row, column]
            arcs = [np.roll(around, -s)[:n] for s in range(16)]
            out[row, column] = max(0, *[max(arc.min(), (-arc).min()) for arc in arcs])
    return out


@settings(max_examples=25)
@given(
    image=images(channels=(None,)), n=st.integers(9, 16), threshold=st.sampled_from([0, 0.1, 0.5])
)
def test_fast_is_its_definition(image, n, threshold):
    levels = image if image.dtype == np.uint8 else np.rint(255 * image).astype(np.uint8)
    expected = peaks64(fast_strength64(levels, n), 1, 255 * threshold + 1e-6)
    found = run(fast, image, threshold=threshold, n=n)
    assert np.array_equal(found, expected)


def test_fast_keeps_equal_corners_which_opencv_drops():
    image = np.zeros((20, 20), np.uint8)
    image[7:13, 7:13] = 200
    assert fast(image, n=11).tolist() == [[7, 7], [7, 12], [12, 7], [12, 12]]
    assert len(fast(image)) > 0
    assert not cv2.FastFeatureDetector_create(25).detect(image)


def test_of_the_corners_that_opencv_finds_fast_misses_none():
    image = data.load("camera")
    theirs = cv2.KeyPoint_convert(cv2.FastFeatureDetector_create(25).detect(image))
    ours = set(map(tuple, fast(image, threshold=25 / 255).tolist()))
    assert {(int(y), int(x)) for x, y in theirs} <= ours
    assert len(ours) < 1.2 * len(theirs)


def test_each_level_is_a_threshold():
    image = np.zeros((7, 7), np.uint8)
    for level in range(1, 256):
        image[3, 3] = level
        assert len(fast(image, threshold=level / 255)) == 0
        assert fast(image, threshold=(level - 0.5) / 255).tolist() == [[3, 3]]


@pytest.mark.parametrize("shape", [(1, 1), (6, 6), (6, 100), (100, 6), (7, 7), (70, 7)])
def test_fast_takes_small_and_thin_images(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert np.array_equal(fast(image), peaks64(fast_strength64(image, 9), 1, 25.5))


def test_fast_gives_the_strongest():
    image = data.load("camera")
    assert np.array_equal(fast(image, count=7), fast(image)[:7])


# --- subpixel -------------------------------------------------------------------------------------


def corner(row, column, angle=0.2, shape=(41, 41), fine=8):
    """A quarter of the plane, turned, its tip at (row, column); blurred as a lens does."""
    grid = (np.arange(shape[0] * fine) + 0.5) / fine - 0.5
    r, c = grid[:, None] - row, grid[None] - column
    a, b = r * np.cos(angle) - c * np.sin(angle), r * np.sin(angle) + c * np.cos(angle)
    picture = ndimage.gaussian_filter(((a > 0) & (b > 0)) * 1.0, fine)
    return picture.reshape(shape[0], fine, shape[1], fine).mean((1, 3))


@pytest.mark.parametrize("place", [(20, 20), (20.3, 19.6), (18.75, 21.5)])
@pytest.mark.parametrize("angle", [0, 0.4, 2.0])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_subpixel_finds_a_corner_of_known_place(place, angle, dtype):
    image = 0.2 + 0.6 * corner(*place, angle)
    image = np.rint(255 * image).astype(dtype) if dtype == "uint8" else image.astype(dtype)
    found = run(subpixel, image, [(20, 20)], radius=5)
    assert found.dtype == np.float64
    # a blurred tip lies a little inside, along the middle of the corner
    assert np.abs(found - place).max() < 0.25
    assert np.abs(found - subpixel(corner(*place, angle), [(21, 19)])).max() < 0.02


def test_a_shift_of_a_fraction_moves_the_point_by_it():
    base = subpixel(corner(20, 20), [(20, 20)])
    for shift in ((0.25, 0), (0, 0.5), (-0.375, 0.125)):
        moved = subpixel(corner(20 + shift[0], 20 + shift[1]), [(20, 20)])
        np.testing.assert_allclose(moved - base, [shift], atol=0.03)


def test_a_checkerboard_is_found_to_a_fiftieth_of_a_pixel():
    tip = corner(20.4, 20.7, 0.1) + corner(20.4, 20.7, 0.1 + np.pi)
    np.testing.assert_allclose(subpixel(tip, [(20, 20)]), [[20.4, 20.7]], atol=0.02)


def test_rows_and_columns_are_not_mixed_up():
    image = corner(10, 30, shape=(41, 41))
    image = image[:25]
    found = subpixel(image, [(10, 30), (11, 29)])
    assert np.abs(found - [10, 30]).max() < 0.3


def test_subpixel_takes_images_smaller_than_its_window():
    image = corner(20.3, 20.2)[14:27, 14:27]
    inside = subpixel(image, [(6, 6)], radius=4)
    for radius in (5, 9, 127):
        found = subpixel(image, [(6, 6)], radius=radius)
        assert found.shape == (1, 2)
        assert np.isfinite(found).all()
    assert np.abs(subpixel(image, [(6, 6)], radius=5) - inside).max() < 0.1
    assert subpixel(np.ones((1, 1)), [(0, 0)]).tolist() == [[0, 0]]


def test_where_there_is_no_corner_points_stay():
    flat = np.full((30, 30), 0.5)
    assert subpixel(flat, [(3, 4), (29, 29), (0.5, 7)]).tolist() == [[3, 4], [29, 29], [0.5, 7]]
    assert subpixel(flat, []).shape == (0, 2)
    assert subpixel(flat, np.empty((0, 2), np.int64)).shape == (0, 2)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("image", [*BAD_IMAGES.values()], ids=[*BAD_IMAGES])
@pytest.mark.parametrize(
    "routine", [harris, shi_tomasi, peaks, fast, lambda image: subpixel(image, [(0, 0)])]
)
def test_what_is_no_image_is_refused(routine, image):
    bad, error = image
    with pytest.raises(error, match="image"):
        routine(bad)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: harris(x, sigma=0), ValueError, "sigma must be a positive number"),
        (lambda x: harris(x, sigma=1000), ValueError, "sigma"),
        (lambda x: harris(x, k=np.inf), ValueError, "k must be a finite number"),
        (lambda x: harris(x, k="a"), TypeError, "k must be a number"),
        (lambda x: shi_tomasi(x, mode="edge"), ValueError, "mode must be one of"),
        (lambda x: shi_tomasi(np.zeros((3, 3, 3))), ValueError, r"color\.to_gray"),
        (lambda x: peaks(np.zeros((3, 3, 3))), ValueError, r"color\.to_gray"),
        (lambda x: peaks(x, distance=0), ValueError, r"distance must lie in 1\.\.2048, got 0"),
        (lambda x: peaks(x, distance=10**6), ValueError, "distance"),
        (lambda x: peaks(x, distance=1.5), TypeError, "distance must be a whole number"),
        (lambda x: peaks(x, relative=2), ValueError, "relative must lie in 0..1"),
        (lambda x: peaks(x, threshold=None), TypeError, "threshold must be a number"),
        (lambda x: peaks(x, count=-1), ValueError, "count must be at least 0"),
        (lambda x: peaks(x, count=True), TypeError, "count"),
        (lambda x: fast(x, threshold=25), ValueError, "threshold must be a fraction"),
        (lambda x: fast(x, n=8), ValueError, r"n must lie in 9\.\.16, got 8"),
        (lambda x: fast(x * 255), ValueError, "divide by 255"),
        (lambda x: fast(np.zeros((9, 9, 3))), ValueError, r"color\.to_gray"),
        (lambda x: subpixel(x, [(1, 2, 3)]), ValueError, r"points has shape \(1, 3\)"),
        (lambda x: subpixel(x, [(1, 30)]), ValueError, r"points has \(1, 30\), outside"),
        (lambda x: subpixel(x, [(np.nan, 3)]), ValueError, r"points has \(nan, 3\)"),
        (lambda x: subpixel(x, [(-0.1, 3)]), ValueError, "outside"),
        (lambda x: subpixel(x, "ab"), TypeError, "points must be numbers"),
        (lambda x: subpixel(x, [(1, 2)], radius=0), ValueError, "radius"),
        (lambda x: subpixel(x, [(1, 2)], radius=1000), ValueError, "radius"),
    ],
)
def test_errors_name_their_argument(call, error, words):
    with pytest.raises(error, match=words):
        call(GREY)
