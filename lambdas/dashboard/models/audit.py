"""Who did what."""

from __future__ import annotations

from typing import Literal

from lambdas.dashboard.models.common import Answer, Anything, Moment

Action = Literal["start", "stop", "redrive", "again", "hold", "release", "skip_next"]


class AuditEntry(Answer):
    """What a user did. run: the run it was done to, or that it started. details: what was asked for."""

    time: Moment
    by: str
    action: Action
    flow: str
    run: str | None
    details: dict[str, Anything]


class Audit(Answer):
    """What was done, newest first. cursor: gives the next page; null at the end."""

    entries: list[AuditEntry]
    cursor: str | None
