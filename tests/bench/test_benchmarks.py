"""Every benchmark runs, in miniature, on the real private PBX. The values mean nothing here; that they come does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.demo.rig.build import AsteriskBuild
from tests.bench.__main__ import ALL, main
from tests.bench.ground import Ground, ground

pytestmark = [pytest.mark.pbx, pytest.mark.usefixtures("untraced_processes")]

NAMES = {
    "throughput": {"originate.local", "originate.local.same", "originate.trunk", "originate.trunk.same"},
    "latency": {"ready.to_originate.median", "ready.to_originate.p99"},
    "booked": {"answer.to_booked.p99", "answer.to_booked.median", "ami.longest_stall"},
    "intake": {"intake.all", "intake.filtered"},
    "size": {"memory", "start.to_originate", "recovery"},
    "command": {"command.cpu"},
    "growth": {"cost.100", "cost.400", "growth"},
    "search": {"search.customer", "search.order", "search.time"},
    "import": {"import.new", "import.again"},
    "screens": {"screens.cpu", "screens.answer_to_card.median"},
    "listening": {"play.start.median"},
    "stall": {"stall.attacked", "stall.attacked.p99"},
    "day": {"day.finish", "day.talk_share"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on(asterisk_build: AsteriskBuild, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """The rig with the benchmarks' contexts."""
    async with ground(tmp_path_factory.mktemp("bench"), asterisk_build, lambda _: None) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def quiet(on: Ground) -> AsyncIterator[Ground]:
    """It leaves no call behind, whatever became of it."""
    try:
        yield on
    finally:
        async with on.rig.office.control() as ami:
            await ami.action("Hangup", Channel="/.*/")
        await on.rig.office.idle(60)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_benchmark_runs(quiet: Ground, name: str) -> None:
    """Each gives its figures, with a counterpart that was measured too where there is one."""
    figures = await ALL[name][1](quiet)
    assert {figure.name for figure in figures} == NAMES[name]
    for figure in figures:
        assert figure.value > 0 or figure.name == "growth", figure
        assert figure.bare is None or figure.bare > 0, figure
        line = json.loads(figure.as_json())
        assert {"name", "value", "unit", "ratio", "against"} <= line.keys()


def test_an_unknown_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It is said which figures there are."""
    assert main(["speed", "--json", str(tmp_path / "never")]) == 2
    assert "throughput" in capsys.readouterr().err
    assert not (tmp_path / "never").exists()
