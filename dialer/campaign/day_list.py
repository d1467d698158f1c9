"""One day's list in memory: its visits, and the same by customer and by number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from dialer.campaign.model.attempt import Conversation
from dialer.campaign.model.hours import DayHours
from dialer.campaign.model.visit import Visit
from dialer.campaign.rules.queue import Queue
from dialer.campaign.rules.tally import Tally
from dialer.campaign.savepoint import Kept, Log


@dataclass(slots=True)
class Day:
    """One day's list."""

    day: date
    hours: DayHours
    queue: Queue
    visits: dict[int, Visit] = field(default_factory=dict)
    by_customer: dict[str, int] = field(default_factory=dict)
    by_number: dict[str, tuple[int, ...]] = field(default_factory=dict)
    departments: set[str] = field(default_factory=set)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    """By attempt."""
    newest: dict[int, Conversation] = field(default_factory=dict)
    """By visit."""
    tally: Tally = field(default_factory=Tally)
    kinds: set[str] = field(default_factory=set)
    """Of the numbers, as trunks tell them apart: their first digits."""

    def add(self, visit: Visit) -> None:
        """Take a visit in; flags every visit that shares its number."""
        self.visits[visit.id] = visit
        self.by_customer[visit.customer] = visit.id
        self.kinds.add(visit.number[:1])
        others = self.by_number.get(visit.number)
        self.by_number[visit.number] = (*others, visit.id) if others else (visit.id,)

    def talked(self, attempt: str, conversation: Conversation) -> None:
        """Take in a conversation that has ended; of a visit's the newest decides, in whatever order they come."""
        self.conversations[attempt] = conversation
        self.newest[conversation.visit] = max(self.newest.get(conversation.visit, conversation), conversation)

    def keep(self, log: Log) -> None:
        """It has been loaded: from now on its changes can be undone."""
        self.visits, self.by_customer = Kept(log, self.visits), Kept(log, self.by_customer)
        self.by_number, self.tally.placed = Kept(log, self.by_number), Kept(log, self.tally.placed)
        self.conversations, self.newest = Kept(log, self.conversations), Kept(log, self.newest)

    def visit_of(self, customer: str) -> Visit | None:
        """The customer's visit on this day, if there is one."""
        return self.visits.get(self.by_customer.get(customer, -1))

    def also_called_as(self, visit: Visit) -> str:
        """The customer for whom the visit's number was called as well; of several the one whose visit is the newest.

        Their own code when it was called for nobody else, but before it was corrected back.
        """
        others = [v for v in self.tally.visits(visit.number) if v != visit.id]
        others += [v for v in self.by_number[visit.number] if self.visits[v].called_as]
        return self.visits[max(others, default=visit.id)].customer

    def renumber(self, visit: Visit, number: str) -> list[Visit]:
        """Give ``visit`` another number; the visits whose ``shared`` flag changed by it."""
        left = tuple(v for v in self.by_number.get(visit.number, ()) if v != visit.id)
        self.by_number[visit.number] = left
        visit.number = number
        self.kinds.add(number[:1])
        joined = self.by_number[number] = (*self.by_number.get(number, ()), visit.id)
        return self.flag_shared({*left, *joined})

    def flag_shared(self, visits: set[int]) -> list[Visit]:
        """Set ``shared`` on these visits as it is now; those on which it changed."""
        changed = []
        for visit in (self.visits[v] for v in sorted(visits)):
            shared = len(self.by_number[visit.number]) > 1
            if visit.shared is not shared:
                visit.shared = shared
                changed.append(visit)
        return changed
