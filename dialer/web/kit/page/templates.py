"""The templates, and what every one of them can use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from dialer.campaign import wording
from dialer.campaign.staff import Role
from dialer.campaign.wording import Language, Words
from dialer.web.kit.page.folders import of_parts
from dialer.web.kit.page.paging import address
from dialer.web.kit.page.texts import REFUSALS, look_up, mark

ROLES: Mapping[Role, Words] = {
    Role.AGENT: Words("电访员", "Agent"),
    Role.TEAM_LEADER: Words("座席班长", "Team leader"),
    Role.SUPERVISOR: Words("主任", "Supervisor"),
    Role.ADMINISTRATOR: Words("系统管理员", "Administrator"),
}
_TABLES: Mapping[str, Mapping[Any, Words]] = {
    "role": ROLES,
    "visit_state": wording.VISIT_STATES,
    "result": wording.RESULTS,
    "disposition": wording.DISPOSITIONS,
    "presence": wording.PRESENCES,
}
FOR_SCRIPTS: Mapping[str, str] = {
    "lost": mark("The connection is lost. What you see may be out of date; it comes back by itself."),
    "back": mark("Connected again."),
    "failed": mark("The server cannot be reached. Nothing was changed."),
    "done": mark("Done."),
    "close": mark("Close"),
    "keys": mark("Keys on this page"),
}
"""Words of the scripts, which find them in the page; pages add their own by the block ``words``."""


def prepared(template: str, language: Language, values: Mapping[str, object]) -> Callable[..., str]:
    """What renders a template of some part with ``values`` and more, in a thread as well."""
    return partial(environment(language).get_template(f"pages/{template}").render, **values)


@cache
def sources() -> Mapping[str, str]:
    """Every template, as it was when this was first asked for.

    A service that runs on while its files are replaced by those of another version must not mix the two: an
    older handler does not give a newer template what it asks for.
    """
    return {
        f"pages/{each.name}": each.read_text(encoding="utf-8")
        for each in of_parts("templates")
        if each.name.endswith(".html")
    }


@cache
def environment(language: Language) -> Environment:
    """The templates in a language; ``_("...")`` and ``{% trans %}`` translate."""
    made = Environment(
        loader=FunctionLoader(lambda name: (sources()[name], name, lambda: True) if name in sources() else None),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )

    def gettext(message: str) -> str:
        return look_up(language, message)

    def ngettext(one: str, many: str, count: int) -> str:
        return look_up(language, one) if language == "zh" or count == 1 else many

    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension
    for name, table in _TABLES.items():
        made.filters[name] = _worded(table, language)
    made.globals.update(
        address=address,
        script_words={name: look_up(language, text) for name, text in FOR_SCRIPTS.items()}
        | {f"refused.{code}": look_up(language, text) for code, text in REFUSALS.items()},
    )
    return made


def _worded(table: Mapping[Any, Words], language: Language) -> Any:  # noqa: ANN401 - a filter
    def word(code: Any) -> str:  # noqa: ANN401 - a code, or None
        if code in (None, ""):
            return ""
        return table[code].of(language) if code in table else str(code)

    return word
