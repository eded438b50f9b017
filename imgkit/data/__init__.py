"""Datasets: load them by name, read their cards, check that they are what the cards say.

    from imgkit import data

    coins = data.load("coins")          # an array, by the conventions of imgkit.images
    data.card("coins").licence          # what the kit knows about it
    digits = data.load("digits")        # images, labels, classes and fixed splits

    drive = data.road_scene(seed=0)     # a drawn drive, whose lanes and vehicles are known
    nuclei = data.load_nuclei()         # a public set, from the folder that IMGKIT_DATA names

Everything here lies on this computer already; nothing is fetched.
"""

from importlib import import_module

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
    "RoadFrame",
    "RoadScene",
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
    "road_scene",
    "split",
    "verify",
]

_DRAWN = ("RoadFrame", "RoadScene", "road_scene")  # with OpenCV, which cards do without


def __getattr__(name: str):
    if name in _DRAWN:
        return getattr(import_module("imgkit.data.scenes"), name)
    raise AttributeError(f"module 'imgkit.data' has no attribute {name!r}")
