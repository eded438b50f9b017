"""Images as a perfect camera would have taken them: one freed of its lens, two side by side."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.borders import Mode
from imgkit.geometry.calibration import (
    ENOUGH,
    as_kit,
    as_views,
    board,
    calibrate,
    for_opencv,
    require_corners,
)
from imgkit.geometry.cameras import Camera, Poses, as_pose, swapped
from imgkit.geometry.points import Matrix
from imgkit.geometry.sampling import Between, engine, require_reading, shape_of
from imgkit.images import AnyImage, is_tensor, require_image
from imgkit.images.pointwise import library

FAR = 1e9  # pixels


@dataclass(frozen=True, eq=False)
class Rig:
    """Two cameras that are fixed to each other."""

    left: Camera
    right: Camera
    pose: Poses
    "(3, 4), ``[R | t]``: from (row, column, depth) at the left camera to those at the right one"
    rms: float = float("nan")
    "of a calibration: root mean square distance in pixels of corners found and predicted"

    def __post_init__(self) -> None:
        for name in ("left", "right"):
            _require_camera(getattr(self, name), name)
        pose = as_pose(self.pose)
        if not pose[:, 3].any():
            raise ValueError("pose has the cameras in one place: there is no depth to be seen")
        object.__setattr__(self, "pose", pose)

    @property
    def baseline(self) -> float:
        """The distance of the cameras, in the unit of ``square``."""
        return float(np.linalg.norm(self.pose[:, 3]))


class Rectified(NamedTuple, Generic[AnyImage]):
    """Two images in which a place is seen on the same row."""

    left: AnyImage
    right: AnyImage
    camera: Camera
    "the pinhole that either image is now of"
    baseline: float
    "distance of the cameras"

    @property
    def focal(self) -> float:
        """Focal length in pixels, for :func:`depth`."""
        return self.camera.focal[1]


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def undistort(
    image: AnyImage,
    camera: Camera,
    *,
    method: Between = "linear",
    mode: Mode = "constant",
    cval: float = 0.0,
) -> AnyImage:
    """An image without what the lens did to it: straight lines are straight again.

    Each pixel looks along a ray; the image is read where the lens bends that ray to.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); of the camera's shape
    camera : from :func:`calibrate`
    method : "nearest", "linear" or "cubic", see :func:`warp_affine`
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same kind, shape and dtype: as ``Camera(camera.matrix, camera.shape)`` would have taken it.

    Raises
    ------
    ValueError
        If the image has another shape than the camera's, or method, mode or cval make no sense.
    TypeError
        If camera is none, or the image has another dtype.

    Notes
    -----
    As ``cv2.undistort``, whose positions are rounded to 1/32 of a pixel; here they are exact, as in
    :func:`remap`, and kept for the next image of the same camera, which takes half the time. At the
    corners of a wide-angle image, where no ray goes, the formula of the lens may fold the image
    over, as in every other library.

    References
    ----------
    Brown, Close-range camera calibration, Photogrammetric Engineering, 1971. Szeliski, Computer
    Vision, 2nd ed., section 2.1.5.

    Examples
    --------
    >>> bulged = Camera([[9, 0, 4], [0, 9, 4], [0, 0, 1]], (9, 9), (-0.3, 0, 0, 0, 0))
    >>> rings = np.hypot(*(np.indices((9, 9)) - 4.0))
    >>> undistort(rings, bulged)[4].round(2)
    array([3.76, 2.9 , 1.97, 1.  , 0.  , 1.  , 1.97, 2.9 , 3.76])
    """
    require_image(image, tensor=True)
    _require_camera(camera, "camera")
    _require_size(image, camera, "image")
    return _seen(image, camera, np.eye(3), camera.matrix, method, mode, cval)


@routine(float32=2e-4, float64=1e-11, uint8=0.55)
def rectify(
    left: AnyImage,
    right: AnyImage,
    rig: Rig,
    *,
    method: Between = "linear",
    mode: Mode = "constant",
    cval: float = 0.0,
) -> Rectified[AnyImage]:
    """Two images as if both cameras looked the same way, at right angles to the line between them.

    Then what is on a row of one image is on that row of the other, and farther left in the right
    one by ``focal * baseline / depth`` columns. The lenses are undone as well.

    Parameters
    ----------
    left, right : arrays (H, W) or (H, W, C), or tensors (..., H, W); of the cameras' shape
    rig : from :func:`calibrate_stereo`
    method : "nearest", "linear" or "cubic", see :func:`warp_affine`
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Rectified : ``left`` and ``right``, same kind, shape and dtype, the ``camera`` that either is
        now of, the ``baseline``, and ``focal``.

    Raises
    ------
    ValueError
        If images and cameras differ in shape, the right camera is not to the right, or an option
        makes no sense.
    TypeError
        If rig is none, or an image has another dtype.

    Notes
    -----
    Both cameras turn so that their rows follow the baseline and they look between where they looked
    before. The focal length is the mean of the four; the principal point is placed so that what was
    in the middle of the two images is, on average, in the middle again. It is the same for both, so
    far away the disparity is 0. ``cv2.stereoRectify`` does about the same.

    References
    ----------
    Fusiello, Trucco and Verri, A compact algorithm for rectification of stereo pairs, Machine
    Vision and Applications, 2000. Szeliski, Computer Vision, 2nd ed., section 12.1.1.

    Examples
    --------
    >>> camera = Camera([[50, 0, 20], [0, 50, 30], [0, 0, 1]], (40, 60))
    >>> pose = [[1, 0, 0, 0], [0, 1, 0, -0.5], [0, 0, 1, 0]]  # the right one is 0.5 to the right
    >>> image = np.random.default_rng(0).random((40, 60))
    >>> pair = rectify(image, image, Rig(camera, camera, pose))
    >>> pair.focal, pair.baseline, pair.camera.centre
    (50.0, 0.5, (20.0, 30.0))
    """
    if not isinstance(rig, Rig):
        raise TypeError(f"rig must be a Rig, as calibrate_stereo gives, got {rig!r}")
    for name, image, camera in (("left", left, rig.left), ("right", right, rig.right)):
        require_image(image, name, tensor=True)
        _require_size(image, camera, name)
    turns = rectifying_turns(rig.pose)
    camera = _between(rig, turns)
    left, right = (
        _seen(image, own, turn, camera.matrix, method, mode, cval)
        for image, own, turn in zip((left, right), (rig.left, rig.right), turns, strict=True)
    )
    return Rectified(left, right, camera, rig.baseline)


def calibrate_stereo(
    left: Sequence[npt.ArrayLike],
    right: Sequence[npt.ArrayLike],
    corners: tuple[int, int],
    *,
    shape: tuple[int, int],
    square: float = 1.0,
    radial: int = 2,
    tangential: bool = True,
) -> Rig:
    """Two cameras, and how one stands to the other, from a checkerboard that both saw.

    Each camera is calibrated by its own views; then the one pose between them is sought with which
    the corners of all pairs of views fall best, in least squares, where they were found.

    Parameters
    ----------
    left, right : for each view the corners, (rows * columns, 2), as :func:`find_checkerboard` gives
        them; both lists in the same order, the two of a pair taken at the same moment
    corners : (rows, columns) of the board
    shape : (rows, columns) of the images
    square : side of a square, in the unit that the baseline and depths are to have
    radial, tangential : which distortion is fitted, see :func:`calibrate`

    Returns
    -------
    Rig

    Raises
    ------
    TypeError, ValueError
        As :func:`calibrate`, and if there are other views of the left camera than of the right.

    Notes
    -----
    By OpenCV, turned to (row, column). A board that is counted from another corner in one of the
    images spoils the pose; where rows and columns are not one odd and one even, see that it is held
    upright.

    References
    ----------
    As :func:`calibrate`.
    """
    size = require_corners(corners)
    views = as_views(left, size, "left"), as_views(right, size, "right")
    if len(views[0]) != len(views[1]):
        raise ValueError(
            f"left has {len(views[0])} views and right {len(views[1])}: leave out, on both sides, "
            "the pairs in which one of the boards was not found"
        )
    options = {"shape": shape, "square": square, "radial": radial, "tangential": tangential}
    cameras = [calibrate(seen, size, **options) for seen in views]
    known = [part for c in cameras for part in (swapped(c.matrix), c.distortion.copy())]
    rms, *_, turn, shift, _, _ = cv2.stereoCalibrate(
        [board(size, square)] * len(views[0]),
        *([for_opencv(view) for view in seen] for seen in views),
        *known,
        cameras[0].shape[::-1],
        flags=cv2.CALIB_FIX_INTRINSIC,
        criteria=ENOUGH,
    )
    return Rig(*cameras, as_kit(turn, shift), rms)


def rectifying_turns(pose: Poses) -> tuple[Matrix, Matrix]:
    """The rotations from each camera to the common one: its axes, in the camera's own places."""
    between, shift = pose[:, :3], pose[:, 3]
    place = -between.T @ shift  # of the right camera, as the left one sees it
    right = place / np.linalg.norm(place)
    if right[1] < 0.5:
        raise ValueError(
            f"the right camera is at (row, column, depth) {place.round(3).tolist()} of the left "
            "one; it has to be to the right: exchange the images, or turn them"
        )
    looks = np.array([0, 0, 1.0]) + between[2]  # of both, added up
    ahead = looks - (looks @ right) * right
    ahead /= np.linalg.norm(ahead)
    turn = np.array([np.cross(right, ahead), right, ahead])
    return turn, turn @ between.T


