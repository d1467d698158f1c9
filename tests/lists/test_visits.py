"""A visit list is taken whole, or refused with all that is wrong; or its bad rows are left out on request."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

import pytest

from dialer.campaign.model.customer import Customer, ListRow, VisitList
from dialer.errors import BadInput, ListRefused, RowProblem
from dialer.lists.config import ListConfig
from dialer.lists.phones import NumberPlan
from dialer.lists.visits import MAX_TEXT, read_visits
from dialer.lists.wording import CodedProblem
from tests.lists.files import AGENTS, GOOD, HEADER, csv_file, xlsx_file

PLAN = NumberPlan("0470")


def read(
    rows: list[list[object]] | list[list[str]],
    config: ListConfig | None = None,
    agents: Mapping[str, str | None] = AGENTS,
    *,
    skip_bad: bool = False,
) -> VisitList:
    data = csv_file(rows)
    return read_visits(data, "名单.csv", config or ListConfig(), PLAN, agents, skip_bad=skip_bad)


def refused(
    rows: list[list[object]] | list[list[str]], config: ListConfig | None = None
) -> list[tuple[int, str, str, str]]:
    """(row, column, value, code) of each problem."""
    with pytest.raises(ListRefused) as caught:
        read(rows, config)
    assert "名单.csv" in str(caught.value)
    return [(p.row, p.column, p.value, coded(p).why.code) for p in caught.value.problems]


def coded(problem: RowProblem) -> CodedProblem:
    assert isinstance(problem, CodedProblem)
    return problem


def test_a_good_list() -> None:
    """Known columns go to their fields, unknown ones are kept, numbers are normalised."""
    visits = read([HEADER, *GOOD])
    assert (visits.name, visits.skipped, visits.problems) == ("main", 0, ())
    assert visits.rows[1] == ListRow(
        row=3,
        customer=Customer(
            code="150701002",
            shop_name="草原商店",
            person="李四",
            address="胜利大街2号",
            account_manager="王经理",
            department="第二营销部",
            phone="0470-8221234",
            extra=(("信用等级", "AA"),),
        ),
        number="04708221234",
        order=2,
        agent="8002",
    )
    assert [row.number for row in visits.rows] == ["13904700001", "04708221234", "04708221235"]


def test_who_is_in_a_row_that_was_left_out_is_known() -> None:
    """By their codes; a row with a number and without a usable code may be anybody's, one of neither is a total."""
    bad = [["150701009", "坏号店", "", "123", "", "", "", "8001", ""]]
    rows = [HEADER, *GOOD, *bad, ["合计：3 户"], [GOOD[0][0], "重复", "", "13904700009", "", "", "", "8001", ""]]
    assert read(rows, skip_bad=True).unread == {"150701009"}
    for code in ("", "1.50701E+17", "1507 01002"):
        assert "" in read([*rows, [code, *GOOD[1][1:]]], skip_bad=True).unread


def test_every_file_kind_gives_the_same_list() -> None:
    """UTF-8, GB18030 and XLSX, columns shuffled: the same rows."""
    expected = read([HEADER, *GOOD])
    order = random.Random(7).sample(range(len(HEADER)), len(HEADER))
    shuffled = [[row[index] for index in order] for row in [HEADER, *GOOD]]
    for data in (csv_file(shuffled, "gb18030"), csv_file(shuffled, "utf-8-sig", ";"), xlsx_file(shuffled)):
        assert read_visits(data, "list", ListConfig(), PLAN, AGENTS) == expected


def test_every_bad_row_is_reported_at_once() -> None:
    """Each problem comes with row, column, value and reason; several in one row too."""
    rows = [
        [*HEADER, "访销顺序"],
        [*GOOD[0], "1"],
        ["", "无代码", "", "13904700009", "", "", "", "8001", "", "2"],
        ["150701009", "无电话", "", "", "", "", "", "8001", "", "3"],
        [],
        ["150701001", "重复", "", "139", "", "", "", "8009", "", "x"],
        ["15 07", "空格", "", "13904700008", "", "", "", "", "", "-1"],
    ]
    assert refused(rows) == [
        (3, "客户代码", "", "code-missing"),
        (4, "主访销电话", "", "phone-missing"),
        (6, "客户代码", "150701001", "code-twice"),
        (6, "主访销电话", "139", "phone-mobile-length"),
        (6, "工号", "8009", "agent-unknown"),
        (6, "访销顺序", "x", "order-malformed"),
        (7, "客户代码", "15 07", "code-malformed"),
        (7, "工号", "", "agent-and-team-missing"),
        (7, "访销顺序", "-1", "order-malformed"),
    ]


def test_problems_in_either_language() -> None:
    """The reason is Chinese by default and English on request; the duplicate names the first row."""
    rows = [HEADER, GOOD[0], GOOD[0]]
    with pytest.raises(ListRefused, match="1 行有错误") as chinese:
        read(rows)
    with pytest.raises(ListRefused, match="1 rows are wrong") as english:
        read(rows, ListConfig(language="en"))
    assert "与第 2 行重复" in chinese.value.problems[0].reason
    assert "already in row 2" in english.value.problems[0].reason


def test_skipping_bad_rows() -> None:
    """On request bad rows are left out, counted and reported; the others keep their place."""
    bad = ["150701002", "坏号码", "", "12", "", "", "", "8001", ""]
    visits = read([HEADER, GOOD[0], bad, GOOD[2]], skip_bad=True)
    assert [(row.row, row.order, row.customer.code) for row in visits.rows] == [
        (2, 1, "150701001"),
        (4, 3, "150701003"),
    ]
    assert visits.skipped == 1
    assert [(p.row, p.value) for p in visits.problems] == [(3, "12")]


