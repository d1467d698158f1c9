"""The database for the command line, also beside a running service: whether it opens, and a backup at once."""

from __future__ import annotations

import os
from pathlib import Path

from dialer.ami.lease import Owner, owner_of
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.link import MAIN_PBX, owner_flag
from dialer.clock import Clock
from dialer.errors import Conflict
from dialer.settings import Settings
from dialer.store.backups.files import Backup, Contents, name_of
from dialer.store.backups.folder import make_folder
from dialer.store.database import Database, backend_of
from dialer.store.day import SqlDayStore


async def try_database(settings: Settings) -> None:
    """Open the database and close it again. Raises ``StoreError``.

    ``StoreOutdated`` when the next start brings it up to date.
    """
    database = await Database.open(settings.database, owner=False)
    await database.close()


async def known_of(settings: Settings) -> tuple[list[Agent], Owner]:
    """The agents, and which dialer these records are of, also beside a running service. Raises ``StoreError``."""
    database = await Database.open(settings.database, owner=False)
    try:
        base = await SqlDayStore(database).base()
    finally:
        await database.close()
    return base.agents, owner_of(database.installation, settings.database, base.flags.get(owner_flag(MAIN_PBX), ""))


def back_up(settings: Settings, target: Path | None, clock: Clock) -> tuple[Backup, Contents]:
    """Back the database up to ``target``: a file, a folder, or None for the folder that is set.

    Nothing else is deleted: the service keeps that folder in order. Raises ``BadInput``, ``StoreError``, and
    ``Conflict`` for root where the service could not open what is put there.
    """
    now = clock.now()
    if target is None or settings.backups.resolve() in (target.resolve(), target.parent.resolve()):
        as_its_owner(settings.data, settings.backups)
    if target is None:
        make_folder(settings.backups)
        target = settings.backups
    if target.is_dir():
        target = target / name_of(now)
    return backend_of(settings.database).back_up(target, now)


def as_its_owner(*folders: Path) -> None:
    """What root puts there the service could not open, move or delete. Raises ``Conflict``."""
    for folder in folders:
        owner = folder.stat().st_uid if folder.exists() else 0
        if owner not in (0, os.geteuid()) and os.geteuid() == 0:
            raise Conflict(
                f"{folder} belongs to user {owner}: run this as that user, for example with runuser -u dialer"
            )
