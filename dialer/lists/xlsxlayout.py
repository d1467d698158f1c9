"""What a sheet says of its rows beside their cells: which are hidden, and which cells are merged.

openpyxl's read-only mode leaves both out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dialer.lists.xlsxguard import walk

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
_WIDEST = 256
"""Columns that are filled; a list is never wider."""


class Merged(NamedTuple):
    """A merged range below its first row: columns from 0, ``last_row`` from 1."""

    first_column: int
    last_column: int
    last_row: int


@dataclass(slots=True)
class Layout:
    """``hidden`` rows (filtered ones are hidden too), and merged ranges by their first row; both count from 1."""

    hidden: set[int] = field(default_factory=set)
    merged: dict[int, list[Merged]] = field(default_factory=dict)


def read_layout(pieces: Iterator[bytes]) -> Layout:
    """The layout of a sheet's XML."""
    layout = Layout()
    row = 0

    def begin(name: str, attributes: list[str]) -> None:
        nonlocal row
        tag = name.rpartition(" ")[2]
        if tag == "row":
            found = dict(zip(attributes[::2], attributes[1::2], strict=True))
            row = int(found.get("r", row + 1))
            if found.get("hidden") in ("1", "true"):
                layout.hidden.add(row)
        elif tag == "mergeCell" and (ends := _RANGE.fullmatch(dict(zip(*[iter(attributes)] * 2, strict=True))["ref"])):
            merged = Merged(_column(ends[1]), _column(ends[3]), int(ends[4]))
            layout.merged.setdefault(int(ends[2]), []).append(merged)

    walk(pieces, begin, lambda _name: None)
    return layout


class Filler:
    """Gives every cell of a merged range the text that stands in its first one. A row without a text stays empty."""

    def __init__(self, merged: Mapping[int, list[Merged]]) -> None:
        self._merged = merged
        self._below: dict[int, tuple[int, str]] = {}
        self._width = 0

    def fill(self, row: int, texts: list[str]) -> None:
        """Fill in what belongs into ``texts``; to be called with one row after the other."""
        self._width = max(self._width, len(texts))
        if self._below and any(texts):
            for column, (last_row, text) in sorted(self._below.items()):
                if row > last_row:
                    del self._below[column]
                else:
                    texts += [""] * (column + 1 - len(texts))
                    texts[column] = texts[column] or text
        for first, last, last_row in self._merged.get(row, ()):
            text = texts[first] if first < len(texts) else ""
            for column in range(first, min(last + 1, self._width, _WIDEST)) if text else ():
                if column < len(texts):
                    texts[column] = text
                self._below[column] = last_row, text


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
