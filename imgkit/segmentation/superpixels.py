"""Small regions of like pixels, to think in hundreds of pieces and not in a million pixels."""

from __future__ import annotations  # help() says Image, not what it stands for

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from imgkit.capabilities import routine
from imgkit.color import rgb_to_lab
from imgkit.images import (
    Image,
    Labels,
    require_image,
    require_number,
    require_positive,
    require_whole,
)
from imgkit.images.pointwise import fractions

LOOSEST, TIGHTEST = 1e-3, 1e6  # compactness; beyond them nothing changes any more
SMALLEST = 0.25  # of a cell; what is smaller is no region
NEAR = [(i, j) for i in range(3) for j in range(3)]  # a cell and the eight around, in a frame of 1
LARGEST_SCALE = 1e12
WIDEST = 1000  # sigma, in pixels


@routine(float32=1e-4, float64=1e-4, uint8=0.03, tensor=False)
def slic(image: Image, *, n: int = 100, compactness: float = 10.0, iterations: int = 10) -> Labels:
    """About n regions of one size that follow the edges: k-means of colour and place together.

    A grid of cells is laid, about S by S pixels, and in each a centre. Every pixel goes to the
    centre at the least distance ``|colour difference|² / compactness² + |way|² / S²``, of those of
    its own cell and the eight around; each centre moves to the mean of its pixels; and so on. In
    the end scattered bits, smaller than a quarter of a cell, join their largest neighbour.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3); floats in 0..1
    n : about how many regions, at least 1: so many cells are laid, as nearly as rows and columns
        of them can
    compactness : the difference of colour, in units of Lab (0 black, 100 white), that weighs as
        much as a way of S, 0.001..1e6. 5 follows faint edges, 40 gives almost squares.
    iterations : rounds of k-means, 1..1000

    Returns
    -------
    int32 (H, W): 1, 2, ... without gaps, each a region connected by sides

    Raises
    ------
    ValueError
        If n, compactness or iterations is out of range, or a float image leaves 0..1.
    TypeError
        If n or iterations is not whole, or the image has another dtype.

    Notes
    -----
    To look at nine centres is gSLIC's way: then all is products of small matrices, twice as fast as
    scikit-image's ``slic``. That one looks further; takes what is smaller than half a cell for
    scattered bits, so that on photographs a fifth to a third of the regions asked for are missing;
    and stretches the image to black and white first, so that the same compactness means something
    else in a pale image. Grey is taken by its lightness, so that compactness means the same as in
    colour. Computed in float32; where distances all but tie, a pixel may go either way. (The
    tolerance in the table is of the mean squared deviation from the regions' colours.)

    References
    ----------
    Achanta, Shaji, Smith, Lucchi, Fua and Süsstrunk, SLIC superpixels compared to state-of-the-art
    superpixel methods, IEEE Transactions on Pattern Analysis and Machine Intelligence 34, 2012. Ren
    and Reid, gSLIC: a real-time implementation of SLIC superpixel segmentation, University of
    Oxford, 2011.

    Examples
    --------
    >>> halves = np.zeros((20, 30), np.uint8)
    >>> halves[:, 13:] = 255
    >>> slic(halves, n=2)[0]
    array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2,
           2, 2, 2, 2, 2, 2, 2, 2], dtype=int32)
    """
    require_image(image, intensities=True, channels=(1, 3))
    require_whole(1, n=n, iterations=iterations)
    if iterations > 1000:
        raise ValueError(f"iterations must lie in 1..1000, got {iterations!r}")
    require_positive(compactness=compactness)
    if not LOOSEST <= compactness <= TIGHTEST:
        raise ValueError(f"compactness must lie in {LOOSEST}..{TIGHTEST:g}, got {compactness!r}")
    colors = _lab(image) / np.float32(compactness)
    side, cell = grid(image.shape[:2], n)
    labels = _Cells(colors, side, cell).clusters(iterations)
    return connected(labels, SMALLEST * cell[0] * cell[1])


