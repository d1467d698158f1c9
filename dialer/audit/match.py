"""Which record belongs to which attempt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialer import callid
from dialer.audit.cdr import CdrCall
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition

# The dst of an originated call is the dialplan's extension, as often as not `s`.
_NUMBER = re.compile(r"\+?[0-9*#]{2,}")

_OFTEN_UNSEEN = frozenset(
    {Disposition.OUR_FAULT, Disposition.CONGESTION, Disposition.CANCELLED, Disposition.UNKNOWN, None}
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A call as the records show it: one record, or all that one PBX wrote about one attempt.

    ``number`` is in our records' form, "" when it is not known. ``attempt`` is None when our records do not know the
    call; ``name`` is then the attempt's id that the record carries, if it does.
    """

    number: str
    start: datetime
    end: datetime
    answered: bool
    line: int
    whole_seconds: bool
    attempt: Attempt | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Matching:
    """Every call, with its attempt where there is one; the attempts without a call; how many records were others'."""

    calls: tuple[Seen, ...]
    unseen: tuple[Attempt, ...]
    others: int = 0


def reached_the_trunk(attempt: Attempt) -> bool:
    """Whether somebody on the other side must have seen the call.

    What failed on our own side, or was refused at the carrier's door, may or may not be on record.
    """
    evidence = attempt.evidence
    if evidence.ringing or evidence.progress or evidence.answered or evidence.connected:
        return True
    return attempt.disposition not in _OFTEN_UNSEEN


def latest_start(attempt: Attempt, tolerance_s: float) -> float:
    """By how many seconds after its placing the other side may see the call begin.

    An INVITE that nobody reacts to is repeated until it is given up (RFC 3261 17.1.1.2), and may arrive at last when
    a dead line comes back.
    """
    if not attempt.evidence.given_up_unheard or attempt.ended_at is None:
        return tolerance_s
    return max(tolerance_s, (attempt.ended_at - attempt.placed_at).total_seconds())


def has_ids(placed: Sequence[Attempt], records: Sequence[CdrCall]) -> bool:
    """Whether a PBX of ours wrote them: a record carries an attempt's id, or one of that form, or a test call's.

    So a file in which none of today's calls stands yet is not taken for a carrier's.
    """
    known = {attempt.id for attempt in placed}
    return any(_own_id(record, lambda name: name in known or callid.is_ours(name)) for record in records)


def by_id(placed: Sequence[Attempt], records: Sequence[CdrCall]) -> Matching:
    """Match the records of our own PBX. It writes several for a call: one for each leg and each bridge.

    Records without an attempt's id are other people's calls.
    """
    known = {attempt.id: attempt for attempt in placed}
    installations = {callid.installation_of(name) for name in known}

    def is_ours(name: str) -> bool:
        if name in known:
            return True
        if not callid.is_attempt(name):
            return False
        return not installations or callid.installation_of(name) in installations

    groups: dict[str, list[CdrCall]] = defaultdict(list)
    others = 0
    for record in records:
        name = _own_id(record, is_ours)
        if name:
            groups[name].append(record)
        else:
            others += 1
    calls = []
    for name, group in groups.items():
        attempt = known.get(name)
        first = min(group, key=lambda record: record.start)
        calls.append(
            Seen(
                attempt.number if attempt else first.dst if _NUMBER.fullmatch(first.dst) else "",
                first.start,
                max(record.end for record in group),
                any(record.answered for record in group),
                first.line,
                any(record.whole_seconds for record in group),
                attempt,
                name,
            )
        )
    unseen = [attempt for attempt in placed if attempt.id not in groups]
    return Matching(tuple(calls), tuple(unseen), others)


def by_number(
    placed: Sequence[Attempt], records: Sequence[CdrCall], tolerance_s: float, number_of: Callable[[str], str]
) -> Matching:
    """Match the records of somebody else, who knows numbers and times only.

    For each number, attempts and calls are paired in the order of time so that as few as possible stay alone, and
    then so that the times differ least; a pair's times differ by no more than ``tolerance_s``.
    """
    attempts: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in sorted(placed, key=lambda attempt: (attempt.placed_at, attempt.id)):
        attempts[attempt.number].append(attempt)
    seen: dict[str, list[Seen]] = defaultdict(list)
    for record in sorted(records, key=lambda record: (record.start, record.line)):
        number = number_of(record.dst)
        seen[number].append(Seen(number, record.start, record.end, record.answered, record.line, record.whole_seconds))
    calls: list[Seen] = []
    unseen: list[Attempt] = []
    for number in sorted(attempts.keys() | seen.keys()):
        matched, alone = _pair(attempts[number], seen[number], tolerance_s)
        calls += matched
        unseen += alone
    return Matching(tuple(calls), tuple(unseen))


Cost = tuple[int, float]  # how many stay alone, seconds by which the pairs differ


def _pair(attempts: list[Attempt], calls: list[Seen], tolerance_s: float) -> tuple[list[Seen], list[Attempt]]:
    """The best pairing that keeps the order of time, by dynamic programming over both lists' beginnings."""
    need = [int(reached_the_trunk(attempt)) for attempt in attempts]
    # best[i][j]: the first i attempts and the first j calls.
    best: list[list[Cost]] = [[(j, 0.0) for j in range(len(calls) + 1)]]
    for i, attempt in enumerate(attempts):
        row: list[Cost] = [(best[i][0][0] + need[i], 0.0)]
        for j, call in enumerate(calls):
            options = [
                (best[i][j + 1][0] + need[i], best[i][j + 1][1]),
                (row[j][0] + 1, row[j][1]),
            ]
            apart = _apart(attempt, call)
            if _fits(attempt, call, tolerance_s):
                options.append((best[i][j][0], best[i][j][1] + apart))
            row.append(min(options))
        best.append(row)
    matched: list[Seen] = []
    alone: list[Attempt] = []
    i, j = len(attempts), len(calls)
    while i or j:
        here = best[i][j]
        if i and j and _fits(attempts[i - 1], calls[j - 1], tolerance_s):
            before = best[i - 1][j - 1]
            if here == (before[0], before[1] + _apart(attempts[i - 1], calls[j - 1])):
                i, j = i - 1, j - 1
                matched.append(replace(calls[j], attempt=attempts[i]))
                continue
        if i and here == (best[i - 1][j][0] + need[i - 1], best[i - 1][j][1]):
            i -= 1
            alone.append(attempts[i])
        else:
            j -= 1
            matched.append(calls[j])
    return matched[::-1], alone[::-1]


def _apart(attempt: Attempt, call: Seen) -> float:
    return abs((call.start - attempt.placed_at).total_seconds())


def _fits(attempt: Attempt, call: Seen, tolerance_s: float) -> bool:
    whole = 1.0 if call.whole_seconds else 0.0
    later = (call.start - attempt.placed_at).total_seconds()
    return -tolerance_s - whole <= later <= latest_start(attempt, tolerance_s) + whole


def _own_id(record: CdrCall, is_ours: Callable[[str], bool]) -> str:
    """The attempt's id that a record carries, or ""."""
    names = (callid.whole(name) for name in (record.uniqueid, record.linkedid))
    return next((name for name in names if name and is_ours(name)), "")
