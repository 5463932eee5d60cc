"""Loops: their bodies are compiled with the types that the variables have after a pass, not only before the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from nightshift.compiler.context import Context

T = TypeVar("T")


def settled(ctx: Context, compile_loop: Callable[[], T]) -> T:
    """Compile a loop until it widens no variable that was there before it.

    A later pass may find another type than the first: after `found = None`, a body that tests `found` and assigns a
    str to it has to be compiled for `str | None`. What was compiled and reported for the narrower type is dropped.
    """
    while True:
        kinds = {variable: variable.type for variable in ctx.scope.variables.values()}
        go_back = _state(ctx)
        loop = compile_loop()
        if all(variable.type == kind for variable, kind in kinds.items()):
            return loop
        go_back()


def _state(ctx: Context) -> Callable[[], None]:
    """What compiling changes, except the types of variables; call it to go back there."""
    names = ctx.names.taken()
    scope, frame, point, returned = ctx.scope, ctx.frame, ctx.point, ctx.frame.returned
    variables, functions = dict(scope.variables), dict(scope.functions)
    grown: list[list[Any]] = [ctx.source.errors, ctx.hoisted, frame.loops]
    grown += ctx.captures
    lengths = [len(each) for each in grown]

    def go_back() -> None:
        ctx.names.give_back(names)
        ctx.point, frame.returned = point, returned
        scope.variables, scope.functions = dict(variables), dict(functions)
        for each, length in zip(grown, lengths, strict=True):
            del each[length:]

    return go_back
