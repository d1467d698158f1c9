"""Nobody outside this machine reaches the dialer unless somebody has said so, and then it says what that means."""

from __future__ import annotations

import ipaddress
import tomllib
from pathlib import Path

import pytest

from dialer.ami.config import AmiConfig
from dialer.ami.pbxconfig import manager_general, manager_user
from dialer.cli.pbx.checks import Verdict, settings_checks
from dialer.language import translator
from dialer.settings import from_values
from dialer.web.kit.config import WebConfig
from tests.cli.conftest import settings_file
from tests.web.system import System

ROOT = Path(__file__).parents[2]
TRUNK = {"trunks": [{"name": "t", "template": "PJSIP/{number}@t"}]}


def verdict(**web: object) -> list[str]:
    """What `dialer check` warns of about the web."""
    checks = settings_checks(from_values({**TRUNK, "web": web}), translator("en"))
    return [check.text for check in checks if check.name == "web" and check.verdict is Verdict.WARN]


def test_defaults_are_loopback() -> None:
    """In the code, in the explained settings, and in what the PBX gets."""
    example = tomllib.loads((ROOT / "config" / "dialer.toml").read_text(encoding="utf-8"))
    for host in (
        from_values({}).web.host,
        from_values(example).web.host,
        from_values({}).pbx.host,
        WebConfig().host,
        AmiConfig(secret="x").host,
    ):
        assert ipaddress.ip_address(host).is_loopback
    assert "bindaddr = 127.0.0.1" in manager_general()
    assert "deny = 0.0.0.0/0.0.0.0" in manager_user("dialer", "a-good-secret", "127.0.0.1")


async def test_only_loopback_is_listened_on(system: System) -> None:
    """The system's own table of sockets has the port on 127.0.0.1 and nowhere else."""
    listening = "0A"
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, port = local.split(":")
            if int(port, 16) == system.port and state == listening:
                found.append(address)
    assert found == ["0100007F"]


def test_listening_elsewhere_in_the_clear_is_warned_of(tmp_path: Path) -> None:
    """Without a certificate and a proxy; with one of them all is well."""
    assert verdict() == []
    assert verdict(host="::1") == []
    assert verdict(host="127.0.0.2") == []
    for host in ("0.0.0.0", "::", "10.1.2.3", "dialer.example.cn"):
        assert verdict(host=host) == [f"listens on {host}"]
    assert verdict(host="0.0.0.0", tls_certificate="/c", tls_key="/k") == []


@pytest.mark.parametrize("name", ["ami.secret"])
def test_a_secret_file_is_for_its_owner(tmp_path: Path, name: str) -> None:
    """One that everybody can read is warned of."""
    settings_file(tmp_path)
    secret = tmp_path / name
    settings = from_values({**TRUNK, "pbx": {"secret_file": secret}})
    told = {check.name: check.verdict for check in settings_checks(settings, translator("en"))}
    assert told["ami secret"] is Verdict.OK
    secret.chmod(0o644)
    told = {check.name: check.verdict for check in settings_checks(settings, translator("en"))}
    assert told["ami secret"] is Verdict.WARN
