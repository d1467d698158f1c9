"""What came of the day: per customer, per agent, orders, recordings, notices, and the audit."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views.wording import DISPOSITIONS, RESULTS, VISIT_STATES
from dialer.demo.rig.numbers import ending_of
from dialer.language import Language, Translate

_NOTICED = (VisitState.UNREACHED, VisitState.INVALID_NUMBER, VisitState.OUT_OF_TIME)
"""How visits end of which a notice of the same name tells."""


@dataclass(slots=True)
class Findings:
    """Everything that the report is made of, as the API and the audit gave it."""

    visits: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    board: list[dict[str, Any]]
    audit: dict[str, Any]
    language: Language

    def conversations(self) -> list[dict[str, Any]]:
        """Calls in which customer and agent talked."""
        return [call for call in self.calls if call["attempt"]["disposition"] == Disposition.CONNECTED]


def show(found: Findings, console: Console, t: Translate, did: list[str]) -> bool:
    """Print the report; whether everything is as it must be."""
    console.rule(t("Report of the demonstration"))
    console.print(_customers(found, t))
    console.print(_agents(found, t))
    console.print(_orders(found, t))
    console.print(_board(found, t))
    if did:
        console.print(t("What happened"), style="bold")
        for line in did:
            console.print(f"  · {escape(line)}", soft_wrap=True)
    checks = [_recordings(found, t), _notices(found, t), _audit(found, t)]
    for good, line in checks:
        console.print(f"[{'green' if good else 'red'}]{'✓' if good else '✗'}[/] {escape(line)}", soft_wrap=True)
    for finding in found.audit["findings"]:
        console.print(f"    {escape(str(finding))}", soft_wrap=True)
    return all(good for good, _ in checks)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _customers(found: Findings, t: Translate) -> Table:
    table = _table(
        t("Customers"), t("customer"), t("shop"), t("agent"), t("what this number does"), t("calls"), t("end")
    )
    for line in found.visits:
        visit, customer = line["visit"], line["customer"]
        ending = ending_of(visit["number"])
        plan = ending.chinese if found.language == "zh" else ending.title
        calls = " → ".join(t(DISPOSITIONS[Disposition(a["disposition"])]) for a in line["attempts"] if a["disposition"])
        end = t(VISIT_STATES[VisitState(visit["state"])])
        if visit["state"] == VisitState.REACHED and visit["result"]:
            end += " · " + t(RESULTS[Result(visit["result"])])
        if visit["reason"]:
            end += f" · {visit['reason']}"
        table.add_row(
            *map(
                escape,
                (customer["code"], customer["shop_name"], visit["agent"] or visit["team"] or "", plan, calls, end),
            )
        )
    return table


def _agents(found: Findings, t: Translate) -> Table:
    talks: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    placed = [datetime.fromisoformat(call["attempt"]["placed_at"]) for call in found.calls]
    ended = [datetime.fromisoformat(call["attempt"]["ended_at"]) for call in found.calls if call["attempt"]["ended_at"]]
    day = (max(ended) - min(placed)).total_seconds() if ended else 0.0
    for call in found.conversations():
        attempt = call["attempt"]
        talks[attempt["agent"]] += 1
        seconds[attempt["agent"]] += _seconds(attempt["connected_at"], attempt["transferred_at"] or attempt["ended_at"])
    table = _table(t("Agents"), t("agent"), t("talks"), t("talk time"), t("share"))
    for agent in sorted(talks):
        share = f"{seconds[agent] / day:.0%}" if day else ""
        table.add_row(agent, str(talks[agent]), f"{seconds[agent]:.0f} s", share)
    return table


def _orders(found: Findings, t: Translate) -> Table:
    table = _table(
        t("Orders and their recordings"),
        t("order"),
        t("customer"),
        t("found by"),
        t("recording"),
        t("agent/customer level"),
    )
    for order in found.orders:
        call = next(iter(order["calls"]), None)
        recording = call and call["recording"]
        how = t("the agent's entry") if order["source"] == "agent" else t("customer and time")
        shown, levels = t("open, for a person"), ""
        if recording:
            shown = f"{recording['attempt']}.wav {recording['duration_s']:.1f} s"
            levels = " / ".join("–" if level is None else f"{level:.0f} dB" for level in recording["levels"])
        table.add_row(*map(escape, (order["number"], order["customer"], how, shown, levels)))
    return table


def _board(found: Findings, t: Translate) -> Table:
    table = _table(t("Notices on the info platform's board"), t("kind"), t("text"))
    for notice in reversed(found.board):
        table.add_row(escape(notice["title"][found.language]), escape(notice["sentence"][found.language]))
    return table


def _recordings(found: Findings, t: Translate) -> tuple[bool, str]:
    bad = [
        f"{call['attempt']['id']} ({', '.join(call['recording']['faults']) if call['recording'] else '-'})"
        for call in found.conversations()
        if not call["recording"] or call["recording"]["state"] != "kept" or None in call["recording"]["levels"]
    ]
    talks = found.conversations()
    if bad or not talks:
        return False, t("Recordings with something wrong: {which}", which="; ".join(bad) or "0")
    return True, t("{n} conversations, each with a recording that has sound from both sides", n=len(talks))


def _notices(found: Findings, t: Translate) -> tuple[bool, str]:
    told = Counter((n["kind"], n["body"]["data"].get("visit"), n["body"]["data"].get("round")) for n in found.board)
    wanted = [line["visit"] for line in found.visits if line["visit"]["state"] in _NOTICED]
    bad = [v["customer"] for v in wanted if told[v["state"], v["id"], v["round"]] != 1]
    if bad:
        return False, t("Notices are wrong: {which}", which=", ".join(bad))
    return True, t("{n} customers not reached or with a wrong number, exactly one notice each", n=len(wanted))


def _audit(found: Findings, t: Translate) -> tuple[bool, str]:
    report = found.audit
    if report["clean"]:
        said = t(
            "{calls} call records and {attempts} attempts agree one by one: zero differences",
            calls=report["calls"],
            attempts=report["attempts"],
        )
    else:
        said = t("{n} differences", n=len(report["findings"]))
    return report["clean"], t("Audit against the carrier's call records") + t(": ") + said


def _seconds(start: str | None, end: str | None) -> float:
    if start is None or end is None:
        return 0.0
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
