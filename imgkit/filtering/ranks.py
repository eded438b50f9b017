"""Filters that sort: the middle, the least, the greatest of a window."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from types import ModuleType

from imgkit.capabilities import routine
from imgkit.filtering import rank_arrays, rank_tensors
from imgkit.filtering.borders import Mode, require_window
from imgkit.images import AnyImage, is_tensor, require_image, require_number

LARGEST_RANKED = 255  # pixels a side of a window whose values have to be ordered


@routine(float32=0, float64=0)
def median(
    image: AnyImage, *, size: int | tuple[int, int], mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """The middle value of the pixels in a window: takes away specks, keeps edges.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W). Floats may
        have any finite values.
    size : of the window in pixels, or (rows, columns). Of an even number of pixels the upper of the
        two middle values is taken, and the centre of an even side is the later of the two middle
        ones, as in SciPy.
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same kind, shape and dtype. Every value is one of the image's (or cval). Gradients flow to the
    pixel that was taken, of equal ones to the first.

    Raises
    ------
    ValueError
        If size is below 1 or above 255.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    Exact, for every dtype, size and border. OpenCV's ``medianBlur`` takes floats up to 5x5 only,
    SciPy and scikit-image sort every window anew. Where ``medianBlur`` is not the quickest, windows
    up to 33x33 go through a network of minima and maxima that sorts once what neighbouring windows
    share, larger ones through counting. Larger windows of a tensor are sorted one by one, which is
    slow.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., sections 3.5 and 5.3.

    Examples
    --------
    >>> median(np.float32([[0, 0, 9, 0, 1, 1]]), size=(1, 3))  # the speck goes, the step stays
    array([[0., 0., 0., 1., 1., 1.]], dtype=float32)
    """
    require_image(image, tensor=True)
    h, w = require_window(size, LARGEST_RANKED)
    return _ranked(image, (h, w), h * w // 2, mode, cval)


@routine(float32=0, float64=0)
def percentile(
    image: AnyImage,
    *,
    size: int | tuple[int, int],
    q: float,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """The value below which q percent of the pixels in a window lie.

    With the n values of a window in order, it is the one with the number ``n * q / 100``, rounded
    down, counting from 0: the least for 0, the median for 50, the greatest for 100.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W). Floats may
        have any finite values.
    size : of the window in pixels, or (rows, columns). The centre of an even side is the later of
        the two middle ones, as in SciPy.
    q : percents, 0..100
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same kind, shape and dtype. Every value is one of the image's (or cval). Gradients flow to the
    pixel that was taken, of equal ones to the first.

    Raises
    ------
    ValueError
        If q leaves 0..100, or size is below 1 or above 255.
    TypeError
        If q is not a number, size is not whole, or the image has another dtype.

    Notes
    -----
    Exact, and the very value that ``scipy.ndimage.percentile_filter`` takes. ``numpy.percentile``
    interpolates between two values instead. Done as :func:`median` is.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 5.3.

    Examples
    --------
    >>> row = np.float32([[0, 0, 9, 0, 1, 1]])
    >>> percentile(row, size=(1, 3), q=100)
    array([[0., 9., 9., 9., 1., 1.]], dtype=float32)
    """
    require_image(image, tensor=True)
    h, w = require_window(size, LARGEST_RANKED)
    require_number(q=q)
    if not 0 <= q <= 100:
        raise ValueError(f"q must lie in 0..100, got {q!r}")
    return _ranked(image, (h, w), min(h * w - 1, int(h * w * float(q) / 100)), mode, cval)


@routine(float32=0, float64=0)
def minimum(
    image: AnyImage, *, size: int | tuple[int, int], mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """The least value of the pixels in a window: dark spots grow, bright ones go.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W). Floats may
        have any finite values.
    size : of the window in pixels, or (rows, columns). The centre of an even side is the later of
        the two middle ones, as in SciPy.
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same kind, shape and dtype. Gradients flow to the pixel that was taken; equal ones share them.

    Raises
    ------
    ValueError
        If size is below 1 or above 4097.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    Exact. It is the erosion by a rectangle. OpenCV's ``erode`` differs at the border, where its
    default is that nothing lies beyond.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., sections 5.3 and 9.8.

    Examples
    --------
    >>> minimum(np.float32([[5, 5, 1, 5, 5]]), size=(1, 3))
    array([[5., 1., 1., 1., 5.]], dtype=float32)
    """
    require_image(image, tensor=True)
    size = require_window(size)
    return _engine(image).extreme(image, size, greatest=False, mode=mode, cval=cval)


@routine(float32=0, float64=0)
def maximum(
    image: AnyImage, *, size: int | tuple[int, int], mode: Mode = "mirror", cval: float = 0.0
) -> AnyImage:
    """The greatest value of the pixels in a window: bright spots grow, dark ones go.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W). Floats may
        have any finite values.
    size : of the window in pixels, or (rows, columns). The centre of an even side is the later of
        the two middle ones, as in SciPy.
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same kind, shape and dtype. Gradients flow to the pixel that was taken; equal ones share them.

    Raises
    ------
    ValueError
        If size is below 1 or above 4097.
    TypeError
        If size is not whole, or the image has another dtype.

    Notes
    -----
    Exact. It is the dilation by a rectangle, which turns the window around: for even sides the two
    differ by a pixel. OpenCV's ``dilate`` differs at the border, where its default is that nothing
    lies beyond.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., sections 5.3 and 9.8.

    Examples
    --------
    >>> maximum(np.float32([[0, 0, 1, 0, 0]]), size=(1, 3))
    array([[0., 1., 1., 1., 0.]], dtype=float32)
    """
    require_image(image, tensor=True)
    size = require_window(size)
    return _engine(image).extreme(image, size, greatest=True, mode=mode, cval=cval)


def _ranked(image: AnyImage, size: tuple[int, int], rank: int, mode: Mode, cval: float) -> AnyImage:
    """The value of a rank; the least and the greatest are found without sorting."""
    if rank in (0, size[0] * size[1] - 1):
        return _engine(image).extreme(image, size, greatest=rank > 0, mode=mode, cval=cval)
    return _engine(image).select(image, size, rank, mode=mode, cval=cval)


def _engine(image: AnyImage) -> ModuleType:
    return rank_tensors if is_tensor(image) else rank_arrays
