"""Faces, by a cascade of simple questions."""

from __future__ import annotations  # help() says Image, not what it stands for

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.images import Image, require_image, require_whole, require_within

if TYPE_CHECKING:
    from skimage.feature import Cascade

WINDOW = 24  # pixels a side of the faces that the cascade was trained on


@routine(float32=0, float64=0, uint8=0, tensor=False)
def faces(
    image: Image,
    *,
    smallest: int = 60,
    largest: int | None = None,
    scale: float = 1.2,
    step: float = 1.0,
    neighbours: int = 4,
) -> npt.NDArray[np.int64]:
    """Find faces that look into the camera, upright.

    A window slides over the image at many sizes. The cascade asks it one question after the other
    about local binary patterns, and most windows fail at the first few: that makes it quick. Where
    several windows agree there is a face.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3); floats in 0..1
    smallest, largest : sides of faces in pixels, at least 24; None for as large as the image. With
        small ones come false alarms.
    scale : from one size of window to the next, 1.02..4; finer finds more and takes longer
    step : how far the window moves, 1..4, as a multiple of its scale
    neighbours : how many windows have to agree, 1..1000

    Returns
    -------
    int64 (N, 4): boxes (row0, column0, row1, column1), half-open, the largest first; (0, 4) if
    there is none.

    Raises
    ------
    TypeError
        If the image has another dtype.
    ValueError
        If it has other channels, floats leave 0..1, or a parameter is out of range.

    Notes
    -----
    scikit-image's ``Cascade`` with the file for frontal faces that it carries, trained by OpenCV;
    OpenCV 5 no longer has cascades. It misses faces that are turned or half hidden, and which faces
    it misses depends on who was in its training set: never decide about people with it.

    References
    ----------
    Viola and Jones, Robust real-time face detection, International Journal of Computer Vision,
    2004. Liao et al., Learning multi-scale block local binary patterns for face recognition, ICB,
    2007.

    Examples
    --------
    >>> from imgkit import data
    >>> faces(data.load("astronaut"), largest=123)
    array([[ 74, 178, 161, 265]])
    """
    require_image(image, intensities=True, channels=(1, 3))
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    side = min(image.shape[:2])
    require_whole(WINDOW, 100_000, smallest=smallest)
    largest = max(side, smallest) if largest is None else largest
    require_whole(smallest, 100_000, largest=largest)
    require_within(1.02, 4, scale=scale)
    require_within(1, 4, step=step)
    require_whole(1, 1000, neighbours=neighbours)
    if side < smallest:
        return np.zeros((0, 4), np.int64)
    found = _cascade().detect_multi_scale(
        np.clip(image, 0, 1) if image.dtype != np.uint8 else image,
        scale_factor=scale,
        step_ratio=step,
        min_size=(smallest, smallest),
        max_size=(min(largest, side), min(largest, side)),
        min_neighbor_number=neighbours,
    )
    boxes = [(f["r"], f["c"], f["r"] + f["height"], f["c"] + f["width"]) for f in found]
    boxes = np.array(boxes, np.int64).reshape(-1, 4)
    return boxes[np.lexsort((boxes[:, 1], boxes[:, 0], boxes[:, 0] - boxes[:, 2]))]


@cache
def _cascade() -> Cascade:
    from skimage import data, feature  # they take their time to load

    return feature.Cascade(data.lbp_frontal_face_cascade_filename())
