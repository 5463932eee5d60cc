"""Tests of parts of one's own: the contract that every part keeps."""

from __future__ import annotations

import json
from typing import Any

from lambdas.contract.part import Part, Run
from nightshift.language import record
from nightshift.own_parts.permissions import needed_actions
from nightshift.testing.engines import plain
from nightshift.testing.fleet import Fleet, current

_READS = ("Describe", "Get", "List", "Head", "BatchGet", "Lookup", "Query", "Scan", "Search", "Select", "Validate")


def check_part(part: Part[..., Any], /, **params: Any) -> Any:
    """Call a part dry and then for good, on the fleet of the test; its result.

    Raises AssertionError when the dry run calls what changes something, or finds something else than the call for good,
    and when the actions that `allow` grants are not exactly those of the calls; and what the part raises.
    """
    fleet = current()
    given = plain(params)
    before = fleet.inventory()
    with fleet.aws.recorded() as requests:
        foreseen = _driven(fleet, part, {**given, "dry_run": True})
        changing = [f"{s} {o}" for s, o, sent in requests if not o.startswith(_READS) and not sent.get("DryRun")]
        assert not changing, f"the dry run of {part.name} calls {', '.join(changing)}"
        assert fleet.inventory() == before, f"the dry run of {part.name} changed something"
        result = _driven(fleet, part, given)
        called = {
            action for service, operation, sent in requests for action in needed_actions(service, operation, sent)
        }
    granted = {action for allow in part.allow for action in allow.actions}
    assert granted >= called, f"{part.name} calls what allow does not name: {', '.join(sorted(called - granted))}"
    assert granted <= called, f"allow of {part.name} names what is not called: {', '.join(sorted(granted - called))}"
    assert foreseen["matched"] == result["matched"], f"the dry run of {part.name} matched {foreseen['matched']}"
    return record(result)


def _driven(fleet: Fleet, part: Part[..., Any], params: dict[str, Any]) -> dict[str, Any]:
    """The result of a part, called as the state machine calls it: with what it returned, as JSON, until it is done."""
    run = Run("test", "test", part.name)
    reply = part.invoke(fleet.aws, run, params, None)
    while not reply["done"]:
        fleet.wait(reply["wait"])
        reply = part.invoke(fleet.aws, run, params, json.loads(json.dumps(reply["state"])))
    # What is no JSON would not leave the function.
    result: dict[str, Any] = json.loads(json.dumps(reply["result"]))
    return result
