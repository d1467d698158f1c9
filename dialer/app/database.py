"""Looking at the database without changing it, also beside a running service: for `dialer check`."""

from __future__ import annotations

from dialer.errors import StoreOutdated
from dialer.settings import Settings
from dialer.store.database import Database


async def database_state(settings: Settings) -> str:
    """Either "absent" before the first start, "older" when the next start brings it up to date, or "ready".

    Raises ``StoreError`` when it is damaged, unreadable, or made by a newer version.
    """
    if not settings.database.exists():
        return "absent"
    try:
        database = await Database.open(settings.database, owner=False)
    except StoreOutdated:
        return "older"
    await database.close()
    return "ready"
