"""Flooding an image from markers until the waters meet."""

from __future__ import annotations  # help() says Image, not what it stands for

import numpy as np

from imgkit.capabilities import routine
from imgkit.images import (
    Image,
    Labels,
    Mask,
    require_gray,
    require_labels,
    require_mask,
    require_same_shape,
)
from imgkit.segmentation.labels import require_connectivity


@routine(float32=0, float64=0, uint8=0, tensor=False)
def watershed(
    image: Image,
    markers: Labels,
    *,
    mask: Mask | None = None,
    connectivity: int = 1,
    lines: bool = False,
) -> Labels:
    """Give every pixel to the marker whose water reaches it first.

    The image is a landscape, dark is low. Water wells up at the markers and rises everywhere at
    once; it floods a pixel when it stands as high and a neighbour is wet. Where two waters meet
    they stop. Feed it edges (``filtering.sobel``) and the basins are what edges enclose;
    feed it ``-distance_transform(mask)`` and objects that touch part at their waists.

    Parameters
    ----------
    image : array (H, W); floats may have any finite values
    markers : array (H, W) of whole numbers, 0 where there is none: at least one pixel for each
        region that is to come out
    mask : array (H, W) of bool, where water may go; everywhere without it. Markers outside of it
        are ignored.
    connectivity : 1, water goes to the four neighbours that share a side, or 2, to eight
    lines : leave a dam of one pixel, number 0, where waters meet

    Returns
    -------
    int32 (H, W): the marker's number in each basin; 0 outside of the mask, on lines, and where no
    water comes.

    Raises
    ------
    TypeError
        If image, markers or mask has another dtype.
    ValueError
        If they differ in size, the image has colours, or connectivity is neither 1 nor 2.

    Notes
    -----
    This is ``skimage.segmentation.watershed``, called with the part of the image that the mask
    needs; the labels are the same. Pixels wait in a queue, the lowest first and of equals the one
    that came first, so plains are shared by distance. OpenCV's ``watershed`` is another algorithm:
    it floods by differences of colour, of 8-bit images only, and always leaves lines.

    Without good markers there are too many regions, one for each dent of the noise: smooth the
    image first, or take only minima of some depth (:func:`h_minima`).

    References
    ----------
    Meyer, Topographic distance and watershed lines, Signal Processing, 1994. Soille and Ansoult,
    Automated basin delineation from digital elevation models using mathematical morphology, Signal
    Processing, 1990. Gonzalez and Woods, Digital Image Processing, 4th ed., section 10.7.

    Examples
    --------
    >>> ridge = np.array([[0.1, 0.2, 0.9, 0.3, 0.0, 0.0]])
    >>> markers = np.array([[1, 0, 0, 0, 0, 2]])
    >>> watershed(ridge, markers)
    array([[1, 1, 1, 2, 2, 2]], dtype=int32)
    >>> watershed(ridge, markers, lines=True)
    array([[1, 1, 0, 2, 2, 2]], dtype=int32)
    """
    require_gray(image)
    markers = require_labels(markers, "markers")
    require_same_shape(image=image, markers=markers)
    neighbours = require_connectivity(connectivity)
    if mask is not None:
        require_mask(mask)
        require_same_shape(image=image, mask=mask)
    from skimage import segmentation  # takes its time to load

    options = {"connectivity": neighbours, "watershed_line": bool(lines)}
    if mask is None:
        return segmentation.watershed(image, markers, **options)
    out = np.zeros(markers.shape, np.int32)
    if mask.any():
        window = _box(mask)
        out[window] = segmentation.watershed(
            image[window], markers[window], mask=mask[window], **options
        )
    return out


def _box(mask: Mask) -> tuple[slice, slice]:
    """Rows and columns that the mask needs, if it is not empty."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
