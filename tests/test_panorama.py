"""Panoramas against the photograph that they were cut from."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, images

from imgkit import data, metrics
from imgkit.geometry import homography, panorama, transform_points
from imgkit.geometry import views as views_module
from imgkit.geometry.blending import Layer, feather, gains, multiband
from imgkit.geometry.views import arrange, find_pairs, focal_length

SWAP = [1, 0, 2]
CHELSEA = data.load("chelsea")[:, :, :]
COFFEE = (data.load("coffee") / 255).astype(np.float32)


def scene(photo, count=4, *, seed=0, dim=0.25, size=None):
    """Overlapping views of a photograph through known homographies, each as bright as it likes.

    The middle one is a plain window. Returns views, their matrices into the photograph, and the
    middle's corner.
    """
    rng = np.random.default_rng(seed)
    h, w = photo.shape[:2]
    rows, columns = size or (int(0.8 * h), int(0.45 * w))
    corners = np.array([(0, 0), (0, columns - 1), (rows - 1, columns - 1), (rows - 1, 0)], float)
    views, matrices = [], []
    for k, left in enumerate(np.linspace(8, w - columns - 8, count)):
        corner = np.rint([(h - rows) / 2, left])
        middle = k == count // 2
        jitter = 0 if middle else rng.uniform(-8, 8, (4, 2))
        matrix = homography(corners, corners + corner + jitter)
        back = np.linalg.inv(matrix)[SWAP][:, SWAP]
        view = cv2.warpPerspective(
            photo, back, (columns, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        views.append(np.clip(view * (1 if middle else 1 - rng.uniform(0, dim)), 0, 1))
        matrices.append(matrix)
        if middle:
            at = corner.astype(int)
    return views, matrices, at


def psnr_of_overlap(found, photo, at):
    """Of a canvas in the photograph's own pixels: where its content lies is looked up."""
    center = photo[at[0] + 40 : at[0] + 120, at[1] + 40 : at[1] + 120]
    score = cv2.matchTemplate(found.astype(np.float32), center, cv2.TM_CCOEFF_NORMED)
    row, column = np.unravel_index(score.argmax(), score.shape) - np.array(at) - 40
    r0, c0 = max(0, -row), max(0, -column)
    r1 = min(photo.shape[0], found.shape[0] - row)
    c1 = min(photo.shape[1], found.shape[1] - column)
    part = found[row + r0 : row + r1, column + c0 : column + c1]
    covered = part.max(axis=2) > 0
    covered = cv2.erode(covered.astype(np.uint8), np.ones((7, 7))) > 0
    error = ((part - photo[r0:r1, c0:c1])[covered] ** 2).mean()
    return -10 * np.log10(error), covered.mean()


# --- arrangement


def test_corners_of_known_homographies_are_found():
    views, truths, _ = scene(COFFEE, 4)
    reference, matrices, _ = arrange(views, reference=None, rng=np.random.default_rng(0))
    h, w = views[0].shape[:2]
    corners = np.array([(0, 0), (0, w - 1), (h - 1, w - 1), (h - 1, 0)], float)
    errors = []
    for matrix, truth in zip(matrices, truths, strict=True):
        wanted = transform_points(
            transform_points(corners, truth), np.linalg.inv(truths[reference])
        )
        errors.append(np.hypot(*(transform_points(corners, matrix) - wanted).T).mean())
    assert errors[reference] < 1e-9
    assert np.median(errors) < 0.3
    assert max(errors) < 1


def test_large_images_are_matched_in_small_and_placed_in_large(monkeypatch):
    views, truths = (both[1:3] for both in scene(COFFEE)[:2])
    monkeypatch.setattr(views_module, "PIXELS", 40_000)
    (pair,) = find_pairs(views, np.random.default_rng(0))
    truth = np.linalg.inv(truths[pair.second]) @ truths[pair.first]
    off = transform_points(pair.points[0], truth) - pair.points[1]
    assert np.median(np.hypot(*off.T)) < 0.6
    assert np.abs(np.median(off, axis=0)).max() < 0.15  # no pixel counted from another corner


