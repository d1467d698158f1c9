"""The command line, run in this process against a data folder of its own."""

from __future__ import annotations

import contextlib
import io
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from dialer.cli import main
from dialer.demo.config import Sections, write_settings

AGENTS = "工号,姓名,分机,班组\n1001,张三丰,8001,A\n1002,李四,PJSIP/8002,A\n"
VISITS = (
    "客户代码,店铺名称,负责人,主访销电话,营销部,客户经理,电访员\n"
    "C001,红太阳超市,王五,13904700001,海拉尔营销部,赵六,1001\n"
    "C002,小卖部,王七,13904700002,海拉尔营销部,赵六,1002\n"
    "C003,便利店,王八,8221234,满洲里营销部,钱七,\n"
)
_TODAY = datetime.now(UTC).date()
_QUIET = (date(_TODAY.year + n // 2, (3, 11)[n % 2], 1) for n in range(4))
_FIRST = next(day for day in _QUIET if day > _TODAY + timedelta(days=7))
_MONDAY = _FIRST + timedelta(days=-_FIRST.weekday() % 7)
DAY, NEXT_DAY, DAY_AFTER = ((_MONDAY + timedelta(days=n)).isoformat() for n in range(3))
"""A Monday to come, far from holidays, and the two days after it."""


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


def run_command(*arguments: str) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    was_configured, structure = structlog.is_configured(), structlog.get_config()
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()
        if was_configured:
            structlog.configure(**structure)
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _no_settings_from_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def settings_file(folder: Path, **changes: Mapping[str, object]) -> Path:
    """A settings file in ``folder``; ``changes`` to the usual settings by section."""
    usual: Sections = {
        "trunks": {"name": "t", "template": "PJSIP/{number}@carrier"},
        "pbx": {"secret_file": f"{folder}/ami.secret", "port": 1},
        "lists": {"default_team": "A", "area_code": "0470"},
        "dialling": {"promise_ahead_s": 366 * 86_400},
        "recordings": {"spool": f"{folder}/spool", "done": f"{folder}/done"},
        "web": {"port": 0},
    }
    (folder / "ami.secret").write_text("made-up-secret\n", encoding="utf-8")
    (folder / "ami.secret").chmod(0o600)
    return write_settings(folder / "dialer.toml", usual, changes)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file whose PBX nobody answers for."""
    return settings_file(tmp_path)


@pytest.fixture
def run(config: Path) -> Run:
    """Runs a command with that settings file; in English unless it says otherwise."""

    def call(*arguments: str, lang: str = "en") -> Ran:
        return run_command("--config", str(config), "--lang", lang, *arguments)

    return call


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the agents and a small list."""
    (tmp_path / "agents.csv").write_text(AGENTS, encoding="utf-8")
    (tmp_path / "visits.csv").write_text(VISITS, encoding="gb18030")
    return tmp_path


@pytest.fixture
def listed(run: Run, files: Path) -> Run:
    """The same after agents and list were imported."""
    assert run("agents", "import", str(files / "agents.csv")).code == 0
    assert run("visits", "import", str(files / "visits.csv"), "--date", DAY).code == 0
    return run
