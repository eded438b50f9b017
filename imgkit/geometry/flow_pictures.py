"""Optical flow as colours: the direction is the hue, the speed how deep it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.images import require_image, require_positive
from imgkit.images.pointwise import in_bands

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]

# steps from red over yellow, green, cyan, blue and magenta back to red: as many as the eye tells
STEPS = (15, 6, 4, 11, 13, 6)
PURE = np.array(
    [(1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1), (1, 0, 1), (1, 0, 0)], float
)


def _wheel() -> npt.NDArray[np.float64]:
    """The 55 colours of Baker et al., (55, 3)."""
    legs = [
        start + (stop - start) * np.arange(steps)[:, None] / steps
        for start, stop, steps in zip(PURE[:-1], PURE[1:], STEPS, strict=True)
    ]
    return np.concatenate(legs)


WHEEL = _wheel()


@routine(float32=1e-5, float64=1e-12, uint8=3e-3, tensor=False)
def flow_picture(flow: Floats, *, largest: float | None = None) -> Floats:
    """Motion as colours: white stands still, the hue is the direction, the depth the speed.

    The colour wheel of the Middlebury benchmark, which papers use: red is to the right, yellow
    down, cyan to the left, violet up.

    Parameters
    ----------
    flow : array (H, W, 2) of float32 or float64, pixels down and to the right
    largest : the speed in pixels of the deepest colours; None for the fastest pixel. Give it to
        compare pictures. What is faster is darker.

    Returns
    -------
    RGB (H, W, 3) in 0..1, dtype of the flow.

    Raises
    ------
    TypeError
        If the flow has another dtype.
    ValueError
        If it has another shape, values that are not finite, or largest is not positive.

    Notes
    -----
    As torchvision's ``flow_to_image``, which takes (column, row) planes and gives bytes. Who does
    not tell red from green confuses directions here, as on every circle of hues: beside the picture
    draw arrows, or show ``flow[..., 0]`` and ``flow[..., 1]`` as grey.

    References
    ----------
    Baker, Scharstein, Lewis, Roth, Black and Szeliski, A database and evaluation methodology for
    optical flow, International Journal of Computer Vision, 2011.

    Examples
    --------
    >>> flow_picture(np.array([[[0.0, 0.0], [0.0, 2.0]]]))  # still, to the right
    array([[[1., 1., 1.],
            [1., 0., 0.]]])
    """
    require_image(flow, "flow")
    if flow.dtype == np.uint8:
        raise TypeError("flow has dtype uint8; a flow is float32 or float64, in pixels")
    if flow.ndim != 3 or flow.shape[2] != 2:
        raise ValueError(
            f"flow has shape {flow.shape}; this takes (H, W, 2), down and to the right"
        )
    if largest is not None:
        require_positive(largest=largest)
    if largest is None:
        with np.errstate(over="ignore"):
            largest = float(np.hypot(flow[..., 0], flow[..., 1]).max())
    if not np.isfinite(largest):
        raise ValueError(f"flow has values too large for {flow.dtype}: divide it by its range")
    kind, limits = flow.dtype.type, np.finfo(flow.dtype)
    speed, wheel = kind(np.clip(largest, limits.tiny, limits.max)), WHEEL.astype(kind)

    def work(out: Floats, band: Floats) -> None:
        down, right = band[..., 0], band[..., 1]
        place = (np.arctan2(-down, -right) / kind(np.pi) + 1) * kind((len(WHEEL) - 1) / 2)
        first = place.astype(np.intp)
        hue, following = wheel[first], wheel[(first + 1) % len(WHEEL)]
        hue += (place - first).astype(kind)[..., None] * (following - hue)
        with np.errstate(over="ignore"):
            depth = np.hypot(down, right)[..., None] / speed
        fast = depth > 1 + 1e-6  # rounding alone makes nothing fast
        np.copyto(out, np.where(fast, kind(0.75) * hue, 1 - np.minimum(depth, 1) * (1 - hue)))

    return in_bands(work, np.empty((*flow.shape[:2], 3), kind), flow)
