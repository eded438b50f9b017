"""A table of measurements: a row for each region, a column for each measure."""

from __future__ import annotations  # help() says Table, not what it stands for

import csv
import os
from collections.abc import Iterator, Mapping
from html import escape

import numpy as np
import numpy.typing as npt

SHOWN = 10  # rows that are printed


class Table:
    """Columns of one length, by name: ``table["area"]`` or ``table.area``.

    As with a pandas data frame, ``len(table)`` counts rows, iteration gives the names of the
    columns, and ``pandas.DataFrame(dict(table))`` makes one of it.

    Parameters
    ----------
    columns : name -> array (N,)
    units : name -> unit, for the columns that have one; shown in the head

    Examples
    --------
    >>> table = Table({"label": np.array([1, 2, 3]), "area": np.array([40.0, 7.5, 22.0])})
    >>> table[table.area > 10]
    label  area
    -----  ----
        1    40
        3    22
    >>> table[np.argsort(-table.area)].label
    array([1, 3, 2])
    >>> table[["area"]].keys()
    ['area']
    """

    def __init__(
        self, columns: Mapping[str, npt.ArrayLike], units: Mapping[str, str] | None = None
    ):
        self._columns = {name: np.asarray(values) for name, values in columns.items()}
        self.units = dict(units or {})
        shapes = {name: values.shape for name, values in self._columns.items()}
        if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
            raise ValueError(f"columns must be arrays (N,) of one length, got {shapes}")

    def __len__(self) -> int:
        """The number of rows."""
        return len(next(iter(self._columns.values()), ()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def keys(self) -> list[str]:
        """The names of the columns."""
        return list(self._columns)

    def __getitem__(self, key):
        """A column by its name; a table of some columns by a list of names; or a table of some
        rows by a bool array, numbers or a slice.
        """
        if isinstance(key, str):
            if key not in self._columns:
                raise KeyError(self._no_column(key))
            return self._columns[key]
        if isinstance(key, list) and key and all(isinstance(name, str) for name in key):
            return Table({name: self[name] for name in key}, self.units)
        rows = key if isinstance(key, slice) else np.asarray(key)
        if not isinstance(rows, slice) and (rows.ndim != 1 or rows.dtype.kind not in "biu"):
            raise TypeError(
                "a table takes the name of a column or a list of them, or rows as a bool array "
                f"(N,), an array of whole numbers or a slice; got {key!r}"
            )
        return Table({name: values[rows] for name, values in self._columns.items()}, self.units)

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_"):  # not there yet while one is copied or unpickled
            raise AttributeError(name)
        if name not in self._columns:
            raise AttributeError(self._no_column(name))
        return self._columns[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._columns]

    def _no_column(self, name: str) -> str:
        return f"no column {name!r}; there are {', '.join(self._columns)}"

    def to_csv(self, path: str | os.PathLike) -> None:
        """Write it as comma-separated values, the names in the first line, every digit kept."""
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self._columns)
            writer.writerows(zip(*(c.tolist() for c in self._columns.values()), strict=True))

    def __repr__(self) -> str:
        head, rows = self._head(), self._rows()
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in [head, ["-" * width for width in widths], *rows]
        ]
        return "\n".join(lines + self._left_out())

    def _repr_html_(self) -> str:
        def line(cells: list[str], tag: str) -> str:
            inner = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
            return f"<tr>{inner}</tr>"

        body = "".join(line(row, "td") for row in self._rows())
        table = f"<table><thead>{line(self._head(), 'th')}</thead><tbody>{body}</tbody></table>"
        return table + "".join(f"<p>{escape(text)}</p>" for text in self._left_out())

    def _head(self) -> list[str]:
        return [f"{n} [{self.units[n]}]" if n in self.units else n for n in self._columns]

    def _rows(self) -> list[list[str]]:
        columns = [[f"{v:.5g}" if values.dtype.kind == "f" else str(v) for v in values[:SHOWN]]
                   for values in self._columns.values()]  # fmt: skip
        return [list(row) for row in zip(*columns, strict=True)]

    def _left_out(self) -> list[str]:
        more = len(self) - SHOWN
        return [f"and {more} more rows"] if more > 0 else []
