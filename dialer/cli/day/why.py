"""`dialer why`: one true line on why a customer has not been called, then everything that is known."""

from __future__ import annotations

from datetime import date

import typer

from dialer.campaign.changes import Entry
from dialer.campaign.messages import CallEvent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.order import Order
from dialer.campaign.model.recording import Recording
from dialer.campaign.model.visit import Visit
from dialer.campaign.views import timeline_words as words
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
    t, call, seq = cli.t, line.call, f"#{line.call.seq}" if line.call else line.attempt
    if line.kind is Kind.HISTORY:
        who, what = line.by or line.agent or "", cli.word(words.HAPPENED, line.what)
        return f"{what} ({who})" if who else what, words.details(t, line.details, cli.time)
    if line.kind is Kind.CALL or call is None:
        return f"{seq} {cli.word(words.SIGNS, line.what)}", words.signs(t, line.details)
    if line.kind is Kind.PLACED:
        return t("#{seq} call placed", seq=call.seq), f"{call.id}, {call.trunk}, {call.agent}"
    return f"{seq} {_ending(cli, call)}", words.evidence(t, line.details)


def _ending(cli: Cli, attempt: Attempt) -> str:
    if attempt.disposition is None:
        return cli.word(ATTEMPT_STATES, attempt.state)
    counts = cli.t("counted") if attempt.counts else cli.t("not counted")
    ended = f"{cli.word(DISPOSITIONS, attempt.disposition)} ({counts})"
    return f"{ended}, {cli.word(RESULTS, attempt.result)}" if attempt.result else ended
