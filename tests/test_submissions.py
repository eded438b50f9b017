"""Finding and reading what was handed in: every file is somebody's, no file does harm."""

import csv
import io
import json
import os
import stat
import tarfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import pytest
from grading_helpers import (
    EMPTY,
    EXERCISE,
    LIMITS,
    POINTS,
    RIGHT,
    SETUP,
    SOURCE,
    TASKS,
    code,
    filled_in,
    hand_in,
    notebook,
    snapshot,
)
from hypothesis import given
from hypothesis import strategies as st

from imgkit import grading
from imgkit.course import CourseError
from imgkit.course.answers import to_text
from imgkit.course.identify import identify
from imgkit.grading import grader, rebuild, results, submissions
from imgkit.grading.results import Picture, Result, TaskMark
from imgkit.grading.roster import read_roster
from imgkit.grading.submissions import find, student_of

KNOWN = ["00_arrays", EXERCISE]
CLAIMS = {"imgkit": {"id": EXERCISE}}
ADA = f"ada/{EXERCISE}.ipynb"


def graded(place: Path, **options) -> grading.Report:
    """Grade what needs no kernel."""
    options = {"seed": 1, "say": lambda line: None, "out": place.parent / "out"} | options
    return grading.grade(place, **options)


def zipped(path: Path, members: dict[str, bytes | str], **about) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, about.get("date_time", (2025, 1, 1, 12, 0, 0)))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = about.get("mode", 0o644) << 16
            archive.writestr(info, content)
    return path


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return path


def member(name: str, content: bytes = b"", **about) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in about.items():
        setattr(info, field, value)
    return info, content


# ---------------------------------------------------------------- whose file it is

PATHS = {
    "ada/02_convolution.ipynb": "ada",
    "Ada Lovelace/homework/part 1/x.ipynb": "Ada Lovelace",
    "ada.ipynb": "ada",
    "ada_02_convolution.ipynb": "ada",
    "02_convolution_ada.ipynb": "ada",
    "02_convolution - ada.ipynb": "ada",
    "02_convolution.ipynb": "02_convolution",
    # Canvas
    "lovelaceada_1234_5678_02_convolution.ipynb": "lovelaceada",
    "lovelaceada_1234_5678_02_convolution-1.ipynb": "lovelaceada",
    "lovelaceada_LATE_1234_5678_02_convolution.ipynb": "lovelaceada",
    # Moodle
    "Ada Lovelace_77_assignsubmission_file_/02_convolution.ipynb": "Ada Lovelace",
    "Ada Lovelace_77_assignsubmission_file/my work.ipynb": "Ada Lovelace",
    "Ada Lovelace_77_assignsubmission_file_02_convolution.ipynb": "Ada Lovelace",
    "Ada_Maria Lovelace_77_assignsubmission_file_x.ipynb": "Ada_Maria Lovelace",
}


@pytest.mark.parametrize("path", PATHS)
def test_whose_file_it_is(path):
    assert student_of(PurePosixPath(path), KNOWN) == PATHS[path]


@given(name=st.text(min_size=1, max_size=20).filter(lambda text: not set(text) & set("/\0")))
def test_any_name_of_a_folder_makes_a_student_with_files_of_their_own(name):
    path = PurePosixPath(submissions.plain(name)) / "x.ipynb"
    result = Result(student_of(path, KNOWN), EXERCISE, str(path), "graded", 0, 1, 1)
    assert results.from_json(results.to_json(result)) == result
    assert PurePosixPath(result.name).name == result.name
    assert result.name.isascii()
    ElementTree.fromstring(results.to_junit([result]))


def test_a_name_is_spelled_one_way():
    assert submissions.plain("Zoe\u0308") == "Zo\u00eb"
    assert submissions.plain("a\x1b[31m\nb\udcff") == "a?[31m?b?"


