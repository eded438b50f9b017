"""Hu's moments of all regions at once: what is behind ``regions``."""

from __future__ import annotations

import numpy as np

from imgkit.segmentation.runs import Runs, Sums


def hu_moments(parts: Runs, moments: Sums, height: float, width: float) -> dict[str, np.ndarray]:
    """Seven polynomials of the normalised central moments up to order 3.

    The moment of order p in rows and q in columns, about the centroid, is divided by the area to
    the power ``1 + (p + q) / 2``, which takes the scale out of it.
    """
    stretch = np.sqrt(height / width)
    row = parts.row - moments.row[parts.region]
    n = parts.length.astype(np.float64)
    # over a run around u, the sums of u, u² and u³ have closed forms
    u = (parts.start + parts.stop - 1) / 2 - moments.column[parts.region]
    one, two, three = n * u, n * (u * u + (n * n - 1) / 12), n * u * (u * u + (n * n - 1) / 4)

    def normalised(values: np.ndarray, p: int, q: int) -> np.ndarray:
        area = moments.area.astype(np.float64)
        return parts.sums(values) * stretch ** (p - q) / area ** (1 + (p + q) / 2)

    a20, a02 = normalised(n * row**2, 2, 0), normalised(two, 0, 2)
    a11 = normalised(row * one, 1, 1)
    a30, a03 = normalised(n * row**3, 3, 0), normalised(three, 0, 3)
    a21, a12 = normalised(row**2 * one, 2, 1), normalised(row * two, 1, 2)
    # in Hu's formulas these come again and again
    s, t = a30 + a12, a21 + a03
    v, w = a30 - 3 * a12, 3 * a21 - a03
    x, y = s * (s * s - 3 * t * t), t * (3 * s * s - t * t)
    hu = (
        a20 + a02,
        (a20 - a02) ** 2 + 4 * a11**2,
        v * v + w * w,
        s * s + t * t,
        v * x + w * y,
        (a20 - a02) * (s * s - t * t) + 4 * a11 * s * t,
        w * x - v * y,
    )
    return {f"hu{i}": values for i, values in enumerate(hu, start=1)}
