"""The mistakes that every image task shares, told by their symptoms.

Each is a small function that looks at one failing case and either says a sentence or nothing;
the order of ``SYMPTOMS`` is the order in which they are tried.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from imgkit.course.compare import Comparison, Match, likeness, parse
from imgkit.course.model import Case, Outcome, Task

Symptom = Callable[["Look"], str | None]


class Look:
    """One failing case, laid out for the symptoms."""

    def __init__(self, task: Task, case: Case, outcome: Outcome, match: Match):
        self.inputs, self.outcome, self.match = case.inputs, outcome, match
        compare = parse(task.compare)
        self.expected, self.answer = _failing_item(compare, case.expected, outcome.value)
        self.passes = lambda a, b: compare(a, b).passed
        self.places = task.shows == "places"
        alike = likeness(task.compare)  # a threshold would let half-right guesses through
        self.agrees = lambda a, b: alike(a, b).passed

    @property
    def arrays(self) -> bool:
        return isinstance(self.expected, np.ndarray) and isinstance(self.answer, np.ndarray)

    @property
    def same_shape(self) -> bool:
        return self.arrays and self.expected.shape == self.answer.shape

    @property
    def images(self) -> bool:
        """Two pictures of one size with something on them; a list of points is none."""
        shape = self.expected.shape if self.same_shape else ()
        return len(shape) in (2, 3) and min(shape[:2]) > 3 and _varies(self.expected)

    @property
    def numbers(self) -> bool:
        """Two arrays of real numbers of one shape, not all the same."""
        real = self.same_shape and {self.expected.dtype.kind, self.answer.dtype.kind} <= set("uif")
        return real and self.expected.size > 3 and _varies(self.expected)

    def mends(self, values: np.ndarray) -> bool:
        """Whether values made from the answer are right, whatever their dtype: within the
        task's tolerance, and by far nearer than the answer, or noise could have done it."""
        expected = self.expected.astype(float)
        left = np.abs(values - expected).max()
        close = self.agrees(expected, values) or left <= 1e-12 * np.abs(expected).max()
        return bool(close and left < 0.1 * np.abs(self.answer - expected).max())


def _failing_item(compare: Comparison, expected: Any, answer: Any) -> tuple[Any, Any]:
    """Inside tuples and dicts, the first item that differs."""
    if isinstance(expected, tuple | list) and isinstance(answer, tuple | list):
        pairs = list(zip(expected, answer, strict=False))
    elif isinstance(expected, dict) and isinstance(answer, dict):
        pairs = [(expected[k], answer[k]) for k in expected if k in answer]
    else:
        return expected, answer
    for one, other in pairs:
        if not compare(one, other).passed:
            return _failing_item(compare, one, other)
    return expected, answer


def _nothing(look: Look) -> str | None:
    if look.answer is None and look.expected is not None:
        return "The function returns nothing. Does it end in a `return`?"
    return None


def _transposed(look: Look) -> str | None:
    if not look.arrays or look.expected.ndim < 2 or look.answer.ndim != look.expected.ndim:
        return None
    if look.agrees(look.expected, look.answer.swapaxes(0, 1)):
        return "Rows and columns are swapped: the answer is right when it is transposed."
    return None


def _column_first(look: Look) -> str | None:
    """Points (N, 2) and boxes (N, 4), which may come in any order."""
    if not look.places or not look.arrays or not look.expected.ndim == look.answer.ndim == 2:
        return None
    swapped = {2: [1, 0], 4: [1, 0, 3, 2]}.get(look.expected.shape[1])
    if swapped is None or look.answer.shape[1] != len(swapped):
        return None
    if look.passes(look.expected, look.answer[:, swapped]):
        return "You have (column, row): coordinates here are (row, column)."
    return None


def _mirrored(look: Look) -> str | None:
    if not look.images:
        return None
    turns = {
        "upside down": look.answer[::-1],
        "mirrored left to right": look.answer[:, ::-1],
        "turned by half a turn": look.answer[::-1, ::-1],
    }
    for how, turned in turns.items():
        if look.agrees(look.expected, turned):
            return f"The answer is {how}: check the direction in which you index."
    return None


