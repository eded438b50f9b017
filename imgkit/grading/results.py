"""What grading leaves behind: a JSON file per submission, grades.csv and junit.xml."""

import csv
import io
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

SCHEMA = 1


@dataclass(frozen=True)
class Picture:
    """A small picture of a case that failed, for the feedback page."""

    caption: str
    alt: str
    png: str
    "base64"
    width: int


@dataclass(frozen=True)
class TaskMark:
    """What one task earned, and why."""

    id: str
    title: str
    points: float
    max_points: float
    state: str
    mistake: str = ""
    "name of what went wrong, if it was recognised"
    says: str = ""
    remarks: list[str] = field(default_factory=list)
    cases: list[list] = field(default_factory=list)
    "[label, passed, words] each"
    pictures: list[Picture] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """One submission, graded or not."""

    student: str
    exercise: str
    file: str
    status: str
    "graded, timeout, kernel died, over limits, unreadable, missing, unknown exercise, error"
    points: float
    max_points: float
    seed: int
    tasks: list[TaskMark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    key: str = ""
    "hash of all that decides the marks"
    cpu_seconds: float = 0.0
    schema: int = SCHEMA

    @property
    def name(self) -> str:
        """A file name for this student's exercise, safe on every system."""
        plain = re.sub(r"[^A-Za-z0-9.-]+", "_", self.student).strip("._")[:60]
        if plain != self.student:
            plain += f"~{zlib.crc32(self.student.encode('utf-8', 'replace')):08x}"
        return f"{plain}--{self.exercise or 'unknown'}"


def to_json(result: Result) -> bytes:
    text = json.dumps(asdict(result), indent=1, ensure_ascii=False)
    return text.encode("utf-8", "replace")  # half a character, as "\ud800", fits into no file


def from_json(text: bytes) -> Result | None:
    """The result in a file, or None if it is not whole or of another schema."""
    try:
        fields = json.loads(text)
        if fields["schema"] != SCHEMA:
            return None
        tasks = [
            TaskMark(**task | {"pictures": [Picture(**p) for p in task["pictures"]]})
            for task in fields["tasks"]
        ]
        return Result(**fields | {"tasks": tasks})
    except (ValueError, KeyError, TypeError):
        return None


def to_csv(results: Sequence[Result], columns: Iterable[str]) -> str:
    """``grades.csv``: a row per student and exercise, a column per task.

    Parameters
    ----------
    columns : ``<exercise>.<task>`` in the order of the course; empty where it does not apply
    """
    columns = list(columns)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["student", "exercise", "points", "max_points", "status", *columns])
    for result in results:
        marks = {f"{result.exercise}.{task.id}": f"{task.points:g}" for task in result.tasks}
        head = [_no_formula(result.student), result.exercise]
        numbers = [f"{result.points:g}", f"{result.max_points:g}", result.status]
        writer.writerow([*head, *numbers, *(marks.get(column, "") for column in columns)])
    return stream.getvalue()


def _no_formula(text: str) -> str:
    """A spreadsheet would run a cell that begins like a formula; an apostrophe stops it."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r\n") else text


def to_junit(results: Sequence[Result]) -> str:
    """JUnit XML: a suite per submission, a test case per task."""
    root = ElementTree.Element("testsuites", name="imgkit grade")
    for result in results:
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_xml(f"{result.student}/{result.exercise}"),
            tests=str(len(result.tasks) or 1),
            failures=str(sum(task.points < task.max_points for task in result.tasks)),
            errors=str(int(not result.tasks)),
            time=f"{result.cpu_seconds:.2f}",
        )
        for task in result.tasks:
            case = ElementTree.SubElement(
                suite, "testcase", classname=_xml(result.exercise), name=task.id
            )
            if task.points < task.max_points:
                words = f"{task.state}: {task.points:g} of {task.max_points:g} points. {task.says}"
                ElementTree.SubElement(case, "failure", message=_xml(words))
        if not result.tasks:
            case = ElementTree.SubElement(suite, "testcase", classname="imgkit", name="grading")
            words = _xml(" ".join([result.status, *result.notes]))
            ElementTree.SubElement(case, "error", message=words)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


def read(folder: Path) -> dict[str, Result]:
    """The results that an earlier run left, by key."""
    found = [from_json(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    return {result.key: result for result in found if result}
