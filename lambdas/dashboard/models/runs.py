"""Runs: the record of each, and its steps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lambdas.dashboard.models.common import Answer, Anything, Moment, Request, RunState, TriggerType
from lambdas.dashboard.models.flows import DeadlineKind

SearchText = Annotated[str, Field(min_length=1, max_length=200)]
StepName = Annotated[str, Field(min_length=1, max_length=80)]
ResourceText = Annotated[str, Field(min_length=3, max_length=512)]
AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$")]


class Trigger(Answer):
    """What started a run; the fields that its type does not have are null.

    type: "unknown" is a run that was started past nightshift, in the console for instance.
    by: who started it by hand. schedule, scheduled_time: which schedule, and when it was due.
    alarm, reason, dimensions: which alarm, and what CloudWatch said. flow, execution: the run that called it.
    """

    type: TriggerType
    by: str | None
    schedule: str | None
    scheduled_time: str | None
    alarm: str | None
    time: str | None
    reason: str | None
    dimensions: dict[str, str] | None
    flow: str | None
    execution: str | None


class Counts(Answer):
    """How many resources were selected, changed, left alone, and failed."""

    matched: int
    changed: int
    skipped: int
    failed: int


class Run(Answer):
    """A run in a list.

    id: "<flow>/<name>". duration: seconds, so far for one that runs. skipped: why its gate ended it without running.
    """

    id: str
    flow: str
    name: str
    state: RunState
    trigger: Trigger
    dry_run: bool
    started: Moment
    ended: Moment | None
    duration: float | None
    counts: Counts
    error: str | None
    skipped: str | None


class Runs(Answer):
    """Runs. cursor: gives the next page; null at the end.

    resources: of a search for resources, those that the text stands for, at most 20; for administrators only.
    more: not everything was looked at: there are more such resources, or older runs than those that were sorted.
    """

    runs: list[Run]
    cursor: str | None
    resources: list[str]
    more: bool


class FailedResource(Answer):
    """A resource that made a step or run fail. error: AWS's error code. hint: what to do about it."""

    id: str
    error: str
    message: str
    hint: str


class Step(Answer):
    """One call of a part, of another flow, or one wait.

    name: the state's name, a node of the flow's graph. label: the same with the item of a Map it belongs to.
    state: "handled" is a failure that the flow caught. looks: how often the part was invoked. wait: seconds until it
    is polled again, as of its last reply, until: when that is, and waiting_for what. items_done, items: for a Map, how
    many of how many items are done. result: what the part returned. failures: the resources that made it fail.
    """

    name: str
    label: str
    part: str | None
    state: Literal["running", "waiting", "succeeded", "failed", "handled"]
    started: Moment | None
    ended: Moment | None
    duration: float | None
    looks: int
    retries: int
    wait: float | None
    until: Moment | None
    waiting_for: str | None
    items_done: int | None
    items: int | None
    counts: Counts | None
    summary: str | None
    result: Anything
    error: str | None
    cause: str | None
    failures: list[FailedResource]


class LogLine(Answer):
    """A line of the log of a step's part. level: "INFO", "WARNING" or "ERROR". call: of the step in a loop.

    item: of the Map that the step belongs to, "" without.
    """

    time: Moment
    level: str
    message: str
    call: int
    item: str


class StepLog(Answer):
    """What a step wrote, the first first. more: whether there is more than is listed, or there was no time for all."""

    lines: list[LogLine]
    more: bool


class PlaceOutcome(Answer):
    """An account and a Region in which a run acted, or meant to.

    account: "" for the app's own. name: of the account, "" where it is not known. state: "not_started" is one in which
    nothing has begun. counts: of the resources there. what_to_do: about the error, in plain words.
    """

    account: str
    name: str
    region: str
    state: Literal["failed", "running", "not_started", "done"]
    counts: Counts
    error: str | None
    cause: str | None
    what_to_do: str | None


class Mail(Answer):
    """A mail that a step sent. message_id: Amazon SES's id of it. text: its plain text, when it was kept."""

    step: str
    to: list[str]
    subject: str | None
    message_id: str | None
    text: str | None


class RunDeadline(Answer):
    """By when a run has, or had, to start or to end.

    state: "late" is missed; "open" may still be met. late: seconds by which it was missed, so far for one that goes on.
    """

    kind: DeadlineKind
    by: Moment
    state: Literal["met", "late", "open"]
    late: float | None


NotRedrivable = Literal["too_late", "forgotten", "cleaned_up"]
"""Why a run that did not succeed cannot be redriven: it ended too long ago; Step Functions does not offer it; or its
except and finally have been through, so that nothing would be left to do."""


class RunDetail(Run):
    """Everything about a run.

    names: what people call the first 200 instances, volumes, snapshots and images that the steps tell of, by id.
    places: the accounts and Regions in which it acted, those first in which something failed; 300 at most.
    deadlines: none of a dry run and of one that was skipped, and no `expected` of one that was redriven.
    cause: the error's message. failures: the resources that made it fail. advice: what to do about it, in plain words.
    redrivable_until: until when the run can be started again from the step that failed, null when it cannot;
    not_redrivable says why, null for one that goes on or succeeded.
    stoppable: whether it runs. from_history: the steps are Step Functions' own; otherwise the recorded ones, whose
    details may have been shortened.
    """

    parameters: dict[str, Anything]
    steps: list[Step]
    names: dict[str, str]
    places: list[PlaceOutcome]
    deadlines: list[RunDeadline]
    mails: list[Mail]
    output: Anything
    cause: str | None
    failures: list[FailedResource]
    advice: str | None
    redrivable_until: Moment | None
    not_redrivable: NotRedrivable | None
    redrives: int
    stoppable: bool
    from_history: bool
    execution: str
    console: str | None


class StopRequest(Request):
    """Why a run is stopped."""

    why: Annotated[str, Field(max_length=500)] = ""


class Acted(Answer):
    """A run that was stopped or started again from its failed step, and when."""

    id: str
    flow: str
    name: str
    time: Moment
