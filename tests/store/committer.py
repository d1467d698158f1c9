"""A process of its own that commits batches until it is killed, and tells of each that was committed.

Batch ``n`` adds ten visits, places a call to each of them, ends those of batch ``n - 1`` and tells
that these are unreached.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from dialer.campaign.changes import Changes
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from tests.contracts.made_up import added, placed, unreached

SIZE = 10


def batch(number: int) -> Changes:
    """The changes of one transaction."""
    changes = Changes(flags={"batch": str(number)})
    mine = range(number * SIZE + 1, (number + 1) * SIZE + 1)
    before = range((number - 1) * SIZE + 1, number * SIZE + 1) if number else range(0)
    parts = [added(*mine), *(placed(n) for n in mine), *(unreached(n) for n in before)]
    for part in parts:
        for name in ("added", "visits", "placed", "attempts", "calls", "notices", "history"):
            getattr(changes, name).extend(getattr(part, name))
    return changes


async def main(path: Path) -> None:
    """Commit for ever."""
    store = SqlDayStore(await Database.open(path))
    number = 0
    while True:
        await store.commit(batch(number))
        print(number, flush=True)  # noqa: T201 - the parent process reads it
        number += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
