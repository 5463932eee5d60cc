"""The mail about a `for_each` with guard rails: a table of what failed where, and the rest in a line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambdas.contract.result import FanOut
from lambdas.contract.target import Target
from lambdas.parts import notify
from lambdas.parts.notify._memory import forget
from nightshift import NightshiftError, PartFailed
from nightshift.fan_out import fan_out
from tests.parts.driver import TestAws, drive

REGIONS = ("eu-west-1", "ap-northeast-1")
PLACES = [Target(f"{n:012}", f"a{n}", region, "arn") for n in range(100) for region in REGIONS]


@pytest.fixture(autouse=True)
def sender(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NIGHTSHIFT_MAIL_FROM", "nightshift@example.com")
    monkeypatch.delenv("NIGHTSHIFT_TEMPLATES", raising=False)
    forget()
    boto3.client("sesv2").create_email_identity(EmailIdentity="nightshift@example.com")
    yield
    forget()


def ran(errors: dict[tuple[str, str], NightshiftError], *, at_most: int = 10, tolerated: int = 200) -> FanOut[Any, str]:
    """A fan-out over 200 account-Regions, in which these errors are raised."""

    def one(place: Target) -> str:
        if error := errors.get((place.name, place.region)):
            raise error
        return f"{place.name}: 50 instances stopped"

    return fan_out(
        PLACES,
        one,
        at_most=at_most,
        max_failures=tolerated,
        in_alarm=lambda: False,
        alarm="",
        on_failure="continue",
    )


def mailed(aws: TestAws, made: Any) -> dict[str, Any]:
    drive(notify.email, aws, {"to": "ops@example.com", "result": made})
    simple: dict[str, Any] = dict(aws.made("SendEmail")[-1])["Content"]["Simple"]
    return simple


DENIED = "a{0} (00000000000{0}): the account does not let the app in by the role nightshift-member."
TABLE = "a9 (000000000009), eu-west-1: ec2.stop_instances: 1 of 50 resources failed\n  i-1  OperationNotPermitted: no"


def test_two_hundred_account_regions_are_read_in_a_minute(aws: TestAws) -> None:
    errors: dict[tuple[str, str], NightshiftError] = {
        ("a3", region): PartFailed(DENIED.format(3)) for region in REGIONS
    }
    errors["a9", "eu-west-1"] = PartFailed(TABLE)
    simple = mailed(aws, ran(errors))
    assert simple["Subject"]["Data"] == "[nightshift] night: FAILED: 197 of 200 done, 3 failed, 0 not started"
    text = simple["Body"]["Text"]["Data"]
    assert len(text.splitlines()) < 25
    first, second = (
        text.index("a3 (000000000003): eu-west-1, ap-northeast-1"),
        text.index("a9 (000000000009): eu-west-1"),
    )
    assert first < second < text.index("ALL WENT WELL (196): a0 (000000000000), a1 (000000000001), ")
    assert "why:  PartFailed: the account does not let the app in by the role" in text
    assert "do:   The resource is protected" in text
    assert "and 88 more" in text
    assert "WENT WELL THERE: a9 (000000000009), ap-northeast-1" in text
    html = simple["Body"]["Html"]["Data"]
    assert "<td><b>a3 (000000000003)</b></td><td>eu-west-1, ap-northeast-1</td>" in html
    assert html.count("<tr") == 3


def test_where_all_fail_the_mail_is_as_short(aws: TestAws) -> None:
    errors: dict[tuple[str, str], NightshiftError] = {
        (place.name, place.region): PartFailed(f"{place.name} broke in {place.region}: {'x' * 900}") for place in PLACES
    }
    made = ran(errors)
    simple = mailed(aws, made)
    text = simple["Body"]["Text"]["Data"]
    assert "... and 180 more" in text
    assert len(text.splitlines()) < 75
    assert len(text) < 10_000


def test_what_was_not_started_is_said_by_account(aws: TestAws) -> None:
    made = ran({("a0", "eu-west-1"): PartFailed("no")}, at_most=2, tolerated=0)
    text = mailed(aws, made)["Body"]["Text"]["Data"]
    assert "Stopped early: 1 of 200 failed, and max_failures is 0" in text
    assert "NOT STARTED (198): a1 (000000000001), a2 (000000000002), " in text
    assert "and 89 more" in text
    assert "ALL WENT WELL" not in text


def test_items_that_are_no_accounts_are_named_as_they_are(aws: TestAws) -> None:
    def one(host: str) -> str:
        if host == "db-1":
            raise PartFailed("no disk")
        return host

    made = fan_out(
        ["web-1", "db-1"],
        one,
        at_most=5,
        max_failures=1,
        in_alarm=lambda: False,
        alarm="",
        on_failure="continue",
    )
    text = mailed(aws, made)["Body"]["Text"]["Data"]
    assert "  db-1\n    why:  PartFailed: no disk\n" in text
    assert "ALL WENT WELL (1): web-1" in text
