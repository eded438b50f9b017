"""Datasets: every card is true, loading is offline and fresh, splits never move."""

import hashlib
import inspect
import os
import socket
import subprocess
import sys
import tomllib
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from imgkit import data, images
from imgkit.data import bundled
from imgkit.data.cards import read_card
from imgkit.places import home

NAMES = data.names()

# What scikit-image carries and the kit leaves out: an RGBA logo, a second checkerboard and the
# files of its reader tests.
LEFT_OUT = {
    "logo.png",
    "chessboard_RGB.png",
    "multipage.tif",
    "multipage_rgb.tif",
    "no_time_for_that_tiny.gif",
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a dataset reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def arrays(dataset) -> list[np.ndarray]:
    return list(bundled._arrays(dataset).values())


# ---------------------------------------------------------------- cards


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_people_need(name):
    card = data.card(name)
    assert card.name == name
    assert card.about.endswith((".", "?"))
    assert len(card.alt) > 40
    assert card.alt not in (card.title, card.about)
    for text in (card.title, card.about, card.alt, card.note, card.maker, card.source):
        assert "://" not in text
        assert "\n" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_true(name):
    card, dataset = data.card(name), data.load(name)
    assert arrays(dataset)[0].shape == card.shape
    assert arrays(dataset)[0].dtype.name == card.dtype
    assert sum(array.nbytes for array in arrays(dataset)) == card.bytes
    assert data.checksum(dataset) == card.sha256
    assert data.verify(name) == card.sha256


def test_names_are_the_cards_and_kinds_divide_them():
    assert [card.name for card in data.cards()] == NAMES == sorted(NAMES)
    assert sorted(name for kind in data.KINDS for name in data.names(kind)) == NAMES
    assert data.names("stereo") == ["stereo_motorcycle"]
    with pytest.raises(data.DataError, match=r"kind .*'photo'"):
        data.names("photo")


def test_every_bundled_picture_has_a_card():
    skimage_data = bundled._files(data.card("coins"))[0].parent
    pictures = {".png", ".jpg", ".gif", ".tif", ".npy", ".npz"}
    carried = {path.name for path in skimage_data.iterdir() if path.suffix in pictures}
    told = {
        file for card in data.cards() if card.loader.startswith("skimage:") for file in card.files
    }
    assert carried == told | LEFT_OUT


def test_every_loader_has_a_card():
    assert set(bundled._READERS) <= {card.loader for card in data.cards()}


def test_the_readme_lists_every_card_and_no_other():
    readme = (home() / "datasets" / "README.md").read_text(encoding="utf-8")
    head = "| name | what | size | maker | licence |\n|---|---|---|---|---|\n"
    rows = "".join(
        f"| `{card.name}` | {card.title} | {'×'.join(map(str, card.shape))} "
        f"| {card.maker} | {card.licence} |\n"
        for card in data.cards()
    )
    assert head + rows + "\n" in readme


def test_licences_are_as_upstream_states_them():
    import skimage.data

    for name in data.names():
        card = data.card(name)
        if not card.loader.startswith("skimage:"):
            continue
        stated = inspect.getdoc(getattr(skimage.data, card.loader.split(":")[1])).lower()
        words = {
            "CC0": ("cc0",),
            "public domain": ("public domain",),
            "no known copyright restrictions": ("no known copyright restrictions",),
            "none stated": (),
        }[card.licence]
        assert all(word in stated for word in words), name
        if card.licence == "none stated":
            for word in ("cc0", "public domain", "licen", "copyright"):
                assert word not in stated, name


# ---------------------------------------------------------------- names that do not exist


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("coin", "coins"),
        ("Camera", "camera"),
        ("astronout", "astronaut"),
        ("cat", "chelsea"),
        ("chessboard", "checkerboard"),
        ("ihc", "immunohistochemistry"),
        ("phantom", "shepp_logan_phantom"),
        ("motorcycle", "stereo_motorcycle"),
    ],
)
def test_a_wrong_name_gets_a_suggestion(wrong, right):
    with pytest.raises(data.UnknownDatasetError) as caught:
        data.load(wrong)
    assert str(caught.value) == (
        f"no dataset named {wrong!r}; did you mean {right!r}? All names: imgkit data list"
    )


@pytest.mark.parametrize("wrong", ["", "xyzzy", "../pyproject", "a(b", None])
def test_a_hopeless_name_gets_none(wrong):
    with pytest.raises(
        data.UnknownDatasetError, match=r"no dataset named .*\. All names: imgkit data list"
    ):
        data.card(wrong)


def test_all_errors_are_one_friendly_kind():
    for error in (data.UnknownDatasetError, data.CardError, data.ChecksumError):
        assert issubclass(error, data.DataError)
    assert issubclass(data.DataError, ValueError)


# ---------------------------------------------------------------- broken cards


