"""Clusters of colours."""

import cv2
import numpy as np

from benchmarks.routines.case import KINDS, Case
from imgkit import segmentation


def _in_colors(call):
    """The picture in the colours that were found."""

    def picture(x: np.ndarray) -> np.ndarray:
        labels, colors = call(x)
        return colors[labels]

    return picture


def _squared_error(call):
    """How far pixels are from their colour: the mean squared error, of fractions of full scale."""

    def error(x: np.ndarray) -> float:
        labels, colors = call(x)
        white = 255 if x.dtype == np.uint8 else 1
        return cv2.norm(x, colors[labels], cv2.NORM_L2SQR) / x.size / white**2

    return error


def _opencv(x: np.ndarray, attempts: int = 3) -> tuple[np.ndarray, np.ndarray]:
    pixels = x.reshape(-1, 1 if x.ndim == 2 else 3).astype(np.float32)
    cv2.setRNGSeed(0)
    step = 1e-4 * (255 if x.dtype == np.uint8 else 1)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, step)
    _, labels, colors = cv2.kmeans(pixels, 8, None, stop, attempts, cv2.KMEANS_PP_CENTERS)
    colors = colors if x.ndim == 3 else colors[:, 0]
    return labels.reshape(x.shape[:2]), colors.astype(x.dtype)


def _ours(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return segmentation.kmeans(x, k=8)


CASES = [
    Case(
        "segmentation.kmeans",
        "8 colours",
        ours=_in_colors(_ours),
        kinds=("color uint8",),
        tensor=False,
    ),
    Case(
        "segmentation.kmeans",
        "8 colours, squared error",
        ours=_squared_error(_ours),
        same={"opencv": _squared_error(_opencv)},
        reference=lambda x: _squared_error(lambda y: _opencv(y, attempts=5))(x.astype(np.float32)),
        kinds=(KINDS[3], KINDS[2], KINDS[0]),
        tensor=False,
        goals=(("imgkit", "opencv", 10),),
        note="the error shown is how far the mean squared error is from that of OpenCV's best of "
        "five; it is about 0.004 here in colour",
    ),
    Case(
        "segmentation.mean_shift",
        "0.1",
        ours=_in_colors(segmentation.mean_shift),
        like={"opencv": lambda x: cv2.pyrMeanShiftFiltering(x, 10, 25)},
        kinds=("color uint8",),
        tensor=False,
        note="OpenCV's filters in space and colour, uint8 only",
    ),
]
