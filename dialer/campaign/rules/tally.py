"""The calls of a day to each number that reached nobody, whoever was called at it, by the dialer or by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dialer.campaign.model.visit import ManualCall, Visit


def by_hand(visit: Visit) -> Iterator[ManualCall]:
    """What was done by hand for a visit, at whatever number it had; older versions did not write the number down."""
    yield from visit.hand_before
    if visit.hand is not None:
        yield replace(visit.hand, number=visit.hand.number or visit.number)


class Tally:
    """Counts by number, and at each by visit. Of the dialer's calls those that the rule counts."""

    def __init__(self) -> None:
        self.placed: dict[str, Counter[int]] = {}
        """Its counters are replaced and never changed, so that they can be put back."""
        self._by_hand: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._entered: dict[int, set[str]] = {}

    def fill(self, counted: Mapping[str, Mapping[int, int]]) -> None:
        """Take in what the store knows of the dialer's calls: number -> visit -> how many."""
        for number, visits in counted.items():
            self.placed[number] = self.placed.get(number, Counter()) + Counter(visits)

    def add(self, number: str, visit: int) -> None:
        """One more counted call."""
        self.placed[number] = self.placed.get(number, Counter()) + Counter((visit,))

    def enter(self, visit: Visit) -> None:
        """Take in what was done by hand for ``visit``, in place of what was entered before."""
        for number in self._entered.get(visit.id, ()):
            self._by_hand[number].pop(visit.id, None)
        works = list(by_hand(visit))
        self._entered[visit.id] = {work.number for work in works}
        for work in works:
            self._by_hand[work.number][visit.id] += work.missed

    def enter_anew(self, visits: Iterable[Visit]) -> None:
        """The same of all visits: they have been put back to what they were."""
        self._by_hand.clear()
        self._entered.clear()
        for visit in visits:
            self.enter(visit)

    def to(self, number: str) -> int:
        """How many calls to ``number``."""
        return sum(self._of(number).values())

    def visits(self, number: str) -> list[int]:
        """The visits for which ``number`` was called, by id."""
        return sorted(visit for visit, calls in self._of(number).items() if calls)

    def _of(self, number: str) -> Counter[int]:
        return self.placed.get(number, Counter()) + self._by_hand.get(number, Counter())
