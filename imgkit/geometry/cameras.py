"""A camera as numbers: where the light from a place in the world falls on the image.

Places are (row, column, depth), as pixels are (row, column): down, to the right, away from the
camera. Textbooks and OpenCV have (x, y, z), to the right, down, away; a matrix of theirs becomes
one of the kit, and the other way round, when its first two rows and its first two columns change
places: ``M[[1, 0, 2]][:, [1, 0, 2]]``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgkit.geometry.points import Matrix, Points, as_matrix, as_points
from imgkit.geometry.sampling import require_shape
from imgkit.metrics.gates import as_numbers

Poses = npt.NDArray[np.float64]  # (..., 3, 4)
ROUNDS = 50  # of Newton's method, where 5 are enough unless the lens bends light back


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole and a lens: ``(row, column, 1) ~ matrix @ bent(place / depth)``.

    ``Camera(matrix, shape)`` is a perfect pinhole. The distortion ``(k1, k2, p1, p2, k3)`` of
    Brown and Conrady, in OpenCV's order, bends a ray x = (down, right) at depth 1, with r² = |x|²
    and p = (p1, p2), to ``x (1 + k1 r² + k2 r⁴ + k3 r⁶) + 2 x (p · x) + p r²``.
    """

    matrix: Matrix
    "float64 (3, 3): ``[[f, 0, r], [0, g, c], [0, 0, 1]]``, focal lengths and principal point"
    shape: tuple[int, int]
    "rows and columns of its images"
    distortion: npt.NDArray[np.float64] = (0.0,) * 5
    "float64 (5,): k1, k2, p1, p2, k3"
    rms: float = float("nan")
    "of a calibration: root mean square distance in pixels of corners found and predicted"
    poses: Poses = ()
    "(V, 3, 4), one for each view: ``[R | t]``, from the board's (row, column, height) to (row, \
column, depth) at the camera, in the unit of ``square``"
    errors: npt.NDArray[np.float64] = ()
    "(V,): rms of each view"
    deviations: npt.NDArray[np.float64] = ()
    "(4,): standard deviations of both focal lengths and of row and column of the principal point"

    def __post_init__(self) -> None:
        matrix = as_matrix(self.matrix)
        (f, skew, _), (other, g, _), last = matrix
        if min(f, g) <= 0 or skew or other or last.tolist() != [0, 0, 1]:
            raise ValueError(
                "matrix must be [[f, 0, row], [0, g, column], [0, 0, 1]] with focal lengths above "
                f"0, got {matrix.tolist()}; for one of OpenCV use M[[1, 0, 2]][:, [1, 0, 2]]"
            )
        distortion = as_numbers(self.distortion, "distortion").astype(np.float64).ravel()
        if distortion.shape != (5,):
            raise ValueError(f"distortion must be (k1, k2, p1, p2, k3), got {self.distortion!r}")
        for name, value in {
            "matrix": matrix,
            "shape": require_shape(self.shape),
            "distortion": distortion,
            "poses": np.array(self.poses, np.float64).reshape(-1, 3, 4),
            "errors": np.array(self.errors, np.float64),
            "deviations": np.array(self.deviations, np.float64),
        }.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def focal(self) -> tuple[float, float]:
        """Focal lengths in pixels: down and to the right; for square pixels the same."""
        return float(self.matrix[0, 0]), float(self.matrix[1, 1])

    @property
    def centre(self) -> tuple[float, float]:
        """The principal point, (row, column): what lies straight ahead."""
        return float(self.matrix[0, 2]), float(self.matrix[1, 2])

    def __repr__(self) -> str:
        (f, g), (row, column) = self.focal, self.centre
        views = f", {len(self.poses)} views, rms {self.rms:.3f}" if len(self.poses) else ""
        return (
            f"Camera({self.shape[0]}x{self.shape[1]}, focal ({f:.2f}, {g:.2f}), "
            f"centre ({row:.2f}, {column:.2f}){views})"
        )

    def project(self, places: npt.ArrayLike, pose: npt.ArrayLike | None = None) -> Points:
        """Where places of the world are seen.

        Parameters
        ----------
        places : (N, 3): (row, column, depth) at the camera, or what ``pose`` takes
        pose : (3, 4), ``[R | t]``, leads to (row, column, depth) at the camera:
            ``camera.poses[0]`` takes (row, column, height) of the board in the first view

        Returns
        -------
        float64 (N, 2), row and column; nan for what is not before the camera, or so far aside
        that the formula of the lens means nothing.

        Examples
        --------
        >>> camera = Camera([[100, 0, 50], [0, 100, 80], [0, 0, 1]], (100, 160))
        >>> camera.project([(0, 0, 5), (1, -1, 2)])
        array([[ 50.,  80.],
               [100.,  30.]])
        """
        places = _as_places(places)
        if pose is not None:
            pose = as_pose(pose)
            places = places @ pose[:, :3].T + pose[:, 3]
        depth = np.where(places[:, 2:] > 0, places[:, 2:], np.nan)
        rays = places[:, :2] / depth
        rays[self._beyond(rays)] = np.nan
        return self.bend(rays) * self.focal + self.centre

    def rays(self, points: npt.ArrayLike) -> Points:
        """Which way a pixel looks: (down, right) at depth 1, the lens undone.

        Parameters
        ----------
        points : (N, 2), rows and columns

        Returns
        -------
        float64 (N, 2); nan where no ray is bent to this pixel, far outside the image.

        Notes
        -----
        Newton's method, to rounding. OpenCV's ``undistortPoints`` stops after five rounds of a
        slower method, unless told otherwise.

        Examples
        --------
        >>> camera = Camera([[100, 0, 50], [0, 100, 80], [0, 0, 1]], (100, 160), (-0.2, 0, 0, 0, 0))
        >>> ray = camera.rays([(50, 160)])
        >>> ray.round(3)
        array([[0., 1.]])
        >>> camera.project(np.append(ray, [[1]], axis=1)).round(3)
        array([[ 50., 160.]])
        """
        bent = (as_points(points) - self.centre) / self.focal
        x = bent.copy()
        with np.errstate(all="ignore"):
            for _ in range(ROUNDS):
                step = _solved(self._slopes(x), self.bend(x) - bent)
                x -= step
                if not (np.abs(step) > 1e-15 * (1 + np.abs(x))).any():
                    break
            wrong = ~(np.abs(self.bend(x) - bent) < 1e-9 * (1 + np.abs(bent))).all(axis=1)
        x[wrong | self._beyond(x)] = np.nan
        return x

    def bend(self, x: Points) -> Points:
        """What the lens makes of rays (..., 2)."""
        k1, k2, p1, p2, k3 = self.distortion
        down, right = x[..., 0], x[..., 1]
        square = down * down + right * right
        factor = 1 + square * (k1 + square * (k2 + square * k3)) + 2 * (p1 * down + p2 * right)
        return np.stack([down * factor + p1 * square, right * factor + p2 * square], axis=-1)

    def _slopes(self, x: Points) -> npt.NDArray[np.float64]:
        """How ``bend`` changes with its ray, (N, 2, 2)."""
        k1, k2, _, _, k3 = self.distortion
        p, square = self.distortion[2:4], (x**2).sum(axis=1)
        factor = 1 + square * (k1 + square * (k2 + square * k3)) + 2 * x @ p
        growth = 2 * (k1 + square * (2 * k2 + 3 * k3 * square))
        xx, xp = x[:, :, None] * x[:, None], x[:, :, None] * p
        mixed = 2 * (xp + xp.swapaxes(1, 2))
        return factor[:, None, None] * np.eye(2) + growth[:, None, None] * xx + mixed

    def _beyond(self, x: Points) -> npt.NDArray[np.bool_]:
        """Whether the lens bends rays so far out back again: there the formula means nothing."""
        k1, k2, _, _, k3 = self.distortion
        square = (x**2).sum(axis=1)
        # the radius r (1 + k1 r² + ...) grows with r as long as its derivative is positive
        turns = np.roots([7 * k3, 5 * k2, 3 * k1, 1])
        turns = turns.real[(np.abs(turns.imag) < 1e-12) & (turns.real > 0)]
        return square > turns.min(initial=np.inf)


