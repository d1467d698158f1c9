"""What each final SIP answer is to become, in every office: the contract of dispositions.

One table. The simulated PBX keeps it (:mod:`tests.virtual.test_simulated`), and every office on the real PBX does
(:mod:`tests.offices.test_dispositions`); `make docs` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dialer.campaign.model.evidence import Disposition
from dialer.demo.rig.numbers import AFTER_EARLY_MEDIA, AFTER_RINGING, AT_ONCE, REDIRECTING, Manner, always
from tests.kit.offices import OLD, PLAIN, Office

D = Disposition
MANNERS = (AT_ONCE, AFTER_RINGING, AFTER_EARLY_MEDIA)


@dataclass(frozen=True, slots=True)
class Promise:
    """SIP answers that become the same, given at once, after ringing (180) and after early media (183)."""

    answers: tuple[int, ...]
    at_once: Disposition
    after_ringing: Disposition
    after_early_media: Disposition


def _always(disposition: Disposition, *answers: int) -> Promise:
    return Promise(answers, disposition, disposition, disposition)


def _unless_it_rang(*answers: int) -> Promise:
    return Promise(answers, D.OUR_FAULT, D.NO_ANSWER, D.NO_ANSWER)


CONTRACT: tuple[Promise, ...] = (
    _always(D.BUSY, 486, 600),
    _always(D.DECLINED, 603, 607),
    Promise((403,), D.OUR_FAULT, D.DECLINED, D.OUR_FAULT),
    _always(D.INVALID_NUMBER, 404, 410, 484, 485, 604),
    Promise((480,), D.UNREACHABLE, D.NO_ANSWER, D.NO_ANSWER),
    _always(D.OUR_FAULT, 401, 402, 407, 483, 488, 606, 608),
    _always(D.CONGESTION, 500, 501, 502, 503, 504, 505, 513, 580),
    _unless_it_rang(400, 405, 406, 408, 413, 414, 415, 416, 420, 421, 423, 481, 482, 487, 491, 493),
)
"""Where the SIP answer is known: straight over a SIP trunk, and behind the routes of FreePBX and Issabel."""

BY_CAUSE: tuple[Promise, ...] = (
    _always(D.DECLINED, 401, 403, 407),
    _always(D.NO_ANSWER, 480, 483),
    _always(D.UNREACHABLE, 502),
    _always(D.OUR_FAULT, 420, 501),
    _unless_it_rang(402, 505, 607, 608),
)
"""What differs where the Q.850 cause alone is known: an Asterisk that tells no TechCause, and a route that ends with
the leg's cause at once."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a carrier can say; ``prefix`` is dialled before a number to hear it."""

    answer: int
    manner: Manner

    @property
    def prefix(self) -> str:
        return always(self.manner, self.answer)


def _each(promises: Iterable[Promise]) -> dict[Said, Disposition]:
    found = {}
    for promise in promises:
        kept = (promise.at_once, promise.after_ringing, promise.after_early_media)
        for manner, disposition in zip(MANNERS, kept, strict=True):
            found.update({Said(answer, manner): disposition for answer in promise.answers})
    return found


REDIRECTED = Said(302, REDIRECTING)
EXPECTED: Mapping[Said, Disposition] = _each(CONTRACT) | {REDIRECTED: D.UNREACHABLE}
"""Each thing that a carrier can say and what it is to become."""


def expected(office: Office) -> Mapping[Said, Disposition]:
    """What each thing that a carrier can say is to become in that office."""
    if office is PLAIN:
        return EXPECTED
    # behind a route: Dial follows a redirection, and what comes of that decides, or hangs up before it took it in
    behind = {said: disposition for said, disposition in EXPECTED.items() if said != REDIRECTED}
    return {**behind, **_each(BY_CAUSE)} if office is OLD else behind
