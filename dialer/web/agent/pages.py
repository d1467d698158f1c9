"""The agent's one page: who is on the line, what to say, and one key for what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.customer import Customer, Shown, card
from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import Result
from dialer.campaign.rules.result import RULES
from dialer.campaign.views.lookup import CallQuery
from dialer.campaign.views.wording import ATTEMPT_STATES, PAUSE_REASONS, hindrance
from dialer.language import N_, Translate
from dialer.people.remarks import Tally
from dialer.web.agent.cards import CARDS, Card
from dialer.web.agent.phrases import PHRASES, Said, When
from dialer.web.kit.access.roles import AGENT
from dialer.web.kit.page.screen import Screen, page

_CALLS = 300

HERE = {"remarks": N_("Remarks of the list")}
"""Fields of the customer that are called otherwise here: the agent writes remarks too."""

SITUATIONS: Mapping[When, str] = {
    When.ORDERED: N_("Ordered"),
    When.DEPOSIT: N_("Deposit reminder"),
    When.NOT_NEEDED: N_("Nothing needed"),
    When.LATER: N_("Call back later"),
    When.WRONG_NUMBER: N_("Wrong shop"),
    When.NOT_UNDERSTOOD: N_("Not understood"),
    When.FEEDBACK: N_("Complaint"),
    When.REFUSED: N_("Refused"),
    When.CLOSING: N_("Closing"),
}

PADS = tuple((str(key), result, SITUATIONS[When(result)]) for key, result in enumerate(Result, 1))
"""key, result, its name."""


@dataclass(frozen=True, slots=True)
class Now:
    """Everything that changes on the page while the agent works."""

    agent: Agent
    card: Card | None
    asked: str
    """The call that the page wants in front, whatever goes on meanwhile."""
    beside: Card | None
    """The call that goes on meanwhile."""
    shown: bool
    """Whether the customer's card is in front: during a call, in wrap-up, and while something is written about it."""
    tally: Tally
    waiting: int
    facts: tuple[tuple[str, str], ...]
    phrases: tuple[Said, ...]
    talking: bool
    can_result: bool
    doing: str

    @property
    def greeting(self) -> str:
        """What to say first."""
        return next((said.text for said in self.phrases if said.when is When.OPENING), "")

    def receipt(self, t: Translate) -> str:
        """The order as it stands in the books: DD-1 · 16 条 · 1234.50 元."""
        order = self.card.order if self.card else None
        if order is None:
            return ""
        quantity = t("{n} cartons", n=order.quantity) if order.quantity else ""
        amount = t("{n} yuan", n=order.amount) if order.amount else ""
        return " · ".join(filter(None, (order.number, quantity, amount)))

    @property
    def since(self) -> datetime | None:
        """From when the clock counts: the conversation's beginning, else the presence's."""
        return self.card.attempt.connected_at if self.talking and self.card is not None else self.agent.since


async def show_agent(screen: Screen) -> web.StreamResponse:
    """The customer in front of the agent, and the day's count."""
    agent = screen.state.agents.get(screen.staff.number)
    if agent is None:
        return screen.render("agent_unknown.html")
    now = await _now(screen, agent)
    day = screen.state.days.get(now.card.visit.day) if now.card else screen.state.today(screen.now)
    windows = [(screen.format.clock(a), screen.format.clock(b)) for a, b in day.hours.windows] if day else []
    pauses = [(str(key), code, screen.t(words)) for key, (code, words) in enumerate(PAUSE_REASONS.items(), 1)]
    return screen.render(
        "agent.html",
        now=now,
        pads=PADS,
        rules=RULES,
        pauses=pauses,
        windows=windows,
        situations=SITUATIONS,
    )


async def show_now(screen: Screen) -> web.StreamResponse:
    """What changes: presence, count, card, phrases."""
    agent = screen.state.agent(screen.staff.number)
    return screen.render("_agent_now.html", now=await _now(screen, agent), situations=SITUATIONS)


async def show_calls(screen: Screen) -> web.StreamResponse:
    """The agent's own calls of the day, newest first; before them those that wait for a result."""
    query = CallQuery(agent=screen.staff.number, day=screen.today, page=Page(limit=_CALLS))
    calls = await screen.services.calls.calls(query)
    return screen.render("_agent_calls.html", calls=sorted(calls, key=lambda call: not _unsaid(call.attempt)))


def _unsaid(attempt: Attempt) -> bool:
    return attempt.talked and attempt.result is None


async def _now(screen: Screen, agent: Agent) -> Now:
    cards, state, asked = screen.request.app[CARDS], screen.state, screen.query.get("call", "")
    card = await cards.of(agent, state, screen.today, asked)
    tally = await cards.tally(agent, screen.today)
    up = card is not None and card.attempt.id == agent.attempt
    kept = card is not None and card.attempt.id == asked
    beside = await cards.of(agent, state, screen.today) if kept and agent.attempt and not up else None
    shown = card is not None and (up or kept or agent.presence in (Presence.ON_CALL, Presence.WRAP_UP))
    talked = card is not None and card.attempt.connected_at is not None
    return Now(
        agent=agent,
        card=card,
        asked=asked,
        beside=beside,
        shown=shown,
        tally=tally,
        waiting=cards.waiting(agent, state, screen.now),
        facts=_facts(card.customer, card.visit.number, screen.t) if card else (),
        phrases=tuple(_phrases(screen, agent, card)) if card and shown else (),
        talking=up and talked,
        can_result=talked,
        doing=_doing(screen, agent, state.attempts.get(agent.attempt or "")),
    )


def _facts(customer: Customer, number: str, t: Translate) -> tuple[tuple[str, str], ...]:
    """(name, value) of everything that is known of a customer, what the list has beyond the known fields last."""
    phone = f"{customer.phone} → {number}" if customer.phone and not _same(customer.phone, number) else number
    dialled = replace(customer, phone=phone)
    known = [(t(HERE.get(each.name, each.heading)), value) for each, value in card(dialled, Shown.AGENT)]
    return (*known, *customer.extra)


def _same(written: str, number: str) -> bool:
    digits = "".join(filter(str.isdigit, written))
    return bool(digits) and number.endswith(digits[-7:])


def _phrases(screen: Screen, agent: Agent, card: Card) -> list[Said]:
    customer, promised = card.customer, card.visit.promised
    particulars = {
        "shop": customer.shop_name or customer.code,
        "person": customer.person,
        "number": agent.number,
        "agent": agent.name,
        "manager": customer.account_manager,
        "order": customer.last_order,
        "time": screen.format.clock(promised),
    }
    return screen.request.app[PHRASES].for_customer(screen.language, customer.settlement, particulars)


def _doing(screen: Screen, agent: Agent, attempt: Attempt | None) -> str:
    """What is going on, in a few words that go beyond the presence."""
    if attempt is not None and attempt.state is not AttemptState.CONNECTED:
        return screen.t(ATTEMPT_STATES[attempt.state])
    return hindrance(agent, screen.language) if agent.presence in (Presence.PAUSED, Presence.READY) else ""


PAGES = (
    page("/agent", show_agent, AGENT, nav="My calls", key="1"),
    page("/pages/agent/now", show_now, AGENT),
    page("/pages/agent/calls", show_calls, AGENT),
)
