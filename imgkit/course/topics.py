"""From what people look for to the routines that do it, the lessons and the exercises.

``course/topics.toml`` names topics and routines. Which lessons use them is read off the lessons'
code, and an exercise belongs to the lesson of its name, so ``docs/topics.md`` cannot grow stale.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from fnmatch import fnmatchcase
from importlib import import_module
from inspect import isclass, isroutine
from pathlib import Path

import imgkit
from imgkit import places
from imgkit.capabilities import SUBJECTS
from imgkit.course.model import CourseError
from imgkit.course.source import Source

_USES = re.compile(rf"\b({'|'.join(SUBJECTS)})\.(\w+)")
HEAD = """# What is where

Made by `imgkit course build` from `course/topics.toml` and from what the lessons use. Routines lead
to [the catalogue](routines.md), where it has them.
"""


def list_of_topics() -> Path:
    """Where topics are named; a course without it has no page."""
    return places.home() / "course" / "topics.toml"


def path() -> Path:
    """Where the page lies."""
    return places.home() / "docs" / "topics.md"


def page(sources: Collection[Source]) -> str:
    """The page, from the sources of all lessons and exercises.

    Raises
    ------
    CourseError
        If a topic names a routine that does not exist.
    """
    lessons = {source.id: source for source in sources if not source.is_exercise}
    exercises = {source.id: source for source in sources if source.is_exercise}
    uses = {name: _used(lesson) for name, lesson in lessons.items()}
    rows = ["| topic | lesson | exercise | routines |", "|---|---|---|---|"]
    for name, routines in _topics().items():
        taught = _taught(routines, uses)
        links = [_lesson(n) for n in taught]
        tasks = [_tasks(exercises[n]) for n in taught if n in exercises]
        shown = ", ".join(_link(routine) for routine in routines)
        rows.append(f"| {name} | {', '.join(links) or '–'} | {'; '.join(tasks) or '–'} | {shown} |")
    return "\n".join([HEAD, *rows, "", *_by_routine(uses)]) + "\n"


def _topics() -> dict[str, list[str]]:
    file = list_of_topics()
    known = [f"{subject}.{name}" for subject in SUBJECTS for name in _public(subject)]
    found = {}
    for topic in tomllib.loads(file.read_text(encoding="utf-8"))["topic"]:
        chosen = []
        for pattern in topic["routines"]:
            fits = [name for name in known if fnmatchcase(name, pattern)]
            if not fits:
                raise CourseError(f"{file.name}: {topic['name']}: there is no routine {pattern}")
            chosen += fits
        found[topic["name"]] = list(dict.fromkeys(chosen))
    return found


def _public(subject: str) -> list[str]:
    module = import_module(f"imgkit.{subject}")
    things = {name: getattr(module, name) for name in module.__all__}
    return [name for name, thing in things.items() if isroutine(thing) or isclass(thing)]


def _used(lesson: Source) -> set[str]:
    code = "\n".join(cell.text for cell in lesson.cells if cell.kind != "markdown")
    return {".".join(match) for match in _USES.findall(code)}


def _taught(routines: Collection[str], uses: dict[str, set[str]]) -> list[str]:
    """The lessons about them: that use at least half as many as the one that uses most."""
    counts = {lesson: len(used.intersection(routines)) for lesson, used in uses.items()}
    most = max(counts.values(), default=0)
    return [lesson for lesson, count in counts.items() if count and 2 * count >= most]


def _lesson(name: str) -> str:
    return f"[{name[:2]}](../notebooks/{name}.ipynb)"


def _tasks(exercise: Source) -> str:
    names = ", ".join(f"`{task.id}`" for task in exercise.tasks)
    return f"[{exercise.id[:2]}](../exercises/{exercise.id}.ipynb): {names}"


def _by_routine(uses: dict[str, set[str]]) -> list[str]:
    rows = ["## Routine by routine", "", "| routine | does what | lessons |", "|---|---|---|"]
    for line in imgkit.engines():
        found = [_lesson(name) for name, used in uses.items() if line.name in used]
        rows.append(f"| {_link(line.name)} | {line.summary} | {', '.join(found) or '–'} |")
    return rows


def _link(routine: str) -> str:
    in_catalogue = any(line.name == routine for line in imgkit.engines())
    anchor = routine.replace(".", "")  # as code hosts make them of headings
    return f"[{routine}](routines.md#{anchor})" if in_catalogue else f"`{routine}`"
