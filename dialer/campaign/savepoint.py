"""What a step can be undone to: the state as it was when the step began.

Records (visits, attempts, agents) are put back to the values that they had; dicts write down what they held before each
change. So whatever a handler raises, and wherever, nothing of its message stays. Why not a copy or a journal of every
attribute: ``docs/decisions.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Any = object()
_set = dict.__setitem__
Log = list[tuple["Kept[Any, Any]", Any, Any]]
"""(dict, key, what it held before), oldest first."""
Values = dict[int, tuple[Any, tuple[Any, ...]]]
"""Records by their ids in memory, with the values of all their fields."""


class Kept(dict[K, V]):
    """A dict whose changes can be undone: what a key held before is appended to ``log``."""

    __slots__ = ("log",)

    def __init__(self, log: Log, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        super().__init__(items)
        self.log = log

    def __setitem__(self, key: K, value: V) -> None:
        self.log.append((self, key, self.get(key, _ABSENT)))
        _set(self, key, value)  # super() takes three times as long, and every step writes

    def __delitem__(self, key: K) -> None:
        self.log.append((self, key, self[key]))
        super().__delitem__(key)

    def pop(self, key: K, default: Any = _ABSENT) -> Any:  # noqa: ANN401 - as a dict's
        """As a dict's."""
        if default is _ABSENT or key in self:
            self.log.append((self, key, self[key]))
            return super().pop(key)
        return default

    def setdefault(self, key: K, default: V) -> V:
        """As a dict's."""
        if key not in self:
            self[key] = default
        return self[key]

    # As every mapping does it, by the above.
    popitem = MutableMapping.popitem
    clear = MutableMapping.clear
    update = MutableMapping.update
    __ior__ = None  # type: ignore[assignment]  # it would change the dict past the log

    def put_back(self, key: K, value: V) -> None:
        """What a key held before; nothing is written down."""
        if value is _ABSENT:
            super().pop(key, None)
        else:
            super().__setitem__(key, value)


class _Getters(dict[type, Callable[[Any], tuple[Any, ...]]]):
    """What reads all fields of a dataclass."""

    def __missing__(self, kind: type) -> Callable[[Any], tuple[Any, ...]]:
        found = self[kind] = attrgetter(*(field.name for field in fields(kind)))
        return found


class Savepoint:
    """The values of records, and the log of the :class:`Kept` dicts, since :meth:`take`."""

    def __init__(self) -> None:
        self.log: Log = []
        self._getters = _Getters()
        self.records: Values = {}

    def know(self, records: Iterable[Any]) -> None:
        """Put these dataclasses back to what they are now, from now on."""
        known, getters = self.records, self._getters
        for record in records:
            known[id(record)] = record, getters[type(record)](record)

    def forget(self, records: Iterable[Any]) -> None:
        """These are of no interest any more."""
        for record in records:
            self.records.pop(id(record), None)

    def restore(self) -> None:
        """Put everything back."""
        for kept, key, value in reversed(self.log):
            kept.put_back(key, value)
        self.log.clear()
        for record, values in self.records.values():
            if self._getters[type(record)](record) != values:
                for field, value in zip(fields(record), values, strict=True):
                    setattr(record, field.name, value)
