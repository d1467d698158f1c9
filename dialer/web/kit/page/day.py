"""What pages look up of the day: the visits and agents that a person may see, and their customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.visit import Visit
from dialer.campaign.state import Day
from dialer.web.kit.page.screen import Screen

AWAY = frozenset({Presence.SIGNED_OUT, Presence.PAUSED})

PRESENCE_KINDS: Mapping[Presence, str] = {
    Presence.SIGNED_OUT: "idle",
    Presence.READY: "good",
    Presence.RINGING: "busy",
    Presence.ON_CALL: "busy",
    Presence.WRAP_UP: "warn",
    Presence.PAUSED: "warn",
}
"""Which badge shows an agent's presence."""


def today_of(screen: Screen) -> Day | None:
    """The day as the rules have it."""
    return screen.state.today(screen.now)


def visits_of(screen: Screen) -> list[Visit]:
    """Today's visits that the person may see, in visit order."""
    day, rows, state = today_of(screen), screen.rows, screen.state
    if day is None:
        return []
    visits = day.visits.values() if rows.everything else [v for v in day.visits.values() if rows.visit(v, state)]
    return sorted(visits, key=lambda v: (v.list_name, v.order, v.id))


def agents_of(screen: Screen) -> list[Agent]:
    """The agents that the person may see, by number."""
    return sorted((a for a in screen.state.agents.values() if screen.rows.team(a)), key=lambda a: a.number)


async def customers_of(screen: Screen, visits: Iterable[int]) -> Mapping[int, Customer]:
    """The customers by visit; one that is not in the books yet is left out."""
    wanted = list(visits)
    return await screen.services.calls.customers(wanted) if wanted else {}


def shop(customers: Mapping[int, Customer], visit: int, code: str) -> str:
    """What to call a customer: the shop's name, or the code."""
    known = customers.get(visit)
    return known.shop_name or known.person or code if known else code
