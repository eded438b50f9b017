"""Load what scikit-image and scikit-learn carry in their wheels; nothing is ever fetched.

One way in, :func:`load`: the card names the library's function, a small reader here brings what
that function returns into the kit's conventions, and the pixels come fresh from the file each
time, so nobody's changes reach the next one who loads.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from imgkit.data.cards import Card, CardError, DataError, card


class ChecksumError(DataError):
    """What was loaded is not what the card describes."""


@dataclass(frozen=True, eq=False, repr=False)
class LabelledImages:
    """A set of images of one size, what each shows, and how the set is divided.

    Examples
    --------
    >>> digits = load("digits")
    >>> digits
    LabelledImages(images float32 1797x8x8, labels int64 1797, splits.train int64 1078,
                   splits.validation int64 360, splits.test int64 359)
    >>> images, labels = digits.part("train")
    >>> images.shape, digits.classes[labels[0]]
    ((1078, 8, 8), '0')
    """

    images: np.ndarray
    """(N, H, W) float32 in 0..1"""
    labels: np.ndarray
    """(N,) int64: ``classes[labels[i]]`` is what ``images[i]`` shows."""
    classes: tuple[str, ...]
    splits: dict[str, np.ndarray]
    """Indices into images and labels, by the name of the part; see :func:`split`."""

    def part(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """The images and labels of one part: "train", "validation" or "test"."""
        if name not in self.splits:
            raise DataError(f"no part named {name!r}; there are {', '.join(self.splits)}")
        return self.images[self.splits[name]], self.labels[self.splits[name]]

    def __repr__(self) -> str:
        return _summary(self)


@dataclass(frozen=True, eq=False, repr=False)
class StereoPair:
    """Two rectified views of one scene, and how far each pixel moves between them."""

    left: np.ndarray
    """(H, W, 3) uint8"""
    right: np.ndarray
    """(H, W, 3) uint8"""
    disparity: np.ndarray
    """(H, W) float32 in pixels: ``left[r, c]`` is seen at ``right[r, c - disparity[r, c]]``;
    NaN where the truth is unknown."""

    def __repr__(self) -> str:
        return _summary(self)


Dataset = np.ndarray | LabelledImages | StereoPair


def load(name: str) -> Dataset:
    """Load a dataset from this computer, a fresh copy each time.

    Parameters
    ----------
    name : one of :func:`imgkit.data.names`

    Returns
    -------
    By the kind of its card: an "image" is an array, (H, W) or (H, W, 3), RGB, uint8;
    a "set" is a :class:`LabelledImages`; a "stereo" pair is a :class:`StereoPair`.

    Raises
    ------
    UnknownDatasetError
        If no dataset has this name; the message suggests one.
    DataError
        If the installed library no longer carries the file.

    Notes
    -----
    Truth values, such as the silhouette of ``horse``, become 0 and 255.

    Examples
    --------
    >>> load("coins").shape
    (303, 384)
    >>> images, labels = load("digits").part("train")
    >>> images.shape, labels.shape
    ((1078, 8, 8), (1078,))
    >>> load("stereo_motorcycle")
    StereoPair(left uint8 500x741x3, right uint8 500x741x3, disparity float32 500x741)
    """
    found = card(name)
    for path in _files(found):  # scikit-image would fetch what it does not carry
        if not path.is_file():
            raise DataError(f"{name}: {path} is missing; the installed library no longer has it")
    return _READERS.get(found.loader, _image)(found)


def verify(name: str) -> str:
    """Load a dataset and compare it with its card.

    Returns
    -------
    The checksum.

    Raises
    ------
    ChecksumError
        If size, shape, dtype or checksum differ from the card.

    Examples
    --------
    >>> verify("coins") == card("coins").sha256
    True
    """
    found, arrays = card(name), _arrays(load(name))
    main = next(iter(arrays.values()))
    for field, got in (
        ("shape", main.shape),
        ("dtype", main.dtype.name),
        ("bytes", sum(array.nbytes for array in arrays.values())),
        ("sha256", _digest(arrays)),
    ):
        wanted = getattr(found, field)
        if got != wanted:
            raise ChecksumError(f"{name}: {field} is {got}, but its card says {wanted}")
    return found.sha256


def checksum(dataset: Dataset) -> str:
    """SHA-256 over all arrays of a dataset: over name, dtype, shape and values.

    The recipe: for each array in order, a line such as ``image uint8 303x384`` (name, dtype,
    shape; ended by a newline), then its bytes, row by row, little-endian. The arrays are
    ``image`` alone for an image, else the fields of the record in their order, the splits last
    as ``splits.train`` and so on.

    Examples
    --------
    >>> checksum(np.zeros((2, 3), np.uint8))[:12]
    '6f8686d73b57'
    >>> hashlib.sha256(b"image uint8 2x3\\n" + bytes(6)).hexdigest()[:12]
    '6f8686d73b57'
    """
    return _digest(_arrays(dataset))


def split(
    labels: np.ndarray, *, name: str, seed: int, percent: dict[str, int]
) -> dict[str, np.ndarray]:
    """Divide a set by class, the same way for ever.

    Within each class the items are ordered by the SHA-256 of ``"name/seed/index"``; the first
    ``percent`` go to the first part, the next to the second, and so on. No random generator
    takes part, so no version of NumPy can change a split, and every part has each class in
    its share, to within one item.

    Parameters
    ----------
    labels : (N,) of integers
    name : of the set
    seed : another one gives another division
    percent : the share of each part, in order; together 100

    Returns
    -------
    dict of (n,) int64 arrays: indices in increasing order, each index in one part.

    Examples
    --------
    >>> parts = split(np.repeat([0, 1], 5), name="toy", seed=0, percent={"train": 60, "test": 40})
    >>> {part: len(indices) for part, indices in parts.items()}
    {'train': 6, 'test': 4}
    """

    def rank(index: int) -> bytes:
        return hashlib.sha256(f"{name}/{seed}/{index}".encode()).digest()

    parts: dict[str, list[int]] = {part: [] for part in percent}
    for label in np.unique(labels):
        members = sorted(np.flatnonzero(labels == label).tolist(), key=rank)
        start = share = 0
        for part, own in percent.items():
            share += own
            stop = (len(members) * share + 50) // 100
            parts[part] += members[start:stop]
            start = stop
    return {part: np.array(sorted(indices), dtype=np.int64) for part, indices in parts.items()}


def _image(found: Card) -> np.ndarray:
    """What the library's function returns, as uint8."""
    pixels = _function(found)()
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype.kind == "f":  # 8-bit grey in the file, made fractions by the function
        return np.rint(pixels * 255).astype(np.uint8)
    return np.array(pixels)


