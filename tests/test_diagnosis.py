"""Wrong answers get their right name: a golden test for each, on pieces of real photographs.

A name is worth more than a score only if it is true. So as many tests here hold that a right
answer, noise or a harmless symmetry is not named.
"""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from imgkit import data
from imgkit.course.answers import plain
from imgkit.course.compare import parse
from imgkit.course.diagnosis import diagnose
from imgkit.course.model import Case, Finding, Mistake, Outcome, Raised, Task
from imgkit.course.symptoms import SYMPTOMS, border_width

COINS = data.load("coins")[20:68, 100:160]  # uint8 (48, 60), grey
FLOAT = COINS / 255
COLOUR = data.load("astronaut")[40:90, 200:264]  # uint8 (50, 64, 3)
FACE = COLOUR / 255
KERNEL = np.array([[0, 1, 2], [0, 0, 1], [0, 0, 0.5]])
CORRELATED = ndimage.correlate(FLOAT, KERNEL, mode="mirror")
CONVOLVED = ndimage.convolve(FLOAT, KERNEL, mode="mirror")
BLURRED = ndimage.gaussian_filter(FLOAT, 1, mode="mirror")
ZERO_BORDER = ndimage.gaussian_filter(FLOAT, 1, mode="constant", truncate=2)
MIRRORED_BORDER = ndimage.gaussian_filter(FLOAT, 1, mode="mirror", truncate=2)
HOLES = np.where(COINS > 150, np.nan, FLOAT)


def task(compare="close()", *mistakes) -> Task:
    shows = "places" if compare.startswith(("points", "boxes")) else "pictures"
    return Task("smooth", "Smooth", 3, 5, 2, compare, mistakes=mistakes, shows=shows)


def named(
    expected, answer, compare="close()", *, inputs=None, wrong=None, changed=(), mistakes=()
) -> Finding | None:
    """The finding for one case, as a check would give it."""
    case = Case("a photograph", inputs or {}, plain(expected), wrong or {})
    outcome = Outcome(plain(answer), changed=changed)
    match = parse(compare)(case.expected, outcome.value)
    return diagnose(task(compare, *mistakes), [case], [outcome], [match])


# ---------------------------------------------------------------- one golden test for each name

BGR = "Red and blue are swapped: imgkit keeps colours as RGB, OpenCV reads BGR."
TURNED = "Rows and columns are swapped: the answer is right when it is transposed."
COLUMN_FIRST = "You have (column, row): coordinates here are (row, column)."
KERNEL_TURNED = (
    "The kernel lies the wrong way round: correlation uses it as it is, "
    "convolution turns it by half a turn first."
)
INDEX = ": check the direction in which you index."
SHIFT = "The answer is shifted by one pixel ({}): check where your loop or slice begins."
BORDER = (
    "Only the outermost {} wrong, everything inside is right: "
    "look at how you continue the image beyond its edge."
)
WRAPS = (
    "Values wrap around: in uint8, 255 + 1 is 0 and 0 - 1 is 255. "
    "Compute in float, then clip and round."
)
TOO_LARGE = "Your values run from 0 to 255 where 0 to 1 is asked for: divide by 255."
TOO_SMALL = "Your values run from 0 to 1 where 0 to 255 is asked for: multiply by 255 and round."
ZEROS = "The answer is 0 everywhere: is the result ever filled in?"
brighter = np.clip(COINS.astype(int) + 90, 0, 255).astype(np.uint8)
darker = np.clip(COINS.astype(int) - 90, 0, 255).astype(np.uint8)

