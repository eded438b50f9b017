"""Panels and their pictures: HTML with a text twin, everything escaped, pixels kept as pixels."""

from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from imgkit import data
from imgkit.course import panel
from imgkit.course.model import Case, CaseResult, Finding, State, Task, TaskResult
from imgkit.course.thumbnails import SIDE, difference, is_picture, strip, thumbnail

TASK = Task("smooth", "Smooth", 3, 5, 2, "close()")
COINS = data.load("coins")[20:60, 100:150]
FACE = data.load("astronaut")[40:80, 200:250]
EVIL = "<script>alert(\"`x`\")</script> & '<img src=x onerror=y>'"


def result(state=State.NOT_YET, passed=(False, True), finding=None, remarks=(), says="wrong"):
    cases = tuple(CaseResult(f"case {i}", p, "" if p else says) for i, p in enumerate(passed))
    return TaskResult(TASK, state, cases, finding, remarks, shown=0)


class Tags(HTMLParser):
    """Reads HTML: its tags, its text, and whether every tag is closed."""

    def __init__(self, html: str):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.open += [tag] if tag != "img" else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text += text


def pixels(picture) -> np.ndarray:
    """What a thumbnail shows, as RGB."""
    image = cv2.imdecode(np.frombuffer(picture.png, np.uint8), cv2.IMREAD_COLOR)
    return image[..., ::-1]


# ---------------------------------------------------------------- panels


@pytest.mark.parametrize("state", State)
def test_each_state_has_a_mark_beside_its_colour(state):
    shown = panel.result(result(state))
    assert shown.text.startswith(f"{panel.MARKS[state]} smooth: {state} – 1 of 2 visible cases")
    assert f"{panel.MARKS[state]} smooth: {state}" in Tags(shown.html).text
    told = "case 0: wrong" in shown.text
    assert told == (state != State.NOT_STARTED)


