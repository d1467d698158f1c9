"""Opening, owning, sharing and closing a database."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from dialer.campaign.changes import Changes, Entry
from dialer.errors import GuardFailed, NotFound, StoreError, StoreUnavailable
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.calls import SqlCallStore
from dialer.store.schema.day import flags
from dialer.store.sqlite.backend import SqliteBackend
from dialer.store.sqlite.errors import translate
from tests.contracts.made_up import DAY, NOW, added, placed, visit
from tests.store.conftest import impatient, readers_of, writer_of


async def test_a_new_database(tmp_path: Path) -> None:
    """It is made with its folder, for its owner's eyes, and gets an id that stays."""
    path = tmp_path / "var" / "dialer.sqlite3"
    database = await Database.open(path)
    await database.close()
    assert re.fullmatch("[a-z0-9]{6}", database.installation)
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    again = await Database.open(path)
    await again.close()
    assert again.installation == database.installation
    assert [other for other in path.parent.iterdir() if "before" in other.name] == []


async def test_how_connections_are_set_up(database: Database) -> None:
    """The writer is durable and keeps references; a reader cannot write."""

    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await database.write(pragmas) == ["wal", 2, 1, 200, 0]
    assert await database.read(pragmas) == ["wal", 2, 1, 200, 1]
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        await database.read(lambda connection: connection.execute(text("DELETE FROM flags")))


async def test_two_dialers_never_share(file: Path, database: Database) -> None:
    """The second owner is refused and told who the first is; when that one is gone it may."""
    with pytest.raises(StoreError, match=r"another dialer \(process \d+\)"):
        await Database.open(impatient(file))
    await database.close()
    await (await Database.open(impatient(file))).close()


async def test_a_guest_beside_the_owner(file: Path, database: Database, day: SqlDayStore) -> None:
    """A command line tool can look and write while the dialer runs."""
    await day.commit(added(1))
    guest = await Database.open(impatient(file), owner=False)
    assert await SqlCallStore(guest).visits_of("C00001", DAY) == [1]
    await SqlDayStore(guest).commit(Changes(flags={"from": "guest"}))
    assert (await day.base()).flags == {"from": "guest"}
    await guest.close()


async def test_a_guest_makes_nothing(tmp_path: Path) -> None:
    """A guest needs a database that is there and up to date."""
    with pytest.raises(StoreError, match="start the dialer"):
        await Database.open(tmp_path / "none.sqlite3", owner=False)
    (tmp_path / "empty.sqlite3").touch()
    with pytest.raises(StoreError, match="older version"):
        await Database.open(tmp_path / "empty.sqlite3", owner=False)


async def test_what_is_not_a_database(tmp_path: Path) -> None:
    """A file of something else is refused, and so is a folder that cannot be."""
    (tmp_path / "text").write_text("Lorem ipsum " * 1000)
    with pytest.raises(StoreError, match="not a database"):
        await Database.open(tmp_path / "text")
    with pytest.raises(StoreUnavailable, match="opening the database"):
        await Database.open(tmp_path / "text" / "dialer.sqlite3")


async def test_a_reader_sees_one_state(database: Database, day: SqlDayStore) -> None:
    """All statements of one look-up see the same state; the writer does not wait for it."""

    def look(connection: Connection) -> list[str]:
        return list(connection.execute(select(flags.c.value)).scalars())

    with readers_of(database).begin() as connection:
        assert look(connection) == []
        await day.commit(Changes(flags={"a": "b"}))
        assert look(connection) == []
    assert await database.read(look) == ["b"]


async def test_writers_take_turns(day: SqlDayStore) -> None:
    """Many transactions at once all arrive."""
    await asyncio.gather(*(day.commit(added(number)) for number in range(1, 31)))
    assert len((await day.load(DAY, NOW)).visits) == 30


async def test_a_cancelled_commit_is_finished(file: Path, database: Database, day: SqlDayStore) -> None:
    """Whoever asked for it may go; the transaction is never cut in two, and closing waits for it."""
    committing = asyncio.create_task(day.commit(added(*range(1, 500))))
    await asyncio.sleep(0)
    assert database._writes
    committing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await committing
    await database.close()
    again = await Database.open(impatient(file))
    assert len((await SqlDayStore(again).load(DAY, NOW)).visits) == 499
    await again.close()


