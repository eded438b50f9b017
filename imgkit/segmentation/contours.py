"""Outlines that move until they fit: a snake of points, and the zero line of a landscape."""

from __future__ import annotations  # help() says Image, not what it stands for

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage, sparse
from scipy.sparse.linalg import splu

from imgkit.capabilities import routine
from imgkit.filtering import sobel
from imgkit.images import (
    Image,
    Mask,
    require_gray,
    require_image,
    require_mask,
    require_number,
    require_positive,
    require_same_shape,
    require_whole,
)
from imgkit.images.pointwise import fractions

Points = npt.NDArray[np.float64]  # (N, 2), row and column

MOST_ITERATIONS = 100_000
LARGEST = 1e6  # of any weight
SLOWEST = 1e-6  # gamma
MEMORY = 10  # outlines that a snake is compared with, for it may swing to and fro
SQUARE = 5  # pixels a side, of the chessboard that a landscape begins with
TINY = 1e-16  # added to squared slopes, so that the flat has a direction too
STRIP = 1 << 15  # pixels that are worked on at once, so that they stay in the cache


@routine(float32=1e-4, float64=1e-4, uint8=0.05, tensor=False)
def active_contour(
    image: Image,
    snake: npt.ArrayLike,
    *,
    alpha: float = 0.01,
    beta: float = 0.1,
    gamma: float = 0.01,
    line: float = 0.0,
    edge: float = 1.0,
    closed: bool = True,
    iterations: int = 2500,
    max_step: float = 1.0,
    tolerance: float = 0.1,
) -> Points:
    """A snake: points on an elastic band that are drawn to edges.

    Of all curves ``v(s)`` it looks for one of little
    ``sum(alpha |v'|² + beta |v''|²) / 2 - sum(attraction(v))``: short, not bent, and on high ground
    of ``attraction = line * image + edge * slope``. Each step goes down the gradient: of band and
    bend implicitly, by solving ``(A + gamma) v_new = gamma v + slope of the attraction``, which
    keeps it stable.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3), floats in 0..1; blur it first, so that edges pull from afar
    snake : array (N, 2) of (row, column), at least 5 points near the outline, in order along it
    alpha : how strongly the band contracts, 0..1e6
    beta : how stiff it is, 0..1e6
    gamma : how reluctantly it moves, 1e-6..1e6: larger is slower and steadier
    line : attraction of brightness; below 0, of darkness
    edge : attraction of edges; below 0, repulsion
    closed : whether the last point is tied to the first; if not, both ends stay where they are
    iterations : steps at most, 1..100000
    max_step : the longest way in one step, of row and column, in pixels
    tolerance : it is at rest when all points are this near, in pixels (rows plus columns), to where
        they were in one of the ten steps before; 0 to go through all steps

    Returns
    -------
    float64 (N, 2), the same points moved

    Raises
    ------
    ValueError
        If the snake is no (N, 2) of finite numbers, or an option is out of range.
    TypeError
        If an option has another type, or the image another dtype.

    Notes
    -----
    The steps of scikit-image's ``active_contour`` (its ``boundary_condition`` "periodic" and
    "fixed"), to within 0.001 pixels as long as the snake stays some pixels away from the image's
    border. The slope is its ``sobel``: ``sqrt(2)`` times :func:`~imgkit.filtering.sobel`, in
    fractions of full scale; of colour, the sum over the channels. Between pixels the attraction is
    a quadratic spline; a point outside is drawn as its nearest point on the border is. The band's
    equations are solved in a time that grows with N, not with N².

    References
    ----------
    Kass, Witkin and Terzopoulos, Snakes: active contour models, International Journal of Computer
    Vision 1, 1988. Szeliski, Computer Vision, 2nd ed., section 7.3.1.

    Examples
    --------
    >>> rows, columns = np.indices((60, 60))
    >>> disk = np.clip(20.5 - np.hypot(rows - 30, columns - 30), 0, 1)
    >>> angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    >>> circle = 30 + 26 * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    >>> snake = active_contour(cv2.GaussianBlur(disk, (0, 0), 3), circle)
    >>> np.hypot(*(snake - 30).T).round()[::20]
    array([20., 20., 20., 20.])
    """
    require_image(image, intensities=True, channels=(1, 3))
    points = _require_snake(snake)
    _require_range(0, LARGEST, alpha=alpha, beta=beta, tolerance=tolerance)
    _require_range(SLOWEST, LARGEST, gamma=gamma)
    _require_range(-LARGEST, LARGEST, line=line, edge=edge)
    require_whole(1, MOST_ITERATIONS, iterations=iterations)
    require_positive(max_step=max_step)
    if not isinstance(closed, bool):
        raise TypeError(f"closed must be True or False, got {closed!r}")
    pull = Attraction(image, line, edge)
    band = splu(_band(len(points), alpha, beta, closed) + gamma * sparse.eye_array(len(points)))
    saved = np.empty((MEMORY, *points.shape))
    for i in range(iterations):
        force = pull.at(points)
        if not closed:
            force[[0, -1]] = 0
        step = max_step * np.tanh(band.solve(gamma * points + force) - points)
        if not closed:
            step[[0, -1]] = 0
        points += step
        place = i % (MEMORY + 1)
        if place < MEMORY:
            saved[place] = points
        elif np.abs(saved - points).sum(2).max(1).min() < tolerance:
            break
    return points


