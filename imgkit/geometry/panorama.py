"""Many overlapping photographs to one wide picture."""

from __future__ import annotations  # help() says Image, not what it stands for

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from imgkit.capabilities import routine
from imgkit.geometry.blending import Layer, feather, gains, multiband
from imgkit.geometry.points import Matrix
from imgkit.geometry.remapping import remap
from imgkit.geometry.views import arrange, focal_length
from imgkit.images import (
    Image,
    as_dtype,
    as_float,
    require_choice,
    require_image,
    require_positive,
    require_seed,
    require_whole,
)

Positions = npt.NDArray[np.float64]
PROJECTIONS, BLENDS = ("plane", "cylinder"), ("multiband", "feather")
LARGEST = 20  # times the pixels of all images: a canvas beyond it is mostly empty, or out of hand
AROUND = 64  # points along each side of an image, for its outline on the canvas


@routine(float32=1e-5, float64=1e-5, uint8=1, tensor=False)
def panorama(
    images: Sequence[Image],
    *,
    projection: Literal["plane", "cylinder"] = "plane",
    blend: Literal["multiband", "feather"] = "multiband",
    exposure: bool = True,
    reference: int | None = None,
    focal: float | None = None,
    bands: int = 5,
    seed: int | np.random.Generator = 0,
) -> Image:
    """One wide picture from photographs that overlap.

    SIFT keypoints of every two images are matched, and RANSAC finds the homography most matches
    agree on; from image to image these lead to the view of one, the reference. Then all matrices
    are adjusted together, brightness is made equal, and the images are blended.

    It works for what homographies can: a camera that turns without moving, or a flat scene.

    Parameters
    ----------
    images : list of arrays (H, W) or (H, W, 3), in any order, of any sizes; floats in 0..1
    projection : "plane" is the reference's own view, carried on: straight lines stay straight, up
        to about 100 degrees. "cylinder" for wider ones: upright lines stay straight
    blend : "multiband" crosses a seam with coarse detail slowly and with fine detail at once;
        "feather" takes a mean that shifts from one image to the next, and doubles what moved
    exposure : whether to multiply each image so that it is as bright as the reference where they
        overlap
    reference : index of the image whose view and brightness stay; None for the middle one
    focal : length in pixels, the cylinder's radius; None estimates it from the homographies
    bands : of the multiband blend, 1..8; the widest crossing is about ``2 ** bands`` pixels
    seed : of RANSAC's draws, or a NumPy generator

    Returns
    -------
    Same dtype and channels, as large as needed; black where no image is.

    Raises
    ------
    TypeError
        If images is no list of images, or an option is of another type.
    ValueError
        If images differ in channels or dtype, or are fewer than two; if one matches none of the
        others, with the pair that came nearest to it; if the canvas of a plane would grow beyond
        bounds; if an option is out of range.

    Notes
    -----
    Two images belong together if more than ``8 + 0.3 N`` of their N matches agree (Brown and
    Lowe). The cylinder is only the surface that the picture is shown on: a wrong focal length bends
    it, and leaves its seams alone. Images are resampled once, by a cubic, and blended in float32,
    for float64 too. OpenCV's ``Stitcher``
    takes bytes only, and seeks seams around what moves.

    References
    ----------
    Brown and Lowe, Automatic panoramic image stitching using invariant features, International
    Journal of Computer Vision, 2007. Burt and Adelson, A multiresolution spline with application to
    image mosaics, ACM Transactions on Graphics, 1983. Szeliski and Shum, Creating full view
    panoramic image mosaics and environment maps, SIGGRAPH, 1997.

    Examples
    --------
    >>> from imgkit import data
    >>> photo = data.load("camera")  # (512, 512)
    >>> panorama([photo[:300, :300], photo[:300, 120:420]]).shape
    (300, 420)
    """
    images = _require_images(images)
    require_choice(PROJECTIONS, projection=projection)
    require_choice(BLENDS, blend=blend)
    if reference is not None:
        require_whole(0, len(images) - 1, reference=reference)
    rng = require_seed(seed)
    require_whole(1, 8, bands=bands)
    if not isinstance(exposure, bool | np.bool_):
        raise TypeError(f"exposure must be True or False, got {exposure!r}")
    if focal is not None:
        require_positive(focal=focal)
    reference, matrices, pairs = arrange(images, reference=reference, rng=rng)
    to_rays, to_canvas = _plane()
    if projection == "cylinder":
        focal = focal or focal_length(pairs, [image.shape for image in images])
        to_rays, to_canvas = _cylinder(focal, images[reference].shape)
    boxes, shape = _boxes(images, matrices, to_canvas)
    layers = [
        _layer(image, matrix, box, boxes, to_rays)
        for image, matrix, box in zip(images, matrices, boxes, strict=True)
    ]
    if exposure:
        for layer, gain in zip(layers, gains(layers, reference), strict=True):
            layer.values[...] *= gain
    joined = feather(layers, shape) if blend == "feather" else multiband(layers, shape, bands)
    return as_dtype(joined.reshape(*shape, *images[0].shape[2:]), like=images[0])