GOLDEN = [
    ("returns nothing", BLURRED, None, "The function returns nothing. Does it end in a `return`?"),
    ("transposed", BLURRED, BLURRED.T, TURNED),
    ("transposed", BLURRED[:40, :40], BLURRED[:40, :40].T, TURNED),
    ("transposed", COLOUR, COLOUR.swapaxes(0, 1), TURNED),
    ("mirrored", BLURRED, BLURRED[::-1], "The answer is upside down" + INDEX),
    ("mirrored", COLOUR, COLOUR[:, ::-1], "The answer is mirrored left to right" + INDEX),
    ("mirrored", FACE, FACE[::-1, ::-1], "The answer is turned by half a turn" + INDEX),
    ("only the border", MIRRORED_BORDER, ZERO_BORDER, BORDER.format("2 pixels are")),
    ("only the border", FACE, np.pad(FACE[1:-1, 1:-1], [(1, 1), (1, 1), (0, 0)]),
     BORDER.format("pixel is")),
    ("BGR for RGB", COLOUR, COLOUR[..., ::-1], BGR),
    ("BGR for RGB", FACE, FACE[..., ::-1], BGR),
    ("0..255 for 0..1", FLOAT, FLOAT * 255, TOO_LARGE),
    ("0..255 for 0..1", BLURRED, np.rint(BLURRED * 255).astype(np.uint8), TOO_LARGE),
    ("0..255 for 0..1", BLURRED, (BLURRED * 255).astype(np.uint8), TOO_LARGE),
    ("0..255 for 0..1", FACE.astype(np.float32), COLOUR, TOO_LARGE),
    ("0..1 for 0..255", COINS, FLOAT, TOO_SMALL),
    ("0..1 for 0..255", COINS.astype(float), FLOAT, TOO_SMALL),
    ("0..1 for 0..255", np.where(COINS > 120, 255, 0).astype(np.uint8), COINS > 120, None),
    ("0..1 for 0..255", np.where(COINS > 120, 255, 0).astype(np.uint8),
     (COINS > 120).astype(np.uint8), TOO_SMALL),
    ("all zeros", BLURRED, 0 * BLURRED, ZEROS),
    ("all zeros", COINS, 0 * COINS, ZEROS),
    ("constant factor", BLURRED, 9 * BLURRED,
     "Everything is 9 times what it should be: a factor is off."),
    ("constant factor", CORRELATED, -CORRELATED,
     "Everything is -1 times what it should be: a factor is off."),
    ("constant factor", BLURRED.astype(np.float32), (BLURRED / 8).astype(np.float32),
     "Everything is 0.125 times what it should be: a factor is off."),
    ("constant offset", BLURRED, BLURRED + 0.5,
     "Everything is off by +0.5: something is added that should not be."),
    ("constant offset", COINS // 2, COINS // 2 - 1,
     "Everything is off by -1: something is added that should not be."),
    ("uint8 wraps around", brighter, COINS + np.uint8(90), WRAPS),
    ("uint8 wraps around", darker, COINS - np.uint8(90), WRAPS),
    ("wrong type", BLURRED[0], BLURRED[0].tolist(),
     "Returned a list of 60, expected a float64 array of shape (60,); np.array makes one of it."),
    ("wrong type", 0.5, "0.5", "Returned the text '0.5', expected the number 0.5."),
    ("wrong type", (BLURRED, 3), BLURRED,
     "Returned a float64 array of shape (48, 60), expected a tuple of 2."),
    ("wrong type", {"mean": 0.5}, {"mean": True},
     "In 'mean': returned True, expected the number 0.5."),
    ("wrong shape", BLURRED, BLURRED[..., None],
     "Returned shape (48, 60, 1), expected (48, 60). "
     "There is an axis of length 1 too many at the end."),
    ("wrong shape", BLURRED, BLURRED[1:-1, 1:-1],
     "Returned shape (46, 58), expected (48, 60). It is too small: was the border left out?"),
    ("wrong shape", FACE, np.pad(FACE, [(2, 2), (2, 2), (0, 0)]),
     "Returned shape (54, 68, 3), expected (50, 64, 3). It is too large: was the padding left on?"),
    ("wrong shape", FACE, FACE[..., 0], "Returned shape (50, 64), expected (50, 64, 3)."),
    ("wrong shape", FACE, FACE[..., :1], None),
    ("wrong shape", np.arange(256), np.arange(255), "Returned shape (255,), expected (256,)."),
    ("wrong dtype", COINS, COINS.astype(float),
     "Returned dtype float64, expected uint8: `.astype` converts; mind rounding and range."),
    ("wrong dtype", COINS > 120, (COINS > 120) * 255,
     "Returned dtype int64, expected bool: `.astype` converts; mind rounding and range."),
    ("NaN", BLURRED, np.where(COINS > 150, np.nan, BLURRED),
     f"{(COINS > 150).sum()} of 2880 values are NaN or infinite: "
     "look for a division by zero or a missing value."),
    ("NaN", 0.5, np.nan,
     "Returned the number nan: look for a division by zero or a missing value."),
    ("NaN", (1, BLURRED), (1, np.where(COINS > 150, np.inf, BLURRED)),
     f"In item 1: {(COINS > 150).sum()} of 2880 values are NaN or infinite: "
     "look for a division by zero or a missing value."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "expected", "answer", "says"), GOLDEN)
