"""An image cut into windows, and an image at many sizes: how one looks everywhere."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import numpy as np

from imgkit.capabilities import routine
from imgkit.filtering import gaussian
from imgkit.geometry.resizing import resize
from imgkit.images import (
    AnyImage,
    as_dtype,
    as_float,
    is_tensor,
    require_image,
    require_number,
    require_size,
    require_whole,
)

MOST_LEVELS = 1000


@routine(float32=0, float64=0)
def sliding_windows(
    image: AnyImage, *, size: int | tuple[int, int], step: int | tuple[int, int] = 1
) -> AnyImage:
    """Every window of an image, one step after the other: a view, nothing is copied.

    ``out[i, j] = image[i * rows : i * rows + h, j * columns : j * columns + w]``, with
    ``(rows, columns)`` the step and ``(h, w)`` the size.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    size : of a window in pixels, or (rows, columns); not larger than the image
    step : from window to window in pixels, or (rows, columns)

    Returns
    -------
    Array (R, S, h, w) or (R, S, h, w, C), tensor (..., R, S, h, w): those that lie within the
    image, with ``R = (H - h) // rows + 1`` and S likewise. It looks into the image's own memory, so
    take a copy before you change it (arrays cannot be written to).

    Raises
    ------
    ValueError
        If a window is larger than the image, or size or step below 1.
    TypeError
        If size or step is not whole, or the image has another dtype.

    Notes
    -----
    All windows of 64 x 64 in a photograph have 4096 times its pixels: work on ``out[i]`` by
    ``out[i]``, for one operation on all of them at once copies them.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 6.3.1.

    Examples
    --------
    >>> board = np.arange(24.0).reshape(4, 6)
    >>> windows = sliding_windows(board, size=2, step=(2, 4))
    >>> windows.shape
    (2, 2, 2, 2)
    >>> windows[1, 1]
    array([[16., 17.],
           [22., 23.]])
    """
    require_image(image, tensor=True)
    (h, w), (rows, columns) = require_size(size=size), require_size(step=step)
    whole = tuple(image.shape[-2:] if is_tensor(image) else image.shape[:2])
    if h > whole[0] or w > whole[1]:
        raise ValueError(f"size {(h, w)} is larger than the image, {whole}")
    if is_tensor(image):
        return image.unfold(-2, h, rows).unfold(-2, w, columns)
    windows = np.lib.stride_tricks.sliding_window_view(image, (h, w), axis=(0, 1))
    windows = windows[::rows, ::columns]
    return windows if image.ndim == 2 else np.moveaxis(windows, 2, -1)


@routine(float32=2e-6, float64=1e-12)
def pyramid(
    image: AnyImage,
    *,
    factor: float = 2.0,
    levels: int | None = None,
    smallest: int | tuple[int, int] = 1,
) -> list[AnyImage]:
    """The image, and the image smaller and smaller: a window of one size then sees all sizes.

    Each level is the last one blurred and sampled more coarsely. Without the blur, details finer
    than the new grid would turn up as false coarse ones.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    factor : how much smaller each level is, 1.05..16
    levels : how many at most, the image itself included; None for all there are
    smallest : side that no level goes below, or (rows, columns): that of the window to slide

    Returns
    -------
    The image itself, then the smaller ones, same dtype; uint8 rounded. Level i has
    ``round(H / factor**i)`` rows, and ends where a level would be no smaller than the last.

    Raises
    ------
    ValueError
        If factor, levels or smallest is out of range.
    TypeError
        If levels or smallest is not whole, or the image has another dtype.

    Notes
    -----
    The blur is a bell of ``sigma = sqrt(factor² - 1) / 2``, which leaves every level as sharp, for
    its pixels, as the first; then linear interpolation between the centres of pixels, mirrored at
    the border. What lies at row r of the image lies at ``(r + 0.5) * h / H - 0.5`` of a level of h
    rows. OpenCV's ``pyrDown`` keeps every second pixel of a blur of sigma 1, scikit-image blurs
    with ``factor / 3``. Bytes are rounded only at the end, not from level to level. Within 2e-6 of
    the float64 definition in float32, 1e-12 in float64 (of the largest magnitude).

    References
    ----------
    Burt and Adelson, The Laplacian pyramid as a compact image code, IEEE Transactions on
    Communications, 1983. Szeliski, Computer Vision, 2nd ed., section 3.5.

    Examples
    --------
    >>> [level.shape for level in pyramid(np.zeros((100, 60)), factor=1.5, smallest=(24, 16))]
    [(100, 60), (67, 40), (44, 27), (30, 18)]
    """
    require_image(image, tensor=True)
    require_number(factor=factor)
    if not 1.05 <= factor <= 16:
        raise ValueError(f"factor must lie in 1.05..16, got {factor!r}")
    least = require_size(smallest=smallest)
    count = MOST_LEVELS if levels is None else levels
    require_whole(1, MOST_LEVELS, levels=count)
    out, values = [image], as_float(image)  # bytes are rounded for the result only
    shape = whole = tuple(image.shape[-2:] if is_tensor(image) else image.shape[:2])
    while len(out) < count:
        previous, shape = shape, tuple(max(1, round(n / factor ** len(out))) for n in whole)
        if shape == previous or shape[0] < least[0] or shape[1] < least[1]:
            break
        blurred = gaussian(values, sigma=(factor**2 - 1) ** 0.5 / 2)
        values = resize(blurred, shape, method="linear", antialias=False)
        out.append(as_dtype(values, like=image) if image.dtype == np.uint8 else values)
    return out
