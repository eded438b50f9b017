"""A student's own folder, ``work/``: what lies there, how far it is, what comes next.

Facts and actions without words for a terminal; ``imgkit.cli`` has those. Everything a student
wrote is kept: a start never overwrites, a reset leaves a backup, and a link that stands where
a notebook should is never written through.
"""

from imgkit.course.workspace.actions import (
    Hint,
    LabPlace,
    Reset,
    Started,
    changed,
    lab_place,
    next_hint,
    record,
    reset,
    solution,
    start,
)
from imgkit.course.workspace.names import exercise_id, identify, notebook_at, short
from imgkit.course.workspace.sending import HandIn, hand_in
from imgkit.course.workspace.standing import (
    Lesson,
    Standing,
    Step,
    TaskStanding,
    lessons,
    next_step,
    standing,
    standings,
    task_of,
)

__all__ = [
    "HandIn",
    "Hint",
    "LabPlace",
    "Lesson",
    "Reset",
    "Standing",
    "Started",
    "Step",
    "TaskStanding",
    "changed",
    "exercise_id",
    "hand_in",
    "identify",
    "lab_place",
    "lessons",
    "next_hint",
    "next_step",
    "notebook_at",
    "record",
    "reset",
    "short",
    "solution",
    "standing",
    "standings",
    "start",
    "task_of",
]
