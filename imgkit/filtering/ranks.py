"""Filters that sort: the middle, the least, the greatest of a window."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import cv2
from scipy import ndimage

from imgkit.capabilities import routine
from imgkit.filtering import arrays
from imgkit.filtering.borders import Mode, require_window, window_reach
from imgkit.images import Image, require_image

LARGEST_MEDIAN = 255


@routine(float32=0, float64=0, tensor=False)
def median(
    image: Image, *, size: int | tuple[int, int], mode: Mode = "mirror", cval: float = 0.0
) -> Image:
    """The middle value of the pixels in a window: takes away specks, keeps edges.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); each channel by itself. Floats may have any finite values.
    size : of the window in pixels, or (rows, columns). Of an even number of pixels the upper of the
        two middle values is taken, and the centre of an even side is the later of the two middle
        ones, as in SciPy.
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape and dtype. Every value is one of the image's (or cval).

    Raises
    ------
    ValueError
        If size is below 1 or above 255.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    Exact. Fast for uint8 with an odd square window, and for float32 with 3 and 5; the others go
    through SciPy, about a hundred times slower.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., sections 3.5 and 5.3.

    Examples
    --------
    >>> median(np.float32([[0, 0, 9, 0, 1, 1]]), size=(1, 3))  # the speck goes, the step stays
    array([[0., 0., 0., 1., 1., 1.]], dtype=float32)
    """
    require_image(image)
    h, w = require_window(size, LARGEST_MEDIAN)
    odd_square = h == w and h % 2 == 1
    fast = (
        odd_square and h <= {"uint8": LARGEST_MEDIAN, "float32": 5, "float64": 0}[image.dtype.name]
    )

    def middle(block: Image, border: int) -> Image:
        if fast:
            return cv2.medianBlur(block, h)
        window = (h, w) if block.ndim == 2 else (h, w, 1)
        return ndimage.median_filter(block, size=window, mode="nearest")

    # medianBlur knows one border only and no pairs of channels; SciPy is off where a window is
    # much larger than the image: both get their border ready made
    channels = 1 if image.ndim == 2 else image.shape[2]
    return arrays.run(
        image,
        middle,
        reach=window_reach(h, w),
        mode=mode,
        cval=cval,
        ready_made=True,
        at_once=channels if channels in (1, 3, 4) else 1,
    )