def test_an_empty_list_is_never_taken() -> None:
    """A list without a usable row would withdraw the whole day: it is refused, also when skipping."""
    with pytest.raises(ListRefused, match="表头"):
        read([HEADER])
    with pytest.raises(ListRefused, match="没有可用的行"):
        read([HEADER, ["x", "", "", "12", "", "", "", "8001", ""]], skip_bad=True)


def test_missing_columns() -> None:
    """Without code, phone, or anybody to call, the header is refused in one go."""
    assert refused([["店铺名称"], ["a"]]) == [
        (1, "", "", "header-missing"),
        (1, "", "", "header-missing"),
        (1, "", "", "header-no-agent"),
    ]


def test_an_unreadable_file() -> None:
    """A file that is no table is a BadInput, not a list of problems."""
    with pytest.raises(BadInput, match="不是 CSV"):
        read_visits(b"%PDF-1.7", "x.csv", ListConfig(), PLAN, AGENTS)


@pytest.mark.parametrize(
    ("agent", "team", "expected"),
    [
        ("8001", "", ("8001", None)),
        ("８００１", "", ("8001", None)),
        ("8001", "一组", ("8001", None)),
        ("8003", "一组", ("8003", None)),
        ("", "一组", (None, "一组")),
        ("", "三组", (None, "三组")),
        ("", "", (None, "默认组")),
    ],
)
def test_agent_or_team(agent: str, team: str, expected: tuple[str | None, str | None]) -> None:
    """A row names its agent or its team; neither goes to the default team."""
    rows = [["客户代码", "电话", "电访员", "班组"], ["1", "13904700001", agent, team]]
    row = read(rows, ListConfig(default_team="默认组"), {**AGENTS, "8009": "三组"}).rows[0]
    assert (row.agent, row.team) == expected


@pytest.mark.parametrize(
    ("agent", "team", "problem"),
    [
        ("8001", "二组", (2, "班组", "二组", "agent-other-team")),
        ("", "九组", (2, "班组", "九组", "team-unknown")),
        ("", "", (2, "电访员", "", "agent-and-team-missing")),
    ],
)
def test_wrong_agent_or_team(agent: str, team: str, problem: tuple[int, str, str, str]) -> None:
    """An agent of another team, an unknown team, and nobody at all are refused."""
    assert refused([["客户代码", "电话", "电访员", "班组"], ["1", "13904700001", agent, team]]) == [problem]


def test_the_default_team_needs_no_column() -> None:
    """With a default team a list needs neither an agent nor a team column."""
    visits = read([["code", "phone"], ["1", "13904700001"]], ListConfig(default_team="all"))
    assert (visits.rows[0].agent, visits.rows[0].team) == (None, "all")


def test_visit_order_from_a_column() -> None:
    """A column gives the order; rows without a number come after all that have one, in file order."""
    rows: list[list[object]] = [["code", "phone", "agent", "顺序"]]
    rows += [[str(n), f"1390470000{n}", "8001", order] for n, order in enumerate(["30", "", "１０", "20.0", ""])]
    visits = read(rows)
    assert [row.customer.code for row in sorted(visits.rows, key=lambda row: row.order)] == ["2", "3", "0", "1", "4"]


def test_a_row_longer_than_the_header() -> None:
    """A row with more cells than the header has shifted: it is refused."""
    assert refused([HEADER, [*GOOD[0], "x"]]) == [(2, "", "x", "row-too-long")]


def test_texts_have_a_limit() -> None:
    """A text that nobody could read on a screen is refused, and is cut in the report."""
    ((row, column, value, code),) = refused([HEADER, [*GOOD[0][:-1], "长" * (MAX_TEXT + 1)]])
    assert (row, column, code) == (2, "信用等级", "text-too-long")
    assert len(value) == 60


def test_configured_columns() -> None:
    """A department's own header names are given in the configuration."""
    rows = [["户号", "电话", "线路"], ["7", "13904700001", "8001"]]
    visits = read(rows, ListConfig(visit_columns={"code": ["户号"], "agent": ["线路"]}))
    assert (visits.rows[0].customer.code, visits.rows[0].agent) == ("7", "8001")


def test_a_doubtful_number_is_flagged() -> None:
    """A number that was never assigned is taken, with a flag."""
    assert read([["code", "phone", "agent"], ["1", "14000000000", "8001"]]).rows[0].doubtful


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_20000_rows_in_time(kind: str) -> None:
    """20,000 rows are read within a part of the 20 s that the whole import may take."""
    rows: list[list[object]] = [list(HEADER)]
    rows += [
        [
            f"{n:09d}",
            f"店{n}",
            "张三",
            f"139{n:08d}" if n % 3 else f"0470-8{n:06d}",
            "街1号",
            "李经理",
            "一部",
            "8001",
            "A",
        ]
        for n in range(20_000)
    ]
    data = csv_file(rows, "gb18030") if kind == "csv" else xlsx_file(rows)
    started = time.process_time()  # a shared machine may have others to serve
    visits = read_visits(data, "big", ListConfig(), PLAN, AGENTS)
    assert len(visits.rows) == 20_000
    assert time.process_time() - started < 15  # about 0.6 s and 2 s on an idle machine
