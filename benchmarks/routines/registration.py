"""One image brought over another."""

import cv2
import numpy as np
import skimage.registration
from scipy import ndimage
from scipy.optimize import minimize

from benchmarks.routines.case import Case
from imgkit import geometry

SHIFT = (3, -5)  # whole pixels of what both were cut from, half the size they have
GRAY = ("gray float32", "gray uint8")


def _pair(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two windows of a photograph, so far apart, the second darker."""
    edge = 8
    wide = np.pad(photo, edge, mode="reflect")
    h, w = photo.shape
    row, column = (edge - n for n in SHIFT)
    dark = wide[row : row + h, column : column + w] * 0.8
    return photo, np.rint(dark).astype(photo.dtype) if photo.dtype == np.uint8 else dark


def summit_of_waves(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The highest point of the sum of waves of phase 1."""
    f, g = (np.fft.fft2(x - x.mean()) for x in (image, reference))
    phases = g * f.conj()
    strength = np.abs(phases)
    waves = np.where(strength > 1e-24 * strength.max(), phases / np.maximum(strength, 1e-300), 0)
    rows, columns = (2 * np.pi * np.fft.fftfreq(n) for n in image.shape)
    correlation = np.fft.ifft2(waves).real
    place = np.unravel_index(correlation.argmax(), image.shape)
    start = [p - n if p > (n - 1) // 2 else p for p, n in zip(place, image.shape, strict=True)]

    def turned(frequencies: np.ndarray, shift: float) -> np.ndarray:
        turns, n = np.exp(1j * shift * frequencies), len(frequencies)
        if n % 2 == 0:  # the wave of two pixels goes both ways
            turns[n // 2] = turns[n // 2].real
        return turns

    def depth(shift: np.ndarray) -> float:
        return -(turned(rows, shift[0]) @ waves @ turned(columns, shift[1])).real

    options = {"xatol": 1e-7, "fatol": 1e-9 * abs(depth(start))}
    return minimize(depth, start, method="Nelder-Mead", options=options).x


def _phases(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    return skimage.registration.phase_cross_correlation(reference, image, upsample_factor=100)[0]


def _opencv_phases(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    (x, y), _ = cv2.phaseCorrelate(image.astype(np.float64), reference.astype(np.float64))
    return np.array([y, x])


def _opencv_ecc(image: np.ndarray, reference: np.ndarray, motion: int) -> np.ndarray:
    start = np.eye(3 if motion == cv2.MOTION_HOMOGRAPHY else 2, 3, dtype=np.float32)
    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-6)
    _, found = cv2.findTransformECC(reference, image, start, motion, ends, None, 5)
    whole = np.eye(3)
    whole[: len(found)] = found
    return np.linalg.inv(whole)[[1, 0, 2]][:, [1, 0, 2]]


def _best_correlation(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The shift at which the smoothed images correlate most, where both are seen."""
    x, y = (cv2.GaussianBlur(z.astype(np.float64), (5, 5), 0) for z in (image, reference))
    seen = np.ones(x.shape)

    def distance(shift: np.ndarray) -> float:
        moved = ndimage.shift(x, shift, order=1)
        inside = ndimage.shift(seen, shift, order=0) > 0.5
        return -np.corrcoef(moved[inside], y[inside])[0, 1]

    options = {"xatol": 1e-4, "fatol": 1e-9}
    found = minimize(distance, SHIFT, method="Nelder-Mead", options=options)
    matrix = np.eye(3)
    matrix[:2, 2] = found.x
    return matrix


CASES = [
    Case(
        "geometry.phase_correlation",
        ours=lambda x, y: geometry.phase_correlation(x, y, window=False, sigma=0).shift,
        same={"scikit-image": _phases},
        like={"opencv": _opencv_phases},
        reference=summit_of_waves,
        prepare=_pair,
        kinds=GRAY,
        tensor=False,
        note="without window and smoothing, as scikit-image; it looks on a grid of 1/100 pixel, "
        "imgkit goes to the summit; OpenCV takes a centroid of pixels",
    ),
    Case(
        "geometry.phase_correlation",
        "window, sigma 1",
        ours=lambda x, y: geometry.phase_correlation(x, y).shift,
        like={"scikit-image": _phases, "opencv": _opencv_phases},
        prepare=_pair,
        kinds=GRAY,
        tensor=False,
    ),
    Case(
        "geometry.ecc",
        "translation",
        ours=lambda x, y: geometry.ecc(x, y, model="translation"),
        same={"opencv": lambda x, y: _opencv_ecc(x, y, cv2.MOTION_TRANSLATION)},
        reference=_best_correlation,
        prepare=_pair,
        kinds=GRAY,
        tensor=False,
    ),
    Case(
        "geometry.ecc",
        "homography",
        ours=lambda x, y: geometry.ecc(x, y, model="homography"),
        same={"opencv": lambda x, y: _opencv_ecc(x, y, cv2.MOTION_HOMOGRAPHY)},
        prepare=_pair,
        kinds=GRAY,
        tensor=False,
        note="OpenCV has no pyramid, so all its steps are on the whole image",
    ),
]
