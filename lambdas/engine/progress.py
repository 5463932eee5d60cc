"""How far a part has come with each of its resources, in a state that stays small for thousands of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambdas.contract.id_packing import pack, unpack
from lambdas.contract.part import Failure, Result, Skipped

SHOWN = 100
"""Resources whose details a result carries."""


class Progress:
    """Named groups of ids, and those skipped or failed with the reason; reads and writes the part's state."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    def ids(self, group: str) -> list[str]:
        """The ids in `group`."""
        return unpack(self.state.get("ids", {}).get(group))

    def put(self, group: str, ids: Iterable[str]) -> None:
        """Replace `group`."""
        groups = self.state.setdefault("ids", {})
        groups[group] = pack(ids)
        if not groups[group]:
            del groups[group]

    def add(self, group: str, ids: Iterable[str]) -> None:
        """Add to `group`."""
        ids = list(ids)
        if ids:
            self.put(group, self.ids(group) + ids)

    def skip(self, ids: Iterable[str], reason: str) -> None:
        """These were left alone because of `reason`."""
        self._reason("skipped", ids, [reason])

    def fail(self, ids: Iterable[str], error: str, message: str) -> None:
        """These failed; "{id}" in `message` stands for the id."""
        self._reason("failed", ids, [error, message])

    def skipped(self) -> list[Skipped]:
        """All that were skipped, in the order of their reasons."""
        return [Skipped(i, reason) for reason, ids in self.state.get("skipped", []) for i in unpack(ids)]

    def failed(self) -> list[Failure]:
        """All that failed."""
        return [
            Failure(i, error, message.replace("{id}", i))
            for error, message, ids in self.state.get("failed", [])
            for i in unpack(ids)
        ]

    def fill(self, result: Result, *, changed: Iterable[str]) -> None:
        """Set the fields every result has; matched is changed, skipped (unless excluded) and failed together."""
        result.changed = sorted(changed)
        result.skipped = self.skipped()
        result.failed = self.failed()
        excluded = set(self.ids("excluded"))
        others = {s.id for s in result.skipped if s.id not in excluded} | {f.id for f in result.failed}
        result.matched = sorted(others.union(result.changed))

    def _reason(self, kind: str, ids: Iterable[str], reason: list[str]) -> None:
        ids = list(ids)
        if not ids:
            return
        for entry in self.state.setdefault(kind, []):
            if entry[:-1] == reason:
                entry[-1] = pack(unpack(entry[-1]) + ids)
                return
        self.state[kind].append([*reason, pack(ids)])


def summary(verb: str, noun: str, changed: list[str], skipped: int, failed: list[Failure]) -> str:
    """One line: "3 instances stopped, 1 skipped, 2 failed"."""
    count = f"{len(changed)} {noun}{'' if len(changed) == 1 else 's'}"
    would = verb.startswith("would")
    line = f"{verb} {count}" if would else f"{count} {verb}"
    line += f", {skipped} skipped" if skipped else ""
    return line + (f", {len(failed)} {'would fail' if would else 'failed'}" if failed else "")
