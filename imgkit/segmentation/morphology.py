"""Morphology: shapes grown, shrunk and cleaned by the least and the greatest value nearby.

All of it comes from two routines that belong together, :func:`erode` and :func:`dilate`. Nothing
lies beyond the edge: a pixel outside the image is never taken. So for every footprint an opening
done twice is the opening, and :func:`open` and :func:`close` keep to their side of the image.
"""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from types import ModuleType
from typing import TypeVar

from imgkit.capabilities import routine
from imgkit.images import AnyImage, Mask, is_tensor, require_image, require_mask
from imgkit.segmentation import morphology_arrays, morphology_tensors
from imgkit.segmentation.footprints import Footprint, Window, require_footprint

ImageOrMask = TypeVar("ImageOrMask", AnyImage, Mask)  # the kind that comes in goes out


@routine(float32=0, float64=0)
def erode(image: ImageOrMask, footprint: Footprint) -> ImageOrMask:
    """The least value under the footprint: bright shapes shrink, dark ones grow.

    ``out(p) = min of image(p + b) over b in the footprint``. Of a mask: the places where the whole
    footprint fits in.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W), with any
        finite values; or a mask, bool (H, W) or tensor of bool (..., H, W)
    footprint : whole number for a square of that side, or bool array (h, w) of any shape, such as
        ``disk(5)``, ``diamond(3)``, ``rectangle((3, 9))``. Its centre is (h // 2, w // 2).

    Returns
    -------
    Same kind, shape and dtype. Where no pixel of the image lies under the footprint, as may be if
    it lacks its centre, the value is the greatest there is: 255, infinity, True.

    Raises
    ------
    ValueError
        If the footprint is empty, has another rank than 2, or values other than 0 and 1.
    TypeError
        If the image or the footprint has another dtype.

    Notes
    -----
    Exact on both engines. Gradients flow to the pixel that was taken; equal ones share them. Equal
    to ``skimage.morphology.erosion`` with ``mode="ignore"`` for footprints of odd sides, and to
    ``cv2.erode``. SciPy and older scikit-image mirror the image at the edge, which makes no
    difference for a rectangle, a disk or a diamond about its centre.

    References
    ----------
    Soille, Morphological Image Analysis, 2nd ed., section 3.2. Gonzalez and Woods, Digital Image
    Processing, 4th ed., sections 9.2 and 9.8.

    Examples
    --------
    >>> erode(np.uint8([[9, 9, 3, 9, 9]]), 3)
    array([[9, 3, 3, 3, 9]], dtype=uint8)
    """
    window = _require(image, footprint)
    return _engine(image).extreme(image, window, greatest=False)


@routine(float32=0, float64=0)
def dilate(image: ImageOrMask, footprint: Footprint) -> ImageOrMask:
    """The greatest value under the footprint turned around: bright shapes grow, dark ones shrink.

    ``out(p) = max of image(p - b) over b in the footprint``. Of a mask: the footprint put down at
    each of its pixels.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W), with any
        finite values; or a mask, bool (H, W) or tensor of bool (..., H, W)
    footprint : whole number for a square of that side, or bool array (h, w) of any shape, such as
        ``disk(5)``, ``diamond(3)``, ``rectangle((3, 9))``. Its centre is (h // 2, w // 2).

    Returns
    -------
    Same kind, shape and dtype. Where no pixel of the image lies under the footprint, as may be if
    it lacks its centre, the value is the least there is: 0, minus infinity, False.

    Raises
    ------
    ValueError
        If the footprint is empty, has another rank than 2, or values other than 0 and 1.
    TypeError
        If the image or the footprint has another dtype.

    Notes
    -----
    Exact on both engines. Gradients flow to the pixel that was taken; equal ones share them. It
    turns the footprint, so that it is to :func:`erode` what it has to be: ``dilate(a) <= b`` just
    where ``a <= erode(b)``. So do SciPy and scikit-image; ``cv2.dilate`` does not.

    References
    ----------
    Soille, Morphological Image Analysis, 2nd ed., section 3.3. Gonzalez and Woods, Digital Image
    Processing, 4th ed., sections 9.2 and 9.8.

    Examples
    --------
    >>> dilate(np.array([[False, False, True, False]]), np.array([[1, 1, 0]])).astype(int)
    array([[0, 1, 1, 0]])
    """
    window = _require(image, footprint)
    return _engine(image).extreme(image, window.turned(), greatest=True)


