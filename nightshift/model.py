"""A compiled flow: what the compiler hands to the stacks, the command line and the local runner."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from lambdas.alerts.recipients import is_address, told
from lambdas.calendar.deadlines import Deadlines
from lambdas.contract.errors import InvalidParameter, shown
from lambdas.gate.decision import Rules
from lambdas.gate.overlap import Overlap
from lambdas.runs.step_table import StepTable
from lambdas.runs.tree import TreeNode
from nightshift.aws_api.permissions import Grant
from nightshift.operating import FlowTexts, Operating, flow_texts
from nightshift.triggers import Alarm, Schedule, Topic

GROUP = re.compile(r"[A-Za-z0-9_.+=@-]{1,128}")
"""A name of a group of a user pool; no space and no comma, which join the groups in the token of a user
("CreateGroup", Amazon Cognito User Pools API Reference)."""

_LONGEST_FUNCTION = 64 - len("nightshift-")
"""Characters of a function's name: 64 ("CreateFunction", AWS Lambda API Reference), less the usual prefix."""

MOST_RETRIES = 99
"""More tries than that do not help, and the history of a run has an end."""


@dataclass(frozen=True)
class FlowOptions:
    """What `@flow(...)` was given; InvalidParameter for a value it cannot have.

    timeout: seconds a run may take in all, or None.
    retry: how many times a part that failed for some resources, or that AWS refused, is tried again.
    overlap: what becomes of a start while a run is under way; without it "skip" with a schedule, else "allow".
    operators: groups of the user pool whose members may see and start it in the dashboard, besides `admin`.
    operating: what it says to the people who operate it.
    notify: who is told of runs that need someone, as `told` gives them; None for whom the app names.
    deadlines: by when its runs start and finish, and how long they take.
    """

    schedule: Schedule | None = None
    on_alarm: Alarm | Topic | None = None
    timeout: int | None = None
    retry: int = 0
    overlap: Overlap | None = None
    operators: tuple[str, ...] = ()
    operating: Operating = field(default_factory=Operating)
    notify: tuple[str, ...] | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)

    def __post_init__(self) -> None:
        if self.schedule is not None and not isinstance(self.schedule, Schedule):
            raise InvalidParameter(
                f"schedule is {shown(self.schedule)}: write daily(...), monthly(...), cron(...), rate(...) or at(...)"
            )
        if self.on_alarm is not None and not isinstance(self.on_alarm, Alarm | Topic):
            raise InvalidParameter(f"on_alarm is {shown(self.on_alarm)}: write Alarm(...) or topic(...)")
        if not isinstance(self.retry, int) or not 0 <= self.retry <= MOST_RETRIES:
            raise InvalidParameter(f"retry is {shown(self.retry)}: write a number from 0 to {MOST_RETRIES}")
        if self.timeout == 0:
            raise InvalidParameter('timeout is 0: write seconds, or "90s", "30m", "3h"')
        if self.overlap is not None and self.overlap not in get_args(Overlap):
            raise InvalidParameter(f'overlap is {shown(self.overlap)}: write "skip", "queue" or "allow"')
        for group in self.operators:
            if not isinstance(group, str) or not GROUP.fullmatch(group):
                raise InvalidParameter(
                    f"operators holds {shown(group)}: write names of groups, of letters, digits and _ . + = @ -"
                )
        if self.notify is not None:
            object.__setattr__(self, "notify", told(self.notify))

    @property
    def at_overlap(self) -> Overlap:
        """`overlap`, or what it is when it was not given."""
        return self.overlap or ("skip" if self.schedule else "allow")

    @property
    def rules(self) -> Rules:
        """What the gate has to know of its starts."""
        if self.schedule is None:
            return Rules(self.at_overlap)
        return Rules(self.at_overlap, self.schedule.timezone, self.schedule.days)

    @property
    def gated(self) -> bool:
        """Whether runs pass the gate: those of a flow that something starts, or whose runs mind each other."""
        return bool(self.schedule or self.on_alarm) or self.at_overlap != "allow"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a flow: what an operator fills in when starting it.

    type: as the flow's author wrote it ("str", "list[str]", "int | None").
    """

    name: str
    type: str
    default: Any = None
    required: bool = False


@dataclass(frozen=True)
class Placeholder:
    """A place in a definition for what only a deployment knows: the name of a function, or the ARN of a state machine.

    path: the keys that lead there. name: of the part ("ec2.stop_instances"), the function of nightshift's own
    ("nightshift.gate"), or the flow. flow: whether it stands for the state machine of a flow.
    """

    path: tuple[str | int, ...]
    name: str
    flow: bool = False


@dataclass(frozen=True)
class CompiledFlow:
    """A flow as a state machine definition.

    definition: ASL. placeholders: the places in it that `filled` fills; until then a FunctionName is
        "${ec2.stop_instances}", and the StateMachineArn of a called flow is "${flow:evening_stop}".
    parts: names of the parts used, sorted ("ec2.stop_instances").
    flows: names of the flows called, sorted.
    steps: what each state is. tree: what the author wrote, with the states that carry out its steps.
    grants: function of its calls of a service of AWS ("aws.rds.evening_stop") -> what these calls need.
    distributed: whether a Map of it runs in child executions.
    approvers: groups of the user pool that its approvals ask, sorted.
    outline: what it does in words, a line for each statement, indented.
    events: how many events the history of a run gets at least, as far as constants tell.
    """

    name: str
    file: Path
    line: int
    doc: str
    definition: dict[str, Any]
    parts: tuple[str, ...]
    flows: tuple[str, ...]
    steps: StepTable
    placeholders: tuple[Placeholder, ...] = ()
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    distributed: bool = False
    approvers: tuple[str, ...] = ()
    outline: tuple[str, ...] = ()
    events: int = 0
    tree: tuple[TreeNode, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    options: FlowOptions = field(default_factory=FlowOptions)
    source: str = ""

    @property
    def title(self) -> str:
        """What people call it: its title, else the first line of its docstring, else its name."""
        return self.options.operating.title or self.texts.en.doc.partition("\n")[0] or self.name

    @property
    def texts(self) -> FlowTexts:
        """Its docstring in both languages."""
        return flow_texts(self.doc)

    @property
    def asks_approval(self) -> bool:
        """Whether it waits for people to approve."""
        return any(row.kind == "approval" for row in self.steps.values())

    @property
    def mails(self) -> bool:
        """Whether the app mails for it by its own Amazon SES: in a call, for an approval, or of its runs."""
        called = any(
            (function == "notify.email" or function.startswith(("aws.ses.", "aws.sesv2.")))
            and not params.get("credentials_secret")
            for function, params in self.function_calls()
        )
        asked = any(question.get("to") or "escalate_to" in question for question in self._questions())
        return called or asked or any(map(is_address, self.options.notify or ()))

    @property
    def reminds(self) -> bool:
        """Whether a question that nobody answers is mailed again, or to others."""
        return any("remind" in question or "escalate_to" in question for question in self._questions())

    def _questions(self) -> Iterator[Mapping[str, Any]]:
        """What the function behind `approval(...)` is given, for each question."""
        for place in self.placeholders:
            if place.name == "nightshift.approval":
                yield _at(self.definition, place.path[:-1]).get("Payload", {})

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions it invokes, by the name in their placeholder, sorted; nightshift's own included."""
        return tuple(sorted({place.name for place in self.placeholders if not place.flow}))

    @property
    def part_functions(self) -> tuple[str, ...]:
        """Those of its functions that carry out parts."""
        return tuple(name for name in self.functions if name in self.parts or name in self.grants)

    @property
    def api_parts(self) -> tuple[str, ...]:
        """Those of its parts that call any operation of AWS, sorted; the functions in `grants` carry them out."""
        return tuple(sorted({payload["part"] for function, payload in self._calls() if function in self.grants}))

    def part_calls(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every call of a part in the definition: its name and its parameters, which may be expressions."""
        for _, payload in self._calls():
            yield payload["part"], payload["params"]

    def function_calls(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The same with the function that carries it out in place of the part."""
        for function, payload in self._calls():
            yield function, payload["params"]

    def _calls(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for place in self.placeholders:
            if place.name in self.parts or place.name in self.grants:
                yield place.name, _at(self.definition, place.path[:-1])["Payload"]

    def filled(self, value: Callable[[Placeholder], str], literal: Callable[[str], str] = str) -> dict[str, Any]:
        """The definition with its placeholders filled.

        value: what stands in the place. literal: how any other text is written.
        """
        places = {place.path: place for place in self.placeholders}

        def written(node: Any, path: tuple[str | int, ...]) -> Any:
            if isinstance(node, dict):
                return {key: written(inner, (*path, key)) for key, inner in node.items()}
            if isinstance(node, list):
                return [written(inner, (*path, index)) for index, inner in enumerate(node)]
            if path in places:
                return value(places[path])
            return literal(node) if isinstance(node, str) else node

        made: dict[str, Any] = written(self.definition, ())
        return made


def api_function(flow: str, service: str) -> str:
    """The function of a flow's calls of a service of AWS, named like a part; shortened to what Lambda takes."""
    name = f"aws.{service}.{flow}"
    if len(name) <= _LONGEST_FUNCTION:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_FUNCTION - 9]}_{digest}"


