"""What somebody asks of the recordings: the search form, as a query and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from unicodedata import normalize

from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import Result
from dialer.campaign.views.lookup import Call, CallQuery
from dialer.errors import BadInput
from dialer.web.kit.context import InHand
from dialer.web.kit.localtime import any_day
from dialer.web.kit.search import LONGEST, that_fit

_USUAL = timedelta(days=30)
_END = datetime.max.replace(tzinfo=UTC)
_SPELLING = re.compile(r"[A-Za-z][A-Za-z ]+")
_MOST_SPELT = 2000
_LENGTH = re.compile(r"(?:(\d{1,3})[:：])?(\d{1,5})")
_HELD, _ALL, _WITHOUT = "held", "all", "without"
KINDS = ("", _HELD, _WITHOUT, _ALL)
"""With a recording that can be played (""), on hold, without one, all calls."""


@dataclass(frozen=True, slots=True)
class Search:
    """The form as it stands. ``days`` are whole days of the department's zone, None for open ends.

    ``wrong`` names the fields that could not be understood: nothing is found until they are mended.
    """

    text: str
    agent: str
    since: date | None
    until: date | None
    shortest_s: float | None
    longest_s: float | None
    result: str
    kind: str
    wrong: frozenset[str]
    named: frozenset[str] = frozenset()
    """Codes of customers whose names the text spells."""

    def query(self, zone: tzinfo, page: Page) -> CallQuery:
        """As the stores take it."""
        return CallQuery(
            text=self.text or None,
            customers=self.named,
            agent=self.agent or None,
            since=None if self.since is None else datetime.combine(self.since, time.min, zone),
            until=None if self.until is None else datetime.combine(self.until + timedelta(days=1), time.min, zone),
            result=self.result or None,
            shortest_s=self.shortest_s,
            longest_s=self.longest_s,
            recorded={"": True, _HELD: True, _WITHOUT: False}.get(self.kind),
            hold=True if self.kind == _HELD else None,
            page=page,
        )

    def beside(self, call: Call, zone: tzinfo, *, newer: bool) -> CallQuery:
        """The call that a list of this search has right before (``newer``) or after ``call``."""
        query = self.query(zone, Page(1))
        at = call.attempt.placed_at
        if not newer:
            return replace(query, until=min(at, query.until) if query.until else at)
        after = at + min(timedelta(microseconds=1), _END - at)
        return replace(query, since=max(after, query.since) if query.since else after, oldest_first=True)


def search_of(asked: Mapping[str, str], today: date) -> Search:
    """What a form sent. Without a day in it, the last month is meant; a day that was emptied is no limit."""
    wrong: set[str] = set()

    def day(name: str, usual: date | None) -> date | None:
        if name not in asked:
            return usual
        text = asked[name].strip()
        try:
            return any_day(text) if text else None
        except BadInput:
            wrong.add(name)
            return None

    def length(name: str) -> float | None:
        text = asked.get(name, "").strip()
        fits = _LENGTH.fullmatch(text)
        if text and fits is None:
            wrong.add(name)
        return None if fits is None else 60.0 * int(fits[1] or 0) + int(fits[2])

    result = asked.get("result", "")
    kind = asked.get("kind", "")
    return Search(
        text=normalize("NFKC", asked.get("q", "")).strip()[:LONGEST],
        agent=asked.get("agent", "").strip()[:40],
        since=day("from", today - _USUAL),
        until=day("to", None),
        shortest_s=length("min"),
        longest_s=length("max"),
        result=result if result in set(Result) else "",
        kind=kind if kind in KINDS else "",
        wrong=frozenset(wrong),
    )


async def spelt(hand: InHand, text: str, since: date | None, until: date | None) -> frozenset[str]:
    """Codes of customers whose names or addresses the letters of ``text`` spell, of those on lists of these days."""
    if not _SPELLING.fullmatch(text):
        return frozenset()
    known = await hand.services.calls.names(since or date.min, until or date.max)
    found = await that_fit(hand.aside, text, known, lambda customer: (customer, ""))
    return frozenset(customer.code for customer in found[:_MOST_SPELT])
