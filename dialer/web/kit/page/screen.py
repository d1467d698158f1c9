"""A page: one row of the table, and what its handler gets in hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from dialer.campaign.views.overview import Overview
from dialer.language import Language, Translate, translator
from dialer.people.accounts import Signed
from dialer.people.staff import Role, Staff
from dialer.web.kit.access.roles import Policy
from dialer.web.kit.access.rows import Rows
from dialer.web.kit.access.sessions import NotSignedIn, caller_for
from dialer.web.kit.access.tokens import LOCAL_TOKEN, Caller
from dialer.web.kit.access.turns import Turn
from dialer.web.kit.api.routes import Request
from dialer.web.kit.context import InHand
from dialer.web.kit.http.query import NoBody
from dialer.web.kit.page.format import Format
from dialer.web.kit.page.templates import environment

P = TypeVar("P", bound=BaseModel)

HOMES: Mapping[Role, str] = {
    Role.AGENT: "/agent",
    Role.TEAM_LEADER: "/floor",
    Role.SUPERVISOR: "/recordings",
    Role.ADMINISTRATOR: "/admin",
}
"""Where a person begins."""
SCHEME_COOKIE = "dialer_scheme"
SCHEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Screen(InHand):
    """One request of a person for a page.

    ``form`` is what a POST brought, one value for each name; ``pages`` are all that there are, for the navigation.
    """

    request: web.Request
    language: Language
    signed: Signed | None
    form: Mapping[str, str]
    pages: Sequence[PageRoute]

    @property
    def staff(self) -> Staff:
        """Who it is. Raises NotSignedIn, on pages that are open to everybody only."""
        if self.signed is None:
            raise NotSignedIn
        return self.signed.staff

    @property
    def rows(self) -> Rows:
        """Which visits, calls and agents the person may see; look everything up through it."""
        return Rows(self.staff)

    @property
    def query(self) -> Mapping[str, str]:
        """What stands after the question mark, the first value of each name."""
        return {name: self.request.query[name] for name in self.request.query}

    @property
    def path(self) -> Mapping[str, str]:
        """The parts of the address that have names."""
        return self.request.match_info

    @property
    def scheme(self) -> str:
        """See :func:`scheme_of`."""
        return scheme_of(self.request)

    @property
    def t(self) -> Translate:
        """Words in the person's language."""
        return translator(self.language)

    def named(self, who: str) -> str:
        """Who did something, as it is shown: our own command line has a name in words."""
        name, _, person = who.partition(" for ")
        if name != LOCAL_TOKEN:
            return who
        shown = self.t("Command line on this machine")
        return f"{shown} ({person})" if person else shown

    @property
    def format(self) -> Format:
        """Times and numbers in the person's language."""
        return Format(self.language, self.zone)

    @property
    def asker(self) -> Caller | None:
        """The person; None when nobody is signed in."""
        return caller_for(self.signed) if self.signed else None

    @property
    def by(self) -> str:
        """The person, as the history names them: for commands."""
        return caller_for(self.signed).name if self.signed else ""

    def overview(self) -> Overview | None:
        """The day's overview, or None until it has been loaded."""
        return self.context.overview_if_loaded()

    def api(self, params: P) -> Request[P, NoBody]:
        """A request to one of the API's handlers, in this person's name: ``await list_recordings(screen.api(...))``.

        The handler shows the person's rows only; that their role may use it at all is the page's own row to say.
        """
        if self.signed is None:
            raise NotSignedIn
        return Request(self.context, caller_for(self.signed), params, NoBody(), self.request)

    def render_live(self, template: str, **values: object) -> web.Response:
        """A page, or at its address under ``/pages/`` the fragment in it that changes: ``_`` and the same name."""
        name = f"_{template}" if self.request.path.startswith("/pages/") else template
        return _page(self._prepared(name, values)())

    def render(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        """A page or a fragment from a part's ``templates``, with ``screen`` and the helpers of base.html."""
        return _page(self._prepared(template, values)(), status)

    async def render_aside(
        self, template: str, late: Callable[[], Mapping[str, object]], **values: object
    ) -> web.Response:
        """A long page, made in a thread: meanwhile calls go on. ``late`` gives more values, there too."""
        made = self._prepared(template, values)
        return _page(await self.aside(lambda _left: made(**late())))

    def _prepared(self, template: str, values: Mapping[str, object]) -> Callable[..., str]:
        """Called on the loop, since it looks at the day's state; what it gives renders in a thread as well."""
        signed = self.signed
        staff = signed.staff if signed else None
        day = self.overview() if signed else None
        frame = {
            "screen": self,
            "staff": staff,
            "csrf": signed.csrf if signed else "",
            "nav": [page for page in self.pages if page.is_for(staff)] if staff and not staff.must_change else (),
            "here": self.request.path,
            "f": self.format,
            "rehearsal": day is not None and day.rehearsal,
            "version": self.services.version,
        }
        return partial(environment(self.language).get_template(template).render, {**frame, **values})


def scheme_of(request: web.Request) -> str:
    """The colours that were chosen in this browser: one of :data:`SCHEMES`, or "" for the system's."""
    chosen = request.cookies.get(SCHEME_COOKIE, "")
    return chosen if chosen in SCHEMES else ""


def see(path: str) -> web.Response:
    """Go and look at another page."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path, "Cache-Control": "no-store"})


def _page(html: str, status: int = 200) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


Handler = Callable[[Screen], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One row of the table of pages. ``roles`` None: open to everybody, signed in or not.

    ``nav`` is its name in the navigation, in English, "" for none; ``key`` the letter that opens it with Alt.
    ``listeners``: also an administrator who may hear recordings. ``opens``: it opens a recording (audit log).
    ``stale``: also for a person who must choose a password first. ``takes_file``: the handler reads
    the body, which is a file. ``turn``: what is not light nobody has many of at a time.
    """

    path: str
    handler: Handler
    roles: frozenset[Role] | None
    _: KW_ONLY
    method: str = "GET"
    nav: str = ""
    key: str = ""
    listeners: bool = False
    opens: bool = False
    stale: bool = False
    takes_file: bool = False
    turn: Turn = "light"

    @property
    def policy(self) -> Policy | None:
        """Who may use it; None: everybody."""
        return None if self.roles is None else Policy(self.roles, listeners=self.listeners, opens=self.opens)

    @property
    def name(self) -> str:
        """For the audit log."""
        return self.handler.__name__

    def is_for(self, staff: Staff) -> bool:
        """Whether it stands in this person's navigation."""
        return bool(self.nav) and self.policy is not None and self.policy.admits(staff)


page = PageRoute
