"""The seven comparisons: right, wrong, almost; and what is wrong is said in one sentence."""

import numpy as np
import pytest

from imgkit import data
from imgkit.course.answers import Foreign
from imgkit.course.compare import Match, likeness, parse

COINS = data.load("coins")[20:60, 100:150]  # uint8 (40, 50)
FLOAT = COINS / 255
MASK = COINS > 120
KNOWN = "close, equal, iou, accuracy, psnr, points, boxes"


def held(compare: str, expected, answer) -> Match:
    match = parse(compare)(expected, answer)
    assert match.passed != bool(match.says)  # a right answer needs no words, a wrong one has some
    assert "\n" not in match.says
    assert not match.says.endswith(".")
    return match


def passes(compare: str, expected, answer) -> bool:
    return held(compare, expected, answer).passed


# ---------------------------------------------------------------- reading compare=


@pytest.mark.parametrize(
    "text",
    [
        "close",
        "close(1e-6)",
        "near()",
        "close(tolerance=1)",
        "close(rtol=)",
        "close(rtol=eps)",
        "close(**options)",
        "iou()",
        "points(within='a')",
        "np.close()",
        "__import__('os').getpid()",
        "close() + 1",
        "",
        5,
        None,
    ],
)
def test_what_is_no_comparison_is_named_with_those_that_are(text):
    with pytest.raises(ValueError, match="is not a comparison") as caught:
        parse(text)
    assert repr(text) in str(caught.value)
    assert str(caught.value).endswith(f"known: {KNOWN}")


def test_likeness_is_strict_where_the_task_has_a_threshold():
    almost = MASK.copy()
    almost[0, 0] ^= True
    assert passes("iou(at_least=0.9)", MASK, almost)
    assert not likeness("iou(at_least=0.9)")(MASK, almost).passed
    assert likeness("close(atol=0.5)")(1.0, 1.4).passed
    points = np.array([[3.0, 4], [9, 2], [5, 5]])
    assert likeness("points(within=2)")(points, points[::-1]).passed
    assert not likeness("points(within=2)")(points, points + 0.1).passed
    assert not likeness("points(within=2)")(points, MASK).passed
    assert not likeness("points(within=2)")(points, ([1], [1, 2])).passed
    assert not likeness("equal()")(1.0, 1 + 1e-9).passed


# ---------------------------------------------------------------- close


def test_close_takes_the_expected_and_what_is_within_its_tolerance():
    assert passes("close()", FLOAT, FLOAT.copy())
    assert passes("close(rtol=0, atol=0.01)", FLOAT, FLOAT + 0.009)
    assert passes("close(rtol=0.01, atol=0)", FLOAT, FLOAT * 1.009)
    assert not passes("close(rtol=0, atol=0.01)", FLOAT, FLOAT + 0.011)
    assert not passes("close(rtol=0.01, atol=0)", FLOAT, FLOAT * 1.011)


def test_close_says_how_many_where_and_by_how_much():
    wrong = FLOAT.copy()
    wrong[3, 7] += 0.5
    wrong[9, 1] -= 0.25
    match = held("close()", FLOAT, wrong)
    assert match.says == (
        f"2 of 2000 values differ, first at [3, 7]: yours {wrong[3, 7]:.5g}, "
        f"expected {FLOAT[3, 7]:.5g}; largest error 0.5, mean 0.000375"
    )
    assert match.fault == "value"


def test_close_is_almost_when_few_values_are_wrong_or_all_are_near():
    few, near, far = FLOAT.copy(), FLOAT + 1e-3, FLOAT + 0.1
    few[:4, :5] = 0
    assert held("close()", FLOAT, few).close
    assert held("close()", FLOAT, near).close
    assert not held("close()", FLOAT, far).close
    assert not held("close()", FLOAT, 1 - FLOAT).close


def test_close_takes_any_real_dtype_for_floats():
    assert passes("close()", FLOAT, FLOAT.astype(np.float32))
    assert passes("close(atol=1e-3)", FLOAT, FLOAT.astype(np.float16))
    assert passes("close()", np.arange(3.0), np.arange(3))
    assert passes("close()", np.arange(3), np.arange(3.0))


def test_close_holds_complex_numbers_by_both_parts():
    spectrum = np.fft.fft2(FLOAT)
    assert passes("close()", spectrum, spectrum.astype(np.complex128))
    assert not passes("close()", spectrum, spectrum.conj())
    assert held("close()", spectrum, spectrum.real).fault == "value"
    assert held("close()", FLOAT, FLOAT + 0j).says == "returned dtype complex128, expected float64"
    assert passes("close()", 1 + 2j, 1 + 2j)
    assert passes("close()", 1 + 0j, 1)
    assert not passes("close()", 1.0, 1 + 0j)


