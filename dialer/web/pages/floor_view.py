"""What the floor's pages share: whose visits one sees, who may be dealt to, words of the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dialer.campaign.agent import Agent, Presence
from dialer.campaign.customer import Customer
from dialer.campaign.hours import DayHours
from dialer.campaign.messages import CallProgress
from dialer.campaign.state import Day
from dialer.campaign.visit import Visit, VisitState
from dialer.campaign.wording import Words
from dialer.web.pages.screen import Screen
from dialer.web.pages.texts import mark

AWAY = frozenset({Presence.SIGNED_OUT, Presence.PAUSED})

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

PRESENCE_KINDS: Mapping[Presence, str] = {
    Presence.SIGNED_OUT: "idle",
    Presence.READY: "good",
    Presence.RINGING: "busy",
    Presence.ON_CALL: "busy",
    Presence.WRAP_UP: "warn",
    Presence.PAUSED: "warn",
}
"""Which badge shows an agent's presence."""

HAPPENED: Mapping[str, str] = {
    "visit.promised": mark("Time promised"),
    "visit.by_hand": mark("Entered as done by hand"),
    "visit.withdrawn": mark("Withdrawn"),
    "visit.number": mark("Number corrected"),
    "visit.dealt": mark("Dealt out again"),
    "visit.updated": mark("Changed by the list"),
    "visit.result": mark("Result entered"),
    "attempt.placed": mark("Call committed to the books"),
    "attempt.ended": mark("End of the call in the books"),
    "call.hang_up": mark("Hang-up asked for"),
    "call.gone": mark("The PBX no longer has the call"),
    "call.ghost": mark("The PBX has a call that should be over"),
    "notice.unreached": mark("The departments are told: not reached"),
    "notice.invalid_number": mark("The departments are told: the number is wrong"),
    "notice.out_of_time": mark("The departments are told: the day was over before"),
    "notice.feedback": mark("The departments are told: what the customer said"),
}
"""What history says of a visit; a word that is not here is shown as it is."""

SIGNS: Mapping[CallProgress, str] = {
    CallProgress.RINGING: mark("The customer's phone rings"),
    CallProgress.PROGRESS: mark("The carrier plays something"),
    CallProgress.ANSWERED: mark("The customer answers"),
    CallProgress.AGENT_RINGING: mark("The agent's phone rings"),
    CallProgress.CONNECTED: mark("The agent picks up"),
    CallProgress.AGENT_MISSED: mark("The agent does not pick up"),
    CallProgress.DIALLED: mark("Dialling is over"),
    CallProgress.RESPONDED: mark("The PBX reports on the call"),
    CallProgress.HUNG_UP: mark("Hung up"),
    CallProgress.REFUSED: mark("The PBX refuses the call"),
    CallProgress.UNSENT: mark("The call never left"),
}

DETAILS: Mapping[str, str] = {
    "who": mark("dialled by %(value)s"),
    "dialled_at": mark("last at %(value)s"),
    "tries": mark("by hand %(value)s times"),
    "reason": mark("reason: %(value)s"),
    "old": mark("old number %(value)s"),
    "new": mark("new number %(value)s"),
    "promised": mark("promised for %(value)s"),
    "to": mark("dealt to %(value)s"),
    "result": mark("result: %(value)s"),
    "order": mark("order %(value)s"),
    "text": mark("%(value)s"),
}
"""What belongs to a line of the history."""

SIGNALLED: Mapping[str, str] = {
    "sip": mark("SIP %(value)s"),
    "cause": mark("cause %(value)s"),
    "dial_status": mark("dial status %(value)s"),
    "status": mark("dial status %(value)s"),
    "reason": mark("originate reason %(value)s"),
    "text": mark("%(value)s"),
}
"""What the PBX said of a call, in its own numbers."""

WITNESSED: Mapping[str, str] = {
    "ringing": mark("it rang"),
    "progress": mark("the carrier played something"),
    "answered": mark("the customer answered"),
    "connected": mark("the agent picked up"),
    "agent_missed": mark("the agent did not pick up"),
    "cancelled": mark("we gave it up"),
    "refused": mark("the PBX refused it"),
}
"""What is known to have happened in a call."""

FIELDS: Mapping[str, str] = {
    "person": mark("Person in charge"),
    "phone": mark("Phone on the list"),
    "address": mark("Address"),
    "licence": mark("Licence number"),
    "category": mark("Class"),
    "settlement": mark("Settlement"),
    "quota": mark("Order quota"),
    "account_manager": mark("Account manager"),
    "department": mark("Marketing department"),
    "last_order": mark("Last order"),
    "remarks": mark("Remarks"),
}
"""What is known of a customer, in the order in which it is shown."""


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


def hours_text(screen: Screen, hours: DayHours | None) -> str:
    """08:00-12:00, 13:00-17:30; "" on a day off."""
    f = screen.format
    windows: Sequence[tuple[str, str]] = [(f.clock(a), f.end(b)) for a, b in hours.windows] if hours else ()
    return ", ".join(f"{start}–{end}" for start, end in windows)


def worded(words: Mapping[str, Words], code: str, screen: Screen) -> str:
    """A code of the campaign's tables in the person's language; an unknown one as it is."""
    return words[code].of(screen.language) if code in words else code
