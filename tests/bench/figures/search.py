"""Figure 7: a search over 1,000,000 calls with recordings, by customer, by order number and by time.

The service runs on books with a year of calls: each of 20,000 customers has its calls, each call a recording, every
second one an order. Searched is as the supervisor's page does it, over HTTP: ``GET /api/v1/recordings`` with
``recorded=true`` and one of customer, order, or a quarter of an hour; the answer has call, customer, recording and
orders. Customers, orders and times are drawn with a fixed seed.

Bare counterpart: the same question to the same file as one prepared SQL query by ``sqlite3``, rows as tuples.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from dialer.demo.client import Client
from dialer.store.database import Database
from tests.bench.figure import Figure, percentile, value_at_most
from tests.bench.ground import BUSY, Ground, Place
from tests.bench.running import running

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
_EVERY_S = 30
"""Seconds between two calls: a million are 347 days."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many calls, searches of each kind, and customers."""

    calls: int = 1_000_000
    searches: int = 200
    customers: int = 20_000


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Medians in ms."""
    size = size or Size()
    place = await ground.place(BUSY)
    ground.say(f"search: writing {size.calls} calls")
    await _fill(place, size)
    draw = random.Random(7)
    customers = [f"C{draw.randrange(size.customers):07}" for _ in range(size.searches)]
    orders = [f"DD{draw.randrange(size.calls // 2) * 2:08}" for _ in range(size.searches)]
    times = [FIRST + timedelta(seconds=_EVERY_S * draw.randrange(size.calls)) for _ in range(size.searches)]
    ground.say("search: asking")
    async with running(place) as service, Client(service.data) as client:

        async def took(query: str) -> float:
            began = time.perf_counter()
            found = await client.send("GET", f"recordings?recorded=true&{query}")
            assert found, f"nothing was found by {query}"
            return (time.perf_counter() - began) * 1000

        for query in (f"customer={customers[0]}", f"order={orders[0]}"):
            await took(query)
        by_customer = [await took(f"customer={each}") for each in customers]
        by_order = [await took(f"order={each}") for each in orders]
        by_time = [await took(f"since={_stamp(each)}&until={_stamp(each + timedelta(minutes=15))}") for each in times]
    bare = [_bare(place.settings.database, *each) for each in _bare_queries(customers, orders, times)]
    against = "one SQL query by sqlite3"
    return [
        Figure(f"search.{name}", percentile(ours, 50), "ms", against, theirs, value_at_most(50), _note(ours))
        for name, ours, theirs in zip(
            ("customer", "order", "time"), (by_customer, by_order, by_time), bare, strict=True
        )
    ]


def _note(ours: list[float]) -> str:
    return f"p99 {percentile(ours, 99):.1f} ms"


def _stamp(at: datetime) -> str:
    return quote(at.isoformat())


_JOINED = """SELECT * FROM attempts a JOIN visits v ON v.id = a.visit JOIN recordings r ON r.attempt = a.id
    WHERE {} AND r.state IN ('kept', 'faulty') ORDER BY a.placed_at DESC, a.id DESC LIMIT 100"""


def _bare_queries(
    customers: list[str], orders: list[str], times: list[datetime]
) -> list[tuple[str, list[tuple[str, ...]]]]:
    def iso(at: datetime) -> str:
        return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    return [
        (_JOINED.format("a.customer = ?"), [(each,) for each in customers]),
        (_JOINED.format("a.id = (SELECT attempt FROM orders WHERE number = ?)"), [(each,) for each in orders]),
        (
            _JOINED.format("a.placed_at >= ? AND a.placed_at < ?"),
            [(iso(each), iso(each + timedelta(minutes=15))) for each in times],
        ),
    ]


def _bare(database: Path, query: str, values: list[tuple[str, ...]]) -> float:
    """Median of a plain query, in ms."""
    took = []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as books:
        for each in values:
            began = time.perf_counter()
            books.execute(query, each).fetchall()
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 50)


async def _fill(place: Place, size: Size) -> None:
    """Books with so many calls: made by the store itself, filled by SQL, since a million takes too long otherwise."""
    place.settings.data.mkdir(parents=True, exist_ok=True)
    await (await Database.open(place.settings.database)).close()
    await asyncio.to_thread(_write, place.settings.database, size)


def _write(database: Path, size: Size) -> None:
    """Rows by a recursive query; indexes are made anew afterwards, which is many times faster."""
    with closing(sqlite3.connect(database, isolation_level=None)) as books:
        books.execute("PRAGMA synchronous = OFF")
        books.execute("PRAGMA cache_size = -400000")
        books.execute("PRAGMA temp_store = MEMORY")
        made = "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL AND tbl_name IN (?, ?, ?, ?)"
        tables = ("attempts", "visits", "recordings", "orders")
        indexes = books.execute(made, ("index", *tables)).fetchall()
        books.execute("BEGIN")
        for name, _ in indexes:
            books.execute(f"DROP INDEX {name}")
        first = int(FIRST.timestamp())
        values = {"calls": size.calls, "first": first, "every": _EVERY_S, "customers": size.customers}
        for statement in files("tests.bench.figures").joinpath("calls.sql").read_text(encoding="utf-8").split(";\n"):
            books.execute(statement, values)
        for _, sql in indexes:
            books.execute(sql)
        books.execute("COMMIT")
        books.execute("ANALYZE")
