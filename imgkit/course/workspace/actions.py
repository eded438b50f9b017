"""What a student does with their folder: start, note a check, take a hint, reset, open."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imgkit import places
from imgkit.course import keys, progress, solutions
from imgkit.course.model import CourseError, State, TaskResult
from imgkit.course.workspace import names
from imgkit.course.workspace.standing import (
    Standing,
    TaskStanding,
    standings,
    task_of,
)


@dataclass(frozen=True)
class Started:
    """What ``start`` did."""

    standing: Standing
    notebook: Path
    created: bool
    "False: something of this name was there, and is as it was"
    unmet: tuple[str, ...]
    "exercises this one builds on that are not finished"
    lesson: Path | None


@dataclass(frozen=True)
class Hint:
    """One hint, in Markdown."""

    task: TaskStanding
    number: int
    of: int
    text: str
    counted: bool
    "False if nothing is started, so that nothing could be noted"


@dataclass(frozen=True)
class Reset:
    """What ``reset`` did."""

    notebook: Path
    backup: Path | None
    "None if the notebook was as it was handed out, or not there"


@dataclass(frozen=True)
class LabPlace:
    """Where JupyterLab is to open."""

    root: Path
    opens: Path | None


# -- start, reset --------------------------------------------------------------------------


def start(name: str) -> Started:
    """Copy an exercise into work/, unless something of its name is there.

    Raises
    ------
    CourseError
        If there is no such exercise, it is not built, or work/ cannot be had.
    """
    exercise = names.exercise_id(name)
    handed_out, path = handed_out_as(exercise), names.place(exercise)
    _make_work()
    created = not os.path.lexists(path)
    if created:
        places.write_whole(path, handed_out)
    known = {each.id: each for each in standings()}
    unmet = tuple(need for need in known[exercise].needs if need in known and not known[need].done)
    lesson = places.home() / "notebooks" / path.name
    return Started(known[exercise], path, created, unmet, lesson if lesson.is_file() else None)


def changed(name: str) -> bool:
    """Whether the student's copy of an exercise holds anything that a reset would set aside."""
    exercise = names.exercise_id(name)
    path = names.place(exercise)
    return path.is_file() and path.read_bytes() != handed_out_as(exercise)


def reset(name: str) -> Reset:
    """Put an exercise back as it was handed out; what was there stays beside it as a backup.

    Its tasks count as not started again; tries and hints are kept.

    Raises
    ------
    CourseError
        If a link stands where the notebook should.
    """
    exercise = names.exercise_id(name)
    path, handed_out = names.place(exercise), handed_out_as(exercise)
    if path.is_symlink():
        raise CourseError(f"{path} is a link, not a notebook; imgkit leaves it alone")
    _make_work()
    backup = _free_name(path) if changed(exercise) else None
    if backup:
        places.write_whole(backup, path.read_bytes())
    places.write_whole(path, handed_out)
    progress.forget(exercise, places.work() / progress.NAME)
    return Reset(path, backup)


def handed_out_as(exercise: str) -> bytes:
    """An exercise's notebook as every student gets it."""
    try:
        return (places.home() / "exercises" / f"{exercise}.ipynb").read_bytes()
    except FileNotFoundError:
        cure = f"imgkit course build {names.short(exercise)}"
        raise CourseError(f"exercises/{exercise}.ipynb is missing; {cure}") from None


def _make_work() -> None:
    """The folder, marked as a student's by a progress file."""
    folder = places.work()
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file; a folder of that name is needed for your work")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / progress.NAME
    if not file.is_file():
        if os.path.lexists(file):
            raise CourseError(f"{file} is no plain file; remove it, your progress goes there")
        places.write_whole(file, "{}\n")


def _free_name(path: Path) -> Path:
    number = 1
    while os.path.lexists(path.with_suffix(f".backup-{number}.ipynb")):
        number += 1
    return path.with_suffix(f".backup-{number}.ipynb")


# -- check, hint, solution -----------------------------------------------------------------


def record(notebook: Path, results: Sequence[TaskResult]) -> bool:
    """Note the results of a check, if the notebook lies in work/; tell whether it does.

    A task that is still empty does not count as a try.
    """
    if notebook.resolve().parent != places.work().resolve():
        return False
    file, exercise = places.work() / progress.NAME, names.identify(notebook)
    for result in results:
        tries = int(result.state != State.NOT_STARTED)
        progress.record(exercise, result.task.id, file, state=result.state, tries=tries)
    return True


def next_hint(name: str, number: int | None = None) -> Hint:
    """The next hint of a task, or the one asked for; counted where progress is kept.

    Raises
    ------
    CourseError
        If there is no such task or no such hint.
    """
    task = task_of(name)
    hints = task.task.hints
    if not hints:
        raise CourseError(f"{task.name} has no hints")
    number = number if number is not None else min(task.hints + 1, len(hints))
    text = task.task.hint(number)
    return Hint(task, number, len(hints), text, _note(task, hints=number))


def solution(name: str) -> str:
    """The source of a task's solution. Asking before the task passes is noted."""
    task = task_of(name)
    code = solutions.code(task.exercise, task.task.id)
    if not task.state.passes:
        _note(task, solution=True)
    return code


def _note(task: TaskStanding, **facts) -> bool:
    """Record facts about a task where progress is kept; tell whether it is."""
    file = places.work() / progress.NAME
    if file.is_file():
        progress.record(task.exercise, task.task.id, file, **facts)
    return file.is_file()


# -- JupyterLab ----------------------------------------------------------------------------


def lab_place(name: str | None = None) -> LabPlace:
    """Where JupyterLab opens, so that lessons and work are both in sight.

    In a checkout that is the checkout. Where work/ lies elsewhere, that folder is the root, and
    the lessons are copied into ``lessons/`` within it; copies already there are kept.

    Parameters
    ----------
    name : opens the student's copy of this exercise, started if need be; None opens the first
        lesson, with the first exercise started
    """
    chosen = name or next(iter(keys.names()), None)
    notebook = start(chosen).notebook if chosen else None
    home, work = places.home(), places.work()
    if work.is_relative_to(home):
        root, lessons = home, home / "notebooks"
    else:
        root, lessons = work, work / "lessons"
        _copy_lessons(home / "notebooks", lessons)
    first = next(iter(sorted(lessons.glob("*.ipynb"))), None)
    return LabPlace(root, notebook if name or not first else first)


def _copy_lessons(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.ipynb")):
        if not os.path.lexists(folder / path.name):
            places.write_whole(folder / path.name, path.read_bytes())
