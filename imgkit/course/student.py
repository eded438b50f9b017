"""What a student's notebook talks to: check, hint, target, use, solution, progress."""

import inspect
import os
import re
import sys
import textwrap
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import numpy as np

from imgkit.course import forbidden, keys, panel, progress, solutions, thumbnails
from imgkit.course.answers import describe
from imgkit.course.calling import call
from imgkit.course.identify import DEFINES
from imgkit.course.judge import judge
from imgkit.course.model import CourseError, Outcome, State, TaskResult

FEW = 20  # numbers of an array that are told one by one
GRADING = "IMGKIT_GRADING"  # set in a grader's kernel: nothing is checked or shown there


class CheckFailed(CourseError):
    """A check that did not pass. Its panel has said why; no traceback is shown."""


def exercise(name: str) -> "Exercise":
    """The exercise of this name or unique beginning of a name.

    >>> exercise("02").id
    '02_convolution'

    Raises
    ------
    CourseError
        If no exercise, or more than one, begins like that.
    """
    full = resolve(name, keys.names(), "exercise")
    return _Quiet(full) if GRADING in os.environ else Exercise(full)


def resolve(name: str, known: list[str], what: str) -> str:
    """The one known name that begins with ``name``, or an error that suggests."""
    found = [full for full in known if full == name] or [f for f in known if f.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CourseError(f"{what} {name!r} could be {', '.join(found)}: write more of it")
    near = get_close_matches(name, known, 1, 0.4)
    suggestion = f"; did you mean {near[0]!r}?" if near else "."
    raise CourseError(f"there is no {what} {name!r}{suggestion} There are: {', '.join(known)}")


class Exercise:
    """One exercise, seen from a student's notebook.

    Parameters
    ----------
    id : the exercise's whole name, ``02_convolution``
    """

    def __init__(self, id: str):
        self.id = id
        self._cells = _Cells.of_this_shell()
        self._hints: dict[str, int] = {}

    @property
    def key(self) -> keys.Key:
        return keys.load(self.id)

    def __repr__(self) -> str:
        return f"exercise {self.id}: {self.key.title}, {len(self.key.tasks)} tasks"

    def check(self, function: Callable | str) -> None:
        """Try a task's function on the visible cases and show what came of it.

        Parameters
        ----------
        function : the function, as it stands in the notebook

        Raises
        ------
        CheckFailed
            If it does not pass; the cell fails, without a traceback.
        """
        task = self._task_of(function)
        stale = self._cells.stale(task)
        if stale:
            text = (
                f"The cell that defines `{task}` did not run ({stale}). Mend it and run it again."
            )
            _display(panel.note(text, mark="✗"))
            raise CheckFailed(f"{task}: its cell did not run")
        function = self._of_notebook(task) if isinstance(function, str) else function
        if not callable(function):
            raise CourseError(f"{task} is not defined yet: run the cell that defines it first")
        if _is_reference(function):
            raise CourseError(f"{task} holds the reference now: run the cell that defines yours")
        result, outcomes = self._judge(task, function)
        progress.record(self.id, task, state=result.state, tries=1)
        _display(self._panel(result, outcomes, self._advice(result, function)))
        if not result.state.passes:
            raise CheckFailed(f"{task}: {result.state}")

    def hint(self, task: str, number: int | None = None) -> None:
        """Show the next hint of a task, or hint ``number`` (1 to 3). Hints cost nothing."""
        task = self._task_of(task)
        hints = self.key.tasks[task].hints
        if number is None:
            number = min(self._hints.get(task, 0) + 1, len(hints))
        text = self.key.tasks[task].hint(number)
        self._hints[task] = number
        progress.record(self.id, task, hints=number)
        _display_markdown(f"**Hint {number} of {len(hints)}**\n\n{text}")

    def target(self, task: str, case: int = 0) -> None:
        """Show what a task is to give for one of its visible cases."""
        task = self._task_of(task)
        cases = self.key.cases[task]
        if not 0 <= case < len(cases):
            raise CourseError(f"case must be 0 to {len(cases) - 1}, got {case}")
        shown = cases[case]
        given = ", ".join(f"{name} = {_brief(value)}" for name, value in shown.inputs.items())
        words = f"{given} → {_brief(shown.expected)}"
        pictures = thumbnails.strip(shown, answered=False, shows=self.key.tasks[task].shows)
        _display(panel.target(self.key.tasks[task], shown.label, pictures, words))

    def use(self, task: str) -> Callable:
        """The student's function if it passes, else the reference; says which.

        So that one stuck task blocks nothing.
        """
        task = self._task_of(task)
        mine = self._of_notebook(task)
        if self._state(task).passes:
            print(f"{task}: yours")
            return mine
        print(f"{task}: the reference, for yours does not pass yet")
        return solutions.function(self.id, task)

    def solution(self, task: str) -> None:
        """Show the reference solution of a task. Asking before passing is noted in progress."""
        task = self._task_of(task)
        code = solutions.code(self.id, task)
        progress.record(self.id, task, solution=True)
        _display_markdown(f"```python\n{code}\n```")

    def progress(self) -> None:
        """Show where every task of this exercise stands in this notebook."""
        rows = []
        for task in self.key.tasks.values():
            state = self._state(task.id)
            rows.append((panel.MARKS[state], task.id, f"{state}, {task.worth}"))
        _display(panel.table(f"{self.key.title}: {len(rows)} tasks", rows))

    # -- inside ----------------------------------------------------------------------------

    def _task_of(self, function: Callable | str) -> str:
        name = function if isinstance(function, str) else getattr(function, "__name__", None)
        if name is None:
            example = f"as in ex.check({next(iter(self.key.tasks))})"
            raise CourseError(f"this takes a function, {example}, and got {describe(function)}")
        name = name.removeprefix(f"{self.id}.")
        if name in self.key.tasks:
            return name
        return resolve(name, list(self.key.tasks), f"task of {self.id}")

    def _state(self, task: str) -> State:
        """Where the notebook's own function stands."""
        function = self._of_notebook(task)
        if not callable(function) or _is_reference(function):
            return State.NOT_STARTED
        return self._judge(task, function)[0].state

    def _judge(self, task: str, function: Callable) -> tuple[TaskResult, list[Outcome]]:
        cases, others = self.key.cases[task], tuple(self.key.tasks)
        code = _source(function)
        aliases = forbidden.aliases_of(getattr(function, "__globals__", {}))
        names = forbidden.uses(code, self.key.tasks[task].forbid, aliases)
        outcomes = [call(function, case.inputs, others) for case in cases]
        verdict = judge(
            self.key.tasks[task],
            cases,
            outcomes,
            forbidden=names,
            loops=forbidden.loop_depth(code),
        )
        return verdict, outcomes

    def _panel(self, result: TaskResult, outcomes: list[Outcome], advice: str) -> panel.Panel:
        pictures = []
        if result.shown is not None and result.state != State.NOT_STARTED:
            case = self.key.cases[result.task.id][result.shown]
            pictures = thumbnails.strip(case, outcomes[result.shown].value, shows=result.task.shows)
        return panel.result(result, pictures, advice=advice)

    def _advice(self, result: TaskResult, function: Callable) -> str:
        """What to do next."""
        if result.state.passes:
            return "The grader tries other cases of the same kind."
        if result.state == State.NOT_STARTED:
            return f'Write the function, run its cell, then this one. `ex.hint("{result.task.id}")`'
        called = getattr(getattr(function, "__code__", None), "co_names", ())
        for task in self.key.tasks:
            if task in called and task != result.task.id and not self._state(task).passes:
                return f"It calls `{task}`, which does not pass yet: mend that first."
        return f'Stuck? `ex.hint("{result.task.id}")` – hints cost nothing.'

    def _of_notebook(self, name: str) -> Any:
        shell = _shell()
        return (shell.user_ns if shell else sys.modules["__main__"].__dict__).get(name)


class _Quiet(Exercise):
    """In a grader's kernel nothing is checked, shown or looked up: verdicts fall outside."""

    def check(self, function: Callable | str) -> None: ...

    def hint(self, task: str, number: int | None = None) -> None: ...

    def target(self, task: str, case: int = 0) -> None: ...

    def solution(self, task: str) -> None: ...

    def progress(self) -> None: ...

    def use(self, task: str) -> Callable:
        """The student's function, looked up when it is called, so that the grader's rebinding
        of answered tasks reaches it, also under a name that the student chose."""

        def student(*args, **kwargs):
            return _own(self._of_notebook(task))(*args, **kwargs)

        student.__name__ = task
        student.own = _own(self._of_notebook(task))  # for `pad = ex.use("pad")`
        return student


class _Cells:
    """Remembers which cells failed, so that a check never judges a stale definition."""

    def __init__(self):
        self._failed: dict[str, str] = {}
        self._before: dict[str, Any] = {}

    @classmethod
    def of_this_shell(cls) -> "_Cells":
        shell = _shell()
        if shell is None:
            return cls()
        if not isinstance(getattr(shell, "_imgkit_cells", None), cls):
            shell._imgkit_cells = cells = cls()
            shell.events.register("pre_run_cell", cells._begin)
            shell.events.register("post_run_cell", cells._end)
        return shell._imgkit_cells

    def stale(self, name: str) -> str:
        """Why the latest cell that defines ``name`` left it as it was; empty if it did not."""
        return self._failed.get(name, "")

    def _begin(self, info) -> None:
        names = DEFINES.findall(info.raw_cell or "")
        self._before = {name: _shell().user_ns.get(name) for name in names}
        for name in names:
            self._failed.pop(name, None)

    def _end(self, result) -> None:
        error = result.error_before_exec or result.error_in_exec
        for name, before in self._before.items():
            if error and _shell().user_ns.get(name) is before:
                self._failed[name] = f"{type(error).__name__}: {error}"


def _shell():
    """The running IPython shell, without importing IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _own(function: Callable) -> Callable:
    """What stands behind a function that ``use`` handed out in a grader's kernel."""
    return getattr(function, "own", function)


def _is_reference(function: Callable) -> bool:
    """Whether this is what ``use`` hands out for a task that does not pass."""
    module = getattr(function, "__globals__", {}).get("__name__", "")
    return str(module).startswith(solutions.MODULE)


def _source(function: Callable) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return ""


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray) and 0 < value.size <= FEW and value.dtype.kind in "biuf":
        shown = np.array2string(value, precision=4, suppress_small=True, separator=", ")
        return re.sub(r"(?<=\[) +| +(?=[],])", "", " ".join(shown.split()))
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int | str):
        return repr(value)
    if isinstance(value, dict) and len(value) <= 8:
        return "{" + ", ".join(f"{k!r}: {_brief(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple) and len(value) <= 4:
        return "(" + ", ".join(map(_brief, value)) + ")"
    return describe(value)


def _display(shown: panel.Panel) -> None:
    if _shell():
        from IPython.display import display

        display(shown)
    else:
        print(shown.text)


def _display_markdown(text: str) -> None:
    if _shell():
        from IPython.display import display

        display({"text/markdown": text, "text/plain": text}, raw=True)
    else:
        print(text)
