"""A command without a service asks the same API: what it leaves on record, and whom it waits for."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dialer.app.parts import parts
from dialer.cli.base import Cli
from dialer.cli.client import connect
from dialer.clock import SystemClock
from dialer.errors import StoreOwned
from dialer.settings import load
from dialer.store.sqlite.files import OwnerLock
from tests.cli.conftest import AGENTS, DAY, VISITS, Run, run_command, settings_file
from tests.cli.running import service
from tests.kit.settings import around_the_clock

CHANGES = (
    ("agents", "import", "agents.csv"),
    ("agents", "save", "1003", "--extension", "8003", "--team", "B"),
    ("agents", "pause", "1001", "--reason", "lunch"),
    ("visits", "import", "visits.csv", "--date", DAY),
    ("visits", "promise", "C001", "10:30", "--date", DAY),
    ("visits", "phone", "C002", "139 0470 0009", "--date", DAY),
    ("visits", "deal", "C003", "--agent", "1001", "--date", DAY),
    ("visits", "withdraw", "C003", "--reason", "ordered online", "--date", DAY),
    ("visits", "import", "visits.csv"),
    ("visits", "by-hand", "C002", "--tries", "2", "--who", "1002"),
    ("campaign", "pause", "storm"),
    ("campaign", "resume"),
    ("calendar", "off", "2027-05-06", "stocktaking"),
    ("orders", "add", "O-1", "--customer", "C001", "--at", f"{DAY}T09:00"),
    ("tokens", "create", "order-system", "--scope", "orders"),
    ("tokens", "revoke", "order-system"),
    ("staff", "add", "9003", "--role", "agent", "--password-stdin"),
    ("staff", "disable", "9003"),
    ("staff", "revoke", "9003"),
)
"""One of each kind of change; the last one listed is the last one made."""


def in_folder(folder: Path) -> Path:
    """A settings file with what the commands read beside it."""
    for name in ("spool", "done"):
        (folder / name).mkdir(parents=True)
    (folder / "agents.csv").write_text(AGENTS, encoding="utf-8")
    (folder / "visits.csv").write_text(VISITS, encoding="gb18030")
    return settings_file(folder, hours=around_the_clock())


def changed(config: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Make every change; the audit log of it, oldest first."""
    for command in CHANGES:
        monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
        arguments = [str(config.parent / each) if each.endswith(".csv") else each for each in command]
        ran = run_command("--config", str(config), "--lang", "en", *arguments)
        assert ran.code == 0, (command, ran)
    with connect(Cli(config, "en")) as client:
        found: list[dict[str, Any]] = client.get("audit-log", limit=1000)
    return found[::-1]


def told(entry: dict[str, Any]) -> tuple[str, str, str]:
    """What an entry says of the change itself, but for the time of the command."""
    details = {name: value for name, value in entry["details"].items() if name != "at"}
    return entry["what"], entry["target"], json.dumps(details, sort_keys=True)


@pytest.mark.timeout(360)
def test_the_same_is_on_record_with_a_service_and_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each change leaves the same entry of the audit log; without a service it is the command line's own."""
    alone, beside = in_folder(tmp_path / "alone"), in_folder(tmp_path / "beside")
    without = changed(alone, monkeypatch)
    with service(beside):
        within = changed(beside, monkeypatch)
    assert [told(entry) for entry in without] == [told(entry) for entry in within]
    assert len(without) == len(CHANGES)
    assert {(entry["role"], entry["address"]) for entry in without} == {("cli", "local")}
    assert {entry["who"].endswith(" (dialer)") for entry in without} == {True}
    assert {(entry["role"], entry["address"]) for entry in within} == {("token", "127.0.0.1")}
    assert all("correct horse" not in str(entry) for entry in without)


@contextmanager
def owned(config: Path, seconds: float) -> Iterator[None]:
    """Somebody has the database for so long."""
    settings = load(config)
    settings.data.mkdir(parents=True, exist_ok=True)
    lock = OwnerLock(settings.database)
    lock.take()
    timer = threading.Timer(seconds, lock.release)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        lock.release()


def test_another_command_is_waited_for(run: Run, config: Path) -> None:
    """Two at once are one after the other."""
    with owned(config, 0.4):
        assert run("agents", "list").code == 0


def test_who_keeps_the_database_is_not_waited_for_long(run: Run, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the command says who has it."""
    monkeypatch.setattr("dialer.cli.client._OWNED_S", 0.3)
    with owned(config, 60):
        ran = run("agents", "list")
    assert (ran.code, "another dialer" in ran.err, ran.err.count("\n")) == (3, True, 1)


async def test_a_service_waits_for_a_command(config: Path) -> None:
    """One that starts together with a command does not end because of it."""
    settings = load(config)
    with owned(config, 0.4):
        with pytest.raises(StoreOwned):
            async with parts(settings, SystemClock()):
                pass
        async with parts(settings, SystemClock(), 5.0) as p:
            assert await p.tokens.tokens() == []
