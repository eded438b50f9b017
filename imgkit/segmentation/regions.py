"""Measurements of regions: size, place, shape, brightness."""

from __future__ import annotations  # help() says Image, not what it stands for

import numpy as np

from imgkit.capabilities import routine
from imgkit.images import Image, Labels, require_image, require_labels, require_same_shape
from imgkit.segmentation.hulls import convex_areas
from imgkit.segmentation.invariants import hu_moments
from imgkit.segmentation.labels import PixelSize, relabel, require_pixel_size
from imgkit.segmentation.runs import Runs, Sums, euler_numbers, runs, sums
from imgkit.segmentation.table import Table

LENGTHS = ("major_axis", "minor_axis", "equivalent_diameter", "perimeter")
AREAS = ("area", "convex_area")

# what an edge pixel adds to the perimeter, by 1 + 2 * (neighbours across a side) + 10 * (across a
# corner), counting edge pixels only
STEPS = np.zeros(50)
STEPS[[5, 7, 15, 17, 25, 27]] = 1
STEPS[[21, 33]] = np.sqrt(2)
STEPS[[13, 23]] = (1 + np.sqrt(2)) / 2


@routine(float32=1e-9, float64=1e-9, uint8=1e-9, tensor=False)
def regions(
    labels: Labels,
    image: Image | None = None,
    *,
    pixel_size: PixelSize | None = None,
    unit: str | None = None,
) -> Table:
    """Measure every region of a label image; a table with a row for each.

    ================================  ==============================================================
    ``label``                         the region's number; rows are in its order
    ``area``                          its pixels
    ``centroid_row``, ``..._column``  the mean of their coordinates
    ``row0, column0, row1, column1``  the box around it, the last two exclusive
    ``major_axis``, ``minor_axis``    full lengths of the ellipse with the same second moments:
                                      4 times the roots of the eigenvalues of the covariance
    ``orientation``                   angle of the major axis, in -pi/2..pi/2: 0 points to the
                                      right, pi/2 down; 0 too if no direction is longer
    ``eccentricity``                  of that ellipse: 0 a circle, 1 a line
    ``equivalent_diameter``           of the circle with the same area
    ``perimeter``                     length of the line through the centres of its edge pixels,
                                      holes included; 0 for a pixel alone
    ``extent``                        share of the box that it fills
    ``convex_area``                   pixels of its convex hull
    ``solidity``                      share of the hull that it fills
    ``euler``                         pieces minus holes; pieces hang together at corners too
    ``hu1`` ... ``hu7``               Hu's moments: the same however the region is shifted, turned
                                      or scaled (but for the pixels)
    ``mean, std, min, max, median``   of the image inside of it, on the image's own scale (0..255
                                      for uint8); in colour ``mean_red``, ``mean_green``, ...
    ================================  ==============================================================

    Parameters
    ----------
    labels : array (H, W) of whole numbers, 0 for the background; a region may lie in pieces
    image : array (H, W) or (H, W, C), for the last line of columns; any finite values
    pixel_size : side of a pixel, or ``(height, width)``. With it lengths and areas are in units.
        Positions stay in pixels: they are there to index with.
    unit : its name, "µm" say, for the table's head

    Returns
    -------
    A Table: ``table.area`` or ``table["area"]`` is an array (N,), ``table[table.area > 50]`` a
    table of fewer rows, ``table[["label", "area"]]`` one of fewer columns, ``table.to_csv(path)``
    writes it. It has no rows if there are no regions.

    Raises
    ------
    TypeError
        If the labels are not whole numbers, or unit is given without pixel_size.
    ValueError
        If image and labels differ in size, or pixel_size is not positive.

    Notes
    -----
    Every measure is that of ``skimage.measure.regionprops_table``, within 1e-9, but for
    orientation, which there counts from the row axis: pi/2 minus ours. A pixel counts as a point: a
    row of n has a major axis of ``4 sqrt((n² - 1) / 12)`` and a minor axis of 0. The perimeter of a
    circle comes out 5 % too long; that of pixels that are no squares is not defined, and NaN. A
    mirrored region has the other sign in hu7; so has any region in OpenCV, where x comes first.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., sections 11.3 and 11.4. Burger and Burge,
    Digital Image Processing, 3rd ed., chapter 8. Hu, Visual pattern recognition by moment
    invariants, IRE Transactions on Information Theory, 1962. Benkrid and Crookes, Design and FPGA
    Implementation of a Perimeter Estimator, 2000.

    Examples
    --------
    >>> labels = np.array([[1, 1, 1, 0, 2], [1, 1, 1, 0, 2]])
    >>> table = regions(labels, labels / 10, pixel_size=0.5, unit="µm")
    >>> len(table), table.area, table.units["area"]
    (2, array([1.5, 0.5]), 'µm²')
    >>> table[table.area > 1].centroid_row, table.mean
    (array([0.5]), array([0.1, 0.2]))
    """
    labels = require_labels(labels)
    if image is not None:
        require_image(image)
        require_same_shape(labels=labels, image=image)
    if pixel_size is None and unit is not None:
        raise TypeError(f"unit is {unit!r}, but without pixel_size lengths are in pixels")
    sides = require_pixel_size(1.0 if pixel_size is None else pixel_size)
    unit = unit or ("px" if pixel_size is None else "units")

    parts = runs(labels)
    moments = sums(parts)
    columns = {"label": parts.numbers, "area": moments.area * sides[0] * sides[1]}
    columns |= {"centroid_row": moments.row, "centroid_column": moments.column}
    columns |= _box(parts) | _ellipse(moments, *sides)
    columns["equivalent_diameter"] = np.sqrt(4 / np.pi * columns["area"])
    columns |= {"perimeter": _perimeters(labels, parts, *sides), "euler": euler_numbers(parts)}
    box = (columns["row1"] - columns["row0"]) * (columns["column1"] - columns["column0"])
    hull = convex_areas(parts)
    columns |= {"extent": moments.area / box, "convex_area": hull * sides[0] * sides[1]}
    columns["solidity"] = moments.area / hull
    columns |= hu_moments(parts, moments, *sides)
    if image is not None:
        columns |= _brightness(image, parts, moments.area)
    return Table(columns, dict.fromkeys(AREAS, f"{unit}²") | dict.fromkeys(LENGTHS, unit))


