"""The audit: our records against call records that somebody else wrote. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dialer.audit.cdr import CdrCall
from dialer.audit.match import Matching, Seen, by_id, by_number, has_ids, reached_the_trunk
from dialer.audit.report import AuditReport, Finding, FindingKind
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.rules.disposition import CONSEQUENCES
from dialer.campaign.rules.rule import STANDARD_GAP
from dialer.campaign.views.wording import DISPOSITIONS
from dialer.language import N_

_ORIGINATED = "s"
"""The extension that our calls enter, which Asterisk takes for their number."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_ANSWER = {True: N_("answered", context="error"), False: N_("not answered", context="error")}
_ANSWERED = frozenset({Disposition.CONNECTED, Disposition.ABANDONED})


class By(StrEnum):
    """How records find their attempts."""

    AUTO = "auto"  # by id when a record carries one of ours, else by number and time
    ID = "id"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class AuditRule:
    """What must hold, and how exactly the two sides can be compared.

    ``gap`` and ``limit`` are those of the redial rule (``RedialRule.gap``, ``RedialRule.limit``). ``tolerance_s``: by
    how much the start of a call may differ between our records and theirs. ``grace_s``: by how much a gap may be
    shorter when measured on the other side, where signalling arrives a little later. Times that are cut to
    seconds get one second more of both. ``rewrite``: pairs (regular expression, replacement), applied in order to
    the record's number to bring it into our records' form. ``unanswered_logged``: False when the PBX does not
    write records of calls that nobody answered (cdr.conf ``unanswered = no``).
    """

    gap: timedelta = STANDARD_GAP
    limit: int = 5
    tolerance_s: float = 5.0
    grace_s: float = 0.5
    end_tolerance_s: float = 5.0
    rewrite: tuple[tuple[str, str], ...] = ()
    by: By = By.AUTO
    unanswered_logged: bool = True


def cannot_be_matched(placed: Sequence[Attempt], calls: Sequence[CdrCall], rule: AuditRule) -> bool:
    """Whether the file names no call in any way that our records know: neither by an id nor by a customer's number.

    Asterisk's Master.csv has ids only with ``loguniqueid``, and for a call that we originated its number is ``s``.
    """
    numbers = {attempt.number for attempt in placed}
    named = any(call.uniqueid or call.linkedid or _rewritten(call.dst, rule) in numbers for call in calls)
    return bool(placed) and not named and any(call.dst == _ORIGINATED for call in calls)


def audit(
    placed: Sequence[Attempt],
    calls: Sequence[CdrCall],
    rule: AuditRule = AuditRule(),
    window: tuple[datetime, datetime] | None = None,
) -> AuditReport:
    """Compare ``placed`` with ``calls``.

    With ``window`` = (since, until) only calls that began in it are judged. Then give our records and those of a
    little more than the window, so that a call near its edge has its counterpart and the call before.
    """
    single, findings = _without_doubles(calls, rule)
    by_ids = rule.by is By.ID or (rule.by is By.AUTO and has_ids(placed, single))
    matching = (
        by_id(placed, single)
        if by_ids
        else by_number(placed, single, rule.tolerance_s, lambda dst: _rewritten(dst, rule))
    )
    findings += _unmatched(matching, rule)
    findings += _spacing(matching.calls, rule)
    findings += _counted(placed, rule)
    remarks: list[Finding] = []
    for call in matching.calls:
        if call.attempt is not None:
            for finding in _disagreements(call, call.attempt, rule, by_ids=by_ids):
                (remarks if finding.kind in _REMARKS else findings).append(finding)
    if matching.others:
        remarks.append(Finding(FindingKind.OTHERS, f"{matching.others} record(s) carry no attempt's id: not looked at"))
    return AuditReport(
        findings=tuple(_judged(findings, window)),
        remarks=tuple(_judged(remarks, window)),
        attempts=sum(_inside(attempt.placed_at, window) for attempt in placed),
        calls=sum(_inside(call.start, window) for call in matching.calls),
        matched=sum(_inside(call.start, window) for call in matching.calls if call.attempt is not None),
    )


_REMARKS = frozenset({FindingKind.END_DIFFERS, FindingKind.UNDECIDED})


def _without_doubles(calls: Sequence[CdrCall], rule: AuditRule) -> tuple[list[CdrCall], list[Finding]]:
    """The records with each repetition taken out and named."""
    first: dict[CdrCall, CdrCall] = {}
    doubles = []
    for call in calls:
        content = replace(call, line=0)
        if content not in first:
            first[content] = call
        else:
            number, line = _rewritten(call.dst, rule), first[content].line
            said = Finding(FindingKind.DOUBLE, f"this record stands twice, first in line {line}", call.start, number)
            doubles.append(replace(said, line=call.line))
    return list(first.values()), doubles


def _unmatched(matching: Matching, rule: AuditRule) -> Iterator[Finding]:
    for call in matching.calls:
        if call.attempt is None:
            outcome = _ANSWER[call.answered]
            seconds = (call.end - call.start).total_seconds()
            yield _about(call, FindingKind.EXTRA, f"{outcome}, {seconds:.1f} s long, and is not in our records")
    for attempt in matching.unseen:
        if attempt.disposition is None or not reached_the_trunk(attempt):
            continue  # a call that is still up has no record yet
        if rule.unanswered_logged or attempt.disposition in _ANSWERED:
            outcome = DISPOSITIONS[attempt.disposition]
            yield _of(attempt, FindingKind.MISSING, f"{outcome} in our records, and nobody has a record of the call")


