"""Visit lists: making the day's list look like the file, without touching what has been called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from dialer.campaign.calls.closing import give_up_if_spent
from dialer.campaign.commands.import_report import ImportReport, WithdrawsMany
from dialer.campaign.commands.visits import withdraw
from dialer.campaign.day_list import Day
from dialer.campaign.messages import ImportList, Withdraw
from dialer.campaign.model.customer import ListRow, digest
from dialer.campaign.model.visit import NOT_ON_LIST, Visit, VisitEvent, VisitState, WithdrawnBy
from dialer.campaign.state import State
from dialer.errors import BadInput, Conflict, ListRefused, RowProblem

LIST_AHEAD = timedelta(days=366)
"""So far ahead may a list be; what is further is a slip."""

_LARGE_PART = 5
"""One in so many of a list may be withdrawn without a question."""

_CALLED_IN_VAIN = (VisitState.UNREACHED, VisitState.INVALID_NUMBER)


def import_list(state: State, command: ImportList, digests: Mapping[int, str], now: datetime) -> ImportReport:
    """Add, update and withdraw. ``digests`` are those of the stored customer data by visit id.

    Raises :class:`ListRefused` naming every row that names an unknown agent or a customer of another list, unless
    ``skip_bad``; then those rows are left out. Raises :class:`WithdrawsMany` unless that was confirmed.
    """
    if command.day - state.config.hours.day_of(now) > LIST_AHEAD:
        raise BadInput(f"{command.day} is more than {LIST_AHEAD.days} days ahead; check the date of the list")
    day = state.days.get(command.day)
    if day is None or day.hours.over(now):
        raise Conflict(f"the day {command.day} is over; import the list for a day to come (--date)")
    name = command.visits.name
    problems = [p for row in command.visits.rows for p in _problems(state, day, name, row)]
    if problems and not command.skip_bad:
        raise ListRefused(f"{len(problems)} rows of the list do not fit; nothing was imported", tuple(problems))
    bad = {p.row for p in problems}
    rows = [row for row in command.visits.rows if row.row not in bad]
    report = ImportReport(skipped=command.visits.skipped + len(bad), preview=command.preview)
    gone = _gone(state, day, command, {row.customer.code for row in rows}, report)
    for row in rows:
        _take(state, command, row, digests, report, now)
    if not command.preview:
        for visit in gone:
            off = Withdraw(by=command.by, visit=visit.id, reason=NOT_ON_LIST, source=WithdrawnBy.LIST)
            withdraw(state, off, now)
        for row in rows:
            give_up_if_spent(state, day.visits[day.by_customer[row.customer.code]], now)
    report.doubtful = [row.customer.code for row in rows if row.doubtful]
    _flag_shared(state, day, rows, report, preview=command.preview)
    if not command.preview:
        day.departments = day.departments | {row.customer.department for row in rows if row.customer.department}
        state.out.note(
            now, "list.imported", by=command.by, list=name, date=command.day.isoformat(),
            added=len(report.added), updated=len(report.updated), withdrawn=len(report.withdrawn),
        )  # fmt: skip
    return report


def _gone(state: State, day: Day, command: ImportList, listed: set[str], report: ImportReport) -> list[Visit]:
    """The visits that are not on the list any more, but for customers who were reached: that goes on to its result."""
    unread = command.visits.unread | {row.customer.code for row in command.visits.rows}
    mine = [
        v for v in day.visits.values() if v.list_name == command.visits.name and v.state is not VisitState.WITHDRAWN
    ]
    gone = []
    for visit in mine:
        attempt = state.attempts.get(visit.attempt or "")
        if visit.customer in listed:
            continue
        stays = visit.put_back or visit.customer in unread or "" in unread
        if not visit.open or (attempt is not None and attempt.evidence.connected):
            report.kept.append(visit.customer)
            if visit.state in _CALLED_IN_VAIN and visit.withdrawn_by is None and not stays:
                gone.append(visit)
        elif stays:
            report.stayed.append(visit.customer)
        else:
            gone.append(visit)
            report.withdrawn.append(visit.customer)
    count = len(report.withdrawn)
    if count * _LARGE_PART > len(mine) and count > command.withdraw and not command.preview:
        raise WithdrawsMany(
            f"the list would withdraw {count} of {len(mine)} customers; confirm that number, or correct the list", count
        )
    return gone


def _put_back(state: State, command: ImportList, visit: Visit, now: datetime) -> None:
    """A list has a customer again whom a list took off; one who was called in vain stays so until somebody mends it.

    From now on lists may take off again whom a person had put back.
    """
    if visit.put_back:
        visit.put_back = False
        state.out.visit(visit)
    if visit.withdrawn_by is WithdrawnBy.LIST and visit.state in _CALLED_IN_VAIN:
        visit.withdrawn_by, visit.reason = None, ""
        state.changed(visit, now, "visit.updated", by=command.by)


def _problems(state: State, day: Day, name: str, row: ListRow) -> list[RowProblem]:
    if row.agent is not None and row.agent not in state.agents:
        return [
            RowProblem(
                row.row, "agent", row.agent, f"there is no agent {row.agent}; create them first (dialer agents import)"
            )
        ]
    known = day.visit_of(row.customer.code)
    if known is not None and known.list_name != name:
        return [
            RowProblem(
                row.row,
                "code",
                row.customer.code,
                f"the customer is already on the list '{known.list_name}' of {day.day}",
            )
        ]
    return []


def _take(
    state: State, command: ImportList, row: ListRow, digests: Mapping[int, str], report: ImportReport, now: datetime
) -> None:
    day, code = state.days[command.day], row.customer.code
    visit = day.visit_of(code)
    if visit is None:
        report.added.append(code)
        if not command.preview:
            _add(state, command, row, now)
        return
    if not command.preview:
        _put_back(state, command, visit, now)
    restorable = _restorable(visit)
    number = _number(visit, row)
    same = (visit.number, visit.agent, visit.team, visit.order) == (number, row.agent, row.team, row.order)
    if same and not restorable and digests.get(visit.id) == digest(row.customer):
        report.unchanged += 1
    elif _called(visit):
        report.kept.append(code)
    else:
        (report.restored if restorable else report.updated).append(code)
        if not command.preview:
            if restorable:
                visit.move(VisitEvent.RESTORE)
                visit.withdrawn_by, visit.reason = None, ""
            for other in day.renumber(visit, number):
                state.out.visit(other)
            visit.agent, visit.team, visit.order, visit.doubtful = row.agent, row.team, row.order, row.doubtful
            state.out.changes.customers.append((visit.id, row.customer))
            state.changed(visit, now, "visit.updated", by=command.by)


def _restorable(visit: Visit) -> bool:
    """Whether a list took the visit off, so that a list may put it back; calls that it had go on where they were."""
    return visit.state is VisitState.WITHDRAWN and visit.withdrawn_by is WithdrawnBy.LIST and visit.attempt is None


def _called(visit: Visit) -> bool:
    """Whether a list may not touch the visit any more: it has been called, or a person took it off."""
    return not (_restorable(visit) or (visit.state is VisitState.WAITING and not visit.attempts))


def _number(visit: Visit, row: ListRow) -> str:
    """The number that the visit should have: no list undoes one that a person corrected, or whose calls go on."""
    called = visit.attempts > 0 and visit.state is VisitState.WITHDRAWN
    return visit.number if called or visit.round > 1 else row.number


def _add(state: State, command: ImportList, row: ListRow, now: datetime) -> None:
    visit = Visit(
        id=state.next_visit,
        day=command.day,
        list_name=command.visits.name,
        customer=row.customer.code,
        number=row.number,
        order=row.order,
        agent=row.agent,
        team=row.team,
        doubtful=row.doubtful,
    )
    state.next_visit += 1
    state.days[command.day].add(visit)
    state.out.changes.added.append((visit, row.customer))
    state.requeue(visit, now)


def _flag_shared(state: State, day: Day, rows: list[ListRow], report: ImportReport, *, preview: bool) -> None:
    number = {visit.customer: visit.number for visit in day.visits.values()}
    for row in rows:
        known = day.visit_of(row.customer.code)
        if known is None or not _called(known):
            number[row.customer.code] = row.number if known is None else _number(known, row)
    users = Counter(number.values())
    report.shared = [row.customer.code for row in rows if users[number[row.customer.code]] > 1]
    if not preview:
        for visit in day.flag_shared(set(day.visits)):
            state.out.visit(visit)
