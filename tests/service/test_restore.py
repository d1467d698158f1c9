"""A backup of the middle of a day becomes the database, and the day goes on: on the rules, the real database, a
simulated PBX and the virtual clock.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dialer.app.database import back_up
from dialer.app.restore import Restored, restore
from dialer.campaign.changes import Entry, NoticeDue
from dialer.campaign.messages import ResumeCampaign, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import Visit
from dialer.campaign.state import RESTORED
from dialer.errors import BadInput, Conflict, StoreUnavailable
from dialer.settings import Settings, from_values
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.calls import SqlCallStore
from dialer.store.records.outbox import SqlOutbox
from dialer.store.sqlite.backup import examine
from tests.campaign.days import MONDAY, at, chance, row, scene
from tests.virtual import invariants
from tests.virtual.day import VirtualClock, VirtualDay
from tests.virtual.simulated import SimulatedPbx

EVERYTHING = Page(100_000)
COPIED, KILLED, END = at(8, 20), at(8, 45), at(19, 30)
AGENTS, CUSTOMERS = 3, 120


def settings_in(folder: Path) -> Settings:
    """As a department has them, with everything below ``folder``."""
    trunk = {"name": "trunk", "template": "PJSIP/{number}@trunk"}
    recordings = {"spool": str(folder / "spool"), "done": str(folder / "done")}
    return from_values({"data": str(folder / "data"), "trunks": [trunk], "recordings": recordings})


@dataclass(frozen=True, slots=True)
class Books:
    """What a database has of the day."""

    visits: dict[int, Visit]
    attempts: dict[str, Attempt]
    notices: Sequence[NoticeDue]
    history: Sequence[Entry]


async def books_of(database: Database) -> Books:
    """Everything of the day."""
    details = await SqlCallStore(database).details(MONDAY, EVERYTHING)
    full = [await SqlCallStore(database).detail(detail.visit.id) for detail in details]
    outbox = await SqlOutbox(database).notices(None, EVERYTHING)
    notices = [
        NoticeDue(n.id.partition("-")[2], n.kind, n.created_at, visit=n.body["data"].get("visit")) for n in outbox
    ]
    return Books(
        {detail.visit.id: detail.visit for detail in full},
        {attempt.id: attempt for detail in full for attempt in detail.attempts},
        notices,
        sorted((entry for detail in full for entry in detail.history), key=lambda entry: entry.at),
    )


@dataclass(slots=True)
class Morning:
    """A day until its dialer is killed, and a backup of somewhere in between."""

    settings: Settings
    clock: VirtualClock
    pbx: SimulatedPbx
    copy: Path
    books: Books


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """The dialer works from 08:00 until it dies; the backup is made while it works."""
    folder = tmp_path_factory.mktemp("morning")
    settings = settings_in(folder)
    settings.data.mkdir()
    made = scene(chance(7, 0.5), [row(n, agent=f"{n % AGENTS + 1:03}") for n in range(1, CUSTOMERS + 1)], agents=AGENTS)

    async def work() -> Books:
        database = await Database.open(settings.database)
        made.day.store = SqlDayStore(database)
        await made.day.run(COPIED)
        copying = asyncio.create_task(asyncio.to_thread(back_up, settings, folder / "copy.sqlite3", made.day.clock))
        await made.day.run(KILLED - timedelta(minutes=5))
        await copying
        await made.day.run(KILLED)
        books = await books_of(database)
        await database.close()
        return books

    books = asyncio.run(work())
    assert len(made.day.state.attempts if made.day.state else ()) > 0, "calls are up when the dialer is killed"
    made.pbx.cut(made.day.clock.at)
    made.pbx.advance(made.day.clock.at)
    return Morning(settings, made.day.clock, made.pbx, folder / "copy.sqlite3", books)


async def in_a_new_folder(morning: Morning, folder: Path) -> tuple[Settings, Restored]:
    """The backup, restored where nothing was."""
    settings = settings_in(folder)
    return settings, await restore(settings, morning.copy, morning.clock, "root (dialer)")


async def test_the_day_goes_on_from_a_backup(morning: Morning, tmp_path: Path) -> None:
    """Nobody is called before somebody resumes; then every customer is called to the end, and no invariant is broken.

    The gap, and never two calls at once, hold across both lives of the dialer, with the calls that the backup does not
    know. What is asked of the whole set of books holds of the restored ones.
    """
    settings, done = await in_a_new_folder(morning, tmp_path)
    assert (done.checked, done.aside, done.unknown, done.contents.day) == (True, None, (), MONDAY)
    assert done.contents.rows["visits"] == CUSTOMERS
    assert 0 < done.contents.rows["attempts"] < len(morning.books.attempts)
    assert done.contents.last_change is not None
    assert COPIED - timedelta(minutes=2) <= done.contents.last_change <= KILLED - timedelta(minutes=5)

    died, before = morning.clock.at, len(morning.pbx.records)
    database = await Database.open(settings.database)
    day = VirtualDay(settings.campaign(), SqlDayStore(database), morning.pbx, morning.clock, seed=8)
    tell_agents(day, died)
    await day.run(died + timedelta(minutes=10))
    assert len(morning.pbx.records) == before, "nobody is called before a person has looked"
    assert day.state is not None
    assert list(day.state.alarms) == [RESTORED]
    day.tell(morning.clock.at, ResumeCampaign(by="900"))
    await day.run(END)
    assert day.refusals == []

    books = await books_of(database)
    await database.close()
    assert len(morning.pbx.records) > before
    assert not any(visit.open for visit in books.visits.values())
    known = [record for record in morning.pbx.records if record.attempt in books.attempts]
    wrong = invariants.violations(
        settings.campaign(), books.visits, list(books.attempts.values()), books.notices, known, books.history,
        finished=True, in_order=False,
    )  # fmt: skip
    assert wrong == []
    both = {**morning.books.attempts, **books.attempts}
    assert {record.attempt for record in morning.pbx.records} <= both.keys()
    assert invariants.gaps_kept(settings.campaign(), list(both.values()), morning.pbx.records) == []
    assert invariants.never_two_at_once(both, morning.pbx.records) == []
    assert invariants.one_call_for_each_agent(both, morning.pbx.records) == []
    assert invariants.committed_before_leaving(both, morning.pbx.records) == []
    assert invariants.within_hours(settings.campaign(), morning.pbx.records, {}) == []


def tell_agents(day: VirtualDay, when: datetime) -> None:
    """Every agent says that they are ready."""
    for n in range(1, AGENTS + 1):
        day.tell(when, SetPresence(by=f"{n:03}", agent=f"{n:03}", presence=Presence.READY))


async def test_what_was_there_is_kept_and_who_was_called_since_is_told(morning: Morning, tmp_path: Path) -> None:
    """Over the database of the dialer that died: it stands aside whole, and its later calls are a list for people."""
    settings, _ = await in_a_new_folder(morning, tmp_path)
    settings.database.unlink()
    settings.database.write_bytes(morning.settings.database.read_bytes())
    settings.recordings.done.mkdir()
    talked = next(a for a in morning.books.attempts.values() if a.connected_at)
    for name in (f"{talked.id}.wav", "abc123-7-3-t00000.raw", "notes.txt"):
        (settings.recordings.done / name).touch()
    done = await restore(settings, morning.copy, morning.clock, "root (dialer)")
    assert done.aside is not None
    kept = examine(done.aside).rows
    assert kept["attempts"] == len(morning.books.attempts)
    told = {call.attempt: call for call in done.unknown}
    later = kept["attempts"] - done.contents.rows["attempts"]
    assert len(told.keys() & morning.books.attempts.keys()) == later > 0
    assert told["abc123-7-3-t00000"].customer == "C0007"
    assert len(told) == later + 1
    assert done.list_file is not None
    lines = done.list_file.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "customer,number,called_at,attempt"
    assert len(lines) == len(told) + 1
    assert not list(settings.data.glob(".restore*"))

    morning.clock.at += timedelta(seconds=1)
    back = await restore(settings, done.aside, morning.clock, "root (dialer)")  # it was a mistake
    assert back.contents.rows["attempts"] == kept["attempts"]
    assert (back.checked, [c.attempt for c in back.unknown]) == (False, ["abc123-7-3-t00000"])


async def test_a_refused_restore_changes_nothing(morning: Morning, tmp_path: Path) -> None:
    """While a dialer owns the database, and with a backup that is no good."""
    settings, _ = await in_a_new_folder(morning, tmp_path)
    before = settings.database.read_bytes()
    database = await Database.open(settings.database)
    with pytest.raises(Conflict, match="stop the service first"):
        await restore(settings, morning.copy, morning.clock, "x")
    await database.close()
    bad = tmp_path / "bad.sqlite3"
    bad.write_bytes(morning.copy.read_bytes()[:50_000])
    with pytest.raises(BadInput, match="nothing was changed"):
        await restore(settings, bad, morning.clock, "x")
    blocked = settings_in(bad)  # its folder would have to be made below a file
    with pytest.raises(StoreUnavailable, match="nothing was changed"):
        await restore(blocked, morning.copy, morning.clock, "x")
    assert settings.database.read_bytes() == before
    kept = ["dialer.sqlite3", "dialer.sqlite3.lock", "dialer.sqlite3.service"]
    assert sorted(path.name for path in settings.data.iterdir()) == kept


async def test_root_puts_nothing_into_the_services_folders(
    morning: Morning, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service could not open it, and a folder that root makes would fail every backup of the nights to come."""
    settings, _ = await in_a_new_folder(morning, tmp_path)
    before = sorted(path.name for path in settings.data.iterdir())
    if os.geteuid() == 0:
        os.chown(settings.data, 65534, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for target in (None, settings.backups, settings.backups / "own.sqlite3"):
        with pytest.raises(Conflict, match="runuser -u dialer"):
            back_up(settings, target, morning.clock)
    with pytest.raises(Conflict, match="runuser -u dialer"):
        await restore(settings, morning.copy, morning.clock, "x")
    assert sorted(path.name for path in settings.data.iterdir()) == before
    assert back_up(settings, tmp_path / "elsewhere.sqlite3", morning.clock)[0].path.exists()


async def test_an_unreadable_database_is_set_aside_all_the_same(morning: Morning, tmp_path: Path) -> None:
    """That is what backups are for; nobody can say who was called since, and that is said."""
    settings, _ = await in_a_new_folder(morning, tmp_path)
    settings.database.write_bytes(b"\0" * 10_000)
    done = await restore(settings, morning.copy, morning.clock, "x")
    assert done.aside is not None
    assert done.aside.read_bytes() == b"\0" * 10_000
    assert "damaged" in done.unreadable
    assert (done.unknown, done.list_file) == ((), None)
    assert examine(settings.database).rows["visits"] == CUSTOMERS
