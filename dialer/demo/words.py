"""What the demonstration says."""

from __future__ import annotations

from dialer.language import N_, Language, look_up

_WORDS: dict[str, str] = {
    "setting_up": N_("Setting up: a private office PBX, a private carrier, agents' phones and the dialer ..."),
    "rehearsal": N_(
        "A rehearsal: {gap} s between calls instead of 5 minutes, 4 s of ringing at most. No real phone rings."
    ),
    "closes": N_("Calling closes at {time}"),
    "imported": N_("{n} customers imported; {agents} agents at work"),
    "visits": N_("Customers"),
    "agents": N_("Agents"),
    "agent": N_("agent"),
    "doing": N_("doing"),
    "customer": N_("customer"),
    "events": N_("What happened"),
    "ordered_online": N_("ordered online", context="demo"),
    "did_withdraw": N_("customer {customer} ordered online: taken off the list"),
    "did_correct": N_("customer {customer}: number corrected, {old} to {new}"),
    "did_alarm": N_(
        "agent {agent}: the phone was not answered; paused, alarm raised, the customer heard an announcement"
    ),
    "did_mend": N_("agent {agent}: the phone works again"),
    "settling": N_("Calling is over; recordings and notices are coming in ..."),
    "report": N_("Report of the demonstration"),
    "shop": N_("shop"),
    "plan": N_("what this number does"),
    "calls": N_("calls"),
    "end": N_("end"),
    "talks": N_("talks"),
    "talk_time": N_("talk time"),
    "share": N_("share"),
    "orders": N_("Orders and their recordings"),
    "order": N_("order"),
    "recording": N_("recording"),
    "sides": N_("agent/customer level"),
    "found_by": N_("found by"),
    "by_agent": N_("the agent's entry"),
    "by_time": N_("customer and time"),
    "open": N_("open, for a person"),
    "board": N_("Notices on the info platform's board"),
    "kind": N_("kind"),
    "text": N_("text"),
    "audit": N_("Audit against the carrier's call records"),
    "colon": N_(": "),
    "audit_clean": N_("{calls} call records and {attempts} attempts agree one by one: zero differences"),
    "audit_dirty": N_("{n} differences"),
    "recordings_good": N_("{n} conversations, each with a recording that has sound from both sides"),
    "recordings_bad": N_("Recordings with something wrong: {which}"),
    "notices_good": N_("{n} customers not reached or with a wrong number, exactly one notice each"),
    "notices_bad": N_("Notices are wrong: {which}"),
    "verdict_good": N_("The demonstration passed"),
    "verdict_bad": N_("The demonstration failed"),
    "took": N_("It took {seconds:.0f} s"),
    "sign_in": N_("Pages: {url}  (accounts for this demonstration only)"),
    "take_over": N_(
        "Sign in as the agent and the phone is yours: customers come while you are ready; the other agents are played."
    ),
    "role": N_("role"),
    "staff_number": N_("staff number"),
    "password": N_("password"),
    "team_leader": N_("team leader"),
    "supervisor": N_("supervisor"),
    "administrator": N_("administrator"),
    "kept": N_("""Still running. Status page: {url}/status    token: {token}
settings: {config}    log: {log}
Try: DIALER_CONFIG={config} .venv/bin/dialer status
Ctrl-C ends it and cleans up."""),
}


def words(language: Language) -> dict[str, str]:
    """Every text in ``language``."""
    return {key: look_up(language, english) for key, english in _WORDS.items()}
