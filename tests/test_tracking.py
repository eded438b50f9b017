"""The Kalman filter, the tracker, and the measures of how good tracks are."""

import math
from itertools import permutations

import cv2
import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from imgkit import geometry
from imgkit.data.scenes import road_scene
from imgkit.geometry import Belief, Kalman, Tracker
from imgkit.metrics.tracking import tracking_quality

seeds = st.integers(0, 2**32 - 1)


def covariance(rng, n, scale=1.0):
    root = rng.normal(size=(n, n))
    return scale * (root @ root.T + 0.1 * np.eye(n))


def system(rng, n, m):
    return Kalman(
        rng.normal(size=(n, n)),
        covariance(rng, n),
        rng.normal(size=(m, n)),
        covariance(rng, m),
    )


# --- the filter ---


@settings(max_examples=40)
@given(seed=seeds, n=st.integers(1, 6), m=st.integers(1, 4))
def test_the_steps_are_the_textbooks(seed, n, m):
    rng = np.random.default_rng(seed)
    k = system(rng, n, m)
    x, P, z = rng.normal(size=n), covariance(rng, n), rng.normal(size=m)
    F, Q, H, R = k.transition, k.process_noise, k.observation, k.observation_noise
    ahead = k.predict(Belief(x, P))
    np.testing.assert_allclose(ahead.mean, F @ x)
    np.testing.assert_allclose(ahead.covariance, F @ P @ F.T + Q, atol=1e-12)
    S = H @ P @ H.T + R
    K = P @ H.T @ np.linalg.inv(S)
    after = k.update(Belief(x, P), z)
    np.testing.assert_allclose(after.mean, x + K @ (z - H @ x), atol=1e-9)
    np.testing.assert_allclose(after.covariance, (np.eye(n) - K @ H) @ P, atol=1e-9)
    wanted = (z - H @ x) @ np.linalg.inv(S) @ (z - H @ x)
    np.testing.assert_allclose(k.distance(Belief(x, P), z), wanted, rtol=1e-8)


@settings(max_examples=20)
@given(seed=seeds, batch=st.sampled_from([(0,), (1,), (5,), (2, 3)]))
def test_a_batch_is_each_by_itself(seed, batch):
    rng = np.random.default_rng(seed)
    k = system(rng, 4, 2)
    beliefs = k.start(rng.normal(size=(*batch, 2)), spread=3)
    z = rng.normal(size=(*batch, 2))
    out = k.update(k.predict(beliefs), z)
    assert out.mean.shape == (*batch, 4)
    assert out.covariance.shape == (*batch, 4, 4)
    distances = k.distance(beliefs, z)
    for i in np.ndindex(batch):
        one = Belief(beliefs.mean[i], beliefs.covariance[i])
        alone = k.update(k.predict(one), z[i])
        np.testing.assert_allclose(out.mean[i], alone.mean, atol=1e-12)
        np.testing.assert_allclose(out.covariance[i], alone.covariance, atol=1e-12)
        np.testing.assert_allclose(distances[i], k.distance(one, z[i]), rtol=1e-9)


def test_opencv_takes_the_same_steps():
    rng = np.random.default_rng(0)
    k = Kalman.constant_velocity(2, acceleration=0.5, noise=2, step=0.5)
    belief = k.start([3.0, 4.0], spread=5)
    peer = cv2.KalmanFilter(4, 2, 0, cv2.CV_64F)
    peer.transitionMatrix, peer.measurementMatrix = k.transition.copy(), k.observation.copy()
    peer.processNoiseCov = k.process_noise.copy()
    peer.measurementNoiseCov = k.observation_noise.copy()
    peer.statePost, peer.errorCovPost = belief.mean[:, None].copy(), belief.covariance.copy()
    for z in rng.normal(size=(20, 2)):
        belief = k.update(k.predict(belief), z)
        peer.predict()
        peer.correct(z[:, None])
    np.testing.assert_allclose(belief.mean, peer.statePost[:, 0], atol=1e-10)
    np.testing.assert_allclose(belief.covariance, peer.errorCovPost, atol=1e-10)


