"""Nuclei under the microscope, each outlined by hand: the Data Science Bowl 2018 (BBBC038).

The archive is not part of the kit: ``IMGKIT_DATA`` names the folder that holds it. It has one
picture for every nucleus, thousands of small files, so the first load packs them into a cache of
three files, and later loads map those into memory: pixels are read when somebody looks at them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from imgkit import places
from imgkit.data.cards import DataError

ARCHIVE = "nuclei-dsb2018.zip"
INDEX = "index.json"
_MEMBER = re.compile(r"stage1_train/([0-9a-f]{8,64})/(images|masks)/([0-9a-f]{8,64})\.png")
_LARGEST = 8 << 20  # bytes of a packed picture; the set's largest has 1.5 million
_MOST_PIXELS = 4 << 20


@dataclass(frozen=True, eq=False, repr=False)
class SegmentedImages:
    """Images of any size, and for each pixel which object it belongs to."""

    names: tuple[str, ...]
    images: tuple[np.ndarray, ...]
    """Each uint8, (H, W) or, if it has colours, (H, W, 3)."""
    labels: tuple[np.ndarray, ...]
    """Each (H, W) int32: 0 is background, objects are 1, 2, ..."""
    sha256: str
    """Of the archive they came from."""

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        objects = sum(int(labels.max()) for labels in self.labels)
        return f"SegmentedImages({len(self)} images, {objects} objects)"


def load_nuclei(folder: str | Path | None = None) -> SegmentedImages:
    """Load the nuclei of the Data Science Bowl 2018: 330 images with a label for each nucleus.

    The first load takes seconds and leaves a cache, the next ones less than a second.

    Parameters
    ----------
    folder : the one that holds ``nuclei-dsb2018.zip``; if not given, ``IMGKIT_DATA`` names it

    Returns
    -------
    SegmentedImages, in the order of the images' names. Where two masks overlap, the pixel belongs
    to the nucleus whose mask comes first by name.

    Raises
    ------
    DataError
        If the archive is not there, or is not what it should be.

    References
    ----------
    Caicedo et al., Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl,
    Nature Methods 16 (2019). Image set BBBC038v1, Broad Bioimage Benchmark Collection, CC0.
    """
    archive = _archive(folder)
    with archive.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    packed = places.cache() / f"nuclei-{sha256[:20]}"
    if not (packed / INDEX).is_file():
        _pack(archive, packed)
    return _unpacked(packed, sha256)


def _archive(folder: str | Path | None) -> Path:
    folder = folder or os.environ.get("IMGKIT_DATA")
    if not folder:
        raise DataError(f"IMGKIT_DATA is not set: let it name the folder that holds {ARCHIVE}")
    archive = Path(folder) / ARCHIVE
    if not archive.is_file():
        raise DataError(f"there is no {ARCHIVE} in {folder}; IMGKIT_DATA names its folder")
    return archive


def _pack(archive: Path, packed: Path) -> None:
    """All pixels in a row, all labels in a row, and last of all where each image begins."""
    try:
        with zipfile.ZipFile(archive) as members:
            found = _members(members)
            pairs = [_image_and_labels(members, *files) for files in found.values()]
    except (zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{archive.name} cannot be read: {error}") from error
    if not pairs:
        raise DataError(f"{archive.name} holds no stage1_train/ID/images/ID.png")
    for name, part in (("images", 0), ("labels", 1)):
        row = np.concatenate([pair[part].ravel() for pair in pairs])
        places.write_file(packed / f"{name}.npy", partial(np.save, arr=row))
    shapes = {name: image.shape for name, (image, _) in zip(found, pairs, strict=True)}
    places.write_whole(packed / INDEX, json.dumps(shapes))


def _members(archive: zipfile.ZipFile) -> dict[str, tuple[str, list[str]]]:
    """name -> the image's file and its masks' files; everything else in the archive is ignored."""
    images, masks = {}, defaultdict(list)
    for info in archive.infolist():
        match = _MEMBER.fullmatch(info.filename)
        if not match:
            continue
        if info.file_size > _LARGEST:
            raise DataError(f"{info.filename} has {info.file_size} bytes: too many for this set")
        if match[2] == "masks":
            masks[match[1]].append(info.filename)
        elif match[1] == match[3]:
            images[match[1]] = info.filename
    return {name: (images[name], sorted(masks[name])) for name in sorted(images)}


def _image_and_labels(
    archive: zipfile.ZipFile, image_file: str, mask_files: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    image = _pixels(archive, image_file, "RGB")
    labels = np.zeros(image.shape[:2], np.int32)
    number = 0
    for file in mask_files:
        mask = _pixels(archive, file, "L") > 127
        if mask.shape != labels.shape:
            raise DataError(f"{file} is not of the size of its image")
        free = mask & (labels == 0)
        if free.any():  # a few masks lie wholly under others
            number += 1
            labels[free] = number
    is_grey = (image == image[..., :1]).all()
    return image[..., 0] if is_grey else image, labels


def _pixels(archive: zipfile.ZipFile, file: str, mode: str) -> np.ndarray:
    from PIL import Image, UnidentifiedImageError

    try:
        with archive.open(file) as stream, Image.open(stream, formats=["PNG"]) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise DataError(f"{file} is {picture.size}: too large for this set")
            return np.asarray(picture.convert(mode))
    except (UnidentifiedImageError, OSError, SyntaxError, zipfile.BadZipFile) as error:
        raise DataError(f"{file} is not a PNG that can be read: {error}") from error


def _unpacked(packed: Path, sha256: str) -> SegmentedImages:
    shapes = json.loads((packed / INDEX).read_text())
    rows = {name: _mapped(packed / f"{name}.npy") for name in ("images", "labels")}
    parts, starts = {"images": [], "labels": []}, {"images": 0, "labels": 0}
    for shape in shapes.values():
        for name, own in (("images", shape), ("labels", shape[:2])):
            stop = starts[name] + math.prod(own)
            parts[name].append(rows[name][starts[name] : stop].reshape(own))
            starts[name] = stop
    return SegmentedImages(
        tuple(shapes), tuple(parts["images"]), tuple(parts["labels"]), sha256=sha256
    )


def _mapped(file: Path) -> np.ndarray:
    """The file's array; what is written into it stays in memory and never reaches the file."""
    return np.asarray(np.load(file, mmap_mode="c", allow_pickle=False))
