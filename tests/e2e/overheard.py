"""``python -m tests.e2e.overheard FILE run``: the service; what it has to say but has no Chinese for goes into FILE."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from dialer.cli import main
from dialer.web.kit.page import texts


class Overheard(dict[str, str]):
    """A catalogue that writes down what it is asked for in vain."""

    def __init__(self, known: Mapping[str, str], file: Path) -> None:
        super().__init__(known)
        self._file = file
        self._said: set[str] = set()

    def get(self, english: str, default: str | None = None) -> str | None:  # type: ignore[override]  # texts asks so
        """The Chinese; what is not there is written down once."""
        if english not in self and english not in self._said:
            self._said.add(english)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{english!r}\n")
        return super().get(english, default)


if __name__ == "__main__":
    catalogue = Overheard(texts.chinese(), Path(sys.argv[1]))
    texts.chinese = lambda: catalogue  # type: ignore[assignment]  # it is asked for by name at each look-up
    main(sys.argv[2:])
