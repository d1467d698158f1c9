"""How an attempt ended, derived from the evidence by one table.

The table is read from the top; the first row whose conditions all hold decides. A SIP code is more
precise than the Q.850 cause that Asterisk maps it to, so SIP rows come first; causes serve trunks
that are not SIP, and Asterisk versions without ``TechCause``.

Sources: ITU-T Q.850 (causes), RFC 3261 section 21 (SIP answers), and measurements on Asterisk 22
(which cause and dial status each SIP answer gives).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from dialer.campaign.model.evidence import BUSY, CONGESTION, OUR_TIMEOUT, Disposition, Evidence
from dialer.campaign.model.trunk import CAUSE


class Then(StrEnum):
    """What a disposition asks for."""

    REACHED = "reached"  # the visit is reached
    REDIAL = "redial"  # call again after the gap, while the rule allows
    REDIAL_FIRST = "redial_first"  # call again after the gap, before everything else
    CORRECT = "correct"  # only a person can mend it: the number is wrong


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a disposition.

    ``counts``: the customer's line was really tried, so it is one of the five.
    ``trunk_failed``: a failure of our own side. That a number does not exist is one of the trunk that says so of
    everybody. What the trunk's breaker makes of it is :data:`dialer.campaign.rules.breaker.MISSES`.
    """

    counts: bool
    then: Then
    trunk_failed: bool = False


CONSEQUENCES: dict[Disposition, Consequence] = {
    Disposition.CONNECTED: Consequence(counts=False, then=Then.REACHED),
    Disposition.ABANDONED: Consequence(counts=False, then=Then.REDIAL_FIRST),
    Disposition.NO_ANSWER: Consequence(counts=True, then=Then.REDIAL),
    Disposition.BUSY: Consequence(counts=True, then=Then.REDIAL),
    Disposition.DECLINED: Consequence(counts=True, then=Then.REDIAL),
    Disposition.UNREACHABLE: Consequence(counts=True, then=Then.REDIAL),
    Disposition.INVALID_NUMBER: Consequence(counts=False, then=Then.CORRECT, trunk_failed=True),
    Disposition.CONGESTION: Consequence(counts=False, then=Then.REDIAL, trunk_failed=True),
    Disposition.OUR_FAULT: Consequence(counts=False, then=Then.REDIAL, trunk_failed=True),
    Disposition.CANCELLED: Consequence(counts=False, then=Then.REDIAL),
    Disposition.UNKNOWN: Consequence(counts=False, then=Then.REDIAL),
}
"""The second table of the rule. "An attempt counts when the customer's line was really tried: no
answer, busy, refused, switched off. It does not count when our side failed, or when the customer
did answer." (the department's reading of section 七 (二) 1 of the service standard)"""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: ``when`` decides, ``source`` says where the row comes from."""

    disposition: Disposition
    when: Callable[[Evidence], bool]
    source: str


def _sip(*codes: int) -> Callable[[Evidence], bool]:
    return lambda e: e.sip in codes


def _cause(*causes: int) -> Callable[[Evidence], bool]:
    return lambda e: e.cause in causes


def _within(e: Evidence, hundred: int) -> bool:
    return e.sip is not None and hundred <= e.sip < hundred + 100


def _timed_out(e: Evidence) -> bool:
    return e.reason == OUR_TIMEOUT


def _heard(e: Evidence) -> bool:
    """The customer's phone rang, or something was played: ring-back music comes without a ring before it."""
    return e.ringing or e.progress


def _rang(e: Evidence) -> bool:
    return _heard(e) or not e.rings_reported


D = Disposition
OURS: tuple[Row, ...] = (
    Row(D.CONNECTED, lambda e: e.connected, "an agent's phone was bridged with the customer"),
    Row(D.ABANDONED, lambda e: e.answered, "the customer answered, nobody came on the line"),
    Row(D.CANCELLED, lambda e: e.cancelled, "hung up by us while it rang"),
    Row(D.OUR_FAULT, lambda e: e.refused, "nothing left the PBX: refused, no such trunk, or no link"),
    Row(D.UNKNOWN, lambda e: _timed_out(e) and e.overslept, "the PBX stood still; an answer may have gone by unseen"),
    Row(D.NO_ANSWER, lambda e: _timed_out(e) and _rang(e), "it rang until our own Timeout"),
    Row(D.OUR_FAULT, _timed_out, "until our Timeout the far end neither rang nor played anything"),
    Row(D.CANCELLED, lambda e: e.stopped, "our own PBX ended it: a hang-up that was asked for there, or it stopped"),
)
"""What we know ourselves, whatever the carrier says."""

