"""The ingester takes in what the PBX has recorded.

The PBX renames a complete file into ``done``; that it lies there is the whole signal, so it does not matter
whether the dialer was up when the call ended. Taking in is: convert into the library's incoming folder, make it
durable, give it its place, write the row, and only then remove the source. Killed in between, the next start does
it again and arrives at the same file and the same row.

What has no counterpart is reported and kept, never guessed: a file whose call the records do not know stays where it
is.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from dialer.campaign.messages import AlarmSink
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import CallQuery, CallStore
from dialer.clock import Clock
from dialer.errors import NotFound, RecordingTooLong, StoreError
from dialer.recording import faults, folder
from dialer.recording.config import RecordingConfig
from dialer.recording.faults import Fault
from dialer.recording.folder import Found, words_of
from dialer.recording.ports import RecordingStore

log = structlog.get_logger(__name__)

_MISSING_AT_ONCE = 500
_BOOKS_EVERY = timedelta(seconds=15)
_END_WAIT = timedelta(minutes=2)
"""A complete file waits so long for its call to end in the records."""
_SPOOL_KEEP = timedelta(hours=1)
"""The source of a salvaged file stays in the spool so long, in case it is not over."""
_RETRY = timedelta(seconds=30)
"""After a file could not be taken in."""
_ORPHAN_RETRY = timedelta(minutes=10)
"""After so long a file without a call is looked up again."""
_TRIES = 3
"""After so many of them what a file holds is not for us, and it is set aside."""
_LIBRARY_IS_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}

FOLDER_ALARM = "recording-folder"
LIBRARY_ALARM = "recording-library"
FILE_ALARM = "recording-file"
MISSING_ALARM = "recording-missing"
STORE_ALARM = "recording-store"
ASIDE_ALARM = "recording-set-aside"
LONG_ALARM = "recording-endless"


@dataclass(frozen=True, slots=True)
class OrphanedRecording:
    """A recording without a call: a file that stays where it is until a person decides."""

    path: str
    size: int
    reason: str


@dataclass(slots=True)
class Sweep:
    """What one pass did."""

    taken: int = 0
    waiting: int = 0
    missing: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class IngesterStatus:
    """How the ingester is, for health and metrics. ``problems`` is empty when all is well."""

    waiting: int
    orphans: int
    taken: int  # since the start
    problems: tuple[str, ...]


@dataclass(slots=True)
class _Sighting:
    """A file as last seen: unchanged ``since``, not to be looked at before ``next_at``."""

    size: int
    mtime_ns: int
    since: datetime
    next_at: datetime
    failed: bool = False
    tries: int = 0
    salvaged: bool = False


class Ingester:
    """The only writer of the library. Run :meth:`run` as one task."""

    def __init__(
        self, store: RecordingStore, calls: CallStore, config: RecordingConfig, clock: Clock, alarm: AlarmSink
    ) -> None:
        self._store = store
        self._calls = calls
        self._config = config
        self._clock = clock
        self._tell = alarm
        self._lock = asyncio.Lock()
        self._sightings: dict[str, _Sighting] = {}
        self._orphans: dict[str, OrphanedRecording] = {}
        self._unchecked: set[str] = set()
        self._problems: dict[str, str] = {}
        self._books_at: datetime | None = None
        self._missed_at: datetime | None = None
        self._started = False
        self._endless: set[str] = set()
        self._last = Sweep()
        self._taken = 0

    async def run(self) -> None:
        """Sweep until cancelled. A folder or a database that is gone raises an alarm and is tried again."""
        while True:
            try:
                await self.sweep()
            except StoreError as error:
                self._alarm(STORE_ALARM, f"Recordings cannot be indexed: {error} The files are safe; trying again.")
            await asyncio.sleep(self._config.poll_s)

    def orphans(self) -> tuple[OrphanedRecording, ...]:
        """Recordings without a call, as of the last sweep."""
        return tuple(self._orphans[name] for name in sorted(self._orphans))

    def status(self) -> IngesterStatus:
        """How things stand."""
        problems = tuple(self._problems[key] for key in sorted(self._problems))
        return IngesterStatus(self._last.waiting + self._last.failed, len(self._orphans), self._taken, problems)

    async def sweep(self) -> Sweep:
        """One pass over the folders. Raises StoreError; troubles with files become alarms."""
        async with self._lock:
            sweep = Sweep()
            now = self._clock.now()
            if not await self._library_is_there():
                return sweep
            try:
                # The spool first: what is renamed in between is seen in both rather than in none.
                spool = await asyncio.to_thread(folder.scan, self._config.spool)
                done = await asyncio.to_thread(folder.scan, self._config.done)
            except OSError as error:
                self._alarm(
                    FOLDER_ALARM,
                    f"The PBX's recording folder cannot be read: {words_of(error)}. Recordings wait where they are.",
                )
                return sweep
            self._clear(FOLDER_ALARM)
            self._forget_absent({str(found.path) for found in (*done, *spool)})
            self._endless.clear()
            try:
                for found in done:
                    await self._look_at(found, sweep, complete=True)
                for found in spool:
                    await self._look_at(found, sweep, complete=False)
                aside = await asyncio.to_thread(folder.are_aside, self._config.done, self._config.spool)
            except OSError as error:
                self._alarm(
                    LIBRARY_ALARM,
                    f"The recordings' library cannot be written: {words_of(error)}. Recordings wait where they are.",
                )
                return sweep
            self._clear(LIBRARY_ALARM)
            names = ", ".join(map(str, aside[:3]))
            self._mind(ASIDE_ALARM, aside and f"{len(aside)} recordings cannot be taken in and were set aside: {names}")
            names = ", ".join(sorted(self._endless))
            hours = f"{self._config.longest_s / 3600:g} h"
            self._mind(LONG_ALARM, self._endless and f"Calls that the PBX should have ended after {hours}: {names}")
            await self._compare_with_books(now, {found.attempt for found in (*done, *spool)}, sweep)
            self._clear(STORE_ALARM)
            sweep.failed = sum(sighting.failed for sighting in self._sightings.values())
            if not sweep.failed:
                self._clear(FILE_ALARM)
            self._last = sweep
            self._taken += sweep.taken
            return sweep

    async def _library_is_there(self) -> bool:
        root = self._config.library
        try:
            if not await asyncio.to_thread(folder.is_library, root):
                if await self._calls.calls(CallQuery(recorded=True, page=Page(limit=1))):
                    self._alarm(
                        LIBRARY_ALARM,
                        f"The recordings' library {root} is not there: is its disk mounted? Recordings wait in "
                        f"{self._config.done}. If the library is lost for good, create {root / folder.INCOMING}.",
                    )
                    return False
                await asyncio.to_thread(folder.found_library, root)
            if not self._started:
                await asyncio.to_thread(folder.clear_incoming, root)
                self._started = True
        except OSError as error:
            self._alarm(
                LIBRARY_ALARM,
                f"The recordings' library {root} cannot be used: {words_of(error)}. Recordings wait where they are.",
            )
            return False
        return True

    # -- one file --------------------------------------------------------------------------------

    def _forget_absent(self, present: set[str]) -> None:
        for name in self._sightings.keys() - present:
            del self._sightings[name]
            self._orphans.pop(name, None)

    def _see(self, found: Found, now: datetime) -> _Sighting:
        name = str(found.path)
        sighting = self._sightings.get(name)
        # Seen in the future: the clock was set back.
        if (
            sighting is None
            or (sighting.size, sighting.mtime_ns) != (found.size, found.mtime_ns)
            or sighting.since > now
        ):
            sighting = _Sighting(found.size, found.mtime_ns, since=now, next_at=now)
            self._sightings[name] = sighting
            self._orphans.pop(name, None)
        return sighting

    async def _look_at(self, found: Found, sweep: Sweep, *, complete: bool) -> None:
        """Decide what to do with a file, and do it. Raises OSError only when the library cannot be written."""
        now = self._clock.now()
        sighting = self._see(found, now)
        still = now - sighting.since
        if now < sighting.next_at or (not complete and still < timedelta(seconds=self._config.still_s)):
            return
        if not found.attempt:
            self._orphan(found, sighting, now, "this is no name that the dialer gives to a recording")
            return
        try:
            attempt = await self._calls.attempt(found.attempt)
        except NotFound:
            self._orphan(found, sighting, now, "the books know no such call")
            return
        self._orphans.pop(str(found.path), None)
        if attempt.live and now - (attempt.answered_at or now) > timedelta(seconds=self._config.too_long_s):
            self._endless.add(attempt.id)
        if self._too_early(attempt, still, now, complete=complete):
            sweep.waiting += 1
            return
        if sighting.salvaged:
            if still >= _SPOOL_KEEP:
                await asyncio.to_thread(found.path.unlink, missing_ok=True)
            return
        try:
            await self._take_in(found, attempt, sighting, sweep, complete=complete)
            sighting.failed = False
        except OSError as error:
            if error.errno in _LIBRARY_IS_FULL:
                raise
            if isinstance(error, FileNotFoundError) and not found.path.exists():
                return  # renamed into `done` meanwhile; the next sweep sees it there
            sighting.failed, sighting.next_at = True, now + _RETRY
            self._alarm(
                FILE_ALARM,
                f"The recording {found.path} cannot be taken in: {words_of(error)}. Recordings wait where they are.",
            )
        except StoreError:
            raise
        except Exception as error:  # whatever a file can hold: the others go on
            sighting.failed, sighting.next_at, sighting.tries = True, now + _RETRY, sighting.tries + 1
            log.exception("recording cannot be taken in", action="recording.failed", path=str(found.path))
            reason = str(error) or type(error).__name__
            self._alarm(FILE_ALARM, f"The recording {found.path} cannot be taken in: {reason}. It is tried again.")
            if isinstance(error, RecordingTooLong) or sighting.tries >= _TRIES:
                await self._set_aside(found, attempt, sighting, reason)

    async def _set_aside(self, found: Found, attempt: Attempt, sighting: _Sighting, reason: str) -> None:
        """Out of the way, and said so in the row of its call. Raises StoreError."""
        now = self._clock.now()
        try:
            aside = await asyncio.to_thread(folder.set_aside, found)
        except OSError:  # the alarm of the file stands
            sighting.next_at = now + _ORPHAN_RETRY
            return
        if await self._store.recording(attempt.id) is None:
            row = faults.missing(attempt.id, f"{reason}; the file was set aside as {aside}", now)
            await self._store.save_recording(row)

    def _too_early(self, attempt: Attempt, still: timedelta, now: datetime, *, complete: bool) -> bool:
        """Whether to wait: for the records to learn of the call's end, or for the PBX to finish the file after all."""
        if complete:
            return attempt.live and still < _END_WAIT
        ended_at = attempt.ended_at
        return attempt.live or ended_at is None or now - ended_at < timedelta(seconds=self._config.still_s)

    async def _take_in(
        self, found: Found, attempt: Attempt, sighting: _Sighting, sweep: Sweep, *, complete: bool
    ) -> None:
        now = self._clock.now()
        row = await self._store.recording(attempt.id)
        if row is not None and row.state is RecordingState.DELETED:
            self._orphan(found, sighting, now, "the recording of this call was deleted when its time was over")
            return
        config = self._config
        part = await asyncio.to_thread(folder.prepare, found, attempt.day, config.library, config.too_long_s)
        if not await asyncio.to_thread(folder.unchanged, found):
            return  # it grew while it was read
        fresh = faults.describe(part, attempt, now, cut_short=not complete)
        if row is not None and row.path and row.sha256 != fresh.sha256 and fresh.duration_s <= row.duration_s:
            await asyncio.to_thread(part.path.unlink)
            self._orphan(found, sighting, now, "another and longer recording of this call is kept already")
            return
        await asyncio.to_thread(folder.settle, part, self._config.library)
        if row is None or not _same(row, fresh):
            await self._store.save_recording(fresh)
            sweep.taken += 1
            log.info(
                "recording taken in",
                action="recording.taken_in",
                attempt=attempt.id,
                seconds=fresh.duration_s,
                faults=list(fresh.faults),
            )
        if row is not None and row.path and row.path != fresh.path:
            await asyncio.to_thread((self._config.library / row.path).unlink, missing_ok=True)
        if faults.has(fresh.faults, Fault.LENGTH_UNCHECKED):
            self._unchecked.add(attempt.id)
        if self._missed_at is not None and attempt.answered_at is not None and attempt.answered_at > self._missed_at:
            self._missed_at = None
            self._clear(MISSING_ALARM)
        if complete:
            await asyncio.to_thread(found.path.unlink, missing_ok=True)
        else:
            # The PBX might still be writing, whatever the records say: its file goes only after a long stillness.
            sighting.salvaged = True

    def _orphan(self, found: Found, sighting: _Sighting, now: datetime, reason: str) -> None:
        name = str(found.path)
        if name not in self._orphans:
            log.warning("recording without a call", action="recording.stray", path=name, size=found.size, reason=reason)
        self._orphans[name] = OrphanedRecording(name, found.size, reason)
        sighting.next_at = now + _ORPHAN_RETRY

    # -- the records -------------------------------------------------------------------------------

    async def _compare_with_books(self, now: datetime, present: set[str], sweep: Sweep) -> None:
        """Book the calls whose file never came, and check lengths that could not be checked before."""
        if self._books_at is not None and timedelta(0) <= now - self._books_at < _BOOKS_EVERY:
            return
        self._books_at = now
        before = now - timedelta(seconds=self._config.missing_after_s)
        for attempt in await self._store.connected_without_recording(before, _MISSING_AT_ONCE):
            if attempt.id in present:
                continue
            reason = f"nothing came within {self._config.missing_after_s:g} s of the call's end"
            await self._store.save_recording(faults.missing(attempt.id, reason, now))
            sweep.missing += 1
            self._missed_at = max(self._missed_at or now, attempt.ended_at or now)
            self._alarm(
                MISSING_ALARM,
                f"Call {attempt.id} (customer {attempt.customer}) was connected and has no recording. Check that the "
                f"PBX can write to {self._config.spool} and {self._config.done} and that their disk is not full.",
            )
        await self.check_lengths(self._unchecked)

    async def check_lengths(self, attempts: Collection[str]) -> int:
        """Check the length of these recordings that were taken in before their call had ended; how many were done."""
        done = 0
        for name in sorted(attempts):
            row, attempt = await self._store.recording(name), await self._calls.attempt(name)
            if row is not None and faults.has(row.faults, Fault.LENGTH_UNCHECKED):
                if attempt.live:
                    continue
                await self._store.save_recording(faults.with_length(row, attempt))
                done += 1
            self._unchecked.discard(name)
        return done

    def _alarm(self, key: str, text: str) -> None:
        if self._problems.get(key) != text:
            self._problems[key] = text
            log.error("recording alarm", action="recording.alarm", key=key, text=text)
            self._tell(key, text)

    def _mind(self, key: str, trouble: object) -> None:
        self._alarm(key, str(trouble)) if trouble else self._clear(key)

    def _clear(self, key: str) -> None:
        if self._problems.pop(key, None) is not None:
            self._tell(key, "")


def _same(row: Recording, fresh: Recording) -> bool:
    return row == replace(fresh, taken_in_at=row.taken_in_at, hold=row.hold, hold_reason=row.hold_reason)
