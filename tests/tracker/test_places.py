"""The accounts and Regions of a run, told from history events as Step Functions writes them, and as MiniStack does."""

from __future__ import annotations

import json
from typing import Any

from lambdas.contract.causes import Diagnosis, Place, with_data
from lambdas.tracker.steps import MOST_BYTES, bounded, place_data
from tests.cli.test_history import Events

DENIED = with_data(
    "web (2), eu-west-1: 1 failed",
    [Diagnosis("i-1", "UnauthorizedOperation", "no", "Add the permission.")],
    Place("2", "eu-west-1", "web"),
)


def target(name: str, account: str, region: str = "eu-west-1") -> dict[str, str]:
    return {"account": account, "name": name, "region": region, "role_arn": "arn"}


def asked(events: Events, given: dict[str, str], before: int) -> int:
    """A part is asked to act at a target."""
    payload = {"part": "ec2.stop_instances", "params": {"target": given}}
    return events("TaskScheduled", {"resource": "invoke", "parameters": json.dumps({"Payload": payload})}, before)


def stopped(given: dict[str, str], **more: Any) -> dict[str, Any]:
    """What a part replies that has stopped an instance there."""
    result = {"account": given["account"], "region": given["region"], "matched": ["i-1"], "changed": ["i-1"], **more}
    return {"output": json.dumps({"Payload": {"done": True, "result": result}})}


def listed(events: Events, *targets: dict[str, str]) -> None:
    """The targets of a run are listed."""
    result = {"part": "organizations.list_accounts", "targets": list(targets)}
    events.entered("organizations.list_accounts")
    events.replied({"done": True, "result": result})
    events.left("organizations.list_accounts")


def states(events: Events, *, ended: bool = True) -> dict[str, str]:
    return {place["name"]: place["state"] for place in place_data(events.history.places, ended=ended)}


def wave(events: Events, *targets: dict[str, str]) -> list[int]:
    """A Map begins with an item for each target; the last event of each."""
    events.entered("each", "Map")
    opened = events("MapStateStarted", {"length": len(targets)})
    begun = [events("MapIterationStarted", {"name": "each", "index": index}, opened) for index, _ in enumerate(targets)]
    begun = [events.entered("ec2.stop_instances", before=before) for before in begun]
    return [asked(events, given, before) for given, before in zip(targets, begun, strict=True)]


def test_each_place_is_told_by_what_its_item_was_asked_and_replied() -> None:
    events, hub, web, lab = Events(), target("hub", "1"), target("web", "2"), target("lab", "3")
    listed(events, hub, web, lab, target("new", "4"))
    of_hub, of_web, _ = wave(events, hub, web, lab)
    events("TaskFailed", {"error": "PartFailed", "cause": DENIED}, of_web)
    events("TaskSucceeded", stopped(hub), of_hub)
    assert states(events, ended=False) == {"web": "failed", "lab": "running", "new": "not_started", "hub": "done"}
    told = place_data(events.history.places, ended=True)
    assert [place["name"] for place in told] == ["web", "lab", "new", "hub"]
    assert (told[0]["cause"], told[0]["what_to_do"]) == ("web (2), eu-west-1: 1 failed", "Add the permission.")
    assert told[1]["state"] == "failed", "the run ended while it was at work there"
    assert told[3]["counts"] == {"matched": 1, "changed": 1, "skipped": 0, "failed": 0}


def test_a_repetition_that_succeeds_makes_the_failure_good() -> None:
    events, web = Events(), target("web", "2")
    (last,) = wave(events, web)
    failed = events("TaskFailed", {"error": "Throttled", "cause": "slow down"}, last)
    assert states(events) == {"web": "failed"}
    again = asked(events, web, failed)
    events("TaskSucceeded", stopped(web), again)
    assert states(events) == {"web": "done"}


def test_a_wave_says_which_failures_the_flow_made_good_itself() -> None:
    events, web, lab = Events(), target("web", "2"), target("lab", "3")
    of_web, of_lab = wave(events, web, lab)
    events("TaskFailed", {"error": "NoMatch", "cause": "nothing matched"}, of_web)
    events("TaskFailed", {"error": "NoMatch", "cause": "nothing matched"}, of_lab)
    assert states(events) == {"web": "failed", "lab": "failed"}
    made = {"results": [""], "done": [web], "failed": [{"item": lab, "error": "NoMatch", "cause": "nothing matched"}]}
    events.history.places.assigned([json.dumps(made), '"a text"', "5"])
    assert states(events) == {"lab": "failed", "web": "done"}


def test_a_distributed_map_tells_its_places_by_its_waves_alone() -> None:
    events, web, lab = Events(), target("web", "2"), target("lab", "3")
    listed(events, web, lab)
    events.entered("each", "Map")
    events("MapRunStarted", {"mapRunArn": "arn"})
    assert states(events) == {}, "what its children have begun is not told here"
    failed = {"item": lab, "error": "NoMatch", "cause": "nothing matched"}
    events.history.places.assigned([json.dumps({"results": [""], "done": [web], "failed": [failed]})])
    assert states(events) == {"lab": "failed", "web": "done"}


def test_without_the_states_of_a_map_replies_and_causes_name_the_places() -> None:
    events, hub, web = Events(linked=False), target("hub", "1"), target("web", "2")
    listed(events, hub, web)
    events.entered("each", "Map")
    events("TaskScheduled", {"resource": "invoke"})
    events("TaskScheduled", {"resource": "invoke"})
    events("TaskFailed", {"error": "Throttled", "cause": with_data("slow", [], Place("1", "eu-west-1", "hub"))})
    events("TaskFailed", {"error": "PartFailed", "cause": DENIED})
    events("TaskScheduled", {"resource": "invoke"})
    events("TaskSucceeded", stopped(hub))
    assert states(events) == {"web": "failed", "hub": "done"}


def test_resources_that_failed_make_a_place_one_that_failed() -> None:
    events, web = Events(), target("web", "2")
    (last,) = wave(events, web)
    events("TaskSucceeded", stopped(web, failed=[{"id": "i-9", "error": "Broken", "message": "no power"}]), last)
    (told,) = place_data(events.history.places, ended=True)
    assert (told["state"], told["cause"], told["counts"]["failed"]) == ("failed", "i-9: Broken: no power", 1)


def test_places_leave_room_for_the_rest_of_what_is_kept() -> None:
    events = Events()
    for number in range(400):
        given = target(f"account-{number}", f"{number:012}")
        (last,) = wave(events, given)
        cause = with_data("x" * 5000, [], Place(given["account"], given["region"], given["name"]))
        events("TaskFailed", {"error": "PartFailed", "cause": cause}, last)
    places = place_data(events.history.places, ended=True)
    assert len(places) == 300
    assert len(json.dumps(places)) < MOST_BYTES / 1.8
    kept = bounded({"steps": [], "places": places, "parameters": {}, "output": "y" * 300_000})
    assert kept["places"] == places
    assert kept["output"] == {"shortened": 300_002}
