"""The built-in board stores each notice once, lists it for those whom it concerns, and is acknowledged."""

from __future__ import annotations

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.query import Page
from dialer.errors import DeliveryFailed, NotFound, StoreUnavailable
from dialer.notices.board import BoardNotice, BoardSender, board_notice
from dialer.notices.wording import Wording
from dialer.store.records.board import SqlBoard
from tests.contracts.made_up import NOW
from tests.notices.tools import HandClock, notice


def about(department: str, manager: str) -> dict[str, object]:
    customer = {"code": "1", "shop_name": "草原商店", "department": department, "account_manager": manager}
    return {"type": "visit.unreached", "data": {"customer": customer, "counted": 5}}


@pytest.fixture
async def filled(board: SqlBoard, clock: HandClock) -> SqlBoard:
    """A board with three customers' notices, a late start and an alarm."""
    sender = BoardSender(board, clock)
    for key, body in enumerate([about("一部", "李"), about("一部", "王"), about("二部", "李")]):
        await sender.deliver(notice(NoticeKind.UNREACHED, body, key=f"u{key}"))
        clock.advance(1)
    late = {"type": "day.late_start", "data": {"department": "二部", "text": "停电"}}
    await sender.deliver(notice(NoticeKind.LATE_START, late, key="late"))
    clock.advance(1)
    await sender.deliver(notice(key="alarm"))
    return board


@pytest.mark.parametrize(
    ("department", "manager", "keys"),
    [
        (None, None, ["alarm", "late", "u2", "u1", "u0"]),
        ("一部", None, ["u1", "u0"]),
        ("二部", None, ["late", "u2"]),
        (None, "李", ["u2", "u0"]),
        ("一部", "李", ["u0"]),
        ("三部", "", []),
        ("", "", ["alarm"]),
    ],
)
async def test_listing(department: str | None, manager: str | None, keys: list[str], filled: SqlBoard) -> None:
    """By department, by account manager, by both; newest first; "" is for those that name nobody."""
    found = await filled.listing(department, manager, False, Page())
    assert [each.id for each in found] == [f"abc123-{key}" for key in keys]


async def test_entries_can_be_worded(filled: SqlBoard) -> None:
    """What is kept is enough for the title and the sentence in the reader's language."""
    (each, _) = await filled.listing("二部", None, False, Page())
    told = Wording("en")
    assert (told.title(each.kind), told.sentence(each.kind, each.body)) == (
        "Late start",
        "二部: today's calls start late: 停电.",
    )


async def test_delivered_again(filled: SqlBoard, clock: HandClock) -> None:
    """A notice that comes twice is there once, as it came first, and stays acknowledged."""
    await filled.acknowledge("abc123-u0", "李", clock.now())
    await BoardSender(filled, clock).deliver(notice(NoticeKind.UNREACHED, about("九部", "赵"), key="u0"))
    assert [each.acknowledged_by for each in await filled.listing("一部", "李", False, Page())] == ["李"]
    assert await filled.listing("九部", None, False, Page()) == []


async def test_acknowledging(filled: SqlBoard, clock: HandClock) -> None:
    """An acknowledged notice carries who and when, and leaves the open list."""
    clock.advance(5)
    done = await filled.acknowledge("abc123-u1", "王", clock.now())
    assert (done.acknowledged_by, done.acknowledged_at) == ("王", clock.at)
    left = await filled.listing("一部", None, True, Page())
    assert [each.id for each in left] == ["abc123-u0"]


async def test_pages(filled: SqlBoard) -> None:
    """A page is a slice."""
    found = await filled.listing(None, None, False, Page(limit=2, offset=1))
    assert [each.id for each in found] == ["abc123-late", "abc123-u2"]


async def test_refused(filled: SqlBoard, clock: HandClock) -> None:
    """An unknown notice is refused."""
    with pytest.raises(NotFound):
        await filled.acknowledge("abc123-none", "李", clock.now())


async def test_a_board_that_cannot_store(board: SqlBoard, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the store cannot be written the notice is not delivered."""

    async def full(_self: SqlBoard, _notice: BoardNotice) -> bool:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(SqlBoard, "post", full)
    with pytest.raises(DeliveryFailed, match="disk full"):
        await BoardSender(board, clock).deliver(notice())


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {"customer": "x"}}, {"data": {"department": None}}])
def test_foreign_bodies(body: dict[str, object]) -> None:
    """A body that names nobody is for everybody."""
    made = board_notice("x", "alarm", body, NOW)
    assert (made.department, made.account_manager) == ("", "")