def test_the_text_says_what_the_html_says():
    finding = Finding("halved", "You halved it: use `image`, not `image // 2`.")
    shown = panel.result(
        result(finding=finding), strip(Case("c", {"image": COINS}, COINS), COINS // 2),
        advice="Stuck?",
    )  # fmt: skip
    html = Tags(shown.html)
    assert html.open == []
    for words in ("You halved it: use ", "case 0", "wrong", "Stuck?", "difference, up to 1"):
        assert words in html.text
    for line in ("  You halved it: use `image`, not `image // 2`.", "  case 0: wrong", "  Stuck?"):
        assert line in shown.text.split("\n")
    assert html.tags.count("code") == 2
    alts = [value for name, value in html.attributes if name == "alt"]
    assert len(alts) == 4
    assert [f"  [{alt}]" in shown.text.split("\n") for alt in alts] == [True] * 4


def test_remarks_stand_where_no_finding_does():
    shown = panel.result(result(State.COULD_BE_BETTER, (True,), remarks=("Slow.", "Loops.")))
    assert shown.text.split("\n")[1:] == ["  Slow.", "  Loops."]


def test_many_failing_cases_are_counted():
    shown = panel.result(result(passed=(False,) * 7))
    assert "  case 2: wrong" in shown.text
    assert "case 3" not in shown.text + shown.html
    assert "  and 4 more" in shown.text.split("\n")
    assert "<li>and 4 more</li>" in shown.html
    assert "more" not in panel.result(result(passed=(False,) * 3)).text


def test_nothing_that_was_said_becomes_html():
    finding = Finding("evil", EVIL)
    task = Task(EVIL, EVIL, 3, 5, 2, "close()")
    evil = TaskResult(task, State.NOT_YET, (CaseResult(EVIL, False, EVIL),), finding, shown=0)
    picture = thumbnail(EVIL, COINS, (0, 255))
    for shown in (
        panel.result(evil, [picture], advice=EVIL),
        panel.target(task, EVIL, [picture], EVIL),
        panel.note(EVIL),
        panel.table(EVIL, [("✓", EVIL, EVIL)]),
    ):
        html = Tags(shown.html)
        assert html.open == []
        harmless = "div b ul li i code figure img figcaption table tr td"
        assert set(html.tags) <= set(harmless.split())
        assert "onerror" not in [name for name, _ in html.attributes]
        assert '<script>alert("' in html.text
        assert EVIL in shown.text


def test_backticks_become_code_in_pairs_only():
    assert "<code>a</code> and <code>b</code>" in panel.note("`a` and `b`").html
    assert "a ` b" in panel.note("a ` b").html
    assert "code" not in panel.note("a ` b ` c ` d").html


def test_a_panel_displays_both_ways():
    shown = panel.note("Well done.")
    assert shown._repr_mimebundle_() == {"text/html": shown.html, "text/plain": "Well done."}
    assert repr(shown) == "Well done."


def test_a_table_is_aligned():
    shown = panel.table("Tasks", [("✓", "pad", "passed"), ("○", "convolve", "not started")])
    assert shown.text == "Tasks\n  ✓ pad       passed\n  ○ convolve  not started"
    assert panel.table("None", []).text == "None"


# ---------------------------------------------------------------- pictures


def test_input_expected_yours_difference():
    shown = strip(Case("c", {"size": 3, "image": COINS}, COINS[::-1]), COINS)
    captions = [picture.caption for picture in shown]
    assert captions[:3] == ["input", "expected", "yours"]
    assert captions[3].startswith("difference, up to ")
    assert shown[0].alt == (
        f"input: a uint8 array of shape (40, 50), values {COINS.min()} to {COINS.max()}"
    )
    target = strip(Case("c", {"image": COINS}, COINS[::-1]), answered=False)
    assert [picture.caption for picture in target] == ["input", "expected"]


def test_labels_have_a_colour_for_each_number_and_their_differences_no_sign():
    expected = np.repeat(np.arange(4).reshape(2, 2), 3, axis=1)
    answer = np.where(expected == 3, 1, expected)
    shown = strip(Case("c", {"mask": expected > 0}, expected), answer)
    assert [s.caption for s in shown] == [
        "input", "expected, up to 3", "yours, up to 2", "difference",
    ]  # fmt: skip
    assert shown[3].alt == "difference: 25% of the pixels have another number"
    assert "a colour for each" in shown[1].alt
    below = strip(Case("c", {}, expected), expected - 1)  # no labels, so shown in grey
    assert [s.caption for s in below] == ["expected, up to 3", "yours", "difference"]


def test_points_beside_the_picture_are_no_picture():
    points = np.arange(20).reshape(10, 2) * 100
    case = Case("c", {"image": COINS}, points)
    assert strip(case, points, shows="places") == strip(Case("c", {"image": COINS}, 1))


def test_points_are_marked_on_the_picture_they_lie_on():
    points = np.array([[3, 4], [20, 30.0]])
    case = Case("c", {"image": COINS}, points)
    shown = strip(case, points[:1], shows="places")
    assert [s.caption for s in shown] == ["input", "expected, 2 points", "yours, 1 points"]
    assert shown[1].alt == ("expected: 2 points (row, column) on the picture, the first [3.0, 4.0]")
    assert [s.caption for s in strip(case, answered=False, shows="places")] == [
        "input",
        "expected, 2 points",
    ]
    assert [s.caption for s in strip(case, points + 1e6, shows="places")] == [
        "input",
        "expected, 2 points",
    ]


def test_boxes_are_drawn_on_the_picture_they_lie_on():
    boxes = np.array([[3, 4, 20, 30], [1, 1, 9, 9]])
    case = Case("c", {"image": COINS}, boxes)
    assert [s.caption for s in strip(case, boxes[:1], shows="places")] == [
        "input", "expected, 2 boxes", "yours, 1 boxes",
    ]  # fmt: skip
    inside_out = strip(Case("c", {"image": COINS}, boxes[:, ::-1]), answered=False, shows="places")
    assert [s.caption for s in inside_out] == ["input", "expected"]


@pytest.mark.parametrize(
    ("expected", "answer", "captions"),
    [
        (0.5, 0.4, ["input"]),
        (COINS, None, ["input", "expected"]),
        (COINS, "text", ["input", "expected"]),
        (COINS, COINS[:-1], ["input", "expected", "yours"]),
        (COINS, COINS.astype("<U3"), ["input", "expected"]),
        (COINS, COINS * 1j, ["input", "expected"]),
        (COINS, COINS[..., None], ["input", "expected"]),
        ((COINS, 3), (COINS, 4), ["input", "expected", "yours", "difference, up to 0"]),
        ((COINS, 3), None, ["input", "expected"]),
        ((COINS, 3), (), ["input", "expected"]),
        ((3, COINS), (3, COINS), ["input", "expected", "yours", "difference, up to 0"]),
        (
            {"mask": COINS},
            {"mask": COINS + 2},
            ["input", "expected", "yours", "difference, up to 2"],
        ),
        ({"mask": COINS}, {"other": COINS}, ["input", "expected"]),
        ({"count": 3}, {"count": 4}, ["input"]),
        (COINS > 9, COINS > 99, ["input", "expected", "yours", "difference, up to 1"]),
        (np.array(["a"] * 9).reshape(3, 3), None, ["input"]),
    ],
)
def test_what_cannot_be_seen_is_left_out(expected, answer, captions):
    shown = strip(Case("c", {"image": COINS}, expected), answer)
    assert [picture.caption for picture in shown] == captions


def test_pixels_stay_pixels():
    shown = thumbnail("input", COINS, (0, 255))
    assert np.array_equal(pixels(shown)[..., 0], COINS)
    assert shown.width == 50 * (SIDE // 50)  # the page enlarges it, by a whole factor
    assert np.array_equal(pixels(thumbnail("input", FACE, (0, 255))), FACE)


def test_large_images_are_made_small():
    for shape in ((500, 300), (3, 2000), (2000, 3), (300, 500, 3)):
        shown = pixels(thumbnail("yours", np.zeros(shape), (0, 1)))
        assert max(shown.shape) <= SIDE
        assert min(shown.shape) >= 1


def test_answers_are_shown_on_the_expected_scale():
    case = Case("c", {"image": COINS / 255}, COINS / 255)
    _, expected, yours, _ = strip(case, COINS / 510)
    assert pixels(yours).mean() == pytest.approx(pixels(expected).mean() / 2, abs=1)
    signed = COINS / 255 - 0.5
    expected, yours, _ = strip(Case("c", {}, signed), signed / 4)
    assert (pixels(expected).min(), pixels(expected).max()) == (0, 255)
    assert np.ptp(pixels(yours)) == pytest.approx(255 / 4, abs=1)


def test_of_several_answers_the_wrong_one_is_shown():
    both = (COINS, COINS[::-1])
    case = Case("c", {"image": COINS}, both)
    target = strip(case, answered=False)
    assert [s.caption for s in target] == ["input", "expected, item 0", "expected, item 1"]
    shown = strip(case, (COINS, COINS))
    assert [s.caption for s in shown[:3]] == ["input", "expected, item 1", "yours, item 1"]
    assert shown[3].caption.startswith("difference")
    assert [s.caption for s in strip(case, None)] == ["input", "expected, item 0"]
    named = Case("c", {}, {"mask": COINS > 90, "labels": both[1]})
    shown = strip(named, {"mask": COINS > 80, "labels": both[1]})
    assert [s.caption for s in shown[:2]] == ["expected, mask", "yours, mask"]


def test_a_task_of_numbers_shows_none():
    assert strip(Case("c", {"H": np.eye(3)}, np.eye(3)), np.ones((3, 3)), shows="numbers") == []


def test_too_high_is_orange_and_too_low_is_blue():
    expected = np.full((4, 4), 0.5)
    answer = expected.copy()
    answer[0, 0], answer[3, 3] = 1, 0
    shown = pixels(difference(expected, answer))
    assert tuple(shown[0, 0]) == (200, 80, 0)
    assert tuple(shown[-1, -1]) == (0, 90, 180)
    assert tuple(shown[0, -1]) == (255, 255, 255)
    assert difference(expected, answer).alt == (
        "difference: 12% of the pixels differ, by up to 0.5"
    )
    bytes_differ = difference(np.full((2, 2), 200, np.uint8), np.full((2, 2), 100, np.uint8))
    assert bytes_differ.caption == "difference, up to 100"  # and does not wrap around


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308, -1e308])
def test_no_value_spoils_a_picture(bad):
    holes = COINS / 255
    holes[3, 4] = bad
    spoiled = np.full((40, 50), bad)
    for expected in (COINS / 255, holes, spoiled):
        for answer in (holes, spoiled, COINS, COINS > 9):
            for picture in strip(Case("c", {"image": spoiled}, expected), answer):
                assert pixels(picture).shape == (40, 50, 3)


def test_what_is_a_picture():
    assert all(map(is_picture, (COINS, FACE, COINS > 9, COINS / 255, COINS.astype(int), COINS[:2])))
    for thing in (None, 3, "a", [[1]], COINS[0], COINS[:0], FACE[..., :2], COINS[None, None]):
        assert not is_picture(thing)
    for thing in (COINS.astype(complex), COINS.astype(str), COINS[:1, :3]):
        assert not is_picture(thing)
