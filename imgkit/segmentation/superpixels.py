"""Small regions of like pixels, to think in hundreds of pieces and not in a million pixels."""

from __future__ import annotations  # help() says Image, not what it stands for

from numbers import Integral

import numpy as np

from imgkit.capabilities import routine
from imgkit.color import rgb_to_lab
from imgkit.images import Image, Labels, require_image, require_number, require_positive

LOOSEST, TIGHTEST = 1e-3, 1e6  # compactness; beyond them nothing changes any more
LARGEST_SCALE = 1e12
WIDEST = 1000  # sigma, in pixels


@routine(float32=1e-3, float64=1e-3, uint8=0.25, tensor=False)
def slic(image: Image, *, n: int = 100, compactness: float = 10.0, iterations: int = 10) -> Labels:
    """About n regions of one size that follow the edges: k-means of colour and place together.

    Centres start on a grid with step S. Each pixel goes to the centre at the least distance
    ``|colour difference|² / compactness² + |way|² / S²``, of those that are not far; each centre
    moves to the mean of its pixels; and so on. In the end, scattered bits join a neighbour.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3); floats in 0..1
    n : how many regions, at least 1; a grid is laid, so there come about as many
    compactness : the difference of colour, in units of Lab's (0 black, 100 white), that weighs as
        much as a way of S, 0.001..1e6. 5 follows faint edges, 40 gives almost squares.
    iterations : rounds of k-means, 1..1000

    Returns
    -------
    int32 (H, W): 1, 2, ... without gaps, each a connected region

    Raises
    ------
    ValueError
        If n, compactness or iterations is out of range, or a float image leaves 0..1.
    TypeError
        If n or iterations is not whole, or the image has another dtype.

    Notes
    -----
    The work is done by ``skimage.segmentation.slic``, on colours of this kit: it would first
    stretch the image to black and white, so that the same compactness meant something else in a
    pale image. Grey is taken by its lightness L, so that compactness means the same as in colour.
    Fewer than 10 iterations give nearly the same regions in less time. A region is the four
    neighbours' kind of connected. Computed in float32, in float64 for float64; where distances tie,
    a pixel may go either way. (The tolerance in the table is of the mean squared deviation from the
    regions' colours.)

    References
    ----------
    Achanta, Shaji, Smith, Lucchi, Fua and Süsstrunk, SLIC superpixels compared to state-of-the-art
    superpixel methods, IEEE Transactions on Pattern Analysis and Machine Intelligence 34, 2012.

    Examples
    --------
    >>> halves = np.zeros((20, 30), np.uint8)
    >>> halves[:, 13:] = 255
    >>> slic(halves, n=2)[0]
    array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2,
           2, 2, 2, 2, 2, 2, 2, 2], dtype=int32)
    """
    require_image(image, intensities=True, channels=(1, 3))
    _require_whole(n=n, iterations=iterations)
    if iterations > 1000:
        raise ValueError(f"iterations must lie in 1..1000, got {iterations!r}")
    require_positive(compactness=compactness)
    if not LOOSEST <= compactness <= TIGHTEST:
        raise ValueError(f"compactness must lie in {LOOSEST}..{TIGHTEST:g}, got {compactness!r}")
    from skimage.segmentation import slic as clusters

    colors = _lab(image)
    # it divides values by their span; so does compactness, and nothing has changed
    span = float(colors.max() - colors.min()) or 1.0
    labels = clusters(
        colors,
        n_segments=min(int(n), colors[..., 0].size),
        compactness=compactness / span,
        max_num_iter=int(iterations),
        convert2lab=False,
        channel_axis=2,
    )
    return labels.astype(np.int32)


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
    _require_whole(min_size=min_size)
    from skimage.segmentation import felzenszwalb as regions

    values = image / 255 if image.dtype == np.uint8 else image.astype(np.float64)
    planes = np.ascontiguousarray(values.reshape(*image.shape[:2], -1))
    smallest = min(int(min_size), planes[..., 0].size)
    labels = regions(planes, scale=scale, sigma=sigma, min_size=smallest, channel_axis=2)
    return labels.astype(np.int32) + np.int32(1)


def _lab(image: Image) -> Image:
    """Lab (H, W, 3), of grey the lightness alone (H, W, 1)."""
    if image.ndim == 3 and image.shape[2] == 3:
        return rgb_to_lab(image)
    gray = image.reshape(*image.shape[:2], 1)
    return np.ascontiguousarray(rgb_to_lab(np.repeat(gray, 3, axis=2))[..., :1])


def _require_whole(**values: object) -> None:
    for name, value in values.items():
        if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value!r}")
