"""CSV as departments export it: any of the usual encodings and delimiters, told apart without guessing."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from dialer.lists.wording import Unusable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS = ",;\t"
_LOOKED_AT = 1 << 16
_LINES = 20
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_USUAL_BIG5 = re.compile(rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]")
_USUAL_GB = re.compile(rb"[\xa1-\xa3\xb0-\xf7][\xa1-\xfe]")


def rows(data: bytes, filename: str) -> Iterator[tuple[int, list[str], bool]]:
    """(row number, cells, hidden: never) of each record. A record with a line break inside quotes is one row.

    Raises :class:`Unusable` for text in no known encoding, and for quotes that do not match: read
    leniently, one lost quote would swallow all rows after it.
    """
    text = decode(data, filename)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            yield row, cells, False
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
        if encoding == "gb18030" and _is_big5(data):
            break
        return text
    if encodings[1:] and _is_big5(data):
        raise Unusable("file-big5", file=filename)
    raise Unusable("file-encoding", file=filename, row=data.count(b"\n", 0, furthest) + 1)


def _is_big5(data: bytes) -> bool:
    """Whether nearly all characters are usual ones in Big5, and many are not in GB2312."""
    pairs = _PAIR.findall(data[:_LOOKED_AT])
    big5 = sum(_USUAL_BIG5.fullmatch(pair) is not None for pair in pairs)
    gb = sum(_USUAL_GB.fullmatch(pair) is not None for pair in pairs)
    return big5 > 0.85 * len(pairs) and gb < 0.8 * len(pairs)


def delimiter(text: str) -> str:
    """The candidate that divides the most of the first lines into the same number of cells; a comma when none does.

    What is inside quotes does not count; a line that stands alone, a title with a comma, only when no two are alike.
    """
    found: dict[str, Counter[int]] = {candidate: Counter() for candidate in _DELIMITERS}
    for line in islice(_outside_quotes(text[:_LOOKED_AT]), _LINES):
        for candidate, counts in found.items():
            counts[line.count(candidate)] += 1
    return max(
        _DELIMITERS,
        key=lambda one: max(((cells * (lines - 1), cells) for cells, lines in found[one].items()), default=(0, 0)),
    )


def _outside_quotes(text: str) -> Iterator[str]:
    """The lines that are not blank, without what is inside quotes, line breaks included."""
    outside = "".join(text.split('"')[::2])
    return (line for line in outside.splitlines() if line.strip())
