"""The pages that people see. How to add to them:

**A page.** Write ``async def show_thing(screen: Screen) -> web.StreamResponse`` in the module of its group, let it
end in ``return screen.render("thing.html", rows=...)``, and put ``page("/thing", show_thing, LEADERS, nav="Thing",
key="7")`` into the module's ``PAGES`` (those of a new module go into :mod:`dialer.web.parts`); that row is also its
policy (:mod:`dialer.web.kit.access.roles`). Look rows up through ``screen.rows`` (``rows.visit(visit, screen.state)``,
``rows.agent(number, screen.state)``) or ask one of the API's handlers, which does so:
``await list_visits(screen.api(VisitsParams(state="waiting")))``. ``/pages/...`` addresses are for fragments,
everything else for whole pages. ``screen`` also has ``t``, ``format``, ``now``, ``today``, ``query``, ``path``,
``form``, ``state``, ``services``, ``ask(command)``, and ``overview()``.

**A template.** ``templates/thing.html`` in the part's folder extends ``base.html`` and fills the blocks
``title``, ``main`` and, if needed, ``actions`` (right of the title), ``scripts`` (``<script type="module"
src="/static/thing.js">``) and ``words`` (see below). No inline script, no ``style=`` and no ``on...=``: the policy of
:mod:`dialer.web.kit.http.guard` forbids them; sizes of bars are SVG attributes (macros ``bar``, ``badge``, ``pager``,
``kbd`` in ``parts.html``). Times: ``{{ f.time(at) }}``, also ``clock date day moment duration number percent``. Words
of codes: ``{{ visit.state|visit_state }}``, also ``role result disposition hung_up_by presence``.

**A change.** From a form: POST with ``<input type="hidden" name="csrf" value="{{ csrf }}">``; ends in ``see(path)``.
From a script: ``import { api } from "./api.js"``; ``await api("POST", "/campaign/pause", {reason})`` calls /api/v1 with
the session and the token, shows a refusal as a toast in the person's language, and throws. Or without a script:
``<button data-api="POST /campaign/resume" data-body='{}' data-confirm="{{ _('...') }}">``. The audit log is
written by itself (:mod:`dialer.web.kit.access.audit_log`). A new API route: a row in the ``ROUTES`` of its module.

**A live fragment.** ``<section data-live="/pages/thing/list" data-on="visit attempt agent" data-every="30">``: its
content is fetched anew when one of these events comes (at most twice a second), every 30 s, and after a lost
connection; what is focused, scrolled or typed in it stays. The handler renders a template without base; one handler
serves a page and its fragment where it ends in ``screen.render_live("thing.html", ...)``. Running clocks:
``<time data-since="{{ agent.since.isoformat() }}">``, counting down: ``data-until``. A script hears events by
``import { on } from "./live.js"``; ``on("attempt", (attempt) => ...)``.

**A key.** ``data-key="o"`` on a button, link or field presses or focuses it, when no field is being typed in
(``data-key="alt+o"`` always); ``{{ kbd("O") }}`` shows it. F1 or ? lists the keys of the page by their names. In a
field Ctrl+Enter saves its form, and Esc leaves it. ``<form data-draft="note:7">`` keeps what is typed in the browser
until the form is reset.

**A sentence.** English in the code: ``_("...")`` in templates, ``screen.t("{n} rows", n=3)`` in Python,
``N_("...")`` in tables. Its Chinese goes into ``dialer/locale/zh/LC_MESSAGES/dialer.po``. A script's words: the
block ``words`` holds ``data-word-name="{{ _('...') }}"`` attributes, read by ``word("name")`` of ``words.js``.

**A test.** ``tests/web``: ``async with open_people(folder) as people`` (fixture ``people``) gives a dialer
with one person of each role; ``await people.get("leader", "/floor")`` is the page as text.
"""
