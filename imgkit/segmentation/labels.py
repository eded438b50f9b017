"""Which pixels hang together, numbered; how far each lies from the background."""

from __future__ import annotations  # help() says Mask, not what it stands for

from numbers import Integral
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imgkit.capabilities import routine
from imgkit.images import Labels, Mask, require_labels, require_mask, require_positive

PixelSize: TypeAlias = float | tuple[float, float]


@routine(float32=0, float64=0, uint8=0, tensor=False)
def label(mask: Mask, *, connectivity: int = 2) -> Labels:
    """Number the connected parts of a mask.

    Two pixels are of one part if a path of neighbours leads from one to the other inside the mask.

    Parameters
    ----------
    mask : array (H, W) of bool, ``image > threshold`` say
    connectivity : 1 for the four neighbours that share a side, 2 for the eight that share a corner

    Returns
    -------
    int32 (H, W): 0 outside of the mask, the parts 1, 2, ... in the order in which one meets them
    reading row by row. There are ``labels.max()`` of them.

    Raises
    ------
    TypeError
        If the mask is not bool.
    ValueError
        If connectivity is neither 1 nor 2.

    Notes
    -----
    The numbers are those of ``skimage.measure.label`` (its default, too, is eight neighbours) and
    of ``scipy.ndimage.label`` (whose default is four). OpenCV's ``connectedComponents`` numbers in
    another order unless asked, as here, for the algorithm of Wu.

    References
    ----------
    Wu, Otoo and Suzuki, Optimizing two-pass connected-component labeling algorithms, Pattern
    Analysis and Applications, 2009. Gonzalez and Woods, Digital Image Processing, 4th ed.,
    section 9.5.

    Examples
    --------
    >>> mask = np.array([[1, 0, 0, 1], [0, 1, 0, 1]], bool)
    >>> label(mask)
    array([[1, 0, 0, 2],
           [0, 1, 0, 2]], dtype=int32)
    >>> label(mask, connectivity=1)
    array([[1, 0, 0, 2],
           [0, 3, 0, 2]], dtype=int32)
    """
    require_mask(mask)
    neighbours = 4 if require_connectivity(connectivity) == 1 else 8
    # of OpenCV's algorithms this one gives numbers pixel by pixel, the others block by block
    return cv2.connectedComponentsWithAlgorithm(
        mask.view(np.uint8), neighbours, cv2.CV_32S, cv2.CCL_SAUF
    )[1]


@routine(float32=1e-6, float64=1e-6, tensor=False)
def distance_transform(mask: Mask, *, pixel_size: PixelSize = 1.0) -> npt.NDArray[np.float32]:
    """How far each pixel of a mask lies from the nearest pixel outside of it.

    The straight line from centre to centre, exactly, not a sum of steps along the grid.

    Parameters
    ----------
    mask : array (H, W) of bool
    pixel_size : side of a pixel, or ``(height, width)`` if it is no square, in the unit that the
        distances are to have

    Returns
    -------
    float32 (H, W): 0 outside of the mask, at least one pixel inside. Infinite where the mask covers
    the whole image, for nothing is outside then; what lies beyond the image's edge does not count.

    Raises
    ------
    TypeError
        If the mask is not bool.
    ValueError
        If pixel_size is not positive.

    Notes
    -----
    Up to 500 pixels it is ``scipy.ndimage.distance_transform_edt`` rounded to float32, beyond that
    within 1e-6 of it, relatively. Pixels that are no squares are left to SciPy, several times
    slower. OpenCV's usual chamfer masks err by up to 2 %.

    References
    ----------
    Felzenszwalb and Huttenlocher, Distance transforms of sampled functions, Theory of Computing,
    2012.

    Examples
    --------
    >>> distance_transform(np.array([[0, 1, 1, 1], [1, 1, 1, 1]], bool)).round(2)
    array([[0.  , 1.  , 2.  , 3.  ],
           [1.  , 1.41, 2.24, 3.16]], dtype=float32)
    """
    require_mask(mask)
    height, width = require_pixel_size(pixel_size)
    if mask.all():
        return np.full(mask.shape, np.inf, np.float32)
    if height != width:
        exact = ndimage.distance_transform_edt(mask, sampling=(height, width))
        return exact.astype(np.float32)
    distance = _exact_distance(mask)
    distance *= np.float32(height)
    return distance


