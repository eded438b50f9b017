"""What a benchmark case is, and where the cases are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

KINDS = ("gray float32", "gray uint8", "color float32", "color uint8")
NOT_CASES = {"__init__", "__main__", "case", "forms", "report", "sketches", "timing"}


IMAGES = ("uint8", "float32", "float64")
MASKS = ("bool",)
LABELS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))


@dataclass(frozen=True)
class Case:
    """A routine at one setting, and who else can do it."""

    routine: str
    "as one writes it, ``filtering.gaussian``"
    setting: str = ""
    "what tells it from the routine's other cases, ``sigma 2``"
    ours: Callable = field(kw_only=True)
    same: dict[str, Callable] = field(default_factory=dict, kw_only=True)
    "peers that compute this very thing"
    like: dict[str, Callable] = field(default_factory=dict, kw_only=True)
    "peers that compute something near: another window, border or rule"
    reference: Callable | None = field(default=None, kw_only=True)
    "the float64 definition; None where the result is random"
    prepare: Callable = field(default=lambda photo: (photo,), kw_only=True)
    "photograph -> the images that all are called with"
    show: Callable | None = field(default=None, kw_only=True)
    "for the catalogue: result, images -> a picture, or None, where the result is no picture itself"
    kinds: tuple[str, ...] = field(default=KINDS, kw_only=True)
    size: int = field(default=1024, kw_only=True)
    "side of the photograph in pixels"
    own_scale: bool = field(default=False, kw_only=True)
    "whether answers to uint8 are in 0..255 though they are no bytes: thresholds"
    takes: tuple[str, ...] = field(default=IMAGES, kw_only=True)
    "dtypes of the first argument: IMAGES, MASKS, LABELS, or IMAGES + MASKS"
    tensor: bool = field(default=True, kw_only=True)
    "whether ``ours`` is run on tensors too"
    goals: tuple[tuple[str, str, float], ...] = field(default=(), kw_only=True)
    "(who, whom, times): who is to be at least that many times as fast as whom"
    note: str = field(default="", kw_only=True)
    "what a reader of the table should know: why a goal is missed, how a peer differs"

    @property
    def title(self) -> str:
        return f"{self.routine} {self.setting}".strip()


def all_cases(only: list[str] | None = None) -> list[Case]:
    """The cases of every subject; with ``only`` those whose title contains one of the words."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    subjects = [file.stem for file in files if file.stem not in NOT_CASES]
    cases = [
        case
        for subject in subjects
        for case in import_module(f"benchmarks.routines.{subject}").CASES
    ]
    return [case for case in cases if not only or any(word in case.title for word in only)]
