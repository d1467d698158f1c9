"""Who answers in our part of the dialplan and was not called by us is hung up on, and a person is told."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.changes import HangUpCall
from dialer.campaign.messages import LinkRestored, Stranger
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.state import State


def on_stranger(state: State, message: Stranger, now: datetime) -> None:
    """End a call that is not in the records, and cannot be: its id is the PBX's own. The alarm ends with the last."""
    if not message.up:
        state.clear_alarm(_alarm(message.pbx), now)
        return
    state.out.intents.append(HangUpCall(message.channel, message.pbx))
    state.out.note(now, "call.stranger", pbx=message.pbx, channel=message.channel)
    text = "a call that is none of ours reached the dialer's part of the dialplan; the PBX follows redirections (302)"
    state.raise_alarm(_alarm(message.pbx), text, now)


def end_strangers(state: State, look: LinkRestored, now: datetime) -> None:
    """The same for those that a look at the PBX's calls found, or no longer found."""
    for channel in look.strangers:
        on_stranger(state, Stranger(channel, look.at, look.pbx), now)
    if not look.strangers:
        state.clear_alarm(_alarm(look.pbx), now)


def _alarm(pbx: str) -> str:
    return "stranger" if pbx == MAIN_PBX else f"stranger:{pbx}"
