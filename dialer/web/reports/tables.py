"""The reports as tables: columns with their kind and rows with plain values, for a page, for paper and for XLSX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from dialer.campaign.model.customer import CARD, Shown, card
from dialer.campaign.model.visit import VisitState
from dialer.campaign.views import wording
from dialer.campaign.views.lookup import Call, VisitDetail
from dialer.campaign.views.recording_words import wrong
from dialer.clock import on_clock
from dialer.language import N_, Translate
from dialer.recording.reconcile import CallLine, OrderLine, Reconciliation
from dialer.reports.sums import Sums, total
from dialer.web.kit.page.charts import Chart, chart
from dialer.web.kit.page.format import Format, capital
from dialer.web.kit.page.sheet import Cell, Column, Kind, Table


@dataclass(frozen=True, slots=True)
class Reader:
    """Who the report speaks to, and the agents' names by staff number."""

    t: Translate
    format: Format
    names: Mapping[str, str]

    def agent(self, number: str | None) -> str:
        """001 王芳."""
        return f"{number} {self.names.get(number, '')}".strip() if number else ""


def shown(table: Table, f: Format) -> list[list[tuple[str, str]]]:
    """The rows as a person reads them, each cell with the address to which it leads, if it does."""
    kinds = [column.kind for column in table.columns]
    return [
        [(_shown(cell, kinds[x], f), table.links.get((y, x), "")) for x, cell in enumerate(row)]
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
    if isinstance(cell, int | float):
        return f.percent(cell) if kind == "percent" else f.number(cell)
    return cell


def log(sums: Sums, day: date, words: Reader) -> Table:
    """The work log: what was to be done, what was done, what came of it."""
    t = words.t
    rows: list[tuple[Cell, Cell]] = [(t("Customers on the list"), sums.visits)]
    rows += [(capital(t(wording.VISIT_STATES[state])), sums.states[state]) for state in VisitState]
    rows += [
        (t("Reach rate"), words.format.percent(sums.reach) or None),
        (t("Reached on first call"), words.format.percent(sums.first_reach) or None),
        (t("Calls made"), sums.calls),
        (t("Conversations"), sums.conversations),
        (t("Talk time"), sums.talk),
        (t("Average call"), sums.mean_talk),
        (t("First call"), sums.begin),
        (t("Last call ended"), sums.end),
        (t("Orders"), sums.orders),
        (t("Conversations without a result"), sums.open_results),
    ]
    links = {(len(rows) - 1, column): f"/reports/no-result?day={day}" for column in (0, 1) if sums.open_results}
    rows += [(t("Result: {result}", result=t(told)), sums.results[result]) for result, told in wording.RESULTS.items()]
    return Table((Column(t("Item")), Column(t("Value", context="report"), "number")), rows, links)


def no_order(details: Sequence[VisitDetail], words: Reader) -> Table:
    """Customers without an order, each with what came of the calls."""
    t = words.t
    columns = (*_customer(t), Column(t("Result")), Column(t("Calls", context="count"), "number"))
    rows = [(*_who(detail, words), _result(detail, words), len(detail.attempts)) for detail in details]
    return Table(columns, rows)


def not_reached(details: Sequence[VisitDetail], words: Reader) -> Table:
    """Unreached customers with the time and outcome of each call."""
    t, f = words.t, words.format
    columns = (*_customer(t), Column(t("Counted attempts"), "number"), Column(t("Attempts")))
    rows = []
    for detail in details:
        calls = [
            f"{f.clock(a.placed_at)} {t(wording.DISPOSITIONS[a.disposition]) if a.disposition else ''}"
            for a in detail.attempts
        ]
        rows.append((*_who(detail, words), detail.visit.counted, t("; ").join(calls)))
    return Table(columns, rows)


def no_result(calls: Sequence[Call], words: Reader) -> Table:
    """Conversations without a result, each leading to where it is entered."""
    t = words.t
    columns = (Column(t("Time"), "time"), *(Column(name) for name in (t("Code"), t("Shop name"), t("Agent"))))
    rows: list[tuple[Cell, ...]] = [
        (a.connected_at or a.placed_at, a.customer, call.customer.shop_name, words.agent(a.agent))
        for call in calls
        for a in [call.attempt]
    ]
    links = {
        (y, x): f"/floor/customers/{call.attempt.visit}#results" for y, call in enumerate(calls) for x in (0, 1, 2)
    }
    return Table(columns, rows, links)


def agents(by_agent: Mapping[str, Sums], words: Reader) -> Table:
    """One line for each agent."""
    t = words.t
    rows = [(words.agent(number) or t("(unassigned)"), *_line(sums)) for number, sums in by_agent.items()]
    return Table((Column(t("Agent")), *_sums(t)), [*rows, *_total(by_agent, _line, t)], summed=bool(rows))


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
    return Table(columns, [*rows, *_total(found, line, t)], summed=bool(rows))


def by_hour(slots: Mapping[datetime, Sums], zone: tzinfo) -> dict[int, Sums]:
    """Sums of shorter times, put together by the hour in ``zone``."""
    found: dict[int, Sums] = {}
    for at, sums in sorted(slots.items()):
        found.setdefault(on_clock(at, zone).hour, Sums()).add(sums)
    return dict(sorted(found.items()))


def drawn(hours: Mapping[int, Sums]) -> Chart | None:
    """Every hour from the first call's to the last one's: calls, and how many of them were conversations."""
    conversations = {hour: sums.conversations for hour, sums in hours.items()}
    return chart(({hour: sums.calls for hour, sums in hours.items()}, conversations)) if hours else None


def week(days: Mapping[date, Sums], words: Reader) -> Table:
    """One line for each day."""
    t = words.t
    rows = [(day, *_line(sums)) for day, sums in days.items()]
    return Table((Column(t("Day"), "day"), *_sums(t)), [*rows, *_total(days, _line, t)], summed=bool(rows))


def reconciliation(lists: Reconciliation, t: Translate) -> list[tuple[str, Table]]:
    """(name, list) of each."""
    return [
        (t("Conversations without a recording"), _calls(lists.calls_without_recording, t)),
        (t("Defective recordings"), _calls(lists.faulty_recordings, t)),
        (t("Orders without a call"), _orders(lists.orders_without_call, t)),
        (t("Orders from calls without a recording"), _orders(lists.orders_without_recording, t)),
        (
            t("Recordings without a call"),
            Table(
                (Column(t("File")), Column(t("Bytes"), "number"), Column(t("Reason"))),
                [(each.path, each.size, wrong([each.reason], t)) for each in lists.strays],
            ),
        ),
    ]


def _calls(lines: Sequence[CallLine], t: Translate) -> Table:
    texts = (t("Code"), t("Shop name"), t("Agent"), t("Reason"))
    columns = (Column(t("Time"), "time"), *(Column(name) for name in texts))
    rows: list[tuple[Cell, ...]] = [
        (line.connected_at, line.customer, line.shop_name, line.agent, wrong([line.reason], t)) for line in lines
    ]
    return Table(columns, rows, {(row, 0): f"/recordings/{line.attempt}" for row, line in enumerate(lines)})


def _orders(lines: Sequence[OrderLine], t: Translate) -> Table:
    columns = (Column(t("Time"), "time"), Column(t("Order number")), Column(t("Code")), Column(t("Reason")))
    rows: list[tuple[Cell, ...]] = [(line.at, line.number, line.customer, wrong([line.reason], t)) for line in lines]
    links = {(row, 1): f"/recordings/{line.attempt}" for row, line in enumerate(lines) if line.attempt}
    return Table(columns, rows, links)


def _sums(t: Translate) -> tuple[Column, ...]:
    return (
        Column(t("Customers"), "number"), Column(t("Customers reached"), "number"), Column(t("Reach rate"), "percent"),
        Column(t("Not reached or wrong number"), "number"), Column(t("Calls", context="count"), "number"),
        Column(t("Conversations"), "number"),
        Column(t("Talk time"), "duration"), Column(t("Average call"), "duration"),
        Column(t("Ended by the agent"), "number"), Column(t("Orders"), "number"),
    )  # fmt: skip


def _total(parts: Mapping[Any, Sums], line: Callable[[Sums], tuple[Cell, ...]], t: Translate) -> list[tuple[Cell, ...]]:
    """The last line of a table, if there are others."""
    return [(t("Total"), *line(total(parts.values())))] if parts else []


def _line(s: Sums) -> tuple[Cell, ...]:
    return (
        s.visits, s.states[VisitState.REACHED], s.reach, s.given_up, s.calls, s.conversations, s.talk, s.mean_talk,
        s.agent_hung_up, s.orders,
    )  # fmt: skip


_HERE = {"phone": N_("Phone")}  # the one that was dialled


def _customer(t: Translate) -> tuple[Column, ...]:
    known = (Column(t(_HERE.get(each.name, each.heading))) for each in CARD if Shown.REPORT in each.shown)
    return *known, Column(t("Agent"), whole=True), Column(t("State"), whole=True)


def _who(detail: VisitDetail, words: Reader) -> tuple[Cell, ...]:
    """The customer, their agent and how they stand."""
    visit = detail.visit
    known = (value for _, value in card(replace(detail.customer, phone=visit.number), Shown.REPORT))
    agent = visit.agent or next((a.agent for a in reversed(detail.attempts)), None)
    return *known, words.agent(agent), capital(words.t(wording.VISIT_STATES[visit.state]))


def _result(detail: VisitDetail, words: Reader) -> str:
    result = detail.visit.result
    return capital(words.t(wording.RESULTS[result])) if result is not None else ""
