"""Grading: submissions are rebuilt, run under nbval, and judged outside the student's kernel.

from imgkit import grading
report = grading.grade(Path("submissions"), out=Path("grades"))
"""

from imgkit.grading.grader import Report, check_notebook, grade
from imgkit.grading.kernel import Limits
from imgkit.grading.results import Result, TaskMark

__all__ = ["Limits", "Report", "Result", "TaskMark", "check_notebook", "grade"]
