"""Who did what."""

from __future__ import annotations

from lambdas.dashboard.models.common import Answer, Anything, GivenMoment, Moment, Request
from lambdas.dashboard.models.runs import Run


class AuditEntry(Answer):
    """What a user did.

    action: "start", "stop", "redrive", "again", "hold", "release", "skip_next", "unskip", "acknowledge", "approve",
    "reject", "remind", "escalate", "add_preset", "change_preset", "remove_preset" or "change_board". flow: "" where it
    was done to none. run: the run it was done to, or that it started. details: what was asked for.
    """

    time: Moment
    by: str
    action: str
    flow: str
    run: str | None
    details: dict[str, Anything]


class Audit(Answer):
    """What was done, newest first. cursor: gives the next page; null at the end."""

    entries: list[AuditEntry]
    cursor: str | None


class Handover(Answer):
    """What happened in a time, the first first.

    read: until when the user has read, null when they never said so. failed: runs that failed, timed out or were
    stopped. done: what people did. more: whether there is more than is listed; the latest are.
    """

    since: Moment
    until: Moment
    read: Moment | None
    failed: list[Run]
    done: list[AuditEntry]
    more: bool


class ReadRequest(Request):
    """What a user has read. until: of the hand-over that they have read."""

    until: GivenMoment


class ReadMark(Answer):
    """Until when a user has read."""

    read: Moment
