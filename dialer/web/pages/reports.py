"""Reports of the day and the week: to look at, to print, to save. Everybody sees the customers that are theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from dialer.campaign.records import Page, Story
from dialer.campaign.state import State
from dialer.errors import BadInput, Busy, NotFound
from dialer.web.access import LEADERS, SUPERVISOR
from dialer.web.pages import reports_tables as tables
from dialer.web.pages.reports_figures import Sums, of_all
from dialer.web.pages.reports_reconciliation import reconciliation
from dialer.web.pages.reports_sheet import answer, xlsx
from dialer.web.pages.reports_tables import Table, Words, shown
from dialer.web.pages.screen import Screen, page
from dialer.web.pages.texts import mark

_BATCH = 200
"""Visits read at a time: the calls go on between two batches."""
_ON_SCREEN = 300
_DAYS = 7


@dataclass(frozen=True, slots=True)
class Report:
    """A report of one day. ``make`` None: of a week."""

    key: str
    name: str
    make: Callable[[Sequence[Story], Words], Table] | None = field(default=None)


REPORTS = (
    Report("log", mark("Work log"), tables.log),
    Report("no-order", mark("Without an order"), tables.no_order),
    Report("unreached", mark("Unreached"), tables.not_reached),
    Report("agents", mark("Per agent"), tables.agents),
    Report("hours", mark("Per hour"), tables.hours),
    Report("week", mark("Week")),
)
_BY_KEY: Mapping[str, Report] = {report.key: report for report in REPORTS}


async def show_reports(screen: Screen) -> web.StreamResponse:
    """The day's work log."""
    return await _show(screen, REPORTS[0])


async def show_report(screen: Screen) -> web.StreamResponse:
    """One report."""
    return await _show(screen, _asked(screen))


async def save_report(screen: Screen) -> web.StreamResponse:
    """One report as XLSX."""
    report, day = _asked(screen), _day(screen)
    table = await _table(screen, report, day)
    name = screen.t(report.name)
    heading = f"{name} {_when(report, day)}"
    data = await asyncio.to_thread(xlsx, name, heading, table, screen.zone)
    return answer(data, f"{day:%Y-%m-%d} {name}.xlsx")


async def show_reconciliation(screen: Screen) -> web.StreamResponse:
    """Calls without recordings, recordings without calls, orders without either."""
    day = _day(screen)
    found = await screen.services.reconcile(day)
    return screen.render("reconciliation.html", day=day, lists=reconciliation(found, screen.t), **_days(screen, day))


async def _show(screen: Screen, report: Report) -> web.StreamResponse:
    day, whole = _day(screen), screen.query.get("view") == "print"
    table = await _table(screen, report, day)
    rows = table.rows if whole else table.rows[:_ON_SCREEN]
    return screen.render(
        "reports.html",
        report=report,
        reports=REPORTS,
        day=day,
        when=_when(report, day),
        table=table,
        rows=[[shown(cell, c.kind, screen.format) for cell, c in zip(row, table.columns, strict=True)] for row in rows],
        more=len(table.rows) - len(rows),
        whole=whole,
        **_days(screen, day),
    )


async def _table(screen: Screen, report: Report, day: date) -> Table:
    state = _state(screen)
    names = {agent.number: agent.name for agent in state.agents.values()} if state else {}
    words = Words(screen.t, screen.language, screen.format, names)
    if report.make is not None:
        return report.make(await _stories(screen, day, state), words)
    days: dict[date, Sums] = {}
    for one in _week(day):
        stories = await _stories(screen, one, state)
        if stories:
            days[one] = of_all(stories)
    return tables.week(days, words)


async def _stories(screen: Screen, day: date, state: State | None) -> list[Story]:
    """The visits of a day that the person may see."""
    found: list[Story] = []
    at = Page(_BATCH)
    while batch := await screen.services.calls.stories(day, at):
        found += [story for story in batch if screen.rows.visit(story.visit, state)]
        if len(batch) < at.limit:
            break
        at = Page(at.limit, at.offset + at.limit)
    return found


def _state(screen: Screen) -> State | None:
    try:
        return screen.state
    except Busy:  # without it only those who may see everything see anything
        return None


def _asked(screen: Screen) -> Report:
    report = _BY_KEY.get(screen.path["report"])
    if report is None:
        raise NotFound(f"there is no report {screen.path['report']}")
    return report


def _day(screen: Screen) -> date:
    text = screen.query.get("day", "")
    try:
        day = date.fromisoformat(text) if text else screen.today
    except ValueError:
        raise BadInput(f"'{text}' is no day; write it as 2026-11-23") from None
    if not 2000 <= day.year < 2100:
        raise BadInput(f"'{text}': the year must be from 2000 to 2099")
    return day


def _days(screen: Screen, day: date) -> dict[str, Any]:
    """Neighbours of a day; there is no report of tomorrow."""
    return {"before": day - timedelta(days=1), "after": day + timedelta(days=1) if day < screen.today else None}


def _week(day: date) -> list[date]:
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(_DAYS)]


def _when(report: Report, day: date) -> str:
    if report.make is not None:
        return f"{day:%Y-%m-%d}"
    week = _week(day)
    return f"{week[0]:%Y-%m-%d} – {week[-1]:%Y-%m-%d}"


PAGES = (
    page("/reports", show_reports, LEADERS, nav="Reports", key="4"),
    page("/reports/reconciliation", show_reconciliation, SUPERVISOR),
    page("/reports/{report}", show_report, LEADERS),
    page("/reports/{report}/xlsx", save_report, LEADERS),
)
