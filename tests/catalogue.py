"""Where our sentences stand, for Babel, and the catalogue brought in line with them.

``python -m tests.catalogue`` takes out of ``dialer.po`` what nobody says any more and puts in what is new, without its
Chinese, which a person then writes (``tests/test_language.py`` names what lacks it). ``pybabel extract`` with ``-F
pyproject.toml -o dialer.pot .`` finds the same sentences by the methods below.

Marked are: what goes to ``t``, ``N_``, ``Text`` and ``_``; heads of the command line's tables and names of its checks;
the help of its commands; names of pages in the navigation; and what an error says, in the context ``error``, the places
of its f-string numbered.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "dialer" / "locale" / "zh" / "LC_MESSAGES" / "dialer.po"
METHODS = [("dialer/**.py", "tests.catalogue:python"), ("dialer/**.html", "tests.catalogue:template")]

_MARKS = {"t", "_t", "_", "N_", "Text", "look_up", "gettext"}
# Errors that are told by their codes, or are defects, or are the demonstration's own.
_BY_CODE = re.compile(r"web/(\w+/pages[/.]|kit/page/)|ami/actions\.py|demo/")
_ENOUGH = 8
"""Letters of an f-string by which it can be told from others."""
_HEAD = """# The Chinese of everything that people read; the English sentence in the code is the key.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: zh\\n"

"""
# Errors that no person reads: defects, what a program sent wrongly, and what pydantic collects.
_UNSEEN = {
    "AssertionError", "FileExistsError", "GuardFailed", "Malformed", "NotAllowed", "NotAuthenticated", "TooLarge",
    "TooSlow", "TypeError", "Unreadable", "ValueError", "WrongMedia",
}  # fmt: skip

Message = tuple[str | None, str]
"""Context and English."""
Found = Iterator[tuple[int, str | None, str | tuple[str, str], list[str]]]
"""Line, keyword, message and comments, as Babel wants them."""


def python(
    fileobj: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Found:
    """Babel's extraction method for our Python code."""
    for node in ast.walk(ast.parse(fileobj.read())):
        yield from (_found(getattr(node, "lineno", 1), *message) for message in _said(node))


def template(
    fileobj: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Found:
    """Babel's extraction method for our templates; of ``ngettext`` the form for one."""
    for call in Environment(autoescape=True).parse(fileobj.read().decode()).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "ngettext"):
            context = next((str(each.value.as_const()) for each in call.kwargs if each.key == "context"), None)
            yield from (_found(call.lineno, context, english) for english in _chosen(call.args[0]))


@cache
def said() -> set[Message]:
    """Every sentence of the package."""
    found = extract_from_dir(ROOT / "dialer", [(pattern.removeprefix("dialer/"), how) for pattern, how in METHODS])
    return {
        (context, message[0] if isinstance(message, tuple) else message)
        for file, _, message, _, context in found
        if not (context == "error" and _BY_CODE.match(str(file)))
    }


@cache
def chinese() -> dict[Message, str]:
    """The catalogue."""
    with CATALOGUE.open("rb") as file:
        return {(m.context, str(m.id)): str(m.string) for m in read_po(file) if m.id}


def update() -> None:
    """Bring the catalogue in line with the code."""
    known = chinese()
    write({message: known.get(message, "") for message in said()})


def write(found: Mapping[Message, str]) -> None:
    """Write the catalogue, by the English, a line each."""
    made = Catalog(locale="zh", fuzzy=False)
    for context, english in sorted(found, key=lambda each: (each[1], each[0] or "")):
        made.add(english, found[context, english], context=context).flags.clear()
    out = BytesIO()
    write_po(out, made, width=0, no_location=True, omit_header=True)
    CATALOGUE.write_text(_HEAD + out.getvalue().decode().rstrip("\n") + "\n", encoding="utf-8")


def _found(line: int, context: str | None, english: str) -> tuple[int, str | None, str | tuple[str, str], list[str]]:
    return (line, None, english, []) if context is None else (line, "pgettext", (context, english), [])


def _chosen(text: nodes.Expr) -> Iterator[str]:
    """What an expression of a template may be, as far as it says."""
    if isinstance(text, nodes.Const):
        yield str(text.value)
    elif isinstance(text, nodes.CondExpr):
        yield from (*_chosen(text.expr1), *(_chosen(text.expr2) if text.expr2 else ()))


def _said(node: ast.AST) -> Iterator[Message]:
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            yield from _of_call(func, args, {k.arg: k.value for k in keywords if k.arg})
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=args)) if name not in _UNSEEN:
            yield from (("error", text) for each in args[:2] if " " in (text := _template(each)))
        case ast.FunctionDef(
            args=ast.arguments(args=[ast.arg(annotation=ast.Attribute(attr="Context")), *_]),
            returns=ast.Constant(value=None),
        ):
            if help_ := ast.get_docstring(node):
                yield None, "\n\n".join(" ".join(each.split()) for each in help_.split("\n\n"))


def _of_call(func: ast.expr, args: list[ast.expr], named: Mapping[str, ast.expr]) -> Iterator[Message]:
    name = getattr(func, "attr", getattr(func, "id", ""))
    owner = getattr(getattr(func, "value", None), "id", "")
    context = _text(named.get("context"))
    first = args[:1]
    match name:
        case "look_up":
            first = args[1:2]
        case "table" | "listing" if owner in ("cli", "self"):
            first = [*args, *([named["title"]] if "title" in named else [])]
        case "page" if "nav" in named:
            first = [named["nav"]]
        case "Option" | "Argument" | "Typer" if owner == "typer" and "help" in named:
            first = [named["help"]]
        case "ok" | "warn" | "fail" | "graded" if isinstance(func, ast.Name):
            pass
        case "say" | "note" if owner in ("cli", "self"):
            pass
        case "RowProblem" | "_alarm" | "Finding" | "_about" | "_of":
            yield from (("error", text) for each in args if " " in (text := _template(each)))
            return
        case _ if name not in _MARKS and not _is_translator(func):
            return
    yield from ((context, text) for each in first for text in _texts(each))


def _is_translator(func: ast.expr) -> bool:
    """``translator(language)("...")``."""
    return isinstance(func, ast.Call) and getattr(func.func, "id", "") == "translator"


def _texts(node: ast.expr) -> Iterator[str]:
    """What an expression may be, as far as the code says."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif text := _text(node):
        yield text


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _template(node: ast.expr) -> str:
    """A text or an f-string with numbered places, if it says enough to be known again by; else ""."""
    if not isinstance(node, ast.JoinedStr):
        return _text(node) or ""
    shown, text, letters = list[str](), "", 0
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            if (value := ast.unparse(part.value)) not in shown:
                shown.append(value)
            text += f"{{{shown.index(value)}}}"
        else:
            literal = _text(part) or ""
            letters += sum(map(str.isalpha, literal))
            text += literal.replace("{", "{{").replace("}", "}}")
    return text if letters >= _ENOUGH else ""


if __name__ == "__main__":
    update()
