"""What a company's sign-in gives, and who is refused that does not come through CloudFront."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.dashboard import groups, origin
from lambdas.dashboard.problems import Forbidden

IDENTITIES = json.dumps([{"providerName": "Company", "userId": "alice"}])


def given(attributes: dict[str, str], configured: list[str]) -> Any:
    """The groups that a user gets in its tokens; None when they stay as they are."""
    event: dict[str, Any] = {"request": {"userAttributes": attributes}, "response": {}}
    event["request"]["groupConfiguration"] = {"groupsToOverride": configured}
    answer = groups.handler(event, None)["response"]
    return answer["claimsAndScopeOverrideDetails"]["groupOverrideDetails"]["groupsToOverride"] if answer else None


@pytest.mark.parametrize("text", ["[Ops-Admins, Everyone]", '["Ops-Admins", "Everyone"]', "Ops-Admins"])
def test_groups_of_the_company_become_those_of_the_dashboard(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_PROVIDER", "Company")
    monkeypatch.setenv("NIGHTSHIFT_GROUPS", json.dumps({"Ops-Admins": "admin", "Desk": "service-desk"}))
    of_company = {"identities": IDENTITIES, "custom:groups": text}
    assert given(of_company, ["pool_Company"]) == ["admin", "pool_Company"]
    assert given({"identities": IDENTITIES}, []) == []
    # Whatever is written about a local user, or one of another provider, gives nothing.
    assert given({"custom:groups": text}, ["service-desk"]) is None
    assert given({"custom:groups": text, "identities": IDENTITIES.replace("Company", "Other")}, []) is None


def test_only_who_comes_through_cloudfront_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    origin.check({"headers": {}})
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(origin, "_known", {})
    with mock_aws():
        secrets = boto3.client("secretsmanager")
        monkeypatch.setenv("NIGHTSHIFT_ORIGIN_SECRET", secrets.create_secret(Name="s", SecretString="first")["ARN"])
        origin.check({"headers": {"X-Nightshift-Origin": "first"}})
        for headers in ({}, {"x-nightshift-origin": "other"}, None):
            with pytest.raises(Forbidden):
                origin.check({"headers": headers})
        # A new secret counts after a minute.
        secrets.update_secret(SecretId="s", SecretString="second")
        monkeypatch.setattr(origin, "_READ_AGAIN", 0)
        origin.check({"headers": {"x-nightshift-origin": "second"}})
