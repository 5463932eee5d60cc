"""Writes flow files as a person would, laid out as the formatter of the project lays them out."""

from __future__ import annotations

import json
import keyword
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WIDTH = 120
INDENT = "    "
_LONGEST_NAME = 48


@dataclass(frozen=True)
class Bracket:
    """A call or a list: what opens it, its items, what closes it."""

    opens: str
    items: tuple[Code, ...]
    closes: str

    def flat(self) -> str:
        """On one line."""
        return self.opens + ", ".join(flat(item) for item in self.items) + self.closes


Code = str | Bracket


def flat(code: Code) -> str:
    """Code on one line."""
    return code if isinstance(code, str) else code.flat()


def call(name: str, *arguments: Code) -> Bracket:
    """A call of `name`."""
    return Bracket(f"{name}(", arguments, ")")


def listed(items: Iterable[Code]) -> Bracket:
    """A list."""
    return Bracket("[", tuple(items), "]")


def keyed(name: str, value: Code) -> Code:
    """A named argument."""
    return f"{name}={value}" if isinstance(value, str) else Bracket(f"{name}={value.opens}", value.items, value.closes)


def after(before: str, value: Bracket, behind: str = "") -> Bracket:
    """Code with something before and behind it: "return ", ".summary"."""
    return Bracket(before + value.opens, value.items, value.closes + behind)


def lines_of(code: Code, indent: int = 0, behind: str = "") -> list[str]:
    """Code as lines: on one if it fits, then its arguments on one, then each on its own."""
    margin = INDENT * indent
    if isinstance(code, str) or len(margin) + len(code.flat()) + len(behind) <= WIDTH:
        return [margin + flat(code) + behind]
    inner = INDENT * (indent + 1) + ", ".join(flat(item) for item in code.items)
    if len(inner) <= WIDTH and code.opens.endswith("("):
        return [margin + code.opens, inner, margin + code.closes + behind]
    items = [line for item in code.items for line in lines_of(item, indent + 1, ",")]
    return [margin + code.opens, *items, margin + code.closes + behind]


def quoted(text: str) -> str:
    """A text as a Python literal, in the quotes that need fewer backslashes."""
    double = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")
    if '"' in text and text.count('"') > text.count("'"):
        return "'" + double[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    return double


def texts(values: Iterable[str]) -> Code:
    """One text, or a list of several."""
    given = [quoted(value) for value in values]
    return given[0] if len(given) == 1 else listed(given)


def identifier(text: str, taken: set[str]) -> str:
    """A name for a flow or a file, made of any text; it is added to those that are taken."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:_LONGEST_NAME].rstrip("_") or "imported"
    if name[0].isdigit() or keyword.iskeyword(name) or keyword.issoftkeyword(name):
        name = f"flow_{name}"
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


@dataclass
class FlowCode:
    """A flow to be written.

    options: arguments of `@flow`. parameters: as they stand in the signature. body: code, already in lines below the
    function. uses: what it imports of `nightshift`; parts: the rooms of the parts.
    """

    name: str
    doc: str
    options: list[Code]
    body: list[str]
    parameters: list[Code] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)

    def lines(self) -> list[str]:
        """The flow as it stands in its file."""
        head = lines_of(call("@flow", *self.options)) if self.options else ["@flow"]
        return [*head, *lines_of(call(f"def {self.name}", *self.parameters), 0, ":"), *docstring(self.doc), *self.body]


def docstring(text: str) -> list[str]:
    """A docstring of a function, wrapped; paragraphs stay apart."""
    safe = text.replace("\\", "\\\\").replace('"""', "'''").strip()
    paragraphs = [
        textwrap.wrap(part, WIDTH - 4 - (7 if n == 0 else 0), break_on_hyphens=False)
        for n, part in enumerate(safe.split("\n\n"))
    ]
    lines = [line for part in paragraphs for line in (*part, "")][:-1]
    closing = ' "' if lines[-1].endswith('"') else ""
    first, *rest = lines
    opening = " " if first.startswith('"') else ""
    if not rest:
        return [f'{INDENT}"""{opening}{first}{closing}"""']
    return [f'{INDENT}"""{opening}{first}', *(f"{INDENT}{line}".rstrip() for line in rest), f'{INDENT}"""']


def flow_file(doc: str, constants: Sequence[Sequence[str]], flows: Sequence[FlowCode]) -> str:
    """A flow file: what it says of itself, imports, constants and flows.

    constants: each as its lines.
    """
    parts = sorted({part for flow in flows for part in flow.parts})
    uses = sorted({"flow", *(name for flow in flows for name in flow.uses)}, key=lambda n: (not n[0].isupper(), n))
    lines = [*(line.removeprefix(INDENT) for line in docstring(doc)), ""]
    if parts:
        lines += [f"from lambdas.parts import {', '.join(parts)}"]
    lines += [f"from nightshift import {', '.join(uses)}"]
    if constants:
        lines += [""]
        lines += [line for constant in constants for line in constant]
    for flow in flows:
        lines += ["", "", *flow.lines()]
    return "\n".join(lines) + "\n"
