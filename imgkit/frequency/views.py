"""A picture of an image's waves."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from imgkit.capabilities import routine
from imgkit.frequency.engine import engine
from imgkit.images import AnyImage, as_float, require_image


@routine(float32=1e-6, float64=1e-13, uint8=3e-4)
def spectrum(image: AnyImage) -> AnyImage:
    """A picture of how strong each wave in the image is.

    The logarithm ``log(1 + abs(F))`` of the Fourier transform F, divided by its largest value. The
    middle is frequency 0, the mean brightness; a wave down the rows is a pair of dots above and
    below it, one along the columns a pair left and right. Far from the middle are fine details.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values

    Returns
    -------
    Same shape, each channel by itself; 0..1, float32 for uint8, else the dtype of the image.
    Pixel (row, column) is the frequency ``((row - H // 2) / H, (column - W // 2) / W)``.

    Raises
    ------
    TypeError
        If the image has another dtype.

    Notes
    -----
    This is ``np.fft.fftshift(np.fft.fft2(image))`` with intensities in 0..1. The bright cross
    through the middle comes from the image's edges, which the transform joins: left to right, top
    to bottom. For images in 0..1 within 1e-6 of the float64 definition in float32, 1e-13 in
    float64.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 4.6.

    Examples
    --------
    >>> import numpy as np
    >>> stripes = np.tile(np.float32([0, 1, 0, 1, 0, 1, 0, 1]), (8, 1))  # 0.5 cycles per pixel
    >>> np.argwhere(spectrum(stripes) > 0.5)  # the mean in the middle, the wave at column -0.5
    array([[4, 0],
           [4, 4]])
    """
    require_image(image, tensor=True)
    return engine(image).spectrum(as_float(image))
