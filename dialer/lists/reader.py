"""A list's file, whatever it is, as rows of text with the row numbers that a person sees.

The kind of file is told from its content, never from its name: people rename files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialer.lists import csvfile, xlsxfile
from dialer.lists.config import ReadLimits
from dialer.lists.wording import Unusable

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Excel, and any Office file with a password
_ZIP = b"PK\x03\x04"
_XML_SHEET = re.compile(rb"<(?:\w+:)?Workbook\b")
_WEB_PAGE = re.compile(rb"<!doctype\s+html|<(?:html|head|meta|style|body|table|div|tr)\b|^MIME-Version:", re.IGNORECASE)
_HEAD = 4096
_OTHER = (b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf")


@dataclass(frozen=True, slots=True)
class Line:
    """One row that is not empty. ``row`` counts from 1 as a spreadsheet does; cells are trimmed text.

    ``hidden``: who looks at the file does not see the row, which was hidden or filtered out.
    """

    row: int
    cells: tuple[str, ...]
    hidden: bool = False

    def cell(self, index: int) -> str:
        """The cell in this column, "" when the row ends before it."""
        return self.cells[index] if index < len(self.cells) else ""


def read_lines(data: bytes, filename: str, limits: ReadLimits | None = None, sheet: str = "") -> list[Line]:
    """All rows of the file that are not empty, in order.

    CSV in UTF-8, UTF-16 with a byte order mark, or GB18030, with commas, semicolons or tabs; or XLSX, of which the
    visible ``sheet`` of this name is read; "" is the only one with content. Raises :class:`Unusable`.
    """
    limits = limits or ReadLimits()
    if len(data) > limits.max_bytes:
        raise Unusable("file-too-big", file=filename, size=len(data), limit=limits.max_bytes)
    lines: list[Line] = []
    text = 0
    is_workbook = _is_workbook(data, filename)
    if sheet and not is_workbook:
        raise Unusable("file-no-sheet", file=filename, sheet=sheet, sheets=())
    rows = xlsxfile.rows(data, filename, limits.max_unpacked, sheet) if is_workbook else csvfile.rows(data, filename)
    for row, cells, hidden in rows:
        text += sum(map(len, cells))
        if text > limits.max_text:
            raise Unusable("file-too-much-text", file=filename, limit=limits.max_text)
        trimmed = tuple(_TEXT_MARK.sub(r"\1\2", cell.strip(_BLANK)) for cell in cells)
        trimmed = trimmed[: next((n for n in range(len(trimmed), 0, -1) if trimmed[n - 1]), 0)]
        if not trimmed:
            continue
        if len(trimmed) > limits.max_columns:
            raise Unusable("file-too-many-columns", file=filename, row=row, limit=limits.max_columns)
        if len(lines) >= limits.max_rows:
            raise Unusable("file-too-many-rows", file=filename, limit=limits.max_rows)
        lines.append(Line(row, trimmed, hidden))
    if not lines:
        raise Unusable("file-empty", file=filename)
    return lines


_TEXT_MARK = re.compile(r"^['’‘`](\+?\d.*)$|^=\"([^\"]*)\"$", re.DOTALL)
"""What exports put before digits, or around them, so that a spreadsheet leaves them as they are: '0471…, ="0471…"."""
_BLANK = " \t\r\n\v\f\xa0\u3000\u200b\ufeff"


def _is_workbook(data: bytes, filename: str) -> bool:
    """Whether it is XLSX, else CSV. Raises :class:`Unusable` for what is neither."""
    if not data:
        raise Unusable("file-empty", file=filename)
    if data.startswith(_ZIP):
        return True
    if data.startswith(_OLE):
        raise Unusable("file-old-excel", file=filename)
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    if head.startswith(b"<") and _XML_SHEET.search(head):
        raise Unusable("file-xml", file=filename)
    if head.startswith((b"<", b"MIME-Version:")) and _WEB_PAGE.search(head):
        raise Unusable("file-html", file=filename)
    if data.startswith(_OTHER):
        raise Unusable("file-not-a-table", file=filename)
    return False
