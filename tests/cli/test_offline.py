"""Commands while no service runs: the real engine over a real database."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import DAY, NEXT_DAY, Run, run_command, settings_file
from tests.kit.settings import around_the_clock


def test_a_list_comes_in_and_is_shown(listed: Run) -> None:
    """The list stands in the database, in order, with numbers made whole, and the command says how it got there."""
    ran = listed("visits", "list", "--date", DAY, "--json")
    assert ran.code == 0
    assert "No service is running" in ran.err
    visits = [line["visit"] for line in ran.json()]
    assert [visit["customer"] for visit in visits] == ["C001", "C002", "C003"]
    assert [visit["number"] for visit in visits] == ["13904700001", "13904700002", "04708221234"]
    assert [visit["team"] for visit in visits] == [None, None, "A"]
    table = listed("visits", "list", "--date", DAY, "--agent", "1001", lang="zh").out
    assert "红太阳超市" in table
    assert "待拨打" in table
    assert "小卖部" not in table


def test_only_a_running_service_rings_phones(run: Run) -> None:
    """Without one the command says what to start, and that the way to the PBX is missing."""
    ran = run("test-call", "8001")
    assert (ran.code, "dialer run" in ran.err) == (3, True)


def test_what_was_done_by_hand_is_entered(run: Run, files: Path) -> None:
    """With a result, or as not reached; what does not fit is refused, and why tells it."""
    settings_file(files, hours=around_the_clock())
    assert run("agents", "import", str(files / "agents.csv")).code == 0
    assert run("visits", "import", str(files / "visits.csv")).code == 0
    ordered = ("visits", "by-hand", "C001", "--result", "ordered", "--who", "1001 张三丰")
    assert run(*ordered).code == 1
    done = run(*ordered, "--order", "N-7")
    assert (done.code, "reached" in done.out) == (0, True)
    assert "not reached" in run("visits", "by-hand", "C002", "--tries", "3", "--text", "rang").out
    assert "by hand by 1001 张三丰" in run("why", "C001").out
    assert "手工拨打 3 次" in run("why", "C002", lang="zh").out


def test_the_same_list_again_changes_nothing(listed: Run, files: Path) -> None:
    """An import can be repeated; an amended one updates and withdraws; a preview changes nothing."""
    again = listed("visits", "import", str(files / "visits.csv"), "--date", DAY, "--json").json()
    assert (again["unchanged"], again["added"], again["updated"]) == (3, [], [])
    amended = files / "amended.csv"
    amended.write_text("客户代码,电话,电访员\nC001,13904700001,1002\nC009,13904700002,1001\n", encoding="utf-8")
    preview = listed("visits", "import", str(amended), "--date", DAY, "--preview", lang="zh")
    assert "预览" in preview.out
    assert "新增 1，更新 1，撤销 2" in preview.out
    asked = listed("visits", "import", str(amended), "--date", DAY, lang="zh")
    assert (asked.code, "会撤下 3 个客户中的 2 个" in asked.err, "--withdraw" in asked.err) == (1, True, True)
    done = listed("visits", "import", str(amended), "--date", DAY, "--withdraw", "2", "--json").json()
    assert (done["added"], done["updated"], done["withdrawn"]) == (["C009"], ["C001"], ["C002", "C003"])


def test_bad_rows_are_told_all_at_once(listed: Run, files: Path) -> None:
    """Row, column, value and reason of each; with --skip-bad the others are taken."""
    bad = files / "bad.csv"
    bad.write_text("客户代码,电话,电访员\nC1,139,1001\nC2,13904700005,9999\nC3,13904700006,1001\n", encoding="utf-8")
    refused = listed("visits", "import", str(bad), "--date", DAY, "--list", "other")
    assert refused.code == 1
    assert "9999" in refused.err
    assert "139" in refused.err
    assert refused.err.count("│ 2 ") == refused.err.count("│ 3 ") == 1
    assert "Traceback" not in refused.err
    assert "手机号码应为 11 位" in listed("visits", "import", str(bad), "--list", "other", lang="zh").err
    taken = listed("visits", "import", str(bad), "--date", DAY, "--list", "other", "--skip-bad")
    assert taken.code == 0
    assert "1 added" in taken.out
    assert "2 bad rows were left out" in taken.out
    bad.write_text("工号,姓名,分机\n1003,赵六,8003\n1004,钱七,8&4\n", encoding="utf-8")
    assert "--skip-bad" in listed("agents", "import", "--help").out
    assert listed("agents", "import", str(bad)).code == 1
    taken = listed("agents", "import", str(bad), "--skip-bad")
    assert (taken.code, "1 agents saved" in taken.out, "1 bad rows were left out" in taken.out) == (0, True, True)
    assert "8&4" in taken.out
    assert [agent["number"] for agent in listed("agents", "list", "--json").json()] == ["1001", "1002", "1003"]


def test_one_visit_is_changed_in_each_way(listed: Run) -> None:
    """Promise, number, deal, withdraw and put back; each answers with the visit as it now stands."""
    assert "10:30:00" in listed("visits", "promise", "C001", "10:30", "--date", DAY).out
    assert "13904700009" in listed("visits", "phone", "C002", "139 0470 0009", "--date", DAY).out
    assert "1001" in listed("visits", "deal", "C003", "--agent", "1001", "--date", DAY).out
    assert "已撤销" in listed("visits", "withdraw", "C003", "--reason", "网上订货", "--date", DAY, lang="zh").out
    refused = listed("visits", "deal", "C003", "--team", "A", "--date", DAY)
    assert (refused.code, "withdrawn" in refused.err) == (1, True)
    assert "waiting" in listed("visits", "put-back", "C003", "--reason", "withdrawn by mistake", "--date", DAY).out


def test_questions_that_cannot_be_answered_are_told_in_one_line(listed: Run) -> None:
    """Not on the list, not a time, outside the hours, not both: no traceback, and the right exit code."""
    for code, *arguments in (
        (1, "visits", "withdraw", "C999", "--reason", "x", "--date", DAY),
        (1, "visits", "promise", "C001", "soon", "--date", DAY),
        (1, "visits", "promise", "C001", "23:00", "--date", DAY),
        (1, "agents", "ready", "9999"),
        (1, "orders", "show", "none"),
        (1, "recordings", "hold", "none", "--reason", "x"),
        (1, "notices", "resend", "none"),
        (1, "tokens", "revoke", "none"),
        (2, "visits", "deal", "C001"),
        (2, "visits", "list", "--date", "yesterday"),
        (2, "no-such-command"),
    ):
        ran = listed(*[str(argument) for argument in arguments])
        assert ran.code == code, ran
        assert "Traceback" not in ran.err
        assert ran.out == ""


def test_why_says_one_line_and_the_story(listed: Run) -> None:
    """The reason first, then what happened; a customer who is not on the list is exit code 1."""
    listed("visits", "withdraw", "C003", "--reason", "ordered online", "--date", DAY)
    ran = listed("why", "C003", "--date", DAY)
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "Withdrawn from the list: ordered online."
    assert "便利店" in ran.out
    assert "reason: ordered online" in ran.out
    assert listed("why", "C001", "--date", DAY, lang="zh").out.startswith(f"在 {DAY} 的名单上")
    assert "No call yet." in listed("why", "C001", "--date", DAY).out
    nobody = listed("why", "C999", "--date", DAY, "--json")
    assert nobody.code == 1
    assert nobody.json()["why"]["code"] == "not_on_list"


def test_why_is_true_without_a_service(run: Run, files: Path) -> None:
    """Today's customer is not called because nothing runs, and that is what is said, whatever the hour."""
    settings_file(files, hours=around_the_clock())
    run("agents", "import", str(files / "agents.csv"))
    assert run("visits", "import", str(files / "visits.csv")).code == 0
    assert run("why", "C001").out.startswith("The dialer's service is not running")
    assert run("why", "C001", lang="zh").out.startswith("拨号服务没有运行")


