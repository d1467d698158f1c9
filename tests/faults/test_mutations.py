"""A proof that cannot fail proves nothing: every rule that is broken on purpose shows, by its own name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.campaign.calls.phones import on_phone_told
from dialer.campaign.changes import Place
from dialer.campaign.messages import ClockSet, LinkRestored, Message, PhoneTold
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.link import Link
from dialer.campaign.model.visit import Visit, VisitState
from dialer.campaign.rules.breaker import Breaker, Trunk
from dialer.campaign.rules.rule import RedialRule
from dialer.campaign.state import State
from dialer.campaign.step import HANDLERS, Outcome, step
from dialer.campaign.views.why import Answer, Why
from tests.faults.report import Violation
from tests.faults.virtual import checks, soak
from tests.faults.virtual.day import NO_REASON, TRUE_REASON, FaultyDay
from tests.faults.virtual.plan import Plan
from tests.faults.virtual.soak import build, command, play
from tests.virtual import memory_store

pytestmark = pytest.mark.usefixtures("untraced")


async def first_violation(is_wanted: Callable[[Violation], bool], first: int = 1) -> Violation | None:
    """The first violation of a kind on 60 days from ``first`` on."""
    for seed in range(first, first + 60):
        found = next(filter(is_wanted, (await play(seed)).violations), None)
        if found is not None:
            assert found.replay == command(seed)
            return found
    return None


def of(invariant: str) -> Callable[[Violation], bool]:
    """Violations of this invariant."""
    return lambda violation: violation.invariant == invariant


@pytest.mark.parametrize("invariant", [checks.GAP, NO_REASON])
async def test_a_clock_that_nobody_minds_is_found(monkeypatch: pytest.MonkeyPatch, invariant: str) -> None:
    """An hour ahead cuts gaps short, an hour back keeps customers and agents waiting: both are seen."""
    monkeypatch.setitem(HANDLERS, ClockSet, lambda *_: None)
    found = await first_violation(of(invariant))
    assert found is not None
    assert any(fault.startswith("clock set") for fault in found.faults)


async def test_a_gap_that_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 2, from the carrier's records."""
    monkeypatch.setattr(State, "free_at", lambda *_: None)
    assert await first_violation(of(checks.GAP)) is not None


async def test_one_attempt_too_many_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 1, from the books."""
    monkeypatch.setattr(RedialRule, "exhausted", lambda self, counted: counted > self.limit)
    assert await first_violation(of(checks.AT_MOST_N)) is not None


async def test_calls_outside_the_hours_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 4, from the carrier's records by the clock that the dialer had."""
    monkeypatch.setattr("dialer.campaign.dialling.strategy.may_dial", lambda state, *_: state.link_up)
    assert await first_violation(of(checks.HOURS), first=20) is not None


async def test_calls_for_phones_that_are_away_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 5, from what the PBX told of the phones."""
    monkeypatch.setattr("dialer.campaign.dialling.progressive.phone_is_free", lambda *_: True)
    assert await first_violation(of(checks.PHONES)) is not None


async def test_a_phone_whose_return_nobody_minds_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its agent is ready and waits for ever."""

    def deaf(state: State, message: PhoneTold, now: datetime) -> None:
        known = state.phones.get((message.pbx, message.device))
        if known is None or known.able or known.in_use:
            on_phone_told(state, message, now)

    monkeypatch.setitem(HANDLERS, PhoneTold, deaf)
    found = await first_violation(of(NO_REASON))
    assert found is not None
    assert any(fault.startswith("agent's phone") for fault in found.faults)


async def test_a_pbx_that_is_never_asked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that ended while nobody listened would stay up in the books for ever."""

    def deaf(state: State, message: LinkRestored, _: object) -> None:
        state.links[message.pbx] = Link(up=True, since=message.at)

    monkeypatch.setitem(HANDLERS, LinkRestored, deaf)
    assert await first_violation(of(checks.FORGOTTEN)) is not None


async def test_an_agent_who_waits_for_no_reason_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tells an agent of a redial that is due: no other invariant minds, and it is seen all the same."""
    monkeypatch.setattr(State, "wake_owner", lambda *_: None)
    assert await first_violation(of(NO_REASON)) is not None


@pytest.mark.parametrize("invariant", [NO_REASON, TRUE_REASON])
async def test_a_trunk_that_stays_paused_is_found(monkeypatch: pytest.MonkeyPatch, invariant: str) -> None:
    """A breaker that never closes again: agents wait although the probe got through, and are told of a pause."""
    monkeypatch.setattr(Breaker, "works", lambda *_: False)
    assert await first_violation(of(invariant)) is not None


@pytest.mark.parametrize("invariant", [NO_REASON, TRUE_REASON])
async def test_a_trunk_that_stays_full_is_found(monkeypatch: pytest.MonkeyPatch, invariant: str) -> None:
    """Calls that are over go on counting: the trunk takes no more although none is up."""

    def leaks(trunk: Trunk, name: str, value: object) -> None:
        if name != "in_use" or value == 0 or value == getattr(trunk, name) + 1:
            object.__setattr__(trunk, name, value)

    monkeypatch.setattr(Trunk, "__setattr__", leaks)
    assert await first_violation(of(invariant)) is not None


