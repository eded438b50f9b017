"""How well two masks cover each other: their areas and their outlines."""

from __future__ import annotations  # help() says Mask, not what it stands for

import math
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.images import Mask, is_tensor, require_mask, require_number

if TYPE_CHECKING:
    import torch

AnyMask = TypeVar("AnyMask", Mask, "torch.Tensor")
Count = TypeVar("Count", int, "torch.Tensor")  # a tensor has one for each plane

CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


@routine(float32=2e-7, float64=2e-7, uint8=1e-15, differentiable=False)
def dice(predicted: AnyMask, truth: AnyMask) -> float | torch.Tensor:
    """The Dice coefficient, twice what both have over the sum of both areas.

    ``2 |P and T| / (|P| + |T|)``: 1 for equal masks, 0 for masks that share no pixel. It is the
    F1 score of the pixels, and always the milder number: ``dice = 2 iou / (1 + iou)``.

    Parameters
    ----------
    predicted : mask, bool array (H, W) or bool tensor (..., H, W)
    truth : the true mask, of the same kind and shape

    Returns
    -------
    A number for arrays; for tensors a tensor (...), one for each plane. Two empty masks agree: 1.

    Raises
    ------
    TypeError
        If one is no mask, or one is an array and the other a tensor.
    ValueError
        If the shapes differ.

    Notes
    -----
    Exact for arrays; for tensors the ratio of exact counts, rounded to float32. Of several classes
    each is a mask: ``dice(labels == 3, truth == 3)``. scikit-learn's ``f1_score`` takes the truth
    first, and gives 0 for two empty masks unless told. For training there are soft losses of
    probabilities.

    References
    ----------
    Dice, "Measures of the amount of ecologic association between species", Ecology 26, 1945.

    Examples
    --------
    >>> predicted = np.array([[True, True, False, False]])
    >>> truth = np.array([[False, True, True, False]])
    >>> dice(predicted, truth)
    0.5
    """
    _require_pair(predicted, truth)
    common, both = _areas(predicted, truth)
    return _ratio(2 * common, both)


@routine(float32=2e-7, float64=2e-7, uint8=1e-15, differentiable=False)
def iou(predicted: AnyMask, truth: AnyMask) -> float | torch.Tensor:
    """Intersection over union, the Jaccard index: what both have over what either has.

    ``|P and T| / |P or T|``: 1 for equal masks, 0 for masks that share no pixel.

    Parameters
    ----------
    predicted : mask, bool array (H, W) or bool tensor (..., H, W)
    truth : the true mask, of the same kind and shape

    Returns
    -------
    A number for arrays; for tensors a tensor (...), one for each plane. Two empty masks agree: 1.

    Raises
    ------
    TypeError
        If one is no mask, or one is an array and the other a tensor.
    ValueError
        If the shapes differ.

    Notes
    -----
    Exact for arrays; for tensors the ratio of exact counts, rounded to float32. Of several classes
    each is a mask: ``iou(labels == 3, truth == 3)``. scikit-learn's ``jaccard_score`` takes the
    truth first, and gives 0 for two empty masks unless told.

    References
    ----------
    Everingham et al., "The Pascal visual object classes (VOC) challenge", International Journal of
    Computer Vision 88, 2010, section 4.3.

    Examples
    --------
    >>> predicted = np.array([[True, True, False, False]])
    >>> truth = np.array([[False, True, True, False]])
    >>> round(iou(predicted, truth), 3)
    0.333
    """
    _require_pair(predicted, truth)
    common, both = _areas(predicted, truth)
    return _ratio(common, both - common)


