"""From a student's file to the notebook that is graded.

Only the sources of the student's code cells are taken. Tags, metadata, outputs, locked cells
and everything else come from the instructor's source or not at all.
"""

import ast
import contextlib
import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from imgkit.course.identify import DEFINES
from imgkit.course.model import Case, CourseError
from imgkit.course.source import Source, stub

MAX_CELLS = 2000
MAX_CODE = 1_000_000  # characters in all; a syntax tree takes some hundred times as much memory
_TALKS = re.compile(r"\bex\.\w+\(")
_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
_ASSIGNS = re.compile(r"^(\w+) *=(?!=)", re.MULTILINE)


class Unreadable(CourseError):
    """The file is no notebook that can be graded; the message says why in one line."""


@dataclass(frozen=True)
class Handed:
    """What is taken of a student's file."""

    cells: tuple[str, ...]
    claims: str = ""
    "the exercise that its metadata names"


@dataclass(frozen=True)
class Rebuilt:
    """A notebook ready to be run: setup, the student's cells, a probe for every case."""

    setup: tuple[str, ...]
    student: tuple[str, ...]
    notes: tuple[str, ...]
    "what was put back, replaced or left out, for the report"


def read(content: bytes) -> Handed:
    """The sources of a notebook's code cells.

    Raises
    ------
    Unreadable
        If it is not JSON, no notebook, of an old format, nested too deep or too long.
    """
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise Unreadable("it is nested too deeply for a notebook") from None
    except (ValueError, UnicodeDecodeError):
        raise Unreadable("it is not a notebook: not JSON") from None
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise Unreadable("it is not a notebook: JSON of another kind")
    if notebook["nbformat"] != 4:
        version = str(notebook["nbformat"])[:10]
        raise Unreadable(
            f"it has notebook format {version}; open it in Jupyter and save it again (format 4)"
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list) or len(cells) > MAX_CELLS:
        raise Unreadable(f"it has no list of cells, or more than {MAX_CELLS}")
    metadata = notebook.get("metadata")
    about = metadata.get("imgkit") if isinstance(metadata, dict) else None
    claims = about.get("id") if isinstance(about, dict) else None
    sources = tuple(_sources(cells))
    if sum(map(len, sources)) > MAX_CODE:
        raise Unreadable(f"its code is longer than {MAX_CODE:,} characters")
    return Handed(sources, claims if isinstance(claims, str) else "")


def _sources(cells: list):
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise Unreadable("a cell's source is not text")
        yield source.encode("utf-8", "replace").decode()  # lone surrogates cannot be sent


def rebuild(source: Source, cells: Sequence[str]) -> Rebuilt:
    """The student's cells between the instructor's set-up and the probes.

    Cells that only talk to the kit (checks, targets, demonstrations through ``ex.use``) are left
    out where they stand as they were given: the probes take their place. An untouched stub
    beside a written version of the same task is left out too, or a copied cell would undo the
    work.
    """
    setup = tuple(cell.text for cell in source.of("setup"))
    checks = {_squeezed(cell.text) for cell in source.of("check")}
    given = checks | {_squeezed(c.text) for c in source.of("code") if _TALKS.search(c.text)}
    stubs = {_squeezed(stub(cell.text)): cell.task for cell in source.of("task")}
    plain = [_squeezed(cell) for cell in cells]
    written = [name for cell, text in zip(cells, plain, strict=True) if text not in stubs
               for name in DEFINES.findall(cell)]  # fmt: skip
    kept, notes = [], []
    for cell, text in zip(cells, plain, strict=True):
        if not text or text in given or text in map(_squeezed, setup):
            continue
        if stubs.get(text) in written:
            notes.append(f"{stubs[text]}: an empty copy of its cell was left out")
            continue
        kept.append(cell)
    notes += _remarks(source, written, kept, checks)
    return Rebuilt(setup, tuple(kept), tuple(notes))


def _remarks(source: Source, written: list[str], kept: list[str], checks: set[str]) -> list[str]:
    notes = []
    code = "\n".join(kept)
    defined = {*DEFINES.findall(code), *_ASSIGNS.findall(code)}
    for task in source.tasks:
        if written.count(task.id) > 1:
            notes.append(f"{task.id} is defined {written.count(task.id)} times: the last counts")
        if task.id not in defined:
            notes.append(f"{task.id}: its cell is missing")
    if any("ex.check(" in cell and _squeezed(cell) not in checks for cell in kept):
        notes.append("a check cell was changed; it decides nothing")
    return notes


def definitions(code: str) -> str:
    """The imports, functions and classes of a cell: what is left of one that ended its kernel.

    >>> definitions("def f():\\n    return 1\\nimport os; os._exit(0)")
    'def f():\\n    return 1\\nimport os'
    """
    _, tree = parsed(code)
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    try:
        return "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, kept))
    except RecursionError:
        return ""


def parsed(code: str) -> tuple[str, ast.Module]:
    """A cell's syntax tree, and the text that it belongs to; empty if it has none.

    Lines of IPython's own (``%time``, ``!ls``) count as nothing. They are not translated: that
    takes IPython five hundred passes over a cell that somebody made for it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in (code, _MAGIC.sub(r"\1pass", code)):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                return text, ast.parse(text)
    return "", ast.Module([], [])


def to_notebook(rebuilt: Rebuilt, cases: dict[str, Sequence[Case]]) -> str:
    """The rebuilt notebook as text.

    Probes stand there by name only: what they call the functions with, and the reference that
    later tasks lean on, never lie on a disk that the student's kernel can read.
    """
    cells = [_cell(text, "setup") for text in rebuilt.setup]
    cells += [_cell(text, "student") for text in rebuilt.student]
    for task, its_cases in cases.items():
        for number, case in enumerate(its_cases):
            about = {"task": task, "case": number}
            cells.append(_cell(f"# probe {task}: {case.label}", "probe", **about))
    return nbformat.writes(new_notebook(cells=cells))


def _cell(text: str, kind: str, **about):
    return new_code_cell(text, metadata={"imgkit": {"kind": kind, **about}})


def _squeezed(code: str) -> str:
    """A cell's text without blank ends of lines, as editors leave them or not."""
    return "\n".join(line.rstrip() for line in code.strip().splitlines())
