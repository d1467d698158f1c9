"""The loop around the rules: group commit, order of things, what happens when store or PBX fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.campaign import engine as module
from dialer.campaign.agent import Presence
from dialer.campaign.changes import Changes, Place
from dialer.campaign.config import CampaignConfig
from dialer.campaign.customer import ListRow, VisitList
from dialer.campaign.disposition import Disposition
from dialer.campaign.engine import Engine
from dialer.campaign.intake import ImportReport
from dialer.campaign.messages import (
    CallEvent,
    CorrectNumber,
    ImportList,
    LinkLost,
    LinkRestored,
    PauseCampaign,
    RaiseAlarm,
    ResumeCampaign,
    SaveAgent,
    SetCalendarDay,
    SetPresence,
    Sign,
    Withdraw,
)
from dialer.campaign.state import State
from dialer.campaign.step import step
from dialer.campaign.visit import VisitState
from dialer.errors import ActionRefused, Busy, GuardFailed, LinkDown, NotFound, PbxError, Refused, StoreUnavailable
from dialer.rehearsal.memory_store import MemoryStore
from dialer.rehearsal.virtual import VirtualClock
from tests.campaign.days import MONDAY, at, config, row

TUESDAY = MONDAY + timedelta(days=1)


@dataclass
class FakePbx:
    """Writes down what it is asked for, in one log with the store; fails on demand."""

    log: list[str] = field(default_factory=list)
    placed: list[Place] = field(default_factory=list)
    fails: PbxError | None = None
    surveys: int = 0
    post: Callable[[Any], None] = print
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(at(8)))

    async def start(self) -> None:
        self.log.append("start")
        self.post(LinkRestored(self.clock.now(), (), final=False))

    async def stop(self) -> None:
        self.log.append("stop")

    async def originate(self, order: Place) -> None:
        if self.fails is not None:
            raise self.fails
        self.log.append(f"originate {order.attempt}")
        self.placed.append(order)

    async def hang_up(self, attempt: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.log.append(f"hang up {attempt}")

    async def survey(self) -> None:
        self.surveys += 1
        self.log.append("survey")
        if self.fails is not None:
            raise self.fails


class LoggedStore(MemoryStore):
    """Says when it commits; takes its time on demand."""

    def __init__(self, log: list[str]) -> None:
        super().__init__("dx")
        self.log = log
        self.before: Callable[[], None] = lambda: None
        self.loads: list[object] = []

    async def commit(self, changes: Changes) -> None:
        self.before()
        await super().commit(changes)
        self.log.append(f"commit {len(changes.placed)}")

    async def load(self, day: Any, ends_since: datetime) -> Any:  # noqa: ANN401
        self.loads.append(day)
        return await super().load(day, ends_since)


@dataclass
class House:
    """An engine with its surroundings, running."""

    engine: Engine
    store: LoggedStore
    pbx: FakePbx
    clock: VirtualClock
    task: asyncio.Task[None]

    async def until(self, condition: Callable[[], object], seconds: float = 5) -> None:
        """Wait for a condition; fail when it does not come or the engine dies."""
        async with asyncio.timeout(seconds):
            while not condition():
                if self.task.done():
                    self.task.result()
                await asyncio.sleep(0.001)

    async def ask(self, *commands: Any) -> list[Any]:  # noqa: ANN401
        """Commands in one batch."""
        asked: list[Awaitable[object]] = [self.engine.ask(each) for each in commands]
        return await asyncio.gather(*asked)

    def jump(self, when: datetime) -> None:
        """Set the clock; the engine looks up."""
        self.clock.at = when
        self.engine._arrived.set()

    @property
    def live(self) -> str:
        (attempt,) = self.engine.state.attempts
        return attempt


def quick() -> CampaignConfig:
    plain = config()
    return CampaignConfig(hours=plain.hours, trunks=plain.trunks, settle=timedelta(seconds=0.2), calls_per_second=None)


@asynccontextmanager
async def house(
    now: datetime | None = None, store: LoggedStore | None = None, *, linked: bool = True
) -> AsyncIterator[House]:
    pbx = FakePbx()
    store = store or LoggedStore(pbx.log)
    store.log = pbx.log
    pbx.clock = clock = VirtualClock(now or at(8))
    engine = Engine(quick(), store, clock)
    pbx.post = engine.post if linked else lambda _: None
    task = asyncio.create_task(engine.run(pbx))
    made = House(engine, store, pbx, clock, task)
    await engine.ready()
    try:
        yield made
    finally:
        task.cancel()
        with pytest.raises((asyncio.CancelledError, GuardFailed, RuntimeError)):
            await task


def agent(number: str = "001") -> SaveAgent:
    return SaveAgent(by="test", number=number, name="", extension=f"PJSIP/{number}")


def ready(number: str = "001") -> SetPresence:
    return SetPresence(by=number, agent=number, presence=Presence.READY)


def listing(*rows: ListRow, day: Any = MONDAY) -> ImportList:  # noqa: ANN401
    return ImportList(by="test", day=day, visits=VisitList("main", rows))


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
        h.engine.post(CallEvent("dx-1-1-a", Sign.RINGING, at(8)))
        await h.ask(agent())


async def test_other_rooms_can_raise_alarms() -> None:
    """``post`` never blocks and needs no reply."""
    async with house() as h:
        h.engine.post(RaiseAlarm(by="keeper", key="disk", text="full"))
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


# -- a store that fails ----------------------------------------------------------------------------


async def test_a_store_that_cannot_be_written_is_waited_for() -> None:
    """Issue: a full disk: calling stops rather than burning attempts, and ``trouble`` says why."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)))
        h.store.unavailable = True
        asked = asyncio.create_task(h.engine.ask(ready()))
        await h.until(lambda: h.engine.trouble)
        assert h.engine.trouble == str(StoreUnavailable())
        await asyncio.sleep(0.35)
        assert not h.pbx.placed
        h.store.unavailable = False
        await asked
        assert h.engine.trouble == ""
        await h.until(lambda: h.pbx.placed)


