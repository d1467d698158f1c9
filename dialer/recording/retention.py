"""Retention: audio older than so many days is deleted, unless it is on hold; the row stays and says so."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import CallQuery, CallStore
from dialer.clock import Clock
from dialer.errors import NotFound, RecordingError
from dialer.recording import convert, folder, peaks
from dialer.recording.config import RecordingConfig
from dialer.recording.library import resolve
from dialer.recording.ports import RecordingStore

log = structlog.get_logger(__name__)

_BATCH = 200
_LONGEST_QUIET = timedelta(days=16)
"""With no call for longer than this, the clock is doubted rather than believed; a Spring Festival is shorter."""


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What one run did. ``refused`` is "" or says why nothing was deleted; ``failed`` names files that stayed."""

    deleted: int = 0
    freed: int = 0  # bytes
    failed: tuple[str, ...] = ()
    refused: str = ""


class Retention:
    """Deletes what is over age. Run nightly; each run is bounded by ``most``."""

    def __init__(self, store: RecordingStore, calls: CallStore, config: RecordingConfig, clock: Clock) -> None:
        self._store = store
        self._calls = calls
        self._config = config
        self._clock = clock

    async def run(self, most: int = 20_000) -> RetentionReport:
        """Delete at most ``most`` recordings. The file goes first, then the row says so: killed in between, the
        next run finishes. Raises StoreError.
        """
        if self._config.keep_days is None:
            return RetentionReport()
        now = self._clock.now()
        before = now - timedelta(days=self._config.keep_days)
        if refused := await self._doubt(now):
            log.warning("retention refused", action="retention.refused", reason=refused)
            return RetentionReport(refused=refused)
        deleted = freed = 0
        failed: dict[str, str] = {}
        while deleted < most:
            batch = await self._store.expired(before, _BATCH + len(failed))
            fresh = [row for row in batch if row.attempt not in failed][: most - deleted]
            if not fresh:
                break
            for row in fresh:
                problem = await self._delete(row, before, now)
                if problem:
                    failed[row.attempt] = problem
                else:
                    deleted += 1
                    freed += row.size
        if deleted or failed:
            log.info("retention", action="retention.done", deleted=deleted, freed=freed, failed=len(failed))
        return RetentionReport(deleted, freed, tuple(f"{name}: {why}" for name, why in failed.items()))

    async def _doubt(self, now: datetime) -> str:
        """Why nothing may be deleted now: "" when all is as it should be."""
        if not await asyncio.to_thread(folder.is_library, self._config.library):
            return f"the library {self._config.library} is not there; is its disk mounted?"
        newest = await self._calls.calls(CallQuery(page=Page(limit=1)))
        if newest and now - newest[0].attempt.placed_at > _LONGEST_QUIET:
            return (
                f"the last call was at {newest[0].attempt.placed_at:%Y-%m-%d %H:%M} UTC and the clock says "
                f"{now:%Y-%m-%d %H:%M}; if that is right, deletion goes on with the next call"
            )
        return ""

    async def _delete(self, row: Recording, before: datetime, now: datetime) -> str:
        """Delete one; "" or why it stays. Both the call's end and the file's own time must be over age."""
        try:
            ended_at = (await self._calls.attempt(row.attempt)).ended_at
        except NotFound:
            return "its call is not in the books"
        if ended_at is None or ended_at >= before:
            return "its call did not end long enough ago"
        # Once more, just before: somebody may have put a hold on it since the batch was read.
        current = await self._store.recording(row.attempt)
        if current is None or current.hold or current.state in (RecordingState.DELETED, RecordingState.MISSING):
            return "it was put on hold"
        try:
            young = await asyncio.to_thread(_remove, self._config.library, current.path, before)
        except (OSError, RecordingError) as error:
            return str(error)
        if young:
            return "its file is younger than its call"
        with suppress(OSError):  # what it looked like is worth no retry
            await asyncio.to_thread(peaks.forget, self._config.library, current.path, current.sha256)
        try:
            await asyncio.to_thread(convert.forget, self._config.library, current.path)
        except OSError as error:  # a copy that can be heard must not outlive its time
            return f"its converted copy cannot be deleted: {error}"
        await self._store.save_recording(replace(current, state=RecordingState.DELETED, deleted_at=now))
        return ""


def _remove(library: Path, relative: str, before: datetime) -> bool:
    """Remove the file and the folders that it leaves empty; True (and nothing done) when it is too young."""
    path = library / relative
    if not path.is_symlink() and not path.exists():
        return False  # an earlier run was killed before it could say so
    path = resolve(library, relative)
    if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= before:
        return True
    path.unlink()
    for parent in list(path.parents)[:3]:
        if parent == library.resolve() or any(parent.iterdir()):
            break
        parent.rmdir()
    return False
