"""API tokens."""

from __future__ import annotations

import asyncio

import pytest

from dialer.errors import Conflict, NotFound
from dialer.store.database import Database
from dialer.store.people.tokens import SqlTokenStore
from tests.contracts.made_up import NOW, at


async def test_tokens(database: Database) -> None:
    """A token is known by its digest until it is revoked; its name can then be used again."""
    store = SqlTokenStore(database)
    assert await store.token("d1") is None
    await store.save_token("orders", "d1", ("orders", "visits"), NOW)
    assert await store.token("d1") == ("orders", ("orders", "visits"))
    with pytest.raises(Conflict, match="orders"):
        await store.save_token("orders", "d2", (), NOW)
    with pytest.raises(Conflict):
        await store.save_token("other", "d1", (), NOW)
    await store.revoke_token("orders", at(1))
    assert await store.token("d1") is None
    with pytest.raises(NotFound):
        await store.revoke_token("orders", at(2))
    await store.save_token("orders", "d2", (), at(3))
    assert await store.tokens() == [("orders", ("orders", "visits"), NOW, True), ("orders", (), at(3), False)]


async def test_a_revoked_token_is_not_remembered(database: Database) -> None:
    """Not even when it was asked for a moment before, or while it is being revoked."""
    store = SqlTokenStore(database)
    await store.save_token("orders", "d1", ("orders",), NOW)
    assert await store.token("d1") == await store.token("d1") == ("orders", ("orders",))
    await asyncio.gather(store.revoke_token("orders", at(1)), *(store.token("d1") for _ in range(20)))
    assert await store.token("d1") is None
