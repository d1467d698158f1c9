"""When the rules themselves fail: a person is told, and told again when it has been quiet for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import DEFECT, State

QUIET = timedelta(hours=1)
"""So long after the last failure of its kind the alarm is over."""


def tell_defect(state: State, what: str, now: datetime) -> None:
    """``what`` could not be carried out: a kind of message, of wake-up, or dialling."""
    key = f"{DEFECT}:{what}"
    state.raise_alarm(key, f"the dialer has a defect: {what} failed and was left out; the log has the details", now)
    state.timers.drop(Wake.DEFECT, key)
    state.timers.at(now + QUIET, Wake.DEFECT, key)


def forget_defect(state: State, key: str, now: datetime) -> None:
    """Nothing of that kind has failed for a while."""
    state.clear_alarm(key, now)