def _plane() -> tuple[Callable, Callable]:
    """Canvas and reference are one: pixels to homogeneous points, and back."""

    def to_rays(rows: Positions, columns: Positions) -> list[Positions]:
        return [*np.broadcast_arrays(rows, columns, 1.0)]

    def to_canvas(rays: Positions) -> Positions:
        if not (rays[:, 2] > 1e-3 * np.abs(rays[:, 2]).max()).all():
            return np.full((1, 2), np.inf)  # the image reaches the horizon
        return rays[:, :2] / rays[:, 2:]

    return to_rays, to_canvas


def _cylinder(focal: float, shape: tuple[int, ...]) -> tuple[Callable, Callable]:
    """Upright, around the reference's camera; it touches the reference in its middle."""
    middle = (np.array(shape[:2]) - 1) / 2

    def to_rays(rows: Positions, columns: Positions) -> list[Positions]:
        angle = columns / focal
        ahead = np.cos(angle)
        return [
            rows + middle[0] * ahead,
            focal * np.sin(angle) + middle[1] * ahead,
            ahead + 0 * rows,
        ]

    def to_canvas(rays: Positions) -> Positions:
        down = (rays[:, 0] - middle[0] * rays[:, 2]) / focal
        right = (rays[:, 1] - middle[1] * rays[:, 2]) / focal
        angle = np.arctan2(right, rays[:, 2])
        return focal * np.column_stack([down / np.hypot(right, rays[:, 2]), angle])

    return to_rays, to_canvas


def _boxes(
    images: list[Image], matrices: list[Matrix], to_canvas: Callable
) -> tuple[npt.NDArray[np.int64], tuple[int, int]]:
    """(N, 4) half-open boxes of the images, and the size of the canvas that holds them."""
    found = []
    for number, (image, matrix) in enumerate(zip(images, matrices, strict=True)):
        place = to_canvas(_outline(image.shape) @ matrix.T)
        low, high = np.rint(place.min(axis=0)), np.rint(place.max(axis=0)) + 1
        if not np.abs([low, high]).max() < 1e6:
            raise ValueError(
                f"images[{number}] looks too far aside to fit on a plane: use "
                "projection='cylinder', or another reference"
            )
        found.append([*low, *high])
    boxes = np.array(found, np.int64)
    shape = tuple(int(n) for n in boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0))
    pixels = sum(image.shape[0] * image.shape[1] for image in images)
    if shape[0] * shape[1] > LARGEST * pixels:
        raise ValueError(
            f"the canvas would have {shape[0]} by {shape[1]} pixels, more than {LARGEST} times "
            "those of all images: use projection='cylinder', or another reference"
        )
    return boxes, shape


def _outline(shape: tuple[int, ...]) -> Positions:
    """Homogeneous points around an image."""
    rows, columns = (np.linspace(0, n - 1, AROUND) for n in shape[:2])
    sides = [
        (rows, 0 * rows),
        (rows, 0 * rows + columns[-1]),
        (0 * columns, columns),
        (0 * columns + rows[-1], columns),
    ]
    return np.vstack([np.column_stack([*side, np.ones(AROUND)]) for side in sides])


def _layer(
    image: Image,
    matrix: Matrix,
    box: npt.NDArray[np.int64],
    boxes: npt.NDArray[np.int64],
    to_rays: Callable,
) -> Layer:
    """An image as the canvas sees it."""
    rays = to_rays(
        np.arange(box[0], box[2], dtype=np.float64)[:, None],
        np.arange(box[1], box[3], dtype=np.float64)[None],
    )
    back = np.linalg.inv(matrix)
    row, column, depth = (sum(n * ray for n, ray in zip(line, rays, strict=True)) for line in back)
    ahead = depth > 0  # else it lies behind the camera
    depth[~ahead] = 1
    row /= depth
    column /= depth
    weights = ahead * _tent(row, image.shape[0]) * _tent(column, image.shape[1])
    h, w = image.shape[:2]
    np.clip(row, 0, h - 1, out=row)
    np.clip(column, 0, w - 1, out=column)
    values = as_float(image).astype(np.float32, copy=False)
    values = remap(values, row, column, method="cubic", mode="nearest")
    corner = box[:2] - boxes[:, :2].min(axis=0)
    return Layer(
        (int(corner[0]), int(corner[1])),
        values.reshape(*weights.shape, -1),
        weights.astype(np.float32),
    )


def _tent(x: Positions, n: int) -> Positions:
    """1 in the middle, falling to 0 at the outer edges of the outer pixels."""
    return (np.minimum(x + 0.5, n - 0.5 - x) / (n / 2)).clip(0)


def _require_images(images: object) -> list[Image]:
    if not isinstance(images, list | tuple):
        raise TypeError(f"images must be a list of images, got {type(images).__name__}")
    if len(images) < 2:
        raise ValueError(f"images must be two or more, got {len(images)}")
    for number, image in enumerate(images):
        require_image(image, f"images[{number}]", intensities=True, channels=(1, 3))
        first = images[0]
        if image.dtype != first.dtype or image.shape[2:] != first.shape[2:]:
            raise ValueError(
                f"images[{number}] is {image.dtype} {image.shape} and images[0] {first.dtype} "
                f"{first.shape}: all have to be of one dtype, all grey or all colour"
            )
    return list(images)
