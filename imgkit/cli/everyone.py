"""The verbs for everyone."""

import dataclasses
from typing import Annotated

import typer
from rich.text import Text

from imgkit.cli.console import console, indented, marked, say, to_json

verbs = typer.Typer()
HELP = "Look around"


@verbs.command(rich_help_panel=HELP)
def demo() -> None:
    """Show the kit at work.

    Example: imgkit demo
    """
    from imgkit import demo as show

    raise typer.Exit(show.run(console()))


@verbs.command(rich_help_panel=HELP)
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Examine the installation and name the cure for what ails it.

    Example: imgkit doctor
    """
    from imgkit import doctor as practice

    findings = []
    for finding in practice.examine():
        findings.append(finding)
        if not json:
            _show(finding)
    failed = sum(finding.status == "fail" for finding in findings)
    if json:
        to_json([dataclasses.asdict(finding) for finding in findings])
    else:
        say("", f"{failed} to mend, see above." if failed else "All that is needed works.")
    raise typer.Exit(1 if failed else 0)


def _show(finding) -> None:
    symbol = {"ok": "✓", "warn": "!", "fail": "✗"}[finding.status]
    say(marked(symbol, Text(f"{finding.name}: {finding.says}")))
    if finding.cure:
        say(indented(f"→ {finding.cure}", 2))