@pytest.mark.parametrize("compare", ["close()", "equal()"])
def test_the_mistake_is_named_in_these_words(name, expected, answer, says, compare):
    finding = named(expected, answer, compare)
    if name == "0..1 for 0..255" and says is None:  # a mask of bools is only the wrong dtype
        assert finding.name == "wrong dtype"
    else:
        assert finding.name == name
        assert says in (None, finding.says)


@pytest.mark.parametrize(
    ("rows", "columns", "way"),
    [
        (-1, 0, "up"),
        (1, 0, "down"),
        (0, -1, "left"),
        (0, 1, "right"),
        (-1, -1, "up and left"),
        (-1, 1, "up and right"),
        (1, -1, "down and left"),
        (1, 1, "down and right"),
    ],
)
def test_a_shift_is_named_with_its_direction(rows, columns, way):
    wide = data.load("coins")[19:69, 99:161] / 255  # one pixel of margin
    shifted = wide[1 - rows : 49 - rows, 1 - columns : 61 - columns]
    for expected, answer in [
        (FLOAT, shifted),
        (FLOAT, np.roll(FLOAT, (rows, columns), (0, 1))),
        (FACE, np.roll(FACE, (rows, columns), (0, 1))),
    ]:
        assert named(expected, answer) == Finding("shifted by a pixel", SHIFT.format(way))


@pytest.mark.parametrize(("right", "wrong"), [(CORRELATED, CONVOLVED), (CONVOLVED, CORRELATED)])
@pytest.mark.parametrize("border", ["mirror", "constant"])
def test_a_flipped_kernel_is_named_whatever_the_border(right, wrong, border):
    if border == "constant":
        wrong = np.pad(wrong[1:-1, 1:-1], 1)
    finding = named(right, wrong, inputs={"image": FLOAT, "kernel": KERNEL})
    assert finding == Finding("flipped kernel", KERNEL_TURNED)


def test_the_input_returned_is_named_before_what_it_resembles():
    for expected in (BLURRED, FLOAT + 0.1, FLOAT * 2, FLOAT[::-1], FLOAT.T, FLOAT[1:-1, 1:-1]):
        finding = named(expected, FLOAT, inputs={"image": FLOAT, "sigma": 1.0})
        assert finding == Finding("input returned", "The answer is `image`, unchanged.")
    swapped = named(FACE[..., ::-1], FACE, inputs={"photo": FACE})
    assert swapped == Finding("input returned", "The answer is `photo`, unchanged.")
    scaled = named(FLOAT, COINS, inputs={"image": COINS})  # there is more to be said
    assert scaled.name == "0..255 for 0..1"


def test_an_input_changed_in_place_is_named_when_nothing_better_is():
    mean = ndimage.uniform_filter(FLOAT, 3)
    finding = named(BLURRED, mean, inputs={"image": FLOAT}, changed=("image",))
    assert finding == Finding(
        "input changed in place",
        "The function changes its input `image` while it still needs it: "
        "write into a new array, or start from a copy.",
    )
    two = named(BLURRED, mean, changed=("image", "kernel"))
    assert "its input `image` and `kernel` while" in two.says
    assert named(BLURRED, BLURRED.T, changed=("image",)).name == "transposed"
    assert named(COINS, COINS.astype(float), changed=("image",)).name == "wrong dtype"


def test_there_is_a_golden_test_for_every_name():
    elsewhere = {
        "column before row",
        "shifted by a pixel",
        "flipped kernel",
        "input returned",
        "input changed in place",
    }
    assert {name for name, *_ in GOLDEN} | elsewhere == set(SYMPTOMS)


# ---------------------------------------------------------------- inside tuples and dicts


def test_the_item_that_is_wrong_is_looked_at():
    finding = named((FLOAT, BLURRED), (FLOAT, BLURRED.T))
    assert finding.name == "transposed"
    finding = named({"mask": COINS > 9, "blur": FACE}, {"mask": COINS > 9, "blur": FACE[..., ::-1]})
    assert finding.name == "BGR for RGB"


# ---------------------------------------------------------------- the task's own mistakes

SWAPPED = Mistake("axes_swapped", "You took columns for rows.")
HALVED = Mistake("halved", "You halved twice.")


def test_a_tasks_own_mistake_wins_over_the_general_one():
    for answer, general in [(BLURRED.T, "transposed"), (BLURRED[::-1], "mirrored")]:
        assert named(BLURRED, answer).name == general
        wrong = {"axes_swapped": answer}
        finding = named(BLURRED, answer, mistakes=[SWAPPED], wrong=wrong)
        assert finding == Finding("axes_swapped", "You took columns for rows.")


