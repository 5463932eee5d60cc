"""The time zone that a request names."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from lambdas.calendar.cron import TriggerError, time_zone
from lambdas.dashboard.problems import Invalid

Zone = Annotated[Annotated[str, Field(pattern=r"^[A-Za-z0-9_+/-]{1,60}$")], Query(description="IANA name of the zone")]


def checked_zone(name: str) -> ZoneInfo:
    """The zone of a name. Raises Invalid."""
    try:
        return time_zone(name)
    except TriggerError:
        raise Invalid("there is no such time zone", {"query.timezone": "has to be an IANA name"}) from None
