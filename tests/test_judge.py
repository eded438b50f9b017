"""From calls to verdicts: the six states, points by case, and words for every crash."""

import numpy as np
import pytest

from imgkit import data
from imgkit.course.calling import call
from imgkit.course.judge import judge
from imgkit.course.model import Case, Finding, Mistake, Outcome, Raised, State, Task

COINS = data.load("coins")
PIECES = [COINS[top : top + 40, 100:150] / 255 for top in (20, 90, 160, 230)]


def smooth(image):
    """The mean of each pixel and its neighbours above and below."""
    padded = np.pad(image, ((1, 1), (0, 0)), mode="reflect")
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3


def task(**changes) -> Task:
    fields = dict(id="smooth", title="Smooth", points=3, minutes=5, level=2, compare="close()")
    return Task(**fields | changes)


CASES = [Case(f"piece {i}", {"image": piece}, smooth(piece)) for i, piece in enumerate(PIECES)]


def tried(function, *, cases=CASES, loops=0, forbidden=(), **changes):
    outcomes = [call(function, case.inputs, ("pad", "smooth")) for case in cases]
    return judge(task(**changes), cases, outcomes, loops=loops, forbidden=forbidden)


def pad(image):
    raise NotImplementedError


# ---------------------------------------------------------------- states


def test_passed():
    result = tried(smooth)
    assert result.state == State.PASSED
    assert result.state.passes
    assert (result.points, result.passed, result.shown) == (3, 4, None)
    assert result.finding is None
    assert result.remarks == ()
    assert [case.says for case in result.cases] == [""] * 4


def test_not_started():
    def smooth(image):
        raise NotImplementedError

    result = tried(smooth)
    assert result.state == State.NOT_STARTED
    assert (result.points, result.finding) == (0, None)


def test_half_written_is_started():
    def smooth(image):
        if image.shape == (40, 50) and image[0, 0] > 0.5:
            return image
        raise NotImplementedError

    assert tried(smooth).state == State.NOT_STARTED  # none of the pieces is that bright
    bright = [Case("bright", {"image": PIECES[0] + 1}, PIECES[0] + 1)]
    result = tried(smooth, cases=CASES + bright)
    assert result.state == State.CRASHED
    assert result.points == 0.6
    assert result.cases[0].says == "NotImplementedError, at `raise NotImplementedError`"


def test_crashed_with_the_line_of_the_students_code():
    def smooth(image):
        rows = image.shape[0]
        return image[rows]

    result = tried(smooth)
    assert result.state == State.CRASHED
    assert result.cases[0].says == (
        "IndexError: index 40 is out of bounds for axis 0 with size 40, at `return image[rows]`"
    )
    assert result.shown == 0
    assert result.finding is None


def test_a_crash_inside_a_library_shows_the_students_line():
    def smooth(image):
        kernel = np.ones(3)
        return np.convolve(image, kernel)

    assert tried(smooth).cases[0].says.endswith(", at `return np.convolve(image, kernel)`")


def test_not_yet():
    result = tried(lambda image: image**2)
    assert result.state == State.NOT_YET
    assert (result.points, result.shown) == (0, 0)
    assert all("values differ, first at [0, 0]" in case.says for case in result.cases)


def test_almost_when_only_the_border_is_wrong():
    def smooth(image):
        out = np.zeros_like(image)
        out[1:-1, 1:-1] = (image[:-2, 1:-1] + image[1:-1, 1:-1] + image[2:, 1:-1]) / 3
        return out

    result = tried(smooth)
    assert result.state == State.ALMOST
    assert not result.state.passes
    assert result.finding.name == "only the border"
    assert result.points == 0


def test_almost_when_the_values_are_near():
    result = tried(lambda image: smooth(image) + 1e-4 * np.sin(100 * image))
    assert result.state == State.ALMOST
    assert result.finding is None


def test_one_case_far_off_is_not_almost():
    near = [Outcome(smooth(piece) + 1e-4) for piece in PIECES]
    assert judge(task(), CASES, near).state == State.ALMOST
    assert judge(task(), CASES, [*near[:3], Outcome(PIECES[0])]).state == State.NOT_YET


# ---------------------------------------------------------------- could be better


def better(result) -> str:
    assert result.state == State.COULD_BE_BETTER
    assert result.state.passes
    assert result.points == 3
    (remark,) = result.remarks
    return remark


def test_a_right_answer_that_changes_its_input():
    def changes(image):
        out = smooth(image)
        image[0, 0] = 0
        return out

    words = "It changes its input `image`: whoever calls it would be surprised."
    assert better(tried(changes)) == words
    assert np.array_equal(CASES[0].inputs["image"], PIECES[0])  # it got a copy


def test_a_right_answer_that_is_slow():
    slow = [Outcome(smooth(piece), seconds=0.3) for piece in PIECES]
    assert better(judge(task(), CASES, slow)) == "It is slow: 1.2 s for 4 small inputs."
    quick = [Outcome(smooth(piece), seconds=0.2) for piece in PIECES]
    assert judge(task(), CASES, quick).state == State.PASSED


