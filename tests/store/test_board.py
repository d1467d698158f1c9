"""The built-in board's storage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.campaign.records import BoardNotice, Page
from dialer.errors import NotFound
from dialer.store.board import SqlBoard
from dialer.store.database import Database
from tests.contracts.made_up import NOW, at

FIRST = BoardNotice("a", "visit.unreached", NOW, "城东营销部", "李经理", {"text": "未接通"})
SECOND = BoardNotice("b", "day.late_start", at(1), "城西营销部", "", {})


@pytest.fixture
async def board(database: Database) -> SqlBoard:
    board = SqlBoard(database)
    assert await board.post(FIRST)
    assert await board.post(SECOND)
    return board


async def test_delivered_again(board: SqlBoard) -> None:
    """The same notice is stored once, as it was first."""
    assert not await board.post(replace(FIRST, body={"text": "again"}))
    assert await board.listing(None, None, False, Page()) == [SECOND, FIRST]


async def test_listing(board: SqlBoard) -> None:
    """By department, by account manager, page by page."""
    assert await board.listing("城东营销部", None, False, Page()) == [FIRST]
    assert await board.listing(None, "李经理", False, Page()) == [FIRST]
    assert await board.listing("城西营销部", "李经理", False, Page()) == []
    assert await board.listing(None, None, False, Page(1, 1)) == [FIRST]


async def test_acknowledging(board: SqlBoard) -> None:
    """Who read a notice first is on record, and it is no longer open."""
    read = replace(FIRST, acknowledged_at=at(5), acknowledged_by="李经理")
    assert await board.acknowledge("a", "李经理", at(5)) == read
    assert await board.acknowledge("a", "主任", at(6)) == read
    assert await board.listing(None, None, True, Page()) == [SECOND]
    with pytest.raises(NotFound):
        await board.acknowledge("c", "主任", at(6))
