"""Reading call detail records: Asterisk's own ``Master.csv``, or any CSV whose header names the columns.

Sources: Asterisk's cdr_csv (18 columns with ``loguniqueid`` and ``loguserfield``, 16 and 17 without, up to 21 with
``newcdrcolumns``; times are local unless ``usegmtime``), cdr_custom, which writes what it is told, and what FreePBX and
Issabel export: ``calldate``, ``duration`` and ``billsec`` in whole seconds, and neither answer nor end.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

from dialer.errors import BadInput


class CdrDisposition(StrEnum):
    """How the call ended, in the record's own words."""

    ANSWERED = "ANSWERED"
    NO_ANSWER = "NO ANSWER"
    BUSY = "BUSY"
    FAILED = "FAILED"
    CONGESTION = "CONGESTION"


@dataclass(frozen=True, slots=True)
class CdrCall:
    """One record. Times are UTC; ``dst`` is the number as the record has it; ``line`` its line in the file.

    ``whole_seconds``: the record's times are cut to seconds. ``content`` is the whole record, by which a repetition is
    told from another leg of the same call.
    """

    line: int
    dst: str
    start: datetime
    end: datetime
    disposition: CdrDisposition
    answer: datetime | None = None
    uniqueid: str = ""
    linkedid: str = ""
    channel: str = ""
    whole_seconds: bool = False
    content: str = ""

    @property
    def answered(self) -> bool:
        """Whether the called side answered."""
        return self.disposition is CdrDisposition.ANSWERED


MASTER_COLUMNS = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer",
    "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield", "peeraccount", "linkedid",
    "sequence",
)  # fmt: skip
_FEWEST_MASTER_COLUMNS = 16
_NAMES = {
    "dst": ("dst", "destination", "number", "dialled", "called"),
    "start": ("start", "calldate", "start_time"),
    "answer": ("answer", "answer_time"),
    "end": ("end", "end_time"),
    "disposition": ("disposition",),
    "uniqueid": ("uniqueid",),
    "linkedid": ("linkedid",),
    "channel": ("channel",),
    "duration": ("duration",),
    "billsec": ("billsec",),
}
_NEEDED = ("dst", "start", "disposition")
_END = ("end", "duration")
"""One of these is needed too: the end, or how long after the start it is."""
# The number that CDR(disposition,u) gives: Asterisk's enum ast_cdr_disposition.
_BY_NUMBER = {
    "0": CdrDisposition.NO_ANSWER,
    "1": CdrDisposition.NO_ANSWER,
    "2": CdrDisposition.FAILED,
    "4": CdrDisposition.BUSY,
    "8": CdrDisposition.ANSWERED,
    "16": CdrDisposition.CONGESTION,
}
_MOST_PROBLEMS = 20


def read_cdr(path: Path, zone: tzinfo = UTC) -> list[CdrCall]:
    """Read a file of either form. ``zone`` is the time zone of times that name none themselves.

    Raises BadInput with every bad line (up to twenty) when there is one: an audit over half a file would be no audit.
    """
    try:
        # What callers send as their name is not always UTF-8, and is not looked at.
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return parse_cdr(file, zone, name=path.name)
    except OSError as error:
        raise BadInput(f"The call records {path} cannot be read: {error.strerror}.") from error


def parse_cdr(lines: Iterable[str], zone: tzinfo = UTC, *, name: str = "CDR") -> list[CdrCall]:
    """Parse the lines of either form; see :func:`read_cdr`."""
    reader = csv.reader(lines)
    calls: list[CdrCall] = []
    problems: list[str] = []
    columns: Mapping[str, int] | None = None
    for row in _rows(reader, name):
        if columns is None:
            columns = _header(row)
            if columns is not None:
                continue
            columns = {column: index for index, column in enumerate(MASTER_COLUMNS)}
            if not _FEWEST_MASTER_COLUMNS <= len(row) <= len(MASTER_COLUMNS):
                raise BadInput(
                    f"{name}: this is neither a header row that names dst, start, end (or duration) and disposition "
                    f"nor a line of Asterisk's Master.csv, which has 16 to 21 columns; this one has {len(row)}."
                )
        try:
            calls.append(_call(row, columns, reader.line_num, zone))
        except ValueError as error:
            problems.append(f"line {reader.line_num}: {error}")
    if problems:
        more = f" ... and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
        raise BadInput(f"{name} has lines that cannot be read: {'; '.join(problems[:_MOST_PROBLEMS])}{more}")
    return calls


def _rows(reader: Iterator[list[str]], name: str) -> Iterator[list[str]]:
    try:
        yield from (row for row in reader if any(row))
    except csv.Error as error:
        raise BadInput(f"{name} is not a CSV file: {error}.") from error


def _header(row: Sequence[str]) -> dict[str, int] | None:
    """Where each known column is, when ``row`` is a header."""
    names = [cell.strip().lower() for cell in row]
    found = {key: names.index(alias) for key, aliases in _NAMES.items() for alias in aliases if alias in names}
    return found if all(key in found for key in _NEEDED) and any(key in found for key in _END) else None


def _call(row: Sequence[str], columns: Mapping[str, int], line: int, zone: tzinfo) -> CdrCall:
    def cell(key: str) -> str:
        index = columns.get(key)
        return row[index].strip() if index is not None and index < len(row) else ""

    start, end = _time(cell("start"), "start", zone), _time(cell("end"), "end", zone)
    disposition = _disposition(cell("disposition"))
    if start is not None and end is None and "end" not in columns:
        end = start + _seconds(cell("duration"), "duration")
    if start is None or end is None:
        raise ValueError("start and end must not be empty")
    if end < start:
        raise ValueError(f"it ends ({cell('end')}) before it starts ({cell('start')})")
    answer = _time(cell("answer"), "answer", zone)
    if answer is None and "answer" not in columns and cell("billsec") and disposition is CdrDisposition.ANSWERED:
        answer = end - _seconds(cell("billsec"), "billsec")
    if answer is not None and not start <= answer <= end:
        raise ValueError(f"it is answered ({cell('answer')}) outside of its start and end")
    return CdrCall(
        line,
        cell("dst"),
        start,
        end,
        disposition,
        answer,
        cell("uniqueid"),
        cell("linkedid"),
        cell("channel"),
        whole_seconds="." not in cell("start") and "." not in cell("end"),
        content="\x1f".join(row),
    )


def _time(text: str, column: str, zone: tzinfo) -> datetime | None:
    """Epoch seconds or ISO 8601 (a space for the T is allowed); None when empty or zero."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"column {column}: {text!r} is neither epoch seconds nor YYYY-MM-DD HH:MM:SS") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        raise ValueError(f"column {column}: {text!r} is no time") from None


def _seconds(text: str, column: str) -> timedelta:
    try:
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        raise ValueError(f"column {column}: {text!r} is no number of seconds") from None


def _disposition(text: str) -> CdrDisposition:
    word = text.upper().replace("_", " ").replace("NOANSWER", "NO ANSWER")
    if word in _BY_NUMBER:
        return _BY_NUMBER[word]
    try:
        return CdrDisposition(word)
    except ValueError:
        raise ValueError(f"column disposition: {text!r} is none of {', '.join(CdrDisposition)}") from None
