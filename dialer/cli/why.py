"""`dialer why`: one true line on why a customer has not been called, then everything that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import typer

from dialer.campaign.attempt import Attempt
from dialer.campaign.disposition import Evidence
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.recording_words import wrong
from dialer.campaign.records import Story
from dialer.campaign.why import Why
from dialer.campaign.wording import ATTEMPT_STATES, DISPOSITIONS, RESULTS
from dialer.cli.base import Cli, cells, cli_of
from dialer.cli.desk import desk
from dialer.cli.exits import Exit
from dialer.cli.options import Customer, DayOption, JsonOption, day_or_today
from dialer.cli.words import RECORDINGS, word
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
    CallProgress.AGENT_MISSED: N_("the agent does not pick up"),
    CallProgress.DIALLED: N_("dialling is over"),
    CallProgress.RESPONDED: N_("the PBX reports on the Originate"),
    CallProgress.HUNG_UP: N_("hung up"),
    CallProgress.REFUSED: N_("the PBX refuses"),
    CallProgress.UNSENT: N_("never left"),
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
                question=wrong([order.open_question], cli.t),
            )
        )
    for recording in story.recordings:
        cli.say(
            cli.t(
                "Recording {attempt}: {state}, {seconds:.1f} s {faults}",
                attempt=recording.attempt,
                state=word(RECORDINGS, recording.state, cli.t),
                seconds=recording.duration_s,
                faults=wrong(recording.faults, cli.t),
            )
        )


def _timeline(cli: Cli, story: Story) -> Iterator[tuple[datetime, str, str]]:
    for entry in story.history:
        who = entry.by or entry.agent or ""
        what = word(HAPPENED, entry.what, cli.t)
        yield entry.at, f"{what} ({who})" if who else what, _pairs(entry.details)
    for call in story.calls:
        yield call.at, f"{_seq(story, call.attempt)} {word(SIGNS, call.progress, cli.t)}", _signs(call)
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
        return word(ATTEMPT_STATES, attempt.state, cli.t)
    counts = cli.t("counted") if attempt.counts else cli.t("not counted")
    words = f"{word(DISPOSITIONS, attempt.disposition, cli.t)} ({counts})"
    return f"{words}, {word(RESULTS, attempt.result, cli.t)}" if attempt.result else words


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
