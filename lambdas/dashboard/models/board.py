"""A user's board of panels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lambdas.dashboard.models.common import Answer, FlowName, Request, RunState

Columns = Annotated[int, Field(ge=1, le=12)]
BoardWidth = Annotated[str, Field(min_length=1, max_length=2)]
Offset = Annotated[int, Field(ge=0, le=12)]
TagText = Annotated[str, Field(pattern=r"^[^=]{1,128}=[^=]{0,256}$", description='A tag, "Key=Value"')]


class PanelSettings(Request):
    """What a panel shows; each kind uses those it needs. days, hours: how far it looks."""

    flow: FlowName | None = None
    flows: Annotated[list[FlowName], Field(max_length=200)] | None = None
    state: RunState | None = None
    days: Annotated[int, Field(ge=1, le=400)] | None = None
    hours: Annotated[int, Field(ge=1, le=336)] | None = None
    tag: Annotated[list[TagText], Field(max_length=10)] | None = None


class Panel(Request):
    """A panel of a board, where Cloudscape's board component has put it.

    title: null is the title of its kind. column_offset: by number of columns of the board.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    kind: Literal["flows", "runs", "summary", "report", "next", "fleet"]
    title: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    column_span: Columns
    row_span: Annotated[int, Field(ge=1, le=40)]
    column_offset: Annotated[dict[BoardWidth, Offset], Field(max_length=12)] = Field(default_factory=dict)
    settings: PanelSettings = PanelSettings()


Panels = Annotated[list[Panel], Field(max_length=50)]


class BoardRequest(Request):
    """A board to keep. version: that of the board it was made from; another in between is a conflict."""

    version: Annotated[int, Field(ge=0, le=2**53)]
    panels: Panels


class Board(Answer):
    """The user's board; version 0 with no panels is a user who has none yet."""

    version: int
    panels: list[Panel]
