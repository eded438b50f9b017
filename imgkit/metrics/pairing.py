"""Which objects of two label images overlap, how well, and which belong together.

All from one table: each pair of labels that meet in a pixel, and in how many.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from imgkit.images import require_labels, require_same_shape

EMPTY_MEANS = 1.0  # nothing to find and nothing found: as good as can be


class Overlaps(NamedTuple):
    """The objects, and each pair of them that shares pixels."""

    predicted: np.ndarray
    "(K,) labels of the result's objects, in pairs"
    truth: np.ndarray
    "(K,) with labels of true ones"
    iou: np.ndarray
    "(K,) intersection over union"
    predicted_objects: np.ndarray
    "(N,) labels of all of the result's objects"
    true_objects: np.ndarray
    "(M,) labels of all true ones"

    @property
    def total(self) -> int:
        """Objects in both, N + M."""
        return len(self.predicted_objects) + len(self.true_objects)

    def score(self, found: int, *, weight: float) -> float:
        """``TP / (TP + weight * (FP + FN))`` if so many pairs were found."""
        extra, missed = len(self.predicted_objects) - found, len(self.true_objects) - found
        return score(found, extra, missed, weight)


def overlaps_of(predicted: object, truth: object) -> Overlaps:
    """The overlaps of two label images, which are checked first."""
    ours, theirs, pixels = joint(*checked(predicted, truth))
    labels, areas, place = sums(ours, pixels)
    true_labels, true_areas, true_place = sums(theirs, pixels)
    objects = (ours > 0) & (theirs > 0)
    common = pixels[objects]
    union = areas[place][objects] + true_areas[true_place][objects] - common
    return Overlaps(
        ours[objects],
        theirs[objects],
        common / union,
        labels[labels > 0],
        true_labels[true_labels > 0],
    )


def joint(ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each pair of labels that meet in a pixel, and in how many: three arrays (K,) of int64."""
    ours, theirs = ours.ravel(), theirs.ravel()
    width = int(theirs.max()) + 1
    if (int(ours.max()) + 1) * width <= 4 * ours.size:
        # a table of all pairs, small enough; labels come in runs, so runs are counted, not pixels
        new = np.ones(ours.size, bool)
        np.not_equal(ours[1:], ours[:-1], out=new[1:])
        new[1:] |= theirs[1:] != theirs[:-1]
        start = np.flatnonzero(new)
        table = np.bincount(
            ours[start] * np.int64(width) + theirs[start], np.diff(start, append=ours.size)
        )
        key = np.flatnonzero(table > 0)
        pixels = table[key].astype(np.int64)  # float64 counted exactly
    else:
        every = np.sort(ours * np.int64(width) + theirs)  # below 2**62
        first = np.flatnonzero(np.diff(every, prepend=-1))
        key, pixels = every[first], np.diff(first, append=every.size)
    return *np.divmod(key, width), pixels


def sums(labels: np.ndarray, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The labels there are, the pixels of each, and where each item's label stands among them."""
    names, place = np.unique(labels, return_inverse=True)
    return names, np.bincount(place, pixels).astype(np.int64), place


def found_at(overlaps: Overlaps, iou: float) -> int:
    """How many pairs there are."""
    return int(np.count_nonzero(taken(overlaps, iou)))


def taken(overlaps: Overlaps, iou: float) -> np.ndarray:
    """Which of the overlaps (K,) make a pair."""
    good = overlaps.iou > iou
    if iou < 0.5 and good.any():
        good[good] = _assigned(overlaps.predicted[good], overlaps.truth[good], overlaps.iou[good])
    return good


def _assigned(ours: np.ndarray, theirs: np.ndarray, iou: np.ndarray) -> np.ndarray:
    """Which of the candidates (K,) to take: the most pairs, then the largest sum of IoU.

    Each of our objects may also stay alone, a column of its own, which costs more than a partner.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    rows, columns = (np.unique(labels, return_inverse=True)[1] for labels in (ours, theirs))
    n, m = int(rows.max()) + 1, int(columns.max()) + 1
    alone = np.arange(n)
    cost = np.concatenate([1 - iou / (n + 1), np.full(n, 2.0)])  # all IoU together are below 1
    where = np.concatenate([rows, alone]), np.concatenate([columns, m + alone])
    partner = min_weight_full_bipartite_matching(coo_array((cost, where)).tocsr())[1]
    return partner[rows] == columns


def score(found: int, extra: int, missed: int, weight: float) -> float:
    """``TP / (TP + weight * (FP + FN))``."""
    return ratio(found, found + weight * (extra + missed), EMPTY_MEANS)


def ratio(part: float, whole: float, empty: float) -> float:
    """``part / whole``, and ``empty`` if the whole is 0."""
    return part / whole if whole else empty


def checked(predicted: object, truth: object) -> tuple[np.ndarray, np.ndarray]:
    """Two label images of one size as int32, or an error that says what is wrong."""
    predicted, truth = require_labels(predicted, "predicted"), require_labels(truth, "truth")
    require_same_shape(predicted=predicted, truth=truth)
    return predicted, truth