def swapped(matrix: Matrix) -> Matrix:
    """A matrix of (x, y, z) as one of (row, column, depth), and back."""
    return np.ascontiguousarray(matrix[[1, 0, 2]][:, [1, 0, 2]])


def as_pose(pose: npt.ArrayLike, name: str = "pose") -> Poses:
    """``[R | t]`` as float64 (3, 4), R a rotation, or an error."""
    found = as_numbers(pose, name).astype(np.float64)
    if found.shape != (3, 4):
        raise ValueError(f"{name} has shape {found.shape}; this takes (3, 4), [R | t]")
    turn = found[:, :3]
    if np.abs(turn @ turn.T - np.eye(3)).max() > 1e-6 or np.linalg.det(turn) < 0:
        raise ValueError(f"{name} must be [R | t] with a rotation R, got {found.tolist()}")
    return found


def _as_places(places: npt.ArrayLike) -> npt.NDArray[np.float64]:
    found = as_numbers(places, "places").astype(np.float64)
    if found.ndim != 2 or found.shape[1] != 3:
        raise ValueError(
            f"places has shape {found.shape}; they are (N, 3), a row, a column and a depth each"
        )
    return found


def _solved(slopes: npt.NDArray[np.float64], values: Points) -> Points:
    """Two equations for each ray."""
    (a, b), (c, d) = np.moveaxis(slopes, 0, 2)
    one, other = values.T
    return np.column_stack([d * one - b * other, a * other - c * one]) / (a * d - b * c)[:, None]
