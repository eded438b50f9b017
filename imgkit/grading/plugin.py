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
    idle_seconds: float = 0.0

    def lose(self, reason: str, note: str = "") -> None:
        self.lost.append(reason)
        self.notes += [note] if note else []


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
        self.done: list[StudentCell] = []
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
        while not self.kernel.is_alive() and not self.spent:
            self.retire()
            self.start()
            for cell in self.done:
                if not cell.replay() or self.spent:
                    break  # a cell that ended this one too will do less the next time

    @property
    def spent(self) -> bool:
        """Whether the submission has used up its time."""
        run, kernel = self.run, self.kernel
        idle = run.idle_seconds + kernel.idle_seconds
        total = run.limits.total_seconds
        return run.cpu_seconds + kernel.cpu_seconds > total or idle > total * run.limits.wall_factor

    def out_of_time(self) -> bool:
        note = "its time was over before all of it had run"
        if self.spent and note not in self.run.notes:
            self.run.lose("timeout", note)
        return self.spent

    def retire(self) -> None:
        self.run.cpu_seconds += self.kernel.cpu_seconds
        self.run.idle_seconds += self.kernel.idle_seconds
        self.kernel.cpu_seconds = self.kernel.idle_seconds = 0.0
        self.kernel.stop()

    def teardown(self) -> None:
        if self.kernel:
            self.retire()


class _Cell(IPyNbCell):
    """nbval's cell, with a budget of CPU time and words for how it ended."""

    parent: GradedNotebook

    def setup(self) -> None:
        self.output_timeout = 15  # a busy machine may take its time
        self.parent.ready()

    def run_cell(self, seconds: float) -> tuple[str, str]:
        """Run the cell: the reason if the kernel was lost (``timeout``, ...), and the words."""
        kernel = self.parent.kernel
        kernel.budget(seconds)
        try:
            says = self.traceback()
            if not kernel.overtime:
                kernel.look()  # what it started and left running is held against this cell
        except KernelGone as gone:
            return gone.reason, str(gone)
        except Exception as error:  # nbval's RuntimeError for a dead kernel, or a broken message
            return "kernel died", f"{type(error).__name__}: {error}"[:200]
        finally:
            self.parent.timed_out = False
        return ("timeout", kernel.overtime) if kernel.overtime else ("", says)

    def traceback(self) -> str:
        """Run the cell as nbval does; what it raised, if it did."""
        try:
            super().runtest()
        except NbCellError as error:
            if self.parent.timed_out and not self.parent.kernel.overtime:
                says = "its output was lost; it may have printed too much at once"
                raise KernelGone("output", says) from None
            return str(error.inner_traceback or error)[-2000:]
        return ""


class StudentCell(_Cell):
    """A set-up cell or one of the student's. That it fails costs nothing by itself."""

    def setup(self) -> None:
        self.left_out = self.parent.out_of_time()
        if not self.left_out:
            super().setup()

    def runtest(self) -> None:
        if self.left_out:
            pytest.fail("not run", pytrace=False)
        lost, says = self.run_cell(self.parent.run.limits.cell_seconds)
        self.test_outputs = None  # nobody reads them, and they may be many
        if lost:
            first = self.cell.source.strip().split("\n")[0][:60]
            self.parent.run.lose(lost, f"the cell that begins `{first}`: {says}")
        self.parent.done.append(self)
        self.weaken()
        if lost or says:
            pytest.fail(says, pytrace=False)

    def replay(self) -> bool:
        """Run the cell again in a new kernel; False if that, too, ended it."""
        self.run_cell(self.parent.run.limits.cell_seconds)
        return not self.weaken()

    def weaken(self) -> bool:
        """If the cell ended its kernel, keep only its definitions; if these did, nothing."""
        if self.parent.kernel.is_alive():
            return False
        kept = definitions(self.cell.source)
        self.cell.source = kept if kept != self.cell.source else ""
        return True


class ProbeCell(_Cell):
    """One case of one task."""

    def setup(self) -> None:
        about = self.cell.metadata["imgkit"]
        self.task, self.case = about["task"], about["case"]
        run = self.parent.run
        lost = sum(bool(out.raised and out.raised.lost) for out in run.outcomes[self.task])
        self.given_up = lost >= GIVE_UP_AFTER or self.parent.out_of_time()
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
            self.parent.run.lose(lost)
            return Outcome(raised=Raised(lost, says, lost=True))
        try:
            return _decode(self.test_outputs)
        except Exception as error:  # whatever a forged answer provokes
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