def test_without_pushes_it_is_the_straight_line_of_least_squares():
    rng = np.random.default_rng(1)
    times = np.arange(12)
    seen = 3 + 0.7 * times + rng.normal(0, 0.2, 12)
    k = Kalman.constant_velocity(1, acceleration=0, noise=0.2)
    belief = k.start(seen[:1], spread=1e4)
    for z in seen[1:]:
        belief = k.update(k.predict(belief), [z])
    slope, start = np.polyfit(times, seen, 1)
    np.testing.assert_allclose(belief.mean, [start + 11 * slope, slope], atol=1e-6)


@pytest.mark.parametrize(("acceleration", "noise", "step"), [(1, 2, 1), (0.1, 5, 0.5), (9, 1, 2)])
def test_the_steady_gain_is_that_of_the_alpha_beta_filter(acceleration, noise, step):
    """Kalata's closed form, from the one number that says how much the motion hides in noise."""
    k = Kalman.constant_velocity(1, acceleration=acceleration, noise=noise, step=step)
    belief = k.start([0.0], spread=1)
    for _ in range(500):
        belief = k.update(k.predict(belief), [0.0])
    index = acceleration * step**2 / noise
    root = (4 + index - math.sqrt(8 * index + index**2)) / 4
    alpha = 1 - root**2
    beta = 2 * (2 - alpha) - 4 * math.sqrt(1 - alpha)
    gain = belief.covariance[:, 0] / noise**2  # P H^T R^-1
    np.testing.assert_allclose(gain, [alpha, beta / step], rtol=1e-9)
    ahead = scipy.linalg.solve_discrete_are(
        k.transition.T, k.observation.T, k.process_noise, k.observation_noise
    )
    np.testing.assert_allclose(k.predict(belief).covariance, ahead, rtol=1e-8)


def test_the_covariance_stays_positive_after_a_vague_start():
    """The shorter form of the update, (I - K H) P, loses that by rounding."""
    k = Kalman(np.eye(3), np.zeros((3, 3)), [[1, 1, 1], [1, 1, 1.001]], 1e-6 * np.eye(2))
    H, R = k.observation, k.observation_noise
    belief = Belief(np.zeros(3), 1e6 * np.eye(3))
    P = belief.covariance
    gain = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
    short = (np.eye(3) - gain @ H) @ P
    after = k.update(belief, [0, 0]).covariance
    assert np.array_equal(after, after.T)
    assert np.linalg.eigvalsh(after).min() > 0
    assert np.linalg.eigvalsh((short + short.T) / 2).min() < -1e-5


def test_it_is_as_sure_as_it_is_right():
    """The squared error in units of its own covariance is chi-square with as many degrees."""
    rng = np.random.default_rng(2)
    runs = 2000
    k = Kalman.constant_velocity(2, acceleration=0.3, noise=1.5)
    truth = np.concatenate([np.zeros((runs, 2)), rng.normal(0, 4, (runs, 2))], axis=1)
    belief = k.start(truth[:, :2] + rng.normal(0, 1.5, (runs, 2)), spread=4)
    inside = []
    for _ in range(15):
        push = rng.normal(0, 0.3, (runs, 2))
        truth = truth @ k.transition.T + np.concatenate([push / 2, push], axis=1)
        seen = truth[:, :2] + rng.normal(0, 1.5, (runs, 2))
        belief = k.predict(belief)
        inside.append(k.distance(belief, seen) < k.gate(0.95))
        belief = k.update(belief, seen)
    miss = truth - belief.mean
    squares = (miss * np.linalg.solve(belief.covariance, miss[..., None])[..., 0]).sum(axis=1)
    assert abs(squares.mean() - 4) < 4 * math.sqrt(2 * 4 / runs)
    assert abs(np.mean(inside) - 0.95) < 0.01


@pytest.mark.parametrize("dimensions", [1, 2, 4])
def test_the_gate_is_the_quantile_of_chi_square(dimensions):
    k = Kalman.constant_velocity(dimensions, acceleration=1, noise=1)
    for p in (0.5, 0.95, 0.999):
        assert math.isclose(k.gate(p), scipy.stats.chi2.ppf(p, dimensions), rel_tol=1e-9)