@routine(float32=0, float64=0, uint8=0, tensor=False)
def felzenszwalb(
    image: Image, *, scale: float = 100.0, sigma: float = 0.8, min_size: int = 20
) -> Labels:
    """Regions without a step inside that is larger than the steps they are used to.

    All eight neighbours' differences are gone through from the least to the largest. The two
    regions at such an edge become one if its difference is at most ``most + k / size`` for both,
    where ``most`` is the largest difference that the region has swallowed so far: small regions are
    tolerant, large ones know what they are.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3); floats in 0..1
    scale : 255 k, above 0 and up to 1e12: twice as much, larger regions. It is no size: where there
        is more contrast they stay small.
    sigma : of the Gaussian blur before, in pixels, 0..1000; 0 for none
    min_size : smaller regions join a neighbour in the end, at least 1

    Returns
    -------
    int32 (H, W): 1, 2, ... without gaps

    Raises
    ------
    ValueError
        If scale, sigma or min_size is out of range, or a float image leaves 0..1.
    TypeError
        If min_size is not whole, or the image has another dtype.

    Notes
    -----
    This is ``skimage.segmentation.felzenszwalb``, numbered from 1, for 0 is background in this kit.
    Differences are fractions of full scale, over all channels together (the root of the sum of
    squares); computed in float64, for the order of the edges decides.

    References
    ----------
    Felzenszwalb and Huttenlocher, Efficient graph-based image segmentation, International Journal
    of Computer Vision 59, 2004.

    Examples
    --------
    >>> row = np.array([[0.1, 0.2, 0.3, 0.4, 0.9, 0.8, 0.9, 1.0]])
    >>> felzenszwalb(row, scale=50, sigma=0, min_size=1)
    array([[1, 1, 1, 1, 2, 2, 2, 2]], dtype=int32)
    """
    require_image(image, intensities=True, channels=(1, 3))
    require_positive(scale=scale)
    require_number(sigma=sigma)
    if scale > LARGEST_SCALE:
        raise ValueError(f"scale must be at most {LARGEST_SCALE:g}, got {scale!r}")
    if not 0 <= sigma <= WIDEST:
        raise ValueError(f"sigma must lie in 0..{WIDEST}, got {sigma!r}")
    require_whole(1, min_size=min_size)
    from skimage.segmentation import felzenszwalb as regions

    values = fractions(image)
    planes = np.ascontiguousarray(values.reshape(*image.shape[:2], -1))
    smallest = min(int(min_size), planes[..., 0].size)
    labels = regions(planes, scale=scale, sigma=sigma, min_size=smallest, channel_axis=2)
    return labels.astype(np.int32) + np.int32(1)


# --- SLIC -----------------------------------------------------------------------------------------


def _lab(image: Image) -> npt.NDArray[np.float32]:
    """Lab (H, W, 3), of grey the lightness alone (H, W, 1)."""
    if image.dtype == np.float64:
        image = image.astype(np.float32)
    if image.ndim == 3 and image.shape[2] == 3:
        return rgb_to_lab(image)
    gray = image.reshape(*image.shape[:2], 1)
    if image.dtype == np.uint8:
        levels = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)
        return rgb_to_lab(levels)[0, :, 0][gray]
    return rgb_to_lab(np.repeat(gray, 3, axis=2))[..., :1]


