"""When the rules themselves fail: a person is told, and told again when it has been quiet for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import DEFECT, Dialling, Rest, State

QUIET = timedelta(hours=1)
"""So long after the last failure of its kind the alarm is over."""

POSTPONED = timedelta(seconds=30)
"""How long what the clock brings, or an agent for whom placing a call failed, is let be after a defect."""

LONGEST_REST = timedelta(minutes=30)
"""So long at most, however often placing a call fails for the same agent or visit: the alarm stands meanwhile."""


def tell_defect(state: State, what: str, now: datetime) -> None:
    """``what`` could not be carried out: a kind of message, of wake-up, or dialling."""
    key = f"{DEFECT}:{what}"
    state.raise_alarm(key, f"the dialer has a defect: {what} failed and was left out; the log has the details", now)
    state.timers.drop(Wake.DEFECT, key)
    state.timers.at(now + QUIET, Wake.DEFECT, key)


def forget_defect(state: State, key: str, now: datetime) -> None:
    """Nothing of that kind has failed for a while."""
    state.clear_alarm(key, now)


def let_be(state: State, deed: str | Dialling, now: datetime) -> None:
    """Placing a call failed: it is not tried again at once, nor as soon the next time, while others are called.

    The visit rests longer than its agent, who is free for the next one meanwhile. What fails for everybody is tried
    again at one pace.
    """
    if isinstance(deed, Dialling):
        _rest(state, deed.agent, POSTPONED, now)
        _rest(state, deed.visit, 2 * POSTPONED, now)
    elif deed:
        _rest(state, deed, POSTPONED, now)
    else:
        state.resting[deed] = Rest(now + POSTPONED, POSTPONED)
        state.timers.at(now + POSTPONED, Wake.DIAL)


def _rest(state: State, who: str | int, first: timedelta, now: datetime) -> None:
    known = state.resting.get(who)
    wait = first if known is None else min(2 * known.wait, LONGEST_REST)
    state.resting[who] = Rest(now + wait, wait)
    state.timers.at(now + wait, Wake.DIAL)
