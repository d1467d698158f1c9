"""The day's customers: search, one with the whole story and why it has not been called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from dialer.campaign.messages import CallProgress
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Shown, card
from dialer.campaign.model.visit import Result, Visit, VisitState
from dialer.campaign.views.lookup import VisitDetail
from dialer.campaign.views.timeline import Kind, timeline
from dialer.campaign.views.why import finished, why
from dialer.campaign.views.wording import ATTEMPT_STATES, DISPOSITIONS, RESULTS, sentence
from dialer.errors import NotFound
from dialer.language import N_, Translate
from dialer.web.customers.api.visits import VisitPath
from dialer.web.customers.search import that_fit
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.api.checks import its_visit
from dialer.web.kit.page.day import agents_of, customers_of, visits_of
from dialer.web.kit.page.paging import sliced, wanted_page
from dialer.web.kit.page.screen import Screen, page

_MOST_VISITS = 2**63
_HIDDEN = frozenset({"day", "visit", "attempt", "agent", "by"})

STATE_KINDS: Mapping[VisitState, str] = {
    VisitState.WAITING: "idle",
    VisitState.CALLING: "busy",
    VisitState.REACHED: "good",
    VisitState.UNREACHED: "bad",
    VisitState.INVALID_NUMBER: "warn",
    VisitState.WITHDRAWN: "idle",
    VisitState.OUT_OF_TIME: "bad",
}
"""Which badge shows a visit's state: the colours of the day's bar."""

HAPPENED: Mapping[str, str] = {
    "visit.promised": N_("Time promised"),
    "visit.by_hand": N_("Manual call entered"),
    "visit.withdrawn": N_("Visit withdrawn"),
    "visit.number": N_("Number corrected"),
    "visit.dealt": N_("Reassigned"),
    "visit.updated": N_("Updated by the list"),
    "visit.result": N_("Result entered"),
    "call.hang_up": N_("Hang-up requested"),
    "call.transferred": N_("The agent transferred the call"),
    "call.returned": N_("The transferred call came back"),
    "call.gone": N_("The PBX no longer has the call"),
    "call.ghost": N_("The PBX has a call that is not on record"),
    "notice.unreached": N_("Departments notified: not reached"),
    "notice.invalid_number": N_("Departments notified: wrong number"),
    "notice.out_of_time": N_("Departments notified: not reached before closing"),
    "notice.feedback": N_("Departments notified: complaint or opinion"),
}
"""What history says of a visit; a word that is not here is shown as it is."""

SIGNS: Mapping[CallProgress, str] = {
    CallProgress.RINGING: N_("The customer's phone is ringing"),
    CallProgress.PROGRESS: N_("The carrier is playing audio"),
    CallProgress.ANSWERED: N_("The customer answered"),
    CallProgress.AGENT_RINGING: N_("The agent's phone is ringing"),
    CallProgress.CONNECTED: N_("The agent answered"),
    CallProgress.INTERCEPTED: N_("The PBX's own route answered, not the customer"),
    CallProgress.AGENT_MISSED: N_("The agent did not answer"),
    CallProgress.TRANSFERRED: N_("The customer was transferred"),
    CallProgress.RETURNED: N_("The customer is back on the agent's phone"),
    CallProgress.DIALLED: N_("Dialling ended"),
    CallProgress.RESPONDED: N_("The PBX responded"),
    CallProgress.HUNG_UP: N_("Hung up"),
    CallProgress.REFUSED: N_("The PBX refused the call"),
    CallProgress.UNSENT: N_("The call could not be sent"),
}

DETAILS: Mapping[str, str] = {
    "who": N_("dialled by {value}"),
    "dialled_at": N_("last call at {value}"),
    "tries": N_("manual calls: {value}"),
    "reason": N_("reason: {value}"),
    "old": N_("old number {value}"),
    "new": N_("new number {value}"),
    "promised": N_("promised for {value}"),
    "to": N_("assigned to {value}"),
    "extension": N_("extension {value}"),
    "result": N_("result: {value}"),
    "order": N_("order {value}"),
    "restarted": N_("the PBX was restarted"),
    "sign": N_("call progress: {value}"),
    "channel": N_("channel {value}"),
    "text": N_("{value}"),
}
"""What belongs to a line of the history."""

SIGNALLED: Mapping[str, str] = {
    "sip": N_("SIP {value}"),
    "cause": N_("cause {value}"),
    "dial_status": N_("dial status {value}"),
    "status": N_("dial status {value}"),
    "reason": N_("originate reason {value}"),
    "text": N_("{value}"),
}
"""What the PBX said of a call, in its own numbers."""

WITNESSED: Mapping[str, str] = {
    "ringing": N_("it rang"),
    "progress": N_("the carrier played audio"),
    "answered": N_("the customer answered"),
    "connected": N_("the agent answered"),
    "intercepted": N_("the PBX's own route answered"),
    "agent_missed": N_("the agent did not answer"),
    "cancelled": N_("cancelled by us"),
    "refused": N_("refused by the PBX"),
}
"""What is known to have happened in a call."""


async def show_customers(screen: Screen) -> web.StreamResponse:
    """Today's customers, by name, code, phone or pinyin, by state and by agent."""
    query = screen.query
    found = await find(screen, query)
    wanted = wanted_page(query)
    near = found[wanted.offset : wanted.offset + wanted.limit]
    names = await customers_of(screen, {v.id: v.customer for v in near})
    part = sliced([(v, names[v.id], STATE_KINDS[v.state]) for v in near], "/floor/customers", query)
    return screen.render(
        "floor_customers.html",
        part=part, total=len(found), query=query, agents=agents_of(screen), states=tuple(VisitState),
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
    return await that_fit(asked, visits, lambda v: (customers[v.id], v.number))


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
        kind=STATE_KINDS[visit.state],
        why=sentence(answer, screen.language, screen.zone),
        facts=[*known, *detail.customer.extra],
        timeline=list(_timeline(screen, detail)),
        limit=screen.state.config.rule.limit,
        agents=agents_of(screen),
    )