def _flipped_kernel(look: Look) -> str | None:
    from scipy import ndimage

    kernel = look.inputs.get("kernel")
    if not (look.images and look.numbers and look.expected.ndim == 2 == getattr(kernel, "ndim", 0)):
        return None
    others = (value for name, value in look.inputs.items() if name != "kernel")
    pictures = [v for v in others if getattr(v, "shape", ()) == look.expected.shape]
    inside = _inside(look.expected, max(kernel.shape))
    if not pictures or inside is None:
        return None
    image = pictures[0].astype(float)
    both = [ndimage.correlate(image, k.astype(float)) for k in (kernel, kernel[::-1, ::-1])]
    for right, wrong in (both, both[::-1]):
        if (
            np.allclose(right[inside], look.expected[inside], rtol=1e-4, atol=1e-6)
            and np.allclose(wrong[inside], look.answer[inside], rtol=1e-4, atol=1e-6)
            and not np.allclose(right[inside], wrong[inside], rtol=1e-4, atol=1e-6)
        ):
            return (
                "The kernel lies the wrong way round: correlation uses it as it is, "
                "convolution turns it by half a turn first."
            )
    return None


def _shifted(look: Look) -> str | None:
    inside = _inside(look.expected, 2) if look.images else None
    if inside is None or not _varies(look.expected[inside]):
        return None
    if look.agrees(look.expected[inside], look.answer[inside]):
        return None  # shifted stripes look like stripes
    words = {-1: ("up", "left"), 1: ("down", "right")}
    steps = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
    for step in sorted(steps, key=lambda s: abs(s[0]) + abs(s[1])):  # straight ones first
        back = np.roll(look.answer, (-step[0], -step[1]), axis=(0, 1))
        if look.agrees(look.expected[inside], back[inside]):
            way = " and ".join(words[n][axis] for axis, n in enumerate(step) if n)
            return (
                f"The answer is shifted by one pixel ({way}): "
                "check where your loop or slice begins."
            )
    return None


def _border(look: Look) -> str | None:
    if not look.images:
        return None
    width = border_width(look.agrees, look.expected, look.answer)
    if width is None:
        return None
    pixels = "pixel is" if width == 1 else f"{width} pixels are"
    return (
        f"Only the outermost {pixels} wrong, everything inside is right: "
        "look at how you continue the image beyond its edge."
    )


def _bgr(look: Look) -> str | None:
    if not look.images or look.expected.shape[2:] != (3,):
        return None
    if look.agrees(look.expected, look.answer[..., ::-1]):
        return "Red and blue are swapped: imgkit keeps colours as RGB, OpenCV reads BGR."
    return None


def _too_large(look: Look) -> str | None:
    if _right_times(look, 1 / 255):
        return "Your values run from 0 to 255 where 0 to 1 is asked for: divide by 255."
    return None


def _too_small(look: Look) -> str | None:
    if _right_times(look, 255):
        return "Your values run from 0 to 1 where 0 to 255 is asked for: multiply by 255 and round."
    return None


def _right_times(look: Look, factor: float) -> bool:
    """Whether the answer times the factor is right, to a level where one of them is uint8."""
    if not look.numbers:
        return False
    expected, answer = look.expected.astype(float), look.answer * float(factor)
    if np.uint8 not in (look.expected.dtype, look.answer.dtype):
        return look.mends(answer)
    level = 1.01 * min(factor, 1)
    return bool(np.ptp(expected) > 8 * level and np.abs(expected - answer).max() <= level)


def _zeros(look: Look) -> str | None:
    if look.numbers and not look.answer.any():
        return "The answer is 0 everywhere: is the result ever filled in?"
    return None


def _factor(look: Look) -> str | None:
    if not look.numbers or not look.answer.any():
        return None
    expected, answer = look.expected.astype(float), look.answer.astype(float)
    factor = (expected * answer).sum() / (answer * answer).sum()
    if abs(factor) > 1e-9 and look.mends(answer * factor):
        return f"Everything is {1 / factor:.4g} times what it should be: a factor is off."
    return None


def _offset(look: Look) -> str | None:
    if not look.numbers:
        return None
    answer = look.answer.astype(float)
    offset = float(np.median(answer - look.expected.astype(float)))
    if offset and look.mends(answer - offset):
        return f"Everything is off by {offset:+.4g}: something is added that should not be."
    return None


