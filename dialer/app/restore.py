"""`dialer restore`: a backup becomes the database, and nobody is called before a person has looked.

The backup is copied beside the database, looked through and brought up to date there; the rules pause the campaign in
it. Only then it takes the place of the present database, which is kept under another name.
"""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from dialer import callid
from dialer.app.database import as_its_owner
from dialer.app.parts import watch_of
from dialer.campaign.engine import Engine
from dialer.campaign.messages import RecordsRestored
from dialer.clock import Clock
from dialer.errors import BadInput, Conflict, StoreError, StoreUnavailable
from dialer.formulas import harmless
from dialer.language import translator
from dialer.people.audit_log import AuditEntry
from dialer.settings import Settings
from dialer.store.backend import Backend, Restore, UnknownCall
from dialer.store.backups.files import Contents
from dialer.store.database import Database, backend_of
from dialer.store.day import SqlDayStore
from dialer.store.people.auditlog import SqlAuditLog
from dialer.store.people.sessions import SqlSessionStore

_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. ``aside``: where the replaced database is; ``checked``: there was a checksum, and it agreed.

    ``unknown``: the calls that the replaced database or a recording tells of and the restored one does not know, by
    time; ``list_file`` has them too. ``unreadable`` says why the replaced database could not be asked.
    """

    file: Path
    database: Path
    aside: Path | None
    checked: bool
    contents: Contents
    unknown: tuple[UnknownCall, ...]
    list_file: Path | None
    unreadable: str


async def restore(settings: Settings, file: Path, clock: Clock, by: str) -> Restored:
    """Put the backup ``file`` in the place of the database. Nothing is changed unless all of it can be.

    Raises ``Conflict`` while a dialer runs, ``BadInput`` for a backup that is damaged, foreign or too new.
    """
    now, present = clock.now(), backend_of(settings.database)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        as_its_owner(settings.data)
        with _owned(present), present.restoring() as restoring:
            contents, checked = await asyncio.to_thread(_staged, restoring, file)
            await _prepare(settings, restoring.ready, contents, clock, by, str(file))
            since = contents.last_change or now
            unknown, unreadable = await asyncio.to_thread(_unknown, settings, restoring, since, now)
            stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
            listed = settings.data / f"calls-not-in-backup-{stamp}.csv" if unknown else None
            if listed is not None:
                await asyncio.to_thread(_write, listed, unknown, settings.zone)
            aside = await asyncio.to_thread(restoring.put_in_place, stamp)
    except OSError as error:
        raise StoreUnavailable(f"restoring {file}, nothing was changed: {error}") from error
    return Restored(file, settings.database, aside, checked, contents, unknown, listed, unreadable)


@contextmanager
def _owned(database: Backend) -> Iterator[None]:
    try:
        database.own(passing=True)
    except StoreError as error:
        raise Conflict(f"nothing was changed; stop the service first, then restore: {error}") from error
    try:
        yield
    finally:
        database.disown()


def _staged(restoring: Restore, file: Path) -> tuple[Contents, bool]:
    try:
        return restoring.stage(file)
    except StoreUnavailable:
        raise
    except StoreError as error:
        raise BadInput(f"nothing was changed: {error}") from error


async def _prepare(settings: Settings, ready: Backend, contents: Contents, clock: Clock, by: str, source: str) -> None:
    """Bring it up to date; pause the campaign, with an alarm; end every session; write down who did this."""
    now = clock.now()
    as_of = contents.last_change or now
    opened = await Database.open(ready)
    try:
        earliest = now + timedelta(seconds=settings.rule.gap_s + 1)
        reason = translator(settings.web.language)(
            "The database was restored from a backup (as of {at}); later calls are missing from it. "
            "Check them, then resume, at {earliest} or later",
            at=f"{as_of.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}",
            earliest=f"{earliest.astimezone(settings.zone):%H:%M:%S}",
        )
        engine = Engine(settings.campaign(), SqlDayStore(opened), clock, watch_of(clock))
        engine.post(RecordsRestored(by=by, as_of=as_of, reason=reason))
        await engine.load()
        await engine.turn({})
        sessions = SqlSessionStore(opened)
        await sessions.revoke([each.digest for each in await sessions.sessions(None, _EVER)], now)
        await SqlAuditLog(opened).append(AuditEntry(now, by, "cli", "restore", source, "local"))
    finally:
        await opened.close()


def _unknown(
    settings: Settings, restoring: Restore, since: datetime, until: datetime
) -> tuple[tuple[UnknownCall, ...], str]:
    """The calls of the replaced database that the new one does not know, and those that only a recording tells of."""
    known: list[UnknownCall] = []
    unreadable = ""
    try:
        known = restoring.unknown_calls()
    except StoreError as error:
        unreadable = str(error)
    told = {call.attempt for call in known}
    recorded = restoring.recorded_calls(_recordings(settings, since, until) - told)
    return tuple(sorted((*known, *recorded), key=lambda call: call.placed_at)), unreadable


def _recordings(settings: Settings, since: datetime, until: datetime) -> set[str]:
    """Calls with a recording, from the day of the backup's last change on."""
    first, last = (at.astimezone(settings.zone).date() for at in (since, until))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    folders = [settings.library / f"{day:%Y/%m/%d}" for day in days]
    folders += [settings.recordings.done, settings.recordings.spool]
    files = (name.partition(".") for folder in folders for name in _names(folder))
    return {call for call, _, ending in files if ending and callid.read(call)}


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:  # not there, or not ours to read: `dialer check` tells of that
        return []


def _write(file: Path, calls: tuple[UnknownCall, ...], zone: tzinfo) -> None:
    """A list for people, who open it with a spreadsheet."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8-sig") as out:
        table = csv.writer(out)
        table.writerow(("customer", "number", "called_at", "attempt"))
        for call in calls:
            at = f"{call.placed_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
            table.writerow(map(harmless, (call.customer, call.number, at, call.attempt)))
