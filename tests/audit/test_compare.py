"""The audit is honest: every tampering is found and names the call, and a clean day is clean."""

import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.audit.cdr import CdrCall, CdrDisposition
from dialer.audit.compare import AuditRule, By, audit
from dialer.audit.report import FindingKind
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.cli.base import plain
from tests.audit.days import at, attempt, records, small_day, witnessed
from tests.audit.said import RULE, finding_text, found, report_text


def test_a_clean_day() -> None:
    """Nothing found, everything matched."""
    placed = small_day()
    report = audit(placed, records(placed))
    assert report.clean
    assert (report.attempts, report.calls, report.matched) == (8, 8, 8)
    assert report.remarks == ()
    assert report_text(report) == "audit: 8 attempts in our records, 8 calls on record, 8 matched: no difference"


def test_one_extra_call_is_named() -> None:
    """By number, time and line, and by how it ended."""
    placed = small_day()
    extra = CdrCall(77, "13904700003", at(2000), at(2012.5), CdrDisposition.ANSWERED, at(2004), uniqueid="x")
    report = audit(placed, [*records(placed), extra])
    (finding,) = report.findings
    assert (finding.kind, finding.number, finding.at, finding.line) == (
        FindingKind.EXTRA,
        "13904700003",
        at(2000),
        77,
    )
    assert finding_text(finding, ZoneInfo("Asia/Shanghai")) == (
        "extra: call to 13904700003 at 2026-11-23 08:33:20.000: answered, 12.5 s long, and is not in our records "
        "(CDR line 77)"
    )


def test_one_missing_call_is_named() -> None:
    """By attempt, customer, number and time."""
    placed = small_day()
    for index, gone in enumerate(placed):
        calls = records(placed)
        del calls[index]
        (finding,) = audit(placed, calls).findings
        assert (finding.kind, finding.attempt, finding.customer, finding.number, finding.at, finding.visit) == (
            FindingKind.MISSING,
            gone.id,
            gone.customer,
            gone.number,
            gone.placed_at,
            gone.visit,
        )


def test_one_call_too_early_is_named() -> None:
    """The books agree with it: the carrier's own times convict."""
    placed = small_day()
    early = next(made for made in placed if made.visit == 2 and made.seq == 3)
    hasty = replace(early, placed_at=early.placed_at - timedelta(seconds=60))
    placed[placed.index(early)] = hasty
    (finding,) = audit(placed, records(placed)).findings
    assert (finding.kind, finding.attempt) == (FindingKind.TOO_EARLY, early.id)
    assert "began 257.000 s, not 300 s, after the call that began at 00:10:50.050000" in finding.text


def test_the_gap_holds_for_a_number_that_two_customers_share() -> None:
    """Nobody's phone rings twice within the gap, whoever it is dialled for."""
    placed = [
        attempt(1, 1, 0, 25, Disposition.NO_ANSWER),
        attempt(2, 1, 200, 25, Disposition.NO_ANSWER, number="13904700001"),
    ]
    assert found(placed, records(placed)) == [("too_early", placed[1].id)]


def test_a_long_call_before_a_short_one_counts() -> None:
    """The gap runs from the end that came last, not from the call that began last."""
    placed = [
        attempt(1, 1, 0, 1000, Disposition.CONNECTED),
        attempt(1, 2, 100, 5, Disposition.BUSY),
        attempt(1, 3, 1100, 5, Disposition.BUSY),
    ]
    assert found(placed, records(placed)) == [("overlap", placed[1].id), ("too_early", placed[2].id)]


def test_a_measured_gap_may_be_short_by_the_grace_only() -> None:
    """Signalling arrives later on the other side: half a second, and one more where times are cut to seconds."""
    placed = [attempt(1, 1, 0, 20, Disposition.NO_ANSWER), attempt(1, 2, 319.6, 20, Disposition.NO_ANSWER)]
    calls = records(placed)
    assert found(placed, calls) == []
    placed[1] = replace(placed[1], placed_at=at(319.3))
    calls = records(placed)
    assert found(placed, calls) == [("too_early", placed[1].id)]
    assert found(placed, [replace(call, whole_seconds=True) for call in calls]) == []


