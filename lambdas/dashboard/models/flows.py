"""Flows: what they are, what starts them, and what an operator can do to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lambdas.dashboard.models.common import Answer, Anything, GivenMoment, Moment, Request, RunState
from lambdas.runs.tree import TreeKind


class FlowParameter(Answer):
    """A parameter of a flow, and how to ask for it in a form.

    type: as the flow's author wrote it ("list[str]", "int | None"). accepts: the same in words.
    kind: the field of the form; `item` is the kind of a list's items, `choices` the values of a choice.
    nullable: whether it may be left empty (null). required: whether it has no default.
    title, description: what its docstring says in a sentence, and behind that; null where it says nothing.
    """

    name: str
    title: str | None
    title_ja: str | None
    description: str | None
    description_ja: str | None
    type: str
    accepts: str
    kind: Literal["text", "integer", "number", "boolean", "choice", "list", "json"]
    item: Literal["text", "integer", "number", "boolean", "choice", "json"] | None
    choices: list[str | int | float | bool]
    nullable: bool
    required: bool
    default: Anything


class Schedule(Answer):
    """What EventBridge Scheduler starts the flow by; `days` says in words on which business days only."""

    expressions: list[str]
    timezone: str
    days: str | None


class Hold(Answer):
    """A flow on hold: no schedule and no alarm starts it. until: null is until it is released."""

    by: str | None
    why: str | None
    since: Moment | None
    until: Moment | None


class Skip(Answer):
    """The next start by a schedule or an alarm is skipped."""

    by: str | None
    why: str | None
    since: Moment | None


class Standing(Answer):
    """What holds or skips a flow now. frozen: whether it is held with all flows; `GET /api/open` says by whom."""

    hold: Hold | None
    skip_next: Skip | None
    frozen: bool


class LastRun(Answer):
    """The newest run of a flow."""

    id: str
    name: str
    state: RunState
    started: Moment
    ended: Moment | None


class UsedPart(Answer):
    """A part that the flow calls. doc, doc_ja: what it does. changes: whether it can change anything in AWS."""

    name: str
    doc: str
    doc_ja: str | None
    changes: bool


class Flow(Answer):
    """A flow in a list.

    title: what people call it, else the first line of `doc`. title_ja, doc_ja: null without. timeout: seconds.
    folder: in which its file lies below the folder of the flows ("office/night"), or "". tags: by which it selects
    instances. favourite: whether the user has put a star at it.
    next: when a schedule starts it next, holds and skips counted.
    """

    name: str
    title: str
    title_ja: str | None
    doc: str
    doc_ja: str | None
    folder: str
    tags: list[str]
    favourite: bool
    parameters: list[FlowParameter]
    operators: list[str]
    schedule: Schedule | None
    alarm: str | None
    timeout: int | None
    parts: list[UsedPart]
    standing: Standing
    next: Moment | None
    last_run: LastRun | None


class Flows(Answer):
    """The flows the user may see, by name."""

    flows: list[Flow]


class Node(Answer):
    """A node of a flow's graph.

    id: the state's name, which the steps of a run name too; "start" and "end" nodes have ids of their own.
    kind: the type of the state; "group" is a Parallel or Map, whose inner nodes have its id as `parent`.
    """

    id: str
    label: str
    kind: Literal["start", "end", "task", "choice", "wait", "pass", "fail", "succeed", "group"]
    part: str | None
    parent: str | None


class Edge(Answer):
    """An arrow of a flow's graph. caught: an error that the flow catches leads here."""

    source: str
    target: str
    label: str
    caught: bool


class Graph(Answer):
    """A flow's graph; the wait loop of a part is drawn as the one step it is."""

    nodes: list[Node]
    edges: list[Edge]


class TreeNode(Answer):
    """A statement of a flow, as its author wrote it; each comes before those inside of it, whose `parent` it is.

    id: of a step the state's name, which the steps of a run name too. title, title_ja: what it does; "" where its kind
    says all. code: what the author wrote, or "". line: of the flow's file, 0 for none. calls: the part or flow.
    """

    id: str
    parent: str | None
    kind: TreeKind
    title: str
    title_ja: str
    code: str
    line: int
    calls: str


class Permission(Answer):
    """A statement of the IAM policy of one of the flow's parts."""

    part: str
    actions: list[str]
    resources: list[str]
    condition: Anything


class DueTime(Answer):
    """When a schedule is due. skipped: why the flow will not run then (held, skipped), or null."""

    time: Moment
    expression: str
    skipped: str | None


DeadlineKind = Literal["start_by", "finish_by", "expected"]
"""By when a run has to start, by when it has to end, and how long it may take."""


class FlowDeadline(Answer):
    """A deadline that the flow's author has set.

    clock: "22:15", in the zone of the schedule; null for `expected`. longest: seconds that `expected` allows; null for
    the others, and while the flow's own history is too short to tell. next: when the next run has to have met it.
    """

    kind: DeadlineKind
    clock: str | None
    longest: float | None
    next: Moment | None


class FlowDetail(Flow):
    """Everything about a flow. file, line: where its source is, below the project's folder.

    tree: the flow as its author wrote it. graph: its state machine.
    """

    file: str
    line: int
    source: str
    tree: list[TreeNode]
    graph: Graph
    permissions: list[Permission]
    next_times: list[DueTime]
    deadlines: list[FlowDeadline]
    calls: list[str]
    called_by: list[str]


class StartRequest(Request):
    """How to start a run. parameters: those that differ from their defaults. dry_run: change nothing."""

    parameters: Annotated[dict[str, Anything], Field(max_length=100)] = Field(default_factory=dict)
    dry_run: bool = False


class FavouriteRequest(Request):
    """Whether a flow is to be one of the user's favourites."""

    favourite: bool


class Favourite(Answer):
    """Whether a flow is one of the user's favourites."""

    flow: str
    favourite: bool


class HoldRequest(Request):
    """How to hold a flow. until: when the hold ends by itself; null: until it is released."""

    until: GivenMoment | None = None
    why: Annotated[str, Field(min_length=1, max_length=500)]


class SkipRequest(Request):
    """Why the next start of a flow is skipped."""

    why: Annotated[str, Field(max_length=500)] = ""


class Started(Answer):
    """A run that was started. repeated: the same request had started it before."""

    id: str
    flow: str
    name: str
    started: Moment
    repeated: bool
