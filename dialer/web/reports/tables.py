"""The figures of reports as tables: columns with their kind and rows with plain values, for a page, paper and XLSX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from dialer.campaign.model.visit import VisitState
from dialer.campaign.views import wording
from dialer.clock import on_clock
from dialer.language import N_, Translate
from dialer.reports.sums import Group, Sums, total
from dialer.web.kit.http.query import whole
from dialer.web.kit.page.charts import Chart, Counts, chart
from dialer.web.kit.page.format import Format, capital
from dialer.web.kit.page.paging import address
from dialer.web.kit.page.sheet import Cell, Column, Kind, Table
from dialer.web.reports.period import Period


@dataclass(frozen=True, slots=True)
class Reader:
    """Who the report speaks to, and the agents' names by staff number."""

    t: Translate
    format: Format
    names: Mapping[str, str]

    def agent(self, number: str | None) -> str:
        """001 王芳."""
        return f"{number} {self.names.get(number, '')}".strip() if number else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is of: its days, and what else narrows it, as its address has it."""

    period: Period
    query: Mapping[str, str]

    def terms(self, **more: str) -> dict[str, str]:
        """For the address of a list of customers that this report counts."""
        return {**{name: self.query.get(name, "") for name in NARROWS}, **self.period.terms, **more}


NARROWS = ("department", "manager", "agent", "team")
"""Names in addresses; "-" is that of nobody's."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row as a person reads it: each cell with the address to which it leads, if it does. ``total``: it is a sum."""

    cells: Sequence[tuple[str, str]]
    total: bool


def shown(table: Table, f: Format) -> list[Line]:
    """The rows of a table."""
    kinds = [column.kind for column in table.columns]
    return [
        Line(
            [(_shown(cell, kinds[x], f), table.links.get((y, x), "")) for x, cell in enumerate(row)], y in table.totals
        )
        for y, row in enumerate(table.rows)
    ]


def _shown(cell: Cell, kind: Kind, f: Format) -> str:
    """A cell as a person reads it; a value that is not known as a dash."""
    if cell is None:
        return "–"
    if isinstance(cell, datetime):
        return f.time(cell)
    if isinstance(cell, date):
        return f.day(cell)
    if isinstance(cell, timedelta):
        return f.duration(cell)
    if isinstance(cell, str):
        return cell
    if kind == "change":
        return f"{cell:+.1f}"
    if kind == "money":
        return f.money(Decimal(cell))
    return f.percent(float(cell)) if kind == "percent" else f.number(cell)


def log(sums: Sums, of: Asked, words: Reader) -> Table:
    """The work log: what was to be done, what was done, what came of it."""
    t, f = words.t, words.format
    quantity, amount = _known(sums)
    rows: list[tuple[Cell, Cell]] = [
        (capital(t(wording.VISIT_STATES[state])), sums.states[state]) for state in VisitState
    ]
    listed = len(rows)
    rows += [
        (t("Customers on the list"), sums.visits),
        (t("Reach rate"), f.percent(sums.reach) or None),
        (t("Reached on first call"), f.percent(sums.first_reach) or None),
        (t("Calls made"), sums.calls),
        (t("Conversations"), sums.conversations),
        (t("Talk time"), sums.talk),
        (t("Average call"), sums.mean_talk),
    ]
    if of.period.days == 1:
        rows += [(t("First call"), sums.begin), (t("Last call ended"), sums.end)]
    rows += [
        (t("Orders"), sums.orders),
        (t("Quantity"), quantity),
        (t("Amount"), f.money(amount) or None),
        (t("Conversations without a result"), sums.open_results),
    ]
    unsaid = address("/reports/no-result", of.terms())
    links = {(len(rows) - 1, column): unsaid for column in (0, 1) if sums.open_results}
    rows += [(t("Result: {result}", result=t(told)), sums.results[result]) for result, told in wording.RESULTS.items()]
    rows.append((t("Customers with a result"), sums.results.total()))
    columns = (Column(t("Item")), Column(t("Value", context="report"), "number"))
    return Table(columns, rows, links, frozenset({listed, len(rows) - 1}))


def figures(by: Group, now: Mapping[str, Sums], before: Mapping[str, Sums], of: Asked, words: Reader) -> Table:
    """A line for each agent, department, manager or day, each figure leading to its customers, and their sum.

    ``before`` has those of the period with which this one is compared.
    """
    t = words.t
    rows = [(_named(by, key, words), *_line(sums, _earlier(by, key, before, of.period))) for key, sums in now.items()]
    if rows:
        rows.append((t("Total"), *_line(total(now.values()), total(before.values()))))
    links = {
        (y, x): address(f"/reports/{behind}", of.terms(**_one(by, key)))
        for y, key in enumerate([*now, None] if rows else ())
        for x, behind in _BEHIND.items()
        if rows[y][x]
    }
    first = Column(t(_HEADS[by]), "day" if by == "day" else "text")
    return Table((first, *_sums(t)), rows, links, frozenset({len(now)} if rows else ()))


_HEADS: Mapping[Group, str] = {
    "agent": N_("Agent"),
    "team": N_("Team"),
    "department": N_("Marketing department"),
    "manager": N_("Account manager"),
    "day": N_("Day"),
}
_BEHIND = {1: "customers", 2: "reached", 5: "unreached", 11: "ordered"}
"""Columns of figures, and the list behind them."""


