"""Agents' phones that come and go, ring for others, and show who is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.campaign.commands.agents import PhoneNotReady
from dialer.campaign.messages import SaveAgent, SetPresence
from dialer.campaign.model.agent import PHONE_INCOMPATIBLE, Presence
from dialer.campaign.model.evidence import Disposition, Side
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.views.explain import why
from dialer.campaign.views.why import Why
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from dialer.phonetests.model import Finding, judge
from tests.ami.real import real_bench
from tests.contracts.phone_contract import Tester
from tests.demo.rig.calls import fresh_number
from tests.kit.sip.phone import DeskPhone, speak_wideband_only
from tests.service.department import TEAM, Department, Row, at_work, configured, department

pytestmark = pytest.mark.pbx


async def told(d: Department, agent: str, state: PhoneState) -> None:
    """Wait until the agent's phone is known to be so."""
    await d.until(lambda: d.state.agents[agent].phone is state, f"the phone of {agent} is {state}")


async def test_nobody_is_called_for_a_phone_that_is_away_or_on_a_private_call(rig: Rig, tmp_path: Path) -> None:
    """Ready is refused; later the agent stays ready and waits: for the phone to register, and for its call to end."""
    extension = rig.desk_extensions[0]
    async with DeskPhone(rig, extension) as phone, department(rig, tmp_path, dialling={"wrap_up_s": 0.0}) as d:
        await d.ask(SaveAgent(by="test", number="001", name="", extension=extension, team=TEAM))
        await d.call_list([Row("A", fresh_number("00"), "001"), Row("B", fresh_number("00"), "001")])
        await told(d, "001", PhoneState.AWAY)
        with pytest.raises(PhoneNotReady) as refused:
            await d.ready("001")
        assert refused.value.code == "phone-away"
        await phone.register()
        await told(d, "001", PhoneState.FREE)
        private = await phone.call_somebody()
        await told(d, "001", PhoneState.BUSY)
        with pytest.raises(PhoneNotReady):
            await d.ready("001")
        await private.bye()
        await told(d, "001", PhoneState.FREE)
        await phone.register(0)
        await told(d, "001", PhoneState.AWAY)
        await phone.register()
        await told(d, "001", PhoneState.FREE)
        await d.ready("001")
        assert (await d.first_ended("A")).disposition is Disposition.CONNECTED
        await d.until(lambda: d.ended("B"), "the second customer was called")
        await d.until_over()
        assert await d.audited() == []


async def test_who_is_ready_goes_on_when_the_phone_is_back(rig: Rig, tmp_path: Path) -> None:
    """The phone goes away between two calls: no customer is called meanwhile, nobody is paused, no click is needed."""
    extension = rig.desk_extensions[0]
    async with DeskPhone(rig, extension) as phone, department(rig, tmp_path, dialling={"wrap_up_s": 0.0}) as d:
        await phone.register()
        await d.agents(extension)
        await told(d, "001", PhoneState.FREE)
        await phone.register(0)
        await told(d, "001", PhoneState.AWAY)
        await d.call_list([Row("A", fresh_number("00"), "001")])
        answer = why(d.state, "A", SystemClock().now())
        assert (answer.why, answer.params["phone"]) == (Why.PHONE, PhoneState.AWAY)
        assert (d.state.agents["001"].presence, d.live("A")) == (Presence.READY, None)
        await phone.register()
        assert (await d.first_ended("A")).disposition is Disposition.CONNECTED
        await d.until_over()


async def test_the_agents_phone_shows_number_and_shop(rig: Rig, tmp_path: Path) -> None:
    """In the INVITE that it receives: the customer's number, and the shop's name, cut at a whole character."""
    extension, number = rig.desk_extensions[1], fresh_number("00")
    async with DeskPhone(rig, extension) as phone, department(rig, tmp_path, dialling={"wrap_up_s": 0.0}) as d:
        await phone.register()
        await d.agents(extension)
        await told(d, "001", PhoneState.FREE)
        await d.call_list([Row('"永辉", <二店> 第一分店 第二分店 第三分店', number, "001")])
        await d.until_over()
    (call,) = phone.calls
    assert call.invite.get("From").startswith(f'"店 永辉 二店 第一分店 第二分店 第" <sip:{number}@')


