"""Style sheets and scripts as a browser gets them: packed, small, and not sent again while they are the same."""

from __future__ import annotations

from dialer.web.kit.page.static import of_parts
from tests.web.people import People

MOST = 60_000


async def test_scripts_and_styles_are_small(people: People) -> None:
    """All of them together, over the line."""
    names = [each.name for each in of_parts("static") if each.name.endswith((".css", ".js"))]
    sizes = {}
    for name in names:
        packed = await people.ask("leader", "GET", f"/static/{name}", headers={"Accept-Encoding": "gzip"})
        sizes[name] = int(packed.headers["Content-Length"])
    assert sum(sizes.values()) < MOST, sizes


async def test_packed_and_plain_are_two(people: People) -> None:
    """Who takes no gzip gets plain text, under a hash of its own."""
    plain, packed = [
        await people.ask("leader", "GET", "/static/app.css", headers={"Accept-Encoding": how})
        for how in ("identity", "gzip")
    ]
    assert plain.text == packed.text
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == "Accept-Encoding"
