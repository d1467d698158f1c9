"""A test call: an administrator lets the PBX ring one phone, to see whether it can be reached.

It is no attempt: no customer, no visit, no row in the records, no recording. Its id can be told from an attempt's, so
nothing that counts attempts ever takes it for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.evidence import NO_COMMON_CODEC, OUR_TIMEOUT, Evidence
from dialer.campaign.model.phone import PhoneState, phones_in
from dialer.campaign.rules.phone import PhoneRule
from dialer.errors import Conflict

_FREE = (Presence.SIGNED_OUT, Presence.PAUSED)


class PhoneInUse(Conflict):
    """Somebody is on this phone, or a customer may come onto it at any moment."""

    code = "phone-in-use"


class PhoneOutside(Conflict):
    """This is not one of the office's own phones."""

    code = "phone-outside"


class PhoneTested(Conflict):
    """This phone is being tested already, or too many are."""

    code = "phone-tested"


class Stage(StrEnum):
    """How far a test call is."""

    PLACED = "placed"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class Finding(StrEnum):
    """What came of a test call."""

    WORKS = "works"  # picked up, the tones were played
    SILENT = "silent"  # picked up, but the PBX has no tones to play: its dialplan lacks our context
    INTERCEPTED = "intercepted"  # something else answered, for example a voicemail
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNKNOWN_EXTENSION = "unknown_extension"
    UNREACHABLE = "unreachable"  # the PBX knows the phone and cannot get through to it
    INCOMPATIBLE = "incompatible"  # the phone speaks none of the codecs that calls have
    REFUSED = "refused"  # the PBX refused to place the call
    STOPPED = "stopped"  # hung up by us before anybody picked up
    LOST = "lost"  # the link broke, or the PBX fell silent: nobody can say
    FAILED = "failed"  # some other cause


@dataclass(frozen=True, slots=True)
class PhoneTest:
    """One test call as it stands. ``cause`` is the Q.850 cause, ``sip`` the last SIP code, ``text`` the PBX's words."""

    id: str
    extension: str
    by: str
    placed_at: datetime
    agent: str | None = None
    phone: PhoneState = PhoneState.UNSAID
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    finding: Finding | None = None
    cause: int | None = None
    sip: int | None = None
    text: str = ""

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.ended_at is not None:
            return Stage.ENDED
        if self.answered_at is not None:
            return Stage.ANSWERED
        return Stage.PLACED if self.ringing_at is None else Stage.RINGING


def agents_at(extension: str, agents: Iterable[Agent]) -> list[Agent]:
    """The agents whose phones a dial string rings, by staff number."""
    rung = phones_in(extension)
    return sorted((agent for agent in agents if rung & phones_in(agent.extension)), key=lambda agent: agent.number)


def is_free(agent: Agent) -> bool:
    """Whether no customer can come onto this agent's phone just now."""
    return agent.presence in _FREE


def refuse(extension: str, agents: Iterable[Agent], phones: PhoneRule) -> list[Agent]:
    """The agents whose phone it is, when it may be rung now. Raises ``PhoneInUse`` or ``PhoneOutside``.

    A phone that a customer may come onto at any moment is left alone, and so is whatever is no phone of the office.
    """
    theirs = agents_at(extension, agents)
    for agent in theirs:
        if not is_free(agent):
            raise PhoneInUse(
                f"{extension} is the phone of agent {agent.number} ({agent.presence.replace('_', ' ')}): a customer "
                "may be on it at any moment. Let them pause or sign out first, then test."
            )
    if phones.fault(extension):
        raise PhoneOutside(
            f"{extension} is no phone that the settings allow; a test call rings the office's own phones only."
        )
    return theirs


F, Known = Finding, PhoneState
TABLE: tuple[tuple[Finding, Callable[[Evidence, PhoneState], bool]], ...] = (
    (F.WORKS, lambda e, _: e.connected),
    (F.INTERCEPTED, lambda e, _: e.intercepted),
    (F.SILENT, lambda e, _: e.answered),
    (F.STOPPED, lambda e, _: e.cancelled),
    (F.REFUSED, lambda e, _: e.refused),
    (F.NO_ANSWER, lambda e, _: e.ringing and (e.reason == OUR_TIMEOUT or e.sip in (408, 480, 487))),
    (F.BUSY, lambda e, _: e.sip in (486, 600) or e.dial_status == "BUSY" or e.reason == 5),
    (F.DECLINED, lambda e, _: e.sip in (403, 603)),
    (F.INCOMPATIBLE, lambda e, _: e.sip in (488, 606)),
    (F.UNKNOWN_EXTENSION, lambda e, phone: phone is Known.UNKNOWN or e.sip in (404, 410, 484, 604)),
    (F.UNREACHABLE, lambda e, phone: phone is Known.AWAY or e.sip in (408, 480)),
    (F.UNREACHABLE, lambda e, _: e.reason == OUR_TIMEOUT or (e.responded and not e.hung_up)),
    (F.BUSY, lambda e, _: e.cause == 17),
    (F.NO_ANSWER, lambda e, _: e.ringing and e.cause in (18, 19)),
    (F.DECLINED, lambda e, _: e.cause == 21),
    (F.UNKNOWN_EXTENSION, lambda e, _: e.cause in (1, 22, 28)),
    (F.UNREACHABLE, lambda e, _: e.cause in (3, 18, 19, 20, 27)),
    (F.INCOMPATIBLE, lambda e, _: e.cause == NO_COMMON_CODEC),
    (F.FAILED, lambda e, _: e.responded or e.hung_up),
    (F.LOST, lambda _e, _p: True),
)
"""Evidence, and what the PBX knew of the phone, to a finding: over SIP as RFC 3261 has it, else by the Q.850 cause.
The first row that fits decides. That a phone which is not registered gives an OriginateResponse and nothing else was
measured on Asterisk 22."""


def judge(evidence: Evidence, phone: PhoneState) -> Finding:
    """What came of it; the last row fits everything."""
    return next(finding for finding, fits in TABLE if fits(evidence, phone))
