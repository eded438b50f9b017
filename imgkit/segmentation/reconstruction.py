"""Growing what is marked for as long as an image allows it, and the peaks that this finds."""

from __future__ import annotations  # help() says Image, not what it stands for

from typing import Literal, TypeVar

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.images import (
    Image,
    Mask,
    require_choice,
    require_image,
    require_mask,
    require_number,
    require_same_shape,
)
from imgkit.segmentation.bins import gray_range
from imgkit.segmentation.floods import flooded, touched
from imgkit.segmentation.labels import require_connectivity

ImageOrMask = TypeVar("ImageOrMask", Image, Mask)  # the kind that comes in goes out
NEIGHBOURS = {1: cv2.MORPH_CROSS, 2: cv2.MORPH_RECT}


@routine(float32=0, float64=0, tensor=False)
def reconstruct(
    marker: ImageOrMask,
    mask: ImageOrMask,
    *,
    method: Literal["dilation", "erosion"] = "dilation",
    connectivity: int = 2,
) -> ImageOrMask:
    """Let the marker spread from pixel to pixel, but never beyond the mask.

    By dilation, ``marker <- minimum(dilate(marker, 3), mask)`` again and again until nothing
    changes: bright parts of the mask that the marker touches come back whole, the others stay
    flat. By erosion, ``marker <- maximum(erode(marker, 3), mask)``: the same for dark parts.

    - ``reconstruct(open(image, disk(5)), image)`` takes small bright things away, and keeps the
      shape of the others to the pixel.
    - ``reconstruct(seeds & mask, mask)`` of masks is the parts of a mask that have a seed.

    Parameters
    ----------
    marker : array (H, W), nowhere brighter than mask (by erosion: nowhere darker). Floats may have
        any finite values; bool is fine too.
    mask : array (H, W), same shape and dtype: the image that limits the growth
    method : "dilation" or "erosion"
    connectivity : 1 to spread to the four neighbours that share a side, 2 to all eight

    Returns
    -------
    Same shape and dtype, between marker and mask; every value is one of theirs.

    Raises
    ------
    ValueError
        If marker and mask differ in shape, or marker lies beyond mask; if an image has colours.
    TypeError
        If they differ in dtype, or are no images.

    Notes
    -----
    Exact, and equal to ``skimage.morphology.reconstruction``. A few sweeps over all rows and
    columns carry most values home; what still has a way to go then moves on by itself, a pixel at
    a time. Where such ways are longer than the image, scikit-image finishes the work.

    References
    ----------
    Vincent, Morphological grayscale reconstruction in image analysis, IEEE Transactions on Image
    Processing, 1993. Soille, Morphological Image Analysis, 2nd ed., chapter 6.

    Examples
    --------
    >>> mask = np.uint8([[0, 5, 9, 5, 0, 7, 7, 0]])
    >>> marker = np.uint8([[0, 0, 6, 0, 0, 0, 0, 0]])
    >>> reconstruct(marker, mask)
    array([[0, 5, 6, 5, 0, 0, 0, 0]], dtype=uint8)
    """
    _require_pair(marker, mask)
    require_choice(("dilation", "erosion"), method=method)
    require_connectivity(connectivity)
    if method == "dilation":
        _require_order(marker, mask, "brighter", "minimum")
        return _reconstructed(marker, mask, connectivity)
    _require_order(mask, marker, "darker", "maximum")
    return _negative(_reconstructed(_negative(marker), _negative(mask), connectivity))


@routine(float32=0, float64=0, tensor=False)
def h_maxima(image: Image, *, h: float, connectivity: int = 2) -> Mask:
    """The peaks that rise more than ``h`` above the ground around them.

    From such a peak every way to a higher one leads down by more than h. What is marked is its
    top: the pixels connected to it that lie less than h below it, or just h. In a formula, the
    regional maxima of ``reconstruct(image - h, image)``: connected pixels of one value with no
    brighter neighbour.

    Parameters
    ----------
    image : array (H, W); floats may have any finite values
    h : height, at least 0: a fraction of full scale for uint8, for floats on the image's own scale.
        With 0 these are all regional maxima.
    connectivity : 1 for the four neighbours that share a side, 2 for all eight

    Returns
    -------
    bool (H, W). Each connected part is a peak, a marker for a watershed say. The highest peak is
    always there; a flat image is one peak.

    Raises
    ------
    ValueError
        If h is negative, the image has colours, or its values are so large that their difference is
        none of its dtype.
    TypeError
        If h is no number, or the image has another dtype.

    Notes
    -----
    Exact: the float image is lowered by h in its own precision, and that is what is reconstructed.
    These are the extended maxima of the literature, MATLAB's ``imextendedmax``.
    ``skimage.morphology.h_maxima`` marks only the highest pixels of each peak, and counts those
    that rise by just h.

    References
    ----------
    Soille, Morphological Image Analysis, 2nd ed., section 6.3.5.

    Examples
    --------
    >>> h_maxima(np.uint8([[0, 20, 10, 90, 88, 10]]), h=0.1).astype(int)
    array([[0, 0, 0, 1, 1, 0]])
    """
    gray_range(image)  # the gate
    require_connectivity(connectivity)
    return _peaks(image, _require_height(image, h), connectivity)


