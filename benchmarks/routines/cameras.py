"""Checkerboards, and images freed of a lens."""

from functools import cache

import cv2
import numpy as np
from scipy import ndimage

from benchmarks.routines.case import Case
from benchmarks.routines.sketches import points_on
from imgkit import geometry, images
from imgkit.geometry import Camera, Rig
from imgkit.geometry.cameras import swapped
from imgkit.geometry.rectification import rectifying_turns

LENS = (-0.2, 0.05, 0.001, -0.0007, 0.0)
CORNERS = (4, 5)


@cache
def _camera(shape: tuple[int, int]) -> Camera:
    h, w = shape
    return Camera([[1.3 * h, 0, 0.49 * h], [0, 1.31 * h, 0.51 * w], [0, 0, 1]], (h, w), LENS)


@cache
def _rig(shape: tuple[int, int]) -> Rig:
    turn = cv2.Rodrigues(np.array([0.01, -0.03, 0.02]))[0]
    return Rig(_camera(shape), _camera(shape), np.column_stack([turn, (0.02, -0.5, 0.01)]))


@cache
def _matrix(shape: tuple[int, int]) -> np.ndarray:
    return geometry.rectify(np.zeros(shape), np.zeros(shape), _rig(shape)).camera.matrix


def _size(image: object) -> tuple[int, int]:
    """Rows and columns; of what is no image those of any, for it is to be refused."""
    shape = getattr(image, "shape", ())
    shape = tuple(shape[-2:] if hasattr(image, "detach") else shape[:2])
    return shape if len(shape) == 2 and 0 not in shape else (9, 9)


def _maps(x: np.ndarray, camera: Camera, turn: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    parts = swapped(camera.matrix), camera.distortion, swapped(turn), swapped(matrix)
    columns, rows = cv2.initUndistortRectifyMap(*parts, camera.shape[::-1], cv2.CV_32FC1)
    return cv2.remap(x, columns, rows, cv2.INTER_LINEAR)


def _scipy(x: np.ndarray, camera: Camera, turn: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The documentation's formulas, in x and y, read between the pixels by SciPy."""
    rows, columns = np.indices(x.shape[:2])
    rays = np.stack([rows, columns, 1 + 0 * rows], axis=-1) @ np.linalg.inv(matrix).T @ turn
    b, a = rays[..., 0] / rays[..., 2], rays[..., 1] / rays[..., 2]
    k1, k2, p1, p2, k3 = camera.distortion
    r = a**2 + b**2
    radial = 1 + k1 * r + k2 * r**2 + k3 * r**3
    u = a * radial + 2 * p1 * a * b + p2 * (r + 2 * a**2)
    v = b * radial + p1 * (r + 2 * b**2) + 2 * p2 * a * b
    (f, g), (row, column) = camera.focal, camera.centre
    planes = [
        ndimage.map_coordinates(plane, [f * v + row, g * u + column], order=1, mode="grid-constant")
        for plane in np.moveaxis(np.atleast_3d(x), 2, 0)
    ]
    return np.stack(planes, axis=-1).reshape(x.shape)


def _undistorted(by, x: np.ndarray) -> np.ndarray:
    camera = _camera(_size(x))
    return by(x, camera, np.eye(3), camera.matrix)


def _rectified(by, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rig, matrix = _rig(_size(left)), _matrix(_size(left))
    cameras, turns = (rig.left, rig.right), rectifying_turns(rig.pose)
    return tuple(
        by(x, camera, turn, matrix)
        for x, camera, turn in zip((left, right), cameras, turns, strict=True)
    )


def _kornia(x):
    import torch
    from kornia.geometry.calibration import undistort_image

    camera = _camera(tuple(x.shape[-2:]))
    matrix, lens = swapped(camera.matrix), camera.distortion
    return undistort_image(x, torch.tensor(matrix)[None].to(x), torch.tensor(lens)[None].to(x))


def _by_opencv_undistort(x: np.ndarray) -> np.ndarray:
    camera = _camera(x.shape[:2])
    return cv2.undistort(x, swapped(camera.matrix), camera.distortion)


def _board(photo: np.ndarray) -> tuple[np.ndarray]:
    """A board as large as the photograph, a little turned; a pixel has 8 x 8 samples."""
    n, fine = max(160, photo.shape[0]), 8
    places = (np.arange(n * fine) + 0.5) / fine - 0.5
    row, column = np.floor(_to_board(places[:, None], places[None], n))
    inside = (row >= -1) & (row < CORNERS[0]) & (column >= -1) & (column < CORNERS[1])
    values = np.where(inside & ((row + column) % 2 == 0), 0.1, 0.9)
    values = values.reshape(n, fine, n, fine).mean(axis=(1, 3))
    return (images.as_dtype(values, like=photo),)


def _to_board(row: np.ndarray, column: np.ndarray, n: int) -> np.ndarray:
    square, turn, middle = n / 8, 0.1, n / 2 - 0.2
    down, right = (row - middle) / square, (column - middle) / square
    return np.stack(
        [
            np.cos(turn) * down - np.sin(turn) * right + (CORNERS[0] - 1) / 2,
            np.sin(turn) * down + np.cos(turn) * right + (CORNERS[1] - 1) / 2,
        ]
    )


def _corners(x: np.ndarray) -> np.ndarray:
    """Where they were drawn."""
    n = x.shape[0]
    start, down, right = (
        np.array(_to_board(np.float64(a), np.float64(b), n)) for a, b in ((0, 0), (1, 0), (0, 1))
    )
    steps = np.column_stack([down - start, right - start])
    grid = np.indices(CORNERS).reshape(2, -1).T
    return np.linalg.solve(steps, (grid - start).T).T


CASES = [
    Case(
        "geometry.find_checkerboard",
        ours=lambda x: geometry.find_checkerboard(x, CORNERS),
        show=lambda points, image: points_on(image, points),
        like={
            "opencv": lambda x: cv2.findChessboardCornersSB(images.as_uint8(x), CORNERS[::-1])[1]
        },
        reference=_corners,
        prepare=_board,
        kinds=("gray uint8", "gray float32"),
        size=512,
        tensor=False,
        note="the reference is where the corners were drawn, in pixels; OpenCV finds the board, "
        "whose corners are then refined",
    ),
    Case(
        "geometry.undistort",
        ours=lambda x: geometry.undistort(x, _camera(_size(x))),
        same={"opencv": lambda x: _undistorted(_maps, x), "kornia": _kornia},
        like={"opencv undistort": _by_opencv_undistort},
        reference=lambda x: _undistorted(_scipy, x),
        note="the second and later frames of a camera, whose positions are kept. The peers compute "
        "them each time, as we do for the first frame, at 1.3 times OpenCV's time. cv2.undistort "
        "rounds positions to 1/32 of a pixel",
    ),
    Case(
        "geometry.rectify",
        ours=lambda x, y: geometry.rectify(x, y, _rig(_size(x)))[:2],
        same={"opencv": lambda x, y: _rectified(_maps, x, y)},
        reference=lambda x, y: _rectified(_scipy, x, y),
        prepare=lambda photo: (photo, np.ascontiguousarray(photo[::-1])),
        note="the second and later frames, as in undistort; OpenCV takes its rotations and matrix "
        "from here",
    ),
]
