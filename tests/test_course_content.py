"""The course as it is committed: proved, up to date, light, and readable without pictures."""

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from imgkit.course import answers, build, keys, notebooks, source
from imgkit.course.proofs import SEEDS, prove
from imgkit.course.reference import Reference
from imgkit.places import home

SOURCES = [source.read(path) for path in build.sources()]
EXERCISES = [page for page in SOURCES if page.is_exercise]
TASKS = [(page, task) for page in EXERCISES for task in page.tasks]
BUILT = [target for page in SOURCES for target in build.targets_of(page)]
NOTEBOOKS = [target.path for target in BUILT if target.kind]
EXECUTED = [target.path for target in BUILT if target.kind in ("lesson", "solution")]

each_source = pytest.mark.parametrize(
    "page", SOURCES, ids=lambda page: page.path.parent.name[0:2] + page.id
)
each_exercise = pytest.mark.parametrize("page", EXERCISES, ids=lambda page: page.id)
each_task = pytest.mark.parametrize(("page", "task"), TASKS, ids=[task.id for _, task in TASKS])
each_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}"
)
each_executed = pytest.mark.parametrize(
    "path", EXECUTED, ids=lambda path: f"{path.parent.name}/{path.stem}"
)


@cache
def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def outputs(path: Path) -> list[nbformat.NotebookNode]:
    return [out for cell in notebook(path).cells for out in cell.get("outputs", ())]


# ---------------------------------------------------------------- proved and up to date


@each_exercise
def test_every_task_is_proved(page):
    """On five seeds: the stub is empty, the solution passes, each mistake fails and is named."""
    visible = prove(Reference(page))
    assert list(visible) == [task.id for task in page.tasks]
    assert len(SEEDS) == 5


def test_everything_is_up_to_date():
    assert build.outdated() == []


# ---------------------------------------------------------------- tasks and their cases


@each_task
def test_cases_have_names_of_their_own_and_hidden_ones_are_others(page, task):
    reference = Reference(page)
    drawn = [list(reference.cases(task.id, seed)) for seed in (0, 1)]
    labels = [[case.label for case in cases] for cases in drawn]
    assert labels[0] == labels[1]  # the same requirement, from another seed
    assert len(set(labels[0])) == len(labels[0]) >= 3
    inputs = [[answers.to_text(case.inputs) for case in cases] for cases in drawn]
    assert len(set(inputs[0])) == len(inputs[0])
    assert set(inputs[0]) != set(inputs[1])


@each_task
def test_a_task_speaks_to_its_student(page, task):
    assert len(task.title) < 80
    for mistake in task.mistakes:
        assert len(mistake.says) > 20
        assert mistake.says.rstrip("`)").endswith((".", "?", "!"))
    ideas = [len(hint) for hint in task.hints]
    assert min(ideas) > 20
    for hint in task.hints:
        assert hint.count("```") % 2 == 0


@each_exercise
def test_a_key_is_small_and_holds_no_answer_in_code(page):
    content = keys.path(page.id).read_bytes()
    assert len(content) <= keys.MAX_BYTES
    key = keys.from_bytes(content)
    assert key.tasks == {task.id: task for task in page.tasks}
    assert len({case.label for cases in key.cases.values() for case in cases}) > len(key.tasks)


def test_every_exercise_has_a_key_and_a_name_that_finds_it():
    assert keys.names() == [page.id for page in EXERCISES]
    beginnings = [page.id[:2] for page in EXERCISES]
    assert len(set(beginnings)) == len(beginnings)


# ---------------------------------------------------------------- notebooks


@each_notebook
def test_a_notebook_is_light_and_valid(path):
    assert path.stat().st_size < 500_000
    nbformat.validate(notebook(path))


@each_source
def test_the_first_cell_says_how_long_and_what_for(page):
    first = page.cells[0]
    assert first.kind == "markdown"
    assert first.text.startswith("# ")
    assert re.search(rf"\b{page.minutes} minutes\b", first.text)
    can = re.search(r"By the end.{0,20} you can\n\n((?:- .+\n?|  .+\n?)+)", first.text)
    assert can
    assert len(re.findall(r"^- ", can[1], re.MULTILINE)) >= 3


@each_exercise
def test_a_students_notebook_is_empty(page):
    path = home() / "exercises" / f"{page.id}.ipynb"
    assert outputs(path) == []
    text = path.read_text(encoding="utf-8")
    assert "SOLUTION" not in text
    for task in page.tasks:
        for mistake in task.mistakes:
            assert f"def {mistake.name}(" not in text
    assert text.count("raise NotImplementedError") >= len(page.tasks)


@each_executed
def test_a_notebook_was_executed_without_errors(path):
    assert [out for out in outputs(path) if out.output_type == "error"] == []
    counts = [c.execution_count for c in notebook(path).cells if c.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


@each_executed
def test_every_picture_can_be_heard(path):
    for out in outputs(path):
        data = out.get("data", {})
        assert not [mime for mime in data if mime.startswith("image/")]  # they get no alt text
        for tag in re.findall(r"<img [^>]*>", data.get("text/html", "")):
            assert len(re.search(r'alt="([^"]*)"', tag)[1]) > 10
        assert "text/plain" in data or out.output_type == "stream"


@each_executed
def test_a_notebook_asks_nothing_of_the_network(path):
    for cell in notebook(path).cells:
        text = cell.source + "".join(
            out.get("data", {}).get("text/html", "") for out in cell.get("outputs", ())
        )
        assert "<script" not in text
        assert not re.search(r"<(img|link|iframe)[^>]*(src|href)=.https?:", text)


# ---------------------------------------------------------------- under plain nbval


def test_an_unsolved_exercise_fails_exactly_its_checks(tmp_path):
    for page in EXERCISES:
        shutil.copy(home() / "exercises" / f"{page.id}.ipynb", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--tb=no", f"--junitxml={report}"]
    subprocess.run(command, cwd=tmp_path, capture_output=True)
    ran, failed = {}, {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = re.search(r"(\d\d_\w+)", case.get("classname") + case.get("file", ""))[1]
        number = int(re.search(r"Cell (\d+)", case.get("name"))[1])
        ran.setdefault(name, set()).add(number)
        if case.find("failure") is not None:
            failed.setdefault(name, set()).add(number)
        assert case.find("error") is None
        assert case.find("skipped") is None
    for page in EXERCISES:
        cells = [c for c in notebooks.make(page, "exercise").cells if c.cell_type == "code"]
        checks = {i for i, cell in enumerate(cells) if cell.id.startswith("check-")}
        assert ran[page.id] == set(range(len(cells)))
        assert failed[page.id] == checks
