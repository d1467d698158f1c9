"""Every invariant after a virtual day, each under its name, from the books and from the carrier's call records."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dialer.campaign.model.attempt import Attempt
from tests.faults.report import Violation
from tests.faults.virtual.day import FaultyDay
from tests.faults.virtual.pbx import UNNOTICED_S
from tests.faults.virtual.plan import Plan
from tests.virtual import invariants
from tests.virtual.simulated import CallRecord

AT_MOST_N = "1: at most N counted attempts a visit"
GAP = "2: at least G between two calls to a number"
ONE_CALL = "3: never two calls at once to a number or a customer"
HOURS = "4: no call outside the hours, or to a visit that is over"
AGENTS = "5: never more calls than free agents"
PHONES = "5: nobody is called for a phone that is known to be unable"
WRITE_AHEAD = "6: an Originate leaves once, and only when it is committed"
RECORDINGS = "7: every conversation awaits its recording"
NOTICES = "8: every unreached visit has exactly one notice"
AGREE = "9: no fault breaks the books"
ORDER = "10: customers are first called in visit order"
FORGOTTEN = "liveness: nobody is forgotten"

_KNOWN_AFTER = timedelta(seconds=UNNOTICED_S + 2)
"""How long the news of a phone may take: over a link that is silent it never comes, and that is noticed."""


def violations(day: FaultyDay, plan: Plan) -> list[Violation]:
    """What did not hold on a day that is over."""
    memory, records = day.books.memory, day.link.records
    visits, attempts = memory.visits, list(memory.attempts.values())
    by_id = {attempt.id: attempt for attempt in attempts}
    notices = list(memory.notices.values())
    found = {
        AT_MOST_N: [
            *invariants.counted_within_limit(plan.config, attempts),
            *invariants.counts_add_up(visits, attempts),
        ],
        GAP: invariants.gaps_kept(plan.config, attempts, records),
        ONE_CALL: invariants.never_two_at_once(by_id, records),
        HOURS: [
            *invariants.within_hours(plan.config, [_as_placed(day, by_id, each) for each in records], {}),
            *invariants.never_called_when_over(memory.history),
        ],
        AGENTS: invariants.one_call_for_each_agent(by_id, records),
        PHONES: []
        if day.skews
        else invariants.called_for_phones_that_could(attempts, day.link.phones.outages, _KNOWN_AFTER),
        WRITE_AHEAD: invariants.committed_before_leaving(by_id, records),
        NOTICES: [
            *invariants.noticed_exactly_once(visits, notices),
            *invariants.nothing_told_that_is_not_so(visits, notices),
        ],
        AGREE: invariants.books_agree(by_id, records),
        FORGOTTEN: [
            *(f"visit {v.id} of {v.customer} is {v.state} when all is over" for v in visits.values() if v.open),
            *(f"attempt {a.id} never ended" for a in attempts if a.ended_at is None),
        ],
    }
    if not plan.busy and not day.skews and plan.shape.days == 1:
        learnt = [replace(each, ended_at=day.books.learnt.get(each.id)) for each in attempts]
        found[ORDER] = invariants.visit_order_kept(plan.config, visits, learnt)
    return [*(Violation(name, what) for name, each in found.items() for what in each), *day.waited]


def recordings_awaited(path: Path, attempts: list[Attempt]) -> list[Violation]:
    """On days with a database: a row for each conversation whose recording is to be taken in, and no other."""
    with closing(sqlite3.connect(path)) as books:
        awaited = [str(name) for (name,) in books.execute("SELECT attempt FROM recordings_due")]
    talks = {attempt.id for attempt in attempts if attempt.connected_at is not None and not attempt.live}
    found = [f"no recording is awaited of conversation {name}" for name in sorted(talks - set(awaited))]
    found += [f"a recording is awaited of {name}, which was no conversation" for name in sorted(set(awaited) - talks)]
    return [Violation(RECORDINGS, what) for what in found]


def _as_placed(day: FaultyDay, by_id: dict[str, Attempt], record: CallRecord) -> CallRecord:
    """The record with the start that the dialer's clock showed.

    An Originate that a stopped PBX read late counts as placed when it was sent: nobody could call it back.
    """
    attempt = by_id.get(record.attempt)
    late = attempt is not None and record.attempt in day.link.late
    return replace(record, start=attempt.placed_at if attempt and late else day.shown(record.start))
