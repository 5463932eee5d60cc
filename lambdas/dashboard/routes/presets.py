"""Presets: list, keep, remove, start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, NoReturn

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from lambdas.dashboard import starting, views
from lambdas.dashboard.access import check_admin, to_act, user, visible
from lambdas.dashboard.models.flows import Started
from lambdas.dashboard.models.presets import Preset as PresetModel
from lambdas.dashboard.models.presets import PresetId, PresetRequest, Presets, PresetStart, Version
from lambdas.dashboard.problems import Conflict, Forbidden, Invalid, NotFound
from lambdas.dashboard.routes.flows import IdempotencyKey
from lambdas.dashboard.routing import new_router
from lambdas.gate import holds
from lambdas.runs.catalogue import FlowEntry, catalogue
from lambdas.store import audit, presets
from lambdas.store.presets import Preset
from lambdas.store.table import table
from lambdas.tracker import queries
from lambdas.tracker.record import Record

router = new_router()

Id = Annotated[PresetId, Path()]


@router.get("/api/presets", operation_id="list_presets", summary="The buttons of the user", tags=["presets"])
def list_presets() -> Presets:
    """The presets of the flows the user may start, by their titles; for admins also those that start nothing more."""
    stored = presets.stored(table())
    entries, of_files = visible(), _of_files()
    held = holds.read_all(table(), entries)
    mine = [
        preset
        for preset in sorted({**stored.presets, **of_files}.values(), key=lambda preset: (preset.title, preset.id))
        if _may(preset) and not (preset.flow in held and held[preset.flow].retired)
    ]
    last = queries.records(table(), [stored.last[preset.id] for preset in mine if preset.id in stored.last])
    return Presets(
        presets=[
            _model(preset, entries.get(preset.flow), last.get(stored.last.get(preset.id, "")), preset.id in of_files)
            for preset in mine
        ]
    )


@router.put("/api/presets/<preset>", operation_id="put_preset", summary="Keep a preset", tags=["presets"])
def put_preset(preset: Id, body: Annotated[PresetRequest, Body()]) -> PresetModel:
    """Make a preset, or change one that was made in the dashboard. Admins only."""
    entry = _to_arrange(body.flow)
    stored = presets.stored(table())
    _check_made_here(preset)
    _check_parameters(entry, body.parameters, form=body.form)
    before = stored.presets.get(preset)
    if before is None and len(stored.presets) >= presets.MOST:
        raise Conflict(f"there are {presets.MOST} presets; remove one that nobody needs")
    given = body.model_dump(exclude={"version"})
    made = Preset(**{**given, "id": preset, "groups": tuple(dict.fromkeys(body.groups))})
    try:
        presets.keep(table(), made, version=body.version)
    except presets.Changed:
        _changed()
    _record("change_preset" if body.version else "add_preset", made)
    if before and before.flow != made.flow:
        _record("remove_preset", before)
    last = stored.last.get(preset)
    return _model(made, entry, queries.records(table(), [last]).get(last) if last else None)


@router.delete("/api/presets/<preset>", operation_id="remove_preset", summary="Remove a preset", tags=["presets"])
def remove_preset(preset: Id, version: Annotated[Version, Query()]) -> PresetModel:
    """Remove a preset that was made in the dashboard; what it was. Admins only."""
    _to_arrange(None)
    _check_made_here(preset)
    found = presets.stored(table()).presets.get(preset)
    if found is None:
        raise NotFound("there is no such preset; GET /api/presets lists them")
    if found.version != version:
        _changed()
    try:
        presets.remove(table(), found)
    except presets.Changed:
        _changed()
    _record("remove_preset", found)
    return _model(found, catalogue().get(found.flow), None)


@router.post("/api/presets/<preset>/runs", operation_id="start_preset", summary="Press a button", tags=["presets"])
def start_preset(preset: Id, body: Annotated[PresetStart, Body()], idempotency_key: IdempotencyKey = None) -> Started:
    """Start a run with exactly the parameters of a preset; with a form, with those that it holds."""
    found = {**presets.stored(table()).presets, **_of_files()}.get(preset)
    if found is None or not _may(found):
        if user().admin:
            raise NotFound("there is no such preset; GET /api/presets lists them")
        raise Forbidden("you may not do that; GET /api/presets lists the buttons that are yours")
    entry = to_act(found.flow)
    if found.version != body.version:
        raise Conflict("the button was changed in between; look at what it starts now, and press it again")
    if body.parameters is not None and not found.form:
        raise Invalid("the button starts exactly its parameters", {"body.parameters": "has to be left out"})
    starting.check_not_retired(entry)
    started = starting.start(
        entry,
        found.parameters if body.parameters is None else body.parameters,
        dry_run=body.dry_run,
        key=idempotency_key,
        details={"preset": found.title},
    )
    if not body.dry_run:
        presets.note_run(table(), found.id, started.id)
    return started


def _of_files() -> dict[str, Preset]:
    """The presets of the flow files, by their ids."""
    return {
        given["id"]: Preset(**{**given, "flow": name, "groups": tuple(given["groups"])})
        for name, entry in catalogue().items()
        for given in entry.presets
    }


def _may(preset: Preset) -> bool:
    """Whether it is a button of the user: the flow is theirs to start, and the button given to one of their groups."""
    if user().admin:
        return True
    entry = catalogue().get(preset.flow)
    given = not preset.groups or not user().groups.isdisjoint(preset.groups)
    return entry is not None and user().may(entry) and given


def _to_arrange(flow: str | None) -> FlowEntry:
    """The flow that an admin makes a preset of. Raises Forbidden for anyone else, Invalid for a flow that is none."""
    check_admin("only administrators make, change and remove presets")
    entry = catalogue().get(flow or next(iter(catalogue()), ""))
    if entry is None:
        raise Invalid("there is no such flow", {"body.flow": "has to be the name of a flow"})
    return entry


def _check_made_here(preset: str) -> None:
    if preset in _of_files():
        raise Conflict("the preset stands in the flow file; change it there, and deploy again")


def _check_parameters(entry: FlowEntry, given: Mapping[str, object], *, form: bool) -> None:
    """Raises Invalid for parameters that the flow does not take; with a form, those it needs may be left to it."""
    starting.check_parameters(entry, given, complete=not form)


def _wrong(preset: Preset, entry: FlowEntry | None) -> str | None:
    if entry is None:
        return "there is no such flow any more"
    try:
        _check_parameters(entry, preset.parameters, form=preset.form)
    except Invalid as error:
        return "; ".join(f"{field.rpartition('.')[2]} {problem}" for field, problem in error.fields.items())
    return None


def _changed() -> NoReturn:
    raise Conflict("the preset was changed elsewhere in between; load it, and change it again")


def _record(action: str, preset: Preset) -> None:
    parameters = json.dumps(preset.parameters, ensure_ascii=False, sort_keys=True)
    details = {"preset": preset.title, "parameters": parameters}
    more = {"groups": ", ".join(preset.groups), "form": "shown" if preset.form else ""}
    told = {**details, **{name: text for name, text in more.items() if text}}
    audit.record(table(), by=user().name, action=action, flow=preset.flow, details=told)


def _model(preset: Preset, entry: FlowEntry | None, last: Record | None, of_file: bool = False) -> PresetModel:
    return PresetModel(
        **{**asdict(preset), "groups": list(preset.groups)},
        source="file" if of_file else "dashboard",
        version=preset.version,
        wrong=_wrong(preset, entry),
        last_run=views.last_run(last),
    )
