"""Texture, pixel by pixel: which neighbours are brighter."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

import math
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.filtering.borders import Mode
from imgkit.filtering.engine import engine
from imgkit.images import (
    AnyImage,
    Image,
    is_tensor,
    require_choice,
    require_gray,
    require_positive,
    require_whole,
)
from imgkit.images.pointwise import BAND, in_parallel, library, lookup

if TYPE_CHECKING:
    import torch

METHODS = ("plain", "uniform", "rotation")
MOST_POINTS = 24  # bits of a code
LARGEST_RADIUS = 2048
TIE = 1e-6  # of the largest magnitude: a neighbour darker by no more counts as equal
Place = tuple[int, float]  # whole pixels, and the part on to the next
Ring = list[tuple[Place, Place]]  # rows, columns


@routine(float32=0, float64=0, differentiable=False)
def lbp(
    image: AnyImage,
    *,
    points: int = 8,
    radius: float = 1.0,
    method: Literal["plain", "uniform", "rotation"] = "plain",
    mode: Mode = "mirror",
    cval: float = 0.0,
) -> AnyImage:
    """Local binary patterns: each pixel's neighbours on a circle, a bit for each, 1 if as bright.

    ``code = sum(2^i * (neighbour_i >= centre))``. A brighter or a more contrasty picture has the
    same codes, and their histogram describes a texture.

    Parameters
    ----------
    image : array (H, W), or tensor (..., H, W); floats may have any finite values
    points : neighbours on the circle, 1..24, evenly apart. Point 0 lies to the right, the others
        follow counter-clockwise; between pixels the brightness is interpolated linearly.
    radius : of the circle in pixels, above 0 and up to 2048
    method : "plain" gives the code itself, 0..2^points - 1. "rotation" gives the smallest code that
        turning the circle makes of it, the same for a turned texture. "uniform" counts the ones of
        codes with at most two changes around the circle (edges, corners, spots), 0..points, and
        gives points + 1 to all others; it does not depend on the turn either.
    mode : what lies beyond the edge, see :mod:`imgkit.filtering`
    cval : the value there if mode is "constant", in fractions of full scale

    Returns
    -------
    Codes, same shape: uint8, but int32 for the plain and the rotation codes of more than 8 points.
    ``np.bincount(lbp(image, method="uniform").ravel(), minlength=10)`` is the texture's histogram.

    Raises
    ------
    ValueError
        If points or radius is out of range, method is unknown, or the image has colours.
    TypeError
        If points is not whole, or the image has another dtype.

    Notes
    -----
    A tie is a one: a neighbour counts as bright as the centre if it is darker by at most 1e-6 of
    the image's largest magnitude (of full scale for uint8). So a flat patch has all ones, whatever
    rounding does to interpolated values, and both engines give the same codes, bytes and floats too
    (but for a pixel in a million that lies right at this limit).

    As scikit-image's ``local_binary_pattern`` (``default``, ``uniform`` and ``ror``), which has
    black beyond the edge, ``mode="constant"`` here. There rounding decides about ties, by where in
    the image they lie: in a photograph of 1024 x 1024 bytes it changes one code in a hundred. No
    other code differs. Where the points lie is rounded to 1e-5 pixels, as it is there.

    References
    ----------
    Ojala, Pietikäinen and Mäenpää, Multiresolution gray-scale and rotation invariant texture
    classification with local binary patterns, IEEE Transactions on Pattern Analysis and Machine
    Intelligence 24(7), 2002.

    Examples
    --------
    >>> edge = np.zeros((3, 5), np.uint8)
    >>> edge[:, 3:] = 200
    >>> lbp(edge, points=4)[1]  # right 1, up 2, left 4, down 8
    array([15, 15, 15, 11, 15], dtype=uint8)
    >>> lbp(edge, points=4, method="uniform")[1]
    array([4, 4, 4, 3, 4], dtype=uint8)
    """
    require_gray(image, tensor=True)
    require_whole(1, MOST_POINTS, points=points)
    require_choice(METHODS, method=method)
    require_positive(radius=radius)
    if radius > LARGEST_RADIUS:
        raise ValueError(f"radius must be at most {LARGEST_RADIUS}, got {radius!r}")
    reach = math.ceil(radius)
    wide = engine(image).pad(image, ((reach, reach), (reach, reach)), mode=mode, cval=cval)
    run = _of_tensor if is_tensor(image) else _of_array
    return run(image, wide, _ring(points, radius, reach), method)


def _ring(points: int, radius: float, reach: int) -> Ring:
    """Where the points lie in an image padded by ``reach``, from the pixel they belong to."""
    angles = 2 * np.pi * np.arange(points) / points
    rows, columns = -radius * np.sin(angles), radius * np.cos(angles)
    parts, wholes = np.modf(np.stack([rows, columns], axis=1).round(5) + reach)
    return [
        ((i, round(down, 5)), (j, round(right, 5)))
        for (i, j), (down, right) in zip(wholes.astype(int).tolist(), parts.tolist(), strict=True)
    ]


def _neighbours(wide: AnyImage, ring: Ring, shape: tuple[int, int]) -> Iterator[AnyImage]:
    """The image as each point of the ring sees it, of this shape, out of the padded one."""
    blend, (h, w) = engine(wide).blend, shape
    moved: dict[Place, AnyImage] = {}  # the points above and below share their column
    for (i, down), (j, right) in ring:
        column = moved.get((j, right))
        if column is None:
            column = wide[..., j : j + w]
            if right:
                column = blend(column, 1 - right, wide[..., j + 1 : j + 1 + w], right)
            moved[j, right] = column
        one = column[..., i : i + h, :]
        yield blend(one, 1 - down, column[..., i + 1 : i + 1 + h, :], down) if down else one


def _named(bits: Iterator[AnyImage], points: int, method: str) -> AnyImage:
    """What a method makes of the bits of each point, bytes of 0 and 255; arrays or tensors."""
    if method == "uniform":
        return _uniform(bits, points)
    codes = _joined(bits)
    return _least_turn(codes, points) if method == "rotation" else codes


def _joined(bits: Iterator[AnyImage]) -> AnyImage:
    """The codes: bytes of up to eight points, of more int32."""
    planes: list[AnyImage] = []  # a byte for each eight
    for i, bit in enumerate(bits):
        bit &= 1 << i % 8
        if i % 8 == 0:
            planes.append(bit)
        else:
            planes[-1] |= bit
    if len(planes) == 1:
        return planes[0]
    own = library(planes[0])
    return sum(own.asarray(plane, dtype=own.int32) << 8 * k for k, plane in enumerate(planes))


def _uniform(bits: Iterator[AnyImage], points: int) -> AnyImage:
    """The number of ones, where at most two bits differ from the one before; else points + 1."""
    first = last = next(bits)
    ones, changes = first & 1, first & 0
    for bit in bits:
        ones -= bit  # of bytes, 255 is -1
        changes -= bit ^ last
        last = bit
    changes -= first ^ last
    return library(ones).maximum(ones, (changes > 2) * (first * 0 + (points + 1)))


def _least_turn(codes: AnyImage, points: int) -> AnyImage:
    """The smallest number that turning the bits of a code makes of it."""
    least = turned = codes
    for _ in range(points - 1):
        turned = (turned >> 1) | ((turned & 1) << (points - 1))
        least = library(codes).minimum(least, turned)
    return least


# --- arrays ---------------------------------------------------------------------------------------


def _of_array(image: Image, wide: Image, ring: Ring, method: str) -> npt.NDArray:
    """In bands of rows, so that what one step leaves the next finds in the processor's cache."""
    (h, w), reach, points = image.shape, (wide.shape[0] - image.shape[0]) // 2, len(ring)
    largest = 255 if image.dtype == np.uint8 else cv2.norm(image, cv2.NORM_INF)
    out = np.empty((h, w), np.uint8 if points <= 8 or method == "uniform" else np.int32)
    rows = max(BAND // w, 4 * reach)

    def band(start: int) -> None:
        part = engine(wide).levels_of(wide[start : start + rows + 2 * reach])
        target = out[start : start + rows]
        with np.errstate(over="ignore"):
            least = part[reach:-reach, reach:-reach] - part.dtype.type(TIE * largest)
        bits = (
            cv2.compare(values, least, cv2.CMP_GE).reshape(target.shape)
            for values in _neighbours(part, ring, target.shape)
        )
        if points > 8 or method == "plain":
            target[...] = _named(bits, points, method)
        else:
            target[...] = lookup(_joined(bits), _table(points, method))

    in_parallel(band, range(0, h, rows))
    return out


@cache
def _table(points: int, method: str) -> npt.NDArray[np.uint8]:
    """What a method calls each code of up to eight points."""
    codes = np.arange(256, dtype=np.uint8)
    return _named((-(codes >> i & 1) for i in range(points)), points, method)


# --- tensors --------------------------------------------------------------------------------------


def _of_tensor(image: torch.Tensor, wide: torch.Tensor, ring: Ring, method: str) -> torch.Tensor:
    image, wide = image.detach(), wide.detach()
    least = image - TIE * image.abs().amax((-2, -1), keepdim=True)
    bits = (-(values >= least).byte() for values in _neighbours(wide, ring, image.shape[-2:]))
    return _named(bits, len(ring), method)
