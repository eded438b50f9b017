"""Keys: plain data, small, the same bytes each time; a damaged one is one clear line."""

import contextlib
import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_course import settle

from imgkit.course import keys
from imgkit.course.model import Case, CourseError, Mistake, Raised, Task
from imgkit.course.proofs import prove
from imgkit.course.reference import Reference
from imgkit.course.source import read

MISTAKES = (Mistake("halved", "You halved it."), Mistake("crashes", "It has no third axis."))
TASK = Task(
    "invert", "Turn it", 2, 3, 1, "equal()", ("cv2",), ("one", "two", "three"), MISTAKES, loops=1
)
IMAGE = np.arange(12, dtype=np.uint8).reshape(3, 4)
CASE = Case(
    "ramp",
    {"image": IMAGE, "amount": 0.1, "mode": "wrap", "size": (3, 4)},
    {"image": 255 - IMAGE, "name": "ähnlich"},
    {"halved": {"image": IMAGE, "name": "?"}, "crashes": Raised("IndexError", "secret", "x[2]")},
)
KEY = keys.Key(
    "90_tiny", "Tiny", 5, ("02_convolution",), {"invert": TASK}, {"invert": (CASE,)}, "abc"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    settle(tmp_path, monkeypatch)
    return keys.FOLDER


def stored(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_a_key_comes_back_as_it_was(folder):
    keys.path("90_tiny").write_bytes(keys.to_bytes(KEY))
    loaded = keys.load("90_tiny")
    assert keys.names() == ["90_tiny"]
    assert loaded.tasks == {"invert": TASK}
    assert (loaded.id, loaded.title, loaded.minutes) == ("90_tiny", "Tiny", 5)
    assert (loaded.needs, loaded.built_from, loaded.points) == (("02_convolution",), "abc", 2)
    (case,) = loaded.cases["invert"]
    assert (case.inputs["amount"], case.inputs["mode"], case.inputs["size"]) == (
        0.1,
        "wrap",
        (3, 4),
    )
    np.testing.assert_array_equal(case.inputs["image"], IMAGE)
    np.testing.assert_array_equal(case.expected["image"], 255 - IMAGE)
    assert case.expected["name"] == "ähnlich"
    assert case.wrong["crashes"] == Raised("IndexError")  # its type is all a check compares
    assert keys.to_bytes(loaded) == keys.to_bytes(KEY)


def test_a_key_is_plain_data():
    for name, content in stored(keys.to_bytes(KEY)).items():
        if name == "key.json":
            json.loads(content)
        else:
            assert name.endswith(".npy")
            assert not np.load(io.BytesIO(content), allow_pickle=False).dtype.hasobject


def test_equal_arrays_are_kept_once():
    again = Case("again", {"image": IMAGE.copy()}, 255 - IMAGE, {"halved": IMAGE})
    arrays = set(stored(keys.to_bytes(KEY)))
    twice = keys.Key(**vars(KEY) | {"cases": {"invert": (CASE, again)}})
    assert set(stored(keys.to_bytes(twice))) == arrays


def test_a_key_has_the_same_bytes_each_time(tmp_path, monkeypatch):
    home = settle(tmp_path, monkeypatch)
    built = []
    for _ in range(2):
        source = read(home / "course" / "exercises" / "90_tiny.py")
        tasks = {task.id: task for task in source.tasks}
        cases = prove(Reference(source))
        built.append(keys.to_bytes(keys.Key(source.id, source.title, 5, (), tasks, cases)))
    assert built[0] == built[1]
    code = stored(built[0])["key.json"].decode()
    assert "return" not in code  # neither a solution nor a mistake
    assert "np.mean(invert" not in code


def test_a_key_does_not_say_when_it_was_made():
    with zipfile.ZipFile(io.BytesIO(keys.to_bytes(KEY))) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_large_key_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, 600_000, dtype=np.uint8)
    large = keys.Key(**vars(KEY) | {"cases": {"invert": (Case("noise", {"image": noise}, 0),)}})
    with pytest.raises(CourseError, match=r"90_tiny: its key takes 6.. kB, 500 is the limit"):
        keys.to_bytes(large)


# ---------------------------------------------------------------- damaged


def refused(data: bytes | None) -> str:
    if data is not None:
        keys.path("90_tiny").write_bytes(data)
    keys.load.cache_clear()
    with pytest.raises(CourseError) as caught:
        keys.load("90_tiny")
    message = str(caught.value)
    assert message.startswith("exercise 90_tiny has no readable key (")
    assert "\n" not in message
    return message


def rebuilt(change) -> bytes:
    """The key with its JSON changed."""
    files = stored(keys.to_bytes(KEY))
    content = json.loads(files["key.json"])
    change(content)
    files["key.json"] = json.dumps(content).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
    return stream.getvalue()


def test_a_key_that_is_no_key_is_one_line(folder):
    good = keys.to_bytes(KEY)
    assert "FileNotFoundError" in refused(None)
    for data in (b"", b"not a zip", good[:-30], good[: len(good) // 2], good[50:]):
        refused(data)
    refused(rebuilt(lambda key: key.pop("tasks")))
    refused(rebuilt(lambda key: key["tasks"][0].update(shape="a newer field")))
    refused(rebuilt(lambda key: key["cases"]["invert"][0].pop("inputs")))
    refused(rebuilt(lambda key: key["cases"]["invert"][0]["expected"].update(arrays=["0" * 16])))
    refused(rebuilt(lambda key: key.update(cases=[])))
    refused(rebuilt(lambda key: key.update(tasks="invert")))


def test_a_key_is_read_again_once_it_is_mended(folder):
    refused(b"")
    keys.path("90_tiny").write_bytes(keys.to_bytes(KEY))
    assert keys.load("90_tiny").title == "Tiny"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_never_give_another_error(draw):
    """As on a worn disk; what the zip's checksum lets through is a key."""
    good = bytearray(keys.to_bytes(KEY))
    for _ in range(draw.draw(st.integers(1, 3))):
        good[draw.draw(st.integers(0, len(good) - 1))] = draw.draw(st.integers(0, 255))
    with pytest.MonkeyPatch.context() as patch:
        place = type("Place", (), {"read_bytes": lambda self: bytes(good)})()
        patch.setattr(keys, "path", lambda exercise: place)
        keys.load.cache_clear()
        with contextlib.suppress(CourseError):
            assert isinstance(keys.load("90_tiny"), keys.Key)
    keys.load.cache_clear()
