"""SIFT and ORB: plain arrays, one order, the kit's coordinates and angles."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, images

from imgkit import color, data
from imgkit.features import Keypoints, orb, sift

FINDERS = {"sift": sift, "orb": orb}
both = pytest.mark.parametrize("finder", FINDERS.values(), ids=FINDERS)
FIELDS = ["points", "sizes", "angles", "responses", "descriptors"]


@pytest.fixture(scope="module")
def photo():
    return color.to_gray(data.load("astronaut"))[:200, 120:360].copy()


def spot(row, column, sigma, shape=(120, 140)):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * sigma**2))


@both
def test_keypoints_are_opencvs_as_plain_arrays(finder, photo):
    precise = {"enable_precise_upscale": True}
    theirs = cv2.SIFT_create(**precise) if finder is sift else cv2.ORB_create(500)
    points, descriptors = theirs.detectAndCompute(photo, None)
    wanted = sorted(
        (-k.response, k.pt[1], k.pt[0], k.size, k.angle, d.tobytes())
        for k, d in zip(points, descriptors, strict=True)
    )
    out = finder(photo)
    assert len(out) == len(wanted) > 50
    assert np.array_equal(out.points, [w[1:3] for w in wanted])
    assert np.array_equal(out.responses, [-w[0] for w in wanted])
    assert np.array_equal(out.sizes, [w[3] for w in wanted])
    turns = np.exp(1j * out.angles) - np.exp(1j * np.radians([w[4] for w in wanted]))
    assert np.abs(turns).max() < 1e-9
    assert [d.tobytes() for d in out.descriptors] == [w[5] for w in wanted]


@both
def test_the_order_is_the_same_every_time_and_falls(finder, photo):
    one, other = finder(photo), finder(photo)
    for name in FIELDS:
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert np.all(np.diff(one.responses) <= 0)
    assert np.all(np.abs(one.angles) <= np.pi)


@both
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_are_the_same_picture(finder, photo, dtype):
    before = (photo / 255).astype(dtype)
    image = before.copy()
    out, wanted = finder(image), finder(photo)
    assert np.array_equal(image, before)
    assert np.array_equal(out.points, wanted.points)
    assert np.array_equal(out.descriptors, wanted.descriptors)


@both
def test_the_memory_layout_makes_no_difference(finder, photo):
    turned = np.asfortranarray(photo)[::-1][::-1]
    assert np.array_equal(finder(turned).descriptors, finder(photo).descriptors)


@pytest.mark.parametrize("sigma", [3, 4, 6])
def test_sift_finds_a_spot_where_it_is(sigma):
    image = spot(50, 80, sigma)
    x, y = cv2.SIFT_create().detect(np.rint(255 * image).astype(np.uint8))[0].pt
    assert min(y - 50, x - 80) > 0.2  # OpenCV, left to itself, is a quarter of a pixel off
    assert np.abs(sift(image, count=1).points[0] - [50, 80]).max() < 0.02


def test_a_spot_twice_as_large_is_twice_as_large():
    one, two = (sift(spot(50, 80, sigma), count=1).sizes[0] for sigma in (4, 8))
    assert two / one == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("angle", [0.0, 1.0, np.pi / 2, 3.0, -2.0])
def test_an_angle_points_to_where_it_gets_brighter(angle):
    rows, columns = np.mgrid[:101, :101] - 50.0
    ramp = rows * np.sin(angle) + columns * np.cos(angle)  # 0 right, pi/2 down
    found = sift(np.clip(0.4 + 0.004 * ramp + 0.2 * spot(50, 50, 4, (101, 101)), 0, 1))
    apart = np.angle(np.exp(1j * (found.angles - angle)))
    assert np.abs(found.points[0] - 50).max() < 1
    assert np.abs(apart[0]) < 0.25  # its bins are 10 degrees wide


def test_count_takes_the_most_distinct(photo):
    few, all_of_them = sift(photo, count=20), sift(photo)
    assert len(few) == 20
    assert np.array_equal(few.points, all_of_them.points[:20])
    assert len(orb(photo, count=30)) <= 30


def test_less_contrast_asked_for_finds_more(photo):
    assert len(sift(photo, contrast=0.02)) > len(sift(photo, contrast=0.08))


@both
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 9), (9, 1), (2, 2), (5, 400), (31, 31), (62, 62), (63, 63), (64, 300)]
)
def test_small_and_thin_images(finder, shape):
    rng = np.random.default_rng(0)
    out = finder(rng.integers(0, 256, shape, np.uint8))
    assert out.points.shape == (len(out), 2)
    assert out.descriptors.shape == (len(out), 32 if finder is orb else 128)
    assert out.descriptors.dtype == ("uint8" if finder is orb else "float32")
    assert np.all((out.points >= -1) & (out.points <= shape))


@both
def test_a_flat_image_has_none(finder):
    out = finder(np.full((100, 100), 0.5))
    assert len(out) == 0
    assert out.points.shape == (0, 2)


@settings(max_examples=25)
@given(image=images(channels=(None, 1)), finder=st.sampled_from([sift, orb]))
def test_tiny_images_of_every_kind(image, finder):
    if image.ndim == 3:
        with pytest.raises(ValueError, match="to_gray"):
            finder(image)
    else:
        assert isinstance(finder(image), Keypoints)


def test_some_of_the_keypoints_are_keypoints(photo):
    found = sift(photo)
    for rows in (slice(3, 7), [3, 4, 5, 6], np.arange(3, 7), 3, found.sizes > 5):
        some = found[rows]
        assert isinstance(some, Keypoints)
        assert np.array_equal(some.descriptors, np.atleast_2d(found.descriptors[rows]))
        assert len(some) == len(some.angles) == len(some.points)


@both
@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_bad_images_are_refused(finder, image, error):
    with pytest.raises(error, match="image"):
        finder(image)


@both
def test_colour_and_wrong_ranges_are_refused(finder):
    with pytest.raises(ValueError, match="to_gray"):
        finder(np.zeros((80, 80, 3)))
    with pytest.raises(ValueError, match=r"0\.\.255"):
        finder(np.full((80, 80), 200.0))


@pytest.mark.parametrize(
    ("finder", "options", "error"),
    [
        (sift, {"count": 0}, ValueError),
        (sift, {"count": 1.5}, TypeError),
        (sift, {"contrast": -1}, ValueError),
        (sift, {"contrast": np.nan}, ValueError),
        (sift, {"edge": 0}, ValueError),
        (sift, {"sigma": 0.1}, ValueError),
        (sift, {"sigma": 1e9}, ValueError),
        (orb, {"count": -1}, ValueError),
        (orb, {"count": None}, TypeError),
        (orb, {"scale": 1.0}, ValueError),
        (orb, {"scale": 1e9}, ValueError),
        (orb, {"levels": 0}, ValueError),
        (orb, {"levels": 1e6}, TypeError),
        (orb, {"threshold": 20}, ValueError),
    ],
)
def test_bad_parameters_are_named(finder, options, error):
    with pytest.raises(error, match=next(iter(options))):
        finder(np.zeros((80, 80)), **options)


@pytest.mark.parametrize(
    ("finder", "options"),
    [
        (sift, {"count": 10**6}),
        (sift, {"contrast": 0, "edge": 1e9, "sigma": 16}),
        (sift, {"edge": 1e-9}),
        (orb, {"count": 10**6}),
        (orb, {"scale": 4, "levels": 32, "threshold": 0}),
        (orb, {"scale": 1.0001, "levels": 32}),
        (orb, {"count": 1}),
        (orb, {"threshold": 1}),
    ],
)
def test_extreme_parameters_do_no_harm(finder, options):
    image = np.random.default_rng(0).integers(0, 256, (90, 100), np.uint8)
    assert len(finder(image, **options)) <= 10**5