async def _detail(screen: Screen) -> VisitDetail:
    text = screen.path["visit"]
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < _MOST_VISITS):
        raise NotFound(f"there is no visit {text[:20]}")
    request = screen.api(VisitPath(visit=int(text)))
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
            yield Line(event.at, f"#{seq} {t(SIGNS[CallProgress(event.what)])}", signs(t, event.details))
        elif event.kind is Kind.HISTORY and not event.what.startswith("attempt."):
            what = t(HAPPENED[event.what]) if event.what in HAPPENED else event.what
            yield Line(event.at, what, _details(screen, event.details), event.by or event.agent or "", strong=True)
        elif event.kind is Kind.PLACED and call is not None:
            placed = t("#{seq} call to {number}", seq=seq, number=call.number)
            yield Line(event.at, placed, f"{call.id} · {call.trunk}", call.agent, strong=True)
        elif event.kind is Kind.ENDED and call is not None:
            yield Line(event.at, _ending(screen, call), _evidence(screen, event.details), strong=True)


def _ending(screen: Screen, attempt: Attempt) -> str:
    if attempt.disposition is None:
        return screen.t(ATTEMPT_STATES[attempt.state])
    ended = screen.t(DISPOSITIONS[attempt.disposition])
    counts = screen.t("counted") if attempt.counts else screen.t("not counted")
    return screen.t("#{seq} {ended} ({counts})", seq=attempt.seq, ended=ended, counts=counts)


def _evidence(screen: Screen, known: Mapping[str, Any]) -> str:
    said = [screen.t(words) for name, words in WITNESSED.items() if known.get(name)]
    return " · ".join([*_worded(screen.t, SIGNALLED, known), *said])


def signs(t: Translate, known: Mapping[str, Any]) -> str:
    """What the PBX said of a call, in one line; a code that its text begins with is not said twice."""
    said = str(known.get("text", "")).startswith(f"SIP {known.get('sip')}")
    return " · ".join(_worded(t, SIGNALLED, {**known, "sip": None} if said else known))


def _details(screen: Screen, details: Mapping[str, Any]) -> str:
    shown = dict(details)
    if shown.get("result") in set(Result):
        shown["result"] = screen.t(RESULTS[Result(shown["result"])])
    if shown.get("sign") in set(CallProgress):
        shown["sign"] = screen.t(SIGNS[CallProgress(shown["sign"])])
    shown["restarted"] = shown.get("restarted") or None
    for name in ("promised", "dialled_at"):
        if shown.get(name):
            shown[name] = screen.format.clock(datetime.fromisoformat(shown[name]))
    others = (f"{name} {v}" for name, v in shown.items() if v not in (None, "") and name not in _HIDDEN | set(DETAILS))
    return " · ".join([*_worded(screen.t, DETAILS, shown), *others])


def _worded(t: Translate, table: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    """The values for which the table has words, in the table's order."""
    return [t(words, value=values[name]) for name, words in table.items() if values.get(name) not in (None, "")]


PAGES = (
    page("/floor/customers", show_customers, LEADERS),
    page("/floor/customers/{visit}", show_customer, LEADERS),
    page("/pages/floor/customers/{visit}", show_customer, LEADERS),
)