def test_the_adjustment_brings_shared_points_together():
    """A ring of pairs: along a chain errors add up, all pairs together take them out."""
    views, _, _ = scene(COFFEE, 4, seed=3)
    _, matrices, pairs = arrange(views, reference=1, rng=np.random.default_rng(0))
    assert len(pairs) > 3

    def cost(current):
        total = 0
        for pair in pairs:
            between = np.linalg.inv(current[pair.second]) @ current[pair.first]
            total += ((transform_points(pair.points[0], between) - pair.points[1]) ** 2).sum()
        return total

    tree = {(p.first, p.second): p.matrix for p in pairs}
    chained = [np.eye(3)] * 4
    chained[0] = tree[0, 1]
    chained[2] = np.linalg.inv(tree[1, 2])
    chained[3] = chained[2] @ np.linalg.inv(tree[2, 3])
    assert cost(matrices) < cost(chained)
    rng = np.random.default_rng(0)
    for _ in range(5):  # no small change is better
        other = [
            m if k == 1 else m @ (np.eye(3) + rng.normal(0, 1e-4, (3, 3)) * [1, 1, 100] / 100)
            for k, m in enumerate(matrices)
        ]
        assert cost(other) > cost(matrices) * (1 - 1e-3)


def turned(photo, focal, yaws, size):
    """What a turning camera sees of a photograph bent to a cylinder."""
    (h, w), (rows, columns) = photo.shape[:2], size
    r, c = np.mgrid[:rows, :columns].astype(float)
    r, c = r - (rows - 1) / 2, c - (columns - 1) / 2
    views = []
    for yaw in yaws:
        x, z = c * np.cos(yaw) + focal * np.sin(yaw), focal * np.cos(yaw) - c * np.sin(yaw)
        across = np.arctan2(x, z) * focal + w // 2
        down = r / np.hypot(x, z) * focal + h // 2
        maps = across.astype(np.float32), down.astype(np.float32)
        views.append(np.clip(cv2.remap(photo, *maps, cv2.INTER_CUBIC), 0, 1))
    return views


def test_a_cylinder_shows_what_a_turning_camera_saw():
    focal = 420.0
    views = turned(COFFEE, focal, (-0.28, 0, 0.28), (300, 320))
    pairs = find_pairs(views, np.random.default_rng(0))
    assert focal_length(pairs, [view.shape for view in views]) == pytest.approx(focal, rel=0.1)
    found = panorama(views, projection="cylinder", focal=focal, reference=1)
    assert found.shape[1] == pytest.approx(2 * focal * (0.28 + np.arctan(160 / focal)), abs=3)
    psnr, covered = psnr_of_overlap(found, COFFEE, (110, 210))
    assert psnr > 34
    assert covered > 0.9
    flat = panorama(views, reference=1)  # on a plane the sides are stretched
    assert flat.shape[1] > found.shape[1] + 20


# --- the whole


@pytest.mark.parametrize("blend", ["multiband", "feather"])
def test_a_panorama_is_the_photograph(blend):
    views, _, at = scene(COFFEE)
    found = panorama(views, blend=blend, reference=2)
    psnr, covered = psnr_of_overlap(found, COFFEE, at)
    assert psnr > 36
    assert covered > 0.8
    uneven, _ = psnr_of_overlap(
        panorama(views, blend=blend, exposure=False, reference=2), COFFEE, at
    )
    assert psnr > uneven + 4


def test_the_order_of_the_images_does_not_matter():
    views, _, at = scene(COFFEE)
    order = [2, 0, 3, 1]
    found = panorama([views[k] for k in order], reference=0)
    psnr, _ = psnr_of_overlap(found, COFFEE, at)
    assert psnr > 36
    assert abs(np.array(found.shape) - panorama(views, reference=2).shape).max() <= 1


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("channels", [None, 1, 3])
def test_windows_of_a_photograph_are_put_back_together(dtype, channels):
    photo = CHELSEA if channels == 3 else CHELSEA[..., 1]
    photo = photo.reshape(*photo.shape[:2], 1) if channels == 1 else photo
    photo = photo if dtype == "uint8" else (photo / 255).astype(dtype)
    views = [photo[:, :250], photo[:280, 110:360], photo[:, 200:]]
    before = [view.copy() for view in views]
    found = panorama(views, reference=0)
    assert found.dtype == photo.dtype
    assert found.shape[2:] == photo.shape[2:]
    assert np.abs(np.subtract(found.shape[:2], photo.shape[:2])).max() <= 1
    assert all(np.array_equal(a, b) for a, b in zip(views, before, strict=True))
    h, w = (min(a, b) for a, b in zip(found.shape[:2], photo.shape[:2], strict=True))
    assert metrics.psnr(found[:h, :w], photo[:h, :w]) > 30


