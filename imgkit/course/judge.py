"""From outcomes to a verdict. The student's check and the grader share this, word for word."""

from collections.abc import Sequence

from imgkit.course.compare import Match, parse
from imgkit.course.diagnosis import diagnose
from imgkit.course.model import Case, CaseResult, Finding, Outcome, Raised, State, Task, TaskResult
from imgkit.course.symptoms import border_width

SLOW_SECONDS = 1.0  # CPU time for all cases; they are small


def judge(
    task: Task,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    *,
    forbidden: Sequence[str] = (),
    loops: int = 0,
) -> TaskResult:
    """Hold a task's outcomes against its cases.

    Parameters
    ----------
    task, cases : what was asked
    outcomes : what the student's function gave, one per case
    forbidden : forbidden names that the student's function uses
    loops : how deep the student's function nests its loops
    """
    if forbidden:
        return _not_allowed(task, cases, forbidden)
    compare = parse(task.compare)
    matches = [_match(compare, case, out) for case, out in zip(cases, outcomes, strict=True)]
    results = tuple(
        CaseResult(case.label, match.passed, match.says)
        for case, match in zip(cases, matches, strict=True)
    )
    finding = diagnose(task, cases, outcomes, matches)
    remarks = _remarks(task, outcomes, loops)
    state = _state(compare, cases, outcomes, matches, remarks)
    shown = next((i for i, match in enumerate(matches) if not match.passed), None)
    return TaskResult(
        task=task,
        state=state,
        cases=results,
        finding=None if state == State.NOT_STARTED else finding or _why_crashed(cases, outcomes),
        remarks=remarks if state.passes else (),
        shown=shown,
    )


def _not_allowed(task: Task, cases: Sequence[Case], names: Sequence[str]) -> TaskResult:
    words = " and ".join(f"`{name}`" for name in names)
    says = f"This task is to be done without {words}: that would do the work for you."
    results = tuple(CaseResult(case.label, False, f"uses {words}") for case in cases)
    return TaskResult(task, State.NOT_YET, results, Finding("forbidden", says))


def _match(compare, case: Case, outcome: Outcome) -> Match:
    if not outcome.raised:
        return compare(case.expected, outcome.value)
    raised = outcome.raised
    says = f"{raised.type}: {raised.message}" if raised.message else raised.type
    return Match(False, f"{says}, at `{raised.line}`" if raised.line else says)


def _not_written(raised: Raised | None) -> bool:
    return raised is not None and raised.type == "NotImplementedError" and not raised.inside


def _state(compare, cases, outcomes, matches, remarks) -> State:
    if outcomes and all(_not_written(outcome.raised) for outcome in outcomes):
        return State.NOT_STARTED
    if any(outcome.raised for outcome in outcomes):
        return State.CRASHED
    failing = [i for i, match in enumerate(matches) if not match.passed]
    if not failing:
        return State.COULD_BE_BETTER if remarks else State.PASSED

    def near(i: int) -> bool:
        agrees = lambda a, b: compare(a, b).passed  # noqa: E731
        border = border_width(agrees, cases[i].expected, outcomes[i].value)
        return matches[i].close or border is not None

    return State.ALMOST if all(map(near, failing)) else State.NOT_YET


def _why_crashed(cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Finding | None:
    """Words for a crash that its exception alone does not explain."""
    for case, raised in zip(cases, (outcome.raised for outcome in outcomes), strict=True):
        if raised is None:
            continue
        if raised.lost:
            return Finding(raised.type, f"The call was stopped: {raised.message}.")
        if raised.inside and raised.type == "NotImplementedError":
            says = (
                f"It calls `{raised.inside}`, which is not written yet. Write that first, or "
                f'go on with `my_{raised.inside} = ex.use("{raised.inside}")`.'
            )
            return Finding("not written yet", says)
        if raised.type == "TypeError" and not raised.line:  # it never came to run
            names = ", ".join(f"`{name}`" for name in case.inputs)
            says = f"The function has to take these arguments, by name, and no others: {names}."
            return Finding("wrong arguments", says)
    return None


def _remarks(task: Task, outcomes: Sequence[Outcome], loops: int) -> tuple[str, ...]:
    remarks = []
    changed = sorted({name for outcome in outcomes for name in outcome.changed})
    if changed:
        names = " and ".join(f"`{name}`" for name in changed)
        remarks.append(f"It changes its input {names}: whoever calls it would be surprised.")
    seconds = sum(outcome.seconds for outcome in outcomes)
    if seconds > SLOW_SECONDS:
        remarks.append(f"It is slow: {seconds:.1f} s for {len(outcomes)} small inputs.")
    elif loops > task.loops:
        less = f"a depth of {task.loops} is enough" if task.loops else "it can do without a loop"
        remarks.append(f"It loops {loops} deep; {less}.")
    return tuple(remarks)
