"""Road scenes that are drawn, so that every line and every vehicle is known exactly.

A camera looks ahead over a flat road. On the ground x is metres to the right of the camera and z
metres ahead; the camera stands ``height`` above and looks along z, so the point (x, z) is seen at
``row = horizon + focal height / z``, ``column = middle + focal x / z``. A line of the road at
offset a is ``x = a + heading z + curvature z² / 2``, as Dickmanns has it.
"""

from __future__ import annotations  # help() says what a type is called, not what it stands for

import operator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgkit.data.scene_pictures import LANE, Ground, Placed, Vehicle, painted
from imgkit.images import require_number, require_size, require_whole

Numbers = npt.NDArray[np.float64]

NEAR, FAR = 4.0, 34.0  # metres ahead: what the view from above shows
LEFT, RIGHT = -5.0, 5.0  # metres beside
PIXEL = 0.1, 0.05  # metres per row and column of the view from above
SECONDS = 1 / 25  # from frame to frame
SPEED = 20.0  # of the camera, metres per second
BEND = 400.0  # metres of road from one right-hand bend to the next
CLOSEST, FARTHEST = 8.0, 60.0  # metres ahead: where vehicles are found
ROOM = 9.0  # metres from one to the next in a lane
TRIES = 1000
SMALLEST, LARGEST = 48, 2048  # sides of a picture


class RoadFrame(NamedTuple):
    """A picture and the truth of it."""

    image: npt.NDArray[np.uint8]
    "uint8 (H, W, 3)"
    boxes: Numbers
    "float64 (N, 4): the part of each vehicle's box that lies in the picture, half open"
    ids: npt.NDArray[np.int64]
    "(N,) the vehicles' numbers, from 1, the same in all frames"
    visible: Numbers
    "(N,) above 0, at most 1: how much of a vehicle's part in the picture no other one hides"
    lines: Numbers
    "(L, R, 2) the middle of each marking, left to right, in the picture; points may lie outside"
    birds_eye_lines: Numbers
    "(L, R, 2) the same points seen from above, one in each row; points may lie outside"
    solid: npt.NDArray[np.bool_]
    "(L,) which markings have no gaps"
    curvature: float
    "of the road, in 1 / metre; positive in a bend to the right"


@dataclass(frozen=True, eq=False)
class RoadScene:
    """A drive, frame by frame: ``scene[0]``, ``len(scene)``, ``for frame in scene``.

    Made by :func:`road_scene`. Frames are drawn when they are asked for, always the same.
    """

    seed: int
    shape: tuple[int, int]
    frames: int
    lanes: int
    curve: float
    noise: float
    shadows: bool
    vehicles: tuple[Vehicle, ...]
    phases: tuple[float, ...]
    """Where the slow changes begin: bend, heading, place in the lane, light."""

    def __len__(self) -> int:
        return self.frames

    def __repr__(self) -> str:
        h, w = self.shape
        return f"RoadScene({self.frames} frames of {h} by {w}, {len(self.vehicles)} vehicles)"

    @property
    def pixel(self) -> tuple[float, float]:
        """Metres per (row, column) of the view from above."""
        return PIXEL

    @property
    def birds_eye_shape(self) -> tuple[int, int]:
        """(rows, columns) of the view from above."""
        return round((FAR - NEAR) / PIXEL[0]) + 1, round((RIGHT - LEFT) / PIXEL[1]) + 1

    @property
    def corners(self) -> Numbers:
        """(4, 2): where the corners of the view from above lie in the picture, clockwise.

        Far left, far right, near right, near left: what :func:`imgkit.geometry.birds_eye` takes.
        The near ones may lie outside.
        """
        return self._ground(0).seen(
            np.array([LEFT, RIGHT, RIGHT, LEFT]), np.array([FAR, FAR, NEAR, NEAR])
        )

    def __getitem__(self, frame: int) -> RoadFrame:
        if not -self.frames <= operator.index(frame) < self.frames:
            raise IndexError(f"there are {self.frames} frames, from 0; got {frame!r}")
        frame = operator.index(frame) % self.frames
        ground = self._ground(frame)
        rng = np.random.default_rng((self.seed, frame))
        image, numbers, boxes, visible = painted(
            ground, self._placed(frame, ground), noise=self.noise, shadows=self.shadows, rng=rng
        )
        z = np.linspace(FAR, NEAR, self.birds_eye_shape[0])
        x = ground.across(ground.offsets[:, None], z)  # (L, R)
        above = np.broadcast_to(np.arange(len(z), dtype=np.float64), x.shape)
        return RoadFrame(
            image,
            boxes,
            numbers,
            visible,
            ground.seen(x, np.broadcast_to(z, x.shape)),
            np.stack([above, (x - LEFT) / PIXEL[1]], axis=-1),
            ground.solid,
            ground.curvature,
        )

    def _ground(self, frame: int) -> Ground:
        seconds = frame * SECONDS
        bend, turn, sway, light = self.phases
        travelled = SPEED * seconds
        own = self.lanes // 2  # the camera's lane, from the left
        aside = 0.25 * np.sin(0.9 * seconds + sway)
        return Ground(
            self.shape,
            travelled,
            (np.arange(self.lanes + 1) - own - 0.5) * LANE - aside,
            np.isin(np.arange(self.lanes + 1), (0, self.lanes)),
            heading=0.01 * np.sin(0.7 * seconds + turn),
            curvature=self.curve * float(np.sin(2 * np.pi * travelled / BEND + bend)),
            light=1 + 0.2 * np.sin(1.3 * seconds + light),
        )

    def _placed(self, frame: int, ground: Ground) -> list[Placed]:
        places = [vehicle.at(frame * SECONDS) for vehicle in self.vehicles]
        return [
            (number, vehicle, float(ground.offsets[0] + (lane + 0.5) * LANE), float(ahead))
            for number, (vehicle, (lane, ahead)) in enumerate(
                zip(self.vehicles, places, strict=True), 1
            )
        ]


