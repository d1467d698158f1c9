"""What goes on at night, and how people learn whether it did."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from dialer.app import Parts, offline
from dialer.app.http import backup_health
from dialer.app.jobs import NIGHT_ALARM, day_scheduler, next_night, nights_missed
from dialer.store.backups.files import name_of
from dialer.store.backups.folder import BACKUP_ALARM
from tests.kit.waiting import until
from tests.service.test_restore import settings_in

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    """A dialer without a PBX."""
    for name in ("spool", "done"):
        (tmp_path / name).mkdir()
    async with offline(settings_in(tmp_path)) as opened:
        yield opened


async def test_every_job_of_the_night_is_done(parts: Parts) -> None:
    """Run by the scheduler itself: each does its work and says so; none is only made and never awaited."""
    scheduler = day_scheduler(parts)
    night = {"nightly.backup", "nightly.reconcile", "nightly.retention", "nightly.memory", "nightly.calendar"}
    with capture_logs() as said:
        scheduler.start()
        try:
            for job in scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))
            await until(lambda: night <= {line["action"] for line in said if line["log_level"] == "info"})
        finally:
            scheduler.shutdown(wait=False)
    assert len(await parts.backups.listing()) >= 1


async def test_a_failing_backup_is_an_alarm_and_stands_in_health(parts: Parts) -> None:
    """It shows on health with what to do, and an alarm goes out; the next good one ends both."""
    assert (await backup_health(parts)).level == "ok"
    assert await nights_missed(parts)
    folder = parts.settings.backups
    folder.touch()  # a file stands where the folder should be
    assert await nights_missed(parts)
    with capture_logs() as said:
        scheduler = day_scheduler(parts)
        await scheduler.get_job("backup").func()
    assert {line["action"] for line in said} >= {"backups.failed", "nightly.backup"}
    await until(lambda: BACKUP_ALARM in parts.engine.state.alarms)
    health = await backup_health(parts)
    (state, advice), (zh, advice_zh) = health.words("en"), health.words("zh")
    assert (health.level, str(folder) in advice, str(folder) in advice_zh) == ("degraded", True, True)
    assert ("cannot be made" in state, "无法建立" in zh) == (True, True)
    folder.unlink()
    await parts.backups.make()
    await until(lambda: BACKUP_ALARM not in parts.engine.state.alarms)
    assert (await backup_health(parts)).level == "ok"
    assert not await nights_missed(parts)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("backup", MemoryError()),
        ("missed-backup", KeyError("made_at")),
        ("reconcile", OverflowError("date value out of range")),
        ("retention", RecursionError()),
        ("calendar", UnicodeError()),
    ],
)
async def test_whatever_a_job_raises_ends_that_job_alone(
    parts: Parts, name: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 10, A: with an alarm, and it is done again at its next time, which ends the alarm."""
    mended = False

    async def broken(*_: object) -> None:
        if not mended:
            raise error

    for owner, deed in ((parts.backups, "make"), (parts.reconciler, "run"), (parts.retention, "run")):
        monkeypatch.setattr(owner, deed, broken)
    monkeypatch.setattr(parts.day_store, "seed_calendar", broken)
    scheduler = day_scheduler(parts)
    scheduler.start(paused=True)
    job = scheduler.get_job(name)
    key = f"{NIGHT_ALARM}:{name.removeprefix('missed-')}"
    await job.func()
    await until(lambda: key in parts.engine.state.alarms)
    assert type(error).__name__ in parts.engine.state.alarms[key].text
    assert scheduler.get_job(name) is not None
    scheduler.shutdown(wait=False)
    mended = True
    await job.func()
    await until(lambda: key not in parts.engine.state.alarms)


async def test_an_old_backup_is_told(parts: Parts) -> None:
    """A machine that is off at night, or a night's work that never runs, must not go unnoticed."""
    made = await parts.backups.make()
    old = made.path.with_name(name_of(made.made_at - timedelta(days=3)))
    for end in ("", ".sha256"):
        made.path.with_name(made.path.name + end).rename(old.with_name(old.name + end))
    assert (await backup_health(parts)).level == "degraded"
    assert await nights_missed(parts)
    with capture_logs() as said:
        await day_scheduler(parts).get_job("missed-backup").func()
        await day_scheduler(parts).get_job("missed-backup").func()
    assert [line["action"] for line in said].count("backups.made") == 1
    assert (await backup_health(parts)).level == "ok"


async def test_a_backup_from_the_future_hides_no_old_one(parts: Parts) -> None:
    """It was made while the clock was wrong: what counts is the newest that can be true, and none is very old."""
    made = await parts.backups.make()
    for name in (name_of(made.made_at + timedelta(days=400)), name_of(made.made_at - timedelta(days=3))):
        for end in ("", ".sha256"):
            shutil.copyfile(made.path.with_name(made.path.name + end), made.path.with_name(name + end))
    assert (await backup_health(parts)).level == "ok"
    made.path.unlink()
    parts.backups._known = 0.0, None
    assert (await backup_health(parts)).level == "degraded"
    assert await nights_missed(parts)
    for path in parts.settings.backups.glob(f"{name_of(made.made_at - timedelta(days=3))}*"):
        path.unlink()
    assert await nights_missed(parts)


async def test_a_folder_that_cannot_be_read_is_told_and_stops_nothing(parts: Parts) -> None:
    """The service stays ready, for calling is fine; what is wrong and how to mend it stands on health."""
    parts.settings.backups.touch()  # a file stands where the folder should be
    health = await backup_health(parts)
    (state, advice), (zh, advice_zh) = health.words("en"), health.words("zh")
    assert (health.level, "cannot be read" in state, "无法读取" in zh) == ("degraded", True, True)
    assert "chown -R dialer" in advice
    assert "chown -R dialer" in advice_zh


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 23, 1, 59, tzinfo=ZONE), datetime(2026, 11, 23, 2, tzinfo=ZONE)),
        (datetime(2026, 11, 23, 2, 0, tzinfo=ZONE), datetime(2026, 11, 24, 2, tzinfo=ZONE)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=ZONE), datetime(2027, 1, 1, 2, tzinfo=ZONE)),
    ],
)
def test_the_next_night(now: datetime, then: datetime) -> None:
    """On the department's clock, whatever the clock of the one who asks."""
    assert next_night(now.astimezone(UTC), time(2), ZONE) == then
