"""The built-in board's storage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.campaign.model.query import Page, VisitScope
from dialer.errors import NotFound
from dialer.notices.board import BoardNotice
from dialer.store.database import Database
from dialer.store.records.board import SqlBoard
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


async def test_of_a_team(board: SqlBoard) -> None:
    """Dealt to the team, or to one of its agents and to no team; what is about nobody is not of a team."""
    owners = {"c": ("A", None), "d": ("A", "001"), "e": (None, "001"), "f": ("B", "001"), "g": (None, "002")}
    for key, (team, agent) in owners.items():
        body = {"data": {"team": team, "agent": agent}}
        await board.post(BoardNotice(key, "unreached", at(9), "城东营销部", "李经理", body))

    async def found(scope: VisitScope) -> str:
        return "".join(sorted(notice.id for notice in await board.listing(None, None, False, Page(), scope)))

    assert await found(VisitScope("A", frozenset({"001"}))) == "cde"
    assert await found(VisitScope("A", frozenset())) == "cd"
    assert await found(VisitScope(None, frozenset({"002"}))) == "g"
    assert await found(VisitScope(None, frozenset())) == ""
    assert len(await board.listing(None, None, False, Page(2), VisitScope("A", frozenset({"001"})))) == 2


async def test_what_waits_is_counted(board: SqlBoard) -> None:
    """By department and account manager, without what was acknowledged."""
    await board.post(replace(FIRST, id="c", body={"data": {"team": "A", "agent": None}}))
    assert sorted(await board.waiting()) == [("城东营销部", "李经理", 2), ("城西营销部", "", 1)]
    assert await board.waiting(VisitScope("A", frozenset())) == [("城东营销部", "李经理", 1)]
    await board.acknowledge("a", "李经理", at(5))
    assert sorted(await board.waiting()) == [("城东营销部", "李经理", 1), ("城西营销部", "", 1)]