def test_agents_and_their_presence(listed: Run) -> None:
    """Created, changed, ready, paused with a reason, signed out."""
    assert listed("agents", "save", "1003", "--extension", "PJSIP/8003", "--team", "B").code == 0
    assert "ready" in listed("agents", "ready", "1001").out
    assert "paused" in listed("agents", "pause", "1001", "--reason", "lunch").out
    agents = {agent["number"]: agent for agent in listed("agents", "list", "--json").json()}
    assert (agents["1001"]["presence"], agents["1001"]["reason"]) == ("paused", "lunch")
    assert agents["1001"]["extension"] == "PJSIP/8001"
    assert agents["1003"]["team"] == "B"
    assert "signed out" in listed("agents", "sign-out", "1001").out
    assert "张三丰" in listed("agents", "list", lang="zh").out


def test_the_campaign_pauses_for_the_service_to_come(listed: Run) -> None:
    """A pause is kept in the books."""
    assert listed("campaign", "pause", "storm").code == 0
    status = listed("status", "--json").json()
    assert "storm" in status["paused"]
    assert status["live"] is False
    assert listed("campaign", "resume").code == 0
    assert listed("status", "--json").json()["paused"] == ""
    assert "not running" in listed("status").out
    assert "服务未运行" in listed("status", lang="zh").out
    watched = listed("status", "--watch")
    assert (watched.code, watched.out) == (3, "")
    assert listed("campaign", "late-start", "fault").code == 1  # nobody is on today's list


