"""Calibration: what a camera is like, from pictures of a checkerboard held this way and that."""

from __future__ import annotations  # help() says Image, not what it stands for

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.geometry.cameras import Camera, swapped
from imgkit.geometry.points import Points, as_points
from imgkit.geometry.sampling import require_shape
from imgkit.geometry.transforms import homography
from imgkit.images import (
    Image,
    as_float,
    as_uint8,
    require_gray,
    require_positive,
    require_size,
    require_whole,
)

LEAST_VIEWS = 3
PARALLEL = 0.02  # horizons that differ by less; two degrees of tilt make about 0.04
ENOUGH = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-12)
FINE = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-4)


@routine(float32=2e-3, float64=2e-3, uint8=0.5, tensor=False)
def find_checkerboard(image: Image, corners: tuple[int, int]) -> Points | None:
    """The inner corners of a checkerboard, to a few hundredths of a pixel.

    Parameters
    ----------
    image : array (H, W); floats in 0..1. The whole board has to be seen, with a margin.
    corners : (rows, columns) of the corners where four squares meet, each at least 3: one less than
        there are squares. Let one be odd and the other even, and the board cannot be mistaken for
        itself turned around.

    Returns
    -------
    float64 (rows * columns, 2), row by row of the board, or None if no such board is found. Of the
    orders that the board allows, the one whose rows of corners run to the right in the image, or as
    near to that as can be.

    Raises
    ------
    TypeError
        If the image has another dtype, or corners are not whole numbers.
    ValueError
        If the image has colours, floats leave 0..1, or corners are below 3 or above 100.

    Notes
    -----
    OpenCV's sector-based detector finds the board in bytes. Its places are then refined in the
    image itself, smoothed a little: all slopes around a corner stand across the lines to it, which
    is a least-squares problem (Förstner's). On rendered boards that took the mean error from 0.10
    to 0.03 pixels; OpenCV's ``CALIB_CB_ACCURACY`` leaves 0.07. A dim board is no obstacle: the
    contrast is stretched first.

    References
    ----------
    Duda and Frese, Accurate detection and localization of checkerboard corners for calibration,
    BMVC, 2018. Förstner and Gülch, A fast operator for detection and precise location of distinct
    points, corners and centres of circular features, ISPRS, 1987.

    Examples
    --------
    >>> squares = np.indices((5, 6)).sum(axis=0) % 2
    >>> board = np.pad(np.kron(squares, np.ones((20, 20))), 20, constant_values=1)
    >>> found = find_checkerboard(board, (4, 5))
    >>> found.shape, found[0].round(1), found[1].round(1)
    ((20, 2), array([39.5, 39.5]), array([39.5, 59.5]))
    """
    require_gray(image, intensities=True)
    size = require_corners(corners)
    values = as_float(image).astype(np.float32)
    low, high = values.min(), values.max()
    if low == high:
        return None
    values = (values - low) / (high - low)
    found = _detected(as_uint8(values), size)
    return None if found is None else _in_order(_refined(values, found, size), size)


def _detected(image: npt.NDArray[np.uint8], size: tuple[int, int]) -> Points | None:
    """(rows, columns, 2), to about a tenth of a pixel."""
    for normalise in (0, cv2.CALIB_CB_NORMALIZE_IMAGE):  # each finds boards that the other misses
        ok, found = cv2.findChessboardCornersSB(image, size[::-1], flags=normalise)
        if ok:
            return found.reshape(*size, 2)[..., ::-1]
    return None


def _refined(values: npt.NDArray[np.float32], found: Points, size: tuple[int, int]) -> Points:
    """Within a window that no other corner is in."""
    steps = [np.hypot(*np.moveaxis(np.diff(found, axis=axis), 2, 0)).min() for axis in (0, 1)]
    reach = int(np.clip(0.4 * min(steps), 2, 15))
    values = cv2.GaussianBlur(values, (0, 0), float(np.clip(min(steps) / 12, 0.5, 1.5)))
    start = found.reshape(-1, 1, 2)[..., ::-1].astype(np.float32, order="C", copy=True)
    fine = cv2.cornerSubPix(values, start, (reach, reach), (-1, -1), FINE)
    return fine.reshape(*size, 2)[..., ::-1].astype(np.float64)


