"""A database that any earlier version of the program left opens, with every row that it had, and the day goes on."""
# ruff: noqa: S608 -- the names are those of our own tables

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.campaign.changes import AlarmChange, CalendarChange, Changes, OrderTaken
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.model.visit import NOT_ON_LIST, Visit, VisitState, WithdrawnBy
from dialer.campaign.views.lookup import CallQuery
from dialer.notices.board import BoardNotice
from dialer.people.audit_log import AuditEntry
from dialer.people.grants import Giver
from dialer.people.marks import Mark
from dialer.people.remarks import Remark
from dialer.people.sessions import Session
from dialer.people.staff import Role, Staff
from dialer.people.ticks import Matter, Tick
from dialer.store import migrate
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.people.auditlog import SqlAuditLog
from dialer.store.people.sessions import SqlSessionStore
from dialer.store.people.staff import SqlStaffStore
from dialer.store.people.tokens import SqlTokenStore
from dialer.store.records.board import SqlBoard
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.marks import SqlMarkStore
from dialer.store.records.recordings import SqlRecordingStore
from dialer.store.records.remarks import SqlRemarkStore
from dialer.store.records.ticks import SqlTickStore
from dialer.store.schema import metadata
from dialer.store.sqlite.backend import SqliteBackend
from dialer.store.sqlite.backup import examine, make
from dialer.store.sqlite.restore import SqliteRestore
from tests.contracts.made_up import DAY, NOW, added, at, attempt, calling, ended, placed, unreached, visit
from tests.store.conftest import at_revision

Rows = dict[str, list[tuple[object, ...]]]
TALK = ended(attempt(2), Disposition.CONNECTED)
LATER = timedelta(hours=8)


async def fill(path: Path) -> None:
    """A day in its middle: something of everything that the books can hold."""
    database = await Database.open(path)
    day = SqlDayStore(database)
    await day.commit(added(*range(1, 8)))
    for number in (1, 2, 3, 4):
        await day.commit(placed(number))  # 3 and 4 stay up
    await day.commit(unreached(1))
    reached = visit(2, state=VisitState.REACHED, attempts=1, ended_at=TALK.ended_at, last="connected")
    taken = [OrderTaken("N1", TALK.id, "C00002", at(95), "A2")]
    await day.commit(Changes(visits=[reached], attempts=[TALK], results=[(TALK.id, "ordered")], orders=taken))
    due = ended(attempt(4), Disposition.CONNECTED)  # its recording is still awaited
    await day.commit(Changes(visits=[calling(4, failures=1)], attempts=[due]))
    agents = [Agent("A3", "王芳", "PJSIP/8003", "A", Presence.ON_CALL, at(181), "", "abc123-3-1-k3")]
    alarms = [AlarmChange("link", "lost", at(1), at(2)), AlarmChange("trunk:carrier", "dead", at(3))]
    calendar = [CalendarChange(DAY, True, "调休")]
    await day.commit(Changes(agents=agents, alarms=alarms, calendar=calendar, flags={"paused": "停电"}))
    recordings = SqlRecordingStore(database)
    await recordings.save_recording(Recording(TALK.id, RecordingState.KEPT, at(99), "2026/11/23/x.wav", 9, 75.0))
    await recordings.log_access(TALK.id, "主任", "listen", at(100), "10.0.0.1")
    await SqlMarkStore(database).add_mark(Mark(TALK.id, at(101), "主任", "数量没有复述", 61.5))
    await SqlRemarkStore(database).save(Remark(TALK.id, "下午送", "001", at(70)))
    await SqlTickStore(database).tick(Tick(2, Matter.NO_RESULT, at(90), "900 王"))
    await SqlBoard(database).post(BoardNotice("a", "unreached", at(91), "城东营销部", "李经理", {"text": "未接通"}))
    by = Giver("990 李明", at(1), "990")
    await SqlTokenStore(database).save_token("order-system", "d" * 64, ("orders",), at(1), by)
    await SqlStaffStore(database).add(Staff("001", "王芳", Role.AGENT, "$argon2id$made-up", NOW, NOW))
    sessions = SqlSessionStore(database)
    await sessions.open(Session("e" * 64, "001", NOW, at(1), at(1) + LATER, "10.0.0.1", "Firefox"))
    await sessions.begin_try({"account:001": 5}, at(1), NOW)
    await SqlAuditLog(database).append(AuditEntry(at(1), "001", "agent", "sign_in", "", "10.0.0.1", {"a": 1}))
    await database.close()


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The names of a table's columns."""
    return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


def tables(connection: sqlite3.Connection) -> list[str]:
    """Our tables in the database."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in names if not name.startswith(("sqlite_", "alembic_"))]


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An up-to-date database with rows in every table."""
    path = tmp_path_factory.mktemp("full") / "dialer.sqlite3"
    asyncio.run(fill(path))
    with closing(sqlite3.connect(path)) as connection:
        for table in metadata.tables:
            found = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
            assert found != (0,), f"{table} has no row: let `fill` make one"
    return path


