"""What an image is: the gate that every routine asks first, and the conversions."""

from __future__ import annotations  # help() says Image, not what it stands for

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from imgkit.images import tensors
from imgkit.images.arguments import require_positive

if TYPE_CHECKING:
    import torch

Image: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.float32] | npt.NDArray[np.float64]
AnyImage = TypeVar("AnyImage", Image, "torch.Tensor")  # the kind that comes in goes out

DTYPES = (np.dtype(np.uint8), np.dtype(np.float32), np.dtype(np.float64))

# float32 arithmetic on values in 0..1 may end this far outside: a fortieth of a grey level
SLACK = 1e-4


def require_image(
    image: object,
    name: str = "image",
    *,
    intensities: bool = False,
    channels: Collection[int] | None = None,
    tensor: bool = False,
) -> None:
    """Refuse what is not an image, in a sentence that says what to do.

    The one gate before OpenCV, which crashes, or answers nonsense, on arrays it does not know.
    What it costs is one pass over the values of a float image, a fifth of a small filter.

    Parameters
    ----------
    image : what was handed in
    name : the argument's name, for the message
    intensities : insist on 0..1 for floats. Linear filters take any finite float; a routine that
        reads values as brightness does not. Rounding is forgiven: values may lie up to 1e-4
        outside, so a root or a logarithm has to clip first.
    channels : the numbers of channels that are fine; ``(H, W)`` counts as 1. Of a tensor the third
        axis from the end holds them, where a routine asks for channels.
    tensor : whether a torch tensor ``(..., H, W)`` of float32 or float64 is fine too

    Raises
    ------
    TypeError
        If it is not a NumPy array (or tensor), or has another dtype than uint8, float32 and
        float64.
    ValueError
        If it has another rank than 2 or 3, is empty, is not finite, has other channels, or lies
        outside 0..1 where intensities are needed.

    Examples
    --------
    >>> require_image(np.zeros((2, 3), np.uint8))
    >>> require_image(np.zeros((2, 3), np.int64))
    Traceback (most recent call last):
    TypeError: image has dtype int64; imgkit images are uint8 (0..255) or float32/float64 (0..1): \
use images.as_float(image, full_scale=255) if 255 is white
    """
    if tensor and tensors.is_tensor(image):
        tensors.require_tensor(image, name, channels=channels)
        return _require_range(name, *tensors.extremes(image)) if intensities else None
    require_kind(image, name, channels=channels)
    if image.dtype != np.uint8:
        _require_values(image, name, intensities)


def require_gray(
    image: object, name: str = "image", *, intensities: bool = False, tensor: bool = False
) -> None:
    """The gate for routines that know no colour: an array (H, W), or a tensor (..., H, W).

    Examples
    --------
    >>> require_gray(np.zeros((2, 3, 3)))
    Traceback (most recent call last):
    ValueError: image has shape (2, 3, 3); this takes grey, (H, W): use color.to_gray(image)
    """
    require_image(image, name, intensities=intensities, tensor=tensor)
    if not tensors.is_tensor(image):
        require_plane(image, name)


def require_plane(image: np.ndarray, name: str = "image") -> None:
    """The part of that gate that refuses channels."""
    if image.ndim != 2:
        raise ValueError(
            f"{name} has shape {image.shape}; this takes grey, (H, W): use color.to_gray({name})"
        )


def require_kind(
    image: object, name: str = "image", *, channels: Collection[int] | None = None
) -> None:
    """The gate for arrays without the look at the values.

    It is for a routine whose result is smaller than its image and not finite where the image is
    not: there, ``require_image`` of the result costs less.
    """
    require_array(image, name)
    if image.dtype not in DTYPES:
        raise TypeError(
            f"{name} has dtype {image.dtype}; imgkit images are uint8 (0..255) "
            f"or float32/float64 (0..1){_dtype_hint(image.dtype, name)}"
        )
    require_shape(image, name, channels)


def require_array(image: object, name: str) -> None:
    """The part of the gate that insists on a NumPy array."""
    if isinstance(image, np.ndarray) and not isinstance(image, np.ma.MaskedArray):
        return
    hint = ""
    if tensors.is_tensor(image):
        hint = f": use np.asarray({name}), channels last"
    elif isinstance(image, str) or hasattr(image, "__fspath__"):
        hint = f": use images.read({name})"
    elif isinstance(image, list | tuple) or hasattr(image, "__array__"):
        hint = f": use np.asarray({name})"
    kind = "None" if image is None else f"of type {type(image).__name__}"
    raise TypeError(f"{name} is {kind}; imgkit takes a NumPy array (H, W) or (H, W, C){hint}")


def _dtype_hint(dtype: np.dtype, name: str) -> str:
    if dtype.newbyteorder("=") in (*DTYPES, np.uint16, np.float16, np.bool_):
        return f": use images.as_float({name})"
    if dtype.kind in "iu":
        return f": use images.as_float({name}, full_scale=255) if 255 is white"
    if dtype.kind == "c":
        return f": take np.abs({name}) or {name}.real"
    return ""


def require_shape(image: np.ndarray, name: str, channels: Collection[int] | None) -> None:
    """The part of the gate that looks at rank, size and channels."""
    if image.ndim not in (2, 3):
        raise ValueError(
            f"{name} has shape {image.shape}; imgkit takes (H, W) for grey and (H, W, C) for colour"
        )
    if image.size == 0:
        raise ValueError(f"{name} is empty: its shape is {image.shape}")
    count = 1 if image.ndim == 2 else image.shape[2]
    if channels is not None and count not in channels:
        wanted = " or ".join("(H, W)" if c == 1 else f"(H, W, {c})" for c in sorted(channels))
        hint = ""
        if image.ndim == 3 and image.shape[0] in channels:
            hint = f"; if its channels stand first, use np.moveaxis({name}, 0, -1)"
        raise ValueError(f"{name} has shape {image.shape}; this takes {wanted}{hint}")