def _spacing(calls: Sequence[Seen], rule: AuditRule) -> Iterator[Finding]:
    """The gap to each number, and never two calls at once to a number or a customer, by the records' own times."""
    numbers: dict[str, list[Seen]] = defaultdict(list)
    customers: dict[str, list[Seen]] = defaultdict(list)
    for call in sorted(calls, key=lambda call: (call.start, call.line)):
        if call.number:
            numbers[call.number].append(call)
        if call.attempt is not None:
            customers[call.attempt.customer].append(call)
    told = set()
    for group in numbers.values():
        for before, call, grace in _successions(group, rule):
            apart = (call.start - before.end).total_seconds()
            start, end = f"{before.start:%H:%M:%S.%f}", f"{before.end:%H:%M:%S.%f}"
            if apart < -grace:
                told.add(call.line)
                yield _about(
                    call,
                    FindingKind.OVERLAP,
                    f"began {-apart:.3f} s before the end of the call that began at {start} and ended at {end} UTC",
                )
            elif apart < rule.gap.total_seconds() - grace:
                gap = rule.gap.total_seconds()
                yield _about(
                    call,
                    FindingKind.TOO_EARLY,
                    f"began {apart:.3f} s, not {gap:g} s, after the call that began at {start} and ended at {end} UTC",
                )
    for group in customers.values():
        for before, call, grace in _successions(group, rule):
            if (before.end - call.start).total_seconds() > grace and call.line not in told:
                yield _about(call, FindingKind.OVERLAP, f"the customer was still called on {before.number}")


def _successions(group: Sequence[Seen], rule: AuditRule) -> Iterator[tuple[Seen, Seen, float]]:
    """Each call with the one before it that ended last, and by how much a gap between the two may seem shorter."""
    last: Seen | None = None
    for call in group:
        if last is not None:
            yield last, call, rule.grace_s + (1.0 if call.whole_seconds or last.whole_seconds else 0.0)
        if last is None or call.end > last.end:
            last = call


def _counted(placed: Sequence[Attempt], rule: AuditRule) -> Iterator[Finding]:
    """The limit, counted by what each disposition says and not by what the records made of it.

    It holds for a visit and its round, and for a number and day.
    """
    counted: Counter[tuple[object, object]] = Counter()
    for attempt in sorted(placed, key=lambda attempt: (attempt.placed_at, attempt.id)):
        if attempt.disposition is None:
            continue
        counts = CONSEQUENCES[attempt.disposition].counts
        if counts != attempt.counts:
            does = N_("counts", context="error") if counts else N_("does not count", context="error")
            yield _of(
                attempt,
                FindingKind.CONTRADICTION,
                f"{attempt.disposition}, which {does}, and our records say otherwise",
            )
        if counts:
            keys: list[tuple[object, object]] = [(attempt.visit, attempt.round), (attempt.number, attempt.day)]
            counted.update(keys)
            number = max(counted[key] for key in keys)
            if number > rule.limit:
                yield _of(attempt, FindingKind.LIMIT, f"is counted attempt {number}; the rule allows {rule.limit}")


def _disagreements(call: Seen, attempt: Attempt, rule: AuditRule, *, by_ids: bool) -> Iterator[Finding]:
    if attempt.live or attempt.disposition is None:
        return
    claimed = attempt.disposition in _ANSWERED
    if attempt.disposition is Disposition.UNKNOWN:
        outcome = _ANSWER[call.answered]
        yield _about(call, FindingKind.UNDECIDED, f"unknown in our records; {outcome} on record")
    # Our own PBX writes of an abandoned call what became of the agent's leg, which nobody answered.
    elif claimed != call.answered and not (by_ids and attempt.disposition is Disposition.ABANDONED):
        ours, theirs = DISPOSITIONS[attempt.disposition], _ANSWER[call.answered]
        yield _about(call, FindingKind.CONTRADICTION, f"{ours} in our records, and was {theirs} on record")
    if by_ids and abs((call.start - attempt.placed_at).total_seconds()) > rule.tolerance_s + call.whole_seconds:
        yield _about(
            call,
            FindingKind.CONTRADICTION,
            f"placed at {attempt.placed_at:%H:%M:%S.%f} UTC in our records, "
            f"begun at {call.start:%H:%M:%S.%f} on record",
        )
    if attempt.ended_at is not None:
        later = (call.end - attempt.ended_at).total_seconds()
        if abs(later) > rule.end_tolerance_s + call.whole_seconds:
            ended, differs = abs(later), FindingKind.END_DIFFERS
            if later > 0:
                yield _about(call, differs, f"ended {ended:.1f} s later on record than in our records")
            else:
                yield _about(call, differs, f"ended {ended:.1f} s earlier on record than in our records")


def _about(call: Seen, kind: FindingKind, text: str) -> Finding:
    attempt = call.attempt
    if attempt is None:
        return Finding(kind, text, call.start, call.number, attempt=call.name, line=call.line)
    return Finding(kind, text, call.start, call.number, attempt.customer, attempt.id, attempt.visit, call.line)


def _of(attempt: Attempt, kind: FindingKind, text: str) -> Finding:
    return Finding(kind, text, attempt.placed_at, attempt.number, attempt.customer, attempt.id, attempt.visit)


def _rewritten(dst: str, rule: AuditRule) -> str:
    for pattern, replacement in rule.rewrite:
        dst = re.sub(pattern, replacement, dst)
    return dst


def _inside(at: datetime | None, window: tuple[datetime, datetime] | None) -> bool:
    return window is None or at is None or window[0] <= at < window[1]


def _judged(findings: Iterable[Finding], window: tuple[datetime, datetime] | None) -> list[Finding]:
    """Those inside the window, in the order of time."""
    inside = [finding for finding in findings if _inside(finding.at, window)]
    return sorted(inside, key=lambda finding: (finding.at or _NEVER, finding.kind))
