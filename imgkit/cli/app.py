"""The command itself: its groups, its errors, and what it says without a verb."""

import os
import sys
from collections import defaultdict
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from imgkit import __version__
from imgkit.cli.console import complain, say

_MEANT = {  # what people type elsewhere
    "submit": "hand-in",
    "handin": "hand-in",
    "test": "check",
    "status": "progress",
    "jupyter": "lab",
    "open": "lab",
    "answer": "solution",
    "build": "course build",
    "verify": "doctor",
}


class Verbs(TyperGroup):
    """A group of commands: sections in its help, suggestions, errors of one line."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands, by whom they serve."""
        sections = defaultdict(list)
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            section = getattr(command, "rich_help_panel", None)
            section = section if isinstance(section, str) else "Commands"
            sections[section].append((name, command.get_short_help_str(limit=100)))
        widest = max(len(name) for rows in sections.values() for name, _ in rows)
        for section, rows in sections.items():
            with formatter.section(typer.style(section, bold=True)):
                formatter.write_dl([(name.ljust(widest), does) for name, does in rows])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command meant, or an error that suggests one."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            near = get_close_matches(name, self.list_commands(ctx), 1)
            meant = near[0] if near else "" if ctx.parent else _meant(name)
            guess = f" Did you mean '{meant}'?" if meant else ""
            ctx.fail(f"No such command '{name}'.{guess}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; whatever it raises becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, typer.Abort):
            typer.echo("\nStopped.", err=True)
            raise typer.Exit(130) from None
        except Exception as error:
            expected = hasattr(error, "exit_code") or isinstance(error, BrokenPipeError)
            if expected or "IMGKIT_TRACEBACK" in os.environ:
                raise
            complain(_in_words(error))
            raise typer.Exit(2) from None


def _meant(name: str) -> str:
    """The command that someone who knows other tools, or types an exercise, may want."""
    return f"start {name}" if name[:1].isdigit() else _MEANT.get(name, "")


def _in_words(error: Exception) -> str:
    """What a person can do something with."""
    if _is_told_well(error):
        return str(error)
    if isinstance(error, ImportError):
        return f"a part of the kit does not load ({error}). The cure: imgkit doctor"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    told = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"{told} – a fault of imgkit's own. With IMGKIT_TRACEBACK=1 it shows where."


def _is_told_well(error: Exception) -> bool:
    """Whether an error was written for people. Only a module that is loaded can have raised
    it, so none is imported to find out."""
    homes = (("imgkit.course.model", "CourseError"), ("imgkit.data.cards", "DataError"))
    kinds = [getattr(sys.modules[home], name) for home, name in homes if home in sys.modules]
    return isinstance(error, tuple(kinds))


app = typer.Typer(
    cls=Verbs,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done; 1 done, the answer is no; 2 an error; 130 stopped.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"imgkit {__version__}")
        raise typer.Exit


@app.callback()
def where_you_are(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    """Image processing by hand: lessons, exercises that check themselves, grading.

    Without a command it says where you are and what comes next.

    Example: imgkit start 00
    """
    if ctx.invoked_subcommand is None:
        from imgkit.cli import view
        from imgkit.course import workspace

        say(view.next_step(workspace.next_step(), workspace.standings()))


def _add_verbs() -> None:
    from imgkit.cli import data, everyone, instructor, student

    app.add_typer(student.verbs)
    app.add_typer(data.verbs, name="data", cls=Verbs, rich_help_panel="Learn")
    app.add_typer(instructor.verbs)
    app.add_typer(instructor.course, name="course", cls=Verbs, rich_help_panel="Teach")
    app.add_typer(everyone.verbs)


_add_verbs()


def main() -> None:
    """The entry point of the ``imgkit`` script."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # torch's idle threads sleep, not spin
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without ✓ gets ?, not a crash
    app(prog_name="imgkit")
