"""How many deliveries are under way at a time, and how often the relay looks for more."""

from __future__ import annotations

import asyncio

import pytest

from dialer.notices.config import RelayPolicy
from dialer.notices.outbox import Notice, NoticeState
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.outbox import SqlOutbox
from tests.kit.waiting import until
from tests.notices.tools import HandClock, ListSender, Trouble, add, relaying, states


async def _delivered(outbox: SqlOutbox) -> bool:
    return set((await states(outbox)).values()) == {NoticeState.DELIVERED}


async def test_order_and_concurrency(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """Notices start in the order of their creation, no more at a time than allowed, each once."""
    keys = [f"n{n:02}" for n in range(30)]
    await add(day, *keys)
    clock.advance(1)
    at_once: list[int] = []
    started: list[str] = []
    now = 0

    async def work(notice: Notice) -> None:
        nonlocal now
        started.append(notice.body["data"]["text"])
        now += 1
        at_once.append(now)
        await asyncio.sleep(0.002)
        now -= 1

    sender = ListSender(work)
    async with relaying(outbox, sender, clock, RelayPolicy(concurrency=3)):
        await until(lambda: _delivered(outbox))
    assert started == keys
    assert max(at_once) == 3
    assert len(sender.got) == len(set(sender.got)) == 30


async def test_one_that_hangs_does_not_hold_up_others(day: SqlDayStore, database: Database, clock: HandClock) -> None:
    """While one delivery hangs, others that become due go out beside it."""

    async def work(notice: Notice) -> None:
        if notice.body["data"]["text"] == "slow":
            await asyncio.Event().wait()

    await add(day, "slow")
    sender = ListSender(work)
    outbox = Trouble(database)
    async with relaying(outbox, sender, clock, RelayPolicy(concurrency=2, stop_timeout_s=0.01)) as relay:
        await until(lambda: relay.status().in_flight == 1 and outbox.looked > 1)
        await add(day, "quick", at=clock.now())
        await until(lambda: len(sender.got) == 1)  # found by looking again, without being woken


@pytest.mark.parametrize("concurrency", [1, 2])
async def test_while_one_is_under_way_it_does_not_look_all_the_time(
    concurrency: int, day: SqlDayStore, database: Database, clock: HandClock
) -> None:
    """Whether there is room for more or not; what lands wakes it."""

    async def hang(_notice: Notice) -> None:
        await asyncio.Event().wait()

    await add(day, "a")
    outbox = Trouble(database)
    policy = RelayPolicy(concurrency=concurrency, stop_timeout_s=0.01)
    async with relaying(outbox, ListSender(hang), clock, policy) as relay:
        await until(lambda: relay.status().in_flight == 1 and outbox.looked > 1)
        looked = outbox.looked
        await asyncio.sleep(0.5)
        assert outbox.looked - looked <= 1
