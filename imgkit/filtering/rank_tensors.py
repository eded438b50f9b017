"""Order statistics of windows, on torch tensors: the same networks, for any batch and device.

Each function has its twin of the same name in :mod:`imgkit.filtering.rank_arrays`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgkit.filtering import network, tensors
from imgkit.filtering.borders import Mode, window_reach

if TYPE_CHECKING:
    import torch

PLANE_ON_CPU, PLANE_ELSEWHERE = 1 << 14, 1 << 20  # values at once: few calls, bounded memory
SORTED_AT_ONCE = 1 << 24  # values, where windows are too large for a network


def extreme(
    image: torch.Tensor, size: tuple[int, int], *, greatest: bool, mode: Mode, cval: float
) -> torch.Tensor:
    """The smallest or greatest value of a window: of 1, 2, 4, ... pixels, each from two before."""
    import torch

    wide = tensors.pad(image, window_reach(*size), mode=mode, cval=cval)
    call = torch.maximum if greatest else torch.minimum
    for axis, n in zip((-2, -1), size, strict=True):
        done = 1
        while done < n:
            step = min(done, n - done)
            count = wide.shape[axis] - step
            wide = call(wide.narrow(axis, 0, count), wide.narrow(axis, step, count))
            done += step
    return wide.clone() if size == (1, 1) else wide


def select(
    image: torch.Tensor, size: tuple[int, int], rank: int, *, mode: Mode, cval: float
) -> torch.Tensor:
    """The value of a rank, 0 the smallest, among those of a window."""
    wide = tensors.pad(image, window_reach(*size), mode=mode, cval=cval)
    wide = wide.reshape(-1, *wide.shape[-2:])  # (N, H + h - 1, W + w - 1)
    shape = wide.shape[0], *image.shape[-2:]
    if size[0] * size[1] > network.LARGEST_AREA:
        return _by_sorting(wide, shape, size, rank).reshape(image.shape)
    out = _by_network(wide.detach(), shape, size, rank)
    if wide.requires_grad:
        out = _picked(wide, out, size)
    return out.reshape(image.shape)


def _by_network(
    wide: torch.Tensor, shape: tuple[int, int, int], size: tuple[int, int], rank: int
) -> torch.Tensor:
    """All windows of a tile at once, in planes of every ``tile``-th pixel."""
    import torch

    tile = rows, columns = network.tile_for(size, shape[1:])
    program = network.program(size, rank, tile)
    n, height, width = shape[0], -(-shape[1] // rows), -(-shape[2] // columns)
    spare = 0, width * columns - shape[2], 0, height * rows - shape[1]  # to whole tiles
    wide = torch.nn.functional.pad(wide, spare)
    planes = [
        [wide[:, r::rows, c::columns].contiguous() for c in range(columns)] for r in range(rows)
    ]
    out = wide.new_empty(n, height, rows, width, columns)
    at_once = PLANE_ON_CPU if wide.device.type == "cpu" else PLANE_ELSEWHERE
    step = max(1, at_once // (height * width))  # images
    lines = max(1, at_once // (step * width))  # rows of tiles
    for first in range(0, n, step):
        some = slice(first, min(first + step, n))
        for start in range(0, height, lines):
            stop = min(start + lines, height)
            pixels = [
                planes[i % rows][j % columns][
                    some,
                    start + i // rows : stop + i // rows,
                    j // columns : j // columns + width,
                ]
                for i, j in program.pixels
            ]
            found = program.run(
                pixels,
                lambda a, b, c: torch.minimum(a, b, out=c),
                lambda a, b, c: torch.maximum(a, b, out=c),
                lambda like=pixels[0]: torch.empty_like(
                    like, memory_format=torch.contiguous_format
                ),
            )
            for k, plane in enumerate(found):
                out[some, start:stop, k // columns, :, k % columns] = plane
    out = out.reshape(n, height * rows, width * columns)
    return out[:, : shape[1], : shape[2]].contiguous()


def _picked(wide: torch.Tensor, values: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """The same values, taken from the pixels that they are: that is where gradients flow.

    A network would send them there too, but has to keep hundreds of images in memory for it.
    """
    import torch

    (rows, columns), across = values.shape[-2:], wide.shape[-1]
    seen = wide.detach()
    step = torch.zeros_like(values, dtype=torch.long)  # from the window's first pixel to it
    for i in reversed(range(size[0])):
        for j in reversed(range(size[1])):  # of equal ones the first
            tap = seen.narrow(-2, i, rows).narrow(-1, j, columns)
            step.masked_fill_(tap == values, i * across + j)
    device = wide.device
    first = torch.arange(rows, device=device)[:, None] * across + torch.arange(
        columns, device=device
    )
    return wide.flatten(-2).gather(-1, (first + step).flatten(-2)).reshape(values.shape)


def _by_sorting(
    wide: torch.Tensor, shape: tuple[int, int, int], size: tuple[int, int], rank: int
) -> torch.Tensor:
    """Some rows of windows at a time, as many as memory should hold."""
    import torch

    windows = wide.unfold(-2, size[0], 1).unfold(-2, size[1], 1)  # (N, H, W, h, w), a view
    lines = max(1, SORTED_AT_ONCE // (shape[0] * shape[2] * size[0] * size[1]))
    parts = [
        windows[:, start : start + lines].flatten(-2).kthvalue(rank + 1).values
        for start in range(0, shape[1], lines)
    ]
    return torch.cat(parts, dim=1)
