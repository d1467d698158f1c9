"""A backup takes the place of a database, or nothing changes."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest

from dialer import callid
from dialer.errors import StoreError, StoreUnavailable
from dialer.store.backend import UnknownCall
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.sqlite import files
from dialer.store.sqlite import restore as module
from dialer.store.sqlite.backend import SqliteBackend
from dialer.store.sqlite.backup import examine, make
from dialer.store.sqlite.restore import SqliteRestore
from tests.contracts.made_up import NOW, added, at, placed, unreached


@pytest.fixture
async def backed_up(file: Path, day: SqlDayStore, tmp_path: Path) -> Path:
    """A backup of two visits, after which both were called."""
    await day.commit(added(1, 2))
    await asyncio.to_thread(make, file, tmp_path / "backup.sqlite3", NOW)
    for number in (1, 2):
        await day.commit(placed(number))
        await day.commit(unreached(number))
    return tmp_path / "backup.sqlite3"


def restoring(ready: Path, database: Path = Path("none")) -> SqliteRestore:
    """What makes ``ready`` of a backup and puts it in the place of ``database``."""
    return SqliteRestore(database, SqliteBackend(ready))


def log_of(path: Path) -> Path:
    """The log beside a database."""
    return path.with_name(path.name + "-wal")


async def test_a_backup_is_copied_and_compared(backed_up: Path, tmp_path: Path) -> None:
    """With its checksum, and without one; the backup itself stays as it is."""
    before = {path: path.stat().st_mtime_ns for path in (backed_up, tmp_path / "backup.sqlite3.sha256")}
    contents, checked = restoring(tmp_path / "staged").stage(backed_up)
    assert (contents.rows["visits"], contents.rows["attempts"], checked) == (2, 0, True)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    (tmp_path / "backup.sqlite3.sha256").unlink()
    assert restoring(tmp_path / "again").stage(backed_up) == (contents, False)


async def test_a_broken_backup_is_refused(backed_up: Path, tmp_path: Path) -> None:
    """One byte that differs, half a file, none at all, a name that is taken."""
    whole = backed_up.read_bytes()
    backed_up.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(StoreError, match="SHA-256"):
        restoring(tmp_path / "a").stage(backed_up)
    (tmp_path / "backup.sqlite3.sha256").unlink()
    for part in (whole[: len(whole) // 2], whole[:100], b""):
        backed_up.write_bytes(part)
        (tmp_path / "a").unlink(missing_ok=True)
        with pytest.raises(StoreError):
            restoring(tmp_path / "a").stage(backed_up)
    with pytest.raises(StoreError, match="there is no file"):
        restoring(tmp_path / "b").stage(tmp_path / "none.sqlite3")
    with pytest.raises(StoreUnavailable):
        restoring(tmp_path / "a").stage(backed_up)


async def test_a_database_that_was_set_aside_comes_with_its_log(file: Path, day: SqlDayStore, tmp_path: Path) -> None:
    """What a killed dialer had committed and not yet moved out of the log is part of it."""
    await day.commit(added(1, 2, 3))
    aside = tmp_path / "dialer.sqlite3-replaced-x"
    shutil.copyfile(file, aside)
    shutil.copyfile(log_of(file), log_of(aside))
    contents, checked = restoring(tmp_path / "staged").stage(aside)
    assert (contents.rows["visits"], checked) == (3, False)
    assert log_of(aside).exists()
    assert not log_of(tmp_path / "staged").exists()


async def test_the_old_database_is_kept_whole(
    file: Path, day: SqlDayStore, backed_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what stood in its log; no log of the old one is taken for one of the new. With hard links or without."""
    del day
    ready, aside = tmp_path / "ready", tmp_path / "killed.sqlite3-replaced-1"
    restoring(ready).stage(backed_up)
    killed = tmp_path / "killed.sqlite3"  # as a dialer that was killed leaves it
    shutil.copyfile(file, killed)
    shutil.copyfile(log_of(file), log_of(killed))
    assert restoring(ready, killed).put_in_place("1") == aside
    assert (examine(killed).rows["attempts"], examine(aside).rows["attempts"]) == (0, 2)
    assert not ready.exists()
    assert not log_of(killed).exists()

    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    restoring(ready).stage(backed_up)
    second = tmp_path / "killed.sqlite3-replaced-2"
    assert restoring(ready, killed).put_in_place("2") == second
    assert examine(second).rows["attempts"] == 0
    with pytest.raises(StoreUnavailable):
        restoring(ready, killed).put_in_place("3")
    assert examine(killed).rows["visits"] == 2


@pytest.mark.parametrize("reads", [True, False])
async def test_a_database_that_another_program_has_open_stays(
    file: Path,
    database: Database,
    backed_up: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    reads: bool,
) -> None:
    """It would take the new one's log away when it closes; and while it reads, the log cannot be taken in."""
    monkeypatch.setattr(files, "_WAIT_S", 0.1)
    await database.close()
    ready, aside = tmp_path / "ready", tmp_path / "dialer.sqlite3-replaced-x"
    restoring(ready).stage(backed_up)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        if reads:
            other.execute("BEGIN")
        other.execute("SELECT count(*) FROM attempts").fetchall()
        with closing(sqlite3.connect(file, isolation_level=None)) as writer:
            writer.execute("CREATE TABLE late (word)")
        with pytest.raises(StoreUnavailable, match="another program"):
            restoring(ready, file).put_in_place("x")
        assert not aside.exists()
        assert not log_of(aside).exists()
    assert restoring(ready, file).put_in_place("x") == aside
    with closing(sqlite3.connect(aside)) as kept:
        assert kept.execute("SELECT count(*) FROM late").fetchone() == (0,)


