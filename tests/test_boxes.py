"""Box overlap, suppression and average precision against torchvision and plain definitions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from torchvision import ops

from imgkit.metrics import average_precision, box_iou, detection_ap, nms

few = settings(max_examples=60)
seeds = st.integers(0, 2**32 - 1)


def draw_boxes(rng, n, *, whole=False):
    """Boxes in a field of 20 by 20, some without area; whole numbers give ties."""
    corners = rng.random((n, 2)) * 20
    boxes = np.concatenate([corners, corners + rng.random((n, 2)) * 10], axis=1)
    return np.floor(boxes) if whole else boxes


def iou64(a, b):
    """The overlap of two boxes, from the definition."""
    height = min(a[2], b[2]) - max(a[0], b[0])
    width = min(a[3], b[3]) - max(a[1], b[1])
    if height <= 0 or width <= 0:
        return 0.0
    covered = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - height * width
    return height * width / covered


def nms64(boxes, scores, iou):
    """The textbook's loop."""
    rest = sorted(range(len(boxes)), key=lambda i: -scores[i])  # keeps the order of equal ones
    kept = []
    while rest:
        best, *rest = rest
        kept.append(best)
        rest = [i for i in rest if iou64(boxes[best], boxes[i]) <= iou]
    return kept


def ap64(boxes, scores, truths, iou):
    """Precision and recall at every threshold, each matched anew; then the area of the steps."""
    total = sum(map(len, truths))
    if total == 0:
        return np.nan
    points = []
    for threshold in sorted({s for row in scores for s in row}, reverse=True):
        right = said = 0
        for found, marks, truth in zip(boxes, scores, truths, strict=True):
            free = list(truth)
            for i in sorted(range(len(found)), key=lambda i: -marks[i]):
                if marks[i] < threshold:
                    continue
                said += 1
                overlaps = [iou64(found[i], box) for box in free]
                if overlaps and max(overlaps) >= iou:
                    right += 1
                    free.pop(int(np.argmax(overlaps)))
        points.append((right / total, right / said))
    area = last = 0.0
    for k, (reached, _) in enumerate(points):
        area += (reached - last) * max(share for _, share in points[k:])
        last = reached
    return area


# --- overlap --------------------------------------------------------------------------------------


@few
@given(seed=seeds, n=st.integers(0, 9), m=st.integers(0, 9), whole=st.booleans())
def test_box_iou_is_its_definition(seed, n, m, whole):
    rng = np.random.default_rng(seed)
    a, b = draw_boxes(rng, n, whole=whole), draw_boxes(rng, m, whole=whole)
    overlaps = box_iou(a, b)
    assert overlaps.shape == (n, m)
    assert_allclose(overlaps, np.reshape([iou64(x, y) for x in a for y in b], (n, m)), rtol=1e-12)
    assert_array_equal(overlaps, box_iou(b, a).T)
    assert (overlaps <= 1).all()


def test_box_iou_is_torchvisions():
    rng = np.random.default_rng(0)
    a, b = draw_boxes(rng, 50), draw_boxes(rng, 40)
    assert_allclose(
        box_iou(a, b), ops.box_iou(torch.from_numpy(a), torch.from_numpy(b)), rtol=1e-12
    )


@few
@given(seed=seeds, scale=st.sampled_from([1e-3, 1.0, 7.0, 1e6]))
def test_box_iou_knows_no_scale_no_place_and_no_axis(seed, scale):
    a, b = np.split(draw_boxes(np.random.default_rng(seed), 8), 2)
    expected = box_iou(a, b)
    assert_allclose(box_iou(a * scale, b * scale), expected, atol=1e-12)
    assert_allclose(box_iou(a - 33, b - 33), expected, atol=1e-10)
    assert_allclose(box_iou(a[:, [1, 0, 3, 2]], b[:, [1, 0, 3, 2]]), expected, atol=1e-12)


