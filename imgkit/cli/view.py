"""What the student's verbs say: facts of the workspace in words, tables and data for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from imgkit import __version__
from imgkit.cli.console import (
    bar,
    code,
    commands,
    facts,
    indented,
    lines,
    mark,
    markdown,
    marked,
    path,
    table,
)

if TYPE_CHECKING:  # what is shown; importing the course takes time
    from pathlib import Path

    from imgkit.course.model import TaskResult
    from imgkit.course.workspace import (
        HandIn,
        Hint,
        LabPlace,
        Lesson,
        Reset,
        Standing,
        Started,
        Step,
        TaskStanding,
    )


# -- where you are -------------------------------------------------------------------------


def next_step(step: Step, standings: Sequence[Standing]) -> Group:
    """Where the student is, and what to type next."""
    touched = any(each.touched for each in standings)
    head = f"imgkit {__version__} · {_totals(standings)}" if touched else f"imgkit {__version__}"
    return lines(head, "", *_STEPS[step.do](step), "", "All commands: `imgkit --help`")


def _totals(standings: Sequence[Standing]) -> str:
    passed = sum(each.passed for each in standings)
    tasks = sum(len(each.tasks) for each in standings)
    earned = sum(each.earned for each in standings)
    points = sum(each.points for each in standings)
    return f"{passed} of {tasks} tasks passed, {earned:g} of {points:g} points"


def _to_build(step: Step) -> list[RenderableType]:
    return ["No exercises are built yet. Next: `imgkit course build`"]


def _to_start(step: Step) -> list[RenderableType]:
    exercise, finished = step.exercise, step.finished
    begin = "Nothing started yet."
    if finished:
        begin = f"All {len(finished.tasks)} tasks of {finished.title} pass."
    number = _short(exercise)
    rows = [(f"imgkit hand-in {_short(finished)}", "what to send")] if finished else []
    rows += [
        (f"imgkit start {number}", f"{exercise.title}, {_size(exercise)}"),
        ("imgkit list", "all lessons and exercises"),
    ]
    return [f"{begin} Next: `imgkit start {number}`", "", commands(rows)]


def _to_work(step: Step) -> list[RenderableType]:
    exercise, task = step.exercise, step.exercise.open_task
    about = f"{_count(task.task.points, 'point')}, about {task.task.minutes} minutes; {task.state}"
    about += f", {_count(task.tries, 'try', 'tries')}" if task.tries else ""
    number = _short(exercise)
    return [
        Text.assemble(f"Next in {exercise.title}: ", (task.task.id, "bold")),
        indented(task.task.title, 2),
        indented(about, 2),
        indented(path(exercise.notebook), 2),
        "",
        commands(
            [
                (f"imgkit lab {number}", "opens it"),
                (f"imgkit check {number}", "tries what you have saved"),
                (f"imgkit hint {task.name}", _hints_left(task)),
            ]
        ),
    ]


def _all_done(step: Step) -> list[RenderableType]:
    return ["Every task passes. Nothing is left but your own pictures."]


_STEPS = {"build": _to_build, "start": _to_start, "work": _to_work, "done": _all_done}


def course(lessons: Sequence[Lesson], standings: Sequence[Standing]) -> Group:
    """Lessons and exercises, and how far one is."""
    read = table("lesson", "title", "minutes", "", right=("minutes",), folds=("title",))
    for lesson in lessons:
        state = "" if lesson.notebook else Text("not built", "quiet")
        read.add_row(lesson.id, lesson.title, str(lesson.minutes or ""), state)
    columns = ("exercise", "title", "minutes", "points", "passed")
    solve = table(*columns, right=("minutes", "points"), folds=("title",))
    for each in standings:
        passed = bar(each.passed, len(each.tasks)) + f" {each.passed}/{len(each.tasks)}"
        passed = passed if each.touched else Text("not started", "quiet")
        solve.add_row(each.id, each.title, str(each.minutes), f"{each.points:g}", passed)
    parts = [read, ""] if lessons else []
    parts += [solve, ""] if standings else []
    return lines(*parts, _totals(standings) if standings else "No exercises are built yet.")


def progress(standings: Sequence[Standing]) -> Group:
    """Every task of some exercises."""
    columns = ("", "task", "state", "points", "tries", "hints")
    shown = table(*columns, right=("points", "tries", "hints"), folds=("task", "state"))
    for exercise in standings:
        if len(shown.rows):
            shown.add_row()
        head = Text(f"{exercise.id}", "bold")
        shown.add_row("", head, f"{exercise.passed} of {len(exercise.tasks)} passed")
        for each in exercise.tasks:
            seen = " (solution seen)" if each.solution_seen else ""
            shown.add_row(
                mark(_mark(each.state)),
                each.task.id,
                f"{each.state}{seen}",
                f"{each.task.points:g}",
                str(each.tries or ""),
                str(each.hints or ""),
            )
    return lines(shown, "", _totals(standings))


# -- start, lab, reset, hand-in ------------------------------------------------------------


def started(did: Started) -> Group:
    """What was copied, and what to do with it."""
    exercise = did.standing
    if did.created:
        head = marked("✓", path(did.notebook))
        words = f"{exercise.title}: {_size(exercise)}. It is yours to write in."
    else:
        head = marked("!", path(did.notebook), " is there already and stays as it is.")
        words = f"Start over with `imgkit reset {_short(exercise)}`; yours is kept as a backup."
    needs = f"It builds on {', '.join(did.unmet)}." if did.unmet else None
    rows = [(f"imgkit lab {_short(exercise)}", "opens it")]
    parts = [indented(words, 2), indented(needs, 2) if needs else None]
    lesson = indented(Text("Read first: ") + path(did.lesson), 2) if did.lesson else None
    return lines(head, *parts, lesson, "", commands(rows))


def opening(place: LabPlace) -> Group:
    """What JupyterLab is about to open."""
    opens = path(place.opens) if place.opens else path(place.root)
    return lines(Text("JupyterLab opens ") + opens + ". Stop it with Ctrl-C.")


def was_reset(did: Reset) -> Group:
    """What was put back, and where the former is."""
    head = marked("✓", path(did.notebook), " is as it was handed out.")
    kept = Text("Yours is kept as ") + path(did.backup) if did.backup else None
    again = "If it is open in JupyterLab: File > Reload Notebook from Disk."
    return lines(head, indented(kept, 2) if kept else None, indented(again, 2))


def handing_in(found: HandIn) -> Group:
    """The one file to send, and what speaks against it."""
    own = found.standing
    rows = [
        ("send", path(found.notebook, whole=True)),
        ("saved", f"{found.saved:%A, %d %B %Y, %H:%M}"),
        ("size", f"{found.bytes / 1000:,.0f} kB"),
        ("sha256", found.sha256[:12]),
        (
            "passed",
            f"{own.passed} of {len(own.tasks)} tasks, {own.earned:g} of {own.points:g} points",
        ),
    ]
    warnings = [marked("!", warning) for warning in found.warnings]
    last = f"Try the file as it is saved: `imgkit check {_short(own)}`"
    ready = None if warnings else "Ready. Your instructor needs this one file and no other."
    return lines(f"{own.id}: {own.title}", "", facts(rows), "", *warnings, ready, last)


# -- check, hint, solution -----------------------------------------------------------------


def checked(
    exercise: str,
    notebook: Path,
    results: Sequence[TaskResult],
    notes: Sequence[str],
    *,
    recorded: bool,
) -> Group:
    """Each task's state, what went wrong, and the first difference."""
    passed = sum(result.state.passes for result in results)
    stuck = [result for result in results if not result.state.passes]
    stuck.sort(key=lambda result: result.state == "not started")  # tried ones first
    width = max((len(result.task.id) for result in results), default=0)
    return lines(
        Text.assemble((exercise, "bold"), "  ") + path(notebook),
        "",
        *(part for result in results for part in _verdict(result, width)),
        "",
        *(marked("!", note) for note in notes),
        f"{passed} of {len(results)} tasks pass." + ("" if recorded else " Nothing is recorded."),
        f"Stuck? `imgkit hint {_typed(exercise)}.{stuck[0].task.id}`" if stuck else None,
    )


