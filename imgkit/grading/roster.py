"""The class list: a CSV file that names every student once."""

import csv
from pathlib import Path

from imgkit.course.model import CourseError
from imgkit.grading.submissions import plain


def read_roster(path: Path) -> list[str]:
    """The names in the column ``student``, or in the first column if there is none.

    Raises
    ------
    CourseError
        If the file is missing, not text or empty.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        semicolons = lines and ";" in lines[0] and "," not in lines[0]  # as some countries' Excel
        rows = csv.reader(lines, delimiter=";" if semicolons else ",")
        rows = [row for row in rows if any(cell.strip() for cell in row)]
    except OSError as error:
        raise CourseError(f"roster {path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise CourseError(f"roster {path} is not a CSV file in UTF-8") from None
    if not rows:
        raise CourseError(f"roster {path} is empty")
    head = [cell.strip().casefold() for cell in rows[0]]
    column = head.index("student") if "student" in head else 0
    body = rows[1:] if "student" in head or "name" in head else rows
    names = [plain(row[column]).strip() for row in body if len(row) > column]
    return list(dict.fromkeys(filter(None, names)))
