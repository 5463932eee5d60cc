"""Mails from mustache templates: what a template can use, where templates are found, text and HTML.

A template is `<name>.txt.mustache`, with an optional `<name>.html.mustache` beside it, in `flow_defs/templates/` or,
for the defaults, in `templates/` beside this file. Its first line may be "Subject: ...". Values are escaped in HTML
only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.hints import hint
from lambdas.contract.part import Json, Result, Run
from lambdas.contract.places import console_url
from lambdas.contract.result import FanOut, plain
from lambdas.engine.selection import tag_map
from lambdas.engine.templates import templates
from lambdas.parts import find_part
from lambdas.parts.notify._fan_out import is_fan_out, shown_fan_out

_HERE = Path(__file__).parent
_SHOWN = 50
_SUBJECT = "Subject:"


@dataclass(frozen=True)
class Mail:
    """A rendered mail; html is "" when there is only text."""

    subject: str
    text: str
    html: str


def render(
    run: Run, *, subject: str | None, body: str | None, template: str | None, results: list[dict[str, Json]]
) -> Mail:
    """The mail for `results`.

    subject: instead of the template's.
    body: text put before the results.
    template: name of a template; default: that of the part that gave the result, else `result`.

    Raises InvalidParameter when there is no such template, or it does not parse.
    """
    context = view(run, body, results)
    name = template or _default(results)
    text = _render(name, "txt", context)
    if text is None:
        raise InvalidParameter(f"there is no mail template {name!r}; there are {', '.join(available()) or 'none'}")
    first, _, rest = text.partition("\n")
    if first.startswith(_SUBJECT):
        text, subject = rest.lstrip("\n"), subject or first.removeprefix(_SUBJECT)
    line = " ".join((subject or f"[nightshift] {context['flow']}: {context['headline']}").split())
    return Mail(line, text, _render(name, "html", context) or "")


def view(run: Run, body: str | None, results: list[dict[str, Json]]) -> dict[str, Any]:
    """What a template can use: the run, each result under `results`, and the first result's fields and its API
    responses by their names."""
    shown = [shown_fan_out(r) if is_fan_out(r) else _result(r) for r in results]
    failed = sum(r["failed_count"] for r in shown)
    headline = "; ".join(r["summary"] for r in shown if r["summary"]) or "finished"
    first = shown[0] if shown else {}
    return {
        **first.get("responses", {}),
        **first,
        "body": body or "",
        "results": shown,
        "has_failed": failed > 0,
        "headline": f"FAILED: {headline}" if failed else headline,
        "flow": run.flow,
        "run": run.id,
        "step": run.step,
        "started": run.started,
        "console": console_url(run.id),
    }


def as_json(result: Any) -> list[dict[str, Any]]:
    """The results that a flow gave, as JSON. Raises InvalidParameter for what is none."""
    results = result if isinstance(result, list) else [result] if result is not None else []
    given = [r.to_json() if isinstance(r, Result) else plain(r) if isinstance(r, FanOut) else r for r in results]
    if not all(isinstance(r, dict) for r in given):
        raise InvalidParameter("result takes what a part or for_each with guard rails gave, or a list of such results")
    return given


def available() -> list[str]:
    """Names of the templates there are."""
    return sorted({p.name.removesuffix(".txt.mustache") for d in _folders() for p in d.glob("[!_]*.txt.mustache")})


def _result(result: Mapping[str, Json]) -> dict[str, Any]:
    """A result with its lists cut to what a reader takes in, ids with their Name tags, and hints."""
    names, hints = _names(result), _hints(str(result.get("part") or ""))
    shown: dict[str, Any] = dict(result)
    for key in ("matched", "changed", "skipped", "failed"):
        items = result.get(key) or []
        entries = [{"id": i} if isinstance(i, str) else dict(i) for i in items[:_SHOWN]]
        for entry in entries:
            entry["name"] = names.get(entry["id"], "")
            entry["hint"] = hint(entry["error"], hints) if key == "failed" else ""
        more = len(items) - len(entries)
        shown[f"{key}_items"] = entries
        shown[f"{key}_count"] = len(items)
        shown[f"has_{key}"] = bool(items)
        shown[f"{key}_more"] = f"... and {more} more" if more else ""
    shown["summary"] = result.get("summary", "")
    shown["title"] = result.get("part") or "result"
    if isinstance(snapshots := result.get("snapshots"), list):
        shown["snapshots"] = [s | {"volume_name": names.get(s.get("volume_id", ""), "")} for s in snapshots]
    for key in ("warnings", "deleted", "untagged"):
        shown[f"has_{key}"] = bool(result.get(key))
    return shown


def _hints(name: str) -> Mapping[str, str]:
    """What the part that gave a result says about its error codes."""
    try:
        return find_part(name).hints
    except InvalidParameter:
        return {}


def _names(result: Mapping[str, Json]) -> dict[str, str]:
    """Name tags of the resources in the stored API responses; a volume without one is named by where it is attached."""
    names: dict[str, str] = {}
    responses = result.get("responses") or {}
    instances = [
        i
        for reservation in responses.get("DescribeInstancesResponse", {}).get("Reservations", [])
        for i in reservation["Instances"]
    ]
    for key, items in (
        ("InstanceId", instances),
        ("VolumeId", responses.get("DescribeVolumesResponse", {}).get("Volumes", [])),
    ):
        for item in items:
            names[item[key]] = tag_map(item.get("Tags")).get("Name", "") or _attached(item, names)
    return names


def _attached(item: Mapping[str, Json], names: Mapping[str, str]) -> str:
    """The instance and device of a volume: "db-1 /dev/sdf"; "" for what is attached to nothing that has a name."""
    places = [(names.get(a.get("InstanceId", ""), ""), a.get("Device", "")) for a in item.get("Attachments") or []]
    return ", ".join(f"{host} {device}".strip() for host, device in places if host)


def _default(results: list[dict[str, Json]]) -> str:
    if results and all(map(is_fan_out, results)):
        return "for_each"
    parts = {r.get("part") for r in results}
    name = str(parts.pop()) if len(parts) == 1 else ""
    return name if name and _template(*_folders(), f"{name}.txt.mustache") is not None else "result"


def _folders() -> list[Path]:
    return [templates(), _HERE / "templates"]


def _render(name: str, kind: str, context: dict[str, Any]) -> str | None:
    """The template rendered, or None when there is none of this kind."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
        raise InvalidParameter(f"{name!r} is not the name of a mail template")
    file = f"{name}.{kind}.mustache"
    template = _template(*_folders(), file)
    if template is None:
        return None
    renderer = _renderer()(
        search_dirs=[str(d) for d in _folders()],
        file_extension=f"{kind}.mustache",
        file_encoding="utf-8",
        **({} if kind == "html" else {"escape": lambda text: text}),
    )
    try:
        return str(renderer.render(template, context))
    except Exception as error:
        raise InvalidParameter(f"mail template {file}: {error}") from error


@lru_cache(1000)
def _template(own: Path, defaults: Path, file: str) -> str | None:
    """The text of a template, read once: what is deployed does not change. None where there is none."""
    path = next((p for d in (own, defaults) if (p := d / file).is_file()), None)
    return None if path is None else path.read_text("utf-8")


@cache
def _renderer() -> Any:
    """pystache's renderer, with values as the AWS API writes them; it parses a text once, not for each result."""
    import pystache  # type: ignore[import-untyped]
    from pystache.parser import parse  # type: ignore[import-untyped]

    parsed = lru_cache(1000)(parse)

    class Renderer(pystache.Renderer):  # type: ignore[misc]
        def str_coerce(self, val: Any) -> str:
            # "true", not "True"; and nothing for null.
            return str(val).lower() if isinstance(val, bool) else "" if val is None else str(val)

        def _make_render_engine(self) -> Any:
            engine = super()._make_render_engine()
            engine.render = lambda text, stack, delimiters=None: parsed(text, delimiters).render(engine, stack)
            return engine

    return Renderer
