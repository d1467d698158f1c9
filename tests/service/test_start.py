"""A service that cannot start calls nobody: customers would be put through to agents who have no page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dialer.app import Parts, offline, service
from dialer.campaign.messages import ImportList, SaveAgent, SetAlarm, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.customer import Customer, ListRow, VisitList
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from dialer.errors import DialerError
from tests.demo.rig.calls import fresh_number
from tests.service.department import at_work, configured

pytestmark = pytest.mark.pbx


@asynccontextmanager
async def cannot_listen(p: Parts, *_: object) -> AsyncIterator[str]:
    """The web room of a machine whose port is taken, found out when the link is long up."""
    async with asyncio.timeout(60):
        while not p.engine.state.link_up:  # noqa: ASYNC110 - it happens in the engine's own time
            await asyncio.sleep(0.02)
    await p.engine.ask(SetAlarm(by="test", key="one-more-turn", text="of the engine"))
    address = ""
    if not address:
        raise DialerError("web: cannot listen on 127.0.0.1:8080")
    yield address


async def test_nobody_is_called_before_everything_is_up(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link is up, an agent is ready, a customer waits; the call comes with the start that succeeds."""
    settings, number = configured(rig, tmp_path), fresh_number("00")
    async with offline(settings) as p:
        today = p.engine.state.config.hours.day_of(p.clock.now())
        row = ListRow(2, Customer("C01", department="一部"), number, 0, agent="001")
        for command in (
            SaveAgent(by="test", number="001", name="", extension=rig.extensions[0]),
            SetPresence(by="test", agent="001", presence=Presence.READY),
            ImportList(by="test", day=today, visits=VisitList("main", (row,))),
        ):
            await p.engine.ask(command)
    with monkeypatch.context() as patched:
        patched.setattr("dialer.app.http.web", cannot_listen)
        with pytest.raises(DialerError, match="cannot listen"):
            async with service(settings, SystemClock()):
                pass
    async with offline(settings) as p:
        assert [visit.attempts for visit in p.engine.state.days[today].visits.values()] == [0]
    async with at_work(rig, settings) as d:
        visit = next(iter(d.state.days[d.today].visits.values()))
        await d.until(lambda: visit.attempts, "the customer is called")
        assert [a.seq for a in (await d.until_over()).attempts] == [1]
        await rig.carrier.idle()
    assert [call.dst for call in d.carrier_calls(number)] == [number]
