"""Who answers in our part of the dialplan and was not called by us is hung up on, and a person is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer.campaign.changes import HangUpCall
from dialer.campaign.messages import LinkRestored, Stranger
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.state import State

_QUIET = timedelta(minutes=10)
"""How old an alarm is at least when a look at the PBX's calls that finds nobody ends it."""


def on_stranger(state: State, message: Stranger, now: datetime) -> None:
    """End a call that is not in the records, and cannot be: its id is the PBX's own."""
    state.out.intents.append(HangUpCall(message.channel, message.pbx))
    state.out.note(now, "call.stranger", pbx=message.pbx, channel=message.channel)
    text = "a call that is none of ours reached the dialer's part of the dialplan; the PBX follows redirections (302)"
    state.raise_alarm(_alarm(message.pbx), text, now)


def end_strangers(state: State, look: LinkRestored, now: datetime) -> None:
    """The same for those that a look at the PBX's calls found."""
    for channel in look.strangers:
        on_stranger(state, Stranger(channel, look.at, look.pbx), now)
    alarm = state.alarms.get(_alarm(look.pbx))
    if alarm is not None and not look.strangers and now - alarm.raised_at >= _QUIET:
        state.clear_alarm(alarm.key, now)


def _alarm(pbx: str) -> str:
    return "stranger" if pbx == MAIN_PBX else f"stranger:{pbx}"