def broken(folder: Path, name: str, old: str, new: str) -> Path:
    text = (home() / "datasets" / f"{name}.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = folder / f"{name}.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "old", "new", "field"),
    [
        ("coins", 'kind = "image"', 'kind = "photo"', "kind must be one of image, set, stereo"),
        ("coins", 'kind = "image"', "", "kind is missing"),
        ("coins", 'kind = "image"', "kind = []", "kind must be"),
        ("coins", 'name = "coins"', 'name = "coin"', "name must be 'coins'"),
        ("coins", 'name = "coins"', 'name = "Coins!"', "name must be small letters"),
        ("coins", 'maker = "', 'photographer = "', "photographer is not a field"),
        ("coins", 'title = "Greek coins from Pompeii"', 'title = " "', "title must be a text"),
        ("coins", "shape = [303, 384]", "shape = [303, 38.4]", "shape must be a list"),
        ("coins", "shape = [303, 384]", "shape = []", "shape must be a list"),
        ("coins", "shape = [303, 384]", "shape = [true, 384]", "shape must be a list"),
        ("coins", "bytes = 116352", "bytes = -1", "bytes must be a positive integer"),
        ("coins", 'dtype = "uint8"', 'dtype = "int64"', "dtype must be 'uint8' or 'float32'"),
        ("coins", 'sha256 = "', 'sha256 = "x', "sha256 must be 64 hexadecimal digits"),
        ("coins", 'loader = "skimage:coins"', 'loader = "os:system"', "loader must be"),
        ("coins", "bytes = 116352", "bytes = 116352\nclasses = ['a']", "classes belongs to"),
        ("coins", "bytes = 116352", "bytes = ", "not valid TOML"),
        ("digits", "seed = 0", 'seed = "0"', "splits.seed must be an integer"),
        ("digits", "seed = 0", "", "splits.seed is missing"),
        ("digits", "seed = 0", "seed = 0\nfolds = 5", "splits.folds is not a field"),
        ("digits", "train = 60", "train = 61", "splits.percent must be .* sum to 100"),
        ("digits", "[splits]", "[split]", "split is not a field"),
    ],
)
def test_a_broken_card_names_its_file_and_field(tmp_path, name, old, new, field):
    path = broken(tmp_path, name, old, new)
    with pytest.raises(data.CardError, match=rf"^{name}\.toml: {field}"):
        read_card(path)


def test_a_set_needs_its_splits(tmp_path):
    text = (home() / "datasets" / "digits.toml").read_text(encoding="utf-8")
    path = tmp_path / "digits.toml"
    path.write_text(text.split("[splits]")[0], encoding="utf-8")
    with pytest.raises(data.CardError, match=r"digits\.toml: splits"):
        read_card(path)


def test_verify_notices_each_difference(tmp_path, monkeypatch):
    for old, new, field in (
        ("shape = [303, 384]", "shape = [384, 303]", r"shape is \(303, 384\)"),
        ('dtype = "uint8"', 'dtype = "float32"', "dtype is uint8"),
        ("bytes = 116352", "bytes = 1", "bytes is 116352"),
        ('sha256 = "', 'sha256 = "' + "0" * 64 + '"\n# "', "sha256 is [0-9a-f]{64}"),
    ):
        path = broken(tmp_path, "coins", old, new)
        monkeypatch.setattr(bundled, "card", lambda name, path=path: read_card(path))
        with pytest.raises(data.ChecksumError, match=rf"coins: {field}, but its card says"):
            data.verify("coins")


def test_a_missing_file_is_told_before_scikit_image_could_fetch_it(tmp_path, monkeypatch):
    path = broken(tmp_path, "coins", "coins.png", "eagle.png")
    monkeypatch.setattr(bundled, "card", lambda name: read_card(path))
    with pytest.raises(data.DataError, match=r"coins: .*eagle\.png is missing"):
        data.load("coins")


def test_a_loader_that_does_not_exist_is_named(tmp_path, monkeypatch):
    path = broken(tmp_path, "coins", "skimage:coins", "skimage:coinz")
    monkeypatch.setattr(bundled, "card", lambda name: read_card(path))
    with pytest.raises(data.CardError, match=r"coins\.toml: loader names coinz"):
        data.load("coins")


def test_cards_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        data.card("coins").licence = "mine"


# ---------------------------------------------------------------- what load returns


@pytest.mark.parametrize("name", data.names("image"))
def test_an_image_follows_the_conventions(name):
    image = data.load(name)
    images.require_image(image, channels=(1, 3))
    assert image.dtype == np.uint8
    assert image.max() > image.min()


@pytest.mark.parametrize("name", data.names("set"))
def test_a_set_follows_the_conventions(name):
    dataset = data.load(name)
    n = len(dataset.images)
    assert dataset.images.ndim == 3
    assert dataset.images.dtype == np.float32
    assert dataset.images.min() == 0
    assert dataset.images.max() == 1
    assert dataset.labels.shape == (n,)
    assert dataset.labels.dtype == np.int64
    assert set(dataset.labels) == set(range(len(dataset.classes)))
    with pytest.raises(FrozenInstanceError):
        dataset.labels = None