def test_the_same_seed_gives_the_same_picture():
    views = [CHELSEA[:, :250], CHELSEA[:, 120:370]]
    assert np.array_equal(panorama(views, seed=5), panorama(views, seed=5))


def test_an_image_that_does_not_belong_is_named_with_its_best_pair():
    stranger = data.load("astronaut")[:200, 250:500]
    views = [CHELSEA[:, :250], stranger, CHELSEA[:, 120:370]]
    with pytest.raises(
        ValueError, match=r"images\[1\] cannot be joined.*images\[[02]\] and"
    ) as told:
        panorama(views)
    assert "and images[1], where" in str(told.value).split("best pair is images[")[1]
    with pytest.raises(ValueError, match="cannot be joined"):
        panorama([np.zeros((50, 50)), np.ones((60, 40))])


def test_a_mirror_image_does_not_belong():
    with pytest.raises(ValueError, match="cannot be joined"):
        panorama([CHELSEA[:, :250], CHELSEA[:, 370:120:-1]])


def test_views_too_far_aside_ask_for_a_cylinder():
    beside = [data.load(name)[:400] / np.float32(255) for name in ("china", "flower")]
    wide = np.hstack([beside[0], COFFEE, beside[1]])
    views = turned(wide, 400.0, np.arange(-1.4, 1.5, 0.35), (200, 280))
    with pytest.raises(ValueError, match="cylinder"):
        panorama(views)
    found = panorama(views, projection="cylinder")
    assert found.shape[1] == pytest.approx(2 * 400 * (1.4 + np.arctan(140 / 400)), rel=0.05)


@pytest.mark.parametrize(("bad", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_what_is_no_image_is_refused(bad, error):
    good = np.random.default_rng(0).random((40, 40))
    with pytest.raises(error, match=r"images\[1\]"):
        panorama([good, bad])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"images": CHELSEA}, TypeError, "list"),
        ({"images": [CHELSEA]}, ValueError, "two or more"),
        ({"images": [CHELSEA, CHELSEA / 255]}, ValueError, "one dtype"),
        ({"images": [CHELSEA, CHELSEA[..., 0]]}, ValueError, "all grey or all colour"),
        ({"images": [CHELSEA / 100.0] * 2}, ValueError, "0..1"),
        ({"projection": "sphere"}, ValueError, "projection"),
        ({"blend": "mean"}, ValueError, "blend"),
        ({"exposure": 1}, TypeError, "exposure"),
        ({"reference": 2}, ValueError, "reference"),
        ({"reference": 0.0}, TypeError, "reference"),
        ({"focal": 0}, ValueError, "focal"),
        ({"bands": 9}, ValueError, "bands"),
        ({"seed": None}, TypeError, "seed"),
    ],
)
def test_options_are_named(change, error, words):
    arguments = {"images": [CHELSEA[:60, :60], CHELSEA[:60, 20:80]], **change}
    with pytest.raises(error, match=words):
        panorama(arguments.pop("images"), **arguments)


# --- blending


def layer(corner, values, weights=None):
    values = np.asarray(values, np.float32)
    weights = np.ones(values.shape[:2]) if weights is None else weights
    return Layer(corner, values, np.asarray(weights, np.float32))


def parts_of(image, rng):
    """Overlapping windows of an image that cover it, with any weights."""
    h, w = image.shape[:2]
    layers = [layer((0, 0), image, rng.uniform(0.1, 1, (h, w)))]
    for _ in range(3):
        r0, c0 = rng.integers(0, h), rng.integers(0, w)
        r1, c1 = rng.integers(r0 + 1, h + 1), rng.integers(c0 + 1, w + 1)
        part = image[r0:r1, c0:c1]
        layers.append(layer((r0, c0), part, rng.uniform(0, 1, part.shape[:2])))
    return layers


