"""Words of a customer's page: fields, states, the timeline."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.campaign.messages import CallProgress
from dialer.campaign.model.visit import VisitState
from dialer.language import N_

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
    CallProgress.AGENT_MISSED: N_("The agent did not answer"),
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