def test_inputs_stay_and_matrices_are_locked():
    k = Kalman.constant_velocity(1, acceleration=1, noise=1)
    belief = k.start([1.0], spread=2)
    mean, spread = belief.mean.copy(), belief.covariance.copy()
    k.update(k.predict(belief), [5.0])
    assert np.array_equal(belief.mean, mean)
    assert np.array_equal(belief.covariance, spread)
    with pytest.raises(ValueError, match="read-only"):
        k.transition[0, 0] = 2


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"transition": np.eye(3)}, ValueError, "process_noise has shape"),
        ({"transition": [[1, 1]]}, ValueError, "transition has shape"),
        ({"transition": np.full((2, 2), np.nan)}, ValueError, "transition has 4 values"),
        ({"transition": "F"}, TypeError, "transition"),
        ({"transition": np.zeros((0, 0))}, ValueError, "transition has shape"),
        ({"process_noise": [[1, 2], [3, 4]]}, ValueError, "process_noise is not symmetric"),
        ({"process_noise": -np.eye(2)}, ValueError, "process_noise must be positive or 0"),
        ({"observation": [[1, 0, 0]]}, ValueError, "observation has shape"),
        ({"observation_noise": [[0]]}, ValueError, "observation_noise must be positive definite"),
    ],
)
def test_a_bad_matrix_is_named(changes, error, says):
    matrices = {
        "transition": np.eye(2),
        "process_noise": np.zeros((2, 2)),
        "observation": [[1, 0]],
        "observation_noise": [[1]],
    }
    with pytest.raises(error, match=says):
        Kalman(**(matrices | changes))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda k, b: k.update(b, [1, 2, 3]), "measurement has shape"),
        (lambda k, b: k.update(b, [np.nan, 1]), "measurement has 1 values"),
        (lambda k, b: k.update(b, [[1, 2]] * 3), None),
        (
            lambda k, b: k.update(Belief(np.zeros((2, 4)), np.zeros((2, 4, 4))), [[1, 2]] * 3),
            "batch",
        ),
        (lambda k, b: k.predict(b.mean), "belief"),
        (lambda k, b: k.predict((b.mean[:3], b.covariance)), "the belief's mean has shape"),
        (lambda k, b: k.start([1, 2], spread=0), "spread"),
        (lambda k, b: k.gate(1), "probability"),
        (lambda k, b: Kalman.constant_velocity(0, acceleration=1, noise=1), "dimensions"),
        (lambda k, b: Kalman.constant_velocity(acceleration=-1, noise=1), "acceleration"),
        (lambda k, b: Kalman.constant_velocity(acceleration=1, noise=0), "noise"),
        (lambda k, b: Kalman.constant_velocity(acceleration=1, noise=1, step=0), "step"),
    ],
)
def test_a_bad_argument_of_the_filter_is_named(call, says):
    k = Kalman.constant_velocity(2, acceleration=1, noise=1)
    belief = k.start([0, 0], spread=1)
    if says is None:  # one belief, three looks: three beliefs
        assert call(k, belief).mean.shape == (3, 4)
        return
    with pytest.raises((TypeError, ValueError), match=says):
        call(k, belief)


# --- the tracker ---


def follow(frames, kind="points", **options):
    tracker = Tracker(kind, **options)
    return [tracker.update(frame) for frame in frames]


def test_two_that_cross_keep_their_numbers():
    frames = [[(2 * t, 3 * t), (60 - 2 * t, 3 * t)] for t in np.arange(31.0)]
    frames = [frame[:: (-1) ** i] for i, frame in enumerate(frames)]  # in turns, which comes first
    tracks = follow(frames, noise=0.5, acceleration=0.1)
    early, late = (dict(zip(t.ids, t.places[:, 0], strict=True)) for t in (tracks[2], tracks[-1]))
    assert set(early) == set(late) == {1, 2}
    for number in early:
        assert abs(early[number] + late[number] - 60) < 5


