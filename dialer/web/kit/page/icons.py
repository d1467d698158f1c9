"""The icons, drawn into the page from the sprite that set-up makes of npm's; without it words stand alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from markupsafe import Markup

_SYMBOL = re.compile(r'<symbol id="([\w-]+)">(.*)</symbol>')


@cache
def drawings() -> Mapping[str, str]:
    """What each icon is drawn of, by its name."""
    sprite = files("dialer.web.kit").joinpath("icons", "sprite.svg")
    return dict(_SYMBOL.findall(sprite.read_text(encoding="utf-8"))) if sprite.is_file() else {}


def icon(name: str) -> Markup:
    """An icon for the eye only, as large as the letters beside it; "" where the sprite has not been made."""
    drawn = drawings().get(name)
    if drawn is None:
        return Markup()
    return Markup('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(Markup(drawn))  # noqa: S704 - a locked archive's
