"""Places that can be found again in another photograph, and what they look like."""

from __future__ import annotations  # help() says Image, not what it stands for

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.images import (
    Image,
    as_uint8,
    require_gray,
    require_positive,
    require_whole,
    require_within,
)

MOST = 1_000_000  # keypoints
ORB_MARGIN = 31  # pixels that ORB's patch needs on every side


@dataclass(frozen=True, eq=False)
class Keypoints:
    """N places of an image, the most distinct first: plain arrays, a row for each.

    ``len(keypoints)`` is N, and ``keypoints[rows]`` takes some of them, by a slice, a mask or an
    array of indices.
    """

    points: npt.NDArray[np.float64]
    "(N, 2): row, column, between pixels too"
    sizes: npt.NDArray[np.float64]
    "(N,): diameter in pixels of what was found; SIFT describes a patch several times as wide"
    angles: npt.NDArray[np.float64]
    "(N,): the patch's own direction in radians, -pi..pi; 0 points right, pi/2 down"
    responses: npt.NDArray[np.float64]
    "(N,): how distinct it is; comparable within one image"
    descriptors: npt.NDArray[np.float32] | npt.NDArray[np.uint8]
    "(N, D): what the patch looks like, turned upright and brought to one size"

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, rows: slice | npt.ArrayLike) -> Keypoints:
        rows = rows if isinstance(rows, slice) else np.atleast_1d(np.asarray(rows))
        return Keypoints(
            *(values[rows] for values in (self.points, self.sizes, self.angles)),
            *(values[rows] for values in (self.responses, self.descriptors)),
        )

    def __repr__(self) -> str:
        return (
            f"Keypoints({len(self)}, descriptors {self.descriptors.dtype} {self.descriptors.shape})"
        )


@routine(float32=1e-5, float64=1e-5, uint8=1e-3, tensor=False)
def sift(
    image: Image,
    *,
    count: int | None = None,
    contrast: float = 0.04,
    edge: float = 10.0,
    sigma: float = 1.6,
) -> Keypoints:
    """Blobs of every size, and histograms of the gradients about them: Lowe's SIFT.

    Keypoints are extremes of the difference of Gaussians in place and size. Each is described by
    4 x 4 histograms of 8 directions, turned by its main direction: the descriptor survives
    shifts, turns, changes of size, of brightness and, within limits, of viewpoint.

    Parameters
    ----------
    image : array (H, W); floats in 0..1
    count : how many at most, the most distinct; None for all
    contrast : what a blob has to stand out, 0..1; a smaller one finds more, fainter ones
    edge : how many times as long as wide a blob may be, > 0: along an edge a place is not certain
    sigma : blur that the smallest scale starts from, in pixels, 0.6..16

    Returns
    -------
    Keypoints by falling response, of equal ones by row and column; descriptors float32 (N, 128),
    whole numbers 0..255 of length about 512. A place with two main directions comes twice.

    Raises
    ------
    TypeError
        If the image has another dtype.
    ValueError
        If it has colours, floats leave 0..1, or a parameter is out of range.

    Notes
    -----
    By OpenCV, which takes bytes: floats are rounded to 256 levels first. ``contrast`` is OpenCV's,
    divided by the three scales of an octave. Left to itself OpenCV puts every point a quarter of a
    pixel too far down and to the right (it has ``enable_precise_upscale`` against that, which this
    uses); its angles are degrees, its points (x, y), and its order that of the search.

    References
    ----------
    Lowe, Distinctive image features from scale-invariant keypoints, International Journal of
    Computer Vision, 2004.

    Examples
    --------
    >>> rows, columns = np.mgrid[:64, :64]
    >>> spot = np.exp(-((rows - 30) ** 2 + (columns - 40) ** 2) / (2 * 4**2))
    >>> found = sift(spot)
    >>> found.points[0].round(), found.descriptors.shape[1]
    (array([30., 40.]), 128)
    """
    require_gray(image)
    if count is not None:
        require_whole(1, MOST, count=count)
    require_within(0, 1, contrast=contrast)
    require_within(0.6, 16, sigma=sigma)
    require_positive(edge=edge)
    finder = cv2.SIFT_create(
        contrastThreshold=contrast,
        edgeThreshold=edge,
        sigma=sigma,
        enable_precise_upscale=True,
    )
    found = finder.detectAndCompute(as_uint8(image), None)
    return _sorted(*found, count, np.zeros((0, 128), np.float32))


