"""Course sources are read strictly: whoever writes one is told file, task and cure."""

import pytest
from tiny_course import EXERCISE, changed, write

from imgkit.course.model import CourseError, Mistake
from imgkit.course.source import function_name, read, solved, stub

INVERT = 'task="invert" points=2 minutes=3 level=1 compare="equal()" forbid=["cv2"]'
HINT = """# %% [markdown] tags=["hint"] task="invert"
# `255 - ...`
"""
FLOATS = """# %% tags=["mistake"] task="invert" says="That is a float image."
def in_floats(image):
    return 1 - image / 255
"""
TWO_CASES = """
# %% tags=["cases"] task="invert"
def more_cases(rng):
    yield "none", dict(image=None)
"""


def test_an_exercise_is_read_as_it_is_written(tmp_path):
    source = read(write(tmp_path))
    assert (source.id, source.title, source.minutes) == ("90_tiny", "Tiny", 5)
    assert source.needs == ("90_tiny_lesson",)
    assert source.is_exercise
    invert, contrast = source.tasks
    assert (invert.id, invert.title) == ("invert", "Turn bright into dark")
    assert (invert.points, invert.minutes, invert.level) == (2, 3, 1)
    assert (invert.compare, invert.forbid, invert.loops) == ("equal()", ("cv2",), 0)
    assert invert.hints[2] == "`255 - ...`"
    assert invert.mistakes[1] == Mistake("from_254", "One too dark: 255 is white.")
    assert contrast.forbid == ()
    assert source.task("contrast") == contrast
    assert [cell.kind for cell in source.cells][:5] == [
        "markdown", "setup", "code", "task", "check",
    ]  # fmt: skip
    assert len(source.of("hint")) == 6
    assert len(source.of("hint", "invert")) == 3


def test_a_lesson_needs_no_tasks(tmp_path):
    write(tmp_path)
    lesson = read(tmp_path / "course" / "lessons" / "90_tiny_lesson.py")
    assert not lesson.is_exercise
    assert (lesson.tasks, lesson.needs, lesson.minutes) == ((), (), 3)


