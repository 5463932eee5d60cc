"""Presets that administrators make in the dashboard: buttons that start a flow with parameters filled in.

Those of the flow files are in the catalogue. Each write names the version it was made from, so that two people who
change one at the same time do not undo each other's work.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from lambdas.contract.errors import NightshiftError

PARTITION = "PRESETS"
_MADE, _LAST = "PRESET", "LAST"
MOST = 500
"""Presets of an app that are made in the dashboard; all of them are read at once."""


class Changed(NightshiftError):
    """Somebody else has written the same in between."""


@dataclass(frozen=True)
class Preset:
    """A button.

    id: what boards call it. flow: what it starts. parameters: by name, exactly these.
    form: whether whoever presses it is shown the parameters, and may change them. groups: who has it, () for every
    operator of the flow.
    """

    id: str
    flow: str
    title: str
    title_ja: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    form: bool = False
    groups: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Differs when anything of it does."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Stored:
    """What the table knows of presets.

    presets: those that were made in the dashboard, by their ids. last: the run ("FLOW/NAME") that each has started
    last, also of those of flow files.
    """

    presets: dict[str, Preset]
    last: dict[str, str]


def stored(table: Any) -> Stored:
    """What the table knows of presets."""
    query: dict[str, Any] = {
        "KeyConditionExpression": "pk = :presets",
        "ExpressionAttributeValues": {":presets": PARTITION},
        "ConsistentRead": True,
    }
    presets, last = {}, {}
    while True:
        answer = table.query(**query)
        for item in answer["Items"]:
            kind, _, name = item["sk"].partition("#")
            if kind == _LAST:
                last[name] = item["run"]
            else:
                presets[name] = _preset(item)
        if "LastEvaluatedKey" not in answer:
            return Stored(presets, last)
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def keep(table: Any, preset: Preset, *, version: str | None) -> None:
    """Keep a preset. version: of the one it was made from, None for a new one. Raises Changed."""
    item = {**_key(_MADE, preset.id), "version": preset.version, "json": json.dumps(asdict(preset))}
    try:
        table.put_item(Item=item, **_as_of(version))
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        raise Changed(preset.id) from None


def remove(table: Any, preset: Preset) -> None:
    """Remove a preset. Raises Changed when it is no longer as given."""
    try:
        table.delete_item(Key=_key(_MADE, preset.id), **_as_of(preset.version))
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        raise Changed(preset.id) from None
    table.delete_item(Key=_key(_LAST, preset.id))


def note_run(table: Any, preset: str, run: str) -> None:
    """Note which run ("FLOW/NAME") a preset has started last."""
    table.put_item(Item={**_key(_LAST, preset), "run": run})


def _key(kind: str, preset: str) -> dict[str, str]:
    return {"pk": PARTITION, "sk": f"{kind}#{preset}"}


def _as_of(version: str | None) -> dict[str, Any]:
    if version is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"ConditionExpression": "version = :seen", "ExpressionAttributeValues": {":seen": version}}


def _preset(item: dict[str, Any]) -> Preset:
    given = json.loads(item["json"])
    return Preset(**{**given, "groups": tuple(given["groups"])})