def test_an_own_mistake_is_met_within_the_tasks_tolerance_and_in_its_dtype():
    wrong = {"halved": BLURRED / 2}
    near = BLURRED / 2 + 1e-9
    assert named(BLURRED, near, mistakes=[HALVED], wrong=wrong).name == "halved"
    single = (BLURRED / 2).astype(np.float32)
    assert named(BLURRED, single, mistakes=[HALVED], wrong=wrong).name == "halved"
    assert named(BLURRED, BLURRED / 2 + 1e-3, mistakes=[HALVED], wrong=wrong) is None
    bytes_wrong = {"halved": COINS // 2}
    floats = (COINS // 2).astype(float)
    assert named(COINS, floats, mistakes=[HALVED], wrong=bytes_wrong).name == "wrong dtype"
    holes = {"halved": HOLES / 2}
    assert named(BLURRED, HOLES / 2, mistakes=[HALVED], wrong=holes).name == "halved"
    assert named(BLURRED, FLOAT / 2, mistakes=[HALVED], wrong=holes) is None


def test_an_own_mistake_under_a_threshold_is_met_exactly():
    truth, wrong = COINS > 120, COINS > 60
    like = wrong.copy()
    like[0, :5] ^= True  # overlaps the mistake by 99 %, and is another mask
    compare = "iou(at_least=0.95)"
    own = {"mistakes": [HALVED], "wrong": {"halved": wrong}}
    assert named(truth, wrong, compare, **own).name == "halved"
    assert named(truth, like, compare, **own) is None


def test_an_own_mistake_of_points_is_told_in_any_order():
    truth, wrong = np.array([[3, 40], [12, 7], [30, 22]]), np.array([[3.0, 40], [9, 9], [30, 22]])
    own = {"mistakes": [HALVED], "wrong": {"halved": wrong}}
    assert named(truth, wrong[::-1], "points(within=1)", **own).name == "halved"
    assert named(truth, wrong[::-1] + 0.5, "points(within=1)", **own) is None


def test_points_and_boxes_with_the_column_first_are_told_in_any_order():
    points = np.array([[3, 40], [12, 7], [30, 22]])
    boxes = np.hstack([points, points + np.array([4, 9])])
    assert named(points, points[:, ::-1], "points(within=2)").says == COLUMN_FIRST
    assert named(points, points[::-1, ::-1] + 1, "points(within=2)").says == COLUMN_FIRST
    assert named(boxes, boxes[:, [1, 0, 3, 2]], "boxes(ap=1)").says == COLUMN_FIRST
    assert named(points, points * 9, "points(within=2)").name != "column before row"
    assert named(COLOUR[:, :2, 0], COLOUR[:, 1::-1, 0] + 1, "equal()") is None


def several(answers, wrong, *mistakes) -> Finding | None:
    """A finding for several cases: (expected, answer) pairs and the mistakes' answers."""
    cases = [
        Case(str(i), {}, e, {m.name: w[i] for m, w in zip(mistakes, wrong, strict=True)})
        for i, (e, _) in enumerate(answers)
    ]
    outcomes = [Outcome(raised=a) if isinstance(a, Raised) else Outcome(a) for _, a in answers]
    matches = [parse("equal()")(c.expected, o.value) for c, o in zip(cases, outcomes, strict=True)]
    return diagnose(task("equal()", *mistakes), cases, outcomes, matches)


def test_a_mistake_on_every_case_comes_before_one_on_the_failing_cases_only():
    # both explain case 1; only `halved` gives 1 on case 0 as the student does
    assert several([(1, 1), (2, 5)], [[9, 5], [1, 5]], SWAPPED, HALVED).name == "halved"
    assert several([(1, 1), (2, 5)], [[9, 5], [8, 5]], SWAPPED, HALVED).name == "axes_swapped"
    assert several([(1, 3), (2, 5)], [[9, 5], [1, 5]], SWAPPED, HALVED) is None


def test_who_is_right_where_a_mistake_mostly_is_not_made_another_one():
    answers = [(1, 9), (2, 2), (3, 3), (4, 4)]
    assert several(answers, [[9, 8, 3, 4]], HALVED).name == "halved"
    assert several(answers, [[9, 8, 7, 4]], HALVED) is None


def test_a_mistake_that_raises_is_met_by_the_same_exception_on_the_same_cases():
    index, value = Raised("IndexError"), Raised("ValueError")
    assert several([(1, 1), (2, index)], [[1, index]], HALVED).name == "halved"
    assert several([(1, 1), (2, value)], [[1, index]], HALVED) is None
    assert several([(1, index), (2, index)], [[1, index]], HALVED) is None
    assert several([(1, 1), (2, 3)], [[1, index]], HALVED) is None


def test_of_several_symptoms_the_most_frequent_is_named():
    answers = [(BLURRED, BLURRED.T), (FLOAT, FLOAT[::-1]), (CORRELATED, CORRELATED[::-1])]
    cases = [Case(str(i), {}, e) for i, (e, _) in enumerate(answers)]
    outcomes = [Outcome(a) for _, a in answers]
    matches = [parse("close()")(e, a) for e, a in answers]
    assert diagnose(task(), cases, outcomes, matches).name == "mirrored"
    assert diagnose(task(), cases[:2], outcomes[:2], matches[:2]).name == "transposed"


# ---------------------------------------------------------------- nothing false is said

PIECES = {"grey": COINS, "float": FLOAT, "colour": COLOUR, "float colour": FACE}


@pytest.mark.parametrize("compare", ["close()", "equal()", "psnr(at_least=40)"])
@pytest.mark.parametrize("expected", PIECES.values(), ids=PIECES)
def test_a_right_answer_is_never_diagnosed(compare, expected):
    assert named(expected, expected.copy(), compare, inputs={"image": expected}) is None
    changed = named(expected, expected.copy(), compare, changed=("image",))
    assert changed is None


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    piece=st.sampled_from(sorted(PIECES)),
    compare=st.sampled_from(["close()", "equal()", "close(atol=0.02)", "psnr(at_least=30)"]),
    kind=st.sampled_from(["noise", "smooth noise", "near", "one pixel", "mask", "flat"]),
)
def test_noise_is_not_given_a_name(seed, piece, compare, kind):
    rng = np.random.default_rng(seed)
    top, left, height, width = *rng.integers(0, 20, 2), *rng.integers(5, 26, 2)
    expected = PIECES[piece][top : top + height, left : left + width]
    full = 255 if expected.dtype == np.uint8 else 1
    noise = rng.random(expected.shape)
    answer = {
        "noise": full * noise,
        "smooth noise": full * ndimage.uniform_filter(noise, 3),
        "near": np.clip(expected + full * 0.05 * (noise - 0.5), 0, full),
        "one pixel": expected + full * 0.5 * (np.arange(noise.size).reshape(noise.shape) == 99),
        "mask": full * (noise > 0.5),
        "flat": full * np.full(noise.shape, 0.37),
    }[kind]
    answer = np.rint(answer).astype(np.uint8) if full == 255 else answer.astype(expected.dtype)
    finding = named(expected, answer, compare, inputs={"image": PIECES[piece], "kernel": KERNEL})
    # small noise may by chance leave a tolerance at the edge alone
    agrees = partial(np.allclose, atol=0.02) if "0.02" in compare else np.array_equal
    on_the_border = border_width(agrees, expected, answer) is not None
    assert finding is None or (kind in ("one pixel", "near") and on_the_border)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), strict=st.booleans())