def test_nan_is_expected_only_where_it_is_expected():
    holes = FLOAT.copy()
    holes[5:8, 5:8] = np.nan
    assert passes("close()", holes, holes.copy())
    assert passes("equal()", holes, holes.copy())
    for compare in ("close()", "equal()"):
        assert not passes(compare, holes, FLOAT)
        assert not passes(compare, holes, np.full_like(FLOAT, np.nan))
        assert held(compare, FLOAT, holes).says == "9 of 2000 values are NaN or infinite"
        assert held(compare, FLOAT, holes).fault == "nan"
    assert passes("close()", np.nan, np.nan)
    assert not passes("close()", np.nan, 1.0)
    assert held("close()", 1.0, np.nan).says == "returned the number nan"
    assert held("close()", 1.0, np.nan).fault == "nan"
    assert not passes("close()", 1 + 1j, complex("nan"))


def test_infinity_equals_itself_only():
    far = np.array([np.inf, -np.inf, 1])
    assert passes("close()", far, far.copy())
    assert not passes("close()", far, -far)
    assert not passes("close()", far, np.array([np.inf, -np.inf, 2]))
    assert not passes("close()", far, np.array([1e300, -np.inf, 1]))


# ---------------------------------------------------------------- equal


def test_equal_takes_the_same_values_and_no_others():
    assert passes("equal()", COINS, COINS.copy())
    off = COINS.copy()
    off[0, 0] ^= 1
    match = held("equal()", COINS, off)
    assert match.says.startswith("1 of 2000 values differ, first at [0, 0]: yours")
    assert match.close
    assert not held("equal()", COINS, 255 - COINS).close


def test_equal_holds_labels_and_text():
    names = np.array(["coin", "table"])
    assert passes("equal()", names, np.array(["coin", "table"], "<U20"))
    match = held("equal()", names, np.array(["coin", "chair"]))
    assert match.says == "1 of 2 values differ, first at [1]: yours 'chair', expected 'table'"
    assert held("equal()", names, np.arange(2)).says == "returned dtype int64, expected text"
    assert held("equal()", "coin", "coins").says == (
        "returned the text 'coins', expected the text 'coin'"
    )
    assert passes("equal()", np.arange(3), np.arange(3.0))


def test_equal_holds_masks():
    assert passes("equal()", MASK, MASK.copy())
    assert held("equal()", MASK, ~MASK).says.startswith("2000 of 2000 values differ")


# ---------------------------------------------------------------- the scores


def test_iou_is_overlap_over_union():
    truth, mask = np.zeros((10, 10), bool), np.zeros((10, 10), bool)
    truth[:, :8] = True  # 80 pixels
    mask[:, 2:] = True  # 80, of which 60 common: 60 / 100
    assert passes("iou(at_least=0.6)", truth, mask)
    match = held("iou(at_least=0.65)", truth, mask)
    assert match.says == "overlap (IoU) is 0.6, it takes 0.65"
    assert match.close
    assert not held("iou(at_least=0.9)", truth, mask).close
    assert passes("iou(at_least=1)", truth & False, truth & False)
    assert not passes("iou(at_least=0.1)", truth & False, mask)
    assert not passes("iou(at_least=0.1)", truth, truth & False)


def test_accuracy_is_the_share_of_equal_entries():
    labels = np.arange(100)
    guesses = np.where(labels < 92, labels, -1)
    assert passes("accuracy(at_least=0.92)", labels, guesses)
    match = held("accuracy(at_least=0.95)", labels, guesses)
    assert match.says == "accuracy is 0.92, it takes 0.95"
    assert match.close
    assert not held("accuracy(at_least=0.95)", labels, labels + 1).close
    assert passes("accuracy(at_least=0.5)", np.array(["a", "b"]), np.array(["a", "c"]))


def test_psnr_knows_the_full_scale_of_the_expected():
    noisy = FLOAT + 0.1  # mse 0.01: 20 dB
    assert passes("psnr(at_least=19.99)", FLOAT, noisy)
    assert held("psnr(at_least=21)", FLOAT, noisy).says == "PSNR in dB is 20, it takes 21"
    assert held("psnr(at_least=21)", FLOAT, noisy).close
    assert not held("psnr(at_least=30)", FLOAT, noisy).close
    assert passes("psnr(at_least=100)", FLOAT, FLOAT)
    flat = np.full((4, 4), 100, np.uint8)
    assert passes("psnr(at_least=48)", flat, flat + np.uint8(1))  # 20 log10(255) = 48.1
    assert not passes("psnr(at_least=49)", flat, flat + np.uint8(1))


