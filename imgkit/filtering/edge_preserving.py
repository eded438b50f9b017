"""Smoothing that stops at edges: the bilateral and the guided filter."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from collections.abc import Callable
from numbers import Integral
from typing import TypeVar

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.filtering import arrays, tensors
from imgkit.filtering.borders import Mode, border_value
from imgkit.filtering.engine import engine
from imgkit.images import (
    AnyImage,
    Image,
    as_dtype,
    as_float,
    is_tensor,
    require_image,
    require_positive,
    require_whole,
)
from imgkit.images.pointwise import in_parallel

LARGEST_SIZE = 255  # pixels across
LARGEST_RADIUS = 512
BAND, GUIDED_BAND = 1 << 15, 1 << 16  # values of an image at once, so that caches hold them

Values = TypeVar("Values")  # an array or a tensor, in a formula that reads the same for both


@routine(float32=2e-6, float64=1e-14)
def bilateral(
    image: AnyImage,
    *,
    sigma_color: float = 0.1,
    sigma_space: float = 2.0,
    size: int | None = None,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """Blur what is alike: near pixels count, if their colour is near too.

    A mean over a disc with the weights ``exp(-distance² / (2 sigma_space²)) * exp(-difference² /
    (2 sigma_color²))``. Across an edge the difference is large, and the other side does not count.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (H, W) or (..., C, H, W); floats in 0..1. The
        channels of a pixel are one colour: they get the same weights.
    sigma_color : how different alike may be, in fractions of full scale, at least 1e-6
    sigma_space : standard deviation of the bell over the distances, in pixels, > 0
    size : diameter of the disc in pixels, odd, up to 255; by default about 4 sigma_space,
        ``2 * round(2 * sigma_space) + 1``
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Same kind, shape and dtype; uint8 rounded.

    Raises
    ------
    ValueError
        If a float image leaves 0..1, or sigma_color, sigma_space or size are out of range.
    TypeError
        If one of them is not a number, or the image has another dtype.

    Notes
    -----
    The difference of two colours is the sum of the absolute differences of their channels, as in
    OpenCV and kornia; scikit-image takes the Euclidean distance. The window is a disc, as in
    OpenCV; theirs is a square. Within 2e-6 of the float64 definition in float32, 1e-14 in float64;
    uint8 to the nearest level, where OpenCV truncates grey images with a disc of 3 or 5. The work
    grows with the square of the size.

    References
    ----------
    Tomasi and Manduchi, Bilateral Filtering for Gray and Color Images, ICCV 1998. Szeliski,
    Computer Vision, 2nd ed., section 3.3.2.

    Examples
    --------
    >>> row = np.float32([[0.1, 0.12, 0.1, 0.9, 0.88, 0.9]])  # two rough halves
    >>> bilateral(row, sigma_color=0.1, sigma_space=5, size=3).round(2)
    array([[0.11, 0.11, 0.1 , 0.9 , 0.89, 0.89]], dtype=float32)
    """
    require_image(image, intensities=True, tensor=True)
    require_positive(sigma_color=sigma_color, sigma_space=sigma_space)
    if sigma_color < 1e-6:
        raise ValueError(f"sigma_color must be at least 1e-6, got {sigma_color!r}")
    reach = _reach(size, sigma_space)
    # what lies beyond makes no difference, but would overflow
    color, space = min(float(sigma_color), 1e9), min(max(float(sigma_space), 0.01), 1e9)
    if is_tensor(image):
        return _bilateral_of_tensor(image, reach, color, space, mode, cval)
    beyond = border_value(image, mode, cval) if mode == "constant" else None
    if _opencv_is_exact(image, reach, color, beyond):
        unit = 255 if image.dtype == np.uint8 else 1
        return arrays.run(
            image,
            lambda block, border: cv2.bilateralFilter(
                block, 2 * reach + 1, color * unit, space, borderType=border
            ),
            reach=((reach, reach), (reach, reach)),
            mode=mode,
            cval=cval,
            ready_made=mode == "constant",  # OpenCV's table ends at the image's own extremes
        )
    return _bilateral_of_array(image, reach, color, space, mode, cval)


def _reach(size: int | None, sigma_space: float) -> int:
    """The radius of the disc."""
    if size is None:
        size = 2 * round(min(2 * float(sigma_space), LARGEST_SIZE)) + 1
        if size > LARGEST_SIZE:
            raise ValueError(
                f"sigma_space={sigma_space!r} needs a disc of more than {LARGEST_SIZE} pixels: "
                "shrink the image first, or say size"
            )
    if isinstance(size, bool) or not isinstance(size, Integral):
        raise TypeError(f"size must be an odd whole number, got {size!r}")
    if not (1 <= size <= LARGEST_SIZE and size % 2 == 1):
        raise ValueError(f"size must be an odd number from 1 to {LARGEST_SIZE}, got {size!r}")
    return int(size) // 2


def _opencv_is_exact(image: Image, reach: int, sigma_color: float, beyond: float | None) -> bool:
    """Whether ``bilateralFilter`` takes such images, and keeps to the definition."""
    depth = 1 if image.ndim == 2 else image.shape[2]
    if image.dtype == np.float64 or depth not in (1, 3) or reach == 0:
        return False
    if image.dtype == np.uint8:
        return depth == 3 or reach > 2  # it truncates grey with a disc of 3 or 5
    low, high = float(image.min()), float(image.max())
    if beyond is not None:
        low, high = min(low, beyond), max(high, beyond)
    # its table of colour weights has 4096 steps over the range; below 1e-6 it does nothing
    return 1e-6 < high - low < 10.1 * sigma_color


def _bilateral_of_array(
    image: Image, reach: int, sigma_color: float, sigma_space: float, mode: Mode, cval: float
) -> Image:
    """Band by band, channels first."""
    wide = arrays.pad(image, ((reach, reach), (reach, reach)), mode=mode, cval=cval)
    wide = as_float(np.ascontiguousarray(np.moveaxis(np.atleast_3d(wide), 2, 0)))
    out = np.empty((wide.shape[0], *image.shape[:2]), wide.dtype)
    rows = max(1, BAND // (out.shape[0] * out.shape[2]))

    def band(start: int) -> None:
        stop = start + rows
        with np.errstate(over="ignore"):  # of a huge cval: it gets no weight
            out[:, start:stop] = _alike(
                wide[:, start : stop + 2 * reach], reach, sigma_color, sigma_space, np.exp
            )

    in_parallel(band, range(0, out.shape[1], rows))
    out = np.ascontiguousarray(np.moveaxis(out, 0, 2)).reshape(image.shape)
    return as_dtype(out, like=image) if image.dtype == np.uint8 else out


def _bilateral_of_tensor(
    image: AnyImage, reach: int, sigma_color: float, sigma_space: float, mode: Mode, cval: float
) -> AnyImage:
    wide = tensors.pad(image, ((reach, reach), (reach, reach)), mode=mode, cval=cval)
    colored = wide if image.ndim > 2 else wide[None]
    out = _alike(colored, reach, sigma_color, sigma_space, lambda values: values.exp())
    return out.reshape(image.shape)


def _alike(
    wide: Values,
    reach: int,
    sigma_color: float,
    sigma_space: float,
    exp: Callable[[Values], Values],
) -> Values:
    """The definition, (..., C, H + 2 reach, W + 2 reach) -> (..., C, H, W), a shift at a time."""
    rows, columns = (n - 2 * reach for n in wide.shape[-2:])
    middle = wide[..., reach : reach + rows, reach : reach + columns]
    total = weights = 0
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            if i * i + j * j > reach * reach:
                continue
            other = wide[..., reach + i :, reach + j :][..., :rows, :columns]
            difference = abs(other - middle).sum(-3)[..., None, :, :] / sigma_color
            distance = (i * i + j * j) / sigma_space**2
            weight = exp(-0.5 * (difference * difference + distance))
            total = total + weight * other
            weights = weights + weight
    return total / weights


# --- guided ---------------------------------------------------------------------------------------


@routine(float32=1e-6, float64=1e-12)
def guided(
    image: AnyImage,
    guide: AnyImage | None = None,
    *,
    radius: int = 4,
    epsilon: float = 0.01,
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """Smooth an image where its guide is smooth, and keep the edges that the guide has.

    In every window the result is a linear function of the guide, ``a · guide + b``: the one that
    comes nearest to the image while ``epsilon * a²`` keeps it from following faint structure. A
    pixel lies in many windows; it gets the mean of their functions.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), each channel by itself, or tensor (H, W) or (..., C, H, W).
        Floats may have any finite values.
    guide : array or tensor of the same kind and size, grey or colour, floats in 0..1; by default
        the image itself. Channels of a guide work together: an edge in one of them is an edge.
    radius : of the windows in pixels, 1..512; a window is 2 radius + 1 wide
    epsilon : the variance, in (fractions of full scale)², below which structure counts as smooth;
        at least 1e-9
    mode : what lies beyond the edge of both, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Like the image; uint8 rounded. Floats may go a little beyond the image's own range.

    Raises
    ------
    ValueError
        If the guide has another size, leaves 0..1, or radius or epsilon are out of range.
    TypeError
        If guide and image are not both arrays or both tensors, or have another dtype.

    Notes
    -----
    Takes the same time for every radius, and computes in float64, as variances are small
    differences of large numbers. With epsilon 1e-4 and above within 1e-6 of the float64 definition
    in float32 and 1e-12 in float64; uint8 to the nearest level. He's own code takes smaller windows
    at the border; here the images go on there, as in our other filters.

    References
    ----------
    He, Sun and Tang, Guided Image Filtering, IEEE Transactions on Pattern Analysis and Machine
    Intelligence 35(6), 2013.

    Examples
    --------
    >>> step = np.repeat(np.float64([[0.2, 0.8]]), 6, axis=1)  # (1, 12)
    >>> rough = step + np.tile([0.02, -0.02], 6)
    >>> f"{abs(guided(rough, step, radius=2, epsilon=1e-4) - step).max():.3f}"
    '0.006'
    """
    require_image(image, tensor=True, intensities=guide is None)
    if guide is not None:
        _require_guide(guide, image)
    require_whole(1, LARGEST_RADIUS, radius=radius)
    require_positive(epsilon=epsilon)
    if epsilon < 1e-9:
        raise ValueError(f"epsilon must be at least 1e-9, got {epsilon!r}")
    way = _guided_tensor if is_tensor(image) else _guided_array
    return way(image, guide, int(radius), float(epsilon), {"mode": mode, "cval": cval})


def _require_guide(guide: AnyImage, image: AnyImage) -> None:
    """The gate for the guide: an image of the same kind and size."""
    require_image(guide, "guide", tensor=True, intensities=True)
    if is_tensor(guide) != is_tensor(image):
        raise TypeError("guide and image must both be arrays or both be tensors")
    where = slice(-2, None) if is_tensor(image) else slice(0, 2)
    fits = guide.shape[where] == image.shape[where]
    if is_tensor(image):  # further axes are batch: as many, or one for all
        batches = zip(guide.shape[:-3][::-1], image.shape[:-3][::-1], strict=False)
        fits = fits and guide.ndim <= max(3, image.ndim) and all(g in (1, n) for g, n in batches)
    if not fits:
        raise ValueError(
            f"guide has shape {tuple(guide.shape)}; it must fit the image's, {tuple(image.shape)}"
        )


def _guided_array(
    image: Image, guide: Image | None, radius: int, epsilon: float, border: dict
) -> Image:
    """Band by band: of a whole image the float64 planes would fill memory."""
    reach = ((2 * radius,) * 2,) * 2  # two means in a row see that far
    wide = [as_float(arrays.pad(x, reach, **border)) for x in (image, guide) if x is not None]
    out = np.empty(image.shape, wide[0].dtype)
    rows = max(GUIDED_BAND // image.shape[1], 4 * radius, 1)

    def band(start: int) -> None:
        seen = [x[start : start + rows + 4 * radius].astype(np.float64) for x in wide]
        planes = [cv2.split(x) for x in seen]
        found = np.stack(_linear(planes[0], planes[-1], radius, epsilon), axis=-1)
        found = found[2 * radius : -2 * radius, 2 * radius : -2 * radius]
        out[start : start + rows] = found.reshape(-1, *image.shape[1:])

    in_parallel(band, range(0, image.shape[0], rows))
    return as_dtype(out, like=image) if image.dtype == np.uint8 else out


def _guided_tensor(
    image: AnyImage, guide: AnyImage | None, radius: int, epsilon: float, border: dict
) -> AnyImage:
    import torch

    def planes(tensor: AnyImage) -> list[AnyImage]:
        wide = tensors.pad(tensor, ((2 * radius,) * 2,) * 2, **border).double()
        return list(wide.unbind(-3)) if tensor.ndim > 2 else [wide]

    targets = planes(image)
    found = _linear(targets, targets if guide is None else planes(guide), radius, epsilon)
    out = torch.stack(found, -3)[..., 2 * radius : -2 * radius, 2 * radius : -2 * radius]
    return out.reshape(image.shape).to(image.dtype)


def _linear(image: list[Values], guide: list[Values], radius: int, epsilon: float) -> list[Values]:
    """The mean of the linear functions of all windows, for each channel of the image."""
    size, reach = (2 * radius + 1,) * 2, ((radius, radius),) * 2

    def mean(plane: Values) -> Values:
        return engine(plane).box(plane, size, reach, mode="mirror", cval=0.0)

    guide_means, image_means = [mean(g) for g in guide], [mean(p) for p in image]
    own = [
        [mean(g * h) - m * n for h, n in zip(guide[: i + 1], guide_means, strict=False)]
        for i, (g, m) in enumerate(zip(guide, guide_means, strict=True))
    ]
    matrix = [[own[max(i, j)][min(i, j)] for j in range(len(guide))] for i in range(len(guide))]
    if image is guide:
        right = [list(row) for row in matrix]
    else:
        right = [
            [mean(g * p) - m * n for p, n in zip(image, image_means, strict=True)]
            for g, m in zip(guide, guide_means, strict=True)
        ]
    for i in range(len(guide)):
        matrix[i][i] = matrix[i][i] + epsilon
    slopes = _solved(matrix, right)  # (guide channels, image channels)
    out = []
    for c, level in enumerate(image_means):
        offset = level - sum(a[c] * m for a, m in zip(slopes, guide_means, strict=True))
        out.append(mean(offset) + sum(mean(a[c]) * g for a, g in zip(slopes, guide, strict=True)))
    return out


def _solved(matrix: list[list[Values]], right: list[list[Values]]) -> list[list[Values]]:
    """Gaussian elimination, pixel by pixel; a covariance plus epsilon needs no pivoting."""
    n = len(matrix)
    for k in range(n):
        for i in range(k + 1, n):
            factor = matrix[i][k] / matrix[k][k]
            matrix[i] = [x - factor * y for x, y in zip(matrix[i], matrix[k], strict=True)]
            right[i] = [x - factor * y for x, y in zip(right[i], right[k], strict=True)]
    for k in reversed(range(n)):
        for i in range(k + 1, n):
            right[k] = [x - matrix[k][i] * y for x, y in zip(right[k], right[i], strict=True)]
        right[k] = [x / matrix[k][k] for x in right[k]]
    return right
