"""The reference: an exercise's own solutions, cases and mistakes, as functions.

It runs an instructor's source, so it belongs to the build and to the grader's process. A
student's kernel never loads it.
"""

import linecache
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from imgkit.course.answers import plain
from imgkit.course.calling import call
from imgkit.course.model import Case, CourseError
from imgkit.course.source import Source, function_name, solved, stub


class Reference:
    """The functions of one exercise, made by running its source.

    ``setup`` cells run first, then each task's solution, in one namespace. Mistakes and cases
    run in copies of it.
    """

    def __init__(self, source: Source):
        self.source = source

    @cached_property
    def _namespace(self) -> dict[str, Any]:
        namespace: dict[str, Any] = {"__name__": f"reference_{self.source.id}"}
        for number, cell in enumerate(self.source.of("setup")):
            self._run(cell.text, f"setup{number}", namespace)
        for cell in self.source.of("task"):
            self._run(solved(cell.text), cell.task, namespace)
        return namespace

    def solution(self, task_id: str) -> Callable:
        return self._namespace[task_id]

    def stub(self, task_id: str) -> Callable:
        (cell,) = self.source.of("task", task_id)
        return self._defined(stub(cell.text), f"{task_id}_stub")

    def mistake(self, task_id: str, name: str) -> Callable:
        """The wrong version, under the task's own name, as a student would have it."""
        cells = self.source.of("mistake", task_id)
        code = next(cell.text for cell in cells if function_name(cell.text) == name)
        return self._defined(code, f"{task_id}_{name}")

    def cases(self, task_id: str, seed: int) -> Iterator[Case]:
        """The task's cases for a seed, answered by the solution and by every mistake."""
        (cell,) = self.source.of("cases", task_id)
        rng = np.random.default_rng([seed, zlib.crc32(task_id.encode())])
        task = self.source.task(task_id)
        for label, inputs, truth in self._drawn(cell.text, task_id, rng):
            right = call(self.solution(task_id), inputs)
            if right.raised:
                raise CourseError(
                    f"{self.source.id}.{task_id}: the solution fails on {label!r}: "
                    f"{right.raised.type}: {right.raised.message}"
                )
            wrong = {
                mistake.name: call(self.mistake(task_id, mistake.name), inputs)
                for mistake in task.mistakes
            }
            answers_of = {name: out.raised or out.value for name, out in wrong.items()}
            yield Case(label, inputs, truth[0] if truth else right.value, answers_of)

    def _drawn(self, code: str, task_id: str, rng: np.random.Generator) -> list[tuple]:
        """Labels, inputs as a student's function gets them, and the truth if it is given."""
        try:
            drawn = self._defined(code, f"{task_id}_cases")(rng)
            return [(label, plain(inputs), plain(truth)) for label, inputs, *truth in drawn]
        except CourseError:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise CourseError(f"{self.source.id}.{task_id}: its cases fail: {why}") from error

    def _defined(self, code: str, label: str) -> Callable:
        namespace = dict(self._namespace)
        self._run(code, label, namespace)
        return namespace[function_name(code)]

    def _run(self, code: str, label: str, namespace: dict) -> None:
        file = f"<{self.source.id}.{label}>"
        # so that tracebacks and inspect.getsource find the lines
        linecache.cache[file] = (len(code), None, code.splitlines(True), file)
        try:
            exec(compile(code, file, "exec"), namespace)
        except Exception as error:
            raise CourseError(
                f"{self.source.path.name}: cell {label} fails: {type(error).__name__}: {error}"
            ) from error