@routine(float32=1e-4, float64=1e-4, uint8=0.03, tensor=False)
def chan_vese(
    image: Image,
    *,
    mu: float = 0.1,
    lambda1: float = 1.0,
    lambda2: float = 1.0,
    start: Mask | None = None,
    iterations: int = 500,
    step: float = 0.5,
    tolerance: float = 1e-3,
) -> Mask:
    """Two regions, each of nearly one brightness, with a short border between them: no edge needed.

    Looks for the least
    ``mu * length + lambda1 * sum_inside (image - c1)² + lambda2 * sum_outside (image - c2)²``,
    c1 and c2 the means inside and outside. The border is where a landscape ``phi`` crosses 0; phi
    sinks and rises until it rests, and so regions may split and merge.

    Parameters
    ----------
    image : array (H, W), stretched to 0..1 first: brightness and contrast do not count
    mu : how much a pixel's length of border costs, 0..1e6; larger gives smoother and fewer pieces
    lambda1, lambda2 : how uniform inside and outside are to be, 0..1e6
    start : bool (H, W), the inside to begin with; without it, the squares of a chessboard
    iterations : steps at most, 1..100000
    step : of time; larger is quicker and less steady, above 0 and up to 1000
    tolerance : it is at rest when phi changes by less, root of the mean square; 0 to go through all
        steps

    Returns
    -------
    bool (H, W), true inside, where phi is above 0. From the chessboard either the bright or the
    dark region may become the inside.

    Raises
    ------
    ValueError
        If the image has colours, start is of another size, or an option is out of range.
    TypeError
        If iterations is not whole, start is no mask, or the image has another dtype.

    Notes
    -----
    The steps of scikit-image's ``chan_vese`` (all of a step from the phi before it; its mu is 0.25
    by default). The least that is found is a near one: with a large mu some of the chessboard may
    be left, and a rough ``start`` helps, a threshold say. float32 for uint8 and float32. Single
    pixels on the border may differ by rounding (the tolerance in the table is of the mean squared
    deviation from c1 and c2).

    References
    ----------
    Chan and Vese, Active contours without edges, IEEE Transactions on Image Processing 10, 2001.
    Getreuer, Chan-Vese segmentation, Image Processing On Line 2, 2012, whose step this is.

    Examples
    --------
    >>> image = np.full((16, 16), 0.2)
    >>> image[4:10, 5:12] = 0.7
    >>> mask = chan_vese(image, mu=0.1)
    >>> np.array_equal(mask, image > 0.5) or np.array_equal(mask, image < 0.5)
    True
    """
    require_gray(image)
    _require_range(0, LARGEST, mu=mu, lambda1=lambda1, lambda2=lambda2, tolerance=tolerance)
    _require_range(0, 1000, step=step)
    require_positive(step=step)
    require_whole(1, MOST_ITERATIONS, iterations=iterations)
    values = _stretched(image)
    phi, new = (np.empty((image.shape[0] + 2, image.shape[1] + 2), values.dtype) for _ in range(2))
    phi[1:-1, 1:-1] = _landscape(image.shape) if start is None else _signed(start, image)
    _repeat_edges(phi)
    goal = tolerance**2 * image.size
    for _ in range(iterations):
        inside, outside = _means(values, phi)
        away = -lambda1, inside, lambda2, outside
        moved = 0.0
        lines = max(1, STRIP // image.shape[1])
        for line in range(0, image.shape[0], lines):
            strip = values[line : line + lines]
            seen = slice(line, line + len(strip) + 2)
            moved += _flow(strip, phi[seen], new[seen], away, mu, step)
        _repeat_edges(new)
        phi, new = new, phi
        if moved <= goal:
            break
    return phi[1:-1, 1:-1] > 0


def _require_range(low: float, high: float, **values: object) -> None:
    require_number(**values)
    for name, value in values.items():
        if not low <= value <= high:
            raise ValueError(f"{name} must lie in {low:g}..{high:g}, got {value!r}")


# --- snake ----------------------------------------------------------------------------------------


def _require_snake(snake: object) -> Points:
    said = "snake must be an array (N, 2) of (row, column), at least 5 points"
    found = np.asarray(snake)
    if found.dtype.kind not in "iuf":
        raise TypeError(f"{said}; it has dtype {found.dtype}")
    if found.ndim != 2 or found.shape[1] != 2 or len(found) < 5:
        raise ValueError(f"{said}; its shape is {found.shape}")
    points = np.array(found, np.float64)
    if not (np.abs(points) <= 1e9).all():
        raise ValueError("snake has values that are NaN, infinite or above 1e9")
    return points


def _band(n: int, alpha: float, beta: float, closed: bool) -> sparse.csc_array:
    """The matrix of the band: minus alpha times the second difference, plus beta times the fourth.

    With fixed ends the first and last point are left alone, and their neighbours are drawn to where
    the band does not bend.
    """
    one = sparse.eye_array(n)
    shifted = sparse.eye_array(n, k=1) + sparse.eye_array(n, k=1 - n)
    bend = (shifted + shifted.T - 2 * one).tocsr()
    band = (beta * (bend @ bend) - alpha * bend).tolil()
    if not closed:
        band[[0, -1]] = 0
        band[[1, -2]] = bend[[1, -2]]
    return band.tocsc()


class Attraction:
    """Where points are drawn: the slope of a quadratic spline through ``line * image + edges``."""

    def __init__(self, image: Image, line: float, edge: float) -> None:
        values = fractions(image)
        ground = line * values
        if edge:
            ground += edge * np.sqrt(2) * sobel(values, mode="reflect")
        if ground.ndim == 3:
            ground = ground.sum(2)
        self.last = np.array(ground.shape) - 1.0
        spline = np.pad(ndimage.spline_filter(ground, order=2, mode="mirror"), 1, mode="reflect")
        self.width = spline.shape[1]
        self.spline = spline.ravel()
        around = np.arange(3)
        self.around = (around[:, None] * self.width + around)[..., None]  # (3, 3, 1)

    def at(self, points: Points) -> Points:
        """Its slope along rows and columns, (N, 2)."""
        inside = np.clip(points, 0, self.last).T  # (2, N)
        near = np.rint(inside)
        row, column = near.astype(np.intp)
        grid = self.spline.take(self.around + (row * self.width + column))  # (3, 3, N)
        t = inside - near
        before, after = 0.5 - t, 0.5 + t
        weights = np.stack([before * before / 2, 0.75 - t * t, after * after / 2])  # (3, 2, N)
        slopes = np.stack([-before, -2 * t, after])
        down = np.einsum("ijn,jn->in", grid, weights[:, 1])
        right = np.einsum("ijn,jn->in", grid, slopes[:, 1])
        return np.stack(
            [(down * slopes[:, 0]).sum(0), (right * weights[:, 0]).sum(0)],
            axis=1,
        )


# --- landscape ------------------------------------------------------------------------------------


def _stretched(image: Image) -> npt.NDArray:
    """Floats from 0 to 1; black if flat."""
    values = np.array(image, np.float32 if image.dtype == np.uint8 else image.dtype)
    top = max(abs(float(values.min())), abs(float(values.max())))
    if top > 1e30:  # so that the span does not overflow
        values /= values.dtype.type(top)
    values -= values.min()
    span = values.max()
    return values / span if span > 0 else values


def _landscape(shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    rows, columns = (np.sin(np.arange(n) * (np.pi / SQUARE)) for n in shape)
    return rows[:, None] * columns


def _signed(start: Mask, image: Image) -> npt.NDArray[np.float64]:
    require_mask(start, "start")
    require_same_shape(image=image, start=start)
    return np.where(start, 1.0, -1.0)


def _repeat_edges(phi: npt.NDArray) -> None:
    """What lies beyond the image is as its edge; ``phi`` has a frame for that."""
    phi[0], phi[-1] = phi[1], phi[-2]
    phi[:, 0], phi[:, -1] = phi[:, 1], phi[:, -2]


def _means(values: npt.NDArray, phi: npt.NDArray) -> tuple[float, float]:
    """The mean brightness inside and outside; of no pixels, 0."""
    inside = (phi[1:-1, 1:-1] > 0).view(np.uint8)
    return cv2.mean(values, inside)[0], cv2.mean(values, 1 - inside)[0]


def _flow(
    image: npt.NDArray,
    phi: npt.NDArray,
    new: npt.NDArray,
    away: tuple[float, float, float, float],
    mu: float,
    step: float,
) -> float:
    """A strip's landscape, a step of time on, into ``new``; by how much it moved, squared.

    The border's tension pulls each pixel to its four neighbours, the more the flatter it is there
    (``c``), which gives phi its curvature. The step is implicit in phi itself; what is written is
    Getreuer's equation (22) solved for the change.
    """
    centre = phi[1:-1, 1:-1]
    down, right = phi[1:, 1:-1] - phi[:-1, 1:-1], phi[1:-1, 1:] - phi[1:-1, :-1]
    along, across = (down[1:] + down[:-1]) / 2, (right[:, 1:] + right[:, :-1]) / 2
    along *= along
    along += TINY
    across *= across
    across += TINY
    pull, ties = np.zeros_like(centre), np.zeros_like(centre)
    sides = (right[:, 1:], along), (-right[:, :-1], along), (down[1:], across), (-down[:-1], across)
    for rise, other in sides:
        c = rise * rise
        c += other
        cv2.sqrt(c, dst=c)
        np.divide(1, c, out=c)
        ties += c
        c *= rise
        pull += c
    minus_lambda1, inside, lambda2, outside = away
    # both squared deviations, as one polynomial of the brightness
    fit = image * (minus_lambda1 + lambda2)
    fit -= 2 * (minus_lambda1 * inside + lambda2 * outside)
    fit *= image
    fit += minus_lambda1 * inside**2 + lambda2 * outside**2
    fit += mu * pull
    fit *= step
    ties *= mu * step
    ties += centre * centre
    ties += 1
    fit /= ties
    np.add(centre, fit, out=new[1:-1, 1:-1])
    return cv2.norm(fit, cv2.NORM_L2SQR)
