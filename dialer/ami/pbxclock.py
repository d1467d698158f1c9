"""The PBX's clock and zone, and the times in its journal."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import structlog

from dialer.ami.session import Session
from dialer.ami.translate import moment, number
from dialer.errors import ActionRefused

log = structlog.get_logger(__name__)

Stamp = Callable[[str], datetime | None]
"""Reads one time of the journal; None for what is none."""

_SECONDS = "STRFTIME({at},UTC,%s)"
"""How an earlier dialplan took the time: libc turns it back with the zone of the PBX's machine."""

_END = re.compile(r"\bend=\$\{([^|{}]+)\}")
_WIDEST_S = 2 * 86400
"""No zone is further from UTC."""
_APART = timedelta(minutes=1)
"""How far the PBX's clock may be ahead of ours without anything being wrong with its zone."""


def stamp(text: str) -> datetime | None:
    """A time as our dialplan writes it: ISO 8601 with its offset from UTC."""
    try:
        at = datetime.fromisoformat(text)
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


async def stamps_of(session: Session, times: Iterable[str], now: datetime) -> Stamp:
    """What reads these times, also those in seconds that an older dialplan wrote, which are as wrong as its zone.

    The PBX itself says by how much. When it does not, they are not trusted: what happened is known, and ``now`` is when
    we know it.
    """
    old = next((at for text in times if stamp(text) is None and (at := moment(text)) is not None), None)
    if old is None:
        return stamp
    shift = await _shift(session, old)
    log.warning(
        "the dialplan on the PBX is an older one",
        action="ami.old_dialplan",
        seconds_off=shift and shift.total_seconds(),
    )

    def read(text: str) -> datetime | None:
        at = moment(text)
        if at is None:
            return stamp(text)
        if shift is None:
            return now
        return at - shift if at - shift <= now + _APART else at  # the zone was changed meanwhile

    return read


async def _shift(session: Session, at: datetime) -> timedelta | None:
    """By how much the PBX's seconds of ``at`` are later than the truth; None when it does not say."""
    seconds = int(at.timestamp())
    found = await asked(session, _SECONDS.format(at=seconds))
    there = number(found)
    return None if there is None or abs(there - seconds) > _WIDEST_S else timedelta(seconds=there - seconds)


async def asked(session: Session, expression: str) -> str:
    """The value of a function on the PBX, "" when it does not tell."""
    try:
        return (await session.ask(("Action", "Getvar"), ("Variable", expression)))[0].get("Value", "")
    except ActionRefused:
        return ""


async def ahead(session: Session) -> tuple[float | None, float]:
    """How many seconds the PBX's clock is ahead of ours (None: it does not say), and by how much that may be wrong."""

    async def ping() -> str:
        try:
            return (await session.ask(("Action", "Ping")))[0].get("Timestamp", "")
        except ActionRefused:
            return ""

    return await _compared(ping())


async def journal_ahead(session: Session, entry: str) -> float | None:
    """How many seconds the journal's clock is ahead of ours: ``entry`` is how the loaded dialplan writes an end.

    None when it has no time, or one that is not a single function.
    """
    function = _END.search(entry)
    return None if function is None else (await _compared(asked(session, function[1])))[0]


async def _compared(question: Awaitable[str]) -> tuple[float | None, float]:
    """How far the time that is answered is ahead of ours, with half of the time that the answer took as the doubt."""
    before = datetime.now(UTC)
    text = await question
    doubt = (datetime.now(UTC) - before).total_seconds() / 2
    there = stamp(text) or moment(text)
    return None if there is None else (there - before).total_seconds() - doubt, doubt


async def started_at(session: Session) -> datetime | None:
    """When the PBX was started, by its own clock; None when it does not say.

    CoreStatus tells the local time of the PBX's machine in whole seconds, so this is up to a second early. The offset
    from UTC is asked of the PBX itself: first the present one, then the one that held at the start, which differs if a
    change of summer time lies between.
    """
    try:
        status = (await session.ask(("Action", "CoreStatus")))[0]
        text = f"{status.get('CoreStartupDate', '')} {status.get('CoreStartupTime', '')}"
        local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        guess = local - await _offset(session, None)
        return local - await _offset(session, guess)
    except (ActionRefused, ValueError) as error:
        log.warning("the PBX does not say when it was started", action="ami.no_startup_time", error=str(error))
        return None


async def _offset(session: Session, at: datetime | None) -> timedelta:
    """The PBX's offset from UTC at a moment (None: now). Raises ``ValueError`` when the answer is not one."""
    epoch = "" if at is None else str(int(at.timestamp()))
    return datetime.strptime(await asked(session, f"STRFTIME({epoch},,%z)"), "%z").utcoffset() or timedelta()
