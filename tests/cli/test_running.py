"""Commands beside a running service, over its HTTP API."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import AGENTS, DAY, DAY_AFTER, NEXT_DAY, VISITS, Ran, run_command, settings_file
from tests.cli.running import service


class Beside:
    """Runs commands with the settings of a running service."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.folder = config.parent

    def __call__(self, *arguments: str, lang: str = "en") -> Ran:
        ran = run_command("--config", str(self.config), "--lang", lang, *arguments)
        assert "No service is running" not in ran.err
        assert "Traceback" not in ran.err
        return ran


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    """A service without a PBX, with agents and a list for a day to come."""
    folder = tmp_path_factory.mktemp("running")
    for name in ("spool", "done"):
        (folder / name).mkdir()
    config = settings_file(folder)
    (folder / "agents.csv").write_text(AGENTS, encoding="utf-8")
    (folder / "visits.csv").write_text(VISITS, encoding="gb18030")
    with service(config):
        running = Beside(config)
        assert running("agents", "import", str(folder / "agents.csv")).out == "2 agents saved.\n"
        ran = running("visits", "import", str(folder / "visits.csv"), "--date", DAY)
        assert ran.out.startswith("3 added"), ran
        yield running


def test_no_phone_rings_without_a_pbx(beside: Beside) -> None:
    """A test call says that the PBX cannot be reached, and ends as such."""
    ran = beside("test-call", "8001")
    assert (ran.code, ran.out) == (3, "")
    assert "Error" in ran.err


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "A mobile number has 11 digits"), ("zh", "手机号码应为 11 位")], ids=["en", "zh"]
)
def test_what_is_wrong_with_a_list_comes_in_the_persons_language(
    beside: Beside, tmp_path: Path, lang: str, says: str
) -> None:
    """Whatever the service's own is: refused, and left out of what was taken."""
    bad = tmp_path / "bad.csv"
    bad.write_text("customer code,phone,agent\nC7,139,1001\nC8,13904700008,1001\n", encoding="utf-8")
    given = ("visits", "import", str(bad), "--date", DAY, "--list", f"bad-{lang}")
    refused = beside(*given, lang=lang)
    taken = beside(*given, "--skip-bad", "--preview", lang=lang)
    told = refused.err + taken.out + beside("check", lang=lang).out
    assert says in refused.err
    assert says in taken.out
    assert lang == "zh" or not re.search(r"[\u4e00-\u9fff]", told), told


def test_the_list_is_the_services(beside: Beside) -> None:
    """Listing, importing again and previewing go through the API."""
    lines = beside("visits", "list", "--date", DAY, "--json").json()
    assert [line["visit"]["customer"] for line in lines] == ["C001", "C002", "C003"]
    assert lines[2]["visit"]["number"] == "04708221234"
    again = beside("visits", "import", str(beside.folder / "visits.csv"), "--date", DAY, "--preview", "--json").json()
    assert (again["unchanged"], again["preview"]) == (3, True)
    assert "便利店" in beside("visits", "list", "--date", DAY, "--state", "waiting", lang="zh").out


def test_a_refused_list_is_the_same_table(beside: Beside) -> None:
    """The API's problems become the same rows as without a service."""
    bad = beside.folder / "bad.csv"
    bad.write_text("客户代码,电话,电访员\nC1,139,1001\nC2,13904700005,9999\nC3,13904700006,1001\n", encoding="utf-8")
    ran = beside("visits", "import", str(bad), "--date", NEXT_DAY)
    assert ran.code == 1
    assert "9999" in ran.err
    assert ran.err.count("│ 2 ") == ran.err.count("│ 3 ") == 1
    taken = beside("visits", "import", str(bad), "--date", NEXT_DAY, "--skip-bad")
    assert "1 added" in taken.out
    assert "2 bad rows were left out" in taken.out


def test_visits_change_and_say_why(beside: Beside) -> None:
    """Promise, number, deal, withdraw, and the story that comes of it."""
    assert "10:30:00" in beside("visits", "promise", "C001", "10:30", "--date", DAY).out
    assert "13904700009" in beside("visits", "phone", "C002", "139 0470 0009", "--date", DAY).out
    assert "1002" in beside("visits", "deal", "C003", "--agent", "1002", "--date", DAY).out
    assert "withdrawn" in beside("visits", "withdraw", "C003", "--reason", "ordered online", "--date", DAY).out
    detail = beside("why", "C003", "--date", DAY)
    assert detail.out.splitlines()[0] == "Withdrawn from the list: ordered online."
    assert "Reassigned" in detail.out
    assert "reason: ordered online" in detail.out
    assert beside("why", "C001", "--date", DAY, lang="zh").out.startswith(f"在 {DAY} 的名单上")
    assert beside("why", "C999", "--date", DAY).code == 1
    assert beside("visits", "promise", "C999", "10:30", "--date", DAY).code == 1
    assert beside("visits", "deal", "C003", "--team", "A", "--date", DAY).code == 1


def test_agents_campaign_and_status(beside: Beside) -> None:
    """What people do in the morning, and what status makes of it."""
    assert beside("agents", "save", "1003", "--extension", "8003", "--name", "小王").code == 0
    assert "ready" in beside("agents", "ready", "1001").out
    assert "paused" in beside("agents", "pause", "1001", "--reason", "lunch").out
    agents = {agent["number"]: agent for agent in beside("agents", "list", "--json").json()}
    assert (agents["1001"]["reason"], agents["1003"]["extension"]) == ("lunch", "PJSIP/8003")
    assert beside("campaign", "pause", "storm").code == 0
    status = beside("status", "--json").json()
    assert "storm" in status["paused"]
    assert (status["live"], status["link_up"]) == (True, False)
    assert beside("campaign", "resume").code == 0
    assert "与交换机" in beside("status", lang="zh").out
    assert beside("campaign", "late-start").code == 1
    assert beside("agents", "ready", "9999").code == 1


