"""Files of every usual kind become rows; what is no table is refused with what to do."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.lists.config import ReadLimits
from dialer.lists.csvfile import delimiter
from dialer.lists.reader import read_lines
from dialer.lists.wording import Unusable
from dialer.lists.xlsxfile import text_of
from tests.lists.files import GOOD, HEADER, csv_file, saved, xlsx_file

# A cell of a spreadsheet has no time zone.
MIDNIGHT = datetime(2026, 11, 20)  # noqa: DTZ001 - a wall time; the zone comes with it elsewhere

CHARACTERS = [bytes((first, last)).decode("gb2312") for first in range(0xB0, 0xD7) for last in range(0xA1, 0xFF)]


def cells(data: bytes, name: str = "list.csv") -> list[tuple[str, ...]]:
    return [line.cells for line in read_lines(data, name)]


def refusal(data: bytes, name: str = "list.csv", limits: ReadLimits | None = None) -> Unusable:
    with pytest.raises(Unusable) as caught:
        read_lines(data, name, limits)
    assert name in str(caught.value)
    assert name in caught.value.reason.text("en")
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, separator: str) -> None:
    """The same rows come out whatever the encoding and the delimiter."""
    assert cells(csv_file([HEADER, *GOOD], encoding, separator)) == [tuple(row) for row in [HEADER, *GOOD]]


def test_rare_characters_of_gb18030() -> None:
    """Names with characters outside GBK are read too."""
    assert cells("代码,店名\n1,𠮷祥商店㐂\n".encode("gb18030"))[1] == ("1", "𠮷祥商店㐂")


def test_xlsx_equals_csv() -> None:
    """A workbook gives what the CSV of it gives."""
    assert cells(xlsx_file([HEADER, *GOOD])) == cells(csv_file([HEADER, *GOOD]))


def test_content_decides_not_the_name() -> None:
    """A workbook that is called .csv, and a CSV that is called .xlsx, are read as what they are."""
    assert cells(xlsx_file([HEADER]), "list.csv") == cells(csv_file([HEADER]), "list.xlsx")


def test_quoted_line_breaks_and_empty_rows_keep_the_numbers() -> None:
    """A record with a line break inside is one row, an empty row counts but is not given."""
    lines = read_lines(b'a,b\r\n1,"x\r\ny"\r\n\r\n , \r\n2,z\r\n', "list.csv")
    assert [(line.row, line.cells) for line in lines] == [(1, ("a", "b")), (2, ("1", "x\r\ny")), (5, ("2", "z"))]


def test_marks_that_keep_digits_as_text_are_not_part_of_the_cell() -> None:
    """'0470 and ="0470" are what a spreadsheet shows as 0470; an apostrophe before a word stays."""
    data = csv_file([["a", "b", "c", "d"], ["'0470", '="0470"', "'+86139", "'t Hof"]])
    assert cells(data)[1] == ("0470", "0470", "+86139", "'t Hof")
    assert cells(xlsx_file([["a"], ["'0470"]]))[1] == ("0470",)


def test_cells_beyond_a_short_row_are_empty() -> None:
    """A short row has empty cells at its end."""
    assert read_lines(b"a,b\n1\n", "list.csv")[1].cell(1) == ""


def test_numbers_in_workbooks_are_shown_as_text() -> None:
    """Phones typed as numbers have no .0, codes keep the zeros that their format shows, dates are dates."""
    rows: list[list[object]] = [["a", "b", "c", "d", "e"], [13904700001, 4711, 13904700002.0, MIDNIGHT, 0.1 + 0.2]]
    assert cells(xlsx_file(rows, {"B2": "000000"}))[1] == ("13904700001", "004711", "13904700002", "2026-11-20", "0.3")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "TRUE"),
        (False, "FALSE"),
        (-5, "-5"),
        (1.5, "1.5"),
        (1e20, "1E+20"),
        (999999999999999.0, "999999999999999"),
        (150701001123456780, "1.50701001123457E+17"),
        (1e-7, "0.0000001"),
        (MIDNIGHT.replace(hour=8, minute=30), "2026-11-20 08:30"),
        (MIDNIGHT.replace(hour=8, minute=30, second=5), "2026-11-20 08:30:05"),
        (date(2026, 11, 20), "2026-11-20"),
        (time(8, 30), "08:30"),
        (time(8, 30, 5), "08:30:05"),
    ],
)
def test_values_as_text(value: object, text: str) -> None:
    """Each kind of cell has one text."""
    assert text_of(value) == text


def test_booleans_in_workbooks() -> None:
    """A truth value in a sheet is shown as the spreadsheet shows it."""
    assert cells(xlsx_file([["a"], [True]]))[1] == ("TRUE",)


def test_the_first_visible_sheet_with_content_is_read() -> None:
    """Hidden sheets and empty ones are passed over."""
    book = openpyxl.Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.append(["hidden"])
    hidden.sheet_state = "hidden"
    book.create_sheet("empty")
    book.create_sheet("list").append(["shown"])
    assert cells(saved(book)) == [("shown",)]