def test_a_box_counts_the_pixels_of_its_slices():
    a, b = (2, 1, 6, 5), (4, 3, 9, 6)
    masks = np.zeros((2, 10, 10), bool)
    for mask, (row0, column0, row1, column1) in zip(masks, (a, b), strict=True):
        mask[row0:row1, column0:column1] = True
    shared, covered = np.logical_and(*masks).sum(), np.logical_or(*masks).sum()
    assert box_iou([a], [b])[0, 0] == pytest.approx(shared / covered)


def test_a_box_overlaps_itself_wholly_and_without_area_not_at_all():
    boxes = draw_boxes(np.random.default_rng(1), 100)
    assert_array_equal(np.diag(box_iou(boxes, boxes)), 1)
    flat = [[3.0, 3.0, 3.0, 8.0]]
    assert_array_equal(box_iou(flat, [[0, 0, 9, 9], *flat]), [[0, 0]])


# --- suppression ----------------------------------------------------------------------------------


@few
@given(
    seed=seeds,
    n=st.integers(0, 40),
    whole=st.booleans(),
    iou=st.sampled_from([0.01, 0.25, 1 / 3, 0.5, 0.75, 1.0]),
)
def test_nms_keeps_what_torchvision_and_the_textbook_keep(seed, n, whole, iou):
    rng = np.random.default_rng(seed)
    boxes = draw_boxes(rng, n, whole=whole)
    scores = np.round(rng.random(n), 1)  # with ties
    before = boxes.copy(), scores.copy()
    kept = nms(boxes, scores, iou=iou)
    assert kept.dtype == np.int64
    assert_array_equal(kept, nms64(boxes, scores, iou))
    assert_array_equal(kept, ops.nms(torch.from_numpy(boxes), torch.from_numpy(scores), iou))
    assert_array_equal(boxes, before[0])
    assert_array_equal(scores, before[1])


@pytest.mark.parametrize("stretch", [(1, 1), (1, 200), (200, 1)])
def test_nms_of_many_boxes_keeps_what_torchvision_keeps(stretch):
    rng = np.random.default_rng(5)
    boxes = np.floor(4 * draw_boxes(rng, 1500) * np.tile(stretch, 2))
    scores = rng.integers(0, 50, 1500)
    expected = ops.nms(torch.from_numpy(boxes), torch.from_numpy(scores).double(), 0.4)
    assert_array_equal(nms(boxes, scores, iou=0.4), expected)


@few
@given(seed=seeds)
def test_nms_again_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    boxes, scores = draw_boxes(rng, 30), rng.random(30)
    kept = nms(boxes, scores, iou=0.3)
    assert_array_equal(nms(boxes[kept], scores[kept], iou=0.3), np.arange(len(kept)))
    assert (np.diff(scores[kept]) <= 0).all()
    lost = np.setdiff1d(np.arange(30), kept)
    overlaps = box_iou(boxes[lost], boxes[kept]) > 0.3
    assert (overlaps & (scores[kept] >= scores[lost][:, None])).any(axis=1).all()


def test_of_equal_scores_the_earlier_box_stays():
    boxes = [[0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 4, 4]]
    assert_array_equal(nms(boxes, [1, 2, 2]), [1])
    assert_array_equal(nms(boxes, [1, 1, 1], iou=1), [0, 1, 2])  # more than 1 is never


def test_an_overlap_of_just_the_threshold_stays():
    boxes = [[0, 0, 2, 1], [0, 0, 1, 1]]
    assert_array_equal(nms(boxes, [0.9, 0.8], iou=0.5), [0, 1])
    assert_array_equal(nms(boxes, [0.9, 0.8], iou=0.49), [0])


# --- average precision ----------------------------------------------------------------------------


