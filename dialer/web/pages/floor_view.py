"""What the floor's pages share: whose visits one sees, who may be assigned to, words of the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dialer.campaign.agent import Agent, Presence
from dialer.campaign.customer import Customer
from dialer.campaign.hours import DayHours
from dialer.campaign.messages import Sign
from dialer.campaign.state import Day
from dialer.campaign.visit import Visit, VisitState
from dialer.language import N_
from dialer.web.pages.screen import Screen

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
    "visit.promised": N_("Time promised"),
    "visit.by_hand": N_("Manual call entered"),
    "visit.withdrawn": N_("Visit withdrawn"),
    "visit.number": N_("Number corrected"),
    "visit.dealt": N_("Reassigned"),
    "visit.updated": N_("Updated by the list"),
    "visit.result": N_("Result entered"),
    "call.hang_up": N_("Hang-up requested"),
    "call.gone": N_("The PBX no longer has the call"),
    "call.ghost": N_("The PBX has a call that is not on record"),
    "notice.unreached": N_("Departments notified: not reached"),
    "notice.invalid_number": N_("Departments notified: wrong number"),
    "notice.out_of_time": N_("Departments notified: not reached before closing"),
    "notice.feedback": N_("Departments notified: complaint or opinion"),
}
"""What history says of a visit; a word that is not here is shown as it is."""

SIGNS: Mapping[Sign, str] = {
    Sign.RINGING: N_("The customer's phone is ringing"),
    Sign.PROGRESS: N_("The carrier is playing audio"),
    Sign.ANSWERED: N_("The customer answered"),
    Sign.AGENT_RINGING: N_("The agent's phone is ringing"),
    Sign.CONNECTED: N_("The agent answered"),
    Sign.AGENT_MISSED: N_("The agent did not answer"),
    Sign.DIALLED: N_("Dialling ended"),
    Sign.RESPONDED: N_("The PBX responded"),
    Sign.HUNG_UP: N_("Hung up"),
    Sign.REFUSED: N_("The PBX refused the call"),
    Sign.UNSENT: N_("The call could not be sent"),
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
    "agent_missed": N_("the agent did not answer"),
    "cancelled": N_("cancelled by us"),
    "refused": N_("refused by the PBX"),
}
"""What is known to have happened in a call."""

FIELDS: Mapping[str, str] = {
    "person": N_("Person in charge"),
    "phone": N_("Phone on the list"),
    "address": N_("Business address"),
    "licence": N_("Licence number"),
    "category": N_("Class"),
    "settlement": N_("Settlement"),
    "quota": N_("Order quota"),
    "account_manager": N_("Account manager"),
    "department": N_("Marketing department"),
    "last_order": N_("Last order"),
    "remarks": N_("Remarks"),
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
