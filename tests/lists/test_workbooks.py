"""Workbooks as people keep them: merged cells, several sheets, hidden and filtered rows, codes kept as numbers."""

from __future__ import annotations

from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from dialer.campaign.model.customer import VisitList
from dialer.campaign.rules.phone import PhoneRule
from dialer.errors import ListRefused
from dialer.lists.agents import read_agents
from dialer.lists.config import ListConfig
from dialer.lists.phones import NumberPlan
from dialer.lists.reader import read_lines
from dialer.lists.visits import read_visits
from dialer.lists.wording import CodedProblem, Unusable
from tests.lists.files import AGENTS, GOOD, HEADER, saved, xlsx_file


def workbook(change: Callable[[Worksheet], object], *rows: list[object] | list[str]) -> bytes:
    """The rows as a workbook, after ``change`` of its sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    change(sheet)
    return saved(book)


def cells(data: bytes, sheet: str = "") -> list[tuple[str, ...]]:
    return [line.cells for line in read_lines(data, "list.xlsx", sheet=sheet)]


def read(data: bytes, sheet: str = "", *, skip_bad: bool = False) -> VisitList:
    return read_visits(data, "list.xlsx", ListConfig(), NumberPlan("0470"), AGENTS, sheet=sheet, skip_bad=skip_bad)


def codes(visits: VisitList) -> list[tuple[int, str]]:
    """(row, code) of each problem of a row that was left out."""
    return [(problem.row, problem.why.code) for problem in visits.problems if isinstance(problem, CodedProblem)]


def test_a_merged_cell_stands_for_its_whole_range() -> None:
    """An agent merged over three customers is each one's agent; a row of nothing else stays empty."""
    rows = [["代码", "电话", "工号"], ["1", "13904700001", "8001"], ["2", "13904700002"], ["3", "13904700003"], ["4"]]
    data = workbook(lambda sheet: sheet.merge_cells("C2:C9"), *rows)
    assert [row[2:] for row in cells(data)[1:]] == [("8001",)] * 4
    assert len(cells(data)) == 5
    beside = workbook(
        lambda sheet: sheet.merge_cells("A2:B3"), ["a", "b", "c"], ["x", "", "1"], ["", "", "2"], ["", "y"]
    )
    assert cells(beside)[1:] == [("x", "x", "1"), ("x", "x", "2"), ("", "y")]


def test_a_header_of_two_merged_rows_is_found() -> None:
    """Columns whose names stand over both rows of the header, beside a group of columns under one name."""
    data = workbook(
        lambda sheet: [sheet.merge_cells(where) for where in ("A1:F1", "A2:A3", "B2:C2", "D2:D3")],
        ["2026年11月名单", "", "", "", "", ""],
        ["客户代码", "联系方式", "", "工号"],
        ["", "电话", "备用"],
        ["1", "13904700001", "x", "8001"],
    )
    (row,) = read(data).rows
    assert (row.customer.code, row.number, row.agent, row.customer.extra) == (
        "1",
        "13904700001",
        "8001",
        (("备用", "x"),),
    )


def test_of_several_filled_sheets_one_must_be_chosen() -> None:
    """The refusal names them; a chosen one is read, by its name only. Hidden and empty sheets do not count."""
    book = openpyxl.Workbook()
    book.create_sheet("周一").append(["a"])
    book.create_sheet("周二").append(["b"])
    hidden = book.create_sheet("旧")
    hidden.append(["c"])
    hidden.sheet_state = "hidden"
    data = saved(book)
    with pytest.raises(Unusable) as caught:
        cells(data)
    assert (caught.value.reason.code, caught.value.reason.params["sheets"]) == ("file-several-sheets", ("周一", "周二"))
    assert "周一, 周二" in str(caught.value)
    assert (cells(data, "周一"), cells(data, " 周二 ")) == ([("a",)], [("b",)])
    for missing, source in (("旧", data), ("周三", data), ("周一", b"a,b\n")):
        with pytest.raises(Unusable) as caught:
            cells(source, missing)
        assert caught.value.reason.code == "file-no-sheet"


def test_both_kinds_of_lists_are_read_from_the_chosen_sheet() -> None:
    """Visits and agents."""
    book = openpyxl.Workbook()
    visits, agents = book.create_sheet("visits"), book.create_sheet("agents")
    for row in [HEADER, *GOOD]:
        visits.append(row)
    for line in (["工号", "分机"], ["8001", "8001"]):
        agents.append(line)
    data = saved(book)
    assert len(read(data, "visits").rows) == len(GOOD)
    rows, _ = read_agents(data, "list.xlsx", ListConfig(), PhoneRule(), sheet="agents")
    assert [agent.number for agent in rows] == ["8001"]


def test_hidden_rows_are_named_and_not_taken() -> None:
    """Rows that nobody sees, hidden by hand or by a filter, are refused with their numbers like bad rows."""

    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True  # there is nothing in it

    data = workbook(hide, HEADER, *GOOD)
    with pytest.raises(ListRefused) as caught:
        read(data)
    (problem,) = caught.value.problems
    assert problem.row == 3
    assert "隐藏" in problem.reason
    visits = read(data, skip_bad=True)
    assert [row.row for row in visits.rows] == [2, 4]
    assert codes(visits) == [(3, "row-hidden")]


@pytest.mark.parametrize("code", [1.5070100112345678e17, 150701001123456780, "1.50701E+17", "1.5E+17"])
def test_a_code_that_lost_digits_is_refused(code: object) -> None:
    """A spreadsheet keeps 15 digits of a number: what it shows of a longer one is another customer's code."""
    data = xlsx_file([HEADER, [code, *GOOD[0][1:]], GOOD[1]])
    assert codes(read(data, skip_bad=True)) == [(2, "code-rounded")]
    assert read(xlsx_file([HEADER, [150701001123456, *GOOD[0][1:]]])).rows[0].customer.code == "150701001123456"
    assert read(xlsx_file([HEADER, ["1E05", *GOOD[0][1:]]])).rows[0].customer.code == "1E05"
