"""Columns are found by their names, wherever they stand and however they are written."""

from __future__ import annotations

import pytest

from dialer.errors import SettingsError
from dialer.lists.headers import AGENT_COLUMNS, VISIT_COLUMNS, HeaderMap, column_letter, fold
from dialer.lists.reader import Line
from dialer.lists.wording import FIELD_NAMES


def line(*cells: str, row: int = 1) -> Line:
    return Line(row, cells)


@pytest.mark.parametrize(
    ("title", "field"),
    [(name, field) for field, names in VISIT_COLUMNS.items() for name in names]
    + [
        ("Customer_Code", "code"),
        (" 客户 代码 * ", "code"),
        ("ＰＨＯＮＥ：", "phone"),
        ("ACCOUNT-MANAGER", "account_manager"),
    ],
)
def test_known_names(title: str, field: str) -> None:
    """Every Chinese and English name is known, whatever its case, width and spacing."""
    columns, _ = HeaderMap(VISIT_COLUMNS).find([line("x", title)], (), "zh")
    assert columns.fields == {field: 1}


@pytest.mark.parametrize("known", [VISIT_COLUMNS, AGENT_COLUMNS], ids=["visits", "agents"])
def test_no_name_means_two_fields(known: dict[str, tuple[str, ...]]) -> None:
    """No default name is given to two fields, and every field has a name for people."""
    names = [fold(name) for names in known.values() for name in names]
    assert len(names) == len(set(names))
    assert set(known) <= set(FIELD_NAMES)


def test_configured_names_win() -> None:
    """A configured name maps its column, also one that means another field by default."""
    header = HeaderMap(VISIT_COLUMNS, {"person": ["老板"], "shop_name": ["联系人"]})
    columns, problems = header.find([line("老板", "联系人")], (), "zh")
    assert columns.fields == {"person": 0, "shop_name": 1}
    assert not problems
    assert header.names("person").startswith("老板, 负责人")


@pytest.mark.parametrize("more", [{"colour": ["颜色"]}, {"code": ["编码"], "phone": ["编 码"]}])
def test_wrong_configuration(more: dict[str, list[str]]) -> None:
    """An unknown field, or one name for two fields, is a settings error."""
    with pytest.raises(SettingsError):
        HeaderMap(VISIT_COLUMNS, more)


def test_a_title_above_the_header_is_passed_over() -> None:
    """The header may stand below a title."""
    lines = [
        line("11月21日访销名单"),
        line("制表：座席班长", "电话", row=2),
        line("客户代码", "电话", row=4),
        line("1", "2", row=5),
    ]
    columns, problems = HeaderMap(VISIT_COLUMNS).find(lines, ("code", "phone"), "zh")
    assert (columns.row, problems) == (4, [])


def test_missing_columns_name_what_is_accepted() -> None:
    """Each required column that is missing is one problem, with the names that would do."""
    columns, problems = HeaderMap(VISIT_COLUMNS).find([line("title"), line("店铺名称", row=2)], ("code", "phone"), "en")
    assert columns.row == 2
    assert [problem.why.code for problem in problems] == ["header-missing", "header-missing"]
    assert "no column for the customer code" in problems[0].reason
    assert "客户代码" in problems[0].reason
    assert "customer code" in problems[0].reason
    assert "主访销电话" in problems[1].reason


@pytest.mark.parametrize("titles", [("电话", "手机"), ("电话", "电话")])
def test_two_columns_for_one_field(titles: tuple[str, str]) -> None:
    """Two columns of one meaning are refused, both named."""
    _, problems = HeaderMap(VISIT_COLUMNS).find([line("客户代码", *titles)], ("code",), "zh")
    (problem,) = problems
    assert problem.column == titles[1]
    assert f"“{titles[0]}”" in problem.reason
    assert "主访销电话" in problem.reason


def test_unknown_columns_keep_their_order() -> None:
    """Unknown columns come in file order; an unnamed one only where it holds something."""
    columns, _ = HeaderMap(VISIT_COLUMNS).find([line("等级", "客户代码", "", "片区")], (), "zh")
    assert columns.unknown(line("AAA", "1", "", "东")) == (("等级", "AAA"), ("片区", "东"))
    assert columns.unknown(line("AAA", "1", "x")) == (("等级", "AAA"), ("C", "x"), ("片区", ""))
    assert columns.title("phone") == ""
    assert columns.get(line("AAA", "1"), "phone") == ""


def test_column_letters() -> None:
    """Columns are named as spreadsheets do."""
    assert [column_letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