def grid(shape: tuple[int, int], n: int) -> tuple[float, tuple[int, int]]:
    """The side S of n equal squares, and the size of the cells: so near to squares as they fit.

    Examples
    --------
    >>> grid((20, 30), 2), grid((1, 1000), 10)
    ((17.320508075688775, (20, 15)), (100.0, (1, 100)))
    """
    h, w = shape
    side = max((h * w / n) ** 0.5, max(h, w) / n, 1.0)  # the second where the image is thin
    return side, (-(-h // max(1, round(h / side))), -(-w // max(1, round(w / side))))


class _Cells:
    """The image in cells; a pixel belongs to the centre of its cell or of one of the eight around.

    A pixel is a column of numbers: colour, row and column in units of S, and a 1 by which to count.
     Colours are told from the cell's mean and places from its corner, so that single
    precision will do; what fills up the cells at the far ends is 0, the 1 too.
    """

    def __init__(self, colors: npt.NDArray[np.float32], side: float, cell: tuple[int, int]) -> None:
        h, w, c = colors.shape
        self.shape, self.cell = (h, w), cell
        height, width = cell
        self.rows, self.columns = -(-h // height), -(-w // width)
        pixels = np.zeros((self.rows * height, self.columns * width, c + 3), np.float32)
        pixels[:h, :w, :c] = colors
        pixels[:h, :w, c] = ((np.arange(h) % height + 0.5) / side)[:, None]
        pixels[:h, :w, c + 1] = (np.arange(w) % width + 0.5) / side
        pixels[:h, :w, c + 2] = 1
        cells = pixels.reshape(self.rows, height, self.columns, width, c + 3)
        cells = np.ascontiguousarray(cells.transpose(0, 2, 4, 1, 3))
        self.pixels = cells.reshape(self.rows, self.columns, c + 3, height * width)
        sums = self.pixels.sum(3, dtype=np.float64)  # (rows, columns, c + 3)
        self.origin = np.zeros_like(sums[..., :-1])
        self.origin[..., :c] = sums[..., :c] / sums[..., -1:]
        corners = np.moveaxis(np.indices((self.rows, self.columns)), 0, -1)
        self.origin[..., c:] = corners * np.array(cell) / side
        mean = self.origin[..., :c, None].astype(np.float32)
        self.pixels[:, :, :c] -= mean * self.pixels[:, :, -1:]
        self.centres = self.origin.copy()
        self.centres[..., c:] += sums[..., c:-1] / sums[..., -1:]

    def clusters(self, iterations: int) -> Labels:
        """k-means; then the number of each pixel's centre, (H, W)."""
        for _ in range(iterations):
            self._move()
        height, width = self.cell
        out = np.empty((self.rows, self.columns, height * width), np.int32)
        numbers = np.arange(self.rows * self.columns, dtype=np.int32)
        numbers = _around(numbers.reshape(self.rows, self.columns, 1), -1)[..., 0]
        for row, measure in enumerate(self._measures()):
            nearest = (measure @ self.pixels[row]).argmin(1)
            out[row] = np.take_along_axis(numbers[row], nearest, 1)
        out = out.reshape(self.rows, self.columns, height, width).swapaxes(1, 2)
        out = out.reshape(self.rows * height, self.columns * width)
        return np.ascontiguousarray(out[: self.shape[0], : self.shape[1]])

    def _move(self) -> None:
        """Each centre to the mean of the pixels that are nearest to it."""
        sums = np.zeros((self.rows + 2, self.columns + 2, self.pixels.shape[2]))
        for row, measure in enumerate(self._measures()):
            distance = measure @ self.pixels[row]  # (columns, 9, pixels)
            nearest = distance == distance.min(1, keepdims=True)
            found = nearest.astype(np.float32) @ self.pixels[row].swapaxes(1, 2)
            found = found.astype(np.float64)  # (columns, 9, c + 3)
            found[..., :-1] += self.origin[row, :, None] * found[..., -1:]
            for k, (i, j) in enumerate(NEAR):
                sums[row + i, j : j + self.columns] += found[:, k]
        sums = sums[1:-1, 1:-1]
        counts = sums[..., -1:]
        np.divide(sums[..., :-1], counts, out=self.centres, where=counts > 0)

    def _measures(self) -> npt.NDArray[np.float32]:
        """(rows, columns, 9, c + 3): times a pixel, its squared distance from the nine centres.

        Less the pixel's own square, which is the same for all nine: ``|m|² - 2 m x``.
        """
        centres = _around(self.centres, np.nan) - self.origin[:, :, None]
        squares = (centres**2).sum(3, keepdims=True)
        measures = np.concatenate([-2 * centres, squares], axis=3)
        absent = np.isnan(squares[..., 0])
        measures[absent] = 0
        measures[absent, -1] = np.finfo(np.float32).max  # never the nearest
        return measures.astype(np.float32)


def _around(table: npt.NDArray, beyond: float) -> npt.NDArray:
    """A cell and the eight around it: (rows, columns, n) -> (rows, columns, 9, n)."""
    rows, columns = table.shape[:2]
    wide = np.pad(table, ((1, 1), (1, 1), (0, 0)), constant_values=beyond)
    return np.stack([wide[i : i + rows, j : j + columns] for i, j in NEAR], axis=2)


def connected(labels: Labels, smallest: float) -> Labels:
    """Connected parts, numbered from 1; small ones join their largest neighbour."""
    from skimage.measure import label as components

    parts = components(labels, background=-1, connectivity=1) - 1
    while True:
        sizes = np.bincount(parts.ravel())
        small = sizes < smallest
        if not small.any() or len(sizes) == 1:
            return parts.astype(np.int32) + np.int32(1)
        sides = [(parts[:, :-1], parts[:, 1:]), (parts[:-1], parts[1:])]
        pairs = [np.stack([a[a != b], b[a != b]]) for a, b in sides]
        pairs = np.concatenate([pairs[0], pairs[1], pairs[0][::-1], pairs[1][::-1]], axis=1)
        one, other = pairs[:, small[pairs[0]]]
        order = sizes[other].argsort(kind="stable")
        joined = np.arange(len(sizes))
        joined[one[order]] = other[order]  # of several the last, the largest, stays
        ends = np.arange(len(sizes) + 1)
        ties = np.ones(len(sizes), np.int8), joined, ends
        graph = csr_array(ties, shape=(len(sizes), len(sizes)))
        parts = connected_components(graph, directed=False)[1][parts]
