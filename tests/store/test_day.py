"""The engine's store in a real file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from dialer.campaign.changes import Changes
from dialer.campaign.ports import DayStore
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from tests.contracts.day_store_contract import DayStoreContract, check_round_trip
from tests.contracts.made_up import days


class TestSqlDayStore(DayStoreContract):
    """It keeps the contract."""

    @pytest.fixture(autouse=True)
    def _template(self, empty: Path) -> None:
        self.empty = empty

    @asynccontextmanager
    async def fresh(self, folder: Path) -> AsyncIterator[DayStore]:
        path = folder / "dialer.sqlite3"
        shutil.copyfile(self.empty, path)
        database = await Database.open(path)
        yield SqlDayStore(database)
        await database.close()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=days())
async def test_round_trip(empty: Path, changes: Changes) -> None:
    """Whatever is committed comes back, also from a database that was closed in between."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dialer.sqlite3"
        shutil.copyfile(empty, path)
        database = await Database.open(path)
        try:
            await check_round_trip(SqlDayStore(database), changes)
            before = await SqlDayStore(database).base()
        finally:
            await database.close()
        database = await Database.open(path)
        try:
            await check_round_trip(SqlDayStore(database), Changes()) if not changes else None
            assert await SqlDayStore(database).base() == before
        finally:
            await database.close()