@routine(float32=0, float64=0)
def open(image: ImageOrMask, footprint: Footprint) -> ImageOrMask:
    """Erode, then dilate: bright details go into which the footprint does not fit.

    What is left is everywhere the brightest image that can be painted with the footprint without
    leaving the old one: never brighter, and opening it again changes nothing.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W), with any
        finite values; or a mask, bool (H, W) or tensor of bool (..., H, W)
    footprint : whole number for a square of that side, or bool array (h, w) of any shape, such as
        ``disk(5)``, ``diamond(3)``, ``rectangle((3, 9))``

    Returns
    -------
    Same kind, shape and dtype. Pixels out of the footprint's reach, as there may be near the edge
    if it lacks its centre, have the least there is: 0, minus infinity, False.

    Raises
    ------
    ValueError
        If the footprint is empty, has another rank than 2, or values other than 0 and 1.
    TypeError
        If the image or the footprint has another dtype.

    Notes
    -----
    Exact on both engines, with gradients as :func:`erode`. ``cv2.morphologyEx`` is the same for
    symmetric footprints only, for it does not turn them.

    References
    ----------
    Soille, Morphological Image Analysis, 2nd ed., section 4.1.

    Examples
    --------
    >>> open(np.uint8([[1, 9, 1, 9, 9, 9, 1]]), 3)
    array([[1, 1, 1, 9, 9, 9, 1]], dtype=uint8)
    """
    return _open(image, _require(image, footprint))


@routine(float32=0, float64=0)
def close(image: ImageOrMask, footprint: Footprint) -> ImageOrMask:
    """Dilate, then erode: dark details go into which the footprint does not fit.

    It is to dark what :func:`open` is to bright: never darker than the image, and closing again
    changes nothing.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W), with any
        finite values; or a mask, bool (H, W) or tensor of bool (..., H, W)
    footprint : whole number for a square of that side, or bool array (h, w) of any shape, such as
        ``disk(5)``, ``diamond(3)``, ``rectangle((3, 9))``

    Returns
    -------
    Same kind, shape and dtype. Pixels out of the footprint's reach, as there may be near the edge
    if it lacks its centre, have the greatest there is: 255, infinity, True.

    Raises
    ------
    ValueError
        If the footprint is empty, has another rank than 2, or values other than 0 and 1.
    TypeError
        If the image or the footprint has another dtype.

    Notes
    -----
    Exact on both engines, with gradients as :func:`erode`. ``scipy.ndimage.binary_closing`` takes
    away what touches the edge, for there False lies beyond it.

    References
    ----------
    Soille, Morphological Image Analysis, 2nd ed., section 4.1.

    Examples
    --------
    >>> close(np.array([[1, 0, 1, 0, 0, 0, 1]]) > 0, 3).astype(int)
    array([[1, 1, 1, 0, 0, 0, 1]])
    """
    return _close(image, _require(image, footprint))


@routine(float32=1e-7, float64=1e-15)
def top_hat(image: ImageOrMask, footprint: Footprint) -> ImageOrMask:
    """What an opening takes away, ``image - open(image)``: bright details on any ground.

    With a footprint larger than the details it levels uneven light before a threshold.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W), with any
        finite values; or a mask, bool (H, W) or tensor of bool (..., H, W)
    footprint : whole number for a square of that side, or bool array (h, w) of any shape, such as
        ``disk(5)``, ``diamond(3)``, ``rectangle((3, 9))``

    Returns
    -------
    Same kind, shape and dtype; never negative. Of a mask: what is in it, but not in its opening.

    Raises
    ------
    ValueError
        If the footprint is empty, has another rank than 2, or values other than 0 and 1.
    TypeError
        If the image or the footprint has another dtype.

    Notes
    -----
    Exact for uint8 and masks; floats are rounded once, by the subtraction. Gradients flow.
    ``skimage.morphology.white_tophat``, ``cv2.MORPH_TOPHAT``.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 9.8.

    Examples
    --------
    >>> top_hat(np.uint8([[1, 2, 9, 4, 5, 5]]), 3)
    array([[0, 0, 5, 0, 0, 0]], dtype=uint8)
    """
    opened = _open(image, _require(image, footprint))
    return _engine(image).less(image, opened)


