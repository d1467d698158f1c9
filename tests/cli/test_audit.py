"""What `dialer audit` makes of its options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialer.cli.records.audit import default_rewrite
from dialer.settings import Settings, TrunkSettings
from tests.cli.conftest import Run

HEAD = "dst,start,answer,end,disposition\n"
ROW = "13904700001,2026-11-20 09:00:00,,2026-11-20 09:00:30,NO ANSWER\n"


@pytest.fixture
def cdr(tmp_path: Path) -> Path:
    """A record of a call that nobody here made."""
    path = tmp_path / "cdr.csv"
    path.write_text(HEAD + ROW, encoding="utf-8")
    return path


def test_what_trunks_do_to_a_number_is_undone() -> None:
    """The prefix comes off, the longest first, and the local area code comes back."""
    template = "PJSIP/{number}@carrier"
    trunks = (
        TrunkSettings(name="a", template=template, prefix="9", local_area="0470"),
        TrunkSettings(name="b", template=template, prefix="99"),
    )
    dialled = {"9913904700001": "13904700001", "98221234": "04708221234", "004708221234": "004708221234"}
    for number, stored in dialled.items():
        rewritten = number
        for pattern, new in default_rewrite(Settings(trunks=trunks)):
            rewritten = re.sub(pattern, new, rewritten)
        assert rewritten == stored
    assert default_rewrite(Settings()) == ()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 1, "extra"),
        (("--json",), 1, '"clean": false'),
        (("--json",), 1, '"kind": "extra"'),
        (("--date", "2026-11-20"), 1, "13904700001"),
        (("--date", "2026-11-21"), 0, "No difference"),
        (("--since", "2026-11-20T17:00:01"), 0, "No difference"),
        (("--until", "2026-11-20T17:00:01"), 1, "extra"),
        (("--zone", "Asia/Shanghai", "--since", "2026-11-20T09:00", "--until", "2026-11-20T09:01"), 1, "extra"),
        (("--by", "id"), 0, "carry no attempt's id"),
        (("--rewrite", "^139=199", "--answered-only"), 1, "19904700001"),
    ],
)
def test_time_number_and_form(run: Run, cdr: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    """Which calls are judged, how numbers are read, and how the answer looks; the department is 8 h ahead of UTC."""
    ran = run("audit", str(cdr), *arguments)
    assert (ran.code, says in ran.out) == (code, True), ran


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--zone", "Mars/Olympus"), 2),
        (("--rewrite", "139"), 2),
        (("--rewrite", "(=1"), 2),
        (("--since", "soon"), 1),
        (("--since", "2026-11-21", "--until", "2026-11-20"), 1),
    ],
)
def test_options_that_make_no_sense(run: Run, cdr: Path, arguments: tuple[str, ...], code: int) -> None:
    """Each is refused in words."""
    ran = run("audit", str(cdr), *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert "Traceback" not in ran.err


def test_an_empty_or_broken_file_is_no_clean_audit(run: Run, tmp_path: Path) -> None:
    """Without a record there is nothing to compare, unless a time says which calls there should be."""
    path = tmp_path / "empty.csv"
    path.write_text(HEAD, encoding="utf-8")
    assert run("audit", str(path)).code == 1
    assert run("audit", str(path), "--date", "2026-11-20", lang="zh").out.endswith("没有差异，规则得到遵守。\n")
    assert run("audit", str(path), "--since", "2026-11-20", "--until", "2026-11-21").code == 0
    path.write_text("not a record\n", encoding="utf-8")
    assert run("audit", str(path)).code == 1
