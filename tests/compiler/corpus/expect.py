"""`@case`: what a flow of the corpus is expected to do, written above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nightshift.flow import Flow

F = TypeVar("F", bound=Flow[..., Any])
SAME: Any = object()
"""CPython returns what the state machine does."""


@dataclass(frozen=True)
class Case:
    """One run of a flow.

    result: what it returns. fails: instead, "Error: cause", or "Error" when the cause is not nightshift's to word.
    calls: the calls of parts, in order. waits: the seconds waited, in order, without the waits of parts.
    given: the flow's parameters. approve: what the person asked answers.
    cpython, cpython_result: how CPython fails, or what it returns, where docs/language.md says that the two differ.
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
    cpython_result: Any = SAME
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
    cpython_result: Any = SAME,
    unable: Mapping[str, str] | None = None,
) -> Callable[[F], F]:
    """Expect this of the flow below; several may stand above one flow."""
    expected = Case(
        result=result,
        fails=fails,
        calls=tuple(calls or ()),
        waits=tuple(waits or ()),
        given=given or {},
        dry_run=dry_run,
        approve=approve,
        cpython=cpython,
        cpython_result=cpython_result,
        unable=unable or {},
    )

    def add(flow: F) -> F:
        flow.__dict__.setdefault("cases", []).insert(0, expected)
        return flow

    return add
