"""Dice, IoU and focal loss: definitions, gradients, sure logits, and what they refuse."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from torch.nn import functional
from torchvision.ops import sigmoid_focal_loss

from imgkit.metrics import dice_loss, focal_loss, iou_loss

torch.set_num_threads(1)
LOSSES = {"dice": dice_loss, "iou": iou_loss, "focal": focal_loss}
OVERLAPS = {"dice": dice_loss, "iou": iou_loss}
every_loss = pytest.mark.parametrize("name", LOSSES)
every_overlap = pytest.mark.parametrize("name", OVERLAPS)
few = settings(max_examples=40)
seeds = st.integers(0, 2**32 - 1)
sides = st.sampled_from([1, 2, 5, 7])


def yes_or_no(seed, shape=(2, 5, 7), dtype=torch.float64, scale=3.0):
    """Logits, and a truth of the same shape, bool."""
    rng = torch.Generator().manual_seed(seed)
    logits = scale * torch.randn(shape, generator=rng, dtype=dtype)
    return logits, torch.rand(shape, generator=rng) < 0.3


def one_of_many(seed, classes=3, shape=(2, 5, 7), dtype=torch.float64, scale=3.0):
    """Logits (N, C, ...), and a truth (N, ...) of class numbers."""
    rng = torch.Generator().manual_seed(seed)
    logits = scale * torch.randn((shape[0], classes, *shape[1:]), generator=rng, dtype=dtype)
    return logits, torch.randint(0, classes, shape, generator=rng)


def overlap64(name, p, t, smooth):
    """The formula of the docstring, for one plane."""
    shared, total = np.sum(p * t), np.sum(p) + np.sum(t)
    if name == "dice":
        return 1 - (2 * shared + smooth) / (total + smooth)
    return 1 - (shared + smooth) / (total - shared + smooth)


# --- Dice and IoU ---------------------------------------------------------------------------------


@every_overlap
@few
@given(seed=seeds, h=sides, w=sides, smooth=st.sampled_from([0.0, 1.0, 10.0]), many=st.booleans())
def test_an_overlap_loss_is_its_formula(name, seed, h, w, smooth, many):
    logits, truth = (one_of_many if many else yes_or_no)(seed, shape=(2, h, w))
    if many:
        p, t = logits.softmax(1), torch.stack([truth == k for k in range(3)], 1)
    else:
        p, t = logits.sigmoid(), truth
    p, t = p.numpy(), t.numpy().astype(float)
    planes = np.ndindex(*p.shape[:-2])
    expected = np.reshape([overlap64(name, p[i], t[i], smooth) for i in planes], p.shape[:-2])
    loss = OVERLAPS[name]
    each = loss(logits, truth, smooth=smooth, reduction="none")
    assert_allclose(each, expected, rtol=1e-10, atol=1e-14)
    assert_allclose(loss(logits, truth, smooth=smooth), expected.mean(), rtol=1e-10, atol=1e-14)
    total = loss(logits, truth, smooth=smooth, reduction="sum")
    assert_allclose(total, expected.sum(), rtol=1e-10, atol=1e-14)
    single = loss(logits.float(), truth, smooth=smooth, reduction="none")
    assert single.dtype == torch.float32
    assert_allclose(single, each, atol=2e-6)


@every_overlap
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_with_sure_logits_it_is_one_less_the_overlap_of_masks(name, dtype):
    predicted, truth = torch.rand((2, 4, 9, 11), generator=torch.Generator().manual_seed(0)) < 0.4
    both = (predicted & truth).sum((1, 2)).double()
    either = (predicted | truth).sum((1, 2)).double()
    expected = 1 - (2 * both / (both + either) if name == "dice" else both / either)
    logits = torch.where(predicted, 100, -100).to(dtype)
    loss = OVERLAPS[name](logits, truth, smooth=0, reduction="none")
    assert_allclose(loss, expected, atol=1e-6)


@few
@given(seed=seeds)
def test_the_iou_loss_follows_from_the_dice_loss(seed):
    logits, truth = yes_or_no(seed)
    dice = dice_loss(logits, truth, smooth=0, reduction="none")
    assert_allclose(iou_loss(logits, truth, smooth=0, reduction="none"), 2 * dice / (1 + dice))


@every_overlap
def test_nothing_to_find_and_nothing_found_costs_nothing(name):
    logits, truth = torch.full((1, 6, 6), -200.0, requires_grad=True), torch.zeros(1, 6, 6)
    for smooth in (0, 1e-60, 1):
        loss = OVERLAPS[name](logits, truth, smooth=smooth)
        assert loss == 0
        (gradient,) = torch.autograd.grad(loss, logits)
        assert torch.isfinite(gradient).all()


@every_overlap
def test_a_fraction_of_the_truth_counts_as_one(name):
    logits, _ = yes_or_no(3)
    soft = torch.rand(logits.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    p, t = logits.sigmoid().numpy(), soft.numpy()
    expected = np.mean([overlap64(name, *plane, 1.0) for plane in zip(p, t, strict=True)])
    assert_allclose(OVERLAPS[name](logits, soft), expected)


@every_overlap
def test_several_yes_or_no_questions_are_planes_of_their_own(name):
    logits, truth = yes_or_no(4, shape=(2, 3, 5, 7))
    loss = OVERLAPS[name](logits, truth, reduction="none")
    assert loss.shape == (2, 3)
    assert_allclose(loss[1, 2], OVERLAPS[name](logits[1, 2], truth[1, 2]))


# --- focal loss -----------------------------------------------------------------------------------


@few
@given(seed=seeds, gamma=st.sampled_from([0.0, 0.5, 2.0, 5.0]), many=st.booleans())
def test_focal_loss_is_its_formula(seed, gamma, many):
    logits, truth = (one_of_many if many else yes_or_no)(seed)
    if many:
        p = logits.softmax(1).gather(1, truth[:, None])[:, 0].numpy()
    else:
        p = torch.where(truth, logits.sigmoid(), (-logits).sigmoid()).numpy()
    expected = -((1 - p) ** gamma) * np.log(p)
    each = focal_loss(logits, truth, gamma=gamma, reduction="none")
    assert_allclose(each, expected, rtol=1e-8, atol=1e-14)
    assert_allclose(focal_loss(logits, truth, gamma=gamma), expected.mean(), rtol=1e-8)
    assert_allclose(focal_loss(logits, truth, gamma=gamma, reduction="sum"), expected.sum())
    single = focal_loss(logits.float(), truth, gamma=gamma, reduction="none")
    assert single.dtype == torch.float32
    assert_allclose(single, expected, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(6,), (2, 5, 7), (2, 1, 5, 7)])
def test_without_gamma_it_is_the_cross_entropy_of_two_classes(shape):
    logits, truth = yes_or_no(0, shape=shape)
    expected = functional.binary_cross_entropy_with_logits(logits, truth.double())
    assert_allclose(focal_loss(logits, truth, gamma=0), expected)
    soft = 0.9 * truth + 0.05
    expected = functional.binary_cross_entropy_with_logits(logits, soft.double())
    assert_allclose(focal_loss(logits, soft, gamma=0), expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(6,), (2, 5, 7)])
def test_without_gamma_it_is_the_cross_entropy_of_many_classes(shape):
    logits, truth = one_of_many(0, shape=shape)
    weights = [1.0, 2.0, 0.25]
    for alpha, weight in ((None, None), (weights, torch.tensor(weights).double())):
        expected = functional.cross_entropy(logits, truth, weight, reduction="none")
        loss = focal_loss(logits, truth, gamma=0, alpha=alpha, reduction="none")
        assert_allclose(loss, expected)


@pytest.mark.parametrize("alpha", [None, 0.25, 1.0])
def test_two_classes_are_torchvisions(alpha):
    logits, truth = yes_or_no(1)
    expected = sigmoid_focal_loss(logits, truth.double(), alpha=-1 if alpha is None else alpha)
    assert_allclose(focal_loss(logits, truth, alpha=alpha, reduction="none"), expected)


def test_two_classes_are_two_of_many():
    logits, truth = yes_or_no(2)
    both = torch.stack([torch.zeros_like(logits), logits], 1)
    expected = focal_loss(logits, truth, alpha=0.3, reduction="none")
    loss = focal_loss(both, truth.long(), alpha=[0.7, 0.3], reduction="none")
    assert_allclose(loss, expected)


def test_an_easy_pixel_counts_less():
    p = torch.tensor([[0.9, 0.5, 0.1]])
    ratio = focal_loss(p.logit(), torch.ones(1, 3), reduction="none") / -p.log()
    assert_allclose(ratio, [[0.01, 0.25, 0.81]], rtol=1e-5)


# --- gradients and sure logits --------------------------------------------------------------------


@every_loss
@pytest.mark.parametrize("many", [False, True])
def test_gradients_flow(name, many):
    logits, truth = (one_of_many if many else yes_or_no)(5, shape=(2, 3, 2))
    logits.requires_grad_()
    options = [{"gamma": 0.0}, {"gamma": 0.5}, {"gamma": 2.0}] if name == "focal" else [{}]
    for each in options:
        assert torch.autograd.gradcheck(
            lambda z, each=each: LOSSES[name](z, truth, reduction="none", **each), logits
        )


@every_loss
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("size", [100.0, 1e4, 1e30])
def test_sure_logits_have_finite_losses_and_gradients_in_float32(name, many, size):
    logits, truth = (one_of_many if many else yes_or_no)(6, dtype=torch.float32)
    logits = (size * logits.sign()).requires_grad_()
    options = [{"gamma": g} for g in (0.0, 0.5, 2.0, 100.0)] if name == "focal" else [{}]
    for each in options:
        loss = LOSSES[name](logits, truth, reduction="none", **each)
        assert torch.isfinite(loss).all()
        double = LOSSES[name](logits.double(), truth, reduction="none", **each)
        assert_allclose(loss.detach(), double.detach(), rtol=1e-5, atol=1e-5)
        (gradient,) = torch.autograd.grad(loss.sum(), logits)
        assert torch.isfinite(gradient).all()


def test_a_wrong_answer_of_logit_100_costs_100_and_pulls_with_1():
    logits = torch.tensor([[100.0, -100.0]], requires_grad=True)
    loss = focal_loss(logits, torch.tensor([[False, True]]), reduction="none")
    assert_allclose(loss.detach(), [[100, 100]])
    (gradient,) = torch.autograd.grad(loss.sum(), logits)
    assert_allclose(gradient, [[1, -1]])


@every_loss
@pytest.mark.parametrize("many", [False, True])
def test_going_downhill_finds_the_truth(name, many):
    logits, truth = (one_of_many if many else yes_or_no)(7, dtype=torch.float32)
    logits.requires_grad_()
    optimiser = torch.optim.Adam([logits], lr=0.3)
    for _ in range(100):
        optimiser.zero_grad()
        LOSSES[name](logits, truth).backward()
        optimiser.step()
    answers = logits.argmax(1) if many else logits > 0
    assert (answers == truth).float().mean() > 0.99


@every_loss
def test_truths_of_any_kind_say_the_same_and_nothing_changes(name):
    logits, truth = yes_or_no(8)
    many, classes = one_of_many(8, classes=2)
    before = logits.clone(), many.clone()
    for kind in (torch.uint8, torch.int64, torch.float32, torch.float64):
        assert LOSSES[name](logits, truth.to(kind)) == LOSSES[name](logits, truth)
    for kind in (torch.bool, torch.uint8, torch.int32):
        assert LOSSES[name](many, classes.to(kind)) == LOSSES[name](many, classes)
    assert torch.equal(logits, before[0])
    assert torch.equal(many, before[1])


# --- what is refused ------------------------------------------------------------------------------

Z, Y = yes_or_no(9)
ZC, YC = one_of_many(9)
WRONG = {
    "arrays": ((Z.numpy(), Y), TypeError, r"logits is of type ndarray.*torch.as_tensor\(logits\)"),
    "a list": ((Z, Y.tolist()), TypeError, "truth is of type list"),
    "half": ((Z.half(), Y), TypeError, r"float16.*logits.float\(\)"),
    "whole logits": ((Z.long(), Y), TypeError, "int64"),
    "complex truth": ((Z, Y * 1j), TypeError, "truth is a tensor of complex"),
    "real classes": ((ZC, YC.float()), TypeError, "truth is a tensor of float32.*whole numbers"),
    "nan": ((Z * torch.nan, Y), ValueError, "logits has values that are NaN"),
    "infinite": ((Z / 0, Y), ValueError, "logits has values that are NaN or infinite"),
    "truth nan": ((Z, Y * torch.nan), ValueError, "truth has values from nan"),
    "0..255": ((Z, Y * 255), ValueError, "truth has values from 0 to 255; this takes 0..1"),
    "class 3 of 3": ((ZC, YC + 1), ValueError, "from 1 to 3; this takes classes 0 to 2"),
    "class -1": ((ZC, YC - 1), ValueError, "classes 0 to 2"),
    "shapes": ((Z, Y[:, :4]), ValueError, r"logits has shape \(2, 5, 7\) and truth \(2, 4, 7\)"),
    "a channel": ((ZC, YC[:, None]), ValueError, r"or \(2, 5, 7\) with class numbers"),
    "one class": ((ZC[:, :1], YC), ValueError, r"with yes or no$"),
    "nothing": ((Z[:0], Y[:0]), ValueError, "not an empty one"),
    "elsewhere": ((Z, Y.to("meta")), TypeError, r"logits is on cpu and truth on meta"),
}


@every_loss
@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_fit_is_named(name, wrong):
    arguments, error, message = WRONG[wrong]
    with pytest.raises(error, match=message):
        LOSSES[name](*arguments)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: dice_loss(Z, Y, smooth=-1), ValueError, "smooth must be at least 0, got -1"),
        (lambda: iou_loss(Z, Y, smooth=math.inf), ValueError, "smooth must be a finite number"),
        (lambda: dice_loss(Z, Y, smooth=None), TypeError, "smooth must be a number"),
        (lambda: dice_loss(Z[0, 0], Y[0, 0]), ValueError, r"\(7,\); this takes \(..., H, W\)"),
        (lambda: iou_loss(Z, Y, reduction="all"), ValueError, "reduction must be one of"),
        (lambda: focal_loss(Z, Y, reduction=None), TypeError, "reduction must be one of"),
        (lambda: focal_loss(Z, Y, gamma=-1), ValueError, "gamma must lie in 0..100"),
        (lambda: focal_loss(Z, Y, gamma=1e308), ValueError, "gamma must lie in 0..100"),
        (lambda: focal_loss(Z, Y, gamma="two"), TypeError, "gamma must be a number"),
        (lambda: focal_loss(Z, Y, alpha=2), ValueError, "alpha must lie in 0..1"),
        (lambda: focal_loss(Z, Y, alpha=[1, 2]), TypeError, "alpha must be a number"),
        (lambda: focal_loss(ZC, YC, alpha=0.25), ValueError, "alpha must be a list of 3 weights"),
        (lambda: focal_loss(ZC, YC, alpha=[1, 2]), ValueError, "alpha must be a list of 3 weights"),
        (lambda: focal_loss(ZC, YC, alpha=[1, 2, None]), TypeError, "alpha must be a number"),
    ],
)
def test_an_option_that_does_not_fit_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
