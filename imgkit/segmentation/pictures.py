"""Labels as pictures: a colour for each region, or its outline on the image."""

from __future__ import annotations  # help() says Labels, not what it stands for

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.images import (
    Image,
    Labels,
    Mask,
    as_uint8,
    require_image,
    require_labels,
    require_mask,
    require_number,
    require_same_shape,
)

Pixels = npt.NDArray[np.uint8]

# Okabe and Ito's colours without black, which is the background
COLOURS = np.array(
    [
        [230, 159, 0],
        [86, 180, 233],
        [0, 158, 115],
        [240, 228, 66],
        [0, 114, 178],
        [213, 94, 0],
        [204, 121, 167],
    ],
    np.uint8,
)
NEAR = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0))  # touching, or a line of one pixel between
ROUNDS = 10  # of changing colours that neighbours share; what is left then stays


@routine(float32=2e-3, float64=2e-3, tensor=False)
def paint(labels: Labels, image: Image | None = None, *, opacity: float = 0.5) -> Pixels:
    """A picture of a label image: a colour for each region, another one for its neighbours.

    Parameters
    ----------
    labels : array (H, W) of whole numbers, 0 for the background
    image : array (H, W) or (H, W, 3), shown in grey below the colours
    opacity : how much of the image the colours hide, from 0 (all is seen) to 1 (nothing is); it
        speaks of the regions only, the background shows the whole image

    Returns
    -------
    uint8 (H, W, 3). Without an image the background is black.

    Raises
    ------
    TypeError
        If the labels are not whole numbers.
    ValueError
        If image and labels differ in size, or opacity lies outside 0..1.

    Notes
    -----
    The seven colours are those of Okabe and Ito, which all kinds of colour vision tell apart.
    Neighbours are regions that touch, or that one pixel separates. The choice improves step by step
    and may end with a few pairs alike, in pictures where a region has dozens of neighbours. The
    same labels always get the same colours.

    References
    ----------
    Okabe and Ito, Color Universal Design, 2008.

    Examples
    --------
    >>> paint(np.array([[0, 1, 2]]))
    array([[[  0,   0,   0],
            [230, 159,   0],
            [ 86, 180, 233]]], dtype=uint8)
    """
    labels = require_labels(labels)
    require_number(opacity=opacity)
    if not 0 <= opacity <= 1:
        raise ValueError(f"opacity must lie in 0..1, got {opacity!r}")
    if image is not None:
        require_image(image, intensities=True, channels=(1, 3))
        require_same_shape(labels=labels, image=image)
    numbers, places = _places(labels)
    palette = np.vstack([np.zeros((1, 3), np.uint8), COLOURS])[_choose(places, len(numbers))]
    picture = np.take(palette, places, axis=0)
    if image is None:
        return picture
    grey = _rgb(image, colour=False)
    mixed = cv2.addWeighted(picture, opacity, grey, 1 - opacity, 0)
    return cv2.copyTo(mixed, (labels > 0).view(np.uint8), grey)


@routine(float32=2e-3, float64=2e-3, tensor=False)
def outline(
    image: Image, labels: Labels | Mask, *, color: Sequence[float] = (1.0, 0.6, 0.0)
) -> Pixels:
    """The image with the edges of regions drawn over it, to see whether a segmentation fits.

    The edge is made of those pixels of a region that have a neighbour, of four, outside of it.

    Parameters
    ----------
    image : array (H, W), (H, W, 1) or (H, W, 3), floats in 0..1
    labels : array (H, W) of whole numbers, 0 for the background, or a mask of bool
    color : red, green and blue in 0..1; the default is orange

    Returns
    -------
    uint8 (H, W, 3)

    Raises
    ------
    TypeError
        If labels are neither whole numbers nor bool.
    ValueError
        If image and labels differ in size, or color is not three numbers in 0..1.

    Notes
    -----
    The line lies on the region, one pixel wide; where two touch, each has its own. The border of
    the image is no edge. scikit-image's ``mark_boundaries`` draws the same pixels with
    ``mode="inner"``.

    Examples
    --------
    >>> labels = np.array([[0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0, 1, 1, 1, 0], [0, 1, 1, 1, 0]])
    >>> outline(np.zeros((4, 5)), labels)[..., 0]
    array([[  0,   0,   0,   0,   0],
           [  0, 255, 255, 255,   0],
           [  0, 255,   0, 255,   0],
           [  0, 255,   0, 255,   0]], dtype=uint8)
    """
    require_image(image, intensities=True, channels=(1, 3))
    if isinstance(labels, np.ndarray) and labels.dtype == bool:
        require_mask(labels, "labels")
        labels = labels.view(np.uint8)
    else:
        labels = require_labels(labels)
    require_same_shape(image=image, labels=labels)
    ink = _ink(color)
    picture = _rgb(image, colour=True)
    picture[_edges(labels)] = ink
    return picture


