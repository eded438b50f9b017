"""``imgkit.engines()`` is held to its word: both engines, each dtype, gradients, refusals.

The routines are called as in ``benchmarks/routines``, on small photographs.
"""

import numpy as np
import pytest
import torch
from strategies import BAD_IMAGES

import imgkit
from benchmarks.routines import all_cases
from benchmarks.routines.case import IMAGES
from benchmarks.routines.forms import photograph, to_array, to_float64, to_form
from imgkit import places

SIZE = 48
CASES = all_cases()
FIRST = list({case.routine: case for case in reversed(CASES)}.values())
TABLE = {line.name: line for line in imgkit.engines()}
DTYPES = ["uint8", "float32", "float64"]


def kinds(case, dtypes=DTYPES):
    colors = dict.fromkeys(kind.split()[0] for kind in case.kinds)
    return [f"{color} {dtype}" for color in colors for dtype in dtypes]


def each(cases, dtypes=DTYPES, where=lambda line: True):
    found = [
        pytest.param(case, kind, id=f"{case.title}, {kind}")
        for case in cases
        if where(TABLE[case.routine])
        for kind in kinds(case, dtypes)
    ]
    return pytest.mark.parametrize(("case", "kind"), found)


def inputs(case, kind):
    return case.prepare(photograph(kind, SIZE))


def is_fine(case, image):
    """What is no image may be what this routine takes: a mask, say."""
    plain = type(image) is np.ndarray and image.shape == (4, 4) and image.dtype.kind != "f"
    return plain and image.dtype.name in case.takes


def errors(case, error):
    """One who takes masks or labels may find fault with another side of a bad image."""
    return error if case.takes == IMAGES else (TypeError, ValueError)


def as_tensors(images):
    return [to_form(image, "imgkit tensor") for image in images]


def test_every_routine_has_a_case_and_every_case_a_routine():
    assert {case.routine for case in CASES} == set(TABLE)


def test_the_catalogue_has_every_routine():
    page = (places.home() / "docs" / "routines.md").read_text(encoding="utf-8")
    entries = [line[4:] for line in page.splitlines() if line.startswith("### ")]
    assert entries == list(TABLE)


def test_the_table_can_be_read():
    text, page = str(imgkit.engines()), imgkit.engines()._repr_html_()
    assert "filtering.gaussian" in text
    assert page.count("<tr>") == len(TABLE) + 1


@each([case for case in CASES if case.reference])
def test_arrays_are_within_the_stated_tolerance(case, kind):
    images = inputs(case, kind)
    before = [np.copy(image) for image in images]
    out = case.ours(*images)
    assert all(np.array_equal(a, b) for a, b in zip(images, before, strict=True))
    wanted = to_array(case.reference(*map(to_float64, images)), images[0])
    dtype = kind.split()[1]
    tolerance = TABLE[case.routine].tolerance[dtype]
    if dtype == "uint8":  # half a level, and ties may go either way
        tolerance = (tolerance + 1e-2) / 255
    scale = max(1.0, np.abs(wanted).max())
    found = to_array(out, images[0], case.own_scale)
    assert np.abs(found - wanted).max() <= max(tolerance, 1e-15) * scale


@each(CASES, ["float32", "float64"], lambda line: line.tensor)
def test_both_engines_mean_the_same(case, kind):
    if case.reference is None:
        return  # random: each engine draws its own numbers, tested with its subject
    images = inputs(case, kind)
    out, tensor = case.ours(*images), case.ours(*as_tensors(images))
    wanted, found = (to_array(each, images[0], case.own_scale) for each in (out, tensor))
    tolerance = 2 * TABLE[case.routine].tolerance[kind.split()[1]]
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= max(tolerance, 1e-15) * max(1, np.abs(wanted).max())


@each(FIRST, ["float32"], lambda line: line.differentiable)
def test_gradients_flow_and_are_finite(case, kind):
    images = inputs(case, kind)
    tensors = as_tensors(images)
    tensors[0].requires_grad_()
    out = case.ours(*tensors)
    parts = out if isinstance(out, tuple) else (out,)
    sum(part.sum() for part in parts).backward()
    assert torch.isfinite(tensors[0].grad).all()
    assert tensors[0].grad.abs().max() > 0


@pytest.mark.parametrize(
    ("case", "image", "error"),
    [
        pytest.param(case, image, error, id=f"{case.routine}, {name}")
        for case in FIRST
        for name, (image, error) in BAD_IMAGES.items()
        if not is_fine(case, image)
    ],
)
def test_what_is_no_image_is_refused(case, image, error):
    _, *others = inputs(case, kinds(case)[0])
    with pytest.raises(errors(case, error)):
        case.ours(image, *others)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (torch.full((3, 8, 8), torch.nan), ValueError),
        (torch.zeros(3, 0, 8), ValueError),
        (torch.zeros(8), ValueError),
        (torch.zeros(3, 8, 8, dtype=torch.uint8), TypeError),
        (torch.zeros(3, 8, 8, dtype=torch.float16), TypeError),
    ],
    ids=["nan", "empty", "one axis", "uint8", "half"],
)
@pytest.mark.parametrize("case", FIRST, ids=lambda case: case.routine)
def test_what_is_no_tensor_image_is_refused(case, bad, error):
    others = as_tensors(inputs(case, kinds(case, ["float32"])[0])[1:])
    if not TABLE[case.routine].tensor:
        error = TypeError
    with pytest.raises(errors(case, error)):
        case.ours(bad, *others)
