"""Shape by its edges: how much of each direction there is in each small part of an image."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import numpy as np

from imgkit.capabilities import routine
from imgkit.features import hog_arrays, hog_tensors
from imgkit.images import (
    AnyImage,
    Image,
    as_dtype,
    is_tensor,
    require_image,
    require_size,
    require_whole,
)
from imgkit.images.pointwise import library

MOST_BINS = 180
LARGEST_SHARE = 0.2  # of a block's norm that a single value may have
EPSILON = 1e-5  # beside which a norm counts as none, in fractions of full scale
Size = int | tuple[int, int]


@routine(float32=1e-5, float64=1e-10, uint8=5e-3)
def hog(
    image: AnyImage, *, cell: Size = 8, block: Size = 2, bins: int = 9, vector: bool = True
) -> AnyImage:
    """Histogram of oriented gradients: what a picture's outlines look like, in numbers.

    Each pixel votes for the direction of its gradient, with the gradient's magnitude; a cell's
    votes make a histogram. Each block of cells is divided by its norm, which takes local contrast
    out; values above 0.2 are cut, and the rest is divided by its norm again (L2-Hys).

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (H, W) or (..., C, H, W) of 1 or 3 channels; floats
        in 0..1. Of several channels each pixel takes the one with the largest gradient.
    cell : pixels a side, or (rows, columns). Pixels that fill no cell, at the right and the bottom,
        are left out.
    block : cells a side, or (rows, columns). Blocks lie one cell apart and overlap.
    bins : 1..180 equal parts of the half circle: opposite gradients vote alike
    vector : whether all blocks are one vector, for a classifier. If not, their places stay.

    Returns
    -------
    Values in 0..1: (F,), with ``vector=False`` (rows, columns, block rows, block columns, bins).
    float32 for uint8, else the dtype of the image. Of tensors each image of the batch has its own,
    (..., F). Gradients flow through the magnitudes; the directions only choose the bin.

    Raises
    ------
    ValueError
        If the image is smaller than a block, floats lie outside 0..1, or bins is out of range.
    TypeError
        If cell or block is not whole, or the image has another dtype.

    Notes
    -----
    Gradients are central differences, 0 at the edges. Bin 0 begins at angle 0, a brightness that
    changes along a row. There are no votes for two bins or two cells at once. A gradient less than
    1e-6 of full scale before a bin's edge counts as on it, and of channels whose gradients agree
    within 5e-5 of their size the first is taken, so that rounding decides nothing.

    Within 1e-5 of the float64 definition in float32, 1e-10 in float64. As scikit-image's ``hog`` of
    ``as_float(image)``, whose blocks have 3 x 3 cells if not told otherwise. There the epsilon of
    1e-5 in the norm is on the image's own scale, so that bytes in almost flat parts differ from
    floats, and rounding chooses between channels that are equal.

    References
    ----------
    Dalal and Triggs, Histograms of oriented gradients for human detection, IEEE Conference on
    Computer Vision and Pattern Recognition, 2005.

    Examples
    --------
    >>> ramp = np.tile(np.linspace(0, 1, 16), (16, 1))  # brighter to the right: all in bin 0
    >>> hog(ramp, vector=False)[0, 0, 0, 0].round(3)
    array([0.5, 0. , 0. , 0. , 0. , 0. , 0. , 0. , 0. ])
    >>> hog(ramp, cell=4).shape  # 3 x 3 blocks of 2 x 2 cells of 9 bins
    (324,)
    """
    block_size = require_size(block=block)
    require_image(image, intensities=True, tensor=True)
    blocks = _blocks(_cells(image, cell, block_size, bins), block_size)
    lead, places = tuple(blocks.shape[:-4]), tuple(blocks.shape[-4:-2])
    return blocks.reshape(*lead, *((-1,) if vector else (*places, *block_size, bins)))


def _cells(image: AnyImage, cell: Size, block: tuple[int, int], bins: int) -> AnyImage:
    """The histogram of each cell, (..., rows, columns, bins), of an image that fills a block."""
    size = require_size(cell=cell)
    require_whole(1, MOST_BINS, bins=bins)
    if is_tensor(image):
        if image.ndim > 2:  # a batch must not pass for channels
            require_image(image, tensor=True, channels=(1, 3))
        whole, engine = image.shape[-2:], hog_tensors
    else:
        whole, engine = image.shape[:2], hog_arrays
    needed = block[0] * size[0], block[1] * size[1]
    if whole[0] < needed[0] or whole[1] < needed[1]:
        raise ValueError(
            f"image has {whole[0]} x {whole[1]} pixels; cells of {size[0]} x {size[1]} in blocks "
            f"of {block[0]} x {block[1]} need at least {needed[0]} x {needed[1]}"
        )
    return engine.cells(image, size, bins)


def _blocks(cells: AnyImage, block: tuple[int, int]) -> AnyImage:
    """Normalised blocks, (..., rows, columns, cells of a block, bins)."""
    rows, columns = (n - b + 1 for n, b in zip(cells.shape[-3:-1], block, strict=True))
    parts = [
        cells[..., i : i + rows, j : j + columns, :]
        for i in range(block[0])
        for j in range(block[1])
    ]
    blocks = library(cells).stack(parts, -2)
    blocks = (blocks / _norm(blocks)).clip(max=LARGEST_SHARE)
    return blocks / _norm(blocks)


def _norm(blocks: AnyImage) -> AnyImage:
    squares = (blocks * blocks).sum((-2, -1))[..., None, None]
    return (squares + EPSILON**2) ** 0.5


@routine(float32=1e-5, float64=1e-10, uint8=0.5, tensor=False)
def hog_picture(image: Image, *, cell: Size = 8, bins: int = 9) -> Image:
    """What HOG sees, as a picture: in each cell a star of strokes, one along each edge direction.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats in 0..1
    cell : pixels a side, or (rows, columns); at least 4 or so to see anything
    bins : of the half circle, 1..180

    Returns
    -------
    (H, W), in the dtype of the image. A stroke's brightness is the square root of its bin, so that
    weak edges are seen too; the brightest pixel is white. Black where no cell is.

    Raises
    ------
    ValueError
        If the image is smaller than a cell, floats lie outside 0..1, or bins is out of range.
    TypeError
        If cell is not whole, or the image has another dtype.

    Notes
    -----
    A stroke lies at right angles to the middle of its bin, along the edge that makes the gradient.
    The histograms are shown before blocks normalise them. scikit-image draws the same strokes
    without smoothing, and as bright as the bin itself.

    References
    ----------
    Dalal and Triggs, Histograms of oriented gradients for human detection, IEEE Conference on
    Computer Vision and Pattern Recognition, 2005.

    Examples
    --------
    >>> ramp = np.tile(np.linspace(0, 1, 7), (7, 1))  # its edges go down, and so does the stroke
    >>> hog_picture(ramp, cell=7, bins=90)[3].round(1) + 0
    array([0., 0., 0., 1., 0., 0., 0.])
    """
    require_image(image, intensities=True)
    cells = np.sqrt(_cells(image, cell, (1, 1), bins))
    strokes = _strokes(require_size(cell=cell), bins).astype(cells.dtype)
    drawn = np.einsum("rcb,bij->ricj", cells, strokes, optimize=True)
    rows, columns = drawn.shape[0] * drawn.shape[1], drawn.shape[2] * drawn.shape[3]
    picture = np.zeros(image.shape[:2], cells.dtype)
    picture[:rows, :columns] = drawn.reshape(rows, columns)
    brightest = picture.max()
    return as_dtype(picture / brightest if brightest > 0 else picture, like=image)


def _strokes(size: tuple[int, int], bins: int) -> np.ndarray:
    """A smooth stroke of one pixel's width through a cell for each bin, (bins, rows, columns)."""
    angles = (np.arange(bins)[:, None, None] + 0.5) * np.pi / bins
    down, right = (np.arange(n) - (n - 1) / 2 for n in size)
    across = np.sin(angles) * down[:, None] + np.cos(angles) * right
    inside = np.hypot(down[:, None], right) <= min(size) / 2
    return np.clip(1 - np.abs(across), 0, 1) * inside
