"""Grading: submissions in, marks out.

Each submission is rebuilt, run under nbval in a worker process and judged there, outside the
student's kernel. A result is written as soon as it is there, whole; a run that was stopped goes
on where it was, because each result is filed under a hash of all that decides it.
"""

import ast
import base64
import contextlib
import hashlib
import io
import json
import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath

import imgkit
from imgkit.course import build, forbidden, source, thumbnails
from imgkit.course.identify import identify
from imgkit.course.judge import judge
from imgkit.course.model import Case, CourseError, Outcome, State, Task, TaskResult
from imgkit.course.reference import Reference
from imgkit.course.student import resolve
from imgkit.grading import feedback, rebuild, results, workers
from imgkit.grading.kernel import Limits
from imgkit.grading.results import Picture, Result, TaskMark
from imgkit.grading.roster import read_roster
from imgkit.grading.submissions import Submission, find, number_of
from imgkit.places import home, write_whole

Say = Callable[[str], None]
_LOST = ("timeout", "kernel died")  # statuses of their own; other losses are "over limits"


@dataclass(frozen=True)
class Job:
    """A submission ready to be run."""

    student: str
    exercise: str
    file: str
    cells: tuple[str, ...]
    seed: int
    limits: Limits
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A hash of all that decides the marks."""
        source_text = _path(self.exercise).read_text(encoding="utf-8")
        decides = [self.cells, self.seed, asdict(self.limits), imgkit.__version__, source_text]
        named = [self.student, self.exercise, self.file, self.notes]
        return hashlib.sha256(json.dumps([decides, named]).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Report:
    """A finished run."""

    out: Path
    results: list[Result]
    seed: int
    notes: list[str]

    def feedback(self, result: Result) -> Path:
        return self.out / "feedback" / f"{result.name}.html"


def grade(
    submissions: Path,
    *,
    out: Path,
    exercise: str | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    roster: Path | None = None,
    limits: Limits | None = None,
    say: Say = print,
) -> Report:
    """Grade a class.

    Parameters
    ----------
    submissions : a folder, a zip or a tar
    out : where ``grades.csv``, ``junit.xml``, ``index.html``, ``feedback/`` and ``results/`` go
    exercise : grade only this one; files that do not say what they are count as it
    seed : draws the hidden cases; drawn and recorded in ``out`` unless given
    jobs : submissions graded side by side; by default one per core
    roster : a CSV file whose column ``student`` (or first column) names the class
    limits : what a submission may use
    say : told what happens, a line at a time

    Raises
    ------
    CourseError
        If nothing can be graded; a submission that cannot be is a status, not an error.
    """
    limits = limits or Limits()
    known = list(_tasks())
    wanted = resolve(exercise, known, "exercise") if exercise else None
    names = read_roster(roster) if roster else []
    seed = _seed(out) if seed is None else seed
    if seed < 0:
        raise CourseError(f"seed must be 0 or more, got {seed}")
    chosen, done, notes = _choose(find(submissions, known), wanted, seed, limits)
    write_whole(out / "run.json", json.dumps({"seed": seed, "imgkit": imgkit.__version__}) + "\n")
    done += _run_all(chosen, out, jobs or os.cpu_count() or 1, say)
    done += _missing(names, done, wanted, seed)
    done.sort(key=lambda result: (result.student.casefold(), result.exercise))
    report = Report(out, done, seed, notes)
    _write(report, limits)
    return report


def check_notebook(path: Path, *, limits: Limits | None = None) -> tuple[list[TaskResult], list]:
    """Run one notebook as the grader would, on the visible cases.

    Returns
    -------
    The verdict on each task, and notes about the file.
    """
    (submission,) = find(path, list(_tasks()))
    job = _job(submission, None, 0, limits or Limits())
    if isinstance(job, Result):
        raise CourseError(f"{path.name}: {' '.join(job.notes)}")
    run, verdicts, notes = _judged(job)
    return verdicts, [*notes, *run.notes]


# -- which submissions ---------------------------------------------------------------------


def _seed(out: Path) -> int:
    """The seed of an earlier run into the same place, or a new one."""
    try:
        return int(json.loads((out / "run.json").read_bytes())["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        return secrets.randbelow(2**31)


def _choose(
    found: Iterable[Submission], wanted: str | None, seed: int, limits: Limits
) -> tuple[list[Job], list[Result], list[str]]:
    """One job per student and exercise, results for what cannot be run, and notes."""
    jobs: dict[tuple[str, str, str], tuple[float, str, Job | Result]] = {}
    notes = []
    for submission in found:
        job = _job(submission, wanted, seed, limits)
        if wanted and job.exercise != wanted:
            notes.append(f"{submission.path}: left out, it is {job.exercise or 'unknown'}")
            continue
        place = (submission.student, number_of(PurePosixPath(submission.path)), job.exercise)
        entry = (submission.when, submission.path, job)
        if place in jobs:
            earlier, later = sorted((jobs[place], entry), key=lambda e: (e[0], len(e[1]), e[1]))
            notes.append(
                f"{submission.student}: two files for {job.exercise or 'no exercise'}; "
                f"{later[1]} counts, {earlier[1]} does not"
            )
            entry = later
        jobs[place] = entry
    people = Counter(student for student, _ in {place[:2] for place in jobs})
    chosen = [
        replace(jobs[place][-1], student=f"{place[0]} ({place[1]})")
        if people[place[0]] > 1 and place[1]
        else jobs[place][-1]
        for place in sorted(jobs)
    ]
    return (
        [job for job in chosen if isinstance(job, Job)],
        [job for job in chosen if isinstance(job, Result)],
        notes,
    )


def _job(submission: Submission, wanted: str | None, seed: int, limits: Limits) -> Job | Result:
    """What to run, or the result that says why nothing can be."""

    def failed(status: str, why: str) -> Result:
        name = wanted or next((e for e in _tasks() if e in submission.path), "")
        points = _max_points(name)
        about = (submission.student, name, submission.path, status)
        return Result(*about, 0, points, seed, notes=[why])

    if submission.fault:
        return failed("unreadable", submission.fault)
    try:
        handed = rebuild.read(submission.content)
    except rebuild.Unreadable as error:
        return failed("unreadable", str(error))
    path, claims = submission.path, handed.claims
    exercise = identify(handed.cells, _tasks(), claims=claims, path=path) or wanted
    if exercise is None:
        return failed("unknown exercise", "it is no exercise of this course")
    return Job(submission.student, exercise, submission.path, handed.cells, seed, limits)


def _missing(names: list[str], done: list[Result], wanted: str | None, seed: int) -> list[Result]:
    """A row for everyone on the roster without a file."""
    have = {(_name_of(result).casefold(), result.exercise) for result in done}
    seen = {result.exercise for result in done if result.exercise}
    exercises = [wanted] if wanted else sorted(seen) or [""]
    why = ["no file was handed in"]
    return [
        Result(name, exercise, "", "missing", 0, _max_points(exercise), seed, notes=why)
        for name in names
        for exercise in exercises
        if (name.casefold(), exercise) not in have
    ]


def _name_of(result: Result) -> str:
    """The student's name without the number that tells two people of one name apart."""
    return result.student.removesuffix(f" ({number_of(PurePosixPath(result.file))})")


