"""Reports of any days: to look at, to print, to save. Everybody sees the customers that are theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from dialer.campaign.model.query import Page
from dialer.campaign.views.lookup import Call, VisitDetail
from dialer.errors import NotFound
from dialer.language import N_
from dialer.recording.reconcile import OrderLine
from dialer.reports.sums import Group, Selection, Standing
from dialer.web.kit.access.roles import LEADERS, SUPERVISOR
from dialer.web.kit.localtime import any_day
from dialer.web.kit.page.charts import Chart
from dialer.web.kit.page.day import open_results, shop
from dialer.web.kit.page.screen import Screen, page
from dialer.web.kit.page.sheet import Table, answer, xlsx
from dialer.web.reports import lists, tables
from dialer.web.reports.period import period_of, usual
from dialer.web.reports.tables import NARROWS, Asked, Reader, arranged, shown

_BATCH = 200
"""Customers of a list that are read at a time: the calls go on between two batches."""
_ON_SCREEN = 300


@dataclass(frozen=True, slots=True)
class Made:
    """A report as it is shown: so much of it, and how many rows more there are."""

    table: Table
    more: int = 0
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What can be asked for. ``by``: a line for each; ``standing``: a list of such customers, of all without one.

    ``tab``: it stands among the tabs; the others are behind figures.
    """

    key: str
    name: str
    by: Group | None = None
    standing: Standing | None = None
    tab: bool = True


REPORTS = (
    Report("log", N_("Daily log")),
    Report("no-order", N_("Customers without an order"), standing="no-order"),
    Report("unreached", N_("Customers not reached"), standing="unreached"),
    Report("no-result", N_("Without a result")),
    Report("agents", N_("Per agent"), by="agent"),
    Report("hours", N_("Per hour")),
    Report("days", N_("Per day"), by="day"),
    Report("departments", N_("Per department"), by="department"),
    Report("managers", N_("Per account manager"), by="manager"),
    Report("customers", N_("Customers"), tab=False),
    Report("reached", N_("Customers reached"), standing="reached", tab=False),
    Report("ordered", N_("Customers with an order"), standing="ordered", tab=False),
)
_BY_KEY: Mapping[str, Report] = {report.key: report for report in REPORTS}
USUAL: Mapping[str, str] = {
    "today": N_("Today"),
    "week": N_("This week"),
    "month": N_("This month"),
    "last-month": N_("Last month"),
}
"""Of the periods that are asked for most the names."""


async def save_report(screen: Screen) -> web.StreamResponse:
    """One report as XLSX."""
    report = _asked(screen)
    of = _of(screen, report)
    table = (await _made(screen, report, of, None)).table
    name = screen.t(report.name)
    heading = f"{name} {_when(screen, of)}"
    data = await screen.aside(lambda left: xlsx(name, heading, table, screen.zone, given_up=left), file=True)
    return answer(data, f"{of.period} {name}.xlsx")


async def show_report(screen: Screen) -> web.StreamResponse:
    """One report; when none is named, the day's work log."""
    report, whole = _asked(screen), screen.query.get("view") == "print"
    of = _of(screen, report)
    made = await _made(screen, report, of, None if whole else _ON_SCREEN)
    table, period = made.table, of.period

    def rows() -> dict[str, Any]:
        return {"rows": shown(table, screen.format)}

    step = timedelta(days=period.days)
    later = period.moved(step)
    values: dict[str, Any] = {
        "report": report,
        "reports": [each for each in REPORTS if each.tab],
        "period": period,
        "when": _when(screen, of),
        "usual": [(USUAL[name], each) for name, each in usual(screen.today).items()],
        "before": period.moved(-step),
        "after": later if later.first <= screen.today else None,
        "table": table,
        "sort": screen.query.get("sort", ""),
        "sortable": report.by is not None,
        "more": made.more,
        "chart": made.chart,
        "whole": whole,
    }
    if whole:  # a day's list for paper has thousands of rows
        return await screen.render_aside("reports.html", rows, **values)
    return screen.render("reports.html", **values, **rows())


def _asked(screen: Screen) -> Report:
    key = screen.path.get("report", REPORTS[0].key)
    if key not in _BY_KEY:
        raise NotFound(f"there is no report {key}")
    return _BY_KEY[key]


def _of(screen: Screen, report: Report) -> Asked:
    return Asked(period_of(screen.query, screen.today, week=report.by == "day"), screen.query)


def _when(screen: Screen, of: Asked) -> str:
    """The days, and the names of the department, manager, agent or team to which the report is narrowed."""
    words = _reader(screen)
    named = [(name, of.query.get(name, "")) for name in NARROWS]
    narrowed = [
        screen.t("(unassigned)") if value == "-" else words.agent(value) if name == "agent" else value
        for name, value in named
        if value
    ]
    return " · ".join([str(of.period), *narrowed])


