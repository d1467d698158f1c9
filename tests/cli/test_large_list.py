"""A province's list in one go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import DAY, Run

ROWS = 20_000


@pytest.mark.usefixtures("untraced")
def test_twenty_thousand_rows_come_in(listed: Run, files: Path) -> None:
    """From the file to the committed database, by the command; the same file again changes nothing."""
    big = files / "big.csv"
    lines = (f"K{n:05d},店铺 {n},负责人 {n},{13500000000 + n},营销部 {n % 40},经理 {n % 200},A" for n in range(ROWS))
    big.write_text("客户代码,店铺名称,负责人,电话,营销部,客户经理,班组\n" + "\n".join(lines), encoding="utf-8-sig")
    for field in ("added", "unchanged"):
        ran = listed("visits", "import", str(big), "--date", DAY, "--list", "big", "--json")
        assert ran.code == 0, ran.err
        done = ran.json()[field]
        assert (done if isinstance(done, int) else len(done)) == ROWS