def test_the_assignment_is_the_best_one_and_not_the_nearest_first():
    """Nearest first would give the detection at 6 to the track at 10, and lose the one at 0."""
    options = {"birth": 1, "gate": 10, "noise": 1, "acceleration": 0.01, "speed": 0.01}
    *_, tracks = follow([[(0, 0), (0, 10)], [(0, 6), (0, 16)]], **options)
    assert tracks.ids.tolist() == [1, 2]
    assert tracks.detections.tolist() == [0, 1]


def test_what_is_outside_the_gate_keeps_nothing_apart():
    """Assigned first and gated after, two impossible pairs would win over the possible one."""
    a, b = (0, 0, 10, 10), (0, 12, 10, 22)
    one, two = (0, 5, 10, 15), (0, -7, 10, 3)
    options = {"birth": 1, "gate": 0.3, "noise": 1, "acceleration": 0.01, "speed": 0.01}
    *_, tracks = follow([[a, b], [one, two]], kind="boxes", **options)
    assert tracks.ids.tolist() == [1, 2, 3]
    assert tracks.detections.tolist() == [0, -1, 1]


@settings(max_examples=30)
@given(seed=seeds)
def test_the_pairs_have_the_largest_sum_there_is(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 5, 2).tolist()
    old, new = rng.uniform(0, 40, (n, 2)), rng.uniform(0, 40, (m, 2))
    options = {"birth": 1, "gate": 20, "acceleration": 0, "speed": 1e-6}
    tracks = follow([old, new], **options)[-1]
    distance = np.linalg.norm(old[:, None] - new, axis=2)
    worth = np.maximum(1 - distance / 20, 0)
    pairs = [(i, j) for i, j in enumerate(tracks.detections[:n]) if j >= 0]
    assert all(distance[i, j] < 20 for i, j in pairs)
    wide = np.pad(worth, ((0, 0), (0, n)))
    best = max(wide[np.arange(n), list(p)].sum() for p in permutations(range(m + n), n))
    assert math.isclose(sum(worth[pair] for pair in pairs), best, abs_tol=1e-4)


def test_a_track_counts_when_it_was_seen_often_enough_in_a_row():
    frames = [[(0, 0)], [(0, 0)], [], [(0, 0)], [(0, 0)], [(0, 0)]]
    counts = [len(tracks.ids) for tracks in follow(frames, birth=3)]
    assert counts == [0, 0, 0, 0, 0, 1]


def test_a_track_ends_when_it_was_missed_often_enough_in_a_row():
    frames = [[(0, 0)], [], [], [(0, 0)], [], [], [], [(0, 0)]]
    found = [tracks.ids.tolist() for tracks in follow(frames, birth=1, death=3, speed=0.1)]
    assert found == [[1], [1], [1], [1], [1], [1], [], [2]]


def test_one_that_is_hidden_moves_on_and_keeps_its_number():
    frames = [[(5, 4 * t)] for t in range(8)] + [[]] * 4 + [[(5, 4 * t)] for t in range(12, 15)]
    tracks = follow(frames, noise=0.2, acceleration=0.05)
    assert {tuple(t.ids.tolist()) for t in tracks[1:]} == {(1,)}
    hidden = np.array([t.places[0] for t in tracks[8:12]])
    np.testing.assert_allclose(hidden, [(5, 4 * t) for t in range(8, 12)], atol=0.5)
    assert [t.detections[0] for t in tracks[7:13]] == [0, -1, -1, -1, -1, 0]


@settings(max_examples=25)
@given(seed=seeds)
def test_the_order_of_detections_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    tracker, other = Tracker("points", birth=1), Tracker("points", birth=1)
    start = tracker.update(at := rng.uniform(0, 300, (5, 2)))
    other.update(at)
    assert start.ids.tolist() == [1, 2, 3, 4, 5]
    for _ in range(5):
        at = at + rng.normal(0, 3, at.shape)
        order = rng.permutation(len(at))
        one, two = tracker.update(at), other.update(at[order])
        assert np.array_equal(one.ids[:5], two.ids[:5])
        np.testing.assert_allclose(one.places[:5], two.places[:5], atol=1e-9)
        assert np.array_equal(one.detections[:5], np.append(order, -1)[two.detections[:5]])


