"""The nouns of the course: tasks, cases, outcomes, results, and the six states of a task."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class CourseError(Exception):
    """Something a person can mend; its message is one clear line, and all a notebook shows."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class State(StrEnum):
    """Where a task stands."""

    NOT_STARTED = "not started"
    CRASHED = "crashed"
    NOT_YET = "not yet"
    ALMOST = "almost"
    PASSED = "passed"
    COULD_BE_BETTER = "could be better"

    @property
    def passes(self) -> bool:
        return self in (State.PASSED, State.COULD_BE_BETTER)


@dataclass(frozen=True)
class Mistake:
    """A plausible wrong version of a task."""

    name: str
    says: str
    "the sentence that helps whoever made it"


@dataclass(frozen=True)
class Task:
    """One function that a student writes."""

    id: str
    "the function's name, unique in its exercise"
    title: str
    points: float
    minutes: int
    level: int
    "1 warm-up, 2 the idea itself, 3 needs thought"
    compare: str
    "how an answer is compared with the expected one, as imgkit.course.compare reads it"
    forbid: tuple[str, ...] = ()
    "modules and functions, by their full names, that would do the task for the student"
    hints: tuple[str, ...] = ()
    "three, from the idea to nearly the code, in Markdown"
    mistakes: tuple[Mistake, ...] = ()
    loops: int = 0
    "how deep the reference solution nests its loops"
    shows: str = "pictures"
    "what arrays are drawn as: pictures, places (points or boxes on the picture), or numbers"

    def hint(self, number: int) -> str:
        """Its hint of this number, counted from 1.

        Raises
        ------
        CourseError
            If there is no such hint.
        """
        if not 1 <= number <= len(self.hints):
            raise CourseError(f"hint number must be 1 to {len(self.hints)}, got {number}")
        return self.hints[number - 1]

    @property
    def worth(self) -> str:
        """Its points in words: ``1 point``, ``2.5 points``."""
        return f"{self.points:g} point{'' if self.points == 1 else 's'}"


@dataclass(frozen=True)
class Case:
    """One set of inputs for a task, with what the reference and each mistake make of it."""

    label: str
    inputs: dict[str, Any]
    expected: Any
    wrong: dict[str, Any] = field(default_factory=dict)
    "mistake name -> its answer, or a Raised"


@dataclass(frozen=True)
class Raised:
    """An exception in place of an answer."""

    type: str
    message: str = ""
    line: str = ""
    "the line of the student's code that raised it"
    inside: str = ""
    "the function that raised it, where that is another task of the exercise"
    lost: bool = False
    "no exception: the call was stopped, or ended the whole kernel"


@dataclass(frozen=True)
class Outcome:
    """What one call of a student's function gave."""

    value: Any = None
    raised: Raised | None = None
    changed: tuple[str, ...] = ()
    "names of inputs that the call altered"
    seconds: float = 0.0


@dataclass(frozen=True)
class Finding:
    """A wrong answer, named."""

    name: str
    says: str


@dataclass(frozen=True)
class CaseResult:
    """The verdict on one case."""

    label: str
    passed: bool
    says: str = ""


@dataclass(frozen=True)
class TaskResult:
    """The verdict on one task."""

    task: Task
    state: State
    cases: tuple[CaseResult, ...]
    finding: Finding | None = None
    remarks: tuple[str, ...] = ()
    "how a passing answer could be better"
    shown: int | None = None
    "index of the case worth a picture: the first that failed"

    @property
    def passed(self) -> int:
        return sum(case.passed for case in self.cases)

    @property
    def points(self) -> float:
        """Partial credit: the share of the cases that pass, to a hundredth of a point."""
        return round(self.task.points * self.passed / max(len(self.cases), 1), 2)
