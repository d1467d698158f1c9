"""`dialer staff`: accounts without a service, and beside one that speaks TLS."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, Run, run_command, settings_file
from tests.cli.running import service

Typed = Callable[[str], None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Puts text on standard input."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def add(run: Run, typed: Typed, number: str, *options: str, password: str = "correct horse battery") -> Ran:
    """Make an account."""
    typed(password + "\n")
    return run("staff", "add", number, "--password-stdin", *options)


def test_the_first_administrator(run: Run, typed: Typed) -> None:
    """An account is made, listed without its password, changed, closed and opened again."""
    assert run("staff", "list").out.strip() == "Nothing found."
    ran = add(run, typed, "9003", "--role", "administrator", "--name", "李明")
    assert (ran.code, ran.out.strip()) == (0, "9003 can sign in now.")
    assert add(run, typed, "9003", "--role", "agent").code == 1
    listed = run("staff", "list")
    assert "must choose a password" in listed.out
    assert "argon2" not in listed.out
    for refused in (("role", "9003", "team_leader", "--team", "A"), ("disable", "9003")):
        assert run("staff", *refused).code == 1, "nobody would be left to administer"
    assert run("staff", "role", "9003", "team_leader", "--team", "A", "--force").code == 0
    assert run("staff", "disable", "9003").code == 0
    (person,) = run("staff", "list", "--json").json()
    assert (person["role"], person["team"], person["disabled"]) == ("team_leader", "A", True)
    assert run("staff", "enable", "9003").code == 0
    assert run("staff", "role", "9003", "administrator", "--recordings").code == 0
    (person,) = run("staff", "list", "--json").json()
    assert (person["role"], person["team"], person["disabled"], person["recordings"]) == (
        "administrator",
        None,
        False,
        True,
    )
    assert "可听录音" in run("staff", "list", lang="zh").out
    assert run("staff", "revoke", "9003").out.strip() == "Sessions ended: 0"
    for command in (("disable",), ("revoke",), ("role",)):
        extra = ("agent",) if command == ("role",) else ()
        assert run("staff", *command, "404", *extra).code == 1


def test_passwords_are_never_arguments(run: Run, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come from standard input or are asked for twice; without a terminal it is said what to do."""
    assert run("staff", "add", "1", "--role", "agent", "--password", "x").code == 2
    typed("")
    ran = run("staff", "add", "1", "--role", "agent")
    assert (ran.code, "--password-stdin" in ran.err) == (1, True)
    assert "empty" in add(run, typed, "1", "--role", "agent", password="").err
    assert "eight characters" in add(run, typed, "1", "--role", "agent", password="short").err
    answers = iter(["correct horse battery", "correct horse battery", "one", "other"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert run("staff", "add", "1", "--role", "agent", "--keep-password").code == 0
    assert "differ" in run("staff", "password", "1").err
    (person,) = run("staff", "list", "--json").json()
    assert person["must_change"] is False
    typed("another good password\n")
    assert run("staff", "password", "1", "--password-stdin").code == 0
    (person,) = run("staff", "list", "--json").json()
    assert person["must_change"] is True


def test_beside_a_service_with_a_certificate(tmp_path: Path, typed: Typed) -> None:
    """The commands ask the running service, and know it by its own certificate though nobody has signed that."""
    crt, key = tmp_path / "tls.pem", tmp_path / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=dialer.local", "-keyout", str(key), "-out", str(crt)],
        check=True, capture_output=True,
    )  # fmt: skip
    config = settings_file(tmp_path, web={"tls_certificate": str(crt), "tls_key": str(key)})

    def run(*arguments: str) -> Ran:
        return run_command("--config", str(config), "--lang", "en", *arguments)

    with service(config):
        assert '"https://' in (tmp_path / "data" / "service.json").read_text(encoding="utf-8")
        ran = add(run, typed, "9003", "--role", "administrator")
        assert (ran.code, ran.err) == (0, "")
        assert add(run, typed, "9003", "--role", "agent").code == 1
        assert add(run, typed, "9004", "--role", "agent", password="short").code == 1
        assert run("staff", "disable", "9003").code == 1, "nobody would be left to administer"
        assert run("staff", "disable", "9003", "--force").code == 0
        (person,) = run("staff", "list", "--json").json()
        assert (person["number"], person["disabled"]) == ("9003", True)
        typed("another good password\n")
        assert run("staff", "password", "9003", "--password-stdin").code == 0
        assert run("staff", "sessions", "9003", "--json").json() == []
        assert run("staff", "sessions", "9003").out.strip() == "Nothing found."
        assert run("staff", "revoke", "9003").code == 0


def test_nobody_waits(run: Run, typed: Typed) -> None:
    """Who waits after wrong passwords is listed, and let in again by number, by address, or all at once."""
    assert add(run, typed, "9003", "--role", "administrator").code == 0
    assert run("staff", "throttled").out.strip() == "Nothing found."
    for of in ((), ("9003",), ("fe80::1%eth0",)):
        assert run("staff", "unlock", *of).out.strip() == "Wrong passwords forgotten: 0"
