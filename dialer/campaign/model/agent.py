"""An agent's presence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.phone import PhoneState
from dialer.errors import Conflict

PHONE_NOT_ANSWERED = "phone_not_answered"
PHONE_INCOMPATIBLE = "phone_incompatible"
"""Why an agent who missed a call is paused."""


class Presence(StrEnum):
    """What an agent is doing."""

    SIGNED_OUT = "signed_out"
    READY = "ready"
    RINGING = "ringing"  # a customer is being called for this agent
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


class AgentEvent(StrEnum):
    """What changes an agent's presence."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    READY = "ready"
    PAUSE = "pause"
    RESERVE = "reserve"  # a call is placed for the agent
    CONNECT = "connect"
    RELEASE = "release"  # the call ended without a conversation
    FINISH = "finish"  # the conversation ended, or went on without the agent
    RETURN = "return"  # a conversation that the agent had transferred came back
    MISS = "miss"  # the customer was there, the agent did not pick up


P, E = Presence, AgentEvent
TRANSITIONS: dict[tuple[Presence, AgentEvent], Presence] = {
    (P.SIGNED_OUT, E.SIGN_IN): P.PAUSED,
    (P.SIGNED_OUT, E.READY): P.READY,
    (P.READY, E.SIGN_IN): P.READY,
    (P.READY, E.SIGN_OUT): P.SIGNED_OUT,
    (P.READY, E.READY): P.READY,
    (P.READY, E.PAUSE): P.PAUSED,
    (P.READY, E.RESERVE): P.RINGING,
    (P.READY, E.RETURN): P.ON_CALL,
    (P.RINGING, E.SIGN_IN): P.RINGING,
    (P.RINGING, E.CONNECT): P.ON_CALL,
    (P.RINGING, E.RELEASE): P.READY,
    (P.RINGING, E.FINISH): P.WRAP_UP,  # found out afterwards that there had been a conversation
    (P.RINGING, E.MISS): P.PAUSED,
    (P.ON_CALL, E.SIGN_IN): P.ON_CALL,
    (P.ON_CALL, E.CONNECT): P.ON_CALL,
    (P.ON_CALL, E.FINISH): P.WRAP_UP,
    (P.WRAP_UP, E.SIGN_IN): P.WRAP_UP,
    (P.WRAP_UP, E.READY): P.READY,
    (P.WRAP_UP, E.RETURN): P.ON_CALL,
    (P.WRAP_UP, E.PAUSE): P.PAUSED,
    (P.WRAP_UP, E.SIGN_OUT): P.SIGNED_OUT,
    (P.PAUSED, E.SIGN_IN): P.PAUSED,
    (P.PAUSED, E.READY): P.READY,
    (P.PAUSED, E.RETURN): P.ON_CALL,
    (P.PAUSED, E.PAUSE): P.PAUSED,
    (P.PAUSED, E.SIGN_OUT): P.SIGNED_OUT,
}
"""Every move that an agent can make. Pause and sign-out asked for during a call are kept in
``Agent.after_call`` and carried out when the call is over; ready takes them back."""


@dataclass(slots=True)
class Agent:
    """An agent: staff number, name, dial string of the phone and its PBX, team, and what they are doing.

    ``reason`` says why they are paused; ``attempt`` is the call placed for them, until it is over; ``after_call``
    and ``after_reason`` what they asked for while it lasts; ``wrap_until`` when wrap-up ends by
    itself (None: when they say so). ``phone`` is what the PBX says of the phone, calls of ours left out; not stored.
    """

    number: str
    name: str = ""
    extension: str = ""
    team: str | None = None
    presence: Presence = Presence.SIGNED_OUT
    since: datetime | None = None
    reason: str = ""
    attempt: str | None = None
    after_call: Presence | None = None
    after_reason: str = ""
    wrap_until: datetime | None = None
    pbx: str = MAIN_PBX
    phone: PhoneState = PhoneState.UNSAID

    def move(self, event: AgentEvent, now: datetime) -> None:
        """Take ``event`` at ``now``. Raises :class:`Conflict` and changes nothing when it does not fit."""
        target = TRANSITIONS.get((self.presence, event))
        if target is None:
            raise Conflict(f"agent {self.number}: an agent who is {self.presence} cannot take '{event}'")
        if target is not self.presence:
            self.since = now
        self.presence = target
