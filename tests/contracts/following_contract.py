"""What every PBX behind :class:`dialer.campaign.ports.Pbx` must say of phones that are followed, real or simulated.

As :mod:`tests.contracts.pbx_contract`, whose fixtures it uses.
"""

from __future__ import annotations

import pytest

from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.phone import PhoneState
from dialer.errors import LinkDown
from tests.contracts.pbx_contract import Caller, Outcome

Out, D = Outcome, Disposition


class FollowingContract:
    """The tests. Each starts with the link up and nobody on a phone."""

    async def test_phones_that_are_followed_are_told_of(self, caller: Caller) -> None:
        """Each at once, also one that is not there and one of which nothing is known; then what a call makes of it."""
        bench, phone, local = caller.bench, caller.bench.agent_phone, "Local/8003@from-internal/n"
        await bench.pbx.follow_phones([phone, bench.unknown_phone, local])
        await bench.until(lambda: all(caller.phone(each) for each in (phone, bench.unknown_phone, local)))
        told = [caller.phone(each)[-1] for each in (phone, bench.unknown_phone, local)]
        assert told == [PhoneState.FREE, PhoneState.UNKNOWN, PhoneState.UNSAID]
        attempt = await caller.place(Out.LISTENS)
        await bench.until(lambda: PhoneState.BUSY in caller.phone(phone))
        await bench.pbx.hang_up(attempt)
        await caller.end(attempt)
        await bench.until(lambda: caller.phone(phone)[-1] is PhoneState.FREE)

    async def test_do_not_disturb_is_told(self, caller: Caller) -> None:
        """When it is set, when the phone is asked for while it is, and when it is taken back."""
        bench, phone = caller.bench, caller.bench.agent_phone
        await bench.pbx.follow_phones([phone])
        await bench.until(lambda: caller.phone(phone))
        await bench.shut_phone(True)
        try:
            await bench.until(lambda: caller.phone(phone)[-1] is PhoneState.DO_NOT_DISTURB)
            before = len(caller.phone(phone))
            await bench.pbx.follow_phones([phone])
            await bench.until(lambda: len(caller.phone(phone)) > before)
            assert caller.phone(phone)[-1] is PhoneState.DO_NOT_DISTURB
        finally:
            await bench.shut_phone(False)
        await bench.until(lambda: caller.phone(phone)[-1] is PhoneState.FREE)

    async def test_after_a_lost_link_phones_are_followed_anew(self, caller: Caller) -> None:
        """Nothing is told of them until they are asked for again; without a link they can't be."""
        phone = caller.bench.agent_phone
        await caller.bench.pbx.follow_phones([phone])
        await caller.bench.until(lambda: caller.phone(phone))
        await caller.cut()
        with pytest.raises(LinkDown):
            await caller.bench.pbx.follow_phones([phone])
        await caller.restore()
        before = len(caller.phone(phone))
        assert await caller.end(await caller.place(Out.ANSWERS)) is D.CONNECTED
        assert len(caller.phone(phone)) == before
        await caller.bench.pbx.follow_phones([phone])
        await caller.bench.until(lambda: len(caller.phone(phone)) > before)
