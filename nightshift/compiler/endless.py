"""Flows that never end, because each way through them calls a flow that never ends."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.compiler.source_text import of_flow
from nightshift.compiler.verify import returns
from nightshift.errors import Diagnostic
from nightshift.model import CompiledFlow


def endless(flows: Sequence[CompiledFlow]) -> list[Diagnostic]:
    """What is wrong with those of the flows that never end. Flows they call that are not among them do end."""
    never = {flow.name for flow in flows}
    while True:
        ending = {f.name for f in flows if f.name in never and returns(f.definition, f.steps, never)}
        if not ending:
            break
        never -= ending
    return [_endless(flow) for flow in flows if flow.name in never]


def _endless(flow: CompiledFlow) -> Diagnostic:
    called = "itself" if flow.name in flow.flows else f"{' or '.join(flow.flows)}, which calls it again"
    message = f"{flow.name!r} never ends: on every way it calls {called}"
    hint = "Let a way return without the call; a schedule or `while` repeats."
    return of_flow(flow, "NS406", message, hint)
