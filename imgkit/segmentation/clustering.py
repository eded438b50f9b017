"""Colours that belong together: k-means for a given number of them, mean shift for a given width.

Both look at the colours alone, not at where they are. A photograph has a million pixels but few
thousand different colours once each channel has 32 steps, so the search runs on a histogram of the
colours, each cell standing at the mean of its pixels; only the end of it looks at pixels again.
"""

from __future__ import annotations  # help() says Image, not what it stands for

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imgkit.capabilities import routine
from imgkit.images import (
    Image,
    Labels,
    as_dtype,
    require_image,
    require_number,
    require_seed,
    require_whole,
)
from imgkit.segmentation.bins import best_splits
from imgkit.segmentation.color_cells import Cells, Colors, squared_distances

NARROWEST = 1 / 32  # bandwidth: a step of a colour's channel
MOST = 256  # clusters, and attempts
ROUNDS = 200  # of either iteration; photographs need 20 to 50
POLISH = 2  # rounds of Lloyd's iteration on all pixels
TRIALS = 4  # cells drawn for each colour of a start
AT_REST = 1e-3  # a step, in bandwidths, that counts as none


@routine(float32=2e-4, float64=2e-4, uint8=0.5, tensor=False)
def kmeans(
    image: Image, *, k: int, seed: int | np.random.Generator = 0, attempts: int = 3
) -> tuple[Labels, npt.NDArray]:
    """Sort the pixels by k colours, so chosen that on the whole pixels are near to theirs.

    Lloyd's iteration: each pixel goes to the nearest colour, each colour to the mean of its pixels;
    until nothing moves. ``colours[labels]`` is the image in k colours.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3); floats in 0..1
    k : how many colours, 1..256
    seed : a number, or a NumPy generator. The same number gives the same result.
    attempts : how many starts; the best is kept

    Returns
    -------
    labels : int32 (H, W), 0..k-1, from the darkest colour to the brightest (mean of the channels)
    colours : (k,) for grey, else (k, 3), of the image's dtype: the mean of each cluster

    Raises
    ------
    ValueError
        If the image has fewer different colours than k (in 32 steps a channel, 256 of grey), a
        float image leaves 0..1, or k or attempts is out of range.
    TypeError
        If k or attempts is not whole, or the image has another dtype.

    Notes
    -----
    The starts are drawn by k-means++ (each new colour from the pixels, with probability as the
    squared distance to the nearest so far; of a few drawn, the one that helps most), and iterated
    on the histogram of the colours; two rounds on all pixels follow, of which only those have to be
    measured whose cell lies between colours. On photographs the mean squared error is within 1 % of
    what ``cv2.kmeans`` finds on all pixels for 8 colours and 3 % for 16, or 2e-4 (the tolerance in
    the table: no k-means finds the very best), in a tenth of the time. Grey needs no drawing: the
    best start is found as in :func:`~imgkit.segmentation.multi_otsu`, which is the same problem.

    References
    ----------
    S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 28(2),
    1982. D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.

    Examples
    --------
    >>> image = np.float32([[0.1, 0.9, 0.5], [0.1, 0.9, 0.4]])
    >>> labels, colours = kmeans(image, k=3)
    >>> labels, colours
    (array([[0, 2, 1],
           [0, 2, 1]], dtype=int32), array([0.1 , 0.45, 0.9 ], dtype=float32))
    """
    require_image(image, intensities=True, channels=(1, 3))
    require_whole(1, MOST, k=k, attempts=attempts)
    rng = require_seed(seed)
    cells = Cells(image)
    if len(cells.weights) < k:
        raise ValueError(
            f"k={k} is more than the image has: in {cells.steps} steps of a channel "
            f"it has only {len(cells.weights)} different colours"
        )
    gray = cells.colors.shape[1] == 1
    colors = _gray_start(cells, k) if gray else _best_start(cells, k, rng, attempts)
    for _ in range(POLISH):
        labels = cells.nearest(colors)
        colors = cells.means(labels, colors)
    return _darkest_first(image, labels, colors)


@routine(float32=0, float64=0, uint8=0, tensor=False)
def mean_shift(image: Image, *, bandwidth: float = 0.1) -> tuple[Labels, npt.NDArray]:
    """Sort the pixels by the peaks of their colours' density; how many there are, the image says.

    From each colour one climbs to the peak: ``x`` moves to the mean of all colours around it,
    weighted by a bell of width ``bandwidth``, until it rests. Colours that arrive at the same peak
    are a cluster. ``colours[labels]`` is the image in these colours.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3); floats in 0..1
    bandwidth : standard deviation of the bell, a fraction of full scale, 1/32..1. Twice as wide
        means fewer and larger clusters.

    Returns
    -------
    labels : int32 (H, W), 0..n-1, from the darkest colour to the brightest (mean of the channels)
    colours : (n,) for grey, else (n, 3), of the image's dtype: the mean of each cluster

    Raises
    ------
    ValueError
        If bandwidth is out of range, or a float image leaves 0..1.
    TypeError
        If bandwidth is not a number, or the image has another dtype.

    Notes
    -----
    Clusters in the space of colours, wherever in the image: the first half of the reference. (Its
    second half adds the position, which is what ``cv2.pyrMeanShiftFiltering`` does, for uint8 only
    and as a filter.) The weighted sums for all cells of the histogram at once are Gaussian blurs of
    it; between cells they are interpolated, and the bell is narrowed by what cells and
    interpolation add to its width. scikit-learn's ``MeanShift`` has a flat window instead of a
    bell, and takes minutes for a photograph.

    References
    ----------
    D. Comaniciu and P. Meer, "Mean shift: a robust approach toward feature space analysis", IEEE
    Transactions on Pattern Analysis and Machine Intelligence 24(5), 2002.

    Examples
    --------
    >>> image = np.float32([[0.1, 0.12, 0.5], [0.9, 0.52, 0.88]])
    >>> mean_shift(image, bandwidth=0.1)[0]
    array([[0, 0, 1],
           [2, 1, 2]], dtype=int32)
    """
    require_image(image, intensities=True, channels=(1, 3))
    require_number(bandwidth=bandwidth)
    if not NARROWEST <= bandwidth <= 1:
        raise ValueError(f"bandwidth must lie in {NARROWEST}..1, got {bandwidth!r}")
    cells = Cells(image)
    peak = _peaks(_climbed(cells, bandwidth), bandwidth)
    labels = cells.of_pixels(peak)
    nothing = np.zeros((int(peak.max()) + 1, cells.colors.shape[1]))
    return _darkest_first(image, labels, cells.means(labels, nothing))