def _rgb(image: Image, *, colour: bool) -> Pixels:
    """A fresh picture of it with three channels, in colour or in shades of grey."""
    pixels = as_uint8(image)
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        if colour:
            return np.array(pixels, order="C")
        pixels = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    return cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_GRAY2RGB)


def _ink(color: Sequence[float]) -> Pixels:
    said = f"color must be three numbers in 0..1: red, green, blue; got {color!r}"
    try:
        levels = np.array(color, np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(said) from error
    if levels.shape != (3,) or not ((levels >= 0) & (levels <= 1)).all():
        raise ValueError(said)
    return np.rint(255 * levels).astype(np.uint8)


def _edges(labels: np.ndarray) -> Mask:
    """Pixels of regions beside a pixel with another number."""
    edge = np.zeros(labels.shape, bool)
    across = labels[:, 1:] != labels[:, :-1]
    down = labels[1:] != labels[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    edge &= labels != 0
    return edge


def _places(labels: Labels) -> tuple[np.ndarray, np.ndarray]:
    """The numbers, 0 first, and for each pixel the place of its own among them."""
    largest = int(labels.max())
    if largest <= 4 * labels.size + 1000:
        return np.arange(largest + 1), labels
    numbers, places = np.unique(np.append(labels, 0), return_inverse=True)
    return numbers, places[:-1].reshape(labels.shape)


def _choose(labels: np.ndarray, count: int) -> np.ndarray:
    """A colour for each number, from 1: neighbours in the order of their numbers differ already.

    Of two neighbours with one colour the later takes another that is free among its neighbours; no
    two neighbours at once, so that each round leaves fewer.
    """
    colours = np.arange(count) - 1
    colours %= len(COLOURS)
    one, other = _neighbours(labels, count)
    for _ in range(ROUNDS):
        moving = np.zeros(count, bool)
        moving[other[colours[one] == colours[other]]] = True
        moving[other[moving[one] & moving[other]]] = False
        if not moving.any():
            break
        one, other = other, one  # next time the earlier ones
        seen = np.append(one, other) * len(COLOURS) + colours[np.append(other, one)]
        taken = np.bincount(seen, minlength=count * len(COLOURS)).reshape(count, -1)
        colours[moving] = taken[moving].argmin(axis=1)
    colours += 1
    colours[0] = 0
    return colours


def _neighbours(labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of regions that lie side by side, the smaller number first, each pair once."""
    wide = np.pad(labels, 2)
    row = wide.shape[1]
    flat = wide.ravel()
    edge = np.flatnonzero(_edges(wide))
    numbers = flat[edge]
    pairs = []
    for down, right in NEAR:
        others = flat[edge + (down * row + right)]
        differ = (others != numbers) & (others > 0)
        low, high = numbers[differ].astype(np.int64), others[differ]
        pairs.append(np.minimum(low, high) * count + np.maximum(low, high))
    found = np.sort(np.concatenate(pairs))
    return np.divmod(found[np.diff(found, prepend=-1) > 0], count)
