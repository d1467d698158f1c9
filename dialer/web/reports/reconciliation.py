"""The reconciliation's lists as tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.campaign.views.recording_words import wrong
from dialer.language import Translate
from dialer.recording.reconcile import CallLine, OrderLine, Reconciliation
from dialer.web.kit.page.sheet import Cell, Column, Table


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
