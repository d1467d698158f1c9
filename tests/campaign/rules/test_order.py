"""An order as it is typed."""

from __future__ import annotations

import pytest

from dialer.campaign.rules.order import Entry, OrderUnfit, read_order


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("DD-1", "16", "1234.50"), ("DD-1", "16", "1234.50")),
        (("ＤＤ－１", "１６", "１２３４．５０"), ("DD-1", "16", "1234.50")),
        ((" DD 1　2 ", " 1 6", "1,234.5"), ("DD12", "16", "1234.5")),
        (("N1", "0", ""), ("N1", "0", "")),
        (("", "", ""), ("", "", "")),
    ],
)
def test_what_is_meant(typed: tuple[str, str, str], meant: tuple[str, str, str]) -> None:
    """Full width, blanks and thousands' commas are ways of typing."""
    assert read_order(*typed) == Entry(*meant)


@pytest.mark.parametrize(
    ("quantity", "amount", "code"),
    [
        ("-1", "", "quantity-unfit"),
        ("十六", "", "quantity-unfit"),
        ("16 条", "", "quantity-unfit"),
        ("1e3", "", "quantity-unfit"),
        ("٣", "", "quantity-unfit"),
        ("1", "12.3456", "amount-unfit"),
        ("1", "nan", "amount-unfit"),
        ("1", "1" * 10, "amount-unfit"),
    ],
)
def test_what_is_no_figure(quantity: str, amount: str, code: str) -> None:
    """It is refused with what is wrong, not kept to be wondered at."""
    with pytest.raises(OrderUnfit, match="is not a number") as refused:
        read_order("N1", quantity, amount)
    assert refused.value.code == code


def test_a_number_that_is_too_long() -> None:
    """Characters of compatibility can grow when they are read."""
    with pytest.raises(OrderUnfit, match="at most 80") as refused:
        read_order("㍿" * 21)
    assert refused.value.code == "text-too-long"
