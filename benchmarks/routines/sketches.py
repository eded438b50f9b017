"""What was found, drawn on the photograph: for the pictures of the catalogue."""

from __future__ import annotations

import cv2
import numpy as np

from imgkit import images

ORANGE = (230, 159, 0)
SCALE = 3  # pixels of a drawing for one of the photograph, so that lines are fine


def points_on(image: np.ndarray, points: np.ndarray, radii: float | np.ndarray = 2) -> np.ndarray:
    """A ring around each (row, column)."""
    canvas = _enlarged(image)
    for (row, column), radius in zip(points, np.broadcast_to(radii, len(points)), strict=True):
        cv2.circle(canvas, _xy(row, column), max(1, round(SCALE * radius)), ORANGE, 2, cv2.LINE_AA)
    return canvas


def boxes_on(image: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The outline of each (row0, column0, row1, column1)."""
    canvas = _enlarged(image)
    for row0, column0, row1, column1 in boxes:
        cv2.rectangle(canvas, _xy(row0, column0), _xy(row1, column1), ORANGE, 2)
    return canvas


def lines_on(image: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """A line between each pair of ends, (N, 2, 2)."""
    canvas = _enlarged(image)
    for first, last in ends:
        cv2.line(canvas, _xy(*first), _xy(*last), ORANGE, 2, cv2.LINE_AA)
    return canvas


def _enlarged(image: np.ndarray) -> np.ndarray:
    pixels = np.uint8(255) * image.astype(np.uint8) if image.dtype == bool else image
    pixels = images.as_uint8(pixels)
    pixels = np.dstack([pixels] * 3) if pixels.ndim == 2 else pixels
    return cv2.resize(pixels, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)


def _xy(row: float, column: float) -> tuple[int, int]:
    """OpenCV's order, at the pixel's middle in the enlarged picture."""
    return round(SCALE * (float(column) + 0.5)), round(SCALE * (float(row) + 0.5))
