"""Whether a PBX is this dialer's: one with a copy of these records may own it, and then this one only watches."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.messages import OwnerTold
from dialer.campaign.model.link import owner_flag
from dialer.campaign.state import State


def on_owner_told(state: State, message: OwnerTold, now: datetime) -> None:
    """Place no calls on a PBX that is another's, and let people know whose it is; the records know it from then on."""
    before = state.owners.pop(message.pbx, None)
    if before is not None:
        state.clear_alarm(_alarm(before), now)
    if not message.ours:
        state.owners[message.pbx] = message.machine
        text = f"the dialer on {message.machine} owns the PBX with these records; this one only watches"
        state.raise_alarm(_alarm(message.machine), text, now)
    if message.sign:
        state.set_flag(owner_flag(message.pbx), message.sign)
    state.wanting.update(agent.number for agent in state.agents.values() if agent.pbx == message.pbx)
    state.out.note(now, "pbx.owner", pbx=message.pbx, ours=message.ours, machine=message.machine)


def _alarm(machine: str) -> str:
    return f"owner:{machine}"
