"""Datasets: load them by name, read their cards, check that they are what the cards say.

    from imgkit import data

    coins = data.load("coins")          # an array, by the conventions of imgkit.images
    data.card("coins").licence          # what the kit knows about it
    digits = data.load("digits")        # images, labels, classes and fixed splits

    nuclei = data.load_nuclei()         # a public set, from the folder that IMGKIT_DATA names

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
from imgkit.data.nuclei import SegmentedImages, load_nuclei

__all__ = [
    "KINDS",
    "Card",
    "CardError",
    "ChecksumError",
    "DataError",
    "Dataset",
    "LabelledImages",
    "SegmentedImages",
    "Splits",
    "StereoPair",
    "UnknownDatasetError",
    "card",
    "cards",
    "checksum",
    "load",
    "load_nuclei",
    "names",
    "split",
    "verify",
]
