"""Grading: submissions in, marks out.

Each submission is rebuilt, run under nbval in a worker process and judged there, outside the
student's kernel. A result is written as soon as it is there, whole; a run that was stopped goes
on where it was, because each result is filed under a hash of all that decides it.
"""

import base64
import hashlib
import io
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import imgkit
from imgkit.course import build, forbidden, source, thumbnails
from imgkit.course.judge import judge
from imgkit.course.model import Case, CourseError, Outcome, State, Task, TaskResult
from imgkit.course.reference import Reference
from imgkit.course.student import resolve
from imgkit.grading import feedback, rebuild, results
from imgkit.grading.kernel import Limits
from imgkit.grading.results import Picture, Result, TaskMark
from imgkit.grading.roster import read_roster
from imgkit.grading.submissions import Submission, find
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
    known = {path.stem: path for path in build.sources() if path.parent.name == "exercises"}
    wanted = resolve(exercise, list(known), "exercise") if exercise else None
    names = read_roster(roster) if roster else []
    found = find(submissions, list(known))
    seed = _seed(out, seed)
    chosen, done, notes = _choose(found, wanted, seed, limits)
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
    known = [p.stem for p in build.sources() if p.parent.name == "exercises"]
    (submission,) = find(path, known)
    job = _job(submission, None, 0, limits or Limits())
    if isinstance(job, Result):
        raise CourseError(f"{path.name}: {' '.join(job.notes)}")
    run, verdicts, notes = _judged(job)
    return verdicts, [*notes, *run.notes]


# -- which submissions ---------------------------------------------------------------------


def _seed(out: Path, seed: int | None) -> int:
    """The run's seed: given, or that of an earlier run into the same place, or drawn."""
    record = out / "run.json"
    if seed is None:
        try:
            seed = int(json.loads(record.read_text(encoding="utf-8"))["seed"])
        except (OSError, ValueError, KeyError, TypeError):
            seed = secrets.randbelow(2**31)
    write_whole(record, json.dumps({"seed": seed, "imgkit": imgkit.__version__}) + "\n")
    return seed


def _choose(
    found: list[Submission], wanted: str | None, seed: int, limits: Limits
) -> tuple[list[Job], list[Result], list[str]]:
    """One job per student and exercise, results for what cannot be run, and notes."""
    jobs: dict[tuple[str, str], tuple[float, str, Job | Result]] = {}
    notes = []
    for submission in found:
        job = _job(submission, wanted, seed, limits)
        if wanted and job.exercise != wanted:
            notes.append(f"{submission.path}: left out, it is {job.exercise or 'unknown'}")
            continue
        place = (submission.student, job.exercise)
        entry = (submission.when, submission.path, job)
        if place in jobs:
            earlier, later = sorted((jobs[place], entry), key=lambda e: (e[0], len(e[1]), e[1]))
            notes.append(
                f"{submission.student}: two files for {job.exercise or 'no exercise'}; "
                f"{later[1]} counts, {earlier[1]} does not"
            )
            entry = later
        jobs[place] = entry
    chosen = [job for _, _, job in jobs.values()]
    return (
        [job for job in chosen if isinstance(job, Job)],
        [job for job in chosen if isinstance(job, Result)],
        notes,
    )


def _job(submission: Submission, wanted: str | None, seed: int, limits: Limits) -> Job | Result:
    """What to run, or the result that says why nothing can be."""

    def failed(status: str, why: str) -> Result:
        name = wanted or next((e for e in _tasks() if e in submission.path), "")
        points = _max_points(name) if name else 0
        about = (submission.student, name, submission.path, status)
        return Result(*about, 0, points, seed, notes=[why])

    if submission.fault:
        return failed("unreadable", submission.fault)
    try:
        handed = rebuild.read(submission.content)
    except rebuild.Unreadable as error:
        return failed("unreadable", str(error))
    exercise = rebuild.identify(handed, submission.path, _tasks()) or wanted
    if exercise is None:
        return failed("unknown exercise", "it is no exercise of this course")
    return Job(submission.student, exercise, submission.path, handed.cells, seed, limits)


def _missing(
    names: list[str], done: list[Result], wanted: str | None, seed: int
) -> Iterator[Result] | list[Result]:
    """A row for everyone on the roster without a file."""
    have = {(result.student.casefold(), result.exercise) for result in done}
    exercises = [wanted] if wanted else sorted({r.exercise for r in done if r.exercise})
    why = ["no file was handed in"]
    return [
        Result(name, exercise, "", "missing", 0, _max_points(exercise), seed, notes=why)
        for name in names
        for exercise in exercises
        if (name.casefold(), exercise) not in have
    ]


