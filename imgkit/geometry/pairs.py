"""Two grey images of one size, as the bytes that OpenCV's stereo and flow take."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgkit.images import Image, as_uint8, require_gray, require_same_shape


def as_bytes(**images: Image) -> list[npt.NDArray[np.uint8]]:
    """The gate for two frames, ``as_bytes(first=first, second=second)``: grey, 0..1, one size.

    Examples
    --------
    >>> as_bytes(left=np.zeros((2, 3)), right=np.zeros((2, 4)))
    Traceback (most recent call last):
    ValueError: left is 2 by 3 pixels and right 2 by 4: they have to be of one size
    """
    for name, image in images.items():
        require_gray(image, name, intensities=True)
    require_same_shape(**images)
    return [np.ascontiguousarray(as_uint8(image)) for image in images.values()]
