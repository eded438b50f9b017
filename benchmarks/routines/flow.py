"""Optical flow, and its picture."""

import cv2
import numpy as np
import skimage.registration

from benchmarks.routines.case import Case
from benchmarks.routines.sketches import points_on
from imgkit import geometry, images

GRAY = ("gray uint8", "gray float32")
ENDS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-3)


def _frames(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A photograph, 2 rows down and 3 columns to the right."""
    return np.ascontiguousarray(photo[2:, 3:]), np.ascontiguousarray(photo[:-2, :-3])


def _frames_and_points(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[8 : photo.shape[0] - 8 : 16, 8 : photo.shape[1] - 8 : 16]
    return *_frames(photo), np.column_stack([rows.ravel(), columns.ravel()])


def _tracked(first: np.ndarray, second: np.ndarray, points: np.ndarray) -> np.ndarray:
    found = geometry.lucas_kanade(first, second, points, check=None)
    return np.nan_to_num(found.points, nan=-1)


def _by_lucas_kanade(first: np.ndarray, second: np.ndarray, points: np.ndarray) -> np.ndarray:
    start = np.float32(points[:, None, ::-1]).copy()
    pair = images.as_uint8(first), images.as_uint8(second)
    goal, status, _ = cv2.calcOpticalFlowPyrLK(*pair, start, None, criteria=ENDS)
    goal = goal.reshape(-1, 2)[:, ::-1]
    inside = ((goal >= 0) & (goal <= np.subtract(first.shape, 1))).all(axis=1)
    return np.where((inside & (status.ravel() > 0))[:, None], goal, -1)


def _by_dis(first: np.ndarray, second: np.ndarray, finest: int | None = 0) -> np.ndarray:
    finder = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    if finest is not None:
        finder.setFinestScale(finest)
    return finder.calc(images.as_uint8(first), images.as_uint8(second), None)[..., ::-1]


def _by_farneback(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    pair = images.as_uint8(first), images.as_uint8(second)
    return cv2.calcOpticalFlowFarneback(*pair, None, 0.5, 5, 15, 3, 5, 1.2, 0)[..., ::-1]


def _by_scikit_image(method):
    return lambda x, y: np.stack(method(images.as_float(x), images.as_float(y)), axis=-1)


def _flow(photo: np.ndarray) -> tuple[np.ndarray]:
    """The slopes of a photograph are a flow as good as any."""
    return (np.stack(np.gradient(images.as_float(photo)), axis=-1),)


def _wheel64(flow: np.ndarray) -> np.ndarray:
    """Baker et al., by linear interpolation along the wheel."""
    knots = np.cumsum((0, 15, 6, 4, 11, 13, 6))
    pure = np.array([(1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1), (1, 0, 1), (1, 0, 0)])
    place = (np.arctan2(-flow[..., 0], -flow[..., 1]) / np.pi + 1) / 2 * 54
    hue = np.stack([np.interp(place, knots, channel) for channel in pure.T], axis=-1)
    speed = np.hypot(flow[..., 0], flow[..., 1])[..., None]
    return 1 - speed / max(speed.max(), 1e-300) * (1 - hue)


def _by_torchvision(x):
    from torchvision.utils import flow_to_image

    return flow_to_image(x.flip(0))


CASES = [
    Case(
        "geometry.lucas_kanade",
        "without a check",
        ours=_tracked,
        show=lambda points, first, *_: points_on(first, points),
        same={"opencv": _by_lucas_kanade},
        reference=_by_lucas_kanade,
        prepare=_frames_and_points,
        kinds=GRAY,
        tensor=False,
        note="OpenCV does the work. The check, which the routine makes unless told otherwise, "
        "tracks all points back: twice the time. Lost points are written as -1",
    ),
    Case(
        "geometry.dense_flow",
        ours=geometry.dense_flow,
        show=lambda flow, *_: geometry.flow_picture(flow),
        same={"opencv": _by_dis},
        like={
            "opencv default": lambda x, y: _by_dis(x, y, None),
            "opencv Farneback": _by_farneback,
            "scikit-image ILK": _by_scikit_image(skimage.registration.optical_flow_ilk),
            "scikit-image TV-L1": _by_scikit_image(skimage.registration.optical_flow_tvl1),
        },
        reference=_by_dis,
        prepare=_frames,
        kinds=GRAY,
        size=512,
        tensor=False,
        note="OpenCV does the work, on the finest level",
    ),
    Case(
        "geometry.flow_picture",
        ours=geometry.flow_picture,
        like={"torchvision": _by_torchvision},
        reference=_wheel64,
        prepare=_flow,
        kinds=("gray float32",),
        tensor=False,
        note="torchvision's picture is of bytes, cut off to whole levels twice",
    ),
]
