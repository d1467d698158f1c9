"""What remains, for dialling by hand when the machine cannot: on screen, on paper, as a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from dialer.campaign.commands.manual_call import Unfit
from dialer.campaign.messages import EnterManualCall
from dialer.campaign.model.customer import HEADINGS, Customer
from dialer.campaign.model.visit import Result, Visit, VisitState
from dialer.campaign.views.wording import VISIT_STATES
from dialer.errors import BadInput, Refused
from dialer.language import N_
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.http.audit_entry import audit_entry
from dialer.web.kit.localtime import instant
from dialer.web.kit.page.day import agents_of, customers_of, visits_of
from dialer.web.kit.page.refusals import explained
from dialer.web.kit.page.screen import Screen, page
from dialer.web.kit.page.sheet import Column, Table, answer, xlsx

_DIGITS = 4
_REMAINING = (VisitState.WAITING, VisitState.CALLING, VisitState.UNREACHED, VisitState.OUT_OF_TIME)
COLUMNS = (
    (N_("Position"), 6), (N_("Agent"), 8), (HEADINGS["code"], 14), (HEADINGS["shop_name"], 24),
    (HEADINGS["person"], 12), (N_("Phone"), 16), (N_("State"), 12), (N_("Calls made so far"), 8),
    (N_("Promised for"), 10), (HEADINGS["department"], 16), (HEADINGS["account_manager"], 12),
    (HEADINGS["quota"], 12), (HEADINGS["remarks"], 24), (N_("Manual call time"), 12), (N_("Manual result"), 20),
)  # fmt: skip
"""Headings, and how wide they are on paper."""


def remaining(screen: Screen) -> list[Visit]:
    """Today's visits that somebody could still dial, of one agent when ``?agent=`` names one, in visit order."""
    agent = screen.query.get("agent", "")
    unreached = screen.query.get("unreached") == "yes"
    states = _REMAINING if unreached else _REMAINING[:2]
    visits = [v for v in visits_of(screen) if v.state in states and agent in ("", v.agent)]
    return sorted(visits, key=lambda v: (v.agent or "", v.order))


async def show_by_hand(screen: Screen) -> web.StreamResponse:
    """The list, ready to be printed, and the form to enter what was done.

    What was entered already stands in the form, so that correcting one field keeps the others.
    """
    code, f = screen.query.get("code", "").strip(), screen.format
    visit = _visit(screen, code)
    entry = {"code": code}
    if visit is not None and (hand := visit.hand) is not None:
        entry |= {
            "result": hand.result or "", "at": f.clock(hand.at), "tries": str(hand.tries), "order": hand.order,
            "promised": f.clock(hand.promised), "text": hand.text, "who": hand.who,
        }  # fmt: skip
    return await _listed(screen, entry)


def _visit(screen: Screen, code: str) -> Visit | None:
    return next((each for each in visits_of(screen) if each.customer == code), None)


async def enter_by_hand(screen: Screen) -> web.StreamResponse:
    """Take one row of a sheet in; what is wrong with it is said beside the form, and nothing that was typed is lost."""
    form = screen.form
    try:
        visit = await _entered(screen)
    except Refused as error:
        audit_entry(screen.request).silent = True  # nothing was entered
        return await _listed(screen, form, explained(error, screen.language))
    done = screen.t("Entered: {code}, {state}.", code=visit.customer, state=screen.t(VISIT_STATES[visit.state]))
    return await _listed(screen, {"who": form.get("who", "")}, done=done)


async def _entered(screen: Screen) -> Visit:
    form, state = screen.form, screen.state
    code = form.get("code", "").strip()
    visit = _visit(screen, code)
    if visit is None:
        raise Unfit("not-on-list", f"customer {code} is not on today's list, or not one of yours")
    result, tries = form.get("result", ""), form.get("tries", "")
    at, promised = (form.get(name, "").strip() for name in ("at", "promised"))
    if result not in ("", *Result):
        raise BadInput(f"there is no result {result}; choose one of the list")
    if not (tries or "1").isdecimal() or len(tries) > _DIGITS:
        raise Unfit("tries-unfit", "write the number of calls in digits")
    command = EnterManualCall(
        by=screen.by,
        visit=visit.id,
        who=form.get("who", "").strip() or screen.by,
        at=instant(at, visit.day, screen.zone) if at else screen.now,
        tries=int(tries or "1"),
        result=Result(result) if result else None,
        text=form.get("text", ""),
        order=form.get("order", ""),
        promised=instant(promised, visit.day, screen.zone) if promised else None,
    )
    await screen.ask(command)
    return state.visit(visit.id)


async def _listed(screen: Screen, entry: Mapping[str, str], wrong: str = "", *, done: str = "") -> web.StreamResponse:
    visits = remaining(screen)
    names = await customers_of(screen, {v.id: v.customer for v in visits})
    return await screen.render_aside(
        "floor_hand.html",
        lambda: {"rows": [(v, names[v.id]) for v in visits]},
        count=len(visits),
        agents=agents_of(screen),
        query=screen.query,
        columns=[name for name, _ in COLUMNS],
        entry=entry,
        wrong=wrong,
        done=done,
        results=list(Result),
        by_hand=[v for v in visits_of(screen) if v.hand is not None],
    )


async def save_by_hand(screen: Screen) -> web.StreamResponse:
    """The list as XLSX."""
    visits = remaining(screen)
    names = await customers_of(screen, {v.id: v.customer for v in visits})
    columns = tuple(Column(screen.t(name), width=width) for name, width in COLUMNS)
    table = Table(columns, [_cells(screen, visit, names[visit.id]) for visit in visits])
    title = screen.t("Manual calls {day}", day=screen.today.isoformat())
    data = await screen.aside(lambda left: xlsx(title, "", table, screen.zone, on_paper=True, given_up=left), file=True)
    return answer(data, f"by-hand-{screen.today.isoformat()}.xlsx")


def _cells(screen: Screen, visit: Visit, c: Customer) -> list[str | int]:
    return [
        visit.order, visit.agent or visit.team or "", visit.customer, c.shop_name, c.person, visit.number,
        screen.t(VISIT_STATES[visit.state]), visit.attempts, screen.format.clock(visit.promised),
        c.department, c.account_manager, c.quota, c.remarks, "", "",
    ]  # fmt: skip


PAGES = (
    page("/floor/by-hand", show_by_hand, LEADERS, turn="heavy"),
    page("/floor/by-hand", enter_by_hand, LEADERS, method="POST"),
    page("/floor/by-hand.xlsx", save_by_hand, LEADERS, turn="heavy"),
)
