"""What is open."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lambdas.dashboard.models.common import Answer, Moment, Request
from lambdas.dashboard.models.holds import Freeze
from lambdas.tracker.opened import LONGEST_COMMENT

OpenKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="`key` of what is open")]


class OpenItem(Answer):
    """Something that needs someone.

    key: of a run, the name of its execution. kind: how a run ended ("failed", "timed_out", "aborted", "skipped"), or
    the deadline that was missed ("late_start", "late_end", "long").
    time: when it happened. run: name of the execution, if there is one. why, what_to_do: as far as is known.
    """

    flow: str
    key: str
    kind: str
    time: Moment
    run: str | None
    why: str | None
    what_to_do: str | None


class Open(Answer):
    """What is open, the latest first. freeze: what holds all flows now; every page shows it."""

    items: list[OpenItem]
    freeze: Freeze | None


class AcknowledgeRequest(Request):
    """Somebody has taken care of it. comment: what was found, or done."""

    comment: Annotated[str, Field(min_length=1, max_length=LONGEST_COMMENT, pattern=r"\S")]
