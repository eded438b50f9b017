"""Grading: submissions are rebuilt, run under nbval, and judged outside the student's kernel.

    from imgkit import grading
    report = grading.grade(Path("submissions"), out=Path("grades"))

What is where, in the order in which a submission passes through:

===================================  ======================================================
``submissions`` ``rebuild``          found and read; only its code cells are taken
``grader`` ``workers``               the run: who is graded, by which process, what is kept
``plugin`` ``kernel``                nbval's classes, a kernel under limits
``launch`` ``probe``                 what runs in the student's kernel; trusted with nothing
``results`` ``feedback`` ``roster``  marks, pages, the class list
===================================  ======================================================

The names below are loaded when they are first used: each student's kernel imports ``launch`` and
``probe`` from here, and the grader itself has no business in it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgkit.grading.grader import Report, check_notebook, grade
    from imgkit.grading.kernel import Limits
    from imgkit.grading.results import Result, TaskMark

__all__ = ["Limits", "Report", "Result", "TaskMark", "check_notebook", "grade"]

_HOME = {
    "Limits": "kernel",
    "Report": "grader",
    "Result": "results",
    "TaskMark": "results",
    "check_notebook": "grader",
    "grade": "grader",
}


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(f"imgkit.grading.{_HOME[name]}"), name)
    raise AttributeError(f"module 'imgkit.grading' has no attribute {name!r}")
