"""Agent lists: numbers, phones as dial strings, teams."""

from __future__ import annotations

import pytest

from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.phone import PhoneRule
from dialer.errors import ListRefused
from dialer.lists.agents import AgentRow, dial_string, read_agents
from dialer.lists.config import ListConfig
from dialer.lists.wording import Unusable
from tests.lists.files import csv_file, xlsx_file

HEADER = ["工号", "姓名", "分机", "班组"]

PHONES = PhoneRule(
    ("SIP/{extension}", "Local/{extension}@from-internal/n"), (TrunkConfig("t", "PJSIP/{number}@carrier"),)
)


def test_a_good_list() -> None:
    """Bare extensions go into the template, dial strings stay, a missing name is the number."""
    rows: list[list[object]] = [[*HEADER], [8001, "张三", 101, "一组"], ["8002", "", "Local/102@from-internal/n", ""]]
    expected = (
        AgentRow(2, "8001", "张三", "SIP/101", "一组"),
        AgentRow(3, "8002", "8002", "Local/102@from-internal/n", None),
    )
    for data in (csv_file(rows, "gb18030"), xlsx_file(rows)):
        assert read_agents(data, "agents", ListConfig(), PHONES) == (expected, ())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("8001", "SIP/8001"),
        (" ８００１ ", "SIP/8001"),
        ("zhang.san", "SIP/zhang.san"),
        ("SIP/8001", "SIP/8001"),
        ("Local/8001@from-internal/n", "Local/8001@from-internal/n"),
    ],
)
def test_dial_strings(raw: str, text: str) -> None:
    """A bare extension goes into the first template; what is of the form of another one stays."""
    assert dial_string(raw, PHONES) == text


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "80 01",
        "PJSIP/8001&PJSIP/8002",
        "PJSIP/8001,30",
        "PJSIP/8001\r\nAction: Logoff",
        "PJSIP/${EVIL}",
        "PJSIP/8001;x",
        "PJSIP/8001|30",
        "Local/8001@ctx(x)",
        "PJSIP/",
        "/8001",
        "PJSIP/" + "1" * 200,
        "PJSIP/8001/sip:8001@192.0.2.1:5060",
        "DAHDI/g0/8001",
        "Local/s@evil",
    ],
)
def test_dangerous_dial_strings(raw: str) -> None:
    """Nothing that Originate or Dial() would take apart gets through."""
    with pytest.raises(Unusable) as caught:
        dial_string(raw, PHONES)
    assert caught.value.reason.code in ("extension-missing", "extension-malformed")


@pytest.mark.parametrize("raw", ["13904700001", "SIP/8221234", "Local/13904700001@from-internal/n", "carrier"])
def test_a_number_or_a_trunk_is_no_phone(raw: str) -> None:
    """Whatever the form."""
    with pytest.raises(Unusable) as caught:
        dial_string(raw, PHONES)
    assert caught.value.reason.code == "extension-outside"


def test_two_agents_on_one_phone_are_refused() -> None:
    """Both rows are named, also when they lead to it in two ways."""
    rows = [HEADER, ["101", "", "8001", ""], ["102", "", "8002", ""], ["103", "", "Local/8001@from-internal/n", ""]]
    with pytest.raises(ListRefused) as caught:
        read_agents(csv_file(rows), "agents.csv", ListConfig(language="en"), PHONES)
    (problem,) = caught.value.problems
    assert (problem.row, problem.value) == (4, "Local/8001@from-internal/n")
    assert "row 2" in problem.reason


def test_every_bad_row_is_reported() -> None:
    """All problems come at once, with row, column, value and reason."""
    rows = [
        HEADER,
        ["8001", "", "101", ""],
        ["8001", "", "102", ""],
        ["", "", "", ""],
        ["", "x", "a&b", ""],
        ["8/1", "", "", ""],
        ["8002", "", "103", "", "y"],
    ]
    with pytest.raises(ListRefused, match="4 rows") as caught:
        read_agents(csv_file(rows), "agents.csv", ListConfig(language="en"), PHONES)
    kept, problems = read_agents(csv_file(rows), "agents.csv", ListConfig(language="en"), PHONES, skip_bad=True)
    assert ([agent.row for agent in kept], problems) == ([2], caught.value.problems)
    assert [(p.row, p.column, p.value) for p in problems] == [
        (3, "工号", "8001"),
        (5, "工号", ""),
        (5, "分机", "a&b"),
        (6, "工号", "8/1"),
        (6, "分机", ""),
        (7, "", "y"),
    ]


@pytest.mark.parametrize(("rows", "text"), [([["姓名"], ["x"]], "表头有错误"), ([HEADER], "没有数据行")])
def test_nothing_to_take(rows: list[list[str]], text: str) -> None:
    """A header that lacks what is needed, and a list without rows, are refused."""
    with pytest.raises(ListRefused, match=text):
        read_agents(csv_file(rows), "agents.csv", ListConfig(), PHONES)