@routine(float32=1e-5, float64=1e-5, uint8=1e-3, tensor=False)
def orb(
    image: Image,
    *,
    count: int = 500,
    scale: float = 1.2,
    levels: int = 8,
    threshold: float = 20 / 255,
) -> Keypoints:
    """Corners at several sizes, and 256 comparisons of two pixels each: ORB, quick and small.

    FAST finds corners in a pyramid, Harris' measure ranks them, the centre of brightness gives each
    its direction; a bit of the descriptor says which of two smoothed pixels is brighter.

    Parameters
    ----------
    image : array (H, W); floats in 0..1
    count : how many at most; each level of the pyramid has its share
    scale : how much smaller each level of the pyramid is, 1 < scale <= 4
    levels : of the pyramid, 1..32
    threshold : how much brighter or darker FAST's circle has to be, in fractions of full scale

    Returns
    -------
    Keypoints by falling response, of equal ones by row and column; descriptors uint8 (N, 32), 256
    bits: :func:`match` counts those that differ.

    Raises
    ------
    TypeError
        If the image has another dtype, or count or levels is not whole.
    ValueError
        If it has colours, floats leave 0..1, or a parameter is out of range.

    Notes
    -----
    By OpenCV, which takes bytes: floats are rounded to 256 levels first. Nothing is found within 31
    pixels of the edge, nor in images below 63 pixels a side. Other than SIFT's, its corners are
    those of few sizes: fine from frame to frame, less so between distant views.

    References
    ----------
    Rublee, Rabaud, Konolige and Bradski, ORB: an efficient alternative to SIFT or SURF, ICCV, 2011.

    Examples
    --------
    >>> blocks = np.kron(np.random.default_rng(0).random((10, 10)), np.ones((16, 16)))
    >>> orb(blocks, count=20)
    Keypoints(12, descriptors uint8 (12, 32))
    """
    require_gray(image)
    require_whole(1, MOST, count=count)
    require_positive(scale=scale)
    require_whole(1, 32, levels=levels)
    require_within(0, 1, threshold=threshold)
    if not 1 < scale <= 4:
        raise ValueError(f"scale must be above 1 and at most 4, got {scale!r}")
    image, none = as_uint8(image), np.zeros((0, 32), np.uint8)
    small = min(image.shape)
    if small <= 2 * ORB_MARGIN:
        return _sorted([], None, count, none)
    # of levels of less than a pixel OpenCV fails
    levels = min(levels, 1 + int(np.log(small) / np.log(scale)))
    finder = cv2.ORB_create(count, scale, levels, fastThreshold=round(255 * threshold))
    return _sorted(*finder.detectAndCompute(image, None), count, none)


def _sorted(
    found: list[cv2.KeyPoint], descriptors: np.ndarray | None, count: int | None, none: np.ndarray
) -> Keypoints:
    """OpenCV's keypoints as arrays, the most distinct first; the same order every time."""
    rows = [(k.pt[1], k.pt[0], k.size, k.angle, k.response) for k in found]
    table = np.array(rows, np.float64).reshape(-1, 5)
    order = np.lexsort((table[:, 3], table[:, 2], table[:, 1], table[:, 0], -table[:, 4]))[:count]
    row, column, sizes, degrees, responses = table[order].T
    angles = np.radians((degrees + 180) % 360 - 180)
    descriptors = none if descriptors is None else descriptors[order]
    return Keypoints(np.column_stack([row, column]), sizes, angles, responses, descriptors)
