"""`@case`: what a flow of the corpus is expected to do, written above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nightshift.flow import Flow

F = TypeVar("F", bound=Flow[..., Any])


@dataclass(frozen=True)
class Case:
    """One run of a flow.

    result: what it returns. fails: instead, "Error: cause", or "Error" when the cause is not nightshift's to word.
    calls: the calls of parts, in order. waits: the seconds waited, in order, without the waits of parts.
    given: the flow's parameters. approve: what the person asked answers.
    cpython: how CPython fails where docs/language.md says that it differs from the state machine.
    unable: engine -> why it cannot run this one.
    """

    result: Any = None
    fails: str | None = None
    calls: tuple[str, ...] = ()
    waits: tuple[int, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    approve: bool | None = True
    cpython: str | None = None
    unable: Mapping[str, str] = field(default_factory=dict)


def case(
    result: Any = None,
    *,
    fails: str | None = None,
    calls: list[str] | None = None,
    waits: list[int] | None = None,
    given: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    approve: bool | None = True,
    cpython: str | None = None,
    unable: Mapping[str, str] | None = None,
) -> Callable[[F], F]:
    """Expect this of the flow below; several may stand above one flow."""
    expected = Case(
        result, fails, tuple(calls or ()), tuple(waits or ()), given or {}, dry_run, approve, cpython, unable or {}
    )

    def add(flow: F) -> F:
        flow.__dict__.setdefault("cases", []).insert(0, expected)
        return flow

    return add