def _verdict(result: TaskResult, width: int) -> list[RenderableType]:
    name = Text(result.task.id.ljust(width), "bold")
    head = marked(_mark(result.state), name, f"  {result.state}")
    if result.state == "not started":
        return [head]
    says = [result.finding.says] if result.finding else list(result.remarks)
    failed = None if result.shown is None else result.cases[result.shown]
    says += [f"{failed.label}: {failed.says}"] if failed and failed.says else []
    head.append(f", {result.passed} of {len(result.cases)} cases")
    return [head, *(indented(words) for words in says)]


def hint(found: Hint) -> Group:
    """One hint."""
    task = found.task
    head = Text.assemble((f"Hint {found.number} of {found.of}", "bold"), f" for {task.name}")
    more = f"The next hint: `imgkit hint {task.name}`"
    if found.number == found.of:
        more = f"That was the last one. The solution: `imgkit solution {task.name}`"
    if not found.counted:
        number = min(found.number + 1, found.of)
        more = f"Another hint: `imgkit hint {task.name} {number}`"
    return lines(head, "", markdown(found.text), "", more)


def solution(task: TaskStanding, text: str) -> list[RenderableType]:
    """The code of a task's solution."""
    return [Text.assemble(("Solution", "bold"), f" of {task.name}"), "", code(text)]


