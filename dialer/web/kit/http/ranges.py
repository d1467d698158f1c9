"""Byte ranges and entity tags of RFC 9110, as far as playing a file needs them."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)


def parse_range(header: str | None, size: int) -> range | None:
    """The bytes that ``header`` asks for; None means all of the file.

    A header that cannot be understood, or that asks for several ranges, is ignored, as RFC 9110 14.2 allows. The
    range is empty when no byte of the file is in it.
    """
    found = _RANGE.fullmatch(header or "")
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(size - int(found[2]), 0), size)
    first = int(found[1])
    last = int(found[2]) if found[2] else size - 1
    if found[2] and last < first:
        return None
    return range(first, min(last + 1, size))


def matches(header: str | None, etag: str, *, weak: bool = True) -> bool:
    """Whether an If-None-Match (``weak``) or If-Range (not) header names ``etag``."""
    if not header:
        return False
    if header.strip() == "*":
        return weak
    tags = [tag.strip() for tag in header.split(",")]
    return etag in tags or (weak and f"W/{etag}" in tags)