CODES: tuple[Row, ...] = (
    Row(D.BUSY, _sip(486, 600), "RFC 3261 21.4.24, 21.6.1"),
    Row(D.DECLINED, _sip(603, 607), "RFC 3261 21.6.2, RFC 8197 (unwanted)"),
    Row(D.DECLINED, lambda e: e.sip == 403 and e.ringing, "measured: what an Asterisk carrier sends for Q.850 21"),
    Row(D.INVALID_NUMBER, _sip(404, 410, 484, 485, 604), "RFC 3261 21.4.5, 21.4.9, 21.4.22, 21.4.23, 21.6.3"),
    Row(D.NO_ANSWER, lambda e: e.sip in (408, 480, 487) and _rang(e), "rang or played ring-back, then was given up"),
    Row(D.UNREACHABLE, _sip(480), "RFC 3261 21.4.18: the callee is not available"),
    Row(D.UNREACHABLE, lambda e: _within(e, 300), "RFC 3261 21.3: the line is forwarded, which nobody follows"),
    Row(D.OUR_FAULT, _sip(408), "measured on a dead trunk: nothing came back until SIP's own time was over"),
    Row(D.OUR_FAULT, _sip(401, 402, 403, 407, 483, 488, 606, 608), "the carrier refuses us, not the customer"),
    Row(D.CONGESTION, lambda e: _within(e, 500), "RFC 3261 21.5: the carrier's side failed"),
    Row(D.NO_ANSWER, lambda e: _within(e, 400) and _heard(e), "RFC 3261 21.4, after it rang or something was played"),
    Row(D.OUR_FAULT, lambda e: _within(e, 400), "RFC 3261 21.4: the carrier takes exception to how we ask"),
    Row(D.BUSY, _cause(17), "Q.850 17 user busy"),
    Row(D.OUR_FAULT, lambda e: e.cause == 18 and not _rang(e), "measured on a dead trunk: Q.850 18 without a ring"),
    Row(D.NO_ANSWER, _cause(18, 19), "Q.850 18 no user responding, 19 no answer from user"),
    Row(D.UNREACHABLE, _cause(20, 27), "Q.850 20 subscriber absent, 27 destination out of order"),
    Row(D.DECLINED, _cause(21), "Q.850 21 call rejected"),
    Row(D.UNREACHABLE, _cause(23), "Q.850 23 redirection to a new destination, which nobody follows"),
    Row(D.INVALID_NUMBER, _cause(1, 22, 28), "Q.850 1 unallocated, 22 number changed, 28 invalid format"),
    Row(
        D.CONGESTION,
        _cause(34, 38, 41, 42, 44, 47, 102),
        "Q.850 34, 38, 41, 42, 44, 47, 102: no circuit, network out of order",
    ),
    Row(D.OUR_FAULT, _cause(2, 3, 29, 50, 55, 57, 58, 63, 65, 66, 69, 79, 88, 95), "Q.850: routing, barred, service"),
    Row(D.OUR_FAULT, lambda e: e.intercepted, "the office's own route answered before anybody outside did"),
    Row(D.NO_ANSWER, lambda e: e.cause in (0, 16, 31, 127) and _heard(e), "rang and was released without a reason"),
    Row(D.BUSY, lambda e: e.dial_status == "BUSY" or e.reason == BUSY, "Local channel: Busy()"),
    Row(D.CONGESTION, lambda e: e.dial_status == "CONGESTION" or e.reason == CONGESTION, "Local channel: Congestion()"),
    Row(D.OUR_FAULT, lambda e: e.responded and not e.hung_up, "no channel was ever made: unknown trunk"),
    Row(D.OUR_FAULT, lambda e: e.responded or e.hung_up, "released without a reason before it rang"),
    Row(D.UNKNOWN, lambda _: True, "no evidence"),
)
"""What the carrier says, or the PBX in its place."""

TABLE = OURS + CODES


def classify(evidence: Evidence, own: Mapping[str, Disposition] | None = None) -> Row:
    """The first row of :data:`TABLE` that fits ``evidence``; the last row fits everything.

    ``own`` are a trunk's rows, see :class:`~dialer.campaign.model.trunk.TrunkConfig`: they go before :data:`CODES`.
    """
    rows = (
        Row(disposition, _cause(number) if code.startswith(CAUSE) else _sip(number), f"settings of the trunk: {code}")
        for code, disposition in (own or {}).items()
        for number in [int(code.removeprefix(CAUSE))]
    )
    return next(row for row in chain(OURS, rows, CODES) if row.when(evidence))