def test_a_box_that_grows_is_predicted_to_grow_and_one_that_shrinks_to_end_as_a_line():
    grows = [[(50 - t, 50 - t, 60 + t, 60 + t)] for t in range(10)] + [[]]
    *_, last = follow(grows, kind="boxes", noise=0.1)
    np.testing.assert_allclose(last.places, [(40, 40, 70, 70)], atol=0.5)
    shrinks = [[(t, t, 40 - t, 40 - t)] for t in range(15)] + [[]] * 10
    *_, last = follow(shrinks, kind="boxes", noise=0.1, death=20)
    np.testing.assert_allclose(last.places, np.full((1, 4), 20.0), atol=1)
    assert (last.places[:, :2] <= last.places[:, 2:]).all()


def rough(frames, rng, miss=0.08, alarms=0.3):
    """What a detector would give: boxes a little off, some missing, some that are nothing."""
    for frame in frames:
        keep = (rng.random(len(frame.boxes)) >= miss) & (frame.visible > 0.4)
        size = (frame.boxes[:, 2:] - frame.boxes[:, :2]).repeat(2, axis=0).reshape(-1, 4)
        boxes = (frame.boxes + 0.03 * size * rng.normal(size=frame.boxes.shape))[keep]
        boxes = boxes.reshape(-1, 2, 2)
        boxes = np.concatenate([boxes.min(axis=1), boxes.max(axis=1)], axis=1)
        for _ in range(rng.poisson(alarms)):
            corner = rng.uniform(0, 200, 2)
            boxes = np.vstack([boxes, [*corner, *(corner + 15)]])
        yield rng.permutation(boxes)


def test_vehicles_keep_their_numbers_through_a_drive():
    scene = road_scene(7, frames=60, vehicles=4, lanes=3, shape=(120, 160), noise=0)
    frames = list(scene)
    rng = np.random.default_rng(0)
    tracks = follow(rough(frames, rng), kind="boxes", birth=3, noise=1.5, acceleration=0.3)
    truth = [(frame.ids, frame.boxes) for frame in frames]
    quality = tracking_quality([(t.ids, t.places) for t in tracks], truth)
    assert quality.mota > 0.8
    assert quality.idf1 > 0.85
    assert quality.switches <= 2


def test_a_thousand_points_go_quickly_and_nothing_overflows():
    rng = np.random.default_rng(0)
    start = rng.uniform(0, 2000, (400, 2))
    *_, tracks = follow([start + t for t in range(4)], birth=1, gate=10, speed=2)
    assert len(tracks.ids) == 400
    *_, far = follow([[(1e29, -1e29)], [(1e29, -1e29)], []], birth=1)
    assert np.isfinite(far.places).all()


@pytest.mark.parametrize(
    ("kind", "detections", "error", "says"),
    [
        ("points", [(1, 2, 3, 4)], ValueError, r"takes \(N, 2\): row, column"),
        ("boxes", [(1, 2)], ValueError, r"takes \(N, 4\): row0"),
        ("boxes", [(5, 0, 1, 9)], ValueError, r"detections\[0\] .* ends before"),
        ("points", [(np.nan, 0)], ValueError, "detections has 1 values"),
        ("points", [(1e31, 0)], ValueError, "beyond"),
        ("points", [("a", "b")], TypeError, "detections"),
        ("points", None, TypeError, "detections"),
        ("points", 3, ValueError, "detections has shape"),
        ("points", np.zeros((2, 2, 2)), ValueError, "detections has shape"),
        ("points", [(1, 2), (1,)], ValueError, "detections"),
    ],
)
def test_bad_detections_are_named_and_leave_the_tracker_as_it_was(kind, detections, error, says):
    tracker = Tracker(kind, birth=1)
    with pytest.raises(error, match=says):
        tracker.update(detections)
    assert len(tracker.update([]).ids) == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"kind": "box"}, "kind must be one of boxes, points"),
        ({"gate": 0}, "gate"),
        ({"gate": 1.5}, "gate is an overlap"),
        ({"birth": 0}, "birth"),
        ({"death": 1.5}, "death"),
        ({"noise": 0}, "noise"),
        ({"acceleration": -1}, "acceleration"),
        ({"speed": np.inf}, "speed"),
    ],
)
def test_a_bad_option_of_the_tracker_is_named(options, says):
    with pytest.raises((TypeError, ValueError), match=says):
        Tracker(**options)