def test_a_right_answer_with_needless_loops():
    right = [Outcome(smooth(piece)) for piece in PIECES]
    words = {
        (2, 0): "It loops 2 deep; it can do without a loop.",
        (3, 1): "It loops 3 deep; a depth of 1 is enough.",
    }
    for (loops, needed), remark in words.items():
        assert better(judge(task(loops=needed), CASES, right, loops=loops)) == remark
    for loops, needed in [(0, 0), (1, 1), (0, 1)]:
        assert judge(task(loops=needed), CASES, right, loops=loops).state == State.PASSED


def test_a_wrong_answer_is_not_told_to_be_quicker():
    result = tried(lambda image: image**2, loops=5)
    assert (result.state, result.remarks) == (State.NOT_YET, ())


# ---------------------------------------------------------------- why it crashed


def test_a_call_of_an_unwritten_task_is_named():
    def smooth(image):
        return pad(image)[1:-1]

    result = tried(smooth)
    assert result.state == State.CRASHED  # smooth itself is written
    assert result.finding == Finding(
        "not written yet",
        "It calls `pad`, which is not written yet. Write that first, or "
        'go on with `my_pad = ex.use("pad")`.',
    )


@pytest.mark.parametrize(
    "function",
    [lambda picture: picture, lambda: 0, lambda image, sigma: image, np.sort, len],
)
def test_wrong_arguments_are_named(function):
    result = tried(function)
    assert result.state == State.CRASHED
    assert result.finding == Finding(
        "wrong arguments",
        "The function has to take these arguments, by name, and no others: `image`.",
    )
    assert result.cases[0].says.startswith("TypeError: ")


def test_a_type_error_of_its_own_is_not_a_wrong_argument():
    def smooth(image):
        return image + "1"

    assert tried(smooth).finding is None

    namespace = {}
    exec("def smooth(image):\n    return len(5)", namespace)  # no file holds this source
    result = tried(namespace["smooth"])
    assert result.finding is None
    assert result.cases[0].says.endswith(", at `line 2`")


def test_a_call_that_was_stopped_says_so():
    stopped = Raised("timeout", "it took more than 10 s of CPU time", lost=True)
    result = judge(task(), CASES, [Outcome(raised=stopped)] * 4)
    assert result.state == State.CRASHED
    assert result.finding == Finding(
        "timeout", "The call was stopped: it took more than 10 s of CPU time."
    )


def test_an_exit_is_a_crash_and_an_interrupt_is_not():
    def leaves(image):
        raise SystemExit(0)

    assert tried(leaves).state == State.CRASHED

    def interrupted(image):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried(interrupted)


def test_a_value_that_cannot_be_read_is_a_crash():
    class Tensor:
        def detach(self):
            return self

        def cpu(self):
            raise RuntimeError("no such device")

    result = tried(lambda image: Tensor())
    assert result.state == State.CRASHED
    assert result.cases[0].says.startswith("RuntimeError: no such device")


def test_an_unprintable_wealth_of_words_is_cut():
    def shouts(image):
        raise ValueError("no! " * 10_000)

    assert len(tried(shouts).cases[0].says) < 700


# ---------------------------------------------------------------- points and forbidden names


def test_points_go_by_case():
    right = [smooth(piece) for piece in PIECES]
    for passed, points in [(0, 0), (1, 0.75), (2, 1.5), (3, 2.25), (4, 3)]:
        outcomes = [Outcome(r if i < passed else 0 * r) for i, r in enumerate(right)]
        result = judge(task(), CASES, outcomes)
        assert (result.passed, result.points) == (passed, points)
    thirds = [Outcome(right[0]), Outcome(0 * right[1]), Outcome(0 * right[2])]
    assert judge(task(points=1), CASES[:3], thirds).points == 0.33


def test_a_crash_on_one_case_keeps_the_points_of_the_others():
    outcomes = [Outcome(smooth(piece)) for piece in PIECES[:3]] + [Outcome(raised=Raised("E"))]
    result = judge(task(), CASES, outcomes)
    assert (result.state, result.points, result.shown) == (State.CRASHED, 2.25, 3)


def test_a_forbidden_name_costs_the_task_and_is_said():
    result = tried(smooth, forbidden=["np.pad", "cv2.blur"])
    assert (result.state, result.points) == (State.NOT_YET, 0)
    assert result.finding == Finding(
        "forbidden",
        "This task is to be done without `np.pad` and `cv2.blur`: that would do the work for you.",
    )
    assert [case.says for case in result.cases] == ["uses `np.pad` and `cv2.blur`"] * 4


def test_a_named_mistake_reaches_the_verdict():
    halved = Mistake("halved", "You halved twice.")
    cases = [Case(c.label, c.inputs, c.expected, {"halved": c.expected / 2}) for c in CASES]
    result = tried(lambda image: smooth(image) / 2, cases=cases, mistakes=(halved,))
    assert result.finding == Finding("halved", "You halved twice.")
