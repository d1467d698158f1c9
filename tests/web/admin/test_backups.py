"""Backups: the API, and the administrator's page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser_fixtures import page_of
from tests.web.people import People, open_people
from tests.web.system import ZONE, System

NEXT = datetime(2026, 11, 24, 2, 0, tzinfo=ZONE)


async def test_one_more_over_the_api(system: System) -> None:
    """An administrator's token makes one and lists it; the file is there with the checksum that is told."""
    assert await system.ask("GET", "/backups") == []
    made = await system.ask("POST", "/backups", status=201)
    file = system.services.backups.folder / made["name"]
    assert (file.stat().st_size, file.with_name(made["name"] + ".sha256").read_text(encoding="utf-8").split()[0]) == (
        made["size"],
        made["sha256"],
    )
    assert await system.ask("GET", "/backups") == [made]
    await system.ask("POST", "/backups", token="operate", status=403)


async def test_a_backup_that_fails_is_told(system: System) -> None:
    """What is wrong and where, and the page stays open for a look."""
    system.services.backups.folder.touch()
    answer = await system.ask("POST", "/backups", status=503)
    assert str(system.services.backups.folder) in answer["message"]


async def test_the_page_shows_the_last_and_the_next(folder: Path) -> None:
    """In both languages: none yet, then time and size, when the next one is made, and what is not in it."""
    async with open_people(folder, next_backup=lambda: NEXT) as people:
        before = await people.get("administrator", "/admin/backups")
        for words in ("还没有备份", "2026-11-24 02:00:00", "录音和配置是单独的文件", str(folder / "backups")):
            assert words in before, words
        await people.api("administrator", "POST", "/backups", status=201)
        after = await people.get("administrator", "/admin/backups")
        assert "已校验" in after
        assert "还没有备份" not in after
        await people.speak("administrator", "en")
        assert "Verified" in await people.get("administrator", "/admin/backups")
        _, _, log = (await people.get("administrator", "/audit")).partition("<tbody>")
        assert "Backed up the database" in log  # above is a list of every action


async def test_the_page_tells_of_a_failure(people: People) -> None:
    """Why the last one failed stands on the page, also when the folder cannot be read at all."""
    folder = people.system.services.backups.folder
    folder.touch()
    await people.api("administrator", "POST", "/backups", status=503)
    page = await people.get("administrator", "/admin/backups")
    assert "故障" in page
    assert f"{folder} cannot be" in page


async def test_back_up_now(browser: Browser, people: People) -> None:
    """One press, and the new one stands in the list."""
    page = await page_of(browser, people, "administrator", "/admin/backups", language="en")
    await page.get_by_role("button", name="Back up now").click()
    await expect(page.get_by_role("row", name="Verified")).to_contain_text("dialer-2")