@routine(float32=2e-7, float64=2e-7, uint8=1e-15, differentiable=False)
def boundary_f1(
    predicted: AnyMask, truth: AnyMask, *, tolerance: float = 2.0
) -> float | torch.Tensor:
    """How well the outlines agree: F1 of their pixels, where near enough counts as right.

    Precision is the share of the predicted outline that lies within ``tolerance`` of the true one,
    recall the share of the true outline within ``tolerance`` of the predicted one, and the score
    ``2 P R / (P + R)``. An overlap forgives a ragged edge of a large object; this does not.

    Parameters
    ----------
    predicted : mask, bool array (H, W) or bool tensor (..., H, W)
    truth : the true mask, of the same kind and shape
    tolerance : how far apart is near enough, in pixels between pixel centres, >= 0; 0 wants the
        very same pixels. Csurka et al. take 0.75 % of the image's diagonal.

    Returns
    -------
    A number in 0..1 for arrays; for tensors a tensor (...), one for each plane. If only one mask
    has an outline it is 0; if neither has, the masks are full or empty: 1 if they are equal, else
    0.

    Raises
    ------
    TypeError
        If one is no mask, one is an array and the other a tensor, or tolerance is no number.
    ValueError
        If the shapes differ, or tolerance is below 0.

    Notes
    -----
    An outline is the pixels of the mask with one of their four neighbours outside it; the image's
    own edge is no outline. Distances are Euclidean and exact, not steps along the grid. Exact for
    arrays; for tensors the ratio of exact counts, rounded to float32.

    References
    ----------
    Csurka, Larlus and Perronnin, "What is a good evaluation measure for semantic segmentation?",
    British Machine Vision Conference 2013.

    Examples
    --------
    >>> truth = np.zeros((20, 20), bool)
    >>> truth[5:15, 5:15] = True
    >>> boundary_f1(np.roll(truth, 2, axis=1), truth)  # two pixels aside
    1.0
    >>> round(boundary_f1(np.roll(truth, 2, axis=1), truth, tolerance=1), 2)
    0.56
    """
    _require_pair(predicted, truth)
    require_number(tolerance=tolerance)
    if tolerance < 0:
        raise ValueError(f"tolerance must be at least 0 pixels, got {tolerance!r}")
    tolerance = min(tolerance, math.hypot(*predicted.shape[-2:]))
    squared = math.floor(tolerance**2 + 1e-9)  # as all squared distances of pixels, a whole number
    ours, theirs = _outline(predicted), _outline(truth)
    length, true_length = _count(ours), _count(theirs)
    hits, true_hits = _count(ours & _near(theirs, squared)), _count(theirs & _near(ours, squared))
    score = _ratio(2 * hits * true_hits, hits * true_length + true_hits * length, empty=0)
    same = predicted[..., 0, 0] == truth[..., 0, 0]  # tells for masks that are all full or empty
    if is_tensor(predicted):
        return score.where(length + true_length > 0, same.to(score.dtype))
    return score if length or true_length else float(same)


# --- counting -------------------------------------------------------------------------------------


def _count(mask: AnyMask) -> Count:
    """The number of pixels in a mask."""
    if is_tensor(mask):
        import torch

        return mask.view(torch.uint8).sum(-1, dtype=torch.int32).sum(-1)  # a row fits int32
    return int(np.count_nonzero(mask))


def _areas(predicted: AnyMask, truth: AnyMask) -> tuple[Count, Count]:
    """What both have, and the sum of both areas."""
    return _count(predicted & truth), _count(predicted) + _count(truth)


def _ratio(part: Count, whole: Count, empty: float = 1) -> float | torch.Tensor:
    """``part / whole``, and ``empty`` where the whole is 0."""
    if is_tensor(whole):
        return (part / whole).where(whole > 0, empty)
    return part / whole if whole else float(empty)


# --- outlines -------------------------------------------------------------------------------------


def _outline(mask: AnyMask) -> AnyMask:
    """The pixels of a mask with one of their four neighbours outside it, within the image."""
    if not is_tensor(mask):
        return mask & (cv2.erode(mask.view(np.uint8), CROSS) == 0)  # nothing lies beyond the edge
    inner = mask.clone()
    inner[..., 1:, :] &= mask[..., :-1, :]
    inner[..., :-1, :] &= mask[..., 1:, :]
    inner[..., 1:] &= mask[..., :-1]
    inner[..., :-1] &= mask[..., 1:]
    return mask & ~inner


def _near(outline: AnyMask, squared: int) -> AnyMask:
    """The pixels within the root of ``squared`` of an outline.

    A disc is taken row by row, from its narrow ends to its middle: spread the outline along its
    rows, as far as this row of the disc reaches, and lay it so many rows off.
    """
    h = outline.shape[-2]
    wide, near, reach = outline, outline & False, 0
    for row in range(min(math.isqrt(squared), h - 1), -1, -1):
        half = math.isqrt(squared - row**2)
        wide, reach = _spread(wide, half - reach), half
        near[..., row:, :] |= wide[..., : h - row, :]
        near[..., : h - row, :] |= wide[..., row:, :]
    return near


def _spread(mask: AnyMask, steps: int) -> AnyMask:
    """A mask made wider by so many columns on both sides."""
    steps = min(steps, mask.shape[-1])
    if not is_tensor(mask):
        row = np.ones((1, 2 * steps + 1), np.uint8)
        return cv2.dilate(mask.view(np.uint8), row).view(bool) if steps else mask
    for _ in range(steps):
        wide = mask.clone()
        wide[..., 1:] |= mask[..., :-1]
        wide[..., :-1] |= mask[..., 1:]
        mask = wide
    return mask


def _require_pair(predicted: object, truth: object) -> None:
    require_mask(predicted, "predicted", tensor=True)
    require_mask(truth, "truth", tensor=True)
    if is_tensor(predicted) != is_tensor(truth):
        kinds = ["a tensor" if is_tensor(x) else "an array" for x in (predicted, truth)]
        raise TypeError(f"predicted is {kinds[0]} and truth {kinds[1]}; both must be of one kind")
    if predicted.shape != truth.shape:
        raise ValueError(
            f"predicted has shape {tuple(predicted.shape)} and truth {tuple(truth.shape)}; "
            "they must be the same"
        )
