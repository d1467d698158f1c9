"""The folder of backups: one more, the old ones away, and how it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from time import monotonic

import structlog

from dialer.campaign.messages import AlarmSink
from dialer.clock import Clock
from dialer.errors import Conflict, StoreError, StoreUnavailable
from dialer.store.backups import files
from dialer.store.backups.files import Backup, Contents

log = structlog.get_logger(__name__)

BACKUP_ALARM = "backup"
_LEFT_BEHIND = timedelta(hours=6)
_REMEMBERED_S = 30.0


class Backups:
    """Makes backups in ``folder``, one at a time; the newest of a day of the department is kept for ``keep_days`` days.

    ``back_up`` is how: see :meth:`~dialer.store.backend.Backend.back_up`. ``alarm(key, text)`` is told of a failure,
    with "" when it is over.
    """

    def __init__(
        self,
        folder: Path,
        keep_days: int,
        zone: tzinfo,
        back_up: Callable[[Path, datetime], tuple[Backup, Contents]],
        clock: Clock,
        alarm: AlarmSink,
    ) -> None:
        self.folder = folder
        self._keep_days = keep_days
        self._zone = zone
        self._back_up = back_up
        self._clock = clock
        self._alarm = alarm
        self._lock = asyncio.Lock()
        self._known: tuple[float, list[Backup] | None] = 0.0, None
        self.problem: str = ""
        """Why the last one failed; "" when it did not."""

    async def make(self) -> Backup:
        """One more backup, verified; then those that are too old go.

        Raises ``Conflict`` while another is being made, and ``StoreError``, of which the alarm tells as well.
        """
        if self._lock.locked():
            raise Conflict("a backup is being made already; look again in a moment")
        async with self._lock:
            try:
                made = await asyncio.to_thread(self._make)
                self._known = 0.0, None
            except StoreError as error:
                self.problem = str(error)
                log.error("the backup failed", action="backups.failed", error=str(error))
                self._alarm(BACKUP_ALARM, str(error))
                raise
            self.problem = ""
            self._alarm(BACKUP_ALARM, "")
            log.info("backup made and verified", action="backups.made", path=str(made.path), size=made.size)
            return made

    async def listing(self) -> list[Backup]:
        """Verified backups, newest first. Raises ``StoreUnavailable``."""
        return await asyncio.to_thread(files.listing, self.folder)

    async def known(self) -> list[Backup]:
        """As :meth:`listing`, for who asks all the time: another program's doings are seen half a minute later.

        Raises ``StoreUnavailable``.
        """
        at, found = self._known
        if found is None or monotonic() - at > _REMEMBERED_S:
            found = await self.listing()
            self._known = monotonic(), found
        return found

    def _make(self) -> Backup:
        now = self._clock.now().replace(microsecond=0)  # as the name has it
        make_folder(self.folder)
        files.clear_leftovers(self.folder, now - _LEFT_BEHIND)
        made, _ = self._back_up(self.folder / files.name_of(now), now)
        files.remove(files.too_many(files.listing(self.folder), self._keep_days, self._zone))
        return made


def make_folder(folder: Path) -> None:
    """Make the folder of backups, which only its owner can look into. Raises ``StoreUnavailable``."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreUnavailable(f"the folder of backups {folder} cannot be made: {error.strerror}") from error
