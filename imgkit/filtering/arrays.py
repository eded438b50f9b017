"""The array engine: what the filters do to NumPy arrays, mostly one or two OpenCV calls.

Each function has its twin of the same name in :mod:`imgkit.filtering.tensors`. Arguments have been
checked: these see images, weights and modes that make sense.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import scipy.fft

from imgkit.filtering.borders import MODES, Mode, Reach, border_value
from imgkit.images import Image

AT_ONCE = 4  # channels that every OpenCV filter and border takes
FOURIER_FROM = 65  # taps of a separable kernel from which a Fourier transform is quicker
Weights = np.ndarray  # float64


def correlate(
    image: Image,
    weights: Weights,
    centre: tuple[int, int],
    *,
    mode: Mode,
    cval: float,
    signed: bool = False,
) -> Image:
    """Sum of products under a kernel (h, w) whose pixel ``centre`` lies on the result's."""
    (h, w), (row, column) = weights.shape, centre
    depth, unit = depth_of(image, signed)
    return run(
        image,
        lambda block, border: cv2.filter2D(
            block, depth, weights * unit, anchor=(column, row), borderType=border
        ),
        reach=((row, h - 1 - row), (column, w - 1 - column)),
        mode=mode,
        cval=cval,
    )


def separable(
    image: Image,
    column: Weights,
    row: Weights,
    centre: tuple[int, int],
    *,
    mode: Mode,
    cval: float,
    signed: bool = False,
) -> Image:
    """Correlate with ``outer(column, row)``, one axis after the other."""
    depth, unit = depth_of(image, signed)
    (h, w), (r, c) = (len(column), len(row)), centre
    reach = (r, h - 1 - r), (c, w - 1 - c)
    if max(h, w) >= FOURIER_FROM and min(image.shape[:2]) >= max(h, w) // 2:
        return _fourier(image, column, row * unit, reach, mode, cval, signed)
    return run(
        image,
        lambda block, border: cv2.sepFilter2D(
            block, depth, row * unit, column, anchor=(c, r), borderType=border
        ),
        reach=reach,
        mode=mode,
        cval=cval,
    )


def _fourier(
    image: Image, column: Weights, row: Weights, reach: Reach, mode: Mode, cval: float, signed: bool
) -> Image:
    """The same by the convolution theorem: border, transform, multiply, transform back, crop."""
    value = border_value(image, mode, cval)
    precision = np.float64 if image.dtype == np.float64 else np.float32
    (top, bottom), (left, right) = reach
    shape = image.shape[0] + top + bottom, image.shape[1] + left + right
    shape = tuple(scipy.fft.next_fast_len(n, real=True) for n in shape)
    workers = cv2.getNumThreads()  # one knob for all that runs in parallel
    transfer = np.outer(
        scipy.fft.fft(column[::-1], shape[0]), scipy.fft.rfft(row[::-1], shape[1])
    ).astype(np.result_type(precision, np.complex64))
    out = np.empty(image.shape, precision)
    planes = image[..., None] if image.ndim == 2 else image
    for c in range(planes.shape[2]):
        plane = planes[..., c].astype(precision)
        wide = cv2.copyMakeBorder(plane, top, bottom, left, right, MODES[mode], value=value)
        spectrum = scipy.fft.rfft2(wide, shape, workers=workers)
        spectrum *= transfer
        back = scipy.fft.irfft2(spectrum, shape, workers=workers, overwrite_x=True)
        first = top + bottom, left + right  # a full convolution starts that much later
        valid = back[first[0] :, first[1] :][: image.shape[0], : image.shape[1]]
        out.reshape(planes.shape)[..., c] = valid
    if image.dtype == np.uint8 and not signed:
        return np.clip(np.rint(out, out=out), 0, 255, out=out).astype(np.uint8)
    return out


def box(image: Image, size: tuple[int, int], reach: Reach, *, mode: Mode, cval: float) -> Image:
    """The mean of a window, by running sums."""
    h, w = size

    def mean(block: Image, border: int) -> Image:
        if block.dtype == np.uint8 and h * w % 2 == 0:  # OpenCV rounds half of these wrongly
            exact = cv2.boxFilter(block, cv2.CV_32F, (w, h), borderType=border)
            return np.rint(exact).astype(np.uint8)
        return cv2.blur(block, (w, h), borderType=border)

    return run(image, mean, reach=reach, mode=mode, cval=cval)


def pad(image: Image, reach: Reach, *, mode: Mode, cval: float = 0.0) -> Image:
    """The image with what the mode says lies beyond its edges, however far."""
    value, (rows, columns) = border_value(image, mode, cval), reach
    frame = (*rows, *columns, MODES[mode])
    if image.ndim == 2 or image.shape[2] <= AT_ONCE:
        wide = cv2.copyMakeBorder(image, *frame, value=[value] * AT_ONCE)
        return wide.reshape(*wide.shape[:2], *image.shape[2:])
    planes = [cv2.copyMakeBorder(plane, *frame, value=value) for plane in np.moveaxis(image, 2, 0)]
    return np.stack(planes, axis=2)


# --- how an OpenCV filter is run ------------------------------------------------------------------


def run(
    image: Image,
    call: Callable[[Image, int], Image],
    *,
    reach: Reach,
    mode: Mode,
    cval: float,
    ready_made: bool = False,
    at_once: int = AT_ONCE,
) -> Image:
    """Run ``call(block, border)``, one or two OpenCV calls, over an image of any shape.

    OpenCV's filters know neither wrap nor a constant other than 0. There, and where ``ready_made``
    asks for it, the image gets its border first: ``reach`` pixels at (top, bottom), (left, right).
    """
    value = border_value(image, mode, cval)
    if image.ndim == 3 and image.shape[2] > at_once:
        parts = [image[..., c : c + at_once] for c in range(0, image.shape[2], at_once)]
        parts = [
            run(part, call, reach=reach, mode=mode, cval=cval, ready_made=ready_made)
            for part in parts
        ]
        return np.concatenate(parts, axis=2)
    if ready_made or mode == "wrap" or (mode == "constant" and value != 0):
        (top, bottom), (left, right) = reach
        frame = (top, bottom, left, right, MODES[mode])
        out = call(cv2.copyMakeBorder(image, *frame, value=[value] * AT_ONCE), cv2.BORDER_CONSTANT)
        out = out[top : top + image.shape[0], left : left + image.shape[1]]
    else:
        out = call(image, MODES[mode])
    # OpenCV drops the axis of a single channel
    return np.ascontiguousarray(out).reshape(image.shape)


def depth_of(image: Image, signed: bool) -> tuple[int, float]:
    """OpenCV's type for the result, and the unit that makes signed ones fractions."""
    if signed and image.dtype == np.uint8:
        return cv2.CV_32F, 1 / 255
    return -1, 1.0
