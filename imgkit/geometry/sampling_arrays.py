"""Reading NumPy images between their pixels: OpenCV where it is exact, else gathering by hand.

OpenCV 4 rounds positions to 1/32 of a pixel, and so does OpenCV 5 for float64 images and for other
numbers of channels than 1, 3 and 4; its cubic is plainly wrong in float64, and far outside a small
image, where the border repeats, it takes minutes; mirrored about a side of one pixel, its cubic
never ends. Here it gets what it does well, and the rest is
done by hand, with the same result everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.filtering.arrays import AT_ONCE, pad, to_bytes
from imgkit.filtering.borders import MODES, Mode, border_value
from imgkit.geometry.positions import AFTER, BEFORE, cubic_weights, folded, through
from imgkit.images import Image
from imgkit.images.pointwise import in_parallel

EXACT = int(cv2.__version__.split(".")[0]) >= 5  # whether OpenCV keeps the positions it is given
LARGEST_SIDE = 32766  # that OpenCV addresses
FAR = 1e6  # pixels from the origin that OpenCV still tells from others
REPEATS = 4  # times a side: farther out, where the image repeats, it gets slow
BAND = 1 << 14  # pixels gathered at once: their positions and values stay in the cache
INTERPOLATIONS = {"linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC}
Positions = npt.NDArray[np.floating]


def warp(
    image: Image, back: np.ndarray, shape: tuple[int, int], method: str, mode: Mode, cval: float
) -> Image:
    """The new image by the matrix that leads from its pixels back to the old one's."""
    columns = np.arange(shape[1], dtype=np.float64)[None]

    def positions(start: int, stop: int) -> tuple[Positions, Positions]:
        return through(back, np.arange(start, stop, dtype=np.float64)[:, None], columns)

    if not (_suits_opencv(image, shape, method) and _stays_near(image, back, shape, mode)):
        return gather(image, positions, shape, method, mode, cval)
    size, affine = shape[::-1], len(back) == 2
    matrix = back[[1, 0] if affine else [1, 0, 2]][:, [1, 0, 2]]  # OpenCV has x first
    options = _opencv_options(image, method, mode, cval)
    options["flags"] = options.pop("interpolation") | cv2.WARP_INVERSE_MAP
    call = cv2.warpAffine if affine else cv2.warpPerspective
    return _in_parts(image, lambda x: call(x, matrix, size, **options), shape)


def remap(
    image: Image, rows: Positions, columns: Positions, method: str, mode: Mode, cval: float
) -> Image:
    """The new image by the position of each of its pixels in the old one."""
    shape = rows.shape
    if not _suits_opencv(image, shape, method):
        return gather(image, lambda a, b: (rows[a:b], columns[a:b]), shape, method, mode, cval)
    y, x = (_close(p, n, mode) for p, n in zip((rows, columns), image.shape[:2], strict=True))
    x, y = x.astype(np.float32, copy=False), y.astype(np.float32, copy=False)
    options = _opencv_options(image, method, mode, cval)
    return _in_parts(image, lambda part: cv2.remap(part, x, y, **options), shape)


def _suits_opencv(image: Image, shape: tuple[int, int], method: str) -> bool:
    """Nearest does not: of two as near it takes the even one. With a side of 1 cubic hangs."""
    fits = min(image.shape[:2]) > 1 and max(*image.shape[:2], *shape) <= LARGEST_SIDE
    return EXACT and fits and image.dtype != np.float64 and method in INTERPOLATIONS


def _stays_near(image: Image, back: np.ndarray, shape: tuple[int, int], mode: Mode) -> bool:
    """Whether the corners, and so all new pixels, come from around the image."""
    rows, columns = (np.array([0.0, n - 1]) for n in shape)
    corners = through(back, rows[:, None], columns[None])
    if len(back) == 3:
        depth = back[2, 0] * rows[:, None] + back[2, 1] * columns + back[2, 2]
        if not (depth > 0).all() and not (depth < 0).all():
            return False
    repeats = mode not in ("constant", "nearest")
    far = [REPEATS * n if repeats else FAR for n in image.shape[:2]]
    return all(np.abs(p).max() <= n for p, n in zip(corners, far, strict=True))


