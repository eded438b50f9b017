"""How far the student is: tasks, exercises, lessons, and the next step."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imgkit import places
from imgkit.course import keys, progress
from imgkit.course.model import State, Task
from imgkit.course.workspace import names, reading

_HEADER = re.compile(r"^#\s+(title|minutes):\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class TaskStanding:
    """One task and what is recorded about it."""

    exercise: str
    task: Task
    state: State = State.NOT_STARTED
    tries: int = 0
    hints: int = 0
    solution_seen: bool = False
    "before the task passed"

    @property
    def name(self) -> str:
        """What a student types: ``02.convolve2d``."""
        return f"{names.short(self.exercise)}.{self.task.id}"


@dataclass(frozen=True)
class Standing:
    """One exercise and how far the student is in it."""

    id: str
    title: str
    minutes: int
    needs: tuple[str, ...]
    notebook: Path | None
    "the student's own copy; None if it is not started"
    tasks: tuple[TaskStanding, ...]

    @property
    def points(self) -> float:
        return sum(each.task.points for each in self.tasks)

    @property
    def earned(self) -> float:
        return sum(each.task.points for each in self.tasks if each.state.passes)

    @property
    def passed(self) -> int:
        return sum(each.state.passes for each in self.tasks)

    @property
    def done(self) -> bool:
        return self.passed == len(self.tasks)

    @property
    def touched(self) -> bool:
        """Whether it is started, or anything is recorded about it."""
        return self.notebook is not None or any(
            each.tries or each.hints or each.state.passes for each in self.tasks
        )

    @property
    def open_task(self) -> TaskStanding | None:
        """The first task that does not pass yet."""
        return next((each for each in self.tasks if not each.state.passes), None)


@dataclass(frozen=True)
class Lesson:
    """One lesson."""

    id: str
    title: str
    minutes: int
    notebook: Path | None
    "None if it is written but not built"


@dataclass(frozen=True)
class Step:
    """What to do next."""

    do: Literal["build", "start", "work", "done"]
    exercise: Standing | None = None
    "to start or to work on"
    finished: Standing | None = None
    "the exercise just completed, if that is why another one is due"


def standings() -> list[Standing]:
    """Every exercise there is, in order."""
    recorded = progress.read()
    return [_standing(exercise, recorded) for exercise in keys.names()]


def standing(exercise: str) -> Standing:
    """One exercise, by its whole id."""
    return _standing(exercise, progress.read())


def task_of(name: str) -> TaskStanding:
    """The task meant by ``02.convolve2d``, ``convolve2d`` or a unique beginning.

    Raises
    ------
    CourseError
        If it is none, or could be several; the message suggests.
    """
    exercise, task = names.task_ids(name)
    return next(each for each in standing(exercise).tasks if each.task.id == task)


def next_step() -> Step:
    """What to do next.

    The open task of the notebook saved last; once that is complete, the exercise after it.
    """
    everything = standings()
    unfinished = [each for each in everything if not each.done]
    started = [each for each in everything if each.notebook]
    latest = max(started, key=lambda each: each.notebook.stat().st_mtime, default=None)
    if not everything:
        return Step("build")
    if not unfinished:
        return Step("done", finished=latest)
    if latest and not latest.done:
        return Step("work", latest)
    later = [each for each in unfinished if latest is None or each.id > latest.id]
    due = (later or unfinished)[0]
    return Step("work" if due.notebook else "start", due, finished=latest)


def lessons() -> list[Lesson]:
    """Every lesson there is, built or only written, in order."""
    written = {path.stem: path for path in (places.home() / "course" / "lessons").glob("*.py")}
    built = {path.stem: path for path in (places.home() / "notebooks").glob("*.ipynb")}
    return [_lesson(name, built.get(name), written.get(name)) for name in sorted(written | built)]


def _standing(exercise: str, recorded: dict) -> Standing:
    key, place = keys.outline(exercise), names.place(exercise)
    notebook = place if place.is_file() else None
    tasks = tuple(_task_standing(exercise, task, recorded) for task in key.tasks.values())
    return Standing(exercise, key.title, key.minutes, key.needs, notebook, tasks)


def _task_standing(exercise: str, task: Task, recorded: dict) -> TaskStanding:
    found = recorded.get(exercise, {}).get(task.id, {})
    return TaskStanding(
        exercise,
        task,
        progress.state(recorded, exercise, task.id),
        _count(found.get("tries")),
        _count(found.get("hints")),
        found.get("solution") is True,
    )


def _count(value: object) -> int:
    return value if type(value) is int and value > 0 else 0


def _lesson(name: str, built: Path | None, written: Path | None) -> Lesson:
    if built:
        about = reading.about(reading.notebook(built))
    else:
        about = dict(_HEADER.findall(written.read_text(encoding="utf-8")[:2000]))
    title, minutes = str(about.get("title", name)), str(about.get("minutes", ""))
    return Lesson(name, title.strip("\"'"), int(minutes) if minutes.isdigit() else 0, built)
