"""Templates, integral images, windows and pyramids."""

import cv2
import numpy as np
import skimage.feature
import skimage.transform

from benchmarks.routines.case import Case
from imgkit import features, filtering


def _corner(side: int):
    """A photograph and a piece of it."""

    def prepare(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n = min(side, photo.shape[0] // 3)
        return photo, photo[n : 2 * n, n // 2 : n // 2 + n].copy()

    return prepare


def _correlation(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Window by window; a row of windows at a time."""
    h, w = template.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(image, (h, w), axis=(0, 1))
    pattern = template - template.mean(axis=(0, 1))
    pattern = np.moveaxis(np.atleast_3d(pattern), 2, 0)  # (channels, h, w)
    out = np.empty(windows.shape[:2])
    for i in range(len(windows)):
        row = windows[i].reshape(windows.shape[1], -1, h, w)  # (columns, channels, h, w)
        row = row - row.mean(axis=(2, 3), keepdims=True)
        products = np.einsum("nchw,chw->n", row, pattern)
        spread = np.einsum("nchw,nchw->n", row, row)
        flat = spread < 1e-12 * pattern.size
        spread[flat] = 1
        out[i] = np.where(flat, 0, products / np.sqrt(spread * (pattern**2).sum()))
    return out


def _table(image: np.ndarray) -> np.ndarray:
    out = np.zeros((image.shape[0] + 1, image.shape[1] + 1, *image.shape[2:]))
    out[1:, 1:] = image.cumsum(axis=0).cumsum(axis=1)
    return out


def _side_by_side(windows):
    """(R, S, h, w) as one picture (R * h, S * w), array or tensor."""
    r, s, h, w = windows.shape
    return windows.swapaxes(1, 2).reshape(r * h, s * w)


def _windows(image: np.ndarray) -> np.ndarray:
    return _side_by_side(np.lib.stride_tricks.sliding_window_view(image, (12, 12))[::9, ::9])


def _level(image: np.ndarray) -> np.ndarray:
    """The second level of a pyramid of factor 2, of sides that are even."""
    soft = filtering.gaussian(image, sigma=3**0.5 / 2)
    return (soft[::2, ::2] + soft[1::2, ::2] + soft[::2, 1::2] + soft[1::2, 1::2]) / 4


CASES = [
    Case(
        "features.match_template",
        "64 x 64",
        ours=features.match_template,
        same={"scikit-image": skimage.feature.match_template},
        like={"opencv": lambda x, t: cv2.matchTemplate(x, t, cv2.TM_CCOEFF_NORMED)},
        prepare=_corner(64),
        reference=_correlation,
        kinds=("gray float32", "gray uint8"),
        note="OpenCV's, and scikit-image's of float32, are wrong where the image is nearly flat; "
        "window sums in float64 are what imgkit's takes longer for",
    ),
    Case(
        "features.match_template",
        "9 x 9",
        ours=features.match_template,
        like={"opencv": lambda x, t: cv2.matchTemplate(x, t, cv2.TM_CCOEFF_NORMED)},
        prepare=_corner(9),
        reference=_correlation,
        size=512,
    ),
    Case(
        "features.integral",
        ours=features.integral,
        like={"opencv": cv2.integral, "scikit-image": skimage.transform.integral_image},
        reference=_table,
        note="OpenCV's of bytes are whole numbers; scikit-image's have no frame of zeros",
    ),
    Case(
        "features.sliding_windows",
        "side by side",
        ours=lambda x: _side_by_side(features.sliding_windows(x, size=12, step=9)),
        same={"numpy": _windows},
        reference=_windows,
        kinds=("gray float32", "gray uint8"),
        note="a view costs nothing; what takes time is the copy that puts them side by side, and "
        "the gate that looks for NaN",
    ),
    Case(
        "features.pyramid",
        "three levels",
        ours=lambda x: features.pyramid(x, levels=3)[2],
        like={
            "opencv": lambda x: cv2.pyrDown(cv2.pyrDown(x)),
            "scikit-image": lambda x: list(
                skimage.transform.pyramid_gaussian(
                    x, max_layer=2, channel_axis=2 if x.ndim == 3 else None
                )
            )[2],
        },
        reference=lambda x: _level(_level(x)),
        goals=(("imgkit", "scikit-image", 5),),
    ),
]
