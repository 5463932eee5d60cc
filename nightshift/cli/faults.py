"""`nightshift local fault`: faults on the fleet of the local AWS."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from lambdas.contract.errors import NightshiftError
from nightshift.cli.local import running
from nightshift.cli.output import print_bold, print_json, print_table
from nightshift.local.fleet.faults import KINDS, Fault


class UnknownFault(NightshiftError):
    """There is no such kind of fault, or what it needs is missing."""


def change_faults(kind: str | None, wanted: dict[str, Any], *, clear: bool, as_json: bool) -> None:
    """Clear the faults, set one, and print those that are set; without a kind to set, also what kinds there are."""
    if kind is not None:
        _check(kind, wanted)
    control = running().control()
    if clear:
        control.clear_faults()
    if kind is not None:
        control.add_fault(kind, **wanted)
    faults = control.faults()
    if as_json:
        print_json(faults)
        return
    if kind is None and not clear:
        print_table(("kind", "what it does"), sorted(KINDS.items()))
        print()
    print_bold("Faults that are set" if faults else "No fault is set")
    if faults:
        print_table(("kind", "on", "hits"), [_row(fault) for fault in faults])


def _check(kind: str, wanted: dict[str, Any]) -> None:
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(KINDS))}"
        raise UnknownFault(f"there is no fault {kind}; {hint}")
    if kind == "error" and not wanted["code"]:
        raise UnknownFault("the fault error needs an error code; add --code UnauthorizedOperation")
    if kind == "slow" and wanted["factor"] == 1:
        raise UnknownFault("the fault slow needs a factor; add --factor 10")


def _row(fault: dict[str, Any]) -> tuple[str, ...]:
    """Kind, what it lies on, and how often it hit."""
    plain = vars(Fault(fault["kind"]))
    given = {name: value for name, value in fault.items() if name not in ("kind", "hits") and value != plain[name]}
    shown = " ".join(f"{name}={value}" for name, value in given.items()) or "everything"
    return (fault["kind"], shown, str(fault["hits"]))
