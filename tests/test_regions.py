"""Measurements of regions: those of scikit-image, and shapes whose measures are known."""

import copy
import csv
import pickle

import cv2
import numpy as np
import pytest
import skimage.measure
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import LAYOUTS, images, sides

from imgkit import data
from imgkit.segmentation import Table, label, regions

SAME = {  # theirs: ours
    "label": "label",
    "area": "area",
    "centroid-0": "centroid_row",
    "centroid-1": "centroid_column",
    "bbox-0": "row0",
    "bbox-1": "column0",
    "bbox-2": "row1",
    "bbox-3": "column1",
    "axis_major_length": "major_axis",
    "eccentricity": "eccentricity",
    "equivalent_diameter_area": "equivalent_diameter",
    "extent": "extent",
    "area_convex": "convex_area",
    "solidity": "solidity",
    "perimeter": "perimeter",
    "euler_number": "euler",
}
BRIGHTNESS = ("mean", "std", "min", "max", "median")


@st.composite
def label_images(draw, least=0):
    """Parts of a noisy mask, or regions in pieces with any numbers."""
    shape = draw(st.tuples(sides, sides))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if draw(st.booleans()):
        labels = label(rng.random(shape) < draw(st.sampled_from([0.3, 0.5, 0.7, 1])))
    else:
        labels = rng.choice([0, 1, 2, 7, 10**5, 2**31 - 1], shape)
    if least:
        labels[0, 0] = max(labels[0, 0], least)
    return draw(st.sampled_from(LAYOUTS))(labels)


def theirs(labels, image=None, size=1.0, columns=SAME):
    asked = tuple(dict.fromkeys(name.split("-")[0] for name in columns))
    # they look for every number up to the largest
    numbers, places = np.unique(np.append(0, labels), return_inverse=True)
    small = places[1:].reshape(labels.shape)
    found = skimage.measure.regionprops_table(
        small, image, properties=("label", *asked), spacing=(size, size)
    )
    return found | {"label": numbers[found["label"]]}


def close(one, other, atol=0.0):
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=atol)


@settings(max_examples=60)
@given(labels=label_images(least=1), size=st.sampled_from([1.0, 0.5, 2.5]))
def test_shapes_are_measured_as_scikit_image_does(labels, size):
    before = labels.copy()
    table = regions(labels, pixel_size=size)
    assert np.array_equal(labels, before)
    expected = theirs(labels, size=size)
    for name, ours in SAME.items():
        scale = 1 / size if name.startswith("centroid") else 1  # positions stay in pixels
        close(table[ours], expected[name] * scale, atol=1e-7 if name == "eccentricity" else 1e-12)
    # the smaller eigenvalue of theirs has the rounding of the larger one
    minor = theirs(labels, size=size, columns=["axis_minor_length"])["axis_minor_length"]
    close(table.minor_axis**2, minor**2, atol=1e-12 * table.major_axis.max() ** 2)


@settings(max_examples=60)
@given(labels=label_images(least=1), size=st.sampled_from([(1, 2), (0.5, 0.5), (3.0, 0.1)]))
def test_pixels_need_not_be_squares(labels, size):
    table = regions(labels, pixel_size=size, unit="µm")
    places = np.unique(np.append(0, labels), return_inverse=True)[1]
    small = places[1:].reshape(labels.shape)
    names = ("area", "axis_major_length", "eccentricity", "area_convex", "inertia_tensor")
    expected = skimage.measure.regionprops_table(small, properties=names, spacing=size)
    close(table.area, expected["area"])
    close(table.convex_area, expected["area_convex"])
    close(table.major_axis, expected["axis_major_length"], atol=1e-12)
    close(table.eccentricity, expected["eccentricity"], atol=1e-7)
    assert np.isnan(table.perimeter).all() == (size[0] != size[1])
    # the axis is where the spread is largest: it is an eigenvector of the covariance
    rows, columns = expected["inertia_tensor-1-1"], expected["inertia_tensor-0-0"]
    both, angle = -expected["inertia_tensor-0-1"], table.orientation
    along = (
        columns * np.cos(angle) ** 2
        + 2 * both * np.sin(angle) * np.cos(angle)
        + rows * np.sin(angle) ** 2
    )
    close(4 * np.sqrt(np.maximum(along, 0)), table.major_axis, atol=1e-6)


@settings(max_examples=60)
@given(data=st.data(), image=images(signed=True))
def test_brightness_is_measured_on_the_images_own_scale(data, image):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    labels = rng.integers(0, 4, image.shape[:2])
    labels[0, 0] = 2
    before = image.copy()
    table = regions(labels, image)
    assert np.array_equal(image, before)
    planes = image.reshape(*labels.shape, -1).astype(np.float64)
    expected = theirs(labels, planes, columns=[f"intensity_{name}" for name in BRIGHTNESS])
    count = planes.shape[2]
    suffixes = {1: [""], 3: ["_red", "_green", "_blue"]}.get(count, [f"_{c}" for c in range(count)])
    for c, suffix in enumerate(suffixes):
        for name in BRIGHTNESS:
            theirs_ = expected[f"intensity_{name}-{c}"]
            close(table[name + suffix], theirs_, atol=1e-12 * np.abs(planes).max())


