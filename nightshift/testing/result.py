"""What a run in a test did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.contract.causes import read_cause
from lambdas.contract.errors import NightshiftError

if TYPE_CHECKING:
    from nightshift.simulation.clients import Letter


class RunFailed(NightshiftError):
    """A run failed with an error that is none of nightshift's and of the flow's file."""


@dataclass(frozen=True)
class PartCall:
    """One call of a part that came to its end. step: the state of the flow. result: as the flow gets it."""

    step: str
    part: str
    result: Mapping[str, Any]


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    value: what the flow returned. error, cause: of a failed run. calls: of parts, in order, those of called flows too.
    mails: what it mailed and published. not_run: why its gate did not let it run, or "". seconds: how long it took.
    names: id -> name of what there is.
    """

    value: Any
    error: str
    cause: str
    calls: tuple[PartCall, ...]
    mails: tuple[Letter, ...]
    not_run: str
    seconds: float
    names: Mapping[str, str]

    @property
    def changed(self) -> list[str]:
        """The names of what it changed (ids of what has none), once each, in order."""
        return self.changed_by()

    def changed_by(self, *parts: str) -> list[str]:
        """The same of some parts, such as "ec2.stop_instances"."""
        found = (i for call in self._of(parts) for i in _listed(call.result.get("changed")))
        return list(dict.fromkeys(self.name(i) for i in found))

    @property
    def skipped(self) -> dict[str, str]:
        """Name -> why it was left alone."""
        return {
            self.name(item["id"]): item["reason"]
            for call in self._of(())
            for item in _listed(call.result.get("skipped"))
        }

    @property
    def failed(self) -> dict[str, str]:
        """Name -> how AWS refused it, of failures the run went on after."""
        found = (item for call in self._of(()) for item in _listed(call.result.get("failed")))
        return {self.name(item["id"]): f"{item['error']}: {item['message']}" for item in found}

    def name(self, id_: str) -> str:
        """The name of what has this id, or the id."""
        return self.names.get(id_) or id_

    def raised(self, classes: Mapping[str, type[BaseException]]) -> NightshiftError:
        """The error of a failed run, as the flow raised it under CPython. classes: by name, of the flow's file."""
        message = read_cause(self.cause).message
        known = {kind.__name__: kind for kind in _all_kinds(NightshiftError)} | dict(classes)
        kind = known.get(self.error)
        if kind is not None and issubclass(kind, NightshiftError):
            return kind(message)
        return RunFailed(f"{self.error}: {message}")

    def _of(self, parts: tuple[str, ...]) -> Iterable[PartCall]:
        # A mail changes nothing; `mails` has it.
        return (c for c in self.calls if (c.part in parts if parts else not c.part.startswith("notify.")))


def _listed(items: Any) -> list[Any]:
    # A long list travels as a reference.
    return items if isinstance(items, list) else []


def _all_kinds(kind: type[NightshiftError]) -> Iterable[type[NightshiftError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _all_kinds(inner)