@pytest.fixture(scope="session", params=migrate.revisions())
def older(request: pytest.FixtureRequest, full: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows]:
    """A database as the version with this schema left it, with everything that it could hold; and its rows."""
    path = tmp_path_factory.mktemp(f"older-{request.param}") / "dialer.sqlite3"
    asyncio.run(at_revision(path, request.param))
    rows: Rows = {}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ATTACH ? AS full", (str(full),))
        for table in tables(connection):
            names = ", ".join(f'"{name}"' for name in columns(connection, table))
            connection.execute(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM full."{table}"')
            rows[table] = connection.execute(f'SELECT {names} FROM "{table}" ORDER BY 1, 2').fetchall()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return path, rows


async def test_every_row_is_there_after_the_upgrade(older: tuple[Path, Rows], tmp_path: Path) -> None:
    """Opened by this version, it has this version's schema, and each row with each value that it had."""
    path, rows = older
    copy = tmp_path / "dialer.sqlite3"
    shutil.copyfile(path, copy)
    database = await Database.open(copy)
    try:
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (migrate.head(),)
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            assert set(tables(connection)) == set(metadata.tables)
            with closing(sqlite3.connect(path)) as old:
                for table, expected in rows.items():
                    names = ", ".join(f'"{name}"' for name in columns(old, table))
                    assert connection.execute(f'SELECT {names} FROM "{table}" ORDER BY 1, 2').fetchall() == expected
        await goes_on(database)
    finally:
        await database.close()


async def goes_on(database: Database) -> None:
    """The engine reads its day from it, a call that is up can end, and a person finds the conversation."""
    store = SqlDayStore(database)
    base = await store.base()
    assert (base.open_days, base.next_visit, base.flags) == ([DAY], 8, {"paused": "停电"})
    assert [agent.attempt for agent in base.agents] == ["abc123-3-1-k3"]
    assert [alarm.key for alarm in base.alarms] == ["trunk:carrier"]
    loaded = await store.load(DAY, NOW)
    assert len(loaded.visits) == 7
    assert [live.id for live in loaded.attempts] == ["abc123-3-1-k3"]
    assert loaded.calendar == (True, "调休")
    assert set(loaded.conversations) == {TALK.id, "abc123-4-1-k3"}
    await store.commit(unreached(3))
    calls = await SqlCallStore(database).calls(CallQuery(customer="C00002", page=Page(10)))
    assert [call.attempt.result for call in calls] == ["ordered"]
    assert (await SqlCallStore(database).detail(3)).visit.state is VisitState.UNREACHED


async def test_a_backup_of_any_version_can_be_restored(older: tuple[Path, Rows], tmp_path: Path) -> None:
    """A backup that an earlier version made is verified as it is, and what is in it is told."""
    path, rows = older
    made, contents = make(path, tmp_path / "backup.sqlite3", NOW)
    assert contents.rows == {table: len(found) for table, found in rows.items()}
    staged, checked = SqliteRestore(path, SqliteBackend(tmp_path / "staged")).stage(made.path)
    assert (staged, checked) == (contents, True)
    assert examine(made.path).day == DAY


# What older versions wrote as the words of a reason becomes what it stood for.

_GIVEN = {"day": DAY.isoformat(), "extra": "[]", "round": 1}
_OLD_REASONS = (
    ("withdrawn", NOT_ON_LIST, WithdrawnBy.LIST, NOT_ON_LIST, ""),
    ("withdrawn", "ordered online", WithdrawnBy.PERSON, "ordered online", ""),
    ("withdrawn", "", WithdrawnBy.PERSON, "", ""),
    ("unreached", NOT_ON_LIST, WithdrawnBy.LIST, NOT_ON_LIST, ""),
    ("unreached", "C00009", None, "", "C00009"),
    ("unreached", "", None, "", ""),
    ("waiting", "", None, "", ""),
    ("reached", "", None, "", ""),
)
"""State and reason as they were; who withdrew the visit, the reason and the code called as well, as they are since."""


@pytest.fixture
async def reasons(tmp_path: Path) -> dict[int, Visit]:
    """The visits of a database of revision 0013, read after the upgrade."""
    path = tmp_path / "dialer.sqlite3"
    await at_revision(path, "0013")
    with closing(sqlite3.connect(path)) as connection, connection:
        needed = [row[1] for row in connection.execute("PRAGMA table_info(visits)") if row[3]]
        for number, (state, reason, *_) in enumerate(_OLD_REASONS, 1):
            own = {"id": number, "customer": f"C{number}", "number": f"139{number}", "state": state, "reason": reason}
            values = [(own | _GIVEN).get(name, 0) for name in needed]
            columns = ", ".join(f'"{name}"' for name in needed)
            marks = ", ".join("?" for _ in needed)
            connection.execute(f"INSERT INTO visits ({columns}) VALUES ({marks})", values)
    database = await Database.open(path)
    loaded = await SqlDayStore(database).load(DAY, NOW)
    await database.close()
    return {visit.id: visit for visit in loaded.visits}


def test_reasons_have_a_kind(reasons: dict[int, Visit]) -> None:
    """No text stands for anything else any more."""
    found = [(v.state, v.withdrawn_by, v.reason, v.called_as) for _, v in sorted(reasons.items())]
    assert found == [(state, by, reason, called_as) for state, _, by, reason, called_as in _OLD_REASONS]