MALFORMED = {
    "no title": (changed("#     title: Tiny\n", ""), "its header has no imgkit: title"),
    "no minutes": (changed("#     minutes: 5\n", ""), "its header has no imgkit: minutes"),
    "no header": (EXERCISE.split("# ---\n")[2], "its header has no imgkit: title"),
    "a header that is no YAML": (
        changed("#     title: Tiny", "#     title: [Tiny"),
        "it cannot be read: while parsing a flow sequence",
    ),
    "a header without entries": (
        EXERCISE.replace("#   imgkit:\n", "#   imgkit: Tiny\n").replace("#     ", "# #   "),
        "it cannot be read: ",
    ),
    "options that are no JSON": (
        changed("points=2", "points=two"),
        "cell 4 holds # BEGIN SOLUTION and no task: are its options well written?",
    ),
    "a syntax error": (changed("return 255 - image", "return 255 -"), "line 31: invalid syntax"),
    "an unknown tag": (
        changed('# %% tags=["setup"]', '# %% tags=["prepare"]'),
        "cell 2 has tags ['prepare']; it takes one of "
        "setup, task, hint, cases, mistake, check",
    ),
    "two tags": (
        changed('# %% tags=["setup"]', '# %% tags=["setup", "task"]'),
        "cell 2 has tags ['setup', 'task']",
    ),
    "a task without a name": (
        changed('task="invert" points=2', "points=2"),
        'cell 4 is a task without task="..."',
    ),
    "a hint without a task": (
        changed(HINT, HINT.replace(' task="invert"', "")),
        'is a hint without task="..."',
    ),
    **{
        f"no {name}": (
            changed(INVERT, INVERT.replace(f"{name}={value}", "")),
            f"task invert does not declare {name}=",
        )
        for name, value in [
            ("points", "2"), ("minutes", "3"), ("level", "1"), ("compare", '"equal()"'),
        ]
    },
    **{
        f"{name}={value}": (
            changed(INVERT, INVERT.replace(f"{name}={old}", f"{name}={value}")),
            f"task invert: {name}=",
        )
        for name, old, value in [
            ("points", "2", '"two"'), ("points", "2", "0"), ("minutes", "3", "-3"),
            ("level", "1", "4"), ("forbid", '["cv2"]', '"cv2"'),
        ]
    },
    "a bad comparison": (
        changed('compare="equal()"', 'compare="same()"'),
        "task invert: compare='same()' is not a comparison",
    ),
    "a way to show that there is not": (
        changed('forbid=["cv2"]', 'shows="films"'),
        "task invert: shows='films' is not what it takes",
    ),
    "a misspelt option": (
        changed('forbid=["cv2"]', 'forbids=["cv2"]'),
        "cell 4, a task, takes no forbids=",
    ),
    "no docstring": (
        changed('"""Turn bright into dark.\n\n    image  (H, W), uint8\n    """', "pass"),
        "task invert has no docstring",
    ),
    "no markers": (
        changed("    # BEGIN SOLUTION\n    return 255", "    return 255"),
        "task invert needs # BEGIN SOLUTION and # END SOLUTION once each",
    ),
    "markers the wrong way round": (
        changed(
            "    # BEGIN SOLUTION\n    return 255 - image\n    # END SOLUTION",
            "    # END SOLUTION\n    return 255 - image\n    # BEGIN SOLUTION",
        ),
        "task invert needs # BEGIN SOLUTION and # END SOLUTION once each",
    ),
    "another function": (
        changed("def invert(image):", "def inverted(image):"),
        "the cell of task invert must end in that function",
    ),
    "a cell that goes on": (
        changed("    return 255 - image\n    # END SOLUTION\n",
                "    return 255 - image\n    # END SOLUTION\n\nwhite = 255\n"),
        "the cell of task invert must end in that function",
    ),
    "two tasks of one name": (
        changed('task="contrast" points=4', 'task="invert" points=4').replace(
            "def contrast(image", "def invert(image"
        ),
        "two tasks are called invert",
    ),
    "a check of more": (
        changed("ex.check(invert)", 'ex.check(invert)\nprint("well done")'),
        "cell 5, a check, holds ex.check(the_function) and no more",
    ),
    "a check of an unknown task": (
        changed("ex.check(invert)", "ex.check(inverse)"),
        "a check cell belongs to an unknown task inverse",
    ),
    "a mistake of an unknown task": (
        changed(FLOATS, FLOATS.replace("invert", "inverse")),
        "a mistake cell belongs to an unknown task inverse",
    ),
    "no check": (
        changed('# %% tags=["check"]\nex.check(invert)\n', ""),
        "task invert needs 1 cases, 1 check, 3 hint; it has 1 cases, 0 check, 3 hint",
    ),
    "two hints": (changed(HINT, ""), "it has 1 cases, 1 check, 2 hint"),
    "two functions of cases": (EXERCISE + TWO_CASES, "it has 2 cases, 1 check, 3 hint"),
    "cases that are no function": (
        changed("        yield name, dict(image=coins[top : top + 20, left : left + 24])\n",
                "        yield name, dict(image=coins[top : top + 20, left : left + 24])\n\n\n1\n"),
        "the cases of invert must be a function of a generator",
    ),
    "two mistakes": (
        changed(FLOATS, ""),
        "task invert needs 3 mistakes or more, each a function of its own name with says=",
    ),
    "a mistake that says nothing": (
        changed(' says="That is a float image."', ""),
        "task invert needs 3 mistakes or more",
    ),
    "two mistakes of one name": (
        changed(FLOATS, FLOATS + FLOATS.replace("That is", "This is")),
        "task invert needs 3 mistakes or more, each a function of its own name",
    ),
    "an exercise in its own set-up": (
        changed("# %%\nfrom imgkit import c", '# %% tags=["setup"]\nfrom imgkit import c'),
        "`ex = course.exercise(...)` goes into a cell without tag",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_said_with_file_and_task(tmp_path, text, says):
    with pytest.raises(CourseError) as caught:
        read(write(tmp_path, text))
    assert str(caught.value).startswith("90_tiny.py: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_source_that_is_not_utf8_is_named(tmp_path):
    path = write(tmp_path)
    path.write_bytes(EXERCISE.replace("Two", "Zwölf").encode("latin-1"))
    with pytest.raises(CourseError, match=r"90_tiny.py: it cannot be read: 'utf-8' codec"):
        read(path)


# ---------------------------------------------------------------- stubs and solutions

TASK = '''def flip(image):
    """Turn it."""
    size = image.shape
    # BEGIN SOLUTION
    if size[0] > 1:
        image = image[::-1]
    return image
    # END SOLUTION
'''


def test_a_stub_keeps_all_but_the_solution():
    assert (
        stub(TASK)
        == '''def flip(image):
    """Turn it."""
    size = image.shape
    # Your code here.
    raise NotImplementedError
'''
    )


def test_a_stub_fits_a_place_inside_a_loop():
    code = (
        "for i in a:\n    if i:\n        # BEGIN SOLUTION\n        f(i)\n        # END SOLUTION\n"
    )
    assert stub(code) == (
        "for i in a:\n    if i:\n        # Your code here.\n        raise NotImplementedError\n"
    )


def test_a_solution_loses_its_markers_and_nothing_else():
    assert solved(TASK) == TASK.replace("    # BEGIN SOLUTION\n", "").replace(
        "\n    # END SOLUTION\n", ""
    )


def test_a_cells_function_is_the_one_it_ends_in():
    assert function_name(TASK) == "flip"
    assert function_name("def a(): ...\ndef b(): ...") == "b"
    assert function_name("def a(): ...\nb = a") == ""
    assert function_name("") == ""
