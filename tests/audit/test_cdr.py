"""Reading call records of either form, and refusing what cannot be read, line by line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialer.audit.cdr import CdrDisposition, parse_cdr, read_cdr
from dialer.errors import BadInput

SHANGHAI = ZoneInfo("Asia/Shanghai")
MASTER = (
    '"","4718880001","s","dialer-connect","""烟草"" <4718880001>","PJSIP/carrier-0000002a","PJSIP/8001-0000002b",'
    '"Dial","PJSIP/8001,20","2026-11-23 08:00:01","2026-11-23 08:00:09","2026-11-23 08:03:30",209,201,"ANSWERED",'
    '"DOCUMENTATION","abc123-1-1-k3",""'
)


def test_master_csv_in_local_time() -> None:
    """18 columns, no header, whole seconds in the PBX's own zone."""
    (call,) = parse_cdr([MASTER], SHANGHAI)
    assert call.start == datetime(2026, 11, 23, 0, 0, 1, tzinfo=UTC)
    assert call.answer == datetime(2026, 11, 23, 0, 0, 9, tzinfo=UTC)
    assert call.end == datetime(2026, 11, 23, 0, 3, 30, tzinfo=UTC)
    assert (call.dst, call.disposition, call.uniqueid) == ("s", CdrDisposition.ANSWERED, "abc123-1-1-k3")
    assert call.channel == "PJSIP/carrier-0000002a"
    assert call.whole_seconds
    assert call.line == 1
    assert call.answered


def test_master_csv_in_gmt_with_new_columns() -> None:
    """``usegmtime=yes`` and ``newcdrcolumns=yes``: 21 columns with the linked id."""
    (call,) = parse_cdr([MASTER + ',"","abc123-1-1-k3",7'])
    assert call.start == datetime(2026, 11, 23, 8, 0, 1, tzinfo=UTC)
    assert call.linkedid == "abc123-1-1-k3"


def test_an_unanswered_call_has_no_answer() -> None:
    """The column is empty."""
    line = MASTER.replace('"2026-11-23 08:00:09"', "").replace("ANSWERED", "NO ANSWER")
    (call,) = parse_cdr([line])
    assert call.answer is None
    assert not call.answered


def test_a_header_names_the_columns_in_any_order(tmp_path: Path) -> None:
    """Epoch seconds with microseconds, as the carrier of the rehearsals writes them; with a byte order mark."""
    path = tmp_path / "carrier.csv"
    path.write_text(
        "dst,start,answer,end,disposition,duration,billsec,uniqueid\n"
        '"13904700001",1795294363.670982,1795294364.000001,1795294370.5,"ANSWERED",6.8,6.4,"1795294363.1"\n'
        "\n"
        '"13904700002",1795294363.670982,,1795294370.500000,"BUSY",6.8,0,"1795294363.2"\n',
        encoding="utf-8-sig",
    )
    first, second = read_cdr(path)
    assert first.start == datetime.fromtimestamp(1795294363, UTC) + timedelta(microseconds=670982)
    assert first.answer == datetime.fromtimestamp(1795294364, UTC) + timedelta(microseconds=1)
    assert not first.whole_seconds
    assert (first.line, second.line) == (2, 4)
    assert second.answer is None
    assert second.disposition is CdrDisposition.BUSY


def test_other_names_numbers_and_offsets_are_understood() -> None:
    """ISO 8601 with an offset; dispositions as CDR(disposition,u) numbers them; zero for no answer."""
    header = "Disposition, End ,Number,CallDate,Answer"
    lines = [f"{code},2026-11-23T08:00:09+08:00,1,2026-11-23T00:00:01Z,0" for code in (0, 2, 4, 8, 16)]
    calls = parse_cdr([header, *lines])
    assert [call.disposition for call in calls] == [
        CdrDisposition.NO_ANSWER,
        CdrDisposition.FAILED,
        CdrDisposition.BUSY,
        CdrDisposition.ANSWERED,
        CdrDisposition.CONGESTION,
    ]
    assert {(call.end - call.start).total_seconds() for call in calls} == {8.0}
    assert calls[0].answer is None


EXPORT = "calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,duration,billsec,disposition,accountcode,uniqueid"


def test_the_export_of_freepbx_has_no_end_and_no_answer() -> None:
    """Both follow from the start and the two durations; a call that nobody answered has none, whatever billsec says."""
    answered, missed = (
        f"2026-11-23 08:00:01,x,62880000,13904700001,outbound-allroutes,Local/1@x-1;2,PJSIP/t-1,Dial,{rest},,abc-1-1-k3"
        for rest in ("209,201,ANSWERED", "45,0,NO ANSWER")
    )
    first, second = parse_cdr([EXPORT, answered, missed], SHANGHAI)
    assert first.start == datetime(2026, 11, 23, 0, 0, 1, tzinfo=UTC)
    assert first.answer == first.start + timedelta(seconds=8)
    assert first.end == first.start + timedelta(seconds=209)
    assert first.whole_seconds
    assert (second.answer, second.end - second.start) == (None, timedelta(seconds=45))
    with pytest.raises(BadInput, match=r"line 2: column duration: 'long' is no number of seconds"):
        parse_cdr([EXPORT, answered.replace(",209,", ",long,")], SHANGHAI)


def test_every_bad_line_is_named() -> None:
    """With its number, column and value; an audit over half a file would be no audit."""
    with pytest.raises(BadInput) as refused:
        parse_cdr(
            [
                "dst,start,answer,end,disposition",
                "1,yesterday,,2,BUSY",
                "1,1,,2,PERHAPS",
                "1,3,,2,BUSY",
                "1,,,2,BUSY",
                "1,1,9,2,BUSY",
                "1,1e30,,2,BUSY",
                "1,1,,2,BUSY",
            ],
            name="x.csv",
        )
    text = str(refused.value)
    assert "x.csv" in text
    assert "line 2: column start: 'yesterday'" in text
    assert "line 3: column disposition: 'PERHAPS'" in text
    assert "line 4: it ends (2) before it starts (3)" in text
    assert "line 5: start and end must not be empty" in text
    assert "line 6: it is answered (9) outside" in text
    assert "line 7: column start: '1e30' is no time" in text
    assert "line 8" not in text


def test_many_bad_lines_are_counted() -> None:
    """Twenty are enough to read."""
    with pytest.raises(BadInput, match=r"and 5 more"):
        parse_cdr(["dst,start,answer,end,disposition", *["1,x,,2,BUSY"] * 25])


def test_what_is_no_record_file_is_said_to_be_none(tmp_path: Path) -> None:
    """A wrong header, a file that is not there, one that is no CSV."""
    with pytest.raises(BadInput, match="neither a header row"):
        parse_cdr(["when,who", "1,2"])
    with pytest.raises(BadInput, match="cannot be read"):
        read_cdr(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="not a CSV"):
        parse_cdr(["dst,start,answer,end,disposition", "1,\r1,,2,BUSY\rx"])
    assert parse_cdr(["dst,start,answer,end,disposition"]) == []
    assert parse_cdr([]) == []
