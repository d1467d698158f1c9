"""From the PBX's messages to facts about calls: one table, no memory, no clock.

Measured on Asterisk 22.10.1. ``A`` stands for an attempt's id, which is the Uniqueid of the customer's channel, or for
that of a test call, whose only phone stands in the customer's place; through ``Local/N@context/n`` that is the half
``;1``, ``A;2`` runs the office's own dialplan and dials the trunk from there:

=================  ==========================================  ==================================================
event              which                                       says
=================  ==========================================  ==================================================
DialState          DestUniqueid=A, or Uniqueid=A;2             the customer's phone rings, or early media came
DialState          Uniqueid=A                                  the agent's phone rings
DialEnd            DestUniqueid=A                              DialStatus of the customer's call; ANSWER: answered
DialEnd            Uniqueid=A;2                                the trunk leg's part is over; its Hangup has the SIP code
DialEnd            DestUniqueid=A, with Forward                the carrier redirects (302); the Hangup may not know it
both               DestLinkedid=A, Uniqueid something else     the same behind a second Local channel; after the answer
                                                               it is an agent's phone that stands behind one
DialEnd            Uniqueid=A, ANSWER                          the agent picked up (as DialerConnected says too)
DialEnd            DestLinkedid=A, ANSWER                      a phone of the office is in the call, as DestUniqueid
BlindTransfer      TransfereeLinkedid=A                        the transferring leg handed the customer on, to Extension
AttendedTransfer   OrigTransfererLinkedid=A                    the same after a consultation, with SecondTransfererExten
UserEvent          DialerAnswered, -Connected, -AgentMissed    what their names say
UserEvent          DialerIntercepted                           what answered is the office's own route, or a voicemail
UserEvent          DialerTested                                a test call's phone was picked up and hears the tones
UserEvent          DialerEnded                                 cause, exact last SIP answer, state; just before Hangup
OriginateResponse  ActionID=A                                  Reason; 4 is answered
SoftHangupRequest  Uniqueid=A, Cause 32 or 4                   a command (`channel request hangup`), or the PBX stops
Hangup             Uniqueid=A                                  the customer's channel is gone, with cause and TechCause
Hangup             Linkedid=A, Uniqueid something else         a leg is gone: before the answer the trunk's
Response: Error    ActionID=A                                  the Originate was refused
=================  ==========================================  ==================================================

What is said of a Local channel itself (DestChannel, in a response Channel) is the office's own doing: its route may
indicate progress, answer and hang up whatever the trunk said. So of that only the end is believed, and whether anybody
answered is for the UserEvents alone to say.

That an agent did not pick up is taken from the UserEvent alone: the DialEnd of one of several phones says nothing
about the others, and for a phone that does not exist there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dialer.ami.protocol import Fields
from dialer.callid import is_asterisks, is_ours, second_half
from dialer.campaign.messages import CallEvent, CallProgress, Stranger
from dialer.campaign.model.evidence import ANSWERED, Side
from dialer.campaign.model.phone import PhoneState


@dataclass(frozen=True, slots=True)
class Ended:
    """The PBX's own note on how the call ended, ahead of the hang-up.

    ``agent`` is the DialStatus of the agent's leg, "" if none was dialled; ``tech`` the last SIP status line;
    ``by`` who hung up.
    """

    attempt: str
    at: datetime
    cause: int | None
    sip: int | None
    agent: str
    tech: str
    by: Side | None


@dataclass(frozen=True, slots=True)
class TrunkLeg:
    """Behind a Local channel this leg goes out over the trunk."""

    attempt: str
    leg: str


@dataclass(frozen=True, slots=True)
class Redirected:
    """The carrier sent the customer's channel elsewhere (302)."""

    attempt: str


@dataclass(frozen=True, slots=True)
class PhoneLeg:
    """A phone of the office has picked up; ``device`` is its dial string."""

    attempt: str
    at: datetime
    leg: str
    device: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """The phone whose ``leg`` this is has handed the customer on to the extension ``to``."""

    attempt: str
    at: datetime
    leg: str
    to: str


