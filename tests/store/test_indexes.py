"""Searches stay quick over years of calls: no statement reads a growing table from end to end."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

from sqlalchemy import event

from dialer.campaign.changes import Changes, OrderTaken
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.order import Order
from dialer.campaign.model.query import Page, VisitScope
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import CallQuery
from dialer.notices.board import BoardNotice
from dialer.notices.outbox import NoticeState
from dialer.people.marks import Mark
from dialer.reports.sums import Group, Selection, Standing
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.board import SqlBoard
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.marks import SqlMarkStore
from dialer.store.records.orders import SqlOrderStore
from dialer.store.records.outbox import SqlOutbox
from dialer.store.records.recordings import SqlRecordingStore
from dialer.store.records.sums import SqlReportStore
from tests.contracts.made_up import DAY, NOW, added, at, attempt, calling, ended, placed, unreached
from tests.store.conftest import readers_of, writer_of

TALK = ended(attempt(2), Disposition.CONNECTED)
# Tables that do not grow with the calls, and the page that a look-up has found already.
SMALL = {"page", "agents", "alarms", "flags", "calendar", "tokens", "facts", "recordings_due"}
# Indexes that hold only what is still open, so that reading them whole is right.
OF_OPEN_THINGS = re.compile(
    r"SCAN \w+ USING (COVERING )?INDEX "
    r"(uq_attempts_live_|ix_visits_unfinished|uq_alarms_open|ix_board_open|ix_orders_open)"
)


async def work(database: Database) -> None:
    """Everything that the service asks of the store in a day."""
    day, calls, orders = SqlDayStore(database), SqlCallStore(database), SqlOrderStore(database)
    recordings, outbox, board = SqlRecordingStore(database), SqlOutbox(database), SqlBoard(database)
    await day.commit(added(1, 2))
    await day.commit(placed(1))
    await day.commit(unreached(1))
    await day.commit(Changes(visits=[calling(2)], placed=[attempt(2)]))
    taken = [OrderTaken("N1", TALK.id, "C00002", NOW, "A2")]
    await day.commit(Changes(attempts=[TALK], results=[(TALK.id, "ordered")], orders=taken))
    await day.base()
    await day.load(DAY, NOW)
    await day.customer_data([1, 2])
    await calls.detail(1)
    await calls.details(DAY, Page())
    await calls.visits_of("C00001", DAY)
    await calls.attempts_between(NOW, at(9))
    for query in (
        CallQuery(),
        CallQuery(customer="C00001"),
        CallQuery(number="1"),
        CallQuery(agent="A1", since=NOW),
        CallQuery(order="N1"),
        CallQuery(day=DAY, recorded=True),
        CallQuery(disposition="busy", until=NOW),
        CallQuery(since=NOW, until=at(9), recorded=False),
        CallQuery(text="惠民"),
        CallQuery(day=DAY, amiss=True),
        CallQuery(day=DAY, last_day=DAY + timedelta(days=6), unsaid=True, scope=VisitScope("A", frozenset({"1"}))),
        CallQuery(text="13904", since=NOW, result="ordered", shortest_s=1, longest_s=2, hold=True, oldest_first=True),
    ):
        await calls.calls(query)
    await recordings.connected_without_recording(at(999), 9)
    await recordings.save_recording(Recording(TALK.id, RecordingState.KEPT, at(99)))
    await recordings.hold(TALK.id, True, "")
    await recordings.expired(NOW, 9)
    await recordings.log_access(TALK.id, "a", "b", NOW, "")
    await recordings.accesses(TALK.id, Page())
    await recordings.accesses(None, Page())
    marks = SqlMarkStore(database)
    mark = await marks.add_mark(Mark(TALK.id, NOW, "a", "b", 1.0))
    await marks.marks(TALK.id)
    await marks.remove_mark(TALK.id, mark.id, "a")
    await orders.save_order(Order("N2", "C00001", NOW, "order-system"))
    await orders.orders_of(TALK.id)
    await orders.open_orders(Page())
    await orders.conversations("C00001", NOW, at(9))
    (notice, *_) = await outbox.due(at(999), 9)
    await outbox.next_try()
    await outbox.mark_failed(notice.id, NOW, "", at(9))
    await outbox.mark_delivered(notice.id, NOW)
    await outbox.notices(None, Page())
    await outbox.notices(NoticeState.DEAD, Page())
    await board.post(BoardNotice("a", "b", NOW, "c", "d", {}))
    await board.listing("c", None, True, Page())
    await board.listing(None, "d", False, Page())
    await board.listing(None, None, False, Page())
    reports = SqlReportStore(database)
    for team in (None, VisitScope("A", frozenset({"1"}))):
        of = Selection(DAY, DAY, team)
        await reports.sums(of)
        await reports.by_time(of)
        await reports.tries(of)
        for group in get_args(Group):
            await reports.grouped(group, replace(of, last=DAY + timedelta(days=30)))
        for standing in get_args(Standing):
            await reports.details(replace(of, standing=standing, department="a"), Page())
            await reports.count(replace(of, standing=standing, agent="1"))
    await board.waiting()
    for scope in (VisitScope("A", frozenset({"1"})), VisitScope(None, frozenset({"1"}))):
        await board.listing(None, None, True, Page(), scope)
        await board.waiting(scope)
        await outbox.notices(None, Page(), scope)
    await board.acknowledge("a", "b", NOW)


async def test_no_statement_reads_a_whole_table(database: Database) -> None:
    """The plan of every statement that a day needs finds its rows by an index."""
    seen: dict[str, Any] = {}

    def note(connection: object, cursor: object, statement: str, parameters: Any, context: object, many: bool) -> None:
        seen[statement] = parameters[0] if many else parameters

    for engine in (readers_of(database), writer_of(database)):
        event.listen(engine, "before_cursor_execute", note)
    await work(database)
    assert len(seen) > 50
    bad = []
    with closing(sqlite3.connect(database.backend.name)) as connection:
        for statement, parameters in seen.items():
            if not statement.startswith("BEGIN"):
                steps = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
                # In the order of an index a statement stops at its limit.
                whole = [
                    step
                    for step in steps
                    if step.startswith("SCAN")
                    and not OF_OPEN_THINGS.match(step)
                    and not (" INDEX " in step and "LIMIT" in statement)
                ]
                bad += [
                    f"{step}: …{statement[-300:]}" for step in whole if not step.split()[1].startswith(tuple(SMALL))
                ]
    assert not bad, "\n\n".join(bad)
