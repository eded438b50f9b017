"""The kit's main job in about a minute: a student is checked, a class is graded.

Nothing is prepared: the notebooks are made from the course, run in kernels and judged here.
"""

import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode
from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from imgkit import data, filtering, grading, images, places
from imgkit.course import build, keys, solutions
from imgkit.grading.feedback import seen

EXERCISE = "02_convolution"
LIMITS = grading.Limits(cell_seconds=5, case_seconds=2)

# What a student might hand in: correlation, with the kernel turned as for convolution.
WRONG = """
def correlate2d(image, kernel):
    rows, columns = kernel.shape[0] // 2, kernel.shape[1] // 2
    padded = pad(image, rows, columns)
    result = np.zeros(image.shape)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            window = padded[i : i + image.shape[0], j : j + image.shape[1]]
            result += kernel[-1 - i, -1 - j] * window
    return result
"""
MENDED = WRONG.replace("kernel[-1 - i, -1 - j]", "kernel[i, j]")
CRASHING = "def correlate2d(image, kernel):\n    import os\n    os._exit(1)"
ENDLESS = "def correlate2d(image, kernel):\n    while True:\n        pass"


def run(console: Console, folder: Path | None = None) -> int:
    """Run the demonstration and return an exit code, 0 if all went as it should.

    Parameters
    ----------
    console : where it is told
    folder : where notebooks, pictures and grades go; emptied first, ``demo/`` by default
    """
    folder = folder or Path.cwd() / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    console.width = min(console.width, 100)
    console.rule("[bold]1. A student")
    passed = _student(console, folder)
    console.rule("[bold]2. A class")
    report = _class(console, folder)
    console.print("\nNext: `imgkit lab` (or make lab) opens the first lesson.", highlight=False)
    expected = {"ada": 1.0, "dan": 0.0}
    shares = {r.student: r.points / r.max_points for r in report.results}
    return 0 if passed and all(shares.get(name) == e for name, e in expected.items()) else 1


# -- a student -----------------------------------------------------------------------------


def _student(console: Console, folder: Path) -> bool:
    """A wrong answer is named, then mended; the mended code finds edges in a photograph."""
    said = {}
    for name, answer in (("wrong", WRONG), ("mended", MENDED)):
        console.print(f"\nExercise {EXERCISE}, task correlate2d, a {name} answer:\n")
        console.print(Syntax(answer.strip(), "python", background_color="default"))
        console.print()
        notebook = filled({"pad": _solution("pad"), "correlate2d": answer})
        check = _checked(notebook, "correlate2d")
        said[name] = _plain_text(check)
        for line in said[name].splitlines():
            indent = len(line) - len(line.lstrip()) + 2
            console.print(Padding(Text(line.strip()), (0, 0, 0, indent), expand=False))
        page = folder / f"check-{name}.html"
        places.write_whole(page, _page(check))
        console.print(f"  as the notebook shows it: {page}", highlight=False, soft_wrap=True)
    console.print(f"\nWhat the mended code makes of a photograph: {_edges(folder)}\n")
    return "not yet" in said["wrong"] and "correlate2d: passed" in said["mended"]


def _checked(notebook: NotebookNode, task: str) -> NotebookNode:
    """Run a notebook up to a task's check and return that cell."""
    last = next(i for i, c in enumerate(notebook.cells) if c.source == f"ex.check({task})")
    others = re.compile(r"^(images\.|ex\.)")
    notebook.cells = [
        cell
        for i, cell in enumerate(notebook.cells[: last + 1])
        if cell.cell_type == "code" and (i == last or not others.match(cell.source))
    ]
    build.execute(notebook, Path.cwd(), allow_errors=True)
    return notebook.cells[-1]


def _plain_text(cell: NotebookNode) -> str:
    return "\n".join(out.data["text/plain"] for out in cell.outputs if "data" in out)


def _page(cell: NotebookNode) -> str:
    shown = "".join(out.data.get("text/html", "") for out in cell.outputs if "data" in out)
    return f'<!doctype html><meta charset="utf-8"><title>A check</title>{shown}\n'


def _edges(folder: Path) -> Path:
    """Edges of the coins, by the student's own functions."""
    namespace: dict = {"np": np}
    for code in (_solution("pad"), MENDED, _solution("convolve2d"), _solution("sobel_magnitude")):
        exec(code, namespace)
    photo = images.as_float(filtering.gaussian(data.load("coins"), sigma=1.5))
    edges = namespace["sobel_magnitude"](photo)
    path = folder / "edges.png"
    images.write(path, images.as_uint8(1 - edges / edges.max()))
    return path


# -- a class -------------------------------------------------------------------------------


def _class(console: Console, folder: Path) -> grading.Report:
    """Six submissions are graded by nbval, side by side."""
    submissions = hand_in(folder / "submissions")
    told = f"\nSix students hand in {EXERCISE}: {submissions}\n"
    console.print(told, highlight=False, soft_wrap=True)
    report = grading.grade(
        submissions,
        out=folder / "grades",
        seed=2026,
        limits=LIMITS,
        say=lambda line: console.print(f"  {line}", highlight=False, markup=False),
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("student", "points", "status", "what was seen"):
        table.add_column(column, justify="right" if column == "points" else "left")
    for result in report.results:
        points = f"{result.points:g} / {result.max_points:g}"
        table.add_row(result.student, points, result.status, seen(result))
    console.print()
    console.print(table)
    console.print(f"\ngrades         {report.out / 'grades.csv'}", highlight=False, soft_wrap=True)
    console.print(f"class report   {report.out / 'index.html'}", highlight=False, soft_wrap=True)
    for result in report.results:
        label = "feedback" if result is report.results[0] else ""
        console.print(f"{label:<14} {report.feedback(result)}", highlight=False, soft_wrap=True)
    return report


def hand_in(folder: Path) -> Path:
    """Write six submissions: right, half right, a named mistake, never started, crashing,
    looping for ever."""
    right = {task: _solution(task) for task in keys.load(EXERCISE).tasks}
    half = dict(list(right.items())[: len(right) // 2])
    handed: dict[str, dict[str, str]] = {
        "ada": right,
        "ben": half,
        "cleo": right | {"correlate2d": WRONG},
        "dan": {},
        "eva": right | {"correlate2d": CRASHING},
        "finn": right | {"correlate2d": ENDLESS},
    }
    for student, answers in handed.items():
        text = nbformat.writes(filled(answers))
        places.write_whole(folder / student / f"{EXERCISE}.ipynb", text)
    return folder


def filled(answers: dict[str, str]) -> NotebookNode:
    """The exercise's notebook with these answers in the places of its tasks."""
    path = places.home() / "exercises" / f"{EXERCISE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        task = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if task in answers:
            cell.source = answers[task].strip()
    return notebook


def _solution(task: str) -> str:
    return solutions.code(EXERCISE, task)
