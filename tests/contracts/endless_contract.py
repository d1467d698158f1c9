"""What every PBX does with an answered call that nobody hangs up; the bench's PBX lets none last over LONGEST_S."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.messages import CallProgress, LinkRestored
from dialer.campaign.model.evidence import Disposition, Side
from tests.contracts.pbx_contract import Caller, Outcome

LONGEST_S = 2
"""From the answer on."""

_AT_MOST = timedelta(seconds=LONGEST_S + 3)
"""A machine at work needs a moment."""


class EndlessContract:
    """The tests. Each starts with the link up, on phones and with customers that would go on for longer."""

    @pytest.mark.parametrize(
        ("phone", "disposition"),
        [
            ("agent_phone", Disposition.CONNECTED),
            ("transferring_phone", Disposition.CONNECTED),
            ("dead_phone", Disposition.ABANDONED),
        ],
    )
    async def test_the_pbx_ends_it(self, caller: Caller, phone: str, disposition: Disposition) -> None:
        """Whether it talks, was handed on or still waits for its agent; and says that it was the PBX."""
        attempt = await caller.place(Outcome.LISTENS, agent=getattr(caller.bench, phone), agent_timeout_s=60)
        assert await caller.end(attempt) is disposition
        events = {each.progress: each for each in caller.events(attempt)}
        lasted = events[CallProgress.HUNG_UP].at - events[CallProgress.ANSWERED].at
        assert timedelta(seconds=LONGEST_S - 0.5) <= lasted <= _AT_MOST
        assert events[CallProgress.HUNG_UP].hung_up_by is Side.PBX
        assert CallProgress.AGENT_MISSED not in events
        assert (await caller.survey()).calls == ()

    async def test_it_does_so_while_nobody_listens(self, caller: Caller) -> None:
        """The link is down, as over a weekend; the end is on the PBX's record."""
        attempt = await caller.place(Outcome.LISTENS)
        await caller.told(attempt, CallProgress.CONNECTED)
        await caller.cut()
        await caller.bench.rest(LONGEST_S + 1)
        look: LinkRestored = await caller.restore()
        assert look.calls == ()
        assert await caller.end(attempt, 1) is Disposition.CONNECTED
        ends = [each for each in caller.events(attempt) if each.progress is CallProgress.HUNG_UP]
        assert [each.hung_up_by for each in ends] == [Side.PBX]