# -- for scripts ---------------------------------------------------------------------------


def course_as_data(lessons: Sequence[Lesson], standings: Sequence[Standing]) -> dict:
    read = [
        {
            "id": lesson.id,
            "title": lesson.title,
            "minutes": lesson.minutes,
            "notebook": _text(lesson.notebook),
        }
        for lesson in lessons
    ]
    solve = [standing_as_data(each) for each in standings]
    for exercise in solve:
        del exercise["tasks"]
    return {"lessons": read, "exercises": solve}


def standing_as_data(standing: Standing) -> dict:
    return {
        "id": standing.id,
        "title": standing.title,
        "minutes": standing.minutes,
        "notebook": _text(standing.notebook),
        "points": standing.points,
        "earned": standing.earned,
        "tasks_passed": standing.passed,
        "tasks_total": len(standing.tasks),
        "tasks": [
            {
                "id": each.task.id,
                "title": each.task.title,
                "points": each.task.points,
                "state": str(each.state),
                "tries": each.tries,
                "hints": each.hints,
                "solution_seen": each.solution_seen,
            }
            for each in standing.tasks
        ],
    }


def checked_as_data(exercise: str, results: Sequence[TaskResult], notes: Sequence[str]) -> dict:
    tasks = [
        {
            "id": result.task.id,
            "state": str(result.state),
            "cases_passed": result.passed,
            "cases_total": len(result.cases),
            "mistake": result.finding.name if result.finding else None,
            "says": result.finding.says if result.finding else None,
            "remarks": list(result.remarks),
            "cases": [vars(case) for case in result.cases],
        }
        for result in results
    ]
    return {"exercise": exercise, "tasks": tasks, "notes": list(notes)}


def handing_in_as_data(found: HandIn) -> dict:
    return {
        "exercise": found.standing.id,
        "notebook": str(found.notebook),
        "bytes": found.bytes,
        "sha256": found.sha256,
        "saved": found.saved.isoformat(timespec="seconds"),
        "tasks_passed": found.standing.passed,
        "tasks_total": len(found.standing.tasks),
        "warnings": list(found.warnings),
    }


# -- words ---------------------------------------------------------------------------------


def _mark(state) -> str:
    from imgkit.course.panel import MARKS

    return MARKS[state]


def _short(standing: Standing) -> str:
    return _typed(standing.id)


def _typed(exercise: str) -> str:
    from imgkit.course.workspace import short

    return short(exercise)


def _size(standing: Standing) -> str:
    tasks = _count(len(standing.tasks), "task")
    return f"{tasks}, {_count(standing.points, 'point')}, about {standing.minutes} minutes"


def _hints_left(task: TaskStanding) -> str:
    seen, of = task.hints, len(task.task.hints)
    if not seen:
        return "a hint; they cost nothing"
    return f"hint {seen + 1} of {of}" if seen < of else "the last hint again"


def _count(number: float, one: str, many: str = "") -> str:
    return f"{number:g} {one if number == 1 else many or one + 's'}"


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
