"""Figure 11: a province's list in one go, from the file to the committed database, and the same file once more.

20,000 rows are uploaded to a service as the command does it. Bare counterpart: the same file read by ``csv`` and
inserted by ``sqlite3`` in one durable transaction, unchecked.
"""

from __future__ import annotations

import csv
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dialer.demo.client import Client
from tests.bench.figure import Figure, value_at_most
from tests.bench.ground import BUSY, Ground
from tests.bench.running import running

_HEAD = "客户代码,店铺名称,负责人,电话,营销部,客户经理,班组\n"


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows."""

    rows: int = 20_000


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Seconds."""
    size = size or Size()
    place = await ground.place(BUSY)
    await place.fill(visits=0, agents=1, ready=False)
    text = _HEAD + "".join(
        f"K{n:05d},店铺 {n},负责人 {n},{13500000000 + n},营销部 {n % 40},经理 {n % 200},一组\n"
        for n in range(size.rows)
    )
    took = []
    async with running(place) as service, Client(service.data) as client:
        await service.settled()
        for part in ("added", "unchanged"):
            ground.say(f"import: {size.rows} rows, {part}")
            began = time.perf_counter()
            found = await client.upload("visits", text.encode(), list="big")
            took.append(time.perf_counter() - began)
            done = found[part]
            if (done if isinstance(done, int) else len(done)) != size.rows:
                raise AssertionError(f"not every row was {part}: {found}")
    bare, against = _bare(text, place.settings.data / "bare.sqlite3"), "csv and sqlite3, unchecked"
    return [
        Figure(f"import.{part}", seconds, "s", against, bare, value_at_most(20), f"{size.rows:,} rows")
        for part, seconds in zip(("new", "again"), took, strict=True)
    ]


def _bare(text: str, file: Path) -> float:
    began = time.perf_counter()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE visits (code, shop, person, phone, department, manager, team)")
        rows = list(csv.reader(StringIO(text)))[1:]
        database.executemany("INSERT INTO visits VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return time.perf_counter() - began