def _require_values(image: np.ndarray, name: str, intensities: bool) -> None:
    if intensities:
        low, high = float(image.min()), float(image.max())  # NaN wins both
        finite = np.isfinite([low, high]).all()
    else:
        finite = _sums_up(image) or np.isfinite(image).all()
    if not finite:
        bad = int(np.count_nonzero(~np.isfinite(image)))
        raise ValueError(
            f"{name} has {bad} values that are NaN or infinite: see np.isfinite({name})"
        )
    if intensities:
        _require_range(name, low, high)


def _sums_up(image: np.ndarray) -> bool:
    """Whether the sum of all values is finite: then each of them is.

    Only "no" needs a second look, for a sum of huge values overflows. ``einsum`` is the quickest
    sum there is without BLAS, whose threads would wait for each other on a busy machine.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(np.einsum("i->", image.ravel(order="K"))))


def _require_range(name: str, low: float, high: float) -> None:
    if low < -SLACK or high > 1 + SLACK:
        hint = "divide by its range, or clip it"
        if low >= 0 and 2 < high <= 255:
            hint = "it looks like 0..255: divide by 255"
        raise ValueError(f"{name} has values from {low:.4g} to {high:.4g}; this needs 0..1: {hint}")


def as_float(image: AnyImage, *, full_scale: float | None = None) -> AnyImage:
    """An image as floats, 0 black and 1 white.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); a tensor is floats already and is handed back itself
    full_scale : the value that means white. It is 255 for uint8, 65535 for uint16 and 1 for bool
        and floats; other integers do not tell, so there it has to be said.

    Returns
    -------
    float32 for integers, bool and float16; float32 and float64 stay as they are. A float image
    without ``full_scale`` is handed back itself, not a copy.

    Raises
    ------
    TypeError
        If the dtype is not a real number, or an integer whose full scale is not known.
    ValueError
        If the array is not an image: rank, size, NaN.

    Examples
    --------
    >>> as_float(np.array([[0, 51, 255]], np.uint8))
    array([[0. , 0.2, 1. ]], dtype=float32)
    >>> as_float(np.array([[0, 100]]), full_scale=100)
    array([[0., 1.]], dtype=float32)
    """
    if tensors.is_tensor(image) and full_scale is None:
        require_image(image, tensor=True)
        return image
    require_array(image, "image")
    known = {"uint8": 255, "uint16": 65535, "bool": 1, "float16": 1, "float32": 1, "float64": 1}
    if full_scale is None:
        full_scale = known.get(image.dtype.name)
        if full_scale is None:
            require_image(image)  # refuses, and says what to do
    require_positive(full_scale=full_scale)
    if image.dtype.kind not in "biuf" or image.dtype.itemsize > 8:
        raise TypeError(f"image has dtype {image.dtype}; as_float takes real numbers up to 64 bits")
    require_shape(image, "image", None)
    whole = image.dtype.kind != "f" and full_scale >= 1  # and so finite
    if image.dtype not in DTYPES[1:] or full_scale != 1:
        precision = np.float64 if image.dtype.name == "float64" else np.float32
        exact = np.float32 if image.dtype.itemsize <= 2 else np.float64
        image = np.divide(image, full_scale, dtype=exact).astype(precision, copy=False)
    if not whole:
        _require_values(image, "image", intensities=False)
    return image


def as_uint8(image: Image) -> npt.NDArray[np.uint8]:
    """An image as bytes, 0 black and 255 white: ``round(255 * image)``, never truncated.

    Parameters
    ----------
    image : array (H, W) or (H, W, C); floats in 0..1

    Returns
    -------
    uint8, same shape. A uint8 image is handed back itself, not a copy. A tie goes to the even
    number, as in NumPy.

    Raises
    ------
    ValueError
        If a float image leaves 0..1 by more than rounding.
    TypeError
        If the image has another dtype.

    Examples
    --------
    >>> as_uint8(np.array([[0, 0.2, 0.999, 1]]))
    array([[  0,  51, 255, 255]], dtype=uint8)
    """
    require_image(image, intensities=True)
    return image if image.dtype == np.uint8 else _rounded(image)


def as_dtype(values: AnyImage, *, like: AnyImage) -> AnyImage:
    """Computed values, in fractions of full scale, as the kind of image they came from.

    Clips to 0..1 and takes the dtype of ``like``; for uint8 it scales by 255 and rounds.

    Examples
    --------
    >>> as_dtype(np.array([[-0.1, 0.5, 1.2]]), like=np.zeros((1, 3), np.uint8))
    array([[  0, 128, 255]], dtype=uint8)
    >>> as_dtype(np.array([[-0.1, 0.5, 1.2]]), like=np.zeros((1, 3), np.float32))
    array([[0. , 0.5, 1. ]], dtype=float32)
    """
    if tensors.is_tensor(like):
        return values.clamp(0, 1).to(like.dtype)
    if like.dtype == np.uint8:
        return _rounded(values)
    return np.clip(values, 0, 1).astype(like.dtype, copy=False)


def _rounded(values: np.ndarray) -> npt.NDArray[np.uint8]:
    levels = values * values.dtype.type(255)
    np.rint(levels, out=levels)
    return np.clip(levels, 0, 255, out=levels).astype(np.uint8)
