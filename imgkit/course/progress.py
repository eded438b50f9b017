"""A student's progress: one readable file beside their notebooks, nothing sent anywhere.

``imgkit start`` puts ``progress.json`` into the work folder. A check records there only if it
runs beside such a file, so building and grading notebooks leave no trace.
"""

import json
import os
from pathlib import Path

from imgkit.course.model import State
from imgkit.places import work, write_whole

NAME = "progress.json"


def nearest() -> Path | None:
    """The progress file that a notebook in the current folder belongs to, if any."""
    here = Path(os.environ.get("IMGKIT_WORK", Path.cwd())) / NAME
    return here if here.is_file() else None


def read(file: Path | None = None) -> dict:
    """What is recorded: exercise -> task -> state, tries, hints. Empty if nothing is.

    A file that cannot be read is kept under another name rather than overwritten.
    """
    file = file or work() / NAME
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if not all(isinstance(entry, dict) for entry in _entries(content)):
            raise ValueError("not exercise -> task -> facts")
        return content
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError):
        file.replace(file.with_suffix(".unreadable.json"))
        return {}


def record(exercise: str, task: str, file: Path | None = None, **facts) -> None:
    """Note facts about a task. A passed task stays passed; ``tries`` and such are sums.

    Parameters
    ----------
    exercise, task : their ids
    file : the progress file; by default the one beside the notebook, and without one nothing
        is recorded
    facts : ``state=State.PASSED``, ``tries=1`` (added), ``hints=2`` (the most so far counts),
        ``solution=True``
    """
    file = file or nearest()
    if file is None:
        return
    content = read(file)
    entry = content.setdefault(exercise, {}).setdefault(task, {})
    passed = state(content, exercise, task).passes
    if "state" in facts and (State(facts["state"]).passes or not passed):
        entry["state"] = str(facts["state"])
    entry["tries"] = entry.get("tries", 0) + facts.get("tries", 0)
    entry["hints"] = max(entry.get("hints", 0), facts.get("hints", 0))
    if facts.get("solution"):
        entry["solution"] = True
    _write(file, content)


def forget(exercise: str, file: Path) -> None:
    """Let an exercise's tasks count as not started; tries and hints stay."""
    content = read(file)
    for entry in content.get(exercise, {}).values():
        entry.pop("state", None)
    _write(file, content)


def state(content: dict, exercise: str, task: str) -> State:
    """A task's recorded state."""
    try:
        return State(content[exercise][task]["state"])
    except (KeyError, TypeError, ValueError):
        return State.NOT_STARTED


def _write(file: Path, content: dict) -> None:
    write_whole(file, json.dumps(content, indent=1, ensure_ascii=False))


def _entries(content: dict) -> list:
    return [entry for tasks in content.values() for entry in tasks.values()]