def _between(rig: Rig, turns: tuple[Matrix, Matrix]) -> Camera:
    """The common camera: the middles of the old images come, on average, to its middle."""
    shape = rig.left.shape
    if rig.right.shape != shape:
        raise ValueError(
            f"the cameras have images of {shape} and {rig.right.shape}; they have to be of one size"
        )
    focal = np.mean([rig.left.focal, rig.right.focal])
    middle, seen = np.subtract(shape, 1) / 2, []
    for camera, turn in zip((rig.left, rig.right), turns, strict=True):
        ray = turn @ np.append(camera.rays(middle[None])[0], 1)
        seen.append(focal * ray[:2] / ray[2])
    row, column = middle - np.mean(seen, axis=0)
    return Camera([[focal, 0, row], [0, focal, column], [0, 0, 1]], shape)


def _seen(
    image: AnyImage,
    camera: Camera,
    turn: Matrix,
    matrix: Matrix,
    method: Between,
    mode: Mode,
    cval: float,
) -> AnyImage:
    """What a turned pinhole with this matrix would have seen instead of the camera."""
    require_reading(method, mode)
    exact = is_tensor(image) or image.dtype == np.float64
    places = _places(camera, turn.tobytes(), matrix.tobytes(), exact)
    if is_tensor(image):
        places = [library(image).tensor(place, device=image.device) for place in places]
    return engine(image).remap(image, *places, method, mode, cval)