def _in_order(found: Points, size: tuple[int, int]) -> Points:
    """Of the ways to count the corners, none mirrored, the one that runs most to the right."""
    square = size[0] == size[1]
    ways = [found, found.swapaxes(0, 1)] if square else [found]
    ways = [way[::rows, ::columns] for way in ways for rows in (1, -1) for columns in (1, -1)]

    def along(way: Points, axis: int) -> Points:
        return np.diff(way, axis=axis).mean(axis=(0, 1))

    def turned(way: Points) -> bool:
        down, right = along(way, 0), along(way, 1)
        return down[0] * right[1] - down[1] * right[0] > 0

    best = max(filter(turned, ways), key=lambda way: along(way, 1)[1])
    return best.reshape(-1, 2).copy()


def calibrate(
    points: Sequence[npt.ArrayLike],
    corners: tuple[int, int],
    *,
    shape: tuple[int, int],
    square: float = 1.0,
    radial: int = 2,
    tangential: bool = True,
) -> Camera:
    """A camera's focal lengths, principal point and distortion, from views of a checkerboard.

    Each view of a flat board is a homography, and two equations for the camera follow from it, for
    the board's sides are at right angles and of known length (Zhang). From there, camera and
    places of the board are changed until all corners fall, in least squares, where they were found.

    Parameters
    ----------
    points : for each view the corners, (rows * columns, 2), as :func:`find_checkerboard` gives them
    corners : (rows, columns) of the board
    shape : (rows, columns) of the images
    square : side of a square, in the unit that poses are to have: metres, say
    radial : how many of k1, k2, k3 are fitted, 0..3; the third needs a wide angle
    tangential : whether p1 and p2 are

    Returns
    -------
    Camera : with ``rms``, ``poses``, ``errors`` of each view and ``deviations``: how well the views
        settle the camera.

    Raises
    ------
    TypeError
        If points, corners or options are of another type, or a view has None for points.
    ValueError
        If there are fewer than 3 views, a view has other than rows * columns points, the views do
        not settle a camera, as all of one orientation do not, or an option is out of range.

    Notes
    -----
    By OpenCV, turned to (row, column). Ten views in which the board is tilted by 20 to 45 degrees,
    to all sides, and reaches the margins of the image, are a good start. A small rms does not say
    that the camera is right, only that it fits: see ``deviations``. A view whose error stands out
    is better left out.

    References
    ----------
    Zhang, A flexible new technique for camera calibration, IEEE Transactions on Pattern Analysis
    and Machine Intelligence, 2000. Szeliski, Computer Vision, 2nd ed., section 11.1.

    Examples
    --------
    >>> truth = Camera([[300, 0, 120], [0, 300, 160], [0, 0, 1]], (240, 320))
    >>> places = np.column_stack([*map(np.ravel, np.mgrid[:5, :6]), np.zeros(30)])
    >>> views = []
    >>> for a, b in [(0.5, 0), (-0.5, 0), (0, 0.5), (0.3, -0.5)]:  # tilted down and to the right
    ...     down = [[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]]
    ...     right = [[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]]
    ...     views.append(truth.project(places, np.column_stack([np.dot(down, right), (-2, -3, 9)])))
    >>> calibrate(views, (5, 6), shape=(240, 320))
    Camera(240x320, focal (300.00, 300.00), centre (120.00, 160.00), 4 views, rms 0.000)
    """
    size, views = require_corners(corners), as_views(points, corners)
    shape = require_shape(shape)
    require_positive(square=square)
    flags = _fixed(radial, tangential)
    _require_tilts(views, size, shape)
    world = [board(size, square)] * len(views)
    seen = [for_opencv(view) for view in views]
    try:
        rms, matrix, distortion, turns, shifts, spread, _, errors = cv2.calibrateCameraExtended(
            world, seen, shape[::-1], None, None, flags=flags, criteria=ENOUGH
        )
    except cv2.error as error:
        raise ValueError(_UNSETTLED) from error
    deviations = spread.ravel()[:4][[1, 0, 3, 2]]
    focal = matrix[[1, 0], [1, 0]]
    if not (np.isfinite(matrix).all() and (focal > 0).all() and (2 * deviations[:2] < focal).all()):
        raise ValueError(_UNSETTLED)
    poses = [
        as_kit(cv2.Rodrigues(turn)[0], shift) for turn, shift in zip(turns, shifts, strict=True)
    ]
    return Camera(
        swapped(matrix), shape, distortion.ravel()[:5], rms, poses, errors.ravel(), deviations
    )


