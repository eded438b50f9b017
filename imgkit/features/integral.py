"""Sums over boxes at the price of four look-ups, whatever the boxes' size."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.arrays import AT_ONCE
from imgkit.images import Image, is_tensor, require_image

if TYPE_CHECKING:
    import torch

Table = TypeVar("Table", npt.NDArray[np.float64], "torch.Tensor")


@routine(float32=1e-13, float64=1e-13, uint8=1e-9)
def integral(image: Image | torch.Tensor) -> npt.NDArray[np.float64] | torch.Tensor:
    """The sum of all pixels above and to the left of each corner: the summed-area table.

    ``out[r, c] = sum(image[:r, :c])``

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values

    Returns
    -------
    float64, one row and one column larger than the image: (H + 1, W + 1), (H + 1, W + 1, C), or a
    tensor (..., H + 1, W + 1). Row 0 and column 0 are 0. In fractions of full scale, for uint8 too.

    Raises
    ------
    TypeError
        If the image has another dtype.
    ValueError
        If it is empty or has values that are not finite.

    Notes
    -----
    :func:`box_sums` takes sums from it: any box costs four look-ups. float64 throughout, because a
    sum of a million float32 leaves no digits for a small box. Within 1e-13 of the definition, of
    the table's largest magnitude. OpenCV's has the same frame of zeros and whole levels for uint8;
    scikit-image's lacks the frame.

    References
    ----------
    Crow, Summed-area tables for texture mapping, SIGGRAPH, 1984. Viola and Jones, Robust real-time
    face detection, International Journal of Computer Vision, 2004.

    Examples
    --------
    >>> integral(np.array([[1.0, 2], [3, 4]]))
    array([[ 0.,  0.,  0.],
           [ 0.,  1.,  3.],
           [ 0.,  4., 10.]])
    """
    require_image(image, tensor=True)
    if is_tensor(image):
        import torch

        return torch.nn.functional.pad(image.double().cumsum(-2).cumsum(-1), (1, 0, 1, 0))
    if image.ndim == 3 and image.shape[2] > AT_ONCE:
        planes = [cv2.integral(plane, sdepth=cv2.CV_64F) for plane in np.moveaxis(image, 2, 0)]
        table = np.stack(planes, axis=2)
    else:
        table = cv2.integral(image, sdepth=cv2.CV_64F)
        table = table.reshape(*table.shape[:2], *image.shape[2:])  # OpenCV drops a single channel
    if image.dtype == np.uint8:
        table /= 255
    return table


def box_sums(table: Table, boxes: npt.ArrayLike) -> Table:
    """The sum of an image's pixels in each of many boxes, from its :func:`integral`.

    ``table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]``

    Parameters
    ----------
    table : what :func:`integral` returns
    boxes : (N, 4) whole numbers, or (4,) for one: (row0, column0, row1, column1), half-open, within
        the image. An empty box has the sum 0.

    Returns
    -------
    (N,), of colours (N, C), of tensors (..., N); without the N for a single box. Divide by
    ``(row1 - row0) * (column1 - column0)`` for means.

    Raises
    ------
    TypeError
        If boxes are not whole numbers.
    ValueError
        If a box leaves the image, or its second corner lies before its first.

    Examples
    --------
    >>> table = integral(np.ones((5, 6)))
    >>> box_sums(table, [[0, 0, 5, 6], [1, 2, 3, 5], [2, 2, 2, 4]])
    array([30.,  6.,  0.])
    """
    boxes = np.asarray(boxes)
    if boxes.dtype.kind not in "iu" and boxes.size:
        raise TypeError(f"boxes must be whole numbers, got {boxes.dtype}: use np.rint(boxes)")
    if boxes.ndim not in (1, 2) or boxes.shape[-1] != 4:
        raise ValueError(
            f"boxes has shape {boxes.shape}; this takes (N, 4): row0, column0, row1, column1"
        )
    top, left, bottom, right = boxes.astype(np.intp).T
    rows, columns = table.shape[-2:] if is_tensor(table) else table.shape[:2]
    bad = (top < 0) | (left < 0) | (bottom < top) | (right < left)
    bad |= (bottom >= rows) | (right >= columns)
    if np.any(bad):
        worst = np.atleast_2d(boxes)[np.argmax(bad)].tolist()
        raise ValueError(
            f"boxes has {worst}; of an image of {rows - 1} by {columns - 1} pixels a box is "
            "row0 <= row1, column0 <= column1, within the image"
        )
    at = (lambda r, c: table[..., r, c]) if is_tensor(table) else (lambda r, c: table[r, c])
    return at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)