def _named(by: Group, key: str, words: Reader) -> Cell:
    if by == "day":
        return date.fromisoformat(key)
    return (words.agent(key) if by == "agent" else key) or words.t("(unassigned)")


def _one(by: Group, key: str | None) -> dict[str, str]:
    """The terms of one line; of the sum, none."""
    if key is None:
        return {}
    return {"day": key, "since": "", "until": ""} if by == "day" else {by: key or "-"}


def _earlier(by: Group, key: str, before: Mapping[str, Sums], period: Period) -> Sums | None:
    return before.get((date.fromisoformat(key) - period.back).isoformat() if by == "day" else key)


def by_day(now: Mapping[str, Sums], before: Mapping[str, Sums], period: Period) -> Chart | None:
    """Customers who were due and who were reached, by the day; behind them the days these are compared with."""
    if not now:
        return None

    def counts(days: Mapping[str, Sums], later: timedelta) -> Counts:
        at = {(date.fromisoformat(day) + later).toordinal(): sums for day, sums in days.items()}
        reached = {day: sums.states[VisitState.REACHED] for day, sums in at.items()}
        return {day: sums.due for day, sums in at.items()}, reached

    return chart(counts(now, timedelta()), counts(before, period.back), lambda day: f"{date.fromordinal(day):%m-%d}")


def arranged(table: Table, by: str) -> Table:
    """Sorted by the column that ``by`` numbers from 0, the greatest first after a "-"; sums stay at the end.

    Anything else leaves the table as it is.
    """
    column = whole(by.removeprefix("-"))
    if column is None or column >= len(table.columns):
        return table
    order = [y for y in range(len(table.rows)) if y not in table.totals]
    known = [y for y in order if table.rows[y][column] is not None]
    known.sort(key=lambda y: table.rows[y][column], reverse=by.startswith("-"))  # type: ignore[arg-type, return-value]  # a column's cells are of one kind
    order = [*known, *(y for y in order if y not in set(known)), *sorted(table.totals)]
    links = {
        (new, x): table.links[y, x]
        for new, y in enumerate(order)
        for x in range(len(table.columns))
        if (y, x) in table.links
    }
    return replace(table, rows=[table.rows[y] for y in order], links=links)


def hours(found: Mapping[int, Sums], words: Reader) -> Table:
    """Calls by the hour."""
    t = words.t
    columns = (
        Column(t("Hour")), Column(t("Calls", context="count"), "number"), Column(t("Answered"), "number"),
        Column(t("Conversations"), "number"), Column(t("Answer rate"), "percent"),
        Column(t("Reached on first call"), "percent"), Column(t("Talk time"), "duration"),
    )  # fmt: skip

    def line(s: Sums) -> tuple[Cell, ...]:
        return s.calls, s.answered, s.conversations, s.answered / s.calls, s.first_reach, s.talk

    rows = [(f"{hour:02}:00", *line(sums)) for hour, sums in found.items()]
    if rows:
        rows.append((t("Total"), *line(total(found.values()))))
    return Table(columns, rows, totals=frozenset({len(found)} if rows else ()))


def by_hour(slots: Mapping[datetime, Sums], zone: tzinfo) -> dict[int, Sums]:
    """Sums of shorter times, put together by the hour in ``zone``."""
    found: dict[int, Sums] = {}
    for at, sums in sorted(slots.items()):
        found.setdefault(on_clock(at, zone).hour, Sums()).add(sums)
    return dict(sorted(found.items()))


def drawn(now: Mapping[int, Sums], before: Mapping[int, Sums]) -> Chart | None:
    """Every hour from the first call's to the last one's: calls, and how many of them were conversations."""

    def counts(hours: Mapping[int, Sums]) -> Counts:
        calls = {hour: sums.calls for hour, sums in hours.items()}
        return calls, {hour: sums.conversations for hour, sums in hours.items()}

    return chart(counts(now), counts(before)) if now else None


def _sums(t: Translate) -> tuple[Column, ...]:
    return (
        Column(t("Customers"), "number"), Column(t("Customers reached"), "number"), Column(t("Reach rate"), "percent"),
        Column(t("Change in points"), "change"),
        Column(t("Not reached or wrong number"), "number"), Column(t("Calls", context="count"), "number"),
        Column(t("Conversations"), "number"),
        Column(t("Talk time"), "duration"), Column(t("Average call"), "duration"),
        Column(t("Ended by the agent"), "number"), Column(t("Orders"), "number"), Column(t("Quantity"), "number"),
        Column(t("Amount"), "money"),
    )  # fmt: skip


def _line(s: Sums, before: Sums | None) -> tuple[Cell, ...]:
    was = before.reach if before is not None else None
    change = round(100 * (s.reach - was), 1) if s.reach is not None and was is not None else None
    return (
        s.visits, s.states[VisitState.REACHED], s.reach, change, s.given_up, s.calls, s.conversations, s.talk,
        s.mean_talk, s.agent_hung_up, s.orders, *_known(s),
    )  # fmt: skip


def _known(s: Sums) -> tuple[Decimal | None, Decimal | None]:
    """Quantity and amount of the orders, where there are any."""
    return (s.quantity, s.amount) if s.orders else (None, None)