@pytest.mark.parametrize(
    "told",
    [Why.GAP, Why.NUMBER_GAP, Why.TRUNKS_DOWN, Why.TRUNKS_FULL, Why.NO_LINK, Why.AGENT_AWAY, Why.NEXT, Why.REACHED],
)
async def test_a_reason_that_is_not_so_is_found(monkeypatch: pytest.MonkeyPatch, told: Why) -> None:
    """A customer who waits gets the same answer, whatever the truth."""
    monkeypatch.setattr("tests.faults.virtual.day.why", lambda *_: Answer(told))
    assert await first_violation(of(TRUE_REASON)) is not None


async def test_a_dialer_that_breaks_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the rules ends the day, not the soak."""

    def broken(*_: object) -> timedelta:
        raise LookupError("a bug")

    monkeypatch.setattr(RedialRule, "wait", broken)
    found = await first_violation(of(checks.AGREE))
    assert found is not None
    assert "LookupError: a bug" in found.what


class _Nothing(dict[str, datetime]):
    def get(self, *_: object) -> None:  # type: ignore[override]  # a broken rule on purpose
        return None


class _Open(dict[str, str]):
    def get(self, *_: object) -> None:  # type: ignore[override]  # a broken rule on purpose
        return None


async def test_a_gap_of_the_customer_instead_of_the_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 2 is about the number, "whoever it belongs to": forgetting it at a restart shows on shared numbers."""
    plain = State.__init__

    def forgetful(self: State, *more: object) -> None:
        plain(self, *more)  # type: ignore[arg-type]  # fields by name, or a stand-in
        self.last_end = _Nothing()

    monkeypatch.setattr(State, "__init__", forgetful)
    assert await first_violation(of(checks.GAP)) is not None


@pytest.mark.parametrize("guarded", [True, False], ids=["by the store", "by the carrier"])
async def test_a_missing_number_lock_is_found(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """Invariant 3: nobody remembers which numbers are in use; without the store's guard the carrier sees it."""
    plain = State.__init__

    def forgetful(self: State, *more: object) -> None:
        plain(self, *more)  # type: ignore[arg-type]  # fields by name, or a stand-in
        self.live_by_number = _Open()

    def unguarded(attempt: Attempt) -> Iterator[Hashable]:
        if attempt.live:
            yield "visit", attempt.visit

    monkeypatch.setattr(State, "__init__", forgetful)
    if not guarded:
        monkeypatch.setattr(memory_store, "_claims", unguarded)
    found = await first_violation(of(checks.AGREE if guarded else checks.ONE_CALL))
    assert found is not None
    assert ("there is a live call to ('number'" if guarded else "number ") in found.what


async def test_an_originate_before_its_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 6: the call leaves as soon as it is decided, and the dialer dies before it is written down."""
    days: list[FaultyDay] = []

    def built(plan: Plan, *_: object) -> FaultyDay:
        days.append(build(plan))
        return days[-1]

    def hasty(
        state: State,
        now: datetime,
        messages: Sequence[Message],
        digests: Mapping[int, str],
        **more: Any,  # noqa: ANN401 - as the engine calls it
    ) -> Outcome:
        outcome, link = step(state, now, messages, digests, **more), days[-1].link
        for intent in outcome.intents:
            if isinstance(intent, Place) and link.linked:
                link.place(intent, days[-1].clock.now())
                days[-1].die("before-commit")
        outcome.intents = [intent for intent in outcome.intents if not isinstance(intent, Place)]
        return outcome

    monkeypatch.setattr(soak, "build", built)
    monkeypatch.setattr("dialer.campaign.engine.step", hasty)
    found = await first_violation(of(checks.WRITE_AHEAD))
    assert found is not None
    assert "is not in the books" in found.what


async def test_a_visit_that_is_called_after_it_was_withdrawn_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 4: the withdrawal is written down and forgotten again."""
    plain = State.requeue

    def undone(self: State, visit: Visit, now: datetime) -> None:
        if visit.state is VisitState.WITHDRAWN and visit.attempt is None:
            visit.state, visit.withdrawn_by = VisitState.WAITING, None
        plain(self, visit, now)

    monkeypatch.setattr(State, "requeue", undone)
    found = await first_violation(lambda each: "was placed after visit.withdrawn" in each.what)
    assert found is not None
    assert found.invariant == checks.HOURS


async def test_a_redial_that_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left waiting: what waits for its time is never looked at again, and the day does not close it."""
    monkeypatch.setattr("dialer.campaign.day.work.close_if_over", lambda *_: None)
    monkeypatch.setattr(RedialRule, "wait", lambda *_: timedelta(days=1))
    assert await first_violation(of(checks.FORGOTTEN)) is not None
