"""What happened to a visit, by time: its history, what the PBX said, the beginning and the end of each call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dialer.campaign.messages import CallEvent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.views.lookup import VisitDetail


class Kind(StrEnum):
    """Where a line comes from."""

    HISTORY = "history"
    CALL = "call"
    PLACED = "placed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``what`` is the word of the history, or the sign of the PBX; ``details`` leave out what is not known.

    ``attempt`` names the call that it is about, ``call`` is that call, when the visit has it.
    """

    at: datetime
    kind: Kind
    what: str = ""
    attempt: str | None = None
    call: Attempt | None = None
    agent: str | None = None
    by: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def timeline(detail: VisitDetail) -> list[Line]:
    """Everything that is known to have happened."""
    return sorted(_lines(detail), key=lambda line: line.at)


def _lines(detail: VisitDetail) -> Iterator[Line]:
    calls: Mapping[str | None, Attempt] = {attempt.id: attempt for attempt in detail.attempts}
    for e in detail.history:
        yield Line(e.at, Kind.HISTORY, e.what, e.attempt, calls.get(e.attempt), e.agent, e.by, e.details)
    for sign in detail.calls:
        yield Line(sign.at, Kind.CALL, sign.progress, sign.attempt, calls.get(sign.attempt), details=signals(sign))
    for call in detail.attempts:
        yield Line(call.placed_at, Kind.PLACED, attempt=call.id, call=call, agent=call.agent)
        if call.ended_at is not None:
            known = _known({**asdict(call.evidence), "hung_up_by": call.hung_up_by})
            yield Line(call.ended_at, Kind.ENDED, attempt=call.id, call=call, details=known)


def signals(sign: CallEvent) -> dict[str, Any]:
    """What the PBX said of a call with this sign."""
    return _known({name: getattr(sign, name) for name in ("cause", "sip", "status", "reason", "text")})


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "") and value is not False}
