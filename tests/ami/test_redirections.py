"""A carrier that redirects our call (302), at the real PBX."""

from __future__ import annotations

import pytest

from dialer.campaign.changes import Place
from dialer.campaign.messages import Stranger
from dialer.campaign.model.evidence import Disposition
from dialer.demo.rig.numbers import REDIRECTING, always
from dialer.demo.rig.office import FOLLOWING
from dialer.demo.rig.rig import Rig
from tests.ami.real import real_bench
from tests.contracts.pbx_contract import Caller
from tests.demo.rig.calls import dialer_session, fresh_number, place
from tests.kit.books import carrier_calls

pytestmark = pytest.mark.pbx


async def test_a_redirection_is_not_followed_past_the_records(rig: Rig) -> None:
    """The trunk follows redirections, and the new number could be called in its context: nobody's phone rings."""
    number = fresh_number("00")
    async with real_bench(rig) as bench:
        caller, attempt = Caller(bench), f"ct-302-1-{number}"
        channel = f"PJSIP/{always(REDIRECTING, 302)}{number}@{FOLLOWING}"
        await bench.pbx.originate(Place(attempt, channel, bench.agent_phone, 10, 5))
        assert await caller.end(attempt) is Disposition.UNREACHABLE
        assert (await caller.survey()).strangers == ()
        await rig.office.idle()
        assert not [each for each in bench.messages if isinstance(each, Stranger)]
    assert [call.answer for call in carrier_calls(rig, number)] == [None]


async def test_who_answers_a_call_that_the_pbx_made_by_itself_can_be_hung_up_on(rig: Rig) -> None:
    """As every trunk with redirect_method = user makes them of an Originate that does not forbid it."""
    number = fresh_number("79")
    async with real_bench(rig) as bench, dialer_session(rig) as ami:

        def strangers() -> list[Stranger]:
            return [each for each in bench.messages if isinstance(each, Stranger)]

        await place(ami, rig, number, channel=f"PJSIP/{always(REDIRECTING, 302)}{number}@{FOLLOWING}")
        await bench.until(strangers)
        await bench.pbx.hang_up(strangers()[0].channel)
        await bench.until(lambda: not strangers()[-1].up)
        await rig.office.idle()
