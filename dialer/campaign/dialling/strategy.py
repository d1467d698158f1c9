"""The ways of dialling, each in a file of its own, and where one of them is chosen."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from dialer.campaign.day_list import Day
from dialer.campaign.dialling.placing import may_dial
from dialer.campaign.dialling.progressive import progressive
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import State


class Strategy(Protocol):
    """Places the calls of a day that should be placed now, when calls may be placed at all; with ``one``, the first."""

    def __call__(self, state: State, day: Day, now: datetime, *, one: bool = False) -> None:
        """``state.doing`` says for whom, so that what fails is left out alone."""


STRATEGIES: dict[str, Strategy] = {"progressive": progressive}


def dial(state: State, now: datetime, *, one: bool = False) -> None:
    """Place today's calls, as the campaign's strategy has it; with ``one``, the first of them."""
    day = state.today(now)
    if day is None or not may_dial(state, day, now):
        return
    for owner in day.queue.promote(now):
        state.wake_owner(owner)
    for until in state.streaks.next_times(now):
        state.timers.at(until, Wake.DIAL)
    STRATEGIES[state.config.strategy](state, day, now, one=one)
