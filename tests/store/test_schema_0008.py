"""A database that the version before the packages were cut anew wrote (schema 0008), with rows in every table.

``schema_0008.sql`` is a dump of the file that it left, never to be edited: unlike the databases of
``test_older_databases`` no line of today's code had a part in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.campaign.changes import AlarmChange, CalendarChange, NoticeKind
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import RecordingState
from dialer.campaign.model.visit import ManualCall, Result, VisitState
from dialer.campaign.views.lookup import CallQuery
from dialer.notices.outbox import NoticeState
from dialer.people.audit_log import AuditQuery
from dialer.people.staff import Role
from dialer.reports.sums import Selection
from dialer.store import migrate
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.people.auditlog import SqlAuditLog
from dialer.store.people.sessions import SqlSessionStore
from dialer.store.people.staff import SqlStaffStore
from dialer.store.people.tokens import SqlTokenStore
from dialer.store.records.board import SqlBoard
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.figures import SqlFigures
from dialer.store.records.marks import SqlMarkStore
from dialer.store.records.orders import SqlOrderStore
from dialer.store.records.outbox import SqlOutbox
from dialer.store.records.recordings import SqlRecordingStore
from dialer.store.records.remarks import SqlRemarkStore
from dialer.store.records.sums import SqlReportStore
from tests.contracts.made_up import DAY, NOW, at, customer, unreached

DUMP = Path(__file__).with_name("schema_0008.sql")
ORDERED, LATER, WRONG, UP = "abc123-2-1-k3", "abc123-11-1-k3", "abc123-10-1-k3", "abc123-3-1-k3"
PAGE = Page()


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """The file as it was left."""
    path = tmp_path / "dialer.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return path


@pytest.fixture
async def old(left: Path) -> AsyncIterator[Database]:
    """It, opened by this version."""
    database = await Database.open(left)
    yield database
    await database.close()


def rows_of(path: Path) -> dict[str, list[dict[str, object]]]:
    """Every row, by table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = [name for name in tables if not name.startswith(("sqlite_", "alembic_"))]
        return {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in ours}  # noqa: S608 - its own names


