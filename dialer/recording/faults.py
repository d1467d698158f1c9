"""What can be wrong with a recording. Pure rules over what was measured and what the records say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.recording.folder import Part
from dialer.recording.meter import QUIET_DBFS, Facts, Span


class Fault(StrEnum):
    """Stable words; in a row they may be followed by a colon and details: ``too_short: 12.0 s of 33.2 s``."""

    NO_FILE = "no_file"  # the call was connected, and no file came
    EMPTY = "empty"
    UNREADABLE = "unreadable"  # kept as it came
    CUT_SHORT = "cut_short"  # the PBX never finished the file
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    SILENT = "silent"
    AGENT_SILENT = "agent_silent"
    CUSTOMER_SILENT = "customer_silent"
    AGENT_LOST = "agent_lost"  # nothing of that side in these seconds: ``agent_lost: 12–95 s, 120–131 s``
    CUSTOMER_LOST = "customer_lost"
    AGENT_GAPS = "agent_gaps"  # the same, for moments
    CUSTOMER_GAPS = "customer_gaps"
    HALF_SOUND = "half_sound"  # a wideband leg: every other packet is missing, the rest at half the pitch
    LENGTH_UNCHECKED = "length_unchecked"  # the call had not ended in the records when the file was taken in
    HEADER_REPAIRED = "header_repaired"  # the header did not fit the file


NOTES = frozenset({Fault.LENGTH_UNCHECKED, Fault.HEADER_REPAIRED, Fault.AGENT_GAPS, Fault.CUSTOMER_GAPS})
"""Worth writing down, but no reason to call the recording faulty."""

_TOLERANCE_S, _TOLERANCE_SHARE = 3.0, 0.02
"""By so much, and this share of it besides, the audio may differ from the call's length."""
_LOST_S, _LOST_AT_THE_END_S = 10.0, 3.0
"""A side that is not there for so long is lost; what is shorter are gaps, as a phone that sends no silence makes."""
_SHORTEST_S = 1.0
_MOST_SPANS = 10
_PICKED_UP_S = 1.0
"""So long after the connection the agent's sound may begin."""
_HALF_SOUND_JUMPS = 10.0
"""MixMonitor's option D takes 160 of the 320 samples in 20 ms of a wideband leg and drops the others, so that the sound
jumps from packet to packet (speech over G.722 on Asterisk 22: 31 to 1900; narrowband: 0.6 to 0.8)."""


def missing(attempt: str, reason: str, now: datetime) -> Recording:
    """The row of a conversation that has no recording."""
    return Recording(attempt, RecordingState.MISSING, now, channels=0, faults=(f"{Fault.NO_FILE}: {reason}",))


def kind(fault: str) -> str:
    """The stable word of a fault as it stands in a row."""
    return fault.partition(":")[0]


def has(faults: Iterable[str], fault: Fault) -> bool:
    """Whether ``fault`` is among the faults of a row."""
    return any(kind(text) == fault for text in faults)


def state_of(faults: Iterable[str]) -> RecordingState:
    """FAULTY when there is more than notes."""
    return RecordingState.FAULTY if any(kind(text) not in NOTES for text in faults) else RecordingState.KEPT


def length_faults(duration_s: float, attempt: Attempt) -> tuple[str, ...]:
    """Compare the audio with the call: recording starts at the answer and ends with the call.

    Up to half a second is missing at the end of a MixMonitor file (measured), which the tolerance covers.
    """
    if attempt.state is not AttemptState.ENDED or attempt.ended_at is None:
        return (Fault.LENGTH_UNCHECKED,)
    began = attempt.answered_at or attempt.connected_at
    if began is None:
        return ()
    call_s = (attempt.ended_at - began).total_seconds()
    allowed_s = _TOLERANCE_S + _TOLERANCE_SHARE * call_s
    if abs(duration_s - call_s) <= allowed_s:
        return ()
    fault = Fault.TOO_SHORT if duration_s < call_s else Fault.TOO_LONG
    return (f"{fault}: {duration_s:.1f} s of {call_s:.1f} s",)