def test_rounding_errors_are_no_factor_and_no_offset(seed, strict):
    rng = np.random.default_rng(seed)
    rough = BLURRED * (1 + 3e-6 * rng.standard_normal(BLURRED.shape))  # beyond rtol here and there
    if not strict:
        rough = BLURRED.astype(np.float16).astype(float)
    assert named(BLURRED, rough, "close(rtol=1e-6, atol=0)") is None
    assert named(BLURRED, BLURRED.astype(np.float32), "close(rtol=1e-9, atol=0)") is None


def test_small_values_are_not_taken_for_another_scale():
    edges = 1e-5 * (BLURRED - 0.5)
    noise = 1e-3 * np.random.default_rng(0).random(edges.shape)
    assert named(edges, noise) is None
    assert named(edges, np.rint(noise).astype(np.uint8) + np.eye(48, 60, dtype=np.uint8)) is None


def test_a_wrong_mask_does_not_wrap_around():
    mask = np.where(COINS > 120, 255, 0).astype(np.uint8)
    assert named(mask, 255 - mask) is None
    assert named(mask, np.where(COINS > 60, 255, 0).astype(np.uint8)) is None
    off = brighter.copy()
    off[brighter == 255] -= 30  # too dark, and nothing wrapped
    assert named(brighter, off) is None


