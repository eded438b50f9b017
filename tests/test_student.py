"""What a student meets in a notebook: checks, hints, targets, help. Cells run in real IPython."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tiny_course import settle

from imgkit import course
from imgkit.course import build, keys, progress, student
from imgkit.course.model import CourseError, State

RIGHT = "def invert(image):\n    return 255 - image"
HALVED = "def invert(image):\n    return 127 - image // 2"
CRASHES = "def invert(image):\n    return image[99]"
STUB = "def invert(image):\n    raise NotImplementedError"
CONTRAST = (
    "def contrast(image, amount=2.0):\n"
    "    middle = invert(image).mean()\n"
    "    return middle + amount * (image - middle)"
)
OURS = re.compile(r"imgkit/course|student\.py|Traceback|File \"|CheckFailed")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A tiny course, built but for the outputs of its solutions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "execute", lambda notebook, folder: None)
        home = settle(tmp_path_factory.mktemp("home"), patch)
        build.build(say=lambda line: None)
    return home


@pytest.fixture(autouse=True)
def folder(built, tmp_path, monkeypatch) -> Path:
    """The student's own folder: current, empty, and far from the kit."""
    settle(built, monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IMGKIT_WORK", raising=False)
    return tmp_path


@pytest.fixture
def notebook(monkeypatch, tmp_path):
    """Run cells as a notebook does; what each showed, printed and raised."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # the shell takes it
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)

    def run(code: str) -> SimpleNamespace:
        with capture_output() as said:
            result = shell.run_cell(code)
        error = result.error_before_exec or result.error_in_exec
        shown = [output.data for output in said.outputs]
        return SimpleNamespace(shown=shown, printed=said.stdout, error=error, value=result.result)

    run("import numpy as np\nfrom imgkit import course\nex = course.exercise('90')")
    yield run
    InteractiveShell.clear_instance()


def text(ran) -> str:
    """The plain text of what a cell showed; HTML always stands beside it."""
    for data in ran.shown:
        assert "text/plain" in data
        assert "text/html" in data or "text/markdown" in data
    return "\n".join(data["text/plain"] for data in ran.shown)


def failed(ran) -> str:
    """A failed check's panel; the cell failed, and of ours one line is seen."""
    assert isinstance(ran.error, course.CheckFailed)
    assert ran.printed.splitlines() == [str(ran.error)]
    assert not OURS.search(ran.printed)
    assert [set(data) for data in ran.shown] == [{"text/html", "text/plain"}]
    return text(ran)


# ---------------------------------------------------------------- check


def test_a_right_function_passes(notebook):
    ran = notebook(f"{RIGHT}\nex.check(invert)")
    assert ran.error is None
    assert text(ran).split("\n") == [
        "✓ invert: passed – 3 of 3 visible cases pass",
        "  The grader tries other cases of the same kind.",
    ]
    assert "<b>✓ invert: passed</b>" in ran.shown[0]["text/html"]


def test_a_wrong_function_is_named_pictured_and_fails_the_cell(notebook):
    notebook(HALVED)
    ran = notebook("ex.check(invert)")
    lines = failed(ran).split("\n")
    assert lines[:2] == [
        "✗ invert: not yet – 0 of 3 visible cases pass",
        "  You halved it.",
    ]
    assert "  a piece: 480 of 480 values differ, first at [0, 0]: yours" in lines[2]
    assert [line.split(":")[0] for line in lines[5:9]] == [
        "  [input", "  [expected", "  [yours", "  [difference",
    ]  # fmt: skip
    assert lines[9] == '  Stuck? `ex.hint("invert")` – hints cost nothing.'
    assert str(ran.error) == "invert: not yet"
    html = ran.shown[0]["text/html"]
    assert html.count("<img ") == 4
    assert all(len(alt) > 20 for alt in re.findall(r'alt="([^"]+)"', html))
    assert "<code>ex.hint(&quot;invert&quot;)</code>" in html
    assert "script" not in html


def test_an_empty_function_is_not_started(notebook):
    notebook(STUB)
    ran = notebook("ex.check(invert)")
    assert failed(ran).split("\n") == [
        "○ invert: not started – 0 of 3 visible cases pass",
        '  Write the function, run its cell, then this one. `ex.hint("invert")`',
    ]


def test_a_crash_shows_the_line(notebook):
    notebook(CRASHES)
    said = failed(notebook("ex.check(invert)"))
    assert "✗ invert: crashed – 0 of 3" in said
    assert (
        "a piece: IndexError: index 99 is out of bounds for axis 0 with size 20, "
        "at `return image[99]`"
    ) in said


def test_a_crash_in_a_helper_shows_where_the_task_called_it(notebook):
    notebook("def helper(image):\n    return image[99]")
    notebook("def invert(image):\n    return helper(image)")
    assert "at `return helper(image)`" in failed(notebook("ex.check(invert)"))


def test_wrong_arguments_are_named(notebook):
    notebook("def contrast(picture, factor):\n    return picture")
    said = failed(notebook("ex.check(contrast)"))
    assert "has to take these arguments, by name, and no others: `image`, `amount`." in said
    assert "contrast() got an unexpected keyword argument 'image'" in said


def test_a_task_that_calls_an_unwritten_one_is_told(notebook):
    notebook(STUB)
    notebook(CONTRAST)
    said = failed(notebook("ex.check(contrast)"))
    assert "✗ contrast: crashed" in said
    assert "It calls `invert`, which is not written yet." in said
    assert notebook("invert = ex.use('invert')\nex.check(contrast)").error is None


def test_a_forbidden_call_is_said(notebook):
    notebook("import cv2")
    notebook("def invert(image):\n    return cv2.bitwise_not(image)")
    said = failed(notebook("ex.check(invert)"))
    assert "to be done without `cv2.bitwise_not`: that would do the work for you." in said
    notebook("from cv2 import bitwise_not as flip")
    notebook("def invert(image):\n    return flip(image)")
    assert "to be done without `flip`" in failed(notebook("ex.check(invert)"))


def test_a_right_function_could_be_better(notebook):
    notebook(
        "def invert(image):\n    out = image.copy()\n    for row in out:\n"
        "        row[:] = 255 - row\n    image[0, 0] = 1\n    return out"
    )
    ran = notebook("ex.check(invert)")
    assert ran.error is None
    assert text(ran).split("\n")[:3] == [
        "✓ invert: could be better – 3 of 3 visible cases pass",
        "  It changes its input `image`: whoever calls it would be surprised.",
        "  It loops 1 deep; it can do without a loop.",
    ]


def test_what_the_function_prints_is_kept(notebook):
    notebook("def invert(image):\n    print('here', image.shape)\n    return 255 - image")
    ran = notebook("ex.check(invert)")
    assert ran.printed == "here (20, 24)\n" * 3
    assert ran.error is None


def test_a_check_by_name(notebook):
    notebook(RIGHT)
    assert notebook("ex.check('invert')").error is None
    assert notebook("ex.check('90_tiny.invert')").error is None
    assert notebook("ex.check('inv')").error is None  # a unique beginning
    assert notebook("course.exercise('90_tiny').check(invert)").error is None


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("ex.check('contrast')", "contrast is not defined yet: run the cell that defines it first"),
        (
            "ex.check('inverse')",
            "there is no task of 90_tiny 'inverse'; did you mean 'invert'? "
            "There are: invert, contrast",
        ),
        ("ex.hint('zzz')", "there is no task of 90_tiny 'zzz'. There are: invert, contrast"),
        (
            "ex.check(invert(np.zeros((2, 2), np.uint8)))",
            "this takes a function, as in ex.check(invert), and got a uint8 array of shape (2, 2)",
        ),
        ("ex.check(lambda image: image)", "there is no task of 90_tiny '<lambda>'"),
        ("ex.hint('invert', 4)", "hint number must be 1 to 3, got 4"),
        ("ex.hint('invert', 0)", "hint number must be 1 to 3, got 0"),
        ("ex.target('invert', 3)", "case must be 0 to 2, got 3"),
        ("course.exercise('90tiny')", "there is no exercise '90tiny'; did you mean '90_tiny'?"),
        ("course.exercise('7')", "there is no exercise '7'. There are: 90_tiny"),
    ],
)
def test_what_a_person_can_mend_is_one_line(notebook, call, says):
    notebook(RIGHT)
    ran = notebook(call)
    assert isinstance(ran.error, CourseError)
    assert ran.printed.startswith(says)
    assert len(ran.printed.splitlines()) == 1
    assert not OURS.search(ran.printed)


