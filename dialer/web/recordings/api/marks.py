"""Notes on recordings, and marks at a time in them."""

from __future__ import annotations

from dialer.errors import BadInput
from dialer.people.marks import Mark
from dialer.web.kit.api.routes import Request
from dialer.web.kit.http.answers import View, view_of
from dialer.web.kit.http.query import AttemptPath, Input, NoBody, RowId, Text
from dialer.web.recordings.api.recordings import Seconds, for_listeners


class MarkPath(AttemptPath):
    """One mark of a recording."""

    mark: RowId


class MarkBody(Input):
    """A mark at ``position_s`` seconds, whose text may be empty; without a position a note on the whole recording."""

    position_s: Seconds | None = None
    text: Text = ""


class MarkView(view_of(Mark), View):  # type: ignore[misc]  # made of a record
    """What a listener wrote about a recording."""

    position_s: float | None
    """Seconds from the start of the recording; null: about all of it."""


async def list_marks(request: Request[AttemptPath, NoBody]) -> list[MarkView]:
    """Notes on the whole recording, then marks by position."""
    return [MarkView.model_validate(mark) for mark in await request.services.marks.marks(request.params.attempt)]


async def add_mark(request: Request[AttemptPath, MarkBody]) -> MarkView:
    """Write a note, or mark a time; who wrote it stays with it."""
    position_s, text = request.body.position_s, request.body.text.strip()
    if position_s is None and not text:
        raise BadInput("a note needs a text; only a mark at a position may go without")
    mark = Mark(request.params.attempt, request.now, request.by, text, position_s)
    return MarkView.model_validate(await request.services.marks.add_mark(mark))


async def remove_mark(request: Request[MarkPath, NoBody]) -> None:
    """Remove a mark of one's own."""
    await request.services.marks.remove_mark(request.params.attempt, request.params.mark, request.by)


_MARKS = "/recordings/{attempt}/marks"
ROUTES = (
    for_listeners("GET", _MARKS, list_marks),
    for_listeners("POST", _MARKS, add_mark, status=201, fails=(404,)),
    for_listeners("DELETE", f"{_MARKS}/{{mark}}", remove_mark, fails=(404,)),
)
