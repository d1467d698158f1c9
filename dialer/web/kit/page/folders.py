"""The files that lie beside the code of each part: its templates, its scripts and style sheets."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable


def of_parts(folder: str) -> Iterator[Traversable]:
    """What lies in the folder of this name of every part; a name is given once only, whichever part it is of."""
    for part in files("dialer.web").iterdir():
        if part.joinpath(folder).is_dir():
            yield from part.joinpath(folder).iterdir()
