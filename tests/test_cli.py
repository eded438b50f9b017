"""The command: what it says, in which colours, with which exit code; and never a traceback."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from test_workspace import SOLVED, note, notebook, pass_all, result, small_course
from typer.testing import CliRunner

import imgkit
from imgkit import data, places
from imgkit.cli import app, console, main, student
from imgkit.course import State, build, keys, workspace
from imgkit.course.model import CaseResult, CourseError, Finding, TaskResult

COMMAND = [sys.executable, "-m", "imgkit.cli"]


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """Whoever runs the tests may like colours; what is compared here has none."""
    for name in ("FORCE_COLOR", "PY_COLORS", "COLUMNS", "TTY_COMPATIBLE", "IMGKIT_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def work(tmp_path, monkeypatch):
    return small_course(tmp_path, monkeypatch)


def run(*arguments: str, code: int = 0, **options) -> str:
    """Run the command in this process and hold it to its exit code; gives what it printed."""
    done = CliRunner().invoke(app, list(arguments), prog_name="imgkit", **options)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done.output


def start_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run the command as a person's shell would, piped."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )


def all_commands(command=None, path=()) -> list[tuple[str, ...]]:
    command = command or typer.main.get_command(app)
    found = [path] if path else []
    for name, inner in getattr(command, "commands", {}).items():
        found += all_commands(inner, (*path, name))
    return found


# -- help ----------------------------------------------------------------------------------


def test_the_verbs_are_those_of_the_design():
    single = {path[0] for path in all_commands() if len(path) == 1}
    learn = {"list", "start", "check", "hint", "solution", "reset", "hand-in", "progress", "lab"}
    assert single >= learn | {"doctor", "data", "grade", "course", "demo"}
    assert {("data", "list"), ("data", "info"), ("course", "build")} <= set(all_commands())


@pytest.mark.parametrize("path", [p for p in all_commands() if p not in [("data",), ("course",)]])
def test_every_verb_has_help_with_an_example(path):
    said = run(*path, "--help")
    assert f"Example: imgkit {' '.join(path)}" in said


def test_help_lists_the_verbs_by_whom_they_serve():
    said = run("--help")
    positions = [
        said.index(word) for word in ("Learn:", "  start ", "Teach:", "  grade ", "  doctor ")
    ]
    assert positions == sorted(positions)
    assert run("-h") == said


def test_help_imports_nothing_heavy_and_answers_at_once():
    code = (
        "import sys, time; sys.argv = ['imgkit', '--help']\n"
        "from imgkit.cli import main\n"
        "try: main()\n"
        "finally: print('HEAVY', [name for name in ('cv2', 'numpy', 'matplotlib', 'jupytext',"
        " 'nbval', 'nbformat', 'pytest', 'torch') if name in sys.modules], time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    last = done.stdout.splitlines()[-1]
    assert last.startswith("HEAVY []")
    assert float(last.split()[-1]) < 0.8  # CPU seconds; about 0.15 where nothing else runs


def test_version():
    assert run("--version") == f"imgkit {imgkit.__version__}\n"


# -- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["strat"], "No such command 'strat'. Did you mean 'start'?"),
        (["handin"], "Did you mean 'hand-in'?"),
        (["submit"], "Did you mean 'hand-in'?"),
        (["02"], "Did you mean 'start 02'?"),
        (["data", "lisst"], "No such command 'lisst'. Did you mean 'list'?"),
        (["xyzzy"], "No such command 'xyzzy'."),
        (["start"], "Missing argument"),
        (["start", "99"], "no exercise '99'"),
        (["start", "02_secnod"], "did you mean '02_second'?"),
        (["hint", "twise"], "did you mean '02.twice'?"),
        (["hint", "twice", "7"], "hint number must be 1 to 3, got 7"),
        (["hint", "02", "twice"], "are one word: imgkit hint 02.twice"),
        (["check", "03"], "03_third is not started; imgkit start 03"),
        (["check", "no/such.ipynb"], "there is no file no/such.ipynb"),
        (["data", "info", "coin"], "did you mean 'coins'?"),
        (["reset", "nope"], "no exercise 'nope'"),
        (["hand-in", "02"], "02_second is not started"),
        (["progress", "nope"], "no exercise 'nope'"),
        (["lab", "nope"], "no exercise 'nope'"),
        (["grade", "nowhere"], "nowhere"),
    ],
)
def test_an_error_is_one_clear_line(work, arguments, says):
    said = run(*arguments, code=2)
    errors = [line for line in said.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert says in errors[0]
    assert said.rstrip().endswith(errors[0])


def raising(error: BaseException):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (CourseError("do this instead"), "Error: do this instead"),
        (data.DataError("not that"), "Error: not that"),
        (PermissionError(13, "Permission denied", "/x/y"), "Error: Permission denied: /x/y"),
        (ImportError("libGL.so.1: cannot open"), "The cure: imgkit doctor"),
        (KeyError("oops"), "Error: KeyError: 'oops' – a fault of imgkit's own."),
    ],
)
def test_whatever_goes_wrong_there_is_no_traceback(work, monkeypatch, error, says):
    monkeypatch.setattr(workspace, "standings", raising(error))
    said = run("list", code=2)
    assert says in said
    assert len(said.splitlines()) == 1


def test_who_wants_the_traceback_gets_it(work, monkeypatch):
    monkeypatch.setenv("IMGKIT_TRACEBACK", "1")
    monkeypatch.setattr(workspace, "standings", raising(KeyError("oops")))
    assert isinstance(CliRunner().invoke(app, ["list"]).exception, KeyError)


def test_ctrl_c_ends_with_one_line(work, monkeypatch):
    monkeypatch.setattr(workspace, "standings", raising(KeyboardInterrupt()))
    assert run("list", code=130).strip() == "Stopped."


# -- where you are -------------------------------------------------------------------------


def test_a_fresh_student_is_told_to_start(work):
    assert "Nothing started yet. Next: imgkit start 00\n" in run()


def test_a_student_is_shown_the_open_task(work):
    run("start", "02")
    note("02_second", "twice", state=State.PASSED)
    said = run()
    assert "1 of 6 tasks passed, 2 of 12 points" in said
    assert "Next in Second steps: thrice" in said
    for command in ("imgkit lab 02", "imgkit check 02", "imgkit hint 02.thrice"):
        assert command in said
    pass_all("02_second")
    assert "All 3 tasks of Second steps pass. Next: imgkit start 03" in run()
    pass_all("00_first", "03_third")
    assert "Every task passes." in run()


def test_without_exercises_the_build_comes_next(work, monkeypatch, tmp_path):
    monkeypatch.setattr(keys, "FOLDER", tmp_path / "nothing")
    assert "imgkit course build" in run()
    assert "No exercises are built yet." in run("list")


def test_list_shows_lessons_exercises_and_progress(work):
    run("start", "02")
    note("02_second", "twice", state=State.PASSED)
    said = run("list")
    rows = {line.split()[0]: line for line in said.splitlines() if line}
    assert "not built" in rows["09_later"]
    assert rows["02_second"].endswith("███░░░░░░░ 1/3")
    assert rows["03_third"].endswith("not started")
    listed = json.loads(run("list", "--json"))
    assert [lesson["notebook"] is None for lesson in listed["lessons"]] == [False, True]
    assert listed["exercises"][1] == {
        "id": "02_second",
        "title": "Second steps",
        "minutes": 20,
        "notebook": str(work / "02_second.ipynb"),
        "points": 6,
        "earned": 2,
        "tasks_passed": 1,
        "tasks_total": 3,
    }


def test_progress_shows_what_is_started_or_asked_for(work):
    assert "Nothing started yet" in run("progress")
    run("start", "02")
    note("02_second", "twice", state=State.ALMOST, tries=4, hints=2)
    row = next(line for line in run("progress").splitlines() if "twice" in line)
    assert row.split() == ["≈", "twice", "almost", "2", "4", "2"]
    assert "00_first" not in run("progress")
    assert "00_first" in run("progress", "--all")
    assert "03_third" in run("progress", "03")
    (exercise,) = json.loads(run("progress", "--json"))
    assert exercise["tasks"][0]["state"] == "almost"
    assert exercise["tasks"][0]["tries"] == 4


# -- start, reset, hand-in -----------------------------------------------------------------


def test_start_says_what_is_there_and_what_comes_next(work):
    said = run("start", "2")
    assert "✓ home/work/02_second.ipynb" in said
    assert "3 tasks, 6 points, about 20 minutes" in said
    assert "It builds on 00_first." in said
    assert "imgkit lab 02" in said
    (work / "02_second.ipynb").write_text("mine")
    assert "is there already and stays as it is" in run("start", "02")
    assert (work / "02_second.ipynb").read_text() == "mine"


def test_reset_asks_and_keeps_a_backup(work, monkeypatch):
    path = workspace.start("02").notebook
    path.write_text("mine")
    said = run("reset", "02", code=2)
    assert "add --yes" in said
    monkeypatch.setattr(console, "_someone_is_there", lambda: True)
    assert "Nothing is changed." in run("reset", "02", input="n\n")
    assert path.read_text() == "mine"
    assert "02_second.backup-1.ipynb" in run("reset", "02", input="y\n")
    path.write_text("mine again")
    assert "02_second.backup-2.ipynb" in run("reset", "02", "--yes")
    assert path.read_text() != "mine again"


def test_reset_asks_nothing_where_nothing_is_lost(work):
    workspace.start("02")
    assert "backup" not in run("reset", "02")


def test_hand_in_names_one_file(work):
    path = workspace.start("03").notebook
    assert "! It is as it was handed out" in run("hand-in", "03")
    path.write_text(notebook("03_third", {"finish": SOLVED.format("finish")}))
    pass_all("03_third")
    said = run("hand-in", "03")
    assert str(path) in said
    assert "Ready." in said
    found = json.loads(run("hand-in", "03", "--json"))
    assert found["notebook"] == str(path)
    assert found["sha256"][:12] in said
    assert found["warnings"] == []


# -- check, hint, solution -----------------------------------------------------------------


def pretend_check(monkeypatch, *results: TaskResult, notes=()) -> None:
    """Put a grading wing in place that gives these results."""
    wing = SimpleNamespace(check_notebook=lambda path: (list(results), list(notes)))
    monkeypatch.setitem(sys.modules, "imgkit.grading", wing)


def failed(task: str) -> TaskResult:
    known = workspace.task_of(task).task
    cases = (CaseResult("one", True), CaseResult("two", False, "first at [0]: yours 2, expected 3"))
    finding = Finding("off_by_one", "You count from `1`.")
    return TaskResult(known, State.NOT_YET, cases, finding, shown=1)


def test_check_names_the_mistake_and_the_first_difference(work, monkeypatch):
    workspace.start("02")
    results = [
        result("02.count", State.NOT_STARTED),
        failed("twice"),
        result("thrice", State.PASSED),
    ]
    pretend_check(monkeypatch, *results, notes=["a cell is missing"])
    said = run("check", "02", code=1)
    assert "✗ twice   not yet, 1 of 2 cases" in said
    assert "    You count from `1`.\n    two: first at [0]: yours 2, expected 3" in said
    assert "✓ thrice  passed, 1 of 1 cases" in said
    assert "○ count   not started" in said
    assert "! a cell is missing" in said
    assert "1 of 3 tasks pass.\nStuck? imgkit hint 02.twice" in said
    assert workspace.task_of("twice").tries == 1
    assert workspace.task_of("thrice").state == State.PASSED


def test_check_is_content_when_all_pass(work, monkeypatch, tmp_path):
    pretend_check(monkeypatch, result("finish", State.COULD_BE_BETTER))
    elsewhere = tmp_path / "03_third.ipynb"
    elsewhere.write_text(notebook("03_third", {}))
    assert "1 of 1 tasks pass. Nothing is recorded." in run("check", str(elsewhere))
    assert not work.exists()


def test_check_as_json(work, monkeypatch):
    workspace.start("02")
    pretend_check(monkeypatch, failed("twice"), notes=["so"])
    found = json.loads(run("check", "02", "--json", code=1))
    assert found["exercise"] == "02_second"
    assert found["notes"] == ["so"]
    assert found["tasks"][0]["mistake"] == "off_by_one"
    assert [case["passed"] for case in found["tasks"][0]["cases"]] == [True, False]


def test_hints_are_shown_one_after_the_other(work):
    workspace.start("02")
    assert "Hint 1 of 3 for 02.twice\n\n*a*" in run("hint", "twice")
    assert "`b`" in run("hint", "twice")
    assert "The solution: imgkit solution 02.twice" in run("hint", "twice")
    assert "*a*" in run("hint", "twice", "1")


def test_a_solution_is_shown_to_who_insists(work, monkeypatch):
    workspace.start("02")
    assert "add --yes" in run("solution", "twice", code=2)
    monkeypatch.setattr(console, "_someone_is_there", lambda: True)
    assert "return 1" not in run("solution", "twice", input="n\n")
    assert not workspace.task_of("twice").solution_seen
    assert SOLVED.format("twice") in run("solution", "twice", "--yes")
    assert workspace.task_of("twice").solution_seen
    assert "solution seen" in run("progress")
    note("02_second", "thrice", state=State.PASSED)
    assert SOLVED.format("thrice") in run("solution", "thrice")


def test_ctrl_c_at_a_question_ends_with_one_line(work, monkeypatch):
    workspace.start("02")
    monkeypatch.setattr(console, "_someone_is_there", lambda: True)
    monkeypatch.setattr(typer, "confirm", raising(typer.Abort()))
    assert run("solution", "twice", code=130).strip() == "Stopped."


def test_what_the_command_starts_has_threads_that_sleep(monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.setattr(sys.modules["imgkit.cli.app"], "app", lambda **options: None)
    main()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


# -- lab, demo, doctor, data ---------------------------------------------------------------


def test_lab_starts_jupyterlab_on_the_notebooks(work, monkeypatch):
    seen = []
    monkeypatch.setattr(student, "_become", lambda command: seen.append(command) or 0)
    run("lab", "02", "--no-browser", "--port", "8890")
    run("lab")
    command, plain = seen
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={places.home()}" in command
    assert "--LabApp.default_url=/lab/tree/work/02_second.ipynb" in command
    assert command[-3:] == ["--no-browser", "--port", "8890"]
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in plain
    assert "--LabApp.news_url=None" in plain  # nothing leaves this machine
    assert (work / "00_first.ipynb").is_file()


def test_demo_gives_its_exit_code(monkeypatch):
    monkeypatch.setitem(sys.modules, "imgkit.demo", SimpleNamespace(run=lambda console: 3))
    monkeypatch.setattr(imgkit, "demo", sys.modules["imgkit.demo"], raising=False)
    run("demo", code=3)


@pytest.mark.parametrize(
    ("status", "code", "mark"), [("ok", 0, "✓"), ("warn", 0, "!"), ("fail", 1, "✗")]
)
def test_doctor_fails_only_where_something_needed_fails(monkeypatch, status, code, mark):
    from imgkit import doctor

    finding = doctor.Finding("OpenCV", status, "does [not] load", "apt-get install libgl1")
    monkeypatch.setattr(doctor, "EXAMINATIONS", (lambda: iter([finding]),))
    said = run("doctor", code=code)
    assert f"{mark} OpenCV: does [not] load\n  → apt-get install libgl1" in said
    (found,) = json.loads(run("doctor", "--json", code=code))
    assert found["cure"] == "apt-get install libgl1"


def test_data_lists_and_tells():
    assert {line.split()[0] for line in run("data", "list").splitlines() if line} >= set(
        data.names()
    )
    assert [card["name"] for card in json.loads(run("data", "list", "--json"))] == data.names()
    said = run("data", "info", "coins")
    assert 'coins = data.load("coins")' in said
    assert data.card("coins").licence in said
    assert json.loads(run("data", "info", "coins", "--json"))["sha256"] == data.card("coins").sha256


# -- the instructor ------------------------------------------------------------------------


def pretend_grading(monkeypatch, tmp_path, asked: dict) -> Path:
    """Put a grading wing in place that gives two results and notes what it was asked."""
    out = tmp_path / "grades"
    (out / "feedback").mkdir(parents=True)
    (out / "grades.csv").write_text("")
    task = SimpleNamespace(
        id="twice", points=1, max_points=2, state="not yet", mistake="off_by_one"
    )
    about = {"exercise": "02_second", "max_points": 2, "file": "x.ipynb", "seed": 5, "notes": []}
    ada = SimpleNamespace(student="Ada [B]", points=1.5, status="graded", tasks=[task], **about)
    bob = SimpleNamespace(student="Bob", points=0, status="missing", tasks=[], **about)

    def grade(submissions, **options):
        asked.update(options, submissions=submissions)
        options["say"]("[1/1] Ada")
        return SimpleNamespace(out=out, results=[ada, bob], notes=["two files"], seed=5)

    wing = SimpleNamespace(grade=grade)
    monkeypatch.setitem(sys.modules, "imgkit.grading", wing)
    monkeypatch.setattr(imgkit, "grading", wing, raising=False)
    return out


def test_grade_shows_progress_then_the_table_then_the_files(work, monkeypatch, tmp_path):
    asked: dict = {}
    out = pretend_grading(monkeypatch, tmp_path, asked)
    options = ["-e", "2", "--seed", "5", "-j", "2", "--roster", "class.csv", "-o", str(out)]
    said = run("grade", "handed-in", *options)
    lines = said.splitlines()
    assert lines[0] == "[1/1] Ada"
    ada = next(line for line in lines if "Ada [B]" in line)
    assert ada.split()[-4:] == ["1.5", "2", "✓", "graded"]
    assert next(line for line in lines if "Bob" in line).endswith("! missing")
    assert "two files" in lines
    assert "grades/grades.csv" in said
    assert "junit.xml" not in said  # it was not written
    assert asked["exercise"] == "02_second"
    assert (asked["seed"], asked["jobs"], asked["out"]) == (5, 2, out)
    assert (asked["submissions"], asked["roster"]) == (Path("handed-in"), Path("class.csv"))


def test_grade_as_json_keeps_standard_output_clean(work, monkeypatch, tmp_path, capsys):
    pretend_grading(monkeypatch, tmp_path, {})
    app(["grade", "handed-in", "--json"], standalone_mode=False)
    printed = capsys.readouterr()
    ada, bob = json.loads(printed.out)
    assert ada["tasks"][0]["mistake"] == "off_by_one"
    assert bob["status"] == "missing"
    assert printed.err == "[1/1] Ada\n"


def test_course_build_says_what_is_due(work, monkeypatch):
    monkeypatch.setattr(build, "outdated", lambda names: ["exercises/02.ipynb: missing"])
    said = run("course", "build", "--check", code=1)
    assert "✗ exercises/02.ipynb: missing" in said
    monkeypatch.setattr(build, "outdated", lambda names: [])
    assert run("course", "build", "--check") == "Everything is up to date.\n"


def test_course_build_builds_what_is_named(work, monkeypatch):
    asked = []

    def pretend(names, *, force, say):
        asked.append((names, force))
        say("exercise 02")
        return [Path("a"), Path("b")] if force else []

    monkeypatch.setattr(build, "build", pretend)
    assert run("course", "build", "2", "03_third", "--force") == "exercise 02\n2 files written.\n"
    assert run("course", "build").endswith("Everything is up to date.\n")
    assert asked == [(["02", "03_third"], True), ([], False)]


# -- real processes ------------------------------------------------------------------------


def test_a_pipe_gets_whole_names_and_no_colours(tmp_path):
    work = tmp_path / ("a_very_long_folder_name_" * 8)
    assert start_process("start", "02_convolution", IMGKIT_WORK=str(work)).returncode == 0
    for arguments in (["list"], ["progress"], [], ["hint", "02", "--help"], ["data", "list"]):
        done = start_process(*arguments, IMGKIT_WORK=str(work))
        assert done.returncode == 0
        assert done.stderr == ""
        assert "\x1b" not in done.stdout
        assert all(line == line.rstrip() for line in done.stdout.splitlines())
    assert str(work / "02_convolution.ipynb") in start_process(IMGKIT_WORK=str(work)).stdout


def test_an_error_goes_to_standard_error():
    done = start_process("start", "no_such_thing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_terminal_without_the_marks_gets_other_ones(tmp_path):
    done = start_process("progress", "02", PYTHONIOENCODING="ascii", IMGKIT_WORK=str(tmp_path))
    assert done.returncode == 0
    assert "not started" in done.stdout


def test_a_closed_pipe_is_no_fault():
    command = f"{' '.join(COMMAND)} data list --json | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""


def in_a_terminal(*arguments: str, answer: str = "", columns: int = 80, **environment: str) -> str:
    """Run the command in a terminal of its own, answer its question, and give what it shows."""
    size = {"COLUMNS": str(columns), "LINES": "40", "TERM": "xterm-256color"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [*COMMAND, *arguments], os.environ | size | environment)
    shown, deadline = b"", time.monotonic() + 30
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.2)[0]:
            if answer and b"[y/N]" in shown:  # it is quiet: it waits
                os.write(terminal, answer.encode())
            continue
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # it has ended
            break
    os.close(terminal)  # which ends it, if it has not
    os.waitpid(pid, 0)
    return shown.decode()


def test_a_terminal_gets_colours_that_need_no_dark_background(tmp_path):
    place = {"IMGKIT_WORK": str(tmp_path)}
    start_process("start", "02_convolution", **place)
    shown = in_a_terminal("progress", COLORTERM="truecolor", **place)
    assert "\x1b[38;2;107;114;128m○" in shown  # a middling grey
    assert "\x1b[1m02_convolution" in shown
    assert "\x1b[4" not in shown.replace("\x1b[4m", "")  # no backgrounds


def test_a_terminal_is_asked_before_a_solution(tmp_path):
    place = {"IMGKIT_WORK": str(tmp_path)}
    task = next(iter(keys.load("02_convolution").tasks))
    name = f"02_convolution.{task}"
    assert "Not shown." in in_a_terminal("solution", name, answer="n\n", **place)
    assert f"def {task}" in in_a_terminal(
        "solution", name, answer="y\n", NO_COLOR="1", **place
    ).replace("\x1b[1mdef\x1b[0m", "def")
    assert "Stopped." in in_a_terminal("solution", name, answer="\x03", **place)


def test_a_notebook_is_checked_from_start_to_verdict(tmp_path):
    place = {"IMGKIT_WORK": str(tmp_path)}
    assert start_process("start", "02_convolution", **place).returncode == 0
    done = start_process("check", "02_convolution", **place)
    assert done.returncode == 1, done.stderr
    tasks = list(keys.load("02_convolution").tasks)
    assert [line.split()[1] for line in done.stdout.splitlines() if line[:1] == "○"] == tasks
    assert f"0 of {len(tasks)} tasks pass." in done.stdout
    recorded = json.loads((tmp_path / "progress.json").read_text())
    assert set(recorded["02_convolution"]) == set(tasks)
