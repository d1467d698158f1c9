"""The report as a picture."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from dialer.demo import picture

_TEXT = "{http://www.w3.org/2000/svg}text"


def test_wide_characters_get_two_columns(tmp_path: Path) -> None:
    """A run of Chinese is twice as wide as one of Latin, and what follows begins where it ends."""
    target = tmp_path / "report.svg"
    picture.save(
        target, "dialer demo", lambda console: console.print("客户 <101> 已接通", markup=False, highlight=False)
    )
    texts = [each for each in ET.parse(target).iter(_TEXT) if "textLength" in each.attrib]  # noqa: S314 - ours
    widths = {(each.text or "").strip("\u00a0\n"): float(each.attrib["textLength"]) for each in texts}
    assert widths["客户"] * 3 == pytest.approx(widths["已接通"] * 2)
    ends = [float(each.attrib["x"]) + float(each.attrib["textLength"]) for each in texts]
    assert [float(each.attrib["x"]) for each in texts[1:]] == pytest.approx(ends[:-1])
    assert "<101>" in "".join(each.text or "" for each in texts)


def test_a_picture_is_whole_by_itself(tmp_path: Path) -> None:
    """It names no other place."""
    target = tmp_path / "report.svg"
    picture.save(target, "t", lambda console: console.rule("报告"))
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|url\(", target.read_text(encoding="utf-8"))
