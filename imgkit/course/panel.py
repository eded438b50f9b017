"""What a student sees: panels as HTML, each with a plain-text twin.

Colours are readable on light and dark pages and never the only sign: each state has a mark.
"""

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass

from imgkit.course.model import State, Task, TaskResult
from imgkit.course.thumbnails import Thumbnail

MARKS = {
    State.NOT_STARTED: "○",
    State.CRASHED: "✗",
    State.NOT_YET: "✗",
    State.ALMOST: "≈",
    State.PASSED: "✓",
    State.COULD_BE_BETTER: "✓",
}
_COLOURS = {"✓": "#16825d", "✗": "#c2410c", "≈": "#b7791f", "○": "#6b7280"}
_SHOWN_CASES = 3


@dataclass(frozen=True)
class Panel:
    """Something to display: HTML in a notebook, text everywhere else."""

    html: str
    text: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def result(result: TaskResult, pictures: Sequence[Thumbnail] = (), *, advice: str = "") -> Panel:
    """The verdict on one task: its state, the named mistake, the cases, the picture."""
    task, mark = result.task, MARKS[result.state]
    counted = f"{result.passed} of {len(result.cases)} visible cases pass"
    says = [result.finding.says] if result.finding else list(result.remarks)
    failed = [case for case in result.cases if not case.passed]
    more = f"and {len(failed) - _SHOWN_CASES} more" if len(failed) > _SHOWN_CASES else ""
    lines = [f"{mark} {task.id}: {result.state} – {counted}", *(f"  {s}" for s in says)]
    if result.state != State.NOT_STARTED:
        lines += [f"  {case.label}: {case.says}" for case in failed[:_SHOWN_CASES]]
        lines += [f"  {more}"] * bool(more)
    lines += [f"  [{p.alt}]" for p in pictures]
    lines += [f"  {advice}"] * bool(advice)

    body = f"<div><b>{mark} {_text(task.id)}: {result.state}</b> – {counted}</div>"
    body += "".join(f'<div style="margin-top:6px">{_code(s)}</div>' for s in says)
    if result.state != State.NOT_STARTED and failed:
        rows = "".join(
            f"<li><i>{_text(c.label)}</i>: {_code(c.says)}</li>" for c in failed[:_SHOWN_CASES]
        )
        rows += f"<li>{more}</li>" if more else ""
        body += f'<ul style="margin:6px 0 6px 18px;padding:0">{rows}</ul>'
    body += figures(pictures)
    body += f'<div style="opacity:.8;margin-top:4px">{_code(advice)}</div>' if advice else ""
    return Panel(_box(body, _COLOURS[mark]), "\n".join(lines))


def target(task: Task, label: str, pictures: Sequence[Thumbnail], words: str) -> Panel:
    """What a task is to give: an input and the expected answer."""
    points = f"{task.worth}, about {task.minutes} minutes"
    text = f"{task.id} ({points}): {task.title}\n  {label}: {words}"
    text += "".join(f"\n  [{p.alt}]" for p in pictures)
    body = f"<div><b>{_text(task.id)}</b> – {_text(task.title)} ({points})</div>"
    body += figures(pictures)
    body += f'<div style="opacity:.8"><i>{_text(label)}</i>: {_text(words)}</div>'
    return Panel(_box(body, "#6b7280"), text)


def note(text: str, *, mark: str = "○") -> Panel:
    """A sentence or two in a box."""
    return Panel(_box(_code(text), _COLOURS[mark]), text)


def table(title: str, rows: Sequence[tuple[str, str, str]]) -> Panel:
    """Rows of mark, name and words."""
    width = max((len(name) for _, name, _ in rows), default=0)
    lines = [title, *(f"  {mark} {name:<{width}}  {words}" for mark, name, words in rows)]
    cells = "".join(
        f'<tr><td style="text-align:left">{mark}</td><td style="text-align:left">{_text(name)}</td>'
        f'<td style="text-align:left">{_text(words)}</td></tr>'
        for mark, name, words in rows
    )
    return Panel(_box(f"<b>{_text(title)}</b><table>{cells}</table>", "#6b7280"), "\n".join(lines))


def figures(pictures: Sequence[Thumbnail]) -> str:
    """Pictures side by side, captioned, with alt text."""
    return "".join(
        '<figure style="display:inline-block;margin:6px 12px 2px 0;vertical-align:top">'
        f'<img src="data:image/png;base64,{base64.b64encode(p.png).decode()}" '
        f'alt="{_text(p.alt)}" width="{p.width}" '
        'style="image-rendering:pixelated;border:1px solid #8886">'
        f'<figcaption style="font-size:85%;opacity:.8">{_text(p.caption)}</figcaption></figure>'
        for p in pictures
    )


def _box(body: str, colour: str) -> str:
    style = f"border-left:4px solid {colour};padding:4px 12px;margin:4px 0;line-height:1.45"
    return f'<div style="{style}">{body}</div>'


def _text(text: str) -> str:
    return html.escape(str(text))


def _code(text: str) -> str:
    """Escaped text, with `backticks` as code."""
    parts = _text(text).split("`")
    if len(parts) % 2 == 0:  # an odd backtick is only a backtick
        return "`".join(parts)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))
