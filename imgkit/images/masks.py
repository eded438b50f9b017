"""What a mask and a label image are, and the gates for them.

A mask says of every pixel whether it belongs: ``bool``, ``(H, W)``, what ``image > threshold``
gives. A label image says to which object: whole numbers ``(H, W)``, 0 for the background, each
object's pixels with a number of its own. Neither is an image: 1 is no brightness here.
"""

from __future__ import annotations  # help() says Mask, not what it stands for

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from imgkit.images.arrays import require_array
from imgkit.images.tensors import is_tensor

Mask: TypeAlias = npt.NDArray[np.bool_]
Labels: TypeAlias = npt.NDArray[np.int32]

LARGEST_LABEL = np.iinfo(np.int32).max


def require_mask(mask: object, name: str = "mask", *, tensor: bool = False) -> None:
    """Refuse what is not a mask, in a sentence that says what to do.

    Parameters
    ----------
    mask : what was handed in; array (H, W) of bool
    name : the argument's name, for the message
    tensor : whether a torch tensor (..., H, W) of bool is fine too

    Raises
    ------
    TypeError
        If it is not an array (or tensor) of bool.
    ValueError
        If it has another rank than 2, or is empty.

    Examples
    --------
    >>> require_mask(np.zeros((2, 3), bool))
    >>> require_mask(np.zeros((2, 3), np.uint8))
    Traceback (most recent call last):
    TypeError: mask has dtype uint8; a mask is bool: use mask > 0
    """
    if tensor and is_tensor(mask):
        kind = str(mask.dtype).removeprefix("torch.")
        planes = mask.ndim >= 2
    else:
        require_array(mask, name)
        kind, planes = mask.dtype.name, mask.ndim == 2
    if kind != "bool":
        raise TypeError(f"{name} has dtype {kind}; a mask is bool: use {name} > 0")
    _require_plane(mask, name, "mask", planes)


def require_labels(labels: object, name: str = "labels") -> Labels:
    """A label image as int32; refuse what is none, in a sentence that says what to do.

    Parameters
    ----------
    labels : what was handed in; array (H, W) of any integer dtype, no value below 0
    name : the argument's name, for the message

    Returns
    -------
    int32 (H, W); the array itself if it is int32 already.

    Raises
    ------
    TypeError
        If it is not an array of whole numbers.
    ValueError
        If it has another rank than 2, is empty, or has values below 0 or above 2147483647.

    Examples
    --------
    >>> require_labels(np.array([[0, 1], [2, 2]], np.uint8)).dtype
    dtype('int32')
    >>> require_labels(np.zeros((2, 3), bool))
    Traceback (most recent call last):
    TypeError: labels has dtype bool; a label image has whole numbers: \
use segmentation.label(labels)
    """
    require_array(labels, name)
    if labels.dtype.kind not in "iu" or not labels.dtype.isnative:
        hint = f": use segmentation.label({name})" if labels.dtype == bool else ""
        raise TypeError(f"{name} has dtype {labels.dtype}; a label image has whole numbers{hint}")
    _require_plane(labels, name, "label image", labels.ndim == 2)
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > LARGEST_LABEL:
        raise ValueError(f"{name} has values from {low} to {high}; labels are 0 to {LARGEST_LABEL}")
    return labels.astype(np.int32, copy=False)


def require_same_shape(**arrays: object) -> None:
    """Refuse two whose rows and columns differ: ``require_same_shape(labels=labels, image=image)``.

    Examples
    --------
    >>> require_same_shape(labels=np.zeros((2, 3)), image=np.zeros((2, 4, 3)))
    Traceback (most recent call last):
    ValueError: labels is 2 by 3 pixels and image 2 by 4: they have to be of one size
    """
    (first, one), *others = arrays.items()
    for name, other in others:
        if tuple(one.shape[:2]) != tuple(other.shape[:2]):
            (h, w), (rows, columns) = one.shape[:2], other.shape[:2]
            raise ValueError(
                f"{first} is {h} by {w} pixels and {name} {rows} by {columns}: "
                "they have to be of one size"
            )


def _require_plane(array: object, name: str, what: str, planes: bool) -> None:
    shape = tuple(array.shape)
    if not planes:
        raise ValueError(f"{name} has shape {shape}; a {what} is (H, W)")
    if 0 in shape:
        raise ValueError(f"{name} is empty: its shape is {shape}")
