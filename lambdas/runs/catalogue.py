"""What the functions know about the flows: the file `flows.json`, which the deployment puts into their code."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from lambdas.calendar.business_days import DayRule
from lambdas.runs.step_table import StepTable, table_from_json

CATALOGUE_FILE = "flows.json"
"""Beside lambdas/ in the code asset; `nightshift/views/catalogue_file.py` makes it."""


@dataclass(frozen=True)
class FlowEntry:
    """A flow of the app.

    title, title_ja: what `@flow` says that people call it, or None. doc_ja: None where it says nothing in Japanese.
    file: below the project's folder. parameters: {"name", "type", "default", "required", "title", "description",
        "title_ja", "description_ja"} each; of the last four those that the docstring does not have are None.
    presets: {"id", "title", "title_ja", "parameters", "form", "groups"} each, as `@flow(presets=)` has them.
    operators: groups of users who may see and start it. approvers: those that its approvals ask. notify: who is told
        of runs that need someone, None for whom the app names. deadlines: as `lambdas.calendar.deadlines` reads them.
    timeout: seconds a run may take.
    expressions, timezone, days: its schedule; no expressions is no schedule. days_words: `days` in words.
    alarm: what alarm starts it, in words. steps: what each of its states is.
    nodes, edges: its graph, as the dashboard's models have it. tree: the flow as its author wrote it, likewise.
    parts: {"name", "doc", "doc_ja", "changes"} each.
    permissions: {"part", "actions", "resources", "condition"} each. calls: flows it calls.
    selects: the tags by which it selects instances ("Backup=nightly"), each list by itself.
    """

    name: str
    title: str | None
    title_ja: str | None
    doc: str
    doc_ja: str | None
    file: str
    line: int
    source: str
    parameters: list[dict[str, Any]]
    presets: list[dict[str, Any]]
    operators: list[str]
    approvers: list[str]
    notify: list[str] | None
    deadlines: dict[str, Any] | None
    timeout: int | None
    expressions: list[str]
    timezone: str
    days: DayRule | None
    days_words: str | None
    alarm: str | None
    steps: StepTable
    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    tree: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    permissions: list[dict[str, Any]]
    calls: list[str]
    selects: list[list[str]]

    @property
    def shown_title(self) -> str:
        """Its title, else the first line of its docstring, else its name."""
        return self.title or self.doc.partition("\n")[0] or self.name

    @property
    def folder(self) -> str:
        """In which its file lies below the folder of the flows ("office/night"); "" for that folder itself."""
        return "/".join(PurePosixPath(self.file).parts[1:-1])


def read_catalogue(text: str) -> dict[str, FlowEntry]:
    """The flows of a catalogue, by name, in the order of their names."""
    flows: Mapping[str, Mapping[str, Any]] = json.loads(text)
    return {name: _entry(name, given) for name, given in sorted(flows.items())}


def catalogue() -> dict[str, FlowEntry]:
    """The flows of the app this function belongs to, by name.

    NIGHTSHIFT_CATALOGUE names another file, which is read again when it has changed.
    """
    own = Path(__file__).resolve().parents[2] / CATALOGUE_FILE
    path = Path(os.environ.get("NIGHTSHIFT_CATALOGUE") or own)
    return _read(path, path.stat().st_mtime_ns)


def steps_of(flow: str) -> StepTable:
    """The step table of a flow; an empty one for a flow that is no longer deployed."""
    entry = catalogue().get(flow)
    return entry.steps if entry else {}


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> dict[str, FlowEntry]:
    return read_catalogue(path.read_text(encoding="utf-8"))


def _entry(name: str, given: Mapping[str, Any]) -> FlowEntry:
    days = DayRule.from_json(given["days"]) if given["days"] else None
    read = {"days": days, "days_words": days.words or None if days else None, "steps": table_from_json(given["steps"])}
    return FlowEntry(**{**given, "name": name, **read})
