"""A small day on the real private PBX, run by commands alone."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.cli.client import Client, ServiceAddress, find_service
from dialer.cli.records.audit import attempts_between
from dialer.demo.rig.rig import AGENT_TIMEOUT_S, ANNOUNCEMENT, Rig
from tests.cli.conftest import Ran, run_command, settings_file
from tests.cli.running import service, until
from tests.demo.rig.calls import fresh_number
from tests.kit.settings import around_the_clock


@pytest.fixture
def config(rig: Rig, tmp_path: Path) -> Path:
    """Settings for the rig: gaps of a second, hours round the clock."""
    ami = {"port": rig.ami.port, "secret_file": f"{tmp_path}/rig.secret", "announcement": ANNOUNCEMENT}
    path = settings_file(
        tmp_path,
        pbx=ami,
        recordings={"spool": str(rig.recordings.spool), "done": str(rig.recordings.done), "poll_s": 0.1},
        hours=around_the_clock(),
        rule={"gap_s": 1},
        dialling={"agent_timeout_s": AGENT_TIMEOUT_S, "wrap_up_s": 0},
    )
    (tmp_path / "rig.secret").write_text(rig.ami.secret, encoding="utf-8")
    (tmp_path / "rig.secret").chmod(0o600)
    return path


@pytest.fixture
def run(config: Path) -> Callable[..., Ran]:
    """Runs a command with them."""

    def call(*arguments: str, lang: str = "en") -> Ran:
        return run_command("--config", str(config), "--lang", lang, *arguments)

    return call


@pytest.mark.pbx
def test_a_day_by_commands(rig: Rig, run: Callable[..., Ran], config: Path) -> None:
    """Import, ready, calls, results: why tells the evidence, recordings are found, the audit is clean, and honest."""
    folder = config.parent
    reached, wrong, silent = fresh_number("00"), fresh_number("66"), fresh_number("61")
    (folder / "agents.csv").write_text(f"工号,分机,班组\n1001,{rig.extensions[0]},A\n", encoding="utf-8")
    (folder / "visits.csv").write_text(
        f"客户代码,店铺名称,电话,电访员\nC1,红太阳,{reached},1001\nC2,空号店,{wrong},1001\nC3,占线店,{silent},1001\n",
        encoding="utf-8",
    )
    assert run("agents", "import", str(folder / "agents.csv")).code == 0
    assert run("visits", "import", str(folder / "visits.csv")).code == 0
    with service(config):
        assert run("agents", "ready", "1001").code == 0
        until(lambda: run("status", "--json").json()["finished"], "the end of the day", timeout_s=180)
        _phones_are_tested(rig, run)
        assert run("status").out.count("REHEARSAL") == 1
        assert run("why", "C1").out.startswith("Reached")
        detail = run("why", "C2").out
        assert "404" in detail
        assert "no such number (not counted)" in detail
        assert "未接通" in run("why", "C3", lang="zh").out
        until(lambda: run("recordings", "search", "--customer", "C1", "--recorded", "--json").json(), "the recording")
        (call,) = run("recordings", "search", "--customer", "C1", "--recorded", "--json").json()
        attempt = call["attempt"]["id"]
        assert run("recordings", "hold", attempt, "--reason", "complaint").code == 0
        assert "complaint" in run("recordings", "search", "--customer", "C1").out
        assert run("recordings", "release", attempt).code == 0
        assert run("orders", "add", "O-7", "--customer", "C1").code == 0
        assert attempt in run("orders", "show", "O-7").out
        until(lambda: len(run("notices", "list", "--state", "delivered", "--json").json()) == 2, "the notices")
        notices = run("notices", "list").out
        assert ("C2 空号店" in notices, "C3 占线店" in notices, "C1 红太阳" in notices) == (True, True, False)
        now = datetime.now(UTC)
        with Client(_place(folder)) as client:
            booked = attempts_between(client, now - timedelta(hours=1), now)
        assert {attempt.evidence.sip for attempt in booked if attempt.number == silent} == {486}  # an audit needs it
        live, attempts = _audited(run, rig, folder, {reached, wrong, silent})
        assert live.code == 0, live.out
        check = run("check", "--json").json()
        assert check["ok"], [each for each in check["checks"] if each["verdict"] == "fail"]
    assert attempts == 7
    _check_is_right_about_the_pbx(rig, run, folder)
    offline, _ = _audited(run, rig, folder, {reached, wrong, silent})
    assert (offline.code, "No difference" in offline.out) == (0, True)
    lacking, _ = _audited(run, rig, folder, {reached, wrong, silent}, leave_out=reached)
    assert lacking.code == 1
    assert "missing" in lacking.out
    assert reached in lacking.out
    strange, _ = _audited(run, rig, folder, {reached, wrong, silent}, twice=silent)
    assert strange.code == 1
    assert "extra" in strange.out


def _phones_are_tested(rig: Rig, run: Callable[..., Ran]) -> None:
    """A test call beside the day's work: whom it disturbs is refused, and the audit below knows nothing of it."""
    works = run("test-call", rig.extensions[1], "--json")
    assert (works.code, works.json()["finding"], works.json()["phone"]) == (0, "works", "free")
    refused = run("test-call", rig.extensions[0])
    assert (refused.code, "(ready)" in refused.err) == (1, True)
    told = run("test-call", rig.declining_extension)
    assert told.code == 1
    assert "the phone is busy (SIP 486" in told.out
    unknown = run("test-call", "8777", lang="zh")
    assert (unknown.code, "没有这个分机" in unknown.out, "请核对分机写法" in unknown.out) == (1, True, True)


