"""`dialer why`: one true line on why a customer has not been called, then everything that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import typer

from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import Entry
from dialer.campaign.customer import Customer
from dialer.campaign.messages import CallEvent, Sign
from dialer.campaign.records import Order, Recording, Story
from dialer.campaign.timeline import Kind, Line, timeline
from dialer.campaign.visit import Visit
from dialer.campaign.why import Why
from dialer.campaign.wording import ATTEMPT_STATES, DISPOSITIONS, RESULTS, Words
from dialer.cli.base import Cli, cells, cli_of
from dialer.cli.client import Client, read, segment
from dialer.cli.connect import connect
from dialer.cli.day.visits import visit_of
from dialer.cli.exits import Exit
from dialer.cli.options import CustomerCode, DayOption, JsonOption, day_or_today
from dialer.cli.words import RECORDINGS, word
from dialer.errors import NotFound

HAPPENED: dict[str, Words] = {
    "visit.promised": Words("约定时间", "time promised"),
    "visit.by_hand": Words("登记手工拨打", "entered as done by hand"),
    "visit.withdrawn": Words("撤销", "withdrawn"),
    "visit.number": Words("更正号码", "number corrected"),
    "visit.dealt": Words("改派", "dealt out"),
    "visit.updated": Words("名单更新", "changed by the list"),
    "visit.result": Words("登记结果", "result entered"),
    "attempt.placed": Words("呼叫入账", "attempt committed"),
    "attempt.ended": Words("呼叫结束入账", "end of the attempt committed"),
    "call.hang_up": Words("要求挂断", "hang-up asked for"),
    "call.gone": Words("交换机上已没有这个呼叫", "the PBX no longer has the call"),
    "trunk.paused": Words("线路暂停", "trunk paused"),
    "trunk.resumed": Words("线路恢复", "trunk back"),
    "notice.unreached": Words("发布公告：未接通", "notice: not reached"),
    "notice.invalid_number": Words("发布公告：号码有误", "notice: wrong number"),
    "notice.out_of_time": Words("发布公告：收班前未接通", "notice: not reached before closing"),
    "call.ghost": Words("交换机上有账目以外的呼叫", "the PBX has a call that should be over"),
}
"""What history says of a visit; a word that is not here is shown as it is."""

SIGNS: dict[Sign, Words] = {
    Sign.RINGING: Words("客户话机振铃", "the customer's phone rings"),
    Sign.PROGRESS: Words("运营商放音", "early media from the carrier"),
    Sign.ANSWERED: Words("客户接听", "the customer answers"),
    Sign.AGENT_RINGING: Words("电访员话机振铃", "the agent's phone rings"),
    Sign.CONNECTED: Words("电访员接听", "the agent picks up"),
    Sign.AGENT_MISSED: Words("电访员未接", "the agent does not pick up"),
    Sign.DIALLED: Words("拨号结束", "dialling is over"),
    Sign.RESPONDED: Words("交换机回复", "the PBX reports on the Originate"),
    Sign.HUNG_UP: Words("挂断", "hung up"),
    Sign.REFUSED: Words("交换机拒绝", "the PBX refuses"),
    Sign.UNSENT: Words("未能发出", "never left"),
}

_HIDDEN = frozenset({"at", "visit", "attempt", "day", "agent", "by", "what"})
_SIGNALLED = {"cause": "cause", "sip": "SIP", "status": "", "dial_status": "", "reason": "reason", "text": ""}
_WITNESSED = ("ringing", "progress", "answered", "connected", "agent_missed", "cancelled", "refused")


@dataclass(frozen=True, slots=True)
class Told:
    """A why-answer: its code, its parameters, and the sentence."""

    customer: str
    code: str
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)


def why(context: typer.Context, customer: CustomerCode, day: DayOption = None, json: JsonOption = False) -> None:
    """Say why a customer has not been called, or how it ended; then the timeline with its evidence.

    Exit code 1 when the customer is not on the list.
    """
    cli = cli_of(context)
    on = day_or_today(cli, day)
    with connect(cli) as client:
        told, story = _told(cli, client, customer, on), _story(client, customer, on)
    if json:
        cli.json({"why": told, "story": story})
    else:
        cli.say(told.sentence)
        if story is not None:
            _tell_story(cli, story)
    if story is None or told.code == Why.NOT_ON_LIST:
        raise typer.Exit(Exit.NO)


def _told(cli: Cli, client: Client, customer: str, day: date) -> Told:
    found = client.get(f"customers/{segment(customer)}/why", day=day)
    sentence = found["sentence"][cli.language]
    if found["code"] == Why.NO_LINK and not client.live:
        sentence = cli.t("The dialer's service is not running, so nobody is called.")
    return Told(customer, found["code"], sentence, found["params"])


def _story(client: Client, customer: str, day: date) -> Story | None:
    """The customer's visit of the day; the timeline of the API is signs of the PBX and history in one."""
    try:
        found = client.get(f"visits/{visit_of(client, customer, day)}")
    except NotFound:
        return None
    lines = found["timeline"]
    return Story(
        visit=read(Visit, found["visit"]),
        customer=read(Customer, found["customer"]),
        attempts=tuple(read(Attempt, client.get(f"attempts/{segment(each['id'])}")) for each in found["attempts"]),
        calls=tuple(
            read(CallEvent, {"attempt": line["attempt"], "sign": line["what"], "at": line["at"], **line["details"]})
            for line in lines
            if line["kind"] == Kind.CALL
        ),
        history=tuple(read(list[Entry], [line for line in lines if line["kind"] == Kind.HISTORY])),
        orders=tuple(read(list[Order], found["orders"])),
        recordings=tuple(read(list[Recording], found["recordings"])),
    )


