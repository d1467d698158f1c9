"""What a soak hands back, and how it is shown: a row for each fault, a line for each violation with its replay."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Injection:
    """One fault that was injected.

    ``at`` is when it began (UTC; of the virtual clock in virtual days). ``recovered_after_s`` are the seconds from its
    end to the next call, None when nobody was due then. ``told`` is what the operator was told of it: alarms, notices,
    log lines, in words that mean the same from one injection to the next.
    """

    fault: str
    at: datetime
    recovered_after_s: float | None = None
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant of the design that did not hold, what was found, and the command that shows it again."""

    invariant: str
    what: str
    replay: str = ""
    faults: tuple[str, ...] = ()
    """What had been injected when it happened."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that has to be reached: ``value`` in ``unit``, at most ``at_most`` where that is set."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Whether it is reached; a figure without a bound only explains."""
        return self.at_most is None or self.value <= self.at_most


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a soak found. ``name`` is that of the soak; ``replay`` the command that does all of it again."""

    name: str
    seed: int
    replay: str
    injections: tuple[Injection, ...]
    violations: tuple[Violation, ...]
    goals: tuple[Goal, ...] = ()
    checked: tuple[str, ...] = ()
    """How much was looked at, in words: "1,000 days", "41,234 calls of the carrier's records"."""

    @property
    def whole(self) -> bool:
        """Whether nothing was violated and every goal is met."""
        return not self.violations and all(goal.met for goal in self.goals)

    def as_json(self) -> Iterable[str]:
        """One line for each fault, goal and violation."""
        for row in rows(self):
            yield _line(self, "fault", asdict(row))
        for goal in self.goals:
            yield _line(self, "goal", {**asdict(goal), "met": goal.met})
        for violation in self.violations:
            yield _line(self, "violation", asdict(violation))


@dataclass(frozen=True, slots=True)
class FaultRow:
    """What came of all injections of one fault. Seconds are rounded to milliseconds; ``told`` counts each message."""

    fault: str
    injected: int
    recovered: int
    median_s: float | None
    longest_s: float | None
    told: dict[str, int]
    violations: int


def rows(outcome: Outcome) -> list[FaultRow]:
    """One for each fault, in the alphabet's order."""
    blamed = Counter(fault for violation in outcome.violations for fault in set(violation.faults))
    found = []
    for fault in sorted({each.fault for each in outcome.injections}):
        ours = [each for each in outcome.injections if each.fault == fault]
        times = [each.recovered_after_s for each in ours if each.recovered_after_s is not None]
        told = Counter(words for each in ours for words in dict.fromkeys(each.told))
        found.append(
            FaultRow(
                fault,
                injected=len(ours),
                recovered=len(times),
                median_s=round(median(times), 3) if times else None,
                longest_s=round(max(times), 3) if times else None,
                told=dict(told.most_common()),
                violations=blamed[fault],
            )
        )
    return found


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """The outcomes as tables for people, each violation with its seed and the command that replays it."""
    for outcome in outcomes:
        console.print(_table(outcome))
        console.print(f"  checked: {'; '.join(outcome.checked)}", markup=False, soft_wrap=True)
        for goal in outcome.goals:
            bound = "" if goal.at_most is None else f" (goal ≤ {goal.at_most:g}: {'met' if goal.met else 'MISSED'})"
            console.print(f"  {goal.name}: {goal.value:.4g} {goal.unit}{bound}", markup=False, soft_wrap=True)
        for violation in outcome.violations:
            console.print(f"  VIOLATED {violation.invariant}: {violation.what}", markup=False, soft_wrap=True)
            console.print(f"    after {', '.join(violation.faults) or 'no fault'}", markup=False, soft_wrap=True)
            console.print(f"    replay: {violation.replay or outcome.replay}", markup=False, soft_wrap=True)
        verdict = "no violation" if not outcome.violations else f"{len(outcome.violations)} VIOLATIONS"
        console.print(f"  {outcome.name}, seed {outcome.seed}: {verdict}\n", markup=False, soft_wrap=True)


def _table(outcome: Outcome) -> Table:
    table = Table(
        "fault", "injected", "next call after (median, longest)", "what the operator was told", "violations",
        title=f"faults: {outcome.name}, seed {outcome.seed}", title_justify="left",
    )  # fmt: skip
    for row in rows(outcome):
        times = "nobody was due" if row.median_s is None else f"{row.median_s:.2f} s, {row.longest_s:.2f} s"
        told = "\n".join(f"{words} ({n})" for words, n in row.told.items()) or "nothing"
        table.add_row(row.fault, f"{row.injected:,}", times, told, str(row.violations))
    return table


def _line(outcome: Outcome, kind: str, fields: dict[str, object]) -> str:
    return json.dumps({"soak": outcome.name, "seed": outcome.seed, "kind": kind, **fields}, ensure_ascii=False)