async def test_an_originate_that_was_written_down_too_late_is_not_sent() -> None:
    """The PBX may have been asked meanwhile; a stale order must not surprise anybody."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)))
        h.store.before = lambda: setattr(h.clock, "at", h.clock.at + timedelta(seconds=0.15))
        await h.ask(ready())
        await h.until(lambda: h.engine.state.visit(1).state is VisitState.WAITING)
        assert not h.pbx.placed
        (attempt,) = h.store.attempts.values()
        assert (attempt.disposition, attempt.counts) == (Disposition.CANCELLED, False)


async def test_a_change_that_the_database_refuses_ends_the_engine() -> None:
    """A defect: the process is started again, and the store is the truth."""
    async with house() as h:

        def refuse() -> None:
            raise GuardFailed("no")

        h.store.before = refuse
        with pytest.raises(Busy, match="stopping"):
            await h.engine.ask(agent())
        await asyncio.wait([h.task])
        with pytest.raises(GuardFailed):
            h.task.result()
        with pytest.raises(Busy, match="stopping"):
            await h.engine.ask(agent())


async def test_who_waits_when_it_is_stopped_is_told() -> None:
    """Those in the batch that is being written, and those behind it: nobody hangs."""
    async with house() as h:
        h.store.unavailable = True
        first = asyncio.create_task(h.engine.ask(agent()))
        await h.until(lambda: h.engine.trouble)
        second = asyncio.create_task(h.engine.ask(agent("002")))
        await asyncio.sleep(0)
        h.engine.post(LinkLost(at(8), "cut"))
        h.task.cancel()
        for asked in (first, second):
            with pytest.raises(Busy, match="stopping"):
                await asked
        with pytest.raises(Busy, match="stopping"):
            await h.engine.ask(agent())


# -- a PBX that fails ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "disposition"),
    [(LinkDown(), Disposition.CANCELLED), (ActionRefused("Permission denied"), Disposition.OUR_FAULT)],
    ids=["link down", "refused"],
)
async def test_an_originate_that_does_not_leave_is_booked(error: PbxError, disposition: Disposition) -> None:
    """UNSENT or REFUSED: over at once, not counted, the agent free again."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)))
        h.pbx.fails = error
        await h.ask(ready())
        await h.until(lambda: h.engine.state.visit(1).last)
        (attempt,) = h.store.attempts.values()
        assert (attempt.disposition, attempt.counts) == (disposition, False)
        assert h.engine.state.agents["001"].presence is Presence.READY