def test_two_calls_at_once_to_a_customer_are_named() -> None:
    """On two numbers of one customer; on one number; each once."""
    two_numbers = [
        attempt(1, 1, 0, 25, Disposition.NO_ANSWER),
        attempt(9, 1, 10, 25, Disposition.NO_ANSWER, customer="C1"),
    ]
    assert found(two_numbers, records(two_numbers)) == [("overlap", two_numbers[1].id)]
    one_number = [attempt(1, 1, 0, 25, Disposition.NO_ANSWER), attempt(1, 2, 10, 25, Disposition.NO_ANSWER)]
    assert found(one_number, records(one_number)) == [("overlap", one_number[1].id)]


def test_a_sixth_counted_attempt_is_named() -> None:
    """The limit is counted by dispositions, for each round; a count that was tampered with does not help."""
    placed = [attempt(1, seq, 400 * seq, 20, Disposition.NO_ANSWER) for seq in range(1, 7)]
    assert found(placed, records(placed)) == [("limit", placed[5].id)]
    placed[2] = replace(placed[2], counts=False)
    assert found(placed, records(placed)) == [("contradiction", placed[2].id), ("limit", placed[5].id)]
    again = [replace(made, counts=True) for made in placed]
    again[5] = replace(again[5], round=2)
    assert found(again, records(again)) == [("limit", placed[5].id)]  # corrected to and fro: it is the same phone
    again[5] = replace(again[5], number="13900009999")
    assert found(again, records(again)) == []
    assert found(placed, records(placed), AuditRule(limit=6)) == [("contradiction", placed[2].id)]


@pytest.mark.parametrize(
    ("ours", "theirs", "contradicts"),
    [
        (Disposition.CONNECTED, CdrDisposition.NO_ANSWER, True),
        (Disposition.ABANDONED, CdrDisposition.BUSY, True),
        (Disposition.NO_ANSWER, CdrDisposition.ANSWERED, True),
        (Disposition.OUR_FAULT, CdrDisposition.ANSWERED, True),
        (Disposition.CANCELLED, CdrDisposition.ANSWERED, True),
        (Disposition.BUSY, CdrDisposition.NO_ANSWER, False),
        (Disposition.UNREACHABLE, CdrDisposition.FAILED, False),
        (Disposition.CANCELLED, CdrDisposition.NO_ANSWER, False),
    ],
)
def test_answered_for_one_only(ours: Disposition, theirs: CdrDisposition, contradicts: bool) -> None:
    """How a call that nobody answered is called differs between carriers; whether it was answered does not."""
    placed = [attempt(1, 1, 0, 20, ours)]
    calls = [replace(records(placed)[0], disposition=theirs)]
    assert found(placed, calls) == ([("contradiction", placed[0].id)] if contradicts else [])


def test_what_the_books_do_not_know_is_a_remark() -> None:
    """Unknown in the books is no lie, whatever the record says; and neither is a call that goes on."""
    placed = [
        attempt(1, 1, 0, 20, Disposition.UNKNOWN),
        attempt(2, 1, 0, 20, Disposition.CONNECTED),
    ]
    calls = [replace(record, disposition=CdrDisposition.ANSWERED) for record in records(placed)]
    placed[1] = replace(placed[1], state=AttemptState.CONNECTED, ended_at=None, disposition=None)
    report = audit(placed, calls)
    assert report.clean
    assert [(r.kind, r.attempt) for r in report.remarks] == [(FindingKind.UNDECIDED, placed[0].id)]
    assert "remark: undecided: call to" in report_text(report)


def test_an_end_that_differs_is_a_remark() -> None:
    """After an outage the books learn late that a call is over; the rule is judged by the record's own times."""
    placed = small_day()
    calls = records(placed)
    calls[0] = replace(calls[0], end=calls[0].end - timedelta(seconds=12))
    report = audit(placed, calls)
    assert report.clean
    (remark,) = report.remarks
    assert (remark.kind, remark.attempt) == (FindingKind.END_DIFFERS, placed[0].id)
    assert remark.text == "ended 11.9 s earlier on record than in our records"


def test_the_same_record_twice_is_named_and_judged_once() -> None:
    """It is neither an extra call nor an overlap."""
    placed = small_day()
    calls = records(placed)
    calls.append(replace(calls[3], line=99))
    (finding,) = audit(placed, calls).findings
    assert (finding.kind, finding.number, finding.line) == (FindingKind.DOUBLE, placed[3].number, 99)
    assert "first in line 5" in finding.text


