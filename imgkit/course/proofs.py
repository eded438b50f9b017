"""Proofs that a check checks: run for every task whenever an exercise is built.

The empty stub is "not started", the solution passes, every mistake fails, earns at most half
of the points, is named as itself, and is told apart from every other by a visible case. A check
that nothing fails is a build error.
"""

from collections.abc import Sequence

from imgkit.course.calling import call
from imgkit.course.compare import likeness
from imgkit.course.judge import judge
from imgkit.course.model import Case, CourseError, Raised, State, Task, TaskResult
from imgkit.course.reference import Reference

SEEDS = (0, 1, 2, 3, 4)  # 0 draws the visible cases, the others stand for the grader's


def prove(reference: Reference) -> dict[str, tuple[Case, ...]]:
    """Prove every task of an exercise and return its visible cases.

    Raises
    ------
    CourseError
        With a line for each proof that fails.
    """
    visible, faults = {}, []
    for task in reference.source.tasks:
        by_seed = {seed: tuple(reference.cases(task.id, seed)) for seed in SEEDS}
        visible[task.id] = by_seed[0]
        faults += _told_apart(task, by_seed[0])
        for seed, cases in by_seed.items():
            faults += [f"{task.id}, seed {seed}: {f}" for f in _faults(reference, task, cases)]
    if faults:
        raise CourseError(f"{reference.source.path.name}:\n  " + "\n  ".join(faults))
    return visible


def _faults(reference: Reference, task: Task, cases: Sequence[Case]) -> list[str]:
    if not cases:
        return ["there are no cases"]
    faults = []
    empty = _result(task, cases, reference.stub(task.id))
    if empty.state != State.NOT_STARTED:
        faults.append(f"the stub is {str(empty.state)!r}")
    right = _result(task, cases, reference.solution(task.id), task.loops)
    if right.state != State.PASSED:
        why = [case.says for case in right.cases if not case.passed] or right.remarks
        faults.append(f"the solution is {str(right.state)!r}: {why[0]}")
    for mistake in task.mistakes:
        wrong = _result(task, cases, reference.mistake(task.id, mistake.name))
        if wrong.passed == len(cases):
            faults.append(f"the mistake {mistake.name} passes every case")
        elif wrong.points > task.points / 2:
            faults.append(
                f"the mistake {mistake.name} earns {wrong.points:g} of {task.points:g} points; "
                "more cases must show it"
            )
        elif wrong.finding is None or wrong.finding.name != mistake.name:
            named = wrong.finding.name if wrong.finding else "nothing"
            faults.append(f"the mistake {mistake.name} is named as {named}")
    return faults


def _result(task: Task, cases: Sequence[Case], function, loops: int = 0) -> TaskResult:
    return judge(task, cases, [call(function, case.inputs) for case in cases], loops=loops)


def _told_apart(task: Task, cases: Sequence[Case]) -> list[str]:
    """Every two mistakes must differ on a visible case, or naming one is a guess."""
    compare = likeness(task.compare)
    names = [mistake.name for mistake in task.mistakes]
    faults = []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            if all(_same(compare, case.wrong[one], case.wrong[other]) for case in cases):
                faults.append(f"{task.id}: no visible case tells {one} from {other}")
    return faults


def _same(compare, one, other) -> bool:
    if isinstance(one, Raised) or isinstance(other, Raised):
        return getattr(one, "type", 0) == getattr(other, "type", 1)
    return compare(one, other).passed and compare(other, one).passed
