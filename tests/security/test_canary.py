"""Secrets stay where they belong: known ones are given to a real service, which then has a bad day, and nothing that it
writes, prints or answers has any of them, in no encoding.

How a single log line is masked is tested in tests/test_logs.py, what the settings page shows in tests/service.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web

from dialer.demo.rig.rig import Rig
from tests.cli.conftest import Ran, run_command
from tests.demo.rig.calls import fresh_number
from tests.kit.launcher import UNMEASURED, RunningDialer
from tests.kit.line import Line
from tests.kit.settings import quick_settings
from tests.notices.platform import Platform

ADMIN, SUPERVISOR = "990", "910"
PAGES = (
    "/", "/admin", "/admin/settings", "/admin/staff", f"/admin/staff/{ADMIN}", "/admin/tokens", "/admin/agents",
    "/admin/calendar", "/pages/admin/health", "/audit", "/password", "/nothing", "/health/live", "/health/ready",
    "/metrics", "/status", "/openapi.json", "/api/v1/progress", "/api/v1/tokens", "/api/v1/staff", "/api/v1/sessions",
    "/api/v1/nothing", "/static/nothing", "/recordings", "/floor", "/reports",
)  # fmt: skip
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("status", "--json"), ("check", "--json"), ("check",), ("agents", "list", "--json"), ("tokens", "list", "--json"),
    ("staff", "list", "--json"), ("notices", "list"), ("asterisk-config", "--part", "dialplan"), ("why", "C001"),
)  # fmt: skip


@dataclass
class Canary:
    """Secrets by name, and everything that was said."""

    secrets: dict[str, str] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)

    def hatch(self, name: str) -> str:
        """A new secret that stands nowhere else."""
        self.secrets[name] = f"canary{secrets.token_hex(12)}"
        return self.secrets[name]

    def hear(self, where: str, *what: str | bytes) -> None:
        """Keep what was said, to be searched at the end."""
        told = b"\n".join(each.encode() if isinstance(each, str) else each for each in what)
        self.said[where] = self.said.get(where, b"") + told

    def found(self) -> list[tuple[str, str]]:
        """(where, which) of every secret that was said, in any encoding."""
        return [
            (where, f"{name} as {form}")
            for where, text in self.said.items()
            for name, secret in self.secrets.items()
            for form, needle in forms(secret)
            if needle in text
        ]


def forms(secret: str) -> Iterable[tuple[str, bytes]]:
    """The secret as it is, and as it may be disguised."""
    raw = secret.encode()
    yield "text", raw
    yield "hex", raw.hex().encode()
    yield "Base64", base64.b64encode(raw).rstrip(b"=")[:-2]
    if (quoted := quote(secret, safe="").encode()) != raw:
        yield "address", quoted
    yield "UTF-16", secret.encode("utf-16-le")


async def run(canary: Canary, config: Path, *arguments: str) -> Ran:
    """A command; what it prints is heard."""
    ran = await asyncio.to_thread(run_command, "--config", str(config), "--lang", "en", *arguments)
    canary.hear(f"dialer {' '.join(arguments)}", ran.out, ran.err)
    return ran


async def echo(request: web.Request) -> web.StreamResponse:
    """A platform that fails and says all that it was sent."""
    return web.Response(status=500, text=f"{request.path_qs} {dict(request.headers)} {await request.text()}")


@asynccontextmanager
async def bad_day(rig: Rig, folder: Path, canary: Canary) -> AsyncIterator[tuple[RunningDialer, Line]]:
    """A service with all the secrets, logging all that it can, beside a platform that always fails."""
    platform, line = Platform(), Line(rig.ami.port)
    platform.otherwise = echo
    await platform.start()
    await line.mend()
    canary.secrets["AMI"] = rig.ami.secret
    key = base64.b64encode(canary.hatch("webhook key").encode()).decode()
    canary.secrets["webhook secret"] = key
    (folder / "ami.secret").write_text(rig.ami.secret)
    (folder / "platform.secret").write_text(f"whsec_{key}")
    alarms = f"json://who:{canary.hatch('alarm password')}@127.0.0.1:{platform.port}/x?+X={canary.hatch('alarm token')}"
    config = quick_settings(
        folder / "dialer.toml",
        rig,
        pbx={
            "port": line.port, "secret": None, "secret_file": f"{folder}/ami.secret", "ping_interval_s": 0.5,
            "reconnect_first_s": 0.1, "reconnect_max_s": 0.2,
        },
        platform={
            "url": platform.url, "secret_file": f"{folder}/platform.secret", "retry_first_s": 0.2,
            "alarm_addresses": [alarms],
        },
        log={"format": "json", "level": "debug"},
    )  # fmt: skip
    dialer = RunningDialer(config, hidden=UNMEASURED)
    try:
        await dialer.prepare([fresh_number(ending) for ending in ("66", "61", "01")], [rig.extensions[0]])
        for number, role in ((ADMIN, "administrator"), (SUPERVISOR, "supervisor")):
            await add_staff(canary, dialer, number, role)
        await dialer.start()
        yield dialer, line
        assert await dialer.stop() == 0
    finally:
        await dialer.kill()
        await line.close()
        await platform.stop()


async def add_staff(canary: Canary, dialer: RunningDialer, number: str, role: str) -> None:
    """Make an account whose password is a canary, as `dialer staff add` does."""
    from dialer.app import offline
    from dialer.people.staff import Role

    async with offline(dialer.settings) as parts:
        await parts.accounts.add(number, "王", Role(role), canary.hatch(f"password of {role}"), must_change=False)


async def visit(canary: Canary, dialer: RunningDialer) -> None:
    """Sign in, wrongly and rightly, and open everything; then ask the API, wrongly and rightly."""
    wrong, jar = canary.hatch("wrong password"), aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(dialer.url, cookie_jar=jar, timeout=aiohttp.ClientTimeout(120)) as http:

        async def ask(method: str, path: str, **more: object) -> str:
            async with http.request(method, path, **more) as response:  # type: ignore[arg-type]  # fields by name, or a stand-in
                body = await response.read()
                shown = [f"{name}: {value}" for name, value in response.headers.items() if name != "Set-Cookie"]
                canary.hear(f"{method} {path.partition('?')[0]}", body, *shown)
                return body.decode(errors="replace")

        for number in (ADMIN, "404", ""):
            await ask("POST", "/sign-in", data={"number": number, "password": wrong})
        # Who types the password into the other field sees it there once more, and nobody else anywhere.
        await http.post("/sign-in", data={"number": canary.hatch("password as number"), "password": ""})
        for role, number in (("supervisor", SUPERVISOR), ("administrator", ADMIN)):
            password = canary.secrets[f"password of {role}"]
            page = await ask("POST", "/sign-in", data={"number": number, "password": password})
            canary.secrets[f"cookie of {role}"] = next(iter(jar)).value
            found = re.search(r'name="csrf-token" content="([0-9a-f]+)"', page)
            assert found is not None, page[:300]
            csrf = {"X-CSRF-Token": found[1]}
            for path in PAGES:
                await ask("GET", path)
            await ask("POST", "/password", data={"old": wrong, "new": password, "again": wrong}, headers=csrf)
            await ask("PUT", f"/api/v1/staff/{ADMIN}/password", json={"password": wrong * 50}, headers=csrf)
            await ask("POST", "/api/v1/staff", json={"number": "1", "password": {"x": wrong}}, headers=csrf)
        jar.clear()
        token = canary.secrets["token"]
        for sent in (f"Bearer {token}", f"Basic {token}", f"Bearer {wrong}", token):
            for path in ("/api/v1/progress", "/api/v1/customers/none/why", f"/api/v1/visits?token={token}"):
                await ask("GET", path, headers={"Authorization": sent})
        await ask(
            "POST", "/api/v1/campaign/pause", data=b"{" + token.encode(), headers={"Authorization": f"Bearer {token}"}
        )


async def misconfigure(canary: Canary, folder: Path, rig: Rig) -> None:
    """Settings with mistakes where the secrets stand, and a PBX that refuses the secret."""
    secret = canary.hatch("secret in wrong settings")
    (folder / "elsewhere").mkdir()
    refused = f'[pbx]\nsecret = "{secret}"\nport = {rig.ami.port}\nusername = "{rig.ami.username}"'
    texts = (
        f'secret = "{secret}"',
        f'[pbx]\nsecret = ["{secret}"]',
        f'[pbx]\nsecrett = "{secret}"',
        f'[pbx]\nsecret = "{secret}',
        f'[pbx]\nsecret_file = "{folder}"\nsecret = "{secret}"',
        f'[pbx]\nsecret = "{secret}"\nport = 1',
        f'[platform]\nsecret = "{secret}"\nurl = "nonsense"',
        f'[platform]\nalarm_addresses = "mailto://me:{secret}@x"',
        f'[[platform]]\nsecret = "{secret}"',
        f'{refused}\n[[trunks]]\nname = "t"\ntemplate = "PJSIP/{{number}}@t"',
    )
    for number, text in enumerate(texts):
        config = folder / "elsewhere" / f"{number}.toml"
        config.write_text(f'data = "{folder}/elsewhere/data"\n{text}\n')
        await run(canary, config, "check", "--json")
        config.unlink()


@pytest.mark.pbx
async def test_no_secret_is_said(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls, failing logins, a failing platform, a lost PBX, wrong settings, every page: no secret in any of it."""
    monkeypatch.chdir(tmp_path)
    canary = Canary()
    async with bad_day(rig, tmp_path, canary) as (dialer, line):
        made = await asyncio.to_thread(
            run_command, "--config", str(dialer.config), "tokens", "create", "x", "--scope", "read"
        )
        canary.secrets["token"] = made.out.strip().splitlines()[-1]
        await visit(canary, dialer)
        log = tmp_path / "dialer.log"
        async with asyncio.timeout(90):
            while b"notices." not in log.read_bytes():  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.05)
        line.cut()
        async with asyncio.timeout(90):
            while b"ami.link_down" not in log.read_bytes():  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.05)
        for command in COMMANDS:
            await run(canary, dialer.config, *command)
        canary.hear("its command line", Path(f"/proc/{dialer.pid}/cmdline").read_bytes())
        canary.secrets["token of the command line"] = (dialer.data / "cli.token").read_text()
    await misconfigure(canary, tmp_path, rig)
    own = {tmp_path / name for name in ("ami.secret", "platform.secret", "dialer.toml", "data/cli.token")}
    assert all(path.stat().st_mode & 0o077 == 0 for path in own if "data" in path.parts)
    for path in tmp_path.rglob("*"):
        if path.is_file() and path not in own:
            canary.hear(str(path.relative_to(tmp_path)), path.read_bytes())
    found = canary.found()
    assert found == [], "\n".join(map(str, found))
    assert {"data/dialer.sqlite3", "dialer.log"} <= canary.said.keys()
    levels = {json.loads(line)["level"] for line in canary.said["dialer.log"].splitlines() if line.startswith(b"{")}
    assert {"debug", "info", "warning"} <= levels
    assert len(canary.secrets) > 10
