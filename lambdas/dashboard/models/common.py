"""What all models share: strict requests, complete answers, and the limits of what a request may hold."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

FlowName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,79}$", description="Name of a flow")]
RunName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$", description="Name of an execution of the flow")]
Cursor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,2000}$", description="`cursor` of the page before")]

RunState = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "SKIPPED"]
"""Step Functions' states of an execution, and SKIPPED for one that its gate ended without running."""

TriggerType = Literal["schedule", "alarm", "flow", "manual", "unknown"]
"""What starts runs; unknown is from outside of nightshift."""


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(_utc, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment in an answer, in ISO 8601 with its offset."""

GivenMoment = Annotated[AwareDatetime, Field(strict=False, description="ISO 8601, with an offset or Z")]
"""A moment in a request."""


class Request(BaseModel):
    """The body of a request: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    """A part of an answer. Every field is always there; what is not known is null."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldProblem(Answer):
    """What is wrong with one field of a request.

    field: where it is ("body.parameters.tag"). problem: what it should be; it never repeats what was sent.
    """

    field: str
    problem: str


class Problem(Answer):
    """Every answer that is not a success.

    code: for programs, and for translations. message: for people, in English; says what to do.
    """

    code: Literal[
        "invalid",
        "unauthorized",
        "forbidden",
        "not_found",
        "conflict",
        "too_large",
        "unsupported_media_type",
        "throttled",
        "unavailable",
        "internal",
    ]
    message: str
    fields: list[FieldProblem]


Anything = Any
"""A JSON value whose shape a flow decides."""