def _box(parts: Runs) -> dict[str, np.ndarray]:
    last = np.append(parts.first, len(parts.row))[1:] - 1
    return {
        "row0": parts.row[parts.first],
        "column0": np.minimum.reduceat(parts.start, parts.first),
        "row1": parts.row[last] + 1,
        "column1": np.maximum.reduceat(parts.stop, parts.first),
    }


def _ellipse(moments: Sums, height: float, width: float) -> dict[str, np.ndarray]:
    """Axes, direction and eccentricity, from the eigenvalues of the covariance."""
    rows, columns = moments.rows * height**2, moments.columns * width**2
    both = moments.both * height * width
    larger = (rows + columns + np.hypot(rows - columns, 2 * both)) / 2
    point = larger == 0
    # by the product of both, for their difference would cancel
    product = np.maximum(rows * columns - both * both, 0)
    smaller = np.where(point, 0, product / np.where(point, 1, larger))
    share = np.where(point, 1, smaller / np.where(point, 1, larger))
    return {
        "major_axis": 4 * np.sqrt(larger),
        "minor_axis": 4 * np.sqrt(smaller),
        "orientation": np.arctan2(2 * both, columns - rows) / 2,
        "eccentricity": np.sqrt(np.maximum(1 - share, 0)),
    }


def _perimeters(labels: Labels, parts: Runs, height: float, width: float) -> np.ndarray:
    """The sum of what each edge pixel adds, by the edge pixels around it."""
    count = len(parts.numbers)
    if height != width:
        return np.full(count, np.nan)
    if count and parts.numbers[-1] > count:
        labels = relabel(labels)
    wide = np.pad(labels, 1)
    flat, step = wide.ravel(), wide.shape[1]
    across, down = wide[:, 1:] == wide[:, :-1], wide[1:] == wide[:-1]
    inner = across[1:-1, 1:] & across[1:-1, :-1] & down[1:, 1:-1] & down[:-1, 1:-1]
    row, column = np.divmod(np.flatnonzero(~inner & (labels > 0)), labels.shape[1])
    edge = (row + 1) * step + column + 1
    number = flat[edge]

    edges = np.zeros_like(flat)
    edges[edge] = number
    sides, corners = (-step, -1, 1, step), (-step - 1, -step + 1, step - 1, step + 1)
    code = 1 + sum(2 * (edges[edge + offset] == number) for offset in sides)
    code += sum(10 * (edges[edge + offset] == number) for offset in corners)
    return np.bincount(number, STEPS[code], minlength=count + 1)[1:] * height


def _brightness(image: Image, parts: Runs, area: np.ndarray) -> dict[str, np.ndarray]:
    """Statistics of each channel inside of each region."""
    planes = image.reshape(*image.shape[:2], -1)
    pixels = parts.pixels(image.shape[1])
    first = np.cumsum(area) - area
    region = np.repeat(np.arange(len(area)), area)
    columns = {}
    for c, suffix in enumerate(_suffixes(planes.shape[2])):
        values = planes[..., c].ravel()[pixels].astype(np.float64)
        mean = np.add.reduceat(values, first) / area
        squares = (values - mean[region]) ** 2
        columns |= {
            f"mean{suffix}": mean,
            f"std{suffix}": np.sqrt(np.add.reduceat(squares, first) / area),
            f"min{suffix}": np.minimum.reduceat(values, first),
            f"max{suffix}": np.maximum.reduceat(values, first),
            f"median{suffix}": _medians(values, region, first, area),
        }
    return columns


def _suffixes(channels: int) -> list[str]:
    if channels == 1:
        return [""]
    return ["_red", "_green", "_blue"] if channels == 3 else [f"_{c}" for c in range(channels)]


def _medians(
    values: np.ndarray, region: np.ndarray, first: np.ndarray, area: np.ndarray
) -> np.ndarray:
    """The middle value of each region, or the mean of the two."""
    order = np.argsort(values)
    rank = (region[order] << 32) + np.arange(len(order))  # by region, then by value
    rank.sort()
    ranked = values[order[rank & 0xFFFFFFFF]]
    return (ranked[first + (area - 1) // 2] + ranked[first + area // 2]) / 2
