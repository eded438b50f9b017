"""Reading torch images between their pixels, for any batch and device.

torch's ``grid_sample`` does it, on an image with a margin that the boundary mode has filled, at
positions folded to lie near it: so every mode works, and far outside takes no longer. Gradients
flow to the image and to the positions, of "nearest" to the image only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgkit.filtering.borders import Mode
from imgkit.filtering.tensors import pad
from imgkit.geometry.positions import AFTER, BEFORE, folded, through

if TYPE_CHECKING:
    import torch

NAMES = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}  # torch's


def warp(
    image: torch.Tensor,
    back: torch.Tensor,
    shape: tuple[int, int],
    method: str,
    mode: Mode,
    cval: float,
) -> torch.Tensor:
    """The new image by the matrix that leads from its pixels back to the old one's."""
    import torch

    rows, columns = (torch.arange(n, dtype=torch.float64, device=image.device) for n in shape)
    return remap(image, *through(back, rows[:, None], columns), method, mode, cval)


def remap(
    image: torch.Tensor,
    rows: torch.Tensor,
    columns: torch.Tensor,
    method: str,
    mode: Mode,
    cval: float,
) -> torch.Tensor:
    """The new image by the position of each of its pixels in the old one."""
    import torch

    wide = pad(image, ((BEFORE, AFTER), (BEFORE, AFTER)), mode=mode, cval=cval)
    grid = torch.stack(
        [_scaled(columns, image, -1, method, mode), _scaled(rows, image, -2, method, mode)], -1
    )
    shape = grid.shape[-3:-1]
    if grid.ndim == 3:  # all images are read at the same places: they are channels to torch
        lead, planes, grid = image.shape[:-2], wide.reshape(1, -1, *wide.shape[-2:]), grid[None]
    else:
        lead = torch.broadcast_shapes(image.shape[:-2], grid.shape[:-3])
        planes = wide.expand(*lead, -1, -1).reshape(-1, 1, *wide.shape[-2:])
        grid = grid.expand(*lead, -1, -1, -1).reshape(-1, *grid.shape[-3:])
    # corners aligned: -1 and 1 are the centres of the first and the last pixel
    out = torch.nn.functional.grid_sample(planes, grid, mode=NAMES[method], align_corners=True)
    return out.reshape(*lead, *shape)


def _scaled(x: torch.Tensor, image: torch.Tensor, axis: int, method: str, mode: Mode):
    """Positions along an axis as torch wants them: -1 to 1 from end to end, with the margin."""
    n = image.shape[axis]
    x = (x + 0.5).floor() if method == "nearest" else x  # torch would take the even one of two
    scale = 2 / (n + BEFORE + AFTER - 1)
    return (folded(x, n, mode) * scale + (BEFORE * scale - 1)).to(image.dtype)
