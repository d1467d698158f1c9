"""What the documentation shows of the tables, made from the tables: `make docs`.

A document has the place for a piece between two comments, ``<!-- made of NAME -->`` and ``<!-- end of NAME -->``; what
stands between them is written by :func:`refresh` and never by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from dialer.campaign.model import agent, attempt, visit
from dialer.campaign.model.visit import VisitEvent
from dialer.campaign.rules.disposition import CONSEQUENCES, TABLE, Then
from dialer.campaign.views.wording import DISPOSITIONS, VISIT_STATES
from dialer.demo.rig.numbers import DEFAULT, ENDINGS, MANNERS
from dialer.language import look_up
from tests.contracts.dispositions import BY_CAUSE, CONTRACT, Promise

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)

_PLACE = re.compile(r"(<!-- made of ([a-z-]+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)

_VISIT_EVENTS_ZH = {
    VisitEvent.PLACE: "拨出",
    VisitEvent.CONNECT: "接通",
    VisitEvent.MISS: "未接通，再拨",
    VisitEvent.EXHAUST: "次数已满",
    VisitEvent.REFUTE: "号码有误",
    VisitEvent.WITHDRAW: "撤销",
    VisitEvent.CLOSE: "收班",
    VisitEvent.CORRECT: "更正号码",
    VisitEvent.PROMISE: "约定时间",
    VisitEvent.RESTORE: "重新列入",
    VisitEvent.SETTLE: "改登结果",
    VisitEvent.HAND_REACH: "手工接通",
    VisitEvent.HAND_MISS: "手工未通",
    VisitEvent.HAND_REFUTE: "手工拨打：号码有误",
    VisitEvent.HAND_RETRACT: "号码有误系误登，实为未通",
}
_THEN = {
    Then.REACHED: "the visit is *reached*",
    Then.REDIAL: "call again, while the rule allows",
    Then.REDIAL_FIRST: "call again, before everybody else",
    Then.CORRECT: "a person corrects the number",
}


def diagram(
    transitions: Mapping[tuple[S, E], S],
    state_words: Mapping[S, str] | None = None,
    event_words: Mapping[E, str] | None = None,
) -> str:
    """A table of transitions as a Mermaid state diagram; events between the same two states share an arrow."""
    states, events = state_words or {}, event_words or {}
    arrows: dict[tuple[S, S], list[str]] = {}
    for (source, event), target in transitions.items():
        arrows.setdefault((source, target), []).append(events.get(event, event.value.replace("_", " ")))
    reached = {source for source, _ in arrows} | {target for _, target in arrows}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{states[state]}" as {state}' for state in states if state in reached]
    lines.append(f"    [*] --> {next(iter(transitions))[0]}")
    lines += [f"    {source} --> {target}: {', '.join(labels)}" for (source, target), labels in arrows.items()]
    ends = {target for _, target in arrows} - {source for source, _ in arrows}
    lines += [f"    {state} --> [*]" for state in sorted(ends)]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def numbers() -> str:
    """The plan of the demonstration's numbers."""
    rows = [("number ends in", "the called side", "说明"), ("---",) * 3]
    rows += [(f"…{ending.digits}", ending.title, ending.chinese) for ending in ENDINGS]
    rows.append(("anything else", DEFAULT.title, DEFAULT.chinese))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def manners() -> str:
    """Carriers that treat every number alike."""
    return _table(("dialled before the number", "the carrier"), ((f"`#{m.digit}xxx`", m.title) for m in MANNERS))


def consequences() -> str:
    """What follows from each disposition."""
    rows = (
        (
            f"`{disposition}`",
            look_up("zh", DISPOSITIONS[disposition]),
            DISPOSITIONS[disposition],
            "yes" if consequence.counts else "no",
            _THEN[consequence.then] + ("; the trunk's breaker counts it" if consequence.trunk_failed else ""),
        )
        for disposition, consequence in CONSEQUENCES.items()
    )
    return _table(("disposition", "中文", "in words", "counts", "what follows"), rows)


def dispositions() -> str:
    """The table by which evidence becomes a disposition, in its order."""
    rows = ((str(place), f"`{row.disposition}`", row.source) for place, row in enumerate(TABLE, 1))
    return _table(("row", "disposition", "when, or by what rule"), rows)


def _promises(promises: Iterable[Promise]) -> str:
    rows = (
        (
            ", ".join(map(str, promise.answers)),
            *(f"`{each}`" for each in (promise.at_once, promise.after_ringing, promise.after_early_media)),
        )
        for promise in promises
    )
    return _table(("SIP answer", "at once", "after ringing (180)", "after early media (183)"), rows)


PIECES: Mapping[str, Callable[[], str]] = {
    "visit": lambda: diagram(visit.TRANSITIONS),
    "visit-zh": lambda: diagram(
        visit.TRANSITIONS, {state: look_up("zh", words) for state, words in VISIT_STATES.items()}, _VISIT_EVENTS_ZH
    ),
    "attempt": lambda: diagram(attempt.TRANSITIONS),
    "agent": lambda: diagram(agent.TRANSITIONS),
    "consequences": consequences,
    "dispositions": dispositions,
    "contract": lambda: _promises(CONTRACT),
    "contract-by-cause": lambda: _promises(BY_CAUSE),
    "numbers": numbers,
    "manners": manners,
}


def refreshed(text: str) -> str:
    """The document with every piece as the tables have it now. Raises ``KeyError`` for a piece that nobody makes."""
    return _PLACE.sub(lambda found: f"{found[1]}{PIECES[found[2]]()}{found[3]}", text)


def refresh(documents: Iterable[Path]) -> list[Path]:
    """Bring documents up to date; those that were not."""
    changed = []
    for path in documents:
        before = path.read_text(encoding="utf-8")
        after = refreshed(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed.append(path)
    return changed


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    refresh(Path(name) for name in sys.argv[1:])
