"""Everything that can come into the engine's inbox, as frozen, typed messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from dialer.campaign.model.agent import Presence
from dialer.campaign.model.customer import VisitList
from dialer.campaign.model.evidence import Side
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import Result, WithdrawnBy

# -- from a PBX ---------------------------------------------------------------------------------


class CallProgress(StrEnum):
    """What the PBX says of one call."""

    RINGING = "ringing"  # the customer's phone rings
    PROGRESS = "progress"  # early media from the carrier
    ANSWERED = "answered"  # the customer answered; the dialplan records
    AGENT_RINGING = "agent_ringing"
    CONNECTED = "connected"  # the agent picked up
    TRANSFERRED = "transferred"  # the agent's phone is out of a call that goes on; `text`: to whom, "" if not known
    RETURNED = "returned"  # a transferred call rang the agent's phone again, which picked up
    INTERCEPTED = "intercepted"  # the office's own route answered, and nobody was let in
    AGENT_MISSED = "agent_missed"  # the agent's phone did not pick up: `text` has its DialStatus, `cause` the phone's
    DIALLED = "dialled"  # the trunk leg's DialEnd, with its DialStatus
    RESPONDED = "responded"  # OriginateResponse, with its Reason (4 is answered)
    HUNG_UP = "hung_up"  # the customer's channel is gone: cause, SIP code, DialStatus of the agent's leg, by whom
    REFUSED = "refused"  # the PBX refused the Originate, or has no such trunk; nothing left it
    UNSENT = "unsent"  # the Originate surely never left: there was no link


@dataclass(frozen=True, slots=True)
class CallEvent:
    """What the PBX says of one attempt. ``at`` is UTC, by the PBX's clock where it gives one."""

    attempt: str
    progress: CallProgress
    at: datetime
    cause: int | None = None
    sip: int | None = None
    status: str = ""
    reason: int | None = None
    text: str = ""
    pbx: str = MAIN_PBX
    hung_up_by: Side | None = None


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link to a PBX is gone; what its calls do from here on is not known."""

    at: datetime
    reason: str = ""
    pbx: str = MAIN_PBX


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that the PBX has now: how far it is."""

    attempt: str
    progress: CallProgress  # RINGING, ANSWERED, CONNECTED or TRANSFERRED; DIALLED for one that does not ring yet


