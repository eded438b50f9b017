"""Handing in: which file to send to the instructor, and what speaks against sending it now."""

import ast
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imgkit.course.model import CourseError
from imgkit.course.workspace import names, reading
from imgkit.course.workspace.actions import handed_out_as
from imgkit.course.workspace.standing import Standing, standing


@dataclass(frozen=True)
class HandIn:
    """The one file to send, and what speaks against sending it as it is."""

    standing: Standing
    notebook: Path
    bytes: int
    sha256: str
    saved: datetime
    warnings: tuple[str, ...]


def hand_in(name: str) -> HandIn:
    """What to send for an exercise. Nothing is written, sent or run.

    Raises
    ------
    CourseError
        If the exercise is not started or its notebook cannot be read.
    """
    exercise = names.exercise_id(name)
    path = names.own_notebook(exercise).resolve()
    data, cells = path.read_bytes(), reading.code_cells(reading.notebook(path))
    if names.identify(path) != exercise:
        raise CourseError(f"{path} is not {exercise} but {names.identify(path)}")
    own = standing(exercise)
    return HandIn(
        standing=own,
        notebook=path,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        saved=datetime.fromtimestamp(path.stat().st_mtime),
        warnings=tuple(_warnings(own, data, cells)),
    )


def _warnings(own: Standing, data: bytes, cells: list[str]) -> list[str]:
    if data == handed_out_as(own.id):
        return ["It is as it was handed out: nothing is saved in it yet."]
    written, broken = _functions(cells, {each.task.id for each in own.tasks})
    passed = [each.task.id for each in own.tasks if each.state.passes]
    empty = ", ".join(task for task in passed if not written.get(task))
    unsolved = ", ".join(
        f"{each.task.id} ({each.state})" for each in own.tasks if not each.state.passes
    )
    found = [f"Passed, but empty in the file: {empty}. Save it in JupyterLab first."] * bool(empty)
    return found + broken + [f"Not passed yet: {unsolved}."] * bool(unsolved)


def _functions(cells: list[str], tasks: set[str]) -> tuple[dict[str, bool], list[str]]:
    """For each function whether its last definition does anything, and a sentence for each
    cell that defines a task but is not Python."""
    written: dict[str, bool] = {}
    broken = []
    for cell in cells:
        python = re.sub(r"^(\s*)[%!?].*$", r"\1pass", cell, flags=re.MULTILINE)
        try:
            body = ast.parse(python).body
        except (SyntaxError, ValueError) as error:
            lost = tasks & set(re.findall(r"^def (\w+)", cell, re.MULTILINE))
            where = f"line {getattr(error, 'lineno', None) or 1} of its cell"
            why = getattr(error, "msg", error)
            broken += [f"{task} is not valid Python: {where}: {why}." for task in sorted(lost)]
            written |= dict.fromkeys(lost, True)  # not empty, though broken
            continue
        written |= {n.name: not _is_empty(n) for n in body if isinstance(n, ast.FunctionDef)}
    return written, broken


def _is_empty(function: ast.FunctionDef) -> bool:
    """Whether a function is still the stub: a docstring and ``raise NotImplementedError``."""
    rest = [node for node in function.body if not isinstance(node, ast.Expr | ast.Pass)]
    return all(ast.unparse(node).startswith("raise NotImplementedError") for node in rest)
