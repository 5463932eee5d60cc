"""`nightshift open` and `acknowledge`."""

from __future__ import annotations

from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.tracker import opened
from lambdas.tracker.opened import OpenItem
from nightshift.cli.output import print_json, print_table
from nightshift.cli.target import operator, table
from nightshift.cli.tracking import NoSuchRun

_HEADINGS = ("open", "what", "since", "why", "what to do")
_LONGEST = 80


def list_open(target: str, flow: str | None, *, as_json: bool) -> None:
    """Print what is open, what happened last first. flow: only of this one."""
    found = opened.listed(table(target), flow)
    if as_json:
        print_json([_json(item) for item in found])
        return
    if not found:
        print("Nothing is open.")
        return
    print_table(_HEADINGS, [_row(item) for item in found])
    print("\nnightshift report OPEN says more; nightshift acknowledge OPEN --comment TEXT when it is taken care of")


def acknowledge(target: str, item: str, *, comment: str, as_json: bool) -> None:
    """Close what is open. Raises NoSuchRun when it is not open, InvalidParameter without a comment."""
    flow, slash, key = item.partition("/")
    if not (flow and slash and key):
        raise InvalidParameter(f"{item!r} is not FLOW/NAME, as `nightshift open` shows it")
    found = opened.acknowledge(table(target), flow, key, by=operator(target), comment=comment)
    if found is None:
        raise NoSuchRun(f"{item} is not open; `nightshift open` lists what is")
    if as_json:
        print_json({**_json(found), "comment": comment})
    else:
        print(f"{item} is acknowledged")


def _row(item: OpenItem) -> tuple[str, ...]:
    why, todo = (" ".join(text.split()) for text in (item.why, item.todo))
    kind = item.kind.replace("_", " ")
    return (item.id, kind, f"{item.at:%Y-%m-%d %H:%M} UTC", why[:_LONGEST], todo[:_LONGEST])


def _json(item: OpenItem) -> dict[str, Any]:
    return {
        "open": item.id,
        "flow": item.flow,
        "run": f"{item.flow}/{item.run}" if item.run else None,
        "kind": item.kind,
        "time": item.at.isoformat(),
        "why": item.why or None,
        "what_to_do": item.todo or None,
    }
