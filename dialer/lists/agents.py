"""The list of agents: staff number, name, phone and team."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from dialer.campaign.model.phone import phones_in
from dialer.campaign.rules.phone import PLACE, PhoneFault, PhoneRule, is_bare
from dialer.errors import RowProblem
from dialer.lists.config import ListConfig
from dialer.lists.headers import AGENT_COLUMNS, HeaderMap, Sheet
from dialer.lists.reader import Line
from dialer.lists.wording import Reason, Unusable

MAX_NUMBER = 32
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


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
    if len(number) > MAX_NUMBER or not _BARE.fullmatch(number):
        raise Unusable("number-malformed", limit=MAX_NUMBER)
    return number


def dial_string(raw: str, phones: PhoneRule) -> str:
    """``raw`` as the dial string of a phone; a bare extension goes into the first template. Raises ``Unusable``."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text:
        raise Unusable("extension-missing")
    if is_bare(text):
        text = phones.templates[0].replace(PLACE, text)
    fault = phones.fault(text)
    if fault is PhoneFault.OUTSIDE:
        raise Unusable("extension-outside", value=text)
    if fault is not None:
        raise Unusable("extension-malformed", forms=phones.templates)
    return text


def read_agents(
    data: bytes, filename: str, config: ListConfig, phones: PhoneRule, *, sheet: str = "", skip_bad: bool = False
) -> tuple[tuple[AgentRow, ...], tuple[RowProblem, ...]]:
    """The agents in ``data``, all or none; with ``skip_bad`` those of the good rows, and what is wrong with the others.

    ``phones`` says which dial strings may be phones, ``sheet`` names one of several.

    Raises :class:`~dialer.errors.ListRefused` with every problem of every row, and
    :class:`~dialer.errors.BadInput` when the file itself cannot be read.
    """
    agents = _Sheet(data, filename, config, phones, sheet)
    if agents.problems:
        raise agents.refused("header-refused")
    rows = [row for line in agents.body if (row := agents.row(line)) is not None]
    if agents.problems and not skip_bad:
        raise agents.refused("list-refused", rows=len(agents.body) - len(rows))
    if not rows:
        raise agents.refused("list-empty" if agents.body else "no-rows")
    return tuple(rows), tuple(agents.problems)


class _Sheet(Sheet):
    def __init__(self, data: bytes, filename: str, config: ListConfig, phones: PhoneRule, sheet: str) -> None:
        header = HeaderMap(AGENT_COLUMNS, config.agent_columns)
        super().__init__(data, filename, config, header, ("number", "extension"), sheet=sheet)
        self._phones = phones
        self._first_with: dict[str, int] = {}

    def row(self, line: Line) -> AgentRow | None:
        """The row, or None after its problems were noted."""
        before = len(self.problems)
        self._note_shape(line)
        number = self._checked(line, "number", agent_number)
        if number and (first := self._first_row.setdefault(number, line.row)) != line.row:
            self._note(line, "number", self._columns.get(line, "number"), Reason("number-twice", {"first": first}))
        extension = self._checked(line, "extension", lambda raw: dial_string(raw, self._phones))
        for phone in phones_in(extension) if extension else ():
            if (first := self._first_with.setdefault(phone, line.row)) != line.row:
                raw = self._columns.get(line, "extension")
                self._note(line, "extension", raw, Reason("extension-twice", {"first": first}))
        if len(self.problems) > before or number is None or extension is None:
            return None
        return AgentRow(
            row=line.row,
            number=number,
            name=self._columns.get(line, "name") or number,
            extension=extension,
            team=self._columns.get(line, "team") or None,
        )
