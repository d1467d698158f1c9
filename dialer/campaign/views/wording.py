"""The campaign's words for people: states, outcomes, alarms and why-answers.

Codes are for machines and stay what they are; what a person reads is looked up here, and only here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from dialer.campaign.model.agent import PHONE_INCOMPATIBLE, PHONE_NOT_ANSWERED, Agent, Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition, Side
from dialer.campaign.model.notice import NoticeKind
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.rules.streak import Kind
from dialer.campaign.views.overview import AgentNow
from dialer.campaign.views.why import Answer, Why
from dialer.clock import on_clock
from dialer.language import N_, Language, Translate, translator

VISIT_STATES: dict[VisitState, str] = {
    VisitState.WAITING: N_("waiting"),
    VisitState.CALLING: N_("being called"),
    VisitState.REACHED: N_("reached"),
    VisitState.UNREACHED: N_("not reached"),
    VisitState.INVALID_NUMBER: N_("wrong number"),
    VisitState.WITHDRAWN: N_("withdrawn"),
    VisitState.OUT_OF_TIME: N_("not reached before closing"),
}

RESULTS: dict[Result, str] = {
    Result.ORDERED: N_("ordered"),
    Result.NOT_NEEDED: N_("needs nothing today"),
    Result.LATER: N_("wants to be called later"),
    Result.WRONG_NUMBER: N_("wrong shop"),
    Result.REFUSED: N_("refused", context="result"),
    Result.NOT_UNDERSTOOD: N_("could not be understood"),
    Result.FEEDBACK: N_("complaint or opinion"),
}

DISPOSITIONS: dict[Disposition, str] = {
    Disposition.CONNECTED: N_("connected"),
    Disposition.ABANDONED: N_("answered, no agent came on the line"),
    Disposition.NO_ANSWER: N_("no answer"),
    Disposition.BUSY: N_("busy"),
    Disposition.DECLINED: N_("declined"),
    Disposition.UNREACHABLE: N_("switched off or out of reach"),
    Disposition.INVALID_NUMBER: N_("no such number"),
    Disposition.CONGESTION: N_("lines congested"),
    Disposition.OUR_FAULT: N_("our line failed"),
    Disposition.CANCELLED: N_("cancelled by us"),
    Disposition.UNKNOWN: N_("outcome unknown"),
}

HUNG_UP_BY: dict[Side, str] = {
    Side.CUSTOMER: N_("the customer hung up first"),
    Side.AGENT: N_("the agent hung up first"),
    Side.PBX: N_("the PBX ended the call"),
}

ATTEMPT_STATES: dict[AttemptState, str] = {
    AttemptState.PLACED: N_("dialled"),
    AttemptState.RINGING: N_("ringing"),
    AttemptState.ANSWERED: N_("answered by the customer"),
    AttemptState.CONNECTED: N_("talking"),
    AttemptState.UNKNOWN: N_("state unknown, the PBX is being asked"),
    AttemptState.ENDED: N_("ended"),
}

PRESENCES: dict[Presence, str] = {
    Presence.SIGNED_OUT: N_("signed out", context="presence"),
    Presence.READY: N_("ready"),
    Presence.RINGING: N_("calling", context="presence"),
    Presence.ON_CALL: N_("on a call"),
    Presence.WRAP_UP: N_("wrap-up"),
    Presence.PAUSED: N_("paused", context="presence"),
}

HELD: dict[Kind, str] = {
    Kind.UNHEARD: N_("the PBX says nothing of the calls that it is given"),
    Kind.DROPPED: N_("customers who answer are cut off before an agent's phone rings"),
    Kind.MISSED: N_("customers answer, and no agent picks up"),
    Kind.CUT_SHORT: N_("conversations end within a second"),
}
"""Why calls are held."""
PHONES: dict[PhoneState, str] = {
    PhoneState.FREE: N_("free", context="phone"),
    PhoneState.BUSY: N_("on another call"),
    PhoneState.RINGING: N_("ringing with another call"),
    PhoneState.ON_HOLD: N_("holding another call"),
    PhoneState.DO_NOT_DISTURB: N_("set to do not disturb"),
    PhoneState.AWAY: N_("not registered or not reachable"),
    PhoneState.UNKNOWN: N_("not known to the PBX"),
    PhoneState.NOT_ALLOWED: N_("not of a form that the settings allow"),
    PhoneState.UNSAID: N_("not known", context="phone"),
}

NOTICES: dict[NoticeKind, str] = {
    NoticeKind.UNREACHED: N_("Customer not reached"),
    NoticeKind.INVALID_NUMBER: N_("Wrong number"),
    NoticeKind.OUT_OF_TIME: N_("Not reached before closing"),
    NoticeKind.LATE_START: N_("Late start"),
    NoticeKind.FEEDBACK: N_("Customer feedback"),
    NoticeKind.TAKEN_BACK: N_("Taken back"),
    NoticeKind.ALARM: N_("Alarm"),
    NoticeKind.ALARM_OVER: N_("Alarm over"),
}

PAUSE_REASONS: dict[str, str] = {
    "break": N_("Short break"),
    "meal": N_("Meal"),
    "meeting": N_("Meeting or training"),
    "records": N_("Sorting records"),
    "equipment": N_("Equipment trouble"),
}
"""The usual reasons for a pause, by the codes that are stored; who reads them reads their own language."""

_REASONS: dict[str, str] = {
    PHONE_NOT_ANSWERED: N_("the phone was not answered"),
    PHONE_INCOMPATIBLE: N_("the phone does not speak G.711 (A-law or μ-law), which calls need"),
    **PAUSE_REASONS,
}

_ALARMS: dict[str, str] = {
    "link": N_("The link to the PBX is lost"),
    "owner": N_("The dialer on {name} owns the PBX with these records; this one only watches"),
    "stranger": N_(
        "The PBX followed a carrier's redirection: a customer was called past our records, and hung up on. "
        "Set redirect_method = uri_pjsip for the trunk"
    ),
    "trunk": N_("Trunk {name} has failed and is paused"),
    "route": N_("Behind trunk {name} the PBX's own route answers instead of the customers"),
    "agent": N_("Agent {name} did not pick up"),
    "phone": N_("The phone of agent {name} refuses calls: it does not speak G.711. Allow A-law or μ-law on the phone"),
    "streak-unheard": N_("Calls are held: the PBX says nothing of the calls that it is given. See 'dialer check'"),
    "streak-dropped": N_(
        "Calls over trunk {name} are held: customers who answer are cut off before an agent's phone rings. "
        "See 'dialer check': a module of the PBX may be missing, or the trunk answers by itself"
    ),
    "streak-missed": N_("Calls are held: customers answer, and no agent picks up"),
    "streak-cut_short": N_("Calls for agent {name} are held: their conversations end within a second. Test the phone"),
    "notices-failing": N_("The info platform does not acknowledge any notices"),
    "notices-dead": N_("A notice could not be delivered"),
    "recording-folder": N_("The PBX's recording folder cannot be read"),
    "recording-library": N_("The recording library cannot be written to"),
    "recording-store": N_("Recordings cannot be registered in the database"),
    "recording-file": N_("A recording file cannot be taken in"),
    "restored": N_(
        "The database was restored from a backup; calls made after it are missing. Check them, then resume calling"
    ),
    "backup": N_("The database could not be backed up"),
    "night": N_("The night's work failed ({name}) and is tried again the next night. The log has the details"),
    "part": N_("A part of the dialer ({name}) has died and is started again. Report it with what the log says"),
    "defect": N_("The dialer has a defect: {name} failed and was left out. Report it with what the log says"),
    "clock": N_("The clock of this machine was moved by {name} s; the gaps between calls are kept"),
    "recording-set-aside": N_("A recording could not be taken in and was set aside for a person to look at"),
    "recording-endless": N_("A call has been recorded for longer than any call should be. Hang it up"),
    "recording-missing": N_("A conversation has no recording"),
}

_WHY: dict[Why, str] = {
    Why.NOT_ON_LIST: N_("Customer {customer} is not on the list of {day}."),
    Why.BY_HAND: N_(
        "Dialled by hand by {who}, calls made: {tries}, the last at {at}: {outcome}. "
        "The dialer does not call again today."
    ),
    Why.REACHED: N_("Reached; the call ended at {at}. Result: {result}."),
    Why.UNREACHED: N_(
        "Not reached in {counted} counted attempts, the last of which ended at {at}; "
        "a notice goes to the marketing department and the account manager."
    ),
    Why.NUMBER_SPENT: N_(
        "Not reached: the number was called for customer {customer} as well, and the rule allows no more calls to it "
        "today (counted for this customer: {counted}); "
        "a notice goes to the marketing department and the account manager."
    ),
    Why.INVALID_NUMBER: N_("The number {number} is wrong; it must be corrected first."),
    Why.WITHDRAWN: N_("Withdrawn from the list: {reason}."),
    Why.OUT_OF_TIME: N_("Not reached before closing; calls made: {attempts}. Not called any more today."),
    Why.CALLING: N_("Being called now ({state}), agent {agent}, since {since}."),
    Why.TRANSFERRED: N_("On the phone since agent {agent} answered; transferred from the phone to {to} at {since}."),
    Why.OTHER_DAY: N_("On the list of {day} and called on that day."),
    Why.DAY_OFF: N_("No calls today: {note}."),
    Why.NOT_OPEN: N_("Outside the calling hours, which start again at {at}."),
    Why.NO_LINK: N_("There is no link to the PBX (since {since})."),
    Why.NOT_OWNER: N_("The dialer on {machine} owns the PBX; this one only watches."),
    Why.PAUSED: N_("Calling is paused: {by}."),
    Why.PROMISED: N_("The customer asked to be called at {at}."),
    Why.GAP: N_("The last call ended as '{last}'; the next may start at {until}."),
    Why.NUMBER_IN_USE: N_("The same number is being called for customer {customer}."),
    Why.NUMBER_GAP: N_("The same number was just called for another customer; the next call may start at {until}."),
    Why.NO_AGENT: N_("There is no agent for {whose}."),
    Why.AGENT_AWAY: N_("{whose}: {presence} ({reason}) since {since}."),
    Why.HELD: N_("Calls are held: {kind}. One call tries again at {until}."),
    Why.PHONE: N_("{whose}: the phone {extension} is {phone}; calls go on as soon as it is free."),
    Why.TRUNKS_DOWN: N_("Every trunk fails; the next try is at {until}."),
    Why.TRUNKS_FULL: N_("Every channel of every trunk is in use."),
    Why.IN_LINE: N_("In line for {whose} behind {ahead} others."),
    Why.NEXT: N_("Next to be called, for {whose}."),
}

_WITHOUT: dict[tuple[Why, str], str] = {
    (Why.REACHED, "result"): N_("Reached; the call ended at {at}. No result has been entered yet."),
    (Why.WITHDRAWN, "reason"): N_("Withdrawn from the list."),
    (Why.NUMBER_SPENT, "customer"): N_(
        "Not reached: the number was called before it was corrected, and the rule allows no more calls to it today; "
        "a notice goes to the marketing department and the account manager."
    ),
    (Why.CALLING, "since"): N_("Being called; the PBX is being asked about the call."),
    (Why.TRANSFERRED, "to"): N_("On the phone since agent {agent} answered; transferred from the phone at {since}."),
    (Why.DAY_OFF, "note"): N_("There are no calling hours today."),
    (Why.NOT_OPEN, "at"): N_("Today's calling hours are over."),
    (Why.NO_LINK, "since"): N_("There is no link to the PBX yet."),
    (Why.GAP, "last"): N_("The next call may start at {until}."),
    (Why.AGENT_AWAY, "reason"): N_("{whose}: {presence} since {since}."),
    (Why.HELD, "until"): N_("Calls are held: {kind}. One call is trying whether that is over."),
    (Why.TRUNKS_DOWN, "until"): N_("Every trunk fails; one is being tried."),
}
"""What is said when that parameter is missing."""


_PARAMETERS: dict[str, Mapping[Any, str]] = {
    "result": RESULTS,
    "outcome": {**RESULTS, **VISIT_STATES},
    "last": DISPOSITIONS,
    "presence": PRESENCES,
    "phone": PHONES,
    "state": ATTEMPT_STATES,
    "reason": _REASONS,
    "kind": HELD,
}
"""Parameters of why-answers that are codes."""


def sentence(answer: Answer, language: Language, zone: tzinfo) -> str:
    """A why-answer as one true line; times on the wall clock of ``zone``."""
    t, words = translator(language), _WHY[answer.why]
    for (why, name), otherwise in _WITHOUT.items():
        if why is answer.why and not answer.params.get(name):
            words = otherwise
    shown = {name: _shown(name, value, t, zone) for name, value in answer.params.items()}
    return t(words, **shown, whose=_owner(answer.params, t))


def alarm(key: str, text: str, language: Language) -> str:
    """What an alarm is about; its own ``text`` when the key is none of ours."""
    kind, _, name = key.partition(":")
    return translator(language)(_ALARMS[kind], name=name) if kind in _ALARMS else text


def reason(code: str, language: Language) -> str:
    """Why an agent is paused; what a person entered stays as it is."""
    return translator(language)(_REASONS[code]) if code in _REASONS else code


_AT_WORK = (Presence.READY, Presence.WRAP_UP, Presence.PAUSED)


def hindrance(agent: Agent | AgentNow, language: Language) -> str:
    """Why an agent is paused, and what keeps the phone of one who could be called from taking a call; "" if nothing.

    What a person entered as the reason stays as it is.
    """
    t = translator(language)
    said = [t(_REASONS[agent.reason]) if agent.reason in _REASONS else agent.reason]
    if agent.presence in _AT_WORK and not agent.phone.able:
        said.append(t("the phone {extension} is {phone}", extension=agent.extension, phone=t(PHONES[agent.phone])))
    return " · ".join(each for each in said if each)


def _shown(name: str, value: object, t: Translate, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return on_clock(value, zone).strftime("%H:%M:%S")
    words = _PARAMETERS.get(name, {}).get(str(value))
    return t(words) if words else str(value)


def _owner(params: Mapping[str, object], t: Translate) -> str:
    """The agent or the team that a visit is assigned to."""
    if params.get("agent"):
        return t("agent {number}", number=params["agent"])
    return t("team {name}", name=params.get("team"))


def some(names: Sequence[str], most: int = 5) -> str:
    """The first few of many names."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