def test_an_interrupt_passes_through(notebook):
    notebook("def invert(image):\n    raise KeyboardInterrupt")
    ran = notebook("ex.check(invert)")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert ran.shown == []


# ---------------------------------------------------------------- stale definitions


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("def invert(image):\n    return 255 -", "SyntaxError: invalid syntax"),
        ("1 / 0\n\ndef invert(image):\n    return image", "ZeroDivisionError: division by zero"),
        ("@nothing\ndef invert(image):\n    return image", "NameError: name 'nothing' is not"),
    ],
)
def test_a_cell_that_did_not_run_is_noticed(notebook, broken, why):
    notebook(RIGHT)
    assert notebook("ex.check(invert)").error is None
    notebook(broken)
    for call in ("ex.check(invert)", "ex.check('invert')"):
        ran = notebook(call)
        assert str(ran.error) == "invert: its cell did not run"
        said = failed(ran)
        assert said.startswith(f"The cell that defines `invert` did not run ({why}")
        assert said.endswith("Mend it and run it again.")
    notebook(HALVED)  # mended
    assert "You halved it." in failed(notebook("ex.check(invert)"))


def test_a_cell_mended_together_with_its_check(notebook):
    notebook("def invert(image):\n    return 255 -")
    assert notebook(f"{RIGHT}\nex.check(invert)").error is None