def test_names_are_reached_flat():
    assert geometry.Tracker is Tracker
    assert geometry.Kalman is Kalman


# --- how good tracks are ---

CAR, VAN = (0, 0, 10, 10), (0, 30, 10, 40)


def test_perfect_tracks_are_perfect_whatever_their_numbers():
    truth = [([1, 2], [CAR, VAN])] * 4
    found = [([9, 7], [CAR, VAN])] * 4
    assert tracking_quality(found, truth) == (1, 1, 1, 0, 0, 0)


def test_misses_alarms_and_switches_are_counted():
    truth = [([1, 2], [CAR, VAN])] * 4
    found = [
        ([1, 2], [CAR, VAN]),
        ([1], [CAR]),  # a miss
        ([2, 1], [CAR, VAN]),  # both took over the other's number
        ([2, 1, 5], [CAR, VAN, (50, 50, 60, 60)]),  # an alarm
    ]
    quality = tracking_quality(found, truth)
    assert quality[3:] == (1, 1, 2)
    assert math.isclose(quality.mota, 1 - 4 / 8)
    assert math.isclose(quality.idf1, 2 * 4 / (8 + 8))  # 1 and 2 kept, or both the other way: 3 + 1


def test_a_switch_counts_over_a_gap_and_back():
    truth = [([1], [CAR])] * 4
    found = [([1], [CAR]), ([], []), ([2], [CAR]), ([1], [CAR])]
    assert tracking_quality(found, truth).switches == 2


def test_a_pair_stays_while_it_overlaps_enough():
    """Another track overlaps better, but the old one is still at the place."""
    truth = [([1], [CAR])] * 2
    near, nearer = (0, 3, 10, 13), (0, 1, 10, 11)
    quality = tracking_quality([([4], [near]), ([4, 5], [near, nearer])], truth)
    assert quality.switches == 0
    assert quality.alarms == 1


def test_as_many_are_paired_as_can_be():
    """The best single pair would leave the other two alone."""
    truth = [([1, 2], [(0, 0, 10, 10), (0, 4, 10, 14)])]
    found = [([1, 2], [(0, 1, 10, 11), (0, -3, 10, 7)])]
    assert tracking_quality(found, truth, iou=0.5).misses == 0


def test_nothing_to_measure_is_nan():
    quality = tracking_quality([([], [])], [([], [])])
    assert all(math.isnan(value) for value in quality[:3])
    assert quality[3:] == (0, 0, 0)
    alarm = tracking_quality([([1], [CAR])], [([], [])])
    assert math.isnan(alarm.mota)
    assert alarm.idf1 == 0


@pytest.mark.parametrize(
    ("found", "error", "says"),
    [
        (None, TypeError, "found is of type NoneType"),
        ([], ValueError, "found has 0 frames and truth 1"),
        ([[1]], TypeError, r"found\[0\] must be a pair"),
        ([([1, 1], [CAR, CAR])], ValueError, r"found\[0\] has a number twice"),
        ([([1], [CAR, VAN])], ValueError, r"found\[0\] has ids of shape \(1,\)"),
        ([([1.5], [CAR])], TypeError, r"ids of found\[0\] have dtype float64"),
        ([([1], [(5, 5, 1, 1)])], ValueError, "ends before it starts"),
    ],
)
def test_bad_tracks_are_named(found, error, says):
    with pytest.raises(error, match=says):
        tracking_quality(found, [([1], [CAR])])
