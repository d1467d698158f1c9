"""A defect beside a delivery costs that notice a wait, and nobody else anything."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dialer.campaign.model.query import Page
from dialer.errors import DeliveryFailed
from dialer.notices.config import RelayPolicy
from dialer.notices.outbox import Notice, NoticeState
from dialer.store.day import SqlDayStore
from dialer.store.records.outbox import SqlOutbox
from tests.kit.waiting import until
from tests.notices.tools import HandClock, ListSender, add, relaying


async def test_a_defect_after_a_delivery_is_no_reason_to_hurry(
    day: SqlDayStore, outbox: SqlOutbox, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks between a failed try and its mark: the notice waits as long as any, and the others go on."""

    def broken(_policy: RelayPolicy, _tries: int, _now: datetime, failure: DeliveryFailed) -> datetime | None:
        raise OverflowError("date value out of range")

    async def fail(notice: Notice) -> None:
        tried.append(notice.id)
        if notice.id.endswith("bad"):
            raise DeliveryFailed("no", retry_after_s=1e30)

    tried: list[str] = []
    monkeypatch.setattr(RelayPolicy, "next_try", broken)
    sender = ListSender(fail)
    await add(day, "bad")
    async with relaying(outbox, sender, clock) as relay:
        await until(lambda: len(tried) == 1)
        for number in range(20):
            await add(day, f"good{number}")
            relay.wake()
            await until(lambda number=number: len(sender.got) == number + 1)
        found = {row.id: row for row in await outbox.notices(None, Page())}
    bad = next(row for name, row in found.items() if name.endswith("bad"))
    assert (tried.count(bad.id), bad.tries, bad.state) == (1, 1, NoticeState.PENDING)
    assert "OverflowError" in bad.last_error
    assert bad.next_try_at == clock.at + timedelta(hours=1)