def test_a_cell_that_fails_after_the_definition_is_not_stale(notebook):
    notebook(f"{RIGHT}\n\ninvert(None)")
    assert notebook("ex.check(invert)").error is None


def test_another_cell_that_fails_makes_nothing_stale(notebook):
    notebook(RIGHT)
    notebook("invert(None)")
    notebook("def helper(:")
    assert notebook("ex.check(invert)").error is None


def test_a_cell_that_never_ran_well_is_noticed(notebook):
    notebook("def invert(image):\n    return 255 -")
    assert "did not run (SyntaxError" in failed(notebook("ex.check('invert')"))


def test_two_exercises_share_what_is_known_of_the_cells(notebook):
    notebook(RIGHT)
    notebook("again = course.exercise('90')")
    notebook("def invert(image):\n    return 255 -")
    for name in ("ex", "again"):
        assert "did not run" in failed(notebook(f"{name}.check(invert)"))


# ---------------------------------------------------------------- hint, target, solution, use


def test_hints_come_one_by_one_and_the_last_stays(notebook):
    said = [text(notebook("ex.hint('invert')")) for _ in range(4)]
    assert said[0] == "**Hint 1 of 3**\n\nWhat becomes of 0, and what of 255?"
    assert said[1] == "**Hint 2 of 3**\n\nEach value and its opposite sum to 255."
    assert said[2] == said[3] == "**Hint 3 of 3**\n\n`255 - ...`"
    assert text(notebook("ex.hint('invert', 2)")).startswith("**Hint 2 of 3**")
    assert text(notebook("ex.hint('invert')")).startswith("**Hint 3 of 3**")
    assert text(notebook("ex.hint('contrast')")) == "**Hint 1 of 3**\n\nOne."
    assert "text/markdown" in notebook("ex.hint('contrast')").shown[0]


def test_a_target_is_shown_without_being_written(notebook):
    ran = notebook("ex.target('contrast', 1)")
    lines = text(ran).split("\n")
    assert lines[0].startswith("contrast (4 points, about 3 minutes): Stretch an image away from")
    assert re.match(
        r"  amount [\d.]+: image = a uint8 array of shape \(20, 24\), amount = [\d.]+ "
        r"→ a float64 array of shape \(20, 24\)",
        lines[1],
    )
    assert [line.split(":")[0] for line in lines[2:]] == ["  [input", "  [expected"]
    assert ran.shown[0]["text/html"].count("<img ") == 2


def test_use_gives_the_students_function_if_it_passes_and_says_so(notebook):
    notebook(RIGHT)
    ran = notebook("ex.use('invert') is invert")
    assert ran.value is True
    assert "invert: yours\n" in ran.printed


@pytest.mark.parametrize("cell", ["pass", HALVED, STUB, CRASHES, "invert = 3"])
def test_use_gives_the_reference_otherwise_and_says_so(notebook, cell):
    notebook(cell)
    ran = notebook("f = ex.use('invert')\nf(np.uint8([[1, 2]])).tolist()")
    assert ran.value == [[254, 253]]
    assert "invert: the reference, for yours does not pass yet\n" in ran.printed


def test_the_references_call_each_other_and_not_the_students(notebook):
    notebook(HALVED)
    ran = notebook("ex.use('contrast')(np.uint8([[0, 100]]), amount=1.0).tolist()")
    assert ran.value == [[0.0, 100.0]]


