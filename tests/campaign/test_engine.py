"""The loop around the rules: group commit, the order of things, days and time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from dialer.campaign import engine as module
from dialer.campaign.changes import Changes
from dialer.campaign.commands.import_report import ImportReport
from dialer.campaign.engine import Engine
from dialer.campaign.messages import (
    CallEvent,
    CallProgress,
    CorrectNumber,
    HangUp,
    LinkLost,
    LinkRestored,
    OwnerTold,
    PauseCampaign,
    PhoneTold,
    ResumeCampaign,
    SetAlarm,
    SetCalendarDay,
    TakeOver,
    Withdraw,
    named,
)
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import VisitState
from dialer.campaign.state import State
from dialer.campaign.step import step
from dialer.errors import Busy, NotFound, Refused
from tests.campaign.days import MONDAY, at, row
from tests.campaign.surroundings import FakePbx, LoggedStore, agent, house, listing, quick, ready
from tests.virtual.day import VirtualClock

TUESDAY = MONDAY + timedelta(days=1)


# -- the way of things -----------------------------------------------------------------------------


async def test_before_it_has_loaded_there_is_no_state() -> None:
    """Readers are told to come back."""
    engine = Engine(quick(), LoggedStore([]), VirtualClock(at(8)))
    with pytest.raises(Busy, match="still starting"):
        _ = engine.state


async def test_an_originate_leaves_after_its_attempt_is_committed() -> None:
    """Invariant 6: write ahead; the reply comes after that."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        attempt = h.pbx.placed[0].attempt
        log = [line for line in h.pbx.log if line != "survey"]
        assert log[log.index(f"originate {attempt}") - 1] == "commit 1"
        assert (await h.store.attempt(attempt)).customer == "C0001"


async def test_a_pbx_is_taken_over_by_a_persons_word() -> None:
    """Of one that is ours nothing is asked."""
    async with house() as h:
        await h.ask(TakeOver(by="leader"))
        h.engine.post(OwnerTold(h.clock.now(), ours=False, machine="drill"))
        await h.until(lambda: h.engine.state.owners)
        await h.ask(TakeOver(by="leader"))
        await h.until(lambda: not h.engine.state.owners)
        assert h.pbx.log.count("take over") == 1


async def test_nobody_is_called_before_the_service_has_started() -> None:
    """What is up is found, lists and agents are taken in; the first call waits for every part."""
    async with house(held=True) as h:
        await h.ask(agent(), listing(row(1)), ready())
        assert h.engine.state.link_up
        assert h.pbx.placed == []
        h.engine.release()
        await h.until(lambda: h.pbx.placed)


async def test_what_is_up_is_found_when_the_books_have_it() -> None:
    """The parts of the service that can wait for that wait: not before the PBX has answered, at once when it has."""
    async with house(linked=False) as h:
        await h.ask(agent())
        waiting = asyncio.create_task(h.engine.found())
        await h.ask(agent("002"))
        assert not waiting.done()
        h.engine.post(LinkRestored(h.clock.now(), (), final=False))
        async with asyncio.timeout(60):
            await waiting
        assert any("commit" in line for line in h.pbx.log)
        await h.engine.found()


async def test_an_intent_goes_to_its_pbx() -> None:
    """Calls, hang-ups and surveys; of a PBX that there is not, no call leaves. All are found when each PBX has told."""
    branch = FakePbx(post=lambda _: None)
    store = LoggedStore([])
    store.agents["002"] = Agent("002", extension="PJSIP/002", presence=Presence.READY, since=at(8), pbx="branch")
    store.agents["003"] = Agent("003", extension="PJSIP/003", presence=Presence.READY, since=at(8), pbx="nowhere")
    async with house(store=store, others={"branch": branch}) as h:
        branch.post = lambda message: h.engine.post(named(message, "branch"))
        waiting = asyncio.create_task(h.engine.found())
        await h.ask(agent(), listing(row(1), row(2, agent="002"), row(3, agent="003")), ready())
        await h.until(lambda: h.pbx.placed)
        assert (branch.placed, waiting.done()) == ([], False)
        h.engine.post(LinkRestored(at(8), (), pbx="branch", final=False))
        h.engine.post(LinkRestored(at(8), (), pbx="nowhere"))
        h.engine.post(PhoneTold(at(8), "PJSIP/003", PhoneState.UNSAID, "nowhere"))
        await waiting
        await h.until(lambda: branch.placed and branch.surveys and len(h.engine.state.attempts) == 2)
        assert (h.pbx.placed[0].agent, branch.placed[0].agent) == ("PJSIP/001", "PJSIP/002")
        (lost,) = [each for each in h.store.attempts.values() if each.pbx == "nowhere"]
        assert lost.disposition is Disposition.CANCELLED
        await h.ask(HangUp(by="test", attempt=branch.placed[0].attempt))
        assert f"hang up {branch.placed[0].attempt}" in branch.log
        assert not any(line.startswith("hang up") for line in h.pbx.log)


