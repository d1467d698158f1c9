"""A table as XLSX. What came from outside stays text: no cell of ours is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from dialer.formulas import begins_formula
from dialer.web.reports.tables import Cell, Column, Table

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {"percent": "0 %", "duration": "[h]:mm:ss", "time": "hh:mm:ss", "day": "yyyy-mm-dd"}
_WIDEST = 48
_NOT_IN_XML = dict.fromkeys(c for c in range(32) if c not in (9, 10, 13))


def xlsx(title: str, heading: str, table: Table, zone: tzinfo) -> bytes:
    """The bytes of a workbook with one sheet. Blocking: call it in a thread."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_tab(title))
    for index, column in enumerate(table.columns):
        widest = max((_width(row[index]) for row in table.rows), default=0)
        sheet.column_dimensions[get_column_letter(index + 1)].width = min(max(widest, _width(column.name)) + 2, _WIDEST)
    sheet.freeze_panes = "A3"
    sheet.append([_text(sheet, heading, bold=True)])
    sheet.append([_text(sheet, column.name, bold=True) for column in table.columns])
    for row in table.rows:
        sheet.append(_row(sheet, row, table.columns, zone))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


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
        cell.value = value.astimezone(zone).replace(tzinfo=None) if isinstance(value, datetime) else value
        kind = _kind(value) or column.kind
        if kind in _FORMATS:
            cell.number_format = _FORMATS[kind]
        made.append(cell)
    return made


def _kind(value: Cell) -> str:
    """What the value itself says of how it is shown."""
    if isinstance(value, datetime):
        return "time"
    if isinstance(value, date):
        return "day"
    return "duration" if isinstance(value, timedelta) else ""


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


def _width(cell: Cell) -> int:
    """How wide a cell is shown; Chinese takes two places."""
    text = cell if isinstance(cell, str) else "0000-00-00"
    return sum(1 if ord(sign) < 0x2E80 else 2 for sign in text)
