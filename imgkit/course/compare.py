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

Tuples, lists and dicts are compared item by item; a number or a text beside a mask or points
has to be right itself. ``uint8`` and booleans must come back as ``uint8`` and booleans; elsewhere
any numeric dtype will do, so float32 passes for float64. NaN equals NaN.
"""

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from imgkit.course.answers import describe


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


def likeness(text: str) -> Comparison:
    """The comparison that tells answers apart: the task's own, or a strict one where the task's
    is a threshold, which answers that differ may both pass. Points may come in any order."""
    name = text.split("(")[0].strip()
    if name in ("close", "equal"):
        return parse(text)
    exact, points_alike = close(), points(within=0.01)

    def compare(expected: Any, answer: Any) -> Match:
        pairs = (getattr(a, "shape", ())[1:] == (2,) for a in (expected, answer))
        return (points_alike if name == "points" and all(pairs) else exact)(expected, answer)

    return compare


# -- the comparisons -----------------------------------------------------------------------


def close(*, rtol: float = 1e-6, atol: float = 1e-8) -> Comparison:
    def compare(expected: np.ndarray, answer: np.ndarray) -> Match:
        if expected.dtype.kind in "UO":
            return _same(expected, answer)
        given, wanted = _wide(answer), _wide(expected)
        wrong = ~np.isclose(given, wanted, rtol=rtol, atol=atol, equal_nan=True)
        if not wrong.any():
            return _OK
        error = _error(expected, answer)
        near = wrong.mean() <= 0.01 or error.max() <= 0.01 * max(np.ptp(_real(expected)), atol)
        return Match(False, _first_difference(expected, answer, wrong, error), near, "value")

    return _by_item(compare)


def equal() -> Comparison:
    return _by_item(_same)


def _same(expected: np.ndarray, answer: np.ndarray) -> Match:
    wrong = np.asarray(expected != answer)
    if expected.dtype.kind in "fc":
        wrong &= (expected == expected) | (answer == answer)  # NaN equals NaN
    if not wrong.any():
        return _OK
    error = None if expected.dtype.kind in "UbO" else _error(expected, answer)
    near = wrong.mean() <= 0.01
    return Match(False, _first_difference(expected, answer, wrong, error), near, "value")


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
        mse = np.mean(np.abs(_wide(expected) - _wide(answer)) ** 2)
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

    name = f"F1 of points within {within:g} px"
    return _by_item(_at_least(score, at_least, name), fits=_rows(2))


def boxes(*, ap: float, iou: float = 0.5) -> Comparison:
    def score(expected: np.ndarray, answer: np.ndarray) -> float:
        return _average_precision(_wide(expected), _wide(answer), iou)

    return _by_item(_at_least(score, ap, f"average precision at IoU {iou:g}"), fits=_rows(4, 5))


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


def _by_item(compare: Callable, *, fits: Callable = operator.eq) -> Comparison:
    """Check kinds, shapes and dtypes, then ``compare``; item by item for tuples and dicts.

    ``fits`` says whether the expected and the answer's shape go together.
    """

    def whole(expected: Any, answer: Any) -> Match:
        if isinstance(expected, tuple | list | dict):
            return _items(expected, answer, whole)
        expected, answer = _number(expected), _number(answer)
        fault = _kind_fault(expected, answer) or _array_fault(expected, answer, fits)
        with np.errstate(all="ignore"):  # answers may hold anything
            return fault or compare(np.asarray(expected), np.asarray(answer))

    return whole


def _number(value: Any) -> Any:
    """Arrays without an axis, and NumPy's own numbers, as Python's."""
    return value.item() if isinstance(value, np.generic | np.ndarray) and not value.ndim else value


def _rows(*columns: int) -> Callable:
    """Any number of rows, also none at all."""
    return lambda expected, answer: 0 in answer or (len(answer) == 2 and answer[1] in columns)


def _items(expected: Any, answer: Any, compare: Comparison) -> Match:
    is_dict = isinstance(expected, dict)
    right = isinstance(answer, dict) if is_dict else isinstance(answer, tuple | list)
    if not right or len(answer) != len(expected) or (is_dict and set(answer) != set(expected)):
        return _other_kind(expected, answer)
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
        numbers = int | float | complex if isinstance(expected, complex) else int | float
        right = isinstance(answer, numbers) and not isinstance(answer, bool)
    return None if right else _other_kind(expected, answer)


def _other_kind(expected: Any, answer: Any) -> Match:
    """What came and what should have, and the call that makes one of the other, if there is one."""
    cure = ""
    if isinstance(expected, np.ndarray) and isinstance(answer, list):
        cure = "; np.array makes one of it"
    elif isinstance(expected, tuple) and isinstance(answer, np.ndarray):
        cure = "; tuple makes one of it" if answer.shape[:1] == (len(expected),) else ""
    return _fault("type", f"returned {describe(answer)}, expected {describe(expected)}{cure}")


def _array_fault(expected: Any, answer: Any, fits: Callable) -> Match | None:
    if not isinstance(expected, np.ndarray):
        return _nan_fault(np.asarray(expected), np.asarray(answer))
    if not fits(expected.shape, answer.shape):
        return _fault("shape", f"returned shape {answer.shape}, expected {expected.shape}")
    wanted, got = ("text" if a.dtype.kind == "U" else str(a.dtype) for a in (expected, answer))
    if wanted in ("text", "bool", "uint8"):
        right = got == wanted
    else:
        right = answer.dtype.kind in ("iufc" if expected.dtype.kind == "c" else "iuf")
    if not right:
        return _fault("dtype", f"returned dtype {got}, expected {wanted}")
    return _nan_fault(expected, answer)


def _nan_fault(expected: np.ndarray, answer: np.ndarray) -> Match | None:
    if (
        answer.dtype.kind not in "fc"
        or np.isfinite(answer).all()
        or not np.isfinite(expected).all()
    ):
        return None
    bad = int((~np.isfinite(answer)).sum())
    says = f"{bad} of {answer.size} values are NaN or infinite"
    return _fault("nan", says if answer.ndim else f"returned {describe(answer.item())}")


def _at_least(score: Callable, least: float, name: str) -> Callable:
    def compare(expected: np.ndarray, answer: np.ndarray) -> Match:
        if not expected.ndim:
            return close()(expected, answer)
        got = score(expected, answer) if expected.size or answer.size else least
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


def _error(expected: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """How far each value is off: 0 where both are NaN or the same infinity."""
    given, wanted = _wide(answer), _wide(expected)
    same = (given == wanted) | (np.isnan(given) & np.isnan(wanted))
    return np.where(same, 0, np.abs(given - wanted))


def _first_difference(expected, answer, wrong: np.ndarray, error: np.ndarray | None) -> str:
    if expected.ndim == 0:
        return f"returned {describe(answer.item())}, expected {describe(expected.item())}"
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    index = ", ".join(map(str, place))
    says = (
        f"{int(wrong.sum())} of {wrong.size} values differ, first at [{index}]: "
        f"yours {_short(answer[place])}, expected {_short(expected[place])}"
    )
    known = [] if error is None else error[np.isfinite(error)]
    if len(known):
        says += f"; largest error {known.max():.3g}, mean {known.mean():.3g}"
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