def _tell_story(cli: Cli, story: Story) -> None:
    visit, customer = story.visit, story.customer
    parts = (
        visit.customer,
        customer.shop_name,
        customer.person,
        visit.number,
        customer.department,
        customer.account_manager,
    )
    cli.say(" · ".join(part for part in parts if part))
    table = cli.table("Time", "Event", "Evidence")
    for line in timeline(story):
        table.add_row(*cells(cli.time(line.at, "%m-%d %H:%M:%S.%f")[:-3], *_event(cli, line)))
    if table.row_count:
        cli.show(table)
    else:
        cli.say(cli.t("No call yet."))
    for order in story.orders:
        cli.say(
            cli.t(
                "Order {number}: call {attempt} {question}",
                number=order.number,
                attempt=order.attempt or "-",
                question=order.open_question,
            )
        )
    for recording in story.recordings:
        cli.say(
            cli.t(
                "Recording {attempt}: {state}, {seconds:.1f} s {faults}",
                attempt=recording.attempt,
                state=word(RECORDINGS, recording.state, cli.language),
                seconds=recording.duration_s,
                faults="; ".join(recording.faults),
            )
        )


def _event(cli: Cli, line: Line) -> tuple[str, str]:
    """What happened, and the evidence."""
    call, seq = line.call, f"#{line.call.seq}" if line.call else line.attempt
    if line.kind is Kind.HISTORY:
        who, what = line.by or line.agent or "", word(HAPPENED, line.what, cli.language)
        shown = {name: value for name, value in line.details.items() if name not in _HIDDEN and value not in (None, "")}
        return f"{what} ({who})" if who else what, ", ".join(f"{name}={value}" for name, value in shown.items())
    if line.kind is Kind.CALL or call is None:
        return f"{seq} {word(SIGNS, line.what, cli.language)}", _signals(line.details)
    if line.kind is Kind.PLACED:
        return cli.t("#{seq} call placed", seq=call.seq), f"{call.id}, {call.trunk}, {call.agent}"
    facts = [_signals(line.details), *(name for name in _WITNESSED if line.details.get(name))]
    evidence = ", ".join(fact for fact in facts if fact)
    return f"{seq} {_ending(cli, call)}", "; ".join(part for part in (evidence, call.source) if part)


def _signals(known: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {known[of]}".strip() for of, name in _SIGNALLED.items() if of in known)


def _ending(cli: Cli, attempt: Attempt) -> str:
    if attempt.disposition is None:
        return word(ATTEMPT_STATES, attempt.state, cli.language)
    counts = cli.t("counted") if attempt.counts else cli.t("not counted")
    words = f"{word(DISPOSITIONS, attempt.disposition, cli.language)} ({counts})"
    return f"{words}, {word(RESULTS, attempt.result, cli.language)}" if attempt.result else words
