"""Answers travel as plain data: every value comes back as it was, and no bytes are trusted."""

import base64
import contextlib
import io
import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from imgkit import data
from imgkit.course import answers
from imgkit.course.answers import BadAnswer, Foreign, describe, from_npy, from_text, plain, to_text

DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(),
    hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(),
    hnp.complex_number_dtypes(),
    hnp.unicode_string_dtypes(max_len=5),
)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    hnp.arrays(DTYPES, SHAPES),
)


def nested(depth):
    if not depth:
        return LEAVES
    items = st.lists(nested(depth - 1), max_size=3)
    named = st.dictionaries(st.text(max_size=3), nested(depth - 1), max_size=3)
    return st.one_of(LEAVES, items, items.map(tuple), named)


def same(a, b) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        alike = (a.dtype, a.shape) == (b.dtype, b.shape)
        return alike and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return repr(a) == repr(b)  # nan is nan, -0.0 is not 0.0


@settings(max_examples=150, deadline=None)
@given(nested(answers.MAX_DEPTH - 1))
def test_every_kind_of_value_comes_back_as_it_was(value):
    assert same(plain(value), value)
    assert same(from_text(to_text(value)), value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 5e-324, 2**64 - 1, 1 + 2j])
def test_numbers_come_back_exactly(value):
    assert same(from_text(to_text(value)), value)


@pytest.mark.parametrize(
    ("numpys", "pythons"),
    [
        (np.float32(0.1), float(np.float32(0.1))),
        (np.uint8(7), 7),
        (np.bool_(True), True),
        (np.complex64(1j), 1j),
        (np.str_("wrap"), "wrap"),
        (np.longdouble(0.5), 0.5),
    ],
)
def test_numpys_own_numbers_become_pythons(numpys, pythons):
    assert same(plain(numpys), pythons)


def test_true_is_not_one():
    assert plain((True, 1, np.True_)) == (True, 1, True)
    assert [type(item) for item in plain((True, 1, np.True_))] == [bool, int, bool]


def test_views_of_photographs_come_back_whole():
    coins = data.load("coins")
    for view in (coins[::-3, ::2], coins.T, np.asfortranarray(coins), coins[:0], coins[5:6, 5:6]):
        assert same(from_text(to_text(view[:200, :200])), np.ascontiguousarray(view[:200, :200]))


def test_subclasses_of_arrays_become_arrays():
    class Own(np.ndarray): ...

    masked = np.ma.masked_array([1, 2], [True, False])
    assert type(plain(np.zeros(2).view(Own))) is type(plain(masked)) is np.ndarray


def test_a_tensor_becomes_an_array_without_torch():
    array = np.arange(3)
    on_cpu = SimpleNamespace(numpy=lambda: array)
    tensor = SimpleNamespace(detach=lambda: SimpleNamespace(cpu=lambda: on_cpu), cpu=None)
    assert same(plain(tensor), array)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (object(), "an object"),
        (io.BytesIO(), "a BytesIO"),  # has a detach of its own
        ((x for x in "ab"), "a generator"),
        (print, "a builtin_function_or_method"),
        (10**30, "an int"),
        (np.array([object()]), "an array of dtype object"),
        (np.zeros(2, [("a", float)]), "an array of dtype [('a', '<f8')]"),
        (np.timedelta64(1, "s"), "a timedelta64"),
        ({1, 2}, "a set"),
        (b"ab", "a bytes"),
    ],
)
def test_what_no_task_returns_is_kept_by_its_name(value, words):
    kept = plain(value)
    assert isinstance(kept, Foreign)
    assert describe(kept) == words


def test_a_list_that_holds_itself_comes_to_an_end():
    endless = []
    endless.append(endless)
    assert plain(endless) == [[[[Foreign("list")]]]]


def test_long_lists_are_cut():
    assert len(plain([None] * 5000)) == answers.MAX_ITEMS


