"""Reports of the day and the week: to look at, to print, to save. Everybody sees the customers that are theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from dialer.campaign.model.query import Page
from dialer.campaign.views.lookup import VisitDetail
from dialer.errors import NotFound
from dialer.language import N_
from dialer.recording.reconcile import OrderLine
from dialer.reports.sums import Selection, Standing, Sums
from dialer.web.kit.access.roles import LEADERS, SUPERVISOR
from dialer.web.kit.localtime import any_day
from dialer.web.kit.page.charts import Chart
from dialer.web.kit.page.day import open_results, shop
from dialer.web.kit.page.screen import Screen, page
from dialer.web.kit.page.sheet import Table, answer, xlsx
from dialer.web.reports import tables
from dialer.web.reports.tables import Reader, shown

_BATCH = 200
"""Customers of a list that are read at a time: the calls go on between two batches."""
_ON_SCREEN = 300
_DAYS = 7
WEEK = "week"


@dataclass(frozen=True, slots=True)
class Made:
    """A report as it is shown: so much of it, and how many rows more there are."""

    table: Table
    more: int = 0
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What can be asked for. ``standing``: a list of such customers."""

    key: str
    name: str
    standing: Standing | None = None


REPORTS = (
    Report("log", N_("Daily log")),
    Report("no-order", N_("Customers without an order"), "no-order"),
    Report("unreached", N_("Customers not reached"), "unreached"),
    Report("no-result", N_("Without a result")),
    Report("agents", N_("Per agent")),
    Report("hours", N_("Per hour")),
    Report(WEEK, N_("Week")),
)
_BY_KEY: Mapping[str, Report] = {report.key: report for report in REPORTS}


async def save_report(screen: Screen) -> web.StreamResponse:
    """One report as XLSX."""
    report, day = _asked(screen), _day(screen)
    table = (await _made(screen, report, day, None)).table
    name = screen.t(report.name)
    heading = f"{name} {_when(report, day)}"
    data = await screen.aside(lambda left: xlsx(name, heading, table, screen.zone, given_up=left), file=True)
    return answer(data, f"{day:%Y-%m-%d} {name}.xlsx")


async def show_reconciliation(screen: Screen) -> web.StreamResponse:
    """Calls without recordings, recordings without calls, orders without either."""
    day = _day(screen)
    found = await screen.services.reconcile(day)
    lists = tables.reconciliation(found, screen.t)
    lists.append(
        (screen.t("Conversations without a result"), tables.no_result(await open_results(screen, day), _reader(screen)))
    )
    claims = await _claims(screen, found.orders_without_call)
    return screen.render("reconciliation.html", day=day, lists=lists, claims=claims, **_days(screen, day))


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


async def show_report(screen: Screen) -> web.StreamResponse:
    """One report; when none is named, the day's work log."""
    report, day, whole = _asked(screen), _day(screen), screen.query.get("view") == "print"
    made = await _made(screen, report, day, None if whole else _ON_SCREEN)
    table = made.table

    def rows() -> dict[str, Any]:
        return {"rows": shown(table, screen.format)}

    values: dict[str, Any] = {
        "report": report,
        "reports": REPORTS,
        "day": day,
        "when": _when(report, day),
        "table": table,
        "more": made.more,
        "chart": made.chart,
        "whole": whole,
        **_days(screen, day),
    }
    if whole:  # a day's list for paper has thousands of rows
        return await screen.render_aside("reports.html", rows, **values)
    return screen.render("reports.html", **values, **rows())


def _reader(screen: Screen) -> Reader:
    state = screen.context.state_if_loaded
    names = {agent.number: agent.name for agent in state.agents.values()} if state else {}
    return Reader(screen.t, screen.format, names)


async def _made(screen: Screen, report: Report, day: date, most: int | None) -> Made:
    """A report; of a list ``most`` rows (None: all)."""
    words = _reader(screen)
    reports, of = screen.services.reports, _selection(screen, report, day)
    if report.standing is not None:
        details = await _details(screen, of, most)
        table = (tables.no_order if report.standing == "no-order" else tables.not_reached)(details, words)
        full = most is not None and len(details) >= most
        return Made(table, await reports.count(of) - len(details) if full else 0)
    if report.key == "no-result":
        return Made(tables.no_result(await open_results(screen, day), words))
    if report.key == "agents":
        return Made(tables.agents(await reports.grouped("agent", of), words))
    if report.key == "hours":
        hours = tables.by_hour(await reports.by_time(of), screen.zone)
        return Made(tables.hours(hours, words), chart=tables.drawn(hours))
    if report.key == WEEK:
        sums: dict[date, Sums] = {one: await reports.sums(replace(of, first=one, last=one)) for one in _week(day)}
        return Made(tables.week({one: found for one, found in sums.items() if found.visits}, words))
    return Made(tables.log(await reports.sums(of), day, words))


def _selection(screen: Screen, report: Report, day: date) -> Selection:
    """Whose figures and customers are asked for, of those that the person may see; "-" has no name."""
    department = screen.query.get("department")
    scope = screen.rows.scope(
        screen.context.state_if_loaded
    )  # without the day only who may see everything sees anything
    return Selection(day, day, scope, department=department and department.removeprefix("-"), standing=report.standing)


async def _details(screen: Screen, of: Selection, most: int | None) -> list[VisitDetail]:
    found: list[VisitDetail] = []
    while most is None or len(found) < most:
        limit = _BATCH if most is None else min(_BATCH, most - len(found))
        batch = await screen.services.reports.details(of, Page(limit, len(found)))
        found += batch
        if len(batch) < limit:
            break
    return found


def _asked(screen: Screen) -> Report:
    key = screen.path.get("report", REPORTS[0].key)
    if key not in _BY_KEY:
        raise NotFound(f"there is no report {key}")
    return _BY_KEY[key]


def _day(screen: Screen) -> date:
    return any_day(screen.query.get("day") or screen.today.isoformat())


def _days(screen: Screen, day: date) -> dict[str, Any]:
    """Neighbours of a day; there is no report of tomorrow."""
    return {"before": day - timedelta(days=1), "after": day + timedelta(days=1) if day < screen.today else None}


def _week(day: date) -> list[date]:
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(_DAYS)]


def _when(report: Report, day: date) -> str:
    if report.key != WEEK:
        return f"{day:%Y-%m-%d}"
    week = _week(day)
    return f"{week[0]:%Y-%m-%d} – {week[-1]:%Y-%m-%d}"


PAGES = (
    page("/reports", show_report, LEADERS, nav="Reports", key="4", turn="heavy"),
    page("/reports/reconciliation", show_reconciliation, SUPERVISOR, turn="heavy"),
    page("/reports/{report}", show_report, LEADERS, turn="heavy"),
    page("/reports/{report}/xlsx", save_report, LEADERS, turn="heavy"),
)
