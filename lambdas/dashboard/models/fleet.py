"""Instances."""

from __future__ import annotations

from lambdas.dashboard.models.common import Answer, Moment


class Instance(Answer):
    """An EC2 instance. reason: why it is in its state, as EC2 says it."""

    id: str
    name: str | None
    type: str
    state: str
    reason: str | None
    zone: str | None
    launched: Moment | None
    tags: dict[str, str]


class Fleet(Answer):
    """Instances of the region. cursor: gives the next page; null at the end."""

    region: str
    instances: list[Instance]
    cursor: str | None