async def test_a_cancelled_failure_is_silent(database: Database, day: SqlDayStore) -> None:
    """A transaction that fails after its caller has gone troubles nobody."""
    committing = asyncio.create_task(day.commit(placed(1)))
    await asyncio.sleep(0)
    assert database._writes
    committing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await committing
    await day.commit(added(1))


async def test_a_cancelled_look_up_leaves_room(database: Database, day: SqlDayStore) -> None:
    """A reader who goes away in the middle gives its connection back."""
    await day.commit(added(*range(1, 200)))
    for _ in range(5):
        looking = asyncio.create_task(day.load(DAY, NOW))
        await asyncio.sleep(0.001)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    assert len((await day.load(DAY, NOW)).visits) == 199


async def test_too_many_look_ups(file: Path) -> None:
    """Who waits too long for a connection is told so."""
    database = await Database.open(SqliteBackend(file, 0.2, readers=1, wait_for_reader_s=0.05))
    begun, over = threading.Event(), threading.Event()

    def long(_: Connection) -> None:
        begun.set()
        assert over.wait(60)

    looking = asyncio.create_task(database.read(long))
    await asyncio.to_thread(begun.wait, 60)
    with pytest.raises(StoreUnavailable, match="too many look-ups"):
        await SqlDayStore(database).base()
    over.set()
    await looking
    await SqlDayStore(database).base()
    await database.close()


async def test_a_driver_that_does_not_count(
    database: Database, day: SqlDayStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a driver that cannot count the rows of a batch, guards are checked row by row."""
    monkeypatch.setattr(writer_of(database).dialect, "supports_sane_multi_rowcount", False)
    await day.commit(added(1, 2))
    await day.commit(Changes(visits=[visit(1, due=NOW), visit(2, due=NOW)]))
    with pytest.raises(GuardFailed, match="1 of 2"):
        await day.commit(Changes(visits=[visit(1), visit(3)]))


async def test_an_error_in_the_work_undoes_it(database: Database, day: SqlDayStore) -> None:
    """Whatever the work raises goes on to the caller, and nothing stays."""

    def work(connection: Connection) -> None:
        connection.execute(text("INSERT INTO flags VALUES ('a', 'b')"))
        raise NotFound("gone")

    with pytest.raises(NotFound):
        await database.write(work)
    assert (await day.base()).flags == {}


async def test_what_people_read_in_the_file(file: Path, day: SqlDayStore) -> None:
    """Times are readable and sort as text; Chinese is Chinese, also in JSON."""
    await day.commit(Changes(added=[(visit(1, due=NOW), added(1).added[0][1])]))
    with closing(sqlite3.connect(file)) as connection:
        ((due, extra),) = connection.execute("SELECT due, extra FROM visits").fetchall()
    assert due == "2026-11-23T00:00:00.120003Z"
    assert extra == '[["备注 2","“引号”, 逗号"],["备注 2",""]]'


async def test_a_value_that_does_not_fit(day: SqlDayStore) -> None:
    """A time without a zone, or an unknown state, is a defect of the caller, told as one."""
    with pytest.raises(GuardFailed, match="time zone"):
        await day.commit(Changes(added=[(visit(1, due=NOW.replace(tzinfo=None)), added(1).added[0][1])]))
    with pytest.raises(GuardFailed, match="JSON"):
        await day.commit(Changes(history=[Entry(NOW, "x", details={"x": object()})]))
    await day.commit(Changes(history=[Entry(NOW, "x", details={"at": NOW, "day": DAY})]))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreUnavailable),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreUnavailable),
        (sqlite3.SQLITE_FULL, StoreUnavailable),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StoreUnavailable),
        (sqlite3.SQLITE_CANTOPEN, StoreUnavailable),
        (sqlite3.SQLITE_CONSTRAINT_TRIGGER, GuardFailed),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, GuardFailed),
        (sqlite3.SQLITE_MISMATCH, GuardFailed),
        (sqlite3.SQLITE_CORRUPT, StoreError),
        (sqlite3.SQLITE_ERROR, StoreError),
        (None, StoreError),
    ],
)
def test_translating_errors(code: int | None, kind: type[StoreError]) -> None:
    """Each of the driver's errors means one of three: try again, a guard held, or neither."""
    error = sqlite3.OperationalError("the driver's words")
    if code is not None:
        error.sqlite_errorcode = code
    translated = translate(error, "writing")
    assert type(translated) is kind
    assert "the driver's words" in str(translated)
