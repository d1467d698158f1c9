"""The notice board: by department and account manager, acknowledged, sent again."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.async_api import Browser

from dialer.campaign.model.query import Page
from dialer.notices.board import BoardNotice
from dialer.notices.outbox import NoticeState
from dialer.web.board.pages import departments
from tests.browser_fixtures import page_of
from tests.web.people import People

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


def notice(key: str, department: str = "城区营销部", manager: str = "李经理", agent: str | None = "001") -> BoardNotice:
    """An unreached customer."""
    customer = {"code": key, "shop_name": f"<i>{key}</i>店", "department": department, "account_manager": manager}
    data: dict[str, object] = {"agent": agent, "team": None, "customer": customer, "counted": 5, "attempts": []}
    body = {"type": "visit.unreached", "timestamp": "2026-11-23T01:00:00Z", "data": data}
    return BoardNotice(key, "unreached", AT, department, manager, body)


async def a_board(people: People) -> None:
    """Two notices of one department, one of another, whose customer is agent 002's."""
    for each in (notice("K1"), notice("K2", manager="赵经理"), notice("K3", "城东营销部", agent="002")):
        await people.system.board.post(each)


async def test_by_department_and_account_manager(people: People) -> None:
    """Counted beside, filtered by a click, told as text and never as markup."""
    await a_board(people)
    page = await people.get("leader", "/board")
    assert "&lt;i&gt;K1&lt;/i&gt;店" in page
    assert "<i>K1" not in page
    page = await people.get("leader", "/board?department=城区营销部")
    assert "board-K1" in page
    assert "board-K3" not in page
    page = await people.get("leader", "/pages/board?department=城区营销部&manager=赵经理")
    assert "board-K2" in page
    assert "board-K1" not in page


async def test_notices_without_a_department_are_found_alone(people: People) -> None:
    """Their line in the list of departments leads to them; an alarm says what it is once."""
    await a_board(people)
    data = {"key": "agents-idle", "text": "Agent 001 gets no calls"}
    body = {"type": "alarm", "timestamp": "2026-11-23T01:00:00Z", "data": data}
    await people.system.board.post(BoardNotice("K4", "alarm", AT, "", "", body))
    await people.speak("leader", "en")
    assert 'href="/board?department=-"' in await people.get("leader", "/board")
    page = await people.get("leader", "/board?department=-")
    assert "board-K4" in page
    assert "board-K1" not in page
    assert page.count("Alarm") == 1
    assert "<h2>(no department)</h2>" in page


async def test_what_was_read_goes_and_says_by_whom(people: People) -> None:
    """It is still there for those who ask for all."""
    await a_board(people)
    await people.api("leader", "POST", "/board/K1/acknowledge")
    assert "board-K1" not in await people.get("leader", "/board")
    page = await people.get("leader", "/board?all=yes")
    assert "board-K1" in page
    assert "900 leader 王" in page.partition("board-K1")[2]


async def test_a_team_leader_reads_the_own_team(people: People) -> None:
    """Neither list nor counts tell of another team's customers, and there is nothing to press."""
    await a_board(people)
    for path in ("/board", "/board?all=yes", "/pages/board"):
        page = await people.get("team_leader", path)
        assert "board-K1" in page
        assert "K3" not in page
        assert "城东营销部" not in page
        assert "data-api" not in page


async def test_only_leaders_have_a_board(people: People) -> None:
    """Agents and administrators do not."""
    for who in ("agent", "administrator"):
        for path in ("/board", "/board/outbox", "/pages/board", "/pages/board/outbox"):
            await people.get(who, path, 403)


async def test_a_dead_letter_is_sent_again(people: People) -> None:
    """It is found by its state with what went wrong, and is pending again after one press."""
    attempt = await people.system.conversation("C0004", "13904700000")
    await people.system.ask("PUT", f"/attempts/{attempt}/disposition", json={"result": "feedback", "text": "太贵"})
    await people.system.finish(attempt)
    (made,) = await people.system.outbox.notices(None, Page())
    await people.system.outbox.mark_failed(made.id, AT, "HTTP 500", None)
    await people.speak("leader", "en")
    page = await people.get("leader", "/board/outbox?state=dead")
    assert "HTTP 500" in page
    assert "Not delivered" in page
    await people.api("leader", "POST", f"/notices/{made.id}/resend", status=204)
    assert made.id not in await people.get("leader", "/board/outbox?state=dead")
    (again,) = await people.system.outbox.notices(NoticeState.PENDING, Page())
    assert again.id == made.id
    assert "Pending" in await people.get("leader", "/pages/board/outbox?state=nonsense")


async def test_acknowledging_in_the_browser(browser: Browser, people: People) -> None:
    """One press, and the notice leaves the list of what is unread."""
    await a_board(people)
    page = await page_of(browser, people, "leader", "/board", language="en")
    await page.wait_for_selector('[data-link="up"]')
    await page.click("#board-K1 button")
    await page.wait_for_selector("#board-K1", state="detached")
    assert await page.locator(".notices > li").count() == 2


async def test_a_page_of_the_own_team_is_a_full_page(people: People) -> None:
    """However many notices about other teams lie between: none of a leader's pages is short, and all are there."""
    for number in range(130):
        await people.system.board.post(notice(f"K{number}", agent="001" if number % 2 else "002"))
    first = await people.get("team_leader", "/board")
    second = await people.get("team_leader", "/board?page=2")
    assert first.count('id="board-') == 50
    assert second.count('id="board-') == 15
    assert "<b>65</b>" in first
    assert "<b>130</b>" in await people.get("leader", "/board")


def test_departments_are_counted() -> None:
    """The fullest first, each with its account managers."""
    found = departments([("甲", "赵", 1), ("乙", "", 1), ("甲", "李经理", 2)])
    assert [(name, sum(managers.values())) for name, managers in found.items()] == [("甲", 3), ("乙", 1)]
    assert list(found["甲"].items()) == [("李经理", 2), ("赵", 1)]
