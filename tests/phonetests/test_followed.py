"""What is heard of the phones that are followed, without a PBX."""

from __future__ import annotations

import asyncio
from typing import cast

from dialer.ami.phones import Phones
from dialer.ami.session import Session
from dialer.campaign.model.phone import PhoneState

PHONE = "PJSIP/8001"


class Free:
    """A PBX all of whose phones are free."""

    async def ask(self, *_: tuple[str, str]) -> list[dict[str, str]]:
        """The answer to a Getvar."""
        return [{"Value": "NOT_INUSE"}]


async def test_a_test_call_that_the_pbx_swallows_does_not_hide_the_phone_for_good() -> None:
    """Nobody says that it is over; the phone that leaves meanwhile is told of all the same."""
    told: list[PhoneState] = []
    heard = asyncio.Event()

    def tell(_device: str, state: PhoneState) -> None:
        told.append(state)
        heard.set()

    async def next_word() -> PhoneState:
        async with asyncio.timeout(20):
            await heard.wait()
        heard.clear()
        return told[-1]

    phones = Phones(tell)
    phones.follow(cast("Session", Free()), [PHONE])
    assert await next_word() is PhoneState.FREE
    phones.testing("test", PHONE, at_most_s=0.01)
    phones.take({"Event": "DeviceStateChange", "Device": PHONE, "State": "UNAVAILABLE"})
    assert await next_word() is PhoneState.AWAY
    phones.close()
