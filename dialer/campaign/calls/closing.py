"""How a visit is given up or runs out of time, and who is told."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.changes import NoticeBack, NoticeDue, NoticeKind
from dialer.campaign.day_list import Day
from dialer.campaign.model.visit import Visit, VisitEvent, VisitState
from dialer.campaign.state import RESTORED, State


def give_up(
    state: State, visit: Visit, event: VisitEvent, kind: NoticeKind, now: datetime, *, grace: bool = False
) -> None:
    """Nobody is called for this visit any more, unless a person mends it; that is reported.

    With ``grace`` a person said so: it is told after a while only.
    """
    visit.move(event)
    visit.due = visit.promised = None
    notify(state, visit, kind, now, grace=grace)


def give_up_if_spent(state: State, visit: Visit, now: datetime) -> None:
    """Nobody's phone is called more often in a day than the rule has it, whoever the calls were for.

    The rule is about a telephone that nobody answers (section 七 (二) 1): another code, a number that is corrected to
    and fro, a second shop or a call by hand do not give it another five calls.
    """
    if visit.state is VisitState.WAITING and state.spent(visit):
        day = state.days[visit.day]
        visit.called_as = day.also_called_as(visit)
        give_up(state, visit, VisitEvent.EXHAUST, NoticeKind.UNREACHED, now)
        counted = day.tally.to(visit.number)
        state.changed(visit, now, "visit.spent", number=visit.number, customer=visit.called_as, counted=counted)


def give_up_sharers(state: State, day: Day, number: str, now: datetime) -> None:
    """``number`` was called: who else waits for it is given up when that was the last call that it may have."""
    for visit in [day.visits[v] for v in day.by_number.get(number, ())]:
        give_up_if_spent(state, visit, now)


def close_if_over(state: State, visit: Visit, now: datetime) -> None:
    """A visit that still waits when its day is over is out of time, and reported.

    Not while nobody has looked at restored records: the customer may have been reached without their knowing.
    """
    if RESTORED in state.flags:
        return
    if visit.state is VisitState.WAITING and state.days[visit.day].hours.over(now):
        give_up(state, visit, VisitEvent.CLOSE, NoticeKind.OUT_OF_TIME, now)
        state.out.visit(visit)


def notify(state: State, visit: Visit, kind: NoticeKind, now: datetime, *, grace: bool = False) -> None:
    """Put a notice about a visit into the outbox; one of a kind for each round."""
    state.out.changes.notices.append(NoticeDue(_key(visit, kind), kind, now, visit=visit.id, grace=grace))
    state.out.note(now, f"notice.{kind}", visit=visit)


def unsay(state: State, visit: Visit, kind: NoticeKind, now: datetime) -> None:
    """What a person said of a visit was a slip: the notice is taken back, and what is found next is a new round's."""
    changes, key = state.out.changes, _key(visit, kind)
    changes.notices = [notice for notice in changes.notices if notice.key != key]
    changes.notices_back.append(NoticeBack(key, visit.id, now))
    visit.round += 1
    visit.counted = visit.failures = 0


def _key(visit: Visit, kind: NoticeKind) -> str:
    return f"{kind.replace('_', '-')}-{visit.id}-{visit.round}"


def pass_on(state: State, visit: Visit, source: str, text: str, now: datetime) -> None:
    """A complaint or an opinion goes out; the same words sent twice at once (a double click) go once."""
    key = f"feedback-{source}-{now:%Y%m%dT%H%M%S%f}"
    at_once = [notice for notice in state.out.changes.notices if notice.key.startswith(key)]
    if all(notice.text != text for notice in at_once):
        key += f"-{len(at_once) + 1}" if at_once else ""
        state.out.changes.notices.append(
            NoticeDue(key, NoticeKind.FEEDBACK, now, visit=visit.id, text=text, grace=True)
        )


def hold_back(state: State, visit: Visit, source: str, now: datetime) -> None:
    """What was passed on of ``source`` before is taken back: it was a slip, or something else takes its place."""
    state.out.changes.notices_back.append(NoticeBack(f"feedback-{source}-", visit.id, now))
