"""What to do about a run that failed."""

from __future__ import annotations

from lambdas.contract.part import failure_table
from lambdas.contract.result import Failure, Result
from lambdas.runs.advice import advice


def failed(*codes: str) -> str:
    """The message of PartFailed, with a resource for each of these error codes."""
    failures = [Failure(f"i-{number:017x}", code, "AWS: said so") for number, code in enumerate(codes)]
    return failure_table("ec2.start_instances", Result(matched=[f.id for f in failures], failed=failures))


def test_resources_that_failed_alike_have_one_advice() -> None:
    told = advice("PartFailed", "FAILED", failed("InsufficientInstanceCapacity", "InsufficientInstanceCapacity"))
    assert told.startswith("AWS has no capacity for this type in this zone now.")
    assert "\n" not in told


def test_each_error_code_has_its_own() -> None:
    told = advice("PartFailed", "FAILED", failed("Timeout", "NotManaged", "Timeout", "Odd", "Odder")).splitlines()
    assert [line.partition(":")[0] for line in told] == ["Timeout", "NotManaged", "Odd"]
    assert "SSM agent" in told[1]


def test_what_is_not_known_in_detail() -> None:
    assert advice("PartFailed", "FAILED", "2 of 3 failed").startswith("Look at the resources")
    assert "timeout" in advice("", "TIMED_OUT", "")
    assert "stopped" in advice("Stopped", "ABORTED", "")
    assert advice("Odd", "FAILED", "") == ""