@st.composite
def detections(draw):
    """A few images with true boxes, detections near them and elsewhere, scores with ties."""
    rng = np.random.default_rng(draw(seeds))
    boxes, scores, truths = [], [], []
    for _ in range(draw(st.integers(1, 3))):
        truth = draw_boxes(rng, rng.integers(0, 5))
        near = truth[rng.random(len(truth)) < 0.8] if len(truth) else truth
        near = np.sort((near + rng.normal(0, 0.5, near.shape)).reshape(-1, 2, 2), axis=1)
        found = np.concatenate([near.reshape(-1, 4), draw_boxes(rng, rng.integers(0, 4))])
        boxes.append(found)
        scores.append(np.round(rng.random(len(found)), 1))
        truths.append(truth)
    return boxes, scores, truths


@few
@given(case=detections(), iou=st.sampled_from([0.1, 0.5, 0.75]))
def test_detection_ap_is_its_definition(case, iou):
    assert_allclose(detection_ap(*case, iou=iou), ap64(*case, iou), rtol=1e-12)


@few
@given(case=detections())
def test_detection_ap_does_not_depend_on_the_order_of_images(case):
    turned = [values[::-1] for values in case]
    assert_allclose(detection_ap(*turned), detection_ap(*case), rtol=1e-12)


@few
@given(case=detections())
def test_several_thresholds_give_the_mean(case):
    ious = np.linspace(0.5, 0.95, 10)
    values = [detection_ap(*case, iou=iou) for iou in ious]
    assert_allclose(detection_ap(*case, iou=ious), np.mean(values), rtol=1e-12)
    assert np.isnan(values).all() or (np.diff(values) <= 1e-12).all()


def test_where_all_is_found_it_is_the_average_precision_with_precision_made_to_fall():
    truth = np.array([[0, 0, 4, 4], [10, 10, 14, 14]])
    found = np.concatenate([truth, [[20, 20, 24, 24]]])
    steps = average_precision([0.9, 0.7, 0.8], [1, 1, 0])
    assert detection_ap([found], [[0.9, 0.7, 0.8]], [truth]) == pytest.approx(steps)


def test_precision_never_rises_with_recall():
    # the second of two right ones comes back up to 2/3; the first wrong one is forgiven
    truth = np.array([[0, 0, 4, 4], [10, 10, 14, 14]])
    found = np.concatenate([[[20, 20, 24, 24]], truth])
    assert detection_ap([found], [[0.9, 0.8, 0.7]], [truth]) == pytest.approx(2 / 3)
    assert average_precision([0.9, 0.8, 0.7], [0, 1, 1]) == pytest.approx(0.5 * (1 / 2 + 2 / 3))


def test_a_true_box_is_found_once():
    truth = [[0, 0, 10, 10]]
    twice = [[0, 0, 10, 10], [0, 0, 10, 9]]
    assert detection_ap([twice], [[0.8, 0.9]], [truth]) == 1  # the worse one comes too late to hurt
    both = [[0, 0, 10, 10], [50, 50, 60, 60]]
    assert detection_ap([twice], [[0.8, 0.9]], [both]) == 0.5


def test_a_detection_takes_the_best_box_that_is_free():
    # both detections overlap the first true box most; the second one may have the other
    truth = [[0, 0, 10, 10], [3, 0, 13, 10]]
    found = [[0, 0, 10, 10], [1, 0, 11, 10]]
    assert detection_ap([found], [[0.9, 0.8]], [truth], iou=0.5) == 1
    assert detection_ap([found], [[0.9, 0.8]], [truth], iou=0.7) == 0.5


def test_an_overlap_of_just_the_threshold_is_enough_to_be_right():
    truth, found = [[0, 0, 1, 1]], [[0, 0, 2, 1]]
    assert detection_ap([found], [[0.9]], [truth], iou=0.5) == 1
    assert detection_ap([found], [[0.9]], [truth], iou=0.51) == 0


def test_nothing_to_find_has_no_average_precision_and_nothing_found_has_0():
    assert np.isnan(detection_ap([[[0, 0, 1, 1]]], [[0.5]], [[]]))
    assert np.isnan(detection_ap([], [], []))
    assert detection_ap([[]], [[]], [[[0, 0, 1, 1]]]) == 0
    assert detection_ap([[], [[0, 0, 1, 1]]], [[], [1]], [[[0, 0, 1, 1]], []]) == 0


