"""From colour to brightness."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from typing import Literal

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.color.mixing import mix
from imgkit.images import AnyImage, is_tensor, require_choice, require_image, require_kind

WEIGHTS = {"bt601": (0.299, 0.587, 0.114), "bt709": (0.2126, 0.7152, 0.0722)}  # red, green, blue


@routine(float32=3e-7, float64=1e-15, uint8=0.51)
def to_gray(image: AnyImage, *, weights: Literal["bt601", "bt709"] = "bt601") -> AnyImage:
    """Brightness of a colour image: ``0.299 R + 0.587 G + 0.114 B``.

    Green counts most, because the eye sees it brightest.

    Parameters
    ----------
    image : array (H, W, 3) or tensor (..., 3, H, W), RGB; floats may have any finite values. Grey
        passes: (H, W) is handed back itself, (H, W, 1) and (..., 1, H, W) without that axis.
    weights : "bt601", as above, or "bt709", ``0.2126 R + 0.7152 G + 0.0722 B``

    Returns
    -------
    Array (H, W) or tensor (..., H, W), same dtype; uint8 rounded.

    Raises
    ------
    ValueError
        If it has other channels than 1 or 3, or the weights have another name.
    TypeError
        If the image has another dtype.

    Notes
    -----
    BT.601 is what OpenCV, Pillow, JPEG and television mean by grey; scikit-image's ``rgb2gray``
    takes BT.709: 0.13 apart on pure green. Both weigh the gamma-encoded values, so neither is a
    physical luminance. Within 3e-7 of the definition in float32, 1e-15 in float64; uint8 to the
    nearest level (to 0.51, for OpenCV weighs bytes in whole numbers).

    References
    ----------
    ITU-R BT.601-7, section 2.5.1, and BT.709-6, section 3. Gonzalez and Woods, Digital Image
    Processing, 4th ed., section 7.2.

    Examples
    --------
    >>> primaries = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    >>> to_gray(primaries)
    array([[ 76, 150,  29]], dtype=uint8)
    >>> to_gray(primaries, weights="bt709")
    array([[ 54, 182,  18]], dtype=uint8)
    """
    require_choice(WEIGHTS, weights=weights)
    if is_tensor(image):
        require_image(image, channels=(1, 3), tensor=True)
        return image.squeeze(-3) if image.shape[-3] == 1 else mix(image, _row(weights))
    require_kind(image, channels=(1, 3))
    if image.ndim == 2:
        gray = image
    elif image.shape[2] == 1:
        gray = image[..., 0]
    elif weights == "bt601" and image.dtype != np.float64:  # OpenCV's conversions stop at float32
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    else:
        gray = mix(image, _row(weights))
    require_image(gray)  # a weighted sum is finite where its three values are
    return gray


def _row(weights: str) -> np.ndarray:
    return np.array([WEIGHTS[weights]])
