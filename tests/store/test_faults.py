"""A dialer that is killed, a disk that is full, a database that somebody else holds."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from dialer.campaign.changes import Changes
from dialer.campaign.model.visit import VisitState
from dialer.errors import StoreUnavailable
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from tests.contracts.made_up import DAY, NOW, added, placed, unreached
from tests.store.committer import SIZE, batch
from tests.store.conftest import impatient, writer_of

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """The database, with its write lock held by another process."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        assert holder.stdin is not None
        holder.stdin.close()
        assert holder.wait(10) == 0


async def test_locked_by_another_process(file: Path, day: SqlDayStore) -> None:
    """Writing fails as one that may be tried again; reading goes on; afterwards all is well."""
    with held(file):
        with pytest.raises(StoreUnavailable, match="another program"):
            await day.commit(added(1))
        assert (await day.load(DAY, NOW)).visits == []
    await day.commit(added(1))
    assert len((await day.load(DAY, NOW)).visits) == 1


async def test_locked_while_opening(file: Path) -> None:
    """A database that somebody holds can still be opened: it is up to date."""
    with held(file), pytest.raises(StoreUnavailable, match="opening"):
        await Database.open(impatient(file))
    await (await Database.open(impatient(file))).close()


async def test_a_full_disk(database: Database, day: SqlDayStore) -> None:
    """A transaction that does not fit leaves nothing, whatever its part; with room it is taken as it is."""

    def limit(connection: Connection, pages: int) -> None:
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    def used(connection: Connection) -> int:
        return int(connection.execute(text("PRAGMA page_count")).scalar_one())

    await day.commit(added(*range(1, 100)))
    await day.commit(placed(1))
    before = await day.load(DAY, NOW)
    pages = await database.write(used)
    await database.write(lambda connection: limit(connection, pages + 3))
    big = unreached(1)
    big.added += added(*range(100, 500)).added
    with pytest.raises(StoreUnavailable, match="disk is full"):
        await day.commit(big)
    assert await day.load(DAY, NOW) == before
    await database.write(lambda connection: limit(connection, 2**30))
    await day.commit(big)
    after = await day.load(DAY, NOW)
    assert (len(after.visits), after.visits[0].state) == (499, VisitState.UNREACHED)


async def test_a_read_only_file(database: Database, day: SqlDayStore) -> None:
    """What cannot be written just now is reported as such."""
    await database.write(lambda connection: connection.execute(text("PRAGMA query_only = ON")))
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        await day.commit(added(1))
    with pytest.raises(StoreUnavailable):
        await day.commit(Changes(flags={"a": "b"}))
    writer_of(database).dispose()  # the next connection may write
    await day.commit(added(1))


@pytest.mark.parametrize("trial", range(5))
async def test_kill_minus_nine(empty: Path, tmp_path: Path, trial: int) -> None:
    """A process killed among its commits leaves every batch that it told of, and none in part."""
    path = tmp_path / "dialer.sqlite3"
    shutil.copyfile(empty, path)
    moment = random.Random(trial)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.store.committer", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as child:
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(moment.randint(1, 15))]
        time.sleep(moment.uniform(0, 0.02))  # to fall anywhere into a transaction; nothing waits for it
        child.kill()
        told += [int(line) for line in child.stdout]
    assert child.returncode == -signal.SIGKILL

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    database = await Database.open(path)  # its owner is gone, so is the lock
    store = SqlDayStore(database)
    last = int((await store.base()).flags["batch"])
    assert last - told[-1] in (0, 1)
    loaded = await store.load(DAY, NOW)
    assert len(loaded.visits) == (last + 1) * SIZE
    assert [a.visit for a in loaded.attempts] == list(range(last * SIZE + 1, (last + 1) * SIZE + 1))

    def counts(connection: Connection) -> list[int]:
        tables = ("attempts", "notices", "history", "call_events")
        return [connection.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in tables]  # noqa: S608 - names of our own tables

    assert await database.read(counts) == [(last + 1) * SIZE, last * SIZE, last * SIZE, last * SIZE]
    await store.commit(batch(last + 1))
    await database.close()
