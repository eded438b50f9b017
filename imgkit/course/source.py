"""Course sources: percent-format scripts whose cells carry tags.

A lesson is markdown and code. An exercise adds, for each task, cells tagged

    setup     imports and helpers: all that tasks, cases and mistakes may lean on
              (`ex = course.exercise(...)` stands in a cell without tag)
    task      the function, its solution between # BEGIN SOLUTION and # END SOLUTION
    hint      three per task, Markdown, from the idea to nearly the code
    cases     a function of a seeded generator that yields (label, inputs) pairs,
              or (label, inputs, truth) where the truth is not what the solution returns
    mistake   a plausible wrong version and says="the sentence that helps"
    check     ex.check(the_function)
"""

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from imgkit.course.compare import parse as parse_comparison
from imgkit.course.forbidden import loop_depth
from imgkit.course.model import CourseError, Mistake, Task

_KINDS = ("setup", "task", "hint", "cases", "mistake", "check")
_OPTIONS = {
    "task": {"points", "minutes", "level", "compare", "forbid", "shows"},
    "mistake": {"says"},
}
_BEGIN, _END = "# BEGIN SOLUTION", "# END SOLUTION"


@dataclass(frozen=True)
class Cell:
    """One cell of a source."""

    kind: str
    "markdown, code, or a tag of this module's list"
    text: str
    task: str | None = None
    options: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A lesson or an exercise as people write it."""

    id: str
    path: Path
    title: str
    minutes: int
    needs: tuple[str, ...]
    cells: tuple[Cell, ...]

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(_task(self, cell) for cell in self.cells if cell.kind == "task")

    @property
    def is_exercise(self) -> bool:
        return self.path.parent.name == "exercises"

    def task(self, task_id: str) -> Task:
        return next(task for task in self.tasks if task.id == task_id)

    def of(self, kind: str, task_id: str | None = None) -> list[Cell]:
        """The cells of one kind, of one task if it is named."""
        return [c for c in self.cells if c.kind == kind and task_id in (None, c.task)]


def read(path: Path) -> Source:
    """Read a lesson or an exercise.

    Raises
    ------
    CourseError
        If a tag, a task's declaration or a part of a task is missing or malformed; the message
        names the file, the task and the cure.
    """
    import jupytext  # a student's kernel never comes here

    try:
        text = path.read_text(encoding="utf-8")
        ast.parse(text)
        notebook = jupytext.reads(text, fmt="py:percent")
        about = dict(notebook.metadata.get("imgkit", {}))
    except SyntaxError as error:
        _complain(path, f"line {error.lineno}: {error.msg}")
    except Exception as error:  # not UTF-8, or a header that is no YAML
        _complain(path, f"it cannot be read: {' '.join(str(error).split())}")
    cells = tuple(_cell(path, number, cell) for number, cell in enumerate(notebook.cells, 1))
    source = Source(
        id=path.stem,
        path=path,
        title=about.get("title") or _complain(path, "its header has no imgkit: title"),
        minutes=about.get("minutes") or _complain(path, "its header has no imgkit: minutes"),
        needs=tuple(about.get("needs", ())),
        cells=cells,
    )
    if source.is_exercise:
        _check_exercise(source)
    return source


def stub(solution: str) -> str:
    """A task's cell as the student gets it: signature, docstring, an empty place."""
    before, rest = solution.split(_BEGIN, 1)
    after = rest.split(_END, 1)[1]
    indent = before.rsplit("\n", 1)[-1]
    return f"{before}# Your code here.\n{indent}raise NotImplementedError{after}"


def solved(solution: str) -> str:
    """A task's cell with its solution, without the markers."""
    lines = solution.splitlines()
    return "\n".join(line for line in lines if line.strip() not in (_BEGIN, _END))


def function_name(code: str) -> str:
    """The name of the function that a cell ends in; empty if it ends in something else."""
    last = ast.parse(code).body[-1:]
    return last[0].name if last and isinstance(last[0], ast.FunctionDef) else ""


# -- reading -------------------------------------------------------------------------------


def _complain(path: Path, what: str):
    raise CourseError(f"{path.name}: {what}")


