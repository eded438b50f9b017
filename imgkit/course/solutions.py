"""The solved notebooks, for who asks: the source of a solution, and its function."""

import json
from collections.abc import Callable
from functools import cache

from imgkit.course.model import CourseError
from imgkit.places import home


def code(exercise: str, task: str) -> str:
    """The source of a task's solution."""
    for cell in _cells(exercise):
        if _grade_id(cell) == task:
            return "".join(cell["source"])
    raise CourseError(f"solutions/{exercise}.ipynb holds no solution of {task}")


def function(exercise: str, task: str) -> Callable:
    """A task's reference solution, ready to be called."""
    return _namespace(exercise)[task]


MODULE = "solutions_of_"  # beginning of the module name that references live under


@cache
def _namespace(exercise: str) -> dict:
    """All solutions of an exercise, each able to call the others."""
    namespace: dict = {"__name__": MODULE + exercise}
    for cell in _cells(exercise):
        is_setup = "setup" in cell["metadata"].get("tags", ())
        is_task = cell["metadata"].get("nbgrader", {}).get("solution", False)
        if is_setup or is_task:
            exec("".join(cell["source"]), namespace)
    return namespace


def _cells(exercise: str) -> list[dict]:
    path = home() / "solutions" / f"{exercise}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        raise CourseError(f"the solutions of {exercise} are not installed here") from None
    return [cell for cell in cells if cell["cell_type"] == "code"]


def _grade_id(cell: dict) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")