@cache
def _tasks() -> dict[str, set[str]]:
    paths = [p for p in build.sources() if p.parent.name == "exercises"]
    return {path.stem: {task.id for task in _source(path.stem).tasks} for path in paths}


def _path(exercise: str) -> Path:
    return home() / "course" / "exercises" / f"{exercise}.py"


@cache
def _source(exercise: str) -> source.Source:
    return source.read(_path(exercise))


def _max_points(exercise: str) -> float:
    return sum(task.points for task in _source(exercise).tasks)


# -- running -------------------------------------------------------------------------------


def _run_all(jobs: list[Job], out: Path, workers: int, say: Say) -> list[Result]:
    """Run what has no result yet, side by side; each result is kept as soon as it is there."""
    kept = results.read(out / "results") if (out / "results").is_dir() else {}
    done = [kept[job.key] for job in jobs if job.key in kept]
    waiting = [job for job in jobs if job.key not in kept]
    if done:
        say(f"{len(done)} of {len(jobs)} were graded before and have not changed")
    for number, result in enumerate(_in_workers(waiting, workers), len(done) + 1):
        write_whole(out / "results" / f"{result.name}.json", results.to_json(result))
        done.append(result)
        marks = f"{result.points:g} of {result.max_points:g}"
        say(f"[{number}/{len(jobs)}] {result.student}, {result.exercise}: {marks} {result.status}")
    return done


def _in_workers(jobs: list[Job], workers: int) -> Iterator[Result]:
    if not jobs:
        return
    pool = ProcessPoolExecutor(
        min(workers, len(jobs)), mp_context=get_context("spawn"), initializer=_start_worker
    )
    try:
        waiting = {pool.submit(run_job, job): job for job in jobs}
        for future in as_completed(waiting):
            job = waiting[future]
            try:
                yield future.result()
            except BrokenProcessPool:
                yield _failed(job, "the grader's own process died")
            except Exception as error:
                yield _failed(job, f"the grader failed: {type(error).__name__}: {error}")
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker() -> None:
    from imgkit.grading.launch import die_with_parent

    die_with_parent()


def _failed(job: Job, why: str) -> Result:
    points = _max_points(job.exercise)
    return Result(job.student, job.exercise, job.file, "error", 0, points, job.seed, notes=[why])


def run_job(job: Job) -> Result:
    """Grade one submission, in this process."""
    run, verdicts, notes = _judged(job)
    marks = [_mark(verdict, run) for verdict in verdicts]
    return Result(
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
        judge(
            task,
            run.cases[task.id],
            run.outcomes[task.id],
            forbidden=forbidden.uses(code.of(task.id), task.forbid, code.aliases),
            loops=forbidden.loop_depth(code.of(task.id)),
        )
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

    with tempfile.TemporaryDirectory(prefix="imgkit-") as folder:
        notebook = Path(folder, "notebook.ipynb")
        notebook.write_text(text, encoding="utf-8")
        Path(folder, "pytest.ini").write_text("[pytest]\n")
        # pytest plugins of the instructor's environment have no business here
        options = [
            "-q",
            "--disable-plugin-autoload",
            "--noconftest",
            "--capture=no",
            "--rootdir",
            folder,
        ]
        options += ["-c", str(Path(folder, "pytest.ini")), "-p", "no:cacheprovider"]
        # these would collect garbage at length after every submission
        options += ["-p", "no:unraisableexception", "-p", "no:threadexception"]
        options += ["-p", "nbval.plugin", "--nbval-cell-timeout", "1000000", "--tb=no"]
        with redirect_stdout(io.StringIO()) as said:
            code = pytest.main([*options, str(notebook)], plugins=[GradingPlugin(run)])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise CourseError(f"nbval did not run the notebook: {said.getvalue()[-300:]}")


class _Code:
    """The student's functions, as text."""

    def __init__(self, cells: tuple[str, ...]):
        import ast

        from IPython.core.inputtransformer2 import TransformerManager

        self.aliases: dict[str, str] = {}
        self._functions: dict[str, str] = {}
        for cell in cells:
            try:
                code = TransformerManager().transform_cell(cell)
                tree = ast.parse(code)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            self.aliases |= forbidden.imported(tree)
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    self._functions[node.name] = ast.get_source_segment(code, node) or ""

        # `from numpy import pad` and later a pad of one's own
        self.aliases = {k: v for k, v in self.aliases.items() if k not in self._functions}

    def of(self, task: str) -> str:
        return self._functions.get(task, "")


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
    shown = thumbnails.strip(cases[verdict.shown], outcomes[verdict.shown].value)
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
