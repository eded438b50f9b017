"""What each routine can do: its engines, whether gradients flow, how exact it is.

A routine says so itself, where it is defined::

    @routine(float32=2e-6, float64=1e-14)
    def gaussian(image, *, sigma): ...

``imgkit.engines()`` shows the table, and the tests hold every line of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import TypeVar

SUBJECTS = ("color", "contrast", "filtering", "frequency", "restoration", "features", "geometry")
SUBJECTS += ("segmentation", "metrics")

Function = TypeVar("Function", bound=Callable)
_ROUTINES: dict[str, Routine] = {}


@dataclass(frozen=True)
class Routine:
    """A line of the table."""

    name: str
    "as one writes it, ``filtering.gaussian``"
    function: Callable
    tensor: bool
    "whether torch tensors are taken; arrays always are"
    differentiable: bool
    "whether a tensor's gradients flow through it"
    tolerance: dict[str, float]
    "dtype -> largest error against the float64 definition: of the largest magnitude, uint8 levels"

    @property
    def engines(self) -> tuple[str, ...]:
        """What it takes: NumPy arrays, and torch tensors perhaps."""
        return ("array", "tensor") if self.tensor else ("array",)

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return inspect.getdoc(self.function).splitlines()[0]

    def cells(self) -> tuple[str, ...]:
        """The line as words, in the order of ``HEAD``."""
        exact = [f"{value:g}" for value in self.tolerance.values()]
        return self.name, ", ".join(self.engines), "yes" if self.differentiable else "no", *exact


HEAD = ("routine", "engines", "gradients", "uint8", "float32", "float64")


class Capabilities(tuple[Routine, ...]):
    """The table, to loop over or to look at."""

    def __str__(self) -> str:
        rows = [HEAD, *(line.cells() for line in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="text-align:left">{cell}</th>' for cell in HEAD)
        body = "".join(
            "<tr>"
            + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in line.cells())
            + "</tr>"
            for line in self
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def routine(
    *,
    float32: float,
    float64: float,
    uint8: float = 0.5,
    tensor: bool = True,
    differentiable: bool | None = None,
) -> Callable[[Function], Function]:
    """Enter a function into the table; the function itself stays as it is.

    Parameters
    ----------
    float32, float64 : the largest error against the float64 definition, of the largest magnitude
        in the image, on both engines
    uint8 : the same in grey levels; half a level is exact
    tensor : whether it takes torch tensors too
    differentiable : whether gradients flow; if not said, wherever tensors are taken
    """

    def enter(function: Function) -> Function:
        subject = function.__module__.split(".")[1]
        name = f"{subject}.{function.__name__}"
        gradients = tensor if differentiable is None else differentiable
        tolerance = {"uint8": uint8, "float32": float32, "float64": float64}
        _ROUTINES[name] = Routine(name, function, tensor, gradients, tolerance)
        return function

    return enter


def engines() -> Capabilities:
    """The table of all routines: engines, gradients, and the largest error for each dtype.

    Errors are against the float64 definition: of the image's largest magnitude for floats, in grey
    levels for uint8, where half a level means rounded to the nearest.

    Examples
    --------
    >>> [line.engines for line in engines() if line.name == "filtering.gaussian"]
    [('array', 'tensor')]
    """
    for subject in SUBJECTS:
        import_module(f"imgkit.{subject}")
    order = {name: place for place, name in enumerate(SUBJECTS)}
    return Capabilities(
        sorted(_ROUTINES.values(), key=lambda line: (order[line.name.split(".")[0]], line.name))
    )
