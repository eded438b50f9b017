"""Warps by a matrix, by a map, and circles made straight."""

import cv2
import kornia
import numpy as np
import skimage.transform
import torch
from scipy import ndimage

from benchmarks.routines.case import Case
from imgkit import geometry

ANGLE = 0.3
OPENCV = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC}
ORDERS = {"nearest": 0, "linear": 1, "cubic": 3}
SWAP = [1, 0, 2]  # (row, column, 1) and (x, y, 1)
NOTES = {
    "nearest": "of two pixels as near OpenCV takes the even one, so they are gathered by hand",
    "linear": "",
    "cubic": "scikit-image's cubic has a = -1/2",
}


def _greyish(photo: np.ndarray) -> tuple[np.ndarray]:
    """Within a quarter and three quarters, so that what overshoots is not cut off in uint8."""
    return (photo // 2 + 64 if photo.dtype == np.uint8 else photo / 2 + photo.dtype.type(0.25),)


def _sides(x: object) -> tuple[int, int]:
    """Rows and columns; what is no image is the routine's to refuse."""
    shape = tuple(getattr(x, "shape", ()))
    if len(shape) < 2:
        return 1, 1
    return shape[-2:] if isinstance(x, torch.Tensor) else shape[:2]


def _affine(x: np.ndarray | torch.Tensor) -> np.ndarray:
    """About the middle, and a little larger."""
    middle = (np.array(_sides(x)) - 1) / 2
    cos, sin = 1.1 * np.cos(ANGLE), 1.1 * np.sin(ANGLE)
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.vstack([np.column_stack([turn, middle - turn @ middle]), [0, 0, 1]])


def _view(x: np.ndarray | torch.Tensor) -> np.ndarray:
    matrix = _affine(x)
    matrix[2, :2] = 0.2 / max(_sides(x)), -0.1 / max(_sides(x))
    return matrix


def _xy(matrix: np.ndarray) -> np.ndarray:
    return matrix[SWAP][:, SWAP]


def _weights(t: np.ndarray, method: str) -> list[tuple[int, np.ndarray]]:
    """Pixels from the lower neighbour on, and their weights, at t beyond it."""
    if method == "linear":
        return [(0, 1 - t), (1, t)]

    def cubic(x: np.ndarray) -> np.ndarray:
        x, a = np.abs(x), -0.75
        near = (a + 2) * x**3 - (a + 3) * x**2 + 1
        return np.where(x <= 1, near, a * (x**3 - 5 * x**2 + 8 * x - 4))

    return [(i, cubic(t - i)) for i in range(-1, 3)]


def _read(
    image: np.ndarray, rows: np.ndarray, columns: np.ndarray, method: str, mode: str = "constant"
) -> np.ndarray:
    """The float64 definition; beyond the edge lies 0, or the edge pixel goes on."""
    wide = np.pad(image, [(4, 5), (4, 5)] + [(0, 0)] * (image.ndim - 2), mode=mode)
    rows, columns = (
        np.clip(p, -2, n + 1) for p, n in zip((rows, columns), image.shape[:2], strict=True)
    )
    if method == "nearest":
        return wide[np.floor(rows + 4.5).astype(int), np.floor(columns + 4.5).astype(int)]
    r, c = np.floor(rows).astype(int), np.floor(columns).astype(int)
    out = 0
    for i, a in _weights(rows - r, method):
        for j, b in _weights(columns - c, method):
            weight = a * b if image.ndim == 2 else (a * b)[..., None]
            out = out + weight * wide[r + i + 4, c + j + 4]
    return out


def _back(image: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(image.shape[:2])
    a, b, c = np.einsum(
        "ij,j...->i...", np.linalg.inv(matrix), np.stack([rows, columns, np.ones(rows.shape)])
    )
    return a / c, b / c


def _scikit_image(x: np.ndarray, matrix: np.ndarray, method: str) -> np.ndarray:
    back, edge = np.linalg.inv(_xy(matrix)), "edge" if method == "cubic" else "constant"
    return skimage.transform.warp(x, back, order=ORDERS[method], mode=edge)


def _kornia(x: torch.Tensor, matrix: np.ndarray, method: str) -> torch.Tensor:
    matrix = torch.as_tensor(_xy(matrix), dtype=x.dtype, device=x.device)[None]
    return kornia.geometry.warp_perspective(
        x,
        matrix,
        _sides(x),
        mode={"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}[method],
        padding_mode="border" if method == "cubic" else "zeros",
        align_corners=True,
    )


def _warp(name: str, method: str, ours, matrix, opencv) -> Case:
    """Cubic goes on with the edge pixel: beside black it would overshoot, and uint8 be cut off."""
    cubic = method == "cubic"
    border = cv2.BORDER_REPLICATE if cubic else cv2.BORDER_CONSTANT
    peers = {
        "opencv": lambda x: opencv(
            x, _xy(matrix(x)), _sides(x)[::-1], flags=OPENCV[method], borderMode=border
        ),
        "kornia": lambda x: _kornia(x, matrix(x), method),
        "scikit-image": lambda x: _scikit_image(x, matrix(x), method),
    }
    same = {"nearest": (), "linear": tuple(peers), "cubic": ("opencv", "kornia")}[method]
    return Case(
        f"geometry.{name}",
        method,
        ours=lambda x: ours(x, matrix(x), method=method, mode="nearest" if cubic else "constant"),
        same={who: peer for who, peer in peers.items() if who in same},
        like={who: peer for who, peer in peers.items() if who not in same},
        reference=lambda x: _read(x, *_back(x, matrix(x)), method, "edge" if cubic else "constant"),
        prepare=_greyish,
        note=NOTES[method],
    )


def _warp_affine(x, matrix, size, **options):
    return cv2.warpAffine(x, matrix[:2], size, **options)


def _rotate(x, method="linear"):
    return geometry.rotate(x, ANGLE, method=method)


def _turn(x: np.ndarray) -> np.ndarray:
    middle = (np.array(_sides(x)) - 1) / 2
    cos, sin = np.cos(ANGLE), np.sin(ANGLE)
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.vstack([np.column_stack([turn, middle - turn @ middle]), [0, 0, 1]])


def _waves(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An image, and where each new pixel comes from: like through rippled glass."""
    rows, columns = np.indices(photo.shape[:2]).astype(np.float32)
    return (
        photo,
        rows + 3 * np.sin(columns / 20, dtype=np.float32),
        columns + 3 * np.cos(rows / 30, dtype=np.float32),
    )


def _grid_sample(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    h, w = _sides(x)
    grid = torch.stack([2 * columns / (w - 1) - 1, 2 * rows / (h - 1) - 1], -1)[None]
    planes = x.reshape(1, -1, h, w)
    return torch.nn.functional.grid_sample(planes, grid, align_corners=True)[0].reshape(x.shape)


def _map_coordinates(x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    if x.ndim == 3:
        planes = [_map_coordinates(x[..., c], rows, columns) for c in range(x.shape[2])]
        return np.stack(planes, axis=2)
    return ndimage.map_coordinates(x, [rows, columns], order=1, mode="grid-constant")


def _circles(name: str, logarithmic: bool) -> Case:
    def places(x):
        h, w = _sides(x)
        radius = min(h, w) / 2
        part, angle = np.arange(w) / w, np.arange(h)[:, None] * (2 * np.pi / h)
        distance = radius**part if logarithmic else radius * part
        return (h - 1) / 2 + distance * np.sin(angle), (w - 1) / 2 + distance * np.cos(angle)

    routine, flag = getattr(geometry, name), cv2.WARP_POLAR_LOG * logarithmic
    opencv = lambda x: cv2.warpPolar(  # noqa: E731
        x,
        _sides(x)[::-1],
        ((_sides(x)[1] - 1) / 2, (_sides(x)[0] - 1) / 2),
        min(_sides(x)) / 2,
        flag | cv2.INTER_LINEAR,
    )
    return Case(
        f"geometry.{name}",
        ours=lambda x: routine(x, _sides(x), radius=min(_sides(x)) / 2),
        same={
            "scikit-image": lambda x: skimage.transform.warp_polar(
                x,
                center=[(n - 1) / 2 for n in _sides(x)],
                radius=min(_sides(x)) / 2,
                output_shape=_sides(x),
                scaling="log" if logarithmic else "linear",
                channel_axis=2 if x.ndim == 3 else None,
            ),
        },
        like={"opencv": opencv},
        reference=lambda x: _read(x, *places(x), "linear"),
        note="OpenCV's radii are a pixel less" if logarithmic else "",
    )


CASES = [
    Case(
        "geometry.rotate",
        ours=_rotate,
        same={
            "opencv": lambda x: _warp_affine(
                x, _xy(_turn(x)), _sides(x)[::-1], flags=cv2.INTER_LINEAR
            ),
            "scikit-image": lambda x: skimage.transform.rotate(x, -np.degrees(ANGLE)),
            "kornia": lambda x: _kornia(x, _turn(x), "linear"),
        },
        like={"pillow": lambda x: x.rotate(-np.degrees(ANGLE), 2)},
        reference=lambda x: _read(x, *_back(x, _turn(x)), "linear"),
    ),
    *[
        _warp(
            "warp_affine",
            method,
            geometry.warp_affine,
            _affine,
            _warp_affine,
        )
        for method in ("linear", "cubic", "nearest")
    ],
    *[
        _warp(
            "warp_perspective",
            method,
            geometry.warp_perspective,
            _view,
            cv2.warpPerspective,
        )
        for method in ("linear", "cubic")
    ],
    Case(
        "geometry.remap",
        ours=geometry.remap,
        same={
            "opencv": lambda x, rows, columns: cv2.remap(x, columns, rows, cv2.INTER_LINEAR),
            "torch grid_sample": _grid_sample,
            "scipy": _map_coordinates,
            "scikit-image": lambda x, rows, columns: (
                skimage.transform.warp(x, np.stack([rows, columns]), order=1)
                if x.ndim == 2
                else np.dstack(
                    [
                        skimage.transform.warp(x[..., c], np.stack([rows, columns]), order=1)
                        for c in range(x.shape[2])
                    ]
                )
            ),
        },
        reference=lambda x, rows, columns: _read(x, rows, columns, "linear"),
        prepare=_waves,
    ),
    _circles("polar", logarithmic=False),
    _circles("log_polar", logarithmic=True),
]
