"""Long listings by pages: one more row than fits is asked for, which says whether there is another page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from dialer.campaign.model.query import Page
from dialer.web.kit.http.query import whole

T = TypeVar("T")
SIZE = 50
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Rows of one page; ``number`` counts from 1. ``before`` and ``after`` are addresses, "" when there is none."""

    rows: Sequence[T]
    number: int
    before: str
    after: str


def wanted_page(query: Mapping[str, str]) -> Page:
    """What to ask a store for: the page that ``?page=`` names, the first one for whatever is no number."""
    number = min(max(whole(query.get("page", "")) or 1, 1), _MOST)
    return Page(SIZE + 1, (number - 1) * SIZE)


def sliced(found: Sequence[T], path: str, query: Mapping[str, str]) -> Slice[T]:
    """What was found by :func:`wanted_page`, as a page with its neighbours' addresses; other search terms are kept."""
    number = wanted_page(query).offset // SIZE + 1
    return Slice(
        rows=found[:SIZE],
        number=number,
        before=address(path, query, page=number - 1) if number > 1 else "",
        after=address(path, query, page=number + 1) if len(found) > SIZE else "",
    )


def address(path: str, query: Mapping[str, str], **changes: Any) -> str:  # noqa: ANN401 - whatever can be written
    """An address with the search terms of this page and some of them changed; None and "" leave a term out."""
    terms = {**query, **changes}
    text = urlencode(
        {name: value for name, value in terms.items() if value not in (None, "", 1 if name == "page" else None)}
    )
    return f"{path}?{text}" if text else path
