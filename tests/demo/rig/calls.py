"""Calls placed by hand on the rig, as the dialer places them."""

from __future__ import annotations

import asyncio
import csv
import itertools
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dialer import callid
from dialer.ami import pbxconfig
from dialer.demo.rig.control import AmiControl, Header, Message
from dialer.demo.rig.rig import Rig

_serial = itertools.count(secrets.randbelow(900) * 1_000)


def fresh_number(ending: str) -> str:
    """A customer's number with that ending that no test has called before."""
    return f"138{next(_serial) % 10**6:06d}{ending}"


def dialer_session(rig: Rig) -> AmiControl:
    """An AMI session of the dialer's own user, to be entered with `async with`."""
    return AmiControl(rig.ami.port, rig.ami.username, rig.ami.secret)


async def place(
    ami: AmiControl,
    rig: Rig,
    number: str,
    *,
    trunk: str = "direct",
    channel: str = "",
    agent: str | None = None,
    timeout_ms: int = 20_000,
    agent_timeout_s: int = 20,
    variables: Sequence[str] = (),
) -> str:
    """Originate a call to the number, or to a ``channel`` that is no trunk's; gives its attempt id."""
    attempt = callid.for_attempt(f"t{secrets.token_hex(6)}", 1, 1, datetime.now(UTC))
    variables = (
        *variables,
        pbxconfig.handler_variable(),
        f"DIALER_AGENT={rig.extensions[0] if agent is None else agent}",
        f"DIALER_AGENT_TIMEOUT={agent_timeout_s}",
        f"DIALER_CUSTOMER={number}",
    )
    channel = channel or rig.trunk_templates[trunk].format(number=number)
    kept = dict(pbxconfig.narrowband(channel))
    codecs: dict[str, Header] = {"Codecs": kept["Codecs"]} if "Codecs" in kept else {}
    answer = await ami.action(
        "Originate",
        Channel=channel,
        Context=pbxconfig.connect_context(),
        Exten="s",
        Priority=1,
        Async="true",
        Timeout=timeout_ms,
        ChannelId=attempt,
        Variable=(*variables, kept["Variable"]) if "Variable" in kept else variables,
        timeout=20,
        **codecs,
    )
    assert answer["Response"] == "Success", answer
    return attempt


async def user_event(ami: AmiControl, name: str, attempt: str, timeout: float = 45) -> Message:
    """The UserEvent of that name about the attempt."""
    return await ami.until(
        lambda message: message.get("UserEvent") == name and message.get("Attempt") == attempt, timeout=timeout
    )


async def journal(ami: AmiControl, attempt: str) -> dict[str, str] | None:
    """What the PBX keeps about the attempt."""
    rows = await ami.listed("DBGet", Family="dialer", Key=attempt)
    if not rows:
        return None
    return dict(pair.split("=", 1) for pair in rows[0]["Val"].split("|"))


def seconds(stamp: str) -> float:
    """A time of the journal, as seconds since the epoch."""
    return datetime.fromisoformat(stamp).timestamp()


async def carrier_rows(path: Path, number: str, count: int = 1, timeout: float = 30) -> list[dict[str, str]]:
    """The carrier's records for a number, once there are as many as expected."""
    async with asyncio.timeout(timeout):
        while True:
            with path.open(encoding="utf-8", newline="") as handle:
                rows = [row for row in csv.DictReader(handle) if row["dst"] == number]
            if len(rows) >= count:
                return rows
            await asyncio.sleep(0.02)


async def appears(path: Path, timeout: float = 30) -> Path:
    """The path, once it exists."""
    async with asyncio.timeout(timeout):
        while not path.exists():  # noqa: ASYNC110 - Asterisk makes it
            await asyncio.sleep(0.02)
    return path


async def grows_to(path: Path, size: int, timeout: float = 30) -> None:
    """Wait until the file has that many bytes."""
    async with asyncio.timeout(timeout):
        while path.stat().st_size < size:  # noqa: ASYNC110 - Asterisk writes it
            await asyncio.sleep(0.02)
