"""From the evidence to the disposition, and from the disposition to what follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.rules.disposition import CONSEQUENCES, TABLE, Row, Then, classify

D = Disposition


@dataclass(frozen=True)
class Answer:
    """A row of PBX.md's table of SIP answers, as measured on Asterisk 22, and what it must become.

    ``direct`` is over a PJSIP trunk, with the SIP code; ``blind`` without it: through Local/ or on an old Asterisk.
    """

    name: str
    sip: int | None
    cause: int
    status: str
    reason: int
    direct: Disposition
    blind: Disposition
    rang: bool = False
    progress: bool = False


MEASURED = (
    Answer("486", 486, 17, "BUSY", 0, D.BUSY, D.BUSY),
    Answer("600", 600, 17, "BUSY", 0, D.BUSY, D.BUSY),
    Answer("480", 480, 19, "NOANSWER", 0, D.UNREACHABLE, D.NO_ANSWER),
    Answer("480 after ringing", 480, 19, "NOANSWER", 0, D.NO_ANSWER, D.NO_ANSWER, rang=True),
    Answer("183 with audio, then 480", 480, 19, "NOANSWER", 0, D.NO_ANSWER, D.NO_ANSWER, progress=True),
    Answer("408 after ringing", 408, 18, "NOANSWER", 0, D.NO_ANSWER, D.NO_ANSWER, rang=True),
    Answer("408 after early media", 408, 18, "NOANSWER", 0, D.NO_ANSWER, D.NO_ANSWER, progress=True),
    Answer("SIP's own time over on a dead trunk", 408, 18, "NOANSWER", 0, D.OUR_FAULT, D.OUR_FAULT),
    Answer("404", 404, 1, "NOANSWER", 0, D.INVALID_NUMBER, D.INVALID_NUMBER),
    Answer("604", 604, 1, "NOANSWER", 0, D.INVALID_NUMBER, D.INVALID_NUMBER),
    Answer("403", 403, 21, "NOANSWER", 0, D.OUR_FAULT, D.DECLINED),
    Answer("403 after ringing", 403, 21, "NOANSWER", 0, D.DECLINED, D.DECLINED, rang=True),
    Answer("603", 603, 21, "NOANSWER", 0, D.DECLINED, D.DECLINED),
    Answer("410", 410, 22, "NOANSWER", 0, D.INVALID_NUMBER, D.INVALID_NUMBER),
    Answer("484", 484, 28, "NOANSWER", 0, D.INVALID_NUMBER, D.INVALID_NUMBER),
    Answer("487", 487, 127, "NOANSWER", 0, D.OUR_FAULT, D.OUR_FAULT),
    Answer("487 after ringing", 487, 127, "NOANSWER", 0, D.NO_ANSWER, D.NO_ANSWER, rang=True),
    Answer("487 after early media", 487, 127, "NOANSWER", 0, D.NO_ANSWER, D.NO_ANSWER, progress=True),
    Answer("483", 483, 25, "NOANSWER", 0, D.OUR_FAULT, D.OUR_FAULT),
    Answer("607", 607, 21, "NOANSWER", 0, D.DECLINED, D.DECLINED),
    Answer("608", 608, 21, "NOANSWER", 0, D.OUR_FAULT, D.DECLINED),
    Answer("302 that nobody follows", 302, 0, "NOANSWER", 0, D.UNREACHABLE, D.OUR_FAULT),
    Answer("302 followed to nowhere", 302, 23, "NOANSWER", 0, D.UNREACHABLE, D.UNREACHABLE),
    Answer("500", 500, 38, "NOANSWER", 0, D.CONGESTION, D.CONGESTION),
    Answer("502", 502, 27, "NOANSWER", 0, D.CONGESTION, D.UNREACHABLE),
    Answer("503", 503, 34, "CONGESTION", 0, D.CONGESTION, D.CONGESTION),
    Answer("our own Timeout while it rang", 480, 19, "", 3, D.NO_ANSWER, D.NO_ANSWER, rang=True),
    Answer("our own Timeout after early media", 480, 19, "", 3, D.NO_ANSWER, D.NO_ANSWER, progress=True),
    Answer("our own Timeout on a silent trunk", 480, 19, "", 3, D.OUR_FAULT, D.OUR_FAULT),
    Answer("trunk found dead by qualify, over Local", None, 3, "CHANUNAVAIL", 0, D.OUR_FAULT, D.OUR_FAULT),
    Answer("Local: Busy()", None, 0, "BUSY", 5, D.BUSY, D.BUSY),
    Answer("Local: Congestion()", None, 0, "", 8, D.CONGESTION, D.CONGESTION),
    Answer("Local: no such extension", None, 0, "", 0, D.OUR_FAULT, D.OUR_FAULT),
)


def evidence(answer: Answer, *, sip: int | None) -> Evidence:
    """All that is heard of such a call."""
    return Evidence(
        cause=answer.cause,
        sip=sip,
        dial_status=answer.status,
        reason=answer.reason,
        ringing=answer.rang,
        progress=answer.progress,
        hung_up=True,
        responded=True,
    )


@pytest.mark.parametrize("answer", MEASURED, ids=lambda a: a.name)
def test_each_measured_answer_over_a_direct_trunk(answer: Answer) -> None:
    """PBX.md, "What a call looks like from AMI": with the SIP code the disposition is exact."""
    assert classify(evidence(answer, sip=answer.sip)).disposition is answer.direct


@pytest.mark.parametrize("answer", MEASURED, ids=lambda a: a.name)
def test_each_measured_answer_without_a_sip_code(answer: Answer) -> None:
    """Through Local/ or before Asterisk 20.17 there is only the cause, which tells 403 from 603 no more."""
    assert classify(evidence(answer, sip=None)).disposition is answer.blind


@pytest.mark.parametrize("answer", [a for a in MEASURED if a.reason == 0], ids=lambda a: a.name)
def test_a_lost_response_changes_nothing(answer: Answer) -> None:
    """PBX.md: "Reason alone misleads"; apart from our own Timeout the hang-up alone decides."""
    without = replace(evidence(answer, sip=answer.sip), reason=None, responded=False)
    assert classify(without).disposition is answer.direct


def test_an_endpoint_that_is_unknown_has_a_response_and_nothing_else() -> None:
    """PBX.md: "no Newchannel, no Hangup ... OriginateResponse alone"."""
    assert classify(Evidence(reason=0, responded=True)).disposition is D.OUR_FAULT


def test_an_analogue_trunk_never_says_that_it_rings() -> None:
    """``reports_ringing = false``: its timeout is no answer, not our fault."""
    heard = Evidence(reason=3, cause=19, hung_up=True, responded=True, rings_reported=False)
    assert classify(heard).disposition is D.NO_ANSWER
    assert classify(Evidence(cause=18, hung_up=True, rings_reported=False)).disposition is D.NO_ANSWER


def test_a_trunks_own_rows_go_before_the_tables() -> None:
    """A carrier that means something else by a code; what we know ourselves is not touched by it."""
    own = {"404": D.UNREACHABLE, "cause 21": D.OUR_FAULT}
    assert classify(Evidence(sip=404), own) == Row(D.UNREACHABLE, ANY, "settings of the trunk: 404")
    assert classify(Evidence(cause=21, sip=603), own).disposition is D.OUR_FAULT
    assert classify(Evidence(sip=486, cause=17), own).disposition is D.BUSY
    assert classify(Evidence(sip=404, answered=True), own).disposition is D.ABANDONED
    assert classify(Evidence(sip=404, reason=3, ringing=True), own).disposition is D.NO_ANSWER


Codes = dict[Disposition, set[int]]
REFUSES_US = {401, 402, 403, 407, 483, 488}
NO_SUCH_NUMBER = {404, 410, 484, 485}
ALWAYS: Codes = {
    D.BUSY: {486, 600},
    D.INVALID_NUMBER: {*NO_SUCH_NUMBER, 604},
    D.CONGESTION: {*range(500, 600)},
}
AT_ONCE: Codes = ALWAYS | {
    D.DECLINED: {603, 607},
    D.UNREACHABLE: {*range(300, 400), 480},
    D.OUR_FAULT: {*range(400, 500), 606, 608} - NO_SUCH_NUMBER - {480, 486},
}
RANG: Codes = ALWAYS | {
    D.DECLINED: {403, 603, 607},
    D.UNREACHABLE: {*range(300, 400)},
    D.OUR_FAULT: {*REFUSES_US, 606, 608} - {403},
    D.NO_ANSWER: {*range(400, 500)} - REFUSES_US - NO_SUCH_NUMBER - {486},
}
PLAYED: Codes = RANG | {D.DECLINED: {603, 607}, D.OUR_FAULT: RANG[D.OUR_FAULT] | {403}}
UNTOLD: Codes = AT_ONCE | {
    D.NO_ANSWER: {408, 480, 487},
    D.UNREACHABLE: {*range(300, 400)},
    D.OUR_FAULT: AT_ONCE[D.OUR_FAULT] - {408, 487},
}

CAUSES: Codes = {
    D.BUSY: {17},
    D.NO_ANSWER: {19},
    D.UNREACHABLE: {20, 23, 27},
    D.DECLINED: {21},
    D.INVALID_NUMBER: {1, 22, 28},
    D.CONGESTION: {34, 38, 41, 42, 44, 47, 102},
    D.OUR_FAULT: {2, 3, 18, 29, 50, 55, 57, 58, 63, 65, 66, 69, 79, 88, 95},
}


def sorted_out(heard: Iterable[tuple[int, Evidence]]) -> Codes:
    """The codes by what becomes of them; those that say nothing are left out."""
    found: defaultdict[Disposition, set[int]] = defaultdict(set)
    for code, each in heard:
        found[classify(each).disposition].add(code)
    found.pop(D.UNKNOWN, None)
    return dict(found)


@pytest.mark.parametrize(
    ("heard", "answers"),
    [
        (Evidence(), AT_ONCE),
        (Evidence(ringing=True), RANG),
        (Evidence(progress=True), PLAYED),
        (Evidence(rings_reported=False), UNTOLD),
    ],
    ids=["at once", "after ringing", "after early media", "no ring is ever told"],
)
def test_every_final_sip_answer(heard: Evidence, answers: Codes) -> None:
    """RFC 3261: none but those named stands apart from its hundred, and 6xx have no row for the rest."""
    assert sorted_out((code, replace(heard, sip=code)) for code in range(100, 700)) == answers


def test_every_cause() -> None:
    """Q.850; after ringing those that tell no reason mean that nobody answered."""
    assert sorted_out((cause, Evidence(cause=cause)) for cause in range(-1, 129)) == CAUSES
    rang = CAUSES | {D.OUR_FAULT: CAUSES[D.OUR_FAULT] - {18}, D.NO_ANSWER: {0, 16, 18, 19, 31, 127}}
    assert sorted_out((cause, Evidence(cause=cause, ringing=True)) for cause in range(-1, 129)) == rang


WITNESSES: tuple[tuple[Disposition, Evidence], ...] = (
    (D.CONNECTED, Evidence(connected=True, answered=True)),
    (D.ABANDONED, Evidence(answered=True, cause=3, sip=404)),
    (D.CANCELLED, Evidence(cancelled=True, refused=True)),
    (D.OUR_FAULT, Evidence(refused=True)),
    (D.UNKNOWN, Evidence(reason=3, ringing=True, overslept=True)),
    (D.NO_ANSWER, Evidence(reason=3, ringing=True)),
    (D.OUR_FAULT, Evidence(reason=3)),
    (D.CANCELLED, Evidence(stopped=True, ringing=True, sip=180)),
    (D.BUSY, Evidence(sip=486)),
    (D.DECLINED, Evidence(sip=607)),
    (D.DECLINED, Evidence(sip=403, ringing=True)),
    (D.INVALID_NUMBER, Evidence(sip=410)),
    (D.NO_ANSWER, Evidence(sip=480, progress=True)),
    (D.UNREACHABLE, Evidence(sip=480)),
    (D.UNREACHABLE, Evidence(sip=301)),
    (D.OUR_FAULT, Evidence(sip=408)),
    (D.OUR_FAULT, Evidence(sip=483)),
    (D.CONGESTION, Evidence(sip=599)),
    (D.NO_ANSWER, Evidence(sip=481, ringing=True)),
    (D.OUR_FAULT, Evidence(sip=420)),
    (D.BUSY, Evidence(cause=17)),
    (D.OUR_FAULT, Evidence(cause=18)),
    (D.NO_ANSWER, Evidence(cause=19)),
    (D.UNREACHABLE, Evidence(cause=20)),
    (D.DECLINED, Evidence(cause=21)),
    (D.UNREACHABLE, Evidence(cause=23)),
    (D.INVALID_NUMBER, Evidence(cause=28)),
    (D.CONGESTION, Evidence(cause=42)),
    (D.OUR_FAULT, Evidence(cause=88)),
    (D.OUR_FAULT, Evidence(cause=16, ringing=True, hung_up=True, intercepted=True)),
    (D.NO_ANSWER, Evidence(cause=31, progress=True, reason=8)),
    (D.BUSY, Evidence(dial_status="BUSY")),
    (D.CONGESTION, Evidence(dial_status="CONGESTION")),
    (D.OUR_FAULT, Evidence(responded=True)),
    (D.OUR_FAULT, Evidence(hung_up=True)),
    (D.UNKNOWN, Evidence(ringing=True)),
)


@pytest.mark.parametrize(
    ("row", "witness"), list(zip(TABLE, WITNESSES, strict=True)), ids=[row.source[:40] for row in TABLE]
)
def test_every_row_of_the_table_is_reachable(row: Row, witness: tuple[Disposition, Evidence]) -> None:
    """No row hides behind an earlier one."""
    disposition, heard = witness
    assert classify(heard) is row
    assert row.disposition is disposition
    assert row.source


maybe = st.booleans()
heards = st.builds(
    Evidence,
    cause=st.none() | st.integers(0, 127),
    sip=st.none() | st.integers(100, 699),
    dial_status=st.sampled_from(["", "ANSWER", "BUSY", "NOANSWER", "CONGESTION", "CHANUNAVAIL", "CANCEL"]),
    reason=st.none() | st.integers(0, 8),
    ringing=maybe, progress=maybe, answered=maybe, connected=maybe, agent_missed=maybe, refused=maybe,
    cancelled=maybe, hung_up=maybe, responded=maybe, rings_reported=maybe, intercepted=maybe,
)  # fmt: skip


@given(heards)
def test_every_evidence_has_a_disposition_and_an_answer_is_never_counted(heard: Evidence) -> None:
    """DOMAIN.md: "It does not count ... when the customer did answer"; whatever the codes say after an answer."""
    disposition = classify(heard).disposition
    if heard.connected:
        assert disposition is D.CONNECTED
    elif heard.answered:
        assert disposition is D.ABANDONED
    else:
        assert disposition not in (D.CONNECTED, D.ABANDONED)
    assert not (heard.answered and CONSEQUENCES[disposition].counts)


def test_what_counts_is_what_was_really_tried() -> None:
    """DOMAIN.md: "when the customer's line was really tried: no answer, busy, refused, switched off"."""
    assert {d for d, c in CONSEQUENCES.items() if c.counts} == {D.NO_ANSWER, D.BUSY, D.DECLINED, D.UNREACHABLE}


def test_what_the_breaker_counts_is_our_own_side() -> None:
    """And numbers that do not exist: a trunk that says so of everybody is as good as dead."""
    assert {d for d, c in CONSEQUENCES.items() if c.trunk_failed} == {D.CONGESTION, D.OUR_FAULT, D.INVALID_NUMBER}


def test_every_disposition_has_its_consequence() -> None:
    """Reached once, corrected by a person once, abandoned first, everything else again after the gap."""
    assert set(CONSEQUENCES) == set(D)
    special = {d: c.then for d, c in CONSEQUENCES.items() if c.then is not Then.REDIAL}
    assert special == {D.CONNECTED: Then.REACHED, D.ABANDONED: Then.REDIAL_FIRST, D.INVALID_NUMBER: Then.CORRECT}
