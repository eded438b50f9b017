"""How steeply the brightness rises, and how it bends."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from typing import Literal

import numpy as np

from imgkit.capabilities import routine
from imgkit.filtering.borders import Mode
from imgkit.filtering.engine import engine
from imgkit.filtering.smoothing import bell_weights
from imgkit.images import AnyImage, require_choice, require_image, require_positive

# what each 3x3 operator does across its difference
SMOOTHING = {
    "sobel": np.array([1, 2, 1]) / 4,
    "scharr": np.array([3, 10, 3]) / 16,
    "prewitt": np.array([1, 1, 1]) / 3,
}


@routine(float32=1e-6, float64=1e-14)
def sobel(
    image: AnyImage, *, axis: Literal[0, 1] | None = None, mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """How steeply the brightness rises, per pixel.

    Along its axis the kernel is a central difference, ``(-1, 0, 1) / 2``; across, it smooths with
    ``(1, 2, 1) / 4``. A ramp that rises by 0.1 from pixel to pixel has the derivative 0.1.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    axis : 0 for the derivative down the rows, 1 along the columns (to the right), None for the
        magnitude ``sqrt(rows² + columns²)`` of the gradient
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape; float32 in fractions of full scale per pixel for uint8, else the dtype of the image.
    Derivatives have a sign: positive where it gets brighter with growing row or column.

    Raises
    ------
    ValueError
        If axis is something else.
    TypeError
        If the image has another dtype.

    Notes
    -----
    The kernel divided by 8: OpenCV's and SciPy's Sobel are 8 times as large, scikit-image's
    magnitude is ``sqrt(2)`` times. Within 1e-6 of the float64 definition in float32, 1e-14 in
    float64 (of the largest magnitude).

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 10.2. Szeliski, Computer Vision,
    2nd ed., section 3.2.3.

    Examples
    --------
    >>> ramp = np.float32([[0, 1, 2, 3, 4]]) / 8  # (1, 5)
    >>> sobel(ramp, axis=1)
    array([[0.   , 0.125, 0.125, 0.125, 0.   ]], dtype=float32)
    """
    require_image(image, tensor=True)
    return _slope(image, SMOOTHING["sobel"], axis, mode, cval)


@routine(float32=1e-6, float64=1e-14)
def scharr(
    image: AnyImage, *, axis: Literal[0, 1] | None = None, mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """The gradient by the 3x3 kernel that treats all directions most alike.

    Along its axis the kernel is a central difference, ``(-1, 0, 1) / 2``; across, it smooths with
    ``(3, 10, 3) / 16``, which keeps the angle of a slope far better than Sobel's (1, 2, 1).

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    axis : 0 for the derivative down the rows, 1 along the columns (to the right), None for the
        magnitude ``sqrt(rows² + columns²)`` of the gradient
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape; float32 in fractions of full scale per pixel for uint8, else the dtype of the image.

    Raises
    ------
    ValueError
        If axis is something else.
    TypeError
        If the image has another dtype.

    Notes
    -----
    OpenCV's Scharr is 32 times as large, scikit-image's magnitude ``sqrt(2)`` times. Within 1e-6 of
    the float64 definition in float32, 1e-14 in float64 (of the largest magnitude).

    References
    ----------
    Jähne, Scharr and Körkel, Principles of filter design, in: Handbook of Computer Vision and
    Applications, vol. 2, 1999.

    Examples
    --------
    >>> ramp = np.float32([[0, 1, 2, 3, 4]]) / 8  # (1, 5)
    >>> scharr(ramp, axis=1)
    array([[0.   , 0.125, 0.125, 0.125, 0.   ]], dtype=float32)
    """
    require_image(image, tensor=True)
    return _slope(image, SMOOTHING["scharr"], axis, mode, cval)


@routine(float32=1e-6, float64=1e-14)
def prewitt(
    image: AnyImage, *, axis: Literal[0, 1] | None = None, mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """The gradient by the plainest 3x3 kernel: a difference, averaged over three lines.

    Along its axis the kernel is a central difference, ``(-1, 0, 1) / 2``; across, it smooths with
    ``(1, 1, 1) / 3``.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    axis : 0 for the derivative down the rows, 1 along the columns (to the right), None for the
        magnitude ``sqrt(rows² + columns²)`` of the gradient
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape; float32 in fractions of full scale per pixel for uint8, else the dtype of the image.

    Raises
    ------
    ValueError
        If axis is something else.
    TypeError
        If the image has another dtype.

    Notes
    -----
    OpenCV has no Prewitt; SciPy's is 6 times as large, scikit-image's magnitude ``sqrt(2)`` times.
    Within 1e-6 of the float64 definition in float32, 1e-14 in float64 (of the largest
    magnitude).

    References
    ----------
    Prewitt, Object enhancement and extraction, in: Picture Processing and Psychopictorics, 1970.
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 10.2.

    Examples
    --------
    >>> ramp = np.float32([[0, 1, 2, 3, 4]]) / 8  # (1, 5)
    >>> prewitt(ramp, axis=1)
    array([[0.   , 0.125, 0.125, 0.125, 0.   ]], dtype=float32)
    """
    require_image(image, tensor=True)
    return _slope(image, SMOOTHING["prewitt"], axis, mode, cval)


@routine(float32=1e-6, float64=1e-14)
def gradient(
    image: AnyImage,
    *,
    operator: Literal["sobel", "scharr", "prewitt"] = "sobel",
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> tuple[AnyImage, AnyImage]:
    """How steep the brightness is, and which way it rises.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    operator : whose 3x3 kernels are taken; "scharr" has the truest angles
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    magnitude : same shape; ``sqrt(rows² + columns²)``, float32 in fractions of full scale per pixel
        for uint8
    direction : same shape, radians in -pi..pi: ``atan2(rows, columns)``. 0 rises to the right, pi/2
        downwards; where the magnitude is 0 it means nothing.

    Raises
    ------
    ValueError
        If operator is something else.
    TypeError
        If the image has another dtype.

    Notes
    -----
    The edge itself runs at right angles to the direction. Magnitudes are within 1e-6 of the float64
    definition in float32, 1e-14 in float64 (of the largest magnitude); a direction is as exact as
    that error over the magnitude.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 10.2.

    Examples
    --------
    >>> ramp = np.tile(np.arange(4)[:, None] / 4, (1, 4))  # brighter downwards
    >>> magnitude, direction = gradient(ramp)
    >>> magnitude[1, 1], float(np.degrees(direction[1, 1]))
    (np.float64(0.25), 90.0)
    """
    require_image(image, tensor=True)
    require_choice(SMOOTHING, operator=operator)
    rows, columns = (_slope(image, SMOOTHING[operator], axis, mode, cval) for axis in (0, 1))
    direction = engine(image).direction(rows, columns)
    return engine(image).magnitude(rows, columns), direction


@routine(float32=2e-6, float64=1e-14)
def laplacian(image: AnyImage, *, mode: Mode = "mirror", cval: float = 0.0) -> AnyImage:
    """The second derivatives' sum: what the four neighbours have more than the pixel.

    ``out = up + down + left + right - 4 * centre``

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape; float32 in fractions of full scale for uint8, else the dtype of the image. Negative
    on a bright spot, positive in a dark one, zero on a ramp.

    Raises
    ------
    TypeError
        If the image has another dtype.

    Notes
    -----
    As SciPy and OpenCV; scikit-image's has the other sign. Within 2e-6 of the float64 definition
    in float32, 1e-14 in float64 (of the largest magnitude).

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 3.6.

    Examples
    --------
    >>> laplacian(np.float32([[0, 0, 1, 0, 0]]), mode="nearest")
    array([[ 0.,  1., -2.,  1.,  0.]], dtype=float32)
    """
    require_image(image, tensor=True)
    cross = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], float)
    return engine(image).correlate(image, cross, (1, 1), mode=mode, cval=cval, signed=True)


@routine(float32=2e-6, float64=1e-14)
def laplacian_of_gaussian(
    image: AnyImage,
    *,
    sigma: float,
    truncate: float = 4.0,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """Blur, then take the second derivatives' sum, in one go: finds spots of a size, and edges.

    The kernel is ``(r² / sigma⁴ - 2 / sigma²) * gaussian``. A bright disc of radius R answers
    strongest at ``sigma = R / sqrt(2)``; an edge is where the answer changes its sign.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    sigma : standard deviation of the blur in pixels, at least 0.3
    truncate : where the bell is cut, in standard deviations, > 0
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape; float32 in fractions of full scale per pixel² for uint8, else the dtype of the
    image. Negative on a bright spot, positive on a dark one, zero on a flat image and on a ramp.

    Raises
    ------
    ValueError
        If sigma is below 0.3 (no pixel would see the bend) or the window over 4097 pixels a side.
    TypeError
        If the image has another dtype.

    Notes
    -----
    As SciPy's ``gaussian_laplace``, but for one thing: the cut-off kernel is mended to sum to 0, so
    that a flat image gives 0 and not a thousandth of its brightness. Within 2e-6 of the float64
    definition in float32, 1e-14 in float64 (of the largest magnitude).

    References
    ----------
    Marr and Hildreth, Theory of edge detection, 1980. Lindeberg, Feature detection with automatic
    scale selection, 1998.

    Examples
    --------
    >>> disc = (np.hypot(*np.mgrid[-9:10, -9:10]) <= 4).astype(float)
    >>> out = laplacian_of_gaussian(disc, sigma=4 / 2**0.5)
    >>> [int(i) for i in np.unravel_index(out.argmin(), out.shape)]
    [9, 9]
    """
    require_image(image, tensor=True)
    bell = bell_weights(sigma, truncate)
    if sigma < 0.3:
        raise ValueError(f"sigma must be at least 0.3, got {sigma!r}")
    offsets = np.arange(len(bell)) - len(bell) // 2
    bend = (offsets**2 / sigma**4 - 1 / sigma**2) * bell
    bend -= bend.sum() * bell
    own, centre = engine(image), (len(bell) // 2, len(bell) // 2)
    options = {"mode": mode, "cval": cval, "signed": True}
    down = own.separable(image, bend, bell, centre, **options)
    along = own.separable(image, bell, bend, centre, **options)
    return own.blend(down, 1.0, along, 1.0)


@routine(float32=2e-6, float64=1e-14)
def difference_of_gaussians(
    image: AnyImage,
    *,
    low_sigma: float,
    high_sigma: float | None = None,
    truncate: float = 4.0,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """What one blur keeps and a wider one takes away: structures of the sizes between them.

    ``out = gaussian(image, low_sigma) - gaussian(image, high_sigma)``

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    low_sigma : standard deviation of the narrower blur in pixels, > 0
    high_sigma : of the wider one, at least ``low_sigma``; if not given 1.6 times as wide, which
        looks most like :func:`laplacian_of_gaussian` (with the other sign)
    truncate : where the bells are cut, in standard deviations, > 0
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same shape; float32 in fractions of full scale for uint8, else the dtype of the image. Positive
    on a bright spot, zero on a flat image.

    Raises
    ------
    ValueError
        If a sigma is not positive, the second is smaller, or a window over 4097 pixels a side.
    TypeError
        If the image has another dtype.

    Notes
    -----
    scikit-image's takes ``mode="nearest"`` if not told otherwise. Within 2e-6 of the float64
    definition in float32, 1e-14 in float64 (of the largest magnitude).

    References
    ----------
    Marr and Hildreth, Theory of edge detection, 1980. Lowe, Distinctive image features from
    scale-invariant keypoints, 2004.

    Examples
    --------
    >>> difference_of_gaussians(np.full((3, 3), 0.5), low_sigma=1).round(9)
    array([[0., 0., 0.],
           [0., 0., 0.],
           [0., 0., 0.]])
    """
    require_image(image, tensor=True)
    require_positive(low_sigma=low_sigma)
    if high_sigma is None:
        high_sigma = 1.6 * low_sigma
    require_positive(high_sigma=high_sigma)
    if high_sigma < low_sigma:
        raise ValueError(f"high_sigma must be at least low_sigma={low_sigma!r}, got {high_sigma!r}")
    own = engine(image)
    blurs = []
    for name, sigma in (("low_sigma", low_sigma), ("high_sigma", high_sigma)):
        bell = bell_weights(sigma, truncate, name)
        centre = len(bell) // 2, len(bell) // 2
        blurs.append(own.separable(image, bell, bell, centre, mode=mode, cval=cval, signed=True))
    return own.blend(blurs[0], 1.0, blurs[1], -1.0)


def _slope(
    image: AnyImage, across: np.ndarray, axis: Literal[0, 1] | None, mode: Mode, cval: float
) -> AnyImage:
    """A central difference along one axis, smoothed across it; or the magnitude of both."""
    if isinstance(axis, bool) or axis not in (None, 0, 1):
        raise ValueError(f"axis must be 0 (rows), 1 (columns) or None (magnitude), got {axis!r}")
    if axis is None:
        rows, columns = (_slope(image, across, each, mode, cval) for each in (0, 1))
        return engine(image).magnitude(rows, columns)
    along = np.array([-1, 0, 1]) / 2
    column, row = (along, across) if axis == 0 else (across, along)
    return engine(image).separable(image, column, row, (1, 1), mode=mode, cval=cval, signed=True)
