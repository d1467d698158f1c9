"""An attempt: one call to one customer, the states it goes through and when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from dialer.campaign.model.evidence import Disposition, Evidence, Side
from dialer.campaign.model.link import MAIN_PBX
from dialer.errors import Conflict


class AttemptState(StrEnum):
    """Where an attempt stands."""

    PLACED = "placed"
    RINGING = "ringing"
    ANSWERED = "answered"
    CONNECTED = "connected"
    UNKNOWN = "unknown"
    ENDED = "ended"


class AttemptEvent(StrEnum):
    """What moves an attempt."""

    RING = "ring"
    ANSWER = "answer"
    CONNECT = "connect"
    FINISH = "finish"
    LOSE = "lose"  # the link is gone: nobody can say


S, E = AttemptState, AttemptEvent
_TARGETS = {E.RING: S.RINGING, E.ANSWER: S.ANSWERED, E.CONNECT: S.CONNECTED, E.FINISH: S.ENDED, E.LOSE: S.UNKNOWN}
_FURTHER_ALREADY = {  # events of one call arrive in any order
    (S.ANSWERED, E.RING): S.ANSWERED,
    (S.CONNECTED, E.RING): S.CONNECTED,
    (S.CONNECTED, E.ANSWER): S.CONNECTED,
}
TRANSITIONS: dict[tuple[AttemptState, AttemptEvent], AttemptState] = {
    (state, event): target for state in S if state is not S.ENDED for event, target in _TARGETS.items()
} | _FURTHER_ALREADY
"""Every move that an attempt can make; an ended attempt never moves again."""


class Conversation(NamedTuple):
    """A connected attempt that has ended: ``seq`` as the attempt's, so that of a visit's the newest is the greatest."""

    visit: int
    seq: int
    number: str
    ended_at: datetime


@dataclass(slots=True)
class Attempt:
    """One call. ``id`` is the ChannelId on the PBX and the name of the recording.

    ``seq`` numbers the attempts of the visit from 1. ``agent`` is "" until one is bound to it. All times are UTC.
    ``hung_up_by`` is who ended an answered call first, None while nobody knows.
    ``ended_at`` goes by the PBX's clock, ``gap_from``, from when the gap to the next call runs, by ours.
    ``disposition``, ``counts`` and ``source`` (the row of the table that decided) are set when it has ended.
    ``transferred_at`` is when the agent handed the customer on from the phone, to the extension ``transferred_to`` ("":
    not known); the call itself lasts until ``ended_at``.
    """

    id: str
    visit: int
    day: date
    seq: int
    round: int
    customer: str
    number: str
    trunk: str
    agent: str
    placed_at: datetime
    state: AttemptState = AttemptState.PLACED
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    connected_at: datetime | None = None
    transferred_at: datetime | None = None
    transferred_to: str = ""
    ended_at: datetime | None = None
    gap_from: datetime | None = None
    disposition: Disposition | None = None
    counts: bool = False
    source: str = ""
    result: str | None = None
    evidence: Evidence = field(default_factory=Evidence)
    pbx: str = MAIN_PBX
    hung_up_by: Side | None = None

    def move(self, event: AttemptEvent) -> None:
        """Take ``event``. Raises :class:`Conflict` and changes nothing when it does not fit."""
        target = TRANSITIONS.get((self.state, event))
        if target is None:
            raise Conflict(f"attempt {self.id}: an attempt that is {self.state} cannot take '{event}'")
        self.state = target

    @property
    def latest(self) -> datetime:
        """When the latest stage began that is known; nothing that follows is earlier, whatever a PBX's clock says."""
        return self.transferred_at or self.connected_at or self.answered_at or self.ringing_at or self.placed_at

    @property
    def live(self) -> bool:
        """Whether a call may still exist on the PBX."""
        return self.state is not AttemptState.ENDED

    @property
    def talked(self) -> bool:
        """Whether customer and agent were connected.

        After an outage only the disposition may say so, when the moment itself was not observed.
        """
        return self.connected_at is not None or self.disposition is Disposition.CONNECTED

    @property
    def conversation(self) -> Conversation:
        """What is remembered of a connected one that has ended."""
        assert self.ended_at is not None
        return Conversation(self.visit, self.seq, self.number, self.ended_at)
