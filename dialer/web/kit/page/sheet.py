"""A table as XLSX. What came from outside stays text: no cell of ours is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from aiohttp import web

from dialer.clock import on_clock
from dialer.formulas import begins_formula

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet
    from openpyxl.worksheet.worksheet import Worksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {
    "percent": "0 %", "change": "+0.0;-0.0;0.0", "money": "#,##0.00", "duration": "[h]:mm:ss", "time": "hh:mm:ss",
    "day": "yyyy-mm-dd",
}  # fmt: skip
_KINDS = {datetime: "time", date: "day", timedelta: "duration"}
"""What a value itself says of how it is shown."""
_WIDEST = 48
_NOT_IN_XML = dict.fromkeys(c for c in range(32) if c not in (9, 10, 13))


Cell = str | int | float | Decimal | datetime | date | timedelta | None
Kind = Literal["text", "number", "money", "percent", "change", "time", "day", "duration"]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and how its cells are read; ``whole``: on one line; ``width``: 0 is that of its cells.

    "percent" is a share, 0.62; "change" the percentage points by which one has grown, 3.1; "money" is in yuan.
    """

    name: str
    kind: Kind = "text"
    whole: bool = False
    width: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """``links`` are addresses by (row, column); ``totals``: the rows that are sums of others."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)
    totals: frozenset[int] = frozenset()


def xlsx(
    title: str,
    heading: str,
    table: Table,
    zone: tzinfo,
    *,
    on_paper: bool = False,
    given_up: Callable[[], bool] = lambda: False,
) -> bytes:
    """The bytes of a workbook with one sheet, cut short when it is ``given_up`` meanwhile. Blocking: for a thread.

    ``heading`` stands above the table where there is one. ``on_paper``: landscape, as wide as the page, all text shown.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    store = Workbook(write_only=True)
    sheet = store.create_sheet(_tab(title))
    for index, column in enumerate(table.columns):
        sheet.column_dimensions[get_column_letter(index + 1)].width = column.width or _widest(table, index)
    rows = [[_text(sheet, heading, bold=True)]] if heading else []
    rows.append([_text(sheet, column.name, bold=True) for column in table.columns])
    sheet.freeze_panes = f"A{len(rows) + 1}"
    if on_paper:
        _for_paper(sheet, len(rows))
    wrapped = Alignment(wrap_text=True, vertical="top")
    for row in chain(rows, (_row(sheet, row, table.columns, zone) for row in table.rows)):
        if given_up():
            break
        if on_paper:
            for cell in row:
                cell.alignment = wrapped
        sheet.append(row)
    buffer = io.BytesIO()
    store.save(buffer)
    return buffer.getvalue()


def _for_paper(sheet: Worksheet, headings: int) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.print_title_rows = f"1:{headings}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def answer(data: bytes, filename: str) -> web.Response:
    """As a download."""
    plain = filename.encode("ascii", "ignore").decode() or "report.xlsx"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return web.Response(body=data, content_type=XLSX, headers=headers)


def _row(sheet: WriteOnlyWorksheet, row: Sequence[Cell], columns: Sequence[Column], zone: tzinfo) -> list[SheetCell]:
    from openpyxl.cell import WriteOnlyCell

    made = []
    for value, column in zip(row, columns, strict=True):
        if isinstance(value, str):
            made.append(_text(sheet, value))
            continue
        cell = WriteOnlyCell(sheet)
        cell.value = on_clock(value, zone).replace(tzinfo=None) if isinstance(value, datetime) else value
        kind = _KINDS.get(type(value), column.kind)
        if kind in _FORMATS:
            cell.number_format = _FORMATS[kind]
        made.append(cell)
    return made


def _text(sheet: WriteOnlyWorksheet, value: str, *, bold: bool = False) -> SheetCell:
    """A cell that is text whatever it begins with, and stays so when somebody edits it."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    clean = value.translate(_NOT_IN_XML)
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    if begins_formula(clean):
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell


def _tab(title: str) -> str:
    """A name that a sheet may have."""
    return "".join(sign for sign in title if sign not in "[]:*?/\\")[:31] or "1"


def _widest(table: Table, index: int) -> int:
    widest = max((_width(row[index]) for row in table.rows), default=0)
    return min(max(widest, _width(table.columns[index].name)) + 2, _WIDEST)


def _width(cell: Cell) -> int:
    """How wide a cell is shown; Chinese takes two places."""
    text = cell if isinstance(cell, str) else "0000-00-00"
    return sum(1 if ord(sign) < 0x2E80 else 2 for sign in text)
