"""What to do about a run that failed."""

from __future__ import annotations

from lambdas.contract import errors
from lambdas.contract.causes import Diagnosis
from lambdas.contract.hints import advice, hint
from lambdas.parts.ssm import run_command


def failed(*codes: str) -> list[Diagnosis]:
    """A resource that failed with each of these error codes."""
    return [
        Diagnosis(f"i-{n:017x}", code, "AWS: said so", hint(code, run_command.hints)) for n, code in enumerate(codes)
    ]


def test_resources_that_failed_alike_have_one_advice() -> None:
    told = advice("PartFailed", "FAILED", failed("InsufficientInstanceCapacity", "InsufficientInstanceCapacity"))
    assert told.startswith("AWS has no capacity for this type in this zone now.")
    assert "\n" not in told


def test_each_error_code_has_its_own() -> None:
    told = advice("PartFailed", "FAILED", failed("Timeout", "NotManaged", "Timeout", "Odd", "Odder")).splitlines()
    assert [line.partition(":")[0] for line in told] == ["Timeout", "NotManaged", "Odd"]
    assert "SSM agent" in told[1]


def test_what_is_not_known_in_detail() -> None:
    assert advice("PartFailed", "FAILED").startswith("Look at the resources")
    assert "timeout" in advice("", "TIMED_OUT")
    assert "stopped" in advice("Stopped", "ABORTED")
    assert advice("Odd", "FAILED") == ""


def test_every_error_of_a_part_has_advice_or_says_what_to_do_in_its_message() -> None:
    said_in_the_message = {"AnswerLost", "ResultTooLarge", "StateOutdated"}
    of_flows = {"Failed", "NightshiftError", "PartError"}
    names = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert {name for name in names if not advice(name, "FAILED")} == said_in_the_message | of_flows
