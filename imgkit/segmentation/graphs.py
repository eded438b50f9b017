"""The image as a net: pixels are nodes, tied to their neighbours the more the more alike they are.

A graph cut parts the net where it is weakest; a random walker tells to which seed a pixel is tied.
"""

from __future__ import annotations  # help() says Image, not what it stands for

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage, sparse

from imgkit.capabilities import routine
from imgkit.images import (
    Image,
    Labels,
    Mask,
    as_uint8,
    require_image,
    require_labels,
    require_number,
    require_same_shape,
    require_whole,
)
from imgkit.images.pointwise import fractions
from imgkit.segmentation.multigrid import Multigrid

BACKGROUND, FOREGROUND = 1, 2  # marks
MOST_ITERATIONS = 100
MOST_SEED = 2**31 - 1  # what OpenCV's generator takes
WEAKEST = 1e-10  # tie of two pixels, so that every pixel hangs together with a seed
LARGEST_BETA = 1e9
TOLERANCE = 1e-4  # of a probability

Box = tuple[int, int, int, int]


@routine(float32=0, float64=0, uint8=0, tensor=False)
def grabcut(
    image: Image,
    *,
    box: Box | None = None,
    marks: Labels | None = None,
    iterations: int = 5,
    seed: int = 0,
) -> Mask:
    """Cut an object out, given a box around it or a few strokes on it and beside it.

    Two mixtures of five Gaussians learn the colours of object and background. The cut then weighs
    two costs: of a colour that its side does not expect, and of parting two neighbours, the more
    the more alike they are. A graph cut finds the cheapest of all cuts; the colours are learned
    anew from what it gives, and so on.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3); floats in 0..1
    box : (row0, column0, row1, column1), the rows row0..row1 - 1 and the columns likewise; all
        outside of it is background
    marks : array (H, W) of whole numbers: 1 is background, 2 object, 0 not known. One of box and
        marks is needed; of both, marks have the last word.
    iterations : how often to learn and cut, 1..100; 5 mostly do
    seed : the start of the generator that the first clusters are drawn with, a whole number

    Returns
    -------
    bool (H, W), true on the object

    Raises
    ------
    ValueError
        If the box is empty, leaves the image or is all of it; if marks without a box have not both
        a 1 and a 2; or a number is out of range.
    TypeError
        If box, marks, iterations or seed are not whole numbers, or the image has another dtype.

    Notes
    -----
    ``cv2.grabCut``, which works on bytes in three channels: floats are rounded to 256 levels, grey
    is repeated. In the first round what is not known belongs to the object if it lies in the box;
    with marks alone, to the nearer mark. (OpenCV's own way, all of it object, makes all of it
    object in the end when marks are few.) Its generator is global and is set to ``seed`` by each
    call: the same input gives the same mask.

    References
    ----------
    Rother, Kolmogorov and Blake, GrabCut: interactive foreground extraction using iterated graph
    cuts, ACM Transactions on Graphics 23, 2004. Szeliski, Computer Vision, 2nd ed., section 4.3.2.

    Examples
    --------
    >>> image = np.zeros((20, 20), np.uint8)
    >>> image[5:12, 6:16] = 200
    >>> mask = grabcut(image, box=(3, 3, 17, 18))
    >>> np.array_equal(mask, image == 200)
    True
    """
    require_image(image, intensities=True, channels=(1, 3))
    require_whole(1, MOST_ITERATIONS, iterations=iterations)
    require_whole(0, MOST_SEED, seed=seed)
    state = _start(image.shape[:2], box, _require_marks(marks, image))
    colors = as_uint8(image).reshape(*image.shape[:2], -1)
    if colors.shape[2] == 1:
        colors = np.repeat(colors, 3, axis=2)
    cv2.setRNGSeed(int(seed))
    mixtures = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(
        np.ascontiguousarray(colors), state, None, *mixtures, iterations, cv2.GC_INIT_WITH_MASK
    )
    return (state & 1).view(bool)  # OpenCV's numbers of the object, sure and probable, are odd


