"""The ten invariants of the design, checked over our books and the carrier's own call records.

Each function returns a line for every violation; an empty list is the proof. Number 7 (recordings)
is checked where recordings exist, number 9 by checking all of this after faults.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from dialer.campaign.changes import Entry, NoticeDue, NoticeKind
from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import Result, Visit, VisitState, WithdrawnBy
from tests.virtual.phones import Outage
from tests.virtual.simulated import CallRecord

_NOTICE_OF = {
    VisitState.UNREACHED: NoticeKind.UNREACHED,
    VisitState.INVALID_NUMBER: NoticeKind.INVALID_NUMBER,
    VisitState.OUT_OF_TIME: NoticeKind.OUT_OF_TIME,
}


def violations(
    config: CampaignConfig,
    visits: Mapping[int, Visit],
    attempts: Sequence[Attempt],
    notices: Iterable[NoticeDue],
    records: Sequence[CallRecord],
    history: Iterable[Entry],
    *,
    finished: bool,
    in_order: bool = True,
    calendar: Mapping[date, tuple[bool, str]] | None = None,
) -> list[str]:
    """Every violation of every invariant. ``finished`` says that the day is over: nobody may be left waiting.

    ``in_order`` is False for days on which lists were changed, so that order cannot be judged afterwards.
    ``calendar`` are the days that are not as the week says.
    """
    notices = list(notices)
    by_id = {a.id: a for a in attempts}
    found = [
        *counted_within_limit(config, attempts),
        *gaps_kept(config, attempts, records),
        *never_two_at_once(by_id, records),
        *within_hours(config, records, calendar or {}),
        *never_called_when_over(history),
        *one_call_for_each_agent(by_id, records),
        *committed_before_leaving(by_id, records),
        *noticed_exactly_once(visits, notices),
        *nothing_told_that_is_not_so(visits, notices),
        *books_agree(by_id, records),
        *counts_add_up(visits, attempts),
    ]
    if in_order:
        found += visit_order_kept(config, visits, attempts)
    if finished:
        found += [f"forgotten: visit {v.id} of {v.customer} is {v.state}" for v in visits.values() if v.open]
        found += [f"attempt {a.id} never ended" for a in attempts if a.ended_at is None]
    return found


def counted_within_limit(config: CampaignConfig, attempts: Sequence[Attempt]) -> list[str]:
    """1: at most N counted attempts a visit (and round, see ``Visit.round``), and a number and day."""
    counted = Counter((a.visit, a.round) for a in attempts if a.counts)
    to_number = Counter((a.number, a.day) for a in attempts if a.counts)
    for_several = Counter((number, day) for number, day, *_ in {(a.number, a.day, a.visit, a.round) for a in attempts})
    limit = config.rule.limit
    return [f"visit {v} round {r} has {n} counted attempts" for (v, r), n in counted.items() if n > limit] + [
        f"{key[0]} has {n} counted attempts on {key[1]}"
        for key, n in to_number.items()
        if n > limit and for_several[key] > 1
    ]


def gaps_kept(config: CampaignConfig, attempts: Sequence[Attempt], records: Sequence[CallRecord]) -> list[str]:
    """2: at least the gap from the end of a call to the start of the next to the same number."""
    number = {a.id: a.number for a in attempts}
    calls: dict[str, list[CallRecord]] = defaultdict(list)
    for record in records:
        calls[number.get(record.attempt, record.channel)].append(record)
    return [
        f"{n}: {later.attempt} started {(later.start - earlier.end).total_seconds():.1f} s after {earlier.attempt}"
        for n, of_number in calls.items()
        for earlier, later in pairwise(sorted(of_number, key=lambda r: r.start))
        if earlier.end is not None and later.start - earlier.end < config.rule.gap
    ]


def never_two_at_once(by_id: Mapping[str, Attempt], records: Sequence[CallRecord]) -> list[str]:
    """3: never two calls at once to one number or one customer."""

    def number(record: CallRecord) -> str:
        return by_id[record.attempt].number if record.attempt in by_id else record.channel

    def customer(record: CallRecord) -> str:
        return by_id[record.attempt].customer if record.attempt in by_id else record.channel

    return _overlaps("number", records, number) + _overlaps("customer", records, customer)


def one_call_for_each_agent(by_id: Mapping[str, Attempt], records: Sequence[CallRecord]) -> list[str]:
    """5: never more calls than free agents; each call is placed for one agent, who has no other.

    A call whose agent's phone was not answered still plays its announcement while the agent is free again; one
    that the PBX dropped by dying rings on for nobody. One that the agent has transferred goes on without them.
    """
    records = [replace(r, end=r.crashed) if r.crashed else r for r in records]
    moved = {a.id: a.transferred_at for a in by_id.values() if a.transferred_at}
    records = [replace(r, end=moved[r.attempt]) if r.attempt in moved else r for r in records]
    held = [r for r in records if not (r.attempt in by_id and by_id[r.attempt].evidence.agent_missed)]
    return _overlaps("agent", held, lambda r: by_id[r.attempt].agent if r.attempt in by_id else r.agent)


def called_for_phones_that_could(
    attempts: Iterable[Attempt], outages: Sequence[Outage], known_after: timedelta
) -> list[str]:
    """5: no customer is dialled for an agent whose phone has been known for so long to be unable."""
    return [
        f"{a.id} was placed at {a.placed_at} for {outage.device}, which could not take it since {outage.since}"
        for a in attempts
        for outage in outages
        if outage.device == f"PJSIP/{a.agent}"
        and outage.since + known_after < a.placed_at
        and (outage.until is None or a.placed_at < outage.until)
    ]


def _overlaps(what: str, records: Sequence[CallRecord], key: Callable[[CallRecord], str]) -> list[str]:
    calls: dict[str, list[CallRecord]] = defaultdict(list)
    for record in records:
        calls[key(record)].append(record)
    return [
        f"{what} {k}: {earlier.attempt} and {later.attempt} at once"
        for k, group in calls.items()
        for earlier, later in pairwise(sorted(group, key=lambda r: r.start))
        if earlier.end is None or earlier.end > later.start
    ]


def within_hours(
    config: CampaignConfig, records: Sequence[CallRecord], calendar: Mapping[date, tuple[bool, str]]
) -> list[str]:
    """4: no call outside calling hours or on a day off."""
    hours = config.hours
    return [
        f"{r.attempt} started outside calling hours at {r.start}"
        for r in records
        if not hours.on(day := hours.day_of(r.start), calendar.get(day)).open(r.start)
    ]


def never_called_when_over(history: Iterable[Entry]) -> list[str]:
    """4: no call to a visit that is reached, withdrawn or finished, as our own history tells it.

    What brings a visit back: a promise, a corrected number, an amended list. Who was withdrawn is brought back by a
    list, when a list took them off, or by a person who says so.
    """
    over: dict[int, str] = {}
    off: dict[int, object] = {}
    result: dict[int, object] = {}
    corrected: set[int] = set()
    found = []
    for entry in history:
        visit = entry.visit
        if visit is None:
            continue
        match entry.what:
            case "visit.withdrawn":
                off[visit] = entry.details.get("source")
            case "visit.updated" if off.get(visit) == WithdrawnBy.LIST:
                del off[visit]
            case "visit.put_back":
                off.pop(visit, None)
        match entry.what:
            case "attempt.placed":
                if visit in over or visit in off:
                    why = "visit.withdrawn" if visit in off else over[visit]
                    found.append(f"{entry.attempt} was placed after {why} of visit {visit}")
                result.pop(visit, None)
                corrected.discard(visit)
            case "attempt.ended":
                if entry.details["disposition"] == Disposition.CONNECTED:
                    over.setdefault(visit, "visit.reached")
            case "visit.by_hand":
                result[visit] = entry.details["result"]
                still_wrong = over.get(visit) == "notice.invalid_number" and result[visit] in ("", Result.WRONG_NUMBER)
                over[visit] = over[visit] if still_wrong else entry.what
            case "notice.unreached" | "notice.invalid_number" | "notice.out_of_time":
                over[visit] = entry.what
            case "visit.updated" | "visit.promised" if over.get(visit) != "visit.by_hand":
                over.pop(visit, None)
            case "visit.number":
                corrected.add(visit)
                wrong = over.get(visit) == "visit.by_hand" and result.get(visit) == Result.WRONG_NUMBER
                if wrong or over.get(visit) in ("notice.unreached", "notice.invalid_number"):
                    del over[visit]
            case "visit.result" if entry.details.get("newest", True):
                result[visit] = entry.details["result"]
            case _:
                continue
        wrong = result.get(visit) == Result.WRONG_NUMBER and visit in corrected
        if over.get(visit) == "visit.reached" and (wrong or result.get(visit) == Result.LATER):
            del over[visit]
    return found


def committed_before_leaving(by_id: Mapping[str, Attempt], records: Sequence[CallRecord]) -> list[str]:
    """6: an Originate leaves at most once, and only with its attempt already committed."""
    calls = Counter(r.attempt for r in records)
    found = [f"{a} was called {n} times" for a, n in calls.items() if n > 1]
    return found + [f"{a} was called and is not in the books" for a in calls if a not in by_id]


def noticed_exactly_once(visits: Mapping[int, Visit], notices: Iterable[NoticeDue]) -> list[str]:
    """8: every unreached (invalid, late) visit has exactly one notice in its present round."""
    told = Counter((n.visit, n.kind) for n in notices if n.visit is not None and n.key.endswith(_round(visits, n)))
    found = []
    for visit in visits.values():
        kind = _NOTICE_OF.get(visit.state)
        if kind is not None and told[visit.id, kind] != 1:
            found.append(f"visit {visit.id} is {visit.state} and has {told[visit.id, kind]} notices")
    return found


def nothing_told_that_is_not_so(visits: Mapping[int, Visit], notices: Iterable[NoticeDue]) -> list[str]:
    """8: nobody is told of a customer in the present round what the visit is not."""
    return [
        f"visit {n.visit} was told as {n.kind} and is {visits[n.visit].state}"
        for n in notices
        if n.visit is not None
        and n.kind in _NOTICE_OF.values()
        and n.key.endswith(_round(visits, n))
        and _NOTICE_OF.get(visits[n.visit].state) is not n.kind
    ]


def counts_add_up(visits: Mapping[int, Visit], attempts: Sequence[Attempt]) -> list[str]:
    """1: what a visit has counted is what its attempts count."""
    counted = Counter((a.visit, a.round) for a in attempts if a.counts)
    return [
        f"visit {v.id} counts {v.counted}, its attempts {counted[v.id, v.round]}"
        for v in visits.values()
        if v.counted != counted[v.id, v.round]
    ]


def _round(visits: Mapping[int, Visit], notice: NoticeDue) -> str:
    visit = visits.get(notice.visit or -1)
    return f"-{visit.round}" if visit else ""


def books_agree(by_id: Mapping[str, Attempt], records: Sequence[CallRecord]) -> list[str]:
    """The books and the carrier agree on who was called, and whether they answered."""
    called = {r.attempt for r in records}
    mild = (Disposition.UNKNOWN, Disposition.OUR_FAULT, Disposition.CANCELLED)
    found = [
        f"{a.id} is {a.disposition} in the books and was never called"
        for a in by_id.values()
        if a.id not in called and a.disposition not in (None, *mild)
    ]
    for record in records:
        attempt = by_id.get(record.attempt)
        if attempt is not None and attempt.evidence.refused:
            found.append(f"{attempt.id} never left by the books, and the carrier had it")
        if attempt is None or attempt.disposition in (None, Disposition.UNKNOWN):
            continue
        talked = attempt.disposition is Disposition.CONNECTED
        if talked and record.connect is None:
            found.append(f"{attempt.id} is connected in the books, not with the carrier")
        answered = attempt.disposition in (Disposition.CONNECTED, Disposition.ABANDONED)
        if answered is not (record.answer is not None):
            found.append(f"{attempt.id} is {attempt.disposition}, the carrier says answered: {record.answer}")
    return found


def visit_order_kept(config: CampaignConfig, visits: Mapping[int, Visit], attempts: Sequence[Attempt]) -> list[str]:
    """10: customers of one line are first called in visit order, but for those whose number was taken."""
    lines: dict[tuple[str | None, str | None], list[Attempt]] = defaultdict(list)
    taken: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda a: (a.placed_at, visits[a.visit].order)):
        taken[attempt.number].append((attempt.placed_at, attempt.ended_at))
        visit = visits[attempt.visit]
        if attempt.seq == 1:
            lines[visit.agent, visit.team].append(attempt)
    found = []
    for firsts in lines.values():
        for i, early in enumerate(firsts):
            for late in firsts[i + 1 :]:
                ahead, behind = visits[late.visit], visits[early.visit]
                if ahead.order >= behind.order or late.placed_at == early.placed_at:
                    continue
                at = early.placed_at
                blocked = any(s <= at and (e is None or at < e + config.rule.gap) for s, e in taken[late.number])
                if not blocked:
                    found.append(f"visit {behind.id} (order {behind.order}) was called before {ahead.id}")
    return found
