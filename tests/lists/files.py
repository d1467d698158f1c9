"""Files as departments hand them over, made in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import openpyxl

HEADER = ["客户代码", "店铺名称", "负责人姓名", "主访销电话", "经营地址", "客户经理", "营销部", "工号", "信用等级"]
GOOD = [
    ["150701001", "满洲里路超市", "张三", "13904700001", "满洲里路1号", "李经理", "第一营销部", "8001", "AAA"],
    ["150701002", "草原商店", "李四", "0470-8221234", "胜利大街2号", "王经理", "第二营销部", "8002", "AA"],
    ["150701003", "镕记烟酒", "王五", "8221235", "河东里3号", "李经理", "第一营销部", "8001", "A"],
]
AGENTS: dict[str, str | None] = {"8001": "一组", "8002": "二组", "8003": None}


def csv_file(rows: Iterable[Sequence[object]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """The rows as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_file(rows: Iterable[Sequence[object]], formats: dict[str, str] | None = None) -> bytes:
    """The rows as XLSX; ``formats`` are number formats by cell name."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """The workbook's file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
