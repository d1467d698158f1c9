"""A visit's timeline in the words of people, on the pages and on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from dialer.campaign.messages import CallProgress
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import Result
from dialer.campaign.views.wording import DISPOSITIONS, HUNG_UP_BY, RESULTS
from dialer.language import N_, Translate

_HIDDEN = frozenset({"at", "what", "day", "visit", "attempt", "agent", "by", "counts", "source", "newest"})
"""What the line says already, or what is for programs."""

HAPPENED: Mapping[str, str] = {
    "visit.promised": N_("Time promised"),
    "visit.by_hand": N_("Manual call entered"),
    "visit.withdrawn": N_("Visit withdrawn"),
    "visit.put_back": N_("Put back on the list"),
    "visit.spent": N_("No more calls to the number"),
    "visit.number": N_("Number corrected"),
    "visit.dealt": N_("Reassigned"),
    "visit.updated": N_("Updated by the list"),
    "visit.result": N_("Result entered"),
    "visit.result_gone": N_("Result taken back"),
    "order.gone": N_("Order taken back"),
    "attempt.placed": N_("Attempt committed"),
    "attempt.ended": N_("End of the attempt committed"),
    "trunk.paused": N_("Trunk paused"),
    "trunk.resumed": N_("Trunk resumed"),
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
    "trunk": N_("trunk {value}"),
    "disposition": N_("{value}"),
    "counted": N_("calls counted so far: {value}"),
    "until": N_("until {value}"),
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
    "phone_incompatible": N_("the phone does not speak G.711"),
    "cancelled": N_("cancelled by us"),
    "refused": N_("refused by the PBX"),
}
"""What is known to have happened in a call."""

_CODES: Mapping[str, tuple[type[StrEnum], Mapping[Any, str]]] = {
    "result": (Result, RESULTS),
    "sign": (CallProgress, SIGNS),
    "disposition": (Disposition, DISPOSITIONS),
}
_TIMES = ("promised", "dialled_at", "until")


def signs(t: Translate, known: Mapping[str, Any]) -> str:
    """What the PBX said of a call, in one line; a code that its text begins with is not said twice."""
    said = str(known.get("text", "")).startswith(f"SIP {known.get('sip')}")
    return " · ".join(_worded(t, SIGNALLED, {**known, "sip": None} if said else known))


def evidence(t: Translate, known: Mapping[str, Any]) -> str:
    """All that is known of a call that is over, in one line."""
    said = [t(words) for name, words in WITNESSED.items() if known.get(name)]
    said += [t(words) for side, words in HUNG_UP_BY.items() if known.get("hung_up_by") == side]
    return " · ".join([*_worded(t, SIGNALLED, known), *said])


def details(t: Translate, known: Mapping[str, Any], clock: Callable[[datetime], str]) -> str:
    """What belongs to an entry of the history, in one line, its times by ``clock``."""
    shown = dict(known)
    for name, (kind, words) in _CODES.items():
        if shown.get(name) in {each.value for each in kind}:
            shown[name] = t(words[kind(shown[name])])
    shown["restarted"] = shown.get("restarted") or None
    for name in _TIMES:
        if shown.get(name):
            shown[name] = clock(datetime.fromisoformat(shown[name]))
    others = (f"{name} {v}" for name, v in shown.items() if v not in (None, "") and name not in _HIDDEN | set(DETAILS))
    return " · ".join([*_worded(t, DETAILS, shown), *others])


def _worded(t: Translate, table: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    """The values for which the table has words, in the table's order."""
    return [t(words, value=values[name]) for name, words in table.items() if values.get(name) not in (None, "")]
