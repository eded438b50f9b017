"""The student's folder: nothing of theirs is lost, and what is said about it is true."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from imgkit import places
from imgkit.course import CourseError, State, keys, progress, solutions, workspace
from imgkit.course.model import Case, CaseResult, Task, TaskResult

SOLVED = 'def {0}(x):\n    """Do it."""\n    return 1'
STUB = 'def {0}(x):\n    """Do it."""\n    # Your code here.\n    raise NotImplementedError'
COURSE = {  # exercise -> (title, what it builds on, its tasks)
    "00_first": ("First steps", (), ("look", "count")),
    "02_second": ("Second steps", ("00_first",), ("twice", "thrice", "count")),
    "03_third": ("Third steps", (), ("finish",)),
}


def small_course(tmp_path: Path, monkeypatch) -> Path:
    """A course of three exercises and two lessons in a folder of its own; gives work/."""
    home, work = tmp_path / "home", tmp_path / "home" / "work"
    for folder in ("course/lessons", "notebooks", "exercises", "solutions", "keys"):
        (home / folder).mkdir(parents=True)
    for name, (title, needs, tasks) in COURSE.items():
        made = {
            task: Task(task, f"How to {task}", 2, 5, 1, "equal()", hints=("*a*", "`b`", "c"))
            for task in tasks
        }
        cases = {task: (Case("one", {"x": 1}, 1),) for task in tasks}
        key = keys.Key(name, title, 20, needs, made, cases)
        (home / "keys" / f"{name}.zip").write_bytes(keys.to_bytes(key))
        for folder, text in (("exercises", STUB), ("solutions", SOLVED)):
            content = notebook(name, {task: text.format(task) for task in tasks})
            (home / folder / f"{name}.ipynb").write_text(content)
    (home / "notebooks" / "00_start_here.ipynb").write_text(notebook("00_start_here", {}))
    header = "# ---\n# jupyter:\n#   imgkit:\n#     title: Later\n#     minutes: 30\n# ---\n"
    (home / "course" / "lessons" / "09_later.py").write_text(header)
    monkeypatch.setattr(places, "home", lambda: home)
    monkeypatch.setattr(solutions, "home", lambda: home)
    monkeypatch.setattr(keys, "FOLDER", home / "keys")
    monkeypatch.setenv("IMGKIT_WORK", str(work))
    monkeypatch.chdir(tmp_path)
    return work


def notebook(name: str, functions: dict[str, str]) -> str:
    cells = [
        {
            "cell_type": "code",
            "source": text,
            "metadata": {"nbgrader": {"grade_id": task, "solution": True}},
        }
        for task, text in functions.items()
    ]
    about = {"imgkit": {"id": name, "title": name.replace("_", " "), "minutes": 15}}
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def work(tmp_path, monkeypatch):
    return small_course(tmp_path, monkeypatch)


def note(exercise: str, task: str, **facts) -> None:
    progress.record(exercise, task, places.work() / progress.NAME, **facts)


def pass_all(*exercises: str) -> None:
    for exercise in exercises:
        for task in COURSE[exercise][2]:
            note(exercise, task, state=State.PASSED, tries=1)


# -- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["02_second", "02", "2", "02_se", "02_second.ipynb", "work/02_second.ipynb", "02.twice"]
)
def test_an_exercise_goes_by_many_names(work, name):
    assert workspace.exercise_id(name) == "02_second"


def test_a_wrong_exercise_gets_a_suggestion(work):
    with pytest.raises(CourseError, match="did you mean '02_second'"):
        workspace.exercise_id("02_secnod")
    with pytest.raises(CourseError, match="could be 00_first, 02_second, 03_third"):
        workspace.exercise_id("")


def test_without_exercises_the_build_is_named(work, monkeypatch, tmp_path):
    monkeypatch.setattr(keys, "FOLDER", tmp_path / "nothing")
    with pytest.raises(CourseError, match="imgkit course build"):
        workspace.exercise_id("02")


def test_the_short_name_is_the_number_only_where_it_is_unique(work):
    assert workspace.short("02_second") == "02"
    (keys.FOLDER / "02_other.zip").write_bytes((keys.FOLDER / "02_second.zip").read_bytes())
    assert workspace.short("02_second") == "02_second"


@pytest.mark.parametrize("name", ["02.twice", "02_second.twice", "2.tw", "twice", "tw"])
def test_a_task_goes_by_many_names(work, name):
    found = workspace.task_of(name)
    assert (found.exercise, found.task.id, found.name) == ("02_second", "twice", "02.twice")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("count", "could be 00.count, 02.count"),
        ("02_second", "is an exercise; name one of its tasks: 02.twice, 02.thrice, 02.count"),
        ("twise", "did you mean '02.twice'"),
        ("02.twise", "did you mean 'twice'"),
        ("zzz", "no task 'zzz'. All tasks"),
    ],
)
def test_a_wrong_task_gets_a_suggestion(work, name, says):
    with pytest.raises(CourseError, match=says):
        workspace.task_of(name)


def test_a_notebook_is_found_by_path_and_by_name(work, tmp_path):
    own = workspace.start("02").notebook
    elsewhere = tmp_path / "copy.ipynb"
    elsewhere.write_bytes(own.read_bytes())
    assert workspace.notebook_at("02") == own
    assert workspace.notebook_at("02_second.ipynb") == own
    assert workspace.notebook_at(str(elsewhere)) == elsewhere


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("03", "03_third is not started; imgkit start 03"),
        ("02_secnd.ipynb", "no file 02_secnd.ipynb; did you mean '02_second.ipynb'"),
        ("there/is/none.ipynb", "no file there/is/none.ipynb"),
        (".", "is a folder"),
    ],
)
def test_a_missing_notebook_says_what_to_do(work, name, says):
    workspace.start("02")
    with pytest.raises(CourseError, match=says):
        workspace.notebook_at(name)


def test_a_notebook_is_known_by_what_it_says_then_by_its_code_then_by_its_name(tmp_path, work):
    path = tmp_path / "02_second-1.ipynb"
    path.write_text(notebook("00_first", {}))
    assert workspace.identify(path) == "00_first"
    path.write_text(notebook("?", {"setup": 'ex = course.exercise("03_third")'}))
    assert workspace.identify(path) == "03_third"
    path.write_text(notebook("?", {}))
    assert workspace.identify(path) == "02_second"
    with pytest.raises(CourseError, match="no exercise of this course"):
        workspace.identify(path.rename(tmp_path / "mine.ipynb"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 1}', "\x00", "[" * 100_000])
def test_what_is_no_notebook_is_an_error_of_one_line(tmp_path, work, text):
    path = tmp_path / "02_second.ipynb"
    path.write_text(text)
    with pytest.raises(CourseError, match="not a readable notebook") as error:
        workspace.identify(path)
    assert "\n" not in str(error.value)


# -- start and reset -----------------------------------------------------------------------


def test_start_copies_and_marks_the_folder(work):
    did = workspace.start("02")
    assert did.created
    assert did.notebook == work / "02_second.ipynb"
    assert did.unmet == ("00_first",)
    assert (
        did.notebook.read_bytes() == (places.home() / "exercises" / "02_second.ipynb").read_bytes()
    )
    assert json.loads((work / "progress.json").read_text()) == {}


def test_start_never_overwrites(work):
    path = workspace.start("02").notebook
    path.write_text("mine")
    note("02_second", "twice", tries=1)
    assert not workspace.start("02").created
    assert path.read_text() == "mine"
    assert "twice" in (work / "progress.json").read_text()


@pytest.mark.parametrize("target", ["treasure.txt", "nowhere.txt"])
def test_start_and_reset_never_write_through_a_link(work, tmp_path, target):
    (tmp_path / "treasure.txt").write_text("gold")
    work.mkdir()
    (work / "02_second.ipynb").symlink_to(tmp_path / target)
    assert not workspace.start("02").created
    with pytest.raises(CourseError, match="is a link"):
        workspace.reset("02")
    assert (work / "02_second.ipynb").is_symlink()
    assert (tmp_path / "treasure.txt").read_text() == "gold"
    assert not (tmp_path / "nowhere.txt").exists()


def test_start_says_what_stands_in_its_way(work):
    work.write_text("a file")
    with pytest.raises(CourseError, match="is a file; a folder of that name"):
        workspace.start("02")
    work.unlink()
    (work / "progress.json").mkdir(parents=True)
    with pytest.raises(CourseError, match="no plain file"):
        workspace.start("02")
    (places.home() / "exercises" / "02_second.ipynb").unlink()
    with pytest.raises(CourseError, match="imgkit course build 02"):
        workspace.start("02")


def test_reset_keeps_every_former_version(work):
    path, handed_out = workspace.start("02").notebook, workspace.start("02").notebook.read_bytes()
    backups = []
    for text in ("one", "two"):
        path.write_text(text)
        assert workspace.changed("02")
        backups.append(workspace.reset("02").backup)
        assert path.read_bytes() == handed_out
    assert [backup.read_text() for backup in backups] == ["one", "two"]
    assert [backup.name for backup in backups] == [
        "02_second.backup-1.ipynb",
        "02_second.backup-2.ipynb",
    ]


def test_reset_of_an_untouched_notebook_leaves_no_backup(work):
    workspace.start("02")
    assert not workspace.changed("02")
    assert workspace.reset("02").backup is None
    assert len(list(work.glob("*.ipynb"))) == 1


def test_reset_forgets_states_and_keeps_tries_and_hints(work):
    workspace.start("02")
    note("02_second", "twice", state=State.PASSED, tries=3, hints=2)
    note("00_first", "look", state=State.PASSED)
    workspace.reset("02")
    task = workspace.task_of("twice")
    assert (task.state, task.tries, task.hints) == (State.NOT_STARTED, 3, 2)
    assert workspace.task_of("look").state == State.PASSED


# -- check, hint, solution -----------------------------------------------------------------


def result(task: str, state: State) -> TaskResult:
    known = workspace.task_of(task).task
    return TaskResult(known, state, (CaseResult("one", state.passes),))


def test_a_check_is_recorded_in_the_work_folder_only(work, tmp_path):
    path = workspace.start("02").notebook
    results = [result("twice", State.PASSED), result("thrice", State.NOT_STARTED)]
    assert workspace.record(path, results)
    elsewhere = tmp_path / "02_second.ipynb"
    elsewhere.write_bytes(path.read_bytes())
    assert not workspace.record(elsewhere, [result("thrice", State.PASSED)])
    twice, thrice, _ = workspace.standing("02_second").tasks
    assert (twice.state, twice.tries) == (State.PASSED, 1)
    assert (thrice.state, thrice.tries) == (State.NOT_STARTED, 0)


def test_hints_come_one_after_the_other(work):
    workspace.start("02")
    numbers = [workspace.next_hint("twice").number for _ in range(4)]
    assert numbers == [1, 2, 3, 3]
    assert workspace.next_hint("twice", 1).text == "*a*"
    assert workspace.task_of("twice").hints == 3


def test_a_hint_before_the_start_counts_nothing_and_makes_nothing(work):
    assert not workspace.next_hint("twice").counted
    assert workspace.next_hint("twice").number == 1
    assert not work.exists()


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_hint_that_is_not_there_is_named(work, number):
    with pytest.raises(CourseError, match=f"hint number must be 1 to 3, got {number}"):
        workspace.next_hint("twice", number)


def test_looking_at_a_solution_is_noted_before_the_pass_only(work):
    workspace.start("02")
    note("02_second", "twice", state=State.PASSED)
    assert workspace.solution("twice") == SOLVED.format("twice")
    workspace.solution("thrice")
    twice, thrice, _ = workspace.standing("02_second").tasks
    assert (twice.solution_seen, thrice.solution_seen) == (False, True)


# -- hand in -------------------------------------------------------------------------------


def test_hand_in_names_the_file_and_its_fingerprint(work):
    path = workspace.start("03").notebook
    path.write_text(notebook("03_third", {"finish": SOLVED.format("finish")}))
    pass_all("03_third")
    found = workspace.hand_in("03")
    assert found.notebook == path
    assert found.warnings == ()
    assert found.bytes == path.stat().st_size
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.saved.timestamp() == pytest.approx(path.stat().st_mtime)


def test_hand_in_warns_of_what_was_never_saved(work):
    path = workspace.start("02").notebook
    assert "nothing is saved" in workspace.hand_in("02").warnings[0]
    texts = {
        "twice": STUB.format("twice"),
        "thrice": "%matplotlib inline\n!ls\n" + SOLVED.format("thrice"),
        "count": "def count(x):\n    return (",
    }
    path.write_text(notebook("02_second", texts))
    pass_all("02_second")
    unsaved, broken = workspace.hand_in("02").warnings
    assert unsaved == "Passed, but empty in the file: twice. Save it in JupyterLab first."
    assert broken == "count is not valid Python: line 2 of its cell: '(' was never closed."


def test_hand_in_names_what_does_not_pass(work):
    path = workspace.start("02").notebook
    path.write_text(notebook("02_second", {"twice": SOLVED.format("twice")}))
    note("02_second", "twice", state=State.ALMOST)
    assert workspace.hand_in("02").warnings == (
        "Not passed yet: twice (almost), thrice (not started), count (not started).",
    )


def test_hand_in_refuses_another_exercise_and_what_is_not_there(work):
    with pytest.raises(CourseError, match="03_third is not started; imgkit start 03"):
        workspace.hand_in("03")
    workspace.start("03").notebook.write_text(notebook("02_second", {}))
    with pytest.raises(CourseError, match="is not 03_third but 02_second"):
        workspace.hand_in("03")


# -- what comes next -----------------------------------------------------------------------


def touch(exercise: str, second: int) -> None:
    os.utime(places.work() / f"{exercise}.ipynb", (second, second))


def test_the_first_step_is_the_first_exercise(work):
    step = workspace.next_step()
    assert (step.do, step.exercise.id, step.finished) == ("start", "00_first", None)


def test_the_next_step_is_the_open_task_of_the_notebook_saved_last(work):
    for second, exercise in enumerate(("02_second", "00_first", "03_third")):
        workspace.start(exercise)
        touch(exercise, second)
    touch("02_second", 9)
    note("02_second", "twice", state=State.COULD_BE_BETTER)
    step = workspace.next_step()
    assert (step.do, step.exercise.open_task.name) == ("work", "02.thrice")


def test_after_an_exercise_comes_the_one_behind_it(work):
    workspace.start("02")
    pass_all("02_second")
    step = workspace.next_step()
    assert (step.do, step.exercise.id, step.finished.id) == ("start", "03_third", "02_second")
    pass_all("03_third")
    assert workspace.next_step().exercise.id == "00_first"
    pass_all("00_first")
    assert workspace.next_step().do == "done"


def test_without_keys_the_next_step_is_to_build(work, monkeypatch, tmp_path):
    monkeypatch.setattr(keys, "FOLDER", tmp_path / "nothing")
    assert workspace.next_step().do == "build"


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "not json",
        '{"02_second": 3}',
        '{"02_second": {"twice": []}}',
        '{"02_second": {"twice": {"state": "great", "tries": "many", "hints": -1}}}',
    ],
)
def test_a_progress_file_that_someone_edited_does_no_harm(work, text):
    workspace.start("02")
    (work / "progress.json").write_text(text)
    task = workspace.task_of("twice")
    assert (task.state, task.tries, task.hints) == (State.NOT_STARTED, 0, 0)
    assert workspace.next_step().do == "work"


def test_lessons_are_listed_whether_built_or_not(work):
    built, later = workspace.lessons()
    assert (built.title, built.minutes, built.notebook.name) == (
        "00 start here",
        15,
        "00_start_here.ipynb",
    )
    assert (later.title, later.minutes, later.notebook) == ("Later", 30, None)


# -- JupyterLab ----------------------------------------------------------------------------


def test_lab_opens_the_first_lesson_or_an_exercise_in_the_checkout(work):
    place = workspace.lab_place()
    assert (place.root, place.opens.name) == (places.home(), "00_start_here.ipynb")
    assert (work / "00_first.ipynb").is_file()
    assert workspace.lab_place("02").opens == work / "02_second.ipynb"


def test_lab_brings_the_lessons_to_a_work_folder_elsewhere(work, tmp_path, monkeypatch):
    monkeypatch.setenv("IMGKIT_WORK", str(tmp_path / "mine"))
    place = workspace.lab_place()
    assert (place.root, place.opens) == (
        tmp_path / "mine",
        tmp_path / "mine" / "lessons" / "00_start_here.ipynb",
    )
    place.opens.write_text("my notes")
    workspace.lab_place()
    assert place.opens.read_text() == "my notes"


def test_a_quick_outline_agrees_with_the_whole_key():
    for name in keys.names():
        quick, whole = keys.outline(name), keys.load(name)
        assert (quick.title, quick.minutes, quick.needs) == (
            whole.title,
            whole.minutes,
            whole.needs,
        )
        assert quick.points == whole.points
        pairs = zip(quick.tasks.values(), whole.tasks.values(), strict=True)
        assert all((a.id, a.title, a.hints) == (b.id, b.title, b.hints) for a, b in pairs)
