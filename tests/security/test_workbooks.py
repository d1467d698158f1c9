"""Workbooks that would fill the memory or be read for ever are refused early, over HTTP and by the command line.

What a damaged or odd file gives otherwise is in tests/lists/test_reader.py.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.lists import xlsxguard
from dialer.lists.reader import read_lines
from tests.cli.conftest import run_command, settings_file
from tests.lists.files import GOOD, HEADER, xlsx_file
from tests.security.bombs import BOMBS, SHEET, repeated, sheet, workbook
from tests.web.system import System

MOST_MIB = 250
"""How much more memory reading all of them may take: the most that was used never falls, so that each adds to it."""

APPETITE = """
import json, resource, sys
from pathlib import Path
import openpyxl
from dialer.lists import xlsxfile
from dialer.lists.reader import read_lines
from dialer.lists.wording import Unusable

# These bombs cost time and no memory: an eighth of the limits shows as much.
xlsxfile._MOST_ROWS, xlsxfile._MOST_CELLS = 1 << 17, 1_000_000
def most_used():  # not ru_maxrss, which a process has from the one that started it
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))

resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
for name in sys.argv[1:]:
    data = Path(name).read_bytes()
    before = most_used()
    try:
        code = str(len(read_lines(data, "list.xlsx")))
    except Unusable as refused:
        code = refused.reason.code
    grown = most_used() - before
    print(json.dumps([code, grown >> 10]), flush=True)
"""


@pytest.mark.usefixtures("untraced")
def test_no_workbook_fills_the_memory(tmp_path: Path) -> None:
    """Each bomb is refused by a process whose memory hardly grows; what is good is read after all of them."""
    files = []
    for number, (make, _) in enumerate(BOMBS.values()):
        files.append(tmp_path / f"{number}.xlsx")
        files[-1].write_bytes(make())
        assert files[-1].stat().st_size < 8 << 20
    files.append(tmp_path / "good.xlsx")
    files[-1].write_bytes(xlsx_file([HEADER, *GOOD]))
    ran = subprocess.run(
        [sys.executable, "-c", APPETITE, *map(str, files)], capture_output=True, text=True, timeout=200, check=False
    )
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(told) == len(files), (ran.stderr[-2000:], list(BOMBS)[len(told) : len(told) + 1])
    assert {name: code for name, (code, _) in zip(BOMBS, told, strict=False)} == {
        name: code for name, (_, code) in BOMBS.items()
    }
    assert sum(grown for _, grown in told) < MOST_MIB
    assert told[-1][0] == str(1 + len(GOOD))


@pytest.mark.parametrize(
    "body",
    [
        b'<row><c t="str"><v>x</v></c></row>' * 2_000,
        b"<!-- a remark -->" + b'<row><c t="str"><v>x</v></c></row>' * 2_000,
    ],
    ids=["plain", "with a remark"],
)
def test_a_long_list_is_no_bomb(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many rows are read, whether or not the quick look at the bytes suffices."""
    monkeypatch.setattr(xlsxguard, "SMALL_PART", 1000)
    monkeypatch.setattr(xlsxguard, "MOST_IN_UNIT", 1000)
    assert len(read_lines(sheet(body), "list.xlsx")) == 2_000


async def test_bombs_over_http(system: System) -> None:
    """The upload is refused with the reason, as a list of visits and as one of agents, and others are answered."""
    await system.agent(ready=False)
    bomb = sheet(b"<c/>", 20)
    refused, agents, alive = await asyncio.gather(
        system.ask("POST", "/visits?filename=x.xlsx", data=bomb, status=422),
        system.ask("POST", "/agents/import?filename=x.xlsx", data=bomb, status=422),
        system.ask("GET", "/health/live", token=None),
    )
    assert "100000" in refused["message"]
    assert "100000 elements" in agents["message"]
    assert alive["status"] == "alive"


def test_bombs_by_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that says what is wrong, exit code 1; of a file of 1 GB only the first part is read."""
    monkeypatch.chdir(tmp_path)
    config = settings_file(tmp_path)
    (tmp_path / "bomb.xlsx").write_bytes(workbook({SHEET: repeated(b"<worksheet ", b'a="" ', 3, b"/>")}))
    with (tmp_path / "huge.csv").open("wb") as huge:
        huge.truncate(1 << 30)
    for command in ("visits", "agents"):
        for file, said in (("bomb.xlsx", "more than 1048576 bytes"), ("huge.csv", "33554432")):
            ran = run_command("--config", str(config), "--lang", "en", command, "import", str(tmp_path / file))
            assert (ran.code, ran.out) == (1, ""), ran
            assert said in ran.err
            assert "Traceback" not in ran.err
