"""``python -m tests.e2e.overheard FILE run``: the service; what it has to say but has no Chinese for goes into FILE."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from dialer import language
from dialer.cli import main


class Overheard(dict[tuple[str | None, str], str]):
    """A catalogue that writes down what it is asked for in vain."""

    def __init__(self, known: Mapping[tuple[str | None, str], str], file: Path) -> None:
        super().__init__(known)
        self._file = file
        self._said: set[tuple[str | None, str]] = set()

    def get(self, english: tuple[str | None, str], default: str | None = None) -> str | None:  # type: ignore[override]  # asked so
        """The Chinese; what is not there is written down once."""
        if english not in self and english not in self._said:
            self._said.add(english)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{english!r}\n")
        return super().get(english, default)


if __name__ == "__main__":
    catalogue = Overheard(language._chinese(), Path(sys.argv[1]))
    language._chinese = lambda: catalogue  # type: ignore[assignment]  # it is asked for by name at each look-up
    main(sys.argv[2:])