def _wraps(look: Look) -> str | None:
    if not look.numbers or not look.expected.dtype == look.answer.dtype == np.uint8:
        return None
    wrong = look.expected != look.answer
    saturated = np.isin(look.expected[wrong], (0, 255))
    far = np.abs(look.expected.astype(int) - look.answer)[wrong] > 127  # round the corner
    if saturated.all() and far.mean() > 0.9 and len(np.unique(look.expected)) > 2:  # no mask
        return (
            "Values wrap around: in uint8, 255 + 1 is 0 and 0 - 1 is 255. "
            "Compute in float, then clip and round."
        )
    return None


def _unchanged(look: Look) -> str | None:
    for name, value in look.inputs.items():
        if look.arrays and np.array_equal(look.answer, value):
            return f"The answer is `{name}`, unchanged."
    return None


def _in_place(look: Look) -> str | None:
    if look.outcome.changed:
        names = " and ".join(f"`{name}`" for name in look.outcome.changed)
        return (
            f"The function changes its input {names} while it still needs it: "
            "write into a new array, or start from a copy."
        )
    return None


def _fault(kind: str, cure: str) -> Symptom:
    def symptom(look: Look) -> str | None:
        return f"{_sentence(look)}{cure}" if look.match.fault == kind else None

    return symptom


def _sentence(look: Look) -> str:
    return look.match.says[:1].upper() + look.match.says[1:]


def _shape(look: Look) -> str | None:
    if look.match.fault != "shape":
        return None
    got, wanted = look.answer.shape, look.expected.shape
    cure = ""
    if got == (*wanted, 1):
        cure = ". There is an axis of length 1 too many at the end."
    elif len(wanted) > 1 and wanted[1] > 2 and len(got) == len(wanted) and got[2:] == wanted[2:]:
        if got[0] <= wanted[0] and got[1] <= wanted[1]:
            cure = ". It is too small: was the border left out?"
        elif got[0] >= wanted[0] and got[1] >= wanted[1]:
            cure = ". It is too large: was the padding left on?"
    return f"{_sentence(look)}{cure or '.'}"


def _dtype(look: Look) -> str | None:
    if look.match.fault != "dtype":
        return None
    if np.iscomplexobj(look.answer) and not np.iscomplexobj(look.expected):
        return f"{_sentence(look)}: take its `.real` part."
    return f"{_sentence(look)}: `.astype` converts; mind rounding and range."


SYMPTOMS: dict[str, Symptom] = {
    "returns nothing": _nothing,
    "0..255 for 0..1": _too_large,
    "0..1 for 0..255": _too_small,
    "input returned": _unchanged,
    "transposed": _transposed,
    "column before row": _column_first,
    "mirrored": _mirrored,
    "flipped kernel": _flipped_kernel,
    "shifted by a pixel": _shifted,
    "only the border": _border,
    "BGR for RGB": _bgr,
    "all zeros": _zeros,
    "constant factor": _factor,
    "constant offset": _offset,
    "uint8 wraps around": _wraps,
    "wrong type": _fault("type", "."),
    "wrong shape": _shape,
    "wrong dtype": _dtype,
    "NaN": _fault("nan", ": look for a division by zero or a missing value."),
    "input changed in place": _in_place,
}


# -- measures ------------------------------------------------------------------------------


def border_width(agrees: Callable, expected: np.ndarray, answer: np.ndarray) -> int | None:
    """How wide the wrong border is, if everything inside it is right; else None."""
    if getattr(expected, "shape", None) != getattr(answer, "shape", ()) or expected.ndim < 2:
        return None
    for width in range(1, min(expected.shape[:2]) // 3 + 1):
        inside = (slice(width, -width), slice(width, -width))
        if agrees(expected[inside], answer[inside]):
            rim = np.ones(expected.shape[:2], bool)
            rim[inside] = False
            right = np.isclose(expected[rim], answer[rim], rtol=1e-4, atol=1e-6)
            if right.mean() > 0.75:  # a few wrong pixels that happen to lie near the edge
                return None
            return width if _varies(expected[inside]) else None
    return None


def _inside(image: np.ndarray, margin: int) -> tuple[slice, slice] | None:
    """The part of an image that no border reaches, if there is one."""
    if min(image.shape[:2]) < 2 * margin + 2:
        return None
    return slice(margin, -margin), slice(margin, -margin)


def _varies(array: np.ndarray) -> bool:
    return array.size > 1 and bool((array != array.flat[0]).any())
