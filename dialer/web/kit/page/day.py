"""What pages look up of the day: the visits and agents that a person may see, and their customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from dialer.campaign.day_list import Day
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import Visit
from dialer.campaign.views.lookup import Call, CallQuery
from dialer.web.kit.page.screen import Screen

_BATCH = 200
AWAY = frozenset({Presence.SIGNED_OUT, Presence.PAUSED})


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
    return screen.rows.agents(screen.state)


async def customers_of(screen: Screen, codes: Mapping[int, str]) -> Mapping[int, Customer]:
    """The customers by visit; of one that is not on record yet only the code, as it is given, is known."""
    found = await screen.services.calls.customers(list(codes)) if codes else {}
    return {visit: found.get(visit) or Customer(code) for visit, code in codes.items()}


async def open_results(screen: Screen, first: date, last: date | None = None) -> list[Call]:
    """Conversations of these days (one, without ``last``) that are over and have no result yet, by time.

    They are counted and listed by this alone, on every page: of the visits that the person may see.
    """
    found: list[Call] = []
    query = CallQuery(
        day=first, last_day=last, unsaid=True, oldest_first=True, page=Page(_BATCH),
        scope=screen.rows.scope(screen.context.state_if_loaded),
    )  # fmt: skip
    while batch := await screen.services.calls.calls(query):
        found += batch
        query = replace(query, page=Page(_BATCH, len(found)))
        if len(batch) < _BATCH:
            break
    return found


def every_agent(screen: Screen) -> Sequence[Agent]:
    """By number; none until the day has been loaded."""
    state = screen.context.state_if_loaded
    return sorted(state.agents.values(), key=lambda agent: agent.number) if state else ()


def shop(customer: Customer) -> str:
    """What to call a customer: the shop's name, or the code."""
    return customer.shop_name or customer.person or customer.code