@routine(float32=0, float64=0, tensor=False)
def h_minima(image: Image, *, h: float, connectivity: int = 2) -> Mask:
    """The hollows that lie more than ``h`` below the ground around them.

    What :func:`h_maxima` is to peaks: the maxima of the negative. From such a hollow every way to a
    deeper one leads up by more than h.

    Parameters
    ----------
    image : array (H, W); floats may have any finite values
    h : depth, at least 0: a fraction of full scale for uint8, for floats on the image's own scale.
        With 0 these are all regional minima.
    connectivity : 1 for the four neighbours that share a side, 2 for all eight

    Returns
    -------
    bool (H, W). Each connected part is a hollow. The deepest is always there; a flat image is one.

    Raises
    ------
    ValueError
        If h is negative, the image has colours, or its values are so large that their difference is
        none of its dtype.
    TypeError
        If h is no number, or the image has another dtype.

    Notes
    -----
    Exact, as :func:`h_maxima`. MATLAB's ``imextendedmin``. ``skimage.morphology.h_minima`` marks
    only the lowest pixels of each hollow, and counts those that are just h deep.

    References
    ----------
    Soille, Morphological Image Analysis, 2nd ed., section 6.3.5.

    Examples
    --------
    >>> h_minima(np.uint8([[90, 80, 90, 10, 12, 90]]), h=0.1).astype(int)
    array([[0, 0, 0, 1, 1, 0]])
    """
    gray_range(image)  # the gate
    require_connectivity(connectivity)
    return _peaks(_negative(image), _require_height(image, h), connectivity)


def _peaks(image: Image, height: float, connectivity: int) -> Mask:
    """The peaks that rise more than a height on the image's own scale."""
    low, high = image.min(), image.max()
    if height >= float(high) - float(low):
        return np.ones(image.shape, bool)
    if image.dtype == np.uint8:
        # To differ by more than 25.5 levels is to differ by more than 25. And that the lowered
        # image stops at 0 changes no peak: what would lie below is flooded to the last pixel.
        lowered = cv2.subtract(image, np.full_like(image, int(height)))
    else:
        lowered = image - image.dtype.type(height)
    return _regional_maxima(_reconstructed(lowered, image, connectivity), connectivity)


def _require_height(image: Image, h: float) -> float:
    """The height on the image's own scale."""
    require_number(h=h)
    if h < 0:
        raise ValueError(f"h must be at least 0, got {h!r}")
    return 255 * h + 1e-9 if image.dtype == np.uint8 else h  # what is whole but for rounding is


def _regional_maxima(image: Image, connectivity: int) -> Mask:
    """Connected pixels of one value without a brighter neighbour."""
    low = image.min()
    if low == image.max():
        return np.ones(image.shape, bool)
    near = cv2.getStructuringElement(NEIGHBOURS[connectivity], (3, 3))
    top = image == cv2.dilate(image, near)  # no neighbour is brighter
    # Connected pixels of the top have one value. They are no maximum where others of that value are
    # their neighbours: those are not of the top, so they have a brighter neighbour.
    count, parts = cv2.connectedComponents(top.view(np.uint8), connectivity=4 * connectivity)
    rest = np.where(top, low, image)
    maximum = np.ones(count, bool)
    maximum[parts[top & (cv2.dilate(rest, near) == image)]] = False
    maximum[0] = False
    return np.take(maximum, parts)


def _reconstructed(marker: ImageOrMask, mask: ImageOrMask, connectivity: int) -> ImageOrMask:
    if mask.dtype == bool:
        return touched(marker, mask, connectivity)
    return flooded(marker, mask, connectivity)


def _negative(image: ImageOrMask) -> ImageOrMask:
    if image.dtype == np.uint8:
        return 255 - image
    return ~image if image.dtype == bool else -image


def _require_pair(marker: object, mask: object) -> None:
    for name, image in (("marker", marker), ("mask", mask)):
        if isinstance(image, np.ndarray) and image.dtype == bool:
            require_mask(image, name)
        else:
            require_image(image, name)
            if image.ndim == 3:
                raise ValueError(
                    f"{name} has shape {image.shape}; this takes grey, (H, W): use color.to_gray"
                )
    require_same_shape(marker=marker, mask=mask)
    if marker.dtype != mask.dtype:
        raise TypeError(
            f"marker has dtype {marker.dtype} and mask {mask.dtype}: they have to be of one dtype"
        )


def _require_order(low: ImageOrMask, high: ImageOrMask, word: str, remedy: str) -> None:
    beyond = int(np.count_nonzero(low > high))
    if beyond:
        raise ValueError(
            f"marker is {word} than mask at {beyond} pixels; it must not be: "
            f"use np.{remedy}(marker, mask)"
        )
