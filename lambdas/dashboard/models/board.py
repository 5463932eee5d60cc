"""Boards of panels: a user's own, and the default of a group."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lambdas.dashboard.models.common import Answer, FlowName, Request, RunState
from lambdas.dashboard.models.presets import ButtonId
from lambdas.dashboard.models.runs import Run

Columns = Annotated[int, Field(ge=1, le=12)]
BoardWidth = Annotated[str, Field(min_length=1, max_length=2)]
Offset = Annotated[int, Field(ge=0, le=12)]
Column = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,30}$")]
TagText = Annotated[str, Field(pattern=r"^[^=]{1,128}=[^=]{0,256}$", description='A tag, "Key=Value"')]


class PanelSettings(Request):
    """What a panel shows; each kind uses those it needs.

    days, hours: how far it looks. buttons: ids of presets and names of flows, in the order of their buttons; null for
    all. columns: of its table, in their order; null for the usual ones.
    """

    flow: FlowName | None = None
    flows: Annotated[list[FlowName], Field(max_length=200)] | None = None
    state: RunState | None = None
    days: Annotated[int, Field(ge=1, le=400)] | None = None
    hours: Annotated[int, Field(ge=1, le=336)] | None = None
    tag: Annotated[list[TagText], Field(max_length=10)] | None = None
    buttons: Annotated[list[ButtonId], Field(max_length=200)] | None = None
    columns: Annotated[list[Column], Field(min_length=1, max_length=20)] | None = None


class Panel(Request):
    """A panel of a board, where Cloudscape's board component has put it.

    title: null is the title of its kind. column_offset: by number of columns of the board.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    kind: Literal[
        "buttons", "open", "now", "flows", "runs", "summary", "report", "next", "fleet", "approvals", "handover"
    ]
    title: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    column_span: Columns
    row_span: Annotated[int, Field(ge=1, le=40)]
    column_offset: Annotated[dict[BoardWidth, Offset], Field(max_length=12)] = Field(default_factory=dict)
    settings: PanelSettings = PanelSettings()


Panels = Annotated[list[Panel], Field(max_length=50)]


class BoardRequest(Request):
    """A board to keep.

    version: that of the board it was made from; another in between is a conflict. panels: null goes back to the
    default.
    """

    version: Annotated[int, Field(ge=0, le=2**53)]
    panels: Panels | None


class Board(Answer):
    """A board. panels: null is no board of one's own: what is shown is the default.

    version: 0 for one that was never changed. default: the panels of the user's groups, as administrators have arranged
    them; null where none of the groups has any.
    """

    version: int
    panels: list[Panel] | None
    default: list[Panel] | None


class GroupBoard(Answer):
    """The default board of a group; panels: null for none."""

    version: int
    panels: list[Panel] | None


class Now(Answer):
    """What runs now, and what failed or timed out within the last day, newest first.

    usual: seconds that a run usually takes, by flow: of 20 flows at most that run, dry runs aside, and have a history.
    """

    runs: list[Run]
    usual: dict[str, float]