@routine(float32=0, float64=0, uint8=0, tensor=False)
def random_walker(image: Image, seeds: Labels, *, beta: float = 130.0) -> Labels:
    """Give every pixel to the seed that a random walker who starts there most likely meets first.

    The walker steps to one of the four neighbours, with odds
    ``w = exp(-beta * |difference|² / (10 * deviation)) + 1e-10``: through the flat he strolls, over
    an edge he hardly ever goes. No walk is made. The chances of meeting a seed first are potentials
    of an electric net with conductances w, the seed at 1 volt, all others at 0: a linear system.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats in 0..1
    seeds : array (H, W) of whole numbers, 0 where there is none
    beta : how much edges count, 0..1e9; 0 asks for the nearest seed alone

    Returns
    -------
    int32 (H, W), at each pixel the number of a seed

    Raises
    ------
    ValueError
        If there is no seed, seeds are of another size, beta is out of range, or a float image
        leaves 0..1.
    TypeError
        If seeds are not whole numbers, beta is no number, or the image has another dtype.

    Notes
    -----
    Differences are fractions of full scale, of all channels together; ``deviation`` is the standard
    deviation of the image, times the root of the number of channels. That is scikit-image's
    ``random_walker``, whose usual solver stops early, up to 0.03 of a probability away and a few
    pixels in a thousand wrong; here probabilities are within 1e-3, so pixels may differ from the
    exact solution only where the walker is as good as undecided. The numbers of the seeds are kept
    (scikit-image closes their gaps). Solved in float64 by conjugate gradients with a multigrid of
    graphs (``segmentation.multigrid``), once for each number but one.

    References
    ----------
    Grady, Random walks for image segmentation, IEEE Transactions on Pattern Analysis and Machine
    Intelligence 28, 2006. The multigrid: Koutis, Miller and Tolliver, Combinatorial preconditioners
    and multilevel solvers for problems in computer vision and image processing, Computer Vision and
    Image Understanding 115, 2011.

    Examples
    --------
    >>> row = np.array([[0.1, 0.1, 0.2, 0.1, 0.8, 0.9]])
    >>> random_walker(row, np.array([[3, 0, 0, 0, 0, 7]]))
    array([[3, 3, 3, 3, 7, 7]], dtype=int32)
    """
    require_image(image, intensities=True)
    seeds = require_labels(seeds, "seeds")
    require_same_shape(image=image, seeds=seeds)
    require_number(beta=beta)
    if not 0 <= beta <= LARGEST_BETA:
        raise ValueError(f"beta must lie in 0..{LARGEST_BETA:g}, got {beta!r}")
    names = np.unique(seeds[seeds > 0])
    if not len(names):
        raise ValueError("seeds has none: mark at least one pixel of each region by its number")
    out = seeds.ravel().copy()
    free = out == 0
    if len(names) == 1:
        out[free] = names[0]
    elif free.any():
        out[free] = names[_likeliest(_ties(image, beta), out, free, names)]
    return out.reshape(seeds.shape)


# --- graph cut ------------------------------------------------------------------------------------


def _require_marks(marks: object, image: Image) -> Labels | None:
    if marks is None:
        return None
    marks = require_labels(marks, "marks")
    require_same_shape(image=image, marks=marks)
    if marks.max() > FOREGROUND:
        raise ValueError(
            f"marks has values up to {marks.max()}; 0 is not known, 1 background, 2 object"
        )
    return marks


