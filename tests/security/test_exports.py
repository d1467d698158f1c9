"""No export has a formula in it: whatever a customer's name, number or remark begins with comes back as text.

Which tables there are is tested in tests/web/reports/test_reports.py and test_floor_day.py.
"""

from __future__ import annotations

import io
import warnings
import zipfile

import openpyxl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell, MergedCell

from dialer.web.kit.page.sheet import Column, Table, xlsx
from tests.web.people import People
from tests.web.system import ZONE

LURES = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "=cmd|'/c calc'!A1", "＝1+1", " =1+1", "'=1+1",
    '=HYPERLINK("http://x","y")', "+8613904700001", "%0A=1+1", "=\x00", "\x00=1+1", "{=1+1}", "1;=1+1", "-",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(LURES), st.builds(str.__add__, st.sampled_from("=+-@\t\r\n"), st.text(max_size=20)))
_PREFIXED = ("=", "+", "-", "@")


def cells_of(data: bytes) -> list[tuple[Cell | MergedCell, ...]]:
    """The cells of an export, which has no formula anywhere in it, as a spreadsheet would see it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in archive.read(name)
                assert b"<f " not in archive.read(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows())


def is_text(cell: Cell | MergedCell, written: str) -> None:
    """The cell is a text, marked so that it stays one when somebody edits it; numbers stay legible."""
    assert cell.value is None or (isinstance(cell.value, str) and cell.data_type == "s")
    if cell.value and cell.value.lstrip().startswith(_PREFIXED):
        assert cell.quotePrefix, repr(written)
    if written.isascii() and written.isprintable():
        assert cell.value == written


@settings(max_examples=20, deadline=None)
@given(st.lists(TEXTS, min_size=3, max_size=12))
@example(LURES)
def test_reports_and_the_list_by_hand_have_text_only(texts: list[str]) -> None:
    """Both writers of XLSX, with all that has ever been taken for a formula."""
    table = Table(tuple(Column(text) for text in texts), [texts, texts])
    for row in cells_of(xlsx("=1+1", "=heading", table, ZONE))[1:]:
        for cell, text in zip(row, texts, strict=False):
            is_text(cell, text)
    for row in cells_of(xlsx("=1+1", "", table, ZONE, on_paper=True)):
        for cell, text in zip(row, texts, strict=False):
            is_text(cell, text)


async def test_every_export_of_a_day(people: People) -> None:
    """A list whose every field begins like a formula, saved as every report and as the list by hand: no formula."""
    rows = [f'C{n},"=1+{n}",1390470000{n},001,"@SUM({n})"' for n in range(1, 4)]
    await people.system.import_rows(*rows)
    day = people.system.today.isoformat()
    paths = [
        f"/reports/{key}/xlsx?day={day}"
        for key in ("log", "no-order", "unreached", "agents", "hours", "days", "departments", "ordered")
    ]
    texts: set[str] = set()
    for path in (*paths, "/floor/by-hand.xlsx"):
        async with people.browsers["leader"].get(path) as response:
            assert response.status == 200, path
            assert response.headers["Content-Disposition"].startswith("attachment")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            for cell in (cell for row in cells_of(await response.read()) for cell in row):
                assert cell.data_type != "f", (path, cell.value)
                texts |= {cell.value} if isinstance(cell.value, str) else set()
    assert {"=1+1", "@SUM(1)", "13904700001"} <= texts