def _tasks() -> dict[str, set[str]]:
    paths = [p for p in build.sources() if p.parent.name == "exercises"]
    return {path.stem: {task.id for task in _source(path.stem).tasks} for path in paths}


def _path(exercise: str) -> Path:
    return home() / "course" / "exercises" / f"{exercise}.py"


def _source(exercise: str) -> source.Source:
    return _read(_path(exercise))


@cache
def _read(path: Path) -> source.Source:
    return source.read(path)


def _max_points(exercise: str) -> float:
    return sum(task.points for task in _source(exercise).tasks) if exercise else 0


# -- running -------------------------------------------------------------------------------


def _run_all(jobs: list[Job], out: Path, count: int, say: Say) -> list[Result]:
    """Run what has no result yet, side by side; each result is kept as soon as it is there."""
    kept = results.read(out / "results") if (out / "results").is_dir() else {}
    done = [kept[job.key] for job in jobs if job.key in kept]
    waiting = [job for job in jobs if job.key not in kept]
    if done:
        say(f"{len(done)} of {len(jobs)} were graded before and have not changed")
    with contextlib.closing(workers.each(run_job, waiting, count)) as finished:
        for job, result in finished:
            if isinstance(result, str):
                result = _failed(job, result)
            write_whole(out / "results" / f"{result.name}.json", results.to_json(result))
            done.append(result)
            marks = f"{result.points:g} of {result.max_points:g} {result.status}"
            say(f"[{len(done)}/{len(jobs)}] {result.student}, {result.exercise}: {marks}")
    return done


def _failed(job: Job, why: str) -> Result:
    points = _max_points(job.exercise)
    return Result(job.student, job.exercise, job.file, "error", 0, points, job.seed, notes=[why])


def run_job(job: Job) -> Result:
    """Grade one submission, in this process."""
    run, verdicts, notes = _judged(job)
    marks = [_mark(verdict, run) for verdict in verdicts]
    result = Result(
        student=job.student,
        exercise=job.exercise,
        file=job.file,
        status=_status(run.lost),
        points=round(sum(mark.points for mark in marks), 2),
        max_points=_max_points(job.exercise),
        seed=job.seed,
        tasks=marks,
        notes=[*job.notes, *notes, *run.notes],
        key=job.key,
        cpu_seconds=round(run.cpu_seconds, 2),
    )
    return results.from_json(results.to_json(result))  # as it will be when a run goes on


