"""The day store in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given

from dialer.campaign.changes import Changes
from dialer.campaign.ports import DayStore
from dialer.errors import NotFound, StoreUnavailable
from tests.contracts.day_store_contract import DayStoreContract, check_round_trip
from tests.contracts.made_up import DAY, NOW, added, at, attempt, days, ended, placed, unreached
from tests.virtual.memory_store import MemoryStore


class TestMemoryStore(DayStoreContract):
    """It keeps the contract."""

    @asynccontextmanager
    async def fresh(self, folder: Path) -> AsyncIterator[DayStore]:
        yield MemoryStore()


@given(days())
async def test_round_trip(changes: Changes) -> None:
    """Whatever is committed comes back."""
    await check_round_trip(MemoryStore(), changes)


async def test_look_ups() -> None:
    """Attempts by id and time, and a customer's visits."""
    store = MemoryStore()
    await store.commit(added(1, 2))
    await store.commit(placed(2))
    await store.commit(placed(1))
    await store.commit(unreached(1))
    assert await store.attempt(attempt(1).id) == ended(attempt(1))
    assert await store.attempts_between(NOW, at(60)) == []
    assert await store.attempts_between(at(60), at(61)) == [ended(attempt(1)), attempt(2)]
    assert await store.visits_of("C00002", DAY) == [2]
    assert list(store.notices) == ["unreached-1-1"]
    with pytest.raises(NotFound):
        await store.attempt("abc123-9")


async def test_unavailable() -> None:
    """A disk can be full."""
    store = MemoryStore()
    store.unavailable = True
    with pytest.raises(StoreUnavailable):
        await store.commit(added(1))
    store.unavailable = False
    await store.commit(added(1))
