"""The intermediate representation: statements with typed JSONata expressions, before there are states.

`name` of a statement is what its main state is called; the front end gives names in source order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdas.runs.tree import Words
from nightshift.aws_api.permissions import Grant
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.types import Type


@dataclass(eq=False)
class Variable:
    """A variable of the state machine: `name` without `$`, unique in the machine. Its type may widen."""

    name: str
    type: Type


@dataclass(frozen=True)
class Caught:
    """Error names an `except` clause takes; `names` None takes everything ("States.ALL")."""

    names: tuple[str, ...] | None

    def takes(self, error: str) -> bool:
        """Whether an error of this name reaches the clause."""
        return self.names is None or error in self.names


@dataclass(eq=False)
class Located:
    """A statement. line: of the file, set when the statement is made; 0 for what no line asks for."""

    line: int = field(default=0, init=False)


@dataclass
class Assign(Located):
    """`target = value` for each pair; the values read what was there before. said: as the flow says it, or ""."""

    values: list[tuple[Variable, Expr]]
    said: str = ""


@dataclass(frozen=True)
class Api:
    """What a call of an operation of AWS has besides a call of a part.

    service: as boto3's clients are called. grants: what its function has to be allowed for it. words: what the part
    does, in words.
    """

    service: str
    grants: tuple[Grant, ...]
    words: str


@dataclass
class PartCall(Located):
    """A call of a part; its result goes to `target`.

    title: what the part does, in words. read_fields: those of its result that the flow reads. api: of a call of an
    operation of AWS, whose output goes to `target`. repeatable: whether an invocation of which it is open how far it
    came may be made again. called: what its author calls the step, or "".
    """

    part: str
    waits: bool
    params: dict[str, Expr]
    target: Variable | None
    name: str
    title: str = ""
    read_fields: set[str] = field(default_factory=set)
    api: Api | None = None
    repeatable: bool = True
    called: str = ""

    @property
    def taken(self) -> str:
        """What of the result goes to `target`, as the end of a path."""
        return ".output" if self.api else ""


@dataclass
class FlowCall(Located):
    """A call of another flow, waited for."""

    flow: str
    params: dict[str, Expr]
    target: Variable | None
    name: str


@dataclass
class Approve(Located):
    """A question to people; the answer goes to `target`.

    to: addresses, None for nobody. timeout: seconds. approvers: groups whose members answer. at_least: how many people
    have to approve. allow_starter: whether one of them may be who started the run. remind: seconds between reminders.
    escalate_to: addresses that are told, too, after `escalate_after` seconds.
    """

    message: Expr
    to: Expr | None
    timeout: int
    target: Variable | None
    name: str
    approvers: tuple[str, ...] = ()
    at_least: int = 1
    allow_starter: bool = False
    remind: int | None = None
    escalate_to: Expr | None = None
    escalate_after: int | None = None


@dataclass
class Branch:
    """The states of one branch of a Parallel, or of a Map's processor. Ends with a `Return` on each path.

    name: of its function. said: what its author calls it, or "".
    """

    body: list[Statement]
    name: str
    said: str


@dataclass
class Parallel(Located):
    """Branches side by side; the list of their results goes to `target`."""

    branches: list[Branch]
    target: Variable | None
    name: str


@dataclass
class Map(Located):
    """A branch for each item.

    said: what the flow goes over.
    gathered: the target is what became of the items, as `fan_out` tells, and no item fails the Map.
    captures: in a distributed Map, variables inside <- expressions outside, as child executions read no outer variable.
    """

    items: Expr
    item: Variable
    branch: Branch
    at_most: int
    distributed: bool
    captures: list[tuple[Variable, Expr]]
    target: Variable | None
    name: str
    said: str
    gathered: bool = False


@dataclass
class Wait(Located):
    """Wait for a number of seconds (none in a dry run). said: how long, or until when, as the flow says it."""

    seconds: Expr
    name: str
    said: str
    until: bool = False


@dataclass
class If(Located):
    """Two ways.

    said, words: the test, as the flow says it, and in words; both are empty where it is none of the flow's.
    """

    test: Expr
    then: list[Statement]
    orelse: list[Statement]
    name: str
    said: str
    words: Words


@dataclass(eq=False)
class While(Located):
    """`before` runs before each evaluation of the test: the calls hoisted out of it.

    said: the test in the flow. words: what the loop does.
    """

    before: list[Statement]
    test: Expr
    body: list[Statement]
    orelse: list[Statement]
    name: str
    said: str
    words: Words


@dataclass(eq=False)
class For(Located):
    """A counter loop: `count` passes, `counter` from 0; `each` gives the loop variables in terms of the counter.

    said: what the flow goes over. target: its loop variables, as the flow names them.
    """

    setup: list[tuple[Variable, Expr]]
    counter: Variable
    count: Expr
    each: list[tuple[Variable, Expr]]
    body: list[Statement]
    orelse: list[Statement]
    name: str
    said: str
    target: str


@dataclass
class Break(Located):
    """Leave `loop`."""

    loop: While | For


@dataclass
class Continue(Located):
    """Next pass of `loop`."""

    loop: While | For


@dataclass(eq=False)
class Inline(Located):
    """The body of a helper function, written in place; `Leave` is its return."""

    body: list[Statement] = field(default_factory=list)


@dataclass
class Leave(Located):
    """Return from the inlined helper `block`; its result is assigned before."""

    block: Inline


@dataclass
class Handler:
    """An `except` clause."""

    caught: Caught
    target: Variable | None
    body: list[Statement]


@dataclass(eq=False)
class Try(Located):
    """try / except / else / finally."""

    body: list[Statement]
    handlers: list[Handler]
    orelse: list[Statement]
    final: list[Statement] | None
    name: str


@dataclass
class Raise(Located):
    """`raise Error(cause)`; without `error`, again what `again` holds."""

    error: str | None
    cause: Expr | None
    again: Variable | None
    name: str


@dataclass
class Return(Located):
    """The end of the flow or the branch, with its result. said: the result, as the flow says it, or ""."""

    value: Expr
    name: str
    said: str = ""


Statement = (
    Assign
    | PartCall
    | FlowCall
    | Approve
    | Parallel
    | Map
    | Wait
    | If
    | While
    | For
    | Break
    | Continue
    | Inline
    | Leave
    | Try
    | Raise
    | Return
)