@routine(float32=1e-7, float64=1e-15)
def black_hat(image: ImageOrMask, footprint: Footprint) -> ImageOrMask:
    """What a closing fills, ``close(image) - image``: dark details on any ground.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W), with any
        finite values; or a mask, bool (H, W) or tensor of bool (..., H, W)
    footprint : whole number for a square of that side, or bool array (h, w) of any shape, such as
        ``disk(5)``, ``diamond(3)``, ``rectangle((3, 9))``

    Returns
    -------
    Same kind, shape and dtype; never negative. Of a mask: what is in its closing, but not in it.

    Raises
    ------
    ValueError
        If the footprint is empty, has another rank than 2, or values other than 0 and 1.
    TypeError
        If the image or the footprint has another dtype.

    Notes
    -----
    Exact for uint8 and masks; floats are rounded once, by the subtraction. Gradients flow.
    ``skimage.morphology.black_tophat``, ``cv2.MORPH_BLACKHAT``.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 9.8.

    Examples
    --------
    >>> black_hat(np.uint8([[5, 5, 1, 5, 6, 7]]), 3)
    array([[0, 0, 4, 0, 0, 0]], dtype=uint8)
    """
    closed = _close(image, _require(image, footprint))
    return _engine(image).less(closed, image)


@routine(float32=1e-7, float64=1e-15)
def gradient(image: ImageOrMask, footprint: Footprint = 3) -> ImageOrMask:
    """How much the values under the footprint differ: ``dilate(image) - erode(image)``.

    It is large along the edges of shapes, whatever way they run: a relief for a watershed.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (..., H, W), with any
        finite values; or a mask, bool (H, W) or tensor of bool (..., H, W)
    footprint : whole number for a square of that side, or bool array (h, w) of any shape, such as
        ``disk(5)``, ``diamond(3)``, ``rectangle((3, 9))``

    Returns
    -------
    Same kind, shape and dtype. It is 0 where the erosion lies above the dilation, as may be for a
    footprint without its centre. Of a mask: what is in its dilation, but not in its erosion.

    Raises
    ------
    ValueError
        If the footprint is empty, has another rank than 2, or values other than 0 and 1.
    TypeError
        If the image or the footprint has another dtype.

    Notes
    -----
    Exact for uint8 and masks; floats are rounded once, by the subtraction. Gradients flow.
    ``scipy.ndimage.morphological_gradient``, ``cv2.MORPH_GRADIENT``.

    References
    ----------
    Soille, Morphological Image Analysis, 2nd ed., section 3.5. Gonzalez and Woods, Digital Image
    Processing, 4th ed., section 9.8.

    Examples
    --------
    >>> gradient(np.uint8([[1, 1, 1, 7, 7, 7]]))
    array([[0, 0, 6, 6, 0, 0]], dtype=uint8)
    """
    window, own = _require(image, footprint), _engine(image)
    greatest = own.extreme(image, window.turned(), greatest=True)
    least = own.extreme(image, window, greatest=False)
    return own.less(greatest, least, clip=not window.has_centre)


def _open(image: ImageOrMask, window: Window) -> ImageOrMask:
    own = _engine(image)
    least = own.extreme(image, window, greatest=False)
    return own.extreme(least, window.turned(), greatest=True, spent=True)


def _close(image: ImageOrMask, window: Window) -> ImageOrMask:
    own = _engine(image)
    greatest = own.extreme(image, window.turned(), greatest=True)
    return own.extreme(greatest, window, greatest=False, spent=True)


def _require(image: object, footprint: Footprint) -> Window:
    """The gate for an image or a mask; what the footprint sees of it."""
    if str(getattr(image, "dtype", "")).removeprefix("torch.") == "bool":
        require_mask(image, "image", tensor=True)
    else:
        require_image(image, tensor=True)
    rows, columns = image.shape[-2:] if is_tensor(image) else image.shape[:2]
    return require_footprint(footprint, (rows, columns))


def _engine(image: ImageOrMask) -> ModuleType:
    return morphology_tensors if is_tensor(image) else morphology_arrays