@given(seed=st.integers(0, 10**6), h=st.integers(1, 40), w=st.integers(1, 40))
@settings(max_examples=40)
def test_parts_of_a_flat_image_blend_to_it(seed, h, w):
    rng = np.random.default_rng(seed)
    image = np.full((h, w, 3), rng.uniform(0, 1, 3), np.float32)
    layers = parts_of(image, rng)
    for blended in (feather(layers, (h, w)), multiband(layers, (h, w), int(rng.integers(1, 6)))):
        assert blended.shape == image.shape
        assert np.abs(blended - image).max() < 1e-5


def test_feather_is_the_weighted_mean():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 6, 7, 1))
    u, v = rng.random((2, 6, 7)) + 0.1
    found = feather([layer((0, 0), a, u), layer((0, 0), b, v)], (6, 7))
    wanted = (a * u[..., None] + b * v[..., None]) / (u + v)[..., None]
    assert np.abs(found - wanted).max() < 1e-6


def test_a_multiband_seam_is_slow_for_shade_and_sharp_for_detail():
    """Dark and bright halves: the step becomes a slope. Stripes on one side end within pixels."""
    shape, bands = (64, 256), 5
    ramp = np.broadcast_to(np.linspace(1, 0.01, 256), shape)
    bright = layer((0, 0), np.full((*shape, 1), 0.7), ramp[:, ::-1])
    stripes = 0.1 * (np.arange(256) % 2 - 0.5)[:, None]

    def joined(dark):
        values = np.broadcast_to(dark, (*shape, 1))
        return multiband([layer((0, 0), values, ramp), bright], shape, bands)[32, :, 0]

    slope = joined(0.3)
    assert np.diff(slope).min() > -1e-5
    assert np.diff(slope).max() < 0.4 / 16
    assert slope[:40] == pytest.approx(0.3, abs=1e-3)
    assert slope[-40:] == pytest.approx(0.7, abs=1e-3)
    detail = np.abs(joined(0.3 + stripes) - slope)
    assert detail[:120].min() > 0.04
    assert detail[136:].max() < 0.01


def test_outside_all_layers_it_is_black():
    part = layer((3, 4), np.full((5, 6, 3), 0.8))
    for blended in (feather([part], (20, 30)), multiband([part], (20, 30), 3)):
        assert np.abs(blended[3:8, 4:10] - 0.8).max() < 1e-5
        blended[3:8, 4:10] = 0
        assert not blended.any()


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30)
def test_gains_make_all_layers_as_bright_as_the_reference(seed):
    rng = np.random.default_rng(seed)
    image = rng.uniform(0.3, 0.6, (30, 60, 3))
    exposures = rng.uniform(0.6, 1.4, 3)
    layers = [
        layer((0, 20 * k), image[:, 20 * k : 20 * k + 30] * exposure)
        for k, exposure in enumerate(exposures[:2])
    ]
    layers.append(layer((0, 35), image[:, 35:] * exposures[2]))
    for reference in range(3):
        found = gains(layers, reference)
        assert found[reference] == pytest.approx(1, abs=1e-6)
        assert np.allclose(found * exposures, exposures[reference], rtol=1e-4)


def test_pixels_that_a_camera_cut_off_tell_no_exposure():
    image = np.random.default_rng(1).uniform(0.2, 0.9, (40, 40, 3))
    bright = np.clip(image * 1.6, 0, 1)  # half of it is white
    found = gains([layer((0, 0), image), layer((0, 0), bright)], 0)
    assert found[1] == pytest.approx(1 / 1.6, rel=1e-3)


def test_layers_that_do_not_meet_keep_their_brightness():
    far = [layer((0, 0), np.full((4, 4, 1), 0.5)), layer((0, 9), np.full((4, 4, 1), 0.2))]
    assert np.allclose(gains(far, 0), 1)


@given(one=images(channels=(None,)), other=images(channels=(None,)))
@settings(max_examples=30)
def test_images_too_small_to_match_are_refused(one, other):
    with pytest.raises(ValueError, match=r"cannot be joined|one dtype"):
        panorama([one, other])


def test_the_same_image_twice_is_that_image():
    found = panorama([CHELSEA, CHELSEA])
    assert found.shape == CHELSEA.shape
    assert np.abs(found.astype(int) - CHELSEA).max() <= 3
    bent = panorama([CHELSEA, CHELSEA], projection="cylinder")  # nothing tells a focal length
    assert CHELSEA.shape[1] * 0.9 < bent.shape[1] < CHELSEA.shape[1]
