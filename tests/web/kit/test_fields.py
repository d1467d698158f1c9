"""The fields of the API: views are made of records, and a record may grow without telling everybody."""

from __future__ import annotations

from importlib.resources import files

from dialer.web.kit.api.openapi import document
from dialer.web.parts import ROUTES


def test_no_field_comes_or_goes_by_itself() -> None:
    """Systems know these fields; one that is added or taken away is written down in ``api_fields.txt`` as well."""
    told = {
        name: sorted(schema["properties"])
        for name, schema in document(ROUTES, "0")["components"]["schemas"].items()
        if "properties" in schema
    }
    lines = files("tests.web.kit").joinpath("api_fields.txt").read_text(encoding="utf-8").splitlines()
    known = {name: fields.split() for name, _, fields in (line.partition(": ") for line in lines if line[0] != "#")}
    assert told == known
