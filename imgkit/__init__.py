"""imgkit: a hands-on image-processing learning kit.

    from imgkit import data, filtering, images

    coins = data.load("coins")                      # an array, by the conventions of imgkit.images
    images.show(filtering.gaussian(coins, sigma=2))

Importing ``imgkit`` loads nothing else; each part is loaded when it is first named.
``imgkit.engines()`` shows what each routine can do.
"""

from importlib import import_module

__version__ = "0.1.0"

_PARTS = ("images", "color", "contrast", "filtering", "frequency", "restoration", "features")
_PARTS += ("geometry", "segmentation", "metrics", "data", "course", "grading")


def __getattr__(name: str):
    if name in _PARTS:
        return import_module(f"imgkit.{name}")
    if name == "engines":
        return import_module("imgkit.capabilities").engines
    raise AttributeError(f"module 'imgkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_PARTS, "engines"]
