"""Asking the PBX what it has: calls that are up, ends that it kept on record, when it was started.

The channels are listed first and the journal is read after them. A call that ends in between is either in the list,
and its hang-up follows as an event, or not, and then its end was in the journal before its channel was gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dialer.ami.pbxclock import Stamp, stamp, stamps_of, started_at
from dialer.ami.pbxconfig import connect_context
from dialer.ami.protocol import Fields
from dialer.ami.session import Session
from dialer.ami.translate import FAR, RANG, UP, hung_up_by, number, sip_code
from dialer.callid import is_asterisks, is_attempt, is_ours, whole
from dialer.campaign.messages import CallEvent, CallProgress, LiveCall
from dialer.campaign.model.evidence import ANSWERED, FAILED, OUR_TIMEOUT, Side
from dialer.errors import ActionRefused, LinkDown

_TIMES = ("answered", "connected", "end")
_UP, _RINGING = "6", "5"
_Q850_NO_ANSWER = 19


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry of the PBX's journal (format: :mod:`dialer.ami.pbxconfig`).

    ``end`` None: the call is not over, or Asterisk was killed during it. Times are by the PBX's clock.
    """

    attempt: str
    answered: datetime | None
    connected: datetime | None
    end: datetime | None
    cause: int | None
    state: str
    agent: str
    by: Side | None
    tech: str
    leg: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a survey found. ``marks`` are the journal."""

    calls: dict[str, LiveCall]
    marks: dict[str, Mark]
    started_at: datetime | None
    strangers: tuple[str, ...] = ()


async def survey(session: Session, family: str, now: datetime) -> Found:
    """Ask all, at ``now``. Raises ``LinkLost``, or ``LinkDown`` also when the PBX refuses the questions."""
    try:
        rows = await session.ask(("Action", "CoreShowChannels"))
        marks = await journal(session, family, now)
    except ActionRefused as error:
        raise LinkDown(f"the PBX does not tell its calls: {error}. The manager user needs write=reporting.") from error
    context = connect_context(family)
    calls = live_calls(rows[1:], marks, context)
    return Found(calls, marks, await started_at(session), strangers_among(rows[1:], context))


async def journal(session: Session, family: str, now: datetime) -> dict[str, Mark]:
    """Every entry of the journal at ``now``, by attempt."""
    try:
        answer = await session.ask(("Action", "DBGetTree"), ("Family", family))
    except ActionRefused as error:
        if "not found" in str(error):
            return {}
        raise
    entries = [(each["Key"], each.get("Val", "")) for each in answer[1:] if "Key" in each]
    times = (pairs.get(name, "") for _, value in entries for pairs in (_pairs(value),) for name in _TIMES)
    read = await stamps_of(session, times, now)

    def at(text: str) -> datetime | None:
        found = read(text)
        return now if found is not None and found - now > FAR else found

    marks = (read_mark(key, value, at) for key, value in entries)
    return {mark.attempt: mark for mark in marks if mark is not None}


def read_mark(key: str, value: str, at: Stamp = stamp) -> Mark | None:
    """One entry: ``/dialer/<attempt>`` and ``answered=…|…|tech=…``, times read by ``at``; None if not ours."""
    attempt = key.rpartition("/")[2]
    if not is_attempt(attempt):
        return None
    pairs = _pairs(value)
    answered, connected, end = (at(pairs.get(name, "")) for name in _TIMES)
    return Mark(
        attempt=attempt,
        answered=answered,
        connected=connected,
        end=end,
        cause=number(pairs.get("cause")),
        state=pairs.get("state", ""),
        agent=pairs.get("agent", ""),
        by=hung_up_by(pairs.get("by"), pairs.get("agent", "")),
        tech=pairs.get("tech", ""),
        leg=pairs.get("leg", ""),
    )


def _pairs(value: str) -> dict[str, str]:
    head, _, tech = value.partition("|tech=")  # the last, because a reason phrase may hold anything
    return dict(pair.partition("=")[::2] for pair in head.split("|")) | {"tech": tech}


def events_of(mark: Mark) -> Iterable[CallEvent]:
    """The events that a listener would have heard, so that an attempt in the records comes to its end.

    An answered call was responded to; for an unanswered one the response is inferred: no answer with a provisional
    SIP line means that nobody but our own Timeout ended it, and without a cause that the PBX did (measured:
    `channel request hangup`, `core restart now`).
    """
    name, sip, by = mark.attempt, sip_code(mark.tech), mark.by
    if mark.answered is not None:
        yield CallEvent(name, CallProgress.ANSWERED, mark.answered)
        yield CallEvent(name, CallProgress.RESPONDED, mark.answered, reason=ANSWERED)
    if mark.connected is not None:
        yield CallEvent(name, CallProgress.CONNECTED, mark.connected)
    if mark.end is None:
        return
    if mark.answered is None:
        if mark.state == UP:
            yield CallEvent(name, CallProgress.INTERCEPTED, mark.end)
        if mark.state == RANG:
            yield CallEvent(name, CallProgress.RINGING, mark.end)
        if sip == 183:
            yield CallEvent(name, CallProgress.PROGRESS, mark.end)
        ours = mark.cause == _Q850_NO_ANSWER and sip is not None and sip < 200
        yield CallEvent(name, CallProgress.RESPONDED, mark.end, reason=OUR_TIMEOUT if ours else FAILED)
        if mark.cause == 0 and sip is not None and sip < 200:
            by = Side.PBX
    elif mark.connected is None and mark.agent not in ("", "ANSWER", "CANCEL"):
        yield CallEvent(name, CallProgress.AGENT_MISSED, mark.end, text=mark.agent)
    yield CallEvent(
        name, CallProgress.HUNG_UP, mark.end, cause=mark.cause, sip=sip, status=mark.agent, text=mark.tech,
        hung_up_by=by,
    )  # fmt: skip


def live_calls(rows: Iterable[Fields], marks: Mapping[str, Mark], context: str = "") -> dict[str, LiveCall]:
    """Our calls among the rows of CoreShowChannels, and how far each is; answered ones enter ``context``.

    CONNECTED: a leg of the same call is up in the customer's bridge, or the journal says so. TRANSFERRED: so does the
    journal, but the agent's phone is gone, and the customer is in a bridge all the same, or has left our dialplan.
    """
    channels = [row for row in rows if "Uniqueid" in row]
    ids = {row["Uniqueid"] for row in channels}
    bridged = {
        (row.get("Linkedid", ""), bridge)
        for row in channels
        if row.get("ChannelState") == _UP
        and whole(row["Uniqueid"]) != row.get("Linkedid")
        and (bridge := row.get("BridgeId", ""))
    }
    calls = {}
    for row in channels:
        attempt = row["Uniqueid"]
        if is_attempt(attempt):
            mark = marks.get(attempt)
            joined = (attempt, row.get("BridgeId", "")) in bridged or (mark is not None and mark.connected is not None)
            progress = CallProgress.CONNECTED if joined else _progress(row, mark)
            if (
                mark is not None
                and mark.leg
                and mark.leg not in ids
                and (row.get("BridgeId") or _elsewhere(row, context))
            ):
                progress = CallProgress.TRANSFERRED
            calls[attempt] = LiveCall(attempt, progress)
    return calls


def strangers_among(rows: Iterable[Fields], context: str) -> tuple[str, ...]:
    """The channels in our ``context`` that neither are calls of ours nor belong to one."""
    return tuple(
        row["Uniqueid"]
        for row in rows
        if row.get("Context") == context and is_asterisks(row["Uniqueid"]) and not is_ours(row.get("Linkedid", ""))
    )


def _elsewhere(row: Fields, context: str) -> bool:
    """Whether a channel is in somebody else's dialplan: that of the office, where it was transferred to."""
    return row.get("Context", context) != context


def _progress(row: Fields, mark: Mark | None) -> CallProgress:
    state = row.get("ChannelState")
    if state == _UP or (mark is not None and mark.answered is not None):
        return CallProgress.ANSWERED
    return CallProgress.RINGING if state == _RINGING else CallProgress.DIALLED
