"""The random days are worth their time: each rule that is broken on purpose is found by them."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import Place
from dialer.campaign.link import Link
from dialer.campaign.messages import LinkRestored, Message
from dialer.campaign.rule import RedialRule
from dialer.campaign.state import State
from dialer.campaign.step import HANDLERS, Outcome, step
from dialer.campaign.visit import Visit, VisitState
from dialer.errors import GuardFailed
from dialer.rehearsal import memory_store, virtual
from tests.campaign.days import Scene
from tests.campaign.test_random_days import END, random_scene

DAYS = 60


async def findings(prepare: Callable[[Scene], None] = lambda _: None) -> list[str]:
    """Violations on the first random day that has any; what the store's guards refuse counts too."""
    for seed in range(DAYS):
        made = random_scene(random.Random(seed))
        prepare(made)
        try:
            await made.day.run(END)
        except GuardFailed as refused:
            return [str(refused)]
        if found := made.broken(in_order=False):
            return found
    return []


@pytest.mark.usefixtures("untraced")
async def test_rules_that_are_whole_pass() -> None:
    """The control of the experiments below."""
    assert await findings() == []


async def test_a_missing_gap_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 2: a number is taken for free at once."""
    monkeypatch.setattr(State, "free_at", lambda *_: None)
    assert any(" s after " in each for each in await findings())


async def test_a_gap_of_the_customer_instead_of_the_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 2 is about the number, "whoever it belongs to": forgetting it at a restart shows on shared numbers."""
    plain = State.__init__

    def forgetful(self: State, *more: object) -> None:
        plain(self, *more)  # type: ignore[arg-type]  # fields by name, or a stand-in
        self.last_end = _Nothing()

    monkeypatch.setattr(State, "__init__", forgetful)
    assert any(" s after " in each for each in await findings())


class _Nothing(dict[str, datetime]):
    def get(self, *_: object) -> None:  # type: ignore[override]  # a broken rule on purpose
        return None


class _Open(dict[str, str]):
    def __contains__(self, _: object) -> bool:
        return False


@pytest.mark.parametrize("guarded", [True, False], ids=["by the store", "by the carrier"])
async def test_a_missing_number_lock_is_found(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """Invariant 3: nobody remembers which numbers are in use; without the store's guard the carrier sees it."""
    plain = State.__init__

    def forgetful(self: State, *more: object) -> None:
        plain(self, *more)  # type: ignore[arg-type]  # fields by name, or a stand-in
        self.live_by_number = _Open()

    def unguarded(attempt: Attempt) -> Iterator[Hashable]:
        yield "visit", attempt.visit

    monkeypatch.setattr(State, "__init__", forgetful)
    if not guarded:
        monkeypatch.setattr(memory_store, "_claims", unguarded)
    found = await findings()
    expected = "there is a live call to ('number'" if guarded else "number "
    assert any(expected in each and (guarded or each.endswith("at once")) for each in found), found


async def test_an_originate_before_its_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 6: the call leaves as soon as it is decided, and the dialer dies before it is written down."""

    def prepare(scene: Scene) -> None:
        def hasty(
            state: State, now: datetime, messages: Sequence[Message], digests: Mapping[int, str] | None = None
        ) -> Outcome:
            outcome = step(state, now, messages, digests)
            for intent in outcome.intents:
                if isinstance(intent, Place) and scene.pbx.linked:
                    scene.pbx.place(intent, now)
            outcome.intents = [intent for intent in outcome.intents if not isinstance(intent, Place)]
            return outcome

        monkeypatch.setattr(virtual, "step", hasty)

    assert any("is not in the books" in each for each in await findings(prepare))


async def test_one_attempt_too_many_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 1."""
    monkeypatch.setattr(RedialRule, "exhausted", lambda self, counted: counted > self.limit)
    assert any("counted attempts" in each for each in await findings())


async def test_a_pbx_that_is_never_asked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 9: calls that ended while nobody listened stay up in the books for ever."""

    def deaf(state: State, message: LinkRestored, now: datetime) -> None:
        state.links[message.pbx] = Link(up=True, since=now)

    monkeypatch.setitem(HANDLERS, LinkRestored, deaf)
    assert any("never ended" in each for each in await findings())


async def test_a_visit_that_is_called_after_it_was_withdrawn_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 4: the withdrawal is written down and forgotten again."""
    plain = State.requeue

    def undone(self: State, visit: Visit, now: datetime) -> None:
        if visit.state is VisitState.WITHDRAWN and visit.attempt is None:
            visit.state = VisitState.WAITING
        plain(self, visit, now)

    monkeypatch.setattr(State, "requeue", undone)
    assert any("was placed after visit.withdrawn" in each for each in await findings())


async def test_calls_outside_the_hours_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 4: nobody looks at the hours before dialling."""
    monkeypatch.setattr("dialer.campaign.strategy.may_dial", lambda state, *_: state.link_up)
    assert any("outside calling hours" in each for each in await findings())


async def test_a_redial_that_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left waiting: what waits for its time is never looked at again, and the day does not close it."""
    monkeypatch.setattr("dialer.campaign.daywork.close_if_over", lambda *_: None)
    monkeypatch.setattr(RedialRule, "wait", lambda *_: timedelta(days=1))
    assert any("forgotten" in each for each in await findings())
