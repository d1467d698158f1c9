"""Workbooks that are small on disk and want to be enormous in memory, or to be read for ever."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping

from tests.lists.files import GOOD, HEADER, xlsx_file

CONTENTS = "[Content_Types].xml"
SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MIB = 1 << 20
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def repeated(head: bytes, body: bytes, mib: int, tail: bytes) -> Iterable[bytes]:
    """About so many MiB of ``body`` between head and tail, a MiB at a time."""
    yield head
    block = body * (_MIB // len(body) or 1)
    for _ in range(mib):
        yield block
    yield tail


def workbook(parts: Mapping[str, Iterable[bytes]], *, level: int = 1) -> bytes:
    """A good list whose parts are replaced by these, or get these beside them."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_file([HEADER, *GOOD]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, pieces in parts.items():
            with new.open(name, "w", force_zip64=True) as part:
                for piece in pieces:
                    part.write(piece)
    return out.getvalue()


def sheet(body: bytes, mib: int = 0) -> bytes:
    """A workbook whose sheet has this in its data: once, or over and over."""
    head, tail = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), b"</sheetData></worksheet>"
    return workbook({SHEET: repeated(head, body, mib, tail) if mib else (head, body, tail)})


def contents(**places: str) -> bytes:
    """A table of contents with these parts: content type -> place."""
    kinds = "".join(
        f'<Override PartName="/{place}" ContentType="{_TYPE}.{kind.replace("_", ".")}+xml"/>'
        for kind, place in places.items()
    )
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{kinds}</Types>'.encode()


def strings(text: Iterable[bytes], data: bytes = b"") -> bytes:
    """A workbook with these shared strings, and this in its sheet."""
    sheet_xml = (f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), data, b"</sheetData></worksheet>")
    places = contents(sheet_main="xl/workbook.xml", sharedStrings=STRINGS, worksheet=SHEET)
    return workbook({CONTENTS: (places,), STRINGS: text, SHEET: sheet_xml})


def many_strings(body: bytes, mib: int) -> bytes:
    """A workbook with this over and over as its shared strings."""
    return strings(repeated(f'<sst xmlns="{MAIN}">'.encode(), body, mib, b"</sst>"))


def one_string(length: int) -> bytes:
    """A workbook in which one shared string, blank at its beginning, stands in every cell."""
    text = f'<sst xmlns="{MAIN}"><si><t xml:space="preserve"> {"x" * length}</t></si></sst>'.encode()
    return strings((text,), (b"<row>" + b'<c t="s"><v>0</v></c>' * 30 + b"</row>") * 1000)


def with_entities() -> bytes:
    """One entity of a MB, a hundred times: within what expat itself allows to grow."""
    entity = f'<!DOCTYPE worksheet [<!ENTITY a "{"ha" * 500_000}">]>'.encode()
    row = b'<row><c t="inlineStr"><is><t>' + b"&a;" * 90 + b"</t></is></c></row>"
    return workbook(
        {SHEET: (entity, f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), row, b"</sheetData></worksheet>")}
    )


def sheet_as_strings() -> bytes:
    """The table of contents says that the shared strings are where the sheet is: nothing of it would be forgotten."""
    places = contents(sheet_main="xl/workbook.xml", sharedStrings=SHEET)
    head = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
    rows = repeated(head, b"<row>" + b"<c/>" * 50 + b"</row>", 10, b"</sheetData></worksheet>")
    return workbook({CONTENTS: (places,), SHEET: rows})


def lying_directory() -> bytes:
    """The directory says a thousand bytes; there are 20 MiB."""
    data = bytearray(sheet(b"<row/>", 20))
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(SHEET.encode()))
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def many_parts() -> bytes:
    """Twelve thousand empty parts."""
    out = io.BytesIO(xlsx_file([HEADER]))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(12_000):
            archive.writestr(f"xl/media/{number}", b"")
    return out.getvalue()


BOMBS: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "257 MiB of nothing": (
        lambda: workbook({"xl/media/zeros": repeated(b"", b"\0", 257, b"")}),
        "file-unpacked-too-big",
    ),
    "a row of 13 million cells": (lambda: sheet(b"<c/>", 50), "file-too-many-cells"),
    "a row of 5 million cells": (lambda: sheet(b"<c/>", 20), "file-damaged"),
    "row number two billion": (
        lambda: sheet(b'<row r="2000000000"><c t="str"><v>x</v></c></row>'),
        "file-too-many-cells",
    ),
    "wide empty rows": (lambda: sheet(b'<row><c r="XFD1"/></row>' * 1100), "file-too-many-cells"),
    "2.2 million shared strings": (lambda: many_strings(b"<si></si>", 20), "file-too-many-rows"),
    "a tree in the styles": (
        lambda: workbook({STYLES: repeated(f'<styleSheet xmlns="{MAIN}">'.encode(), b"<x/>", 30, b"</styleSheet>")}),
        "file-damaged",
    ),
    "a cell of 20 MiB": (lambda: sheet(b"x", 20), "file-damaged"),
    "millions of attributes": (
        lambda: workbook({SHEET: repeated(b"<worksheet ", b'aaaaaaaa="" ', 5, b"/>")}),
        "file-damaged",
    ),
    "one string everywhere": (lambda: one_string(30_000), "file-too-much-text"),
    "a tree for a workbook": (
        lambda: workbook(
            {CONTENTS: (contents(sheet_main=SHEET),), SHEET: repeated(b"<workbook>", b"<x/>", 10, b"</workbook>")}
        ),
        "file-damaged",
    ),
    "entities": (with_entities, "file-damaged"),
    "a sheet as shared strings": (sheet_as_strings, "file-damaged"),
    "a directory that lies": (lying_directory, "file-damaged"),
    "twelve thousand parts": (many_parts, "file-damaged"),
}
"""What it is -> (how it is made, the code that it is refused with)."""
