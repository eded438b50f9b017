"""The nuclei of the Data Science Bowl: packed once, read quickly, and no archive is trusted."""

import io
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

from imgkit import data


def png(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def name(number):
    return f"{number:064x}"


def archive(folder, files):
    with zipfile.ZipFile(folder / "nuclei-dsb2018.zip", "w") as packed:
        for file, content in files.items():
            packed.writestr(file, content)


def files_of(number, image, masks):
    root = f"stage1_train/{name(number)}"
    found = {f"{root}/images/{name(number)}.png": png(image)}
    return found | {f"{root}/masks/{name(i)}.png": png(m) for i, m in enumerate(masks, 1)}


def bar(columns):
    mask = np.zeros((4, 6), np.uint8)
    mask[1:3, columns] = 255
    return mask


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IMGKIT_DATA", str(tmp_path))
    return tmp_path


GREY = np.dstack([np.arange(24, dtype=np.uint8).reshape(4, 6)] * 3 + [np.full((4, 6), 255)])
STAINED = np.random.default_rng(0).integers(0, 255, (4, 6, 3), np.uint8)


def test_images_come_by_name_grey_or_coloured_with_a_label_for_each_nucleus(folder):
    grey = files_of(1, GREY.astype(np.uint8), [bar(slice(0, 2)), bar(slice(4, 6))])
    archive(folder, files_of(2, STAINED, [bar(slice(1, 3))]) | grey | {"readme.txt": b"hello"})
    nuclei = data.load_nuclei()
    assert nuclei.names == (name(1), name(2))
    assert np.array_equal(nuclei.images[0], GREY[..., 0])
    assert np.array_equal(nuclei.images[1], STAINED)
    assert nuclei.labels[0].dtype == np.int32
    assert nuclei.labels[0].tolist()[1] == [1, 1, 0, 0, 2, 2]
    assert repr(nuclei) == "SegmentedImages(2 images, 3 objects)"


def test_the_first_mask_keeps_a_pixel_and_a_hidden_one_takes_no_number(folder):
    masks = [bar(slice(0, 3)), bar(slice(1, 2)), bar(slice(2, 5))]
    archive(folder, files_of(1, STAINED, masks))
    assert data.load_nuclei().labels[0].tolist()[1] == [1, 1, 1, 2, 2, 0]


def test_the_second_load_reads_the_cache_and_another_archive_does_not(folder, monkeypatch):
    archive(folder, files_of(1, STAINED, [bar(slice(0, 2))]))
    first = data.load_nuclei()
    monkeypatch.setattr("imgkit.data.nuclei._image_and_labels", None)  # would raise if called
    again = data.load_nuclei()
    assert np.array_equal(first.images[0], again.images[0])
    assert np.array_equal(first.labels[0], again.labels[0])
    monkeypatch.undo()
    monkeypatch.setenv("IMGKIT_CACHE", str(folder / "cache"))
    archive(folder, files_of(3, STAINED, []))
    assert data.load_nuclei(folder).names == (name(3),)


def test_what_was_loaded_is_yours_to_change(folder):
    archive(folder, files_of(1, STAINED, [bar(slice(0, 2))]))
    data.load_nuclei().images[0][...] = 0
    assert np.array_equal(data.load_nuclei().images[0], STAINED)


def test_a_missing_archive_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("IMGKIT_DATA", raising=False)
    with pytest.raises(data.DataError, match="IMGKIT_DATA is not set"):
        data.load_nuclei()
    with pytest.raises(data.DataError, match=r"no nuclei-dsb2018\.zip in"):
        data.load_nuclei(tmp_path)


def other_size(number):
    return files_of(number, STAINED, [np.zeros((5, 6), np.uint8)])


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"readme.txt": b"hello"}, "holds no stage1_train"),
        ({"../../escaped.png": b"x"}, "holds no stage1_train"),
        ({f"stage1_train/{name(1)}/images/{name(1)}.png": b"no picture"}, "not a PNG"),
        ({f"stage1_train/{name(1)}/images/{name(1)}.png": bytes(9 << 20)}, "too many"),
        (files_of(1, np.zeros((4096, 1025), np.uint8), []), "too large"),
        (other_size(1), "not of the size"),
    ],
    ids=["nothing", "outside", "no picture", "bytes", "pixels", "sizes"],
)
def test_an_archive_that_is_something_else_is_told(folder, files, says):
    archive(folder, files)
    with pytest.raises(data.DataError, match=says):
        data.load_nuclei()
    assert not (folder / "cache").exists()


def test_a_broken_zip_is_told(folder):
    (folder / "nuclei-dsb2018.zip").write_bytes(b"PK no zip")
    with pytest.raises(data.DataError, match="cannot be read"):
        data.load_nuclei()


@pytest.mark.skipif("IMGKIT_DATA" not in os.environ, reason="IMGKIT_DATA names no folder")
def test_the_real_archive_has_330_images(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGKIT_CACHE", str(tmp_path))
    nuclei = data.load_nuclei()
    assert len(nuclei) == 330
    assert sum(image.ndim == 3 for image in nuclei.images) == 55
    for image, labels in zip(nuclei.images, nuclei.labels, strict=True):
        assert image.dtype == np.uint8
        assert image.shape[:2] == labels.shape
        assert np.array_equal(np.unique(labels[labels > 0]), np.arange(1, labels.max() + 1))