def _place(folder: Path) -> ServiceAddress:
    place = find_service(folder / "data")
    assert place is not None
    return place


def _audited(
    run: Callable[..., Ran], rig: Rig, folder: Path, numbers: set[str], leave_out: str = "", twice: str = ""
) -> tuple[Ran, int]:
    """An audit against this day's rows of the carrier's own records, perhaps tampered with; and how many rows."""
    with rig.carrier_cdr.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["dst"] in numbers and row["dst"] != leave_out]
        names = reader.fieldnames or []
    if twice:
        last = [row for row in rows if row["dst"] == twice][-1]
        shifted = {key: str(float(last[key]) + 60) for key in ("start", "end")}
        rows.append({**last, **shifted, "uniqueid": "other"})
    path = folder / "carrier.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows(rows)
    return run("audit", str(path)), len(rows)


def _check_is_right_about_the_pbx(rig: Rig, run: Callable[..., Ran], folder: Path) -> None:
    """Without the service: all well with the rig's PBX; then each thing that can be wrong, found by its name."""

    def found(name: str) -> tuple[str, str]:
        ran = run("check", "--json")
        check = next(each for each in ran.json()["checks"] if each["name"] == name and each["verdict"] != "ok")
        return check["verdict"], check["text"] + " " + check["todo"]

    good = run("check", lang="zh")
    assert good.code == 0, good.out
    assert "正常" in good.out
    config = folder / "dialer.toml"
    text = config.read_text(encoding="utf-8")
    for old, new, name, verdict, says in (
        (str(rig.recordings.done), str(folder), "dialplan", "fail", "does not record into"),
        (f"agent_timeout_s = {AGENT_TIMEOUT_S}", "agent_timeout_s = 19", "dialplan", "warn", "dialer-connect,s,"),
        ("[pbx]", '[pbx]\nprefix = "other"', "dialplan", "fail", "other-connect"),
        ("@carrier", "@nowhere", "trunk t", "fail", "no endpoint nowhere"),
        ("PJSIP/{number}@carrier", "Local/{number}@nowhere/n", "trunk t", "fail", "context nowhere accepts no number"),
        (f"port = {rig.ami.port}", "port = 1", "pbx", "fail", "Is Asterisk running"),
        ("[pbx]", '[pbx]\nusername = "nobody"', "pbx", "fail", "asterisk-config --part manager"),
        ("port = 0", f"port = {rig.ami.port}", "http port", "fail", "web.port"),
        ("port = 0", 'host = "0.0.0.0"\nport = 0', "web", "warn", "TLS"),
        ("[rule]", '[platform]\nurl = "http://127.0.0.1:1/"\n[rule]', "platform", "fail", "signing secret"),
        (str(rig.recordings.spool), str(folder / "gone"), "recordings", "fail", "is not there"),
        ("rig.secret", "no.secret", "ami secret", "fail", "asterisk-config"),
    ):
        assert old in text, old
        config.write_text(text.replace(old, new), encoding="utf-8")
        got, told = found(name)
        assert (got, says in told) == (verdict, True), (name, got, told)
    config.write_text(text.replace('"PJSIP/{number}@carrier"', '"Local/{number}@from-internal/n"'), encoding="utf-8")
    assert run("check").code == 0
    config.write_text(text, encoding="utf-8")


def test_check_explains_settings_that_cannot_be_read(tmp_path: Path) -> None:
    """Every mistake in the settings, as a failed check and for other commands as exit code 2."""
    path = tmp_path / "dialer.toml"
    path.write_text('[rule]\nattempts = 0\n[web]\nport = "x"\n', encoding="utf-8")
    checked = run_command("--config", str(path), "--lang", "en", "check")
    assert checked.code == 1
    assert "rule.attempts" in checked.out
    assert "web.port" in checked.out
    for command in (("status",), ("run",), ("visits", "list")):
        ran = run_command("--config", str(path), "--lang", "en", *command)
        assert ran.code == 2
        assert "rule.attempts" in ran.err
        assert "Traceback" not in ran.err
    assert run_command("--config", str(tmp_path / "none.toml"), "check").code == 1


def test_run_says_in_one_line_why_it_does_not_start(tmp_path: Path) -> None:
    """No trunk, no secret: exit code 2; a damaged database: exit code 3."""
    path = settings_file(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[[trunks]]", "").replace('name = "t"\n', "").replace('template = "PJSIP/{number}@carrier"\n', "")
    )
    ran = run_command("--config", str(path), "--lang", "en", "run")
    assert (ran.code, "trunk" in ran.err, "Traceback" in ran.err) == (2, True, False)
    path.write_text(text)
    (tmp_path / "ami.secret").write_text("")
    ran = run_command("--config", str(path), "--lang", "en", "run")
    assert (ran.code, "secret" in ran.err, "Traceback" in ran.err) == (2, True, False)
    (tmp_path / "ami.secret").write_text("made-up-secret")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dialer.sqlite3").write_bytes(os.urandom(8192))
    ran = run_command("--config", str(path), "--lang", "en", "run")
    assert (ran.code, "database" in ran.err, "Traceback" in ran.err) == (3, True, False)
    damaged = run_command("--config", str(path), "--lang", "en", "check", "--json").json()["checks"]
    assert next(each for each in damaged if each["name"] == "database")["verdict"] == "fail"
