"""Times, numbers, pages of listings: as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialer.campaign.model.query import Page
from dialer.web.kit.page import static, templates
from dialer.web.kit.page.format import Format
from dialer.web.kit.page.paging import SIZE, address, sliced, wanted_page
from dialer.web.kit.page.templates import environment

AT = datetime(2026, 11, 23, 0, 5, 9, tzinfo=UTC)
ZH, EN = Format("zh", ZoneInfo("Asia/Shanghai")), Format("en", ZoneInfo("Asia/Shanghai"))


def test_times_are_the_departments() -> None:
    """On its clock, in both languages; nothing for nothing."""
    assert (ZH.clock(AT), ZH.time(AT), ZH.moment(AT)) == ("08:05", "08:05:09", "2026-11-23 08:05:09")
    assert (ZH.day(date(2026, 11, 23)), EN.day(date(2026, 11, 23))) == ("11月23日 星期一", "Mon, 23 Nov")
    late = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    assert (ZH.date(late), ZH.date(date(2026, 11, 22))) == ("2026-11-23", "2026-11-22")
    assert [ZH.clock(None), ZH.time(None), ZH.moment(None), ZH.day(None), ZH.date(None)] == [""] * 5


@pytest.mark.parametrize(
    ("length", "shown"),
    [(0, "0:00"), (185, "3:05"), (3785.4, "1:03:05"), (timedelta(minutes=2), "2:00"), (-5, "0:00"), (None, "")],
)
def test_lengths(length: float | timedelta | None, shown: str) -> None:
    """Minutes and seconds, with hours when there are some."""
    assert EN.duration(length) == shown


def test_numbers() -> None:
    """With the separators of the language."""
    assert (ZH.number(12345), EN.number(0), EN.number(None)) == ("12,345", "0", "")
    assert (ZH.percent(0.62), EN.percent(None)) == ("62%", "")


def test_pages_of_a_listing() -> None:
    """One more row than fits is asked for; neighbours keep the search, and the first page has no number."""
    assert wanted_page({"page": "3"}) == Page(SIZE + 1, 2 * SIZE)
    middle = sliced(list(range(SIZE + 1)), "/x", {"page": "2", "who": "王", "empty": ""})
    assert (list(middle.rows), middle.number) == (list(range(SIZE)), 2)
    assert (middle.before, middle.after) == ("/x?who=%E7%8E%8B", "/x?page=3&who=%E7%8E%8B")
    only = sliced([1], "/x", {})
    assert (only.before, only.after) == ("", "")
    for text in ("", "0", "-1", "x", "²", "9" * 9):
        assert 0 <= wanted_page({"page": text}).offset < 10_000 * SIZE
    assert address("/x", {"a": "1"}, a=None) == "/x"


def test_parts_of_pages() -> None:
    """A badge has a shape beside its colour, a bar tells in words what it shows, and text is escaped."""
    source = (
        '{% from "parts.html" import badge, bar, kbd with context %}'
        '{{ badge("<b>", kind) }}{{ bar([("got", 3, "good"), ("not", 1, "bad")], 4, "day") }}{{ bar([], 0) }}'
        '{{ kbd("O") }}'
    )
    for kind in ("good", "warn", "bad", "busy", "idle"):
        text = environment("en").from_string(source).render(kind=kind, csrf="")
        assert f'class="badge {kind}"' in text
        assert "&lt;b&gt;" in text
        assert "<svg" in text
        assert 'aria-label="day got 3 not 1"' in text
        assert 'x="750.0" width="250.0"' in text


def test_a_service_keeps_the_templates_it_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of another version that come while it runs change no page: its handlers do not fit them."""
    page = tmp_path / "part" / "templates" / "x.html"
    page.parent.mkdir(parents=True)
    page.write_text("as it was", encoding="utf-8")
    monkeypatch.setattr(static, "files", lambda _package: tmp_path)
    monkeypatch.setattr(templates, "sources", cache(templates.sources.__wrapped__))
    made = environment.__wrapped__("en")
    assert made.get_template("x.html").render() == "as it was"
    page.write_text("{{ what_only_the_new_version_knows }}", encoding="utf-8")
    assert made.get_template("x.html").render() == "as it was"


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"])
def test_a_time_at_the_end_of_all_calendars_is_shown(at: str) -> None:
    """It may be in an old record or in the audit log; it has no time on the department's clock."""
    for west in (EN, Format("en", ZoneInfo("America/Los_Angeles"))):
        shown = datetime.fromisoformat(at)
        assert west.moment(shown).partition(" ")[0].endswith(("9999-12-31", "1-01-01"))
        assert all((west.date(shown), west.clock(shown), west.end(shown), west.time(shown)))