def _opencv_options(image: Image, method: str, mode: Mode, cval: float) -> dict[str, object]:
    value = border_value(image, mode, cval)
    return {
        "interpolation": INTERPOLATIONS[method],
        "borderMode": MODES[mode],
        "borderValue": [value] * AT_ONCE,
    }


def _in_parts(image: Image, call: Callable[[Image], Image], shape: tuple[int, int]) -> Image:
    """With 2 channels, or more than 4, OpenCV 5 too rounds positions to 1/32, or refuses."""
    channels = 1 if image.ndim == 2 else image.shape[2]
    if channels not in (1, 3, 4):
        few = 3 if channels > 4 else 1
        parts = [_in_parts(part, call, shape) for part in (image[..., :few], image[..., few:])]
        return np.concatenate(parts, axis=2)
    return call(image).reshape(*shape, *image.shape[2:])  # it drops the axis of a single channel


def _close(x: Positions, n: int, mode: Mode) -> Positions:
    """Positions near the image; most are already."""
    return x if x.min() >= -1 and x.max() <= n else folded(x, n, mode)


def gather(
    image: Image,
    positions: Callable[[int, int], tuple[Positions, Positions]],
    shape: tuple[int, int],
    method: str,
    mode: Mode,
    cval: float,
) -> Image:
    """By hand: the image with a margin, whose pixels are fetched by number, band after band."""
    (h, w), whole = image.shape[:2], method == "nearest"
    wide = pad(image, ((BEFORE, AFTER), (BEFORE, AFTER)), mode=mode, cval=cval)
    stride = wide.shape[1]
    kind = np.float64 if image.dtype == np.float64 else np.float32
    planes = [
        np.ravel(plane if whole else plane.astype(kind, copy=False))
        for plane in np.moveaxis(wide.reshape(*wide.shape[:2], -1), 2, 0)
    ]
    out = np.empty((*shape, len(planes)), image.dtype)
    height = max(1, BAND // shape[1])

    def fill(start: int) -> None:
        part = out[start : start + height]
        place, fractions = [], []
        for x, n in zip(positions(start, start + len(part)), (h, w), strict=True):
            x = np.floor(x + 0.5) if whole else x
            x = _close(np.asarray(x, np.float64), n, mode)
            low = np.floor(x)
            place.append(low.astype(np.intp))
            fractions.append((x - low).astype(kind))
        first = place[0] * stride + place[1] + (BEFORE * stride + BEFORE)  # the number of a pixel
        for channel, plane in enumerate(planes):
            values = READERS[method](plane, first, stride, *fractions)
            bytes_wanted = part.dtype == np.uint8 and not whole
            part[..., channel] = to_bytes(values) if bytes_wanted else values

    in_parallel(fill, range(0, shape[0], height))
    return out.reshape(*shape, *image.shape[2:])


def _nearest(plane: np.ndarray, first: np.ndarray, stride: int, *_: np.ndarray) -> np.ndarray:
    return plane.take(first)


def _linear(
    plane: np.ndarray, first: np.ndarray, stride: int, down: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Between four pixels: along both rows, then from one to the other."""

    def along(row: int) -> np.ndarray:
        left = plane[row * stride :].take(first)
        step = plane[row * stride + 1 :].take(first)
        step -= left
        step *= right
        step += left
        return step

    top, out = along(0), along(1)
    out -= top
    out *= down
    out += top
    return out


def _cubic(
    plane: np.ndarray, first: np.ndarray, stride: int, down: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """From sixteen pixels: along four rows, then across them."""
    first = first - (stride + 1)
    across, out = cubic_weights(right), 0.0
    for row, weight in enumerate(cubic_weights(down)):
        line = 0.0
        for column, part in enumerate(across):
            line = line + part * plane[row * stride + column :].take(first)
        out = out + weight * line
    return out


READERS = {"nearest": _nearest, "linear": _linear, "cubic": _cubic}
