"""Following many things at once: which detection of this frame is which of the last one.

Each track has a Kalman filter that says where to look next. Predictions and detections are paired
so that the sum of how well they fit is largest: the assignment problem, solved exactly. What is
left over begins a track or lets one age.
"""

from __future__ import annotations  # help() says ArrayLike, not what it stands for

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from imgkit.geometry.kalman import Belief, Kalman
from imgkit.images import require_choice, require_positive, require_whole
from imgkit.metrics import box_iou
from imgkit.metrics.gates import as_numbers

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

SIZES = {"boxes": 4, "points": 2}  # numbers of a detection
GATES = {"boxes": 0.3, "points": 30.0}
LARGEST = 1e30  # of a coordinate
MOST = 10_000  # frames that birth or death may take


class Tracks(NamedTuple):
    """What is known in a frame, a row for each track."""

    ids: Indices
    "int64 (N,), from 1; a track keeps its own, and none is used twice"
    places: Numbers
    "float64 (N, 4) boxes or (N, 2) points: the filter's, smoother than the detections"
    detections: Indices
    "int64 (N,): which detection of this frame it is, -1 where it was not seen, only expected"


class Tracker:
    """Follow boxes or points from frame to frame; give each thing a number that it keeps.

    In each frame: predict every track; pair predictions with detections; update those that were
    seen. A detection without a track begins one, which gets its number once it was seen in
    ``birth`` frames in a row. A track that was not seen in ``death`` frames in a row ends; until
    then it moves on as expected, so that one may vanish behind another and keep its number.

    Parameters
    ----------
    kind : "boxes", (row0, column0, row1, column1), or "points", (row, column)
    gate : what can be one thing at all. Of boxes: the least overlap (IoU) of a detection with the
        predicted box, above 0 and at most 1; 0.3 if None. Of points: the distance in pixels that a
        detection is nearer than; 30 if None.
    birth : frames in a row in which a thing must be seen before it counts, at least 1
    death : frames in a row after which one that is not seen is given up, at least 1
    noise : standard deviation of a detection's coordinates in pixels, > 0
    acceleration : how much the velocity changes from frame to frame, in pixels per frame, >= 0
    speed : how fast things may be when first seen, in pixels per frame, > 0

    Raises
    ------
    ValueError
        If an option is out of range.
    TypeError
        If it is no number or word.

    Notes
    -----
    The pairs are those within the gate with the largest sum of IoU, or of ``1 - distance / gate``.
    Others solve the assignment first and drop what is outside the gate after, by which an
    impossible pair may keep a possible one apart.

    The four sides of a box have constant velocities, each for itself, so a box may grow as it comes
    nearer. One that is predicted smaller than nothing is a line in its middle.

    References
    ----------
    Bewley et al., Simple online and realtime tracking, ICIP 2016. Kuhn, The Hungarian method for
    the assignment problem, Naval Research Logistics Quarterly, 1955.

    Examples
    --------
    >>> tracker = Tracker("points", birth=1)
    >>> for frame in ([(0, 0), (50, 50)], [(50, 47), (0, 4)], [(0, 8)]):
    ...     tracks = tracker.update(frame)
    >>> tracks.ids, tracks.detections  # the second was not seen in the last frame
    (array([1, 2]), array([ 0, -1]))
    >>> tracks.places.round()
    array([[ 0.,  8.],
           [50., 44.]])
    """

    def __init__(
        self,
        kind: Literal["boxes", "points"] = "boxes",
        *,
        gate: float | None = None,
        birth: int = 2,
        death: int = 5,
        noise: float = 1.0,
        acceleration: float = 1.0,
        speed: float = 10.0,
    ) -> None:
        require_choice(SIZES, kind=kind)
        gate = GATES[kind] if gate is None else gate
        require_positive(gate=gate, speed=speed)
        if kind == "boxes" and gate > 1:
            raise ValueError(f"gate is an overlap for boxes, above 0 and at most 1; got {gate!r}")
        require_whole(1, MOST, birth=birth, death=death)
        self._kind, self._gate, self._speed = kind, gate, speed
        self._birth, self._death = birth, death
        self._kalman = Kalman.constant_velocity(SIZES[kind], acceleration=acceleration, noise=noise)
        self._belief = self._kalman.start(np.zeros((0, SIZES[kind])), spread=speed)
        self._ids = np.zeros(0, np.int64)  # 0 until a track counts
        self._seen = np.zeros(0, np.int64)  # frames it was seen in
        self._missed = np.zeros(0, np.int64)  # frames since it was seen
        self._given = 0  # numbers given so far

    def update(self, detections: npt.ArrayLike) -> Tracks:
        """Go on by a frame.

        Parameters
        ----------
        detections : (N, 4) boxes, half open, or (N, 2) points; an empty list if nothing was found

        Returns
        -------
        Tracks, those that count, in the order of their numbers.

        Raises
        ------
        ValueError
            If detections have another shape, are not finite, or a box ends before it starts.
        TypeError
            If they are no real numbers.
        """
        found = _detections(detections, self._kind)
        self._belief = self._kalman.predict(self._belief)
        tracks, partners = _pairs(self._fit(found))
        self._learn(tracks, found[partners])
        sources = np.full(len(self._ids), -1)
        sources[tracks] = partners
        sources = self._bury(sources)
        new = np.setdiff1d(np.arange(len(found)), partners)
        self._begin(found[new])
        return self._tracks(np.concatenate([sources, new]))

    def _fit(self, found: Numbers) -> Numbers:
        """(tracks, detections): how well they go together, 0 where they cannot."""
        expected = self._places()
        if self._kind == "boxes":
            fit = box_iou(expected, found)
            return np.where(fit >= self._gate, fit, 0)
        distance = np.linalg.norm(expected[:, None] - found, axis=-1)
        return np.maximum(1 - distance / self._gate, 0)

    def _learn(self, tracks: Indices, found: Numbers) -> None:
        mean, covariance = self._belief
        seen = self._kalman.update(Belief(mean[tracks], covariance[tracks]), found)
        mean[tracks], covariance[tracks] = seen
        self._missed += 1
        self._missed[tracks] = 0
        self._seen[tracks] += 1

    def _bury(self, sources: Indices) -> Indices:
        """Tracks that are lost end, those that do not count yet at once."""
        alive = self._missed < np.where(self._ids > 0, self._death, 1)
        self._belief = Belief(*(part[alive] for part in self._belief))
        self._ids, self._seen, self._missed = (
            part[alive] for part in (self._ids, self._seen, self._missed)
        )
        return sources[alive]

    def _begin(self, found: Numbers) -> None:
        start = self._kalman.start(found, spread=self._speed)
        self._belief = Belief(
            *(np.concatenate(parts) for parts in zip(self._belief, start, strict=True))
        )
        self._ids = np.append(self._ids, np.zeros(len(found), np.int64))
        self._seen = np.append(self._seen, np.ones(len(found), np.int64))
        self._missed = np.append(self._missed, np.zeros(len(found), np.int64))

    def _tracks(self, sources: Indices) -> Tracks:
        born = np.flatnonzero((self._ids == 0) & (self._seen >= self._birth))
        self._ids[born] = self._given + 1 + np.arange(len(born))
        self._given += len(born)
        count = np.flatnonzero(self._ids)
        count = count[np.argsort(self._ids[count])]
        return Tracks(self._ids[count], self._places()[count], sources[count])

    def _places(self) -> Numbers:
        places = self._belief.mean[:, : SIZES[self._kind]].copy()
        if self._kind == "boxes":
            start, end = places[:, :2], places[:, 2:]
            middle = (start + end) / 2
            shrunk = end < start
            start[shrunk] = end[shrunk] = middle[shrunk]
        return places


def _pairs(fit: Numbers) -> tuple[Indices, Indices]:
    """The rows and columns that go together, with the largest sum."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(fit, maximize=True)
    good = fit[rows, columns] > 0
    return rows[good], columns[good]


def _detections(values: npt.ArrayLike, kind: str) -> Numbers:
    found = as_numbers(values, "detections").astype(np.float64, copy=False)
    size = SIZES[kind]
    if found.shape == (0,):
        found = found.reshape(0, size)
    if found.ndim != 2 or found.shape[1] != size:
        wanted = {"boxes": "row0, column0, row1, column1", "points": "row, column"}[kind]
        raise ValueError(
            f"detections has shape {found.shape}; this tracker takes (N, {size}): {wanted}"
        )
    if np.abs(found).max(initial=0) > LARGEST:
        raise ValueError(f"detections has coordinates beyond {LARGEST:g}")
    if kind == "boxes" and (found[:, 2:] < found[:, :2]).any():
        i = int((found[:, 2:] < found[:, :2]).any(axis=1).argmax())
        raise ValueError(f"detections[{i}] is {found[i].tolist()}, which ends before it starts")
    return found
