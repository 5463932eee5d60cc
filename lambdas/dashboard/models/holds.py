"""Holding several flows at once, and the freeze of all of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lambdas.dashboard.models.common import Answer, FlowName, Moment, Request
from lambdas.dashboard.models.flows import HoldRequest

FlowNames = Annotated[list[FlowName], Field(max_length=500)]


class Freeze(Answer):
    """All flows are on hold, also those that are deployed meanwhile.

    until: null is until it is released. exempt: the flows left out, as far as the user may see them.
    """

    by: str
    why: str
    since: Moment
    until: Moment | None
    exempt: list[str]


class Frozen(Answer):
    """The freeze there is now, or null."""

    freeze: Freeze | None


class FreezeRequest(HoldRequest):
    """How to hold all flows. exempt: flows that are left out."""

    exempt: FlowNames = Field(default_factory=list)


class HoldsRequest(HoldRequest):
    """How to hold several flows."""

    flows: Annotated[FlowNames, Field(min_length=1)]


class ReleaseRequest(Request):
    """Flows to release."""

    flows: Annotated[FlowNames, Field(min_length=1)]


class Changed(Answer):
    """The flows that were held or released; without those that are retired, or were not held."""

    flows: list[str]
