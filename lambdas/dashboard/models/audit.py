"""Who did what."""

from __future__ import annotations

from lambdas.dashboard.models.common import Answer, Anything, Moment


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
