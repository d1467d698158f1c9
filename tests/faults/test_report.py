"""What a soak hands back is shown as it is: figures, words, and how to see a violation again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.faults.__main__ import main
from tests.faults.report import Goal, Injection, Outcome, Violation, rows, show
from tests.faults.requests import soak as requests
from tests.faults.rig import soak as rig

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
CUT = (
    Injection("link cut", AT, 1.5, ("alarm: the link is lost",)),
    Injection("link cut", AT, 0.5, ("alarm: the link is lost", "alarm: the link is lost")),
    Injection("link cut", AT),
)
GOAL = Goal("next call", 1.5, "s", 2.0)
FULL = Injection("disk full", AT, None, ())


def outcome(*violations: Violation, goals: tuple[Goal, ...] = (GOAL,)) -> Outcome:
    """A soak that found this."""
    return Outcome("virtual", 7, "replay all", (*CUT, FULL), violations, goals, ("4 days",))


def test_each_fault_has_a_row() -> None:
    """How often, how soon the next call came, what was told (once for each injection), what was violated."""
    full, cut = rows(outcome(Violation("2: gap", "too early", faults=("link cut",))))
    assert (full.fault, full.injected, full.median_s, full.told) == ("disk full", 1, None, {})
    assert (cut.injected, cut.recovered, cut.median_s, cut.longest_s) == (3, 2, 1.0, 1.5)
    assert (cut.told, cut.violations) == ({"alarm: the link is lost": 2}, 1)


def test_a_soak_is_whole_without_violations_and_with_its_goals() -> None:
    """Both; a figure without a bound only explains."""
    assert outcome(goals=(GOAL, Goal("calls", 90_000, "calls"))).whole
    assert not outcome(Violation("2: gap", "too early")).whole
    assert not outcome(goals=(Goal("next call", 2.5, "s", 2.0),)).whole


def test_people_read_the_seed_and_the_replay() -> None:
    """A violation comes with the command that shows it again, its own or that of the soak."""
    paper = StringIO()
    found = (Violation("2: gap", "too early", "replay this", ("link cut",)), Violation("3: two at once", "both"))
    show([outcome(*found, goals=(GOAL, Goal("missed", 3.0, "s", 2.0)))], Console(file=paper, width=160))
    text = paper.getvalue()
    for words in ("seed 7", "VIOLATED 2: gap: too early", "replay: replay this", "replay: replay all", "4 days"):
        assert words in text
    assert "MISSED" in text
    assert "2 VIOLATIONS" in text


def test_programs_read_lines_of_json() -> None:
    """Faults, goals and violations, each with the soak and its seed."""
    lines = [json.loads(line) for line in outcome(Violation("2: gap", "too early")).as_json()]
    assert [line["kind"] for line in lines] == ["fault", "fault", "goal", "violation"]
    assert {(line["soak"], line["seed"]) for line in lines} == {("virtual", 7)}


def test_the_command_plays_and_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m tests.faults virtual`: exit code 0 when all is well."""
    assert main(["virtual", "--days", "2", "--seed", "3", "--json", str(tmp_path / "out")]) == 0
    assert "virtual, seed 3: no violation" in capsys.readouterr().out
    assert '"kind": "goal"' in (tmp_path / "out").read_text(encoding="utf-8")


def test_the_command_runs_all_and_fails_with_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name all soaks run; a violation on the rig makes the exit code 1."""
    asked: list[tuple[float, int]] = []

    async def soak(minutes: float, seed: int, _: object) -> Outcome:
        asked.append((minutes, seed))
        return outcome(Violation("2: gap", "too early"))

    monkeypatch.setattr(rig, "soak", soak)
    monkeypatch.setattr(requests, "soak", soak)
    assert main(["--days", "1", "--minutes", "0.5", "--seed", "4"]) == 1
    assert asked == [(0.5, 4), (0.5, 4)]