def placeholders(definition: Mapping[str, Any], steps: StepTable) -> tuple[Placeholder, ...]:
    """The placeholders of a definition whose states are those of the table."""
    return tuple(_placeholders(definition, steps, ()))


def _placeholders(scope: Mapping[str, Any], steps: StepTable, path: tuple[str | int, ...]) -> Iterator[Placeholder]:
    for name, state in scope["States"].items():
        row, here = steps[name], (*path, "States", name)
        if state["Type"] == "Task":
            if row.kind == "flow":
                yield Placeholder((*here, "Arguments", "StateMachineArn"), row.calls, flow=True)
            else:
                function = state["Arguments"]["FunctionName"].removeprefix("${").removesuffix("}")
                yield Placeholder((*here, "Arguments", "FunctionName"), function)
        for index, branch in enumerate(state.get("Branches", ())):
            yield from _placeholders(branch, steps, (*here, "Branches", index))
        if "ItemProcessor" in state:
            yield from _placeholders(state["ItemProcessor"], steps, (*here, "ItemProcessor"))


def inner_scopes(state: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The machines inside of a state: the branches of a Parallel, and what a Map does with an item."""
    yield from state.get("Branches", ())
    if "ItemProcessor" in state:
        yield state["ItemProcessor"]


def _at(node: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        node = node[key]
    return node
