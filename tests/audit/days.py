"""Days for audits: books, and the records that the carrier would have of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from dialer.audit.cdr import CdrCall, CdrDisposition
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.rules.disposition import CONSEQUENCES

NOW = datetime(2026, 11, 23, 0, 0, 0, tzinfo=UTC)
GAP_S, LIMIT = 300, 5

ON_RECORD = {
    Disposition.CONNECTED: CdrDisposition.ANSWERED,
    Disposition.ABANDONED: CdrDisposition.ANSWERED,
    Disposition.BUSY: CdrDisposition.BUSY,
    Disposition.CONGESTION: CdrDisposition.CONGESTION,
    Disposition.OUR_FAULT: CdrDisposition.FAILED,
}
UNANSWERED = (
    Disposition.NO_ANSWER,
    Disposition.BUSY,
    Disposition.DECLINED,
    Disposition.UNREACHABLE,
    Disposition.CONGESTION,
    Disposition.OUR_FAULT,
)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def attempt(visit: int, seq: int, start_s: float, length_s: float, how: Disposition, **fields: object) -> Attempt:
    """An ended attempt of a customer with a number of their own."""
    answered = how in (Disposition.CONNECTED, Disposition.ABANDONED)
    made = Attempt(
        id=f"abc123-{visit}-{seq}-k{seq}",
        visit=visit,
        day=date(2026, 11, 23),
        seq=seq,
        round=1,
        customer=f"C{visit}",
        number=f"1390470{visit:04}",
        trunk="carrier",
        agent="101",
        placed_at=at(start_s),
        state=AttemptState.ENDED,
        answered_at=at(start_s + length_s / 2) if answered else None,
        connected_at=at(start_s + length_s / 2) if how is Disposition.CONNECTED else None,
        ended_at=at(start_s + length_s),
        disposition=how,
        counts=CONSEQUENCES[how].counts,
        evidence=Evidence(ringing=how in (Disposition.NO_ANSWER, Disposition.DECLINED), hung_up=True, responded=True),
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # fields by name, or a stand-in


def witnessed(made: Attempt, line: int = 0, delay_s: float = 0.05) -> CdrCall:
    """The carrier's record of an attempt, a little later than ours."""
    assert made.ended_at is not None
    assert made.disposition is not None
    later = timedelta(seconds=delay_s)
    return CdrCall(
        line,
        made.number,
        made.placed_at + later,
        made.ended_at + later,
        ON_RECORD.get(made.disposition, CdrDisposition.NO_ANSWER),
        made.answered_at and made.answered_at + later,
        uniqueid=f"carrier-{line}",
    )


def records(placed: list[Attempt]) -> list[CdrCall]:
    """The carrier's whole file."""
    return [witnessed(made, line) for line, made in enumerate(placed, start=2)]


def small_day() -> list[Attempt]:
    """Three customers: one answers the second call, one is never reached, one answers at once."""
    return [
        attempt(1, 1, 0, 25, Disposition.NO_ANSWER),
        attempt(1, 2, 330, 200, Disposition.CONNECTED),
        *(attempt(2, seq, 10 + 320 * seq, 3, Disposition.BUSY) for seq in range(1, 6)),
        attempt(3, 1, 40, 240, Disposition.CONNECTED),
    ]


@st.composite
def clean_days(draw: st.DrawFn) -> tuple[list[Attempt], list[CdrCall]]:
    """Any day that keeps the rule, with its records in any order; failures of our side are sometimes not on record."""
    placed: list[Attempt] = []
    calls: list[CdrCall] = []
    for visit in range(1, draw(st.integers(1, 6)) + 1):
        had = sum(made.counts for made in placed if made.number == placed[-1].number)
        shared = visit > 1 and had < LIMIT and draw(st.booleans()) and draw(st.booleans())
        number = placed[-1].number if shared else f"1390470{visit:04}"
        others = [made.ended_at for made in placed if made.number == number and made.ended_at]
        time = max(((end - NOW).total_seconds() + GAP_S for end in others), default=0.0)
        counted = had if shared else 0
        for seq in range(1, 9):
            time += draw(st.floats(0.1, 4000))
            length = draw(st.floats(0.5, 120))
            answered = draw(st.integers(0, 3)) == 0
            how = draw(st.sampled_from([Disposition.CONNECTED, Disposition.ABANDONED] if answered else UNANSWERED))
            made = attempt(visit, seq, time, length, how, number=number)
            placed.append(made)
            optional = how in (Disposition.CONGESTION, Disposition.OUR_FAULT)
            if not (optional and draw(st.booleans())):
                calls.append(witnessed(made, len(calls) + 2, draw(st.floats(0, 0.4))))
            counted += made.counts
            time += length + GAP_S
            if how is Disposition.CONNECTED or counted == LIMIT:
                break
    return placed, draw(st.permutations(calls))
