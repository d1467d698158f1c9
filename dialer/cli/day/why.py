"""`dialer why`: one true line on why a customer has not been called, then everything that is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import typer

from dialer.campaign.changes import Entry
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.order import Order
from dialer.campaign.model.recording import Recording
from dialer.campaign.model.visit import Visit
from dialer.campaign.views.lookup import VisitDetail
from dialer.campaign.views.recording_words import wrong
from dialer.campaign.views.timeline import Kind, Line, timeline
from dialer.campaign.views.why import Why
from dialer.campaign.views.wording import ATTEMPT_STATES, DISPOSITIONS, RESULTS
from dialer.cli.base import Cli, Exit, cli_of
from dialer.cli.client import Client, connect, read, segment
from dialer.cli.day.visits import visit_of
from dialer.cli.options import CustomerCode, DayOption, JsonOption, day_or_today
from dialer.cli.records.recordings import recorded
from dialer.errors import NotFound
from dialer.language import N_

HAPPENED: dict[str, str] = {
    "visit.promised": N_("time promised"),
    "visit.by_hand": N_("manual call entered"),
    "visit.withdrawn": N_("withdrawn", context="event"),
    "visit.number": N_("number corrected"),
    "visit.dealt": N_("reassigned"),
    "visit.updated": N_("changed by the list"),
    "visit.result": N_("result entered"),
    "attempt.placed": N_("attempt committed"),
    "attempt.ended": N_("end of the attempt committed"),
    "call.hang_up": N_("hang-up requested"),
    "call.transferred": N_("the agent transferred the call"),
    "call.returned": N_("the transferred call came back"),
    "call.gone": N_("the PBX no longer has the call"),
    "trunk.paused": N_("trunk paused"),
    "trunk.resumed": N_("trunk resumed"),
    "notice.unreached": N_("notice: not reached"),
    "notice.invalid_number": N_("notice: wrong number"),
    "notice.out_of_time": N_("notice: not reached before closing"),
    "call.ghost": N_("the PBX has a call that should be over"),
}
"""What history says of a visit; a word that is not here is shown as it is."""

SIGNS: dict[CallProgress, str] = {
    CallProgress.RINGING: N_("the customer's phone rings"),
    CallProgress.PROGRESS: N_("early media from the carrier"),
    CallProgress.ANSWERED: N_("the customer answers"),
    CallProgress.AGENT_RINGING: N_("the agent's phone rings"),
    CallProgress.CONNECTED: N_("the agent picks up"),
    CallProgress.INTERCEPTED: N_("the PBX's own route answers"),
    CallProgress.AGENT_MISSED: N_("the agent does not pick up"),
    CallProgress.TRANSFERRED: N_("the customer is transferred"),
    CallProgress.RETURNED: N_("the customer is back on the agent's phone"),
    CallProgress.DIALLED: N_("dialling is over"),
    CallProgress.RESPONDED: N_("the PBX reports on the Originate"),
    CallProgress.HUNG_UP: N_("hung up"),
    CallProgress.REFUSED: N_("the PBX refuses"),
    CallProgress.UNSENT: N_("never left"),
}

_HIDDEN = frozenset({"at", "visit", "attempt", "day", "agent", "by", "what"})
_SIGNALLED = {"cause": "cause", "sip": "SIP", "status": "", "dial_status": "", "reason": "reason", "text": ""}
_WITNESSED = ("ringing", "progress", "answered", "connected", "intercepted", "agent_missed", "cancelled", "refused")


def why(context: typer.Context, customer: CustomerCode, day: DayOption = None, json: JsonOption = False) -> None:
    """Say why a customer has not been called, or how it ended; then the timeline with its evidence.

    Exit code 1 when the customer is not on the list.
    """
    cli = cli_of(context)
    on = day_or_today(cli, day)
    with connect(cli) as client:
        answer = client.get(f"customers/{segment(customer)}/why", day=on)
        detail = _detail(client, customer, on)
    code, sentence = answer["code"], answer["sentence"][cli.language]
    if code == Why.NO_LINK and not client.live:
        sentence = cli.t("The dialer's service is not running, so nobody is called.")
    if json:
        told = {"customer": customer, "code": code, "sentence": sentence, "params": answer["params"]}
        cli.json({"why": told, "story": detail})
    else:
        cli.say(sentence)
        if detail is not None:
            _tell_detail(cli, detail)
    if detail is None or code == Why.NOT_ON_LIST:
        raise typer.Exit(Exit.NO)


def _detail(client: Client, customer: str, day: date) -> VisitDetail | None:
    """The customer's visit of the day; the timeline of the API is signs of the PBX and history in one."""
    try:
        found = client.get(f"visits/{visit_of(client, customer, day)}")
    except NotFound:
        return None
    lines = found["timeline"]
    return VisitDetail(
        visit=read(Visit, found["visit"]),
        customer=read(Customer, found["customer"]),
        attempts=tuple(read(Attempt, client.get(f"attempts/{segment(each['id'])}")) for each in found["attempts"]),
        calls=tuple(
            read(CallEvent, {"attempt": line["attempt"], "progress": line["what"], "at": line["at"], **line["details"]})
            for line in lines
            if line["kind"] == Kind.CALL
        ),
        history=tuple(read(list[Entry], [line for line in lines if line["kind"] == Kind.HISTORY])),
        orders=tuple(read(list[Order], found["orders"])),
        recordings=tuple(read(list[Recording], found["recordings"])),
    )