def _darkest_first(image: Image, labels: Labels, colors: Colors) -> tuple[Labels, Image]:
    """Number the clusters by the brightness of their colours."""
    n = len(colors)
    order = np.argsort(colors.mean(1), kind="stable")
    rank = np.empty(n, np.int32)
    rank[order] = np.arange(n)
    colors = colors[order] if image.ndim == 3 else colors[order, 0]
    return np.take(rank, labels), as_dtype(np.atleast_2d(colors), like=image).reshape(colors.shape)


# --- k-means --------------------------------------------------------------------------------------


def _gray_start(cells: Cells, k: int) -> Colors:
    """The means of the best k classes of a grey histogram."""
    counts = np.zeros(cells.steps)
    counts[cells.places[:, 0]] = cells.weights
    labels = np.searchsorted(best_splits(counts, k), cells.places[:, 0])
    return _cell_means(cells, labels, k)


def _best_start(cells: Cells, k: int, rng: np.random.Generator, attempts: int) -> Colors:
    """Lloyd's iteration on the cells, from several starts; the one of least error."""
    found = [_lloyd(cells, _plus_plus(cells, k, rng)) for _ in range(attempts)]
    return min(found, key=lambda result: result[1])[0]


def _plus_plus(cells: Cells, k: int, rng: np.random.Generator) -> Colors:
    """k cells by k-means++: each drawn from a few, the one that helps most."""
    first = rng.choice(len(cells.weights), p=cells.weights / cells.weights.sum())
    chosen, left = [first], squared_distances(cells.colors, cells.colors[[first]])[0]
    for _ in range(k - 1):
        chances = cells.weights * left
        drawn = rng.choice(len(chances), TRIALS, p=chances / chances.sum())
        nearer = np.minimum(left, squared_distances(cells.colors, cells.colors[drawn]))
        best = (nearer @ cells.weights).argmin()
        chosen.append(drawn[best])
        left = nearer[best]
    return cells.colors[chosen]


def _lloyd(cells: Cells, colors: Colors) -> tuple[Colors, float]:
    """Iterate until no cell changes its cluster; the colours and the error."""
    before, everyone = None, np.arange(len(cells.weights))
    for _ in range(ROUNDS):
        distances = squared_distances(cells.colors, colors)
        labels = distances.argmin(0)
        errors = cells.weights * distances[labels, everyone]
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        for empty in np.setdiff1d(np.arange(len(colors)), labels):
            # it moves to the cell that is worst off, and takes it along
            worst = errors.argmax()
            labels[worst], errors[worst] = empty, 0
        colors = _cell_means(cells, labels, len(colors))
    return colors, errors.sum()


def _cell_means(cells: Cells, labels: npt.NDArray, k: int) -> Colors:
    weights = np.bincount(labels, cells.weights, k)
    sums = [np.bincount(labels, cells.weights * channel, k) for channel in cells.colors.T]
    return np.stack(sums, axis=1) / np.maximum(weights, 1)[:, None]


# --- mean shift -----------------------------------------------------------------------------------


def _climbed(cells: Cells, bandwidth: float) -> Colors:
    """Where each cell's colour arrives."""
    # cells and linear interpolation widen the bell by 1/12 + 1/6 of a squared step
    width = np.sqrt((bandwidth * cells.steps) ** 2 - 0.25)
    grid = np.zeros((cells.colors.shape[1] + 1, *(cells.steps + 2,) * cells.places.shape[1]))
    weighted = np.column_stack([cells.colors, np.ones(len(cells.weights))]) * cells.weights[:, None]
    grid[(slice(None), *(cells.places.T + 1))] = weighted.T
    sums = [ndimage.gaussian_filter(part, width, mode="constant") for part in grid]
    at = cells.colors.copy()
    moving = np.arange(len(at))
    for _ in range(ROUNDS):
        steps = at[moving].T * cells.steps + 0.5  # the frame is one step wide
        *colors, weight = [
            ndimage.map_coordinates(part, steps, order=1, mode="nearest") for part in sums
        ]
        new = np.stack(colors, axis=1) / weight[:, None]
        far = np.abs(new - at[moving]).max(1) > AT_REST * bandwidth
        at[moving] = new
        moving = moving[far]
        if not len(moving):
            break
    return at


def _peaks(at: Colors, bandwidth: float) -> npt.NDArray[np.intp]:
    """Number the peaks: arrivals less than half a bandwidth apart are at the same one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    spots, spot_of = np.unique(np.rint(at / (bandwidth / 16)), axis=0, return_inverse=True)
    pairs = cKDTree(spots).query_pairs(8, output_type="ndarray")
    touch = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(spots), len(spots)))
    return connected_components(touch, directed=False)[1][spot_of.ravel()]
