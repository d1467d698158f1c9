"""Importing a list: what will change, and every bad row in its place, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from aiohttp import web

from dialer.campaign.commands.import_report import ImportReport, WithdrawsMany
from dialer.campaign.messages import ImportList
from dialer.campaign.model.customer import ListRow, VisitList
from dialer.errors import BadInput, ListRefused, Refused, RowProblem
from dialer.language import N_, reword
from dialer.web.kit.access.roles import LEADERS, Forbidden
from dialer.web.kit.http.audit_entry import audit_entry
from dialer.web.kit.http.bodies import read_upload
from dialer.web.kit.http.query import whole
from dialer.web.kit.localtime import day_of
from dialer.web.kit.page.screen import Screen, page

_MOST_LINES = 400

CHANGES = (
    ("added", N_("New"), "good"),
    ("updated", N_("Changed"), "busy"),
    ("restored", N_("Restored"), "good"),
    ("withdrawn", N_("Removed"), "warn"),
    ("stayed", N_("Not removed: in a row that was left out"), "warn"),
    ("kept", N_("Unchanged: already called"), "idle"),
    ("shared", N_("Number shared by customers"), "warn"),
    ("doubtful", N_("Doubtful number"), "warn"),
)
"""Lists of an import's report: name, words, badge."""
_FIELDS = {"agent": N_("Agent"), "code": N_("Customer code")}
"""Fields that the rules find at fault in a row that can be read."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of the file as it is shown: a good row, or what is wrong with a bad one. ``gap``: lines are left out."""

    row: int
    good: ListRow | None = None
    problems: Sequence[RowProblem] = ()
    gap: bool = False


async def show_import(screen: Screen) -> web.StreamResponse:
    """Choose a file."""
    return screen.render("floor_import.html", whole=screen.rows.everything, today=screen.today)


async def take_import(screen: Screen) -> web.StreamResponse:
    """Preview a file, or import it (``?do=import``); answers with a fragment. The file is the body."""
    config, query = screen.context.config, screen.query
    upload = await read_upload(screen.request, config.max_upload, config.upload_s)
    if not upload.data:
        raise BadInput("choose a file")
    if not screen.rows.everything:
        raise Forbidden("this concerns every team; it needs a team leader of the whole department or a supervisor")
    day = day_of(query.get("day") or screen.today.isoformat())
    name = query.get("list", "").strip()[:64] or "main"
    filename = query.get("filename", "")[:255] or name
    sheet = query.get("sheet", "")[:64]
    sheets: tuple[str, ...] = ()
    doing = query.get("do") == "import"
    entry = audit_entry(screen.request)
    entry.about({}, {"filename": filename, "list": name, "day": day.isoformat(), "bytes": len(upload.data)})
    entry.silent = True  # a preview changes nothing, nor does a list that is refused
    problems: list[RowProblem] = []
    report: ImportReport | None = None
    visits = VisitList(name, ())
    many = 0
    message = ""
    try:
        visits = await screen.services.read_visits(upload.data, filename, name, sheet=sheet, skip_bad=True)
        problems += visits.problems
        report, more = await _preview(screen, day, visits)
        problems += more
        if doing and (not problems or query.get("skip") == "yes"):
            withdraw = whole(query.get("withdraw", "")) or 0
            command = ImportList(by=screen.by, day=day, visits=visits, skip_bad=True, withdraw=withdraw)
            entry.silent = False
            report = await _asked(screen, command)
    except WithdrawsMany as asked:
        entry.silent = True
        message, many = _message(asked, screen), asked.count
    except BadInput as error:
        entry.silent = True
        message, sheets = _message(error, screen), _sheets(error)
        if isinstance(error, ListRefused):  # not one row can be read, or the header is wrong
            problems = list(error.problems)

    def late() -> Mapping[str, object]:
        told = [replace_reason(problem, screen) for problem in problems]
        return {"problems": told, "bad": len({p.row for p in told}), "lines": _sheet(visits.rows, told)}

    return await screen.render_aside(
        "_floor_import.html",
        late,
        report=report, done=report is not None and not report.preview, message=message, changes=CHANGES,
        rows=len(visits.rows), day=day, sheet=sheet, sheets=sheets, many=many,
        skip=query.get("skip", ""),
    )  # fmt: skip


async def _preview(screen: Screen, day: date, visits: VisitList) -> tuple[ImportReport, Sequence[RowProblem]]:
    """What would change, and what is wrong with rows that could be read."""
    command = ImportList(by=screen.by, day=day, visits=visits, preview=True)
    try:
        return await _asked(screen, command), ()
    except ListRefused as error:
        return await _asked(screen, replace(command, skip_bad=True)), error.problems


async def _asked(screen: Screen, command: ImportList) -> ImportReport:
    told = await screen.ask(command, screen.context.config.import_s)
    assert isinstance(told, ImportReport)
    return told


def _message(error: Refused, screen: Screen) -> str:
    """What is wrong with the whole file, in the person's language, where the error knows its own reason."""
    reason = getattr(error, "reason", None)
    return str(reason.text(screen.language)) if reason is not None else reword(str(error), screen.language)


def _sheets(error: BadInput) -> tuple[str, ...]:
    """The sheets out of which a person must choose."""
    reason = getattr(error, "reason", None)
    return tuple(reason.params.get("sheets", ())) if reason is not None else ()


def replace_reason(problem: RowProblem, screen: Screen) -> RowProblem:
    """The problem in the person's language, where it knows its own reason."""
    why = getattr(problem, "why", None)
    if why is not None:
        return RowProblem(problem.row, problem.column, problem.value, why.text(screen.language))
    column = screen.t(_FIELDS[problem.column]) if problem.column in _FIELDS else problem.column
    return RowProblem(problem.row, column, problem.value, reword(problem.reason, screen.language))


def _sheet(rows: Sequence[ListRow], problems: Iterable[RowProblem]) -> list[SheetLine]:
    """The bad rows with the good ones before and after them, in the file's order; the rest is left out."""
    wrong: dict[int, list[RowProblem]] = {}
    for problem in problems:
        wrong.setdefault(problem.row, []).append(problem)
    good = {row.row: row for row in rows if row.row not in wrong}
    near = {row + step for row in wrong for step in (-1, 0, 1)}
    lines: list[SheetLine] = []
    last = None
    for number in sorted(near & (wrong.keys() | good.keys()))[:_MOST_LINES]:
        if last is not None and number > last + 1:
            lines.append(SheetLine(number - 1, gap=True))
        lines.append(SheetLine(number, good.get(number), wrong.get(number, ())))
        last = number
    return lines


PAGES = (
    page("/floor/import", show_import, LEADERS),
    page("/pages/floor/import", take_import, LEADERS, method="POST", takes_file=True, turn="heavy"),
)