def test_tokens_calendar_orders_notices(beside: Beside) -> None:
    """The rest of the commands find their routes."""
    token = beside("tokens", "create", "order-system", "--scope", "orders").out.strip()
    assert token.startswith("dialer_")
    assert "order-system" in beside("tokens", "list").out
    assert beside("tokens", "revoke", "order-system").code == 0
    assert beside("calendar", "off", "2027-05-06", "stocktaking").code == 0
    days = {day["day"]: day["name"] for day in beside("calendar", "list", "--year", "2027", "--json").json()}
    assert days["2027-05-06"] == "stocktaking"
    assert beside("orders", "add", "O-1", "--customer", "C001", "--at", f"{DAY}T09:00").code == 0
    assert [order["number"] for order in beside("orders", "open", "--json").json()] == ["O-1"]
    assert beside("orders", "show", "O-1").code == 0
    assert beside("orders", "show", "O-9").code == 1
    assert beside("orders", "resolve", "O-1", "none").code == 1
    assert beside("recordings", "reconcile", "--date", DAY).code == 1
    assert beside("recordings", "search", "--date", DAY, "--recorded", "--json").json() == []
    assert beside("recordings", "hold", "none", "--reason", "x").code == 1
    assert beside("recordings", "release", "none").code == 1
    assert beside("notices", "list", "--state", "pending").code == 0
    assert beside("notices", "resend", "none").code == 1


def test_an_audit_takes_the_books_from_the_service(beside: Beside) -> None:
    """A record that the books do not know is named, with exit code 1."""
    cdr = beside.folder / "cdr.csv"
    cdr.write_text(
        "dst,start,answer,end,disposition\n13904700001,2026-11-20 09:00:00,,2026-11-20 09:00:30,NO ANSWER\n",
        encoding="utf-8",
    )
    ran = beside("audit", str(cdr), "--zone", "Asia/Shanghai")
    assert ran.code == 1
    assert "extra" in ran.out
    assert "13904700001" in ran.out
    assert "2026-11-20 09:00:00" in ran.out


def test_check_sees_the_service(beside: Beside) -> None:
    """The running service is found, and that it has no PBX."""
    found = {check["name"]: check for check in beside("check", "--json").json()["checks"]}
    assert found["service"]["verdict"] == "warn"
    assert "pbx" in found["service"]["text"]
    assert found["pbx"]["verdict"] == "fail"
    assert found["database"]["verdict"] == "ok"


def test_nobody_else_opens_the_database(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the announcement is gone while the service runs, a command fails in one line and writes nothing."""
    monkeypatch.setattr("dialer.cli.client._OWNED_S", 0.2)
    announced = beside.folder / "data" / "service.json"
    text = announced.read_text(encoding="utf-8")
    announced.unlink()
    try:
        ran = run_command("--config", str(beside.config), "--lang", "en", "agents", "list")
        second = run_command("--config", str(beside.config), "--lang", "en", "run")
    finally:
        announced.write_text(text, encoding="utf-8")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.count("\n") == 1
    assert second.code == 3
    assert "Traceback" not in second.err


def test_a_service_that_is_starting_is_waited_for(beside: Beside) -> None:
    """It has the database before it says where it is; the command asks it as soon as it does."""
    announced = beside.folder / "data" / "service.json"
    aside = announced.with_suffix(".aside")
    announced.rename(aside)
    timer = threading.Timer(0.4, lambda: aside.rename(announced))
    timer.start()
    try:
        assert beside("agents", "list").code == 0
    finally:
        timer.join()


def test_a_service_that_hangs_is_no_reason_to_write_past_it(beside: Beside) -> None:
    """With the process alive and its port closed the command says so, and does not open the database."""
    announced = beside.folder / "data" / "service.json"
    text = announced.read_text(encoding="utf-8")
    announced.write_text(json.dumps({**json.loads(text), "url": "http://127.0.0.1:1"}), encoding="utf-8")
    try:
        ran = run_command("--config", str(beside.config), "--lang", "en", "agents", "list")
    finally:
        announced.write_text(text, encoding="utf-8")
    assert ran.code == 3
    assert "127.0.0.1:1" in ran.err


def test_watching_goes_on_until_it_is_ended(beside: Beside) -> None:
    """--watch shows the day again and again; Ctrl-C ends it with exit code 0."""
    command = [sys.executable, "-m", "dialer", "--config", str(beside.config), "--lang", "en", "status", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        try:
            for _ in range(2):
                while "no link to the PBX" not in watching.stdout.readline():
                    assert watching.poll() is None
            watching.send_signal(signal.SIGINT)
            _, err = watching.communicate(timeout=60)
        finally:
            watching.kill()
    assert (watching.returncode, err) == (0, "")


def test_a_long_list_is_read_page_by_page(beside: Beside) -> None:
    """More visits than a page holds come back all, in order; the last of them is found by its customer's code."""
    day, count = DAY_AFTER, 1_234
    rows = (f"K{n:05d},{13600000000 + n},A" for n in range(count))
    path = beside.folder / "long.csv"
    path.write_text("客户代码,电话,班组\n" + "\n".join(rows), encoding="utf-8")
    assert beside("visits", "import", str(path), "--date", day).code == 0
    lines = beside("visits", "list", "--date", day, "--json").json()
    assert [line["visit"]["customer"] for line in lines] == [f"K{n:05d}" for n in range(count)]
    assert "10:30:00" in beside("visits", "promise", f"K{count - 1:05d}", "10:30", "--date", day).out