def test_the_coins():
    coins = data.load("coins")
    table = regions(label(coins > 110), coins)
    large = table[table.area > 500]
    assert len(large) < len(table)
    assert (large.area > 500).all()
    assert ((large.mean > 110) & (large.mean < 255)).all()


def test_a_row_of_pixels_is_a_line():
    table = regions(np.ones((1, 7), int))
    assert table.major_axis[0] == pytest.approx(4 * np.sqrt((7**2 - 1) / 12))
    assert (table.minor_axis[0], table.eccentricity[0], table.orientation[0]) == (0, 1, 0)


@pytest.mark.parametrize("shift", [0, 5000])
def test_a_slanted_line_is_no_wider_than_0_wherever_it_lies(shift):
    labels = np.zeros((shift + 40, 80), int)
    labels[shift + np.arange(40), 2 * np.arange(40)] = 1
    table = regions(labels)
    assert table.minor_axis[0] == 0
    assert table.orientation[0] == pytest.approx(np.arctan2(1, 2))  # down to the right


@pytest.mark.parametrize("degrees", [-80, -45, -10, 0, 30, 60])
def test_orientation_counts_from_right_to_down(degrees):
    angle = np.radians(degrees)
    rows, columns = np.indices((101, 101)) - 50
    along = columns * np.cos(angle) + rows * np.sin(angle)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    table = regions(((along / 40) ** 2 + (across / 10) ** 2 < 1).astype(int))
    assert table.orientation[0] == pytest.approx(angle, abs=0.01)
    theirs_ = skimage.measure.regionprops(((along / 40) ** 2 + (across / 10) ** 2 < 1) * 1)[0]
    assert np.tan(table.orientation[0] + theirs_.orientation - np.pi / 2) == pytest.approx(0)


def test_a_disk_has_the_measures_of_a_circle():
    rows, columns = np.indices((201, 201)) - 100
    table = regions((rows**2 + columns**2 <= 90**2).astype(int), pixel_size=0.1, unit="mm")
    assert table.area[0] == pytest.approx(np.pi * 9**2, rel=0.01)
    for name in ("major_axis", "minor_axis", "equivalent_diameter"):
        assert table[name][0] == pytest.approx(18, rel=0.01)
    assert table.perimeter[0] == pytest.approx(18 * np.pi, rel=0.06)
    assert table.solidity[0] > 0.99
    assert table.eccentricity[0] < 1e-6
    assert (table.units["area"], table.units["perimeter"]) == ("mm²", "mm")


@pytest.mark.parametrize("holes", [0, 1, 3])
def test_euler_counts_pieces_minus_holes(holes):
    mask = np.ones((7, 20), bool)
    mask[3, 2 : 2 + 4 * holes : 4] = False
    assert regions(mask.astype(int)).euler[0] == 1 - holes


@settings(max_examples=40)
@given(labels=label_images(least=1), size=st.sampled_from([1.0, 0.2]))
def test_hu_moments_are_those_of_scikit_image(labels, size):
    table = regions(labels, pixel_size=size)  # which changes nothing
    expected = theirs(labels, columns=["moments_hu"])
    for i in range(7):
        scale = max(1, np.abs(expected["moments_hu-0"]).max() ** (i + 1))
        close(table[f"hu{i + 1}"], expected[f"moments_hu-{i}"], atol=1e-12 * scale)


def test_hu_moments_know_a_shape_again():
    rows, columns = np.indices((60, 60))
    boot = ((columns < 20) | (rows > 40)) & (rows + columns < 90)
    one = regions(boot.astype(int))
    shifted = regions(np.pad(boot, ((31, 0), (0, 17))).astype(int))
    turned = regions(np.ascontiguousarray(np.rot90(boot)).astype(int))
    larger = regions(np.kron(boot, np.ones((5, 5), int)))
    mirrored = regions(np.ascontiguousarray(boot[:, ::-1]).astype(int))
    slim = regions(np.repeat(boot, 2, axis=1).astype(int), pixel_size=(1, 0.5))
    for name in (f"hu{i}" for i in range(1, 8)):
        value = one[name][0]
        assert shifted[name][0] == pytest.approx(value, rel=1e-9)
        assert turned[name][0] == pytest.approx(value, rel=1e-9)
        assert larger[name][0] == pytest.approx(value, rel=0.01)
        assert slim[name][0] == pytest.approx(value, rel=0.01)
        assert mirrored[name][0] == pytest.approx(-value if name == "hu7" else value, rel=1e-9)
        i = int(name[2]) - 1
        theirs_ = cv2.HuMoments(cv2.moments(boot.astype(np.uint8), binaryImage=True)).ravel()[i]
        assert theirs_ == pytest.approx(-value if name == "hu7" else value, rel=1e-6)


