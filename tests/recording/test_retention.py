"""Retention: what is over age goes, unless it is held; nothing younger ever does."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.campaign.model.recording import RecordingState
from dialer.recording import folder
from dialer.recording.ingester import Ingester
from dialer.recording.retention import Retention
from dialer.store.database import Database
from tests.recording.real_records import RealRecords, real_records
from tests.recording.sounds import NOW, Alarms, Clock, call, config, talk

DAY = 86400


class Archive:
    """Recordings of calls some days old, in real records."""

    def __init__(self, root: Path, records: RealRecords) -> None:
        self.config = config(root, keep_days=90)
        self.records = records
        self.clock = Clock()
        self.retention = Retention(records.recordings, records.calls, self.config, self.clock)

    async def add(self, *days: float) -> None:
        """A recording for each age; the file is as old as its call."""
        for number, age in enumerate(days, start=1):
            made = call(
                f"abc123-{number}-1-k3",
                1,
                ended_s_ago=age * DAY,
                number=f"139{number:08}",
                day=(NOW - timedelta(days=age)).date(),
            )
            await self.records.add(made)
            (self.config.done / f"{made.id}.raw").write_bytes(talk(1))
        await Ingester(self.records.recordings, self.records.calls, self.config, self.clock, Alarms()).sweep()
        for number, age in enumerate(days, start=1):
            self.age(number, age)

    def age(self, number: int, days: float) -> None:
        (path,) = self.files(number)
        then = (NOW - timedelta(days=days)).timestamp()
        os.utime(path, (then, then))

    def files(self, number: int) -> list[Path]:
        return list(self.config.library.rglob(f"abc123-{number}-1-k3.wav"))

    async def state(self, number: int) -> RecordingState:
        row = await self.records.recordings.recording(f"abc123-{number}-1-k3")
        assert row is not None
        return row.state


@pytest.fixture
def archive(tmp_path: Path, database: Database) -> Archive:
    return Archive(tmp_path, real_records(database))


async def test_what_is_over_age_goes_and_its_row_stays(archive: Archive) -> None:
    """Older than 90 days, not younger; the folders that become empty go too."""
    await archive.add(91, 89, 0)
    report = await archive.retention.run()
    assert (report.deleted, report.freed, report.failed, report.refused) == (1, 32044, (), "")
    assert not archive.files(1)
    assert archive.files(2)
    row = await archive.records.recordings.recording("abc123-1-1-k3")
    assert row is not None
    assert (row.state, row.deleted_at) == (RecordingState.DELETED, NOW)
    assert row.sha256
    folders = {path for path in archive.config.library.glob("2026/*/*") if path.is_dir()}
    assert folders == {path.parent for number in (2, 3) for path in archive.files(number)}
    assert (await archive.retention.run()).deleted == 0


async def test_a_hold_protects(archive: Archive) -> None:
    """For as long as it holds."""
    await archive.add(200, 0)
    await archive.records.recordings.hold("abc123-1-1-k3", True, "complaint")
    assert (await archive.retention.run()).deleted == 0
    assert archive.files(1)
    await archive.records.recordings.hold("abc123-1-1-k3", False, "")
    assert (await archive.retention.run()).deleted == 1


async def test_a_file_younger_than_its_call_says_is_not_deleted(archive: Archive) -> None:
    """The clock was wrong when the call was made: the file's own time must be over age too."""
    await archive.add(91, 91, 0)
    archive.age(1, 3)
    report = await archive.retention.run()
    assert report.deleted == 1
    assert report.failed == ("abc123-1-1-k3: its file is younger than its call",)
    assert archive.files(1)


async def test_a_clock_that_jumped_ahead_deletes_nothing(archive: Archive) -> None:
    """The last call was half a year ago, says the clock: it is doubted."""
    await archive.add(89, 0)
    archive.clock.turn(180 * DAY)
    report = await archive.retention.run()
    assert report.deleted == 0
    assert "the last call was at 2026-11-23" in report.refused
    assert archive.files(1)


async def test_a_library_that_is_not_mounted_is_not_taken_for_deleted(archive: Archive) -> None:
    """Otherwise every row would be marked as deleted."""
    await archive.add(91, 0)
    archive.config.library.rename(archive.config.library.with_name("away"))
    archive.config.library.mkdir()
    report = await archive.retention.run()
    assert "mounted" in report.refused
    assert await archive.state(1) is RecordingState.KEPT


async def test_killed_between_file_and_row(archive: Archive) -> None:
    """The file is gone and the row does not say so yet: the next run says it."""
    await archive.add(91, 0)
    archive.files(1)[0].unlink()
    assert (await archive.retention.run()).deleted == 1
    assert await archive.state(1) is RecordingState.DELETED


async def test_what_cannot_be_deleted_does_not_stop_the_rest(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, it stays, and it does not make the run go round in circles; a run is bounded."""
    await archive.add(*([95] * 5), 0)
    (bad,) = archive.files(2)
    bad.unlink()
    bad.symlink_to("/etc/hostname")
    monkeypatch.setattr("dialer.recording.retention._BATCH", 2)
    assert (await archive.retention.run(most=1)).deleted == 1
    report = await archive.retention.run()
    assert report.deleted == 3
    assert len(report.failed) == 1
    assert report.failed[0].startswith("abc123-2-1-k3: ")
    assert Path("/etc/hostname").exists()
    assert await archive.state(6) is RecordingState.KEPT


async def test_a_hold_put_while_it_runs_counts(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is read again just before the file goes."""
    await archive.add(95, 0)
    batch = await archive.records.recordings.expired(NOW, 10)
    await archive.records.recordings.hold("abc123-1-1-k3", True, "complaint")

    async def stale(ended_before: object, limit: int) -> object:
        return batch

    monkeypatch.setattr(archive.records.recordings, "expired", stale)
    assert (await archive.retention.run()).deleted == 0
    assert archive.files(1)


async def test_without_an_age_everything_is_kept(archive: Archive) -> None:
    """The default keeps for ever."""
    await archive.add(4000, 0)
    forever = archive.config.model_copy(update={"keep_days": None})
    report = await Retention(archive.records.recordings, archive.records.calls, forever, archive.clock).run()
    assert report.deleted == 0
    assert folder.is_library(archive.config.library)
