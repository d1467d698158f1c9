"""Lists of customers, calls and orders as tables: for a page, for paper and for XLSX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from dialer.campaign.model.customer import CARD, Shown, card
from dialer.campaign.model.order import Order
from dialer.campaign.views import wording
from dialer.campaign.views.lookup import Call, VisitDetail
from dialer.campaign.views.recording_words import wrong
from dialer.language import N_, Translate
from dialer.recording.reconcile import CallLine, OrderLine, Reconciliation
from dialer.web.kit.page.format import capital
from dialer.web.kit.page.sheet import Cell, Column, Table
from dialer.web.reports.tables import Asked, Reader


def customers(details: Sequence[VisitDetail], of: Asked, words: Reader, *, whole: bool, orders: bool) -> Table:
    """Customers with what came of the calls, each leading to their page; with ``orders`` what they ordered.

    A list that is ``whole`` ends with its sum.
    """
    t = words.t
    figures = (Column(t("Quantity"), "number"), Column(t("Amount"), "money")) if orders else ()
    columns = (*_customer(of, t), Column(t("Result")), Column(t("Calls", context="count"), "number"), *figures)
    known = [[sum_of(each.orders, name) for name in ("quantity", "amount")] if orders else [] for each in details]
    rows: list[Sequence[Cell]] = [
        (*_who(each, of, words), _result(each, words), len(each.attempts), *its)
        for each, its in zip(details, known, strict=True)
    ]
    if whole and rows:
        blank = [""] * (len(columns) - 2 - len(figures))
        sums = (sum((Decimal(each[x] or 0) for each in known), Decimal()) for x in range(len(figures)))
        rows.append((f"{t('Total')} {len(details)}", *blank, sum(len(each.attempts) for each in details), *sums))
    return Table(columns, rows, _to_customers(details), frozenset({len(details)} if len(rows) > len(details) else ()))


def not_reached(details: Sequence[VisitDetail], of: Asked, words: Reader) -> Table:
    """Unreached customers with the time and outcome of each call."""
    t, f = words.t, words.format
    columns = (*_customer(of, t), Column(t("Counted attempts"), "number"), Column(t("Attempts")))
    rows = []
    for detail in details:
        calls = [
            f"{f.clock(a.placed_at)} {t(wording.DISPOSITIONS[a.disposition]) if a.disposition else ''}"
            for a in detail.attempts
        ]
        rows.append((*_who(detail, of, words), detail.visit.counted, t("; ").join(calls)))
    return Table(columns, rows, _to_customers(details))


def sum_of(orders: Sequence[Order], name: str) -> Decimal | None:
    """What orders come to, by ``name`` quantity or amount; None when none of them says."""
    said = [_NUMBER.match(getattr(order, name).replace(",", "").strip()) for order in orders]
    figures = [Decimal(each[0]) for each in said if each]
    return sum(figures, Decimal()) if figures else None


_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,3})?")


def _to_customers(details: Sequence[VisitDetail]) -> dict[tuple[int, int], str]:
    return {(y, x): f"/floor/customers/{each.visit.id}" for y, each in enumerate(details) for x in (0, 1)}


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


_HERE = {"phone": N_("Phone")}  # the one that was dialled


def _customer(of: Asked, t: Translate) -> tuple[Column, ...]:
    known = (Column(t(_HERE.get(each.name, each.heading))) for each in CARD if Shown.REPORT in each.shown)
    day = (Column(t("Day"), "day"),) if of.period.days > 1 else ()
    return *known, *day, Column(t("Agent"), whole=True), Column(t("State"), whole=True)


def _who(detail: VisitDetail, of: Asked, words: Reader) -> tuple[Cell, ...]:
    """The customer, of several days which, their agent and how they stand."""
    visit = detail.visit
    known = (value for _, value in card(replace(detail.customer, phone=visit.number), Shown.REPORT))
    day = (visit.day,) if of.period.days > 1 else ()
    agent = visit.agent or next((a.agent for a in reversed(detail.attempts)), None)
    return *known, *day, words.agent(agent), capital(words.t(wording.VISIT_STATES[visit.state]))


def _result(detail: VisitDetail, words: Reader) -> str:
    result = detail.visit.result
    return capital(words.t(wording.RESULTS[result])) if result is not None else ""
