"""A pytest plugin on nbval's own classes: runs a rebuilt notebook and judges it outside.

Every cell is an item, as in nbval. After the student's cells comes one probe per case; it calls
the task's function in the kernel and brings the answer here, where it is held against the
reference. The items of an earlier task's probes decide nothing about a later one.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from imgkit.course import answers
from imgkit.course.compare import parse
from imgkit.course.model import Case, Outcome, Raised, Task
from imgkit.grading import probe
from imgkit.grading.kernel import KernelGone, LimitedKernel, Limits
from imgkit.grading.rebuild import definitions

GIVE_UP_AFTER = 2  # timeouts or deaths in one task; its other cases are not run


@dataclass
class Run:
    """What one submission is run with, and what came of it."""

    tasks: dict[str, Task]
    cases: dict[str, tuple[Case, ...]]
    setup: list[str]
    references: dict[str, str]
    "task -> source of its solution; sent only once the task is answered"
    limits: Limits
    outcomes: dict[str, list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    lost: list[str] = field(default_factory=list)
    "reasons for which the kernel was stopped or died, in order"
    notes: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0


class GradingPlugin:
    """Collects the one rebuilt notebook of a run."""

    def __init__(self, run: Run):
        self.run = run

    def pytest_collect_file(self, file_path: Path, parent):
        if file_path.suffix == ".ipynb":
            collected = GradedNotebook.from_parent(parent, path=file_path)
            collected.run = self.run
            return collected
        return None


class GradedNotebook(IPyNbFile):
    """A rebuilt notebook. Markers and tags of the student mean nothing here."""

    run: Run

    def setup(self) -> None:
        self._deadly: set[int] = set()
        self._done: list[StudentCell] = []
        self.start()

    def start(self) -> None:
        self.kernel = LimitedKernel(self.run.limits)

    def collect(self):
        for item in super().collect():
            about = item.cell.metadata["imgkit"]
            kind = ProbeCell if about["kind"] == "probe" else StudentCell
            name = f"{about['task']}[{about['case']}]" if kind is ProbeCell else item.name
            yield kind.from_parent(
                self, name=name, cell_num=item.cell_num, cell=item.cell, options=defaultdict(bool)
            )

    def ready(self) -> None:
        """A living kernel, with the student's cells run again if the last one died."""
        self.timed_out = False
        if self.kernel.is_alive():
            return
        self.retire()
        self.start()
        for cell in self._done:
            cell.replay(whole=cell.cell_num not in self._deadly)

    def finished(self, cell: "StudentCell", *, deadly: bool) -> None:
        self._done.append(cell)
        if deadly:
            self._deadly.add(cell.cell_num)

    @property
    def spent(self) -> bool:
        """Whether the submission has used up its time."""
        return self.run.cpu_seconds + self.kernel.cpu_seconds > self.run.limits.total_seconds

    def retire(self) -> None:
        self.run.cpu_seconds += self.kernel.cpu_seconds
        self.kernel.cpu_seconds = 0.0
        self.kernel.stop()

    def teardown(self) -> None:
        self.retire()


class _Cell(IPyNbCell):
    """nbval's cell, with a budget of CPU time and words for how it ended."""

    parent: GradedNotebook

    def setup(self) -> None:
        self.output_timeout = 2
        self.parent.ready()

    def run_cell(self, seconds: float) -> tuple[str, str]:
        """Run the cell: the reason if the kernel was lost (``timeout``, ...), and the words."""
        self.parent.kernel.budget(seconds)
        try:
            super().runtest()
        except KernelGone as gone:
            return gone.reason, str(gone)
        except NbCellError as error:
            if self.parent.timed_out:
                return "timeout", f"it took more than {seconds:g} s of CPU time"
            return "", str(error.inner_traceback or error)[-2000:]
        except Exception as error:  # nbval's RuntimeError for a dead kernel, or a broken message
            return "kernel died", f"{type(error).__name__}: {error}"[:200]
        finally:
            self.parent.timed_out = False
        return "", ""


class StudentCell(_Cell):
    """A set-up cell or one of the student's. That it fails costs nothing by itself."""

    def runtest(self) -> None:
        lost, says = self.run_cell(self.parent.run.limits.cell_seconds)
        alive = self.parent.kernel.is_alive()
        self.parent.finished(self, deadly=bool(lost) and not alive)
        if lost:
            self.parent.run.lost.append(lost)
            first = self.cell.source.strip().split("\n")[0][:60]
            self.parent.run.notes.append(f"the cell that begins `{first}`: {says}")
        if lost or says:
            pytest.fail(says, pytrace=False)

    def replay(self, *, whole: bool) -> None:
        """Run the cell again in a new kernel; of one that ended its kernel, the definitions."""
        if not whole:
            self.cell.source = definitions(self.cell.source)
        self.run_cell(self.parent.run.limits.cell_seconds)


class ProbeCell(_Cell):
    """One case of one task."""

    def setup(self) -> None:
        about = self.cell.metadata["imgkit"]
        self.task, self.case = about["task"], about["case"]
        run = self.parent.run
        lost = sum(bool(out.raised and out.raised.lost) for out in run.outcomes[self.task])
        self.given_up = lost >= GIVE_UP_AFTER or self.parent.spent
        if not self.given_up:
            super().setup()

    def runtest(self) -> None:
        run = self.parent.run
        outcome = Outcome(raised=Raised("not run", "not run after the cases before it", lost=True))
        if not self.given_up:
            outcome = self.outcome()
        run.outcomes[self.task].append(outcome)
        case = run.cases[self.task][self.case]
        if outcome.raised:
            pytest.fail(f"{outcome.raised.type}: {outcome.raised.message}", pytrace=False)
        match = parse(run.tasks[self.task].compare)(case.expected, outcome.value)
        if not match.passed:
            pytest.fail(match.says, pytrace=False)

    def outcome(self) -> Outcome:
        self.cell.source = self.code()
        lost, says = self.run_cell(self.parent.run.limits.case_seconds)
        if lost:
            self.parent.run.lost.append(lost)
            return Outcome(raised=Raised(lost, says, lost=True))
        try:
            return _decode(self.test_outputs)
        except (answers.BadAnswer, KeyError, TypeError, ValueError, RecursionError) as error:
            return Outcome(raised=Raised("NoAnswer", str(error)[:300] or says[-300:]))

    def code(self) -> str:
        run = self.parent.run
        order = list(run.tasks)
        answered = {name: run.references[name] for name in order[: order.index(self.task)]}
        inputs = answers.to_text(run.cases[self.task][self.case].inputs)
        arguments = (self.task, inputs, answered, run.setup, order)
        return f"__import__({probe.__name__!r}, fromlist=['run']).run(*{arguments!r})"


def _decode(outputs: list) -> Outcome:
    """The outcome that a probe published, believing none of it."""
    found = [out.data[probe.MIME] for out in outputs or () if probe.MIME in out.get("data", {})]
    if not found:
        raise answers.BadAnswer("the kernel sent no answer")
    content = json.loads(str(found[-1]))
    changed = tuple(str(name)[:40] for name in content["changed"][:10])
    seconds = min(float(content["seconds"]), 1e6)
    if content["raised"]:
        words = {name: str(content["raised"].get(name, ""))[:500] for name in _RAISED}
        return Outcome(raised=Raised(**words), changed=changed, seconds=seconds)
    return Outcome(answers.from_text(content["value"]), None, changed, seconds)


_RAISED = ("type", "message", "line", "inside")