def with_length(recording: Recording, attempt: Attempt) -> Recording:
    """A recording that was taken in before its call had ended, with its length checked now."""
    others = tuple(text for text in recording.faults if kind(text) != Fault.LENGTH_UNCHECKED)
    faults = others + length_faults(recording.duration_s, attempt)
    return replace(recording, faults=faults, state=state_of(faults))


def sound_faults(facts: Facts, attempt: Attempt) -> tuple[str, ...]:
    """Empty, silent, one-sided. Only a connected call must have sound from both sides.

    ``facts`` are those of the library's file: agent left, customer right.
    """
    if facts.frames == 0:
        return (Fault.EMPTY,)
    silent = [level < QUIET_DBFS for level in facts.loudest]
    if not attempt.talked:
        return ()
    if all(silent):
        return (Fault.SILENT,)
    if facts.channels != 2:
        return ()
    found = [str(Fault.HALF_SOUND)] if max(facts.jumps) > _HALF_SOUND_JUMPS else []
    for side, ((all_along, lost, gaps), since_s) in enumerate(zip(_ABSENT, (_heard_at(attempt), 0.0), strict=True)):
        if silent[side]:
            found.append(all_along)
            continue
        spans = [span for span in _after(facts.silences[side], since_s) if span.length_s >= _SHORTEST_S]
        if spans:
            at_the_end = facts.duration_s - spans[-1].until_s < _SHORTEST_S
            long = any(span.length_s >= _LOST_S for span in spans)
            long |= at_the_end and spans[-1].length_s >= _LOST_AT_THE_END_S
            found.append(f"{lost if long else gaps}: {_seconds(spans)}")
    return tuple(found)


_ABSENT = (
    (Fault.AGENT_SILENT, Fault.AGENT_LOST, Fault.AGENT_GAPS),
    (Fault.CUSTOMER_SILENT, Fault.CUSTOMER_LOST, Fault.CUSTOMER_GAPS),
)
"""By side, in the library's order: all along, for long, for moments."""


def _heard_at(attempt: Attempt) -> float:
    """Seconds from the start of the recording from which on the agent should be heard."""
    began, connected = attempt.answered_at or attempt.connected_at, attempt.connected_at
    return (connected - began).total_seconds() + _PICKED_UP_S if began and connected else math.inf


def _after(spans: Iterable[Span], since_s: float) -> list[Span]:
    """What of the spans lies after that moment; infinity: when nobody knows it, all but a span at the start."""
    if since_s == math.inf:
        return [span for span in spans if span.since_s > 0]
    return [Span(max(span.since_s, since_s), span.until_s) for span in spans if span.until_s > since_s]


def _seconds(spans: Sequence[Span]) -> str:
    """In whole seconds, for people and for the database: ``12–95 s, 120–131 s``."""
    shown = [f"{math.floor(span.since_s)}–{math.ceil(span.until_s)} s" for span in spans[:_MOST_SPANS]]
    return ", ".join([*shown, "…"] if len(spans) > _MOST_SPANS else shown)


def describe(part: Part, attempt: Attempt, now: datetime, *, cut_short: bool) -> Recording:
    """The row of a file that has been prepared."""
    found = [str(Fault.CUT_SHORT)] if cut_short else []
    facts = part.facts
    if facts is None:
        found.append(f"{Fault.UNREADABLE}: {part.problem}")
    else:
        found.extend(sound_faults(facts, attempt))
        if facts.frames:
            found.extend(length_faults(facts.duration_s, attempt))
        if facts.repaired:
            found.append(Fault.HEADER_REPAIRED)
    agent, customer = facts.levels if facts and facts.channels == 2 else (None, None)
    return Recording(
        attempt.id,
        state_of(found),
        now,
        path=part.place,
        size=part.size,
        duration_s=facts.duration_s if facts else 0.0,
        sha256=part.sha256,
        channels=facts.channels if facts else 0,
        levels=(agent, customer),
        faults=tuple(map(str, found)),
    )
