"""The road from above, and where its lane markings run."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.geometry import lane_runs
from imgkit.geometry.points import Matrix, as_points
from imgkit.geometry.transforms import homography
from imgkit.geometry.warps import warp_perspective
from imgkit.images import (
    AnyImage,
    Mask,
    require_mask,
    require_number,
    require_positive,
    require_size,
    require_whole,
)

Numbers: TypeAlias = npt.NDArray[np.float64]


def birds_eye_matrix(corners: npt.ArrayLike, shape: int | tuple[int, int]) -> Matrix:
    """The homography that takes a piece of the road, seen by a camera, to a rectangle.

    Parameters
    ----------
    corners : (4, 2) where a rectangle on the road has its corners in the image, clockwise from the
        one that becomes top left: far left, far right, near right, near left. They may lie outside
        the image.
    shape : (rows, columns) of the rectangle, each at least 2, or one number for both

    Returns
    -------
    float64 (3, 3), from the image to the view from above, of (row, column). The corners go to the
    middles of the four corner pixels. Its inverse leads back.

    Raises
    ------
    ValueError
        If there are no four corners, they are not clockwise, or are no convex figure.
    TypeError
        If values are no numbers.

    Examples
    --------
    >>> corners = [(60, 40), (60, 60), (100, 90), (100, 10)]
    >>> M = birds_eye_matrix(corners, (50, 30))
    >>> from imgkit import geometry
    >>> geometry.transform_points(corners, M).round() + 0
    array([[ 0.,  0.],
           [ 0., 29.],
           [49., 29.],
           [49.,  0.]])
    """
    points = as_points(corners, "corners")
    if len(points) != 4:
        raise ValueError(f"corners must be four points, got {len(points)}")
    rows, columns = require_size(shape=shape)
    if min(rows, columns) < 2:
        raise ValueError(f"shape must have at least 2 rows and columns, got {shape!r}")
    sides = np.roll(points, -1, axis=0) - points
    after = np.roll(sides, -1, axis=0)
    turns = sides[:, 1] * after[:, 0] - sides[:, 0] * after[:, 1]  # above 0: to the right
    if not (turns > 1e-9 * np.linalg.norm(sides, axis=1) * np.linalg.norm(after, axis=1)).all():
        raise ValueError(
            "corners must go round a convex figure clockwise: far left, far right, near right, "
            f"near left, each (row, column); got {points.tolist()}"
        )
    bottom, right = rows - 1, columns - 1
    return homography(points, [(0, 0), (0, right), (bottom, right), (bottom, 0)])


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def birds_eye(image: AnyImage, corners: npt.ArrayLike, shape: int | tuple[int, int]) -> AnyImage:
    """The road as seen from above: what is parallel on the road is parallel in the picture.

    A camera that looks along a flat road sees a rectangle of it as a trapezium. Four corners settle
    the homography that makes it a rectangle again; near and far then have one scale.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W)
    corners : (4, 2) points of the image: far left, far right, near right, near left, see
        :func:`birds_eye_matrix`
    shape : (rows, columns) of the result, or one number for both

    Returns
    -------
    Array (rows, columns) or (rows, columns, C), or tensor (..., rows, columns), same dtype; 0 where
    the rectangle lies outside the image. Gradients flow to the image.

    Raises
    ------
    ValueError
        If the corners are not four, clockwise and convex, or the shape is below 2.
    TypeError
        If they are no numbers, or the image has another dtype.

    Notes
    -----
    :func:`warp_perspective` with :func:`birds_eye_matrix`, linear, and as exact. What is far is
    stretched and blurred, what is near may be skipped over: choose rows about as fine as the near
    end of the road is seen, or blur before.

    References
    ----------
    Mallot et al., Inverse perspective mapping simplifies optical flow computation and obstacle
    detection, Biological Cybernetics, 1991. Szeliski, Computer Vision, 2nd ed., section 2.1.4.

    Examples
    --------
    >>> image = np.float32([[0, 0, 1, 0, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]])  # two lines meet
    >>> birds_eye(image, [(1, 1), (1, 3), (2, 4), (2, 0)], (2, 3)).round(5)
    array([[1., 0., 1.],
           [1., 0., 1.]], dtype=float32)
    """
    return warp_perspective(image, birds_eye_matrix(corners, shape), require_size(shape=shape))


@dataclass(frozen=True, eq=False)
class LaneLine:
    """The middle of a lane marking: a column for every row, ``a + b t + c t²``.

    t is 0 in the last row, nearest to the camera, and 1 in the first.
    """

    coefficients: Numbers
    "float64 (3,): a, b, c, in columns"
    height: int
    "rows of the mask"
    rows: npt.NDArray[np.intp]
    "(K,) in which the marking was seen; between them it is a guess"

    def columns(self, rows: npt.ArrayLike) -> Numbers:
        """Where the line is in these rows, float64, any shape."""
        return np.polynomial.polynomial.polyval(self._along(rows), self.coefficients)

    def points(self) -> Numbers:
        """The line as (H, 2) points, one in each row."""
        rows = np.arange(self.height, dtype=np.float64)
        return np.column_stack([rows, self.columns(rows)])

    def curvature(self, row: float | None = None, *, pixel: Sequence[float] = (1.0, 1.0)) -> float:
        """One over the radius: ``x'' / (1 + x'²)^1.5``, for x to the right and ahead upwards.

        Parameters
        ----------
        row : where; if None in the last one, nearest to the camera
        pixel : size of a pixel, (height, width), in metres, say; then the radius is in metres

        Returns
        -------
        Above 0 in a bend to the right, below 0 to the left, 0 if straight.
        """
        high, wide = _pixel(pixel)
        row = self.height - 1 if row is None else row
        require_number(row=row)
        _, b, c = self.coefficients
        ahead = max(self.height - 1, 1) * high  # from t = 0 to t = 1
        slope = (b + 2 * c * self._along(row)) * wide / ahead
        return float(2 * c * wide / ahead**2 / (1 + slope**2) ** 1.5)

    def radius(self, row: float | None = None, *, pixel: Sequence[float] = (1.0, 1.0)) -> float:
        """The radius of the bend, above 0; infinite if straight. See :meth:`curvature`."""
        curvature = abs(self.curvature(row, pixel=pixel))
        return 1 / curvature if curvature else float("inf")

    def _along(self, rows: npt.ArrayLike) -> Numbers:
        last = self.height - 1
        return (last - np.asarray(rows, np.float64)) / max(last, 1)


@routine(float32=1e-9, float64=1e-9, uint8=0, tensor=False)
def fit_lane(
    mask: Mask,
    *,
    lines: int = 2,
    width: float | None = None,
    spacing: float | None = None,
    support: float = 0.1,
) -> list[LaneLine]:
    """Where the lane markings run, in a mask of the road from above.

    Seen from above the markings of a road are parallel. So one slope and one bend, of many that are
    tried, straighten all of them at once: then most of what is in the mask stands in a few columns
    of the histogram, whose peaks are the lines. Each is then a parabola of its own, fitted to the
    pixels near it again and again; those at the rim of what is near count less. A line with gaps
    that leave its bend open takes it from all lines.

    Parameters
    ----------
    mask : bool (H, W), True where a marking may be; the camera is below the last row
    lines : how many there may be, at least 1
    width : columns that a marking covers, at least 1; if None a fiftieth of the mask's. What is
        2.5 times as long along a row is taken for something else.
    spacing : columns that lines are apart at least; if None a fifth of the mask's
    support : the least part of the rows in which a line is seen, above 0 and at most 1: dashes
        fill a quarter to a half. It must also be seen in twice as many as its like beside it, so
        that noise has no lines.

    Returns
    -------
    A list of LaneLine from left to right, in the last row; fewer than ``lines``, or none, where no
    more are seen.

    Raises
    ------
    ValueError
        If an option is out of range, or the mask is empty.
    TypeError
        If it is no number, or the mask is not bool.

    Notes
    -----
    Lines may run aside by up to 0.6 columns a row on the whole, and by as much again by bending.
    The method of sliding windows, which climbs from the peaks of the lower half, loses a line in a
    gap or in a bend; here all rows speak at once.

    References
    ----------
    Bertozzi and Broggi, GOLD: a parallel real-time stereo vision system for generic obstacle and
    lane detection, IEEE Transactions on Image Processing, 1998. Huber and Ronchetti, Robust
    Statistics, 2nd ed., 2009, chapter 7.

    Examples
    --------
    >>> mask = np.zeros((100, 80), bool)
    >>> mask[:, 19:22] = True
    >>> mask[::20, 59:62] = mask[1::20, 59:62] = mask[2::20, 59:62] = True  # dashed
    >>> left, right = fit_lane(mask)
    >>> left.columns([0, 99]).round(3), right.columns([0, 99]).round(3)
    (array([20., 20.]), array([60., 60.]))
    >>> len(right.rows)
    15
    """
    require_mask(mask)
    h, w = mask.shape
    require_whole(1, 1000, lines=lines)
    width = max(w / 50, 1.0) if width is None else width
    spacing = w / 5 if spacing is None else spacing
    require_positive(width=width, spacing=spacing, support=support)
    if width < 1 or support > 1:
        name, value = ("width", width) if width < 1 else ("support", support)
        wanted = "at least 1 pixel" if width < 1 else "at most 1"
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    runs = lane_runs.found(mask, width)
    if not len(runs.rows):
        return []
    shape = lane_runs.straightening(runs, width)
    starts = lane_runs.peaks(runs, shape, lines, width, spacing, support * h)
    reach = min(3 * width, spacing / 2)
    starts, shape = lane_runs.settled(runs, starts, shape, width, reach)
    found = []
    for start in starts:
        (own,), bend = lane_runs.settled(runs, np.array([start]), shape, width, reach)
        curve = np.array([own, *bend])
        rows = lane_runs.seen(runs, curve, width)
        if len(rows) >= max(support * h, 2 * lane_runs.chance(runs, curve, width)):
            found.append(LaneLine(curve, h, rows))
    return sorted(found, key=lambda line: line.coefficients[0])


def _pixel(pixel: Sequence[float]) -> tuple[float, float]:
    try:
        high, wide = pixel
    except (TypeError, ValueError):
        raise TypeError(f"pixel must be two numbers (height, width), got {pixel!r}") from None
    require_positive(**{"pixel's height": high, "pixel's width": wide})
    return high, wide
