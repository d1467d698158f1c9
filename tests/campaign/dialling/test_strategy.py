"""Ways of dialling other than the progressive one, which all the other tests are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from dialer.campaign.day_list import Day
from dialer.campaign.dialling.placing import bind, next_visit, place
from dialer.campaign.dialling.strategy import STRATEGIES
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.visit import VisitState
from dialer.campaign.state import State
from tests.campaign.days import config, row
from tests.campaign.stepping import Room


def test_a_strategy_may_bind_the_agent_when_the_customer_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then the call is nobody's; from then on it is the agent's as if it had been placed for them."""

    def late(state: State, day: Day, now: datetime, *, one: bool = False) -> None:
        agent = state.agents["001"]
        for attempt in state.attempts.values():
            if attempt.evidence.answered and not attempt.agent:
                bind(state, attempt, agent, now)
        if not state.attempts and (visit := next_visit(state, day, agent, now)) is not None:
            place(state, visit, state.trunks["trunk"], now)

    monkeypatch.setitem(STRATEGIES, "late", late)
    room = Room(row(1), row(2), conf=replace(config(), strategy="late"))
    call = room.live()
    assert (call.agent, room.placed()[0].agent, room.agent().presence) == ("", "", Presence.READY)
    room.progress(call, CallProgress.ANSWERED)
    assert (room.agent().presence, room.agent().attempt) == (Presence.RINGING, call.id)
    assert room.store.attempts[call.id].agent == call.agent == "001"
    room.progress(call, CallProgress.AGENT_RINGING, CallProgress.CONNECTED)
    room.hang_up(call)
    assert (room.agent().presence, room.visit(1).state) == (Presence.WRAP_UP, VisitState.REACHED)
    assert room.calls() == ["C0002"]