def test_different_students_never_share_a_file():
    names = ["a b", "a_b", "a?b", "A b", "a b ", "x" * 61, "x" * 62, "../a", "..", "", "é", "è"]
    made = {Result(name, EXERCISE, "", "graded", 0, 1, 1).name for name in names}
    assert len(made) == len(names)


# ---------------------------------------------------------------- where it lies


def everywhere(tmp_path: Path, files: dict[str, str]) -> dict[str, Path]:
    """The same files as a folder, a zip and three kinds of tar."""
    places = {"folder": tmp_path / "folder"}
    for name, content in files.items():
        path = places["folder"] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    places["zip"] = zipped(tmp_path / "class.zip", files)
    members = [member(name, content.encode()) for name, content in files.items()]
    for kind in ("tar", "tar.gz", "tar.xz"):
        mode = f"w:{kind.partition('.')[2]}"
        places[kind] = tarred(tmp_path / f"class.{kind}", *members, mode=mode)
    return places


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "tar.gz", "tar.xz"])
def test_the_same_is_found_wherever_it_lies(tmp_path, kind):
    files = {
        "ada/02_convolution.ipynb": "one",
        "ben/deep/er/02_convolution.ipynb": "two",
        "ada/notes.txt": "not a notebook",
        "ada/.ipynb_checkpoints/02_convolution-checkpoint.ipynb": "an old copy",
        "__MACOSX/ada/02_convolution.ipynb": "not what it seems",
        "./cleo_1_2_02_convolution.ipynb": "three",
    }
    found = list(find(everywhere(tmp_path, files)[kind], KNOWN))
    assert {f.student: f.content for f in found} == {"ada": b"one", "ben": b"two", "cleo": b"three"}
    assert not any(f.fault for f in found)


def test_one_notebook_is_enough(tmp_path):
    path = tmp_path / "ada_02_convolution.ipynb"
    path.write_text("x")
    (found,) = find(path, KNOWN)
    assert (found.student, found.content) == ("ada", b"x")


PLACES = {
    "missing": lambda path: None,
    "text": lambda path: path.write_text("hello"),
    "an empty folder": lambda path: path.mkdir(),
    "an empty zip": lambda path: zipped(path, {}),
    "a zip without notebooks": lambda path: zipped(path, {"a.txt": "x"}),
    "an empty tar": lambda path: tarred(path),
    "half a zip": lambda path: path.write_bytes(
        zipped(path, {ADA: os.urandom(9999)}).read_bytes()[:5000]
    ),
    "half a tar": lambda path: path.write_bytes(
        tarred(path, member(ADA, os.urandom(9999)), mode="w:gz").read_bytes()[:5000]
    ),
    "a zip with a name in no alphabet": lambda path: path.write_bytes(
        zipped(path, {"é.ipynb": "x"}).read_bytes().replace("é".encode(), b"\xff\xff")
    ),
}


@pytest.mark.parametrize("kind", PLACES)
def test_a_place_that_holds_nothing_is_one_clear_line(tmp_path, kind):
    path = tmp_path / "handed"
    PLACES[kind](path)
    before = snapshot(tmp_path)
    with pytest.raises(CourseError) as error:
        graded(path)
    assert "handed" in str(error.value)
    assert "\n" not in str(error.value)
    assert snapshot(tmp_path) == before  # not even --out is made


def test_a_negative_seed_is_refused(tmp_path):
    hand_in(tmp_path / "handed", "ada", "x")
    with pytest.raises(CourseError, match="seed must be 0 or more, got -1"):
        graded(tmp_path / "handed", seed=-1)


# ---------------------------------------------------------------- files that cannot be read


def cells(count: int) -> str:
    return notebook(*["1"] * count)


