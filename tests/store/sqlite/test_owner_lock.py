"""Who owns the database: one service, or for a moment one command, which never keeps a service from starting."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.app.parts import parts
from dialer.clock import SystemClock
from dialer.errors import StoreOwned
from dialer.settings import load
from dialer.store.sqlite.files import OwnerLock
from tests.cli.conftest import settings_file

COMMANDS = """
import sys, time
from pathlib import Path
from dialer.errors import StoreOwned
from dialer.store.sqlite.files import OwnerLock
print("ready", flush=True)
while True:
    lock = OwnerLock(Path(sys.argv[1]))
    try:
        lock.take(passing=True)
        lock.release()
    except StoreOwned:
        pass
"""
"""Commands one after the other, without a pause."""


def test_a_command_that_comes_while_a_service_waits_stands_behind_it(tmp_path: Path) -> None:
    """The first one is waited for; none after it takes the lock before the service has had it."""
    database = tmp_path / "d"
    command, service, another = OwnerLock(database), OwnerLock(database), OwnerLock(database)
    command.take(passing=True)
    with pytest.raises(StoreOwned) as refused:
        service.take()
    assert refused.value.passing
    command.release()
    with pytest.raises(StoreOwned) as refused:
        another.take(passing=True)
    assert not refused.value.passing
    service.take()
    with pytest.raises(StoreOwned):
        another.take(passing=True)
    service.release()
    another.take(passing=True)
    another.release()


def test_of_two_services_one_is_told_at_once(tmp_path: Path) -> None:
    """Also while neither has the database yet."""
    database = tmp_path / "d"
    command, one, other = OwnerLock(database), OwnerLock(database), OwnerLock(database)
    command.take(passing=True)
    with pytest.raises(StoreOwned):
        one.take()
    with pytest.raises(StoreOwned) as refused:
        other.take()
    assert not refused.value.passing
    command.release()
    one.take()
    with pytest.raises(StoreOwned) as refused:
        other.take()
    assert not refused.value.passing
    one.release()


def test_a_command_alone_leaves_no_file_that_a_service_could_not_open(tmp_path: Path) -> None:
    """It may be another user's."""
    lock = OwnerLock(tmp_path / "d")
    lock.take(passing=True)
    lock.release()
    assert [path.name for path in tmp_path.iterdir()] == ["d.lock"]


async def test_a_service_starts_amid_commands_that_never_pause(tmp_path: Path) -> None:
    """Two rows of them from before its start; it has the database well within the time that another service gets."""
    settings = load(settings_file(tmp_path))
    async with parts(settings, SystemClock()):
        pass
    rows = [
        subprocess.Popen([sys.executable, "-c", COMMANDS, str(settings.database)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        for row in rows:
            assert row.stdout is not None
            assert await asyncio.to_thread(row.stdout.readline) == b"ready\n"
        for _ in range(5):
            async with parts(settings, SystemClock(), 30.0, lambda _: None):
                with pytest.raises(StoreOwned):
                    OwnerLock(settings.database).take(passing=True)
    finally:
        for row in rows:
            row.kill()
            row.wait()
            assert row.stdout is not None
            row.stdout.close()