def test_symmetric_pictures_and_kernels_are_not_called_turned():
    rows, columns = np.mgrid[-8:9, -8:9]
    ball = np.exp(-(rows**2 + columns**2) / 20)  # equal to its transpose and its mirror images
    assert named(ball, 1 - ball**2) is None
    even = np.outer([1, 2, 1], [1, 2, 1]) / 16
    right = ndimage.correlate(FLOAT, even, mode="mirror")
    wrong = np.pad(right[1:-1, 1:-1], 1)  # only the border; the kernel has no wrong way round
    finding = named(right, wrong, inputs={"image": FLOAT, "kernel": even})
    assert finding == Finding("only the border", BORDER.format("pixel is"))


def test_stripes_with_a_wrong_border_are_not_called_shifted():
    stripes = np.tile(FLOAT[:, :1], (1, 30))  # the same in every column
    wrong = np.pad(stripes[1:-1, 1:-1], 1)
    assert named(stripes, wrong).name == "only the border"
    down = named(stripes, np.roll(stripes, 1, axis=0))
    assert down == Finding("shifted by a pixel", SHIFT.format("down"))


def test_a_list_of_points_is_no_picture():
    points = np.array([[3, 40], [9, 12], [30, 7], [44, 21], [5, 5.0]])
    assert named(points, points[:, ::-1]) is None  # two columns of numbers may be anything
    assert named(points, points[::-1]) is None
    palette = np.array([[1, 0, 0.5], [0, 1, 0.2], [0.3, 0.3, 1], [1, 1, 0]])
    assert named(palette, palette[:, [1, 0, 2]]) is None


def test_a_threshold_is_no_reason_to_name_a_turn():
    # a mask one pixel too wide overlaps better when it is moved, but it was not shifted
    truth = np.zeros((30, 30), bool)
    truth[5:25, 5:25] = True
    wide = np.zeros_like(truth)
    wide[4:25, 4:25] = True
    moved = np.roll(truth, 1, axis=0)
    assert not parse("iou(at_least=0.93)")(truth, wide).passed
    assert named(truth, wide, "iou(at_least=0.93)") is None
    assert named(truth, moved, "iou(at_least=0.93)").name == "shifted by a pixel"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("compare", ["close()", "equal()", "iou(at_least=0.9)"])
def test_no_pair_of_values_makes_the_diagnosis_fall_over(compare):
    inputs = {"image": FLOAT, "kernel": KERNEL, "mode": "wrap", "names": np.array([["a"] * 5] * 5)}
    values = [
        *(FLOAT[:5, :5], FACE[:5, :5], COINS[:5, :5], COINS[:5, :5] > 90, KERNEL, FLOAT[0]),
        *(np.fft.fft2(FLOAT[:5, :5]), HOLES[:5, 30:35], np.full((5, 5), np.inf)),
        *(np.full((5, 5), 1e300), np.full((5, 5), -(2**63)), np.zeros((0, 3)), np.zeros((5, 0))),
        *(np.array([["a"] * 5] * 5), np.array(["a"]), np.array(2.0), np.zeros((1, 1))),
        *(None, True, 3, 0.5, 1j, "text", (), [], {}, (1, FLOAT), [FLOAT], {"a": 1}, {"b": FLOAT}),
    ]
    for expected in values:
        for answer in values:
            if compare.startswith("iou") and getattr(expected, "dtype", None) == "<U1":
                continue  # no task expects text there
            finding = named(expected, answer, compare, inputs=inputs)
            assert finding is None or finding.name in SYMPTOMS


# ---------------------------------------------------------------- measures


@pytest.mark.parametrize("width", [1, 2, 5])
def test_the_width_of_a_wrong_border(width):
    wrong = np.pad(FLOAT[width:-width, width:-width], width, constant_values=-1)
    assert border_width(np.allclose, FLOAT, wrong) == width
    assert border_width(np.allclose, FLOAT, FLOAT[:-1]) is None
    assert border_width(np.allclose, FLOAT, 1 - FLOAT) is None
    assert border_width(np.allclose, 0.5, 0.4) is None
    assert border_width(np.allclose, FLOAT[0], wrong[0]) is None


def test_a_border_round_nothing_is_not_the_mistake():
    frame = np.pad(np.zeros((10, 10)), 1, constant_values=FLOAT[:1, :12].mean())
    frame[0, 0] = 1
    assert named(frame, np.zeros_like(frame)).name == "all zeros"
    assert border_width(np.allclose, frame, np.zeros_like(frame)) is None
