"""What an administrator gets for the PBX."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialer.cli.pbx.asterisk import own_address, snippets
from dialer.cli.pbx.phonechecks import silence_checks
from dialer.errors import SettingsError
from dialer.language import translator
from dialer.settings import Settings, load
from tests.cli.conftest import Run, run_command, settings_file

HERE = Path(__file__).parents[2] / "config" / "asterisk"
LOCAL = "127.0.0.1/255.255.255.255"


def test_the_files_in_config_are_what_is_printed() -> None:
    """config/asterisk has the default rendering, so that nobody installs something else than the command prints."""
    pieces = snippets(Settings(), "REPLACE-THIS-SECRET", LOCAL)
    assert {path.name for path in HERE.iterdir()} == {piece.name for piece in pieces}
    for piece in pieces:
        assert (HERE / piece.name).read_text(encoding="utf-8") == piece.text


def test_the_sample_of_a_phone_and_a_trunk_has_what_is_checked() -> None:
    """What `dialer check` warns of and a recording needs; both documents name it. Asterisk 22 loads it as it stands."""
    text = re.sub(r" *;.*", "", (HERE.parent / "pjsip.conf").read_text(encoding="utf-8"))
    endpoints = [part for part in text.split("[") if "type = endpoint" in part]
    told = [dict(re.findall(r"^(\w+) = (.*)$", part, re.MULTILINE)) for part in endpoints]
    assert len(told) == 2
    for each in told:
        assert (each["disallow"], each["allow"], each["direct_media"]) == ("all", "alaw,ulaw", "no")
    phone, trunk = told
    assert int(phone["rtp_timeout"]) > 0
    assert phone["device_state_busy_at"] == "1"
    assert trunk.get("redirect_method") != "uri_core"
    assert not list(silence_checks({"8001": phone["rtp_timeout"]}, translator("en")))
    for document in ("install.md", "install.zh.md"):
        words = (HERE.parents[1] / "docs" / document).read_text(encoding="utf-8")
        assert "`config/pjsip.conf`" in words


def test_the_known_secret_is_printed(run: Run) -> None:
    """With a secret in its file the same text comes every time."""
    first, second = run("asterisk-config"), run("asterisk-config")
    assert first.code == 0
    assert first == second
    assert "secret = made-up-secret" in first.out
    assert "[dialer-connect]" in first.out
    assert "manager.conf" in first.err


def test_a_secret_is_made_when_there_is_none(run: Run, tmp_path: Path) -> None:
    """It is strong, new each time, and the command says where to put it."""
    (tmp_path / "ami.secret").unlink()
    secrets = set()
    for _ in range(2):
        ran = run("asterisk-config", "--part", "manager")
        found = re.search(r"^secret = (\S+)$", ran.out, re.MULTILINE)
        assert found
        assert len(found[1]) >= 32
        assert found[1] in ran.err
        assert str(tmp_path / "ami.secret") in ran.err
        assert "[dialer-connect]" not in ran.out
        secrets.add(found[1])
    assert len(secrets) == 2


def test_the_general_section_has_the_port_that_is_set(tmp_path: Path) -> None:
    """What goes into [general] does not move a manager that listens elsewhere."""
    config = settings_file(tmp_path, pbx={"port": 5099, "secret_file": "ami.secret"})
    ran = run_command("--config", str(config), "--lang", "en", "asterisk-config", "--part", "manager")
    assert "port = 5099" in ran.err


def test_freepbx_gets_its_own_files(run: Run) -> None:
    """FreePBX includes *_custom.conf by itself."""
    ran = run("asterisk-config", "--freepbx", lang="zh")
    assert "extensions_custom.conf" in ran.out
    assert "manager_custom.conf" in ran.err
    assert "追加到" in ran.err
    assert "[general](+)\ntimestampevents = yes" in ran.err
    assert "enabled = yes" not in ran.err  # which their own pages see to


def test_files_are_written_for_their_owner_only(run: Run, tmp_path: Path) -> None:
    """--write puts the same text into files that nobody else can read."""
    ran = run("asterisk-config", "--write", str(tmp_path / "out"))
    assert ran.code == 0
    user = tmp_path / "out" / "dialer-manager.conf"
    assert user.stat().st_mode & 0o007 == 0
    assert "secret = made-up-secret" in user.read_text(encoding="utf-8")
    assert run("asterisk-config", "--write", str(tmp_path / "out")).code == 0  # once more, over the old ones


def test_the_longest_call_is_that_of_the_settings(tmp_path: Path) -> None:
    """Issue 10, A3: whoever changes the setting gets another dialplan."""
    config = settings_file(tmp_path, recordings={"longest_s": 7200.4})
    ran = run_command("--config", str(config), "asterisk-config", "--part", "dialplan")
    assert "Set(TIMEOUT(absolute)=7200)" in ran.out


def test_settings_that_cannot_stand_in_a_dialplan(tmp_path: Path) -> None:
    """A folder with a space is refused with a line that names it, as an error of the settings."""
    config = settings_file(tmp_path, recordings={"spool": "/var/my spool", "done": "/var/done"})
    ran = run_command("--config", str(config), "--lang", "en", "asterisk-config")
    assert ran.code == 2
    assert "my spool" in ran.err
    assert "Traceback" not in ran.err


def test_the_permitted_address_is_the_one_that_the_pbx_sees() -> None:
    """Loopback for a PBX on this machine; a host that cannot be found asks for --permit."""
    assert own_address("127.0.0.1", 5038) == LOCAL
    assert own_address("localhost", 5038) == LOCAL
    with pytest.raises(SettingsError, match="--permit"):
        own_address("no.such.host.invalid", 5038)


def test_the_unit_starts_what_is_installed() -> None:
    """The service unit runs `run`, and does not try again what only a person can mend."""
    unit = (HERE.parent / "dialer.service").read_text(encoding="utf-8")
    assert re.search(r"^ExecStart=/opt/dialer/bin/dialer --config /etc/dialer/dialer.toml run$", unit, re.MULTILINE)
    assert "RestartPreventExitStatus=2" in unit
    assert load(HERE.parent / "dialer.toml").data == Path("/var/lib/dialer")
