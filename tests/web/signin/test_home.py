"""Where each person begins, in both languages."""

from __future__ import annotations

import pytest

from tests.web.people import People


@pytest.mark.parametrize(
    ("who", "home"),
    [("agent", "/agent"), ("leader", "/floor"), ("supervisor", "/recordings"), ("administrator", "/admin")],
)
async def test_everybody_has_a_home(people: People, who: str, home: str) -> None:
    """The first page is the one of the role, and says who is there."""
    answer = await people.ask(who, "GET", "/")
    assert (answer.status, answer.url) == (200, home)
    assert f"{who} 王" in answer.text
    assert "退出登录" in answer.text
    await people.speak(who, "en")
    assert "Sign out" in await people.get(who, "/")
