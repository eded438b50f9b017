"""The terminal: marks, colours for dark and light, tables, paths, JSON.

On a terminal lines wrap at its width, and prose at 100 columns. Elsewhere nothing wraps, is cut
or coloured, so that a pipe gets whole names and paths.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

PROSE_WIDTH = 100
_ENDLESS = 10_000  # columns of what is no terminal

# Of middling lightness, so that they can be read on black and on white; marks say the same.
THEME = Theme(
    {
        "good": "#16825d",
        "bad": "#c2410c",
        "warn": "#b7791f",
        "quiet": "#6b7280",
        "command": "bold",
        "table.header": "#6b7280",
        "markdown.code": "bold",
        "markdown.code_block": "none",
        "markdown.item.bullet": "#6b7280",
        "markdown.item.number": "#6b7280",
    }
)
_STYLES = {"✓": "good", "✗": "bad", "≈": "warn", "!": "warn", "○": "quiet"}


def console(*, stderr: bool = False) -> Console:
    """A console for what standard output, or standard error, is at this moment."""
    made = Console(stderr=stderr, theme=THEME, highlight=False, emoji=False)
    if not made.is_terminal:
        made.width = _ENDLESS
    return made


def say(*parts: RenderableType) -> None:
    """Print, each part on its own line; texts are shown as they are, with `code` in bold."""
    out = console()
    if out.is_terminal:
        for part in parts:
            shown = prose(part) if isinstance(part, str) else part
            is_code = isinstance(shown, Text) and shown.no_wrap  # whole lines, to be copied
            narrow = None if is_code or isinstance(part, Table) else min(out.width, PROSE_WIDTH)
            out.print(shown, width=narrow, soft_wrap=bool(is_code))
        return
    with out.capture() as captured:
        out.print(lines(*parts))
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def complain(message: str) -> None:
    """One clear line on standard error."""
    console(stderr=True).print(Text.assemble(("Error:", "bold bad"), " ", message))


def to_json(value: Any) -> None:
    """Print a value for scripts."""
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask a person; a script has to say --yes.

    Raises
    ------
    CourseError
        If there is nobody to ask.
    """
    if yes:
        return True
    if not _someone_is_there():
        from imgkit.course.model import CourseError

        raise CourseError(f"{question} There is no terminal to ask on; add --yes")
    return typer.confirm(question)


def _someone_is_there() -> bool:
    return sys.stdin.isatty()


# -- pieces --------------------------------------------------------------------------------


def mark(symbol: str) -> Text:
    """A mark in its colour: ✓ ✗ ≈ ! ○."""
    return Text.assemble((symbol, _STYLES.get(symbol, "")))


def marked(symbol: str, *words: str | Text) -> Text:
    """A line that begins with a mark."""
    shown = [prose(part) if isinstance(part, str) else part for part in words]
    return Text.assemble(mark(symbol), " ", *shown)


def prose(text: str) -> Text:
    """Text whose `code` is bold on a terminal; elsewhere all but commands keep their ticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a tick without a partner is only a tick
        return Text(text)
    if console().is_terminal:
        return Text.assemble(*((part, "bold" if i % 2 else "") for i, part in enumerate(parts)))
    ticked = (f"`{part}`" if not part.startswith("imgkit ") else part for part in parts[1::2])
    parts[1::2] = ticked
    return Text("".join(parts))


def markdown(text: str) -> RenderableType:
    """Markdown, rendered on a terminal and as written elsewhere."""
    if not console().is_terminal:
        return Text(text)
    from rich.markdown import Markdown

    return Markdown(text, code_theme=_code_theme())


def code(text: str) -> RenderableType:
    """Python, to be read or copied: no frame, no numbers, no trailing blanks."""
    if not console().is_terminal:
        return Text(text)
    from rich.syntax import Syntax

    shown = Syntax("", "python", theme=_code_theme()).highlight(text)
    shown.rstrip()
    shown.no_wrap = True
    return shown


def _code_theme():
    """Weight before colour, and no background: readable on any."""
    from pygments.token import Comment, Keyword, Operator, String
    from rich.syntax import ANSISyntaxTheme

    styles = {
        Keyword: Style(bold=True),
        Operator.Word: Style(bold=True),
        Comment: Style(color="#6b7280"),
        String: Style(color="#16825d"),
        String.Doc: Style(color="#6b7280"),
    }
    return ANSISyntaxTheme(styles)


def path(place: Path, *, whole: bool = False) -> Text:
    """A path from here if it lies below here, unless the whole is wanted. Terminals can click."""
    place, here = place.absolute(), Path.cwd()
    short = place.relative_to(here) if place.is_relative_to(here) and not whole else place
    return Text.assemble((str(short), Style(link=place.as_uri())))


def bar(part: float, whole: float, *, width: int = 10) -> Text:
    """How much of something is done, as a bar."""
    filled = round(width * part / whole) if whole else 0
    return Text.assemble(("█" * filled, "good"), ("░" * (width - filled), "quiet"))


def table(*headers: str, right: Sequence[str] = (), folds: Sequence[str] = ()) -> Table:
    """A table without lines; numbers stand right, and what does not fit is folded, not cut."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="table.header")
    for header in headers:
        justify = "right" if header in right else "left"
        made.add_column(header, justify=justify, overflow="fold", no_wrap=header not in folds)
    return made


def commands(rows: Iterable[tuple[str, str]]) -> Padding:
    """What one can type, and what it does."""
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    made.add_column(style="command", no_wrap=True)
    made.add_column()
    for command, does in rows:
        made.add_row(command, does)
    return indented(made, 2)


def facts(rows: Iterable[tuple[str, str | Text]]) -> Table:
    """Names and values, one a line."""
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="quiet", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, value)
    return made


def indented(shown: RenderableType, by: int = 4) -> Padding:
    """A block moved to the right, all its lines."""
    return Padding(prose(shown) if isinstance(shown, str) else shown, (0, 0, 0, by), expand=False)


def lines(*parts: RenderableType | None) -> Group:
    """One under another; None is left out."""
    shown = [prose(part) if isinstance(part, str) else part for part in parts if part is not None]
    return Group(*shown)