async def test_what_arrives_together_is_one_transaction() -> None:
    """DESIGN.md: "A batch is whatever has arrived, in one transaction"."""
    async with house(linked=False) as h:
        before = sum(line.startswith("commit") for line in h.pbx.log)
        await h.ask(*[agent(f"{n:03}") for n in range(50)])
        assert sum(line.startswith("commit") for line in h.pbx.log) == before + 1
        assert len(h.store.agents) == 50


async def test_a_batch_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest goes next."""
    monkeypatch.setattr(module, "BATCH", 20)
    async with house(linked=False) as h:
        await h.ask(*[agent(f"{n:03}") for n in range(50)])
        assert sum(line.startswith("commit") for line in h.pbx.log) == 3


async def test_a_reply_comes_when_it_is_committed() -> None:
    """Not before: what was answered is not forgotten."""
    async with house() as h:
        h.store.unavailable = True
        asked = asyncio.create_task(h.engine.ask(agent()))
        await h.until(lambda: h.engine.trouble)
        assert not asked.done()
        h.store.unavailable = False
        saved = await asked
        assert h.store.agents["001"].extension == getattr(saved, "extension", "")


async def test_a_refusal_reaches_who_asked_and_nobody_else() -> None:
    """The others of the batch are carried out."""
    async with house() as h:
        refused, saved = await asyncio.gather(
            h.engine.ask(Withdraw(by="test", visit=77, reason="")), h.engine.ask(agent()), return_exceptions=True
        )
        assert isinstance(refused, NotFound)
        assert not isinstance(saved, BaseException)


async def test_who_no_longer_waits_for_a_reply_disturbs_nobody() -> None:
    """A browser was closed."""
    async with house() as h:
        asked = asyncio.create_task(h.engine.ask(agent()))
        await asyncio.sleep(0)
        asked.cancel()
        await h.until(lambda: "001" in h.store.agents)
        await h.ask(agent("002"))


async def test_listeners_hear_every_committed_change_in_order() -> None:
    """Screens are fed from it."""
    async with house() as h:
        heard: list[tuple[Changes, datetime]] = []
        h.engine.on_committed(lambda changes, now: heard.append((changes, now)))
        for n in range(3):
            await h.ask(agent(f"{n:03}"))
        await h.until(lambda: sum(bool(changes.agents) for changes, _ in heard) == 3)
        assert [agent.number for changes, _ in heard for agent in changes.agents] == ["000", "001", "002"]
        assert {now for _, now in heard} == {at(8)}


async def test_what_is_posted_and_refused_is_logged_and_hurts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect in a rule about events must not stop the day."""

    def refuse(*_: object) -> None:
        raise Refused("odd")

    monkeypatch.setitem(step.__globals__["HANDLERS"], CallEvent, refuse)
    async with house() as h:
        h.engine.post(CallEvent("dx-1-1-a", CallProgress.RINGING, at(8)))
        await h.ask(agent())


async def test_other_rooms_can_raise_alarms() -> None:
    """``post`` never blocks and needs no reply."""
    async with house() as h:
        h.engine.post(SetAlarm(by="ingester", key="disk", text="full"))
        await h.until(lambda: "disk" in h.engine.state.alarms)


