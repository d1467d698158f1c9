"""Backups: verified copies, whole or not at all, and which of them may go."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialer.campaign.messages import AlarmSink
from dialer.errors import Conflict, StoreError, StoreUnavailable
from dialer.store import migrate
from dialer.store.backups.files import (
    Backup,
    age_of_newest,
    clear_leftovers,
    digest,
    listing,
    name_of,
    told_sum,
    too_many,
)
from dialer.store.backups.folder import BACKUP_ALARM, Backups
from dialer.store.day import SqlDayStore
from dialer.store.sqlite import files
from dialer.store.sqlite.backend import SqliteBackend
from dialer.store.sqlite.backup import examine, make
from tests.contracts.made_up import DAY, NOW, added, placed, unreached
from tests.virtual.day import VirtualClock

ZONE = ZoneInfo("Asia/Shanghai")


async def filled(day: SqlDayStore) -> None:
    """Two visits, one of which was called."""
    await day.commit(added(1, 2))
    await day.commit(placed(1))
    await day.commit(unreached(1))


async def test_a_backup_is_verified_and_says_what_is_in_it(file: Path, day: SqlDayStore, tmp_path: Path) -> None:
    """The copy of a database in use has its rows, a checksum that sha256sum takes, and is nobody else's to read."""
    await filled(day)
    target = tmp_path / "copy.sqlite3"
    made, contents = await asyncio.to_thread(make, file, target, NOW)
    assert (contents.revision, contents.day, contents.last_change) == (migrate.head(), DAY, NOW + timedelta(seconds=90))
    assert (contents.rows["visits"], contents.rows["attempts"], contents.rows["notices"]) == (2, 1, 1)
    assert made == Backup(target, NOW, target.stat().st_size, digest(target))
    assert told_sum(target) == made.sha256
    sums = target.with_name("copy.sqlite3.sha256")
    subprocess.run(["sha256sum", "--check", "--quiet", sums.name], cwd=tmp_path, check=True)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (target, sums)} == {0o600}
    assert [path.name for path in tmp_path.glob(".*")] == []
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


async def test_work_goes_on_during_a_backup(file: Path, day: SqlDayStore, tmp_path: Path) -> None:
    """Commits beside it are not refused, and each backup has one state of the books."""
    await day.commit(added(1))
    copies = [asyncio.to_thread(make, file, tmp_path / f"{n}.sqlite3", NOW) for n in range(3)]
    work = asyncio.gather(*(day.commit(added(n)) for n in range(2, 30)))
    found = await asyncio.gather(*copies)
    await work
    for _, contents in found:
        assert 1 <= contents.rows["visits"] <= 29
    assert examine(tmp_path / "0.sqlite3") == found[0][1]