def _exact_distance(mask: Mask) -> npt.NDArray[np.float32]:
    """OpenCV's exact distance in half of its time, and the same every time."""
    width, mask = mask.shape[1], mask.view(np.uint8)
    if width % 64 == 0:
        # it walks down the columns: with rows a multiple of the cache's lines apart they would all
        # want the same few lines. Columns of the mask that are added hold nothing to be near to.
        mask = cv2.copyMakeBorder(mask, 0, 0, 0, 8, cv2.BORDER_CONSTANT, value=1)
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[:, :width]
    # its root is off by a digit or a few, here and there, depending on where in memory the array
    # happens to lie; the square is a whole number, and up to 500 pixels this finds it again
    squares = np.multiply(distance, distance, order="C")
    return np.sqrt(np.rint(squares, out=squares), out=squares)


@routine(float32=0, float64=0, uint8=0, tensor=False)
def relabel(labels: Labels) -> Labels:
    """Close the gaps in the numbers of a label image: 3, 7, 7, 20 becomes 1, 2, 2, 3.

    Parameters
    ----------
    labels : array (H, W) of whole numbers, 0 for the background

    Returns
    -------
    int32 (H, W): the background 0, the regions 1, 2, ... in the order of their old numbers.

    Raises
    ------
    TypeError
        If the labels are not whole numbers.
    ValueError
        If one of them is negative.

    Notes
    -----
    The same as ``skimage.segmentation.relabel_sequential``. A region stays one region, even if it
    lies in pieces; :func:`label` of ``labels > 0`` numbers pieces.

    Examples
    --------
    >>> relabel(np.array([[0, 7, 3], [20, 7, 0]]))
    array([[0, 2, 1],
           [3, 2, 0]], dtype=int32)
    """
    labels = require_labels(labels)
    largest = int(labels.max())
    if largest > 4 * labels.size + 1000:  # a table of all numbers would be larger than the image
        numbers, places = np.unique(labels, return_inverse=True)
        places = places.reshape(labels.shape) + (numbers[0] > 0)
        return places.astype(np.int32)
    table = np.zeros(largest + 1, np.int32)
    table[labels] = 1
    table[0] = 0
    return np.take(np.cumsum(table, dtype=np.int32), labels)


def require_connectivity(connectivity: object) -> int:
    """Refuse what is neither 1 (four neighbours) nor 2 (eight).

    Examples
    --------
    >>> require_connectivity(8)
    Traceback (most recent call last):
    ValueError: connectivity must be 1 (four neighbours) or 2 (eight), got 8
    """
    said = f"connectivity must be 1 (four neighbours) or 2 (eight), got {connectivity!r}"
    if isinstance(connectivity, bool | np.bool_) or not isinstance(connectivity, Integral):
        raise TypeError(said)
    if connectivity not in (1, 2):
        raise ValueError(said)
    return int(connectivity)


def require_pixel_size(pixel_size: object) -> tuple[float, float]:
    """The height and width of a pixel, from one positive number or two.

    Examples
    --------
    >>> require_pixel_size(0.5), require_pixel_size((2, 1))
    ((0.5, 0.5), (2.0, 1.0))
    """
    pair = isinstance(pixel_size, tuple | list)
    if pair and len(pixel_size) != 2:
        raise ValueError(
            f"pixel_size must be one number or two (height, width), got {pixel_size!r}"
        )
    height, width = pixel_size if pair else (pixel_size, pixel_size)
    for side in (height, width):
        require_positive(pixel_size=side)
    return float(height), float(width)