@pytest.mark.parametrize(
    ("how", "evidence", "missing"),
    [
        (Disposition.OUR_FAULT, Evidence(refused=True), False),
        (Disposition.CONGESTION, Evidence(sip=503, hung_up=True), False),
        (Disposition.UNKNOWN, Evidence(), False),
        (Disposition.CANCELLED, Evidence(cancelled=True), False),
        (Disposition.CANCELLED, Evidence(cancelled=True, ringing=True), True),
        (Disposition.UNKNOWN, Evidence(answered=True), True),
        (Disposition.UNREACHABLE, Evidence(sip=480), True),
    ],
)
def test_only_what_reached_the_trunk_must_be_on_record(how: Disposition, evidence: Evidence, missing: bool) -> None:
    """What failed on our own side may be on record or not."""
    placed = [attempt(1, 1, 0, 5, how, evidence=evidence)]
    assert found(placed, []) == ([("missing", placed[0].id)] if missing else [])
    assert found(placed, records(placed)) == []


def test_a_witness_that_does_not_write_unanswered_calls_is_not_asked_for_them() -> None:
    """cdr.conf ``unanswered = no``."""
    placed = small_day()
    calls = [call for call in records(placed) if call.answered]
    rule = AuditRule(unanswered_logged=False)
    assert found(placed, calls, rule) == []
    assert found(placed, calls[1:], rule) == [("missing", placed[1].id)]


def test_numbers_are_rewritten_into_the_books_form() -> None:
    """The trunk wants a 9 before the number, the carrier writes +86."""
    placed = small_day()
    calls = [replace(call, dst=f"9{call.dst}") for call in records(placed)]
    assert len(found(placed, calls)) == 16
    assert found(placed, calls, AuditRule(rewrite=(("^9", ""),))) == []
    calls = [replace(call, dst=f"+86{call.dst[1:]}") for call in calls]
    assert found(placed, calls, AuditRule(rewrite=((r"^\+86", ""),))) == []


def test_pairs_are_the_best_and_not_the_first() -> None:
    """Two calls a few seconds apart, as in a rehearsal: taking the nearest for each in turn would leave one over."""
    rule = AuditRule(gap=timedelta(seconds=3), tolerance_s=5)
    placed = [attempt(1, 1, 0, 1, Disposition.BUSY), attempt(1, 2, 4, 1, Disposition.BUSY)]
    calls = [witnessed(placed[0], 2, 2.2), witnessed(placed[1], 3, 2.2)]
    assert found(placed, calls, rule) == []
    # The same, with what failed on our side in between and not on record.
    ours = attempt(1, 9, 2.2, 0.1, Disposition.OUR_FAULT)
    assert found([placed[0], ours, placed[1]], calls, rule) == []


def test_only_the_window_is_judged() -> None:
    """Books and records of a little more than the window serve as neighbours only."""
    placed = small_day()
    calls = records(placed)
    assert len(audit(placed, calls[:-1], RULE, (at(0), at(3000))).findings) == 1
    report = audit(placed, calls[:-1], RULE, (at(300), at(3000)))
    assert report.clean
    assert (report.attempts, report.calls) == (6, 6)


def own_records(made: Attempt, line: int) -> list[CdrCall]:
    """What our own PBX writes of a call through a Local channel: both halves, and the trunk's leg."""
    base = replace(witnessed(made, line), dst="s", channel="Local/x")
    return [
        replace(base, uniqueid=made.id),
        replace(base, line=line + 1, uniqueid=f"{made.id};2", disposition=CdrDisposition.NO_ANSWER),
        replace(base, line=line + 2, uniqueid=f"1795294363.{line}", linkedid=made.id, end=base.end),
    ]


def test_records_of_our_own_pbx_are_matched_by_id() -> None:
    """Several records make one call; other people's calls are left alone; the number is the books'."""
    placed = small_day()
    calls = [record for line, made in enumerate(placed) for record in own_records(made, 10 * line)]
    calls.append(CdrCall(500, "0471888", at(0), at(9), CdrDisposition.ANSWERED, uniqueid="1795294363.99"))
    report = audit(placed, calls)
    assert report.clean
    assert (report.calls, report.matched) == (8, 8)
    assert [r.text for r in report.remarks] == ["1 record(s) carry no attempt's id: not looked at"]


