"""What a worker has told people, so that the same call is not told twice by it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Generic, TypeVar

from lambdas.contract.part import Result

_MOST = 1000

Told = TypeVar("Told", bound=Result)


class Memory(Generic[Told]):
    """The last results by what names them."""

    def __init__(self) -> None:
        self._told: OrderedDict[Hashable, Told] = OrderedDict()
        _memories.append(self)

    def get(self, key: Hashable) -> Told | None:
        """What was told under the key, if it is remembered."""
        return self._told.get(key)

    def keep(self, key: Hashable, outcome: Told) -> Told:
        """Remember an outcome by which somebody was told."""
        if outcome.changed:
            self._told[key] = outcome
            while len(self._told) > _MOST:
                self._told.popitem(last=False)
        return outcome

    def clear(self) -> None:
        """Remember nothing."""
        self._told.clear()


_memories: list[Memory[Any]] = []


def forget() -> None:
    """Be as a new worker is: whatever was told is forgotten."""
    for memory in _memories:
        memory.clear()
