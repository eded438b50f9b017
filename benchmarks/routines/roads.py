"""The road from above, and lines in it."""

import cv2
import kornia
import numpy as np
import scipy.ndimage
import skimage.transform
import torch

from benchmarks.routines.case import MASKS, Case
from benchmarks.routines.sketches import lines_on
from imgkit import geometry


def _side(image: object) -> int:
    """Of a square photograph, whichever way its channels stand; of what is none, any."""
    return max(*getattr(image, "shape", ()), 8, 8)


def _corners(side: int) -> np.ndarray:
    """Of a road that fills the lower half of a picture; all within it."""
    n = side - 1
    return n * np.array([(0.5, 0.4), (0.5, 0.6), (0.9, 0.95), (0.9, 0)])


def _size(side: int) -> tuple[int, int]:
    return side, side // 2


def _ours(image: np.ndarray) -> np.ndarray:
    side = _side(image)
    return geometry.birds_eye(image, _corners(side), _size(side))


def _matrix(side: int) -> np.ndarray:
    """For (x, y)."""
    rows, columns = _size(side)
    ends = [(0, 0), (columns - 1, 0), (columns - 1, rows - 1), (0, rows - 1)]
    return cv2.getPerspectiveTransform(np.float32(_corners(side)[:, ::-1]), np.float32(ends))


def _opencv(image: np.ndarray) -> np.ndarray:
    return cv2.warpPerspective(image, _matrix(len(image)), _size(len(image))[::-1])


def _skimage(image: np.ndarray) -> np.ndarray:
    back = np.linalg.inv(_matrix(len(image)))
    return skimage.transform.warp(image, back, output_shape=_size(len(image)))


def _kornia(image: torch.Tensor) -> torch.Tensor:
    side = image.shape[-1]
    matrix = torch.as_tensor(_matrix(side), dtype=image.dtype)[None]
    return kornia.geometry.warp_perspective(image, matrix, _size(side))


def _definition(image: np.ndarray) -> np.ndarray:
    rows, columns = _size(len(image))
    ends = [(0, 0), (0, columns - 1), (rows - 1, columns - 1), (rows - 1, 0)]
    back = geometry.homography(ends, _corners(len(image)))
    places = np.moveaxis(np.indices((rows, columns)), 0, -1).reshape(-1, 2)
    where = geometry.transform_points(places, back).T.reshape(2, rows, columns)
    planes = np.moveaxis(np.atleast_3d(image), 2, 0)
    read = [scipy.ndimage.map_coordinates(p, where, order=1, mode="mirror") for p in planes]
    return np.moveaxis(np.array(read), 0, -1).reshape(rows, columns, *image.shape[2:])


def _lines(photo: np.ndarray) -> tuple[np.ndarray]:
    """Two lines, straight and upright, one dashed, and specks that are no lines."""
    h, w = photo.shape[:2]
    mask = np.zeros((h, w), bool)
    mask[:, w // 4 - 1 : w // 4 + 2] = True
    mask[np.arange(h) % 12 < 5, 3 * w // 4 - 1 : 3 * w // 4 + 2] = True
    rng = np.random.default_rng(0)
    mask[rng.integers(0, h, h // 4), rng.integers(2 * w // 5, 3 * w // 5, h // 4)] = True
    return (mask,)


def _found(mask: np.ndarray) -> np.ndarray:
    lines = geometry.fit_lane(mask, width=3)
    return np.array([line.columns([0, mask.shape[0] - 1]) for line in lines])


CASES = [
    Case(
        "geometry.birds_eye",
        ours=_ours,
        same={"opencv": _opencv, "scikit-image": _skimage, "kornia": _kornia},
        reference=_definition,
        note="what it takes beside OpenCV is the gate and what geometry.warp_perspective does "
        "besides; on grey floats scikit-image, too, is compiled",
    ),
    Case(
        "geometry.fit_lane",
        ours=_found,
        show=lambda columns, mask: lines_on(
            mask, [[(0, first), (len(mask) - 1, last)] for first, last in columns]
        ),
        reference=lambda mask: np.repeat(mask.shape[1] * np.array([[0.25], [0.75]]), 2, axis=1),
        prepare=_lines,
        kinds=("gray uint8",),
        takes=MASKS,
        tensor=False,
        note="no peer has it; the error is that of the lines' columns where they begin and end",
    ),
]
