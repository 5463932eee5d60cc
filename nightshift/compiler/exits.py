"""The ways out of nested statements: break, continue, return and errors, through every `finally` on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lambdas.runs.step_table import StepRow
from nightshift.compiler import ir
from nightshift.compiler.causes import held_cause, known_error, quoted_cause
from nightshift.compiler.jsonata import Expr, constant, text
from nightshift.compiler.states import Edge, Label, State
from nightshift.compiler.types import ANY, BOOL, INT, STR


@dataclass(frozen=True, eq=False)
class LoopFrame:
    """A loop around: where `break` and `continue` lead."""

    loop: ir.While | ir.For
    after: Label
    again: Label


@dataclass(frozen=True, eq=False)
class InlineFrame:
    """An inlined helper around: where its `return` leads."""

    block: ir.Inline
    after: Label


@dataclass(frozen=True, eq=False)
class TryFrame:
    """The `except` clauses around, in order."""

    clauses: list[tuple[ir.Handler, Label]]


@dataclass(eq=False)
class FinallyFrame:
    """A `finally` around. There is one copy of its states: each way in records how to go on afterwards.

    exit: variable that holds the number of the way. error: variable that holds the error to raise again.
    ways: number -> where to go on, made when the states after the `finally` are.
    """

    entry: Label
    exit: str
    error: str
    ways: dict[object, tuple[int, Callable[[], Label]]] = field(default_factory=dict)

    def enter(self, key: object, go_on: Callable[[], Label]) -> Expr:
        """The number of a way out; the same key gives the same number."""
        number, _ = self.ways.setdefault(key, (len(self.ways), go_on))
        return constant(number)


Frame = LoopFrame | InlineFrame | TryFrame | FinallyFrame
Frames = tuple[Frame, ...]


def variable(name: str) -> Expr:
    """The value of a variable of the compiler's own."""
    return Expr(f"${name}", ANY, reads=frozenset({name}))


def go(assign: dict[str, Expr], target: Label, wanted: str, line: int = 0) -> Label:
    """A Pass that assigns and goes on; mostly merged into the edge that leads to it."""
    return Label(State(wanted, "Pass", StepRow("set", wanted, line), next=Edge(target, assign)))


def leave(frames: Frames, goal: object, arrive: Label, assign: dict[str, Expr]) -> Label:
    """Out of the frames up to the one for which `goal` stands, or out of all; through each `finally` on the way.

    goal: the loop or inlined block, or None for the whole scope. arrive: where to go on.
    assign: what to assign before leaving.
    """
    for depth in range(len(frames) - 1, -1, -1):
        frame = frames[depth]
        if isinstance(frame, FinallyFrame):
            outside = frames[:depth]
            way = frame.enter(arrive, lambda: leave(outside, goal, arrive, {}))  # noqa: B023
            return go({**assign, frame.exit: way}, frame.entry, "to finally")
        if (isinstance(frame, LoopFrame) and frame.loop is goal) or (
            isinstance(frame, InlineFrame) and frame.block is goal
        ):
            break
    return go(assign, arrive, "leave") if assign else arrive


def throw(frames: Frames, error: str, cause: Expr, wanted: str, line: int) -> Label:
    """Raise an error whose name is known: to the clause that takes it, else end the scope with it."""
    for depth in range(len(frames) - 1, -1, -1):
        frame = frames[depth]
        if isinstance(frame, TryFrame):
            for handler, label in frame.clauses:
                if handler.caught.takes(error):
                    return go(_bound(handler, known_error(error, cause)), label, wanted, line)
        if isinstance(frame, FinallyFrame):
            return _through(frame, frames[:depth], known_error(error, cause), wanted)
    fields = {"Error": error, "Cause": quoted_cause(cause).asl()}
    return Label(State(wanted, "Fail", StepRow("raise", wanted, line), fields))


