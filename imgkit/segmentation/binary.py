"""What is done to masks: holes filled, specks removed, shapes thinned or wrapped."""

from __future__ import annotations  # help() says Mask, not what it stands for

from typing import TypeVar

import cv2
import numpy as np
from scipy import ndimage

from imgkit.capabilities import routine
from imgkit.images import Labels, Mask, require_labels, require_mask, require_number
from imgkit.segmentation.labels import relabel, require_connectivity

MaskOrLabels = TypeVar("MaskOrLabels", Mask, Labels)  # the kind that comes in goes out


@routine(float32=0, float64=0, uint8=0, tensor=False)
def fill_holes(mask: Mask, *, connectivity: int = 1) -> Mask:
    """Fill the holes of a mask: what the background cannot reach from the edge of the image.

    Parameters
    ----------
    mask : array (H, W) of bool
    connectivity : how the background spreads: 1 to the four neighbours that share a side, so that
        an outline is closed even where its pixels touch at corners only; 2 to all eight, so that it
        leaks there

    Returns
    -------
    bool (H, W), the mask and its holes.

    Raises
    ------
    TypeError
        If the mask is not bool.
    ValueError
        If connectivity is neither 1 nor 2.

    Notes
    -----
    Equal to ``scipy.ndimage.binary_fill_holes``. To fill small holes only, remove them from the
    background: ``~remove_small(~mask, area=50, connectivity=1)``.

    References
    ----------
    Soille, Morphological Image Analysis, 2nd ed., section 6.3.7.

    Examples
    --------
    >>> fill_holes(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) > 0).astype(int)
    array([[0, 1, 0],
           [1, 1, 1],
           [0, 1, 0]])
    """
    require_mask(mask)
    require_connectivity(connectivity)
    wide = cv2.copyMakeBorder(mask.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(wide, None, (0, 0), 2, flags=4 * connectivity)
    return wide[1:-1, 1:-1] != 2


@routine(float32=0, float64=0, uint8=0, tensor=False)
def remove_small(
    mask_or_labels: MaskOrLabels, *, area: float, connectivity: int = 2
) -> MaskOrLabels:
    """Remove what is smaller than ``area``: parts of a mask, or regions of a label image.

    Parameters
    ----------
    mask_or_labels : array (H, W) of bool, or of whole numbers with 0 for the background
    area : in pixels, at least 0; what has just so many stays
    connectivity : which pixels of a mask are of one part: 1, if they share a side; 2, if they share
        a corner, as in :func:`label`. A region of a label image is all pixels of its number.

    Returns
    -------
    bool (H, W), or int32 (H, W) with the numbers of the regions as they were.

    Raises
    ------
    TypeError
        If it is neither a mask nor a label image, or area is no number.
    ValueError
        If area is negative, or connectivity neither 1 nor 2.

    Notes
    -----
    ``skimage.morphology.remove_small_objects`` is the same with ``max_size=area - 1`` (``min_size=
    area`` in older versions), but its default is four neighbours.

    Examples
    --------
    >>> remove_small(np.array([[1, 1, 0, 1], [1, 0, 0, 0]]) > 0, area=3).astype(int)
    array([[1, 1, 0, 0],
           [1, 0, 0, 0]])
    """
    labels = _require(mask_or_labels)
    require_number(area=area)
    if area < 0:
        raise ValueError(f"area must be at least 0, got {area!r}")
    require_connectivity(connectivity)
    if labels is None:
        _, parts = cv2.connectedComponents(
            mask_or_labels.view(np.uint8), connectivity=4 * connectivity
        )
        stays = _areas(parts) >= area
        stays[0] = False  # the background
        return np.take(stays, parts)
    if labels.max() > 4 * labels.size + 1000:  # a table of all numbers would be larger than that
        return np.where(remove_small(relabel(labels), area=area) > 0, labels, 0)
    areas = _areas(labels)
    return np.take(np.where(areas >= area, np.arange(len(areas), dtype=np.int32), 0), labels)


@routine(float32=0, float64=0, uint8=0, tensor=False)
def convex_hull(mask_or_labels: MaskOrLabels) -> MaskOrLabels:
    """Wrap the smallest convex shape around a mask, or around each region of a label image.

    Parameters
    ----------
    mask_or_labels : array (H, W) of bool, or of whole numbers with 0 for the background

    Returns
    -------
    bool (H, W): one hull around all pixels of the mask. Or int32 (H, W): a hull around each region;
    regions keep their pixels, and where hulls of several meet the largest number wins.

    Raises
    ------
    TypeError
        If it is neither a mask nor a label image.

    Notes
    -----
    A pixel stands for the midpoints of its square's four sides, and is in the hull if its centre
    lies inside or on the edge; computed in whole numbers. Equal to
    ``skimage.morphology.convex_hull_image``, which rounds, so that it may decide otherwise about a
    centre right on the edge. For a hull around each part of a mask:
    ``convex_hull(label(mask)) > 0``.

    References
    ----------
    Sklansky, Finding the convex hull of a simple polygon, Pattern Recognition Letters, 1982.

    Examples
    --------
    >>> convex_hull(np.array([[1, 0, 0], [1, 0, 0], [1, 1, 1]]) > 0).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])
    """
    labels = _require(mask_or_labels)
    if labels is None:
        return _hull(mask_or_labels)
    out = labels.copy()
    parts = relabel(labels)
    for number, box in enumerate(ndimage.find_objects(parts), start=1):
        region = parts[box] == number
        value = labels[box][region][0]
        out[box][_hull(region) & (parts[box] == 0)] = value
    return out


@routine(float32=0, float64=0, uint8=0, tensor=False)
def skeletonize(mask: Mask) -> Mask:
    """Thin a mask to lines one pixel wide that keep its shape: of a bar a stick, of a ring a ring.

    Layer by layer the pixels at the edge go, those towards the south and east in one step and those
    towards the north and west in the next, but none without which a part would fall apart, and no
    end of a line.

    Parameters
    ----------
    mask : array (H, W) of bool

    Returns
    -------
    bool (H, W), pixels of the mask.

    Raises
    ------
    TypeError
        If the mask is not bool.

    Notes
    -----
    It is ``skimage.morphology.skeletonize``, behind the gate: the two steps of Zhang and Suen, with
    a table of which neighbourhoods go that also takes the corners of stairs, so that its lines are
    thinner than those of the paper.

    References
    ----------
    Zhang and Suen, A fast parallel algorithm for thinning digital patterns, Communications of the
    ACM, 1984. Gonzalez and Woods, Digital Image Processing, 4th ed., section 9.5.

    Examples
    --------
    >>> bar = np.ones((3, 6), bool)
    >>> skeletonize(bar).astype(int)
    array([[0, 0, 0, 0, 1, 0],
           [1, 1, 1, 1, 0, 0],
           [0, 0, 0, 0, 0, 0]])
    """
    from skimage.morphology import skeletonize as thinned

    require_mask(mask)
    return thinned(mask.copy())  # it takes no array that is read-only


def _require(mask_or_labels: object) -> Labels | None:
    """The gate: a label image as int32; None if it is a mask."""
    if isinstance(mask_or_labels, np.ndarray) and mask_or_labels.dtype == bool:
        return require_mask(mask_or_labels, "mask_or_labels")
    return require_labels(mask_or_labels, "mask_or_labels")


def _areas(labels: Labels) -> np.ndarray:
    """How many pixels have each number, counted run by run."""
    flat = labels.ravel()
    first = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
    return np.bincount(flat[first], weights=np.diff(first, append=flat.size))


def _hull(mask: Mask) -> Mask:
    """All in doubled coordinates, where the midpoints of a pixel's sides are whole numbers."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return np.zeros(mask.shape, bool)
    width = mask.shape[1]
    first = mask[rows].argmax(axis=1)
    last = width - 1 - mask[rows, ::-1].argmax(axis=1)
    ends = 2 * np.stack([np.tile(rows, 2), np.concatenate([first, last])], axis=1)  # (2 N, 2)
    sides = ends[:, None] + [[-1, 0], [1, 0], [0, -1], [0, 1]]
    corners = cv2.convexHull(sides.reshape(-1, 2).astype(np.int32)).reshape(-1, 2).astype(np.int64)
    top, bottom = rows[0], rows[-1]
    left, right = _crossings(corners, top, bottom)
    columns = np.arange(width)
    out = np.zeros(mask.shape, bool)
    out[top : bottom + 1] = (columns >= left[:, None]) & (columns <= right[:, None])
    return out


def _crossings(corners: np.ndarray, top: int, bottom: int) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last column inside of a convex polygon, for each row of pixels."""
    (y0, x0), (y1, x1) = corners.T, np.roll(corners, -1, axis=0).T
    down = y1 > y0
    y0, x0, y1, x1 = np.where(down, [y0, x0, y1, x1], [y1, x1, y0, x0])
    begin, end = -(-y0 // 2), y1 // 2 + 1  # rows of pixels that a side of the polygon crosses
    count = np.where(y1 > y0, end - begin, 0)
    side = np.repeat(np.arange(len(corners)), count)
    row = np.arange(len(side)) - np.repeat(np.cumsum(count) - count - begin, count)
    height = (y1 - y0)[side]
    crossing = x0[side] * height + (2 * row - y0[side]) * (x1 - x0)[side]  # times height
    left = np.full(bottom + 1 - top, np.iinfo(np.int64).max)
    right = -left
    np.minimum.at(left, row - top, -(-crossing // (2 * height)))
    np.maximum.at(right, row - top, crossing // (2 * height))
    return left, right
