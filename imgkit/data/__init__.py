"""Datasets: load them by name, read their cards, check that they are what the cards say.

    from imgkit import data

    coins = data.load("coins")          # an array, by the conventions of imgkit.images
    data.card("coins").licence          # what the kit knows about it
    digits = data.load("digits")        # images, labels, classes and fixed splits

Everything here lies on this computer already; nothing is fetched.
"""

from imgkit.data.bundled import (
    ChecksumError,
    Dataset,
    LabelledImages,
    StereoPair,
    checksum,
    load,
    split,
    verify,
)
from imgkit.data.cards import (
    KINDS,
    Card,
    CardError,
    DataError,
    Splits,
    UnknownDatasetError,
    card,
    cards,
    names,
)

__all__ = [
    "KINDS",
    "Card",
    "CardError",
    "ChecksumError",
    "DataError",
    "Dataset",
    "LabelledImages",
    "Splits",
    "StereoPair",
    "UnknownDatasetError",
    "card",
    "cards",
    "checksum",
    "load",
    "names",
    "split",
    "verify",
]
