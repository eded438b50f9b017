"""The same picture on more or fewer pixels."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from imgkit.capabilities import routine
from imgkit.geometry import resizing_arrays, resizing_tensors
from imgkit.geometry.resizing_weights import METHODS, Method
from imgkit.images import AnyImage, is_tensor, require_choice, require_image, require_size

LARGEST = 2**28  # pixels of the result: a GiB of float32
LONGEST = 2**20  # a side of it


@routine(float32=1e-4, float64=1e-13, uint8=0.52)
def resize(
    image: AnyImage,
    shape: int | tuple[int, int],
    *,
    method: Method = "linear",
    antialias: bool = True,
) -> AnyImage:
    """Another size, without false patterns.

    A new pixel is a weighted mean of the old ones around its centre. Pixels are areas: both images
    cover the same ground, so the centre of new pixel i, of m, lies at ``(i + 0.5) * n / m - 0.5``
    among the n old ones. Where an axis shrinks, the weights are spread over all old pixels that
    the new one covers; otherwise most of them would not count, and fine detail would turn into
    false coarse patterns (aliasing).

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    shape : the new (rows, columns), or one number for both
    method : the weights at distance x from the centre, in pixels (old ones, or new where larger)

        - "nearest": the one pixel in which the centre lies; for labels
        - "linear": ``1 - abs(x)`` up to 1: quick, a little soft
        - "cubic": Keys' piecewise cubic with a = -1/2, up to 2: sharper
        - "lanczos": ``sinc(x) * sinc(x / 3)`` up to 3: sharpest, and rings most
        - "area": the mean of what the new pixel covers, parts of pixels as parts
    antialias : spread the weights where an axis shrinks. "nearest" never does, "area" always.

    Returns
    -------
    Array (h, w) or (h, w, C), or tensor (..., h, w), same dtype; uint8 rounded and clipped. Floats
    may leave 0..1 beside edges with "cubic" and "lanczos".

    Raises
    ------
    ValueError
        If the shape is below 1, a side above 2^20, or the result above 2^28 pixels; if the method
        is another.
    TypeError
        If the shape is not whole, or the image has another dtype.

    Notes
    -----
    What lies outside the image weighs nothing, and the rest is scaled to sum 1: a flat image stays
    flat. This is Pillow's rule, and torchvision's with ``antialias=True``; except "area", for which
    Pillow takes whole pixels. OpenCV never spreads "linear" and "cubic", and its cubic has
    a = -3/4, with which a ramp does not stay a ramp; its ``INTER_AREA`` drops slivers of a
    thousandth of a pixel (7e-4 off). scikit-image's order 3 is another thing, a B-spline.

    Within 2e-6 of the float64 definition in float32 (of the largest magnitude), 1e-13 in float64,
    and uint8 to the nearest level. Linear float32 arrays that are not spread go through OpenCV,
    whose positions are float32: within 1e-4 for sides up to 4000, and so 0.52 levels in uint8.

    References
    ----------
    Keys, "Cubic convolution interpolation for digital image processing", IEEE Transactions on
    Acoustics, Speech, and Signal Processing 29(6), 1981. Szeliski, Computer Vision, 2nd ed.,
    section 3.5.

    Examples
    --------
    >>> import numpy as np
    >>> resize(np.float32([[0, 1, 0, 1, 0, 1]]), (1, 3), method="area")
    array([[0.5, 0.5, 0.5]], dtype=float32)
    >>> resize(np.uint8([[0, 100]]), (1, 4))
    array([[  0,  25,  75, 100]], dtype=uint8)
    """
    require_image(image, tensor=True)
    rows, columns = require_size(shape=shape)
    require_choice(METHODS, method=method)
    if max(rows, columns) > LONGEST or rows * columns > LARGEST:
        raise ValueError(
            f"shape must have at most {LONGEST} pixels a side and {LARGEST} in all, got {shape!r}"
        )
    engine = resizing_tensors if is_tensor(image) else resizing_arrays
    return engine.resize(image, (rows, columns), method, bool(antialias))