def _selection(screen: Screen, report: Report, of: Asked) -> Selection:
    """Whose figures and customers are asked for, of those that the person may see."""
    scope = screen.rows.scope(screen.context.state_if_loaded)  # before the day is loaded a team's leader sees nothing
    narrow = {name: value.removeprefix("-") for name in NARROWS if (value := of.query.get(name))}
    return Selection(of.period.first, of.period.last, scope, standing=report.standing, **narrow)


def _reader(screen: Screen) -> Reader:
    state = screen.context.state_if_loaded
    names = {agent.number: agent.name for agent in state.agents.values()} if state else {}
    return Reader(screen.t, screen.format, names)


async def _made(screen: Screen, report: Report, of: Asked, most: int | None) -> Made:
    """A report; of a list ``most`` rows (None: all)."""
    reports, words = screen.services.reports, _reader(screen)
    chosen, before = _selection(screen, report, of), of.period.before
    compared = replace(chosen, first=before.first, last=before.last)
    if report.key == "log":
        return Made(tables.log(await reports.sums(chosen), of, words))
    if report.key == "hours":
        now, was = [tables.by_hour(await reports.by_time(each), screen.zone) for each in (chosen, compared)]
        return Made(tables.hours(now, words), chart=tables.drawn(now, was))
    if report.key == "no-result":
        calls = await open_results(screen, of.period.first, of.period.last)
        return Made(lists.no_result([call for call in calls if _is_of(call, chosen)], words))
    if report.by is not None:
        found, earlier = [await reports.grouped(report.by, each) for each in (chosen, compared)]
        table = arranged(tables.figures(report.by, found, earlier, of, words), screen.query.get("sort", ""))
        return Made(table, chart=tables.by_day(found, earlier, of.period) if report.by == "day" else None)
    details = await _details(screen, chosen, most)
    more = await reports.count(chosen) - len(details) if most is not None and len(details) >= most else 0
    if report.standing == "unreached":
        return Made(lists.not_reached(details, of, words), more)
    orders = report.standing != "no-order"
    return Made(lists.customers(details, of, words, whole=not more, orders=orders), more)


def _is_of(call: Call, chosen: Selection) -> bool:
    """Whether it was with such a customer, by such an agent."""
    return (
        chosen.department in (None, call.customer.department)
        and chosen.manager in (None, call.customer.account_manager)
        and chosen.agent in (None, call.attempt.agent)
    )


async def _details(screen: Screen, of: Selection, most: int | None) -> list[VisitDetail]:
    found: list[VisitDetail] = []
    while most is None or len(found) < most:
        limit = _BATCH if most is None else min(_BATCH, most - len(found))
        batch = await screen.services.reports.details(of, Page(limit, len(found)))
        found += [await _with_hand_order(screen, each) for each in batch]
        if len(batch) < limit:
            break
    return found


async def _with_hand_order(screen: Screen, detail: VisitDetail) -> VisitDetail:
    """With the order that was taken by hand, as far as the order system told of it."""
    number = detail.visit.hand.order if detail.visit.hand else ""
    order = await screen.services.order_store.order(number) if number else None
    return detail if order is None or order.attempt else replace(detail, orders=(*detail.orders, order))


async def show_reconciliation(screen: Screen) -> web.StreamResponse:
    """Calls without recordings, recordings without calls, orders without either."""
    day = any_day(screen.query.get("day") or screen.query.get("until") or screen.today.isoformat())
    found = await screen.services.reconcile(day)
    parts = lists.reconciliation(found, screen.t)
    unsaid = lists.no_result(await open_results(screen, day), _reader(screen))
    parts.append((screen.t("Conversations without a result"), unsaid))
    claims = await _claims(screen, found.orders_without_call)
    return screen.render(
        "reconciliation.html", day=day, lists=parts, claims=claims, before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < screen.today else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """A call that may be an order's: ``when`` it was, whose it was."""

    attempt: str
    when: datetime
    shop: str
    agent: str


async def _claims(screen: Screen, lines: Sequence[OrderLine]) -> dict[str, list[Claim]]:
    """Number of an order -> the calls among which a person must choose."""
    calls = {name: await screen.services.calls.attempt(name) for line in lines for name in line.candidates}
    customers = await screen.services.calls.customers([call.visit for call in calls.values()])
    return {
        line.number: [
            Claim(name, calls[name].placed_at, shop(customers[calls[name].visit]), calls[name].agent)
            for name in line.candidates
        ]
        for line in lines
        if line.candidates
    }


PAGES = (
    page("/reports", show_report, LEADERS, nav="Reports", key="4", turn="heavy"),
    page("/reports/reconciliation", show_reconciliation, SUPERVISOR, turn="heavy"),
    page("/reports/{report}", show_report, LEADERS, turn="heavy"),
    page("/reports/{report}/xlsx", save_report, LEADERS, turn="heavy"),
)