async def test_too_much_waiting_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inbox is bounded for people; events of the PBX always get in."""
    monkeypatch.setattr(module, "BACKLOG", 3)
    async with house(linked=False) as h:
        h.store.unavailable = True
        asked = [asyncio.create_task(h.engine.ask(agent())) for _ in range(3)]
        await h.until(lambda: h.engine.trouble)
        asked += [asyncio.create_task(h.engine.ask(agent())) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="Too much is waiting"):
            await h.engine.ask(agent())
        h.engine.post(LinkLost(at(8), "cut"))
        h.store.unavailable = False
        await asyncio.gather(*asked)


# -- days and time ---------------------------------------------------------------------------------


async def test_a_day_to_come_is_loaded_for_what_is_asked_of_it() -> None:
    """A list, a correction, a calendar day."""
    async with house() as h:
        await h.ask(agent())
        (report,) = await h.ask(listing(row(1), day=TUESDAY))
        assert isinstance(report, ImportReport)
        await h.ask(CorrectNumber(by="test", day=TUESDAY, customer="C0001", number="13800000001"))
        await h.ask(SetCalendarDay(by="test", day=TUESDAY + timedelta(days=1), working=False, name="假"))
        assert h.store.loads == [MONDAY, TUESDAY, TUESDAY + timedelta(days=1)]
        assert h.engine.state.visit(1).number == "13800000001"


async def test_a_day_that_is_over_is_not_loaded_for_a_correction() -> None:
    """It is refused."""
    async with house() as h:
        with pytest.raises(NotFound):
            await h.ask(
                CorrectNumber(by="test", day=MONDAY - timedelta(days=1), customer="C0001", number="13800000001")
            )
        assert h.store.loads == [MONDAY]


async def test_every_day_with_open_visits_is_loaded_at_the_start() -> None:
    """Two days loading: yesterday's are closed and reported, tomorrow's wait."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)), listing(row(2), day=TUESDAY))
    async with house(now=at(7, day=TUESDAY), store=h.store) as again:
        assert again.store.loads[-2:] == [MONDAY, TUESDAY]
        await again.until(lambda: again.store.visits[1].state is VisitState.OUT_OF_TIME)
        assert again.store.visits[2].state is VisitState.WAITING


async def test_a_call_of_a_day_without_open_visits_brings_its_day_along() -> None:
    """Withdrawn while on the line; the dialer is killed; the call is adopted all the same."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        attempt = h.live
        h.engine.post(CallEvent(attempt, CallProgress.CONNECTED, at(8)))
        await h.ask(Withdraw(by="test", visit=1, reason="ordered online"))
    async with house(now=at(0, 1, day=TUESDAY), store=h.store, linked=False) as again:
        assert again.live == attempt
        again.engine.post(CallEvent(attempt, CallProgress.HUNG_UP, at(0, 2, day=TUESDAY), cause=16))
        await again.until(lambda: not again.engine.state.attempts)
        assert again.store.attempts[attempt].disposition is Disposition.CONNECTED


async def test_midnight_passing_during_a_call() -> None:
    """The call ends on the day to which it belongs; the next day opens; the old one is let go of when it is done."""
    async with house(now=at(17, 59)) as h:
        await h.ask(agent(), listing(row(1), row(2)), ready())
        await h.until(lambda: h.pbx.placed)
        attempt = h.live
        h.engine.post(CallEvent(attempt, CallProgress.CONNECTED, at(17, 59)))
        h.jump(at(18))
        await h.until(lambda: h.store.visits[2].state is VisitState.OUT_OF_TIME)
        h.jump(at(0, 0, 1, day=TUESDAY))
        await h.until(lambda: TUESDAY in h.engine.state.days)
        assert MONDAY in h.engine.state.days
        h.engine.post(CallEvent(attempt, CallProgress.HUNG_UP, at(0, 1, day=TUESDAY), cause=16))
        await h.until(lambda: h.store.visits[1].state is VisitState.REACHED)
        h.jump(at(0, 0, 1, day=TUESDAY + timedelta(days=1)))
        await h.until(lambda: TUESDAY + timedelta(days=1) in h.engine.state.days)
        assert set(h.engine.state.days) == {TUESDAY + timedelta(days=1)}


async def test_a_day_with_open_visits_is_not_let_go_of() -> None:
    """Its closing is still to come."""
    async with house(now=at(17)) as h:
        await h.ask(agent(), listing(row(1)))
        state: State = h.engine.state
        h.clock.at = at(1, day=TUESDAY)
        state.forget_days(at(1, day=TUESDAY))
        assert MONDAY in state.days


async def test_it_wakes_up_by_itself_for_what_is_due() -> None:
    """Also when the wall clock was set: it looks up every second."""
    async with house(now=at(7, 59)) as h:
        await h.ask(agent(), listing(row(1)), ready())
        h.clock.at = at(8)
        await h.until(lambda: h.pbx.placed, seconds=3)


async def test_pause_and_resume() -> None:
    """Through the loop: nothing leaves between them."""
    async with house() as h:
        await h.ask(PauseCampaign(by="leader"), agent(), listing(row(1)), ready())
        assert not h.pbx.placed
        await h.ask(ResumeCampaign(by="leader"))
        assert len(h.pbx.placed) == 1
