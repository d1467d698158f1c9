"""The list of agents: staff number, name, phone and team."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from dialer.errors import SettingsError
from dialer.language import Language
from dialer.lists.headers import AGENT_COLUMNS, Columns, HeaderMap, Names
from dialer.lists.reader import Line, ReadLimits, read_lines
from dialer.lists.wording import CodedProblem, Reason, RefusedList, Unusable, problem

MAX_NUMBER = 32
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# What Originate and Dial() take apart: commas, &, |, ;, $, quotes, brackets and blanks never pass.
_DIAL_STRING = re.compile(r"[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9._@:/+*#-]+")


@dataclass(frozen=True, slots=True)
class AgentListConfig:
    """How agent lists are read. ``template`` makes a dial string of a bare extension."""

    columns: Names = field(default_factory=dict)
    template: str = "PJSIP/{extension}"
    limits: ReadLimits = field(default_factory=ReadLimits)
    language: Language = "zh"

    def __post_init__(self) -> None:
        example = self.template.replace("{extension}", "8001")
        if "{extension}" not in self.template or not _DIAL_STRING.fullmatch(example):
            raise SettingsError(f"template: '{self.template}' is not a dial string with {{extension}} in it")


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One good row of an agent list. ``extension`` is a whole dial string, ``row`` the line in the file."""

    row: int
    number: str
    name: str
    extension: str
    team: str | None


def agent_number(raw: str) -> str:
    """A staff number in its stored form. Raises :class:`~dialer.lists.wording.Unusable`."""
    number = unicodedata.normalize("NFKC", raw).strip()
    if not number:
        raise Unusable("number-missing")
    if len(number) > MAX_NUMBER or not _NUMBER.fullmatch(number):
        raise Unusable("number-malformed", limit=MAX_NUMBER)
    return number


def dial_string(raw: str, template: str = "PJSIP/{extension}") -> str:
    """``raw`` as a dial string; a bare extension goes into ``template``. Raises ``Unusable``."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text:
        raise Unusable("extension-missing")
    if _BARE.fullmatch(text):
        return template.replace("{extension}", text)
    if not _DIAL_STRING.fullmatch(text) or len(text) > 128:
        raise Unusable("extension-malformed")
    return text


def read_agents(data: bytes, filename: str, config: AgentListConfig) -> tuple[AgentRow, ...]:
    """The agents in ``data``, all or none.

    Raises :class:`~dialer.errors.ListRefused` with every problem of every row, and
    :class:`~dialer.errors.BadInput` when the file itself cannot be read.
    """
    language = config.language
    try:
        lines = read_lines(data, filename, config.limits)
    except Unusable as error:
        raise error.worded(language) from None
    columns, problems = HeaderMap(AGENT_COLUMNS, config.columns).find(lines, ("number", "extension"), language)
    if problems:
        raise RefusedList(Reason("header-refused", {"file": filename}), language, tuple(problems))
    sheet = _Sheet(columns, config)
    rows = [row for line in lines if line.row > columns.row and (row := sheet.row(line)) is not None]
    if sheet.problems:
        bad = len({entry.row for entry in sheet.problems})
        raise RefusedList(Reason("list-refused", {"file": filename, "rows": bad}), language, tuple(sheet.problems))
    if not rows:
        raise RefusedList(Reason("no-rows", {"file": filename}), language)
    return tuple(rows)


class _Sheet:
    """One file being read, and what is wrong so far."""

    def __init__(self, columns: Columns, config: AgentListConfig) -> None:
        self._columns = columns
        self._config = config
        self._first_row: dict[str, int] = {}
        self.problems: list[CodedProblem] = []

    def row(self, line: Line) -> AgentRow | None:
        """The row, or None after its problems were noted."""
        before = len(self.problems)
        if len(line.cells) > len(self._columns.titles):
            extra = len(line.cells) - len(self._columns.titles)
            self._note(line, "", line.cells[-1], Reason("row-too-long", {"extra": extra}))
        number = self._checked(line, "number", self._number)
        extension = self._checked(line, "extension", self._extension)
        if len(self.problems) > before:
            return None
        return AgentRow(
            row=line.row,
            number=number,
            name=self._columns.get(line, "name") or number,
            extension=extension,
            team=self._columns.get(line, "team") or None,
        )

    def _checked(self, line: Line, field_name: str, check: Callable[[Line, str], str]) -> str:
        raw = self._columns.get(line, field_name)
        try:
            return check(line, raw)
        except Unusable as error:
            self._note(line, self._columns.title(field_name), raw, error.reason)
            return ""

    def _number(self, line: Line, raw: str) -> str:
        number = agent_number(raw)
        if (first := self._first_row.setdefault(number, line.row)) != line.row:
            raise Unusable("number-twice", first=first)
        return number

    def _extension(self, _line: Line, raw: str) -> str:
        return dial_string(raw, self._config.template)

    def _note(self, line: Line, column: str, value: str, why: Reason) -> None:
        self.problems.append(problem(line.row, column, value, why, self._config.language))