@pytest.mark.parametrize("error", [LinkDown(), ActionRefused("no")], ids=["link down", "refused"])
async def test_a_hang_up_that_fails_is_left_to_the_next_look(error: PbxError) -> None:
    """Nothing is booked for it."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        h.pbx.fails = error
        await h.ask(Withdraw(by="test", visit=1, reason="ordered online"))
        assert h.engine.state.visit(1).state is VisitState.WITHDRAWN
        assert h.live == h.pbx.placed[0].attempt


async def test_a_hang_up_is_carried_out() -> None:
    """After it is committed."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        attempt = h.live
        await h.ask(Withdraw(by="test", visit=1, reason="ordered online"))
        assert f"hang up {attempt}" in h.pbx.log


async def test_after_a_login_the_pbx_is_asked_again_once() -> None:
    """The second look comes after the settling time; two wishes for it are one."""
    async with house() as h:
        h.engine.post(LinkRestored(at(8), (), final=False))
        await h.until(lambda: h.pbx.surveys)
        await asyncio.sleep(0.3)
        assert h.pbx.surveys == 1


async def test_a_survey_that_fails_is_left_to_the_next_login() -> None:
    """It is logged, and nothing else happens."""
    async with house(linked=False) as h:
        h.pbx.fails = LinkDown()
        h.engine.post(LinkRestored(at(8), (), final=False))
        await h.until(lambda: h.pbx.surveys)
        await asyncio.sleep(0.01)
        assert not h.task.done()
        await h.ask(agent())


async def test_a_survey_that_is_due_when_it_stops_is_dropped() -> None:
    """A bounded shutdown."""
    async with house() as h:
        await h.until(lambda: any(t.get_name() == "pbx-survey" for t in asyncio.all_tasks()))
    await asyncio.sleep(0)
    assert not any(t.get_name() == "pbx-survey" for t in asyncio.all_tasks())


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
        h.engine.post(CallEvent(attempt, Sign.CONNECTED, at(8)))
        await h.ask(Withdraw(by="test", visit=1, reason="ordered online"))
    async with house(now=at(0, 1, day=TUESDAY), store=h.store, linked=False) as again:
        assert again.live == attempt
        again.engine.post(CallEvent(attempt, Sign.HUNG_UP, at(0, 2, day=TUESDAY), cause=16))
        await again.until(lambda: not again.engine.state.attempts)
        assert again.store.attempts[attempt].disposition is Disposition.CONNECTED


async def test_midnight_passing_during_a_call() -> None:
    """The call ends on the day to which it belongs; the next day opens; the old one is let go of when it is done."""
    async with house(now=at(17, 59)) as h:
        await h.ask(agent(), listing(row(1), row(2)), ready())
        await h.until(lambda: h.pbx.placed)
        attempt = h.live
        h.engine.post(CallEvent(attempt, Sign.CONNECTED, at(17, 59)))
        h.jump(at(18))
        await h.until(lambda: h.store.visits[2].state is VisitState.OUT_OF_TIME)
        h.jump(at(0, 0, 1, day=TUESDAY))
        await h.until(lambda: TUESDAY in h.engine.state.days)
        assert MONDAY in h.engine.state.days
        h.engine.post(CallEvent(attempt, Sign.HUNG_UP, at(0, 1, day=TUESDAY), cause=16))
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