def test_a_picture_as_nested_lists_is_told_to_be_an_array():
    with pytest.raises(BadAnswer, match="over 1000 separate numbers: return an array"):
        from_text(to_text(data.load("coins")[:40, :40].tolist()))


# ---------------------------------------------------------------- forged arrays


def forged(shape="(2, 2)", descr="'<f8'", body=b"\0" * 32, order="False", magic=b"\x93NUMPY\1\0"):
    header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    size = len(header).to_bytes(2 if magic[6] == 1 else 4, "little")
    return magic + size + header + body


def test_an_honest_header_is_read_in_either_order():
    square = np.arange(4.0)
    assert same(from_npy(forged(body=square.tobytes())), square.reshape(2, 2))
    assert same(from_npy(forged(body=square.tobytes(), order="True")), square.reshape(2, 2).T)
    assert same(from_npy(forged(magic=b"\x93NUMPY\2\0")), np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (forged("(10**12,)"), "not an .npy array"),
        (forged("(1000000, 1000000)"), "claims 8,000,000,000,000 bytes, 32 came"),
        (forged("(-2, -2)"), "claims"),
        (forged("(-1, 0)", body=b""), "claims"),
        (forged("(0, 1000000000000000000000)", body=b""), "not an .npy array"),
        (forged("(1000000000,)", "'<U0'", b""), "'<U0' are not accepted"),
        (forged("(" + "1, " * 70 + ")", "'|u1'", b"a"), "not an .npy array"),
        (forged("4"), "not an .npy array"),
        (forged("(2.0, 2)"), "not an .npy array"),
        (forged(descr="'|O'"), "'object' are not accepted"),
        (forged(descr="[('a', '<f4'), ('b', '<f4')]"), "are not accepted"),
        (forged(descr="('<f4', (2,))"), "are not accepted"),
        (forged(descr="'<M8[s]'"), "are not accepted"),
        (forged(descr="'|S8'"), "are not accepted"),
        (forged(descr="'nonsense'"), "not an .npy array"),
        (forged(body=b"\0" * 31), "claims 32 bytes, 31 came"),
        (forged(body=b"\0" * 33), "claims 32 bytes, 33 came"),
        (forged(body=b""), "claims 32 bytes, 0 came"),
        (forged("(1,)", "'<U1'", b"\xff\xff\xff\xff"), "not an .npy array"),
        (forged("(1,)", "'>U1'", b"\x7f\xff\xff\xff"), "not an .npy array"),
        (forged("(2, 2)" + " " * 5000), "not an .npy array"),
        (forged("(" * 900 + ")" * 900), "not an .npy array"),
        (forged("__import__('os').getpid()"), "not an .npy array"),
        (forged(magic=b"\x93NUMPY\3\0"), "not an .npy array"),
        (b"\x93NUMPY\1\0\xff\xff{", "not an .npy array"),
        (b"PK\3\4", "not an .npy array"),
        (b"", "not an .npy array"),
    ],
)
def test_a_forged_header_is_refused(bad, why):
    with pytest.raises(BadAnswer, match=re.escape(why)) as caught:
        from_npy(bad)
    assert len(str(caught.value)) < 200


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_bytes_give_an_array_or_a_bad_answer(draw):
    good = bytearray(answers.to_npy(np.arange(6.0).reshape(2, 3)))
    for _ in range(draw.draw(st.integers(1, 4))):
        good[draw.draw(st.integers(0, len(good) - 1))] = draw.draw(st.integers(0, 255))
    with contextlib.suppress(BadAnswer):
        assert from_npy(bytes(good)).nbytes <= len(good)


# ---------------------------------------------------------------- forged trees

NUMBER = answers.to_npy(np.array(0.5))


def text(tree, arrays=(NUMBER,)) -> str:
    return json.dumps({"tree": tree, "arrays": [base64.b64encode(a).decode() for a in arrays]})


