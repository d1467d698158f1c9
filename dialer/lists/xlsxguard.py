"""What a workbook may be made of, looked at before openpyxl builds anything from it.

openpyxl keeps every element that is neither a row nor a shared string, and each of those whole until it ends. So a
small file could fill the memory with one endless row, a tree of millions of elements, one giant text or attribute, or
entities. Each part is unpacked here piece by piece and dropped again; only large ones are looked at element by element.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from xml.parsers import expat

from dialer.lists.wording import Unusable

CONTENTS = "[Content_Types].xml"
MOST_PARTS = 10_000
MOST_TAGS = 12_000_000
"""Opening and closing tags in a part: 100,000 rows of 30 cells have this many."""
SMALL_PART = 300_000
"""Tags in a part that may be anything: a tree of so many elements takes some 30 MB at most."""
MOST_UNITS = 1 << 21
"""Rows or shared strings in a part; a spreadsheet has at most half as many rows."""
MOST_IN_UNIT = 100_000
"""Elements in one row or one shared string; a spreadsheet's widest row has 16,384 cells."""
LONGEST_STRETCH = 1 << 20
"""Bytes without a tag; a cell's text has at most 32,767 characters."""

_ENTRY = b"PK\x01\x02"  # each part has one of these in the archive's directory
_PIECE = 1 << 20
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_DTD = b"<!DOCTYPE"


def check(data: bytes, filename: str, max_unpacked: int) -> None:
    """Let pass what openpyxl can read within some hundred MB. Raises :class:`Unusable`, BadZipFile, ExpatError.

    zipfile reads no more of a part than the directory says, so the sum of the sizes there cannot be a lie.
    """
    if data.count(_ENTRY) > MOST_PARTS:
        raise _unusual(filename, f"it has more than {MOST_PARTS} parts")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if CONTENTS not in names or not any(name.startswith("xl/") for name in names):
            raise Unusable("file-not-a-table", file=filename)
        size = sum(part.file_size for part in parts)
        if size > max_unpacked:
            raise Unusable("file-unpacked-too-big", file=filename, size=size, limit=max_unpacked)
        for part in parts:
            tags = _tags(pieces_of(archive, part), part.filename, filename)
            if tags > MOST_TAGS:
                raise Unusable("file-too-many-cells", file=filename, limit=MOST_TAGS // 4)
            if tags > SMALL_PART:
                _look_inside(partial(pieces_of, archive, part), part.filename, filename)
            if part.filename == CONTENTS or part.filename.casefold().endswith(".rels"):
                _look_at_places(pieces_of(archive, part), filename)


def is_sheet(part: str) -> bool:
    """Whether a part has the place of a sheet: only such a part is checked as one."""
    return part.casefold().startswith("xl/worksheets/")


def pieces_of(archive: zipfile.ZipFile, part: zipfile.ZipInfo | str) -> Iterator[bytes]:
    """What a part holds, unpacked, a piece at a time."""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _tags(pieces: Iterator[bytes], part: str, filename: str) -> int:
    """How many tags a part has; 0 for what cannot be XML, such as a picture."""
    tags = stretch = 0
    tail = b""
    for piece in pieces:
        if not tags and not _may_be_xml(tail + piece):
            return 0
        tags += piece.count(b"<")
        first = piece.find(b"<")
        if stretch + (len(piece) if first < 0 else first) > LONGEST_STRETCH:
            raise _unusual(filename, f"{part} has a text or a tag of more than {LONGEST_STRETCH} bytes")
        stretch = stretch + len(piece) if first < 0 else len(piece) - piece.rfind(b"<")
        if _DTD in (tail + piece).replace(b"\0", b""):  # UTF-16 has zeros between the letters
            raise _unusual(filename, f"{part} has a document type")
        tail = piece[-2 * len(_DTD) :]
    return tags


def _may_be_xml(head: bytes) -> bool:
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.lstrip(b"\0 \t\r\n")[:1] in (b"<", b"")


def _look_inside(pieces: Callable[[], Iterator[bytes]], part: str, filename: str) -> None:
    """Check a large part: openpyxl forgets a sheet's rows and the shared strings one by one, and nothing else."""
    unit = "row" if is_sheet(part) else "si" if part.casefold() == "xl/sharedstrings.xml" else ""
    if unit and _plainly_good(pieces(), f"</{unit}>".encode(), filename):
        return
    units = inside = 0

    def begin(_name: str, _attributes: list[str]) -> None:
        nonlocal inside
        inside += 1
        if inside > MOST_IN_UNIT:
            raise _unusual(filename, f"{part} has more than {MOST_IN_UNIT} elements in one place")

    def end(name: str) -> None:
        nonlocal units, inside
        if name.rpartition(" ")[2] == unit:
            units += 1
            inside = 0
            if units > MOST_UNITS:
                raise Unusable("file-too-many-rows", file=filename, limit=MOST_UNITS)

    walk(pieces(), begin, end)


def _plainly_good(pieces: Iterator[bytes], ending: bytes, filename: str) -> bool:
    """Whether a look at the bytes is enough, which takes a tenth of the time: as usual programs write them.

    Without comments, CDATA and processing instructions no "<" stands in XML but at a tag.
    """
    units = inside = 0
    tail, first = b"", True
    for piece in pieces:
        data = tail + piece
        marks = data.count(b"<?") - data.startswith(b"<?") if first else data.count(b"<?")
        if marks or b"<!" in data or b"\0" in data:
            return False
        first = False
        *whole, rest = data.split(ending)
        tail = rest[-len(ending) :]
        for each in whole:
            if inside + each.count(b"<") > MOST_IN_UNIT:
                return False
            inside = 0
        units += len(whole)
        inside += rest.count(b"<") - tail.count(b"<")
        if units > MOST_UNITS:
            raise Unusable("file-too-many-rows", file=filename, limit=MOST_UNITS)
        if inside > MOST_IN_UNIT:
            return False
    return True


def _look_at_places(pieces: Iterator[bytes], filename: str) -> None:
    """See to it that what was checked as a sheet, or as shared strings, is read as such and as nothing else."""

    def begin(name: str, attributes: list[str]) -> None:
        found = dict(zip(attributes[::2], attributes[1::2], strict=True))
        kind = found.get("ContentType", found.get("Type", ""))
        place = found.get("PartName", found.get("Target", "")).casefold()
        if ("worksheets/" in place and not kind.endswith(("worksheet", "worksheet+xml"))) or (
            "sharedstrings" in place and not kind.endswith(("sharedStrings", "sharedStrings+xml"))
        ):
            raise _unusual(filename, f"{place} is given out for something else ({name.rpartition(' ')[2]} {kind})")

    walk(pieces, begin, lambda _name: None)


def walk(pieces: Iterator[bytes], begin: Callable[[str, list[str]], None], end: Callable[[str], None]) -> None:
    """Tell of every tag of a part, with its namespace before a blank; attributes are name, value, name, value ..."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _unusual(filename: str, detail: str) -> Unusable:
    return Unusable("file-damaged", file=filename, detail=detail)
