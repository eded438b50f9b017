"""Cards: what the kit says about each dataset, read from ``datasets/*.toml``.

A card is prose and facts for people (what is on the picture, who made it, under which licence)
and the fingerprint by which :func:`imgkit.data.verify` knows the data again. The fields are
explained in ``datasets/README.md``.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from imgkit.places import home

KINDS = {"image": "an array", "set": "labelled images", "stereo": "a left and a right image"}


class DataError(ValueError):
    """What went wrong with a dataset, told in one line a student can act on."""


class CardError(DataError):
    """A card that cannot be used; the message names its file and its field."""


class UnknownDatasetError(DataError):
    """No card has this name; the message suggests one that exists."""


@dataclass(frozen=True, kw_only=True)
class Splits:
    """How a set is divided; :func:`imgkit.data.split` turns it into indices."""

    seed: int
    """Another seed gives another division; this one never changes."""
    percent: dict[str, int]
    """The share of each part, in order; together 100."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One dataset: what it shows, where it comes from, and how to know it again."""

    name: str
    """What ``load`` takes, and the name of the card's file."""
    kind: str
    """What ``load`` returns: "image", "set" or "stereo"."""
    title: str
    about: str
    """What it shows and what can be learned on it."""
    alt: str
    """A text in place of the picture, for those who cannot see it."""
    topics: tuple[str, ...]
    maker: str
    """Photographer or author; "not stated" where upstream is silent."""
    source: str
    """The project that bundles it and where the picture was found."""
    licence: str
    """As stated upstream; "none stated" where it is not."""
    loader: str
    """Library and function, "skimage:coins"."""
    files: tuple[str, ...]
    """The bundled files that the function reads."""
    shape: tuple[int, ...]
    """Of the image; of all images of a set, (N, H, W); of the left image of a pair."""
    dtype: str
    bytes: int
    """Size in memory of all arrays that ``load`` returns."""
    sha256: str
    """Of all arrays that ``load`` returns; see :func:`imgkit.data.checksum`."""
    note: str = ""
    """What to beware of."""
    classes: tuple[str, ...] = ()
    """Of a set: what the labels 0, 1, ... mean."""
    splits: Splits | None = None
    """Of a set: how it is divided."""


def names(kind: str | None = None) -> list[str]:
    """The names that :func:`imgkit.data.load` takes, in alphabetical order.

    Parameters
    ----------
    kind : "image", "set" or "stereo"; all of them by default

    Raises
    ------
    DataError
        If there is no such kind.

    Examples
    --------
    >>> names("set")
    ['digits', 'lfw_subset']
    >>> "coins" in names()
    True
    """
    if kind is None:
        return sorted(path.stem for path in _folder().glob("*.toml"))
    if kind not in KINDS:
        raise DataError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    return [found.name for found in cards() if found.kind == kind]


def card(name: str) -> Card:
    """What the kit knows about a dataset, without loading it.

    Raises
    ------
    UnknownDatasetError
        If no dataset has this name; the message suggests one.
    CardError
        If the card is broken; the message names its file and field.

    Examples
    --------
    >>> coins = card("coins")
    >>> coins.title, coins.shape
    ('Greek coins from Pompeii', (303, 384))
    >>> card("coin")
    Traceback (most recent call last):
    imgkit.data.cards.UnknownDatasetError: no dataset named 'coin'; did you mean 'coins'? ...
    """
    if name not in names():
        raise UnknownDatasetError(_unknown(name))
    return read_card(_folder() / f"{name}.toml")


def cards() -> list[Card]:
    """All cards, in the order of their names.

    Examples
    --------
    >>> [found.name for found in cards() if "stereo" in found.topics]
    ['stereo_motorcycle']
    """
    return [card(name) for name in names()]


def read_card(path: Path) -> Card:
    """Read and check one card.

    Raises
    ------
    CardError
        Naming the file and the field, if the card is not valid.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CardError(f"{path.name}: not valid TOML: {error}") from error
    values = _checked(table, Card, _RULES, where=path.name)
    if "splits" in values:
        values["splits"] = Splits(
            **_checked(values["splits"], Splits, _SPLIT_RULES, where=path.name, within="splits.")
        )
    found = Card(**values)
    if found.name != path.stem:
        raise CardError(f"{path.name}: name must be {path.stem!r}, as the file, got {found.name!r}")
    for field in ("classes", "splits"):
        if bool(getattr(found, field)) != (found.kind == "set"):
            raise CardError(f"{path.name}: {field} belongs to kind 'set', and a set needs it")
    return found


def _folder() -> Path:
    folder = home() / "datasets"
    if not folder.is_dir():
        raise DataError(f"the folder of dataset cards is missing: {folder}")
    return folder


def _unknown(name: str) -> str:
    """The error for a name that no card has: close names first, then titles that say it."""
    near = get_close_matches(str(name).lower(), names(), n=1)
    if not near and name:
        word = re.compile(rf"\b{re.escape(str(name))}\b", re.IGNORECASE)
        near = [found.name for found in cards() if word.search(found.title)]
    guess = f"; did you mean {near[0]!r}?" if near else "."
    return f"no dataset named {name!r}{guess} All names: imgkit data list"


# What a field takes, in words for the error and as a test of the value that TOML gave.
_Rule = tuple[str, Callable[[Any], bool]]


def _pattern(regex: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(regex, value) is not None


def _is_natural(value: Any) -> bool:
    return type(value) is int and value > 0


def _is_list(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and value != [] and all(map(test, value))


_is_text = _pattern(r"(?s).*\S.*")
_TEXT: _Rule = ("a text that is not empty", _is_text)
_TEXTS: _Rule = ("a list of texts", _is_list(_is_text))

_RULES: dict[str, _Rule] = {
    "name": ("small letters, digits and _", _pattern(r"[a-z][a-z0-9_]*")),
    "kind": (f"one of {', '.join(KINDS)}", lambda value: value in list(KINDS)),
    "title": _TEXT,
    "about": _TEXT,
    "alt": _TEXT,
    "topics": _TEXTS,
    "maker": _TEXT,
    "source": _TEXT,
    "licence": _TEXT,
    "loader": ("'library:function'", _pattern(r"(skimage|sklearn):[a-z_]+")),
    "files": _TEXTS,
    "shape": ("a list of positive integers", _is_list(_is_natural)),
    "dtype": ("'uint8' or 'float32'", lambda value: value in ("uint8", "float32")),
    "bytes": ("a positive integer", _is_natural),
    "sha256": ("64 hexadecimal digits", _pattern(r"[0-9a-f]{64}")),
    "note": _TEXT,
    "classes": _TEXTS,
    "splits": ("a table", lambda value: isinstance(value, dict)),
}

_SPLIT_RULES: dict[str, _Rule] = {
    "seed": ("an integer", lambda value: type(value) is int),
    "percent": (
        "a table of positive integers that sum to 100",
        lambda value: (
            isinstance(value, dict)
            and all(map(_is_natural, value.values()))
            and sum(value.values()) == 100
        ),
    ),
}


def _checked(
    table: dict[str, Any], record: type, rules: dict[str, _Rule], *, where: str, within: str = ""
) -> dict[str, Any]:
    """The fields of a table, lists as tuples, or a CardError that names file and field."""
    for field, value in table.items():
        if field not in rules:
            raise CardError(f"{where}: {within}{field} is not a field of a card")
        takes, test = rules[field]
        if not test(value):
            raise CardError(f"{where}: {within}{field} must be {takes}, got {value!r}")
    for field in fields(record):
        if field.default is MISSING and field.name not in table:
            raise CardError(f"{where}: {within}{field.name} is missing")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