def test_points_are_found_in_any_order_and_none_is_invented():
    corners = np.array([[10, 10], [10, 40], [30, 25.0]])
    assert passes("points(within=2)", corners, corners[::-1] + 1)
    assert not passes("points(within=1)", corners, corners + 1)  # 1.41 px
    missed = held("points(within=2)", corners, corners[:2])
    assert missed.says == "F1 of points within 2 px is 0.8, it takes 1"
    invented = np.vstack([corners, [[0, 0]]])
    assert not passes("points(within=2)", corners, invented)
    assert passes("points(within=2, at_least=0.85)", corners, invented)  # 6/7
    twice = np.vstack([corners[:2], corners[:1]])
    assert not passes("points(within=2)", corners, twice)
    assert not passes("points(within=2)", corners, corners[:, ::-1])


def test_points_are_matched_as_well_as_can_be():
    expected = np.array([[0, 0], [0, 3.0]])
    greedy_fails = np.array([[0, 1], [0, -2.0]])  # the first must leave (0, 0) to the second
    assert passes("points(within=2)", expected, greedy_fails)


@pytest.mark.parametrize("compare", ["points(within=1)", "boxes(ap=0.5)"])
def test_no_points_and_no_boxes(compare):
    columns = 2 if compare.startswith("points") else 4
    none, some = np.zeros((0, columns)), np.ones((3, columns))
    for empty in (none, np.array([])):  # np.array of an empty list has one axis
        assert passes(compare, none, empty)
        assert held(compare, some, empty).fault == "value"
    assert not passes(compare, none, some)
    assert held(compare, some, np.ones((3, 3))).fault == "shape"
    assert held(compare, some, np.ones(columns)).fault == "shape"


TRUTH = np.array([[0, 0, 10, 10], [0, 20, 10, 30], [20, 0, 30, 10.0]])


def found(*rows) -> np.ndarray:
    return np.array(
        [[*TRUTH[i], score] if i >= 0 else [50, 50, 60, 60, score] for i, score in rows]
    )


@pytest.mark.parametrize(
    ("answer", "ap"),
    [
        (found((0, 0.9), (1, 0.8), (2, 0.7)), 1.0),
        (found((0, 0.9), (1, 0.8)), 2 / 3),
        # hit, false, hit, hit: precision 1, 1/2, 2/3, 3/4, interpolated 1, 3/4, 3/4
        (found((0, 0.9), (-1, 0.8), (1, 0.7), (2, 0.6)), 1 / 3 + 2 / 3 * 3 / 4),
        # the same boxes, listed from the least certain
        (found((2, 0.6), (1, 0.7), (-1, 0.8), (0, 0.9)), 1 / 3 + 2 / 3 * 3 / 4),
        # false, then two hits: interpolated 2/3 up to recall 2/3
        (found((-1, 0.9), (0, 0.8), (1, 0.7)), 2 / 3 * 2 / 3),
        (found((0, 0.9), (0, 0.8)), 1 / 3),  # found twice counts once
        (found((-1, 0.9)), 0.0),
        (TRUTH, 1.0),  # without scores, in the order given
        (TRUTH[:, [1, 0, 3, 2]], 1 / 3 + 2 / 3),  # mirrored at the diagonal: the set is the same
        (TRUTH[:, [2, 3, 0, 1]], 0.0),  # corners in the wrong order
    ],
)
def test_average_precision_is_as_worked_out_by_hand(answer, ap):
    assert passes(f"boxes(ap={ap - 1e-9})", TRUTH, answer)
    assert not passes(f"boxes(ap={ap + 1e-9})", TRUTH, answer)


def test_boxes_meet_at_the_iou_asked_for():
    shifted = TRUTH + np.array([0, 5, 0, 5])  # IoU 1/3
    assert passes("boxes(ap=1, iou=0.33)", TRUTH, shifted)
    match = held("boxes(ap=1, iou=0.34)", TRUTH, shifted)
    assert match.says == "average precision at IoU 0.34 is 0, it takes 1"


# ---------------------------------------------------------------- kinds, shapes, dtypes

ALL = [
    "close()",
    "equal()",
    "iou(at_least=0.5)",
    "accuracy(at_least=0.5)",
    "psnr(at_least=1)",
]


@pytest.mark.parametrize("compare", ALL)
@pytest.mark.parametrize("expected", [COINS, FLOAT, MASK], ids=["uint8", "float", "bool"])
def test_a_right_answer_passes_and_a_wrong_kind_never_does(compare, expected):
    assert passes(compare, expected, expected.copy())
    for answer, fault in [
        (None, "type"),
        (5, "type"),
        ("mask", "type"),
        (True, "type"),
        (expected.tolist(), "type"),
        ((expected,), "type"),
        ({"mask": expected}, "type"),
        (Foreign("Figure"), "type"),
        (np.array(5), "type"),
        (expected[:-1], "shape"),
        (expected[..., None], "shape"),
        (expected.T, "shape"),
        (expected.astype("<U5"), "dtype"),
        (expected.astype(complex), "dtype"),
    ]:
        assert held(compare, expected, answer).fault == fault


