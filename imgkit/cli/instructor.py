"""The instructor's verbs."""

from pathlib import Path
from typing import Annotated

import typer

from imgkit.cli.console import facts, marked, path, say, table, to_json

verbs = typer.Typer()
course = typer.Typer(no_args_is_help=True, help="Build the course from its sources.")
TEACH = "Teach"


@verbs.command(rich_help_panel=TEACH)
def grade(
    submissions: Annotated[
        Path, typer.Argument(metavar="SUBMISSIONS", help="A folder, a zip or a tar.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where grades and feedback go.")] = Path(
        "grades"
    ),
    exercise: Annotated[
        str | None, typer.Option("--exercise", "-e", help="Grade only this one.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Draws the hidden cases; drawn if not given.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Side by side; one per core if not given."),
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="A CSV file that names the class.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Grade a class's notebooks.

    Example: imgkit grade submissions.zip --exercise 02 --roster class.csv
    """
    import os

    from imgkit import grading
    from imgkit.course import workspace

    report = grading.grade(
        submissions,
        out=out,
        exercise=workspace.exercise_id(exercise) if exercise else None,
        seed=seed,
        jobs=jobs or os.cpu_count() or 1,
        roster=roster,
        say=lambda line: typer.echo(line, err=json),
    )
    if json:
        to_json([_row(result) for result in report.results])
    else:
        say("", _marks(report.results), "", *report.notes, _where(report.out))


def _row(result) -> dict:
    """A result for scripts: its marks, without the pictures."""
    names = ("student", "exercise", "points", "max_points", "status", "file", "seed", "notes")
    task_names = ("id", "points", "max_points", "state", "mistake")
    tasks = [{name: getattr(task, name) for name in task_names} for task in result.tasks]
    return {name: getattr(result, name) for name in names} | {"tasks": tasks}


def _marks(results):
    columns = ("student", "exercise", "points", "of", "status")
    shown = table(*columns, right=("points", "of"), folds=("student", "exercise", "status"))
    for result in results:
        graded = result.status == "graded"
        status = marked("✓" if graded else "!", result.status)
        numbers = f"{result.points:g}", f"{result.max_points:g}"
        shown.add_row(result.student, result.exercise, *numbers, status)
    return shown


def _where(out: Path):
    found = [
        ("grades", out / "grades.csv"),
        ("JUnit", out / "junit.xml"),
        ("feedback", out / "feedback"),
        ("class", out / "index.html"),
    ]
    return facts((name, path(place)) for name, place in found if place.exists())


@course.command()
def build(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAMES]", help="02 03; without any, all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Build nothing; exit code 1 if anything is due.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Build also what is up to date.")] = False,
) -> None:
    """Build lessons, exercises and solutions from their sources, where they have changed.

    Example: imgkit course build 02
    """
    from imgkit.course import build as builder

    names = [name.zfill(2) if name.isdigit() else name for name in names or ()]
    if not check:
        written = builder.build(names, force=force, say=typer.echo)
        say(f"{len(written)} files written." if written else "Everything is up to date.")
        return
    due = builder.outdated(names)
    for line in due:
        say(marked("✗", line))
    if due:
        say("", "Build them: `imgkit course build`")
        raise typer.Exit(1)
    say("Everything is up to date.")