# --- what is refused ------------------------------------------------------------------------------

GOOD = [[0, 0, 2, 2], [1, 1, 3, 3]]
WRONG_BOXES = {
    "backwards": ([[0, 0, 2, 2], [3, 3, 1, 5]], ValueError, r"\[1\] is \[3.0, 3.0, 1.0, 5.0\]"),
    "one box": ([0, 0, 2, 2], ValueError, r"shape \(4,\); boxes are \(N, 4\)"),
    "corners": (np.zeros((3, 2, 2)), ValueError, r"shape \(3, 2, 2\)"),
    "five": (np.zeros((0, 5)), ValueError, r"shape \(0, 5\)"),
    "nan": ([[0, 0, np.nan, 1]], ValueError, "NaN"),
    "infinite": ([[0, 0, np.inf, 1]], ValueError, "NaN or infinite"),
    "huge": ([[0, 0, 1e200, 1e200]], ValueError, r"beyond 1e\+100"),
    "text": ([["a"] * 4], TypeError, "dtype"),
    "None": (None, TypeError, "dtype object"),
    "ragged": ([[0, 0, 1], [0, 0, 1, 1]], ValueError, "differ in length"),
    "a tensor": (torch.zeros(2, 4), TypeError, "is a torch tensor"),
}


@pytest.mark.parametrize("wrong", WRONG_BOXES)
def test_what_are_no_boxes_is_named(wrong):
    boxes, error, message = WRONG_BOXES[wrong]
    calls = {
        "a": lambda: box_iou(boxes, GOOD),
        "b": lambda: box_iou(GOOD, boxes),
        "boxes": lambda: nms(boxes, [0.5, 0.4]),
        r"boxes\[0\]": lambda: detection_ap([boxes], [[0.5, 0.4]], [GOOD]),
        r"truths\[0\]": lambda: detection_ap([GOOD], [[0.5, 0.4]], [boxes]),
    }
    for name, call in calls.items():
        with pytest.raises(error, match=f"^{name}.*{message}"):
            call()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nms(GOOD, [0.5]), ValueError, r"scores has shape \(1,\) and boxes \(2, 4\)"),
        (lambda: nms(GOOD, [0.5, np.nan]), ValueError, "scores has 1 values that are NaN"),
        (lambda: nms(GOOD, [0.5, 0.4], iou=0), ValueError, "iou must lie above 0.*got 0"),
        (lambda: nms(GOOD, [0.5, 0.4], iou=1.5), ValueError, "iou.*got 1.5"),
        (lambda: nms(GOOD, [0.5, 0.4], iou=np.nan), ValueError, "iou.*got nan"),
        (lambda: nms(GOOD, [0.5, 0.4], iou="half"), TypeError, "iou must be a number"),
        (
            lambda: detection_ap(np.array(GOOD), [0.5, 0.4], GOOD),
            TypeError,
            r"boxes is of type ndarray.*use \[boxes\]",
        ),
        (lambda: detection_ap([GOOD], [[1, 2]], []), ValueError, "boxes 1, scores 1, truths 0"),
        (
            lambda: detection_ap([GOOD], [[1]], [GOOD]),
            ValueError,
            r"scores\[0\] has shape \(1,\) and boxes\[0\] \(2, 4\)",
        ),
        (lambda: detection_ap([GOOD], [[1, 2]], [GOOD], iou=[]), ValueError, "iou is empty"),
        (lambda: detection_ap([GOOD], [[1, 2]], [GOOD], iou=[0.5, 2]), ValueError, "iou.*got 2"),
        (lambda: detection_ap([GOOD], [[1, 2]], [GOOD], iou=None), TypeError, "iou must be"),
    ],
)
def test_options_and_lists_that_do_not_fit_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
