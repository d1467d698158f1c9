"""The audit of any day: what is taken out, added or moved is found, and nothing else."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from dialer.audit.cdr import CdrCall, CdrDisposition
from dialer.audit.compare import audit
from dialer.audit.report import FindingKind
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from tests.audit.days import at, clean_days
from tests.audit.said import RULE, found, report_text

Day = tuple[list[Attempt], list[CdrCall]]


@given(clean_days())
def test_any_clean_day_is_clean(day: Day) -> None:
    """Whatever the customers do, in whatever order the records come."""
    placed, calls = day
    report = audit(placed, calls)
    assert report.clean, report_text(report)
    assert report.matched == len(calls)


@given(clean_days(), st.data())
def test_any_call_that_is_taken_out_is_missed(day: Day, data: st.DataObject) -> None:
    """Exactly that one, unless it failed on our own side and so need not be there."""
    placed, calls = day
    must = [m for m in placed if m.disposition not in (Disposition.CONGESTION, Disposition.OUR_FAULT)]
    if not must:
        return
    gone = data.draw(st.sampled_from(must))
    left = [
        call for call in calls if call.dst != gone.number or abs(call.start - gone.placed_at) > timedelta(seconds=1)
    ]
    assert len(left) == len(calls) - 1
    assert found(placed, left) == [("missing", gone.id)]


@given(clean_days(), st.floats(-100, 20000), st.sampled_from(CdrDisposition), st.booleans())
def test_any_call_that_is_added_is_found(day: Day, start: float, how: CdrDisposition, known: bool) -> None:
    """As one call too many to that number; to a number in use it may break the gap besides."""
    placed, calls = day
    number = placed[0].number if known else "13999999999"
    # What failed on our side need not be on record, so a record of just that moment can only be taken for its own.
    ours = [
        m for m in placed if m.number == number and m.disposition in (Disposition.CONGESTION, Disposition.OUR_FAULT)
    ]
    assume(all(abs((m.placed_at - at(start)).total_seconds()) > RULE.tolerance_s for m in ours))
    added = CdrCall(9999, number, at(start), at(start + 7), how, uniqueid="added")
    kinds = found(placed, [*calls, added])
    assert [name for kind, name in kinds if kind in ("extra", "missing")].count(number) >= 1
    if not known:
        assert kinds == [("extra", number)]


@given(clean_days(), st.data())
def test_any_call_that_is_moved_is_found(day: Day, data: st.DataObject) -> None:
    """By more than the tolerance: the attempt lacks its call, or the call breaks the gap."""
    placed, calls = day
    if not calls:
        return
    moved = data.draw(st.sampled_from(calls))
    by = timedelta(seconds=data.draw(st.one_of(st.floats(-290, -5.5), st.floats(5.5, 290))))
    changed = replace(moved, start=moved.start + by, end=moved.end + by, answer=None)
    report = audit(placed, [changed if call is moved else call for call in calls])
    assert any(f.number == moved.dst and f.kind in (FindingKind.EXTRA, FindingKind.MISSING) for f in report.findings)