UNREADABLE = {
    "rubbish": (os.urandom(2000), "not JSON"),
    "empty": ("", "not JSON"),
    "half": (filled_in(RIGHT)[:5000], "not JSON"),
    "a list": ("[1, 2]", "JSON of another kind"),
    "no notebook": ('{"a": 1}', "JSON of another kind"),
    "10,000 deep": ("[" * 10_000 + "]" * 10_000, "nested too deeply"),
    "100,000 deep": ('{"cells": ' + '{"a":' * 100_000 + "1" + "}" * 100_001, "nested too deeply"),
    "format 3": (json.dumps({"nbformat": 3, "worksheets": []}), "notebook format 3"),
    "format x": (json.dumps({"nbformat": {"a": 1}, "cells": []}), "notebook format {'a': 1}"),
    "no cells": (json.dumps({"nbformat": 4}), "no list of cells"),
    "20,000 cells": (cells(20_000), "more than 2000"),
    "a number for a source": (notebook(code(7)), "source is not text"),
    "numbers in a source": (notebook(code(["a = 1\n", 2])), "source is not text"),
    "2 MB of code": (notebook("x = [" + "[]," * 700_000 + "]"), "longer than 1,000,000"),
}


@pytest.fixture(scope="module")
def unreadable(tmp_path_factory) -> grading.Report:
    """The files above, some more that only a disk can hold, and one without code."""
    handed = tmp_path_factory.mktemp("unreadable") / "handed"
    for student, (content, _) in UNREADABLE.items():
        hand_in(handed, student, content)
    large = hand_in(handed, "200 MB", "")
    os.truncate(large, 200_000_000)
    secret = handed.parent / "secret.ipynb"
    secret.write_text(filled_in(RIGHT))
    for student, target in (("a link", secret), ("a link to nowhere", handed / "nowhere")):
        (handed / student).mkdir()
        (handed / student / f"{EXERCISE}.ipynb").symlink_to(target)
    (handed / "a linked folder").symlink_to(handed.parent / "elsewhere")
    hand_in(handed.parent, "elsewhere", filled_in(RIGHT))
    (handed / "a pipe").mkdir()
    os.mkfifo(handed / "a pipe" / f"{EXERCISE}.ipynb")
    hand_in(handed, "another course", notebook("x = 1", about={}), "essay.ipynb")
    before, begun = snapshot_without_pipes(handed.parent), time.process_time()
    report = graded(handed)
    assert time.process_time() - begun < 20
    after = snapshot_without_pipes(handed.parent)
    assert before == {name: after[name] for name in after if not name.startswith("out/")}
    return report


def snapshot_without_pipes(folder: Path) -> dict:
    return {name: None if "200 MB" in name else held for name, held in snapshot(folder).items()}


ON_DISK = {
    "200 MB": "it has 200 MB or more; 20 MB is the limit",
    "a link": "it is a link; links are not followed",
    "a link to nowhere": "it is a link; links are not followed",
    "a linked folder": "it is a link; links are not followed",
    "a pipe": "it is not a plain file",
}


@pytest.mark.parametrize("student", [*UNREADABLE, *ON_DISK])
def test_an_unreadable_file_is_a_status_with_one_clear_line(unreadable, student):
    result = next(result for result in unreadable.results if result.student == student)
    words = ON_DISK.get(student) or UNREADABLE[student][1]
    (note,) = result.notes
    assert words in note
    assert "\n" not in note
    assert result.status == "unreadable"
    assert (result.points, result.tasks) == (0, [])
    assert unreadable.feedback(result).is_file()


def test_a_notebook_of_no_exercise_says_so(unreadable):
    result = next(r for r in unreadable.results if r.student == "another course")
    assert (result.status, result.exercise) == ("unknown exercise", "")


