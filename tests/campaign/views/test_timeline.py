"""What happened to a visit, in one list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dialer.campaign.changes import Entry
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.visit import Visit
from dialer.campaign.views.lookup import VisitDetail
from dialer.campaign.views.timeline import Kind, timeline

DAY = date(2026, 11, 23)


def at(second: int) -> datetime:
    return datetime(2026, 11, 23, 1, tzinfo=UTC) + timedelta(seconds=second)


def test_everything_is_there_by_time_and_knows_its_call() -> None:
    """History, signs, and both ends of a call; what is not known of a sign or of a call is left out."""
    attempt = Attempt(
        "a1", 1, DAY, 1, 1, "C1", "13904700001", "t", "001", at(1), ended_at=at(3),
        evidence=Evidence(cause=0, sip=486, ringing=True),
    )  # fmt: skip
    detail = VisitDetail(
        Visit(1, DAY, "main", "C1", "13904700001", 0),
        Customer("C1"),
        attempts=(attempt,),
        calls=(CallEvent("a1", CallProgress.RINGING, at(2), sip=180), CallEvent("other", CallProgress.HUNG_UP, at(5))),
        history=(Entry(at(4), "visit.withdrawn", by="leader", details={"reason": "x"}), Entry(at(1), "attempt.placed")),
    )
    lines = timeline(detail)
    assert [(line.at, line.kind, line.what) for line in lines] == [
        (at(1), Kind.HISTORY, "attempt.placed"),
        (at(1), Kind.PLACED, ""),
        (at(2), Kind.CALL, "ringing"),
        (at(3), Kind.ENDED, ""),
        (at(4), Kind.HISTORY, "visit.withdrawn"),
        (at(5), Kind.CALL, "hung_up"),
    ]
    assert lines[2].details == {"sip": 180}
    assert lines[3].details == {"cause": 0, "sip": 486, "ringing": True, "rings_reported": True}
    assert [line.call for line in lines[1:4]] == [attempt] * 3
    assert (lines[4].by, lines[4].details, lines[5].call, lines[5].attempt) == (
        "leader",
        {"reason": "x"},
        None,
        "other",
    )