@pytest.mark.parametrize(
    "tree",
    [
        None,
        [],
        {},
        {"float": 0, "int": 0},
        {"array": 1},
        {"array": -1},
        {"array": "0"},
        {"array": 0.0},
        {"pickle": 0},
        {"tuple": 3},
        {"tuple": {"array": 0}},
        {"tuple": [{"none": 1}] * 1001},
        {"list": [{"list": [{"list": [{"list": [{"list": []}]}]}]}]},
        {"dict": [["a"]]},
        {"dict": ["ab"]},
        {"dict": [[["a"], {"none": True}]]},
        {"str": 5},
        {"bool": "yes"},
        {"foreign": ["x"]},
        {"int": 0},  # the array holds a float
        {"complex": 0},
    ],
)
def test_a_forged_tree_is_refused(tree):
    with pytest.raises(BadAnswer):
        from_text(text(tree))


@pytest.mark.parametrize(
    ("kind", "array"),
    [
        ("int", np.array(np.nan)),
        ("int", np.array(np.inf)),
        ("float", np.array(1j)),
        ("float", np.array("1")),
        ("float", np.array(True)),
        ("float", np.zeros(2)),
        ("float", np.zeros(0)),
    ],
)
def test_a_forged_number_is_refused(kind, array):
    with pytest.raises(BadAnswer, match="is not one number"):
        from_text(text({kind: 0}, [answers.to_npy(array)]))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "[]",
        "5",
        '{"tree": {"none": true}}',
        '{"tree": {"none": true}, "arrays": {"0": ""}}',
        '{"tree": {"none": true}, "arrays": [5]}',
        '{"tree": {"none": true}, "arrays": ["not base64!"]}',
        '{"tree": {"none": true}, "arrays": ["é"]}',
        '{"tree": {"array": 0}, "arrays": ["AAAA"]}',
        "[" * 100_000,
        '{"arrays": [], "tree": ' + "[" * 100_000,
        '{"arrays": [], "tree": {"int": ' + "1" * 5000 + "}}",
    ],
)
def test_a_line_that_is_no_answer_is_refused(line):
    with pytest.raises(BadAnswer):
        from_text(line)


def test_a_large_answer_is_refused_before_it_is_read():
    with pytest.raises(BadAnswer, match="larger than 2 MB"):
        from_text(" " * 4_000_001)
    with pytest.raises(BadAnswer, match="larger than 2 MB"):
        from_text(to_text(np.zeros(2_000_000, np.uint8)))
    assert from_text(to_text(np.zeros(1_900_000, np.uint8))).size == 1_900_000


def test_one_array_named_a_thousand_times_is_kept_once():
    big = answers.to_npy(np.zeros(1_000_000, np.uint8))
    bomb = from_text(text({"tuple": [{"array": 0}] * 1000}, [big]))
    assert len({id(item) for item in bomb}) == 1


def test_surrogates_cannot_reach_a_report():
    for tree in ({"foreign": "\ud800"}, {"str": "\ud800"}, {"dict": [["\ud800", {"none": True}]]}):
        describe(from_text(text(tree))).encode("utf-8")


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        (True, "True"),
        (3, "the number 3"),
        (0.123456789, "the number 0.123457"),
        (1 + 2j, "the number 1+2j"),
        ("wrap", "the text 'wrap'"),
        (np.zeros((3, 4), np.uint8), "a uint8 array of shape (3, 4)"),
        (np.zeros(3, int), "an int64 array of shape (3,)"),
        ((1, 2), "a tuple of 2"),
        ([], "a list of 0"),
        ({"height": 1, "width": 2}, "a dict with 'height', 'width'"),
        ({}, "an empty dict"),
    ],
)
def test_a_value_in_a_few_words(value, words):
    assert describe(value) == words


def test_words_stay_few():
    assert len(describe("x" * 1000)) < 80
    assert len(describe(Foreign("x" * 1000))) < 90