async def test_who_rings_for_a_phone_that_goes_is_let_go(rig: Rig, tmp_path: Path) -> None:
    """It unregisters, or is taken for a private call: the carrier gets one CANCEL, nobody hears an announcement."""
    extension, rows = rig.desk_extensions[0], [Row(code, fresh_number("60"), "001") for code in "AB"]
    async with DeskPhone(rig, extension) as phone, department(rig, tmp_path, dialling={"settle_s": 0.5}) as d:
        await phone.register()
        await d.agents(extension)
        await told(d, "001", PhoneState.FREE)
        await d.call_list(rows)
        await d.until(lambda: (call := d.live("A")) and call.ringing_at, "the customer's phone rings")
        await phone.register(0)
        assert (await d.first_ended("A")).disposition is Disposition.CANCELLED
        assert (d.state.agents["001"].presence, d.visit("A").counted, d.live("B")) == (Presence.READY, 0, None)
        await phone.register()
        await d.until(lambda: (call := d.live("B")) and call.ringing_at, "it goes on by itself with the next")
        private = await phone.call_somebody()
        assert (await d.first_ended("B")).disposition is Disposition.CANCELLED
        assert not d.state.alarms
        await private.bye()
        await d.ask(SetPresence(by="test", agent="001", presence=Presence.SIGNED_OUT))


@pytest.mark.parametrize("heard", [True, False])
async def test_a_phone_that_reboots_leaves_nobody_in_silence(rig: Rig, tmp_path: Path, heard: bool) -> None:
    """No BYE comes from it: the PBX ends the call, and the agent is free, also if the dialer was away meanwhile."""
    settings = configured(rig, tmp_path, dialling={"wrap_up_s": 0.0})
    async with DeskPhone(rig, rig.silent_extension) as phone:
        await phone.register()
        async with at_work(rig, settings) as d:
            await d.agents(rig.silent_extension)
            await told(d, "001", PhoneState.FREE)
            await d.call_list([Row("A", fresh_number("79"), "001"), Row("B", fresh_number("60"), "001")])
            await d.until(lambda: (call := d.live("A")) and call.connected_at, "they talk")
            await phone.reboot()
            await phone.register()
            call = await d.first_ended("A") if heard else None
        await rig.office.idle()
        async with at_work(rig, settings) as d:
            d.visits = dict(d.state.days[d.today].by_customer)
            await d.until(lambda: d.live("B"), "the agent's next customer is called")
            call = call or d.ended("A")[0]
            await d.ask(SetPresence(by="test", agent="001", presence=Presence.SIGNED_OUT))
            await d.first_ended("B")
    assert call.disposition is Disposition.CONNECTED
    # The phone's end, whose cause says that the PBX did it, and the customer's come from two threads of the PBX.
    assert call.hung_up_by in ({Side.PBX, Side.AGENT} if heard else {Side.AGENT})
    assert call.transferred_at is None


async def test_a_phone_that_speaks_wideband_only_is_named(rig: Rig, tmp_path: Path) -> None:
    """One customer meets it. Agent and team leader are told why, nobody else is called, and a test call finds it."""
    extension, number = rig.desk_extensions[0], fresh_number("00")
    phone = DeskPhone(rig, extension, speak_wideband_only)
    async with phone, department(rig, tmp_path) as d:
        await phone.register()
        await d.agents(extension)
        await told(d, "001", PhoneState.FREE)
        await d.call_list([Row("A", number, "001"), Row("B", fresh_number("00"), "001")])
        assert (await d.first_ended("A")).disposition is Disposition.ABANDONED
        agent = d.state.agents["001"]
        assert (agent.presence, agent.reason) == (Presence.PAUSED, PHONE_INCOMPATIBLE)
        assert [*d.state.alarms] == ["phone:001"]
        assert d.live("B") is None
        async with real_bench(rig) as bench:
            tester = Tester(bench)
            evidence = await tester.end(await tester.ring(extension))
            assert judge(evidence, PhoneState.FREE) is Finding.INCOMPATIBLE
