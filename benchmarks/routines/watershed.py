"""Flooding from markers."""

import numpy as np
import skimage.segmentation
from scipy import ndimage
from skimage.morphology import local_minima

from benchmarks.routines.case import Case
from imgkit import filtering, segmentation


def _landscape(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A smooth photograph and the minima of a smoother one."""
    wide = ndimage.gaussian_filter(photo.astype(np.float64), 4)
    return filtering.gaussian(photo, sigma=1), segmentation.label(local_minima(wide))


def _watershed_ift(image: np.ndarray, markers: np.ndarray) -> np.ndarray:
    if image.dtype != np.uint8:
        raise TypeError("takes uint8 and uint16 only")
    return ndimage.watershed_ift(image, markers)


def _case(setting: str, lines: bool, note: str = "") -> Case:
    def peer(image: np.ndarray, markers: np.ndarray) -> np.ndarray:
        return skimage.segmentation.watershed(image, markers, watershed_line=lines)

    return Case(
        "segmentation.watershed",
        setting,
        ours=lambda x, markers: segmentation.watershed(x, markers, lines=lines),
        same={"scikit-image": peer},
        like={} if lines else {"scipy watershed_ift": _watershed_ift},
        reference=peer,
        prepare=_landscape,
        kinds=("gray float32", "gray uint8"),
        tensor=False,
        note=note,
    )


CASES = [
    _case(
        "",
        lines=False,
        note="a tie with scikit-image, whose queue does the work: in what order markers of one "
        "height leave it cannot be told beforehand, so the very same labels need that very queue",
    ),
    _case("lines", lines=True),
]
