"""Values of any size, brought near 1 where squares neither overflow nor vanish."""

from __future__ import annotations

from math import frexp

from imgkit.images import AnyImage, as_dtype, as_float, is_tensor

ORDINARY = (2.0**-10, 2.0**10)
OVERWHELMING = 1e6  # a standard deviation of noise that leaves nothing of such an image


def to_unit(image: AnyImage) -> tuple[AnyImage, float]:
    """An image as floats, and the power of two that it was divided by: 1 for ordinary images.

    A denoiser gives ``a * f(x)`` for ``a * x`` if its sigma grows alike, so it may work on this.
    """
    if not is_tensor(image) and image.dtype.kind == "u":
        return as_float(image), 1.0
    values = image.detach() if is_tensor(image) else image
    top = max(-float(values.min()), float(values.max()))
    if top == 0 or ORDINARY[0] <= top <= ORDINARY[1]:
        return image, 1.0
    unit = 2.0 ** (frexp(top)[1] - 1)  # dividing by it is exact
    return image / unit, unit


def from_unit(values: AnyImage, unit: float, *, like: AnyImage) -> AnyImage:
    """The way back; uint8 is rounded and clipped, floats are neither."""
    if not is_tensor(like) and like.dtype.kind == "u":
        return as_dtype(values, like=like)
    return values if unit == 1 else values * unit