def _start(shape: tuple[int, int], box: Box | None, marks: Labels | None) -> npt.NDArray[np.uint8]:
    """What OpenCV is to begin with: sure background and object, and what they probably are."""
    if box is None and marks is None:
        raise ValueError("grabcut needs a box around the object, or marks on it and beside it")
    if box is None:
        distances = [ndimage.distance_transform_edt(marks != m) for m in (BACKGROUND, FOREGROUND)]
        nearer = distances[1] < distances[0]
        state = np.where(nearer, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    else:
        row0, column0, row1, column1 = _require_box(box, shape)
        state = np.full(shape, cv2.GC_BGD, np.uint8)
        state[row0:row1, column0:column1] = cv2.GC_PR_FGD
    if marks is not None:
        state[marks == BACKGROUND] = cv2.GC_BGD
        state[marks == FOREGROUND] = cv2.GC_FGD
    for what, odd in (("background", 0), ("object", 1)):
        if not (state & 1 == odd).any():
            hint = "mark some pixels of it" if marks is not None else "make the box smaller"
            raise ValueError(f"nothing is known of the {what}: {hint}")
    return state


def _require_box(box: object, shape: tuple[int, int]) -> Box:
    said = "box must be (row0, column0, row1, column1), whole numbers"
    numbers = np.asarray(box)
    if numbers.shape != (4,):
        raise ValueError(f"{said}, got {box!r}")
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"{said}, got {box!r}")
    row0, column0, row1, column1 = map(int, numbers)
    h, w = shape
    if not (0 <= row0 < row1 <= h and 0 <= column0 < column1 <= w):
        raise ValueError(f"box {tuple(map(int, numbers))} is empty or leaves the {h} by {w} image")
    return row0, column0, row1, column1


# --- random walker --------------------------------------------------------------------------------

Ties = tuple[npt.NDArray, npt.NDArray, npt.NDArray[np.float64]]  # two pixels, the weight between


def _ties(image: Image, beta: float) -> Ties:
    """All pairs of neighbours, pixels counted row by row, and how strongly they are tied."""
    h, w = image.shape[:2]
    values = fractions(image)
    values = values.reshape(h, w, -1)
    pixels = np.arange(h * w).reshape(h, w)
    first = np.concatenate([pixels[:, :-1].ravel(), pixels[:-1].ravel()])
    second = np.concatenate([pixels[:, 1:].ravel(), pixels[1:].ravel()])
    squares = [(np.diff(values, axis=axis) ** 2).sum(2).ravel() for axis in (1, 0)]
    weights = np.concatenate(squares)
    deviation = values.std() * np.sqrt(values.shape[2])
    if deviation > 0:  # else all weights are the same
        weights *= -beta / (10 * deviation)
    return first, second, np.exp(weights, out=weights) + WEAKEST


def _likeliest(
    ties: Ties, seeds: Labels, free: npt.NDArray[np.bool_], names: npt.NDArray[np.int32]
) -> npt.NDArray[np.intp]:
    """For each free pixel which of the seeds' numbers its walker most likely meets first."""
    first, second, weight = ties
    count = np.count_nonzero(free)
    place = free.cumsum() - 1
    total = np.bincount(first, weight, len(free)) + np.bincount(second, weight, len(free))
    inner = free[first] & free[second]
    a, b, w = place[first[inner]], place[second[inner]], -weight[inner]
    everyone = np.arange(count)
    rows, columns = np.concatenate([a, b, everyone]), np.concatenate([b, a, everyone])
    entries = np.concatenate([w, w, total[free]])
    net = Multigrid(sparse.coo_array((entries, (rows, columns)), shape=(count, count)).tocsr())

    edge = free[first] != free[second]
    a, b, w = first[edge], second[edge], weight[edge]
    at, seed = place[np.where(free[a], a, b)], seeds[np.where(free[a], b, a)]
    best, chosen, rest = np.zeros(count), np.zeros(count, np.intp), np.ones(count)
    for number, name in enumerate(names):
        if number == len(names) - 1:
            chances = rest  # he meets one of them
        else:
            chances = net.solve(np.bincount(at, w * (seed == name), count), TOLERANCE)
            rest -= chances
        better = chances > best
        best[better], chosen[better] = chances[better], number
    return chosen
