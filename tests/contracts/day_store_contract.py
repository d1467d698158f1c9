"""The contract of :class:`~dialer.campaign.ports.DayStore`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.campaign.changes import AlarmChange, CalendarChange, Changes, NoticeDue, NoticeKind, OrderTaken
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.customer import digest
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.model.visit import VisitState, WithdrawnBy
from dialer.campaign.ports import Base, DaySnapshot, DayStore
from dialer.errors import GuardFailed
from tests.contracts.made_up import (
    DAY,
    NOW,
    added,
    at,
    attempt,
    calling,
    customer,
    ended,
    placed,
    unreached,
    visit,
)

YESTERDAY = DAY - timedelta(days=1)

# What each guard is there for: (after these, this must be refused).
VIOLATIONS: dict[str, tuple[list[Changes], Changes]] = {
    "a visit is added twice": ([added(1)], added(1)),
    "a visit comes with another customer's data": ([], Changes(added=[(visit(1), customer(2))])),
    "an unknown visit changes": ([], Changes(visits=[visit(1)])),
    "a visit becomes another customer's": ([added(1)], Changes(visits=[visit(1, customer="C00002")])),
    "a visit moves to another day": ([added(1)], Changes(visits=[visit(1, day=YESTERDAY)])),
    "customer data of an unknown visit": ([], Changes(customers=[(1, customer(1))])),
    "customer data of another customer": ([added(1)], Changes(customers=[(1, customer(2))])),
    "more counted attempts than attempts": ([added(1)], Changes(visits=[visit(1, counted=1)])),
    "fewer counted attempts in the same round": (
        [Changes(added=[(visit(1, counted=3, attempts=3), customer(1))])],
        Changes(visits=[visit(1, counted=2, attempts=3)]),
    ),
    "fewer attempts": (
        [Changes(added=[(visit(1, attempts=3), customer(1))])],
        Changes(visits=[visit(1, attempts=2, round=2)]),
    ),
    "an earlier round": ([Changes(added=[(visit(1, round=2), customer(1))])], Changes(visits=[visit(1)])),
    "a visit comes back after the day was closed": (
        [Changes(added=[(visit(1, state=VisitState.OUT_OF_TIME), customer(1))])],
        Changes(visits=[visit(1)]),
    ),
    "calling without an attempt": ([added(1)], Changes(visits=[visit(1, state=VisitState.CALLING)])),
    "a withdrawn visit is in line": ([added(1)], Changes(visits=[visit(1, withdrawn_by=WithdrawnBy.SYSTEM)])),
    "an attempt of no visit": ([], Changes(placed=[attempt(1)])),
    "an attempt is placed twice": ([added(1), placed(1), unreached(1)], Changes(placed=[attempt(1, agent="A9")])),
    "the same number of an attempt twice": (
        [added(1), placed(1), unreached(1)],
        Changes(placed=[attempt(1, id="abc123-other")]),
    ),
    "two live calls to one number": (
        [added(1, 2), placed(1)],
        Changes(placed=[attempt(2, number=attempt(1).number)]),
    ),
    "two live calls of one visit": ([added(1), placed(1)], Changes(placed=[attempt(1, 2, number="7", agent="A9")])),
    "two live calls to one customer": (
        [added(1, 2), placed(1)],
        Changes(placed=[attempt(2, customer=attempt(1).customer)]),
    ),
    "two live calls to one customer, of two days": (
        [added(1, 2), placed(1)],
        Changes(placed=[attempt(2, customer=attempt(1).customer, day=YESTERDAY)]),
    ),
    "two live calls for one agent": ([added(1, 2), placed(1)], Changes(placed=[attempt(2, agent="A1")])),
    "two live calls for one agent at once": (
        [added(1, 2)],
        Changes(placed=[attempt(1, agent="A1"), attempt(2, agent="A1")]),
    ),
    "a transferred call comes back to an agent who has another": (
        [
            added(1, 2),
            placed(1),
            Changes(attempts=[attempt(1, connected_at=at(70), transferred_at=at(80), transferred_to="8002")]),
            placed(2, agent="A1"),
        ],
        Changes(attempts=[attempt(1, connected_at=at(70))]),
    ),
    "an ended attempt is transferred": (
        [added(1), placed(1), unreached(1)],
        Changes(attempts=[ended(attempt(1), transferred_at=at(80))]),
    ),
    "an unknown attempt changes": ([added(1)], Changes(attempts=[attempt(1, state=AttemptState.RINGING)])),
    "an ended attempt lives again": (
        [added(1), placed(1), unreached(1)],
        Changes(attempts=[attempt(1, state=AttemptState.RINGING)]),
    ),
    "an ended attempt changes": (
        [added(1), placed(1), unreached(1)],
        Changes(attempts=[ended(attempt(1), Disposition.BUSY)]),
    ),
    "an unknown attempt gets a result": ([added(1)], Changes(results=[("abc123-1", "ordered")])),
    "a call without a conversation gets a result": (
        [added(1), placed(1), unreached(1)],
        Changes(results=[(attempt(1).id, "ordered")]),
    ),
    "an agent is bound to an unknown attempt": ([added(1)], Changes(bound=[("abc123-1", "A9")])),
    "an attempt gets another agent": ([added(1), placed(1)], Changes(bound=[(attempt(1).id, "A9")])),
    "an agent who has a live call is bound to another": (
        [added(1, 2), placed(1, agent=""), placed(2)],
        Changes(bound=[(attempt(1).id, "A2")]),
    ),
    "ended without a disposition": (
        [added(1), placed(1)],
        Changes(attempts=[attempt(1, state=AttemptState.ENDED, ended_at=at(70))]),
    ),
    "an attempt becomes another visit's": ([added(1, 2), placed(1)], Changes(attempts=[attempt(1, visit=2)])),
    "a fact is told twice": (
        [added(1), placed(1), unreached(1)],
        Changes(notices=[NoticeDue("unreached-1-1", NoticeKind.UNREACHED, at(99), visit=1)]),
    ),
    "a notice about no visit": ([], Changes(notices=[NoticeDue("k", NoticeKind.UNREACHED, NOW, visit=1)])),
    "an order of no attempt": ([added(1)], Changes(orders=[OrderTaken("N1", "abc123-9", "C00001", NOW, "101")])),
    "two alarms of one key are open": (
        [Changes(alarms=[AlarmChange("trunk", "down", NOW)])],
        Changes(alarms=[AlarmChange("trunk", "down", at(5))]),
    ),
}


class DayStoreContract:
    """To be inherited by a test class that says what a fresh store is."""

    @abstractmethod
    def fresh(self, folder: Path) -> AbstractAsyncContextManager[DayStore]:
        """An empty store, closed at the end."""

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[DayStore]:
        async with self.fresh(tmp_path) as store:
            yield store

    async def test_a_fresh_store_is_empty(self, store: DayStore) -> None:
        """Nothing but an installation id."""
        base = await store.base()
        assert base == Base(installation=base.installation, next_visit=1)
        assert len(base.installation) == 6
        assert await store.load(DAY, NOW) == DaySnapshot()

    async def test_nothing_is_no_commit(self, store: DayStore) -> None:
        """Empty changes are taken and change nothing."""
        await store.commit(Changes())
        assert await store.load(DAY, NOW) == DaySnapshot()

    async def test_a_list_comes_back(self, store: DayStore) -> None:
        """Visits are loaded as they were added, with the departments on the list and the next free id."""
        other = (visit(7, day=YESTERDAY), customer(7, department="城西营销部"))
        none = (visit(3), customer(3, department=""))
        await store.commit(Changes(added=[(visit(2), customer(2)), (visit(1), customer(1)), none, other]))
        snapshot = await store.load(DAY, NOW)
        assert snapshot == DaySnapshot(visits=[visit(1), visit(2), visit(3)], departments=["城东营销部"])
        assert (await store.base()).next_visit == 8

    async def test_what_is_loaded_is_a_copy(self, store: DayStore) -> None:
        """Neither what was committed nor what was loaded reaches into the store."""
        mine, call = visit(1), attempt(1)
        await store.commit(Changes(added=[(mine, customer(1))], placed=[call]))
        mine.reason = "moved on"
        call.evidence.cause = 17
        loaded = await store.load(DAY, NOW)
        loaded.visits[0].reason = loaded.attempts[0].source = "moved on"
        loaded.attempts[0].evidence.sip = 486
        again = await store.load(DAY, NOW)
        assert (again.visits, again.attempts) == ([visit(1)], [attempt(1)])

    async def test_a_call_comes_back_with_its_evidence(self, store: DayStore) -> None:
        """A live attempt is loaded exactly as it was, step by step."""
        await store.commit(added(1))
        await store.commit(placed(1))
        snapshot = await store.load(DAY, NOW)
        assert (snapshot.visits, snapshot.attempts) == ([calling(1)], [attempt(1)])
        seen = Evidence(cause=16, dial_status="ANSWER", ringing=True, answered=True, rings_reported=False)
        answered = attempt(1, state=AttemptState.ANSWERED, ringing_at=at(1.5), answered_at=at(2), evidence=seen)
        await store.commit(Changes(attempts=[answered]))
        assert (await store.load(DAY, NOW)).attempts == [answered]

    async def test_an_ended_call_leaves_its_end(self, store: DayStore) -> None:
        """Ended attempts are not loaded; the ends of each number are, from the given time on."""
        await store.commit(added(1, 2))
        await store.commit(placed(1))
        await store.commit(unreached(1))
        number = attempt(1).number
        snapshot = await store.load(DAY, at(90))
        assert snapshot.attempts == []
        assert snapshot.ends == {number: (at(90),)}
        assert (await store.load(DAY, at(90.000001))).ends == {}
        later = ended(attempt(2, number=number, placed_at=at(600)))
        await store.commit(Changes(placed=[later]))
        assert (await store.load(YESTERDAY, NOW)).ends == {number: (at(90), at(630))}
        slow = ended(attempt(2, 2, number="7", placed_at=at(700)), gap_from=at(900))
        await store.commit(Changes(placed=[slow]))
        assert (await store.load(YESTERDAY, at(800))).ends == {"7": (at(900),)}
        assert (await store.load(DAY, NOW)).counted == {number: {1: 1, 2: 1}, "7": {2: 1}}
        assert (await store.load(YESTERDAY, NOW)).counted == {}

    async def test_calls_of_another_day_come_with_their_visits(self, store: DayStore) -> None:
        """A call that was never seen to end is finished on the next day."""
        await store.commit(Changes(added=[(visit(1, day=YESTERDAY), customer(1)), (visit(2), customer(2))]))
        await store.commit(Changes(added=[(visit(3, day=YESTERDAY), customer(3))]))
        old = attempt(1, day=YESTERDAY, state=AttemptState.UNKNOWN)
        await store.commit(Changes(visits=[calling(1, day=YESTERDAY)], placed=[old]))
        snapshot = await store.load(DAY, NOW)
        assert snapshot.visits == [calling(1, day=YESTERDAY), visit(2)]
        assert snapshot.attempts == [old]

    async def test_an_end_makes_room_in_the_same_batch(self, store: DayStore) -> None:
        """In one transaction a call ends and the agent, the number and the customer get the next."""
        await store.commit(added(1))
        await store.commit(placed(1))
        next_call = attempt(1, 2)
        await store.commit(
            Changes(visits=[calling(1, 2)], attempts=[ended(attempt(1))], placed=[next_call], flags={"a": "b"})
        )
        assert (await store.load(DAY, NOW)).attempts == [next_call]

    async def test_the_last_copy_in_a_batch_wins(self, store: DayStore) -> None:
        """A visit or attempt that is added and changed, or changed twice, is written as it is at last."""
        await store.commit(
            Changes(
                added=[(visit(1), customer(1))],
                visits=[calling(1), calling(1, failures=1)],
                placed=[attempt(1)],
                attempts=[attempt(1, state=AttemptState.RINGING), attempt(1, state=AttemptState.ANSWERED)],
            )
        )
        snapshot = await store.load(DAY, NOW)
        assert snapshot.visits == [calling(1, failures=1)]
        assert snapshot.attempts == [attempt(1, state=AttemptState.ANSWERED)]

    async def test_conversations_take_their_result(self, store: DayStore) -> None:
        """What the agent enters during the call or after it is kept, whatever the call itself does."""
        await store.commit(added(1))
        await store.commit(placed(1))
        talking = attempt(1, state=AttemptState.CONNECTED, connected_at=at(70))
        await store.commit(Changes(attempts=[talking], results=[(talking.id, "later"), (talking.id, "ordered")]))
        assert (await store.load(DAY, NOW)).attempts == [replace(talking, result="ordered")]
        await store.commit(Changes(attempts=[replace(talking, source="seen")]))
        assert (await store.load(DAY, NOW)).attempts == [replace(talking, result="ordered", source="seen")]
        over = ended(attempt(1), Disposition.CONNECTED)
        await store.commit(Changes(attempts=[over]))
        assert (await store.load(DAY, NOW)).conversations == {over.id: over.conversation}
        assert (await store.load(YESTERDAY, NOW)).conversations == {}
        await store.commit(Changes(results=[(over.id, "refused")]))

    async def test_an_agent_is_bound_to_a_call_that_was_placed_without_one(self, store: DayStore) -> None:
        """Once, whatever becomes of the call; from then on no other live call is theirs."""
        await store.commit(added(1, 2))
        await store.commit(placed(1, agent="", pbx="branch"))
        answered = attempt(1, state=AttemptState.ANSWERED, answered_at=at(70), agent="A9", pbx="branch")
        await store.commit(Changes(attempts=[answered], bound=[(answered.id, "A9")]))
        assert (await store.load(DAY, NOW)).attempts == [answered]
        with pytest.raises(GuardFailed):
            await store.commit(placed(2, agent="A9"))
        await store.commit(Changes(attempts=[ended(answered)]))
        await store.commit(placed(2, agent="A9"))

    async def test_open_days(self, store: DayStore) -> None:
        """Days with a visit that is waiting or being called are known."""
        far = DAY + timedelta(days=7)
        done = visit(3, day=far, state=VisitState.REACHED)
        await store.commit(Changes(added=[(visit(1), customer(1)), (done, customer(3))]))
        await store.commit(Changes(added=[(visit(2, day=YESTERDAY), customer(2))]))
        assert (await store.base()).open_days == [YESTERDAY, DAY]
        await store.commit(Changes(visits=[calling(1), visit(2, day=YESTERDAY, state=VisitState.OUT_OF_TIME)]))
        assert (await store.base()).open_days == [DAY]

    async def test_a_new_round_counts_anew(self, store: DayStore) -> None:
        """With a corrected number the count starts again."""
        await store.commit(Changes(added=[(visit(1, counted=5, attempts=5, state=VisitState.UNREACHED), customer(1))]))
        again = visit(1, attempts=5, round=2, number="13904701111")
        await store.commit(Changes(visits=[again]))
        assert (await store.load(DAY, NOW)).visits == [again]

    async def test_customer_data(self, store: DayStore) -> None:
        """Digests tell changed customers from others; unknown ids are left out."""
        await store.commit(added(1, 2))
        changed = customer(2, remarks="搬家", extra=())
        await store.commit(Changes(customers=[(2, changed)]))
        assert await store.customer_data([1, 2, 3]) == {1: digest(customer(1)), 2: digest(changed)}
        assert await store.customer_data([]) == {}

    async def test_agents(self, store: DayStore) -> None:
        """Agents are created and changed; they come back by number."""
        first = Agent(
            "102", "王芳", "PJSIP/102", "east", Presence.RINGING, at(1), "", "abc", Presence.PAUSED, "tea", at(9)
        )
        await store.commit(Changes(agents=[first, Agent("101", "李雷", "PJSIP/101")]))
        await store.commit(Changes(agents=[Agent("101", "李雷", "PJSIP/201"), Agent("101", "李蕾", "PJSIP/201")]))
        assert (await store.base()).agents == [Agent("101", "李蕾", "PJSIP/201"), first]

    async def test_alarms(self, store: DayStore) -> None:
        """Open alarms come back; one that is over does not, and can be raised again."""
        down, disk = AlarmChange("trunk", "down", NOW), AlarmChange("disk", "full", at(1))
        await store.commit(Changes(alarms=[disk, down]))
        assert (await store.base()).alarms == [down, disk]
        over, again = replace(down, cleared_at=at(5)), AlarmChange("trunk", "down again", at(5))
        await store.commit(Changes(alarms=[again, over]))
        assert (await store.base()).alarms == [disk, again]
        await store.commit(Changes(alarms=[replace(again, cleared_at=at(6))]))
        assert (await store.base()).alarms == [disk]

    async def test_flags(self, store: DayStore) -> None:
        """Flags are set, changed and removed."""
        await store.commit(Changes(flags={"paused": "开会", "opened": "1"}))
        await store.commit(Changes(flags={"paused": "lunch", "opened": "", "never": ""}))
        assert (await store.base()).flags == {"paused": "lunch"}

    async def test_calendar(self, store: DayStore) -> None:
        """A day off is set, changed, and made an ordinary day again."""
        await store.commit(Changes(calendar=[CalendarChange(DAY, working=True, name="补班")]))
        assert (await store.load(DAY, NOW)).calendar == (True, "补班")
        await store.commit(Changes(calendar=[CalendarChange(DAY, working=False, name="停电")]))
        assert (await store.load(DAY, NOW)).calendar == (False, "停电")
        assert (await store.load(YESTERDAY, NOW)).calendar is None
        await store.commit(Changes(calendar=[CalendarChange(DAY, working=None)]))
        assert (await store.load(DAY, NOW)).calendar is None

    @pytest.mark.parametrize("name", VIOLATIONS)
    async def test_guards(self, store: DayStore, name: str) -> None:
        """What the rules promise never to do is refused, and nothing of that transaction stays."""
        before, violation = VIOLATIONS[name]
        for changes in before:
            await store.commit(changes)
        kept = (await store.base(), await store.load(DAY, NOW), await store.customer_data([1, 2, 5]))
        harmless = Changes(added=[(visit(5), customer(5)), *violation.added], flags={"paused": "yes"})
        with pytest.raises(GuardFailed):
            await store.commit(replace(violation, added=harmless.added, flags=harmless.flags))
        assert (await store.base(), await store.load(DAY, NOW), await store.customer_data([1, 2, 5])) == kept
        await store.commit(harmless if not violation.added else Changes(flags=harmless.flags))


async def check_round_trip(store: DayStore, changes: Changes) -> None:
    """What was committed to a fresh store is what it gives back."""
    await store.commit(changes)
    base, snapshot = await store.base(), await store.load(DAY, NOW)
    live = sorted((a for a in changes.placed if a.live), key=lambda a: (a.placed_at, a.id))
    assert snapshot.visits == [added_visit for added_visit, _ in changes.added]
    assert snapshot.attempts == live
    ends = [a for a in changes.placed if a.ended_at and a.ended_at >= NOW]
    assert snapshot.ends == {
        a.number: tuple(sorted(b.ended_at for b in ends if b.number == a.number and b.ended_at)) for a in ends
    }
    assert snapshot.departments == sorted({c.department for _, c in changes.added} - {""})
    days = [(day.working, day.name) for day in changes.calendar if day.working is not None]
    assert snapshot.calendar == (days[0] if days else None)
    assert base.agents == changes.agents
    open_alarms = [alarm for alarm in changes.alarms if alarm.cleared_at is None]
    assert base.alarms == sorted(open_alarms, key=lambda alarm: (alarm.raised_at, alarm.key))
    assert base.open_days == ([DAY] if any(added_visit.open for added_visit, _ in changes.added) else [])
    talks = {a.id: a.conversation for a in changes.placed if a.disposition is Disposition.CONNECTED}
    assert snapshot.conversations == talks
    assert base.flags == {name: value for name, value in changes.flags.items() if value}
    data = await store.customer_data([added_visit.id for added_visit, _ in changes.added])
    assert data == {added_visit.id: digest(added_customer) for added_visit, added_customer in changes.added}
