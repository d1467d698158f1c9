"""The day's customers: search, one with the whole story and why it has not been called."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from dialer.campaign.messages import CallProgress
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Shown, card
from dialer.campaign.model.order import AGENT
from dialer.campaign.model.visit import Visit, VisitState
from dialer.campaign.rules.result import RULES
from dialer.campaign.views import timeline_words as words
from dialer.campaign.views.explain import finished, why
from dialer.campaign.views.lookup import VisitDetail
from dialer.campaign.views.timeline import Kind, timeline
from dialer.campaign.views.wording import ATTEMPT_STATES, DISPOSITIONS, sentence
from dialer.errors import NotFound
from dialer.language import N_
from dialer.web.customers.api.visits import VisitPath
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.api.checks import its_visit
from dialer.web.kit.http.query import whole
from dialer.web.kit.page.day import agents_of, customers_of, visits_of
from dialer.web.kit.page.paging import sliced, wanted_page
from dialer.web.kit.page.screen import Screen, page
from dialer.web.kit.search import that_fit


async def show_customers(screen: Screen) -> web.StreamResponse:
    """Today's customers, by name, code, phone or pinyin, by state and by agent."""
    query = screen.query
    found = await find(screen, query)
    wanted = wanted_page(query)
    near = found[wanted.offset : wanted.offset + wanted.limit]
    names = await customers_of(screen, {v.id: v.customer for v in near})
    part = sliced([(v, names[v.id]) for v in near], "/floor/customers", query)
    return screen.render(
        "floor_customers.html",
        part=part, total=len(found), calls=sum(visit.attempts for visit in found),
        by_state=Counter(visit.state for visit in found), query=query, agents=agents_of(screen),
        states=tuple(VisitState),
        several=len({v.list_name for v in visits_of(screen)}) > 1,
    )  # fmt: skip


async def find(screen: Screen, query: Mapping[str, str]) -> list[Visit]:
    """Today's visits of the person that fit ``q``, ``state`` and ``agent`` ("-": of no agent)."""
    wanted, agent = query.get("state", ""), query.get("agent", "")
    visits = [
        v
        for v in visits_of(screen)
        if wanted in ("", v.state) and (agent in ("", v.agent) or (agent == "-" and v.agent is None))
    ]
    asked = query.get("q", "").strip()
    if not asked or not visits:
        return visits
    customers = await customers_of(screen, {v.id: v.customer for v in visits})
    return await that_fit(screen.aside, asked, visits, lambda v: (customers[v.id], v.number))


HERE = {"phone": N_("Phone on the list")}
"""Fields of the customer that are called otherwise here: the number that is dialled may be another."""


async def show_customer(screen: Screen) -> web.StreamResponse:
    """One customer of the day with everything that can be done."""
    detail = await _detail(screen)
    visit = detail.visit
    answer = finished(visit) or why(screen.state, visit.customer, screen.now, visit.day)
    known = [(screen.t(HERE.get(f.name, f.heading)), v) for f, v in card(detail.customer, Shown.FLOOR) if v]
    return screen.render_live(
        "floor_customer.html",
        story=detail,
        visit=visit,
        customer=detail.customer,
        why=sentence(answer, screen.language, screen.zone),
        facts=[*known, *detail.customer.extra],
        timeline=list(_timeline(screen, detail)),
        limit=screen.state.config.rule.limit,
        agents=agents_of(screen),
        talks=[call for call in detail.attempts if _takes_result(screen, call)],
        rules=RULES,
        orders=defaultdict(str, {each.attempt: each.number for each in detail.orders if each.source == AGENT}),
    )


def _takes_result(screen: Screen, call: Attempt) -> bool:
    """Whether a result can be entered for a call: of a conversation of a day that is in hand, once it is over."""
    day = screen.state.days.get(call.day)
    return day is not None and call.id in day.conversations


async def _detail(screen: Screen) -> VisitDetail:
    text = screen.path["visit"]
    if not (number := whole(text)):
        raise NotFound(f"there is no visit {text[:20]}")
    request = screen.api(VisitPath(visit=number))
    if not screen.rows.everything:
        await its_visit(request)
    return await screen.services.calls.detail(request.params.visit)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline; ``weight`` is strong for what people ask about."""

    at: datetime
    what: str
    detail: str
    who: str = ""
    strong: bool = False


def _timeline(screen: Screen, detail: VisitDetail) -> Iterator[Line]:
    t = screen.t
    for event in timeline(detail):
        call, seq = event.call, event.call.seq if event.call else "?"
        if event.kind is Kind.CALL:
            yield Line(event.at, f"#{seq} {t(words.SIGNS[CallProgress(event.what)])}", words.signs(t, event.details))
        elif event.kind is Kind.HISTORY and not event.what.startswith("attempt."):
            what = t(words.HAPPENED[event.what]) if event.what in words.HAPPENED else event.what
            yield Line(
                event.at,
                what,
                words.details(t, event.details, screen.format.clock),
                event.by or event.agent or "",
                strong=True,
            )
        elif event.kind is Kind.PLACED and call is not None:
            placed = t("#{seq} call to {number}", seq=seq, number=call.number)
            yield Line(event.at, placed, f"{call.id} · {call.trunk}", call.agent, strong=True)
        elif event.kind is Kind.ENDED and call is not None:
            yield Line(event.at, _ending(screen, call), words.evidence(t, event.details), strong=True)


def _ending(screen: Screen, attempt: Attempt) -> str:
    if attempt.disposition is None:
        return screen.t(ATTEMPT_STATES[attempt.state])
    ended = screen.t(DISPOSITIONS[attempt.disposition])
    counts = screen.t("counted") if attempt.counts else screen.t("not counted")
    return screen.t("#{seq} {ended} ({counts})", seq=attempt.seq, ended=ended, counts=counts)


PAGES = (
    page("/floor/customers", show_customers, LEADERS, turn="heavy"),
    page("/floor/customers/{visit}", show_customer, LEADERS),
    page("/pages/floor/customers/{visit}", show_customer, LEADERS),
)
