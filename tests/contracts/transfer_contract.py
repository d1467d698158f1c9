"""What every PBX tells of a call that its agent hands on from the phone; at the bench of ``pbx_contract``."""

from __future__ import annotations

import pytest

from dialer.campaign.messages import CallProgress, LiveCall
from dialer.campaign.model.evidence import Disposition
from tests.contracts.pbx_contract import Caller, Outcome


class TransferContract:
    """The tests. Each starts with the link up."""

    @pytest.mark.parametrize("phone", ["transferring_phone", "consulting_phone"])
    async def test_a_transfer_is_told_and_found_again(self, caller: Caller, phone: str) -> None:
        """The phone is out, and to whom the customer went is said; a survey says it too, also after a lost link."""
        attempt = await caller.place(Outcome.LISTENS, agent=getattr(caller.bench, phone))
        await caller.told(attempt, CallProgress.TRANSFERRED)
        first = next(each for each in caller.events(attempt) if each.progress is CallProgress.TRANSFERRED)
        assert first.text == "8001"
        assert (await caller.survey()).calls == (LiveCall(attempt, CallProgress.TRANSFERRED),)
        assert not caller.over(attempt)
        await caller.cut()
        await caller.restore()
        assert (await caller.survey()).calls == (LiveCall(attempt, CallProgress.TRANSFERRED),)
        await caller.bench.pbx.hang_up(attempt)
        assert await caller.end(attempt) is Disposition.CONNECTED

    async def test_two_transfers_in_a_row_are_told(self, caller: Caller) -> None:
        """Each with its own extension."""
        attempt = await caller.place(Outcome.LISTENS, agent=caller.bench.twice_phone)

        def to() -> list[str]:
            moves = [each.text for each in caller.events(attempt) if each.progress is CallProgress.TRANSFERRED]
            return [each for each in moves if "/" not in each]

        await caller.bench.until(lambda: to() == ["8096", "8001"])
        await caller.bench.pbx.hang_up(attempt)
        assert await caller.end(attempt) is Disposition.CONNECTED

    async def test_a_transfer_that_comes_back_is_told(self, caller: Caller) -> None:
        """The agent's phone is in the call again."""
        attempt = await caller.place(Outcome.LISTENS, agent=caller.bench.returned_phone)
        await caller.told(attempt, CallProgress.RETURNED)
        signs = caller.progress(attempt)
        assert signs.index(CallProgress.TRANSFERRED) < signs.index(CallProgress.RETURNED)
        await caller.bench.pbx.hang_up(attempt)
        assert await caller.end(attempt) is Disposition.CONNECTED

    async def test_a_phone_that_forwards_has_not_picked_up(self, caller: Caller) -> None:
        """A customer is not sent where the agent's phone says: who speaks there is no agent."""
        attempt = await caller.place(Outcome.LISTENS, agent=caller.bench.forwarding_phone)
        assert await caller.end(attempt, 30) is Disposition.ABANDONED
        assert [each.text for each in caller.events(attempt) if each.progress is CallProgress.AGENT_MISSED] == ["BUSY"]