@dataclass(frozen=True, slots=True)
class LegHungUp:
    """A leg of the call that is not the customer's own channel is gone; one into the dialplan again has no cause."""

    attempt: str
    at: datetime
    leg: str
    cause: int | None
    sip: int | None


@dataclass(frozen=True, slots=True)
class HungUp:
    """The customer's channel is gone."""

    attempt: str
    at: datetime
    cause: int | None
    sip: int | None
    local: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody on the PBX, or the PBX itself, asked for the end of the customer's channel."""

    attempt: str


Fact = CallEvent | Stopped | Ended | TrunkLeg | Redirected | PhoneLeg | Transferred | LegHungUp | HungUp

_STOPPING = (32, 4)
"""Asterisk's AST_SOFTHANGUP_EXPLICIT and AST_SOFTHANGUP_SHUTDOWN; measured with `core restart now`."""

_SIP_LINE = re.compile(r"SIP[ ;]*(?:cause[ =]*)?(\d{3})(?!\d)")
FAR = timedelta(days=1)
"""Further from our own clock nothing is that the PBX tells of as it happens."""
_YEARS = range(2000, 2100)
_MOST_DIGITS = 12
_LONGEST_TEXT = 500
_PROGRESS = {"RINGING": CallProgress.RINGING, "PROGRESS": CallProgress.PROGRESS, "PROCEEDING": None}
_USER_EVENTS = {
    "DialerAnswered": CallProgress.ANSWERED,
    "DialerIntercepted": CallProgress.INTERCEPTED,
    "DialerConnected": CallProgress.CONNECTED,
    "DialerAgentMissed": CallProgress.AGENT_MISSED,
    "DialerTested": CallProgress.CONNECTED,
}


def translate(fields: Fields, now: datetime) -> Iterable[Fact]:
    """What a message says about calls of ours, in order; nothing for everything else.

    ``now`` is taken when the message does not carry the PBX's own time.
    """
    event = fields.get("Event")
    if event is None:
        return _refusal(fields, now)
    reader = READERS.get(event)
    return () if reader is None else reader(fields, _at(fields, now))


def _at(fields: Fields, now: datetime) -> datetime:
    """When it happened by the PBX's clock; ``now`` when that is another day's, for it would block numbers for years."""
    at = moment(fields.get("Timestamp"))
    return now if at is None or abs(at - now) > FAR else at


