"""How road scenes are drawn: ground, markings, shadows, vehicles, and the noise of the camera.

Markings are not sampled but measured: a pixel has as much of their white as it covers of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.images import as_uint8

Numbers = npt.NDArray[np.float64]

HEIGHT = 1.5  # metres of the camera above the road
HORIZON = 0.4  # of the picture's height
FOCAL = 0.9  # of the picture's width
LANE = 3.5  # metres wide
MARKING = 0.15  # metres wide
DASH, PERIOD = 4.0, 9.0  # metres
SHOULDER = 0.8  # metres of asphalt beside the outer markings
SHADOW, SHADOWS = 6.0, 37.0  # metres long, one every so many metres
PASSED = 2.0  # metres ahead: what is nearer is not drawn
SECONDS_TO_CHANGE = 3.0
FINE = 4  # binary digits after the point, of corners for OpenCV

SKY, HAZE = np.array([0.45, 0.62, 0.85]), np.array([0.80, 0.86, 0.92])
ASPHALT, GRASS = np.array([0.36, 0.36, 0.38]), np.array([0.30, 0.42, 0.20])
WHITE = np.array([0.92, 0.92, 0.90])
DARK, LAMP = np.array([0.08, 0.08, 0.10]), np.array([0.75, 0.10, 0.08])


@dataclass(frozen=True)
class Ground:
    """The road as the camera has it before it in one frame."""

    shape: tuple[int, int]
    travelled: float
    "metres since the first frame"
    offsets: Numbers
    "(L,) metres: where the markings' middle lines are at z = 0"
    solid: npt.NDArray[np.bool_]
    "(L,)"
    heading: float
    curvature: float
    light: float

    def across(self, offset: float | Numbers, z: float | Numbers) -> Numbers:
        """x of the line at an offset."""
        return offset + self.heading * z + self.curvature * z**2 / 2

    def seen(self, x: Numbers, z: Numbers, above: float | Numbers = 0.0) -> Numbers:
        """(..., 2) row and column of points, so many metres above the ground."""
        focal, horizon, middle = self.lens
        row = horizon + focal * (HEIGHT - above) / z
        return np.stack([row, np.broadcast_to(middle + focal * x / z, row.shape)], axis=-1)

    @property
    def lens(self) -> tuple[float, float, float]:
        """Focal length, row of the horizon, middle column, in pixels."""
        h, w = self.shape
        return FOCAL * w, HORIZON * h, (w - 1) / 2


@dataclass(frozen=True)
class Vehicle:
    """A box on wheels that swings to and fro ahead of the camera, and may change its lane."""

    width: float
    height: float
    length: float
    color: tuple[float, float, float]
    lane: int
    target: int
    "the lane that it changes to"
    change: float
    "seconds: when it begins to"
    ahead: float
    swing: float
    rate: float
    phase: float

    def at(self, seconds: float | Numbers) -> tuple[Numbers, Numbers]:
        """Its lane, a fraction while it changes, and how many metres ahead its rear end is."""
        part = np.clip((np.asarray(seconds) - self.change) / SECONDS_TO_CHANGE, 0, 1)
        smooth = part * part * (3 - 2 * part)
        lane = self.lane + (self.target - self.lane) * smooth
        return lane, self.ahead + self.swing * np.sin(self.rate * seconds + self.phase)


Placed = tuple[int, Vehicle, float, float]  # number, vehicle, offset, metres ahead


def painted(
    ground: Ground,
    vehicles: list[Placed],
    *,
    noise: float,
    shadows: bool,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], Numbers, Numbers]:
    """The picture; and of the vehicles in it the numbers, the boxes, and how much is seen."""
    picture = ground.light * _landscape(ground, shadows)
    owner = np.zeros(ground.shape, np.int64)
    pixels = {}
    for number, vehicle, offset, ahead in sorted(vehicles, key=lambda v: -v[3]):
        if ahead <= PASSED:
            continue
        middle = ground.across(offset, ahead)
        outline = _draw(picture, ground, vehicle, middle, ahead)
        owner[outline] = number
        if outline.any():
            pixels[number] = outline.sum(), _box(ground, vehicle, middle, ahead)
    picture += noise * rng.standard_normal(picture.shape)
    parts = np.bincount(owner.ravel(), minlength=max(pixels, default=0) + 1)
    numbers = np.array([number for number in sorted(pixels) if parts[number]], np.int64)
    boxes = np.array([pixels[number][1] for number in numbers]).reshape(-1, 4)
    visible = np.array([parts[number] / pixels[number][0] for number in numbers])
    return as_uint8(np.clip(picture, 0, 1)), numbers, boxes, visible


def _landscape(ground: Ground, shadows: bool) -> Numbers:
    """(H, W, 3): sky, grass, road and markings, without light and noise."""
    h, w = ground.shape
    focal, horizon, middle = ground.lens
    rows = np.arange(h, dtype=np.float64)[:, None]
    high = np.clip(rows / horizon, 0, 1)[..., None]
    picture = np.broadcast_to(SKY * (1 - high) + HAZE * high, (h, w, 3)).copy()
    below = int(np.floor(horizon)) + 1
    z = focal * HEIGHT / (rows[below:] - horizon)  # (h', 1)
    x = (np.arange(w) - middle) * z / focal  # (h', w)
    fine = z / focal, z**2 / (focal * HEIGHT)  # metres that a pixel covers, across and along
    beside = x - ground.across(0.0, z)
    left, right = ground.offsets[0] - SHOULDER, ground.offsets[-1] + SHOULDER
    road = _covered(beside - (left + right) / 2, right - left, fine[0])
    white = _markings(ground, beside, z, fine)
    grain = 1 + _grain(x, z + ground.travelled) * np.minimum(6 / z, 1)
    surface = _mixed(_mixed(GRASS, ASPHALT, road) * grain[..., None], WHITE, white)
    if shadows:
        surface *= _shade(x, z + ground.travelled)[..., None]
    picture[below:] = _mixed(surface, HAZE, np.clip((z - 60) / 400, 0, 1))
    return picture


def _markings(
    ground: Ground, beside: Numbers, z: Numbers, fine: tuple[Numbers, Numbers]
) -> Numbers:
    """How much of each pixel is white."""
    start, end = z + ground.travelled - fine[1] / 2, z + ground.travelled + fine[1] / 2
    dashed = (_painted_up_to(end) - _painted_up_to(start)) / (end - start)
    white = np.zeros_like(beside)
    for offset, solid in zip(ground.offsets, ground.solid, strict=True):
        white += _covered(beside - offset, MARKING, fine[0]) * (1.0 if solid else dashed)
    return np.minimum(white, 1)


def _covered(distance: Numbers, width: float, pixel: Numbers) -> Numbers:
    """What part of a pixel lies within a stripe whose middle is at a distance."""
    end = np.minimum(distance + pixel / 2, width / 2)
    start = np.maximum(distance - pixel / 2, -width / 2)
    return np.maximum(end - start, 0) / pixel


def _painted_up_to(metres: Numbers) -> Numbers:
    """The length of all dashes up to a place."""
    whole, rest = np.divmod(metres, PERIOD)
    return whole * DASH + np.minimum(rest, DASH)


def _grain(x: Numbers, along: Numbers) -> Numbers:
    """A pattern that lies on the ground, from -0.15 to 0.15, in squares of an eighth of a metre."""
    i, j = np.floor(8 * along), np.floor(8 * x)
    noise = np.sin(12.9898 * i + 78.233 * j) * 43758.5453
    return 0.3 * (noise - np.floor(noise)) - 0.15


def _shade(x: Numbers, along: Numbers) -> Numbers:
    """Shadows of trees across the road, with soft edges."""
    into = np.mod(along + 0.4 * x, SHADOWS) - SHADOWS / 2
    return 1 - 0.5 / (1 + np.exp(-4 * (SHADOW / 2 - np.abs(into))))


def _mixed(one: Numbers, other: Numbers, part: Numbers) -> Numbers:
    part = part[..., None]
    return one * (1 - part) + other * part


def _ends(ground: Ground, vehicle: Vehicle, middle: float, ahead: float) -> tuple[Numbers, Numbers]:
    """(4, 2) corners of the rear end and of the front end in the picture."""
    x = middle + vehicle.width / 2 * np.array([-1, 1, 1, -1])
    above = vehicle.height * np.array([1.0, 1.0, 0.0, 0.0])
    return tuple(ground.seen(x, np.full(4, z), above) for z in (ahead, ahead + vehicle.length))


def _box(ground: Ground, vehicle: Vehicle, middle: float, ahead: float) -> Numbers:
    """The part of its box that lies in the picture; pixel 0 goes from 0 to 1."""
    corners = np.concatenate(_ends(ground, vehicle, middle, ahead)) + 0.5
    return np.clip([*corners.min(axis=0), *corners.max(axis=0)], 0, ground.shape * 2)


def _draw(
    picture: Numbers, ground: Ground, vehicle: Vehicle, middle: float, ahead: float
) -> npt.NDArray[np.bool_]:
    """Paint a vehicle into the picture; which pixels it takes."""
    rear, front = _ends(ground, vehicle, middle, ahead)
    color = np.array(vehicle.color)
    body = _filled(picture, np.concatenate([rear, front]), 0.55 * color * ground.light)
    _filled(picture, rear, color * ground.light)
    for part, shade in (
        ((0.12, 0.10, 0.45, 0.90), DARK),  # the window
        ((0.55, 0.04, 0.70, 0.20), LAMP),
        ((0.55, 0.80, 0.70, 0.96), LAMP),
        ((0.88, 0.00, 1.00, 1.00), DARK),  # the shadow beneath
    ):
        row0, column0, row1, column1 = part
        size = rear[2] - rear[0]
        square = np.array([(row0, column0), (row0, column1), (row1, column1), (row1, column0)])
        _filled(picture, rear[0] + square * size, shade * ground.light)
    return body


def _filled(picture: Numbers, corners: Numbers, color: Numbers) -> npt.NDArray[np.bool_]:
    """Fill the convex outline of points; which pixels are mostly covered."""
    cover = np.zeros(picture.shape[:2], np.uint8)
    points = np.rint(corners[:, ::-1] * (1 << FINE)).astype(np.int32)
    cv2.fillConvexPoly(cover, cv2.convexHull(points), 255, cv2.LINE_AA, FINE)
    rows, columns = np.nonzero(cover)
    part = cover[rows, columns, None] / 255
    picture[rows, columns] = picture[rows, columns] * (1 - part) + color * part
    return cover > 127
