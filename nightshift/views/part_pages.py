"""The pages of the parts in docs/parts, written from what the parts declare: `python -m nightshift.views.part_pages`.

docs/parts/README.md            the index, and what all parts have in common
docs/parts/<service>.<part>.md  parameters, result, errors, IAM, cost and an example
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lambdas.contract.docstring import entries, fields, flat, sections
from lambdas.contract.part import Changing, Common, Parameter, Part, Result
from lambdas.parts import all_parts, general_parts
from nightshift.views.iam import statements

PAGES = Path("docs/parts")
"""In the folder of a clone, where `make docs` runs."""


def pages() -> dict[str, str]:
    """Every page by its file name."""
    parts = [*all_parts().values(), *general_parts().values()]
    return {"README.md": _index(parts)} | {f"{part.name}.md": page(part) for part in parts}


def main() -> None:
    """Write the pages; those of parts that are gone are removed."""
    PAGES.mkdir(parents=True, exist_ok=True)
    written = pages()
    for old in PAGES.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (PAGES / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(written)} pages in {PAGES}\n")


def _index(parts: list[Part[..., Any]]) -> str:
    rows = [f"| [{part.name}]({part.name}.md) | {_summary(part)} |" for part in parts]
    lines = [
        "# The parts",
        "",
        "Written by `make docs` from what the parts declare.",
        "",
        "| part | what it does |",
        "|---|---|",
        *rows,
        "",
        "## Parameters of every part",
        "",
        *_table(["parameter", "type", "meaning"], _described(Common)),
        "",
        "With `accounts=` and `regions=` a part acts in each of several accounts and Regions:",
        "[Accounts and Regions](../language.md#accounts-and-regions).",
        "",
        "## Parameters of parts that change what they select",
        "",
        *_table(["parameter", "type", "meaning"], _described(Changing)),
        "",
        "## What every result has",
        "",
        *_table(["field", "type", "meaning"], _described(Result)),
    ]
    return "\n".join(lines) + "\n"


def page(part: Part[..., Any]) -> str:
    """The page of a part, as Markdown."""
    said = sections(part.__doc__ or "")
    lines = [f"# {part.name}", "", said[""].strip(), "", "## Parameters", ""]
    lines += _table(["parameter", "type", "default", "meaning"], _parameters(part))
    changing = "max_resources" in part.parameters
    more = ", and the [guard rails](README.md#parameters-of-parts-that-change-what-they-select)" if changing else ""
    lines += ["", f"and those of [every part](README.md#parameters-of-every-part){more}.", ""]
    lines += ["## Result", "", *_result(part), "", "## Errors", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in entries(said.get("Errors", ""))]
    lines += ["", "## Time and cost", "", _time(part), "", part.cost, ""]
    lines += ["## IAM", "", *_permissions(part)]
    if part.example:
        lines += ["", "## Example", "", "```python", part.example, "```"]
    if source := said.get("Source", "").strip():
        lines += ["", f"Source: {flat(source)}"]
    return "\n".join(lines) + "\n"


def _permissions(part: Part[..., Any]) -> list[str]:
    if part.name in general_parts():
        return [
            "A flow has a function for each service whose operations it calls, allowed what these calls need on the",
            "resources that they name, the results bucket and its own log: see",
            "[any API of AWS](../aws-call.md#permissions).",
        ]
    lines = ["The function of this part is allowed this, the results bucket and its own log:", ""]
    declared = list(zip(part.allow, statements(part), strict=True))
    lines += _json([one for allow, one in declared if allow.asked_by is None])
    for parameter, value in sorted({allow.asked_by for allow in part.allow if allow.asked_by}):
        given = parameter if value == "*" else f'{parameter}="{value}"'
        lines += ["", f"and where a flow gives `{given}`:", ""]
        lines += _json([one for allow, one in declared if allow.asked_by == (parameter, value)])
    return lines


def _json(shown: list[dict[str, Any]]) -> list[str]:
    return ["```json", json.dumps(shown, indent=2), "```"]


def _parameters(part: Part[..., Any]) -> list[tuple[str, ...]]:
    own = [parameter for parameter in part.parameters.values() if not parameter.common]
    return [(f"`{p.name}`", _type(p.hint), _default(p), p.doc) for p in own]


def _default(parameter: Parameter) -> str:
    return "required" if parameter.required else f"`{parameter.default!r}`"


def _result(part: Part[..., Any]) -> list[str]:
    """The fields of the result that are its own or mean something particular, and the records in them."""
    returned = typing.get_type_hints(part.function)["return"]
    (result,) = [kind for kind in (typing.get_args(returned) or (returned,)) if issubclass(kind, Result)]
    hints = typing.get_type_hints(result)
    rows = _fields(result, hints)
    lines = ["A result has the fields of [every result](README.md#what-every-result-has). In particular:", ""]
    lines += _table(["field", "type", "meaning"], rows)
    records = {kind for row in rows for kind in _records(hints[row[0].strip("`")])}
    for record in sorted(records, key=lambda kind: kind.__name__):
        lines += ["", f"### {record.__name__}", "", (inspect.getdoc(record) or "").partition("\n")[0], ""]
        lines += _table(["field", "type", "meaning"], _all_fields(record))
    return lines


def _fields(result: type[Result], hints: dict[str, Any]) -> list[tuple[str, ...]]:
    meanings: dict[str, str] = {}
    for kind in reversed(result.__mro__):
        if issubclass(kind, Result) and kind is not Result:
            meanings.update(fields(kind))
    own = [f.name for f in dataclasses.fields(result) if f.name in meanings]
    return [(f"`{name}`", _type(hints[name]), meanings[name]) for name in own]


def _all_fields(record: type[Any]) -> list[tuple[str, ...]]:
    hints = typing.get_type_hints(record)
    meanings = fields(record)
    return [(f"`{f.name}`", _type(hints[f.name]), meanings.get(f.name, "")) for f in dataclasses.fields(record)]


def _records(hint: Any) -> Iterator[type[Any]]:
    for kind in (hint, *typing.get_args(hint)):
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            yield kind


def _described(kind: type) -> list[tuple[str, ...]]:
    meanings, hints = fields(kind), typing.get_type_hints(kind)
    return [(f"`{name}`", _type(hint), meanings[name]) for name, hint in hints.items() if name in meanings]


def _time(part: Part[..., Any]) -> str:
    if not part.waits:
        return "It is done in one invocation of Lambda: one state transition."
    return (
        f"It takes at most {part.timeout} unless `timeout` is given. While it waits it polls AWS every "
        f"{part.interval} seconds at first (`interval`), then less and less often. A poll is one invocation of Lambda "
        "and three state transitions."
    )


def _summary(part: Part[..., Any]) -> str:
    return (part.__doc__ or "").strip().partition("\n")[0]


def typed(hint: Any) -> str:
    """A type as a flow writes it: "list[str] | None"."""
    text = hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
    return re.sub(r"\b(?:typing|lambdas(?:\.\w+)*)\.(?=[A-Za-z])", "", text).replace("NoneType", "None")


def _type(hint: Any) -> str:
    return "`" + typed(hint).replace("|", r"\|") + "`"


def _table(head: list[str], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [" | ".join(head), "|".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return [f"| {lines[0]} |", f"|{lines[1]}|", *(f"| {line} |" for line in lines[2:])]


if __name__ == "__main__":
    main()
