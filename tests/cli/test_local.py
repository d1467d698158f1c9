"""A command without a service asks the same API: what it leaves on record, and whom it waits for."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dialer.app.parts import parts
from dialer.app.service import serve
from dialer.app.systemd import tell
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
    """It says that it waits, then who has it."""
    monkeypatch.setattr("dialer.cli.client._OWNED_S", 0.3)
    monkeypatch.setattr("dialer.cli.client._PATIENCE_S", 0.0)
    with owned(config, 60):
        ran = run("agents", "list")
    assert ran.code == 3
    assert "waiting for it" in ran.err.splitlines()[0]
    assert "another dialer" in ran.err.splitlines()[1]
    assert ran.err.count("\n") == 2


async def test_a_service_waits_for_another_one_that_ends(config: Path) -> None:
    """A command does so itself; see ``connect``."""
    settings = load(config)
    with owned(config, 0.4):
        with pytest.raises(StoreOwned):
            async with parts(settings, SystemClock()):
                pass
        heard: list[str] = []
        async with parts(settings, SystemClock(), 60.0, heard.append) as p:
            assert await p.tokens.tokens() == []
        assert len(heard) == 1


async def test_a_service_waits_for_a_command_as_long_as_it_takes(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that starts together with a command does not end because of it; systemd is told each step."""
    lock = OwnerLock(load(config).database)
    load(config).data.mkdir(parents=True)
    lock.take(passing=True)
    monkeypatch.setattr(import_module("dialer.app.service"), "_OWNED_S", 0.0)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    settings = load(config)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        loop = asyncio.get_running_loop()
        up: asyncio.Future[None] = loop.create_future()
        running = asyncio.create_task(serve(settings, started=lambda _: up.set_result(None)))
        try:
            async with asyncio.timeout(60):
                assert (await loop.sock_recv(systemd, 1000)).startswith(b"STATUS=another dialer")
                lock.release()
                assert await loop.sock_recv(systemd, 1000) == b"READY=1"
                await up
                os.kill(os.getpid(), signal.SIGTERM)
                assert await loop.sock_recv(systemd, 1000) == b"STOPPING=1"
                await running
        finally:
            running.cancel()
            lock.release()


def test_systemd_that_is_gone_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does there have to be one; an abstract address is one too."""
    for address in ("/nowhere/notify", "@dialer-test-nobody", ""):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell("READY=1")