def test_tampering_is_found_by_id_too() -> None:
    """An id of ours that the books do not know; an attempt without records; one moved; one too early."""
    placed = small_day()
    calls = [record for line, made in enumerate(placed) for record in own_records(made, 10 * line)]
    ghost = replace(calls[0], line=900, uniqueid="abc123-7-1-zz", start=at(5000), end=at(5010), answer=None)
    assert found(placed, [*calls, ghost]) == [("extra", "abc123-7-1-zz")]
    assert found(placed, calls[3:]) == [("missing", placed[0].id)]
    sooner = timedelta(seconds=9)
    moved = [replace(c, start=c.start - sooner, end=c.end - sooner, answer=None) for c in calls[:3]]
    assert found(placed, [*moved, *calls[3:]]) == [("contradiction", placed[0].id)]
    assert found(placed, [replace(c, disposition=CdrDisposition.FAILED) for c in calls]) == [
        ("contradiction", placed[i].id) for i in (7, 1)
    ]
    hasty = replace(placed[1], placed_at=at(300))
    calls[3:6] = own_records(hasty, 10)
    assert found([placed[0], hasty, *placed[2:]], calls) == [("too_early", hasty.id)]


def test_a_file_of_our_pbx_without_todays_calls_convicts_nobody() -> None:
    """Test calls, another installation's calls and everybody else's: ids in it say whose it is, if no call matches."""
    up = replace(small_day()[7], state=AttemptState.CONNECTED, ended_at=None, disposition=None)
    tested = CdrCall(1, "s", at(0), at(3), CdrDisposition.ANSWERED, uniqueid="test-31d05d678250")
    probed = replace(tested, line=2, uniqueid="test-31d05d678250;2", disposition=CdrDisposition.NO_ANSWER)
    other = CdrCall(3, "0471888", at(5), at(9), CdrDisposition.ANSWERED, uniqueid="1795294363.99")
    before = replace(tested, line=4, uniqueid="65lkca-1-1-tpbjrg", start=at(19), end=at(46))
    for calls in ([tested, probed, other], [before, other]):
        report = audit([up], calls)
        assert (report.findings, report.matched) == ((), 0)


def test_a_call_that_is_still_up_is_not_missed() -> None:
    """Its record is written when it has ended; one that has ended is."""
    placed = small_day()
    up = replace(placed[7], state=AttemptState.CONNECTED, ended_at=None, disposition=None)
    assert found([*placed[:7], up], records(placed[:7])) == []
    assert found(placed, records(placed[:7])) == [("missing", placed[7].id)]


def test_an_empty_book_convicts_every_call() -> None:
    """By number, and by id where the records carry ids of that form."""
    placed = small_day()
    assert {kind for kind, _ in found([], records(placed))} == {"extra"}
    calls = [own_records(made, 10 * line)[0] for line, made in enumerate(placed)]
    assert set(found([], calls, AuditRule(by=By.ID))) == {("extra", made.id) for made in placed}


def test_our_pbx_writes_what_became_of_the_agents_leg() -> None:
    """Abandoned: the customer answered, the agent's phone did not, and that is the record's disposition."""
    placed = [attempt(1, 1, 0, 20, Disposition.ABANDONED)]
    calls = [replace(record, disposition=CdrDisposition.NO_ANSWER) for record in own_records(placed[0], 2)]
    assert found(placed, calls) == []


def test_the_report_is_json() -> None:
    """Plain values; every finding names its call."""
    placed = small_day()
    report = audit(placed, records(placed)[1:])
    told = json.loads(json.dumps(report, default=plain))
    assert (report.clean, told["matched"]) == (False, 7)
    assert told["findings"] == [
        {
            "kind": "missing",
            "text": "no answer in our records, and nobody has a record of the call",
            "at": "2026-11-23T00:00:00+00:00",
            "number": "13904700001",
            "customer": "C1",
            "attempt": "abc123-1-1-k1",
            "visit": 1,
            "line": None,
        }
    ]


def test_a_call_that_nobody_reacted_to_may_arrive_late() -> None:
    """A dead line comes back while the INVITE is still repeated: the same call, however late; any other is extra."""
    unheard = Evidence(hung_up=True, responded=True, reason=3, sip=480)
    placed = [attempt(1, 1, 0, 32, Disposition.OUR_FAULT, evidence=unheard)]
    arrived = CdrCall(2, placed[0].number, at(25), at(25.1), CdrDisposition.NO_ANSWER)
    assert found(placed, [arrived]) == []
    assert found(placed, [replace(arrived, start=at(40), end=at(41))]) == [("extra", placed[0].number)]
    heard = [replace(placed[0], evidence=replace(unheard, sip=100))]
    assert found(heard, [arrived]) == [("extra", placed[0].number)]
