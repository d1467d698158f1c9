"""The built-in board stores each notice once, lists it for those whom it concerns, and is acknowledged."""

from __future__ import annotations

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.records import BoardNotice, Page
from dialer.errors import BadInput, DeliveryFailed, NotFound, StoreUnavailable
from dialer.notices.board import BoardSender, BoardService, board_notice
from dialer.notices.wording import Wording
from dialer.store.records.board import SqlBoard
from tests.contracts.made_up import NOW
from tests.notices.tools import HandClock, notice

CHINESE = Wording("zh")


def about(department: str, manager: str) -> dict[str, object]:
    customer = {"code": "1", "shop_name": "草原商店", "department": department, "account_manager": manager}
    return {"type": "visit.unreached", "data": {"customer": customer, "counted": 5}}


@pytest.fixture
async def service(board: SqlBoard, clock: HandClock) -> BoardService:
    """A board with three customers' notices, a late start and an alarm."""
    sender = BoardSender(board, clock)
    for key, body in enumerate([about("一部", "李"), about("一部", "王"), about("二部", "李")]):
        await sender.deliver(notice(NoticeKind.UNREACHED, body, key=f"u{key}"))
        clock.advance(1)
    late = {"type": "day.late_start", "data": {"department": "二部", "text": "停电"}}
    await sender.deliver(notice(NoticeKind.LATE_START, late, key="late"))
    clock.advance(1)
    await sender.deliver(notice(key="alarm"))
    return BoardService(board, clock)


@pytest.mark.parametrize(
    ("department", "manager", "keys"),
    [
        (None, None, ["alarm", "late", "u2", "u1", "u0"]),
        ("一部", None, ["u1", "u0"]),
        ("二部", None, ["late", "u2"]),
        (None, "李", ["u2", "u0"]),
        ("一部", "李", ["u0"]),
        ("三部", "", []),
        ("", "", ["alarm", "late", "u2", "u1", "u0"]),
    ],
)
async def test_listing(department: str | None, manager: str | None, keys: list[str], service: BoardService) -> None:
    """By department, by account manager, by both; newest first."""
    found = await service.listing(CHINESE, department, manager)
    assert [entry.notice.id for entry in found] == [f"abc123-{key}" for key in keys]


async def test_entries_have_words(service: BoardService) -> None:
    """Each entry has its title and sentence in the reader's language."""
    (entry, _) = await service.listing(Wording("en"), "二部")
    assert (entry.title, entry.sentence) == ("Late start", "二部: today's calls start late: 停电.")


async def test_delivered_again(service: BoardService, board: SqlBoard, clock: HandClock) -> None:
    """A notice that comes twice is there once, as it came first, and stays acknowledged."""
    await service.acknowledge("abc123-u0", "李")
    await BoardSender(board, clock).deliver(notice(NoticeKind.UNREACHED, about("九部", "赵"), key="u0"))
    assert [entry.notice.acknowledged_by for entry in await service.listing(CHINESE, "一部", "李")] == ["李"]
    assert await service.listing(CHINESE, "九部") == []


async def test_acknowledging(service: BoardService, clock: HandClock) -> None:
    """An acknowledged notice carries who and when, and leaves the open list."""
    clock.advance(5)
    done = await service.acknowledge("abc123-u1", " 王 ")
    assert (done.acknowledged_by, done.acknowledged_at) == ("王", clock.at)
    left = await service.listing(CHINESE, "一部", open_only=True)
    assert [entry.notice.id for entry in left] == ["abc123-u0"]


async def test_pages(service: BoardService) -> None:
    """A page is a slice; one that makes no sense is refused."""
    found = await service.listing(CHINESE, page=Page(limit=2, offset=1))
    assert [entry.notice.id for entry in found] == ["abc123-late", "abc123-u2"]
    for page in (Page(limit=0), Page(limit=501), Page(offset=-1)):
        with pytest.raises(BadInput):
            await service.listing(CHINESE, page=page)


async def test_refused(service: BoardService) -> None:
    """An unknown notice, or nobody's acknowledgement, is refused."""
    with pytest.raises(NotFound):
        await service.acknowledge("abc123-none", "李")
    with pytest.raises(BadInput):
        await service.acknowledge("abc123-u0", " ")


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