@lru_cache(maxsize=4)  # the frames of a film, or of two, come from the same places
def _places(
    camera: Camera, turn: bytes, matrix: bytes, exact: bool
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """Where in the camera's image each pixel of the new one is; arrays as bytes, to look them up.

    What is not exact is float32, as positions are where images of float32 are read.
    """
    turn, matrix = (np.frombuffer(each).reshape(3, 3) for each in (turn, matrix))
    if exact:
        places = _map(camera, turn, matrix)
    else:
        lens = swapped(camera.matrix), camera.distortion, swapped(turn), swapped(matrix)
        places = cv2.initUndistortRectifyMap(*lens, camera.shape[::-1], cv2.CV_32FC1)[::-1]
    for place in places:  # what a strange lens bends to nowhere is far outside
        np.nan_to_num(place, copy=False, nan=-FAR, posinf=FAR, neginf=-FAR)
        place.flags.writeable = False
    return places


def _map(camera: Camera, turn: Matrix, matrix: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Where in the camera's image each pixel of the new one is."""
    rows, columns = np.indices(camera.shape, np.float64)
    back = turn.T @ np.linalg.inv(matrix)
    down, right, ahead = (line[0] * rows + line[1] * columns + line[2] for line in back)
    (f, g), (row, column) = camera.focal, camera.centre
    with np.errstate(all="ignore"):  # what cannot be computed is put outside
        bent = camera.bend(np.stack([down / ahead, right / ahead], axis=-1))
        return f * bent[..., 0] + row, g * bent[..., 1] + column


def _require_camera(camera: object, name: str) -> None:
    if not isinstance(camera, Camera):
        raise TypeError(f"{name} must be a Camera, as calibrate gives, got {camera!r}")


def _require_size(image: AnyImage, camera: Camera, name: str) -> None:
    if shape_of(image) != camera.shape:
        h, w = shape_of(image)
        raise ValueError(
            f"{name} is {h} by {w} pixels, and its camera was calibrated at {camera.shape[0]} by "
            f"{camera.shape[1]}: resize the image, or calibrate at its size"
        )
