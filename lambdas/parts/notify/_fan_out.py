"""What a mail says of a `for_each` with guard rails: what failed where and what to do, and the rest in a line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from lambdas.contract.causes import Diagnosis, codes_in
from lambdas.contract.hints import advice, hint
from lambdas.contract.result import FanOut, Json
from lambdas.contract.target import Target, where, whose

ROWS = 20
"""Rows of what failed."""
NAMES = 10
"""Accounts, or other items, that a line names."""
_LONGEST = 300

_FIELDS = {field.name for field in fields(FanOut)}
_TARGET = {field.name for field in fields(Target)}


def is_fan_out(result: Mapping[str, Json]) -> bool:
    """Whether a result is that of `for_each` with guard rails."""
    return result.keys() >= _FIELDS


def shown_fan_out(made: Mapping[str, Json]) -> dict[str, Any]:
    """What a template shows of it.

    rows: {"what", "regions", "error", "cause", "todo"} of what failed, at most ROWS; Regions of an account in which the
    same failed are one row. left, done: names of what was not started and what went well, "" for none.
    """
    rows = _rows(made["failed"])
    troubled = {_account(item) for item in (*(failure["item"] for failure in made["failed"]), *made["left"])}
    whole = [item for item in made["done"] if _account(item) not in troubled]
    part = [item for item in made["done"] if _account(item) in troubled]
    return {
        **made,
        "title": "for_each",
        "failed_count": len(made["failed"]),
        "has_failed": bool(made["failed"]),
        "rows": rows[:ROWS],
        "rows_more": f"... and {len(rows) - ROWS} more" if len(rows) > ROWS else "",
        "left_count": len(made["left"]),
        "left_names": _names(map(_account, made["left"])),
        "whole_count": len(whole),
        "whole_names": _names(map(_account, whole)),
        "part_names": _names(map(_named, part)),
    }


def _rows(failed: Iterable[Mapping[str, Json]]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for failure in failed:
        item, error, cause = failure["item"], str(failure["error"]), str(failure["cause"])
        account, region = (_account(item), item["region"]) if _is_target(item) else (_named(item), "")
        for start in (f"{_named(item)}: ", f"{account}: "):
            cause = cause.removeprefix(start)
        row = rows.setdefault(
            (account, error, cause),
            {
                "what": account,
                "regions": [],
                "error": error,
                "cause": cause if len(cause) <= _LONGEST else f"{cause[:_LONGEST]} ...",
                "todo": advice(error, "FAILED", [Diagnosis("", code, "", hint(code)) for code in codes_in(cause)]),
            },
        )
        row["regions"] += [region] if region else []
    return [{**row, "regions": ", ".join(row["regions"])} for row in rows.values()]


def _names(names: Iterable[str]) -> str:
    known = [name for name in dict.fromkeys(names) if name]
    more = [f"and {len(known) - NAMES} more"] if len(known) > NAMES else []
    return ", ".join(known[:NAMES] + more)


def _account(item: Any) -> str:
    """The account of a target, a Region of the app's own; any other item is one by itself."""
    return (whose(item) or where(item)) if _is_target(item) else _named(item)


def _named(item: Any) -> str:
    if _is_target(item):
        return where(item)
    return item if isinstance(item, str) else ""


def _is_target(item: Any) -> bool:
    return isinstance(item, Mapping) and item.keys() >= _TARGET