def test_a_pixel_alone():
    table = regions(np.array([[0, 0], [0, 9]]), np.array([[0.0, 0], [0, 0.5]]))
    row = {name: table[name].item() for name in table}
    assert (row["label"], row["area"], row["convex_area"], row["solidity"]) == (9, 1, 1, 1)
    assert (row["row0"], row["column0"], row["row1"], row["column1"]) == (1, 1, 2, 2)
    zero = ("major_axis", "minor_axis", "orientation", "eccentricity", "perimeter", "std")
    assert all(row[name] == 0 for name in zero)
    assert row["mean"] == row["median"] == row["max"] == 0.5


def test_no_regions_make_a_table_without_rows():
    table = regions(np.zeros((3, 4), int), np.zeros((3, 4, 3)))
    assert len(table) == 0
    assert table.mean_red.shape == (0,)
    assert "area" in repr(table)
    assert "<th>" in table._repr_html_()


def test_a_comb_has_the_hull_of_its_teeth():
    """A chain of the hull that loses one point a round, and many rounds."""
    rows, columns = np.indices((150, 150))
    mask = (columns > 75 + 60 * np.sin(rows / 8)) & (columns < 140)
    labels = mask.astype(int)
    assert regions(labels).convex_area[0] == theirs(labels)["area_convex"][0]


@given(labels=label_images(), times=st.sampled_from([2.0, 0.5]))
def test_units_scale_lengths_and_areas_and_nothing_else(labels, times):
    one, other = regions(labels), regions(labels, pixel_size=times, unit="m")
    for name in one:
        power = {"px": 1, "px²": 2}.get(one.units.get(name), 0)
        np.testing.assert_allclose(other[name], one[name] * times**power, rtol=1e-12)


@given(labels=label_images())
def test_a_turn_by_90_degrees_changes_no_shape(labels):
    one, other = regions(labels), regions(np.ascontiguousarray(np.rot90(labels)))
    for name in ("area", "perimeter", "euler", "convex_area", "extent", "equivalent_diameter"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-12)
    np.testing.assert_allclose(one.major_axis, other.major_axis, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: regions(x > 0), TypeError, r"use segmentation\.label\(labels\)"),
        (lambda x: regions(x.astype(float)), TypeError, "labels has dtype float64"),
        (lambda x: regions(-x), ValueError, "labels has values from -1"),
        (lambda x: regions(x, np.zeros((2, 4))), ValueError, "labels is 2 by 3 pixels and image"),
        (lambda x: regions(x, np.full((2, 3), np.nan)), ValueError, "NaN"),
        (lambda x: regions(x, x), TypeError, "image has dtype int64"),
        (lambda x: regions(x, pixel_size=0), ValueError, "pixel_size must be a positive number"),
        (lambda x: regions(x, unit="µm"), TypeError, "without pixel_size"),
    ],
)
def test_what_does_not_fit_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call(np.array([[1, 1, 0], [0, 0, 0]]))


TABLE = Table({"label": [1, 2, 3], "area": [4.0, 1.5, 9]}, {"area": "µm²"})


def test_a_table_gives_columns_and_smaller_tables():
    assert TABLE.area is TABLE["area"]
    assert (len(TABLE), list(TABLE), "area" in TABLE) == (3, ["label", "area"], True)
    assert dict(TABLE)["label"].tolist() == [1, 2, 3]
    assert TABLE[TABLE.area > 2].label.tolist() == [1, 3]
    assert TABLE[np.argsort(TABLE.area)].label.tolist() == [2, 1, 3]
    assert TABLE[1:].label.tolist() == [2, 3]
    assert TABLE[["area"]].keys() == ["area"]
    assert TABLE[TABLE.area > 2].units == {"area": "µm²"}
    assert "area" in dir(TABLE)


def test_a_table_survives_copying_and_pickling():
    for other in (copy.deepcopy(TABLE), pickle.loads(pickle.dumps(TABLE))):
        assert repr(other) == repr(TABLE)


def test_a_table_says_which_columns_there_are():
    with pytest.raises(KeyError, match="no column 'size'; there are label, area"):
        TABLE["size"]
    with pytest.raises(AttributeError, match="no column 'size'"):
        _ = TABLE.size
    for rows in (1, 2.5, [0.5], None):
        with pytest.raises(TypeError, match="takes the name of a column"):
            TABLE[rows]
    with pytest.raises(ValueError, match="of one length"):
        Table({"a": [1], "b": [1, 2]})


def test_a_table_can_be_read():
    assert repr(TABLE).splitlines()[0].split() == ["label", "area", "[µm²]"]
    assert TABLE._repr_html_().count("<tr>") == 4
    long = Table({"n": np.arange(1000)})
    assert repr(long).endswith("and 990 more rows")
    assert "990" in long._repr_html_()
    assert "<b>" not in Table({"<b>": [1]})._repr_html_()


def test_a_table_is_written_with_every_digit(tmp_path):
    table = Table({"a": [0.1, 1 / 3], "n": [1, 2]})
    table.to_csv(tmp_path / "t.csv")
    with open(tmp_path / "t.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["a", "n"]
    assert [float(row[0]) for row in rows] == [0.1, 1 / 3]
