"""Lines, segments, circles and ellipses in a mask of edges."""

import cv2
import numpy as np
import skimage.transform

from benchmarks.routines.case import MASKS, Case
from benchmarks.routines.sketches import lines_on, points_on
from imgkit import features

GRAY = ("gray uint8",)
FASTER = ("imgkit", "scikit-image")
RADII = range(20, 60, 5)


def _edges(photo: np.ndarray) -> tuple[np.ndarray]:
    return (features.canny(photo, sigma=2, low=0.03, high=0.06),)


def _drawn(photo: np.ndarray) -> tuple[np.ndarray]:
    """An ellipse that fills the picture."""
    n = photo.shape[0]
    picture = np.zeros((n, n), np.uint8)
    cv2.ellipse(picture, (n // 2, n // 3), (n // 3, n // 5), 20, 0, 360, 1)
    return (picture > 0,)


def _votes(lines: features.Lines) -> np.ndarray:
    return np.stack([lines.angles, lines.distances, lines.votes], axis=1)


def _scikit_lines(mask: np.ndarray) -> np.ndarray:
    angles = np.linspace(-np.pi / 2, np.pi / 2, 180, endpoint=False)
    table = skimage.transform.hough_line(mask, angles)
    return np.stack(skimage.transform.hough_line_peaks(*table, min_distance=10, min_angle=10))


def _scikit_circles(mask: np.ndarray) -> np.ndarray:
    tables = skimage.transform.hough_circle(mask, RADII)
    return np.stack(
        skimage.transform.hough_circle_peaks(
            tables, RADII, min_xdistance=10, min_ydistance=10, threshold=0.4
        )
    )


def _circles(mask: np.ndarray) -> np.ndarray:
    found = features.hough_circles(mask, radii=RADII)
    return np.column_stack([found.centres, found.radii, found.support])


def _ellipse(found: features.Ellipses) -> np.ndarray:
    return np.column_stack([found.centres, found.axes, found.angles])


def _scikit_ellipse(mask: np.ndarray) -> np.ndarray:
    found = skimage.transform.hough_ellipse(mask, threshold=4, min_size=10)
    found.sort(order="accumulator")
    return np.array(list(found[-1])[1:6])


CASES = [
    Case(
        "features.hough_lines",
        ours=lambda m: _votes(features.hough_lines(m)),
        show=lambda rows, m: lines_on(m, features.hough_lines(m, count=12).ends(m.shape)),
        like={
            "scikit-image": _scikit_lines,
            "opencv": lambda m: cv2.HoughLines(m.view(np.uint8), 1, np.pi / 180, 200),
        },
        prepare=_edges,
        kinds=GRAY,
        takes=MASKS,
        tensor=False,
        note="OpenCV hands over all local maxima, many for each line",
    ),
    Case(
        "features.hough_segments",
        ours=features.hough_segments,
        show=lambda ends, mask: lines_on(mask, ends),
        like={
            "scikit-image": lambda m: skimage.transform.probabilistic_hough_line(
                m, threshold=20, line_length=30, line_gap=3, rng=0
            ),
            "opencv": lambda m: cv2.HoughLinesP(
                m.view(np.uint8), 1, np.pi / 180, 20, minLineLength=30, maxLineGap=3
            ),
        },
        prepare=_edges,
        kinds=GRAY,
        takes=MASKS,
        tensor=False,
        note="fitting and following each segment once more takes OpenCV's time again and more; of "
        "segments drawn at random it then finds both ends of over 90 %, where the others have half",
    ),
    Case(
        "features.hough_circles",
        f"{len(RADII)} radii",
        ours=_circles,
        show=lambda rows, mask: points_on(mask, rows[:, :2], rows[:, 2]),
        like={"scikit-image": _scikit_circles},
        prepare=_edges,
        kinds=GRAY,
        takes=MASKS,
        tensor=False,
        goals=((*FASTER, 2),),
        note="scikit-image counts on a thinner circle; OpenCV's takes an image, along its slopes",
    ),
    Case(
        "features.hough_ellipses",
        "one, in 120 x 120",
        ours=lambda m: _ellipse(features.hough_ellipses(m, count=1)),
        show=lambda rows, mask: points_on(mask, rows[:, :2]),
        like={"scikit-image": _scikit_ellipse},
        prepare=_drawn,
        kinds=GRAY,
        size=120,
        takes=MASKS,
        tensor=False,
        goals=((*FASTER, 5),),
        note="its time grows with the third power of the number of pixels, ours hardly at all",
    ),
]