def test_there_is_nothing_to_back_up_yet(tmp_path: Path) -> None:
    """No database is made by looking for one."""
    with pytest.raises(StoreError, match="before the first start"):
        make(tmp_path / "none.sqlite3", tmp_path / "copy.sqlite3", NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_older_one(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room, no folder, or a copy that is not good: what was there stays, and nothing half is left."""
    target = tmp_path / "copy.sqlite3"
    made, _ = make(empty, target, NOW)
    with pytest.raises(StoreUnavailable):
        make(empty, tmp_path / "no folder" / "copy.sqlite3", NOW)

    real = files.copy

    def torn(source: Path, part: Path, mode: int) -> None:
        real(source, part, mode)
        with part.open("rb+") as file:
            file.seek(8192)
            file.write(b"\xff" * 8192)

    def short(source: Path, part: Path, mode: int) -> None:
        real(source, part, mode)
        with closing(sqlite3.connect(part)) as connection, connection:
            connection.execute("DROP TABLE calendar")
            connection.execute("UPDATE alembic_version SET version_num = '9999'")

    for broken, why in ((torn, "damaged"), (short, "newer version")):
        monkeypatch.setattr(files, "copy", broken)
        with pytest.raises(StoreError, match=why):
            make(empty, target, NOW)
    assert (digest(target), told_sum(target)) == (made.sha256, made.sha256)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.sqlite3", "copy.sqlite3.sha256"]


async def test_a_copy_that_lost_rows_is_refused(file: Path, day: SqlDayStore, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:  # fmt: skip
    """A copy has at least the rows that were there before it was begun."""
    await filled(day)
    monkeypatch.setattr(files, "copy", lambda _source, part, _mode: shutil.copyfile(empty, part))
    with pytest.raises(StoreError, match="fewer rows of visits, attempts, history"):
        await asyncio.to_thread(make, file, tmp_path / "copy.sqlite3", NOW)
    assert not (tmp_path / "copy.sqlite3").exists()


SMALL_DISK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from dialer.errors import StoreUnavailable
from dialer.store.sqlite.backup import make
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    make(Path(sys.argv[1]), Path(sys.argv[2]), datetime.now(UTC))
except StoreUnavailable as error:
    print(error)
"""


def test_a_disk_without_room(empty: Path, tmp_path: Path) -> None:
    """A copy that does not fit is told as such and leaves nothing; the one before is still there."""
    target = tmp_path / "copy.sqlite3"
    made, _ = make(empty, target, NOW)
    command = [sys.executable, "-c", SMALL_DISK, str(empty), str(target)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "copying the database" in ran.stdout
    assert digest(target) == told_sum(target) == made.sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.sqlite3", "copy.sqlite3.sha256"]


def test_a_backup_takes_no_room_from_the_work(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On its own disk the database needs room to commit: a copy that would take it is not begun."""
    free = shutil.disk_usage(tmp_path)._replace(free=empty.stat().st_size + (60 << 20))
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: free)
    with pytest.raises(StoreUnavailable, match="MiB left"):
        make(empty, tmp_path / "copy.sqlite3", NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_goes_while_it_is_looked_at(tmp_path: Path) -> None:
    """A backup beside this one is finished in this moment."""
    (tmp_path / ".dialer-x.sqlite3.part").symlink_to(tmp_path / "nowhere")
    clear_leftovers(tmp_path, NOW)


def test_what_is_no_backup(empty: Path, tmp_path: Path) -> None:
    """Another file, another program's database, an empty one, a newer one: each is said to be what it is."""
    other = tmp_path / "x.sqlite3"
    with pytest.raises(StoreError, match="cannot be read"):
        examine(other)
    other.write_text("hello", encoding="utf-8")
    with pytest.raises(StoreError, match="no database"):
        examine(other)
    other.unlink()
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE contacts (name)")
    with pytest.raises(StoreError, match="not a database of the dialer: it has contacts"):
        examine(other)
    shutil.copyfile(empty, other)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
    with pytest.raises(StoreError, match="not a database of the dialer"):
        examine(other)
    shutil.copyfile(empty, other)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("INSERT INTO recordings_due VALUES ('abc123-9', '2026')")
    with pytest.raises(StoreError, match="foreign_key_check"):
        examine(other)
    shutil.copyfile(empty, other)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("DROP TABLE attempts")
        connection.execute("DROP TABLE history")
    with pytest.raises(StoreError, match="history"):
        examine(other)


def test_a_listing_shows_verified_ones_only(empty: Path, tmp_path: Path) -> None:
    """Newest first; a file without a checksum, or with a strange one, and everything else is left out."""
    assert listing(tmp_path / "none") == []
    for hours in (0, 1, 2, 3):
        make(empty, tmp_path / name_of(NOW + timedelta(hours=hours)), NOW)
    (tmp_path / f"{name_of(NOW)}.sha256").unlink()
    (tmp_path / f"{name_of(NOW + timedelta(hours=1))}.sha256").write_text("?", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    newest, older = listing(tmp_path)
    assert newest.made_at - older.made_at == timedelta(hours=1)
    assert newest.made_at == (NOW + timedelta(hours=3)).replace(microsecond=0)
    with pytest.raises(StoreError, match="no SHA-256"):
        told_sum(tmp_path / name_of(NOW + timedelta(hours=1)))
    with pytest.raises(StoreUnavailable):
        listing(tmp_path / "notes.txt")


def room_of(database: Path, folder: Path, clock: VirtualClock, alarm: AlarmSink = lambda _key, _text: None) -> Backups:
    """What makes backups of this database, of three days."""
    return Backups(folder, 3, ZONE, SqliteBackend(database).back_up, clock, alarm)


async def test_who_asks_all_the_time_reads_the_folder_seldom(file: Path, tmp_path: Path) -> None:
    """What is remembered is half a minute old at most, and never older than the last backup made here."""
    folder = tmp_path / "backups"
    room = room_of(file, folder, VirtualClock(NOW))
    assert await room.known() == []
    await room.make()
    assert len(await room.known()) == 1
    make(file, folder / name_of(NOW - timedelta(days=1)), NOW)
    assert len(await room.known()) == 1
    room._known = room._known[0] - 31, room._known[1]
    assert len(await room.known()) == 2


def test_the_age_of_the_newest() -> None:
    """A little ahead is the other clock; far ahead is a wrong one, which says nothing of how old the others are."""

    def of(*ages: timedelta) -> list[Backup]:
        return [Backup(Path(f"{age}"), NOW - age, 1, "") for age in sorted(ages)]

    day = timedelta(days=1)
    assert age_of_newest(of(3 * day, day), NOW)[1] == day
    assert age_of_newest(of(3 * day, -day), NOW)[1] == 3 * day
    assert age_of_newest(of(3 * day, timedelta(minutes=-1)), NOW)[1] == timedelta(minutes=-1)
    newest, age = age_of_newest(of(-day), NOW)
    assert newest is not None
    assert age > 10_000 * day
    assert age_of_newest([], NOW)[0] is None


def test_the_newest_of_each_day_is_kept() -> None:
    """For so many of the department's days; of the newest all, so that a button pressed often pushes nothing out."""

    def at(day: int, hour: int) -> Backup:
        return Backup(Path(f"{day}-{hour}"), datetime(2026, 11, day, hour, tzinfo=ZONE), 1, "")

    there = [at(23, 12), at(23, 9), at(23, 2), at(22, 2), at(20, 18), at(20, 2), at(19, 2), at(18, 23), at(18, 1)]
    assert [b.path.name for b in too_many(there, 3, ZONE)] == ["20-2", "19-2", "18-23", "18-1"]
    assert [b.path.name for b in too_many(there, 1, ZONE)] == ["22-2", "20-18", "20-2", "19-2", "18-23", "18-1"]
    assert too_many(there[:2], 1, ZONE) == too_many([], 3, ZONE) == []


async def test_old_ones_go_after_a_new_one_is_verified(file: Path, tmp_path: Path) -> None:
    """Fifteen nights and a failing one: fourteen are kept, a failure deletes none, an alarm tells of it and goes."""
    folder, told = tmp_path / "backups", list[tuple[str, str]]()
    clock = VirtualClock(NOW)
    room = room_of(file, folder, clock, lambda key, text: told.append((key, text)))
    for _ in range(4):
        await room.make()
        clock.at += timedelta(days=1)
    names = [each.path.name for each in await room.listing()]
    assert names == [name_of(NOW + timedelta(days=n)) for n in (3, 2, 1)]
    assert (len(list(folder.iterdir())), stat.S_IMODE(folder.stat().st_mode)) == (6, 0o700)

    left, fresh = folder / ".dialer-x.sqlite3.part.part", folder / ".dialer-y.sqlite3.part"
    for path in (left, fresh):
        path.touch()
    clock.at = datetime.fromtimestamp(fresh.stat().st_mtime, UTC) + timedelta(days=1)
    file.rename(tmp_path / "away")
    with pytest.raises(StoreError):
        await room.make()
    assert room.problem
    assert not left.exists()
    assert told[-1][0] == BACKUP_ALARM
    assert "before the first start" in told[-1][1]
    assert len(await room.listing()) == 3
    (tmp_path / "away").rename(file)
    await room.make()
    assert (room.problem, told[-1]) == ("", (BACKUP_ALARM, ""))


async def test_one_backup_at_a_time(file: Path, tmp_path: Path) -> None:
    """Who asks for another one meanwhile is told so."""
    room = room_of(file, tmp_path / "backups", VirtualClock(NOW))
    first = asyncio.create_task(room.make())
    await asyncio.sleep(0)
    with pytest.raises(Conflict):
        await room.make()
    assert (await first).path.exists()
    (tmp_path / "file").touch()
    nowhere = room_of(file, tmp_path / "file" / "x", VirtualClock(NOW))
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        await nowhere.make()
