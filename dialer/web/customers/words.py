"""Words of a customer's page: fields, states, the timeline."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.campaign.messages import Sign
from dialer.campaign.visit import VisitState
from dialer.web.kit.page.texts import mark

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

SIGNS: Mapping[Sign, str] = {
    Sign.RINGING: mark("The customer's phone rings"),
    Sign.PROGRESS: mark("The carrier plays something"),
    Sign.ANSWERED: mark("The customer answers"),
    Sign.AGENT_RINGING: mark("The agent's phone rings"),
    Sign.CONNECTED: mark("The agent picks up"),
    Sign.AGENT_MISSED: mark("The agent does not pick up"),
    Sign.DIALLED: mark("Dialling is over"),
    Sign.RESPONDED: mark("The PBX reports on the call"),
    Sign.HUNG_UP: mark("Hung up"),
    Sign.REFUSED: mark("The PBX refuses the call"),
    Sign.UNSENT: mark("The call never left"),
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
