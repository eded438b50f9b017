"""Reading notebooks as plain JSON: a command that answers at once cannot wait a second for
nbformat to be imported."""

import json
from pathlib import Path

from imgkit.course.model import CourseError


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