@dataclass(frozen=True, slots=True)
class LinkRestored:
    """The link to a PBX is up. ``calls`` are all calls of ours on it at ``at``.

    ``final`` is False for the first look after a login, when an Originate written to the old link
    may still be on its way into the PBX, and True for the look after the settling time: from then
    on a call that is not in ``calls`` is over. ``ends`` are the ends that the PBX itself kept
    on record while nobody listened. ``started_at`` is when the PBX was started.
    """

    at: datetime
    calls: tuple[LiveCall, ...]
    ends: tuple[CallEvent, ...] = ()
    started_at: datetime | None = None
    final: bool = True
    pbx: str = MAIN_PBX
    strangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhoneTold:
    """What a PBX says of a phone that is followed; test calls of ours are left out.

    ``device`` is a dial string's, for example PJSIP/8001.
    """

    at: datetime
    device: str
    state: PhoneState
    pbx: str = MAIN_PBX


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody answered in our part of the dialplan whose call is none of ours; ``channel`` is the PBX's own id of it.

    A PBX makes such a call by itself, out of one of ours, when it follows a carrier's redirection (302). In
    :class:`LinkRestored` they are ``strangers``. ``up`` is False when it is over, and no other is up.
    """

    channel: str
    at: datetime
    pbx: str = MAIN_PBX
    up: bool = True


@dataclass(frozen=True, slots=True)
class OwnerTold:
    """Whether this dialer owns the PBX; if not, ``machine`` is that of the one which does, with the same records.

    ``sign`` is what stands on the PBX, to be known again.
    """

    at: datetime
    ours: bool
    machine: str = ""
    pbx: str = MAIN_PBX
    sign: str = ""


PbxMessage = CallEvent | LinkLost | LinkRestored | PhoneTold | Stranger | OwnerTold


def named(message: PbxMessage, pbx: str) -> PbxMessage:
    """The message as one from the PBX of this name."""
    if isinstance(message, LinkRestored):
        return replace(message, pbx=pbx, ends=tuple(replace(end, pbx=pbx) for end in message.ends))
    return replace(message, pbx=pbx)


# -- from the machine ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClockSet:
    """Somebody set the machine's clock ``by`` ahead (negative: back).

    ``mark`` is what to compare with after a restart; a ``by`` of nothing only writes it down.
    """

    by: timedelta
    mark: str = ""


# -- from people and neighbouring systems --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something asked for by a person or a system. ``by`` is who."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportList(Command):
    """Make ``day``'s list of this name look like ``visits``. Answers with an ``ImportReport``.

    ``withdraw``: so many customers may be withdrawn, as a person was told. Without it a list that takes away a large
    part of the day is refused.
    """

    day: date
    visits: VisitList
    preview: bool = False
    skip_bad: bool = False
    withdraw: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Command):
    """Take a visit off the list, for example because the customer ordered online. ``source``: what ``by`` is."""

    visit: int
    reason: str
    source: WithdrawnBy = WithdrawnBy.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack(Command):
    """Put a visit that was taken off the list back on it: a person knows better, and says why."""

    visit: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectNumber(Command):
    """Today's visits of ``customer`` get the normalised ``number``; a finished one comes back in line."""

    day: date
    customer: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Command):
    """The customer wants to be called at ``at`` (UTC)."""

    visit: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterManualCall(Command):
    """What was done by hand for a customer: ``who`` dialled, ``at`` (UTC) of the last of ``tries`` calls.

    ``result`` None: nobody was reached. The dialer does not call the customer any more today.
    """

    visit: int
    who: str
    at: datetime
    tries: int = 1
    result: Result | None = None
    text: str = ""
    promised: datetime | None = None  # LATER: when the customer wants another call, by hand again
    order: str = ""  # ORDERED: the order's number in the order system


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign(Command):
    """Deal a visit to another agent or team; exactly one is set."""

    visit: int
    agent: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAgent(Command):
    """Create an agent or change name, phone or team."""

    number: str
    name: str
    extension: str
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAgents(Command):
    """Save several agents, all or none, so that they can exchange their phones."""

    agents: tuple[SaveAgent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPresence(Command):
    """The agent asks to be READY, PAUSED (with a reason) or SIGNED_OUT."""

    agent: str
    presence: Presence
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult(Command):
    """What came of the conversation ``attempt``; None: what was entered was a slip, and is taken back."""

    attempt: str
    result: Result | None
    text: str = ""
    at: datetime | None = None  # LATER: when to call again, UTC
    order: str = ""  # ORDERED: the order's number in the order system
    quantity: str = ""
    amount: str = ""
    order_stays: bool = True  # another result: the order that was entered for the conversation before


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Command):
    """End a call. ``staff`` is the staff number of whoever asks, "" for a system."""

    attempt: str
    staff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseCampaign(Command):
    """Place no new calls until resumed."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCampaign(Command):
    """Go on placing calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver(Command):
    """From now on this dialer owns the PBX, and whichever owned it only watches."""

    pbx: str = MAIN_PBX


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsRestored(Command):
    """The records are a backup's: who was called after ``as_of`` is not in them. ``reason`` tells it to people."""

    as_of: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceLateStart(Command):
    """Tell marketing departments and account managers that calling starts late today."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlarm(Command):
    """Something needs a person; "" as ``text``: it is over. One alarm per ``key`` is open at a time."""

    key: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectFound(Command):
    """A part beside the rules has failed at ``what`` by a defect of ours; the log has the details."""

    what: str


AlarmSink = Callable[[str, str], None]
"""How other packages raise an alarm (key, text), and clear it (key, ""). Does not block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCalendarDay(Command):
    """Make ``day`` a day off, a working day, or (None) an ordinary day again."""

    day: date
    working: bool | None
    name: str = ""


Message = PbxMessage | ClockSet | Command