def _cell(path: Path, number: int, cell) -> Cell:
    tags = cell.metadata.get("tags", [])
    options = {
        key: value
        for key, value in cell.metadata.items()
        if key not in ("tags", "lines_to_next_cell", "lines_to_end_of_cell_marker")
    }
    unknown = set(tags) - set(_KINDS)
    if unknown or len(tags) > 1:
        _complain(path, f"cell {number} has tags {tags}; it takes one of {', '.join(_KINDS)}")
    kind = tags[0] if tags else cell.cell_type
    task = options.pop("task", None)
    for name in options.keys() - _OPTIONS.get(kind, set()) if tags else ():
        _complain(path, f"cell {number}, a {kind}, takes no {name}=")
    if kind != "task" and _BEGIN in cell.source:
        _complain(path, f"cell {number} holds {_BEGIN} and no task: are its options well written?")
    if kind == "check":
        task = _checked(cell.source)
        if not task:
            _complain(path, f"cell {number}, a check, holds ex.check(the_function) and no more")
    if kind in ("task", "hint", "cases", "mistake", "check") and not task:
        _complain(path, f'cell {number} is a {kind} without task="..."')
    return Cell(kind, cell.source, task, options)


def _checked(code: str) -> str | None:
    found = re.fullmatch(r"\s*ex\.check\((\w+)\)\s*", code)
    return found and found[1]


def _task(source: Source, cell: Cell) -> Task:
    options = dict(cell.options)
    where = f"task {cell.task}"
    for name in ("points", "minutes", "level", "compare"):
        if name not in options:
            _complain(source.path, f"{where} does not declare {name}=")
    try:
        parse_comparison(options["compare"])
    except ValueError as error:
        _complain(source.path, f"{where}: {error}")
    fits = {
        "points": isinstance(options["points"], int | float) and options["points"] > 0,
        "minutes": isinstance(options["minutes"], int) and options["minutes"] > 0,
        "level": options["level"] in (1, 2, 3),
        "forbid": isinstance(options.get("forbid", []), list),
        "shows": options.get("shows", "numbers") in ("pictures", "places", "numbers"),
    }
    for name in (name for name, fit in fits.items() if not fit):
        _complain(source.path, f"{where}: {name}={options[name]!r} is not what it takes")
    function = ast.parse(cell.text).body[-1]
    title = (ast.get_docstring(function) or "").split("\n")[0].rstrip(".")
    code = solved(cell.text)
    places = options["compare"].startswith(("points", "boxes"))
    return Task(
        id=cell.task,
        title=title or _complain(source.path, f"{where} has no docstring"),
        points=options["points"],
        minutes=options["minutes"],
        level=options["level"],
        compare=options["compare"],
        forbid=tuple(options.get("forbid", ())),
        hints=tuple(hint.text for hint in source.of("hint", cell.task)),
        mistakes=tuple(
            Mistake(function_name(wrong.text), wrong.options.get("says", ""))
            for wrong in source.of("mistake", cell.task)
        ),
        loops=loop_depth(code),
        shows=options.get("shows", "places" if places else "pictures"),
    )


def _check_exercise(source: Source) -> None:
    """The parts that every task must have, before anything runs."""
    ids = [cell.task for cell in source.of("task")]
    if any("course.exercise(" in cell.text for cell in source.of("setup")):
        _complain(
            source.path,
            "`ex = course.exercise(...)` goes into a cell without tag: no task needs it",
        )
    for duplicate in {i for i in ids if ids.count(i) > 1}:
        _complain(source.path, f"two tasks are called {duplicate}")
    for cell in source.cells:
        if cell.task and cell.task not in ids:
            _complain(source.path, f"a {cell.kind} cell belongs to an unknown task {cell.task}")
    for cell in source.of("task"):
        if function_name(cell.text) != cell.task:
            _complain(source.path, f"the cell of task {cell.task} must end in that function")
        if re.findall(f"{_BEGIN}|{_END}", cell.text) != [_BEGIN, _END]:
            _complain(source.path, f"task {cell.task} needs {_BEGIN} and {_END} once each")
    for task in source.tasks:
        counts = {kind: len(source.of(kind, task.id)) for kind in ("cases", "check", "hint")}
        if counts != {"cases": 1, "check": 1, "hint": 3}:
            has = ", ".join(f"{count} {kind}" for kind, count in counts.items())
            _complain(source.path, f"task {task.id} needs 1 cases, 1 check, 3 hint; it has {has}")
        if not function_name(source.of("cases", task.id)[0].text):
            _complain(source.path, f"the cases of {task.id} must be a function of a generator")
        named = {mistake.name for mistake in task.mistakes if mistake.says} - {""}
        if len(named) < max(3, len(task.mistakes)):
            says = "needs 3 mistakes or more, each a function of its own name with says="
            _complain(source.path, f"task {task.id} {says}")
