"""Random days on the real database beside the one in memory: it refuses nothing, and it knows the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from dialer.campaign.changes import Changes
from dialer.campaign.ports import Base, DaySnapshot
from dialer.store.database import Database, StoreConfig
from dialer.store.day import SqlDayStore
from tests.campaign.test_random_days import END, random_scene
from tests.virtual.memory_store import MemoryStore


@dataclass
class TwinStore:
    """Commits to both; whatever is read must be the same from both."""

    memory: MemoryStore
    disk: SqlDayStore

    async def base(self) -> Base:
        base = await self.disk.base()
        assert base == await self.memory.base()
        return base

    async def load(self, day: date, ends_since: datetime) -> DaySnapshot:
        loaded = await self.disk.load(day, ends_since)
        expected = await self.memory.load(day, ends_since)
        assert loaded == expected
        return loaded

    async def commit(self, changes: Changes) -> None:
        await self.memory.commit(changes)  # first: it can be unavailable
        await self.disk.commit(changes)

    async def customer_data(self, visit_ids: Sequence[int]) -> dict[int, str]:
        data = await self.disk.customer_data(visit_ids)
        assert data == await self.memory.customer_data(visit_ids)
        return data


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", range(6))
async def test_the_database_takes_whatever_the_rules_decide(seed: int, tmp_path: Path) -> None:
    """With kills, outages and amended lists: every commit is accepted, every restart finds what was written."""
    scene = random_scene(random.Random(seed))
    database = await Database.open(StoreConfig(tmp_path / "dialer.sqlite3"))
    try:
        scene.store.installation = database.installation
        scene.day.store = twin = TwinStore(scene.store, SqlDayStore(database))
        await scene.day.run(END)
        assert scene.broken(in_order=False) == []
        await twin.base()
        await twin.load(scene.day.config.hours.day_of(END), END)
    finally:
        await database.close()
