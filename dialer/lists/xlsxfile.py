"""XLSX through openpyxl's read-only mode, with what a cell shows as text."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from dialer.lists import xlsxguard
from dialer.lists.wording import Unusable

_ZEROS = re.compile(r"0{1,32}")
_MOST_ROWS = 1 << 20
"""Rows that are looked at, the empty ones and those of all sheets counted: as many as a spreadsheet has."""
_MOST_CELLS = 8_000_000
"""The same for cells."""


def rows(data: bytes, filename: str, max_unpacked: int) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of the first visible sheet that has content. Formulas give their stored value.

    What could fill the memory is refused before openpyxl sees it (:mod:`dialer.lists.xlsxguard`). Raises
    :class:`Unusable`.
    """
    try:
        xlsxguard.check(data, filename, max_unpacked)
        # openpyxl warns of styles and extensions that it leaves out; they carry no data.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield from _content(data, filename)
    except Unusable:
        raise
    # openpyxl parses as it goes and raises whatever the damage leads to (KeyError, ParseError, BadZipFile, ...).
    except Exception as error:
        raise Unusable("file-damaged", file=filename, detail=f"{type(error).__name__}: {error}") from error


def _content(data: bytes, filename: str) -> Iterator[tuple[int, list[str]]]:
    import openpyxl  # takes a tenth of a second and 10 MB, which a start without a list in hand should not cost

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    rows = width = 0
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            if not xlsxguard.is_sheet(getattr(sheet, "_worksheet_path", "")):
                raise Unusable(
                    "file-damaged", file=filename, detail=f"the sheet {sheet.title!r} is not among the sheets"
                )
            sheet.reset_dimensions()  # the stored size is often wrong, and cells beyond it would be lost
            found = False
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                # Missing rows and cells are made up by openpyxl: a row number alone can stand for millions.
                rows, width = rows + 1, width + len(cells)
                if rows > _MOST_ROWS or width > _MOST_CELLS:
                    raise Unusable("file-too-many-cells", file=filename, limit=_MOST_CELLS)
                texts = [_shown(cell) for cell in cells]
                found |= any(texts)
                yield number, texts
            if found:
                return
    finally:
        book.close()


def _shown(cell: Any) -> str:  # noqa: ANN401 - openpyxl has no common type for the cells that it yields
    value = cell.value
    if type(value) is int and value >= 0 and _ZEROS.fullmatch(shape := cell.number_format or ""):
        return str(value).zfill(len(shape))  # a code like 004711 kept as the number 4711 with the format 000000
    return text_of(value)


def text_of(value: object) -> str:
    """A cell's value as a person reads it: whole numbers without ``.0``, dates as ``2026-11-21``."""
    match value:
        case None | str():
            return value or ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{Decimal(f'{value:.15g}'):f}"
        case datetime():
            if value.time() == time():
                return value.date().isoformat()
            return value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="seconds" if value.second else "minutes")
        case _:
            return str(value)
