"""Instances."""

from __future__ import annotations

from lambdas.dashboard.models.common import Answer, Moment


class Instance(Answer):
    """An EC2 instance. reason: why it is in its state, as EC2 says it.

    account, region: where it is. Of one in a member account only its state is known, and since when: of others that is
    null. type: "" where it is not known.
    """

    id: str
    account: str
    region: str
    since: Moment | None
    name: str | None
    type: str
    state: str
    reason: str | None
    zone: str | None
    launched: Moment | None
    tags: dict[str, str]


class Selecting(Answer):
    """A flow whose tags select an instance. next: when its schedule starts it next, holds and skips counted.

    changes: the parts of the flow that change something.
    """

    flow: str
    next: Moment | None
    alarm: str | None
    changes: list[str]


class Touched(Answer):
    """A run that changed an instance, or failed on it. parts: that did."""

    flow: str
    name: str
    time: Moment
    parts: list[str]
    failed: bool


class InstanceDetail(Answer):
    """An instance with what nightshift would do to it next, the soonest first, and did to it last, the latest first."""

    account: str
    region: str
    instance: Instance
    selecting: list[Selecting]
    touched: list[Touched]


class Fleet(Answer):
    """Instances of the region. cursor: gives the next page; null at the end.

    members: on the first page, what administrators see of instances in member accounts, whose events are forwarded; at
    most 1,000. more_members: there are more.
    """

    region: str
    instances: list[Instance]
    members: list[Instance]
    more_members: bool
    cursor: str | None
