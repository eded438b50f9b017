"""One source, three notebooks: lesson, exercise, solution. Nothing is executed here."""

import re
from typing import Literal

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from imgkit.course.model import Task
from imgkit.course.source import Cell, Source, solved, stub

Kind = Literal["lesson", "exercise", "solution"]
_LEVELS = {1: "warm-up", 2: "the idea itself", 3: "needs thought"}


def make(source: Source, kind: Kind) -> NotebookNode:
    """The notebook of one kind, without outputs.

    Hints, cases and mistakes stay behind. Task and check cells carry nbgrader's metadata, so
    that an instructor who lives in nbgrader can use the files there.
    """
    cells = []
    for number, cell in enumerate(source.cells):
        if cell.kind in ("hint", "cases", "mistake"):
            continue
        if cell.kind == "task":
            cells.append(_banner(source.task(cell.task)))
        cells.append(_notebook_cell(source, cell, f"c{number:03}", kind))
    notebook = new_notebook(cells=cells)
    notebook.metadata = NotebookNode(
        kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"},
        language_info={"name": "python"},
        imgkit={"id": source.id, "kind": kind, "title": source.title, "minutes": source.minutes},
    )
    return notebook


def same(one: NotebookNode, other: NotebookNode) -> bool:
    """Whether two notebooks are the same but for outputs."""

    def core(notebook: NotebookNode) -> list:
        return [(c.cell_type, c.id, c.source, _own(c.metadata)) for c in notebook.cells]

    def _own(metadata: dict) -> dict:
        return {k: v for k, v in metadata.items() if k not in ("execution", "collapsed", "trusted")}

    return core(one) == core(other)


def to_text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def _notebook_cell(source: Source, cell: Cell, number: str, kind: Kind) -> NotebookNode:
    if cell.kind == "markdown":
        return new_markdown_cell(cell.text, id=number)
    if cell.kind == "task":
        text = solved(cell.text) if kind == "solution" else stub(cell.text)
        grading = _nbgrader(cell.task, solution=True)
        return new_code_cell(text, id=f"task-{_slug(cell.task)}", metadata={"nbgrader": grading})
    if cell.kind == "check":
        grading = _nbgrader(f"check-{cell.task}", points=source.task(cell.task).points)
        locked = {"nbgrader": grading, "editable": False, "deletable": False}
        return new_code_cell(cell.text, id=f"check-{_slug(cell.task)}", metadata=locked)
    tags = {"tags": ["setup"]} if cell.kind == "setup" else {}
    return new_code_cell(cell.text, id=number, metadata=tags)


def _nbgrader(grade_id: str, *, solution: bool = False, points: float | None = None) -> dict:
    fields = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
    }
    return fields | ({} if points is None else {"points": points, "cell_type": "code"})


def _banner(task: Task) -> NotebookNode:
    """What a task is worth and what it rules out, from its declaration."""
    parts = [
        f"**Task `{task.id}`**",
        task.worth,
        f"about {task.minutes} minutes",
        _LEVELS[task.level],
    ]
    if task.forbid:
        parts.append("without " + ", ".join(f"`{name}`" for name in task.forbid))
    return new_markdown_cell(" · ".join(parts), id=f"about-{_slug(task.id)}")


def _slug(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9-]", "-", name)[:50]