@pytest.mark.parametrize("name", NAMES)
def test_every_load_is_a_fresh_copy(name):
    first = data.load(name)
    for array in arrays(first):
        assert array.flags.writeable
        assert array.flags.c_contiguous
        array[...] = 1
    assert data.checksum(data.load(name)) == data.card(name).sha256


def test_colours_are_rgb():
    red, _, blue = data.load("astronaut")[300, 100]  # the orange suit
    assert red > 1.5 * blue


def test_truth_values_become_black_and_white():
    horse = data.load("horse")
    assert set(np.unique(horse)) == {0, 255}
    assert horse[164, 200] == 0  # the horse is dark, as in the picture


def test_the_phantom_keeps_the_greys_of_its_file():
    assert np.unique(data.load("shepp_logan_phantom")).tolist() == [0, 25, 51, 76, 102, 255]


def test_digits_are_sixteenths():
    from sklearn.datasets import load_digits

    digits, peer = data.load("digits"), load_digits()
    np.testing.assert_array_equal(digits.images * 16, peer.images)
    np.testing.assert_array_equal(digits.labels, peer.target)


def test_faces_come_first_and_are_class_one():
    faces = data.load("lfw_subset")
    assert faces.classes == ("background", "face")
    assert faces.labels.tolist() == [1] * 100 + [0] * 100


def test_the_disparity_leads_from_left_to_right():
    pair = data.load("stereo_motorcycle")
    assert np.isnan(pair.disparity).any()
    assert not np.isinf(pair.disparity).any()
    rows, columns = np.nonzero(np.isfinite(pair.disparity))
    shift = np.rint(pair.disparity[rows, columns]).astype(int)
    inside = columns - shift >= 0
    rows, columns, shift = rows[inside], columns[inside], shift[inside]
    left, right = pair.left.astype(float), pair.right.astype(float)
    moved = np.abs(left[rows, columns] - right[rows, columns - shift]).mean()
    still = np.abs(left[rows, columns] - right[rows, columns]).mean()
    assert moved < still / 3


# ---------------------------------------------------------------- checksum and splits


def test_the_checksum_is_the_recipe_of_the_readme():
    coins = data.load("coins")
    assert (
        hashlib.sha256(b"image uint8 303x384\n" + coins.tobytes()).hexdigest()
        == data.card("coins").sha256
    )


def test_the_checksum_sees_shape_dtype_and_values_but_not_memory_order():
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    same = [np.asfortranarray(image), image.copy()[:, ::1]]
    other = [image.reshape(3, 2), image.astype(np.float32), image + np.uint8(1), image.T]
    assert {data.checksum(each) for each in same} == {data.checksum(image)}
    assert data.checksum(image) not in {data.checksum(each) for each in other}
    floats = image.astype(np.float32)
    assert data.checksum(floats) == data.checksum(floats.astype(">f4"))


@pytest.mark.parametrize("name", data.names("set"))
def test_splits_are_disjoint_complete_and_stratified(name):
    dataset = data.load(name)
    assert list(dataset.splits) == ["train", "validation", "test"]
    together = np.concatenate(list(dataset.splits.values()))
    assert sorted(together.tolist()) == list(range(len(dataset.images)))
    for part, percent in data.card(name).splits.percent.items():
        indices = dataset.splits[part]
        assert indices.dtype == np.int64
        assert (np.diff(indices) > 0).all()
        for label in range(len(dataset.classes)):
            share = (dataset.labels == label).sum() * percent / 100
            assert abs((dataset.labels[indices] == label).sum() - share) <= 1
        images_, labels = dataset.part(part)
        np.testing.assert_array_equal(images_, dataset.images[indices])
        np.testing.assert_array_equal(labels, dataset.labels[indices])
    with pytest.raises(data.DataError, match="no part named 'dev'; there are train, validation"):
        dataset.part("dev")


def test_splits_stay_where_they_are():
    """Written down once: a change of the rule changes every result built on it."""
    digits = data.load("digits").splits
    assert {part: len(indices) for part, indices in digits.items()} == {
        "train": 1078,
        "validation": 360,
        "test": 359,
    }
    assert digits["test"][:8].tolist() == [3, 4, 8, 17, 24, 31, 34, 36]
    assert data.load("lfw_subset").splits["test"][:8].tolist() == [1, 2, 11, 19, 34, 43, 49, 50]


def test_another_seed_or_name_is_another_split():
    labels = np.repeat([0, 1], 50)
    percent = {"train": 50, "test": 50}

    def train(name, seed):
        return data.split(labels, name=name, seed=seed, percent=percent)["train"].tolist()

    assert train("toy", 0) == train("toy", 0)
    assert train("toy", 0) != train("toy", 1)
    assert train("toy", 0) != train("other", 0)


# ---------------------------------------------------------------- light to import


def test_importing_data_imports_no_library_of_images():
    code = (
        "import sys, imgkit.data as d; d.cards();"
        "print([m for m in ('skimage', 'sklearn', 'scipy', 'cv2', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_there():
    for name in data.__all__:
        assert hasattr(data, name)


def test_cards_are_plain_toml():
    for path in (home() / "datasets").glob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["name"] == path.stem
