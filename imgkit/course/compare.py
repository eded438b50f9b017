"""Typed comparisons: how an answer is held against what was expected.

A task names its comparison in its source, as a call:

==============================  ===========================================================
``close(rtol=, atol=)``         equal numbers within a tolerance, ``|a-e| <= atol + rtol*|e|``
``equal()``                     the same values exactly; text, labels, masks
``iou(at_least=)``              a mask overlaps the true one
``accuracy(at_least=)``         the share of equal entries
``psnr(at_least=)``             an image is near the true one, in decibels
``points(within=)``             every (row, column) point found, none invented
``boxes(ap=, iou=)``            average precision of (row0, column0, row1, column1[, score])
==============================  ===========================================================

Tuples, lists and dicts are compared item by item. ``uint8`` and booleans must come back as
``uint8`` and booleans; elsewhere any numeric dtype will do, so float32 passes for float64.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from imgkit.course.answers import Foreign, describe


@dataclass(frozen=True)
class Match:
    """The verdict of a comparison."""

    passed: bool
    says: str = ""
    "what is wrong, in one sentence without a full stop"
    close: bool = False
    "wrong, but near"
    fault: str = ""
    "what kind of wrong: type, shape, dtype, nan or value"


Comparison = Callable[[Any, Any], Match]
_OK = Match(True)


def parse(text: str) -> Comparison:
    """The comparison that a task's ``compare="..."`` names.

    >>> parse("close(atol=0.1)")(1.0, 1.05).passed
    True

    Raises
    ------
    ValueError
        If it is not a call of a known comparison with literal keyword arguments.
    """
    try:
        call = ast.parse(text, mode="eval").body
        make = _COMPARISONS[call.func.id]
        options = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
        if call.args:
            raise TypeError("arguments go by keyword")
        return make(**options)
    except (SyntaxError, AttributeError, KeyError, TypeError, ValueError) as error:
        known = ", ".join(_COMPARISONS)
        raise ValueError(
            f"compare={text!r} is not a comparison ({error}); known: {known}"
        ) from None


def is_threshold(text: str) -> bool:
    """Whether answers that differ may both pass, so that equality says little."""
    return text.split("(")[0].strip() not in ("close", "equal")


# -- the comparisons -----------------------------------------------------------------------


def close(*, rtol: float = 1e-6, atol: float = 1e-8) -> Comparison:
    def compare(expected: np.ndarray, answer: np.ndarray) -> Match:
        error = np.abs(_wide(answer) - _wide(expected))
        wrong = error > atol + rtol * np.abs(_wide(expected))
        if not wrong.any():
            return _OK
        near = wrong.mean() <= 0.01 or error.max() <= 0.01 * max(np.ptp(_real(expected)), atol)
        return Match(False, _first_difference(expected, answer, wrong, error), near, "value")

    return _by_item(compare)


def equal() -> Comparison:
    def compare(expected: np.ndarray, answer: np.ndarray) -> Match:
        wrong = expected != answer
        if not wrong.any():
            return _OK
        error = None if expected.dtype.kind in "Ub" else np.abs(_wide(answer) - _wide(expected))
        near = wrong.mean() <= 0.01
        return Match(False, _first_difference(expected, answer, wrong, error), near, "value")

    return _by_item(compare)


def iou(*, at_least: float) -> Comparison:
    def score(expected: np.ndarray, answer: np.ndarray) -> float:
        truth, mask = expected.astype(bool), answer.astype(bool)
        union = (truth | mask).sum()
        return float((truth & mask).sum() / union) if union else 1.0

    return _by_item(_at_least(score, at_least, "overlap (IoU)"))


def accuracy(*, at_least: float) -> Comparison:
    def score(expected: np.ndarray, answer: np.ndarray) -> float:
        return float(np.mean(expected == answer))

    return _by_item(_at_least(score, at_least, "accuracy"))


def psnr(*, at_least: float) -> Comparison:
    def score(expected: np.ndarray, answer: np.ndarray) -> float:
        full = 255.0 if expected.dtype == np.uint8 else 1.0
        mse = np.mean((_wide(expected) - _wide(answer)) ** 2)
        return float(10 * np.log10(full**2 / mse)) if mse else float("inf")

    return _by_item(_at_least(score, at_least, "PSNR in dB"))


def points(*, within: float, at_least: float = 1.0) -> Comparison:
    def score(expected: np.ndarray, answer: np.ndarray) -> float:
        from scipy.optimize import linear_sum_assignment
        from scipy.spatial.distance import cdist

        if not len(expected) or not len(answer):
            return float(len(expected) == len(answer))
        distance = cdist(expected, answer)
        far = 1e6
        pairs = linear_sum_assignment(np.where(distance <= within, distance, far))
        found = int((distance[pairs] <= within).sum())
        return 2 * found / (len(expected) + len(answer))  # F1

    return _by_item(_at_least(score, at_least, f"F1 of points within {within:g} px"), rows=True)


def boxes(*, ap: float, iou: float = 0.5) -> Comparison:
    def score(expected: np.ndarray, answer: np.ndarray) -> float:
        return _average_precision(_wide(expected), _wide(answer), iou)

    return _by_item(_at_least(score, ap, f"average precision at IoU {iou:g}"), rows=True)


_COMPARISONS = {
    "close": close,
    "equal": equal,
    "iou": iou,
    "accuracy": accuracy,
    "psnr": psnr,
    "points": points,
    "boxes": boxes,
}

# -- how they are built --------------------------------------------------------------------


def _by_item(compare: Callable, *, rows: bool = False) -> Comparison:
    """Check kinds, shapes and dtypes, then ``compare``; item by item for tuples and dicts.

    ``rows`` lets the number of rows differ, as it may for a list of points.
    """

    def whole(expected: Any, answer: Any) -> Match:
        if isinstance(expected, tuple | list | dict):
            return _items(expected, answer, whole)
        fault = _kind_fault(expected, answer) or _array_fault(expected, answer, rows)
        return fault or compare(np.asarray(expected), np.asarray(answer))

    return whole


def _items(expected: Any, answer: Any, compare: Comparison) -> Match:
    is_dict = isinstance(expected, dict)
    right = isinstance(answer, dict) if is_dict else isinstance(answer, tuple | list)
    if not right or len(answer) != len(expected):
        return _fault("type", f"returned {describe(answer)}, expected {describe(expected)}")
    if is_dict and set(answer) != set(expected):
        return _fault("type", f"returned {describe(answer)}, expected {describe(expected)}")
    for name in expected if is_dict else range(len(expected)):
        match = compare(expected[name], answer[name])
        if not match.passed:
            which = f"in {name!r}" if is_dict else f"in item {name}"
            return Match(False, f"{which}: {match.says}", match.close, match.fault)
    return _OK


def _kind_fault(expected: Any, answer: Any) -> Match | None:
    """A number for an array, a text for a number, True for 1: the wrong kind of thing."""
    if answer is None and expected is not None:
        return _fault("type", "returned None: is there a `return`?")
    if isinstance(expected, np.ndarray):
        right = isinstance(answer, np.ndarray)
    elif isinstance(expected, bool | str) or expected is None:
        right = type(answer) is type(expected)
    else:
        numbers = isinstance(answer, int | float | complex) and not isinstance(answer, bool)
        right = numbers or (isinstance(answer, np.ndarray) and answer.shape == ())
    if right and not isinstance(answer, Foreign):
        return None
    return _fault("type", f"returned {describe(answer)}, expected {describe(expected)}")


def _array_fault(expected: Any, answer: Any, rows: bool) -> Match | None:
    if not isinstance(expected, np.ndarray):
        return _number_fault(expected, answer)
    first = 1 if rows else 0
    if answer.ndim != expected.ndim or answer.shape[first:] != expected.shape[first:]:
        return _fault("shape", f"returned shape {answer.shape}, expected {expected.shape}")
    strict = expected.dtype == np.uint8 or expected.dtype.kind in "bU"
    numeric = answer.dtype.kind in ("iufc" if expected.dtype.kind == "c" else "iuf")
    if (strict and answer.dtype != expected.dtype and expected.dtype.kind != "U") or (
        not strict and not numeric
    ):
        return _fault("dtype", f"returned dtype {answer.dtype}, expected {expected.dtype}")
    if expected.dtype.kind == "U":
        same = answer.dtype.kind == "U"
        return None if same else _fault("dtype", f"returned dtype {answer.dtype}, expected text")
    return _nan_fault(expected, answer)


def _number_fault(expected: Any, answer: Any) -> Match | None:
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return _nan_fault(np.asarray(expected), np.asarray(answer))
    return None


def _nan_fault(expected: np.ndarray, answer: np.ndarray) -> Match | None:
    if (
        answer.dtype.kind not in "fc"
        or np.isfinite(answer).all()
        or not np.isfinite(expected).all()
    ):
        return None
    bad = int((~np.isfinite(answer)).sum())
    return _fault("nan", f"{bad} of {answer.size} values are NaN or infinite")


def _at_least(score: Callable, least: float, name: str) -> Callable:
    def compare(expected: np.ndarray, answer: np.ndarray) -> Match:
        got = score(expected, answer)
        if got >= least:
            return _OK
        return Match(
            False, f"{name} is {got:.3g}, it takes {least:.3g}", got >= 0.9 * least, "value"
        )

    return compare


def _fault(fault: str, says: str) -> Match:
    return Match(False, says, False, fault)


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _real(array: np.ndarray) -> np.ndarray:
    return np.abs(array) if array.dtype.kind == "c" else array.astype(np.float64)


def _first_difference(expected, answer, wrong: np.ndarray, error: np.ndarray | None) -> str:
    if expected.ndim == 0:
        return f"returned {describe(answer.item())}, expected {describe(expected.item())}"
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    index = ", ".join(map(str, place))
    says = (
        f"{int(wrong.sum())} of {wrong.size} values differ, first at [{index}]: "
        f"yours {_short(answer[place])}, expected {_short(expected[place])}"
    )
    if error is not None:
        says += f"; largest error {error.max():.3g}, mean {error.mean():.3g}"
    return says


def _short(value: Any) -> str:
    return repr(str(value)) if isinstance(value, np.str_) else f"{value:.5g}"


def _average_precision(truth: np.ndarray, found: np.ndarray, least_iou: float) -> float:
    """Area under the interpolated precision-recall curve (Everingham et al. 2010)."""
    if not len(truth) or not len(found):
        return float(len(truth) == len(found))
    if found.shape[1] > 4:
        found = found[np.argsort(-found[:, 4], kind="stable")]
    free = np.ones(len(truth), bool)
    hits = np.zeros(len(found))
    for i, box in enumerate(found):
        overlaps = np.where(free, _box_iou(truth, box), 0)
        best = int(overlaps.argmax())
        if overlaps[best] >= least_iou:
            free[best], hits[i] = False, 1
    recall = np.cumsum(hits) / len(truth)
    precision = np.cumsum(hits) / np.arange(1, len(found) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * envelope))


def _box_iou(truth: np.ndarray, box: np.ndarray) -> np.ndarray:
    low, high = np.maximum(truth[:, :2], box[:2]), np.minimum(truth[:, 2:4], box[2:4])
    overlap = np.clip(high - low, 0, None).prod(axis=1)
    area = (truth[:, 2:4] - truth[:, :2]).prod(axis=1) + (box[2:4] - box[:2]).prod()
    return overlap / np.maximum(area - overlap, 1e-12)
