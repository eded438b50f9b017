"""Where a small picture is found in a large one."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft

from imgkit.capabilities import routine
from imgkit.images import AnyImage, Image, is_tensor, require_image
from imgkit.images.pointwise import in_bands

if TYPE_CHECKING:
    import torch

FLAT = 1e-6  # a standard deviation below this share of the largest magnitude is rounding
DIRECT = 81  # pixels of a template up to which plain sums are quicker than Fourier transforms
Plane = np.ndarray  # (H, W) of floats


@routine(float32=2e-4, float64=1e-9, uint8=0.05)
def match_template(image: AnyImage, template: AnyImage) -> AnyImage:
    """How much each place of an image looks like a template: normalised cross-correlation.

    ``out = sum(t * w) / sqrt(sum(t²) * sum(w²))``, with t the template less its mean and w the
    window of the image less its own mean. 1 is the same picture, at any brightness and contrast; -1
    is its negative, 0 has nothing to do with it.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats may have any finite values
    template : array (h, w) or (h, w, C) as the image, not larger than it; of any dtype of images.
        Tensors: (h, w), for each plane of the image, or (C, h, w), then the image is
        (..., C, H, W) and its channels count together.

    Returns
    -------
    (H - h + 1, W - w + 1), tensors (..., H - h + 1, W - w + 1): values in -1..1. Pixel (r, c) tells
    of the window whose upper left corner is (r, c). float32 for uint8, else the dtype of the image.

    Raises
    ------
    ValueError
        If the template is larger than the image, or has other channels.
    TypeError
        If one of them has another dtype, or one is an array and the other a tensor.

    Notes
    -----
    A window or a template without contrast looks like nothing: 0 there. Flat means a standard
    deviation below 1e-6 of the largest magnitude. Colours: each channel has its own mean, as in
    OpenCV; scikit-image subtracts one mean of all. Tensors are computed in float64.

    float32 and uint8: within 1e-5 of the float64 definition where a window's standard deviation is
    above 1 % of the largest magnitude, and 2e-4 where it is above 0.1 %; float64 within 1e-9.
    OpenCV's ``TM_CCOEFF_NORMED``, and scikit-image on float32, subtract large numbers from large
    ones: nearly flat windows come out wrong by 0.1 and more.

    References
    ----------
    Lewis, Fast normalized cross-correlation, Vision Interface, 1995. Gonzalez and Woods, Digital
    Image Processing, 4th ed., section 13.2.

    Examples
    --------
    >>> scene = np.zeros((6, 8))
    >>> scene[2:4, 5:7] = [[0.2, 0.4], [0.4, 0.2]]
    >>> found = match_template(scene, np.array([[0.5, 0.7], [0.7, 0.5]]))
    >>> np.unravel_index(found.argmax(), found.shape), float(found.max().round(6))
    ((np.int64(2), np.int64(5)), 1.0)
    """
    if is_tensor(image) != is_tensor(template):
        one, other = (type(value).__name__ for value in (image, template))
        raise TypeError(f"image is {one} and template {other}: both arrays or both tensors, please")
    for name, value in (("image", image), ("template", template)):
        require_image(value, name, tensor=True)
    if is_tensor(image):
        _require_fit(image, template, image.shape[-2:], template.shape[-2:])
        return _of_tensors(image, template)
    _require_fit(image, template, image.shape[:2], template.shape[:2])
    return _of_arrays(image, template)


def _require_fit(image: AnyImage, template: AnyImage, whole: tuple, part: tuple) -> None:
    shapes = tuple(image.shape), tuple(template.shape)
    if is_tensor(image):
        colour = template.ndim == 3 <= image.ndim and template.shape[0] == image.shape[-3]
        fits = template.ndim == 2 or colour
    else:
        fits = shapes[0][2:] == shapes[1][2:]
    if not fits:
        raise ValueError(
            f"image has shape {shapes[0]} and template {shapes[1]}: they have to have the same "
            "channels; color.to_gray makes either grey"
        )
    if part[0] > whole[0] or part[1] > whole[1]:
        raise ValueError(
            f"template has shape {shapes[1]}, image {shapes[0]}: a template cannot be larger"
        )


# --- arrays ---------------------------------------------------------------------------------------


def _of_arrays(image: Image, template: Image) -> Image:
    h, w = template.shape[:2]
    (values, unit), pattern = _centred(image), _upright(*_centred(template))
    floor = pattern.size * (FLAT * unit) ** 2
    products, sums = 0.0, []
    for plane, small in zip(_planes(values), _planes(pattern), strict=True):
        products += _correlated(plane, small)
        sums += _window_sums(plane, h, w)

    def normalised(band: Plane, product: Plane, *sums: Plane) -> None:
        spread = 0.0  # the windows' sum of squares about their means
        for total, squares in zip(sums[::2], sums[1::2], strict=True):
            about = total * total
            about *= -1 / (h * w)
            about += squares
            spread += about
        spread = spread.astype(band.dtype)
        steep = spread > floor
        np.sqrt(np.maximum(spread, band.dtype.type(floor), out=spread), out=spread)
        np.divide(product, spread, out=band, casting="same_kind")
        band *= steep
        np.clip(band, -1, 1, out=band)

    precision = np.float64 if image.dtype == np.float64 else np.float32
    return in_bands(normalised, np.empty(products.shape, precision), products, *sums)


def _planes(image: np.ndarray) -> list[Plane]:
    if image.ndim == 2:
        return [image]
    return [np.ascontiguousarray(plane) for plane in np.moveaxis(image, 2, 0)]


def _centred(image: Image) -> tuple[np.ndarray, float]:
    """Each channel about its mean, so that what is subtracted later is small; the magnitude.

    Bytes become whole numbers, whose sums are exact; floats are brought to -1..1 before.
    """
    if image.dtype == np.uint8:
        return image.astype(np.float32) - np.rint(image.mean(axis=(0, 1))).astype(np.float32), 255
    values = np.ascontiguousarray(image / (np.abs(image).max() or 1))
    values -= values.mean(axis=(0, 1), dtype=np.float64).astype(image.dtype)
    return values, 1


def _upright(pattern: np.ndarray, unit: float) -> npt.NDArray[np.float64]:
    """A template's channels less their means, in float64, together of norm 1; 0 if it is flat."""
    pattern = pattern.astype(np.float64)
    pattern -= pattern.mean(axis=(0, 1))
    norm = np.sqrt((pattern**2).sum())
    return pattern / norm if norm > FLAT * unit * np.sqrt(pattern.size) else 0 * pattern