def _photograph(found: Card) -> np.ndarray:
    """One function for all of scikit-learn's photographs: it takes the file's name."""
    return np.array(_function(found)(Path(found.files[0]).name))


def _digits(found: Card) -> LabelledImages:
    bunch = _function(found)()
    return _labelled(found, bunch.images / 16, bunch.target)


def _faces(found: Card) -> LabelledImages:
    """100 faces, then 100 other crops; label 1 is a face."""
    images = _function(found)()
    return _labelled(found, images, np.repeat([1, 0], 100))


def _labelled(found: Card, images: np.ndarray, labels: np.ndarray) -> LabelledImages:
    rule = found.splits
    return LabelledImages(
        images=images.astype(np.float32),
        labels=labels.astype(np.int64),
        classes=found.classes,
        splits=split(labels, name=found.name, seed=rule.seed, percent=rule.percent),
    )


def _stereo(found: Card) -> StereoPair:
    left, right, disparity = _function(found)()
    known = np.isfinite(disparity)
    return StereoPair(
        left=np.array(left),
        right=np.array(right),
        disparity=np.where(known, disparity, np.nan).astype(np.float32),
    )


_READERS: dict[str, Callable[[Card], Dataset]] = {
    "skimage:lfw_subset": _faces,
    "skimage:stereo_motorcycle": _stereo,
    "sklearn:load_digits": _digits,
    "sklearn:load_sample_image": _photograph,
}


def _function(found: Card) -> Callable:
    """The library's function that the card names; only here is the library imported."""
    library, name = found.loader.split(":")
    module = import_module({"skimage": "skimage.data", "sklearn": "sklearn.datasets"}[library])
    if not hasattr(module, name):
        raise CardError(f"{found.name}.toml: loader names {name}, which {module.__name__} lacks")
    return getattr(module, name)


def _files(found: Card) -> list[Path]:
    """Where the library carries the files of a card."""
    library = found.loader.split(":")[0]
    folder = {"skimage": "data", "sklearn": "datasets"}[library]
    return [Path(find_spec(library).origin).parent / folder / file for file in found.files]


def _arrays(dataset: Dataset) -> dict[str, np.ndarray]:
    """The arrays of a dataset by name, in the order of the checksum."""
    if isinstance(dataset, np.ndarray):
        return {"image": dataset}
    values = {field.name: getattr(dataset, field.name) for field in fields(dataset)}
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    for part, indices in values.get("splits", {}).items():
        arrays[f"splits.{part}"] = indices
    return arrays


def _describe(array: np.ndarray) -> str:
    return f"{array.dtype.name} {'x'.join(map(str, array.shape))}"


def _summary(record: LabelledImages | StereoPair) -> str:
    told = (f"{name} {_describe(array)}" for name, array in _arrays(record).items())
    return f"{type(record).__name__}({', '.join(told)})"


def _digest(arrays: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {_describe(array)}\n".encode())
        digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes(order="C"))
    return digest.hexdigest()