def test_tokens_are_shown_once(run: Run) -> None:
    """A token is listed by name only, and revoked by it."""
    made = run("tokens", "create", "order-system", "--scope", "orders", "--scope", "read")
    token = made.out.strip()
    assert token.startswith("dialer_")
    listing = run("tokens", "list", "--json")
    assert token not in listing.out
    (row,) = listing.json()
    assert (row["name"], row["scopes"], row["revoked"]) == ("order-system", ["orders", "read"], False)
    assert run("tokens", "create", "order-system", "--scope", "read").code == 1
    assert run("tokens", "revoke", "order-system").code == 0
    assert "revoked" in run("tokens", "list").out


def test_the_calendar_is_edited(run: Run) -> None:
    """A day off, a working day, and an ordinary one again."""
    assert run("calendar", "off", "2027-05-05", "stocktaking").code == 0
    assert run("calendar", "work", "2027-05-08").code == 0
    days = {day["day"]: day["working"] for day in run("calendar", "list", "--year", "2027", "--json").json()}
    assert days == {"2027-05-05": False, "2027-05-08": True}
    assert run("calendar", "plain", "2027-05-05").code == 0
    assert "stocktaking" not in run("calendar", "list", "--year", "2027").out


def test_an_order_without_a_call_waits_for_a_person(listed: Run) -> None:
    """It is taken in, listed as open, and resolving it to no call is refused."""
    added = listed("orders", "add", "O-1", "--customer", "C001", "--at", f"{DAY}T09:00", "--amount", "120")
    assert added.code == 0
    assert "no matching call" in added.out
    (order,) = listed("orders", "open", "--json").json()
    assert (order["number"], order["at"]) == ("O-1", f"{DAY}T01:00:00+00:00")
    assert "O-1" in listed("orders", "open").out
    assert listed("orders", "show", "O-1", "--json").json()["order"]["amount"] == "120"
    assert listed("orders", "resolve", "O-1", "none").code == 1


def test_a_reconciliation_with_findings_is_exit_code_one(listed: Run) -> None:
    """An order without a call is listed, in either form."""
    listed("orders", "add", "O-1", "--customer", "C001", "--at", f"{DAY}T09:00")
    ran = listed("recordings", "reconcile", "--date", DAY)
    assert ran.code == 1
    assert "Orders without a call" in ran.out
    found = listed("recordings", "reconcile", "--date", DAY, "--json")
    assert (found.code, found.json()["clean"]) == (1, False)
    assert listed("recordings", "reconcile", "--date", NEXT_DAY).code == 0


def test_nothing_to_show_is_said(run: Run) -> None:
    """An empty answer is a line, or an empty list for programs."""
    assert run("notices", "list").out == "Nothing found.\n"
    assert run("notices", "list", "--state", "dead", "--json").json() == []
    assert run("recordings", "search", "--customer", "C001", "--since", "08:00").out == "Nothing found.\n"
    assert run("version").out.startswith("dialer ")


def test_the_check_tells_the_time_that_the_hours_follow(run: Run) -> None:
    """A machine whose clock or zone is wrong shows it before the first call."""
    (told,) = [each for each in run("check", "--json").json()["checks"] if each["name"] == "hours"]
    assert told["text"].endswith("in Asia/Shanghai; calls are made by this clock")


def test_a_misspelt_setting_is_named(tmp_path: Path) -> None:
    """In words for people, with its section, and nothing of the library that reads the settings."""
    config = settings_file(tmp_path, rule={"atempts": 6}, hours={"zone": "Asia/Bejing"})
    said = run_command("--config", str(config), "--lang", "en", "check").out
    assert "rule.atempts: there is no such setting" in said
    assert "hours.zone: there is no time zone 'Asia/Bejing'" in said