def _correlated(values: Plane, pattern: Plane) -> Plane:
    """The sum of products in each window that fits."""
    h, w = pattern.shape
    rows, columns = values.shape[0] - h + 1, values.shape[1] - w + 1
    if h * w <= DIRECT:
        return cv2.filter2D(values, -1, pattern, anchor=(0, 0))[:rows, :columns]
    if values.dtype == np.float32:
        return cv2.matchTemplate(values, pattern.astype(np.float32), cv2.TM_CCORR)
    size = [scipy.fft.next_fast_len(n, real=True) for n in values.shape]
    options = {"s": size, "workers": cv2.getNumThreads()}
    waves = scipy.fft.rfft2(values, **options)
    waves *= scipy.fft.rfft2(pattern, **options).conj()
    return scipy.fft.irfft2(waves, overwrite_x=True, **options)[:rows, :columns]


def _window_sums(values: Plane, h: int, w: int) -> tuple[Plane, Plane]:
    """The sums of the values and of their squares in each window that fits, in float64."""
    rows, columns = values.shape[0] - h + 1, values.shape[1] - w + 1
    options = {"ddepth": cv2.CV_64F, "ksize": (w, h), "anchor": (0, 0), "normalize": False}
    one, two = cv2.boxFilter(values, **options), cv2.sqrBoxFilter(values, **options)
    return one[:rows, :columns], two[:rows, :columns]


# --- tensors --------------------------------------------------------------------------------------


def _of_tensors(image: torch.Tensor, template: torch.Tensor) -> torch.Tensor:
    import torch

    h, w = template.shape[-2:]
    axes = (-3, -2, -1) if template.ndim == 3 else (-2, -1)
    values, pattern = (_centred_tensor(planes.double(), axes) for planes in (image, template))
    energy = pattern.square().sum(axes)
    waves = torch.fft.rfft2(values) * torch.fft.rfft2(pattern, s=values.shape[-2:]).conj()
    products = torch.fft.irfft2(waves, s=values.shape[-2:])
    products = products[..., : values.shape[-2] - h + 1, : values.shape[-1] - w + 1]
    contrast = _sliding_sum(values.square(), h, w) - _sliding_sum(values, h, w).square() / (h * w)
    if template.ndim == 3:
        products, contrast = products.sum(-3), contrast.sum(-3)
    floor = template.numel() * FLAT**2
    steep = (contrast > floor) & (energy > floor)
    scale = torch.where(steep, contrast * energy, 1).sqrt()
    return torch.where(steep, products / scale, 0).clamp(-1, 1).to(image.dtype)


def _centred_tensor(planes: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    """Each channel about its mean, within -1..1 or so; ``axes`` are those of one image."""
    unit = planes.detach().abs().amax(axes, keepdim=True)
    planes = planes / unit.where(unit > 0, 1)
    return planes - planes.mean((-2, -1), keepdim=True)


def _sliding_sum(planes: torch.Tensor, h: int, w: int) -> torch.Tensor:
    """The sum in each window that fits, along one axis after the other."""
    import torch

    for axis, n in ((-2, h), (-1, w)):
        pad = (0, 0, 1, 0) if axis == -2 else (1, 0)
        sums = torch.nn.functional.pad(planes.cumsum(axis), pad)
        size = planes.shape[axis] - n + 1
        planes = sums.narrow(axis, n, size) - sums.narrow(axis, 0, size)
    return planes
