"""The 5-attempt rule, stated once.

Source, section 七 (二) 1 of the service standard for order departments:

    对未接通的电话,必须再重新拨打5次(间隔时间不少于5分钟)。对于拨打5次后仍没有接通电话的客户,
    要通过信息平台向所属营销部、客户经理发布。

A call that does not connect is dialled again, at least five minutes later, five times; a customer
who is still not reached is made known to the marketing department and the account manager.

==============  =========================================  ==========================
reading         what "five" means                          counted attempts in all
==============  =========================================  ==========================
``attempts``    five calls in all (the default)            ``attempts``
``redials``     five more calls after the first            ``attempts + 1``
==============  =========================================  ==========================

Which attempts count, and what each way of ending asks for, is the table
:data:`dialer.campaign.rules.disposition.CONSEQUENCES`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dialer.campaign.model.setting import setting
from dialer.campaign.rules.waits import doubled

STANDARD_GAP = timedelta(minutes=5)

_HANDLING = timedelta(minutes=2)
"""About what a customer costs an agent; whether it is one or three shifts :attr:`RedialRule.head_start` a little."""


class Counting(StrEnum):
    """The two readings of the sentence."""

    ATTEMPTS = "attempts"
    REDIALS = "redials"


@dataclass(frozen=True, slots=True)
class RedialRule:
    """The numbers of the rule.

    ``gap`` runs from the end of one call to the start of the next to the same phone number,
    whoever it belongs to and however the call ended. ``failure_ceiling`` bounds the growing wait
    after attempts in a row that are not counted (our own side failed, nobody came on the line),
    which would otherwise go on every ``gap`` for the whole day.
    """

    attempts: int = field(default=5, metadata=setting(ge=1, le=50))
    counting: Counting = field(default=Counting.ATTEMPTS, metadata=setting())
    gap: timedelta = field(default=STANDARD_GAP, metadata=setting(gt=0))
    failure_ceiling: timedelta = timedelta(hours=1)

    @property
    def limit(self) -> int:
        """How many counted attempts a visit may have."""
        return self.attempts if self.counting is Counting.ATTEMPTS else self.attempts + 1

    @property
    def rehearsal(self) -> bool:
        """Whether the gap is shorter than the standard's five minutes, which must be shown."""
        return self.gap < STANDARD_GAP

    @property
    def head_start(self) -> int:
        """How many first calls fit into the gaps of a customer who never answers.

        So many of a line's last first calls go before redials that are due, or their gaps would be waited for when
        there is nobody else left to call. Measured: without it the last agent of a day is up to 4 % behind the best
        that a scheduler who knows every answer could do, with it 2.5 %.
        """
        return int((self.limit - 1) * self.gap / _HANDLING)

    def exhausted(self, counted: int) -> bool:
        """Whether ``counted`` attempts without connecting make the customer unreached."""
        return counted >= self.limit

    def wait(self, failures: int) -> timedelta:
        """How long to wait after an attempt, given how many uncounted ``failures`` in a row it ends.

        The plain gap after a counted attempt and the first failure; doubled with each further
        failure in a row, up to ``failure_ceiling``.
        """
        return doubled(self.gap, max(failures - 1, 0), self.failure_ceiling)
