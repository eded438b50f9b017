"""Calling a task's function: on copies, timed, and never falling over what it does."""

import copy
import time
import traceback
from collections.abc import Callable
from typing import Any

from imgkit.course import answers
from imgkit.course.model import Outcome, Raised


def call(function: Callable, inputs: dict[str, Any], tasks: tuple[str, ...] = ()) -> Outcome:
    """Call a task's function on copies of the inputs and keep what came of it.

    Parameters
    ----------
    function : the task's function, a student's or the reference
    inputs : its arguments by name
    tasks : the exercise's other tasks, so that an exception from one of them says so
    """
    given = copy.deepcopy(inputs)
    begin = time.process_time()
    try:
        value = function(**given)
        seconds = time.process_time() - begin
        value = answers.plain(value)
    except (Exception, SystemExit) as error:
        return Outcome(raised=_raised(error, function, tasks), seconds=time.process_time() - begin)
    changed = tuple(name for name in inputs if not _same(inputs[name], given[name]))
    return Outcome(value, None, changed, seconds)


def _same(a: Any, b: Any) -> bool:
    return answers.pack(a) == answers.pack(b)


def _raised(error: BaseException, function: Callable, tasks: tuple[str, ...]) -> Raised:
    frames = traceback.extract_tb(error.__traceback__)
    own = function.__code__.co_filename if hasattr(function, "__code__") else ""
    lines = [frame for frame in frames if frame.filename == own]
    line = lines[-1].line or f"line {lines[-1].lineno}" if lines else ""
    inside = frames[-1].name if frames and frames[-1].name in tasks else ""
    inside = "" if inside == getattr(function, "__name__", "") else inside
    return Raised(type(error).__name__, str(error)[:500], line, inside)
