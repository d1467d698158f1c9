"""A visit: one customer to be called on one day, and the states it goes through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from dialer.errors import Conflict


class VisitState(StrEnum):
    """Where a visit stands."""

    WAITING = "waiting"
    CALLING = "calling"
    REACHED = "reached"
    UNREACHED = "unreached"
    INVALID_NUMBER = "invalid_number"
    WITHDRAWN = "withdrawn"
    OUT_OF_TIME = "out_of_time"


class VisitEvent(StrEnum):
    """What can happen to a visit."""

    PLACE = "place"  # an attempt is committed
    CONNECT = "connect"  # the attempt ended, the customer was reached
    MISS = "miss"  # the attempt ended without reaching the customer; more are allowed
    EXHAUST = "exhaust"  # ... and no more are allowed
    REFUTE = "refute"  # the number turned out to be wrong
    WITHDRAW = "withdraw"
    CLOSE = "close"  # the day is over
    CORRECT = "correct"  # a person corrected the number
    PROMISE = "promise"  # a person promised a time
    RESTORE = "restore"  # an amended list has the customer again, or a person puts them back
    SETTLE = "settle"  # the agent takes back what "later" or "wrong number" led to
    HAND_REACH = "hand_reach"  # somebody dialled by hand and reached the customer
    HAND_MISS = "hand_miss"  # ... and did not
    HAND_REFUTE = "hand_refute"  # ... and the number turned out to be wrong
    HAND_RETRACT = "hand_retract"  # ... which was entered by mistake: nobody was reached


S, E = VisitState, VisitEvent
TRANSITIONS: dict[tuple[VisitState, VisitEvent], VisitState] = {
    (S.WAITING, E.PLACE): S.CALLING,
    (S.WAITING, E.WITHDRAW): S.WITHDRAWN,
    (S.WAITING, E.CLOSE): S.OUT_OF_TIME,
    (S.WAITING, E.EXHAUST): S.UNREACHED,  # its number was called for another customer, or before it was corrected
    (S.WAITING, E.CORRECT): S.WAITING,
    (S.WAITING, E.PROMISE): S.WAITING,
    (S.WAITING, E.SETTLE): S.REACHED,
    (S.CALLING, E.CONNECT): S.REACHED,
    (S.CALLING, E.MISS): S.WAITING,
    (S.CALLING, E.EXHAUST): S.UNREACHED,
    (S.CALLING, E.REFUTE): S.INVALID_NUMBER,
    (S.CALLING, E.WITHDRAW): S.WITHDRAWN,
    (S.WITHDRAWN, E.RESTORE): S.WAITING,
    (S.WITHDRAWN, E.CONNECT): S.REACHED,  # put back, after a conversation that had gone on
    (S.REACHED, E.PROMISE): S.WAITING,
    (S.REACHED, E.REFUTE): S.INVALID_NUMBER,
    (S.UNREACHED, E.CORRECT): S.WAITING,
    (S.INVALID_NUMBER, E.CORRECT): S.WAITING,
    (S.INVALID_NUMBER, E.SETTLE): S.REACHED,
    (S.WAITING, E.REFUTE): S.INVALID_NUMBER,  # the last call's trunk is believed only now
    (S.WAITING, E.HAND_REACH): S.REACHED,
    (S.WAITING, E.HAND_MISS): S.UNREACHED,
    (S.WAITING, E.HAND_REFUTE): S.INVALID_NUMBER,
    (S.REACHED, E.HAND_REACH): S.REACHED,  # an entry is corrected
    (S.REACHED, E.HAND_MISS): S.UNREACHED,
    (S.REACHED, E.HAND_REFUTE): S.INVALID_NUMBER,
    (S.UNREACHED, E.HAND_REACH): S.REACHED,
    (S.UNREACHED, E.HAND_MISS): S.UNREACHED,
    (S.UNREACHED, E.HAND_REFUTE): S.INVALID_NUMBER,
    (S.INVALID_NUMBER, E.HAND_REACH): S.REACHED,
    (S.INVALID_NUMBER, E.HAND_MISS): S.INVALID_NUMBER,
    (S.INVALID_NUMBER, E.HAND_REFUTE): S.INVALID_NUMBER,
    (S.INVALID_NUMBER, E.HAND_RETRACT): S.UNREACHED,
    (S.OUT_OF_TIME, E.HAND_REACH): S.REACHED,
    (S.OUT_OF_TIME, E.HAND_MISS): S.OUT_OF_TIME,
    (S.OUT_OF_TIME, E.HAND_REFUTE): S.INVALID_NUMBER,
}
"""Every move that a visit can make; what is not here is refused and changes nothing."""

OPEN = frozenset((S.WAITING, S.CALLING))
CLOSED = frozenset(
    state for state in S if not any(s is state and target in OPEN for (s, _), target in TRANSITIONS.items())
)
"""States after which a visit is never called again, whatever a person does; the store guards it."""


class WithdrawnBy(StrEnum):
    """Who took a visit off the list. What a list took off, a list may put back; a person may in any case."""

    LIST = "list"  # an amended list does not have the customer any more
    PERSON = "person"
    SYSTEM = "system"  # for example the order system, of a customer who ordered online


NOT_ON_LIST = "not on the amended list"
"""What people read as the reason of a visit that a list took off."""


class Result(StrEnum):
    """What came of a conversation, as the agent enters it."""

    ORDERED = "ordered"
    NOT_NEEDED = "not_needed"
    LATER = "later"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"
    NOT_UNDERSTOOD = "not_understood"
    FEEDBACK = "feedback"  # a complaint or an opinion, with its text


@dataclass(frozen=True, slots=True)
class ManualCall:
    """What somebody did by hand for a customer, as it was entered. ``result`` None: nobody was reached.

    ``who`` dialled ``number``, ``at`` is when (UTC; of several calls the last), ``tries`` how many calls it took,
    ``promised`` the time for which the customer wants another call, by hand again. ``entered_by`` wrote it down.
    ``found_wrong``: the number had been found to be wrong before anything was entered by hand, by the dialer or in a
    call.
    """

    who: str
    at: datetime
    tries: int = 1
    result: Result | None = None
    text: str = ""
    order: str = ""
    promised: datetime | None = None
    entered_by: str = ""
    found_wrong: bool = False
    number: str = ""

    @property
    def missed(self) -> int:
        """How many of the calls reached nobody; one that did was the last."""
        return self.tries - (self.result is not None)

    def same(self, other: ManualCall) -> bool:
        """Whether the same was done, whoever entered it."""
        return self._work == other._work

    @property
    def _work(self) -> ManualCall:
        return replace(self, entered_by="", found_wrong=False, number="")


@dataclass(slots=True)
class Visit:
    """One customer on one day, as far as the rules care.

    ``round`` grows when a corrected number starts the count anew: the limit and the notices hold per round, the limit
    by number and day as well. ``counted`` is the number of counted attempts in this round, ``attempts`` of all
    attempts in all rounds, ``failures`` of those in a row that were not counted and reached nobody. ``due`` is the
    earliest time of the next call (None: as soon as its turn comes); ``promised`` is set while a time named by the
    customer is still to be kept; ``first`` puts it before everything else.

    ``withdrawn_by`` is set, with the ``reason`` in somebody's words, once the visit was taken off the list, whatever
    its state: it is not called any more. ``put_back`` holds from when a person put it back on the list until a list has
    the customer again: lists that lacked them before do not count. ``called_as`` is the customer under whose code the
    number of an unreached visit was called as well.
    """

    id: int
    day: date
    list_name: str
    customer: str
    number: str
    order: int
    agent: str | None = None
    team: str | None = None
    state: VisitState = VisitState.WAITING
    due: datetime | None = None
    promised: datetime | None = None
    first: bool = False
    round: int = 1
    counted: int = 0
    attempts: int = 0
    failures: int = 0
    attempt: str | None = None  # the live attempt
    ended_at: datetime | None = None  # end of the last attempt
    last: str = ""  # disposition of the last attempt
    result: Result | None = None  # of the last conversation
    shared: bool = False  # another customer of the day has the same number
    doubtful: bool = False
    withdrawn_by: WithdrawnBy | None = None
    reason: str = ""
    put_back: bool = False
    called_as: str = ""
    hand: ManualCall | None = None  # it was done by hand
    hand_before: tuple[ManualCall, ...] = ()  # ... at numbers that were corrected since

    def move(self, event: VisitEvent) -> None:
        """Take ``event``. Raises :class:`Conflict` and changes nothing when it does not fit."""
        target = TRANSITIONS.get((self.state, event))
        if target is None:
            raise Conflict(f"customer {self.customer}: a visit that is {self.state} cannot take '{event}'")
        self.state = target

    @property
    def open(self) -> bool:
        """Whether the visit is still to be called or being called."""
        return self.state in OPEN