def test_a_wrong_stored_size_hides_no_row() -> None:
    """A sheet whose dimension says A1 is read to its end."""
    source = xlsx_file([HEADER, *GOOD])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b'<dimension ref="A1:I4"' in content
                content = content.replace(b'<dimension ref="A1:I4"', b'<dimension ref="A1"')
            new.writestr(name, content)
    assert len(cells(out.getvalue())) == 4


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"\n , \n\n", "file-empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "file-old-excel"),
        (b"<html><table><tr><td>1</td></tr></table>", "file-html"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "file-html"),
        (b"<style>td {}</style>\n<div><table>", "file-html"),
        ("<html><table>".encode("utf-16"), "file-html"),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook\n", "file-html"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="u">', "file-xml"),
        (b'<?xml version="1.0"?>\n<ss:Workbook xmlns:ss="u">', "file-xml"),
        ("客戶代碼,店舖名稱,主訪銷電話\n1,滿洲里路超市,13904700001\n".encode("big5"), "file-big5"),
        ("客戶代碼,店舖名稱,主訪銷電話\n1,𠮷\n".encode("big5hkscs", "replace"), "file-big5"),
        (b"%PDF-1.7", "file-not-a-table"),
        (b"a,b\n\x00\x01,2", "file-not-a-table"),
        (b"PK\x03\x04 broken", "file-damaged"),
        (b"a,b\n1,\xff\xff\xff\n", "file-encoding"),
        (b'a,b\n1,"x\n2,y\n', "file-quotes"),
        ('a,b\n1,"老王"商店\n'.encode(), "file-quotes"),
    ],
)
def test_no_table(data: bytes, code: str) -> None:
    """What cannot be read is refused in one sentence that names the file."""
    assert refusal(data).reason.code == code


def test_a_wrong_byte_is_placed() -> None:
    """The line of a byte that is in no encoding is named."""
    assert refusal("代码,店名\n1,店\n2,\xff".encode("latin-1", "ignore") + b"\xff\n").reason.params["row"] in (1, 3)
    assert refusal(b"a,b\n1,x\n2,\xff\xff\n").reason.params["row"] == 3


def test_an_unmatched_quote_is_placed() -> None:
    """The row with the lost quote is named."""
    assert refusal('a,b\n1,x\n2,"老王"商店\n'.encode()).reason.params["row"] == 3


def test_a_zip_that_is_no_workbook() -> None:
    """Any other zip archive is no list."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refusal(out.getvalue()).reason.code == "file-not-a-table"


def test_a_damaged_workbook() -> None:
    """A workbook with a sheet that is no XML is damaged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_file([HEADER]))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<broken" if name == "xl/worksheets/sheet1.xml" else old.read(name))
    assert refusal(out.getvalue()).reason.code == "file-damaged"


def test_a_zip_bomb_is_not_unpacked() -> None:
    """What unpacks to more than the limit is refused before it is unpacked."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_file([HEADER]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/media/zeros", b"\0" * 20_000_000)
    assert len(out.getvalue()) < 100_000
    problem = refusal(out.getvalue(), limits=ReadLimits(max_unpacked=10_000_000))
    assert problem.reason.code == "file-unpacked-too-big"


def test_entities_do_not_grow_without_bounds() -> None:
    """XML entities that multiply are refused and not expanded."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 20}">' for n in range(1, 12))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_file([["word"]]))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"word" in content
                head = f'<!DOCTYPE worksheet [<!ENTITY a0 "ha">{entities}]>'.encode()
                content = head + content.replace(b"word", b"&a11;")
            new.writestr(name, content)
    assert refusal(out.getvalue()).reason.code == "file-damaged"


def test_limits() -> None:
    """Bytes, rows and columns have their limits."""
    data = csv_file([["a", "b", "c"], *([str(n), "x", "y"] for n in range(10))])
    assert refusal(data, limits=ReadLimits(max_bytes=10)).reason.code == "file-too-big"
    assert refusal(data, limits=ReadLimits(max_rows=10)).reason.code == "file-too-many-rows"
    assert refusal(data, limits=ReadLimits(max_columns=2)).reason.code == "file-too-many-columns"
    assert len(read_lines(data, "list.csv", ReadLimits(max_rows=11, max_columns=3))) == 11


def test_delimiters_inside_quotes_do_not_count() -> None:
    """Commas inside a quoted header are no delimiters; a single column has none."""
    assert delimiter('"a,b,c";d\n1;2') == ";"
    assert delimiter("a\n1,5\n") == ","
    assert delimiter("only") == ","


def test_a_comma_in_a_title_divides_nothing() -> None:
    """A title, or a remark, with the other delimiter in it does not decide for the whole file."""
    text = "2026年11月,第三周,一、二,三,四,五,六名单\n客户代码\t电话\n1\t139\n2\t138,137\n"
    assert delimiter(text) == "\t"
    assert cells(text.encode())[1] == ("客户代码", "电话")
    assert delimiter("a;b\n1,5;2\n2,5;3\n1,2,3;4\n") == ";"


@given(st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=40))
def test_text_in_gb18030_is_not_taken_for_another(text: str) -> None:
    """Text of GB2312's characters, and names outside it, are read; nothing of it is refused as Big5."""
    assert cells(f"代码,{text},𠮷镕\n".encode("gb18030"))[0][1] == text


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=4), min_size=1))
def test_any_text_comes_back(rows: list[list[str]]) -> None:
    """Whatever was written as CSV with a byte order mark is read as written, but for blanks at the ends."""
    data = csv_file([["h1", "h2", "h3", "h4"], *rows], "utf-8-sig")
    for line in read_lines(data, "list.csv")[1:]:
        for read, written in zip(line.cells, rows[line.row - 2], strict=False):
            assert read in written
            assert read == read.strip(" \t\xa0\u3000\u200b\ufeff")