def test_a_large_file_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "ada_02_convolution.ipynb"
    path.write_bytes(b"")
    os.truncate(path, submissions.MAX_NOTEBOOK_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    (found,) = find(path, KNOWN)
    assert "MB is the limit" in found.fault


def test_a_folder_that_cannot_be_listed_is_not_passed_over(tmp_path, monkeypatch):
    for student in ("ada", "ben"):
        hand_in(tmp_path, student, "x")
    scandir = os.scandir

    def locked(path):
        if Path(path).name == "ada":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    found = {f.student: f.fault for f in find(tmp_path, KNOWN)}
    assert found == {"ben": "", "ada": "it cannot be read: Permission denied"}


def test_hidden_links_are_nobodys_work(tmp_path):
    hand_in(tmp_path, "ada", "x")
    (tmp_path / "ada" / ".venv").symlink_to(tmp_path)
    assert [f.path for f in find(tmp_path, KNOWN)] == [ADA]


# ---------------------------------------------------------------- hostile archives

LINK = {"mode": stat.S_IFLNK | 0o777}
GOOD = notebook("x = 1").encode()
HOSTILE = {
    "out of the folder": [member("../mallory/02_convolution.ipynb", GOOD)],
    "far out": [member("a/../../../../tmp/mallory.ipynb", GOOD)],
    "absolute": [member("/tmp/mallory/02_convolution.ipynb", GOOD)],
    "twice absolute": [member("//tmp/mallory/02_convolution.ipynb", GOOD)],
    "a link": [member("m/x.ipynb", type=tarfile.SYMTYPE, linkname="/etc/passwd")],
    "a hard link": [
        member("notes.txt", GOOD),
        member("m/x.ipynb", type=tarfile.LNKTYPE, linkname="notes.txt"),
    ],
    "a device": [member("m/x.ipynb", type=tarfile.CHRTYPE, devmajor=1, devminor=5)],
    "a pipe": [member("m/x.ipynb", type=tarfile.FIFOTYPE)],
    "20 MB of zeros": [member("m/x.ipynb", b"\0" * (submissions.MAX_NOTEBOOK_BYTES + 1))],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_member_of_a_tar_is_named_and_does_nothing(tmp_path, kind):
    rest = member("ada/essay.ipynb", notebook("x = 1", about={}).encode())
    path = tarred(tmp_path / "class.tar.gz", *HOSTILE[kind], rest, mode="w:gz")
    hostile, ada = sorted(find(path, KNOWN), key=lambda found: found.student == "ada")
    assert any(w in hostile.fault for w in ("out of the archive", "link", "plain file", "limit"))
    assert hostile.content == b""
    assert not set(hostile.student) & set("/.")
    assert ada.fault == ""
    before = snapshot(tmp_path)
    statuses = sorted(result.status for result in graded(path).results)
    assert statuses == ["unknown exercise", "unreadable"]
    after = snapshot(tmp_path)
    assert before == {name: after[name] for name in after if not name.startswith("out/")}


ZIPS = {
    "out of the folder": ({"../mallory/x.ipynb": GOOD}, {}),
    "by Windows' slashes": ({"..\\..\\mallory\\x.ipynb": GOOD}, {}),
    "absolute": ({"/tmp/mallory.ipynb": GOOD}, {}),
    "a link": ({"m/x.ipynb": "/etc/passwd"}, LINK),
    "a bomb": ({"m/x.ipynb": b"\0" * 200_000_000}, {}),
}


@pytest.mark.parametrize("kind", ZIPS)
def test_a_hostile_member_of_a_zip_is_named(tmp_path, kind):
    members, about = ZIPS[kind]
    (found,) = find(zipped(tmp_path / "class.zip", members, **about), KNOWN)
    assert any(words in found.fault for words in ("out of the archive", "a link", "limit"))
    assert found.content == b""


def test_a_member_is_not_believed_its_size(tmp_path):
    path = zipped(tmp_path / "class.zip", {ADA: b"\0" * 30_000_000})
    true, told = (30_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true, told))
    (found,) = find(path, KNOWN)
    assert len(found.content) <= 1000


def test_a_damaged_or_encrypted_member_leaves_the_others_alone(tmp_path):
    path = zipped(tmp_path / "class.zip", {"ada/x.ipynb": os.urandom(2000), "ben/x.ipynb": "x"})
    damaged = bytearray(path.read_bytes())
    damaged[500:600] = bytes(100)
    path.write_bytes(damaged)
    found = {f.student: f for f in find(path, KNOWN)}
    assert "cannot be unpacked" in found["ada"].fault
    assert found["ben"].content == b"x"


def test_a_bomb_of_many_members_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MAX_ARCHIVE_BYTES", 10_000_000)
    path = zipped(tmp_path / "class.zip", {f"s{i}/x.ipynb": b"\0" * 3_000_000 for i in range(9)})
    with pytest.raises(CourseError, match="unpacks to more than 10,000,000 bytes"):
        list(find(path, KNOWN))


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_too_many_members_are_stopped(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(submissions, "MAX_MEMBERS", 5)
    path = everywhere(tmp_path, {f"{i}.txt": "x" for i in range(9)})[kind]
    with pytest.raises(CourseError, match="more than 5 files"):
        list(find(path, KNOWN))


def test_a_zip_without_dates_is_read(tmp_path):
    path = zipped(tmp_path / "class.zip", {ADA: "x"}, date_time=(1980, 1, 1, 0, 0, 0))
    date = ((1980 - 1980) << 9 | 1 << 5 | 1).to_bytes(2, "little")
    content = path.read_bytes()
    assert content.count(b"\0\0" + date) >= 2
    path.write_bytes(content.replace(b"\0\0" + date, b"\0\0\0\0"))  # month 0, day 0
    (found,) = find(path, KNOWN)
    assert (found.content, found.when) == (b"x", 0.0)


# ---------------------------------------------------------------- which file counts


def counted(place: Path) -> tuple[dict[str, str], list[str]]:
    jobs, _, notes = grader._choose(find(place, KNOWN), None, 1, LIMITS)
    return {job.student: job.cells[0] for job in jobs}, notes


def test_of_two_files_in_a_folder_the_later_counts(tmp_path):
    for number, name in enumerate(["z.ipynb", "a.ipynb"]):
        path = hand_in(tmp_path, "ada", notebook(f"n = {number}"), name)
        os.utime(path, (1000 + number, 1000 + number))
    chosen, notes = counted(tmp_path)
    assert chosen == {"ada": "n = 1"}
    assert notes == ["ada: two files for 02_convolution; ada/a.ipynb counts, ada/z.ipynb does not"]


def test_of_two_members_of_a_zip_the_later_counts(tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, year in (("a", 2025), ("b", 2024)):
            info = zipfile.ZipInfo(f"ada/{name}.ipynb", (year, 5, 1, 0, 0, 0))
            archive.writestr(info, notebook(f"n = '{name}'"))
    assert counted(path)[0] == {"ada": "n = 'a'"}


def test_of_canvas_copies_the_highest_number_counts(tmp_path):
    names = [f"adalovelace_1_{n}_02_convolution{end}.ipynb"
             for n, end in ((5, "-9"), (5, ""), (5, "-10"))]  # fmt: skip
    path = zipped(tmp_path / "class.zip", {name: notebook(f"n = '{name}'") for name in names})
    chosen, notes = counted(path)
    assert chosen == {"adalovelace": f"n = '{names[-1]}'"}
    assert len(notes) == 2


def test_two_exercises_are_two_rows(tmp_path):
    hand_in(tmp_path, "ada", notebook("n = 1"))
    other = notebook("n = 2", about={"imgkit": {"id": "00_arrays"}})
    hand_in(tmp_path, "ada", other, "x.ipynb")
    jobs, _, notes = grader._choose(find(tmp_path, KNOWN), None, 1, LIMITS)
    assert {job.exercise for job in jobs} == {"00_arrays", EXERCISE}
    assert notes == []
    jobs, _, notes = grader._choose(find(tmp_path, KNOWN), EXERCISE, 1, LIMITS)
    assert [job.exercise for job in jobs] == [EXERCISE]
    assert notes == ["ada/x.ipynb: left out, it is 00_arrays"]


# ---------------------------------------------------------------- reading and rebuilding

TASKS_OF = {EXERCISE: set(TASKS), "00_arrays": {"crop", "to_gray"}, "02_colour": {"hue"}}


def identified(*cells: str, path: str = "x.ipynb", about: dict | None = None) -> str | None:
    handed = rebuild.read(notebook(*cells, about=about or {}).encode())
    return identify(handed.cells, TASKS_OF, claims=handed.claims, path=path)


def test_an_exercise_is_known_by_what_it_says_of_itself():
    assert identified("x = 1", about=CLAIMS, path="00_arrays.ipynb") == EXERCISE


def test_an_exercise_is_known_by_what_it_opens():
    opens = "from imgkit import course\nex = course.exercise({!r})".format
    assert identified(opens("02_conv"), path="00_arrays.ipynb") == EXERCISE
    assert identified(opens("00"), opens("02_conv")) == EXERCISE
    assert identified(opens("02")) is None  # two begin so
    assert identified(opens("02"), path="my 02_colour.ipynb") == "02_colour"


def test_an_exercise_is_known_by_its_file_name_then_by_its_tasks():
    assert identified("def hue(x): pass", path="me/00_arrays-3.ipynb") == "00_arrays"
    assert (
        identified("def hue(x): pass", f"def {TASKS[0]}(x): pass", f"def {TASKS[1]}(x): pass")
        == EXERCISE
    )
    assert identified("x = 1") is None
    assert identified() is None


@pytest.mark.parametrize("metadata", [7, [], {"imgkit": 3}, {"imgkit": {"id": ["02"]}}])
def test_metadata_of_any_kind_is_no_obstacle(metadata):
    content = json.dumps({"nbformat": 4, "cells": [], "metadata": metadata})
    assert rebuild.read(content.encode()).claims == ""


def test_only_the_sources_of_code_cells_are_taken():
    content = notebook(
        {"cell_type": "markdown", "source": "def pad(): pass"},
        {"cell_type": "raw", "source": 3},
        "not a cell",
        code(["a = 1\n", "b = 2"], tags=["raises-exception"], nbgrader={"points": 99}),
        {"cell_type": "code"},
    ).replace('"outputs": []', '"outputs": [{"data": {"score": 100}}]')
    handed = rebuild.read(("\ufeff" + content).encode())
    assert handed.cells[-2:] == ("a = 1\nb = 2", "")


def test_half_a_character_is_replaced():
    (cell,) = rebuild.read(notebook("x = '\ud800'").encode()).cells
    assert cell == "x = '?'"


def test_what_was_given_is_not_run_again():
    handed = rebuild.read(filled_in(RIGHT).encode()).cells
    built = rebuild.rebuild(SOURCE, handed)
    assert list(built.setup) == SETUP
    assert not any("ex.check(" in cell or "ex.target(" in cell for cell in built.student)
    assert set(RIGHT.values()) <= set(built.student)
    assert built.notes == ()


def test_what_is_missing_is_put_back():
    built = rebuild.rebuild(SOURCE, [])
    assert list(built.setup) == SETUP
    assert built.notes == tuple(f"{task}: its cell is missing" for task in TASKS)


@pytest.mark.parametrize("order", [1, -1])
def test_an_empty_copy_does_not_undo_the_work(order):
    task = TASKS[0]
    built = rebuild.rebuild(SOURCE, [RIGHT[task], EMPTY[task] + "  \n"][::order])
    assert built.student == (RIGHT[task],)
    assert f"{task}: an empty copy of its cell was left out" in built.notes


def test_a_name_bound_in_another_way_is_not_missing():
    built = rebuild.rebuild(SOURCE, ["pad = lambda image, *rest: image", "convolve2d == 3"])
    assert "pad: its cell is missing" not in built.notes
    assert "convolve2d: its cell is missing" in built.notes


def test_the_rebuilt_notebook_holds_no_tags_no_cases_and_no_solutions():
    cases = grader._cases(EXERCISE, 5)
    content = notebook(*[code(text, tags=["skip-execution"]) for text in EMPTY.values()])
    built = rebuild.rebuild(SOURCE, rebuild.read(content.encode()).cells)
    text = rebuild.to_notebook(built, cases)
    made = json.loads(text)["cells"]
    assert all(set(cell["metadata"]) == {"imgkit"} for cell in made)
    assert len(made) == len(SETUP) + len(EMPTY) + sum(map(len, cases.values()))
    for task in TASKS:
        body = {line.strip() for line in RIGHT[task].split('"""')[-1].splitlines()} - {""}
        assert not body & {line.strip() for line in text_of(made).splitlines()}
        for case in cases[task]:
            for array in json.loads(to_text([case.inputs, case.expected]))["arrays"]:
                assert array[-60:] not in text


def text_of(cells: list[dict]) -> str:
    return "\n".join("".join(cell["source"]) for cell in cells)


DEFINITIONS = {
    "def f():\n    return 1\nimport os; os._exit(0)": "def f():\n    return 1\nimport os",
    "%%time\n!ls\nx = 1\ndef f(): pass\n    \n%magic": "def f():\n    pass",
    "if True:\n    %time x\n    def f(): pass": "",
    "def f(": "",
    "x = '\0'": "",
    "(" * 5000: "",
    "def f(): return " + "-" * 50_000 + "1": "",
    "def f(): return " + "1+" * 3000 + "1": "",
}


@pytest.mark.parametrize("code", DEFINITIONS, ids=range(len(DEFINITIONS)))
def test_definitions_are_what_is_left_of_a_deadly_cell(code):
    kept = rebuild.definitions(code)
    assert kept == DEFINITIONS[code]
    assert rebuild.definitions(kept) == kept


def test_a_cell_made_to_be_slow_is_read_quickly():
    begun = time.process_time()
    rebuild.parsed("\n".join(["!x"] * 100_000))
    code = grader._Code(("def pad(): 0\n" * 70_000,))
    assert code.facts(SOURCE.task("pad")) == {"forbidden": [], "loops": 0}
    assert time.process_time() - begun < 10


def test_the_last_version_of_a_function_is_the_one_looked_at():
    code = grader._Code(
        ("import numpy as np", "def pad(x): return x", "def pad(x): return np.pad(x)")
    )
    assert code.facts(SOURCE.task("pad"))["forbidden"] == ["np.pad"]
    assert code.facts(SOURCE.task("gaussian")) == {}


# ---------------------------------------------------------------- results

MARK = TaskMark(
    "pad",
    "Pad",
    1.5,
    3,
    "almost",
    "m",
    "s",
    ["r"],
    [["c", True, "w"]],
    [Picture("a", "b", "c", 40)],
)
RESULT = Result("ada", EXERCISE, ADA, "graded", 1.5, 3, 1, [MARK], ["n"], "k", 0.5)


def test_a_result_survives_its_file():
    assert results.from_json(results.to_json(RESULT)) == RESULT


DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
    b"null",
    results.to_json(RESULT)[:-20],
    results.to_json(replace(RESULT, schema=0)),
    results.to_json(RESULT).replace(b'"points"', b'"dots"'),
    b'{"schema": 1, "tasks": 5}',
    b'{"schema": 1, "tasks": ["pad"]}',
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_result_counts_as_none(tmp_path, content):
    (tmp_path / "a.json").write_bytes(results.to_json(RESULT))
    (tmp_path / "b.json").write_bytes(content)
    assert results.read(tmp_path) == {"k": RESULT}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_name_is_a_formula(name):
    rows = results.to_csv([replace(RESULT, student=name)], [])
    assert next(csv.reader(io.StringIO(rows.split("\n", 1)[1])))[0] == f"'{name}"


def test_columns_that_do_not_apply_are_empty():
    columns = ["00_arrays.crop", f"{EXERCISE}.pad"]
    rows = list(csv.reader(io.StringIO(results.to_csv([RESULT], columns))))
    assert rows[0][5:] == columns
    assert rows[1][5:] == ["", "1.5"]


def test_junit_holds_any_text():
    mark = replace(MARK, says="\0\x1b\ud800\uffff<&\"'")
    root = ElementTree.fromstring(results.to_junit([replace(RESULT, tasks=[mark], student="\x00")]))
    assert "<&\"'" in root[0][0][0].get("message")


# ---------------------------------------------------------------- the roster

ROSTERS = {
    "student\nada\nben\n": ["ada", "ben"],
    "\ufeffemail,Student \nx,ada\ny, ben \n": ["ada", "ben"],
    "Name,Points\nada,1\n": ["ada"],
    "ada\nben\nada\n\n": ["ada", "ben"],
    "email,student\nx\ny,ada\n": ["ada"],
    '"Lovelace, Ada"\n': ["Lovelace, Ada"],
    "Zoe\u0308": ["Zo\u00eb"],
    "id;student\n1;ada\n2;ben\n": ["ada", "ben"],
}


@pytest.mark.parametrize("text", ROSTERS, ids=range(len(ROSTERS)))
def test_a_roster_names_the_class(tmp_path, text):
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    assert read_roster(path) == ROSTERS[text]


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\xff\xfe\x00", b"a" * 200_000])
def test_a_roster_that_is_none_is_one_clear_line(tmp_path, content):
    path = tmp_path / "roster.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=r"^roster .*roster.csv"):
        read_roster(path)


def test_everyone_on_the_roster_has_a_row_even_if_nothing_can_be_told(tmp_path):
    hand_in(tmp_path / "handed", "ada", "rubbish", "x.ipynb")
    roster = tmp_path / "roster.csv"
    roster.write_text("student\nADA\nben\n")
    rows = graded(tmp_path / "handed", roster=roster).results
    assert [(row.student, row.status) for row in rows] == [
        ("ada", "unreadable"),
        ("ben", "missing"),
    ]


def test_two_people_of_one_name_are_two_rows(tmp_path):
    for number in ("77", "78"):
        hand_in(tmp_path / "handed", f"Ada Lovelace_{number}_assignsubmission_file_", "rubbish")
    roster = tmp_path / "roster.csv"
    roster.write_text("student\nAda Lovelace\n")  # who is not missing
    report = graded(tmp_path / "handed", roster=roster)
    assert [row.student for row in report.results] == ["Ada Lovelace (77)", "Ada Lovelace (78)"]
    assert report.notes == []


def test_an_exercise_that_is_asked_for_is_what_a_file_counts_as(tmp_path):
    hand_in(tmp_path / "handed", "ada", "rubbish", "x.ipynb")
    (row,) = graded(tmp_path / "handed", exercise="02").results
    assert (row.exercise, row.max_points) == (EXERCISE, sum(POINTS.values()))


def test_a_seed_is_drawn_once_and_kept(tmp_path):
    hand_in(tmp_path / "handed", "ada", "rubbish")
    first = graded(tmp_path / "handed", seed=None)
    assert json.loads((first.out / "run.json").read_text())["seed"] == first.seed
    assert graded(tmp_path / "handed", seed=None).seed == first.seed
    assert graded(tmp_path / "handed", seed=5).seed == 5
    (first.out / "run.json").write_bytes(b"\xff{")
    assert graded(tmp_path / "handed", seed=None).seed >= 0


def test_a_name_in_no_alphabet_stops_nobody(tmp_path):
    folder = os.fsencode(tmp_path / "handed") + b"/\xff\xfe\x1b[31m"
    os.makedirs(folder)
    Path(os.fsdecode(folder), f"{EXERCISE}.ipynb").write_text("rubbish")
    (row,) = graded(tmp_path / "handed").results
    assert row.student == "???[31m"
    assert row.file == f"???[31m/{EXERCISE}.ipynb"
    assert row.status == "unreadable"