@pytest.mark.parametrize("compare", ALL)
def test_uint8_and_bool_have_to_come_back_as_such(compare):
    for strict in (COINS, MASK):
        for dtype in (np.uint8, bool, np.float32, np.int64):
            match = held(compare, strict, strict.astype(dtype))
            assert match.passed == (dtype == strict.dtype)
            assert match.passed or match.fault == "dtype"
    assert held("close()", FLOAT, MASK).says == "returned dtype bool, expected float64"


def test_bools_are_no_numbers():
    for compare in ("close()", "equal()"):
        assert passes(compare, True, True)
        assert not passes(compare, True, 1)
        assert not passes(compare, 1, True)
        assert not passes(compare, 1.0, np.array(True))
        assert not passes(compare, True, np.array(1))
        assert not passes(compare, True, False)


def test_an_array_without_axes_is_a_number():
    for compare in ("close()", "equal()"):
        assert passes(compare, 0.5, np.array(0.5))
        assert passes(compare, np.array(0.5), 0.5)
        assert passes(compare, np.float32(0.5), 0.5)
        assert passes(compare, np.int64(3), 3)
        assert passes(compare, np.True_, True)
        assert not passes(compare, 0.5, np.array("0.5"))
        assert not passes(compare, 0.5, np.array([0.5]))


def test_a_missing_return_and_a_list_are_named():
    assert held("close()", FLOAT, None).says == "returned None: is there a `return`?"
    assert held("close()", FLOAT[0], FLOAT[0].tolist()).says == (
        "returned a list of 50, expected a float64 array of shape (50,); np.array makes one of it"
    )
    assert held("close()", FLOAT, FLOAT[1:]).says == "returned shape (39, 50), expected (40, 50)"
    assert held("close()", 0.5, Foreign("function")).says == (
        "returned a function, expected the number 0.5"
    )
    assert passes("equal()", None, None)
    assert not passes("equal()", None, 0)


def test_tuples_and_dicts_go_item_by_item():
    expected = {"mean": 0.5, "name": "coins", "grey": True, "image": (FLOAT, None)}
    for compare in ("close()", "equal()", "iou(at_least=0.9)", "psnr(at_least=40)"):
        assert passes(compare, expected, expected | {"image": (FLOAT.copy(), None)})
        assert passes(compare, expected, dict(reversed(expected.items())))
        assert passes(compare, expected, expected | {"image": [FLOAT, None]})
        for wrong in (
            expected | {"mean": 0.6},
            expected | {"name": "coin"},
            expected | {"grey": False},
            expected | {"grey": 1},
            expected | {"image": (FLOAT * 0, None)},
            expected | {"image": (FLOAT, 0)},
            expected | {"image": (FLOAT,)},
            expected | {"more": 1},
            {"mean": 0.5},
            list(expected.items()),
            0.5,
        ):
            assert not passes(compare, expected, wrong)


def test_the_item_that_is_wrong_is_named():
    expected = {"mean": 0.5, "image": (FLOAT, COINS)}
    match = held("close()", expected, expected | {"image": (FLOAT, COINS.astype(float))})
    assert match.says == "in 'image': in item 1: returned dtype float64, expected uint8"
    assert match.fault == "dtype"
    match = held("close()", expected, expected | {"mean": 0.4})
    assert match.says == "in 'mean': returned the number 0.4, expected the number 0.5"
    match = held("close()", (1, 2), (1, 2, 3))
    assert match.says == "returned a tuple of 3, expected a tuple of 2"
    match = parse("close()")((1.0, 2.0), np.array([1.0, 2.0]))
    assert match.says.endswith("expected a tuple of 2; tuple makes one of it")
    match = held("close()", {"a": 1}, {"b": 1})
    assert match.says == "returned a dict with 'b', expected a dict with 'a'"


@pytest.mark.parametrize("compare", ALL)
def test_empty_arrays_are_equal(compare):
    assert passes(compare, np.zeros((0, 3)), np.zeros((0, 3)))
    assert not passes(compare, np.zeros((0, 3)), np.zeros((0, 4)))


@pytest.mark.parametrize("compare", ALL)
@pytest.mark.filterwarnings("error")
def test_no_answer_makes_a_comparison_warn_or_fall_over(compare):
    extreme = [np.inf, -np.inf, np.nan, 1e308, -1e308, 1e-320, 0, 2.0**63]
    values = [np.array(extreme), np.array(extreme)[::-1], np.array(extreme) * (1 + 1j)]
    values += [
        np.zeros(8),
        np.array(["a"] * 8),
        np.full(8, 2**64 - 1, np.uint64),
        2**64,
        "a",
        1e308,
    ]
    for expected in values:
        for answer in values:
            if compare.startswith(("iou", "psnr")) and np.asarray(expected).dtype.kind in "UO":
                continue  # no task expects text there
            parse(compare)(expected, answer)