def road_scene(
    seed: int = 0,
    *,
    shape: tuple[int, int] = (240, 320),
    frames: int = 60,
    lanes: int = 2,
    curve: float = 0.004,
    vehicles: int = 3,
    noise: float = 0.02,
    shadows: bool = True,
) -> RoadScene:
    """A drive on a road with lane markings, shadows and vehicles, and the truth of all of it.

    The outer markings are solid, those between dashed. The road bends to and fro, the camera sways
    in its lane, the light changes; vehicles go at speeds of their own, and some change lanes.

    Parameters
    ----------
    seed : a whole number, at least 0; the same number, the same drive
    shape : (rows, columns) of a picture, 48 to 2048
    frames : how many, 1 to 10000, 25 a second
    lanes : 1 to 4; the camera drives in the second one from the left of two and three
    curve : the largest curvature, in 1 / metre, 0 to 0.01: 0 for a straight road
    vehicles : how many, 0 to 2 for each lane
    noise : standard deviation of the noise of the camera, a fraction of full scale, 0 to 0.5
    shadows : whether shadows lie across the road

    Returns
    -------
    RoadScene: a sequence of :class:`RoadFrame`, with ``corners``, ``birds_eye_shape`` and ``pixel``
    for the view from above.

    Raises
    ------
    ValueError
        If an option is out of range.
    TypeError
        If it is no number.

    Notes
    -----
    The view from above shows 30 by 10 metres, 4 to 34 metres ahead, with 0.1 metres a row and 0.05
    a column. Frames from one seed are equal wherever NumPy's generator is; the edges of vehicles
    are drawn by OpenCV, whose versions may differ by a grey level.

    References
    ----------
    Dickmanns and Mysliwetz, Recursive 3-D road and relative ego-state recognition, IEEE
    Transactions on Pattern Analysis and Machine Intelligence, 1992.

    Examples
    --------
    >>> scene = road_scene(frames=10, vehicles=2)
    >>> scene
    RoadScene(10 frames of 240 by 320, 2 vehicles)
    >>> scene[0].ids, scene[0].boxes.shape, scene[0].lines.shape
    (array([1, 2]), (2, 4), (3, 301, 2))
    """
    require_whole(0, 2**63 - 1, seed=seed)
    shape = require_size(shape=shape)
    if not SMALLEST <= min(shape) <= max(shape) <= LARGEST:
        raise ValueError(f"shape must have sides of {SMALLEST} to {LARGEST}, got {shape!r}")
    require_whole(1, 10_000, frames=frames)
    require_whole(1, 4, lanes=lanes)
    require_whole(0, 2 * lanes, vehicles=vehicles)
    for name, value, most in (("curve", curve, 0.01), ("noise", noise, 0.5)):
        require_number(**{name: value})
        if not 0 <= value <= most:
            raise ValueError(f"{name} must lie in 0..{most}, got {value!r}")
    rng = np.random.default_rng((seed, 2**32 - 1))
    phases = tuple(rng.uniform(0, 2 * np.pi, 4).tolist())
    traffic = _traffic(vehicles, lanes, frames * SECONDS, rng)
    return RoadScene(seed, shape, frames, lanes, curve, noise, shadows, traffic, phases)


def _traffic(
    count: int, lanes: int, seconds: float, rng: np.random.Generator
) -> tuple[Vehicle, ...]:
    """Vehicles of which none ever drives into another, or into the camera."""
    times = np.arange(0, seconds + 0.2, 0.2)
    traffic: list[Vehicle] = []
    for attempt in range(TRIES):
        if len(traffic) == count:
            break
        new = _vehicle(lanes, seconds, 1 - attempt / TRIES, rng)
        lane, ahead = new.at(times)
        camera = (np.abs(lane - lanes // 2) < 1) & (ahead < CLOSEST)
        if not camera.any() and not any(_meet(lane, ahead, *old.at(times)) for old in traffic):
            traffic.append(new)
    if len(traffic) < count:
        raise ValueError(f"there is no room for {count} vehicles: take fewer, or another seed")
    return tuple(traffic)


def _meet(lane: Numbers, ahead: Numbers, others_lane: Numbers, others_ahead: Numbers) -> bool:
    return bool(((np.abs(lane - others_lane) < 1) & (np.abs(ahead - others_ahead) < ROOM)).any())


def _vehicle(lanes: int, seconds: float, freedom: float, rng: np.random.Generator) -> Vehicle:
    """One of many; the less freedom, the less it moves."""
    lane = int(rng.integers(lanes))
    target = int(np.clip(lane + rng.integers(-1, 2), 0, lanes - 1))
    large = rng.random() < 0.25
    return Vehicle(
        width=2.3 if large else rng.uniform(1.7, 1.9),
        height=2.8 if large else rng.uniform(1.35, 1.6),
        length=7.0 if large else rng.uniform(3.8, 4.6),
        color=tuple(rng.uniform(0.1, 0.9, 3).tolist()),
        lane=lane,
        target=target if freedom > 0.5 else lane,
        change=rng.uniform(0, seconds),
        ahead=rng.uniform(CLOSEST, FARTHEST),
        swing=freedom * rng.uniform(2, 12),
        rate=rng.uniform(0.5, 1.0),
        phase=rng.uniform(0, 2 * np.pi),
    )
