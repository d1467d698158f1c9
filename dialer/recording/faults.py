"""What can be wrong with a recording. Pure rules over what was measured and what the records say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.recording.audio import Facts
from dialer.recording.folder import Part


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
    LENGTH_UNCHECKED = "length_unchecked"  # the call had not ended in the records when the file was taken in
    HEADER_REPAIRED = "header_repaired"  # the header did not fit the file


NOTES = frozenset({Fault.LENGTH_UNCHECKED, Fault.HEADER_REPAIRED})
"""Worth writing down, but no reason to call the recording faulty."""

_TOLERANCE_S, _TOLERANCE_SHARE = 3.0, 0.02
"""By so much, and this share of it besides, the audio may differ from the call's length."""
_SILENCE_DBFS = -50.0
"""A side is silent when no fifth of a second is louder."""


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
    silent = [level < _SILENCE_DBFS for level in facts.loudest]
    if not attempt.talked:
        return ()
    if all(silent):
        return (Fault.SILENT,)
    if facts.channels == 2 and any(silent):
        return (Fault.AGENT_SILENT if silent[0] else Fault.CUSTOMER_SILENT,)
    return ()


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