_UNSETTLED = (
    "the views do not settle a camera: tilt the board by 20 to 45 degrees, to another side in each "
    "view, and see that the corners are in the same order in all"
)


def _require_tilts(views: list[Points], size: tuple[int, int], shape: tuple[int, int]) -> None:
    """Refuse boards that are all parallel: they do not tell a long lens from a large distance.

    Where a board's plane meets the horizon is then the same line in all views.
    """
    grid = np.indices(size).reshape(2, -1).T
    lines = []
    for view in views:
        try:
            to_board = np.linalg.inv(homography(grid, (view - np.divide(shape, 2)) / max(shape)))
        except ValueError as error:
            raise ValueError(_UNSETTLED) from error
        lines.append(to_board[2, :2] / to_board[2, 2])
    if np.ptp(lines, axis=0).max() < PARALLEL:
        raise ValueError(_UNSETTLED)


def require_corners(corners: object) -> tuple[int, int]:
    """(rows, columns) of a board's inner corners, or an error."""
    if not isinstance(corners, tuple | list):
        raise TypeError(f"corners must be (rows, columns) of inner corners, got {corners!r}")
    size = require_size(corners=corners)
    if min(size) < 3 or max(size) > 100:
        raise ValueError(f"corners must lie in 3..100 both ways, got {corners!r}")
    return size


def as_views(
    points: Sequence[npt.ArrayLike], corners: tuple[int, int], name: str = "points"
) -> list[Points]:
    """The corners of each view, or an error that says which view is wrong."""
    if not isinstance(points, list | tuple) and not (
        isinstance(points, np.ndarray) and points.ndim == 3
    ):
        raise TypeError(f"{name} must be a list of arrays (N, 2), one for each view")
    views = []
    for number, view in enumerate(points):
        if view is None:
            raise TypeError(f"{name}[{number}] is None: no board was found there; leave it out")
        view = as_points(view, f"{name}[{number}]")
        if len(view) != corners[0] * corners[1]:
            raise ValueError(
                f"{name}[{number}] has {len(view)} points; a board of {corners[0]} by {corners[1]} "
                f"corners has {corners[0] * corners[1]}"
            )
        views.append(view)
    if len(views) < LEAST_VIEWS:
        raise ValueError(f"{name} has {len(views)} views; a camera takes {LEAST_VIEWS} at least")
    return views


def board(size: tuple[int, int], square: float) -> npt.NDArray[np.float32]:
    """The corners of a flat board as OpenCV's (x, y, 0), row by row."""
    rows, columns = np.indices(size)
    places = np.stack([columns, rows, np.zeros(size)], axis=-1).reshape(-1, 3)
    return np.float32(square * places)


def for_opencv(points: Points) -> npt.NDArray[np.float32]:
    """(N, 1, 2), x first."""
    return np.ascontiguousarray(points[:, None, ::-1], np.float32)


def as_kit(turn: np.ndarray, shift: np.ndarray) -> npt.NDArray[np.float64]:
    """OpenCV's rotation and translation as the kit's ``[R | t]``."""
    return np.column_stack([swapped(turn), shift.ravel()[[1, 0, 2]]])


def _fixed(radial: int, tangential: bool) -> int:
    """OpenCV's flags: what is not fitted stays 0."""
    require_whole(0, 3, radial=radial)
    if not isinstance(tangential, bool | np.bool_):
        raise TypeError(f"tangential must be True or False, got {tangential!r}")
    fixed = (cv2.CALIB_FIX_K1, cv2.CALIB_FIX_K2, cv2.CALIB_FIX_K3)[radial:]
    return sum(fixed) | (0 if tangential else cv2.CALIB_ZERO_TANGENT_DIST)