def test_a_solution_is_shown_as_code(notebook):
    said = text(notebook("ex.solution('invert')"))
    assert said.startswith("```python\ndef invert(image):\n")
    assert "    return 255 - image" in said


def test_progress_shows_each_task(notebook):
    notebook(RIGHT)
    notebook("def contrast(image, amount):\n    return image + '1'")
    assert text(notebook("ex.progress()")).split("\n") == [
        "Tiny: 2 tasks",
        "  ✓ invert    passed, 2 points",
        "  ✗ contrast  crashed, 4 points",
    ]


def test_an_exercise_says_what_it_is(notebook):
    assert repr(notebook("ex").value) == "exercise 90_tiny: Tiny, 2 tasks"


# ---------------------------------------------------------------- what is recorded, and where


def test_nothing_is_recorded_elsewhere(notebook, folder):
    notebook(f"{RIGHT}\nex.check(invert)\nex.hint('invert')")
    assert [path.name for path in folder.iterdir() if path.name != "ipython"] == []


def test_progress_is_recorded_beside_its_file(notebook, folder):
    file = folder / "progress.json"
    file.write_text("{}")
    notebook("ex.hint('invert')\nex.hint('invert')\nex.hint('invert', 1)")
    notebook(HALVED)
    notebook("ex.check(invert)")
    assert json.loads(file.read_text()) == {
        "90_tiny": {"invert": {"tries": 1, "hints": 2, "state": "not yet"}}
    }
    notebook(f"{RIGHT}\nex.check(invert)")
    notebook(CRASHES)
    notebook("ex.check(invert)")
    notebook("ex.solution('invert')")
    assert json.loads(file.read_text()) == {
        "90_tiny": {"invert": {"tries": 3, "hints": 2, "state": "passed", "solution": True}}
    }
    assert progress.state(progress.read(file), "90_tiny", "invert") == State.PASSED
    assert progress.state({}, "90_tiny", "invert") == State.NOT_STARTED


def test_a_work_folder_may_be_named(notebook, folder, tmp_path, monkeypatch):
    work = tmp_path / "elsewhere"
    work.mkdir()
    (work / "progress.json").write_text("{}")
    monkeypatch.setenv("IMGKIT_WORK", str(work))
    notebook(f"{RIGHT}\nex.check(invert)")
    assert json.loads((work / "progress.json").read_text())["90_tiny"]["invert"]["tries"] == 1


@pytest.mark.parametrize(
    "content", ["", "not JSON", "[]", '{"90_tiny": []}', '{"90_tiny": {"invert": 3}}', "\xff"]
)
def test_an_unreadable_record_is_kept_and_a_new_one_begun(notebook, folder, content):
    file = folder / "progress.json"
    file.write_bytes(content.encode("latin-1"))
    assert notebook(f"{RIGHT}\nex.check(invert)").error is None
    assert json.loads(file.read_text())["90_tiny"]["invert"]["state"] == "passed"
    kept = folder / "progress.unreadable.json"
    assert kept.read_bytes() == content.encode("latin-1")


# ---------------------------------------------------------------- grading, scripts, kernels


def test_while_grading_nothing_is_checked_or_shown(notebook, monkeypatch, folder):
    (folder / "progress.json").write_text("{}")
    monkeypatch.setenv(student.GRADING, "1")
    notebook("ex = course.exercise('90')")
    notebook(HALVED)
    for call in (
        "ex.check(invert)",
        "ex.check('nothing')",
        "ex.hint('invert')",
        "ex.target('invert')",
        "ex.solution('invert')",
        "ex.progress()",
    ):
        ran = notebook(call)
        assert (ran.error, ran.shown, ran.printed) == (None, [], "")
    assert (folder / "progress.json").read_text() == "{}"


def test_while_grading_use_follows_the_graders_rebinding(notebook, monkeypatch):
    monkeypatch.setenv(student.GRADING, "1")
    notebook("ex = course.exercise('90')")
    notebook(HALVED)
    notebook("mine = ex.use('invert')")
    assert notebook("mine(np.uint8([[1]])).tolist()").value == [[127]]
    notebook("def invert(image):\n    return 'the reference'")
    assert notebook("mine(np.uint8([[1]]))").value == "the reference"
    assert notebook("mine.__name__").value == "invert"


SCRIPT = f"""
from pathlib import Path
from imgkit.course import keys
keys.FOLDER = Path({{folder!r}})

from imgkit import course
ex = course.exercise("90")

{RIGHT}

ex.check(invert)
ex.check("invert")
ex.hint("invert")
ex.target("invert")
ex.progress()

{HALVED}

ex.check(invert)
"""


