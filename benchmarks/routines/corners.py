"""Corners: responses, their peaks, and fractions of a pixel."""

import cv2
import kornia
import numpy as np
import skimage.feature
from scipy import ndimage

from benchmarks.routines.case import KINDS, Case
from benchmarks.routines.sketches import points_on
from imgkit import features

GRAYS = KINDS[:2]
FASTER = ("imgkit", "scikit-image")
BOX = "OpenCV's and kornia's windows are no Gaussians, and scales differ"


def _structure64(x: np.ndarray) -> list[np.ndarray]:
    rows, columns = (ndimage.sobel(x, axis, mode="mirror") / 8 for axis in (0, 1))
    products = rows * rows, rows * columns, columns * columns
    return [ndimage.gaussian_filter(product, 1, mode="mirror") for product in products]


def _harris64(x: np.ndarray) -> np.ndarray:
    a, b, c = _structure64(x)
    return a * c - b * b - 0.05 * (a + c) ** 2


def _shi_tomasi64(x: np.ndarray) -> np.ndarray:
    a, b, c = _structure64(x)
    return (a + c) / 2 - np.hypot((a - c) / 2, b)


def _response(photo: np.ndarray) -> tuple[np.ndarray]:
    """A response with ties in the usual kinds of an image."""
    if photo.dtype == np.uint8:
        return (cv2.GaussianBlur(photo, (9, 9), 1.5),)
    response = features.harris(photo)
    return (response / response.max(),)


def _peaks64(x: np.ndarray, distance: int) -> np.ndarray:
    """From the highest down, in reading order: a peak's window is closed to all others."""
    tops = (x == ndimage.maximum_filter(x, 2 * distance + 1, mode="nearest")) & (x > 0)
    points = np.argwhere(tops)
    points = points[np.argsort(-x[tops], kind="stable")]
    kept: list[np.ndarray] = []
    for point in points:
        if not kept or (np.abs(np.array(kept) - point).max(axis=1) > distance).all():
            kept.append(point)
    return np.array(kept)


def _fast64(x: np.ndarray, threshold: float, n: int) -> np.ndarray:
    x = np.rint(255 * x)
    circle = [(-3, 0), (-3, 1), (-2, 2), (-1, 3), (0, 3), (1, 3), (2, 2), (3, 1)]
    circle += [(-i, -j) for i, j in circle]
    (h, w), strength = x.shape, np.zeros(x.shape)
    around = np.stack([x[3 + i : h - 3 + i, 3 + j : w - 3 + j] for i, j in circle])
    around = np.concatenate([around, around]) - x[3:-3, 3:-3]
    arcs = [around[s : s + n] for s in range(16)]
    strength[3:-3, 3:-3] = np.max([np.maximum(a.min(0), (-a).min(0)) for a in arcs], axis=0)
    return _peaks64(np.where(strength > 255 * threshold, strength, 0), 1)


def _scikit_fast(x: np.ndarray) -> np.ndarray:
    response = skimage.feature.corner_fast(x, 9, 0.1)
    return skimage.feature.peak_local_max(response, min_distance=1)


def _opencv_fast(x: np.ndarray) -> np.ndarray:
    return cv2.KeyPoint_convert(cv2.FastFeatureDetector_create(25).detect(x))


def _with_corners(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    points = features.peaks(features.shi_tomasi(photo), distance=4)
    inner = ((points >= 8) & (points < np.subtract(photo.shape, 8))).all(axis=1)
    return photo, points[inner][:300]


def _subpixel64(x: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Solve, move the window, until that changes nothing."""
    offsets = np.arange(-6, 7)
    bell = np.exp(-((offsets[1:-1] / 5) ** 2))
    weights, out = np.outer(bell, bell), []
    for start in points.astype(float):
        point = start.copy()
        for _ in range(100):
            grid = np.meshgrid(point[0] + offsets, point[1] + offsets, indexing="ij")
            patch = ndimage.map_coordinates(x, grid, order=1, mode="nearest")
            rows, columns = patch[2:, 1:-1] - patch[:-2, 1:-1], patch[1:-1, 2:] - patch[1:-1, :-2]
            slopes = np.stack([rows.ravel(), columns.ravel()])
            places = np.stack([g[1:-1, 1:-1].ravel() for g in grid])
            matrix = (weights.ravel() * slopes) @ slopes.T
            right = (weights.ravel() * slopes) @ (slopes * places).sum(axis=0)
            before, point = point, np.linalg.solve(matrix, right)
            inside = (point >= 0).all() and (point < x.shape).all()
            if np.hypot(*(point - before)) <= 1e-4 or not inside:
                break
        out.append(start if np.abs(point - start).max() > 5 else point)
    return np.array(out)


def _opencv_subpixel(x: np.ndarray, points: np.ndarray) -> np.ndarray:
    corners = np.ascontiguousarray(points[:, None, ::-1], np.float32)
    return cv2.cornerSubPix(x, corners, (5, 5), (-1, -1), (3, 100, 1e-4))[:, 0, ::-1]


CASES = [
    Case(
        "features.harris",
        ours=features.harris,
        like={
            "scikit-image": lambda x: skimage.feature.corner_harris(x, k=0.05, sigma=1),
            "opencv": lambda x: cv2.cornerHarris(x, 5, 3, 0.05, borderType=cv2.BORDER_REFLECT_101),
            "kornia": lambda x: kornia.feature.harris_response(x, k=0.05),
        },
        reference=_harris64,
        kinds=GRAYS,
        goals=((*FASTER, 5),),
        note=BOX,
    ),
    Case(
        "features.shi_tomasi",
        ours=features.shi_tomasi,
        like={
            "scikit-image": lambda x: skimage.feature.corner_shi_tomasi(x, sigma=1),
            "opencv": lambda x: cv2.cornerMinEigenVal(x, 5, ksize=3),
            "kornia": kornia.feature.gftt_response,
        },
        reference=_shi_tomasi64,
        kinds=GRAYS,
        goals=((*FASTER, 5),),
        note=BOX,
    ),
    Case(
        "features.peaks",
        "distance 5",
        ours=lambda x: features.peaks(x, distance=5),
        show=lambda points, response: points_on((response / response.max()).clip(0), points),
        like={
            "scikit-image": lambda x: skimage.feature.peak_local_max(
                x, min_distance=5, exclude_border=False, threshold_abs=0
            ),
        },
        reference=lambda x: _peaks64(x, 5),
        prepare=_response,
        kinds=GRAYS,
        tensor=False,
        goals=((*FASTER, 5),),
        note="of equals within the distance scikit-image keeps another one",
    ),
    Case(
        "features.fast",
        "9 of 16",
        ours=lambda x: features.fast(x, threshold=0.1),
        show=lambda points, image: points_on(image, points),
        like={"scikit-image": _scikit_fast, "opencv": _opencv_fast},
        reference=lambda x: _fast64(x, 0.1, 9),
        kinds=GRAYS,
        tensor=False,
        goals=((*FASTER, 5),),
        note="OpenCV's drops corners of equal strength side by side, so all of a flat square's; to "
        "keep one of them every pixel needs its strength, not only a yes or no",
    ),
    Case(
        "features.subpixel",
        "of 300 corners",
        ours=features.subpixel,
        show=lambda points, image, _: points_on(image, points),
        same={"opencv": _opencv_subpixel},
        like={"scikit-image": lambda x, p: skimage.feature.corner_subpix(x, p, 11)},
        reference=_subpixel64,
        prepare=_with_corners,
        kinds=GRAYS,
        tensor=False,
        goals=((*FASTER, 5),),
    ),
]