async def test_what_stands_in_the_log_of_the_new_one_comes_along(
    empty: Path, backed_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause is written last: books without it never take the place, and the old ones then stay."""
    monkeypatch.setattr(files, "_WAIT_S", 0.1)
    database, ready, staged = tmp_path / "old.sqlite3", tmp_path / "ready", tmp_path / "staged"
    shutil.copyfile(empty, database)
    restoring(staged).stage(backed_up)
    with closing(sqlite3.connect(staged, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE paused (word)")
        for path in (staged, log_of(staged)):
            shutil.copyfile(path, path.with_name(path.name.replace("staged", "ready")))
        with pytest.raises(StoreUnavailable, match="another program"):
            restoring(staged, database).put_in_place("x")
    assert examine(database).rows["visits"] == 0
    assert not (tmp_path / "old.sqlite3-replaced-x").exists()
    restoring(ready, database).put_in_place("x")
    assert not log_of(ready).exists()
    with closing(sqlite3.connect(database)) as opened:
        assert opened.execute("SELECT count(*) FROM paused").fetchone() == (0,)


async def test_a_damaged_database_is_kept_as_it_is(backed_up: Path, tmp_path: Path) -> None:
    """With its log; the name that it is to be kept under is never taken from another."""
    damaged, ready = tmp_path / "damaged.sqlite3", tmp_path / "ready"
    aside, taken = (damaged.with_name(f"{damaged.name}-replaced-{stamp}") for stamp in "xy")
    taken.touch()
    damaged.write_bytes(b"\0" * 5000)
    log_of(damaged).write_bytes(b"\1" * 100)
    restoring(ready).stage(backed_up)
    with pytest.raises(StoreUnavailable):
        restoring(ready, damaged).put_in_place("y")
    assert damaged.read_bytes() == b"\0" * 5000
    assert restoring(ready, damaged).put_in_place("x") == aside
    assert aside.read_bytes() == b"\0" * 5000
    assert log_of(aside).read_bytes() == b"\1" * 100
    assert examine(damaged).rows["visits"] == 2


async def test_where_there_was_none(backed_up: Path, tmp_path: Path) -> None:
    """On a new machine there is nothing to keep; a log without its database goes out of the way."""
    restoring(tmp_path / "ready").stage(backed_up)
    log_of(tmp_path / "new.sqlite3").write_bytes(b"old")
    assert restoring(tmp_path / "ready", tmp_path / "new.sqlite3").put_in_place("x") is None
    assert examine(tmp_path / "new.sqlite3").rows["visits"] == 2
    assert log_of(tmp_path / "new.sqlite3-replaced-x").read_bytes() == b"old"


async def test_calls_after_the_backup_are_found(file: Path, backed_up: Path, tmp_path: Path) -> None:
    """From the books that are replaced, also beside their log, and from the names of recordings."""
    found = restoring(backed_up, file).unknown_calls()
    assert found == [
        UnknownCall("abc123-1-1-k3", "C00001", "13904700001", at(60)),
        UnknownCall("abc123-2-1-k3", "C00002", "13904700002", at(60)),
    ]
    assert restoring(file, backed_up).unknown_calls() == []
    names = ["abc123-2-1-k3", "abc123-1-1-k2", "abc123-99-1-zz"]
    times = [call.placed_at for call in map(callid.read, sorted(names)) if call]
    assert restoring(backed_up).recorded_calls(names) == [
        UnknownCall("abc123-1-1-k2", "C00001", "13904700001", times[0]),
        UnknownCall("abc123-2-1-k3", "C00002", "13904700002", times[1]),
        UnknownCall("abc123-99-1-zz", "", "", times[2]),
    ]
    assert [call.attempt for call in restoring(file).recorded_calls(names)] == [
        "abc123-1-1-k2",
        "abc123-99-1-zz",
    ]
    (tmp_path / "bad").write_bytes(b"\0" * 5000)
    with pytest.raises(StoreError):
        restoring(backed_up, tmp_path / "bad").unknown_calls()


async def test_a_kill_at_any_moment_leaves_one_of_the_two(
    empty: Path, backed_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the last thing was that happened on the disk: the database is the old one or the new one, and opens."""

    class KilledError(BaseException):
        """Nothing catches it."""

    for number, (owner, step, times) in enumerate(
        ((module, "_take_in_log", 1), (module, "_link", 1), (files, "sync_folder", 1), (files, "sync_folder", 2))
    ):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        database, ready = folder / "dialer.sqlite3", folder / "ready"
        shutil.copyfile(empty, database)
        restoring(ready).stage(backed_up)
        last = Mock(wraps=getattr(owner, step))

        def die(*given: object, real: Mock = last, most: int = times) -> None:
            real(*given)
            if real.call_count == most:
                raise KilledError

        monkeypatch.setattr(owner, step, die)
        with pytest.raises(KilledError):
            restoring(ready, database).put_in_place("x")
        monkeypatch.undo()
        visits = examine(database).rows["visits"]
        assert visits in (0, 2)
        opened = await Database.open(database)
        assert len((await SqlDayStore(opened).base()).open_days) == (visits > 0)
        await opened.close()


def test_the_kinds_of_files_beside_a_database(empty: Path, tmp_path: Path) -> None:
    """Reading a database that nobody uses leaves nothing beside it."""
    shutil.copyfile(empty, tmp_path / "a.sqlite3")
    shutil.copyfile(empty, tmp_path / "b.sqlite3")
    assert restoring(tmp_path / "b.sqlite3", tmp_path / "a.sqlite3").unknown_calls() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sqlite3", "b.sqlite3"]
