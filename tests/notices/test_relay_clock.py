"""The relay goes on when somebody sets the machine's clock."""

from __future__ import annotations

from dialer.campaign.model.query import Page
from dialer.errors import DeliveryFailed
from dialer.notices.config import RelayPolicy
from dialer.notices.outbox import Notice
from dialer.notices.relay import FAILING_ALARM
from dialer.store.day import SqlDayStore
from dialer.store.records.outbox import SqlOutbox
from tests.kit.waiting import until
from tests.notices.tools import HandClock, ListSender, Told, add, relaying


async def test_a_clock_that_was_set_back_holds_nothing_up(
    day: SqlDayStore, outbox: SqlOutbox, clock: HandClock
) -> None:
    """Tries go on by the present clock, and so do the ten minutes after which people are told."""

    async def work(_notice: Notice) -> None:
        raise DeliveryFailed("platform answered 500")

    clock.advance(86_400)
    await add(day, "a")
    told = Told()
    async with relaying(outbox, ListSender(work), clock, RelayPolicy(waits_s=(300,)), told) as relay:
        await until(lambda: _tries(outbox, 1))
        clock.advance(-86_400)
        for tries in (2, 3, 4):
            relay.wake()
            await until(lambda tries=tries: _tries(outbox, tries))
            assert (FAILING_ALARM in told.open) == (tries >= 4)
            clock.advance(300)


async def _tries(outbox: SqlOutbox, tries: int) -> bool:
    (notice,) = await outbox.notices(None, Page())
    return notice.tries == tries
