"""A command starts at once: it imports what it needs, and nothing that only the service needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import settings_file

SERVICE_ONLY = {
    *("aiohttp", "aiosqlite", "alembic", "apprise", "apscheduler", "argon2", "asyncio", "babel", "chinese_calendar"),
    *("jinja2", "numpy", "openpyxl", "panoramisk", "phonenumbers", "pydantic_settings", "pypinyin", "soundfile"),
    *("sqlalchemy", "structlog"),
    *("dialer.settings", "dialer.campaign.state", "dialer.campaign.dialling"),
}
"""Libraries of the service, of which each takes as long as a whole command; the check of all settings; the rules."""

RUN = """
import runpy, sys
sys.argv = ["dialer", *sys.argv[1:]]
try:
    runpy.run_module("dialer", run_name="__main__")
finally:
    ours = ("dialer.settings", "dialer.campaign.state", "dialer.campaign.dialling")
    found = {name if name in ours else name.partition(".")[0] for name in sys.modules}
    print(*sorted(found), file=sys.stderr)
"""

NOBODY = """{"url": "http://127.0.0.1:9", "pid": 1, "token": ""}"""
"""A service that announced itself, lives, and does not answer: what a command loads until then, it loads for each."""


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The settings of a dialer whose service runs."""
    file = settings_file(tmp_path, hours={"zone": "Asia/Tokyo"})
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "service.json").write_text(NOBODY, encoding="utf-8")
    (tmp_path / "data" / "cli.token").write_text("t", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "command",
    ["version", "status", "agents list", "why 1001", "visits list", "notices list", "recordings search", "orders open"],
)
def test_a_command_beside_the_service_imports_nothing_of_it(command: str, beside: Path) -> None:
    """Nor the rules; of the settings it needs the folder, the zone and the language alone."""
    words = ["--config", str(beside), "--lang", "zh", *command.split()]
    ran = subprocess.run([sys.executable, "-c", RUN, *words], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == (0 if command == "version" else 3), ran.stderr
    loaded = set(ran.stderr.splitlines()[-1].split())
    assert {"dialer", "typer"} <= loaded
    assert sorted(SERVICE_ONLY & loaded) == []
