"""XLSX through openpyxl's read-only mode, with what a cell shows as text."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from dialer.lists import xlsxguard
from dialer.lists.wording import Unusable
from dialer.lists.xlsxlayout import Filler, Layout, read_layout

_ZEROS = re.compile(r"0{1,32}")
_EXACT = 10**15
_MOST_ROWS = 1 << 20
"""Rows that are looked at, the empty ones and those of all sheets counted: as many as a spreadsheet has."""
_MOST_CELLS = 8_000_000
"""The same for cells."""


def rows(data: bytes, filename: str, max_unpacked: int, sheet: str = "") -> Iterator[tuple[int, list[str], bool]]:
    """(row number, cells, hidden) of the visible sheet of this name; "" is the only one that has content.

    Formulas give their stored value, and merged cells all have their text. What could fill the memory is refused before
    openpyxl sees it (:mod:`dialer.lists.xlsxguard`). Raises :class:`Unusable`.
    """
    try:
        xlsxguard.check(data, filename, max_unpacked)
        # openpyxl warns of styles and extensions that it leaves out; they carry no data.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield from _content(data, filename, sheet)
    except Unusable:
        raise
    # openpyxl parses as it goes and raises whatever the damage leads to (KeyError, ParseError, BadZipFile, ...).
    except Exception as error:
        raise Unusable("file-damaged", file=filename, detail=f"{type(error).__name__}: {error}") from error


def _content(data: bytes, filename: str, wanted: str) -> Iterator[tuple[int, list[str], bool]]:
    import openpyxl  # takes a tenth of a second and 10 MB, which a start without a list in hand should not cost

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        reader = _Reader(filename, zipfile.ZipFile(io.BytesIO(data)))
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if wanted:
            sheets = [sheet for sheet in visible if sheet.title.strip() == wanted.strip()]
        else:
            sheets = [sheet for sheet in visible if any(any(texts) for _, texts in reader.texts(sheet))]
        if wanted and not sheets:
            raise Unusable("file-no-sheet", file=filename, sheet=wanted, sheets=tuple(s.title for s in visible))
        if sheets[1:]:
            raise Unusable("file-several-sheets", file=filename, sheets=tuple(s.title for s in sheets))
        for sheet in sheets:
            layout = reader.layout(sheet)
            filler = Filler(layout.merged)
            for number, texts in reader.texts(sheet):
                filler.fill(number, texts)
                yield number, texts, number in layout.hidden
    finally:
        book.close()


class _Reader:
    """Reads sheets, and counts what was read of all of them."""

    def __init__(self, filename: str, archive: zipfile.ZipFile) -> None:
        self._filename = filename
        self._archive = archive
        self._rows = self._cells = 0

    def texts(self, sheet: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - a class that openpyxl has no type for
        """Number and texts of each row."""
        sheet.reset_dimensions()  # the stored size is often wrong, and cells beyond it would be lost
        self._part(sheet)
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            # Missing rows and cells are made up by openpyxl: a row number alone can stand for millions.
            self._rows, self._cells = self._rows + 1, self._cells + len(cells)
            if self._rows > _MOST_ROWS or self._cells > _MOST_CELLS:
                raise Unusable("file-too-many-cells", file=self._filename, limit=_MOST_CELLS)
            yield number, [_shown(cell) for cell in cells]

    def layout(self, sheet: Any) -> Layout:  # noqa: ANN401 - as above
        """What the sheet says of its rows."""
        return read_layout(xlsxguard.pieces_of(self._archive, self._part(sheet)))

    def _part(self, sheet: Any) -> str:  # noqa: ANN401 - as above
        part = str(getattr(sheet, "_worksheet_path", ""))
        if not xlsxguard.is_sheet(part):
            detail = f"the sheet {sheet.title!r} is not among the sheets"
            raise Unusable("file-damaged", file=self._filename, detail=detail)
        return part


def _shown(cell: Any) -> str:  # noqa: ANN401 - openpyxl has no common type for the cells that it yields
    value = cell.value
    if type(value) is int and 0 <= value < _EXACT and _ZEROS.fullmatch(shape := cell.number_format or ""):
        return str(value).zfill(len(shape))  # a code like 004711 kept as the number 4711 with the format 000000
    return text_of(value)


def text_of(value: object) -> str:
    """A cell's value as a person reads it: whole numbers without ``.0``, dates as ``2026-11-21``.

    A spreadsheet keeps 15 digits of a number: one that has more has lost some, and is shown with its exponent.
    """
    match value:
        case None | str():
            return value or ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float() if abs(value) >= _EXACT:
            return f"{Decimal(f'{value:.15g}').normalize():E}"
        case float():
            return str(int(value)) if value.is_integer() else f"{Decimal(f'{value:.15g}'):f}"
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