def moment(stamp: str | None) -> datetime | None:
    """Epoch seconds as Asterisk writes them (``timestampevents``, journal), as an aware UTC time; None for no such."""
    try:
        at = datetime.fromtimestamp(float(stamp or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.year in _YEARS else None


def hung_up_by(text: str | None, agent: str) -> Side | None:
    """Who hung up first, as the dialplan names them; ``agent`` is the DialStatus of the agent's leg.

    Of a Local channel it only knows when the agent did (measured): the other end of a conversation is the customer's.
    What we end ourselves is in our records before that.
    """
    if text in set(Side):
        return Side(text)
    return Side.CUSTOMER if agent == "ANSWER" else None


def number(text: str | None) -> int | None:
    """A header's number; None when it is absent, empty or not one, or one of more than twelve digits."""
    return int(text) if text and len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit() else None


def sip_code(line: str) -> int | None:
    """The code in what ``HANGUPCAUSE(...,tech)`` gives: ``SIP 486 Busy Here``, or ``SIP cause=486`` and more."""
    found = _SIP_LINE.match(line)
    return int(found[1]) if found else None


def _refusal(fields: Fields, now: datetime) -> Iterable[Fact]:
    attempt = fields.get("ActionID", "")
    if fields.get("Response") == "Error" and is_ours(attempt):
        yield CallEvent(attempt, CallProgress.REFUSED, now, text=fields.get("Message", "")[:_LONGEST_TEXT])


def _dial_state(fields: Fields, at: datetime) -> Iterable[Fact]:
    progress = _PROGRESS.get(fields.get("DialStatus", ""))
    dialled, dialling = fields.get("DestUniqueid", ""), fields.get("Uniqueid", "")
    if is_ours(dialled):
        if progress and not _is_local(fields, "DestChannel"):
            yield CallEvent(dialled, progress, at)
    elif is_ours(dialling):
        if progress is CallProgress.RINGING:
            yield CallEvent(dialling, CallProgress.AGENT_RINGING, at)
    elif (attempt := _behind(fields)) is not None:
        yield TrunkLeg(attempt, dialled)
        if progress:
            yield CallEvent(attempt, progress, at)


def _dial_end(fields: Fields, at: datetime) -> Iterable[Fact]:
    status = fields.get("DialStatus", "")
    dialled, dialling = fields.get("DestUniqueid", ""), fields.get("Uniqueid", "")
    if is_ours(dialled):
        if fields.get("Forward") and not _is_local(fields, "DestChannel"):
            yield Redirected(dialled)
        if status != "ANSWER":
            yield CallEvent(dialled, CallProgress.DIALLED, at, status=status)
        elif not _is_local(fields, "DestChannel"):
            yield CallEvent(dialled, CallProgress.ANSWERED, at)
    elif is_ours(dialling):
        if status == "ANSWER" and not _is_local(fields, "DestChannel"):
            yield CallEvent(dialling, CallProgress.CONNECTED, at)
            yield from _phone(fields, dialling, at)
    elif (attempt := _behind(fields)) is not None:
        yield TrunkLeg(attempt, dialled)
        if status == "ANSWER" and second_half(dialling) is None:
            yield from _phone(fields, attempt, at)


def _behind(fields: Fields) -> str | None:
    """The call of ours whose way through the office's dialplan dials this leg, be it through one Local channel or more.

    One that leads into the dialplan again is none: what it says is the office's own doing.
    """
    if _is_local(fields, "DestChannel"):
        return None
    call = fields.get("DestLinkedid", "")
    return second_half(fields.get("Uniqueid", "")) or (call if is_ours(call) else None)


def _phone(fields: Fields, call: str, at: datetime) -> Iterable[Fact]:
    """A Local channel is no phone: behind it is one, and the channel itself may be taken out of the call."""
    device = fields.get("DestChannel", "").rpartition("-")[0]
    if device:
        yield PhoneLeg(call, at, fields.get("DestUniqueid", ""), device)


def _blind_transfer(fields: Fields, at: datetime) -> Iterable[Fact]:
    call = fields.get("TransfereeLinkedid", "")
    if is_ours(call) and fields.get("Result") == "Success":
        yield Transferred(call, at, fields.get("TransfererUniqueid", ""), fields.get("Extension", ""))


def _attended_transfer(fields: Fields, at: datetime) -> Iterable[Fact]:
    call = fields.get("OrigTransfererLinkedid", "")
    if is_ours(call) and fields.get("Result") == "Success":
        yield Transferred(call, at, fields.get("OrigTransfererUniqueid", ""), fields.get("SecondTransfererExten", ""))


def _user_event(fields: Fields, at: datetime) -> Iterable[Fact]:
    attempt, name = fields.get("Attempt", ""), fields.get("UserEvent", "")
    if not is_ours(attempt):
        return
    if name == "DialerEnded":
        if fields.get("State") == RANG:
            yield CallEvent(attempt, CallProgress.RINGING, at)  # in case its own news fell into a gap of the link
        tech, agent = fields.get("Tech", ""), fields.get("Agent", "")
        by = hung_up_by(fields.get("HangupBy"), agent)
        yield Ended(attempt, at, number(fields.get("Cause")), sip_code(tech), agent, tech, by)
    elif (progress := _USER_EVENTS.get(name)) is not None:
        yield CallEvent(attempt, progress, at, cause=number(fields.get("Cause")), text=fields.get("DialStatus", ""))


def stranger(fields: Fields, now: datetime) -> Stranger | None:
    """Whoever answered in our part of the dialplan under an id that is none of ours."""
    answered = fields.get("UserEvent") in ("DialerAnswered", "DialerIntercepted")
    if not answered or not is_asterisks(channel := fields.get("Attempt", "")):
        return None
    return Stranger(channel, _at(fields, now))


def _originate_response(fields: Fields, at: datetime) -> Iterable[Fact]:
    attempt = fields.get("ActionID", "")
    if is_ours(attempt):
        reason = number(fields.get("Reason"))
        if reason == ANSWERED and _is_local(fields, "Channel"):
            reason = None
        elif reason == ANSWERED:
            yield CallEvent(attempt, CallProgress.ANSWERED, at)
        yield CallEvent(attempt, CallProgress.RESPONDED, at, reason=reason)


def _hangup(fields: Fields, at: datetime) -> Iterable[Fact]:
    channel, call = fields.get("Uniqueid", ""), fields.get("Linkedid", "")
    tech = fields.get("TechCause", "")
    cause, sip = number(fields.get("Cause")), number(tech) or sip_code(tech)
    if is_ours(channel):
        yield HungUp(channel, at, cause, sip, _is_local(fields, "Channel"))
    elif is_ours(call) and second_half(channel) is None:
        yield LegHungUp(call, at, channel, None if _is_local(fields, "Channel") else cause, sip)


def _soft_hangup(fields: Fields, _: datetime) -> Iterable[Fact]:
    channel = fields.get("Uniqueid", "")
    if is_ours(channel) and number(fields.get("Cause")) in _STOPPING:
        yield Stopped(channel)


def _is_local(fields: Fields, header: str) -> bool:
    """Whether the channel in that header leads into the office's own dialplan."""
    return fields.get(header, "").startswith("Local/")


PHONE_STATES: dict[str, PhoneState] = {
    "INVALID": PhoneState.UNKNOWN,
    "UNAVAILABLE": PhoneState.AWAY,
    "NOT_INUSE": PhoneState.FREE,
    "INUSE": PhoneState.BUSY,
    "BUSY": PhoneState.BUSY,
    "RINGING": PhoneState.RINGING,
    "RINGINUSE": PhoneState.BUSY,
    "ONHOLD": PhoneState.ON_HOLD,
}
"""What DEVICE_STATE and DeviceStateChange say; UNKNOWN there means that the technology does not tell."""

RANG, UP = "Ringing", "Up"
"""State of the customer's line in what the dialplan tells of an end: the phone rang and nobody answered, or somebody
did."""

USER_EVENTS = "Dialer"
"""How the names of the dialplan's own UserEvents begin."""

HEADERS: dict[str, tuple[str, ...]] = {
    "DialState": ("Timestamp", "Uniqueid", "DestUniqueid", "DestLinkedid", "DestChannel", "DialStatus"),
    "DialEnd": ("Timestamp", "Uniqueid", "DestUniqueid", "DestLinkedid", "DestChannel", "DialStatus", "Forward"),
    "BlindTransfer": ("Timestamp", "Result", "TransfererUniqueid", "TransfereeLinkedid", "Extension"),
    "AttendedTransfer": (
        "Timestamp",
        "Result",
        "OrigTransfererUniqueid",
        "OrigTransfererLinkedid",
        "SecondTransfererExten",
    ),
    "UserEvent": ("Timestamp", "UserEvent", "Attempt", "DialStatus", "Cause", "State", "Agent", "Tech", "HangupBy"),
    "SoftHangupRequest": ("Timestamp", "Uniqueid", "Cause"),
    "OriginateResponse": ("Timestamp", "ActionID", "Channel", "Reason"),
    "Hangup": ("Timestamp", "Channel", "Uniqueid", "Linkedid", "Cause", "TechCause"),
    "DeviceStateChange": ("Device", "State"),
    "FullyBooted": (),
    "Shutdown": ("Restart",),
}
"""The events that are wanted and what is read of them; :mod:`dialer.ami.pbxconfig` asks the PBX for the same events."""

READERS: dict[str, Callable[[Fields, datetime], Iterable[Fact]]] = {
    "DialState": _dial_state,
    "DialEnd": _dial_end,
    "BlindTransfer": _blind_transfer,
    "AttendedTransfer": _attended_transfer,
    "UserEvent": _user_event,
    "OriginateResponse": _originate_response,
    "SoftHangupRequest": _soft_hangup,
    "Hangup": _hangup,
}
