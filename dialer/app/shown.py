"""The settings as an administrator may see them: each with its value and where it comes from, and no secret."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from dialer.settings import Settings
from dialer.web.kit.services import SettingShown

Source = Literal["default", "file", "environment"]


def shown(settings: Settings, environ: Mapping[str, str] = os.environ) -> tuple[SettingShown, ...]:
    """Every setting in the order of the file. A secret is only said to be there or not."""
    names = {name.upper() for name in environ}
    return tuple(_walk(settings, "", "DIALER_", names, given=True))


def _walk(section: BaseModel, path: str, env: str, names: set[str], *, given: bool) -> Iterator[SettingShown]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        is_given = given and name in section.model_fields_set
        where, variable = f"{path}{name}", f"{env}{name}".upper()
        if isinstance(value, BaseModel):
            inner = {variable + "__"} if variable in names else set()
            yield from _walk(value, f"{where}.", f"{variable}__", names | inner, given=is_given)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            for number, each in enumerate(value, start=1):
                yield from _walk(each, f"{where}[{number}].", f"{variable}__", names, given=is_given)
        else:
            yield SettingShown(where, _plain(value), _source(variable, env, names, is_given))


def _source(variable: str, section: str, names: set[str], is_given: bool) -> Source:
    if not is_given:
        return "default"
    return "environment" if variable in names or section in names else "file"


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever a setting holds
    if isinstance(value, SecretStr):
        return "•••" if value.get_secret_value() else ""
    if isinstance(value, tuple | list):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(each)}" for key, each in value.items())
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _without_credentials(text) if "://" in text else text


def _without_credentials(url: str) -> str:
    """A name, password or token in an address is a secret too."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + ("?•••" if parts.query else "")