def _tell_detail(cli: Cli, detail: VisitDetail) -> None:
    visit, customer = detail.visit, detail.customer
    parts = (
        visit.customer,
        customer.shop_name,
        customer.person,
        visit.number,
        customer.department,
        customer.account_manager,
    )
    cli.say(" · ".join(part for part in parts if part))
    rows = [(cli.time(line.at, "%m-%d %H:%M:%S.%f")[:-3], *_event(cli, line)) for line in timeline(detail)]
    if rows:
        cli.show(cli.table("Time", "Event", "Evidence", rows=rows))
    else:
        cli.say("No call yet.")
    for order in detail.orders:
        cli.say(
            "Order {number}: call {attempt} {question}",
            number=order.number,
            attempt=order.attempt or "-",
            question=wrong([order.open_question], cli.t),
        )
    for recording in detail.recordings:
        cli.say(recorded(cli, recording.attempt, recording))


def _event(cli: Cli, line: Line) -> tuple[str, str]:
    """What happened, and the evidence."""
    call, seq = line.call, f"#{line.call.seq}" if line.call else line.attempt
    if line.kind is Kind.HISTORY:
        who, what = line.by or line.agent or "", cli.word(HAPPENED, line.what)
        shown = {name: value for name, value in line.details.items() if name not in _HIDDEN and value not in (None, "")}
        return f"{what} ({who})" if who else what, ", ".join(f"{name}={value}" for name, value in shown.items())
    if line.kind is Kind.CALL or call is None:
        return f"{seq} {cli.word(SIGNS, line.what)}", _signals(line.details)
    if line.kind is Kind.PLACED:
        return cli.t("#{seq} call placed", seq=call.seq), f"{call.id}, {call.trunk}, {call.agent}"
    facts = [_signals(line.details), *(name for name in _WITNESSED if line.details.get(name))]
    evidence = ", ".join(fact for fact in facts if fact)
    return f"{seq} {_ending(cli, call)}", "; ".join(part for part in (evidence, call.source) if part)


def _signals(known: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {known[of]}".strip() for of, name in _SIGNALLED.items() if of in known)


def _ending(cli: Cli, attempt: Attempt) -> str:
    if attempt.disposition is None:
        return cli.word(ATTEMPT_STATES, attempt.state)
    counts = cli.t("counted") if attempt.counts else cli.t("not counted")
    words = f"{cli.word(DISPOSITIONS, attempt.disposition)} ({counts})"
    return f"{words}, {cli.word(RESULTS, attempt.result)}" if attempt.result else words
