"""The templates, and what every one of them can use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from dialer.campaign.views import wording
from dialer.language import N_, Language, look_up
from dialer.people.staff import Role
from dialer.web.kit.page.format import capital
from dialer.web.kit.page.icons import icon
from dialer.web.kit.page.paging import address
from dialer.web.kit.page.refusals import REFUSALS
from dialer.web.kit.page.states import ICONS, STATES, status_of
from dialer.web.kit.page.static import of_parts

ROLES: Mapping[Role, str] = {
    Role.AGENT: N_("Agent"),
    Role.TEAM_LEADER: N_("Team leader"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
_TABLES: Mapping[str, Mapping[Any, str]] = {
    "role": ROLES,
    "hung_up_by": wording.HUNG_UP_BY,
    **{family: {code: each.word for code, each in states.items()} for family, states in STATES.items()},
}
"""By the name of the filter: codes in words, as a label begins."""

FOR_SCRIPTS: Mapping[str, str] = {
    "lost": N_("Connection lost. This page may be out of date; it will update when the connection is back."),
    "failed": N_("The server cannot be reached. Nothing was changed."),
    "done": N_("Done."),
    "because": N_("{said} ({why})"),
    "field": N_("{name}: {why}"),
    "close": N_("Close"),
}
"""Words of the scripts, which find them in the page; pages add their own by the block ``words``."""


@cache
def sources() -> Mapping[str, str]:
    """Every template, as it was when this was first asked for.

    A service that runs on while its files are replaced by those of another version must not mix the two: an
    older handler does not give a newer template what it asks for.
    """
    return {
        each.name: each.read_text(encoding="utf-8") for each in of_parts("templates") if each.name.endswith(".html")
    }


@cache
def environment(language: Language) -> Environment:
    """The templates in a language, with ``_`` and ``ngettext``."""
    made = Environment(
        loader=FunctionLoader(lambda name: (sources()[name], name, lambda: True) if name in sources() else None),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(spoken(language))
    for name, table in _TABLES.items():
        made.filters[name] = partial(_word, table, language)
    made.globals.update(
        address=address,
        icon=icon,
        kind_icons=ICONS,
        status_of=partial(status_of, language),
        lang="zh-CN" if language == "zh" else "en",
        other="en" if language == "zh" else "zh",
        script_words={name: look_up(language, text) for name, text in FOR_SCRIPTS.items()}
        | {f"refused.{code}": look_up(language, text) for code, text in REFUSALS.items()},
    )
    return made


def compiled(*languages: Language) -> None:
    """Compile every template now, a second for a language: else everybody waits when a page is first looked at."""
    for language in languages:
        made = environment(language)
        for name in sources():
            made.get_template(name)


def spoken(language: Language) -> Mapping[str, Callable[..., Markup]]:
    """What words sentences in templates: ``_("Page {number}", number=3)``, ``ngettext("{n} row", "{n} rows", n)``.

    What stands in their places is escaped, as everything that is not :class:`~markupsafe.Markup`.
    """

    def filled(sentence: str, values: Mapping[str, object]) -> Markup:
        return escape(sentence).format(**values) if values else escape(sentence)

    def gettext(english: str, *, context: str | None = None, **values: object) -> Markup:
        return filled(look_up(language, english, context), values)

    def ngettext(one: str, many: str, n: int, **values: object) -> Markup:
        return filled(look_up(language, many if language == "en" and n != 1 else one), {"n": n, **values})

    return {"_": gettext, "ngettext": ngettext}


def _word(table: Mapping[Any, str], language: Language, code: str | None) -> str:
    if not code:
        return ""
    return capital(look_up(language, table[code])) if code in table else str(code)
