"""The CDK context of a project, as its cdk.json has it: for what has to know an app without synthesizing it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lambdas.runs.app_names import AppNames


def context(folder: Path = Path()) -> dict[str, Any]:
    """The context in the cdk.json of a folder; empty without that file."""
    file = folder / "cdk.json"
    return json.loads(file.read_text(encoding="utf-8")).get("context", {}) if file.is_file() else {}


def names(folder: Path = Path(), given: Mapping[str, Any] | None = None) -> AppNames:
    """What the resources of the app of a folder are called. given: context that goes before that of cdk.json."""
    found = {**context(folder), **(given or {})}
    return AppNames(found.get("prefix") or AppNames.prefix, found.get("suffix") or "")
