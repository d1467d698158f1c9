"""A visit list: rows of a file become checked rows for the day, or all that is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from dialer.campaign.model.customer import CARD, Customer, ListRow, VisitList
from dialer.lists.config import ListConfig
from dialer.lists.headers import VISIT_COLUMNS, HeaderMap, Sheet
from dialer.lists.phones import NumberPlan
from dialer.lists.reader import Line
from dialer.lists.wording import Reason, problem

MAX_CODE = 64
MAX_TEXT = 4000
MAX_ORDER = 10_000_000
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_CUSTOMER_FIELDS = tuple(each.name for each in CARD if each.name != "code")


def read_visits(
    data: bytes,
    filename: str,
    config: ListConfig,
    plan: NumberPlan,
    agents: Mapping[str, str | None],
    name: str = "main",
    *,
    sheet: str = "",
    skip_bad: bool = False,
) -> VisitList:
    """The list in ``data``, all of it or nothing; ``sheet`` names one of several.

    ``agents`` are the known agents' numbers with their teams. With ``skip_bad`` bad rows are left out and come back in
    ``VisitList.problems``. Raises :class:`~dialer.errors.ListRefused` with every problem of every row, and
    :class:`~dialer.errors.BadInput` when the file itself cannot be read.
    """
    visits = _Sheet(data, filename, config, plan, agents, sheet)
    if visits.problems:
        raise visits.refused("header-refused")
    rows = [row for place, line in enumerate(visits.body, start=1) if (row := visits.row(line, place)) is not None]
    bad = len(visits.body) - len(rows)
    if visits.problems and not skip_bad:
        raise visits.refused("list-refused", rows=bad)
    if not rows:
        # Taking an empty list would withdraw the whole day.
        raise visits.refused("list-empty" if visits.body else "no-rows")
    return VisitList(
        name,
        tuple(visits.in_order(rows)),
        skipped=bad,
        problems=tuple(visits.problems),
        unread=frozenset(visits.unread - {row.customer.code for row in rows}),
    )


class _Sheet(Sheet):
    def __init__(
        self,
        data: bytes,
        filename: str,
        config: ListConfig,
        plan: NumberPlan,
        agents: Mapping[str, str | None],
        sheet: str,
    ) -> None:
        header = HeaderMap(VISIT_COLUMNS, config.visit_columns)
        super().__init__(data, filename, config, header, ("code", "phone"), sheet=sheet)
        if not {"agent", "team"} & self._columns.fields.keys() and config.default_team is None:
            why = Reason("header-no-agent", {"agents": header.names("agent"), "teams": header.names("team")})
            self.problems.append(problem(self._columns.row, "", "", why, config.language))
        self._default_team = config.default_team
        self._plan = plan
        self._agents = agents
        self._teams = {team for team in (*agents.values(), config.default_team) if team}
        self._unordered: set[int] = set()
        self.unread: set[str] = set()

    def row(self, line: Line, place: int) -> ListRow | None:
        """The row, or None after its problems were noted. ``place`` counts the rows below the header from 1."""
        before = len(self.problems)
        self._note_shape(line)
        for index, text in enumerate(line.cells[: len(self._columns.titles)]):
            if len(text) > MAX_TEXT:
                why = Reason("text-too-long", {"length": len(text), "limit": MAX_TEXT})
                self._note(line, self._columns.titles[index], text, why)
        code = self._code(line)
        number = self._checked(line, "phone", self._plan.normalise)
        agent, team = self._assignment(line)
        order = self._order(line, place)
        if len(self.problems) > before or number is None:
            if code or self._columns.get(line, "phone"):  # else it is a total, or a remark
                self.unread.add(code)
            return None
        values = {name: self._columns.get(line, name) for name in _CUSTOMER_FIELDS}
        return ListRow(
            row=line.row,
            customer=Customer(code=code, extra=self._columns.unknown(line), **values),
            number=number.number,
            order=order,
            agent=agent,
            team=team,
            doubtful=number.doubtful,
        )

    def in_order(self, rows: list[ListRow]) -> list[ListRow]:
        """The rows in the order of the file; those without a number of their own come after all that have one."""
        last = max((row.order for row in rows if row.row not in self._unordered), default=0)
        return [replace(row, order=row.order + last) if row.row in self._unordered else row for row in rows]

    def _code(self, line: Line) -> str:
        code = unicodedata.normalize("NFKC", self._columns.get(line, "code"))
        if not code:
            self._note(line, "code", "", Reason("code-missing"))
            return ""
        if _ROUNDED.fullmatch(code):
            self._note(line, "code", code, Reason("code-rounded"))
            return ""
        if len(code) > MAX_CODE or any(c.isspace() or c in "/\\" or not c.isprintable() for c in code):
            self._note(line, "code", code, Reason("code-malformed", {"limit": MAX_CODE}))
            return ""
        if (first := self._first_row.setdefault(code, line.row)) != line.row:
            self._note(line, "code", code, Reason("code-twice", {"first": first}))
        return code

    def _assignment(self, line: Line) -> tuple[str | None, str | None]:
        """Exactly one of agent and team; an agent goes before the team, which must then be the agent's own."""
        agent = unicodedata.normalize("NFKC", self._columns.get(line, "agent"))
        team = self._columns.get(line, "team")
        if agent:
            if agent not in self._agents:
                self._note(line, "agent", agent, Reason("agent-unknown", {"agent": agent}))
            elif team and (own := self._agents[agent]) and team != own:
                self._note(line, "team", team, Reason("agent-other-team", {"agent": agent, "own": own, "team": team}))
            return agent, None
        team = team or self._default_team or ""
        if not team:
            self._note(line, "agent", "", Reason("agent-and-team-missing"))
        elif team not in self._teams:
            known = ", ".join(sorted(self._teams)) or "-"
            self._note(line, "team", team, Reason("team-unknown", {"team": team, "teams": known}))
        return None, team

    def _order(self, line: Line, place: int) -> int:
        raw = unicodedata.normalize("NFKC", self._columns.get(line, "order"))
        if "order" not in self._columns.fields:
            return place
        if not raw:
            self._unordered.add(line.row)
            return place
        text = raw.removesuffix(".0")
        if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= MAX_ORDER):
            self._note(line, "order", raw, Reason("order-malformed", {"limit": MAX_ORDER}))
            return place
        return int(text)