def _through(frame: FinallyFrame, outside: Frames, error: Expr, wanted: str) -> Label:
    way = frame.enter("error", lambda: throw_again(outside, frame.error, wanted))
    return go({frame.error: error, frame.exit: way}, frame.entry, wanted)


def _bound(handler: ir.Handler, error: Expr) -> dict[str, Expr]:
    return {handler.target.name: error} if handler.target is not None else {}


def throw_again(frames: Frames, held: str, wanted: str) -> Label:
    """Raise the error a variable holds: its name is known only when the run is there."""
    rules: list[Edge] = []
    otherwise: Edge | None = None
    for depth in range(len(frames) - 1, -1, -1):
        frame = frames[depth]
        if isinstance(frame, TryFrame):
            for handler, label in frame.clauses:
                assign = _bound(handler, variable(held))
                if handler.caught.names is None:
                    otherwise = Edge(label, assign)
                    break
                names = ", ".join(text(name) for name in handler.caught.names)
                test = Expr(f"${held}.error in [{names}]", BOOL, reads=frozenset({held}))
                rules.append(Edge(label, assign, condition=test))
        elif isinstance(frame, FinallyFrame):
            otherwise = Edge(_through(frame, frames[:depth], variable(held), wanted))
        if otherwise is not None:
            break
    if otherwise is None:
        error = Expr(f"${held}.error", STR, reads=frozenset({held}))
        fields = {"Error": error.asl(), "Cause": held_cause(held).asl()}
        otherwise = Edge(Label(State(wanted, "Fail", StepRow("raise", "fail with the same error"), fields)))
    if not rules:
        return go(otherwise.assign, otherwise.next, wanted) if otherwise.assign else otherwise.next
    row = StepRow("again", "which `except` clause takes the error?")
    return Label(State(f"{wanted}?", "Choice", row, next=otherwise, rules=rules))


def catchers(frames: Frames, error: Expr, assign: dict[str, Expr]) -> list[Edge]:
    """The Catch of a Task, Parallel or Map: the clauses around, up to the first that takes everything.

    assign: what else to assign when something is caught.
    """
    found: list[Edge] = []
    seen: set[str] = set()
    for depth in range(len(frames) - 1, -1, -1):
        frame = frames[depth]
        if isinstance(frame, TryFrame):
            for handler, label in frame.clauses:
                bound = {**assign, **_bound(handler, error)}
                if handler.caught.names is None:
                    return [*found, Edge(label, bound, errors=("States.ALL",))]
                names = tuple(name for name in handler.caught.names if name not in seen)
                seen |= set(names)
                if names:
                    found.append(Edge(label, bound, errors=names))
        if isinstance(frame, FinallyFrame):
            outside = frames[:depth]
            way = frame.enter("error", lambda: throw_again(outside, frame.error, "raise again"))  # noqa: B023
            bound = {**assign, frame.error: error, frame.exit: way}
            return [*found, Edge(frame.entry, bound, errors=("States.ALL",))]
    return found


def dispatch(frame: FinallyFrame) -> Label:
    """What follows the states of a `finally`: go on the way that was recorded."""
    ways = [(number, go_on()) for number, go_on in frame.ways.values()]
    *tested, (_, last) = ways
    if not tested:
        return last
    rules = [
        Edge(label, condition=Expr(f"${frame.exit} = {number}", INT, reads=frozenset({frame.exit})))
        for number, label in tested
    ]
    row = StepRow("choice", "go on as the run was going before `finally`")
    return Label(State("after finally", "Choice", row, next=Edge(last), rules=rules))


def in_loop(frames: Frames) -> bool:
    """Whether a state here may be entered more than once."""
    return any(isinstance(frame, LoopFrame) for frame in frames)


def loop_frame(frames: Frames, loop: ir.While | ir.For) -> LoopFrame:
    """The frame of a loop around."""
    return next(f for f in frames if isinstance(f, LoopFrame) and f.loop is loop)
