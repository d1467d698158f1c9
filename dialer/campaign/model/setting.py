"""Which fields of the rules' records ``dialer.toml`` sets, and what it may set them to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def setting(*, check: Callable[[Any], Any] | None = None, **limits: object) -> Mapping[str, object]:
    """Metadata of a field that can be set.

    ``limits`` are pydantic's (``ge``, ``pattern`` ...), those of a duration in seconds. ``check`` gives the value back
    or raises ``ValueError`` that says what would be right.
    """
    return {"setting": limits if check is None else limits | {"check": check}}