def test_a_plain_script_says_the_same_in_text(folder):
    """Without IPython, and far from the kit, as for a notebook that came by mail."""
    (folder / "homework.py").write_text(SCRIPT.format(folder=str(keys.FOLDER)))
    ran = subprocess.run(
        [sys.executable, "homework.py"], cwd=folder, capture_output=True, text=True, env=clean()
    )
    assert ran.returncode == 1
    assert ran.stdout.count("✓ invert: passed – 3 of 3 visible cases pass") == 2
    assert "**Hint 1 of 3**\n\nWhat becomes of 0" in ran.stdout
    assert "invert (2 points, about 3 minutes): Turn bright into dark" in ran.stdout
    assert "  ○ contrast  not started, 4 points" in ran.stdout
    assert "✗ invert: not yet" in ran.stdout
    assert "  You halved it." in ran.stdout
    assert ran.stderr.splitlines()[-1] == "imgkit.course.student.CheckFailed: invert: not yet"
    assert [path.name for path in folder.iterdir()] == ["homework.py"]


def clean() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("IMGKIT")}
    return kept | {"PYTHONIOENCODING": "utf-8"}


def test_a_real_kernel_shows_a_panel_and_one_line(folder):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(
        kernel_name="python3", cwd=str(folder), env=clean(), stderr=subprocess.DEVNULL
    )

    def run(code: str) -> tuple[dict, list[dict]]:
        messages = []
        reply = client.execute_interactive(code, timeout=60, output_hook=messages.append)
        shown = [m["content"] for m in messages if m["msg_type"] in ("display_data", "error")]
        return reply["content"], shown

    try:
        run(
            "from pathlib import Path\nfrom imgkit.course import keys\n"
            f"keys.FOLDER = Path({str(keys.FOLDER)!r})\n"
            "from imgkit import course\nex = course.exercise('90')"
        )
        assert run(RIGHT)[0]["status"] == "ok"
        reply, (panel,) = run("ex.check(invert)")
        assert reply["status"] == "ok"
        assert set(panel["data"]) == {"text/html", "text/plain"}

        run(HALVED)
        reply, (panel, error) = run("ex.check(invert)")
        assert reply["status"] == "error"
        assert set(panel["data"]) == {"text/html", "text/plain"}
        assert "You halved it." in panel["data"]["text/plain"]
        assert (error["ename"], error["evalue"]) == ("CheckFailed", "invert: not yet")
        assert error["traceback"] == ["invert: not yet"]

        run("def invert(image):\n    return 255 -")
        reply, (panel, error) = run("ex.check(invert)")
        assert "did not run (SyntaxError" in panel["data"]["text/plain"]
        assert error["traceback"] == ["invert: its cell did not run"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_check_needs_no_shell(capsys):
    def invert(image):
        return np.uint8(254) - image

    with pytest.raises(course.CheckFailed, match="invert: not yet"):
        course.exercise("90").check(invert)
    assert "  One too dark: 255 is white." in capsys.readouterr().out


# ---------------------------------------------------------------- use, and what it must not hide


def test_the_reference_is_never_taken_for_the_students(notebook):
    notebook("invert = ex.use('invert')")
    ran = notebook("ex.check(invert)")
    assert isinstance(ran.error, CourseError)
    assert "holds the reference" in str(ran.error)
    assert "○ invert" in text(notebook("ex.progress()"))
    assert "the reference" in notebook("ex.use('invert')").printed


def test_a_check_says_which_task_it_leans_on_fails(notebook):
    notebook("def invert(image):\n    return image")
    notebook("def contrast(image, amount):\n    return invert(image)")
    assert "It calls `invert`, which does not pass yet" in text(notebook("ex.check(contrast)"))


@pytest.mark.parametrize("name", ["invert", "mine"])
def test_while_grading_use_gives_what_is_bound_at_the_call(notebook, monkeypatch, name):
    monkeypatch.setenv("IMGKIT_GRADING", "1")
    notebook("from imgkit import course; quiet = course.exercise('90_tiny')")
    notebook("def invert(image):\n    return 'students'")
    for _ in range(2):
        notebook(f"{name} = quiet.use('invert')")
    assert notebook(f"print({name}(0))").printed.strip() == "students"
    notebook("def invert(image):\n    return 'reference'")
    assert notebook(f"print({name}(0))").printed.strip() == "reference"
