"""Maps that most pairs of points agree on."""

import cv2
import numpy as np
import skimage.measure
import skimage.transform
from scipy.optimize import least_squares

from benchmarks.routines.case import Case
from imgkit import geometry

SWAP = [1, 0, 2]  # row and column to x and y, and back
TOLERANCE, CONFIDENCE, DRAWS = 3.0, 0.999, 10_000
VIEW = np.array([[0.95, -0.2, 60], [0.25, 1.05, -40], [1e-4, -5e-5, 1]])


def _matches(wrong: float, count: int = 338):
    """Points of a flat scene in two views, half a pixel off, of which some are anywhere."""

    def prepare(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        source = rng.uniform(0, 1000, (count, 2))
        target = geometry.transform_points(source, VIEW) + rng.normal(0, 0.5, (count, 2))
        right = rng.random(count) >= wrong
        target[~right] = rng.uniform(0, 1000, (count - right.sum(), 2))
        return source, target, right

    return prepare


def _opencv(source: np.ndarray, target: np.ndarray, method: int) -> np.ndarray:
    found, _ = cv2.findHomography(
        source[:, ::-1], target[:, ::-1], method, TOLERANCE, None, DRAWS, CONFIDENCE
    )
    return found[SWAP][:, SWAP]


def _skimage(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    model, _ = skimage.measure.ransac(
        (source, target),
        skimage.transform.ProjectiveTransform,
        4,
        TOLERANCE,
        max_trials=DRAWS,
        stop_probability=CONFIDENCE,
        rng=0,
    )
    return model.params / model.params[2, 2]


def _definition(source: np.ndarray, target: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The homography with the least squared distances of the pairs that are right."""
    p, q = source[right], target[right]

    def away(numbers: np.ndarray) -> np.ndarray:
        return (geometry.transform_points(p, np.append(numbers, 1).reshape(3, 3)) - q).ravel()

    start = VIEW.ravel()[:8]
    found = least_squares(away, start, method="lm", x_scale="jac", xtol=1e-15, ftol=1e-15)
    return np.append(found.x, 1).reshape(3, 3)


def _case(wrong: float, goals: tuple = (), more: str = "") -> Case:
    return Case(
        "geometry.ransac",
        f"homography, 338 matches, {wrong:.0%} wrong",
        ours=lambda p, q, _: geometry.ransac("homography", p, q, tolerance=TOLERANCE).matrix,
        like={
            "opencv RANSAC": lambda p, q, _: _opencv(p, q, cv2.RANSAC),
            "opencv MAGSAC": lambda p, q, _: _opencv(p, q, cv2.USAC_MAGSAC),
            "scikit-image": lambda p, q, _: _skimage(p, q),
        },
        reference=_definition,
        prepare=_matches(wrong),
        kinds=("gray float32",),
        takes=("points",),
        tensor=False,
        goals=goals,
        note="the error is that of the matrix beside the best one for the right pairs; the peers "
        "draw other pairs, and end where their own rule says" + more,
    )


GOAL = (("imgkit", "scikit-image", 15),)
CASES = [
    _case(0.5, GOAL),
    _case(0.7, GOAL),
    _case(0.05, more="; with hardly a wrong pair a handful of draws is enough for everyone"),
]
