"""CSV as departments export it: any of the usual encodings and delimiters, told apart without guessing."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from dialer.lists.wording import Unusable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS = ",;\t"


def rows(data: bytes, filename: str) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of each record. A record with a line break inside quotes is one row.

    Raises :class:`Unusable` for text in no known encoding, and for quotes that do not match: read
    leniently, one lost quote would swallow all rows after it.
    """
    text = decode(data, filename)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            yield row, cells
    except csv.Error as error:
        raise Unusable("file-quotes", file=filename, row=row + 1, detail=error) from error


def decode(data: bytes, filename: str) -> str:
    """The text: by its byte order mark, else strict UTF-8, else strict GB18030."""
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            data, encodings = data.removeprefix(mark), (encoding,)
            break
    furthest = 0
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            furthest = max(furthest, error.start)
            continue
        if "\0" in text:
            raise Unusable("file-not-a-table", file=filename)
        return text
    raise Unusable("file-encoding", file=filename, row=data.count(b"\n", 0, furthest) + 1)


def delimiter(text: str) -> str:
    """The candidate that stands most often outside quotes in the first line with one; a comma when none does."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    quoted = False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in counts:
            counts[character] += 1
        elif not quoted and character in "\r\n" and any(counts.values()):
            break
    return max(_DELIMITERS, key=lambda candidate: counts[candidate])
