"""Presets: buttons that start a flow with parameters filled in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lambdas.dashboard.models.common import Answer, Anything, FlowName, Request
from lambdas.dashboard.models.flows import LastRun

PresetId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_]{1,80}(-[A-Za-z0-9_]{1,40}){1,5}$", description="Id of a preset")
]
ButtonId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_]{1,80}(-[A-Za-z0-9_]{1,40}){0,5}$", description="Id of a preset, or name of a flow"),
]
Title = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
Group = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+=@-]{1,128}$", description="A group of the user pool")]
Version = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", description="`version` of the preset as it was read")]
Parameters = Annotated[dict[str, Anything], Field(max_length=100)]


class Preset(Answer):
    """A button.

    parameters: what it starts the flow with, and nothing else. form: whether the user is shown them, and may change
    them, before the start. groups: who has it; none for every operator of the flow. source: whether it stands in the
    flow file, where only a deployment changes it. version: differs when anything of it does.
    wrong: why it cannot start anything, as after a change of the flow, or null. last_run: the last it has started.
    """

    id: str
    flow: str
    title: str
    title_ja: str | None
    parameters: dict[str, Anything]
    form: bool
    groups: list[str]
    source: Literal["file", "dashboard"]
    version: str
    wrong: str | None
    last_run: LastRun | None


class Presets(Answer):
    """The presets the user may start, by their titles."""

    presets: list[Preset]


class PresetRequest(Request):
    """A preset to keep. version: of the one it was made from, another in between is a conflict; null for a new one."""

    version: Version | None
    flow: FlowName
    title: Title
    title_ja: Title | None = None
    parameters: Parameters = Field(default_factory=dict)
    form: bool = False
    groups: Annotated[list[Group], Field(max_length=50)] = Field(default_factory=list)


class PresetStart(Request):
    """How to press a button.

    version: of the preset the user has seen; another in between is a conflict. parameters: what the form holds, null
    without a form. dry_run: change nothing.
    """

    version: Version
    parameters: Parameters | None = None
    dry_run: bool = False
