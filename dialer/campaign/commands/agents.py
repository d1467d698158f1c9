"""What is asked for agents: their account with the dialer, and whether they take calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from dialer.campaign.calls.outcome import cancel_ringing
from dialer.campaign.calls.phones import follow_phones, show
from dialer.campaign.messages import SaveAgent, SaveAgents, SetPresence
from dialer.campaign.model.agent import Agent, AgentEvent, Presence
from dialer.campaign.model.phone import PhoneState, phones_in
from dialer.campaign.state import State
from dialer.errors import BadInput, Conflict
from dialer.language import N_

PHONE_NOT_READY: Mapping[PhoneState, tuple[str, str]] = {
    PhoneState.AWAY: ("phone-away", N_("not registered or not reachable", context="error")),
    PhoneState.UNKNOWN: ("phone-unknown", N_("not known to the PBX", context="error")),
    PhoneState.DO_NOT_DISTURB: ("phone-do-not-disturb", N_("set to do not disturb", context="error")),
    PhoneState.BUSY: ("phone-busy", N_("on another call", context="error")),
    PhoneState.RINGING: ("phone-ringing", N_("ringing with another call", context="error")),
    PhoneState.ON_HOLD: ("phone-on-hold", N_("holding another call", context="error")),
    PhoneState.NOT_ALLOWED: ("phone-not-allowed", N_("not of a form that the settings allow", context="error")),
}
"""The code and the words with which ready is refused, by what keeps the phone from taking a call."""


class PhoneNotReady(Conflict):
    """The phone cannot take a call."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PhoneTaken(Conflict):
    """This is another agent's phone."""

    code = "phone-taken"


class PhoneShared(Conflict):
    """Somebody else works on this phone already."""

    code = "phone-shared"


_WORKING = (Presence.READY, Presence.RINGING, Presence.ON_CALL, Presence.WRAP_UP)
_IN_CALL = (Presence.RINGING, Presence.ON_CALL)
_ASKED = {
    Presence.READY: AgentEvent.READY,
    Presence.PAUSED: AgentEvent.PAUSE,
    Presence.SIGNED_OUT: AgentEvent.SIGN_OUT,
}


def save_agent(state: State, command: SaveAgent, now: datetime) -> Agent:
    """Create an agent, or change name, phone or team. Raises ``BadInput``, ``PhoneNotAllowed``, :class:`PhoneTaken`."""
    return save_agents(state, SaveAgents(by=command.by, agents=(command,)), now)[0]


def save_agents(state: State, command: SaveAgents, now: datetime) -> list[Agent]:
    """The same for several, all or none. Who keeps a phone that is another's too, as in older records, may keep it."""
    saves = command.agents
    if not all(save.number and save.extension for save in saves):
        raise BadInput("an agent needs a staff number and an extension (the dial string of the phone)")
    for save in saves:
        state.config.phones.check(save.extension)
    after = {number: agent.extension for number, agent in state.agents.items()}
    after |= {save.number: save.extension for save in saves}
    owners: dict[str, list[str]] = {}
    for number, extension in after.items():
        for phone in phones_in(extension):
            owners.setdefault(phone, []).append(number)
    for save in saves:
        known = state.agents.get(save.number)
        others = [n for phone in phones_in(save.extension) for n in owners[phone] if n != save.number]
        if others and (known is None or known.extension != save.extension):
            raise PhoneTaken(f"agent {save.number}: {save.extension} is the phone of agent {others[0]}")
    return [_save(state, save, command.by, now) for save in saves]


def _save(state: State, save: SaveAgent, by: str, now: datetime) -> Agent:
    agent = state.agents.get(save.number)
    if agent is None:
        agent = state.agents[save.number] = Agent(save.number, since=now)
    agent.name, agent.team = save.name, save.team
    state.put_on_phone(agent, save.extension)
    follow_phones(state, (agent,))
    show(state, agent, now)
    state.wanting.add(agent.number)
    state.out.agent(agent)
    state.out.note(now, "agent.saved", agent=agent.number, by=by, extension=agent.extension, team=agent.team)
    return agent


def set_presence(state: State, command: SetPresence, now: datetime) -> Agent:
    """Ready, pause or sign-out; during a call it is kept until the call is over.

    Ready is what follows a call anyway: while one lasts it takes another wish back, and asks for nothing. So a second
    press that arrives when the next customer is being called already changes nothing.
    """
    agent = state.agent(command.agent)
    event = _ASKED.get(command.presence)
    if event is None:
        raise BadInput(f"an agent can ask for ready, paused or signed_out, not for {command.presence}")
    if agent.presence in _IN_CALL:
        if command.presence is Presence.READY:
            agent.after_call, agent.after_reason = None, ""
        else:
            agent.after_call, agent.after_reason = command.presence, command.reason
            cancel_ringing(state, agent, now, by=agent.number)
    else:
        if event is AgentEvent.SIGN_OUT and agent.presence is Presence.SIGNED_OUT:
            return agent
        if event is AgentEvent.PAUSE and agent.presence is Presence.SIGNED_OUT:
            event = AgentEvent.SIGN_IN
        if event is AgentEvent.READY:
            _check_phone(state, agent, now)
        agent.move(event, now)
        agent.reason = command.reason if agent.presence is Presence.PAUSED else ""
        agent.wrap_until = agent.after_call = None
        if agent.presence is Presence.READY:
            state.wanting.add(agent.number)
        if agent.presence is not Presence.PAUSED:  # back at work, or gone home: nobody has to look any more
            for kind in ("agent", "phone"):
                state.clear_alarm(f"{kind}:{agent.number}", now)
    state.out.agent(agent)
    state.out.note(
        now, "agent.presence", agent=agent.number, by=command.by, asked=command.presence, reason=command.reason
    )
    return agent


def _check_phone(state: State, agent: Agent, now: datetime) -> None:
    """The phone must be this agent's alone, and able to take a call; if it is not, the PBX is asked again all the same.

    Raises :class:`PhoneShared` or :class:`PhoneNotReady`.
    """
    for other in state.agents_on(agent.extension, agent.pbx):
        if other is not agent and other.presence in _WORKING:
            raise PhoneShared(f"agent {agent.number}: agent {other.number} works on {agent.extension} already")
    phone = state.phone_of(agent)
    if phone is None or phone.able:
        return
    just_now = agent.since is not None and now - agent.since < state.config.settle
    if not (phone.in_use and just_now and agent.presence in (Presence.WRAP_UP, Presence.PAUSED)):  # of the last call
        follow_phones(state, (agent,))
        code, words = PHONE_NOT_READY[phone]
        raise PhoneNotReady(code, f"agent {agent.number}: the phone {agent.extension} is {words}")
