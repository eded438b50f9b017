"""Building: one source, three notebooks and a key; proved, executed, and only where it changed."""

import json
import os
import re
import shutil
import textwrap
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from tiny_course import EXERCISE, LESSON, changed, settle, write

from imgkit import places
from imgkit.course import build, keys, notebooks
from imgkit.course.model import CourseError
from imgkit.course.proofs import prove
from imgkit.course.reference import Reference
from imgkit.course.source import read

KEY = "imgkit/course/keys/90_tiny.zip"
FILES = [KEY, "exercises/90_tiny.ipynb", "solutions/90_tiny.ipynb"]
LESSON_FILE = "notebooks/90_tiny_lesson.ipynb"


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A tiny course whose notebooks are not executed; one test below does."""
    monkeypatch.setattr(build, "execute", lambda notebook, folder: None)
    return settle(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def built_once(tmp_path_factory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "execute", lambda notebook, folder: None)
        home = settle(tmp_path_factory.mktemp("built"), patch)
        make()
    return home


@pytest.fixture
def built(home, built_once) -> Path:
    """The tiny course, built."""
    for folder in ("imgkit", "exercises", "solutions", "notebooks"):
        shutil.copytree(built_once / folder, home / folder, dirs_exist_ok=True)
    keys.load.cache_clear()
    return home


def make(*names: str, **options) -> list[str]:
    written = build.build(names, say=lambda line: None, **options)
    keys.load.cache_clear()
    return [path.relative_to(places.home()).as_posix() for path in written]


def edit(path: Path, change) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def files(home: Path) -> set[str]:
    return {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()}


# ---------------------------------------------------------------- what is built


def test_a_source_becomes_its_files(home):
    said = []
    written = build.build(say=said.append)
    assert [path.relative_to(home).as_posix() for path in written] == [*FILES, LESSON_FILE]
    assert said == [
        "exercise 90_tiny",
        "  proved: 2 tasks, 6 mistakes fail and are named",
        *(f"  {name}" for name in FILES),
        "lesson 90_tiny_lesson",
        f"  {LESSON_FILE}",
    ]
    assert build.outdated() == []


def test_a_name_chooses_what_is_built(home):
    assert make("90_tiny_l") == [LESSON_FILE]
    assert make("90_tiny") == FILES  # the whole name wins over longer ones
    with pytest.raises(CourseError, match="no lesson or exercise '90_tiny_leson'; did you mean"):
        make("90_tiny_leson")
    assert make("9", force=True) == [*FILES, LESSON_FILE]  # else all that begin so


def test_only_what_changed_is_built(built):
    assert make() == []
    lesson = built / "course" / "lessons" / "90_tiny_lesson.py"
    lesson.write_text(LESSON.replace(".mean()", ".max()"))
    assert make() == [LESSON_FILE]
    (built / FILES[2]).unlink()
    assert make() == FILES
    assert make() == []
    assert make(force=True) == [*FILES, LESSON_FILE]


def test_a_build_gives_the_same_bytes_each_time(built):
    before = {name: (built / name).read_bytes() for name in FILES}
    assert make(force=True) == [*FILES, LESSON_FILE]
    assert {name: (built / name).read_bytes() for name in FILES} == before


def test_the_student_gets_no_answers(built):
    text = (built / "exercises" / "90_tiny.ipynb").read_text()
    for secret in ("255 - image", "SOLUTION", "halved", "That is a float", "opposite sum", "rng"):
        assert secret in EXERCISE
        assert secret not in text
    assert text.count("raise NotImplementedError") == 2
    solved = (built / "solutions" / "90_tiny.ipynb").read_text()
    assert "return 255 - image" in solved
    assert "NotImplementedError" not in solved
    assert "SOLUTION" not in solved


def test_a_task_is_announced_by_its_declaration(built):
    exercise = nbformat.read(built / "exercises" / "90_tiny.ipynb", as_version=4)
    banners = [cell.source for cell in exercise.cells if cell.id.startswith("about-")]
    assert banners == [
        "**Task `invert`** · 2 points · about 3 minutes · warm-up · without `cv2`",
        "**Task `contrast`** · 4 points · about 3 minutes · the idea itself",
    ]


def test_notebooks_are_valid_and_their_cells_are_told_apart(built):
    for name in (*FILES[1:], LESSON_FILE):
        notebook = nbformat.read(built / name, as_version=4)
        nbformat.validate(notebook)
        ids = [cell.id for cell in notebook.cells]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell_id) for cell_id in ids)
        about = notebook.metadata.imgkit
        assert (about.id, about.kind) == (Path(name).stem, name.split("s/")[0].replace(
            "notebook", "lesson"))  # fmt: skip


def test_nbgrader_could_take_these_files(built):
    """What its schema 3 asks for: see nbgrader/nbgraderformat/v3.json."""
    kinds = {
        "schema_version": int,
        "grade_id": str,
        "grade": bool,
        "solution": bool,
        "locked": bool,
        "task": bool,
        "points": (int, float),
        "cell_type": str,
    }
    for name in FILES[1:]:
        cells = nbformat.read(built / name, as_version=4).cells
        graded = [(c, c.metadata.nbgrader) for c in cells if "nbgrader" in c.metadata]
        for cell, about in graded:
            assert {"schema_version", "grade", "solution", "locked"} <= set(about) <= set(kinds)
            assert all(type(value) in (kinds[key], int) for key, value in about.items())
            assert all(isinstance(about[key], bool) for key in ("grade", "solution", "locked"))
            assert about.schema_version == 3
            assert re.fullmatch(r"[a-zA-Z0-9_\-]+", about.grade_id)
            assert about.get("cell_type", "code") == cell.cell_type == "code"
            assert about.grade == ("points" in about) == about.locked != about.solution
        assert [about.grade_id for _, about in graded] == [
            "invert", "check-invert", "contrast", "check-contrast",
        ]  # fmt: skip
        assert [about.get("points") for _, about in graded] == [None, 2, None, 4]
        locked = [c for c, about in graded if about.locked]
        assert [c.metadata.deletable or c.metadata.editable for c in locked] == [False, False]


# ---------------------------------------------------------------- what is out of date


def test_a_changed_source_is_seen(built):
    write(built, changed("Two tasks.", "Two small tasks."))
    why = "its source or the library changed"
    assert build.outdated() == [
        f"{KEY}: its source changed",
        f"{FILES[1]}: {why}",
        f"{FILES[2]}: {why}",
    ]
    assert build.outdated(["90_tiny_lesson"]) == []


def test_a_changed_library_is_seen_where_it_is_used(home, tmp_path, monkeypatch):
    package = tmp_path / "copy" / "imgkit"
    shutil.copytree(build._PACKAGE, package, ignore=lambda _, names: [
        n for n in names if Path(n).suffix not in ("", ".py") or n == "__pycache__"
    ])  # fmt: skip
    monkeypatch.setattr(build, "_PACKAGE", package)
    make()
    assert build.outdated() == []
    for module, seen in {
        "data/__init__.py": [*FILES, LESSON_FILE],  # imported by both
        "data/bundled.py": [*FILES, LESSON_FILE],  # imported by what they import
        "__init__.py": [*FILES, LESSON_FILE],
        "course/compare.py": FILES,  # only the exercise imports the course
        "grading/grader.py": [],
    }.items():
        path = package / module
        text = path.read_text()
        path.write_text(text + "\n# a comment changes nothing\n")
        assert build.outdated() == [], module
        path.write_text(text + "\nchanged = True\n")
        assert [line.split(":")[0] for line in build.outdated()] == seen, module
        path.write_text(text)


def test_a_file_edited_by_hand_is_seen(built):
    exercise = built / FILES[1]
    for change in (
        lambda n: n.cells[3].update(source="x = 1"),
        lambda n: n.cells.pop(),
        lambda n: n.cells.append(new_code_cell("x = 1")),
        lambda n: n.cells.reverse(),
        lambda n: n.cells[-1].metadata.nbgrader.update(points=9),
        lambda n: n.cells[-1].metadata.update(tags=["raises-exception"]),
    ):
        text = exercise.read_text()
        edit(exercise, change)
        assert build.outdated() == [f"{FILES[1]}: edited by hand"]
        exercise.write_text(text)
    assert build.outdated() == []


def test_outputs_do_not_count(built):
    def run(notebook):
        for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
            cell.execution_count = number
            cell.outputs = [new_output("stream", text="0.3 s")]
            cell.metadata.execution = {"shell.execute_reply": "2024"}

    edit(built / FILES[2], run)
    edit(built / LESSON_FILE, run)
    assert build.outdated() == []


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", "null", '{"nbformat": 4, "cells": 5}', "\xff"]
)
def test_a_damaged_file_is_seen(built, content):
    (built / FILES[1]).write_bytes(content.encode("latin-1"))
    (built / KEY).write_bytes(content.encode("latin-1"))
    assert build.outdated() == [f"{KEY}: unreadable", f"{FILES[1]}: unreadable"]


def test_a_missing_file_is_seen(built):
    for name in (*FILES, LESSON_FILE):
        (built / name).unlink()
    keys.load.cache_clear()
    assert build.outdated() == [f"{name}: missing" for name in (*FILES, LESSON_FILE)]


def test_a_file_without_a_source_is_seen(built):
    (built / "course" / "exercises" / "90_tiny.py").unlink()
    orphans = {f"{name}: no source makes it" for name in FILES}
    assert set(build.outdated()) == orphans
    assert build.outdated(["90"]) == []


# ---------------------------------------------------------------- when a build is cut short


def test_an_interrupted_build_leaves_whole_files(built, monkeypatch):
    before = (built / FILES[2]).read_bytes()
    write(built, changed("Two tasks.", "Two small tasks."))

    def interrupted(notebook, folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "execute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make()
    keys.load.cache_clear()
    assert (built / FILES[2]).read_bytes() == before
    assert keys.load("90_tiny").points == 6
    assert "Two small tasks" in nbformat.read(built / FILES[1], as_version=4).cells[0].source
    assert [line.split(":")[0] for line in build.outdated()] == [FILES[2]]
    assert not [name for name in files(built) if "/." in name]


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "notebook.ipynb"
    places.write_whole(path, "before")

    def full(half, mode):
        with open(half, mode) as stream:
            stream.write(b"aft")
        raise OSError("no space left on device")

    for step, failing in [("os.replace", lambda a, b: 1 / 0), ("pathlib.Path.open", full)]:
        with monkeypatch.context() as patch:
            patch.setattr(step, failing)
            with pytest.raises((OSError, ZeroDivisionError)):
                places.write_whole(path, "after")
        assert path.read_text() == "before"
        assert os.listdir(tmp_path) == ["notebook.ipynb"]


def test_a_failed_proof_writes_nothing(home):
    write(home, changed("return 127 - image // 2", "return 255 - image"))
    with pytest.raises(CourseError, match="the mistake halved passes every case"):
        make("90_tiny")
    assert not {name for name in files(home) if name in FILES}


def test_a_large_notebook_is_refused(home, monkeypatch):
    def show_too_much(notebook, folder):
        picture = new_output("display_data", {"image/png": "A" * 500_000})
        notebook.cells[-1].outputs = [picture]

    monkeypatch.setattr(build, "execute", show_too_much)
    with pytest.raises(CourseError, match=r"90_tiny_lesson.ipynb takes 50\d kB, 500 is the limit"):
        make("90_tiny_lesson")
    assert LESSON_FILE not in files(home)


# ---------------------------------------------------------------- in a real kernel


def test_the_course_runs_in_a_kernel(tmp_path, monkeypatch):
    settle(tmp_path, monkeypatch)
    startup = tmp_path / "ipython" / "profile_default" / "startup" / "00.py"
    startup.parent.mkdir(parents=True)
    startup.write_text(
        "from pathlib import Path\nfrom imgkit.course import keys\n"
        f"keys.FOLDER = Path({str(keys.FOLDER)!r})\n"
    )
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("IMGKIT_WORK", str(tmp_path / "work"))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "progress.json").write_text("{}")
    assert make("90_tiny") == FILES  # into folders that did not exist
    assert build.outdated(["90_tiny"]) == []
    solution = nbformat.read(tmp_path / FILES[2], as_version=4)
    checks = [cell for cell in solution.cells if cell.id.startswith("check-")]
    said = [output.data["text/plain"] for cell in checks for output in cell.outputs]
    assert [text.split("\n")[0] for text in said] == [
        "✓ invert: passed – 3 of 3 visible cases pass",
        "✓ contrast: passed – 3 of 3 visible cases pass",
    ]
    assert all("text/html" in output.data for cell in checks for output in cell.outputs)
    exercise = nbformat.read(tmp_path / FILES[1], as_version=4)
    assert not any(cell.get("outputs") for cell in exercise.cells)
    assert (tmp_path / "work" / "progress.json").read_text() == "{}"  # building is no progress


def test_a_cell_that_raises_is_named(tmp_path):
    notebook = new_notebook(cells=[new_code_cell("1 + 1"), new_code_cell("height = 1 / 0")])
    notebook.metadata.imgkit = {"id": "90_tiny_lesson"}
    with pytest.raises(CourseError) as caught:
        build.execute(notebook, tmp_path)
    said = re.sub(r"\x1b\[\d+m", "", str(caught.value))
    assert said.startswith("90_tiny_lesson: ")
    assert "height = 1 / 0" in said
    assert "ZeroDivisionError: division by zero" in said


# ---------------------------------------------------------------- the proofs

INVERT_CASES = "yield name, dict(image=coins[top : top + 20, left : left + 24])"
HALVED = "return 127 - image // 2"
FROM_254 = "return np.uint8(254) - image"


def faults(home: Path, text: str) -> list[str]:
    with pytest.raises(CourseError) as caught:
        prove(Reference(read(write(home, text))))
    return str(caught.value).split("\n  ")


def test_every_proof_holds_for_the_tiny_exercise(home):
    source = read(home / "course" / "exercises" / "90_tiny.py")
    visible = prove(Reference(source))
    assert {task: len(cases) for task, cases in visible.items()} == {"invert": 3, "contrast": 3}
    assert set(visible["invert"][0].wrong) == {"halved", "from_254", "in_floats"}


BROKEN = {
    "a check that nothing fails": (
        changed('compare="equal()"', 'compare="psnr(at_least=-99)"'),
        ["invert, seed 0: the mistake halved passes every case",
         "invert, seed 4: the mistake from_254 passes every case"],
    ),
    "a mistake that is right": (
        changed(HALVED, "return 255 - image"),
        [f"invert, seed {seed}: the mistake halved passes every case" for seed in range(5)],
    ),
    "a mistake that is right too often": (
        changed("return contrast(image, 1 / amount + 1)", "return contrast(image, min(amount, 2))"),
        ["contrast, seed 0: the mistake divided earns 2.67 of 4 points; more cases must show it"],
    ),
    "two mistakes that are one": (
        changed(FROM_254, "return 127 - image // 2"),
        ["invert: no visible case tells halved from from_254",
         "invert, seed 0: the mistake from_254 is named as halved"],
    ),
    "a mistake that is never the same": (
        changed(HALVED, "return np.random.default_rng().permuted(image)"),
        ["invert, seed 0: the mistake halved is named as nothing"],
    ),
    "a solution that is wrong": (
        changed(INVERT_CASES, INVERT_CASES + ", 0 * coins[:20, :24]"),
        ["invert, seed 0: the solution is 'not yet': 480 of 480 values differ"],
    ),
    "a solution that changes its input": (
        changed("return 255 - image", "image[:] = 255 - image; return image"),
        ["invert, seed 1: the solution is 'could be better': It changes its input `image`"],
    ),
    "a stub that is something": (
        changed("    # BEGIN SOLUTION\n    return 255",
                "    if image.size: return image\n    # BEGIN SOLUTION\n    return 255"),
        ["invert, seed 0: the stub is 'passed'"],
    ),
    "no cases": (
        changed('("a piece", "another", "a third")', "()"),
        ["invert, seed 0: there are no cases"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BROKEN.values(), ids=BROKEN)
def test_what_is_not_proved_is_said(home, text, says):
    first, *found = faults(home, text)
    assert first == "90_tiny.py:"
    for line in says:
        assert any(line in fault for fault in found), found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            changed("return 255 - image", "return 255 - image[9999]"),
            "90_tiny.invert: the solution fails on 'a piece': IndexError: index 9999",
        ),
        (
            changed(INVERT_CASES, "yield name, dict(image=coin)"),
            "90_tiny.invert: its cases fail: NameError: name 'coin' is not defined",
        ),
        (
            changed("import numpy as np\n", "import numpy as np\n\n1 / 0\n"),
            "90_tiny.py: cell setup0 fails: ZeroDivisionError: division by zero",
        ),
        (
            changed(INVERT_CASES, "yield 5"),
            "90_tiny.invert: its cases fail: ",
        ),
    ],
)
def test_what_cannot_even_be_tried_is_one_line(home, text, says):
    (line,) = faults(home, text)
    assert says in line


def test_the_inputs_are_what_a_students_function_gets(home):
    """Plain numbers: a NumPy number would make float64 of a float32 image."""
    reference = Reference(read(write(home)))
    for case in reference.cases("contrast", 3):
        assert type(case.inputs["amount"]) is float
        assert case.inputs["image"].flags["C_CONTIGUOUS"]


def test_cases_are_drawn_from_their_seed(home):
    reference = Reference(read(write(home)))
    drawn = [
        [case.inputs["image"].tobytes() for case in reference.cases("invert", seed)]
        for seed in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_tracebacks_show_the_lines_of_a_source(home):
    text = changed("return 255 - image", "return image[9999]")
    with pytest.raises(CourseError):
        list(Reference(read(write(home, text))).cases("invert", 0))
    solution = Reference(read(write(home))).solution("invert")
    import inspect

    assert "return 255 - image" in inspect.getsource(solution)


def test_notebooks_are_made_without_running_anything(home):
    text = textwrap.dedent(EXERCISE).replace("import numpy as np\n", "import nothing_there\n", 1)
    exercise = notebooks.make(read(write(home, text)), "exercise")
    assert json.loads(notebooks.to_text(exercise))["nbformat"] == 4
