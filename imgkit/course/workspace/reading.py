"""Reading quickly: notebooks as plain JSON, keys without their cases.

A command that answers at once cannot wait a second for nbformat to be imported, nor load a few
thousand arrays to count points.
"""

import json
import zipfile
from pathlib import Path

from imgkit.course import keys
from imgkit.course.model import CourseError, Task


def outline(exercise: str) -> keys.Key:
    """An exercise's key without its cases and mistakes, in a tenth of the time of a whole one.

    Raises
    ------
    CourseError
        If there is no readable key.
    """
    try:
        with zipfile.ZipFile(keys.path(exercise)) as file:
            content = json.loads(file.read("key.json"))
        tasks = [_task(fields) for fields in content["tasks"]]
        about = [content[name] for name in ("id", "title", "minutes", "needs")]
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise CourseError(f"exercise {exercise} has no readable key: {error}") from None
    identity, title, minutes, needs = about
    return keys.Key(identity, title, minutes, tuple(needs), {t.id: t for t in tasks}, {})


def _task(fields: dict) -> Task:
    wanted = ("id", "title", "points", "minutes", "level", "compare")
    return Task(**{name: fields[name] for name in wanted}, hints=tuple(fields["hints"]))


def notebook(path: Path) -> dict:
    """A notebook's JSON.

    Raises
    ------
    CourseError
        If it cannot be read or is no notebook.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CourseError(f"{path} is not a readable notebook: it is not whole JSON") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise CourseError(f"{path} is not a readable notebook: it has no cells")
    return content


def about(content: dict) -> dict:
    """What the course wrote about a notebook: id, kind, title, minutes; empty if nothing."""
    metadata = content.get("metadata")
    found = metadata.get("imgkit") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def code_cells(content: dict) -> list[str]:
    """The sources of a notebook's code cells."""
    cells = [cell for cell in content["cells"] if isinstance(cell, dict)]
    sources = [cell.get("source", "") for cell in cells if cell.get("cell_type") == "code"]
    return [text if isinstance(text, str) else "".join(map(str, text)) for text in sources]
