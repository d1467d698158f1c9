"""`dialer why`: one true line on why a customer has not been called, then everything that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import typer

from dialer.campaign.attempt import Attempt
from dialer.campaign.disposition import Evidence
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.records import Story
from dialer.campaign.why import Why
from dialer.campaign.wording import ATTEMPT_STATES, DISPOSITIONS, RESULTS, Words
from dialer.cli.base import Cli, cells, cli_of
from dialer.cli.desk import desk
from dialer.cli.exits import Exit
from dialer.cli.options import Customer, DayOption, JsonOption, day_or_today
from dialer.cli.words import RECORDINGS, word

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

SIGNS: dict[CallProgress, Words] = {
    CallProgress.RINGING: Words("客户话机振铃", "the customer's phone rings"),
    CallProgress.PROGRESS: Words("运营商放音", "early media from the carrier"),
    CallProgress.ANSWERED: Words("客户接听", "the customer answers"),
    CallProgress.AGENT_RINGING: Words("电访员话机振铃", "the agent's phone rings"),
    CallProgress.CONNECTED: Words("电访员接听", "the agent picks up"),
    CallProgress.AGENT_MISSED: Words("电访员未接", "the agent does not pick up"),
    CallProgress.DIALLED: Words("拨号结束", "dialling is over"),
    CallProgress.RESPONDED: Words("交换机回复", "the PBX reports on the Originate"),
    CallProgress.HUNG_UP: Words("挂断", "hung up"),
    CallProgress.REFUSED: Words("交换机拒绝", "the PBX refuses"),
    CallProgress.UNSENT: Words("未能发出", "never left"),
}

_HIDDEN = frozenset({"at", "visit", "attempt", "day", "agent", "by", "what"})


def why(context: typer.Context, customer: Customer, day: DayOption = None, json: JsonOption = False) -> None:
    """Say why a customer has not been called, or how it ended; then the timeline with its evidence.

    Exit code 1 when the customer is not on the list.
    """
    cli = cli_of(context)
    on = day_or_today(cli, day)
    with desk(cli) as at:
        told, story = at.why(customer, on), at.story(customer, on)
    if json:
        cli.json({"why": told, "story": story})
    else:
        cli.say(told.sentence)
        if story is not None:
            _tell_story(cli, story)
    if story is None or told.code == Why.NOT_ON_LIST:
        raise typer.Exit(Exit.NO)


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
    for at, event, evidence in sorted(_timeline(cli, story), key=lambda line: line[0]):
        table.add_row(*cells(cli.time(at, "%m-%d %H:%M:%S.%f")[:-3], event, evidence))
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


def _timeline(cli: Cli, story: Story) -> Iterator[tuple[datetime, str, str]]:
    for entry in story.history:
        who = entry.by or entry.agent or ""
        what = word(HAPPENED, entry.what, cli.language)
        yield entry.at, f"{what} ({who})" if who else what, _pairs(entry.details)
    for call in story.calls:
        yield call.at, f"{_seq(story, call.attempt)} {word(SIGNS, call.progress, cli.language)}", _signs(call)
    for attempt in story.attempts:
        yield (
            attempt.placed_at,
            cli.t("#{seq} call placed", seq=attempt.seq),
            f"{attempt.id}, {attempt.trunk}, {attempt.agent}",
        )
        if attempt.ended_at is not None:
            yield (
                attempt.ended_at,
                f"#{attempt.seq} {_ending(cli, attempt)}",
                _evidence(attempt.evidence, attempt.source),
            )


def _seq(story: Story, attempt: str) -> str:
    return next((f"#{each.seq}" for each in story.attempts if each.id == attempt), attempt)


def _ending(cli: Cli, attempt: Attempt) -> str:
    if attempt.disposition is None:
        return word(ATTEMPT_STATES, attempt.state, cli.language)
    counts = cli.t("counted") if attempt.counts else cli.t("not counted")
    words = f"{word(DISPOSITIONS, attempt.disposition, cli.language)} ({counts})"
    return f"{words}, {word(RESULTS, attempt.result, cli.language)}" if attempt.result else words


def _evidence(evidence: Evidence, source: str) -> str:
    facts = [
        f"{name} {value}"
        for name, value in (
            ("cause", evidence.cause),
            ("SIP", evidence.sip),
            ("", evidence.dial_status),
            ("reason", evidence.reason),
        )
        if value not in (None, "")
    ]
    facts += [
        name
        for name in ("ringing", "progress", "answered", "connected", "agent_missed", "cancelled", "refused")
        if getattr(evidence, name)
    ]
    return "; ".join(part for part in (", ".join(fact.strip() for fact in facts), source) if part)


def _signs(call: CallEvent) -> str:
    values = (("cause", call.cause), ("SIP", call.sip), ("", call.status), ("reason", call.reason), ("", call.text))
    return ", ".join(f"{name} {value}".strip() for name, value in values if value not in (None, ""))


def _pairs(details: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key}={value}" for key, value in details.items() if value not in (None, "") and key not in _HIDDEN
    )