async def test_every_row_is_there_after_the_upgrade(left: Path) -> None:
    """With each value that it had; every table had some."""
    before = rows_of(left)
    assert all(before.values())
    await (await Database.open(left)).close()
    after = rows_of(left)
    for table, rows in before.items():
        assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows, table
    with closing(sqlite3.connect(left)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (migrate.head(),)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_the_day_goes_on(old: Database) -> None:
    """The engine reads its day from it, and a call that was up can end."""
    store = SqlDayStore(old)
    base = await store.base()
    assert (base.open_days, base.next_visit, base.flags) == ([DAY], 13, {"paused": "停电"})
    assert base.agents == [Agent("A3", "王芳", "PJSIP/8003", "A", Presence.ON_CALL, at(181), "", UP)]
    assert base.alarms == [AlarmChange("trunk:carrier", "dead", at(3))]
    loaded = await store.load(DAY, NOW)
    visits = {visit.id: visit for visit in loaded.visits}
    assert len(visits) == 12
    states = {number: visits[number].state for number in (1, 2, 3, 8, 9, 10, 11, 12)}
    assert states == {
        1: VisitState.UNREACHED,
        2: VisitState.REACHED,
        3: VisitState.CALLING,
        8: VisitState.REACHED,
        9: VisitState.WITHDRAWN,
        10: VisitState.INVALID_NUMBER,
        11: VisitState.REACHED,
        12: VisitState.WAITING,
    }
    assert visits[8].hand == ManualCall("003", at(200), 2, Result.ORDERED, "手机打通", "N9", at(9000), "主任")
    assert (visits[11].promised, visits[11].team, visits[11].shared, visits[11].doubtful) == (at(7000), "A", True, True)
    assert [live.id for live in loaded.attempts] == [UP]
    assert loaded.calendar == (True, "调休")
    assert loaded.departments == ["城东营销部"]
    talks = {name: talk.visit for name, talk in loaded.conversations.items()}
    assert talks == {ORDERED: 2, "abc123-4-1-k3": 4, LATER: 11}
    assert set(await store.customer_data([1, 12, 99])) == {1, 12}
    await store.commit(unreached(3))
    assert (await SqlCallStore(old).detail(3)).visit.state is VisitState.UNREACHED


async def test_calls_are_found(old: Database) -> None:
    """A visit with all that is known of it, calls by a search, attempts for an audit, figures for a report."""
    calls = SqlCallStore(old)
    detail = await calls.detail(10)
    assert (detail.customer, detail.visit.last) == (customer(10), "invalid_number")
    assert [(call.progress, call.cause, call.sip) for call in detail.calls] == [
        (CallProgress.RINGING, None, None),
        (CallProgress.HUNG_UP, 1, 404),
    ]
    assert (detail.attempts[0].disposition, detail.attempts[0].source) == (Disposition.INVALID_NUMBER, "SIP 404")
    assert detail.attempts[0].evidence.ringing
    assert [entry.what for entry in (await calls.detail(8)).history] == ["visit.by_hand"]
    (found,) = await calls.calls(CallQuery(order="N1"))
    assert (found.attempt.id, found.attempt.result, found.orders) == (ORDERED, "ordered", ("N1",))
    assert len(await calls.details(DAY, PAGE)) == 12
    assert len(await calls.attempts_between(NOW, NOW + timedelta(days=1))) == 6
    sums = await SqlReportStore(old).sums(Selection(DAY, DAY))
    assert (sums.visits, sums.calls, sums.conversations, sums.orders) == (12, 6, 3, 2)


async def test_what_came_of_calls_is_read(old: Database) -> None:
    """Recordings with what was said of them, orders, notices, the board, days off."""
    recordings = SqlRecordingStore(old)
    kept, faulty = await recordings.recording(ORDERED), await recordings.recording(LATER)
    assert kept is not None
    assert (kept.state, kept.path, kept.duration_s) == (RecordingState.KEPT, "2026/11/23/x.wav", 75.0)
    assert faulty is not None
    assert (faulty.levels, faulty.faults, faulty.hold_reason) == ((-20.5, None), ("silent",), "投诉")
    assert await recordings.accesses(None, PAGE) == [(at(100), "主任", "listen", ORDERED, "10.0.0.1")]
    assert [each.id for each in await recordings.connected_without_recording(at(9999), 9)] == ["abc123-4-1-k3"]
    assert [mark.text for mark in await SqlMarkStore(old).marks(ORDERED)] == ["数量没有复述"]
    assert (await SqlRemarkStore(old).remarks([ORDERED]))[ORDERED].text == "下午送"
    orders = SqlOrderStore(old)
    (open_order,) = await orders.open_orders(PAGE)
    assert (open_order.number, open_order.candidates, open_order.amount) == ("N10", (LATER, ORDERED), "450.00")
    assert [order.number for order in await orders.orders_of(ORDERED)] == ["N1"]
    outbox = SqlOutbox(old)
    notices = {notice.kind: notice for notice in await outbox.notices(None, PAGE)}
    assert {kind: notice.state for kind, notice in notices.items()} == {
        NoticeKind.UNREACHED: NoticeState.PENDING,
        NoticeKind.INVALID_NUMBER: NoticeState.DELIVERED,
        NoticeKind.LATE_START: NoticeState.PENDING,
        NoticeKind.ALARM: NoticeState.DEAD,
    }
    assert notices[NoticeKind.UNREACHED].body["data"]["customer"]["shop_name"] == "惠民烟酒店1号"
    assert await outbox.next_try() == at(90)
    board = {notice.id: notice for notice in await SqlBoard(old).listing(None, None, False, PAGE)}
    assert (board["a"].account_manager, board["b"].acknowledged_by) == ("李经理", "002")
    assert await SqlFigures(old).calendar(2026) == [
        CalendarChange(DAY, True, "调休"),
        CalendarChange(DAY + timedelta(days=1), False, "国庆节"),
    ]


async def test_who_works_with_it_is_known(old: Database) -> None:
    """Accounts, sessions, tries, tokens, and what people did."""
    agent, leader = await SqlStaffStore(old).everybody()
    assert (agent.number, agent.role, agent.password) == ("001", Role.AGENT, "$argon2id$made-up")
    assert (leader.role, leader.team, leader.language) == (Role.TEAM_LEADER, "A", "en")
    assert (leader.recordings, leader.disabled, leader.must_change) == (True, True, True)
    sessions = SqlSessionStore(old)
    session = await sessions.session("e" * 64)
    assert session is not None
    assert (session.staff, session.expires_at) == ("001", at(1) + timedelta(hours=8))
    assert await sessions.begin_try({"account:001": 5}, at(9), NOW) == {"account:001": [at(1)]}
    tokens = SqlTokenStore(old)
    assert await tokens.token("d" * 64) == ("order-system", ("orders",))
    assert await tokens.token("c" * 64) is None
    assert [(name, revoked) for name, _, _, revoked in await tokens.tokens()] == [
        ("order-system", False),
        ("old", True),
    ]
    assert [entry.details for entry in await SqlAuditLog(old).search(AuditQuery())] == [{"a": 1}]
