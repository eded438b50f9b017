"""Lab: a space where distances are about as large as they look."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import numpy as np

from imgkit.capabilities import routine
from imgkit.color.mixing import mix
from imgkit.images import AnyImage, Image, is_tensor, require_image
from imgkit.images.pointwise import LEVELS, choose, in_bands, lookup, power


def _xyz_of_rgb() -> np.ndarray:
    """The matrix from linear RGB to XYZ, where D65 white is (1, 1, 1)."""
    x, y = np.array([[0.64, 0.30, 0.15, 0.3127], [0.33, 0.60, 0.06, 0.3290]])
    colours = np.stack([x, y, 1 - x - y]) / y  # red, green, blue, white: XYZ at Y = 1
    primaries, white = colours[:, :3], colours[:, 3]
    return primaries * np.linalg.solve(primaries, white) / white[:, None]


TO_XYZ = _xyz_of_rgb()
TO_RGB = np.linalg.inv(TO_XYZ)
TO_LAB = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], float)
TO_ROOTS = np.linalg.inv(TO_LAB)
BLACK = np.array([-16, 0, 0], float)  # what L lacks of 116 times its root
LARGEST = 1000  # so that the cubes do not overflow
BEND = 6 / 29  # below this root the cube root goes on as a straight line


@routine(float32=2e-6, float64=1e-14, uint8=1e-6)
def rgb_to_lab(image: AnyImage) -> AnyImage:
    """Lightness and two opponent colours, spaced as the eye spaces them.

    RGB is freed of its gamma and mixed to X, Y, Z relative to white; with their cube roots
    ``f = t ** (1/3)`` (a line below 0.0089): ``L = 116 f(Y) - 16``, ``a = 500 (f(X) - f(Y))``,
    ``b = 200 (f(Y) - f(Z))``. The distance of two colours is then called delta E; about 2 of it
    are just noticed.

    Parameters
    ----------
    image : array (H, W, 3) or tensor (..., 3, H, W), sRGB; floats in 0..1

    Returns
    -------
    Same shape; L from 0 (black) to 100 (white), a from green (-86) to red (98), b from blue (-108)
    to yellow (94). float32 for uint8, else the dtype of the image.

    Raises
    ------
    ValueError
        If it has other channels than 3, or a float image leaves 0..1.
    TypeError
        If the image has another dtype.

    Notes
    -----
    CIE 1976 with the curve and primaries of sRGB and the white point D65, all as their standards
    define them, so greys have exactly a = b = 0. scikit-image rounds the matrix and the white: up
    to 0.02 away, its greys 0.01. OpenCV interpolates in a table: up to 0.4. Errors are told as
    fractions of L's range: 2e-6 in float32, which is 0.0002 delta E, 1e-14 in float64.

    References
    ----------
    CIE 15:2018, section 8.2.1. IEC 61966-2-1. Szeliski, Computer Vision, 2nd ed., section 2.3.2.

    Examples
    --------
    >>> red_and_white = np.array([[[255, 0, 0], [255, 255, 255]]], np.uint8)
    >>> rgb_to_lab(red_and_white).round(1) + 0
    array([[[ 53.2,  80.1,  67.2], [100. ,   0. ,   0. ]]], dtype=float32)
    """
    require_image(image, intensities=True, channels=(3,), tensor=True)
    if is_tensor(image):
        return _lab(_decoded(image))
    bytes_in = image.dtype == np.uint8
    table = _decoded(LEVELS).astype(np.float32)

    def work(out: Image, band: Image) -> None:
        _lab(lookup(band, table) if bytes_in else _decoded(band), out)

    return in_bands(work, np.empty(image.shape, table.dtype if bytes_in else image.dtype), image)


@routine(float32=1e-5, float64=2e-14)
def lab_to_rgb(image: AnyImage) -> AnyImage:
    """The way back from L, a, b to sRGB.

    Parameters
    ----------
    image : array (H, W, 3) or tensor (..., 3, H, W) of L, a, b

    Returns
    -------
    RGB, same shape and dtype. Lab holds colours that no sRGB screen can show: the result is clipped
    to 0..1, channel by channel, and so is another colour there.

    Raises
    ------
    ValueError
        If it has other channels than 3, or values beyond 1000.
    TypeError
        If the image is not floats: bytes have no negative a and b.

    Notes
    -----
    The inverse of :func:`rgb_to_lab`; a round trip ends within 2e-5 in float32, and uint8 images
    come back. Within 1e-5 of the definition in float32 (where one channel is dark and the others
    bright, a small difference of large numbers; elsewhere 1e-6) and 2e-14 in float64.

    References
    ----------
    As :func:`rgb_to_lab`.

    Examples
    --------
    >>> lab_to_rgb(np.array([[[50, 0, 0], [50, 200, 0]]], float)).round(2)
    array([[[0.47, 0.47, 0.47], [1.  , 0.  , 0.51]]])
    """
    require_image(image, channels=(3,), tensor=True)
    _require_lab(image)
    if is_tensor(image):
        return _rgb(image)
    out = np.empty_like(image, order="C")
    return in_bands(lambda out, band: np.copyto(out, _rgb(band)), out, image)


def _require_lab(image: AnyImage) -> None:
    if not is_tensor(image) and image.dtype == np.uint8:
        raise TypeError(
            "image has dtype uint8; Lab images are float32 or float64, L in 0..100, a and b signed"
        )
    values = image.detach() if is_tensor(image) else image
    low, high = float(values.min()), float(values.max())
    if max(-low, high) > LARGEST:
        raise ValueError(
            f"image has values from {low:.4g} to {high:.4g}; Lab has L in 0..100, a and b within "
            f"128 of 0, and this takes up to {LARGEST}"
        )


# --- the formulas, for arrays and tensors ---------------------------------------------------------


def _lab(light: AnyImage, out: Image | None = None) -> AnyImage:
    return mix(_root(mix(light, TO_XYZ)), TO_LAB, BLACK, out)


def _rgb(lab: AnyImage) -> AnyImage:
    return _encoded(mix(_cubed(mix(lab, TO_ROOTS, -TO_ROOTS @ BLACK)), TO_RGB).clip(0, 1))


def _decoded(rgb: AnyImage) -> AnyImage:
    """Numbers to light: the curve of sRGB, whose foot is a line."""
    return choose(rgb <= 0.04045, rgb / 12.92, power((rgb + 0.055) / 1.055, 2.4))


def _encoded(light: AnyImage) -> AnyImage:
    """Light to numbers. The curve is clipped to where it holds: at 0 it has no slope."""
    curve = 1.055 * power(light.clip(0.0031308, 1), 1 / 2.4) - 0.055
    return choose(light <= 0.0031308, 12.92 * light, curve)


def _root(xyz: AnyImage) -> AnyImage:
    """The cube root, and below its bend the tangent: one is constant where the other moves."""
    root = xyz.clip(BEND**3, None)
    root = root ** (1 / 3) if is_tensor(xyz) else np.cbrt(root, out=root)
    root += (xyz.clip(None, BEND**3) - BEND**3) / (3 * BEND**2)
    return root


def _cubed(root: AnyImage) -> AnyImage:
    """The way back, in the same two pieces."""
    curved, straight = root.clip(BEND, None), root.clip(None, BEND)
    return curved * curved * curved + 3 * BEND**2 * (straight - BEND)