def _judged(job: Job):
    """Run a job's notebook under nbval and judge every task."""
    from imgkit.grading.plugin import Run

    exercise = _source(job.exercise)
    rebuilt = rebuild.rebuild(exercise, job.cells)
    run = Run(
        tasks={task.id: task for task in exercise.tasks},
        cases=_cases(job.exercise, job.seed),
        setup=list(rebuilt.setup),
        references={cell.task: source.solved(cell.text) for cell in exercise.of("task")},
        limits=job.limits,
    )
    _run_notebook(rebuild.to_notebook(rebuilt, run.cases), run)
    code = _Code(rebuilt.student)
    verdicts = [
        judge(task, run.cases[task.id], run.outcomes[task.id], **code.facts(task))
        for task in exercise.tasks
    ]
    return run, verdicts, rebuilt.notes


@cache
def _cases(exercise: str, seed: int) -> dict[str, tuple[Case, ...]]:
    reference = Reference(_source(exercise))
    return {task.id: tuple(reference.cases(task.id, seed)) for task in reference.source.tasks}


def _run_notebook(text: str, run) -> None:
    """Every cell a pytest item, on nbval's classes."""
    import pytest

    from imgkit.grading.plugin import GradingPlugin

    with tempfile.TemporaryDirectory(prefix="imgkit-") as folder, _pytest_of_our_own():
        notebook = Path(folder, "notebook.ipynb")
        notebook.write_text(text, encoding="utf-8")
        Path(folder, "pytest.ini").write_text("[pytest]\n")
        options = ["-q", "--disable-plugin-autoload", "--noconftest", "--capture=no"]
        options += ["--rootdir", folder, "-c", str(Path(folder, "pytest.ini"))]
        # the last two would collect garbage at length after every submission
        for plugin in ("cacheprovider", "unraisableexception", "threadexception"):
            options += ["-p", f"no:{plugin}"]
        options += ["-p", "nbval.plugin", "--nbval-cell-timeout", "1000000", "--tb=no"]
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = pytest.main([*options, str(notebook)], plugins=[GradingPlugin(run)])
    asked = {task: len(cases) for task, cases in run.cases.items()}
    if asked != {task: len(run.outcomes[task]) for task in asked}:
        raise CourseError(f"nbval did not run all of it ({code!r}): {said.getvalue()[-300:]}")


@contextlib.contextmanager
def _pytest_of_our_own() -> Iterator[None]:
    """What the instructor's own pytest is told has no business here."""
    before = dict(os.environ)
    os.environ |= {"PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Code:
    """The student's functions, as text."""

    def __init__(self, cells: tuple[str, ...]):
        self._aliases: dict[str, str] = {}
        self._last: dict[str, tuple[str, ast.FunctionDef]] = {}
        for code, tree in map(rebuild.parsed, cells):
            self._aliases |= forbidden.imported(tree)
            functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
            self._last |= {function.name: (code, function) for function in functions}
        # `from numpy import pad` and later a pad of one's own
        self._aliases = {k: v for k, v in self._aliases.items() if k not in self._last}

    def facts(self, task: Task) -> dict:
        """What the judge wants to know of a task's function."""
        if task.id not in self._last:
            return {}
        code = ast.get_source_segment(*self._last[task.id]) or ""
        try:
            names = forbidden.uses(code, task.forbid, self._aliases)
            return {"forbidden": names, "loops": forbidden.loop_depth(code)}
        except RecursionError:  # an expression of a thousand terms
            return {}


def _status(lost: list[str]) -> str:
    if not lost:
        return "graded"
    return lost[0] if lost[0] in _LOST else "over limits"


def _mark(verdict: TaskResult, run) -> TaskMark:
    task: Task = verdict.task
    return TaskMark(
        id=task.id,
        title=task.title,
        points=verdict.points,
        max_points=task.points,
        state=str(verdict.state),
        mistake=verdict.finding.name if verdict.finding else "",
        says=verdict.finding.says if verdict.finding else "",
        remarks=list(verdict.remarks),
        cases=[[case.label, case.passed, case.says] for case in verdict.cases],
        pictures=_pictures(verdict, run.cases[task.id], run.outcomes[task.id]),
    )


def _pictures(verdict: TaskResult, cases: tuple[Case, ...], outcomes: list[Outcome]) -> list:
    if verdict.shown is None or verdict.state in (State.NOT_STARTED, State.CRASHED):
        return []
    shown = thumbnails.strip(
        cases[verdict.shown], outcomes[verdict.shown].value, shows=verdict.task.shows
    )
    return [Picture(t.caption, t.alt, base64.b64encode(t.png).decode(), t.width) for t in shown]


# -- telling -------------------------------------------------------------------------------


def _write(report: Report, limits: Limits) -> None:
    graded = sorted({result.exercise for result in report.results if result.exercise})
    columns = [f"{name}.{task.id}" for name in graded for task in _source(name).tasks]
    write_whole(report.out / "grades.csv", results.to_csv(report.results, columns))
    write_whole(report.out / "junit.xml", results.to_junit(report.results))
    for result in report.results:
        write_whole(report.feedback(result), feedback.page(result))
    write_whole(report.out / "index.html", feedback.index(report, limits))
