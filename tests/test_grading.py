"""A class is graded under nbval: honest work keeps its points, and no trick earns any.

One class hands in everything below and is graded once, two at a time, under small limits. Each
trick stands in a notebook that answers some tasks rightly and the others wrongly, so that its
marks show both: the right ones count, the wrong ones do not.
"""

import csv
import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import psutil
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
    answers,
    code,
    filled_in,
    hand_in,
    mistaken,
    notebook,
    own_temporary_folder,
    processes_in,
    snapshot,
)

import imgkit
from imgkit import grading
from imgkit.course import CourseError, keys
from imgkit.course.answers import to_text
from imgkit.grading import feedback, grader, rebuild, results
from imgkit.grading.kernel import KernelGone, LimitedKernel, _memory

HALF = TASKS[: len(TASKS) // 2]
MISTAKEN = TASKS[1]
MISTAKE_CELL, MISTAKE = mistaken(MISTAKEN)


@dataclass(frozen=True)
class Handed:
    """What a student hands in, and what it has to earn."""

    content: str
    earns: list[str]
    "the tasks that get all their points; the others get none"
    status: str = "graded"
    "one of the words in it"
    file: str = ""


def function(task: str, body: str) -> str:
    """A cell with a version of the task that takes anything."""
    return f"def {task}(*args, **inputs):\n" + "".join(
        f"    {line}\n" for line in body.strip().splitlines()
    )


CLASS: dict[str, Handed] = {}

# ---------------------------------------------------------------- the six kinds

CLASS |= {
    "right": Handed(filled_in(RIGHT), TASKS),
    "half": Handed(filled_in({task: RIGHT[task] for task in HALF}), HALF),
    "never": Handed(filled_in({}), []),
}
CLASS["mistaken"] = Handed(
    filled_in(RIGHT | {MISTAKEN: MISTAKE_CELL}), [task for task in TASKS if task != MISTAKEN]
)  # and a part of the points of the other
CLASS["crashing"] = Handed(
    notebook(
        "1 / 0",
        "this is not Python",
        "raise ValueError('long ' * 100_000)",
        *answers(
            "gaussian",
            pad=function("pad", "return undefined"),
            correlate2d=function("correlate2d", r"raise ValueError('\ud800 <script>' * 300_000)"),
            convolve2d=function("convolve2d", "return convolve2d(*args, **inputs)"),
            integral_image=function(
                "integral_image",
                "class Silent(Exception):\n    def __str__(self): raise RuntimeError\nraise Silent",
            ),
        ),
    ),
    ["gaussian"],
)
CLASS["looping"] = Handed(
    notebook(
        "while True:\n    pass",
        *answers(*TASKS, pad=function("pad", "while True:\n    pass")),
    ),
    TASKS[1:],
    status="timeout",
)
CLASS["deaf"] = Handed(
    notebook(
        *answers(
            *TASKS,
            gaussian=function(
                "gaussian",
                "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            ),
        )
    ),
    [task for task in TASKS if task != "gaussian"],
    status="timeout",
)
CLASS["sleeping"] = Handed(
    notebook(*answers(*TASKS, pad=function("pad", "import time\ntime.sleep(1000)"))),
    TASKS[1:],
    status="timeout",
)

# ---------------------------------------------------------------- cells copied, lost and edited

TAGS = {"tags": ["raises-exception", "skip-execution", "nbval-skip", "nbval-raises-exception"]}
MARKERS = "# NBVAL_SKIP\n# NBVAL_RAISES_EXCEPTION\n# NBVAL_IGNORE_OUTPUT\n"
CLASS["tagged"] = Handed(notebook(*[code(MARKERS + cell, **TAGS) for cell in answers(*HALF)]), HALF)
CLASS["tampering"] = Handed(  # the check cells say that all is well
    notebook(
        "from imgkit import course\nex = course.exercise('02')",
        *[
            cell
            for task, answer in zip(TASKS, answers(*HALF), strict=True)
            for cell in (
                answer,
                f"ex.check = lambda *a: True\nex.check({task})",
                f"assert True  # ex.check({task}) passed, {POINTS[task]} points",
            )
        ],
    ),
    HALF,
)
CLASS["copying"] = Handed(  # an empty copy before the answer, or behind it
    notebook(
        *[EMPTY[task] for task in HALF], *answers(*TASKS), *[EMPTY[task] for task in TASKS[3:]]
    ),
    TASKS,
)
CLASS["rewriting"] = Handed(  # of two versions the last counts
    notebook(*answers(*HALF), *answers(*TASKS[3:])), TASKS[3:]
)
CLASS["losing"] = Handed(  # set-up, checks and one task deleted; the file renamed
    notebook(*[RIGHT[task] for task in TASKS[1:]], about={}),
    TASKS[1:],
    file="my homework (final, really).ipynb",
)
CLASS["leaning"] = Handed(  # on what `use` gives, under the task's own name too
    notebook(
        RIGHT["pad"],
        "from imgkit import course\nex = course.exercise('02')",
        "pad = ex.use('pad')\nslide = ex.use('correlate2d')",
        *[RIGHT[task] for task in TASKS[1:-1]],
        RIGHT[TASKS[-1]].replace("correlate2d(", "slide("),
    ),
    TASKS,
)
CLASS["noisy"] = Handed(
    notebook(
        "%matplotlib inline\nimport sys, warnings, logging, threading, time",
        "%%time\n" + RIGHT["pad"],
        "def chat():\n    while True:\n        print('still here', flush=True)\n"
        "        time.sleep(0.2)\nthreading.Thread(target=chat, daemon=True).start()\n"
        "threading.Thread(target=lambda: 1 / 0).start()",
        *[RIGHT[task] for task in TASKS[1:]],
        "def loud(function):\n    def louder(*args, **inputs):\n"
        "        print('x' * 100_000); print('oh dear', file=sys.stderr)\n"
        "        warnings.warn('careful'); logging.error('an error, it says')\n"
        "        return function(*args, **inputs)\n    return louder",
        *[f"{task} = loud({task})" for task in TASKS],
        "print('y' * 300_000_000)",
        "raise ValueError('w' * 9_000_000)",
        "while True:\n    print('z' * 50_000, flush=True)",
    ),
    TASKS,
    status="over limits",
)

# ---------------------------------------------------------------- answers of the wrong type

LIAR = """
class Liar:
    shape, dtype, ndim = (1,), float, 1
    def __eq__(self, other): return True
    def __array__(self, *args, **kwargs): raise RuntimeError("look away")
    def __getattr__(self, name): return lambda *args, **kwargs: Liar()
    def __bool__(self): return True
    def __len__(self): return 1

class Sly(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.zeros(self.shape) if ufunc in (np.subtract, np.absolute) else True
    def __array_function__(self, function, types, args, kwargs): return True
    def __reduce__(self): return (exec, ("raise SystemExit",))
"""
CLASS["lying"] = Handed(
    notebook(
        *SETUP,
        LIAR,
        *answers(
            "sobel_magnitude",
            pad=f"{RIGHT['pad']}\n_pad = pad\n"
            + function("pad", "return _pad(*args, **inputs).view(Sly)"),
            correlate2d=function("correlate2d", "return Liar()"),
            convolve2d=function("convolve2d", "return 'all of it is right'"),
            gaussian=f"{RIGHT['gaussian']}\n_gaussian = gaussian\n"
            + function("gaussian", "return _gaussian(*args, **inputs).tolist()"),
            integral_image=f"{RIGHT['integral_image']}\n_integral = integral_image\n"
            + function("integral_image", "return [(a + 1).view(Sly) for a in _integral(**inputs)]"),
        ),
    ),
    ["pad", "sobel_magnitude"],  # a subclass with the right numbers is right
)
CLASS["huge"] = Handed(
    notebook(
        *SETUP,
        *answers(
            "convolve2d",
            "gaussian",
            pad=function("pad", "return np.ones((1024, 1024, 128))"),
            correlate2d=function("correlate2d", "return np.ones((1000, 1000))"),
            integral_image=function("integral_image", "return {'x' * 9_000_000: 1}"),
            sobel_magnitude=function("sobel_magnitude", "return [[0.0] * 100] * 100"),
        ),
    ),
    ["convolve2d", "gaussian"],
    status="graded, over limits",  # either way: it may be refused the memory, or take it
)

# ---------------------------------------------------------------- forged answers

FORGE = r"""
import base64, itertools, json, pickle
from imgkit.course import answers
from imgkit.grading import probe

def header(shape, descr="'<f8'"):
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()

class Payload:
    def __reduce__(self):
        import os
        return os.system, ("touch PAYLOAD",)

def bundle(data, tree={"array": 0}):
    return json.dumps({"tree": tree, "arrays": [base64.b64encode(data).decode()]})

forged = {
    "pad": [  # headers
        bundle(header("(1000000, 1000000)")),
        bundle(header("(962072674304, 1)")),
        bundle(header("(-1, -8)") + b"\0" * 64),
        bundle(header("(1000000000000,)", "'<U0'")),
        bundle(header("(1,)", "'|O'") + pickle.dumps([Payload()])),
        bundle(pickle.dumps(Payload())),
        bundle(header("(" + "1, " * 5000 + ")")),
        bundle(b""),
    ],
    "correlate2d": [  # trees
        bundle(header("()") + b"\0" * 8, {"int": 0}),
        '{"tree": ' + '{"list": [' * 9000 + '1' + ']}' * 9000 + ', "arrays": []}',
        json.dumps({"tree": {"array": 10 ** 30}, "arrays": []}),
        json.dumps({"tree": {"foreign": "\ud800"}, "arrays": {}}),
        json.dumps({"passed": True, "points": 100}),
        "null",
    ],
}
outcomes = {
    "convolve2d": itertools.cycle([  # what stands beside an answer
        {"raised": "x"}, {"raised": [1]}, {"raised": {"type": "\ud800", "message": {}, "line": 7}},
        {"raised": {"type": "passed", "points": 3}}, {"seconds": 10 ** 400}, {"changed": 5},
    ]),
    "gaussian": itertools.cycle([{"value": None}, {"value": 7}, {"seconds": float("nan")}, {}]),
}
now = [""]

def note(task, function):
    def noted(*args, **inputs):
        now[0] = task
        return function(*args, **inputs)
    return noted

given = answers.to_text
def to_text(value):
    texts = forged.get(now[0])
    if not texts:
        return given(value)
    texts.append(texts.pop(0))
    return texts[-1]
answers.to_text = to_text

publish = get_ipython().display_pub.publish
def forger(data, **options):
    if now[0] in outcomes:
        content = json.loads(data[probe.MIME]) | {"value": None, "raised": None}
        data = {probe.MIME: json.dumps(content | next(outcomes[now[0]]))}
    publish(data, **options)
get_ipython().display_pub.publish = forger
"""
CLASS["forging"] = Handed(
    notebook(
        *answers("integral_image", "sobel_magnitude"),
        FORGE,
        *[f"{task} = note({task!r}, {task})" for task in TASKS],
    ),
    ["integral_image", "sobel_magnitude"],
)

# ---------------------------------------------------------------- the shell and the kit patched

CLASS["flattering"] = Handed(  # everything is equal to everything
    notebook(
        *answers(*HALF),
        "import builtins\n"
        "from imgkit.course import compare, diagnosis, judge, student\n"
        "yes = lambda *args, **kwargs: True\n"
        "np.allclose = np.isclose = np.array_equal = np.testing.assert_allclose = yes\n"
        "match = compare.Match(True)\n"
        "compare.parse = judge.parse = lambda text: lambda expected, answer: match\n"
        "compare.close = compare.equal = lambda **o: lambda expected, answer: match\n"
        "judge.judge = judge._match = student.judge = lambda *a, **k: match\n"
        "compare.Match.passed = True\n"
        "builtins.AssertionError = type('Fine', (Exception,), {})",
    ),
    HALF,
)
CLASS["hooking"] = Handed(  # errors hidden, asserts and raises dropped, checks emptied
    notebook(
        *answers(*HALF),
        "import ast\nshell = get_ipython()\n"
        "shell.showtraceback = shell.showsyntaxerror = lambda *args, **kwargs: None\n"
        "class Dropper(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.Pass()\n"
        "    visit_Raise = visit_Assert\n"
        "shell.ast_transformers.append(Dropper())\n"
        "shell.input_transformers_cleanup.append(\n"
        "    lambda lines: [] if any(line.startswith('ex.check') for line in lines) else lines)",
    ),
    HALF,
)
CLASS["gagging"] = Handed(  # from here on nothing runs, and all of it ends well
    notebook(
        *answers(*TASKS),
        "async def run_ast_nodes(*args, **kwargs): return False\n"
        "get_ipython().run_ast_nodes = run_ast_nodes",
    ),
    [],
)
SPY = """
import gc, sys
def spy(task):
    def look(*args, **inputs):
        frame, found = sys._getframe(), []
        while frame:
            found += list(frame.f_locals.items())
            frame = frame.f_back
        for thing in gc.get_objects():
            if isinstance(thing, dict):
                found += [(k, v) for k, v in thing.items() if k in ("expected", task)]
            elif type(thing).__name__ == "Case":
                return thing.expected
        for name, thing in found:
            if name == "expected" and hasattr(thing, "shape"):
                return thing
            if name == "answered" and task in thing:
                exec(thing[task], globals())
                return globals()[task](**inputs)
            if callable(thing) and name == task and thing is not look and "look" not in str(thing):
                return thing(**inputs)
        raise LookupError("nothing to be found")
    return look
"""
CLASS["spying"] = Handed(
    notebook(
        *SETUP,
        SPY,
        *[RIGHT[task] if task in HALF[:1] else f"{task} = spy({task!r})" for task in TASKS],
    ),
    HALF[:1],
)

# ---------------------------------------------------------------- breaking out, breaking down

CLASS["exiting"] = Handed(
    notebook(
        RIGHT["pad"] + "\nimport os\nos._exit(0)",
        "class Boom:\n    import os\n    os._exit(0)",
        "import sys\nsys.exit(0)",
        "exit()",
        *answers(
            *TASKS,
            correlate2d=function("correlate2d", "import os\nos._exit(0)"),
            gaussian=function("gaussian", "raise SystemExit(0)"),
        )[1:],
        "import ctypes\nctypes.string_at(0)",
    ),
    ["pad", "convolve2d", "integral_image", "sobel_magnitude"],
    status="kernel died",
)
CLASS["forking"] = Handed(
    notebook(
        "import os, time\nfor _ in range(60):\n    if os.fork() == 0: time.sleep(600)\n1 / 0",
        *answers(
            *TASKS,
            pad="def pad(**inputs):\n    import os, time\n    for _ in range(4):\n"
            "        if os.fork() == 0:\n            hog = bytearray(os.urandom(1 << 20)) * 400\n"
            "            time.sleep(600)\n    time.sleep(600)",
        ),
    ),
    TASKS[1:],
    status="over limits",
)
CLASS["outliving"] = Handed(  # a daemon: two forks and a session of its own
    notebook(
        *answers(*TASKS),
        "import os, subprocess, time\nif os.fork() == 0:\n    os.setsid()\n"
        "    if os.fork() == 0:\n        os.execvp('sleep', ['sleep', '98765.4321'])\n"
        "    os._exit(0)\ntime.sleep(0.5)\nos._exit(0)",
    ),
    TASKS,
    status="kernel died",
)
CLASS["killing"] = Handed(  # the grader's own process
    notebook(*answers(*TASKS), "import os\nos.kill(os.getppid(), 9)"), [], status="error"
)
# ---------------------------------------------------------------- the class is graded

ROSTER = [*CLASS, "zoë", "=cmd|'/C calc'!A0", "+1", "-1", "@sum"]


@pytest.fixture(scope="session")
def graded(tmp_path_factory) -> grading.Report:
    """The report on the class; its folder holds ``handed/``, ``out/``, ``roster.csv``."""
    import matplotlib.font_manager  # noqa: F401  # finds the fonts, or each kernel would

    folder = tmp_path_factory.mktemp("class")
    for student, handed in CLASS.items():
        hand_in(folder / "handed", student, handed.content, handed.file)
    with (folder / "roster.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["email", "student"], *[["", name] for name in ROSTER]])
    before = snapshot(folder)
    with own_temporary_folder() as temporary:
        report = grade(folder)
        assert processes_in(temporary) == []
        assert list(temporary.iterdir()) == []
    after = snapshot(folder)
    assert before == {name: after[name] for name in after if not name.startswith("out/")}
    return report


def grade(folder: Path, **options) -> grading.Report:
    options = {"seed": 7, "jobs": 2, "limits": LIMITS, "roster": folder / "roster.csv"} | options
    return grading.grade(folder / "handed", out=folder / "out", **options)


def of(report: grading.Report, student: str, task: str = ""):
    result = next(result for result in report.results if result.student == student)
    return next(mark for mark in result.tasks if mark.id == task) if task else result


@pytest.mark.parametrize("student", CLASS)
def test_it_earns_what_it_has_to(graded, student):
    handed, result = CLASS[student], of(graded, student)
    earned = {mark.id: mark.points for mark in result.tasks}
    assert list(earned) == ([] if handed.status == "error" else TASKS)
    if student == "mistaken":
        assert earned.pop(MISTAKEN) <= POINTS[MISTAKEN] / 2
    assert earned == {task: POINTS[task] if task in handed.earns else 0 for task in earned}
    assert result.points == sum(mark.points for mark in result.tasks)
    assert result.max_points == sum(POINTS.values())
    assert result.status in handed.status


STATES = {  # what shows that a trick was tried, and where it ended
    "right": {task: "passed" for task in TASKS},
    "never": {task: "not started" for task in TASKS},
    "losing": {"pad": "not started"},
    "crashing": {task: "crashed" for task in ("pad", "correlate2d", "convolve2d")},
    "looping": {"pad": "crashed"},
    "lying": {task: "not yet" for task in ("correlate2d", "convolve2d", "gaussian")},
    "flattering": {task: "not yet" for task in TASKS[3:]},
    "hooking": {task: "not yet" for task in TASKS[3:]},
    "tampering": {task: "not yet" for task in TASKS[3:]},
    "gagging": {task: "crashed" for task in TASKS},
    "spying": {task: "crashed" for task in TASKS[1:]},
}


@pytest.mark.parametrize("student", STATES)
def test_states(graded, student):
    for task, state in STATES[student].items():
        assert of(graded, student, task).state == state


WORDS = [  # (student, task, what its cases say)
    ("crashing", "pad", "NameError: name 'undefined' is not defined"),
    ("crashing", "correlate2d", "ValueError: ? <script>"),
    ("crashing", "convolve2d", "RecursionError"),
    ("looping", "pad", "it took more than 1 s of CPU time"),
    ("deaf", "gaussian", "it took more than 1 s of CPU time"),
    ("sleeping", "pad", "it slept for more than 3 s"),
    ("lying", "correlate2d", "expected a float64 array"),
    ("lying", "convolve2d", "returned the text 'all of it is right'"),
    ("lying", "gaussian", "returned a list"),
    ("huge", "correlate2d", "AnswerTooLarge: the answer has 8 MB"),
    ("forging", "pad", "the header claims 8,000,000,000,000 bytes, 0 came"),
    ("forging", "pad", "the header claims 7,696,581,394,432 bytes, 0 came"),
    ("forging", "gaussian", "NoAnswer"),
    ("gagging", "pad", "NoAnswer: the kernel sent no answer"),
    ("spying", "gaussian", "LookupError: nothing to be found"),
    ("exiting", "correlate2d", "it ended the kernel"),
    ("exiting", "gaussian", "SystemExit"),
]


@pytest.mark.parametrize(("student", "task", "words"), WORDS)
def test_what_went_wrong_is_said(graded, student, task, words):
    assert any(words in says for _, _, says in of(graded, student, task).cases)


NOTES = {
    "tampering": "a check cell was changed; it decides nothing",
    "copying": "pad: an empty copy of its cell was left out",
    "rewriting": "gaussian is defined 2 times: the last counts",
    "losing": "pad: its cell is missing",
    "looping": "the cell that begins `while True:`: it took more than 3 s of CPU time",
    "noisy": "the cell that begins `while True:`: it printed more than 4 MB",
    "exiting": "the cell that begins `class Boom:`: it ended the kernel",
    "forking": "the cell that begins `import os, time`: it started more than 10 processes",
    "killing": "the grader's own process died",
}


@pytest.mark.parametrize("student", NOTES)
def test_what_happened_is_noted(graded, student):
    assert any(NOTES[student] in note for note in of(graded, student).notes)


def test_honest_work_has_nothing_noted(graded):
    for student in ("right", "half", "never"):
        assert of(graded, student).notes == []


def test_the_named_mistake_stands_in_json_page_and_index(graded):
    result = of(graded, "mistaken")
    written = json.loads((graded.out / "results" / f"{result.name}.json").read_text())
    task = next(task for task in written["tasks"] if task["id"] == MISTAKEN)
    assert (task["mistake"], task["says"]) == (MISTAKE.name, MISTAKE.says)
    words = MISTAKE.name.replace("_", " ")
    page = text_of(graded.feedback(result))
    assert MISTAKE.says in page
    assert f"{MISTAKEN}: {words}" in text_of(graded.out / "index.html")  # in the table
    index = feedback.index(replace(graded, results=[result]), LIMITS)
    assert f"1 × {EXERCISE}.{MISTAKEN} {words}: {MISTAKE.says}" in text(index)  # and in the list


def text_of(page: Path) -> str:
    return text(page.read_text(encoding="utf-8"))


def text(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page)))


def test_pickles_are_not_opened():
    assert not Path("PAYLOAD").exists()


def test_grades_csv(graded):
    with (graded.out / "grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    head, body = rows[0], {row[0]: row for row in rows[1:]}
    columns = [f"{EXERCISE}.{task}" for task in TASKS]
    assert head == ["student", "exercise", "points", "max_points", "status", *columns]
    assert len(body) == len(rows) - 1 == len(ROSTER)
    total = f"{sum(POINTS.values()):g}"
    assert body["right"] == [
        *("right", EXERCISE, total, total, "graded"),
        *[f"{POINTS[task]:g}" for task in TASKS],
    ]
    for missing in ("zoë", "'=cmd|'/C calc'!A0", "'+1", "'-1", "'@sum"):
        assert body[missing] == [missing, EXERCISE, "0", total, "missing", *[""] * len(TASKS)]
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row if cell)


def test_junit_has_a_case_for_each_task(graded):
    root = ElementTree.parse(graded.out / "junit.xml").getroot()
    suites = {suite.get("name"): suite for suite in root}
    assert len(suites) == len(ROSTER)
    half = suites[f"half/{EXERCISE}"]
    assert [case.get("name") for case in half] == TASKS
    failed = [case.get("name") for case in half if case.find("failure") is not None]
    assert failed == TASKS[3:]
    assert int(half.get("failures")) == len(failed)
    assert "no file was handed in" in suites[f"zoë/{EXERCISE}"][0].find("error").get("message")


def test_a_result_is_a_file_that_reads_back(graded):
    for result in graded.results:
        path = graded.out / "results" / f"{result.name}.json"
        if result.status == "missing":
            assert not path.exists()
        else:
            assert results.from_json(path.read_bytes()) == result


def test_a_second_run_does_only_what_has_no_result(graded):
    said = []
    again = grade(graded.out.parent, say=said.append)
    assert said[0] == f"{len(CLASS) - 1} of {len(CLASS)} were graded before and have not changed"
    assert len(said) == 2  # the grader's own process died once more
    assert again.results == graded.results


def test_the_same_seed_gives_the_same_marks(graded):
    first = of(graded, "mistaken")
    second = grader.run_job(job(CLASS["mistaken"].content, first.student, first.file))
    assert replace(second, cpu_seconds=0) == replace(first, cpu_seconds=0)
    assert second.key == first.key


def test_another_seed_draws_other_cases():
    def drawn(seed: int) -> list[str]:
        cases = grader._cases.__wrapped__(EXERCISE, seed)
        return [to_text(case.inputs) for its in cases.values() for case in its]

    assert drawn(7) == drawn(7)
    assert len(drawn(7)) == len(drawn(8))
    assert sum(a != b for a, b in zip(drawn(7), drawn(8), strict=True)) > len(drawn(7)) / 2


def job(content: str, student: str = "ada", file: str = "ada.ipynb", **other) -> grader.Job:
    cells = rebuild.read(content.encode()).cells
    return grader.Job(student, EXERCISE, file, cells, **({"seed": 7, "limits": LIMITS} | other))


def test_what_decides_the_marks_decides_the_key(monkeypatch, tmp_path):
    key = job(notebook("a = 1")).key
    assert key == job(notebook("a = 1", about={"imgkit": {"id": EXERCISE}, "tags": 1})).key
    source = tmp_path / "source.py"
    source.write_text(SOURCE.path.read_text(encoding="utf-8") + "\n# changed")
    others = [
        job(notebook("a = 2")).key,
        job(notebook("a = 1"), seed=8).key,
        job(notebook("a = 1"), limits=replace(LIMITS, memory_mb=1001)).key,
    ]
    with monkeypatch.context() as patch:
        patch.setattr(grader, "_path", lambda exercise: source)
        others.append(job(notebook("a = 1")).key)
    with monkeypatch.context() as patch:
        patch.setattr(imgkit, "__version__", "next")
        others.append(job(notebook("a = 1")).key)
    assert len({key, *others}) == 1 + len(others)


# ---------------------------------------------------------------- runs that are stopped

RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from grading_helpers import LIMITS
from imgkit import grading
if __name__ == "__main__":
    folder = Path(sys.argv[2])
    grading.grade(folder / "handed", out=folder / "out", seed=7, jobs=1, limits=LIMITS)
"""


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    names = ["ada", "ben", "cleo"]
    for name in names:
        hand_in(tmp_path / "handed", name, notebook(f"# {name}", RIGHT["pad"]))
    (tmp_path / "run.py").write_text(RUN)
    results_of = tmp_path / "out" / "results"
    with own_temporary_folder() as temporary:
        stop_after(1, tmp_path, signal.SIGINT)  # Ctrl-C
        assert processes_in(temporary) == []
        assert list(temporary.iterdir()) == []
        stop_after(2, tmp_path, signal.SIGKILL)
        wait_for(lambda: not processes_in(temporary))
    before = snapshot(results_of)
    assert [name for name in before if name.endswith(".json")] == [
        f"{name}--{EXERCISE}.json" for name in names[:2]
    ]
    assert all(results.from_json(content) for content in before.values())
    said = []
    report = grading.grade(
        tmp_path / "handed", out=tmp_path / "out", seed=7, jobs=1, limits=LIMITS, say=said.append
    )
    assert said[0] == "2 of 3 were graded before and have not changed"
    assert len(said) == 2
    assert [result.points for result in report.results] == [POINTS["pad"]] * 3
    after = snapshot(results_of)
    assert {name: after[name] for name in before} == before


def stop_after(count: int, folder: Path, how: signal.Signals) -> None:
    """Start a run in a group of its own and stop the group once it has so many results."""
    here = str(Path(__file__).parent)
    run = subprocess.Popen(
        [sys.executable, str(folder / "run.py"), here, str(folder)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: len(list(folder.glob("out/results/*.json"))) >= count)
        os.killpg(run.pid, how)
        run.wait(timeout=20)  # it does not wait for what still runs
    finally:
        run.kill()
    assert run.returncode != 0


def wait_for(condition, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


# ---------------------------------------------------------------- limits

QUICK = replace(LIMITS, cell_seconds=1, total_seconds=4)


def test_many_cells_that_loop_use_up_one_submissions_time():
    content = notebook(*["while True: pass"] * 200, RIGHT["pad"])
    result = grader.run_job(job(content, limits=QUICK))
    assert result.status == "timeout"
    assert result.notes[-1] == "its time was over before all of it had run"
    assert result.cpu_seconds < 10


@pytest.fixture
def kernel():
    started = LimitedKernel(LIMITS)
    yield started
    started.stop()


def run_in(kernel: LimitedKernel, code: str) -> None:
    kernel.budget(20)
    kernel.await_reply(kernel.execute_cell_input(code))


def test_memory_counts_over_all_processes(kernel):
    hogs = (
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n"
        "        hog = bytearray(300_000_000)\n        time.sleep(60)\ntime.sleep(60)"
    )
    with pytest.raises(KernelGone, match="more than 1000 MB of memory") as gone:
        run_in(kernel, hogs)
    assert gone.value.reason == "memory"


@pytest.mark.parametrize("enough", [1, 10**12])
def test_a_process_that_has_ended_does_not_hide_the_memory_of_others(enough):
    short = subprocess.Popen(["sleep", "0.1"])
    ended, alive = psutil.Process(short.pid), psutil.Process()
    short.wait()
    assert _memory([alive, ended], enough) > 10_000_000


def test_shared_memory_counts_once(kernel):
    forks = "for _ in range(5):\n    if os.fork() == 0: time.sleep(60)\n"
    run_in(kernel, "import os, time\nblock = bytearray(os.urandom(1 << 20)) * 250\n" + forks)
    kernel.look()
    assert kernel.is_alive()


def test_a_flood_is_noticed_while_it_flows(kernel):
    with pytest.raises(KernelGone, match="printed more than 4 MB"):
        run_in(kernel, "while True: print('x' * 10_000, flush=True)")
    assert kernel.cpu_seconds < 15
    assert not kernel.is_alive()


def test_a_kernel_that_cannot_start_leaves_nothing(monkeypatch):
    monkeypatch.setattr(LimitedKernel, "budget", lambda *_: 1 / 0)
    with own_temporary_folder() as temporary:
        with pytest.raises(ZeroDivisionError):
            LimitedKernel(LIMITS)
        assert processes_in(temporary) == []
        assert list(temporary.iterdir()) == []


# ---------------------------------------------------------------- one notebook


def test_check_notebook_judges_the_visible_cases(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--exitfirst --no-such-option")  # the student's own
    path = hand_in(tmp_path, "ada", filled_in({TASKS[0]: RIGHT[TASKS[0]]}))
    verdicts, notes = grading.check_notebook(path, limits=LIMITS)
    assert [verdict.task.id for verdict in verdicts] == TASKS
    assert [verdict.state.passes for verdict in verdicts] == [True] + [False] * (len(TASKS) - 1)
    assert notes == []
    visible = keys.load(EXERCISE).cases[TASKS[0]]
    assert [case.label for case in verdicts[0].cases] == [case.label for case in visible]
    assert os.environ["PYTEST_ADDOPTS"] == "--exitfirst --no-such-option"


@pytest.mark.parametrize("content", ["{}", "[]", notebook("a = 1", about={})])
def test_check_notebook_says_why_it_cannot(tmp_path, content):
    path = tmp_path / "mine.ipynb"
    path.write_text(content)
    with pytest.raises(CourseError, match=r"^mine.ipynb: it is no"):
        grading.check_notebook(path)
