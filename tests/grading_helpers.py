"""Notebooks as students hand them in, made from the real exercise, right and wrong."""

import contextlib
import copy
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psutil

from imgkit.course import source
from imgkit.grading import Limits
from imgkit.places import home

EXERCISE = "02_convolution"
SOURCE = source.read(home() / "course" / "exercises" / f"{EXERCISE}.py")
TASKS = [task.id for task in SOURCE.tasks]
POINTS = {task.id: task.points for task in SOURCE.tasks}
RIGHT = {cell.task: source.solved(cell.text) for cell in SOURCE.of("task")}
EMPTY = {cell.task: source.stub(cell.text) for cell in SOURCE.of("task")}
SETUP = [cell.text for cell in SOURCE.of("setup")]

# Small, so that what runs for ever is over soon.
LIMITS = Limits(
    cell_seconds=3,
    case_seconds=1,
    total_seconds=60,
    memory_mb=1000,
    processes=10,
    output_mb=4,
    wall_factor=3,
)

_OFF_BY_ONE = """
def _off_by_one(function):
    def wrong(*args, **inputs):
        answer = function(*args, **inputs)
        return tuple(a + 1 for a in answer) if isinstance(answer, tuple) else answer + 1
    return wrong
"""


def wrong(task: str) -> str:
    """A cell that answers the task, and every case of it wrongly, by one."""
    return f"{RIGHT[task]}\n{_OFF_BY_ONE}\n{task} = _off_by_one({task})"


def mistaken(task: str) -> tuple[str, source.Mistake]:
    """A cell that makes the first mistake that the exercise knows of a task, and the mistake."""
    made = SOURCE.of("mistake", task)[0].text
    name = source.function_name(made)
    body = "\n\n".join([RIGHT[task], made, f"return {name}"]).replace("\n", "\n    ")
    mistake = next(m for m in SOURCE.task(task).mistakes if m.name == name)
    return f"def _make():\n    {body}\n\n{task} = _make()", mistake


def answers(*right: str, **other: str) -> list[str]:
    """A cell per task: right for those named, the given ones, and wrong for the rest."""
    cells = {task: RIGHT[task] if task in right else wrong(task) for task in TASKS} | other
    return [cells[task] for task in TASKS]


def notebook(*cells: str | dict, about: dict | None = None) -> str:
    """A notebook of these code cells, as a file's text."""
    made = [cell if isinstance(cell, dict) else code(cell) for cell in cells]
    metadata = {"imgkit": {"id": EXERCISE}} if about is None else about
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made})


def code(text: str, **metadata) -> dict:
    cell = {"cell_type": "code", "source": text, "metadata": metadata}
    return cell | {"outputs": [], "execution_count": None}


def filled_in(answers: dict[str, str]) -> str:
    """The exercise as students get it, with the cells of some tasks filled in."""
    content = copy.deepcopy(_as_given())
    for cell in content["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("solution") and about["grade_id"] in answers:
            cell["source"] = answers[about["grade_id"]]
    return json.dumps(content)


@cache
def _as_given() -> dict:
    path = home() / "exercises" / f"{EXERCISE}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def hand_in(folder: Path, student: str, content: str | bytes, file: str = "") -> Path:
    """Write ``<student>/<exercise>.ipynb``."""
    path = folder / student / (file or f"{EXERCISE}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def snapshot(folder: Path) -> dict[str, bytes | str]:
    """Every file and link under a folder, with what it holds."""
    return {
        path.relative_to(folder).as_posix(): (
            str(path.readlink()) if path.is_symlink() else path.read_bytes()
        )
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@contextlib.contextmanager
def own_temporary_folder() -> Iterator[Path]:
    """All temporary files of the run go here; a short path, for sockets lie in it."""
    folder, before = Path(tempfile.mkdtemp(prefix="t")), os.environ.get("TMPDIR")
    os.environ["TMPDIR"], tempfile.tempdir = str(folder), None
    try:
        yield folder
    finally:
        os.environ.pop("TMPDIR") if before is None else os.environ.update(TMPDIR=before)
        tempfile.tempdir = None
        shutil.rmtree(folder)


def processes_in(folder: Path) -> list[list[str]]:
    """Command lines of what still runs with its home under a folder, as every kernel does."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("HOME", "").startswith(str(folder)):
                found.append(process.cmdline())
    return found
