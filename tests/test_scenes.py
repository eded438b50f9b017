"""Road scenes: the picture agrees with its truth, and one seed is one drive."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgkit import color, geometry
from imgkit.data import scene_pictures
from imgkit.data.scenes import road_scene

CLEAN = {"noise": 0, "shadows": False, "vehicles": 0}


def test_one_seed_is_one_drive_in_any_order():
    one, other = road_scene(3), road_scene(3)
    backwards = [other[i] for i in (7, 2)][::-1]
    for frame, again in zip((one[2], one[7]), backwards, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(frame, again, strict=True))
    assert not np.array_equal(one[2].image, road_scene(4)[2].image)


def test_it_is_a_sequence():
    scene = road_scene(frames=3, shape=(60, 80))
    assert len(scene) == len(list(scene)) == 3
    assert np.array_equal(scene[-1].image, scene[2].image)
    for outside in (3, -4):
        with pytest.raises(IndexError, match="3 frames"):
            scene[outside]
    with pytest.raises(TypeError):
        scene[1.0]


@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**40),
    shape=st.tuples(st.integers(48, 130), st.integers(48, 130)),
    lanes=st.integers(1, 4),
    data=st.data(),
)
def test_the_truth_has_its_shapes_and_lies_in_the_picture(seed, shape, lanes, data):
    count = data.draw(st.integers(0, 2 * lanes))
    scene = road_scene(seed, shape=shape, lanes=lanes, vehicles=count, frames=50)
    frame = scene[data.draw(st.integers(0, 49))]
    rows = scene.birds_eye_shape[0]
    assert frame.image.shape == (*shape, 3)
    assert frame.image.dtype == np.uint8
    assert frame.lines.shape == frame.birds_eye_lines.shape == (lanes + 1, rows, 2)
    assert frame.solid.tolist() == [k in (0, lanes) for k in range(lanes + 1)]
    assert frame.boxes.shape == (len(frame.ids), 4)
    assert frame.visible.shape == frame.ids.shape
    assert set(frame.ids.tolist()) <= set(range(1, count + 1))
    assert (frame.boxes[:, :2] < frame.boxes[:, 2:]).all()
    assert (frame.boxes >= 0).all()
    assert (frame.boxes[:, 2:] <= shape).all()
    assert ((frame.visible > 0) & (frame.visible <= 1)).all()


def test_corners_and_lines_agree_with_the_view_from_above():
    scene = road_scene(5)
    M = geometry.birds_eye_matrix(scene.corners, scene.birds_eye_shape)
    for frame in (scene[0], scene[30]):
        for line, above in zip(frame.lines, frame.birds_eye_lines, strict=True):
            np.testing.assert_allclose(geometry.transform_points(line, M), above, atol=1e-6)


def test_the_road_bends_as_it_says():
    scene = road_scene(2, curve=0.01)
    frame = scene[10]
    high, wide = scene.pixel
    for line in frame.birds_eye_lines:
        bend = np.diff(line[:, 1], 2) * wide / high**2
        np.testing.assert_allclose(bend, frame.curvature, atol=1e-9)
    assert 0 < abs(frame.curvature) <= 0.01
    assert road_scene(2, curve=0)[10].curvature == 0


@pytest.mark.parametrize("seed", range(4))
def test_markings_are_where_the_truth_says(seed):
    """The middle of what is bright, row by row, near the outer lines and along them."""
    scene = road_scene(seed, lanes=1, **CLEAN)
    frame = scene[seed]
    gray = color.to_gray(frame.image).astype(float)
    errors = []
    for line in frame.lines:
        inside = (line[:, 0] < 200) & (line[:, 1] > 12) & (line[:, 1] < 307)
        rows = np.unique(np.rint(line[inside, 0]).astype(int))[5:]
        for row in rows:
            at = np.interp(row, line[:, 0], line[:, 1])
            columns = np.arange(int(at) - 10, int(at) + 11)
            light = np.maximum(gray[row, columns] - np.median(gray[row, columns]) - 40, 0)
            if light.sum() > 60:
                errors.append((light * columns).sum() / light.sum() - at)
    assert len(errors) > 100
    assert abs(np.mean(errors)) < 0.1
    assert np.abs(errors).max() < 1.5


def test_dashes_have_gaps_and_solid_lines_none():
    scene = road_scene(1, lanes=2, curve=0, **CLEAN)
    frame = scene[0]
    above = geometry.birds_eye(
        color.to_gray(frame.image), scene.corners, scene.birds_eye_shape
    ).astype(float)
    part = {}
    for line, solid in zip(frame.birds_eye_lines, frame.solid, strict=True):
        inside = line[(line[:, 1] > 20) & (line[:, 1] < 180) & (line[:, 0] < 270)]
        if len(inside) > 200:
            rows, columns = np.rint(inside).astype(int).T
            part[bool(solid)] = (above[rows, columns] > 150).mean()
    assert part[True] > 0.95
    assert 0.2 < part[False] < 0.7


@pytest.mark.parametrize("seed", [1, 6, 8])
def test_a_vehicle_changes_just_its_box(seed):
    """Beside the same drive without it: all that differs lies in the boxes, and fills them."""
    options = {"noise": 0, "shadows": False, "lanes": 3}
    scene = road_scene(seed, vehicles=4, **options)
    empty = road_scene(seed, **(options | {"vehicles": 0}))
    for i in (0, 25, 50):
        frame = scene[i]
        changes = np.abs(frame.image.astype(int) - empty[i].image).max(axis=2)
        changed = changes > 8  # the rim of soft edges may lie a pixel outside
        assert changed.any()
        for box, visible in zip(frame.boxes, frame.visible, strict=True):
            row0, column0 = np.floor(box[:2]).astype(int) - 1
            row1, column1 = np.ceil(box[2:]).astype(int) + 1
            window = changed[max(row0, 0) : row1, max(column0, 0) : column1]
            if visible > 0.99:
                rows, columns = np.nonzero(window)
                assert np.ptp(rows) + 1 >= 0.7 * (box[2] - box[0]) - 1
                assert np.ptp(columns) + 1 >= 0.8 * (box[3] - box[1]) - 1
            window[:] = False
        assert not changed.any()


def test_vehicles_move_smoothly_and_keep_apart():
    for seed in range(10):
        scene = road_scene(seed, lanes=2, vehicles=4, shape=(48, 64))
        times = np.arange(0, 2.4, 0.04)
        lanes, ahead = (
            np.array(p) for p in zip(*(v.at(times) for v in scene.vehicles), strict=True)
        )
        assert np.abs(np.diff(ahead, axis=1)).max() < 12 * 0.04 * 1.01
        for i in range(4):
            for j in range(i):
                apart = np.abs(ahead[i] - ahead[j]) >= scene.vehicles[0].length
                assert (apart | (np.abs(lanes[i] - lanes[j]) >= 0.7)).all()


def test_nearer_vehicles_hide_those_behind():
    hidden = 0
    for seed in range(25):
        scene = road_scene(seed, lanes=1, vehicles=2, shape=(96, 128), curve=0)
        frame = scene[0]
        if len(frame.ids) < 2:
            continue
        ahead = [float(scene.vehicles[i - 1].at(0.0)[1]) for i in frame.ids]
        assert frame.visible[int(np.argmin(ahead))] == 1
        hidden += frame.visible.min() < 0.7
    assert hidden >= 3


def test_light_shadows_and_noise_do_what_they_say():
    plain = road_scene(0, **CLEAN)
    means = [frame.image.mean() for frame in list(plain)[::10]]
    assert np.ptp(means) > 5
    noisy = road_scene(0, **(CLEAN | {"noise": 0.05}))[0].image.astype(float)
    sky = (slice(10, 60), slice(None))
    assert abs(np.std(noisy[sky] - plain[0].image[sky]) / 255 - 0.05) < 0.005
    shaded = road_scene(0, **(CLEAN | {"shadows": True}))
    darker = plain[0].image.astype(int) - shaded[0].image
    assert darker.min() >= 0
    assert darker[100:].max() > 40
    assert np.array_equal(plain[0].image[:96], shaded[0].image[:96])


def test_a_dash_is_measured_and_not_sampled():
    """However coarse the pixels, the paint adds up to the paint there is."""
    edges = np.linspace(0, scene_pictures.PERIOD * 7, 23)
    paint = np.diff(scene_pictures._painted_up_to(edges))
    assert np.isclose(paint.sum(), 7 * scene_pictures.DASH)
    columns = np.linspace(-3, 3, 25)
    cover = scene_pictures._covered(columns - 0.07, 0.15, columns[1] - columns[0])
    assert np.isclose(cover.sum() * (columns[1] - columns[0]), 0.15)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"shape": (20, 100)}, "shape"),
        ({"shape": (100, 5000)}, "shape"),
        ({"shape": "large"}, "shape"),
        ({"frames": 0}, "frames"),
        ({"lanes": 5}, "lanes"),
        ({"vehicles": 5}, "vehicles"),
        ({"curve": 0.1}, "curve"),
        ({"curve": np.nan}, "curve"),
        ({"noise": -0.1}, "noise"),
        ({"noise": None}, "noise"),
    ],
)
def test_a_bad_option_is_named(options, says):
    with pytest.raises((TypeError, ValueError), match=says):
        road_scene(**options)
