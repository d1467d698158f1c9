"""Sections of ``dialer.toml``: each belongs to the package that it is for, which takes it as it is.

The rules know no library, so theirs are made of their own records: the fields that
:func:`~dialer.campaign.model.setting.setting` marks, with durations as seconds under ``<name>_s``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import timedelta
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, create_model
from pydantic import Field as Limits

Record = TypeVar("Record")
_SECONDS: Mapping[object, Any] = {timedelta: float, timedelta | None: float | None}


class Section(BaseModel):
    """What can be set: names, defaults and limits."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def section_of(record: type[Any]) -> Any:  # noqa: ANN401 - a base class that mypy cannot see through
    """The section that says what a record of the rules holds."""
    found: dict[str, Any] = {}
    for name, each, hint in _marked(record, ""):
        limits = dict(each.metadata["setting"])
        check, default = limits.pop("check", None), each.default
        kind = _SECONDS.get(hint, hint)
        if isinstance(default, timedelta):
            default = default.total_seconds()
        checked = kind if check is None else Annotated[kind, AfterValidator(check)]
        found[name] = (checked, Limits(... if default is MISSING else default, **limits))
    return create_model(f"{record.__name__}Section", __base__=Section, **found)


def record_of(record: type[Record], section: Section, prefix: str = "", /, **others: object) -> Record:
    """The record that ``section`` says; ``others`` are the fields that no setting names.

    ``prefix`` is what the settings of a record within another have before their names.
    """
    values: dict[str, Any] = dict(others)
    for each, hint in _settable(record):
        if is_dataclass(hint):
            values[each.name] = record_of(hint, section, f"{prefix}{each.name}_")  # type: ignore[arg-type]  # a class
            continue
        value = getattr(section, _name(prefix, each, hint))
        values[each.name] = timedelta(seconds=value) if hint in _SECONDS and value is not None else value
    return record(**values)


def _marked(record: type[Any], prefix: str) -> Iterator[tuple[str, Field[Any], Any]]:
    for each, hint in _settable(record):
        if is_dataclass(hint):
            yield from _marked(hint, f"{prefix}{each.name}_")  # type: ignore[arg-type]  # a class
        else:
            yield _name(prefix, each, hint), each, hint


def _settable(record: type[Any]) -> Iterator[tuple[Field[Any], Any]]:
    hints = get_type_hints(record)
    return ((each, hints[each.name]) for each in fields(record) if "setting" in each.metadata)


def _name(prefix: str, each: Field[Any], hint: object) -> str:
    return f"{prefix}{each.name}_s" if hint in _SECONDS else prefix + each.name
