"""Which column of a file is which field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dialer.campaign.model.customer import CARD
from dialer.errors import SettingsError
from dialer.language import Language
from dialer.lists.config import ListConfig
from dialer.lists.reader import Line, read_lines
from dialer.lists.wording import CodedProblem, Reason, RefusedList, Unusable, problem

T = TypeVar("T")
Names = Mapping[str, Sequence[str]]

VISIT_COLUMNS: Names = {
    **{each.name: each.headers for each in CARD},
    "agent": ("电访员", "工号", "电访员工号", "agent", "agent number"),
    "team": ("班组", "座席班组", "team"),
    "order": ("访销顺序", "顺序", "visit order", "order", "sequence"),
}
"""The names known by default for the columns of a visit list; the first of each is the one to show."""

AGENT_COLUMNS: Names = {
    "number": ("工号", "电访员工号", "电访员", "agent number", "agent", "number", "staff number"),
    "name": ("姓名", "电访员姓名", "名称", "name", "agent name"),
    "extension": ("分机", "分机号", "分机号码", "extension", "phone", "dial string"),
    "team": ("班组", "座席班组", "team"),
}
"""The same for an agent list."""

_TITLE_ROWS = 10  # how many rows of titles may stand above the header


@dataclass(frozen=True, slots=True)
class Columns:
    """The header: its ``row``, the ``titles`` as the file writes them, and the column of each field found."""

    row: int
    titles: tuple[str, ...]
    fields: Mapping[str, int]

    def title(self, field: str) -> str:
        """The header of a field's column, "" when the file has none."""
        index = self.fields.get(field)
        return "" if index is None else self.titles[index]

    def get(self, line: Line, field: str) -> str:
        """The field's cell in this row, "" when the file has no such column."""
        index = self.fields.get(field)
        return "" if index is None else line.cell(index)

    def unknown(self, line: Line) -> tuple[tuple[str, str], ...]:
        """(header, value) of the unknown columns in the file's order; unnamed ones only where they hold something."""
        known = set(self.fields.values())
        return tuple(
            (title or column_letter(index), line.cell(index))
            for index, title in enumerate(self.titles)
            if index not in known and (title or line.cell(index))
        )


class Sheet:
    """A file being read: its columns, the rows below them, where each key was first seen, what is wrong so far.

    ``sheet``: which one of a workbook that has several. Raises :class:`Unusable`, worded in the language of ``config``.
    """

    def __init__(
        self,
        data: bytes,
        filename: str,
        config: ListConfig,
        header: HeaderMap,
        required: Sequence[str],
        *,
        sheet: str = "",
    ) -> None:
        self._filename = filename
        self._language = config.language
        try:
            lines = read_lines(data, filename, sheet=sheet)
        except Unusable as error:
            error.args = (error.reason.text(config.language),)
            raise
        self._columns, self.problems = header.find(lines, required, config.language)
        self.body = [line for line in lines if line.row > self._columns.row]
        self._first_row: dict[str, int] = {}

    def refused(self, code: str, **params: object) -> RefusedList:
        """The error for the whole file, with all problems so far."""
        return RefusedList(Reason(code, {"file": self._filename, **params}), self._language, tuple(self.problems))

    def _note(self, line: Line, field: str, value: str, why: Reason) -> None:
        column = self._columns.title(field) or field
        self.problems.append(problem(line.row, column, value, why, self._language))

    def _checked(self, line: Line, field: str, check: Callable[[str], T]) -> T | None:
        """What ``check`` makes of a cell, or None after its problem was noted."""
        raw = self._columns.get(line, field)
        try:
            return check(raw)
        except Unusable as error:
            self._note(line, field, raw, error.reason)
            return None

    def _note_shape(self, line: Line) -> None:
        if line.hidden:
            self._note(line, "", "", Reason("row-hidden"))
        extra = len(line.cells) - len(self._columns.titles)
        if extra > 0:
            self._note(line, "", line.cells[-1], Reason("row-too-long", {"extra": extra}))


class HeaderMap:
    """Names of columns by field: the known ones, and further ones from the configuration, which win."""

    def __init__(self, known: Names, more: Names | None = None) -> None:
        more = more or {}
        if unknown := sorted(set(more) - set(known)):
            raise SettingsError(f"columns: unknown fields {', '.join(unknown)}; known are {', '.join(known)}")
        self._names = {field: (*more.get(field, ()), *names) for field, names in known.items()}
        self._field = {fold(name): field for field, names in known.items() for name in names}
        configured: dict[str, str] = {}
        for field, names in more.items():
            for name in names:
                if configured.setdefault(fold(name), field) != field:
                    raise SettingsError(f"columns: '{name}' is given for both {configured[fold(name)]} and {field}")
        self._field |= configured

    def names(self, field: str) -> str:
        """The accepted names of a field, for people."""
        return ", ".join(dict.fromkeys(self._names[field]))

    def find(
        self, lines: Sequence[Line], required: Sequence[str], language: Language
    ) -> tuple[Columns, list[CodedProblem]]:
        """The header among the first rows, and what is wrong with it.

        It is the first row that has a column for each of ``required`` (files often carry a title above it);
        when there is none, the row that has the most known columns.
        """
        best: Columns | None = None
        for line in lines[:_TITLE_ROWS]:
            columns = self._read(line)
            if all(field in columns.fields for field in required):
                best = columns
                break
            if best is None or len(columns.fields) > len(best.fields):
                best = columns
        assert best is not None, "a file without a row does not get here"
        problems = [
            problem(best.row, "", "", Reason("header-missing", {"field": field, "names": self.names(field)}), language)
            for field in required
            if field not in best.fields
        ]
        for index, title in enumerate(best.titles):
            field = self._field.get(fold(title))
            if field is not None and best.fields[field] != index:
                params = {"first": best.title(field), "second": title, "field": field}
                problems.append(problem(best.row, title, "", Reason("header-twice", params), language))
        return best, problems

    def _read(self, line: Line) -> Columns:
        fields: dict[str, int] = {}
        for index, title in enumerate(line.cells):
            if field := self._field.get(fold(title)):
                fields.setdefault(field, index)
        return Columns(line.row, line.cells, fields)


def fold(name: str) -> str:
    """A header without what people vary: case, width, spaces, underscores, dashes, colons, a mark for 'required'."""
    return re.sub(r"[\s_\-:*]+", "", unicodedata.normalize("NFKC", name).casefold())


def column_letter(index: int) -> str:
    """What a spreadsheet calls the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
