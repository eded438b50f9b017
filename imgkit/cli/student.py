"""The student's verbs."""

import os
import signal
import subprocess
import sys
from typing import Annotated
from urllib.parse import quote

import typer

from imgkit.cli import view
from imgkit.cli.console import confirmed, console, say, to_json

verbs = typer.Typer()
LEARN = "Learn"
# JupyterLab would ask for news and updates; nothing leaves this machine
_NO_NEWS = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]

ExerciseName = Annotated[
    str, typer.Argument(metavar="EXERCISE", help="Its number or the beginning of its name: 02")
]
TaskName = Annotated[
    str, typer.Argument(metavar="TASK", help="02.convolve2d, or convolve2d if no other has it")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@verbs.command("list", rich_help_panel=LEARN)
def list_course(json: AsJson = False) -> None:
    """List lessons and exercises, and how far you are.

    Example: imgkit list
    """
    from imgkit.course import workspace

    lessons, standings = workspace.lessons(), workspace.standings()
    if json:
        to_json(view.course_as_data(lessons, standings))
    else:
        say(view.course(lessons, standings))


@verbs.command(rich_help_panel=LEARN)
def start(exercise: ExerciseName) -> None:
    """Copy an exercise into work/, where it is yours. Never overwrites.

    Example: imgkit start 02
    """
    from imgkit.course import workspace

    say(view.started(workspace.start(exercise)))


@verbs.command(rich_help_panel=LEARN, context_settings={"ignore_unknown_options": True})
def lab(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EXERCISE",
            help="Opens it; without one, the first lesson. More options go to JupyterLab.",
        ),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address instead of opening it.")
    ] = False,
) -> None:
    """Open JupyterLab on your notebooks.

    Example: imgkit lab 02

    Example: imgkit lab --no-browser --port 8890
    """
    from imgkit.course import workspace

    rest = list(arguments or ())
    name = rest.pop(0) if rest and not rest[0].startswith("-") else None
    place = workspace.lab_place(name)
    say(view.opening(place))
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={place.root}"]
    if place.opens:
        below = place.opens.relative_to(place.root).as_posix()
        command.append(f"--LabApp.default_url=/lab/tree/{quote(below)}")
    command += _NO_NEWS + ["--no-browser"] * no_browser + rest
    raise typer.Exit(_become(command))


@verbs.command(rich_help_panel=LEARN)
def check(
    notebook: Annotated[
        str, typer.Argument(metavar="NOTEBOOK", help="A notebook, or the exercise it is: 02")
    ],
    json: AsJson = False,
) -> None:
    """Run a notebook as it is saved and judge every task. Exit code 0 if all pass.

    Example: imgkit check 02
    """
    from imgkit.course import workspace
    from imgkit.grading import check_notebook

    path = workspace.notebook_at(notebook)
    exercise = workspace.identify(path)
    with console(stderr=True).status(f"Running {path.name} …"):
        results, notes = check_notebook(path)
    recorded = workspace.record(path, results)
    if json:
        to_json(view.checked_as_data(exercise, results, notes))
    else:
        say(view.checked(exercise, path, results, notes, recorded=recorded))
    raise typer.Exit(0 if all(result.state.passes for result in results) else 1)


@verbs.command(rich_help_panel=LEARN)
def hint(
    task: TaskName,
    number: Annotated[
        str | None, typer.Argument(metavar="[N]", help="Which one; without it, the next.")
    ] = None,
) -> None:
    """Show the next hint of a task. Hints cost nothing.

    Example: imgkit hint 02.convolve2d
    """
    from imgkit.course import workspace
    from imgkit.course.model import CourseError

    if number and not number.isdecimal():
        raise CourseError(
            f"a hint has a number, 1 to 3, and no {number!r}; exercise and task are one word: "
            f"imgkit hint {task}.{number}"
        )
    say(view.hint(workspace.next_hint(task, int(number) if number else None)))


@verbs.command(rich_help_panel=LEARN)
def solution(task: TaskName, yes: Yes = False) -> None:
    """Show a task's solution. Asks first if it has not passed, and notes that you looked.

    Example: imgkit solution 02.convolve2d
    """
    from imgkit.course import workspace

    standing = workspace.task_of(task)
    question = f"{standing.name} has not passed yet ({standing.state}). Show the solution?"
    if standing.state.passes or confirmed(question, yes=yes):
        say(*view.solution(standing, workspace.solution(standing.name)))
    else:
        say(f"Not shown. The next hint: `imgkit hint {standing.name}`")


@verbs.command(rich_help_panel=LEARN)
def progress(
    exercise: Annotated[
        str | None, typer.Argument(metavar="[EXERCISE]", help="Only this one.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show also what is not started.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show each task's state, tries and hints.

    Example: imgkit progress
    """
    from imgkit.course import workspace

    if exercise:
        shown = [workspace.standing(workspace.exercise_id(exercise))]
    else:
        shown = [each for each in workspace.standings() if everything or each.touched]
    if json:
        to_json([view.standing_as_data(each) for each in shown])
    elif shown:
        say(view.progress(shown))
    else:
        say(view.next_step(workspace.next_step(), workspace.standings()))


@verbs.command(rich_help_panel=LEARN)
def reset(exercise: ExerciseName, yes: Yes = False) -> None:
    """Put an exercise back as it was. What you wrote stays beside it, as a backup.

    Example: imgkit reset 02
    """
    from imgkit.course import workspace

    name = workspace.exercise_id(exercise)
    question = f"Put {name} back as it was handed out? Yours is kept as a backup."
    if not workspace.changed(name) or confirmed(question, yes=yes):
        say(view.was_reset(workspace.reset(name)))
    else:
        say("Nothing is changed.")


@verbs.command("hand-in", rich_help_panel=LEARN)
def hand_in(exercise: ExerciseName, json: AsJson = False) -> None:
    """Say which file to send to your instructor, and what is still missing in it.

    Example: imgkit hand-in 02
    """
    from imgkit.course import workspace

    found = workspace.hand_in(exercise)
    if json:
        to_json(view.handing_in_as_data(found))
    else:
        say(view.handing_in(found))


def _become(command: list[str]) -> int:
    """Turn into another program, which then has the terminal and Ctrl-C to itself."""
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.call(command)
